/*
 * backoff - how long to wait before trying again: doubling, capped, with full jitter.
 *
 * A server's Retry-After, clamped to [1 s, 1 h], is a lower bound. Pure but for the random number.
 */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include <stdint.h>

struct backoff {
	int64_t		 first_ms;	/* upper bound of the first pause */
	int64_t		 max_ms;	/* upper bound of any pause */
	unsigned	 tries;
};

void	 backoff_init(struct backoff *, int64_t first_ms, int64_t max_ms);
int64_t	 backoff_next(struct backoff *, int64_t retry_after_ms);	/* retry_after_ms < 0: none given */
void	 backoff_reset(struct backoff *);
/* The pause of the n-th try (0, 1, ...) without jitter, for schedules that live in the store. */
int64_t	 backoff_step(int64_t first_ms, int64_t max_ms, unsigned n);
uint64_t rnd(void);		/* 64 random bits (getrandom-seeded, not for secrets) */

#endif
