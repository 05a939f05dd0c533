/*
 * fetch - blobs from the ledger into the store, a few at a time.
 *
 *	due row -> ASK -> RECEIVE (bytes in, worker splits, puts out; paused when it is too fast) -> JUDGE -> gone
 *
 * A blob up to 4 MiB enters the store whole, once its end is proven; a larger one piece by piece. What goes wrong ends
 * here with one word to the ledger: when to try again, refused, or lost with its gap record. A blob that cannot be read
 * delays nothing else. From the third broken answer on the whole records before the break are stored: the remembered ids
 * make a later sound read safe.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "collect/blobjob.h"
#include "collect/mgmt.h"

#define IN_MAX		((size_t)128 * 1024)	/* received and not yet inflated, per fetch */
#define WHOLE_MAX	((int64_t)4 << 20)	/* inflated: up to here a blob enters whole */
#define PUTS_MAX	2u			/* of one fetch on their way into the store */
#define BROKEN_KEEP	2u			/* earlier broken answers from which on whole records are kept */
#define RETRY_FIRST_MS	((int64_t)5 * 1000)
#define RETRY_MAX_MS	((int64_t)3600 * 1000)
#define STARVED_MS	((int64_t)20)
#define TICK_MS		((int64_t)1000)

struct fetch {
	struct fetch	*next;
	struct mgmt	*m;
	struct feed	*f;
	struct blob_row	 row;
	struct http	*http;
	struct timer	 timer;
	unsigned	 serial;
	struct refusal	 refusal;
	int		 asked;			/* the request went out (once; a refused token asks again) */
	int		 paused;		/* the transfer is */
	int		 ended;			/* the transfer is over: answer holds how */
	struct http_answer answer;		/* without its pointers */
	struct af	 af;
	struct buf	 in;			/* received while the worker has the job */
	struct blobjob	*job;
	int		 working;		/* a worker has the job */
	int		 starved;		/* waits for memory */
	int		 gone;			/* over: freed when the worker and the store have let go of it */
	struct put	**held;			/* not given to the store yet */
	size_t		 n_held;
	struct put	*parked;		/* refused by a full store */
	unsigned	 putting;
	int64_t		 counted;		/* what of c->held is ours */
	int		 judged;
};

static void	 drive(struct fetch *);

int
fetch_in_flight(const struct mgmt *m, const struct blob_row *row)
{
	for (const struct fetch *x = m->fetches; x != NULL; x = x->next)
		if (!x->gone && x->row.feed == row->feed && strcmp(x->row.content_id, row->content_id) == 0)
			return 1;
	return 0;
}

/* ---- the memory that all transfers share ---------------------------------------------------------------------------- */

static void
recount(struct fetch *x)
{
	int64_t	 n = x->parked != NULL ? (int64_t)x->parked->body.size : 0;

	for (size_t i = 0; i < x->n_held; i++)
		n += (int64_t)x->held[i]->body.size;
	n += (int64_t)x->putting * (int64_t)BLOBJOB_PUT;
	if (x->job != NULL && !x->working)
		n += blobjob_held(x->job);
	x->m->c->held += n - x->counted;
	x->counted = n;
}

/* May it take more memory? One transfer of the process always may, so that a full house cannot stand still. */
static int
has_room(struct fetch *x)
{
	struct collect	*c = x->m->c;

	x->starved = 0;
	if (c->held < c->held_max)
		return 1;
	if (c->lead == NULL)
		c->lead = x;
	if (c->lead == x)
		return 1;
	x->starved = 1;
	timer_set(&x->m->fetch_timer, STARVED_MS);
	return 0;
}

/* ---- the end of a fetch ---------------------------------------------------------------------------------------------- */

static void
unlink_fetch(struct fetch *x)
{
	struct fetch	**at = &x->m->fetches;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	x->m->n_fetches--;
	x->m->c->fetches--;
	if (x->m->c->lead == x)
		x->m->c->lead = NULL;
}

static void
release(struct fetch *x)
{
	unlink_fetch(x);
	if (x->http != NULL)
		http_cancel(x->http);
	timer_clear(&x->timer);
	x->m->c->held -= x->counted;
	for (size_t i = 0; i < x->n_held; i++)
		put_free(x->held[i]);
	free(x->held);
	if (x->parked != NULL && x->putting == 0)
		put_free(x->parked);		/* else it is the store's */
	buf_clear(&x->in);
	blobjob_free(x->job);
	blob_row_clear(&x->row);
	free(x);
}

