/*
 * pace - how many requests of an output may be under way: additive increase, multiplicative decrease.
 *
 * Within the configured limit, which is where it begins. A destination that is busy halves it, once for all requests that
 * were under way together; every few requests that went well add one. Pure.
 */
#ifndef DELIVER_PACE_H
#define DELIVER_PACE_H

#include <stdint.h>

struct pace {
	unsigned	 limit, now;	/* 1 <= now <= limit */
	unsigned	 well;		/* requests that went well since now last changed */
	int64_t		 slowed_ms;	/* monotonic: when it was last halved; 0: never */
};

void	 pace_init(struct pace *, unsigned limit);
/* A request that left at sent_ms met a busy destination. 1: it was halved. */
int	 pace_slower(struct pace *, int64_t sent_ms, int64_t now_ms);
/* One went well. 1: one more may go. */
int	 pace_faster(struct pace *);

#endif
