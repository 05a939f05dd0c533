/*
 * rest - o365.audit: every member that no row moved, under names and kinds that an index can live with.
 *
 * Null and empty values are dropped, at any depth. A '.' in a name becomes '_', a blank name "_"; a name that comes twice is
 * written once, with the list of its values; two names that become one by this: the second gets "_2". At one path there is
 * always an object or always a value: what is of the other kind goes to <name>_raw as text (spec/ecs-audit.md section 2).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "norm/ecs.h"

struct entry {			/* a member on its way out */
	const char	*name;
	size_t		 len;
	const char	*given;		/* as the record spells it; NULL: the same */
	size_t		 given_len;
	uint32_t	 node;
	uint32_t	 at;		/* order in the record */
};

struct out {
	struct norm		*n;
	const struct json	*j;
	struct buf		*to;
	int			 typed;		/* numbers called Type become text */
	int			 flat;		/* members are values: an object in one is text */
};

/* Writes the values that have the given name of e[0] under a name; 0: there was nothing to write. */
typedef int values_fn(struct out *, const struct entry *e, size_t n, const char *name, size_t len);

static int	 value(struct out *, uint32_t node);
static int	 object_body(struct out *, uint32_t node);

static void
separate(struct buf *b)
{
	char	 c = b->bytes[b->len - 1];

	if (c != '{' && c != '[')
		buf_addc(b, ',');
}

static void
put_name(struct out *o, const char *name, size_t len)
{
	separate(o->to);
	json_escape(o->to, name, len);
	buf_addc(o->to, ':');
}

static void
put_string(struct out *o, uint32_t node)
{
	const struct json_node	*t = &o->j->nodes[node];

	if (!(t->flags & JSON_LONE)) {
		buf_add(o->to, o->j->bytes + t->start, t->end - t->start);
		return;
	}
	buf_reset(&o->n->text);
	json_text(o->j, node, &o->n->text);
	json_escape(o->to, buf_str(&o->n->text), o->n->text.len);
}

/* Whatever it is, as a JSON string: scalars their text, objects and lists their JSON text. */
static void
put_as_text(struct out *o, uint32_t node)
{
	const struct json_node	*t = &o->j->nodes[node];
	struct buf		 b = { 0 };

	if (t->kind == JSON_STRING) {
		put_string(o, node);
		return;
	}
	if (t->kind == JSON_OBJECT || t->kind == JSON_ARRAY)
		json_span(o->j, node, &b, 1);
	else if (t->kind != JSON_NUMBER || number_text(o->j->bytes + t->start, t->end - t->start, &b) == -1)
		json_text(o->j, node, &b);
	json_escape(o->to, buf_str(&b), b.len);
	buf_clear(&b);
}

/* ---- names ----------------------------------------------------------------------------------------------------------------- */

/* The name as it may be written: in the arena if it had to change. changes: also blanks inside become '_'. */
static void
fix_name(struct out *o, struct entry *e, const char *p, size_t len, int blanks)
{
	char	*copy;

	e->given = e->name = p;
	e->given_len = e->len = len;
	if (json_blank(p, len)) {
		e->name = "_";
		e->len = 1;
		return;
	}
	if (memchr(p, '.', len) == NULL && !(blanks && memchr(p, ' ', len) != NULL))
		return;
	copy = arena_copy(&o->n->arena, p, len);
	for (size_t i = 0; i < len; i++)
		if (copy[i] == '.' || (blanks && copy[i] == ' '))
			copy[i] = '_';
	e->name = copy;
}

static void
name_of(struct out *o, uint32_t node, struct entry *e, int blanks)
{
	size_t		 len;
	const char	*p = json_plain(o->j, node, &len);
	struct buf	 b = { 0 };

	if (p == NULL) {
		json_text(o->j, node, &b);
		p = arena_copy(&o->n->arena, buf_str(&b), b.len);
		len = b.len;
		buf_clear(&b);
	}
	fix_name(o, e, p, len, blanks);
}

static int
by_name(const void *x, const void *y)
{
	const struct entry	*a = x, *b = y;
	int			 d = memcmp(a->name, b->name, a->len < b->len ? a->len : b->len);

	if (d == 0)
		d = (a->len > b->len) - (a->len < b->len);
	return d != 0 ? d : (a->at > b->at) - (a->at < b->at);
}

