/*
 * oracle - what was listed must arrive, and nothing else.
 */
#include "element.h"
#include "graph.h"
#include "oracle.h"
#include "source.h"
#include "span.h"
#include "when.h"

#define SAMPLES 20

static struct debt *
debt_of(struct oracle *o, uint32_t number)
{
	if (number >= o->room) {
		size_t	 room = o->room ? o->room * 2 : 4096;

		while (room <= number)
			room *= 2;
		o->debts = sim_grow(o->debts, room, sizeof(*o->debts));
		memset(o->debts + o->room, 0, (room - o->room) * sizeof(*o->debts));
		o->room = room;
	}
	return &o->debts[number];
}

static void
remember_repeat(struct oracle *o, struct debt *e, uint32_t blob, uint32_t ordinal)
{
	if (o->nrepeats == o->repeats_room) {
		o->repeats_room = o->repeats_room ? o->repeats_room * 2 : 256;
		o->repeats = sim_grow(o->repeats, o->repeats_room, sizeof(*o->repeats));
	}
	o->repeats[o->nrepeats++] = (struct repeat){ blob, ordinal, e->repeats };
	e->repeats = (uint32_t)o->nrepeats;
}

void
oracle_listed(struct oracle *o, const struct blobs *blobs, struct blob *b)
{
	uint32_t	 i;

	if (b->listings++ > 0)
		return;
	o->blobs++;
	for (i = 0; i < b->records; i++) {
		struct duty	 d;
		struct debt	*e;
		int		 fresh;

		blob_duty(blobs, b, i, &d);
		e = debt_of(o, keytab_add(&o->keys, d.key, &fresh));
		if (e->listed == 0) {
			e->blob = b->number;
			e->ordinal = i;
			e->digest = d.digest;
			e->named = (uint8_t)d.named;
			e->marked = (uint8_t)d.marked;
			e->dead = (uint8_t)d.dead;
		} else if (d.named) {
			if (e->digest == d.digest)
				o->repeats_same++;
			else
				o->repeats_changed++;
		}
		if (e->listed > 0 && e->digest != d.digest)
			remember_repeat(o, e, b->number, i);
		if (!d.dead)
			e->dead = 0;
		e->listed++;
		o->records++;
	}
}

uint32_t
oracle_number(struct oracle *o, const char *id, size_t id_len, const char *bytes, size_t len)
{
	struct key	 k;

	if (o->graph != NULL && graph_key(o->graph, id, id_len, bytes, len, &k))
		return keytab_add(&o->keys, k, NULL);		/* no debt of ours, but a number */
	if (id_usable(id, id_len))
		k = key_folded('i', id, id_len);
	else if (!marker_find(bytes, len, &k))
		k = element_key(bytes, len);
	return keytab_find(&o->keys, k);
}

static struct debt *
debt_for(struct oracle *o, const char *id, size_t id_len, const char *bytes, size_t len)
{
	uint32_t	 at = oracle_number(o, id, id_len, bytes, len);

	return at == KEYTAB_NONE ? NULL : debt_of(o, at);
}

static enum likeness
like(const struct blobs *blobs, uint32_t blob, uint32_t ordinal, const struct piece *came)
{
	struct text	 served = { NULL, 0, 0 }, t = { NULL, 0, 0 }, c = { NULL, 0, 0 };
	struct piece	 p;
	enum likeness	 how = OTHER;

	source_record(blobs, blobs->all[blob - 1], ordinal, &served);
	p = (struct piece){ text_str(&served), served.len };
	span_spaced(&p, &t);
	if (t.len == came->len && memcmp(t.bytes, came->at, t.len) == 0) {
		how = SAME;
	} else {
		text_reset(&t);
		span_compact(&p, &t);
		span_compact(came, &c);
		if (t.len == c.len && memcmp(t.bytes, c.bytes, t.len) == 0)
			how = SPACING;
	}
	text_clear(&served);
	text_clear(&t);
	text_clear(&c);
	return how;
}

enum likeness
oracle_compare(struct oracle *o, const struct blobs *blobs, uint32_t number, const struct piece *came)
{
	const struct debt	*e = debt_of(o, number);
	enum likeness		 best;
	uint32_t		 at;

	if (e->blob == 0)
		return SAME;			/* Graph's rows travel in an envelope, which nobody served */
	best = like(blobs, e->blob, e->ordinal, came);
	for (at = e->repeats; best != SAME && at != 0; at = o->repeats[at - 1].next) {
		enum likeness	 other = like(blobs, o->repeats[at - 1].blob, o->repeats[at - 1].ordinal, came);

		best = other < best ? other : best;
	}
	return best;
}

static void
stranger(struct oracle *o, enum place where, const char *id, size_t id_len, const char *bytes, size_t len)
{
	struct text	*t = &o->strangers[where];

	o->unexpected[where]++;
	if (o->nstrangers[where]++ >= SAMPLES)
		return;
	if (t->len > 0)
		text_addc(t, ',');
	if (id != NULL && id_len < 200)
		text_json(t, id, id_len);
	else
		text_json(t, bytes, len < 80 ? len : 80);
}

int
oracle_came(struct oracle *o, enum place where, const char *id, size_t id_len, const char *bytes, size_t len)
{
	struct debt	*e;
	int		 graph = o->graph != NULL ? graph_came(o->graph, where, id, id_len, bytes, len) : -1;

	o->docs[where]++;
	if (graph != -1)
		return graph;
	e = debt_for(o, id, id_len, bytes, len);
	if (e != NULL && e->listed > 0) {
		e->came[where]++;
		return e->came[where] > (e->named ? 1 : e->listed) ? 2 : 1;
	}
	if (id_usable(id, id_len))
		stranger(o, where, id, id_len, bytes, len);
	else
		o->nameless[where]++;		/* mapped from an event that carries no name: only their number counts */
	return 0;
}

