/*
 * hec_index - a body into envelopes, one after the other; each is judged, and kept until one is refused.
 *
 * What Splunk does, with its traps: what stands before the refused object is indexed, it and the rest are not. An
 * envelope with a key that HEC does not know ends the reading without a word; one with fields and no event is a metric.
 */
#include <stdlib.h>

#include "sim.h"
#include "span.h"

enum envelope_key { TIME, HOST, SOURCE, SOURCETYPE, INDEX, EVENT, FIELDS, NKEYS };

static const char *const key_names[NKEYS] = { "time", "host", "source", "sourcetype", "index", "event", "fields" };

struct envelope {
	struct piece	 all, member[NKEYS];
	int		 stranger;		/* has a key that HEC does not know */
};

enum verdict { V_TAKEN, V_SKIPPED, V_STOPS, V_REFUSED };

static void
sample(struct hec *h, const char *why, const struct piece *p)
{
	struct text	*t = &h->samples;

	if (h->nsamples++ >= 20)
		return;
	text_addf(t, "%s{\"why\":\"%s\",\"bytes\":", t->len > 0 ? "," : "", why);
	text_json(t, p->at, p->len < 300 ? p->len : 300);
	LIT(t, "}");
}

static void
read_members(struct envelope *e)
{
	const char	*at = e->all.at + 1, *end = e->all.at + e->all.len;
	struct member	 m;
	int		 k;

	while (span_member(&at, end, &m)) {
		for (k = 0; k < NKEYS && !span_named(&m, key_names[k]); k++)
			continue;
		if (k < NKEYS)
			e->member[k] = m.value;
		else
			e->stranger = 1;
	}
}

/* The next object of the body; 0: none is left, -1: no sound object begins here. */
static int
next_envelope(const char **at, const char *end, struct envelope *e)
{
	struct scan	 sc = { .max_depth = 0 };
	struct piece	 rest = span_trim(*at, (size_t)(end - *at));
	size_t		 len;

	memset(e, 0, sizeof(*e));
	*at = rest.at;
	if (rest.len == 0)
		return 0;
	if (rest.at[0] != '{' || (len = span_end(rest.at, rest.len)) == 0 || !scan_json(rest.at, len, &sc))
		return -1;
	e->all = (struct piece){ rest.at, len };
	read_members(e);
	*at = rest.at + len;
	return 1;
}

/* Fields are flat: scalars, or lists of scalars. */
static int
nested(const struct piece *fields)
{
	const char	*p = fields->at + 1, *end = fields->at + fields->len;
	struct member	 m;

	if (fields->at[0] != '{')
		return 1;
	while (span_member(&p, end, &m))
		if (m.value.at[0] == '{' || (m.value.at[0] == '[' &&
		    (memchr(m.value.at + 1, '{', m.value.len - 1) != NULL || memchr(m.value.at + 1, '[', m.value.len - 1) != NULL)))
			return 1;
	return 0;
}

/* Seconds since 1970 with or without a fraction, as a number or as text. */
static int
is_time(const struct piece *v)
{
	const char	*p = v->at, *end = p + v->len, *dot;

	if (v->len >= 2 && *p == '"') {
		p++;
		end--;
	}
	dot = memchr(p, '.', (size_t)(end - p));
	for (; p < end; p++)
		if (p != dot && (*p < '0' || *p > '9'))
			return 0;
	return 1;
}

static int
is_blank(const struct piece *v)
{
	struct piece	 inner;

	if (v->len == 4 && memcmp(v->at, "null", 4) == 0)
		return 1;
	if (v->at[0] != '"')
		return 0;
	inner = span_trim(v->at + 1, v->len - 2);
	return inner.len == 0;
}

static int
index_allowed(struct sim *s, const struct hec_token *k, const struct piece *index)
{
	const char	*p = k->indexes;
	size_t		 n;

	if (fault_hit(&s->faults, F_HEC_WRONG_INDEX))
		return 0;
	if (p == NULL || index->at == NULL)
		return 1;
	for (; *p != '\0'; p += n + (p[n] == '+')) {
		n = strcspn(p, "+");
		if (index->len == n + 2 && memcmp(index->at + 1, p, n) == 0)
			return 1;
	}
	return 0;
}

