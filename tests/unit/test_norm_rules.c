/*
 * The fields that Elastic's detection rules query of sign-ins, directory audits, risk detections and alerts are there, in the JSON type
 * they are compared with (spec/elastic-fields-needed.md section 6, ecs-directory.md section 7, ecs-risk-alerts.md section 8). What
 * Elasticsearch's own processors make (source.geo, source.as, user_agent.name) is not ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "norm/norm.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct field { const char *path, *value; };	/* value: as JSON text */

#define P "azure.signinlogs.properties."
static const char	 sign_in[] = "{\"id\":\"r1\",\"createdDateTime\":\"2026-11-23T08:04:11.1234567Z\",\"userPrincipalName\":\"ada@contoso.example\","
	"\"userDisplayName\":\"Ada\",\"userId\":\"u1\",\"userType\":\"member\",\"appId\":\"a1\",\"appDisplayName\":\"App\",\"appOwnerTenantId\":\"o1\","
	"\"resourceId\":\"rs1\",\"resourceDisplayName\":\"Graph\",\"resourceOwnerTenantId\":\"o2\",\"clientAppUsed\":\"IMAP4\","
	"\"authenticationRequirement\":\"singleFactorAuthentication\",\"authenticationProtocol\":\"deviceCode\",\"incomingTokenType\":\"none\","
	"\"conditionalAccessStatus\":\"notApplied\",\"riskState\":\"atRisk\",\"riskLevelAggregated\":\"high\",\"riskLevelDuringSignIn\":\"none\","
	"\"riskDetail\":\"none\",\"sessionId\":\"s1\",\"isInteractive\":true,\"originalTransferMethod\":\"deviceCodeFlow\",\"originalRequestId\":\"or1\","
	"\"correlationId\":\"c1\",\"uniqueTokenIdentifier\":\"t1\",\"tokenIssuerType\":\"AzureAD\",\"servicePrincipalId\":\"sp1\","
	"\"servicePrincipalName\":\"sp\",\"servicePrincipalCredentialThumbprint\":\"A1\",\"clientCredentialType\":\"federatedIdentityCredential\","
	"\"ipAddress\":\"203.0.113.5\",\"userAgent\":\"curl/8\",\"mfaDetail\":{\"authMethod\":\"OATH verification code\"},"
	"\"conditionalAccessAudiences\":[\"aud1\"],\"deviceDetail\":{\"deviceId\":\"\",\"browser\":\"Edge\",\"operatingSystem\":\"Windows\","
	"\"isManaged\":false,\"isCompliant\":false,\"trustType\":\"Azure AD joined\"},\"tokenProtectionStatusDetails\":{\"signInSessionStatus\":"
	"\"unbound\"},\"authenticationDetails\":[{\"authenticationMethod\":\"Password\"}],\"appliedConditionalAccessPolicies\":[{\"displayName\":"
	"\"p\",\"enforcedGrantControls\":[\"Block\"],\"result\":\"failure\"}],\"authenticationProcessingDetails\":[{\"key\":\"Oauth Scope Info\","
	"\"value\":\"x\"}],\"status\":{\"errorCode\":500121,\"failureReason\":\"Authentication failed during strong authentication request.\"}}";
