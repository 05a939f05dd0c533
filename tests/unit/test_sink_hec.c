/*
 * sink_hec: what is sent, what answers change, and acknowledgements; against an indexer that is played here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "deliver/sink_hec.h"
#include "deliver_world.h"

#define MB (1000 * 1000)
#define OK "{\"text\":\"Success\",\"code\":0}"

static const char *const one[] = { "splunk", NULL };

/* ---- the indexer ---------------------------------------------------------------------------------------------------- */

struct script {			/* how the next requests for events are answered, in turn; then with success */
	int		 status;
	const char	*body;
	enum http_fail	 fail;
	const char	*set_cookie;
};
static struct script	 script[16];
static size_t		 n_script, at_script;

static struct {
	int		 acks;			/* the token acknowledges */
	int		 holds_acks;		/* ids stay false */
	int		 poll_status;		/* not 200: polls are answered so, with poll_body */
	const char	*poll_body;
	unsigned	 got[WORLD_RECORDS];	/* how often each record was in a request */
	unsigned	 polls, requests;
	char		 token[64];		/* what is asked for */
	struct {
		char		 guid[40];
		int64_t		 next;		/* id */
		uint8_t		 open[512];	/* by id: given, and not told yet */
	} channels[32];
	size_t		 n_channels;
	char		 last_poll[256];
	const char	*set_cookie;
} x;

static void
says(int status, const char *body)
{
	script[n_script++] = (struct script){ .status = status, .body = body };
}

static const char *
header(const struct fake_request *r, const char *name)
{
	static char	 value[512];
	const char	*at = strstr(r->headers, name);

	value[0] = '\0';
	if (at != NULL)
		snprintf(value, sizeof(value), "%.*s", (int)strcspn(at + strlen(name), "\n"), at + strlen(name));
	return value;
}

static size_t
channel_of(const struct fake_request *r)
{
	const char	*guid = header(r, "X-Splunk-Request-Channel: ");
	size_t		 i;

	assert_int_equal(strlen(guid), 36);
	for (i = 0; i < x.n_channels && strcmp(x.channels[i].guid, guid) != 0; i++)
		continue;
	assert_true(i < 32);
	if (i == x.n_channels) {
		memset(&x.channels[i], 0, sizeof(x.channels[i]));
		snprintf(x.channels[x.n_channels++].guid, 40, "%s", guid);
	}
	return i;
}

static void
poll_answer(const struct fake_request *r, struct fake_answer *a)
{
	size_t		 c = channel_of(r);
	const char	*at = strchr(buf_str(&r->body), '[');
	char		*end;
	int		 first = 1;

	x.polls++;
	snprintf(x.last_poll, sizeof(x.last_poll), "%s", buf_str(&r->body));
	if (x.poll_status != 200) {
		a->status = x.poll_status;
		buf_adds(&a->body, x.poll_body);
		return;
	}
	a->status = 200;
	buf_adds(&a->body, "{\"acks\":{");
	for (at++; *at >= '0' && *at <= '9'; at = *end == ',' ? end + 1 : end) {
		long	 id = strtol(at, &end, 10);
		int	 is = !x.holds_acks && x.channels[c].open[id];

		x.channels[c].open[id] &= !is;
		buf_addf(&a->body, "%s\"%ld\":%s", first ? "" : ",", id, is ? "true" : "false");
		first = 0;
	}
	buf_adds(&a->body, "}}");
}

static void
note_events(const struct fake_request *r)
{
	const char	*at = buf_str(&r->body);

	while ((at = strstr(at, "\"Id\": \"")) != NULL) {
		at += 7;
		x.got[strtoul(at, NULL, 16)]++;
	}
}

