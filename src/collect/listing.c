/*
 * listing - one feed's state machine: which blobs are there?
 *
 *	REST -> RECALL -> PLAN -> ASK -> JUDGE -> STORE -> KEPT -> ASK (next page) | PLAN (next window) | REST (the round is complete)
 *	                    \________ any trouble: REST, and the window is done again from its first page ________/
 *
 * A round lists from the mark less the overlap to now less the settle time, then the second looks that are due. The mark
 * moves in the transaction of a window's last page, so that it never passes what the ledger holds (promise I2).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "collect/mgmt.h"

#define PAGE_MAX	((size_t)32 << 20)
#define PAGES_MAX	20000u
#define IDLE_PAGES_MAX	200u			/* pages in a row that name nothing new to this window */
#define RESTARTS_MAX	3u			/* AF20031 in one window */
#define WIDE_MS		((int64_t)15 * 60 * 1000)
#define REFUSED_MS	((int64_t)60 * 1000)	/* a wide round's distance while uris are refused */
#define UNHEARD_MS	((int64_t)2000)		/* until others have tried the new token */
#define FLOOR_STEP_MS	WINDOW_HOUR		/* when the API says that a window is too old */

enum flow { FLOW_ON, FLOW_WAIT };

struct lister_step {
	const char	*name;
	enum flow	 (*run)(struct feed *);
};

static enum flow	 rest(struct feed *), plan(struct feed *), ask(struct feed *), store(struct feed *), await(struct feed *);

static void	 recalled(void *, struct store_result *);

static const struct lister_step
    REST = { "rest", rest },
    RECALL = { "recall", await },		/* recalled() goes on */
    PLAN = { "plan", plan },
    ASK = { "ask", ask },
    JUDGE = { "judge", await },			/* answered() does */
    STORE = { "store", store },
    KEPT = { "kept", await };			/* page_stored() does */

static void
go(struct feed *f, const struct lister_step *to, const char *why)
{
	log_debug("listing", "%s: %s -> %s: %s", f->label, f->at->name, to->name, why);
	f->at = to;
}

void
listing_drive(struct feed *f)
{
	if (f->m->source.stopped)
		return;
	while (f->at->run(f) == FLOW_ON)
		continue;
}

static void
timer_rang(void *arg)
{
	listing_drive(arg);
}

static void
rows_clear(struct feed *f)
{
	for (size_t i = 0; i < f->n_rows; i++)
		blob_row_clear(&f->rows[i]);
	free(f->rows);
	f->rows = NULL;
	f->n_rows = 0;
}

/* Back to the window's first page. */
static void
window_begins(struct feed *f)
{
	f->next_page[0] = '\0';
	f->n_pages = f->idle_pages = 0;
	f->window_rows = 0;
	idset_reset(&f->pages);
	idset_reset(&f->contents);
}

static void
rest_for(struct feed *f, int64_t ms, const char *why)
{
	f->done_to_ms = f->floor_ms = 0;
	go(f, &REST, why);
	timer_set(&f->timer, ms);
}

static enum flow
rest(struct feed *f)
{
	if (timer_pending(&f->timer) || f->subscribed != SUB_YES || f->m->c->paused)
		return FLOW_WAIT;
	go(f, &RECALL, "a round begins");
	f->done_to_ms = f->floor_ms = 0;
	f->listed_out = 0;
	f->restarts = 0;
	store_refused(f->m->c->store, f->number, recalled, f);
	return FLOW_WAIT;
}

/* A step that a callback ends. */
static enum flow
await(struct feed *f)
{
	(void)f;
	return FLOW_WAIT;
}

/* The ledger has said which blobs wait for a listing to bring them a uri. */
static void
recalled(void *arg, struct store_result *r)
{
	struct feed	*f = arg;

	if (r->fail == STORE_BROKEN) {
		mgmt_broken(f->m, r);
		return;
	}
	f->refused_from_ms = r->n;
	go(f, &PLAN, "recalled");
	listing_drive(f);
}

static void
look_kind(const struct feed *f, int look, char kind[32])
{
	snprintf(kind, 32, "look:%lld", (long long)(f->m->rules.look_ms[look] / 1000));
}

