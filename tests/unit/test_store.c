/*
 * store: what is put is delivered, once, whatever is repeated, refused or damaged; and the tallies say so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "store_kit.h"

KIT_AROUND_EACH(k)

static void
assert_balanced(void)
{
	for (int i = 0; i < KIT_OUTPUTS; i++) {
		const char	*what = kit_unbalanced(&k, k.out[i]);

		if (what != NULL)
			fail_msg("%s", what);
	}
}

static int
mentions(char *text, const char *word)
{
	int	 found = strstr(text, word) != NULL;

	free(text);
	return found;
}

/* ---- putting --------------------------------------------------------------------------------------------------------- */

static void
what_is_put_comes_out_as_it_went_in(void **state)
{
	struct put		*p = kit_put_of(&k, "blob-1", 0, 20);
	struct buf		 body = { 0 };
	struct kit_batches	 b;

	(void)state;
	buf_add(&body, p->body.bytes, p->body.len);
	assert_int_equal(kit_put(&k, p).n, 20);
	b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
	assert_int_equal(b.n, 1);
	assert_int_equal(b.b[0].n, 20);
	assert_int_equal(b.b[0].feed, k.feed);
	assert_string_equal(b.b[0].content_id, "blob-1");
	assert_int_equal(b.b[0].body.len, body.len);
	assert_memory_equal(b.b[0].body.bytes, body.bytes, body.len);
	kit_batches_free(&b);
	buf_clear(&body);
	assert_balanced();
}

static void
a_record_seen_before_is_not_stored_twice(void **state)
{
	struct store_result	 r;

	(void)state;
	kit_put_new(&k, "blob-1", 0, 10);
	r = kit_put_new(&k, "blob-2", 5, 10);
	assert_int_equal(r.n, 5);
	assert_int_equal(r.duplicates, 5);
	assert_int_equal(r.changed, 0);
	assert_int_equal(kit_owed(&k, k.out[0]), 15);
	r = kit_put_new(&k, "blob-2", 5, 10);
	assert_int_equal(r.n, 0);
	assert_int_equal(r.batch, 0);
	assert_int_equal(kit_owed(&k, k.out[0]), 15);
	assert_balanced();
}

static void
a_record_twice_in_one_put_is_stored_once(void **state)
{
	struct put	*p = kit_put_of(&k, "blob-1", 0, 3);

	(void)state;
	kit_add(p, 1, 7, 0);
	kit_add(p, 3, 7, 0);
	assert_int_equal(kit_put(&k, p).n, 4);
	assert_int_equal(kit_owed(&k, k.out[0]), 4);
	assert_balanced();
}

static void
what_was_seen_is_remembered_over_a_restart(void **state)
{
	(void)state;
	kit_put_new(&k, "blob-1", 0, 10);
	kit_stop(&k);
	kit_start(&k);
	assert_int_equal(kit_put_new(&k, "blob-1", 0, 10).duplicates, 10);
}

static void
a_repeat_with_another_digest_is_counted(void **state)
{
	struct put		*p = kit_put_of(&k, "blob-2", 5, 0);
	struct store_result	 r;

	(void)state;
	kit_put_new(&k, "blob-1", 0, 10);
	kit_add(p, 2, 0xfffffff0u, 0);
	kit_add(p, 3, 7, 0);
	r = kit_put(&k, p);
	assert_int_equal(r.duplicates, 2);
	assert_int_equal(r.changed, 1);
}

static void
an_empty_blob_is_stored(void **state)
{
	struct blob_row		 row = { .content_id = (char []){ "empty" }, .uri = (char []){ "https://x.example/e" },
	    .created_ms = 1, .expires_ms = kit_now() + KIT_DAY, .state = BLOB_LISTED };
	struct store_result	 r;

	(void)state;
	store_page(k.s, k.feed, &row, 1, NULL, NULL, NULL, NULL, NULL);
	r = kit_put_new(&k, "empty", 0, 0);
	assert_int_equal(r.fail, STORE_OK);
	assert_int_equal(r.batch, 0);
	kit_stop(&k);
	assert_int_equal(kit_sql_int(&k, "SELECT state = 2 AND uri IS NULL FROM blob"), 1);
}

