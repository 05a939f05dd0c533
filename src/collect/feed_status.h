/*
 * feed_status - one feed in `m365fwd status`: the same members, whichever API it comes from.
 */
#ifndef COLLECT_FEED_STATUS_H
#define COLLECT_FEED_STATUS_H

#include "collect/collect.h"
#include "collect/token.h"

struct feed_status {
	const char	*tenant, *feed;
	const struct token *token;
	enum source_state state;
	const char	*why;
	int		 paused;
	int64_t		 listed_ms, last_ok_ms;		/* 0: not yet */
};

void	 feed_status(const struct feed_status *, struct json_out *);	/* one object into an open array */

#endif
