/* Graph's feeds: every row once, marks that never pass what is stored, and a service that does whatever it likes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/counters.h"
#include "graph_world.h"

#define SLOW	(15 * MINUTE)
#define ASK	"/auditLogs/"		/* the reporting requests */

/* n rows, one every step_ms, from from_ms on. */
static void
make_rows(unsigned n, int64_t from_ms, int64_t step_ms)
{
	for (unsigned i = 0; i < n; i++)
		gw_row(from_ms + i * step_ms, "");
}

static int64_t
missing(int64_t of)
{
	return of - world_stored();
}

/* ---- what an answer does ------------------------------------------------------------------------------------------------------ */

#define SAID(code) "{\"error\":{\"code\":\"" code "\",\"message\":\"said\"}}"

/* One request is answered so, the rest soundly: how the feed stands then, and after what time it asks again. */
static const struct {
	const char		*name;
	int			 status;
	const char		*body;
	enum http_fail		 fail;
	int64_t			 retry_after_ms;
	enum source_state	 state;
	int64_t			 least_ms, most_ms;
	const char		*why;			/* words of it */
} answers[] = {
	{ "429 with Retry-After", 429, SAID("TooManyRequests"), HTTP_OK, 7000, SOURCE_OK, 7000, 17100, "" },
	{ "429 without", 429, "", HTTP_OK, 0, SOURCE_OK, 1, 10000, "" },
	{ "401 to a new token", 401, "", HTTP_OK, 0, SOURCE_TROUBLE, 0, 10100, "a token that is new" },
	{ "no licence", 403, SAID("Authentication_RequestFromNonPremiumTenantOrB2CTenant"), HTTP_OK, 0, SOURCE_DENIED, SLOW, 17 * MINUTE,
	  "needs Entra ID P1 or P2" },
	{ "no permission", 403, SAID("Authentication_MSGraphPermissionMissing"), HTTP_OK, 0, SOURCE_DENIED, SLOW, 17 * MINUTE,
	  "grant AuditLog.Read.All" },
	{ "forbidden", 403, SAID("Forbidden"), HTTP_OK, 0, SOURCE_DENIED, SLOW, 17 * MINUTE, "permission AuditLog.Read.All" },
	{ "403 in HTML", 403, "<html>", HTTP_OK, 0, SOURCE_TROUBLE, 1, 5100, "HTTP 403" },
	{ "not there", 404, SAID("UnknownError"), HTTP_OK, 0, SOURCE_DENIED, SLOW, 17 * MINUTE, "not there in this cloud" },
	{ "internal", 500, SAID("UnknownError"), HTTP_OK, 0, SOURCE_TROUBLE, 1, 5100, "HTTP 500" },
	{ "busy", 503, "<html>", HTTP_OK, 9000, SOURCE_TROUBLE, 9000, 14100, "HTTP 503" },
	{ "a gateway's time-out", 504, "", HTTP_OK, 0, SOURCE_TROUBLE, 1, 5100, "HTTP 504" },
	{ "our time-out", 0, "", HTTP_TIMEOUT, 0, SOURCE_TROUBLE, 1, 5100, "timeout" },
	{ "reset", 0, "", HTTP_RESET, 0, SOURCE_TROUBLE, 1, 5100, "reset" },
	{ "cut", 200, "{\"value\":[{\"id\":", HTTP_CUT, 0, SOURCE_TROUBLE, 1, 5100, "cut" },
	{ "half a page", 200, "{\"value\":[{\"id\":", HTTP_OK, 0, SOURCE_TROUBLE, 1, 5100, "complete and cannot be read" },
	{ "200 and HTML", 200, "<html>log in</html>", HTTP_OK, 0, SOURCE_TROUBLE, 1, 5100, "no page" },
	{ "200 and nothing", 200, "", HTTP_OK, 0, SOURCE_TROUBLE, 1, 5100, "no page" },
	{ "200 and an error", 200, SAID("UnknownError"), HTTP_OK, 0, SOURCE_TROUBLE, 1, 5100, "an error in it" },
	{ "rows and an error", 200, "{\"value\":[],\"error\":{\"code\":\"UnknownError\"}}", HTTP_OK, 0, SOURCE_TROUBLE, 1, 5100, "beside the rows" },
	{ "a link that is no text", 200, "{\"value\":[],\"@odata.nextLink\":{}}", HTTP_OK, 0, SOURCE_TROUBLE, 1, 5100, "nextLink is no text" },
	{ "a link by another name", 200, "{\"value\":[],\"odata.nextLink\":7}", HTTP_OK, 0, SOURCE_TROUBLE, 1, 5100, "nextLink is no text" },
	{ "200 and an array", 200, "[]", HTTP_OK, 0, SOURCE_TROUBLE, 1, 5100, "no page" },
	{ "a redirect", 302, "", HTTP_OK, 0, SOURCE_TROUBLE, SLOW, SLOW, "HTTP 302" },
};

