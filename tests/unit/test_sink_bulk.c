/*
 * sink_bulk: what a cluster is asked beside Bulk, and what its answers change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/counters.h"
#include "deliver/es.h"
#include "deliver/pace.h"
#include "deliver_world.h"

#define MB (1000 * 1000)

static const char *const one[] = { "elastic", NULL };

static struct output *
start_with(const struct sink_bulk_opts *opts)
{
	world_open(one);
	world_start();
	return world_output(0, "elastic", world_bulk(opts), 5 * MB, 0, 1);
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
	world_tallies_agree("elastic");
	world_stop(o, 1000);
}

static const char *
last_url(void)
{
	return fake_requests[fake_n_requests - 1].url;
}

/* ---- what are you? ------------------------------------------------------------------------------------------------ */

#define ELASTIC(number, flavor) "{\"name\":\"n\",\"version\":{\"number\":\"" number "\",\"build_flavor\":\"" flavor "\"}," \
	"\"tagline\":\"You Know, for Search\"}"
#define OPENSEARCH "{\"version\":{\"distribution\":\"opensearch\",\"number\":\"2.19.4\"},\"tagline\":\"The OpenSearch Project\"}"

static void
a_cluster_is_what_it_says_or_unknown(void **state)
{
	static const struct {
		int		 status;
		const char	*body;
		enum es_kind	 kind;
		int		 hides_source, has_streams_only;
		const char	*shown;
	} rows[] = {
		{ 200, ELASTIC("8.19.21", "default"),	ES_ELASTICSEARCH, 1, 1, "Elasticsearch 8.19.21" },
		{ 200, ELASTIC("8.18.0", "default"),	ES_ELASTICSEARCH, 1, 1, "Elasticsearch 8.18.0" },
		{ 200, ELASTIC("8.17.9", "default"),	ES_ELASTICSEARCH, 0, 1, "Elasticsearch 8.17.9" },
		{ 200, ELASTIC("8.12.2", "default"),	ES_ELASTICSEARCH, 0, 0, "Elasticsearch 8.12.2" },
		{ 200, ELASTIC("7.17.1", "default"),	ES_ELASTICSEARCH, 0, 0, "Elasticsearch 7.17.1" },
		{ 200, ELASTIC("10.0.0", "default"),	ES_ELASTICSEARCH, 1, 1, "Elasticsearch 10.0.0" },
		{ 200, ELASTIC("8.11.0", "serverless"),	ES_SERVERLESS, 1, 1, "Elasticsearch serverless" },
		{ 200, OPENSEARCH,			ES_OPENSEARCH, 0, 0, "OpenSearch 2.19.4" },
		{ 200, "{\"version\":{\"number\":\"9.9.9\"}}", ES_UNKNOWN, 0, 0, "" },
		{ 200, ELASTIC("9.\\nx", "default"),	ES_UNKNOWN, 0, 0, "" },
		{ 200, "{\"version\":8}",		ES_UNKNOWN, 0, 0, "" },
		{ 200, "<html>",			ES_UNKNOWN, 0, 0, "" },
		{ 200, "",				ES_UNKNOWN, 0, 0, "" },
		{ 403, ELASTIC("8.19.21", "default"),	ES_UNKNOWN, 0, 0, "" },
	};
	struct es	 es;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		es_read(&(struct judge_answer){ .status = rows[i].status, .body = rows[i].body, .len = strlen(rows[i].body) }, &es);
		assert_int_equal(es.kind, rows[i].kind);
		assert_int_equal(es.hides_source, rows[i].hides_source);
		assert_int_equal(es.has_streams_only, rows[i].has_streams_only);
		assert_string_equal(es.shown, rows[i].shown);
	}
}

static void
parameters_go_only_to_a_cluster_that_said_it_knows_them(void **state)
{
	struct output	*o;

	(void)state;
	fake_banner = ELASTIC("8.19.21", "default");
	o = start_with(NULL);
	world_put(world_exchange, 1, 300);
	bell(o);
	assert_non_null(strstr(last_url(), "&include_source_on_error=false&require_data_stream=true"));
	assert_null(strstr(fake_requests[0].headers, "Elastic-Api-Version"));
	fake_banner = OPENSEARCH;
	world_put(world_exchange, 1, 300);
	bell(o);
	assert_int_equal(fake_banners, 1);		/* it said so once */
	fake_pass(3600 * 1000);
	world_put(world_exchange, 1, 300);
	bell(o);
	assert_int_equal(fake_banners, 2);
	assert_null(strstr(last_url(), "include_source"));
	assert_null(strstr(last_url(), "require_data_stream"));
	fake_banner = ELASTIC("8.11.0", "serverless");
	output_kick(o);
	world_put(world_exchange, 1, 300);
	bell(o);
	assert_non_null(strstr(last_url(), "include_source_on_error=false"));
	assert_non_null(strstr(fake_requests[fake_n_requests - 1].headers, "Elastic-Api-Version: 2023-10-31\n"));
	end(o);
}

