/*
 * graph_page - one page of Graph from the network into the store.
 *
 *	asked -> bytes come (paused when they come too fast) -> a worker splits them -> puts go out one by one -> over
 *
 * A page up to 4 MiB enters the store once its end is proven; a larger one piece by piece. With the last put of a window's
 * last page goes the feed's mark. The poll hears of it once, when nothing of the page is under way any more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/rfc3339.h"
#include "base/wraps.h"
#include "base/xalloc.h"
#include "collect/graph_in.h"

#define IN_MAX		((size_t)128 * 1024)	/* received and not yet inflated */
#define WHOLE_MAX	((int64_t)4 << 20)	/* inflated: up to here a page enters whole */
#define PUTS_MAX	2u			/* of a larger page: waiting for the store */
#define ANSWER_MS	((int64_t)330 * 1000)	/* Graph itself gives up after 300 s */
#define STARVED_MS	((int64_t)20)

/* ---- the memory that all transfers share ------------------------------------------------------------------------------- */

static void
recount(struct gfeed *f)
{
	struct gpage	*p = &f->page;
	int64_t		 n = (int64_t)p->in.size + (p->parked != NULL ? (int64_t)p->parked->body.size : 0);

	for (size_t i = 0; i < p->n_held; i++)
		n += (int64_t)p->held[i]->body.size;
	if (p->job != NULL && !p->working)
		n += blobjob_held(p->job);
	f->g->c->held += n - p->counted;
	p->counted = n;
}

/* May it take more memory? One transfer of the process always may, so that a full house cannot stand still. */
static int
has_room(struct gfeed *f)
{
	struct collect	*c = f->g->c;

	f->page.starved = 0;
	if (c->held < c->held_max || c->lead == f)
		return 1;
	if (c->lead == NULL) {
		c->lead = f;
		return 1;
	}
	f->page.starved = 1;
	timer_set(&f->timer, STARVED_MS);
	return 0;
}

static void
drop_held(struct gpage *p)
{
	for (size_t i = 0; i < p->n_held; i++)
		put_free(p->held[i]);
	p->n_held = 0;
}

/* ---- rows, on the worker -------------------------------------------------------------------------------------------------- */

/* Remembered by the time of the event, never of its last update, so that versions of a row meet. */
static int
by_update(const struct gfeed *f)
{
	return strcmp(f->kind->time, "lastUpdateDateTime") == 0;
}

static int
is_of_type(const struct json *j, const char *type)
{
	uint32_t	 list = json_get(j, 0, "signInEventTypes");
	size_t		 len;
	int		 any = 0;

	if (list == JSON_NONE || j->nodes[list].kind != JSON_ARRAY)
		return 1;
	for (uint32_t k = json_first(j, list); k != JSON_NONE; k = json_next(j, list, k)) {
		const char	*text = json_plain(j, k, &len);

		any = 1;
		if (text == NULL || (len == strlen(type) && memcmp(text, type, len) == 0) || !graph_type_known(text, len))
			return 1;
	}
	return !any;
}

/* Graph hides which policies applied from an application that may not read policies. */
static int
is_bare(const struct gfeed *f, const struct json *j)
{
	const char	*type = f->kind->event_type;

	return type != NULL && strstr(type, "User") != NULL && json_get(j, 0, "appliedConditionalAccessPolicies") == JSON_NONE;
}

/* By the time that windows go by; 0: it has none. */
static int64_t
row_second(const struct gfeed *f, const struct record *r, const struct json *j)
{
	uint32_t	 node;
	const char	*text;
	size_t		 len;
	int64_t		 ms;

	if (!by_update(f))
		return r->second;
	node = json_get(j, 0, f->kind->time);
	if (node == JSON_NONE || (text = json_plain(j, node, &len)) == NULL || rfc3339_parse(text, len, &ms, NULL) == -1)
		return 0;
	return ms / 1000;
}

/* A row of another feed's type belongs to that feed, which asks for it itself. One of a type that none of them asks for stays. */
WRAPS static int
keep_row(void *arg, const struct record *r, const struct json *j)
{
	struct gfeed	*f = arg;
	struct gpage	*p = &f->page;
	uint64_t	 half;
	int64_t		 second = row_second(f, r, j);

	p->rows++;
	if (f->kind->event_type != NULL && !is_of_type(j, f->kind->event_type)) {
		p->foreign++;
		return 0;
	}
	p->bare += (uint64_t)is_bare(f, j);
	memcpy(&half, r->id, sizeof(half));
	p->sum += half;
	if (second != 0) {
		p->inside += second >= p->from_s && second <= p->to_s;
		p->min_s = p->min_s == 0 || second < p->min_s ? second : p->min_s;
		p->max_s = p->max_s == 0 || second > p->max_s ? second : p->max_s;
		p->first_s = p->first_s == 0 ? second : p->first_s;
		p->last_s = second;
	} else {
		p->inside++;			/* when it was, nobody knows */
	}
	return p->keep;
}

