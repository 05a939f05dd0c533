/*
 * graph_in - what the parts of graph share among themselves.
 */
#ifndef SIM_GRAPH_IN_H
#define SIM_GRAPH_IN_H

#include "graph.h"

struct grow *graph_add(struct grows *, enum gfeed);	/* zeroed, with its slot; before the rows are sorted */
int	 graph_events(struct graph *);			/* rows of --graph-events; -1: said why on stderr */

/* The families: members with a comma behind each; the braces are the caller's. */
struct gcast {
	const struct cast *cast;
	const struct grow *row;
	enum gfeed	 feed;
	int		 revision, shown_enums;
	struct rng	*rng;
	char		 id[80];
};

void	 signin_write(struct text *, const struct gcast *);
void	 directory_write(struct text *, const struct gcast *);
void	 provisioning_write(struct text *, const struct gcast *);
void	 risk_write(struct text *, const struct gcast *);
void	 alert_write(struct text *, const struct gcast *);
void	 incident_write(struct text *, const struct gcast *);
void	 put_ticks(struct text *, const char *name, int64_t ticks);	/* "name":"2026-11-23T08:15:01.1234567Z", */
/* A member of an enumeration that the client can know only if it asked for unknown ones. */
void	 put_enum(struct text *, const char *name, const struct gcast *, const char *value);

#endif
