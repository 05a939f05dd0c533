/*
 * graph_oracle - what is owed to the sinks, and what came.
 *
 * Owed are the newest revision of every row that is visible, and every older revision that was once shown whole. What was
 * visible only while nobody looked, or is older than the service keeps when the feed was first asked for, is nobody's debt. So
 * is a row of the second that is broken for ever. Generated rows are known by their marker, rows of an events file by their id.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph_in.h"
#include "sim.h"
#include "when.h"

#define SAMPLE_BYTES 1500		/* of names in a report */

struct gbalance {
	uint64_t	 rows, revisions, shown, due, matched, missing, missing_old, twice;
};

void
graph_shown(struct graph *g, enum gfeed f, uint32_t row, int revision)
{
	g->feed[f].served += !g->feed[f].all[row].served[revision];
	g->feed[f].all[row].served[revision] = 1;
}

/* The row a marker names; NULL: none of ours. */
static struct grow *
marked_row(struct graph *g, const char *marker, int *revision)
{
	char		 good[GUID_LEN + 1];
	unsigned	 f, rev, high, low;
	uint32_t	 at;

	if (sscanf(marker, "51e1d1e6-%2x%2x-4%3x-8%3x-", &f, &rev, &high, &low) != 4 || f >= NGFEEDS || rev >= NREVISIONS)
		return NULL;
	if ((at = high << 12 | low) >= g->feed[f].n)
		return NULL;
	at = g->feed[f].by_slot[at];
	graph_marker(g, (enum gfeed)f, &g->feed[f].all[at], (int)rev, good);
	*revision = (int)rev;
	return memcmp(good, marker, GUID_LEN) == 0 ? &g->feed[f].all[at] : NULL;
}

static struct grow *
named_row(struct graph *g, const char *id, size_t len)
{
	uint32_t	 at;

	if (id == NULL || len == 0 || (at = keytab_find(&g->names, key_folded('g', id, len))) == KEYTAB_NONE)
		return NULL;
	return &g->feed[g->named[at].feed].all[g->feed[g->named[at].feed].by_slot[g->named[at].slot]];
}

/* Several lines of one id are revisions that are there at once: each arrival settles the next of them. */
static int
came_by_name(struct graph *g, struct grow *row, enum place place)
{
	struct grow	*next = row;

	while (next->came[place][0] > 0 && next->same != 0)
		next = &g->feed[row->feed].all[g->feed[row->feed].by_slot[next->same - 1]];
	return ++next->came[place][0] > 1 ? 2 : 1;
}

static const char *
find_marker(const char *bytes, size_t len)
{
	const char	*m = memmem(bytes, len, "\"51e1d1e6-", 10);

	return m != NULL && (size_t)(bytes + len - m) > GUID_LEN ? m + 1 : NULL;
}

int
graph_key(struct graph *g, const char *id, size_t id_len, const char *bytes, size_t len, struct key *k)
{
	const char	*m = find_marker(bytes, len);

	if (m == NULL && named_row(g, id, id_len) == NULL)
		return 0;
	*k = m != NULL ? key_bytes('g', m, GUID_LEN) : key_bytes('g', bytes, len);
	return 1;
}

int
graph_came(struct graph *g, enum place place, const char *id, size_t id_len, const char *bytes, size_t len)
{
	const char	*m = find_marker(bytes, len);
	struct grow	*row;
	int		 revision;

	if (m == NULL)
		return (row = named_row(g, id, id_len)) != NULL ? came_by_name(g, row, place) : -1;
	if ((row = marked_row(g, m, &revision)) == NULL) {
		g->unexpected[place]++;
		return 0;
	}
	if (row->came[place][revision] < UINT8_MAX)
		row->came[place][revision]++;
	return row->came[place][revision] > 1 ? 2 : 1;
}

void
graph_forget(struct graph *g, enum place place)
{
	size_t	 i;
	int	 f;

	g->unexpected[place] = 0;
	for (f = 0; f < NGFEEDS; f++)
		for (i = 0; i < g->feed[f].n; i++)
			memset(g->feed[f].all[i].came[place], 0, sizeof(g->feed[f].all[i].came[place]));
}

/* --- the balance --- */

static int
broken(const struct sim *s, const struct grow *row)
{
	return fault_on(&s->faults, F_GRAPH_BROKEN) &&
	    row->created / TICKS_MS / 1000 == (int64_t)fault_arg(&s->faults, F_GRAPH_BROKEN);
}

static int
reachable(const struct sim *s, const struct grows *rows, const struct grow *row)
{
	int64_t	 first = row->visible[0] > rows->asked ? row->visible[0] : rows->asked;

	return row->created / TICKS_MS >= first - (int64_t)(s->opt.graph_history_days * (double)DAY_MS);
}

static void
sample(const struct sim *s, enum gfeed f, const struct grow *row, int revision, struct text *t)
{
	char	 marker[GUID_LEN + 1];

	if (t->len > SAMPLE_BYTES)
		return;
	graph_marker(&s->graph, f, row, revision, marker);
	text_addf(t, "%s\"%s %s ", t->len > 0 ? "," : "", gkinds[f].name, marker);
	when_zoneless(t, row->created / TICKS_MS);
	text_addf(t, " shown %d\"", row->served[revision]);
}

static void
settle(const struct sim *s, enum gfeed f, const struct grow *row, enum place place, int64_t now, struct gbalance *b, struct text *missing,
    struct text *twice)
{
	int	 newest = graph_revision(row, now), i, shown = 0, due;

