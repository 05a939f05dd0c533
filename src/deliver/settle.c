/*
 * settle - what the verdicts on a parcel mean: for the gate, the pace and the size of what follows, for the store, for the counters.
 */
#include "deliver/settle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/xalloc.h"

#define SMALLEST_LIMIT	4096
#define LIMIT_KEEPS_MS	(10 * 60 * 1000)
#define SUSPECT_TRIES	30
#define ALONE_MAX	3

/* ---- what it means for what follows --------------------------------------------------------------------------------- */

/*
 * An item that the cluster keeps answering with its own failure, although records sent together with it were taken: in
 * the end it is the record. It must not keep the rest waiting for ever. Nor must one that is sent alone and refused by
 * something in between, if others passed at any time before; after a few of those with nothing accepted it is hardly the
 * records.
 */
static void
suspect(struct slot *s, struct parcel_item *item, int some)
{
	struct output	*o = s->o;
	int		 alone = !some && item->suspect == SUSPECT_ALONE && o->last_success_ms != 0 &&
			    o->buried_alone < ALONE_MAX;

	if ((!some && !alone) || ++item->tries < SUSPECT_TRIES)
		return;
	o->buried_alone += alone ? 1 : 0;
	item->verdict = V_POISON;
	item->reason = xasprintf("failed %u times: %s", item->tries, s->parcel.why);
	item->word = "failed-too-often";
}

/* The load at hand goes on in halves; if size was the reason, so do later ones for a while. */
static void
shrink(struct slot *s)
{
	struct output	*o = s->o;

	s->max_items = s->parcel.n / 2;
	if (!s->parcel.too_large)
		return;
	o->limit_bytes = s->parcel.raw_bytes / 2 > SMALLEST_LIMIT ? s->parcel.raw_bytes / 2 : SMALLEST_LIMIT;
	o->limit_until_ms = clock_mono_ms() + LIMIT_KEEPS_MS;
	log_info("output-smaller", "%s: requests of at most bytes=%zu from now on: %s", o->name, o->limit_bytes,
	    s->parcel.why);
}

static void
grow(struct slot *s)
{
	struct output	*o = s->o;

	s->max_items *= 2;
	if (o->limit_bytes == 0 || clock_mono_ms() < o->limit_until_ms)
		return;
	o->limit_bytes *= 2;
	o->limit_until_ms = clock_mono_ms() + LIMIT_KEEPS_MS / 10;
	if (o->limit_bytes >= o->opts.batch_bytes)
		o->limit_bytes = 0;
}

/* One decision for the whole output: the worst of what was said. */
static void
decide(struct slot *s, const size_t seen[])
{
	struct output	*o = s->o;
	struct parcel	*p = &s->parcel;

	if (seen[V_NONE] > 0)
		return;			/* they were not sent: nothing is known yet */
	if (seen[V_HOLD] > 0) {
		if (gate_hold(&o->gate, s, p->permission, p->why))
			log_warn("output-hold", "%s: holds, nothing is dropped, tries again every 30 s to 5 min: %s",
			    o->name, o->gate.why);
	} else if (seen[V_AGAIN] > 0 && p->at_once) {
		log_debug("output-at-once", "%s: again at once: %s", o->name, p->why);
	} else if (seen[V_AGAIN] > 0) {
		if (gate_again(&o->gate, s, p->retry_after_ms, seen[V_DELIVERED] * 2 >= p->n, p->why))
			log_warn("output-again", "%s: tries again after a pause: %s", o->name, o->gate.why);
	} else if (gate_passed(&o->gate, s)) {
		log_info("output-sound", "%s: takes records again", o->name);
		output_wake(o);
	}
	if (p->throttled && pace_slower(&o->pace, s->sent_ms, clock_mono_ms()))
		log_info("output-slower", "%s: busy, requests=%u at a time from now on", o->name, o->pace.now);
	if (seen[V_SPLIT] > 0)
		shrink(s);
	else if (seen[V_AGAIN] + seen[V_HOLD] == 0) {
		grow(s);
		if (!p->throttled && pace_faster(&o->pace))
			output_wake(o);
	}
}