static const struct field sign_in_fields[] = {
	{ "data_stream.dataset", "\"azure.signinlogs\"" }, { "event.dataset", "\"azure.signinlogs\"" }, { "event.module", "\"azure\"" },
	{ "event.category", "[\"authentication\"]" }, { "event.action", "\"Sign-in activity\"" }, { "event.outcome", "\"failure\"" },
	{ "azure.signinlogs.category", "\"SignInLogs\"" }, { "azure.signinlogs.operation_name", "\"Sign-in activity\"" },
	{ "azure.signinlogs.identity", "\"Ada\"" }, { "azure.signinlogs.result_signature", "\"FAILURE\"" },
	{ "azure.signinlogs.result_type", "\"500121\"" },
	{ "azure.signinlogs.result_description", "\"Authentication failed during strong authentication request.\"" },
	{ "azure.tenant_id", "\"11111111-2222-3333-4444-555555555555\"" }, { "azure.correlation_id", "\"c1\"" },
	{ "azure.resource.id", "\"/tenants/11111111-2222-3333-4444-555555555555/providers/Microsoft.aadiam\"" },
	{ "azure.signinlogs.caller_ip_address", "\"203.0.113.5\"" }, { "source.ip", "\"203.0.113.5\"" },
	{ "source.address", "\"203.0.113.5\"" }, { "user.id", "\"u1\"" }, { "user.name", "\"ada@contoso.example\"" },
	{ "user_agent.original", "\"curl/8\"" },
	{ "message", "\"Authentication failed during strong authentication request.\"" },
	{ P "tenant_id", "\"11111111-2222-3333-4444-555555555555\"" }, { P "app_id", "\"a1\"" }, { P "app_display_name", "\"App\"" },
	{ P "user_principal_name", "\"ada@contoso.example\"" }, { P "user_display_name", "\"Ada\"" }, { P "user_id", "\"u1\"" },
	{ P "user_type", "\"Member\"" }, { P "resource_id", "\"rs1\"" }, { P "resource_display_name", "\"Graph\"" },
	{ P "authentication_requirement", "\"singleFactorAuthentication\"" }, { P "authentication_protocol", "\"deviceCode\"" },
	{ P "status.error_code", "500121" }, { P "incoming_token_type", "\"none\"" }, { P "conditional_access_status", "\"notApplied\"" },
	{ P "risk_state", "\"atRisk\"" }, { P "session_id", "\"s1\"" }, { P "device_detail.browser", "\"Edge\"" },
	{ P "device_detail.operating_system", "\"Windows\"" }, { P "device_detail.is_managed", "false" },
	{ P "device_detail.is_compliant", "false" }, { P "device_detail.trust_type", "\"Azure AD joined\"" },
	{ P "device_detail.device_id", NULL }, { P "is_interactive", "true" },
	{ P "token_protection_status_details.sign_in_session_status", "\"unbound\"" }, { P "app_owner_tenant_id", "\"o1\"" },
	{ P "client_app_used", "\"IMAP4\"" }, { P "original_transfer_method", "\"deviceCodeFlow\"" },
	{ P "authentication_details.authentication_method", "\"Password\"" },
	{ P "authentication_processing_details.Oauth Scope Info", "\"x\"" },
	{ P "client_credential_type", "\"federatedIdentityCredential\"" }, { P "risk_level_aggregated", "\"high\"" },
	{ P "token_issuer_type", "\"AzureAD\"" }, { P "applied_conditional_access_policies.enforced_grant_controls", "[\"Block\"]" },
	{ P "applied_conditional_access_policies.result", "\"failure\"" },
	{ P "applied_conditional_access_policies.display_name", "\"p\"" },
	{ P "conditional_access_audiences.application_id", "\"aud1\"" }, { P "correlation_id", "\"c1\"" },
	{ P "mfa_detail.auth_method", "\"OATH verification code\"" }, { P "original_request_id", "\"or1\"" },
	{ P "resource_owner_tenant_id", "\"o2\"" }, { P "risk_detail", "\"none\"" }, { P "risk_level_during_signin", "\"none\"" },
	{ P "service_principal_id", "\"sp1\"" }, { P "service_principal_name", "\"sp\"" },
	{ P "service_principal_credential_thumbprint", "\"A1\"" }, { P "unique_token_identifier", "\"t1\"" },
};
#undef P

