/*
 * rest - o365.audit: every member that no row moved, under names and kinds that an index can live with.
 *
 * Null and empty values are dropped, at any depth. '.' and NUL in a name become '_', a blank name "_"; a name that comes twice is
 * written once, with the list of its values; two names that become one by this: the second gets "_2". At one path there is
 * always an object or always a value: what is of the other kind goes to <name>_raw as text (spec/ecs-audit.md section 2).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "norm/rest.h"

void
rest_separate(struct buf *b)
{
	char	 c = b->bytes[b->len - 1];

	if (c != '{' && c != '[')
		buf_addc(b, ',');
}

void
rest_name(struct out *o, const char *name, size_t len)
{
	rest_separate(o->to);
	json_escape(o->to, name, len);
	buf_addc(o->to, ':');
}

void
rest_string(struct out *o, uint32_t node)
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
void
rest_text(struct out *o, uint32_t node)
{
	const struct json_node	*t = &o->j->nodes[node];
	struct buf		 b = { 0 };

	if (t->kind == JSON_STRING) {
		rest_string(o, node);
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
void
rest_fix_name(struct out *o, struct entry *e, const char *p, size_t len, int blanks)
{
	char	*copy;

	e->given = e->name = p;
	e->given_len = e->len = len;
	if (json_blank(p, len)) {
		e->name = "_";
		e->len = 1;
		return;
	}
	if (memchr(p, '.', len) == NULL && memchr(p, '\0', len) == NULL && !(blanks && memchr(p, ' ', len) != NULL))
		return;
	copy = arena_copy(&o->n->arena, p, len);
	for (size_t i = 0; i < len; i++)
		if (copy[i] == '.' || copy[i] == '\0' || (blanks && copy[i] == ' '))
			copy[i] = '_';
	e->name = copy;
}

void
rest_name_of(struct out *o, uint32_t node, struct entry *e, int blanks)
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
	rest_fix_name(o, e, p, len, blanks);
}

static int
compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int	 d = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return d != 0 ? d : (a_len > b_len) - (a_len < b_len);
}

/* By the name that is written, and those of one given name together, in order. */
static int
by_name(const void *x, const void *y)
{
	const struct entry	*a = x, *b = y;
	int			 d = compare(a->name, a->len, b->name, b->len);

	if (d == 0)
		d = compare(a->given, a->given_len, b->given, b->given_len);
	return d != 0 ? d : (a->at > b->at) - (a->at < b->at);
}

/* Of one written name: given names by their first coming. */
static int
by_coming(const void *x, const void *y)
{
	const struct entry	*a = x, *b = y;
	int			 d = (a->first > b->first) - (a->first < b->first);

	if (d == 0)
		d = compare(a->given, a->given_len, b->given, b->given_len);
	return d != 0 ? d : (a->at > b->at) - (a->at < b->at);
}

static int
same_name(const struct entry *a, const struct entry *b)
{
	return a->len == b->len && memcmp(a->name, b->name, a->len) == 0;
}

int
rest_same(const struct entry *a, const struct entry *b)
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

/* Nothing of it would be written: empty at every depth. */
int
rest_nothing(const struct json *j, uint32_t node)
{
	uint32_t	 skip = j->nodes[node].kind == JSON_OBJECT;	/* over the name */

	if (json_is_empty(j, node))
		return 1;
	if (j->nodes[node].kind > JSON_ARRAY || json_first(j, node) == JSON_NONE)
		return 0;
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k))
		if (!rest_nothing(j, k + skip))
			return 0;
	return 1;
}

/* An object, or a list with one in it: at a path of values it would spoil the index. */
int
rest_has_object(const struct json *j, uint32_t node)
{
	if (j->nodes[node].kind != JSON_ARRAY)
		return j->nodes[node].kind == JSON_OBJECT;
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k))
		if (rest_has_object(j, k))
			return 1;
	return 0;
}

int
rest_is_objects(const struct json *j, uint32_t node)
{
	if (j->nodes[node].kind != JSON_ARRAY)
		return j->nodes[node].kind == JSON_OBJECT;
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k))
		if (j->nodes[k].kind != JSON_OBJECT && j->nodes[k].kind != JSON_NULL)
			return 0;
	return json_first(j, node) != JSON_NONE;
}

