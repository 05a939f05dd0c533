/*
 * directory - rows of directory audits (Graph's directoryAudit) in the shape of azure.auditlogs.
 *
 * Source of every row: spec/ecs-directory.md. Unlike sign-ins only the names in the table change: rules depend on the others being as
 * Microsoft spells them. Targets and their changed properties become objects keyed "0", "1", ...: rules read places by number.
 */
#include <string.h>

#include "norm/shape.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */

static const struct part initiator[] = {
	{ "@odata.type",	NULL,	K_GONE,	NULL, NULL },
	{ "id",			NULL,	K_WORD,	NULL, NULL },
	{ "displayName",	NULL,	K_WORD,	NULL, NULL },
	{ "userPrincipalName",	NULL,	K_WORD,	NULL, NULL },
	{ "ipAddress",		NULL,	K_WORD,	NULL, NULL },
	{ "userType",		NULL,	K_WORD,	NULL, NULL },
	{ "homeTenantId",	NULL,	K_WORD,	NULL, NULL },
	{ "homeTenantName",	NULL,	K_WORD,	NULL, NULL },
	{ "agentType",		NULL,	K_WORD,	NULL, NULL },
	{ "roles",		NULL,	K_WORD,	NULL, NULL },
	{ "appId",		NULL,	K_WORD,	NULL, NULL },
	{ "servicePrincipalId",	NULL,	K_WORD,	NULL, NULL },
	{ "servicePrincipalName", NULL,	K_WORD,	NULL, NULL },
};
static const struct shape initiator_shape = SHAPE(initiator, S_KEEP, NULL);

static const struct part initiators[] = {
	{ "user",		NULL,	K_OBJECT, &initiator_shape, NULL },
	{ "app",		NULL,	K_OBJECT, &initiator_shape, NULL },
	{ "linkableIdentifiers", NULL,	K_OBJECT, NULL, NULL },
};
static const struct shape initiators_shape = SHAPE(initiators, S_KEEP, NULL);

static const struct part pair[] = {
	{ "key",		NULL,	K_WORD,	NULL, NULL },
	{ "value",		NULL,	K_WORD,	NULL, NULL },
};
static const struct shape pair_shape = SHAPE(pair, S_KEEP, NULL);

/* Values are JSON text and stay quoted: rules compare with the quotes. */
static const struct part change[] = {
	{ "displayName",	"display_name",		K_WORD,	NULL, NULL },
	{ "newValue",		"new_value",		K_WORD,	NULL, NULL },
	{ "oldValue",		"old_value",		K_WORD,	NULL, NULL },
};
static const struct shape change_shape = SHAPE(change, S_KEEP, NULL);

static const struct part target[] = {
	{ "id",			NULL,			K_WORD,	NULL, NULL },
	{ "displayName",	"display_name",		K_WORD,	NULL, NULL },
	{ "type",		NULL,			K_WORD,	NULL, NULL },
	{ "Type",		"type",			K_WORD,	NULL, NULL },
	{ "ipAddress",		"ip_address",		K_WORD,	NULL, NULL },
	{ "userPrincipalName",	"user_principal_name",	K_WORD,	NULL, NULL },
	{ "groupType",		"group_type",		K_WORD,	NULL, NULL },
	{ "modifiedProperties",	"modified_properties",	K_NUMBERED, &change_shape, NULL },
	{ "administrativeUnits", NULL,			K_OBJECT, NULL, NULL },
};
static const struct shape target_shape = SHAPE(target, S_KEEP, NULL);

static const struct part properties[] = {
	{ "id",			NULL,			K_WORD,	NULL, NULL },
	{ "category",		NULL,			K_WORD,	NULL, NULL },
	{ "activityDateTime",	"activity_datetime",	K_STAMP, NULL, NULL },
	{ "activityDisplayName", "activity_display_name", K_WORD, NULL, NULL },
	{ "additionalDetails",	"additional_details",	K_OBJECT, &pair_shape, NULL },
	{ "correlationId",	"correlation_id",	K_WORD,	NULL, NULL },
	{ "initiatedBy",	"initiated_by",		K_OBJECT, &initiators_shape, NULL },
	{ "loggedByService",	"logged_by_service",	K_WORD,	NULL, NULL },
	{ "operationType",	"operation_type",	K_WORD,	NULL, NULL },
	{ "result",		NULL,			K_WORD,	NULL, NULL },
	{ "resultDescription",	"result_description",	K_WORD,	NULL, NULL },
	{ "resultReason",	"result_reason",	K_WORD,	NULL, NULL },
	{ "targetResources",	"target_resources",	K_NUMBERED, &target_shape, NULL },
	{ "userAgent",		NULL,			K_WORD,	NULL, NULL },
	/* Event Hub's copies of the envelope; hunting queries read them */
	{ "tenantId",		NULL,			K_WORD,	NULL, NULL },
	{ "identity",		NULL,			K_WORD,	NULL, NULL },
};
static const struct shape shape = SHAPE(properties, S_KEEP, NULL);

