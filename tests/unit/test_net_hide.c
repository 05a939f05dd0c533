/*
 * test_net_hide - what is secret in a request is blanked out of its answer, however it is written there, and nothing else is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "encode/gzip.h"
#include "net_ask.h"
#include "net_server.h"

#define WORD	"aB/9+c&=~d\"e"		/* needs escaping everywhere */
#define STARS	"\"m\":\"**"		/* what is left of a body with the secret in it starts so */

static struct server	*server;
static struct reply	 reply;
static int		 status, packs;

static void
send_packed(struct talk *t, const char *body)
{
	struct buf	 packed = { 0 };
	struct gzip	*g = gzip_new(1);

	gzip_start(g, &packed, 0);
	gzip_add(g, body, strlen(body));
	gzip_end(g);
	talk_fmt(t, "Content-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", packed.len);
	talk_send(t, packed.bytes, packed.len);
	gzip_free(g);
	buf_clear(&packed);
}

static enum after
answer(struct talk *t, const char *request, size_t len, void *arg)
{
	const char	*body = arg;

	(void)request;
	(void)len;
	talk_fmt(t, "HTTP/1.1 %d So\r\nLocation: https://elsewhere.example/?t=%s\r\nContent-Type: text/%s\r\n", status, WORD, WORD);
	if (packs)
		send_packed(t, body);
	else
		talk_fmt(t, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
	return CLOSE;
}

static void
ask_and_hear(const char *body, const char *const *headers, const char *const *hide)
{
	char	 url[100];

	server = server_start(answer, (void *)(uintptr_t)body, NULL);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", server_port(server));
	reply_clear(&reply);
	ask(&(struct http_req){ .method = "GET", .url = url, .headers = headers, .hide = hide, .max_body = 1000 }, &reply);
	server_stop(server);
	assert_int_equal(reply.status, status);
}

static const struct {
	const char	*how, *body;
} written[] = {
	{ "as it is",		"{\"m\":\"" WORD "\"}" },
	{ "JSON",		"{\"m\":\"aB\\/9+c&=~d\\\"e\"}" },
	{ "JSON in digits",	"{\"m\":\"aB\\u002f9\\u002Bc\\u0026\\u003d~d\\u0022e\"}" },
	{ "a URL",		"{\"m\":\"aB%2F9%2Bc%26%3D~d%22e\"}" },
	{ "a url",		"{\"m\":\"aB%2f9%2bc%26%3d%7ed%22e\"}" },
	{ "HTML",		"{\"m\":\"aB/9+c&amp;=~d&quot;e\"}" },
	{ "HTML in digits",	"{\"m\":\"&#97;B&#x2F;9&#43;c&#38;&#61;~d&#34;e\"}" },
	{ "twice",		"{\"m\":\"" WORD WORD "\"}" },
};

static void
is_hidden(const char *how)
{
	const char	*body = buf_str(&reply.body);

	if (strstr(body, STARS) == NULL || strstr(body, "e\"}") != NULL || strstr(body, "*\"}") == NULL)
		fail_msg("%s: %s", how, body);
	assert_string_equal(reply.location, "https://elsewhere.example/?t=************");
	assert_string_equal(reply.content_type, "text/************");
}

static void
the_word_of_authorization_is_blanked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		ask_and_hear(written[i].body, (const char *const []){ "Accept: x", "Authorization: Bearer " WORD, NULL }, NULL);
		is_hidden(written[i].how);
	}
}

static void
other_secrets_are_blanked(void **state)
{
	(void)state;
	ask_and_hear(written[3].body, NULL, (const char *const []){ "something else", WORD, NULL });
	is_hidden("hide");
}

/* Nor does it help to pack it: an answer is unpacked before it is looked through, and nobody else need do it. */
static void
a_packed_answer_is_looked_through_too(void **state)
{
	char	 large[2000];

	(void)state;
	packs = 1;
	ask_and_hear(written[0].body, NULL, (const char *const []){ WORD, NULL });
	is_hidden("packed");
	assert_int_equal(reply.gzip, 0);
	ask_and_hear("\xef\xbb\xbf{}", NULL, NULL);
	assert_string_equal(buf_str(&reply.body), "{}");
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	ask_and_hear(large, NULL, NULL);		/* over max_body: as it came */
	assert_int_equal(reply.gzip, 1);
	assert_in_range(reply.body.len, 10, 1000);
}

/* What merely resembles one stays: its beginning, its end, another letter; and a word that is too short to be one. */
static void
nothing_else_is(void **state)
{
	static const char *const	 fine[] = { "aB/9+c&=~d\"", "B/9+c&=~d\"e", "aB/9+c&=~d\"E", "aB%2", "aB%2F9%2", "\\", "%", "&#", "",
		    "a b c d" };

	(void)state;
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		ask_and_hear(fine[i], (const char *const []){ "Authorization: Bearer " WORD, NULL },
		    (const char *const []){ "", "a", "b c", NULL });
		assert_string_equal(buf_str(&reply.body), fine[i]);
	}
}

/* A password may be a word of every sound reply. A token is none. */
static void
a_reply_keeps_its_own_words(void **state)
{
	static const char	 fine[] = "{\"errors\":false,\"status\":201}";

	(void)state;
	status = 200;
	ask_and_hear(fine, NULL, (const char *const []){ "status", "errors", NULL });
	assert_string_equal(buf_str(&reply.body), fine);
	ask_and_hear("a0b1c2d3e4f5a6b7 is yours", NULL, (const char *const []){ "a0b1c2d3e4f5a6b7", NULL });
	assert_string_equal(buf_str(&reply.body), "**************** is yours");
}

static int
set_up(void **state)
{
	status = 403;
	packs = 0;
	return ask_open(state);
}

static int
teardown(void **state)
{
	reply_clear(&reply);
	return ask_close(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_word_of_authorization_is_blanked, set_up, teardown),
		cmocka_unit_test_setup_teardown(other_secrets_are_blanked, set_up, teardown),
		cmocka_unit_test_setup_teardown(a_packed_answer_is_looked_through_too, set_up, teardown),
		cmocka_unit_test_setup_teardown(nothing_else_is, set_up, teardown),
		cmocka_unit_test_setup_teardown(a_reply_keeps_its_own_words, set_up, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
