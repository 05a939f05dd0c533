/*
 * sink_bulk - Elasticsearch and OpenSearch over the Bulk API.
 */
#include "deliver/sink_bulk_in.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "encode/bulk.h"

#define RECORDS_MAX	2000			/* in one request: bounds the reply */
#define IDS_SIZE	4096			/* power of two, over RECORDS_MAX */
#define EVENT_KEEP	(1u << 20)

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
static void	 bulk_free(struct sink *);

static const struct sink_ops bulk_ops = {
	.type = "bulk", .encode = bulk_encode, .scratch_new = bulk_scratch_new, .scratch_free = bulk_scratch_free,
	.send = bulk_send, .cancel = bulk_cancel, .reload = bulk_reload, .free = bulk_free, .changed = bulk_changed,
	.marks_sent = 1,
};

static void	 keep(struct sink_bulk *, const char **);
static const char *index_name(const struct sink_bulk *, struct bulk_scratch *, const struct feed_names *);
static int	 id_is_new(struct bulk_scratch *, const struct parcel *, size_t);

struct sink *
sink_bulk_new(const struct sink_bulk_opts *opts, struct err *e)
{
	struct sink_bulk	*b = xcalloc(1, sizeof(*b));
	struct sink_bulk_opts	*o = &b->opts;
	const char		**const strings[] = { &o->name, &o->api_key, &o->username, &o->password, &o->bearer, &o->ns,
		    &o->index, &o->pipeline, &o->proxy, &o->ca_file, &o->pinned_spki, &o->client_cert, &o->client_key, &o->add };
	size_t			 i;

	*o = *opts;
	o->ns = o->ns != NULL ? o->ns : "default";
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		keep(b, strings[i]);
	b->sink = (struct sink){ .ops = &bulk_ops, .name = o->name };
	urls_init(&b->urls, o->name, o->urls);
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

	assert(b->letters == NULL);		/* the output called all of them back */
	for (i = 0; i < b->n_headers; i++)
		free(b->headers[i]);
	for (i = 0; i < b->n_kept; i++)
		free(b->kept[i]);
	urls_clear(&b->urls);
	free(b->headers);
	secret_clear(&b->secret);
	free(b);
}

/* The option becomes a copy of our own. */
static void
keep(struct sink_bulk *b, const char **option)
{
	assert(b->n_kept < BULK_KEPT_MAX);
	if (*option != NULL)
		*option = b->kept[b->n_kept++] = xstrdup(*option);
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
		    .stored_ms = item->batch->stored_ms, .now_ms = p->now_ms, .compat = b->opts.compat,
		    .original = b->opts.original, .add = b->opts.add }, &item->record, &s->event);
		if (!bulk_add(&s->bulk, index_name(b, s, item->feed), item->record.id, s->event.bytes, s->event.len,
		    p->max_bytes))
			break;
	}
	bulk_end(&s->bulk);
	buf_shrink(&s->event, EVENT_KEEP);
	p->n = n;
	p->raw_bytes = s->bulk.raw;
}

void
bulk_index_name(const struct sink_bulk *b, const struct feed_names *feed, char to[256])
{
	if (b->opts.index != NULL)
		snprintf(to, 256, "%s", b->opts.index);
	else
		snprintf(to, 256, "logs-%s-%s", norm_dataset(feed->feed), b->opts.ns);
}

static const char *
index_name(const struct sink_bulk *b, struct bulk_scratch *s, const struct feed_names *feed)
{
	if (s->index_of != feed) {
		bulk_index_name(b, feed, s->index);
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

