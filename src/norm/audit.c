/*
 * audit - a record of the Management Activity API becomes an event: the order in which rows and rules run.
 */
#include <stdlib.h>
#include <string.h>

#include "norm/audit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The number as the record spells it; 0 if it is none. */
static int
record_type(struct norm *n)
{
	uint32_t	 node = ecs_find(n, "RecordType");
	struct buf	*digits = &n->value;
	int		 type = 0;

	if (node == JSON_NONE || json_is_empty(&n->json, node))
		return 0;
	buf_reset(&n->text);
	buf_reset(digits);
	json_text(&n->json, node, &n->text);
	if (number_text(buf_str(&n->text), n->text.len, digits) == 0 && digits->len > 0 && digits->len < 9 &&
	    strspn(digits->bytes, "0123456789") == digits->len)
		type = atoi(digits->bytes);
	return type;
}

static void
add_words(struct norm *n, enum field f, const char *words)
{
	size_t	 len;

	for (; words != NULL && *words != '\0'; words += len + (words[len] == ' ')) {
		len = strcspn(words, " ");
		slot_add(n, f, words, len);
	}
}

static void
run_action(struct norm *n)
{
	const struct value	*v = slot_get(n, F_EVENT_ACTION);

	for (const struct audit_action *a = audit_actions; v != NULL && a < audit_actions + n_audit_actions; a++) {
		if ((a->record_type != 0 && a->record_type != n->type) || strlen(a->action) != v->len ||
		    memcmp(a->action, v->p, v->len) != 0)
			continue;
		n->why = "what this Operation is";
		n->by = a;
		add_words(n, F_EVENT_CATEGORY, a->category);
		add_words(n, F_EVENT_TYPE, a->types);
		if (a->becomes != NULL)
			slot_sets(n, F_EVENT_ACTION, a->becomes);
		n->by = NULL;
		if (a->row != NULL)
			ecs_rows(n, "what this Operation is", a->row, 1);
		return;
	}
}

/* ResultStatus tells only that the request was handled; these tell how the sign-in ended. ErrorCode has other meanings elsewhere. */
static void
logon_outcome(struct norm *n)
{
	static const char *const codes[] = { "ErrorNumber", "LoginStatus", "ErrorCode" };
	const struct value	*action = slot_get(n, F_EVENT_ACTION);
	size_t			 n_codes = n->type == 15 || n->type == 9 ? COUNT(codes) : COUNT(codes) - 1;
	uint32_t		 node;
	int			 failed = action != NULL && action->len == 15 && memcmp(action->p, "UserLoginFailed", 15) == 0;

	if ((node = ecs_find(n, "LogonError")) != JSON_NONE && !json_is_empty(&n->json, node))
		failed = 1;
	for (size_t i = 0; i < n_codes; i++) {
		if ((node = ecs_find(n, codes[i])) == JSON_NONE || json_is_empty(&n->json, node))
			continue;
		buf_reset(&n->text);
		json_text(&n->json, node, &n->text);
		if (strspn(buf_str(&n->text), "0") != n->text.len)
			failed = 1;
	}
	n->why = "how the sign-in ended";
	if (failed)
		slot_sets(n, F_EVENT_OUTCOME, "failure");
}

static const struct row client_rows[] = {
	{ F_CLIENT_ADDRESS, "ClientIPAddress", copy_address, NULL, 0 },
	{ F_CLIENT_ADDRESS, "ClientIP", copy_address, NULL, 0 },
	{ F_CLIENT_ADDRESS, "ActorIpAddress", copy_address, NULL, 0 },
};
const struct table audit_client_table = TABLE(client_rows);

/* ClientIPAddress, else ClientIP, else ActorIpAddress; a word that says "none" is none. */
static void
client_address(struct norm *n)
{
	for (size_t i = 0; i < COUNT(client_rows); i++) {
		uint32_t	 node = ecs_find(n, client_rows[i].from);

		if (node == JSON_NONE || n->json.nodes[node].kind != JSON_STRING || json_is_empty(&n->json, node))
			continue;
		buf_reset(&n->text);
		json_text(&n->json, node, &n->text);
		if (strcasecmp(buf_str(&n->text), "null") == 0 || strcasecmp(buf_str(&n->text), "<null>") == 0 ||
		    strspn(buf_str(&n->text), " \t") == n->text.len)
			continue;
		ecs_rows(n, "the client's address", &client_rows[i], 1);
		return;
	}
}

/* An id with exactly one "@" is an address: its parts are the name and the domain. */
static void
split_user(struct norm *n, enum field id, enum field email, enum field name, enum field domain)
{
	const struct value	*v = slot_get(n, id);
	const char		*at;

	if (v == NULL || (at = memchr(v->p, '@', v->len)) == NULL || memchr(at + 1, '@', (size_t)(v->p + v->len - at) - 1) != NULL)
		return;
	n->why = "parts of the id";
	slot_set(n, email, v->p, v->len);
	slot_set(n, name, v->p, (size_t)(at - v->p));
	slot_set(n, domain, at + 1, (size_t)(v->p + v->len - at) - 1);
}

static const struct { enum field to; const char *from; } detail_rows[] = {
	{ F_UA_ORIGINAL, "User-Agent" }, { F_DEVICE_ID, "DeviceId" },
};
const struct table audit_details_table = TABLE(detail_rows);

