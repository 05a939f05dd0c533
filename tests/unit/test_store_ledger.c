/*
 * store: the ledger, marks, gaps, what is forgotten when, and outputs that come and go.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "store_kit.h"

KIT_AROUND_EACH(k)

/* ---- helpers --------------------------------------------------------------------------------------------------------- */

static void
keep_n(void *arg, struct store_result *r)
{
	assert_int_equal(r->fail, STORE_OK);
	*(int64_t *)arg = r->n;
}

static int64_t
list_blob(const char *id, const char *uri, int64_t created_ms, int64_t expires_ms, enum blob_state state, const char *mark)
{
	struct blob_row	 row = { .content_id = (char *)id, .uri = (char *)uri, .created_ms = created_ms, .expires_ms = expires_ms,
	    .state = state };
	int64_t		 n = -1;

	store_page(k.s, k.feed, &row, 1, mark != NULL ? "listed" : NULL, mark, NULL, keep_n, &n);
	store_wait(k.s);
	return n;
}

static int64_t
list_fresh(const char *id)
{
	return list_blob(id, "https://x.example/u", kit_now(), kit_now() + 7 * KIT_DAY, BLOB_LISTED, NULL);
}

struct names { char text[512]; size_t n; };

static void
keep_names(void *arg, struct store_result *r)
{
	struct names	*names = arg;

	names->n = r->n_blobs;
	names->text[0] = '\0';
	for (size_t i = 0; i < r->n_blobs; i++) {
		strcat(names->text, r->blobs[i].content_id);
		strcat(names->text, " ");
	}
}

static struct names
next(unsigned max)
{
	struct names	 names = { "", 0 };

	store_next(k.s, k.feed, kit_now(), max, keep_names, &names);
	store_wait(k.s);
	return names;
}

static int
counts(char *text, const char *word)
{
	int	 n = 0;

	for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
		n++;
	free(text);
	return n;
}

/* ---- listing --------------------------------------------------------------------------------------------------------- */

static void
a_blob_listed_twice_is_entered_once(void **state)
{
	(void)state;
	assert_int_equal(list_fresh("a"), 1);
	assert_int_equal(list_fresh("a"), 0);
	assert_int_equal(next(10).n, 1);
}

static void
the_mark_moves_with_its_page(void **state)
{
	char	 value[64];

	(void)state;
	list_blob("a", "https://x.example/u", 1, kit_now() + KIT_DAY, BLOB_LISTED, "2026-11-25T00:00:00Z");
	store_close(k.s);
	k.s = NULL;
	k.s = store_open(&k.opts, &(struct err){ 0 });
	assert_int_equal(store_mark(k.s, k.feed, "listed", value, &(struct err){ 0 }), 1);
	assert_string_equal(value, "2026-11-25T00:00:00Z");
	assert_int_equal(store_mark(k.s, k.feed, "other", value, &(struct err){ 0 }), 0);
}

static void
a_lazy_mark_goes_with_a_clean_close(void **state)
{
	char	 value[64];

	(void)state;
	store_mark_move(k.s, k.feed, "listed", "one", 1);
	store_mark_move(k.s, k.feed, "listed", "two", 1);
	store_wait(k.s);
	store_close(k.s);
	k.s = store_open(&k.opts, &(struct err){ 0 });
	assert_int_equal(store_mark(k.s, k.feed, "listed", value, &(struct err){ 0 }), 1);
	assert_string_equal(value, "two");
}

static void
a_lazy_mark_never_overtakes_a_later_one(void **state)
{
	char	 value[64];

	(void)state;
	store_mark_move(k.s, k.feed, "listed", "lazy", 1);
	list_blob("a", "https://x.example/u", 1, kit_now() + KIT_DAY, BLOB_LISTED, "eager");
	kit_put_new(&k, "a", 0, 1);
	store_close(k.s);
	k.s = store_open(&k.opts, &(struct err){ 0 });
	store_mark(k.s, k.feed, "listed", value, &(struct err){ 0 });
	assert_string_equal(value, "eager");
}

