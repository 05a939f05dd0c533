/*
 * place - where the files of an output and feed stand.
 */
#include "deliver/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"

#define DAY_MS		(24 * 60 * 60 * 1000LL)
#define UNSEEN		(-2)		/* the directory cannot be read */
#define PLACE_SIZE	(4096 + 2 * ARCHIVE_NAME + 3)

/* Is the store's number of this day taken by a file? 1: *s says by which; 0: no; -1: the store. */
static int
taken(struct store *store, int output, int feed, const struct archive_file *dir, struct segment *s, struct err *e)
{
	char		 why[ARCHIVE_WHY];
	uint32_t	 next;

	if (archive_highest(dir, 0, &s->seq, why) != ARCHIVE_OK) {
		log_warn("archive-unreachable", "what is there is looked for again before it is written: %s", why);
		return UNSEEN;
	}
	if (store_segment_next(store, output, feed, dir->day, &next, e) == -1)
		return -1;
	s->feed = feed;
	s->sealed = 1;
	memcpy(s->day, dir->day, sizeof(s->day));
	return s->seq >= next;
}

int
place_settle(struct store *store, int output, int feed, const struct archive_file *dir, int64_t from_ms, int days, struct err *e)
{
	char			 key[64], is[PLACE_SIZE], was[PLACE_SIZE] = "", day[RFC3339_SIZE];
	struct archive_file	 of = *dir;
	struct segment		*theirs;
	size_t			 n = 0;
	int			 rc = 0, unseen;

	snprintf(key, sizeof(key), "place:%d:%d", output, feed);
	snprintf(is, sizeof(is), "%s/%s/%s", dir->root, dir->tenant, dir->feed);
	if (store_meta(store, key, was, sizeof(was), e) == -1)
		return -1;
	if (strcmp(is, was) == 0)
		return 0;
	theirs = xcalloc((size_t)days, sizeof(*theirs));
	for (int i = 0; i < days && rc >= 0; i++) {
		snprintf(of.day, sizeof(of.day), "%.10s", rfc3339_day(from_ms + i * DAY_MS, day));
		if ((rc = taken(store, output, feed, &of, &theirs[n], e)) == 1)
			n++;
	}
	unseen = rc == UNSEEN;
	if (rc != -1)
		rc = store_segments_move(store, output, feed, theirs, n, key, unseen ? NULL : is, e);
	free(theirs);
	return rc == -1 ? -1 : unseen;
}
