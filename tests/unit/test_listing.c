/* Listing: which windows are asked, what each answer means, and that the mark never passes what the ledger holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <string.h>

#include "base/counters.h"
#include "collect_world.h"

#define SLOW	MGMT_SLOW_MS

/* ---- what an answer does -------------------------------------------------------------------------------------------------- */

/* One listing is answered so, the rest soundly. Afterwards: how it stands at once, and after what time the next one goes out. */
static const struct {
	const char		*name;
	int			 status;
	const char		*body;
	enum http_fail		 fail;
	enum source_state	 state;
	int64_t			 least_ms, most_ms;	/* until the next listing */
	unsigned		 tokens, subs;		/* asked until then, beyond the first of each */
} answers[] = {
	{ "throttled", 403, "{'error':{'code':'AF429','message':'Too many requests. Method=GetBlob'}}", HTTP_OK, SOURCE_OK, 1, 30000, 0, 0 },
	{ "429", 429, "", HTTP_OK, SOURCE_OK, 1, 30000, 0, 0 },
	{ "401", 401, "", HTTP_OK, SOURCE_OK, 0, 0, 1, 0 },
	{ "no role", 401, "{\"error\":{\"code\":\"AF10001\",\"message\":\"x\"}}", HTTP_OK, SOURCE_DENIED, SLOW, SLOW, 0, 1 },
	{ "no licence", 400, "{\"error\":{\"code\":\"AF20012\",\"message\":\"x\"}}", HTTP_OK, SOURCE_DENIED, SLOW, SLOW, 0, 1 },
	{ "no tenant", 400, "{\"error\":{\"code\":\"AF20011\",\"message\":\"x\"}}", HTTP_OK, SOURCE_DENIED, SLOW, SLOW, 0, 1 },
	{ "our parameter", 400, "{\"error\":{\"code\":\"AF20001\",\"message\":\"x\"}}", HTTP_OK, SOURCE_TROUBLE, SLOW, SLOW, 0, 1 },
	{ "a new code", 400, "{\"error\":{\"code\":\"AF29999\",\"message\":\"x\"}}", HTTP_OK, SOURCE_TROUBLE, SLOW, SLOW, 0, 1 },
	{ "window, but it is young", 400, "{\"error\":{\"code\":\"AF20055\",\"message\":\"x\"}}", HTTP_OK, SOURCE_TROUBLE, SLOW, SLOW, 0, 1 },
	{ "bad page", 400, "{\"error\":{\"code\":\"AF20031\",\"message\":\"x\"}}", HTTP_OK, SOURCE_OK, 0, 0, 0, 0 },
	{ "not subscribed", 400, "{\"error\":{\"code\":\"AF20022\",\"message\":\"x\"}}", HTTP_OK, SOURCE_TROUBLE, 30000, 30000, 0, 1 },
	{ "disabled", 400, "{\"error\":{\"code\":\"AF20023\",\"message\":\"x\"}}", HTTP_OK, SOURCE_TROUBLE, 30000, 30000, 0, 1 },
	{ "internal", 500, "{\"error\":{\"code\":\"AF50000\",\"message\":\"x\"}}", HTTP_OK, SOURCE_TROUBLE, 1, 5000, 0, 0 },
	{ "internal, other", 400, "{\"error\":{\"code\":\"AF50005\",\"message\":\"x\"}}", HTTP_OK, SOURCE_TROUBLE, 1, 5000, 0, 0 },
	{ "no content, of a listing", 404, "{\"error\":{\"code\":\"AF20050\",\"message\":\"x\"}}", HTTP_OK, SOURCE_TROUBLE, 1, 5000, 0, 0 },
	{ "503 in HTML", 503, "<html>busy</html>", HTTP_OK, SOURCE_TROUBLE, 1, 5000, 0, 0 },
	{ "404 in HTML", 404, "<html>?</html>", HTTP_OK, SOURCE_TROUBLE, 1, 5000, 0, 0 },
	{ "a redirect", 302, "", HTTP_OK, SOURCE_TROUBLE, 1, 5000, 0, 0 },
	{ "reset", 0, "", HTTP_RESET, SOURCE_TROUBLE, 1, 5000, 0, 0 },
	{ "cut", 200, "[{\"contentId\":", HTTP_CUT, SOURCE_TROUBLE, 1, 5000, 0, 0 },
	{ "200 and half of it", 200, "[{\"contentId\":", HTTP_OK, SOURCE_TROUBLE, 1, 5000, 0, 0 },
	{ "200 and HTML", 200, "<html>log in</html>", HTTP_OK, SOURCE_TROUBLE, 1, 5000, 0, 0 },
	{ "200 and an error", 200, "{\"error\":{\"code\":\"AF50000\",\"message\":\"x\"}}", HTTP_OK, SOURCE_TROUBLE, 1, 5000, 0, 0 },
	{ "200 and no permission", 200, "{\"error\":{\"code\":\"AF10001\",\"message\":\"x\"}}", HTTP_OK, SOURCE_DENIED, SLOW, SLOW, 0, 1 },
};

