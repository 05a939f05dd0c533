/*
 * graph_page - which rows a query means, in which order, and where a page ends.
 *
 * A page goes on behind the last row shown (its time and number). With the fault graph-shift it goes on behind so many rows,
 * as services without snapshots do: what appears or moves meanwhile shifts the borders.
 */
#include <stdlib.h>
#include <string.h>

#include "graph_in.h"
#include "sim.h"
#include "when.h"

struct hit {
	int64_t		 at;			/* ticks it is ordered by */
	uint32_t	 row;
	uint8_t		 feed;
};

struct hits {
	struct hit	*list;
	size_t		 n, room;
};

static void
add(struct hits *h, int64_t at, uint32_t row, enum gfeed f)
{
	if (h->n == h->room) {
		h->room = h->room ? h->room * 2 : 256;
		h->list = sim_grow(h->list, h->room, sizeof(*h->list));
	}
	h->list[h->n++] = (struct hit){ at, row, (uint8_t)f };
}

static int
ascending(const void *a, const void *b)
{
	const struct hit	*x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->feed != y->feed)
		return x->feed < y->feed ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static int
descending(const void *a, const void *b)
{
	return ascending(b, a);
}

/* The first row at or behind a time. */
static size_t
first_at(const struct grows *g, int64_t ticks)
{
	size_t	 low = 0, high = g->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (g->all[mid].created < ticks)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
find(const struct graph *g, enum gfeed f, const struct gquery *q, int64_t oldest, int64_t now, struct hits *h)
{
	const struct grows	*rows = &g->feed[f];
	int64_t			 from = q->from > oldest ? q->from : oldest, at;
	size_t			 i;
	int			 rev;

	for (i = q->by_updated ? 0 : first_at(rows, from); i < rows->n; i++) {
		if (!q->by_updated && rows->all[i].created > q->to)
			break;
		if ((rev = graph_revision(&rows->all[i], now)) == -1 || rows->all[i].created < oldest)
			continue;
		at = q->by_updated ? graph_updated(&rows->all[i], rev) : rows->all[i].created;
		if (at >= from && at <= q->to)
			add(h, at, (uint32_t)i, f);
	}
}

static size_t
begin(const struct gquery *q, const struct hits *h)
{
	size_t	 i;

	if (!q->continued)
		return 0;
	if (q->offset > 0)
		return q->offset < h->n ? q->offset : h->n;
	for (i = 0; i < h->n; i++) {
		const struct hit	*x = &h->list[i];

		if (x->at == q->after ? (q->descending ? x->row < q->after_row : x->row > q->after_row) :
		    (x->at > q->after) != q->descending)
			break;
	}
	return i;
}

/* The second that is broken for ever: an unclosed brace in every row of it. */
static int
broken(struct sim *s, const struct grow *row)
{
	return fault_on(&s->faults, F_GRAPH_BROKEN) &&
	    row->created / TICKS_MS / 1000 == (int64_t)fault_arg(&s->faults, F_GRAPH_BROKEN) &&
	    fault_hit(&s->faults, F_GRAPH_BROKEN);
}

static int
show(struct sim *s, const struct hit *x, int64_t now, int shown_enums, struct text *t, int sound)
{
	struct grows	*g = &s->graph.feed[x->feed];
	struct grow	*row = &g->all[x->row];
	int		 rev = graph_revision(row, now);
	size_t		 from = t->len;

	if (t->len > 0)
		text_addc(t, ',');
	from = t->len;
	graph_row(&s->graph, (enum gfeed)x->feed, row, rev, shown_enums, t);
	if (row->bytes == NULL && fault_hit(&s->faults, F_GRAPH_RESHUFFLE))
		graph_reshuffle(t, from, rng_next(&s->rng));
	if (broken(s, row)) {
		t->len--;			/* the closing brace */
		return 0;
	}
	if (sound)
		graph_shown(&s->graph, (enum gfeed)x->feed, x->row, rev);
	return 1;
}

/* A page without a broken row is sound, and only then its rows were really shown. */
static int
any_broken(struct sim *s, const struct hits *h, size_t from, size_t to)
{
	size_t	 i;

	for (i = from; i < to; i++)
		if (broken(s, &s->graph.feed[h->list[i].feed].all[h->list[i].row]))
			return 1;
	return 0;
}

int
graph_page(struct sim *s, const struct gquery *q, int shown_enums, int spoilt, struct text *value, struct gquery *next)
{
	struct graph	*g = &s->graph;
	int64_t		 now = when_now(), oldest = (now - (int64_t)(g->opt->graph_history_days * (double)DAY_MS)) * TICKS_MS;
	struct hits	 h = { NULL, 0, 0 };
	size_t		 from, to, i;
	int		 sound, more, again = 1;

	find(g, q->feed, q, oldest, now, &h);
	if (q->both)
		find(g, q->feed == G_INTERACTIVE ? G_NONINTERACTIVE : G_INTERACTIVE, q, oldest, now, &h);
	if (h.n > 0)
		qsort(h.list, h.n, sizeof(*h.list), q->descending ? descending : ascending);
	from = begin(q, &h);
	to = h.n - from < q->top ? h.n : from + q->top;
	sound = !spoilt && !any_broken(s, &h, from, to);
	for (i = from; i < to; i++) {
		again = again && h.list[i].at <= q->frontier;
		show(s, &h.list[i], now, shown_enums, value, sound);
	}
	if (from == to || q->to <= q->frontier)
		again = q->to <= q->frontier;
	more = to < h.n;
	*next = *q;
	next->continued = 1;
	next->offset = fault_on(&s->faults, F_GRAPH_SHIFT) ? (uint32_t)to : 0;
	if (to > from) {
		next->after = h.list[to - 1].at;
		next->after_row = h.list[to - 1].row;
	} else if (!q->continued) {
		next->after = q->descending ? INT64_MAX : INT64_MIN;
		next->after_row = 0;
	}
	g->feed[q->feed].pages++;
	if (sound && !more && q->to > g->feed[q->feed].frontier && !q->descending)
		g->feed[q->feed].frontier = q->to;
	graph_note(g, gkinds[q->feed].limit, again);
	free(h.list);
	return more;
}
