/*
 * urls - several ways to one destination: which to take, and which to leave alone for a while.
 *
 * One that works is kept until it fails. Then it rests (a second, doubling to a minute, or what its Retry-After asks) and
 * the next in turn that is not known to be sick is taken. A sick one whose rest is over gets one request at a time, until
 * one went well. When all rest, the one that is ready first is taken: whether anything is sent at all is the output's gate.
 *
 * Whatever is sent to a sick one takes a new connection: the old one may be held by the very node that is sick (S02).
 */
#ifndef DELIVER_URLS_H
#define DELIVER_URLS_H

#include <stddef.h>
#include <stdint.h>

struct url_way {
	char		*url;		/* as configured, without a slash at the end */
	unsigned	 failures;	/* in a row; 0: sound, as far as we know */
	int64_t		 rest_until_ms;	/* monotonic */
};

struct urls {
	const char	*name;		/* the output's, for the log; borrowed */
	struct url_way	*ways;
	size_t		 n, at;		/* at: the one in use */
};

void	 urls_init(struct urls *, const char *name, const char *const *urls);	/* NULL-ended, at least one; copied */
void	 urls_clear(struct urls *);
/* The way of the next request, 0 .. n - 1; *fresh: over a new connection. */
size_t	 urls_pick(struct urls *, int *fresh);
void	 urls_passed(struct urls *, size_t way);
/* 429, 5xx, time-out, no connection, no sensible answer. 1: another way may be tried at once. */
int	 urls_failed(struct urls *, size_t way, int64_t retry_after_ms, const char *why);
void	 urls_kick(struct urls *);	/* SIGHUP: all rests are over */

#endif
