/*
 * Whatever Graph sends arrives: every property that Microsoft documents, alone and beside all others, and properties that nobody documented,
 * in every schema that takes the feed. A value counts as arrived when its text stands in the event.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "norm/norm.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct property { const char *name, *value; };

/* signIn, beta: spec/api-graph.md section 2.3, in its order. */
static const struct property signin[] = {
	{ "agent", "{\"agentType\":\"agenticApp\",\"agentSubjectType\":\"q1\",\"agentSubjectParentId\":\"q2\",\"parentAppId\":\"q3\",\"fresh\":\"q4\"}" },
	{ "alternateSignInName", "\"alternate one\"" },
	{ "appDisplayName", "\"some app\"" },
	{ "appId", "\"app-id\"" },
	{ "appliedConditionalAccessPolicies", "[{\"id\":\"p1\",\"displayName\":\"policy one\",\"enforcedGrantControls\":[\"Mfa\"],"
	    "\"enforcedSessionControls\":[\"cas\"],\"result\":\"reportOnlyInterrupted\",\"authenticationStrength\":{\"displayName\":\"strong\","
	    "\"authenticationStrengthId\":\"as1\"},\"conditionsSatisfied\":\"application,users\",\"conditionsNotSatisfied\":\"location\","
	    "\"includeRulesSatisfied\":[{\"conditionalAccessCondition\":\"rule1\",\"ruleSatisfied\":\"all\"}],\"excludeRulesSatisfied\":"
	    "[{\"conditionalAccessCondition\":\"rule2\"}],\"sessionControlsNotSatisfied\":[\"snc\"]}]" },
	{ "appliedEventListeners", "[{\"eventType\":\"tokenIssuanceStart\",\"executedListenerId\":\"l1\",\"handlerResult\":"
	    "{\"customExtension\":{\"id\":\"ce1\"},\"errorCode\":4711}}]" },
	{ "appOwnerTenantId", "\"owner-tenant\"" },
	{ "appTokenProtectionStatus", "\"unbound\"" },
	{ "authenticationAppDeviceDetails", "{\"appVersion\":\"6.8.1\",\"clientApp\":\"authenticator\",\"deviceId\":\"dev1\",\"operatingSystem\":\"iOS 19\"}" },
	{ "authenticationAppPolicyEvaluationDetails", "[{\"policyName\":\"pn\",\"adminConfiguration\":\"ac\",\"authenticationEvaluation\":\"ae\","
	    "\"status\":\"st\"}]" },
	{ "authenticationContextClassReferences", "[{\"id\":\"c1\",\"detail\":\"previouslySatisfied\"}]" },
	{ "authenticationDetails", "[{\"authenticationMethod\":\"Password\",\"authenticationMethodDetail\":\"in the cloud\","
	    "\"authenticationStepDateTime\":\"2026-11-23T08:04:12.25Z\",\"authenticationStepRequirement\":\"primary\","
	    "\"authenticationStepResultDetail\":\"Correct password\",\"succeeded\":true}]" },
	{ "authenticationMethodsUsed", "[\"fido2\",\"windowsHello\"]" },
	{ "authenticationProcessingDetails", "[{\"key\":\"Oauth Scope Info\",\"value\":\"User.Read\"},{\"key\":\"Login Hint Present\",\"value\":\"True\"}]" },
	{ "authenticationProtocol", "\"deviceCode\"" },
	{ "authenticationRequirement", "\"multiFactorAuthentication\"" },
	{ "authenticationRequirementPolicies", "[{\"requirementProvider\":\"securityDefaults\",\"detail\":\"why\"}]" },
	{ "autonomousSystemNumber", "64501" },
	{ "azureResourceId", "\"/subscriptions/s/vm1\"" },
	{ "clientAppUsed", "\"Exchange ActiveSync\"" },
	{ "clientCredentialType", "\"federatedIdentityCredential\"" },
	{ "clientSessionId", "\"client-session\"" },
	{ "conditionalAccessAudiences", "[\"audience-1\",\"audience-2\"]" },
	{ "conditionalAccessAudiences", "\"audience-3\"" },
	{ "conditionalAccessAudiences", "[{\"applicationId\":\"audience-4\",\"audienceReasons\":\"userScopes\"}]" },
	{ "conditionalAccessStatus", "\"notApplied\"" },
	{ "correlationId", "\"correlation\"" },
	{ "createdDateTime", "\"2026-11-23T08:04:11.1234567Z\"" },
	{ "crossTenantAccessType", "\"b2bDirectConnect\"" },
	{ "deviceDetail", "{\"deviceId\":\"dd1\",\"displayName\":\"PC 1\",\"operatingSystem\":\"Windows 12\",\"browser\":\"Edge 150\",\"browserId\":"
	    "\"bid\",\"isCompliant\":true,\"isManaged\":true,\"trustType\":\"Hybrid Azure AD joined\",\"fresh\":\"q5\"}" },
	{ "federatedCredentialId", "\"fic\"" },
	{ "flaggedForReview", "true" },
	{ "globalSecureAccessIpAddress", "\"198.51.100.77\"" },
	{ "homeTenantId", "\"home-tenant\"" },
	{ "homeTenantName", "\"home tenant's name\"" },
	{ "id", "\"the-id\"" },
	{ "incomingTokenType", "\"Primary Refresh Token\"" },
	{ "ipAddress", "\"203.0.113.78\"" },
	{ "ipAddress", "\"203.0.113.xxx\"" },
	{ "ipAddressFromResourceProvider", "\"203.0.113.79\"" },
	{ "isInteractive", "true" },
	{ "isTenantRestricted", "true" },
	{ "isThroughGlobalSecureAccess", "true" },
	{ "location", "{\"city\":\"Delft\",\"state\":\"Zuid-Holland\",\"countryOrRegion\":\"NL\",\"geoCoordinates\":{\"altitude\":12.5,"
	    "\"latitude\":52.0116,\"longitude\":4.3571},\"fresh\":\"q6\"}" },
	{ "managedServiceIdentity", "{\"msiType\":\"userAssigned\",\"associatedResourceId\":\"/sub/r\",\"federatedTokenId\":\"ft\","
	    "\"federatedTokenIssuer\":\"https://issuer.example\"}" },
	{ "mfaDetail", "{\"authMethod\":\"OATH verification code\",\"authDetail\":\"***99\"}" },
	{ "networkLocationDetails", "[{\"networkType\":\"namedNetwork\",\"networkNames\":[\"office\"]}]" },
	{ "originalRequestId", "\"original-request\"" },
	{ "originalTransferMethod", "\"deviceCodeFlow\"" },
	{ "privateLinkDetails", "{\"policyTenantId\":\"pt\",\"policyName\":\"pln\",\"policyId\":\"pli\",\"resourceId\":\"plr\"}" },
	{ "processingTimeInMilliseconds", "4239" },
	{ "resourceDisplayName", "\"Microsoft Graph\"" },
	{ "resourceId", "\"resource-id\"" },
	{ "resourceOwnerTenantId", "\"resource-owner\"" },
	{ "resourceServicePrincipalId", "\"resource-sp\"" },
	{ "resourceTenantId", "\"resource-tenant\"" },
	{ "riskDetail", "\"adminConfirmedSigninCompromised\"" },
	{ "riskEventTypes", "[\"unlikelyTravel\"]" },
	{ "riskEventTypes_v2", "[\"maliciousIPAddress\",\"suspiciousBrowser\"]" },
	{ "riskLevelAggregated", "\"medium\"" },
	{ "riskLevelDuringSignIn", "\"hidden\"" },
	{ "riskState", "\"confirmedCompromised\"" },
	{ "rootActorId", "\"root-actor\"" },
	{ "servicePrincipalCredentialKeyId", "\"key-id\"" },
	{ "servicePrincipalCredentialThumbprint", "\"A1B2C3\"" },
	{ "servicePrincipalId", "\"sp-id\"" },
	{ "servicePrincipalName", "\"sp name\"" },
	{ "sessionId", "\"session\"" },
	{ "sessionLifetimePolicies", "[{\"detail\":\"remember\",\"expirationRequirement\":\"tenantTokenLifetimePolicy\"}]" },
	{ "signInEventTypes", "[\"interactiveUser\",\"unknownFutureValue\"]" },
	{ "signInIdentifier", "\"typed@contoso.example\"" },
	{ "signInIdentifierType", "\"onPremisesUserPrincipalName\"" },
	{ "signInTokenProtectionStatus", "\"bound\"" },
	{ "status", "{\"errorCode\":50126,\"failureReason\":\"Invalid username or password.\",\"additionalDetails\":\"more about it\",\"fresh\":\"q7\"}" },
	{ "tokenIssuerName", "\"issuer\"" },
	{ "tokenIssuerType", "\"AzureADBackupAuth\"" },
	{ "tokenProtectionStatusDetails", "{\"signInSessionStatus\":\"unbound\",\"signInSessionStatusCode\":1003}" },
	{ "uniqueTokenIdentifier", "\"abcDEF123_-\"" },
	{ "userAgent", "\"Mozilla/5.0 (X11)\"" },
	{ "userDisplayName", "\"Ada Example\"" },
	{ "userId", "\"user-id\"" },
	{ "userPrincipalName", "\"ada@contoso.example\"" },
	{ "userType", "\"guest\"" },
};

