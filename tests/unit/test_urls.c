/*
 * urls: which of several ways is taken, and that a sick one is left alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/log.h"
#include "deliver/urls.h"
#include "fake_loop.h"

static const char *const three[] = { "https://a.example:9200/", "https://b.example:9200/x//", "https://c.example:9200", NULL };
static const char *const one[] = { "https://a.example:9200", NULL };

static int
set_up(void **state)
{
	static struct urls	 u;

	log_open(LOG_ERROR, LOG_TEXT);
	urls_init(&u, "elastic", three);
	*state = &u;
	return 0;
}

static int
tear_down(void **state)
{
	urls_clear(*state);
	return 0;
}

static void
picks(struct urls *u, size_t way, int fresh)
{
	int	 is_fresh = -1;

	assert_int_equal(urls_pick(u, &is_fresh), way);
	assert_int_equal(is_fresh, fresh);
}

static void
a_way_that_works_is_kept(void **state)
{
	struct urls	*u = *state;

	assert_string_equal(u->ways[0].url, "https://a.example:9200");
	assert_string_equal(u->ways[1].url, "https://b.example:9200/x");
	picks(u, 0, 0);
	urls_passed(u, 0);
	picks(u, 0, 0);
}

static void
a_way_that_fails_is_left_for_the_next_and_not_returned_to(void **state)
{
	struct urls	*u = *state;

	picks(u, 0, 0);
	assert_int_equal(urls_failed(u, 0, -1, "HTTP 503"), 1);
	picks(u, 1, 0);
	urls_passed(u, 1);
	fake_mono_ms += 3600000;
	picks(u, 1, 0);			/* it works: no reason to try the other again */
	assert_int_equal(urls_failed(u, 1, -1, "HTTP 503"), 1);
	picks(u, 2, 0);			/* sound goes before rested */
	assert_int_equal(urls_failed(u, 2, -1, "HTTP 503"), 1);
	picks(u, 0, 1);			/* its rest is over; over a new connection */
	urls_passed(u, 0);
	picks(u, 0, 0);
}

static void
a_sick_way_is_tried_by_one_request_at_a_time(void **state)
{
	struct urls	*u = *state;

	assert_int_equal(urls_failed(u, 0, -1, "x"), 1);
	assert_int_equal(urls_failed(u, 1, -1, "x"), 1);
	assert_int_equal(urls_failed(u, 2, -1, "x"), 0);	/* nothing left to try at once */
	fake_mono_ms += 1000;
	picks(u, 0, 1);
	picks(u, 1, 1);			/* the trial of the first is under way */
	picks(u, 2, 1);
}

static void
when_all_rest_the_one_that_is_ready_first_is_taken(void **state)
{
	struct urls	*u = *state;

	urls_failed(u, 0, 600000, "x");
	urls_failed(u, 1, 20000, "x");
	urls_failed(u, 2, 900000, "x");
	picks(u, 1, 1);
	assert_int_equal(urls_failed(u, 1, 2000, "x"), 0);
	fake_mono_ms += 2000;
	assert_int_equal(urls_failed(u, 0, 600000, "x"), 1);	/* the second had its rest */
	urls_kick(u);
	picks(u, 1, 1);
	urls_passed(u, 1);
	picks(u, 1, 0);
}

static void
rests_grow_to_a_minute_and_retry_after_to_an_hour(void **state)
{
	struct urls	*u = *state;
	unsigned	 i;

	for (i = 0; i < 100; i++)
		urls_failed(u, 0, -1, "x");
	assert_int_equal(u->ways[0].rest_until_ms, fake_mono_ms + 60000);
	urls_failed(u, 0, INT64_MAX, "x");
	assert_int_equal(u->ways[0].rest_until_ms, fake_mono_ms + 3600000);
	urls_passed(u, 0);
	urls_failed(u, 0, -1, "x");
	assert_int_equal(u->ways[0].rest_until_ms, fake_mono_ms + 1000);
}

static void
a_single_way_is_always_taken_and_anew_after_a_failure(void **state)
{
	struct urls	 u;

	(void)state;
	urls_init(&u, "elastic", one);
	picks(&u, 0, 0);
	assert_int_equal(urls_failed(&u, 0, -1, "x"), 0);
	picks(&u, 0, 1);
	picks(&u, 0, 1);		/* until one went well */
	urls_passed(&u, 0);
	picks(&u, 0, 0);
	urls_clear(&u);
}

int
main(void)
{
#define story(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest	tests[] = {
		story(a_way_that_works_is_kept),
		story(a_way_that_fails_is_left_for_the_next_and_not_returned_to),
		story(a_sick_way_is_tried_by_one_request_at_a_time),
		story(when_all_rest_the_one_that_is_ready_first_is_taken),
		story(rests_grow_to_a_minute_and_retry_after_to_an_hour),
		story(a_single_way_is_always_taken_and_anew_after_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
