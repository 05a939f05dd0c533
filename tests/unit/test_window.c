/* Which listing window is due: no hole, no window that is too wide or too old, every gap said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "collect/budget.h"
#include "collect/window.h"

#define NOW	((int64_t)1795420800000)	/* 2026-11-23T08:00:00Z */
#define MINUTE	((int64_t)60000)

static const struct window_rules rules = { .overlap_ms = 10 * MINUTE, .long_overlap_ms = 120 * MINUTE, .settle_ms = MINUTE,
    .look_ms = { WINDOW_HOUR, WINDOW_DAY, 2 * WINDOW_DAY, 166 * WINDOW_HOUR }, .n_looks = 4 };

/* Lists from the marks to the end as the lister does; returns how many windows it took. */
static int
run_round(struct window_marks *marks, int64_t now, int wide, int64_t *gap)
{
	struct window	 w;
	int64_t		 done = 0;
	int		 n = 0;

	*gap = 0;
	while (window_next(&rules, marks, now, done, wide, 0, &w)) {
		assert_true(w.to_ms - w.from_ms <= WINDOW_DAY);
		assert_true(w.from_ms >= now - WINDOW_REACH + WINDOW_MARGIN);
		assert_true(w.from_ms % 1000 == 0 && w.to_ms % 1000 == 0);
		if (marks->listed_ms != 0 && w.gap_to_ms == w.gap_from_ms)
			assert_true(w.from_ms <= marks->listed_ms);	/* no hole */
		*gap += w.gap_to_ms - w.gap_from_ms;
		done = w.to_ms;
		if (w.to_ms > marks->listed_ms)
			marks->listed_ms = w.to_ms;
		n++;
		if (w.last)
			break;
	}
	return n;
}

static void
a_first_run_reaches_back_to_its_start_in_windows_of_a_day(void **state)
{
	struct window_marks	 marks = { .first_ms = NOW - 3 * WINDOW_DAY };
	int64_t			 gap;

	(void)state;
	assert_int_equal(run_round(&marks, NOW, 1, &gap), 3);
	assert_int_equal(gap, 0);
	assert_int_equal(marks.listed_ms, NOW - MINUTE);
}

static void
a_quiet_feed_costs_one_window(void **state)
{
	struct window_marks	 marks = { .first_ms = NOW - WINDOW_DAY, .listed_ms = NOW - 2 * MINUTE };
	struct window		 w;
	int64_t			 gap;

	(void)state;
	assert_true(window_next(&rules, &marks, NOW, 0, 0, 0, &w));
	assert_int_equal(w.from_ms, NOW - 12 * MINUTE);
	assert_true(w.last);
	assert_int_equal(run_round(&marks, NOW, 0, &gap), 1);
}

static void
the_long_overlap_does_not_reach_behind_the_first_start(void **state)
{
	struct window_marks	 marks = { .first_ms = NOW - 30 * MINUTE, .listed_ms = NOW - 2 * MINUTE };
	struct window		 w;

	(void)state;
	assert_true(window_next(&rules, &marks, NOW, 0, 1, 0, &w));
	assert_int_equal(w.from_ms, NOW - 30 * MINUTE);
}

static void
what_is_out_of_reach_is_a_gap_from_the_mark_to_the_first_window(void **state)
{
	struct window_marks	 marks = { .first_ms = NOW - 20 * WINDOW_DAY, .listed_ms = NOW - 10 * WINDOW_DAY };
	struct window		 w;

	(void)state;
	assert_true(window_next(&rules, &marks, NOW, 0, 0, 0, &w));
	assert_int_equal(w.gap_from_ms, NOW - 10 * WINDOW_DAY);
	assert_int_equal(w.gap_to_ms, w.from_ms);
	assert_int_equal(w.from_ms, NOW - WINDOW_REACH + WINDOW_MARGIN);
}

static void
seven_days_back_is_no_gap_but_seven_days_and_an_hour_of_waiting_is(void **state)
{
	struct window_marks	 marks = { .first_ms = NOW - WINDOW_REACH + WINDOW_MARGIN };
	struct window		 w;

	(void)state;
	assert_true(window_next(&rules, &marks, NOW + 5 * MINUTE, 0, 1, 0, &w));
	assert_int_equal(w.gap_from_ms, w.gap_to_ms);
	assert_true(window_next(&rules, &marks, NOW + WINDOW_HOUR, 0, 1, 0, &w));
	assert_true(w.gap_to_ms > w.gap_from_ms);
}