static void
a_feed_that_nobody_wants_is_neither_stored_nor_remembered(void **state)
{
	struct put		*p = kit_put_of(&k, "blob-1", 0, 5);
	struct store_result	 r;

	(void)state;
	p->feed = k.other;
	r = kit_put(&k, p);
	assert_int_equal(r.fail, STORE_OK);
	assert_int_equal(r.n, 0);
	assert_int_equal(kit_tally(&k, "stored"), 0);
	kit_stop(&k);
	k.other_mask = 3;			/* now both outputs want it */
	kit_start(&k);
	p = kit_put_of(&k, "blob-1", 0, 5);
	p->feed = k.other;
	assert_int_equal(kit_put(&k, p).n, 5);
	assert_balanced();
}

static void
a_record_of_many_megabytes_passes(void **state)
{
	struct put		*p = kit_put_of(&k, "blob-1", 0, 0);
	struct kit_batches	 b;
	struct record		 r;
	size_t			 at = 0;

	(void)state;
	kit_add(p, 1, 7, 5 << 20);
	assert_int_equal(kit_put(&k, p).n, 1);
	b = kit_peek(&k, k.out[0], NULL, 0, 1);
	assert_int_equal(b.n, 1);
	assert_int_equal(record_next(b.b[0].body.bytes, b.b[0].body.len, &at, &r), 1);
	assert_true(r.len > 5 << 20);
	assert_memory_equal(r.bytes + r.len - 3, " \"}", 3);
	kit_batches_free(&b);
	assert_balanced();
}

static void
note_n(void *arg, struct store_result *r)
{
	assert_int_equal(r->fail, STORE_OK);
	*(int64_t *)arg = r->n;
}

static void
neighbours_that_share_a_transaction_are_each_answered(void **state)
{
	enum { N = 40 };
	struct put	*puts[N];
	int64_t		 stored[N];

	(void)state;
	for (int i = 0; i < N; i++)
		puts[i] = kit_put_of(&k, "blob", i * 8, 10);		/* each repeats two of the one before */
	for (int i = 0; i < N; i++) {
		stored[i] = -1;
		store_put(k.s, puts[i], note_n, &stored[i]);
	}
	store_wait(k.s);
	for (int i = 0; i < N; i++)
		assert_int_equal(stored[i], i == 0 ? 10 : 8);
	assert_int_equal(kit_tally(&k, "stored"), (N - 1) * 8 + 10);
	assert_balanced();
}

static void
note_fail(void *arg, struct store_result *r)
{
	*(int *)arg = r->fail;
}

/* The group is undone and repeated one by one. */
static void
a_neighbour_that_is_refused_costs_the_others_nothing(void **state)
{
	struct put	*puts[3];
	int		 fails[3] = { -1, -1, -1 };

	(void)state;
	kit_stop(&k);
	k.opts.spool_max = 500;
	kit_start(&k);
	store_halt(k.s);			/* so that they are queued together */
	for (int i = 0; i < 3; i++) {
		puts[i] = kit_put_of(&k, "blob", i * 10, 10);
		store_put(k.s, puts[i], note_fail, &fails[i]);
	}
	assert_int_equal(store_start(k.s, &(struct err){ 0 }), 0);
	store_wait(k.s);
	assert_int_equal(fails[0], STORE_OK);
	for (int i = 1; i < 3; i++) {
		assert_int_equal(fails[i], STORE_FULL);
		put_free(puts[i]);
	}
	assert_int_equal(kit_tally(&k, "stored"), 10);
	assert_balanced();
}

/* ---- new names while it stands --------------------------------------------------------------------------------------- */

/* A reload: what was queued is done, a new output starts with the oldest, and its debt is not renewed by the next halt. */
static void
a_halted_store_takes_new_names_and_goes_on(void **state)
{
	static const char *const names[] = { "elastic", "archive", "late" };
	struct err	 e = { 0 };
	int64_t		 stored = -1;
	int		 late = -1;

	(void)state;
	for (int round = 0; round < 2; round++) {
		uint64_t	 mask = 0;

		stored = -1;
		store_put(k.s, kit_put_of(&k, "blob", round * 10, 10), note_n, &stored);
		store_halt(k.s);
		assert_int_equal(stored, 10);
		for (int i = 0; i < 3; i++) {
			late = store_output(k.s, names[i], 1, &e);
			assert_true(late >= 0);
			mask |= (uint64_t)1 << late;
		}
		assert_int_equal(store_outputs_end(k.s, &e), 0);
		store_feed_mask(k.s, k.feed, mask);
		stored = -1;
		store_put(k.s, kit_put_of(&k, "between", 100 + round * 10, 5), note_n, &stored);
		assert_int_equal(store_start(k.s, &e), 0);
		store_wait(k.s);
		assert_int_equal(stored, 5);
		assert_int_equal(kit_owed(&k, late), 15);
		kit_deliver_all(&k, late);
		assert_int_equal(kit_owed(&k, late), 0);
	}
	assert_int_equal(kit_owed(&k, k.out[0]), 30);
}