static void
a_refused_url_is_renewed_by_a_listing(void **state)
{
	(void)state;
	list_blob("a", "http://evil.example/a", kit_now(), kit_now() + KIT_DAY, BLOB_REFUSED, NULL);
	assert_int_equal(next(10).n, 0);
	assert_int_equal(kit_left(&k).blobs_refused, 1);
	assert_int_equal(list_fresh("a"), 1);
	assert_int_equal(next(10).n, 1);
	assert_int_equal(kit_left(&k).blobs_refused, 0);
}

/* ---- what is due ----------------------------------------------------------------------------------------------------- */

static void
half_is_what_expires_first_and_half_the_newest(void **state)
{
	char	 id[2] = "a";

	(void)state;
	for (int i = 0; i < 10; i++, id[0]++)		/* a expires first, j is the newest */
		list_blob(id, "https://x.example/u", kit_now() + i, kit_now() + KIT_DAY + i, BLOB_LISTED, NULL);
	assert_string_equal(next(4).text, "a b j i ");
	assert_int_equal(next(100).n, 10);
}

static void
a_blob_that_failed_waits_its_turn_and_hides_none(void **state)
{
	(void)state;
	list_fresh("a");
	list_fresh("b");
	store_blob_failed(k.s, k.feed, "a", 0, kit_now() + 60000, BLOB_LISTED, NULL, NULL, NULL);
	store_wait(k.s);
	assert_string_equal(next(10).text, "b ");
	kit_pass(61000);
	assert_int_equal(next(10).n, 2);
}

/* As it is after a clock that was years ahead has been put right. */
static void
a_turn_that_is_years_away_is_now(void **state)
{
	static const char *const	 ids[] = { "a", "b", "c" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		list_blob(ids[i], "https://x.example/u", kit_now() + i, kit_now() + KIT_DAY + i, BLOB_LISTED, NULL);
		store_blob_failed(k.s, k.feed, ids[i], 0, kit_now() + (i == 1 ? 0 : 400 * KIT_DAY), BLOB_LISTED, NULL, NULL, NULL);
	}
	store_wait(k.s);
	assert_string_equal(next(2).text, "a c ");	/* what expires first, and the newest */
}

static void
a_blob_that_is_stored_or_lost_is_never_due(void **state)
{
	struct gap	 gap = { .feed = k.feed, .output = "", .from_ms = 1, .to_ms = 1, .reason = "blob-unreadable", .detail = "b" };

	(void)state;
	list_fresh("a");
	list_fresh("b");
	kit_put_new(&k, "a", 0, 1);
	store_blob_failed(k.s, k.feed, "b", 0, kit_now(), BLOB_LOST, &gap, NULL, NULL);
	store_wait(k.s);
	assert_int_equal(next(10).n, 0);
	assert_int_equal(counts(kit_gaps(&k), "blob-unreadable"), 1);
	store_blob_failed(k.s, k.feed, "a", 0, kit_now(), BLOB_LISTED, NULL, NULL, NULL);	/* too late: it is stored */
	store_wait(k.s);
	assert_int_equal(next(10).n, 0);
}

/* ---- expiry, and what is forgotten ------------------------------------------------------------------------------------ */

static void
what_expires_unread_is_lost_with_a_gap_each(void **state)
{
	(void)state;
	list_blob("a", "https://x.example/a", kit_now(), kit_now() + KIT_DAY, BLOB_LISTED, NULL);
	list_blob("b", "http://evil.example/b", kit_now(), kit_now() + KIT_DAY, BLOB_REFUSED, NULL);
	list_blob("c", "https://x.example/c", kit_now(), kit_now() + 2 * KIT_DAY, BLOB_LISTED, NULL);
	assert_int_equal(kit_expire(&k).n, 0);
	kit_pass(KIT_DAY + 1000);
	assert_int_equal(kit_expire(&k).n, 2);
	assert_int_equal(kit_expire(&k).n, 0);
	assert_int_equal(counts(kit_gaps(&k), "\"reason\""), 2);
	assert_string_equal(next(10).text, "c ");
}

