/*
 * sink_bulk_send - one parcel's way to the cluster and what the answers mean for later ones.
 *
 *	send -> what are you? -> refresh; which of these _ids do you have? -> POST _bulk -> judged
 *
 * The first question is asked once an hour by one letter while the others wait; without an answer everything goes on
 * without the parameters that only some clusters know. The second is asked for records whose earlier request had no
 * answer (a crash, a time-out some while ago): after a rollover their _ids would be taken again. A search sees only what was
 * refreshed since it came, and the last second's records are the very ones it is asked for.
 */
#include "deliver/sink_bulk_in.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "deliver/auth.h"
#include "deliver/judge.h"
#include "net/inflate.h"

#define REPLY_FIXED	(64u << 10)
#define REPLY_EACH	(2u << 10)
#define REPLY_ALONE	(1u << 20)		/* a single record's reply may be wordy */
#define ALONE_MAX	10			/* single records refused as malformed with nothing accepted between */
#define ASK_TIMEOUT_MS	10000
#define ES_KEEPS_MS	(60 * 60 * 1000)
#define ES_AGAIN_MS	(60 * 1000)		/* it could not be asked */
#define ES_FAILED_MAX	3			/* so often in a row, then as rarely as if it had told */
#define UNSURE_MS	(60 * 1000)		/* a retry sooner than this meets the same write index */
#define IDS_FAILED_MAX	5

#define BULK_QUERY "filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_store"
#define REFRESH_QUERY "ignore_unavailable=true&allow_no_indices=true&filter_path=_shards.failed,error.type"
#define IDS_QUERY "ignore_unavailable=true&allow_no_indices=true&filter_path=hits.hits._id,timed_out,_shards.failed,error.type"

struct letter {				/* one parcel on its way */
	struct letter	*next;
	struct sink_bulk *b;
	struct parcel	*p;
	struct http	*http;		/* NULL: waits for what another letter is asking */
	void		(*judged)(void *, struct parcel *);
	void		*arg;
	size_t		 way;
	struct buf	 ask;		/* the body of a question */
	int		 fresh;
	int		 reloaded;	/* the secret was read again because of this one */
	int		 extras;	/* sent with parameters that not every cluster knows */
};

static void	 step(struct letter *);
static void	 post(struct letter *);
static void	 ask_what(struct letter *), on_what(void *, struct http_answer *);
static void	 ask_templates(struct letter *), on_templates(void *, struct http_answer *);
static int	 ask_again(struct sink_bulk *, const struct http_answer *);
static void	 read_what(struct sink_bulk *, struct http_answer *);
static void	 refresh(struct letter *), on_refreshed(void *, struct http_answer *);
static void	 ask_ids(struct letter *), on_ids(void *, struct http_answer *);
static void	 add_indices(const struct letter *, struct buf *url);
static void	 no_answer(struct letter *, const struct http_answer *);
static void	 on_answer(void *, struct http_answer *);
static void	 request(struct letter *, const struct buf *url, const char *body, size_t len, int64_t timeout_ms,
		    size_t max_body, void (*)(void *, struct http_answer *));
static void	 authorization(const struct sink_bulk *, struct buf *);
static void	 go_on(struct sink_bulk *);
static void	 deliver(struct letter *);
static void	 weigh(struct letter *, struct http_answer *);
static int	 unpack(struct http_answer *, size_t max, struct buf *plain, struct judge_answer *);
static int	 unsure(const struct parcel *);
static void	 now_sure(struct parcel *);
static void	 note_unsure(struct parcel *, const struct http_answer *);
static int	 secret_again(struct letter *);
static void	 learn(struct letter *, int status);
static void	 learn_ways(struct letter *);
static int	 is_gzip(const struct parcel *);
static size_t	 reply_max(size_t);
static void	 letter_free(struct letter *);