static int
same_name(const struct entry *a, const struct entry *b)
{
	return a->len == b->len && memcmp(a->name, b->name, a->len) == 0;
}

static int
same_given(const struct entry *a, const struct entry *b)
{
	return a->given_len == b->given_len && memcmp(a->given, b->given, a->given_len) == 0;
}

static int
taken(const struct entry *all, size_t n, const char *name, size_t len)
{
	size_t	 low = 0, high = n;

	while (low < high) {
		size_t	 middle = (low + high) / 2, m = all[middle].len < len ? all[middle].len : len;
		int	 d = memcmp(all[middle].name, name, m);

		if (d == 0)
			d = (all[middle].len > len) - (all[middle].len < len);
		if (d == 0)
			return 1;
		if (d < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/* An object, or a list with one in it: at a path of values it would spoil the index. */
static int
has_object(const struct json *j, uint32_t node)
{
	if (j->nodes[node].kind != JSON_ARRAY)
		return j->nodes[node].kind == JSON_OBJECT;
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k))
		if (has_object(j, k))
			return 1;
	return 0;
}

/* A number called Type is text below Actor and Target, under whichever path it is written. */
static int
named_value(struct out *o, const char *name, size_t len, uint32_t node)
{
	if (o->typed && o->j->nodes[node].kind == JSON_NUMBER && len == 4 && memcmp(name, "Type", 4) == 0) {
		put_as_text(o, node);
		return 1;
	}
	if (o->flat && has_object(o->j, node)) {
		put_as_text(o, node);
		return 1;
	}
	return value(o, node);
}

/* Values of the given name of e[0]: one value, or the list of them in order. */
static int
put_values(struct out *o, const struct entry *e, size_t n, const char *name, size_t len)
{
	size_t	 mark = o->to->len, same = 0, before;
	int	 some = 0;

	for (size_t i = 0; i < n; i++)
		same += (size_t)same_given(&e[0], &e[i]);
	put_name(o, name, len);
	if (same == 1) {
		some = named_value(o, e->name, e->len, e->node);
	} else {
		buf_addc(o->to, '[');
		for (size_t i = 0; i < n; i++) {
			if (!same_given(&e[0], &e[i]))
				continue;
			before = o->to->len;
			separate(o->to);
			if (named_value(o, e->name, e->len, e[i].node))
				some++;
			else
				buf_cut(o->to, before);
		}
		buf_addc(o->to, ']');
	}
	if (some == 0)
		buf_cut(o->to, mark);
	return some > 0;
}

/* All entries of one written name: the first given name that has a value keeps it, every other one gets a number. */
static int
put_group(struct out *o, const struct entry *all, size_t n_all, const struct entry *group, size_t n, values_fn *how)
{
	char	 *name;
	size_t	  len;
	int	  some = 0, number = 2;

	for (size_t i = 0; i < n; i++) {
		size_t	 k = 0;

		while (k < i && !same_given(&group[k], &group[i]))
			k++;
		if (k < i)
			continue;		/* written with an earlier one */
		if (some == 0) {
			some = how(o, &group[i], n - i, group->name, group->len);
			continue;
		}
		name = arena_take(&o->n->arena, group->len + 16);
		do {
			len = (size_t)sprintf(name, "%.*s_%d", (int)group->len, group->name, number++);
		} while (taken(all, n_all, name, len));
		some += how(o, &group[i], n - i, name, len);
	}
	return some;
}

static int
put_entries(struct out *o, struct entry *e, size_t n, values_fn *how)
{
	size_t	 next;
	int	 some = 0;

	qsort(e, n, sizeof(*e), by_name);
	for (size_t i = 0; i < n; i = next) {
		for (next = i + 1; next < n && same_name(&e[i], &e[next]); next++)
			continue;
		some += put_group(o, e, n, e + i, next - i, how);
	}
	return some;
}

/* An object in which a name comes twice or cannot be written as it is. */
static int
odd_object(struct out *o, uint32_t node)
{
	struct entry	*e = xcalloc(o->j->nodes[node].count + 1, sizeof(*e));
	size_t		 n = 0;
	int		 some;

	for (uint32_t k = json_first(o->j, node); k != JSON_NONE; k = json_next(o->j, node, k)) {
		name_of(o, k, &e[n], 0);
		e[n].node = k + 1;
		e[n].at = (uint32_t)n;
		n++;
	}
	some = put_entries(o, e, n, put_values);
	free(e);
	return some;
}

/* ---- values ------------------------------------------------------------------------------------------------------------------- */

static int
object_body(struct out *o, uint32_t node)
{
	const struct json_node	*t = &o->j->nodes[node];
	int			 some = 0;

	if (t->flags & (JSON_REPEATS | JSON_NAMES)) {
		for (uint32_t k = json_first(o->j, node); k != JSON_NONE; k = json_next(o->j, node, k))
			if ((o->j->nodes[k].flags & JSON_DOTTED) || (t->flags & JSON_REPEATS))
				return odd_object(o, node);
	}
	for (uint32_t k = json_first(o->j, node); k != JSON_NONE; k = json_next(o->j, node, k)) {
		size_t	 mark = o->to->len;

		separate(o->to);
		put_string(o, k);
		buf_addc(o->to, ':');
		if (o->typed && o->j->nodes[k + 1].kind == JSON_NUMBER && json_name_is(o->j, k, "Type"))
			put_as_text(o, k + 1);
		else if (!value(o, k + 1)) {
			buf_cut(o->to, mark);
			continue;
		}
		some++;
	}
	return some;
}

/* The value, or nothing and 0 when it is empty. */
static int
value(struct out *o, uint32_t node)
{
	const struct json_node	*t = &o->j->nodes[node];
	size_t			 mark = o->to->len, before;
	int			 some = 0;

	if (t->count > 0 && json_first(o->j, node) == JSON_NONE && !o->n->scalars) {
		put_as_text(o, node);		/* deeper than we look */
		return 1;
	}
	switch (t->kind) {
	case JSON_NULL:
		return 0;
	case JSON_STRING:
		if (t->end - t->start == 2)
			return 0;
		put_string(o, node);
		return 1;
	case JSON_OBJECT:
		buf_addc(o->to, '{');
		if (object_body(o, node) == 0) {
			buf_cut(o->to, mark);
			return 0;
		}
		buf_addc(o->to, '}');
		return 1;
	case JSON_ARRAY:
		buf_addc(o->to, '[');
		for (uint32_t k = json_first(o->j, node); k != JSON_NONE; k = json_next(o->j, node, k)) {
			before = o->to->len;
			separate(o->to);
			if (value(o, k))
				some++;
			else
				buf_cut(o->to, before);
		}
		if (some == 0) {
			buf_cut(o->to, mark);
			return 0;
		}
		buf_addc(o->to, ']');
		return 1;
	default:
		buf_add(o->to, o->j->bytes + t->start, t->end - t->start);
		return 1;
	}
}

static int
put_value(struct out *o, const char *name, uint32_t node)
{
	size_t	 mark = o->to->len;

	put_name(o, name, strlen(name));
	if (value(o, node))
		return 1;
	buf_cut(o->to, mark);
	return 0;
}

/*
 * A name of our own below o365.audit ("Actor_raw"), with a number if the record has it too. Where several of the record's names become this
 * one they take numbers themselves, none above the count of members.
 */
static const char *
own_name(struct out *o, const char *name, const char *suffix)
{
	const struct json	*j = &o->n->json;
	size_t			 size = strlen(name) + strlen(suffix) + 16, met = 0, same;
	char			*own = arena_take(&o->n->arena, size);
	struct out		 top = { o->n, j, o->to, 0, 0 };
	struct entry		 e;
	unsigned		 number = 1;

	snprintf(own, size, "%s%s", name, suffix);
	for (;;) {
		same = 0;
		for (uint32_t k = json_first(j, 0); k != JSON_NONE; k = json_next(j, 0, k)) {
			name_of(&top, k, &e, 0);
			same += e.len == strlen(own) && memcmp(e.name, own, e.len) == 0;
		}
		if (same == 0)
			return own;
		met += same;
		number = met > 1 ? j->nodes[0].count + number + 1 : number + 1;
		snprintf(own, size, "%s%s_%u", name, suffix, number);
	}
}

/* What is of the wrong kind, beside the path it would have spoilt. */
static int
put_raw(struct out *o, const char *name, uint32_t node)
{
	const char	*raw;

	if (json_is_empty(o->j, node))
		return 0;
	raw = own_name(o, name, "_raw");
	put_name(o, raw, strlen(raw));
	put_as_text(o, node);
	return 1;
}

/* An object whose members are values in the index: a member that is an object goes to <name>_raw as text. */
static int
put_flat(struct out *o, const char *name, size_t len, uint32_t node)
{
	struct out	 in = { o->n, o->j, o->to, 0, 1 };
	struct entry	*e = xcalloc(o->j->nodes[node].count + 1, sizeof(*e));
	size_t		 n = 0, mark = o->to->len;
	char		*raw;
	int		 some;

	for (uint32_t k = json_first(o->j, node); k != JSON_NONE; k = json_next(o->j, node, k)) {
		name_of(o, k, &e[n], 0);
		if (has_object(o->j, k + 1)) {
			raw = arena_take(&o->n->arena, e[n].len + 5);
			e[n].len = (size_t)sprintf(raw, "%.*s_raw", (int)e[n].len, e[n].name);
			e[n].name = raw;
		}
		e[n].node = k + 1;
		e[n].at = (uint32_t)n;
		n++;
	}
	put_name(o, name, len);
	buf_addc(o->to, '{');
	some = put_entries(&in, e, n, put_values);
	buf_addc(o->to, '}');
	if (some == 0)
		buf_cut(o->to, mark);
	free(e);
	return some > 0;
}

static int
put_opened(struct out *o, const char *name, int lists)
{
	struct out	 in = { o->n, &o->n->inner, o->to, 0, 0 };

	return !lists ? put_flat(&in, name, strlen(name), 0) : put_value(&in, name, 0);
}

/* ---- members with a rule of their own -------------------------------------------------------------------------------------------- */

static int
is_list_of_objects(const struct json *j, uint32_t node)
{
	if (j->nodes[node].kind != JSON_ARRAY)
		return 0;
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k))
		if (j->nodes[k].kind != JSON_OBJECT && j->nodes[k].kind != JSON_NULL)
			return 0;
	return 1;
}

