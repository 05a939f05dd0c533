/*
 * keep - what becomes of a value that is passed on: at one path there is always an object or always a value.
 */
#include <string.h>

#include "base/rfc3339.h"
#include "norm/convert.h"
#include "norm/norm_in.h"

#define KIND(k) [k] = { .keep = k, .parent = NONE16 }

const struct member keep_kinds[KEEP_KINDS] = {
	KIND(KEEP_ANY), KIND(KEEP_VALUE), KIND(KEEP_TEXT), KIND(KEEP_DIGITS), KIND(KEEP_BOOL), KIND(KEEP_LONG),
	KIND(KEEP_TIME), KIND(KEEP_DATE), KIND(KEEP_IP), KIND(KEEP_WORD), KIND(KEEP_OBJECT), KIND(KEEP_PAIRS),
	KIND(KEEP_CHANGES), KIND(KEEP_JSON), KIND(KEEP_JSONS), KIND(KEEP_FLAT), KIND(KEEP_PLUCK), KIND(KEEP_NOT),
};

static const struct val	 nothing = { .kind = VAL_NONE };

/* ---- what is in it ---- */

int
keep_hollow(const struct json *j, uint32_t node)
{
	const struct json_node	*nodes = j->nodes;
	uint32_t		 end = nodes[node].next;

	if (nodes[node].kind < JSON_STRING && nodes[node].count > 0 && end == node + 1)
		return 0;		/* its nodes were not kept */
	for (uint32_t k = node; k < end; k++) {
		if (nodes[k].kind == JSON_STRING) {
			if ((nodes[k].flags & JSON_NAME) == 0 && nodes[k].end - nodes[k].start > 2)
				return 0;
		} else if (nodes[k].kind > JSON_STRING && nodes[k].kind != JSON_NULL)
			return 0;
	}
	return 1;
}

unsigned
keep_holds(const struct json *j, uint32_t node)
{
	unsigned	 holds = 0;

	if (j->nodes[node].kind == JSON_OBJECT)
		return HOLDS_OBJECT;
	if (j->nodes[node].kind != JSON_ARRAY)
		return HOLDS_VALUE;
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k))
		if (j->nodes[k].kind == JSON_ARRAY || !keep_hollow(j, k))
			holds |= keep_holds(j, k);
	return holds;
}

const struct member *
keep_below(const struct norm *n, const struct member *m, const char *name, size_t len, uint16_t *id)
{
	*id = names_find(&m->children, name, len);
	return *id != NAME_NONE ? &n->plan->members[*id] : &keep_kinds[m->inside];
}

const struct member *
keep_below_node(struct norm *n, const struct member *m, const struct json *j, uint32_t name, uint16_t *id)
{
	const char	*p;
	size_t		 len;

	*id = NAME_NONE;
	if (m->children.n == 0)
		return &keep_kinds[m->inside];
	if ((p = json_plain(j, name, &len)) != NULL)
		return keep_below(n, m, p, len, id);
	buf_reset(&n->scratch);
	json_text(j, name, &n->scratch);
	return keep_below(n, m, buf_str(&n->scratch), n->scratch.len, id);
}

/* ---- values that must be of a type ---- */

static void
as_text(struct norm *n, struct val *v, const char *p, size_t len)
{
	*v = (struct val){ .kind = VAL_TEXT, .plain = 1, .len = (uint32_t)len, .p = arena_copy(&n->arena, p, len) };
}

/* What is not of the type a field has goes aside, as text. */
static void
aside(struct val *v, struct val *raw)
{
	*raw = *v;
	raw->form = FORM_TEXTS;
	*v = nothing;
}

static int
word_is(const struct text *t, const char *word)
{
	return t->len == strlen(word) && strncasecmp(t->p, word, t->len) == 0;
}

static void
shape_bool(struct norm *n, struct val *v, struct val *raw)
{
	struct text	 t;

	if (!norm_text_of(n, v, &t) || (!word_is(&t, "true") && !word_is(&t, "false")))
		aside(v, raw);
	else if (word_is(&t, "true"))
		*v = (struct val){ .kind = VAL_JSON, .len = 4, .p = "true" };
	else
		*v = (struct val){ .kind = VAL_JSON, .len = 5, .p = "false" };
}

