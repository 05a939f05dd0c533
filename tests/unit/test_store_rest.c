/*
 * store: memory goes back to the system when no record came or went for a while, however often idle feeds ask.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "store_kit.h"

static struct kit	 k;
static int		 trims;

void	 __wrap_xtrim(void);

void
__wrap_xtrim(void)
{
	__atomic_add_fetch(&trims, 1, __ATOMIC_SEQ_CST);
}

/* How often memory was given back, once so many questions were answered; at most a second apart from `want`. */
static int
trims_after_questions(int want)
{
	for (int i = 0; i < 200 && __atomic_load_n(&trims, __ATOMIC_SEQ_CST) != want; i++) {
		kit_left(&k);
		usleep(5000);
	}
	return __atomic_load_n(&trims, __ATOMIC_SEQ_CST);
}

static void
questions_do_not_keep_memory(void **state)
{
	(void)state;
	kit_new(&k);
	for (int round = 1; round <= 2; round++) {
		kit_put_new(&k, round == 1 ? "blob-1" : "blob-2", round * 100, 10);
		kit_pass(500);
		kit_left(&k);
		assert_int_equal(__atomic_load_n(&trims, __ATOMIC_SEQ_CST), round - 1);
		kit_pass(60000);
		assert_int_equal(trims_after_questions(round), round);
		kit_pass(60000);
		kit_left(&k);
		kit_left(&k);
		assert_int_equal(__atomic_load_n(&trims, __ATOMIC_SEQ_CST), round);	/* once is enough */
	}
	kit_free(&k);
}

int
main(void)
{
	const struct CMUnitTest stories[] = {
		cmocka_unit_test(questions_do_not_keep_memory),
	};

	return cmocka_run_group_tests(stories, NULL, NULL);
}