static const struct row constants[] = {
	{ F_CLOUD_PROVIDER,	NULL,	copy_fixed,	"azure", 0 },
	{ F_EVENT_DURATION,	NULL,	copy_fixed,	"0", 0 },
	{ F_AL_CATEGORY,	NULL,	copy_fixed,	"AuditLogs", 0 },
	{ F_AL_OP_VERSION,	NULL,	copy_fixed,	"1.0", 0 },
	{ F_AL_SIGNATURE,	NULL,	copy_fixed,	"None", 0 },
	{ F_AL_LEVEL,		NULL,	copy_fixed,	"4", 0 },
	{ F_TENANT_ID,		NULL,	copy_tenant,	"%", 0 },
	{ F_TENANT,		NULL,	copy_tenant,	"%", 0 },
	{ F_CLOUD_ACCOUNT,	NULL,	copy_tenant,	"%", 0 },
	{ F_RESOURCE_ID,	NULL,	copy_tenant,	"/tenants/%/providers/Microsoft.aadiam", 0 },
	{ F_CLOUD_RESOURCE,	NULL,	copy_tenant,	"/tenants/%/providers/Microsoft.aadiam", 0 },
	{ F_RESOURCE_PROVIDER,	NULL,	copy_fixed,	"Microsoft.aadiam", 0 },
	{ F_PROVIDER_NAMESPACE,	NULL,	copy_fixed,	"Microsoft.aadiam", 0 },
	{ F_EVENT_CATEGORY,	NULL,	copy_fixed,	"iam", 0 },
};

static const struct row rows[] = {
	{ F_EVENT_ID,		"id",				copy_text,	NULL, 0 },
	{ F_AL_OPERATION,	"activityDisplayName",		copy_plain_dash, NULL, 0 },
	{ F_EVENT_ACTION,	"activityDisplayName",		copy_plain_dash, NULL, 0 },
	{ F_AL_DESCRIPTION,	"resultReason",			copy_text,	NULL, 0 },
	{ F_EVENT_REASON,	"resultReason",			copy_text,	NULL, 0 },
	{ F_AL_IDENTITY,	"initiatedBy.user.displayName",	copy_text,	NULL, 0 },
	{ F_AL_IDENTITY,	"initiatedBy.app.displayName",	copy_text,	NULL, 0 },
	{ F_SERVICE_NAME,	"initiatedBy.app.displayName",	copy_text,	NULL, 0 },
	{ F_SOURCE_IP,		"initiatedBy.user.ipAddress",	copy_origin,	NULL, 0 },
	{ F_CORRELATION_ID,	"correlationId",		copy_text,	NULL, 0 },
	{ F_CORRELATION,	"correlationId",		copy_text,	NULL, 0 },
	{ F_USER_NAME,		"initiatedBy.user.userPrincipalName", copy_upn,	NULL, 0 },
	{ F_USER_ID,		"initiatedBy.user.id",		copy_id,	NULL, 0 },
	{ F_USER_FULL_NAME,	"initiatedBy.user.displayName",	copy_text,	NULL, 0 },
	{ F_RELATED_ENTITY,	"initiatedBy.user.id",		copy_id,	NULL, R_ADD },
	{ F_RELATED_ENTITY,	"initiatedBy.app.servicePrincipalId", copy_id,	NULL, R_ADD },
	{ F_RELATED_ENTITY,	"targetResources[].id",		copy_id,	NULL, R_ADD },
	{ F_UA_ORIGINAL,	"userAgent",			copy_text,	NULL, 0 },
	{ F_EVENT_CATEGORY,	"category",			copy_choice,	"Policy=configuration "
	    "AuthorizationPolicy=configuration Authorization=configuration DirectoryManagement=configuration *=iam", 0 },
	{ F_EVENT_TYPE,		"category",			copy_choice,	"UserManagement=user GroupManagement=group", R_ADD },
};

