/*
 * split - from the bytes of a blob, as they come, to its records.
 *
 *	before '['  ->  between elements  <->  in an element (brackets, a string, or a bare word)
 *	                       |
 *	                      ']'  ->  after: white space only
 *
 * Commas are not insisted on: an element is whole by itself, and a missing comma loses nothing.
 */
#include "collect/split.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/bom.h"
#include "base/xalloc.h"
#include "collect/idscan.h"

#define SPACE_MAX	((uint64_t)64 << 20)	/* white space in one run */
#define ELEMENT_MAX	((uint64_t)1 << 30)	/* bytes without the end of a record */
#define DEPTH_MAX	((size_t)1 << 25)	/* 4 MiB of bracket kinds */

enum place { BEFORE, BETWEEN, INSIDE, AFTER, BROKEN };
enum element { BRACKETS, TEXT, WORD };

struct split {
	struct split_to	 to;
	struct identity	*identity;
	size_t		 record_max;
	enum place	 at;
	enum element	 element;
	const char	*trouble;

	/* the element we are in */
	size_t		 depth;
	uint8_t		*kinds;		/* one bit a level: 1 is '{' */
	size_t		 kinds_size;
	int		 in_string, escaped;
	struct buf	 begun;		/* what came of it in earlier pieces */
	uint64_t	 len;		/* so far, of all pieces before this one */
	int		 skipping;
	struct idscan	 scan;
	char		*id_name;

	unsigned	 bom;
	uint64_t	 spaces;
	uint64_t	 elements, bytes;
};

struct split *
split_new(const struct identity_names *names, size_t record_max, const struct split_to *to)
{
	struct split	*s = xcalloc(1, sizeof(*s));

	s->to = *to;
	s->identity = identity_new(names);
	s->id_name = xstrdup(names->id_name);
	s->record_max = record_max;
	s->at = BEFORE;
	s->trouble = "the end is missing";
	return s;
}

void
split_free(struct split *s)
{
	if (s == NULL)
		return;
	identity_free(s->identity);
	free(s->id_name);
	free(s->kinds);
	buf_clear(&s->begun);
	free(s);
}

static void
broken(struct split *s, const char *why)
{
	s->at = BROKEN;
	s->trouble = why;
	buf_clear(&s->begun);
}

/* The first '"' or '\\' of a string. */
static const char *
string_run(const char *p, const char *end)
{
#if defined(__SSE2__)
	const __m128i	 quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');

	for (; end - p >= 16; p += 16) {
		__m128i	 v = _mm_loadu_si128((const __m128i *)(const void *)p);
		int	 hit = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)));

		if (hit != 0)
			return p + __builtin_ctz((unsigned)hit);
	}
#endif
	while (p < end && *p != '"' && *p != '\\')
		p++;
	return p;
}

static int
open_bracket(struct split *s, int brace)
{
	if (s->depth / 8 >= s->kinds_size) {
		if (s->depth >= DEPTH_MAX) {
			broken(s, "brackets are nested millions deep");
			return -1;
		}
		s->kinds_size = s->kinds_size == 0 ? 64 : 2 * s->kinds_size;
		s->kinds = xrealloc(s->kinds, s->kinds_size);
	}
	if (brace)
		s->kinds[s->depth / 8] |= (uint8_t)(1u << s->depth % 8);
	else
		s->kinds[s->depth / 8] &= (uint8_t)~(1u << s->depth % 8);
	s->depth++;
	return 0;
}

static int
close_bracket(struct split *s, int brace)
{
	s->depth--;
	if ((s->kinds[s->depth / 8] >> s->depth % 8 & 1) != brace) {
		broken(s, "brackets do not balance");
		return -1;
	}
	return 0;
}

