/*
 * places - where fields stand in the nested objects of an event: paths are cut once, and walked for every event.
 *
 * "event.id", "event.kind" -> {"event":{"id":1,"kind":2}}. Paths of one object stand together in the list; sorting does that.
 */
#ifndef NORM_PLACES_H
#define NORM_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define PLACE_NONE SIZE_MAX

struct places {
	struct place	*all;
	struct step	*steps;
	struct buf	 text;
};

void	 places_init(struct places *, const char *const *paths, size_t n);
void	 places_clear(struct places *);
/* From the field written before (PLACE_NONE: none) to this one: objects end and begin, a comma where one is due, the name. */
void	 places_walk(const struct places *, size_t before, size_t now, struct buf *);
/* After the last one all objects end. */
void	 places_end(const struct places *, size_t before, struct buf *);

#endif