static void
wait_for_listings(unsigned n, int64_t most_ms)
{
	for (int64_t ms = 0; asked(LIST) < n && ms < most_ms; ms += 10)
		fake_pass(10);
}

static void
every_answer_has_one_outcome_and_no_mark_moves_for_it(void **state)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		int64_t	 then, asked_ms;

		if (i > 0)
			assert_int_equal(world_set_up(state), 0);
		tenant_replies(LIST, 1, (struct fake_reply){ .status = answers[i].status, .body = answers[i].body,
		    .fail = answers[i].fail });
		tenant_silent = 1 << BLOB;
		world_run();
		then = fake_mono_ms;
		if (world_feed()->state != answers[i].state || (answers[i].least_ms > 0 && world_feed()->marks.listed_ms != 0))
			fail_msg("%s: state %d, mark %lld", answers[i].name, world_feed()->state, (long long)world_feed()->marks.listed_ms);
		wait_for_listings(2, answers[i].most_ms + 100);
		asked_ms = asked(LIST) >= 2 ? last_ask(LIST)->at_ms - then : -1;
		if (asked_ms < answers[i].least_ms || asked_ms > answers[i].most_ms)
			fail_msg("%s: again after %lld ms", answers[i].name, (long long)asked_ms);
		if (asked(TOKEN) != 1 + answers[i].tokens || asked(SUBS) != 1 + answers[i].subs || asked(START) != 0)
			fail_msg("%s: tokens %u subs %u", answers[i].name, asked(TOKEN), asked(SUBS));
		assert_true(window_from(last_ask(LIST)) == window_from(&fake_asks[2]));
		assert_int_not_equal(world_feed()->marks.listed_ms, 0);
		assert_int_equal(world_feed()->state, SOURCE_OK);
		if (i + 1 < sizeof(answers) / sizeof(answers[0]))
			assert_int_equal(world_tear_down(state), 0);
	}
}

/* ---- pages ------------------------------------------------------------------------------------------------------------------ */

static void
a_day_with_five_blobs(void)
{
	for (int i = 0; i < 5; i++)
		tenant_blob(world_start_ms - 120 * MINUTE + i * MINUTE, tenant_records(1), 0);
}

