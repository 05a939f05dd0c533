/* Fetching: what each answer does to a blob, what enters the store and when, and who waits for whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counters.h"
#include "base/xalloc.h"
#include "collect_world.h"
#include "encode/gzip.h"

#define SLOW	MGMT_SLOW_MS
#define HOUR	WINDOW_HOUR

static int64_t
an_hour_ago(void)
{
	return world_start_ms - HOUR;
}

/* ---- what an answer does -------------------------------------------------------------------------------------------------- */

enum end { AGAIN, TENANT, LOST };	/* the blob is tried again; the same request is, at the tenant's pace; it is given up */

static const struct {
	const char	*name;
	int		 status;
	const char	*body;
	enum http_fail	 fail;
	int		 unknown_coding, gzip;
	enum end	 end;
	int64_t		 least_ms, most_ms;	/* until it is asked again */
	const char	*reason;		/* of the counter: source_blobs_failed_total */
	unsigned	 broken;		/* it counts as a broken answer */
} answers[] = {
	{ "throttled", 403, "{'error':{'code':'AF429','message':'Too many requests'}}", HTTP_OK, 0, 0, TENANT, 1, 30000, NULL, 0 },
	{ "429", 429, "", HTTP_OK, 0, 0, TENANT, 1, 30000, NULL, 0 },
	{ "401", 401, "", HTTP_OK, 0, 0, TENANT, 0, 0, NULL, 0 },
	{ "no role", 403, "{\"error\":{\"code\":\"AF10001\",\"message\":\"x\"}}", HTTP_OK, 0, 0, AGAIN, SLOW, SLOW, "AF10001", 0 },
	{ "not there yet", 404, "{\"error\":{\"code\":\"AF20050\",\"message\":\"x\"}}", HTTP_OK, 0, 0, AGAIN, 3750, 6000, "no-content", 0 },
	{ "expired", 400, "{\"error\":{\"code\":\"AF20051\",\"message\":\"x\"}}", HTTP_OK, 0, 0, LOST, 0, 0, NULL, 0 },
	{ "expired with 200", 200, "{\"error\":{\"code\":\"AF20051\",\"message\":\"x\"}}", HTTP_OK, 0, 0, LOST, 0, 0, NULL, 0 },
	{ "our encoding", 400, "{\"error\":{\"code\":\"AF20052\",\"message\":\"x\"}}", HTTP_OK, 0, 0, AGAIN, 3750, 6000, "AF20052", 0 },
	{ "internal", 500, "{'error':{'code':'AF50000','message':'x'}}", HTTP_OK, 0, 0, AGAIN, 3750, 6000, "AF50000", 0 },
	{ "a new code", 400, "{\"error\":{\"code\":\"AF29999\",\"message\":\"x\"}}", HTTP_OK, 0, 0, AGAIN, 3750, 6000, "AF29999", 0 },
	{ "no tenant", 400, "{\"error\":{\"code\":\"AF20011\",\"message\":\"x\"}}", HTTP_OK, 0, 0, AGAIN, 3750, 6000, "AF20011", 0 },
	{ "503 in HTML", 503, "<html>busy</html>", HTTP_OK, 0, 0, AGAIN, 3750, 6000, "503", 0 },
	{ "404 in HTML", 404, "<html>?</html>", HTTP_OK, 0, 0, AGAIN, 3750, 6000, "404", 0 },
	{ "a redirect", 302, "", HTTP_OK, 0, 0, AGAIN, 3750, 6000, "302", 0 },
	{ "reset before a status", 0, "", HTTP_RESET, 0, 0, AGAIN, 3750, 6000, "reset", 0 },
	{ "time-out", 0, "", HTTP_TIMEOUT, 0, 0, AGAIN, 3750, 6000, "timeout", 0 },
	{ "reset in the middle", 200, "[{\"Id\":\"x\"},{", HTTP_RESET, 0, 0, AGAIN, 3750, 6000, "broken", 1 },
	{ "cut", 200, "[{\"Id\":\"x\"},", HTTP_CUT, 0, 0, AGAIN, 3750, 6000, "broken", 1 },
	{ "complete, but not to its end", 200, "[{\"Id\":\"x\"},{", HTTP_OK, 0, 0, AGAIN, 3750, 6000, "broken", 1 },
	{ "HTML", 200, "<html>log in</html>", HTTP_OK, 0, 0, AGAIN, 3750, 6000, "broken", 1 },
	{ "an object", 200, "{\"error\":{\"code\":\"AF50000\",\"message\":\"x\"}}", HTTP_OK, 0, 0, AGAIN, 3750, 6000, "broken", 1 },
	{ "empty", 200, "", HTTP_OK, 0, 0, AGAIN, 3750, 6000, "broken", 1 },
	{ "no gzip", 200, "[{\"Id\":\"x\"}]", HTTP_OK, 0, 1, AGAIN, 3750, 6000, "broken", 1 },
	{ "another coding", 200, "[{\"Id\":\"x\"}]", HTTP_OK, 1, 0, AGAIN, 3750, 6000, "coding", 1 },
};

