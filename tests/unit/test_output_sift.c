/*
 * An output with conditions and redaction: what is left out is settled and counted, what is redacted never leaves. Real
 * store, real encoding, a cluster of functions.
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
#include "deliver_world.h"
#include "norm/sift.h"

#define MB 1000000

static const char *const	 noise[] = { "FileAccessed", "FilePreviewed", NULL };
static const char *const	 exchange[] = { "audit.exchange", NULL };

static struct output *
start(struct sift *s)
{
	static const char *const	 names[] = { "elastic", NULL };
	struct output			*o;

	world_open(names);
	world_sift = s;
	o = world_output(0, "elastic", world_bulk(NULL), 5 * MB, 0, 1);
	world_start();
	output_bell(o);
	fake_turn();
	return o;
}

static void
bell(struct output *o)
{
	output_bell(o);
	fake_turn();
}

static void
put_some(void)
{
	world_put_text(world_exchange, "{\"Id\":\"1\",\"CreationTime\":\"2026-11-24T00:00:00\",\"Operation\":\"FileAccessed\"}");
	world_put_text(world_exchange, "{\"Id\":\"2\",\"CreationTime\":\"2026-11-24T00:00:00\",\"Operation\":\"Send\"}");
	world_put_text(world_entra, "{\"Id\":\"3\",\"CreationTime\":\"2026-11-24T00:00:00\",\"Operation\":\"FilePreviewed\"}");
	world_put_text(world_entra, "{\"Id\":\"4\",\"CreationTime\":\"2026-11-24T00:00:00\",\"Operation\":\"Add user.\"}");
}

static void
what_is_dropped_is_settled_counted_and_never_sent(void **state)
{
	struct sift	*s = sift_new();
	struct output	*o;

	(void)state;
	sift_drop(s, &(struct sift_match){ "operation", noise }, 1);
	o = start(s);
	put_some();
	bell(o);
	assert_int_equal(world_left(), 0);
	assert_int_equal(cluster_has(), 2);
	assert_int_equal(cluster_got(0) + cluster_got(2), 0);
	assert_int_equal(counter_get(C_SIFTED, "elastic", "drop", NULL), 2);
	assert_int_equal(counter_get(C_DELIVERED, "elastic", "delivered", NULL), 2);
	world_tallies_agree("elastic");
	world_stop(o, 0);
}

static void
only_what_is_kept_leaves(void **state)
{
	struct sift	*s = sift_new();
	struct output	*o;

	(void)state;
	sift_keep(s, &(struct sift_match){ "feed", exchange }, 1);
	sift_drop(s, &(struct sift_match){ "operation", noise }, 1);
	o = start(s);
	put_some();
	bell(o);
	assert_int_equal(world_left(), 0);
	assert_int_equal(cluster_has(), 1);
	assert_int_equal(cluster_got(1), 1);
	assert_int_equal(counter_get(C_SIFTED, "elastic", "keep", NULL), 1);
	assert_int_equal(counter_get(C_SIFTED, "elastic", "drop", NULL), 2);
	world_tallies_agree("elastic");
	world_stop(o, 0);
}

/* Nobody waits for a destination that would not have got it. */
static void
what_is_dropped_leaves_the_spool_while_the_destination_is_away(void **state)
{
	struct sift	*s = sift_new();
	struct output	*o;

	(void)state;
	sift_drop(s, &(struct sift_match){ "operation", noise }, 1);
	o = start(s);
	cluster_says(1, 404, "");
	put_some();
	bell(o);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_int_equal(counter_get(C_SIFTED, "elastic", "drop", NULL), 2);
	fake_pass(30000);
	assert_int_equal(world_left(), 0);
	assert_int_equal(cluster_has(), 2);
	world_tallies_agree("elastic");
	world_stop(o, 0);
}

static void
what_is_redacted_is_in_no_attempt(void **state)
{
	struct sift	*s = sift_new();
	struct output	*o;

	(void)state;
	sift_redact(s, "DetectedValues");
	sift_drop(s, &(struct sift_match){ "operation", noise }, 1);
	o = start(s);
	cluster_says(1, 503, "");
	world_put_text(world_exchange, "{\"Id\":\"0\",\"CreationTime\":\"2026-11-24T00:00:00\",\"Operation\":\"FileAccessed\"}");
	world_put_text(world_exchange, "{\"Id\":\"1\",\"CreationTime\":\"2026-11-24T00:00:00\",\"PolicyDetails\":[{\"Rules\":[{\"DetectedValues\":"
	    "[{\"Value\":\"4111-1111\"}],\"RuleId\":\"r\"}]}],\"Data\":\"{\\\"DetectedValues\\\":[\\\"4111-1111\\\"]}\"}");
	world_put(world_exchange, 1, 300);
	bell(o);
	fake_pass(120000);
	assert_int_equal(world_left(), 0);
	assert_int_equal(cluster_has(), 2);
	assert_true(fake_n_requests >= 2);
	for (size_t i = 0; i < fake_n_requests; i++)
		assert_null(strstr(buf_str(&fake_requests[i].body), "4111"));
	assert_non_null(strstr(buf_str(&fake_requests[0].body), "\"RuleId\":\"r\""));
	assert_int_equal(counter_get(C_REDACTED, "elastic", NULL, NULL), 2);
	world_tallies_agree("elastic");
	world_stop(o, 0);
}

/* Elastic's own pipeline is the index's: ecs-raw must not switch it off. */
static void
ecs_raw_leaves_the_mapping_to_the_cluster(void **state)
{
	static const char *const	 names[] = { "elastic", NULL };
	struct output			*o;

	(void)state;
	world_open(names);
	o = world_output(0, "elastic", world_bulk(&(struct sink_bulk_opts){ .schema = SCHEMA_ECS_RAW }), 5 * MB, 0, 1);
	world_start();
	world_put_text(world_exchange, "{\"Id\":\"1\",\"CreationTime\":\"2026-11-24T00:00:00\",\"Operation\": \"Send\"}");
	bell(o);
	assert_int_equal(world_left(), 0);
	assert_null(strstr(fake_requests[0].url, "pipeline"));
	assert_non_null(strstr(buf_str(&fake_requests[0].body), "\n{\"o365audit\":{\"Id\":\"1\",\"CreationTime\":\"2026-11-24T00:00:00\","
	    "\"Operation\": \"Send\"}}\n"));
	world_stop(o, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_dropped_is_settled_counted_and_never_sent, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(only_what_is_kept_leaves, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(what_is_dropped_leaves_the_spool_while_the_destination_is_away, world_set_up,
		    world_tear_down),
		cmocka_unit_test_setup_teardown(ecs_raw_leaves_the_mapping_to_the_cluster, world_set_up, world_tear_down),
		cmocka_unit_test_setup_teardown(what_is_redacted_is_in_no_attempt, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
