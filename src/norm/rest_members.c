/*
 * rest_members - members of o365.audit with a rule of their own, and the walk over all of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "norm/rest.h"

/* One object is a list of one. */
static int
put_as_list(struct out *o, const char *name, uint32_t node)
{
	size_t	 mark = o->to->len;

	if (o->j->nodes[node].kind == JSON_ARRAY)
		return rest_member(o, name, node);
	rest_name(o, name, strlen(name));
	buf_addc(o->to, '[');
	if (!rest_value(o, node)) {
		buf_cut(o->to, mark);
		return 0;
	}
	buf_addc(o->to, ']');
	return 1;
}

static int
put_opened(struct out *o, const char *name, int lists)
{
	struct out	 in = { .n = o->n, .j = &o->n->inner, .to = o->to, .one_query_time = lists };

	return !lists ? rest_flat(&in, name, strlen(name), 0) : put_as_list(&in, name, 0);
}

/* A list whose text items that hold a JSON object are opened; the others go beside it. */
static int
put_json_list(struct out *o, const char *name, uint32_t node)
{
	const struct json	*j = o->j;
	struct out		 in = { .n = o->n, .j = &o->n->inner, .to = o->to, .one_query_time = 1 };
	size_t			 mark = o->to->len, before;
	int			 some = 0, raw = 0;
	const char		*beside;

	rest_name(o, name, strlen(name));
	buf_addc(o->to, '[');
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
		before = o->to->len;
		rest_separate(o->to);
		if (j->nodes[k].kind == JSON_OBJECT ? rest_value(o, k) :
		    j->nodes[k].kind == JSON_STRING && json_inside(o->n, k, 0) && rest_value(&in, 0)) {
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
	beside = rest_own_name(o, name, "_raw");
	rest_name(o, beside, strlen(beside));
	buf_addc(o->to, '[');
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
		if (j->nodes[k].kind == JSON_OBJECT || json_is_empty(j, k) || (j->nodes[k].kind == JSON_STRING && json_inside(o->n, k, 0)))
			continue;
		rest_separate(o->to);
		rest_text(o, k);
	}
	buf_addc(o->to, ']');
	return some + 1;
}

static int
put_json(struct out *o, const char *name, uint32_t node, int lists)
{
	switch (o->j->nodes[node].kind) {
	case JSON_OBJECT:
		return lists ? put_as_list(o, name, node) : rest_flat(o, name, strlen(name), node);
	case JSON_ARRAY:
		return lists ? put_json_list(o, name, node) : rest_raw(o, name, node);
	case JSON_STRING:
		return json_inside(o->n, node, lists) ? put_opened(o, name, lists) : rest_raw(o, name, node);
	default:
		return rest_raw(o, name, node);
	}
}

static void
put_link(struct out *o, uint32_t object)
{
	uint32_t	 k;

	if (o->j->nodes[object].kind != JSON_OBJECT || (k = json_get(o->j, object, "AlertLinkHref")) == JSON_NONE ||
	    o->j->nodes[k].kind != JSON_STRING || json_is_empty(o->j, k))
		return;
	rest_separate(o->to);
	rest_string(o, k);
}

static int
put_links(struct out *o, const char *name, uint32_t node)
{
	const struct json	*j = o->j;
	size_t			 mark = o->to->len;

	if (!rest_is_objects(j, node))
		return rest_has_object(j, node) ? rest_raw(o, name, node) : rest_member(o, name, node);
	rest_name(o, name, strlen(name));
	buf_addc(o->to, '[');
	if (j->nodes[node].kind == JSON_OBJECT)
		put_link(o, node);
	else
		for (uint32_t i = json_first(j, node); i != JSON_NONE; i = json_next(j, node, i))
			put_link(o, i);
	if (o->to->bytes[o->to->len - 1] == '[') {
		buf_cut(o->to, mark);
		return 0;
	}
	buf_addc(o->to, ']');
	return 1;
}

/* Usually text; an object goes by a name of its own. */
static int
put_by_kind(struct out *o, const char *name, const char *of_objects, uint32_t node)
{
	if (rest_nothing(o->j, node))
		return 0;
	if (rest_is_objects(o->j, node))
		return rest_member(o, rest_own_name(o, of_objects, ""), node);
	return rest_has_object(o->j, node) ? rest_raw(o, name, node) : rest_member(o, name, node);
}

/* Always objects, by whatever name. */
static int
put_objects(struct out *o, const char *name, uint32_t node)
{
	return rest_is_objects(o->j, node) ? rest_member(o, name, node) : rest_raw(o, name, node);
}

static int
put_time(struct out *o, const char *name, uint32_t node)
{
	size_t	 mark = o->to->len;

	rest_name(o, name, strlen(name));
	if (rest_time(o, node))
		return 1;
	buf_cut(o->to, mark);
	return rest_raw(o, name, node);
}

