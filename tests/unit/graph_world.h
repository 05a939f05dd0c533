/*
 * graph_world - Graph feeds of one tenant as the source of a collect_world, and a small Graph that answers them.
 *
 * Rows are made with gw_row() and shown to whoever asks for their time, sorted, in pages of gw_page; the clock says when a row
 * appears. What can go wrong with the service is a variable; gw_says() makes the next requests be answered otherwise.
 */
#ifndef GRAPH_WORLD_H
#define GRAPH_WORLD_H

#include "collect/graph_in.h"
#include "collect_world.h"

#define SECOND		((int64_t)1000)
#define HOUR		GRAPH_HOUR
#define DAY		GRAPH_DAY

extern struct graph_opts gw_opts;	/* defaults of the fixture; change before world_run */
extern const char *gw_feeds[12];	/* their names; one unless the test says otherwise */

int	 gw_set_up(void **);
int	 gw_tear_down(void **);
struct gfeed *gw_feed(unsigned);

/* A row of the feed that the last gw_in() named, dated ms; more: further members, ",\"a\":1". The number of it. */
void	 gw_in(const char *feed);
unsigned gw_row(int64_t ms, const char *more);
void	 gw_appears(unsigned row, int64_t ms);		/* at once unless this says when (wall clock) */
void	 gw_changes(unsigned row, const char *more);	/* from now on */

extern unsigned	 gw_page;		/* rows a page; 0: what $top says */
extern int64_t	 gw_history_ms;		/* an older bound is 400; 0: none is */
extern int64_t	 gw_broken_s;		/* rows of this second have an unclosed brace; 0: none */
extern int	 gw_ignores_filter;	/* the times in it */
extern int64_t	 gw_lead_ms;		/* the service's clock less the one here */
extern int	 gw_newest_first;
extern unsigned	 gw_ends_early;		/* the chain has no link on its n-th page, once; 0: never */
extern const char *gw_link;		/* of every page that goes on, in place of the sound one; NULL */
extern unsigned	 gw_empty_pages;	/* before each page with rows */
extern unsigned	 gw_cut_every, gw_504_every;	/* every n-th page is cut in its middle, every n-th request a 504; 0: none */
extern int64_t	 gw_widest_ms;		/* wider windows are 504; 0: none is */

/* The next `times` requests whose URL has `what` in it are answered so. Several may wait. */
void	 gw_says(const char *what, unsigned times, int status, const char *body);
void	 gw_replies(const char *what, unsigned times, struct fake_reply);
void	 gw_says_no_more(void);
unsigned gw_asked(const char *what);			/* requests with this in their URL */
const struct fake_ask *gw_ask(const char *what, unsigned n);	/* the n-th of them, from 0 */
unsigned gw_most_in(const char *what, int64_t ms);	/* in any such time */
void	 gw_until_asked(const char *what, unsigned n, int64_t most_ms);
int64_t	 gw_mark(unsigned feed, const char *kind);	/* as it is on the disk; restarts the world. 0: none */

#endif
