/*
 * source - a blob's bytes, piece by piece: what is not asked for is never made.
 */
#ifndef SIM_SOURCE_H
#define SIM_SOURCE_H

#include "blob.h"

struct source {
	const struct blobs *blobs;
	const struct blob *blob;
	uint32_t	 next;		/* ordinal */
	uint32_t	 break_at;	/* the record that is cut in the middle, where it all ends; 0: none (counts from 1) */
	int		 step;
	size_t		 filler;	/* left */
	struct plan	 giant;
};

void	 source_open(struct source *, const struct blobs *, const struct blob *, int broken);
void	 source_record(const struct blobs *, const struct blob *, uint32_t ordinal, struct text *);	/* one element, as served */
int	 source_read(struct source *, struct text *, size_t about);	/* adds about that much; 0: that was all */

#endif
