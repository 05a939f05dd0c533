/*
 * fuzz_json - any bytes through the index, and everything that must hold of what it accepts.
 *
 * A second reader, slow and recursive and written from the RFC alone, must agree on what is JSON. What the index says of
 * an accepted text is worked out again the long way: ranges, counts, flags, repeated names. Then spans, texts, digests
 * and the writer must lead back to the same index. Schema native's spacing and its look for a member are held against it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "norm/native.h"
#include "kit.h"

#define PAIRS_MAX	200	/* objects up to here are compared name by name */

/* ---- the second reader ---- */

struct reader {
	const uint8_t	*p, *end;
	int		 depth;
};

static int
peek(const struct reader *r)
{
	return r->p < r->end ? *r->p : -1;
}

static int
take(struct reader *r, const char *word)
{
	size_t	 len = strlen(word);

	if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len) != 0)
		return 0;
	r->p += len;
	return 1;
}

static int
take_of(struct reader *r, const char *set)
{
	int	 c = peek(r);

	if (c <= 0 || strchr(set, c) == NULL)
		return 0;
	r->p++;
	return 1;
}

static void
ws(struct reader *r)
{
	while (take_of(r, " \t\r\n"))
		continue;
}

/* By arithmetic on the code point, unlike the table of the index. */
static int
take_character(struct reader *r)
{
	uint32_t	 c = (uint32_t)peek(r), least;
	int		 more;

	if (c < 0x80) {
		r->p++;
		return c >= 0x20;
	}
	if ((c & 0xe0) == 0xc0)
		more = 1, least = 0x80, c &= 0x1f;
	else if ((c & 0xf0) == 0xe0)
		more = 2, least = 0x800, c &= 0x0f;
	else if ((c & 0xf8) == 0xf0)
		more = 3, least = 0x10000, c &= 0x07;
	else
		return 0;
	for (r->p++; more > 0; more--, r->p++) {
		if ((peek(r) & 0xc0) != 0x80 || peek(r) == -1)
			return 0;
		c = c << 6 | (uint32_t)(peek(r) & 0x3f);
	}
	return c >= least && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

static int
string(struct reader *r)
{
	static const char	 hex[] = "0123456789abcdefABCDEF";

	if (!take(r, "\""))
		return 0;
	while (!take(r, "\"")) {
		if (peek(r) == -1)
			return 0;
		if (!take(r, "\\")) {
			if (!take_character(r))
				return 0;
		} else if (take(r, "u")) {
			for (int k = 0; k < 4; k++)
				if (!take_of(r, hex))
					return 0;
		} else if (!take_of(r, "\"\\/bfnrt"))
			return 0;
	}
	return 1;
}

static int
digits(struct reader *r)
{
	int	 any = 0;

	while (take_of(r, "0123456789"))
		any = 1;
	return any;
}

static int
number(struct reader *r)
{
	take(r, "-");
	if (!take(r, "0") && !digits(r))
		return 0;
	if (take(r, ".") && !digits(r))
		return 0;
	if (take_of(r, "eE")) {
		take_of(r, "+-");
		return digits(r);
	}
	return 1;
}

static int	value(struct reader *);

static int
list(struct reader *r, const char *close, int named)
{
	if (++r->depth > JSON_DEPTH)
		return 0;
	ws(r);
	if (!take(r, close)) {
		do {
			ws(r);
			if (named && (!string(r) || (ws(r), !take(r, ":"))))
				return 0;
			ws(r);
			if (!value(r))
				return 0;
			ws(r);
		} while (take(r, ","));
		if (!take(r, close))
			return 0;
	}
	r->depth--;
	return 1;
}

static int
value(struct reader *r)
{
	if (take(r, "{"))
		return list(r, "}", 1);
	if (take(r, "["))
		return list(r, "]", 0);
	if (peek(r) == '"')
		return string(r);
	return take(r, "true") || take(r, "false") || take(r, "null") || number(r);
}

static int
is_json(const uint8_t *p, size_t len)
{
	struct reader	 r = { p, p + len, 0 };

	ws(&r);
	if (!value(&r))
		return 0;
	ws(&r);
	return r.p == r.end;
}

/* ---- the index, worked out again ---- */

static void
text_of(const struct json *j, uint32_t node, struct buf *to)
{
	buf_reset(to);
	json_text(j, node, to);
}

static int
same_text(const struct json *a, uint32_t x, const struct json *b, uint32_t y)
{
	struct buf	 s = { 0 }, t = { 0 };
	int		 same;

	json_text(a, x, &s);
	json_text(b, y, &t);
	same = s.len == t.len && (s.len == 0 || memcmp(s.bytes, t.bytes, s.len) == 0);
	buf_clear(&s);
	buf_clear(&t);
	return same;
}

static int
repeats(const struct json *j, uint32_t object)
{
	for (uint32_t a = json_first(j, object); a != JSON_NONE; a = json_next(j, object, a))
		for (uint32_t b = json_next(j, object, a); b != JSON_NONE; b = json_next(j, object, b))
			if (same_text(j, a, j, b))
				return 1;
	return 0;
}

static int
is_unfit(const struct json *j, uint32_t name)
{
	struct buf	 text = { 0 };
	int		 unfit;

	text_of(j, name, &text);
	unfit = text.len == 0 || memchr(text.bytes, '.', text.len) != NULL || memchr(text.bytes, '\0', text.len) != NULL ||
	    json_blank(text.bytes, text.len);
	buf_clear(&text);
	return unfit;
}

/* What stands in the bytes between two tokens: only white space and the marks. Whether there is white space. */
static int
gap(const struct json *j, uint32_t from, uint32_t to)
{
	int	 spaced = 0;

	for (; from < to; from++) {
		MUST(strchr(" \t\r\n,:{}[]", j->bytes[from]) != NULL && j->bytes[from] != '\0');
		spaced |= strchr(" \t\r\n", j->bytes[from]) != NULL;
	}
	return spaced;
}

static void
check_name(const struct json *j, uint32_t k)
{
	const struct json_node	*n = &j->nodes[k];

	MUST(n->kind == JSON_STRING && (n->flags & JSON_NAME) != 0 && n->next == k + 1);
	MUST(((n->flags & JSON_DOTTED) != 0) == is_unfit(j, k));
}

/* The inside of one object or array; the objects and arrays in it get their own turn. */
static void
check_inside(const struct json *j, uint32_t node)
{
	const struct json_node	*n = &j->nodes[node];
	uint32_t		 count = 0, end = n->start + 1, last = node + 1;
	unsigned		 up = 0, names = 0;

	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
		uint32_t	 value_at = n->kind == JSON_OBJECT ? k + 1 : k;

		MUST(k == last);
		count++;
		if (n->kind == JSON_OBJECT) {
			check_name(j, k);
			names |= j->nodes[k].flags;
			up |= gap(j, end, j->nodes[k].start) ? JSON_SPACED : 0;
			end = j->nodes[k].end;
		}
		MUST((j->nodes[value_at].flags & JSON_NAME) == 0);
		up |= j->nodes[value_at].flags & (JSON_SPACED | JSON_NAMES | JSON_LONES);
		up |= ((j->nodes[value_at].flags | names) & JSON_LONE) != 0 ? JSON_LONES : 0;
		up |= gap(j, end, j->nodes[value_at].start) ? JSON_SPACED : 0;
		end = j->nodes[value_at].end;
		last = j->nodes[value_at].next;
	}
	MUST(count == n->count && last == n->next);
	up |= gap(j, end, n->end) ? JSON_SPACED : 0;
	if (n->kind == JSON_OBJECT && count <= PAIRS_MAX && repeats(j, node))
		up |= JSON_REPEATS | JSON_NAMES;
	else if (n->kind == JSON_OBJECT && count > PAIRS_MAX)
		up |= (n->flags & JSON_REPEATS) != 0 ? JSON_REPEATS | JSON_NAMES : 0;
	up |= (names & JSON_DOTTED) != 0 ? JSON_NAMES : 0;
	MUST(up == n->flags);
}

