/*
 * graph_signin - sign-ins of all four kinds, with every property that beta knows.
 */
#include <stdio.h>

#include "graph_in.h"

#define PICK(r, table) (table)[rng_below((r), sizeof(table) / sizeof((table)[0]))]

static const struct {
	int		 code;
	const char	*reason, *details;
} outcomes[] = {
	{ 0, "Other.", "null" }, { 0, "Other.", "null" }, { 0, "Other.", "null" }, { 0, "Other.", "\"MFA requirement satisfied by claim in the token\"" },
	{ 50126, "Error validating credentials due to invalid username or password.", "null" },
	{ 50140, "This error occurred due to 'Keep me signed in' interrupt when the user was signing-in.", "null" },
	{ 53003, "Access has been blocked by Conditional Access policies.", "\"If \\\"this\\\" is unexpected, see the policy\\n\"" },
	{ 7000215, "Invalid client secret is provided.", "null" },
};

static const struct {
	const char	*city, *state, *country, *where;
} places[] = {
	{ "Amsterdam", "Noord-Holland", "NL", "{\"altitude\":null,\"latitude\":52.37,\"longitude\":4.89}" },
	{ "S\u00e3o Paulo", "Sao Paulo", "BR", "{\"altitude\":null,\"latitude\":-23.5475,\"longitude\":-46.63611}" },
	{ "\u6771\u4eac", "Tokyo", "JP", "{\"altitude\":null,\"latitude\":35.6895,\"longitude\":139.69171000000001}" },
	{ "", "", "", "null" },
};

static void
put_guid(struct text *t, const char *name, struct rng *r)
{
	char	 guid[GUID_LEN + 1];

	guid_write(guid, rng_next(r), rng_next(r));
	put_text(t, name, guid);
}

static void
who(struct text *t, const struct gcast *c, int user)
{
	const struct cast	*k = c->cast;

	put_text(t, "userDisplayName", user ? k->user : "");
	put_text(t, "userPrincipalName", user ? k->upn : "");
	put_text(t, "userId", user ? k->user_guid : "00000000-0000-0000-0000-000000000000");
	put_text(t, "appId", k->app);
	put_text(t, "appDisplayName", user ? "Office 365 \\\"Exchange\\\" Online" : "contoso-backup");
	put_text(t, "appOwnerTenantId", k->guid[0]);
	put_text(t, "ipAddress", k->ip);
	put_raw(t, "ipAddressFromResourceProvider", "null");
	put_int(t, "autonomousSystemNumber", 64500 + rng_below(c->rng, 30));
	put_text(t, "clientAppUsed", user ? "Browser" : "");
	put_text(t, "userAgent", user ? k->agent : "");
	put_raw(t, "isInteractive", c->feed == G_INTERACTIVE ? "true" : "false");
	put_text(t, "correlationId", k->guid[1]);
	put_raw(t, "originalRequestId", "\"\"");
	put_raw(t, "alternateSignInName", user ? "\"\"" : "null");
	put_text(t, "signInIdentifier", user ? k->upn : "");
	put_raw(t, "signInIdentifierType", user ? "\"userPrincipalName\"" : "null");
	put_raw(t, "userType", user ? "\"member\"" : "null");
	put_text(t, "homeTenantId", k->tenant->id);
	put_text(t, "homeTenantName", "Contoso");
	put_text(t, "crossTenantAccessType", "none");
	put_raw(t, "isTenantRestricted", "false");
}

static void
service(struct text *t, const struct gcast *c, int user)
{
	const struct cast	*k = c->cast;

	put_text(t, "servicePrincipalId", user ? "" : k->guid[2]);
	put_text(t, "servicePrincipalName", user ? "" : "contoso-backup");
	put_text(t, "servicePrincipalCredentialKeyId", c->feed == G_SERVICE ? k->guid[3] : "");
	put_text(t, "servicePrincipalCredentialThumbprint", c->feed == G_SERVICE ? "0F3A9C55D2B4E6F7A8B9C0D1E2F3A4B5C6D7E8F9" : "");
	put_text(t, "clientCredentialType", user ? "none" : c->feed == G_MANAGED ? "managedIdentity" : "clientSecret");
	put_text(t, "federatedCredentialId", "");
	put_raw(t, "managedServiceIdentity", c->feed == G_MANAGED ? "{\"msiType\":\"systemAssigned\",\"associatedResourceId\":"
	    "\"/subscriptions/1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1\",\"federatedTokenId\":\"\","
	    "\"federatedTokenIssuer\":\"\"}" : "{\"msiType\":\"none\",\"associatedResourceId\":\"\",\"federatedTokenId\":\"\","
	    "\"federatedTokenIssuer\":\"\"}");
	put_raw(t, "azureResourceId", c->feed == G_MANAGED ? "\"/subscriptions/1/resourceGroups/rg\"" : "null");
	put_raw(t, "agent", "{\"agentType\":\"notAgentic\",\"agentSubjectType\":\"notAgentic\",\"parentAppId\":null,"
	    "\"agentSubjectParentId\":null}");
	put_text(t, "resourceDisplayName", "Microsoft Graph");
	put_text(t, "resourceId", "00000003-0000-0000-c000-000000000000");
	put_text(t, "resourceServicePrincipalId", k->guid[4]);
	put_text(t, "resourceTenantId", k->tenant->id);
	put_raw(t, "resourceOwnerTenantId", "null");
}

