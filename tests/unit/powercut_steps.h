/*
 * powercut_steps - every kind of transaction that the store has, made of numbers.
 *
 * A step is one transaction: what it does follows from the store and from the step's numbers alone, so that two stores in the same
 * state that are given the same step are in the same state again.
 */
#ifndef TESTS_POWERCUT_STEPS_H
#define TESTS_POWERCUT_STEPS_H

#include <stdint.h>

#include "store_kit.h"

struct step {
	uint64_t	 rng;
	int64_t		 record, blob;		/* the first that are new; moved on */
	int		 asked, done;		/* jobs that write, and those that were answered well */
};

uint64_t step_chance(uint64_t *rng, uint64_t n);	/* 0 .. n - 1 */

void	 step_put_some(struct kit *, struct step *);
void	 step_list_page(struct kit *, struct step *);
void	 step_blob_failed(struct kit *, struct step *);
void	 step_expire(struct kit *, struct step *);
void	 step_lazy_mark(struct kit *, struct step *);
void	 step_write_meta(struct kit *, struct step *);
void	 step_move_mark(struct kit *, struct step *);
void	 step_write_gap(struct kit *, struct step *);
void	 step_say_sent(struct kit *, struct step *);
void	 step_peek(struct kit *, struct step *);
void	 step_deliver_some(struct kit *, struct step *);
void	 step_drop_oldest(struct kit *, struct step *);
void	 step_dead_again(struct kit *, struct step *);
void	 step_dead_away(struct kit *, struct step *);
void	 step_reserve(struct kit *, struct step *);

#endif
