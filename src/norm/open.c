/*
 * open - members that are passed on in another shape: lists of pairs as objects, JSON in a text as JSON.
 *
 * What a member becomes is built once, before the rows run, so that rows look inside by name. An object that we build is a
 * group of entries. Nothing gets lost: what does not have the expected form stays as text, in <name>_raw or, where the
 * field is an object in any case, in its member _raw.
 */
#include <string.h>

#include "base/xalloc.h"
#include "norm/convert.h"
#include "norm/norm_in.h"

static const struct val	 nothing = { .kind = VAL_NONE };

static struct val
node_val(const struct json *j, uint32_t node, enum val_form form)
{
	return (struct val){ .kind = VAL_NODE, .form = (uint8_t)form, .j = j, .node = node };
}

/* ---- members that rows will ask for ---- */

static void open_below(struct norm *, const struct member *, const struct val *);

static void
found_set(struct norm *n, uint16_t id, const struct val *v, const struct val *raw)
{
	struct found	*f = &n->found[id];

	if (!f->set)
		n->touched[n->n_touched++] = id;
	f->set = 1;
	f->moved = 0;
	f->val = *v;
	f->raw = *raw;
	open_below(n, &n->plan->members[id], v);
}

static void
open_object(struct norm *n, const struct member *m, const struct json *j, uint32_t object, int first_counts)
{
	for (uint32_t k = json_first(j, object); k != JSON_NONE; k = json_next(j, object, k)) {
		struct val	 v = node_val(j, k + 1, FORM_ALL), raw;
		uint16_t	 id;

		keep_below_node(n, m, j, k, &id);
		if (id == NAME_NONE || (first_counts && n->found[id].set))
			continue;
		keep_shape(n, &n->plan->members[id], &v, &raw);
		found_set(n, id, &v, &raw);
	}
}

/* Of a list of objects the first that has it counts. */
static void
open_below(struct norm *n, const struct member *m, const struct val *v)
{
	if (m->children.n == 0 || v->kind != VAL_NODE)
		return;
	if (v->j->nodes[v->node].kind == JSON_OBJECT)
		open_object(n, m, v->j, v->node, 0);
	else if (v->j->nodes[v->node].kind == JSON_ARRAY)
		for (uint32_t k = json_first(v->j, v->node); k != JSON_NONE; k = json_next(v->j, v->node, k))
			if (v->j->nodes[k].kind == JSON_OBJECT)
				open_object(n, m, v->j, k, 1);
}

void
open_member(struct norm *n, uint16_t id)
{
	struct found		*f = &n->found[id];
	const struct member	*m = &n->plan->members[id];

	f->val = node_val(&n->j, f->node, FORM_ALL);
	keep_shape(n, m, &f->val, &f->raw);
	if (m->children.n > 0)
		open_below(n, m, &f->val);
}

/* ---- JSON in a text ---- */

/* The text, which is in the arena, as JSON; NULL: it is none, or this record has had enough of them. */
static struct json *
doc_open(struct norm *n, const char *text, size_t len)
{
	struct json	*j = &n->docs[n->n_docs];

	if (n->n_docs == NORM_DOCS || n->tokens == 0 || json_index(j, text, len, n->tokens, JSON_DEPTH) != JSON_OK)
		return NULL;
	n->tokens -= j->n < n->tokens ? j->n : n->tokens;
	n->n_docs++;
	return j;
}

static int
begins_with(const struct text *t, const char *one_of)
{
	const char	*p = t->p;
	size_t		 len = t->len;

	trim(&p, &len);
	return len > 0 && strchr(one_of, *p) != NULL;
}

/* One fixed sister name for whatever is no object. */
static void
aside(struct val *v, struct val *raw)
{
	*raw = *v;
	raw->form = FORM_JSON;
	if (v->j->nodes[v->node].kind != JSON_STRING && v->j->nodes[v->node].kind != JSON_ARRAY)
		raw->form = FORM_TEXTS;
	*v = nothing;
}

static void
open_json(struct norm *n, struct val *v, struct val *raw)
{
	struct json	*j;
	struct text	 t;

	if (v->j->nodes[v->node].kind == JSON_OBJECT)
		return;
	if (v->j->nodes[v->node].kind == JSON_STRING && norm_text_of(n, v, &t) && begins_with(&t, "{") &&
	    (j = doc_open(n, t.p, t.len)) != NULL)
		*v = node_val(j, 0, FORM_ALL);
	else
		aside(v, raw);
}

