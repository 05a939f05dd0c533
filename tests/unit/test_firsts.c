/*
 * firsts: kinds of records that are seen for the first time up to a bound.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/firsts.h"

static void
note(const char *type, const char *operation)
{
	firsts_note("audit", type, strlen(type), operation, strlen(operation));
}

static unsigned
taken(const char *key)
{
	struct first	*f = firsts_take(), *next;
	unsigned	 n = 0;

	for (; f != NULL; f = next) {
		next = f->next;
		n += key == NULL || strcmp(f->key, key) == 0;
		free(f);
	}
	return n;
}

static int
forget(void **state)
{
	(void)state;
	firsts_forget();
	return 0;
}

static void
a_kind_is_new_once(void **state)
{
	(void)state;
	assert_null(firsts_take());
	note("50", "MailItemsAccessed");
	note("50", "MailItemsAccessed");
	note("50", "Other");
	assert_int_equal(taken(NULL), 2);
	note("50", "MailItemsAccessed");
	assert_null(firsts_take());
}

static void
what_was_learnt_before_is_not_new(void **state)
{
	(void)state;
	firsts_learn("audit|50|MailItemsAccessed");
	note("50", "MailItemsAccessed");
	assert_null(firsts_take());
	note("5", "0|MailItemsAccessed");
	assert_int_equal(taken("audit|5|0|MailItemsAccessed"), 1);
	firsts_forget();
	firsts_learn("audit|5|0|MailItemsAccessed");
	note("5", "0|MailItemsAccessed");
	assert_null(firsts_take());
	note("6|7", "a");
	assert_int_equal(taken("audit|6|a"), 1);
	firsts_forget();
	firsts_learn("audit|6|a");
	note("6|7", "a");
	assert_null(firsts_take());
}

static void
long_names_are_cut_and_still_known(void **state)
{
	char	 name[400];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	note("1", name);
	note("1", name);
	assert_int_equal(taken(NULL), 1);
}

/* However many kinds somebody makes up. */
static void
the_table_has_a_bound(void **state)
{
	char	 name[32];

	(void)state;
	for (int i = 0; i < FIRSTS_MAX + 500; i++) {
		snprintf(name, sizeof(name), "op%d", i);
		note("1", name);
	}
	assert_true(firsts_full());
	assert_int_equal(taken(NULL), FIRSTS_MAX);
	note("1", "op0");
	note("1", "another");
	assert_null(firsts_take());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_kind_is_new_once, forget),
		cmocka_unit_test_setup(what_was_learnt_before_is_not_new, forget),
		cmocka_unit_test_setup(long_names_are_cut_and_still_known, forget),
		cmocka_unit_test_setup(the_table_has_a_bound, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