static unsigned
asked_for(unsigned blob)
{
	char		 part[32];
	unsigned	 n = 0;

	snprintf(part, sizeof(part), "audit/blob$%u?", blob);
	for (size_t i = 0; i < fake_n_asks; i++)
		n += strstr(fake_asks[i].url, part) != NULL;
	return n;
}

static void
wait_for_blobs(unsigned n, int64_t most_ms)
{
	for (int64_t ms = 0; asked(BLOB) < n && ms < most_ms; ms += 50)
		fake_pass(50);
}

static void
one_answer(size_t i)
{
	int64_t			 then;

	tenant_blob(an_hour_ago(), tenant_records(2), 0);
	tenant_replies(BLOB, 1, (struct fake_reply){ .status = answers[i].status, .body = answers[i].body, .fail = answers[i].fail,
	    .unknown_coding = answers[i].unknown_coding, .gzip = answers[i].gzip });
	world_opts.interval_ms = HOUR;		/* only the blob is asked for */
	world_run();
	then = fake_mono_ms;
	if (answers[i].end == LOST) {
		fake_pass(120 * MINUTE);
		assert_int_equal(asked(BLOB), 1);
		assert_int_equal(world_left().blobs, 0);
		assert_non_null(strstr(world_gaps(), "blob-expired"));
		assert_int_equal(counter_sum(C_BLOBS_LOST), 1);
		return;
	}
	wait_for_blobs(2, answers[i].most_ms + 1000);
	if (asked(BLOB) != 2 || last_ask(BLOB)->at_ms - then < answers[i].least_ms || last_ask(BLOB)->at_ms - then > answers[i].most_ms)
		fail_msg("%s: asked %u, again after %lld ms", answers[i].name, asked(BLOB), (long long)(last_ask(BLOB)->at_ms - then));
	if (counter_sum(C_BLOBS_FAILED) != (answers[i].end == AGAIN))
		fail_msg("%s: failed attempts: %llu", answers[i].name, (unsigned long long)counter_sum(C_BLOBS_FAILED));
	if (answers[i].end == AGAIN && counter_get(C_BLOBS_FAILED, "contoso", "audit.exchange", answers[i].reason) != 1)
		fail_msg("%s: reason %s", answers[i].name, answers[i].reason);
	fake_turn();
	if (world_stored() != 2 || world_left().blobs != 0)
		fail_msg("%s: stored %lld", answers[i].name, (long long)world_stored());
	assert_string_equal(world_gaps(), "");
	assert_string_equal(world_dead(), "");
}

static void
every_answer_has_one_outcome_and_a_sound_one_behind_it_brings_all(void **state)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (i > 0)
			assert_int_equal(world_set_up(state), 0);
		one_answer(i);
		if (i + 1 < sizeof(answers) / sizeof(answers[0]))
			assert_int_equal(world_tear_down(state), 0);
	}
}

