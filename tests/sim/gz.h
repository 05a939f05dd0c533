/*
 * gz - gzip, in pieces going out and bounded coming in.
 */
#ifndef SIM_GZ_H
#define SIM_GZ_H

#include <zlib.h>

#include "text.h"

struct gz {
	z_stream	 z;
};

void	 gz_open(struct gz *, int level);
void	 gz_add(struct gz *, const void *, size_t, int last, struct text *out);
void	 gz_close(struct gz *);
/* All members; 0: sound, -1: broken, -2: more than max bytes. */
int	 gz_inflate(const void *, size_t, size_t max, struct text *out);

#endif
