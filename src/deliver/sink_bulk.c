/*
 * sink_bulk - Elasticsearch and OpenSearch over the Bulk API.
 */
#include "deliver/sink_bulk.h"

#include <assert.h>
#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "deliver/judge.h"
#include "deliver/urls.h"
#include "encode/bulk.h"
#include "net/inflate.h"

#define RECORDS_MAX	2000			/* in one request: bounds the reply */
#define IDS_SIZE	4096			/* power of two, over RECORDS_MAX */
#define REPLY_FIXED	(64u << 10)
#define REPLY_EACH	(2u << 10)
#define REPLY_ALONE	(1u << 20)		/* a single record's reply may be wordy */
#define EVENT_KEEP	(1u << 20)
#define ALONE_MAX	10			/* single records refused as malformed with nothing accepted between */
#define KEPT_MAX	16

#define QUERY "filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_store"

struct letter;

struct sink_bulk {
	struct sink	 sink;
	struct sink_bulk_opts opts;
	char		*kept[KEPT_MAX];	/* the strings of opts */
	size_t		 n_kept;
	struct urls	 urls;
	char		**bulk_urls;		/* whole request URLs, one for each way */
	char		**headers;		/* the configured ones */
	size_t		 n_headers;
	struct secret	 secret;
	const char	*secret_ref;		/* NULL: no credentials */
	atomic_int	 plain;			/* the destination does not take gzip; workers read it */
	int		 told_redirected;
	unsigned	 alone;			/* see ALONE_MAX */
	struct letter	*letters;
};

struct letter {				/* one request in flight */
	struct letter	*next;
	struct sink_bulk *b;
	struct parcel	*p;
	struct http	*http;
	void		(*judged)(void *, struct parcel *);
	void		*arg;
	size_t		 way;
	int		 reloaded;		/* the secret was read again because of this one */
};

struct bulk_scratch {
	struct norm	*norm;
	struct bulk	 bulk;
	struct buf	 event;
	char		 index[256];
	const struct feed_names *index_of;	/* the feed that index is for */
	uint16_t	 ids[IDS_SIZE];		/* which _ids are in the request: position + 1, open addressing */
};

static void	 bulk_encode(const struct sink *, void *, struct parcel *);
static void	*bulk_scratch_new(const struct sink *);
static void	 bulk_scratch_free(void *);
static void	 bulk_send(struct sink *, struct parcel *, void (*)(void *, struct parcel *), void *);
static void	 bulk_cancel(struct sink *, struct parcel *);
static void	 bulk_reload(struct sink *);
static int	 bulk_changed(struct sink *);
static void	 bulk_free(struct sink *);

static const struct sink_ops bulk_ops = {
	.type = "bulk", .encode = bulk_encode, .scratch_new = bulk_scratch_new, .scratch_free = bulk_scratch_free,
	.send = bulk_send, .cancel = bulk_cancel, .reload = bulk_reload, .free = bulk_free, .changed = bulk_changed,
	.marks_sent = 1,
};

static void	 keep(struct sink_bulk *, const char **);
static char	*request_url(const struct sink_bulk_opts *, const char *);
static const char *index_name(const struct sink_bulk *, struct bulk_scratch *, const struct feed_names *);
static int	 id_is_new(struct bulk_scratch *, const struct parcel *, size_t);
static void	 post(struct letter *);
static void	 authorization(const struct sink_bulk *, struct buf *);
static void	 on_answer(void *, struct http_answer *);
static void	 weigh(struct letter *, struct http_answer *);
static int	 secret_again(struct letter *);
static void	 learn(struct letter *, int status);
static int	 is_gzip(const struct parcel *);
static size_t	 reply_max(size_t);
static void	 letter_free(struct letter *);