static void
each_answer_has_its_consequence_and_loses_nothing(void **state)
{
	char	 why[300];

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		int64_t	 then;

		if (i > 0)
			assert_int_equal(gw_tear_down(state) | gw_set_up(state), 0);
		make_rows(20, fake_wall_ms - HOUR, MINUTE);
		gw_replies(ASK, 1, (struct fake_reply){ .status = answers[i].status, .body = answers[i].body, .fail = answers[i].fail,
		    .retry_after_ms = answers[i].retry_after_ms });
		world_run();
		gw_until_asked(ASK, 1, 10000);
		fake_turn();
		if (world_source->ops->state(world_source, why, sizeof(why)) != answers[i].state || strstr(why, answers[i].why) == NULL)
			fail_msg("%s: state %d: %s", answers[i].name, (int)gw_feed(0)->state, why);
		then = gw_ask(ASK, 0)->at_ms;
		gw_until_asked(ASK, 2, HOUR);
		then = gw_ask(ASK, 1)->at_ms - then;
		if (then < answers[i].least_ms || then > answers[i].most_ms)
			fail_msg("%s: asked again after %lld ms", answers[i].name, (long long)then);
		fake_pass(2 * MINUTE);
		if (missing(20) != 0 || gw_feed(0)->state != SOURCE_OK)
			fail_msg("%s: %lld rows are missing", answers[i].name, (long long)missing(20));
		assert_string_equal(world_gaps(), "");
	}
}

static void
a_denied_feed_disturbs_no_other_and_says_what_to_grant(void **state)
{
	unsigned	 before;

	(void)state;
	gw_feeds[1] = "directory.audit";
	make_rows(20, fake_wall_ms - HOUR, MINUTE);
	gw_in("directory.audit");
	make_rows(30, fake_wall_ms - HOUR, MINUTE);
	gw_says("signIns", UINT_MAX, 403, SAID("Authentication_RequestFromNonPremiumTenantOrB2CTenant"));
	world_run();
	fake_pass(MINUTE);
	assert_int_equal(world_stored(), 30);
	assert_non_null(strstr(world_status(), "\"feed\":\"signin.interactive\",\"state\":\"denied\",\"why\":\"the tenant lacks the licence: "
	    "this feed needs Entra ID P1 or P2"));
	assert_non_null(strstr(world_status(), "\"feed\":\"directory.audit\",\"state\":\"ok\""));
	fake_pass(5 * HOUR);
	before = gw_asked("signIns");
	assert_true(before >= 5 && before <= 9);		/* 15, 30, 60, 60 minutes */
	assert_true(gw_asked("directoryAudits") > 50);
	assert_int_equal(gw_asked("/oauth2/"), 6);		/* renewed when it runs out and no more */
	gw_says_no_more();
	world_source->ops->kick(world_source);
	fake_pass(MINUTE);
	assert_int_equal(world_stored(), 50);
}

static void
a_token_that_is_always_refused_is_asked_for_slowly(void **state)
{
	(void)state;
	gw_feeds[1] = "directory.audit";
	gw_says("signIns", UINT_MAX, 401, SAID("InvalidAuthenticationToken"));
	world_run();
	fake_pass(HOUR);
	assert_int_equal(gw_feed(0)->state, SOURCE_DENIED);
	assert_int_equal(gw_feed(1)->state, SOURCE_OK);
	assert_true(gw_asked("/oauth2/") <= 6);
}

static void
throttling_stops_one_service_and_not_the_other(void **state)
{
	(void)state;
	gw_feeds[1] = "risk.user";
	gw_feeds[2] = "directory.audit";
	gw_replies("signIns", 1, (struct fake_reply){ .status = 429, .body = "", .retry_after_ms = 60000 });
	world_run();
	fake_pass(50000);
	assert_true(gw_asked(ASK) <= 3);
	assert_true(gw_asked("riskDetections") >= 1);
	fake_pass(20000);
	assert_true(gw_asked(ASK) > 3);
}

/* ---- pages and marks ------------------------------------------------------------------------------------------------------------ */

static void
every_row_comes_once_over_pages_ties_and_restarts(void **state)
{
	(void)state;
	gw_page = 7;
	make_rows(100, fake_wall_ms - 3 * HOUR, 30 * SECOND);
	make_rows(50, fake_wall_ms - 2 * HOUR, 0);		/* all of one moment */
	gw_empty_pages = 2;
	world_run();
	fake_pass(5 * MINUTE);
	assert_int_equal(missing(150), 0);
	for (int i = 0; i < 4; i++) {				/* restarts share the budget with what was before them */
		world_again();
		fake_pass(3 * SECOND);
	}
	assert_true(gw_most_in(ASK, 10500) <= 5);
	fake_pass(5 * MINUTE);
	assert_int_equal(missing(150), 0);
	assert_int_equal(counter_sum(C_REVISIONS), 0);
}

static void
a_mark_moves_to_the_end_of_its_window_and_never_to_the_newest_row(void **state)
{
	int64_t	 start = fake_wall_ms;

	(void)state;
	make_rows(10, start - HOUR, MINUTE);
	gw_row(start + DAY, "");				/* dated in the future, and shown by a filter that is ignored */
	gw_ignores_filter = 1;
	world_run();
	fake_pass(20000);
	assert_int_equal(missing(11), 0);
	assert_int_equal(gw_mark(0, "listed"), start - 5000);
	assert_int_equal(gw_mark(0, "first"), start - 4 * HOUR);
}