/* The whole thing as one text inside the object it should have been. */
static int
put_inside(struct out *o, const char *name, uint32_t node)
{
	if (json_is_empty(o->j, node))
		return 0;
	put_name(o, name, strlen(name));
	buf_adds(o->to, "{\"_raw\":");
	put_as_text(o, node);
	buf_addc(o->to, '}');
	return 1;
}

static const struct entry *
last_given(const struct entry *e, size_t n)
{
	while (!same_given(&e[0], &e[n - 1]))
		n--;
	return &e[n - 1];
}

static int
is_details(const char *p, size_t len)
{
	return len == 17 && memcmp(p, "additionalDetails", 17) == 0;
}

/* The value is text, but the details are an object. */
static int
put_last_text(struct out *o, const struct entry *e, size_t n, const char *name, size_t len)
{
	const struct entry	*last = last_given(e, n);
	struct out		 in = { o->n, &o->n->inner, o->to, 0, 0 };

	if (!is_details(last->name, last->len)) {
		put_name(o, name, len);
		put_as_text(o, last->node);
		return 1;
	}
	if (o->j->nodes[last->node].kind == JSON_OBJECT)
		return put_flat(o, name, len, last->node);
	return json_inside(o->n, last->node, 0) && put_flat(&in, name, len, 0);
}

