/*
 * output: what must hold between the store and a Bulk endpoint, whatever the endpoint says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/counters.h"
#include "deliver_world.h"

#define MB (1000 * 1000)

static const char *const one[] = { "elastic", NULL };

static struct output *
start_with(const struct sink_bulk_opts *opts, size_t batch_bytes, int64_t linger_ms, unsigned concurrency)
{
	world_open(one);
	world_start();
	return world_output(0, "elastic", world_bulk(opts), batch_bytes, linger_ms, concurrency);
}

static struct output *
start(void)
{
	return start_with(NULL, 5 * MB, 0, 1);
}

static void
bell(struct output *o)
{
	output_bell(o);
	fake_turn();
}

static void
all_is_delivered(struct output *o)
{
	struct buf	 b = { 0 };

	assert_int_equal(world_left(), 0);
	assert_int_equal(world_dead(&b), 0);
	assert_true(output_idle(o));
	assert_int_equal(output_state(o), OUTPUT_IDLE);
	world_tallies_agree("elastic");
	buf_clear(&b);
}

static void
write_secret(char path[128], const char *text)
{
	FILE	*f;

	snprintf(path, 128, "%s/secret", world_dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, 0600), 0);
}

/* ---- the ordinary way --------------------------------------------------------------------------------------------- */

static void
records_of_several_blobs_and_feeds_share_one_request(void **state)
{
	struct output	*o = start();

	(void)state;
	world_put(world_exchange, 3, 300);
	world_put(world_exchange, 2, 300);
	world_put(world_entra, 4, 300);
	bell(o);
	assert_int_equal(fake_n_requests, 1);
	assert_int_equal(fake_requests[0].n, 9);
	assert_int_equal(cluster_has(), 9);
	assert_string_equal(fake_requests[0].url, "https://es.example:9200/_bulk?filter_path=errors,items.*.status,"
	    "items.*.error.type,items.*.error.reason,items.*.failure_store&pipeline=_none");
	assert_non_null(strstr(fake_requests[0].headers, "Content-Type: application/x-ndjson\n"));
	assert_non_null(strstr(fake_requests[0].headers, "X-Elastic-Event-Count: 9\n"));
	assert_null(strstr(fake_requests[0].headers, "Authorization"));
	assert_true(fake_requests[0].was_gzip);
	assert_memory_equal(buf_str(&fake_requests[0].body), "{\"create\":{\"_index\":\"logs-o365.audit-default\",\"_id\":\"", 52);
	assert_int_equal(buf_str(&fake_requests[0].body)[fake_requests[0].body.len - 1], '\n');
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "delivered", NULL), 9);
	assert_int_equal(counter_get(C_DEST_REQUESTS, "elastic", "200", NULL), 1);
	assert_true(world_bells > 0);
	all_is_delivered(o);
	world_stop(o, 1000);
}

static void
credentials_pipeline_index_and_path_are_as_configured(void **state)
{
	static const char *const	 urls[] = { "https://es.example/prefix/", NULL }, *const headers[] = { "X-A: b", NULL };
	struct output			*o;
	char				 path[128], ref[160];
	const char			*h;

	(void)state;
	write_secret(path, "id:key\n");
	snprintf(ref, sizeof(ref), "file:%s", path);
	o = start_with(&(struct sink_bulk_opts){ .api_key = ref, .pipeline = "my pipe/1", .index = "audit", .urls = urls,
	    .headers = headers }, 5 * MB, 0, 1);
	world_put(world_exchange, 1, 300);
	bell(o);
	h = fake_requests[0].headers;
	assert_non_null(strstr(h, "Authorization: ApiKey aWQ6a2V5\n"));
	assert_non_null(strstr(h, "X-A: b\n"));
	assert_non_null(strstr(fake_requests[0].url, "https://es.example/prefix/_bulk?"));
	assert_non_null(strstr(fake_requests[0].url, "&pipeline=my%20pipe%2F1"));
	assert_null(strstr(fake_requests[0].url, "_none"));
	assert_memory_equal(buf_str(&fake_requests[0].body), "{\"create\":{\"_index\":\"audit\",", 28);
	all_is_delivered(o);
	world_stop(o, 1000);
}

static void
every_kind_of_credential_has_its_header(void **state)
{
	static const struct {
		const char	*secret, *header;
		int		 kind;
	} rows[] = {
		{ "ZW5jb2RlZA==", "Authorization: ApiKey ZW5jb2RlZA==\n", 0 },
		{ "essu_abc", "Authorization: ApiKey essu_abc\n", 0 },
		{ "a:b", "Authorization: ApiKey YTpi\n", 0 },
		{ "pass word", "Authorization: Basic ZWxhc3RpYzpwYXNzIHdvcmQ=\n", 1 },
		{ "tok.en", "Authorization: Bearer tok.en\n", 2 },
	};
	struct sink_bulk_opts	 opts;
	struct output		*o;
	char			 path[128], ref[160];
	size_t			 i;

	(void)state;
	world_open(one);
	world_start();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		write_secret(path, rows[i].secret);
		snprintf(ref, sizeof(ref), "file:%s", path);
		opts = (struct sink_bulk_opts){ .api_key = rows[i].kind == 0 ? ref : NULL,
		    .username = rows[i].kind == 1 ? "elastic" : NULL, .password = rows[i].kind == 1 ? ref : NULL,
		    .bearer = rows[i].kind == 2 ? ref : NULL };
		o = world_output(0, "elastic", world_bulk(&opts), 5 * MB, 0, 1);
		world_put(world_exchange, 1, 300);
		bell(o);
		assert_int_equal(fake_n_requests, i + 1);
		assert_non_null(strstr(fake_requests[i].headers, rows[i].header));
		world_stop(o, 1000);
	}
}