static const struct pair related[] = {
	{ F_RELATED_USER, F_USER_ID }, { F_RELATED_USER, F_USER_NAME }, { F_RELATED_USER, F_USER_FULL_NAME },
};

static const struct row late[] = {
	{ F_RELATED_USER,	"targetResources[].userPrincipalName", copy_text, NULL, R_ADD },
};

static const struct row outcomes[] = {
	{ F_EVENT_OUTCOME,	"result",	copy_choice,	"success=success failure=failure", 0 },
	{ F_EVENT_OUTCOME,	"result",	copy_fixed,	"unknown", R_IF_UNSET },
};
static const struct row types[] = {
	{ F_EVENT_TYPE,		"operationType", copy_choice,	"Add=creation Create=creation Update=change "
	    "Assign=change Unassign=change Delete=deletion *=info", R_ADD },
};

/* What stands in additionalDetails under a key. */
static const struct { const char *key; struct row row; } details[] = {
	{ "User-Agent",	{ F_UA_ORIGINAL, "additionalDetails", copy_text, NULL, R_IF_UNSET } },
	{ "ipaddr",	{ F_RELATED_IP,	 "additionalDetails", copy_ip,	 NULL, R_ADD } },
};
/* clang-format on */

static void
from_details(struct norm *n)
{
	const struct json	*j = &n->json;
	uint32_t		 list = ecs_find(n, "additionalDetails"), key, value;

	n->why = "what additionalDetails has under a key";
	n->from = "additionalDetails";
	for (uint32_t k = list != JSON_NONE ? json_first(j, list) : JSON_NONE; k != JSON_NONE; k = json_next(j, list, k)) {
		if (j->nodes[k].kind != JSON_OBJECT || (key = json_get(j, k, "key")) == JSON_NONE ||
		    j->nodes[key].kind != JSON_STRING || (value = json_get(j, k, "value")) == JSON_NONE)
			continue;
		for (size_t i = 0; i < COUNT(details); i++)
			if (json_name_is(j, key, details[i].key) &&
			    (!(details[i].row.flags & R_IF_UNSET) || slot_get(n, details[i].row.to) == NULL)) {
				n->by = &details[i];
				details[i].row.how(n, &details[i].row, value);
			}
	}
	n->from = NULL;
	n->by = NULL;
}

/* Only the two words of the first move; any other stays where it is, and how it ended is not known. */
static void
outcome(struct norm *n)
{
	ecs_rows(n, "every directory audit", &outcomes[0], 1);
	if (slot_get(n, F_EVENT_OUTCOME) != NULL)
		ecs_gone(n, ecs_find(n, "result"));
	else
		ecs_rows(n, "every directory audit", &outcomes[1], 1);
}

static void
type(struct norm *n)
{
	uint32_t	 node = ecs_find(n, "operationType");

	if (node == JSON_NONE || json_is_empty(&n->json, node) || n->json.nodes[node].kind < JSON_STRING)
		slot_add(n, F_EVENT_TYPE, "info", 4);
	else
		ecs_rows(n, "every directory audit", types, 1);
}

static void
map(struct norm *n)
{
	const struct value	*identity;

	ecs_rows(n, "every directory audit", rows, COUNT(rows));
	type(n);
	outcome(n);
	from_details(n);
	ecs_gather(n, related, COUNT(related));
	ecs_rows(n, "every directory audit", late, COUNT(late));
	shape_add(n, "tenantId", n->source->tenant_guid, strlen(n->source->tenant_guid));
	if ((identity = slot_get(n, F_AL_IDENTITY)) != NULL)
		shape_add(n, "identity", identity->p, identity->len);
}

static const struct table related_table = TABLE(related), details_table = TABLE(details);
static const struct table *const tables[] = { &related_table, &details_table, NULL };

static const struct row_list lists[] = {
	{ "every directory audit", rows, COUNT(rows) },
	{ "every directory audit", late, COUNT(late) },
	{ "every directory audit", outcomes, COUNT(outcomes) },
	{ "every directory audit", types, COUNT(types) },
};

const struct family directory_family = {
	.feeds = "directory.audit", .dataset = "azure.auditlogs", .module = "azure", .time = "activityDateTime",
	.constants = constants, .n_constants = COUNT(constants), .shape = &shape,
	.lists = lists, .n_lists = COUNT(lists), .tables = tables,
	.rest = F_AL_PROPERTIES, .map = map, .write = shape_write,
};