static void
check_node(const struct json *j, uint32_t k)
{
	const struct json_node	*n = &j->nodes[k];
	struct buf		 text = { 0 }, out = { 0 };
	struct json		 again = { 0 };

	MUST(n->start < n->end && n->end <= j->len && n->next > k && n->next <= j->n);
	if (n->kind == JSON_OBJECT || n->kind == JSON_ARRAY) {
		check_inside(j, k);
		return;
	}
	MUST(n->count == 0 && n->next == k + 1 && json_first(j, k) == JSON_NONE);
	text_of(j, k, &text);
	if (n->kind == JSON_STRING) {
		MUST(((n->flags & JSON_ESCAPED) != 0) == (memchr(j->bytes + n->start, '\\', n->end - n->start) != NULL));
		json_escape(&out, buf_str(&text), text.len);
		MUST(json_index(&again, out.bytes, out.len, 0, 0) == JSON_OK && again.n == 1);
		MUST(same_text(j, k, &again, 0) && (again.nodes[0].flags & JSON_LONE) == 0);
		json_clear(&again);
	}
	buf_clear(&text);
	buf_clear(&out);
}

/* ---- back to the same index ---- */

static void
check_same(const struct json *a, const struct json *b, int repaired)
{
	unsigned	 lost = JSON_SPACED | (repaired ? JSON_LONE | JSON_LONES : 0);

	MUST(a->n == b->n && (b->nodes[0].flags & lost) == 0);
	for (uint32_t k = 0; k < a->n; k++) {
		const struct json_node	*x = &a->nodes[k], *y = &b->nodes[k];

		MUST(x->kind == y->kind && x->count == y->count && x->next == y->next);
		MUST((x->flags & ~lost) == y->flags);
		MUST(x->kind <= JSON_ARRAY || same_text(a, k, b, k));
	}
}