void
oracle_refused(struct oracle *o, enum place where, const char *id, size_t id_len, const char *bytes, size_t len)
{
	struct debt	*e = debt_for(o, id, id_len, bytes, len);

	if (e != NULL)
		e->refused[where]++;
}

void
oracle_forget(struct oracle *o, enum place where)
{
	size_t	 i;

	for (i = 0; i < o->keys.n && i < o->room; i++) {
		o->debts[i].came[where] = 0;
		o->debts[i].refused[where] = 0;
	}
	if (o->graph != NULL)
		graph_forget(o->graph, where);
	o->unexpected[where] = o->nameless[where] = o->docs[where] = 0;
	text_clear(&o->strangers[where]);
	o->nstrangers[where] = 0;
}

/* From which record on a blob cannot be read; its number of records if it can. */
static uint32_t
readable(const struct blob *b, const struct faults *f)
{
	uint32_t	 cut = b->records < 40 ? b->records : 40;

	if (b->served > 0)
		return b->records;
	if (fault_blob_on(f, F_BLOB_BROKEN, b->number))
		return cut > 0 ? cut - 1 : 0;
	if (b->told_lost || fault_blob_on(f, F_BLOB_500_FOREVER, b->number) ||
	    fault_blob_on(f, F_BLOB_EXPIRED, b->number) || fault_blob_on(f, F_BLOB_MISSING, b->number) ||
	    b->expires <= when_now())
		return 0;
	if (b->kind == BLOB_ELEMENTS && b->records == 1 && !b->elements[0].balanced)
		return 0;
	return b->records;
}

static void
find_lost(struct oracle *o, const struct blobs *blobs, const struct faults *f)
{
	size_t		 i;
	uint32_t	 k;

	for (i = 0; i < o->keys.n; i++)
		debt_of(o, (uint32_t)i)->lost = 0;
	for (i = 0; i < blobs->n; i++) {
		const struct blob	*b = blobs->all[i];

		for (k = b->listings > 0 ? readable(b, f) : b->records; k < b->records; k++) {
			struct duty	 d;
			uint32_t	 at;

			blob_duty(blobs, b, k, &d);
			if ((at = keytab_find(&o->keys, d.key)) != KEYTAB_NONE)
				debt_of(o, at)->lost++;
		}
	}
}

static void
sample(struct text *t, const struct blobs *blobs, const struct debt *e)
{
	struct text	 name = { NULL, 0, 0 };

	blob_name(blobs, blobs->all[e->blob - 1], e->ordinal, &name);
	if (t->len > 0)
		text_addc(t, ',');
	text_json(t, name.bytes, name.len);
	text_clear(&name);
}

/* An event that Splunk would not take: a dead letter there and only there. */
static int
over_hec(const struct blobs *blobs, const struct debt *e)
{
	struct text	 served = { NULL, 0, 0 }, t = { NULL, 0, 0 };
	struct piece	 p;
	int		 over;

	source_record(blobs, blobs->all[e->blob - 1], e->ordinal, &served);
	p = (struct piece){ text_str(&served), served.len };
	span_spaced(&p, &t);
	over = t.len > HEC_MAX_EVENT;
	text_clear(&served);
	text_clear(&t);
	return over;
}

void
oracle_balance(struct oracle *o, const struct blobs *blobs, const struct faults *f, enum place where, struct balance *b)
{
	size_t		 i;
	uint64_t	 nameless_missing;
	uint32_t	 due, came;

	memset(b, 0, sizeof(*b));
	find_lost(o, blobs, f);
	for (i = 0; i < o->keys.n; i++) {
		struct debt	*e = debt_of(o, (uint32_t)i);

		came = e->came[where];
		if (e->dead) {
			b->dead_expected += e->listed;
			b->dead_delivered += came;
			continue;
		}
		due = e->listed - (e->lost < e->listed ? e->lost : e->listed);
		if (e->named && due > 1)
			due = 1;
		if (due == 0)
			b->lost_expected += e->named ? 1 : e->listed;
		b->due += due;
		if (!e->named && !e->marked) {
			b->nameless_due += due > came ? due - came : 0;
			b->matched += came < due ? came : due;
			continue;
		}
		b->matched += came < due ? came : due;
		if (came < due && e->refused[where] > 0) {
			b->refused += due - came;
		} else if (came < due && where >= AT_HEC && over_hec(blobs, e)) {
			b->too_big += due - came;
		} else if (came < due) {
			if (b->missing < SAMPLES)
				sample(&b->missing_ids, blobs, e);
			b->missing += due - came;
		}
		if (came > (e->named ? 1 : e->listed)) {
			if (b->twice < SAMPLES)
				sample(&b->twice_ids, blobs, e);
			b->twice += came - (e->named ? 1 : e->listed);
		}
	}
	/* Nameless ones are matched by their number alone. */
	nameless_missing = b->nameless_due > o->nameless[where] ? b->nameless_due - o->nameless[where] : 0;
	b->missing += nameless_missing;
	b->matched += b->nameless_due - nameless_missing;
}

void
balance_clear(struct balance *b)
{
	text_clear(&b->missing_ids);
	text_clear(&b->twice_ids);
}
