/*
 * template - what an index is told about our fields: component and index templates, lifecycle policy, ingest pipeline.
 *
 * Elasticsearch leaves out a field over the limit; OpenSearch refuses the document instead, so there unknown members are kept and
 * not indexed. Nothing is nested: one document of many nested objects can pass that limit too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "norm/types.h"

#define DEPTH_MAX 16

struct writer {
	struct json_out		 o;
	enum index_flavor	 flavor;
	char			 open[DEPTH_MAX][128];	/* the objects that are open, as whole paths */
	unsigned		 depth;
};

static void
name(struct json_out *o, const char *text)
{
	json_out_name(o, text, strlen(text));
}

static void
string(struct json_out *o, const char *key, const char *value)
{
	name(o, key);
	json_out_string(o, value, strlen(value));
}

static void
raw(struct json_out *o, const char *key, const char *json)
{
	name(o, key);
	json_out_raw(o, json, strlen(json));
}

/* ---- fields ---------------------------------------------------------------------------------------------------------- */

/* 8191 characters of four bytes are under Lucene's 32,766; a flattened leaf has its key in front. */
static const struct {
	const char	*type, *elastic, *opensearch;
} definitions[] = {
	{ "keyword",	"{\"type\":\"keyword\",\"ignore_above\":8191}",		NULL },
	{ "stored",	"{\"type\":\"keyword\",\"index\":false,\"doc_values\":false,\"ignore_above\":8191}", NULL },
	{ "text",	"{\"type\":\"match_only_text\"}",			"{\"type\":\"text\",\"norms\":false}" },
	{ "date",	"{\"type\":\"date\",\"ignore_malformed\":true}",	NULL },
	{ "ip",		"{\"type\":\"ip\",\"ignore_malformed\":true}",		NULL },
	{ "long",	"{\"type\":\"long\",\"ignore_malformed\":true}",	NULL },
	{ "float",	"{\"type\":\"float\",\"ignore_malformed\":true}",	NULL },
	{ "geo_point",	"{\"type\":\"geo_point\",\"ignore_malformed\":true}",	NULL },
	{ "boolean",	"{\"type\":\"boolean\",\"ignore_malformed\":true}",	"{\"type\":\"boolean\"}" },
	{ "flat",	"{\"type\":\"flattened\",\"ignore_above\":7000,\"depth_limit\":100}", "{\"type\":\"flat_object\"}" },
};

static const char *
definition(enum index_flavor flavor, const char *type)
{
	for (size_t i = 0; i < sizeof(definitions) / sizeof(definitions[0]); i++)
		if (strcmp(definitions[i].type, type) == 0)
			return flavor == FLAVOR_OPENSEARCH && definitions[i].opensearch != NULL ? definitions[i].opensearch :
			    definitions[i].elastic;
	abort();	/* a row of the field table has a type that is none */
}

/* NULL: the type is no object's. */
static const char *
dynamic(enum index_flavor flavor, const char *type)
{
	if (strcmp(type, "closed") == 0)
		return "false";
	if (strcmp(type, "grows") == 0)
		return "true";
	if (strcmp(type, "open") == 0)
		return flavor == FLAVOR_ELASTIC ? "true" : "false";
	return NULL;
}

/* Closes objects until the innermost open one holds path. */
static void
close_to(struct writer *w, const char *path)
{
	while (w->depth > 0) {
		const char	*top = w->open[w->depth - 1];
		size_t		 n = strlen(top);

		if (strncmp(path, top, n) == 0 && path[n] == '.')
			return;
		json_out_close(&w->o, '}');
		json_out_close(&w->o, '}');
		w->depth--;
	}
}