static void
check_span(const struct json *j)
{
	struct buf	 plain = { 0 }, repaired = { 0 }, squeezed = { 0 };
	struct json	 again = { 0 };

	json_span(j, 0, &plain, 0);
	json_span(j, 0, &repaired, 1);
	json_squeeze(j->bytes, j->len, &squeezed);
	MUST(plain.len == squeezed.len && memcmp(plain.bytes, squeezed.bytes, plain.len) == 0);
	MUST(json_index(&again, plain.bytes, plain.len, 0, JSON_DEPTH) == JSON_OK);
	check_same(j, &again, 0);
	MUST(json_digest(j, 0) == json_digest(&again, 0) && json_digest(j, 0) != 0);
	MUST(json_index(&again, repaired.bytes, repaired.len, 0, JSON_DEPTH) == JSON_OK);
	check_same(j, &again, 1);
	json_clear(&again);
	buf_clear(&plain);
	buf_clear(&repaired);
	buf_clear(&squeezed);
}

/* Schema native: the spaced text is the same JSON, spacing it again changes nothing, and it is longer by one a separator. */
static void
check_spaced(const struct json *j)
{
	struct buf	 spaced = { 0 }, again = { 0 }, squeezed = { 0 }, back = { 0 };

	native_spaced(j->bytes, j->len, &spaced);
	native_spaced(buf_str(&spaced), spaced.len, &again);
	MUST(spaced.len == again.len && memcmp(buf_str(&spaced), buf_str(&again), again.len) == 0);
	json_squeeze(j->bytes, j->len, &squeezed);
	json_squeeze(buf_str(&spaced), spaced.len, &back);
	MUST(back.len == squeezed.len && memcmp(buf_str(&back), buf_str(&squeezed), back.len) == 0);
	buf_clear(&spaced);
	buf_clear(&again);
	buf_clear(&squeezed);
	buf_clear(&back);
}

/* A top-level member is found where the index has it. */
static void
check_members(const struct json *j)
{
	const char	*name, *value, *plain;
	char		 copy[64];
	size_t		 len, n, plain_len;
	uint32_t	 first;

	if (j->nodes[0].kind != JSON_OBJECT || (first = json_first(j, 0)) == JSON_NONE)
		return;
	for (uint32_t k = first; k != JSON_NONE; k = json_next(j, 0, k)) {
		name = j->bytes + j->nodes[k].start + 1;
		len = j->nodes[k].end - j->nodes[k].start - 2;
		if (len >= sizeof(copy) || memchr(name, '\\', len) != NULL || memchr(name, '\0', len) != NULL)
			continue;
		memcpy(copy, name, len);
		copy[len] = '\0';
		value = native_member(j->bytes, j->len, copy, &n);
		if ((j->nodes[0].flags & JSON_NAMES) != 0)
			continue;		/* the first of several is found, whatever they are */
		if (j->nodes[k + 1].kind != JSON_STRING) {
			MUST(value == NULL);
			continue;
		}
		MUST(value == j->bytes + j->nodes[k + 1].start + 1 && n == j->nodes[k + 1].end - j->nodes[k + 1].start - 2);
		if ((plain = json_plain(j, k + 1, &plain_len)) != NULL)
			MUST(plain == value && plain_len == n);
	}
}