static void
a_record_waits_for_company_but_not_longer_than_linger(void **state)
{
	struct output	*o = start_with(NULL, 100000, 1000, 2);

	(void)state;
	fake_turn();
	world_put(world_exchange, 1, 300);
	bell(o);
	fake_pass(600);
	assert_int_equal(fake_n_requests, 0);
	assert_int_equal(output_state(o), OUTPUT_WAITING);
	assert_false(output_idle(o));
	world_put(world_exchange, 1, 300);
	bell(o);
	fake_pass(399);
	assert_int_equal(fake_n_requests, 0);
	fake_pass(1);
	assert_int_equal(fake_n_requests, 1);
	assert_int_equal(fake_requests[0].n, 2);
	world_put(world_exchange, 300, 400);		/* more than enough: nothing to wait for */
	bell(o);
	assert_true(fake_n_requests >= 3);
	fake_pass(1000);
	world_put(world_exchange, 1, 300);
	fake_pass(5000);				/* stored long ago */
	bell(o);
	all_is_delivered(o);
	world_put(world_exchange, 1, 300);
	output_hurry(o, 1);
	bell(o);
	all_is_delivered(o);
	world_stop(o, 1000);
}

static void
parcels_keep_to_batch_bytes_and_loads_are_bounded(void **state)
{
	struct output	*o = start_with(NULL, 50000, 0, 1);
	size_t		 i;

	(void)state;
	for (i = 0; i < 4; i++)
		world_put(world_exchange, 100, 1000);
	bell(o);
	assert_true(fake_n_requests >= 8);
	for (i = 0; i < fake_n_requests; i++)
		assert_true(fake_requests[i].body.len <= 50000);
	all_is_delivered(o);
	world_stop(o, 1000);
}

static void
two_slots_never_send_the_same_record(void **state)
{
	struct output	*o = start_with(NULL, 100000, 0, 2);
	unsigned	 i;

	(void)state;
	cluster_is_open = 0;
	for (i = 0; i < 10; i++)
		world_put(world_exchange, 50, 1000);
	bell(o);
	assert_int_equal(fake_in_flight(), 2);
	assert_int_equal(output_state(o), OUTPUT_SENDING);
	cluster_is_open = 1;
	fake_turn();
	for (i = 0; i < 500; i++)
		assert_int_equal(cluster_got(i), 1);
	all_is_delivered(o);
	world_stop(o, 1000);
}

static void
more_records_than_fit_into_one_request_s_reply_go_in_several(void **state)
{
	struct output	*o = start();

	(void)state;
	world_put(world_exchange, 4500, 10);
	bell(o);
	assert_int_equal(fake_n_requests, 3);
	assert_int_equal(fake_requests[0].n, 2000);
	assert_int_equal(fake_requests[0].max_body, (64 << 10) + 2000 * (2 << 10));
	all_is_delivered(o);
	world_stop(o, 1000);
}

static void
a_record_larger_than_a_batch_goes_alone(void **state)
{
	struct output	*o = start_with(NULL, 100000, 0, 1);

	(void)state;
	world_put(world_exchange, 2, 300);
	world_put(world_exchange, 1, 3000000);
	world_put(world_exchange, 2, 300);
	bell(o);
	assert_int_equal(cluster_has(), 5);
	all_is_delivered(o);
	world_stop(o, 1000);
}

/* ---- verdicts ----------------------------------------------------------------------------------------------------- */

static void
a_partial_answer_keeps_the_rest(void **state)
{
	struct output	*o = start();
	struct buf	 b = { 0 };

	(void)state;
	world_put(world_exchange, 10, 300);
	cluster_refuses(2, 1, 429, "es_rejected_execution_exception", "queue is full");
	cluster_refuses(5, UINT_MAX, 400, "document_parsing_exception", "failed to parse field [x]");
	cluster_refuses(7, 1, 503, "unavailable_shards_exception", "primary shard is not active");
	bell(o);
	assert_int_equal(cluster_has(), 7);
	assert_int_equal(world_left(), 1);
	assert_int_equal(output_state(o), OUTPUT_BACKING_OFF);
	assert_string_equal(output_why(o), "item 429: es_rejected_execution_exception");
	fake_pass(1500);
	assert_int_equal(fake_n_requests, 2);
	assert_int_equal(fake_requests[1].n, 2);		/* only those again */
	assert_string_equal(fake_requests[1].ids[0], world_id(2));
	assert_string_equal(fake_requests[1].ids[1], world_id(7));
	assert_int_equal(cluster_has(), 9);
	assert_int_equal(world_left(), 0);
	assert_int_equal(world_dead(&b), 1);			/* poison is buried alone */
	assert_non_null(strstr(buf_str(&b), "\"output\":\"elastic\""));
	assert_non_null(strstr(buf_str(&b), "document_parsing_exception: failed to parse field [x]"));
	assert_int_equal(cluster_got(5), 1);
	assert_int_equal(counter_get(C_DEAD, "elastic", "document_parsing_exception", NULL), 1);
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "dead", NULL), 1);
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "delivered", NULL), 9);
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "again", NULL), 2);
	assert_int_equal(output_state(o), OUTPUT_IDLE);
	world_tallies_agree("elastic");
	buf_clear(&b);
	world_stop(o, 1000);
}

