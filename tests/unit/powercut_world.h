/*
 * powercut_world - a store whose power is cut, and its twin, whose never is.
 *
 * Both get the same work, step by step, at the same (frozen) time, so both must hold the same rows in every table. When the power
 * of the one goes, its store is opened again by the code that opens it always, and must hold exactly what the twin holds: with
 * the step under way if that was answered, with it or without it if not, never a part of it. That is the whole promise
 * at once: nothing acknowledged is lost, nothing is doubled, no mark is ahead of the records it stands for. Beside it, and
 * independent of the twin: SQLite's own check, the tallies, and the number of records that were acknowledged.
 */
#ifndef TESTS_POWERCUT_WORLD_H
#define TESTS_POWERCUT_WORLD_H

#include <stdint.h>

#include "store_kit.h"

enum fate { SURVIVED, LOST, DIFFERS, DAMAGED, REFUSED, FATES };
/*
 * LOST: it holds what it held earlier, whole; something acknowledged is missing. DIFFERS: it holds what it never held. DAMAGED: it
 * opens, and SQLite or the tallies say that it is broken. REFUSED: it does not open, and says why.
 */

struct world {
	char		 dir[64];
	struct kit	 real, twin;
	int		 without_archive, archive_was_away;	/* it left the configuration, and comes back */
	int		 keeps_history;		/* to tell LOST from DIFFERS; slow */
	uint64_t	 rng, *history;
	size_t		 n_history;
	int64_t		 next_record, next_blob, acknowledged;
	unsigned	 steps;
	int		 kind;			/* of the last step */
	struct err	 why;			/* when the fate is not SURVIVED */
};

void	 world_new(struct world *, uint64_t seed);
void	 world_free(struct world *);
/* Opens it. 0: the power went. A store that cannot be opened while it is there is left closed (w->real.s NULL) with w->why. */
int	 world_open_real(struct world *);
/* One step of the work, the script's n-th or one by chance (-1). 0: the power went during it. */
int	 world_step(struct world *, int script);
int	 world_script_length(int long_too);
/* The power is out: what does the disk hold? cut_again > 0: it goes again after so many changes, while the store is opened. */
enum fate world_after_cut(struct world *, uint64_t seed, long cut_again, int *cuts);
unsigned world_kinds_cut(unsigned *of);		/* how many kinds of steps were cut so far */

#endif
