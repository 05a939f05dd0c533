/*
 * sink - what a destination must be able to do. Nothing above it assumes HTTP; a file is one, Kafka will be one.
 *
 * A sink takes a parcel (records of several batches, encoded) and gives its verdicts back later, one per record. The
 * output (deliver/output.c) owns progress, retries, holds and the store; a sink only knows its destination.
 */
#ifndef DELIVER_SINK_H
#define DELIVER_SINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/record.h"
#include "store/store.h"

enum verdict {
	V_NONE,			/* not sent yet; in a judged parcel: goes into the next one, at once */
	V_DELIVERED,
	V_DUPLICATE,		/* already there under our own id: as good as delivered */
	V_AGAIN,		/* later, the same bytes */
	V_UNREAD,		/* the destination stopped before it, for another record's sake: again at once */
	V_SPLIT,		/* again, in a smaller parcel (413) */
	V_POISON,		/* never: dead letter */
	V_DROPPED,		/* the output's conditions leave it out: it never gets to the sink */
	V_HOLD			/* not before somebody mends the destination: nothing is dropped */
};

struct feed_names {		/* what a feed is called; lives as long as the outputs */
	const char	*tenant_guid;
	const char	*tenant_name;		/* the label of the configuration */
	const char	*organization_name;	/* the tenant's domain, NULL if not configured */
	const char	*feed;			/* "audit.exchange" */
	const char	*management;		/* origin of the Management API that its blobs come from; NULL: not known */
};

#define UNSURE_BEFORE INT64_MIN

#define SUSPECT_ALONE	2		/* sent alone, and refused as a whole by something in between */

struct parcel_item {		/* one record in a parcel */
	const struct peeked *batch;
	uint32_t	 pos;
	struct record	 record;	/* bytes borrowed from the batch's body, or from changed */
	enum verdict	 verdict;
	char		*reason;	/* V_POISON: why; owned */
	char		*reply;		/* V_POISON: the destination's words, at most 4 KiB; owned */
	char		*changed;	/* the record without what is redacted; NULL: as it came. Owned */
	unsigned	 redacted;	/* how many members were taken out */
	const struct feed_names *feed;
	const char	*word;		/* V_POISON: the counter's label; static, never the destination's own text */
	int		 suspect;	/* V_AGAIN: if it stays like this while others pass, it is the record after all (settle.c) */
	unsigned	 tries;		/* the output's: how often it was suspect */
	/* It was sent and no answer came: when (monotonic), UNSURE_BEFORE: before the program started; 0: not so. Bulk asks
	 * for its _id before it is sent again. */
	int64_t		 unsure_ms;
};

struct parcel {
	struct parcel_item *items;
	size_t		 n;		/* in it now; encode may take fewer than were offered */
	struct buf	 body;		/* encoded */
	void		*extra;		/* the sink's own (file: which member goes where) */
	/* the judgement of the whole */
	int64_t		 retry_after_ms;	/* -1: none */
	int		 throttled;		/* the destination is busy: slow down */
	int		 fresh;			/* try the next one over a new connection */
	int		 at_once;		/* V_AGAIN, at once: over another way (deliver/urls), or in another form */
	char		 why[300];		/* for V_AGAIN and V_HOLD: one line without record contents */
	char		 code[16];		/* for the counter: "200", "429", "timeout", ... */
	struct segment	*segments;		/* file: for the done-transaction */
	size_t		 n_segments;
	/* what encode is told, and what it tells */
	size_t		 max_bytes;		/* most bytes before compression; one larger record goes alone */
	size_t		 raw_bytes;		/* bytes before compression that it made */
	int64_t		 now_ms;		/* wall clock: event.ingested */
	/* more of the judgement */
	int		 too_large;		/* V_SPLIT because of the size: later parcels should be smaller too */
	int		 permission;		/* V_HOLD: only a right is missing */
	size_t		 redirected;		/* delivered, but put aside by the destination (failure store) */
	int		 parked;		/* while sent: nothing is under way, only an acknowledgement is awaited */
};

struct sink;

struct sink_ops {
	const char	*type;			/* "bulk", "file" */
	/* On a worker: fills body from items, from the first on, up to the sink's limits; sets n to what it took (at
	 * least 1). scratch is the slot's own, made by scratch_new. Touches no state of the loop. */
	void		(*encode)(const struct sink *, void *scratch, struct parcel *);
	void		*(*scratch_new)(const struct sink *);
	void		(*scratch_free)(void *);
	/* On the loop: starts; judged() comes later, exactly once, with a verdict in every item. Not after cancel. */
	void		(*send)(struct sink *, struct parcel *, void (*judged)(void *arg, struct parcel *), void *arg);
	void		(*cancel)(struct sink *, struct parcel *);
	void		(*parcel_clear)(struct parcel *);	/* frees extra; may be NULL */
	void		(*reload)(struct sink *);		/* secrets may have changed; may be NULL */
	void		(*free)(struct sink *);
	int		(*changed)(struct sink *);		/* 1: reload would find other secrets; may be NULL */
	int		 marks_sent;				/* batches are marked in the store before they leave */
};

struct sink {
	const struct sink_ops *ops;
	const char	*name;			/* the output's */
	unsigned	 parked_max;		/* so many parcels may be parked beside those under way */
	void		(*bell)(void *);	/* filled in by the output: a parcel was parked; the next may go */
	void		*bell_arg;
};

#endif
