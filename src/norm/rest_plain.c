/*
 * rest_plain - an object or a list that stands in o365.audit byte for byte as in the record: most do.
 *
 * Nothing in it is empty, has another kind than its name says, or a name that cannot stand; nothing has a rule of its own. Then
 * going down into it and writing it piece by piece makes the same bytes.
 */
#include "norm/rest.h"

static int
stands(struct out *o, uint32_t k)
{
	const struct json_node	*t = &o->j->nodes[k];
	const char		*p;
	size_t			 len;

	if (t->flags & JSON_NAME)
		return (p = json_plain(o->j, k, &len)) != NULL && rest_fits(o, 0, p, len, k + 1);
	return !json_is_empty(o->j, k) && (t->count == 0 || json_first(o->j, k) != JSON_NONE);
}

/* What was found not to fit is remembered: what is around it is not gone through again when it is written piece by piece. */
int
rest_is_plain(struct out *o, uint32_t node)
{
	const struct json_node	*t = &o->j->nodes[node];

	if ((t->flags & (JSON_NAMES | JSON_LONES | JSON_SPACED)) != 0 || (node < o->misfit && o->misfit < t->next) ||
	    o->typed || o->one_query_time || o->time != NULL || (o->n->n_skip > 0 && o->j == &o->n->json))
		return 0;
	for (uint32_t k = node + 1; k < t->next; k++)
		if (!stands(o, k)) {
			o->misfit = k;
			return 0;
		}
	return t->next > node + 1;
}