static void
a_mark_never_passes_a_window_that_was_not_read_to_its_end(void **state)
{
	(void)state;
	gw_page = 10;
	make_rows(30, fake_wall_ms - HOUR, MINUTE);
	gw_says("skiptoken=20", UINT_MAX, 500, "");
	world_run();
	fake_pass(10 * MINUTE);
	assert_int_equal(missing(30), 10);
	assert_int_equal(gw_mark(0, "listed"), 0);
	gw_says_no_more();
	fake_pass(10 * MINUTE);
	assert_int_equal(missing(30), 0);
	assert_true(gw_mark(0, "listed") > 0);
}

static void
a_clock_that_is_off_is_said_and_loses_nothing(void **state)
{
	static const struct {
		int64_t		 lead_ms;
		const char	*said;
	} clocks[] = { { -40 * MINUTE, "2400 s ahead of Microsoft's" }, { 40 * MINUTE, "2400 s behind Microsoft's" } };

	for (int i = 0; i < 2; i++) {
		int64_t	 there;

		if (i > 0)
			assert_int_equal(gw_tear_down(state) | gw_set_up(state), 0);
		gw_lead_ms = tenant_lead_ms = clocks[i].lead_ms;
		there = fake_wall_ms + gw_lead_ms;
		for (int k = 0; k < 120; k++)			/* an hour behind and an hour ahead, by the service's clock */
			gw_appears(gw_row(there - HOUR + k * MINUTE, ""), fake_wall_ms - HOUR + k * MINUTE);
		world_run();
		fake_pass(20 * MINUTE);
		assert_non_null(strstr(world_status(), clocks[i].said));
		assert_true(gw_mark(0, "listed") <= fake_wall_ms && gw_feed(0)->marks.listed_ms <= fake_wall_ms + gw_lead_ms);
		fake_pass(3 * HOUR);
		assert_int_equal(missing(120), 0);
		assert_string_equal(world_gaps(), "");
	}
}

static void
a_late_row_is_found_by_the_overlap_and_by_the_looks(void **state)
{
	int64_t	 now = fake_wall_ms;

	(void)state;
	world_run();
	fake_pass(10 * MINUTE);
	gw_appears(gw_row(fake_wall_ms - 2 * MINUTE, ""), 0);
	fake_pass(6 * MINUTE);
	assert_int_equal(world_stored(), 1);
	gw_row(fake_wall_ms - 100 * MINUTE, "");
	fake_pass(21 * MINUTE);
	assert_int_equal(world_stored(), 2);			/* two hours are read again every 15 minutes */
	gw_appears(gw_row(now + 25 * MINUTE, ""), now + 20 * HOUR);
	fake_pass(23 * HOUR);
	assert_int_equal(world_stored(), 2);
	fake_pass(3 * HOUR);
	assert_int_equal(world_stored(), 3);			/* a day behind */
	gw_row(now + 30 * MINUTE, "");
	fake_pass(40 * HOUR);
	assert_int_equal(world_stored(), 3);
	fake_pass(8 * HOUR);
	assert_int_equal(world_stored(), 4);			/* three days behind */
}

static void
a_changed_row_is_a_revision_and_a_twin_is_a_row(void **state)
{
	unsigned	 row;

	(void)state;
	row = gw_row(fake_wall_ms - 10 * MINUTE, ",\"riskState\":\"none\",\"x\":null");
	gw_row(fake_wall_ms - 10 * MINUTE, ",\"riskState\":\"none\"");
	world_run();
	fake_pass(20000);
	assert_int_equal(world_stored(), 2);
	gw_changes(row, ",\"riskState\":\"atRisk\"");
	fake_pass(20 * MINUTE);
	assert_int_equal(world_stored(), 3);
	assert_int_equal(counter_sum(C_REVISIONS), 1);
	gw_changes(row, ",\"y\":{},\"riskState\":\"atRisk\"");	/* says the same */
	fake_pass(20 * MINUTE);
	assert_int_equal(world_stored(), 3);
}

static void
sign_ins_without_the_policies_that_applied_are_counted(void **state)
{
	(void)state;
	gw_row(fake_wall_ms - 10 * MINUTE, ",\"appliedConditionalAccessPolicies\":[]");
	world_run();
	fake_pass(20000);
	assert_int_equal(world_stored(), 1);
	assert_int_equal(counter_get(C_BARE, "contoso", "signin.interactive", ""), 0);
	gw_row(fake_wall_ms - MINUTE, "");
	fake_pass(5 * MINUTE);
	assert_int_equal(world_stored(), 2);
	assert_true(counter_get(C_BARE, "contoso", "signin.interactive", "") > 0);
}

static void
alerts_go_by_their_last_update_and_their_versions_meet(void **state)
{
	(void)state;
	gw_feeds[0] = "alerts";
	gw_in("alerts");
	gw_page = 3;
	make_rows(10, fake_wall_ms - HOUR, MINUTE);
	world_run();
	fake_pass(30 * MINUTE);
	assert_int_equal(world_stored(), 10);
	assert_int_equal(gw_feed(0)->state, SOURCE_OK);
	assert_true(gw_asked("lastUpdateDateTime%20ge%20") > 2);
}

static void
a_full_spool_holds_the_page_until_there_is_room(void **state)
{
	(void)state;
	world_store_opts.spool_max = 1 << 20;
	for (int i = 0; i < 30; i++) {
		static char	 more[120000];

		snprintf(more, sizeof(more), ",\"pad\":\"%0100000d\"", i);
		gw_row(fake_wall_ms - HOUR + i * MINUTE, more);
	}
	gw_page = 5;
	world_run();
	for (int i = 0; i < 40 && missing(30) > 0; i++) {
		fake_pass(30 * SECOND);
		if (world.paused) {
			world_deliver();
			world_room();
		}
	}
	assert_int_equal(missing(30), 0);
	assert_true(world_full > 0);
}

