/*
 * graph - one tenant's Microsoft Graph logs as a source: sign-ins, directory audits, provisioning, risk, alerts, incidents.
 *
 * One state machine a feed (graph_poll.c), which meet at the token and at the budgets of Graph's services. A feed that lacks
 * its permission or licence is denied by itself and disturbs no other (design.md section 5).
 */
#ifndef COLLECT_GRAPH_H
#define COLLECT_GRAPH_H

#include "collect/collect.h"
#include "collect/graph_window.h"

struct graph_feed {
	const char	*name;			/* "signin.interactive" */
	int		 number;		/* store_feed() */
};

struct graph_opts {
	const char	*tenant;		/* label */
	const char	*tenant_guid;		/* lower case */
	const char	*login, *graph;		/* origins */
	const char	*client_id, *secret_ref;
	const char	*proxy, *ca_file;
	int		 deny_loopback;
	const struct graph_feed *feeds;
	size_t		 n_feeds;
	int64_t		 start_ms;		/* how far back a first run reaches */
	int64_t		 interval_ms, idle_interval_ms;
	int64_t		 overlap_ms, long_overlap_ms;
	const int64_t	*look_ms;
	unsigned	 n_looks;
};

/* Reads the marks from the store: before store_start. Copies the options. */
struct source *graph_new(struct collect *, const struct graph_opts *, struct err *);
int	 graph_has(const char *feed);		/* is it one of these? */

#endif
