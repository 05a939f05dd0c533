/*
 * http - a small HTTP/1.1 server that can also misbehave, byte for byte.
 *
 *	HEAD -> BODY -> SERVING -> (STREAMING) -> HEAD, or ENDING: what is written goes out, then close or reset
 *
 * A stream is asked for more when less than LOW bytes wait; that is the back-pressure.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

#include "http.h"
#include "when.h"

#define MAX_HEAD 65536
#define LOW	 (128 * 1024)

enum state { HEAD, BODY, SERVING, STREAMING, ENDING, HELD };

struct conn {
	struct server	*server;
	struct bufferevent *bev;
	struct event	*timer;
	enum state	 state;
	enum ending	 ending;
	struct request	 req;
	char		*head;
	size_t		 body_left;
	int		 chunked_in, http10, tls;
	uint32_t	 age;
	struct stream	 stream;
	struct text	 piece;
	struct ev_token_bucket_cfg *bucket;
	int		 inside, dead;		/* do not free under our own feet */
};

static void	 drive(struct conn *);

static void
conn_free(struct conn *c)
{
	struct linger	 hard = { 1, 0 };
	evutil_socket_t	 fd;

	if (c->inside) {
		c->dead = 1;
		return;
	}
	if (c->ending == RESET && (fd = bufferevent_getfd(c->bev)) >= 0)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	if (c->stream.free != NULL)
		c->stream.free(c->stream.arg);
	if (c->timer != NULL)
		event_free(c->timer);
	bufferevent_free(c->bev);
	if (c->bucket != NULL)
		ev_token_bucket_cfg_free(c->bucket);
	free(c->head);
	text_clear(&c->req.body);
	text_clear(&c->req.extra);
	text_clear(&c->piece);
	free(c);
}

/* --- reading a request --- */

static void
refuse(struct conn *c, int status)
{
	if (c->req.method == NULL)
		c->req.method = c->req.target = c->req.path = c->req.query = "";
	c->ending = CLOSE;
	answer_text(&c->req, status, "text/plain", "m365sim does not understand this request\n");
}

static int
parse_head(struct conn *c)
{
	struct request	*r = &c->req;
	char		*line = c->head, *next, *p;
	int		 first = 1;

	for (; *line != '\0'; line = next) {
		if ((next = strstr(line, "\r\n")) == NULL)
			return -1;
		*next = '\0';
		next += 2;
		if (*line == '\0')
			break;
		if (first) {
			first = 0;
			r->method = line;
			if ((p = strchr(line, ' ')) == NULL)
				return -1;
			*p++ = '\0';
			r->target = p;
			if ((p = strchr(p, ' ')) == NULL || strncmp(p + 1, "HTTP/1.", 7) != 0)
				return -1;
			c->http10 = p[8] == '0';
			*p = '\0';
			continue;
		}
		if ((p = strchr(line, ':')) == NULL || r->nheaders == MAX_HEADERS)
			return -1;
		*p++ = '\0';
		p += strspn(p, " \t");
		r->name[r->nheaders] = line;
		r->value[r->nheaders++] = p;
	}
	if (first)
		return -1;
	r->path = r->target;
	r->query = "";
	return 0;
}

/* Path and query are copies behind the head, so that target stays whole for the log. */
static void
split_target(struct conn *c, size_t head_len)
{
	struct request	*r = &c->req;
	char		*copy = c->head + head_len + 1, *q;

	strcpy(copy, r->target);
	r->path = copy;
	if ((q = strchr(copy, '?')) != NULL) {
		*q = '\0';
		r->query = q + 1;
	}
}

static int
read_head(struct conn *c)
{
	struct evbuffer		*in = bufferevent_get_input(c->bev);
	struct evbuffer_ptr	 end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	const char		*v;
	size_t			 len;

	if (end.pos < 0) {
		if (evbuffer_get_length(in) > MAX_HEAD)
			refuse(c, 431);
		return 0;
	}
	len = (size_t)end.pos + 4;
	free(c->head);
	c->head = sim_alloc(2 * len + 2, 1);
	evbuffer_remove(in, c->head, len);
	memset(&c->req.name, 0, sizeof(c->req.name));
	c->req.nheaders = 0;
	c->req.method = NULL;
	c->req.rounds = c->req.slow = 0;
	c->req.kind = "other";
	c->req.conn = c;
	c->req.tls = c->tls;
	text_reset(&c->req.body);
	text_reset(&c->req.extra);
	if (strlen(c->head) != len || parse_head(c) == -1) {
		refuse(c, 400);
		return 0;
	}
	split_target(c, len);
	c->ending = KEEP;
	if (((v = header(&c->req, "Connection")) != NULL && strcasecmp(v, "close") == 0) ||
	    (c->http10 && (v == NULL || strcasecmp(v, "keep-alive") != 0)))
		c->ending = CLOSE;
	c->chunked_in = (v = header(&c->req, "Transfer-Encoding")) != NULL && strcasecmp(v, "chunked") == 0;
	c->body_left = (v = header(&c->req, "Content-Length")) != NULL ? strtoull(v, NULL, 10) : 0;
	if (c->body_left > c->server->max_body) {
		refuse(c, 413);
		return 0;
	}
	if ((v = header(&c->req, "Expect")) != NULL && strcasecmp(v, "100-continue") == 0)
		bufferevent_write(c->bev, "HTTP/1.1 100 Continue\r\n\r\n", 25);
	c->state = BODY;
	return 1;
}

