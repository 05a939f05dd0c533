/*
 * test_net_httpc - what is sent is what was asked, what comes is what was sent, and who calls whom when.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "net_ask.h"
#include "net_server.h"

static struct server	*server;
static struct reply	 reply, other;

#define URL(path)	url_of(path)

static const char *
url_of(const char *path)
{
	static char	 urls[4][2048];
	static unsigned	 turn;
	char		*url = urls[turn++ % 4];

	snprintf(url, 2048, "http://127.0.0.1:%u%s", server_port(server), path);
	return url;
}

static void
serve(serve_fn *fn, void *arg)
{
	server = server_start(fn, arg, NULL);
}

static void
hang_up(void)
{
	if (server != NULL)
		server_stop(server);
	server = NULL;
}

static int
teardown(void **state)
{
	ask_close(state);
	hang_up();
	reply_clear(&reply);
	reply_clear(&other);
	return 0;
}

static enum after
say_ok(struct talk *t, const char *request, size_t len, void *arg)
{
	(void)request;
	(void)len;
	(void)arg;
	talk_say(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	return KEEP;
}

/* The bytes of arg as they are; then the connection is closed. */
static enum after
say_text(struct talk *t, const char *request, size_t len, void *arg)
{
	(void)request;
	(void)len;
	talk_say(t, arg);
	return CLOSE;
}

static const char *
last_request(void)
{
	static char	 text[64 * 1024];

	server_last_request(server, text, sizeof(text));
	return text;
}

#define assert_has(text, part) do {								\
	if (strstr(text, part) == NULL)								\
		fail_msg("\"%s\" is not in \"%s\"", part, text);				\
} while (0)
#define assert_lacks(text, part) do {								\
	if (strcasestr(text, part) != NULL)							\
		fail_msg("\"%s\" is in \"%s\"", part, text);					\
} while (0)

/* ---- what is sent --------------------------------------------------------------------------------------------------------- */

static void
a_get_is_just_what_was_asked(void **state)
{
	static const char *const headers[] = { "Authorization: Bearer canary", "Accept: application/json",
	    "Accept-Encoding: gzip", NULL };
	struct http_req	 req = { .headers = headers };

	(void)state;
	serve(say_ok, NULL);
	req.url = URL("/a/../b/./c$d%24%2e//e?x=y&z=%20$");
	ask(&req, &reply);
	assert_int_equal(reply.fail, HTTP_OK);
	assert_int_equal(reply.status, 200);
	assert_string_equal(buf_str(&reply.body), "ok");
	assert_string_equal(reply.why, "");
	assert_has(last_request(), "GET /a/../b/./c$d%24%2e//e?x=y&z=%20$ HTTP/1.1\r\n");
	assert_has(last_request(), "\r\nAuthorization: Bearer canary\r\n");
	assert_has(last_request(), "\r\nAccept-Encoding: gzip\r\n");
	assert_has(last_request(), "\r\nUser-Agent: m365fwd-test/1\r\n");
	assert_has(last_request(), "\r\nHost: 127.0.0.1:");
	assert_lacks(last_request(), "\r\nCookie");
	assert_lacks(last_request(), "\r\nContent-");
	assert_lacks(last_request(), "\r\nReferer");
}

/* What curl would find in the home of whoever runs us. */
static void
a_netrc_gives_no_password_away(void **state)
{
	struct http_req	 req = { .method = "GET" };
	char		 home[] = "/tmp/m365fwd-home.XXXXXX", path[64];
	const char	*old = getenv("HOME");
	FILE		*f;

	(void)state;
	assert_non_null(mkdtemp(home));
	snprintf(path, sizeof(path), "%s/.netrc", home);
	assert_non_null(f = fopen(path, "w"));
	fputs("default login someone password canary\n", f);
	fclose(f);
	setenv("HOME", home, 1);
	serve(say_ok, NULL);
	req.url = URL("/");
	ask(&req, &reply);
	old != NULL ? setenv("HOME", old, 1) : unsetenv("HOME");
	unlink(path);
	rmdir(home);
	assert_int_equal(reply.status, 200);
	assert_lacks(last_request(), "\r\nAuthorization");
}

static void
a_post_without_a_body_says_so(void **state)
{
	struct http_req	 req = { .method = "POST" };

	(void)state;
	serve(say_ok, NULL);
	req.url = URL("/subscriptions/start?contentType=Audit.General");
	ask(&req, &reply);
	assert_int_equal(reply.status, 200);
	assert_has(last_request(), "POST /subscriptions/start?contentType=Audit.General HTTP/1.1\r\n");
	assert_has(last_request(), "\r\nContent-Length: 0\r\n");
	assert_lacks(last_request(), "\r\nExpect");
	assert_lacks(last_request(), "\r\nContent-Type");
	assert_lacks(last_request(), "\r\nTransfer-Encoding");
}