/* directoryAudit: section 3. */
static const struct property audit[] = {
	{ "id", "\"Directory_1_AB CD\"" },
	{ "activityDateTime", "\"2026-11-23T08:04:11.123456+00:00\"" },
	{ "activityDisplayName", "\"Update application \\u2013 keys \"" },
	{ "additionalDetails", "[{\"key\":\"User-Agent\",\"value\":\"curl/8\"},{\"key\":\"k2\",\"value\":\"v2\",\"fresh\":\"q1\"}]" },
	{ "category", "\"RoleManagement\"" },
	{ "correlationId", "\"correlation\"" },
	{ "initiatedBy", "{\"user\":{\"id\":\"u1\",\"displayName\":\"Ada\",\"userPrincipalName\":\"ada@contoso.example\",\"ipAddress\":"
	    "\"203.0.113.5\",\"userType\":\"Member\",\"homeTenantId\":\"ht\",\"homeTenantName\":\"htn\",\"agentType\":\"notAgentic\","
	    "\"roles\":[\"r1\"]},\"app\":{\"appId\":\"a1\",\"displayName\":\"App\",\"servicePrincipalId\":\"s1\",\"servicePrincipalName\":\"sn\"},"
	    "\"linkableIdentifiers\":{\"li\":\"q2\"},\"fresh\":\"q3\"}" },
	{ "loggedByService", "\"Core Directory\"" },
	{ "operationType", "\"Assign\"" },
	{ "result", "\"failure\"" },
	{ "result", "\"timeout\"" },
	{ "resultReason", "\"no rights\"" },
	{ "targetResources", "[{\"id\":\"t1\",\"displayName\":\"Target\",\"type\":\"User\",\"userPrincipalName\":\"t@contoso.example\","
	    "\"groupType\":\"azureAD\",\"modifiedProperties\":[{\"displayName\":\"Role\",\"oldValue\":\"\\\"old\\\"\",\"newValue\":\"[true]\","
	    "\"fresh\":\"q4\"}],\"fresh\":\"q5\",\"administrativeUnits\":[{\"id\":\"au\"}]}]" },
	{ "userAgent", "\"Mozilla/5.0\"" },
};

