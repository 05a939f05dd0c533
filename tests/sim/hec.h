/*
 * hec - the simulated HTTP Event Collector: its tokens, what each has indexed, and its acknowledgements.
 *
 *	hec.c		doors, tokens, whole requests that go wrong, answers
 *	hec_index.c	a body into envelopes; each judged and kept until one is refused
 *	hec_ack.c	channels, ids, indexers behind a load balancer and their cookies
 *	hec_report.c	what the oracle says about it
 *
 * A token is an output: its events are counted apart. Of an event only number, digest and request are kept.
 */
#ifndef SIM_HEC_H
#define SIM_HEC_H

#include <stdio.h>

#include "keytab.h"
#include "oracle.h"
#include "scan.h"
#include "text.h"

#define HEC_NCODES 29

struct sim;
struct request;

/*
 * The latest copy of an event at a token. A record without an Id that comes again in other words has one number and is due in each of
 * them: a copy of every text. What came in words that had come before, while the number was still due, is the excess that shows when the
 * last of the texts arrives.
 */
struct hec_copy {
	uint64_t	 digest;		/* of the whole envelope */
	uint32_t	 post;			/* number of its request, counts from 1; 0: none came */
	uint32_t	 more;			/* the next text's copy in others, counts from 1 */
	uint16_t	 early_lost, early_other;	/* of the first: such excess, by whether the answer to the one before was lost */
};

struct hec_token {
	const char	*name, *value;
	int		 ack;
	const char	*indexes;		/* a+b, NULL: any */
	struct hec_copy	*copies;		/* by the debt's number */
	size_t		 room;
	struct hec_copy	*others;		/* of further texts */
	size_t		 nothers, others_room;
	struct keytab	 index_names;
	struct text	*index_text;		/* by number */
	uint64_t	*index_events;
	size_t		 index_room;
	uint32_t	 polls, told;		/* questions; requests that were told true */
	uint64_t	 posts, events, twice_lost, twice_other, twice_changed, spacing, differ, poisoned;
};

/* One accepted request. lost: its sender cannot know that it was taken, so that a second copy is no fault of his. */
struct hec_post {
	uint8_t		 token, lost;
	uint32_t	 told;			/* the how-manieth of its token that was told true; 0: not yet */
	uint32_t	 poll;			/* by which */
};

struct hec_id {
	uint32_t	 post;
	int64_t		 ready;			/* real ms; INT64_MAX: never */
	int64_t		 given;			/* ms of the tenant's time */
	uint8_t		 gone;			/* told true once, or forgotten */
};

struct hec_channel {
	int		 token, indexer;
	char		 guid[GUID_LEN + 1];
	struct hec_id	*ids;
	size_t		 n, room;
};

struct hec {
	struct hec_token tokens[HEC_OUTPUTS];
	int		 ntokens;
	struct hec_post	*posts;			/* by number - 1 */
	size_t		 nposts, posts_room;
	struct hec_channel *channels;
	size_t		 nchannels;
	uint32_t	 cookie_epoch;		/* cookies of another are not known any more */
	/* counted */
	uint64_t	 requests, gzip_requests, bytes, wire_bytes, bad_requests, codes[HEC_NCODES];
	uint64_t	 without_channel, unknown_keys, metric_events, without_time, form_requests, raw_requests, health;
	uint64_t	 polls, ids_asked, ids_true, ids_false, ids_given;
	struct text	 samples;		/* of what was refused or differs, a JSON list without brackets */
	size_t		 nsamples;
	FILE		*dump, *trace;
};

/* What a body came to. */
struct hec_outcome {
	int		 code;
	int		 number;		/* invalid-event-number; -1: none */
	size_t		 taken;
};

int	 hec_init(struct sim *);		/* -1: said why on stderr */
void	 hec_serve(struct sim *, struct request *);	/* /services/... */
void	 hec_report(struct sim *, struct text *);
void	 hec_reset(struct sim *);		/* empty again, has seen nothing */
void	 hec_died(struct sim *, unsigned last);	/* the sender was killed: what it had not made durable may come again */

/* A line of --hec-trace: real ms, and what happened. */
void	 hec_note(const struct hec *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* hec.c */
void	 hec_answer(struct sim *, struct request *, int code, int number, int64_t ack_id);	/* ids: -1 none */

/* hec_index.c */
void	 hec_index(struct sim *, struct hec_token *, uint32_t post, const struct text *body, int keep, struct hec_outcome *);

/* hec_ack.c: an indexer is chosen by cookie, or drawn and told by Set-Cookie. */
int	 hec_indexer(struct sim *, struct request *);
struct hec_channel *hec_channel(struct hec *, int token, int indexer, const char *guid);
int64_t	 hec_give_id(struct sim *, struct hec_channel *, uint32_t post, int never);
void	 hec_ack_serve(struct sim *, struct request *, int token, const char *channel);
void	 hec_ack_unheard(struct sim *, struct request *, int token, const char *channel);	/* this poll gets no answer */
void	 hec_forget_ids(struct sim *, int restart);	/* all pending ids; restart: their channels begin at 0 again */

#endif
