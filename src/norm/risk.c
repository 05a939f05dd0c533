/*
 * risk - rows of risk detections of users and of service principals in the shape of azure.identity_protection.
 *
 * Source of every row: spec/ecs-risk-alerts.md sections 2 and 3. The fields are below azure.identityprotection, without the underscore
 * of the data set's name. @timestamp is the last update: rules look back minutes, and an offline detection is hours old.
 */
#include <string.h>

#include "norm/shape.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */

static const struct part properties[] = {
	{ "id",				NULL,	K_WORD,	NULL, NULL },
	{ "activity",			NULL,	K_WORD,	NULL, NULL },
	{ "source",			NULL,	K_WORD,	NULL, NULL },
	{ "riskType",			NULL,	K_WORD,	NULL, NULL },
	{ "riskEventType",		NULL,	K_WORD,	NULL, NULL },
	{ "riskState",			NULL,	K_WORD,	NULL, NULL },
	{ "riskLevel",			NULL,	K_WORD,	NULL, NULL },
	{ "riskDetail",			NULL,	K_WORD,	NULL, NULL },
	{ "detectionTimingType",	NULL,	K_WORD,	NULL, NULL },
	{ "requestId",			NULL,	K_WORD,	NULL, NULL },
	{ "correlationId",		NULL,	K_WORD,	NULL, NULL },
	{ "tokenIssuerType",		NULL,	K_WORD,	NULL, NULL },
	{ "userType",			NULL,	K_WORD,	NULL, NULL },
	{ "ipAddress",			NULL,	K_IP,	NULL, NULL },
	{ "userId",			NULL,	K_GUID,	NULL, NULL },
	{ "userDisplayName",		NULL,	K_WORD,	NULL, NULL },
	{ "userPrincipalName",		NULL,	K_WORD,	NULL, NULL },
	{ "servicePrincipalId",		NULL,	K_WORD,	NULL, NULL },
	{ "servicePrincipalDisplayName", NULL,	K_WORD,	NULL, NULL },
	{ "appId",			NULL,	K_WORD,	NULL, NULL },
	{ "keyIds",			NULL,	K_WORD,	NULL, NULL },
	{ "homeTenantId",		NULL,	K_WORD,	NULL, NULL },
	{ "resourceTenantId",		NULL,	K_WORD,	NULL, NULL },
	{ "crossTenantAccessType",	NULL,	K_WORD,	NULL, NULL },
	{ "isDeleted",			NULL,	K_BOOL,	NULL, NULL },
	{ "isGuest",			NULL,	K_BOOL,	NULL, NULL },
	{ "isProcessing",		NULL,	K_BOOL,	NULL, NULL },
	{ "activityDateTime",	"activity_datetime",	K_DATE,	NULL, NULL },
	{ "detectedDateTime",	"detected_datetime",	K_DATE,	NULL, NULL },
	{ "lastUpdatedDateTime", "last_updated_datetime", K_DATE, NULL, NULL },
	{ "riskLastUpdatedDateTime", "risk_last_updated_datetime", K_DATE, NULL, NULL },
	{ "location",			NULL,	K_OBJECT, &shape_free_keep, NULL },
	{ "additionalInfo",		NULL,	K_JSON,	NULL, NULL },
};
static const struct shape shape = SHAPE(properties, 0, NULL);

static const struct row constants[] = {
	{ F_CLOUD_PROVIDER,	NULL,	copy_fixed,	"azure", 0 },
	{ F_EVENT_DURATION,	NULL,	copy_fixed,	"0", 0 },
	{ F_IP_CATEGORY,	NULL,	copy_by_feed,	"risk.user=UserRiskEvents risk.serviceprincipal=ServicePrincipalRiskEvents", 0 },
	{ F_IP_OP_VERSION,	NULL,	copy_fixed,	"1.0", 0 },
	{ F_IP_SIGNATURE,	NULL,	copy_fixed,	"None", 0 },
	{ F_TENANT_ID,		NULL,	copy_tenant,	"%", 0 },
	{ F_TENANT,		NULL,	copy_tenant,	"%", 0 },
	{ F_CLOUD_ACCOUNT,	NULL,	copy_tenant,	"%", 0 },
	{ F_RESOURCE_ID,	NULL,	copy_tenant,	"/tenants/%/providers/microsoft.aadiam", 0 },
	{ F_CLOUD_RESOURCE,	NULL,	copy_tenant,	"/tenants/%/providers/microsoft.aadiam", 0 },
	{ F_RESOURCE_PROVIDER,	NULL,	copy_fixed,	"microsoft.aadiam", 0 },
	{ F_PROVIDER_NAMESPACE,	NULL,	copy_fixed,	"microsoft.aadiam", 0 },
};

