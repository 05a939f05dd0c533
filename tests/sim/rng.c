/*
 * rng - numbers that look random and are the same again for the same seed; 64- and 128-bit digests.
 */
#include <ctype.h>
#include <string.h>

#include "rng.h"

static uint64_t
scramble(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint64_t
rng_mix(uint64_t a, uint64_t b)
{
	return scramble(a * 0x9e3779b97f4a7c15u + scramble(b + 0x632be59bd9b4e019u));
}

uint64_t
rng_next(struct rng *r)
{
	r->state += 0x9e3779b97f4a7c15u;
	return scramble(r->state);
}

uint32_t
rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)(((rng_next(r) >> 32) * n) >> 32);
}

int
percent_of(uint64_t hash, double percent)
{
	return (double)(hash >> 11) < percent / 100.0 * 9007199254740992.0;
}

int
rng_percent(struct rng *r, double percent)
{
	return percent_of(rng_next(r), percent);
}

void
guid_write(char out[GUID_LEN + 1], uint64_t hi, uint64_t lo)
{
	static const char	 hex[] = "0123456789abcdef";
	int			 i, at = 0;

	for (i = 0; i < 32; i++) {
		uint64_t	 half = i < 16 ? hi : lo;

		if (i == 8 || i == 12 || i == 16 || i == 20)
			out[at++] = '-';
		out[at++] = hex[(half >> (60 - 4 * (i % 16))) & 15];
	}
	out[14] = '4';
	out[19] = "89ab"[lo >> 62];
	out[at] = '\0';
}

int
guid_valid(const char *s, size_t len)
{
	size_t	 i;

	if (len != GUID_LEN)
		return 0;
	for (i = 0; i < len; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (s[i] != '-')
				return 0;
		} else if (!isxdigit((unsigned char)s[i])) {
			return 0;
		}
	}
	return 1;
}

uint64_t
hash64(const void *bytes, size_t len, uint64_t seed)
{
	const unsigned char	*p = bytes;
	uint64_t		 h = seed ^ (len * 0x9e3779b97f4a7c15u), word;

	for (; len >= 8; len -= 8, p += 8) {
		memcpy(&word, p, 8);
		h = (h ^ word) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	word = 0;
	if (len > 0)
		memcpy(&word, p, len);
	return scramble(h ^ word);
}

struct key
key_bytes(char kind, const void *bytes, size_t len)
{
	struct key	 k;

	k.hi = hash64(bytes, len, rng_mix(0x6b657931, (uint64_t)kind));
	k.lo = hash64(bytes, len, rng_mix(0x6b657932, (uint64_t)kind));
	return k;
}

struct key
key_folded(char kind, const char *s, size_t len)
{
	char	 low[256];
	size_t	 i;

	if (len > sizeof(low))
		return key_bytes(kind, s, len);
	for (i = 0; i < len; i++)
		low[i] = (char)(s[i] >= 'A' && s[i] <= 'Z' ? s[i] | 0x20 : s[i]);
	return key_bytes(kind, low, len);
}