static void
a_page_header_without_publisher_is_asked_with_it_and_the_mark_waits_for_the_last_page(void **state)
{
	(void)state;
	a_day_with_five_blobs();
	tenant_page = 2;
	tenant_silent = 1 << BLOB;
	world_open();
	world_source->ops->start(world_source);
	while (asked(LIST) < 3) {
		assert_int_equal(world_feed()->marks.listed_ms, 0);
		assert_true(fake_http_serve() || store_pending(world_store) > 0);
		store_wait(world_store);
	}
	assert_int_equal(world_left().blobs, 4);		/* both pages are in the ledger, the mark is where it was */
	assert_int_equal(world_feed()->marks.listed_ms, 0);
	fake_turn();
	assert_int_equal(asked(LIST), 3);
	assert_int_equal(world_left().blobs, 5);
	assert_true(world_feed()->marks.listed_ms == world_start_ms - MINUTE);
	for (size_t i = 0; i < fake_n_asks; i++)
		if (strstr(fake_asks[i].url, "oauth2") == NULL)
			assert_non_null(strstr(fake_asks[i].url, "PublisherIdentifier=" WORLD_PUBLISHER));
	assert_non_null(strstr(last_ask(LIST)->url, "/api/v1/"));
	assert_non_null(strstr(last_ask(LIST)->url, "nextPage=4&PublisherIdentifier=" WORLD_PUBLISHER));
	assert_true(world_mark("listed") == world_start_ms - MINUTE);
}

static void
a_crash_between_two_pages_lists_the_window_again(void **state)
{
	(void)state;
	a_day_with_five_blobs();
	tenant_page = 2;
	world_open();
	world_source->ops->start(world_source);
	while (asked(LIST) < 3) {
		fake_http_serve();
		store_wait(world_store);
	}
	assert_int_equal(world_mark("listed"), 0);		/* after the restart it lists from its first page */
	assert_int_equal(asked(LIST), 6);
	assert_true(world_feed()->marks.listed_ms == world_start_ms - MINUTE);
	assert_int_equal(world_stored(), 5);
	assert_int_equal(counter_sum(C_BLOBS_LISTED), 5);
}

static void
a_page_that_a_full_disk_refused_is_listed_again(void **state)
{
	(void)state;
	a_day_with_five_blobs();
	world_open();
	world_disk_full(1);
	world_source->ops->start(world_source);
	fake_turn();
	assert_int_equal(world.paused, 1);
	assert_int_equal(world_feed()->marks.listed_ms, 0);
	world_disk_full(0);
	world_room();
	fake_pass(MINUTE);
	assert_int_equal(world_stored(), 5);
}

/* What a NextPageUri may be, and what it may not. Refused: no request goes there, and the window is not done. */
static const struct {
	const char	*form;
	int		 followed;
} forms[] = {
	{ "https://manage.example/api/v1.0/" WORLD_GUID "/activity/feed/subscriptions/content?%s&nextPage=%u", 1 },
	{ "HTTPS://Manage.Example:443/api/v1/" WORLD_GUID "/activity/feed/subscriptions/content?%s&nextPage=%u", 1 },
	{ "https://manage.example/api/v1/" WORLD_GUID "/activity/feed/subscriptions/content?%s&publisheridentifier=x&nextPage=%u", 1 },
	{ "https://evil.example/api/v1/" WORLD_GUID "/activity/feed/subscriptions/content?%s&nextPage=%u", 0 },
	{ "https://manage.example.evil.example/api/v1/" WORLD_GUID "/activity/feed/subscriptions/content?%s&nextPage=%u", 0 },
	{ "https://manage.example:8443/api/v1/" WORLD_GUID "/activity/feed/subscriptions/content?%s&nextPage=%u", 0 },
	{ "http://manage.example/api/v1/" WORLD_GUID "/activity/feed/subscriptions/content?%s&nextPage=%u", 0 },
	{ "https://manage.example@evil.example/api/v1/" WORLD_GUID "/activity/feed/subscriptions/content?%s&nextPage=%u", 0 },
	{ "https://manage.example/api/v1/" WORLD_GUID "/activity/feed/../../../x?%s&nextPage=%u", 0 },
	{ "https://manage.example/api/v1/22222222-2222-3333-4444-555555555555/activity/feed/subscriptions/content?%s&nextPage=%u", 0 },
	{ "//evil.example/api/v1/" WORLD_GUID "/activity/feed/subscriptions/content?%s&nextPage=%u", 0 },
};

