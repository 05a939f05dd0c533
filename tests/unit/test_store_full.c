/*
 * store: a spool that is full, and a disk that is; what is given up for it, and what is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "store_kit.h"

static struct kit	 k;

static int
set_up(void **state)
{
	(void)state;
	log_open(LOG_ERROR, LOG_TEXT);
	kit_new(&k);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	kit_free(&k);
	return 0;
}

static void
assert_balanced(void)
{
	for (int i = 0; i < KIT_OUTPUTS; i++)
		if (kit_unbalanced(&k, k.out[i]) != NULL)
			fail_msg("%s", kit_unbalanced(&k, k.out[i]));
}

static void
keep(void *arg, struct store_result *r)
{
	*(struct store_result *)arg = *r;
}

static struct store_result
drop(int output, int64_t after, int64_t bytes)
{
	struct store_result	 r;

	store_drop_oldest(k.s, output, after, bytes, keep, &r);
	store_wait(k.s);
	assert_int_equal(r.fail, STORE_OK);
	return r;
}

/* ---- drop_oldest ------------------------------------------------------------------------------------------------------ */

/* Ten batches of ten records of some KB each. */
static int64_t
ten_batches(void)
{
	for (int i = 0; i < 10; i++) {
		char		 name[16];
		struct put	*p = put_new();

		snprintf(name, sizeof(name), "blob%d", i);
		p->feed = k.feed;
		p->content_id = strdup(name);
		p->origin = "management";
		for (int r = 0; r < 10; r++)
			kit_add(p, i * 10 + r, 1, 1000);
		assert_int_equal(kit_put(&k, p).n, 10);
	}
	return store_spool_bytes(k.s);
}

static void
the_oldest_go_and_a_gap_record_names_the_output(void **state)
{
	struct store_result	 r;
	int64_t			 all = ten_batches();
	char			*gaps;

	(void)state;
	store_output_drops(k.s, k.out[0], 1);
	kit_deliver_all(&k, k.out[1]);
	r = drop(k.out[0], 0, all / 100 * 25);
	assert_int_equal(r.n, 30);
	assert_int_equal(r.more, 1);
	assert_in_range(store_spool_bytes(k.s), all / 100 * 69, all / 100 * 71);
	assert_int_equal(kit_owed(&k, k.out[0]), 70);
	assert_int_equal(kit_tally(&k, "dropped:elastic"), 30);
	gaps = kit_gaps(&k);
	/* Records 0 to 29 are of the seconds KIT_SECOND to KIT_SECOND + 2. */
	assert_non_null(strstr(gaps, "\"feed\":\"audit.exchange\",\"output\":\"elastic\",\"from\":\"2025-11-24T08:00:00.000Z\","
	    "\"to\":\"2025-11-24T08:00:02.000Z\",\"reason\":\"spool-full\",\"detail\":\"the spool was full (on_full: drop_oldest): records=30\""));
	free(gaps);
	assert_balanced();
	r = drop(k.out[0], r.batch, INT64_MAX);
	assert_int_equal(r.n, 70);
	assert_int_equal(r.more, 0);
	assert_int_equal(store_spool_bytes(k.s), 0);
	assert_balanced();
}

static void
what_another_output_waits_for_stays(void **state)
{
	struct kit_batches	 b;
	struct store_result	 r;

	(void)state;
	ten_batches();
	store_output_drops(k.s, k.out[0], 1);
	r = drop(k.out[0], 0, INT64_MAX);		/* archive blocks, and owes them all */
	assert_int_equal(r.n, 0);
	assert_int_equal(r.more, 0);
	assert_int_equal(kit_owed(&k, k.out[0]), 100);
	b = kit_peek(&k, k.out[1], NULL, 0, 1);
	for (int i = 0; i < 3; i++)			/* it gets on: three batches */
		kit_done_some(&k, k.out[1], &b.b[0], 0, 10, DONE_DELIVERED), kit_batches_free(&b), b = kit_peek(&k, k.out[1], NULL, 0, 1);
	kit_batches_free(&b);
	r = drop(k.out[0], 0, INT64_MAX);
	assert_int_equal(r.n, 30);
	assert_int_equal(kit_owed(&k, k.out[0]), 70);
	store_output_drops(k.s, k.out[1], 1);		/* both may drop: each is spared its own */
	r = drop(k.out[0], 0, INT64_MAX);
	assert_int_equal(r.n, 70);
	assert_true(store_spool_bytes(k.s) > 0);
	r = drop(k.out[1], 0, INT64_MAX);
	assert_int_equal(r.n, 70);
	assert_int_equal(store_spool_bytes(k.s), 0);
	assert_balanced();
}

static void
what_is_done_already_is_not_dropped(void **state)
{
	struct kit_batches	 b;

	(void)state;
	ten_batches();
	store_output_drops(k.s, k.out[0], 1);
	kit_deliver_all(&k, k.out[1]);
	b = kit_peek(&k, k.out[0], NULL, 0, 1);
	kit_done_some(&k, k.out[0], &b.b[0], 0, 4, DONE_DELIVERED);
	assert_int_equal(drop(k.out[0], 0, 1).n, 6);
	/* What was on its way meanwhile and arrives after all is not counted twice. */
	kit_done_some(&k, k.out[0], &b.b[0], 4, 10, DONE_DELIVERED);
	kit_batches_free(&b);
	assert_int_equal(kit_tally(&k, "delivered:elastic"), 4);
	assert_int_equal(kit_tally(&k, "dropped:elastic"), 6);
	assert_balanced();
}

static void
why_it_was_full_is_known(void **state)
{
	struct put	*p = kit_put_of(&k, "more", 900, 1);

	(void)state;
	assert_int_equal(store_full_why(k.s), FULL_NOT);
	kit_stop(&k);
	k.opts.spool_max = 1000;
	kit_start(&k);
	assert_int_equal(kit_put_new(&k, "a", 0, 30).fail, STORE_OK);
	assert_int_equal(kit_put(&k, p).fail, STORE_FULL);
	assert_int_equal(store_full_why(k.s), FULL_SPOOL);
	put_free(p);
}

int
main(void)
{
#define STORY(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest	 stories[] = {
		STORY(the_oldest_go_and_a_gap_record_names_the_output),
		STORY(what_another_output_waits_for_stays),
		STORY(what_is_done_already_is_not_dropped),
		STORY(why_it_was_full_is_known),
	};

	return cmocka_run_group_tests_name("full", stories, NULL, NULL);
}
