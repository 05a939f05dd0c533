/*
 * place - where the files of an output and feed stand, so that what somebody else left there is never written over.
 *
 * The store knows the numbers of what this output wrote, and where. In a place that is not the one it knows (a new output, another
 * path, another name of the tenant, a new store) files may stand that it knows nothing of: what is open is sealed, and the numbers
 * go on behind theirs. This is noted before the first byte is written; what is found later behind the store's numbers is our own,
 * unrecorded.
 */
#ifndef DELIVER_PLACE_H
#define DELIVER_PLACE_H

#include "deliver/archive.h"
#include "store/store.h"

/*
 * Before store_start, and before store_segments is asked. dir: root, tenant and feed; so many days are looked at, from that of
 * from_ms on.
 * -1: the store. 1: the place cannot be read now: what was open is sealed, but no number of a day is known.
 */
int	 place_settle(struct store *, int output, int feed, const struct archive_file *dir, int64_t from_ms, int days, struct err *);

#endif
