/*
 * family - the members that each record family adds to the common ones, as they are seen on the wire.
 */
#include <stdio.h>

#include "record.h"
#include "when.h"

static const char *const words[] = {
	"Budget", "Vertrag", "Angebot", "Protokoll", "Roadmap", "Payroll", "Invoice", "Forecast", "Merger", "Handover",
	"Incident", "Review", "Onboarding", "Audit", "Newsletter", "Quarterly",
};

static const char *
a_word(struct rng *r)
{
	return words[rng_below(r, sizeof(words) / sizeof(words[0]))];
}

static void
access_context(struct text *t, const struct cast *c, struct rng *r)
{
	LIT(t, "\"AppAccessContext\":{");
	put_text(t, "AADSessionId", c->guid[0]);
	put_text(t, "ClientAppId", c->app);
	put_text(t, "CorrelationId", c->guid[1]);
	LIT(t, "\"UniqueTokenId\":\"");
	put_opaque(t, r, 22);
	LIT(t, "\"},");
}

static void
server(struct text *t, struct rng *r)
{
	text_addf(t, "\"OriginatingServer\":\"XX0PR%02uMB%04u (15.20.%u.%03u)%s\",", rng_below(r, 20), rng_below(r, 10000),
	    8000 + rng_below(r, 200), rng_below(r, 1000), rng_below(r, 2) ? "\\r\\n" : "");
}

static void
message_id(struct text *t, const char *name, struct rng *r)
{
	text_addf(t, "\"%s\":\"<XX0PR01MB%04u", name, rng_below(r, 10000));
	put_opaque(t, r, 28);
	LIT(t, "@mail.example>\",");
}

/* --- Exchange --- */

static void
exchange_admin(struct text *t, const struct plan *p, const struct cast *c, struct rng *r)
{
	char	 rule[64];

	(void)p;
	put_text(t, "ClientIP", c->ip);
	text_addf(t, "\"ObjectId\":\"EURPR01A001.PROD.OUTLOOK.EXAMPLE/Microsoft Exchange Hosted Organizations/%s/%s\",",
	    c->tenant->domain, c->user_guid);
	put_text(t, "AppId", "");
	put_text(t, "ClientAppId", c->app);
	put_raw(t, "ExternalAccess", rng_below(r, 8) ? "false" : "true");
	put_text(t, "OrganizationName", "contoso.onmicrosoft.example");
	server(t, r);
	LIT(t, "\"Parameters\":[");
	put_pair(t, "AlwaysDeleteOutlookRulesBlob", "False");
	put_pair(t, "Force", "False");
	put_pair(t, "Identity", c->upn);
	snprintf(rule, sizeof(rule), "%s %u", a_word(r), rng_below(r, 1000));
	put_pair(t, "Name", rule);
	put_pair(t, "SubjectOrBodyContainsWords", "invoice;payment;wire transfer;IBAN;confidential");
	put_pair(t, rng_below(r, 3) ? "MoveToFolder" : "ForwardTo", rng_below(r, 3) ? "RSS Subscriptions" :
	    "smtp:collector@mail.example");
	put_pair(t, "StopProcessingRules", "True");
	put_pair(t, "MarkAsRead", "True");
	shut(t, "],");
	LIT(t, "\"ModifiedProperties\":[");
	while (rng_below(r, 3)) {
		LIT(t, "{");
		put_text(t, "Name", a_word(r));
		put_text(t, "OldValue", "");
		put_text(t, "NewValue", "[\\r\\n  \\\"smtp:alias@contoso.example\\\"\\r\\n]");
		shut(t, "},");
	}
	shut(t, "],");
	put_text(t, "SessionId", c->guid[2]);
	put_text(t, "RequestId", c->guid[3]);
	put_text(t, "TokenObjectId", c->user_guid);
	put_text(t, "TokenTenantId", c->tenant->id);
	text_addf(t, "\"DeviceId\":\"%s\",\"ModifiedObjectResolvedName\":\"%s\",", c->guid[4], c->user);
	access_context(t, c, r);
}