/* The first complete listing is over: the second looks begin k before its end. */
static void
looks_begin(struct feed *f, int64_t end_ms)
{
	char	 kind[32], value[RFC3339_SIZE];

	for (unsigned i = 0; i < f->m->rules.n_looks; i++) {
		if (f->marks.look_ms[i] != 0)
			continue;
		f->marks.look_ms[i] = end_ms - f->m->rules.look_ms[i];
		if (f->marks.look_ms[i] < f->marks.first_ms)
			f->marks.look_ms[i] = f->marks.first_ms;
		look_kind(f, (int)i, kind);
		store_mark_move(f->m->c->store, f->number, kind, rfc3339_text(f->marks.look_ms[i], 3, value), 0);
	}
}

static int64_t
until_next_round(const struct feed *f)
{
	int64_t	 once = f->m->c->once_ms, left;

	/* run --once: the moment it started must be listed, which the settle time holds back. */
	if (once != 0 && f->marks.listed_ms < once) {
		left = once + f->m->rules.settle_ms + 1000 - clock_min_ms();
		return left < 250 ? 250 : left < f->m->interval_ms ? left : f->m->interval_ms;
	}
	return f->m->interval_ms - f->m->interval_ms / 20 + (int64_t)(rnd() % (uint64_t)(f->m->interval_ms / 10 + 1));
}

static enum flow
round_complete(struct feed *f)
{
	f->last_ok_ms = clock_wall_ms();
	f->looks_clear = 1;
	backoff_reset(&f->backoff);
	mgmt_state(f, SOURCE_OK, "feed-ok", "");
	rest_for(f, until_next_round(f), "the round is complete");
	return FLOW_WAIT;
}

static void
first_start(struct feed *f, int64_t now_ms)
{
	int64_t	 reach = now_ms - WINDOW_REACH + WINDOW_MARGIN;
	char	 value[RFC3339_SIZE];

	f->marks.first_ms = now_ms - f->m->start_ms;
	if (f->marks.first_ms < reach)
		f->marks.first_ms = reach;
	store_mark_move(f->m->c->store, f->number, "first", rfc3339_text(f->marks.first_ms, 3, value), 0);
}

/* A wide round reaches back to the oldest blob whose uri was refused, since only a listing brings it a new one. */
static int
plan_wide(struct feed *f, struct window_rules *rules)
{
	int64_t	 age = clock_mono_ms() - f->wide_ms, reach = f->marks.listed_ms - f->refused_from_ms + WINDOW_MARGIN;
	int	 refused = f->refused_from_ms != 0 && f->marks.listed_ms != 0;

	*rules = f->m->rules;
	if (f->done_to_ms != 0 || (f->wide_ms != 0 && age < (refused ? REFUSED_MS : WIDE_MS)))
		return 0;
	if (refused && reach > rules->long_overlap_ms)
		rules->long_overlap_ms = reach;
	return 1;
}

static enum flow
plan(struct feed *f)
{
	int64_t			 now = clock_min_ms(), mono = clock_mono_ms();
	struct window_rules	 rules;
	int			 wide = plan_wide(f, &rules);

	if (f->marks.first_ms == 0)
		first_start(f, now);
	if (!f->listed_out && window_next(&rules, &f->marks, now, f->done_to_ms, wide, f->floor_ms, &f->window)) {
		if (wide)
			f->wide_ms = mono;
	} else if (!window_look(&f->m->rules, &f->marks, now, f->floor_ms, &f->window)) {
		return round_complete(f);
	} else {
		f->looks_clear = 0;
	}
	window_begins(f);
	go(f, &ASK, f->window.look < 0 ? "a window" : "a second look");
	return FLOW_ON;
}

static void
first_url(const struct feed *f, char url[URL_MAX])
{
	char	 from[RFC3339_SIZE], to[RFC3339_SIZE];

	snprintf(url, URL_MAX, "%s%ssubscriptions/content?contentType=%s&startTime=%s&endTime=%s", f->m->management,
	    f->m->prefix[0], f->content_type, rfc3339_api(f->window.from_ms, from), rfc3339_api(f->window.to_ms, to));
}