static void
a_slow_catching_up_that_falls_out_of_reach_says_so(void **state)
{
	struct window_marks	 marks = { .first_ms = NOW - 7 * WINDOW_DAY + WINDOW_MARGIN, .listed_ms = NOW - 6 * WINDOW_DAY };
	struct window		 w;

	(void)state;
	assert_true(window_next(&rules, &marks, NOW + 2 * WINDOW_DAY, marks.listed_ms, 0, 0, &w));
	assert_int_equal(w.gap_from_ms, NOW - 6 * WINDOW_DAY);
	assert_int_equal(w.gap_to_ms, w.from_ms);
}

static void
a_floor_that_the_service_set_makes_a_gap(void **state)
{
	struct window_marks	 marks = { .first_ms = NOW - 6 * WINDOW_DAY, .listed_ms = NOW - 5 * WINDOW_DAY };
	struct window		 w;

	(void)state;
	assert_true(window_next(&rules, &marks, NOW, 0, 0, NOW - 4 * WINDOW_DAY, &w));
	assert_int_equal(w.from_ms, NOW - 4 * WINDOW_DAY);
	assert_int_equal(w.gap_from_ms, NOW - 5 * WINDOW_DAY);
}

static void
a_clock_that_went_back_lists_nothing_and_loses_nothing(void **state)
{
	struct window_marks	 marks = { .first_ms = NOW - WINDOW_DAY, .listed_ms = NOW };
	struct window		 w;

	(void)state;
	assert_false(window_next(&rules, &marks, NOW - 10 * 365 * WINDOW_DAY, 0, 0, 0, &w));
}

static void
second_looks_trail_in_steps_of_an_hour(void **state)
{
	struct window_marks	 marks = { .first_ms = NOW - WINDOW_DAY, .listed_ms = NOW,
	    .look_ms = { NOW - WINDOW_HOUR, NOW - WINDOW_DAY, NOW - WINDOW_DAY, NOW - WINDOW_DAY } };
	struct window		 w;

	(void)state;
	assert_false(window_look(&rules, &marks, NOW, 0, &w));
	marks.listed_ms = NOW + WINDOW_HOUR - 1000;
	assert_false(window_look(&rules, &marks, marks.listed_ms, 0, &w));
	marks.listed_ms = NOW + WINDOW_HOUR;
	assert_true(window_look(&rules, &marks, marks.listed_ms, 0, &w));
	assert_int_equal(w.look, 0);
	assert_int_equal(w.from_ms, NOW - WINDOW_HOUR);
	assert_int_equal(w.to_ms, NOW);
	marks.look_ms[0] = w.to_ms;
	assert_true(window_look(&rules, &marks, marks.listed_ms, 0, &w));
	assert_int_equal(w.look, 1);
}

static void
a_minute_never_holds_more_than_the_budget(void **state)
{
	struct budget	 b;
	int64_t		 sent[10000], now = 0;
	size_t		 n = 0, first = 0;

	(void)state;
	budget_init(&b, 2000, 0);
	while (now < 5 * MINUTE && n < 10000) {
		int64_t	 wait = budget_take(&b, now);

		if (wait > 0) {
			now += wait;
			continue;
		}
		sent[n++] = now;
		while (sent[n - 1] - sent[first] >= MINUTE)
			first++;
		assert_true(n - first <= 2000);
	}
	assert_true(n > 5 * 1900);		/* and it is used */
}

static void
a_gate_holds_everything_back(void **state)
{
	struct budget	 b;

	(void)state;
	budget_init(&b, 2000, 0);
	budget_gate(&b, 5000);
	budget_gate(&b, 3000);
	assert_int_equal(budget_take(&b, 1000), 4000);
	assert_int_equal(budget_take(&b, 5000), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_run_reaches_back_to_its_start_in_windows_of_a_day),
		cmocka_unit_test(a_quiet_feed_costs_one_window),
		cmocka_unit_test(the_long_overlap_does_not_reach_behind_the_first_start),
		cmocka_unit_test(what_is_out_of_reach_is_a_gap_from_the_mark_to_the_first_window),
		cmocka_unit_test(seven_days_back_is_no_gap_but_seven_days_and_an_hour_of_waiting_is),
		cmocka_unit_test(a_slow_catching_up_that_falls_out_of_reach_says_so),
		cmocka_unit_test(a_floor_that_the_service_set_makes_a_gap),
		cmocka_unit_test(a_clock_that_went_back_lists_nothing_and_loses_nothing),
		cmocka_unit_test(second_looks_trail_in_steps_of_an_hour),
		cmocka_unit_test(a_minute_never_holds_more_than_the_budget),
		cmocka_unit_test(a_gate_holds_everything_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
