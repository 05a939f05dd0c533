/*
 * fake_deliver - time, timers, workers and HTTP for the tests of deliver/.
 */
#include "fake_deliver.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "net/inflate.h"

struct fake_request	*fake_requests;
size_t			 fake_n_requests;
int64_t			 fake_mono_ms = 1000000, fake_wall_ms;
int			 (*fake_server)(const struct fake_request *, struct fake_answer *);
int			 fake_work_stuck;

static struct store	*the_store;

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

int64_t
clock_judge_ms(void)
{
	return fake_wall_ms;
}

int64_t
clock_min_ms(void)
{
	return fake_wall_ms;
}

void
clock_heard(int64_t ms)
{
	(void)ms;
}

int64_t
clock_skew_ms(void)
{
	return 0;
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

/* ---- HTTP --------------------------------------------------------------------------------------------------------- */

struct http {
	struct http	*next;
	size_t		 request;
	void		(*on_done)(void *, struct http_answer *);
	void		*arg;
};

static struct http	*in_flight;

static void
read_ids(struct fake_request *r)
{
	const char	*at = buf_str(&r->body);

	while ((at = strstr(at, "\"_id\":\"")) != NULL && r->n < 2048) {
		at += 7;
		memcpy(r->ids[r->n], at, 22);
		r->ids[r->n++][22] = '\0';
	}
}

struct http *
http_start(struct httpc *c, const struct http_req *req)
{
	struct http		*h = xcalloc(1, sizeof(*h));
	struct fake_request	*r;
	size_t			 i;

	(void)c;
	fake_requests = xreallocarray(fake_requests, fake_n_requests + 1, sizeof(*fake_requests));
	r = &fake_requests[fake_n_requests];
	memset(r, 0, sizeof(*r));
	snprintf(r->url, sizeof(r->url), "%s", req->url);
	for (i = 0; req->headers[i] != NULL; i++) {
		strcat(r->headers, req->headers[i]);
		strcat(r->headers, "\n");
	}
	r->was_gzip = strstr(r->headers, "Content-Encoding: gzip\n") != NULL;
	i = (size_t)inflate_all(r->was_gzip ? INFLATE_GZIP : INFLATE_IDENTITY, req->body, req->body_len, 1 << 28, &r->body);
	assert(i == 0);
	r->fresh = req->fresh;
	r->max_body = req->max_body;
	r->at_ms = fake_mono_ms;
	read_ids(r);
	r->http = h;
	*h = (struct http){ in_flight, fake_n_requests++, req->on_done, req->arg };
	in_flight = h;
	return h;
}

static void
unlink_http(struct http *h)
{
	struct http	**at;

	for (at = &in_flight; *at != h; at = &(*at)->next)
		;
	*at = h->next;
}

void
http_cancel(struct http *h)
{
	unlink_http(h);
	free(h);
}

size_t
fake_in_flight(void)
{
	struct http	*h;
	size_t		 n = 0;

	for (h = in_flight; h != NULL; h = h->next)
		n++;
	return n;
}

static int
serve(void)
{
	struct http		*h, *oldest = NULL;
	struct fake_answer	 a = { .retry_after_ms = -1 };
	struct http_answer	 to = { .date_ms = -1 };

	for (h = in_flight; h != NULL; h = h->next)
		oldest = h;
	if (oldest == NULL || fake_server == NULL || !fake_server(&fake_requests[oldest->request], &a))
		return 0;
	to.fail = a.fail;
	to.status = a.status;
	to.retry_after_ms = a.retry_after_ms;
	to.content_type = a.content_type;
	to.gzip = a.gzip;
	to.body = &a.body;
	if (a.fail == HTTP_OK && a.body.len > fake_requests[oldest->request].max_body)
		to.fail = HTTP_TOO_BIG;
	snprintf(to.why, sizeof(to.why), "%s", to.fail != HTTP_OK ? "no answer" : "");
	unlink_http(oldest);
	oldest->on_done(oldest->arg, &to);
	free(oldest);
	buf_clear(&a.body);
	return 1;
}

const char *
http_fail_name(enum http_fail f)
{
	static const char *const names[] = { "ok", "dns", "connect", "tls", "timeout", "reset", "cut", "too-big",
		    "proxy", "stopped", "other" };

	return names[f];
}

const char *
httpc_env_proxy(const char *url)
{
	(void)url;
	return NULL;
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
	size_t	 i;

	for (i = 0; i < fake_n_requests; i++)
		buf_clear(&fake_requests[i].body);
	free(fake_requests);
	fake_requests = NULL;
	fake_n_requests = 0;
	fake_server = NULL;
	fake_work_end();
	the_store = NULL;
	in_flight = NULL;
	events = NULL;
}

int
fake_is_clean(void)
{
	return jobs == NULL && in_flight == NULL && events == NULL;
}

void
fake_turn(void)
{
	int	 some;

	do {
		some = ring(fake_mono_ms);
		some |= do_work();
		some |= serve();
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
