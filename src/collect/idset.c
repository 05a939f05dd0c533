/*
 * idset - which strings were met before: open addressing over 64-bit hashes.
 */
#include "collect/idset.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"

static uint64_t *
find(uint64_t *slots, size_t size, uint64_t h)
{
	size_t	 i = (size_t)h & (size - 1);

	while (slots[i] != 0 && slots[i] != h)
		i = (i + 1) & (size - 1);
	return &slots[i];
}

static void
grow(struct idset *s)
{
	size_t		 size = s->size == 0 ? 64 : 2 * s->size;
	uint64_t	*slots = xcalloc(size, sizeof(*slots));

	for (size_t i = 0; i < s->size; i++)
		if (s->slots[i] != 0)
			*find(slots, size, s->slots[i]) = s->slots[i];
	free(s->slots);
	s->slots = slots;
	s->size = size;
}

int
idset_add(struct idset *s, const char *text)
{
	uint64_t	 h = hash64(text, strlen(text), 0), *slot;

	if (h == 0)
		h = 1;
	if (s->n * 4 >= s->size * 3)
		grow(s);
	slot = find(s->slots, s->size, h);
	if (*slot != 0)
		return 0;
	*slot = h;
	s->n++;
	return 1;
}

void
idset_reset(struct idset *s)
{
	if (s->size > 4096)
		idset_clear(s);
	else if (s->n > 0)
		memset(s->slots, 0, s->size * sizeof(*s->slots));
	s->n = 0;
}

void
idset_clear(struct idset *s)
{
	free(s->slots);
	memset(s, 0, sizeof(*s));
}