static void
mailbox(struct text *t, const struct cast *c, struct rng *r)
{
	put_text(t, "ClientIPAddress", c->ip);
	put_text(t, "ClientInfoString", rng_below(r, 2) ? "Client=REST;Client=RESTSystem;;" :
	    "Client=OWA;Action=ViaProxy");
	put_text(t, "AppId", c->app);
	put_text(t, "ClientAppId", c->app);
	put_raw(t, "ExternalAccess", "false");
	put_int(t, "InternalLogonType", 0);
	put_int(t, "LogonType", rng_below(r, 8) == 0 ? 2 : 0);
	text_addf(t, "\"LogonUserSid\":\"S-1-5-21-%u-%u-%u-%u\",", rng_below(r, 1u << 31), rng_below(r, 1u << 31),
	    rng_below(r, 1u << 31), rng_below(r, 1u << 20));
	put_text(t, "MailboxGuid", c->user_guid);
	text_addf(t, "\"MailboxOwnerSid\":\"S-1-5-21-%u-%u\",", rng_below(r, 1u << 31), rng_below(r, 1u << 20));
	put_text(t, "MailboxOwnerUPN", c->upn);
	put_text(t, "OrganizationName", "contoso.onmicrosoft.example");
	server(t, r);
	put_text(t, "SessionId", c->guid[2]);
	put_text(t, "TokenObjectId", c->user_guid);
	put_text(t, "TokenTenantId", c->tenant->id);
	put_text(t, "AuthType", "Bearer");
}

static void
exchange_item(struct text *t, const struct plan *p, const struct cast *c, struct rng *r)
{
	(void)p;
	mailbox(t, c, r);
	put_text(t, "ClientProcessName", "OUTLOOK.EXE");
	put_text(t, "ClientVersion", "16.0.17928.20114");
	LIT(t, "\"Item\":{\"Id\":\"RgAAAA");
	put_opaque(t, r, 120);
	LIT(t, "\",");
	message_id(t, "InternetMessageId", r);
	LIT(t, "\"ImmutableId\":\"");
	put_opaque(t, r, 88);
	text_addf(t, "\",\"Subject\":\"%s %s\",\"SizeInBytes\":%u,\"Attachments\":\"%s.docx (%ub); %s.pdf (%ub)\",",
	    a_word(r), a_word(r), 2000 + rng_below(r, 900000), a_word(r), rng_below(r, 900000), a_word(r),
	    rng_below(r, 900000));
	LIT(t, "\"ParentFolder\":{\"Id\":\"LgAAAA");
	put_opaque(t, r, 88);
	LIT(t, "\",\"Name\":\"Sent Items\",\"Path\":\"\\\\Sent Items\"}},");
	LIT(t, "\"ModifiedProperties\":[\"AllExtendedProperties\",\"RecipientCollection\"],");
	text_addf(t, "\"SaveToSentItems\":true,\"recipientCount\":1,\"recipientList\":[{\"Address\":\"%s@partner.example\","
	    "\"Name\":\"%s\"}],", c->user, c->user);
	access_context(t, c, r);
}

