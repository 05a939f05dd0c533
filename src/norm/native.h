/*
 * native - Microsoft's record as Splunk's own add-ons for Microsoft expect it. Internal to norm/.
 *
 * The record's bytes in Microsoft's order of keys, with exactly one space after each ':' and ',' between tokens and none
 * anywhere else: the add-on's search-time patterns demand it (spec/splunk-cim.md section 3). Nothing else changes, so what
 * is sent again is the same, byte for byte. It streams over the bytes and never needs the index: no record is too large.
 *
 * A feed whose records the add-on knows in another envelope has a wrap function in its row.
 */
#ifndef NORM_NATIVE_H
#define NORM_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#include "norm/norm.h"

enum native_source {
	NATIVE_URI,		/* the blob's contentUri */
	NATIVE_TEXT,		/* the row's text */
	NATIVE_TENANT		/* the row's text, and the tenant's id behind it */
};

struct native_row {
	const char	*feeds;		/* what the feeds' names begin with; the first row that fits */
	const char	*sourcetype;
	enum native_source from;
	const char	*source;
	const char	*time;		/* top-level member that holds when it happened */
	void		(*wrap)(struct norm *, const struct norm_source *, const struct record *, struct buf *to); /* NULL: as it is */
};

extern const struct native_row native_rows[];		/* native_feeds.c; the last fits every feed */

const struct native_row *native_row(const char *feed);
/* Appends JSON text that is known to be sound, spaced as above. */
void	 native_spaced(const char *, size_t, struct buf *to);
/* The text of a top-level member that is a string, as it stands between its quotes; NULL: there is none. */
const char *native_member(const char *object, size_t len, const char *name, size_t *n);
/* Seconds since 1970 in decimal, with every digit of the fraction that the text has and no more. 0, or -1: not a time. */
int	 native_epoch(const char *text, size_t len, char to[NORM_EPOCH_SIZE]);
void	 native_event(struct norm *, const struct norm_source *, const struct record *, struct buf *to);

/* native_wrap.c */
const char *const *native_key(const char *feed, size_t);	/* the n-th key that this feed's envelope may have, in its row; NULL */
void	 native_wrap(struct norm *, const struct norm_source *, const struct record *, struct buf *to);
void	 native_without_alerts(struct norm *, const struct norm_source *, const struct record *, struct buf *to);

#endif
