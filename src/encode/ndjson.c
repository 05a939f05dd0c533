/*
 * ndjson - lines packed into gzip members small enough to be skipped or read alone.
 */
#include "encode/ndjson.h"

#include <string.h>

static void	member(struct ndjson *, struct buf *, const char *, size_t, int);

void
ndjson_init(struct ndjson *n)
{
	memset(n, 0, sizeof(*n));
	n->gzip = gzip_new(1);
}

void
ndjson_clear(struct ndjson *n)
{
	gzip_free(n->gzip);
	buf_clear(&n->lines);
	memset(n, 0, sizeof(*n));
}

void
ndjson_add(struct ndjson *n, struct buf *to, const char *line, size_t len, int64_t stored_ms)
{
	if (n->lines.len + len + 1 > NDJSON_MEMBER)
		ndjson_flush(n, to);
	if (stored_ms > n->newest_ms)
		n->newest_ms = stored_ms;
	if (len + 1 > NDJSON_MEMBER) {		/* alone, and not copied */
		member(n, to, line, len, 1);
		return;
	}
	buf_add(&n->lines, line, len);
	buf_addc(&n->lines, '\n');
}

void
ndjson_flush(struct ndjson *n, struct buf *to)
{
	if (n->lines.len == 0)
		return;
	member(n, to, n->lines.bytes, n->lines.len, 0);
	buf_reset(&n->lines);
}

static void
member(struct ndjson *n, struct buf *to, const char *bytes, size_t len, int needs_break)
{
	gzip_start(n->gzip, to, (uint32_t)(n->newest_ms / 1000));
	gzip_add(n->gzip, bytes, len);
	if (needs_break)
		gzip_add(n->gzip, "\n", 1);
	gzip_end(n->gzip);
	n->newest_ms = 0;
}
