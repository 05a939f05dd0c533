/*
 * sink_hec - Splunk over its HTTP Event Collector: options, URLs, encoding.
 */
#include "deliver/sink_hec_in.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "encode/hec.h"
#include "norm/norm.h"

#define RECORDS_MAX	20000		/* in one request */
#define EVENT_KEEP	(1u << 20)
#define COLLECTOR	"/services/collector"
#define MANAGE		"https://manage.office.com"

struct hec_scratch {
	struct norm	*norm;
	struct hec	 hec;
	struct buf	 event;		/* capped: one that is too large is not even made whole */
	struct buf	 uri;
};

static void	 hec_encode(const struct sink *, void *, struct parcel *);
static void	*hec_scratch_new(const struct sink *);
static void	 hec_scratch_free(void *);
static void	 hec_free(struct sink *);

static const struct sink_ops hec_ops = {
	.type = "hec", .encode = hec_encode, .scratch_new = hec_scratch_new, .scratch_free = hec_scratch_free,
	.send = hec_send, .cancel = hec_cancel, .reload = hec_reload, .free = hec_free, .changed = hec_changed,
};

static void	 keep(struct sink_hec *, const char **);
static void	 way_init(struct hec_way *, const char *url);
static void	 on_timer(void *);
static void	 too_large(struct parcel_item *);

struct sink *
sink_hec_new(const struct sink_hec_opts *opts, struct err *e)
{
	struct sink_hec		*h = xcalloc(1, sizeof(*h));
	struct sink_hec_opts	*o = &h->opts;
	const char		**const strings[] = { &o->name, &o->token, &o->index, &o->source, &o->sourcetype, &o->host, &o->proxy,
		    &o->ca_file, &o->pinned_spki, &o->client_cert, &o->client_key, &o->add };
	size_t			 i;

	*o = *opts;
	if (o->host == NULL && gethostname(h->hostname, sizeof(h->hostname) - 1) == 0 && h->hostname[0] != '\0')
		o->host = h->hostname;
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		keep(h, strings[i]);
	h->sink = (struct sink){ .ops = &hec_ops, .name = o->name, .parked_max = o->ack == HEC_ACK_OFF ? 0 : HEC_PARKED };
	urls_init(&h->urls, o->name, o->urls);
	h->ways = xcalloc(h->urls.n, sizeof(*h->ways));
	for (i = 0; i < h->urls.n; i++)
		way_init(&h->ways[i], h->urls.ways[i].url);
	for (i = 0; o->headers != NULL && o->headers[i] != NULL; i++) {
		h->headers = xreallocarray(h->headers, ++h->n_headers, sizeof(*h->headers));
		h->headers[i] = xstrdup(o->headers[i]);
	}
	o->urls = o->headers = NULL;
	timer_init(&h->timer, o->loop, on_timer, h);
	if (secret_load(&h->token, o->token, e) == -1) {
		hec_free(&h->sink);
		return NULL;
	}
	return &h->sink;
}

static void
hec_free(struct sink *sink)
{
	struct sink_hec		*h = (struct sink_hec *)sink;
	struct hec_channel	*c;
	size_t			 i;

	while (h->letters != NULL)
		hec_letter_free(h->letters);
	timer_clear(&h->timer);
	while ((c = h->channels) != NULL) {
		h->channels = c->next;
		if (c->poll != NULL)
			http_cancel(c->poll);
		hec_channel_free(c);
	}
	for (i = 0; i < h->urls.n; i++) {
		free(h->ways[i].events);
		free(h->ways[i].acks);
		buf_clear(&h->ways[i].cookies);
	}
	free(h->ways);
	urls_clear(&h->urls);
	for (i = 0; i < h->n_headers; i++)
		free(h->headers[i]);
	free(h->headers);
	for (i = 0; i < h->n_kept; i++)
		free(h->kept[i]);
	secret_clear(&h->token);
	free(h);
}

