/*
 * fake_loop - time, timers and workers for unit tests, by linking instead of base/clock, net/loop and net/work.
 */
#include "fake_loop.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/xalloc.h"

_Atomic int64_t		 fake_mono_ms = 1000000, fake_wall_ms;
int64_t			 fake_heard_ms;
int			 fake_work_stuck;

static struct store	*the_store;
static int64_t		 heard_at_ms;

/* ---- clock -------------------------------------------------------------------------------------------------------- */

int64_t
clock_mono_ms(void)
{
	return fake_mono_ms;
}

int64_t
clock_wall_ms(void)
{
	return fake_wall_ms;
}

void
clock_heard(int64_t ms)
{
	fake_heard_ms = ms;
	heard_at_ms = fake_mono_ms;
}

int64_t
clock_judge_ms(void)
{
	return fake_heard_ms != 0 ? fake_heard_ms + fake_mono_ms - heard_at_ms : 0;
}

int64_t
clock_expiry_ms(void)
{
	return clock_judge_ms() < fake_wall_ms ? clock_judge_ms() : fake_wall_ms;
}

int64_t
clock_min_ms(void)
{
	return fake_heard_ms != 0 && clock_judge_ms() < fake_wall_ms ? clock_judge_ms() : fake_wall_ms;
}

int64_t
clock_skew_ms(void)
{
	return fake_heard_ms != 0 ? fake_wall_ms - clock_judge_ms() : 0;
}

int64_t
clock_real_us(int64_t ms)
{
	return ms * 1000;
}

int64_t
clock_cpu_us(void)
{
	return 0;
}

/* ---- timers: struct event is ours here ---------------------------------------------------------------------------- */

struct event {
	struct event	*next;
	struct timer	*timer;
	int64_t		 at_ms;		/* -1: not set */
};

static struct event	*events;

void
timer_init(struct timer *t, struct loop *l, void (*cb)(void *), void *arg)
{
	(void)l;
	t->ev = xcalloc(1, sizeof(*t->ev));
	*t->ev = (struct event){ events, t, -1 };
	events = t->ev;
	t->cb = cb;
	t->arg = arg;
}

void
timer_set(struct timer *t, int64_t ms)
{
	t->ev->at_ms = fake_mono_ms + (ms > 0 ? ms : 0);
}

void
timer_set_real(struct timer *t, int64_t ms)
{
	timer_set(t, ms);
}

void
timer_stop(struct timer *t)
{
	t->ev->at_ms = -1;
}

int
timer_pending(const struct timer *t)
{
	return t->ev->at_ms != -1;
}

void
timer_clear(struct timer *t)
{
	struct event	**at;

	if (t->ev == NULL)
		return;
	for (at = &events; *at != t->ev; at = &(*at)->next)
		;
	*at = t->ev->next;
	free(t->ev);
	t->ev = NULL;
}

/* The earliest that is set; NULL: none. */
static struct event *
first_event(void)
{
	struct event	*e, *first = NULL;

	for (e = events; e != NULL; e = e->next)
		if (e->at_ms != -1 && (first == NULL || e->at_ms < first->at_ms))
			first = e;
	return first;
}

static int
ring(int64_t until_ms)
{
	struct event	*e = first_event();

	if (e == NULL || e->at_ms > until_ms)
		return 0;
	if (e->at_ms > fake_mono_ms) {
		fake_wall_ms += e->at_ms - fake_mono_ms;
		fake_mono_ms = e->at_ms;
	}
	e->at_ms = -1;
	e->timer->cb(e->timer->arg);
	return 1;
}

/* ---- workers ------------------------------------------------------------------------------------------------------ */

struct job {
	struct job	*next;
	void		(*run)(void *), (*done)(void *);
	void		*arg;
	int		 ran;
};

static struct job	*jobs, **jobs_end = &jobs;

void
work_submit(struct work *w, void (*run)(void *), void (*done)(void *), void *arg)
{
	struct job	*j = xcalloc(1, sizeof(*j));

	(void)w;
	*j = (struct job){ NULL, run, done, arg, 0 };
	*jobs_end = j;
	jobs_end = &j->next;
}

void
fake_work_end(void)
{
	struct job	*j;

	while ((j = jobs) != NULL) {
		jobs = j->next;
		free(j);
	}
	jobs_end = &jobs;
	fake_work_stuck = 0;
}

static int
do_work(void)
{
	struct job	*j = jobs;

	if (j == NULL)
		return 0;
	if (!j->ran)
		j->run(j->arg);
	j->ran = 1;
	if (fake_work_stuck == 1)
		return 0;
	fake_work_stuck -= fake_work_stuck > 1;
	if ((jobs = j->next) == NULL)
		jobs_end = &jobs;
	j->done(j->arg);
	free(j);
	return 1;
}

/* ---- turning ------------------------------------------------------------------------------------------------------ */

void
fake_open(struct store *s)
{
	the_store = s;
}

void
fake_close(void)
{
	fake_http_close();
	fake_work_end();
	the_store = NULL;
	events = NULL;
	fake_heard_ms = 0;
}

int
fake_is_clean(void)
{
	return jobs == NULL && fake_in_flight() == 0 && events == NULL;
}

void
fake_turn(void)
{
	int	 some;

	do {
		some = ring(fake_mono_ms);
		some |= do_work();
		some |= fake_http_serve();
		if (the_store != NULL && store_pending(the_store) > 0) {
			store_wait(the_store);
			some = 1;
		}
	} while (some);
}

void
fake_pass(int64_t ms)
{
	int64_t	 until_ms = fake_mono_ms + ms;

	fake_turn();
	while (ring(until_ms))
		fake_turn();
	fake_wall_ms += until_ms - fake_mono_ms;
	fake_mono_ms = until_ms;
	fake_turn();
}