/* provisioningObjectSummary: section 4. */
static const struct property provisioning[] = {
	{ "id", "\"the-id\"" }, { "tenantId", "\"tenant\"" }, { "changeId", "\"change\"" }, { "cycleId", "\"cycle\"" }, { "jobId", "\"job\"" },
	{ "activityDateTime", "\"2026-11-23T08:04:11.1234567Z\"" },
	{ "durationInMilliseconds", "4321" },
	{ "provisioningAction", "\"stagedDelete\"" },
	{ "initiatedBy", "{\"id\":\"i1\",\"displayName\":\"Ada\",\"initiatorType\":\"user\",\"fresh\":\"q1\"}" },
	{ "initiatedBy", "{\"initiatingType\":\"system\"}" },
	{ "modifiedProperties", "[{\"displayName\":\"mail\",\"oldValue\":\"a\",\"newValue\":\"b\"}]" },
	{ "provisioningStatusInfo", "{\"status\":\"failure\",\"errorInformation\":{\"additionalDetails\":\"ad\",\"errorCategory\":\"tenantServiceFailure\","
	    "\"errorCode\":\"ec\",\"reason\":\"why\",\"recommendedAction\":\"do\"}}" },
	{ "provisioningSteps", "[{\"name\":\"step\",\"description\":\"desc\",\"details\":{\"Some Key\":\"sk\"},\"fresh\":\"q2\"}]" },
	{ "servicePrincipal", "{\"id\":\"s1\",\"displayName\":\"sp\"}" },
	{ "sourceSystem", "{\"id\":\"s2\",\"displayName\":\"Workday\",\"details\":{\"ApplicationId\":\"a\",\"Other\":\"o\"}}" },
	{ "targetSystem", "{\"id\":\"s3\",\"displayName\":\"Directory\",\"details\":{\"ServicePrincipalDisplayName\":\"spd\"}}" },
	{ "sourceIdentity", "{\"id\":\"s4\",\"displayName\":\"Bob\",\"identityType\":\"User\",\"details\":{\"UserPrincipalName\":\"b@c.example\"}}" },
	{ "targetIdentity", "{\"id\":\"s5\",\"displayName\":\"Bob\",\"identityType\":\"User\",\"details\":{\"odatatype\":\"User\"}}" },
};