#define P "azure.auditlogs.properties."
static const char	 audit[] = "{\"id\":\"Directory_1\",\"category\":\"RoleManagement\",\"correlationId\":\"c1\",\"result\":\"success\",\"resultReason\":"
	"\"User registered temporary access pass method\",\"activityDisplayName\":\"Update application \xe2\x80\x93 Certificates and secrets management \","
	"\"activityDateTime\":\"2026-11-23T08:04:11.123456+00:00\",\"loggedByService\":\"Core Directory\",\"operationType\":\"Update\",\"userAgent\":null,"
	"\"initiatedBy\":{\"user\":{\"id\":\"u1\",\"displayName\":\"Dataverse\",\"userPrincipalName\":\"Admin@contoso.example\",\"ipAddress\":"
	"\"203.0.113.9\"},\"app\":null},\"targetResources\":[{\"id\":\"t1\",\"displayName\":\"DESKTOP-1\",\"type\":\"User\",\"modifiedProperties\":["
	"{\"displayName\":\"UserType\",\"oldValue\":\"[\\\"Guest\\\"]\",\"newValue\":\"\\\"Member\\\"\"},{\"displayName\":\"CloudAccountEnabled\",\"newValue\":"
	"\"[true]\"},null,{\"displayName\":\"OS\",\"newValue\":\"\\\"10.0.19041.928\\\"\"}]}],\"additionalDetails\":[{\"key\":\"User-Agent\",\"value\":"
	"\"Dsreg/10\"}]}";
static const struct field audit_fields[] = {
	{ "data_stream.dataset", "\"azure.auditlogs\"" },
	{ "azure.auditlogs.operation_name", "\"Update application - Certificates and secrets management\"" },
	{ "event.action", "\"Update application - Certificates and secrets management\"" }, { "event.outcome", "\"success\"" },
	{ P "initiated_by.user.userPrincipalName", "\"Admin@contoso.example\"" }, { P "initiated_by.user.id", "\"u1\"" },
	{ P "initiated_by.user.displayName", "\"Dataverse\"" }, { P "initiated_by.user.ipAddress", "\"203.0.113.9\"" },
	{ P "category", "\"RoleManagement\"" }, { P "additional_details.value", "\"Dsreg/10\"" }, { P "additional_details.key", "\"User-Agent\"" },
	{ P "target_resources.0.display_name", "\"DESKTOP-1\"" }, { P "target_resources.0.id", "\"t1\"" },
	{ P "target_resources.0.type", "\"User\"" },
	{ P "target_resources.0.modified_properties.0.display_name", "\"UserType\"" },
	{ P "target_resources.0.modified_properties.0.new_value", "\"\\\"Member\\\"\"" },
	{ P "target_resources.0.modified_properties.0.old_value", "\"[\\\"Guest\\\"]\"" },
	{ P "target_resources.0.modified_properties.1.display_name", "\"CloudAccountEnabled\"" },
	{ P "target_resources.0.modified_properties.1.new_value", "\"[true]\"" },
	{ P "target_resources.0.modified_properties.3.new_value", "\"\\\"10.0.19041.928\\\"\"" },
	{ P "userAgent", NULL }, { "azure.auditlogs.identity", "\"Dataverse\"" }, { "azure.correlation_id", "\"c1\"" },
	{ "user_agent.original", "\"Dsreg/10\"" }, { "source.ip", "\"203.0.113.9\"" },
	{ P "result_reason", "\"User registered temporary access pass method\"" }, { P "correlation_id", "\"c1\"" },
	{ "azure.tenant_id", "\"11111111-2222-3333-4444-555555555555\"" }, { P "tenantId", "\"11111111-2222-3333-4444-555555555555\"" },
	{ P "identity", "\"Dataverse\"" },
	{ P "activity_display_name", "\"Update application \xe2\x80\x93 Certificates and secrets management \"" },
};
#undef P