struct sink *
sink_bulk_new(const struct sink_bulk_opts *opts, struct err *e)
{
	struct sink_bulk	*b = xcalloc(1, sizeof(*b));
	struct sink_bulk_opts	*o = &b->opts;
	const char		**const strings[] = { &o->name, &o->api_key, &o->username, &o->password, &o->bearer, &o->ns,
		    &o->index, &o->pipeline, &o->proxy, &o->ca_file, &o->pinned_spki, &o->client_cert, &o->client_key };
	size_t			 i;

	*o = *opts;
	o->ns = o->ns != NULL ? o->ns : "default";
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		keep(b, strings[i]);
	b->sink = (struct sink){ .ops = &bulk_ops, .name = o->name };
	urls_init(&b->urls, o->name, o->urls);
	b->bulk_urls = xcalloc(b->urls.n, sizeof(*b->bulk_urls));
	for (i = 0; i < b->urls.n; i++)
		b->bulk_urls[i] = request_url(opts, b->urls.ways[i].url);
	for (i = 0; o->headers != NULL && o->headers[i] != NULL; i++) {
		b->headers = xreallocarray(b->headers, ++b->n_headers, sizeof(*b->headers));
		b->headers[i] = xstrdup(o->headers[i]);
	}
	o->urls = o->headers = NULL;
	b->secret_ref = o->api_key != NULL ? o->api_key : o->bearer != NULL ? o->bearer : o->password;
	if (b->secret_ref != NULL && secret_load(&b->secret, b->secret_ref, e) == -1) {
		bulk_free(&b->sink);
		return NULL;
	}
	return &b->sink;
}

static void
bulk_free(struct sink *sink)
{
	struct sink_bulk	*b = (struct sink_bulk *)sink;
	size_t			 i;

	while (b->letters != NULL) {
		http_cancel(b->letters->http);
		letter_free(b->letters);
	}
	for (i = 0; i < b->urls.n; i++)
		free(b->bulk_urls[i]);
	for (i = 0; i < b->n_headers; i++)
		free(b->headers[i]);
	for (i = 0; i < b->n_kept; i++)
		free(b->kept[i]);
	free(b->bulk_urls);
	urls_clear(&b->urls);
	free(b->headers);
	secret_clear(&b->secret);
	free(b);
}

/* The option becomes a copy of our own. */
static void
keep(struct sink_bulk *b, const char **option)
{
	assert(b->n_kept < KEPT_MAX);
	if (*option != NULL)
		*option = b->kept[b->n_kept++] = xstrdup(*option);
}

/* The pipeline's name goes into a query: everything that is not plainly harmless is escaped. */
static char *
request_url(const struct sink_bulk_opts *opts, const char *url)
{
	struct buf	 b = { 0 };
	const char	*c;
	size_t		 len;

	buf_adds(&b, url);
	buf_adds(&b, "/_bulk?" QUERY);
	if (opts->pipeline != NULL) {
		buf_adds(&b, "&pipeline=");
		for (c = opts->pipeline; *c != '\0'; c++)
			if (isalnum((unsigned char)*c) || strchr("-_.~", *c) != NULL)
				buf_addc(&b, *c);
			else
				buf_addf(&b, "%%%02X", (unsigned char)*c);
	} else if (opts->schema == SCHEMA_ECS)
		buf_adds(&b, "&pipeline=_none");
	return buf_take(&b, &len);
}

/* ---- encoding, on a worker ---------------------------------------------------------------------------------------- */

static void *
bulk_scratch_new(const struct sink *sink)
{
	struct bulk_scratch	*s = xcalloc(1, sizeof(*s));

	(void)sink;
	s->norm = norm_new();
	bulk_init(&s->bulk);
	return s;
}

static void
bulk_scratch_free(void *scratch)
{
	struct bulk_scratch	*s = scratch;

	norm_free(s->norm);
	bulk_clear(&s->bulk);
	buf_clear(&s->event);
	free(s);
}

static void
bulk_encode(const struct sink *sink, void *scratch, struct parcel *p)
{
	const struct sink_bulk		*b = (const struct sink_bulk *)sink;
	struct bulk_scratch		*s = scratch;
	const struct parcel_item	*item;
	size_t				 n;

	memset(s->ids, 0, sizeof(s->ids));
	bulk_start(&s->bulk, &p->body, b->opts.gzip && !atomic_load(&b->plain));
	for (n = 0; n < p->n && n < RECORDS_MAX && id_is_new(s, p, n); n++) {
		item = &p->items[n];
		buf_reset(&s->event);
		norm_event(s->norm, b->opts.schema, &(struct norm_source){ .tenant_guid = item->feed->tenant_guid,
		    .tenant_name = item->feed->tenant_name, .organization_name = item->feed->organization_name,
		    .feed = item->feed->feed, .namespace = b->opts.ns, .created_ms = item->batch->created_ms,
		    .stored_ms = item->batch->stored_ms, .now_ms = p->now_ms }, &item->record, &s->event);
		if (!bulk_add(&s->bulk, index_name(b, s, item->feed), item->record.id, s->event.bytes, s->event.len,
		    p->max_bytes))
			break;
	}
	bulk_end(&s->bulk);
	buf_shrink(&s->event, EVENT_KEEP);
	p->n = n;
	p->raw_bytes = s->bulk.raw;
}