/* A page of several puts, of which the store takes the first. */
static void
a_mark_goes_with_the_last_put_of_its_page_and_not_with_an_earlier_one(void **state)
{
	static char	 more[110000];

	(void)state;
	world_store_opts.spool_max = 1000;
	for (int i = 0; i < 25; i++) {
		snprintf(more, sizeof(more), ",\"pad\":\"%0100000d\"", i);
		gw_row(fake_wall_ms - 3 * HOUR + i * SECOND, more);
	}
	world_run();
	fake_pass(20 * SECOND);
	assert_int_equal(world.paused, 1);
	assert_in_range(missing(25), 10, 20);
	world_store_opts.spool_max = 0;
	assert_int_equal(gw_mark(0, "listed"), 0);
	fake_pass(MINUTE);
	assert_int_equal(missing(25), 0);
	assert_true(gw_mark(0, "listed") > 0);
}

static void
a_large_page_enters_piece_by_piece_and_once(void **state)
{
	static char	 more[110000];
	struct fake_reply cut = { .status = 200, .fail = HTTP_CUT };
	struct buf	 body = { 0 };

	(void)state;
	buf_adds(&body, "{\"value\":[");
	for (int i = 0; i < 100; i++) {
		snprintf(more, sizeof(more), ",\"pad\":\"%0100000d\"", i);
		gw_row(fake_wall_ms - HOUR + i * SECOND, more);
		buf_addf(&body, "{\"id\":\"cut-%d\",\"createdDateTime\":\"2026-11-23T23:00:00Z\"%s},", i, more);
	}
	cut.body = body.bytes;
	gw_replies(ASK, 1, cut);
	world_run();
	fake_pass(5 * MINUTE);
	/* Of the page that was cut, what lay behind the first 4 MiB did not wait for its end; nothing came twice. */
	assert_true(world_stored() >= 100 + 40 && world_stored() <= 200);
	assert_int_equal(gw_feed(0)->state, SOURCE_OK);
	world_again();
	fake_pass(5 * MINUTE);
	assert_true(world_stored() <= 200);
	buf_clear(&body);
}

/* Or a quiet feed would read all of it again after each restart, and one day from beyond the service's history. */
static void
a_mark_moves_over_windows_without_rows_too(void **state)
{
	(void)state;
	world_run();
	fake_pass(10 * MINUTE);
	assert_in_range(gw_mark(0, "listed"), fake_wall_ms - 30 * MINUTE, fake_wall_ms);
}

/* More than a worker takes at once must wait in the network, not in memory. */
static void
a_worker_that_is_busy_pauses_the_transfer(void **state)
{
	static char	 more[110000];

	(void)state;
	for (int i = 0; i < 10; i++) {
		snprintf(more, sizeof(more), ",\"pad\":\"%0100000d\"", i);
		gw_row(fake_wall_ms - HOUR + i * SECOND, more);
	}
	fake_work_stuck = 1;
	world_run();
	fake_pass(SECOND);
	assert_int_equal(fake_paused, 1);
	assert_int_equal(world_stored(), 0);
	fake_work_stuck = 0;
	fake_pass(10 * SECOND);
	assert_int_equal(missing(10), 0);
}

/* Whole rows in front of a break are of a page that nobody has seen the end of. */
static void
nothing_of_a_small_page_that_was_cut_is_stored(void **state)
{
	static const char	 row[] = "{\"value\":[{\"id\":\"cut\",\"createdDateTime\":\"2026-11-23T23:00:00Z\"},";

	(void)state;
	gw_replies(ASK, 3, (struct fake_reply){ .status = 200, .body = row, .fail = HTTP_CUT });
	gw_replies(ASK, 3, (struct fake_reply){ .status = 200, .body = row });
	world_run();
	fake_pass(5 * MINUTE);
	assert_true(gw_asked(ASK) > 6);
	assert_int_equal(world_stored(), 0);
	assert_int_equal(gw_feed(0)->state, SOURCE_OK);
}

/* Large pages of two feeds in front of a full store: each stops gathering, and the second waits for the first. */
static void
what_waits_for_a_full_store_is_bounded(void **state)
{
	static char	 more[110000];

	(void)state;
	gw_feeds[1] = "directory.audit";
	world_store_opts.spool_max = 1000;
	world.held_max = 1 << 20;
	for (int i = 0; i < 160; i++) {
		gw_in(gw_feeds[i % 2]);
		snprintf(more, sizeof(more), ",\"pad\":\"%0100000d\"", i);
		gw_row(fake_wall_ms - HOUR + i * SECOND, more);
	}
	world_run();
	fake_pass(10 * SECOND);
	assert_int_equal(world.paused, 1);
	assert_in_range(world.held, 1 << 20, 7 << 20);
	for (int i = 0; i < 60 && missing(160) > 0; i++) {
		world_deliver();
		world_room();
		fake_pass(10 * SECOND);
	}
	assert_int_equal(missing(160), 0);
}

/* ---- how often ------------------------------------------------------------------------------------------------------------------- */

