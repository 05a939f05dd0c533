/*
 * Every member with a kind of its own (audit's members, the parts of Graph's shapes) is shown by golden cases (golden_kit.h)
 * twice: with a value that fits, and with one that the kind changes or puts beside. The second is what an index and a rule
 * stand on: "7" as a number, 7 as text, an object where text is expected. Asked are the tables, so a new member without
 * cases fails here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "golden_kit.h"
#include "norm/shape.h"

static struct json	 made;			/* the event of the case at hand */
static size_t		 missing;

static const void *
fitting(const void *row)
{
	return row;
}

static const void *
changing(const void *row)
{
	return (const char *)row + 1;
}

static int
same_text(const struct json *a, uint32_t x, const struct json *b, uint32_t y)
{
	size_t	 len = a->nodes[x].end - a->nodes[x].start;

	return len == b->nodes[y].end - b->nodes[y].start && memcmp(a->bytes + a->nodes[x].start, b->bytes + b->nodes[y].start, len) == 0;
}

/* The member of the event's object, or beside it. */
static uint32_t
get(uint32_t object, const char *name, const char *ending)
{
	char	 both[128];

	if (object == JSON_NONE || made.nodes[object].kind != JSON_OBJECT)
		return JSON_NONE;
	snprintf(both, sizeof(both), "%s%s", name, ending);
	return json_get(&made, object, both);
}

static void
show(struct norm *n, const void *row, uint32_t from, uint32_t object, const char *name, int objects)
{
	uint32_t	 to = get(object, name, "");

	if (to != JSON_NONE)
		golden_show(fitting(row));
	if (get(object, name, "_raw") != JSON_NONE || (!objects && (to == JSON_NONE || !same_text(&n->json, from, &made, to))))
		golden_show(changing(row));
}

static int
index_event(struct norm *n, const struct golden *g, struct buf *out)
{
	golden_map(n, g, out);
	assert_int_equal(json_index(&made, buf_str(out), out->len, 0, JSON_DEPTH), JSON_OK);
	return n->json.nodes[0].count > 0;
}

/* Path of the family's own members in the event. */
static uint32_t
own_members(const struct norm *n)
{
	return json_path(&made, 0, ecs_path(n->family->rest));
}

/* ---- audit ------------------------------------------------------------------------------------------------------------ */

static void
show_members(struct norm *n, const struct golden *g)
{
	struct buf	 out = { 0 };

	for (size_t i = 0; index_event(n, g, &out) && n->family == &audit_family && i < audit_family.n_members; i++) {
		const struct member	*m = &audit_family.members[i];

		if (n->node[i] == JSON_NONE || json_is_empty(&n->json, n->node[i]))
			continue;
		if (n->moved[i])
			golden_show(fitting(m));
		else
			show(n, m, n->node[i], own_members(n), m->name, m->kind == M_OBJECT || m->kind == M_OBJECTS);
	}
	buf_clear(&out);
}

static void
need(const void *row, const char *dataset, const char *member)
{
	if (!golden_shown(row)) {
		print_error("%s: no golden case has %s\n", dataset, member);
		missing++;
	}
}

static void
need_change(const void *row, const char *dataset, const char *member, const char *kind)
{
	if (!golden_shown(changing(row))) {
		print_error("%s: no golden case has a %s that its kind changes (%s)\n", dataset, member, kind);
		missing++;
	}
}

static void
every_member_of_audit_is_shown_as_it_fits_and_as_its_kind_changes_it(void **state)
{
	(void)state;
	missing = 0;
	golden_forget();
	golden_each(show_members);
	for (const struct member *m = audit_family.members; m < audit_family.members + audit_family.n_members; m++) {
		need(fitting(m), audit_family.dataset, m->name);
		need_change(m, audit_family.dataset, m->name, member_words(m->kind));
	}
	if (missing > 0)
		fail_msg("%zu members are not shown", missing);
}

/* ---- shapes ------------------------------------------------------------------------------------------------------------ */

static void	 show_value(struct norm *, const struct shape *, uint32_t from, uint32_t to);

static const struct shape *
inside(const struct shape *s, const struct part *p)
{
	return p->inside != NULL ? p->inside : s->deep;
}

/* What fits is an object: the other kind is text. */
static int
is_objects(enum kind kind)
{
	return kind == K_OBJECT || kind == K_PAIRS || kind == K_NUMBERED || kind == K_JSON;
}