	for (i = 0; i < NREVISIONS; i++)
		shown |= row->served[i];
	for (i = 0; i <= newest && !broken(s, row); i++) {
		due = row->served[i] || (i == newest && (shown || reachable(s, &s->graph.feed[f], row)));
		b->revisions += (uint64_t)(i > 0);
		b->shown += row->served[i];
		b->due += (uint64_t)due;
		b->matched += (uint64_t)(row->came[place][i] > 0);
		if (due && row->came[place][i] == 0) {
			sample(s, f, row, i, missing);
			if (i == newest)
				b->missing++;
			else
				b->missing_old++;
		}
		if (row->came[place][i] > 1) {
			sample(s, f, row, i, twice);
			b->twice += row->came[place][i] - 1u;
		}
	}
	b->rows += (uint64_t)(newest >= 0);
}

static void
add_up(struct gbalance *all, const struct gbalance *b)
{
	all->rows += b->rows;
	all->revisions += b->revisions;
	all->shown += b->shown;
	all->due += b->due;
	all->matched += b->matched;
	all->missing += b->missing;
	all->missing_old += b->missing_old;
	all->twice += b->twice;
}

static void
balance_text(const struct gbalance *b, struct text *t)
{
	text_addf(t, "\"due\":%llu,\"matched\":%llu,\"missing\":%llu,\"missing_old\":%llu,\"twice\":%llu", (unsigned long long)b->due,
	    (unsigned long long)b->matched, (unsigned long long)b->missing, (unsigned long long)b->missing_old,
	    (unsigned long long)b->twice);
}

static void
place_report(const struct sim *s, enum place place, const char *name, struct text *t)
{
	const struct graph	*g = &s->graph;
	struct text		 feeds = { NULL, 0, 0 }, missing = { NULL, 0, 0 }, twice = { NULL, 0, 0 };
	struct gbalance		 all = { 0 }, b;
	int64_t			 now = when_now();
	size_t			 i;
	int			 f;

	for (f = 0; f < NGFEEDS; f++) {
		const struct grows	*rows = &g->feed[f];

		memset(&b, 0, sizeof(b));
		for (i = 0; rows->asked != 0 && i < rows->n; i++)
			settle(s, (enum gfeed)f, &rows->all[i], place, now, &b, &missing, &twice);
		if (rows->asked == 0)
			continue;
		text_addf(&feeds, "%s\"%s\":{", feeds.len > 0 ? "," : "", gkinds[f].name);
		balance_text(&b, &feeds);
		text_addf(&feeds, "}");
		add_up(&all, &b);
	}
	text_addf(t, "\"%s\":{", name);
	balance_text(&all, t);
	text_addf(t, ",\"unexpected\":%llu,\"missing_ids\":[%s],\"twice_ids\":[%s],\"feeds\":{%s}}",
	    (unsigned long long)g->unexpected[place], text_str(&missing), text_str(&twice), text_str(&feeds));
	text_clear(&feeds);
	text_clear(&missing);
	text_clear(&twice);
}

static void
feed_report(const struct grows *rows, enum gfeed f, int64_t now, int first, struct text *t)
{
	uint64_t	 there = 0, revisions = 0, late = 0, twins = 0, odd = 0;
	size_t		 i;

	for (i = 0; i < rows->n; i++) {
		const struct grow	*r = &rows->all[i];
		int			 newest = graph_revision(r, now);

		if (newest == -1)
			continue;
		there++;
		revisions += (uint64_t)newest;
		late += r->late;
		twins += r->twin_of != 0;
		odd += r->odd != ODD_NONE;
	}
	text_addf(t, "%s\"%s\":{\"asked\":%s,\"rows\":%llu,\"changes\":%llu,\"late\":%llu,\"twins\":%llu,\"odd\":%llu,\"planned\":%zu,"
	    "\"shown\":%llu,\"requests\":%llu,\"pages\":%llu,\"ended_early\":%llu}", first ? "" : ",\n  ", gkinds[f].name,
	    rows->asked ? "true" : "false", (unsigned long long)there, (unsigned long long)revisions, (unsigned long long)late,
	    (unsigned long long)twins, (unsigned long long)odd, rows->n, (unsigned long long)rows->served,
	    (unsigned long long)rows->requests, (unsigned long long)rows->pages, (unsigned long long)rows->ended_early);
}

void
graph_report(struct sim *s, int with_files, struct text *t)
{
	int64_t	 now = when_now();
	int	 i;

	LIT(t, "\"graph\":{\n \"feeds\":{");
	for (i = 0; i < NGFEEDS; i++)
		feed_report(&s->graph.feed[i], (enum gfeed)i, now, i == 0, t);
	LIT(t, "},\n ");
	graph_usage_report(&s->graph, t);
	LIT(t, ",\n ");
	place_report(s, AT_BULK, "bulk", t);
	if (with_files) {
		LIT(t, ",\n ");
		place_report(s, AT_FILES, "files", t);
	}
	LIT(t, ",\n \"hec\":{");
	for (i = 0; i < s->sink_hec.ntokens; i++) {
		text_adds(t, i > 0 ? ",\n  " : "");
		place_report(s, (enum place)(AT_HEC + i), s->sink_hec.tokens[i].name, t);
	}
	LIT(t, "}}");
}
