/*
 * split - from the bytes of a blob, as they come, to its records.
 *
 * A blob is one JSON array; each element is a record. The splitter counts brackets and strings and no more, so that one
 * broken element costs one element (design.md section 5, "Blobs"); identity.c then judges each element. Memory: one
 * element up to record_max, and nothing for an element that lies within one piece. An element over record_max is
 * skipped while it streams by; its Id is looked for.
 */
#ifndef COLLECT_SPLIT_H
#define COLLECT_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/record.h"
#include "collect/identity.h"

struct split;

struct split_bad {			/* an element that cannot be a record */
	uint8_t		 id[16];
	uint32_t	 ordinal;
	const char	*record_id;	/* the Id found in it, or "-" */
	const char	*reason;	/* "not-json: ...", "not-object: ...", "too-large: N bytes" */
	const char	*bytes;		/* NULL: too large */
	size_t		 len;
};

struct split_to {			/* borrowed pointers, valid during the call */
	void		(*record)(void *arg, const struct record *);
	void		(*bad)(void *arg, const struct split_bad *);
	void		*arg;
};

enum split_state { SPLIT_MORE, SPLIT_END, SPLIT_BROKEN };

struct split *split_new(const struct identity_names *, size_t record_max, const struct split_to *);
void	 split_free(struct split *);
enum split_state split_feed(struct split *, const char *, size_t);
/* The same for an array with something behind it: stops after its closing bracket, and says how many bytes were taken. */
size_t	 split_feed_array(struct split *, const char *, size_t, enum split_state *);
/* The body is over: SPLIT_END if the closing bracket was there, else SPLIT_BROKEN. */
enum split_state split_finish(struct split *);
const char *split_trouble(const struct split *);	/* static text */
uint64_t split_elements(const struct split *);		/* whole ones so far */
uint64_t split_bytes(const struct split *);		/* of records */
const struct json *split_json(const struct split *);	/* during the callback `record`: its index */
const uint8_t *split_row(const struct split *);		/* during the callback `record`: identity_row() of it */

#endif
