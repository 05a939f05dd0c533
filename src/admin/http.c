/*
 * http - the admin port.
 */
#include "admin/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "net/addr.h"

#define CALLS_MAX	16
#define HEAD_MAX	8192
#define CALL_MS		10000
#define WRITE_MS	20		/* how long to wait when the peer reads slowly */

struct admin {
	struct loop	*loop;
	int		 fd;
	int		 local;
	struct watch	 watch;
	admin_handler	*handler;
	void		*arg;
	struct admin_call *calls;
	unsigned	 n;
};

struct admin_call {
	struct admin_call *next;
	struct admin	*admin;
	int		 fd;
	struct watch	 watch;
	struct timer	 timer, deadline;
	struct buf	 head, answer;
	size_t		 written;
	int		 asked, answered, no_body;
	int		 gone;			/* its time is up, and the handler still has it */
};

static void
call_free(struct admin_call *c)
{
	struct admin_call	**at = &c->admin->calls;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->admin->n--;
	watch_clear(&c->watch);
	timer_clear(&c->timer);
	timer_clear(&c->deadline);
	if (c->fd != -1)
		close(c->fd);
	buf_clear(&c->head);
	buf_clear(&c->answer);
	free(c);
}

/* ---- the answer -------------------------------------------------------------------------------------------------------- */

static void
write_on(void *arg)
{
	struct admin_call	*c = arg;
	ssize_t			 n;

	while (c->written < c->answer.len) {
		n = send(c->fd, c->answer.bytes + c->written, c->answer.len - c->written, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0) {
			c->written += (size_t)n;
		} else if (n == -1 && (errno == EAGAIN || errno == EINTR)) {
			timer_set_real(&c->timer, WRITE_MS);
			return;
		} else {
			break;
		}
	}
	shutdown(c->fd, SHUT_WR);
	call_free(c);
}

static const char *
words_of(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 431:
		return "Request Header Fields Too Large";
	default:
		return "Service Unavailable";
	}
}

void
admin_answer(struct admin_call *c, int status, const char *type, const char *text, size_t len)
{
	if (c->gone) {
		call_free(c);
		return;
	}
	buf_addf(&c->answer, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\nCache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n%s\r\n", status,
	    words_of(status), type, len, status == 405 ? "Allow: GET, HEAD\r\n" : "");
	if (!c->no_body)
		buf_add(&c->answer, text, len);
	c->answered = 1;
	watch_clear(&c->watch);
	timer_set(&c->timer, 0);
}

static void
refuse(struct admin_call *c, int status, const char *why)
{
	admin_answer(c, status, "text/plain; charset=utf-8", why, strlen(why));
}

/* ---- the request --------------------------------------------------------------------------------------------------------- */

/* "localhost", or a literal of loopback, with or without a port. */
static int
names_loopback(const char *host)
{
	int	 literal = *host == '[';
	char	 name[128], *end;

	snprintf(name, sizeof(name), "%s", literal ? host + 1 : host);
	if ((end = strchr(name, literal ? ']' : ':')) != NULL)
		*end = '\0';
	else if (literal)
		return 0;
	if (!literal && strcasecmp(name, "localhost") == 0)
		return 1;
	return addr_in_block(name, "127.0.0.0/8") || addr_in_block(name, "::1");
}

/* The one Host header of the head, with its blanks trimmed; -1: none, several, or too long. */
static int
host_of(const char *head, char *to, size_t size)
{
	const char	*line = strstr(head, "\r\n");
	int		 found = 0;

	for (; line != NULL && strncmp(line + 2, "\r\n", 2) != 0; line = strstr(line + 2, "\r\n")) {
		const char	*p = line + 2;
		size_t		 len;

		if (strncasecmp(p, "Host:", 5) != 0)
			continue;
		p += 5;
		p += strspn(p, " \t");
		len = strcspn(p, "\r");
		while (len > 0 && (p[len - 1] == ' ' || p[len - 1] == '\t'))
			len--;
		if (found++ > 0 || len == 0 || len >= size)
			return -1;
		snprintf(to, size, "%.*s", (int)len, p);
	}
	return found == 1 ? 0 : -1;
}

