/*
 * store: the power may go at any moment. What was acknowledged is there, nothing of what was not is there by half.
 *
 * CUTS=10000 SEED=7 test_powercut does more of the same by chance (tests/powercut.sh).
 */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "power.h"
#include "powercut_world.h"

#define SEED		20261130
#define A_WORLD		40		/* cuts; then a new one, before it grows large */

static uint64_t	 seed = SEED;
static int	 is_faulty, no_sync, no_flush;	/* the controls: PRAGMA synchronous=OFF; the disk ignores every flush */

/* As the store asks for it, and then the other way round. */
int	__real_sqlite3_exec(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
int	__wrap_sqlite3_exec(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);

int
__wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **), void *arg, char **e)
{
	int	 rc = __real_sqlite3_exec(db, sql, each, arg, e);

	if (no_sync && rc == SQLITE_OK && strstr(sql, "synchronous") != NULL)
		return __real_sqlite3_exec(db, "PRAGMA synchronous=OFF", NULL, NULL, NULL);
	return rc;
}

/* A dead disk makes a store say much. */
void	__wrap_log_error(const char *, const char *, ...);
void	__wrap_log_warn(const char *, const char *, ...);

void
__wrap_log_error(const char *id, const char *fmt, ...)
{
	(void)id;
	(void)fmt;
}

void
__wrap_log_warn(const char *id, const char *fmt, ...)
{
	(void)id;
	(void)fmt;
}

struct tally {
	int		 cuts;
	long		 fates[FATES];
	char		 first[300];
};

static void
count_fate(struct tally *t, const struct world *w, enum fate fate)
{
	t->fates[fate]++;
	if (fate != SURVIVED && t->first[0] == '\0')
		snprintf(t->first, sizeof(t->first), "cut %d, step %u of kind %d: fate %d: %.200s", t->cuts, w->steps, w->kind, (int)fate,
		    w->why.text);
}

static void
print(const char *what, const struct tally *t)
{
	long	 again = t->cuts;

	for (int i = 0; i < FATES; i++)
		again -= t->fates[i];
	print_message("%s: %d cuts, %ld of them while the store was opened after one: %ld survived, %ld lost, %ld differ, %ld damaged, "
	    "%ld refused%s%s\n", what, t->cuts, again, t->fates[SURVIVED], t->fates[LOST], t->fates[DIFFERS], t->fates[DAMAGED],
	    t->fates[REFUSED], t->first[0] ? "; the first: " : "", t->first);
}

static void
assert_all_survived(const struct tally *t)
{
	assert_string_equal(t->first, "");
	for (int i = SURVIVED + 1; i < FATES; i++)
		assert_int_equal(t->fates[i], 0);
}

/* ---- every change of a script ---------------------------------------------------------------------------------------- */

/* How far the script came when the power went; -1: it passed without the cut. */
static int
script_with_cut(long at, uint64_t damage, struct tally *t)
{
	struct world	 w;
	int		 there, step = 0;

	world_new(&w, SEED);
	power_cut_after(at);
	there = world_open_real(&w);
	while (there && step < world_script_length(1))
		there = world_step(&w, step++);
	if (!there) {
		enum fate	 fate = world_after_cut(&w, damage, at % 3 == 0 ? 1 + (long)(damage % 9) : 0, &t->cuts);

		count_fate(t, &w, fate);
		for (int i = 0; fate == SURVIVED && i < 3; i++)		/* and it goes on */
			assert_true(world_step(&w, -1));
	}
	world_free(&w);
	return there ? -1 : step;
}

static void
a_cut_at_every_change_of_a_script_is_survived(void **state)
{
	const char	*cuts = getenv("CUTS");
	long		 stride = cuts != NULL ? 1 : 7, at = 1 + (long)(seed % (uint64_t)stride);
	struct tally	 t = { 0 };
	unsigned	 kinds, of;
	int		 step;

	(void)state;
	/* The long part has thousands of writes that are alike. */
	while ((step = script_with_cut(at, seed + (uint64_t)at, &t)) != -1)
		at += step <= world_script_length(0) ? stride : 30 * stride + 1;
	print("every change of the script", &t);
	assert_all_survived(&t);
	kinds = world_kinds_cut(&of);
	print_message("%ld changes, %u of %u kinds of steps\n", at, kinds, of);
}

/* ---- by chance ------------------------------------------------------------------------------------------------------- */

static void
cut_by_chance(int cuts, struct tally *t)
{
	uint64_t	 r = seed;

	while (t->cuts < cuts) {
		struct world	 w;
		enum fate	 fate = SURVIVED;
		int		 there;

		world_new(&w, r);
		w.keeps_history = is_faulty;
		power_flushes(!no_flush);
		power_cut_after(1 + (long)(r % 60));
		there = world_open_real(&w);
		for (int end = t->cuts + A_WORLD; fate == SURVIVED && t->cuts < end && t->cuts < cuts;) {
			while (there)
				there = world_step(&w, -1);
			r = r * 6364136223846793005u + 1442695040888963407u;
			fate = world_after_cut(&w, r, r >> 60 < 5 ? 1 + (long)(r >> 40 & 31) : 0, &t->cuts);
			count_fate(t, &w, fate);
			power_cut_after(1 + (long)((r >> 33) % 300));
			there = 1;
		}
		world_free(&w);
	}
}

static void
cuts_by_chance_are_survived(void **state)
{
	const char	*cuts = getenv("CUTS");
	struct tally	 t = { 0 };
	unsigned	 of;

	(void)state;
	cut_by_chance(cuts != NULL ? atoi(cuts) : 150, &t);
	print("by chance", &t);
	assert_all_survived(&t);
	if (t.cuts >= 1000)		/* in fewer the rare ones may have escaped */
		assert_true(world_kinds_cut(&of) == of);
}

/* ---- would it be noticed? -------------------------------------------------------------------------------------------- */

static void
without_synchronous_something_is_lost(void **state)
{
	struct tally	 t = { 0 };

	(void)state;
	is_faulty = no_sync = 1;
	cut_by_chance(60, &t);
	is_faulty = no_sync = 0;
	print("control, synchronous=OFF", &t);
	assert_true(t.fates[LOST] > 0);
}

/*
 * A disk that says yes to a flush and does nothing: nobody can keep a promise on it. What was acknowledged last may be gone, and is
 * fetched again, since the mark that stood for it is gone with it; a file that is damaged is refused, or found out by its use.
 */
static void
a_disk_that_lies_may_lose_and_is_noticed(void **state)
{
	struct tally	 t = { 0 };

	(void)state;
	is_faulty = no_flush = 1;
	cut_by_chance(60, &t);
	is_faulty = no_flush = 0;
	print("control, flushes ignored", &t);
	assert_true(t.fates[LOST] > 0);
}

int
main(void)
{
	const struct CMUnitTest	 stories[] = {
		cmocka_unit_test(a_cut_at_every_change_of_a_script_is_survived),
		cmocka_unit_test(cuts_by_chance_are_survived),
		cmocka_unit_test(without_synchronous_something_is_lost),
		cmocka_unit_test(a_disk_that_lies_may_lose_and_is_noticed),
	};

	if (getenv("SEED") != NULL)
		seed = strtoull(getenv("SEED"), NULL, 10);
	return cmocka_run_group_tests_name("store: power cuts", stories, NULL, NULL);
}
