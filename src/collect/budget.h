/*
 * budget - how many requests a tenant may make: a token bucket, never more than `per_minute` in any 60 s.
 *
 * A twentieth of it may go out at once, the rest flows evenly. Source of the figure: spec/api-management.md section 6.
 */
#ifndef COLLECT_BUDGET_H
#define COLLECT_BUDGET_H

#include <stdint.h>

struct budget {
	double		 tokens, burst, per_ms;
	int64_t		 then_ms;
	int64_t		 gate_ms;	/* nothing before this (monotonic): a throttle answer */
};

void	 budget_init(struct budget *, unsigned per_minute, int64_t now_ms);
int64_t	 budget_take(struct budget *, int64_t now_ms);	/* 0: taken; else the ms after which to ask again */
void	 budget_gate(struct budget *, int64_t until_ms);	/* a later gate stays */

#endif