/* drive() never frees: fetch_more() does, on the next turn of the loop. */
static void
let_go(struct fetch *x)
{
	x->gone = 1;
	timer_set(&x->m->fetch_timer, 0);
}

static void
reap(struct mgmt *m)
{
	for (struct fetch *x = m->fetches, *next; x != NULL; x = next) {
		next = x->next;
		if (x->gone && !x->working && x->putting == 0)
			release(x);
	}
}

static void
ledger_written(void *arg, struct store_result *r)
{
	struct mgmt	*m = arg;

	if (r->fail == STORE_BROKEN)
		mgmt_broken(m, r);
	else if (r->fail == STORE_FULL)
		m->c->on_full(m->c->arg);	/* the row is as it was: it is asked for again when there is room */
}

static void
try_again(struct fetch *x, int broken, int64_t retry_after_ms, const char *reason, const char *why)
{
	int64_t	 pause = backoff_step(RETRY_FIRST_MS, RETRY_MAX_MS, x->row.attempts);

	pause = pause - pause / 4 + (int64_t)(rnd() % (uint64_t)(pause / 4 + 1));
	if (retry_after_ms > pause)
		pause = retry_after_ms < RETRY_MAX_MS ? retry_after_ms : RETRY_MAX_MS;
	count(C_BLOBS_FAILED, 1, x->m->tenant, x->f->name, reason);
	if (x->row.attempts == 0 || x->row.attempts == 3)
		log_warn("blob-unreadable", "%s: blob=%s attempts=%u next_s=%lld: %s", x->f->label, x->row.content_id,
		    x->row.attempts + 1, (long long)(pause / 1000), why);
	else
		log_debug("blob-unreadable", "%s: blob=%s attempts=%u: %s", x->f->label, x->row.content_id,
		    x->row.attempts + 1, why);
	store_blob_failed(x->m->c->store, x->f->number, x->row.content_id, broken, clock_wall_ms() + pause, BLOB_LISTED, NULL,
	    ledger_written, x->m);
	due_in(x->f, pause);
}

static void
give_up(struct fetch *x, enum blob_state state, const char *reason, const char *why)
{
	struct gap	 gap = { .feed = x->f->number, .output = "", .from_ms = x->row.created_ms, .to_ms = x->row.created_ms,
	    .reason = reason };
	char		 detail[512];

	snprintf(detail, sizeof(detail), "blob %s: %s", x->row.content_id, why);
	gap.detail = detail;
	if (state == BLOB_LOST) {
		count(C_BLOBS_LOST, 1, x->m->tenant, x->f->name, NULL);
		count(C_GAPS, 1, x->m->tenant, x->f->name, reason);
		log_error(reason, "%s: blob=%s is lost: %s; see m365fwd gaps", x->f->label, x->row.content_id, why);
	}
	store_blob_failed(x->m->c->store, x->f->number, x->row.content_id, 0, clock_wall_ms(), state,
	    state == BLOB_LOST ? &gap : NULL, ledger_written, x->m);
}

/* ---- records into the store ------------------------------------------------------------------------------------------ */

static void	 put_stored(void *, struct store_result *);

static void
put_one(struct fetch *x, struct put *p)
{
	x->putting++;
	x->parked = p;		/* until the answer: a refused put comes back by this pointer */
	store_put(x->m->c->store, p, put_stored, x);
}

static void
count_put(struct fetch *x, const struct store_result *r)
{
	const char	*tenant = x->m->tenant, *feed = x->f->name;

	count(C_STORED, (uint64_t)r->n, tenant, feed, NULL);
	if (r->duplicates > r->changed)
		count(C_DUPLICATES, (uint64_t)(r->duplicates - r->changed), tenant, feed, NULL);
	if (r->changed > 0) {
		count(C_CHANGED, (uint64_t)r->changed, tenant, feed, NULL);
		if (!x->f->said_changed)
			log_warn("repeat-changed", "%s: blob=%s repeats records with other content, n=%lld; the first are kept, the rest "
			    "is only counted (source_changed_repeats_total)", x->f->label, x->row.content_id, (long long)r->changed);
		x->f->said_changed = 1;
	}
	if (r->evicted > 0)
		count(C_SEEN_EVICTED, (uint64_t)r->evicted, NULL, NULL, NULL);
}

