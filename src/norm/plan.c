/*
 * plan - the tables of a schema made ready: names became numbers, fields are sorted by path.
 *
 * What is wrong with a table is a bug and ends in an assertion when the first worker starts.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "norm/norm_in.h"

#define MEMBERS_MAX	1024
#define TARGETS_MAX	512

/* ---- members of the record ---- */

static uint16_t
member_add(struct plan *p, uint16_t parent, const char *name, size_t len)
{
	struct names	*siblings = parent == NONE16 ? &p->top : &p->members[parent].children;
	uint16_t	 id = names_find(siblings, name, len);
	struct member	*m;

	if (id != NAME_NONE)
		return id;
	assert(p->n_members < MEMBERS_MAX && len > 0);
	id = p->n_members++;
	m = &p->members[id];
	m->name = xstrndup(name, len);
	m->parent = parent;
	m->keep = KEEP_KINDS;		/* not said yet */
	m->inside = KEEP_ANY;
	names_add(siblings, m->name, id);
	return id;
}

/* "Item.Subject": Item and Item.Subject. */
static uint16_t
member_path(struct plan *p, const char *path, size_t len)
{
	uint16_t	 id = NONE16;

	for (const char *end = path + len; path <= end;) {
		const char	*dot = memchr(path, '.', (size_t)(end - path));
		size_t		 n = (size_t)((dot != NULL ? dot : end) - path);

		id = member_add(p, id, path, n);
		path += n + 1;
	}
	return id;
}

static void
add_members(struct plan *p)
{
	for (size_t i = 0; i < *p->schema->n_members; i++) {
		const struct norm_member *row = &p->schema->members[i];
		struct member		 *m = &p->members[member_path(p, row->path, strlen(row->path))];

		assert(m->keep == KEEP_KINDS);
		m->row = row;
		m->keep = (uint16_t)row->keep;
		m->inside = (uint16_t)row->inside;
	}
}

/* Is there, below it, something to do when it is passed on? Members below have higher numbers. */
static void
mark_special(struct plan *p)
{
	for (uint16_t i = 0; i < p->n_steps; i++)
		for (unsigned k = 0; k < p->steps[i].n_from; k++)
			if ((p->steps[i].row->flags & NORM_MOVE) != 0 && p->steps[i].from[k].member != NONE16)
				p->members[p->steps[i].from[k].member].moves = 1;
	for (uint16_t id = p->n_members; id-- > 0;) {
		const struct member	*m = &p->members[id];

		if (m->parent != NONE16 && (m->special || m->moves || m->keep != p->members[m->parent].inside))
			p->members[m->parent].special = 1;
	}
}

/* Members that only rows name: a value at the top, else what the member around them says. */
static void
settle_members(struct plan *p)
{
	for (uint16_t id = 0; id < p->n_members; id++) {
		struct member	*m = &p->members[id];

		if (m->keep != KEEP_KINDS)
			continue;
		if (m->children.n > 0)
			m->keep = KEEP_OBJECT;
		else
			m->keep = m->parent == NONE16 ? KEEP_VALUE : p->members[m->parent].inside;
		assert(m->parent == NONE16 || (m->keep != KEEP_PAIRS && m->keep != KEEP_CHANGES && m->keep != KEEP_FLAT));
	}
	mark_special(p);
}

/* ---- fields of the event ---- */

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct target *)a)->path, ((const struct target *)b)->path);
}

uint16_t
plan_target(const struct plan *p, const char *path)
{
	struct target	 want = { .path = path };
	struct target	*t = bsearch(&want, p->targets, p->n_targets, sizeof(want), by_path);

	return t == NULL ? NONE16 : (uint16_t)(t - p->targets);
}

static void
target_add(struct plan *p, const char *path, size_t len, int list)
{
	for (uint16_t i = 0; i < p->n_targets; i++)
		if (strncmp(p->targets[i].path, path, len) == 0 && p->targets[i].path[len] == '\0') {
			p->targets[i].list |= (uint8_t)list;
			return;
		}
	assert(p->n_targets < TARGETS_MAX && len > 0);
	p->targets[p->n_targets++] = (struct target){ .path = xstrndup(path, len), .list = (uint8_t)list, .same = NONE16 };
}

