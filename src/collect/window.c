/*
 * window - which listing window is due next.
 */
#include "collect/window.h"

#include <string.h>

static int64_t
whole_seconds(int64_t ms)
{
	return ms - ms % 1000;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The oldest startTime that may be asked. */
static int64_t
reach(int64_t now_ms, int64_t floor_ms)
{
	return later(now_ms - WINDOW_REACH + WINDOW_MARGIN, floor_ms);
}

int
window_next(const struct window_rules *rules, const struct window_marks *marks, int64_t now_ms, int64_t done_to_ms, int wide,
    int64_t floor_ms, struct window *w)
{
	int64_t	 end = whole_seconds(now_ms - rules->settle_ms), limit = reach(now_ms, floor_ms), from, stand;

	memset(w, 0, sizeof(*w));
	w->look = -1;
	if (done_to_ms != 0)
		from = done_to_ms;
	else if (marks->listed_ms != 0)
		from = later(marks->listed_ms - (wide ? rules->long_overlap_ms : rules->overlap_ms), marks->first_ms);
	else
		from = marks->first_ms;
	w->from_ms = whole_seconds(later(from, limit) + 999);
	/* Where the listing truly stands; a first start that is only just out of reach is "as far as the API allows". */
	stand = done_to_ms != 0 ? done_to_ms : marks->listed_ms != 0 ? marks->listed_ms : marks->first_ms + WINDOW_MARGIN;
	if (stand < limit) {
		w->gap_from_ms = stand;
		w->gap_to_ms = w->from_ms;
	}
	w->to_ms = sooner(w->from_ms + WINDOW_DAY, end);
	w->last = w->to_ms == end;
	return w->from_ms < w->to_ms;
}

int
window_look(const struct window_rules *rules, const struct window_marks *marks, int64_t now_ms, int64_t floor_ms,
    struct window *w)
{
	for (unsigned i = 0; i < rules->n_looks; i++) {
		int64_t	 from = whole_seconds(later(marks->look_ms[i], reach(now_ms, floor_ms)) + 999);
		int64_t	 to = marks->listed_ms - rules->look_ms[i];

		if (marks->look_ms[i] == 0 || marks->listed_ms == 0 || to - from < WINDOW_HOUR)
			continue;
		memset(w, 0, sizeof(*w));
		w->look = (int)i;
		w->from_ms = from;
		w->to_ms = from + sooner(to - from, WINDOW_DAY) / WINDOW_HOUR * WINDOW_HOUR;
		return 1;
	}
	return 0;
}