static void
what_is_there_already_is_delivered(void **state)
{
	struct output	*o = start();

	(void)state;
	world_put(world_exchange, 5, 300);
	cluster_fails(1, HTTP_RESET);		/* in truth nothing was taken; then it answers, but */
	cluster_says(1, 200, "{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":409}},{\"create\":{\"status\":409}},"
	    "{\"create\":{\"status\":201}},{\"create\":{\"status\":201}}]}");
	bell(o);
	fake_pass(2000);
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "duplicate", NULL), 2);
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "delivered", NULL), 3);
	all_is_delivered(o);
	world_stop(o, 1000);
}

static int
takes_all_and_cuts_the_answer(const struct fake_request *r, struct fake_answer *a)
{
	int	 rc = cluster(r, a);

	buf_cut(&a->body, a->body.len - 3);
	fake_server = cluster;
	return rc;
}

static void
a_cut_answer_is_sent_again_and_nothing_is_there_twice(void **state)
{
	struct output	*o = start();
	unsigned	 i;

	(void)state;
	world_put(world_exchange, 5, 300);
	fake_server = takes_all_and_cuts_the_answer;
	bell(o);
	assert_int_equal(world_left(), 1);
	assert_int_equal(counter_sum(C_DEAD), 0);
	fake_pass(2000);
	for (i = 0; i < 5; i++)
		assert_int_equal(cluster_got(i), 2);
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "duplicate", NULL), 5);
	all_is_delivered(o);
	world_stop(o, 1000);
}

static void
a_busy_destination_sees_one_request_at_a_time_with_growing_pauses(void **state)
{
	struct output	*o = start_with(NULL, 50000, 0, 2);
	size_t		 i;

	(void)state;
	for (i = 0; i < 10; i++)
		world_put(world_exchange, 30, 1000);
	cluster_says(12, 503, "");
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_BACKING_OFF);
	fake_pass(60000 * 12);
	assert_int_equal(counter_get(C_DEST_REQUESTS, "elastic", "503", NULL), 12);
	assert_true(fake_requests[12].at_ms - fake_requests[2].at_ms > 5000);
	all_is_delivered(o);
	for (i = 0; i < 10; i++)
		world_put(world_exchange, 30, 1000);
	cluster_says(2, 503, "");
	bell(o);
	cluster_is_open = 0;
	fake_pass(60000);
	assert_int_equal(fake_in_flight(), 1);		/* two have something to send, one may try */
	cluster_is_open = 1;
	fake_pass(60000);
	all_is_delivered(o);
	assert_int_equal(counter_sum(C_DEAD), 0);
	world_stop(o, 1000);
}

static void
retry_after_is_waited_for_and_the_next_try_takes_a_new_connection(void **state)
{
	struct output	*o = start();

	(void)state;
	world_put(world_exchange, 2, 300);
	cluster_retry_after_ms = 20000;
	cluster_says(1, 429, "");
	bell(o);
	fake_pass(19990);
	assert_int_equal(fake_n_requests, 1);
	assert_int_equal(fake_requests[0].fresh, 0);
	fake_pass(3000);
	assert_int_equal(fake_n_requests, 2);
	assert_int_equal(fake_requests[1].fresh, 1);
	world_put(world_exchange, 1, 300);
	bell(o);
	assert_int_equal(fake_requests[2].fresh, 0);
	all_is_delivered(o);
	world_stop(o, 1000);
}

static void
with_several_urls_the_next_is_tried_at_once_and_kept(void **state)
{
	static const char *const	 urls[] = { "https://a.example", "https://b.example/x", NULL };
	struct output			*o = start_with(&(struct sink_bulk_opts){ .urls = urls }, 5 * MB, 0, 1);

	(void)state;
	world_put(world_exchange, 2, 300);
	cluster_retry_after_ms = 20000;
	cluster_says(1, 503, "");
	bell(o);
	assert_int_equal(fake_n_requests, 2);
	assert_non_null(strstr(fake_requests[0].url, "https://a.example/_bulk"));
	assert_non_null(strstr(fake_requests[1].url, "https://b.example/x/_bulk"));
	assert_int_equal(output_state(o), OUTPUT_IDLE);		/* it never closed */
	fake_pass(60000);
	world_put(world_exchange, 1, 300);
	bell(o);
	assert_non_null(strstr(fake_requests[2].url, "https://b.example/x/_bulk"));
	all_is_delivered(o);
	world_stop(o, 1000);
}

static void
when_every_url_is_sick_the_output_backs_off(void **state)
{
	static const char *const	 urls[] = { "https://a.example", "https://b.example", NULL };
	struct output			*o = start_with(&(struct sink_bulk_opts){ .urls = urls }, 5 * MB, 0, 2);

	(void)state;
	world_put(world_exchange, 2, 300);
	cluster_retry_after_ms = 20000;
	cluster_says(2, 503, "");
	bell(o);
	assert_int_equal(fake_n_requests, 2);
	assert_int_equal(output_state(o), OUTPUT_BACKING_OFF);
	fake_pass(19990);
	assert_int_equal(fake_n_requests, 2);
	fake_pass(3000);
	assert_int_equal(fake_requests[2].fresh, 1);
	all_is_delivered(o);
	world_stop(o, 1000);
}

static void
too_large_requests_are_halved_and_grow_again(void **state)
{
	struct output	*o = start();
	size_t		 i, refused;

	(void)state;
	cluster_takes_at_most(60000);
	world_put(world_exchange, 400, 1000);
	bell(o);
	all_is_delivered(o);
	refused = counter_get(C_DEST_REQUESTS, "elastic", "413", NULL);
	assert_true(refused >= 3 && refused <= 8);
	world_put(world_exchange, 400, 1000);		/* the size is remembered */
	bell(o);
	all_is_delivered(o);
	assert_int_equal(counter_get(C_DEST_REQUESTS, "elastic", "413", NULL), refused);
	cluster_takes_at_most(0);
	for (i = 0; i < 20; i++) {
		fake_pass(11 * 60 * 1000);
		world_put(world_exchange, 1, 300);
		bell(o);
	}
	i = fake_n_requests;
	world_put(world_exchange, 400, 1000);
	bell(o);
	assert_int_equal(fake_n_requests, i + 1);	/* whole again */
	all_is_delivered(o);
	world_stop(o, 1000);
}

