/*
 * gate - may an output send now? Open, backing off (a pause with jitter), or held (until somebody mends something).
 *
 * Whoever finds the trouble owns the gate: only the owner may try when the pause is over, and only the owner's success
 * opens it again. So a sick destination sees one request at a time. Nothing here is remembered over a restart.
 */
#ifndef DELIVER_GATE_H
#define DELIVER_GATE_H

#include <stdint.h>

#include "base/backoff.h"

enum gate_state { GATE_OPEN, GATE_BACKING_OFF, GATE_HELD };

struct gate {
	enum gate_state	 state;
	const void	*owner;
	int64_t		 until_ms;		/* monotonic */
	int64_t		 since_ms;		/* wall clock: of the state */
	unsigned	 looks;			/* at a held destination, without success */
	int		 permission;		/* held because a right is missing */
	struct backoff	 backoff;
	char		 why[300];
};

void	 gate_init(struct gate *);
int	 gate_may(const struct gate *, const void *who);
/* Trouble. 1: the state is a new one (worth a line in the log). some: part of it went well. */
int	 gate_again(struct gate *, const void *who, int64_t retry_after_ms, int some, const char *why);
int	 gate_hold(struct gate *, const void *who, int permission, const char *why);
/* It went well. 1: the gate was closed and is open now. */
int	 gate_passed(struct gate *, const void *who);
void	 gate_kick(struct gate *);		/* forget the pause: the owner may try now */
int64_t	 gate_pause_ms(const struct gate *);	/* until the owner may try */

#endif
