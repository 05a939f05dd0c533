/*
 * signin - rows of the four sign-in feeds (Graph's signIn) in the shape of azure.signinlogs.
 *
 * Source of every row: spec/ecs-signin.md (Elastic's azure integration, fed from Event Hub) with our repairs for Graph, its section 4;
 * the members are those of spec/api-graph.md section 2.3. The envelope that Event Hub puts around a sign-in is made here.
 */
#include <stdlib.h>
#include <string.h>

#include "norm/shape.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */

static const struct part device[] = {
	{ "isCompliant",	NULL,	K_BOOL,	NULL, NULL },
	{ "isManaged",		NULL,	K_BOOL,	NULL, NULL },
	{ "deviceId",		NULL,	K_WORD,	NULL, NULL },
	{ "displayName",	NULL,	K_WORD,	NULL, NULL },
	{ "operatingSystem",	NULL,	K_WORD,	NULL, NULL },
	{ "browser",		NULL,	K_WORD,	NULL, NULL },
	{ "browserId",		NULL,	K_WORD,	NULL, NULL },
	{ "trustType",		NULL,	K_WORD,	NULL, NULL },
};
static const struct shape device_shape = SHAPE(device, 0, NULL);

static const struct part status[] = {
	{ "errorCode",		NULL,	K_LONG,	NULL, NULL },
	{ "failureReason",	NULL,	K_WORD,	NULL, NULL },
	{ "additionalDetails",	NULL,	K_WORD,	NULL, NULL },
};
static const struct shape status_shape = SHAPE(status, 0, NULL);

static const struct part listener[] = {
	{ "eventType",		NULL,	K_WORD,	NULL, NULL },
	{ "executedListenerId",	NULL,	K_WORD,	NULL, NULL },
	{ "handlerResult",	NULL,	K_OBJECT, NULL, NULL },
};
static const struct shape listener_shape = SHAPE(listener, 0, NULL);

static const struct part place[] = {
	{ "city",		NULL,	K_WORD,	NULL, NULL },
	{ "state",		NULL,	K_WORD,	NULL, NULL },
	{ "countryOrRegion",	NULL,	K_WORD,	NULL, NULL },
	{ "geoCoordinates",	NULL,	K_OBJECT, NULL, NULL },
};
static const struct shape place_shape = SHAPE(place, 0, NULL);

