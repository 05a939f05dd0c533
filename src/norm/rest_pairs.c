/*
 * rest_pairs - lists of {Name, Value} and of {Name, OldValue, NewValue}, which become objects.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "norm/rest.h"

/* The whole thing as one text inside the object it should have been. */
static int
put_inside(struct out *o, const char *name, uint32_t node)
{
	if (rest_nothing(o->j, node) || rest_unseen(o, node))
		return 0;
	rest_name(o, name, strlen(name));
	buf_adds(o->to, "{\"_raw\":");
	rest_text(o, node);
	buf_addc(o->to, '}');
	return 1;
}

static const struct entry *
last_given(const struct entry *e, size_t n)
{
	while (!rest_same(&e[0], &e[n - 1]))
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
	struct out		 in = { .n = o->n, .j = &o->n->inner, .to = o->to };

	if (!is_details(last->name, last->len)) {
		rest_name(o, name, len);
		rest_text(o, last->node);
		return 1;
	}
	if (o->j->nodes[last->node].kind == JSON_OBJECT)
		return rest_flat(o, name, len, last->node);
	return json_inside(o->n, last->node, 0) && rest_flat(&in, name, len, 0);
}

static void
add_named(struct out *o, struct entry *e, size_t *n, uint32_t name, uint32_t node)
{
	struct entry	*at = &e[*n];

	if (node == JSON_NONE || json_is_empty(o->j, node))
		return;
	if (name == JSON_NONE || o->j->nodes[name].kind != JSON_STRING)
		rest_fix_name(o, at, "", 0, 0);
	else
		rest_name_of(o, name, at, 0);
	if (is_details(at->name, at->len) && o->j->nodes[node].kind != JSON_OBJECT &&
	    (o->j->nodes[node].kind != JSON_STRING || !json_inside(o->n, node, 0))) {
		at->name = "additionalDetails_raw";
		at->len = 21;
	}
	at->node = node;
	at->at = (uint32_t)*n;
	(*n)++;
}

/* [{"Name":"ForwardTo","Value":"x"}] -> {"ForwardTo":"x"}: the last of a name counts. without: a name that a row moved. */
int
rest_pairs(struct out *o, const char *name, uint32_t node, const char *without)
{
	const struct json	*j = o->j;
	struct entry		*e;
	size_t			 n = 0, mark = o->to->len;
	uint32_t		 k;
	int			 some;

	if (!rest_is_objects(j, node))
		return put_inside(o, name, node);
	e = xcalloc(j->nodes[node].count + 1, sizeof(*e));
	for (uint32_t i = json_first(j, node); i != JSON_NONE; i = json_next(j, node, i)) {
		if (j->nodes[node].kind == JSON_OBJECT) {
			if (without == NULL || !json_name_is(j, i, without) || j->nodes[i + 1].kind < JSON_STRING)
				add_named(o, e, &n, i, i + 1);
		} else if (j->nodes[i].kind == JSON_OBJECT) {
			k = json_get(j, i, "Name");
			if (without == NULL || k == JSON_NONE || j->nodes[k].kind != JSON_STRING || !json_name_is(j, k, without))
				add_named(o, e, &n, k, json_get(j, i, "Value"));
		}
	}
	rest_name(o, name, strlen(name));
	buf_addc(o->to, '{');
	some = rest_entries(o, e, n, put_last_text);
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

	if (v == JSON_NONE || rest_nothing(o->j, v))
		return;
	rest_name(o, name, strlen(name));
	rest_text(o, v);
}

static int
has_half(const struct json *j, uint32_t object, const char *name)
{
	uint32_t	 v = json_get(j, object, name);

	return v != JSON_NONE && !rest_nothing(j, v);
}

/* What tells that something changed and not what: a bare name, or an object without either half. Elastic drops the object. */
static int
is_bare(struct out *o, uint32_t node)
{
	if (o->j->nodes[node].kind == JSON_OBJECT && (o->n->source->compat || has_half(o->j, node, "NewValue") ||
	    has_half(o->j, node, "OldValue")))
		return 0;
	return !rest_nothing(o->j, node);
}

/* Of an object with nothing else its Name; else all of it. */
static uint32_t
bare_name(const struct json *j, uint32_t node)
{
	uint32_t	 name = JSON_NONE;

	if (j->nodes[node].kind != JSON_OBJECT)
		return node;
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
		if (rest_nothing(j, k + 1))
			continue;
		if (name != JSON_NONE || !json_name_is(j, k, "Name"))
			return node;
		name = k + 1;
	}
	return name;
}

