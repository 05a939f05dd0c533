/*
 * tables - which member makes which field: the rows of the audit schema, in the order they run.
 *
 * Source of every row: spec/ecs-audit.md (Elastic's o365 integration, read field by field) with our repairs, its section 7.
 */
#include <stdlib.h>
#include <string.h>

#include "norm/ecs.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */

/* How top-level members are passed on below o365.audit; what is not here goes as it is. */
static const struct member members[] = {
	{ "Id", M_VALUE }, { "CreationTime", M_VALUE }, { "Operation", M_VALUE }, { "Workload", M_VALUE }, { "ResultStatus", M_VALUE },
	{ "OrganizationId", M_VALUE }, { "OrganizationName", M_VALUE }, { "UserId", M_VALUE }, { "UserKey", M_VALUE },
	{ "ClientIP", M_VALUE }, { "ClientIPAddress", M_VALUE }, { "ActorIpAddress", M_VALUE }, { "SenderIp", M_VALUE }, { "SenderIP", M_VALUE },
	{ "UserAgent", M_VALUE }, { "Severity", M_VALUE }, { "FileExtension", M_VALUE }, { "Sha1", M_VALUE }, { "Sha256", M_VALUE },
	{ "FilePath", M_VALUE }, { "TargetFilePath", M_VALUE }, { "FileSizeBytes", M_VALUE }, { "Application", M_VALUE },
	{ "ApplicationDisplayName", M_VALUE }, { "OriginatingDomain", M_VALUE }, { "OriginatingServer", M_VALUE }, { "DeviceName", M_VALUE },
	{ "InternetMessageId", M_VALUE }, { "NetworkMessageId", M_VALUE }, { "P1Sender", M_VALUE }, { "Recipients", M_VALUE },
	{ "Subject", M_VALUE }, { "ObjectId", M_VALUE }, { "SourceRelativeUrl", M_VALUE }, { "SourceFileName", M_VALUE },
	{ "SourceFileExtension", M_VALUE }, { "MailboxOwnerUPN", M_VALUE }, { "LogonUserSid", M_VALUE }, { "LogonUserDisplayName", M_VALUE },
	{ "ClientProcessName", M_VALUE }, { "LogonError", M_VALUE }, { "LoginStatus", M_VALUE }, { "Messages", M_AGGREGATED }, { "Folders", M_AGGREGATED },
	{ "ErrorCode", M_VALUE },
	/* numbers that the index has as keyword */
	{ "RecordType", M_TEXT }, { "UserType", M_TEXT }, { "AzureActiveDirectoryEventType", M_TEXT }, { "ErrorNumber", M_TEXT },
	{ "ListBaseType", M_TEXT }, { "ActorYammerUserId", M_TEXT }, { "TargetYammerUserId", M_TEXT }, { "YammerNetworkId", M_TEXT },
	{ "Version", M_TEXT }, { "InternalLogonType", M_TEXT }, { "LogonType", M_TEXT }, { "RunningTime", M_TEXT }, { "FileSize", M_TEXT },
	/* times */
	{ "EndTimeUtc", M_TIME }, { "LastUpdateTimeUtc", M_TIME }, { "StartTimeUtc", M_TIME }, { "StartTime", M_TIME },
	{ "FilteringDate", M_TIME },
	/* always an object, or always a list of objects: an index fixes a path's kind with its first document */
	{ "AppAccessContext", M_OBJECT }, { "Item", M_OBJECT }, { "SharePointMetaData", M_OBJECT }, { "ExchangeMetaData", M_OBJECT },
	{ "EndpointMetaData", M_OBJECT }, { "CopilotEventData", M_OBJECT }, { "RescanResult", M_OBJECT },
	{ "DeviceProperties", M_OBJECTS }, { "Members", M_OBJECTS }, { "AffectedItems", M_OBJECTS }, { "PolicyDetails", M_OBJECTS },
	{ "AttachmentData", M_OBJECTS },
	{ "Actor", M_TYPED }, { "Target", M_TYPED },
	{ "Parameters", M_NAMED }, { "ExtendedProperties", M_NAMED }, { "ModifiedProperties", M_CHANGES },
	{ "AdditionalInfo", M_JSON_OBJECT }, { "OperationProperties", M_JSON_OBJECTS }, { "Actions", M_JSON_OBJECTS },
	{ "AlertLinks", M_LINKS }, { "Sender", M_SENDER }, { "Message", M_MESSAGE }, { "Platform", M_PLATFORM },
};

