/*
 * json - the index: one pass over a record's bytes that validates them and notes where everything is.
 *
 * The pass keeps one struct level per open bracket, on the stack of scan_index. level[0] is the outside, where exactly
 * one value stands. What a level learns about its inside (flags, count) it writes into its node when it closes, and
 * hands to the level around it:
 *
 *	level[0] outside -> level[1] inside nodes[0] -> level[2] inside a member of it -> ...
 *
 * A level over keep has no node. When the nodes run out (JSON_MANY), keep falls to 1 and what lies deeper is dropped.
 */
#include "base/json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/xalloc.h"

#define NODES_FIRST	256
#define NODES_HOARD	(256 * 1024)	/* more than this is given back before the next record */

struct level {
	uint32_t	 node;		/* whose inside this is; JSON_NONE if it is not kept */
	uint32_t	 count;
	uint8_t		 kind;
	uint8_t		 flags;
};

struct refusal {
	const char	*at;
	const char	*what;
};

static const char early[] = "the text ends too early";

static const char *
refuse(struct refusal *r, const char *at, const char *what)
{
	r->at = at;
	r->what = what;
	return NULL;
}

/* ---- strings ---- */

/* p is a backslash. The escape's end; NULL if it is none. */
static const char *
past_escape(const char *p, const char *end, unsigned *flags, struct refusal *r)
{
	int32_t		 unit;

	*flags |= JSON_ESCAPED;
	if (end - p < 2)
		return refuse(r, end, early);
	switch (p[1]) {
	case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
		return p + 2;
	case 'u':
		break;
	default:
		return refuse(r, p, "an escape that JSON does not have");
	}
	if (end - p < 6)
		return refuse(r, end, early);
	if ((unit = scan_hex4(p + 2)) == -1)
		return refuse(r, p, "an escape without four hex digits");
	p += 6;
	if (unit < 0xd800 || unit > 0xdfff)
		return p;
	if (unit < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' && (scan_hex4(p + 2) & ~0x3ff) == 0xdc00)
		return p + 6;
	*flags |= JSON_LONE;
	return p;
}

/* Past all escapes and characters over 0x7f that stand at p. */
static __attribute__((noinline)) const char *
past_odd(const char *p, const char *end, unsigned *flags, struct refusal *r)
{
	while (p < end) {
		if (*p == '\\') {
			if ((p = past_escape(p, end, flags, r)) == NULL)
				return NULL;
		} else if ((unsigned char)*p >= 0x80) {
			unsigned	 n = scan_utf8(p, end);

			if (n == 0)
				return refuse(r, p, "bytes that are not UTF-8");
			p += n;
		} else if ((unsigned char)*p < 0x20)
			return refuse(r, p, "a control byte in a string");
		else
			return p;
	}
	return p;
}

/* p is after the opening quote. Past the closing quote; NULL if the string is refused. */
static inline __attribute__((always_inline)) const char *
past_string(const char *p, const char *end, unsigned *flags, int *dot, struct refusal *r)
{
	for (;;) {
		p = scan_plain(p, end, dot);
		if (SCAN_UNLIKELY(p == end))
			return refuse(r, p, early);
		if (SCAN_LIKELY(*p == '"'))
			return p + 1;
		if ((p = past_odd(p, end, flags, r)) == NULL)
			return NULL;
	}
}

/* The same for a member's name, which may be unfit for mapped schemas. */
static inline __attribute__((always_inline)) const char *
past_name(const char *p, const char *end, unsigned *flags, struct refusal *r)
{
	const char	*start = p;
	int		 dot = 0;

	if ((p = past_string(p, end, flags, &dot, r)) == NULL)
		return NULL;
	if (SCAN_UNLIKELY(dot))
		*flags |= JSON_DOTTED;
	else if (SCAN_UNLIKELY((*flags & JSON_ESCAPED) != 0 || (unsigned char)(*start - '!') > '~' - '!' || p - 1 == start))
		*flags |= (unsigned)scan_name_unfit(start, p - 1);
	return p;
}

/* ---- numbers, literals, white space ---- */

static inline int
is_digit(const char *p, const char *end)
{
	return p < end && (unsigned char)(*p - '0') <= 9;
}

static inline const char *
past_digits(const char *p, const char *end)
{
	while (is_digit(p, end))
		p++;
	return p;
}

static const char *
digit_wanted(const char *p, const char *end, struct refusal *r)
{
	return p == end ? refuse(r, p, early) : refuse(r, p, "a number without a digit here");
}

static inline const char *
past_number(const char *p, const char *end, struct refusal *r)
{
	if (*p == '-')
		p++;
	if (!is_digit(p, end))
		return digit_wanted(p, end, r);
	p = *p == '0' ? p + 1 : past_digits(p + 1, end);
	if (p < end && *p == '.') {
		if (!is_digit(p + 1, end))
			return digit_wanted(p + 1, end, r);
		p = past_digits(p + 2, end);
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		if (!is_digit(p, end))
			return digit_wanted(p, end, r);
		p = past_digits(p + 1, end);
	}
	if (SCAN_UNLIKELY(is_digit(p, end)))
		return refuse(r, p, "a number that begins with 0");
	return p;
}

static inline const char *
past_literal(const char *p, const char *end, const char *word, size_t len, struct refusal *r)
{
	if ((size_t)(end - p) < len)
		return refuse(r, memcmp(p, word, (size_t)(end - p)) == 0 ? end : p,
		    memcmp(p, word, (size_t)(end - p)) == 0 ? early : "a word that JSON does not have");
	if (memcmp(p, word, len) != 0)
		return refuse(r, p, "a word that JSON does not have");
	return p + len;
}

static inline __attribute__((always_inline)) const char *
past_space(const char *p, const char *end, struct level *in)
{
	if (SCAN_LIKELY(p < end && (unsigned char)*p > ' '))
		return p;
	for (; p < end && scan_is_space(*p); p++)
		in->flags |= JSON_SPACED;
	return p;
}

/* ---- room for nodes ---- */

struct pass {
	struct json	*j;
	struct level	*levels;
	uint32_t	 room;		/* nodes that may be written before make_room */
	uint32_t	 limit;
	unsigned	 keep;
	int		 many;
};

/* A struct json that saw one monster must not keep its memory for good. */
static void
start_nodes(struct json *j)
{
	j->n = 0;
	j->bad = NULL;
	j->bad_at = 0;
	if (j->size > NODES_HOARD && j->len / 2 < NODES_HOARD)
		json_clear(j);
	if (j->size == 0) {
		j->nodes = xreallocarray(NULL, NODES_FIRST, sizeof(*j->nodes));
		j->size = NODES_FIRST;
	}
}

static void
grow_nodes(struct json *j)
{
	uint64_t	 size = (uint64_t)j->size * 2, most = j->len / 2 + 3;	/* a node takes two bytes of text */

	if (size > most && most > j->size)
		size = most;
	j->nodes = xreallocarray(j->nodes, size, sizeof(*j->nodes));
	j->size = (uint32_t)size;
}

/* Leaves only the top level of the first n nodes; open levels below it lose their nodes. How many are left. */
static uint32_t
drop_deep(const struct pass *s, uint32_t n, unsigned depth)
{
	struct json_node	*nodes = s->j->nodes;
	uint32_t		 open = depth >= 2 ? s->levels[2].node : JSON_NONE;
	uint32_t		 to = 1;

	for (uint32_t from = 1, next; from < n; from = next) {
		next = from == open ? n : nodes[from].next;
		if (from == open)
			s->levels[2].node = to;
		nodes[to] = nodes[from];
		nodes[to].next = to + 1;
		to++;
	}
	for (unsigned d = 3; d <= depth; d++)
		s->levels[d].node = JSON_NONE;
	return to;
}

/* Before a node is written at depth: more memory, or too many nodes. How many nodes there are now. */
static __attribute__((noinline)) uint32_t
make_room(struct pass *s, uint32_t n, unsigned depth)
{
	if (n == s->limit) {
		s->many = 1;
		s->limit = UINT32_MAX;
		if (s->keep > 1) {
			s->keep = 1;
			n = drop_deep(s, n, depth);
		}
	}
	if (n == s->j->size)
		grow_nodes(s->j);
	s->room = s->j->size < s->limit ? s->j->size : s->limit;
	return n;
}

/* ---- the pass ---- */

static inline __attribute__((always_inline)) void
put(struct json_node *to, uint32_t at, const char *bytes, const char *start, const char *end, int kind, unsigned flags)
{
	to[at] = (struct json_node){ .start = (uint32_t)(start - bytes), .end = (uint32_t)(end - bytes),
		.next = at + 1, .kind = (uint8_t)kind, .flags = (uint8_t)flags };
}

/* The bracket before end closes a level: what its inside showed goes into its node. Its flags. */
static inline __attribute__((always_inline)) unsigned
close_level(const struct pass *s, const struct level *in, unsigned depth, const char *end, uint32_t n)
{
	struct json_node	*node;
	unsigned		 flags = in->flags;

	if (in->kind == JSON_OBJECT && in->count > 1) {
		if (SCAN_UNLIKELY(depth > s->keep))
			flags |= JSON_NAMES;
		else if (SCAN_UNLIKELY(scan_names_repeat(s->j, in->node, n, in->count)))
			flags |= JSON_REPEATS | JSON_NAMES;
	}
	if (SCAN_LIKELY(in->node != JSON_NONE)) {
		node = &s->j->nodes[in->node];
		node->end = (uint32_t)(end - s->j->bytes);
		node->next = n;
		node->count = in->count;
		node->flags = (uint8_t)flags;
	}
	return flags & (JSON_NAMES | JSON_LONES | JSON_SPACED);
}

static const char *
unexpected_value(const char *p, struct refusal *r)
{
	if (*p == ']' || *p == '}' || *p == ',')
		return refuse(r, p, "a comma or colon without a value after it");
	if (*p == 'N' || *p == 'I')
		return refuse(r, p, "a number that JSON does not have");
	return refuse(r, p, "no value begins like this");
}

static enum json_verdict
refused(struct json *j, const struct refusal *r)
{
	j->n = 0;
	j->bad = r->what;
	j->bad_at = (uint32_t)(r->at - j->bytes);
	return JSON_BAD;
}

enum json_verdict
json_index(struct json *j, const char *bytes, size_t len, uint32_t max_nodes, unsigned depth)
{
	return scan_index(j, bytes, len, max_nodes, depth, JSON_DEPTH);
}

enum json_verdict
scan_index(struct json *j, const char *bytes, size_t len, uint32_t max_nodes, unsigned keep, unsigned nesting)
{
	struct level	 levels[JSON_DEPTH + 1];
	struct level	*in = levels;
	struct pass	 s = { .j = j, .levels = levels, .limit = max_nodes == 0 ? UINT32_MAX : max_nodes, .keep = keep };
	struct refusal	 r = { NULL, NULL };
	const char	*p, *end, *start;
	unsigned	 depth = 0, flags;	/* levels[depth] is where p is: in */
	uint32_t	 n = 0;
	int		 kind;

	assert(nesting <= JSON_DEPTH);
	if (len == 0)
		bytes = "";	/* may have been NULL */
	p = bytes;
	end = bytes + len;
	j->bytes = bytes;
	j->len = len;
	start_nodes(j);
	if (len >= UINT32_MAX) {
		refuse(&r, bytes, "too long");
		return refused(j, &r);
	}
	s.room = j->size < s.limit ? j->size : s.limit;
	*in = (struct level){ .node = JSON_NONE };

value:
	p = past_space(p, end, in);
	if (SCAN_UNLIKELY(p == end)) {
		refuse(&r, p, early);
		return refused(j, &r);
	}
	if (SCAN_UNLIKELY(n >= s.room) && depth <= s.keep)
		n = make_room(&s, n, depth);
	in->count++;
	start = p;
	flags = 0;
	switch (*p) {
	case '"':
		kind = JSON_STRING;
		p = past_string(p + 1, end, &flags, NULL, &r);
		if (SCAN_UNLIKELY((flags & JSON_LONE) != 0))
			in->flags |= JSON_LONES;
		break;
	case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
		kind = JSON_NUMBER;
		p = past_number(p, end, &r);
		break;
	case 't':
		kind = JSON_TRUE;
		p = past_literal(p, end, "true", 4, &r);
		break;
	case 'f':
		kind = JSON_FALSE;
		p = past_literal(p, end, "false", 5, &r);
		break;
	case 'n':
		kind = JSON_NULL;
		p = past_literal(p, end, "null", 4, &r);
		break;
	case '{':
		kind = JSON_OBJECT;
		goto open;
	case '[':
		kind = JSON_ARRAY;
		goto open;
	default:
		unexpected_value(p, &r);
		return refused(j, &r);
	}
	if (SCAN_UNLIKELY(p == NULL))
		return refused(j, &r);
	if (SCAN_LIKELY(depth <= s.keep)) {
		put(j->nodes, n, bytes, start, p, kind, flags);
		n++;
	}
	goto after;

open:
	if (SCAN_UNLIKELY(depth == nesting)) {
		refuse(&r, p, "nested too deep");
		return refused(j, &r);
	}
	in = &levels[depth + 1];
	*in = (struct level){ .node = JSON_NONE, .kind = (uint8_t)kind };
	if (SCAN_LIKELY(depth <= s.keep)) {
		put(j->nodes, n, bytes, start, p, kind, 0);
		in->node = n++;
	}
	depth++;
	p = past_space(p + 1, end, in);
	if (p < end && *p == (kind == JSON_OBJECT ? '}' : ']'))
		goto close;
	if (kind == JSON_ARRAY)
		goto value;

name:
	p = past_space(p, end, in);
	if (SCAN_UNLIKELY(p == end || *p != '"')) {
		refuse(&r, p, p == end ? early : "a name in quotes is wanted here");
		return refused(j, &r);
	}
	if (SCAN_UNLIKELY(n >= s.room) && depth <= s.keep)
		n = make_room(&s, n, depth);
	start = p;
	flags = JSON_NAME;
	if (SCAN_UNLIKELY((p = past_name(p + 1, end, &flags, &r)) == NULL))
		return refused(j, &r);
	if (SCAN_UNLIKELY(flags != JSON_NAME))
		in->flags |= (uint8_t)(((flags & JSON_LONE) != 0 ? JSON_LONES : 0) |
		    ((flags & JSON_DOTTED) != 0 ? JSON_NAMES : 0));
	if (SCAN_LIKELY(depth <= s.keep)) {
		put(j->nodes, n, bytes, start, p, JSON_STRING, flags);
		n++;
	}
	p = past_space(p, end, in);
	if (SCAN_UNLIKELY(p == end || *p != ':')) {
		refuse(&r, p, p == end ? early : "no colon after a name");
		return refused(j, &r);
	}
	p++;
	goto value;

after:
	if (depth == 0)
		goto outside;
	p = past_space(p, end, in);
	if (SCAN_UNLIKELY(p == end)) {
		refuse(&r, p, early);
		return refused(j, &r);
	}
	if (*p == ',') {
		p++;
		if (in->kind == JSON_OBJECT)
			goto name;
		goto value;
	}
	if (SCAN_UNLIKELY(*p != (in->kind == JSON_OBJECT ? '}' : ']'))) {
		refuse(&r, p, "neither a comma nor the closing bracket after a value");
		return refused(j, &r);
	}

close:
	p++;
	flags = close_level(&s, in, depth, p, n);
	depth--;
	in = &levels[depth];
	in->flags |= (uint8_t)flags;
	goto after;

outside:
	p = past_space(p, end, in);
	if (p != end) {
		refuse(&r, p, "something after the value");
		return refused(j, &r);
	}
	j->n = n;
	return s.many ? JSON_MANY : JSON_OK;
}

void
json_clear(struct json *j)
{
	free(j->nodes);
	free(j->slots);
	j->nodes = NULL;
	j->slots = NULL;
	j->n = j->size = j->n_slots = 0;
}

/* ---- the way around in it ---- */

/* Is the string at node, decoded, these bytes? */
static int
decodes_to(const struct json *j, uint32_t node, const char *want, size_t len)
{
	const char	*p = j->bytes + j->nodes[node].start + 1, *end = j->bytes + j->nodes[node].end - 1;
	char		 c[4];

	if ((j->nodes[node].flags & JSON_ESCAPED) == 0)
		return (size_t)(end - p) == len && memcmp(p, want, len) == 0;
	while (p < end) {
		size_t	 n = scan_decode(&p, c);

		if (n > len || memcmp(c, want, n) != 0)
			return 0;
		want += n;
		len -= n;
	}
	return len == 0;
}

static uint32_t
member(const struct json *j, uint32_t object, const char *name, size_t len)
{
	const struct json_node	*nodes = j->nodes;
	uint32_t		 found = JSON_NONE;

	if (nodes[object].kind != JSON_OBJECT)
		return JSON_NONE;
	for (uint32_t k = object + 1; k < nodes[object].next; k = nodes[k + 1].next)
		if ((nodes[k].end - nodes[k].start == len + 2 || (nodes[k].flags & JSON_ESCAPED) != 0) && decodes_to(j, k, name, len))
			found = k + 1;
	return found;
}

uint32_t
json_get(const struct json *j, uint32_t object, const char *name)
{
	return member(j, object, name, strlen(name));
}

uint32_t
json_path(const struct json *j, uint32_t object, const char *dotted)
{
	for (;;) {
		size_t	 len = strcspn(dotted, ".");

		if ((object = member(j, object, dotted, len)) == JSON_NONE || dotted[len] == '\0')
			return object;
		dotted += len + 1;
	}
}

int
json_name_is(const struct json *j, uint32_t name, const char *want)
{
	return decodes_to(j, name, want, strlen(want));
}