/* ---- lists of objects, also in texts ---- */

struct list {				/* two lists being written: of objects, and of what is none */
	struct buf	 objects;
	struct buf	 rest;
};

static void
list_add(struct buf *b, const struct json *j, uint32_t node)
{
	buf_addc(b, b->len == 0 ? '[' : ',');
	json_span(j, node, b, 0);
}

static int
all_objects(const struct json *j, uint32_t list)
{
	for (uint32_t k = json_first(j, list); k != JSON_NONE; k = json_next(j, list, k))
		if (j->nodes[k].kind != JSON_OBJECT)
			return 0;
	return 1;
}

/* A text that holds an object or a list of objects gives them; anything else is rest. */
static void
list_take(struct norm *n, struct list *l, const struct json *j, uint32_t node)
{
	struct val	 v = node_val(j, node, FORM_ALL);
	struct json	*inner = &n->probe;
	struct text	 t;

	if (j->nodes[node].kind == JSON_OBJECT) {
		list_add(&l->objects, j, node);
		return;
	}
	if (j->nodes[node].kind != JSON_STRING || !norm_text_of(n, &v, &t) || !begins_with(&t, "{[") ||
	    json_index(inner, t.p, t.len, n->tokens, JSON_DEPTH) != JSON_OK ||
	    (inner->nodes[0].kind == JSON_ARRAY && (inner->nodes[0].count == 0 || !all_objects(inner, 0)))) {
		if (!json_is_empty(j, node))
			list_add(&l->rest, j, node);
		return;
	}
	if (inner->nodes[0].kind == JSON_OBJECT)
		list_add(&l->objects, inner, 0);
	else
		for (uint32_t k = json_first(inner, 0); k != JSON_NONE; k = json_next(inner, 0, k))
			list_add(&l->objects, inner, k);
}

/* What was gathered, as a document of its own. */
static struct val
list_close(struct norm *n, struct buf *b, enum val_form form)
{
	struct val	 v = nothing;
	struct json	*j;

	if (b->len > 0) {
		buf_addc(b, ']');
		if ((j = doc_open(n, arena_copy(&n->arena, b->bytes, b->len), b->len)) != NULL)
			v = node_val(j, 0, form);
	}
	return v;
}

static void
open_jsons(struct norm *n, struct val *v, struct val *raw)
{
	const struct json	*j = v->j;
	struct list		 l = { .objects = { .len = 0 } };
	struct val		 objects, rest;

	if (j->nodes[v->node].kind == JSON_OBJECT || (j->nodes[v->node].kind == JSON_ARRAY && all_objects(j, v->node)))
		return;
	if (j->nodes[v->node].kind == JSON_ARRAY)
		for (uint32_t k = json_first(j, v->node); k != JSON_NONE; k = json_next(j, v->node, k))
			list_take(n, &l, j, k);
	else
		list_take(n, &l, j, v->node);
	objects = list_close(n, &l.objects, FORM_ALL);
	rest = list_close(n, &l.rest, FORM_TEXTS);
	if (j->nodes[v->node].kind != JSON_ARRAY && rest.kind != VAL_NONE)
		aside(v, raw);
	else if ((objects.kind == VAL_NONE && l.objects.len > 0) || (rest.kind == VAL_NONE && l.rest.len > 0))
		aside(v, raw);		/* too much for one record: as it came */
	else {
		*v = objects;
		*raw = rest;
	}
	buf_clear(&l.objects);
	buf_clear(&l.rest);
}

/* AlertLinks: [{"AlertLinkHref": "..."}]; an element that tells more, or something else, stays whole. */
static void
open_pluck(struct norm *n, const struct member *m, struct val *v, struct val *raw)
{
	const struct json	*j = v->j;
	struct list		 l = { .objects = { .len = 0 } };

	if (j->nodes[v->node].kind != JSON_ARRAY) {
		aside(v, raw);
		return;
	}
	for (uint32_t k = json_first(j, v->node); k != JSON_NONE; k = json_next(j, v->node, k)) {
		uint32_t	 at = json_get(j, k, m->row->hint);

		if (at != JSON_NONE && j->nodes[at].kind == JSON_STRING && !json_is_empty(j, at))
			list_add(&l.objects, j, at);
		if (!keep_hollow(j, k) && (at == JSON_NONE || j->nodes[at].kind != JSON_STRING || j->nodes[k].count > 1))
			list_add(&l.rest, j, k);
	}
	*v = list_close(n, &l.objects, FORM_ALL);
	*raw = list_close(n, &l.rest, FORM_TEXTS);
	buf_clear(&l.objects);
	buf_clear(&l.rest);
}