static const struct row constants[] = {
	{ F_EVENT_CATEGORY,	NULL,			copy_fixed,	"web", 0 },
	{ F_EVENT_TYPE,		NULL,			copy_fixed,	"info", 0 },
	{ F_EVENT_OUTCOME,	NULL,			copy_fixed,	"success", 0 },
	{ F_TAGS,		NULL,			copy_fixed,	"forwarded", R_ADD },
	{ F_TAGS,		NULL,			copy_fixed,	"o365-cel", R_ADD },
};

static const struct row identity[] = {
	{ F_EVENT_ID,		"Id",			copy_text,	NULL, R_MOVE },
	{ F_EVENT_ACTION,	"Operation",		copy_text,	NULL, R_MOVE },
	{ F_EVENT_PROVIDER,	"Workload",		copy_text,	NULL, R_MOVE },
	{ F_EVENT_PROVIDER,	"UserType",		copy_text,	NULL, R_IF_UNSET },
	{ F_ORG_ID,		"OrganizationId",	copy_lower,	NULL, R_MOVE },
	{ F_EVENT_OUTCOME,	"ResultStatus",		copy_outcome,	NULL, 0 },
	{ F_USER_ID,		"UserId",		copy_user,	NULL, R_EMPTY },
	{ F_UA_ORIGINAL,	"UserAgent",		copy_text,	NULL, R_MOVE },
	{ F_UA_ORIGINAL,	"ExtendedProperties.UserAgent", copy_text, NULL, 0 },
	{ F_EVENT_SEVERITY,	"Severity",		copy_severity,	NULL, 0 },
	{ F_FILE_EXTENSION,	"FileExtension",	copy_text,	NULL, 0 },
	{ F_FILE_SHA1,		"Sha1",			copy_text,	NULL, 0 },
	{ F_FILE_SHA256,	"Sha256",		copy_text,	NULL, 0 },
	{ F_FILE_PATH,		"FilePath",		copy_text,	NULL, 0 },
	{ F_FILE_PATH,		"TargetFilePath",	copy_text,	NULL, R_IF_UNSET },
	{ F_FILE_SIZE,		"FileSizeBytes",	copy_number,	NULL, 0 },
	{ F_FILE_SIZE,		"FileSize",		copy_number,	NULL, R_IF_UNSET },
	{ F_PROCESS_NAME,	"Application",		copy_text,	NULL, 0 },
	{ F_APP_NAME,		"ApplicationDisplayName", copy_text,	NULL, 0 },
	{ F_URL_DOMAIN,		"OriginatingDomain",	copy_text,	NULL, 0 },
	{ F_DEVICE_ID,		"AppAccessContext.DeviceId", copy_text,	NULL, 0 },
	{ F_SESSION_ID,		"AppAccessContext.AADSessionId", copy_text, NULL, 0 },
	{ F_TOKEN_ID,		"AppAccessContext.UniqueTokenId", copy_text, NULL, 0 },
};

static const struct row exchange_admin[] = {
	{ F_ORG_NAME,		"OrganizationName",	copy_text,	NULL, R_MOVE },
	{ F_SERVER_ADDRESS,	"OriginatingServer",	copy_server,	NULL, R_MOVE },
};