static int
is_whole(const char *p)
{
	p += *p == '-';
	return *p != '\0' && strspn(p, "0123456789") == strlen(p) && strlen(p) <= 18 && (*p != '0' || p[1] == '\0');
}

/* A whole number, whether it came as one or as text. */
static int
put_long(struct out *o, const char *name, uint32_t node)
{
	struct buf	 digits = { 0 };
	int		 good;

	buf_reset(&o->n->text);
	if (o->j->nodes[node].kind == JSON_STRING || o->j->nodes[node].kind == JSON_NUMBER)
		json_text(o->j, node, &o->n->text);
	good = number_text(buf_str(&o->n->text), o->n->text.len, &digits) == 0 && strlen(buf_str(&digits)) == digits.len &&
	    is_whole(buf_str(&digits));
	if (good) {
		rest_name(o, name, strlen(name));
		buf_add(o->to, digits.bytes, digits.len);
	}
	buf_clear(&digits);
	return good || rest_raw(o, name, node);
}

static int
put_boolean(struct out *o, const char *name, uint32_t node)
{
	const char	*p, *word;

	buf_reset(&o->n->text);
	if (o->j->nodes[node].kind >= JSON_STRING)
		json_text(o->j, node, &o->n->text);
	p = buf_str(&o->n->text);
	word = strcasecmp(p, "true") == 0 ? "true" : strcasecmp(p, "false") == 0 ? "false" : NULL;
	if (word == NULL)
		return rest_raw(o, name, node);
	rest_name(o, name, strlen(name));
	buf_adds(o->to, word);
	return 1;
}

/* An object with one member that is a time. */
static int
put_with_time(struct out *o, const char *name, const char *time, uint32_t node)
{
	int	 some;

	o->time = time;
	some = put_objects(o, name, node);
	o->time = NULL;
	return some;
}

/* DLP tells the reason alone where others have an object. */
static int
put_exception(struct out *o, const char *name, uint32_t node)
{
	if (o->j->nodes[node].kind != JSON_STRING || (o->n->type != 11 && o->n->type != 13) || json_is_empty(o->j, node))
		return put_objects(o, name, node);
	rest_name(o, name, strlen(name));
	buf_adds(o->to, "{\"Reason\":");
	rest_string(o, node);
	buf_addc(o->to, '}');
	return 1;
}

static int
put_platform(struct out *o, const char *name, uint32_t node)
{
	const char	*p;

	if (o->j->nodes[node].kind <= JSON_ARRAY)
		return rest_has_object(o->j, node) ? rest_raw(o, name, node) : rest_member(o, name, node);
	buf_reset(&o->n->text);
	json_text(o->j, node, &o->n->text);
	p = platform_name(buf_str(&o->n->text), o->n->text.len);
	if (p == buf_str(&o->n->text))
		return rest_member(o, name, node);
	rest_name(o, name, strlen(name));
	json_escape(o->to, p, strlen(p));
	return 1;
}

static int
put_member(struct out *o, const struct member *m, uint32_t node)
{
	uint8_t	 kind = o->j->nodes[node].kind;
	int	 some;

	switch ((enum member_kind)(m->kind & ~M_FLAT)) {
	case M_TEXT:
		if (json_is_empty(o->j, node))
			return 0;
		if (kind == JSON_OBJECT || kind == JSON_ARRAY)
			return rest_raw(o, m->name, node);
		rest_name(o, m->name, strlen(m->name));
		rest_text(o, node);
		return 1;
	case M_TIME:
		return put_time(o, m->name, node);
	case M_OBJECT:
	case M_OBJECTS:
		return put_objects(o, m->name, node);
	case M_TYPED:
		o->typed = 1;
		some = put_objects(o, m->name, node);
		o->typed = 0;
		return some;
	case M_NAMED:
		return rest_pairs(o, m->name, node, strcmp(m->name, "ExtendedProperties") == 0 ? "UserAgent" : NULL);
	case M_CHANGES:
		return rest_changes(o, m->name, node);
	case M_JSON_OBJECT:
		return put_json(o, m->name, node, 0);
	case M_JSON_OBJECTS:
		return put_json(o, m->name, node, 1);
	case M_LINKS:
		return put_links(o, m->name, node);
	case M_SENDER:
		return put_by_kind(o, m->name, "SenderEntity", node);
	case M_MESSAGE:
		return put_by_kind(o, m->name, "MessageObject", node);
	case M_PLATFORM:
		return put_platform(o, m->name, node);
	case M_VALUE:
		return rest_has_object(o->j, node) ? rest_raw(o, m->name, node) : rest_member(o, m->name, node);
	case M_LONG:
		return put_long(o, m->name, node);
	case M_BOOLEAN:
		return put_boolean(o, m->name, node);
	case M_SENT:
		return put_with_time(o, m->name, "Sent", node);
	case M_RESCANNED:
		return put_with_time(o, m->name, "Timestamp", node);
	case M_EXCEPTION:
		return put_exception(o, m->name, node);
	case M_DATA:
		return rest_data(o, m->name, node);
	case M_AGGREGATED:
		return put_objects(o, o->n->aggregated && rest_is_objects(o->j, node) ?
		    rest_own_name(o, "ExchangeAggregated", m->name) : m->name, node);
	}
	return rest_member(o, m->name, node);
}