/* ---- records into the store ------------------------------------------------------------------------------------------------ */

static void
count_put(struct gfeed *f, const struct store_result *r)
{
	const char	*tenant = f->g->tenant, *feed = f->kind->name;

	if (r->n > 0)
		count(C_STORED, (uint64_t)r->n, tenant, feed, NULL);
	if (r->duplicates > r->changed + r->over)
		count(C_DUPLICATES, (uint64_t)(r->duplicates - r->changed - r->over), tenant, feed, NULL);
	if (r->changed > 0)
		count(C_CHANGED, (uint64_t)r->changed, tenant, feed, NULL);
	if (r->revised > 0)
		count(C_REVISIONS, (uint64_t)r->revised, tenant, feed, NULL);
	if (r->over > 0)
		count(C_REVISIONS_OVER, (uint64_t)r->over, tenant, feed, NULL);
	if (r->evicted > 0)
		count(C_SEEN_EVICTED, (uint64_t)r->evicted, NULL, NULL, NULL);
}

static void
put_stored(void *arg, struct store_result *r)
{
	struct gfeed	*f = arg;
	struct collect	*c = f->g->c;

	f->page.putting = 0;
	if (r->fail == STORE_BROKEN) {
		f->page.parked = NULL;
		c->on_broken(c->arg, &r->err);
		return;
	}
	if (r->fail == STORE_FULL) {
		if (!f->g->source.stopped)
			c->on_full(c->arg);	/* it stays parked until there is room */
		return;
	}
	f->page.parked = NULL;
	if (f->g->source.stopped)
		return;
	f->page.stored += r->n;
	count_put(f, r);
	if (r->n > 0)
		c->on_records(c->arg);
	page_drive(f);
}

static void
put_one(struct gfeed *f, struct put *p)
{
	f->page.parked = p;			/* until the answer: a refused put comes back by this pointer */
	f->page.putting = 1;
	store_put(f->g->c->store, p, put_stored, f);
}

static void
put_next(struct gfeed *f)
{
	struct gpage	*p = &f->page;
	struct put	*first = p->held[0];

	memmove(p->held, p->held + 1, --p->n_held * sizeof(*p->held));
	put_one(f, first);
}

static void
take_puts(struct gfeed *f)
{
	struct gpage	*p = &f->page;
	struct blobjob	*j = p->job;

	p->held = xreallocarray(p->held, p->n_held + j->n_puts + 1, sizeof(*p->held));
	for (size_t i = 0; i < j->n_puts; i++)
		p->held[p->n_held++] = j->puts[i];
	j->n_puts = 0;
	if (j->bad > 0)
		count(C_BAD_ELEMENTS, j->bad, f->g->tenant, f->kind->name, NULL);
	if (j->large > 0)
		count(C_OVERSIZE, j->large, f->g->tenant, f->kind->name, NULL);
	if (!p->keep)
		drop_held(p);
}

/* ---- from the answer to the end ------------------------------------------------------------------------------------------- */

static int
is_sound(const struct gpage *p)
{
	return p->answer.fail == HTTP_OK && p->answer.status == 200 && p->job != NULL && p->job->state == SPLIT_END;
}

static void
page_is_broken(struct gpage *p, const char *why)
{
	p->job->state = SPLIT_BROKEN;
	p->job->trouble = why;
}

/* Other versions of OData leave "@odata." or the at sign out; a link that is overlooked would pass for the end. */
static const cJSON *
find_link(const cJSON *tree)
{
	static const char	 name[] = "nextLink";
	const cJSON		*m;
	size_t			 len;

	cJSON_ArrayForEach(m, tree)
		if (m->string != NULL && (len = strlen(m->string)) >= sizeof(name) - 1 &&
		    strcasecmp(m->string + len - (sizeof(name) - 1), name) == 0)
			return m;
	return NULL;
}