static void
add_named(struct out *o, struct entry *e, size_t *n, uint32_t name, uint32_t node)
{
	struct entry	*at = &e[*n];

	if (node == JSON_NONE || json_is_empty(o->j, node))
		return;
	if (name == JSON_NONE || o->j->nodes[name].kind != JSON_STRING)
		fix_name(o, at, "", 0, 0);
	else
		name_of(o, name, at, 0);
	if (is_details(at->name, at->len) && o->j->nodes[node].kind != JSON_OBJECT &&
	    (o->j->nodes[node].kind != JSON_STRING || !json_inside(o->n, node, 0))) {
		at->name = "additionalDetails_raw";
		at->len = 21;
	}
	at->node = node;
	at->at = (uint32_t)*n;
	(*n)++;
}

/* [{"Name":"ForwardTo","Value":"x"}, ...] -> {"ForwardTo":"x"}: the last of a name counts. without: a name that a row moved. */
static int
put_named(struct out *o, const char *name, uint32_t node, const char *without)
{
	const struct json	*j = o->j;
	struct entry		*e;
	size_t			 n = 0, mark = o->to->len;
	uint32_t		 k;
	int			 some;

	if (j->nodes[node].kind != JSON_OBJECT && !is_list_of_objects(j, node))
		return put_inside(o, name, node);
	e = xcalloc(j->nodes[node].count + 1, sizeof(*e));
	for (uint32_t i = json_first(j, node); i != JSON_NONE; i = json_next(j, node, i)) {
		if (j->nodes[node].kind == JSON_OBJECT) {
			add_named(o, e, &n, i, i + 1);
		} else if (j->nodes[i].kind == JSON_OBJECT) {
			k = json_get(j, i, "Name");
			if (without == NULL || k == JSON_NONE || j->nodes[k].kind != JSON_STRING || !json_name_is(j, k, without))
				add_named(o, e, &n, k, json_get(j, i, "Value"));
		}
	}
	put_name(o, name, strlen(name));
	buf_addc(o->to, '{');
	some = put_entries(o, e, n, put_last_text);
	buf_addc(o->to, '}');
	if (some == 0)
		buf_cut(o->to, mark);
	free(e);
	return some > 0;
}

