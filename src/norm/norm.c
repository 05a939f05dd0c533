/*
 * norm - from Microsoft's record to the event of a schema.
 */
#include "norm/norm.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/held.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "norm/ecs.h"
#include "norm/native.h"
#include "norm/rest.h"

struct norm *
norm_new(void)
{
	struct norm	*n = xcalloc(1, sizeof(*n));
	size_t		 most = 1;

	assert(n_families <= FAMILIES_MAX);
	for (size_t f = 0; f < n_families; f++) {
		size_t	 members = family_members(families[f]);

		for (size_t i = 0; i < members; i++)
			names_add(&n->names_of[f], family_member(families[f], i), (uint16_t)i);
		if (members > most)
			most = members;
	}
	kinds_init(&n->kinds);
	ecs_plan(n);
	ecs_places(&n->places);
	n->node = xcalloc(most, sizeof(*n->node));
	n->moved = xcalloc(most, 1);
	return n;
}

void
norm_free(struct norm *n)
{
	if (n == NULL)
		return;
	json_clear(&n->json);
	json_clear(&n->inner);
	arena_clear(&n->arena);
	buf_clear(&n->text);
	buf_clear(&n->unread);
	buf_clear(&n->value);
	for (size_t f = 0; f < n_families; f++)
		names_free(&n->names_of[f]);
	names_free(&n->kinds);
	places_clear(&n->places);
	for (size_t i = 0; i < n->n_plans; i++)
		free(n->plans[i].sources);
	free(n->plans);
	free(n->node);
	free(n->moved);
	free(n);
}

static void
put_time(struct norm *n, enum field f, int64_t ms)
{
	char	 text[RFC3339_SIZE];

	slot_sets(n, f, rfc3339_text(ms, 3, text));
}

static void
trouble(struct norm *n, const char *why)
{
	n->why = "what went wrong";
	slot_add(n, F_ERROR_MESSAGE, why, strlen(why));
}

static int
read_time(struct norm *n, const char *member, int64_t *ms)
{
	uint32_t	 node = ecs_find(n, member);

	buf_reset(&n->text);
	if (node != JSON_NONE && n->json.nodes[node].kind == JSON_STRING)
		json_text(&n->json, node, &n->text);
	return when_parse(buf_str(&n->text), n->text.len, ms) == 0;
}

/* When it happened; never the time of arrival under another name. */
static void
timestamp(struct norm *n)
{
	char	 name[64], why[192];
	size_t	 len;
	int64_t	 ms;

	for (const char *p = n->family->time; *p != '\0'; p += len + (p[len] == ' ')) {
		len = strcspn(p, " ");
		snprintf(name, sizeof(name), "%.*s", (int)len, p);
		if (read_time(n, name, &ms)) {
			n->why = "the record's own time, UTC";
			put_time(n, F_TIMESTAMP, ms);
			return;
		}
	}
	n->why = "when the content was made available";
	put_time(n, F_TIMESTAMP, n->source->created_ms);
	snprintf(why, sizeof(why), "%.*s is missing or no time: @timestamp is when %s", (int)strcspn(n->family->time, " "),
	    n->family->time, n->family->shape != NULL ? "the row was fetched" : "Microsoft made the content available");
	trouble(n, why);
}

static void
constants(struct norm *n)
{
	const char	*dataset = norm_dataset(n->source->feed);

	n->why = "every event";
	slot_sets(n, F_ECS_VERSION, "8.11.0");
	slot_sets(n, F_EVENT_KIND, "event");
	slot_sets(n, F_EVENT_MODULE, n->family->module);
	slot_sets(n, F_EVENT_DATASET, dataset);
	slot_sets(n, F_DS_TYPE, "logs");
	slot_sets(n, F_DS_DATASET, dataset);
	slot_sets(n, F_DS_NAMESPACE, n->source->namespace);
	put_time(n, F_EVENT_CREATED, n->source->stored_ms);
	put_time(n, F_EVENT_INGESTED, n->source->now_ms);
	ecs_rows(n, "every event", n->family->constants, n->family->n_constants);
}

/* A row that changed: 2, 3, ... */
static void
revision(struct norm *n, uint32_t number)
{
	char	 text[16];

	if (number < 2)
		return;
	snprintf(text, sizeof(text), "%u", number);
	slot_sets(n, F_REVISION, text);
}

