/*
 * shape - objects of Microsoft's written by a table.
 */
#include "norm/shape.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define ROW_NAME_MAX	63

static int	 put_object(struct out *, const struct shape *, uint32_t node);

const struct shape shape_free = { NULL, 0, S_FREE, NULL }, shape_free_keep = { NULL, 0, S_FREE | S_KEEP, NULL };

/* At most twice as long. */
static size_t
snake(const char *p, size_t len, char *to)
{
	char	*at = to;

	for (size_t i = 0; i < len; i++) {
		if (p[i] < 'A' || p[i] > 'Z') {
			*at++ = p[i];
			continue;
		}
		if (i > 0 && p[i - 1] >= 'a' && p[i - 1] <= 'z')
			*at++ = '_';
		*at++ = (char)(p[i] + ('a' - 'A'));
	}
	*at = '\0';
	return (size_t)(at - to);
}

const char *
shape_snake(struct norm *n, const char *p, size_t len, size_t *snake_len)
{
	char	*copy = arena_take(&n->arena, len * 2 + 1);

	*snake_len = snake(p, len, copy);
	return copy;
}

void
shape_add(struct norm *n, const char *name, const char *p, size_t len)
{
	if (len == 0)
		return;
	n->added[n->n_added].name = name;
	n->added[n->n_added].text = arena_copy(&n->arena, p, len);
	n->added[n->n_added++].len = len;
}

/* ---- which row, which name ------------------------------------------------------------------------------------------------ */

static int
ends_with(const char *p, size_t len, const char *tail)
{
	size_t	 n = strlen(tail);

	return len > n && memcmp(p + len - n, tail, n) == 0;
}

static const struct part *
part_of(const struct shape *s, const char *p, size_t len)
{
	for (size_t i = 0; i < s->n; i++) {
		const char	*from = s->parts[i].from;

		if (*from == '*' ? ends_with(p, len, from + 1) : strlen(from) == len && memcmp(from, p, len) == 0)
			return &s->parts[i];
	}
	return NULL;
}

/* The row whose name a member without a row would take: two spellings at one path are of one kind. */
static const struct part *
part_behind(const struct shape *s, const char *p, size_t len)
{
	const struct part	*part = s->parts;
	const char		*name;
	char			 folded[2 * ROW_NAME_MAX + 1];
	size_t			 name_len;

	for (size_t i = 0; i < s->n; i++, part++) {
		if (*part->from == '*' || part->kind == K_GONE)
			continue;
		name = part->to != NULL ? part->to : part->from;
		if (len == 0 || (*name != *p && *name != *p - ('a' - 'A')))
			continue;
		name_len = strcspn(name, ".");		/* of "process.id" the object that it is in */
		if (part->to == NULL && !(s->flags & S_KEEP)) {
			assert(name_len <= ROW_NAME_MAX);
			name_len = snake(name, name_len, folded);
			name = folded;
		}
		if (name_len == len && memcmp(name, p, len) == 0)
			return part;
	}
	return NULL;
}

static int
in_group(const struct part *part)
{
	return part->to != NULL && strchr(part->to, '.') != NULL;
}

static void
rename_entry(struct out *o, struct entry *e)
{
	const struct part	*part = e->part;
	const char		*given = e->given, *name;
	size_t			 given_len = e->given_len, len;
	char			*copy;

	if (part != NULL && *part->from == '*') {
		name = shape_snake(o->n, given, given_len - strlen(part->from + 1), &len);
		copy = arena_take(&o->n->arena, len + strlen(part->to) + 1);
		len = (size_t)sprintf(copy, "%.*s%s", (int)len, name, part->to);
		name = copy;
	} else if (part != NULL && part->to != NULL) {
		name = strchr(part->to, '.') != NULL ? strchr(part->to, '.') + 1 : part->to;
		len = strlen(name);
	} else if (o->shape->flags & S_KEEP) {
		return;
	} else {
		name = shape_snake(o->n, given, given_len, &len);
	}
	rest_fix_name(o, e, name, len, 0);
	e->given = given;
	e->given_len = given_len;
}

/* ---- one member ------------------------------------------------------------------------------------------------------------- */

/* A flattened field in the index. */
static int
is_flat(const struct part *part)
{
	return part->kind == K_PAIRS || part->kind == K_JSON || (part->inside != NULL && (part->inside->flags & S_FREE) != 0);
}