static void
a_page_uri_is_followed_to_the_tenants_own_address_and_nowhere_else(void **state)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (i > 0)
			assert_int_equal(world_set_up(state), 0);
		a_day_with_five_blobs();
		tenant_page = 3;
		tenant_next_form = forms[i].form;
		tenant_silent = 1 << BLOB;
		world_run();
		if (asked(LIST) != (forms[i].followed ? 2 : 1))
			fail_msg("%s: %u listings", forms[i].form, asked(LIST));
		assert_int_equal(world_feed()->state, forms[i].followed ? SOURCE_OK : SOURCE_TROUBLE);
		assert_int_equal(counter_get(C_REFUSED_URL, "next-page", NULL, NULL), !forms[i].followed);
		/* What the first page named is not lost for it. */
		assert_int_equal(world_left().blobs, forms[i].followed ? 5 : 3);
		assert_true((world_feed()->marks.listed_ms != 0) == forms[i].followed);
		for (size_t k = 0; k < fake_n_asks; k++)
			assert_null(strstr(fake_asks[k].url, "evil"));
		if (!forms[i].followed) {	/* when the server comes to its senses, everything is listed */
			tenant_next_form = forms[0].form;
			fake_pass(6000);
			assert_int_equal(world_left().blobs, 5);
			assert_int_not_equal(world_feed()->marks.listed_ms, 0);
		}
		if (i + 1 < sizeof(forms) / sizeof(forms[0]))
			assert_int_equal(world_tear_down(state), 0);
	}
}

static void
pages_that_go_in_a_circle_end_and_the_window_is_not_done(void **state)
{
	(void)state;
	a_day_with_five_blobs();
	tenant_page = 2;
	tenant_silent = 1 << BLOB;
	/* Whatever the number: always the second page. */
	tenant_next_form = "https://manage.example/api/v1/" WORLD_GUID "/activity/feed/subscriptions/content?%s&nextPage=2";
	world_run();
	assert_int_equal(asked(LIST), 2);
	assert_int_equal(world_feed()->state, SOURCE_TROUBLE);
	assert_non_null(strstr(world_feed()->why, "circle"));
	assert_int_equal(world_feed()->marks.listed_ms, 0);
}

static void
an_empty_page_with_a_header_is_followed(void **state)
{
	(void)state;
	a_day_with_five_blobs();
	tenant_replies(LIST, 1, (struct fake_reply){ .status = 200, .body = "[]", .next_page =
	    WORLD_API "subscriptions/content?contentType=Audit.Exchange&startTime=2026-11-23T20:00:00&endTime=2026-11-23T23:59:00&nextPage=0" });
	world_run();
	assert_int_equal(asked(LIST), 2);
	assert_int_equal(world_stored(), 5);
}

static void
a_page_token_that_is_refused_starts_the_window_over_and_not_for_ever(void **state)
{
	(void)state;
	a_day_with_five_blobs();
	tenant_page = 2;
	tenant_silent = 1 << BLOB;
	world_run();
	assert_int_equal(asked(LIST), 3);
	tenant_says(LIST, UINT_MAX, 400, "{\"error\":{\"code\":\"AF20031\",\"message\":\"x\"}}");
	wait_for_listings(4, 70000);
	assert_in_range(asked(LIST), 3 + 4, 3 + 8);		/* a short pause may have led to a second round of four */
	assert_int_equal((asked(LIST) - 3) % 4, 0);
	assert_int_equal(world_feed()->state, SOURCE_TROUBLE);
}