static enum verdict
judge(struct sim *s, const struct hec_token *k, const struct envelope *e, int *code)
{
	const struct piece	*m = e->member;

	if (e->stranger)
		return V_STOPS;
	if (m[EVENT].at == NULL && m[FIELDS].at != NULL)
		return V_SKIPPED;
	*code = 0;
	if (m[EVENT].at == NULL)
		*code = 12;
	else if (is_blank(&m[EVENT]))
		*code = 13;
	else if (m[FIELDS].at != NULL && nested(&m[FIELDS]))
		*code = 15;
	else if ((m[TIME].at != NULL && !is_time(&m[TIME])) || m[EVENT].len > HEC_MAX_EVENT)
		*code = 6;
	else if (!index_allowed(s, k, &m[INDEX]))
		*code = 7;
	else if (fault_hit_for(&s->faults, F_HEC_POISON, hash64(m[EVENT].at, m[EVENT].len, 11)))
		*code = fault_on(&s->faults, F_HEC_POISON_CODE) ? (int)fault_arg(&s->faults, F_HEC_POISON_CODE) : 6;
	return *code == 0 ? V_TAKEN : V_REFUSED;
}

static void
note_index(struct hec_token *k, const struct piece *index)
{
	struct piece	 name = index->at != NULL ? *index : (struct piece){ "\"default\"", 9 };
	int		 fresh;
	uint32_t	 at = keytab_add(&k->index_names, key_bytes('x', name.at, name.len), &fresh);

	if (fresh && at >= k->index_room) {
		k->index_room = k->index_room ? k->index_room * 2 : 8;
		k->index_text = sim_grow(k->index_text, k->index_room, sizeof(*k->index_text));
		k->index_events = sim_grow(k->index_events, k->index_room, sizeof(*k->index_events));
	}
	if (fresh) {
		k->index_text[at] = (struct text){ NULL, 0, 0 };
		text_add(&k->index_text[at], name.at, name.len);
		k->index_events[at] = 0;
	}
	k->index_events[at]++;
}

static struct hec_copy *
copy_of(struct hec_token *k, uint32_t number)
{
	if (number >= k->room) {
		size_t	 room = k->room ? k->room * 2 : 4096;

		while (room <= number)
			room *= 2;
		k->copies = sim_grow(k->copies, room, sizeof(*k->copies));
		memset(k->copies + k->room, 0, (room - k->room) * sizeof(*k->copies));
		k->room = room;
	}
	return &k->copies[number];
}

/* The copy of this very text; NULL: it is the first one. */
static struct hec_copy *
text_of(struct hec_token *k, struct hec_copy *first, uint64_t digest)
{
	struct hec_copy	*c = first->post != 0 ? first : NULL;

	while (c != NULL && c->digest != digest)
		c = c->more != 0 ? &k->others[c->more - 1] : NULL;
	return c;
}

static void
add_text(struct hec_token *k, struct hec_copy *first, uint64_t digest, uint32_t post)
{
	if (first->post == 0) {
		*first = (struct hec_copy){ .digest = digest, .post = post };
		return;
	}
	if (k->nothers == k->others_room) {
		k->others_room = k->others_room ? k->others_room * 2 : 64;
		k->others = sim_grow(k->others, k->others_room, sizeof(*k->others));
	}
	k->others[k->nothers++] = (struct hec_copy){ .digest = digest, .post = post, .more = first->more };
	first->more = (uint32_t)k->nothers;
}

static void
compare(struct sim *s, struct hec_token *k, uint32_t number, const struct piece *event)
{
	switch (oracle_compare(&s->oracle, &s->blobs, number, event)) {
	case SAME:
		break;
	case SPACING:
		k->spacing++;
		break;
	case OTHER:
		k->differ++;
		sample(&s->sink_hec, "differs", event);
		break;
	}
}

/*
 * One more than is due. It is excused when the answer to the copy before it was lost; or to that of another of its number, which came twice
 * while the number was due still.
 */
static void
twice(struct hec *h, struct hec_token *k, struct hec_copy *first, const struct hec_copy *before, uint32_t post)
{
	const struct hec_copy	*last = before != NULL ? before : first;
	int			 lost = h->posts[last->post - 1].lost;

	if (first->early_lost > 0 && (before == NULL || !lost)) {
		first->early_lost--;
		lost = 1;
	} else if (before == NULL && first->early_other > 0) {
		first->early_other--;
		lost = 0;
	} else if (before == NULL) {
		k->twice_changed++;
	}
	if (lost)
		k->twice_lost++;
	else
		k->twice_other++;
	hec_note(h, "twice token=%s first=%u%s second=%u", k->name, last->post, lost ? " (lost)" : "", post);
}

