/*
 * idset - which strings were met before, by a 64-bit hash; grows, is emptied cheaply, has a cap.
 */
#ifndef COLLECT_IDSET_H
#define COLLECT_IDSET_H

#include <stddef.h>
#include <stdint.h>

struct idset {
	uint64_t	*slots;		/* 0: free */
	size_t		 size, n;
};

int	 idset_add(struct idset *, const char *);	/* 1: new, 0: met before */
void	 idset_reset(struct idset *);
void	 idset_clear(struct idset *);

#endif