/* Everything that is not a whole page: the window is not done. */
static enum flow
trouble(struct feed *f, enum source_state state, int64_t pause_ms, const char *why)
{
	rows_clear(f);
	mgmt_state(f, state, state == SOURCE_DENIED ? "feed-denied" : "feed-trouble", why);
	rest_for(f, pause_ms, why);
	return FLOW_WAIT;
}

static enum flow
too_old(struct feed *f, const char *why)
{
	int64_t	 now = clock_min_ms();

	if (f->window.from_ms > now - WINDOW_DAY)
		return trouble(f, SOURCE_TROUBLE, MGMT_SLOW_MS, why);
	f->floor_ms = f->window.from_ms + FLOOR_STEP_MS;
	log_info("window-too-old", "%s: the API does not list this far back, trying an hour later", f->label);
	go(f, &PLAN, "too old");
	return FLOW_ON;
}

static enum flow
not_subscribed(struct feed *f, enum subscribed now, const char *why)
{
	f->subscribed = now;
	trouble(f, SOURCE_TROUBLE, 0, why);
	subscribe_again(f->m);
	return FLOW_WAIT;
}

static enum flow
bad_page(struct feed *f, const char *why)
{
	if (++f->restarts > RESTARTS_MAX)
		return trouble(f, SOURCE_TROUBLE, backoff_next(&f->backoff, -1), why);
	window_begins(f);
	go(f, &ASK, "the page token is refused, the window starts over");
	return FLOW_ON;
}

/* An answer that is no page. */
static enum flow
refused(struct feed *f, const struct http_answer *a, const struct af *af)
{
	char	 why[400];

	mgmt_describe(a, af, why, sizeof(why));
	switch (af->class) {
	case AF_THROTTLED:
	case AF_TOKEN:
		go(f, &ASK, why);		/* the same page, when the gate opens or the token is there */
		return FLOW_ON;
	case AF_UNHEARD:
		return trouble(f, SOURCE_TROUBLE, UNHEARD_MS, why);
	case AF_NOT_SUBSCRIBED:
		return not_subscribed(f, SUB_NO, why);
	case AF_DISABLED:
		return not_subscribed(f, SUB_DISABLED, why);
	case AF_TOO_OLD:
		return too_old(f, why);
	case AF_BAD_PAGE:
		return bad_page(f, why);
	case AF_PERMISSION:
	case AF_CONFIG:
		return trouble(f, SOURCE_DENIED, MGMT_SLOW_MS, why);
	case AF_OURS:
		return trouble(f, SOURCE_TROUBLE, MGMT_SLOW_MS, why);
	case AF_STRANGE:	/* a code that nobody knows yet; or no code at all: whatever stands in front of the API said it */
		return trouble(f, SOURCE_TROUBLE, af->code[0] == 'A' ? MGMT_SLOW_MS : backoff_next(&f->backoff, a->retry_after_ms), why);
	default:
		return trouble(f, SOURCE_TROUBLE, backoff_next(&f->backoff, a->retry_after_ms), why);
	}
}

/* Where does it go on? -1: nowhere that we may follow; why says it. */
static int
next_page(struct feed *f, const struct http_answer *a, char *why, size_t size)
{
	struct err	 e = { 0 };
	char		 url[URL_MAX];

	f->next_page[0] = '\0';
	if (a->next_page == NULL || *a->next_page == '\0')
		return 0;
	if (url_check(a->next_page, &f->m->origin, (const char *const *)f->m->prefix, url, &e) == -1) {
		count(C_REFUSED_URL, 1, "next-page", NULL, NULL);
		log_error("url-refused", "%s: a NextPageUri is refused and no token was sent there: %s", f->label, e.text);
		snprintf(why, size, "NextPageUri refused: %.300s", e.text);
		return -1;
	}
	if (!idset_add(&f->pages, url)) {
		snprintf(why, size, "the listing's pages go in a circle");
		return -1;
	}
	if (f->idle_pages > IDLE_PAGES_MAX || f->n_pages > PAGES_MAX) {
		snprintf(why, size, "the listing has no end: %u pages", f->n_pages);
		return -1;
	}
	memcpy(f->next_page, url, sizeof(f->next_page));
	return 0;
}