/* The head is whole. */
static void
judge(struct admin_call *c)
{
	char	*head = c->head.bytes, *path, *end, host[256];
	int	 get = strncmp(head, "GET ", 4) == 0;

	c->asked = 1;
	c->no_body = strncmp(head, "HEAD ", 5) == 0;
	if (memchr(head, '\0', c->head.len) != NULL || host_of(head, host, sizeof(host)) == -1) {
		refuse(c, 400, "one Host header is needed\n");
		return;
	}
	if (c->admin->local && !names_loopback(host)) {
		refuse(c, 403, "this port is for this host: ask by 127.0.0.1 or localhost\n");
		return;
	}
	if (!get && !c->no_body) {
		refuse(c, 405, "this port only tells: GET and HEAD\n");
		return;
	}
	path = head + (get ? 4 : 5);
	end = path + strcspn(path, " \r\n");
	if (strncmp(end, " HTTP/1.", 8) != 0 || *path != '/') {
		refuse(c, 400, "this is no HTTP/1 request\n");
		return;
	}
	*end = '\0';
	path[strcspn(path, "?#")] = '\0';
	c->admin->handler(c->admin->arg, path, c);
}

static void
too_slow(void *arg)
{
	struct admin_call	*c = arg;

	if (!c->asked || c->answered) {
		call_free(c);
		return;
	}
	c->gone = 1;
	watch_clear(&c->watch);
	close(c->fd);
	c->fd = -1;
}

static void
read_on(void *arg)
{
	struct admin_call	*c = arg;
	char			 piece[2048];
	ssize_t			 n = recv(c->fd, piece, sizeof(piece), MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		if (c->asked)		/* half-closed, or gone: the answer finds out */
			watch_clear(&c->watch);
		else
			call_free(c);
		return;
	}
	if (c->asked)
		return;			/* a body, which nobody reads */
	buf_add(&c->head, piece, (size_t)n);
	if (strstr(buf_str(&c->head), "\r\n\r\n") != NULL)
		judge(c);
	else if (c->head.len > HEAD_MAX) {
		c->asked = 1;
		refuse(c, 431, "the head is too large\n");
	}
}

static void
accept_one(void *arg)
{
	struct admin		*a = arg;
	struct admin_call	*c;
	int			 fd = accept4(a->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd == -1)
		return;
	if (a->n >= CALLS_MAX) {
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->admin = a;
	c->fd = fd;
	c->next = a->calls;
	a->calls = c;
	a->n++;
	timer_init(&c->timer, a->loop, write_on, c);
	timer_init(&c->deadline, a->loop, too_slow, c);
	timer_set_real(&c->deadline, CALL_MS);
	watch_init(&c->watch, a->loop, fd, read_on, c);
}

/* ---- opening and closing -------------------------------------------------------------------------------------------------- */

/* "127.0.0.1:9365", "[::1]:9365": conf has checked the form. */
static socklen_t
address(const char *listen, struct sockaddr_storage *to)
{
	struct sockaddr_in	*in = (struct sockaddr_in *)to;
	struct sockaddr_in6	*in6 = (struct sockaddr_in6 *)to;
	const char		*colon = strrchr(listen, ':');
	char			 host[128];
	int			 port = colon != NULL ? atoi(colon + 1) : 0;

	memset(to, 0, sizeof(*to));
	snprintf(host, sizeof(host), "%.*s", colon != NULL ? (int)(colon - listen) : 0, listen);
	if (*host == '[') {
		host[strcspn(host, "]")] = '\0';
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		return inet_pton(AF_INET6, host + 1, &in6->sin6_addr) == 1 ? sizeof(*in6) : 0;
	}
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &in->sin_addr) == 1 ? sizeof(*in) : 0;
}

struct admin *
admin_open(struct loop *l, const char *listen_at, admin_handler *handler, void *arg, struct err *e)
{
	struct sockaddr_storage	 at;
	socklen_t		 len = address(listen_at, &at);
	struct admin		*a;
	int			 fd, on = 1;

	if (len == 0) {
		err_set(e, ERR_CONFIG, "admin.listen: %s is no address and port", listen_at);
		return NULL;
	}
	fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    bind(fd, (struct sockaddr *)&at, len) == -1 || listen(fd, CALLS_MAX) == -1) {
		err_errno(e, ERR_IO, "admin.listen: %s", listen_at);
		if (fd != -1)
			close(fd);
		return NULL;
	}
	a = xcalloc(1, sizeof(*a));
	a->loop = l;
	a->fd = fd;
	a->local = names_loopback(listen_at);
	a->handler = handler;
	a->arg = arg;
	watch_init(&a->watch, l, fd, accept_one, a);
	return a;
}

void
admin_close(struct admin *a)
{
	if (a == NULL)
		return;
	while (a->calls != NULL)
		call_free(a->calls);
	watch_clear(&a->watch);
	close(a->fd);
	free(a);
}

int
admin_is_local(const struct admin *a)
{
	return a->local;
}