static void
polls_every_minute_while_rows_come_and_every_five_when_it_is_quiet(void **state)
{
	unsigned	 before;

	(void)state;
	world_run();
	fake_pass(HOUR);
	before = gw_asked(ASK);
	fake_pass(HOUR);
	assert_true(gw_asked(ASK) - before <= 15 && gw_asked(ASK) - before >= 10);	/* pauses are up to a tenth longer */
	for (int i = 0; i < 60; i++) {
		gw_row(fake_wall_ms, "");
		if (i == 10)
			before = gw_asked(ASK);
		fake_pass(MINUTE);
	}
	assert_true(gw_asked(ASK) - before >= 43);
	assert_int_equal(world_stored() >= 57, 1);
}

static void
a_quiet_tenant_with_six_feeds_uses_under_a_tenth_of_the_budget(void **state)
{
	static const char	*const feeds[] = { "signin.interactive", "signin.noninteractive", "signin.serviceprincipal",
	    "signin.managedidentity", "directory.audit", "directory.provisioning" };
	unsigned		 before, used;

	(void)state;
	memcpy(gw_feeds, feeds, sizeof(feeds));
	world_run();
	fake_pass(HOUR);
	before = gw_asked(ASK);
	fake_pass(DAY);
	used = gw_asked(ASK) - before;
	print_message("a quiet day of six feeds: %u requests, %.1f %% of the budget\n", used, 100.0 * used / (86400 / 10.5 * 5));
	assert_true(used < 86400 / 10.5 * 5 / 10);
	assert_true(gw_most_in(ASK, 10500) <= 5);
}

static void
a_flood_of_one_feed_starves_no_other_and_the_budget_is_kept(void **state)
{
	static const char	*const feeds[] = { "signin.noninteractive", "signin.serviceprincipal", "directory.audit" };
	double			 seconds;
	unsigned		 asked_all;

	(void)state;
	memcpy(gw_feeds, feeds, sizeof(feeds));
	gw_page = 10;
	gw_in("signin.noninteractive");
	make_rows(5000, fake_wall_ms - 3 * HOUR, 2 * SECOND);
	gw_in("signin.serviceprincipal");
	make_rows(100, fake_wall_ms - 3 * HOUR, MINUTE);
	gw_in("directory.audit");
	make_rows(50, fake_wall_ms - 3 * HOUR, MINUTE);
	world_run();
	fake_pass(2 * MINUTE);
	assert_int_equal(counter_get(C_STORED, "contoso", "signin.serviceprincipal", ""), 100);
	assert_int_equal(counter_get(C_STORED, "contoso", "directory.audit", ""), 50);
	assert_true(missing(5150) > 4000);
	asked_all = gw_asked(ASK);
	for (seconds = 0; missing(5150) > 1000 && seconds < 7200; seconds += 10)
		fake_pass(10 * SECOND);
	asked_all = gw_asked(ASK) - asked_all;
	print_message("while behind: %u requests in %.0f s, %.1f %% of the budget, at most %u in 10.5 s\n", asked_all, seconds,
	    100.0 * asked_all / (seconds / 10.5 * 5), gw_most_in(ASK, 10500));
	assert_true(gw_most_in(ASK, 10500) <= 5);
	assert_true(asked_all >= 0.9 * seconds / 10.5 * 5);
	fake_pass(HOUR);
	assert_int_equal(missing(5150), 0);
}

/* ---- the service's edges ---------------------------------------------------------------------------------------------------------- */

static void
the_history_limit_is_found_and_is_a_gap_with_its_bounds(void **state)
{
	int64_t	 start = fake_wall_ms;
	char	 want[300];
	unsigned asked_first;

	(void)state;
	gw_opts.start_ms = 30 * DAY;
	gw_history_ms = 7 * DAY;
	make_rows(40, start - 6 * DAY, 3 * HOUR);
	world_run();
	fake_pass(2 * MINUTE);
	assert_int_equal(missing(40), 0);
	assert_int_equal(gw_feed(0)->state, SOURCE_OK);
	asked_first = gw_asked(ASK);
	assert_true(asked_first - 8 < 20);			/* seven windows of a day and the end are no search */
	snprintf(want, sizeof(want), "\"from\":\"2026-10-25T00:00:00.000Z\",\"to\":\"2026-11-17T00:01:");
	assert_non_null(strstr(world_gaps(), want));
	assert_non_null(strstr(world_gaps(), "\"reason\":\"history-limit\",\"detail\":\"the service does not keep more: it answers from 2026-11-17T00:01:"));
	assert_null(strstr(strchr(world_gaps(), '\n') + 1, "history-limit"));
	world_again();						/* a restart does not search again */
	fake_pass(MINUTE);
	assert_true(gw_asked(ASK) - asked_first <= 4);
	assert_int_equal(missing(40), 0);
}

static void
a_limit_that_nobody_told_us_is_found_too(void **state)
{
	(void)state;
	gw_opts.start_ms = 30 * DAY;
	gw_history_ms = 3 * DAY + 17 * MINUTE;
	make_rows(40, fake_wall_ms - 2 * DAY, HOUR);
	world_run();
	fake_pass(5 * MINUTE);
	assert_int_equal(missing(40), 0);
	assert_true(gw_asked(ASK) < 20 + 5);
	assert_non_null(strstr(world_gaps(), "\"to\":\"2026-11-20T23:4"));
}