static void
take(struct conn *c, size_t n)
{
	struct evbuffer	*in = bufferevent_get_input(c->bev);
	struct text	*b = &c->req.body;

	evbuffer_remove(in, text_need(b, n), n);
	b->len += n;
	b->bytes[b->len] = '\0';
}

/* 1: the body is whole, 0: more must come. */
static int
read_chunks(struct conn *c)
{
	struct evbuffer	*in = bufferevent_get_input(c->bev);
	char		*line;
	size_t		 n;

	for (;;) {
		if (c->body_left > 0) {			/* counts the CRLF behind the chunk */
			n = evbuffer_get_length(in);
			if (n == 0)
				return 0;
			if (c->body_left > 2) {
				n = n < c->body_left - 2 ? n : c->body_left - 2;
				take(c, n);
			} else {
				n = n < c->body_left ? n : c->body_left;
				evbuffer_drain(in, n);
			}
			c->body_left -= n;
			continue;
		}
		if ((line = evbuffer_readln(in, &n, EVBUFFER_EOL_CRLF_STRICT)) == NULL)
			return 0;
		n = strtoull(line, NULL, 16);
		free(line);
		if (n == 0) {
			while ((line = evbuffer_readln(in, &n, EVBUFFER_EOL_CRLF_STRICT)) != NULL && n > 0)
				free(line);
			free(line);
			return 1;
		}
		if (c->req.body.len + n > c->server->max_body) {
			refuse(c, 413);
			return 0;
		}
		c->body_left = n + 2;
	}
}

static int
read_body(struct conn *c)
{
	size_t	 n = evbuffer_get_length(bufferevent_get_input(c->bev));

	if (c->chunked_in) {
		if (!read_chunks(c))
			return 0;
	} else {
		n = n < c->body_left ? n : c->body_left;
		if (n > 0) {
			text_need(&c->req.body, c->body_left);
			take(c, n);
			c->body_left -= n;
		}
		if (c->body_left > 0)
			return 0;
	}
	c->state = SERVING;
	c->server->serve(&c->req, c->server->arg);
	return 1;
}

/* --- answering --- */

static void
next_request(struct conn *c)
{
	/* A big body is not kept for the next, small one. */
	if (c->req.body.size > (8u << 20))
		text_clear(&c->req.body);
	c->state = c->ending == KEEP ? HEAD : c->ending == HOLD ? HELD : ENDING;
}

/* 1: the answer is over. */
static int
pump(struct conn *c)
{
	struct evbuffer	*out = bufferevent_get_output(c->bev);
	int		 more;

	while (evbuffer_get_length(out) < LOW) {
		text_reset(&c->piece);
		more = c->stream.fill(c->stream.arg, &c->piece);
		if (c->piece.len > 0) {
			evbuffer_add_printf(out, "%zx\r\n", c->piece.len);
			evbuffer_add(out, c->piece.bytes, c->piece.len);
			evbuffer_add(out, "\r\n", 2);
		}
		if (more > 0)
			continue;
		if (more == 0)
			evbuffer_add(out, "0\r\n\r\n", 5);
		else
			c->ending = RESET;
		c->stream.free(c->stream.arg);
		c->stream.free = NULL;
		next_request(c);
		return 1;
	}
	return 0;
}

static void
drive(struct conn *c)
{
	int	 more = 1;

	if (c->inside)
		return;
	c->inside = 1;
	while (more && !c->dead) {
		more = 0;
		if (c->state == HEAD)
			more = read_head(c);
		else if (c->state == BODY)
			more = read_body(c);
		else if (c->state == STREAMING)
			more = pump(c);
	}
	c->inside = 0;
	if (c->dead || (c->state == ENDING && evbuffer_get_length(bufferevent_get_output(c->bev)) == 0))
		conn_free(c);
}

