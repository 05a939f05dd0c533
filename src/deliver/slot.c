/*
 * slot - one of the places of an output where a load is under way.
 *
 * Every slot goes round like this:
 *
 *	idle -> peek -> linger -> sift -> gate -> mark -> encode -> send -> judge -> commit -> bury -> rest
 *	  ^      ^        |        ^                                                            |
 *	  |      +--------+        +------------ records of the load are left -----------------+
 *	  +------------------------------------- all of the load is delivered or buried --------+
 *
 * idle     nothing is owed, or the gate is closed, or another slot is looking into the store
 * peek     batches that no slot holds yet; only one slot looks at a time
 * linger   too little for a parcel: wait for company until the oldest record has waited linger_ms
 * gate     waits until the destination may be tried (gate.h) and the pace lets one more go (pace.h)
 * mark     the load's batches are marked as sent, once, before a byte leaves (sinks with marks_sent)
 * encode   on a worker; takes from the front of the load what fits into a parcel
 * judge    one verdict per record, one decision for the gate
 * commit   what is delivered; bury: what is poison, in a done of its own, because dead letters may be at their cap
 * room     a load with a record over LOAD_LARGE was put back: it is read again when no other slot of the process
 *          holds such a one and the gate is open
 *
 * Waking is always by the wake timer, so nothing is driven from inside somebody else's call.
 */
#include "deliver/slot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/crash_point.h"
#include "base/held.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "deliver/settle.h"

#define ROOM_EVERY_MS	1000

enum flow { FLOW_ON, FLOW_WAIT };

struct step {
	const char	*name;
	enum flow	(*run)(struct slot *);
	enum slot_look	 look;
};

/* A record over LOAD_LARGE costs a multiple of itself while it is encoded: one slot of all outputs may hold such a load. */
static const struct slot *large_holder;

static enum flow	idle(struct slot *), peek(struct slot *), linger(struct slot *), room(struct slot *);
static enum flow	sift(struct slot *);
static enum flow	gate(struct slot *), mark(struct slot *), encode(struct slot *), send_parcel(struct slot *);
static enum flow	judge(struct slot *), commit(struct slot *), bury(struct slot *), rest(struct slot *);
static enum flow	stopped(struct slot *);

static const struct step
    IDLE = { "idle", idle, SLOT_IDLE }, PEEK = { "peek", peek, SLOT_WAITING },
    LINGER = { "linger", linger, SLOT_WAITING }, ROOM = { "room", room, SLOT_WAITING },
    SIFT = { "sift", sift, SLOT_WAITING }, GATE = { "gate", gate, SLOT_WAITING }, MARK = { "mark", mark, SLOT_SENDING },
    ENCODE = { "encode", encode, SLOT_SENDING }, SEND = { "send", send_parcel, SLOT_SENDING },
    JUDGE = { "judge", judge, SLOT_SENDING }, COMMIT = { "commit", commit, SLOT_SENDING },
    BURY = { "bury", bury, SLOT_SENDING }, REST = { "rest", rest, SLOT_SENDING },
    STOPPED = { "stopped", stopped, SLOT_STOPPED };

static void	go(struct slot *, const struct step *);
static void	on_slot_timer(void *);
static void	on_peeked(void *, struct store_result *), on_marked(void *, struct store_result *);
static void	on_done(void *, struct store_result *);
static void	run_encode(void *), on_encoded(void *);
static void	run_sift(void *), on_sifted(void *);
static void	on_judged(void *, struct parcel *);
static int	at_rest(struct slot *);
static unsigned	working(const struct output *, const struct slot *), sending(const struct output *);
static void	store_failed(struct slot *, const struct store_result *);
static void	lay_down(struct slot *), scratch_free(struct slot *);
static void	*scratch_get(struct output *);
static enum flow put_back(struct slot *);
static size_t	want(const struct output *);
static enum flow account(struct slot *, int dead, const struct step *next);

void
slot_init(struct slot *s, struct output *o)
{
	s->o = o;
	s->at = &IDLE;
	timer_init(&s->timer, o->opts.loop, on_slot_timer, s);
}