/* ---- dead letters of a put ------------------------------------------------------------------------------------------- */

static void
an_element_that_is_no_record_is_a_dead_letter_once(void **state)
{
	struct put	*p = kit_put_of(&k, "blob-1", 0, 2);

	(void)state;
	kit_add_dead(p, 900, "[1,2");
	kit_put(&k, p);
	p = kit_put_of(&k, "blob-1", 0, 2);			/* read again */
	kit_add_dead(p, 900, "[1,2");
	kit_put(&k, p);
	assert_int_equal(kit_tally(&k, "dead:-"), 1);
	assert_true(mentions(kit_dead(&k, 1), "\"record\":\"[1,2\""));
	assert_true(mentions(kit_dead(&k, 0), "not-json: a test"));
	assert_balanced();
}

static void
a_record_too_large_to_keep_takes_no_room_among_the_dead(void **state)
{
	struct put	*p = kit_put_of(&k, "blob-1", 0, 1);

	(void)state;
	kit_stop(&k);
	k.opts.dead_max = 1 << 20;
	kit_start(&k);
	kit_add_dead(p, 900, NULL);
	p->dead[0].len = 100 << 20;		/* its size, not its bytes */
	assert_int_equal(kit_put(&k, p).fail, STORE_OK);
	p = kit_put_of(&k, "blob-2", 10, 1);
	kit_add_dead(p, 901, NULL);
	assert_int_equal(kit_put(&k, p).fail, STORE_OK);
	assert_true(mentions(kit_dead(&k, 1), "\"record\":null"));
}

/* ---- delivering ------------------------------------------------------------------------------------------------------ */

static void
a_batch_leaves_when_its_last_output_is_done(void **state)
{
	struct store_result	 r;

	(void)state;
	r = kit_put_new(&k, "blob-1", 0, 10);
	assert_true(r.spool_bytes > 0);
	kit_deliver_all(&k, k.out[0]);
	assert_int_equal(kit_owed(&k, k.out[0]), 0);
	assert_int_equal(kit_owed(&k, k.out[1]), 10);
	assert_true(store_spool_bytes(k.s) == r.spool_bytes);
	kit_deliver_all(&k, k.out[1]);
	assert_int_equal(store_spool_bytes(k.s), 0);
	assert_int_equal(kit_left(&k).deliveries, 0);
	assert_balanced();
	kit_stop(&k);
	assert_int_equal(kit_sql_int(&k, "SELECT count(*) FROM batch"), 0);
}

static void
progress_within_a_batch_survives_a_restart(void **state)
{
	struct kit_batches	 b;

	(void)state;
	kit_put_new(&k, "blob-1", 0, 10);
	b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
	kit_done_some(&k, k.out[0], &b.b[0], 3, 6, DONE_DELIVERED);
	kit_batches_free(&b);
	kit_stop(&k);
	kit_start(&k);
	b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
	assert_int_equal(b.n, 1);
	assert_non_null(b.b[0].done);
	assert_int_equal(b.b[0].done[0], 0x38);
	kit_batches_free(&b);
	assert_int_equal(kit_owed(&k, k.out[0]), 7);
	assert_balanced();
}

static void
the_same_record_done_twice_counts_once(void **state)
{
	struct kit_batches	 b;

	(void)state;
	kit_put_new(&k, "blob-1", 0, 10);
	b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
	kit_done_some(&k, k.out[0], &b.b[0], 0, 4, DONE_DELIVERED);
	kit_done_some(&k, k.out[0], &b.b[0], 2, 10, DONE_DELIVERED);
	kit_done_some(&k, k.out[0], &b.b[0], 0, 10, DONE_DELIVERED);
	assert_int_equal(kit_tally(&k, "delivered:elastic"), 10);
	kit_batches_free(&b);
	assert_balanced();
}

