/*
 * fuzz_http - any bytes to the admin port: the handler hears at most one request a connection, a plain path that was asked for by
 * GET or HEAD under a name of loopback, and whoever asks gets one whole answer or a closed connection.
 *
 * Input: "PIECE", a line break, and the bytes, sent so many at a time.
 */
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin/http.h"
#include "kit.h"
#include "sockets.h"

#define TEXT		"metrics\n"
#define HEAD_MOST	(8192 + 2048)

static struct admin	*admin;
static unsigned		 asked;
static const char	*sent;
static size_t		 n_sent;

/* By another reader: of the lines before the empty one, one names a host, and that is ours. */
static int
names_loopback(void)
{
	const char	*end = memmem(sent, n_sent, "\r\n\r\n", 4), *p = sent, *host = NULL;

	for (; p != NULL && p < end; p = memmem(p, (size_t)(end - p), "\r\n", 2)) {
		p += *p == '\r' ? 2 : 0;
		if (strncasecmp(p, "host:", 5) != 0)
			continue;
		if (host != NULL)
			return 0;
		host = p + 5 + strspn(p + 5, " \t");
	}
	return host != NULL && (strncasecmp(host, "localhost", 9) == 0 || strncmp(host, "127.", 4) == 0 ||
	    (*host == '[' && strcspn(host, "1") < strcspn(host, "]")));
}

static void
handler(void *arg, const char *path, struct admin_call *call)
{
	(void)arg;
	asked++;
	MUST(*path == '/' && strpbrk(path, " \r\n?#") == NULL && strlen(path) < HEAD_MOST);
	MUST(n_sent > 5 && (memcmp(sent, "GET /", 5) == 0 || memcmp(sent, "HEAD /", 6) == 0));
	MUST(memmem(sent, n_sent, path, strlen(path)) != NULL && memmem(sent, n_sent, "\r\n\r\n", 4) != NULL);
	MUST(names_loopback());
	admin_answer(call, 200, "text/plain", TEXT, strlen(TEXT));
}

static void
begin(void)
{
	struct err	 e = { 0 };

	if (admin != NULL)
		return;
	admin = admin_open(NULL, "127.0.0.1:0", handler, NULL, &e);
	MUST(admin != NULL && admin_is_local(admin));
}

/* One answer: a status line, headers that end, and as much body as they say. */
static void
check_answer(const struct buf *b)
{
	static const char	 is[] = "HTTP/1.1 ", length[] = "Content-Length: ";
	const char		*end, *at;
	size_t			 len;

	if (b->len == 0)
		return;
	MUST(b->len > 12 && strncmp(b->bytes, is, strlen(is)) == 0 && strlen(b->bytes) == b->len);
	MUST((end = strstr(b->bytes, "\r\n\r\n")) != NULL && (at = strstr(b->bytes, length)) != NULL && at < end);
	len = strtoul(at + strlen(length), NULL, 10);
	MUST(strlen(end + 4) == len || (end[4] == '\0' && n_sent > 5 && memcmp(sent, "HEAD ", 5) == 0));
	MUST((strncmp(b->bytes + strlen(is), "200", 3) == 0) == (asked == 1));
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct fuzz_in	 in = fuzz_in(p, len);
	char		 line[16], *at = fuzz_line(&in, line, sizeof(line));
	size_t		 piece = 1 + fuzz_number(&at, 9000);
	struct buf	 answer = { 0 };
	int		 fd;

	begin();
	asked = 0;
	sent = in.p;
	n_sent = (size_t)(in.end - in.p);
	fd = sock_connect();
	if (sock_send(fd, sent, n_sent, piece < n_sent / 64 ? n_sent / 64 : piece) == 0)
		shutdown(fd, SHUT_WR);
	if (sock_read(fd, &answer) == -1)
		sock_expire();
	MUST(asked <= 1 && sock_idle());
	check_answer(&answer);
	close(fd);
	buf_clear(&answer);
	return 0;
}
