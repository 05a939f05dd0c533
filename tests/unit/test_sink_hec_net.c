/*
 * sink_hec over real sockets and real TLS: what it sends, and what it makes of answers that are none.
 */
#include <assert.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/record.h"
#include "base/xalloc.h"
#include "deliver/sink_hec.h"
#include "encode/gzip.h"
#include "net/inflate.h"
#include "net_ask.h"
#include "net_certs.h"
#include "net_server.h"

#define RECORDS 3

enum mode { TAKES, ACKS, PARTIAL, RESETS, CUT, GIANT, MOVED, GZIPPED };

static enum mode	 mode;
static struct made	 ca, leaf, other_ca;
static struct server	*server;
static struct sink	*sink;
static struct parcel	 parcel;
static struct parcel_item items[RECORDS];
static struct peeked	 batch;
static struct buf	 bodies[4];		/* of the requests for events, unpacked */
static char		 channels[4][40];	/* of all requests */
static unsigned		 n_events, n_polls, done;
static pthread_mutex_t	 lock = PTHREAD_MUTEX_INITIALIZER;

static const struct feed_names feed = { "11111111-2222-3333-4444-555555555555", "contoso", NULL, "audit.exchange",
	    "https://manage.example" };
static const char *const records[RECORDS] = {
	"{\"Id\":\"a\",\"CreationTime\":\"2026-11-23T08:01:02\"}", "{\"Id\":\"b\",\"CreationTime\":\"2026-11-23T08:01:03\"}",
	"{\"Id\":\"c\",\"CreationTime\":\"2026-11-23T08:01:04\"}",
};

/* ---- the server ------------------------------------------------------------------------------------------------------ */