#define TEMPLATE(n) "{\"component_template\":{\"version\":" n "}}"
#define SEVEN(a, b) "{\"component_templates\":[" TEMPLATE(a) "," TEMPLATE(b) "," TEMPLATE(b) "," TEMPLATE(b) "," TEMPLATE(b) "," TEMPLATE(b) "," \
	TEMPLATE(b) "]}"

static void
missing_or_old_templates_are_noticed(void **state)
{
	static const struct {
		int			 status;
		const char		*body;
		enum es_templates	 found;
	} rows[] = {
		{ 404, "{}",					TEMPLATES_MISSING },
		{ 200, "{}",					TEMPLATES_MISSING },
		{ 200, "{\"component_templates\":[" TEMPLATE("1") "]}", TEMPLATES_MISSING },
		{ 200, SEVEN("1", "1"),				TEMPLATES_SOUND },
		{ 200, SEVEN("99", "1"),			TEMPLATES_SOUND },
		{ 200, SEVEN("0", "1"),				TEMPLATES_OLD },
		{ 200, "<html>",				TEMPLATES_UNKNOWN },
		{ 401, "",					TEMPLATES_UNKNOWN },
		{ 403, "{}",					TEMPLATES_UNKNOWN },
		{ 503, "",					TEMPLATES_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(es_read_templates(&(struct judge_answer){ .status = rows[i].status, .body = rows[i].body,
		    .len = strlen(rows[i].body) }), rows[i].found);
}

static void
templates_are_asked_for_once_and_cost_nothing(void **state)
{
	struct output	*o;

	(void)state;
	fake_banner = OPENSEARCH;
	o = start_with(NULL);
	for (int i = 0; i < 3; i++) {
		world_put(world_exchange, 1, 300);
		bell(o);
		fake_pass(3600 * 1000);
	}
	assert_int_equal(fake_templates_asked, 1);
	assert_int_equal(cluster_has(), 3);
	end(o);
}

static void
who_cannot_be_asked_gets_the_records_all_the_same(void **state)
{
	struct output	*o = start_with(NULL);
	unsigned	 i;

	(void)state;
	fake_banner_fails = HTTP_TIMEOUT;
	world_put(world_exchange, 1, 300);
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_BACKING_OFF);	/* said at once, not after a second time-out */
	assert_int_equal(fake_n_requests, 0);
	fake_pass(1500);
	assert_int_equal(fake_n_requests, 1);
	assert_int_equal(fake_banners, 1);
	for (i = 0; i < 10; i++) {
		fake_pass(61000);
		world_put(world_exchange, 1, 300);
		bell(o);
		fake_pass(1500);
	}
	assert_int_equal(fake_banners, 4);		/* and not for ever */
	assert_int_equal(cluster_has(), 11);
	end(o);
}

static void
an_index_of_its_own_is_no_data_stream(void **state)
{
	struct output	*o;

	(void)state;
	fake_banner = ELASTIC("9.1.0", "default");
	o = start_with(&(struct sink_bulk_opts){ .index = "audit" });
	world_put(world_exchange, 1, 300);
	bell(o);
	assert_non_null(strstr(last_url(), "include_source_on_error=false"));
	assert_null(strstr(last_url(), "require_data_stream"));
	end(o);
}

static void
a_node_that_knows_less_than_the_cluster_said_costs_nothing(void **state)
{
	struct output	*o;

	(void)state;
	fake_banner = ELASTIC("8.18.0", "default");
	o = start_with(NULL);
	world_put(world_exchange, 3, 300);
	cluster_says(1, 400, "{\"error\":{\"type\":\"illegal_argument_exception\",\"reason\":"
	    "\"request [/_bulk] contains unrecognized parameter: [include_source_on_error]\"},\"status\":400}");
	bell(o);
	assert_int_equal(fake_n_requests, 2);
	assert_null(strstr(last_url(), "include_source"));
	assert_int_equal(cluster_has(), 3);
	end(o);
}

static void
a_destination_that_takes_no_gzip_gets_plain_bodies(void **state)
{
	struct output	*o = start_with(NULL);

	(void)state;
	world_put(world_exchange, 3, 300);
	cluster_says(1, 415, "");
	bell(o);
	assert_int_equal(fake_n_requests, 2);
	assert_true(fake_requests[0].was_gzip);
	assert_false(fake_requests[1].was_gzip);
	world_put(world_exchange, 1, 300);
	bell(o);
	assert_false(fake_requests[2].was_gzip);
	end(o);
}

/* ---- which of these do you have? ----------------------------------------------------------------------------------- */

static int
takes_all_and_no_answer_comes(const struct fake_request *r, struct fake_answer *a)
{
	cluster(r, a);
	buf_reset(&a->body);
	a->fail = HTTP_RESET;
	return 1;
}

static int
takes_nothing_and_no_answer_comes(const struct fake_request *r, struct fake_answer *a)
{
	(void)r;
	a->fail = HTTP_RESET;
	return 1;
}

/* Records were sent, taken (or not) by the cluster, and the process died before the answer. */
static void
die_in_flight(unsigned n, int (*server)(const struct fake_request *, struct fake_answer *))
{
	struct output	*o = start_with(NULL);

	world_put(world_exchange, n, 300);
	world_put(world_entra, n, 300);
	fake_server = server;
	bell(o);
	cluster_is_open = 0;
	fake_server = cluster;
	world_stop(o, 0);
	assert_int_equal(world_left(), 2);
	world_close();
	cluster_is_open = 1;
}

static void
after_a_crash_and_a_rollover_nothing_is_there_twice(void **state)
{
	struct output	*o;

	(void)state;
	die_in_flight(20, takes_all_and_no_answer_comes);
	cluster_rolls_over();
	o = start_with(NULL);
	world_put(world_exchange, 1, 300);		/* this one is new and goes at once */
	bell(o);
	assert_int_equal(cluster_has(), 41);
	assert_int_equal(cluster_got(5), 1);
	assert_int_equal(cluster_refreshes, 1);
	assert_int_equal(cluster_searches, 1);
	assert_non_null(strstr(cluster_search_url, "https://es.example:9200/logs-o365.audit-default/_search?"));
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "duplicate", NULL), 40);
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "delivered", NULL), 1);
	end(o);
}

