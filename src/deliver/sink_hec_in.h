/*
 * sink_hec_in - what sink_hec.c (options, encoding), sink_hec_send.c (events) and sink_hec_ack.c (acknowledgements) share.
 */
#ifndef DELIVER_SINK_HEC_IN_H
#define DELIVER_SINK_HEC_IN_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/secret.h"
#include "deliver/hec_channel.h"
#include "deliver/judge_hec.h"
#include "deliver/sink_hec.h"
#include "deliver/urls.h"

#define HEC_KEPT_MAX	12
#define HEC_PARKED	8		/* parcels that may wait for acknowledgements beside those under way */
#define HEC_REPLY_MAX	(16u << 10)

struct hec_way {			/* one of the urls */
	char		*events, *acks;	/* whole request URLs */
	struct buf	 cookies;	/* for new channels */
	int		 worked;	/* it took events */
	int		 acks_proven;	/* ack: on: the token does acknowledge */
};

enum hec_letter_state {
	LETTER_DONE,			/* its verdicts are there: judged() comes on the next turn */
	LETTER_SLOW,			/* waits: the destination's queues are filling up */
	LETTER_PROBING,			/* asks whether the token acknowledges at all */
	LETTER_SENDING,
	LETTER_PARKED			/* waits for its acknowledgement */
};

struct hec_letter {			/* one parcel on its way */
	struct hec_letter *next;
	struct sink_hec	*hec;
	struct parcel	*p;
	void		(*judged)(void *, struct parcel *);
	void		*arg;
	enum hec_letter_state state;
	struct http	*http;
	size_t		 way;
	struct hec_channel *channel;
	int64_t		 ack_id;	/* LETTER_PARKED */
	int64_t		 parked_ms;
	int		 reloaded;	/* the secret was read again because of this one */
	int		 cookied;	/* sent again because a cookie came */
};

struct sink_hec {
	struct sink	 sink;
	struct sink_hec_opts opts;
	char		*kept[HEC_KEPT_MAX];	/* the strings of opts */
	size_t		 n_kept;
	struct urls	 urls;
	struct hec_way	*ways;
	char		**headers;		/* the configured ones */
	size_t		 n_headers;
	struct secret	 token;
	char		 hostname[256];
	atomic_int	 plain;			/* the destination does not take gzip; workers read it */
	struct hec_letter *letters;
	struct hec_channel *channels;
	struct timer	 timer;			/* the next thing that is due */
	struct hec_past	 past;			/* worked is the way's */
	int64_t		 slow_ms, slow_until_ms; /* codes 24 and 25 */
	int		 told_off, told_polls;	/* what was said once */
};

/* sink_hec_send.c */
void	 hec_send(struct sink *, struct parcel *, void (*)(void *, struct parcel *), void *);
void	 hec_cancel(struct sink *, struct parcel *);
void	 hec_reload(struct sink *);
int	 hec_changed(struct sink *);
void	 hec_letter_free(struct hec_letter *);
void	 hec_deliver(struct hec_letter *);		/* frees it and tells the output */
void	 hec_post(struct hec_letter *);
void	 hec_go(struct sink_hec *);			/* on the timer: whatever is due, and the timer for what is not */
void	 hec_soon(struct sink_hec *);			/* hec_go on the next turn of the loop */
/* A request with our headers over the channel; token and cookies are in no memory afterwards. */
struct http *hec_request(struct sink_hec *, const struct hec_channel *, const char *url, const char *body, size_t len, int gzip,
	    int fresh, void (*)(void *, struct http_answer *), void *arg);
/* A refusal may only mean that the token's file is newer than what we hold. 1: it was, and is read. */
int	 hec_token_again(struct sink_hec *, int status);

int	 hec_once_more(struct hec_letter *, struct http_answer *);	/* 1: posted again, with something newer */
void	 hec_learn_way(struct hec_letter *);		/* from the verdict: was it the URL's fault? */

/* sink_hec_ack.c */
struct hec_channel *hec_channel_for(struct sink_hec *, size_t way);
/* Cookies that came with an answer over the letter's channel. Where they say that perhaps another indexer answered, the
 * letter moves to a channel of its own, and the old one is retired. */
void	 hec_learn_cookies(struct hec_letter *, const char *set_cookie);
void	 hec_unsure(struct hec_channel *);		/* a request over it had no answer that can be relied on */
void	 hec_park(struct hec_letter *, int64_t ack_id);
void	 hec_probe(struct hec_letter *);
/* Polls that are due, and acknowledgements that will not come. The time of the next thing to do; INT64_MAX: none. */
int64_t	 hec_acks_turn(struct sink_hec *, int64_t now_ms);

#endif
