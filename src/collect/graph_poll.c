/*
 * graph_poll - one feed's state machine: which window, which page, and where its marks stand.
 *
 *	REST -> PLAN -> ASK -> PAGE -> ASK (the next page) | PLAN (the next window) | REST (nothing is left to read)
 *	           \______ any trouble: REST, and the window is done again from its first page ______/
 *
 * ASK waits for a token and for a slot of the budget; PAGE until everything of a page is durable (graph_page.c). A window's
 * mark goes into the store with its last page, so that it never passes what is there (promise I2). A nextLink lives in
 * memory only: a restart begins the window anew, and the remembered ids make that cheap.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "collect/graph_in.h"

#define WIDE_MS		((int64_t)15 * 60 * 1000)
#define SETTLE_MS	((int64_t)5 * 1000)
#define ONCE_MS		((int64_t)250)

enum flow { FLOW_ON, FLOW_WAIT };

struct poll_step {
	const char	*name;
	enum flow	 (*run)(struct gfeed *);
};

static enum flow	 rest(struct gfeed *), plan(struct gfeed *), ask(struct gfeed *), page(struct gfeed *);

static const struct poll_step
    REST = { "rest", rest },
    PLAN = { "plan", plan },
    ASK = { "ask", ask },
    PAGE = { "page", page };			/* poll_page_over() goes on */

static void
go(struct gfeed *f, const struct poll_step *to, const char *why)
{
	log_debug("poll", "%s: %s -> %s: %s", f->label, f->at->name, to->name, why);
	f->at = to;
}

void
poll_drive(struct gfeed *f)
{
	if (f->g->source.stopped)
		return;
	while (f->at->run(f) == FLOW_ON)
		continue;
}

static void
timer_rang(void *arg)
{
	poll_drive(arg);
}

/* ---- what the other files of the source end in --------------------------------------------------------------------------- */

void
poll_window_begins(struct gfeed *f)
{
	f->next_link[0] = '\0';
	f->n_pages = f->idle_pages = f->outside_pages = 0;
	f->tail_s = 0;
	f->window_rows = 0;
	idset_reset(&f->links);
}

void
poll_rest(struct gfeed *f, int64_t ms, const char *why)
{
	graph_unwant(f);
	f->g->budgets[f->kind->service].fresh[f->place] = 0;
	go(f, &REST, why);
	timer_set(&f->timer, ms);
}

void
poll_replan(struct gfeed *f, const char *why)
{
	go(f, &PLAN, why);
	poll_drive(f);
}

void
poll_again(struct gfeed *f, const char *why)
{
	go(f, &ASK, why);
	poll_drive(f);
}

/* ---- rounds ------------------------------------------------------------------------------------------------------------------ */

static void
move_mark(struct gfeed *f, const char *kind, int64_t ms, int lazy)
{
	char	 value[RFC3339_SIZE];

	store_mark_move(f->g->c->store, f->number, kind, rfc3339_text(ms, 3, value), lazy);
}

static void
look_kind(const struct gfeed *f, unsigned look, char kind[32])
{
	snprintf(kind, 32, "look:%lld", (long long)(f->rules.look_ms[look] / 1000));
}

static void
round_begins(struct gfeed *f)
{
	int64_t	 mono = clock_mono_ms(), now = clock_min_ms();
	int	 wide = f->wide_ms == 0 || mono - f->wide_ms >= WIDE_MS;

	if (f->marks.first_ms == 0) {
		f->marks.first_ms = now - f->g->start_ms;
		f->marks.first_ms -= f->marks.first_ms % GRAPH_SECOND;
		move_mark(f, "first", f->marks.first_ms, 0);
	}
	if (wide)
		f->wide_ms = mono;
	if (graph_round(&f->rules, &f->marks, &f->work, now, wide)) {
		count(C_REREADS_SLIPPED, 1, f->g->tenant, f->kind->name, NULL);
		log_info("reread-slipped", "%s: re-reading does not keep up; late rows of this time are left to the second looks", f->label);
	}
	f->round_ms = mono + f->g->interval_ms;
	f->round_new = 0;
}

/* Sixty seconds while rows come, slowing to five minutes when it is quiet. run --once: the moment it started must be read. */
static int64_t
until_next_round(struct gfeed *f)
{
	int64_t	 once = f->g->c->once_ms, left, pause;

	if (once != 0 && f->marks.listed_ms < once) {
		left = once + f->rules.settle_ms + 1000 - clock_min_ms();
		return left < ONCE_MS ? ONCE_MS : left < f->g->interval_ms ? left : f->g->interval_ms;
	}
	if (f->round_new > 0 || f->pause_ms == 0)
		f->pause_ms = f->g->interval_ms;
	else
		f->pause_ms = 2 * f->pause_ms < f->g->idle_interval_ms ? 2 * f->pause_ms : f->g->idle_interval_ms;
	if (f->pause_ms < f->g->interval_ms)
		f->pause_ms = f->g->interval_ms;
	pause = f->pause_ms - f->pause_ms / 20;
	return pause + (int64_t)(rnd() % (uint64_t)(f->pause_ms / 10 + 1));
}

