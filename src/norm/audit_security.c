/*
 * audit_security - alerts of the compliance center and records of data loss prevention: what is told over several members.
 */
#include <string.h>

#include "norm/audit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int
slot_is(const struct norm *n, enum field f, const char *text)
{
	const struct value	*v = slot_get(n, f);

	return v != NULL && v->len == strlen(text) && memcmp(v->p, text, v->len) == 0;
}

static const struct { const char *category, *becomes; } categories[] = {
	{ "AccessGovernance", "authentication" }, { "DataGovernance", "file" }, { "DataLossPrevention", "file" },
	{ "ThreatManagement", "malware" }, { NULL, "authentication" },		/* the last: of any other */
};
static const struct { const char *entity; enum field to; int unset; } entities[] = {
	{ "User", F_USER_ID, 1 }, { "Recipients", F_USER_EMAIL, 0 }, { "Sender", F_USER_EMAIL, 0 },
	{ "MalwareFamily", F_THREAT_TECHNIQUE, 0 },
};
const struct table audit_categories_table = TABLE(categories), audit_entities_table = TABLE(entities);

/* What Elastic's pipeline means to do and never reaches: the members it asks for were moved before. */
void
audit_alert(struct norm *n)
{
	const struct value	*v;
	size_t			 c = 0;

	if (n->source->compat)
		return;
	n->why = "the alert's Category";
	while (categories[c].category != NULL && !slot_is(n, F_RULE_CATEGORY, categories[c].category))
		c++;
	n->by = &categories[c];
	if (slot_get(n, F_RULE_CATEGORY) != NULL)
		slot_add(n, F_EVENT_CATEGORY, categories[c].becomes, strlen(categories[c].becomes));
	n->why = "AlertEntityId, by EntityType";
	for (size_t i = 0; i < COUNT(entities); i++) {
		n->by = &entities[i];
		if (slot_is(n, F_RULE_RULESET, entities[i].entity) && (v = slot_get(n, F_RULE_DESCRIPTION)) != NULL &&
		    (!entities[i].unset || slot_get(n, entities[i].to) == NULL))
			slot_set(n, entities[i].to, v->p, v->len);
	}
	n->by = NULL;
}

/* ---- data loss prevention ----------------------------------------------------------------------------------------------- */

struct verdicts { int severity, blocked; };

static const char *
text_at(struct norm *n, uint32_t node)
{
	buf_reset(&n->text);
	if (node != JSON_NONE && n->json.nodes[node].kind >= JSON_STRING && n->json.nodes[node].kind != JSON_NULL)
		json_text(&n->json, node, &n->text);
	return buf_str(&n->text);
}

static int
severity(const char *word)
{
	static const char *const words[] = { "informational", "low", "medium", "high" };

	for (int i = 0; i < (int)COUNT(words); i++)
		if (strcasecmp(word, words[i]) == 0)
			return i + 1;
	return 0;
}

static int
has_text(struct norm *n, uint32_t node, const char *text)
{
	const struct json	*j = &n->json;

	if (node == JSON_NONE)
		return 0;
	if (j->nodes[node].kind != JSON_ARRAY)
		return strcmp(text_at(n, node), text) == 0;
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k))
		if (strcmp(text_at(n, k), text) == 0)
			return 1;
	return 0;
}

static void
one_rule(struct norm *n, uint32_t rule, struct verdicts *v)
{
	const struct json	*j = &n->json;
	uint32_t		 id = json_get(j, rule, "RuleId"), name = json_get(j, rule, "RuleName");
	int			 s = severity(text_at(n, json_get(j, rule, "Severity")));

	if (s > v->severity)
		v->severity = s;
	v->blocked |= has_text(n, json_get(j, rule, "Actions"), "BlockAccess");
	if (*text_at(n, id) == '\0' || *text_at(n, name) == '\0')
		return;
	slot_add(n, F_RULE_NAME, buf_str(&n->text), n->text.len);
	text_at(n, id);
	slot_add(n, F_RULE_ID, buf_str(&n->text), n->text.len);
}

static void
each_rule(struct norm *n, uint32_t rules, struct verdicts *v)
{
	const struct json	*j = &n->json;

	if (rules != JSON_NONE && j->nodes[rules].kind == JSON_OBJECT)
		one_rule(n, rules, v);
	else if (rules != JSON_NONE && j->nodes[rules].kind == JSON_ARRAY)
		for (uint32_t k = json_first(j, rules); k != JSON_NONE; k = json_next(j, rules, k))
			if (j->nodes[k].kind == JSON_OBJECT)
				one_rule(n, k, v);
}

/* OneDrive and SharePoint spell it DLPRuleUndo; Elastic compares with Exchange's DlpRuleUndo. */
static int
is_operation(const struct norm *n, const char *text)
{
	const struct value	*v = slot_get(n, F_EVENT_ACTION);

	if (n->source->compat)
		return slot_is(n, F_EVENT_ACTION, text);
	return v != NULL && v->len == strlen(text) && strncasecmp(v->p, text, v->len) == 0;
}

/* Was the access stopped, and does it stay so? */
static const char *
dlp_outcome(struct norm *n, int blocked)
{
	uint32_t	 exception = ecs_find(n, "ExceptionInfo");

	if (!blocked || is_operation(n, "DlpRuleUndo"))
		return "success";
	if (is_operation(n, "DlpInfo"))
		return "failure";
	return exception != JSON_NONE && !json_is_empty(&n->json, exception) ? "success" : "failure";
}

void
audit_dlp(struct norm *n)
{
	const struct json	*j = &n->json;
	struct verdicts		 v = { 0, 0 };
	uint32_t		 details = ecs_find(n, "PolicyDetails");
	char			 digit[2];

	n->why = "PolicyDetails[].Rules[]";
	if (details != JSON_NONE && j->nodes[details].kind == JSON_OBJECT)
		each_rule(n, json_get(j, details, "Rules"), &v);
	else if (details != JSON_NONE && j->nodes[details].kind == JSON_ARRAY)
		for (uint32_t k = json_first(j, details); k != JSON_NONE; k = json_next(j, details, k))
			if (j->nodes[k].kind == JSON_OBJECT)
				each_rule(n, json_get(j, k, "Rules"), &v);
	digit[0] = (char)('0' + v.severity);
	digit[1] = '\0';
	slot_sets(n, F_EVENT_SEVERITY, digit);
	n->why = "Actions of the rules, Operation and ExceptionInfo";
	slot_sets(n, F_EVENT_OUTCOME, dlp_outcome(n, v.blocked));
}

void
audit_dlp_message(struct norm *n)
{
	const struct value	*action = slot_get(n, F_EVENT_ACTION), *user = slot_get(n, F_USER_ID), *mail;
	struct buf		 b = { 0 };

	text_at(n, ecs_find(n, "ExchangeMetaData.Subject"));
	if (n->text.len == 0 && (mail = slot_get(n, F_MAIL_SUBJECT)) != NULL)
		buf_add(&n->text, mail->p, mail->len);
	buf_adds(&b, "Office365 Alert");
	if (action != NULL || user != NULL || n->text.len > 0) {
		buf_addf(&b, ": %.*s detected in email sent by ", action != NULL ? (int)action->len : 0, action != NULL ? action->p : "");
		buf_addf(&b, "%.*s with subject '", user != NULL ? (int)user->len : 0, user != NULL ? user->p : "");
		buf_add(&b, buf_str(&n->text), n->text.len);
		buf_addc(&b, '\'');
	}
	n->why = "Operation, user and subject";
	slot_set(n, F_MESSAGE, b.bytes, b.len);
	buf_clear(&b);
}
