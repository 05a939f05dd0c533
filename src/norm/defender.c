/*
 * defender - rows of alerts and incidents of Microsoft Defender (Graph's alerts_v2 and incidents), as m365_defender.alert and .incident.
 *
 * Source of every row: spec/ecs-risk-alerts.md sections 5 and 6. @timestamp is the last update; every change is a document of its own.
 */
#include "norm/defender.h"

#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SEVERITY "informational=21 low=21 medium=47 high=73 critical=99"

/* clang-format off */
static const struct row constants[] = {
	{ F_EVENT_KIND,		NULL,	copy_fixed,	"alert", 0 },
	{ F_CLOUD_ACCOUNT,	NULL,	copy_tenant,	"%", 0 },
};

/* Of the record itself. */
static const struct row alert_rows[] = {
	{ F_EVENT_ID,		"id",				copy_text,	NULL, 0 },
	{ F_EVENT_CREATED,	"createdDateTime",		copy_date,	NULL, 0 },
	{ F_EVENT_START,	"firstActivityDateTime",	copy_date,	NULL, 0 },
	{ F_EVENT_END,		"lastActivityDateTime",		copy_date,	NULL, 0 },
	{ F_RULE_NAME,		"title",			copy_text,	NULL, 0 },
	{ F_MESSAGE,		"description",			copy_text,	NULL, 0 },
	{ F_RULE_ID,		"detectorId",			copy_text,	NULL, 0 },
	{ F_EVENT_SEVERITY,	"severity",			copy_choice,	SEVERITY, 0 },
	{ F_EVENT_URL,		"alertWebUrl",			copy_text,	NULL, 0 },
	{ F_CLOUD_ACCOUNT,	"tenantId",			copy_text,	NULL, 0 },
	{ F_SOURCE_USER_NAME,	"assignedTo",			copy_assigned,	NULL, 0 },
	{ F_RELATED_USER,	"assignedTo",			copy_person,	NULL, R_ADD },
	{ F_RELATED_USER,	"comments[].createdByDisplayName", copy_person,	NULL, R_ADD },
};

/* Of an alert, wherever it stands. */
static const struct row any_alert[] = {
	{ F_EVENT_PROVIDER,	"serviceSource",		copy_text,	NULL, R_ADD },
	{ F_THREAT_TACTIC,	"category",			copy_text,	NULL, R_ADD },
	{ F_THREAT_SUBTECHNIQUE, "mitreTechniques[]",		copy_text,	NULL, R_ADD },
	{ F_THREAT_TECHNIQUE,	"mitreTechniques[]",		copy_technique,	NULL, R_ADD },
	{ F_THREAT_GROUP,	"actorDisplayName",		copy_text,	NULL, R_ADD },
};

static const struct row incident_rows[] = {
	{ F_EVENT_ID,		"id",				copy_text,	NULL, 0 },
	{ F_EVENT_CREATED,	"createdDateTime",		copy_date,	NULL, 0 },
	{ F_RULE_NAME,		"displayName",			copy_text,	NULL, 0 },
	{ F_MESSAGE,		"displayName",			copy_text,	NULL, 0 },
	{ F_EVENT_SEVERITY,	"severity",			copy_choice,	SEVERITY, 0 },
	{ F_EVENT_URL,		"incidentWebUrl",		copy_text,	NULL, 0 },
	{ F_CLOUD_ACCOUNT,	"tenantId",			copy_text,	NULL, 0 },
	{ F_SOURCE_USER_NAME,	"assignedTo",			copy_assigned_parts, NULL, 0 },
	{ F_RELATED_USER,	"comments[].createdBy",		copy_person,	NULL, R_ADD },
	{ F_RELATED_USER,	"comments[].createdByDisplayName", copy_person,	NULL, R_ADD },
};

static const struct pair assigned[] = {
	{ F_RELATED_USER, F_SOURCE_USER_NAME }, { F_RELATED_USER, F_SOURCE_USER_EMAIL },
};
/* clang-format on */

/* ISO 8601 in UTC, cut to milliseconds. */
void
copy_date(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node);
	char		 text[RFC3339_SIZE];
	int64_t		 ms;

	if (when_parse(p, n->text.len, &ms) == -1)
		return;
	rfc3339_text(ms, 3, text);
	row_put(n, r, text, strlen(text));
}

static void
assigned_email(struct norm *n, const char *p, size_t len)
{
	const char	*at = memchr(p, '@', len);

	if (at == NULL || at == p)
		return;
	slot_set(n, F_SOURCE_USER_EMAIL, p, len);
	slot_set(n, F_SOURCE_USER_DOMAIN, at + 1, (size_t)(p + len - at) - 1);
}