/* Fields that rows read and none makes yet. */
static void
add_read_targets(struct plan *p, const char *from)
{
	while (from != NULL && *from != '\0') {
		size_t	 len = strcspn(from, "|");

		if (*from == '=')
			target_add(p, from + 1, len - 1, 0);
		from += len + (from[len] == '|');
	}
}

static void
add_targets(struct plan *p)
{
	target_add(p, p->schema->rest, strlen(p->schema->rest), 0);
	for (size_t i = 0; i < p->schema->n_tables; i++)
		for (size_t k = 0; k < p->schema->tables[i]->n; k++) {
			const struct norm_row	*r = &p->schema->tables[i]->rows[k];

			target_add(p, r->to, strlen(r->to), (r->flags & NORM_LIST) != 0);
			add_read_targets(p, r->from);
			for (const char *also = r->also; also != NULL && *also != '\0';) {
				size_t	 len = strcspn(also, " ");

				target_add(p, also, len, 0);
				also += len + strspn(also + len, " ");
			}
		}
	qsort(p->targets, p->n_targets, sizeof(*p->targets), by_path);
	p->rest = plan_target(p, p->schema->rest);
}

static uint16_t
up_add(struct plan *p, const char *path, size_t len, const char *name, size_t name_len)
{
	struct up	*u;

	for (uint16_t i = 0; i < p->n_ups; i++)
		if (p->ups[i].len == len && memcmp(p->ups[i].path, path, len) == 0)
			return i;
	p->ups = xreallocarray(p->ups, p->n_ups + 1u, sizeof(*p->ups));
	u = &p->ups[p->n_ups];
	u->path = path;
	u->len = len;
	u->key = xasprintf("\"%.*s\":{", (int)name_len, name);
	u->key_len = (uint16_t)strlen(u->key);
	return p->n_ups++;
}

/* Splits its path; no field may be an object around another one. */
static void
settle_target(struct plan *p, uint16_t i)
{
	struct target	*t = &p->targets[i];
	const char	*part = t->path;
	size_t		 rest = strlen(p->schema->rest);

	t->rest = strncmp(t->path, p->schema->rest, rest) == 0 && t->path[rest] == '.';
	if (t->rest) {
		t->name = t->path + rest + 1;
		t->same = member_add(p, NONE16, t->name, strlen(t->name));
	} else {
		for (const char *dot; (dot = strchr(part, '.')) != NULL; part = dot + 1) {
			assert(t->n_up < NORM_UP);
			t->up[t->n_up++] = up_add(p, t->path, (size_t)(dot - t->path), part, (size_t)(dot - part));
		}
		t->name = part;
	}
	t->key = xasprintf("\"%s\":", t->name);
	t->key_len = (uint16_t)strlen(t->key);
	if (i + 1 < p->n_targets) {
		const char	*next = p->targets[i + 1].path;
		size_t		 len = strlen(t->path);

		assert(i == p->rest || strncmp(next, t->path, len) != 0 || next[len] != '.');
		(void)next;
		(void)len;
	}
}

/* ---- rows ---- */

static void
add_from(struct plan *p, struct step *s, const char *from, size_t len)
{
	const char	*tail = NULL;

	assert(s->n_from < NORM_FROM);
	s->from[s->n_from].member = s->from[s->n_from].target = NONE16;
	if (*from == '=') {
		char	*path = xstrndup(from + 1, len - 1);

		s->from[s->n_from].target = plan_target(p, path);
		assert(s->from[s->n_from].target != NONE16);
		free(path);
	} else {
		for (size_t i = 0; i + 2 < len && tail == NULL; i++)
			if (memcmp(from + i, "[].", 3) == 0)
				tail = from + i;
		s->from[s->n_from].member = member_path(p, from, tail != NULL ? (size_t)(tail - from) : len);
		if (tail != NULL)
			s->from[s->n_from].tail = xstrndup(tail + 3, len - (size_t)(tail - from) - 3);
		if (tail != NULL && p->members[s->from[s->n_from].member].keep == KEEP_KINDS)
			p->members[s->from[s->n_from].member].keep = KEEP_OBJECT;
	}
	s->n_from++;
}

