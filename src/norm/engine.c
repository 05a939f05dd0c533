/*
 * engine - looks members up, runs rows, keeps what they fill in slots.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "norm/ecs.h"

#define COMPARED_MAX 2000	/* a list of more values may hold one twice: comparing all of 100,000 would take minutes */

/* The known member that a name node spells, escapes or not. */
uint16_t
ecs_known(struct norm *n, uint32_t name)
{
	size_t		 len;
	const char	*p = json_plain(&n->json, name, &len);

	if (p == NULL) {
		buf_reset(&n->text);
		json_text(&n->json, name, &n->text);
		p = buf_str(&n->text);
		len = n->text.len;
	}
	return names_find(n->names, p, len);
}

static void
slots_reset(struct norm *n)
{
	for (size_t f = slot_next(n, 0); f <= F_COUNT; f = slot_next(n, f + 1))
		n->slots[f] = (struct slot){ 0 };
	memset(n->filled, 0, sizeof(n->filled));
}

void
ecs_members(struct norm *n)
{
	const struct json	*j = &n->json;
	size_t			 members = family_members(n->family);
	uint16_t		 id;

	for (size_t i = 0; i < members; i++)
		n->node[i] = JSON_NONE;
	memset(n->moved, 0, members);
	n->gone.n = n->n_added = 0;
	slots_reset(n);
	n->n_skip = 0;
	n->message_id = NULL;
	n->ids = (uint16_t *)(void *)arena_take(&n->arena, (j->nodes[0].count + 1) * sizeof(*n->ids));
	for (uint32_t k = json_first(j, 0), i = 0; k != JSON_NONE; k = json_next(j, 0, k), i++)
		if ((id = n->ids[i] = ecs_known(n, k)) != NAME_NONE)
			n->node[id] = k + 1;		/* the last one counts */
}

static uint32_t
member_node(struct norm *n, const char *name, size_t len, uint16_t *id)
{
	*id = names_find(n->names, name, len);
	return *id == NAME_NONE ? JSON_NONE : n->node[*id];
}

/* The Value of the last {Name, Value} of that name. */
static uint32_t
named_value(const struct json *j, uint32_t list, const char *name)
{
	uint32_t	 found = JSON_NONE, k, v;

	for (uint32_t e = json_first(j, list); e != JSON_NONE; e = json_next(j, list, e)) {
		if (j->nodes[e].kind != JSON_OBJECT || (k = json_get(j, e, "Name")) == JSON_NONE ||
		    j->nodes[k].kind != JSON_STRING)
			continue;
		if (json_name_is(j, k, name) && (v = json_get(j, e, "Value")) != JSON_NONE && !json_is_empty(j, v))
			found = v;
	}
	return found;
}

/* Of a list: the Value of that Name, or the member of the first object that has one. */
static uint32_t
value_in_list(const struct json *j, uint32_t list, const char *path)
{
	uint32_t	 v = named_value(j, list, path);

	for (uint32_t e = json_first(j, list); e != JSON_NONE && v == JSON_NONE; e = json_next(j, list, e))
		if (j->nodes[e].kind == JSON_OBJECT && json_get(j, e, "Name") == JSON_NONE)
			v = json_path(j, e, path);
	return v;
}

static uint32_t
find_below(struct norm *n, uint32_t node, const char *path)
{
	if (n->json.nodes[node].kind == JSON_OBJECT)
		return json_path(&n->json, node, path);
	return n->json.nodes[node].kind == JSON_ARRAY ? value_in_list(&n->json, node, path) : JSON_NONE;
}

uint32_t
ecs_find(struct norm *n, const char *path)
{
	const char	*dot = strchr(path, '.');
	size_t		 len = dot != NULL ? (size_t)(dot - path) : strlen(path);
	uint16_t	 id;
	uint32_t	 node = member_node(n, path, len, &id);

	return node == JSON_NONE || dot == NULL ? node : find_below(n, node, dot + 1);
}

/* ---- rows ------------------------------------------------------------------------------------------------------------- */

static void
plan_row(const struct names *names, const struct row *r, struct row_source *to)
{
	const char	*dot;

	*to = (struct row_source){ NAME_NONE, 0, 0 };
	if (r->from == NULL)
		return;
	dot = strchr(r->from, '.');
	to->id = names_find(names, r->from, dot != NULL ? (size_t)(dot - r->from) : strlen(r->from));
	to->rest = dot != NULL ? (uint16_t)(dot + 1 - r->from) : 0;
	to->long_way = strstr(r->from, "[]") != NULL;
}

