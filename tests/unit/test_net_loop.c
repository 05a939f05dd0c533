/*
 * test_net_loop - timers, descriptors, signals, and work that comes back to the loop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "net/loop.h"
#include "net/work.h"

static char	 said[256];
static struct loop *loop;
static struct timer	 one, two, end;

static void
say(void *arg)
{
	strncat(said, arg, sizeof(said) - strlen(said) - 1);
}

static void
stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static int
setup(void **state)
{
	(void)state;
	said[0] = '\0';
	loop = loop_new();
	timer_init(&one, loop, say, "1");
	timer_init(&two, loop, say, "2");
	timer_init(&end, loop, stop, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	timer_clear(&one);
	timer_clear(&two);
	timer_clear(&end);
	loop_free(loop);
	return 0;
}

static void
run_for(int64_t ms)
{
	timer_set(&end, ms);
	loop_run(loop);
}

/* ---- timers ---------------------------------------------------------------------------------------------------------- */

static void
timers_ring_once_in_the_order_of_their_times(void **state)
{
	int64_t	 begin = clock_mono_ms();

	(void)state;
	timer_set(&one, 30);
	timer_set(&two, 10);
	assert_true(timer_pending(&one));
	run_for(60);
	assert_string_equal(said, "21");
	assert_false(timer_pending(&one));
	assert_true(clock_mono_ms() - begin >= 59);
}

static void
setting_again_replaces_and_stopping_prevents(void **state)
{
	(void)state;
	timer_set(&one, 1);
	timer_set(&one, 20);
	timer_set(&two, 1);
	timer_stop(&two);
	run_for(10);
	assert_string_equal(said, "");
	run_for(30);
	assert_string_equal(said, "1");
}

static void
set_two_now(void *arg)
{
	say(arg);
	timer_set(&two, 0);
	say("-");
}

static void
a_timer_of_zero_rings_on_the_next_turn_not_at_once(void **state)
{
	struct timer	 t;

	(void)state;
	timer_init(&t, loop, set_two_now, "t");
	timer_set(&t, -5);
	run_for(5);
	assert_string_equal(said, "t-2");
	timer_clear(&t);
}

static void
clear_two(void *arg)
{
	say(arg);
	timer_clear(&two);
	timer_clear(&one);	/* itself */
}

static void
a_cleared_timer_is_silent_also_when_it_was_due(void **state)
{
	(void)state;
	timer_clear(&one);
	timer_init(&one, loop, clear_two, "c");
	timer_set(&one, 0);
	timer_set(&two, 0);
	run_for(5);
	assert_string_equal(said, "c");
	assert_null(two.ev);
	timer_clear(&two);		/* and once more does no harm */
	timer_stop(&two);
	assert_false(timer_pending(&two));
}

static void
dawdle(void *arg)
{
	struct timespec	 t = { .tv_nsec = 30 * 1000 * 1000 };

	say(arg);
	nanosleep(&t, NULL);
	timer_set(&one, 20);
	timer_set(&two, 10);
}

static void
a_timer_set_after_long_work_counts_from_then(void **state)
{
	struct timer	 t;
	int64_t		 begin = clock_mono_ms();

	(void)state;
	timer_init(&t, loop, dawdle, "d");
	timer_set(&t, 0);
	timer_clear(&one);
	timer_init(&one, loop, stop, NULL);
	loop_run(loop);
	assert_string_equal(said, "d2");
	assert_true(clock_mono_ms() - begin >= 48);
	timer_clear(&t);
}

static void
stopping_before_running_is_not_forgotten(void **state)
{
	(void)state;
	loop_stop(loop);
	loop_run(loop);			/* returns, although nothing would ever stop it */
	run_for(1);			/* and only that once */
	assert_string_equal(said, "");
}

/* ---- descriptors and signals ------------------------------------------------------------------------------------------- */

static int	 pipe_fd[2];

static void
read_one(void *arg)
{
	char	 c;

	assert_int_equal(read(pipe_fd[0], &c, 1), 1);
	say(arg);
}

static void
a_watch_calls_while_there_is_something_to_read(void **state)
{
	struct watch	 w;

	(void)state;
	assert_int_equal(pipe(pipe_fd), 0);
	watch_init(&w, loop, pipe_fd[0], read_one, "r");
	run_for(50);
	assert_string_equal(said, "");
	assert_int_equal(write(pipe_fd[1], "abc", 3), 3);
	run_for(50);
	assert_string_equal(said, "rrr");
	watch_clear(&w);
	watch_clear(&w);
	assert_int_equal(write(pipe_fd[1], "d", 1), 1);
	run_for(50);
	assert_string_equal(said, "rrr");
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}

static void
a_signal_is_a_call_on_the_loop(void **state)
{
	struct watch	 w;

	(void)state;
	watch_signal(&w, loop, SIGUSR1, say, "s");
	kill(getpid(), SIGUSR1);
	run_for(50);
	kill(getpid(), SIGUSR1);
	run_for(50);
	assert_string_equal(said, "ss");
	watch_clear(&w);
}

/* ---- work -------------------------------------------------------------------------------------------------------------- */

#define JOBS 500

static struct job {
	unsigned	 number;
	pthread_t	 where;
	unsigned	 ran, told;
} jobs[JOBS];
static unsigned	 n_told, order[JOBS];
static unsigned	 ran_in_order;		/* touched by one worker only */
static struct work *pool;

static void
run(void *arg)
{
	struct job	*j = arg;

	j->where = pthread_self();
	j->ran++;
	order[ran_in_order++ % JOBS] = j->number;
}

