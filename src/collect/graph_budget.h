/*
 * graph_budget - how many requests one of Graph's services may get: never more than `most` in any `per_ms`.
 *
 * A slot is busy from the moment its request goes out until per_ms after it came in over there. When that was we know only
 * roughly: not after the first byte of the answer, and hardly later than way_ms after it was sent. So the service never sees more
 * than `most` in per_ms unless a request is on its way for longer than that, and with a second of way_ms at least nine tenths
 * are used, however long answers take.
 *
 * Who gets the next slot: those who want one, in turn (a request costs one, whoever makes it, so the deficits of the round robin are
 * its turns). While any of them has fresh work, re-reading gets a third of the budget at most, and what that leaves goes unused
 * rather than to it.
 * Pure: times in, answers out.
 */
#ifndef COLLECT_GRAPH_BUDGET_H
#define COLLECT_GRAPH_BUDGET_H

#include <stdint.h>

#define GRAPH_SLOTS	32
#define GRAPH_RING	16		/* feeds that share a budget */

enum graph_want { WANT_NOTHING, WANT_FRESH, WANT_AGAIN };

struct graph_slot {
	int64_t		 sent_ms, landed_ms;	/* landed 0: not known yet */
	int		 used;
};

struct graph_budget {
	unsigned	 most;
	int64_t		 per_ms, way_ms;
	int64_t		 gate_ms;		/* nothing before this: a throttle answer */
	struct graph_slot slots[GRAPH_SLOTS];

	enum graph_want	 wants[GRAPH_RING];	/* of each feed, set by whoever asks */
	int		 fresh[GRAPH_RING];	/* the feed has fresh work, waiting or under way; set by it */
	unsigned	 n, turn;
	int64_t		 again_ms;		/* while there is fresh work: no re-reading before this */
};

void	 graph_budget_init(struct graph_budget *, unsigned most, int64_t per_ms, int64_t way_ms);
unsigned graph_budget_join(struct graph_budget *);		/* a feed's place in the ring */
void	 graph_budget_used_up(struct graph_budget *, int64_t now_ms);	/* somebody before us may have asked until now */
void	 graph_budget_gate(struct graph_budget *, int64_t until_ms);	/* a later gate stays */
/* In how many ms one of the requests that are wanted may go out: 0 now; -1: none is wanted. */
int64_t	 graph_budget_wait(const struct graph_budget *, int64_t now_ms);
/* Whose request goes out, of those who want: its place, and *slot is taken; its want becomes WANT_NOTHING. -1: nobody's now. */
int	 graph_budget_next(struct graph_budget *, int64_t now_ms, unsigned *slot);
/* The answer to the request in that slot begins (or it failed). Twice is once. */
void	 graph_budget_landed(struct graph_budget *, unsigned slot, int64_t now_ms);

#endif
