/*
 * gzip - one gzip member written into a buf while it is fed. zlib's deflate is behind this header.
 */
#ifndef ENCODE_GZIP_H
#define ENCODE_GZIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct gzip;		/* reusable: deflate's memory is kept between members */

struct gzip *gzip_new(int level);
void	 gzip_free(struct gzip *);
void	 gzip_start(struct gzip *, struct buf *out, uint32_t mtime);	/* appends to out */
void	 gzip_add(struct gzip *, const void *, size_t);
void	 gzip_end(struct gzip *);
size_t	 gzip_raw(const struct gzip *);		/* bytes fed since gzip_start */

#endif
