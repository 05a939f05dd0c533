/*
 * backoff: pauses double up to a cap, are spread, and respect what the server asks.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/backoff.h"

static void
steps_double_up_to_the_cap(void **state)
{
	(void)state;
	assert_int_equal(backoff_step(1000, 60000, 0), 1000);
	assert_int_equal(backoff_step(1000, 60000, 1), 2000);
	assert_int_equal(backoff_step(1000, 60000, 5), 32000);
	assert_int_equal(backoff_step(1000, 60000, 6), 60000);
	assert_int_equal(backoff_step(1000, 60000, UINT_MAX), 60000);
	assert_int_equal(backoff_step(5000, 3000, 0), 3000);
}

static void
odd_bounds_neither_overflow_nor_hang(void **state)
{
	struct backoff	 b;

	(void)state;
	assert_int_equal(backoff_step(1, INT64_MAX, UINT_MAX), INT64_MAX);
	assert_int_equal(backoff_step(INT64_MAX - 1, INT64_MAX, 3), INT64_MAX);
	assert_true(backoff_step(0, 1000, UINT_MAX) <= 1000);
	assert_true(backoff_step(0, 0, 0) >= 0);
	backoff_init(&b, 0, 0);
	assert_true(backoff_next(&b, -1) >= 0);
}

static void
a_pause_is_never_over_its_step(void **state)
{
	struct backoff	 b;
	int64_t		 pause;

	(void)state;
	for (int round = 0; round < 1000; round++) {
		backoff_init(&b, 100, 1000);
		for (unsigned n = 0; n < 8; n++) {
			pause = backoff_next(&b, -1);
			assert_true(pause >= 0 && pause <= backoff_step(100, 1000, n));
		}
	}
}

static void
pauses_are_spread_over_the_whole_step(void **state)
{
	struct backoff	 b;
	int		 quarter[4] = { 0 };

	(void)state;
	for (int i = 0; i < 4000; i++) {
		backoff_init(&b, 1000, 1000);
		quarter[(backoff_next(&b, -1) - 1) / 250]++;
	}
	for (int i = 0; i < 4; i++)
		assert_true(quarter[i] > 800 && quarter[i] < 1200);
}

static void
what_the_server_asks_is_a_lower_bound_between_a_second_and_an_hour(void **state)
{
	struct backoff	 b;
	int64_t		 pause;

	(void)state;
	for (int i = 0; i < 200; i++) {
		backoff_init(&b, 100, 1000);
		assert_true(backoff_next(&b, 0) >= 1000);
		pause = backoff_next(&b, 30000);
		assert_true(pause >= 30000 && pause <= 31000);
		pause = backoff_next(&b, INT64_MAX);
		assert_true(pause >= 3600000 && pause <= 3601000);
	}
}

static void
a_success_starts_over(void **state)
{
	struct backoff	 b;

	(void)state;
	backoff_init(&b, 10, 100000);
	for (int i = 0; i < 12; i++)
		backoff_next(&b, -1);
	backoff_reset(&b);
	assert_true(backoff_next(&b, -1) <= 10);
}

static void
random_numbers_do_not_repeat_and_use_all_bits(void **state)
{
	uint64_t	 ones = 0, zeroes = 0, last = rnd(), now;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		now = rnd();
		assert_true(now != last);
		ones |= now;
		zeroes |= ~now;
		last = now;
	}
	assert_true(ones == UINT64_MAX && zeroes == UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(steps_double_up_to_the_cap),
		cmocka_unit_test(odd_bounds_neither_overflow_nor_hang),
		cmocka_unit_test(a_pause_is_never_over_its_step),
		cmocka_unit_test(pauses_are_spread_over_the_whole_step),
		cmocka_unit_test(what_the_server_asks_is_a_lower_bound_between_a_second_and_an_hour),
		cmocka_unit_test(a_success_starts_over),
		cmocka_unit_test(random_numbers_do_not_repeat_and_use_all_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
