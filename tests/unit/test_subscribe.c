/* Subscriptions: what is absent or disabled is started, seldom enough, and what was missed meanwhile is a gap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <string.h>

#include "base/counters.h"
#include "collect_world.h"

#define NONE		"[]"
#define ENABLED		"[{\"contentType\":\"Audit.Exchange\",\"status\":\"enabled\",\"webhook\":null}]"
#define DISABLED	"[{\"contentType\":\"Audit.Exchange\",\"status\":\"disabled\",\"webhook\":null}]"
#define NO_STATUS	"[{\"contentType\":\"Audit.Exchange\",\"webhook\":null}]"
#define OTHERS		"[{\"contentType\":\"Audit.General\",\"status\":\"enabled\"},7,{\"status\":\"enabled\"}]"
#define OTHER_CASE	"[{\"contentType\":\"audit.exchange\",\"status\":\"Enabled\"}]"

static void
nothing_is_ever_stopped(void)
{
	for (size_t i = 0; i < fake_n_asks; i++)
		assert_null(strstr(fake_asks[i].url, "/subscriptions/stop"));
}

/* What the list says, and what comes of it before anything else is known. */
static const struct {
	const char	*list;
	unsigned	 starts;
} lists[] = {
	{ ENABLED, 0 }, { NO_STATUS, 0 }, { OTHER_CASE, 0 }, { NONE, 1 }, { DISABLED, 1 }, { OTHERS, 1 },
};

static void
only_what_is_absent_or_disabled_is_started(void **state)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (i > 0)
			assert_int_equal(world_set_up(state), 0);
		tenant_subs = lists[i].list;
		world_run();
		if (asked(START) != lists[i].starts || asked(LIST) != 1)
			fail_msg("%s: %u starts, %u listings", lists[i].list, asked(START), asked(LIST));
		if (lists[i].starts > 0) {
			assert_string_equal(last_ask(START)->method, "POST");
			assert_string_equal(last_ask(START)->body, "");
			assert_true(last_ask(START)->has_body);		/* so that Content-Length: 0 is sent */
			assert_string_equal(last_ask(START)->url, WORLD_API
			    "subscriptions/start?contentType=Audit.Exchange&PublisherIdentifier=" WORLD_PUBLISHER);
		}
		assert_string_equal(world_gaps(), "");			/* a first start is no gap */
		nothing_is_ever_stopped();
		if (i + 1 < sizeof(lists) / sizeof(lists[0]))
			assert_int_equal(world_tear_down(state), 0);
	}
}

static void
feeds_are_started_one_after_the_other(void **state)
{
	(void)state;
	world_opts.n_feeds = 2;
	tenant_subs = NONE;
	world_run();
	assert_int_equal(asked(START), 2);
	assert_int_equal(asked(LIST), 2);
	assert_non_null(strstr(last_ask(START)->url, "Audit.General"));
}

static void
a_subscription_that_was_disabled_is_started_again_and_leaves_a_gap(void **state)
{
	(void)state;
	world_run();
	fake_pass(20 * MINUTE);
	tenant_subs = DISABLED;
	tenant_says(LIST, UINT_MAX, 400, "{\"error\":{\"code\":\"AF20023\",\"message\":\"disabled by a tenant admin\"}}");
	fake_pass(70000);
	assert_int_equal(asked(START), 1);
	tenant_says_no_more(LIST);
	tenant_subs = ENABLED;
	fake_pass(20 * MINUTE);
	assert_non_null(strstr(world_gaps(), "\"reason\":\"subscription-disabled\""));
	assert_non_null(strstr(world_gaps(), "\"from\":\"2026-11-24T00:1"));
	assert_int_equal(counter_sum(C_GAPS), 1);
	assert_int_equal(world_feed()->state, SOURCE_OK);
	nothing_is_ever_stopped();
}

static void
starts_stay_a_quarter_of_an_hour_apart_also_across_a_restart(void **state)
{
	int64_t	 first_ms;

	(void)state;
	tenant_subs = NONE;
	tenant_says(START, UINT_MAX, 400, "{\"error\":{\"code\":\"AF20012\",\"message\":\"no licence\"}}");
	world_run();
	assert_int_equal(asked(START), 1);
	first_ms = fake_mono_ms;
	assert_int_equal(world_feed()->state, SOURCE_DENIED);
	fake_pass(7 * MINUTE);
	world_again();
	fake_pass(7 * MINUTE);
	assert_int_equal(asked(START), 1);
	tenant_says_no_more(START);
	tenant_subs = NONE;
	fake_pass(2 * MINUTE);
	assert_int_equal(asked(START), 2);
	assert_in_range(last_ask(START)->at_ms - first_ms, 15 * MINUTE, 16 * MINUTE);
	fake_pass(MINUTE);
	assert_int_equal(world_feed()->state, SOURCE_OK);
}

static void
a_start_that_was_not_looked_at_need_not_wait(void **state)
{
	(void)state;
	tenant_subs = NONE;
	tenant_says(START, 1, 403, "{'error':{'code':'AF429','message':'Too many requests'}}");
	world_run();
	fake_pass(70000);
	assert_int_equal(asked(START), 2);
	assert_int_equal(asked(LIST) > 0, 1);
}

