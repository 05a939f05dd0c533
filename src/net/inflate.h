/*
 * inflate - a body as it was before Content-Encoding, piece by piece. zlib is behind this header.
 *
 * Takes gzip (also several members), or passes identity through. Never gives more than the caller has room for, so a
 * bomb costs time and no memory. A body is whole only when inflate_whole() says so after the last byte went in: end of
 * stream, checksum and length right, nothing behind. An empty gzip body is not whole.
 */
#ifndef NET_INFLATE_H
#define NET_INFLATE_H

#include <stddef.h>

struct inflate;

enum inflate_coding { INFLATE_IDENTITY, INFLATE_GZIP };

struct inflate *inflate_new(enum inflate_coding);
void	 inflate_free(struct inflate *);
/* From in[*in_used, in_len) to out[0, out_size): *in_used moves, *out_len is what was written. 0: fine; -1: corrupt, or
 * bytes after the end. Call again while *in_used < in_len or *out_len == out_size. */
int	 inflate_more(struct inflate *, const char *in, size_t in_len, size_t *in_used, char *out, size_t out_size,
	    size_t *out_len);
int	 inflate_whole(const struct inflate *);		/* identity: always 1 */
const char *inflate_trouble(const struct inflate *);	/* static text: what is wrong, or that the end is missing */
/* One small body at once; -1: corrupt, cut, or over max bytes. */
struct buf;
int	 inflate_all(enum inflate_coding, const char *in, size_t in_len, size_t max, struct buf *out);

#endif
