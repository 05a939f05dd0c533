/*
 * graph_window - what of a Graph feed is to be read next. Pure: marks and times in, one window out.
 *
 * The mark `listed` says: everything dated before it was read to the end. Three kinds of windows:
 *
 *	fresh	from the mark to the round's end, which lies in the past; only they move `listed`, and to the window's end
 *	again	the overlap of the round (5 minutes; 2 hours at start and every 15 minutes): rows appear late and change
 *	look	trails the mark by k (24 h, 72 h), in steps of an hour, each with a mark of its own
 *
 * While a round's overlap and its fresh part fit into one page they are one window, so a quiet feed costs one request a poll.
 * Windows are [from, to): whole seconds, at most 24 h, at most `span` wide, which halves and grows with what came of it.
 */
#ifndef COLLECT_GRAPH_WINDOW_H
#define COLLECT_GRAPH_WINDOW_H

#include <stdint.h>

#define GRAPH_LOOKS	8
#define GRAPH_SECOND	((int64_t)1000)
#define GRAPH_HOUR	(3600 * GRAPH_SECOND)
#define GRAPH_DAY	(24 * GRAPH_HOUR)

struct graph_rules {
	int64_t		 overlap_ms, long_overlap_ms;
	int64_t		 settle_ms;		/* a round ends so long before now */
	int64_t		 look_ms[GRAPH_LOOKS];
	unsigned	 n_looks;
	unsigned	 page_rows;		/* what fits into one page */
};

struct graph_marks {
	int64_t		 first_ms;		/* where the feed began; 0: not begun */
	int64_t		 listed_ms;
	int64_t		 look_ms[GRAPH_LOOKS];	/* 0: not begun */
};

struct graph_work {
	int64_t		 end_ms;		/* of the round */
	int64_t		 again_from_ms, again_to_ms;	/* overlap that is still to be read; equal: none */
	int64_t		 span_ms;		/* how wide a window may be now ... */
	int64_t		 most_ms;		/* ... and become: wider ones were too much */
	unsigned	 strikes, n_well;	/* how often that was; windows as wide as that which went well since */
	double		 rows_per_ms;		/* as of late */
};

enum graph_kind { GRAPH_FRESH, GRAPH_OVERLAP, GRAPH_LOOK };

struct graph_window {
	enum graph_kind	 kind;
	unsigned	 look;
	int64_t		 from_ms, to_ms;
	int		 apart;			/* beside an unreadable second: its bounds must not touch it */
};

/* A round begins. wide: with the long overlap. 1: older overlap was still unread and is left to the looks. */
int	 graph_round(const struct graph_rules *, const struct graph_marks *, struct graph_work *, int64_t now_ms, int wide);
/* The next fresh window, overlap window, look; 0: there is none. */
int	 graph_next_fresh(const struct graph_rules *, const struct graph_marks *, const struct graph_work *, struct graph_window *);
int	 graph_next_again(const struct graph_work *, struct graph_window *);
int	 graph_next_look(const struct graph_rules *, const struct graph_marks *, const struct graph_work *, struct graph_window *);
/* It was read to its end (or up to what is recorded as a gap): the marks as they then stand. */
void	 graph_window_done(const struct graph_rules *, struct graph_marks *, struct graph_work *, const struct graph_window *);
/* What came of a window: its pages and rows. */
void	 graph_window_was(struct graph_work *, const struct graph_window *, unsigned pages, uint64_t rows);
void	 graph_window_halve(struct graph_work *, const struct graph_window *);
void	 graph_window_too_much(struct graph_work *, const struct graph_window *);	/* and it stays narrow for a while */

#endif
