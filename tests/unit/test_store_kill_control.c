/*
 * store: would the kill test notice? This is the store with one line wrong, the answer given before the commit, and the same
 * loop must find that something acknowledged is gone.
 */
#define STORE_ANSWERS_BEFORE_COMMIT
#include "store/thread.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kill_loop.h"

static void
a_store_that_answers_too_early_is_found_out(void **state)
{
	struct kill_report	 r = kill_loop(40, 20261125);

	(void)state;
	print_message("%d kills, %ld records acknowledged, %ld lost, %ld undone\n", r.kills, r.acknowledged, r.lost, r.undone);
	assert_true(r.lost + r.undone > 0);
}

int
main(void)
{
	const struct CMUnitTest	 stories[] = {
		cmocka_unit_test(a_store_that_answers_too_early_is_found_out),
	};

	return cmocka_run_group_tests_name("store: kills, control", stories, NULL, NULL);
}