static void
a_query_that_is_always_refused_is_a_fault_and_no_gap(void **state)
{
	unsigned	 before;

	(void)state;
	gw_says(ASK, UINT_MAX, 400, "{\"error\":{\"code\":\"BadRequest\",\"message\":\"Invalid filter clause\"}}");
	world_run();
	fake_pass(5 * MINUTE);
	assert_non_null(strstr(world_status(), "refuses the query even for the last minute"));
	assert_string_equal(world_gaps(), "");
	before = gw_asked(ASK);
	assert_true(before < 20);
	fake_pass(HOUR);
	assert_true(gw_asked(ASK) - before <= 4 * 4);
	assert_int_equal(gw_mark(0, "listed"), 0);
}

static unsigned
asked_for_second(const char *second)
{
	return gw_asked(second);
}

static void
a_second_that_is_broken_for_ever_is_a_gap_and_the_rest_arrives(void **state)
{
	int64_t	 start = fake_wall_ms;
	unsigned broken;

	(void)state;
	gw_page = 50;
	make_rows(200, start - 3 * HOUR, 30 * SECOND);		/* 21:00:00 on */
	gw_broken_s = (start - 2 * HOUR) / 1000;		/* 22:00:00 */
	world_run();
	fake_pass(10 * MINUTE);
	assert_int_equal(missing(200), 1);
	assert_non_null(strstr(world_gaps(), "\"from\":\"2026-11-23T22:00:00.000Z\",\"to\":\"2026-11-23T22:00:01.000Z\",\"reason\":\"page-unreadable\""));
	assert_int_equal(counter_get(C_GAPS, "contoso", "signin.interactive", "page-unreadable"), 1);
	broken = (unsigned)counter_sum(C_PAGES_BROKEN);
	assert_true(broken < 30);
	fake_pass(4 * DAY);					/* overlaps keep away from it, looks try it once each */
	assert_true(counter_sum(C_PAGES_BROKEN) - broken <= 4);
	assert_int_equal(counter_get(C_GAPS, "contoso", "signin.interactive", "page-unreadable"), 1);
	assert_int_equal(gw_feed(0)->state, SOURCE_OK);
	assert_true(asked_for_second("22:00:00.9999999Z") < 10);
}

/* Each broken answer halves the window; what is sound afterwards must widen it again, or a feed crawls for ever. */
static void
pages_that_were_broken_for_a_while_leave_no_narrow_windows(void **state)
{
	unsigned	 asked;

	(void)state;
	make_rows(200, fake_wall_ms - 3 * HOUR, 30 * SECOND);
	gw_says(ASK, 12, 200, "{\"value\":[{\"id\":\"x\"]}");
	world_run();
	fake_pass(2 * HOUR);
	assert_int_equal(missing(200), 0);
	assert_string_equal(world_gaps(), "");
	assert_true(gw_feed(0)->work.span_ms >= HOUR);
	asked = gw_asked(ASK);
	fake_pass(HOUR);
	assert_true(gw_asked(ASK) - asked < 40);
}

static void
an_outage_that_looks_like_broken_pages_makes_no_gaps(void **state)
{
	(void)state;
	make_rows(20, fake_wall_ms - HOUR, MINUTE);
	gw_says(ASK, UINT_MAX, 200, "<html>maintenance</html>");
	world_run();
	fake_pass(2 * HOUR);
	assert_string_equal(world_gaps(), "");
	/* Pauses end at 300 s less a quarter: 32 in two hours, and before them the ramp and the halving of a day to a second. */
	assert_true(gw_asked(ASK) < 32 + 7 + 17 + 17);
	gw_says_no_more();
	fake_pass(10 * MINUTE);
	assert_int_equal(missing(20), 0);
}

static void
no_token_goes_to_another_host(void **state)
{
	static const char	*const links[] = { "https://evil.example/beta/auditLogs/signIns?$top=1000&$skiptoken=1.1.0",
	    "http://graph.example/beta/auditLogs/signIns", "https://graph.example:444/beta/auditLogs/signIns",
	    "https://graph.example@evil.example/beta/auditLogs/signIns", "https://graph.example/v1.0/users",
	    "https://graph.example/beta/auditLogs/../users", "/beta/auditLogs/signIns?$skiptoken=1", "//evil.example/" };

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (i > 0)
			assert_int_equal(gw_tear_down(state) | gw_set_up(state), 0);
		gw_link = links[i];
		gw_page = 5;
		make_rows(20, fake_wall_ms - HOUR, MINUTE);
		world_run();
		fake_pass(20000);
		assert_int_equal(gw_asked("evil"), 0);
		assert_int_equal(gw_asked("/users"), 0);
		assert_int_equal(gw_asked(":444"), 0);
		assert_int_equal(world_stored(), 5);		/* what is on the page stays */
		assert_true(counter_sum(C_REFUSED_URL) > 0);
		assert_non_null(strstr(world_status(), "nextLink refused"));
		gw_link = NULL;
		fake_pass(10 * MINUTE);
		assert_int_equal(missing(20), 0);
	}
}