/* None, null or empty is the end; what cannot be followed, or an error in its place, is not. */
static void
read_link(struct gfeed *f)
{
	struct gpage		*p = &f->page;
	const struct buf	*rest = envelope_rest(p->job->envelope);
	cJSON			*tree = json_tree(buf_str(rest), rest->len, ENVELOPE_MAX + 16);
	const cJSON		*link = find_link(tree);
	const cJSON		*error = cJSON_GetObjectItemCaseSensitive(tree, "error");
	const char		*text = cJSON_GetStringValue(link);

	if (tree == NULL)
		page_is_broken(p, "what stands around the rows is no JSON");
	else if (error != NULL && !cJSON_IsNull(error))
		page_is_broken(p, "an error stands beside the rows: the service gave up on the way");
	else if (link != NULL && !cJSON_IsNull(link) && text == NULL)
		page_is_broken(p, "its nextLink is no text");
	else if (text != NULL && *text != '\0')
		p->link = xstrdup(text);
	cJSON_Delete(tree);
}

/* Everything has come, and the worker is through with it. */
static void
judge(struct gfeed *f)
{
	struct gpage	*p = &f->page;

	p->judged = 1;
	if (is_sound(p))
		read_link(f);
	if (!is_sound(p)) {
		/* Whole rows in front of a break stay only where the break stands alone; see trouble_broken(). */
		if (p->job == NULL || p->job->plain <= WHOLE_MAX)
			if (f->window.to_ms - f->window.from_ms > GRAPH_SECOND || p->answer.fail != HTTP_OK)
				drop_held(p);
		return;
	}
	count(C_RECORDS, p->rows, f->g->tenant, f->kind->name, NULL);
	count(C_BYTES, split_bytes(p->job->split), f->g->tenant, f->kind->name, NULL);
	if (p->bare > 0)
		count(C_BARE, p->bare, f->g->tenant, f->kind->name, NULL);
	if (!p->keep)
		return;
	verdict_page(f);
	if (p->n_held > 0 && f->verdict == PAGE_DONE && poll_mark(f, p->mark_kind, p->mark)) {
		p->held[p->n_held - 1]->mark_kind = p->mark_kind;
		p->held[p->n_held - 1]->mark = p->mark;
	}
}

static void
over(struct gfeed *f)
{
	struct gpage	*p = &f->page;

	p->open = 0;
	recount(f);
	if (f->g->c->lead == f)
		f->g->c->lead = NULL;
	poll_page_over(f);
}

static int
wants_work(const struct gpage *p)
{
	const struct blobjob	*j = p->job;

	if (j == NULL || p->working || j->finished)
		return 0;
	return j->in_used < j->in.len || j->pending || j->over;
}

static void
feed_job(struct gpage *p)
{
	struct blobjob	*j = p->job;
	struct buf	 empty;

	if (j == NULL || p->working)
		return;
	if (j->in_used == j->in.len && p->in.len > 0) {
		empty = j->in;
		j->in = p->in;
		j->in_used = 0;
		buf_reset(&empty);
		p->in = empty;
	}
	j->over = p->ended && p->in.len == 0;
}

static void
work(void *arg)
{
	blobjob_run(((struct gfeed *)arg)->page.job);
}

static void
worked(void *arg)
{
	struct gfeed	*f = arg;

	f->page.working = 0;
	if (f->g->source.stopped)
		return;
	take_puts(f);
	page_drive(f);
}

void
page_drive(struct gfeed *f)
{
	struct gpage	*p = &f->page;
	int		 may_put;

	if (!p->open || f->g->source.stopped)
		return;
	feed_job(p);
	recount(f);
	if (p->ended && !p->judged && !p->working && (p->job == NULL || p->job->finished))
		judge(f);
	may_put = p->judged || (p->job != NULL && !p->working && p->job->plain > WHOLE_MAX);
	if (!p->putting && p->parked != NULL && !f->g->c->paused)
		put_one(f, p->parked);
	else if (p->parked == NULL && p->n_held > 0 && may_put)
		put_next(f);
	if (p->judged && p->n_held == 0 && p->parked == NULL) {
		over(f);
		return;
	}
	if (wants_work(p) && (p->n_held < PUTS_MAX || !may_put) && has_room(f)) {
		p->working = 1;
		work_submit(f->g->c->work, work, worked, f);
	}
	if (p->paused && p->http != NULL && p->in.len == 0) {
		p->paused = 0;
		http_resume(p->http);
	}
}

/* ---- the request ------------------------------------------------------------------------------------------------------------ */

static void
make_job(struct gfeed *f, int gzip)
{
	struct identity_names	 names = { .tenant_guid = f->g->guid, .family = f->kind->name, .content_id = NULL, .id_name = "id",
	    .time_name = f->kind->time, .changes = f->kind->changes };
	struct gpage		*p = &f->page;

	if (by_update(f))
		names.time_name = "createdDateTime";
	p->job = blobjob_page(&names, f->g->c->record_max, gzip ? INFLATE_GZIP : INFLATE_IDENTITY, f->number, clock_wall_ms(),
	    p->name);
	p->job->keep = keep_row;
	p->job->keep_arg = f;
}

