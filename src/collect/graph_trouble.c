/*
 * graph_trouble - what an answer that is no page means for the feed, and how long it waits.
 *
 * Nothing here moves a mark but over what is recorded as a gap first. What one feed lacks concerns no other: only throttling
 * stops a whole service, and only a refused token is everybody's.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "collect/graph_in.h"

#define SLOW_MS		((int64_t)15 * 60 * 1000)	/* for what a person must mend */
#define RETRIES_MAX	3u		/* of one page, before its window starts over */
#define REFUSALS_MAX	5u		/* 403 without JSON, until it is taken for what it says */
#define TOO_MUCH	3u			/* 504 in a row, then the window is halved */
#define BREAKS_MAX	2u			/* in a row, then the window is halved */
#define BREAKS_CUT	4u			/* the same, when the end was missing: most likely a proxy's doing */
#define BREAKS_SMALL	3u		/* a second is read so often before it is given up */
#define GIVEN_UP_MAX	16u		/* seconds in a row: more is an outage and no broken row */

static void
describe(const struct gfeed *f, char *why, size_t size)
{
	const struct gpage		*p = &f->page;
	const struct graph_answer	*m = &p->meaning;

	if (p->answer.fail != HTTP_OK)
		snprintf(why, size, "%s: %s", http_fail_name(p->answer.fail), p->answer.why);
	else if (m->message[0] != '\0')
		snprintf(why, size, "HTTP %d %s: %.180s%s%s", p->answer.status, m->code, m->message,
		    m->request_id[0] != '\0' ? " request-id=" : "", m->request_id);
	else if (m->code[0] < '0' || m->code[0] > '9')
		snprintf(why, size, "HTTP %d %s", p->answer.status, m->code);
	else
		snprintf(why, size, "HTTP %d", p->answer.status);
}

static void
wait_for(struct gfeed *f, enum source_state state, int64_t pause_ms, const char *why)
{
	graph_state(f, state, state == SOURCE_DENIED ? "feed-denied" : "feed-trouble", why);
	poll_rest(f, pause_ms, why);
}

/* Tried again after 15 minutes, then 30, then every hour: an administrator may mend it without a restart. */
static void
denied(struct gfeed *f, const char *why)
{
	int64_t	 pause = backoff_step(SLOW_MS, GRAPH_HOUR, f->denials++);

	wait_for(f, SOURCE_DENIED, pause + (int64_t)(rnd() % (uint64_t)(pause / 10)), why);
}

static void
lacks(struct gfeed *f, const char *said)
{
	const struct graph_kind_of_feed	*k = f->kind;
	char				 why[400];

	switch (f->page.meaning.class) {
	case GRAPH_LICENCE:
		snprintf(why, sizeof(why), "the tenant lacks the licence: this feed needs %s (%s)",
		    k->licence != NULL ? k->licence : "one that it has not", said);
		break;
	case GRAPH_PERMISSION:
		token_lacks_role(f->g->token, f->serial);
		snprintf(why, sizeof(why), "the app lacks a permission: grant %s (application) and admin consent (%s)", k->permission, said);
		break;
	default:
		token_lacks_role(f->g->token, f->serial);
		snprintf(why, sizeof(why), "forbidden: this feed needs the permission %s (application)%s%s (%s)", k->permission,
		    k->licence != NULL ? " and the licence " : "", k->licence != NULL ? k->licence : "", said);
		break;
	}
	denied(f, why);
}

static void
throttled(struct gfeed *f, const char *why)
{
	struct graph	*g = f->g;
	int64_t		 pause = backoff_next(&g->throttles[f->kind->service], f->page.answer.retry_after_ms);

	count(C_THROTTLED, 1, g->tenant, NULL, NULL);
	log_warn("throttled", "%s: Graph throttles the %s service, pausing ms=%lld: %s", g->source.name,
	    graph_service_name(f->kind->service), (long long)pause, why);
	graph_budget_gate(&g->budgets[f->kind->service], clock_mono_ms() + pause);
	poll_again(f, "throttled");
}

/* The same page once more, a few times; then its window from the first page. */
static void
again(struct gfeed *f, const char *why)
{
	int64_t	 pause = backoff_next(&f->backoff, f->page.answer.retry_after_ms);

	if (f->next_link[0] == '\0' || ++f->retries > RETRIES_MAX) {
		wait_for(f, SOURCE_TROUBLE, pause, why);
		return;
	}
	graph_state(f, SOURCE_TROUBLE, "feed-trouble", why);
	timer_set(&f->timer, pause);
	poll_again(f, why);
}

static void
token_refused(struct gfeed *f, const char *why)
{
	char	 text[400];

	if (f->refusals++ == 0) {
		token_rejected(f->g->token, f->serial);
		poll_again(f, why);
		return;
	}
	snprintf(text, sizeof(text), "a new token is refused too (%.240s): is access blocked by conditional access, or the permission %s "
	    "missing?", why, f->kind->permission);
	denied(f, text);
}

static void
bad_link(struct gfeed *f, const char *why)
{
	if (++f->restarts > RETRIES_MAX) {
		graph_window_too_much(&f->work, &f->window);	/* what is on one page needs no page token */
		wait_for(f, SOURCE_TROUBLE, backoff_next(&f->backoff, -1), why);
		return;
	}
	log_info("window-restarts", "%s: the page token is refused, the window starts over: %s", f->label, why);
	poll_window_begins(f);
	poll_again(f, "the page token is refused");
}

static void
too_much(struct gfeed *f, const char *why)
{
	if (f->search.on) {
		again(f, why);
		return;
	}
	if (++f->too_much >= TOO_MUCH)		/* less often it may be bad luck, which narrower windows have more of */
		graph_window_too_much(&f->work, &f->window);
	wait_for(f, SOURCE_TROUBLE, backoff_next(&f->backoff, f->page.answer.retry_after_ms), why);
}

