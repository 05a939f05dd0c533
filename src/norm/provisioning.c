/*
 * provisioning - rows of provisioning logs (Graph's provisioningObjectSummary) in the shape of azure.provisioning.
 *
 * Source of every row: spec/ecs-risk-alerts.md section 4. Names are accepted as Graph and as Event Hub spell them.
 */
#include <string.h>

#include "norm/shape.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */

static const struct part initiator[] = {
	{ "id",			NULL,	K_WORD,	NULL, NULL },
	{ "Id",			"id",	K_WORD,	NULL, NULL },
	{ "displayName",	"name",	K_WORD,	NULL, NULL },
	{ "Name",		"name",	K_WORD,	NULL, NULL },
	{ "initiatorType",	"type",	K_WORD,	NULL, NULL },
	{ "initiatingType",	"type",	K_WORD,	NULL, NULL },
	{ "Type",		"type",	K_WORD,	NULL, NULL },
};
static const struct shape initiator_shape = SHAPE(initiator, 0, NULL);

static const struct part principal[] = {
	{ "id",			NULL,	K_WORD,	NULL, NULL },
	{ "Id",			"id",	K_WORD,	NULL, NULL },
	{ "displayName",	"name",	K_WORD,	NULL, NULL },
	{ "Name",		"name",	K_WORD,	NULL, NULL },
};
static const struct shape principal_shape = SHAPE(principal, 0, NULL);

static const struct part identity_details[] = {
	{ "DisplayName",	"display_name",		K_ANY,	NULL, NULL },
	{ "UserPrincipalName",	"user_principal_name",	K_ANY,	NULL, NULL },
};
static const struct shape identity_details_shape = SHAPE(identity_details, S_KEEP | S_FREE, NULL);

static const struct part identity[] = {
	{ "id",			NULL,	K_WORD,	NULL, NULL },
	{ "Id",			"id",	K_WORD,	NULL, NULL },
	{ "displayName",	"name",	K_WORD,	NULL, NULL },
	{ "Name",		"name",	K_WORD,	NULL, NULL },
	{ "identityType",	NULL,	K_WORD,	NULL, NULL },
	{ "details",		NULL,	K_OBJECT, &identity_details_shape, NULL },
};
static const struct shape identity_shape = SHAPE(identity, 0, NULL);

/* "dervice" is Elastic's slip of the pen; its index has the field so. */
static const struct part system_details[] = {
	{ "ApplicationId",	"application_id",	K_WORD,	NULL, NULL },
	{ "ServicePrincipalId",	"service_principal_id",	K_WORD,	NULL, NULL },
	{ "ServicePrincipalDisplayName", "dervice_principal_display_name", K_WORD, NULL, NULL },
};
static const struct shape system_details_shape = SHAPE(system_details, S_KEEP, NULL);

static const struct part system_parts[] = {
	{ "id",			NULL,	K_WORD,	NULL, NULL },
	{ "Id",			"id",	K_WORD,	NULL, NULL },
	{ "displayName",	"name",	K_WORD,	NULL, NULL },
	{ "Name",		"name",	K_WORD,	NULL, NULL },
	{ "details",		NULL,	K_OBJECT, &system_details_shape, NULL },
};
static const struct shape system_shape = SHAPE(system_parts, 0, NULL);

static const struct part error[] = {
	{ "additionalDetails",	NULL,	K_WORD,	NULL, NULL },
	{ "errorCategory",	NULL,	K_WORD,	NULL, NULL },
	{ "errorCode",		NULL,	K_WORD,	NULL, NULL },
	{ "reason",		NULL,	K_WORD,	NULL, NULL },
	{ "recommendedAction",	NULL,	K_WORD,	NULL, NULL },
};
static const struct shape error_shape = SHAPE(error, 0, NULL);

static const struct part status[] = {
	{ "status",		NULL,	K_WORD,	NULL, NULL },
	{ "Status",		"status", K_WORD, NULL, NULL },
	{ "errorInformation",	NULL,	K_OBJECT, &error_shape, NULL },
};
static const struct shape status_shape = SHAPE(status, 0, NULL);