static const char *
index_name(const struct sink_bulk *b, struct bulk_scratch *s, const struct feed_names *feed)
{
	if (b->opts.index != NULL)
		return b->opts.index;
	if (s->index_of != feed) {
		snprintf(s->index, sizeof(s->index), "logs-%s-%s", norm_dataset(feed->feed), b->opts.ns);
		s->index_of = feed;
	}
	return s->index;
}

/*
 * Two records of one _id in one request would hide each other's verdict. They can only meet when a remembered id was
 * forgotten early (dedup.max) and its record came again: the second waits for the next request and is answered 409 there.
 */
static int
id_is_new(struct bulk_scratch *s, const struct parcel *p, size_t n)
{
	const uint8_t	*id = p->items[n].record.id;
	uint64_t	 h;
	size_t		 at;

	memcpy(&h, id, sizeof(h));	/* an id is a hash already */
	for (at = h % IDS_SIZE; s->ids[at] != 0; at = (at + 1) % IDS_SIZE)
		if (memcmp(p->items[s->ids[at] - 1].record.id, id, 16) == 0) {
			log_warn("output-same-id", "%s: one id came twice, the second goes with the next request",
			    p->items[n].feed->feed);
			return 0;
		}
	s->ids[at] = (uint16_t)(n + 1);
	return 1;
}

/* ---- sending ------------------------------------------------------------------------------------------------------ */

static void
bulk_send(struct sink *sink, struct parcel *p, void (*judged)(void *, struct parcel *), void *arg)
{
	struct sink_bulk	*b = (struct sink_bulk *)sink;
	struct letter		*l = xcalloc(1, sizeof(*l));

	*l = (struct letter){ .next = b->letters, .b = b, .p = p, .judged = judged, .arg = arg };
	b->letters = l;
	post(l);
}

static void
bulk_cancel(struct sink *sink, struct parcel *p)
{
	struct sink_bulk	*b = (struct sink_bulk *)sink;
	struct letter		*l;

	for (l = b->letters; l != NULL && l->p != p; l = l->next)
		;
	assert(l != NULL);
	http_cancel(l->http);
	letter_free(l);
}

static void
bulk_reload(struct sink *sink)
{
	struct sink_bulk	*b = (struct sink_bulk *)sink;
	struct err		 e = { 0 };

	urls_kick(&b->urls);
	if (b->secret_ref != NULL && secret_load(&b->secret, b->secret_ref, &e) == -1)
		log_error("output-secret", "%s: the old secret stays: %s", b->opts.name, e.text);
}

static int
bulk_changed(struct sink *sink)
{
	struct sink_bulk	*b = (struct sink_bulk *)sink;

	return b->secret_ref != NULL && secret_changed(&b->secret, b->secret_ref) == 1;
}