static void
an_entry_without_content_id_is_a_gap_and_the_others_are_listed(void **state)
{
	const char	*gap;

	(void)state;
	tenant_blob(world_start_ms - 60 * MINUTE, tenant_records(1), 0);
	tenant_says(LIST, UINT_MAX, 200, "[{\"contentCreated\":\"2026-11-23T22:30:00Z\"},{\"contentId\":\"blob$0\",\"contentUri\":\""
	    WORLD_API "audit/blob$0\",\"contentCreated\":\"2026-11-23T23:00:00Z\",\"contentExpiration\":\"2026-11-30T23:00:00Z\"}]");
	world_run();
	assert_int_equal(world_stored(), 1);
	fake_pass(5 * MINUTE);
	assert_true(asked(LIST) > 4);
	gap = strstr(world_gaps(), "\"from\":\"2026-11-23T22:30:00.000Z\",\"to\":\"2026-11-23T22:30:00.000Z\","
	    "\"reason\":\"listing-entry-unreadable\"");
	assert_non_null(gap);
	assert_null(strstr(gap, "\n{"));			/* one, however often it is listed */
	assert_int_not_equal(world_feed()->marks.listed_ms, 0);
}

/* ---- windows ------------------------------------------------------------------------------------------------------------------ */

static void
windows_settle_overlap_and_reach_far_back_every_quarter_of_an_hour(void **state)
{
	int64_t	 wide_ms = 0, listed_ms;
	unsigned n = 0, n_wide = 0;

	(void)state;
	world_opts.start_ms = 24 * WINDOW_HOUR;
	world_run();
	assert_int_equal(asked(LIST), 1);
	assert_true(window_from(last_ask(LIST)) == world_start_ms - 24 * WINDOW_HOUR);
	assert_true(window_to(last_ask(LIST)) == world_start_ms - MINUTE);
	for (int i = 0; i < 60; i++) {
		n = asked(LIST);
		listed_ms = world_feed()->marks.listed_ms;
		while (asked(LIST) == n)
			fake_pass(1000);
		assert_int_equal(asked(LIST), n + 1);		/* a quiet feed costs one request an interval */
		assert_true(window_to(last_ask(LIST)) == (fake_wall_ms - MINUTE) / 1000 * 1000 ||
		    window_to(last_ask(LIST)) == (fake_wall_ms - MINUTE) / 1000 * 1000 - 1000);
		if (window_from(last_ask(LIST)) == listed_ms - 120 * MINUTE) {
			assert_in_range(wide_ms == 0 ? 15 * MINUTE : fake_mono_ms - wide_ms, 15 * MINUTE, 17 * MINUTE);
			wide_ms = fake_mono_ms;
			n_wide++;
		} else {
			assert_true(window_from(last_ask(LIST)) == listed_ms - 10 * MINUTE);
		}
	}
	assert_in_range(n_wide, 3, 4);
	world_again();			/* at start, too */
	assert_true(window_from(last_ask(LIST)) <= world_feed()->marks.listed_ms - 119 * MINUTE);
}

/* After five hours; the first rounds are over. */
static void
run_with_a_second_look(void)
{
	world_opts.start_ms = 24 * WINDOW_HOUR;
	world_opts.rules.look_ms[0] = 5 * WINDOW_HOUR;
	world_opts.rules.n_looks = 1;
	world_run();
	fake_pass(10 * MINUTE);
}

static void
a_blob_that_appears_behind_the_listing_is_found_by_a_second_look(void **state)
{
	(void)state;
	run_with_a_second_look();
	tenant_blob(world_start_ms - 180 * MINUTE, tenant_records(1), 0);	/* the long overlap does not reach it */
	fake_pass(60 * MINUTE);
	assert_int_equal(world_stored(), 0);
	fake_pass(180 * MINUTE);
	assert_int_equal(world_stored(), 1);
	assert_in_range(world_mark("look:18000"), world_start_ms - 2 * WINDOW_HOUR - MINUTE, world_start_ms);
}

/* What a second look finds may fill pages as well, and its mark waits for the last of them. */
static void
a_second_look_reads_all_its_pages_before_its_mark_moves(void **state)
{
	const char	*sound = tenant_next_form;

	(void)state;
	run_with_a_second_look();
	tenant_page = 2;
	tenant_next_form = "https://evil.example/%s&nextPage=%u";	/* refused: the look does not come to its end */
	for (int i = 0; i < 5; i++)
		tenant_blob(world_start_ms - 180 * MINUTE + i * MINUTE, tenant_records(1), 0);
	fake_pass(250 * MINUTE);
	assert_int_equal(world_stored(), 2);
	assert_true(world_mark("look:18000") <= world_start_ms - 180 * MINUTE);
	tenant_next_form = sound;
	fake_pass(60 * MINUTE);
	assert_int_equal(world_stored(), 5);
	assert_true(world_mark("look:18000") > world_start_ms - 176 * MINUTE);
}

