/*
 * identity - what makes a record itself.
 */
#include "collect/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/firsts.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"

#define NODES_MAX 200000		/* design.md section 7 */
#define NAMELESS_MAX 2000		/* a page has 1000 rows */

struct identity {
	char		*content_id;
	char		*family, *id_name, *time_name;
	struct buf	 prefix;	/* "m365fwd1" NUL tenant NUL family NUL */
	struct buf	 text;
	struct json	 json;
	struct sha256	*sha;
	int		 changes;
	uint8_t		 row[16];
	struct buf	 canon;
	struct buf	 nameless;	/* hashes of the bytes of those without an Id, where there is no content id */
};

struct identity *
identity_new(const struct identity_names *names)
{
	struct identity	*i = xcalloc(1, sizeof(*i));

	i->content_id = names->content_id != NULL ? xstrdup(names->content_id) : NULL;
	i->changes = names->changes;
	i->family = xstrdup(names->family);
	i->id_name = xstrdup(names->id_name);
	i->time_name = xstrdup(names->time_name);
	i->sha = sha256_new();
	buf_add(&i->prefix, "m365fwd1", sizeof("m365fwd1"));
	buf_add(&i->prefix, names->tenant_guid, strlen(names->tenant_guid) + 1);
	buf_add(&i->prefix, names->family, strlen(names->family) + 1);
	return i;
}

void
identity_free(struct identity *i)
{
	if (i == NULL)
		return;
	free(i->content_id);
	free(i->family);
	free(i->id_name);
	free(i->time_name);
	buf_clear(&i->prefix);
	buf_clear(&i->text);
	buf_clear(&i->canon);
	buf_clear(&i->nameless);
	json_clear(&i->json);
	sha256_free(i->sha);
	free(i);
}

static void
finish(struct identity *i, uint8_t id[16])
{
	uint8_t	 whole[32];

	sha256_end(i->sha, whole);
	memcpy(id, whole, 16);
}

/* The how-manieth of its kind is it? A re-read finds the same ones, if not in the same places. */
static uint32_t
equals_before(struct identity *i, const uint8_t content[32])
{
	uint32_t	 n = 0;

	for (size_t at = 0; at < i->nameless.len; at += 32)
		n += memcmp(i->nameless.bytes + at, content, 32) == 0;
	if (i->nameless.len < (size_t)NAMELESS_MAX * 32)
		buf_add(&i->nameless, content, 32);
	return n;
}

void
identity_element(struct identity *i, uint32_t ordinal, const void *bytes, size_t len, uint8_t id[16])
{
	const char	*content_id = i->content_id != NULL ? i->content_id : "";
	uint8_t		 content[32], number[4];

	sha256_start(i->sha);
	sha256_add(i->sha, bytes, len);
	sha256_end(i->sha, content);
	if (i->content_id == NULL)
		ordinal = equals_before(i, content);
	for (int k = 0; k < 4; k++)
		number[k] = (uint8_t)(ordinal >> 8 * k);
	sha256_start(i->sha);
	sha256_add(i->sha, i->prefix.bytes, i->prefix.len);
	sha256_add(i->sha, "\0", 1);		/* an Id is never empty, so this meets none */
	sha256_add(i->sha, content_id, strlen(content_id) + 1);
	sha256_add(i->sha, number, sizeof(number));
	sha256_add(i->sha, content, sizeof(content));
	finish(i, id);
}

static int
is_blank(const char *s, size_t len)
{
	for (size_t k = 0; k < len; k++)
		if (s[k] != ' ' && s[k] != '\t')
			return 0;
	return 1;
}

