/*
 * json - a read-only index of spans over a record's bytes, and a writer. cJSON is behind this header too.
 *
 * The index accepts exactly RFC 8259 in valid UTF-8 and builds no tree: nodes lie in document order in one array and
 * point into the bytes, which the caller keeps. A member of an object is two nodes, its name (a string) and its value:
 *
 *	for (k = json_first(j, obj); k != JSON_NONE; k = json_next(j, obj, k))
 *		name is k, value is k + 1
 *
 * Numbers and unknown members are copied as spans, digit for digit. Nesting over JSON_DEPTH is refused. Not
 * recursive. A struct json is scratch: zeroed at first, then index one record after another into it; json_clear frees.
 * What is below the depth that was asked for, or below the members after JSON_MANY, is validated but has no nodes: such
 * an object or array has a count, json_first says JSON_NONE, and JSON_NAMES on it means that its names were not compared.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define JSON_DEPTH 128

enum json_kind { JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_NUMBER, JSON_TRUE, JSON_FALSE, JSON_NULL };

/* node flags */
#define JSON_ESCAPED	0x01	/* string: has a backslash */
#define JSON_LONE	0x02	/* string: has a lone surrogate escape (U+FFFD in mapped schemas) */
#define JSON_NAME	0x04	/* string: is a member's name */
#define JSON_DOTTED	0x08	/* name: empty, blank, with a dot (also when it hides in an escape) or a NUL */
#define JSON_REPEATS	0x10	/* object: a name comes twice in it (names compared decoded) */
#define JSON_NAMES	0x20	/* object or array: some object at or below it has JSON_REPEATS or a JSON_DOTTED name */
#define JSON_LONES	0x40	/* object or array: some string at or below it has JSON_LONE */
#define JSON_SPACED	0x80	/* object or array: white space stands between tokens somewhere in it */

struct json_node {
	uint32_t	 start;		/* first byte, quotes and brackets included */
	uint32_t	 end;		/* one past the last */
	uint32_t	 next;		/* node after this one and all below it */
	uint32_t	 count;		/* members or elements; 0 for scalars */
	uint8_t		 kind;
	uint8_t		 flags;
};

struct json {
	const char		*bytes;		/* borrowed */
	size_t			 len;
	struct json_node	*nodes;		/* nodes[0] is the whole value */
	uint32_t		 n;
	uint32_t		 size;
	uint32_t		 bad_at;	/* offset of what was refused */
	const char		*bad;		/* what it was, static text */
	uint64_t		*slots;		/* scratch: names of the object being compared */
	uint32_t		 n_slots;
};

#define JSON_NONE UINT32_MAX

enum json_verdict {
	JSON_OK,
	JSON_BAD,	/* not RFC 8259, not UTF-8, too deep, or something after the value: j->bad, j->bad_at */
	JSON_MANY	/* sound, but over max_nodes nodes: only nodes[0] and its members/elements themselves are there */
};

/*
 * Index bytes[0, len); len < 2^32. max_nodes 0: no limit. depth says how many levels below the value have nodes: with
 * depth 1 only the top level is ever kept. After JSON_BAD there are no nodes.
 */
enum json_verdict json_index(struct json *, const char *, size_t len, uint32_t max_nodes, unsigned depth);
void	 json_clear(struct json *);

/* Children in order. Of an object json_first/json_next give the NAME nodes; the value is name + 1. JSON_NONE: no more. */
static inline uint32_t json_first(const struct json *, uint32_t node);
static inline uint32_t json_next(const struct json *, uint32_t parent, uint32_t child);

/* The value of the last member of that name (RFC 8259 leaves it open; Microsoft's parsers take the last); JSON_NONE. */
uint32_t json_get(const struct json *, uint32_t object, const char *name);
/* "a.b.c" steps through objects. */
uint32_t json_path(const struct json *, uint32_t object, const char *dotted);
int	 json_name_is(const struct json *, uint32_t name, const char *);	/* decoded comparison */
static inline int json_is_empty(const struct json *, uint32_t node);	/* null, "", {}, [] */
/* Empty, or only white space as Unicode and Java's isBlank see it (Elasticsearch refuses such names); decoded UTF-8 in. */
int	 json_blank(const char *, size_t);

