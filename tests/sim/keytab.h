/*
 * keytab - from a key to a number; the simulator's only hash table.
 *
 * Numbers are given out in order of arrival, 0, 1, 2, ..., so that what belongs to a key can stand in an array
 * beside it.
 */
#ifndef SIM_KEYTAB_H
#define SIM_KEYTAB_H

#include "rng.h"

struct keytab {
	struct key	*keys;		/* by number */
	uint32_t	*cells;		/* number + 1; 0: free */
	size_t		 n;
	size_t		 room;		/* of keys */
	size_t		 mask;		/* of cells */
};

#define KEYTAB_NONE UINT32_MAX

uint32_t keytab_find(const struct keytab *, struct key);
uint32_t keytab_add(struct keytab *, struct key, int *fresh);	/* fresh may be NULL */
void	 keytab_clear(struct keytab *);

#endif