void
bulk_send(struct sink *sink, struct parcel *p, void (*judged)(void *, struct parcel *), void *arg)
{
	struct sink_bulk	*b = (struct sink_bulk *)sink;
	struct letter		*l = xcalloc(1, sizeof(*l));

	*l = (struct letter){ .next = b->letters, .b = b, .p = p, .judged = judged, .arg = arg };
	b->letters = l;
	step(l);
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
		go_on(b);
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

static void
step(struct letter *l)
{
	struct sink_bulk	*b = l->b;

	if (b->es_asker == NULL && clock_mono_ms() >= b->es_until_ms)
		ask_what(l);
	else if (b->es_asker == NULL && unsure(l->p))
		refresh(l);
	else if (b->es_asker == NULL)
		post(l);
}

/* Those that waited for what one was asking. */
static void
go_on(struct sink_bulk *b)
{
	struct letter	*l;

	for (l = b->letters; l != NULL; l = l->next)
		if (l->http == NULL)
			step(l);
}

static void
deliver(struct letter *l)
{
	void		(*judged)(void *, struct parcel *) = l->judged;
	void		*arg = l->arg;
	struct parcel	*p = l->p;

	letter_free(l);
	judged(arg, p);
}

/* ---- what are you? ------------------------------------------------------------------------------------------------ */

static void
ask_what(struct letter *l)
{
	struct buf	 url = { 0 };

	l->b->es_asker = l;
	l->way = urls_pick(&l->b->urls, &l->fresh);
	buf_adds(&url, l->b->urls.ways[l->way].url);
	buf_addc(&url, '/');
	request(l, &url, NULL, 0, ASK_TIMEOUT_MS, REPLY_FIXED, on_what);
	buf_clear(&url);
}

/*
 * Who cannot be reached for this will not be reached for the records: said at once, and the next try does not ask. So what
 * stands in front may refuse the question for ever and gets the records all the same.
 */
static void
on_what(void *arg, struct http_answer *a)
{
	struct letter		*l = arg;
	struct sink_bulk	*b = l->b;
	int			 told = a->fail == HTTP_OK && a->status != 429 && a->status < 500;

	l->http = NULL;
	b->es_asker = NULL;
	b->es_failed = told ? 0 : b->es_failed + 1;
	b->es_until_ms = clock_mono_ms() + (told || b->es_failed > ES_FAILED_MAX ? ES_KEEPS_MS : ES_AGAIN_MS);
	if (told)
		read_what(b, a);
	if (a->fail != HTTP_OK) {
		judge_fail(a->fail, a->why, l->p);
		learn_ways(l);
		deliver(l);
	}
	if (told && b->es.kind != ES_UNKNOWN && b->opts.schema == SCHEMA_ECS && b->opts.index == NULL && !b->told_templates)
		ask_templates(l);
	else
		go_on(b);
}

static void
read_what(struct sink_bulk *b, struct http_answer *a)
{
	struct judge_answer	 answer;
	struct buf		 plain = { 0 };
	struct es		 es = { 0 };

	if (unpack(a, REPLY_FIXED, &plain, &answer) == 0) {
		es_read(&answer, &es);
		if (es.kind != ES_UNKNOWN && strcmp(es.shown, b->es.shown) != 0)
			log_info("output-cluster", "%s: the cluster is %s", b->opts.name, es.shown);
		b->es = es;
	}
	buf_clear(&plain);
}

/* Once: without the templates every field has the type that its first record gives it. Who may not look is not told. */
static void
ask_templates(struct letter *l)
{
	struct buf	 url = { 0 };

	l->b->told_templates = 1;
	l->b->es_asker = l;
	buf_adds(&url, l->b->urls.ways[l->way].url);
	buf_adds(&url, ES_TEMPLATES_PATH);
	request(l, &url, NULL, 0, ASK_TIMEOUT_MS, REPLY_FIXED, on_templates);
	buf_clear(&url);
}

static void
on_templates(void *arg, struct http_answer *a)
{
	struct letter		*l = arg;
	struct sink_bulk	*b = l->b;
	struct judge_answer	 answer;
	struct buf		 plain = { 0 };
	enum es_templates	 found = TEMPLATES_UNKNOWN;

	l->http = NULL;
	b->es_asker = NULL;
	if (a->fail == HTTP_OK && unpack(a, REPLY_FIXED, &plain, &answer) == 0)
		found = es_read_templates(&answer);
	buf_clear(&plain);
	if (found == TEMPLATES_MISSING || found == TEMPLATES_OLD)
		log_warn("output-templates", "%s: the cluster's index templates of m365fwd are %s; m365fwd setup %s installs them",
		    b->opts.name, found == TEMPLATES_OLD ? "older than this program" : "missing", b->opts.name);
	go_on(b);
}

/* ---- which of these do you have? ----------------------------------------------------------------------------------- */

static void
refresh(struct letter *l)
{
	struct buf	 url = { 0 };

	l->way = urls_pick(&l->b->urls, &l->fresh);
	buf_adds(&url, l->b->urls.ways[l->way].url);
	add_indices(l, &url);
	buf_adds(&url, "/_refresh?" REFRESH_QUERY);
	request(l, &url, "", 0, l->b->opts.timeout_ms, REPLY_FIXED, on_refreshed);
	buf_clear(&url);
}

/* A cluster that is there and cannot say is not asked for ever; one that is not there takes no records either. */
static int
ask_again(struct sink_bulk *b, const struct http_answer *a)
{
	return (a->fail != HTTP_OK && a->fail != HTTP_TIMEOUT) || ++b->ids_failed <= IDS_FAILED_MAX;
}

/* Without the right to refresh the search is still worth its while: it sees all but the last seconds. */
static void
on_refreshed(void *arg, struct http_answer *a)
{
	struct letter	*l = arg;
	int		 trouble = a->fail != HTTP_OK || a->status == 408 || a->status == 429 || a->status >= 500;

	l->http = NULL;
	if (trouble && ask_again(l->b, a)) {
		no_answer(l, a);
		deliver(l);
	} else
		ask_ids(l);
}

static void
ask_ids(struct letter *l)
{
	struct sink_bulk	*b = l->b;
	struct buf		 url = { 0 };

	l->way = urls_pick(&b->urls, &l->fresh);
	buf_adds(&url, b->urls.ways[l->way].url);
	add_indices(l, &url);
	buf_adds(&url, "/_search?" IDS_QUERY);
	buf_reset(&l->ask);
	es_ask_ids(l->p, &l->ask);
	request(l, &url, l->ask.bytes, l->ask.len, b->opts.timeout_ms, reply_max(l->p->n), on_ids);
	buf_clear(&url);
}

/* Each name once; there are as many as there are data sets. */
static void
add_indices(const struct letter *l, struct buf *url)
{
	const struct feed_names	*last = NULL;
	struct buf		 names = { 0 };
	char			 index[256], listed[260];
	size_t			 i;

	buf_addc(&names, ',');
	for (i = 0; i < l->p->n; i++) {
		if (l->p->items[i].unsure_ms == 0 || l->p->items[i].feed == last)
			continue;
		last = l->p->items[i].feed;
		bulk_index_name(l->b, last, index);
		snprintf(listed, sizeof(listed), ",%s,", index);
		if (strstr(buf_str(&names), listed) != NULL)
			continue;
		buf_adds(&names, listed + 1);
		buf_addc(url, names.len == strlen(listed) ? '/' : ',');
		es_escape(url, index);
	}
	buf_clear(&names);
}

static void
on_ids(void *arg, struct http_answer *a)
{
	struct letter		*l = arg;
	struct sink_bulk	*b = l->b;
	struct parcel		*p = l->p;
	struct judge_answer	 answer;
	struct buf		 plain = { 0 };
	enum es_known		 known = ES_TROUBLE;
	size_t			 found = 0;

	l->http = NULL;
	if (a->fail == HTTP_OK && unpack(a, reply_max(p->n), &plain, &answer) == 0)
		known = es_read_ids(&answer, p, &found);
	buf_clear(&plain);
	if (known == ES_TROUBLE && ask_again(b, a)) {
		no_answer(l, a);
		deliver(l);
		return;
	}
	if (known != ES_KNOWN && !b->told_silent) {
		b->told_silent = 1;
		log_warn("output-unsure", "%s: the cluster does not tell which records arrived before (HTTP %d%s): they are sent "
		    "again, and only after a rollover between would they be there twice", b->opts.name, a->status,
		    a->status == 401 || a->status == 403 ? "; it takes the right to read the index" : "");
	}
	b->ids_failed = 0;
	now_sure(p);
	if (found == 0) {
		step(l);
		return;
	}
	log_info("output-found", "%s: arrived before, not sent again: records=%zu of=%zu", b->opts.name, found, p->n);
	snprintf(p->code, sizeof(p->code), "ask-ids");
	deliver(l);		/* those that are not there have no verdict yet, and go at once */
}

/* What was found is there whatever the rest of the answer would have been. */
static void
no_answer(struct letter *l, const struct http_answer *a)
{
	struct parcel	*p = l->p;
	size_t		 i;

	for (i = 0; i < p->n; i++)
		if (p->items[i].verdict == V_NONE)
			p->items[i].verdict = V_AGAIN;
	if (a->fail == HTTP_OK)
		snprintf(p->why, sizeof(p->why), "asked which records arrived before: HTTP %d, or not all of its shards answered",
		    a->status);
	else
		snprintf(p->why, sizeof(p->why), "asked which records arrived before: %.240s", a->why);
	snprintf(p->code, sizeof(p->code), "ask-ids");
	p->retry_after_ms = a->fail == HTTP_OK ? a->retry_after_ms : -1;
	p->fresh = 1;
	learn_ways(l);
}

static int
unsure(const struct parcel *p)
{
	int64_t	 now = clock_mono_ms(), ms;
	size_t	 i;

	for (i = 0; i < p->n; i++) {
		ms = p->items[i].unsure_ms;
		if (ms == UNSURE_BEFORE || (ms != 0 && now - ms > UNSURE_MS))
			return 1;
	}
	return 0;
}

static void
now_sure(struct parcel *p)
{
	size_t	 i;

	for (i = 0; i < p->n; i++)
		p->items[i].unsure_ms = 0;
}

/* A request that may have arrived, and of whose records nobody said what became of them. */
static void
note_unsure(struct parcel *p, const struct http_answer *a)
{
	int64_t	 now = clock_mono_ms();
	size_t	 i;

	if (a->fail == HTTP_DNS || a->fail == HTTP_CONNECT || a->fail == HTTP_TLS || a->fail == HTTP_PROXY || !p->fresh ||
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
	request(l, &url, l->p->body.bytes, l->p->body.len, b->opts.timeout_ms, reply_max(l->p->n), on_answer);
	buf_clear(&url);
}

/* A body of NULL: GET. The parcel's own body goes out as Bulk lines, a question as JSON. */
static void
request(struct letter *l, const struct buf *url, const char *body, size_t len, int64_t timeout_ms, size_t max_body,
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
	    .headers = headers, .body = body, .body_len = len,
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
	deliver(l);
}

static void
weigh(struct letter *l, struct http_answer *a)
{
	struct parcel		*p = l->p;
	struct judge_answer	 answer;
	struct buf		 plain = { 0 };

	if (a->fail != HTTP_OK)
		judge_fail(a->fail, a->why, p);
	else if (unpack(a, reply_max(p->n), &plain, &answer) == -1)
		judge_fail(HTTP_OTHER, "answered in an encoding that cannot be read", p);
	else
		judge_bulk(&answer, p);
	note_unsure(p, a);
	learn(l, a->fail == HTTP_OK ? a->status : 0);
	buf_clear(&plain);
}

/* libcurl never unpacks; -1: it cannot be read. */
static int
unpack(struct http_answer *a, size_t max, struct buf *plain, struct judge_answer *to)
{
	int	 coded = a->gzip || a->unknown_coding;

	if (coded && (a->unknown_coding || inflate_all(INFLATE_GZIP, buf_str(a->body), a->body->len, max, plain) == -1))
		return -1;
	*to = (struct judge_answer){ .status = a->status, .content_type = a->content_type,
	    .body = buf_str(coded ? plain : a->body), .len = coded ? plain->len : a->body->len,
	    .retry_after_ms = a->retry_after_ms };
	return 0;
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

/* What this answer means for later requests. */
static void
learn(struct letter *l, int status)
{
	struct sink_bulk	*b = l->b;
	struct parcel		*p = l->p;
	struct parcel_item	*first = &p->items[0];

	learn_ways(l);
	if (first->verdict == V_HOLD)
		b->es_until_ms = 0;		/* when it takes records again it may be another one */
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
	if (status == 400 && first->verdict == V_POISON && ++b->alone > ALONE_MAX) {
		free(first->reason);
		free(first->reply);
		first->reason = first->reply = NULL;
		judge_all(p, V_HOLD, "HTTP 400 to every single record: is something between us and the cluster?");
	}
}

static void
learn_ways(struct letter *l)
{
	struct parcel	*p = l->p;

	if (p->fresh)
		p->at_once = urls_failed(&l->b->urls, l->way, p->retry_after_ms, p->why);
	else
		urls_passed(&l->b->urls, l->way);
}

static int
is_gzip(const struct parcel *p)
{
	return p->body.len > 2 && memcmp(p->body.bytes, "\x1f\x8b", 2) == 0;
}

/* By the number of records: a constant would cut the replies to large requests, and these would be sent for ever. */
static size_t
reply_max(size_t records)
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