/* Is it of the kind that its row promises to the index? Scalars are made into their text here. -1: no, 0: nothing in it. */
static int
fit(struct out *o, struct entry *e)
{
	const struct json_node	*t = &o->j->nodes[e->node];
	int			 rc;

	if (t->count > 0 && json_first(o->j, e->node) == JSON_NONE)
		return o->n->scalars ? 0 : e->part->kind == K_ANY ? 1 : -1;	/* deeper than we look */
	if (is_flat(e->part) && !rest_flat_takes(o->j->bytes + t->start, t->end - t->start))
		return -1;
	switch (e->part->kind) {
	case K_ANY:
	case K_AUDIENCES:
		return 1;
	case K_OBJECT:
	case K_PAIRS:
		return rest_is_objects(o->j, e->node) ? 1 : -1;
	case K_NUMBERED:
		return t->kind == JSON_ARRAY && rest_is_objects(o->j, e->node) ? 1 : -1;
	case K_JSON:
		return rest_is_objects(o->j, e->node) || (t->kind == JSON_STRING && json_inside(o->n, e->node, 1)) ? 1 : -1;
	case K_URL:
		if (t->kind != JSON_STRING)
			return -1;
		buf_reset(&o->n->text);
		buf_reset(&o->n->value);
		json_text(o->j, e->node, &o->n->text);
		url_parts(buf_str(&o->n->text), o->n->text.len, &o->n->value);
		break;
	case K_GONE:
		return 0;
	default:
		buf_reset(&o->n->value);
		if ((rc = shape_scalar(o, e->part, e->node, &o->n->value)) != 1)
			return rc;
	}
	e->made = arena_copy(&o->n->arena, o->n->value.bytes, o->n->value.len);
	e->made_len = o->n->value.len;
	return 1;
}

static void
aside(struct out *o, struct entry *e, const char *ending)
{
	char	*name = arena_take(&o->n->arena, e->len + strlen(ending) + 1);

	e->len = (size_t)sprintf(name, "%.*s%s", (int)e->len, e->name, ending);
	e->name = name;
}

static const struct shape *
below(const struct out *o, const struct part *part)
{
	static const struct shape	 plain[] = { { NULL, 0, 0, NULL }, { NULL, 0, S_KEEP, NULL }, { NULL, 0, S_FREE, NULL },
	    { NULL, 0, S_KEEP | S_FREE, NULL } };

	if (part != NULL && part->inside != NULL)
		return part->inside;
	return o->shape->deep != NULL ? o->shape->deep : &plain[o->shape->flags];
}

int
shape_put(struct out *o, const struct shape *s, uint32_t node)
{
	const struct json	*j = o->j;
	size_t			 mark = o->to->len, before;
	int			 some = 0;

	if (json_first(j, node) == JSON_NONE)
		return rest_value(o, node);
	if (j->nodes[node].kind == JSON_OBJECT)
		return put_object(o, s, node);
	buf_addc(o->to, '[');
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
		before = o->to->len;
		rest_separate(o->to);
		if (j->nodes[k].kind == JSON_ARRAY ? shape_put(o, &shape_free_keep, k) :
		    j->nodes[k].kind == JSON_OBJECT && json_first(j, k) != JSON_NONE ? put_object(o, s, k) : rest_value(o, k))
			some++;
		else
			buf_cut(o->to, before);
	}
	buf_addc(o->to, ']');
	if (some == 0)
		buf_cut(o->to, mark);
	return some > 0;
}

static int	 put_group(struct out *, const struct entry *);

static int
put_one(struct out *o, const struct entry *e)
{
	if (e->made != NULL) {
		buf_add(o->to, e->made, e->made_len);
		return 1;
	}
	if (e->raw) {
		rest_text(o, e->node);
		return 1;
	}
	if (e->group)
		return put_group(o, e);
	if (e->part == NULL)
		return shape_put(o, below(o, NULL), e->node);
	switch (e->part->kind) {
	case K_PAIRS:
		return shape_pairs(o, e->node);
	case K_NUMBERED:
		return shape_numbered(o, below(o, e->part), e->node);
	case K_AUDIENCES:
		return shape_audiences(o, below(o, e->part), e->node);
	case K_JSON:
		return shape_json(o, e->node);
	default:
		return shape_put(o, below(o, e->part), e->node);
	}
}

int
shape_entry(struct out *o, const struct entry *e, size_t n, const char *name, size_t len)
{
	size_t	 mark = o->to->len, same = 0, before;
	int	 some = 0;

	for (size_t i = 0; i < n; i++)
		same += (size_t)rest_same(&e[0], &e[i]);
	rest_name(o, name, len);
	if (same == 1) {
		some = put_one(o, e);
	} else {
		buf_addc(o->to, '[');
		for (size_t i = 0; i < n; i++) {
			if (!rest_same(&e[0], &e[i]))
				continue;
			before = o->to->len;
			rest_separate(o->to);
			if (put_one(o, &e[i]))
				some++;
			else
				buf_cut(o->to, before);
		}
		buf_addc(o->to, ']');
	}
	if (some == 0)
		buf_cut(o->to, mark);
	else if (o->n->explain != NULL && o->shape == o->n->family->shape)
		explain_member(o->n, o->to->bytes + mark, o->to->len - mark, e->node > 0 ? e->node - 1 : JSON_NONE, shape_word(e->part));
	return some > 0;
}

/* ---- an object ---------------------------------------------------------------------------------------------------------------- */

struct members {
	struct entry	*e;
	size_t		 n;
	const char	*group;		/* "process": only what rows put into that object; NULL: all others */
};

