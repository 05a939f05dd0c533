/*
 * audit_data - Data, a JSON object in a text: alerts and automated investigations tell there what they found. Its known keys
 * fill fields; below o365.audit stand these keys and, as Data.flattened, the whole of it.
 */
#include <stdio.h>
#include <string.h>

#include "norm/audit.h"
#include "norm/rest.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
static const struct { const char *name; enum data_kind kind; } keys[] = {
	{ "ad", D_VALUE }, { "af", D_VALUE }, { "aii", D_VALUE }, { "ail", D_VALUE }, { "alk", D_VALUE }, { "als", D_VALUE },
	{ "an", D_VALUE }, { "at", D_DATE }, { "cid", D_VALUE }, { "cpid", D_VALUE }, { "dm", D_VALUE }, { "dpn", D_VALUE },
	{ "eid", D_VALUE }, { "etps", D_VALUE }, { "etype", D_VALUE }, { "f3u", D_VALUE }, { "fvs", D_VALUE }, { "imsgid", D_VALUE },
	{ "lon", D_VALUE }, { "mat", D_VALUE }, { "md", D_DATE }, { "ms", D_VALUE }, { "od", D_VALUE }, { "op", D_VALUE },
	{ "ot", D_VALUE }, { "plk", D_VALUE }, { "pud", D_VALUE }, { "reid", D_VALUE }, { "rid", D_VALUE }, { "sev", D_VALUE },
	{ "sict", D_VALUE }, { "sid", D_VALUE }, { "sip", D_IP }, { "sitmi", D_VALUE }, { "srt", D_VALUE }, { "ssic", D_VALUE },
	{ "suid", D_VALUE }, { "tdc", D_VALUE }, { "te", D_DATE }, { "thn", D_VALUE }, { "tht", D_VALUE }, { "tid", D_VALUE },
	{ "tpid", D_VALUE }, { "tpt", D_VALUE }, { "trc", D_VALUE }, { "ts", D_DATE }, { "tsd", D_VALUE }, { "ttdt", D_DATE },
	{ "ttr", D_VALUE }, { "upfc", D_VALUE }, { "upfv", D_VALUE }, { "ut", D_VALUE }, { "von", D_VALUE }, { "wl", D_VALUE },
	{ "zfh", D_VALUE }, { "zfn", D_VALUE }, { "zmfh", D_VALUE }, { "zmfn", D_VALUE }, { "zu", D_VALUE },
};

enum { ADDRESS = 1, IF_UNSET = 2, IP = 4 };	/* only if it looks like an e-mail address; only if nothing is there; only an IP */

struct data_row { const char *from; enum field to; unsigned flags; };

static const struct data_row rows[] = {
	{ "f3u",	F_RELATED_USER,		ADDRESS },
	{ "f3u",	F_USER_EMAIL,		ADDRESS | IF_UNSET },
	{ "suid",	F_RELATED_USER,		ADDRESS },
	{ "tsd",	F_RELATED_USER,		ADDRESS },
	{ "trc",	F_RELATED_USER,		ADDRESS },
	{ "tsd",	F_MAIL_SENDER,		0 },
	{ "trc",	F_MAIL_TO,		0 },
	{ "aii",	F_MAIL_LOCAL_ID,	0 },
	{ "imsgid",	F_MAIL_MESSAGE_ID,	0 },
	{ "ms",		F_MAIL_SUBJECT,		0 },
};

/* The last is for user.email, and only where nothing else is. */
static const struct data_row entity_rows[] = {
	{ "InternetMessageId",	F_MAIL_MESSAGE_ID,	0 },
	{ "NetworkMessageId",	F_MAIL_LOCAL_ID,	0 },
	{ "P1Sender",		F_MAIL_SENDER,		0 },
	{ "P2Sender",		F_MAIL_FROM,		0 },
	{ "Recipient",		F_MAIL_TO,		0 },
	{ "Subject",		F_MAIL_SUBJECT,		0 },
	{ "SenderIP",		F_RELATED_IP,		IP },
	{ "Upn",		F_RELATED_USER,		0 },
	{ "Recipient",		F_USER_EMAIL,		0 },
};

