/*
 * graph_security - risk detections, alerts and incidents: rows that change in place and say when.
 */
#include "graph_in.h"

#define PICK(r, table) (table)[rng_below((r), sizeof(table) / sizeof((table)[0]))]

static const char *const	 severities[] = { "informational", "low", "medium", "high" };

void
risk_write(struct text *t, const struct gcast *c)
{
	static const char *const	 kinds[] = { "unfamiliarFeatures", "leakedCredentials", "anonymizedIPAddress" };
	static const char *const	 states[] = { "atRisk", "dismissed", "confirmedCompromised" };
	const struct cast		*k = c->cast;
	int				 user = c->feed == G_RISK;

	put_text(t, "id", c->id);
	put_text(t, "requestId", k->guid[0]);
	put_text(t, "correlationId", k->guid[1]);
	put_enum(t, "riskEventType", c, user ? PICK(c->rng, kinds) : "suspiciousSignins");
	put_text(t, "riskState", states[c->revision]);
	put_text(t, "riskLevel", c->revision == 2 ? "high" : "medium");
	put_text(t, "riskDetail", c->revision == 1 ? "adminDismissedAllRiskForUser" : "none");
	put_text(t, "source", "IdentityProtection");
	put_text(t, "detectionTimingType", "offline");
	put_text(t, "activity", user ? "signin" : "servicePrincipal");
	put_text(t, "tokenIssuerType", "AzureAD");
	put_text(t, "ipAddress", k->ip);
	put_raw(t, "location", "{\"city\":\"Amsterdam\",\"state\":\"Noord-Holland\",\"countryOrRegion\":\"NL\",\"geoCoordinates\":"
	    "{\"latitude\":52.37,\"longitude\":4.89}}");
	put_ticks(t, "activityDateTime", c->row->created - 3600LL * 1000 * TICKS_MS);
	put_ticks(t, "detectedDateTime", c->row->created);
	put_ticks(t, "lastUpdatedDateTime", graph_updated(c->row, c->revision));
	put_raw(t, "additionalInfo", "\"[{\\\"Key\\\":\\\"userAgent\\\",\\\"Value\\\":\\\"python-requests/2.31.0\\\"}]\"");
	if (user) {
		put_text(t, "userId", k->user_guid);
		put_text(t, "userDisplayName", k->user);
		put_text(t, "userPrincipalName", k->upn);
	} else {
		put_text(t, "servicePrincipalId", k->guid[2]);
		put_text(t, "servicePrincipalDisplayName", "contoso-backup");
		put_text(t, "appId", k->app);
		text_addf(t, "\"keyIds\":[\"%s\"],", k->guid[3]);
	}
}

static void
state(struct text *t, const struct gcast *c, const char *open, const char *shut_state)
{
	static const char *const	 verdicts[] = { "unknown", "truePositive", "falsePositive" };

	put_enum(t, "status", c, c->revision == 0 ? open : c->revision == 1 ? "inProgress" : shut_state);
	put_text(t, "severity", PICK(c->rng, severities));
	put_text(t, "classification", verdicts[c->revision]);
	put_text(t, "determination", c->revision == 1 ? "compromisedAccount" : "unknown");
	put_raw(t, "assignedTo", c->revision == 0 ? "null" : "\"soc@contoso.example\"");
	put_ticks(t, "createdDateTime", c->row->created);
	put_ticks(t, "lastUpdateDateTime", graph_updated(c->row, c->revision));
	put_raw(t, "comments", c->revision == 0 ? "[]" : "[{\"comment\":\"We look at it\\nnow\",\"createdByDisplayName\":\"soc\","
	    "\"createdDateTime\":\"2026-11-23T09:00:00Z\"}]");
	put_raw(t, "systemTags", "[]");
}

static void
evidence(struct text *t, const struct gcast *c)
{
	const struct cast	*k = c->cast;

	LIT(t, "\"evidence\":[{\"@odata.type\":\"#microsoft.graph.security.userEvidence\",");
	put_ticks(t, "createdDateTime", c->row->created);
	put_text(t, "verdict", c->revision == 0 ? "suspicious" : "malicious");
	text_addf(t, "\"remediationStatus\":\"none\",\"roles\":[],\"tags\":[],\"userAccount\":{\"accountName\":\"%s\",\"azureAdUserId\":"
	    "\"%s\",\"userPrincipalName\":\"%s\",\"domainName\":null}},", k->user, k->user_guid, k->upn);
	text_addf(t, "{\"@odata.type\":\"#microsoft.graph.security.ipEvidence\",\"createdDateTime\":\"2026-11-23T08:00:00Z\","
	    "\"verdict\":\"unknown\",\"ipAddress\":\"%s\",\"countryLetterCode\":\"NL\"}],", k->ip);
}

void
alert_write(struct text *t, const struct gcast *c)
{
	const struct cast	*k = c->cast;

	put_text(t, "id", c->id);
	put_text(t, "providerAlertId", c->id);
	text_addf(t, "\"incidentId\":\"%u\",", 2972395u + c->row->slot / 3);
	state(t, c, "new", "resolved");
	put_text(t, "serviceSource", "microsoftDefenderForIdentity");
	put_text(t, "detectionSource", "microsoftDefenderForIdentity");
	put_text(t, "detectorId", k->guid[0]);
	put_text(t, "productName", "Microsoft Defender for Identity");
	put_text(t, "tenantId", k->tenant->id);
	put_text(t, "title", "Suspicious \\\"sign-in\\\" burst");
	put_text(t, "description", "Many sign-ins\\nfrom one address.");
	put_text(t, "recommendedActions", "Reset the password.");
	put_text(t, "category", "CredentialAccess");
	put_raw(t, "categories", "[\"CredentialAccess\"]");
	put_raw(t, "mitreTechniques", "[\"T1110\",\"T1110.003\"]");
	put_raw(t, "actorDisplayName", "null");
	put_raw(t, "threatDisplayName", "null");
	put_raw(t, "threatFamilyName", "null");
	put_text(t, "investigationState", "unsupportedAlertType");
	put_text(t, "alertWebUrl", "https://security.microsoft.com/alerts/1?tid=x");
	put_text(t, "incidentWebUrl", "https://security.microsoft.com/incidents/1?tid=x");
	put_raw(t, "alertPolicyId", "null");
	put_ticks(t, "firstActivityDateTime", c->row->created - 600LL * 1000 * TICKS_MS);
	put_ticks(t, "lastActivityDateTime", c->row->created);
	put_raw(t, "resolvedDateTime", "null");
	put_raw(t, "additionalData", "{\"Source.Kind\":\"sim\"}");
	put_raw(t, "customDetails", "{}");
	evidence(t, c);
}

void
incident_write(struct text *t, const struct gcast *c)
{
	put_text(t, "id", c->id);
	put_text(t, "tenantId", c->cast->tenant->id);
	put_text(t, "incidentWebUrl", "https://security.microsoft.com/incidents/1?tid=x");
	put_raw(t, "redirectIncidentId", "null");
	put_text(t, "displayName", "Password spray on several users");
	put_text(t, "description", "Made by the simulator.");
	put_raw(t, "summary", "null");
	put_int(t, "priorityScore", rng_below(c->rng, 100));
	state(t, c, "active", "resolved");
	put_raw(t, "customTags", "[\"demo\"]");
	put_raw(t, "resolvingComment", "null");
	put_text(t, "lastModifiedBy", c->revision == 0 ? "Microsoft 365 Defender-AlertCorrelation" : "soc@contoso.example");
}