static void
mail_access(struct text *t, const struct plan *p, const struct cast *c, struct rng *r)
{
	static const char *const	 folders[] = { "Inbox", "Sent Items", "Archive", "Drafts" };
	uint32_t			 i, k, n, nfolders = 1 + rng_below(r, 2), total = 0;
	int				 sync = rng_below(r, 6) == 0;

	mailbox(t, c, r);
	LIT(t, "\"OperationProperties\":[");
	put_pair(t, "MailAccessType", sync ? "Sync" : "Bind");
	put_pair(t, "IsThrottled", rng_below(r, 200) == 0 ? "True" : "False");
	shut(t, "],");
	LIT(t, "\"Folders\":[");
	for (i = 0; i < nfolders; i++) {
		LIT(t, "{\"Id\":\"LgAAAA");
		put_opaque(t, r, 88);
		text_addf(t, "\",\"Path\":\"\\\\%s\",\"FolderItems\":[", folders[rng_below(r, 4)]);
		n = sync ? 0 : 1 + rng_below(r, rng_below(r, 6) == 0 ? 12 : 4);
		total += n;
		for (k = 0; k < n; k++) {
			LIT(t, "{\"Id\":\"RgAAAA");
			put_opaque(t, r, 120);
			LIT(t, "\",");
			message_id(t, "InternetMessageId", r);
			LIT(t, "\"ImmutableId\":\"");
			put_opaque(t, r, 88);
			LIT(t, "\",\"CreationTime\":\"");
			when_zoneless(t, p->time - (int64_t)rng_below(r, 1000000) * SECOND_MS);
			text_addf(t, "\",\"Subject\":\"%s %u\",", a_word(r), rng_below(r, 10000));
			put_int(t, "SizeInBytes", 1000 + rng_below(r, 400000));
			put_text(t, "ClientRequestId", c->guid[3]);
			shut(t, "},");
		}
		shut(t, "]},");
	}
	shut(t, "],");
	put_int(t, "OperationCount", total);
	access_context(t, c, r);
}

/* --- Entra --- */

static void
id_type(struct text *t, const char *id, int type)
{
	text_addf(t, "{\"ID\":\"%s\",\"Type\":%d},", id, type);
}

static void
entra_base(struct text *t, const struct cast *c, int event_type)
{
	put_text(t, "ClientIP", c->ip);
	put_int(t, "AzureActiveDirectoryEventType", event_type);
	LIT(t, "\"Actor\":[");
	id_type(t, c->user_guid, 0);
	id_type(t, c->upn, 5);
	id_type(t, c->puid, 3);
	shut(t, "],");
	put_text(t, "ActorContextId", c->tenant->id);
	put_text(t, "ActorIpAddress", c->ip);
	put_text(t, "InterSystemsId", c->guid[0]);
	put_text(t, "IntraSystemId", c->guid[1]);
	put_text(t, "SupportTicketId", "");
	put_text(t, "TargetContextId", c->tenant->id);
}

static void
modified(struct text *t, const char *name, const char *was, const char *is)
{
	text_addf(t, "{\"Name\":\"%s\",\"NewValue\":\"%s\",\"OldValue\":\"%s\"},", name, is, was);
}

static void
entra_directory(struct text *t, const struct plan *p, const struct cast *c, struct rng *r)
{
	uint32_t	 i, n = 2 + rng_below(r, 8);

	(void)p;
	text_addf(t, "\"ObjectId\":\"%s@%s\",", a_word(r), c->tenant->domain);
	entra_base(t, c, 1);
	LIT(t, "\"ExtendedProperties\":[");
	text_addf(t, "{\"Name\":\"additionalDetails\",\"Value\":\"{\\\"User-Agent\\\":\\\"%s\\\",\\\"AppId\\\":\\\"%s\\\"}\"},",
	    c->agent, c->app);
	put_pair(t, "extendedAuditEventCategory", "User");
	shut(t, "],");
	LIT(t, "\"ModifiedProperties\":[");
	modified(t, "AccountEnabled", "[]", "[\\r\\n  true\\r\\n]");
	modified(t, "StsRefreshTokensValidFrom", "[]", "[\\r\\n  \\\"2026-11-20T08:00:00Z\\\"\\r\\n]");
	modified(t, "UserPrincipalName", "[]", "[\\r\\n  \\\"new.person@contoso.example\\\"\\r\\n]");
	for (i = 0; i < n; i++) {
		text_addf(t, "{\"Name\":\"%s.DisplayName\",\"NewValue\":\"[\\r\\n  {\\r\\n    \\\"Value\\\": \\\"", a_word(r));
		put_opaque(t, r, 20 + rng_below(r, 120));
		LIT(t, "\\\"\\r\\n  }\\r\\n]\",\"OldValue\":\"[]\"},");
	}
	modified(t, "Included Updated Properties", "", "AccountEnabled, StsRefreshTokensValidFrom, UserPrincipalName");
	shut(t, "],");
	LIT(t, "\"Target\":[");
	text_addf(t, "{\"ID\":\"User_%s\",\"Type\":2},", c->guid[2]);
	id_type(t, c->guid[2], 2);
	id_type(t, "User", 2);
	id_type(t, "new.person@contoso.example", 5);
	shut(t, "],");
}

