/*
 * counters: named numbers that add up, keep their labels apart and come out in order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/counters.h"
#include "base/xalloc.h"

static char	*seen;

static void
note(void *arg, enum counter id, const char *l1, const char *l2, const char *l3, uint64_t n)
{
	char	*more = xasprintf("%s%s{%s,%s,%s}=%llu\n", seen, counter_info(id)->name, l1, l2, l3, (unsigned long long)n);

	(void)arg;
	free(seen);
	seen = more;
}

static const char *
everything(void)
{
	free(seen);
	seen = xstrdup("");
	counters_each(note, NULL);
	return seen;
}

static void
fresh(void **state)
{
	(void)state;
	counters_clear();
}

static void
what_was_never_counted_is_zero_and_not_listed(void **state)
{
	fresh(state);
	assert_int_equal(counter_get(C_DEAD, "splunk", "poison", NULL), 0);
	assert_int_equal(counter_sum(C_DEAD), 0);
	assert_string_equal(everything(), "");
}

static void
labels_keep_numbers_apart_and_a_sum_brings_them_together(void **state)
{
	fresh(state);
	count(C_DELIVERED, 2, "splunk", "ok", NULL);
	count(C_DELIVERED, 3, "splunk", "ok", "");
	count(C_DELIVERED, 7, "elastic", "ok", NULL);
	count(C_DEAD, 1, "splunk", "ok", NULL);
	assert_int_equal(counter_get(C_DELIVERED, "splunk", "ok", NULL), 5);
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "ok", NULL), 7);
	assert_int_equal(counter_get(C_DELIVERED, "splunko", "k", NULL), 0);
	assert_int_equal(counter_sum(C_DELIVERED), 12);
	assert_int_equal(counter_sum(C_DEAD), 1);
}

static void
labels_are_copied(void **state)
{
	char	 label[] = "contoso";

	fresh(state);
	count(C_THROTTLED, 1, label, NULL, NULL);
	label[0] = 'X';
	assert_int_equal(counter_get(C_THROTTLED, "contoso", NULL, NULL), 1);
}

static void
they_come_in_table_order_and_then_by_label(void **state)
{
	fresh(state);
	count(C_SPOOL_FULL, 1, NULL, NULL, NULL);
	count(C_GAPS, 1, "contoso", "audit.general", "expired");
	count(C_GAPS, 1, "contoso", "audit.exchange", "expired");
	count(C_GAPS, 1, "adatum", "audit.general", "expired");
	count(C_GAPS, 1, "contoso", "audit.exchange", "denied");
	count(C_REQUESTS, 4, "contoso", "list", "200");
	count(C_STORED, 0, "contoso", "audit.dlp", NULL);
	assert_string_equal(everything(),
	    "source_requests_total{contoso,list,200}=4\n"
	    "spool_stored_total{contoso,audit.dlp,}=0\n"
	    "gaps_total{adatum,audit.general,expired}=1\n"
	    "gaps_total{contoso,audit.exchange,denied}=1\n"
	    "gaps_total{contoso,audit.exchange,expired}=1\n"
	    "gaps_total{contoso,audit.general,expired}=1\n"
	    "spool_full_total{,,}=1\n");
}

static void
the_table_names_every_counter_once(void **state)
{
	fresh(state);
	for (int i = 0; i < C_COUNT; i++) {
		assert_true(strlen(counter_info((enum counter)i)->name) > 0);
		assert_true(strlen(counter_info((enum counter)i)->help) > 0);
		assert_non_null(counter_info((enum counter)i)->labels);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(counter_info((enum counter)i)->name, counter_info((enum counter)k)->name);
	}
}

static void
many_labels_stay_findable_and_their_number_is_bounded(void **state)
{
	char		 label[32];
	const int	 many = 250000;
	int		 listed = 0;

	fresh(state);
	for (int i = 0; i < many; i++) {
		snprintf(label, sizeof(label), "t%d", i);
		count(C_RECORDS, 1, label, "audit.general", NULL);
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(label, sizeof(label), "t%d", i * 100);
		assert_int_equal(counter_get(C_RECORDS, label, "audit.general", NULL), 1);
	}
	for (int i = 0; i < many; i++) {
		snprintf(label, sizeof(label), "t%d", i);
		listed += counter_get(C_RECORDS, label, "audit.general", NULL) == 1;
	}
	assert_true(listed < many);
	assert_int_equal(counter_sum(C_RECORDS), many);
	assert_int_equal(counter_get(C_RECORDS, "other", "other", "other"), many - listed);
}

static void
a_label_of_absurd_length_is_counted_as_other(void **state)
{
	char	*label = xcalloc(1, 100001);

	fresh(state);
	memset(label, 'x', 100000);
	count(C_REQUESTS, 2, "contoso", "list", label);
	assert_int_equal(counter_get(C_REQUESTS, "contoso", "list", "other"), 2);
	assert_int_equal(counter_get(C_REQUESTS, "contoso", "list", label), 2);
	free(label);
	counters_clear();
	free(seen);
	seen = NULL;
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(what_was_never_counted_is_zero_and_not_listed),
		cmocka_unit_test(labels_keep_numbers_apart_and_a_sum_brings_them_together),
		cmocka_unit_test(labels_are_copied),
		cmocka_unit_test(they_come_in_table_order_and_then_by_label),
		cmocka_unit_test(the_table_names_every_counter_once),
		cmocka_unit_test(many_labels_stay_findable_and_their_number_is_bounded),
		cmocka_unit_test(a_label_of_absurd_length_is_counted_as_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