static void
circles_and_endless_pages_end(void **state)
{
	(void)state;
	gw_page = 5;
	gw_link = "https://graph.example/beta/auditLogs/signIns?$filter=createdDateTime%20ge%202026-11-20T00:00:00Z%20and%20createdDateTime"
	    "%20le%202026-11-25T00:00:00Z%20and%20x%20%27interactiveUser%27&$top=1000&$skiptoken=0.0.0";
	make_rows(20, fake_wall_ms - HOUR, MINUTE);
	world_run();
	fake_pass(MINUTE);
	assert_true(gw_asked(ASK) < 40);
	assert_int_equal(gw_feed(0)->state, SOURCE_TROUBLE);
	gw_link = NULL;
	fake_pass(10 * MINUTE);
	assert_int_equal(missing(20), 0);
	gw_empty_pages = UINT_MAX;
	fake_pass(HOUR);
	assert_non_null(strstr(world_status(), "the pages have no end"));
	gw_empty_pages = 0;
	fake_pass(10 * MINUTE);
	assert_int_equal(gw_feed(0)->state, SOURCE_OK);
}

static void
a_refused_page_token_starts_the_window_over(void **state)
{
	(void)state;
	gw_page = 5;
	make_rows(20, fake_wall_ms - HOUR, MINUTE);
	gw_says("skiptoken=10", 1, 400, SAID("BadRequest"));
	gw_says("skiptoken=15", 1, 410, "");
	world_run();
	fake_pass(MINUTE);
	assert_int_equal(missing(20), 0);
	assert_int_equal(gw_feed(0)->state, SOURCE_OK);
	assert_int_equal(gw_feed(0)->search.on, 0);
	assert_string_equal(world_gaps(), "");
}

/* Whatever stands behind a first page cannot be had: windows become so narrow that they have no second one. */
static void
where_no_second_page_can_be_read_the_first_ones_are_enough(void **state)
{
	for (int i = 0; i < 2; i++) {
		if (i > 0)
			assert_int_equal(gw_tear_down(state) | gw_set_up(state), 0);
		gw_page = 5;
		make_rows(40, fake_wall_ms - 2 * HOUR, 3 * MINUTE);
		if (i == 0)
			gw_says("skiptoken", UINT_MAX, 400, SAID("BadRequest"));
		else
			gw_link = "https://graph.example/beta/auditLogs/signIns?$filter=createdDateTime%20ge%202026-11-20T00:00:00Z%20and%20"
			    "createdDateTime%20le%202026-11-25T00:00:00Z%20and%20x%20%27interactiveUser%27&$top=1000&$skiptoken=0.0.0";
		world_run();
		fake_pass(HOUR);
		assert_int_equal(missing(40), 0);
		assert_string_equal(world_gaps(), "");
		assert_true(gw_asked(ASK) < 400);
	}
}

static void
a_chain_that_ends_early_is_noticed(void **state)
{
	(void)state;
	gw_page = 10;
	gw_ends_early = 3;
	make_rows(200, fake_wall_ms - 200 * MINUTE, MINUTE);
	world_run();
	fake_pass(2 * MINUTE);
	assert_int_equal(missing(200), 0);
}

static void
a_filter_that_is_ignored_neither_loops_nor_floods(void **state)
{
	unsigned	 before;

	gw_page = 10;
	gw_ignores_filter = 1;
	gw_newest_first = 1;
	make_rows(3000, fake_wall_ms - 3000 * 9 * MINUTE, 9 * MINUTE);
	world_run();
	fake_pass(10 * MINUTE);
	before = gw_asked(ASK);
	assert_true(before < 60);
	assert_true(world_stored() < 200);
	assert_true(world_stored() >= 4 * 60 / 9);
	fake_pass(HOUR);
	assert_true(gw_asked(ASK) - before < 160);
	assert_true(gw_mark(0, "listed") > world_start_ms);

	/* The type of sign-ins: what comes belongs to another feed. */
	assert_int_equal(gw_tear_down(state) | gw_set_up(state), 0);
	for (int i = 0; i < 20; i++)
		gw_row(fake_wall_ms - HOUR + i * MINUTE, ",\"signInEventTypes\":[\"servicePrincipal\"]");
	world_run();
	fake_pass(10 * MINUTE);
	assert_int_equal(world_stored(), 0);
	assert_non_null(strstr(world_status(), "another type than the one that was asked for"));
	assert_int_equal(gw_mark(0, "listed"), 0);
}

static void
windows_that_are_too_wide_become_narrower(void **state)
{
	(void)state;
	gw_widest_ms = 20 * MINUTE;
	make_rows(200, fake_wall_ms - 200 * MINUTE, MINUTE);
	world_run();
	fake_pass(10 * MINUTE);
	assert_int_equal(missing(200), 0);
	assert_int_equal(gw_feed(0)->state, SOURCE_OK);
}

static void
what_goes_wrong_now_and_then_does_not_make_windows_small_for_ever(void **state)
{
	for (int i = 0; i < 2; i++) {
		if (i > 0)
			assert_int_equal(gw_tear_down(state) | gw_set_up(state), 0);
		gw_page = 50;
		gw_opts.start_ms = 3 * DAY;
		make_rows(2000, fake_wall_ms - 3 * DAY, 2 * MINUTE);
		*(i == 0 ? &gw_cut_every : &gw_504_every) = 5;
		world_run();
		for (int k = 0; k < 90 && missing(2000) > 0; k++)
			fake_pass(10 * SECOND);
		assert_int_equal(missing(2000), 0);
		fake_pass(HOUR);
		assert_true(gw_asked(ASK) < 400);
		assert_string_equal(world_gaps(), "");
	}
}