/* riskDetection and servicePrincipalRiskDetection: section 5. */
static const struct property risk[] = {
	{ "id", "\"the-id\"" }, { "activity", "\"signin\"" }, { "source", "\"IdentityProtection\"" }, { "correlationId", "\"corr\"" },
	{ "activityDateTime", "\"2026-11-23T08:04:11.250Z\"" }, { "detectedDateTime", "\"2026-11-23T08:05:11.250Z\"" },
	{ "lastUpdatedDateTime", "\"2026-11-23T08:06:11.250Z\"" },
	{ "additionalInfo", "\"[{\\\"Key\\\":\\\"userAgent\\\",\\\"Value\\\":\\\"Mozilla\\\"}]\"" },
	{ "detectionTimingType", "\"nearRealtime\"" }, { "ipAddress", "\"203.0.113.8\"" }, { "ipAddress", "\"203.0.113.xxx\"" },
	{ "location", "{\"city\":\"Delft\",\"state\":\"ZH\",\"countryOrRegion\":\"NL\",\"geoCoordinates\":{\"latitude\":52.0116,\"longitude\":4.3571}}" },
	{ "requestId", "\"request\"" }, { "riskDetail", "\"m365DAdminDismissedDetection\"" }, { "riskEventType", "\"leakedCredentials\"" },
	{ "riskLevel", "\"hidden\"" }, { "riskState", "\"dismissed\"" }, { "tokenIssuerType", "\"AzureAD\"" },
	{ "userDisplayName", "\"Ada\"" }, { "userId", "\"user\"" }, { "userPrincipalName", "\"Ada@contoso.example\"" },
	{ "servicePrincipalId", "\"sp\"" }, { "servicePrincipalDisplayName", "\"sp name\"" }, { "appId", "\"app\"" },
	{ "keyIds", "[\"k1\",\"k2\"]" }, { "homeTenantId", "\"ht\"" }, { "riskType", "\"rt\"" },
};