/* Alerts: the whole text is the name. */
void
copy_assigned(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node);

	row_put(n, r, p, n->text.len);
	assigned_email(n, p, n->text.len);
}

/* Incidents: the name is what stands before the "@". */
void
copy_assigned_parts(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node), *at = memchr(p, '@', n->text.len);

	row_put(n, r, p, at != NULL && at > p ? (size_t)(at - p) : n->text.len);
	assigned_email(n, p, n->text.len);
}

/* "T1059.001" -> "T1059" */
void
copy_technique(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node);

	row_put(n, r, p, strcspn(p, "."));
}

/* From the first to the last activity, in nanoseconds. */
static void
duration(struct norm *n)
{
	const struct value	*start = slot_get(n, F_EVENT_START), *end = slot_get(n, F_EVENT_END);
	char			 text[32];
	int64_t			 from, to;

	if (start == NULL || end == NULL || rfc3339_parse(start->p, start->len, &from, NULL) == -1 ||
	    rfc3339_parse(end->p, end->len, &to, NULL) == -1 || to < from || to - from > INT64_MAX / 1000000)
		return;
	snprintf(text, sizeof(text), "%lld", (long long)((to - from) * 1000000));
	slot_sets(n, F_EVENT_DURATION, text);
}

static void
one_alert(struct norm *n, uint32_t alert, struct categories *c)
{
	n->why = "every alert";
	for (size_t i = 0; i < COUNT(any_alert); i++) {
		n->from = any_alert[i].from;
		n->by = &any_alert[i];
		ecs_each(n, alert, any_alert[i].from, &any_alert[i]);
	}
	n->from = NULL;
	n->by = NULL;
	evidence_rows(n, alert);
	categories_of(n, alert, c);
}

static void
map_alert(struct norm *n)
{
	struct categories	 c = { 0 };

	ecs_rows(n, "every alert", alert_rows, COUNT(alert_rows));
	duration(n);
	one_alert(n, 0, &c);
	categories_put(n, &c);
	shape_add(n, "tenant_id", n->source->tenant_guid, strlen(n->source->tenant_guid));
}

/* One document an incident; where its alerts are in it, they are told all together. */
static void
map_incident(struct norm *n)
{
	const struct json	*j = &n->json;
	struct categories	 c = { 0 };
	uint32_t		 alerts = json_get(j, 0, "alerts");

	ecs_rows(n, "every incident", incident_rows, COUNT(incident_rows));
	ecs_gather(n, assigned, COUNT(assigned));
	categories_of(n, 0, &c);
	if (alerts != JSON_NONE && j->nodes[alerts].kind == JSON_ARRAY)
		for (uint32_t k = json_first(j, alerts); k != JSON_NONE; k = json_next(j, alerts, k))
			if (j->nodes[k].kind == JSON_OBJECT)
				one_alert(n, k, &c);
	categories_put(n, &c);
	shape_add(n, "tenant_id", n->source->tenant_guid, strlen(n->source->tenant_guid));
}

static const struct table assigned_table = TABLE(assigned);
static const struct table *const alert_tables[] = { &evidence_abouts_table, NULL };
static const struct table *const incident_tables[] = { &assigned_table, NULL };

static const struct row_list alert_lists[] = {
	{ "every alert", alert_rows, COUNT(alert_rows) },
	{ "every alert", any_alert, COUNT(any_alert) },
};

const struct family alerts_family = {
	.feeds = "alerts", .dataset = "m365_defender.alert", .module = "m365_defender", .time = "lastUpdateDateTime",
	.constants = constants, .n_constants = COUNT(constants), .shape = &alert_shape,
	.lists = alert_lists, .n_lists = COUNT(alert_lists), .tables = alert_tables,
	.rest = F_ALERT, .map = map_alert, .write = shape_write,
};

static const struct row_list incident_lists[] = {
	{ "every incident", incident_rows, COUNT(incident_rows) },
	{ "every alert of an incident", any_alert, COUNT(any_alert) },
};

const struct family incidents_family = {
	.feeds = "incidents", .dataset = "m365_defender.incident", .module = "m365_defender", .time = "lastUpdateDateTime",
	.constants = constants, .n_constants = COUNT(constants), .shape = &incident_shape,
	.lists = incident_lists, .n_lists = COUNT(incident_lists), .tables = incident_tables,
	.rest = F_INCIDENT, .map = map_incident, .write = shape_write,
};
