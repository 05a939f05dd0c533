/*
 * sink_bulk_send - one parcel's way to the cluster and what the answers mean for later ones.
 *
 *	send -> what are you? -> refresh; which of these _ids do you have? -> POST _bulk -> judged
 *
 * The questions are sink_bulk_ask.c's; a letter whose answer is known already goes on at once.
 */
#include "deliver/sink_bulk_in.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "deliver/auth.h"
#include "deliver/judge.h"

#define REPLY_FIXED	(64u << 10)
#define REPLY_EACH	(2u << 10)
#define REPLY_ALONE	(1u << 20)		/* a single record's reply may be wordy */
#define ALONE_MAX	10			/* single records refused with nothing accepted between */
#define SMALL_BYTES	(64u << 10)		/* no limit of a cluster is below this: who calls it too large means something else */

#define BULK_QUERY "filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_store"

static void	 post(struct letter *);
static void	 on_answer(void *, struct http_answer *);
static void	 authorization(const struct sink_bulk *, struct buf *);
static void	 weigh(struct letter *, struct http_answer *);
static void	 note_unsure(struct parcel *, const struct http_answer *);
static int	 secret_again(struct letter *);
static void	 learn(struct letter *, int status);
static int	 is_gzip(const struct parcel *);
static void	 letter_free(struct letter *);

void
bulk_send(struct sink *sink, struct parcel *p, void (*judged)(void *, struct parcel *), void *arg)
{
	struct sink_bulk	*b = (struct sink_bulk *)sink;
	struct letter		*l = xcalloc(1, sizeof(*l));

	*l = (struct letter){ .next = b->letters, .b = b, .p = p, .judged = judged, .arg = arg };
	b->letters = l;
	bulk_step(l);
}

void
bulk_cancel(struct sink *sink, struct parcel *p)
{
	struct sink_bulk	*b = (struct sink_bulk *)sink;
	struct letter		*l;

	for (l = b->letters; l != NULL && l->p != p; l = l->next)
		;
	assert(l != NULL);
	if (l->http != NULL)
		http_cancel(l->http);
	if (b->es_asker == l)
		b->es_asker = NULL;
	letter_free(l);
	if (b->es_asker == NULL)
		bulk_go_on(b);
}

void
bulk_reload(struct sink *sink)
{
	struct sink_bulk	*b = (struct sink_bulk *)sink;
	struct err		 e = { 0 };

	urls_kick(&b->urls);
	b->es_until_ms = 0;
	b->no_extras = b->told_silent = 0;
	if (b->secret_ref != NULL && secret_load(&b->secret, b->secret_ref, &e) == -1)
		log_error("output-secret", "%s: the old secret stays: %s", b->opts.name, e.text);
}

int
bulk_changed(struct sink *sink)
{
	struct sink_bulk	*b = (struct sink_bulk *)sink;

	return b->secret_ref != NULL && secret_changed(&b->secret, b->secret_ref) == 1;
}

void
bulk_step(struct letter *l)
{
	struct sink_bulk	*b = l->b;

	if (b->es_asker == NULL && clock_mono_ms() >= b->es_until_ms)
		bulk_ask_what(l);
	else if (b->es_asker == NULL && bulk_unsure(l->p))
		bulk_ask_ids(l);
	else if (b->es_asker == NULL)
		post(l);
}

/* Those that waited for what one was asking. */
void
bulk_go_on(struct sink_bulk *b)
{
	struct letter	*l;

	for (l = b->letters; l != NULL; l = l->next)
		if (l->http == NULL)
			bulk_step(l);
}

void
bulk_deliver(struct letter *l)
{
	void		(*judged)(void *, struct parcel *) = l->judged;
	void		*arg = l->arg;
	struct parcel	*p = l->p;

	letter_free(l);
	judged(arg, p);
}

/* The request did not even leave. */
int
bulk_never_arrived(enum http_fail fail)
{
	return fail == HTTP_DNS || fail == HTTP_CONNECT || fail == HTTP_TLS || fail == HTTP_PROXY;
}

/* A request that may have arrived, and of whose records nobody said what became of them. */
static void
note_unsure(struct parcel *p, const struct http_answer *a)
{
	int64_t	 now = clock_mono_ms();
	size_t	 i;

	if (bulk_never_arrived(a->fail) || !p->fresh ||
	    (a->fail == HTTP_OK && a->status >= 300 && a->status < 500 && a->status != 408))
		return;
	for (i = 0; i < p->n; i++)
		if (p->items[i].verdict == V_AGAIN && p->items[i].unsure_ms == 0)
			p->items[i].unsure_ms = now;
}

