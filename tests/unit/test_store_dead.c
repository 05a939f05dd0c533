/*
 * store: dead letters are listed in pieces, tried again, dropped; and the tallies agree all the while.
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

/* Records first .. first+n-1 are stored and then refused by that output. */
static void
bury(int output, const char *blob, int first, int n)
{
	struct kit_batches	 b;

	kit_put_new(&k, blob, first, n);
	b = kit_peek(&k, output, NULL, 0, 1);
	assert_int_equal(kit_done_some(&k, output, &b.b[0], 0, (uint32_t)n, DONE_DEAD).fail, STORE_OK);
	kit_batches_free(&b);
}

static void
keep(void *arg, struct store_result *r)
{
	struct store_result	*to = arg;
	struct buf		 text = { 0 };

	buf_adds(&text, buf_str(&r->text));
	*to = *r;
	to->text = text;
}

static struct store_result
ask(const char *request)
{
	static struct store_result	 r;

	buf_clear(&r.text);
	assert_int_equal(store_ask(k.s, request, keep, &r), 1);
	store_wait(k.s);
	return r;
}

static size_t
lines(const char *text)
{
	size_t	 n = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		n++;
	return n;
}

static size_t
dead(void)
{
	char	*text = kit_dead(&k, 0);
	size_t	 n = lines(text);

	free(text);
	return n;
}

static void
a_retry_spools_them_for_the_output_that_refused_them_and_for_no_other(void **state)
{
	struct kit_batches	 b;
	struct store_result	 r;

	(void)state;
	bury(k.out[0], "blob", 0, 5);
	kit_deliver_all(&k, k.out[1]);
	assert_int_equal(store_spool_bytes(k.s), 0);
	assert_int_equal(dead(), 5);
	r = ask("dead-retry 0 9223372036854775807 *");
	assert_int_equal(r.fail, STORE_OK);
	assert_non_null(strstr(buf_str(&r.text), "\"done\":5,\"never_records\":0,\"output_gone\":0,\"last\":5,\"until\":5,\"more\":false"));
	assert_int_equal(dead(), 0);
	assert_int_equal(kit_owed(&k, k.out[0]), 5);
	assert_int_equal(kit_owed(&k, k.out[1]), 0);
	assert_int_equal(kit_tally(&k, "dead:elastic"), 0);
	assert_balanced();
	/* It is the same record with the same names and times, byte for byte. */
	b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
	assert_int_equal(b.n, 5);
	for (size_t i = 0; i < b.n; i++) {
		struct record	 rec;
		size_t		 at = 0;
		uint8_t		 id[16];

		assert_int_equal(record_next(b.b[i].body.bytes, b.b[i].body.len, &at, &rec), 1);
		kit_id((int64_t)i, id);
		assert_memory_equal(rec.id, id, 16);
		assert_int_equal(rec.second, KIT_SECOND);
		assert_int_equal(rec.ordinal, i);
		assert_string_equal(b.b[i].content_id, "blob");
		assert_int_equal(at, b.b[i].body.len);
	}
	kit_batches_free(&b);
	kit_stop(&k);
	kit_start(&k);
	kit_deliver_all(&k, k.out[0]);
	assert_int_equal(kit_tally(&k, "delivered:elastic"), 5);
	assert_balanced();
}

static void
one_alone_or_those_of_one_output(void **state)
{
	struct store_result	 r;

	(void)state;
	bury(k.out[0], "a", 0, 3);
	bury(k.out[1], "a", 10, 2);
	assert_non_null(strstr(ask("dead-retry 1 2 *").text.bytes, "\"done\":1,"));
	assert_int_equal(dead(), 4);
	assert_non_null(strstr(ask("dead-retry 1 2 *").text.bytes, "\"done\":0,"));
	assert_non_null(strstr(ask("dead-retry 0 9223372036854775807 archive").text.bytes, "\"done\":2,"));
	assert_int_equal(dead(), 2);
	assert_int_equal(lines(ask("dead 0 elastic").text.bytes), 2);
	assert_int_equal(lines(ask("dead 1 *").text.bytes), 1);
	assert_int_equal(lines((r = ask("dead 3 *"), buf_str(&r.text))), 0);
	assert_balanced();
}