/* ---- objects that we build ---- */

static uint32_t
group_begin(const struct norm *n)
{
	return n->n_entries;
}

static struct val
group_end(struct norm *n, uint32_t first)
{
	if (n->n_entries == first)
		return nothing;
	if (n->n_groups >= n->groups_size) {
		n->groups_size = n->groups_size == 0 ? 16 : n->groups_size * 2;
		n->groups = xreallocarray(n->groups, n->groups_size, sizeof(*n->groups));
	}
	entry_names(n, first);
	n->groups[n->n_groups] = (struct group){ first, n->n_entries - first };
	return (struct val){ .kind = VAL_GROUP, .node = n->n_groups++ };
}

/* A member of the object that is built. Rows may ask for it, and move it. */
static void
group_add(struct norm *n, const struct member *m, const struct text *name, const struct val *value, unsigned flags)
{
	const struct member	*below;
	struct val		 v = *value, raw = nothing;
	uint16_t		 id;

	below = keep_below(n, m, name->p, name->len, &id);
	if (v.kind == VAL_NODE && v.form == FORM_ALL)
		keep_shape(n, below, &v, &raw);
	if (entry_add(n, name->p, name->len, below, &v, flags | (name->plain ? ENTRY_PLAIN : 0)))
		n->entries[n->n_entries - 1].id = id;
	if (raw.kind != VAL_NONE) {
		char	*sister = arena_take(&n->arena, name->len + 4);

		memcpy(sister, name->p, name->len);
		memcpy(sister + name->len, "_raw", 4);
		entry_add(n, sister, name->len + 4, &keep_kinds[KEEP_VALUE], &raw, flags | (name->plain ? ENTRY_PLAIN : 0));
	}
	if (id != NAME_NONE)
		found_set(n, id, &v, &raw);
}

static void
group_add_raw(struct norm *n, const struct member *m, const struct json *j, uint32_t node)
{
	struct val	 v = node_val(j, node, j->nodes[node].kind <= JSON_STRING ? FORM_JSON : FORM_TEXTS);

	if (!keep_hollow(j, node))
		group_add(n, m, &(struct text){ "_raw", 4, 1 }, &v, 0);
}

/* Name of a pair; 0: it has none that could be a name. */
static int
pair_name(struct norm *n, const struct json *j, uint32_t item, struct text *name)
{
	struct val	 v = node_val(j, json_get(j, item, "Name"), FORM_ALL);

	if (v.node == JSON_NONE || j->nodes[v.node].kind != JSON_STRING)
		return 0;
	if (!norm_text_of(n, &v, name))
		*name = (struct text){ "", 0, 1 };
	return 1;
}

/* Does the item tell more than these? */
static int
tells_more(const struct json *j, uint32_t item, const char *a, const char *b)
{
	for (uint32_t k = json_first(j, item); k != JSON_NONE; k = json_next(j, item, k))
		if (!json_name_is(j, k, a) && !json_name_is(j, k, b) && !keep_hollow(j, k + 1))
			return 1;
	return 0;
}

static void
add_pair(struct norm *n, const struct member *m, const struct json *j, uint32_t item)
{
	uint32_t	 value = json_get(j, item, "Value");
	struct text	 name;
	struct val	 v;

	if (!pair_name(n, j, item, &name)) {
		group_add_raw(n, m, j, item);
		return;
	}
	if (value != JSON_NONE) {
		v = node_val(j, value, FORM_ALL);
		group_add(n, m, &name, &v, ENTRY_LAST);
	}
	if (tells_more(j, item, "Name", "Value"))
		group_add_raw(n, m, j, item);
}

/* It is an object already: the same names, the same rules. */
static void
add_members(struct norm *n, const struct member *m, const struct json *j, uint32_t object)
{
	for (uint32_t k = json_first(j, object); k != JSON_NONE; k = json_next(j, object, k)) {
		struct val	 name = node_val(j, k, FORM_ALL), v = node_val(j, k + 1, FORM_ALL);
		struct text	 t;

		if (!norm_text_of(n, &name, &t))
			t = (struct text){ "", 0, 1 };
		group_add(n, m, &t, &v, 0);
	}
}

