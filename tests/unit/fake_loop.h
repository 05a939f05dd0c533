/*
 * fake_loop - time, timers and workers for unit tests, by linking instead of base/clock, net/loop and net/work.
 *
 * Nothing happens by itself: fake_turn() lets everything happen that is due now, fake_pass(ms) lets time go by, timer by
 * timer. HTTP is one of fake_deliver.c and fake_http.c; the store is the real one.
 */
#ifndef FAKE_LOOP_H
#define FAKE_LOOP_H

#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/work.h"
#include "store/store.h"

extern _Atomic int64_t	 fake_mono_ms, fake_wall_ms;	/* the store thread asks for the time, too */
extern int64_t	 fake_heard_ms;		/* the last Date that was heard; 0: none */
extern int	 fake_work_stuck;	/* n: the n-th job from now is run, but its end is not told; 0: none */

void	 fake_open(struct store *);	/* whose answers fake_turn gives; NULL: none */
void	 fake_close(void);		/* forgets everything */
int	 fake_is_clean(void);		/* no job, no request, no timer is left */
void	 fake_turn(void);
void	 fake_pass(int64_t ms);
void	 fake_work_end(void);		/* as work_free: nobody is told of jobs that are left */

/* What the HTTP that is linked beside it gives. */
int	 fake_http_serve(void);		/* the oldest open request is answered, 1; 0: none is, or it stays open */
void	 fake_http_close(void);
size_t	 fake_in_flight(void);

#endif