static const struct part step[] = {
	{ "name",		NULL,	K_WORD,	NULL, NULL },
	{ "description",	NULL,	K_WORD,	NULL, NULL },
	{ "details",		NULL,	K_OBJECT, &shape_free_keep, NULL },
	{ "status",		NULL,	K_CODE,	NULL, "success=0 failure=1 skipped=2 warning=3" },
	{ "provisioningStepType", NULL,	K_CODE,	NULL, "import=0 scoping=1 matching=2 processing=3 referenceResolution=4 export=5" },
};
static const struct shape step_shape = SHAPE(step, 0, NULL);

static const struct part properties[] = {
	{ "id",			NULL,			K_WORD,	NULL, NULL },
	{ "tenantId",		NULL,			K_WORD,	NULL, NULL },
	{ "changeId",		NULL,			K_WORD,	NULL, NULL },
	{ "cycleId",		NULL,			K_WORD,	NULL, NULL },
	{ "jobId",		NULL,			K_WORD,	NULL, NULL },
	{ "action",		NULL,			K_WORD,	NULL, NULL },
	{ "provisioningAction",	NULL,			K_WORD,	NULL, NULL },
	{ "activityDateTime",	"activity_datetime",	K_STAMP, NULL, NULL },
	{ "durationInMilliseconds", "duration_ms",	K_LONG,	NULL, NULL },
	{ "initiatedBy",	NULL,			K_OBJECT, &initiator_shape, NULL },
	{ "servicePrincipal",	NULL,			K_OBJECT, &principal_shape, NULL },
	{ "sourceSystem",	NULL,			K_OBJECT, &system_shape, NULL },
	{ "targetSystem",	NULL,			K_OBJECT, &system_shape, NULL },
	{ "sourceIdentity",	NULL,			K_OBJECT, &identity_shape, NULL },
	{ "targetIdentity",	NULL,			K_OBJECT, &identity_shape, NULL },
	{ "modifiedProperties",	NULL,			K_OBJECT, &shape_free_keep, NULL },
	{ "provisioningStatusInfo", NULL,		K_OBJECT, &status_shape, NULL },
	{ "provisioningSteps",	NULL,			K_OBJECT, &step_shape, NULL },
	{ "statusInfo",		NULL,			K_GONE,	NULL, NULL },	/* the same again, out of use */
};
static const struct shape shape = SHAPE(properties, 0, NULL);

static const struct row constants[] = {
	{ F_CLOUD_PROVIDER,	NULL,	copy_fixed,	"azure", 0 },
	{ F_EVENT_ACTION,	NULL,	copy_fixed,	"Provisioning activity", 0 },
	{ F_PV_OPERATION,	NULL,	copy_fixed,	"Provisioning activity", 0 },
	{ F_PV_CATEGORY,	NULL,	copy_fixed,	"ProvisioningLogs", 0 },
	{ F_PV_OP_VERSION,	NULL,	copy_fixed,	"1.0", 0 },
	{ F_PV_LEVEL,		NULL,	copy_fixed,	"4", 0 },
	{ F_TENANT_ID,		NULL,	copy_tenant,	"%", 0 },
	{ F_TENANT,		NULL,	copy_tenant,	"%", 0 },
	{ F_CLOUD_ACCOUNT,	NULL,	copy_tenant,	"%", 0 },
	{ F_RESOURCE_ID,	NULL,	copy_tenant,	"/tenants/%/providers/Microsoft.aadiam", 0 },
	{ F_CLOUD_RESOURCE,	NULL,	copy_tenant,	"/tenants/%/providers/Microsoft.aadiam", 0 },
	{ F_RESOURCE_PROVIDER,	NULL,	copy_fixed,	"Microsoft.aadiam", 0 },
	{ F_PROVIDER_NAMESPACE,	NULL,	copy_fixed,	"Microsoft.aadiam", 0 },
};