/* What Entra packs as JSON text into ExtendedProperties.additionalDetails. */
static void
from_details(struct norm *n)
{
	uint32_t		 node = ecs_find(n, "ExtendedProperties.additionalDetails"), k;
	const struct json	*j = &n->json;

	if (node == JSON_NONE)
		return;
	if (j->nodes[node].kind == JSON_STRING && json_inside(n, node, 0)) {
		j = &n->inner;
		node = 0;
	} else if (j->nodes[node].kind != JSON_OBJECT) {
		return;
	}
	n->why = "ExtendedProperties.additionalDetails";
	for (size_t i = 0; i < COUNT(detail_rows); i++) {
		if (slot_get(n, detail_rows[i].to) != NULL || (k = json_get(j, node, detail_rows[i].from)) == JSON_NONE ||
		    j->nodes[k].kind != JSON_STRING)
			continue;
		buf_reset(&n->text);
		json_text(j, k, &n->text);
		n->by = &detail_rows[i];
		slot_set(n, detail_rows[i].to, buf_str(&n->text), n->text.len);
	}
	n->by = NULL;
}

static char *
arena_text(struct norm *n, const char *p, size_t len)
{
	char	*copy = arena_take(&n->arena, len + 1);

	memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

/* Parameters as one text, "-Identity \"X\"": X is the message's id, if the record has no other. */
static void
from_command_line(struct norm *n)
{
	uint32_t	 node = ecs_find(n, "Parameters"), id = ecs_find(n, "NetworkMessageId");
	const char	*p, *end;
	int		 quoted;

	if (node == JSON_NONE || n->json.nodes[node].kind != JSON_STRING || (id != JSON_NONE && !json_is_empty(&n->json, id)))
		return;
	buf_reset(&n->text);
	json_text(&n->json, node, &n->text);
	p = buf_str(&n->text);
	p += *p == '-';
	if (strncmp(p, "Identity ", 9) != 0)
		return;
	p += 9 + strspn(p + 9, " ");
	p += (quoted = *p == '"');
	end = p + strcspn(p, quoted ? "\"" : " \"");
	if (end == p)
		return;
	n->why = "-Identity of Parameters";
	n->message_id = arena_text(n, p, (size_t)(end - p));
	slot_add(n, F_MAIL_LOCAL_ID, p, (size_t)(end - p));
}

static void
copy_values(struct norm *n, enum field to, enum field from)
{
	n->why = "fields of the event";
	for (const struct value *v = slot_get(n, from); v != NULL; v = v->next)
		slot_add(n, to, v->p, v->len);
}

static void
host_name(struct norm *n)
{
	static const enum field	 from[] = { F_ORG_NAME, F_USER_DOMAIN };
	const struct value	*v;

	n->why = "organization.name or user.domain";
	for (size_t i = 0; i < COUNT(from) && slot_get(n, F_HOST_NAME) == NULL; i++)
		if ((v = slot_get(n, from[i])) != NULL)
			slot_set(n, F_HOST_NAME, v->p, v->len);
}

static void
run_related(struct norm *n)
{
	n->why = "fields of the event";
	for (const struct audit_copy *c = audit_related; c < audit_related + n_audit_related; c++) {
		n->by = c;
		for (const struct value *v = slot_get(n, c->from); v != NULL; v = v->next)
			if (c->to != F_RELATED_USER || n->source->compat || !is_placeholder(v->p, v->len))
				slot_add(n, c->to, v->p, v->len);
	}
	n->by = NULL;
}

/* The tenant's configured domain, for records of that tenant. */
static void
organization_name(struct norm *n)
{
	const struct value	*id = slot_get(n, F_ORG_ID);

	n->why = "the tenant's organization";
	if (n->source->organization_name != NULL && id != NULL && strlen(n->source->tenant_guid) == id->len &&
	    strncasecmp(n->source->tenant_guid, id->p, id->len) == 0)
		slot_sets(n, F_ORG_NAME, n->source->organization_name);
}

static void
rows_of_type(struct norm *n, const char *code)
{
	for (const struct audit_type *t = audit_types; t < audit_types + n_audit_types; t++)
		if (t->record_type == n->type)
			ecs_rows(n, code, t->rows, t->n);
}

void
audit_map(struct norm *n)
{
	const char	*code;
	int		 dlp;

	n->type = record_type(n);
	n->aggregated = n->type == 50;
	dlp = n->type == 11 || n->type == 13;
	if ((code = record_type_name(n->type)) != NULL) {
		n->why = "RecordType's name";
		slot_sets(n, F_EVENT_CODE, code);
	}
	ecs_rows(n, "every record", audit_identity, n_audit_identity);
	organization_name(n);
	rows_of_type(n, code);
	run_action(n);
	if (n->type == 40)
		audit_alert(n);
	if (dlp)
		audit_dlp(n);
	audit_data(n);
	if (!n->source->compat)
		logon_outcome(n);
	from_details(n);
	from_command_line(n);
	client_address(n);
	split_user(n, F_USER_ID, F_USER_EMAIL, F_USER_NAME, F_USER_DOMAIN);
	split_user(n, F_TARGET_ID, F_TARGET_EMAIL, F_TARGET_NAME, F_TARGET_DOMAIN);
	split_user(n, F_DEST_USER_ID, F_DEST_USER_EMAIL, F_DEST_USER_NAME, F_DEST_USER_DOMAIN);
	ecs_rows(n, "every record", audit_late, n_audit_late);
	copy_values(n, F_MAIL_SENDER, F_SOURCE_USER_EMAIL);
	copy_values(n, F_MAIL_TO, F_DEST_USER_EMAIL);
	if (n->type == 13)
		audit_dlp_message(n);
	host_name(n);
	run_related(n);
}