static void
landed(struct gfeed *f)
{
	if (!f->page.landed)
		graph_budget_landed(&f->g->budgets[f->kind->service], f->page.slot, clock_mono_ms());
	f->page.landed = 1;
}

static enum http_flow
body_came(void *arg, const struct http_answer *a, const char *bytes, size_t len)
{
	struct gfeed	*f = arg;
	struct gpage	*p = &f->page;

	landed(f);
	if (a->unknown_coding)
		return HTTP_STOP;
	if (p->job == NULL)
		make_job(f, a->gzip);
	if (!p->working && p->job->finished)
		return HTTP_STOP;		/* broken already: the rest need not come */
	if (p->in.len > 0 && p->in.len + len > IN_MAX) {
		p->paused = 1;
		return HTTP_PAUSE;
	}
	buf_add(&p->in, bytes, len);
	page_drive(f);
	return HTTP_GO;
}

static void
transfer_over(void *arg, struct http_answer *a)
{
	struct gfeed	*f = arg;
	struct gpage	*p = &f->page;

	p->http = NULL;
	landed(f);
	if (a->date_ms >= 0)
		clock_heard(a->date_ms);
	p->ended = 1;
	p->answer = *a;
	p->answer.next_page = p->answer.content_type = NULL;
	p->answer.body = NULL;
	if (p->answer.fail == HTTP_STOPPED && p->job != NULL)
		p->answer.fail = HTTP_OK;	/* we had seen enough: the job says of what */
	if (a->fail == HTTP_OK) {
		graph_judge(a->status, buf_str(a->body), a->body->len, &p->meaning);
	} else {
		memset(&p->meaning, 0, sizeof(p->meaning));
		p->meaning.class = a->fail == HTTP_TIMEOUT ? GRAPH_TOO_MUCH : GRAPH_AGAIN;
		snprintf(p->meaning.code, sizeof(p->meaning.code), "%s", http_fail_name(a->fail));
	}
	count(C_REQUESTS, 1, f->g->tenant, "graph", p->meaning.code);
	if (p->job == NULL && a->status == 200 && a->fail == HTTP_OK && !a->unknown_coding)
		make_job(f, a->gzip);		/* an empty body */
	page_drive(f);
}

/* Each request has an id of its own, for Microsoft's support. */
static void
request_id(char to[64])
{
	uint64_t	 a = rnd(), b = rnd();

	snprintf(to, 64, "client-request-id: %08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff),
	    (unsigned)(a & 0xfff), (unsigned)(0x8000 | (b >> 48 & 0x3fff)), (unsigned long long)(b & 0xffffffffffff));
}

void
page_send(struct gfeed *f, const char *url, const char *bearer, unsigned slot, const struct graph_window *w, int keep)
{
	char		 id[64];
	const char	*headers[] = { bearer, "Accept: application/json", "Accept-Encoding: gzip",
	    "Prefer: include-unknown-enum-members", id, NULL };
	struct http_req	 req = { .method = "GET", .url = url, .headers = headers, .proxy = f->g->proxy, .ca_file = f->g->ca_file,
	    .deny_loopback = f->g->deny_loopback, .http1 = 1, .timeout_ms = ANSWER_MS, .max_body = 256 * 1024,
	    .on_body = body_came, .on_done = transfer_over, .arg = f };
	struct gpage	*p = &f->page;

	page_clear(f);
	p->open = 1;
	p->slot = slot;
	p->keep = keep;
	p->from_s = w->from_ms / 1000;
	p->to_s = w->to_ms / 1000;
	snprintf(p->name, sizeof(p->name), "page:%llx", (unsigned long long)clock_wall_ms());
	request_id(id);
	p->http = http_start(f->g->c->httpc, &req);
}

void
page_stop(struct gfeed *f)
{
	if (f->page.http != NULL)
		http_cancel(f->page.http);
	f->page.http = NULL;
}

void
page_clear(struct gfeed *f)
{
	struct gpage	*p = &f->page;

	page_stop(f);
	f->g->c->held -= p->counted;
	if (f->g->c->lead == f)
		f->g->c->lead = NULL;
	drop_held(p);
	free(p->held);
	if (p->parked != NULL && !p->putting)
		put_free(p->parked);		/* else it is the store's */
	buf_clear(&p->in);
	blobjob_free(p->job);
	free(p->link);
	memset(p, 0, sizeof(*p));
}