/* Moves on to just behind the element's end, or to the end of the piece. 1: the element ended. */
static int
run_brackets(struct split *s, const char **at, const char *end)
{
	const char	*p = *at;
	int		 ended = 0;

	while (p < end && !ended) {
		if (s->escaped) {
			s->escaped = 0;
			p++;
			continue;
		}
		if (s->in_string) {
			p = string_run(p, end);
			if (p == end)
				break;
			if (*p == '"')
				s->in_string = 0;
			else
				s->escaped = 1;
			p++;
			continue;
		}
		switch (*p++) {
		case '"':
			s->in_string = 1;
			break;
		case '{':
			if (open_bracket(s, 1) == -1)
				return 0;
			break;
		case '[':
			if (open_bracket(s, 0) == -1)
				return 0;
			break;
		case '}':
			if (close_bracket(s, 1) == -1)
				return 0;
			ended = s->depth == 0;
			break;
		case ']':
			if (close_bracket(s, 0) == -1)
				return 0;
			ended = s->depth == 0;
			break;
		}
	}
	*at = p;
	return ended;
}

static int
run_text(struct split *s, const char **at, const char *end)
{
	const char	*p = *at;

	while (p < end) {
		if (s->escaped) {
			s->escaped = 0;
			p++;
			continue;
		}
		p = string_run(p, end);
		if (p == end)
			break;
		if (*p++ == '"') {
			*at = p;
			return 1;
		}
		s->escaped = 1;
	}
	*at = p;
	return 0;
}

static int
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static int
run_word(struct split *s, const char **at, const char *end)
{
	const char	*p = *at;

	(void)s;
	while (p < end && *p != ',' && *p != ']' && !is_space(*p))
		p++;
	*at = p;
	return p < end;
}

static void
element_begins(struct split *s, const char **at)
{
	s->at = INSIDE;
	s->depth = 0;
	s->in_string = s->escaped = s->skipping = 0;
	s->len = 0;
	buf_reset(&s->begun);
	if (**at == '{' || **at == '[') {
		s->element = BRACKETS;
	} else if (**at == '"') {
		s->element = TEXT;
	} else {
		s->element = WORD;
	}
}

static void
give_bad(struct split *s, const char *reason, const char *bytes, size_t len)
{
	struct split_bad	 bad = { .ordinal = (uint32_t)s->elements, .reason = reason, .bytes = bytes, .len = len };

	bad.record_id = s->scan.found[0] != '\0' ? s->scan.found : "-";
	if (bytes != NULL)
		identity_element(s->identity, bad.ordinal, bytes, len, bad.id);
	else
		identity_element(s->identity, bad.ordinal, &s->len, sizeof(s->len), bad.id);
	s->to.bad(s->to.arg, &bad);
}

static void
give(struct split *s, const char *bytes, size_t len)
{
	struct record	 r = { .ordinal = (uint32_t)s->elements, .bytes = bytes, .len = len };
	const char	*why = "";
	char		 reason[160];

	if (s->element == BRACKETS && *bytes == '{' && identity_record(s->identity, &r, &why) == 0) {
		s->to.record(s->to.arg, &r);
		return;
	}
	if (s->element == BRACKETS && *bytes == '{')
		snprintf(reason, sizeof(reason), "not-json: %s", why);
	else
		snprintf(reason, sizeof(reason), "not-object: a blob's element must be an object");
	idscan_init(&s->scan, s->id_name);
	idscan_feed(&s->scan, bytes, len);
	give_bad(s, reason, bytes, len);
}

static void
give_too_large(struct split *s)
{
	char	 reason[80];

	snprintf(reason, sizeof(reason), "too-large: %llu bytes, limits.record is %zu", (unsigned long long)s->len,
	    s->record_max);
	give_bad(s, reason, NULL, 0);
}

/* A piece of an element that goes on: kept, or once it is too large only looked through for its Id. */
static void
keep(struct split *s, const char *piece, size_t len)
{
	s->len += len;
	if (s->len > ELEMENT_MAX) {
		broken(s, "over 1 GiB without the end of a record");
		return;
	}
	if (!s->skipping && s->begun.len + len > s->record_max) {
		s->skipping = 1;
		idscan_init(&s->scan, s->id_name);
		idscan_feed(&s->scan, buf_str(&s->begun), s->begun.len);
		buf_clear(&s->begun);
	}
	if (s->skipping)
		idscan_feed(&s->scan, piece, len);
	else
		buf_add(&s->begun, piece, len);
}

