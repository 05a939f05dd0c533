/*
 * keytab - from a key to a number; the simulator's only hash table.
 */
#include <stdlib.h>

#include "keytab.h"
#include "text.h"

static size_t
probe(const struct keytab *t, struct key k)
{
	size_t	 at = (size_t)k.lo & t->mask;

	while (t->cells[at] != 0 &&
	    (t->keys[t->cells[at] - 1].hi != k.hi || t->keys[t->cells[at] - 1].lo != k.lo))
		at = (at + 1) & t->mask;
	return at;
}

static void
widen(struct keytab *t)
{
	size_t	 i, cells = t->cells == NULL ? 1024 : (t->mask + 1) * 2;

	free(t->cells);
	t->cells = sim_alloc(cells, sizeof(*t->cells));
	t->mask = cells - 1;
	for (i = 0; i < t->n; i++)
		t->cells[probe(t, t->keys[i])] = (uint32_t)i + 1;
}

uint32_t
keytab_find(const struct keytab *t, struct key k)
{
	if (t->cells == NULL)
		return KEYTAB_NONE;
	return t->cells[probe(t, k)] - 1;
}

uint32_t
keytab_add(struct keytab *t, struct key k, int *fresh)
{
	size_t	 at;

	if (t->cells == NULL || (t->n + 1) * 2 > t->mask)
		widen(t);
	at = probe(t, k);
	if (fresh != NULL)
		*fresh = t->cells[at] == 0;
	if (t->cells[at] == 0) {
		if (t->n == t->room) {
			t->room = t->room ? t->room * 2 : 512;
			t->keys = sim_grow(t->keys, t->room, sizeof(*t->keys));
		}
		t->keys[t->n++] = k;
		t->cells[at] = (uint32_t)t->n;
	}
	return t->cells[at] - 1;
}

void
keytab_clear(struct keytab *t)
{
	free(t->keys);
	free(t->cells);
	*t = (struct keytab){ NULL, NULL, 0, 0, 0 };
}