#define P "azure.identityprotection.properties."
static const char	 risk[] = "{\"id\":\"d1\",\"activity\":\"signin\",\"riskState\":\"atRisk\",\"riskLevel\":\"high\",\"riskDetail\":"
	"\"adminConfirmedUserCompromised\",\"riskEventType\":\"unlikelyTravel\",\"userPrincipalName\":\"Ada@contoso.example\",\"userId\":\"u1\","
	"\"userDisplayName\":\"Ada\",\"ipAddress\":\"203.0.113.9\",\"detectionTimingType\":\"offline\",\"correlationId\":\"c1\","
	"\"lastUpdatedDateTime\":\"2026-11-23T08:04:11Z\",\"location\":{\"city\":\"Delft\"},\"additionalInfo\":\"[{\\\"Key\\\":\\\"a\\\",\\\"Value\\\":1}]\"}";
static const struct field risk_fields[] = {
	{ "data_stream.dataset", "\"azure.identity_protection\"" }, { "event.dataset", "\"azure.identity_protection\"" },
	{ "event.module", "\"azure\"" }, { "event.kind", "\"event\"" }, { "event.action", "\"User Risk Detection\"" },
	{ P "activity", "\"signin\"" }, { P "risk_state", "\"atRisk\"" }, { P "risk_level", "\"high\"" },
	{ P "risk_detail", "\"adminConfirmedUserCompromised\"" }, { P "user_principal_name", "\"Ada@contoso.example\"" },
	{ P "risk_event_type", "\"unlikelyTravel\"" }, { P "user_id", "\"u1\"" }, { P "user_display_name", "\"Ada\"" },
	{ P "ip_address", "\"203.0.113.9\"" }, { P "detection_timing_type", "\"offline\"" }, { P "location.city", "\"Delft\"" },
	{ P "additional_info.Key", "\"a\"" }, { "azure.correlation_id", "\"d1\"" }, { "source.ip", "\"203.0.113.9\"" },
	{ "@timestamp", "\"2026-11-23T08:04:11.000Z\"" }, { "event.category", NULL }, { "event.outcome", NULL },
};
#undef P

static const char	 alert[] = "{\"id\":\"a1\",\"title\":\"T\",\"severity\":\"High\",\"description\":\"D\",\"lastUpdateDateTime\":"
	"\"2026-11-23T08:04:11Z\",\"evidence\":[{\"@odata.type\":\"#microsoft.graph.security.deviceEvidence\",\"mdeDeviceId\":\"m1\",\"deviceDnsName\":"
	"\"PC.contoso.example\"},{\"@odata.type\":\"#microsoft.graph.security.processEvidence\",\"processId\":7,\"processCommandLine\":\"cmd /c x\","
	"\"imageFile\":{\"fileName\":\"cmd.exe\",\"filePath\":\"C:\\\\Windows\"}},{\"@odata.type\":\"#microsoft.graph.security.fileEvidence\",\"fileDetails\":"
	"{\"fileName\":\"x\",\"filePath\":\"/tmp\"}},{\"@odata.type\":\"#microsoft.graph.security.userEvidence\",\"userAccount\":{\"accountName\":\"ada\","
	"\"azureAdUserId\":\"u1\",\"userPrincipalName\":\"ada@contoso.example\"}}]}";
static const struct field alert_fields[] = {
	{ "event.kind", "\"alert\"" }, { "data_stream.dataset", "\"m365_defender.alert\"" }, { "event.dataset", "\"m365_defender.alert\"" },
	{ "event.module", "\"m365_defender\"" }, { "m365_defender.alert.severity", "\"high\"" }, { "m365_defender.alert.title", "\"T\"" },
	{ "m365_defender.alert.id", "\"a1\"" },
	{ "m365_defender.alert.tenant_id", "\"11111111-2222-3333-4444-555555555555\"" }, { "event.severity", "73" }, { "message", "\"D\"" },
	{ "host.id", "\"m1\"" }, { "host.name", "\"pc.contoso.example\"" }, { "process.executable", "\"C:\\\\Windows\\\\cmd.exe\"" },
	{ "process.command_line", "\"cmd /c x\"" }, { "process.pid", "7" }, { "file.path", "\"/tmp/x\"" }, { "user.name", "\"ada\"" },
	{ "user.id", "\"u1\"" }, { "user.email", "\"ada@contoso.example\"" },
};