/* Incomplete at first, filled in later. */
static void
authentication(struct text *t, const struct gcast *c, int user)
{
	put_text(t, "authenticationRequirement", user ? "multiFactorAuthentication" : "singleFactorAuthentication");
	put_enum(t, "authenticationProtocol", c, user ? "oAuth2" : "none");
	put_text(t, "incomingTokenType", user ? "primaryRefreshToken" : "none");
	put_text(t, "originalTransferMethod", "none");
	put_raw(t, "authenticationMethodsUsed", "[]");
	put_raw(t, "authenticationContextClassReferences", "[{\"id\":\"urn:user:registersecurityinfo\",\"detail\":\"previouslySatisfied\"}]");
	put_raw(t, "authenticationProcessingDetails", "[{\"key\":\"Login Hint Present\",\"value\":\"True\"},{\"key\":\"Is CAE Token\","
	    "\"value\":\"False\"}]");
	LIT(t, "\"authenticationDetails\":[");
	if (user) {
		LIT(t, "{");
		put_ticks(t, "authenticationStepDateTime", c->row->created);
		text_addf(t, "\"authenticationMethod\":\"Password\",\"authenticationMethodDetail\":\"Password Hash Sync\",\"succeeded\":%s,"
		    "\"authenticationStepResultDetail\":%s,\"authenticationStepRequirement\":\"Primary authentication\"}",
		    c->revision > 0 ? "true" : "false", c->revision > 0 ? "\"Correct password\"" : "null");
	}
	if (user && c->revision > 0) {
		LIT(t, ",{");
		put_ticks(t, "authenticationStepDateTime", c->row->created + 90000000);
		LIT(t, "\"authenticationMethod\":\"Mobile app notification\",\"authenticationMethodDetail\":null,\"succeeded\":true,"
		    "\"authenticationStepResultDetail\":\"MFA completed in Azure AD\",\"authenticationStepRequirement\":\"\"}");
	}
	LIT(t, "],");
	put_raw(t, "authenticationRequirementPolicies", user ? "[{\"requirementProvider\":\"multiConditionalAccess\",\"detail\":"
	    "\"Conditional Access\"}]" : "[]");
	put_raw(t, "authenticationAppDeviceDetails", "null");
	put_raw(t, "authenticationAppPolicyEvaluationDetails", "[]");
	put_raw(t, "appliedEventListeners", "[]");
	put_raw(t, "mfaDetail", user && c->revision > 0 ? "{\"authMethod\":\"Phone approval\",\"authDetail\":\"+XX XXXXXX42\"}" : "null");
	put_raw(t, "sessionLifetimePolicies", "[]");
}

static void
risk(struct text *t, const struct gcast *c)
{
	static const char *const	 states[] = { "none", "atRisk", "remediated" };
	static const char *const	 levels[] = { "none", "medium", "low" };
	static const char *const	 details[] = { "none", "none", "userPassedMFADrivenByRiskBasedPolicy" };
	int				 at = c->row->twin_of != 0 ? 1 : c->revision;

	put_enum(t, "riskDetail", c, details[at]);
	put_text(t, "riskLevelAggregated", levels[at]);
	put_text(t, "riskLevelDuringSignIn", c->row->twin_of != 0 ? "medium" : "none");
	put_text(t, "riskState", states[at]);
	put_raw(t, "riskEventTypes", at ? "[\"unfamiliarFeatures\"]" : "[]");
	put_raw(t, "riskEventTypes_v2", at ? "[\"unfamiliarFeatures\"]" : "[]");
}