static void
a_single_record_that_is_too_large_is_buried_and_no_other(void **state)
{
	struct output	*o = start();
	struct buf	 b = { 0 };

	(void)state;
	cluster_takes_at_most(60000);
	world_put(world_exchange, 3, 300);
	world_put(world_exchange, 1, 100000);
	world_put(world_exchange, 3, 300);
	bell(o);
	assert_int_equal(world_left(), 0);
	assert_int_equal(cluster_has(), 6);
	assert_int_equal(world_dead(&b), 1);
	assert_non_null(strstr(buf_str(&b), "too-large: HTTP 413"));
	assert_int_equal(counter_get(C_DEAD, "elastic", "too-large", NULL), 1);
	world_tallies_agree("elastic");
	buf_clear(&b);
	world_stop(o, 1000);
}

static int
hates_record_13(const struct fake_request *r, struct fake_answer *a)
{
	unsigned	 i;

	for (i = 0; i < r->n; i++)
		if (strcmp(r->ids[i], world_id(13)) == 0) {
			a->status = 400;
			buf_adds(&a->body, "{\"error\":{\"type\":\"parse_exception\",\"reason\":\"bad line\"},\"status\":400}");
			return 1;
		}
	return cluster(r, a);
}

static void
a_malformed_request_is_bisected_down_to_its_record(void **state)
{
	struct output	*o = start();
	struct buf	 b = { 0 };

	(void)state;
	world_put(world_exchange, 50, 300);
	fake_server = hates_record_13;
	bell(o);
	assert_int_equal(cluster_has(), 49);
	assert_int_equal(world_left(), 0);
	assert_int_equal(world_dead(&b), 1);
	assert_non_null(strstr(buf_str(&b), "request-refused: HTTP 400: parse_exception"));
	assert_true(fake_n_requests < 20);
	world_tallies_agree("elastic");
	buf_clear(&b);
	world_stop(o, 1000);
}

static void
a_gateway_that_refuses_every_single_record_holds_the_output(void **state)
{
	struct output	*o = start();
	struct buf	 b = { 0 };

	(void)state;
	world_put(world_exchange, 50, 300);
	cluster_says(UINT_MAX, 400, "{\"error\":{\"type\":\"parse_exception\",\"reason\":\"?\"}}");
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_true(world_dead(&b) <= 10);
	assert_int_equal(world_left(), 1);
	buf_clear(&b);
	world_stop(o, 1000);
}

static void
an_item_that_fails_for_ever_is_buried_while_others_pass(void **state)
{
	struct output	*o = start();
	struct buf	 b = { 0 }, status = { 0 };
	struct json_out	 j;

	(void)state;
	world_put(world_exchange, 5, 300);
	cluster_refuses(3, UINT_MAX, 500, "null_pointer_exception", "oops");
	bell(o);
	assert_int_equal(world_left(), 1);
	fake_pass(3 * 3600 * 1000);
	assert_int_equal(world_left(), 0);
	assert_int_equal(world_dead(&b), 1);
	assert_non_null(strstr(buf_str(&b), "failed 30 times: item 500: null_pointer_exception"));
	assert_int_equal(cluster_has(), 4);
	assert_int_equal(output_state(o), OUTPUT_IDLE);
	json_out_init(&j, &status);
	output_status(o, &j);
	assert_non_null(strstr(buf_str(&status), "\"delivered\":4,\"duplicates\":0,\"redirected\":0,\"dead\":1,"));
	world_tallies_agree("elastic");
	buf_clear(&status);
	buf_clear(&b);
	world_stop(o, 1000);
}

static void
a_cluster_that_fails_for_all_buries_nothing(void **state)
{
	struct output	*o = start();
	struct buf	 b = { 0 };
	unsigned	 i;

	(void)state;
	world_put(world_exchange, 3, 300);
	for (i = 0; i < 3; i++)
		cluster_refuses(i, 100, 500, "i_o_exception", "no space left on device");
	bell(o);
	fake_pass(99 * 60000);
	assert_int_equal(world_dead(&b), 0);
	fake_pass(60000);
	fake_pass(60000);
	all_is_delivered(o);
	buf_clear(&b);
	world_stop(o, 1000);
}

static int
shows_a_page(const struct fake_request *r, struct fake_answer *a)
{
	(void)r;
	a->status = 400;
	buf_adds(&a->body, "<html><body>blocked</body></html>");
	return 1;
}

static size_t
dead_after(int64_t ms)
{
	struct buf	 b = { 0 };
	size_t		 n;

	fake_pass(ms);
	n = world_dead(&b);
	buf_clear(&b);
	return n;
}

