/*
 * net_ask - asks with the real httpc on a real loop and keeps the answer.
 */
#include "net_ask.h"

#include <dlfcn.h>
#include <netdb.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define PATIENCE_MS 10000

struct loop	*ask_loop;
struct httpc	*ask_httpc;
atomic_uint	 ask_lookups;

static const unsigned	*awaited;
static unsigned		 awaited_n;

/* ---- names ----------------------------------------------------------------------------------------------------------------- */

typedef int	 lookup_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	lookup_fn	*real;
	struct addrinfo	 numeric = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
	struct timespec	 t = { .tv_sec = 3 };
	size_t		 len = name != NULL ? strlen(name) : 0;
	char		 address[64];

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	atomic_fetch_add(&ask_lookups, 1);
	if (len < 5 || len >= sizeof(address) || strcmp(name + len - 5, ".test") != 0)
		return real(name, service, hints, found);
	if (strcmp(name, "slow.test") == 0)
		nanosleep(&t, NULL);
	snprintf(address, sizeof(address), "%.*s", (int)len - 5, name);
	for (char *p = address; (p = strchr(p, '_')) != NULL; )
		*p = ':';
	return real(address, service, &numeric, found);
}

/* ---- loop ------------------------------------------------------------------------------------------------------------------ */

static void
stop(void *arg)
{
	(void)arg;
	loop_stop(ask_loop);
}

static void
patience_over(void *arg)
{
	*(int *)arg = 1;
	loop_stop(ask_loop);
}

static void
keep(struct reply *r, const struct http_answer *a)
{
	r->fail = a->fail;
	snprintf(r->why, sizeof(r->why), "%s", a->why);
	r->status = a->status;
	r->retry_after_ms = a->retry_after_ms;
	r->date_ms = a->date_ms;
	r->gzip = a->gzip;
	r->unknown_coding = a->unknown_coding;
	snprintf(r->next_page, sizeof(r->next_page), "%s", a->next_page != NULL ? a->next_page : "-");
	snprintf(r->content_type, sizeof(r->content_type), "%s", a->content_type != NULL ? a->content_type : "-");
	snprintf(r->location, sizeof(r->location), "%s", a->location != NULL ? a->location : "-");
	snprintf(r->set_cookie, sizeof(r->set_cookie), "%s", a->set_cookie != NULL ? a->set_cookie : "-");
	buf_add(&r->body, buf_str(a->body), a->body->len);
}

static void
answered(void *arg, struct http_answer *a)
{
	struct reply	*r = arg;

	keep(r, a);
	r->http = NULL;
	r->done++;
	if (awaited != NULL && *awaited >= awaited_n)
		loop_stop(ask_loop);
}

int
ask_open(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	httpc_global();
	ask_loop = loop_new();
	ask_httpc = httpc_new(ask_loop, "m365fwd-test/1");
	return 0;
}

int
ask_close(void **state)
{
	(void)state;
	httpc_free(ask_httpc);
	loop_free(ask_loop);
	return 0;
}

void
ask_run(int64_t ms)
{
	struct timer	 t;

	timer_init(&t, ask_loop, stop, NULL);
	timer_set(&t, ms);
	loop_run(ask_loop);
	timer_clear(&t);
}

void
ask_until(const unsigned *done, unsigned n)
{
	struct timer	 t;
	int		 late = 0;

	timer_init(&t, ask_loop, patience_over, &late);
	timer_set(&t, PATIENCE_MS);
	awaited = done;
	awaited_n = n;
	while (*done < n && !late)
		loop_run(ask_loop);
	awaited = NULL;
	timer_clear(&t);
	if (late)
		fail_msg("no answer within %d ms", PATIENCE_MS);
}

void
ask_start(struct http_req *req, struct reply *r)
{
	struct buf	 body = r->body;

	memset(r, 0, sizeof(*r));
	r->body = body;
	buf_reset(&r->body);
	if (req->method == NULL)
		req->method = "GET";
	if (req->max_body == 0)
		req->max_body = 1 << 20;
	req->on_done = answered;
	if (req->arg == NULL)
		req->arg = r;
	r->http = http_start(ask_httpc, req);
	assert_int_equal(r->done, 0);
}

void
ask(struct http_req *req, struct reply *r)
{
	ask_start(req, r);
	ask_until(&r->done, 1);
}

void
ask_url(struct reply *r, const char *fmt, ...)
{
	struct http_req	 req = { .method = "GET" };
	char		 url[2 * URL_MAX];
	va_list		 ap;

	va_start(ap, fmt);
	vsnprintf(url, sizeof(url), fmt, ap);
	va_end(ap);
	req.url = url;
	ask(&req, r);
}

void
reply_clear(struct reply *r)
{
	buf_clear(&r->body);
}

int64_t
ask_now_ms(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
