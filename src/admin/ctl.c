/*
 * ctl - the control socket.
 */
#include "admin/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/queue.h"
#include "base/xalloc.h"

#define CALLS_MAX	16
#define REQUEST_MAX	256
#define REQUEST_MS	10000
#define WRITE_MS	50		/* how long to wait when the peer reads slowly */
#define STARTING	"starting: m365fwd opens its store, ask again in a moment"

struct ctl {
	struct loop	*loop;
	int		 fd;
	char		 path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	struct watch	 watch;
	struct thread	*starting;		/* answers until ctl_ready */
	int		 end[2];		/* closing end[1] ends it */
	ctl_handler	*handler;
	void		*arg;
	struct ctl_call	*calls;
	unsigned	 n;
};

struct ctl_call {
	struct ctl_call	*next;
	struct ctl	*ctl;
	int		 fd;
	struct watch	 watch;
	struct timer	 timer;
	char		 request[REQUEST_MAX + 1];
	size_t		 len;
	int		 asked;			/* the handler has it */
	struct buf	 answer;
	size_t		 written;
	int		 answered;
};

static void
call_free(struct ctl_call *call)
{
	struct ctl_call	**at = &call->ctl->calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	call->ctl->n--;
	watch_clear(&call->watch);
	timer_clear(&call->timer);
	close(call->fd);
	buf_clear(&call->answer);
	free(call);
}

static void
write_on(void *arg)
{
	struct ctl_call	*call = arg;
	ssize_t		 n;

	while (call->written < call->answer.len) {
		n = send(call->fd, call->answer.bytes + call->written, call->answer.len - call->written,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			call->written += (size_t)n;
		} else if (n == -1 && (errno == EAGAIN || errno == EINTR)) {
			timer_set_real(&call->timer, WRITE_MS);
			return;
		} else {
			break;
		}
	}
	call_free(call);
}

void
ctl_answer(struct ctl_call *call, const char *error, const char *text, size_t len)
{
	if (error != NULL)
		buf_addf(&call->answer, "error %s\n", error);
	else
		buf_adds(&call->answer, "ok\n");
	buf_add(&call->answer, text, len);
	call->answered = 1;
	timer_clear(&call->timer);
	timer_init(&call->timer, call->ctl->loop, write_on, call);
	timer_set(&call->timer, 0);
}

static void
too_slow(void *arg)
{
	call_free(arg);
}

static void
read_on(void *arg)
{
	struct ctl_call	*call = arg;
	char		*end, spare[64];
	ssize_t		 n;

	if (call->asked) {			/* the peer went away, or says more than it should */
		n = recv(call->fd, spare, sizeof(spare), MSG_DONTWAIT);
		if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
			watch_clear(&call->watch);
		return;
	}
	n = recv(call->fd, call->request + call->len, REQUEST_MAX - call->len, MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		call_free(call);
		return;
	}
	call->len += (size_t)n;
	call->request[call->len] = '\0';
	if ((end = strchr(call->request, '\n')) == NULL) {
		if (call->len == REQUEST_MAX)
			call_free(call);
		return;
	}
	*end = '\0';
	call->asked = 1;
	timer_stop(&call->timer);
	call->ctl->handler(call->ctl->arg, call->request, call);
}

static int
may_ask(int fd)
{
	struct ucred	 peer;
	socklen_t	 size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && (peer.uid == 0 || peer.uid == geteuid());
}

static void
accept_one(void *arg)
{
	struct ctl	*ctl = arg;
	struct ctl_call	*call;
	int		 fd = accept4(ctl->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd == -1)
		return;
	if (ctl->n >= CALLS_MAX || !may_ask(fd)) {
		close(fd);
		return;
	}
	call = xcalloc(1, sizeof(*call));
	call->ctl = ctl;
	call->fd = fd;
	call->next = ctl->calls;
	ctl->calls = call;
	ctl->n++;
	timer_init(&call->timer, ctl->loop, too_slow, call);
	timer_set_real(&call->timer, REQUEST_MS);
	watch_init(&call->watch, ctl->loop, fd, read_on, call);
}