static const struct row rows[] = {
	{ F_EVENT_ID,		"id",				copy_text,	NULL, 0 },
	{ F_PV_IDENTITY,	"id",				copy_text,	NULL, 0 },
	{ F_CORRELATION_ID,	"changeId",			copy_text,	NULL, 0 },
	{ F_CORRELATION,	"changeId",			copy_text,	NULL, 0 },
	{ F_EVENT_DURATION,	"durationInMilliseconds",	copy_nanos,	NULL, 0 },
	{ F_PV_RESULT,		"provisioningStatusInfo.Status", copy_title,	NULL, 0 },
	{ F_PV_RESULT,		"provisioningStatusInfo.status", copy_title,	NULL, 0 },
	{ F_EVENT_OUTCOME,	"provisioningStatusInfo.Status", copy_choice,	"success=success failure=failure", 0 },
	{ F_EVENT_OUTCOME,	"provisioningStatusInfo.status", copy_choice,	"success=success failure=failure", 0 },
	{ F_EVENT_REASON,	"provisioningStatusInfo.errorInformation.reason", copy_text, NULL, 0 },
	{ F_RELATED_USER,	"sourceIdentity.details.UserPrincipalName", copy_person, NULL, R_ADD },
	{ F_RELATED_USER,	"targetIdentity.details.UserPrincipalName", copy_person, NULL, R_ADD },
	{ F_RELATED_ENTITY,	"servicePrincipal[].Id",	copy_id,	NULL, R_ADD },
	{ F_RELATED_ENTITY,	"servicePrincipal[].id",	copy_id,	NULL, R_ADD },
	{ F_RELATED_ENTITY,	"sourceIdentity.Id",		copy_id,	NULL, R_ADD },
	{ F_RELATED_ENTITY,	"sourceIdentity.id",		copy_id,	NULL, R_ADD },
	{ F_RELATED_ENTITY,	"targetIdentity.Id",		copy_id,	NULL, R_ADD },
	{ F_RELATED_ENTITY,	"targetIdentity.id",		copy_id,	NULL, R_ADD },
};

/* If a person started it. */
static const struct row of_user[] = {
	{ F_USER_ID,		"initiatedBy.Id",		copy_id,	NULL, 0 },
	{ F_USER_ID,		"initiatedBy.id",		copy_id,	NULL, 0 },
	{ F_USER_FULL_NAME,	"initiatedBy.Name",		copy_text,	NULL, 0 },
	{ F_USER_FULL_NAME,	"initiatedBy.displayName",	copy_text,	NULL, 0 },
	{ F_RELATED_USER,	"initiatedBy.Name",		copy_person,	NULL, R_ADD },
	{ F_RELATED_USER,	"initiatedBy.displayName",	copy_person,	NULL, R_ADD },
};
/* clang-format on */

static int
by_user(struct norm *n)
{
	static const char *const names[] = { "initiatedBy.initiatorType", "initiatedBy.initiatingType", "initiatedBy.Type" };
	uint32_t		 node;

	for (size_t i = 0; i < COUNT(names); i++) {
		if ((node = ecs_find(n, names[i])) == JSON_NONE || n->json.nodes[node].kind != JSON_STRING)
			continue;
		buf_reset(&n->text);
		json_text(&n->json, node, &n->text);
		if (strcasecmp(buf_str(&n->text), "user") == 0)
			return 1;
	}
	return 0;
}

static void
map(struct norm *n)
{
	static const struct row	 action = { F_MESSAGE, "provisioningAction", copy_title, NULL, 0 };
	const struct value	*v;

	ecs_rows(n, "every provisioning log", &action, 1);
	if ((v = slot_get(n, F_MESSAGE)) != NULL)
		shape_add(n, "action", v->p, v->len);		/* as Event Hub has it */
	slot_clear(n, F_MESSAGE);
	ecs_rows(n, "every provisioning log", rows, COUNT(rows));
	if (by_user(n))
		ecs_rows(n, "a person started it", of_user, COUNT(of_user));
}

static const struct row_list lists[] = {
	{ "every provisioning log", rows, COUNT(rows) },
	{ "a person started it", of_user, COUNT(of_user) },
};

const struct family provisioning_family = {
	.feeds = "directory.provisioning", .dataset = "azure.provisioning", .module = "azure", .time = "activityDateTime",
	.constants = constants, .n_constants = COUNT(constants), .shape = &shape,
	.lists = lists, .n_lists = COUNT(lists),
	.rest = F_PV_PROPERTIES, .map = map, .write = shape_write,
};
