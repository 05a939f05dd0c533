/*
 * fake_deliver - HTTP for the tests of deliver/.
 */
#include "fake_deliver.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "net/inflate.h"

struct fake_request	*fake_requests;
size_t			 fake_n_requests;
int			 (*fake_server)(const struct fake_request *, struct fake_answer *);

struct http {
	struct http	*next;
	size_t		 request;
	void		(*on_done)(void *, struct http_answer *);
	void		*arg;
	char		*url, *body;	/* of a question beside the requests */
};

static struct http	*in_flight;
const char		*fake_banner;
unsigned		 fake_banners, fake_templates_asked;
const char		*fake_templates;
enum http_fail		 fake_banner_fails;
int			 (*fake_aside)(const char *url, const char *body, struct fake_answer *);

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

static int
is_aside(const char *url)
{
	return strstr(url, "/_search?") != NULL || strstr(url, "/_refresh?") != NULL || strstr(url, "/_component_template/") != NULL ||
	    url[strlen(url) - 1] == '/';
}

struct http *
http_start(struct httpc *c, const struct http_req *req)
{
	struct http		*h = xcalloc(1, sizeof(*h));
	struct fake_request	*r;
	size_t			 i;

	(void)c;
	if (fake_aside != NULL && is_aside(req->url)) {
		*h = (struct http){ in_flight, SIZE_MAX, req->on_done, req->arg, xstrdup(req->url),
		    xstrndup(req->body != NULL ? req->body : "", req->body_len) };
		in_flight = h;
		return h;
	}
	if ((fake_n_requests & (fake_n_requests - 1)) == 0)	/* doubled: some tests have thousands, and ASan copies them each time */
		fake_requests = xreallocarray(fake_requests, fake_n_requests > 0 ? 2 * fake_n_requests : 1, sizeof(*fake_requests));
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
	*h = (struct http){ in_flight, fake_n_requests++, req->on_done, req->arg, NULL, NULL };
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

static void
free_http(struct http *h)
{
	free(h->url);
	free(h->body);
	free(h);
}

void
http_cancel(struct http *h)
{
	unlink_http(h);
	free_http(h);
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

static void
give(struct http *h, struct fake_answer *a, size_t max)
{
	struct http_answer	 to = { .date_ms = -1, .fail = a->fail, .status = a->status, .retry_after_ms = a->retry_after_ms,
	    .content_type = a->content_type, .set_cookie = a->set_cookie, .location = a->location, .gzip = a->gzip, .body = &a->body };

	if (a->fail == HTTP_OK && a->body.len > max)
		to.fail = HTTP_TOO_BIG;
	snprintf(to.why, sizeof(to.why), "%s", to.fail != HTTP_OK ? "no answer" : "");
	unlink_http(h);
	h->on_done(h->arg, &to);
	free_http(h);
	buf_clear(&a->body);
}

/* Questions beside the requests. */
static int
serve_aside(void)
{
	struct http		*h;
	struct fake_answer	 a = { .retry_after_ms = -1, .status = 404 };

	for (h = in_flight; h != NULL && h->request != SIZE_MAX; h = h->next)
		;
	if (h == NULL)
		return 0;
	if (h->url[strlen(h->url) - 1] == '/') {
		fake_banners++;
		a.fail = fake_banner_fails;
		a.status = a.fail != HTTP_OK ? 0 : fake_banner != NULL ? 200 : 404;
		buf_adds(&a.body, fake_banner != NULL ? fake_banner : "");
	} else if (strstr(h->url, "/_component_template/") != NULL) {
		fake_templates_asked++;
		a.status = fake_templates != NULL ? 200 : 403;
		buf_adds(&a.body, fake_templates != NULL ? fake_templates : "");
	} else if (!fake_aside(h->url, h->body, &a))
		return 0;
	give(h, &a, SIZE_MAX);
	return 1;
}

int
fake_http_serve(void)
{
	struct http		*h, *oldest = NULL;
	struct fake_answer	 a = { .retry_after_ms = -1 };

	if (serve_aside())
		return 1;
	for (h = in_flight; h != NULL; h = h->next)
		oldest = h->request != SIZE_MAX ? h : oldest;
	if (oldest == NULL || fake_server == NULL || !fake_server(&fake_requests[oldest->request], &a))
		return 0;
	give(oldest, &a, fake_requests[oldest->request].max_body);
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

void
fake_http_close(void)
{
	size_t	 i;

	for (i = 0; i < fake_n_requests; i++)
		buf_clear(&fake_requests[i].body);
	free(fake_requests);
	fake_requests = NULL;
	fake_n_requests = 0;
	fake_server = NULL;
	in_flight = NULL;
}