static void
put_stored(void *arg, struct store_result *r)
{
	struct fetch	*x = arg;
	struct collect	*c = x->m->c;

	x->putting--;
	if (r->fail == STORE_BROKEN) {
		x->parked = NULL;
		mgmt_broken(x->m, r);
		let_go(x);
		return;
	}
	if (r->fail == STORE_FULL) {
		if (x->gone) {
			let_go(x);
			return;
		}
		c->on_full(c->arg);		/* x->parked stays; fetch_room tries it again */
		return;
	}
	x->parked = NULL;
	count_put(x, r);
	if (r->n > 0 || r->batch > 0)
		c->on_records(c->arg);
	if (x->gone)
		let_go(x);
	else
		drive(x);
}

static void
take_puts(struct fetch *x)
{
	struct blobjob	*j = x->job;

	x->held = xreallocarray(x->held, x->n_held + j->n_puts + 1, sizeof(*x->held));
	for (size_t i = 0; i < j->n_puts; i++)
		x->held[x->n_held++] = j->puts[i];
	j->n_puts = 0;
	if (j->bad > 0)
		count(C_BAD_ELEMENTS, j->bad, x->m->tenant, x->f->name, NULL);
	if (j->large > 0)
		count(C_OVERSIZE, j->large, x->m->tenant, x->f->name, NULL);
}

/* The first held put goes; the last one of a sound blob says that the blob is stored. */
static void
put_next(struct fetch *x)
{
	struct put	*p = x->held[0];

	memmove(x->held, x->held + 1, --x->n_held * sizeof(*x->held));
	put_one(x, p);
}

/* The whole blob is here and sound: its last put settles the ledger row in the same transaction. */
static void
seal(struct fetch *x)
{
	struct put	*last;

	if (x->n_held == 0) {
		last = put_new();
		last->feed = x->f->number;
		last->content_id = xstrdup(x->row.content_id);
		last->created_ms = x->row.created_ms;
		last->origin = "management";
		x->held = xreallocarray(x->held, 1, sizeof(*x->held));
		x->held[x->n_held++] = last;
	}
	last = x->held[x->n_held - 1];
	last->end = PUT_STORED;
	last->blob_records = (int64_t)split_elements(x->job->split);
	last->blob_bytes = (int64_t)split_bytes(x->job->split);
	count(C_BLOBS_STORED, 1, x->m->tenant, x->f->name, NULL);
	count(C_RECORDS, split_elements(x->job->split), x->m->tenant, x->f->name, NULL);
	count(C_BYTES, split_bytes(x->job->split), x->m->tenant, x->f->name, NULL);
}

static void
drop_held(struct fetch *x)
{
	for (size_t i = 0; i < x->n_held; i++)
		put_free(x->held[i]);
	x->n_held = 0;
}

/* ---- what the answer was ---------------------------------------------------------------------------------------------- */

/* 200, and yet no sound blob: cut, corrupt, no array, or an error object. */
static void
judge_broken(struct fetch *x, const char *trouble)
{
	struct af	 af;
	char		 why[400];

	if (x->job != NULL && split_elements(x->job->split) == 0 && x->job->head_len > 0) {
		af_judge(0, x->job->head, x->job->head_len, &af);
		if (af.code[0] == 'A' && af.class == AF_EXPIRED) {
			drop_held(x);
			give_up(x, BLOB_LOST, "blob-expired", "AF20051 (with status 200)");
			return;
		}
	}
	if (x->answer.fail != HTTP_OK && x->answer.fail != HTTP_STOPPED)
		snprintf(why, sizeof(why), "%s: %s", http_fail_name(x->answer.fail), x->answer.why);
	else
		snprintf(why, sizeof(why), "the body is complete and cannot be read: %s", trouble);
	if (x->row.broken < BROKEN_KEEP)
		drop_held(x);
	try_again(x, 1, -1, "broken", why);
}

static void
judge_refusal(struct fetch *x)
{
	char	 why[400];

	mgmt_describe(&x->answer, &x->af, why, sizeof(why));
	switch (x->af.class) {
	case AF_EXPIRED:
		give_up(x, BLOB_LOST, "blob-expired", why);
		break;
	case AF_NO_CONTENT:
		try_again(x, 0, -1, "no-content", why);
		break;
	case AF_PERMISSION:		/* perhaps of these alone (DLP.All): they must not keep the places of others */
		try_again(x, 0, MGMT_SLOW_MS, x->af.code, why);
		break;
	default:
		try_again(x, 0, x->answer.retry_after_ms, x->af.code, why);
		break;
	}
}