static const struct row exchange_item[] = {
	{ F_EVENT_CATEGORY,	NULL,			copy_fixed,	"email", R_ADD },
	{ F_USER_EMAIL,		"MailboxOwnerUPN",	copy_text,	NULL, R_MOVE },
	{ F_USER_ID,		"LogonUserSid",		copy_text,	NULL, R_IF_UNSET },
	{ F_USER_FULL_NAME,	"LogonUserDisplayName",	copy_text,	NULL, R_MOVE },
	{ F_ORG_NAME,		"OrganizationName",	copy_text,	NULL, R_MOVE },
	{ F_SERVER_ADDRESS,	"OriginatingServer",	copy_server,	NULL, R_MOVE },
	{ F_PROCESS_NAME,	"ClientProcessName",	copy_text,	NULL, R_MOVE },
};

static const struct row exchange_aggregated[] = {
	{ F_EVENT_TYPE,		NULL,			copy_fixed,	"access", R_ADD },
	{ F_EVENT_CATEGORY,	NULL,			copy_fixed,	"email", R_ADD },
};

static const struct row entra[] = {
	{ F_TARGET_ID,		"ObjectId",		copy_text,	NULL, 0 },
};

static const struct row sts_logon[] = {
	{ F_EVENT_CATEGORY,	NULL,			copy_fixed,	"authentication", R_ADD },
	{ F_EVENT_TYPE,		NULL,			copy_fixed,	"start", R_ADD },
	{ F_EVENT_TYPE,		NULL,			copy_fixed,	"access", R_ADD },
};

static const struct row sharepoint_file[] = {
	{ F_URL_ORIGINAL,	"ObjectId",		copy_text,	NULL, R_MOVE },
	{ F_FILE_DIRECTORY,	"SourceRelativeUrl",	copy_text,	NULL, R_MOVE },
	{ F_FILE_NAME,		"SourceFileName",	copy_text,	NULL, R_MOVE },
	{ F_FILE_EXTENSION,	"SourceFileExtension",	copy_text,	NULL, R_MOVE },
};

/* One line a record type with rows of its own. */
static const struct {
	int			 record_type;
	const struct row	*rows;
	size_t			 n;
} by_type[] = {
	{ 1,	exchange_admin,		COUNT(exchange_admin) },
	{ 2,	exchange_item,		COUNT(exchange_item) },
	{ 50,	exchange_aggregated,	COUNT(exchange_aggregated) },
	{ 8,	entra,			COUNT(entra) },
	{ 15,	sts_logon,		COUNT(sts_logon) },
	{ 6,	sharepoint_file,	COUNT(sharepoint_file) },
	{ 14,	sharepoint_file,	COUNT(sharepoint_file) },
};

/* What an action says, whatever the family; record_type 0: any. Types are separated by blanks. */
static const struct {
	int		 record_type;
	const char	*action, *becomes, *category, *types;
} actions[] = {
	{ 8, "Add user.",		"added-user-account",		"iam",		"user creation" },
	{ 8, "Update user.",		"modified-user-account",	"iam",		"user change" },
	{ 8, "Delete user.",		"deleted-user-account",		"iam",		"user deletion" },
	{ 0, "FileAccessed",		NULL,	"file",		"access" },
	{ 0, "FileDownloaded",		NULL,	"file",		"access" },
	{ 0, "FileModified",		NULL,	"file",		"change" },
	{ 0, "FileMoved",		NULL,	"file",		"change" },
	{ 0, "FileRenamed",		NULL,	"file",		"change" },
	{ 0, "FileRestored",		NULL,	"file",		"change" },
	{ 0, "FolderModified",		NULL,	"file",		"change" },
	{ 0, "FolderMoved",		NULL,	"file",		"change" },
	{ 0, "FolderRenamed",		NULL,	"file",		"change" },
	{ 0, "FolderRestored",		NULL,	"file",		"change" },
	{ 0, "FileDeleted",		NULL,	"file",		"deletion" },
	{ 0, "FolderDeleted",		NULL,	"file",		"deletion" },
	{ 0, "FileUploaded",		NULL,	"file",		"creation" },
	{ 0, "FolderCopied",		NULL,	"file",		"creation" },
	{ 0, "FolderCreated",		NULL,	"file",		"creation" },
	{ 0, "ComplianceSettingChanged", NULL,	"configuration", "change" },
};

