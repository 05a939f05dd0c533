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
#include "norm/audit.h"
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

	return len == b->nodes[y].end - b->nodes[y].start &&
	    memcmp(a->bytes + a->nodes[x].start, b->bytes + b->nodes[y].start, len) == 0;
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
			show(n, m, n->node[i], own_members(n), m->name, m->kind == M_OBJECT || (m->kind & ~M_FLAT) == M_OBJECTS);
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

/* ---- Data, JSON in a text ----------------------------------------------------------------------------------------------- */

static void
show_data(struct norm *n, const struct golden *g)
{
	enum data_kind	 kind;
	struct buf	 out = { 0 };
	const char	*key;
	uint32_t	 data, apart, all;

	index_event(n, g, &out);
	data = json_path(&made, 0, "o365.audit.Data");
	for (size_t i = 0; data != JSON_NONE && (key = audit_data_key(i, &kind)) != NULL; i++) {
		apart = get(data, key, "");
		all = get(get(data, "flattened", ""), key, "");
		if (apart != JSON_NONE)
			golden_show(fitting(key));
		if (get(data, key, "_raw") != JSON_NONE || (all != JSON_NONE && (apart == JSON_NONE || !same_text(&made, all, &made, apart))))
			golden_show(changing(key));
	}
	buf_clear(&out);
}

static void
every_key_of_data_is_shown(void **state)
{
	enum data_kind	 kind;
	const char	*key;

	(void)state;
	missing = 0;
	golden_forget();
	golden_each(show_data);
	for (size_t i = 0; (key = audit_data_key(i, &kind)) != NULL; i++) {
		need(fitting(key), "o365.audit.Data", key);
		need_change(key, "o365.audit.Data", key, kind == D_DATE ? "a date" : kind == D_IP ? "an address" : "a value");
	}
	if (missing > 0)
		fail_msg("%zu keys are not shown", missing);
}

/* ---- names whose kind is known ------------------------------------------------------------------------------------------ */

enum { AS_IT_IS, BESIDE };

static uint8_t	 met[512][2][2];	/* name; on top or below; as it is or beside */

static size_t
without(const char *name, size_t len, const char *ending)
{
	size_t	 n = strlen(ending);

	return len > n && memcmp(name + len - n, ending, n) == 0 ? len - n : 0;
}

/* A value under an object's name is <name>_raw, an object under a value's <name>_object. */
static void
meet(struct norm *n, const char *name, size_t len, uint32_t value, int top)
{
	int		 object = made.nodes[value].kind == JSON_OBJECT, list = made.nodes[value].kind == JSON_ARRAY;
	uint16_t	 id = names_find(&n->kinds, name, len);
	size_t		 stem;

	if (id != NAME_NONE && (object || list) == (kind_of(&n->kinds, top, name, len) == KIND_OBJECT))
		met[id][top][AS_IT_IS] = 1;
	if ((stem = without(name, len, object || list ? "_object" : "_raw")) > 0 &&
	    (id = names_find(&n->kinds, name, stem)) != NAME_NONE &&
	    (object || list) == (kind_of(&n->kinds, top, name, stem) == KIND_VALUE))
		met[id][top][BESIDE] = 1;
}

static void
meet_all(struct norm *n, uint32_t node, int top)
{
	struct buf	 name = { 0 };

	for (uint32_t k = json_first(&made, node); k != JSON_NONE; k = json_next(&made, node, k)) {
		if (made.nodes[node].kind == JSON_OBJECT) {
			buf_reset(&name);
			json_text(&made, k, &name);
			meet(n, buf_str(&name), name.len, k + 1, top);
		}
		meet_all(n, k + (made.nodes[node].kind == JSON_OBJECT), top && made.nodes[node].kind == JSON_ARRAY);
	}
	buf_clear(&name);
}

static void
meet_names(struct norm *n, const struct golden *g)
{
	struct buf	 out = { 0 };

	index_event(n, g, &out);
	if (n->family == &audit_family && own_members(n) != JSON_NONE)
		meet_all(n, own_members(n), 1);
	buf_clear(&out);
}

static void
need_met(size_t i, int top, int how)
{
	if (met[i][top][how])
		return;
	print_error("no golden case has %s %s o365.audit %s\n", kinds_name(i), top ? "on top of" : "below", how == BESIDE ?
	    "with what has to go beside" : "as it should be");
	missing++;
}

/* On top the members with a rule of their own have their kind in that. */
static int
has_own_rule(const char *name)
{
	for (size_t i = 0; i < audit_family.n_members; i++)
		if (strcmp(audit_family.members[i].name, name) == 0)
			return 1;
	return 0;
}

static void
every_name_of_a_kind_is_shown_with_both_kinds(void **state)
{
	(void)state;
	missing = 0;
	golden_each(meet_names);
	for (size_t i = 0; kinds_name(i) != NULL; i++)
		for (int how = AS_IT_IS; how <= BESIDE; how++) {
			need_met(i, 0, how);
			if (!has_own_rule(kinds_name(i)))
				need_met(i, 1, how);
		}
	if (missing > 0)
		fail_msg("%zu names are not shown", missing);
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
	size_t		 len;

	if (*p->from == '*') {		/* "*DateTime": what stands for the star is as without a row */
		name = shape_snake(n, given, strlen(given) - strlen(p->from + 1), &len);
		snprintf(group, sizeof(group), "%s%s", name, p->to);
		name = group;
	}
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

/* The first row that fits counts. */
static int
is_part(const struct part *p, const char *name)
{
	return *p->from == '*' ? without(name, strlen(name), p->from + 1) > 0 : strcmp(p->from, name) == 0;
}

static void
show_object(struct norm *n, const struct shape *s, uint32_t from, uint32_t to)
{
	struct buf	 name = { 0 };

	for (uint32_t k = json_first(&n->json, from); k != JSON_NONE; k = json_next(&n->json, from, k)) {
		buf_reset(&name);
		json_text(&n->json, k, &name);
		for (size_t i = 0; i < s->n; i++) {
			if (!is_part(&s->parts[i], buf_str(&name)))
				continue;
			if (!json_is_empty(&n->json, k + 1))
				show_part(n, s, &s->parts[i], buf_str(&name), k + 1, to);
			break;
		}
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
	for (size_t i = 0; i < s->n; i++) {
		const struct part	*p = &s->parts[i];

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
		cmocka_unit_test(every_key_of_data_is_shown),
		cmocka_unit_test(every_name_of_a_kind_is_shown_with_both_kinds),
		cmocka_unit_test(every_part_of_a_shape_is_shown_as_it_fits_and_as_its_kind_changes_it),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