/* A member with a row comes once: the last with a value counts, as everywhere. */
static struct entry *
place_for(struct members *m, const struct part *part, const char *given, size_t len)
{
	for (size_t i = 0; part != NULL && i < m->n; i++)
		if (m->e[i].part == part && m->e[i].given_len == len && memcmp(m->e[i].given, given, len) == 0)
			return &m->e[i];
	return &m->e[m->n++];
}

static void
add_group(struct members *m, const struct part *part, uint32_t object)
{
	size_t	 len = strcspn(part->to, ".");

	for (size_t i = 0; i < m->n; i++)
		if (m->e[i].group && m->e[i].len == len && memcmp(m->e[i].name, part->to, len) == 0)
			return;
	m->e[m->n++] = (struct entry){ .name = part->to, .len = len, .given = "", .node = object, .group = 1 };
}

/* Members with a row come before those without, so that they keep their names. */
static void
add_member(struct out *o, struct members *m, uint32_t name, uint32_t order, uint32_t object)
{
	struct entry		 e = { .node = name + 1, .at = order }, *place;
	const struct part	*part;
	size_t			 plain = 0;
	int			 own;

	if (rest_nothing(o->j, e.node) || (o->j == &o->n->json && ecs_is_gone(o->n, e.node)))
		return;
	rest_name_of(o, name, &e, 0);
	part = e.part = part_of(o->shape, e.given, e.given_len);
	own = part != NULL;
	if (own && part->kind == K_GONE)
		return;
	if (own && in_group(part)) {
		if (m->group == NULL) {
			add_group(m, part, object);
			return;
		}
		if (strncmp(part->to, m->group, strlen(m->group)) != 0 || part->to[strlen(m->group)] != '.')
			return;
	} else if (m->group != NULL) {
		return;
	}
	rename_entry(o, &e);
	if (!own) {
		e.at += o->j->nodes[object].count;
		plain = names_stem(e.name, e.len);
		e.part = part_behind(o->shape, e.name, plain);
	}
	if (e.part != NULL) {
		switch (!own && in_group(e.part) ? -1 : fit(o, &e)) {
		case 0:
			return;
		case -1:
			aside(o, &e, "_raw");
			e.raw = 1;
		}
	} else if (!(o->shape->flags & S_FREE) && rest_has_object(o->j, e.node)) {
		e.raw = !rest_is_objects(o->j, e.node);
		aside(o, &e, e.raw ? "_raw" : "_object");
	} else if (!(o->shape->flags & S_FREE) && ends_with(e.name, plain, "_object")) {
		aside(o, &e, "_raw");		/* there stands what goes by that name */
		e.raw = 1;
	}
	place = place_for(m, own && *part->from != '*' ? part : NULL, e.given, e.given_len);
	*place = e;
}

static void
collect(struct out *in, struct members *m, uint32_t node)
{
	uint32_t	 order = 0;

	m->e = xcalloc(in->j->nodes[node].count + 1 + ADDED_MAX, sizeof(*m->e));
	for (uint32_t k = json_first(in->j, node); k != JSON_NONE; k = json_next(in->j, node, k))
		add_member(in, m, k, order++, node);
}

/* With group only what rows put into that object, else all but those. */
static int
put_members(struct out *o, const struct shape *s, uint32_t node, const char *group)
{
	struct out	 in = { .n = o->n, .j = o->j, .to = o->to, .shape = s };
	struct members	 m = { .group = group };
	size_t		 mark = o->to->len;
	int		 some;

	collect(&in, &m, node);
	buf_addc(o->to, '{');
	some = rest_entries(&in, m.e, m.n, shape_entry) > 0;
	buf_addc(o->to, '}');
	if (!some)
		buf_cut(o->to, mark);
	free(m.e);
	return some;
}

static int
put_group(struct out *o, const struct entry *e)
{
	return put_members(o, o->shape, e->node, arena_copy(&o->n->arena, e->name, e->len));
}

static int
put_object(struct out *o, const struct shape *s, uint32_t node)
{
	return put_members(o, s, node, NULL);
}

/* What norm.c adds is last, so that a value of the record's own under that name stays alone. */
static void
add_added(struct norm *n, struct members *m)
{
	struct entry	*e;

	for (size_t i = 0; i < n->n_added; i++) {
		size_t	 len = strlen(n->added[i].name), k = 0;

		while (k < m->n && (m->e[k].len != len || memcmp(m->e[k].name, n->added[i].name, len) != 0))
			k++;
		if (k < m->n)
			continue;
		e = &m->e[m->n++];
		*e = (struct entry){ .name = n->added[i].name, .len = len, .given = "", .at = UINT32_MAX };
		buf_reset(&n->value);
		json_escape(&n->value, n->added[i].text, n->added[i].len);
		e->made = arena_copy(&n->arena, n->value.bytes, n->value.len);
		e->made_len = n->value.len;
	}
}

int
shape_write(struct norm *n)
{
	struct out	 in = { .n = n, .j = &n->json, .to = n->out, .shape = n->family->shape };
	struct members	 m = { 0 };
	int		 some;

	collect(&in, &m, 0);
	add_added(n, &m);
	some = rest_entries(&in, m.e, m.n, shape_entry);
	free(m.e);
	return some;
}