static void
a_request_for_a_blob_names_the_publisher_over_http_1_without_a_total_time_out(void **state)
{
	(void)state;
	tenant_blob(an_hour_ago(), tenant_records(1), 0);
	world_run();
	assert_string_equal(last_ask(BLOB)->url, WORLD_API "audit/blob$0?PublisherIdentifier=" WORLD_PUBLISHER);
	assert_string_equal(last_ask(BLOB)->method, "GET");
	assert_non_null(strstr(last_ask(BLOB)->headers, "Authorization: Bearer token-1\n"));
	assert_non_null(strstr(last_ask(BLOB)->headers, "Accept-Encoding: gzip\n"));
	assert_int_equal(last_ask(BLOB)->http1, 1);
	assert_int_equal(last_ask(BLOB)->deny_loopback, 1);
	assert_int_equal(last_ask(BLOB)->timeout_ms, 0);
}

/* ---- what cannot be read ------------------------------------------------------------------------------------------------------ */

static void
a_blob_that_is_never_readable_delays_nothing_and_ends_as_a_gap(void **state)
{
	unsigned	 sound;

	(void)state;
	tenant_blob(an_hour_ago(), "<html>for ever</html>", 0);
	sound = tenant_blob(an_hour_ago(), tenant_records(3), 0);
	world_opts.interval_ms = 10 * MINUTE;
	world_run();
	assert_int_equal(world_stored(), 3);
	fake_pass(24 * HOUR);
	assert_int_equal(asked_for(sound), 1);
	assert_in_range(asked_for(0), 20, 45);			/* growing pauses, an hour at most */
	tenant_blob(fake_wall_ms - 5 * MINUTE, tenant_records(1), 0);
	fake_pass(12 * MINUTE);
	assert_int_equal(world_stored(), 4);
	assert_string_equal(world_gaps(), "");
	fake_pass(6 * WINDOW_DAY);
	assert_int_equal(world_left().blobs, 0);
	assert_non_null(strstr(world_gaps(), "\"reason\":\"blob-expired\",\"detail\":\"blob blob$0: could not be read"));
	assert_int_equal(counter_sum(C_BLOBS_LOST), 1);
	assert_int_equal(world_feed()->state, SOURCE_OK);
}

static int
refuses_the_first_blob(const struct fake_ask *a, struct fake_reply *r)
{
	if (strstr(a->url, "audit/blob$0?") == NULL)
		return tenant(a, r);
	*r = (struct fake_reply){ .status = 401, .body = "", .retry_after_ms = -1, .date_ms = -1 };
	return 1;
}

/* A 401 of its own is none of the token's. */
static void
a_blob_that_refuses_every_token_leaves_the_tenant_its_token(void **state)
{
	(void)state;
	fake_server = refuses_the_first_blob;
	tenant_blob(an_hour_ago(), tenant_records(1), 0);
	for (int i = 0; i < 20; i++)
		tenant_blob(fake_wall_ms + i * MINUTE, tenant_records(1), 0);
	world_run();
	fake_pass(25 * MINUTE);
	assert_int_equal(world_stored(), 20);
	assert_in_range(asked(TOKEN), 2, 3);
	assert_in_range(asked_for(0), 6, 20);
	assert_int_equal(world_left().blobs, 1);
	fake_server = tenant;
	fake_pass(HOUR);
	assert_int_equal(world_stored(), 21);
}

/* Refuses what has `busy` in its address, for ten minutes each time. */
static const char	*busy;
static unsigned		 refusals;

static int
throttles(const struct fake_ask *a, struct fake_reply *r)
{
	if (strstr(a->url, busy) == NULL)
		return tenant(a, r);
	refusals++;
	*r = (struct fake_reply){ .status = 429, .body = "", .retry_after_ms = 10 * MINUTE, .date_ms = -1 };
	return 1;
}

static void
the_tenant_throttles(const char *what)
{
	busy = what;
	refusals = 0;
	fake_server = throttles;
}

/* Nine, from in an hour on. */
static void
a_blob_comes_every_ten_minutes(void)
{
	for (int i = 0; i < 9; i++)
		tenant_blob(fake_wall_ms + HOUR + i * 10 * MINUTE, tenant_records(1), 0);
}

