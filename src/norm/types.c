/*
 * types - which type a field has in an index. keyword unless it stands here.
 *
 * Sources: spec/ecs-audit.md section 9, ecs-signin.md section 5, ecs-directory.md section 8, ecs-risk-alerts.md sections 3.3, 4.3 and
 * 7 (Elastic's fields.yml, read field by field), elastic-fields-needed.md sections 2, 4 and 6 (rules and dashboards).
 */
#include "norm/types.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "norm/ecs.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */

#define CHANGES(n) n ".display_name " n ".new_value " n ".old_value "
#define TARGET(n) \
	{ "azure.auditlogs.properties.target_resources." n, "keyword", "display_name group_type id ip_address type user_principal_name" }, \
	{ "azure.auditlogs.properties.target_resources." n ".modified_properties", "keyword", \
	    CHANGES("0") CHANGES("1") CHANGES("2") CHANGES("3") CHANGES("4") CHANGES("5") CHANGES("6") CHANGES("7") }

/* A base path, and names below it of one type, by blanks; "" is the base itself. */
static const struct {
	const char	*base, *type, *names;
} rows[] = {
	/* ECS itself */
	{ "",			"date",		"@timestamp email.delivery_timestamp event.created event.end event.ingested event.start file.mtime "
						"process.parent.start process.start" },
	{ "",			"ip",		"client.ip destination.ip host.ip related.ip server.ip source.ip" },
	{ "",			"text",		"error.message message rule.description" },
	{ "",			"stored",	"event.original" },
	{ "",			"geo_point",	"geo.location source.geo.location client.geo.location" },
	{ "",			"keyword",	"email.attachments.file.name email.attachments.file.hash.sha256 email.attachments.file.extension" },
	{ "email.attachments.file", "long",	"size" },
	{ "labels",		"grows",	"" },

	/* what the pipeline adds (template_pipeline) */
	{ "source.geo",		"keyword",	"city_name continent_name country_iso_code country_name region_iso_code region_name" },
	{ "client.geo",		"keyword",	"city_name continent_name country_iso_code country_name region_iso_code region_name" },
	{ "source.as",		"long",		"number" },
	{ "source.as",		"keyword",	"organization.name" },
	{ "client.as",		"long",		"number" },
	{ "client.as",		"keyword",	"organization.name" },
	{ "user_agent",		"keyword",	"device.name name os.full os.name os.version version" },
	{ "m365fwd.search",	"flat",		"Parameters ExtendedProperties ModifiedProperties additional_details" },

	/* o365.audit: what dashboards and rules query, and what is not keyword */
	{ "o365.audit",		"open",		"" },
	{ "o365.audit",		"keyword",	"ActorIpAddress AlertId AppId ApplicationId AuthenticationType AzureActiveDirectoryEventType "
						"ChatThreadId ClientAppId ClientIP ClientInfoString CommunicationType CorrelationId CreationTime "
						"ErrorNumber EventSource InterSystemsId IntraSystemId IsManagedDevice LogonError LogonType "
						"LogonUserSid MailboxGuid MailboxOwnerSid MailboxOwnerUPN Name NewValue ObjectId OldValue "
						"Operation OrganizationId OriginatingServer Platform RecordType ResourceTenantId ResultStatus "
						"SearchQueryText Site SiteUrl Source SourceFileName TokenTenantId UserId UserKey UserType Version "
						"Workload StartTime StartTimeUtc FileSize" },
	{ "o365.audit",		"flat",		"Actions Members PolicyDetails Data.flattened" },
	{ "o365.audit",		"long",		"FileSizeBytes OperationCount" },
	{ "o365.audit",		"boolean",	"CustomUniqueId ExternalAccess SensitiveInfoDetectionIsIncluded" },
	{ "o365.audit",		"date",		"EndTimeUtc FilteringDate LastUpdateTimeUtc Data.at Data.md Data.te Data.ts Data.ttdt "
						"ExchangeMetaData.Sent" },
	{ "o365.audit",		"ip",		"Data.sip" },
	{ "o365.audit",		"text",		"Comments Description" },
	{ "o365.audit",		"keyword",	"Actor.ID Actor.Type Target.ID Target.Type AffectedItems.Id AffectedItems.Subject "
						"AffectedItems.InternetMessageId AffectedItems.ParentFolder.Path AppAccessContext.AADSessionId "
						"AppAccessContext.ClientAppId AppAccessContext.ClientAppName AppAccessContext.CorrelationId "
						"AppAccessContext.UniqueTokenId DeviceProperties.Name DeviceProperties.Value "
						"OperationProperties.Name OperationProperties.Value ParticipantInfo.HasForeignTenantUsers "
						"ParticipantInfo.HasGuestUsers ParticipantInfo.HasOtherGuestUsers "
						"ParticipantInfo.ParticipatingDomains Item.Id Item.Subject Item.ParentFolder.Path "
						"ExchangeMetaData.MessageID ExchangeMetaData.Subject ExchangeMetaData.From ExchangeMetaData.To "
						"SharePointMetaData.FileName SharePointMetaData.FilePathUrl AlertLinks" },
	/* free in their names: only these have fields; all of it is in m365fwd.search, if the pipeline runs */
	{ "o365.audit.Parameters", "closed",	"" },
	{ "o365.audit.Parameters", "keyword",	"AccessRights AllowFederatedUsers AllowGuestUser AllowTeamsConsumer AuditBypassEnabled "
						"BlindCopyTo BodyContainsWords CopyTo DeleteMessage DeliverToMailboxAndForward Enabled "
						"ForwardAsAttachmentTo ForwardTo ForwardingAddress ForwardingSmtpAddress FromAddressContainsWords "
						"GrantSendOnBehalfTo Identity MarkAsRead Mode MoveToFolder Name RedirectMessageTo RedirectTo "
						"RedirectToRecipients Role StopProcessingRules SubjectContainsWords SubjectOrBodyContainsWords "
						"Trustee User WithinSizeRangeMinimum" },
	{ "o365.audit.ExtendedProperties", "closed", "" },
	{ "o365.audit.ExtendedProperties", "keyword", "KeepMeSignedIn RequestType ResultStatusDetail UserAgent UserAuthenticationMethod "
						"actorContextId actorObjectId additionalDetails_raw extendedAuditEventCategory resultType targetName" },
	{ "o365.audit.ExtendedProperties.additionalDetails", "closed", "" },
	{ "o365.audit.ExtendedProperties.additionalDetails", "keyword", "AppId DeviceId DeviceOSType DeviceTrustType User-Agent" },
	{ "o365.audit.ModifiedProperties", "closed", "" },
	{ "o365.audit.ModifiedProperties", "keyword", "AllowFederatedUsers.NewValue AllowFederatedUsers.OldValue AllowGuestUser.NewValue "
						"AllowGuestUser.OldValue AllowTeamsConsumer.NewValue AllowTeamsConsumer.OldValue "
						"ConsentAction_Permissions.NewValue ConsentAction_Reason.NewValue ConsentContext_IsAdminConsent.NewValue "
						"ConsentContext_IsAppOnly.NewValue IsPublic.NewValue IsPublic.OldValue Role_DisplayName.NewValue "
						"Role_DisplayName.OldValue Role_ObjectID.NewValue Role_TemplateId.NewValue "
						"ShareUsingAnonymousLinks.NewValue ShareUsingAnonymousLinks.OldValue ShareWithGuests.NewValue "
						"ShareWithGuests.OldValue" },

	/* sign-ins */
	{ "azure.signinlogs",	"ip",		"caller_ip_address" },
	{ "azure.signinlogs.properties", "open", "" },
	{ "azure.signinlogs.properties", "date", "created_at" },
	{ "azure.signinlogs.properties", "long", "autonomous_system_number status.error_code" },
	{ "azure.signinlogs.properties", "float", "processing_time_ms" },
	{ "azure.signinlogs.properties", "boolean", "is_interactive flagged_for_review is_tenant_restricted is_through_global_secure_access "
						"device_detail.is_compliant device_detail.is_managed" },
	{ "azure.signinlogs.properties", "flat", "applied_conditional_access_policies authentication_details authentication_processing_details "
						"authentication_requirement_policies network_location_details" },
	{ "azure.signinlogs.properties", "keyword", "id user_display_name correlation_id user_principal_name user_id app_id app_display_name "
						"client_app_used conditional_access_status original_request_id token_issuer_name token_issuer_type "
						"risk_detail risk_level risk_level_aggregated risk_level_during_signin risk_state resource_display_name "
						"authentication_requirement home_tenant_id resource_id resource_tenant_id risk_event_types "
						"risk_event_types_v2 service_principal_name user_type service_principal_id cross_tenant_access_type "
						"sso_extension_version authentication_protocol incoming_token_type unique_token_identifier "
						"service_principal_credential_key_id alternate_sign_in_name client_credential_type "
						"original_transfer_method sign_in_event_types sign_in_identifier sign_in_token_protection_status "
						"tenant_id session_id app_owner_tenant_id resource_owner_tenant_id mfa_detail.auth_method "
						"mfa_detail.auth_detail conditional_access_audiences.application_id "
						"service_principal_credential_thumbprint status.failure_reason status.additional_details "
						"device_detail.device_id device_detail.operating_system device_detail.browser "
						"device_detail.display_name device_detail.trust_type agent.agent_subject_type agent.agent_type "
						"token_protection_status_details.sign_in_session_status user_agent" },

	/* directory audits */
	{ "azure.auditlogs",	"float",	"level" },
	{ "azure.auditlogs.properties", "open",	"" },
	{ "azure.auditlogs.properties", "date",	"activity_datetime" },
	{ "azure.auditlogs.properties", "keyword", "result activity_display_name result_reason correlation_id logged_by_service operation_type id "
						"category authentication_protocol userAgent tenantId identity tenantGeo additional_details.key "
						"additional_details.value additional_details.user_agent initiated_by.app.servicePrincipalName "
						"initiated_by.app.displayName initiated_by.app.appId initiated_by.app.servicePrincipalId "
						"initiated_by.user.userPrincipalName initiated_by.user.displayName initiated_by.user.id "
						"initiated_by.user.ipAddress initiated_by.user.roles initiated_by.user.userType "
						"initiated_by.user.homeTenantId initiated_by.user.homeTenantName initiated_by.user.agentType" },
	/* by position: the first ones are named here, the others are as open as the rest */
	TARGET("0"), TARGET("1"), TARGET("2"),

	/* risk */
	{ "azure.identityprotection.properties", "open", "" },
	{ "azure.identityprotection.properties", "ip", "ip_address" },
	{ "azure.identityprotection.properties", "date", "activity_datetime detected_datetime last_updated_datetime created_datetime" },
	{ "azure.identityprotection.properties", "flat", "additional_info location" },
	{ "azure.identityprotection.properties", "keyword", "activity app_id correlation_id detection_timing_type id key_ids request_id "
						"risk_detail risk_event_type risk_level risk_state risk_type service_principal_display_name "
						"service_principal_id source token_issuer_type user_display_name user_id user_principal_name user_type" },

	/* provisioning */
	{ "azure.provisioning",	"long",		"level" },
	{ "azure.provisioning.properties", "open", "" },
	{ "azure.provisioning.properties", "long", "duration_ms provisioning_steps.status provisioning_steps.provisioning_step_type" },
	{ "azure.provisioning.properties", "date", "activity_datetime" },
	{ "azure.provisioning.properties", "flat", "modified_properties source_identity.details target_identity.details provisioning_steps.details" },
	{ "azure.provisioning.properties", "keyword", "action change_id cycle_id id job_id provisioning_status_info.status "
						"source_identity.id source_identity.identity_type source_identity.name source_system.id "
						"source_system.name target_identity.id target_identity.identity_type target_identity.name "
						"target_system.id target_system.name tenant_id" },

	/* Defender's alerts and incidents */
	{ "m365_defender.alert", "open",	"" },
	{ "m365_defender.alert", "date",	"created_datetime first_activity_datetime last_activity_datetime last_update_datetime resolved_datetime "
						"comments.createdDateTime comments.createdTime" },
	{ "m365_defender.alert", "keyword",	"actor_display_name assigned_to category classification detection_source detector_id determination id "
						"incident_id mitre_techniques provider_alert_id service_source severity status tenant_id threat_display_name "
						"threat_family_name title description recommended_actions evidence.device_dns_name evidence.mde_device_id "
						"evidence.odata_type evidence.remediation_status evidence.verdict evidence.roles evidence.tags" },
	{ "m365_defender.alert", "flat",	"additional_data custom_details" },
	{ "m365_defender.alert", "ip",		"evidence.ip_address evidence.sender_ip" },
	{ "m365_defender.alert", "long",	"evidence.attachments_count evidence.email_count evidence.url_count evidence.process.id "
						"evidence.parent_process.id" },
	{ "m365_defender.incident", "open",	"" },
	{ "m365_defender.incident", "date",	"created_datetime last_update_datetime comments.createdDateTime comments.createdTime" },
	{ "m365_defender.incident", "keyword",	"assigned_to classification determination display_name id redirect_incident_id severity status tags "
						"tenant_id description summary" },
	{ "m365_defender.incident", "long",	"priority_score" },
	{ "m365_defender.incident", "flat",	"alert.additional_data alert.custom_details" },
};

