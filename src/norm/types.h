/*
 * types - the field types of schema ecs in an index, and the templates made of them. What a template must hold is a
 * list: this room's fields (ecs.h) and the names that Elastic's rules and dashboards ask for.
 *
 * Templates refuse no record and grow no field for every name: what cannot be read as date, ip or number is kept and not
 * indexed; members that are free in their names (Parameters, ...) have fields only for the names that rules ask for.
 */
#ifndef NORM_TYPES_H
#define NORM_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum index_flavor { FLAVOR_ELASTIC, FLAVOR_OPENSEARCH };

#define TEMPLATE_VERSION 1	/* goes up with every change of what follows */

/* Every field with its type, sorted so that an object comes before what is in it. type: "keyword", "date", "ip", ...; "flat": flattened
 * or flat_object; "stored": kept, not searchable; and objects: "open" (other members get fields, as far as the limit and where the
 * product has one that refuses nothing), "grows" (they always do), "closed" (they never do). dataset NULL: of all. */
void	 types_each(const char *dataset, void (*)(void *arg, const char *path, const char *type), void *arg);

/* The datasets that have a template: "o365.audit", ...; NULL: no more. */
const char *types_dataset(size_t i);

/* template.c: bodies for the cluster's API, indented, without a line break at the end. */
/* Tells mappings apart whatever order and spacing a cluster gives back; _meta.mappings_digest is that of the ones sent. */
uint32_t template_digest(const char *mappings, size_t len);
void	 template_fields(enum index_flavor, const char *dataset, struct buf *);		/* _component_template/m365fwd-<dataset> */
/* _index_template/...: for a data stream's pattern, or (stream 0) a plain index. lifecycle: the policy is there. */
void	 template_index(enum index_flavor, const char *component, const char *pattern, int stream, int lifecycle, struct buf *);
void	 template_lifecycle(enum index_flavor, struct buf *);	/* _ilm/policy/m365fwd, _plugins/_ism/policies/m365fwd */
/* _ingest/pipeline/m365fwd-enrich; without the processors that a cluster does not have. */
void	 template_pipeline(enum index_flavor, int geo, int user_agent, struct buf *);

#endif