/* ---- the records -------------------------------------------------------------------------------------------------- */

static void
post(struct letter *l)
{
	struct sink_bulk	*b = l->b;
	struct buf		 url = { 0 };

	l->way = urls_pick(&b->urls, &l->fresh);
	l->extras = !b->no_extras && (b->es.hides_source || (b->es.has_streams_only && b->opts.index == NULL));
	buf_addf(&url, "%s/_bulk?" BULK_QUERY, b->urls.ways[l->way].url);
	if (b->opts.pipeline != NULL) {
		buf_adds(&url, "&pipeline=");
		es_escape(&url, b->opts.pipeline);
	} else if (b->opts.schema == SCHEMA_ECS)
		buf_adds(&url, "&pipeline=_none");
	if (l->extras && b->es.hides_source)
		buf_adds(&url, "&include_source_on_error=false");
	if (l->extras && b->es.has_streams_only && b->opts.index == NULL)
		buf_adds(&url, "&require_data_stream=true");
	bulk_request(l, &url, l->p->body.bytes, l->p->body.len, b->opts.timeout_ms, bulk_reply_max(l->p->n), on_answer);
	buf_clear(&url);
}

/* A body of NULL: GET. The parcel's own body goes out as Bulk lines, a question as JSON. */
void
bulk_request(struct letter *l, const struct buf *url, const char *body, size_t len, int64_t timeout_ms, size_t max_body,
    void (*on_done)(void *, struct http_answer *))
{
	struct sink_bulk	*b = l->b;
	struct buf		 secret = { 0 };
	const char		**headers = xreallocarray(NULL, b->n_headers + 6, sizeof(*headers));
	char			 events[64];
	size_t			 n = 0;
	int			 bulk = body != NULL && body == l->p->body.bytes;

	if (body != NULL)
		headers[n++] = bulk ? "Content-Type: application/x-ndjson" : "Content-Type: application/json";
	if (bulk && is_gzip(l->p))
		headers[n++] = "Content-Encoding: gzip";
	snprintf(events, sizeof(events), "X-Elastic-Event-Count: %zu", l->p->n);
	if (bulk)
		headers[n++] = events;
	if (b->es.kind == ES_SERVERLESS)
		headers[n++] = "Elastic-Api-Version: 2023-10-31";
	authorization(b, &secret);
	if (secret.len > 0)
		headers[n++] = buf_str(&secret);
	if (b->n_headers > 0)
		memcpy(headers + n, b->headers, b->n_headers * sizeof(*headers));
	headers[n + b->n_headers] = NULL;
	l->http = http_start(b->opts.http, &(struct http_req){ .method = body != NULL ? "POST" : "GET", .url = buf_str(url),
	    .headers = headers, .hide = (const char *const []){ b->secret.bytes, NULL }, .body = body, .body_len = len,
	    .proxy = b->opts.proxy != NULL ? b->opts.proxy : httpc_env_proxy(buf_str(url)),
	    .ca_file = b->opts.ca_file, .pinned_spki = b->opts.pinned_spki, .client_cert = b->opts.client_cert,
	    .client_key = b->opts.client_key, .fresh = l->fresh, .timeout_ms = timeout_ms,
	    .max_body = max_body, .on_done = on_done, .arg = l });
	if (secret.bytes != NULL)
		explicit_bzero(secret.bytes, secret.size);
	buf_clear(&secret);
	free(headers);
}

static void
authorization(const struct sink_bulk *b, struct buf *to)
{
	const struct sink_bulk_opts	*o = &b->opts;

	if (b->secret_ref != NULL)
		auth_header(to, o->api_key != NULL ? AUTH_API_KEY : o->bearer != NULL ? AUTH_BEARER : AUTH_BASIC, o->username,
		    &b->secret);
}

/* ---- the answer --------------------------------------------------------------------------------------------------- */

static void
on_answer(void *arg, struct http_answer *a)
{
	struct letter	*l = arg;

	l->http = NULL;
	if (a->fail == HTTP_OK && a->status == 401 && secret_again(l)) {
		post(l);
		return;
	}
	weigh(l, a);
	crash_point(CRASH_BULK_ANSWERED);
	bulk_deliver(l);
}

