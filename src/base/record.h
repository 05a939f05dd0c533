/*
 * record - one of Microsoft's records on its way through the house, and how a batch holds many of them.
 *
 * A batch body is records back to back. Each is a fixed header, little-endian, and the bytes as Microsoft sent them:
 *
 *	offset	bytes
 *	0	4	length of the record's bytes
 *	4	4	ordinal in its blob or page, from 0
 *	8	4	revision: 0 for records that never change, else 1, 2, ...
 *	12	4	digest of the content (json_digest), to tell a repeat from a change
 *	16	8	event time, whole seconds since 1970, 0 if it cannot be read
 *	24	16	id: first 128 bits of the SHA-256 that design.md section 5 defines
 *	40	-	the bytes
 *
 * A record's position in its batch (0, 1, ...) is its address together with the batch's number.
 */
#ifndef BASE_RECORD_H
#define BASE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define RECORD_HEAD 40

struct record {
	uint32_t	 ordinal;
	uint32_t	 revision;
	uint32_t	 digest;
	int64_t		 second;
	uint8_t		 id[16];
	const char	*bytes;		/* borrowed */
	size_t		 len;
};

void	 record_head(const struct record *, uint8_t head[RECORD_HEAD]);
void	 record_add(struct buf *, const struct record *);
void	 record_set_revision(char *head, uint32_t revision);	/* of the record that begins there */
/* Reads the record at *at and moves *at past it; 1: got one, 0: end, -1: the body is not well-formed. */
int	 record_next(const char *body, size_t len, size_t *at, struct record *);

#endif
