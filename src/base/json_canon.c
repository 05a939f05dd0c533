/*
 * json_canon - one text for what a value says: members sorted by name, what is empty left out, strings spelled one way.
 *
 * The content hash of rows that change is taken over it (design.md section 5). Numbers keep their text, arrays their order;
 * null, "", {} and [] are left out, and so is what is empty once they are. It decides what is sent again as a revision:
 * change it and every row that changes comes once more.
 */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct member {
	uint32_t	 name;
	size_t		 at, len;	/* its decoded name in the scratch text */
	const struct buf *text;
};

static int	 canon(const struct json *, uint32_t node, struct buf *);

static int
by_name(const void *a, const void *b)
{
	const struct member	*x = a, *y = b;
	size_t			 least = x->len < y->len ? x->len : y->len;
	int			 order = memcmp(x->text->bytes + x->at, y->text->bytes + y->at, least);

	if (order != 0)
		return order;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return x->name < y->name ? -1 : 1;	/* a name that comes twice keeps its order */
}

static int
canon_object(const struct json *j, uint32_t node, struct buf *to)
{
	struct member	*members = xcalloc((size_t)j->nodes[node].count + 1, sizeof(*members));
	struct buf	 text = { 0 };
	size_t		 n = 0, mark;
	int		 some = 0;

	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
		members[n].name = k;
		members[n].at = text.len;
		json_text(j, k, &text);
		members[n].len = text.len - members[n].at;
		members[n++].text = &text;
	}
	buf_addc(&text, '\0');			/* never NULL below */
	if (n > 1)
		qsort(members, n, sizeof(*members), by_name);
	buf_addc(to, '{');
	for (size_t i = 0; i < n; i++) {
		mark = to->len;
		if (some)
			buf_addc(to, ',');
		json_escape(to, text.bytes + members[i].at, members[i].len);
		buf_addc(to, ':');
		if (canon(j, members[i].name + 1, to))
			some = 1;
		else
			buf_cut(to, mark);
	}
	buf_addc(to, '}');
	free(members);
	buf_clear(&text);
	return some;
}

static int
canon_array(const struct json *j, uint32_t node, struct buf *to)
{
	int	 some = 0;
	size_t	 mark;

	buf_addc(to, '[');
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
		mark = to->len;
		if (some)
			buf_addc(to, ',');
		if (canon(j, k, to))
			some = 1;
		else
			buf_cut(to, mark);
	}
	buf_addc(to, ']');
	return some;
}

/* Appends the node; 0: it is empty, and what was appended has to go again. Recurses at most JSON_DEPTH levels. */
static int
canon(const struct json *j, uint32_t node, struct buf *to)
{
	const struct json_node	*n = &j->nodes[node];
	struct buf		 text = { 0 };

	if (json_is_empty(j, node))
		return 0;
	switch (n->kind) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		if (json_first(j, node) == JSON_NONE) {		/* its inside has no nodes */
			json_span(j, node, to, 0);
			return 1;
		}
		return n->kind == JSON_OBJECT ? canon_object(j, node, to) : canon_array(j, node, to);
	case JSON_STRING:
		json_text(j, node, &text);
		json_escape(to, buf_str(&text), text.len);
		buf_clear(&text);
		return 1;
	default:
		buf_add(to, j->bytes + n->start, n->end - n->start);
		return 1;
	}
}

void
json_canon(const struct json *j, uint32_t node, struct buf *to)
{
	size_t	 mark = to->len;

	if (!canon(j, node, to))
		buf_cut(to, mark);
}