static void
what_dies_again_meanwhile_is_not_tried_in_a_circle(void **state)
{
	struct store_result	 r;

	(void)state;
	for (int i = 0; i < 3; i++)
		bury(k.out[0], "a", i * 400, 400);
	r = ask("dead-retry 0 9223372036854775807 *");
	assert_non_null(strstr(buf_str(&r.text), "\"done\":500,"));
	assert_non_null(strstr(buf_str(&r.text), "\"until\":1200,\"more\":true"));
	bury(k.out[0], "b", 2000, 1);				/* the first that was tried again is refused again */
	r = ask("dead-retry 500 1200 *");
	r = ask("dead-retry 1000 1200 *");
	assert_non_null(strstr(buf_str(&r.text), "\"done\":200,"));
	assert_non_null(strstr(buf_str(&r.text), "\"more\":false"));
	assert_int_equal(dead(), 1);
	assert_balanced();
}

static void
what_never_was_a_record_stays_and_so_does_what_its_output_left(void **state)
{
	struct put	*p = kit_put_of(&k, "blob", 0, 1);
	struct err	 e = { 0 };
	struct kit_batches b;

	(void)state;
	kit_add_dead(p, 900, "[1,2");
	kit_put(&k, p);
	b = kit_peek(&k, k.out[0], NULL, 0, 1);
	kit_done_some(&k, k.out[0], &b.b[0], 0, 1, DONE_DEAD);
	kit_batches_free(&b);
	store_halt(k.s);			/* elastic leaves */
	assert_true(store_output(k.s, "archive", 0, &e) >= 0);
	assert_int_equal(store_outputs_end(k.s, &e), 0);
	assert_int_equal(store_start(k.s, &e), 0);
	assert_non_null(strstr(ask("dead-retry 0 9223372036854775807 *").text.bytes, "\"done\":0,\"never_records\":1,\"output_gone\":1,"));
	assert_int_equal(dead(), 2);
}

static void
a_full_spool_takes_no_retry_and_nothing_is_lost(void **state)
{
	(void)state;
	kit_stop(&k);
	k.opts.spool_max = 100;
	kit_start(&k);
	bury(k.out[0], "a", 0, 3);
	assert_true(store_spool_bytes(k.s) >= 100);		/* archive owes them still */
	assert_int_equal(ask("dead-retry 0 9223372036854775807 *").fail, STORE_FULL);
	assert_int_equal(dead(), 3);
	kit_deliver_all(&k, k.out[1]);
	assert_int_equal(ask("dead-retry 0 9223372036854775807 *").fail, STORE_OK);
	assert_int_equal(dead(), 0);
	assert_balanced();
}

static void
dropping_leaves_a_gap_record_and_makes_room(void **state)
{
	char	*gaps;

	(void)state;
	kit_stop(&k);
	k.opts.dead_max = 900;
	kit_start(&k);
	bury(k.out[0], "a", 0, 4);
	kit_put_new(&k, "b", 100, 1);
	assert_non_null(strstr(ask("dead-drop 1 2 *").text.bytes, "\"done\":1,"));
	assert_int_equal(dead(), 3);
	assert_non_null(strstr(ask("dead-drop 0 9223372036854775807 elastic").text.bytes, "\"done\":3,"));
	assert_int_equal(dead(), 0);
	gaps = kit_gaps(&k);
	assert_int_equal(lines(gaps), 2);
	assert_non_null(strstr(gaps, "\"output\":\"elastic\""));
	assert_non_null(strstr(gaps, "\"reason\":\"dead-letters-dropped\",\"detail\":\"dead letters dropped by command: records=3, numbers 1 to 4\""));
	free(gaps);
	assert_int_equal(kit_tally(&k, "dead:elastic"), 4);	/* they were never delivered */
	assert_balanced();
	/* The room is there again: also after a restart, which counts anew. */
	bury(k.out[0], "c", 200, 1);
	kit_stop(&k);
	kit_start(&k);
	bury(k.out[0], "d", 300, 1);
	assert_balanced();
}

static void
a_dropped_letter_without_a_time_leaves_a_gap_of_when_it_was_buried(void **state)
{
	struct put	*p = kit_put_of(&k, "a", 0, 0);
	char		*gaps;

	(void)state;
	kit_add_dead(p, 0, "[1]");
	assert_int_equal(kit_put(&k, p).fail, STORE_OK);
	assert_non_null(strstr(ask("dead-drop 0 9223372036854775807 *").text.bytes, "\"done\":1,"));
	gaps = kit_gaps(&k);
	assert_int_equal(lines(gaps), 1);
	assert_null(strstr(gaps, "1970"));
	free(gaps);
}

