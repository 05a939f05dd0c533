/*
 * bulk - the simulated Elasticsearch: POST /_bulk, and the few other calls a sender makes.
 *
 *	whole request judged -> lines split into items -> each item judged and kept -> reply, through filter_path
 */
#include <cjson/cJSON.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <strings.h>

#include "element.h"
#include "gz.h"
#include "sim.h"

#define JSON_TYPE "application/json"
#define MAX_ID	  512

struct item {
	char		*index, *id;
	int		 create;
	const char	*source;
	size_t		 len;
};

struct items {
	struct item	*list;
	size_t		 n, room;
};

struct outcome {
	int		 status;
	const char	*type;			/* of the error */
	const char	*reason;
	int		 failure_store;
};

/* --- which members of a reply the sender wants --- */

enum { W_TOOK, W_ERRORS, W_INDEX, W_ID, W_VERSION, W_RESULT, W_STATUS, W_TYPE, W_REASON, W_FSTORE, NWANTS };

static const char *const leaves[NWANTS] = {
	"took", "errors", "items.create._index", "items.create._id", "items.create._version", "items.create.result",
	"items.create.status", "items.create.error.type", "items.create.error.reason", "items.create.failure_store",
};

static size_t
segment(const char *s)
{
	return strcspn(s, ".");
}

/* A pattern that ends early takes everything below. */
static int
path_matches(const char *pattern, const char *path)
{
	char	 p[128], l[128];
	size_t	 n, m;

	for (;;) {
		const char	*here = pattern;

		if (*pattern == '\0')
			return 1;
		if (*path == '\0')
			return 0;
		n = segment(pattern);
		m = segment(path);
		snprintf(p, sizeof(p), "%.*s", (int)n, pattern);
		snprintf(l, sizeof(l), "%.*s", (int)m, path);
		pattern += n + (pattern[n] == '.');
		if (strcmp(p, "**") == 0)
			return path_matches(pattern, path) || (path[m] == '.' && path_matches(here, path + m + 1));
		if (fnmatch(p, l, 0) != 0)
			return 0;
		path += m + (path[m] == '.');
	}
}

static unsigned
wanted(const struct request *r)
{
	struct text	 t = { NULL, 0, 0 };
	unsigned	 want = 0;
	char		*at, *one;
	int		 i;

	if (!query_value(r, "filter_path", &t))
		return (1u << NWANTS) - 1;
	at = t.bytes;
	while ((one = strsep(&at, ",")) != NULL)
		for (i = 0; i < NWANTS; i++)
			if (path_matches(one, leaves[i]))
				want |= 1u << i;
	text_clear(&t);
	return want;
}

/* --- answers to whole requests --- */

static void
es_error(struct request *r, int status, const char *type, const char *reason)
{
	struct text	 t = { NULL, 0, 0 };

	LIT(&t, "{\"error\":{\"root_cause\":[{\"type\":\"");
	text_addf(&t, "%s\",\"reason\":", type);
	text_json(&t, reason, strlen(reason));
	text_addf(&t, "}],\"type\":\"%s\",\"reason\":", type);
	text_json(&t, reason, strlen(reason));
	text_addf(&t, "},\"status\":%d}", status);
	answer(r, status, JSON_TYPE, t.bytes, t.len);
	text_clear(&t);
}

static void
base64(const char *s, struct text *out)
{
	size_t	 i, n;

	text_base64url(out, s, strlen(s));
	for (i = 0; i < out->len; i++)
		out->bytes[i] = (char)(out->bytes[i] == '-' ? '+' : out->bytes[i] == '_' ? '/' : out->bytes[i]);
	for (n = out->len % 4; n > 1 && n < 4; n++)
		text_addc(out, '=');
}

