/*
 * entries - members that will be written: their names are made fit, and all different.
 *
 * Elasticsearch refuses a document with a name that is empty, blank, begins or ends with a dot, or comes twice in one
 * object. A dot becomes "_", a name without anything to see too. A name that comes twice is written once, with the
 * last value or with all of them. When mending makes one name of two, the first keeps it and the other gets "_2".
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"
#include "norm/norm_in.h"

#define ENTRIES_FIRST	128

/* ---- adding ---- */

static struct entry *
entry_new(struct norm *n)
{
	if (n->n_entries >= n->entries_size) {
		n->entries_size = n->entries_size == 0 ? ENTRIES_FIRST : n->entries_size * 2;
		n->entries = xreallocarray(n->entries, n->entries_size, sizeof(*n->entries));
	}
	return &n->entries[n->n_entries++];
}

/* Names that are fit by nature; whose bytes stay where they are. */
static struct entry *
entry_fit(struct norm *n, const char *name, size_t len, const struct member *m, const struct val *v, unsigned flags)
{
	struct entry	*e = entry_new(n);

	*e = (struct entry){ .name = name, .orig = name, .len = (uint32_t)len, .orig_len = (uint32_t)len, .val = *v,
		.member = m, .node = JSON_NONE, .id = NONE16, .flags = (uint8_t)flags };
	return e;
}

static void
mend_name(struct norm *n, struct entry *e)
{
	char	*to;

	n->unsure = 1;
	if (json_blank(e->orig, e->orig_len)) {
		e->name = "_";
		e->len = 1;
		return;
	}
	e->name = to = arena_copy(&n->arena, e->orig, e->orig_len);
	for (uint32_t i = 0; i < e->len; i++)
		if (to[i] == '.')
			to[i] = '_';
}

static int
is_nothing(const struct val *v)
{
	return v->kind == VAL_NONE || (v->kind <= VAL_JSON && v->len == 0) ||
	    (v->kind == VAL_NODE && keep_hollow(v->j, v->node));
}

int
entry_add(struct norm *n, const char *name, size_t len, const struct member *m, const struct val *v, unsigned flags)
{
	struct entry	*e;

	if (is_nothing(v))
		return 0;
	e = entry_fit(n, name, len, m, v, flags);
	if (json_blank(name, len) || memchr(name, '.', len) != NULL)
		mend_name(n, e);
	return 1;
}

/* The name's bytes without escapes. */
static const char *
name_text(struct norm *n, const struct json *j, uint32_t name, size_t *len)
{
	const char	*p = json_plain(j, name, len);

	if (p != NULL)
		return p;
	buf_reset(&n->scratch);
	json_text(j, name, &n->scratch);
	*len = n->scratch.len;
	return arena_copy(&n->arena, buf_str(&n->scratch), *len);
}

int
entry_add_node(struct norm *n, const struct json *j, uint32_t name, const struct member *m, const struct val *v)
{
	unsigned	 flags = j->nodes[name].flags;
	const char	*p;
	size_t		 len;
	struct entry	*e;

	if (is_nothing(v))
		return 0;
	p = name_text(n, j, name, &len);
	e = entry_fit(n, p, len, m, v, (flags & JSON_ESCAPED) == 0 ? ENTRY_PLAIN : 0);
	if ((flags & JSON_DOTTED) != 0)
		mend_name(n, e);
	else if ((flags & JSON_LONE) == 0 && v->kind == VAL_NODE && v->form == FORM_ALL && v->j == j && v->node == name + 1)
		e->node = name;
	return 1;
}

static void
name_add(struct norm *n, struct entry *e, const char *suffix, size_t len)
{
	char	*to = arena_take(&n->arena, e->len + len);

	memcpy(to, e->name, e->len);
	memcpy(to + e->len, suffix, len);
	e->name = to;
	e->len += (uint32_t)len;
	e->node = JSON_NONE;
	n->unsure = 1;
}

int
entry_add_raw(struct norm *n, const struct json *j, uint32_t name, const struct val *v)
{
	struct entry	*e;

	if (!entry_add_node(n, j, name, &keep_kinds[KEEP_VALUE], v))
		return 0;
	e = &n->entries[n->n_entries - 1];
	name_add(n, e, "_raw", 4);
	return 1;
}