/* The option becomes a copy of our own. */
static void
keep(struct sink_hec *h, const char **option)
{
	assert(h->n_kept < HEC_KEPT_MAX);
	if (*option != NULL)
		*option = h->kept[h->n_kept++] = xstrdup(*option);
}

/* .../services/collector/event, or the path that was given; acknowledgements are asked for beside it. */
static void
way_init(struct hec_way *w, const char *url)
{
	static const char *const	 ends[] = { "/event/1.0", "/event" };
	const char			*host = strstr(url, "://"), *path = strchr(host != NULL ? host + 3 : url, '/');
	size_t				 len, n;

	w->events = path != NULL ? xstrdup(url) : xasprintf("%s" COLLECTOR "/event", url);
	len = strlen(w->events);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		n = strlen(ends[i]);
		if (len > n && strcmp(w->events + len - n, ends[i]) == 0) {
			len -= n;
			break;
		}
	}
	w->acks = xasprintf("%.*s/ack", (int)len, w->events);
}

static void
on_timer(void *arg)
{
	hec_go(arg);
}

/* ---- encoding, on a worker ---------------------------------------------------------------------------------------- */

static void *
hec_scratch_new(const struct sink *sink)
{
	struct hec_scratch	*s = xcalloc(1, sizeof(*s));

	(void)sink;
	s->norm = norm_new();
	hec_init(&s->hec);
	buf_init(&s->event, HEC_EVENT_MAX);
	return s;
}

static void
hec_scratch_free(void *scratch)
{
	struct hec_scratch	*s = scratch;

	norm_free(s->norm);
	hec_clear(&s->hec);
	buf_clear(&s->event);
	buf_clear(&s->uri);
	free(s);
}

/* A record that is too large has its verdict already and is not in the body. */
static void
hec_encode(const struct sink *sink, void *scratch, struct parcel *p)
{
	const struct sink_hec	*h = (const struct sink_hec *)sink;
	struct hec_scratch	*s = scratch;
	struct norm_envelope	 envelope;
	size_t			 n;

	hec_start(&s->hec, &p->body, h->opts.gzip && !atomic_load(&h->plain));
	for (n = 0; n < p->n && n < RECORDS_MAX; n++) {
		struct parcel_item		*item = &p->items[n];
		const struct norm_source	 source = { .tenant_guid = item->feed->tenant_guid,
			    .tenant_name = item->feed->tenant_name, .organization_name = item->feed->organization_name,
			    .feed = item->feed->feed, .namespace = "", .created_ms = item->batch->created_ms,
			    .stored_ms = item->batch->stored_ms, .now_ms = p->now_ms };
		struct hec_meta			 meta = { .host = h->opts.host, .index = h->opts.index,
			    .revision = item->record.revision, .fields = h->opts.add };

		buf_reset(&s->event);
		norm_event(s->norm, SCHEMA_NATIVE, &source, &item->record, &s->event);
		if (buf_failed(&s->event)) {
			too_large(item);
			continue;
		}
		buf_reset(&s->uri);
		buf_addf(&s->uri, "%s/api/v1.0/%s/activity/feed/audit/%s", item->feed->management != NULL ? item->feed->management :
		    MANAGE, item->feed->tenant_guid, item->batch->content_id != NULL ? item->batch->content_id : "");
		norm_envelope(&source, &item->record, buf_str(&s->uri), &envelope);
		meta.time = envelope.time;
		meta.source = h->opts.source != NULL ? h->opts.source : envelope.source;
		meta.sourcetype = h->opts.sourcetype != NULL ? h->opts.sourcetype : envelope.sourcetype;
		if (!hec_add(&s->hec, &meta, s->event.bytes, s->event.len, p->max_bytes))
			break;
	}
	hec_end(&s->hec);
	buf_shrink(&s->event, EVENT_KEEP);
	p->n = n;
	p->raw_bytes = s->hec.raw;
}

static void
too_large(struct parcel_item *item)
{
	item->verdict = V_POISON;
	item->reason = xasprintf("too-large: %zu bytes, and Splunk takes events of at most %d", item->record.len, HEC_EVENT_MAX);
	item->word = "too-large";
}