static void
rows_are_forgotten_8_days_after_expiry(void **state)
{
	(void)state;
	list_blob("a", "https://x.example/a", kit_now(), kit_now() + KIT_DAY, BLOB_LISTED, NULL);
	kit_put_new(&k, "a", 0, 1);
	kit_pass(8 * KIT_DAY);
	kit_expire(&k);
	assert_int_equal(list_fresh("a"), 0);
	kit_pass(2 * KIT_DAY);
	for (int i = 0; i < 3; i++)
		kit_expire(&k);
	assert_int_equal(list_fresh("a"), 1);
}

/* More than one look takes, after weeks of standing still: what was never read is not forgotten before its gap is there. */
static void
what_expired_unread_is_not_forgotten_without_its_gap(void **state)
{
	char	 id[16];

	(void)state;
	for (int i = 0; i < 300; i++) {
		snprintf(id, sizeof(id), "blob%d", i);
		list_blob(id, "https://x.example/u", kit_now(), kit_now() + KIT_DAY, BLOB_LISTED, NULL);
	}
	kit_pass(20 * KIT_DAY);
	for (int i = 0; i < 3; i++)
		kit_expire(&k);
	assert_int_equal(counts(kit_gaps(&k), "\"reason\""), 300);
}

static void
ids_are_forgotten_a_window_after_arrival_and_not_before(void **state)
{
	struct put	*p;

	(void)state;
	p = kit_put_of(&k, "a", 0, 0);
	kit_add(p, (kit_now() / 1000 - KIT_SECOND) * 10, 7, 0);		/* an event of now */
	kit_put(&k, p);
	kit_pass(7 * KIT_DAY);
	kit_put_new(&k, "late", 0, 100);				/* old events that arrive late */
	kit_pass(KIT_DAY);
	for (int i = 0; i < 5; i++)
		kit_expire(&k);
	assert_int_equal(kit_put_new(&k, "late", 0, 100).duplicates, 100);
	kit_pass(9 * KIT_DAY);
	for (int i = 0; i < 5; i++)
		kit_expire(&k);
	kit_stop(&k);
	assert_int_equal(kit_sql_int(&k, "SELECT count(*) FROM seen"), 0);
}

/* A first run that reaches back leaves many ids whose event is older than the window and whose arrival is not. */
static void
looking_for_what_to_forget_does_not_walk_through_late_arrivals_every_minute(void **state)
{
	struct timespec	 from, to;
	double		 ms;

	(void)state;
	kit_stop(&k);
	kit_sql(&k, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1500000)"
	    "INSERT INTO seen(t, id, day, digest) SELECT 1700000000 + i / 100, CAST(printf('%012d', i) AS BLOB), 1000000, 1 FROM n");
	kit_start(&k);
	for (int i = 0; i < 200; i++)		/* the first walk may take many calls */
		kit_expire(&k);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (int i = 0; i < 100; i++)
		kit_expire(&k);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
	if (ms > 1000)
		fail_msg("100 calls took %.0f ms of CPU", ms);
}