static void
open_object(struct writer *w, const char *path, size_t len, const char *how)
{
	const char	*last = w->depth > 0 ? path + strlen(w->open[w->depth - 1]) + 1 : path;

	json_out_name(&w->o, last, (size_t)(path + len - last));
	json_out_open(&w->o, '{');
	if (how != NULL) {
		string(&w->o, "type", "object");
		string(&w->o, "dynamic", how);
	}
	name(&w->o, "properties");
	json_out_open(&w->o, '{');
	snprintf(w->open[w->depth++], sizeof(w->open[0]), "%.*s", (int)len, path);
}

static void
put_field(void *arg, const char *path, const char *type)
{
	struct writer	*w = arg;
	const char	*how = dynamic(w->flavor, type), *dot;
	size_t		 at;

	close_to(w, path);
	for (;;) {
		at = w->depth > 0 ? strlen(w->open[w->depth - 1]) + 1 : 0;
		if ((dot = strchr(path + at, '.')) == NULL)
			break;
		open_object(w, path, (size_t)(dot - path), NULL);
	}
	if (how != NULL)
		open_object(w, path, strlen(path), how);
	else
		raw(&w->o, path + at, definition(w->flavor, type));
}

/* Whatever a member that nobody named has first, it is a keyword: a number today and a text tomorrow both fit. */
static void
put_dynamic(struct json_out *o)
{
	static const char *const kinds[] = { "string", "long", "double", "boolean" };

	name(o, "dynamic_templates");
	json_out_open(o, '[');
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char	 rule[32];

		snprintf(rule, sizeof(rule), "any_%s", kinds[i]);
		json_out_open(o, '{');
		name(o, rule);
		json_out_open(o, '{');
		string(o, "match_mapping_type", kinds[i]);
		raw(o, "mapping", definition(FLAVOR_ELASTIC, "keyword"));
		json_out_close(o, '}');
		json_out_close(o, '}');
	}
	json_out_close(o, ']');
}

static void
put_meta(struct json_out *o)
{
	name(o, "_meta");
	json_out_open(o, '{');
	string(o, "managed_by", "m365fwd");
	name(o, "m365fwd_template");
	json_out_int(o, TEMPLATE_VERSION);
	json_out_close(o, '}');
}

static void
put_mappings(struct writer *w, const char *dataset)
{
	struct json_out	*o = &w->o;

	json_out_open(o, '{');
	raw(o, "dynamic", "false");
	raw(o, "date_detection", "false");
	raw(o, "numeric_detection", "false");
	raw(o, "_source", "{\"excludes\":[\"m365fwd.search\"]}");
	put_meta(o);
	put_dynamic(o);
	name(o, "properties");
	json_out_open(o, '{');
	types_each(dataset, put_field, w);
	close_to(w, "");
	json_out_close(o, '}');
	json_out_close(o, '}');
}

uint32_t
template_digest(const char *mappings, size_t len)
{
	struct json	 j = { 0 };
	uint32_t	 digest = json_index(&j, mappings, len, 0, JSON_DEPTH) == JSON_OK ? json_digest(&j, 0) : 0;

	json_clear(&j);
	return digest;
}

void
template_fields(enum index_flavor flavor, const char *dataset, struct buf *to)
{
	struct writer	 w = { .flavor = flavor }, inner = { .flavor = flavor };
	struct buf	 mappings = { 0 };
	char		 digest[32];

	json_out_init(&inner.o, &mappings);
	put_mappings(&inner, dataset);
	snprintf(digest, sizeof(digest), "%08x", template_digest(mappings.bytes, mappings.len));
	json_out_init(&w.o, to);
	json_out_open(&w.o, '{');
	name(&w.o, "version");
	json_out_int(&w.o, TEMPLATE_VERSION);
	name(&w.o, "_meta");
	json_out_open(&w.o, '{');
	string(&w.o, "managed_by", "m365fwd");
	string(&w.o, "mappings_digest", digest);
	json_out_close(&w.o, '}');
	name(&w.o, "template");
	json_out_open(&w.o, '{');
	raw(&w.o, "settings", flavor == FLAVOR_ELASTIC ?
	    "{\"index\":{\"codec\":\"best_compression\",\"mapping\":{\"total_fields\":{\"limit\":1000,"
	    "\"ignore_dynamic_beyond_limit\":true},\"depth\":{\"limit\":100},\"ignore_malformed\":true}}}" :
	    "{\"index\":{\"codec\":\"best_compression\",\"mapping\":{\"total_fields\":{\"limit\":1000},"
	    "\"depth\":{\"limit\":100},\"ignore_malformed\":true}}}");
	name(&w.o, "mappings");
	json_out_raw(&w.o, mappings.bytes, mappings.len);
	json_out_close(&w.o, '}');
	json_out_close(&w.o, '}');
	buf_clear(&mappings);
}