/* alert and incident: section 6. */
static const struct property alert[] = {
	{ "id", "\"the-id\"" }, { "actorDisplayName", "\"actor\"" }, { "additionalData", "{\"Some Key\":{\"deep\":[\"x1\"]}}" },
	{ "alertPolicyId", "\"policy\"" }, { "alertWebUrl", "\"https://security.example/a?b=c\"" }, { "assignedTo", "\"ada@contoso.example\"" },
	{ "categories", "[\"c1\",\"c2\"]" }, { "category", "\"DefenseEvasion\"" }, { "classification", "\"truePositive\"" },
	{ "comments", "[{\"comment\":\"text\",\"createdByDisplayName\":\"Bob\",\"fresh\":\"q1\"}]" },
	{ "createdDateTime", "\"2026-11-23T08:04:11.123Z\"" }, { "customDetails", "{\"a\":\"b1\"}" }, { "description", "\"what\"" },
	{ "detectionSource", "\"antivirus\"" }, { "detectorId", "\"detector\"" }, { "determination", "\"malware\"" },
	{ "evidence", "[{\"@odata.type\":\"#microsoft.graph.security.newEvidence\",\"someThing\":\"q2\",\"inside\":{\"deepThing\":\"q3\"}}]" },
	{ "firstActivityDateTime", "\"2026-11-23T08:04:12.123Z\"" }, { "incidentId", "\"incident\"" },
	{ "incidentWebUrl", "\"https://security.example/i\"" }, { "investigationState", "\"running\"" },
	{ "lastActivityDateTime", "\"2026-11-23T08:04:13.123Z\"" }, { "lastUpdateDateTime", "\"2026-11-23T08:04:14.123Z\"" },
	{ "mitreTechniques", "[\"T1059.001\"]" }, { "productName", "\"product\"" }, { "providerAlertId", "\"provider\"" },
	{ "recommendedActions", "\"do this\"" }, { "resolvedDateTime", "\"2026-11-23T08:04:15.123Z\"" },
	{ "serviceSource", "\"microsoftDefenderForCloud\"" }, { "severity", "\"high\"" }, { "status", "\"inProgress\"" },
	{ "systemTags", "[\"tag\"]" }, { "tenantId", "\"tenant\"" }, { "threatDisplayName", "\"threat\"" }, { "threatFamilyName", "\"family\"" },
	{ "title", "\"title\"" },
};

static const struct property incident[] = {
	{ "id", "\"the-id\"" }, { "assignedTo", "\"ada@contoso.example\"" }, { "classification", "\"falsePositive\"" },
	{ "comments", "[{\"comment\":\"text\",\"createdBy\":\"bob\"}]" }, { "createdDateTime", "\"2026-11-23T08:04:11.123Z\"" },
	{ "customTags", "[\"tag1\"]" }, { "description", "\"what\"" }, { "determination", "\"phishing\"" }, { "displayName", "\"name\"" },
	{ "incidentWebUrl", "\"https://security.example/i\"" }, { "lastModifiedBy", "\"carol\"" },
	{ "lastUpdateDateTime", "\"2026-11-23T08:04:14.123Z\"" }, { "priorityScore", "4321" }, { "redirectIncidentId", "\"other\"" },
	{ "resolvingComment", "\"done\"" }, { "severity", "\"low\"" }, { "status", "\"awaitingAction\"" }, { "summary", "\"sum\"" },
	{ "systemTags", "[\"tag2\"]" }, { "tenantId", "\"tenant\"" },
};

/* What nobody documented yet. */
static const struct property unknown[] = {
	{ "brandNewText", "\"new-text\"" }, { "brandNewNumber", "123456789012345678901234567890" }, { "brandNewSwitch", "true" },
	{ "brandNewList", "[\"l1\",2718281,{\"inside\":[\"l2\",[\"l3\",{\"IDs\":\"l4\"}]]}]" },
	{ "brandNewObject", "{\"someThing\":{\"deepThing\":\"d1\",\"x.y\":\"d2\",\"\":\"d3\"},\"list\":[{\"a\":\"d4\"}]}" },
	{ "odd.name", "\"on\"" }, { " ", "\"blank\"" }, { "event", "{\"kind\":\"not ours\"}" }, { "@timestamp", "\"not a time\"" },
};

static const struct {
	const char		*feed;
	const struct property	*properties;
	size_t			 n;
} feeds[] = {
	{ "signin.interactive",		signin,		COUNT(signin) },
	{ "signin.noninteractive",	signin,		COUNT(signin) },
	{ "signin.serviceprincipal",	signin,		COUNT(signin) },
	{ "signin.managedidentity",	signin,		COUNT(signin) },
	{ "directory.audit",		audit,		COUNT(audit) },
	{ "directory.provisioning",	provisioning,	COUNT(provisioning) },
	{ "risk.user",			risk,		COUNT(risk) },
	{ "risk.serviceprincipal",	risk,		COUNT(risk) },
	{ "alerts",			alert,		COUNT(alert) },
	{ "incidents",			incident,	COUNT(incident) },
};

static const enum schema schemas[] = { SCHEMA_RAW, SCHEMA_ECS, SCHEMA_NATIVE, SCHEMA_ECS_RAW };