static const struct part properties[] = {
	{ "id",					NULL,	K_WORD,	NULL, NULL },
	{ "createdDateTime",	"created_at",		K_STAMP, NULL, NULL },
	{ "userDisplayName",			NULL,	K_WORD,	NULL, NULL },
	{ "userPrincipalName",			NULL,	K_WORD,	NULL, NULL },
	{ "userId",				NULL,	K_GUID,	NULL, NULL },
	{ "userType",				NULL,	K_TITLE, NULL, NULL },
	{ "appId",				NULL,	K_WORD,	NULL, NULL },
	{ "appDisplayName",			NULL,	K_WORD,	NULL, NULL },
	{ "appOwnerTenantId",			NULL,	K_WORD,	NULL, NULL },
	{ "appTokenProtectionStatus",		NULL,	K_WORD,	NULL, NULL },
	{ "ipAddress",				NULL,	K_WORD,	NULL, NULL },
	{ "ipAddressFromResourceProvider",	NULL,	K_WORD,	NULL, NULL },
	{ "globalSecureAccessIpAddress",	NULL,	K_WORD,	NULL, NULL },
	{ "autonomousSystemNumber",		NULL,	K_LONG,	NULL, NULL },
	{ "clientAppUsed",			NULL,	K_WORD,	NULL, NULL },
	{ "clientCredentialType",		NULL,	K_WORD,	NULL, NULL },
	{ "clientSessionId",			NULL,	K_WORD,	NULL, NULL },
	{ "userAgent",				NULL,	K_WORD,	NULL, NULL },
	{ "correlationId",			NULL,	K_WORD,	NULL, NULL },
	{ "originalRequestId",			NULL,	K_WORD,	NULL, NULL },
	{ "originalTransferMethod",		NULL,	K_WORD,	NULL, NULL },
	{ "sessionId",				NULL,	K_WORD,	NULL, NULL },
	{ "rootActorId",			NULL,	K_WORD,	NULL, NULL },
	{ "uniqueTokenIdentifier",		NULL,	K_WORD,	NULL, NULL },
	{ "isInteractive",			NULL,	K_BOOL,	NULL, NULL },
	{ "isTenantRestricted",			NULL,	K_BOOL,	NULL, NULL },
	{ "isThroughGlobalSecureAccess",	NULL,	K_BOOL,	NULL, NULL },
	{ "flaggedForReview",			NULL,	K_BOOL,	NULL, NULL },
	{ "processingTimeInMilliseconds", "processing_time_ms",	K_FLOAT, NULL, NULL },
	{ "conditionalAccessStatus",		NULL,	K_WORD,	NULL, NULL },
	{ "conditionalAccessAudiences",		NULL,	K_AUDIENCES, NULL, NULL },
	{ "appliedConditionalAccessPolicies",	NULL,	K_OBJECT, &shape_free, NULL },
	{ "appliedEventListeners",		NULL,	K_OBJECT, &listener_shape, NULL },
	{ "sessionLifetimePolicies",		NULL,	K_OBJECT, NULL, NULL },
	{ "authenticationRequirement",		NULL,	K_WORD,	NULL, NULL },
	{ "authenticationRequirementPolicies",	NULL,	K_OBJECT, &shape_free, NULL },
	{ "authenticationProtocol",		NULL,	K_WORD,	NULL, NULL },
	{ "authenticationMethodsUsed",		NULL,	K_WORD,	NULL, NULL },
	{ "authenticationDetails",		NULL,	K_OBJECT, &shape_free, NULL },
	{ "authenticationProcessingDetails",	NULL,	K_PAIRS, NULL, NULL },
	{ "authenticationAppDeviceDetails",	NULL,	K_OBJECT, NULL, NULL },
	{ "authenticationAppPolicyEvaluationDetails", NULL, K_OBJECT, NULL, NULL },
	{ "authenticationContextClassReferences", NULL,	K_OBJECT, NULL, NULL },
	{ "mfaDetail",				NULL,	K_OBJECT, NULL, NULL },
	{ "networkLocationDetails",		NULL,	K_OBJECT, &shape_free, NULL },
	{ "privateLinkDetails",			NULL,	K_OBJECT, NULL, NULL },
	{ "managedServiceIdentity",		NULL,	K_OBJECT, NULL, NULL },
	{ "agent",				NULL,	K_OBJECT, NULL, NULL },
	{ "deviceDetail",			NULL,	K_OBJECT, &device_shape, NULL },
	{ "location",				NULL,	K_OBJECT, &place_shape, NULL },
	{ "status",				NULL,	K_OBJECT, &status_shape, NULL },
	{ "riskDetail",				NULL,	K_WORD,	NULL, NULL },
	{ "riskEventTypes",			NULL,	K_WORD,	NULL, NULL },
	{ "riskEventTypes_v2",			NULL,	K_WORD,	NULL, NULL },
	{ "riskLevelAggregated",		NULL,	K_WORD,	NULL, NULL },
	{ "riskLevelDuringSignIn", "risk_level_during_signin", K_WORD, NULL, NULL },
	{ "riskState",				NULL,	K_WORD,	NULL, NULL },
	{ "resourceId",				NULL,	K_WORD,	NULL, NULL },
	{ "resourceDisplayName",		NULL,	K_WORD,	NULL, NULL },
	{ "resourceOwnerTenantId",		NULL,	K_WORD,	NULL, NULL },
	{ "resourceServicePrincipalId",		NULL,	K_WORD,	NULL, NULL },
	{ "resourceTenantId",			NULL,	K_WORD,	NULL, NULL },
	{ "homeTenantId",			NULL,	K_WORD,	NULL, NULL },
	{ "homeTenantName",			NULL,	K_WORD,	NULL, NULL },
	{ "crossTenantAccessType",		NULL,	K_WORD,	NULL, NULL },
	{ "servicePrincipalId",			NULL,	K_WORD,	NULL, NULL },
	{ "servicePrincipalName",		NULL,	K_WORD,	NULL, NULL },
	{ "servicePrincipalCredentialKeyId",	NULL,	K_WORD,	NULL, NULL },
	{ "servicePrincipalCredentialThumbprint", NULL,	K_WORD,	NULL, NULL },
	{ "federatedCredentialId",		NULL,	K_WORD,	NULL, NULL },
	{ "azureResourceId",			NULL,	K_WORD,	NULL, NULL },
	{ "incomingTokenType",			NULL,	K_WORD,	NULL, NULL },
	{ "tokenIssuerName",			NULL,	K_WORD,	NULL, NULL },
	{ "tokenIssuerType",			NULL,	K_WORD,	NULL, NULL },
	{ "tokenProtectionStatusDetails",	NULL,	K_OBJECT, NULL, NULL },
	{ "signInEventTypes",			NULL,	K_WORD,	NULL, NULL },
	{ "signInIdentifier",			NULL,	K_WORD,	NULL, NULL },
	{ "signInIdentifierType",		NULL,	K_WORD,	NULL, NULL },
	{ "signInTokenProtectionStatus",	NULL,	K_WORD,	NULL, NULL },
	{ "alternateSignInName",		NULL,	K_WORD,	NULL, NULL },
	/* not a property of signIn; Event Hub's copies and a rule have it */
	{ "tenantId",				NULL,	K_WORD,	NULL, NULL },
};
static const struct shape shape = SHAPE(properties, 0, NULL);