/* Then a search sees what the cluster refreshed by itself, which is better than nothing. */
static void
who_may_not_refresh_asks_all_the_same(void **state)
{
	struct output	*o;

	(void)state;
	die_in_flight(3, takes_all_and_no_answer_comes);
	cluster_refresh_status = 403;
	cluster_rolls_over();
	o = start_with(NULL);
	bell(o);
	assert_int_equal(cluster_refreshes, 1);
	assert_int_equal(cluster_searches, 1);
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "duplicate", NULL), 6);
	end(o);
}

static void
what_did_not_arrive_before_the_crash_is_sent(void **state)
{
	struct output	*o;

	(void)state;
	die_in_flight(20, takes_nothing_and_no_answer_comes);
	o = start_with(NULL);
	bell(o);
	assert_int_equal(cluster_searches, 1);
	assert_int_equal(cluster_has(), 40);
	assert_int_equal(cluster_got(5), 1);
	end(o);
}

static void
who_may_not_read_sends_again(void **state)
{
	struct output	*o;

	(void)state;
	die_in_flight(3, takes_all_and_no_answer_comes);
	cluster_search_status = 403;
	o = start_with(NULL);
	bell(o);
	assert_int_equal(cluster_searches, 1);
	assert_int_equal(cluster_has(), 6);
	assert_int_equal(cluster_got(0), 2);		/* 409 */
	end(o);
}

/* Nobody there is no answer: however long that lasts, what arrived is asked for first. */
static void
a_cluster_that_is_not_there_is_asked_when_it_is_back(void **state)
{
	struct output	*o;

	(void)state;
	die_in_flight(20, takes_all_and_no_answer_comes);
	cluster_rolls_over();
	cluster_search_status = -1;
	o = start_with(NULL);
	bell(o);
	fake_pass(1800 * 1000);
	assert_true(cluster_searches > 10);
	assert_int_equal(cluster_has(), 40);
	cluster_search_status = 200;
	cluster_searches = 0;
	fake_pass(120 * 1000);
	assert_int_equal(cluster_searches, 1);
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "duplicate", NULL), 40);
	end(o);
}

