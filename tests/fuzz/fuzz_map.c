/*
 * fuzz_map - any JSON object as a record of any feed: whatever the schema makes of it is one line of JSON that destinations take,
 * the same whenever it is made, and not larger than the record allows; encoders and conditions of outputs keep it so.
 *
 * Input: "FEED FLAGS" (1: compat, 2: event.original), a line break, and the record.
 */
#include <string.h>

#include "base/json.h"
#include "encode/bulk.h"
#include "encode/hec.h"
#include "kit.h"
#include "norm/norm.h"
#include "norm/sift.h"

#define GROWS_TO(len)	(64 * (len) + 65536)

static const char *const feeds[] = { "audit.general", "audit.exchange", "signin.interactive", "signin.serviceprincipal",
    "directory.audit", "directory.provisioning", "risk.user", "alerts", "incidents" };
static const enum schema schemas[] = { SCHEMA_RAW, SCHEMA_ECS, SCHEMA_NATIVE, SCHEMA_ECS_RAW };

static struct norm	*norm, *second;
static struct sift	*sift;

static void
begin(void)
{
	static const char *const patterns[] = { "*a*", "FileAccessed", NULL }, *const users[] = { "*@contoso.example", NULL };

	if (norm != NULL)
		return;
	norm = norm_new();
	second = norm_new();
	sift = sift_new();
	sift_drop(sift, (struct sift_match[]){ { "operation", patterns }, { "user", users } }, 2);
	sift_keep(sift, (struct sift_match[]){ { "AppAccessContext.ClientAppId", patterns } }, 1);
	sift_redact(sift, "ClientIP");
	sift_redact(sift, "a");
}

static int
is_one_object(const char *p, size_t len, struct json *j)
{
	return memchr(p, '\n', len) == NULL && memchr(p, '\r', len) == NULL && json_index(j, p, len, 0, JSON_DEPTH) == JSON_OK &&
	    j->nodes[0].kind == JSON_OBJECT;
}

static void
check_bulk(const struct record *r, const struct buf *event)
{
	struct bulk	 bulk;
	struct buf	 body = { 0 };
	struct json	 j = { 0 };
	const char	*stop;

	bulk_init(&bulk);
	bulk_start(&bulk, &body, 0);
	MUST(bulk_add(&bulk, "logs-o365.audit-default", r->id, event->bytes, event->len, 0) == 1);
	bulk_end(&bulk);
	MUST((stop = memchr(body.bytes, '\n', body.len)) != NULL && body.bytes[body.len - 1] == '\n');
	MUST(is_one_object(body.bytes, (size_t)(stop - body.bytes), &j) && json_get(&j, 0, "create") != JSON_NONE);
	MUST(body.len == (size_t)(stop - body.bytes) + event->len + 2);
	bulk_clear(&bulk);
	buf_clear(&body);
	json_clear(&j);
}

/* Splunk forgets an object with any other key, and all that is behind it. */
static void
check_hec(const struct norm_source *source, const struct record *r, const struct buf *event)
{
	static const char *const keys[] = { "time", "host", "source", "sourcetype", "index", "event", "fields" };
	struct norm_envelope	 envelope;
	struct hec		 hec;
	struct buf		 body = { 0 };
	struct json		 j = { 0 };
	int			 known;

	norm_envelope(source, r, "https://manage.example/x", &envelope);
	hec_init(&hec);
	hec_start(&hec, &body, 0);
	hec_add(&hec, &(struct hec_meta){ .time = envelope.time, .host = "h", .source = envelope.source,
	    .sourcetype = envelope.sourcetype, .index = "main", .revision = 2 }, event->bytes, event->len, 0);
	hec_end(&hec);
	while (body.len > 0 && body.bytes[body.len - 1] == '\n')
		buf_cut(&body, body.len - 1);
	MUST(is_one_object(body.bytes, body.len, &j) && (j.nodes[0].flags & JSON_REPEATS) == 0);
	for (uint32_t k = json_first(&j, 0); k != JSON_NONE; k = json_next(&j, 0, k)) {
		known = 0;
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			known |= json_name_is(&j, k, keys[i]);
		MUST(known);
	}
	MUST(j.nodes[json_get(&j, 0, "time")].kind == JSON_NUMBER && json_get(&j, 0, "event") != JSON_NONE);
	hec_clear(&hec);
	buf_clear(&body);
	json_clear(&j);
}