static void
delivered_dead_and_dropped_add_up_to_stored(void **state)
{
	struct kit_batches	 b;

	(void)state;
	kit_put_new(&k, "blob-1", 35990, 40);		/* over the end of an hour */
	b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
	kit_done_some(&k, k.out[0], &b.b[0], 0, 20, DONE_DELIVERED);
	kit_done_some(&k, k.out[0], &b.b[0], 20, 30, DONE_DEAD);
	assert_balanced();
	kit_done_some(&k, k.out[0], &b.b[0], 30, 40, DONE_DROPPED);
	kit_batches_free(&b);
	assert_int_equal(kit_tally(&k, "stored"), 40);
	assert_int_equal(kit_tally(&k, "dead:elastic"), 10);
	assert_int_equal(kit_tally(&k, "dropped:elastic"), 10);
	assert_balanced();
}

static void
a_dead_letter_keeps_the_record_its_name_and_the_reply(void **state)
{
	struct kit_batches	 b;
	char			*text;

	(void)state;
	kit_put_new(&k, "blob-1", 0, 5);
	b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
	kit_done_some(&k, k.out[0], &b.b[0], 3, 4, DONE_DEAD);
	kit_batches_free(&b);
	text = kit_dead(&k, 1);
	assert_non_null(strstr(text, "\"record_id\":\"record-3\""));
	assert_non_null(strstr(text, "\"output\":\"elastic\""));
	assert_non_null(strstr(text, "\"reply\":\"no thanks\""));
	assert_non_null(strstr(text, "{\\\"Id\\\":\\\"record-3\\\""));
	free(text);
	assert_balanced();
}

static void
what_may_be_on_its_way_stays_marked_until_all_of_it_is_done(void **state)
{
	struct kit_batches	 b;
	int64_t			 batch;

	(void)state;
	kit_put_new(&k, "blob-1", 0, 10);
	b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
	assert_int_equal(b.b[0].sent, 0);
	batch = b.b[0].batch;
	store_sent(k.s, k.out[0], &batch, 1, NULL, NULL);
	kit_done_some(&k, k.out[0], &b.b[0], 0, 4, DONE_DELIVERED);	/* the rest is in the next request */
	kit_batches_free(&b);
	b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
	assert_int_equal(b.b[0].sent, 1);
	kit_batches_free(&b);
	b = kit_peek(&k, k.out[1], NULL, 0, 1 << 20);
	assert_int_equal(b.b[0].sent, 0);
	kit_batches_free(&b);
}

static void
a_look_skips_what_is_held_and_stops_at_its_bytes(void **state)
{
	struct kit_batches	 b, rest;
	int64_t			 skip[2];

	(void)state;
	for (int i = 0; i < 5; i++)
		kit_put_new(&k, "blob", i * 100, 10);
	b = kit_peek(&k, k.out[0], NULL, 0, 1);
	assert_int_equal(b.n, 1);
	assert_int_equal(b.more, 1);
	skip[0] = b.b[0].batch;
	kit_batches_free(&b);
	b = kit_peek(&k, k.out[0], skip, 1, 1);
	assert_true(b.b[0].batch > skip[0]);
	skip[1] = b.b[0].batch;
	kit_batches_free(&b);
	rest = kit_peek(&k, k.out[0], skip, 2, 1 << 20);
	assert_int_equal(rest.n, 3);
	assert_int_equal(rest.more, 0);
	kit_batches_free(&rest);
}

static void
put_bytes(int feed, int64_t first, size_t bytes)
{
	struct put	*p = put_new();

	p->feed = feed;
	p->content_id = strdup("blob");
	p->origin = "management";
	p->end = PUT_MORE;
	kit_add(p, first, 1, bytes);
	kit_put(&k, p);
}

static void
both_feeds_are_wanted(void)
{
	kit_stop(&k);
	k.other_mask = 3;
	kit_start(&k);
}

