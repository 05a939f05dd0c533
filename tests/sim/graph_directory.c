/*
 * graph_directory - directory audits and provisioning.
 */
#include "graph_in.h"

static void
by_user(struct text *t, const struct gcast *c)
{
	const struct cast	*k = c->cast;

	text_addf(t, "\"initiatedBy\":{\"app\":null,\"user\":{\"id\":\"%s\",\"displayName\":null,\"userPrincipalName\":\"%s\","
	    "\"ipAddress\":\"%s\",\"userType\":null,\"homeTenantId\":null,\"homeTenantName\":null}},", k->user_guid, k->upn, k->ip);
}

static void
by_app(struct text *t, const struct gcast *c)
{
	text_addf(t, "\"initiatedBy\":{\"user\":null,\"app\":{\"appId\":null,\"displayName\":\"Device Registration Service\","
	    "\"servicePrincipalId\":\"%s\",\"servicePrincipalName\":null}},", c->cast->guid[2]);
}

static void
targets(struct text *t, const struct gcast *c)
{
	const struct cast	*k = c->cast;

	text_addf(t, "\"targetResources\":[{\"id\":\"%s\",\"displayName\":null,\"type\":\"User\",\"userPrincipalName\":\"%s\","
	    "\"groupType\":null,\"modifiedProperties\":[{\"displayName\":\"StrongAuthenticationMethod\",\"oldValue\":\"[]\","
	    "\"newValue\":\"[{\\\"MethodType\\\":6,\\\"Default\\\":true}]\"},{\"displayName\":\"Included Updated Properties\","
	    "\"oldValue\":null,\"newValue\":\"\\\"StrongAuthenticationMethod\\\"\"}]}", k->guid[3], k->upn);
	if (rng_below(c->rng, 3) == 0)
		text_addf(t, ",{\"id\":\"%s\",\"displayName\":\"Helpdesk\",\"type\":\"Group\",\"userPrincipalName\":null,"
		    "\"groupType\":\"azureAD\",\"modifiedProperties\":[]}", k->guid[4]);
	LIT(t, "],");
}

void
directory_write(struct text *t, const struct gcast *c)
{
	static const char *const	 done[] = { "Update user", "Add member to role", "Consent to application",
					    "Add service principal credentials", "Delete device \\u2013 stale" };
	static const char *const	 parts[] = { "UserManagement", "RoleManagement", "ApplicationManagement",
					    "ApplicationManagement", "Device" };
	size_t				 i = rng_below(c->rng, 5);

	put_text(t, "id", c->id);
	put_text(t, "category", parts[i]);
	put_text(t, "correlationId", c->cast->guid[1]);
	put_enum(t, "result", c, rng_below(c->rng, 10) == 0 ? "failure" : "success");
	put_text(t, "resultReason", "");
	put_text(t, "activityDisplayName", done[i]);
	put_ticks(t, "activityDateTime", c->row->created + (c->row->odd == ODD_FUTURE ? 400LL * 86400 * 1000 * TICKS_MS : 0));
	put_text(t, "loggedByService", "Core Directory");
	put_text(t, "operationType", "Update");
	if (rng_below(c->rng, 2) == 0)
		by_user(t, c);
	else
		by_app(t, c);
	targets(t, c);
	put_raw(t, "additionalDetails", "[{\"key\":\"UserType\",\"value\":\"Member\"},{\"key\":\"User-Agent\",\"value\":\"EvoSTS\"}]");
}

void
provisioning_write(struct text *t, const struct gcast *c)
{
	const struct cast	*k = c->cast;
	int			 failed = rng_below(c->rng, 8) == 0;

	put_text(t, "id", c->id);
	put_ticks(t, "activityDateTime", c->row->created);
	put_text(t, "tenantId", k->tenant->id);
	text_addf(t, "\"jobId\":\"BoxOutDelta.%s.%s\",", k->tenant->id, k->guid[0]);
	put_text(t, "cycleId", k->guid[1]);
	put_text(t, "changeId", k->guid[2]);
	put_enum(t, "provisioningAction", c, "update");
	put_int(t, "durationInMilliseconds", 100 + rng_below(c->rng, 4000));
	put_raw(t, "initiatedBy", "{\"id\":\"\",\"displayName\":\"Azure AD Provisioning Service\",\"initiatorType\":\"system\"}");
	text_addf(t, "\"servicePrincipal\":{\"id\":\"%s\",\"displayName\":\"Box\"},", k->guid[3]);
	text_addf(t, "\"sourceSystem\":{\"id\":\"%s\",\"displayName\":\"Azure Active Directory\",\"details\":{}},", k->guid[4]);
	text_addf(t, "\"targetSystem\":{\"id\":\"%s\",\"displayName\":\"Box\",\"details\":{\"ApplicationId\":\"%s\"}},", k->guid[5], k->app);
	text_addf(t, "\"sourceIdentity\":{\"id\":\"%s\",\"displayName\":\"%s\",\"identityType\":\"User\",\"details\":{"
	    "\"UserPrincipalName\":\"%s\"}},", k->user_guid, k->user, k->upn);
	put_raw(t, "targetIdentity", "{\"id\":\"\",\"displayName\":\"\",\"identityType\":\"User\",\"details\":{}}");
	text_addf(t, "\"provisioningStatusInfo\":{\"status\":\"%s\",\"errorInformation\":%s},", failed ? "failure" : "success",
	    failed ? "{\"errorCode\":\"BoxEntryConflict\",\"reason\":\"User with login already exists\",\"additionalDetails\":null,"
	    "\"errorCategory\":\"nonServiceFailure\",\"recommendedAction\":null}" : "null");
	LIT(t, "\"provisioningSteps\":[{\"name\":\"EntryImport\",\"provisioningStepType\":\"import\",\"status\":\"success\","
	    "\"description\":\"Received User\",");
	put_ticks(t, "stepDateTime", c->row->created);
	LIT(t, "\"details\":{}}],");
	put_raw(t, "modifiedProperties", "[{\"displayName\":\"displayName\",\"oldValue\":null,\"newValue\":\"Alice\"}]");
}
