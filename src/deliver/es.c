/*
 * es - the two questions that are asked of a cluster beside Bulk.
 */
#include "deliver/es.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "norm/types.h"

#define ID_TEXT 22		/* an _id: 128 bits in base64url */

static void	 text_of(const struct json *, const char *path, char *to, size_t size);
static int	 is_from(const struct es *, unsigned major, unsigned minor);
static int	 shards_failed(const struct json *);
static size_t	 find(const struct json *, uint32_t hits, struct parcel *);

void
es_read(const struct judge_answer *a, struct es *to)
{
	struct json	 j = { 0 };
	char		 number[32], flavor[32], distribution[32], tagline[32];

	memset(to, 0, sizeof(*to));
	if (a->status != 200 || json_index(&j, a->body, a->len, 256, JSON_DEPTH) != JSON_OK || j.nodes[0].kind != JSON_OBJECT)
		goto out;
	text_of(&j, "version.number", number, sizeof(number));
	text_of(&j, "version.build_flavor", flavor, sizeof(flavor));
	text_of(&j, "version.distribution", distribution, sizeof(distribution));
	text_of(&j, "tagline", tagline, sizeof(tagline));
	if (sscanf(number, "%3u.%3u", &to->major, &to->minor) != 2 || number[strspn(number, "0123456789.")] != '\0')
		goto out;
	if (strcmp(distribution, "opensearch") == 0)
		to->kind = ES_OPENSEARCH;
	else if (strcmp(tagline, "You Know, for Search") == 0)
		to->kind = strcmp(flavor, "serverless") == 0 ? ES_SERVERLESS : ES_ELASTICSEARCH;
	to->hides_source = to->kind == ES_SERVERLESS || (to->kind == ES_ELASTICSEARCH && is_from(to, 8, 18));
	to->has_streams_only = to->kind == ES_SERVERLESS || (to->kind == ES_ELASTICSEARCH && is_from(to, 8, 13));
	if (to->kind == ES_SERVERLESS)		/* its number says nothing */
		snprintf(to->shown, sizeof(to->shown), "Elasticsearch serverless");
	else if (to->kind != ES_UNKNOWN)
		snprintf(to->shown, sizeof(to->shown), "%s %s", to->kind == ES_OPENSEARCH ? "OpenSearch" : "Elasticsearch", number);
out:
	json_clear(&j);
}

/* A 404 is the answer when there is none; OpenSearch and filter_path may also leave nothing of a 200. */
enum es_templates
es_read_templates(const struct judge_answer *a)
{
	struct json		 j = { 0 };
	struct buf		 text = { 0 };
	enum es_templates	 found = TEMPLATES_UNKNOWN;
	uint32_t		 list, version;
	size_t			 n = 0, old = 0, all = 0;

	while (types_dataset(all) != NULL)
		all++;
	if (a->status == 404)
		return TEMPLATES_MISSING;
	if (a->status != 200 || json_index(&j, a->body, a->len, 4096, JSON_DEPTH) != JSON_OK || j.nodes[0].kind != JSON_OBJECT)
		goto out;
	if ((list = json_get(&j, 0, "component_templates")) != JSON_NONE && j.nodes[list].kind == JSON_ARRAY)
		for (uint32_t k = json_first(&j, list); k != JSON_NONE; k = json_next(&j, list, k), n++) {
			buf_reset(&text);
			if ((version = json_path(&j, k, "component_template.version")) != JSON_NONE)
				json_text(&j, version, &text);
			old += strtol(buf_str(&text), NULL, 10) < TEMPLATE_VERSION;
		}
	found = n < all ? TEMPLATES_MISSING : old > 0 ? TEMPLATES_OLD : TEMPLATES_SOUND;
out:
	json_clear(&j);
	buf_clear(&text);
	return found;
}

/* "" if it is not there, no text, or too long. */
static void
text_of(const struct json *j, const char *path, char *to, size_t size)
{
	struct buf	 b = { 0 };
	uint32_t	 node = json_path(j, 0, path);

	to[0] = '\0';
	if (node != JSON_NONE && j->nodes[node].kind == JSON_STRING)
		json_text(j, node, &b);
	if (b.len < size)
		snprintf(to, size, "%s", buf_str(&b));
	buf_clear(&b);
}