static void
expiring_and_counting_what_is_left_do_not_walk_through_the_ledger(void **state)
{
	struct timespec	 from, to;
	double		 ms;

	(void)state;
	kit_stop(&k);
	kit_sql(&k, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
	    "INSERT INTO blob(feed, content_id, created, expires, state) SELECT 1, printf('blob-%09d', i), 1,"
	    " unixepoch() * 1000 - 1000, 2 FROM n");
	kit_start(&k);
	kit_expire(&k);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (int i = 0; i < 100; i++) {
		kit_expire(&k);
		kit_left(&k);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
	if (ms > 1000)
		fail_msg("100 calls took %.0f ms of CPU", ms);
}

/* ---- gaps ------------------------------------------------------------------------------------------------------------ */

static void
the_same_gap_twice_is_one(void **state)
{
	struct gap	 gap = { .feed = k.feed, .output = "", .from_ms = 1000, .to_ms = 2000, .reason = "window-too-old", .detail = "x" };

	(void)state;
	store_gap(k.s, &gap, NULL, NULL);
	store_gap(k.s, &gap, NULL, NULL);
	gap.to_ms = 3000;
	store_gap(k.s, &gap, NULL, NULL);
	assert_int_equal(counts(kit_gaps(&k), "window-too-old"), 2);
	assert_int_equal(counts(kit_gaps(&k), "\"tenant\":\"contoso\""), 2);
}

/* ---- outputs that come and go ----------------------------------------------------------------------------------------- */

/* Opens with archive, and with extra if there is one, but without elastic; returns extra's number. */
static int
start_without_elastic(const char *extra, int oldest)
{
	struct err	 e = { 0 };
	uint64_t	 mask;
	int		 bit = -1;

	k.s = store_open(&k.opts, &e);
	assert_non_null(k.s);
	assert_int_equal(store_feed(k.s, "11111111-2222-3333-4444-555555555555", "contoso", "audit.exchange", &e), k.feed);
	assert_int_equal(store_output(k.s, "archive", 0, &e), k.out[1]);
	mask = (uint64_t)1 << k.out[1];
	if (extra != NULL) {
		bit = store_output(k.s, extra, oldest, &e);
		assert_true(bit >= 0 && bit != k.out[0] && bit != k.out[1]);
		mask |= (uint64_t)1 << bit;
	}
	assert_int_equal(store_outputs_end(k.s, &e), 0);
	store_feed_mask(k.s, k.feed, mask);
	assert_int_equal(store_start(k.s, &e), 0);
	return bit;
}

static void
names_keep_their_numbers(void **state)
{
	int	 feed = k.feed, out[2] = { k.out[0], k.out[1] };

	(void)state;
	kit_stop(&k);
	kit_start(&k);
	assert_int_equal(k.feed, feed);
	assert_int_equal(k.out[0], out[0]);
	assert_int_equal(k.out[1], out[1]);
}

static void
an_output_that_left_keeps_what_it_is_owed_for_a_day(void **state)
{
	(void)state;
	kit_put_new(&k, "a", 0, 10);
	kit_deliver_all(&k, k.out[1]);
	kit_stop(&k);
	start_without_elastic(NULL, 0);
	kit_pass(KIT_DAY - 60000);
	kit_expire(&k);
	kit_stop(&k);
	kit_start(&k);				/* it is back, and nothing is missing */
	kit_pass(2 * KIT_DAY);
	kit_expire(&k);				/* nor released later for having been away */
	assert_int_equal(kit_owed(&k, k.out[0]), 10);
	assert_null(kit_unbalanced(&k, k.out[0]));
}

/* The thread never ran: as if we had been killed between the new output's name and its debt, and again after it. */
static void
an_output_that_starts_with_the_oldest_gets_it_also_after_a_kill(void **state)
{
	struct err	 e = { 0 };
	int		 bit;

	(void)state;
	kit_put_new(&k, "a", 0, 10);
	for (int i = 0; i < 2; i++) {
		kit_stop(&k);
		k.s = store_open(&k.opts, &e);
		assert_int_equal(store_output(k.s, "archive", 0, &e), k.out[1]);
		bit = store_output(k.s, "new", 1, &e);
		assert_int_equal(store_outputs_end(k.s, &e), 0);
		if (i == 1)
			store_feed_mask(k.s, k.feed, (uint64_t)1 << bit);
	}
	kit_stop(&k);
	bit = start_without_elastic("new", 1);
	assert_int_equal(kit_owed(&k, bit), 10);
	kit_deliver_all(&k, bit);
	kit_stop(&k);
	start_without_elastic("new", 1);		/* and only once: archive owes the batch still */
	assert_int_equal(kit_owed(&k, bit), 0);
	assert_int_equal(kit_owed(&k, k.out[1]), 10);
}

/* The names are said twice: with the new output, which cannot be made, and then as before. */
static void
an_output_of_a_reload_that_failed_is_gone_and_holds_nothing(void **state)
{
	struct err	 e = { 0 };
	int		 bit = -1;

	(void)state;
	kit_put_new(&k, "a", 0, 10);
	store_halt(k.s);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_output(k.s, "elastic", 0, &e), k.out[0]);
		assert_int_equal(store_output(k.s, "archive", 0, &e), k.out[1]);
		if (i == 0)
			bit = store_output(k.s, "new", 1, &e);
		assert_int_equal(store_outputs_end(k.s, &e), 0);
		store_feed_mask(k.s, k.feed, i == 0 ? 7 : 3);
	}
	assert_int_equal(bit, 2);
	assert_int_equal(store_start(k.s, &e), 0);
	assert_int_equal(kit_owed(&k, bit), 10);
	kit_pass(KIT_DAY + 60000);
	kit_expire(&k);
	assert_int_equal(kit_owed(&k, bit), 0);
	assert_int_equal(kit_owed(&k, k.out[0]), 10);
}

