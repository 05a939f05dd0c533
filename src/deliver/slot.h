/*
 * slot - one of the places of an output where a load is under way: the machine that takes, sends and settles it.
 *
 * Private to output.c and slot.c: struct output is here because its slots share the gate, the look into the store and
 * the counters. output.c wakes, stops and tells; slot.c moves.
 */
#ifndef DELIVER_SLOT_H
#define DELIVER_SLOT_H

#include "base/err.h"
#include "deliver/gate.h"
#include "deliver/load.h"
#include "deliver/output.h"
#include "deliver/pace.h"

struct step;

struct slot {
	struct output	*o;
	const struct step *at;
	struct load	 load;
	struct parcel	 parcel;
	void		*scratch;	/* the sink's */
	size_t		 max_items;	/* after V_SPLIT; 0: no limit */
	struct timer	 timer;		/* lingering, and waiting for room */
	int64_t		 go_ms;		/* monotonic: lingering ends */
	int64_t		 sent_ms;	/* monotonic: the parcel left */
	int		 marked;
	int		 sifted;	/* the load has gone through opts.sift */
	size_t		 n_dropped;	/* and left out so many */
	int		 waiting;	/* for the answer that this step asked for */
	enum store_fail	 fail;		/* of the last done */
};

struct output {
	struct output_opts opts;
	char		*name;
	struct slot	*slots;
	unsigned	 n_slots;	/* more than the pace's limit where parcels may be parked */
	struct pace	 pace;		/* how many slots may work, parked ones not counted */
	struct gate	 gate;
	const struct slot *peeker;	/* who looks into the store */
	int		 owed;		/* there may be more in the store */
	int		 hurry;
	size_t		 limit_bytes;	/* after a 413; 0: none */
	int64_t		 limit_until_ms;
	struct timer	 wake, pause, deadline;
	int64_t		 pause_at_ms;	/* monotonic: when pause fires */
	struct err	 broken;
	int		 broken_told, stopping, stopped_told;
	void		(*on_stopped)(void *);
	void		*stop_arg;
	int64_t		 last_success_ms;
	unsigned	 buried_alone;			/* since then (settle.c) */
	uint64_t	 delivered, duplicates, redirected, dead, dropped, redacted;
};

enum slot_look { SLOT_IDLE, SLOT_WAITING, SLOT_SENDING, SLOT_STOPPED };

void	 slot_init(struct slot *, struct output *);
void	 slot_end(struct slot *);
void	 slot_drive(struct slot *);		/* as far as it goes */
void	 slot_recall(struct slot *);		/* what the network still holds of it is called back; it stops */
enum slot_look slot_look(const struct slot *);

void	 output_wake(struct output *);		/* every slot is driven on the next turn */
void	 output_pause(struct output *);		/* the gate may have changed: set the timer */

#endif