/* What one item alone says of itself, then one decision for the whole output. */
void
settle_judge(struct slot *s)
{
	struct parcel	*p = &s->parcel;
	size_t		 seen[V_HOLD + 1] = { 0 }, i;
	int		 some = s->load.some_passed;

	for (i = 0; i < p->n; i++)
		some |= p->items[i].verdict == V_DELIVERED || p->items[i].verdict == V_DUPLICATE;
	for (i = 0; i < p->n; i++) {
		if (p->items[i].suspect)
			suspect(s, &p->items[i], some);
		seen[p->items[i].verdict]++;
	}
	assert(seen[V_NONE] < p->n && (seen[V_SPLIT] == 0 || p->n > 1));
	count(C_DEST_REQUESTS, 1, s->o->name, p->code, NULL);
	count(C_DEST_BYTES, p->body.len, s->o->name, NULL, NULL);
	count(C_DELIVERED, seen[V_AGAIN] + seen[V_UNREAD] + seen[V_SPLIT] + seen[V_HOLD], s->o->name, "again", NULL);
	decide(s, seen);
}

/* ---- what the store is told ---------------------------------------------------------------------------------------- */

static int
is_of_kind(const struct parcel_item *item, int dead)
{
	return dead ? item->verdict == V_POISON : item->verdict == V_DELIVERED || item->verdict == V_DUPLICATE ||
	    item->verdict == V_DROPPED;
}

int
settle_any(const struct slot *s, int dead)
{
	for (size_t i = 0; i < s->parcel.n; i++)
		if (is_of_kind(&s->parcel.items[i], dead))
			return 1;
	return 0;
}

struct done *
settle_done(const struct slot *s, int dead)
{
	const struct parcel		*p = &s->parcel;
	const struct parcel_item	*item;
	struct done			*d = done_new(s->o->opts.number);
	size_t				 i;

	for (i = 0; i < p->n; i++) {
		item = &p->items[i];
		if (is_of_kind(item, dead))
			done_add(d, item->batch->batch, item->pos, dead ? DONE_DEAD :
			    item->verdict == V_DROPPED ? DONE_DROPPED : DONE_DELIVERED, item->record.id,
			    item->record.second, item->reason, item->reply);
	}
	if (!dead && p->n_segments > 0) {
		d->segments = xreallocarray(NULL, p->n_segments, sizeof(*d->segments));
		memcpy(d->segments, p->segments, p->n_segments * sizeof(*d->segments));
		d->n_segments = p->n_segments;
	}
	return d;
}

#ifdef M365FWD_CRASH_POINTS
struct done *
settle_unanswered(const struct slot *s)
{
	struct done	*d = done_new(s->o->opts.number);

	for (size_t i = 0; i < s->parcel.n; i++)
		done_add(d, s->parcel.items[i].batch->batch, s->parcel.items[i].pos, DONE_DELIVERED, s->parcel.items[i].record.id,
		    s->parcel.items[i].record.second, NULL, NULL);
	return d;
}
#endif

/* Counted when it is durable, not before. */
void
settle_tell(struct slot *s, int dead)
{
	struct output	*o = s->o;
	struct parcel	*p = &s->parcel;
	uint64_t	 n[2] = { 0, 0 };
	const char	*word = NULL;
	size_t		 i;

	for (i = 0; i < p->n; i++) {
		if (!is_of_kind(&p->items[i], dead))
			continue;
		if (p->items[i].verdict == V_DROPPED) {
			o->dropped++;
			count(C_SIFTED, 1, o->name, p->items[i].word, NULL);
			continue;
		}
		o->redacted += p->items[i].redacted;
		count(C_REDACTED, p->items[i].redacted, o->name, NULL, NULL);
		n[p->items[i].verdict == V_DUPLICATE]++;
		if (dead) {
			word = p->items[i].word != NULL ? p->items[i].word : "other";
			count(C_DEAD, 1, o->name, word, NULL);
		}
	}
	if (dead) {
		o->dead += n[0];
		count(C_DELIVERED, n[0], o->name, "dead", NULL);
		log_warn("output-dead", "%s: refused for good, now dead letters: records=%llu reason=%s", o->name,
		    (unsigned long long)n[0], word);
	} else {
		o->delivered += n[0];
		o->duplicates += n[1];
		o->redirected += p->redirected;
		if (n[0] + n[1] > 0) {
			o->last_success_ms = clock_wall_ms();
			o->buried_alone = 0;
		}
		count(C_DELIVERED, n[0] - p->redirected, o->name, "delivered", NULL);
		count(C_DELIVERED, n[1], o->name, "duplicate", NULL);
		count(C_DELIVERED, p->redirected, o->name, "redirected", NULL);
	}
	if (o->opts.on_progress != NULL)
		o->opts.on_progress(o->opts.arg);
}