void
ecs_plan(struct norm *n)
{
	size_t	 most = 0;

	for (size_t f = 0; f < n_families; f++)
		most += families[f]->n_lists;
	n->plans = xcalloc(most + 1, sizeof(*n->plans));
	for (size_t f = 0; f < n_families; f++)
		for (const struct row_list *l = families[f]->lists; l < families[f]->lists + families[f]->n_lists; l++) {
			struct row_plan	*p = &n->plans[n->n_plans++];

			p->rows = l->rows;
			p->sources = xcalloc(l->n + 1, sizeof(*p->sources));
			for (size_t i = 0; i < l->n; i++)
				plan_row(&n->names_of[f], &l->rows[i], &p->sources[i]);
		}
}

static const struct row_source *
planned(const struct norm *n, const struct row *rows)
{
	for (size_t i = 0; i < n->n_plans; i++)
		if (n->plans[i].rows == rows)
			return n->plans[i].sources;
	return NULL;
}

static uint32_t
source_node(struct norm *n, const struct row *r, const struct row_source *s)
{
	uint32_t	 node = s->id == NAME_NONE ? JSON_NONE : n->node[s->id];

	return node == JSON_NONE || s->rest == 0 ? node : find_below(n, node, r->from + s->rest);
}

/* JSON in text, when it is an object (or, if lists may be, a list of objects); n->inner holds it then. */
int
json_inside(struct norm *n, uint32_t node, int lists)
{
	struct buf	 b = { 0 };
	char		*text;
	int		 good;

	json_text(&n->json, node, &b);
	text = arena_copy(&n->arena, buf_str(&b), b.len);
	good = b.len > 0 && json_index(&n->inner, text, b.len, NODES_MAX, DEPTH / 2) == JSON_OK;
	buf_clear(&b);
	if (!good)
		return 0;
	if (n->inner.nodes[0].kind == JSON_OBJECT)
		return 1;
	if (!lists || n->inner.nodes[0].kind != JSON_ARRAY || n->inner.nodes[0].count == 0)
		return 0;
	for (uint32_t k = json_first(&n->inner, 0); k != JSON_NONE; k = json_next(&n->inner, 0, k))
		if (n->inner.nodes[k].kind != JSON_OBJECT)
			return 0;
	return 1;
}

/* Below the top the name itself is remembered; what finds no place in skip[] merely stays as well. */
static void
moved_below(struct norm *n, const char *path)
{
	const char	*dot = strchr(path, '.');
	uint16_t	 id = names_find(n->names, path, (size_t)(dot - path));
	uint32_t	 node = ecs_find(n, path);

	if (id != NAME_NONE && node != JSON_NONE && n->json.nodes[n->node[id]].kind == JSON_OBJECT && n->n_skip < SKIP_MAX)
		n->skip[n->n_skip++] = node - 1;
}

void
ecs_moved(struct norm *n, const char *path)
{
	uint16_t	 id = names_find(n->names, path, strlen(path));

	if (id != NAME_NONE)
		n->moved[id] = 1;
	else if (strchr(path, '.') != NULL)
		moved_below(n, path);
}

static void
move(struct norm *n, const struct row *r, uint32_t node)
{
	if (n->family->shape != NULL)
		ecs_gone(n, node);
	else
		ecs_moved(n, r->from);
}

void
ecs_gone(struct norm *n, uint32_t node)
{
	assert(n->gone.n < MOVED_MAX);
	n->gone.node[n->gone.n++] = node;
}

int
ecs_is_gone(const struct norm *n, uint32_t node)
{
	for (size_t i = 0; i < n->gone.n; i++)
		if (n->gone.node[i] == node)
			return 1;
	return 0;
}