static void
a_blob_that_is_throttled_for_ever_leaves_the_tenant_its_pace(void **state)
{
	unsigned	 before;

	(void)state;
	the_tenant_throttles("audit/blob$0?");
	tenant_blob(an_hour_ago(), tenant_records(1), 0);
	a_blob_comes_every_ten_minutes();
	world_run();
	fake_pass(HOUR);
	before = asked(LIST);
	for (int i = 1; i <= 9; i++) {
		fake_pass(10 * MINUTE);
		assert_int_equal(world_stored(), i);		/* none waits for the one */
	}
	assert_in_range(asked(LIST) - before, 80, 140);
	assert_in_range(refusals, 10, 15);			/* as it asks for */
	assert_int_equal(world_left().blobs, 1);
	assert_string_equal(world_gaps(), "");
	fake_server = tenant;
	fake_pass(HOUR + 10 * MINUTE);
	assert_int_equal(world_stored(), 10);
}

static void
a_listing_that_is_throttled_for_ever_leaves_the_tenant_its_pace(void **state)
{
	(void)state;
	world_opts.n_feeds = 2;
	the_tenant_throttles("contentType=Audit.General&");
	a_blob_comes_every_ten_minutes();
	world_run();
	fake_pass(HOUR);
	for (int i = 1; i <= 9; i++) {
		fake_pass(10 * MINUTE);
		assert_int_equal(world_stored(), i);
	}
	assert_int_equal(world_feed()->state, SOURCE_OK);
	assert_non_null(strstr(world_status(), "HTTP 429"));
	assert_in_range(refusals, 8, 15);
}

static void
a_tenant_that_is_throttled_waits_as_a_whole(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		tenant_blob(an_hour_ago(), tenant_records(1), 0);
	tenant_silent = 1 << BLOB;
	world_run();
	assert_int_equal(asked(BLOB), 4);
	tenant_silent = 0;
	the_tenant_throttles("/activity/feed/");
	fake_pass(10 * HOUR);
	assert_in_range(refusals, 60, 360);			/* six at once at most, and then none for ten minutes */
	assert_int_equal(counter_sum(C_BLOBS_FAILED), 0);	/* no blob is to blame */
	fake_server = tenant;
	fake_pass(30 * MINUTE);
	assert_int_equal(world_stored(), 4);
}

static void
blobs_that_may_not_be_read_yet_keep_no_place(void **state)
{
	(void)state;
	world_opts.concurrency = 2;
	for (int i = 0; i < 4; i++)
		tenant_blob(an_hour_ago(), tenant_records(1), 0);
	tenant_says(BLOB, 3, 403, "{\"error\":{\"code\":\"AF10001\",\"message\":\"ActivityFeed.ReadDlp is missing\"}}");
	world_run();
	assert_int_equal(world_stored(), 1);
	fake_pass(16 * MINUTE);
	assert_int_equal(world_stored(), 4);
}

static void
from_the_third_broken_answer_on_whole_records_are_kept_and_come_once(void **state)
{
	const char	*whole = tenant_records(5);
	char		*cut = xasprintf("%s", whole);

	(void)state;
	cut[strlen(cut) - 20] = '\0';			/* four and a half */
	tenant_keeps(cut);
	tenant_blob(an_hour_ago(), whole, 0);
	tenant_replies(BLOB, 3, (struct fake_reply){ .status = 200, .body = cut, .fail = HTTP_CUT });
	world_run();
	wait_for_blobs(2, MINUTE);
	fake_turn();
	assert_int_equal(world_stored(), 0);
	wait_for_blobs(3, MINUTE);
	fake_turn();
	assert_int_equal(world_stored(), 4);
	wait_for_blobs(4, 5 * MINUTE);
	fake_turn();
	assert_int_equal(world_stored(), 5);
	assert_int_equal(counter_sum(C_DUPLICATES), 4);
	assert_int_equal(counter_sum(C_CHANGED), 0);
	assert_int_equal(world_left().blobs, 0);
}

static void
a_foreign_content_uri_is_never_asked_and_the_next_listing_mends_it(void **state)
{
	(void)state;
	tenant_blob(an_hour_ago(), tenant_records(1), 0);
	tenant_blob_uri(0, "https://evil.example/api/v1.0/" WORLD_GUID "/activity/feed/audit/blob$0");
	world_run();
	fake_pass(30000);
	assert_int_equal(asked(BLOB), 0);
	assert_int_equal(world_left().blobs_refused, 1);
	assert_int_equal(counter_get(C_REFUSED_URL, "content-uri", NULL, NULL), 1);
	tenant_blob_uri(0, NULL);
	fake_pass(3 * MINUTE);
	assert_int_equal(world_stored(), 1);
	assert_string_equal(world_gaps(), "");
}