static int
is_from(const struct es *e, unsigned major, unsigned minor)
{
	return e->major > major || (e->major == major && e->minor >= minor);
}

void
es_escape(struct buf *to, const char *text)
{
	for (; *text != '\0'; text++)
		if (isalnum((unsigned char)*text) || strchr("-_.~", *text) != NULL)
			buf_addc(to, *text);
		else
			buf_addf(to, "%%%02X", (unsigned char)*text);
}

/* ---- which of these does it have? --------------------------------------------------------------------------------- */

void
es_ask_ids(const struct parcel *p, struct buf *to)
{
	size_t	 i, n = 0;

	buf_adds(to, "{\"query\":{\"ids\":{\"values\":[");
	for (i = 0; i < p->n; i++) {
		if (p->items[i].unsure_ms == 0)
			continue;
		buf_adds(to, n++ > 0 ? ",\"" : "\"");
		base64url(to, p->items[i].record.id, sizeof(p->items[i].record.id));
		buf_addc(to, '"');
	}
	buf_addf(to, "]}},\"size\":%zu,\"_source\":false,\"track_total_hits\":false}", n);
}

enum es_known
es_read_ids(const struct judge_answer *a, struct parcel *p, size_t *found)
{
	struct json	 j = { 0 };
	enum es_known	 rc = ES_TROUBLE;
	uint32_t	 what;
	size_t		 i;

	*found = 0;
	if (a->status == 408 || a->status == 429 || a->status >= 500 || a->status < 200)
		return ES_TROUBLE;
	if (a->status != 200 && a->status != 404)
		return ES_SILENT;
	if (a->status == 200) {
		if (json_index(&j, a->body, a->len, 0, JSON_DEPTH) != JSON_OK || j.nodes[0].kind != JSON_OBJECT ||
		    json_get(&j, 0, "_shards") == JSON_NONE)
			goto out;
		if ((what = json_path(&j, 0, "hits.hits")) != JSON_NONE && j.nodes[what].kind == JSON_ARRAY)
			*found = find(&j, what, p);
		if (shards_failed(&j))
			goto out;
	}
	for (i = 0; i < p->n; i++)
		p->items[i].unsure_ms = 0;
	rc = ES_KNOWN;
out:
	json_clear(&j);
	return rc;
}

/* An answer of some shards says nothing of what the others hold. */
static int
shards_failed(const struct json *j)
{
	uint32_t	 failed = json_path(j, 0, "_shards.failed"), late = json_get(j, 0, "timed_out");

	if (late != JSON_NONE && j->nodes[late].kind == JSON_TRUE)
		return 1;
	return failed == JSON_NONE || j->nodes[failed].end - j->nodes[failed].start != 1 ||
	    j->bytes[j->nodes[failed].start] != '0';
}

static size_t
find(const struct json *j, uint32_t hits, struct parcel *p)
{
	struct buf	 ids = { 0 };
	const char	*id;
	uint32_t	 hit, what;
	size_t		 i, len, n = 0;

	for (i = 0; i < p->n; i++)
		base64url(&ids, p->items[i].record.id, sizeof(p->items[i].record.id));
	for (hit = json_first(j, hits); hit != JSON_NONE; hit = json_next(j, hits, hit)) {
		if (j->nodes[hit].kind != JSON_OBJECT || (what = json_get(j, hit, "_id")) == JSON_NONE ||
		    (id = json_plain(j, what, &len)) == NULL || len != ID_TEXT)
			continue;
		for (i = 0; i < p->n; i++)
			if (p->items[i].verdict == V_NONE && memcmp(ids.bytes + i * ID_TEXT, id, ID_TEXT) == 0) {
				p->items[i].verdict = V_DUPLICATE;
				n++;
				break;
			}
	}
	buf_clear(&ids);
	return n;
}
