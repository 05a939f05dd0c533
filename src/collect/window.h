/*
 * window - which listing window is due next for a feed. Pure: marks and times in, one window out.
 *
 * The listing mark W says: everything created before W was listed. Ordinary windows reach from W less the overlap to the
 * end (now less the settle time). Second looks trail behind: a look of k re-lists what is k old, in steps of an
 * hour, for blobs that appear behind a listing (design.md section 5). No window starts before the feed's first start or
 * before what the API still lists (7 days less a margin); what lies between W and that limit is a gap.
 */
#ifndef COLLECT_WINDOW_H
#define COLLECT_WINDOW_H

#include <stdint.h>

#define WINDOW_LOOKS 8
#define WINDOW_HOUR ((int64_t)3600 * 1000)
#define WINDOW_DAY (24 * WINDOW_HOUR)
#define WINDOW_REACH (7 * WINDOW_DAY)		/* startTime may be this old */
#define WINDOW_MARGIN ((int64_t)10 * 60 * 1000)	/* and we stay this far inside it */

struct window_rules {
	int64_t		 overlap_ms, long_overlap_ms, settle_ms;
	int64_t		 look_ms[WINDOW_LOOKS];
	unsigned	 n_looks;
};

struct window_marks {
	int64_t		 first_ms;		/* where the feed began; 0: not begun */
	int64_t		 listed_ms;		/* W; 0: nothing listed yet */
	int64_t		 look_ms[WINDOW_LOOKS];	/* where each look stands; 0: not begun */
};

struct window {
	int64_t		 from_ms, to_ms;	/* whole seconds; at most 24 h */
	int		 look;			/* index of the second look, or -1: the listing itself */
	int		 last;			/* reaches the end: the feed has caught up */
	int64_t		 gap_from_ms, gap_to_ms;	/* out of reach: to be recorded with the mark that passes it; equal: none */
};

/*
 * The next window after `done_to` (where this round's ordinary listing stands; 0: the round begins). wide: use the long
 * overlap. floor_ms: the API refused windows that start before it (0: none). 1: *w is it; 0: nothing is due.
 */
int	 window_next(const struct window_rules *, const struct window_marks *, int64_t now_ms, int64_t done_to_ms, int wide,
	    int64_t floor_ms, struct window *w);
/* The next second look that is due; 0: none. */
int	 window_look(const struct window_rules *, const struct window_marks *, int64_t now_ms, int64_t floor_ms, struct window *w);

#endif
