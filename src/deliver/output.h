/*
 * output - one destination: takes what it still owes from the store, hands it to its sink, and commits the verdicts.
 *
 * Owns progress, back-off, holds, dead letters and the counters of one output; the sink knows the destination. Slots
 * (opts.concurrency) work side by side, each with one load: batches peeked from the store, sent as parcels until every
 * record of them is delivered or buried. A record is given up by nobody: it is delivered, a dead letter, or still in the
 * store. Everything here runs on the loop thread; no callback comes from inside a call into this header.
 *
 * Order at start: output_new, (store_start), output_bell. At the end: output_stop, on_stopped, then the workers end or are
 * drained (work_free, work_drain) and the store has given its answers (store_close, store_halt), output_free. Afterwards
 * another output may be made with the same number: it goes on where this one ended.
 * After STORE_BROKEN, or when nothing ran yet, output_stop may be left out: output_free recalls what the network holds, but
 * the workers must have ended and the store must give no answer any more.
 */
#ifndef DELIVER_OUTPUT_H
#define DELIVER_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "deliver/sink.h"
#include "net/loop.h"
#include "net/work.h"
#include "store/store.h"

#define OUTPUT_LOAD_MAX (1u << 20)	/* raw bytes of a load, whatever batch_bytes says */

struct output;

struct output_opts {
	const char	*name;			/* copied */
	int		 number;		/* store_output's */
	struct store	*store;
	struct work	*work;
	struct loop	*loop;
	struct sink	*sink;			/* taken: output_free frees it */
	struct sift	*sift;			/* what is left out before the sink sees it; NULL: nothing. Taken */
	size_t		 batch_bytes;		/* of one parcel, before compression */
	int64_t		 linger_ms;		/* how long a record may wait for company */
	unsigned	 concurrency;		/* slots */

	/* The names of a feed number that came out of the store; never NULL, stays valid. */
	const struct feed_names *(*feed_names)(void *arg, int feed);
	void		(*on_progress)(void *arg);	/* records were released: room again */
	void		(*on_broken)(void *arg, const struct err *);	/* STORE_BROKEN: the daemon must stop; comes once */
	void		*arg;
};

struct output *output_new(const struct output_opts *);
void	 output_free(struct output *);		/* see above */

void	 output_bell(struct output *);		/* records are there; cheap, call it after every put */
void	 output_hurry(struct output *, int on);	/* no lingering (run --once has caught up) */
/* SIGHUP: secrets are read again, back-off and hold are forgotten, it looks again now. */
void	 output_kick(struct output *);
/* Starts nothing new; requests in flight have until then (timeout_ms), what they deliver is committed. */
void	 output_stop(struct output *, int64_t timeout_ms, void (*on_stopped)(void *arg), void *arg);

/* Nothing in flight, and the last look into the store found nothing owed and no bell rang since. */
int	 output_idle(const struct output *);

enum output_state { OUTPUT_IDLE, OUTPUT_WAITING, OUTPUT_SENDING, OUTPUT_BACKING_OFF, OUTPUT_HOLD };
enum output_state output_state(const struct output *);
const char *output_why(const struct output *);		/* of BACKING_OFF and HOLD, else "" */
int	 output_number(const struct output *);
int	 output_permission(const struct output *);	/* HOLD, and only a right is missing (run --once: exit 77) */
/* Appends one object: name, type, state, why, since, in_flight, unacknowledged, concurrency (as it is now), last_success, delivered,
 * duplicates, redirected, dead, dropped, redacted. */
void	 output_status(const struct output *, struct json_out *);

#endif
