/*
 * store: a statement that fails undoes all of its transaction, says so, and costs nothing once it works again. A trigger makes one
 * that writes fail: one row a statement. One that reads fails once, between the store and SQLite: each of them in its turn.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "store_kit.h"

static struct kit	 k;
static unsigned		 broken;		/* answers that said so */

/* ---- reads that fail --------------------------------------------------------------------------------------------------- */

static _Atomic int	 reads, fail_at;	/* steps of a SELECT so far; which of them fails. 0: none */
static sqlite3_stmt	*failed;		/* until it is reset */
static char		 failed_sql[300];

int
sqlite3_step(sqlite3_stmt *stmt)
{
	static int	(*real)(sqlite3_stmt *);
	const char	*sql;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "sqlite3_step");
	sql = sqlite3_sql(stmt);
	if (sql == NULL || strncmp(sql, "SELECT", 6) != 0 || ++reads != fail_at)
		return real(stmt);
	failed = stmt;
	snprintf(failed_sql, sizeof(failed_sql), "read %d: %s", reads, sql);
	return SQLITE_IOERR;
}

int
sqlite3_reset(sqlite3_stmt *stmt)
{
	static int	(*real)(sqlite3_stmt *);
	int		 rc, was_failed = stmt == failed;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "sqlite3_reset");
	rc = real(stmt);
	if (was_failed)
		failed = NULL;
	return was_failed ? SQLITE_IOERR : rc;
}

/* What no power cut follows need not be flushed. */
int
fdatasync(int fd)
{
	(void)fd;
	return 0;
}

int
fsync(int fd)
{
	return fdatasync(fd);
}

/* ---- everything that moves records -------------------------------------------------------------------------------------- */

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
	assert_true(failed_sql[0] != '\0' || strstr(r->err.text, "not today") != NULL);
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
	store_next(k.s, k.feed, kit_now(), 10, said, NULL);
	store_expire(k.s, k.feed, kit_now(), said, NULL);
	store_left(k.s, said, NULL);
	store_drop_oldest(k.s, k.out[1], 0, 1 << 20, said, NULL);	/* nobody said that it may */
	store_wait(k.s);
	b = kit_peek(&k, k.out[0], NULL, 0, 1);
	said(NULL, &(struct store_result){ .fail = b.fail, .err = b.err });
	if (b.fail == STORE_OK && b.n > 0) {
		store_sent(k.s, k.out[0], &b.b[0].batch, 1, said, NULL);
		store_wait(k.s);	/* of a group, each is tried again alone */
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

/* What failed does so no more. */
static void
heals(const char *statement)
{
	kit_start(&k);
	nothing_is_half_done(statement);
	do_all();			/* as one that died does it again */
	nothing_is_half_done(statement);
	for (int i = 0; i < KIT_OUTPUTS; i++)
		kit_deliver_all(&k, k.out[i]);
	nothing_is_half_done(statement);
	if (kit_tally(&k, "stored") != 20 || kit_tally(&k, "delivered:archive") != 20 || store_spool_bytes(k.s) != 0)
		fail_msg("%s: stored %lld, in the archive %lld, in the spool %lld bytes", statement, (long long)kit_tally(&k, "stored"),
		    (long long)kit_tally(&k, "delivered:archive"), (long long)store_spool_bytes(k.s));
	kit_free(&k);
}

static void
begin(void)
{
	kit_new(&k);
	log_open(LOG_ERROR, LOG_TEXT);
	kit_put_new(&k, "blob-1", 0, 10);
	broken = 0;
	failed_sql[0] = '\0';
}

static void
one(const char *does, const char *to)
{
	char	*sql = xasprintf("CREATE TRIGGER stop BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'not today'); END", does, to);

	begin();
	kit_stop(&k);
	kit_sql(&k, sql);
	kit_start(&k);
	do_all();
	if (broken == 0)
		fail_msg("%s: never met, or it did not matter", sql);
	kit_stop(&k);
	kit_sql(&k, "DROP TRIGGER stop");
	heals(sql);
	free(sql);
}

static void
each_undoes_its_whole_transaction(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		one(statements[i].does, statements[i].to);
}

/* What cannot be read is not "nothing is there": nothing to fetch, nobody who owes it, never seen before. */
static void
a_read_that_fails_is_no_answer(void **state)
{
	int	 at = 0, met;

	(void)state;
	do {
		begin();
		reads = 0;
		fail_at = ++at;
		do_all();
		met = reads >= at;
		fail_at = 0;
		if (met && broken == 0)
			fail_msg("%s: it did not matter", failed_sql);
		kit_stop(&k);
		heals(failed_sql);
	} while (met);
	assert_in_range(at, 30, 1000);
}

static int
open_with_a_new_output(struct err *e)
{
	int	 bit;

	k.s = store_open(&k.opts, e);
	assert_non_null(k.s);
	assert_int_equal(store_output(k.s, "elastic", 0, e), k.out[0]);
	assert_int_equal(store_output(k.s, "archive", 0, e), k.out[1]);
	bit = store_output(k.s, "new", 1, e);
	assert_int_equal(store_outputs_end(k.s, e), 0);
	store_feed_mask(k.s, k.feed, 7);
	return bit;
}

/* Or it would count as one that has its debt, and never get it. */
static void
an_output_that_cannot_be_owed_the_oldest_does_not_start(void **state)
{
	struct err	 e = { 0 };
	int		 bit;

	(void)state;
	begin();
	kit_stop(&k);
	kit_sql(&k, "CREATE TRIGGER stop BEFORE INSERT ON delivery BEGIN SELECT RAISE(ABORT, 'not today'); END");
	(void)open_with_a_new_output(&e);
	assert_int_equal(store_start(k.s, &e), -1);
	assert_non_null(strstr(e.text, "state.db"));
	kit_stop(&k);
	kit_sql(&k, "DROP TRIGGER stop");
	bit = open_with_a_new_output(&e);
	assert_int_equal(store_start(k.s, &e), 0);
	assert_int_equal(kit_owed(&k, bit), 10);
	kit_free(&k);
}

int
main(void)
{
	const struct CMUnitTest	 stories[] = {
		cmocka_unit_test(each_undoes_its_whole_transaction),
		cmocka_unit_test(a_read_that_fails_is_no_answer),
		cmocka_unit_test(an_output_that_cannot_be_owed_the_oldest_does_not_start),
	};

	return cmocka_run_group_tests_name("store: statements that fail", stories, NULL, NULL);
}