/* A hint cannot hold blanks: which of these stands there is told by the feed. */
static const struct row of_users[] = {
	{ F_IP_OPERATION,	NULL,	copy_fixed,	"User Risk Detection", 0 },
	{ F_EVENT_ACTION,	NULL,	copy_fixed,	"User Risk Detection", 0 },
};
static const struct row of_service_principals[] = {
	{ F_IP_OPERATION,	NULL,	copy_fixed,	"Service Principal Risk Detection", 0 },
	{ F_EVENT_ACTION,	NULL,	copy_fixed,	"Service Principal Risk Detection", 0 },
};

static const struct row rows[] = {
	{ F_EVENT_ID,		"id",				copy_text,	NULL, 0 },
	{ F_CORRELATION_ID,	"id",				copy_text,	NULL, 0 },
	{ F_CORRELATION,	"id",				copy_text,	NULL, 0 },
	{ F_SOURCE_IP,		"ipAddress",			copy_origin,	NULL, 0 },
	{ F_USER_ID,		"userId",			copy_id,	NULL, 0 },
	{ F_USER_NAME,		"userPrincipalName",		copy_upn,	NULL, 0 },
	{ F_USER_FULL_NAME,	"userDisplayName",		copy_text,	NULL, 0 },
	{ F_EVENT_SEVERITY,	"riskLevel",			copy_choice,	"low=21 medium=47 high=73", 0 },
	{ F_SERVICE_NAME,	"servicePrincipalDisplayName",	copy_text,	NULL, 0 },
	{ F_RELATED_ENTITY,	"servicePrincipalId",		copy_id,	NULL, R_ADD },
	{ F_RELATED_ENTITY,	"appId",			copy_id,	NULL, R_ADD },
	{ F_RELATED_ENTITY,	"keyIds",			copy_id,	NULL, R_ADD },
};

static const struct pair related[] = {
	{ F_RELATED_USER, F_USER_ID }, { F_RELATED_USER, F_USER_NAME }, { F_RELATED_USER, F_USER_FULL_NAME },
};
/* clang-format on */

/* [{"Key":"userAgent","Value":"..."}], as text or as it is. */
static void
user_agent(struct norm *n)
{
	const struct json	*j = &n->json;
	uint32_t		 list = ecs_find(n, "additionalInfo"), key, value;

	if (list == JSON_NONE || json_is_empty(j, list))
		return;
	if (j->nodes[list].kind == JSON_STRING) {
		if (!json_inside(n, list, 1))
			return;
		j = &n->inner;
		list = 0;
	}
	if (j->nodes[list].kind != JSON_ARRAY)
		return;
	n->why = "what additionalInfo has under a key";
	n->from = "additionalInfo";
	for (uint32_t k = json_first(j, list); k != JSON_NONE; k = json_next(j, list, k)) {
		if (j->nodes[k].kind != JSON_OBJECT || (key = json_get(j, k, "Key")) == JSON_NONE || j->nodes[key].kind != JSON_STRING ||
		    !json_name_is(j, key, "userAgent") || (value = json_get(j, k, "Value")) == JSON_NONE ||
		    j->nodes[value].kind != JSON_STRING)
			continue;
		buf_reset(&n->text);
		json_text(j, value, &n->text);
		slot_set(n, F_UA_ORIGINAL, buf_str(&n->text), n->text.len);
	}
	n->from = NULL;
}

static void
map(struct norm *n)
{
	if (strcmp(n->source->feed, "risk.serviceprincipal") == 0)
		ecs_rows(n, "every detection", of_service_principals, COUNT(of_service_principals));
	else
		ecs_rows(n, "every detection", of_users, COUNT(of_users));
	ecs_rows(n, "every detection", rows, COUNT(rows));
	user_agent(n);
	ecs_gather(n, related, COUNT(related));
}

static const struct table related_table = TABLE(related);
static const struct table *const tables[] = { &related_table, NULL };

static const struct row_list lists[] = {
	{ "detections of users", of_users, COUNT(of_users) },
	{ "detections of service principals", of_service_principals, COUNT(of_service_principals) },
	{ "every detection", rows, COUNT(rows) },
};

const struct family risk_family = {
	.feeds = "risk.", .dataset = "azure.identity_protection", .module = "azure", .time = "lastUpdatedDateTime detectedDateTime",
	.constants = constants, .n_constants = COUNT(constants), .shape = &shape,
	.lists = lists, .n_lists = COUNT(lists), .tables = tables,
	.rest = F_IP_PROPERTIES, .map = map, .write = shape_write,
};
