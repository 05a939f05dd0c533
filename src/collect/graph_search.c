/*
 * graph_search - how far back does the service answer? (K01)
 *
 * A bound older than what is kept is refused with the words of a syntax error. So the bound is probed towards now: first
 * where Microsoft's licences end (30 days, 7 days), then a minute ago, then in halves. What lies before the first bound that
 * is answered is a gap; and if a minute ago is refused too, it is no matter of history but of the query.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "collect/graph_in.h"

#define PROBES_MAX	16u
#define NEAR_MS		(121 * GRAPH_SECOND)	/* as exact as it gets: the limit moves with time */
#define MARGIN_MS	(600 * GRAPH_SECOND)	/* a first start may miss so much: as far as the service allows */
#define SLOW_MS		((int64_t)15 * 60 * 1000)

static const int64_t hints[] = { 30 * GRAPH_DAY, 7 * GRAPH_DAY };
#define HINTS (sizeof(hints) / sizeof(hints[0]))

static int64_t
whole(int64_t ms)
{
	return ms - ms % GRAPH_SECOND;
}

static void
probe(struct gfeed *f, int64_t at_ms)
{
	f->search.probe_ms = whole(at_ms);
	f->search.probes++;
	poll_again(f, "a bound is tried");
}

/* Nothing good is known yet: the next hint, or a minute ago. 0: that was it. */
static int
probe_hint(struct gfeed *f)
{
	struct gsearch	*s = &f->search;
	int64_t		 now = clock_min_ms();

	while (s->hint < HINTS) {
		int64_t	 at = whole(now - hints[s->hint++] + 60 * GRAPH_SECOND);

		if (at > s->bad_ms) {
			probe(f, at);
			return 1;
		}
	}
	if (s->hint++ > HINTS)
		return 0;
	probe(f, now - 60 * GRAPH_SECOND);
	return 1;
}

static void
fault(struct gfeed *f)
{
	char	 why[400];

	snprintf(why, sizeof(why), "the service refuses the query even for the last minute: HTTP 400 %s: %s", f->page.meaning.code,
	    f->page.meaning.message);
	f->search.on = 0;
	graph_state(f, SOURCE_TROUBLE, "query-refused", why);
	poll_rest(f, SLOW_MS, why);
}

/* Reading begins at `good`; what fresh work lies before it is out of reach for ever. */
static void
found(struct gfeed *f, int64_t good_ms)
{
	int64_t	 from = f->marks.listed_ms != 0 ? f->marks.listed_ms : f->marks.first_ms;
	char	 detail[200], since[RFC3339_SIZE];

	if (good_ms <= f->window.from_ms) {	/* what was refused is answered now, and the other way round */
		fault(f);
		return;
	}
	f->search.on = 0;
	if (f->window.kind == GRAPH_FRESH && good_ms > from &&
	    (f->marks.listed_ms != 0 || good_ms - from > MARGIN_MS)) {
		snprintf(detail, sizeof(detail), "the service does not keep more: it answers from %s on", rfc3339_text(good_ms, 0, since));
		graph_gap(f, from, good_ms, "history-limit", detail);
	}
	poll_begins_at(f, good_ms);
}

void
search_begins(struct gfeed *f)
{
	struct gsearch	*s = &f->search;

	memset(s, 0, sizeof(*s));
	s->on = 1;
	s->bad_ms = f->window.from_ms;
	if (s->bad_ms >= clock_min_ms() - NEAR_MS) {
		fault(f);
		return;
	}
	log_info("history-limit", "%s: the service refuses this far back; looking for where it answers", f->label);
	probe_hint(f);
}

void
search_answered(struct gfeed *f, int good)
{
	struct gsearch	*s = &f->search;

	if (good)
		s->good_ms = s->probe_ms;
	else
		s->bad_ms = s->probe_ms;
	if (s->good_ms == 0) {
		if (!probe_hint(f))
			fault(f);
		return;
	}
	if (s->good_ms - s->bad_ms <= NEAR_MS || s->probes >= PROBES_MAX) {
		found(f, s->good_ms);
		return;
	}
	/* Two minutes before a hint first: it mostly is the limit itself. */
	if (good && s->hint <= HINTS && s->hint > 0 && !s->beside) {
		s->beside = 1;
		probe(f, s->good_ms - 120 * GRAPH_SECOND);
		return;
	}
	probe(f, (s->bad_ms + s->good_ms) / 2);
}