static void
sts_logon(struct text *t, const struct plan *p, const struct cast *c, struct rng *r)
{
	static const struct { const char *code, *error; } failed[] = {
		{ "50126", "InvalidUserNameOrPassword" }, { "50053", "IdsLocked" }, { "50074",
		    "UserStrongAuthClientAuthNRequiredInterrupt" }, { "53003", "BlockedByConditionalAccess" },
	};
	uint32_t	 how = rng_below(r, 4);
	int		 fails;

	(void)p;
	fails = memmem(t->bytes + t->len - (t->len < 2000 ? t->len : 2000), t->len < 2000 ? t->len : 2000, "UserLoginFailed",
	    15) != NULL;
	put_text(t, "ObjectId", "00000002-0000-0ff1-ce00-000000000000");
	entra_base(t, c, 1);
	LIT(t, "\"ExtendedProperties\":[");
	put_pair(t, "ResultStatusDetail", fails ? "Success" : "Redirect");
	put_pair(t, "UserAgent", c->agent);
	put_pair(t, "UserAuthenticationMethod", "1");
	put_pair(t, "RequestType", how & 1 ? "OAuth2:Token" : "Login:login");
	put_pair(t, "KeepMeSignedIn", "True");
	shut(t, "],\"ModifiedProperties\":[],\"Target\":[{\"ID\":\"00000002-0000-0ff1-ce00-000000000000\",\"Type\":0}],");
	put_text(t, "ApplicationId", c->app);
	LIT(t, "\"DeviceProperties\":[");
	put_pair(t, "Id", c->guid[4]);
	put_pair(t, "DisplayName", how & 2 ? "DESKTOP-7F3A" : "PHONE-11");
	put_pair(t, "OS", how & 2 ? "Windows" : "Ios");
	put_pair(t, "BrowserType", "Chrome");
	put_pair(t, "IsCompliant", "True");
	put_pair(t, "IsCompliantAndManaged", "True");
	put_pair(t, "TrustType", "1");
	put_pair(t, "SessionId", c->guid[2]);
	shut(t, "],");
	put_text(t, how & 1 ? "ErrorNumber" : "ErrorCode", fails ? failed[how].code : "0");
	if (fails)
		put_text(t, "LogonError", failed[how].error);
	access_context(t, c, r);
}

/* --- SharePoint --- */

static void
site(struct text *t, const struct cast *c, struct rng *r, const char *word)
{
	put_text(t, "ClientIP", c->ip);
	text_addf(t, "\"ObjectId\":\"https://contoso.sharepoint.example/sites/%s/Shared Documents/%s %u.docx\",", word, word,
	    rng_below(r, 100));
	put_text(t, "CorrelationId", c->guid[0]);
	put_text(t, "EventSource", "SharePoint");
	put_text(t, "ItemType", "File");
	put_text(t, "ListId", c->guid[1]);
	put_text(t, "ListItemUniqueId", c->guid[2]);
	put_text(t, "Site", c->guid[3]);
	put_text(t, "UserAgent", c->agent);
	put_text(t, "WebId", c->guid[4]);
	put_text(t, "ApplicationId", c->app);
	put_text(t, "ApplicationDisplayName", "Microsoft Office");
	put_text(t, "MachineDomainInfo", "contoso.example");
	put_text(t, "MachineId", c->guid[5]);
	text_addf(t, "\"SiteUrl\":\"https://contoso.sharepoint.example/sites/%s/\",", word);
	text_addf(t, "\"SourceRelativeUrl\":\"Shared Documents/%s\",\"SourceFileName\":\"%s %u.docx\",", word, word,
	    rng_below(r, 100));
	put_text(t, "SourceFileExtension", "docx");
}

