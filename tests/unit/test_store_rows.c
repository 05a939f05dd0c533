/* Rows that change: every version is stored once, with its number; what was there before is no news. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/xalloc.h"
#include "store_kit.h"

#define OWED 400

static void
setup(struct kit *k)
{
	memset(k, 0, sizeof(*k));
	kit_new(k);
}

/* Version `say` of a row: its id is made of both. */
static void
add(struct put *p, int64_t row, int64_t say)
{
	uint8_t		 id[16];
	struct record	 r = { .second = KIT_SECOND + row, .digest = (uint32_t)say, .bytes = "{}", .len = 2 };

	kit_id(row, id);
	buf_add(&p->rows, id, sizeof(id));
	kit_id(1000000 + row * 1000 + say, r.id);
	record_add(&p->body, &r);
	p->n++;
}

static struct put *
page(const struct kit *k)
{
	struct put	*p = put_new();

	p->feed = k->feed;
	p->content_id = xstrdup("page");
	p->created_ms = kit_now();
	p->origin = "graph";
	return p;
}

static struct store_result
one(struct kit *k, int64_t row, int64_t say)
{
	struct put	*p = page(k);

	add(p, row, say);
	return kit_put(k, p);
}

/* The revisions that the first output is owed, oldest first, "1 2 3 "; everything is delivered then. */
static void
owed(struct kit *k, char text[OWED])
{
	struct kit_batches	 b = kit_peek(k, k->out[0], NULL, 0, 1 << 20);
	struct record		 r;

	*text = '\0';
	for (size_t i = 0; i < b.n; i++)
		for (size_t at = 0; record_next(buf_str(&b.b[i].body), b.b[i].body.len, &at, &r) == 1;)
			snprintf(text + strlen(text), OWED - strlen(text), "%u ", r.revision);
	kit_batches_free(&b);
	kit_deliver_all(k, k->out[0]);
}

static void
a_changed_row_is_a_revision_and_the_same_again_is_a_duplicate(void **state)
{
	struct kit		 k;
	struct store_result	 r;
	char			 text[OWED];

	(void)state;
	setup(&k);
	r = one(&k, 1, 1);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.revised, 0);
	r = one(&k, 1, 1);
	assert_int_equal(r.n, 0);
	assert_int_equal(r.duplicates, 1);
	assert_int_equal(r.changed, 0);
	r = one(&k, 1, 2);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.revised, 1);
	assert_int_equal(one(&k, 2, 2).revised, 0);
	owed(&k, text);
	assert_string_equal(text, "1 2 1 ");
	kit_free(&k);
}

static void
versions_that_come_back_are_no_news(void **state)
{
	struct kit	 k;
	char		 text[OWED];

	(void)state;
	setup(&k);
	for (int i = 0; i < 5; i++)			/* two rows of one id, read again and again */
		for (int say = 1; say <= 2; say++)
			one(&k, 7, say);
	assert_int_equal(one(&k, 7, 3).revised, 1);
	kit_stop(&k);
	kit_start(&k);
	for (int say = 1; say <= 3; say++)
		assert_int_equal(one(&k, 7, say).duplicates, 1);
	assert_int_equal(one(&k, 7, 4).revised, 1);
	owed(&k, text);
	assert_string_equal(text, "1 2 3 4 ");
	kit_free(&k);
}

static void
one_page_may_hold_several_versions(void **state)
{
	struct kit		 k;
	struct put		*p;
	struct store_result	 r;
	char			 text[OWED];

	(void)state;
	setup(&k);
	p = page(&k);
	add(p, 1, 1);
	add(p, 1, 1);
	add(p, 1, 2);
	add(p, 2, 1);
	r = kit_put(&k, p);
	assert_int_equal(r.n, 3);
	assert_int_equal(r.duplicates, 1);
	assert_int_equal(r.revised, 1);
	owed(&k, text);
	assert_string_equal(text, "1 2 1 ");
	kit_free(&k);
}

static void
a_row_changes_at_most_twenty_times_and_the_rest_is_counted_once(void **state)
{
	struct kit	 k;
	char		 text[OWED];
	int64_t		 over = 0;

	(void)state;
	setup(&k);
	for (int say = 1; say <= STORE_REVISIONS + 3; say++)
		over += one(&k, 1, say).over;
	assert_int_equal(over, 3);
	for (int say = 1; say <= STORE_REVISIONS + 3; say++)
		over += one(&k, 1, say).over;
	assert_int_equal(over, 3);
	owed(&k, text);
	assert_string_equal(text, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 ");
	kit_free(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_changed_row_is_a_revision_and_the_same_again_is_a_duplicate),
		cmocka_unit_test(versions_that_come_back_are_no_news),
		cmocka_unit_test(one_page_may_hold_several_versions),
		cmocka_unit_test(a_row_changes_at_most_twenty_times_and_the_rest_is_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