static const struct row constants[] = {
	{ F_EVENT_CATEGORY,	NULL,	copy_fixed,	"authentication", 0 },
	{ F_EVENT_TYPE,		NULL,	copy_fixed,	"info", 0 },
	{ F_EVENT_OUTCOME,	NULL,	copy_fixed,	"success", 0 },
	{ F_EVENT_ACTION,	NULL,	copy_fixed,	"Sign-in activity", 0 },
	{ F_EVENT_DURATION,	NULL,	copy_fixed,	"0", 0 },
	{ F_CLOUD_PROVIDER,	NULL,	copy_fixed,	"azure", 0 },
	{ F_LOG_LEVEL,		NULL,	copy_fixed,	"4", 0 },
	{ F_SI_OPERATION,	NULL,	copy_fixed,	"Sign-in activity", 0 },
	{ F_SI_OP_VERSION,	NULL,	copy_fixed,	"1.0", 0 },
	{ F_SI_SIGNATURE,	NULL,	copy_fixed,	"SUCCESS", 0 },
	{ F_SI_CATEGORY,	NULL,	copy_by_feed,	"signin.interactive=SignInLogs "
	    "signin.noninteractive=NonInteractiveUserSignInLogs signin.serviceprincipal=ServicePrincipalSignInLogs "
	    "signin.managedidentity=ManagedIdentitySignInLogs", 0 },
	{ F_TENANT_ID,		NULL,	copy_tenant,	"%", 0 },
	{ F_RESOURCE_ID,	NULL,	copy_tenant,	"/tenants/%/providers/Microsoft.aadiam", 0 },
	{ F_RESOURCE_PROVIDER,	NULL,	copy_fixed,	"Microsoft.aadiam", 0 },
};

static const struct row rows[] = {
	{ F_EVENT_ID,		"id",				copy_text,	NULL, 0 },
	{ F_EVENT_OUTCOME,	"status.errorCode",		copy_choice,	"0=success *=failure", 0 },
	{ F_SI_SIGNATURE,	"status.errorCode",		copy_choice,	"0=SUCCESS *=FAILURE", 0 },
	{ F_SI_RESULT,		"status.errorCode",		copy_text,	NULL, 0 },
	{ F_SI_IDENTITY,	"userDisplayName",		copy_text,	NULL, 0 },
	{ F_SI_CALLER,		"ipAddress",			copy_ip,	NULL, 0 },
	{ F_SOURCE_ADDRESS,	"ipAddress",			copy_origin,	NULL, R_MOVE },
	{ F_CORRELATION_ID,	"correlationId",		copy_text,	NULL, 0 },
	{ F_GEO_COUNTRY,	"location.countryOrRegion",	copy_text,	NULL, R_MOVE },
	{ F_GEO_CITY,		"location.city",		copy_text,	NULL, R_MOVE },
	{ F_GEO_REGION,		"location.state",		copy_text,	NULL, R_MOVE },
	{ F_USER_NAME,		"userPrincipalName",		copy_upn,	NULL, 0 },
	{ F_USER_FULL_NAME,	"userDisplayName",		copy_text,	NULL, 0 },
	{ F_USER_ID,		"userId",			copy_id,	NULL, 0 },
	{ F_UA_ORIGINAL,	"userAgent",			copy_text,	NULL, R_MOVE },
	{ F_SERVICE_NAME,	"servicePrincipalName",		copy_text,	NULL, 0 },
	{ F_RELATED_ENTITY,	"appId",			copy_id,	NULL, R_ADD },
	{ F_RELATED_ENTITY,	"resourceId",			copy_id,	NULL, R_ADD },
	{ F_RELATED_ENTITY,	"servicePrincipalId",		copy_id,	NULL, R_ADD },
	{ F_RELATED_ENTITY,	"servicePrincipalCredentialKeyId", copy_id,	NULL, R_ADD },
	{ F_RELATED_ENTITY,	"userId",			copy_id,	NULL, R_ADD },
	{ F_RELATED_ENTITY,	"deviceDetail.deviceId",	copy_id,	NULL, R_ADD },
};

