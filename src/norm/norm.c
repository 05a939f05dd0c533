/*
 * norm - from Microsoft's record to the event of a schema.
 */
#include "norm/norm.h"

#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/xalloc.h"
#include "norm/norm_in.h"

static const struct norm_schema *const	 schemas[] = { &ecs_audit };

struct norm *
norm_new(void)
{
	struct norm	*n = xcalloc(1, sizeof(*n));
	size_t		 members = 0, targets = 0;

	for (size_t i = 0; i < NORM_COUNT(schemas); i++) {
		n->plans[i] = plan_new(schemas[i]);
		if (n->plans[i]->n_members > members)
			members = n->plans[i]->n_members;
		if (n->plans[i]->n_targets > targets)
			targets = n->plans[i]->n_targets;
	}
	n->found = xcalloc(members, sizeof(*n->found));
	n->touched = xcalloc(members, sizeof(*n->touched));
	n->slots = xcalloc(targets, sizeof(*n->slots));
	n->seed = rnd();
	return n;
}

void
norm_free(struct norm *n)
{
	if (n == NULL)
		return;
	for (size_t i = 0; i < NORM_COUNT(schemas); i++)
		plan_free(n->plans[i]);
	for (size_t i = 0; i < NORM_COUNT(n->docs); i++)
		json_clear(&n->docs[i]);
	json_clear(&n->probe);
	json_clear(&n->j);
	buf_clear(&n->scratch);
	arena_clear(&n->arena);
	free(n->found);
	free(n->touched);
	free(n->tops);
	free(n->slots);
	free(n->values);
	free(n->seen);
	free(n->entries);
	free(n->groups);
	free(n->names);
	free(n);
}

/* Of several schemas for one source the first that fits; feeds that none is made for use the audit's. */
static size_t
schema_of(enum schema schema, const char *feed)
{
	for (size_t i = 0; i < NORM_COUNT(schemas); i++)
		if (schemas[i]->schema == schema && feed != NULL &&
		    strncmp(feed, schemas[i]->feeds, strlen(schemas[i]->feeds)) == 0)
			return i;
	return 0;
}

static void
mapped(struct norm *n, enum schema schema, const struct norm_source *source, const struct record *r, struct buf *out)
{
	norm_reset(n, n->plans[schema_of(schema, source->feed)]);
	n->source = source;
	n->record = r;
	switch (json_index(&n->j, r->bytes, r->len, NORM_TOKENS, JSON_DEPTH)) {
	case JSON_BAD:
		n->trouble = "the record is not JSON";
		break;
	case JSON_MANY:
		n->trouble = "the record has more than 200000 JSON tokens: only the values at its top level are here";
		n->many = 1;
		break;
	case JSON_OK:
		if (n->j.nodes[0].kind != JSON_OBJECT)
			n->trouble = "the record is not a JSON object";
		break;
	}
	if (n->j.n > 0 && n->j.nodes[0].kind == JSON_OBJECT)
		engine_collect(n);
	engine_run(n);
	write_event(n, out);
}

void
norm_event(struct norm *n, enum schema schema, const struct norm_source *source, const struct record *r, struct buf *out)
{
	if (schema == SCHEMA_RAW)
		json_squeeze(r->bytes, r->len, out);
	else
		mapped(n, schema, source, r, out);
}

const char *
norm_dataset(const char *feed)
{
	static const struct {
		const char	*feeds;
		const char	*dataset;
	} datasets[] = {
		{ "audit.",			"o365.audit" },
		{ "signin.",			"azure.signinlogs" },
		{ "directory.audit",		"azure.auditlogs" },
		{ "directory.provisioning",	"azure.provisioning" },
		{ "risk.",			"azure.identity_protection" },
		{ "alerts",			"m365_defender.alert" },
		{ "incidents",			"m365_defender.incident" },
	};

	for (size_t i = 0; i < NORM_COUNT(datasets); i++)
		if (strncmp(feed, datasets[i].feeds, strlen(datasets[i].feeds)) == 0)
			return datasets[i].dataset;
	return "o365.audit";
}