/* Looks and delivers, look bytes at a time, until so many bytes of the quiet feed came; how many of the busy one did? */
static size_t
busy_bytes_until(size_t quiet_bytes, size_t look)
{
	struct kit_batches	 b;
	size_t			 quiet = 0, busy = 0;

	while (quiet < quiet_bytes) {
		b = kit_peek(&k, k.out[0], NULL, 0, look);
		assert_true(b.n > 0);
		for (size_t i = 0; i < b.n; i++) {
			*(b.b[i].feed == k.feed ? &busy : &quiet) += b.b[i].body.len;
			kit_done_some(&k, k.out[0], &b.b[i], 0, b.b[i].n, DONE_DELIVERED);
		}
		kit_batches_free(&b);
	}
	return busy;
}

static void
feeds_share_by_bytes_however_large_their_batches_are(void **state)
{
	size_t	 busy;
	int	 i;

	(void)state;
	both_feeds_are_wanted();
	for (i = 0; i < 24; i++)
		put_bytes(k.feed, i, 500000);
	for (i = 0; i < 200; i++)
		put_bytes(k.other, 1000 + i, 20000);
	busy = busy_bytes_until(4000000, 300000);
	assert_in_range(busy, 3000000, 5000000);
}

static void
a_quiet_feed_is_in_the_next_look(void **state)
{
	struct kit_batches	 b;
	size_t			 n = 0;

	(void)state;
	both_feeds_are_wanted();
	for (int i = 0; i < 30; i++)
		put_bytes(k.feed, i, 100000);
	b = kit_peek(&k, k.out[0], NULL, 0, 300000);
	kit_batches_free(&b);
	put_bytes(k.other, 1000, 100);
	b = kit_peek(&k, k.out[0], NULL, 0, 300000);
	for (size_t i = 0; i < b.n; i++)
		n += b.b[i].feed == k.other ? 1 : 0;
	assert_int_equal(n, 1);
	kit_batches_free(&b);
}

/* What was spooled during an outage, and what comes now. */
static void
fresh_records_have_a_quarter_while_a_backlog_drains(void **state)
{
	struct kit_batches	 b;
	size_t			 old = 0, fresh = 0, i;
	int64_t			 last_old = 0, last_fresh = INT64_MAX, first_fresh;

	(void)state;
	for (i = 0; i < 60; i++)
		put_bytes(k.feed, (int64_t)i, 50000);
	kit_pass(3600000);
	b = kit_peek(&k, k.out[1], NULL, 0, 1);
	first_fresh = b.b[0].batch + 60;
	kit_batches_free(&b);
	for (i = 0; i < 20; i++)
		put_bytes(k.feed, 1000 + (int64_t)i, 50000);
	while (old + fresh < 40) {
		b = kit_peek(&k, k.out[0], NULL, 0, 120000);
		for (i = 0; i < b.n; i++) {
			if (b.b[i].batch >= first_fresh) {
				assert_true(b.b[i].batch < last_fresh);		/* newest first */
				last_fresh = b.b[i].batch;
				fresh++;
			} else {
				assert_true(b.b[i].batch > last_old);		/* oldest first */
				last_old = b.b[i].batch;
				old++;
			}
			kit_done_some(&k, k.out[0], &b.b[i], 0, b.b[i].n, DONE_DELIVERED);
		}
		kit_batches_free(&b);
	}
	assert_in_range(fresh, 9, 12);
	kit_deliver_all(&k, k.out[0]);
	assert_int_equal(kit_owed(&k, k.out[0]), 0);		/* the ends met */
}

static void
without_a_backlog_records_go_in_order(void **state)
{
	struct kit_batches	 b;
	int			 i;

	(void)state;
	for (i = 0; i < 20; i++)
		put_bytes(k.feed, i, 1000);
	b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
	assert_int_equal(b.n, 20);
	for (i = 1; i < 20; i++)
		assert_true(b.b[i].batch > b.b[i - 1].batch);
	kit_batches_free(&b);
}

/* ---- caps ------------------------------------------------------------------------------------------------------------ */