static void
element_ends(struct split *s, const char *piece, size_t len)
{
	if (s->begun.len == 0 && !s->skipping && len <= s->record_max) {
		s->len = len;
		give(s, piece, len);
	} else {
		keep(s, piece, len);
		if (s->at == BROKEN)
			return;
		if (s->skipping)
			give_too_large(s);
		else
			give(s, s->begun.bytes, s->begun.len);
		buf_shrink(&s->begun, 1 << 20);
	}
	s->elements++;
	s->bytes += s->len;
	s->spaces = 0;
	s->at = BETWEEN;
}

static void
inside(struct split *s, const char **at, const char *end)
{
	const char	*start = *at;
	int		 ended = 0;

	switch (s->element) {
	case BRACKETS:
		ended = run_brackets(s, at, end);
		break;
	case TEXT:
		if (s->len == 0 && *at == start && *start == '"' && !s->in_string) {
			s->in_string = 1;
			(*at)++;
		}
		ended = run_text(s, at, end);
		break;
	case WORD:
		ended = run_word(s, at, end);
		break;
	}
	if (s->at == BROKEN)
		return;
	if (ended)
		element_ends(s, start, (size_t)(*at - start));
	else
		keep(s, start, (size_t)(*at - start));
}

/* A byte outside every element. */
static void
outside(struct split *s, const char **at)
{
	char	 c = **at;

	if (is_space(c)) {
		(*at)++;
		if (++s->spaces > SPACE_MAX)
			broken(s, "over 64 MiB of white space");
		return;
	}
	switch (s->at) {
	case BEFORE:
		if (bom_goes_on(&s->bom, c)) {
			(*at)++;
		} else if (c == '[') {
			s->at = BETWEEN;
			(*at)++;
		} else {
			broken(s, "not a JSON array");
		}
		break;
	case BETWEEN:
		if (c == ',') {
			(*at)++;
		} else if (c == ']') {
			s->at = AFTER;
			(*at)++;
		} else if (c == '}') {
			broken(s, "brackets do not balance");
		} else {
			element_begins(s, at);
		}
		break;
	default:
		broken(s, "bytes after the closing bracket");
		break;
	}
}

static enum split_state
state(const struct split *s)
{
	switch (s->at) {
	case BROKEN:	return SPLIT_BROKEN;
	case AFTER:	return SPLIT_END;
	default:	return SPLIT_MORE;
	}
}

enum split_state
split_feed(struct split *s, const char *p, size_t len)
{
	const char	*end = p + len;

	while (p < end && s->at != BROKEN) {
		if (s->at == INSIDE)
			inside(s, &p, end);
		else
			outside(s, &p);
	}
	return state(s);
}

size_t
split_feed_array(struct split *s, const char *p, size_t len, enum split_state *to)
{
	const char	*start = p, *end = p + len;

	while (p < end && s->at != BROKEN && s->at != AFTER) {
		if (s->at == INSIDE)
			inside(s, &p, end);
		else
			outside(s, &p);
	}
	*to = state(s);
	return (size_t)(p - start);
}

enum split_state
split_finish(struct split *s)
{
	if (s->at != AFTER && s->at != BROKEN)
		broken(s, s->at == BEFORE ? "an empty body" : "the end is missing");
	return state(s);
}

const char *
split_trouble(const struct split *s)
{
	return s->trouble;
}

uint64_t
split_elements(const struct split *s)
{
	return s->elements;
}

const struct json *
split_json(const struct split *s)
{
	return identity_json(s->identity);
}

const uint8_t *
split_row(const struct split *s)
{
	return identity_row(s->identity);
}

uint64_t
split_bytes(const struct split *s)
{
	return s->bytes;
}
