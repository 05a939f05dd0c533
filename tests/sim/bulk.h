/*
 * bulk - the simulated Elasticsearch: what it holds, and its verdicts.
 *
 * Of a document only its key is kept. Ids are asked for again by _search and _mget, as a careful sender does after a
 * crash. The answers are Elasticsearch 8's.
 */
#ifndef SIM_BULK_H
#define SIM_BULK_H

#include <stdio.h>

#include "keytab.h"
#include "scan.h"
#include "text.h"

struct sink {
	struct keytab	 docs;			/* (index, _id, generation) */
	struct keytab	 ids;			/* _id alone */
	uint32_t	 refreshed;		/* so many of ids were there at the last _refresh */
	uint32_t	 generation;		/* of the write index; see bulk-rollover */
	uint64_t	 requests, items, created, duplicates_409, refused_400, refused_other, without_id, bad_requests;
	uint64_t	 bytes, wire_bytes, repeated_in_request, gzip_requests;
	struct kinds	 kinds;
	struct text	 reasons;		/* samples of 400s, a JSON list without its brackets */
	size_t		 nreasons;
	FILE		*dump;
};

#endif
