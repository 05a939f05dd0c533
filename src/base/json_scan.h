/*
 * json_scan - what the parts of json share: runs of plain bytes, UTF-8 and escapes. For src/base/json*.c only.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/json.h"
#include "base/wraps.h"

#define SCAN_LIKELY(x)		__builtin_expect(!!(x), 1)
#define SCAN_UNLIKELY(x)	__builtin_expect(!!(x), 0)

#define SCAN_REPLACEMENT "\xef\xbf\xbd"		/* U+FFFD */

/*
 * The first byte that is not plain inside a string: a quote, a backslash, a control byte, or a byte over 0x7f. *dot is
 * set if there is a '.' before it; a NULL dot costs nothing once inlined. Both ways of looking are always there where
 * they can be, so that a test can hold one against the other.
 */
static inline const char *
scan_plain_bytewise(const char *p, const char *end, int *dot)
{
	for (; p < end; p++) {
		unsigned char	 c = (unsigned char)*p;

		if (c == '"' || c == '\\' || c < 0x20 || c >= 0x80)
			break;
		if (dot != NULL && c == '.')
			*dot = 1;
	}
	return p;
}

WRAPS static inline const char *
scan_plain_portable(const char *p, const char *end, int *dot)
{
	const uint64_t	 ones = UINT64_C(0x0101010101010101);

	for (; end - p >= 8; p += 8) {
		uint64_t	 w, quote, back, point;

		memcpy(&w, p, 8);
		quote = w ^ ones * '"';
		back = w ^ ones * '\\';
		if (((w | (w - ones * 0x20) | (quote - ones) | (back - ones)) & ones * 0x80) != 0)
			break;
		point = w ^ ones * '.';
		if (dot != NULL && ((point - ones) & ones * 0x80) != 0)
			*dot = 1;
	}
	return scan_plain_bytewise(p, end, dot);
}

#ifdef __SSE2__
/* Which of 16 bytes are not plain. */
static inline unsigned
scan_odd_sse2(__m128i v)
{
	const __m128i	 space = _mm_set1_epi8(0x20), quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\');

	/* signed: bytes over 0x7f are below the space too */
	return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_cmplt_epi8(v, space),
	    _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, back))));
}

WRAPS static inline const char *
scan_plain_sse2(const char *p, const char *end, int *dot)
{
	const char	*start = p;

	for (; end - p >= 16; p += 16) {
		__m128i		 v = _mm_loadu_si128((const __m128i *)(const void *)p);
		unsigned	 at = scan_odd_sse2(v);

		if (dot != NULL) {
			unsigned	 dots = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('.')));

			if ((dots & (at - 1) & ~at) != 0)
				*dot = 1;
		}
		if (at != 0)
			return p + __builtin_ctz(at);
	}
	/* The last ones together with some that were plain already. */
	if (dot == NULL && p > start && p < end) {
		unsigned	 at = scan_odd_sse2(_mm_loadu_si128((const __m128i *)(const void *)(end - 16)));

		return at != 0 ? end - 16 + __builtin_ctz(at) : end;
	}
	return scan_plain_portable(p, end, dot);
}
#endif

static inline const char *
scan_plain(const char *p, const char *end, int *dot)
{
#ifdef __SSE2__
	return scan_plain_sse2(p, end, dot);
#else
	return scan_plain_portable(p, end, dot);
#endif
}

/* JSON's white space and no other. */
static inline int
scan_is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Length of the character at p in UTF-8, 0 if it is none: no overlong form, no surrogate, nothing over U+10FFFF. */
unsigned scan_utf8(const char *p, const char *end);
/* Length of the part of a broken character that is replaced by one U+FFFD: at least 1. */
unsigned scan_utf8_broken(const char *p, const char *end);
/* The code point of sound UTF-8 at *p, which moves on. */
uint32_t scan_code_point(const char **p);
/* Four hex digits at p, -1 if they are none; p + 4 must not pass the end. */
int32_t	 scan_hex4(const char *p);
/* Decodes one character of a string that was found sound: *p moves on, out gets 1 to 4 bytes. Lone surrogates: U+FFFD. */
unsigned scan_decode(const char **p, char out[4]);

/* Names of an object, json_names.c. */
int	 scan_name_unfit(const char *p, const char *end);	/* JSON_DOTTED; p, end inside the quotes, sound */
int	 scan_names_repeat(struct json *, uint32_t object, uint32_t end, uint32_t count);	/* end: past its last node */

/* json_index with another limit to the nesting. */
enum json_verdict scan_index(struct json *, const char *, size_t, uint32_t max_nodes, unsigned depth, unsigned nesting);

#endif