static void
run_alone(void *arg)
{
	struct job	*j = arg;

	j->where = pthread_self();
	j->ran++;
}

static void
told(void *arg)
{
	struct job	*j = arg;

	assert_int_equal(j->ran, 1);
	assert_false(pthread_equal(j->where, pthread_self()));
	j->told++;
	if (++n_told == JOBS)
		loop_stop(loop);
}

static void
fresh_jobs(void)
{
	memset(jobs, 0, sizeof(jobs));
	n_told = ran_in_order = 0;
	for (unsigned i = 0; i < JOBS; i++)
		jobs[i].number = i;
}

static void
every_job_runs_elsewhere_and_is_told_here_once(void **state)
{
	(void)state;
	fresh_jobs();
	pool = work_new(loop, 3);
	for (unsigned i = 0; i < JOBS; i++)
		work_submit(pool, run_alone, told, &jobs[i]);
	assert_int_equal(work_pending(pool), JOBS);
	loop_run(loop);
	assert_int_equal(work_pending(pool), 0);
	for (unsigned i = 0; i < JOBS; i++)
		assert_int_equal(jobs[i].told, 1);
	work_free(pool);
}

static void
jobs_begin_in_the_order_given(void **state)
{
	(void)state;
	fresh_jobs();
	pool = work_new(loop, 1);
	for (unsigned i = 0; i < JOBS; i++)
		work_submit(pool, run, told, &jobs[i]);
	loop_run(loop);
	for (unsigned i = 0; i < JOBS; i++)
		assert_int_equal(order[i], i);
	work_free(pool);
}

static void
draining_waits_for_what_was_given_before(void **state)
{
	(void)state;
	fresh_jobs();
	pool = work_new(loop, 3);
	for (unsigned i = 0; i < JOBS / 2; i++)
		work_submit(pool, run_alone, told, &jobs[i]);
	work_drain(pool);
	assert_int_equal(n_told, JOBS / 2);
	work_drain(pool);
	assert_int_equal(work_pending(pool), 0);
	work_free(pool);
}

static void
again(void *arg)
{
	struct job	*j = arg;

	if (j->told++ < 20)
		work_submit(pool, run_alone, again, j);
	else
		loop_stop(loop);
}

static void
a_job_may_be_followed_by_another(void **state)
{
	(void)state;
	fresh_jobs();
	pool = work_new(loop, 2);
	work_submit(pool, run_alone, again, &jobs[0]);
	loop_run(loop);
	assert_int_equal(jobs[0].ran, 21);
	work_free(pool);
}

static atomic_uint	 begun;

static void
slow(void *arg)
{
	struct timespec	 t = { .tv_nsec = 20 * 1000 * 1000 };

	atomic_fetch_add(&begun, 1);
	nanosleep(&t, NULL);
	((struct job *)arg)->ran++;
}

static void
freeing_waits_for_what_runs_and_tells_nobody(void **state)
{
	unsigned	 ran = 0;

	(void)state;
	fresh_jobs();
	pool = work_new(loop, 2);
	for (unsigned i = 0; i < JOBS; i++)
		work_submit(pool, slow, told, &jobs[i]);
	while (atomic_load(&begun) < 2)
		continue;
	work_free(pool);
	for (unsigned i = 0; i < JOBS; i++)
		ran += jobs[i].ran;
	assert_int_equal(ran, atomic_load(&begun));	/* those that ran have ended */
	assert_true(ran < JOBS);			/* the others never began */
	run_for(30);
	assert_int_equal(n_told, 0);
	work_free(NULL);
}

static void
look_at_signals(void *arg)
{
	sigset_t	 set;

	pthread_sigmask(SIG_BLOCK, NULL, &set);
	((struct job *)arg)->ran = 1;
	((struct job *)arg)->told = (unsigned)(sigismember(&set, SIGTERM) && sigismember(&set, SIGHUP));
}

static void
workers_leave_signals_to_the_loop(void **state)
{
	(void)state;
	fresh_jobs();
	pool = work_new(loop, 1);
	work_submit(pool, look_at_signals, stop, &jobs[0]);
	loop_run(loop);
	assert_int_equal(jobs[0].told, 1);
	work_free(pool);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(timers_ring_once_in_the_order_of_their_times, setup, teardown),
		cmocka_unit_test_setup_teardown(setting_again_replaces_and_stopping_prevents, setup, teardown),
		cmocka_unit_test_setup_teardown(a_timer_of_zero_rings_on_the_next_turn_not_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(a_cleared_timer_is_silent_also_when_it_was_due, setup, teardown),
		cmocka_unit_test_setup_teardown(a_timer_set_after_long_work_counts_from_then, setup, teardown),
		cmocka_unit_test_setup_teardown(stopping_before_running_is_not_forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(a_watch_calls_while_there_is_something_to_read, setup, teardown),
		cmocka_unit_test_setup_teardown(a_signal_is_a_call_on_the_loop, setup, teardown),
		cmocka_unit_test_setup_teardown(every_job_runs_elsewhere_and_is_told_here_once, setup, teardown),
		cmocka_unit_test_setup_teardown(jobs_begin_in_the_order_given, setup, teardown),
		cmocka_unit_test_setup_teardown(draining_waits_for_what_was_given_before, setup, teardown),
		cmocka_unit_test_setup_teardown(a_job_may_be_followed_by_another, setup, teardown),
		cmocka_unit_test_setup_teardown(freeing_waits_for_what_runs_and_tells_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(workers_leave_signals_to_the_loop, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