static void
a_full_spool_refuses_puts_and_takes_dones(void **state)
{
	struct put		*p;
	struct store_result	 r;

	(void)state;
	kit_stop(&k);
	k.opts.spool_max = 2000;
	kit_start(&k);
	assert_int_equal(kit_put_new(&k, "blob-1", 0, 60).fail, STORE_OK);	/* crosses the cap */
	p = kit_put_of(&k, "blob-2", 100, 10);
	r = kit_put(&k, p);
	assert_int_equal(r.fail, STORE_FULL);
	assert_string_not_equal(r.err.text, "");
	kit_deliver_all(&k, k.out[0]);
	assert_int_equal(kit_put(&k, p).fail, STORE_FULL);			/* the same put: it was handed back */
	kit_deliver_all(&k, k.out[1]);
	r = kit_put(&k, p);
	assert_int_equal(r.fail, STORE_OK);
	assert_int_equal(r.n, 10);
	assert_int_equal(r.duplicates, 0);			/* the refused tries left nothing behind */
	assert_balanced();
}

static void
the_cap_is_known_again_after_a_restart(void **state)
{
	struct put	*p;

	(void)state;
	kit_put_new(&k, "blob-1", 0, 60);
	kit_stop(&k);
	k.opts.spool_max = 2000;
	kit_start(&k);
	p = kit_put_of(&k, "blob-2", 100, 10);
	assert_int_equal(kit_put(&k, p).fail, STORE_FULL);
	put_free(p);
}

static void
dead_letters_at_their_cap_hold_and_the_rest_goes_on(void **state)
{
	struct kit_batches	 b;

	(void)state;
	kit_stop(&k);
	k.opts.dead_max = 300;
	kit_start(&k);
	kit_put_new(&k, "blob-1", 0, 10);
	b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
	assert_int_equal(kit_done_some(&k, k.out[0], &b.b[0], 0, 2, DONE_DEAD).fail, STORE_OK);
	assert_int_equal(kit_done_some(&k, k.out[0], &b.b[0], 2, 3, DONE_DEAD).fail, STORE_FULL);
	assert_int_equal(kit_done_some(&k, k.out[0], &b.b[0], 3, 10, DONE_DELIVERED).fail, STORE_OK);
	kit_batches_free(&b);
	assert_int_equal(kit_owed(&k, k.out[0]), 1);
	assert_balanced();
}

static void
over_its_cap_the_oldest_ids_go_and_are_counted(void **state)
{
	int64_t	 evicted = 0;

	(void)state;
	kit_stop(&k);
	k.opts.seen_max = 5000 * 32;
	kit_start(&k);
	for (int i = 0; i < 16; i++)
		evicted += kit_put_new(&k, "blob", i * 500, 500).evicted;
	assert_true(evicted >= 3000);
	assert_int_equal(kit_put_new(&k, "again", 7900, 100).duplicates, 100);
	assert_balanced();
}

/* ---- damage ---------------------------------------------------------------------------------------------------------- */

static void
flip_a_byte(int64_t batch)
{
	char	*sql = xasprintf("UPDATE batch SET body = CAST(substr(body, 1, 60) || x'01' || substr(body, 62) AS BLOB) WHERE id = %lld",
	    (long long)batch);

	kit_sql(&k, sql);
	free(sql);
}

static void
a_flipped_byte_in_a_batch_makes_a_gap_and_lists_the_blob_again(void **state)
{
	struct blob_row		 row = { .content_id = (char []){ "blob-1" }, .uri = (char []){ "https://x.example/1" },
	    .created_ms = 1, .expires_ms = kit_now() + KIT_DAY, .state = BLOB_LISTED };
	struct kit_batches	 b;
	int64_t			 batch;

	(void)state;
	store_page(k.s, k.feed, &row, 1, NULL, NULL, NULL, NULL, NULL);
	batch = kit_put_new(&k, "blob-1", 0, 10).batch;
	kit_put_new(&k, "blob-2", 100, 10);
	kit_deliver_all(&k, k.out[1]);			/* one output had it, the other did not */
	kit_stop(&k);
	flip_a_byte(batch);
	kit_start(&k);
	b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
	assert_int_equal(b.fail, STORE_OK);
	assert_int_equal(b.n, 1);				/* the sound one */
	assert_string_equal(b.b[0].content_id, "blob-2");
	kit_batches_free(&b);
	assert_true(mentions(kit_gaps(&k), "batch-damaged"));
	assert_balanced();

	store_page(k.s, k.feed, &row, 1, NULL, NULL, NULL, NULL, NULL);	/* a listing brings a URL */
	assert_int_equal(kit_left(&k).blobs, 1);
	assert_int_equal(kit_put_new(&k, "blob-1", 0, 10).n, 10);	/* not taken for a repeat */
	kit_deliver_all(&k, k.out[0]);
	kit_deliver_all(&k, k.out[1]);
	assert_balanced();
	assert_int_equal(kit_owed(&k, k.out[0]), 0);
}

