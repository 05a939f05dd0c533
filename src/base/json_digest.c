/*
 * json_digest - one number for what a record says, however its members are ordered and spaced.
 *
 * An object is the sum of its members, an array the chain of its elements, and what is empty is 0 and adds nothing:
 *
 *	value	"text" 17 true	hash of its bytes as they stand
 *	object	{...}		mix of the sum over the members of mix(hash of the name, value)
 *	array	[...]		mix of the chain over the elements of mix(chain, value)
 *
 * The numbers live in the store: change this only together with what is remembered there.
 */
#include "base/json.h"

#include "base/hash.h"
#include "base/json_scan.h"
#include "base/wraps.h"

struct level {
	uint32_t	 end;		/* the node after the last one inside */
	int		 kind;
	uint64_t	 sum;
	uint64_t	 name;		/* hash of the name before the value at hand */
};

static const uint64_t seed_name = 1, seed_value = 2, seed_object = 3, seed_array = 4;

WRAPS static inline uint64_t
mix(uint64_t a, uint64_t b)
{
	a = (a ^ (b << 32 | b >> 32)) * UINT64_C(0x9e3779b97f4a7c15);
	a = (a ^ a >> 29 ^ b) * UINT64_C(0xbf58476d1ce4e5b9);
	return a ^ a >> 32;
}

static inline uint64_t
of_bytes(const struct json *j, uint32_t node, uint64_t seed)
{
	return hash64(j->bytes + j->nodes[node].start, j->nodes[node].end - j->nodes[node].start, seed) | 1;
}

/* An object or array whose inside has no nodes. */
static uint64_t
of_closed(const struct json *j, uint32_t node)
{
	struct buf	 bytes = { 0 };
	uint64_t	 h;

	if ((j->nodes[node].flags & JSON_SPACED) == 0)
		return of_bytes(j, node, seed_value);
	json_span(j, node, &bytes, 0);
	h = hash64(bytes.bytes, bytes.len, seed_value) | 1;
	buf_clear(&bytes);
	return h;
}

/* What the value at hand, with this hash, adds to what it stands in. */
WRAPS static inline void
add(struct level *in, uint64_t value)
{
	if (value == 0)
		return;
	if (in->kind == JSON_OBJECT)
		in->sum += mix(in->name, value);
	else
		in->sum = mix(in->sum + 1, value);
}

static inline uint64_t
of_level(const struct level *in)
{
	return in->sum == 0 ? 0 : mix(in->sum, in->kind == JSON_OBJECT ? seed_object : seed_array) | 1;
}

uint32_t
json_digest(const struct json *j, uint32_t node)
{
	struct level	 levels[JSON_DEPTH + 1], *in = levels;
	uint32_t	 end = j->nodes[node].next;

	*in = (struct level){ .end = end, .kind = JSON_ARRAY };
	for (uint32_t k = node; k < end; k++) {
		const struct json_node	*n = &j->nodes[k];

		if ((n->flags & JSON_NAME) != 0) {
			in->name = of_bytes(j, k, seed_name);
			continue;
		}
		if (n->next > k + 1)
			*++in = (struct level){ .end = n->next, .kind = n->kind };
		else if (!json_is_empty(j, k))
			add(in, n->kind <= JSON_ARRAY ? of_closed(j, k) : of_bytes(j, k, seed_value));
		for (; in > levels && k + 1 == in->end; in--)
			add(in - 1, of_level(in));
	}
	in->sum ^= in->sum >> 32;
	return (uint32_t)in->sum != 0 ? (uint32_t)in->sum : 1;
}
