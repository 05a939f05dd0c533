/*
 * queue: pointers go from thread to thread, once each and in order; threads take no signals.
 */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/queue.h"
#include "base/xalloc.h"

#define MANY	20000

static int
readable(struct queue *q)
{
	struct pollfd	 p = { .fd = queue_fd(q), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void
first_in_is_first_out(void **state)
{
	struct queue	*q = queue_new();
	int		 a, b, c;

	(void)state;
	assert_null(queue_pop(q));
	queue_push(q, &a);
	queue_push(q, &b);
	assert_int_equal(queue_len(q), 2);
	assert_ptr_equal(queue_pop(q), &a);
	queue_push(q, &c);
	assert_ptr_equal(queue_pop(q), &b);
	assert_ptr_equal(queue_wait(q), &c);
	assert_null(queue_pop(q));
	assert_int_equal(queue_len(q), 0);
	queue_free(q);
}

static void
the_descriptor_is_readable_exactly_while_something_is_there(void **state)
{
	struct queue	*q = queue_new();
	int		 a;

	(void)state;
	assert_false(readable(q));
	for (int round = 0; round < 3; round++) {
		queue_push(q, &a);
		assert_true(readable(q));
		queue_push(q, &a);
		assert_true(readable(q));
		queue_pop(q);
		assert_true(readable(q));
		queue_pop(q);
		assert_false(readable(q));
		queue_pop(q);
		assert_false(readable(q));
	}
	queue_push(q, &a);
	queue_wait(q);
	assert_false(readable(q));
	queue_free(q);
}

static void
what_is_in_a_closed_queue_is_still_popped(void **state)
{
	struct queue	*q = queue_new();
	int		 a;

	(void)state;
	queue_push(q, &a);
	queue_close(q);
	assert_ptr_equal(queue_wait(q), &a);
	assert_null(queue_wait(q));
	assert_null(queue_wait(q));
	queue_free(q);
}

struct passing {
	struct queue	*in, *out;
};

static void
pass_on(void *arg)
{
	struct passing	*p = arg;
	void		*what;

	while ((what = queue_wait(p->in)) != NULL)
		queue_push(p->out, what);
}

static void
push_all(void *arg)
{
	static int	 things[MANY];
	struct queue	*q = arg;

	for (int i = 0; i < MANY; i++) {
		things[i] = i;
		queue_push(q, &things[i]);
	}
}

static void
one_thread_hands_everything_to_another_in_order(void **state)
{
	struct queue	*q = queue_new();
	struct thread	*t = thread_start("pusher", push_all, q);
	int		*got;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		got = queue_wait(q);
		assert_non_null(got);
		assert_int_equal(*got, i);
	}
	thread_join(t);
	assert_false(readable(q));
	queue_free(q);
}

static void
many_threads_lose_nothing_and_double_nothing(void **state)
{
	static int	 things[MANY], seen[MANY];
	struct passing	 p = { queue_new(), queue_new() };
	struct thread	*t[4];
	struct pollfd	 wait = { .fd = queue_fd(p.out), .events = POLLIN };
	int		*got, n = 0;

	(void)state;
	for (int i = 0; i < 4; i++)
		t[i] = thread_start("passer", pass_on, &p);
	for (int i = 0; i < MANY; i++) {
		things[i] = i;
		queue_push(p.in, &things[i]);
	}
	while (n < MANY) {
		assert_int_equal(poll(&wait, 1, 10000), 1);
		while ((got = queue_pop(p.out)) != NULL) {
			seen[*got]++;
			n++;
		}
	}
	queue_close(p.in);
	for (int i = 0; i < 4; i++)
		thread_join(t[i]);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(seen[i], 1);
	assert_int_equal(queue_len(p.out), 0);
	queue_free(p.in);
	queue_free(p.out);
}

struct look {
	sigset_t	 blocked;
	char		 name[16];
};

static void
look_around(void *arg)
{
	struct look	*l = arg;

	pthread_sigmask(SIG_SETMASK, NULL, &l->blocked);
	pthread_getname_np(pthread_self(), l->name, sizeof(l->name));
}

static void
a_thread_takes_no_signals_but_its_own_faults(void **state)
{
	struct look	 l;
	sigset_t	 before, after;

	(void)state;
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	thread_join(thread_start("a name that is too long", look_around, &l));
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_true(sigismember(&l.blocked, SIGTERM));
	assert_true(sigismember(&l.blocked, SIGHUP));
	assert_true(sigismember(&l.blocked, SIGUSR1));
	assert_false(sigismember(&l.blocked, SIGSEGV));
	assert_false(sigismember(&l.blocked, SIGABRT));
	assert_string_equal(l.name, "a name that is ");
	assert_false(sigismember(&after, SIGTERM));
	for (int i = 1; i < 32; i++)
		assert_int_equal(sigismember(&before, i), sigismember(&after, i));
	thread_join(NULL);
	queue_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(first_in_is_first_out),
		cmocka_unit_test(the_descriptor_is_readable_exactly_while_something_is_there),
		cmocka_unit_test(what_is_in_a_closed_queue_is_still_popped),
		cmocka_unit_test(one_thread_hands_everything_to_another_in_order),
		cmocka_unit_test(many_threads_lose_nothing_and_double_nothing),
		cmocka_unit_test(a_thread_takes_no_signals_but_its_own_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
