/*
 * ndjson - lines packed into gzip members small enough to be skipped or read alone.
 *
 * A member holds at most NDJSON_MEMBER bytes of lines (a longer line is a member of its own); its MTIME is the second
 * in which the newest of its records was stored, so that a search can skip by time and replay knows it.
 */
#ifndef ENCODE_NDJSON_H
#define ENCODE_NDJSON_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "encode/gzip.h"

#define NDJSON_MEMBER (256u << 10)

struct ndjson {			/* reusable */
	struct gzip	*gzip;
	struct buf	 lines;		/* of the member that is being filled */
	int64_t		 newest_ms;
};

void	 ndjson_init(struct ndjson *);
void	 ndjson_clear(struct ndjson *);
/* One line without its line break; stored_ms is when its record was stored. Full members are appended to to. */
void	 ndjson_add(struct ndjson *, struct buf *to, const char *line, size_t len, int64_t stored_ms);
void	 ndjson_flush(struct ndjson *, struct buf *to);		/* ends the member, if there is one */

#endif