static int
authorized(const struct sim *s, const struct request *r)
{
	const char	*v = header(r, "Authorization");
	struct text	 plain = { NULL, 0, 0 }, good = { NULL, 0, 0 };
	int		 ok = s->opt.bulk_api_key == NULL && s->opt.bulk_user == NULL;

	if (!ok && v != NULL && s->opt.bulk_api_key != NULL) {
		LIT(&good, "ApiKey ");
		base64(s->opt.bulk_api_key, &plain);
		text_adds(&good, plain.bytes);
		ok = strcmp(v, good.bytes) == 0;
	}
	if (!ok && v != NULL && s->opt.bulk_user != NULL) {
		text_reset(&plain);
		text_reset(&good);
		LIT(&good, "Basic ");
		text_addf(&plain, "%s:%s", s->opt.bulk_user, s->opt.bulk_password);
		{
			char	*both = sim_copy(plain.bytes, plain.len);

			text_reset(&plain);
			base64(both, &plain);
			free(both);
		}
		text_adds(&good, plain.bytes);
		ok = strcmp(v, good.bytes) == 0;
	}
	text_clear(&plain);
	text_clear(&good);
	return ok;
}

/* 1: answered. */
static int
request_fault(struct sim *s, struct request *r)
{
	struct faults	*f = &s->faults;

	if (fault_hit(f, F_BULK_503)) {
		es_error(r, 503, "cluster_block_exception", "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];");
	} else if (fault_hit(f, F_BULK_429)) {
		text_addf(&r->extra, "Retry-After: %d\r\n", (int)fault_arg(f, F_BULK_429));
		es_error(r, 429, "es_rejected_execution_exception", "rejected execution of coordinating operation");
	} else if (fault_hit(f, F_BULK_401)) {
		LIT(&r->extra, "WWW-Authenticate: Basic realm=\"security\"\r\nWWW-Authenticate: ApiKey\r\n");
		es_error(r, 401, "security_exception", "unable to authenticate with provided credentials");
	} else if (fault_hit(f, F_BULK_403)) {
		es_error(r, 403, "security_exception", "action [indices:data/write/bulk] is unauthorized");
	} else if (fault_hit(f, F_BULK_404)) {
		es_error(r, 404, "index_not_found_exception", "no such index");
	} else if (fault_hit(f, F_BULK_302)) {
		redirect_away(s, r);
	} else if (fault_hit(f, F_BULK_HTML_200)) {
		html_page(r, 200, "Sign in to the guest network");
	} else {
		return 0;
	}
	return 1;
}

/* The body as plain bytes in *plain (which may be the request's own); 1: answered instead. */
static int
unpack(struct sim *s, struct request *r, struct text *inflated, struct text **plain)
{
	const char	*encoding = header(r, "Content-Encoding"), *type = header(r, "Content-Type");
	size_t		 max = (size_t)s->opt.bulk_max_bytes;

	*plain = &r->body;
	s->sink.wire_bytes += r->body.len;
	if (fault_on(&s->faults, F_BULK_413) && fault_arg(&s->faults, F_BULK_413) < (double)max)
		max = (size_t)fault_arg(&s->faults, F_BULK_413);
	if (type == NULL || strstr(type, "json") == NULL) {
		es_error(r, 406, "media_type_header_exception", "Invalid media-type value on header [Content-Type]");
		return 1;
	}
	if (encoding != NULL && strcasecmp(encoding, "gzip") == 0) {
		if (fault_hit(&s->faults, F_BULK_415)) {
			es_error(r, 415, "unsupported_media_type", "gzip is not accepted here");
			return 1;
		}
		s->sink.gzip_requests++;
		switch (gz_inflate(r->body.bytes, r->body.len, max, inflated)) {
		case -1:
			s->sink.bad_requests++;
			es_error(r, 400, "x_content_parse_exception", "invalid gzip body");
			return 1;
		case -2:
			if (max != (size_t)s->opt.bulk_max_bytes)
				fault_hit(&s->faults, F_BULK_413);
			answer_text(r, 413, NULL, "");
			return 1;
		}
		*plain = inflated;
	} else if (encoding != NULL && strcasecmp(encoding, "identity") != 0) {
		es_error(r, 415, "unsupported_media_type", "unknown Content-Encoding");
		return 1;
	}
	if ((*plain)->len > max) {
		if (max != (size_t)s->opt.bulk_max_bytes)
			fault_hit(&s->faults, F_BULK_413);
		answer_text(r, 413, NULL, "");
		return 1;
	}
	return 0;
}

