/*
 * sink_hec: acknowledgements. What is taken is delivered when the indexer has it, and no number is mistaken for another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "hec_world.h"

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

/* The machine was suspended, or the process got no time: the acknowledgement came long ago, and nobody has asked for it. */
static void
whoever_was_stopped_for_hours_asks_first(void **state)
{
	struct output	*o = start_acks(MB);

	(void)state;
	x.holds_acks = 1;
	world_put(world_exchange, 3, 300);
	bell(o);
	fake_pass(3000);
	x.holds_acks = 0;
	fake_mono_ms += 7200000;
	fake_pass(40000);
	each_once(0, 3);
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

/* Which of the two would a "true" belong to? */
static void
a_number_that_is_given_twice_acknowledges_neither(void **state)
{
	struct output	*o = start_acks(MB);

	(void)state;
	for (int i = 0; i < 3; i++) {			/* 0, which is told, 1, and 1 */
		x.holds_acks = i > 0;
		world_put(world_exchange, 1, 300);
		bell(o);
		fake_pass(3000);
		x.channels[0].next = 1;
	}
	x.holds_acks = 0;
	fake_pass(60000);
	each_once(0, 1);
	assert_int_equal(x.got[1], 2);
	assert_int_equal(x.got[2], 2);
	end(o);
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

/* Each request goes to one of three indexers by chance: every poll has its chance to meet the right one. */
static void
a_balancer_without_memory_costs_polls_and_no_second_copy(void **state)
{
	struct output	*o = start_acks(MB);

	(void)state;
	x.indexers = 3;
	for (int i = 0; i < 8; i++) {
		world_put(world_exchange, 2, 300);
		bell(o);
		fake_pass(700);
	}
	fake_pass(290000);
	each_once(0, 16);
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

/* It sends one with every answer: what this one took must not go a second time for the cookie's sake. */
static void
a_cookie_with_a_part_that_was_taken_repeats_nothing(void **state)
{
	struct output	*o = start_acks(MB);

	(void)state;
	script[n_script++] = (struct script){ .status = 400, .set_cookie = "AWSALB=1",
	    .body = "{\"text\":\"Invalid data format\",\"code\":6,\"invalid-event-number\":2,\"ackId\":0}" };
	world_put(world_exchange, 5, 300);
	bell(o);
	x.channels[0].open[0] = 1;
	x.channels[0].next = 1;
	fake_pass(70000);
	assert_string_equal(header(&fake_requests[fake_n_requests - 1], "Cookie: "), "AWSALB=1");
	assert_int_equal(x.got[0], 1);
	assert_int_equal(x.got[1], 1);
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
	o = world_output(0, "splunk", hec_sink(&(struct sink_hec_opts){ .ack = HEC_ACK_AUTO }), MB, 0, 1);
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
		story(what_is_taken_is_delivered_when_it_is_acknowledged),
		story(others_go_on_while_one_waits),
		story(an_acknowledgement_that_never_comes_means_sending_again),
		story(a_poll_that_fails_delivers_nothing_and_loses_nothing),
		story(nobody_to_ask_for_twice_as_long_means_sending_again),
		story(whoever_was_stopped_for_hours_asks_first),
		story(a_token_that_stops_acknowledging_is_believed),
		story(a_channel_with_an_open_0_takes_nothing_new),
		story(numbers_that_begin_anew_are_not_mixed_up),
		story(a_number_that_is_given_twice_acknowledges_neither),
		story(cookies_stay_with_their_channel),
		story(what_a_replaced_cookie_led_to_is_sent_again_soon),
		story(a_balancer_without_memory_costs_polls_and_no_second_copy),
		story(a_balancer_that_wants_its_cookie_gets_it_at_once),
		story(a_cookie_with_a_part_that_was_taken_repeats_nothing),
		story(ack_on_asks_before_anything_is_taken),
		story(ack_on_is_not_content_with_200),
		story(ack_off_asks_nobody),
		story(of_a_refused_parcel_what_was_taken_waits_too),
		story(what_waits_at_the_end_is_sent_again_at_the_next_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