static void
check_schema(enum schema schema, const struct norm_source *source, const struct record *r)
{
	struct buf	 event = { 0 }, again = { 0 }, explained = { 0 };
	struct json	 j = { 0 };

	norm_event(norm, schema, source, r, &event);
	norm_event(second, schema, source, r, &again);
	MUST(event.len == again.len && memcmp(event.bytes, again.bytes, event.len) == 0);
	MUST(event.len <= GROWS_TO(r->len));
	MUST(is_one_object(event.bytes, event.len, &j));
	if (schema == SCHEMA_ECS)
		MUST((j.nodes[0].flags & (JSON_NAMES | JSON_LONES | JSON_SPACED)) == 0);
	check_bulk(r, &event);
	if (schema == SCHEMA_NATIVE)
		check_hec(source, r, &event);
	if (schema == SCHEMA_ECS)
		norm_explain(norm, schema, source, r, &explained);
	buf_clear(&event);
	buf_clear(&again);
	buf_clear(&explained);
	json_clear(&j);
}

/* A record without what is redacted is a record, and has it nowhere at its top. */
static void
check_sift(const char *feed, const struct record *r)
{
	struct sift_scratch	 scratch = { 0 };
	struct buf		 out = { 0 };
	struct json		 j = { 0 }, was = { 0 };
	enum sift_verdict	 v = sift_judge(sift, &scratch, feed, r);
	unsigned		 n = sift_members(sift, &scratch, r, &out);

	MUST(v == SIFT_TAKE || v == SIFT_DROP || v == SIFT_NOT_KEPT);
	MUST(json_index(&was, r->bytes, r->len, 0, JSON_DEPTH) == JSON_OK);
	if (n > 0) {
		MUST(json_index(&j, out.bytes, out.len, 0, JSON_DEPTH) == JSON_OK && j.nodes[0].kind == JSON_OBJECT);
		MUST(json_get(&j, 0, "ClientIP") == JSON_NONE && json_get(&j, 0, "a") == JSON_NONE);
		MUST(j.nodes[0].count <= was.nodes[0].count);
	} else {
		MUST(json_get(&was, 0, "ClientIP") == JSON_NONE && json_get(&was, 0, "a") == JSON_NONE);
	}
	sift_scratch_clear(&scratch);
	buf_clear(&out);
	json_clear(&j);
	json_clear(&was);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct fuzz_in		 in = fuzz_in(p, len);
	char			 line[80], *at = fuzz_line(&in, line, sizeof(line)), *feed = fuzz_word(&at);
	unsigned		 flags = fuzz_number(&at, 3);
	struct norm_source	 source = { .tenant_guid = "11111111-2222-3333-4444-555555555555", .tenant_name = "contoso",
	    .organization_name = "contoso.example", .namespace = "default", .created_ms = (int64_t)1795420800 * 1000,
	    .stored_ms = (int64_t)1795420801 * 1000, .now_ms = (int64_t)1795420802 * 1000, .feed = feeds[0],
	    .compat = flags & 1, .original = (flags & 2) != 0 };
	struct record		 r = { .bytes = in.p, .second = 1795420800, .id = "0123456789abcde" };
	struct json		 j = { 0 };
	int			 sound;

	r.len = (size_t)(in.end - in.p);
	sound = json_index(&j, r.bytes, r.len, 0, JSON_DEPTH) == JSON_OK && j.nodes[0].kind == JSON_OBJECT;
	json_clear(&j);
	if (!sound)
		return 0;		/* identity makes no record of it */
	begin();
	for (size_t i = 0; i < sizeof(feeds) / sizeof(feeds[0]); i++)
		if (strcmp(feeds[i], feed) == 0)
			source.feed = feeds[i];
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
		if (norm_maps(schemas[i], source.feed))
			check_schema(schemas[i], &source, &r);
	check_sift(source.feed, &r);
	return 0;
}