static enum flow
round_complete(struct gfeed *f)
{
	f->last_ok_ms = clock_wall_ms();
	f->clear = 1;
	f->isolating = 0;
	backoff_reset(&f->backoff);
	f->denials = 0;
	graph_state(f, SOURCE_OK, "feed-ok", "");
	poll_rest(f, until_next_round(f), "nothing is left to read");
	return FLOW_WAIT;
}

/* ---- the steps ---------------------------------------------------------------------------------------------------------------- */

/* Whoever gave the token has told its time too: without it a clock that is ahead would mark minutes as read that are to come. */
static enum flow
rest(struct gfeed *f)
{
	unsigned	 serial;

	if (timer_pending(&f->timer) || f->g->c->paused || token_bearer(f->g->token, &serial) == NULL)
		return FLOW_WAIT;
	f->restarts = 0;
	round_begins(f);
	go(f, &PLAN, "a round begins");
	return FLOW_ON;
}

/*
 * Fresh work first: what of re-reading is put off meanwhile is not lost, since the looks have marks of their own. 0: nothing is
 * left in this round.
 */
static int
next_window(struct gfeed *f)
{
	return graph_next_fresh(&f->rules, &f->marks, &f->work, &f->window) || graph_next_again(&f->work, &f->window) ||
	    graph_next_look(&f->rules, &f->marks, &f->work, &f->window);
}

/* The mark that the window moves when it is done; 0: none. */
int
poll_mark(const struct gfeed *f, char kind[32], char value[32])
{
	const struct graph_window	*w = &f->window;

	if (w->kind == GRAPH_OVERLAP || (w->kind == GRAPH_FRESH && w->to_ms <= f->marks.listed_ms))
		return 0;
	if (w->kind == GRAPH_LOOK)
		look_kind(f, w->look, kind);
	else
		snprintf(kind, 32, "listed");
	rfc3339_text(w->to_ms, 3, value);
	return 1;
}

/* It was read to its end; the store has its rows, and its mark if that went with them. */
static void
window_done(struct gfeed *f, int marked)
{
	struct graph_marks	 before = f->marks;
	char			 kind[32], value[32];

	if (f->window.to_ms >= f->isolating_to_ms)
		f->isolating = 0;		/* all of the window that was broken is read */
	if (!marked && poll_mark(f, kind, value))
		store_mark_move(f->g->c->store, f->number, kind, value, 1);
	graph_window_done(&f->rules, &f->marks, &f->work, &f->window);
	for (unsigned i = 0; f->window.kind == GRAPH_FRESH && i < f->rules.n_looks; i++)
		if (before.look_ms[i] != f->marks.look_ms[i]) {
			look_kind(f, i, kind);
			move_mark(f, kind, f->marks.look_ms[i], 0);
		}
}

void
poll_window_is_done(struct gfeed *f, const char *why)
{
	window_done(f, 0);
	poll_replan(f, why);
}

void
poll_begins_at(struct gfeed *f, int64_t ms)
{
	char	 kind[32];

	switch (f->window.kind) {
	case GRAPH_LOOK:
		f->marks.look_ms[f->window.look] = ms;
		look_kind(f, f->window.look, kind);
		move_mark(f, kind, ms, 0);
		break;
	case GRAPH_FRESH:
		if (f->marks.listed_ms == 0) {
			f->marks.first_ms = ms;
			move_mark(f, "first", ms, 0);
		} else if (f->marks.listed_ms < ms) {
			f->marks.listed_ms = ms;
			move_mark(f, "listed", ms, 0);
		}
		__attribute__((fallthrough));
	case GRAPH_OVERLAP:
		if (f->work.again_from_ms < ms)
			f->work.again_from_ms = ms < f->work.again_to_ms ? ms : f->work.again_to_ms;
		break;
	}
	poll_replan(f, "the service's history begins here");
}

static enum flow
plan(struct gfeed *f)
{
	struct graph_budget	*b = &f->g->budgets[f->kind->service];

	if (clock_mono_ms() >= f->round_ms || f->work.end_ms > clock_min_ms())
		round_begins(f);		/* re-reading takes long: what is fresh has its turn all the same */
	if (!next_window(f)) {
		b->fresh[f->place] = 0;
		return round_complete(f);
	}
	f->clear = 0;
	poll_window_begins(f);
	if (trouble_skips(f, &f->window)) {	/* nothing can be read there, and that is recorded */
		window_done(f, 0);
		return FLOW_ON;
	}
	go(f, &ASK, f->window.kind == GRAPH_FRESH ? "a window" : f->window.kind == GRAPH_LOOK ? "a second look" : "an overlap");
	return FLOW_ON;
}

static enum flow
ask(struct gfeed *f)
{
	struct graph_budget	*b = &f->g->budgets[f->kind->service];
	int			 fresh = f->window.kind == GRAPH_FRESH || f->search.on;
	unsigned		 serial;

	if (timer_pending(&f->timer) || f->g->c->paused || f->page.open || token_bearer(f->g->token, &serial) == NULL)
		return FLOW_WAIT;
	b->fresh[f->place] = fresh || clock_mono_ms() >= f->round_ms;
	graph_want(f, fresh ? WANT_FRESH : WANT_AGAIN);
	return FLOW_WAIT;
}