/* An object or a list of a record that is too large to be looked into: it is left out. */
int
rest_unseen(const struct out *o, uint32_t node)
{
	return o->n->scalars && o->j == &o->n->json && o->j->nodes[node].kind <= JSON_ARRAY;
}

/* Is it of the kind that stands under this name in every record? */
int
rest_fits(struct out *o, int top, const char *name, size_t len, uint32_t node)
{
	const struct json_node	*t = &o->j->nodes[node];

	if (json_is_empty(o->j, node) || rest_unseen(o, node))
		return 1;
	if (t->kind > JSON_ARRAY || json_first(o->j, node) == JSON_NONE)
		return kind_of(&o->n->kinds, top, name, len) == KIND_VALUE;
	if (kind_of(&o->n->kinds, top, name, len) == KIND_OBJECT)
		return rest_is_objects(o->j, node) || rest_nothing(o->j, node);
	return !rest_has_object(o->j, node) || rest_nothing(o->j, node);
}

static int
is_time_member(struct out *o, const char *name, size_t len)
{
	return o->time != NULL && strlen(o->time) == len && memcmp(o->time, name, len) == 0;
}

int
rest_time(struct out *o, uint32_t node)
{
	char	 out[RFC3339_SIZE];
	int64_t	 ms;

	if (o->j->nodes[node].kind != JSON_STRING)
		return 0;
	buf_reset(&o->n->text);
	json_text(o->j, node, &o->n->text);
	if (when_parse(buf_str(&o->n->text), o->n->text.len, &ms) == -1)
		return 0;
	rfc3339_text(ms, 3, out);
	json_escape(o->to, out, strlen(out));
	return 1;
}

static int
is_time(struct out *o, uint32_t node)
{
	size_t	 mark = o->to->len;
	int	 good = rest_time(o, node);

	buf_cut(o->to, mark);
	return good;
}

/* What does not fit goes beside: an object that nobody announced as <name>_object, anything else as text. */
void
rest_judge(struct out *o, int top, struct entry *e)
{
	char	*name;

	if (is_time_member(o, e->name, e->len) ? is_time(o, e->node) || rest_nothing(o->j, e->node) :
	    rest_fits(o, top, e->name, e->len, e->node))
		return;
	e->text = is_time_member(o, e->name, e->len) || !rest_is_objects(o->j, e->node);
	name = arena_take(&o->n->arena, e->len + sizeof("_object"));
	e->len = (size_t)sprintf(name, "%.*s%s", (int)e->len, e->name, e->text ? "_raw" : "_object");
	e->name = name;
}

/* A number called Type is text below Actor and Target, under whichever path it is written. */
static int
named_value(struct out *o, const struct entry *e, uint32_t node)
{
	const char	*name = e->name;
	size_t		 len = e->len;

	if (e->text) {
		rest_text(o, node);
		return 1;
	}
	if (is_time_member(o, name, len))
		return rest_time(o, node);
	if (o->typed && o->j->nodes[node].kind == JSON_NUMBER && len == 4 && memcmp(name, "Type", 4) == 0) {
		rest_text(o, node);
		return 1;
	}
	if (o->flat && rest_has_object(o->j, node)) {
		rest_text(o, node);
		return 1;
	}
	return rest_value(o, node);
}