static const struct row late[] = {
	{ F_HOST_ID,		"OrganizationId",	copy_lower,	NULL, 0 },
	{ F_HOST_NAME,		"DeviceName",		copy_text,	NULL, R_IF_UNSET },
	{ F_HOST_OS_PLATFORM,	"Platform",		copy_platform,	NULL, 0 },
	{ F_HOST_OS_TYPE,	"Platform",		copy_os_type,	NULL, 0 },
	{ F_MAIL_TO,		"Parameters.ForwardTo",	copy_split,	NULL, 0 },
	{ F_MAIL_TO,		"Parameters.ForwardAsAttachmentTo", copy_split, NULL, 0 },
	{ F_MAIL_TO,		"Parameters.RedirectTo", copy_split,	NULL, 0 },
	{ F_MAIL_FROM,		"Parameters.From",	copy_text,	NULL, R_ADD },
	{ F_MAIL_MESSAGE_ID,	"InternetMessageId",	copy_list,	NULL, R_ADD },
	{ F_MAIL_MESSAGE_ID,	"Item.InternetMessageId", copy_list,	NULL, R_ADD },
	{ F_MAIL_LOCAL_ID,	"NetworkMessageId",	copy_list,	NULL, R_ADD },
	{ F_MAIL_SENDER,	"P1Sender",		copy_list,	NULL, R_ADD },
	{ F_MAIL_TO,		"Recipients",		copy_list,	NULL, R_ADD },
	{ F_MAIL_SUBJECT,	"Subject",		copy_list,	NULL, R_ADD },
	{ F_MAIL_SUBJECT,	"Item.Subject",		copy_list,	NULL, R_ADD },
	{ F_MAIL_ATTACHMENTS,	"Item.Attachments",	copy_attachments, NULL, 0 },
	{ F_RELATED_IP,		"SenderIp",		copy_ips,	NULL, R_ADD },
	{ F_RELATED_IP,		"SenderIP",		copy_ips,	NULL, R_ADD },
	{ F_RELATED_USER,	"Parameters.User",	copy_person,	NULL, R_ADD },
};

static const struct { enum field to, from; } related[] = {
	{ F_RELATED_USER, F_USER_NAME }, { F_RELATED_USER, F_USER_ID }, { F_RELATED_USER, F_USER_EMAIL },
	{ F_RELATED_USER, F_TARGET_NAME }, { F_RELATED_USER, F_TARGET_ID }, { F_RELATED_USER, F_TARGET_EMAIL },
	{ F_RELATED_HOSTS, F_HOST_NAME }, { F_RELATED_HOSTS, F_USER_DOMAIN }, { F_RELATED_HOSTS, F_TARGET_DOMAIN },
	{ F_RELATED_HOSTS, F_URL_DOMAIN }, { F_RELATED_HOSTS, F_SERVER_DOMAIN }, { F_RELATED_HOSTS, F_CLIENT_DOMAIN },
	{ F_RELATED_HASH, F_FILE_SHA1 }, { F_RELATED_HASH, F_FILE_SHA256 },
};
/* clang-format on */

/* The number as the record spells it; 0 if it is none. */
static int
record_type(struct norm *n)
{
	uint32_t	 node = ecs_find(n, "RecordType");
	struct buf	 digits = { 0 };
	int		 type = 0;

	if (node == JSON_NONE || json_is_empty(&n->json, node))
		return 0;
	buf_reset(&n->text);
	json_text(&n->json, node, &n->text);
	if (number_text(buf_str(&n->text), n->text.len, &digits) == 0 && digits.len > 0 && digits.len < 9 &&
	    strspn(digits.bytes, "0123456789") == digits.len)
		type = atoi(digits.bytes);
	buf_clear(&digits);
	return type;
}

static void
add_words(struct norm *n, enum field f, const char *words)
{
	size_t	 len;

	for (; *words != '\0'; words += len + (words[len] == ' ')) {
		len = strcspn(words, " ");
		slot_add(n, f, words, len);
	}
}

