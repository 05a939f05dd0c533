/*
 * hec - the body of a request to Splunk's HTTP Event Collector, built while it is compressed.
 */
#include "encode/hec.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

static void	text(struct buf *, const char *key, const char *value);
static void	feed(struct hec *, const void *, size_t);

void
hec_init(struct hec *h)
{
	memset(h, 0, sizeof(*h));
	h->gzip = gzip_new(1);
}

void
hec_clear(struct hec *h)
{
	gzip_free(h->gzip);
	buf_clear(&h->head);
	buf_clear(&h->tail);
	memset(h, 0, sizeof(*h));
}

void
hec_start(struct hec *h, struct buf *to, int compress)
{
	h->to = to;
	h->raw = 0;
	h->compress = compress;
	if (compress)
		gzip_start(h->gzip, to, 0);
}

int
hec_add(struct hec *h, const struct hec_meta *m, const char *event, size_t len, size_t max)
{
	size_t	 more;

	buf_reset(&h->tail);
	if (m->revision >= 2 || m->fields != NULL)
		buf_adds(&h->tail, ",\"fields\":{");
	if (m->revision >= 2)
		buf_addf(&h->tail, "\"m365fwd_revision\":\"%u\"%s", m->revision, m->fields != NULL ? "," : "");
	if (m->fields != NULL)
		buf_adds(&h->tail, m->fields);
	buf_adds(&h->tail, h->tail.len > 0 ? "}}\n" : "}\n");
	buf_reset(&h->head);
	buf_adds(&h->head, "{\"time\":");
	buf_adds(&h->head, m->time);
	text(&h->head, "host", m->host);
	text(&h->head, "source", m->source);
	text(&h->head, "sourcetype", m->sourcetype);
	text(&h->head, "index", m->index);
	buf_adds(&h->head, ",\"event\":");
	more = h->head.len + len + h->tail.len;
	if (max > 0 && h->raw > 0 && h->raw + more > max)
		return 0;
	feed(h, h->head.bytes, h->head.len);
	feed(h, event, len);
	feed(h, h->tail.bytes, h->tail.len);
	h->raw += more;
	return 1;
}

void
hec_end(struct hec *h)
{
	if (h->compress)
		gzip_end(h->gzip);
}

static void
text(struct buf *to, const char *key, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(to, ",\"%s\":", key);
	json_escape(to, value, strlen(value));
}

static void
feed(struct hec *h, const void *bytes, size_t len)
{
	if (h->compress)
		gzip_add(h->gzip, bytes, len);
	else
		buf_add(h->to, bytes, len);
}