static void
keep(struct sim *s, struct hec_token *k, uint32_t post, const struct envelope *e)
{
	struct hec		*h = &s->sink_hec;
	enum place		 where = (enum place)(AT_HEC + (k - h->tokens));
	const struct piece	*event = &e->member[EVENT];
	struct scan		 sc = { .max_depth = 0 };
	struct piece		 id = { NULL, 0 };
	uint64_t		 digest = hash64(e->all.at, e->all.len, 7);
	uint32_t		 number;
	struct hec_copy		*first, *before;
	int			 how;

	if (scan_json(event->at, event->len, &sc))
		id = scan_best_id(&sc);
	k->events++;
	h->without_time += e->member[TIME].at == NULL;
	note_index(k, &e->member[INDEX]);
	if (h->dump != NULL) {
		fprintf(h->dump, "{\"token\":\"%s\",\"envelope\":%.*s}\n", k->name, (int)e->all.len, e->all.at);
		fflush(h->dump);
	}
	number = oracle_number(&s->oracle, id.at, id.len, event->at, event->len);
	if ((how = oracle_came(&s->oracle, where, id.at, id.len, event->at, event->len)) == 0)
		return;
	first = copy_of(k, number);
	before = text_of(k, first, digest);
	if (how == 1) {
		compare(s, k, number, event);
		if (before != NULL && h->posts[before->post - 1].lost)
			first->early_lost++;
		else if (before != NULL)
			first->early_other++;
	} else {
		twice(h, k, first, before, post);
	}
	if (before != NULL)
		before->post = post;
	else
		add_text(k, first, digest, post);
}

static void
poisoned(struct sim *s, struct hec_token *k, const struct envelope *e)
{
	const struct piece	*event = &e->member[EVENT];
	enum place		 where = (enum place)(AT_HEC + (k - s->sink_hec.tokens));
	struct scan		 sc = { .max_depth = 0 };
	struct piece		 id = { NULL, 0 };

	k->poisoned++;
	if (event->at == NULL)
		return;
	if (scan_json(event->at, event->len, &sc))
		id = scan_best_id(&sc);
	oracle_refused(&s->oracle, where, id.at, id.len, event->at, event->len);
}

static int
is_poison(int code)
{
	return code == 6 || code == 12 || code == 13 || code == 15;
}

/* How many are taken before a fault ends it; SIZE_MAX: all. */
static size_t
cut_at(struct sim *s, const struct text *body, int *code)
{
	struct faults	*f = &s->faults;
	const char	*at = text_str(body), *end = at + body->len;
	struct envelope	 e;
	size_t		 n = 0;

	if (!fault_on(f, F_HEC_PARTIAL) && !fault_on(f, F_HEC_BUSY))
		return SIZE_MAX;
	while (next_envelope(&at, end, &e) > 0)
		n++;
	if (n > 1 && fault_hit(f, F_HEC_PARTIAL)) {
		*code = (int)fault_arg(f, F_HEC_PARTIAL);
		return n / 2;
	}
	if (n > 0 && fault_hit(f, F_HEC_BUSY)) {
		*code = 9;
		return rng_below(&s->rng, (uint32_t)n);
	}
	return SIZE_MAX;
}

void
hec_index(struct sim *s, struct hec_token *k, uint32_t post, const struct text *body, int keep_them, struct hec_outcome *o)
{
	struct hec	*h = &s->sink_hec;
	const char	*at = text_str(body), *end = at + body->len;
	int		 cut_code = 0, more, objects = 0;
	size_t		 cut = cut_at(s, body, &cut_code);
	struct envelope	 e;

	*o = (struct hec_outcome){ 0, -1, 0 };
	while ((more = next_envelope(&at, end, &e)) > 0) {
		enum verdict	 v = (size_t)objects == cut ? V_REFUSED : judge(s, k, &e, &o->code);

		if ((size_t)objects == cut)
			o->code = cut_code;
		if (v == V_STOPS) {
			h->unknown_keys++;
			sample(h, "unknown key", &e.all);
			if (objects == 0)
				o->code = 5;
			return;
		}
		if (v == V_REFUSED) {
			o->number = objects + (o->code == 7);	/* Splunk names the one after */
			if (is_poison(o->code))
				poisoned(s, k, &e);
			return;
		}
		if (v == V_SKIPPED)
			h->metric_events++;
		else if (keep_them)
			keep(s, k, post, &e);
		o->taken++;
		objects++;
	}
	if (more == -1) {
		struct piece	 rest = { at, (size_t)(end - at) };

		h->bad_requests++;
		sample(h, "invalid data format", &rest);
		o->code = 6;
		o->number = objects;
	} else if (objects == 0) {
		o->code = 5;
	}
}