/* --- lines to items --- */

static void
items_clear(struct items *all)
{
	size_t	 i;

	for (i = 0; i < all->n; i++) {
		free(all->list[i].index);
		free(all->list[i].id);
	}
	free(all->list);
}

static char *
member(const cJSON *o, const char *name)
{
	const cJSON	*m = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsString(m) ? sim_copy(m->valuestring, strlen(m->valuestring)) : NULL;
}

/* NULL: understood. */
static const char *
read_action(struct item *it, const char *line, size_t len, const char *target)
{
	const char	*why = NULL;
	cJSON		*o = cJSON_ParseWithLength(line, len);

	memset(it, 0, sizeof(*it));
	if (!cJSON_IsObject(o) || o->child == NULL || o->child->next != NULL || !cJSON_IsObject(o->child)) {
		why = "Malformed action/metadata line, expected START_OBJECT";
	} else if (strcmp(o->child->string, "create") != 0 && strcmp(o->child->string, "index") != 0) {
		why = "Malformed action/metadata line, expected one of [create, delete, index, update]";
	} else {
		it->create = strcmp(o->child->string, "create") == 0;
		it->index = member(o->child, "_index");
		it->id = member(o->child, "_id");
		if (it->index == NULL && target != NULL)
			it->index = sim_copy(target, strlen(target));
		if (it->index == NULL)
			why = "Validation Failed: 1: index is missing;";
		else if (it->id != NULL && strlen(it->id) > MAX_ID)
			why = "Validation Failed: 1: id is too long, must be no longer than 512 bytes;";
		else if (it->id != NULL && it->id[0] == '\0')
			why = "Validation Failed: 1: if _id is specified it must not be empty;";
	}
	if (why != NULL) {
		free(it->index);
		free(it->id);
	}
	cJSON_Delete(o);
	return why;
}

static const char *
split(struct items *all, const struct text *body, const char *target)
{
	const char	*at = body->bytes, *end = at + body->len, *nl, *why;
	struct item	 it;

	if (body->len == 0)
		return "request body is required";
	if (end[-1] != '\n')
		return "The bulk request must be terminated by a newline [\\n]";
	while (at < end) {
		nl = memchr(at, '\n', (size_t)(end - at));
		if ((why = read_action(&it, at, (size_t)(nl - at), target)) != NULL)
			return why;
		if (all->n == all->room) {
			all->room = all->room ? all->room * 2 : 64;
			all->list = sim_grow(all->list, all->room, sizeof(*all->list));
		}
		all->list[all->n++] = it;
		at = nl + 1;
		if (at == end)
			return "Malformed content, found extra data after parsing: no source line";
		nl = memchr(at, '\n', (size_t)(end - at));
		all->list[all->n - 1].source = at;
		all->list[all->n - 1].len = (size_t)(nl - at);
		at = nl + 1;
	}
	return NULL;
}

/* --- one item --- */

static struct key
doc_key(const char *index, const char *id, uint32_t generation)
{
	struct key	 a = key_bytes('d', id, strlen(id));
	uint64_t	 b = hash64(index, strlen(index), generation + 1u);

	return (struct key){ rng_mix(a.hi, b), rng_mix(a.lo, b) };
}

static void
note_reason(struct sink *k, const struct item *it, const char *why)
{
	struct text	*t = &k->reasons;

	if (k->nreasons++ >= 20)
		return;
	text_addf(t, "%s{\"_id\":", t->len > 0 ? "," : "");
	text_json(t, it->id != NULL ? it->id : "", it->id != NULL ? strlen(it->id) : 0);
	LIT(t, ",\"reason\":");
	text_json(t, why, strlen(why));
	LIT(t, ",\"source\":");
	text_json(t, it->source, it->len < 300 ? it->len : 300);
	LIT(t, "}");
}

