/*
 * settle - what the verdicts on a slot's parcel mean. Moves nothing: slot.c does, by what is answered here.
 */
#ifndef DELIVER_SETTLE_H
#define DELIVER_SETTLE_H

#include "deliver/slot.h"

/* Every item has its verdict, or V_NONE if it was not sent. Counts, and decides for gate, pace and sizes of the output; may turn
 * what failed too often into V_POISON. */
void	 settle_judge(struct slot *);
/* Is there something that is done with: taken, known or left out, or (dead) refused for good? */
int	 settle_any(const struct slot *, int dead);
struct done *settle_done(const struct slot *, int dead);	/* of these, for store_done() */
void	 settle_tell(struct slot *, int dead);		/* that is durable: counters and log */
#ifdef M365FWD_CRASH_POINTS
struct done *settle_unanswered(const struct slot *);	/* all of it, before anybody answered: what the kill tests must notice */
#endif

#endif