void
slot_end(struct slot *s)
{
	slot_recall(s);
	timer_clear(&s->timer);
	lay_down(s);
	scratch_free(s);
}

static void
scratch_free(struct slot *s)
{
	if (s->scratch != NULL)
		s->o->opts.sink->ops->scratch_free(s->scratch);
	s->scratch = NULL;
}

void
slot_drive(struct slot *s)
{
	while (!s->waiting && s->at->run(s) == FLOW_ON)
		continue;
	output_pause(s->o);
}

void
slot_recall(struct slot *s)
{
	if (s->at != &SEND || !s->waiting)
		return;
	s->o->opts.sink->ops->cancel(s->o->opts.sink, &s->parcel);
	s->waiting = 0;
	go(s, &STOPPED);
}

enum slot_look
slot_look(const struct slot *s)
{
	return s->at->look;
}

static void
on_slot_timer(void *arg)
{
	slot_drive(arg);
}

static void
go(struct slot *s, const struct step *to)
{
	s->at = to;
}

static int
at_rest(struct slot *s)
{
	if (!s->o->stopping && s->o->broken.kind == ERR_NONE)
		return 0;
	go(s, &STOPPED);
	output_wake(s->o);
	return 1;
}

/* A parked slot has sent what it has and only waits for an acknowledgement: another one may work meanwhile. */
static unsigned
working(const struct output *o, const struct slot *but)
{
	unsigned	 i, n = 0;

	for (i = 0; i < o->n_slots; i++)
		n += &o->slots[i] != but && !o->slots[i].parcel.parked && slot_look(&o->slots[i]) != SLOT_IDLE ? 1 : 0;
	return n;
}

static unsigned
sending(const struct output *o)
{
	unsigned	 i, n = 0;

	for (i = 0; i < o->n_slots; i++)
		n += !o->slots[i].parcel.parked && slot_look(&o->slots[i]) == SLOT_SENDING ? 1 : 0;
	return n;
}

static void
store_failed(struct slot *s, const struct store_result *r)
{
	if (s->o->broken.kind != ERR_NONE)
		return;
	s->o->broken = r->err;
	if (s->o->broken.kind == ERR_NONE)
		err_set(&s->o->broken, ERR_IO, "the store failed");
	output_wake(s->o);
}

/* Gives back what the slot holds. */
static void
lay_down(struct slot *s)
{
	if (s->o->opts.sink->ops->parcel_clear != NULL)
		s->o->opts.sink->ops->parcel_clear(&s->parcel);
	free(s->parcel.segments);
	buf_clear(&s->parcel.body);
	s->parcel = (struct parcel){ 0 };
	load_clear(&s->load);
	s->max_items = 0;
	s->marked = 0;
	s->sifted = 0;
	if (s->o->peeker == s)
		s->o->peeker = NULL;
	if (large_holder == s)
		large_holder = NULL;
}

static enum flow
stopped(struct slot *s)
{
	if (s->load.n_batches > 0 || s->o->peeker == s)
		lay_down(s);
	return FLOW_WAIT;
}

/* ---- taking from the store ---------------------------------------------------------------------------------------- */

static size_t
want(const struct output *o)
{
	return o->opts.batch_bytes < OUTPUT_LOAD_MAX ? o->opts.batch_bytes : OUTPUT_LOAD_MAX;
}

static enum flow
idle(struct slot *s)
{
	struct output	*o = s->o;

	if (at_rest(s))
		return FLOW_ON;
	if (!o->owed)
		scratch_free(s);		/* nothing to do, perhaps for long */
	if (!o->owed || o->peeker != NULL || o->gate.state != GATE_OPEN || working(o, s) >= o->pace.now)
		return FLOW_WAIT;
	if (large_holder != NULL && large_holder->o == o)
		return FLOW_WAIT;	/* a second large one would be read only to be put back */
	o->peeker = s;
	go(s, &PEEK);
	return FLOW_ON;
}

