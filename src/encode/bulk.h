/*
 * bulk - the body of a Bulk request, built while it is compressed: it never exists as a whole before compression.
 *
 * Two lines a record, each with its line break: {"create":{"_index":"...","_id":"..."}} and the event. The _id is
 * base64url of the record's 128-bit id (22 characters).
 */
#ifndef ENCODE_BULK_H
#define ENCODE_BULK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "encode/gzip.h"

struct bulk {			/* reusable */
	struct gzip	*gzip;
	struct buf	*to;
	struct buf	 action;
	size_t		 raw;		/* bytes before compression since bulk_start */
	int		 compress;
};

void	 bulk_init(struct bulk *);
void	 bulk_clear(struct bulk *);
void	 bulk_start(struct bulk *, struct buf *to, int compress);	/* appends to to */
/* Adds the record unless the body would get larger than max bytes (0: no limit; the first always fits). 1: added. */
int	 bulk_add(struct bulk *, const char *index, const uint8_t id[16], const char *event, size_t len, size_t max);
void	 bulk_end(struct bulk *);

#endif