static void
readable(struct bufferevent *bev, void *arg)
{
	struct conn	*c = arg;

	(void)bev;
	if (c->state == HEAD || c->state == BODY)
		drive(c);
}

static void
writable(struct bufferevent *bev, void *arg)
{
	struct conn	*c = arg;

	(void)bev;
	if (c->state == STREAMING || c->state == ENDING)
		drive(c);
}

static void
happened(struct bufferevent *bev, short what, void *arg)
{
	struct conn	*c = arg;

	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) {
		while (ERR_get_error() != 0)
			continue;
		conn_free(c);
	}
}

static void
slow_down(struct conn *c)
{
	struct timeval	 tick = { 0, 100000 };
	size_t		 per = (size_t)c->req.slow / 10;

	if (c->bucket != NULL) {
		bufferevent_set_rate_limit(c->bev, NULL);
		ev_token_bucket_cfg_free(c->bucket);
		c->bucket = NULL;
	}
	if (c->req.slow <= 0)
		return;
	per = per > 0 ? per : 1;
	c->bucket = ev_token_bucket_cfg_new(EV_RATE_LIMIT_MAX, EV_RATE_LIMIT_MAX, per, per, &tick);
	bufferevent_set_rate_limit(c->bev, c->bucket);
}

const char *
status_words(int status)
{
	static const struct { int status; const char *words; } table[] = {
		{ 200, "OK" }, { 201, "Created" }, { 302, "Found" }, { 303, "See Other" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
		{ 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" }, { 406, "Not Acceptable" },
		{ 408, "Request Timeout" },
		{ 411, "Length Required" }, { 413, "Request Entity Too Large" }, { 415, "Unsupported Media Type" },
		{ 429, "Too Many Requests" }, { 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
	};
	size_t	 i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].status == status)
			return table[i].words;
	return "Unknown";
}

void
answer_head(struct request *r, struct text *t, int status, const char *type)
{
	text_addf(t, "HTTP/1.1 %d %s\r\nDate: ", status, status_words(status));
	when_http(t, when_now());
	LIT(t, "\r\n");
	if (type != NULL)
		text_addf(t, "Content-Type: %s\r\n", type);
	text_add(t, r->extra.bytes, r->extra.len);
	if (r->conn->ending != KEEP)
		LIT(t, "Connection: close\r\n");
}

static void
finish(struct request *r, int status)
{
	struct conn	*c = r->conn;

	if (c->server->done != NULL)
		c->server->done(r, status, c->server->arg);
	next_request(c);
	drive(c);
}

void
answer(struct request *r, int status, const char *type, const void *body, size_t len)
{
	struct conn	*c = r->conn;
	struct text	 head = { NULL, 0, 0 };

	slow_down(c);
	answer_head(r, &head, status, type);
	text_addf(&head, "Content-Length: %zu\r\n\r\n", len);
	bufferevent_write(c->bev, head.bytes, head.len);
	if (strcmp(r->method, "HEAD") != 0 && len > 0)
		bufferevent_write(c->bev, body, len);
	text_clear(&head);
	finish(r, status);
}

void
answer_text(struct request *r, int status, const char *type, const char *body)
{
	answer(r, status, type, body, strlen(body));
}

void
answer_raw(struct request *r, int status, const void *bytes, size_t len, enum ending end)
{
	struct conn	*c = r->conn;

	slow_down(c);
	if (end != KEEP)
		c->ending = end;
	if (len > 0)
		bufferevent_write(c->bev, bytes, len);
	finish(r, status);
}

void
answer_stream(struct request *r, int status, const char *type, const struct stream *s)
{
	struct conn	*c = r->conn;
	struct text	 head = { NULL, 0, 0 };

	slow_down(c);
	answer_head(r, &head, status, type);
	LIT(&head, "Transfer-Encoding: chunked\r\n\r\n");
	bufferevent_write(c->bev, head.bytes, head.len);
	text_clear(&head);
	c->stream = *s;
	c->state = STREAMING;
	if (c->server->done != NULL)
		c->server->done(r, status, c->server->arg);
	drive(c);
}

static void
waited(evutil_socket_t fd, short what, void *arg)
{
	struct conn	*c = arg;

	(void)fd;
	(void)what;
	c->req.rounds++;
	c->inside = 1;
	c->server->serve(&c->req, c->server->arg);
	c->inside = 0;
	drive(c);
}

void
answer_later(struct request *r, double seconds)
{
	struct conn	*c = r->conn;
	struct timeval	 tv = { (time_t)seconds, (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6) };

	if (c->timer == NULL)
		c->timer = evtimer_new(c->server->base, waited, c);
	evtimer_add(c->timer, &tv);
}

/* --- looking things up --- */

const char *
header(const struct request *r, const char *name)
{
	int	 i;

	for (i = 0; i < r->nheaders; i++)
		if (strcasecmp(r->name[i], name) == 0)
			return r->value[i];
	return NULL;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void
url_decode(const char *s, size_t len, int plus, struct text *t)
{
	size_t	 i;

	text_need(t, len);
	for (i = 0; i < len; i++) {
		if (s[i] == '%' && i + 2 < len && hex_digit(s[i + 1]) >= 0 && hex_digit(s[i + 2]) >= 0) {
			text_addc(t, (char)(hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2])));
			i += 2;
		} else {
			text_addc(t, plus && s[i] == '+' ? ' ' : s[i]);
		}
	}
}