static void
judge(struct fetch *x)
{
	x->judged = 1;
	if (x->answer.status == 200 && x->answer.unknown_coding)
		try_again(x, 1, -1, "coding", "the body has a Content-Encoding that was not asked for");
	else if (x->answer.status != 200 || (x->answer.fail != HTTP_OK && x->job == NULL))
		judge_refusal(x);
	else if (x->answer.fail == HTTP_OK && x->job != NULL && x->job->state == SPLIT_END)
		seal(x);
	else
		judge_broken(x, x->job != NULL && x->job->trouble != NULL ? x->job->trouble : "an empty body");
}

/* ---- receiving --------------------------------------------------------------------------------------------------------- */

static void
make_job(struct fetch *x, int gzip)
{
	struct identity_names	 names = { .tenant_guid = x->m->guid, .family = "audit", .content_id = x->row.content_id,
	    .id_name = "Id", .time_name = "CreationTime" };

	x->job = blobjob_new(&names, x->m->c->record_max, gzip ? INFLATE_GZIP : INFLATE_IDENTITY, x->f->number,
	    x->row.created_ms);
}

static enum http_flow
body_came(void *arg, const struct http_answer *a, const char *bytes, size_t len)
{
	struct fetch	*x = arg;

	if (a->unknown_coding)
		return HTTP_STOP;
	if (x->job == NULL)
		make_job(x, a->gzip);
	if (!x->working && x->job->finished)
		return HTTP_STOP;		/* broken already: the rest need not come */
	if (x->in.len > 0 && x->in.len + len > IN_MAX) {
		x->paused = 1;
		return HTTP_PAUSE;
	}
	buf_add(&x->in, bytes, len);
	drive(x);
	return HTTP_GO;
}

static void
transfer_over(void *arg, struct http_answer *a)
{
	struct fetch	*x = arg;

	x->http = NULL;
	mgmt_heard(x->m, "blob", a, x->serial, &x->refusal, &x->af);
	if (x->af.class == AF_THROTTLED || x->af.class == AF_TOKEN) {
		x->asked = 0;			/* the tenant's trouble, not the blob's: the same again, when it is over */
		drive(x);
		return;
	}
	x->ended = 1;
	x->answer = *a;
	x->answer.next_page = x->answer.content_type = NULL;
	x->answer.body = NULL;
	if (x->job == NULL && a->status == 200 && a->fail == HTTP_OK && !a->unknown_coding)
		make_job(x, a->gzip);		/* an empty body */
	drive(x);
}

/* Refuses to send the token anywhere but to the configured host, whatever the ledger says. */
static int
sound_uri(struct fetch *x, char url[URL_MAX])
{
	struct err	 e = { 0 };

	if (url_check(x->row.uri, &x->m->origin, (const char *const *)x->m->prefix, url, &e) == 0)
		return 1;
	count(C_REFUSED_URL, 1, "content-uri", NULL, NULL);
	log_error("url-refused", "%s: blob=%s has a contentUri that is refused, no token was sent there: %s", x->f->label,
	    x->row.content_id, e.text);
	x->judged = 1;
	give_up(x, BLOB_REFUSED, "url-refused", e.text);
	return 0;
}

static void
ask(struct fetch *x)
{
	char		 url[URL_MAX];
	const char	*headers[5];
	struct http_req	 req;
	struct pass	 pass;
	int64_t		 wait;

	if (timer_pending(&x->timer) || x->m->c->paused)
		return;
	if (!sound_uri(x, url)) {
		let_go(x);
		return;
	}
	if ((wait = mgmt_may_ask(x->m, &pass)) != 0) {
		if (wait > 0)
			timer_set(&x->timer, wait);
		return;
	}
	mgmt_request(x->m, &req, "GET", url, &pass, headers);
	req.http1 = 1;
	req.max_body = 256 * 1024;		/* of an answer that is no 200 */
	req.on_body = body_came;
	req.on_done = transfer_over;
	req.arg = x;
	x->serial = pass.serial;
	x->asked = 1;
	x->http = http_start(x->m->c->httpc, &req);
}

static void
work(void *arg)
{
	blobjob_run(((struct fetch *)arg)->job);
}

static void
worked(void *arg)
{
	struct fetch	*x = arg;

	x->working = 0;
	if (x->gone) {
		let_go(x);
		return;
	}
	take_puts(x);
	drive(x);
}