/* A firewall may dislike one record. One that refuses all was put in between, and no record is to blame. */
static void
a_page_of_something_in_between_buries_few_and_none_before_anything_passed(void **state)
{
	struct output	*o = start();

	(void)state;
	fake_server = shows_a_page;
	world_put(world_exchange, 10, 300);
	bell(o);
	assert_int_equal(dead_after(24 * 3600 * 1000), 0);
	fake_server = cluster;
	assert_int_equal(dead_after(3600 * 1000), 0);
	assert_int_equal(cluster_has(), 10);
	for (unsigned i = 1; i <= 2; i++) {		/* a few again, after something passed again */
		fake_server = shows_a_page;
		world_put(world_exchange, 10, 300);
		bell(o);
		assert_int_equal(dead_after(24 * 3600 * 1000), 3 * i);
		fake_server = cluster;
		assert_int_equal(dead_after(3600 * 1000), 3 * i);
		assert_int_equal(cluster_has(), 10 + 7 * i);
	}
	world_tallies_agree("elastic");
	world_stop(o, 1000);
}

/* ---- holding ------------------------------------------------------------------------------------------------------ */

static void
a_hold_drops_nothing_and_looks_again_ever_more_rarely(void **state)
{
	struct output	*o = start_with(NULL, 50000, 0, 2);
	static const int status[] = { 401, 403, 404 };
	size_t		 i, n = 0;

	(void)state;
	for (i = 0; i < 3; i++) {
		cluster_says(1, status[i], "");
		cluster_says(5, 403, "{\"error\":{\"type\":\"security_exception\",\"reason\":\"not allowed\"}}");
		world_put(world_exchange, 20, 1000);
		bell(o);
		assert_int_equal(output_state(o), OUTPUT_HOLD);
		assert_int_equal(output_permission(o), status[i] != 404);
		assert_int_equal(fake_n_requests, n + 1);
		fake_pass(29900);
		assert_int_equal(fake_n_requests, n + 1);
		fake_pass(200);
		assert_int_equal(fake_n_requests, n + 2);
		assert_non_null(strstr(output_why(o), "security_exception: not allowed"));
		fake_pass(59800);
		assert_int_equal(fake_n_requests, n + 2);
		fake_pass(300 + 120000 + 240000 + 300000);
		assert_int_equal(fake_n_requests, n + 6);
		world_put(world_exchange, 20, 1000);		/* nobody else tries meanwhile */
		bell(o);
		assert_int_equal(fake_n_requests, n + 6);
		fake_pass(301000);
		assert_int_equal(output_state(o), OUTPUT_IDLE);
		assert_string_equal(output_why(o), "");
		all_is_delivered(o);
		n = fake_n_requests;
	}
	world_stop(o, 1000);
}

static void
a_kick_forgets_hold_and_back_off(void **state)
{
	struct output	*o = start();

	(void)state;
	world_put(world_exchange, 2, 300);
	cluster_says(4, 404, "");
	bell(o);
	fake_pass(30000 + 60000 + 120000 + 1000);
	assert_int_equal(fake_n_requests, 4);
	output_kick(o);
	fake_turn();
	assert_int_equal(fake_n_requests, 5);
	all_is_delivered(o);
	cluster_says(1, 503, "");
	cluster_retry_after_ms = 3600000;
	world_put(world_exchange, 2, 300);
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_BACKING_OFF);
	output_kick(o);
	fake_turn();
	all_is_delivered(o);
	world_stop(o, 1000);
}

static void
an_item_that_holds_keeps_only_itself(void **state)
{
	static const struct {
		int		 status;
		const char	*type;
	} rows[] = {
		{ 403, "security_exception" }, { 404, "index_not_found_exception" }, { 429, "cluster_block_exception" },
		{ 403, "cluster_block_exception" },
	};
	struct output	*o = start();
	unsigned	 i;

	(void)state;
	for (i = 0; i < 4; i++) {
		world_put(world_exchange, 4, 300);
		cluster_refuses(i * 4 + 1, 1, rows[i].status, rows[i].type, "why not");
		bell(o);
		assert_int_equal(output_state(o), OUTPUT_HOLD);
		assert_non_null(strstr(output_why(o), rows[i].type));
		assert_int_equal(cluster_has(), i * 4 + 3);
		assert_int_equal(counter_get(C_DELIVERED, "elastic", "delivered", NULL), i * 4 + 3);
		fake_pass(31000);
		assert_int_equal(cluster_has(), i * 4 + 4);
		assert_int_equal(cluster_got(i * 4), 1);
		assert_int_equal(cluster_got(i * 4 + 1), 2);
		all_is_delivered(o);
	}
	world_stop(o, 1000);
}

static void
a_new_secret_ends_a_hold_and_is_tried_at_once_after_a_401(void **state)
{
	struct output	*o;
	char		 path[128], ref[160];

	(void)state;
	write_secret(path, "old:key");
	snprintf(ref, sizeof(ref), "file:%s", path);
	o = start_with(&(struct sink_bulk_opts){ .api_key = ref }, 5 * MB, 0, 1);
	world_put(world_exchange, 2, 300);
	cluster_says(2, 401, "");
	write_secret(path, "new:key");
	bell(o);
	assert_int_equal(fake_n_requests, 2);		/* read again once, and tried once */
	assert_non_null(strstr(fake_requests[0].headers, "ApiKey b2xkOmtleQ=="));
	assert_non_null(strstr(fake_requests[1].headers, "ApiKey bmV3OmtleQ=="));
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	write_secret(path, "third:key");
	fake_pass(6000);
	assert_int_equal(fake_n_requests, 3);
	assert_non_null(strstr(fake_requests[2].headers, "ApiKey dGhpcmQ6a2V5"));
	all_is_delivered(o);
	world_stop(o, 1000);
}