static void
answered(void *arg, struct http_answer *a)
{
	struct feed	*f = arg;
	struct af	 af;
	char		 why[400] = "";
	enum flow	 flow;

	f->http = NULL;
	go(f, &JUDGE, "answered");
	mgmt_heard(f->m, "list", a, f->serial, &f->refusal, &af);
	if (af.class != AF_FINE || a->fail != HTTP_OK || a->status != 200) {
		if (af.class == AF_FINE)
			af.class = AF_STRANGE;
		flow = refused(f, a, &af);
		goto out;
	}
	if (a->gzip || a->unknown_coding) {
		flow = trouble(f, SOURCE_TROUBLE, backoff_next(&f->backoff, -1), "the listing's body is cut or corrupt");
		goto out;
	}
	if (page_read(f, buf_str(a->body), a->body->len, why, sizeof(why)) == -1) {
		af_judge(0, buf_str(a->body), a->body->len, &af);	/* an error object with status 200 */
		flow = af.code[0] == 'A' ? refused(f, a, &af) :
		    trouble(f, SOURCE_TROUBLE, backoff_next(&f->backoff, -1), why);
		goto out;
	}
	f->n_pages++;
	f->idle_pages++;
	for (size_t i = 0; i < f->n_rows; i++)
		if (idset_add(&f->contents, f->rows[i].content_id))
			f->idle_pages = 0;
	f->window_rows += f->n_rows;
	if (next_page(f, a, why, sizeof(why)) == -1) {
		/* What is on this page is entered all the same; only the window is not done. */
		snprintf(f->next_page, sizeof(f->next_page), "!");
		mgmt_state(f, SOURCE_TROUBLE, "feed-trouble", why);
	}
	go(f, &STORE, "a page");
	flow = FLOW_ON;
out:
	if (flow == FLOW_ON)
		listing_drive(f);
}

static enum flow
ask(struct feed *f)
{
	char		 url[URL_MAX];
	const char	*headers[5];
	struct http_req	 req;
	struct pass	 pass;
	int64_t		 wait;

	if (f->http != NULL)
		return FLOW_WAIT;
	if ((wait = mgmt_may_ask(f->m, &pass)) != 0) {
		if (wait > 0)
			timer_set(&f->timer, wait);
		return FLOW_WAIT;
	}
	timer_stop(&f->timer);
	if (f->next_page[0] != '\0')
		memcpy(url, f->next_page, sizeof(url));
	else
		first_url(f, url);
	mgmt_request(f->m, &req, "GET", url, &pass, headers);
	req.timeout_ms = 120000;
	req.max_body = PAGE_MAX;
	req.on_done = answered;
	req.arg = f;
	f->serial = pass.serial;
	f->http = http_start(f->m->c->httpc, &req);
	return FLOW_WAIT;
}

/* The mark that a window's last page moves: its name, and where it then stands. */
static int64_t
next_mark(const struct feed *f, char kind[32])
{
	if (f->window.look >= 0) {
		look_kind(f, f->window.look, kind);
		return f->window.to_ms;
	}
	snprintf(kind, 32, "listed");
	return f->window.to_ms > f->marks.listed_ms ? f->window.to_ms : f->marks.listed_ms;
}

/* What lies before the window and was never listed: told with the mark that passes it, once, however often the window is tried. */
static int
passes_gap(const struct feed *f)
{
	return f->next_page[0] == '\0' && f->window.look < 0 && f->window.gap_from_ms != f->window.gap_to_ms;
}

/* The page is durable: only now does the mark stand where it says, and only now may the listing go on. */
static enum flow
page_kept(struct feed *f)
{
	char	 kind[32], why[sizeof(f->why)];

	if (f->next_page[0] == '!') {		/* next_page() said why */
		memcpy(why, f->why, sizeof(why));
		return trouble(f, SOURCE_TROUBLE, backoff_next(&f->backoff, -1), why);
	}
	if (f->next_page[0] != '\0') {
		go(f, &ASK, "the next page");
		return FLOW_ON;
	}
	if (f->window.look >= 0) {
		f->marks.look_ms[f->window.look] = f->window.to_ms;
	} else {
		f->marks.listed_ms = next_mark(f, kind);
		f->done_to_ms = f->window.to_ms;
		f->listed_out = f->window.last;
		if (f->window.last)
			looks_begin(f, f->window.to_ms);
	}
	go(f, &PLAN, "the window is done");
	return FLOW_ON;
}

