/*
 * busy - whose is a throttle answer: the tenant's, or that of this one request?
 *
 * The quota is the tenant's, so a 429 pauses all of it. But a blob, or a content type's listing, that gets one for ever must
 * not hold up the rest: what is refused for the third time in a row, and each time others got through since the last, is busy
 * by itself. While nobody gets through it is the tenant's, whoever asks. Pure. Only so many are remembered; who is forgotten
 * begins anew.
 */
#ifndef COLLECT_BUSY_H
#define COLLECT_BUSY_H

#include <stddef.h>
#include <stdint.h>

#define BUSY_MAX 64

struct busy {
	struct busy_one {
		uint64_t	 who;		/* a hash; 0: free */
		unsigned	 times;		/* refused, although others got through since the time before */
		uint64_t	 passed;	/* how many had got through when it was refused last */
	} ones[BUSY_MAX];
	size_t		 next;			/* to be forgotten */
	uint64_t	 passed;		/* requests of the tenant that got through */
};

void	 busy_passed(struct busy *, const char *who);	/* NULL: somebody without a name */
int	 busy_alone(struct busy *, const char *who);	/* it got 429; 1: that concerns nobody else */

#endif
