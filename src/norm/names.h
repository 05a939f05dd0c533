/*
 * names - which of the known names is this? A table that is filled once and then asked for every member of every record.
 */
#ifndef NORM_NAMES_H
#define NORM_NAMES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/wraps.h"

#define NAME_NONE UINT16_MAX

struct name {
	const char	*text;
	uint16_t	 len;
	uint16_t	 id;
};

struct names {
	struct name	*slots;		/* open addressing, at most a quarter full */
	uint32_t	 mask;
	uint32_t	 n;
};

void	 names_add(struct names *, const char *, uint16_t id);	/* borrows the text; the first id of a name stays */
void	 names_free(struct names *);

/* Length, the first and the last bytes: enough to tell our names apart, and no byte is looked at twice. */
WRAPS static inline uint32_t
names_hash(const char *p, size_t len)
{
	uint64_t	 a = 0, b = 0;
	uint32_t	 half;

	if (len >= 8) {
		memcpy(&a, p, 8);
		memcpy(&b, p + len - 8, 8);
	} else if (len >= 4) {
		memcpy(&half, p, 4);
		a = half;
		memcpy(&half, p + len - 4, 4);
		b = half;
	} else if (len > 0)
		a = (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[len / 2] << 8 |
		    (unsigned char)p[len - 1];
	a = (a ^ len) * UINT64_C(0x9e3779b97f4a7c15);
	b = (b ^ a >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return (uint32_t)((a ^ b) >> 32);
}

static inline uint16_t
names_find(const struct names *t, const char *p, size_t len)
{
	if (t->n == 0)
		return NAME_NONE;
	for (uint32_t at = names_hash(p, len) & t->mask; t->slots[at].text != NULL; at = (at + 1) & t->mask)
		if (t->slots[at].len == len && memcmp(t->slots[at].text, p, len) == 0)
			return t->slots[at].id;
	return NAME_NONE;
}

/* "new_object_2" -> "new_object": where two names became one, the second has a number of ours, and is of the first one's kind. */
static inline size_t
names_stem(const char *p, size_t len)
{
	size_t	 n = len;

	while (n > 0 && p[n - 1] >= '0' && p[n - 1] <= '9')
		n--;
	return n < len && n > 1 && p[n - 1] == '_' ? n - 1 : len;
}

#endif
