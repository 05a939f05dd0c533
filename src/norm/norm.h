/*
 * norm - from Microsoft's record to the event of a schema, by tables.
 *
 * norm_event never fails because of what a well-formed record holds. Scratch memory is in struct norm: one per worker,
 * reused from record to record.
 */
#ifndef NORM_NORM_H
#define NORM_NORM_H

#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/record.h"

struct norm;

enum schema { SCHEMA_RAW, SCHEMA_ECS, SCHEMA_NATIVE, SCHEMA_ECS_RAW };	/* later: CIM, OCSF */

struct norm_source {			/* what is the same for all records of a batch */
	const char	*tenant_guid;
	const char	*tenant_name;
	const char	*organization_name;	/* the tenant's domain, NULL if not configured */
	const char	*feed;			/* "audit.exchange" */
	const char	*namespace;		/* data_stream.namespace */
	int64_t		 created_ms;		/* contentCreated: @timestamp of a record without a readable time */
	int64_t		 stored_ms;		/* event.created */
	int64_t		 now_ms;		/* event.ingested */
	const char	*add;			/* norm_constants: fields of every event of schema ecs; NULL: none */
	int		 original;		/* event.original holds the record */
	int		 compat;		/* as Elastic's own integration, where ours is better by choice */
};

struct norm *norm_new(void);
void	 norm_free(struct norm *);
int	 norm_schema(const char *name, enum schema *);		/* "ecs"; -1: there is none of that name */
const char *norm_type_name(int record_type);			/* "ExchangeAdmin"; NULL: none */
int	 norm_maps(enum schema, const char *feed);		/* does it take records of this feed? */
/*
 * Appends one event, without a line break: raw = Microsoft's bytes without line breaks; ecs = one JSON object;
 * native = what Splunk's add-ons expect, Microsoft's bytes with one space after ':' and ',';
 * ecs-raw = {"o365audit": the record}, for Elastic's own ingest pipeline.
 */
void	 norm_event(struct norm *, enum schema, const struct norm_source *, const struct record *, struct buf *out);
/* For each field of the event a line: its path, its value, the row that made it and the member it came from. */
void	 norm_explain(struct norm *, enum schema, const struct norm_source *, const struct record *, struct buf *out);
/* FIELD, VALUE, FIELD, VALUE, ...: as norm_source takes it; the caller frees. NULL: n is 0. Fields are none that the mapping fills. */
char	*norm_constants_flat(const char *const *pairs, size_t n);	/* the same without objects: "labels.site":"berlin" */
char	*norm_constants(const char *const *pairs, size_t n);
void	 norm_fields(const char *feed, struct buf *);	/* the field reference of that feed's schema ecs, Markdown */
/* "o365.audit" for audit feeds, "azure.signinlogs", ...: data_stream.dataset by feed (design.md section 10). */
const char *norm_dataset(const char *feed);

#define NORM_EPOCH_SIZE 48

struct norm_envelope {			/* what Splunk keeps beside the event */
	const char	*sourcetype;	/* of the feed; static */
	const char	*source;	/* static, in text, or the uri given */
	char		 time[NORM_EPOCH_SIZE];	/* seconds since 1970 with all of the record's digits: "1795507262.1234567" */
	char		 text[128];
};
/* uri: the blob's contentUri, for the feeds that have blobs; borrowed. */
void	 norm_envelope(const struct norm_source *, const struct record *, const char *uri, struct norm_envelope *);

#endif