static void
a_foreign_content_uri_that_stays_ends_as_a_gap(void **state)
{
	(void)state;
	tenant_blob(an_hour_ago(), tenant_records(1), 0);
	tenant_blob_uri(0, "https://evil.example/api/v1.0/" WORLD_GUID "/activity/feed/audit/blob$0");
	world_opts.interval_ms = 10 * MINUTE;
	world_run();
	fake_pass(7 * WINDOW_DAY);
	assert_int_equal(asked(BLOB), 0);
	assert_non_null(strstr(world_gaps(), "\"reason\":\"url-refused\""));
	assert_int_equal(world_left().blobs_refused, 0);
}

/* The ledger is older than the configuration. */
static void
a_uri_of_a_host_that_is_not_configured_any_more_gets_no_token(void **state)
{
	(void)state;
	tenant_blob(an_hour_ago(), tenant_records(1), 0);
	tenant_silent = 1 << BLOB;
	world_run();
	world_close();
	tenant_silent = 0;
	world_opts.management = "https://other.example";
	tenant_says(LIST, UINT_MAX, 503, "");
	world_run();
	fake_pass(30000);
	assert_int_equal(world_left().blobs_refused, 1);
	assert_int_equal(asked(BLOB), 1);			/* the one before */
}

static void
what_expired_by_one_clock_alone_is_not_lost(void **state)
{
	(void)state;
	tenant_blob(an_hour_ago(), tenant_records(1), 0);
	tenant_says(BLOB, UINT_MAX, 503, "");
	world_run();
	fake_wall_ms += 30 * WINDOW_DAY;		/* the servers do not agree */
	tenant_lead_ms = -30 * WINDOW_DAY;
	fake_pass(2 * HOUR);
	assert_int_equal(world_left().blobs, 1);
	assert_string_equal(world_gaps(), "");
}

static void
an_empty_blob_is_a_success(void **state)
{
	(void)state;
	tenant_blob(an_hour_ago(), "[]", 0);
	tenant_blob(an_hour_ago(), " [ ] ", 0);
	world_run();
	fake_pass(HOUR);
	assert_int_equal(asked(BLOB), 2);
	assert_int_equal(world_left().blobs, 0);
	assert_int_equal(counter_sum(C_BLOBS_STORED), 2);
}

static void
what_is_no_record_becomes_one_dead_letter_and_the_rest_goes_on(void **state)
{
	(void)state;
	tenant_blob(an_hour_ago(), "[{\"Id\":\"a\",\"CreationTime\":\"2026-11-23T20:00:00\"},7,{\"Id\":\"b\",\"n\":NaN},{\"Id\":\"c\"}]", 0);
	world_run();
	assert_int_equal(world_stored(), 2);
	assert_int_equal(counter_sum(C_BAD_ELEMENTS), 2);
	assert_non_null(strstr(world_dead(), "\"output\":\"-\""));
	assert_int_equal(world_left().blobs, 0);
}

/* ---- large ones ---------------------------------------------------------------------------------------------------------------- */

/* An array of n records of about 1 KB. */
static const char *
large(unsigned n)
{
	struct buf	 b = { 0 };
	char		 pad[1000];

	memset(pad, 'x', sizeof(pad));
	buf_addc(&b, '[');
	for (unsigned i = 0; i < n; i++)
		buf_addf(&b, "%s{\"Id\":\"bbbbbbbb-0000-0000-0000-%012u\",\"CreationTime\":\"2026-11-23T20:00:00\",\"p\":\"%.*s\"}",
		    i > 0 ? "," : "", i, (int)sizeof(pad), pad);
	buf_addc(&b, ']');
	return tenant_keeps(b.bytes);
}

