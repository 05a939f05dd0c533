/*
 * balance - do the tallies agree? stored = delivered + dead + dropped + owed, per feed and hour, by count, XOR and sum.
 *
 * Works on what store_tallies and store_peek say, and knows nothing else of the store: a check of its own.
 */
#ifndef TESTS_BALANCE_H
#define TESTS_BALANCE_H

#include "store/store.h"

struct balance {
	const char	*output;		/* whose; borrowed */
	struct balance_cell *cells;
	size_t		 n;
};

/* The tallies, one JSON object a line, as store_tallies gives them; the text is cut up. -1: a line is none. */
int	 balance_tallies(struct balance *, char *text);
/* What of a batch the output still owes. */
void	 balance_owed(struct balance *, const char *tenant, const char *feed, const struct peeked *);
/* NULL: it agrees; or the first feed and hour that does not (static). */
const char *balance_off(const struct balance *);
size_t	 balance_hours(const struct balance *);		/* feeds and hours that were looked at */
void	 balance_clear(struct balance *);

#endif