static void
a_cluster_without_the_stream_has_none_of_them(void **state)
{
	struct output	*o;

	(void)state;
	die_in_flight(3, takes_nothing_and_no_answer_comes);
	cluster_search_status = 404;
	o = start_with(NULL);
	bell(o);
	assert_int_equal(cluster_has(), 6);
	assert_int_equal(cluster_got(0), 1);
	end(o);
}

static void
a_cluster_that_cannot_answer_is_asked_again_and_not_for_ever(void **state)
{
	struct output	*o;

	(void)state;
	die_in_flight(3, takes_all_and_no_answer_comes);
	cluster_rolls_over();
	cluster_search_status = 503;
	o = start_with(NULL);
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_BACKING_OFF);
	assert_int_equal(fake_n_requests, 0);
	cluster_search_status = 200;
	cluster_search_failed_shards = 1;		/* what it found is found, the rest is not known */
	fake_pass(3000);
	assert_int_equal(fake_n_requests, 0);
	assert_int_equal(cluster_searches, 2);
	end(o);
	world_close();
	die_in_flight(3, takes_nothing_and_no_answer_comes);
	cluster_searches = 0;
	cluster_search_status = 0;
	o = start_with(NULL);
	bell(o);
	fake_pass(120000);
	assert_int_equal(cluster_searches, 6);
	assert_int_equal(cluster_has(), 12);
	end(o);
	world_close();
	die_in_flight(3, takes_nothing_and_no_answer_comes);
	cluster_searches = 0;
	cluster_search_status = 1;		/* what stands in front lets no search pass */
	o = start_with(NULL);
	bell(o);
	fake_pass(120000);
	assert_int_equal(cluster_searches, 6);
	assert_int_equal(cluster_has(), 18);
	end(o);
}

static void
a_lost_answer_is_asked_about_when_time_has_passed(void **state)
{
	struct output	*o = start_with(NULL);

	(void)state;
	world_put(world_exchange, 4, 300);
	fake_server = takes_all_and_no_answer_comes;
	bell(o);
	fake_server = cluster;
	cluster_says(1, 503, "");
	cluster_retry_after_ms = 600000;
	fake_pass(3000);
	assert_int_equal(fake_n_requests, 2);
	assert_int_equal(cluster_searches, 0);		/* a second later it is still the same write index */
	cluster_rolls_over();
	fake_pass(700000);
	assert_int_equal(cluster_searches, 1);
	assert_int_equal(fake_n_requests, 2);
	assert_int_equal(cluster_has(), 4);
	end(o);
}

static void
a_refusal_leaves_nothing_to_ask_about(void **state)
{
	struct output	*o = start_with(NULL);

	(void)state;
	world_put(world_exchange, 4, 300);
	cluster_says(1, 429, "");
	cluster_fails(1, HTTP_CONNECT);
	cluster_retry_after_ms = 600000;
	bell(o);
	fake_pass(2000000);
	assert_int_equal(cluster_searches, 0);
	assert_int_equal(cluster_has(), 4);
	end(o);
}

/* ---- who refuses everything -------------------------------------------------------------------------------------------- */

static void
who_refuses_as_a_whole_is_passed_by(void **state)
{
	static const char *const two[] = { "https://a.example", "https://b.example", NULL };
	static const struct {
		int		 status;
		const char	*body;
	} rows[] = { { 302, "" }, { 401, "" }, { 403, "" }, { 404, "" }, { 405, "" }, { 400, "<html>" } };
	struct output	*o = start_with(&(struct sink_bulk_opts){ .urls = two });
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		world_put(world_exchange, 4, 300);
		cluster_says(1, rows[i].status, rows[i].body);
		bell(o);
		assert_int_equal(output_state(o), OUTPUT_IDLE);
		assert_non_null(strstr(last_url(), two[1 - i % 2]));
		assert_int_equal(cluster_has(), 4 * (i + 1));
		fake_pass(2000);		/* the other one may be tried again */
	}
	end(o);
}

