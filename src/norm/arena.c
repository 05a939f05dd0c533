/*
 * arena - memory for what is made while one record is mapped.
 */
#include "norm/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define BLOCK	((size_t)16 * 1024)

struct arena_block {
	struct arena_block	*full;
	size_t			 size;
	_Alignas(8) char	 bytes[];
};

void *
arena_more(struct arena *a, size_t n)
{
	size_t			 size = n > BLOCK / 4 ? n : BLOCK;
	struct arena_block	*b = xmalloc(sizeof(*b) + size);

	b->size = size;
	if (size != BLOCK && a->block != NULL) {	/* a large one goes behind: the room in the first is not lost */
		b->full = a->block->full;
		a->block->full = b;
		return b->bytes;
	}
	b->full = a->block;
	a->block = b;
	a->at = b->bytes + n;
	a->end = b->bytes + size;
	return b->bytes;
}

static void
free_from(struct arena_block *b)
{
	while (b != NULL) {
		struct arena_block	*next = b->full;

		free(b);
		b = next;
	}
}

void
arena_reset(struct arena *a)
{
	if (a->block == NULL)
		return;
	if (a->block->full != NULL) {
		free_from(a->block->full);
		a->block->full = NULL;
	}
	if (a->block->size != BLOCK) {
		arena_clear(a);
		return;
	}
	a->at = a->block->bytes;
}

void
arena_clear(struct arena *a)
{
	free_from(a->block);
	memset(a, 0, sizeof(*a));
}

char *
arena_copy(struct arena *a, const char *p, size_t n)
{
	char	*to = arena_take(a, n + 1);

	if (n > 0)
		memcpy(to, p, n);
	to[n] = '\0';
	return to;
}