/* With nodes for the top level only, asked for or because they ran out. */
static void
check_top(const struct json *j, uint32_t max_nodes, unsigned depth)
{
	struct json		 top = { 0 };
	enum json_verdict	 verdict = json_index(&top, j->bytes, j->len, max_nodes, depth);
	uint32_t		 k = json_first(j, 0), t = json_first(&top, 0);
	uint32_t		 step = j->nodes[0].kind == JSON_OBJECT ? 1 : 0;

	MUST(verdict == (max_nodes != 0 ? JSON_MANY : JSON_OK));
	MUST(top.nodes[0].end == j->nodes[0].end && top.nodes[0].count == j->nodes[0].count);
	MUST(((top.nodes[0].flags ^ j->nodes[0].flags) & ~JSON_NAMES) == 0);
	MUST((j->nodes[0].flags & JSON_NAMES) == 0 || (top.nodes[0].flags & JSON_NAMES) != 0);
	for (; k != JSON_NONE; k = json_next(j, 0, k), t = json_next(&top, 0, t)) {
		MUST(t != JSON_NONE && top.nodes[t + step].next == t + step + 1);
		if (step == 1)
			MUST(top.nodes[t].start == j->nodes[k].start && top.nodes[t].flags == j->nodes[k].flags);
		MUST(top.nodes[t + step].start == j->nodes[k + step].start && top.nodes[t + step].end == j->nodes[k + step].end);
		MUST(top.nodes[t + step].kind == j->nodes[k + step].kind);
		MUST(((top.nodes[t + step].flags ^ j->nodes[k + step].flags) & ~(JSON_NAMES | JSON_REPEATS)) == 0);
		MUST((j->nodes[k + step].flags & ~top.nodes[t + step].flags & JSON_NAMES) == 0);
	}
	MUST(t == JSON_NONE);
	MUST(json_digest(&top, 0) != 0);
	json_clear(&top);
}

/* ---- any bytes ---- */

static void
check_any(const char *p, size_t len)
{
	struct buf	 once = { 0 }, twice = { 0 };
	struct json	 j = { 0 };

	json_squeeze(p, len, &once);
	json_squeeze(buf_str(&once), once.len, &twice);
	MUST(once.len <= len && once.len == twice.len && memcmp(buf_str(&once), buf_str(&twice), once.len) == 0);
	buf_reset(&once);
	json_escape(&once, p, len);
	MUST(json_index(&j, once.bytes, once.len, 0, 0) == JSON_OK && j.nodes[0].kind == JSON_STRING);
	json_clear(&j);
	buf_clear(&once);
	buf_clear(&twice);
}

static void
check_tree(const char *p, size_t len, int sound)
{
	cJSON	*tree = json_tree(p, len, len);

	MUST(tree == NULL || sound);
	MUST(len == 0 || json_tree(p, len, len - 1) == NULL);
	cJSON_Delete(tree);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char	*p = (const char *)data;
	struct json	 j = { 0 };
	int		 sound = is_json(data, len);

	MUST(json_index(&j, p, len, 0, JSON_DEPTH) == (sound ? JSON_OK : JSON_BAD));
	MUST(sound || (j.bad != NULL && j.bad_at <= len && j.n == 0));
	check_any(p, len);
	check_tree(p, len, sound);
	if (sound) {
		for (uint32_t k = 0; k < j.n; k++)
			check_node(&j, k);
		check_span(&j);
		check_spaced(&j);
		check_members(&j);
		check_top(&j, 0, 1);
		for (uint32_t max = 1; max < j.n; max += 1 + max / 2)
			check_top(&j, max, JSON_DEPTH);
	}
	json_clear(&j);
	return 0;
}
