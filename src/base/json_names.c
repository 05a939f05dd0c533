/*
 * json_names - the names of one object: does one come twice, can a mapped schema use it.
 *
 * Few names are compared pair by pair; more go into a hash set. Its hash has no secret, so somebody can make names that
 * all meet in one slot: when the set has looked around far too often it is given up for a sort, which nobody can slow.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_scan.h"
#include "base/wraps.h"
#include "base/xalloc.h"

#define PAIRS_MAX	8		/* names compared pair by pair */
#define LOOKS_EACH	8		/* the set is given up after so many looks for each name on average */
#define SLOTS_HOARD	(64 * 1024)	/* a larger set is given back at once */

/* ---- comparing ---- */

struct name {
	const char	*p, *end;	/* inside the quotes */
	int		 escaped;
};

static inline struct name
name_at(const struct json *j, uint32_t node)
{
	const struct json_node	*n = &j->nodes[node];

	return (struct name){ j->bytes + n->start + 1, j->bytes + n->end - 1, (n->flags & JSON_ESCAPED) != 0 };
}

/* The next byte of the decoded name, -1 at its end. part holds what is left of a decoded character. */
struct reader {
	struct name	 name;
	char		 part[4];
	unsigned	 at, n;
};

static int
read_byte(struct reader *r)
{
	if (r->at == r->n) {
		if (r->name.p == r->name.end)
			return -1;
		r->at = 0;
		r->n = scan_decode(&r->name.p, r->part);
	}
	return (unsigned char)r->part[r->at++];
}

static int
are_equal(struct name a, struct name b)
{
	struct reader	 ra = { .name = a }, rb = { .name = b };
	int		 c;

	if (!a.escaped && !b.escaped)
		return a.end - a.p == b.end - b.p && memcmp(a.p, b.p, (size_t)(a.end - a.p)) == 0;
	while ((c = read_byte(&ra)) == read_byte(&rb))
		if (c == -1)
			return 1;
	return 0;
}

/* ---- keys: equal names have equal keys ---- */

static inline uint64_t
load64(const char *p)
{
	uint64_t	 w;

	memcpy(&w, p, 8);
	return w;
}

static inline uint64_t
load32(const char *p)
{
	uint32_t	 w;

	memcpy(&w, p, 4);
	return w;
}

/* From the first eight bytes, the last eight, and the length; of shorter names from what there is. */
WRAPS static inline uint64_t
key_from(uint64_t head, uint64_t tail, size_t len)
{
	head = (head ^ len) * UINT64_C(0x9fb21c651e98df25);
	tail = (tail + len) * UINT64_C(0xd6e8feb86659fd93);
	return (head ^ head >> 29) + (tail ^ tail >> 32);
}

static inline uint64_t
key_of(const char *p, size_t len)
{
	if (len >= 8)
		return key_from(load64(p), load64(p + len - 8), len);
	if (len >= 4)
		return key_from(load32(p), load32(p + len - 4), len);
	if (len == 0)
		return key_from(0, 0, 0);
	return key_from((unsigned char)p[0], (uint64_t)(unsigned char)p[len / 2] << 8 | (unsigned char)p[len - 1], len);
}

/* Of an escaped name, whose decoded bytes stand nowhere. */
static __attribute__((noinline)) uint64_t
key_of_escaped(struct name name)
{
	struct reader	 r = { .name = name };
	char		 head[8], ring[8], tail[8];
	size_t		 len = 0;
	int		 c;

	for (; (c = read_byte(&r)) != -1; len++) {
		if (len < 8)
			head[len] = (char)c;
		ring[len % 8] = (char)c;
	}
	if (len < 8)
		return key_of(head, len);
	for (size_t k = 0; k < 8; k++)
		tail[k] = ring[(len + k) % 8];
	return key_from(load64(head), load64(tail), len);
}

static inline uint64_t
key_at(const struct json *j, uint32_t node)
{
	struct name	 n = name_at(j, node);

	return SCAN_UNLIKELY(n.escaped) ? key_of_escaped(n) : key_of(n.p, (size_t)(n.end - n.p));
}

/* ---- three ways to find a name that comes twice: names from node first to end, each followed by its value ---- */

static int
repeat_in_pairs(const struct json *j, uint32_t first, uint32_t end)
{
	uint64_t	 keys[PAIRS_MAX];
	uint32_t	 at[PAIRS_MAX];
	unsigned	 n = 0;

	for (uint32_t k = first; k < end; k = j->nodes[k + 1].next) {
		keys[n] = key_at(j, k);
		at[n] = k;
		for (unsigned i = 0; i < n; i++)
			if (SCAN_UNLIKELY(keys[i] == keys[n]) && are_equal(name_at(j, at[i]), name_at(j, k)))
				return 1;
		n++;
	}
	return 0;
}