static void
a_long_absence_is_listed_in_windows_of_a_day_and_what_is_out_of_reach_is_a_gap(void **state)
{
	(void)state;
	world_run();
	world_close();
	fake_wall_ms += 9 * WINDOW_DAY;
	fake_mono_ms += 9 * WINDOW_DAY;
	world_run();
	assert_int_equal(asked(LIST), 1 + 7);
	for (size_t i = 3; i < fake_n_asks; i++)
		if (strstr(fake_asks[i].url, "startTime") != NULL)
			assert_true(window_to(&fake_asks[i]) - window_from(&fake_asks[i]) <= WINDOW_DAY &&
			    window_from(&fake_asks[i]) >= fake_wall_ms - 7 * WINDOW_DAY + 10 * MINUTE);
	assert_non_null(strstr(world_gaps(), "\"from\":\"2026-11-23T23:59:00.000Z\",\"to\":\"2026-11-26T00:10:00.000Z\","
	    "\"reason\":\"window-too-old\""));
	assert_int_equal(counter_sum(C_GAPS), 1);
}

static void
a_gap_before_a_window_that_has_no_end_is_recorded_once_when_it_has_one(void **state)
{
	const char	*sound = tenant_next_form, *one;

	(void)state;
	world_run();
	world_close();
	fake_wall_ms += 9 * WINDOW_DAY;
	fake_mono_ms += 9 * WINDOW_DAY;
	tenant_page = 1;
	for (int i = 0; i < 2; i++)
		tenant_blob(fake_wall_ms - 6 * WINDOW_DAY, tenant_records(1), 0);
	tenant_next_form = "https://elsewhere.example/%s&nextPage=%u";
	world_run();
	fake_pass(60 * MINUTE);
	assert_int_equal(world_feed()->state, SOURCE_TROUBLE);
	assert_string_equal(world_gaps(), "");
	tenant_next_form = sound;
	fake_pass(10 * MINUTE);
	assert_int_equal(world_feed()->state, SOURCE_OK);
	one = strstr(world_gaps(), "\"from\":\"2026-11-23T23:59:00.000Z\",\"to\":\"2026-11-26T01:");
	assert_non_null(one);
	assert_null(strstr(one, "\n{"));
	assert_int_equal(counter_sum(C_GAPS), 1);
	assert_int_equal(world_stored(), 2);
}

static void
a_window_that_the_api_calls_too_old_is_asked_an_hour_later_and_the_rest_is_a_gap(void **state)
{
	(void)state;
	world_run();
	world_close();
	fake_wall_ms += 3 * WINDOW_DAY;
	fake_mono_ms += 3 * WINDOW_DAY;
	tenant_says(LIST, 2, 400, "{\"error\":{\"code\":\"AF20030\",\"message\":\"x\"}}");
	world_run();
	assert_int_equal(world_feed()->state, SOURCE_OK);
	assert_non_null(strstr(world_gaps(), "\"from\":\"2026-11-23T23:59:00.000Z\",\"to\":\"2026-11-24"));
	assert_true(world_feed()->marks.listed_ms == fake_wall_ms - MINUTE);
}

static void
a_clock_that_jumps_ahead_lists_no_future_and_records_no_gap(void **state)
{
	(void)state;
	world_run();
	fake_wall_ms += 365 * WINDOW_DAY;
	tenant_lead_ms = -365 * WINDOW_DAY;
	fake_pass(5 * MINUTE);
	assert_in_range(asked(LIST), 5, 6);
	assert_true(world_feed()->marks.listed_ms < world_start_ms + 10 * MINUTE);
	assert_string_equal(world_gaps(), "");
}

