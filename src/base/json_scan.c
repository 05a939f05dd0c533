/*
 * json_scan - one character at a time: UTF-8 in, escapes decoded.
 */
#include "base/json_scan.h"
#include "base/wraps.h"

static inline int
continues(const char *p, const char *end)
{
	return p < end && ((unsigned char)*p & 0xc0) == 0x80;
}

/* How many bytes a character with this first byte has, and what its second byte may be (Unicode, table 3-7). */
static unsigned
form_of(unsigned char first, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (first < 0x80)
		return 1;
	if (first < 0xc2)
		return 0;
	if (first < 0xe0)
		return 2;
	if (first < 0xf0) {
		if (first == 0xe0)
			*low = 0xa0;	/* else overlong */
		if (first == 0xed)
			*high = 0x9f;	/* else a surrogate */
		return 3;
	}
	if (first == 0xf0)
		*low = 0x90;
	if (first == 0xf4)
		*high = 0x8f;		/* else over U+10FFFF */
	return first <= 0xf4 ? 4 : 0;
}

/* The bytes at p that belong to one character; *whole says whether they are all of it. */
static unsigned
part_of(const char *p, const char *end, int *whole)
{
	unsigned char	 low, high;
	unsigned	 want = form_of((unsigned char)*p, &low, &high), n = 1;

	if (want > 1 && p + 1 < end && (unsigned char)p[1] >= low && (unsigned char)p[1] <= high)
		for (n = 2; n < want && continues(p + n, end); n++)
			continue;
	*whole = n == want;
	return n;
}

unsigned
scan_utf8(const char *p, const char *end)
{
	int		 whole;
	unsigned	 n = part_of(p, end, &whole);

	return whole ? n : 0;
}

unsigned
scan_utf8_broken(const char *p, const char *end)
{
	int	 whole;

	return part_of(p, end, &whole);
}

uint32_t
scan_code_point(const char **p)
{
	const unsigned char	*s = (const unsigned char *)*p;
	uint32_t		 c = s[0];
	unsigned		 more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	if (more > 0)
		c &= 0x3fU >> more;
	for (unsigned k = 1; k <= more; k++)
		c = c << 6 | (s[k] & 0x3fU);
	*p += more + 1;
	return c;
}

WRAPS int32_t
scan_hex4(const char *p)
{
	int32_t	 value = 0;

	for (int k = 0; k < 4; k++) {
		unsigned	 digit = (unsigned char)p[k] - (unsigned)'0';
		unsigned	 letter = ((unsigned char)p[k] | 0x20U) - (unsigned)'a';

		if (digit > 9 && letter > 5)
			return -1;
		value = value << 4 | (int32_t)(digit <= 9 ? digit : letter + 10);
	}
	return value;
}

static unsigned
encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/*
 * The string was found sound: an escape is whole, and after the inside comes the closing quote, so that looking for a
 * second half stops there.
 */
static unsigned
decode_unit(const char **p, char out[4])
{
	uint32_t	 c = (uint32_t)scan_hex4(*p + 2);
	const char	*q = *p + 6;

	*p = q;
	if (c >= 0xd800 && c < 0xdc00 && q[0] == '\\' && q[1] == 'u') {
		uint32_t	 low = (uint32_t)scan_hex4(q + 2);

		if (low >= 0xdc00 && low < 0xe000) {
			*p = q + 6;
			return encode(0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00), out);
		}
	}
	return encode(c >= 0xd800 && c < 0xe000 ? 0xfffd : c, out);
}

unsigned
scan_decode(const char **p, char out[4])
{
	static const char	 from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

	if (**p != '\\') {
		unsigned char	 low, high;
		unsigned	 n = form_of((unsigned char)**p, &low, &high);

		memcpy(out, *p, n);
		*p += n;
		return n;
	}
	if ((*p)[1] == 'u')
		return decode_unit(p, out);
	out[0] = to[strchr(from, (*p)[1]) - from];
	*p += 2;
	return 1;
}
