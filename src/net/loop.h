/*
 * loop - the one event loop, its timers, watched descriptors and signals. libevent is behind this header.
 *
 * All callbacks run on the thread that runs the loop. Timers are one-shot, run on the monotonic clock and ring a little
 * late, never early.
 * After timer_clear/watch_clear a callback does not come any more.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdint.h>

struct loop;
struct event;

struct timer {
	struct event	*ev;
	void		(*cb)(void *);
	void		*arg;
};

struct watch {
	struct event	*ev;
	void		(*cb)(void *);
	void		*arg;
};

struct loop *loop_new(void);
void	 loop_free(struct loop *);
void	 loop_run(struct loop *);		/* until loop_stop */
void	 loop_stop(struct loop *);
struct event_base *loop_base(struct loop *);	/* for evhttp in admin/ and for net/ itself */

void	 timer_init(struct timer *, struct loop *, void (*)(void *), void *arg);
void	 timer_set(struct timer *, int64_t ms);	/* replaces an earlier one; 0: on the next turn */
void	 timer_set_real(struct timer *, int64_t ms);	/* for what sockets and people take: never faster than the machine's clock */
void	 timer_stop(struct timer *);
int	 timer_pending(const struct timer *);
void	 timer_clear(struct timer *);

void	 watch_init(struct watch *, struct loop *, int fd, void (*)(void *), void *arg);	/* readable */
void	 watch_signal(struct watch *, struct loop *, int signal, void (*)(void *), void *arg);
void	 watch_clear(struct watch *);

#endif