static enum flow
peek(struct slot *s)
{
	struct output	*o = s->o;
	int64_t		*skip;
	size_t		 n = 0, have = s->load.bytes, k;
	unsigned	 i;

	for (i = 0; i < o->n_slots; i++)
		n += o->slots[i].load.n_batches;
	skip = xreallocarray(NULL, n + 1, sizeof(*skip));
	for (i = 0, n = 0; i < o->n_slots; i++)
		for (k = 0; k < o->slots[i].load.n_batches; k++)
			skip[n++] = o->slots[i].load.batches[k]->batch;
	o->owed = 0;
	s->waiting = 1;
	store_peek(o->opts.store, o->opts.number, skip, n, want(o) > have ? want(o) - have : 1, on_peeked, s);
	free(skip);
	return FLOW_WAIT;
}

static void
on_peeked(void *arg, struct store_result *r)
{
	struct slot	*s = arg;
	struct output	*o = s->o;
	size_t		 i;

	s->waiting = 0;
	if (r->fail != STORE_OK) {
		store_failed(s, r);
		go(s, &LINGER);
		slot_drive(s);
		return;
	}
	for (i = 0; i < r->n_peeked; i++)
		load_add(&s->load, &r->peeked[i], o->opts.feed_names, o->opts.arg);
	o->owed |= r->more;
	go(s, &LINGER);
	if (s->load.n_batches == 0) {
		lay_down(s);
		gate_passed(&o->gate, s);
		go(s, &IDLE);
		output_wake(o);
		return;
	}
	if (s->load.n_batches == r->n_peeked) {		/* the first look of this load */
		int64_t	 age = clock_wall_ms() - s->load.oldest_ms;
		int64_t	 left = o->opts.linger_ms - (age > 0 ? age : 0);

		s->go_ms = clock_mono_ms() + (left > 0 ? left : 0);
	}
	slot_drive(s);
}

static enum flow
linger(struct slot *s)
{
	struct output	*o = s->o;
	int64_t		 left = s->go_ms - clock_mono_ms();

	if (at_rest(s))
		return FLOW_ON;
	if (s->load.bytes < want(o) && left > 0 && !o->hurry) {
		if (o->owed) {
			go(s, &PEEK);
			return FLOW_ON;
		}
		timer_set(&s->timer, left);
		return FLOW_WAIT;
	}
	o->peeker = NULL;
	output_wake(o);		/* the next slot may look */
	if (s->load.large && large_holder != NULL && large_holder != s)
		return put_back(s);
	if (s->load.large)
		large_holder = s;
	else if (large_holder == s)
		large_holder = NULL;	/* what it came back for was dropped, or is not the first any more */
	go(s, &SIFT);
	return FLOW_ON;
}

/* A large load that cannot leave now must not keep the room: it stays in the store and is read again. */
static enum flow
put_back(struct slot *s)
{
	lay_down(s);
	s->o->owed = 1;
	go(s, &ROOM);
	return FLOW_ON;
}

static enum flow
room(struct slot *s)
{
	struct output	*o = s->o;

	if (at_rest(s))
		return FLOW_ON;
	if (large_holder != NULL)
		timer_set(&s->timer, ROOM_EVERY_MS);
	if (large_holder != NULL || o->peeker != NULL || !gate_may(&o->gate, s))
		return FLOW_WAIT;
	large_holder = s;
	o->peeker = s;
	go(s, &PEEK);
	return FLOW_ON;
}

/* ---- what this output leaves out ------------------------------------------------------------------------------------ */

static enum flow
sift(struct slot *s)
{
	if (at_rest(s))
		return FLOW_ON;
	if (s->o->opts.sift == NULL || s->sifted) {
		go(s, &GATE);
		return FLOW_ON;
	}
	s->waiting = 1;
	work_submit(s->o->opts.work, run_sift, on_sifted, s);
	return FLOW_WAIT;
}

static void
run_sift(void *arg)
{
	struct slot	*s = arg;

	s->n_dropped = load_sift(&s->load, s->o->opts.sift);
	s->sifted = 1;
}

/* What is dropped is settled at once, whether the destination is there or not. */
static void
on_sifted(void *arg)
{
	struct slot	*s = arg;

	s->waiting = 0;
	go(s, &GATE);
	if (s->n_dropped > 0) {
		buf_clear(&s->parcel.body);
		s->parcel = (struct parcel){ .items = s->load.items, .n = s->n_dropped };
		s->fail = STORE_OK;
		go(s, &COMMIT);
	}
	slot_drive(s);
}