/* Text of a string decoded to UTF-8 (lone surrogates U+FFFD), of a number or literal its bytes; appended. */
void	 json_text(const struct json *, uint32_t node, struct buf *);
/* A string without escapes, without copying: its bytes between the quotes; NULL if it has escapes or is no string. */
static inline const char *json_plain(const struct json *, uint32_t node, size_t *len);
/* The span copied as it stands, without white space between tokens; lone surrogates become U+FFFD escapes if repair. */
void	 json_span(const struct json *, uint32_t node, struct buf *, int repair);
/*
 * Order of members, white space, nulls and empty values (also what is empty once these are left out) do not matter;
 * everything else does. Never 0. What has no nodes is hashed as its bytes without white space.
 */
uint32_t json_digest(const struct json *, uint32_t node);

/* One text for what a value says: members sorted, empty values left out, strings spelled one way, numbers as they stand. */
void	 json_canon(const struct json *, uint32_t node, struct buf *);

/* Minify without an index: drops white space between tokens; any bytes in, a string's bytes are kept. */
void	 json_squeeze(const char *, size_t, struct buf *);

/* The writer: commas by itself. Names and strings are UTF-8 (invalid bytes become U+FFFD) and are escaped. */
struct json_out {
	struct buf	*to;
	unsigned	 depth;
	uint8_t		 some[JSON_DEPTH + 32];	/* at this depth: 1, something is written already; 2, a name waits for its value */
};

void	 json_out_init(struct json_out *, struct buf *to);
void	 json_out_open(struct json_out *, char bracket);	/* '{' or '[' */
void	 json_out_close(struct json_out *, char bracket);	/* '}' or ']' */
void	 json_out_name(struct json_out *, const char *, size_t);
void	 json_out_string(struct json_out *, const char *, size_t);
void	 json_out_raw(struct json_out *, const char *, size_t);	/* JSON text that is known to be sound */
void	 json_out_int(struct json_out *, int64_t);
void	 json_out_bool(struct json_out *, int);
void	 json_out_null(struct json_out *);
void	 json_escape(struct buf *, const char *, size_t);	/* with the quotes */

/*
 * A small reply as a cJSON tree, NULL if it is refused: what json_index refuses, over max bytes, over 64 levels, lone
 * surrogates, and NUL in a string (a C string would end there). The caller cJSON_Delete()s.
 */
cJSON	*json_tree(const char *, size_t len, size_t max);
const char *json_tree_str(const cJSON *, const char *name);	/* NULL unless a string */

/* ---- the way around in the index: a few instructions each, many times a record ---- */

static inline uint32_t
json_first(const struct json *j, uint32_t node)
{
	return j->nodes[node].next > node + 1 ? node + 1 : JSON_NONE;
}

static inline uint32_t
json_next(const struct json *j, uint32_t parent, uint32_t child)
{
	uint32_t	 value = j->nodes[parent].kind == JSON_OBJECT ? child + 1 : child;
	uint32_t	 next = j->nodes[value].next;

	return next < j->nodes[parent].next ? next : JSON_NONE;
}

static inline int
json_is_empty(const struct json *j, uint32_t node)
{
	const struct json_node	*n = &j->nodes[node];

	switch (n->kind) {
	case JSON_NULL:
		return 1;
	case JSON_STRING:
		return n->end - n->start == 2;
	case JSON_OBJECT:
	case JSON_ARRAY:
		return n->count == 0;
	default:
		return 0;
	}
}

static inline const char *
json_plain(const struct json *j, uint32_t node, size_t *len)
{
	const struct json_node	*n = &j->nodes[node];

	if (n->kind != JSON_STRING || (n->flags & JSON_ESCAPED) != 0)
		return NULL;
	*len = n->end - n->start - 2;
	return j->bytes + n->start + 1;
}

#endif