static void
access(struct text *t, int user)
{
	put_text(t, "conditionalAccessStatus", user ? "success" : "notApplied");
	put_raw(t, "conditionalAccessAudiences", user ? "[\"00000003-0000-0000-c000-000000000000\"]" : "[]");
	put_raw(t, "appliedConditionalAccessPolicies", user ? "[{\"id\":\"7b3ee1a7-31ad-4e1e-9d75-e1b2ca9a6c3f\",\"displayName\":"
	    "\"MFA for all users\",\"enforcedGrantControls\":[\"Mfa\"],\"enforcedSessionControls\":[],\"result\":\"success\","
	    "\"conditionsSatisfied\":\"application,users\",\"conditionsNotSatisfied\":\"none\",\"authenticationStrength\":null,"
	    "\"includeRulesSatisfied\":[{\"conditionalAccessCondition\":\"application\",\"ruleSatisfied\":\"allApps\"}],"
	    "\"excludeRulesSatisfied\":[],\"sessionControlsNotSatisfied\":[]}]" : "[]");
	put_raw(t, "networkLocationDetails", "[{\"networkType\":\"namedNetwork\",\"networkNames\":[\"Head Office\"]}]");
	put_raw(t, "globalSecureAccessIpAddress", "null");
	put_raw(t, "isThroughGlobalSecureAccess", "false");
	put_raw(t, "privateLinkDetails", "{\"policyTenantId\":\"\",\"policyName\":\"\",\"policyId\":\"\",\"resourceId\":\"\"}");
	put_raw(t, "flaggedForReview", "false");
}

static void
device(struct text *t, const struct gcast *c, int user)
{
	static const char *const	 systems[] = { "Windows 10", "MacOs", "Ios 17.5" };
	size_t				 i = rng_below(c->rng, sizeof(places) / sizeof(places[0]));

	if (user)
		text_addf(t, "\"deviceDetail\":{\"deviceId\":\"%s\",\"displayName\":\"PC-%u\",\"operatingSystem\":\"%s\",\"browser\":"
		    "\"Edge 130.0.0\",\"browserId\":null,\"isCompliant\":true,\"isManaged\":true,\"trustType\":\"Hybrid Azure AD "
		    "joined\"},", c->cast->guid[5], rng_below(c->rng, 5000), PICK(c->rng, systems));
	else
		LIT(t, "\"deviceDetail\":null,");
	text_addf(t, "\"location\":{\"city\":\"%s\",\"state\":\"%s\",\"countryOrRegion\":\"%s\",\"geoCoordinates\":%s},", places[i].city,
	    places[i].state, places[i].country, places[i].where);
}

void
signin_write(struct text *t, const struct gcast *c)
{
	int	 user = c->feed == G_INTERACTIVE || c->feed == G_NONINTERACTIVE;
	size_t	 i = rng_below(c->rng, sizeof(outcomes) / sizeof(outcomes[0]));

	put_text(t, "id", c->id);
	put_ticks(t, "createdDateTime", c->row->created + (c->row->odd == ODD_FUTURE ? 400LL * 86400 * 1000 * TICKS_MS : 0));
	who(t, c, user);
	service(t, c, user);
	authentication(t, c, user);
	risk(t, c);
	access(t, user);
	text_addf(t, "\"status\":{\"errorCode\":%d,\"failureReason\":\"%s\",\"additionalDetails\":%s},", outcomes[i].code,
	    outcomes[i].reason, outcomes[i].details);
	device(t, c, user);
	put_int(t, "processingTimeInMilliseconds", rng_below(c->rng, 900));
	put_text(t, "tokenIssuerName", "");
	put_text(t, "tokenIssuerType", "AzureAD");
	put_text(t, "appTokenProtectionStatus", "none");
	put_text(t, "signInTokenProtectionStatus", "none");
	put_raw(t, "tokenProtectionStatusDetails", "{\"signInSessionStatus\":\"none\",\"signInSessionStatusCode\":null}");
	LIT(t, "\"uniqueTokenIdentifier\":\"");
	put_opaque(t, c->rng, 22);
	LIT(t, "\",");
	put_guid(t, "sessionId", c->rng);
	put_raw(t, "clientSessionId", "null");
	put_raw(t, "rootActorId", "null");
	text_addf(t, "\"signInEventTypes\":[\"%s\"],", gkinds[c->feed].event_type);
}