static void
a_small_blob_enters_whole_and_a_large_one_piece_by_piece(void **state)
{
	const char	*small = large(3000), *big = large(8000);

	(void)state;
	tenant_blob(an_hour_ago(), small, 0);
	tenant_replies(BLOB, 1, (struct fake_reply){ .status = 200, .body = small, .len = strlen(small), .hangs_at = strlen(small) - 1 });
	world_run();
	assert_int_equal(world_stored(), 0);		/* its end is not proven */
	world_again();
	assert_int_equal(world_stored(), 3000);
	tenant_blob(fake_wall_ms - 5 * MINUTE, big, 0);
	tenant_replies(BLOB, 1, (struct fake_reply){ .status = 200, .body = big, .len = strlen(big), .hangs_at = strlen(big) - 1000000 });
	fake_pass(2 * MINUTE);
	assert_in_range(world_stored() + (int64_t)counter_sum(C_DUPLICATES), 3000 + 5000, 3000 + 7500);
	assert_int_equal(world_left().blobs, 1);
	world_again();
	assert_int_equal(world_stored(), 8000);		/* the first 3000 are the small one's */
	assert_int_equal(world_left().blobs, 0);
}

/* Three puts, of which the store takes one: whoever stops now must find the blob unread at its next start. */
static void
a_blob_is_stored_with_its_last_piece_and_not_with_an_earlier_one(void **state)
{
	(void)state;
	world_store_opts.spool_max = 1000;
	tenant_blob(an_hour_ago(), large(2500), 0);
	world_run();
	assert_int_equal(world.paused, 1);
	assert_in_range(world_stored(), 500, 1500);
	assert_int_equal(world_left().blobs, 1);
	world_store_opts.spool_max = 0;
	world_again();
	assert_int_equal(world_stored(), 2500);
	assert_int_equal(world_left().blobs, 0);
}

static void
gzip_is_read_and_a_cut_one_is_not_taken_for_whole(void **state)
{
	const char	*text = tenant_records(4);
	struct gzip	*g = gzip_new(1);
	struct buf	 packed = { 0 };

	(void)state;
	gzip_start(g, &packed, 0);
	gzip_add(g, text, strlen(text));
	gzip_end(g);
	gzip_free(g);
	tenant_keeps(packed.bytes);
	tenant_blob(an_hour_ago(), "unused", 0);
	tenant_replies(BLOB, 1, (struct fake_reply){ .status = 200, .body = packed.bytes, .len = packed.len - 4, .gzip = 1 });
	world_run();
	assert_int_equal(world_stored(), 0);
	tenant_replies(BLOB, 1, (struct fake_reply){ .status = 200, .body = packed.bytes, .len = packed.len, .gzip = 1, .piece = 1 });
	fake_pass(10000);
	assert_int_equal(world_stored(), 4);
	assert_int_equal(asked(BLOB), 2);
}

static void
a_worker_that_is_busy_pauses_the_transfer(void **state)
{
	const char	*big = large(2000);

	(void)state;
	tenant_blob(an_hour_ago(), big, 0);
	fake_work_stuck = 1;
	world_run();
	assert_int_equal(fake_paused, 1);
	assert_int_equal(world_stored(), 0);
	fake_work_stuck = 0;
	fake_turn();
	assert_int_equal(world_stored(), 2000);
	assert_int_equal(fake_paused, asked(BLOB));
}

static void
a_full_house_lets_one_transfer_go_on_and_all_arrive(void **state)
{
	static const unsigned	 n[] = { 9000, 9001, 9002 };

	(void)state;
	world.held_max = 1 << 20;
	for (size_t i = 0; i < 3; i++)
		tenant_blob(an_hour_ago(), large(n[i]), 0);
	world_open();
	world_source->ops->start(world_source);
	for (int i = 0; i < 3000 && counter_sum(C_BLOBS_STORED) < 3; i++)
		fake_pass(20);
	assert_int_equal(world_stored(), 9002);
	assert_int_equal(counter_sum(C_BLOBS_STORED), 3);
	assert_int_equal(world_left().blobs, 0);
}

/*
 * The one transfer that may always go on gathers no more than two puts beside the one that is refused, however large its blob is, and
 * the others no more than what was under way when the house was full.
 */