void
poll_send(struct gfeed *f, unsigned slot)
{
	const char		*bearer = token_bearer(f->g->token, &f->serial);
	struct graph_window	 probe = { .kind = GRAPH_FRESH, .from_ms = f->search.probe_ms, .to_ms = f->search.probe_ms + 60 * GRAPH_SECOND };
	char			 url[URL_MAX];

	if (bearer == NULL || f->at != &ASK) {	/* it expired while we waited: the slot is lost, the bell will come */
		graph_budget_landed(&f->g->budgets[f->kind->service], slot, clock_mono_ms());
		return;
	}
	go(f, &PAGE, "asked");
	if (f->search.on) {
		graph_first_url(f, &probe, url);
		page_send(f, url, bearer, slot, &probe, 0);
	} else if (f->next_link[0] != '\0') {
		page_send(f, f->next_link, bearer, slot, &f->window, 1);
	} else {
		graph_first_url(f, &f->window, url);
		page_send(f, url, bearer, slot, &f->window, 1);
	}
}

static enum flow
page(struct gfeed *f)
{
	page_drive(f);
	return FLOW_WAIT;
}

/* ---- the page is over -------------------------------------------------------------------------------------------------------- */

static void
trouble(struct gfeed *f)
{
	int64_t	 pause = backoff_next(&f->backoff, -1);

	graph_state(f, SOURCE_TROUBLE, "feed-trouble", f->verdict_why);
	poll_rest(f, pause, f->verdict_why);
}

static void
sound(struct gfeed *f)
{
	f->round_new += f->page.stored;
	f->retries = 0;
	switch (f->verdict) {
	case PAGE_NEXT:
		poll_again(f, "the next page");
		break;
	case PAGE_DONE:
		if (!f->isolating)
			graph_window_was(&f->work, &f->window, f->n_pages, f->window_rows);
		f->breaks = f->given_up = f->too_much = 0;
		backoff_reset(&f->backoff);
		window_done(f, f->page.mark_kind[0] != '\0');
		poll_replan(f, "the window is done");
		break;
	case PAGE_REPLAN:
		poll_replan(f, "the window has too many pages");
		break;
	case PAGE_RESTART:
		poll_window_begins(f);
		poll_again(f, "the window starts over");
		break;
	case PAGE_TROUBLE:
		trouble(f);
		break;
	}
}

void
poll_page_over(struct gfeed *f)
{
	const struct gpage	*p = &f->page;

	if (p->answer.fail == HTTP_OK && p->answer.status == 200) {
		token_accepted(f->g->token, f->serial);
		backoff_reset(&f->g->throttles[f->kind->service]);
	}
	if (p->answer.fail != HTTP_OK || p->answer.status != 200)
		trouble_answer(f);
	else if (p->job == NULL || p->job->state != SPLIT_END)
		trouble_broken(f);
	else if (f->search.on)
		search_answered(f, 1);
	else
		sound(f);
}

/* ---- beginning and end ------------------------------------------------------------------------------------------------------- */

static int
read_mark(struct gfeed *f, const char *kind, int64_t *ms, struct err *e)
{
	char	 value[64];
	int	 found = store_mark(f->g->c->store, f->number, kind, value, e);

	*ms = 0;
	if (found != 1)
		return found;
	if (rfc3339_parse(value, strlen(value), ms, NULL) == -1) {
		err_set(e, ERR_IO, "%s: the mark \"%s\" in the store is no time: \"%s\"", f->label, kind, value);
		return -1;
	}
	return 0;
}

int
poll_init(struct gfeed *f, struct err *e)
{
	char	 kind[32];

	f->at = &REST;
	f->rules.settle_ms = SETTLE_MS;
	f->rules.page_rows = f->kind->top;
	f->work.span_ms = f->work.most_ms = GRAPH_DAY;
	timer_init(&f->timer, f->g->c->loop, timer_rang, f);
	backoff_init(&f->backoff, 5000, 300000);
	if (read_mark(f, "first", &f->marks.first_ms, e) == -1 || read_mark(f, "listed", &f->marks.listed_ms, e) == -1)
		return -1;
	for (unsigned i = 0; i < f->rules.n_looks; i++) {
		look_kind(f, i, kind);
		if (read_mark(f, kind, &f->marks.look_ms[i], e) == -1)
			return -1;
	}
	return 0;
}

void
poll_now(struct gfeed *f)
{
	if (f->at != &REST)
		return;
	timer_stop(&f->timer);
	f->denials = 0;
	poll_drive(f);
}

void
poll_stop(struct gfeed *f)
{
	timer_stop(&f->timer);
	page_stop(f);
}

void
poll_clear(struct gfeed *f)
{
	timer_clear(&f->timer);
	idset_clear(&f->links);
	page_clear(f);
}
