/*
 * fault - what can go wrong, as one table; which of it is on.
 *
 * A fault is NAME[:ARG[:TIMES]]. Percent faults are drawn from the seed, one draw per occasion, so that runs repeat.
 * Faults that name blobs may be set several times, once per blob.
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include <stdint.h>

#include "text.h"

enum fault {
#define FAULT(sym, name, kind, dflt, help) F_##sym,
#include "faults.def"
#undef FAULT
	NFAULTS
};

struct fault_state {
	int		 on;
	double		 arg;
	int64_t		 times;		/* left; -1: no end */
	uint64_t	 draws, hits;
	uint32_t	*blobs;		/* of faults that name blobs */
	size_t		 nblobs;
};

struct faults {
	uint64_t		 seed;
	struct fault_state	 of[NFAULTS];
	int			(*began)(void *, enum fault, double arg);	/* was set; 1: done at once, is over */
	void			*began_arg;
};

int	 fault_set(struct faults *, const char *spec, struct text *why);	/* -1: why */
int	 fault_clear(struct faults *, const char *name, struct text *why);	/* or "all" */
int	 fault_on(const struct faults *, enum fault);		/* set? */
int	 fault_hit(struct faults *, enum fault);		/* set, and this time it strikes */
int	 fault_hit_for(struct faults *, enum fault, uint64_t hash);	/* the same answer for the same hash */
int	 fault_blob(struct faults *, enum fault, uint32_t number);	/* set for this blob? counts a hit */
int	 fault_blob_on(const struct faults *, enum fault, uint32_t number);
double	 fault_arg(const struct faults *, enum fault);
void	 fault_json(const struct faults *, struct text *);
void	 fault_help(struct text *);

#endif