const struct table audit_data_table = TABLE(rows), audit_data_entity_table = TABLE(entity_rows);

/* Of the entities, as lists of their own beside Data. */
static const char *const entity_lists[] = { "OriginalDeliveryLocation", "PhishConfidenceLevel", "ThreatDetectionMethods" };
/* clang-format on */

/* Data as an object, in *in; -1: it is none. What is read stays until the next text is opened. */
static int
open_data(struct norm *n, uint32_t node, struct out *in)
{
	*in = (struct out){ .n = n, .j = &n->json, .to = n->out, .one_query_time = n->type == 64 };
	if (node == JSON_NONE)
		return -1;
	if (n->json.nodes[node].kind == JSON_OBJECT)
		return (int)node;
	if (n->json.nodes[node].kind != JSON_STRING || !json_inside(n, node, 0))
		return -1;
	in->j = &n->inner;
	return 0;
}

/* Exactly one "@" with something on both sides. */
static int
is_address(const char *p, size_t len)
{
	const char	*at = memchr(p, '@', len), *end = p + len;

	return at != NULL && at > p && at + 1 < end && memchr(at + 1, '@', (size_t)(end - at) - 1) == NULL;
}

static void
fill(struct norm *n, const struct json *j, const struct data_row *r, uint32_t node)
{
	if (j->nodes[node].kind != JSON_STRING && j->nodes[node].kind != JSON_NUMBER)
		return;
	buf_reset(&n->text);
	json_text(j, node, &n->text);
	if (((r->flags & ADDRESS) && !is_address(buf_str(&n->text), n->text.len)) ||
	    ((r->flags & IP) && ip_kind(buf_str(&n->text), n->text.len) == 0))
		return;
	slot_add(n, r->to, buf_str(&n->text), n->text.len);
}

static void
fill_all(struct norm *n, const struct json *j, uint32_t object, const struct data_row *from, size_t count)
{
	for (const struct data_row *r = from; r < from + count; r++) {
		uint32_t	 node = json_get(j, object, r->from);

		n->by = r;
		if (node == JSON_NONE || ((r->flags & IF_UNSET) && slot_get(n, r->to) != NULL))
			continue;
		if (j->nodes[node].kind != JSON_ARRAY)
			fill(n, j, r, node);
		else
			for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k))
				fill(n, j, r, k);
	}
	n->by = NULL;
}

/* The objects of Entities one after the other; at first JSON_NONE. */
static uint32_t
next_entity(const struct json *j, uint32_t entities, uint32_t at)
{
	do {
		at = at == JSON_NONE ? json_first(j, entities) : json_next(j, entities, at);
	} while (at != JSON_NONE && j->nodes[at].kind != JSON_OBJECT);
	return at;
}

static uint32_t
entities_of(const struct json *j, uint32_t object)
{
	uint32_t	 node = json_get(j, object, "Entities");

	return node != JSON_NONE && j->nodes[node].kind == JSON_ARRAY ? node : JSON_NONE;
}

void
audit_data(struct norm *n)
{
	struct out			 in;
	int				 object = open_data(n, ecs_find(n, "Data"), &in), unset = slot_get(n, F_USER_EMAIL) == NULL;
	uint32_t			 entities;

	if (object == -1)
		return;
	n->why = "Data";
	fill_all(n, in.j, (uint32_t)object, rows, COUNT(rows));
	unset = unset && slot_get(n, F_USER_EMAIL) == NULL;
	if ((entities = entities_of(in.j, (uint32_t)object)) == JSON_NONE)
		return;
	n->why = "Data, Entities";
	for (uint32_t e = next_entity(in.j, entities, JSON_NONE); e != JSON_NONE; e = next_entity(in.j, entities, e)) {
		fill_all(n, in.j, e, entity_rows, COUNT(entity_rows) - !unset);
	}
}

