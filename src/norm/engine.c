/*
 * engine - runs the rows of a plan over one record; what they make waits in one slot per field.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"
#include "norm/convert.h"
#include "norm/norm_in.h"

#define FEW		16		/* up to so many values of a field are compared one by one */
#define TOPS_FIRST	64
#define VALUES_FIRST	128
#define HOARD		65536		/* scratch arrays over this many elements are given back */

static const struct val	 nothing = { .kind = VAL_NONE };

/* ---- between two records ---- */

static void
forget_seen(struct norm *n)
{
	if (n->seen_mask >= HOARD) {
		free(n->seen);
		n->seen = NULL;
		n->seen_mask = 0;
	} else if (n->n_seen > 0)
		memset(n->seen, 0, ((size_t)n->seen_mask + 1) * sizeof(*n->seen));
	n->n_seen = 0;
}

static void
give_back(struct norm *n)
{
	if (n->values_size > HOARD) {
		free(n->values);
		n->values = NULL;
		n->values_size = 0;
	}
	if (n->entries_size > HOARD) {
		free(n->entries);
		n->entries = NULL;
		n->entries_size = 0;
	}
	if (n->names_size > HOARD) {
		free(n->names);
		n->names = NULL;
		n->names_size = 0;
	}
	if (n->tops_size > HOARD) {
		free(n->tops);
		n->tops = NULL;
		n->tops_size = 0;
	}
	buf_shrink(&n->scratch, HOARD);
}

void
norm_reset(struct norm *n, const struct plan *plan)
{
	for (uint16_t i = 0; i < n->n_touched; i++)
		n->found[n->touched[i]].set = 0;
	n->n_touched = 0;
	n->n_tops = 0;
	n->plan = plan;
	memset(n->slots, 0, plan->n_targets * sizeof(*n->slots));
	forget_seen(n);
	give_back(n);
	n->n_values = 1;
	n->n_entries = 1;
	n->n_groups = 0;
	n->n_docs = 0;
	n->trouble = NULL;
	n->many = 0;
	n->tokens = NORM_TOKENS;
	arena_reset(&n->arena);
}

/* ---- which known members are there ---- */

static uint16_t
member_of(struct norm *n, uint32_t name)
{
	const char	*p;
	size_t		 len;

	if ((p = json_plain(&n->j, name, &len)) != NULL)
		return names_find(&n->plan->top, p, len);
	buf_reset(&n->scratch);
	json_text(&n->j, name, &n->scratch);
	return names_find(&n->plan->top, buf_str(&n->scratch), n->scratch.len);
}

void
engine_collect(struct norm *n)
{
	const struct json_node	*nodes = n->j.nodes;
	uint16_t		 id, tops;

	if (nodes[0].count > n->tops_size) {
		n->tops_size = nodes[0].count > TOPS_FIRST ? nodes[0].count : TOPS_FIRST;
		n->tops = xreallocarray(n->tops, n->tops_size, sizeof(*n->tops));
	}
	for (uint32_t k = 1; k < nodes[0].next; k = nodes[k + 1].next) {
		n->tops[n->n_tops++] = id = member_of(n, k);
		if (id == NAME_NONE)
			continue;
		if (!n->found[id].set)
			n->touched[n->n_touched++] = id;
		n->found[id].set = 1;
		n->found[id].moved = 0;
		n->found[id].node = k + 1;	/* of repeats the last counts */
	}
	tops = n->n_touched;
	for (uint16_t i = 0; i < tops; i++)
		open_member(n, n->touched[i]);
}

/* ---- values into slots ---- */

static int
same_text(const struct val *a, const struct val *b)
{
	return a->len == b->len && memcmp(a->p, b->p, a->len) == 0;
}

static uint64_t
seen_hash(const struct norm *n, uint16_t target, uint32_t turn, const struct val *v)
{
	return hash64(v->p, v->len, n->seed ^ (uint64_t)target << 32 ^ turn);
}

/* The place of this value, or the empty one where it belongs. */
static uint32_t *
seen_place(struct norm *n, uint16_t target, uint32_t turn, const struct val *v)
{
	uint32_t	 at = (uint32_t)seen_hash(n, target, turn, v) & n->seen_mask;

	for (; n->seen[at] != 0; at = (at + 1) & n->seen_mask) {
		const struct value	*has = &n->values[n->seen[at]];

		if (has->target == target && has->turn == turn && same_text(&has->val, v))
			break;
	}
	return &n->seen[at];
}