static const char	 incident[] = "{\"id\":\"i1\",\"displayName\":\"N\",\"severity\":\"low\",\"lastUpdateDateTime\":\"2026-11-23T08:04:11Z\"}";
static const struct field incident_fields[] = {
	{ "event.kind", "\"alert\"" }, { "data_stream.dataset", "\"m365_defender.incident\"" }, { "m365_defender.incident.severity", "\"low\"" },
	{ "m365_defender.incident.display_name", "\"N\"" }, { "m365_defender.incident.id", "\"i1\"" }, { "event.severity", "21" },
	{ "m365_defender.incident.tenant_id", "\"11111111-2222-3333-4444-555555555555\"" }, { "message", "\"N\"" },
};

static const struct {
	const char		*feed, *record;
	const struct field	*fields;
	size_t			 n;
} cases[] = {
	{ "signin.interactive",	sign_in,	sign_in_fields,		COUNT(sign_in_fields) },
	{ "directory.audit",	audit,		audit_fields,		COUNT(audit_fields) },
	{ "risk.user",		risk,		risk_fields,		COUNT(risk_fields) },
	{ "alerts",		alert,		alert_fields,		COUNT(alert_fields) },
	{ "incidents",		incident,	incident_fields,	COUNT(incident_fields) },
};

/* The value at a path; of a list of objects the first that has it. */
static uint32_t
find(const struct json *j, uint32_t node, const char *path)
{
	uint32_t	 found = JSON_NONE;
	char		 name[64];
	size_t		 len = strcspn(path, ".");

	if (j->nodes[node].kind == JSON_ARRAY) {
		for (uint32_t k = json_first(j, node); k != JSON_NONE && found == JSON_NONE; k = json_next(j, node, k))
			found = find(j, k, path);
		return found;
	}
	if (j->nodes[node].kind != JSON_OBJECT || len >= sizeof(name))
		return JSON_NONE;
	memcpy(name, path, len);
	name[len] = '\0';
	node = json_get(j, node, name);
	return node == JSON_NONE || path[len] == '\0' ? node : find(j, node, path + len + 1);
}

static void
check(const struct json *j, const char *feed, const struct field *f)
{
	uint32_t	 node = find(j, 0, f->path);
	struct buf	 got = { 0 };

	if (node != JSON_NONE)
		json_span(j, node, &got, 0);
	if ((node == JSON_NONE) != (f->value == NULL) || (f->value != NULL && strcmp(buf_str(&got), f->value) != 0))
		fail_msg("%s: %s is %s and should be %s", feed, f->path, node == JSON_NONE ? "not there" : buf_str(&got),
		    f->value == NULL ? "absent" : f->value);
	buf_clear(&got);
}

static void
every_field_that_a_rule_queries_is_there_as_it_is_compared(void **state)
{
	struct norm_source	 source = { .tenant_guid = "11111111-2222-3333-4444-555555555555", .tenant_name = "contoso",
				    .namespace = "default" };
	struct norm		*n = norm_new();
	struct json		 j = { 0 };
	struct buf		 out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		source.feed = cases[i].feed;
		buf_reset(&out);
		norm_event(n, SCHEMA_ECS, &source, &(struct record){ .bytes = cases[i].record, .len = strlen(cases[i].record) }, &out);
		assert_int_equal(json_index(&j, buf_str(&out), out.len, 0, JSON_DEPTH), JSON_OK);
		for (size_t k = 0; k < cases[i].n; k++)
			check(&j, cases[i].feed, &cases[i].fields[k]);
	}
	json_clear(&j);
	buf_clear(&out);
	norm_free(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_that_a_rule_queries_is_there_as_it_is_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