/* ---- run --once, pauses, the disk ------------------------------------------------------------------------------------------------ */

static void
run_once_waits_until_the_moment_it_began_is_listed(void **state)
{
	(void)state;
	world.once_ms = world_start_ms;
	world_run();
	assert_int_equal(world_source->ops->caught_up(world_source, world_start_ms), 0);
	fake_pass(62000);
	assert_int_equal(world_source->ops->caught_up(world_source, world_start_ms), 1);
	assert_true(window_to(last_ask(LIST)) >= world_start_ms);
}

static void
nothing_is_listed_while_the_spool_is_full_and_nothing_is_missed_for_it(void **state)
{
	(void)state;
	world_run();
	world.paused = 1;
	fake_pass(60 * MINUTE);
	assert_int_equal(asked(LIST), 1);
	tenant_blob(world_start_ms + 10 * MINUTE, tenant_records(1), 0);
	assert_non_null(strstr(world_status(), "\"state\":\"paused\""));
	world_room();
	assert_int_equal(asked(LIST), 2);
	assert_int_equal(world_stored(), 1);
}

static void
a_redirect_is_not_followed_with_the_token(void **state)
{
	(void)state;
	tenant_says(LIST, UINT_MAX, 302, "");
	world_run();
	fake_pass(120000);
	for (size_t i = 0; i < fake_n_asks; i++)
		assert_true(strncmp(fake_asks[i].url, "https://manage.example/", 23) == 0 ||
		    strncmp(fake_asks[i].url, "https://login.example/", 22) == 0);
	assert_int_equal(world_feed()->marks.listed_ms, 0);
	assert_non_null(strstr(world_feed()->why, "HTTP 302"));
}

static void
a_stop_in_the_middle_of_a_listing_aborts_it(void **state)
{
	(void)state;
	tenant_silent = 1 << LIST;
	world_run();
	assert_int_equal(fake_in_flight(), 1);
	world_close();
	assert_int_equal(fake_cancelled, 1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
#define STORY(f) cmocka_unit_test_setup_teardown(f, world_set_up, world_tear_down)
		STORY(every_answer_has_one_outcome_and_no_mark_moves_for_it),
		STORY(a_page_header_without_publisher_is_asked_with_it_and_the_mark_waits_for_the_last_page),
		STORY(a_crash_between_two_pages_lists_the_window_again),
		STORY(a_page_that_a_full_disk_refused_is_listed_again),
		STORY(a_page_uri_is_followed_to_the_tenants_own_address_and_nowhere_else),
		STORY(pages_that_go_in_a_circle_end_and_the_window_is_not_done),
		STORY(an_empty_page_with_a_header_is_followed),
		STORY(a_page_token_that_is_refused_starts_the_window_over_and_not_for_ever),
		STORY(an_entry_without_content_id_is_a_gap_and_the_others_are_listed),
		STORY(windows_settle_overlap_and_reach_far_back_every_quarter_of_an_hour),
		STORY(a_blob_that_appears_behind_the_listing_is_found_by_a_second_look),
		STORY(a_second_look_reads_all_its_pages_before_its_mark_moves),
		STORY(a_long_absence_is_listed_in_windows_of_a_day_and_what_is_out_of_reach_is_a_gap),
		STORY(a_gap_before_a_window_that_has_no_end_is_recorded_once_when_it_has_one),
		STORY(a_window_that_the_api_calls_too_old_is_asked_an_hour_later_and_the_rest_is_a_gap),
		STORY(a_clock_that_jumps_ahead_lists_no_future_and_records_no_gap),
		STORY(run_once_waits_until_the_moment_it_began_is_listed),
		STORY(nothing_is_listed_while_the_spool_is_full_and_nothing_is_missed_for_it),
		STORY(a_redirect_is_not_followed_with_the_token),
		STORY(a_stop_in_the_middle_of_a_listing_aborts_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