/* A login page for everything buries nothing, however long; one record that something in between dislikes does not stop the rest. */
static void
a_page_instead_of_an_answer_buries_who_is_refused_alone_when_others_passed(void **state)
{
	struct output	*o = start_with(NULL);
	struct buf	 b = { 0 };

	(void)state;
	world_put(world_exchange, 3, 300);
	cluster_says(200, 400, "<html>");
	bell(o);
	fake_pass(3600 * 1000);
	assert_int_equal(output_state(o), OUTPUT_BACKING_OFF);
	assert_int_equal(world_dead(&b), 0);
	while (world_left() > 0)
		fake_pass(600 * 1000);
	assert_int_equal(cluster_has(), 3);
	world_put(world_exchange, 1, 300);
	cluster_says(30, 400, "<html>");
	bell(o);
	fake_pass(3600 * 1000);
	assert_int_equal(world_dead(&b), 1);
	world_put(world_exchange, 3, 300);
	bell(o);
	assert_int_equal(cluster_has(), 6);
	cluster_says(5000, 400, "<html>");		/* and this is not the records any more */
	for (int i = 0; i < 10; i++) {
		world_put(world_exchange, 1, 300);
		bell(o);
		fake_pass(3600 * 1000);
	}
	buf_reset(&b);
	assert_int_equal(world_dead(&b), 4);
	assert_int_equal(output_state(o), OUTPUT_BACKING_OFF);
	while (world_left() > 0)
		fake_pass(24 * 3600 * 1000);
	buf_clear(&b);
	end(o);
}

static void
not_one_record_after_the_other_is_too_large(void **state)
{
	struct output	*o = start_with(NULL);
	struct buf	 b = { 0 };

	(void)state;
	world_put(world_exchange, 40, 300);
	cluster_takes_at_most(10);
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_non_null(strstr(output_why(o), "HTTP 413 to every single record"));
	assert_int_equal(world_dead(&b), 10);
	buf_clear(&b);
	cluster_takes_at_most(MB);
	output_kick(o);
	fake_turn();
	assert_int_equal(cluster_has(), 30);
	end(o);
}

/* ---- how many at a time? ------------------------------------------------------------------------------------------- */

static void
the_pace_is_halved_once_for_what_was_under_way_together(void **state)
{
	struct pace	 p;
	unsigned	 i;

	(void)state;
	pace_init(&p, 8);
	assert_int_equal(p.now, 8);
	assert_int_equal(pace_slower(&p, 100, 200), 1);
	assert_int_equal(pace_slower(&p, 150, 210), 0);		/* it left before that */
	assert_int_equal(p.now, 4);
	assert_int_equal(pace_slower(&p, 201, 300), 1);
	assert_int_equal(p.now, 2);
	for (i = 0; i < 7; i++)
		assert_int_equal(pace_faster(&p), 0);
	assert_int_equal(pace_faster(&p), 1);
	assert_int_equal(p.now, 3);
	assert_int_equal(pace_slower(&p, 301, 400), 1);
	assert_int_equal(p.now, 1);
	assert_int_equal(pace_slower(&p, 401, 500), 0);
	assert_int_equal(p.now, 1);
	for (i = 0; i < 1000; i++)
		pace_faster(&p);
	assert_int_equal(p.now, 8);
	pace_init(&p, 0);
	assert_int_equal(p.now, 1);
}

static int
answers_one(const struct fake_request *r, struct fake_answer *a)
{
	cluster_is_open = 1;
	cluster(r, a);
	cluster_is_open = 0;
	fake_server = cluster;
	return 1;
}

static void
a_busy_destination_gets_fewer_at_a_time_and_more_again(void **state)
{
	struct output	*o;
	unsigned	 i;

	(void)state;
	world_open(one);
	world_start();
	o = world_output(0, "elastic", world_bulk(NULL), 50000, 0, 4);
	for (i = 0; i < 8; i++)
		world_put(world_exchange, 60, 1000);
	cluster_is_open = 0;
	bell(o);
	assert_int_equal(fake_in_flight(), 4);
	cluster_is_open = 1;
	cluster_says(4, 429, "");
	fake_turn();
	cluster_is_open = 0;
	fake_pass(2000);
	assert_int_equal(fake_in_flight(), 1);		/* who tries whether it is over */
	fake_server = answers_one;
	fake_turn();
	assert_int_equal(fake_in_flight(), 2);
	cluster_is_open = 1;
	fake_turn();
	for (i = 0; i < 16; i++)
		world_put(world_exchange, 60, 1000);
	bell(o);
	for (i = 0; i < 8; i++)
		world_put(world_exchange, 60, 1000);
	cluster_is_open = 0;
	bell(o);
	assert_int_equal(fake_in_flight(), 4);
	cluster_is_open = 1;
	fake_turn();
	end(o);
}