static enum after
check_large(struct talk *t, const char *request, size_t len, void *arg)
{
	const struct buf	*sent = arg;
	const char		*body = strstr(request, "\r\n\r\n") + 4;
	size_t			 n = len - (size_t)(body - request);

	talk_say(t, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
	talk_say(t, n == sent->len && memcmp(body, sent->bytes, n) == 0 ? "same" : "diff");
	return KEEP;
}

static void
make_body(struct buf *b, size_t len)
{
	for (unsigned i = 0; b->len < len; i++)
		buf_addf(b, "%08x\n", i * 2654435761u);
	buf_cut(b, len);
}

static void
a_large_body_arrives_whole_at_once_and_without_expect(void **state)
{
	static const char *const headers[] = { "Content-Type: application/x-ndjson", "Content-Encoding: gzip", NULL };
	struct buf	 body = { 0 };
	struct http_req	 req = { .method = "POST", .headers = headers };

	(void)state;
	make_body(&body, 5000000);
	serve(check_large, &body);
	req.url = URL("/_bulk");
	req.body = body.bytes;
	req.body_len = body.len;
	ask(&req, &reply);
	assert_string_equal(buf_str(&reply.body), "same");
	assert_has(last_request(), "\r\nContent-Length: 5000000\r\n");
	assert_has(last_request(), "\r\nContent-Type: application/x-ndjson\r\n");
	assert_lacks(last_request(), "\r\nExpect");
	assert_lacks(last_request(), "urlencoded");
	hang_up();
	buf_clear(&body);
}

static const char *const bad_headers[] = {
	"X: a\r\nEvil: 1", "X: a\n", "X: a\rb", "X: \x01", "X: \x7f", "X", "", ": a", "X Y: a", "X;", "X; a: b", "X\t: a",
};
static const char *const bad_urls[] = {
	"http://192.0.2.1/", "http://manage.test/", "http://localhost.test/", "http://localhost@192.0.2.1/", "ftp://127.0.0.1/",
	"file:///etc/passwd", "https://user:pw@127.0.0.1/", "https://127.0.0.1/#x", "https://127.0.0.1/a b",
	"https://127.0.0.1/\r\nX: y", "127.0.0.1", "", "https://127.0.0.1\\@192.0.2.1/", "http://0/", "http://127.1/",
};

static void
what_must_not_be_sent_ends_at_once_but_not_inside_http_start(void **state)
{
	const char	*headers[] = { NULL, NULL };
	struct http_req	 req = { .headers = headers };

	(void)state;
	serve(say_ok, NULL);
	for (size_t i = 0; i < sizeof(bad_headers) / sizeof(bad_headers[0]); i++) {
		headers[0] = bad_headers[i];
		req.url = URL("/");
		req.arg = NULL;
		ask(&req, &reply);	/* looks that no answer comes inside http_start */
		assert_int_equal(reply.fail, HTTP_OTHER);
		assert_has(reply.why, "malformed");
		assert_lacks(reply.why, "Evil");
	}
	req.headers = NULL;
	for (size_t i = 0; i < sizeof(bad_urls) / sizeof(bad_urls[0]); i++) {
		req.url = bad_urls[i];
		req.arg = NULL;
		ask(&req, &reply);
		if (reply.fail != HTTP_OTHER || strstr(reply.why, "refused") == NULL)
			fail_msg("%s: %d %s", bad_urls[i], reply.fail, reply.why);
	}
	assert_int_equal(server_connections(server), 0);
}

static void
localhost_is_this_host_and_no_name_server_is_asked(void **state)
{
	struct http_req	 req = { .url = NULL };
	char		 url[100];
	unsigned	 before = atomic_load(&ask_lookups);

	(void)state;
	serve(say_ok, NULL);
	snprintf(url, sizeof(url), "http://localhost:%u/x", server_port(server));
	req.url = url;
	req.proxy = "http://192.0.2.1:3128";	/* and no proxy either */
	ask(&req, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(atomic_load(&ask_lookups), before);
	assert_has(last_request(), "\r\nHost: localhost:");
}

/* ---- what comes ------------------------------------------------------------------------------------------------------------ */

static const struct {
	const char	*head;
	int64_t		 retry_after_ms;
} retry_after[] = {
	{ "", -1 },
	{ "Retry-After: 5\r\n", 5000 },
	{ "retry-after:5\r\n", 5000 },
	{ "RETRY-AFTER:   120  \r\n", 120000 },
	{ "Retry-After: 0\r\n", 0 },
	{ "Retry-After: 00012\r\n", 12000 },
	{ "Retry-After: -1\r\n", -1 },
	{ "Retry-After: +1\r\n", -1 },
	{ "Retry-After: 1.5\r\n", -1 },
	{ "Retry-After: 5 s\r\n", -1 },
	{ "Retry-After: 0x10\r\n", -1 },
	{ "Retry-After: soon\r\n", -1 },
	{ "Retry-After:\r\n", -1 },
	{ "Retry-After: 315360000\r\n", 315360000000 },
	{ "Retry-After: 99999999999999999999999999\r\n", 315360000000 },
	{ "Retry-After: 9999999999\r\n", 315360000000 },
	{ "Retry-After: 00000000000000000000000000000000000000000000000000000000000000000000000000000000001\r\n", 315360000000 },
	{ "Date: Mon, 23 Nov 2026 08:00:00 GMT\r\nRetry-After: Mon, 23 Nov 2026 08:02:00 GMT\r\n", 120000 },
	{ "Retry-After: Mon, 23 Nov 2026 08:02:00 GMT\r\nDate: Mon, 23 Nov 2026 08:00:00 GMT\r\n", 120000 },
	{ "Date: Mon, 23 Nov 2026 08:00:00 GMT\r\nRetry-After: Mon, 23 Nov 2026 07:00:00 GMT\r\n", 0 },
	{ "Date: Mon, 23 Nov 2026 08:00:00 GMT\r\nRetry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n", 315360000000 },
	{ "Date: Mon, 23 Nov 2026 08:00:00 GMT\r\nRetry-After: Mon, 31 Nov 2026 08:02:00 GMT\r\n", -1 },
	{ "Date: Mon, 23 Nov 2026 08:00:00 GMT\r\nRetry-After: 2026-11-23T08:02:00Z\r\n", -1 },
};

static void
retry_after_is_read_in_every_form(void **state)
{
	char	 text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(retry_after) / sizeof(retry_after[0]); i++) {
		snprintf(text, sizeof(text), "HTTP/1.1 429 Too Many Requests\r\n%sContent-Length: 0\r\n\r\n", retry_after[i].head);
		serve(say_text, text);
		ask_url(&reply, "%s", URL("/"));
		hang_up();
		assert_int_equal(reply.fail, HTTP_OK);
		assert_int_equal(reply.status, 429);
		if (reply.retry_after_ms != retry_after[i].retry_after_ms)
			fail_msg("%s: %lld", retry_after[i].head, (long long)reply.retry_after_ms);
	}
}

static void
a_retry_date_without_a_date_header_counts_from_our_clock(void **state)
{
	char		 text[1024], date[64];
	time_t		 then = (time_t)(clock_wall_ms() / 1000) + 100;
	struct tm	 tm;

	(void)state;
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&then, &tm));
	snprintf(text, sizeof(text), "HTTP/1.1 503 x\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n", date);
	serve(say_text, text);
	ask_url(&reply, "%s", URL("/"));
	assert_true(reply.retry_after_ms > 90000 && reply.retry_after_ms <= 100000);
	assert_int_equal(reply.date_ms, -1);
}