const char *
audit_data_key(size_t i, enum data_kind *kind)
{
	if (i >= COUNT(keys))
		return NULL;
	*kind = keys[i].kind;
	return keys[i].name;
}

/* ---- writing ------------------------------------------------------------------------------------------------------------ */

static int
put_key(struct out *o, const char *name, enum data_kind kind, uint32_t node)
{
	size_t		 mark = o->to->len;
	char		 raw[16];
	struct buf	*t = &o->n->text;

	if (rest_nothing(o->j, node))
		return 0;
	rest_name(o, name, strlen(name));
	if (kind == D_DATE && rest_time(o, node))
		return 1;
	if (kind == D_VALUE && !rest_has_object(o->j, node))
		return rest_value(o, node);
	if (kind == D_IP) {
		buf_reset(t);
		if (o->j->nodes[node].kind == JSON_STRING)
			json_text(o->j, node, t);
		if (ip_kind(buf_str(t), t->len) != 0) {
			json_escape(o->to, t->bytes, t->len);
			return 1;
		}
	}
	buf_cut(o->to, mark);
	if (kind == D_IP)
		return 0;		/* Data.flattened has it */
	snprintf(raw, sizeof(raw), "%s_raw", name);
	rest_name(o, raw, strlen(raw));
	rest_text(o, node);
	return 1;
}

/* What the entities say of this, each once. */
static int
put_entity_list(struct out *o, const char *name, uint32_t entities)
{
	struct norm		*n = o->n;
	const struct json	*j = o->j;
	const char		*own;

	slot_clear(n, F_SCRATCH);
	for (uint32_t e = next_entity(j, entities, JSON_NONE); e != JSON_NONE; e = next_entity(j, entities, e))
		if (json_get(j, e, name) != JSON_NONE)
			fill_all(n, j, e, &(struct data_row){ name, F_SCRATCH, 0 }, 1);
	if (slot_get(n, F_SCRATCH) == NULL)
		return 0;
	own = rest_own_name(o, name, "");
	rest_name(o, own, strlen(own));
	buf_addc(o->to, '[');
	for (const struct value *s = slot_get(n, F_SCRATCH); s != NULL; s = s->next) {
		rest_separate(o->to);
		json_escape(o->to, s->p, s->len);
	}
	buf_addc(o->to, ']');
	slot_clear(n, F_SCRATCH);
	return 1;
}

/* All of it; as text where a flattened field would not take it. */
static int
put_flattened(struct out *o, uint32_t object)
{
	size_t	 mark = o->to->len;

	if (!rest_member(o, "flattened", object))
		return 0;
	if (!rest_flat_takes(o->to->bytes + mark, o->to->len - mark)) {
		buf_cut(o->to, mark);
		rest_name(o, "flattened_raw", 13);
		rest_text(o, object);
	}
	return 1;
}

int
rest_data(struct out *o, const char *name, uint32_t node)
{
	struct out	 in;
	int		 object = open_data(o->n, node, &in), some;
	size_t		 mark = o->to->len;
	uint32_t	 k, entities;

	if (object == -1)
		return rest_raw(o, name, node);
	rest_name(o, name, strlen(name));
	buf_addc(o->to, '{');
	if ((some = put_flattened(&in, (uint32_t)object)))
		for (size_t i = 0; i < COUNT(keys); i++)
			if ((k = json_get(in.j, (uint32_t)object, keys[i].name)) != JSON_NONE)
				put_key(&in, keys[i].name, keys[i].kind, k);
	buf_addc(o->to, '}');
	if (!some) {
		buf_cut(o->to, mark);
		return 0;
	}
	if ((entities = entities_of(in.j, (uint32_t)object)) != JSON_NONE)
		for (size_t i = 0; i < COUNT(entity_lists); i++)
			put_entity_list(&in, entity_lists[i], entities);
	return 1;
}