static void
already_enabled_is_success_and_no_gap(void **state)
{
	(void)state;
	world_run();
	fake_pass(20 * MINUTE);
	tenant_subs = NONE;
	tenant_says(LIST, 1, 400, "{\"error\":{\"code\":\"AF20022\",\"message\":\"none\"}}");
	tenant_says(START, UINT_MAX, 400, "{\"error\":{\"code\":\"AF20024\",\"message\":\"already enabled\"}}");
	fake_pass(3 * MINUTE);
	assert_in_range(asked(START), 1, 1);
	assert_string_equal(world_gaps(), "");
	assert_int_equal(world_feed()->state, SOURCE_OK);
}

/* The list fails so: what is not known is assumed, unless everything would be refused. */
static const struct {
	int		 status;
	const char	*body;
	enum http_fail	 fail;
	unsigned	 listings;
	enum source_state state;
	int64_t		 least_ms, most_ms;	/* until the list is asked again */
} failures[] = {
	{ 500, "{'error':{'code':'AF50000','message':'x'}}", HTTP_OK, 1, SOURCE_OK, 1, 2000 },
	{ 200, "<html>hello</html>", HTTP_OK, 1, SOURCE_OK, 1, 2000 },
	{ 200, "{}", HTTP_OK, 1, SOURCE_OK, 1, 2000 },
	{ 0, "", HTTP_CONNECT, 1, SOURCE_OK, 1, 2000 },
	{ 401, "{\"error\":{\"code\":\"AF10001\",\"message\":\"x\"}}", HTTP_OK, 0, SOURCE_DENIED, MGMT_SLOW_MS, MGMT_SLOW_MS },
	{ 400, "{\"error\":{\"code\":\"AF20011\",\"message\":\"x\"}}", HTTP_OK, 0, SOURCE_DENIED, MGMT_SLOW_MS, MGMT_SLOW_MS },
	{ 401, "", HTTP_OK, 0, SOURCE_OK, 0, 10000 },
	{ 403, "{'error':{'code':'AF429','message':'x'}}", HTTP_OK, 0, SOURCE_OK, 1, 32000 },
};

static void
a_list_that_fails_is_asked_again_and_delays_no_listing_without_need(void **state)
{
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		int64_t	 then;

		if (i > 0)
			assert_int_equal(world_set_up(state), 0);
		tenant_replies(SUBS, 1, (struct fake_reply){ .status = failures[i].status, .body = failures[i].body,
		    .fail = failures[i].fail });
		world_run();
		then = fake_mono_ms;
		if (failures[i].least_ms > 0 && (asked(LIST) != failures[i].listings || world_feed()->state != failures[i].state))
			fail_msg("%s: %u listings, state %d", failures[i].body, asked(LIST), world_feed()->state);
		for (int64_t ms = 0; asked(SUBS) < 2 && ms <= failures[i].most_ms + 100; ms += 50)
			fake_pass(50);
		if (asked(SUBS) != 2 || last_ask(SUBS)->at_ms - then < failures[i].least_ms ||
		    last_ask(SUBS)->at_ms - then > failures[i].most_ms)
			fail_msg("%d %s: again after %lld", failures[i].status, failures[i].body, (long long)(last_ask(SUBS)->at_ms - then));
		fake_pass(65000);
		assert_int_equal(world_feed()->state, SOURCE_OK);
		assert_int_equal(asked(START), 0);
		if (i + 1 < sizeof(failures) / sizeof(failures[0]))
			assert_int_equal(world_tear_down(state), 0);
	}
}

static void
the_list_is_asked_every_quarter_of_an_hour_and_not_more_for_complaints(void **state)
{
	(void)state;
	world_run();
	fake_pass(60 * MINUTE);
	assert_in_range(asked(SUBS), 4, 5);
	tenant_says(LIST, UINT_MAX, 400, "{\"error\":{\"code\":\"AF20022\",\"message\":\"none\"}}");
	fake_pass(10 * MINUTE);			/* the list says enabled all the while */
	assert_in_range(asked(SUBS), 6, 5 + 21);
	assert_int_equal(asked(START), 0);
}

static void
a_stop_in_the_middle_aborts_it(void **state)
{
	(void)state;
	tenant_silent = 1 << SUBS;
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
		STORY(only_what_is_absent_or_disabled_is_started),
		STORY(feeds_are_started_one_after_the_other),
		STORY(a_subscription_that_was_disabled_is_started_again_and_leaves_a_gap),
		STORY(starts_stay_a_quarter_of_an_hour_apart_also_across_a_restart),
		STORY(a_start_that_was_not_looked_at_need_not_wait),
		STORY(already_enabled_is_success_and_no_gap),
		STORY(a_list_that_fails_is_asked_again_and_delays_no_listing_without_need),
		STORY(the_list_is_asked_every_quarter_of_an_hour_and_not_more_for_complaints),
		STORY(a_stop_in_the_middle_aborts_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
