/*
 * load - what one slot has taken from the store: batches, and which of their records are still to be delivered.
 *
 * Owns the batches' bodies; items point into them. Records that the store knows as done are left out.
 */
#ifndef DELIVER_LOAD_H
#define DELIVER_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "deliver/sink.h"
#include "norm/sift.h"
#include "store/store.h"

#define LOAD_LARGE (1u << 20)	/* a record over this is handled one at a time in the process */

struct load {
	struct peeked	**batches;	/* each by itself, so that items can point to them while more are added */
	size_t		 n_batches;
	struct parcel_item *items;	/* records left, in order */
	size_t		 n;
	size_t		 size;
	size_t		 bytes;		/* of the bodies */
	int64_t		 oldest_ms;	/* when the first of it was stored; wall clock */
	int		 large;		/* holds a record over LOAD_LARGE */
	int		 some_passed;	/* part of it was delivered */
};

typedef const struct feed_names *feed_names_fn(void *arg, int feed);

void	 load_add(struct load *, struct peeked *, feed_names_fn *, void *arg);	/* takes the body */
/* On a worker: takes redacted members out, and brings the records that are left out to the front (V_DROPPED): how many. */
size_t	 load_sift(struct load *, const struct sift *);
void	 load_settle(struct load *, size_t n);	/* of the first n items those are dropped whose verdict is final */
void	 load_clear(struct load *);

#endif