/* A data set has all of ECS, and of these its own. */
static const struct {
	const char	*name, *root;
} datasets[] = {
	{ "o365.audit",			"o365.audit" },
	{ "azure.signinlogs",		"azure.signinlogs" },
	{ "azure.auditlogs",		"azure.auditlogs" },
	{ "azure.identity_protection",	"azure.identityprotection" },
	{ "azure.provisioning",		"azure.provisioning" },
	{ "m365_defender.alert",	"m365_defender.alert" },
	{ "m365_defender.incident",	"m365_defender.incident" },
};

/* clang-format on */

static const struct {
	const char	*path;
	unsigned	 flags;
} fields[] = {
#define X(id, path, flags) { path, flags },
	ECS_FIELDS(X)
#undef X
};

struct found {
	char		*path;
	const char	*type;
};

struct list {
	struct found	*items;
	size_t		 n;
};

const char *
types_dataset(size_t i)
{
	return i < COUNT(datasets) ? datasets[i].name : NULL;
}

static int
is_below(const char *path, size_t len, const char *root)
{
	size_t	 n = strlen(root);

	return len >= n && strncmp(path, root, n) == 0 && (len == n || path[n] == '.');
}

static int
is_of(const char *path, size_t len, const char *dataset)
{
	for (size_t i = 0; dataset != NULL && i < COUNT(datasets); i++)
		if (is_below(path, len, datasets[i].root) && strcmp(datasets[i].name, dataset) != 0)
			return 0;
	return 1;
}

