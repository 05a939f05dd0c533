/*
 * arena - memory for what is made while one record is mapped; all of it goes at once, nothing moves before.
 */
#ifndef NORM_ARENA_H
#define NORM_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block	*block;		/* the one that is being filled, linked to the full ones */
	char			*at;
	char			*end;
};

void	*arena_more(struct arena *, size_t);
void	 arena_reset(struct arena *);		/* keeps one block of ordinary size */
void	 arena_clear(struct arena *);

static inline char *
arena_take(struct arena *a, size_t n)
{
	char	*p = a->at;

	n = (n + 7) & ~(size_t)7;
	if ((size_t)(a->end - p) < n)
		return arena_more(a, n);
	a->at = p + n;
	return p;
}

char	*arena_copy(struct arena *, const char *, size_t);

#endif
