/*
 * graph_usage - the limits of each service, and how the forwarder used what they allow.
 */
#include "graph_in.h"
#include "sim.h"
#include "when.h"

#define NRING	   256
#define LONG_MS	   10500		/* what the forwarder promises: 5 in any 10.5 s */
#define PATIENCE   (10 * MINUTE_MS)	/* a row that is visible for so long and was never shown: the client is behind */

static const struct {
	int64_t		 window;
	unsigned	 most;
} limits[NLIMITS] = {
	[LIMIT_REPORTING] = { 10000, 5 }, [LIMIT_IDENTITY] = { 1000, 1 }, [LIMIT_SECURITY] = { 60000, 150 },
};

static unsigned
within(const struct garrival *ring, size_t n, int64_t since, int admitted_only)
{
	unsigned	 count = 0;
	size_t		 i;

	for (i = n; i > 0 && n - i < NRING && ring[(i - 1) % NRING].at > since; i--)
		count += !admitted_only || ring[(i - 1) % NRING].admitted;
	return count;
}

static int64_t
oldest_within(const struct garrival *ring, size_t n, int64_t since)
{
	int64_t	 at = since;
	size_t	 i;

	for (i = n; i > 0 && n - i < NRING && ring[(i - 1) % NRING].at > since; i--)
		if (ring[(i - 1) % NRING].admitted)
			at = ring[(i - 1) % NRING].at;
	return at;
}

/* The pointer only goes on: what was shown stays shown. */
static int
feed_behind(const struct graph *g, struct grows *rows, int64_t now)
{
	int64_t	 oldest = (now - (int64_t)(g->opt->graph_history_days * (double)DAY_MS)) * TICKS_MS;

	for (; rows->behind < rows->n; rows->behind++) {
		const struct grow	*row = &rows->all[rows->appear[rows->behind]];

		if (row->visible[0] > now - PATIENCE)
			return 0;
		if (!row->served[0] && !row->served[1] && !row->served[2] && !row->late && row->created >= oldest)
			return 1;
	}
	return 0;
}

int
graph_behind(struct graph *g)
{
	int64_t	 now = when_now();
	int	 f, behind = 0;

	for (f = 0; f < NGFEEDS; f++)
		if (gkinds[f].limit == LIMIT_REPORTING && g->feed[f].asked != 0)
			behind |= feed_behind(g, &g->feed[f], now);
	return behind;
}

static void
count(struct graph *g, int64_t now)
{
	struct gusage	*u = &g->usage;
	unsigned	 n10 = within(u->ring[LIMIT_REPORTING], u->n[LIMIT_REPORTING], now - 10000, 0);
	unsigned	 n105 = within(u->ring[LIMIT_REPORTING], u->n[LIMIT_REPORTING], now - LONG_MS, 0);

	if (n10 > u->most_10)
		u->most_10 = n10;
	if (n105 > u->most_105)
		u->most_105 = n105;
	u->requests++;
	if (u->was_behind) {
		u->behind++;
		u->behind_ms += now - u->last;
	}
	u->last = now;
	u->was_behind = graph_behind(g);
}

int
graph_admit(struct sim *s, enum glimit limit, int *wait_s)
{
	struct gusage	*u = &s->graph.usage;
	struct garrival	*ring = u->ring[limit];
	int64_t		 now = when_passed(), since = now - limits[limit].window;
	int		 full = strcmp(s->opt.graph_throttle, "on") == 0 &&
			    within(ring, u->n[limit], since, 1) >= limits[limit].most;

	*wait_s = 1 + (int)((oldest_within(ring, u->n[limit], since) - since) / 1000);
	ring[u->n[limit]++ % NRING] = (struct garrival){ now, !full };
	if (limit == LIMIT_REPORTING)
		count(&s->graph, now);
	u->throttled += (uint64_t)full;
	return !full;
}

void
graph_note(struct graph *g, enum glimit limit, int again)
{
	if (limit != LIMIT_REPORTING || !again)
		return;
	g->usage.again++;
	g->usage.again_behind += g->usage.was_behind != 0;
}

static double
share(uint64_t n, int64_t ms)
{
	return ms <= 0 ? 0 : (double)n / ((double)ms * 5 / LONG_MS);
}

void
graph_usage_report(const struct graph *g, struct text *t)
{
	const struct gusage	*u = &g->usage;
	int64_t			 ms = when_passed() - u->since;

	text_addf(t, "\"usage\":{\"seconds\":%.1f,\"requests\":%llu,\"most_in_10s\":%u,\"most_in_10_5s\":%u,\"throttled\":%llu,"
	    "\"share\":%.4f,\"again\":%llu,\"behind_seconds\":%.1f,\"behind_requests\":%llu,\"share_behind\":%.4f,"
	    "\"again_behind\":%llu,\"again_share_behind\":%.4f}", (double)ms / 1000, (unsigned long long)u->requests, u->most_10,
	    u->most_105, (unsigned long long)u->throttled, share(u->requests, ms), (unsigned long long)u->again,
	    (double)u->behind_ms / 1000, (unsigned long long)u->behind, share(u->behind, u->behind_ms),
	    (unsigned long long)u->again_behind,
	    u->behind > 0 ? (double)u->again_behind / (double)u->behind : 0.0);
}

void
graph_usage_reset(struct graph *g)
{
	g->usage = (struct gusage){ .since = when_passed(), .last = when_passed() };
}