/* What Elasticsearch would not parse. */
static const char *
unparsable(struct scan *sc, const struct item *it)
{
	if (!scan_json(it->source, it->len, sc))
		return sc->why;
	if (sc->top != '{')
		return "failed to parse: source is not an object";
	if (!sc->has_timestamp)
		return "data stream timestamp field [@timestamp] is missing";
	return NULL;
}

static void
keep(struct sim *s, const struct item *it, const struct piece *id)
{
	struct sink	*k = &s->sink;

	k->created++;
	if (it->id != NULL)
		keytab_add(&k->ids, key_bytes('d', it->id, strlen(it->id)), NULL);
	oracle_came(&s->oracle, AT_BULK, id->at, id->len, it->source, it->len);
	if (k->dump != NULL) {
		fprintf(k->dump, "{\"create\":{\"_index\":\"%s\",\"_id\":\"%s\"}}\n%.*s\n", it->index,
		    it->id != NULL ? it->id : "", (int)it->len, it->source);
		fflush(k->dump);
	}
}

static struct outcome
judge_item(struct sim *s, const struct item *it)
{
	struct faults	*f = &s->faults;
	struct sink	*k = &s->sink;
	struct scan	 sc = { .names = 1, .kinds = strcmp(s->opt.bulk_kinds, "report") == 0 ? &k->kinds : NULL };
	const char	*why;
	struct piece	 id;
	uint64_t	 h = hash64(it->source, it->len, 3);
	int		 fresh = 1;

	if (it->id != NULL)
		h = hash64(it->id, strlen(it->id), 3);
	k->items++;
	if (fault_hit(f, F_ITEM_403))
		return (struct outcome){ 403, "security_exception", "action [indices:data/write/bulk[s]] is unauthorized", 0 };
	if (fault_hit(f, F_ITEM_404))
		return (struct outcome){ 404, "index_not_found_exception", "no such index", 0 };
	if (fault_hit(f, F_ITEM_429))
		return (struct outcome){ 429, "es_rejected_execution_exception", "rejected execution of primary operation", 0 };
	if (fault_hit(f, F_ITEM_500))
		return (struct outcome){ 503, "unavailable_shards_exception", "primary shard is not active Timeout: [1m]", 0 };
	if (!it->create && strncmp(it->index, "logs-", 5) == 0)
		return (struct outcome){ 400, "illegal_argument_exception",
			"only write ops with an op_type of create are allowed in data streams", 0 };
	why = unparsable(&sc, it);
	id = scan_best_id(&sc);
	if (why == NULL && fault_hit_for(f, F_ITEM_400, h)) {
		oracle_refused(&s->oracle, AT_BULK, id.at, id.len, it->source, it->len);
		return (struct outcome){ 400, "document_parsing_exception",
			"[1:57] failed to parse field [o365.audit.SimField] of type [long]", 0 };
	}
	if (why != NULL) {
		k->refused_400++;
		note_reason(k, it, why);
		return (struct outcome){ 400, "document_parsing_exception", why, 0 };
	}
	if (it->id == NULL)
		k->without_id++;
	else
		keytab_add(&k->docs, doc_key(it->index, it->id, k->generation), &fresh);
	if (!fresh && it->create) {
		k->duplicates_409++;
		return (struct outcome){ 409, "version_conflict_engine_exception", "version conflict, document already exists "
			"(current version [1])", 0 };
	}
	if (fresh)
		keep(s, it, &id);
	return (struct outcome){ fresh ? 201 : 200, NULL, NULL, fault_hit_for(f, F_ITEM_FSTORE, h) };
}