static void
what_waits_for_a_full_store_is_bounded(void **state)
{
	(void)state;
	world_store_opts.spool_max = 1000;
	world.held_max = 1 << 20;
	for (unsigned i = 0; i < 4; i++)
		tenant_blob(an_hour_ago(), large(12000 + i), 0);
	world_run();
	fake_pass(MINUTE);
	assert_int_equal(world.paused, 1);
	assert_in_range(world.held, 1 << 20, 6 << 20);
	for (int i = 0; i < 100 && world_left().blobs > 0; i++) {
		world_deliver();
		world_room();
		fake_pass(20);
	}
	assert_int_equal(world_stored(), 12003);
}

/* ---- back-pressure ------------------------------------------------------------------------------------------------------------ */

static void
never_more_at_once_than_the_limits_say(void **state)
{
	(void)state;
	for (int i = 0; i < 30; i++)
		tenant_blob(an_hour_ago(), tenant_records(1), 0);
	tenant_silent = 1 << BLOB;
	world_run();
	assert_int_equal(asked(BLOB), 4);
	world_close();
	world.fetches_max = 3;
	world_run();
	assert_int_equal(asked(BLOB), 4 + 3);
	tenant_silent = 0;
	fake_turn();
	assert_int_equal(world_stored(), 30);
}

static void
a_full_spool_stops_fetching_keeps_what_was_fetched_and_goes_on(void **state)
{
	(void)state;
	world_store_opts.spool_max = 1000;
	for (int i = 0; i < 12; i++)
		tenant_blob(an_hour_ago(), tenant_records(8), 0);
	world_run();
	assert_int_equal(world.paused, 1);
	assert_in_range(world_full, 1, 12);
	assert_in_range(world_stored(), 8, 48);
	fake_pass(HOUR);
	assert_in_range(asked(BLOB), 2, 8);			/* nothing new is asked for */
	for (int i = 0; i < 20; i++) {
		world_deliver();
		world_room();
	}
	assert_int_equal(world_stored(), 12 * 8);
	assert_int_equal(counter_sum(C_DUPLICATES), 0);
	assert_int_equal(asked(BLOB), 12);			/* what was refused was kept, not read again */
}

static void
a_blob_that_was_throttled_is_not_asked_again_while_the_spool_is_full(void **state)
{
	(void)state;
	tenant_blob(an_hour_ago(), tenant_records(1), 0);
	tenant_says(BLOB, 1, 429, "");
	world_run();
	world.paused = 1;
	fake_pass(HOUR);
	assert_int_equal(asked(BLOB), 1);
	world_room();
	assert_int_equal(world_stored(), 1);
}

static void
a_full_disk_sets_nothing_back_and_loses_nothing(void **state)
{
	(void)state;
	tenant_blob(an_hour_ago(), tenant_records(3), 0);
	world_run();
	assert_int_equal(world_stored(), 3);
	tenant_blob(fake_wall_ms - 5 * MINUTE, tenant_records(3), 0);
	world_disk_full(1);
	fake_pass(10 * MINUTE);
	assert_int_equal(world_stored(), 3);
	assert_int_equal(world_broken, 0);
	assert_int_equal(world.paused, 1);
	world_disk_full(0);
	world_room();
	fake_pass(10 * MINUTE);
	assert_int_equal(world_stored(), 6);
}

static void
a_gap_that_a_full_disk_refused_is_written_when_it_takes_it(void **state)
{
	(void)state;
	world_run();
	world_disk_full(1);
	mgmt_gap(world_feed(), world_start_ms - HOUR, world_start_ms, "subscription-disabled", "it was off");
	fake_pass(5 * MINUTE);
	assert_string_equal(world_gaps(), "");
	assert_true(world_full >= 2);			/* and it was tried again */
	assert_int_equal(counter_sum(C_GAPS), 1);
	assert_false(world_source->ops->caught_up(world_source, 0));	/* run --once waits for it */
	world_disk_full(0);
	fake_pass(MINUTE + 1000);
	assert_non_null(strstr(world_gaps(), "\"from\":\"2026-11-23T23:00:00.000Z\",\"to\":\"2026-11-24T00:00:00.000Z\","
	    "\"reason\":\"subscription-disabled\",\"detail\":\"it was off\""));
	assert_int_equal(counter_sum(C_GAPS), 1);
	assert_true(world_source->ops->caught_up(world_source, 0));
	world_again();
	assert_int_equal(strchr(world_gaps(), '\n')[1], '\0');	/* once, and it stays */
}

