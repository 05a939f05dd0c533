/*
 * judge_hec - what an answer of Splunk's HTTP Event Collector means for each record of a parcel. Pure, as judge.h.
 *
 * The central fact (spec/hec-protocol.md section 6): at an error of one event those before "invalid-event-number" are
 * taken, it and all behind it are not. So the prefix is delivered, the event is a dead letter, the rest is V_UNREAD.
 *
 * Records whose verdict is V_POISON before (too large to be sent) are not in the body, are not counted by that number, and
 * keep their verdict; all others must be V_NONE. V_DELIVERED is what the destination accepted: with an ack_id, the
 * acknowledgement is still to come.
 */
#ifndef DELIVER_JUDGE_HEC_H
#define DELIVER_JUDGE_HEC_H

#include <stddef.h>
#include <stdint.h>

#include "deliver/judge.h"

struct hec_past {		/* what came before, kept by the sink */
	int		 worked;	/* this URL took events before: its 404 is a restart, not a wrong path */
	unsigned	 refused;	/* records refused one after another, none accepted between */
	unsigned	 resumes;	/* answers that named an event, since the last parcel that was taken whole */
	unsigned	 strange;	/* 400s that are no HEC's, one after another */
};

struct hec_said {
	int		 code;		/* -1: none */
	int64_t		 ack_id;	/* -1: none */
	size_t		 accepted;	/* records */
	int		 is_hec;	/* the body was one of HEC */
};

void	 judge_hec(const struct judge_answer *, const char *location, const struct hec_past *, struct parcel *, struct hec_said *);
/* 1: it is a HEC's that names an event or gives a number to ask for, so that what stands before was taken. */
int	 judge_hec_took_some(const struct judge_answer *);
/* No whole answer came. */
void	 judge_hec_fail(enum http_fail, const char *why, struct parcel *);
/* Every record that is in the body gets this verdict. */
void	 judge_hec_all(struct parcel *, enum verdict, const char *why);

enum hec_acks { HEC_ACKS_READ, HEC_ACKS_OFF /* the token does none (code 14) */, HEC_ACKS_AGAIN };

/* The answer to a question for acknowledgements: done[i] becomes 1 where ids[i] is true. why: for HEC_ACKS_AGAIN. */
enum hec_acks judge_hec_acks(const struct judge_answer *, const int64_t *ids, size_t n, uint8_t *done, char why[300]);

#endif