static void
run_action(struct norm *n, int type)
{
	const struct value	*v = slot_get(n, F_EVENT_ACTION);

	for (size_t i = 0; v != NULL && i < COUNT(actions); i++) {
		if ((actions[i].record_type != 0 && actions[i].record_type != type) || strlen(actions[i].action) != v->len ||
		    memcmp(actions[i].action, v->p, v->len) != 0)
			continue;
		n->why = "what this Operation is";
		slot_add(n, F_EVENT_CATEGORY, actions[i].category, strlen(actions[i].category));
		add_words(n, F_EVENT_TYPE, actions[i].types);
		if (actions[i].becomes != NULL)
			slot_sets(n, F_EVENT_ACTION, actions[i].becomes);
		return;
	}
}

/* ResultStatus tells only that the request was handled; these tell how the sign-in ended. */
static void
logon_outcome(struct norm *n)
{
	static const char *const codes[] = { "ErrorNumber", "LoginStatus" };
	const struct value	*action = slot_get(n, F_EVENT_ACTION);
	uint32_t		 node;
	int			 failed = action != NULL && action->len == 15 && memcmp(action->p, "UserLoginFailed", 15) == 0;

	if ((node = ecs_find(n, "LogonError")) != JSON_NONE && !json_is_empty(&n->json, node))
		failed = 1;
	for (size_t i = 0; i < COUNT(codes); i++) {
		if ((node = ecs_find(n, codes[i])) == JSON_NONE || json_is_empty(&n->json, node))
			continue;
		buf_reset(&n->text);
		json_text(&n->json, node, &n->text);
		if (strspn(buf_str(&n->text), "0") != n->text.len)
			failed = 1;
	}
	n->why = "how the sign-in ended";
	if (failed)
		slot_sets(n, F_EVENT_OUTCOME, "failure");
}

/* ClientIPAddress, else ClientIP, else ActorIpAddress; a word that says "none" is none. */
static void
client_address(struct norm *n)
{
	static const struct row	 rows[] = {
		{ F_CLIENT_ADDRESS, "ClientIPAddress", copy_address, NULL, 0 },
		{ F_CLIENT_ADDRESS, "ClientIP", copy_address, NULL, 0 },
		{ F_CLIENT_ADDRESS, "ActorIpAddress", copy_address, NULL, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t	 node = ecs_find(n, rows[i].from);

		if (node == JSON_NONE || n->json.nodes[node].kind != JSON_STRING || json_is_empty(&n->json, node))
			continue;
		buf_reset(&n->text);
		json_text(&n->json, node, &n->text);
		if (strcasecmp(buf_str(&n->text), "null") == 0 || strcasecmp(buf_str(&n->text), "<null>") == 0 ||
		    strspn(buf_str(&n->text), " \t") == n->text.len)
			continue;
		ecs_rows(n, "the client's address", &rows[i], 1);
		return;
	}
}

/* An id with exactly one "@" is an address: its parts are the name and the domain. */
static void
split_user(struct norm *n, enum field id, enum field email, enum field name, enum field domain)
{
	const struct value	*v = slot_get(n, id);
	const char		*at;

	if (v == NULL || (at = memchr(v->p, '@', v->len)) == NULL || memchr(at + 1, '@', (size_t)(v->p + v->len - at) - 1) != NULL)
		return;
	n->why = "parts of the id";
	slot_set(n, email, v->p, v->len);
	slot_set(n, name, v->p, (size_t)(at - v->p));
	slot_set(n, domain, at + 1, (size_t)(v->p + v->len - at) - 1);
}

/* What Entra packs as JSON text into ExtendedProperties.additionalDetails. */
static void
from_details(struct norm *n)
{
	static const struct { enum field to; const char *from; } rows[] = {
		{ F_UA_ORIGINAL, "User-Agent" }, { F_DEVICE_ID, "DeviceId" },
	};
	uint32_t		 node = ecs_find(n, "ExtendedProperties.additionalDetails"), k;
	const struct json	*j = &n->json;

	if (node == JSON_NONE)
		return;
	if (j->nodes[node].kind == JSON_STRING && json_inside(n, node, 0)) {
		j = &n->inner;
		node = 0;
	} else if (j->nodes[node].kind != JSON_OBJECT) {
		return;
	}
	n->why = "ExtendedProperties.additionalDetails";
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (slot_get(n, rows[i].to) != NULL || (k = json_get(j, node, rows[i].from)) == JSON_NONE ||
		    j->nodes[k].kind != JSON_STRING)
			continue;
		buf_reset(&n->text);
		json_text(j, k, &n->text);
		slot_set(n, rows[i].to, buf_str(&n->text), n->text.len);
	}
}

