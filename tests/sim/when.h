/*
 * when - the simulated tenant's clock, and Microsoft's ways to write a time.
 *
 * The clock starts at the real time (or at --now) and runs --clock-rate times as fast.
 */
#ifndef SIM_WHEN_H
#define SIM_WHEN_H

#include <stddef.h>
#include <stdint.h>

#include "text.h"

#define SECOND_MS 1000LL
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS	  (60 * MINUTE_MS)
#define DAY_MS	  (24 * HOUR_MS)

void	 when_start(int64_t now_ms, double rate);	/* 0: the real time */
int64_t	 when_now(void);				/* milliseconds since 1970 */
int64_t	 when_real(void);				/* the machine's monotonic clock, ms */
int64_t	 when_passed(void);				/* ms of the tenant's time, which never jumps; for throttles */
void	 when_share(struct text *);			/* this clock for M365FWD_TEST_CLOCK: EPOCH_MS:RATE:MONO_MS */
double	 when_seconds(double);				/* how long the machine takes for so many seconds of the tenant */

struct civil {
	int	 year, month, day, hour, minute, second, ms;
};

struct civil when_civil(int64_t ms);
void	 when_zoneless(struct text *, int64_t ms);	/* 2026-11-23T08:15:01 */
void	 when_millis(struct text *, int64_t ms);	/* 2026-11-23T08:15:01.234Z */
void	 when_digits(struct text *, int64_t ms);	/* 20261123081501234 */
void	 when_http(struct text *, int64_t ms);		/* Mon, 23 Nov 2026 08:15:01 GMT */
/* YYYY-MM-DD[THH:MM[:SS]], nothing else; 0 if it is one of them. */
int	 when_parse(const char *, int64_t *ms);

#endif