/* ---- around the fields ----------------------------------------------------------------------------------------------- */

void
template_index(enum index_flavor flavor, const char *component, const char *pattern, int stream, int lifecycle, struct buf *to)
{
	struct json_out	 o;
	char		 custom[300];

	snprintf(custom, sizeof(custom), "%s@custom", component);
	json_out_init(&o, to);
	json_out_open(&o, '{');
	name(&o, "index_patterns");
	json_out_open(&o, '[');
	json_out_string(&o, pattern, strlen(pattern));
	json_out_close(&o, ']');
	if (stream)
		raw(&o, "data_stream", "{}");
	raw(&o, "priority", "250");		/* over the cluster's own logs-*-* (100) and Fleet's (200) */
	name(&o, "composed_of");
	json_out_open(&o, '[');
	json_out_string(&o, component, strlen(component));
	if (flavor == FLAVOR_ELASTIC)		/* an operator's additions */
		json_out_string(&o, custom, strlen(custom));
	json_out_close(&o, ']');
	if (flavor == FLAVOR_ELASTIC) {
		name(&o, "ignore_missing_component_templates");
		json_out_open(&o, '[');
		json_out_string(&o, custom, strlen(custom));
		json_out_close(&o, ']');
		if (lifecycle && stream)
			raw(&o, "template", "{\"settings\":{\"index\":{\"lifecycle\":{\"name\":\"m365fwd\"}}}}");
	}
	name(&o, "version");
	json_out_int(&o, TEMPLATE_VERSION);
	put_meta(&o);
	json_out_close(&o, '}');
}

/* Nothing is deleted: people keep audit records longer than Microsoft does, and how long is theirs to say. */
void
template_lifecycle(enum index_flavor flavor, struct buf *to)
{
	struct json_out	 o;
	char		 pattern[128];

	json_out_init(&o, to);
	json_out_open(&o, '{');
	name(&o, "policy");
	json_out_open(&o, '{');
	if (flavor == FLAVOR_ELASTIC) {
		put_meta(&o);
		raw(&o, "phases", "{\"hot\":{\"actions\":{\"rollover\":{\"max_primary_shard_size\":\"50gb\",\"max_age\":\"30d\"}}}}");
	} else {
		string(&o, "description", "m365fwd: a new index at 50 GB or 30 days; nothing is deleted");
		string(&o, "default_state", "hot");
		raw(&o, "states", "[{\"name\":\"hot\",\"actions\":[{\"rollover\":{\"min_primary_shard_size\":\"50gb\","
		    "\"min_index_age\":\"30d\"}}],\"transitions\":[]}]");
		name(&o, "ism_template");
		json_out_open(&o, '[');
		json_out_open(&o, '{');
		name(&o, "index_patterns");
		json_out_open(&o, '[');
		for (size_t i = 0; types_dataset(i) != NULL; i++) {
			snprintf(pattern, sizeof(pattern), "logs-%s-*", types_dataset(i));
			json_out_string(&o, pattern, strlen(pattern));
		}
		json_out_close(&o, ']');
		raw(&o, "priority", "250");
		json_out_close(&o, '}');
		json_out_close(&o, ']');
	}
	json_out_close(&o, '}');
	json_out_close(&o, '}');
}

/* ---- the pipeline ---------------------------------------------------------------------------------------------------- */