/* All text, decoded, also of JSON that stands in text. names: those of members too, since keys become names. */
static void
all_text(const char *p, size_t len, int names, struct buf *to)
{
	struct json	 j = { 0 };
	struct buf	 one = { 0 };

	if (json_index(&j, p, len, 0, JSON_DEPTH) == JSON_OK) {
		for (uint32_t i = 0; i < j.n; i++) {
			if (j.nodes[i].kind < JSON_STRING || (!names && (j.nodes[i].flags & JSON_NAME)))
				continue;
			buf_reset(&one);
			json_text(&j, i, &one);
			if (one.len > 1 && (*one.bytes == '{' || *one.bytes == '['))
				all_text(one.bytes, one.len, names, to);
			else
				buf_addf(to, "\n%s", buf_str(&one));
		}
	}
	json_clear(&j);
	buf_clear(&one);
}

static void
map(struct norm *n, const char *feed, enum schema schema, const struct buf *record, struct buf *text)
{
	struct norm_source	 source = { .tenant_guid = "11111111-2222-3333-4444-555555555555", .tenant_name = "contoso",
				    .feed = feed, .namespace = "default", .created_ms = 1, .stored_ms = 2, .now_ms = 3 };
	struct record		 r = { .bytes = buf_str(record), .len = record->len };
	struct buf		 event = { 0 };

	norm_event(n, schema, &source, &r, &event);
	buf_reset(text);
	all_text(buf_str(&event), event.len, 1, text);
	buf_clear(&event);
}

/* Every scalar of the value is somewhere in the text. */
static void
assert_arrived(const char *feed, enum schema schema, const struct property *p, const struct buf *text)
{
	struct buf	 want = { 0 }, line = { 0 }, all = { 0 };

	buf_addf(&all, "%s\n", buf_str(text));
	all_text(p->value, strlen(p->value), 0, &want);
	buf_addc(&want, '\n');
	for (const char *at = buf_str(&want) + 1, *end; *at != '\0'; at = end + 1) {
		end = strchr(at, '\n');
		buf_reset(&line);
		buf_addf(&line, "\n%.*s\n", (int)(end - at), at);
		/* a text and its details make one message, an address has its parts: there it is enough to be in it */
		if (strcasestr(buf_str(&all), buf_str(&line)) == NULL &&
		    (end - at < 5 || (buf_cut(&line, line.len - 1), strcasestr(buf_str(&all), line.bytes + 1) == NULL)))
			fail_msg("%s, schema %d, %s: %.*s did not arrive:%s", feed, (int)schema, p->name, (int)(end - at), at,
			    buf_str(text));
	}
	buf_clear(&want);
	buf_clear(&line);
	buf_clear(&all);
}

static void
alone(struct norm *n, const char *feed, enum schema schema, const struct property *p)
{
	struct buf	 record = { 0 }, text = { 0 };

	buf_addf(&record, "{\"%s\":%s}", p->name, p->value);
	map(n, feed, schema, &record, &text);
	assert_arrived(feed, schema, p, &text);
	buf_clear(&record);
	buf_clear(&text);
}

static void
every_documented_property_arrives_in_every_schema(void **state)
{
	struct norm	*n = norm_new();

	(void)state;
	for (size_t f = 0; f < COUNT(feeds); f++)
		for (size_t s = 0; s < COUNT(schemas); s++)
			for (size_t i = 0; norm_maps(schemas[s], feeds[f].feed) && i < feeds[f].n; i++)
				alone(n, feeds[f].feed, schemas[s], &feeds[f].properties[i]);
	norm_free(n);
}

static void
so_does_every_other_one(void **state)
{
	struct norm	*n = norm_new();

	(void)state;
	for (size_t f = 0; f < COUNT(feeds); f++)
		for (size_t s = 0; s < COUNT(schemas); s++)
			for (size_t i = 0; norm_maps(schemas[s], feeds[f].feed) && i < COUNT(unknown); i++)
				alone(n, feeds[f].feed, schemas[s], &unknown[i]);
	norm_free(n);
}