static void
a_busy_first_window_is_cut_by_its_first_page(void **state)
{
	(void)state;
	gw_page = 100;
	make_rows(14000, fake_wall_ms - 4 * HOUR, SECOND);
	world_run();
	for (int i = 0; i < 60 && missing(14000) > 0; i++)
		fake_pass(10 * SECOND);
	assert_int_equal(missing(14000), 0);
	/* 140 pages of rows, and not many more. */
	assert_true(gw_asked(ASK) < 160);
}

static void
odd_rows_pass(void **state)
{
	(void)state;
	gw_row(fake_wall_ms - HOUR, ",\"id\":\"SSGM_not-a-guid\",\"riskState\":\"a member nobody knows\"");
	gw_row(fake_wall_ms - HOUR, ",\"id\":null");
	gw_row(fake_wall_ms - HOUR, ",\"id\":\"\"");
	gw_row(fake_wall_ms - HOUR, ",\"signInEventTypes\":null,\"createdDateTime\":\"no time\"");
	gw_row(fake_wall_ms - HOUR, ",\"signInEventTypes\":[]");
	gw_row(fake_wall_ms - HOUR, ",\"signInEventTypes\":[\"unknownFutureValue\"]");
	gw_row(fake_wall_ms - HOUR, ",\"signInEventTypes\":[\"nonInteractiveUser\"]");	/* that feed asks for it */
	world_run();
	fake_pass(10 * MINUTE);
	assert_int_equal(missing(6), 0);
	fake_pass(HOUR);
	assert_int_equal(missing(6), 0);
}

static void
every_request_is_as_it_must_be(void **state)
{
	const struct fake_ask	*a;

	(void)state;
	world_run();
	fake_pass(20000);
	a = gw_ask(ASK, 0);
	assert_string_equal(a->method, "GET");
	assert_non_null(strstr(a->headers, "Authorization: Bearer token-1\n"));
	assert_non_null(strstr(a->headers, "Prefer: include-unknown-enum-members\n"));
	assert_non_null(strstr(a->headers, "client-request-id: "));
	assert_non_null(strstr(a->headers, "Accept-Encoding: gzip\n"));
	assert_int_equal(a->deny_loopback, 1);
	assert_non_null(strstr(gw_ask("/oauth2/", 0)->body, "scope=https%3A%2F%2Fgraph.example%2F.default"));
}

#define story(f) cmocka_unit_test_setup_teardown(f, gw_set_up, gw_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		story(every_request_is_as_it_must_be),
		story(each_answer_has_its_consequence_and_loses_nothing),
		story(a_denied_feed_disturbs_no_other_and_says_what_to_grant),
		story(a_token_that_is_always_refused_is_asked_for_slowly),
		story(throttling_stops_one_service_and_not_the_other),
		story(every_row_comes_once_over_pages_ties_and_restarts),
		story(a_mark_moves_to_the_end_of_its_window_and_never_to_the_newest_row),
		story(a_mark_never_passes_a_window_that_was_not_read_to_its_end),
		story(a_clock_that_is_off_is_said_and_loses_nothing),
		story(a_late_row_is_found_by_the_overlap_and_by_the_looks),
		story(a_changed_row_is_a_revision_and_a_twin_is_a_row),
		story(sign_ins_without_the_policies_that_applied_are_counted),
		story(alerts_go_by_their_last_update_and_their_versions_meet),
		story(a_full_spool_holds_the_page_until_there_is_room),
		story(a_mark_goes_with_the_last_put_of_its_page_and_not_with_an_earlier_one),
		story(a_large_page_enters_piece_by_piece_and_once),
		story(a_mark_moves_over_windows_without_rows_too),
		story(a_worker_that_is_busy_pauses_the_transfer),
		story(nothing_of_a_small_page_that_was_cut_is_stored),
		story(what_waits_for_a_full_store_is_bounded),
		story(polls_every_minute_while_rows_come_and_every_five_when_it_is_quiet),
		story(a_quiet_tenant_with_six_feeds_uses_under_a_tenth_of_the_budget),
		story(a_flood_of_one_feed_starves_no_other_and_the_budget_is_kept),
		story(the_history_limit_is_found_and_is_a_gap_with_its_bounds),
		story(a_limit_that_nobody_told_us_is_found_too),
		story(a_query_that_is_always_refused_is_a_fault_and_no_gap),
		story(a_second_that_is_broken_for_ever_is_a_gap_and_the_rest_arrives),
		story(pages_that_were_broken_for_a_while_leave_no_narrow_windows),
		story(an_outage_that_looks_like_broken_pages_makes_no_gaps),
		story(no_token_goes_to_another_host),
		story(circles_and_endless_pages_end),
		story(a_refused_page_token_starts_the_window_over),
		story(where_no_second_page_can_be_read_the_first_ones_are_enough),
		story(a_chain_that_ends_early_is_noticed),
		story(a_filter_that_is_ignored_neither_loops_nor_floods),
		story(windows_that_are_too_wide_become_narrower),
		story(what_goes_wrong_now_and_then_does_not_make_windows_small_for_ever),
		story(a_busy_first_window_is_cut_by_its_first_page),
		story(odd_rows_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