static int
indexer(const struct fake_request *r, struct fake_answer *a)
{
	size_t	 c, len = strlen(r->url);

	assert_non_null(strstr(r->headers, "Authorization: Splunk "));
	assert_non_null(strstr(r->headers, "Content-Type: application/json\n"));
	c = channel_of(r);
	a->set_cookie = x.set_cookie;
	if (len > 4 && strcmp(r->url + len - 4, "/ack") == 0) {
		poll_answer(r, a);
		return 1;
	}
	x.requests++;
	note_events(r);
	if (strcmp(header(r, "Authorization: Splunk "), x.token) != 0) {
		a->status = 403;
		buf_adds(&a->body, "{\"text\":\"Invalid token\",\"code\":4}");
		return 1;
	}
	if (at_script < n_script) {
		a->status = script[at_script].status;
		a->fail = script[at_script].fail;
		if (script[at_script].set_cookie != NULL)
			a->set_cookie = script[at_script].set_cookie;
		if (script[at_script].body != NULL) {
			buf_adds(&a->body, script[at_script++].body);
			return 1;
		}
		if (script[at_script++].fail != HTTP_OK)
			return 1;
	}
	a->status = 200;
	if (x.acks) {
		buf_addf(&a->body, "{\"text\":\"Success\",\"code\":0,\"ackId\":%lld}", (long long)x.channels[c].next);
		assert_true(x.channels[c].next < 512);
		x.channels[c].open[x.channels[c].next++] = 1;
	} else
		buf_adds(&a->body, OK);
	return 1;
}

/* ---- the world ------------------------------------------------------------------------------------------------------ */

static char	 token_file[128];

static void
write_token(const char *token)
{
	FILE	*f;

	snprintf(token_file, sizeof(token_file), "%s/token", world_dir);
	assert_non_null(f = fopen(token_file, "w"));
	fprintf(f, "%s\n", token);
	fclose(f);
	chmod(token_file, 0600);
}

static struct sink *
sink(const struct sink_hec_opts *changes)
{
	static const char *const	 urls[] = { "https://s.example:8088", NULL };
	struct sink_hec_opts		 opts = *changes;
	struct err			 e = { ERR_NONE, "" };
	char				 ref[160];
	struct sink			*s;

	write_token("geheim");
	snprintf(x.token, sizeof(x.token), "geheim");
	snprintf(ref, sizeof(ref), "file:%s", token_file);
	opts.name = "splunk";
	opts.token = ref;
	opts.urls = opts.urls != NULL ? opts.urls : urls;
	opts.host = "collector.example";
	opts.ack_timeout_ms = 300000;
	opts.timeout_ms = 60000;
	opts.gzip = 1;
	fake_server = indexer;
	if ((s = sink_hec_new(&opts, &e)) == NULL)
		fail_msg("%s", e.text);
	return s;
}

static struct output *
start_with(const struct sink_hec_opts *opts, size_t batch_bytes)
{
	memset(&x, 0, sizeof(x));
	x.poll_status = 200;
	n_script = at_script = 0;
	world_open(one);
	world_start();
	return world_output(0, "splunk", sink(opts), batch_bytes, 0, 1);
}

static struct output *
start(void)
{
	return start_with(&(struct sink_hec_opts){ .index = NULL }, MB);
}

static void
bell(struct output *o)
{
	output_bell(o);
	fake_turn();
}

static void
end(struct output *o)
{
	assert_int_equal(world_left(), 0);
	assert_true(output_idle(o));
	world_tallies_agree("splunk");
	world_stop(o, 1000);
	world_close();
}

static void
each_once(unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++)
		if (x.got[i] != 1)
			fail_msg("record %u was sent %u times", i, x.got[i]);
}

/* ---- without acknowledgements --------------------------------------------------------------------------------------- */

static void
an_event_is_the_record_with_its_envelope(void **state)
{
	struct output			*o = start_with(&(struct sink_hec_opts){ .index = "m365" }, MB);
	const struct fake_request	*r;

	(void)state;
	world_put_text(world_exchange, "{\"Id\":\"00000000-x\",\"CreationTime\":\"2026-11-23T23:50:00\",\r\n \"Z\":1,\"A\":[1,2]}");
	bell(o);
	assert_int_equal(x.requests, 1);
	r = &fake_requests[0];
	assert_string_equal(r->url, "https://s.example:8088/services/collector/event");
	assert_true(r->was_gzip);
	assert_string_equal(header(r, "Authorization: Splunk "), "geheim");
	assert_string_equal(buf_str(&r->body), "{\"time\":1795477800,\"host\":\"collector.example\",\"source\":"
	    "\"https://manage.example/api/v1.0/11111111-2222-3333-4444-555555555555/activity/feed/audit/blob-0\","
	    "\"sourcetype\":\"o365:management:activity\",\"index\":\"m365\",\"event\":"
	    "{\"Id\": \"00000000-x\", \"CreationTime\": \"2026-11-23T23:50:00\", \"Z\": 1, \"A\": [1, 2]}}\n");
	end(o);
}