static void
add_step(struct plan *p, const struct norm_table *table, const struct norm_row *r)
{
	struct step	*s = &p->steps[p->n_steps++];
	unsigned	 n = 0;

	s->row = r;
	s->table = table;
	s->to = plan_target(p, r->to);
	for (size_t i = 0; i < NORM_ALSO; i++)
		s->also[i] = NONE16;
	for (const char *also = r->also; also != NULL && *also != '\0'; n++) {
		size_t	 len = strcspn(also, " ");
		char	*path = xstrndup(also, len);

		assert(n < NORM_ALSO);
		s->also[n] = plan_target(p, path);
		free(path);
		also += len + strspn(also + len, " ");
	}
	for (const char *from = r->from; from != NULL && *from != '\0';) {
		size_t	 len = strcspn(from, "|");

		add_from(p, s, from, len);
		from += len + (from[len] == '|');
	}
	for (uint16_t i = 0; r->words != NULL && r->words[i].word != NULL; i++)
		names_add(&s->words, r->words[i].word, i);
}

static void
add_stage(struct plan *p, const struct norm_table *table)
{
	struct stage	*st = &p->stages[p->n_stages++];
	const char	*eq, *value;

	st->table = table;
	st->when = NONE16;
	st->first = p->n_steps;
	st->n = (uint32_t)table->n;
	if (table->when != NULL) {
		eq = strchr(table->when, '=');
		assert(eq != NULL);
		st->when = member_path(p, table->when, (size_t)(eq - table->when));
		for (value = eq + 1; *value != '\0';) {
			size_t	 len = strcspn(value, "|");

			names_add(&st->values, xstrndup(value, len), 0);
			value += len + (value[len] == '|');
		}
	}
	for (size_t i = 0; i < table->n; i++)
		add_step(p, table, &table->rows[i]);
}

/* ---- all of it ---- */

struct plan *
plan_new(const struct norm_schema *schema)
{
	struct plan	*p = xcalloc(1, sizeof(*p));
	size_t		 rows = 0;

	p->schema = schema;
	for (size_t i = 0; i < schema->n_tables; i++)
		rows += schema->tables[i]->n;
	assert(rows < UINT16_MAX);
	p->members = xcalloc(MEMBERS_MAX, sizeof(*p->members));
	p->targets = xcalloc(TARGETS_MAX, sizeof(*p->targets));
	p->steps = xcalloc(rows, sizeof(*p->steps));
	p->stages = xcalloc(schema->n_tables, sizeof(*p->stages));
	add_members(p);
	add_targets(p);
	for (size_t i = 0; i < schema->n_tables; i++)
		add_stage(p, schema->tables[i]);
	for (uint16_t i = 0; i < p->n_targets; i++)
		settle_target(p, i);
	settle_members(p);
	return p;
}

static void
free_names_and_texts(struct names *t)
{
	for (uint32_t i = 0; t->slots != NULL && i <= t->mask; i++)
		free((void *)(uintptr_t)t->slots[i].text);
	names_free(t);
}

void
plan_free(struct plan *p)
{
	if (p == NULL)
		return;
	for (uint16_t i = 0; i < p->n_stages; i++)
		free_names_and_texts(&p->stages[i].values);
	for (uint16_t i = 0; i < p->n_steps; i++) {
		for (unsigned k = 0; k < p->steps[i].n_from; k++)
			free((void *)(uintptr_t)p->steps[i].from[k].tail);
		names_free(&p->steps[i].words);
	}
	for (uint16_t i = 0; i < p->n_members; i++)
		names_free(&p->members[i].children);
	for (uint16_t i = 0; i < p->n_members; i++)
		free((void *)(uintptr_t)p->members[i].name);
	for (uint16_t i = 0; i < p->n_targets; i++) {
		free((void *)(uintptr_t)p->targets[i].path);
		free(p->targets[i].key);
	}
	for (uint16_t i = 0; i < p->n_ups; i++)
		free(p->ups[i].key);
	names_free(&p->top);
	free(p->members);
	free(p->targets);
	free(p->steps);
	free(p->stages);
	free(p->ups);
	free(p);
}