/* Names without values, as a list. */
static void
put_bare_names(struct out *o, uint32_t list)
{
	buf_addc(o->to, '[');
	for (uint32_t i = json_first(o->j, list); i != JSON_NONE; i = json_next(o->j, list, i)) {
		if (!is_bare(o, i))
			continue;
		rest_separate(o->to);
		rest_text(o, bare_name(o->j, i));
	}
	buf_addc(o->to, ']');
}

static int
is_whole_change(const struct json *j, uint32_t object)
{
	uint32_t	 new = json_get(j, object, "NewValue"), old = json_get(j, object, "OldValue");

	return new != JSON_NONE && old != JSON_NONE && j->nodes[new].kind != JSON_NULL && j->nodes[old].kind != JSON_NULL;
}

static int
put_last_change(struct out *o, const struct entry *e, size_t n, const char *name, size_t len)
{
	const struct entry	*last = last_given(e, n);
	size_t			 mark = o->to->len;

	rest_name(o, name, len);
	if (o->j->nodes[last->node].kind == JSON_ARRAY) {
		put_bare_names(o, last->node);
		return 1;
	}
	if (o->n->source->compat && !is_whole_change(o->j, last->node)) {
		buf_cut(o->to, mark);
		return 0;
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

/* _raw and _names are ours, and never what a property is written under. */
static void
own_name_of_change(struct out *o, struct entry *e)
{
	char	*own;

	if (!(e->len == 4 && memcmp(e->name, "_raw", 4) == 0) && !(e->len == 6 && memcmp(e->name, "_names", 6) == 0))
		return;
	own = arena_take(&o->n->arena, e->len + 3);
	e->len = (size_t)sprintf(own, "%.*s_2", (int)e->len, e->name);
	e->name = own;
}

static void
add_change(struct out *o, struct entry *e, size_t *n, uint32_t name, uint32_t node)
{
	struct entry	*at = &e[*n];

	if (name == JSON_NONE || o->j->nodes[name].kind != JSON_STRING)
		rest_fix_name(o, at, "", 0, 1);
	else
		rest_name_of(o, name, at, 1);
	own_name_of_change(o, at);
	at->node = node;
	at->at = (uint32_t)*n + 1;
	(*n)++;
}

static int
is_change(const struct json *j, uint32_t node)
{
	return j->nodes[node].kind == JSON_OBJECT && (json_get(j, node, "NewValue") != JSON_NONE ||
	    json_get(j, node, "OldValue") != JSON_NONE);
}

/* {"Role":{"NewValue":"a"}}: an object of changes. */
static int
is_changes(const struct json *j, uint32_t node)
{
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k))
		if (!is_change(j, k + 1) && !rest_nothing(j, k + 1))
			return 0;
	return 1;
}

/* [{"Name":"Member Of","OldValue":"a","NewValue":"b"}] -> {"Member_Of":{"NewValue":"b","OldValue":"a"}} */
int
rest_changes(struct out *o, const char *name, uint32_t node)
{
	const struct json	*j = o->j;
	struct entry		*e;
	size_t			 n = 0, names = 0, mark = o->to->len;
	int			 some, one = is_change(j, node);

	if (j->nodes[node].kind != JSON_ARRAY && !one && !(j->nodes[node].kind == JSON_OBJECT && is_changes(j, node)))
		return put_inside(o, name, node);
	e = xcalloc(j->nodes[node].count + 2, sizeof(*e));
	if (one)
		add_change(o, e, &n, json_get(j, node, "Name"), node);
	for (uint32_t i = json_first(j, node); i != JSON_NONE && !one; i = json_next(j, node, i)) {
		if (j->nodes[node].kind == JSON_OBJECT)
			add_change(o, e, &n, i, i + 1);
		else if (is_bare(o, i))
			names++;
		else if (j->nodes[i].kind == JSON_OBJECT)
			add_change(o, e, &n, json_get(j, i, "Name"), i);
	}
	if (names > 0) {	/* "." is never written so: nothing else is of this name */
		e[n] = (struct entry){ .name = "_names", .len = 6, .given = ".", .given_len = 1, .node = node };
		n++;
	}
	rest_name(o, name, strlen(name));
	buf_addc(o->to, '{');
	some = rest_entries(o, e, n, put_last_change);
	buf_addc(o->to, '}');
	if (some == 0)
		buf_cut(o->to, mark);
	free(e);
	return some > 0;
}
