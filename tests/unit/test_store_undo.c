/*
 * store: a statement that fails undoes all of its transaction, says so, and costs nothing once it works again. A trigger makes it
 * fail: one row a statement.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "store_kit.h"

static struct kit	 k;
static unsigned		 broken;		/* answers that said so */

static const struct {
	const char	*does, *to;
} statements[] = {
	{ "INSERT", "batch" }, { "DELETE", "batch" },
	{ "INSERT", "delivery" }, { "UPDATE", "delivery" }, { "DELETE", "delivery" },
	{ "INSERT", "seen" }, { "INSERT", "tally" }, { "UPDATE", "tally" }, { "UPDATE", "state" },
	{ "INSERT", "blob" }, { "UPDATE", "blob" }, { "INSERT", "mark" }, { "INSERT", "gap" },
	{ "INSERT", "dead" }, { "DELETE", "dead" }, { "INSERT", "segment" },
};

static void
said(void *unused, struct store_result *r)
{
	(void)unused;
	if (r->fail == STORE_OK)
		return;
	assert_int_equal(r->fail, STORE_BROKEN);
	assert_non_null(strstr(r->err.text, k.dir));
	assert_non_null(strstr(r->err.text, "not today"));
	broken++;
}

static void
settle(int output, const struct peeked *p, uint32_t from, uint32_t to, enum done_how how)
{
	struct store_result	 r = kit_done_some(&k, output, p, from, to, how);

	said(NULL, &r);
}

/* Every kind of transaction that moves records, each by itself; the first that breaks makes all later ones fail with it. */
static void
do_all(void)
{
	struct blob_row		 row = { .content_id = (char *)"blob-2", .uri = (char *)"https://x.example/u",
		    .created_ms = kit_now(), .expires_ms = kit_now() + 7 * KIT_DAY, .state = BLOB_LISTED };
	struct store_result	 r;
	struct kit_batches	 b;
	struct done		*d = done_new(k.out[1]);

	store_page(k.s, k.feed, &row, 1, "listed", "2026-11-24T00:00:00Z", &(struct gap){ .feed = k.feed, .output = "",
	    .from_ms = 1, .to_ms = 2, .reason = "a-test", .detail = "" }, said, NULL);
	store_wait(k.s);
	r = kit_put_new(&k, "blob-2", 10, 10);
	said(NULL, &r);
	b = kit_peek(&k, k.out[0], NULL, 0, 1);
	if (b.fail == STORE_OK && b.n > 0) {
		settle(k.out[0], &b.b[0], 0, 1, DONE_DEAD);
		settle(k.out[0], &b.b[0], 1, 3, DONE_DELIVERED);
		settle(k.out[0], &b.b[0], 3, b.b[0].n, DONE_DROPPED);
		settle(k.out[1], &b.b[0], 0, b.b[0].n, DONE_DELIVERED);
	}
	kit_batches_free(&b);
	store_dead_retry(k.s, 0, INT64_MAX, NULL, said, NULL);
	d->segments = xcalloc(1, sizeof(*d->segments));
	d->n_segments = 1;
	d->segments[0] = (struct segment){ k.feed, "2026-11-24", 1, 4096, 1, 0 };
	store_done(k.s, d, said, NULL);
	store_wait(k.s);
}

static void
nothing_is_half_done(const char *statement)
{
	for (int i = 0; i < KIT_OUTPUTS; i++)
		if (kit_unbalanced(&k, k.out[i]) != NULL)
			fail_msg("%s: %s", statement, kit_unbalanced(&k, k.out[i]));
}

static void
one(const char *does, const char *to)
{
	char	*sql = xasprintf("CREATE TRIGGER stop BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'not today'); END", does, to);

	kit_new(&k);
	log_open(LOG_ERROR, LOG_TEXT);
	kit_put_new(&k, "blob-1", 0, 10);
	kit_stop(&k);
	kit_sql(&k, sql);
	kit_start(&k);
	broken = 0;
	do_all();
	if (broken == 0)
		fail_msg("%s: never met, or it did not matter", sql);
	kit_stop(&k);
	kit_sql(&k, "DROP TRIGGER stop");
	kit_start(&k);
	nothing_is_half_done(sql);
	do_all();			/* as one that died does it again */
	nothing_is_half_done(sql);
	for (int i = 0; i < KIT_OUTPUTS; i++)
		kit_deliver_all(&k, k.out[i]);
	nothing_is_half_done(sql);
	assert_int_equal(kit_tally(&k, "stored"), 20);
	assert_int_equal(kit_tally(&k, "delivered:archive"), 20);
	assert_int_equal(store_spool_bytes(k.s), 0);
	kit_free(&k);
	free(sql);
}

static void
each_undoes_its_whole_transaction(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		one(statements[i].does, statements[i].to);
}

int
main(void)
{
	const struct CMUnitTest	 stories[] = {
		cmocka_unit_test(each_undoes_its_whole_transaction),
	};

	return cmocka_run_group_tests_name("store: statements that fail", stories, NULL, NULL);
}