/* What came meanwhile becomes the job's input, when it has used up what it had. */
static void
feed_job(struct fetch *x)
{
	struct blobjob	*j = x->job;
	struct buf	 empty;

	if (j == NULL || x->working)
		return;
	if (j->in_used == j->in.len && x->in.len > 0) {
		empty = j->in;
		j->in = x->in;
		j->in_used = 0;
		buf_reset(&empty);
		x->in = empty;
	}
	j->over = x->ended && x->in.len == 0;
}

static int
wants_work(const struct fetch *x)
{
	const struct blobjob	*j = x->job;

	if (j == NULL || x->working || j->finished)
		return 0;
	return j->in_used < j->in.len || j->pending || j->over;
}

/* May records of it leave for the store already? */
static int
may_put(const struct fetch *x)
{
	return x->judged || (x->job != NULL && !x->working && x->job->plain > WHOLE_MAX);
}

/* Enough of it is on its way into the store: two puts, or one with a large record, beside which no second one is gathered. */
static int
store_is_behind(const struct fetch *x)
{
	size_t	 bytes = x->parked != NULL ? x->parked->body.len : 0;

	for (size_t i = 0; i < x->n_held; i++)
		bytes += x->held[i]->body.len;
	return x->n_held >= PUTS_MAX || bytes > PUTS_MAX * (size_t)BLOBJOB_PUT;
}

static void
drive(struct fetch *x)
{
	if (x->gone || x->m->source.stopped)
		return;
	if (!x->asked) {
		ask(x);
		return;
	}
	feed_job(x);
	recount(x);
	if (x->ended && !x->judged && !x->working && (x->job == NULL || x->job->finished))
		judge(x);
	/* One at a time: a put that the store refuses must come before those behind it. */
	if (x->putting == 0 && x->parked == NULL && x->n_held > 0 && may_put(x))
		put_next(x);
	if (x->judged && x->n_held == 0 && x->putting == 0 && x->parked == NULL) {
		let_go(x);
		return;
	}
	if (wants_work(x) && (!store_is_behind(x) || !may_put(x)) && has_room(x)) {
		x->working = 1;
		work_submit(x->m->c->work, work, worked, x);
	}
	if (x->paused && x->http != NULL && x->in.len == 0) {
		x->paused = 0;
		http_resume(x->http);
	}
}

static void
fetch_timer(void *arg)
{
	drive(arg);
}

static void
begin(struct mgmt *m, struct feed *f)
{
	struct fetch	*x = xcalloc(1, sizeof(*x));

	x->m = m;
	x->f = f;
	x->row = f->due[f->at_due];
	x->refusal.who = x->row.content_id;
	x->refusal.serial = x->row.attempts > 0 ? UINT_MAX : 0;	/* it had its new token then */
	memset(&f->due[f->at_due++], 0, sizeof(*f->due));
	x->next = m->fetches;
	m->fetches = x;
	m->n_fetches++;
	m->c->fetches++;
	timer_init(&x->timer, m->c->loop, fetch_timer, x);
	drive(x);
}

void
fetch_more(struct mgmt *m)
{
	struct feed	*f;

	reap(m);
	if (m->source.stopped)
		return;
	for (struct fetch *x = m->fetches; x != NULL; x = x->next)
		if (x->starved)
			drive(x);
	while (!m->c->paused && m->n_fetches < m->concurrency && m->c->fetches < m->c->fetches_max && (f = due_feed(m)) != NULL)
		begin(m, f);
	if (!timer_pending(&m->fetch_timer))
		timer_set(&m->fetch_timer, TICK_MS);
}

void
fetch_drive_all(struct mgmt *m)
{
	for (struct fetch *x = m->fetches; x != NULL; x = x->next)
		drive(x);
}

void
fetch_room(struct mgmt *m)
{
	struct put	*p;

	for (struct fetch *x = m->fetches; x != NULL; x = x->next) {
		timer_stop(&x->timer);
		if (x->parked != NULL && x->putting == 0) {
			p = x->parked;
			put_one(x, p);
		}
		drive(x);
	}
	fetch_more(m);
}

void
fetch_stop(struct mgmt *m)
{
	timer_stop(&m->fetch_timer);
	for (struct fetch *x = m->fetches; x != NULL; x = x->next) {
		x->gone = 1;
		if (x->http != NULL)
			http_cancel(x->http);
		x->http = NULL;
		timer_stop(&x->timer);
	}
}

void
fetch_free(struct mgmt *m)
{
	while (m->fetches != NULL)
		release(m->fetches);
}