static void
after_a_day_what_it_was_owed_is_released_with_a_gap(void **state)
{
	struct kit_batches	 b;

	(void)state;
	kit_put_new(&k, "a", 0, 10);
	b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
	kit_done_some(&k, k.out[0], &b.b[0], 0, 4, DONE_DELIVERED);
	kit_batches_free(&b);
	kit_deliver_all(&k, k.out[1]);
	kit_stop(&k);
	start_without_elastic(NULL, 0);
	kit_pass(KIT_DAY + 60000);
	for (int i = 0; i < 3; i++)
		kit_expire(&k);
	assert_int_equal(store_spool_bytes(k.s), 0);
	assert_int_equal(counts(kit_gaps(&k), "\"output\":\"elastic\""), 1);
	assert_int_equal(kit_tally(&k, "dropped:elastic"), 6);
}

/* run --once must come to its end: nobody delivers to an output that is not configured. */
static void
what_an_output_that_left_is_owed_is_not_left_to_do(void **state)
{
	(void)state;
	kit_put_new(&k, "a", 0, 10);
	kit_deliver_all(&k, k.out[1]);
	assert_int_equal(kit_left(&k).deliveries, 1);
	kit_stop(&k);
	start_without_elastic(NULL, 0);
	assert_int_equal(kit_left(&k).deliveries, 0);
}

static void
a_new_output_starts_with_what_comes_after_it(void **state)
{
	int	 splunk;

	(void)state;
	kit_put_new(&k, "a", 0, 10);
	kit_stop(&k);
	splunk = start_without_elastic("splunk", 0);
	kit_put_new(&k, "b", 100, 5);
	assert_int_equal(kit_owed(&k, splunk), 5);
	assert_int_equal(kit_owed(&k, k.out[1]), 15);
}

static void
or_with_the_oldest_in_the_spool(void **state)
{
	int	 splunk;

	(void)state;
	kit_put_new(&k, "a", 0, 10);
	kit_stop(&k);
	splunk = start_without_elastic("splunk", 1);
	kit_put_new(&k, "b", 100, 5);
	assert_int_equal(kit_owed(&k, splunk), 15);
	kit_deliver_all(&k, splunk);
	kit_stop(&k);
	assert_int_equal(start_without_elastic("splunk", 1), splunk);	/* once: it is not new any more */
	assert_int_equal(kit_owed(&k, splunk), 0);
}

/* ---- segments -------------------------------------------------------------------------------------------------------- */

static uint32_t
next_of(const char *day)
{
	struct err	 e = { 0 };
	uint32_t	 next;

	assert_int_equal(store_segment_next(k.s, k.out[1], k.feed, day, &next, &e), 0);
	return next;
}

static void
segments_are_as_the_last_done_left_them(void **state)
{
	struct done	*d = done_new(k.out[1]);
	struct segment	*open;
	struct err	 e = { 0 };
	size_t		 n;

	(void)state;
	d->segments = xcalloc(2, sizeof(*d->segments));
	d->n_segments = 2;
	d->segments[0] = (struct segment){ k.feed, "2026-11-24", 3, 4096, 1, 1 };
	d->segments[1] = (struct segment){ k.feed, "2026-11-25", 1, 100, 2, 0 };
	assert_int_equal(kit_done(&k, d).fail, STORE_OK);
	kit_stop(&k);
	k.s = store_open(&k.opts, &e);
	assert_int_equal(store_segments(k.s, k.out[1], &open, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_string_equal(open[0].day, "2026-11-25");
	assert_int_equal(open[0].length, 100);
	free(open);
	assert_int_equal(next_of("2026-11-24"), 4);
	assert_int_equal(next_of("2026-11-26"), 1);
}

/* Opens with a table of which no page is one. */
static void
damage(const char *table)
{
	char	*sql = xasprintf("SELECT rootpage FROM sqlite_master WHERE name = '%s'", table), *path = xasprintf("%s/state.db", k.dir);
	int	 fd;

	kit_stop(&k);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "no page", 7, (kit_sql_int(&k, sql) - 1) * 16384), 7);
	close(fd);
	k.s = store_open(&k.opts, &(struct err){ 0 });
	assert_non_null(k.s);
	free(sql);
	free(path);
}