static void
what_the_configuration_says_goes_before_what_the_feed_says(void **state)
{
	static const char *const	 urls[] = { "https://s.example/a/services/collector", NULL };
	static const char *const	 more[] = { "X-More: 1", NULL };
	struct output	*o = start_with(&(struct sink_hec_opts){ .urls = urls, .source = "over here", .sourcetype = "a:b", .headers = more }, MB);

	(void)state;
	world_put_text(world_entra, "{\"Id\":\"00000000-x\",\"CreationTime\":\"2026-11-23T23:50:00.25\"}");
	bell(o);
	assert_string_equal(fake_requests[0].url, "https://s.example/a/services/collector");
	assert_string_equal(header(&fake_requests[0], "X-More: "), "1");
	assert_string_equal(buf_str(&fake_requests[0].body), "{\"time\":1795477800.25,\"host\":\"collector.example\",\"source\":\"over here\","
	    "\"sourcetype\":\"a:b\",\"event\":{\"Id\": \"00000000-x\", \"CreationTime\": \"2026-11-23T23:50:00.25\"}}\n");
	end(o);
}

static void
what_was_taken_before_the_server_was_busy_is_not_sent_again(void **state)
{
	struct output	*o = start();

	(void)state;
	world_put(world_exchange, 10, 300);
	says(503, "{\"text\":\"Server is busy\",\"code\":9,\"invalid-event-number\":4}");
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_BACKING_OFF);
	fake_pass(2000);
	assert_int_equal(x.requests, 2);
	assert_int_equal(fake_requests[1].fresh, 1);
	each_once(0, 4);
	for (unsigned i = 4; i < 10; i++)
		assert_int_equal(x.got[i], 2);
	end(o);
}

static void
one_bad_event_costs_itself_and_no_time(void **state)
{
	struct output	*o = start();
	struct buf	 dead = { 0 };

	(void)state;
	world_put(world_exchange, 10, 300);
	says(400, "{\"text\":\"Invalid data format\",\"code\":6,\"invalid-event-number\":4}");
	bell(o);			/* no pause: everything in this turn */
	assert_int_equal(x.requests, 2);
	each_once(0, 5);
	for (unsigned i = 5; i < 10; i++)
		assert_int_equal(x.got[i], 2);
	assert_int_equal(world_dead(&dead), 1);
	assert_non_null(strstr(buf_str(&dead), "HEC code 6: invalid data format"));
	assert_non_null(strstr(buf_str(&dead), "00000004-0000"));
	buf_clear(&dead);
	end(o);
}

static void
a_wrong_index_holds_and_loses_nothing(void **state)
{
	struct output	*o = start();

	(void)state;
	world_put(world_exchange, 6, 300);
	says(400, "{\"text\":\"Incorrect index\",\"code\":7,\"invalid-event-number\":3}");	/* the third, number 2, is at fault */
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_non_null(strstr(output_why(o), "code 7"));
	fake_pass(20000);
	assert_int_equal(x.requests, 1);
	output_kick(o);
	fake_turn();
	each_once(0, 2);
	for (unsigned i = 2; i < 6; i++)
		assert_int_equal(x.got[i], 2);
	end(o);
}

static void
too_large_for_splunk_is_a_dead_letter_and_is_never_sent(void **state)
{
	struct output	*o = start();
	struct buf	 dead = { 0 };

	(void)state;
	world_put(world_exchange, 1, 5000100);
	world_put(world_exchange, 1, 4999000);
	world_put(world_exchange, 2, 300);
	bell(o);
	fake_pass(5000);
	assert_int_equal(x.got[0], 0);
	each_once(1, 3);
	assert_int_equal(world_dead(&dead), 1);
	assert_non_null(strstr(buf_str(&dead), "too-large: "));
	buf_clear(&dead);
	end(o);
}

static void
a_lost_answer_is_sent_again_byte_for_byte(void **state)
{
	struct output	*o = start();

	(void)state;
	world_put(world_exchange, 5, 300);
	script[n_script++] = (struct script){ .fail = HTTP_RESET };
	says(200, "<html>welcome</html>");
	says(200, "{\"text\":\"Success\",\"co");
	bell(o);
	fake_pass(20000);
	assert_int_equal(x.requests, 4);
	for (int i = 1; i < 4; i++) {
		assert_int_equal(fake_requests[i].body.len, fake_requests[0].body.len);
		assert_memory_equal(fake_requests[i].body.bytes, fake_requests[0].body.bytes, fake_requests[0].body.len);
		assert_int_equal(fake_requests[i].fresh, 1);
	}
	assert_int_equal(x.n_channels, 4);
	end(o);
}

