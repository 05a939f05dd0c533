/*
 * graph_window - what of a Graph feed is to be read next.
 */
#include "collect/graph_window.h"

#include <string.h>

#define WELL_MANY	2u		/* windows of the greatest width after which they may be twice as wide; twice as many per strike */
#define PAGES_FEW	2u		/* of a window: the next may be wider */
#define PAGES_MANY	20u		/* and: the next should be narrower */
#define STRIKES_MAX	3u
#define LEAST_MS	((int64_t)60 * 1000)	/* what is too much in a minute is not so for its width */

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

static int64_t
whole(int64_t ms)
{
	return ms - ms % GRAPH_SECOND;
}

int
graph_round(const struct graph_rules *rules, const struct graph_marks *marks, struct graph_work *work, int64_t now_ms, int wide)
{
	int64_t	 from, least;
	int	 slipped = 0;

	work->end_ms = whole(now_ms - rules->settle_ms);	/* earlier than before, if a clock was set back */
	if (marks->listed_ms == 0)
		return 0;
	/* Far behind, as on a first run: what is read now was there long ago, and the looks follow. */
	if (work->end_ms - marks->listed_ms > 2 * later(rules->long_overlap_ms, rules->overlap_ms))
		return 0;
	from = whole(later(marks->listed_ms - (wide ? rules->long_overlap_ms : rules->overlap_ms), marks->first_ms));
	if (work->again_from_ms == work->again_to_ms)
		work->again_from_ms = from;
	else
		work->again_from_ms = sooner(work->again_from_ms, from);
	least = whole(marks->listed_ms - 2 * later(rules->long_overlap_ms, rules->overlap_ms));	/* never later than from */
	if (work->again_from_ms < least) {
		slipped = 1;
		work->again_from_ms = least;
	}
	work->again_to_ms = later(marks->listed_ms, work->again_from_ms);
	return slipped;
}

static void
window(const struct graph_work *work, enum graph_kind kind, int64_t from_ms, int64_t to_ms, struct graph_window *w)
{
	memset(w, 0, sizeof(*w));
	w->kind = kind;
	w->from_ms = from_ms;
	w->to_ms = sooner(to_ms, from_ms + later(whole(work->span_ms), GRAPH_SECOND));
}

int
graph_next_fresh(const struct graph_rules *rules, const struct graph_marks *marks, const struct graph_work *work,
    struct graph_window *w)
{
	int64_t	 from = marks->listed_ms != 0 ? marks->listed_ms : marks->first_ms;
	double	 rows;

	from = whole(from);
	if (from >= work->end_ms)
		return 0;
	if (work->again_from_ms < work->again_to_ms && work->again_to_ms == from) {
		rows = work->rows_per_ms * (double)(work->end_ms - work->again_from_ms);
		if (rows < 0.8 * rules->page_rows && work->end_ms - work->again_from_ms <= work->span_ms)
			from = work->again_from_ms;
	}
	window(work, GRAPH_FRESH, from, work->end_ms, w);
	return 1;
}

int
graph_next_again(const struct graph_work *work, struct graph_window *w)
{
	if (work->again_from_ms >= work->again_to_ms)
		return 0;
	window(work, GRAPH_OVERLAP, work->again_from_ms, work->again_to_ms, w);
	return 1;
}

int
graph_next_look(const struct graph_rules *rules, const struct graph_marks *marks, const struct graph_work *work,
    struct graph_window *w)
{
	for (unsigned i = 0; i < rules->n_looks; i++) {
		int64_t	 from = whole(marks->look_ms[i]), to = whole(marks->listed_ms) - rules->look_ms[i];

		if (marks->look_ms[i] == 0 || marks->listed_ms == 0 || to - from < GRAPH_HOUR)
			continue;
		window(work, GRAPH_LOOK, from, from + (to - from) / GRAPH_HOUR * GRAPH_HOUR, w);
		w->look = i;
		return 1;
	}
	return 0;
}

void
graph_window_done(const struct graph_rules *rules, struct graph_marks *marks, struct graph_work *work,
    const struct graph_window *w)
{
	switch (w->kind) {
	case GRAPH_FRESH:
		marks->listed_ms = later(marks->listed_ms, w->to_ms);
		/* it may have begun with the overlap */
		__attribute__((fallthrough));
	case GRAPH_OVERLAP:
		if (w->from_ms <= work->again_from_ms && work->again_from_ms < work->again_to_ms)
			work->again_from_ms = sooner(later(work->again_from_ms, w->to_ms), work->again_to_ms);
		break;
	case GRAPH_LOOK:
		marks->look_ms[w->look] = w->to_ms;
		break;
	}
	/* The first time that the round's end is reached, the looks begin k before it. */
	for (unsigned i = 0; w->kind == GRAPH_FRESH && w->to_ms >= work->end_ms && i < rules->n_looks; i++)
		if (marks->look_ms[i] == 0)
			marks->look_ms[i] = later(whole(w->to_ms - rules->look_ms[i]), marks->first_ms);
}

/* What was too much once, a broken page or a service that was slow for a while, must not keep windows narrow for hours. */
static void
went_well(struct graph_work *work, const struct graph_window *w)
{
	if (w->to_ms - w->from_ms >= work->most_ms && ++work->n_well >= WELL_MANY << work->strikes) {
		work->most_ms = sooner(2 * work->most_ms, GRAPH_DAY);
		work->strikes -= work->strikes > 0;
		work->n_well = 0;
	}
	work->span_ms = sooner(2 * work->span_ms, later(work->most_ms, work->span_ms));
}

void
graph_window_was(struct graph_work *work, const struct graph_window *w, unsigned pages, uint64_t rows)
{
	double	 rate = (double)rows / (double)(w->to_ms - w->from_ms);

	work->rows_per_ms = rate > work->rows_per_ms ? rate : (work->rows_per_ms + rate) / 2;
	if (pages > PAGES_MANY)
		graph_window_halve(work, w);
	else if (pages <= PAGES_FEW)
		went_well(work, w);
}

void
graph_window_halve(struct graph_work *work, const struct graph_window *w)
{
	work->span_ms = later(whole(sooner(work->span_ms, w->to_ms - w->from_ms) / 2), GRAPH_SECOND);
}

void
graph_window_too_much(struct graph_work *work, const struct graph_window *w)
{
	graph_window_halve(work, w);
	work->span_ms = later(work->span_ms, LEAST_MS);
	work->most_ms = work->span_ms;
	work->n_well = 0;
	work->strikes += work->strikes < STRIKES_MAX;
}
