/*
 * sockets - connections to a server under test, one thread, no time.
 */
#include "sockets.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "kit.h"
#include "net/loop.h"

#define EVENTS_MAX	64

struct event {
	struct timer	*timer;
	struct watch	*watch;
	int		 fd;
	int64_t		 ms;		/* -1: not set */
};

static struct event	*events[EVENTS_MAX];
static size_t		 n_events;
static int		 waiting = -1;	/* the server's end of who connects */

static struct event *
add(struct event e)
{
	MUST(n_events < EVENTS_MAX);
	events[n_events] = xmalloc(sizeof(e));
	*events[n_events] = e;
	return events[n_events++];
}

static void
drop(struct event **ev)
{
	size_t	 at = 0;

	if (*ev == NULL)
		return;
	while (events[at] != *ev)
		at++;
	for (n_events--; at < n_events; at++)
		events[at] = events[at + 1];
	free(*ev);
	*ev = NULL;
}

/* ---- net/loop ---- */

void
timer_init(struct timer *t, struct loop *l, void (*cb)(void *), void *arg)
{
	(void)l;
	*t = (struct timer){ NULL, cb, arg };
	t->ev = add((struct event){ .timer = t, .fd = -1, .ms = -1 });
}

void
timer_set(struct timer *t, int64_t ms)
{
	t->ev->ms = ms;
}

void
timer_set_real(struct timer *t, int64_t ms)
{
	t->ev->ms = ms;
}

void
timer_stop(struct timer *t)
{
	t->ev->ms = -1;
}

int
timer_pending(const struct timer *t)
{
	return t->ev->ms != -1;
}

void
timer_clear(struct timer *t)
{
	drop(&t->ev);
}

void
watch_init(struct watch *w, struct loop *l, int fd, void (*cb)(void *), void *arg)
{
	(void)l;
	*w = (struct watch){ NULL, cb, arg };
	w->ev = add((struct event){ .watch = w, .fd = fd, .ms = -1 });
}

void
watch_clear(struct watch *w)
{
	drop(&w->ev);
}

int
accept4(int fd, struct sockaddr *a, socklen_t *len, int flags)
{
	int	 mine = waiting;

	(void)fd;
	(void)a;
	(void)len;
	(void)flags;
	waiting = -1;
	errno = EAGAIN;
	return mine;
}

/* ---- turning ---- */

static int
is_readable(int fd)
{
	struct pollfd	 p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* One that is due is called; 0: none is. The first watch is the server's own, which sock_connect calls. */
static int
call_one(int64_t until_ms)
{
	for (size_t i = 1; i < n_events; i++) {
		struct event	*e = events[i];

		if (e->watch != NULL && is_readable(e->fd)) {
			e->watch->cb(e->watch->arg);
			return 1;
		}
		if (e->timer != NULL && e->ms >= 0 && e->ms <= until_ms) {
			e->ms = -1;
			e->timer->cb(e->timer->arg);
			return 1;
		}
	}
	return 0;
}

void
sock_turn(void)
{
	for (unsigned n = 0; call_one(0); n++)
		MUST(n < 10000);		/* else it turns in a circle */
}

void
sock_expire(void)
{
	for (unsigned n = 0; call_one(INT64_MAX); n++)
		MUST(n < 10000);
}

int
sock_connect(void)
{
	int	 pair[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
	waiting = pair[0];
	events[0]->watch->cb(events[0]->watch->arg);
	MUST(waiting == -1);
	return pair[1];
}

int
sock_send(int fd, const char *p, size_t len, size_t piece)
{
	size_t	 n;

	for (; len > 0; p += n, len -= n) {
		n = len < piece ? len : piece;
		if (send(fd, p, n, MSG_NOSIGNAL) != (ssize_t)n)
			return -1;
		sock_turn();
	}
	return 0;
}

int
sock_read(int fd, struct buf *to)
{
	char	 piece[4096];
	ssize_t	 n;

	sock_turn();
	while ((n = recv(fd, piece, sizeof(piece), 0)) > 0) {
		buf_add(to, piece, (size_t)n);
		sock_expire();			/* who waits until we have read */
	}
	return n == 0 || errno == ECONNRESET ? 0 : -1;
}

int
sock_idle(void)
{
	return n_events == 1;
}