static void
a_404_holds_before_the_first_success_and_passes_after_it(void **state)
{
	struct output	*o = start();

	(void)state;
	world_put(world_exchange, 1, 300);
	says(404, "{\"text\":\"The requested URL was not found on this server.\",\"code\":404}");
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	fake_pass(300000);
	each_once(1, 0);
	assert_int_equal(x.requests, 2);
	world_put(world_exchange, 1, 300);
	says(404, "{\"text\":\"The requested URL was not found on this server.\",\"code\":404}");
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_BACKING_OFF);
	fake_pass(2000);
	assert_int_equal(x.requests, 4);
	end(o);
}

static void
a_new_token_in_the_file_is_used_at_once(void **state)
{
	struct output	*o = start();

	(void)state;
	world_put(world_exchange, 1, 300);
	snprintf(x.token, sizeof(x.token), "neu");		/* rotated in Splunk, the file comes later */
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_int_equal(output_permission(o), 1);
	write_token("neu");
	fake_pass(6000);					/* looked at every five seconds while held */
	assert_int_equal(x.requests, 2);
	snprintf(x.token, sizeof(x.token), "newer");
	write_token("newer");
	world_put(world_exchange, 1, 300);
	bell(o);						/* 403, read, again: nobody saw a hold */
	assert_int_equal(output_state(o), OUTPUT_IDLE);
	assert_int_equal(x.requests, 4);
	end(o);
}

static void
full_queues_are_given_time(void **state)
{
	struct output	*o = start_with(&(struct sink_hec_opts){ .index = NULL }, 5000);

	(void)state;
	for (int i = 0; i < 3; i++)
		says(200, "{\"text\":\"Success\",\"code\":24}");
	world_put(world_exchange, 64, 1200);			/* four a request */
	bell(o);
	assert_int_equal(x.requests, 1);
	fake_pass(1000);
	assert_int_equal(x.requests, 2);
	fake_pass(1900);
	assert_int_equal(x.requests, 2);
	fake_pass(100);
	assert_int_equal(x.requests, 3);
	fake_pass(60000);
	each_once(0, 64);
	end(o);
}

static void
gzip_that_is_not_taken_is_left_off(void **state)
{
	struct output	*o = start();

	(void)state;
	says(415, "<html>");
	world_put(world_exchange, 3, 300);
	bell(o);
	assert_int_equal(x.requests, 2);
	assert_true(fake_requests[0].was_gzip);
	assert_false(fake_requests[1].was_gzip);
	end(o);
}

static void
a_sick_url_is_left_for_the_next(void **state)
{
	static const char *const	 urls[] = { "https://s1.example:8088", "https://s2.example:8088", NULL };
	struct output	*o = start_with(&(struct sink_hec_opts){ .urls = urls }, MB);

	(void)state;
	says(503, "{\"text\":\"Server is shutting down\",\"code\":23}");
	world_put(world_exchange, 3, 300);
	bell(o);
	assert_int_equal(x.requests, 2);
	assert_non_null(strstr(fake_requests[0].url, "s1.example"));
	assert_non_null(strstr(fake_requests[1].url, "s2.example"));
	assert_string_not_equal(header(&fake_requests[1], "X-Splunk-Request-Channel: "), "");
	end(o);
}

static void
only_when_every_url_refuses_the_output_holds(void **state)
{
	static const char *const	 urls[] = { "https://s1.example:8088", "https://s2.example:8088", NULL };
	struct output	*o = start_with(&(struct sink_hec_opts){ .urls = urls }, MB);

	(void)state;
	says(404, "<html>");
	world_put(world_exchange, 3, 300);
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_IDLE);
	assert_int_equal(x.requests, 2);
	assert_non_null(strstr(fake_requests[1].url, "s2.example"));
	snprintf(x.token, sizeof(x.token), "neu");
	world_put(world_exchange, 3, 300);
	bell(o);
	fake_pass(5000);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_int_equal(output_permission(o), 1);
	write_token("neu");
	fake_pass(10000);
	assert_int_equal(output_state(o), OUTPUT_IDLE);
	end(o);
}