/* The first word on a path counts: rows stand before what all fields have. */
static void
add(struct list *l, const char *dataset, const char *base, const char *name, size_t len, const char *type)
{
	char	*path = *base == '\0' ? xasprintf("%.*s", (int)len, name) :
	    len == 0 ? xstrdup(base) : xasprintf("%s.%.*s", base, (int)len, name);

	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->items[i].path, path) == 0) {
			free(path);
			return;
		}
	if (!is_of(path, strlen(path), dataset)) {
		free(path);
		return;
	}
	l->items = xreallocarray(l->items, l->n + 1, sizeof(*l->items));
	l->items[l->n++] = (struct found){ path, type };
}

/* A dot sorts before everything else, so that what is in an object follows it at once. */
static int
by_path(const void *a, const void *b)
{
	const char	*x = ((const struct found *)a)->path, *y = ((const struct found *)b)->path;

	while (*x != '\0' && *x == *y) {
		x++;
		y++;
	}
	return (*x == '.' ? 1 : (unsigned char)*x) - (*y == '.' ? 1 : (unsigned char)*y);
}

void
types_each(const char *dataset, void (*cb)(void *arg, const char *path, const char *type), void *arg)
{
	struct list	 l = { 0 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char	*p = rows[i].names;

		if (*p == '\0')
			add(&l, dataset, rows[i].base, "", 0, rows[i].type);
		for (size_t n; *p != '\0'; p += n + (p[n] == ' ')) {
			n = strcspn(p, " ");
			if (n > 0)
				add(&l, dataset, rows[i].base, p, n, rows[i].type);
		}
	}
	for (size_t i = 0; i < COUNT(fields); i++)
		if ((fields[i].flags & (E_REST | E_JSON)) == 0)
			add(&l, dataset, "", fields[i].path, strlen(fields[i].path), (fields[i].flags & E_NUMBER) != 0 ? "long" : "keyword");
	qsort(l.items, l.n, sizeof(*l.items), by_path);
	for (size_t i = 0; i < l.n; i++) {
		cb(arg, l.items[i].path, l.items[i].type);
		free(l.items[i].path);
	}
	free(l.items);
}