/* ---- sending ------------------------------------------------------------------------------------------------------ */

static enum flow
gate(struct slot *s)
{
	assert(s->load.n > 0);
	if (at_rest(s))
		return FLOW_ON;
	if (!gate_may(&s->o->gate, s))
		return s->load.large ? put_back(s) : FLOW_WAIT;
	if (sending(s->o) >= s->o->pace.now)
		return FLOW_WAIT;
	go(s, &MARK);
	return FLOW_ON;
}

static enum flow
mark(struct slot *s)
{
	struct output	*o = s->o;
	int64_t		*batches;
	size_t		 i, n = 0;

	if (s->marked || !o->opts.sink->ops->marks_sent) {
		go(s, &ENCODE);
		return FLOW_ON;
	}
	batches = xreallocarray(NULL, s->load.n_batches, sizeof(*batches));
	for (i = 0; i < s->load.n_batches; i++)
		if (!s->load.batches[i]->sent)
			batches[n++] = s->load.batches[i]->batch;
	s->marked = 1;
	if (n > 0) {
		s->waiting = 1;
		store_sent(o->opts.store, o->opts.number, batches, n, on_marked, s);
	}
	free(batches);
	return n > 0 ? FLOW_WAIT : FLOW_ON;
}

static void
on_marked(void *arg, struct store_result *r)
{
	struct slot	*s = arg;

	crash_point(CRASH_SENT_HEARD);
	s->waiting = 0;
	if (r->fail == STORE_FULL) {		/* nothing left, so nothing is lost: it is marked when there is room */
		s->marked = 0;
		if (gate_hold(&s->o->gate, s, 0, "the store is full"))
			log_warn("output-hold", "%s: holds, nothing is dropped: %s", s->o->name, s->o->gate.why);
	} else if (r->fail == STORE_BROKEN) {
		store_failed(s, r);
	}
	if (r->fail != STORE_OK)
		go(s, &GATE);
	slot_drive(s);
}

/*
 * Records that have killed the process twice in a row come to no worker any more. One at the front of the load makes a parcel
 * that is judged already; how many may be encoded before the next one is in s->parcel.n.
 */
static int
condemned(struct slot *s)
{
	struct parcel	*p = &s->parcel;
	const char	*signal;
	size_t		 i;

	for (i = 0; i < p->n; i++) {
		if ((signal = held_poison(&p->items[i].record, s->o->opts.number)) == NULL)
			continue;
		if (i > 0)
			break;
		p->items[0].verdict = V_POISON;
		p->items[0].reason = xasprintf("poison: m365fwd died of %s twice in a row while it worked on this record", signal);
		p->items[0].word = "poison";
		p->n = 1;
		return 1;
	}
	p->n = i;
	return 0;
}

/* That of a parked slot, which may wait long and has encoded what it had to, or a new one. */
static void *
scratch_get(struct output *o)
{
	unsigned	 i;
	void		*scratch;

	for (i = 0; i < o->n_slots; i++)
		if (o->slots[i].parcel.parked && o->slots[i].scratch != NULL) {
			scratch = o->slots[i].scratch;
			o->slots[i].scratch = NULL;
			return scratch;
		}
	return o->opts.sink->ops->scratch_new(o->opts.sink);
}

static enum flow
encode(struct slot *s)
{
	struct output	*o = s->o;
	struct parcel	*p = &s->parcel;

	if (s->scratch == NULL)
		s->scratch = scratch_get(o);
	buf_reset(&p->body);
	*p = (struct parcel){ .items = s->load.items, .n = s->load.n, .body = p->body, .retry_after_ms = -1,
	    .max_bytes = o->opts.batch_bytes, .now_ms = clock_wall_ms() };
	if (s->max_items > 0 && p->n > s->max_items)
		p->n = s->max_items;
	if (o->limit_bytes > 0 && p->max_bytes > o->limit_bytes)
		p->max_bytes = o->limit_bytes;
	if (condemned(s)) {
		s->fail = STORE_OK;
		go(s, &COMMIT);
		return FLOW_ON;
	}
	s->waiting = 1;
	work_submit(o->opts.work, run_encode, on_encoded, s);
	return FLOW_WAIT;
}