/* What cannot be read is not "none": a file would begin at 000001 again, and write over what is there ... */
static void
segments_that_cannot_be_read_are_an_error(void **state)
{
	struct err	 e = { 0 };
	uint32_t	 next;

	(void)state;
	damage("segment");
	assert_int_equal(store_segment_next(k.s, k.out[1], k.feed, "2026-11-24", &next, &e), -1);
	assert_non_null(strstr(e.text, "this is no sound store"));
}

/* ... and a source at its start time, or now. */
static void
a_mark_that_cannot_be_read_is_an_error(void **state)
{
	struct err	 e = { 0 };
	char		 value[64];

	(void)state;
	damage("mark");
	assert_int_equal(store_mark(k.s, k.feed, "listed", value, &e), -1);
	assert_non_null(strstr(e.text, "this is no sound store"));
}

static void
no_kind(void *arg, const char *key)
{
	(void)arg;
	(void)key;
}

static void
what_was_noted_and_cannot_be_read_is_an_error(void **state)
{
	struct err	 e = { 0 }, firsts = { 0 };
	char		 value[64];

	(void)state;
	assert_int_equal(store_meta(k.s, "subscription-start:1", value, sizeof(value), &e), 0);
	damage("meta");
	assert_int_equal(store_meta(k.s, "subscription-start:1", value, sizeof(value), &e), -1);
	assert_non_null(strstr(e.text, "this is no sound store"));
	assert_int_equal(store_firsts(k.s, no_kind, NULL, &firsts), -1);
	assert_non_null(strstr(firsts.text, "this is no sound store"));
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 stories[] = {
		STORY(a_blob_listed_twice_is_entered_once),
		STORY(the_mark_moves_with_its_page),
		STORY(a_lazy_mark_goes_with_a_clean_close),
		STORY(a_lazy_mark_never_overtakes_a_later_one),
		STORY(a_refused_url_is_renewed_by_a_listing),
		STORY(half_is_what_expires_first_and_half_the_newest),
		STORY(a_blob_that_failed_waits_its_turn_and_hides_none),
		STORY(a_turn_that_is_years_away_is_now),
		STORY(a_blob_that_is_stored_or_lost_is_never_due),
		STORY(what_expires_unread_is_lost_with_a_gap_each),
		STORY(rows_are_forgotten_8_days_after_expiry),
		STORY(what_expired_unread_is_not_forgotten_without_its_gap),
		STORY(ids_are_forgotten_a_window_after_arrival_and_not_before),
		STORY(looking_for_what_to_forget_does_not_walk_through_late_arrivals_every_minute),
		STORY(expiring_and_counting_what_is_left_do_not_walk_through_the_ledger),
		STORY(the_same_gap_twice_is_one),
		STORY(names_keep_their_numbers),
		STORY(an_output_that_left_keeps_what_it_is_owed_for_a_day),
		STORY(an_output_that_starts_with_the_oldest_gets_it_also_after_a_kill),
		STORY(an_output_of_a_reload_that_failed_is_gone_and_holds_nothing),
		STORY(after_a_day_what_it_was_owed_is_released_with_a_gap),
		STORY(what_an_output_that_left_is_owed_is_not_left_to_do),
		STORY(a_new_output_starts_with_what_comes_after_it),
		STORY(or_with_the_oldest_in_the_spool),
		STORY(segments_are_as_the_last_done_left_them),
		STORY(segments_that_cannot_be_read_are_an_error),
		STORY(a_mark_that_cannot_be_read_is_an_error),
		STORY(what_was_noted_and_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests_name("store: ledger", stories, NULL, NULL);
}