static void
put_half(struct out *o, const char *name, uint32_t object)
{
	uint32_t	 v = json_get(o->j, object, name);

	if (v == JSON_NONE || json_is_empty(o->j, v))
		return;
	put_name(o, name, strlen(name));
	put_as_text(o, v);
}

/* Names without values, as a list. */
static void
put_bare_names(struct out *o, uint32_t list)
{
	buf_addc(o->to, '[');
	for (uint32_t i = json_first(o->j, list); i != JSON_NONE; i = json_next(o->j, list, i)) {
		if (o->j->nodes[i].kind == JSON_OBJECT || json_is_empty(o->j, i))
			continue;
		separate(o->to);
		put_as_text(o, i);
	}
	buf_addc(o->to, ']');
}

static int
put_last_change(struct out *o, const struct entry *e, size_t n, const char *name, size_t len)
{
	const struct entry	*last = last_given(e, n);
	size_t			 mark = o->to->len;

	put_name(o, name, len);
	if (o->j->nodes[last->node].kind == JSON_ARRAY) {
		put_bare_names(o, last->node);
		return 1;
	}
	buf_addc(o->to, '{');
	put_half(o, "NewValue", last->node);
	put_half(o, "OldValue", last->node);
	if (o->to->bytes[o->to->len - 1] == '{') {
		buf_cut(o->to, mark);
		return 0;
	}
	buf_addc(o->to, '}');
	return 1;
}

/* [{"Name":"Member Of","OldValue":"a","NewValue":"b"}] -> {"Member_Of":{"NewValue":"b","OldValue":"a"}} */
static int
put_changes(struct out *o, const char *name, uint32_t node)
{
	const struct json	*j = o->j;
	struct entry		*e;
	size_t			 n = 0, names = 0, mark = o->to->len;
	uint32_t		 k;
	int			 some;

	if (j->nodes[node].kind == JSON_OBJECT)
		return put_value(o, name, node);
	if (j->nodes[node].kind != JSON_ARRAY)
		return put_inside(o, name, node);
	e = xcalloc(j->nodes[node].count + 1, sizeof(*e));
	for (uint32_t i = json_first(j, node); i != JSON_NONE; i = json_next(j, node, i)) {
		if (j->nodes[i].kind != JSON_OBJECT) {
			names += !json_is_empty(j, i);
			continue;
		}
		if ((k = json_get(j, i, "Name")) == JSON_NONE || j->nodes[k].kind != JSON_STRING)
			fix_name(o, &e[n], "", 0, 1);
		else
			name_of(o, k, &e[n], 1);
		e[n].node = i;
		e[n].at = (uint32_t)n + 1;
		n++;
	}
	if (names > 0) {	/* first, so that it is always a list; "." is never written so: a property called _names stays beside it */
		e[n] = (struct entry){ "_names", 6, ".", 1, node, 0 };
		n++;
	}
	put_name(o, name, strlen(name));
	buf_addc(o->to, '{');
	some = put_entries(o, e, n, put_last_change);
	buf_addc(o->to, '}');
	if (some == 0)
		buf_cut(o->to, mark);
	free(e);
	return some > 0;
}