static void
seen_add(struct norm *n, uint32_t value)
{
	const struct value	*v = &n->values[value];
	uint32_t		*old = n->seen, size = n->seen == NULL ? 0 : n->seen_mask + 1, bigger;

	if ((n->n_seen + 1) * 2 > size) {
		bigger = size == 0 ? 256 : size * 2;
		n->seen = xcalloc(bigger, sizeof(*n->seen));
		n->seen_mask = bigger - 1;
		for (uint32_t i = 0; i < size; i++)
			if (old[i] != 0)
				*seen_place(n, n->values[old[i]].target, n->values[old[i]].turn,
				    &n->values[old[i]].val) = old[i];
		free(old);
	}
	*seen_place(n, v->target, v->turn, &v->val) = value;
	n->n_seen++;
}

static int
has_value(struct norm *n, uint16_t target, const struct val *v)
{
	const struct slot	*s = &n->slots[target];

	if (s->count >= FEW)
		return *seen_place(n, target, s->turn, v) != 0;
	for (uint32_t i = s->first; i != 0; i = n->values[i].next)
		if (same_text(&n->values[i].val, v))
			return 1;
	return 0;
}

static void
add_value(struct norm *n, const struct step *step, uint16_t target, const struct val *v)
{
	struct slot	*s = &n->slots[target];
	uint32_t	 at = n->n_values++;

	if (at >= n->values_size) {
		n->values_size = n->values_size == 0 ? VALUES_FIRST : n->values_size * 2;
		n->values = xreallocarray(n->values, n->values_size, sizeof(*n->values));
	}
	n->values[at] = (struct value){ .val = *v, .turn = s->turn, .target = target,
		.step = (uint16_t)(step - n->plan->steps) };
	if (s->count == 0)
		s->first = at;
	else
		n->values[s->last].next = at;
	s->last = at;
	s->count++;
	if (s->count == FEW)
		for (uint32_t i = s->first; i != 0; i = n->values[i].next)
			seen_add(n, i);
	else if (s->count > FEW)
		seen_add(n, at);
}

int
norm_put(struct norm *n, const struct step *step, uint16_t target, const struct val *v)
{
	struct slot	*s = &n->slots[target];

	if (v->kind == VAL_NONE || (v->kind <= VAL_JSON && v->len == 0))
		return 0;
	if ((step->row->flags & NORM_APPEND) == 0) {
		s->first = s->last = s->count = 0;
		s->turn++;
	} else if (v->kind <= VAL_JSON && has_value(n, target, v))
		return 0;
	add_value(n, step, target, v);
	return 1;
}

int
norm_put_text(struct norm *n, const struct step *step, uint16_t target, const char *p, size_t len, int plain)
{
	struct val	 v = { .kind = VAL_TEXT, .plain = plain != 0, .len = (uint32_t)len, .p = p };

	return norm_put(n, step, target, &v);
}

/* ---- values as text ---- */

static int
node_text(struct norm *n, const struct json *j, uint32_t node, struct text *t)
{
	const struct json_node	*at = &j->nodes[node];
	char			 digits[DIGITS_SIZE];

	switch (at->kind) {
	case JSON_STRING:
		if ((t->p = json_plain(j, node, &t->len)) != NULL) {
			t->plain = 1;
			break;
		}
		buf_reset(&n->scratch);
		json_text(j, node, &n->scratch);
		t->p = arena_copy(&n->arena, buf_str(&n->scratch), n->scratch.len);
		t->len = n->scratch.len;
		t->plain = 0;
		break;
	case JSON_NUMBER:
		t->plain = 1;
		t->p = j->bytes + at->start;
		t->len = at->end - at->start;
		if (digits_expand(t->p, t->len, digits)) {
			t->len = strlen(digits);
			t->p = arena_copy(&n->arena, digits, t->len);
		}
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		t->plain = 1;
		t->p = j->bytes + at->start;
		t->len = at->end - at->start;
		break;
	default:
		return 0;
	}
	return t->len > 0;
}