static void
a_batch_that_says_another_count_is_set_aside(void **state)
{
	static const char *const counts[] = { "UPDATE batch SET n = 99", "UPDATE batch SET n = -1", "UPDATE batch SET n = 1 << 40" };
	struct kit_batches	 b;

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		kit_put_new(&k, "blob", 100 * (int64_t)i, 10);
		kit_stop(&k);
		kit_sql(&k, counts[i]);
		kit_start(&k);
		b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
		assert_int_equal(b.fail, STORE_OK);
		assert_int_equal(b.n, 0);
		kit_batches_free(&b);
		assert_true(mentions(kit_gaps(&k), "batch-damaged"));
		assert_balanced();
	}
}

/* What the column bytes says is for sums; taken for a length it was memory without end, or shares that never came round. */
static void
a_batch_is_as_long_as_it_is(void **state)
{
	static const char *const damage[] = { "UPDATE batch SET bytes = -1", "UPDATE batch SET bytes = 1 << 61",
	    "UPDATE delivery SET done = x'01'" };
	struct kit_batches	 b;

	(void)state;
	kit_put_new(&k, "blob", 0, 20);
	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		kit_stop(&k);
		kit_sql(&k, damage[i]);
		kit_start(&k);
		b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
		assert_int_equal(b.n, 1);
		assert_int_equal(b.b[0].n, 20);
		assert_true(b.b[0].done == NULL || (b.b[0].done[0] == 1 && b.b[0].done[2] == 0));
		kit_batches_free(&b);
	}
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 stories[] = {
		STORY(what_is_put_comes_out_as_it_went_in),
		STORY(a_record_seen_before_is_not_stored_twice),
		STORY(a_record_twice_in_one_put_is_stored_once),
		STORY(what_was_seen_is_remembered_over_a_restart),
		STORY(a_repeat_with_another_digest_is_counted),
		STORY(an_empty_blob_is_stored),
		STORY(a_feed_that_nobody_wants_is_neither_stored_nor_remembered),
		STORY(a_record_of_many_megabytes_passes),
		STORY(a_halted_store_takes_new_names_and_goes_on),
		STORY(neighbours_that_share_a_transaction_are_each_answered),
		STORY(a_neighbour_that_is_refused_costs_the_others_nothing),
		STORY(a_halted_store_takes_new_names_and_goes_on),
		STORY(an_element_that_is_no_record_is_a_dead_letter_once),
		STORY(a_record_too_large_to_keep_takes_no_room_among_the_dead),
		STORY(a_batch_leaves_when_its_last_output_is_done),
		STORY(progress_within_a_batch_survives_a_restart),
		STORY(the_same_record_done_twice_counts_once),
		STORY(delivered_dead_and_dropped_add_up_to_stored),
		STORY(a_dead_letter_keeps_the_record_its_name_and_the_reply),
		STORY(what_may_be_on_its_way_stays_marked_until_all_of_it_is_done),
		STORY(a_look_skips_what_is_held_and_stops_at_its_bytes),
		STORY(feeds_share_by_bytes_however_large_their_batches_are),
		STORY(without_a_backlog_records_go_in_order),
		STORY(fresh_records_have_a_quarter_while_a_backlog_drains),
		STORY(a_quiet_feed_is_in_the_next_look),
		STORY(a_full_spool_refuses_puts_and_takes_dones),
		STORY(the_cap_is_known_again_after_a_restart),
		STORY(dead_letters_at_their_cap_hold_and_the_rest_goes_on),
		STORY(over_its_cap_the_oldest_ids_go_and_are_counted),
		STORY(a_flipped_byte_in_a_batch_makes_a_gap_and_lists_the_blob_again),
		STORY(a_batch_that_says_another_count_is_set_aside),
		STORY(a_batch_is_as_long_as_it_is),
	};

	return cmocka_run_group_tests_name("store", stories, NULL, NULL);
}
