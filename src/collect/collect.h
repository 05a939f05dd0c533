/*
 * collect - what all sources of the process share, and what a source is.
 *
 * The wiring (daemon.c) fills struct collect and keeps it; sources only read it, but for `held`. Bells go up:
 * on_records (something new is in the store), on_broken (the store is: stop). Back-pressure comes down: while `paused` is
 * set nothing new is asked for, and source_ops.room is called when that ends.
 */
#ifndef COLLECT_COLLECT_H
#define COLLECT_COLLECT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "net/httpc.h"
#include "net/loop.h"
#include "net/work.h"
#include "store/store.h"

struct collect {
	struct loop	*loop;
	struct httpc	*httpc;
	struct work	*work;
	struct store	*store;
	int		 paused;	/* the spool is full */
	int64_t		 held;		/* bytes fetched and not stored yet, of all transfers */
	int64_t		 held_max;
	void		*lead;		/* the one transfer that may go on although held_max is reached */
	int64_t		 once_ms;	/* run --once: catch up with this moment; 0: for ever */
	unsigned	 fetches, fetches_max;
	size_t		 record_max;
	void		(*on_records)(void *arg);
	void		(*on_full)(void *arg);		/* a put was refused */
	void		(*on_broken)(void *arg, const struct err *);
	void		*arg;
};

struct source;

enum source_state { SOURCE_OK, SOURCE_TROUBLE, SOURCE_DENIED };	/* for exit 75 and 77 of run --once */

struct source_ops {
	void		(*start)(struct source *);
	void		(*stop)(struct source *);		/* aborts what is in flight; no callback comes after it */
	void		(*room)(struct source *);		/* the spool takes records again */
	void		(*kick)(struct source *);		/* SIGHUP: secrets, back-off and slow retries are looked at anew */
	int		(*caught_up)(const struct source *, int64_t since_ms);	/* everything up to then is listed, looks included */
	enum source_state (*state)(const struct source *, char *why, size_t);
	void		(*status)(const struct source *, struct json_out *);	/* writes one object per feed into an open array */
	/* After stop, and after everything it had given to the workers and the store was answered. */
	void		(*free)(struct source *);
};

struct source {
	const struct source_ops *ops;
	const char	*name;		/* for logs: "contoso/management" */
	const char	*tenant;	/* label; as long as the source lives */
	int		 started;	/* the wiring's: ops->start was called */
	int		 stopped;	/* ops->stop was called: answers that still come are only let go */
};

#endif
