/*
 * sink_hec: what is sent, and what answers change; without acknowledgements.
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
	fake_pass(2000);
	says(400, "<html>The plain HTTP request was sent to HTTPS port</html>");	/* says the one it went on with */
	world_put(world_exchange, 3, 300);
	bell(o);
	assert_int_equal(x.requests, 4);
	assert_non_null(strstr(fake_requests[2].url, "s2.example"));
	assert_non_null(strstr(fake_requests[3].url, "s1.example"));
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