static const struct pair related[] = {
	{ F_RELATED_USER, F_USER_ID }, { F_RELATED_USER, F_USER_NAME }, { F_RELATED_USER, F_USER_FULL_NAME },
	{ F_RELATED_USER, F_SERVICE_NAME },
};
/* clang-format on */

/* The text, moved; NULL: none. */
static const struct value *
take_text(struct norm *n, const char *path, enum field to)
{
	struct row	 r = { to, path, copy_text, NULL, R_MOVE };

	slot_clear(n, to);
	ecs_rows(n, "the message", &r, 1);
	return slot_get(n, to);
}

/* "reason (details)". On success Graph still sends a reason, "Other.", where the diagnostic stream sends none. */
static void
message(struct norm *n)
{
	const struct value	*reason = take_text(n, "status.failureReason", F_SI_DESCRIPTION), *details;
	const struct value	*outcome = slot_get(n, F_EVENT_OUTCOME);

	if (*outcome->p == 's') {
		slot_clear(n, F_SI_DESCRIPTION);
		reason = NULL;
	}
	details = take_text(n, "status.additionalDetails", F_MESSAGE);
	if (reason == NULL)
		return;
	buf_reset(&n->text);
	buf_add(&n->text, reason->p, reason->len);
	if (details != NULL) {
		buf_adds(&n->text, " (");
		buf_add(&n->text, details->p, details->len);
		buf_addc(&n->text, ')');
	}
	slot_set(n, F_MESSAGE, buf_str(&n->text), n->text.len);
}

/* A number between -most and most, as the record spells it: a geo_point refuses everything else with the whole document. */
static int
degrees(struct norm *n, uint32_t node, double most, struct buf *to)
{
	double	 v;

	if (node == JSON_NONE || n->json.nodes[node].kind != JSON_NUMBER)
		return 0;
	buf_reset(&n->text);
	json_text(&n->json, node, &n->text);
	v = strtod(buf_str(&n->text), NULL);
	return v >= -most && v <= most && number_text(buf_str(&n->text), n->text.len, to) == 0;
}

static void
geo_location(struct norm *n)
{
	uint32_t	 lat = ecs_find(n, "location.geoCoordinates.latitude"), lon = ecs_find(n, "location.geoCoordinates.longitude");
	struct buf	 point = { 0 };

	buf_adds(&point, "{\"lat\":");
	if (!degrees(n, lat, 90, &point))
		goto out;
	buf_adds(&point, ",\"lon\":");
	if (!degrees(n, lon, 180, &point))
		goto out;
	buf_addc(&point, '}');
	slot_set(n, F_GEO_LOCATION, buf_str(&point), point.len);
	ecs_gone(n, lat);
	ecs_gone(n, lon);
out:
	buf_clear(&point);
}

static void
map(struct norm *n)
{
	ecs_rows(n, "every sign-in", rows, COUNT(rows));
	message(n);
	geo_location(n);
	ecs_gather(n, related, COUNT(related));
	shape_add(n, "tenant_id", n->source->tenant_guid, strlen(n->source->tenant_guid));
}

static const struct table related_table = TABLE(related);
static const struct table *const tables[] = { &related_table, NULL };

static const struct row_list lists[] = {
	{ "every sign-in", rows, COUNT(rows) },
};

const struct family signin_family = {
	.feeds = "signin.", .dataset = "azure.signinlogs", .module = "azure", .time = "createdDateTime",
	.constants = constants, .n_constants = COUNT(constants), .shape = &shape,
	.lists = lists, .n_lists = COUNT(lists), .tables = tables,
	.rest = F_SI_PROPERTIES, .map = map, .write = shape_write,
};