static const struct {
	const char	*head;
	int		 gzip, unknown;
	const char	*next, *type;
} heads[] = {
	{ "", 0, 0, "-", "-" },
	{ "Content-Encoding: gzip\r\n", 1, 0, "-", "-" },
	{ "content-encoding: GZIP\r\n", 1, 0, "-", "-" },
	{ "Content-Encoding: x-gzip\r\n", 1, 0, "-", "-" },
	{ "Content-Encoding: identity\r\n", 0, 0, "-", "-" },
	{ "Content-Encoding:\r\n", 0, 0, "-", "-" },
	{ "Content-Encoding: br\r\n", 0, 1, "-", "-" },
	{ "Content-Encoding: deflate\r\n", 0, 1, "-", "-" },
	{ "Content-Encoding: gzip, gzip\r\n", 0, 1, "-", "-" },
	{ "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n", 1, 1, "-", "-" },
	{ "Content-Encoding: gzip\r\nContent-Encoding: br\r\n", 1, 1, "-", "-" },
	{ "Content-Type: application/json; charset=utf-8\r\n", 0, 0, "-", "application/json; charset=utf-8" },
	{ "NextPageUri: https://h.example/api/v1/x?nextPage=2026R01\r\n", 0, 0, "https://h.example/api/v1/x?nextPage=2026R01", "-" },
	{ "nextpageuri:https://h.example/a b$%24\r\n", 0, 0, "https://h.example/a b$%24", "-" },
	{ "NEXTPAGEURL: https://h.example/u\r\n", 0, 0, "https://h.example/u", "-" },
	{ "NextPageUrl: https://h.example/u\r\nNextPageUri: https://h.example/i\r\n", 0, 0, "https://h.example/i", "-" },
	{ "NextPageUri: https://h.example/i\r\nNextPageUrl: https://h.example/u\r\n", 0, 0, "https://h.example/i", "-" },
	{ "NextPageUri: https://h.example/1\r\nNextPageUri: https://h.example/2\r\n", 0, 0, "https://h.example/1", "-" },
	{ "X-NextPageUri: https://h.example/1\r\nNextPageUri2: x\r\n", 0, 0, "-", "-" },
};