static void
item_reply(struct text *t, const struct item *it, const struct outcome *o, unsigned want)
{
	size_t	 start = t->len;

	text_addf(t, "{\"%s\":{", it->create ? "create" : "index");
	if (want & 1u << W_INDEX) {
		LIT(t, "\"_index\":");
		text_json(t, it->index, strlen(it->index));
		LIT(t, ",");
	}
	if (want & 1u << W_ID) {
		LIT(t, "\"_id\":");
		text_json(t, it->id != NULL ? it->id : "generated", it->id != NULL ? strlen(it->id) : 9);
		LIT(t, ",");
	}
	if (o->type == NULL && (want & 1u << W_VERSION))
		LIT(t, "\"_version\":1,");
	if (o->type == NULL && (want & 1u << W_RESULT))
		LIT(t, "\"result\":\"created\",");
	if (o->failure_store && (want & 1u << W_FSTORE))
		LIT(t, "\"failure_store\":\"used\",");
	if (o->type == NULL && (want & 1u << W_VERSION))
		LIT(t, "\"_shards\":{\"total\":2,\"successful\":1,\"failed\":0},\"_seq_no\":1,\"_primary_term\":1,");
	if (want & 1u << W_STATUS)
		text_addf(t, "\"status\":%d,", o->status);
	if (o->type != NULL && (want & (1u << W_TYPE | 1u << W_REASON))) {
		LIT(t, "\"error\":{");
		if (want & 1u << W_TYPE)
			text_addf(t, "\"type\":\"%s\",", o->type);
		if (want & 1u << W_REASON) {
			LIT(t, "\"reason\":");
			text_json(t, o->reason, strlen(o->reason));
			LIT(t, ",");
		}
		if (t->bytes[t->len - 1] == ',')
			t->len--;
		LIT(t, "},");
	}
	if (t->bytes[t->len - 1] == '{') {		/* nothing of it is wanted: the item vanishes from the reply */
		t->len = start;
		return;
	}
	t->len--;
	LIT(t, "}},");
}

static void
judge_all(struct sim *s, const struct items *all, unsigned want, struct text *reply)
{
	struct text	 t = { NULL, 0, 0 };
	struct keytab	 here = { NULL, NULL, 0, 0, 0 };
	int		 errors = 0, fresh;
	size_t		 i, n = all->n;

	for (i = 0; i < n; i++) {
		const struct item	*it = &all->list[i];
		struct outcome		 o = judge_item(s, it);

		errors |= o.type != NULL;
		if (it->id != NULL) {
			keytab_add(&here, doc_key(it->index, it->id, 0), &fresh);
			s->sink.repeated_in_request += !fresh;
		}
		if (o.type != NULL && o.status != 409 && o.status != 400)
			s->sink.refused_other++;
		if (i + 1 < n || !fault_hit(&s->faults, F_BULK_SHORT_ITEMS))
			item_reply(&t, it, &o, want);
	}
	keytab_clear(&here);
	LIT(reply, "{");
	if (want & 1u << W_TOOK)
		text_addf(reply, "\"took\":%u,", 3 + rng_below(&s->rng, 40));
	if (want & 1u << W_ERRORS)
		text_addf(reply, "\"errors\":%s,", errors ? "true" : "false");
	if (fault_hit(&s->faults, F_BULK_GIANT_REPLY)) {
		size_t	 pad = (size_t)(fault_arg(&s->faults, F_BULK_GIANT_REPLY) * 1048576.0);

		LIT(reply, "\"padding\":\"");
		memset(text_need(reply, pad), 'p', pad);
		reply->len += pad;
		LIT(reply, "\",");
	}
	if (t.len > 0) {
		LIT(reply, "\"items\":[");
		text_add(reply, t.bytes, t.len - 1);
		LIT(reply, "],");
	}
	if (reply->bytes[reply->len - 1] == ',')
		reply->len--;
	LIT(reply, "}");
	text_clear(&t);
}