static void
sharepoint_file(struct text *t, const struct plan *p, const struct cast *c, struct rng *r)
{
	const char	*word = a_word(r);

	(void)p;
	site(t, c, r, word);
	put_raw(t, "IsWorkflow", "false");
	put_int(t, "FileSizeBytes", rng_below(r, 1u << 30));
	put_text(t, "HighPriorityMediaProcessing", "False");
	put_text(t, "Platform", "WinDesktop");
	put_text(t, "BrowserName", "Chrome");
	put_text(t, "DeviceDisplayName", c->ip);
	put_text(t, "AuthenticationType", "OAuth");
	text_addf(t, "\"DestinationRelativeUrl\":\"Shared Documents/%s\",\"DestinationFileName\":\"%s.docx\",", a_word(r),
	    a_word(r));
	put_text(t, "SensitivityLabelId", c->guid[5]);
	access_context(t, c, r);
}

static void
sharepoint_sharing(struct text *t, const struct plan *p, const struct cast *c, struct rng *r)
{
	const char	*word = a_word(r);

	(void)p;
	site(t, c, r, word);
	text_addf(t, "\"EventData\":\"<Type>View</Type><MembersCanShareApplied>False</MembersCanShareApplied>"
	    "<Added to group>%s &amp; friends</Added to group>\",", word);
	text_addf(t, "\"TargetUserOrGroupName\":\"%s_partner.example#EXT#@contoso.onmicrosoft.example\",", c->user);
	put_text(t, "TargetUserOrGroupType", "Guest");
	put_text(t, "UniqueSharingId", c->guid[5]);
	access_context(t, c, r);
}

/* --- Teams, DLP --- */

static void
teams(struct text *t, const struct plan *p, const struct cast *c, struct rng *r)
{
	uint32_t	 i, n = 1 + rng_below(r, 6);

	put_text(t, "ClientIP", c->ip);
	put_text(t, "ObjectId", c->app);
	put_text(t, "CommunicationType", "Team");
	LIT(t, "\"Members\":[");
	for (i = 0; i < n; i++)
		text_addf(t, "{\"DisplayName\":\"%s %u\",\"Role\":%u,\"UPN\":\"%s%u@contoso.example\",\"OrganizationId\":\"%s\","
		    "\"ObjectId\":\"%s\"},", a_word(r), i, rng_below(r, 3), c->user, i, c->tenant->id, c->guid[i % 6]);
	shut(t, "],");
	text_addf(t, "\"TeamGuid\":\"19:%08x%08x@thread.skype\",\"TeamName\":\"%s\",", rng_below(r, 1u << 31),
	    rng_below(r, 1u << 31), a_word(r));
	text_addf(t, "\"ChannelGuid\":\"19:%08x@thread.tacv2\",\"ChannelName\":\"%s\",\"ChannelType\":\"Standard\",",
	    rng_below(r, 1u << 31), a_word(r));
	text_addf(t, "\"MessageId\":\"%lld\",\"MessageVersion\":\"%lld\",\"MessageSizeInBytes\":%u,", (long long)p->time,
	    (long long)p->time + 17, rng_below(r, 4000));
	LIT(t, "\"ExtraProperties\":[{\"Key\":\"TimeZone\",\"Value\":\"Europe/Berlin\"},{\"Key\":\"OsName\",\"Value\":\"windows\"},"
	    "{\"Key\":\"Country\",\"Value\":\"de\"},{\"Key\":\"ClientName\",\"Value\":\"skypeteams\"}],");
	LIT(t, "\"MessageURLs\":[\"https://example.com/a\",\"https://example.org/b?c=d&e=f\"],");
	put_text(t, "AADGroupId", c->guid[0]);
	put_text(t, "ItemName", a_word(r));
	access_context(t, c, r);
}

