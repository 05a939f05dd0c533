/*
 * clock: what may judge an expiry is the servers' time, and one odd Date does not move it. The stories build on each other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

#define HOUR	((int64_t)3600 * 1000)
#define MINUTE	((int64_t)60 * 1000)

static void
assert_about(int64_t a, int64_t b)
{
	assert_in_range(a - b + 30000, 0, 60000);
}

static void
before_a_server_was_heard_nothing_is_judged(void **state)
{
	(void)state;
	assert_int_equal(clock_judge_ms(), 0);
	assert_int_equal(clock_skew_ms(), 0);
	assert_about(clock_min_ms(), clock_wall_ms());
	clock_heard(-1);		/* a Date that could not be read */
	clock_heard(0);
	assert_int_equal(clock_judge_ms(), 0);
	assert_int_equal(clock_expiry_ms(), 0);
}

static void
wall_and_monotonic_time_are_milliseconds_that_go_on(void **state)
{
	struct timespec	 nap = { 0, 20 * 1000000 };
	int64_t		 mono = clock_mono_ms(), cpu = clock_cpu_us();

	(void)state;
	assert_about(clock_wall_ms(), (int64_t)time(NULL) * 1000);
	nanosleep(&nap, NULL);
	assert_true(clock_mono_ms() - mono >= 19);
	assert_true(clock_cpu_us() >= cpu);
}

static void
the_first_server_is_believed_and_its_time_goes_on(void **state)
{
	struct timespec	 nap = { 0, 20 * 1000000 };
	int64_t		 before;

	(void)state;
	clock_heard(clock_wall_ms() - 2 * HOUR);
	before = clock_judge_ms();
	assert_about(before, clock_wall_ms() - 2 * HOUR);
	assert_about(clock_skew_ms(), 2 * HOUR);
	nanosleep(&nap, NULL);
	assert_true(clock_judge_ms() - before >= 19);
}

static void
the_smaller_of_both_times_ends_a_window(void **state)
{
	(void)state;
	assert_about(clock_min_ms(), clock_wall_ms() - 2 * HOUR);	/* our clock is ahead */
	assert_about(clock_expiry_ms(), clock_wall_ms() - 2 * HOUR);
	clock_heard(clock_wall_ms() + 3 * HOUR);
	clock_heard(clock_wall_ms() + 3 * HOUR);
	assert_about(clock_min_ms(), clock_wall_ms());			/* our clock is behind */
	assert_about(clock_expiry_ms(), clock_wall_ms());		/* and what it says has not expired, has not */
	assert_about(clock_skew_ms(), -3 * HOUR);
}

static void
one_odd_date_changes_nothing(void **state)
{
	int64_t	 good = clock_wall_ms() + 3 * HOUR;

	(void)state;
	clock_heard(good + 400 * 24 * HOUR);
	assert_about(clock_judge_ms(), good);
	clock_heard(good);
	clock_heard(good + 400 * 24 * HOUR);		/* odd again, but not twice in a row */
	assert_about(clock_judge_ms(), good);
	clock_heard(good - 5 * HOUR);			/* twice odd, but not the same */
	assert_about(clock_judge_ms(), good);
	clock_heard(good);
}

static void
an_odd_date_heard_twice_in_a_row_is_the_truth(void **state)
{
	int64_t	 other = clock_wall_ms() + 30 * HOUR;

	(void)state;
	clock_heard(other);
	clock_heard(other + 2000);
	assert_about(clock_judge_ms(), other);
}

static void
a_date_within_ten_minutes_is_followed_at_once(void **state)
{
	int64_t	 now = clock_judge_ms();

	(void)state;
	clock_heard(now + 9 * MINUTE);
	assert_about(clock_judge_ms(), now + 9 * MINUTE);
	clock_heard(now);
	assert_about(clock_judge_ms(), now);
	clock_heard(now + 11 * MINUTE);
	assert_about(clock_judge_ms(), now);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(before_a_server_was_heard_nothing_is_judged),
		cmocka_unit_test(wall_and_monotonic_time_are_milliseconds_that_go_on),
		cmocka_unit_test(the_first_server_is_believed_and_its_time_goes_on),
		cmocka_unit_test(the_smaller_of_both_times_ends_a_window),
		cmocka_unit_test(one_odd_date_changes_nothing),
		cmocka_unit_test(an_odd_date_heard_twice_in_a_row_is_the_truth),
		cmocka_unit_test(a_date_within_ten_minutes_is_followed_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