/* ---- names that differ ---- */

static uint32_t *
place_of(struct norm *n, uint32_t mask, const char *name, size_t len)
{
	uint32_t	 at = (uint32_t)hash64(name, len, n->seed) & mask;

	for (; n->names[at] != 0; at = (at + 1) & mask) {
		const struct entry	*e = &n->entries[n->names[at]];

		if (e->len == len && memcmp(e->name, name, len) == 0)
			break;
	}
	return &n->names[at];
}

static int
is_object(const struct val *v)
{
	if (v->kind != VAL_NODE)
		return v->kind == VAL_GROUP;
	return (v->form == FORM_ALL || v->form == FORM_OBJECTS) && (keep_holds(v->j, v->node) & HOLDS_OBJECT) != 0;
}

/* A further value of a name. 0: it is of the other kind, and got a name of its own that is still to be placed. */
static int
chain(struct norm *n, struct entry *head, uint32_t at)
{
	struct entry	*e = &n->entries[at];
	int		 object = is_object(&head->val);

	if (object != is_object(&e->val)) {
		if (object || e->val.kind == VAL_GROUP) {
			e->val.form = FORM_TEXTS;
			name_add(n, e, "_raw", 4);
			return 0;
		}
		e->val.form = FORM_VALUES;
	}
	n->entries[head->tail != 0 ? head->tail : (uint32_t)(head - n->entries)].more = at;
	head->tail = at;
	head->node = JSON_NONE;
	e->flags |= ENTRY_OUT;
	return 1;
}

/* 1: the entry is where it belongs, 0: its name is another's. */
static int
settle(struct norm *n, uint32_t mask, uint32_t at)
{
	struct entry	*e = &n->entries[at], *has;
	uint32_t	*place = place_of(n, mask, e->name, e->len);

	if (*place == 0) {
		*place = at;
		return 1;
	}
	has = &n->entries[*place];
	if (has->orig_len != e->orig_len || memcmp(has->orig, e->orig, e->orig_len) != 0)
		return 0;
	if ((e->flags & has->flags & ENTRY_LAST) == 0)
		return chain(n, has, at) || settle(n, mask, at);
	has->flags |= ENTRY_OUT;
	*place = at;
	return 1;
}

/* The first of name_2, name_3, ... that is free; the one that has the name remembers how far that went. */
static void
renumber(struct norm *n, uint32_t mask, uint32_t at)
{
	struct entry	*e = &n->entries[at];
	struct entry	*has = &n->entries[*place_of(n, mask, e->name, e->len)];
	uint32_t	 number = has->number < 2 ? 2 : has->number + 1, *place;
	char		*to = arena_take(&n->arena, e->len + 12u);

	memcpy(to, e->name, e->len);
	for (;; number++) {
		char		 digits[12];
		size_t		 len = 0;

		digits[len++] = '_';
		for (uint32_t scale = 1000000000; scale > 0; scale /= 10)
			if (number >= scale)
				digits[len++] = (char)('0' + number / scale % 10);
		memcpy(to + e->len, digits, len);
		place = place_of(n, mask, to, e->len + len);
		if (*place != 0)
			continue;
		*place = at;
		has->number = number;
		e->name = to;
		e->len += (uint32_t)len;
		e->node = JSON_NONE;
		return;
	}
}

void
entry_names(struct norm *n, uint32_t first)
{
	uint32_t	 size = 16, clashes = 0;

	while (size < (n->n_entries - first) * 2)
		size *= 2;
	if (size > n->names_size) {
		free(n->names);
		n->names = xreallocarray(NULL, size, sizeof(*n->names));
		n->names_size = size;
	}
	memset(n->names, 0, size * sizeof(*n->names));
	for (uint32_t i = first; i < n->n_entries; i++)
		if ((n->entries[i].flags & ENTRY_OUT) == 0 && !settle(n, size - 1, i)) {
			n->entries[i].number = 1;	/* still without a name */
			clashes++;
		}
	for (uint32_t i = first; clashes > 0 && i < n->n_entries; i++)
		if (n->entries[i].number == 1) {
			n->entries[i].number = 0;
			renumber(n, size - 1, i);
			clashes--;
		}
}