/* Parameters as one text, "-Identity \"X\"": X is the message's id, if the record has no other. */
static void
from_command_line(struct norm *n)
{
	uint32_t	 node = ecs_find(n, "Parameters"), id = ecs_find(n, "NetworkMessageId");
	const char	*p, *end;

	if (node == JSON_NONE || n->json.nodes[node].kind != JSON_STRING || (id != JSON_NONE && !json_is_empty(&n->json, id)))
		return;
	buf_reset(&n->text);
	json_text(&n->json, node, &n->text);
	p = buf_str(&n->text);
	p += *p == '-';
	if (strncmp(p, "Identity ", 9) != 0)
		return;
	p += 9 + strspn(p + 9, " \"");
	end = p + strcspn(p, " \"");
	n->why = "-Identity of Parameters";
	slot_add(n, F_MAIL_LOCAL_ID, p, (size_t)(end - p));
}

static void
host_name(struct norm *n)
{
	static const enum field	 from[] = { F_ORG_NAME, F_USER_DOMAIN };
	const struct value	*v;

	n->why = "organization.name or user.domain";
	for (size_t i = 0; i < COUNT(from) && slot_get(n, F_HOST_NAME) == NULL; i++)
		if ((v = slot_get(n, from[i])) != NULL)
			slot_set(n, F_HOST_NAME, v->p, v->len);
}

static void
run_related(struct norm *n)
{
	n->why = "fields of the event";
	for (size_t i = 0; i < COUNT(related); i++)
		for (const struct value *v = slot_get(n, related[i].from); v != NULL; v = v->next)
			if (related[i].to != F_RELATED_USER || !is_placeholder(v->p, v->len))
				slot_add(n, related[i].to, v->p, v->len);
}

static void
map(struct norm *n)
{
	int		 type = record_type(n);
	const char	*code = record_type_name(type);

	n->aggregated = type == 50;
	if (code != NULL) {
		n->why = "RecordType's name";
		slot_sets(n, F_EVENT_CODE, code);
	}
	ecs_rows(n, "every record", identity, COUNT(identity));
	n->why = "the tenant's organization";
	if (n->source->organization_name != NULL)
		slot_sets(n, F_ORG_NAME, n->source->organization_name);
	for (size_t i = 0; i < COUNT(by_type); i++)
		if (by_type[i].record_type == type)
			ecs_rows(n, code, by_type[i].rows, by_type[i].n);
	run_action(n, type);
	logon_outcome(n);
	from_details(n);
	from_command_line(n);
	client_address(n);
	split_user(n, F_USER_ID, F_USER_EMAIL, F_USER_NAME, F_USER_DOMAIN);
	split_user(n, F_TARGET_ID, F_TARGET_EMAIL, F_TARGET_NAME, F_TARGET_DOMAIN);
	ecs_rows(n, "every record", late, COUNT(late));
	host_name(n);
	run_related(n);
}

const struct family audit_family = {
	.feeds = "audit.", .dataset = "o365.audit", .module = "o365", .time = "CreationTime",
	.constants = constants, .n_constants = COUNT(constants), .members = members, .n_members = COUNT(members),
	.rest = F_AUDIT, .map = map, .write = rest_write,
};