static void
a_long_page_with_an_error_is_judged_by_its_status(void **state)
{
	struct output	*o = start();
	char		*page = xmalloc(40000);

	(void)state;
	memset(page, 'x', 40000);
	memcpy(page, "<html>", 6);
	page[39999] = '\0';
	says(403, page);
	world_put(world_exchange, 3, 300);
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_non_null(strstr(output_why(o), "HTTP 403, answered HTML"));
	output_kick(o);
	fake_turn();
	end(o);
	free(page);
}

static void
a_destination_that_refuses_every_record_is_held(void **state)
{
	struct output	*o = start_with(&(struct sink_hec_opts){ .index = NULL }, MB);
	struct buf	 dead = { 0 };

	(void)state;
	for (int i = 0; i < 16; i++)
		says(400, "{\"text\":\"Invalid data format\",\"code\":6,\"invalid-event-number\":0}");
	world_put(world_exchange, 20, 300);
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_non_null(strstr(output_why(o), "one record after another"));
	assert_int_equal(world_dead(&dead), 10);
	n_script = 0;
	output_kick(o);
	fake_turn();
	assert_int_equal(world_dead(&dead), 10);
	buf_clear(&dead);
	end(o);
}

static int
status_says(const struct output *o, const char *text)
{
	struct buf	 b = { 0 };
	struct json_out	 j;
	int		 yes;

	json_out_init(&j, &b);
	output_status(o, &j);
	yes = strstr(buf_str(&b), text) != NULL;
	buf_clear(&b);
	return yes;
}

/* ---- with acknowledgements ------------------------------------------------------------------------------------------ */

static struct output *
start_acks(size_t batch_bytes)
{
	struct output	*o = start_with(&(struct sink_hec_opts){ .ack = HEC_ACK_AUTO }, batch_bytes);

	x.acks = 1;
	return o;
}

static void
what_is_taken_is_delivered_when_it_is_acknowledged(void **state)
{
	struct output	*o = start_acks(MB);

	(void)state;
	x.holds_acks = 1;
	world_put(world_exchange, 3, 300);
	bell(o);
	fake_pass(5000);
	assert_int_equal(x.requests, 1);
	assert_int_equal(world_left(), 1);
	assert_true(x.polls >= 2);
	assert_true(status_says(o, "\"in_flight\":0,\"unacknowledged\":3,"));
	assert_string_equal(x.last_poll, "{\"acks\":[0]}");
	assert_string_equal(fake_requests[1].url, "https://s.example:8088/services/collector/ack");
	assert_string_equal(header(&fake_requests[1], "Authorization: Splunk "), "geheim");
	assert_int_equal(x.n_channels, 1);
	x.holds_acks = 0;
	fake_pass(10000);
	each_once(0, 3);
	end(o);
}

static void
others_go_on_while_one_waits(void **state)
{
	struct output	*o = start_acks(5000);

	(void)state;
	x.holds_acks = 1;
	world_put(world_exchange, 200, 1200);
	for (int i = 0; i < 4; i++)
		world_put(world_exchange, 100, 1200);
	bell(o);
	fake_pass(900);
	assert_true(x.requests > 1);
	assert_int_equal(world_left(), 5);
	assert_true(fake_in_flight() <= 1);
	x.holds_acks = 0;
	fake_pass(600000);
	each_once(0, 600);
	end(o);
}

static void
an_acknowledgement_that_never_comes_means_sending_again(void **state)
{
	struct output	*o = start_acks(MB);
	char		 first[40];
	size_t		 n;

	(void)state;
	x.holds_acks = 1;
	world_put(world_exchange, 3, 300);
	bell(o);
	snprintf(first, sizeof(first), "%s", header(&fake_requests[0], "X-Splunk-Request-Channel: "));
	fake_pass(299000);
	assert_int_equal(x.requests, 1);
	fake_pass(15000);
	assert_int_equal(x.requests, 2);
	assert_int_equal(x.n_channels, 2);
	for (n = fake_n_requests - 1; strstr(fake_requests[n].url, "/ack") != NULL; n--)
		continue;
	assert_string_not_equal(header(&fake_requests[n], "X-Splunk-Request-Channel: "), first);
	assert_string_equal(buf_str(&fake_requests[n].body), buf_str(&fake_requests[0].body));
	x.holds_acks = 0;
	fake_pass(10000);
	end(o);
}