static void
full_dead_letters_hold_but_what_was_delivered_is_committed(void **state)
{
	struct output	*o;
	struct buf	 b = { 0 };

	(void)state;
	world_dead_max = 2000;
	o = start();
	cluster_refuses(1, UINT_MAX, 400, "mapper_parsing_exception", "no");
	cluster_refuses(4, UINT_MAX, 400, "mapper_parsing_exception", "no");
	world_put(world_exchange, 3, 3000);
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_IDLE);	/* the last one that fits */
	world_put(world_exchange, 3, 3000);
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_non_null(strstr(output_why(o), "dead_letters.max"));
	assert_int_equal(world_dead(&b), 1);
	assert_int_equal(world_left(), 1);
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "delivered", NULL), 4);
	world_put(world_exchange, 1, 300);
	bell(o);
	fake_pass(3600 * 1000);
	assert_int_equal(cluster_got(4), 1);		/* known to be poison: only the burial is tried again */
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	world_stop(o, 1000);
	world_close();
	world_dead_max = 0;
	o = start();
	bell(o);
	assert_int_equal(world_dead(&b), 2);
	assert_int_equal(world_left(), 0);
	assert_int_equal(cluster_got(0), 1);
	world_tallies_agree("elastic");
	buf_clear(&b);
	world_stop(o, 1000);
}

static void
gzip_that_is_not_understood_is_left_away(void **state)
{
	struct output	*o = start();

	(void)state;
	world_put(world_exchange, 2, 300);
	cluster_says(1, 415, "");
	bell(o);
	fake_pass(1500);
	assert_int_equal(fake_n_requests, 2);
	assert_false(fake_requests[1].was_gzip);
	all_is_delivered(o);
	world_put(world_exchange, 2, 300);
	cluster_says(1, 415, "");
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	fake_pass(31000);
	all_is_delivered(o);
	world_stop(o, 1000);
}

static void
answers_of_something_else_are_never_success(void **state)
{
	static const struct {
		int		 status;
		const char	*body, *why;
	} rows[] = {
		{ 200, "<html><body>Kibana</body></html>", "HTTP 200, answered HTML: a proxy, a login page or Kibana stands there" },
		{ 302, "", "HTTP 302: a redirect, which is not followed: is the URL right?" },
		{ 200, "{\"ok\":true}", "answered something else than one item per record" },
		{ 204, "", "HTTP 204, and the answer is cut or no JSON" },
		{ 200, "{\"errors\":false,\"items\":[]}", "HTTP 200 with 0 items for 2 records" },
	};
	struct output	*o = start();
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		world_put(world_exchange, 2, 300);
		cluster_says(1, rows[i].status, rows[i].body);
		bell(o);
		assert_int_equal(output_state(o), OUTPUT_BACKING_OFF);
		assert_string_equal(output_why(o), rows[i].why);
		assert_int_equal(world_left(), 1);
		fake_pass(60000);
		all_is_delivered(o);
	}
	world_stop(o, 1000);
}

static int
answers_with_a_flood(const struct fake_request *r, struct fake_answer *a)
{
	int	 rc = cluster(r, a);

	while (r->n > 1 && a->body.len < r->max_body)
		buf_adds(&a->body, "                ");
	return rc;
}

static void
a_reply_over_its_bound_makes_requests_smaller_not_endless(void **state)
{
	struct output	*o = start();

	(void)state;
	world_put(world_exchange, 8, 300);
	fake_server = answers_with_a_flood;
	bell(o);
	fake_pass(60000);
	all_is_delivered(o);
	assert_true(fake_n_requests < 20);
	world_stop(o, 1000);
}

static void
got_peeked(void *arg, struct store_result *r)
{
	unsigned	*sent = arg;
	size_t		 i;

	for (i = 0; i < r->n_peeked; i++)
		sent[r->peeked[i].sent != 0]++;
}

static void
what_may_be_out_there_is_marked_before_it_leaves_and_nothing_else(void **state)
{
	struct output	*o = start_with(NULL, 50000, 0, 1);
	unsigned	 sent[2] = { 0, 0 };

	(void)state;
	world_put(world_exchange, 60, 1000);
	world_put(world_exchange, 60, 1000);
	cluster_is_open = 0;
	bell(o);
	assert_int_equal(fake_in_flight(), 1);
	store_peek(world_store, 0, NULL, 0, 1 << 20, got_peeked, sent);
	store_wait(world_store);
	assert_int_equal(sent[1], 1);
	assert_int_equal(sent[0], 1);
	cluster_is_open = 1;
	fake_turn();
	all_is_delivered(o);
	world_stop(o, 1000);
}

/* ---- dying, stopping, several outputs ----------------------------------------------------------------------------- */

static void
what_was_in_flight_when_we_died_is_sent_again_under_the_same_ids(void **state)
{
	struct output	*o = start_with(NULL, 50000, 0, 2);
	unsigned	 i;

	(void)state;
	world_put(world_exchange, 60, 1000);
	world_put(world_entra, 60, 1000);
	cluster_is_open = 0;
	bell(o);
	assert_int_equal(fake_in_flight(), 2);
	cluster_is_open = 1;
	fake_server = takes_all_and_cuts_the_answer;	/* the cluster has them, and we die before we know */
	fake_turn();
	cluster_is_open = 0;
	world_stop(o, 0);
	assert_true(world_left() > 0);
	world_close();
	cluster_is_open = 1;
	o = start_with(NULL, 50000, 0, 2);
	bell(o);
	assert_int_equal(cluster_has(), 120);
	for (i = 0; i < 120; i++)
		assert_true(cluster_got(i) >= 1);
	assert_true(counter_get(C_DELIVERED, "elastic", "duplicate", NULL) > 0);
	all_is_delivered(o);
	world_stop(o, 1000);
}

