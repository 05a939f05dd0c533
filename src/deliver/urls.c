/*
 * urls - several ways to one destination: which to take, and which to leave alone for a while.
 */
#include "deliver/urls.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"

#define REST_FIRST_MS	1000
#define REST_MAX_MS	60000
#define RETRY_AFTER_MAX	((int64_t)3600 * 1000)
#define TRIAL_MS	10000	/* a request that tries a sick one keeps others away from it so long */

static int	 may_be_tried(const struct url_way *, int64_t now_ms);
static size_t	 choose(const struct urls *, int64_t now_ms);

void
urls_init(struct urls *u, const char *name, const char *const *from)
{
	size_t	 i, len;

	*u = (struct urls){ .name = name };
	for (i = 0; from[i] != NULL; i++) {
		len = strlen(from[i]);
		while (len > 0 && from[i][len - 1] == '/')
			len--;
		u->ways = xreallocarray(u->ways, u->n + 1, sizeof(*u->ways));
		u->ways[u->n++] = (struct url_way){ .url = xstrndup(from[i], len) };
	}
	assert(u->n > 0);
}

void
urls_clear(struct urls *u)
{
	size_t	 i;

	for (i = 0; i < u->n; i++)
		free(u->ways[i].url);
	free(u->ways);
	*u = (struct urls){ 0 };
}

size_t
urls_pick(struct urls *u, int *fresh)
{
	int64_t		 now = clock_mono_ms();
	size_t		 way = choose(u, now);
	struct url_way	*w = &u->ways[way];

	if (way != u->at)
		log_info("output-url", "%s: goes on with url=%s", u->name, w->url);
	u->at = way;
	*fresh = w->failures > 0;
	if (w->failures > 0 && w->rest_until_ms < now + TRIAL_MS)
		w->rest_until_ms = now + TRIAL_MS;
	return way;
}

void
urls_passed(struct urls *u, size_t way)
{
	assert(way < u->n);
	u->ways[way].failures = 0;
	u->ways[way].rest_until_ms = 0;
}

int
urls_failed(struct urls *u, size_t way, int64_t retry_after_ms, const char *why)
{
	struct url_way	*w = &u->ways[way];
	int64_t		 now = clock_mono_ms(), rest;
	size_t		 i;
	int		 other = 0;

	assert(way < u->n);
	rest = backoff_step(REST_FIRST_MS, REST_MAX_MS, w->failures);
	if (retry_after_ms > rest)
		rest = retry_after_ms < RETRY_AFTER_MAX ? retry_after_ms : RETRY_AFTER_MAX;
	if (w->failures++ == 0 && u->n > 1)
		log_warn("output-url", "%s: url=%s fails: %s", u->name, w->url, why);
	w->rest_until_ms = now + rest;
	for (i = 0; i < u->n; i++)
		other |= i != way && may_be_tried(&u->ways[i], now);
	return other;
}

void
urls_kick(struct urls *u)
{
	size_t	 i;

	for (i = 0; i < u->n; i++)
		u->ways[i].rest_until_ms = 0;
}

static int
may_be_tried(const struct url_way *w, int64_t now_ms)
{
	return w->failures == 0 || now_ms >= w->rest_until_ms;
}

/* The first sound one; else the first whose rest is over; else the one that is ready first. In turn from the one in use. */
static size_t
choose(const struct urls *u, int64_t now_ms)
{
	size_t	 i, way, rested = u->n, first = u->at;

	for (i = 0; i < u->n; i++) {
		way = (u->at + i) % u->n;
		if (u->ways[way].failures == 0)
			return way;
		if (rested == u->n && may_be_tried(&u->ways[way], now_ms))
			rested = way;
		if (u->ways[way].rest_until_ms < u->ways[first].rest_until_ms)
			first = way;
	}
	return rested < u->n ? rested : first;
}
