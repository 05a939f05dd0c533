/*
 * output: what it does when the store is full or broken, and that a sink need not be HTTP. The store is a fake here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "deliver/output.h"
#include "fake_deliver.h"

/* ---- a store with one batch of three records ---------------------------------------------------------------------- */

enum call { PEEK, SENT, DONE, CALLS };

static enum store_fail	 fail[CALLS];
static unsigned		 calls[CALLS], delivered, dead;
static struct {
	store_cb	*cb;
	void		*arg;
	enum call	 call;
	struct done	*done;
}			 asked;			/* one at a time: the tests have one slot */
static struct buf	 body;

static void
ask(enum call call, store_cb *cb, void *arg, struct done *done)
{
	assert_null(asked.cb);
	asked.cb = cb;
	asked.arg = arg;
	asked.call = call;
	asked.done = done;
	calls[call]++;
}

void
store_peek(struct store *s, int output, const int64_t *skip, size_t n_skip, size_t max, store_cb *cb, void *arg)
{
	(void)s;
	(void)output;
	(void)skip;
	(void)n_skip;
	(void)max;
	ask(PEEK, cb, arg, NULL);
}

void
store_sent(struct store *s, int output, const int64_t *batches, size_t n, store_cb *cb, void *arg)
{
	(void)s;
	(void)output;
	assert_int_equal(n, 1);
	assert_int_equal(batches[0], 7);
	ask(SENT, cb, arg, NULL);
}

void
store_done(struct store *s, struct done *d, store_cb *cb, void *arg)
{
	(void)s;
	ask(DONE, cb, arg, d);
}

struct done *
done_new(int output)
{
	struct done	*d = xcalloc(1, sizeof(*d));

	d->output = output;
	return d;
}

void
done_add(struct done *d, int64_t batch, uint32_t pos, enum done_how how, const uint8_t id[16], int64_t second,
    const char *reason, const char *reply)
{
	d->records = xreallocarray(d->records, d->n + 1, sizeof(*d->records));
	d->records[d->n++] = (struct done_record){ .batch = batch, .pos = pos, .how = how, .second = second };
	assert_int_equal(id[0], pos);
	assert_int_equal(how == DONE_DEAD, reason != NULL);
	(void)reply;
}

static int
answer(void)
{
	struct store_result	 r = { .fail = fail[asked.call] };
	struct peeked		 p = { .batch = 7, .feed = 1, .n = 3 };
	store_cb		*cb = asked.cb;
	size_t			 i;

	if (cb == NULL)
		return 0;
	assert_true(calls[asked.call] < 100);		/* without a pause it would be asked for ever */
	asked.cb = NULL;
	if (r.fail != STORE_OK)
		err_set(&r.err, ERR_IO, "the disk is gone");
	if (asked.call == PEEK && r.fail == STORE_OK && delivered + dead < 3) {
		buf_add(&p.body, body.bytes, body.len);
		r.peeked = &p;
		r.n_peeked = 1;
	}
	if (asked.call == DONE) {
		for (i = 0; r.fail == STORE_OK && i < asked.done->n; i++)
			*(asked.done->records[i].how == DONE_DEAD ? &dead : &delivered) += 1;
		free(asked.done->records);
		free(asked.done);
	}
	cb(asked.arg, &r);
	buf_clear(&p.body);
	return 1;
}

unsigned
store_pending(const struct store *s)	/* fake_turn turns the real one; this one is turned by turn() */
{
	(void)s;
	return 0;
}

int
store_wait(struct store *s)
{
	(void)s;
	return 0;
}

/* ---- a sink ------------------------------------------------------------------------------------------------------- */

static struct parcel	*sent_parcel;
static void		(*sent_judged)(void *, struct parcel *);
static void		*sent_arg;
static unsigned		 poison;	/* so many records of a parcel are */

static void *
scratch_new(const struct sink *s)
{
	(void)s;
	return xmalloc(1);
}

static void
sink_encode(const struct sink *s, void *scratch, struct parcel *p)
{
	(void)s;
	(void)scratch;
	buf_adds(&p->body, "whatever");
}

static void
sink_send(struct sink *s, struct parcel *p, void (*judged)(void *, struct parcel *), void *arg)
{
	(void)s;
	sent_parcel = p;
	sent_judged = judged;
	sent_arg = arg;
}

static void
sink_cancel(struct sink *s, struct parcel *p)
{
	(void)s;
	assert_ptr_equal(p, sent_parcel);
	sent_parcel = NULL;
}

static void
sink_free(struct sink *s)
{
	(void)s;
}

static const struct sink_ops	 ops = { .type = "fake", .encode = sink_encode, .scratch_new = scratch_new,
	    .scratch_free = free, .send = sink_send, .cancel = sink_cancel, .free = sink_free, .marks_sent = 1 };
static struct sink		 sink = { .ops = &ops, .name = "fake" };

static int
judge(void)
{
	struct parcel	*p = sent_parcel;
	size_t		 i;

	if (p == NULL)
		return 0;
	sent_parcel = NULL;
	for (i = 0; i < p->n; i++) {
		p->items[i].verdict = i < poison ? V_POISON : V_DELIVERED;
		if (i < poison)
			p->items[i].reason = xstrdup("bad");
	}
	sent_judged(sent_arg, p);
	return 1;
}

/* ---- stories ------------------------------------------------------------------------------------------------------ */

static struct output	*o;
static unsigned		 told_broken, told_stopped;