/* Reads what is asked, so that the answer is not lost with a reset, and says what there is to say. */
static void
answer_starting(int fd)
{
	char		 request[REQUEST_MAX];
	struct pollfd	 p = { .fd = fd, .events = POLLIN };

	if (may_ask(fd) && poll(&p, 1, WRITE_MS * 4) == 1 && recv(fd, request, sizeof(request), MSG_DONTWAIT) > 0)
		(void)send(fd, "error " STARTING "\n", sizeof("error " STARTING "\n") - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static void
starting(void *arg)
{
	struct ctl	*ctl = arg;
	struct pollfd	 p[2] = { { .fd = ctl->fd, .events = POLLIN }, { .fd = ctl->end[0], .events = POLLIN } };
	int		 fd;

	for (;;) {
		if (poll(p, 2, -1) == -1)
			continue;
		if (p[1].revents != 0)
			return;
		if (p[0].revents != 0 && (fd = accept4(ctl->fd, NULL, NULL, SOCK_CLOEXEC)) != -1)
			answer_starting(fd);
	}
}

static void
stop_starting(struct ctl *ctl)
{
	if (ctl->starting == NULL)
		return;
	close(ctl->end[1]);
	thread_join(ctl->starting);
	close(ctl->end[0]);
	ctl->starting = NULL;
}

static int
address(const char *state_dir, struct sockaddr_un *a, struct err *e)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	if (snprintf(a->sun_path, sizeof(a->sun_path), "%s/ctl.sock", state_dir) >= (int)sizeof(a->sun_path)) {
		err_set(e, ERR_CONFIG, "state_dir: %s is too long for a socket in it (at most %zu bytes)", state_dir,
		    sizeof(a->sun_path) - sizeof("/ctl.sock"));
		return -1;
	}
	return 0;
}

struct ctl *
ctl_open(struct loop *loop, const char *state_dir, ctl_handler *handler, void *arg, struct err *e)
{
	struct sockaddr_un	 a;
	struct ctl		*ctl;
	mode_t			 mask;
	int			 fd, bound;

	if (address(state_dir, &a, e) == -1)
		return NULL;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) == -1) {
		err_errno(e, ERR_IO, "%s", a.sun_path);
		return NULL;
	}
	unlink(a.sun_path);		/* the store's lock is ours, so nobody listens there */
	mask = umask(0177);
	bound = bind(fd, (struct sockaddr *)&a, sizeof(a));
	umask(mask);
	if (bound == -1 || listen(fd, CALLS_MAX) == -1) {
		err_errno(e, ERR_IO, "%s", a.sun_path);
		close(fd);
		return NULL;
	}
	ctl = xcalloc(1, sizeof(*ctl));
	ctl->loop = loop;
	ctl->fd = fd;
	memcpy(ctl->path, a.sun_path, sizeof(ctl->path));
	ctl->handler = handler;
	ctl->arg = arg;
	if (pipe2(ctl->end, O_CLOEXEC) == 0)		/* else whoever asks now waits */
		ctl->starting = thread_start("ctl", starting, ctl);
	return ctl;
}

void
ctl_ready(struct ctl *ctl)
{
	stop_starting(ctl);
	watch_init(&ctl->watch, ctl->loop, ctl->fd, accept_one, ctl);
}

void
ctl_close(struct ctl *ctl)
{
	if (ctl == NULL)
		return;
	stop_starting(ctl);
	while (ctl->calls != NULL)
		call_free(ctl->calls);
	watch_clear(&ctl->watch);
	close(ctl->fd);
	unlink(ctl->path);
	free(ctl);
}

static int
read_all(int fd, int patience_ms, struct buf *text, struct err *e)
{
	struct pollfd	 p = { .fd = fd, .events = POLLIN };
	char		 piece[65536];
	ssize_t		 n;

	for (;;) {
		switch (poll(&p, 1, patience_ms)) {
		case -1:
			if (errno == EINTR)
				continue;
			err_errno(e, ERR_IO, "ctl.sock");
			return -1;
		case 0:
			err_set(e, ERR_AGAIN, "m365fwd is running and does not answer yet: starting");
			return -1;
		}
		if ((n = read(fd, piece, sizeof(piece))) == 0)
			return 0;
		if (n == -1) {
			err_errno(e, ERR_IO, "ctl.sock");
			return -1;
		}
		buf_add(text, piece, (size_t)n);
	}
}

int
ctl_ask(const char *state_dir, const char *request, int patience_ms, struct buf *text, struct err *e)
{
	struct sockaddr_un	 a;
	char			*end;
	int			 fd, rc = -1;

	if (address(state_dir, &a, e) == -1)
		return -1;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1) {
		err_errno(e, ERR_IO, "socket");
		return -1;
	}
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == -1) {
		rc = errno == ENOENT || errno == ECONNREFUSED ? 0 : -1;
		err_errno(e, errno == EACCES ? ERR_PERMISSION : ERR_IO, "%s", a.sun_path);
		goto out;
	}
	if (dprintf(fd, "%s\n", request) < 0 || read_all(fd, patience_ms, text, e) == -1)
		goto out;
	if (text->len >= 3 && memcmp(text->bytes, "ok\n", 3) == 0) {
		buf_drop(text, 3);
		rc = 1;
	} else if (text->len > 6 && memcmp(text->bytes, "error ", 6) == 0 && (end = strchr(text->bytes, '\n')) != NULL) {
		err_set(e, strncmp(text->bytes + 6, STARTING, 9) == 0 ? ERR_AGAIN : ERR_UNAVAILABLE, "%.*s",
		    (int)(end - text->bytes - 6), text->bytes + 6);
	} else {
		err_set(e, ERR_PERMISSION, "%s: closed without an answer: only root and the user that runs m365fwd may ask",
		    a.sun_path);
	}
out:
	close(fd);
	return rc;
}
