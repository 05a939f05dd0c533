/*
 * work - a few helper threads that turn bytes into bytes.
 *
 *	loop thread: submit -> todo -> worker: run() -> over -> loop thread: done()
 */
#include "net/work.h"

#include <poll.h>
#include <stdlib.h>

#include "base/queue.h"
#include "base/xalloc.h"

#define TELL_MAX 64	/* ends told in one turn of the loop, so that sockets and timers have theirs */

struct job {
	void		(*run)(void *);
	void		(*done)(void *);
	void		*arg;
	uint64_t	 serial;
};

struct work {
	struct queue	*todo, *over;
	struct watch	 watch;
	struct thread	**threads;
	unsigned	 n_threads;
	unsigned	 pending;	/* submitted, and done() not called yet */
	uint64_t	 serial;	/* of the newest job */
	uint64_t	 drain_to;	/* work_drain waits for jobs up to this one, */
	unsigned	 drain_left;	/* so many */
};

static void
labour(void *arg)
{
	struct work	*w = arg;
	struct job	*j;

	while ((j = queue_wait(w->todo)) != NULL) {
		j->run(j->arg);
		queue_push(w->over, j);
	}
}

static void
tell(void *arg)
{
	struct work	*w = arg;
	struct job	*j, told;

	for (unsigned i = 0; i < TELL_MAX && (j = queue_pop(w->over)) != NULL; i++) {
		told = *j;
		free(j);
		w->pending--;
		w->drain_left -= told.serial <= w->drain_to && w->drain_left > 0;
		told.done(told.arg);
	}
}

struct work *
work_new(struct loop *l, unsigned threads)
{
	struct work	*w = xcalloc(1, sizeof(*w));

	w->todo = queue_new();
	w->over = queue_new();
	w->threads = xcalloc(threads, sizeof(*w->threads));
	watch_init(&w->watch, l, queue_fd(w->over), tell, w);
	while (w->n_threads < threads)
		w->threads[w->n_threads++] = thread_start("worker", labour, w);
	return w;
}

static void
drop_all(struct queue *q)
{
	struct job	*j;

	while ((j = queue_pop(q)) != NULL)
		free(j);
}

void
work_free(struct work *w)
{
	if (w == NULL)
		return;
	drop_all(w->todo);	/* what no worker has begun is not begun any more */
	queue_close(w->todo);
	for (unsigned i = 0; i < w->n_threads; i++)
		thread_join(w->threads[i]);
	watch_clear(&w->watch);
	drop_all(w->over);
	queue_free(w->todo);
	queue_free(w->over);
	free(w->threads);
	free(w);
}

void
work_submit(struct work *w, void (*run)(void *), void (*done)(void *), void *arg)
{
	struct job	*j = xmalloc(sizeof(*j));

	j->run = run;
	j->done = done;
	j->arg = arg;
	j->serial = ++w->serial;
	w->pending++;
	queue_push(w->todo, j);
}

unsigned
work_pending(const struct work *w)
{
	return w->pending;
}

void
work_drain(struct work *w)
{
	struct pollfd	 p = { .fd = queue_fd(w->over), .events = POLLIN };

	w->drain_to = w->serial;
	w->drain_left = w->pending;
	while (w->drain_left > 0) {
		poll(&p, 1, 1000);
		tell(w);
	}
}