/* "Role.DisplayName" and "Role DisplayName" are Role_DisplayName. */
static void
add_change(struct norm *n, const struct member *m, const struct json *j, uint32_t item)
{
	struct val	 v = node_val(j, item, FORM_ALL);
	struct entry	*e;
	struct text	 name;
	char		*to;

	if (!pair_name(n, j, item, &name)) {
		group_add_raw(n, m, j, item);
		return;
	}
	if (!entry_add(n, name.p, name.len, m, &v, name.plain ? ENTRY_PLAIN : 0))
		return;
	e = &n->entries[n->n_entries - 1];
	to = arena_copy(&n->arena, e->name, e->len);
	for (uint32_t i = 0; i < e->len; i++)
		if (to[i] == ' ')
			to[i] = '_';
	e->name = to;
}

/* One pair or one change that came without its list. (A cmdlet may well have a parameter Name.) */
static int
is_item(const struct json *j, uint32_t object)
{
	if (json_get(j, object, "Name") == JSON_NONE || j->nodes[object].count > 3)
		return 0;
	return !tells_more(j, object, "Name", "Value") ||
	    (json_get(j, object, "NewValue") != JSON_NONE && json_get(j, object, "OldValue") != JSON_NONE);
}

static void
open_list(struct norm *n, const struct member *m, struct val *v, const char *texts,
    void (*add)(struct norm *, const struct member *, const struct json *, uint32_t))
{
	const struct json	*j = v->j;
	uint32_t		 node = v->node, first = group_begin(n);

	if (j->nodes[node].kind == JSON_OBJECT && is_item(j, node))
		add(n, m, j, node);
	else if (j->nodes[node].kind == JSON_OBJECT)
		add_members(n, m, j, node);
	else if (j->nodes[node].kind != JSON_ARRAY)
		group_add_raw(n, m, j, node);
	else
		for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
			struct val	 text = node_val(j, k, FORM_TEXTS);

			if (j->nodes[k].kind == JSON_OBJECT)
				add(n, m, j, k);
			else if (j->nodes[k].kind == JSON_STRING && texts != NULL)
				entry_add(n, texts, strlen(texts), &keep_kinds[KEEP_VALUE], &text, ENTRY_LIST | ENTRY_PLAIN);
			else
				group_add_raw(n, m, j, k);
		}
	*v = group_end(n, first);
}

/* ExceptionInfo "words" is {"Reason": "words"}. */
static void
open_lone(struct norm *n, const struct member *m, struct val *v)
{
	uint32_t	 first = group_begin(n);

	group_add(n, m, &(struct text){ m->row->hint, strlen(m->row->hint), 1 }, v, 0);
	*v = group_end(n, first);
}

/* Data {"sip": ..., "x": ...} is {"flattened": {all of it}, "sip": ...}. */
static void
open_flat(struct norm *n, const struct member *m, struct val *v, struct val *raw)
{
	const struct json	*j;
	uint32_t		 object, first;

	open_json(n, v, raw);
	if (v->kind == VAL_NONE)
		return;
	j = v->j;
	object = v->node;
	first = group_begin(n);
	entry_add(n, "flattened", 9, &keep_kinds[KEEP_ANY], v, ENTRY_PLAIN);
	for (uint32_t k = json_first(j, object); k != JSON_NONE; k = json_next(j, object, k)) {
		struct val		 one = node_val(j, k + 1, FORM_ALL), other;
		const struct member	*below;
		uint16_t		 id;

		below = keep_below_node(n, m, j, k, &id);
		if (id == NAME_NONE)
			continue;
		keep_shape(n, below, &one, &other);
		if (below->row != NULL)
			entry_add(n, below->name, strlen(below->name), below, &one, ENTRY_PLAIN | ENTRY_LAST);
		found_set(n, id, &one, &other);
	}
	*v = group_end(n, first);
}

void
open_shape(struct norm *n, const struct member *m, struct val *v, struct val *raw)
{
	switch ((enum norm_keep)m->keep) {
	case KEEP_PAIRS:
		open_list(n, m, v, NULL, add_pair);
		break;
	case KEEP_CHANGES:
		open_list(n, m, v, "_names", add_change);
		break;
	case KEEP_JSON:
		open_json(n, v, raw);
		break;
	case KEEP_JSONS:
		open_jsons(n, v, raw);
		break;
	case KEEP_FLAT:
		open_flat(n, m, v, raw);
		break;
	case KEEP_PLUCK:
		open_pluck(n, m, v, raw);
		break;
	case KEEP_OBJECT:
		open_lone(n, m, v);
		break;
	default:
		break;
	}
}