static void
the_budget_is_never_exceeded_in_any_minute(void **state)
{
	unsigned	 most = 0;

	(void)state;
	world_opts.requests_per_minute = 20;
	world_opts.interval_ms = 12 * HOUR;
	for (int i = 0; i < 60; i++)
		tenant_blob(an_hour_ago(), tenant_records(1), 0);
	world_run();
	fake_pass(6 * MINUTE);
	assert_int_equal(world_stored(), 60);
	for (size_t i = 0; i < fake_n_asks; i++) {
		unsigned	 n = 0;

		for (size_t k = i; k < fake_n_asks && fake_asks[k].at_ms < fake_asks[i].at_ms + 60000; k++)
			n += strstr(fake_asks[k].url, "oauth2") == NULL;
		if (n > most)
			most = n;
	}
	assert_in_range(most, 19, 20);
}

/* ---- stopping ------------------------------------------------------------------------------------------------------------------- */

static void
a_stop_aborts_transfers_and_waits_for_nobody(void **state)
{
	const char	*big = large(8000);

	(void)state;
	tenant_blob(an_hour_ago(), big, 0);
	tenant_blob(an_hour_ago(), tenant_records(1), 0);
	tenant_replies(BLOB, 2, (struct fake_reply){ .status = 200, .body = big, .len = strlen(big), .hangs_at = strlen(big) / 2 });
	fake_work_stuck = 1;
	world_run();
	assert_int_equal(fake_in_flight(), 2);
	world_close();			/* asserts that nothing is left */
	assert_int_equal(fake_cancelled, 2);
	tenant_says_no_more(BLOB);
	world_run();
	assert_int_equal(world_left().blobs, 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
#define STORY(f) cmocka_unit_test_setup_teardown(f, world_set_up, world_tear_down)
		STORY(every_answer_has_one_outcome_and_a_sound_one_behind_it_brings_all),
		STORY(a_request_for_a_blob_names_the_publisher_over_http_1_without_a_total_time_out),
		STORY(a_blob_that_is_never_readable_delays_nothing_and_ends_as_a_gap),
		STORY(a_blob_that_refuses_every_token_leaves_the_tenant_its_token),
		STORY(a_blob_that_is_throttled_for_ever_leaves_the_tenant_its_pace),
		STORY(a_listing_that_is_throttled_for_ever_leaves_the_tenant_its_pace),
		STORY(a_tenant_that_is_throttled_waits_as_a_whole),
		STORY(blobs_that_may_not_be_read_yet_keep_no_place),
		STORY(from_the_third_broken_answer_on_whole_records_are_kept_and_come_once),
		STORY(a_foreign_content_uri_is_never_asked_and_the_next_listing_mends_it),
		STORY(a_foreign_content_uri_that_stays_ends_as_a_gap),
		STORY(a_uri_of_a_host_that_is_not_configured_any_more_gets_no_token),
		STORY(what_expired_by_one_clock_alone_is_not_lost),
		STORY(an_empty_blob_is_a_success),
		STORY(what_is_no_record_becomes_one_dead_letter_and_the_rest_goes_on),
		STORY(a_small_blob_enters_whole_and_a_large_one_piece_by_piece),
		STORY(a_blob_is_stored_with_its_last_piece_and_not_with_an_earlier_one),
		STORY(gzip_is_read_and_a_cut_one_is_not_taken_for_whole),
		STORY(a_worker_that_is_busy_pauses_the_transfer),
		STORY(a_full_house_lets_one_transfer_go_on_and_all_arrive),
		STORY(what_waits_for_a_full_store_is_bounded),
		STORY(never_more_at_once_than_the_limits_say),
		STORY(a_full_spool_stops_fetching_keeps_what_was_fetched_and_goes_on),
		STORY(a_blob_that_was_throttled_is_not_asked_again_while_the_spool_is_full),
		STORY(a_full_disk_sets_nothing_back_and_loses_nothing),
		STORY(a_gap_that_a_full_disk_refused_is_written_when_it_takes_it),
		STORY(the_budget_is_never_exceeded_in_any_minute),
		STORY(a_stop_aborts_transfers_and_waits_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
