/*
 * test_net_faults - every way in which an answer can fail to come has its own name, and none of them hangs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "net_ask.h"
#include "net_server.h"

static struct server	*server;
static struct reply	 reply, other;

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

static const char *
url(const char *path)
{
	static char	 to[4][300];
	static unsigned	 turn;

	turn = (turn + 1) % 4;
	snprintf(to[turn], sizeof(to[turn]), "http://127.0.0.1:%u%s", server_port(server), path);
	return to[turn];
}

static void
expect(enum http_fail fail, int status, const char *part_of_why)
{
	if (reply.fail != fail || reply.status != status || strstr(reply.why, part_of_why) == NULL)
		fail_msg("%s, status %d: \"%s\" instead of %s, %d, \"%s\"", http_fail_name(reply.fail), reply.status, reply.why,
		    http_fail_name(fail), status, part_of_why);
}

/* ---- answers that are cut or no answers ---------------------------------------------------------------------------------------- */

static const struct {
	const char	*what, *bytes;
	enum after	 after;
	enum http_fail	 fail;
	int		 status;
	const char	*body;
} cut[] = {
	{ "a whole one", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[1,2]", CLOSE, HTTP_OK, 200, "[1,2]" },
	{ "fewer bytes than announced", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,2]", CLOSE, HTTP_CUT, 200, "[1,2]" },
	{ "none of the bytes announced", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", CLOSE, HTTP_CUT, 200, "" },
	{ "no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2]\r\n", CLOSE, HTTP_CUT, 200, "[1,2]" },
	{ "half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n[1,2]", CLOSE, HTTP_CUT, 200, "[1,2]" },
	{ "no chunk at all", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", CLOSE, HTTP_CUT, 200, "" },
	/* HTTP cannot see that one: inflate and the JSON's closing bracket must. */
	{ "cut, but the end of the connection is the end", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[1,", CLOSE, HTTP_OK, 200,
	    "[1," },
	{ "reset in the body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,2]", RESET, HTTP_RESET, 200, "[1,2]" },
	{ "reset in a body without length", "HTTP/1.1 200 OK\r\n\r\n[1,2]", RESET, HTTP_RESET, 200, "[1,2]" },
	{ "reset before anything", "", RESET, HTTP_RESET, 0, "" },
	{ "closed before anything", "", CLOSE, HTTP_RESET, 0, "" },
	{ "two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", CLOSE, HTTP_OTHER, 200, "" },
	{ "a list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello!", CLOSE, HTTP_OTHER, 200, "" },
	{ "a length beyond all numbers", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello", CLOSE, HTTP_OTHER, 200, "" },
	{ "a length below nothing", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", CLOSE, HTTP_OTHER, 200, "" },
	{ "a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello", CLOSE, HTTP_OTHER, 200, "" },
	{ "the same length twice", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", CLOSE, HTTP_OK, 200,
	    "hello" },
	{ "no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", CLOSE, HTTP_OTHER, 0, "" },
	{ "a line without a colon", "HTTP/1.1 200 OK\r\nNextPageUri\r\n\r\n", CLOSE, HTTP_OTHER, 200, "" },
	{ "a chunk size that is none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", CLOSE, HTTP_RESET, 200, "" },
	{ "a status that is none", "HTTP/1.1 abc\r\n\r\n", CLOSE, HTTP_OTHER, 0, "" },
};

static enum after
say_row(struct talk *t, const char *request, size_t len, void *arg)
{
	size_t	 i = *(size_t *)arg;

	(void)request;
	(void)len;
	talk_say(t, cut[i].bytes);
	if (cut[i].after == RESET)
		talk_sleep(50);		/* else the RST overtakes the bytes */
	return cut[i].after;
}

static void
a_cut_answer_is_never_taken_for_a_whole_one(void **state)
{
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		serve(say_row, &i);
		ask_url(&reply, "%s", url("/"));
		hang_up();
		if (reply.fail != cut[i].fail || reply.status != cut[i].status || strcmp(buf_str(&reply.body), cut[i].body) != 0)
			fail_msg("%s: %s, status %d, body %s: %s", cut[i].what, http_fail_name(reply.fail), reply.status,
			    buf_str(&reply.body), reply.why);
		assert_int_equal(reply.fail == HTTP_OK, reply.why[0] == '\0');
	}
}

static void
every_failure_has_a_name(void **state)
{
	(void)state;
	for (int f = HTTP_OK; f <= HTTP_OTHER; f++)
		assert_true(http_fail_name((enum http_fail)f)[0] != '\0');
	assert_string_equal(http_fail_name(HTTP_DNS), "dns");
	assert_string_equal(http_fail_name(HTTP_TOO_BIG), "too-big");
}

static enum after
say_headers(struct talk *t, const char *request, size_t len, void *arg)
{
	char	*a = xmalloc(400001);

	(void)len;
	(void)arg;
	memset(a, 'a', 400000);
	a[400000] = '\0';
	talk_say(t, "HTTP/1.1 200 OK\r\n");
	if (strstr(request, "/line") != NULL) {
		talk_say(t, "X: ");
		talk_say(t, a);
	} else if (strstr(request, "/many") != NULL) {
		a[1000] = '\0';
		for (int i = 0; i < 400; i++) {
			talk_fmt(t, "X-%d: ", i);
			talk_say(t, a);
			talk_say(t, "\r\n");
		}
	} else if (strstr(request, "/trailers") != NULL) {
		talk_say(t, "Transfer-Encoding: chunked\r\n\r\n0\r\n");
		a[1000] = '\0';
		for (int i = 0; i < 400; i++) {
			talk_fmt(t, "X-%d: ", i);
			talk_say(t, a);
			talk_say(t, "\r\n");
		}
	} else
		for (int i = 0; i < 1000 && !talk_gone(t, 0); i++)
			talk_say(t, a);		/* a line that never ends */
	free(a);
	talk_say(t, "\r\nContent-Length: 0\r\n\r\n");
	return CLOSE;
}

static void
headers_are_bounded(void **state)
{
	(void)state;
	serve(say_headers, NULL);
	ask_url(&reply, "%s", url("/line"));
	expect(HTTP_TOO_BIG, 200, "header line");
	ask_url(&reply, "%s", url("/many"));
	expect(HTTP_TOO_BIG, 200, "over 262144 bytes");
	ask_url(&reply, "%s", url("/trailers"));
	expect(HTTP_TOO_BIG, 200, "");
	ask_url(&reply, "%s", url("/endless"));
	expect(HTTP_TOO_BIG, 200, "header line");
}

static enum after
say_for_ever(struct talk *t, const char *request, size_t len, void *arg)
{
	char	 a[8192];

	(void)request;
	(void)len;
	(void)arg;
	memset(a, 'a', sizeof(a));
	talk_say(t, "HTTP/1.1 200 OK\r\n\r\n");
	while (!talk_gone(t, 0))
		talk_send(t, a, sizeof(a));
	return CLOSE;
}

static void
an_endless_answer_ends_at_the_limit(void **state)
{
	struct http_req	 req = { .max_body = 1000000 };

	(void)state;
	serve(say_for_ever, NULL);
	req.url = url("/");
	ask(&req, &reply);
	expect(HTTP_TOO_BIG, 200, "over 1000000 bytes");
	assert_true(reply.body.len <= 1000000);
}

/* ---- no connection ---------------------------------------------------------------------------------------------------------------- */

/* A port of loopback where nobody listens. */
static unsigned
closed_port(void)
{
	struct sockaddr_in	 a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t		 len = sizeof(a);
	int			 fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static void
a_refused_connection_is_told_with_host_and_port(void **state)
{
	char	 where[64];

	(void)state;
	snprintf(where, sizeof(where), "127.0.0.1:%u", closed_port());
	ask_url(&reply, "http://%s/", where);
	expect(HTTP_CONNECT, 0, where);
}

static void
a_name_that_does_not_exist_is_dns(void **state)
{
	(void)state;
	ask_url(&reply, "https://none.test/");
	expect(HTTP_DNS, 0, "none.test");
}

static void
a_hanging_resolver_delays_neither_others_nor_the_end(void **state)
{
	struct http_req	 req = { .url = "https://slow.test/" };
	int64_t		 begin = ask_now_ms();

	(void)state;
	ask_httpc->tuning.connect_ms = 300;
	ask_start(&req, &reply);
	ask_url(&other, "https://none.test/");
	assert_int_equal(other.fail, HTTP_DNS);
	assert_int_equal(reply.done, 0);
	ask_until(&reply.done, 1);
	expect(HTTP_DNS, 0, "slow.test");
	req.arg = NULL;
	ask_start(&req, &reply);
	ask_run(100);
	http_cancel(reply.http);		/* and a cancelled one is not waited for */
	assert_true(ask_now_ms() - begin < 2500);
}

static const char *const denied[] = {
	"127.0.0.1.test", "__1.test", "169.254.169.254.test", "__ffff_127.0.0.1.test", "64_ff9b__127.0.0.1.test", "0.0.0.0.test",
	"fd00_ec2__254.test", "fe80__1.test", "127.0.0.1", "[::1]", "[::ffff:169.254.169.254]", "localhost",
};

static void
a_name_that_leads_to_this_host_or_its_metadata_is_not_followed(void **state)
{
	struct http_req	 req = { .deny_loopback = 1 };
	char		 at[200];

	(void)state;
	ask_httpc->tuning.connect_ms = 300;
	serve(say_for_ever, NULL);
	for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++) {
		snprintf(at, sizeof(at), "https://%s:%u/", denied[i], server_port(server));
		req.url = at;
		req.arg = NULL;
		ask(&req, &reply);
		expect(HTTP_CONNECT, 0, "refused, because it leads to");
	}
	assert_int_equal(server_connections(server), 0);
	ask_url(&reply, "https://127.0.0.1.test:%u/", server_port(server));	/* without the flag it goes there */
	assert_int_equal(server_connections(server), 1);
}

/* ---- time -------------------------------------------------------------------------------------------------------------------------- */

static enum after
dawdle(struct talk *t, const char *request, size_t len, void *arg)
{
	(void)len;
	(void)arg;
	if (strstr(request, "/silent") != NULL) {
		talk_gone(t, 5000);
		return CLOSE;
	}
	if (strstr(request, "/think") != NULL) {
		talk_sleep(700);
		talk_say(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
		return CLOSE;
	}
	talk_say(t, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
	for (int i = 0; i < 500 && !talk_gone(t, 10); i++)	/* a byte at a time */
		talk_say(t, "x");
	return CLOSE;
}

/* Slow is under 100 bytes in each of five ticks of 50 ms. */
static void
quick_to_judge(void)
{
	ask_httpc->tuning.tick_ms = 50;
	ask_httpc->tuning.slow_ticks = 5;
	ask_httpc->tuning.slow_bytes = 100;
}

static void
the_whole_request_has_its_time(void **state)
{
	struct http_req	 req = { .timeout_ms = 200 };
	int64_t		 begin = ask_now_ms();

	(void)state;
	serve(dawdle, NULL);
	req.url = url("/silent");
	ask(&req, &reply);
	expect(HTTP_TIMEOUT, 0, "timed out with 0 bytes received");
	req.url = url("/drip");
	req.arg = NULL;
	ask(&req, &reply);
	expect(HTTP_TIMEOUT, 200, "timed out with ");
	assert_true(reply.body.len > 0);
	assert_true(ask_now_ms() - begin < 2000);
}

/* Whoever says a reason once compares the words: how many milliseconds it took must not be among them. */
static void
the_same_failure_is_told_in_the_same_words(void **state)
{
	struct http_req	 req = { .timeout_ms = 1100 };

	(void)state;
	ask_url(&reply, "http://127.0.0.1:%u/", closed_port());
	expect(HTTP_CONNECT, 0, ": Couldn't connect to server");
	assert_null(strstr(reply.why, " after "));
	serve(dawdle, NULL);
	req.url = url("/silent");
	req.arg = NULL;
	ask(&req, &reply);
	expect(HTTP_TIMEOUT, 0, "timed out after 1 s with 0 bytes received");
}

static void
a_slow_transfer_without_a_time_out_ends_by_its_speed(void **state)
{
	struct http_req	 req = { .url = NULL };
	int64_t		 begin = ask_now_ms();

	(void)state;
	quick_to_judge();
	serve(dawdle, NULL);
	req.url = url("/drip");
	ask(&req, &reply);
	expect(HTTP_TIMEOUT, 200, "under 2000 bytes a second");
	assert_true(ask_now_ms() - begin >= 250);
	req.url = url("/silent");
	req.arg = NULL;
	ask(&req, &reply);
	expect(HTTP_TIMEOUT, 0, "bytes a second");
	assert_true(ask_now_ms() - begin < 3000);
}

static void
waiting_for_the_first_byte_is_not_slow_when_the_request_has_its_own_time_out(void **state)
{
	struct http_req	 req = { .method = "POST", .body = "abc", .body_len = 3, .timeout_ms = 5000 };

	(void)state;
	quick_to_judge();
	serve(dawdle, NULL);
	req.url = url("/think");
	ask(&req, &reply);
	expect(HTTP_OK, 200, "");
	req.url = url("/drip");
	req.arg = NULL;
	ask(&req, &reply);
	expect(HTTP_TIMEOUT, 200, "bytes a second");
}

static int	 busy;

static enum http_flow
refuse_while_busy(void *arg, const struct http_answer *a, const char *bytes, size_t len)
{
	(void)a;
	if (busy)
		return HTTP_PAUSE;
	buf_add(&((struct reply *)arg)->body, bytes, len);
	return HTTP_GO;
}

static enum after
say_much(struct talk *t, const char *request, size_t len, void *arg)
{
	char	*a = xmalloc(1000000);

	(void)request;
	(void)len;
	(void)arg;
	memset(a, 'a', 1000000);
	talk_say(t, "HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n");
	for (int i = 0; i < 8; i++)
		talk_send(t, a, 1000000);
	free(a);
	return CLOSE;
}

static void
a_transfer_that_we_pause_is_not_slow(void **state)
{
	struct http_req	 req = { .http1 = 1, .on_body = refuse_while_busy };

	(void)state;
	quick_to_judge();
	serve(say_much, NULL);
	busy = 1;
	req.url = url("/");
	ask_start(&req, &reply);
	ask_run(1000);			/* four times as long as a slow one lives */
	assert_int_equal(reply.done, 0);
	for (int i = 0; i < 20; i++) {	/* resumed and paused again at once, as when a worker is always a bit late */
		http_resume(reply.http);
		ask_run(30);
	}
	assert_int_equal(reply.done, 0);
	busy = 0;
	http_resume(reply.http);
	ask_until(&reply.done, 1);
	expect(HTTP_OK, 200, "");
	assert_int_equal(reply.body.len, 8000000);
}

static void
a_connection_that_says_nothing_ends_after_the_connect_time(void **state)
{
	struct http_req	 req = { .timeout_ms = 8000 };
	char		 at[100];

	(void)state;
	ask_httpc->tuning.connect_ms = 300;
	serve(dawdle, NULL);		/* plain: it never answers the TLS hello */
	snprintf(at, sizeof(at), "https://127.0.0.1:%u/", server_port(server));
	req.url = at;
	ask(&req, &reply);
	expect(HTTP_CONNECT, 0, "127.0.0.1");
}

/* ---- proxies ----------------------------------------------------------------------------------------------------------------------- */

static enum after
proxy(struct talk *t, const char *request, size_t len, void *arg)
{
	(void)request;
	(void)len;
	talk_say(t, arg);
	return CLOSE;
}

static void
a_proxys_refusal_is_the_proxys(void **state)
{
	static const char *const headers[] = { "Authorization: Bearer canary", NULL };
	struct http_req	 req = { .url = "https://192.0.2.7:9200/x", .headers = headers };
	char		 at[100], seen[4096];

	(void)state;
	serve(proxy, "HTTP/1.1 407 Proxy Authentication Required\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n");
	snprintf(at, sizeof(at), "http://user:pw-canary@127.0.0.1:%u", server_port(server));
	req.proxy = at;
	ask(&req, &reply);
	expect(HTTP_PROXY, 0, "the proxy is in the way: ");
	expect(HTTP_PROXY, 0, "407");
	assert_null(strstr(reply.why, "pw-canary"));
	assert_int_equal(reply.retry_after_ms, -1);
	server_last_request(server, seen, sizeof(seen));
	assert_non_null(strstr(seen, "CONNECT 192.0.2.7:9200 HTTP/1.1\r\n"));
	assert_non_null(strstr(seen, "Proxy-Authorization: Basic "));
	assert_null(strstr(seen, "\r\nAuthorization"));
	assert_null(strstr(seen, "Bearer canary"));

	hang_up();
	snprintf(at, sizeof(at), "http://127.0.0.1:%u", closed_port());
	req.arg = NULL;
	ask(&req, &reply);
	expect(HTTP_PROXY, 0, "127.0.0.1");
	req.proxy = "http://none.test:3128";
	req.arg = NULL;
	ask(&req, &reply);
	expect(HTTP_PROXY, 0, "none.test");
}

static void
a_proxy_on_this_host_is_allowed_where_targets_are_not(void **state)
{
	struct http_req	 req = { .url = "https://192.0.2.7/", .deny_loopback = 1 };
	char		 at[100];

	(void)state;
	serve(proxy, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
	snprintf(at, sizeof(at), "http://127.0.0.1:%u", server_port(server));
	req.proxy = at;
	ask(&req, &reply);
	expect(HTTP_PROXY, 0, "502");
	assert_int_equal(server_connections(server), 1);
}

static void
loopback_and_metadata_addresses_are_never_asked_of_a_proxy(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost", "169.254.169.254", "[::1]" };
	struct http_req	 req = { .url = NULL };
	char		 at[100], target[100];
	struct server	*p = server_start(proxy, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", NULL);

	(void)state;
	ask_httpc->tuning.connect_ms = 200;
	snprintf(at, sizeof(at), "http://127.0.0.1:%u", server_port(p));
	req.proxy = at;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		snprintf(target, sizeof(target), "https://%s:%u/", hosts[i], closed_port());
		req.url = target;
		req.arg = NULL;
		ask(&req, &reply);
		assert_int_equal(reply.fail, HTTP_CONNECT);
	}
	assert_int_equal(server_connections(p), 0);
	server_stop(p);
}

#define STORY(f) cmocka_unit_test_setup_teardown(f, ask_open, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		STORY(a_cut_answer_is_never_taken_for_a_whole_one),
		STORY(every_failure_has_a_name),
		STORY(headers_are_bounded),
		STORY(an_endless_answer_ends_at_the_limit),
		STORY(a_refused_connection_is_told_with_host_and_port),
		STORY(a_name_that_does_not_exist_is_dns),
		STORY(a_hanging_resolver_delays_neither_others_nor_the_end),
		STORY(a_name_that_leads_to_this_host_or_its_metadata_is_not_followed),
		STORY(the_whole_request_has_its_time),
		STORY(the_same_failure_is_told_in_the_same_words),
		STORY(a_slow_transfer_without_a_time_out_ends_by_its_speed),
		STORY(waiting_for_the_first_byte_is_not_slow_when_the_request_has_its_own_time_out),
		STORY(a_transfer_that_we_pause_is_not_slow),
		STORY(a_connection_that_says_nothing_ends_after_the_connect_time),
		STORY(a_proxys_refusal_is_the_proxys),
		STORY(a_proxy_on_this_host_is_allowed_where_targets_are_not),
		STORY(loopback_and_metadata_addresses_are_never_asked_of_a_proxy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