static void
post(struct letter *l)
{
	struct sink_bulk	*b = l->b;
	struct parcel		*p = l->p;
	struct buf		 secret = { 0 };
	const char		**headers = xreallocarray(NULL, b->n_headers + 5, sizeof(*headers));
	char			 events[64];
	size_t			 n = 0;
	int			 fresh;

	headers[n++] = "Content-Type: application/x-ndjson";
	if (is_gzip(p))
		headers[n++] = "Content-Encoding: gzip";
	snprintf(events, sizeof(events), "X-Elastic-Event-Count: %zu", p->n);
	headers[n++] = events;
	authorization(b, &secret);
	if (secret.len > 0)
		headers[n++] = buf_str(&secret);
	if (b->n_headers > 0)
		memcpy(headers + n, b->headers, b->n_headers * sizeof(*headers));
	headers[n + b->n_headers] = NULL;
	l->way = urls_pick(&b->urls, &fresh);
	l->http = http_start(b->opts.http, &(struct http_req){ .method = "POST", .url = b->bulk_urls[l->way],
	    .headers = headers, .body = p->body.bytes, .body_len = p->body.len,
	    .proxy = b->opts.proxy != NULL ? b->opts.proxy : httpc_env_proxy(b->bulk_urls[l->way]),
	    .ca_file = b->opts.ca_file, .pinned_spki = b->opts.pinned_spki, .client_cert = b->opts.client_cert,
	    .client_key = b->opts.client_key, .fresh = fresh, .timeout_ms = b->opts.timeout_ms,
	    .max_body = reply_max(p->n), .on_done = on_answer, .arg = l });
	if (secret.bytes != NULL)
		explicit_bzero(secret.bytes, secret.size);
	buf_clear(&secret);
	free(headers);
}

/* Room is made first, so that growing leaves no copy of the secret behind. */
static void
authorization(const struct sink_bulk *b, struct buf *to)
{
	const struct sink_bulk_opts	*o = &b->opts;
	struct buf			 pair = { 0 };

	if (b->secret_ref == NULL)
		return;
	buf_need(to, (b->secret.len + (o->username != NULL ? strlen(o->username) : 0)) * 2 + 64);
	if (o->api_key != NULL) {
		buf_adds(to, "Authorization: ApiKey ");
		if (memchr(b->secret.bytes, ':', b->secret.len) != NULL)
			base64(to, b->secret.bytes, b->secret.len);
		else
			buf_add(to, b->secret.bytes, b->secret.len);
	} else if (o->bearer != NULL) {
		buf_adds(to, "Authorization: Bearer ");
		buf_add(to, b->secret.bytes, b->secret.len);
	} else {
		buf_need(&pair, strlen(o->username) + b->secret.len + 2);
		buf_addf(&pair, "%s:", o->username);
		buf_add(&pair, b->secret.bytes, b->secret.len);
		buf_adds(to, "Authorization: Basic ");
		base64(to, pair.bytes, pair.len);
		explicit_bzero(pair.bytes, pair.size);
		buf_clear(&pair);
	}
}

/* ---- the answer --------------------------------------------------------------------------------------------------- */

static void
on_answer(void *arg, struct http_answer *a)
{
	struct letter	*l = arg;
	struct parcel	*p = l->p;
	void		(*judged)(void *, struct parcel *) = l->judged;

	l->http = NULL;
	if (a->fail == HTTP_OK && a->status == 401 && secret_again(l)) {
		post(l);
		return;
	}
	weigh(l, a);
	arg = l->arg;
	letter_free(l);
	judged(arg, p);
}

static void
weigh(struct letter *l, struct http_answer *a)
{
	struct parcel	*p = l->p;
	struct buf	 plain = { 0 };
	int		 coded = a->gzip || a->unknown_coding;

	if (a->fail != HTTP_OK)
		judge_fail(a->fail, a->why, p);
	else if (coded && (a->unknown_coding ||
	    inflate_all(INFLATE_GZIP, buf_str(a->body), a->body->len, reply_max(p->n), &plain) == -1))
		judge_fail(HTTP_OTHER, "answered in an encoding that cannot be read", p);
	else
		judge_bulk(&(struct judge_answer){ .status = a->status, .content_type = a->content_type,
		    .body = buf_str(coded ? &plain : a->body), .len = coded ? plain.len : a->body->len,
		    .retry_after_ms = a->retry_after_ms }, p);
	learn(l, a->fail == HTTP_OK ? a->status : 0);
	buf_clear(&plain);
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

	if (p->fresh)
		p->elsewhere = urls_failed(&b->urls, l->way, p->retry_after_ms, p->why);
	else
		urls_passed(&b->urls, l->way);
	if (status == 415 && is_gzip(p)) {
		log_warn("output-plain", "%s: the destination takes no gzip, going on with plain bodies", b->opts.name);
		atomic_store(&b->plain, 1);
		judge_all(p, V_AGAIN, "the destination takes no gzip");
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
	free(l);
}