static void
turn(void)
{
	do
		fake_turn();
	while (answer() || judge());
}

static void
pass(int64_t ms)
{
	while (ms > 0) {
		fake_pass(ms > 1000 ? 1000 : ms);
		turn();
		ms -= 1000;
	}
}

static const struct feed_names *
names(void *arg, int feed)
{
	static const struct feed_names	 n = { "g", "t", NULL, "audit.exchange", NULL };

	(void)arg;
	(void)feed;
	return &n;
}

static void
on_broken(void *arg, const struct err *e)
{
	(void)arg;
	assert_string_equal(e->text, "the disk is gone");
	told_broken++;
}

static void
on_stopped(void *arg)
{
	(void)arg;
	told_stopped++;
}

static int
set_up(void **state)
{
	struct record	 r = { .bytes = "{}", .len = 2 };

	(void)state;
	log_open(LOG_ERROR, LOG_TEXT);
	memset(fail, 0, sizeof(fail));
	memset(calls, 0, sizeof(calls));
	memset(&asked, 0, sizeof(asked));
	delivered = dead = poison = told_broken = told_stopped = 0;
	sent_parcel = NULL;
	buf_reset(&body);
	for (r.id[0] = 0; r.id[0] < 3; r.id[0]++)
		record_add(&body, &r);
	o = output_new(&(struct output_opts){ .name = "fake", .sink = &sink, .batch_bytes = 1000, .concurrency = 1,
	    .feed_names = names, .on_broken = on_broken });
	return 0;
}

static void
tear_down_fakes(void)
{
	buf_clear(&body);
	fake_close();
	counters_clear();
}

static int
tear_down(void **state)
{
	(void)state;
	output_stop(o, 0, on_stopped, NULL);
	pass(10);
	if (told_stopped != 1)
		return -1;
	output_free(o);
	tear_down_fakes();
	return 0;
}

static void
a_sink_need_not_be_http(void **state)
{
	(void)state;
	poison = 1;
	output_bell(o);
	turn();
	assert_int_equal(delivered, 2);
	assert_int_equal(dead, 1);
	assert_int_equal(calls[SENT], 1);
	assert_int_equal(calls[DONE], 2);
	assert_true(output_idle(o));
}

static void
a_broken_store_stops_everything_and_is_told_once(void **state)
{
	enum call	 call;

	for (call = PEEK; call < CALLS; call++) {
		if (call != PEEK) {
			tear_down(state);
			set_up(state);
		}
		fail[call] = STORE_BROKEN;
		output_bell(o);
		turn();
		assert_int_equal(told_broken, 1);
		assert_int_equal(calls[call], 1);
		assert_int_equal(calls[DONE], call == DONE);
		assert_false(output_idle(o));
		fail[call] = STORE_OK;
		output_bell(o);
		output_kick(o);
		pass(600000);
		assert_int_equal(told_broken, 1);
		assert_int_equal(calls[call], 1);
		assert_int_equal(delivered, 0);
	}
}

static void
a_broken_daemon_may_free_it_whatever_it_waits_for(void **state)
{
	(void)state;
	output_bell(o);
	fake_turn();			/* asked the store */
	output_free(o);
	asked.cb = NULL;
	tear_down_fakes();
	set_up(state);
	output_bell(o);
	fake_turn();
	answer();			/* peeked */
	answer();			/* marked */
	fake_turn();			/* encoded, with the sink */
	assert_non_null(sent_parcel);
	output_free(o);
	assert_null(sent_parcel);
	tear_down_fakes();
	set_up(state);
}

static void
burying_goes_on_when_dead_letters_have_room_again(void **state)
{
	(void)state;
	poison = 3;
	fail[DONE] = STORE_FULL;
	output_bell(o);
	turn();
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	pass(29000);
	assert_int_equal(calls[DONE], 1);
	pass(2000);
	assert_int_equal(calls[DONE], 2);
	fail[DONE] = STORE_OK;
	output_kick(o);
	turn();
	assert_int_equal(dead, 3);
	assert_int_equal(output_state(o), OUTPUT_IDLE);
	assert_true(output_idle(o));
}

static void
a_delivery_that_cannot_be_noted_now_is_noted_later_and_not_sent_again(void **state)
{
	(void)state;
	fail[DONE] = STORE_FULL;
	output_bell(o);
	turn();
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	fail[DONE] = STORE_OK;
	pass(31000);
	assert_int_equal(delivered, 3);
	assert_int_equal(calls[SENT], 1);
	assert_int_equal(counter_sum(C_DEST_REQUESTS), 1);
	assert_true(output_idle(o));
}

static void
nothing_leaves_while_it_cannot_be_marked(void **state)
{
	(void)state;
	fail[SENT] = STORE_FULL;
	output_bell(o);
	turn();
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_int_equal(calls[SENT], 1);
	assert_int_equal(counter_sum(C_DEST_REQUESTS), 0);
	fail[SENT] = STORE_OK;
	pass(31000);
	assert_int_equal(calls[SENT], 2);
	assert_int_equal(delivered, 3);
	assert_true(output_idle(o));
}

#define story(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		story(a_sink_need_not_be_http),
		story(a_broken_store_stops_everything_and_is_told_once),
		story(a_broken_daemon_may_free_it_whatever_it_waits_for),
		story(burying_goes_on_when_dead_letters_have_room_again),
		story(a_delivery_that_cannot_be_noted_now_is_noted_later_and_not_sent_again),
		story(nothing_leaves_while_it_cannot_be_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