/* Values of the given name of e[0]: one value, or the list of them in order. */
int
rest_values(struct out *o, const struct entry *e, size_t n, const char *name, size_t len)
{
	size_t	 mark = o->to->len, same = 0, before;
	int	 some = 0;

	for (size_t i = 0; i < n; i++)
		same += (size_t)rest_same(&e[0], &e[i]);
	rest_name(o, name, len);
	if (same == 1) {
		some = named_value(o, e, e->node);
	} else {
		buf_addc(o->to, '[');
		for (size_t i = 0; i < n; i++) {
			if (!rest_same(&e[0], &e[i]))
				continue;
			before = o->to->len;
			rest_separate(o->to);
			if (named_value(o, e, e[i].node))
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

static size_t
same_given(const struct entry *e, size_t n)
{
	size_t	 same = 1;

	while (same < n && rest_same(&e[0], &e[same]))
		same++;
	return same;
}

/* All entries of one written name: the first given name that has a value keeps it, every other one gets a number. */
static int
put_group(struct out *o, const struct entry *all, size_t n_all, struct entry *group, size_t n, values_fn *how)
{
	char	 *name;
	size_t	  len, same;
	int	  some = 0, number = 2;

	for (size_t i = 0; i < n; i++)
		group[i].first = i > 0 && rest_same(&group[i - 1], &group[i]) ? group[i - 1].first : group[i].at;
	if (n > 1)
		qsort(group, n, sizeof(*group), by_coming);
	for (size_t i = 0; i < n; i += same) {
		same = same_given(group + i, n - i);
		if (some == 0) {
			some = how(o, &group[i], same, group->name, group->len);
			continue;
		}
		name = arena_take(&o->n->arena, group->len + 16);
		do {
			len = (size_t)sprintf(name, "%.*s_%d", (int)group->len, group->name, number++);
		} while (taken(all, n_all, name, len));
		some += how(o, &group[i], same, name, len);
	}
	return some;
}

int
rest_entries(struct out *o, struct entry *e, size_t n, values_fn *how)
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

/* "11/23/2026 8:01:02 AM": Microsoft says the time twice, once so and once as ISO 8601. */
static int
is_old_query_time(struct out *o, uint32_t name)
{
	const struct json_node	*t = &o->j->nodes[name + 1];
	const char		*end = o->j->bytes + t->end - 1;

	return o->one_query_time && t->kind == JSON_STRING && t->end - t->start > 12 && end[-1] == 'M' &&
	    (end[-2] == 'A' || end[-2] == 'P') && memchr(o->j->bytes + t->start, '/', t->end - t->start) != NULL &&
	    json_name_is(o->j, name, "QueryTime");
}

static int
is_left_out(struct out *o, uint32_t name)
{
	for (unsigned i = 0; i < o->n->n_skip && o->j == &o->n->json; i++)
		if (o->n->skip[i] == name)
			return 1;
	return is_old_query_time(o, name);
}

/* An object in which a name comes twice, cannot be written as it is, or has what does not fit. */
static int
odd_object(struct out *o, uint32_t node)
{
	struct entry	*e = xcalloc(o->j->nodes[node].count + 1, sizeof(*e));
	size_t		 n = 0;
	int		 some;

	for (uint32_t k = json_first(o->j, node); k != JSON_NONE; k = json_next(o->j, node, k)) {
		if (is_left_out(o, k))
			continue;
		rest_name_of(o, k, &e[n], 0);
		e[n].node = k + 1;
		e[n].at = (uint32_t)n;
		rest_judge(o, 0, &e[n]);
		n++;
	}
	some = rest_entries(o, e, n, rest_values);
	free(e);
	return some;
}

/* ---- values ------------------------------------------------------------------------------------------------------------------- */

static int
fits_plainly(struct out *o, uint32_t name)
{
	size_t		 len;
	const char	*p = json_plain(o->j, name, &len);

	return p != NULL && rest_fits(o, 0, p, len, name + 1) && !is_left_out(o, name) && !is_time_member(o, p, len);
}

static int
object_body(struct out *o, uint32_t node)
{
	const struct json_node	*t = &o->j->nodes[node];
	int			 some = 0;

	if (t->flags & JSON_REPEATS)
		return odd_object(o, node);
	for (uint32_t k = json_first(o->j, node); k != JSON_NONE; k = json_next(o->j, node, k))
		if ((o->j->nodes[k].flags & JSON_DOTTED) || !fits_plainly(o, k))
			return odd_object(o, node);
	for (uint32_t k = json_first(o->j, node); k != JSON_NONE; k = json_next(o->j, node, k)) {
		size_t	 mark = o->to->len;

		rest_separate(o->to);
		rest_string(o, k);
		buf_addc(o->to, ':');
		if (o->typed && o->j->nodes[k + 1].kind == JSON_NUMBER && json_name_is(o->j, k, "Type"))
			rest_text(o, k + 1);
		else if (!rest_value(o, k + 1)) {
			buf_cut(o->to, mark);
			continue;
		}
		some++;
	}
	return some;
}

/* The value, or nothing and 0 when it is empty. */
int
rest_value(struct out *o, uint32_t node)
{
	const struct json_node	*t = &o->j->nodes[node];
	size_t			 mark = o->to->len, before;
	int			 some = 0;

	if (t->count > 0 && json_first(o->j, node) == JSON_NONE && !o->n->scalars) {
		rest_text(o, node);		/* deeper than we look */
		return 1;
	}
	if (t->kind <= JSON_ARRAY && rest_is_plain(o, node)) {
		buf_add(o->to, o->j->bytes + t->start, t->end - t->start);
		return 1;
	}
	switch (t->kind) {
	case JSON_NULL:
		return 0;
	case JSON_STRING:
		if (t->end - t->start == 2)
			return 0;
		rest_string(o, node);
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
			rest_separate(o->to);
			if (rest_value(o, k))
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

int
rest_member(struct out *o, const char *name, uint32_t node)
{
	size_t	 mark = o->to->len;

	rest_name(o, name, strlen(name));
	if (rest_value(o, node))
		return 1;
	buf_cut(o->to, mark);
	return 0;
}

/* A name that is written as it stands cannot become one of another length. */
static int
is_of_other_length(const struct json *j, uint32_t name, size_t len)
{
	const struct json_node	*t = &j->nodes[name];

	return (t->flags & (JSON_ESCAPED | JSON_DOTTED)) == 0 && t->end - t->start != len + 2;
}

/*
 * A name of our own below o365.audit ("Actor_raw"), with a number if the record has it too. Where several of the record's
 * names become this one they take numbers themselves, none above the count of members.
 */
const char *
rest_own_name(struct out *o, const char *name, const char *suffix)
{
	const struct json	*j = &o->n->json;
	size_t			 size = strlen(name) + strlen(suffix) + 16, met = 0, same;
	char			*own = arena_take(&o->n->arena, size);
	struct out		 top = { .n = o->n, .j = j, .to = o->to };
	struct entry		 e;
	unsigned		 number = 1;

	snprintf(own, size, "%s%s", name, suffix);
	for (;;) {
		same = 0;
		for (uint32_t k = json_first(j, 0); k != JSON_NONE; k = json_next(j, 0, k)) {
			if (is_of_other_length(j, k, strlen(own)))
				continue;
			rest_name_of(&top, k, &e, 0);
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
int
rest_raw(struct out *o, const char *name, uint32_t node)
{
	const char	*raw;

	if (rest_nothing(o->j, node) || rest_unseen(o, node))
		return 0;
	raw = rest_own_name(o, name, "_raw");
	rest_name(o, raw, strlen(raw));
	rest_text(o, node);
	return 1;
}

/* An object whose members are values in the index: a member that is an object goes to <name>_raw as text. */
int
rest_flat(struct out *o, const char *name, size_t len, uint32_t node)
{
	struct out	 in = { .n = o->n, .j = o->j, .to = o->to, .flat = 1 };
	struct entry	*e = xcalloc(o->j->nodes[node].count + 1, sizeof(*e));
	size_t		 n = 0, mark = o->to->len;
	char		*raw;
	int		 some;

	for (uint32_t k = json_first(o->j, node); k != JSON_NONE; k = json_next(o->j, node, k)) {
		if (rest_nothing(o->j, k + 1))
			continue;
		rest_name_of(o, k, &e[n], 0);
		if (rest_has_object(o->j, k + 1)) {
			raw = arena_take(&o->n->arena, e[n].len + 5);
			e[n].len = (size_t)sprintf(raw, "%.*s_raw", (int)e[n].len, e[n].name);
			e[n].name = raw;
		}
		e[n].node = k + 1;
		e[n].at = (uint32_t)n;
		n++;
	}
	rest_name(o, name, len);
	buf_addc(o->to, '{');
	some = rest_entries(&in, e, n, rest_values);
	buf_addc(o->to, '}');
	if (some == 0)
		buf_cut(o->to, mark);
	free(e);
	return some > 0;
}
