/*
 * shape_kinds - members whose value is made anew: pairs, numbered lists, audiences, JSON in text.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "norm/shape.h"

const char *
shape_word(const struct part *part)
{
	static const char *const words[] = {
		[K_WORD] = "as text", [K_ANY] = "as it is", [K_LONG] = "a whole number", [K_FLOAT] = "a number", [K_BOOL] = "true or false",
		[K_DATE] = "ISO 8601, UTC", [K_STAMP] = "as received, if it is a date", [K_IP] = "an address", [K_GUID] = "as text",
		[K_TITLE] = "with a capital", [K_LOWER] = "in lower case", [K_CODE] = "a word's number", [K_OBJECT] = "objects by their rows",
		[K_PAIRS] = "pairs become an object", [K_NUMBERED] = "a list becomes an object", [K_AUDIENCES] = "always objects",
		[K_JSON] = "JSON in text is opened", [K_URL] = "the parts of an address", [K_GONE] = "left out",
	};

	return part != NULL ? words[part->kind] : "no row, as it is";
}

/* [{"key":"a","value":"b"}] -> {"a":"b"}; of an object its members. Names as received, but for those that cannot be. */
int
shape_pairs(struct out *o, uint32_t node)
{
	const struct json	*j = o->j;
	struct out		 in = { .n = o->n, .j = j, .to = o->to, .shape = &shape_free_keep };
	struct entry		*e;
	size_t			 n = 0, mark = o->to->len;
	int			 some;

	if (j->nodes[node].kind == JSON_OBJECT)
		return shape_put(o, &shape_free_keep, node);
	e = xcalloc(j->nodes[node].count + 1, sizeof(*e));
	for (uint32_t i = json_first(j, node); i != JSON_NONE; i = json_next(j, node, i)) {
		uint32_t	 key, value;

		if (j->nodes[i].kind != JSON_OBJECT)
			continue;
		key = json_get(j, i, "key");
		value = json_get(j, i, "value");
		if (key == JSON_NONE || j->nodes[key].kind != JSON_STRING || value == JSON_NONE || j->nodes[i].count != 2) {
			rest_fix_name(o, &e[n], "", 0, 0);
			value = i;		/* no pair: all of it, behind "_" */
		} else {
			rest_name_of(o, key, &e[n], 0);
		}
		e[n].node = value;
		e[n].at = (uint32_t)n;
		n++;
	}
	buf_addc(o->to, '{');
	some = rest_entries(&in, e, n, shape_entry);
	buf_addc(o->to, '}');
	if (some == 0)
		buf_cut(o->to, mark);
	free(e);
	return some > 0;
}

/* [a, b] -> {"0":a,"1":b}: rules read places by number, so what is empty leaves a gap. */
int
shape_numbered(struct out *o, const struct shape *s, uint32_t node)
{
	size_t	 mark = o->to->len, before;
	char	 number[16];
	int	 some = 0, at = 0;

	buf_addc(o->to, '{');
	for (uint32_t k = json_first(o->j, node); k != JSON_NONE; k = json_next(o->j, node, k), at++) {
		before = o->to->len;
		rest_name(o, number, (size_t)snprintf(number, sizeof(number), "%d", at));
		if (shape_put(o, s, k))
			some++;
		else
			buf_cut(o->to, before);
	}
	buf_addc(o->to, '}');
	if (some == 0)
		buf_cut(o->to, mark);
	return some > 0;
}

static int
put_audience(struct out *o, const struct shape *s, uint32_t node)
{
	if (o->j->nodes[node].kind == JSON_OBJECT)
		return shape_put(o, s, node);
	if (json_is_empty(o->j, node))
		return 0;
	buf_adds(o->to, "{\"application_id\":");
	rest_text(o, node);
	buf_addc(o->to, '}');
	return 1;
}

/* Microsoft's documentation says text, its schema a list of text, the diagnostic stream has objects. */
int
shape_audiences(struct out *o, const struct shape *s, uint32_t node)
{
	size_t		 mark = o->to->len, before;
	int		 some = 0, list = o->j->nodes[node].kind == JSON_ARRAY;
	uint32_t	 k = list ? json_first(o->j, node) : node;

	buf_addc(o->to, '[');
	for (; k != JSON_NONE; k = list ? json_next(o->j, node, k) : JSON_NONE) {
		before = o->to->len;
		rest_separate(o->to);
		if (put_audience(o, s, k))
			some++;
		else
			buf_cut(o->to, before);
	}
	buf_addc(o->to, ']');
	if (some == 0)
		buf_cut(o->to, mark);
	return some > 0;
}

int
shape_json(struct out *o, uint32_t node)
{
	struct out	 in = { .n = o->n, .j = &o->n->inner, .to = o->to };

	if (o->j->nodes[node].kind != JSON_STRING)
		return shape_put(o, &shape_free_keep, node);
	return json_inside(o->n, node, 1) && shape_put(&in, &shape_free_keep, 0);
}
