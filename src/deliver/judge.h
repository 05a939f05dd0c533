/*
 * judge - what a destination's answer means for each record of a parcel. Pure: no state, no clock, no network.
 *
 * Every function puts a verdict into each item and fills the judgement of the whole (why, code, throttled, fresh,
 * too_large, permission, redirected). A reply that is cut, is no JSON, or does not hold one item per record means that
 * nothing is known: everything again, which is safe under our own ids. V_SPLIT is only given to more than one record.
 */
#ifndef DELIVER_JUDGE_H
#define DELIVER_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "deliver/sink.h"
#include "net/httpc.h"

#define JUDGE_REPLY_MAX	 4096		/* bytes of a reply that are kept with a dead letter */
#define JUDGE_REASON_MAX 1000

struct judge_answer {
	int		 status;
	const char	*content_type;		/* may be NULL */
	const char	*body;			/* decoded */
	size_t		 len;
	int64_t		 retry_after_ms;	/* -1: none */
};

/* What there is to judge of an answer that came whole. -1: its body is in an encoding that httpc could not unpack. */
int	 judge_read(const struct http_answer *, struct judge_answer *);
void	 judge_bulk(const struct judge_answer *, struct parcel *);
/* No whole answer came. */
void	 judge_fail(enum http_fail, const char *why, struct parcel *);
/* The same verdict for every record. */
void	 judge_all(struct parcel *, enum verdict, const char *why);
/* Is it a page for people, or XML? */
int	 judge_html(const struct judge_answer *);
/* How many of len bytes to keep: at most max, without half a character at the end. */
size_t	 judge_cut(const char *, size_t len, size_t max);

#endif
