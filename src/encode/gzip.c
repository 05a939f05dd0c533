/*
 * gzip - one gzip member written into a buf while it is fed. The only user of zlib's deflate.
 */
#include "encode/gzip.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/xalloc.h"

#define ROOM 16384		/* output space asked for at a time */
#define HELD 32768		/* input that waits for more */

struct gzip {
	z_stream	 z;
	gz_header	 head;
	struct buf	*out;	/* NULL: no member is open */
	size_t		 raw;
	size_t		 n_held;
	uint8_t		 held[HELD];
};

static voidpf	zalloc(voidpf, uInt, uInt);
static void	zfree(voidpf, voidpf);
static void	run(struct gzip *, int);

struct gzip *
gzip_new(int level)
{
	struct gzip	*g = xcalloc(1, sizeof(*g));
	int		 rc;

	g->z.zalloc = zalloc;
	g->z.zfree = zfree;
	if ((rc = deflateInit2(&g->z, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY)) == Z_MEM_ERROR)
		no_memory("zlib");
	assert(rc == Z_OK);
	(void)rc;
	return g;
}

void
gzip_free(struct gzip *g)
{
	if (g == NULL)
		return;
	deflateEnd(&g->z);
	free(g);
}

void
gzip_start(struct gzip *g, struct buf *out, uint32_t mtime)
{
	assert(g->out == NULL);
	deflateReset(&g->z);
	memset(&g->head, 0, sizeof(g->head));
	g->head.time = mtime;
	g->head.os = 255;	/* unknown: the same bytes wherever we run */
	deflateSetHeader(&g->z, &g->head);
	g->out = out;
	g->raw = g->n_held = 0;
}

static void
feed(struct gzip *g, const uint8_t *at, size_t len)
{
	uInt	 piece;

	for (; len > 0; at += piece, len -= piece) {
		piece = len < (1u << 30) ? (uInt)len : 1u << 30;
		g->z.next_in = (Bytef *)(uintptr_t)at;
		g->z.avail_in = piece;
		run(g, Z_NO_FLUSH);
	}
}

/* Compressing and what is done for the next piece take turns at the processor's caches: not for every small one. */
void
gzip_add(struct gzip *g, const void *bytes, size_t len)
{
	g->raw += len;
	if (len > HELD - g->n_held) {
		feed(g, g->held, g->n_held);
		g->n_held = 0;
	}
	if (len > HELD) {
		feed(g, bytes, len);
	} else if (len > 0) {
		memcpy(g->held + g->n_held, bytes, len);
		g->n_held += len;
	}
}

void
gzip_end(struct gzip *g)
{
	g->z.next_in = g->held;
	g->z.avail_in = (uInt)g->n_held;
	run(g, Z_FINISH);
	g->n_held = 0;
	g->out = NULL;
}

size_t
gzip_raw(const struct gzip *g)
{
	return g->raw;
}

/* Until the input is used up (and, with Z_FINISH, the trailer is out). A buf at its cap gets nothing more: it knows. */
static void
run(struct gzip *g, int flush)
{
	struct buf	*out = g->out;
	uint8_t		 nowhere[256], *to;
	size_t		 room;
	int		 rc;

	do {
		buf_need(out, ROOM);
		if (buf_failed(out)) {
			to = nowhere;
			room = sizeof(nowhere);
		} else {
			to = (uint8_t *)out->bytes + out->len;
			room = ROOM;
		}
		g->z.next_out = to;
		g->z.avail_out = (uInt)room;
		rc = deflate(&g->z, flush);
		assert(rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR);
		if (to != nowhere) {
			out->len += room - g->z.avail_out;
			out->bytes[out->len] = '\0';
		}
	} while (flush == Z_FINISH ? rc != Z_STREAM_END : g->z.avail_in > 0 || g->z.avail_out == 0);
}

static voidpf
zalloc(voidpf unused, uInt n, uInt size)
{
	(void)unused;
	return xcalloc(n, size);
}

static void
zfree(voidpf unused, voidpf p)
{
	(void)unused;
	free(p);
}