static void
weigh(struct letter *l, struct http_answer *a)
{
	struct parcel		*p = l->p;
	struct judge_answer	 answer;

	if (a->fail != HTTP_OK)
		judge_fail(a->fail, a->why, p);
	else if (judge_read(a, &answer) == -1)
		judge_fail(HTTP_OTHER, "answered in an encoding that cannot be read", p);
	else
		judge_bulk(&answer, p);
	note_unsure(p, a);
	learn(l, a->fail == HTTP_OK ? a->status : 0);
}

/* A 401 may only mean that the secret's file is newer than what we hold. */
static int
secret_again(struct letter *l)
{
	struct err	 e = { 0 };

	if (l->reloaded || !bulk_changed(&l->b->sink))
		return 0;
	l->reloaded = 1;
	return secret_load(&l->b->secret, l->b->secret_ref, &e) == 0;
}

/* With another URL to try, what is refused as a whole only leaves this one alone for a while. */
static int
is_refused_here(const struct letter *l, int status)
{
	enum verdict	 v = l->p->items[0].verdict;

	return l->b->urls.n > 1 && status >= 300 && (v == V_HOLD || v == V_AGAIN);
}

/* Is it something in between that refuses one record after the other? */
static int
is_hardly_the_record(struct sink_bulk *b, const struct parcel *p, int status)
{
	if (p->items[0].verdict != V_POISON || (status != 400 && (status != 413 || p->raw_bytes > SMALL_BYTES)))
		return 0;
	return ++b->alone > ALONE_MAX;
}

/* What this answer means for later requests. */
static void
learn(struct letter *l, int status)
{
	struct sink_bulk	*b = l->b;
	struct parcel		*p = l->p;
	struct parcel_item	*first = &p->items[0];

	if (l->extras && status == 400 && strstr(p->why, "unrecognized parameter") != NULL) {
		log_info("output-cluster", "%s: a node does not know a parameter that the cluster said it knows, going on without",
		    b->opts.name);
		b->no_extras = 1;
		judge_all(p, V_AGAIN, "a parameter is not known");
		p->at_once = 1;
	}
	if (status == 415 && is_gzip(p)) {
		if (!atomic_exchange(&b->plain, 1))
			log_warn("output-plain", "%s: the destination takes no gzip, going on with plain bodies", b->opts.name);
		judge_all(p, V_AGAIN, "the destination takes no gzip");
		p->at_once = 1;
	}
	if (p->redirected > 0 && !b->told_redirected) {
		b->told_redirected = 1;
		log_warn("output-redirected", "%s: the cluster puts records into its failure store: records=%zu",
		    b->opts.name, p->redirected);
	}
	if (status >= 200 && status < 300 && first->verdict != V_AGAIN)
		b->alone = 0;
	if (is_hardly_the_record(b, p, status)) {
		free(first->reason);
		free(first->reply);
		first->reason = first->reply = NULL;
		snprintf(p->why, sizeof(p->why), "HTTP %d to every single record: is something between us and the cluster?", status);
		judge_all(p, V_HOLD, p->why);
	}
	p->fresh |= !p->at_once && is_refused_here(l, status);
	bulk_learn_ways(l);
	if (first->verdict == V_HOLD)
		b->es_until_ms = 0;		/* when it takes records again it may be another one */
}

void
bulk_learn_ways(struct letter *l)
{
	struct parcel	*p = l->p;

	if (!p->fresh) {
		urls_passed(&l->b->urls, l->way);
		return;
	}
	p->at_once = urls_failed(&l->b->urls, l->way, p->retry_after_ms, p->why);
	for (size_t i = 0; i < p->n && p->at_once; i++)
		if (p->items[i].verdict == V_HOLD)
			p->items[i].verdict = V_AGAIN;
}

static int
is_gzip(const struct parcel *p)
{
	return p->body.len > 2 && memcmp(p->body.bytes, "\x1f\x8b", 2) == 0;
}

/* By the number of records: a constant would cut the replies to large requests, and these would be sent for ever. */
size_t
bulk_reply_max(size_t records)
{
	return records == 1 ? REPLY_ALONE : REPLY_FIXED + records * REPLY_EACH;
}

static void
letter_free(struct letter *l)
{
	struct letter	**at = &l->b->letters;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	buf_clear(&l->ask);
	free(l);
}