static void
shape_long(struct norm *n, struct val *v, struct val *raw)
{
	struct text	 t;

	if (!norm_text_of(n, v, &t) || !digits_whole(t.p, t.len))
		aside(v, raw);
	else
		*v = (struct val){ .kind = VAL_JSON, .len = (uint32_t)t.len, .p = t.p };
}

/* What Elasticsearch reads as a date without being told how. */
static int
iso_already(const struct text *t)
{
	return t->len > 10 && t->p[4] == '-' && t->p[10] == 'T';
}

static void
shape_time(struct norm *n, const struct member *m, struct val *v, struct val *raw)
{
	char		 iso[RFC3339_SIZE];
	struct text	 t;
	int64_t		 ms;

	if (v->j->nodes[v->node].kind != JSON_STRING || !norm_text_of(n, v, &t) || time_parse(t.p, t.len, &ms) == -1)
		aside(v, raw);
	else if (m->keep == KEEP_TIME || !iso_already(&t)) {
		rfc3339_text(ms, 3, iso);
		as_text(n, v, iso, strlen(iso));
	}
}

static void
shape_ip(struct norm *n, struct val *v)
{
	struct address	 a;
	struct text	 t;

	if (norm_text_of(n, v, &t) && address_parse(t.p, t.len, &a) && a.ip_len > 0)
		as_text(n, v, a.ip, a.ip_len);
	else
		*v = nothing;
}

static void
shape_word(struct norm *n, const struct member *m, struct val *v)
{
	struct text	 t;

	if (!norm_text_of(n, v, &t))
		return;
	for (const struct norm_word *w = m->row->words; w->word != NULL; w++)
		if (t.len == strlen(w->word) && memcmp(t.p, w->word, t.len) == 0)
			as_text(n, v, w->then[0], strlen(w->then[0]));
}

/* ---- objects and values ---- */

static void
part(struct val *v, struct val *raw)
{
	*raw = *v;
	raw->form = FORM_REST;
	v->form = FORM_OBJECTS;
}

static void
shape_object(struct val *v, struct val *raw)
{
	switch (keep_holds(v->j, v->node)) {
	case HOLDS_VALUE:
		aside(v, raw);
		break;
	case HOLDS_OBJECT | HOLDS_VALUE:
		part(v, raw);
		break;
	}
}

void
keep_shape(struct norm *n, const struct member *m, struct val *v, struct val *raw)
{
	unsigned	 kind = v->j->nodes[v->node].kind;
	int		 scalar = kind >= JSON_STRING;

	*raw = nothing;
	if (!scalar && (n->many || v->j->nodes[v->node].count == 0)) {
		*v = nothing;
		return;
	}
	if (m->keep <= KEEP_TEXT && scalar)
		return;
	if (json_is_empty(v->j, v->node)) {
		*v = nothing;
		return;
	}
	switch ((enum norm_keep)m->keep) {
	case KEEP_ANY:
		if (kind == JSON_ARRAY && keep_holds(v->j, v->node) == (HOLDS_OBJECT | HOLDS_VALUE))
			part(v, raw);
		break;
	case KEEP_VALUE:
		if ((keep_holds(v->j, v->node) & HOLDS_OBJECT) != 0)
			v->form = FORM_VALUES;
		break;
	case KEEP_TEXT:
		v->form = FORM_JSON;
		break;
	case KEEP_DIGITS:
		v->form = FORM_DIGITS;
		break;
	case KEEP_BOOL:
		shape_bool(n, v, raw);
		break;
	case KEEP_LONG:
		shape_long(n, v, raw);
		break;
	case KEEP_TIME:
	case KEEP_DATE:
		shape_time(n, m, v, raw);
		break;
	case KEEP_IP:
		shape_ip(n, v);
		break;
	case KEEP_WORD:
		shape_word(n, m, v);
		break;
	case KEEP_OBJECT:
		if (kind == JSON_STRING && m->row != NULL && m->row->hint != NULL)
			open_shape(n, m, v, raw);
		else
			shape_object(v, raw);
		break;
	case KEEP_NOT:
		*v = nothing;
		break;
	default:
		open_shape(n, m, v, raw);
		break;
	}
}