/* ---- stopped and made again while everything else runs ---------------------------------------------------------------- */

static void
has_stopped(void *arg)
{
	*(int *)arg = 1;
}

/* As a reload does it: the request in flight is called back, and the next output with that number sends it elsewhere. */
static void
a_new_output_goes_on_where_the_old_one_was_stopped(void **state)
{
	static const char *const	 moved[] = { "https://new.example", NULL };
	struct output			*o;
	int				 done = 0;
	unsigned			 i;

	(void)state;
	world_open(one);
	world_start();
	o = world_output(0, "elastic", world_bulk(NULL), 50000, 0, 2);
	for (i = 0; i < 4; i++)
		world_put(world_exchange, 60, 1000);
	world_put(world_exchange, 1, 2 << 20);		/* only one of the process holds such a one */
	cluster_is_open = 0;
	bell(o);
	assert_int_equal(fake_in_flight(), 2);
	output_stop(o, 100, has_stopped, &done);
	output_kick(o);
	output_bell(o);
	fake_pass(99);
	assert_int_equal(done, 0);
	fake_pass(1);
	assert_int_equal(done, 1);
	assert_int_equal(fake_in_flight(), 0);
	output_free(o);
	cluster_is_open = 1;
	world_put(world_exchange, 1, 300);		/* nobody hears of it */
	o = world_output(0, "elastic", world_bulk(&(struct sink_bulk_opts){ .urls = moved }), 50000, 0, 2);
	bell(o);
	assert_non_null(strstr(last_url(), "https://new.example/_bulk"));
	assert_int_equal(cluster_has(), 242);
	assert_int_equal(counter_sum(C_DEAD), 0);
	end(o);
	world_close();					/* no timer, no job, no request of either is left */
}

static void
what_held_an_output_is_forgotten_with_it(void **state)
{
	struct output	*o = start_with(NULL);
	int		 done = 0;

	(void)state;
	world_put(world_exchange, 3, 300);
	cluster_says(1, 404, "");
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	output_stop(o, 100000, has_stopped, &done);
	fake_turn();
	assert_int_equal(done, 1);
	output_free(o);
	o = world_output(0, "elastic", world_bulk(&(struct sink_bulk_opts){ .index = "right" }), 5 * MB, 0, 1);
	bell(o);
	assert_int_equal(cluster_has(), 3);
	end(o);
}

int
main(void)
{
#define story(f) cmocka_unit_test_setup_teardown(f, world_set_up, world_tear_down)
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(a_cluster_is_what_it_says_or_unknown),
		story(parameters_go_only_to_a_cluster_that_said_it_knows_them),
		story(missing_or_old_templates_are_noticed),
		story(templates_are_asked_for_once_and_cost_nothing),
		story(who_cannot_be_asked_gets_the_records_all_the_same),
		story(an_index_of_its_own_is_no_data_stream),
		story(a_node_that_knows_less_than_the_cluster_said_costs_nothing),
		story(a_destination_that_takes_no_gzip_gets_plain_bodies),
		story(after_a_crash_and_a_rollover_nothing_is_there_twice),
		story(who_may_not_refresh_asks_all_the_same),
		story(what_did_not_arrive_before_the_crash_is_sent),
		story(who_may_not_read_sends_again),
		story(a_cluster_that_is_not_there_is_asked_when_it_is_back),
		story(a_cluster_without_the_stream_has_none_of_them),
		story(a_cluster_that_cannot_answer_is_asked_again_and_not_for_ever),
		story(a_lost_answer_is_asked_about_when_time_has_passed),
		story(a_refusal_leaves_nothing_to_ask_about),
		story(who_refuses_as_a_whole_is_passed_by),
		story(a_page_instead_of_an_answer_buries_who_is_refused_alone_when_others_passed),
		story(not_one_record_after_the_other_is_too_large),
		cmocka_unit_test(the_pace_is_halved_once_for_what_was_under_way_together),
		story(a_busy_destination_gets_fewer_at_a_time_and_more_again),
		story(a_new_output_goes_on_where_the_old_one_was_stopped),
		story(what_held_an_output_is_forgotten_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