static void
page_stored(void *arg, struct store_result *r)
{
	struct feed	*f = arg;
	enum flow	 flow;

	if (r->fail == STORE_BROKEN) {
		mgmt_broken(f->m, r);
		return;
	}
	if (f->m->source.stopped)
		return;
	if (r->fail == STORE_FULL) {		/* nothing was written: the window is done again */
		f->m->c->on_full(f->m->c->arg);
		flow = trouble(f, SOURCE_TROUBLE, backoff_next(&f->backoff, -1), r->err.text);
	} else {
		if (r->n > 0)
			count(C_BLOBS_LISTED, (uint64_t)r->n, f->m->tenant, f->name, NULL);
		if (passes_gap(f)) {
			count(C_GAPS, 1, f->m->tenant, f->name, "window-too-old");
			log_error("window-too-old", "%s: content out of the API's reach was never listed; see m365fwd gaps", f->label);
		}
		flow = page_kept(f);
		if (r->n > 0)
			due_news(f);
	}
	if (flow == FLOW_ON)
		listing_drive(f);
}

/* One transaction: the page's blobs, and with the last page the mark and the gap in front of the window. */
static enum flow
store(struct feed *f)
{
	struct gap	 gap = { .feed = f->number, .output = "", .from_ms = f->window.gap_from_ms,
	    .to_ms = f->window.gap_to_ms, .reason = "window-too-old",
	    .detail = "content created in this time is older than the API lists" };
	int		 has_gap = passes_gap(f), last = f->next_page[0] == '\0';
	char		 kind[32], value[RFC3339_SIZE];

	rfc3339_text(next_mark(f, kind), 3, value);
	if (last && f->window_rows == 0 && !has_gap) {
		rows_clear(f);
		store_mark_move(f->m->c->store, f->number, kind, value, 1);
		return page_kept(f);
	}
	store_page(f->m->c->store, f->number, f->rows, f->n_rows, last ? kind : NULL, last ? value : NULL, has_gap ? &gap : NULL,
	    page_stored, f);
	rows_clear(f);
	go(f, &KEPT, "a page is being stored");
	return FLOW_WAIT;
}

static int
read_mark(struct feed *f, const char *kind, int64_t *ms, struct err *e)
{
	char	 value[64];
	int	 found = store_mark(f->m->c->store, f->number, kind, value, e);

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
listing_init(struct feed *f, struct err *e)
{
	char	 kind[64], value[64];
	int	 found;

	f->at = &REST;
	timer_init(&f->timer, f->m->c->loop, timer_rang, f);
	backoff_init(&f->backoff, 5000, 300000);
	if (read_mark(f, "first", &f->marks.first_ms, e) == -1 || read_mark(f, "listed", &f->marks.listed_ms, e) == -1)
		return -1;
	for (unsigned i = 0; i < f->m->rules.n_looks; i++) {
		look_kind(f, (int)i, kind);
		if (read_mark(f, kind, &f->marks.look_ms[i], e) == -1)
			return -1;
	}
	snprintf(kind, sizeof(kind), "subscription-start:%d", f->number);
	if ((found = store_meta(f->m->c->store, kind, value, sizeof(value), e)) == -1)
		return -1;
	if (found)
		rfc3339_parse(value, strlen(value), &f->started_ms, NULL);
	return 0;
}

void
listing_now(struct feed *f)
{
	if (f->at != &REST)
		return;
	timer_stop(&f->timer);
	listing_drive(f);
}

void
listing_stop(struct feed *f)
{
	timer_stop(&f->timer);
	if (f->http != NULL)
		http_cancel(f->http);
	f->http = NULL;
}

void
listing_clear(struct feed *f)
{
	timer_clear(&f->timer);
	rows_clear(f);
	idset_clear(&f->pages);
	idset_clear(&f->contents);
	for (size_t i = f->at_due; i < f->n_due; i++)
		blob_row_clear(&f->due[i]);
	free(f->due);
}