void
trouble_answer(struct gfeed *f)
{
	char	 why[360], text[440];

	describe(f, why, sizeof(why));
	switch (f->page.meaning.class) {
	case GRAPH_THROTTLED:
		throttled(f, why);
		return;
	case GRAPH_TOKEN:
		token_refused(f, why);
		return;
	case GRAPH_LICENCE:
	case GRAPH_PERMISSION:
	case GRAPH_FORBIDDEN:
		lacks(f, why);
		return;
	case GRAPH_ABSENT:
		snprintf(text, sizeof(text), "not there in this cloud or tenant (%s)", why);
		denied(f, text);
		return;
	case GRAPH_BAD_REQUEST:
		if (f->search.on)
			search_answered(f, 0);
		else if (f->next_link[0] != '\0')
			bad_link(f, why);
		else
			search_begins(f);
		return;
	case GRAPH_BAD_LINK:
		bad_link(f, why);
		return;
	case GRAPH_TOO_MUCH:
		too_much(f, why);
		return;
	case GRAPH_AGAIN:
		if (f->page.answer.status == 403 && ++f->refusals > REFUSALS_MAX)
			lacks(f, why);
		else
			again(f, why);
		return;
	default:
		wait_for(f, SOURCE_TROUBLE, SLOW_MS, why);
		return;
	}
}

/* ---- pages that cannot be read ------------------------------------------------------------------------------------------------ */

static int
known_broken(const struct gfeed *f, int64_t second)
{
	for (unsigned i = 0; i < f->n_broken && i < GRAPH_BROKEN_MAX; i++)
		if (f->broken_s[i] == second)
			return 1;
	return 0;
}

/*
 * Whatever is read again keeps away from seconds that are known to be unreadable; second looks try each of them once more.
 * 1: nothing is to be read in this window.
 */
int
trouble_skips(struct gfeed *f, struct graph_window *w)
{
	int64_t	 next = INT64_MAX;

	for (unsigned i = 0; i < f->n_broken && i < GRAPH_BROKEN_MAX; i++)
		if (f->broken_s[i] * 1000 >= w->from_ms && f->broken_s[i] < next)
			next = f->broken_s[i];
	w->apart = known_broken(f, w->from_ms / 1000 - 1) || known_broken(f, w->to_ms / 1000);
	if (next == INT64_MAX || next * 1000 >= w->to_ms)
		return 0;
	w->apart = 1;
	w->to_ms = next * 1000 > w->from_ms ? next * 1000 : w->from_ms + GRAPH_SECOND;
	return next * 1000 == w->from_ms && w->kind != GRAPH_LOOK;
}

/* The bad second stands alone: whole rows in front of the break are stored, a gap says the rest. */
static void
give_up(struct gfeed *f)
{
	int64_t	 second = f->window.from_ms / 1000;
	char	 detail[300];

	f->breaks = 0;
	f->isolating = 0;
	if (!known_broken(f, second)) {
		f->given_up++;
		f->broken_s[f->n_broken++ % GRAPH_BROKEN_MAX] = second;
		snprintf(detail, sizeof(detail), "the service's page for this second cannot be read (%s); rows before the break are kept",
		    f->page.job->trouble != NULL ? f->page.job->trouble : "broken");
		graph_gap(f, f->window.from_ms, f->window.to_ms, "page-unreadable", detail);
	}
	poll_window_is_done(f, "an unreadable second is recorded as a gap");
}

/* A page of rows that is complete and cannot be read: once more, then in halves, until the bad second stands alone. */
static void
broken_page(struct gfeed *f, const char *why)
{
	int	 small = f->window.to_ms - f->window.from_ms <= GRAPH_SECOND;

	f->breaks++;
	count(C_PAGES_BROKEN, 1, f->g->tenant, f->kind->name, NULL);
	if ((!small && !f->isolating && f->breaks < (f->page.job->cut ? BREAKS_CUT : BREAKS_MAX)) || f->given_up >= GIVEN_UP_MAX ||
	    (small && f->breaks < BREAKS_SMALL && !known_broken(f, f->window.from_ms / 1000))) {
		wait_for(f, SOURCE_TROUBLE, backoff_next(&f->backoff, -1), why);
		return;
	}
	if (small) {
		give_up(f);
		return;
	}
	if (!f->isolating)
		log_warn("page-broken", "%s: a page cannot be read, the window is halved until the broken row stands alone: %s", f->label, why);
	f->isolating_to_ms = f->window.to_ms;
	f->isolating = 1;
	graph_window_halve(&f->work, &f->window);
	poll_replan(f, "a page cannot be read");
}

void
trouble_broken(struct gfeed *f)
{
	const struct gpage	*p = &f->page;
	char			 why[400];
	struct graph_answer	 said;

	if (p->job != NULL && envelope_is_page(p->job->envelope) && !f->search.on) {
		snprintf(why, sizeof(why), "the page is complete and cannot be read: %s", p->job->trouble != NULL ? p->job->trouble : "");
		broken_page(f, why);
		return;
	}
	memset(&said, 0, sizeof(said));
	if (p->job != NULL)
		graph_judge(200, buf_str(envelope_rest(p->job->envelope)), envelope_rest(p->job->envelope)->len, &said);
	if (said.message[0] != '\0')
		snprintf(why, sizeof(why), "HTTP 200 with an error in it: %s: %s", said.code, said.message);
	else if (p->job == NULL)
		snprintf(why, sizeof(why), "the body has a Content-Encoding that was not asked for");
	else
		snprintf(why, sizeof(why), "HTTP 200 and no page: %s", p->job->trouble != NULL ? p->job->trouble : "");
	again(f, why);
}
