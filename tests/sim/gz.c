/*
 * gz - gzip, in pieces going out and bounded coming in.
 */
#include <stdlib.h>

#include "gz.h"

#define GZIP (15 + 16)

void
gz_open(struct gz *g, int level)
{
	memset(g, 0, sizeof(*g));
	if (deflateInit2(&g->z, level, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
}

void
gz_add(struct gz *g, const void *bytes, size_t len, int last, struct text *out)
{
	int	 rc;

	g->z.next_in = (Bytef *)(uintptr_t)bytes;
	g->z.avail_in = (uInt)len;
	do {
		g->z.next_out = (Bytef *)text_need(out, 16384);
		g->z.avail_out = 16384;
		rc = deflate(&g->z, last ? Z_FINISH : Z_NO_FLUSH);
		out->len += 16384 - g->z.avail_out;
	} while (g->z.avail_out == 0 || (last && rc != Z_STREAM_END));
}

void
gz_close(struct gz *g)
{
	deflateEnd(&g->z);
}

int
gz_inflate(const void *bytes, size_t len, size_t max, struct text *out)
{
	z_stream	 z;
	int		 rc = Z_OK, verdict = -1;

	memset(&z, 0, sizeof(z));
	if (inflateInit2(&z, GZIP) != Z_OK)
		abort();
	z.next_in = (Bytef *)(uintptr_t)bytes;
	z.avail_in = (uInt)len;
	for (;;) {
		z.next_out = (Bytef *)text_need(out, 65536);
		z.avail_out = 65536;
		rc = inflate(&z, Z_NO_FLUSH);
		out->len += 65536 - z.avail_out;
		if (out->len > max) {
			verdict = -2;
			break;
		}
		if (rc == Z_STREAM_END && z.avail_in == 0) {
			verdict = 0;
			break;
		}
		if (rc == Z_STREAM_END)
			rc = inflateReset(&z);
		if (rc != Z_OK || (z.avail_in == 0 && z.avail_out > 0))
			break;
	}
	inflateEnd(&z);
	return verdict;
}