int
norm_text_of(struct norm *n, const struct val *v, struct text *t)
{
	switch (v->kind) {
	case VAL_TEXT:
		*t = (struct text){ v->p, v->len, v->plain };
		return v->len > 0;
	case VAL_JSON:
		*t = (struct text){ v->p, v->len, 1 };
		return v->len > 0 && v->p[0] != '{' && v->p[0] != '[';
	case VAL_NODE:
		return node_text(n, v->j, v->node, t);
	default:
		return 0;
	}
}

/* ---- rows ---- */

static int
is_list(const struct val *v)
{
	return v->kind == VAL_NODE && v->j->nodes[v->node].kind == JSON_ARRAY;
}

static int
run_each(struct norm *n, const struct step *s, const struct val *list)
{
	const struct json	*j = list->j;
	int			 made = 0;

	for (uint32_t k = json_first(j, list->node); k != JSON_NONE; k = json_next(j, list->node, k)) {
		struct val	 v = { .kind = VAL_NODE, .j = j, .node = k };

		made |= s->row->how(n, s, &v);
	}
	return made;
}

/* "Members[].UPN": v is Members. */
static int
run_tail(struct norm *n, const struct step *s, const struct val *v, const char *tail)
{
	const struct json	*j = v->j;
	int			 made = 0;

	if (v->kind != VAL_NODE)
		return 0;
	if (j->nodes[v->node].kind == JSON_OBJECT) {
		struct val	 at = { .kind = VAL_NODE, .j = j, .node = json_path(j, v->node, tail) };

		if (at.node == JSON_NONE)
			return 0;
		return (s->row->flags & NORM_EACH) != 0 && is_list(&at) ? run_each(n, s, &at) : s->row->how(n, s, &at);
	}
	if (j->nodes[v->node].kind != JSON_ARRAY)
		return 0;
	for (uint32_t k = json_first(j, v->node); k != JSON_NONE; k = json_next(j, v->node, k)) {
		struct val	 at = { .kind = VAL_NODE, .j = j, .node = k };

		if (j->nodes[k].kind == JSON_OBJECT)
			made |= run_tail(n, s, &at, tail);
	}
	return made;
}

/* "=user.id": the values a field has by now. */
static int
run_field(struct norm *n, const struct step *s, uint16_t target)
{
	int	 made = 0;

	for (uint32_t i = n->slots[target].first; i != 0; i = n->values[i].next) {
		struct val	 v = n->values[i].val;	/* a copy: values may move */

		made |= s->row->how(n, s, &v);
	}
	return made;
}

static int
run_from(struct norm *n, const struct step *s, unsigned i)
{
	struct found	*f;
	struct val	 v;
	int		 made;

	if (s->from[i].member == NONE16)
		return run_field(n, s, s->from[i].target);
	f = &n->found[s->from[i].member];
	if (!f->set || f->val.kind == VAL_NONE)
		return 0;
	v = f->val;
	if (s->from[i].tail != NULL)
		made = run_tail(n, s, &v, s->from[i].tail);
	else if ((s->row->flags & NORM_EACH) != 0 && is_list(&v))
		made = run_each(n, s, &v);
	else
		made = s->row->how(n, s, &v);
	if (made && (s->row->flags & NORM_MOVE) != 0)
		f->moved = 1;
	return made;
}

static void
run_step(struct norm *n, const struct step *s)
{
	if ((s->row->flags & NORM_UNSET) != 0 && n->slots[s->to].count > 0)
		return;
	for (unsigned i = 0; i < s->n_from; i++)
		if (run_from(n, s, i))
			return;
	if (s->n_from == 0 || (s->row->flags & NORM_MUST) != 0)
		s->row->how(n, s, &nothing);
}

static int
applies(struct norm *n, const struct stage *st)
{
	const struct found	*f;
	struct text		 t;

	if (st->when == NONE16)
		return 1;
	f = &n->found[st->when];
	return f->set && norm_text_of(n, &f->val, &t) && names_find(&st->values, t.p, t.len) != NAME_NONE;
}

void
engine_run(struct norm *n)
{
	const struct plan	*p = n->plan;

	for (uint16_t i = 0; i < p->n_stages; i++)
		if (applies(n, &p->stages[i]))
			for (uint32_t k = 0; k < p->stages[i].n; k++)
				run_step(n, &p->steps[p->stages[i].first + k]);
}
