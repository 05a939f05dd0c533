/*
 * fake_http - net/httpc without a network: what is asked is kept, and a function answers it.
 */
#include "fake_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define PIECE 65536

struct fake_ask	*fake_asks;
size_t		 fake_n_asks;
int		 (*fake_server)(const struct fake_ask *, struct fake_reply *);
unsigned	 fake_cancelled, fake_paused;

struct http {
	struct http	*next;			/* younger */
	size_t		 ask;
	enum http_flow	(*on_body)(void *, const struct http_answer *, const char *, size_t);
	void		(*on_done)(void *, struct http_answer *);
	void		*arg;
	int		 answered;		/* reply is filled in */
	int		 paused, hangs;
	struct fake_reply reply;
	size_t		 at;			/* in its body */
};

static struct http	*oldest;

struct http *
http_start(struct httpc *c, const struct http_req *req)
{
	struct http	*h = xcalloc(1, sizeof(*h)), **end = &oldest;
	struct fake_ask	*a;
	size_t		 used = 0;

	(void)c;
	fake_asks = xreallocarray(fake_asks, fake_n_asks + 1, sizeof(*fake_asks));
	a = &fake_asks[fake_n_asks];
	*a = (struct fake_ask){ .http1 = req->http1, .deny_loopback = req->deny_loopback, .has_body = req->body != NULL,
	    .max_body = req->max_body, .timeout_ms = req->timeout_ms, .at_ms = fake_mono_ms };
	snprintf(a->method, sizeof(a->method), "%s", req->method);
	snprintf(a->url, sizeof(a->url), "%s", req->url);
	snprintf(a->body, sizeof(a->body), "%.*s", (int)req->body_len, req->body != NULL ? req->body : "");
	for (size_t i = 0; req->headers[i] != NULL; i++)
		used += (size_t)snprintf(a->headers + used, sizeof(a->headers) - used, "%s\n", req->headers[i]);
	*h = (struct http){ .ask = fake_n_asks++, .on_body = req->on_body, .on_done = req->on_done, .arg = req->arg };
	while (*end != NULL)
		end = &(*end)->next;
	*end = h;
	return h;
}

static int
unlink_http(const struct http *h)
{
	struct http	**at = &oldest;

	while (*at != NULL && *at != h)
		at = &(*at)->next;
	if (*at == NULL)
		return 0;
	*at = h->next;
	return 1;
}

void
http_cancel(struct http *h)
{
	fake_cancelled++;
	unlink_http(h);
	free(h);
}

void
http_resume(struct http *h)
{
	h->paused = 0;
}

size_t
fake_in_flight(void)
{
	size_t	 n = 0;

	for (const struct http *h = oldest; h != NULL; h = h->next)
		n++;
	return n;
}

static void
finish(struct http *h, enum http_fail fail, struct buf *body)
{
	struct http_answer	 a = { .fail = fail, .status = h->reply.status, .retry_after_ms = h->reply.retry_after_ms,
	    .date_ms = h->reply.date_ms, .gzip = h->reply.gzip, .unknown_coding = h->reply.unknown_coding,
	    .next_page = h->reply.next_page, .body = body };

	snprintf(a.why, sizeof(a.why), "%s", fail != HTTP_OK ? "the network says so" : "");
	unlink_http(h);
	h->on_done(h->arg, &a);
	free(h);
}

/* One piece of the body. 0: it waits. */
static int
stream(struct http *h)
{
	struct http_answer	 a = { .status = 200, .retry_after_ms = -1, .date_ms = h->reply.date_ms, .gzip = h->reply.gzip,
	    .unknown_coding = h->reply.unknown_coding };
	struct buf		 none = { 0 };
	size_t			 n = h->reply.len - h->at, most = h->reply.piece != 0 ? h->reply.piece : PIECE;

	if (h->reply.hangs_at != 0 && h->reply.hangs_at - h->at < n)
		n = h->reply.hangs_at - h->at;
	if (n > most)
		n = most;
	if (n == 0 && h->at < h->reply.len)
		return 0;
	if (n == 0) {
		finish(h, h->reply.fail, &none);
		return 1;
	}
	switch (h->on_body(h->arg, &a, h->reply.body + h->at, n)) {
	case HTTP_GO:
		h->at += n;
		break;
	case HTTP_PAUSE:
		h->paused = 1;
		fake_paused++;
		break;
	case HTTP_STOP:
		finish(h, HTTP_STOPPED, &none);
		break;
	}
	return 1;
}

static int
answer(struct http *h)
{
	struct buf	 body = { 0 };

	if (!h->answered) {
		h->reply = (struct fake_reply){ .retry_after_ms = -1, .date_ms = -1 };
		if (fake_server == NULL || !fake_server(&fake_asks[h->ask], &h->reply))
			return 0;
		h->answered = 1;
		if (h->reply.len == 0 && h->reply.body != NULL)
			h->reply.len = strlen(h->reply.body);
	}
	if (h->on_body != NULL && h->reply.status == 200 && h->reply.len > 0)
		return h->paused ? 0 : stream(h);
	buf_add(&body, h->reply.body != NULL ? h->reply.body : "", h->reply.len);
	finish(h, h->reply.fail != HTTP_OK ? h->reply.fail : body.len > fake_asks[h->ask].max_body ? HTTP_TOO_BIG : HTTP_OK, &body);
	buf_clear(&body);
	return 1;
}

int
fake_http_serve(void)
{
	for (struct http *h = oldest, *next; h != NULL; h = next) {
		next = h->next;
		if (answer(h))
			return 1;
	}
	return 0;
}

void
fake_http_close(void)
{
	free(fake_asks);
	fake_asks = NULL;
	fake_n_asks = 0;
	fake_server = NULL;
	fake_cancelled = fake_paused = 0;
	oldest = NULL;
}

const char *
http_fail_name(enum http_fail f)
{
	static const char *const names[] = { "ok", "dns", "connect", "tls", "timeout", "reset", "cut", "too-big",
	    "proxy", "stopped", "other" };

	return names[f];
}
