/*
 * hec_channel - what an indexer knows us by: a channel (a GUID of ours) and the cookies of the balancer in front of it.
 *
 * Acknowledgements are numbers that count up from 0 per channel on one indexer, and any other indexer answers false, or
 * tells of its own numbers. So a number is only ever asked for over the channel and with the cookies that it came with.
 * Pure: no network, no clock.
 */
#ifndef DELIVER_HEC_CHANNEL_H
#define DELIVER_HEC_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct http;
struct sink_hec;

struct hec_channel {
	struct hec_channel *next;
	struct sink_hec	*hec;
	size_t		 way;		/* of the urls */
	char		 guid[37];
	struct buf	 cookies;	/* "a=1; b=2" */
	int64_t		 last_id;	/* the highest number given on it; -1: none */
	int64_t		 used_ms;	/* monotonic */
	int		 busy;		/* a request is under way */
	int		 retired;	/* nothing more is sent over it; its numbers are still asked for */
	int64_t		 until_ms;	/* ... until then */
	/* the question for acknowledgements */
	struct http	*poll;
	int64_t		*ids;		/* asked for */
	size_t		 n_ids;
	struct buf	 question;
	int64_t		 poll_ms;	/* when it is asked next */
	int64_t		 pause_ms;
	int64_t		 asked_ms;	/* when the question under way, or the last one, went out */
	int64_t		 heard_ms;	/* when the last one that was answered went out */
	int64_t		 unheard_ms;	/* ... that failed */
};

struct hec_channel *hec_channel_new(struct sink_hec *, size_t way, const struct buf *cookies, int64_t now_ms);
void	 hec_channel_free(struct hec_channel *);
void	 hec_guid(char to[37]);		/* random, version 4 */

/*
 * Set-Cookie headers, one a line, enter the jar. 1: a cookie that was there has another value now, so who answered is
 * perhaps another indexer. Names that balancers renew with every answer (AWSALB...) do not count. NULL headers: 0.
 */
int	 hec_cookies(struct buf *jar, const char *set_cookie);

#endif
