/*
 * loop - the one event loop, its timers, watched descriptors and signals, on libevent.
 */
#include "net/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/xalloc.h"

struct loop {
	struct event_base	*base;
	int			 stopped;
};

static void *
need(void *made)
{
	if (made == NULL)
		no_memory("the event loop");	/* or no epoll: nothing works without the loop */
	return made;
}

/* libevent has said on stderr what it could not have: descriptors, at the start. Left alone it ends with exit(1), a code of nobody. */
static void
fatal(int code)
{
	if (code != 1)		/* a broken invariant of its own */
		abort();
	dprintf(STDERR_FILENO, "m365fwd: the event loop cannot be made; %s; stopping\n", err_advice(EMFILE));
	_exit(ERR_AGAIN);
}

struct loop *
loop_new(void)
{
	struct event_config	*config = need(event_config_new());
	struct loop		*l = xcalloc(1, sizeof(*l));

	event_set_fatal_callback(fatal);
	/* A timer set at the end of a long callback counts from then, and none rings a few milliseconds early. */
	event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	l->base = need(event_base_new_with_config(config));
	event_config_free(config);
	return l;
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	event_base_free(l->base);
	free(l);
}

void
loop_run(struct loop *l)
{
	while (!l->stopped)
		if (event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY) == -1)
			no_memory("the event loop");
	l->stopped = 0;
}

void
loop_stop(struct loop *l)
{
	l->stopped = 1;
	event_base_loopbreak(l->base);
}

struct event_base *
loop_base(struct loop *l)
{
	return l->base;
}

/* ---- timers ---------------------------------------------------------------------------------------------------------- */

static void
timer_rang(evutil_socket_t fd, short what, void *arg)
{
	struct timer	*t = arg;

	(void)fd;
	(void)what;
	t->cb(t->arg);
}

void
timer_init(struct timer *t, struct loop *l, void (*cb)(void *), void *arg)
{
	t->cb = cb;
	t->arg = arg;
	t->ev = need(event_new(l->base, -1, 0, timer_rang, t));
}

static void
ring_in(struct timer *t, int64_t us)
{
	struct timeval	 tv;

	if (us < 0)
		us = 0;
	tv.tv_sec = (time_t)(us / 1000000);
	tv.tv_usec = (suseconds_t)(us % 1000000);
	if (event_add(t->ev, &tv) == -1)
		no_memory("a timer");
}

void
timer_set(struct timer *t, int64_t ms)
{
	ring_in(t, clock_real_us(ms));
}

void
timer_set_real(struct timer *t, int64_t ms)
{
	ring_in(t, ms * 1000);
}

void
timer_stop(struct timer *t)
{
	if (t->ev != NULL)
		event_del(t->ev);
}

int
timer_pending(const struct timer *t)
{
	return t->ev != NULL && event_pending(t->ev, EV_TIMEOUT, NULL);
}

void
timer_clear(struct timer *t)
{
	if (t->ev == NULL)
		return;
	event_free(t->ev);
	t->ev = NULL;
}

/* ---- descriptors and signals ------------------------------------------------------------------------------------------- */

static void
watch_saw(evutil_socket_t fd, short what, void *arg)
{
	struct watch	*w = arg;

	(void)fd;
	(void)what;
	w->cb(w->arg);
}

static void
watch_add(struct watch *w, struct loop *l, int fd, short what, void (*cb)(void *), void *arg)
{
	w->cb = cb;
	w->arg = arg;
	w->ev = need(event_new(l->base, fd, (short)(what | EV_PERSIST), watch_saw, w));
	if (event_add(w->ev, NULL) == -1)
		no_memory("a descriptor");
}

void
watch_init(struct watch *w, struct loop *l, int fd, void (*cb)(void *), void *arg)
{
	watch_add(w, l, fd, EV_READ, cb, arg);
}

void
watch_signal(struct watch *w, struct loop *l, int signal, void (*cb)(void *), void *arg)
{
	watch_add(w, l, signal, EV_SIGNAL, cb, arg);
}

void
watch_clear(struct watch *w)
{
	if (w->ev == NULL)
		return;
	event_free(w->ev);
	w->ev = NULL;
}