/* Microsoft's bytes on one line. In sound JSON a line break stands only between tokens, where it means nothing. */
static void
raw(const struct record *r, struct buf *out)
{
	const char	*p = r->bytes, *end = p + r->len, *stop;

	if (memchr(p, '\n', r->len) == NULL && memchr(p, '\r', r->len) == NULL) {
		buf_add(out, p, r->len);
		return;
	}
	for (; p < end; p = stop + 1) {
		for (stop = p; stop < end && *stop != '\n' && *stop != '\r'; stop++)
			continue;
		buf_add(out, p, (size_t)(stop - p));
	}
}

/* The record itself, for those who asked for it, marked as Elastic's agents mark it. */
static void
original(struct norm *n, const struct record *r)
{
	struct buf	 line = { 0 };

	raw(r, &line);
	n->why = "preserve_original_event";
	slot_set(n, F_EVENT_ORIGINAL, buf_str(&line), line.len);
	slot_add(n, F_TAGS, "preserve_original_event", 23);
	buf_clear(&line);
}

static void
ecs(struct norm *n, const struct record *r)
{
	enum json_verdict	 verdict = json_index(&n->json, r->bytes, r->len, NODES_MAX, DEPTH);
	size_t			 family = family_of(n->source->feed);

	n->family = families[family];
	n->names = &n->names_of[family];
	arena_reset(&n->arena);
	n->scalars = verdict == JSON_MANY;
	if (verdict == JSON_BAD || n->json.nodes[0].kind != JSON_OBJECT) {
		/* The splitter lets none of these in; if one comes all the same it still arrives. */
		json_index(&n->json, "{}", 2, 0, JSON_DEPTH);
		ecs_members(n);
		constants(n);
		put_time(n, F_TIMESTAMP, n->source->created_ms);
		slot_set(n, F_EVENT_ORIGINAL, r->bytes, r->len);
		trouble(n, "the record is no JSON object");
	} else {
		ecs_members(n);
		constants(n);
		timestamp(n);
		if (verdict == JSON_MANY)
			trouble(n, "the record has over 200000 JSON tokens: only its top-level values are mapped");
		n->family->map(n);
	}
	revision(n, r->revision);
	if (n->source->original)
		original(n, r);
	if (slot_get(n, F_ERROR_MESSAGE) != NULL) {
		n->why = "error.message is there";
		slot_sets(n, F_EVENT_KIND, "pipeline_error");
	}
	ecs_write(n);
}

static const struct {
	const char	*name;
	enum schema	 schema;
	const char	*feeds;		/* what the names begin with; "": all */
} schemas[] = {
	{ "raw",	SCHEMA_RAW,	"" },
	{ "ecs",	SCHEMA_ECS,	"" },
	{ "native",	SCHEMA_NATIVE,	"" },
	{ "ecs-raw",	SCHEMA_ECS_RAW,	"audit." },
};

int
norm_schema(const char *name, enum schema *schema)
{
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
		if (strcmp(schemas[i].name, name) == 0) {
			*schema = schemas[i].schema;
			return 0;
		}
	return -1;
}

const char *
norm_type_name(int record_type)
{
	return record_type_name(record_type);
}

int
norm_maps(enum schema schema, const char *feed)
{
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
		if (schemas[i].schema == schema && strncmp(feed, schemas[i].feeds, strlen(schemas[i].feeds)) == 0)
			return 1;
	return 0;
}

void
norm_event(struct norm *n, enum schema schema, const struct norm_source *source, const struct record *r, struct buf *out)
{
	n->source = source;
	n->out = out;
	n->explain = NULL;
	held_at(r);
	switch (schema) {
	case SCHEMA_RAW:
		raw(r, out);
		break;
	case SCHEMA_ECS:
		ecs(n, r);
		break;
	case SCHEMA_NATIVE:
		native_event(n, source, r, out);
		break;
	case SCHEMA_ECS_RAW:
		buf_adds(out, "{\"o365audit\":");
		raw(r, out);
		buf_addc(out, '}');
		break;
	}
	held_none();
}

void
norm_explain(struct norm *n, enum schema schema, const struct norm_source *source, const struct record *r, struct buf *out)
{
	if (schema != SCHEMA_ECS) {
		buf_addf(out, "the record%s is the whole event\n",
		    schema == SCHEMA_NATIVE && native_row(source->feed)->wrap != NULL ?
		    ", in the form that Splunk's add-on knows (doc/splunk.md)," : ", as it came,");
		return;
	}
	n->source = source;
	buf_reset(&n->unread);
	n->out = &n->unread;
	n->explain = out;
	ecs(n, r);
	n->explain = NULL;
	n->out = NULL;
}