int
form_value(const char *form, size_t len, const char *name, struct text *decoded)
{
	const char	*p = form, *end = form + len;
	size_t		 n = strlen(name);

	while (p < end) {
		const char	*amp = memchr(p, '&', (size_t)(end - p));
		size_t		 part = amp != NULL ? (size_t)(amp - p) : (size_t)(end - p);

		if (part > n && p[n] == '=' && strncasecmp(p, name, n) == 0) {
			text_reset(decoded);
			text_need(decoded, 0)[0] = '\0';
			url_decode(p + n + 1, part - n - 1, 1, decoded);
			return 1;
		}
		p += part + 1;
	}
	return 0;
}

int
query_value(const struct request *r, const char *name, struct text *decoded)
{
	return form_value(r->query, strlen(r->query), name, decoded);
}

/* --- listening --- */

struct door {
	struct door	*next;
	struct server	*server;
	struct evconnlistener *listener;
	SSL_CTX		*tls;
};

static void
came(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int salen, void *arg)
{
	struct door	*d = arg;
	struct conn	*c = sim_alloc(1, sizeof(*c));
	int		 one = 1;

	(void)l;
	(void)sa;
	(void)salen;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->server = d->server;
	c->age = d->server->age;
	c->tls = d->tls != NULL;
	if (d->tls != NULL)
		c->bev = bufferevent_openssl_socket_new(d->server->base, fd, SSL_new(d->tls), BUFFEREVENT_SSL_ACCEPTING,
		    BEV_OPT_CLOSE_ON_FREE);
	else
		c->bev = bufferevent_socket_new(d->server->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (c->bev == NULL)
		abort();
	if (d->tls != NULL)
		bufferevent_openssl_set_allow_dirty_shutdown(c->bev, 1);
	bufferevent_setcb(c->bev, readable, writable, happened, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, 1 << 20);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

int
http_listen(struct server *s, int port, void *ssl_ctx)
{
	struct sockaddr_in	 sin = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	socklen_t		 len = sizeof(sin);
	struct evconnlistener	*l;
	struct door		*d = sim_alloc(1, sizeof(*d));

	d->server = s;
	d->tls = ssl_ctx;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	l = evconnlistener_new_bind(s->base, came, d, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC,
	    1024, (struct sockaddr *)&sin, sizeof(sin));
	if (l == NULL)
		return -1;
	d->listener = l;
	d->next = s->doors;
	s->doors = d;
	getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&sin, &len);
	return ntohs(sin.sin_port);
}

void
http_new_age(struct server *s)
{
	struct door	*d;
	evutil_socket_t	 fd;

	for (d = s->doors; d != NULL; d = d->next)
		while ((fd = accept4(evconnlistener_get_fd(d->listener), NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
			came(d->listener, fd, NULL, 0, d);
	s->age++;
}

int
is_late(const struct request *r)
{
	return r->conn->age != r->conn->server->age;
}

static int
choose_http11(SSL *ssl, const unsigned char **out, unsigned char *outlen, const unsigned char *in, unsigned int inlen,
    void *arg)
{
	static const unsigned char	 ours[] = "\x08http/1.1";

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto((unsigned char **)(uintptr_t)out, outlen, ours, 9, in, inlen) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	return SSL_TLSEXT_ERR_OK;
}

void *
tls_context(const char *cert, const char *key)
{
	SSL_CTX	*ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL || SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1) {
		ERR_print_errors_fp(stderr);
		SSL_CTX_free(ctx);
		return NULL;
	}
	SSL_CTX_set_alpn_select_cb(ctx, choose_http11, NULL);
	return ctx;
}