/* The Id in lower case in i->text; 0: the record has none. */
static int
read_id(struct identity *i)
{
	uint32_t	 node = json_get(&i->json, 0, i->id_name);

	buf_reset(&i->text);
	if (node == JSON_NONE)
		return 0;
	if (i->json.nodes[node].kind != JSON_STRING && i->json.nodes[node].kind != JSON_NUMBER)
		return 0;
	json_text(&i->json, node, &i->text);
	for (size_t k = 0; k < i->text.len; k++)
		if (i->text.bytes[k] >= 'A' && i->text.bytes[k] <= 'Z')
			i->text.bytes[k] = (char)(i->text.bytes[k] + ('a' - 'A'));
	return !is_blank(i->text.bytes, i->text.len) &&
	    strcmp(buf_str(&i->text), "00000000-0000-0000-0000-000000000000") != 0;
}

static int64_t
read_second(struct identity *i)
{
	uint32_t	 node = json_get(&i->json, 0, i->time_name);
	int64_t		 ms;

	if (node == JSON_NONE || i->json.nodes[node].kind != JSON_STRING)
		return 0;
	buf_reset(&i->text);
	json_text(&i->json, node, &i->text);
	if (i->text.len > 64 || rfc3339_parse(buf_str(&i->text), i->text.len, &ms, NULL) == -1)
		return 0;
	return ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
}

/* The Id, or the id of what has none, and then the content: one id for each version. */
static void
version(struct identity *i, struct record *r)
{
	uint8_t	 content[32];

	memcpy(i->row, r->id, sizeof(i->row));
	buf_reset(&i->canon);
	json_canon(&i->json, 0, &i->canon);
	sha256_start(i->sha);
	sha256_add(i->sha, i->canon.bytes, i->canon.len);
	sha256_end(i->sha, content);
	buf_shrink(&i->canon, 1 << 20);
	sha256_start(i->sha);
	sha256_add(i->sha, i->prefix.bytes, i->prefix.len);
	sha256_add(i->sha, i->text.bytes, i->text.len);
	sha256_add(i->sha, "\0", 1);
	sha256_add(i->sha, content, sizeof(content));
	finish(i, r->id);
}

const uint8_t *
identity_row(const struct identity *i)
{
	return i->row;
}

const struct json *
identity_json(const struct identity *i)
{
	return &i->json;
}

static const char *
text_at(struct identity *i, const char *name, struct buf *to)
{
	uint32_t	 node = json_get(&i->json, 0, name);

	buf_reset(to);
	if (node != JSON_NONE && (i->json.nodes[node].kind == JSON_STRING || i->json.nodes[node].kind == JSON_NUMBER))
		json_text(&i->json, node, to);
	return buf_str(to);
}

/* A type or an operation that was never seen: somebody may want to know. */
static void
notice(struct identity *i)
{
	if (strcmp(i->family, "audit") == 0) {
		text_at(i, "RecordType", &i->canon);
		text_at(i, "Operation", &i->text);
		firsts_note(i->family, buf_str(&i->canon), i->canon.len, buf_str(&i->text), i->text.len);
	} else if (strcmp(i->family, "directory.audit") == 0) {
		text_at(i, "category", &i->canon);
		text_at(i, "activityDisplayName", &i->text);
		firsts_note(i->family, buf_str(&i->canon), i->canon.len, buf_str(&i->text), i->text.len);
	}
}

int
identity_record(struct identity *i, struct record *r, const char **why)
{
	switch (json_index(&i->json, r->bytes, r->len, NODES_MAX, JSON_DEPTH)) {
	case JSON_BAD:
		*why = i->json.bad;
		return -1;
	case JSON_OK:
	case JSON_MANY:
		break;
	}
	if (i->json.nodes[0].kind != JSON_OBJECT) {
		*why = "not an object";
		return -1;
	}
	r->revision = 0;
	r->second = read_second(i);
	r->digest = json_digest(&i->json, 0);
	notice(i);
	if (!read_id(i)) {
		identity_element(i, r->ordinal, r->bytes, r->len, r->id);
		memcpy(i->row, r->id, sizeof(i->row));		/* its content is in it already */
		return 0;
	}
	sha256_start(i->sha);
	sha256_add(i->sha, i->prefix.bytes, i->prefix.len);
	sha256_add(i->sha, i->text.bytes, i->text.len);
	finish(i, r->id);
	if (i->changes)
		version(i, r);
	return 0;
}
