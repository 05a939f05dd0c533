/*
 * bulk - the body of a Bulk request, built while it is compressed.
 */
#include "encode/bulk.h"

#include <string.h>

#include "base/hash.h"
#include "base/json.h"

static void	feed(struct bulk *, const void *, size_t);

void
bulk_init(struct bulk *b)
{
	memset(b, 0, sizeof(*b));
	b->gzip = gzip_new(1);
}

void
bulk_clear(struct bulk *b)
{
	gzip_free(b->gzip);
	buf_clear(&b->action);
	memset(b, 0, sizeof(*b));
}

void
bulk_start(struct bulk *b, struct buf *to, int compress)
{
	b->to = to;
	b->raw = 0;
	b->compress = compress;
	if (compress)
		gzip_start(b->gzip, to, 0);
}

int
bulk_add(struct bulk *b, const char *index, const uint8_t id[16], const char *event, size_t len, size_t max)
{
	size_t	 more;

	buf_reset(&b->action);
	buf_adds(&b->action, "{\"create\":{\"_index\":");
	json_escape(&b->action, index, strlen(index));
	buf_adds(&b->action, ",\"_id\":\"");
	base64url(&b->action, id, 16);
	buf_adds(&b->action, "\"}}\n");
	more = b->action.len + len + 1;
	if (max > 0 && b->raw > 0 && b->raw + more > max)
		return 0;
	feed(b, b->action.bytes, b->action.len);
	feed(b, event, len);
	feed(b, "\n", 1);
	b->raw += more;
	return 1;
}

void
bulk_end(struct bulk *b)
{
	if (b->compress)
		gzip_end(b->gzip);
}

static void
feed(struct bulk *b, const void *bytes, size_t len)
{
	if (b->compress)
		gzip_add(b->gzip, bytes, len);
	else
		buf_add(b->to, bytes, len);
}