static void
an_export_comes_in_pieces_with_every_record(void **state)
{
	size_t			 n = 0, pieces = 0;
	long long		 after = 0;
	struct store_result	 r;
	char			 request[64];

	(void)state;
	for (int i = 0; i < 8; i++) {
		struct put		*p = put_new();
		struct kit_batches	 b;

		p->feed = k.feed;
		p->content_id = strdup("large");
		p->origin = "management";
		kit_add(p, i, 1, 400000);
		kit_put(&k, p);
		b = kit_peek(&k, k.out[0], NULL, 0, 1);
		kit_done_some(&k, k.out[0], &b.b[0], 0, 1, DONE_DEAD);
		kit_batches_free(&b);
	}
	do {
		snprintf(request, sizeof(request), "dead-export %lld *", after);
		r = ask(request);
		assert_true(r.text.len < (3 << 20));
		n += lines(buf_str(&r.text));
		for (const char *line = buf_str(&r.text); line != NULL && *line != '\0'; line = strchr(line, '\n') + 1)
			after = strtoll(line + 6, NULL, 10);
		pieces++;
	} while (r.more);
	assert_int_equal(n, 8);
	assert_true(pieces >= 3);
}

static void
nonsense_is_no_question(void **state)
{
	static const char *const words[] = { "", "dead", "dead 1", "dead x *", "dead -1 *", "dead 1 * x", "dead-show", "dead-show 1 2",
	    "dead-retry 1 *", "dead-drop 1 2", "statuses", "status 1", "dead 1 ",
	    "dead 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (store_ask(k.s, words[i], NULL, NULL))
			fail_msg("\"%s\" was asked", words[i]);
}

/* A store of the version before, with a dead letter that cannot be tried again. */
static void
an_older_store_is_brought_up(void **state)
{
	(void)state;
	bury(k.out[0], "a", 0, 2);
	kit_stop(&k);
	kit_sql(&k, "ALTER TABLE dead DROP COLUMN head; ALTER TABLE dead DROP COLUMN content_id; ALTER TABLE dead DROP COLUMN blob_created;"
	    "ALTER TABLE dead DROP COLUMN stored; ALTER TABLE dead DROP COLUMN origin; PRAGMA user_version=1");
	kit_start(&k);
	assert_int_equal(dead(), 2);
	assert_non_null(strstr(ask("dead-retry 0 9223372036854775807 *").text.bytes, "\"done\":0,\"never_records\":2,"));
	bury(k.out[0], "b", 10, 1);
	assert_non_null(strstr(ask("dead-retry 0 9223372036854775807 *").text.bytes, "\"done\":1,\"never_records\":2,"));
}

/* A blob with records that can only be dead letters waits for room, with all of it: half a blob would be marked as stored. */
static void
a_put_waits_for_room_for_its_dead_letters(void **state)
{
	struct store_result	 r;

	(void)state;
	kit_stop(&k);
	k.opts.dead_max = 200;
	kit_start(&k);
	for (int i = 0; i < 2; i++) {
		struct put	*p = kit_put_of(&k, i == 0 ? "one" : "two", 10 * i, 5);

		kit_add_dead(p, 100 + i, "no json");
		r = kit_put(&k, p);
		assert_int_equal(r.fail, i == 0 ? STORE_OK : STORE_FULL);
		assert_int_equal(kit_owed(&k, k.out[0]), 5);
		if (r.fail == STORE_FULL)
			put_free(p);			/* it is ours again */
	}
	assert_int_equal(store_full_why(k.s), FULL_DEAD);
	assert_non_null(strstr(r.err.text, "dead_letters.max"));
	assert_int_equal(dead(), 1);
	assert_int_equal(kit_put_new(&k, "three", 20, 5).fail, STORE_OK);	/* one without any does not */
	assert_balanced();
}

int
main(void)
{
#define STORY(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest	 stories[] = {
		STORY(a_retry_spools_them_for_the_output_that_refused_them_and_for_no_other),
		STORY(one_alone_or_those_of_one_output),
		STORY(what_dies_again_meanwhile_is_not_tried_in_a_circle),
		STORY(what_never_was_a_record_stays_and_so_does_what_its_output_left),
		STORY(a_full_spool_takes_no_retry_and_nothing_is_lost),
		STORY(a_dropped_letter_without_a_time_leaves_a_gap_of_when_it_was_buried),
		STORY(dropping_leaves_a_gap_record_and_makes_room),
		STORY(an_export_comes_in_pieces_with_every_record),
		STORY(nonsense_is_no_question),
		STORY(an_older_store_is_brought_up),
		STORY(a_put_waits_for_room_for_its_dead_letters),
	};

	return cmocka_run_group_tests_name("dead letters", stories, NULL, NULL);
}
