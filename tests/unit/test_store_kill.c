/*
 * store: killed at any moment it has lost nothing that it acknowledged, doubled nothing, and its tallies agree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kill_loop.h"

static void
nothing_acknowledged_is_lost_and_nothing_doubled(void **state)
{
	const char		*kills = getenv("KILLS");
	struct kill_report	 r = kill_loop(kills != NULL ? atoi(kills) : 40, 20261125);

	(void)state;
	print_message("%d kills, %ld records acknowledged\n", r.kills, r.acknowledged);
	assert_true(r.acknowledged > 100);
	assert_int_equal(r.lost, 0);
	assert_int_equal(r.undone, 0);
	assert_int_equal(r.doubled, 0);
	assert_int_equal(r.unbalanced, 0);
}

int
main(void)
{
	const struct CMUnitTest	 stories[] = {
		cmocka_unit_test(nothing_acknowledged_is_lost_and_nothing_doubled),
	};

	return cmocka_run_group_tests_name("store: kills", stories, NULL, NULL);
}