static void
want_slots(struct json *j, uint32_t n)
{
	if (j->n_slots < n) {
		free(j->slots);
		j->slots = xreallocarray(NULL, n, sizeof(*j->slots));
		j->n_slots = n;
	}
	memset(j->slots, 0, n * sizeof(*j->slots));
}

static void
spare_slots(struct json *j)
{
	if (j->n_slots > SLOTS_HOARD) {
		free(j->slots);
		j->slots = NULL;
		j->n_slots = 0;
	}
}

/* 1, 0, or -1: given up, somebody plays with the hash. A slot is the upper half of a key, and a node (never 0). */
static int
repeat_in_set(struct json *j, uint32_t first, uint32_t end, uint32_t count)
{
	uint32_t	 size = PAIRS_MAX * 2, mask;
	uint64_t	 left = (uint64_t)count * LOOKS_EACH + (j->nodes[end - 1].end - j->nodes[first].start);

	while (size < (uint64_t)count * 2)
		size *= 2;
	mask = size - 1;
	want_slots(j, size);
	for (uint32_t k = first; k < end; k = j->nodes[k + 1].next) {
		uint64_t	 key = key_at(j, k), slot;
		uint32_t	 at = (uint32_t)key & mask;

		while ((slot = j->slots[at]) != 0) {
			uint64_t	 effort = 1;

			if (slot >> 32 == key >> 32) {
				if (are_equal(name_at(j, (uint32_t)slot), name_at(j, k)))
					return 1;
				effort += j->nodes[k].end - j->nodes[k].start;
			}
			if (left < effort)
				return -1;
			left -= effort;
			at = (at + 1) & mask;
		}
		j->slots[at] = (key & ~UINT64_C(0xffffffff)) | k;
	}
	return 0;
}

struct text {
	const char	*p;
	size_t		 len;
};

static int
by_bytes(const void *a, const void *b)
{
	const struct text	*x = a, *y = b;
	int			 c = memcmp(x->p, y->p, x->len < y->len ? x->len : y->len);

	return c != 0 ? c : (x->len > y->len) - (x->len < y->len);
}

/* A name as it is compared; a decoded one is written to *to, which moves on. */
static struct text
text_of(struct name n, char **to)
{
	struct text	 t = { n.p, (size_t)(n.end - n.p) };
	char		 c[4];

	if (!n.escaped)
		return t;
	t.p = *to;
	while (n.p < n.end) {
		unsigned	 len = scan_decode(&n.p, c);

		memcpy(*to, c, len);
		*to += len;
	}
	t.len = (size_t)(*to - t.p);
	return t;
}

static int
repeat_in_order(const struct json *j, uint32_t first, uint32_t end, uint32_t count)
{
	struct text	*texts = xreallocarray(NULL, count, sizeof(*texts));
	size_t		 n = 0, bytes = 1;
	char		*decoded, *to;
	int		 found = 0;

	for (uint32_t k = first; k < end; k = j->nodes[k + 1].next)
		if ((j->nodes[k].flags & JSON_ESCAPED) != 0)
			bytes += j->nodes[k].end - j->nodes[k].start;
	to = decoded = xmalloc(bytes);
	for (uint32_t k = first; k < end; k = j->nodes[k + 1].next)
		texts[n++] = text_of(name_at(j, k), &to);
	qsort(texts, n, sizeof(*texts), by_bytes);
	for (size_t k = 1; k < n && !found; k++)
		found = by_bytes(&texts[k - 1], &texts[k]) == 0;
	free(decoded);
	free(texts);
	return found;
}

int
scan_names_repeat(struct json *j, uint32_t object, uint32_t end, uint32_t count)
{
	uint32_t	 first = object + 1;
	int		 found;

	if (count <= PAIRS_MAX)
		return repeat_in_pairs(j, first, end);
	found = repeat_in_set(j, first, end, count);
	spare_slots(j);
	return found != -1 ? found : repeat_in_order(j, first, end, count);
}

/* ---- names that a mapped schema cannot use ---- */

/* Space of any kind: Unicode's White_Space, and the four separators that Java counts too. */
static int
is_blank(uint32_t c)
{
	if (c < 0x80)
		return c == ' ' || (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x1f);
	return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
	    c == 0x202f || c == 0x205f || c == 0x3000;
}

int
json_blank(const char *s, size_t len)
{
	const char	*p = s, *end = s + len;

	while (p < end)
		if (scan_utf8(p, end) == 0 || !is_blank(scan_code_point(&p)))
			return 0;
	return 1;
}

int
scan_name_unfit(const char *p, const char *end)
{
	int	 blank = 1;
	char	 c[4];

	while (p < end) {
		unsigned	 n = scan_decode(&p, c);

		if (n == 1 && (c[0] == '.' || c[0] == '\0'))
			return JSON_DOTTED;
		blank = blank && json_blank(c, n);
	}
	return blank ? JSON_DOTTED : 0;
}