/* What a flattened field would refuse is text. */
static int
put_known(struct out *o, const struct member *m, uint32_t node)
{
	size_t	 mark = o->to->len;
	int	 some = put_member(o, m, node);

	if ((m->kind & M_FLAT) == 0 || rest_flat_takes(o->to->bytes + mark, o->to->len - mark))
		return some;
	buf_cut(o->to, mark);
	return rest_raw(o, m->name, node);
}

/* For --explain. */
static const char *const kind_words[] = {
	[M_VALUE] = "as it is", [M_AGGREGATED] = "under its own name in record type 50", [M_TEXT] = "as text",
	[M_TIME] = "ISO 8601, UTC", [M_OBJECT] = "as it is, always an object", [M_OBJECTS] = "as it is, always objects",
	[M_NAMED] = "names and values become an object", [M_CHANGES] = "names and changes become an object",
	[M_JSON_OBJECT] = "a JSON object in text is opened", [M_JSON_OBJECTS] = "JSON objects in text are opened",
	[M_TYPED] = "objects, Type as text", [M_LINKS] = "the links alone", [M_SENDER] = "an object is SenderEntity",
	[M_MESSAGE] = "an object is MessageObject", [M_PLATFORM] = "AIP's digits as words",
	[M_LONG] = "a whole number", [M_BOOLEAN] = "true or false", [M_SENT] = "its time as ISO 8601, UTC",
	[M_RESCANNED] = "its time as ISO 8601, UTC", [M_EXCEPTION] = "a text is the reason",
	[M_DATA] = "JSON in a text is opened: known keys, and all of it flattened",
};

const char *
member_words(uint8_t kind)
{
	return kind_words[kind & ~M_FLAT];
}

static void
explain(struct norm *n, size_t mark, uint32_t name, const char *how)
{
	if (n->explain != NULL && n->out->len > mark)
		explain_member(n, n->out->bytes + mark, n->out->len - mark, name, how);
}

/* An unknown member that can be written as it is. */
static int
plain(struct out *o, uint32_t name)
{
	size_t		 len;
	const char	*p = json_plain(o->j, name, &len);

	return p != NULL && !(o->j->nodes[name].flags & JSON_DOTTED) && rest_fits(o, 1, p, len, name + 1);
}

static int
explained_values(struct out *o, const struct entry *e, size_t n, const char *name, size_t len)
{
	size_t	 mark = o->to->len;
	int	 some = rest_values(o, e, n, name, len);

	explain(o->n, mark, e->node - 1, "as it is");
	return some;
}

/* Known members by their rule, each once; unknown ones as they are. Where names repeat or cannot stand, by the long way. */
int
rest_write(struct norm *n)
{
	const struct json	*j = &n->json;
	struct out		 o = { .n = n, .j = j, .to = n->out };
	struct entry		*odd = NULL;
	size_t			 n_odd = 0, mark;
	int			 some = 0, careful = j->nodes[0].flags & JSON_REPEATS;
	uint16_t		 id;

	for (uint32_t k = json_first(j, 0), i = 0; k != JSON_NONE && !careful; k = json_next(j, 0, k), i++)
		careful = n->ids[i] == NAME_NONE && !plain(&o, k);
	if (careful)
		odd = xcalloc(j->nodes[0].count + 1, sizeof(*odd));
	for (uint32_t k = json_first(j, 0), i = 0; k != JSON_NONE; k = json_next(j, 0, k), i++) {
		if ((id = n->ids[i]) != NAME_NONE) {
			if (!n->moved[id] && n->node[id] == k + 1) {
				mark = n->out->len;
				some += put_known(&o, &n->family->members[id], k + 1);
				explain(n, mark, k, member_words(n->family->members[id].kind));
			}
			continue;
		}
		if (careful) {
			rest_name_of(&o, k, &odd[n_odd], 0);
			odd[n_odd].node = k + 1;
			odd[n_odd].at = (uint32_t)n_odd;
			rest_judge(&o, 1, &odd[n_odd]);
			n_odd++;
			continue;
		}
		mark = n->out->len;
		rest_separate(n->out);
		rest_string(&o, k);
		buf_addc(n->out, ':');
		if (rest_value(&o, k + 1))
			some++;
		else
			buf_cut(n->out, mark);
		explain(n, mark, k, "as it is");
	}
	if (n->message_id != NULL) {
		rest_name(&o, "NetworkMessageId", 16);
		json_escape(n->out, n->message_id, strlen(n->message_id));
		some++;
	}
	if (careful)
		some += rest_entries(&o, odd, n_odd, n->explain != NULL ? explained_values : rest_values);
	free(odd);
	return some;
}