/* "targetResources[].id": the row runs for each. object JSON_NONE: the record. Nothing of it moves. */
void
ecs_each(struct norm *n, uint32_t object, const char *path, const struct row *r)
{
	const struct json	*j = &n->json;
	size_t			 len = strcspn(path, ".");
	int			 list = len > 2 && path[len - 1] == ']';
	char			 name[64];
	uint16_t		 id;
	uint32_t		 node;

	snprintf(name, sizeof(name), "%.*s", (int)(len - (list ? 2 : 0)), path);
	node = object == JSON_NONE ? member_node(n, name, strlen(name), &id) : json_get(j, object, name);
	if (node == JSON_NONE)
		return;
	list = list && j->nodes[node].kind == JSON_ARRAY;
	for (uint32_t k = list ? json_first(j, node) : node; k != JSON_NONE; k = list ? json_next(j, node, k) : JSON_NONE) {
		if (path[len] == '.') {
			if (j->nodes[k].kind == JSON_OBJECT)
				ecs_each(n, k, path + len + 1, r);
		} else if (!json_is_empty(j, k)) {
			r->how(n, r, k);
		}
	}
}

/* A list of one value is read as that value: every field takes it, and whoever looks for it looks there. */
static uint32_t
only_one(const struct json *j, uint32_t node)
{
	uint32_t	 first;

	if (j->nodes[node].kind != JSON_ARRAY || j->nodes[node].count != 1)
		return node;
	first = json_first(j, node);
	return first != JSON_NONE && j->nodes[first].kind >= JSON_STRING && !json_is_empty(j, first) ? first : node;
}

static void
run_row(struct norm *n, const struct row *r, const struct row_source *s)
{
	uint32_t	 node = JSON_NONE, value;

	n->by = r;
	if (s->long_way) {
		n->from = r->from;
		ecs_each(n, JSON_NONE, r->from, r);
		return;
	}
	if (r->from != NULL && ((node = source_node(n, r, s)) == JSON_NONE ||
	    (json_is_empty(&n->json, node) && !(r->flags & R_EMPTY))))
		return;
	n->from = r->from;
	if ((r->flags & R_IF_UNSET) && n->slots[r->to].first != NULL)
		return;
	value = node == JSON_NONE ? node : only_one(&n->json, node);
	r->how(n, r, value);
	if ((r->flags & R_MOVE) && node != JSON_NONE && n->json.nodes[value].kind >= JSON_STRING)
		move(n, r, node);		/* a list or an object found no place: it stays */
}

void
ecs_rows(struct norm *n, const char *why, const struct row *rows, size_t count)
{
	const struct row_source	*sources = planned(n, rows);
	struct row_source	 one;

	n->why = why;
	for (size_t i = 0; i < count; i++) {
		if (sources == NULL)
			plan_row(n->names, &rows[i], &one);
		run_row(n, &rows[i], sources != NULL ? &sources[i] : &one);
	}
	n->from = NULL;
	n->by = NULL;
}

/* ---- slots ------------------------------------------------------------------------------------------------------------ */

void
slot_clear(struct norm *n, enum field f)
{
	n->slots[f].first = n->slots[f].last = NULL;
	n->filled[f / 64] &= ~(UINT64_C(1) << f % 64);
}

static void
append(struct norm *n, enum field f, const char *p, size_t len)
{
	struct value	*v = (struct value *)(void *)arena_take(&n->arena, sizeof(*v) + len + 1);
	char		*copy = (char *)(v + 1);

	memcpy(copy, p, len);
	copy[len] = '\0';
	*v = (struct value){ .p = copy, .len = len };
	slot_mark(n, f);
	v->by = n->by;
	n->slots[f].why = n->why;
	n->slots[f].from = n->from;
	if (n->slots[f].first == NULL)
		n->slots[f].first = v;
	else
		n->slots[f].last->next = v;
	n->slots[f].last = v;
}

void
slot_set(struct norm *n, enum field f, const char *p, size_t len)
{
	if (len == 0)
		return;
	slot_clear(n, f);
	append(n, f, p, len);
}

void
slot_sets(struct norm *n, enum field f, const char *text)
{
	slot_set(n, f, text, strlen(text));
}

void
slot_add(struct norm *n, enum field f, const char *p, size_t len)
{
	unsigned	 seen = 0;

	if (len == 0)
		return;
	for (const struct value *v = n->slots[f].first; v != NULL && seen < COMPARED_MAX; v = v->next, seen++)
		if (v->len == len && memcmp(v->p, p, len) == 0)
			return;
	append(n, f, p, len);
}

const struct value *
slot_get(const struct norm *n, enum field f)
{
	return n->slots[f].first;
}