static void
run_encode(void *arg)
{
	struct slot		*s = arg;
	const struct sink	*sink = s->o->opts.sink;

	held_for(s->o->opts.number);
	sink->ops->encode(sink, s->scratch, &s->parcel);
}

static void
on_encoded(void *arg)
{
	struct slot	*s = arg;

	s->waiting = 0;
	assert(s->parcel.n > 0);
	go(s, &SEND);
	slot_drive(s);
}

static enum flow
send_parcel(struct slot *s)
{
	struct sink	*sink = s->o->opts.sink;

	if (at_rest(s))
		return FLOW_ON;
	s->waiting = 1;
	s->sent_ms = clock_mono_ms();
#ifdef M365FWD_CRASH_POINTS
	if (crash_control())
		store_done(s->o->opts.store, settle_unanswered(s), NULL, NULL);
#endif
	sink->ops->send(sink, &s->parcel, on_judged, s);
	return FLOW_WAIT;
}

static void
on_judged(void *arg, struct parcel *p)
{
	struct slot	*s = arg;

	assert(p == &s->parcel);
	s->waiting = 0;
	p->parked = 0;
	go(s, &JUDGE);
	slot_drive(s);
}

/* ---- what became of it -------------------------------------------------------------------------------------------- */

static enum flow
judge(struct slot *s)
{
	settle_judge(s);
	s->fail = STORE_OK;
	go(s, &COMMIT);
	return FLOW_ON;
}

static enum flow
commit(struct slot *s)
{
	return account(s, 0, &BURY);
}

static enum flow
bury(struct slot *s)
{
	return account(s, 1, &REST);
}

/* Asks for the done-transaction of one kind; at its cap, asks again when the gate lets us. */
static enum flow
account(struct slot *s, int dead, const struct step *next)
{
	if (!settle_any(s, dead)) {
		go(s, next);
		return FLOW_ON;
	}
	if (s->o->broken.kind != ERR_NONE || s->fail == STORE_FULL) {
		if (at_rest(s))
			return FLOW_ON;
		if (!gate_may(&s->o->gate, s))
			return FLOW_WAIT;
	}
	s->waiting = 1;
	store_done(s->o->opts.store, settle_done(s, dead), on_done, s);
	crash_point(CRASH_DONE_QUEUED);
	return FLOW_WAIT;
}

static void
on_done(void *arg, struct store_result *r)
{
	struct slot	*s = arg;
	struct output	*o = s->o;
	int		 dead = s->at == &BURY, was_full = s->fail == STORE_FULL;

	s->waiting = 0;
	s->fail = r->fail;
	switch (r->fail) {
	case STORE_OK:
		crash_point(CRASH_DONE_HEARD);
		settle_tell(s, dead);
		go(s, dead ? &REST : &BURY);
		if (was_full && gate_passed(&o->gate, s)) {
			log_info("output-sound", "%s: dead letters have room again", o->name);
			output_wake(o);
		}
		break;
	case STORE_FULL:
		if (gate_hold(&o->gate, s, 0, dead ? "dead letters are at their cap (dead_letters.max): "
		    "look at them with \"m365fwd dead list\" and drop or retry them" : "the store is full"))
			log_warn("output-hold", "%s: holds, nothing is dropped: %s", o->name, o->gate.why);
		break;
	case STORE_BROKEN:
		store_failed(s, r);
		break;
	}
	slot_drive(s);
}

static enum flow
rest(struct slot *s)
{
	struct parcel	*p = &s->parcel;

	load_settle(&s->load, p->n);
	if (s->o->opts.sink->ops->parcel_clear != NULL)
		s->o->opts.sink->ops->parcel_clear(p);
	free(p->segments);
	p->segments = NULL;
	p->n_segments = 0;
	p->n = 0;
	output_wake(s->o);
	if (s->load.n > 0) {
		go(s, &GATE);
		return FLOW_ON;
	}
	lay_down(s);
	go(s, &IDLE);
	return FLOW_ON;
}