/* Members with free names, copied into one flattened field each, so that every name can be searched. */
static const struct {
	const char	*from, *to, *there;	/* there: Painless, is it? */
} free_members[] = {
	{ "o365.audit.Parameters", "m365fwd.search.Parameters", "ctx.o365?.audit?.Parameters instanceof Map" },
	{ "o365.audit.ExtendedProperties", "m365fwd.search.ExtendedProperties", "ctx.o365?.audit?.ExtendedProperties instanceof Map" },
	{ "o365.audit.ModifiedProperties", "m365fwd.search.ModifiedProperties", "ctx.o365?.audit?.ModifiedProperties instanceof Map" },
	{ "azure.auditlogs.properties.additional_details", "m365fwd.search.additional_details",
	    "ctx.azure?.auditlogs?.properties?.additional_details instanceof List" },
};

#define GEO(side) \
	"{\"geoip\":{\"if\":\"ctx." side "?.geo == null\",\"field\":\"" side ".ip\",\"target_field\":\"" side ".geo\"," \
	"\"ignore_missing\":true,\"ignore_failure\":true}}", \
	"{\"geoip\":{\"database_file\":\"GeoLite2-ASN.mmdb\",\"field\":\"" side ".ip\",\"target_field\":\"" side ".as\"," \
	"\"properties\":[\"asn\",\"organization_name\"],\"ignore_missing\":true,\"ignore_failure\":true}}", \
	"{\"rename\":{\"field\":\"" side ".as.asn\",\"target_field\":\"" side ".as.number\",\"ignore_missing\":true," \
	"\"ignore_failure\":true}}", \
	"{\"rename\":{\"field\":\"" side ".as.organization_name\",\"target_field\":\"" side ".as.organization.name\"," \
	"\"ignore_missing\":true,\"ignore_failure\":true}}"

static const char *const geoip[] = { GEO("source"), GEO("client") };
#define USER_AGENT "{\"user_agent\":{\"field\":\"user_agent.original\",\"ignore_missing\":true,\"ignore_failure\":true}}"

/* Every processor may fail and the record is indexed all the same. */
void
template_pipeline(enum index_flavor flavor, int geo, int user_agent, struct buf *to)
{
	struct json_out	 o;
	struct buf	 when = { 0 };

	json_out_init(&o, to);
	json_out_open(&o, '{');
	string(&o, "description", "m365fwd: where addresses are, what user agents are, and a search over members with free names");
	name(&o, "version");
	json_out_int(&o, TEMPLATE_VERSION);
	if (flavor == FLAVOR_ELASTIC)
		put_meta(&o);
	name(&o, "processors");
	json_out_open(&o, '[');
	for (size_t i = 0; geo && i < sizeof(geoip) / sizeof(geoip[0]); i++)
		json_out_raw(&o, geoip[i], strlen(geoip[i]));
	if (user_agent)
		json_out_raw(&o, USER_AGENT, strlen(USER_AGENT));
	for (size_t i = 0; i < sizeof(free_members) / sizeof(free_members[0]); i++) {
		int	 elastic = flavor == FLAVOR_ELASTIC;

		json_out_open(&o, '{');
		name(&o, elastic ? "set" : "copy");
		json_out_open(&o, '{');
		buf_reset(&when);
		buf_adds(&when, free_members[i].there);
		if (!elastic)	/* flat_object knows no ignore_above: a term over 32,766 bytes would refuse the record */
			buf_addf(&when, " && ctx.%s.toString().length() < 10000", free_members[i].from);
		string(&o, "if", buf_str(&when));
		string(&o, elastic ? "copy_from" : "source_field", free_members[i].from);
		string(&o, elastic ? "field" : "target_field", free_members[i].to);
		raw(&o, "ignore_failure", "true");
		json_out_close(&o, '}');
		json_out_close(&o, '}');
	}
	json_out_close(&o, ']');
	json_out_close(&o, '}');
	buf_clear(&when);
}