/* How a name without a row of its own would be written. */
static const char *
plain_name(struct norm *n, const struct shape *s, const char *given)
{
	size_t	 len;

	return s->flags & S_KEEP ? given : shape_snake(n, given, strlen(given), &len);
}

static void
show_part(struct norm *n, const struct shape *s, const struct part *p, const char *given, uint32_t from, uint32_t object)
{
	const char	*name = p->to != NULL ? p->to : plain_name(n, s, given), *dot = strchr(name, '.');
	char		 group[64];

	if (*p->from == '*')
		return;
	if (dot != NULL) {
		snprintf(group, sizeof(group), "%.*s", (int)(dot - name), name);
		object = get(object, group, "");
		name = dot + 1;
	}
	if (ecs_is_gone(n, from)) {
		golden_show(fitting(p));
		return;
	}
	if (p->kind == K_GONE)
		golden_show(fitting(p));
	show(n, p, from, object, name, is_objects(p->kind));
	if (get(object, name, "") != JSON_NONE && inside(s, p) != NULL)
		show_value(n, inside(s, p), from, get(object, name, ""));
}

static void
show_object(struct norm *n, const struct shape *s, uint32_t from, uint32_t to)
{
	struct buf	 name = { 0 };

	for (uint32_t k = json_first(&n->json, from); k != JSON_NONE; k = json_next(&n->json, from, k)) {
		buf_reset(&name);
		json_text(&n->json, k, &name);
		for (const struct part *p = s->parts; p < s->parts + s->n; p++)
			if (strcmp(p->from, buf_str(&name)) == 0 && !json_is_empty(&n->json, k + 1))
				show_part(n, s, p, buf_str(&name), k + 1, to);
	}
	buf_clear(&name);
}

/* Lists of equally many, and a list that became an object keyed by number. */
static void
show_value(struct norm *n, const struct shape *s, uint32_t from, uint32_t to)
{
	uint32_t	 there;

	if (n->json.nodes[from].kind == JSON_OBJECT && made.nodes[to].kind == JSON_OBJECT)
		show_object(n, s, from, to);
	if (n->json.nodes[from].kind != JSON_ARRAY || n->json.nodes[from].count != made.nodes[to].count)
		return;
	there = json_first(&made, to);
	for (uint32_t k = json_first(&n->json, from); k != JSON_NONE && there != JSON_NONE; k = json_next(&n->json, from, k)) {
		show_value(n, s, k, there + (made.nodes[to].kind == JSON_OBJECT));
		there = json_next(&made, to, there);
	}
}

static void
show_parts(struct norm *n, const struct golden *g)
{
	struct buf	 out = { 0 };

	if (index_event(n, g, &out) && n->family->shape != NULL && own_members(n) != JSON_NONE)
		show_object(n, n->family->shape, 0, own_members(n));
	buf_clear(&out);
}

static const struct shape	*asked[64];
static size_t			 n_asked;

static void
ask(const struct family *f, const struct shape *s, const char *before)
{
	char	 path[256];

	for (size_t i = 0; i < n_asked; i++)
		if (asked[i] == s)
			return;
	assert_true(n_asked < sizeof(asked) / sizeof(asked[0]));
	asked[n_asked++] = s;
	for (const struct part *p = s->parts; p < s->parts + s->n; p++) {
		if (*p->from == '*')
			continue;
		snprintf(path, sizeof(path), "%s%s", before, p->from);
		need(fitting(p), f->dataset, path);
		if (p->kind != K_ANY)
			need_change(p, f->dataset, path, shape_word(p));
		snprintf(path, sizeof(path), "%s%s.", before, p->from);
		if (inside(s, p) != NULL)
			ask(f, inside(s, p), path);
	}
}

static void
every_part_of_a_shape_is_shown_as_it_fits_and_as_its_kind_changes_it(void **state)
{
	(void)state;
	missing = n_asked = 0;
	golden_forget();
	golden_each(show_parts);
	for (size_t i = 0; i < n_families; i++)
		if (families[i]->shape != NULL)
			ask(families[i], families[i]->shape, "");
	if (missing > 0)
		fail_msg("%zu members are not shown", missing);
}

static int
stop(void **state)
{
	(void)state;
	json_clear(&made);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_of_audit_is_shown_as_it_fits_and_as_its_kind_changes_it),
		cmocka_unit_test(every_part_of_a_shape_is_shown_as_it_fits_and_as_its_kind_changes_it),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