static void
bulk(struct sim *s, struct request *r, const char *target)
{
	struct text	 inflated = { NULL, 0, 0 }, reply = { NULL, 0, 0 }, *plain;
	struct items	 all = { NULL, 0, 0 };
	const char	*why;

	r->kind = "bulk";
	if (r->rounds > 0) {			/* the reply was kept for later */
		answer(r, 200, JSON_TYPE, r->body.bytes, r->body.len);
		return;
	}
	s->sink.requests++;
	if (request_fault(s, r))
		return;
	if (unpack(s, r, &inflated, &plain)) {
		text_clear(&inflated);
		return;
	}
	s->sink.bytes += plain->len;
	if ((why = split(&all, plain, target)) != NULL) {
		s->sink.bad_requests++;
		es_error(r, 400, strncmp(why, "Validation", 10) == 0 ? "action_request_validation_exception" :
		    "illegal_argument_exception", why);
	} else {
		judge_all(s, &all, wanted(r), &reply);
		if (fault_hit(&s->faults, F_BULK_RESET_AFTER)) {
			answer_raw(r, 0, NULL, 0, RESET);
		} else if (fault_hit(&s->faults, F_BULK_HANG)) {
			text_reset(&r->body);
			text_add(&r->body, reply.bytes, reply.len);
			answer_later(r, fault_arg(&s->faults, F_BULK_HANG));
		} else {
			answer(r, 200, JSON_TYPE, reply.bytes,
			    fault_hit(&s->faults, F_BULK_CUT_REPLY) ? reply.len / 2 : reply.len);
		}
	}
	items_clear(&all);
	text_clear(&inflated);
	text_clear(&reply);
}

/* --- asking by id: {"query":{"ids":{"values":[..]}}}, {"query":{"terms":{"_id":[..]}}}, {"ids":[..]}, {"docs":[{"_id"}]} --- */

static const cJSON *
find_ids(const cJSON *o)
{
	const cJSON	*c, *hit;

	for (c = o != NULL ? o->child : NULL; c != NULL; c = c->next) {
		if (cJSON_IsArray(c) && c->string != NULL && (strcmp(c->string, "values") == 0 ||
		    strcmp(c->string, "_id") == 0 || strcmp(c->string, "ids") == 0 || strcmp(c->string, "docs") == 0))
			return c;
		if ((hit = find_ids(c)) != NULL)
			return hit;
	}
	return NULL;
}

static void
ask_ids(struct sim *s, struct request *r, const char *target, int mget)
{
	cJSON		*o = cJSON_ParseWithLength(text_str(&r->body), r->body.len);
	const cJSON	*list = find_ids(o), *c;
	struct text	 t = { NULL, 0, 0 }, hits = { NULL, 0, 0 };
	size_t		 n = 0;

	r->kind = "search";
	if (o == NULL || list == NULL) {
		es_error(r, 400, "parsing_exception", "m365sim answers only questions for ids");
		cJSON_Delete(o);
		return;
	}
	cJSON_ArrayForEach(c, list) {
		const cJSON	*id = cJSON_IsObject(c) ? cJSON_GetObjectItemCaseSensitive(c, "_id") : c;
		uint32_t	 at;
		int		 found;

		if (!cJSON_IsString(id))
			continue;
		at = keytab_find(&s->sink.ids, key_bytes('d', id->valuestring, strlen(id->valuestring)));
		found = at != KEYTAB_NONE && (mget || at < s->sink.refreshed || !fault_hit(&s->faults, F_BULK_STALE));
		if (!found && !mget)
			continue;
		text_addf(&hits, "%s{\"_index\":\"%s\",\"_id\":", n++ > 0 ? "," : "", target != NULL ? target : "logs-sim");
		text_json(&hits, id->valuestring, strlen(id->valuestring));
		text_adds(&hits, mget ? found ? ",\"found\":true}" : ",\"found\":false}" : ",\"_score\":1.0}");
	}
	if (mget)
		text_addf(&t, "{\"docs\":[%s]}", text_str(&hits));
	else
		text_addf(&t, "{\"took\":1,\"timed_out\":false,\"_shards\":{\"total\":1,\"successful\":1,\"skipped\":0,\"failed\":0},"
		    "\"hits\":{\"total\":{\"value\":%zu,\"relation\":\"eq\"},\"max_score\":1.0,\"hits\":[%s]}}", n, text_str(&hits));
	answer(r, 200, JSON_TYPE, t.bytes, t.len);
	text_clear(&t);
	text_clear(&hits);
	cJSON_Delete(o);
}

