/*
 * clock - the only source of time.
 *
 * Monotonic time is for timers and ages, wall clock time for windows. clock_judge_ms() is the servers' time by their
 * Date headers, clock_expiry_ms() what may decide that something at Microsoft has expired. A host whose clock jumps by a year must not declare seven days of audit content lost.
 * clock_heard and what depends on it belong to the loop thread; the rest may be asked by any.
 * Unit tests link a fake of this file; whole-daemon stories link tests/fast/clock.c in place of clock.c, where time passes faster.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t	 clock_mono_ms(void);
int64_t	 clock_wall_ms(void);			/* since 1970, UTC */
void	 clock_heard(int64_t server_ms);	/* a Microsoft server's Date header, just received; <= 0 is ignored */
int64_t	 clock_judge_ms(void);			/* the servers' time now; 0: no server was heard yet */
/* What may decide that something has expired: the smaller of wall clock and servers' time, 0 until a server was heard. One of
 * the two may be wrong by years; to give up late loses nothing, to give up early does. */
int64_t	 clock_expiry_ms(void);
int64_t	 clock_skew_ms(void);			/* wall clock less the servers' time; 0 if none was heard */
int64_t	 clock_min_ms(void);			/* the smaller of wall clock and servers' time: the end of listing windows */
int64_t	 clock_real_us(int64_t ms);		/* how long the machine takes for ms of these clocks: what a wait is set to */
int64_t	 clock_cpu_us(void);			/* CPU time of the process, for bench and status */

#endif