/* A list whose text items that hold a JSON object are opened; the others go beside it. */
static int
put_json_list(struct out *o, const char *name, uint32_t node)
{
	const struct json	*j = o->j;
	struct out		 in = { o->n, &o->n->inner, o->to, 0, 0 };
	size_t			 mark = o->to->len, before;
	int			 some = 0, raw = 0;
	const char		*beside;

	put_name(o, name, strlen(name));
	buf_addc(o->to, '[');
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
		before = o->to->len;
		separate(o->to);
		if (j->nodes[k].kind == JSON_OBJECT ? value(o, k) : j->nodes[k].kind == JSON_STRING && json_inside(o->n, k, 0) && value(&in, 0)) {
			some++;
			continue;
		}
		buf_cut(o->to, before);
		raw += j->nodes[k].kind != JSON_OBJECT && !json_is_empty(j, k);
	}
	buf_addc(o->to, ']');
	if (some == 0)
		buf_cut(o->to, mark);
	if (raw == 0)
		return some;
	beside = own_name(o, name, "_raw");
	put_name(o, beside, strlen(beside));
	buf_addc(o->to, '[');
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
		if (j->nodes[k].kind == JSON_OBJECT || json_is_empty(j, k) || (j->nodes[k].kind == JSON_STRING && json_inside(o->n, k, 0)))
			continue;
		separate(o->to);
		put_as_text(o, k);
	}
	buf_addc(o->to, ']');
	return some + 1;
}

static int
put_json(struct out *o, const char *name, uint32_t node, int lists)
{
	switch (o->j->nodes[node].kind) {
	case JSON_OBJECT:
		return lists ? put_value(o, name, node) : put_flat(o, name, strlen(name), node);
	case JSON_ARRAY:
		return lists ? put_json_list(o, name, node) : put_raw(o, name, node);
	case JSON_STRING:
		return json_inside(o->n, node, lists) ? put_opened(o, name, lists) : put_raw(o, name, node);
	default:
		return put_raw(o, name, node);
	}
}

static int
put_links(struct out *o, const char *name, uint32_t node)
{
	const struct json	*j = o->j;
	size_t			 mark = o->to->len;
	uint32_t		 k;

	if (!is_list_of_objects(j, node))
		return put_value(o, name, node);
	put_name(o, name, strlen(name));
	buf_addc(o->to, '[');
	for (uint32_t i = json_first(j, node); i != JSON_NONE; i = json_next(j, node, i)) {
		if (j->nodes[i].kind != JSON_OBJECT || (k = json_get(j, i, "AlertLinkHref")) == JSON_NONE ||
		    j->nodes[k].kind != JSON_STRING || json_is_empty(j, k))
			continue;
		separate(o->to);
		put_string(o, k);
	}
	if (o->to->bytes[o->to->len - 1] == '[') {
		buf_cut(o->to, mark);
		return 0;
	}
	buf_addc(o->to, ']');
	return 1;
}

static int
put_time(struct out *o, const char *name, uint32_t node)
{
	char	 out[RFC3339_SIZE];
	int64_t	 ms;

	if (o->j->nodes[node].kind != JSON_STRING)
		return put_raw(o, name, node);
	buf_reset(&o->n->text);
	json_text(o->j, node, &o->n->text);
	if (rfc3339_parse(buf_str(&o->n->text), o->n->text.len, &ms, NULL) == -1)
		return put_raw(o, name, node);
	put_name(o, name, strlen(name));
	rfc3339_text(ms, 3, out);
	json_escape(o->to, out, strlen(out));
	return 1;
}

