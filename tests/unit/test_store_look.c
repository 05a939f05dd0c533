/*
 * store: what people ask is answered with what is there, in words or in C; what cannot be read is never shown as "none".
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "store_kit.h"

KIT_AROUND_EACH(k)

struct answer {
	enum store_fail	 fail;
	char		 text[8192];
};

static void
keep(void *arg, struct store_result *r)
{
	struct answer	*a = arg;

	a->fail = r->fail;
	snprintf(a->text, sizeof(a->text), "%s", r->fail == STORE_OK ? buf_str(&r->text) : r->err.text);
}

static const struct answer *
ask(const char *words)
{
	static struct answer	 a;

	memset(&a, 0, sizeof(a));
	a.fail = STORE_BROKEN;
	assert_int_equal(store_ask(k.s, words, keep, &a), 1);
	store_wait(k.s);
	return &a;
}

static void
says(const char *words, const char *part)
{
	const struct answer	*a = ask(words);

	if (a->fail != STORE_OK || strstr(a->text, part) == NULL)
		fail_msg("%s: no %s in (%d) %s", words, part, a->fail, a->text);
}

static void
nothing_said(void *unused, struct store_result *r)
{
	(void)unused;
	assert_int_equal(r->fail, STORE_OK);
}

/* A blob of each state, a batch that one output owes, a dead letter, a gap, two kinds of records. */
static void
fill(void)
{
	struct blob_row		 rows[] = {
		{ .content_id = (char *)"one", .uri = (char *)"https://x.example/1", .created_ms = 1, .state = BLOB_LISTED,
		    .expires_ms = INT64_C(1893456000000) },
		{ .content_id = (char *)"two", .uri = (char *)"https://x.example/2", .created_ms = 1, .state = BLOB_REFUSED,
		    .expires_ms = INT64_C(1893456000000) },
		{ .content_id = (char *)"three", .uri = (char *)"https://x.example/3", .created_ms = 1, .state = BLOB_LISTED,
		    .expires_ms = INT64_C(1893456000000) },
	};
	struct kit_batches	 b;

	store_page(k.s, k.feed, rows, 3, "listed", "2026-11-24T00:00:00Z", &(struct gap){ .feed = k.feed, .output = "elastic",
	    .from_ms = 0, .to_ms = 1000, .reason = "a-test", .detail = "by \"hand\"" }, nothing_said, NULL);
	store_meta_set(k.s, "first|audit|50|MailItemsAccessed", "2026-11-24T01:00:00Z");
	store_meta_set(k.s, "first|audit|8|", "2026-11-24T02:00:00Z");
	assert_int_equal(kit_put_new(&k, "three", 0, 10).fail, STORE_OK);
	b = kit_peek(&k, k.out[0], NULL, 0, 1);
	assert_int_equal(kit_done_some(&k, k.out[0], &b.b[0], 0, 1, DONE_DEAD).fail, STORE_OK);
	assert_int_equal(kit_done_some(&k, k.out[0], &b.b[0], 1, 10, DONE_DELIVERED).fail, STORE_OK);
	kit_batches_free(&b);
}

static void
status_is_what_the_store_holds(void **state)
{
	static const char *const parts[] = {
		"{\"gaps\":1,\"spool\":{\"batches\":1,", "\"records\":10,\"oldest\":\"", "\"remembered_ids\":10,\"dead_bytes\":",
		"{\"tenant\":\"contoso\",\"feed\":\"audit.exchange\",\"listed\":1,\"stored\":1,\"lost\":0,\"refused\":1,\"records\":10,",
		"\"earliest_expiry\":\"2030-01-01T00:00:00.000Z\",\"marks\":{\"listed\":\"2026-11-24T00:00:00Z\"}}",
		"{\"tenant\":\"contoso\",\"feed\":\"audit.general\",\"listed\":0,",
		"\"owed\":[{\"output\":\"archive\",\"batches\":1,\"records_at_most\":10,\"oldest\":\"",
		"\"dead\":{\"elastic\":1}", "\"tallies\":{\"dead:elastic\":1,\"delivered:elastic\":9,\"stored\":10}",
		"\"first_seen\":{\"kinds\":2,\"latest\":[{\"family\":\"audit\",\"type\":\"8\",\"operation\":\"\",\"at\":\"2026-11-24T02:00:00Z\"},",
		"{\"family\":\"audit\",\"type\":\"50\",\"operation\":\"MailItemsAccessed\",\"at\":\"2026-11-24T01:00:00Z\"}]}",
	};

	(void)state;
	fill();
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		says("status", parts[i]);
}

static void
the_other_questions_are_answered_in_words_too(void **state)
{
	(void)state;
	fill();
	says("gaps", "{\"tenant\":\"contoso\",\"feed\":\"audit.exchange\",\"output\":\"elastic\",\"from\":\"1970-01-01T00:00:00.000Z\","
	    "\"to\":\"1970-01-01T00:00:01.000Z\",\"reason\":\"a-test\",\"detail\":\"by \\\"hand\\\"\"}\n");
	says("tallies", "\"who\":\"delivered:elastic\",\"n\":9,\"xor\":\"");
	says("dead 0 *", "\"record_id\":\"record-0\",\"reason\":\"refused: a test\"");
	says("dead-show 1", "\"reply\":\"no thanks\",\"record\":\"{\\\"Id\\\":\\\"record-0\\\"");
	says("dead-export 0 elastic", "\"record\":\"{\\\"Id\\\":\\\"record-0\\\"");
	assert_string_equal(ask("dead 0 archive")->text, "");
	assert_string_equal(ask("dead-show 2")->text, "");
}