/* A file would have them twice. */
static void
of_a_batch_that_is_partly_done_a_restart_sends_the_rest(void **state)
{
	struct output	*o = start();

	(void)state;
	world_put(world_exchange, 10, 300);
	cluster_refuses(9, 1, 429, "es_rejected_execution_exception", "busy");
	bell(o);
	assert_int_equal(cluster_has(), 9);
	assert_int_equal(world_left(), 1);
	world_stop(o, 1000);
	world_close();
	o = start();
	bell(o);
	all_is_delivered(o);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(cluster_got(i), i == 9 ? 2 : 1);
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "duplicate", NULL), 0);	/* nor asked for as perhaps there */
	world_stop(o, 1000);
}

static void
has_stopped(void *arg)
{
	*(int *)arg = 1;
}

static void
a_stop_lets_requests_in_flight_end_and_begins_none(void **state)
{
	struct output	*o = start_with(NULL, 50000, 0, 1);
	int		 done = 0;

	(void)state;
	world_put(world_exchange, 100, 1000);
	cluster_is_open = 0;
	bell(o);
	assert_int_equal(fake_in_flight(), 1);
	output_stop(o, 20000, has_stopped, &done);
	fake_pass(19999);
	assert_int_equal(fake_in_flight(), 1);
	assert_false(done);
	cluster_is_open = 1;
	fake_turn();
	assert_true(done);
	assert_int_equal(fake_n_requests, 1);
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "delivered", NULL), fake_requests[0].n);
	assert_int_equal(world_left(), 1);
	output_free(o);
}

static void
a_stop_does_not_wait_for_a_server_that_never_answers(void **state)
{
	struct output	*o = start_with(NULL, 50000, 0, 2);

	(void)state;
	world_put(world_exchange, 100, 1000);
	world_put(world_exchange, 100, 1000);
	cluster_is_open = 0;
	bell(o);
	assert_int_equal(fake_in_flight(), 2);
	world_stop(o, 5000);
	assert_int_equal(fake_in_flight(), 0);
	assert_int_equal(world_left(), 2);
	cluster_is_open = 1;
}

static void
a_stop_ends_lingering_pauses_and_holds_at_once(void **state)
{
	struct output	*o = start_with(NULL, 5 * MB, 60000, 1);

	(void)state;
	world_put(world_exchange, 1, 300);
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_WAITING);
	world_stop(o, 0);
	o = world_output(0, "elastic", world_bulk(NULL), 5 * MB, 0, 1);
	cluster_says(1, 403, "");
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	world_stop(o, 0);
	assert_int_equal(world_left(), 1);
}

static void
one_dead_output_blocks_no_other(void **state)
{
	static const char *const	 names[] = { "dead", "elastic", NULL };
	static const char *const	 urls[] = { "https://dead.example", NULL };
	struct output			*dead, *o;

	(void)state;
	world_open(names);
	world_start();
	dead = world_output(0, "dead", world_bulk(&(struct sink_bulk_opts){ .urls = urls }), 5 * MB, 0, 2);
	cluster_fails(3, HTTP_CONNECT);
	cluster_says(1, 503, "");
	cluster_retry_after_ms = 3600000;
	world_put(world_exchange, 20, 300);
	bell(dead);
	assert_int_equal(output_state(dead), OUTPUT_BACKING_OFF);
	assert_string_equal(output_why(dead), "no answer");
	fake_pass(60000);
	assert_int_equal(output_state(dead), OUTPUT_BACKING_OFF);
	o = world_output(1, "elastic", world_bulk(NULL), 5 * MB, 0, 2);
	world_put(world_exchange, 20, 3000);
	world_put(world_entra, 1, 2000000);		/* large ones too */
	output_bell(dead);
	bell(o);
	assert_int_equal(cluster_has(), 41);
	assert_true(output_idle(o));
	assert_int_equal(world_left(), 3);
	fake_pass(3600001);
	assert_int_equal(world_left(), 0);
	world_tallies_agree("elastic");
	world_tallies_agree("dead");
	world_stop(o, 0);
	world_stop(dead, 0);
}

static void
a_large_record_on_hold_leaves_the_room_to_other_outputs(void **state)
{
	static const char *const	 names[] = { "held", "elastic", NULL };
	struct output			*held, *o;

	(void)state;
	world_open(names);
	world_start();
	held = world_output(0, "held", world_bulk(NULL), 5 * MB, 0, 2);
	o = world_output(1, "elastic", world_bulk(NULL), 5 * MB, 0, 2);
	world_put(world_exchange, 1, 2000000);
	cluster_says(1, 403, "");
	bell(held);
	assert_int_equal(output_state(held), OUTPUT_HOLD);
	bell(o);
	assert_true(output_idle(o));
	assert_int_equal(world_left(), 1);
	fake_pass(31000);
	assert_int_equal(world_left(), 0);
	assert_true(output_idle(held));
	assert_int_equal(output_state(held), OUTPUT_IDLE);
	world_stop(o, 0);
	world_stop(held, 0);
}

/* It came back for the large one and was given a small one: the room is free, however long its destination is away. */
static void
who_came_for_a_large_record_and_got_another_leaves_the_room(void **state)
{
	static const char *const	 names[] = { "away", "elastic", NULL };
	struct output			*away, *o;

	(void)state;
	world_open(names);
	world_start();
	away = world_output(0, "away", world_bulk(NULL), 200, 0, 1);
	o = world_output(1, "elastic", world_bulk(NULL), 200, 0, 1);
	world_put(world_exchange, 1, 2000000);
	cluster_says(1, 503, "");
	bell(away);
	world_put(world_entra, 1, 300);
	cluster_is_open = 0;
	fake_pass(5000);
	assert_int_equal(fake_in_flight(), 1);
	bell(o);
	assert_int_equal(fake_in_flight(), 2);
	cluster_is_open = 1;
	fake_pass(60000);
	assert_int_equal(world_left(), 0);
	world_stop(o, 0);
	world_stop(away, 0);
}

