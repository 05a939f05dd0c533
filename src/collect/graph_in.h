/*
 * graph_in - what the parts of the Graph source share. Internal to graph*.c.
 */
#ifndef COLLECT_GRAPH_IN_H
#define COLLECT_GRAPH_IN_H

#include "base/backoff.h"
#include "collect/blobjob.h"
#include "collect/graph.h"
#include "collect/graph_answer.h"
#include "collect/graph_budget.h"
#include "collect/idset.h"
#include "collect/token.h"
#include "net/url.h"

#define GRAPH_BROKEN_MAX	64u	/* unreadable seconds that a feed remembers */

enum graph_service { GRAPH_REPORTING, GRAPH_IDENTITY, GRAPH_SECURITY, GRAPH_SERVICES };

struct graph_kind_of_feed {		/* a row of the table in graph_feeds.c */
	const char	*name;
	enum graph_service service;
	const char	*path;			/* "/beta/auditLogs/signIns" */
	const char	*prefix;		/* what a nextLink's path must begin with */
	const char	*time;			/* the member that windows go by */
	const char	*ge, *le;		/* "gt", "lt": exclusive bounds, asked a second earlier */
	const char	*event_type;		/* of sign-ins; NULL */
	unsigned	 top;			/* rows of a page */
	int		 ordered;		/* $orderby works */
	int		 changes;		/* rows change in place */
	int64_t		 overlap_ms, long_overlap_ms;	/* at least */
	const char	*permission, *licence;	/* licence NULL: none needed */
};

const struct graph_kind_of_feed *graph_kind_find(const char *feed);
int	 graph_type_known(const char *type, size_t len);	/* of sign-ins: is there a feed for it? */

struct graph;
struct gfeed;
struct poll_step;

/* A page on its way: bytes come in, a worker splits them, puts go into the store. */
struct gpage {
	struct http	*http;
	unsigned	 slot;			/* of the budget */
	int		 landed;
	int		 open;			/* asked, and page_over() was not called yet */
	int		 ended;			/* the transfer is over: answer says how */
	int		 paused, working, starved, judged;
	struct http_answer answer;		/* without its pointers */
	struct graph_answer meaning;		/* of an answer that is no 200 */
	struct buf	 in;
	struct blobjob	*job;
	char		 name[40];		/* of its batches */
	char		 mark_kind[32], mark[32];	/* what its last put moves */
	char		*link;			/* @odata.nextLink; NULL: none */
	struct put	**held;
	size_t		 n_held;
	struct put	*parked;		/* on its way into the store, or refused by a full one */
	int		 putting;
	int64_t		 counted;		/* what of collect->held is ours */
	int64_t		 stored;		/* new records */
	int		 keep;			/* its rows go into the store; a probe's do not */

	/* of its rows, by the worker */
	uint64_t	 rows, inside, foreign;	/* foreign: of another event type */
	uint64_t	 bare;			/* people's sign-ins without the policies that applied */
	int64_t		 from_s, to_s;		/* the window's, for inside */
	int64_t		 min_s, max_s, first_s, last_s;
	uint64_t	 sum;			/* of their ids: the same rows again are a circle */
};

enum page_verdict {
	PAGE_NEXT,		/* next_link goes on */
	PAGE_DONE,		/* the window was read to its end */
	PAGE_REPLAN,		/* the window was too wide: span says how wide it may be */
	PAGE_RESTART,		/* from its first page */
	PAGE_TROUBLE		/* what is on it stays, the window is not done: verdict_why */
};

/* The history limit is looked for: bound `bad` is refused, `good` answers (0: not known yet). */
struct gsearch {
	int		 on;
	int64_t		 bad_ms, good_ms, probe_ms;
	unsigned	 probes, hint;
	int		 beside;		/* the bound just before the hint was tried */
};

struct gfeed {
	struct graph	*g;
	const struct graph_kind_of_feed *kind;
	char		*label;			/* "contoso/signin.interactive" */
	int		 number;
	unsigned	 place;			/* in its service's ring */
	struct graph_rules rules;