static void
count_docs(struct sim *s, struct request *r)
{
	struct text	 t = { NULL, 0, 0 };

	text_addf(&t, "{\"count\":%llu,\"_shards\":{\"total\":1,\"successful\":1,\"skipped\":0,\"failed\":0}}",
	    (unsigned long long)s->sink.docs.n);
	answer(r, 200, JSON_TYPE, t.bytes, t.len);
	text_clear(&t);
}

static const char banner[] =
    "{\"name\":\"m365sim\",\"cluster_name\":\"m365sim\",\"cluster_uuid\":\"c2ltdWxhdGVkLWNsdXN0ZXI\",\"version\":{"
    "\"number\":\"8.19.0\",\"build_flavor\":\"default\",\"build_type\":\"docker\",\"lucene_version\":\"9.12.2\","
    "\"minimum_wire_compatibility_version\":\"7.17.0\",\"minimum_index_compatibility_version\":\"7.0.0\"},"
    "\"tagline\":\"You Know, for Search\"}";

void
bulk_serve(struct sim *s, struct request *r)
{
	const char	*slash = strrchr(r->path, '/'), *op = slash + 1;
	char		*target = slash > r->path ? sim_copy(r->path + 1, (size_t)(slash - r->path - 1)) : NULL;
	int		 writes = strcmp(r->method, "POST") == 0 || strcmp(r->method, "PUT") == 0;

	r->kind = "elastic";
	LIT(&r->extra, "X-elastic-product: Elasticsearch\r\n");
	if (fault_hit(&s->faults, F_BULK_DOWN)) {
		r->kind = strcmp(op, "_bulk") == 0 ? "bulk" : r->kind;
		answer_raw(r, 0, NULL, 0, RESET);
	} else if (!authorized(s, r)) {
		LIT(&r->extra, "WWW-Authenticate: Basic realm=\"security\", charset=\"UTF-8\"\r\nWWW-Authenticate: ApiKey\r\n");
		es_error(r, 401, "security_exception", "missing authentication credentials for REST request");
	} else if (strcmp(op, "_bulk") == 0 && writes) {
		bulk(s, r, target);
	} else if (strcmp(op, "_search") == 0) {
		ask_ids(s, r, target, 0);
	} else if (strcmp(op, "_mget") == 0) {
		ask_ids(s, r, target, 1);
	} else if (strcmp(op, "_count") == 0) {
		count_docs(s, r);
	} else if (strcmp(op, "_refresh") == 0) {
		s->sink.refreshed = (uint32_t)s->sink.ids.n;
		answer_text(r, 200, JSON_TYPE, "{\"_shards\":{\"total\":1,\"successful\":1,\"failed\":0}}");
	} else if (strcmp(r->path, "/_security/_authenticate") == 0) {
		answer_text(r, 200, JSON_TYPE, "{\"username\":\"m365fwd\",\"roles\":[],\"enabled\":true,"
		    "\"authentication_type\":\"api_key\"}");
	} else if (strcmp(op, "_has_privileges") == 0) {
		answer_text(r, 200, JSON_TYPE, "{\"username\":\"m365fwd\",\"has_all_requested\":true,\"cluster\":{},\"index\":{},"
		    "\"application\":{}}");
	} else if (strcmp(r->path, "/_cluster/health") == 0) {
		answer_text(r, 200, JSON_TYPE, "{\"cluster_name\":\"m365sim\",\"status\":\"green\",\"timed_out\":false}");
	} else if (strcmp(r->path, "/") == 0) {
		answer_text(r, 200, JSON_TYPE, banner);
	} else if (strcmp(r->method, "HEAD") == 0) {
		answer_text(r, 200, JSON_TYPE, "");
	} else {
		es_error(r, 404, "index_not_found_exception", "m365sim does not know this path");
	}
	free(target);
}