static void
add_kind(void *arg, const char *key)
{
	strcat(arg, key);
	strcat(arg, "\n");
}

static void
what_was_seen_first_is_known_at_the_next_start(void **state)
{
	char	 kinds[200] = "";

	(void)state;
	fill();
	kit_stop(&k);
	assert_non_null(k.s = store_open(&k.opts, &(struct err){ 0 }));
	assert_int_equal(store_firsts(k.s, add_kind, kinds, &(struct err){ 0 }), 0);
	assert_string_equal(kinds, "audit|50|MailItemsAccessed\naudit|8|\n");
}

/* While the store is stopped: a table of which no page is one. */
static void
damage(const char *table)
{
	char	*sql = xasprintf("SELECT rootpage FROM sqlite_master WHERE name = '%s'", table), *path = xasprintf("%s/state.db", k.dir);
	int	 fd;

	kit_sql(&k, "PRAGMA wal_checkpoint(TRUNCATE)");
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "no page", 7, (kit_sql_int(&k, sql) - 1) * 16384), 7);
	close(fd);
	free(sql);
	free(path);
}

/* One table a question; each by itself, since after one no answer is trusted any more. */
static void
what_cannot_be_read_is_an_error(void **state)
{
	static const struct { const char *question, *table; } rows[] = {
		{ "status", "sqlite_autoindex_gap_1" }, { "status", "blob" }, { "status", "mark" }, { "status", "delivery" }, { "status", "tally" },
		{ "status", "meta" }, { "gaps", "gap" }, { "tallies", "tally" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fill();
		kit_stop(&k);
		damage(rows[i].table);
		kit_start(&k);
		if (ask(rows[i].question)->fail != STORE_BROKEN)
			fail_msg("%s with a damaged %s: %s", rows[i].question, rows[i].table, ask(rows[i].question)->text);
		tear_down(state);
		set_up(state);
	}
}

static enum store_fail
pay(const struct kit_batches *b)
{
	return kit_done_some(&k, k.out[1], &b->b[0], 0, 10, DONE_DELIVERED).fail;
}

static enum store_fail
look_for_debts(const struct kit_batches *unused)
{
	struct kit_batches	 b = kit_peek(&k, k.out[1], NULL, 0, 1);
	enum store_fail		 fail = b.fail;

	(void)unused;
	kit_batches_free(&b);
	return fail;
}

static void
keep_fail(void *arg, struct store_result *r)
{
	*(enum store_fail *)arg = r->fail;
}

static enum store_fail
look_for_blobs(const struct kit_batches *unused)
{
	enum store_fail	 fail = STORE_OK;

	(void)unused;
	store_next(k.s, k.feed, INT64_C(1800000000000), 4, keep_fail, &fail);
	store_wait(k.s);
	return fail;
}

/* An output would have nothing to send for ever, a feed nothing to fetch, and what was delivered would pass for noted. */
static void
work_that_cannot_be_read_is_not_no_work(void **state)
{
	static const struct { const char *table; enum store_fail (*ask)(const struct kit_batches *); } rows[] = {
		{ "delivery", pay }, { "delivery", look_for_debts }, { "blob_open", look_for_blobs }, { "blob_fresh", look_for_blobs },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit_batches	 b;

		fill();
		b = kit_peek(&k, k.out[1], NULL, 0, 1);
		kit_stop(&k);
		damage(rows[i].table);
		kit_start(&k);
		if (rows[i].ask(&b) != STORE_BROKEN)
			fail_msg("%zu: a damaged %s is not noticed", i, rows[i].table);
		kit_batches_free(&b);
		tear_down(state);
		set_up(state);
	}
}

/* run --once would end with "everything is delivered". */
static void
what_is_left_is_not_nothing_where_it_cannot_be_read(void **state)
{
	struct store_left	 left;

	(void)state;
	fill();
	left = kit_left(&k);
	assert_int_equal(left.deliveries, 1);
	assert_int_equal(left.blobs, 1);
	assert_int_equal(left.blobs_refused, 1);
	kit_stop(&k);
	damage("delivery");
	kit_start(&k);
	left = kit_left(&k);
	assert_int_equal(left.deliveries, -1);
	left = kit_left(&k);
	assert_int_equal(left.deliveries, -1);		/* and nothing is said after that */
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 stories[] = {
		STORY(status_is_what_the_store_holds),
		STORY(the_other_questions_are_answered_in_words_too),
		STORY(what_was_seen_first_is_known_at_the_next_start),
		STORY(what_cannot_be_read_is_an_error),
		STORY(work_that_cannot_be_read_is_not_no_work),
		STORY(what_is_left_is_not_nothing_where_it_cannot_be_read),
	};

	return cmocka_run_group_tests_name("store: looking", stories, NULL, NULL);
}