/* Names once; where the table has one twice, the first. */
static void
all_in_one_record(size_t f, struct buf *record)
{
	const struct property	*p = feeds[f].properties;

	buf_addc(record, '{');
	for (size_t i = 0; i < feeds[f].n; i++)
		if (i == 0 || strcmp(p[i].name, p[i - 1].name) != 0)
			buf_addf(record, "%s\"%s\":%s", i > 0 ? "," : "", p[i].name, p[i].value);
	for (size_t i = 0; i < COUNT(unknown); i++)
		buf_addf(record, ",\"%s\":%s", unknown[i].name, unknown[i].value);
	buf_addc(record, '}');
}

static void
all_of_them_together_too(void **state)
{
	struct norm	*n = norm_new();
	struct buf	 record = { 0 }, text = { 0 };

	(void)state;
	for (size_t f = 0; f < COUNT(feeds); f++) {
		buf_reset(&record);
		all_in_one_record(f, &record);
		for (size_t s = 0; s < COUNT(schemas); s++) {
			if (!norm_maps(schemas[s], feeds[f].feed))
				continue;
			map(n, feeds[f].feed, schemas[s], &record, &text);
			for (size_t i = 0; i < feeds[f].n; i++)
				if (i == 0 || strcmp(feeds[f].properties[i].name, feeds[f].properties[i - 1].name) != 0)
					assert_arrived(feeds[f].feed, schemas[s], &feeds[f].properties[i], &text);
			for (size_t i = 0; i < COUNT(unknown); i++)
				assert_arrived(feeds[f].feed, schemas[s], &unknown[i], &text);
		}
	}
	buf_clear(&record);
	buf_clear(&text);
	norm_free(n);
}

/* Over 200,000 tokens only the record's own scalars are mapped; in Splunk's envelope a success must not look like a failure even so. */
static void
a_record_of_very_many_tokens_still_says_how_it_ended(void **state)
{
	struct norm	*n = norm_new();
	struct buf	 record = { 0 }, text = { 0 };

	(void)state;
	buf_adds(&record, "{\"id\":\"many\",\"createdDateTime\":\"2026-11-23T08:04:11Z\",\"status\":{\"errorCode\":0,\"failureReason\":"
	    "\"Other.\",\"additionalDetails\":null},\"location\":{\"countryOrRegion\":\"NL\"},\"authenticationMethodsUsed\":[0");
	for (int i = 0; i < 200000; i++)
		buf_adds(&record, ",1");
	buf_adds(&record, "],\"userPrincipalName\":\"ada@contoso.example\"}");
	map(n, "signin.interactive", SCHEMA_NATIVE, &record, &text);
	assert_null(strstr(buf_str(&text), "Other."));
	assert_non_null(strstr(buf_str(&text), "\nresultType\n0\n"));
	assert_non_null(strstr(buf_str(&text), "\nlocation\nNL\n"));
	map(n, "signin.interactive", SCHEMA_ECS, &record, &text);
	assert_non_null(strstr(buf_str(&text), "over 200000 JSON tokens"));
	assert_non_null(strstr(buf_str(&text), "ada@contoso.example"));
	buf_clear(&record);
	buf_clear(&text);
	norm_free(n);
}

static void
a_revision_says_so_from_the_second_on(void **state)
{
	struct norm_source	 source = { .tenant_guid = "t", .tenant_name = "t", .feed = "alerts", .namespace = "default" };
	struct norm		*n = norm_new();
	struct buf		 out = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		buf_reset(&out);
		norm_event(n, SCHEMA_ECS, &source, &(struct record){ .bytes = "{}", .len = 2, .revision = i }, &out);
		if (i < 2)
			assert_null(strstr(buf_str(&out), "m365fwd"));
		else
			assert_non_null(strstr(buf_str(&out), i == 2 ? "\"m365fwd\":{\"revision\":2}" : "\"m365fwd\":{\"revision\":3}"));
	}
	buf_clear(&out);
	norm_free(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_documented_property_arrives_in_every_schema),
		cmocka_unit_test(so_does_every_other_one),
		cmocka_unit_test(all_of_them_together_too),
		cmocka_unit_test(a_record_of_very_many_tokens_still_says_how_it_ended),
		cmocka_unit_test(a_revision_says_so_from_the_second_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