static void
headers_are_read_in_any_case_and_kept_as_sent(void **state)
{
	char	 text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\n%sContent-Length: 1\r\n\r\nx", heads[i].head);
		serve(say_text, text);
		ask_url(&reply, "%s", URL("/"));
		hang_up();
		assert_int_equal(reply.fail, HTTP_OK);
		if (reply.gzip != heads[i].gzip || reply.unknown_coding != heads[i].unknown ||
		    strcmp(reply.next_page, heads[i].next) != 0 || strcmp(reply.content_type, heads[i].type) != 0)
			fail_msg("%s: gzip=%d unknown=%d next=%s type=%s", heads[i].head, reply.gzip, reply.unknown_coding,
			    reply.next_page, reply.content_type);
		assert_string_equal(buf_str(&reply.body), "x");		/* nothing is unpacked here */
	}
}

static void
cookies_and_the_place_of_a_redirect_are_told_and_not_followed(void **state)
{
	(void)state;
	serve(say_text, "HTTP/1.1 103 Early Hints\r\nSet-Cookie: early=1\r\nLocation: /early\r\n\r\n"
	    "HTTP/1.1 303 See Other\r\nSet-Cookie: a=1; Path=/; HttpOnly\r\nset-cookie: b=2\r\nLocation: /en-US/x\r\n"
	    "Content-Length: 0\r\n\r\n");
	ask_url(&reply, "%s", URL("/"));
	assert_int_equal(reply.fail, HTTP_OK);
	assert_int_equal(reply.status, 303);
	assert_string_equal(reply.set_cookie, "a=1; Path=/; HttpOnly\nb=2");
	assert_string_equal(reply.location, "/en-US/x");
	hang_up();
	serve(say_text, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	ask_url(&reply, "%s", URL("/"));
	assert_string_equal(reply.set_cookie, "-");
	assert_string_equal(reply.location, "-");
}

static void
a_next_page_longer_than_any_url_stays_too_long(void **state)
{
	char			*text = xmalloc(64 * 1024), out[URL_MAX];
	size_t			 n;
	static const char *const any[] = { "/", NULL };
	struct url_origin	 o;
	struct err		 e;

	(void)state;
	n = (size_t)snprintf(text, 1024, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nNextPageUri: https://h.example/");
	memset(text + n, 'a', 20000);
	memcpy(text + n + 20000, "\r\n\r\n", 5);
	serve(say_text, text);
	ask_url(&reply, "%s", URL("/"));
	assert_int_equal(reply.status, 200);
	assert_int_equal(url_origin("https://h.example", &o, NULL, 0, &e), 0);
	assert_int_equal(url_check(reply.next_page, &o, any, out, &e), -1);
	hang_up();
	free(text);
}

static void
early_answers_and_trailers_are_not_the_answer(void **state)
{
	(void)state;
	serve(say_text, "HTTP/1.1 100 Continue\r\nRetry-After: 7\r\n\r\n"
	    "HTTP/1.1 103 Early Hints\r\nNextPageUri: https://h.example/early\r\nContent-Encoding: br\r\nContent-Length: 9\r\n\r\n"
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: a/b\r\n\r\n"
	    "2\r\nok\r\n0\r\nNextPageUri: https://h.example/late\r\nContent-Encoding: gzip\r\nRetry-After: 9\r\n\r\n");
	ask_url(&reply, "%s", URL("/"));
	assert_int_equal(reply.fail, HTTP_OK);
	assert_int_equal(reply.status, 200);
	assert_string_equal(buf_str(&reply.body), "ok");
	assert_string_equal(reply.content_type, "a/b");
	assert_string_equal(reply.next_page, "-");
	assert_false(reply.gzip || reply.unknown_coding);
	assert_int_equal(reply.retry_after_ms, -1);
}

/* Some gateways put one before what they pass on: nobody who reads an answer need know. */
static void
a_byte_order_mark_is_no_part_of_an_answer(void **state)
{
	static const struct { const char *sent, *heard; } bodies[] = {
		{ "\xef\xbb\xbf[]", "[]" }, { "\xef\xbb\xbf", "" }, { "\xef\xbb\xbf\xef\xbb\xbf{}", "\xef\xbb\xbf{}" },
		{ "[\xef\xbb\xbf]", "[\xef\xbb\xbf]" }, { "\xef\xbb", "\xef\xbb" }, { "\xef\xbb\xbe[]", "\xef\xbb\xbe[]" },
	};
	char	 text[200];

	(void)state;
	serve(say_text, text);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		for (int status = 200; status <= 400; status += 200) {
			snprintf(text, sizeof(text), "HTTP/1.1 %d So\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(bodies[i].sent),
			    bodies[i].sent);
			reply_clear(&reply);
			ask_url(&reply, "%s", URL("/"));
			assert_int_equal(reply.fail, HTTP_OK);
			assert_int_equal(reply.status, status);
			assert_string_equal(buf_str(&reply.body), bodies[i].heard);
		}
}

static void
a_redirect_is_an_answer_and_not_followed(void **state)
{
	static const char *const headers[] = { "Authorization: Bearer canary", NULL };
	char		 text[300];
	struct http_req	 req = { .headers = headers };

	(void)state;
	serve(say_text, text);
	snprintf(text, sizeof(text), "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 4\r\n\r\nmove", URL("/elsewhere"));
	req.url = URL("/");
	ask(&req, &reply);
	assert_int_equal(reply.fail, HTTP_OK);
	assert_int_equal(reply.status, 302);
	assert_string_equal(buf_str(&reply.body), "move");
	ask_run(50);
	assert_int_equal(server_requests(server), 1);
}

static enum after
set_cookie(struct talk *t, const char *request, size_t len, void *arg)
{
	(void)len;
	(void)arg;
	talk_fmt(t, "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nStrict-Transport-Security: max-age=9999\r\n"
	    "Content-Length: %d\r\n\r\n%s", strstr(request, "Cookie") != NULL ? 6 : 4, strstr(request, "Cookie") ? "cookie" : "none");
	return KEEP;
}

static void
one_request_leaves_nothing_for_the_next(void **state)
{
	(void)state;
	serve(set_cookie, NULL);
	for (int i = 0; i < 3; i++) {
		ask_url(&reply, "%s", URL("/"));
		assert_string_equal(buf_str(&reply.body), "none");
	}
	assert_int_equal(server_connections(server), 1);	/* but for the connection */
}

/* ---- connections ----------------------------------------------------------------------------------------------------------- */

static void
a_fresh_connection_is_taken_when_asked_for(void **state)
{
	struct http_req	 req = { .fresh = 1 };

	(void)state;
	serve(say_ok, NULL);
	ask_url(&reply, "%s", URL("/"));
	req.url = URL("/");
	ask(&req, &reply);
	assert_int_equal(reply.status, 200);
	assert_int_equal(server_connections(server), 2);
}

/* Answers the first request of the process and closes at the second, before any byte of an answer. */
static enum after
die_once(struct talk *t, const char *request, size_t len, void *arg)
{
	static unsigned	 n;

	if (++n == 2)
		return CLOSE;
	return check_large(t, request, len, arg);
}

static void
a_kept_connection_that_died_is_replaced_and_the_body_sent_from_its_start(void **state)
{
	struct buf	 body = { 0 };
	struct http_req	 req = { .method = "POST" };

	(void)state;
	make_body(&body, 300000);
	serve(die_once, &body);
	req.url = URL("/");
	req.body = body.bytes;
	req.body_len = body.len;
	for (int i = 0; i < 2; i++) {
		req.arg = NULL;
		ask(&req, &reply);
		assert_int_equal(reply.fail, HTTP_OK);
		assert_string_equal(buf_str(&reply.body), "same");
	}
	assert_int_equal(server_connections(server), 2);
	assert_int_equal(server_requests(server), 3);
	hang_up();
	buf_clear(&body);
}

/* ---- bodies piece by piece --------------------------------------------------------------------------------------------------- */

static struct taker {
	struct reply	 reply;		/* first: on_done's argument is ours too */
	struct buf	 got;
	unsigned	 calls, max_slice;
	int		 status_seen;
	unsigned	 pause_every;	/* calls; 0: never */
	unsigned	 stop_after;
	unsigned	 pauses;
	int		 inside;
	void		(*also)(struct taker *);
} taker;

static enum http_flow
take(void *arg, const struct http_answer *a, const char *bytes, size_t len)
{
	struct taker	*t = arg;

	assert_false(t->inside);
	t->inside = 1;
	t->calls++;
	t->status_seen = a->status;
	if (t->also != NULL)
		t->also(t);
	t->inside = 0;
	if (t->stop_after != 0 && t->calls > t->stop_after)
		return HTTP_STOP;
	if (t->pause_every != 0 && t->calls % t->pause_every == 0) {
		t->pauses++;
		return HTTP_PAUSE;
	}
	if (len > t->max_slice)
		t->max_slice = (unsigned)len;
	buf_add(&t->got, bytes, len);
	return HTTP_GO;
}

static void
taker_reset(void)
{
	buf_clear(&taker.got);
	reply_clear(&taker.reply);
	memset(&taker, 0, sizeof(taker));
}

static enum after
say_large(struct talk *t, const char *request, size_t len, void *arg)
{
	const struct buf	*body = arg;

	(void)request;
	(void)len;
	talk_fmt(t, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", body->len);
	talk_send(t, body->bytes, body->len);
	return KEEP;
}

static void
resume_taker(void *arg)
{
	struct timer	*tick = arg;

	if (taker.reply.done)
		return;
	http_resume(taker.reply.http);
	assert_false(taker.inside);
	timer_set(tick, 1);
}

/* Asks for the whole of body with on_body; resumes every millisecond. */
static void
take_all(struct buf *body)
{
	struct http_req	 req = { .http1 = 1, .on_body = take, .arg = &taker };
	struct timer	 tick;

	serve(say_large, body);
	req.url = URL("/blob");
	timer_init(&tick, ask_loop, resume_taker, &tick);
	ask_start(&req, &taker.reply);
	timer_set(&tick, 1);
	ask_until(&taker.reply.done, 1);
	timer_clear(&tick);
}

static void
a_body_comes_in_slices_and_nothing_is_collected(void **state)
{
	struct buf	 body = { 0 };

	(void)state;
	make_body(&body, 3000000);
	taker_reset();
	take_all(&body);
	assert_int_equal(taker.reply.fail, HTTP_OK);
	assert_int_equal(taker.got.len, body.len);
	assert_memory_equal(taker.got.bytes, body.bytes, body.len);
	assert_true(taker.max_slice <= 64 * 1024);
	assert_int_equal(taker.reply.body.len, 0);
	assert_int_equal(taker.status_seen, 200);
	taker_reset();
	hang_up();
	buf_clear(&body);
}

static void
a_paused_body_comes_again_and_no_byte_is_lost(void **state)
{
	struct buf	 body = { 0 };

	(void)state;
	make_body(&body, 3000000);
	for (unsigned every = 2; every < 40; every += 12) {
		taker_reset();
		taker.pause_every = every;
		take_all(&body);
		assert_int_equal(taker.reply.fail, HTTP_OK);
		assert_true(taker.pauses > 0);
		assert_int_equal(taker.got.len, body.len);
		assert_memory_equal(taker.got.bytes, body.bytes, body.len);
		hang_up();
	}
	taker_reset();
	hang_up();
	buf_clear(&body);
}

static void
resume_self(struct taker *t)
{
	http_resume(t->reply.http);
}

static void
resuming_from_inside_on_body_is_not_lost(void **state)
{
	struct buf	 body = { 0 };
	struct http_req	 req = { .on_body = take, .arg = &taker };

	(void)state;
	make_body(&body, 300000);
	taker_reset();
	taker.pause_every = 2;
	taker.also = resume_self;
	serve(say_large, &body);
	req.url = URL("/");
	ask(&req, &taker.reply);	/* nobody else resumes it */
	assert_int_equal(taker.got.len, body.len);
	taker_reset();
	hang_up();
	buf_clear(&body);
}

static void
a_paused_transfer_reads_no_more_and_waits(void **state)
{
	struct buf	 body = { 0 };
	struct http_req	 req = { .on_body = take, .arg = &taker };
	unsigned	 calls;

	(void)state;
	make_body(&body, 30000000);
	taker_reset();
	taker.pause_every = 3;
	serve(say_large, &body);
	req.url = URL("/");
	ask_start(&req, &taker.reply);
	ask_run(50);
	calls = taker.calls;
	ask_run(50);
	assert_int_equal(taker.calls, 3);
	assert_int_equal(calls, 3);
	http_cancel(taker.reply.http);
	ask_run(10);
	assert_int_equal(taker.reply.done, 0);
	taker_reset();
	hang_up();
	buf_clear(&body);
}

static void
a_body_that_is_not_wanted_any_more_is_stopped(void **state)
{
	struct buf	 body = { 0 };

	(void)state;
	make_body(&body, 3000000);
	taker_reset();
	taker.stop_after = 5;
	take_all(&body);
	assert_int_equal(taker.reply.fail, HTTP_STOPPED);
	assert_int_equal(taker.reply.status, 200);
	assert_int_equal(taker.reply.done, 1);
	assert_int_equal(taker.calls, 6);
	hang_up();

	taker_reset();			/* also when it had been paused before */
	taker.pause_every = 3;
	taker.stop_after = 3;
	take_all(&body);
	assert_int_equal(taker.reply.fail, HTTP_STOPPED);
	assert_int_equal(taker.reply.done, 1);
	assert_int_equal(taker.calls, 4);
	taker_reset();
	hang_up();
	buf_clear(&body);
}

static void
the_body_of_another_status_is_collected(void **state)
{
	struct http_req	 req = { .on_body = take, .arg = &taker };

	(void)state;
	taker_reset();
	serve(say_text, "HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\n{'e':1}");
	req.url = URL("/");
	ask(&req, &taker.reply);
	assert_int_equal(taker.reply.fail, HTTP_OK);
	assert_int_equal(taker.reply.status, 403);
	assert_string_equal(buf_str(&taker.reply.body), "{'e':1}");
	assert_int_equal(taker.calls, 0);
	taker_reset();
}

static void
a_collected_body_ends_at_its_limit(void **state)
{
	struct http_req	 req = { .max_body = 7 };

	(void)state;
	serve(say_text, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n1234567");
	req.url = URL("/");
	ask(&req, &reply);
	assert_int_equal(reply.fail, HTTP_OK);
	req.max_body = 6;
	req.arg = NULL;
	ask(&req, &reply);
	assert_int_equal(reply.fail, HTTP_TOO_BIG);
	assert_int_equal(reply.status, 200);
	assert_has(reply.why, "over 6 bytes");
	assert_true(reply.body.len <= 6);
}

/* ---- cancelling and starting from everywhere ------------------------------------------------------------------------------------ */

static void
cancel_self(struct taker *t)
{
	http_cancel(t->reply.http);
}

static void
cancel_other(struct taker *t)
{
	if (t->calls == 1)
		http_cancel(other.http);
}

static void
start_other(struct taker *t)
{
	static struct http_req	 req;

	if (t->calls != 1)
		return;
	memset(&req, 0, sizeof(req));
	req.url = URL("/other");
	ask_start(&req, &other);
}

static void
a_request_may_cancel_itself_from_inside_on_body(void **state)
{
	struct buf	 body = { 0 };
	struct http_req	 req = { .on_body = take, .arg = &taker };

	(void)state;
	make_body(&body, 3000000);
	taker_reset();
	taker.also = cancel_self;
	serve(say_large, &body);
	req.url = URL("/");
	ask_start(&req, &taker.reply);
	ask_run(100);
	assert_int_equal(taker.calls, 1);
	assert_int_equal(taker.reply.done, 0);
	assert_true(TAILQ_EMPTY(&ask_httpc->list));
	taker_reset();
	hang_up();
	buf_clear(&body);
}

static enum after
say_later(struct talk *t, const char *request, size_t len, void *arg)
{
	if (strstr(request, "/never") != NULL) {
		while (!talk_gone(t, 10000))
			continue;
		return CLOSE;
	}
	return say_large(t, request, len, arg);
}

static void
a_request_may_cancel_another_from_inside_on_body(void **state)
{
	struct buf	 body = { 0 };
	char		*bytes = xstrdup("a body that goes with its owner");
	struct http_req	 req = { .on_body = take, .arg = &taker }, never = { .method = "POST" };

	(void)state;
	make_body(&body, 300000);
	taker_reset();
	taker.also = cancel_other;
	serve(say_later, &body);
	never.url = URL("/never");
	never.body = bytes;
	never.body_len = strlen(bytes);
	ask_start(&never, &other);
	ask_run(30);
	req.url = URL("/");
	ask(&req, &taker.reply);
	free(bytes);
	ask_run(30);
	assert_int_equal(taker.got.len, body.len);
	assert_int_equal(other.done, 0);
	assert_true(TAILQ_EMPTY(&ask_httpc->list));
	taker_reset();
	hang_up();
	buf_clear(&body);
}

static void
a_request_may_be_started_from_inside_on_body(void **state)
{
	struct buf	 body = { 0 };
	struct http_req	 req = { .on_body = take, .arg = &taker };

	(void)state;
	make_body(&body, 300000);
	taker_reset();
	taker.also = start_other;
	serve(say_large, &body);
	req.url = URL("/");
	ask(&req, &taker.reply);
	ask_until(&other.done, 1);
	assert_int_equal(taker.got.len, body.len);
	assert_int_equal(other.body.len, body.len);
	taker_reset();
	hang_up();
	buf_clear(&body);
}

static unsigned	 chain_done;
static struct http *chain_http;

static void
chained(void *arg, struct http_answer *a)
{
	struct http_req	 req = { .method = "GET", .max_body = 100, .on_done = chained };

	(void)arg;
	assert_int_equal(a->status, 200);
	http_cancel(chain_http);		/* itself, on its way out: nothing happens */
	http_resume(chain_http);
	if (++chain_done < 20) {
		req.url = URL("/");
		chain_http = http_start(ask_httpc, &req);
	}
}

static void
a_request_may_be_started_from_inside_on_done(void **state)
{
	struct http_req	 req = { .method = "GET", .max_body = 100, .on_done = chained };

	(void)state;
	serve(say_ok, NULL);
	chain_done = 0;
	req.url = URL("/");
	chain_http = http_start(ask_httpc, &req);
	for (int i = 0; i < 100 && chain_done < 20; i++)
		ask_run(20);
	assert_int_equal(chain_done, 20);
	assert_int_equal(server_connections(server), 1);
}

static void
cancel_other_when_done(void *arg, struct http_answer *a)
{
	(void)a;
	(*(unsigned *)arg)++;
	http_cancel(other.http);
}

static void
a_request_may_cancel_another_from_inside_on_done(void **state)
{
	unsigned	 done = 0;
	struct http_req	 never = { .url = NULL };
	struct http_req	 req = { .method = "GET", .max_body = 1 << 20, .on_done = cancel_other_when_done, .arg = &done };
	struct buf	 body = { 0 };

	(void)state;
	make_body(&body, 10);
	serve(say_later, &body);
	never.url = URL("/never");
	ask_start(&never, &other);
	req.url = URL("/");
	http_start(ask_httpc, &req);
	ask_run(50);
	assert_int_equal(done, 1);
	assert_int_equal(other.done, 0);
	assert_true(TAILQ_EMPTY(&ask_httpc->list));
	hang_up();
	buf_clear(&body);
}

static void
a_cancelled_request_answers_nobody_whenever_it_is_cancelled(void **state)
{
	struct http_req	 req = { .url = NULL };

	(void)state;
	serve(say_ok, NULL);
	for (int64_t ms = -1; ms < 4; ms++) {
		req.url = URL("/");
		req.arg = NULL;
		ask_start(&req, &reply);
		if (ms >= 0)
			ask_run(ms);
		if (reply.done == 0)
			http_cancel(reply.http);
		else
			continue;
		ask_run(20);
		assert_int_equal(reply.done, 0);
	}
	req.url = "https://refused.test/#";	/* one that fails before it begins */
	req.arg = NULL;
	ask_start(&req, &reply);
	http_cancel(reply.http);
	ask_run(10);
	assert_int_equal(reply.done, 0);
}

static void
freeing_the_client_cancels_what_is_in_flight(void **state)
{
	struct http_req	 req = { .url = NULL };
	struct buf	 body = { 0 };

	make_body(&body, 10);
	serve(say_later, &body);
	for (int i = 0; i < 5; i++) {
		req.url = URL("/never");
		req.arg = NULL;
		ask_start(&req, &reply);
	}
	ask_run(30);
	req.arg = NULL;
	ask_start(&req, &reply);
	ask_close(state);
	ask_open(state);
	ask_run(10);
	assert_int_equal(reply.done, 0);
	hang_up();
	buf_clear(&body);
}

static void
many_at_once_come_home(void **state)
{
	static struct reply	 replies[40];
	static unsigned		 done;
	struct http_req		 req = { .url = NULL };

	(void)state;
	serve(say_ok, NULL);
	for (int i = 0; i < 40; i++) {
		req.url = URL("/");
		req.arg = NULL;
		ask_start(&req, &replies[i]);
	}
	for (int i = 0; i < 200 && done < 40; i++) {
		ask_run(10);
		done = 0;
		for (int k = 0; k < 40; k++)
			done += replies[k].done && replies[k].status == 200;
	}
	assert_int_equal(done, 40);
	for (int i = 0; i < 40; i++)
		reply_clear(&replies[i]);
	assert_int_equal(ask_httpc->in_flight, 0);
}

#define STORY(f) cmocka_unit_test_setup_teardown(f, ask_open, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		STORY(a_get_is_just_what_was_asked),
		STORY(a_netrc_gives_no_password_away),
		STORY(a_post_without_a_body_says_so),
		STORY(a_large_body_arrives_whole_at_once_and_without_expect),
		STORY(what_must_not_be_sent_ends_at_once_but_not_inside_http_start),
		STORY(localhost_is_this_host_and_no_name_server_is_asked),
		STORY(retry_after_is_read_in_every_form),
		STORY(a_retry_date_without_a_date_header_counts_from_our_clock),
		STORY(headers_are_read_in_any_case_and_kept_as_sent),
		STORY(cookies_and_the_place_of_a_redirect_are_told_and_not_followed),
		STORY(a_next_page_longer_than_any_url_stays_too_long),
		STORY(early_answers_and_trailers_are_not_the_answer),
		STORY(a_byte_order_mark_is_no_part_of_an_answer),
		STORY(a_redirect_is_an_answer_and_not_followed),
		STORY(one_request_leaves_nothing_for_the_next),
		STORY(a_fresh_connection_is_taken_when_asked_for),
		STORY(a_kept_connection_that_died_is_replaced_and_the_body_sent_from_its_start),
		STORY(a_body_comes_in_slices_and_nothing_is_collected),
		STORY(a_paused_body_comes_again_and_no_byte_is_lost),
		STORY(resuming_from_inside_on_body_is_not_lost),
		STORY(a_paused_transfer_reads_no_more_and_waits),
		STORY(a_body_that_is_not_wanted_any_more_is_stopped),
		STORY(the_body_of_another_status_is_collected),
		STORY(a_collected_body_ends_at_its_limit),
		STORY(a_request_may_cancel_itself_from_inside_on_body),
		STORY(a_request_may_cancel_another_from_inside_on_body),
		STORY(a_request_may_be_started_from_inside_on_body),
		STORY(a_request_may_be_started_from_inside_on_done),
		STORY(a_request_may_cancel_another_from_inside_on_done),
		STORY(a_cancelled_request_answers_nobody_whenever_it_is_cancelled),
		STORY(freeing_the_client_cancels_what_is_in_flight),
		STORY(many_at_once_come_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
