/*
 * Every row of the mapping tables is shown by a golden case (golden_kit.h): a row that no case needs could be wrong, or
 * gone, and nobody would see it. Asked are the tables themselves, so a new row without a case fails here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "golden_kit.h"
#include "norm/defender.h"
#include "norm/native.h"

static size_t	 missing;

/* Every value of the event knows the row that made it; what was overwritten shows nothing. */
static void
show_rows(struct norm *n, const struct golden *g)
{
	struct buf	 out = { 0 };

	golden_map(n, g, &out);
	for (int f = 0; f < F_COUNT; f++)
		for (const struct value *v = n->slots[f].first; v != NULL; v = v->next)
			golden_show(v->by);
	buf_clear(&out);
}

/* "low=21 medium=47": each word is a row of its own. */
static int
all_words_shown(const struct family *f, const struct row *r)
{
	int		 all = 1;
	size_t		 len;

	for (const char *p = r->hint; *p != '\0'; p += len + strspn(p + len, " ")) {
		len = strcspn(p, " ");
		if (golden_shown(p + strcspn(p, "=") + 1))
			continue;
		print_error("%s: %s from %s: no golden case has the word of %.*s\n", f->dataset, ecs_path(r->to),
		    r->from != NULL ? r->from : "the feed", (int)len, p);
		all = 0;
		missing++;
	}
	return all;
}

static void
rows_shown(const struct family *f, const char *what, const struct row *rows, size_t n)
{
	for (const struct row *r = rows; r < rows + n; r++) {
		if (r->how == copy_choice || r->how == copy_by_feed) {
			all_words_shown(f, r);
		} else if (!golden_shown(r)) {
			print_error("%s, %s: no golden case shows %s from %s\n", f->dataset, what, ecs_path(r->to),
			    r->from != NULL ? r->from : r->hint);
			missing++;
		}
	}
}

static void
table_shown(const struct family *f, const struct table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const char	*row = (const char *)t->rows + i * t->size;

		if (golden_shown(row))
			continue;
		print_error("%s: no golden case shows row %zu of %s\n", f->dataset, i + 1, t->what);
		missing++;
	}
}

static void
family_shown(const struct family *f)
{
	rows_shown(f, "every event", f->constants, f->n_constants);
	for (const struct row_list *l = f->lists; l < f->lists + f->n_lists; l++)
		rows_shown(f, l->what, l->rows, l->n);
	for (const struct table *const *t = f->tables; t != NULL && *t != NULL; t++)
		table_shown(f, *t);
}

static void
every_row_makes_a_value_in_a_golden_case(void **state)
{
	(void)state;
	golden_forget();
	golden_each(show_rows);
	for (size_t i = 0; i < n_families; i++)
		family_shown(families[i]);
	for (const struct row_list *l = evidence_lists; l < evidence_lists + n_evidence_lists; l++)
		rows_shown(&alerts_family, *l->what != '\0' ? l->what : "all evidence", l->rows, l->n);
	if (missing > 0)
		fail_msg("%zu rows are in no golden case", missing);
}

/* ---- envelopes of schema native ------------------------------------------------------------------------------------------ */

static void
show_keys(struct norm *n, const struct golden *g)
{
	struct buf	 out = { 0 };
	struct json	 j = { 0 };
	const char	*const *key;

	if (native_key(g->feed, 0) != NULL && golden_native(n, g, &out)) {
		assert_int_equal(json_index(&j, buf_str(&out), out.len, 0, JSON_DEPTH), JSON_OK);
		for (size_t i = 0; (key = native_key(g->feed, i)) != NULL; i++)
			if (json_get(&j, 0, *key) != JSON_NONE)
				golden_show(key);
	}
	json_clear(&j);
	buf_clear(&out);
}

static void
every_key_of_an_envelope_is_in_a_native_case(void **state)
{
	static const char *const feeds[] = { "signin.interactive", "directory.audit", "directory.provisioning", "risk.user",
	    "risk.serviceprincipal" };
	const char *const	*key;

	(void)state;
	missing = 0;
	golden_forget();
	golden_each(show_keys);
	for (size_t f = 0; f < sizeof(feeds) / sizeof(feeds[0]); f++)
		for (size_t i = 0; (key = native_key(feeds[f], i)) != NULL; i++)
			if (!golden_shown(key)) {
				print_error("%s: no native case has %s\n", feeds[f], *key);
				missing++;
			}
	if (missing > 0)
		fail_msg("%zu keys are in no native case", missing);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_of_an_envelope_is_in_a_native_case),
		cmocka_unit_test(every_row_makes_a_value_in_a_golden_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
