/*
 * identity - what makes a record itself: its id, its event time, its digest (design.md section 5, "Identity of an event").
 *
 * id = first 128 bits of SHA-256("m365fwd1" NUL tenant GUID NUL family NUL lower-case Id). A record without an Id (absent,
 * empty, or the zero GUID) is known by content id, ordinal and the hash of its bytes instead, so that a re-read meets
 * itself and two never become one; where pages have no name that a re-read would meet, by how many equal ones came before it.
 *
 * Rows that change: behind the Id follow NUL and the content hash, so each version has an id of its own; identity_row() is
 * the id without it, which says what it is a version of.
 */
#ifndef COLLECT_IDENTITY_H
#define COLLECT_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/record.h"

struct identity;		/* scratch; one per stream, not shared between threads */

struct identity_names {
	const char	*tenant_guid;		/* lower case */
	const char	*family;		/* "audit" */
	const char	*content_id;		/* of the blob; NULL: pages, whose names mean nothing */
	const char	*id_name;		/* "Id" */
	const char	*time_name;		/* "CreationTime" */
	int		 changes;		/* rows change in place */
};

struct identity *identity_new(const struct identity_names *);	/* copies the strings */
void	 identity_free(struct identity *);
/* Fills id, second, digest; bytes, len and ordinal are the caller's. 0, or -1: it is no record: *why is static text. */
int	 identity_record(struct identity *, struct record *, const char **why);
/* Of the record just filled in, when rows change: its id, whatever it says. */
const uint8_t *identity_row(const struct identity *);
const struct json *identity_json(const struct identity *);	/* of the record just filled in */
/* The id of an element that is no record, or is too large to be looked at. */
void	 identity_element(struct identity *, uint32_t ordinal, const void *bytes, size_t len, uint8_t id[16]);

#endif
