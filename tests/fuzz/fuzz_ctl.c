/*
 * fuzz_ctl - any bytes on both ends of the control socket: the daemon hears at most one request of one line a connection, and asks
 * the store only what it understood; the command takes an answer for one only when it says so.
 *
 * Input: "PIECE", a line break, and the bytes: first the request, sent so many at a time, then the same as a reply.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin/ctl.h"
#include "kit.h"
#include "sockets.h"
#include "store/store.h"

static char		 dir[] = "/tmp/m365fwd-fuzz-XXXXXX";
static struct ctl	*ctl;
static unsigned		 asked, stored;
static const char	*bytes;
static size_t		 n_bytes;

/* ---- the store: what it is asked is looked at, and nothing is answered ---- */

#define ASKED(name)							\
void									\
name(struct store *s, store_cb *cb, void *arg)				\
{									\
	(void)s;							\
	(void)cb;							\
	(void)arg;							\
	stored++;							\
}

static void
check_words(int64_t after, int64_t last, const char *output)
{
	MUST(after >= 0 && last >= 0);
	MUST(output == NULL || (output[0] != '\0' && strlen(output) < 80 && strchr(output, ' ') == NULL));
	stored++;
}

#define ASKED_LIST(name)						\
void									\
name(struct store *s, int64_t after, const char *output, store_cb *cb, void *arg)	\
{									\
	(void)s;							\
	(void)cb;							\
	(void)arg;							\
	check_words(after, 0, output);					\
}

#define ASKED_RANGE(name)						\
void									\
name(struct store *s, int64_t after, int64_t last, const char *output, store_cb *cb, void *arg)	\
{									\
	(void)s;							\
	(void)cb;							\
	(void)arg;							\
	check_words(after, last, output);				\
}

ASKED(store_status)
ASKED(store_gaps)
ASKED(store_tallies)
ASKED_LIST(store_dead)
ASKED_LIST(store_dead_export)
ASKED_RANGE(store_dead_retry)
ASKED_RANGE(store_dead_drop)

void
store_dead_show(struct store *s, int64_t id, store_cb *cb, void *arg)
{
	(void)s;
	(void)cb;
	(void)arg;
	check_words(id, 0, NULL);
}

/* ---- the daemon's end ---- */

static void
handler(void *arg, const char *request, struct ctl_call *call)
{
	size_t	 len = strlen(request);
	int	 known;

	(void)arg;
	asked++;
	MUST(len < 256 && strchr(request, '\n') == NULL && len < n_bytes && memcmp(request, bytes, len) == 0);
	known = store_ask(NULL, request, NULL, NULL);
	MUST((unsigned)known == stored);
	ctl_answer(call, known ? NULL : "unknown request", request, len);
}

static void
gone(void)
{
	ctl_close(ctl);
	rmdir(dir);
}

static void
begin(void)
{
	struct err	 e = { 0 };

	if (ctl != NULL)
		return;
	MUST(mkdtemp(dir) != NULL && (ctl = ctl_open(NULL, dir, handler, NULL, &e)) != NULL);
	ctl_ready(ctl);
	atexit(gone);
}

static void
check_daemon(size_t piece)
{
	struct buf	 answer = { 0 };
	int		 fd = sock_connect();

	asked = stored = 0;
	if (sock_send(fd, bytes, n_bytes, piece) == 0)
		shutdown(fd, SHUT_WR);
	if (sock_read(fd, &answer) == -1)
		sock_expire();
	MUST(asked <= 1 && sock_idle());
	MUST(asked == 1 || answer.len == 0);
	if (asked == 1)
		MUST(strncmp(buf_str(&answer), stored == 1 ? "ok\n" : "error unknown request\n", 3) == 0);
	close(fd);
	buf_clear(&answer);
}

/* ---- the command's end ---- */

int
connect(int fd, const struct sockaddr *a, socklen_t len)
{
	int	 pair[2];

	(void)a;
	(void)len;
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	MUST(dup2(pair[0], fd) == fd && close(pair[0]) == 0);
	MUST(send(pair[1], bytes, n_bytes, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)n_bytes);
	shutdown(pair[1], SHUT_WR);
	return dup2(pair[1], 900) == 900 && close(pair[1]) == 0 ? 0 : -1;	/* open until the command has read */
}

static void
check_command(void)
{
	struct buf	 text = { 0 };
	struct err	 e = { 0 };
	int		 rc = ctl_ask(dir, "status", 1000, &text, &e);

	close(900);
	MUST(rc == 1 || rc == -1);
	if (rc == 1)
		MUST(n_bytes >= 3 && memcmp(bytes, "ok\n", 3) == 0 && text.len == n_bytes - 3);
	else
		MUST((n_bytes < 3 || memcmp(bytes, "ok\n", 3) != 0) && e.kind != ERR_NONE);
	buf_clear(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct fuzz_in	 in = fuzz_in(p, len);
	char		 line[16], *at = fuzz_line(&in, line, sizeof(line));
	size_t		 piece = 1 + fuzz_number(&at, 300);

	begin();
	bytes = in.p;
	n_bytes = (size_t)(in.end - in.p);
	if (n_bytes > 65536)
		return 0;
	check_daemon(piece < n_bytes / 64 ? n_bytes / 64 : piece);
	check_command();
	return 0;
}