static int
put_platform(struct out *o, const char *name, uint32_t node)
{
	const char	*p;

	buf_reset(&o->n->text);
	json_text(o->j, node, &o->n->text);
	p = platform_name(buf_str(&o->n->text), o->n->text.len);
	if (p == buf_str(&o->n->text))
		return put_value(o, name, node);
	put_name(o, name, strlen(name));
	json_escape(o->to, p, strlen(p));
	return 1;
}

static int
put_member(struct out *o, const struct member *m, uint32_t node)
{
	uint8_t	 kind = o->j->nodes[node].kind;
	int	 some;

	switch ((enum member_kind)m->kind) {
	case M_TEXT:
		if (json_is_empty(o->j, node))
			return 0;
		if (kind == JSON_OBJECT || kind == JSON_ARRAY)
			return put_raw(o, m->name, node);
		put_name(o, m->name, strlen(m->name));
		put_as_text(o, node);
		return 1;
	case M_TIME:
		return put_time(o, m->name, node);
	case M_OBJECT:
		return kind == JSON_OBJECT ? put_value(o, m->name, node) : put_raw(o, m->name, node);
	case M_OBJECTS:
		return is_list_of_objects(o->j, node) || kind == JSON_OBJECT ? put_value(o, m->name, node) :
		    put_raw(o, m->name, node);
	case M_TYPED:
		if (!is_list_of_objects(o->j, node) && kind != JSON_OBJECT)
			return put_raw(o, m->name, node);
		o->typed = 1;
		some = put_value(o, m->name, node);
		o->typed = 0;
		return some;
	case M_NAMED:
		return put_named(o, m->name, node, strcmp(m->name, "ExtendedProperties") == 0 ? "UserAgent" : NULL);
	case M_CHANGES:
		return put_changes(o, m->name, node);
	case M_JSON_OBJECT:
		return put_json(o, m->name, node, 0);
	case M_JSON_OBJECTS:
		return put_json(o, m->name, node, 1);
	case M_LINKS:
		return put_links(o, m->name, node);
	case M_SENDER:
		return put_value(o, kind == JSON_OBJECT ? own_name(o, "SenderEntity", "") : m->name, node);
	case M_MESSAGE:
		return put_value(o, kind == JSON_OBJECT ? own_name(o, "MessageObject", "") : m->name, node);
	case M_PLATFORM:
		return put_platform(o, m->name, node);
	case M_VALUE:
		return has_object(o->j, node) ? put_raw(o, m->name, node) : put_value(o, m->name, node);
	case M_AGGREGATED:
		if (o->n->aggregated)
			return put_value(o, own_name(o, "ExchangeAggregated", m->name), node);
		break;
	}
	return put_value(o, m->name, node);
}

/* Known members by their rule, each once; unknown ones as they are. Where names repeat or cannot stand, by the long way. */
int
rest_write(struct norm *n)
{
	const struct json	*j = &n->json;
	struct out		 o = { n, j, n->out, 0, 0 };
	struct entry		*odd = NULL;
	size_t			 n_odd = 0;
	int			 some = 0, careful = 0;
	uint16_t		 id;

	for (uint32_t k = json_first(j, 0); k != JSON_NONE; k = json_next(j, 0, k))
		careful |= j->nodes[k].flags & JSON_DOTTED;
	careful |= j->nodes[0].flags & JSON_REPEATS;
	if (careful)
		odd = xcalloc(j->nodes[0].count + 1, sizeof(*odd));
	for (uint32_t k = json_first(j, 0); k != JSON_NONE; k = json_next(j, 0, k)) {
		if ((id = ecs_known(n, k)) != NAME_NONE) {
			if (!n->moved[id] && n->node[id] == k + 1)
				some += put_member(&o, &members[id], k + 1);
			continue;
		}
		if (careful) {
			name_of(&o, k, &odd[n_odd], 0);
			odd[n_odd].node = k + 1;
			odd[n_odd].at = (uint32_t)n_odd;
			n_odd++;
			continue;
		}
		size_t	 mark = n->out->len;

		separate(n->out);
		put_string(&o, k);
		buf_addc(n->out, ':');
		if (value(&o, k + 1))
			some++;
		else
			buf_cut(n->out, mark);
	}
	if (careful)
		some += put_entries(&o, odd, n_odd, put_values);
	free(odd);
	return some;
}
