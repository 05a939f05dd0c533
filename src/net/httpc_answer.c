/*
 * httpc_answer - what comes back: status line, headers, body.
 *
 * A 1xx answer, and a proxy's own, comes before the real one and is forgotten; headers behind the body (trailers) are not
 * looked at. What a header says is kept as sent; only its length is bounded here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "net/httpc_in.h"
#include "net/url.h"

#define LENGTH_DIGITS	  18					/* of a Content-Length: more than any body, and no overflow */
#define RETRY_AFTER_MAX_S ((int64_t)10 * 365 * 86400)	/* callers clamp as they see fit; this only keeps sums sound */

/* ---- headers ------------------------------------------------------------------------------------------------------------- */

/* A content coding named once, and gzip, is ours; anything else we do not unpack. */
static void
coding_came(struct http *h, const char *value)
{
	struct http_answer	*a = &h->answer;

	if (value[0] == '\0' || strcasecmp(value, "identity") == 0)
		return;
	if ((strcasecmp(value, "gzip") == 0 || strcasecmp(value, "x-gzip") == 0) && !a->gzip)
		a->gzip = 1;
	else
		a->unknown_coding = 1;
}

static void
keep(char **to, const char *value, size_t max)
{
	free(*to);
	*to = xstrndup(value, max);
}

static void
type_came(struct http *h, const char *value)
{
	keep(&h->content_type, value, 200);
	h->answer.content_type = h->content_type;
}

static void
location_came(struct http *h, const char *value)
{
	keep(&h->location, value, URL_MAX);
	h->answer.location = h->location;
}

static void
cookie_came(struct http *h, const char *value)
{
	if (h->set_cookie.len > 0)
		buf_addc(&h->set_cookie, '\n');
	buf_adds(&h->set_cookie, value);
	h->answer.set_cookie = buf_str(&h->set_cookie);
}

/* The documented name wins over the one that documents call it elsewhere; the first of several over later ones. */
static void
next_page_came(struct http *h, const char *value, int rank)
{
	if (h->next_page_rank >= rank)
		return;
	h->next_page_rank = rank;
	keep(&h->next_page, value, URL_MAX);	/* a longer one is refused by url_check for its length */
	h->answer.next_page = h->next_page;
}

static void
next_uri_came(struct http *h, const char *value)
{
	next_page_came(h, value, 2);
}

static void
next_url_came(struct http *h, const char *value)
{
	next_page_came(h, value, 1);
}

static void
date_came(struct http *h, const char *value)
{
	h->answer.date_ms = http_date_parse(value);
}

static void
retry_after_came(struct http *h, const char *value)
{
	size_t	 n = strlen(value);

	if (n >= sizeof(h->retry_after))
		n = sizeof(h->retry_after) - 1;
	memcpy(h->retry_after, value, n);
	h->retry_after[n] = '\0';
}

/*
 * Lengths that differ are how requests are smuggled. libcurl 7.88 takes the last of several headers, the first number of a list ("2, 1034"),
 * and for a number that is too large reads whatever comes until the connection is closed: an answer that was cut would pass for whole.
 */
static void
length_came(struct http *h, const char *value)
{
	size_t	 digits = strspn(value, "0123456789");
	int64_t	 n;

	if (digits == 0 || digits > LENGTH_DIGITS || value[digits] != '\0') {
		http_fails(h, HTTP_OTHER, "%s: the answer has a length that is none", h->host);
		return;
	}
	n = strtoll(value, NULL, 10);
	if (h->content_length != -1 && h->content_length != n)
		http_fails(h, HTTP_OTHER, "%s: the answer has two different lengths", h->host);
	h->content_length = n;
}

static const struct {
	const char	*name;
	void		(*came)(struct http *, const char *);
} wanted[] = {
	{ "Content-Encoding",	coding_came },
	{ "Content-Length",	length_came },
	{ "Content-Type",	type_came },
	{ "Date",		date_came },
	{ "Location",		location_came },
	{ "NextPageUri",	next_uri_came },
	{ "NextPageUrl",	next_url_came },
	{ "Retry-After",	retry_after_came },
	{ "Set-Cookie",		cookie_came },
};