static void
large_records_are_handled_one_at_a_time_in_the_process(void **state)
{
	static const char *const	 names[] = { "a", "elastic", NULL };
	struct output			*a, *o;

	(void)state;
	world_open(names);
	world_start();
	a = world_output(0, "a", world_bulk(NULL), 5 * MB, 0, 2);
	o = world_output(1, "elastic", world_bulk(NULL), 5 * MB, 0, 2);
	world_put(world_exchange, 1, 2000000);
	world_put(world_exchange, 1, 2000000);
	cluster_is_open = 0;
	output_bell(a);
	bell(o);
	fake_pass(5000);
	assert_int_equal(fake_in_flight(), 1);
	cluster_is_open = 1;
	fake_pass(20000);
	assert_int_equal(world_left(), 0);
	world_tallies_agree("elastic");
	world_tallies_agree("a");
	world_stop(o, 0);
	world_stop(a, 0);
}

static void
the_status_says_what_it_does_and_why(void **state)
{
	struct output	*o = start();
	struct buf	 b = { 0 };
	struct json_out	 j;

	(void)state;
	world_put(world_exchange, 3, 300);
	cluster_says(1, 404, "");
	bell(o);
	json_out_init(&j, &b);
	output_status(o, &j);
	assert_string_equal(buf_str(&b), "{\"name\":\"elastic\",\"type\":\"bulk\",\"state\":\"hold\","
	    "\"why\":\"HTTP 404: there is no such index or endpoint\",\"since\":\"2026-11-24T00:00:00Z\",\"in_flight\":0,\"unacknowledged\":0,"
	    "\"concurrency\":1,\"last_success\":null,\"delivered\":0,\"duplicates\":0,\"redirected\":0,\"dead\":0,\"dropped\":0,\"redacted\":0}");
	fake_pass(30000);
	buf_reset(&b);
	json_out_init(&j, &b);
	output_status(o, &j);
	assert_string_equal(buf_str(&b), "{\"name\":\"elastic\",\"type\":\"bulk\",\"state\":\"idle\",\"why\":\"\","
	    "\"since\":\"2026-11-24T00:00:30Z\",\"in_flight\":0,\"unacknowledged\":0,\"concurrency\":1,\"last_success\":\"2026-11-24T00:00:30Z\",\"delivered\":3,"
	    "\"duplicates\":0,\"redirected\":0,\"dead\":0,\"dropped\":0,\"redacted\":0}");
	buf_clear(&b);
	world_stop(o, 1000);
}

#define story(f) cmocka_unit_test_setup_teardown(f, world_set_up, world_tear_down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		story(records_of_several_blobs_and_feeds_share_one_request),
		story(credentials_pipeline_index_and_path_are_as_configured),
		story(every_kind_of_credential_has_its_header),
		story(a_record_waits_for_company_but_not_longer_than_linger),
		story(parcels_keep_to_batch_bytes_and_loads_are_bounded),
		story(two_slots_never_send_the_same_record),
		story(more_records_than_fit_into_one_request_s_reply_go_in_several),
		story(a_record_larger_than_a_batch_goes_alone),
		story(a_partial_answer_keeps_the_rest),
		story(what_is_there_already_is_delivered),
		story(a_cut_answer_is_sent_again_and_nothing_is_there_twice),
		story(a_busy_destination_sees_one_request_at_a_time_with_growing_pauses),
		story(retry_after_is_waited_for_and_the_next_try_takes_a_new_connection),
		story(with_several_urls_the_next_is_tried_at_once_and_kept),
		story(when_every_url_is_sick_the_output_backs_off),
		story(too_large_requests_are_halved_and_grow_again),
		story(a_single_record_that_is_too_large_is_buried_and_no_other),
		story(a_malformed_request_is_bisected_down_to_its_record),
		story(a_gateway_that_refuses_every_single_record_holds_the_output),
		story(an_item_that_fails_for_ever_is_buried_while_others_pass),
		story(a_cluster_that_fails_for_all_buries_nothing),
		story(a_page_of_something_in_between_buries_few_and_none_before_anything_passed),
		story(a_hold_drops_nothing_and_looks_again_ever_more_rarely),
		story(a_kick_forgets_hold_and_back_off),
		story(an_item_that_holds_keeps_only_itself),
		story(a_new_secret_ends_a_hold_and_is_tried_at_once_after_a_401),
		story(full_dead_letters_hold_but_what_was_delivered_is_committed),
		story(gzip_that_is_not_understood_is_left_away),
		story(answers_of_something_else_are_never_success),
		story(a_reply_over_its_bound_makes_requests_smaller_not_endless),
		story(what_may_be_out_there_is_marked_before_it_leaves_and_nothing_else),
		story(what_was_in_flight_when_we_died_is_sent_again_under_the_same_ids),
		story(of_a_batch_that_is_partly_done_a_restart_sends_the_rest),
		story(a_stop_lets_requests_in_flight_end_and_begins_none),
		story(a_stop_does_not_wait_for_a_server_that_never_answers),
		story(a_stop_ends_lingering_pauses_and_holds_at_once),
		story(one_dead_output_blocks_no_other),
		story(a_large_record_on_hold_leaves_the_room_to_other_outputs),
		story(who_came_for_a_large_record_and_got_another_leaves_the_room),
		story(large_records_are_handled_one_at_a_time_in_the_process),
		story(the_status_says_what_it_does_and_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
