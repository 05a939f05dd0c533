/*
 * fake_deliver - time, timers, workers and HTTP for the tests of deliver/. The store is the real one.
 *
 * Links instead of base/clock, net/loop, net/work and net/httpc. Nothing happens by itself: fake_turn() lets everything
 * happen that is due now, fake_pass(ms) lets time go by, timer by timer.
 */
#ifndef FAKE_DELIVER_H
#define FAKE_DELIVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/httpc.h"
#include "net/loop.h"
#include "net/work.h"
#include "store/store.h"

struct fake_request {		/* as it left */
	char		 url[512];
	char		 headers[2048];	/* each followed by '\n' */
	struct buf	 body;		/* unpacked */
	int		 was_gzip, fresh;
	size_t		 max_body;
	int64_t		 at_ms;		/* monotonic */
	unsigned	 n;		/* documents */
	char		 ids[2048][23];
	struct http	*http;
};

extern struct fake_request *fake_requests;	/* all so far */
extern size_t	 fake_n_requests;
extern int64_t	 fake_mono_ms, fake_wall_ms;

/* Who answers: returns 0 to leave the request open (fake_answer later), 1 when status (or fail) and body are filled in. */
struct fake_answer {
	enum http_fail	 fail;
	int		 status;
	struct buf	 body;
	int64_t		 retry_after_ms;
	const char	*content_type;
	int		 gzip;
};
extern int	 (*fake_server)(const struct fake_request *, struct fake_answer *);

void	 fake_open(struct store *);	/* whose answers fake_turn gives; NULL: none */
void	 fake_close(void);		/* forgets everything */
int	 fake_is_clean(void);		/* no job, no request, no timer is left */
void	 fake_turn(void);
void	 fake_pass(int64_t ms);
size_t	 fake_in_flight(void);
extern int fake_work_stuck;		/* n: the n-th job from now is run, but its end is not told; 0: none */

void	 fake_work_end(void);		/* as work_free: nobody is told of jobs that are left */

#endif