/* Seconds, or a date that is compared with the server's own clock where it told it. -1: neither. */
static int64_t
retry_after_ms(const struct http *h)
{
	const char	*s = h->retry_after;
	size_t		 digits = strspn(s, "0123456789");
	int64_t		 n, now;

	if (digits > 0 && s[digits] == '\0') {
		n = digits > 10 ? RETRY_AFTER_MAX_S : strtoll(s, NULL, 10);
		return (n > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : n) * 1000;
	}
	if ((n = http_date_parse(s)) == -1)
		return -1;
	now = h->answer.date_ms != -1 ? h->answer.date_ms : clock_wall_ms();
	if (n <= now)
		return 0;
	return n - now > RETRY_AFTER_MAX_S * 1000 ? RETRY_AFTER_MAX_S * 1000 : n - now;
}

static void
forget_head(struct http *h)
{
	struct http_answer	*a = &h->answer;

	a->retry_after_ms = a->date_ms = -1;
	a->gzip = a->unknown_coding = 0;
	a->next_page = a->content_type = a->location = a->set_cookie = NULL;
	buf_reset(&h->set_cookie);
	h->next_page_rank = 0;
	h->retry_after[0] = '\0';
	h->content_length = -1;
	h->head_over = 0;
}

static void
status_came(struct http *h, const char *line)
{
	const char	*at = strchr(line, ' ');

	forget_head(h);
	h->answer.status = at != NULL ? (int)strtol(at + 1, NULL, 10) : 0;
	/* A kept-alive connection may be held by the sick node behind a balancer: the next try must find another. */
	if (h->answer.status == 429 || h->answer.status >= 500)
		curl_easy_setopt(h->easy, CURLOPT_FORBID_REUSE, 1L);
}

/* A line without its end; changed in place. */
static void
line_came(struct http *h, char *line, size_t len)
{
	char	*colon, *value;

	while (len > 0 && strchr(" \t\r\n", line[len - 1]) != NULL)
		line[--len] = '\0';
	if (len == 0) {
		h->head_over = 1;
		h->answer.retry_after_ms = retry_after_ms(h);
		return;
	}
	if ((colon = strchr(line, ':')) == NULL)
		return;
	*colon = '\0';
	value = colon + 1 + strspn(colon + 1, " \t");
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (strcasecmp(line, wanted[i].name) == 0)
			wanted[i].came(h, value);
}

size_t
http_header_came(char *bytes, size_t size, size_t n, void *arg)
{
	struct http	*h = arg;
	size_t		 len = size * n;
	char		*line;

	if (h->cancelled)
		return 0;
	if ((h->header_bytes += len) > h->c->tuning.header_max) {
		http_fails(h, HTTP_TOO_BIG, "%s: the answer's headers are over %zu bytes", h->host, h->c->tuning.header_max);
		return 0;
	}
	line = xstrndup(bytes, len);
	if (h->answer.status < 200 && strncasecmp(line, "HTTP/", 5) == 0)
		status_came(h, line);
	else if (!h->head_over)
		line_came(h, line, strlen(line));
	free(line);
	return h->answer.fail == HTTP_OK ? len : 0;
}

/* ---- the body ------------------------------------------------------------------------------------------------------------ */

static size_t
collect(struct http *h, const char *bytes, size_t len)
{
	if (len > h->max_body - h->collected.len) {
		http_fails(h, HTTP_TOO_BIG, "%s: the answer is over %zu bytes", h->host, h->max_body);
		return 0;
	}
	buf_add(&h->collected, bytes, len);
	return len;
}

size_t
http_body_came(char *bytes, size_t size, size_t n, void *arg)
{
	struct http	*h = arg;
	size_t		 len = size * n;
	enum http_flow	 flow;

	if (h->cancelled)
		return 0;
	if (h->on_body == NULL || h->answer.status != 200)
		return collect(h, bytes, len);
	flow = h->on_body(h->arg, &h->answer, bytes, len);
	if (h->cancelled)
		return 0;
	switch (flow) {
	case HTTP_GO:
		return len;
	case HTTP_PAUSE:
		h->paused = h->was_paused = 1;
		return CURL_WRITEFUNC_PAUSE;
	case HTTP_STOP:
		break;
	}
	http_fails(h, HTTP_STOPPED, "%s: the rest of the body was not wanted", h->host);
	return 0;
}