static void
a_poll_that_fails_delivers_nothing_and_loses_nothing(void **state)
{
	static const struct {
		int		 status;
		const char	*body;
	} polls[] = {
		{ 503, "" }, { 404, "<html>" }, { 200, "<html>" }, { 403, "{\"text\":\"Invalid token\",\"code\":4}" },
		{ 400, "{\"text\":\"Data channel is missing\",\"code\":10}" }, { 200, "{\"acks\":{\"0\":true}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(polls) / sizeof(polls[0]); i++) {
		struct output	*o = start_acks(MB);

		x.poll_status = polls[i].status == 200 ? 299 : polls[i].status;
		x.poll_body = polls[i].body;
		world_put(world_exchange, 3, 300);
		bell(o);
		fake_pass(400000);			/* over ack_timeout: nobody said false */
		assert_int_equal(world_left(), 1);
		assert_int_equal(x.requests, 1);
		x.poll_status = 200;
		fake_pass(30000);
		assert_int_equal(x.requests, 1);
		assert_int_equal(world_left(), 0);
		world_stop(o, 1000);
		world_close();
		world_tear_down(state);
		world_set_up(state);
	}
}

static void
nobody_to_ask_for_twice_as_long_means_sending_again(void **state)
{
	struct output	*o = start_acks(MB);

	(void)state;
	x.poll_status = 503;
	x.poll_body = "";
	world_put(world_exchange, 3, 300);
	bell(o);
	fake_pass(599000);
	assert_int_equal(x.requests, 1);
	fake_pass(10000);
	assert_int_equal(x.requests, 2);
	x.poll_status = 200;
	fake_pass(60000);
	end(o);
}

static void
a_token_that_stops_acknowledging_is_believed(void **state)
{
	struct output	*o = start_acks(MB);

	(void)state;
	x.poll_status = 400;
	x.poll_body = "{\"text\":\"ACK is disabled\",\"code\":14}";
	world_put(world_exchange, 3, 300);
	bell(o);
	fake_pass(2000);
	each_once(0, 3);
	end(o);
}

static void
a_channel_with_an_open_0_takes_nothing_new(void **state)
{
	struct output	*o = start_acks(MB);

	(void)state;
	x.holds_acks = 1;
	for (int i = 0; i < 3; i++) {
		world_put(world_exchange, 3, 300);
		bell(o);
	}
	assert_int_equal(x.requests, 3);
	assert_int_equal(x.n_channels, 3);
	x.holds_acks = 0;
	fake_pass(10000);
	for (int i = 0; i < 3; i++) {
		world_put(world_exchange, 3, 300);
		bell(o);
	}
	assert_int_equal(x.requests, 6);
	assert_int_equal(x.n_channels, 3);		/* one of them: its numbers are over 0 now */
	fake_pass(10000);
	each_once(0, 18);
	end(o);
}

/* The indexer was restarted: it counts from 0 again and knows nothing of what is open. */
static void
numbers_that_begin_anew_are_not_mixed_up(void **state)
{
	struct output	*o = start_acks(MB);

	(void)state;
	for (int i = 0; i < 3; i++) {			/* 0, 1, 2 on one channel */
		world_put(world_exchange, 1, 300);
		bell(o);
		x.holds_acks = i == 2;
		fake_pass(3000);
	}
	assert_int_equal(x.n_channels, 1);
	assert_int_equal(world_left(), 1);
	x.channels[0].next = 0;
	memset(x.channels[0].open, 0, sizeof(x.channels[0].open));
	x.holds_acks = 0;
	world_put(world_exchange, 1, 300);
	bell(o);					/* 0 again: fine, but nothing more over this channel */
	fake_pass(3000);
	assert_int_equal(world_left(), 1);
	world_put(world_exchange, 1, 300);
	bell(o);
	assert_int_equal(x.n_channels, 2);
	fake_pass(330000);				/* number 2 is false for ever */
	assert_int_equal(x.got[2], 2);
	each_once(0, 2);
	each_once(3, 2);
	end(o);
}

/* Is there a poll with this cookie for these numbers? */
static int
was_asked(const char *cookie, const char *ids)
{
	for (size_t i = 0; i < fake_n_requests; i++)
		if (strcmp(buf_str(&fake_requests[i].body), ids) == 0 && strcmp(header(&fake_requests[i], "Cookie: "), cookie) == 0)
			return 1;
	return 0;
}

static void
cookies_stay_with_their_channel(void **state)
{
	struct output	*o = start_acks(MB);

	(void)state;
	x.set_cookie = "srv=a; Path=/";
	world_put(world_exchange, 1, 300);
	bell(o);
	fake_pass(1100);
	assert_string_equal(header(&fake_requests[0], "Cookie: "), "");
	assert_string_equal(header(&fake_requests[1], "Cookie: "), "srv=a");		/* the poll */
	x.set_cookie = NULL;
	x.holds_acks = 1;
	world_put(world_exchange, 1, 300);
	bell(o);					/* number 1 */
	script[n_script++] = (struct script){ .status = 0, .set_cookie = "srv=b" };
	world_put(world_exchange, 1, 300);
	bell(o);					/* number 2, from another indexer perhaps */
	assert_int_equal(x.n_channels, 1);
	assert_string_equal(header(&fake_requests[fake_n_requests - 1], "Cookie: "), "srv=a");
	world_put(world_exchange, 1, 300);
	bell(o);
	assert_string_equal(header(&fake_requests[fake_n_requests - 1], "Cookie: "), "srv=b");
	assert_int_equal(x.n_channels, 2);
	fake_pass(3000);
	assert_true(was_asked("srv=a", "{\"acks\":[1]}"));
	assert_true(was_asked("srv=b", "{\"acks\":[2]}"));
	assert_false(was_asked("srv=b", "{\"acks\":[1]}"));
	assert_false(was_asked("srv=a", "{\"acks\":[2]}"));
	x.holds_acks = 0;
	fake_pass(10000);
	each_once(0, 4);
	end(o);
}

/* A number behind a cookie that was replaced, and that is false for half a minute, is lost. */
static void
what_a_replaced_cookie_led_to_is_sent_again_soon(void **state)
{
	struct output	*o = start_acks(MB);

	(void)state;
	x.set_cookie = "srv=a";
	world_put(world_exchange, 1, 300);
	bell(o);
	fake_pass(1100);
	x.holds_acks = 1;
	world_put(world_exchange, 1, 300);
	bell(o);
	x.set_cookie = "srv=b";
	fake_pass(25000);
	assert_int_equal(x.got[1], 1);
	x.holds_acks = 0;
	memset(x.channels[0].open, 0, sizeof(x.channels[0].open));	/* that indexer is gone */
	fake_pass(20000);
	assert_int_equal(x.got[1], 2);
	each_once(0, 1);
	end(o);
}

static void
a_balancer_that_wants_its_cookie_gets_it_at_once(void **state)
{
	struct output	*o = start_acks(MB);

	(void)state;
	script[n_script++] = (struct script){ .status = 400, .body = "{\"text\":\"Data channel is missing\",\"code\":28}",
	    .set_cookie = "AWSALB=1" };
	world_put(world_exchange, 1, 300);
	bell(o);
	assert_int_equal(x.requests, 2);
	assert_string_equal(header(&fake_requests[1], "Cookie: "), "AWSALB=1");
	fake_pass(5000);
	end(o);
}

static void
ack_on_asks_before_anything_is_taken(void **state)
{
	struct output	*o = start_with(&(struct sink_hec_opts){ .ack = HEC_ACK_ON }, MB);

	(void)state;
	x.poll_status = 400;
	x.poll_body = "{\"text\":\"ACK is disabled\",\"code\":14}";
	world_put(world_exchange, 3, 300);
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_non_null(strstr(output_why(o), "ack is on"));
	fake_pass(100000);
	assert_int_equal(x.requests, 0);
	x.poll_status = 200;
	x.acks = 1;
	fake_pass(300000);
	each_once(0, 3);
	end(o);
}

static void
ack_on_is_not_content_with_200(void **state)
{
	struct output	*o = start_with(&(struct sink_hec_opts){ .ack = HEC_ACK_ON }, MB);

	(void)state;
	world_put(world_exchange, 3, 300);		/* it says it does, but gives no number */
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_non_null(strstr(output_why(o), "without an acknowledgement"));
	x.acks = 1;
	output_kick(o);
	fake_pass(3000);
	end(o);
}

static void
ack_off_asks_nobody(void **state)
{
	struct output	*o = start_with(&(struct sink_hec_opts){ .ack = HEC_ACK_OFF }, MB);

	(void)state;
	x.acks = x.holds_acks = 1;
	world_put(world_exchange, 3, 300);
	bell(o);
	fake_pass(60000);
	assert_int_equal(x.polls, 0);
	says(200, "{\"text\":\"Success\",\"code\":0,\"ackId\":10000}");
	for (int i = 0; i < 2; i++) {
		world_put(world_exchange, 1, 300);
		bell(o);
	}
	assert_int_equal(x.n_channels, 2);		/* that many unasked are enough for one */
	each_once(0, 5);
	end(o);
}

static void
of_a_refused_parcel_what_was_taken_waits_too(void **state)
{
	struct output	*o = start_acks(MB);
	struct buf	 dead = { 0 };

	(void)state;
	x.holds_acks = 1;
	says(400, "{\"text\":\"Invalid data format\",\"code\":6,\"invalid-event-number\":2,\"ackId\":0}");
	world_put(world_exchange, 5, 300);
	bell(o);
	x.channels[0].open[0] = 1;
	x.channels[0].next = 1;
	assert_int_equal(world_dead(&dead), 0);
	x.holds_acks = 0;
	fake_pass(10000);
	assert_int_equal(world_dead(&dead), 1);
	each_once(0, 3);
	assert_int_equal(x.got[3], 2);
	buf_clear(&dead);
	end(o);
}

static void
what_waits_at_the_end_is_sent_again_at_the_next_start(void **state)
{
	struct output	*o = start_acks(MB);

	(void)state;
	x.holds_acks = 1;
	world_put(world_exchange, 3, 300);
	bell(o);
	fake_pass(3000);
	world_stop(o, 2000);
	assert_int_equal(world_left(), 1);
	x.holds_acks = 0;
	o = world_output(0, "splunk", sink(&(struct sink_hec_opts){ .ack = HEC_ACK_AUTO }), MB, 0, 1);
	fake_turn();
	bell(o);
	fake_pass(10000);
	assert_int_equal(x.got[0], 2);
	end(o);
}

#define story(f) cmocka_unit_test_setup_teardown(f, world_set_up, world_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		story(an_event_is_the_record_with_its_envelope),
		story(what_the_configuration_says_goes_before_what_the_feed_says),
		story(what_was_taken_before_the_server_was_busy_is_not_sent_again),
		story(one_bad_event_costs_itself_and_no_time),
		story(a_wrong_index_holds_and_loses_nothing),
		story(too_large_for_splunk_is_a_dead_letter_and_is_never_sent),
		story(a_lost_answer_is_sent_again_byte_for_byte),
		story(a_404_holds_before_the_first_success_and_passes_after_it),
		story(a_new_token_in_the_file_is_used_at_once),
		story(full_queues_are_given_time),
		story(gzip_that_is_not_taken_is_left_off),
		story(a_sick_url_is_left_for_the_next),
		story(only_when_every_url_refuses_the_output_holds),
		story(a_long_page_with_an_error_is_judged_by_its_status),
		story(a_destination_that_refuses_every_record_is_held),
		story(what_is_taken_is_delivered_when_it_is_acknowledged),
		story(others_go_on_while_one_waits),
		story(an_acknowledgement_that_never_comes_means_sending_again),
		story(a_poll_that_fails_delivers_nothing_and_loses_nothing),
		story(nobody_to_ask_for_twice_as_long_means_sending_again),
		story(a_token_that_stops_acknowledging_is_believed),
		story(a_channel_with_an_open_0_takes_nothing_new),
		story(numbers_that_begin_anew_are_not_mixed_up),
		story(cookies_stay_with_their_channel),
		story(what_a_replaced_cookie_led_to_is_sent_again_soon),
		story(a_balancer_that_wants_its_cookie_gets_it_at_once),
		story(ack_on_asks_before_anything_is_taken),
		story(ack_on_is_not_content_with_200),
		story(ack_off_asks_nobody),
		story(of_a_refused_parcel_what_was_taken_waits_too),
		story(what_waits_at_the_end_is_sent_again_at_the_next_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