static void
say_json(struct talk *t, int status, const char *body)
{
	talk_fmt(t, "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body), body);
}

static void
say_gzipped(struct talk *t, const char *body)
{
	struct gzip	*g = gzip_new(1);
	struct buf	 b = { 0 };

	gzip_start(g, &b, 0);
	gzip_add(g, body, strlen(body));
	gzip_end(g);
	talk_fmt(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", b.len);
	talk_send(t, b.bytes, b.len);
	buf_clear(&b);
	gzip_free(g);
}

static void
say_much(struct talk *t)
{
	static char	 piece[65536];

	memset(piece, 'x', sizeof(piece));
	talk_say(t, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
	for (int i = 0; i < 100 && !talk_gone(t, 0); i++)
		talk_send(t, piece, sizeof(piece));
}

static void
note(const char *request, size_t len, int is_poll)
{
	const char	*head_end = strstr(request, "\r\n\r\n"), *at = strstr(request, "X-Splunk-Request-Channel: ");

	pthread_mutex_lock(&lock);
	assert(at != NULL && n_events + n_polls < 4);
	snprintf(channels[n_events + n_polls], 37, "%s", at + 26);
	if (is_poll)
		n_polls++;
	else {
		inflate_all(INFLATE_GZIP, head_end + 4, len - (size_t)(head_end + 4 - request), 1 << 20, &bodies[n_events]);
		n_events++;
	}
	pthread_mutex_unlock(&lock);
}

static enum after
collector(struct talk *t, const char *request, size_t len, void *arg)
{
	int	 is_poll = strncmp(request, "POST /services/collector/ack ", 29) == 0;

	(void)arg;
	note(request, len, is_poll);
	if (is_poll) {
		say_json(t, 200, n_polls > 1 ? "{\"acks\":{\"0\":true}}" : "{\"acks\":{\"0\":false}}");
		return KEEP;
	}
	switch (mode) {
	case TAKES:
		say_json(t, 200, "{\"text\":\"Success\",\"code\":0}");
		return KEEP;
	case ACKS:
		say_json(t, 200, "{\"text\":\"Success\",\"code\":0,\"ackId\":0}");
		return KEEP;
	case PARTIAL:
		say_json(t, 503, "{\"text\":\"Server is busy\",\"code\":9,\"invalid-event-number\":2}");
		return KEEP;
	case RESETS:
		return RESET;
	case CUT:
		talk_say(t, "HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\n{\"text\":\"Succ");
		return CLOSE;
	case GIANT:
		say_much(t);
		return CLOSE;
	case MOVED:
		talk_say(t, "HTTP/1.1 303 See Other\r\nLocation: http://127.0.0.1/en-US/account/login?return_to=%2F\r\nContent-Length: 0\r\n\r\n");
		return KEEP;
	case GZIPPED:
		say_gzipped(t, "{\"text\":\"Success\",\"code\":0}");
		return KEEP;
	}
	return CLOSE;
}

/* ---- a parcel on its way --------------------------------------------------------------------------------------------- */

static int
set_up(void **state)
{
	done = n_events = n_polls = 0;
	memset(&parcel, 0, sizeof(parcel));
	setenv("TEST_HEC_TOKEN", "geheim", 1);
	return ask_open(state);
}

static int
tear_down(void **state)
{
	if (sink != NULL)
		sink->ops->free(sink);
	sink = NULL;
	buf_clear(&parcel.body);
	for (size_t i = 0; i < 4; i++)
		buf_clear(&bodies[i]);
	ask_close(state);
	server_stop(server);
	return 0;
}

static void
serve(enum mode m, const struct made *trusted)
{
	struct server_tls	 tls = { .cert_pem = leaf.cert_pem, .key_pem = leaf.key_pem };
	char			 url[64];
	const char		*urls[2] = { url, NULL };
	struct err		 e = { ERR_NONE, "" };

	mode = m;
	server = server_start(collector, NULL, &tls);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u", server_port(server));
	sink = sink_hec_new(&(struct sink_hec_opts){ .name = "splunk", .http = ask_httpc, .loop = ask_loop, .urls = urls,
	    .token = "env:TEST_HEC_TOKEN", .host = "h", .gzip = 1, .timeout_ms = 8000, .ack_timeout_ms = 60000, .proxy = "",
	    .ca_file = trusted->file }, &e);
	if (sink == NULL)
		fail_msg("%s", e.text);
}

static void
judged(void *arg, struct parcel *p)
{
	(void)arg;
	assert_ptr_equal(p, &parcel);
	done++;
	loop_stop(ask_loop);
}

static const char *
deliver(void)
{
	static char	 text[RECORDS + 1];
	void		*scratch = sink->ops->scratch_new(sink);
	unsigned	 before = done;

	batch = (struct peeked){ .created_ms = 1795507262000, .content_id = xstrdup("blob$1") };
	memset(items, 0, sizeof(items));
	for (size_t i = 0; i < RECORDS; i++) {
		items[i].batch = &batch;
		items[i].feed = &feed;
		items[i].record.bytes = records[i];
		items[i].record.len = strlen(records[i]);
	}
	buf_reset(&parcel.body);
	parcel = (struct parcel){ .items = items, .n = RECORDS, .body = parcel.body, .retry_after_ms = -1, .max_bytes = 1000000 };
	sink->ops->encode(sink, scratch, &parcel);
	sink->ops->scratch_free(scratch);
	sink->ops->send(sink, &parcel, judged, NULL);
	ask_until(&done, before + 1);
	for (size_t i = 0; i < RECORDS; i++)
		text[i] = items[i].verdict == V_DELIVERED ? 'D' : items[i].verdict == V_AGAIN ? 'A' : items[i].verdict == V_HOLD ? 'H' : '?';
	free(batch.content_id);
	return text;
}

/* ---- stories --------------------------------------------------------------------------------------------------------- */

static void
events_arrive_over_tls_packed(void **state)
{
	(void)state;
	serve(TAKES, &ca);
	assert_string_equal(deliver(), "DDD");
	assert_string_equal(buf_str(&bodies[0]),
	    "{\"time\":1795420862,\"host\":\"h\",\"source\":\"https://manage.example/api/v1.0/11111111-2222-3333-4444-555555555555/"
	    "activity/feed/audit/blob$1\",\"sourcetype\":\"o365:management:activity\",\"event\":{\"Id\": \"a\", \"CreationTime\": "
	    "\"2026-11-23T08:01:02\"}}\n"
	    "{\"time\":1795420863,\"host\":\"h\",\"source\":\"https://manage.example/api/v1.0/11111111-2222-3333-4444-555555555555/"
	    "activity/feed/audit/blob$1\",\"sourcetype\":\"o365:management:activity\",\"event\":{\"Id\": \"b\", \"CreationTime\": "
	    "\"2026-11-23T08:01:03\"}}\n"
	    "{\"time\":1795420864,\"host\":\"h\",\"source\":\"https://manage.example/api/v1.0/11111111-2222-3333-4444-555555555555/"
	    "activity/feed/audit/blob$1\",\"sourcetype\":\"o365:management:activity\",\"event\":{\"Id\": \"c\", \"CreationTime\": "
	    "\"2026-11-23T08:01:04\"}}\n");
}

static void
an_acknowledgement_is_waited_for(void **state)
{
	(void)state;
	serve(ACKS, &ca);
	assert_string_equal(deliver(), "DDD");
	assert_int_equal(n_polls, 2);
	assert_string_equal(channels[0], channels[1]);
	assert_string_equal(channels[0], channels[2]);
}

static void
a_part_may_be_taken(void **state)
{
	(void)state;
	serve(PARTIAL, &ca);
	assert_string_equal(deliver(), "DDA");
	assert_true(parcel.throttled && parcel.fresh);
}

static void
a_lost_answer_is_followed_by_the_same_bytes_on_a_new_connection(void **state)
{
	(void)state;
	serve(RESETS, &ca);
	assert_string_equal(deliver(), "AAA");
	mode = TAKES;
	assert_string_equal(deliver(), "DDD");
	assert_int_equal(n_events, 2);
	assert_string_equal(buf_str(&bodies[0]), buf_str(&bodies[1]));
	assert_string_not_equal(channels[0], channels[1]);
	assert_int_equal(server_connections(server), 2);
}

static void
half_an_answer_is_none(void **state)
{
	(void)state;
	serve(CUT, &ca);
	assert_string_equal(deliver(), "AAA");
	assert_true(parcel.why[0] != '\0');
}

static void
an_answer_without_end_is_cut_off(void **state)
{
	(void)state;
	serve(GIANT, &ca);
	assert_string_equal(deliver(), "AAA");
	assert_non_null(strstr(parcel.why, "over 16384 bytes"));
}

static void
a_redirect_is_named_and_not_followed(void **state)
{
	(void)state;
	serve(MOVED, &ca);
	assert_string_equal(deliver(), "HHH");
	assert_non_null(strstr(parcel.why, "HTTP 303 to http://127.0.0.1/en-US/account/login, which is not followed"));
	assert_int_equal(server_requests(server), 1);
}

static void
a_packed_answer_is_read(void **state)
{
	(void)state;
	serve(GZIPPED, &ca);
	assert_string_equal(deliver(), "DDD");
}

static void
a_certificate_of_another_authority_gets_no_token(void **state)
{
	(void)state;
	serve(TAKES, &other_ca);
	assert_string_equal(deliver(), "AAA");
	assert_non_null(strstr(parcel.why, "127.0.0.1"));
	assert_non_null(strstr(parcel.why, "Example Root"));
	assert_int_equal(server_requests(server), 0);
}

static int
make_all(void **state)
{
	(void)state;
	make(&ca, "Example Root", NULL, NULL, "critical,CA:TRUE", -DAY, DAY);
	make(&other_ca, "Other Root", NULL, NULL, "critical,CA:TRUE", -DAY, DAY);
	make(&leaf, "splunk.example", "IP:127.0.0.1", &ca, "CA:FALSE", -DAY, DAY);
	return 0;
}

static int
unmake_all(void **state)
{
	(void)state;
	unmake(&ca);
	unmake(&other_ca);
	unmake(&leaf);
	return 0;
}

#define story(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		story(events_arrive_over_tls_packed),
		story(an_acknowledgement_is_waited_for),
		story(a_part_may_be_taken),
		story(a_lost_answer_is_followed_by_the_same_bytes_on_a_new_connection),
		story(half_an_answer_is_none),
		story(an_answer_without_end_is_cut_off),
		story(a_redirect_is_named_and_not_followed),
		story(a_packed_answer_is_read),
		story(a_certificate_of_another_authority_gets_no_token),
	};

	return cmocka_run_group_tests(tests, make_all, unmake_all);
}
