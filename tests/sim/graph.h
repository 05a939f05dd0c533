/*
 * graph - Microsoft Graph's logs: ten feeds of rows that appear late, change and repeat, and how they are asked for.
 *
 *	graph_plan	when which row is there, planned at the start for the whole run
 *	graph_row*	a row's bytes, made again whenever it is shown
 *	graph_filter	what a request asks for
 *	graph_events	rows from files
 *	graph_page	which rows that is, in which order, and where a page ends
 *	graph		the doors: tokens, licences, limits, errors
 *	graph_oracle	what is owed to the sinks, and what came
 *	graph_usage	how the request budget was used
 *
 * Rows are numbered within their feed by the time they are about. Which revision of a row is visible follows from the clock
 * alone, so that nothing has to happen at a time.
 */
#ifndef SIM_GRAPH_H
#define SIM_GRAPH_H

#include "http.h"
#include "opt.h"
#include "oracle.h"
#include "record.h"

enum gfeed {
	G_INTERACTIVE, G_NONINTERACTIVE, G_SERVICE, G_MANAGED, G_DIRECTORY, G_PROVISIONING, G_RISK, G_RISK_SERVICE, G_ALERTS,
	G_INCIDENTS, NGFEEDS
};

enum glimit { LIMIT_REPORTING, LIMIT_IDENTITY, LIMIT_SECURITY, NLIMITS };

struct gkind {
	const char	*name;			/* the forwarder's name of the feed */
	const char	*path;			/* behind /v1.0/ */
	const char	*event_type;		/* of sign-ins; NULL */
	const char	*type;			/* as error messages call it */
	const char	*created, *updated;	/* the properties that can be asked for; updated may be NULL */
	const char	*role;
	enum glimit	 limit;
	unsigned	 page, page_max;	/* without $top, and the most */
	unsigned	 share;			/* per mille of all generated rows */
	int		 changes;		/* rows change after they were first seen */
	int		 beta_only;
};

extern const struct gkind gkinds[NGFEEDS];

#define TICKS_MS  10000			/* a tick is 100 ns, as Microsoft writes times */
#define NREVISIONS 3

enum { ODD_NONE, ODD_ID, ODD_SHARED_ID, ODD_FUTURE, ODD_ENUM, ODD_LONG, NGODD };

struct grow {
	int64_t		 created;		/* ticks; what listings go by */
	int64_t		 visible[NREVISIONS];	/* ms at which each revision appears; 0: there is no such revision */
	uint32_t	 slot, twin_of;		/* twin_of: slot + 1 of the row it repeats */
	uint8_t		 odd, late;
	const char	*bytes;			/* of an events file; NULL: generated */
	size_t		 len;
	uint32_t	 same;			/* of an events file: slot + 1 of an earlier line with the same id */
	uint8_t		 feed;
	/* the oracle's */
	uint8_t		 served[NREVISIONS];
	uint8_t		 came[NPLACES][NREVISIONS];
};

struct grows {
	struct grow	*all;			/* by created, then slot */
	size_t		 n, room;
	uint32_t	*by_slot;		/* where a slot's row stands in all */
	uint32_t	*appear;		/* their numbers by visible[0] */
	size_t		 behind;		/* of appear: all before were served or can be served no more */
	int64_t		 asked;			/* ms of the first sound request; 0: never */
	int64_t		 frontier;		/* ticks: the highest end of a window that was shown to its end */
	uint64_t	 requests, pages, served, ended_early;
};

struct garrival {
	int64_t		 at;			/* when_passed() */
	int		 admitted;
};

struct gname {
	enum gfeed	 feed;
	uint32_t	 slot;
};

/* How the budgets were used; since the start or the last reset. */
struct gusage {
	struct garrival	 ring[NLIMITS][256];	/* the last requests */
	size_t		 n[NLIMITS];
	unsigned	 most_10, most_105;	/* reporting requests in any 10 and 10.5 s */
	uint64_t	 requests, behind, again_behind, again, throttled;
	int64_t		 since, last, behind_ms;
	int		 was_behind;
};

struct gquery {
	enum gfeed	 feed;
	int		 both;			/* interactive and non-interactive together */
	int		 beta, by_updated, descending, ordered;
	int64_t		 from, to;		/* ticks, inclusive */
	int		 has_from;
	unsigned	 top;
	int64_t		 after;			/* continued behind this row: its tick and number */
	uint32_t	 after_row;
	uint32_t	 offset;		/* or behind so many rows */
	int64_t		 frontier;		/* of the feed, when the chain began */
	int		 continued;
};

struct graph {
	const struct opt *opt;
	struct tenant	 tenant;
	int64_t		 start;			/* ms */
	struct grows	 feed[NGFEEDS];
	struct gusage	 usage;
	const char	*roles;			/* of new tokens, with commas */
	struct list	 all_roles;		/* that were ever set */
	uint64_t	 unexpected[NPLACES];
	uint64_t	 shown_pages;
	struct keytab	 names;			/* ids of rows from events files */
	struct gname	*named;			/* by the name's number: the latest row of that id */
	size_t		 named_room;
};

struct sim;

int	 graph_init(struct graph *, const struct opt *);	/* -1: said why on stderr */
void	 graph_serve(struct sim *, struct request *, const char *path, int beta);
int	 gfeed_find(const char *name);				/* -1: no such feed */

int	 graph_revision(const struct grow *, int64_t now_ms);	/* the visible one; -1: not there yet */
int64_t	 graph_updated(const struct grow *, int revision);	/* ticks of its last change */
void	 graph_row(const struct graph *, enum gfeed, const struct grow *, int revision, int shown_enums, struct text *);
/* The same row written another way: members in another order, nulls left out. */
void	 graph_reshuffle(struct text *, size_t from, uint64_t how);

/* NULL: understood; otherwise Microsoft's complaint. */
const char *graph_filter(struct gquery *, const char *filter, char why[256]);
int	 graph_time(const char **, int64_t *ticks);		/* 2026-11-23T08:15:01.1234567Z; -1: no time */

/* One page: the members of value, and where it goes on; 1: there is more. spoilt: the client will not be able to read it. */
int	 graph_page(struct sim *, const struct gquery *, int shown_enums, int spoilt, struct text *value, struct gquery *next);

/* Oracle. came: -1 no row of Graph's; 0 one that does not exist, 1 one that is due, 2 one that is there already. */
void	 graph_shown(struct graph *, enum gfeed, uint32_t row, int revision);
int	 graph_came(struct graph *, enum place, const char *id, size_t id_len, const char *bytes, size_t len);
int	 graph_key(struct graph *, const char *id, size_t id_len, const char *bytes, size_t len, struct key *);	/* 1: a Graph row */
void	 graph_forget(struct graph *, enum place);
void	 graph_marker(const struct graph *, enum gfeed, const struct grow *, int revision, char out[GUID_LEN + 1]);
void	 graph_report(struct sim *, int with_files, struct text *);

/* Usage. */
void	 graph_usage_report(const struct graph *, struct text *);
void	 graph_usage_reset(struct graph *);
int	 graph_admit(struct sim *, enum glimit, int *wait_s);	/* 1: let in; 0: wait_s is what Retry-After says */
void	 graph_note(struct graph *, enum glimit, int again);	/* a reporting request; again: it reads what was read */
int	 graph_behind(struct graph *);				/* is there a row that is visible for long and was never shown? */

#endif