static void
dlp_mail(struct text *t, const struct plan *p, const struct cast *c, struct rng *r)
{
	uint32_t	 i, n = 1 + rng_below(r, 3);

	text_addf(t, "\"ObjectId\":\"%s\",\"IncidentId\":\"%s\",\"SensitiveInfoDetectionIsIncluded\":true,", c->guid[0],
	    c->guid[1]);
	LIT(t, "\"ExchangeMetaData\":{");
	message_id(t, "MessageID", r);
	put_text(t, "From", c->upn);
	text_addf(t, "\"To\":[\"%s@partner.example\",\"sales@partner.example\"],\"CC\":[],\"BCC\":[],\"Subject\":\"%s %s\",",
	    c->user, a_word(r), a_word(r));
	LIT(t, "\"Sent\":\"");
	when_zoneless(t, p->time);
	LIT(t, "\",\"RecipientCount\":2,\"FileSize\":31337,\"UniqueID\":\"mail\"},\"PolicyDetails\":[");
	for (i = 0; i < n; i++) {
		text_addf(t, "{\"PolicyId\":\"%s\",\"PolicyName\":\"%s data\",\"Rules\":[{\"RuleId\":\"%s\",\"RuleName\":\"%s rule\","
		    "\"Severity\":\"%s\",\"RuleMode\":\"Enable\",\"Actions\":[\"BlockAccess\",\"NotifyUser\"],"
		    "\"ConditionsMatched\":{\"ConditionMatchedInNewScheme\":true,\"SensitiveInformation\":[", c->guid[2],
		    a_word(r), c->guid[3], a_word(r), i ? "Low" : "High");
		text_addf(t, "{\"Confidence\":%u,\"Count\":%u,\"Location\":\"Message Body\",\"SensitiveType\":\"%s\","
		    "\"SensitiveInformationTypeName\":\"Credit Card Number\",\"UniqueCount\":%u,"
		    "\"SensitiveInformationDetections\":{\"DetectedValues\":[{\"Name\":\"0000 0000 0000 %04u\","
		    "\"Value\":\"card 0000 0000 0000 %04u of the fair\"}],\"ResultsTruncated\":false},"
		    "\"SensitiveInformationDetailedClassificationAttributes\":[{\"Confidence\":65,\"Count\":%u,\"IsMatch\":false},"
		    "{\"Confidence\":85,\"Count\":%u,\"IsMatch\":true}]}", 60 + rng_below(r, 40), 1 + rng_below(r, 9), c->guid[4],
		    1 + rng_below(r, 5), rng_below(r, 10000), rng_below(r, 10000), rng_below(r, 9), rng_below(r, 9));
		LIT(t, "],\"DocumentProperties\":[],\"OtherConditions\":[{\"Name\":\"AccessScope\",\"Value\":"
		    "\"Microsoft.Exchange.MessagingPolicies.Rules.AccessScope\"}]}}]},");
	}
	shut(t, "],");
	LIT(t, "\"ExceptionInfo\":{\"Reason\":\"\",\"FalsePositive\":false,\"Rules\":[]},");
}

static void (*const writers[NFAMILIES])(struct text *, const struct plan *, const struct cast *, struct rng *) = {
	[EXADMIN] = exchange_admin, [EXITEM] = exchange_item, [MAILACCESS] = mail_access, [ENTRADIR] = entra_directory,
	[STSLOGON] = sts_logon, [SPFILE] = sharepoint_file, [SPSHARE] = sharepoint_sharing, [TEAMS] = teams,
	[DLPMAIL] = dlp_mail,
};

void
family_write(struct text *t, const struct plan *p, const struct cast *c, struct rng *r)
{
	writers[p->family](t, p, c, r);
}