	const struct poll_step *at;
	struct graph_marks marks;
	struct graph_work work;
	struct graph_window window;
	struct gsearch	 search;
	char		 next_link[URL_MAX];	/* "": the window's first page */
	struct idset	 links;			/* of this window; and the sums of its pages */
	unsigned	 n_pages;		/* of this window, with rows */
	unsigned	 idle_pages, outside_pages, restarts;
	int64_t		 tail_s;		/* from where a chain that ended suspiciously was asked once more; 0: not */
	enum page_verdict verdict;
	char		 verdict_why[400];
	int		 said_filter;
	uint64_t	 window_rows;
	unsigned	 breaks;		/* complete answers in a row that are no page */
	int		 isolating;		/* halving towards what is broken ... */
	int64_t		 isolating_to_ms;	/* ... which lies before this; whoever gets so far found it sound after all */
	unsigned	 too_much;		/* 504 in a row */
	unsigned	 given_up;		/* seconds in a row without a sound page between them */
	int64_t		 broken_s[GRAPH_BROKEN_MAX];	/* unreadable ones, the latest */
	unsigned	 n_broken;
	unsigned	 refusals;		/* 401, or 403 without JSON, in a row */
	unsigned	 retries;		/* of this page */
	unsigned	 denials;		/* in a row */
	unsigned	 serial;		/* of the token it went with */
	struct gpage	 page;

	int64_t		 wide_ms;		/* monotonic: last round with the long overlap; 0: never */
	int64_t		 round_ms;		/* monotonic: when the next round is due */
	int64_t		 pause_ms;		/* between rounds, as of now */
	int64_t		 round_new;		/* records that this round brought */
	int		 clear;			/* the last round left nothing undone */
	struct backoff	 backoff;
	struct timer	 timer;
	int64_t		 last_ok_ms;
	enum source_state state;
	char		 why[400];
};

struct owed_list;

struct graph {
	struct source	 source;
	struct collect	*c;
	char		*tenant, *guid, *origin_text, *proxy, *ca_file;
	struct url_origin origin;
	int		 deny_loopback;
	int64_t		 start_ms, interval_ms, idle_interval_ms;
	struct token	*token;
	struct graph_budget budgets[GRAPH_SERVICES];
	struct backoff	 throttles[GRAPH_SERVICES];
	struct timer	 timers[GRAPH_SERVICES];	/* a slot becomes free */
	struct gfeed	*feeds;
	size_t		 n_feeds;
	struct owed_list *owed;			/* gap records on their way into the store */
	struct timer	 owed_timer;
	int		 said_skew;
};

/* graph.c */
void	 graph_state(struct gfeed *, enum source_state, const char *id, const char *why);	/* logs a change once */
const char *graph_service_name(enum graph_service);
void	 graph_want(struct gfeed *, enum graph_want);	/* a request; poll_send() follows, perhaps at once */
void	 graph_unwant(struct gfeed *);
void	 graph_turns(struct graph *, enum graph_service);	/* gives what slots are free */
void	 graph_gap(struct gfeed *, int64_t from_ms, int64_t to_ms, const char *reason, const char *detail);

/* graph_url.c */
void	 graph_first_url(const struct gfeed *, const struct graph_window *, char url[URL_MAX]);

/* graph_page.c */
void	 page_send(struct gfeed *, const char *url, const char *bearer, unsigned slot, const struct graph_window *, int keep);
void	 page_drive(struct gfeed *);
void	 page_stop(struct gfeed *);
void	 page_clear(struct gfeed *);

/* graph_poll.c */
int	 poll_init(struct gfeed *, struct err *);
void	 poll_drive(struct gfeed *);
void	 poll_now(struct gfeed *);		/* begin a round if one is not under way */
void	 poll_send(struct gfeed *, unsigned slot);	/* the budget gave a slot */
void	 poll_page_over(struct gfeed *);	/* the page's rows are durable, or the answer was no page */
int	 poll_mark(const struct gfeed *, char kind[32], char value[32]);	/* what this window moves when it is done */
void	 poll_rest(struct gfeed *, int64_t ms, const char *why);
void	 poll_replan(struct gfeed *, const char *why);
void	 poll_again(struct gfeed *, const char *why);	/* the same request */
void	 poll_window_begins(struct gfeed *);		/* back to its first page */
void	 poll_window_is_done(struct gfeed *, const char *why);	/* though not read: what is missing is recorded */
void	 poll_begins_at(struct gfeed *, int64_t ms);	/* nothing before it can be read */
void	 poll_stop(struct gfeed *);
void	 poll_clear(struct gfeed *);

/* graph_verdict.c: what a sound page means for the window; called before its rows go into the store. */
void	 verdict_page(struct gfeed *);

/* graph_trouble.c: what an answer that is no page means for the feed; each ends in a state of the poll. */
void	 trouble_answer(struct gfeed *);
void	 trouble_broken(struct gfeed *);
int	 trouble_skips(struct gfeed *, struct graph_window *);	/* known unreadable seconds; 1: the window is one of them */

/* graph_search.c: where the service's history begins */
void	 search_begins(struct gfeed *);
void	 search_answered(struct gfeed *, int good);

#endif
