/*
 * audit_tables - which member makes which field: the rows of the audit schema, in the order they run.
 *
 * Source of every row: spec/ecs-audit.md (Elastic's o365 integration, read field by field) with our repairs, its section 7.
 */
#include "norm/audit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */

/* How top-level members are passed on below o365.audit; what is not here goes as it is. */
static const struct member audit_members[] = {
	{ "Id", M_VALUE }, { "CreationTime", M_VALUE }, { "Operation", M_VALUE }, { "Workload", M_VALUE }, { "ResultStatus", M_VALUE },
	{ "OrganizationId", M_VALUE }, { "OrganizationName", M_VALUE }, { "UserId", M_VALUE }, { "UserKey", M_VALUE },
	{ "ClientIP", M_VALUE }, { "ClientIPAddress", M_VALUE }, { "ActorIpAddress", M_VALUE }, { "SenderIp", M_VALUE }, { "SenderIP", M_VALUE },
	{ "UserAgent", M_VALUE }, { "Severity", M_VALUE }, { "FileExtension", M_VALUE }, { "Sha1", M_VALUE }, { "Sha256", M_VALUE },
	{ "FilePath", M_VALUE }, { "TargetFilePath", M_VALUE }, { "FileSizeBytes", M_LONG }, { "Application", M_VALUE },
	{ "ApplicationDisplayName", M_VALUE }, { "OriginatingDomain", M_VALUE }, { "OriginatingServer", M_VALUE }, { "DeviceName", M_VALUE },
	{ "InternetMessageId", M_VALUE }, { "NetworkMessageId", M_VALUE }, { "P1Sender", M_VALUE }, { "Recipients", M_VALUE },
	{ "Subject", M_VALUE }, { "ObjectId", M_VALUE }, { "SourceRelativeUrl", M_VALUE }, { "SourceFileName", M_VALUE },
	{ "SourceFileExtension", M_VALUE }, { "MailboxOwnerUPN", M_VALUE }, { "LogonUserSid", M_VALUE }, { "LogonUserDisplayName", M_VALUE },
	{ "ClientProcessName", M_VALUE }, { "LogonError", M_VALUE }, { "LoginStatus", M_VALUE }, { "Messages", M_AGGREGATED }, { "Folders", M_AGGREGATED },
	{ "ErrorCode", M_VALUE }, { "Name", M_VALUE }, { "PolicyId", M_VALUE }, { "PolicyName", M_VALUE }, { "Category", M_VALUE },
	{ "EntityType", M_VALUE }, { "AlertEntityId", M_VALUE }, { "ActorUserId", M_VALUE }, { "FileId", M_VALUE }, { "FileName", M_VALUE },
	{ "GroupName", M_VALUE }, { "TargetUserId", M_VALUE }, { "TeamName", M_VALUE },
	/* numbers that the index has as keyword */
	{ "RecordType", M_TEXT }, { "UserType", M_TEXT }, { "AzureActiveDirectoryEventType", M_TEXT }, { "ErrorNumber", M_TEXT },
	{ "ListBaseType", M_TEXT }, { "ActorYammerUserId", M_TEXT }, { "TargetYammerUserId", M_TEXT }, { "YammerNetworkId", M_TEXT },
	{ "Version", M_TEXT }, { "InternalLogonType", M_TEXT }, { "LogonType", M_TEXT }, { "RunningTime", M_TEXT }, { "FileSize", M_TEXT },
	/* what the index has as long, boolean */
	{ "OperationCount", M_LONG }, { "CustomUniqueId", M_BOOLEAN }, { "ExternalAccess", M_BOOLEAN },
	{ "SensitiveInfoDetectionIsIncluded", M_BOOLEAN },
	/* times */
	{ "EndTimeUtc", M_TIME }, { "LastUpdateTimeUtc", M_TIME }, { "StartTimeUtc", M_TIME }, { "StartTime", M_TIME },
	{ "FilteringDate", M_TIME },
	/* always an object, or always a list of objects: an index fixes a path's kind with its first document */
	{ "AppAccessContext", M_OBJECT }, { "Item", M_OBJECT }, { "SharePointMetaData", M_OBJECT }, { "ExchangeMetaData", M_SENT },
	{ "EndpointMetaData", M_OBJECT }, { "CopilotEventData", M_OBJECT }, { "RescanResult", M_RESCANNED }, { "ExceptionInfo", M_EXCEPTION }, { "Data", M_DATA },
	{ "DeviceProperties", M_OBJECTS }, { "Members", M_OBJECTS | M_FLAT }, { "AffectedItems", M_OBJECTS }, { "PolicyDetails", M_OBJECTS | M_FLAT },
	{ "AttachmentData", M_OBJECTS },
	{ "Actor", M_TYPED }, { "Target", M_TYPED },
	{ "Parameters", M_NAMED }, { "ExtendedProperties", M_NAMED }, { "ModifiedProperties", M_CHANGES },
	{ "AdditionalInfo", M_JSON_OBJECT }, { "OperationProperties", M_JSON_OBJECTS }, { "Actions", M_JSON_OBJECTS | M_FLAT },
	{ "AlertLinks", M_LINKS }, { "Sender", M_SENDER }, { "Message", M_MESSAGE }, { "Platform", M_PLATFORM },
};

static const struct row audit_constants[] = {
	{ F_EVENT_CATEGORY,	NULL,			copy_fixed,	"web", 0 },
	{ F_EVENT_TYPE,		NULL,			copy_fixed,	"info", 0 },
	{ F_EVENT_OUTCOME,	NULL,			copy_fixed,	"success", 0 },
	{ F_TAGS,		NULL,			copy_fixed,	"forwarded", R_ADD },
	{ F_TAGS,		NULL,			copy_fixed,	"o365-cel", R_ADD },
};

const struct row audit_identity[] = {
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

const size_t n_audit_identity = COUNT(audit_identity);

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

static const struct row alerts[] = {
	{ F_MESSAGE,		"Name",			copy_text,	NULL, 0 },
	{ F_RULE_NAME,		"Name",			copy_text,	NULL, R_MOVE },
	{ F_RULE_ID,		"PolicyId",		copy_text,	NULL, R_MOVE },
	{ F_RULE_CATEGORY,	"Category",		copy_text,	NULL, R_MOVE },
	{ F_RULE_RULESET,	"EntityType",		copy_text,	NULL, R_MOVE },
	{ F_RULE_DESCRIPTION,	"AlertEntityId",	copy_text,	NULL, R_MOVE },
	{ F_RULE_REFERENCE,	"AlertLinks",		copy_links,	NULL, 0 },
	{ F_EVENT_KIND,		NULL,			copy_fixed,	"alert", 0 },
};

static const struct row dlp[] = {
	{ F_EVENT_KIND,		NULL,			copy_fixed,	"alert", 0 },
	{ F_EVENT_CATEGORY,	NULL,			copy_fixed,	"file", R_ADD },
	{ F_EVENT_TYPE,		NULL,			copy_fixed,	"access", R_ADD },
	{ F_RELATED_USER,	"SharePointMetaData.From", copy_person,	NULL, R_ADD },
	{ F_USER_ID,		"SharePointMetaData.From", copy_person,	NULL, R_MOVE | R_IF_UNSET },
	{ F_FILE_NAME,		"SharePointMetaData.FileName", copy_text, NULL, R_MOVE },
	{ F_URL_ORIGINAL,	"SharePointMetaData.FilePathUrl", copy_text, NULL, R_MOVE },
	{ F_FILE_INODE,		"SharePointMetaData.UniqueId", copy_text, NULL, R_MOVE },
	{ F_FILE_INODE,		"SharePointMetaData.UniqueID", copy_text, NULL, R_MOVE | R_IF_UNSET },
	{ F_FILE_OWNER,		"SharePointMetaData.FileOwner", copy_text, NULL, R_MOVE },
	{ F_FILE_MTIME,		"SharePointMetaData.LastModifiedTime", copy_time, NULL, 0 },
	{ F_SOURCE_USER_EMAIL,	"ExchangeMetaData.From", copy_text,	NULL, R_MOVE },
	{ F_DEST_USER_EMAIL,	"ExchangeMetaData.To",	copy_list,	NULL, R_ADD },
	{ F_DEST_USER_EMAIL,	"ExchangeMetaData.CC",	copy_list,	NULL, R_ADD },
	{ F_DEST_USER_EMAIL,	"ExchangeMetaData.BCC",	copy_list,	NULL, R_ADD },
	{ F_RULE_ID,		"PolicyId",		copy_text,	NULL, R_ADD | R_MOVE },
	{ F_RULE_NAME,		"PolicyName",		copy_text,	NULL, R_ADD | R_MOVE },
};

static const struct row yammer[] = {
	{ F_USER_EMAIL,		"ActorUserId",		copy_text,	NULL, R_MOVE },
	{ F_USER_ID,		"ActorYammerUserId",	copy_text,	NULL, R_IF_UNSET },
	{ F_FILE_INODE,		"FileId",		copy_text,	NULL, R_MOVE },
	{ F_FILE_NAME,		"FileName",		copy_text,	NULL, R_MOVE },
	{ F_GROUP_NAME,		"GroupName",		copy_text,	NULL, R_MOVE },
	{ F_DEST_USER_EMAIL,	"TargetUserId",		copy_text,	NULL, R_MOVE },
	{ F_DEST_USER_ID,	"TargetYammerUserId",	copy_text,	NULL, R_MOVE },
};

static const struct row teams[] = {
	{ F_GROUP_NAME,		"TeamName",		copy_text,	NULL, R_MOVE },
	{ F_RELATED_USER,	"Members",		copy_each,	"UPN", R_ADD },
};

/* One line a record type with rows of its own. */
const struct audit_type audit_types[] = {
	{ 1,	exchange_admin,		COUNT(exchange_admin) },
	{ 2,	exchange_item,		COUNT(exchange_item) },
	{ 50,	exchange_aggregated,	COUNT(exchange_aggregated) },
	{ 8,	entra,			COUNT(entra) },
	{ 15,	sts_logon,		COUNT(sts_logon) },
	{ 6,	sharepoint_file,	COUNT(sharepoint_file) },
	{ 14,	sharepoint_file,	COUNT(sharepoint_file) },
	{ 11,	dlp,			COUNT(dlp) },
	{ 13,	dlp,			COUNT(dlp) },
	{ 22,	yammer,			COUNT(yammer) },
	{ 25,	teams,			COUNT(teams) },
	{ 40,	alerts,			COUNT(alerts) },
};
const size_t n_audit_types = COUNT(audit_types);

static const struct row deleted_user = { F_TARGET_ID, "ObjectId", copy_text, NULL, R_MOVE };

const struct audit_action audit_actions[] = {
	{ 8, "Add user.",		"added-user-account",		"iam",	"user creation",	NULL },
	{ 8, "Update user.",		"modified-user-account",	"iam",	"user change",		NULL },
	{ 8, "Delete user.",		"deleted-user-account",		"iam",	"user deletion",	NULL },
	{ 25, "TeamCreated",		"added-group-account-to",	"iam",	"group creation",	NULL },
	{ 25, "MemberAdded",		"added-users-to-group",		"iam",	"group change",		NULL },
	{ 25, "Delete user.",		"deleted-user-account",		"iam",	"user deletion",	&deleted_user },
	{ 22, "NetworkConfigurationUpdated", NULL,	"configuration",	"change",		NULL },
	{ 22, "SoftDeleteSettingsUpdated", NULL,	"configuration",	"change",		NULL },
	{ 22, "ProcessProfileFields",	NULL,		"configuration",	"change",		NULL },
	{ 22, "SupervisorAdminToggled",	NULL,		"configuration",	"change",		NULL },
	{ 22, "NetworkSecurityConfigurationUpdated", NULL, "configuration iam",	"change admin",		NULL },
	{ 22, "GroupCreation",		NULL,		"iam",			"creation group",	NULL },
	{ 22, "GroupDeletion",		NULL,		"iam",			"deletion group",	NULL },
	{ 22, "NetworkUserSuspended",	NULL,		"iam",			NULL,			NULL },
	{ 22, "UserSuspension",		NULL,		"iam",			NULL,			NULL },
	{ 22, "FileCreated",		NULL,		"file",			"creation",		NULL },
	{ 22, "FileUpdateName",		NULL,		"file",			"creation",		NULL },
	{ 22, "FileDownloaded",		NULL,		"file",			"access",		NULL },
	{ 22, "FileShared",		NULL,		"file",			"access",		NULL },
	{ 22, "FileUpdateDescription",	NULL,		"file",			"access",		NULL },
	{ 22, "FileVisited",		NULL,		"file",			"access",		NULL },
	{ 0, "FileAccessed",		NULL,		"file",			"access",		NULL },
	{ 0, "FileDownloaded",		NULL,		"file",			"access",		NULL },
	{ 0, "FileModified",		NULL,		"file",			"change",		NULL },
	{ 0, "FileMoved",		NULL,		"file",			"change",		NULL },
	{ 0, "FileRenamed",		NULL,		"file",			"change",		NULL },
	{ 0, "FileRestored",		NULL,		"file",			"change",		NULL },
	{ 0, "FolderModified",		NULL,		"file",			"change",		NULL },
	{ 0, "FolderMoved",		NULL,		"file",			"change",		NULL },
	{ 0, "FolderRenamed",		NULL,		"file",			"change",		NULL },
	{ 0, "FolderRestored",		NULL,		"file",			"change",		NULL },
	{ 0, "FileDeleted",		NULL,		"file",			"deletion",		NULL },
	{ 0, "FolderDeleted",		NULL,		"file",			"deletion",		NULL },
	{ 0, "FileUploaded",		NULL,		"file",			"creation",		NULL },
	{ 0, "FolderCopied",		NULL,		"file",			"creation",		NULL },
	{ 0, "FolderCreated",		NULL,		"file",			"creation",		NULL },
	{ 0, "ComplianceSettingChanged",	NULL,		"configuration",	"change",		NULL },
};
const size_t n_audit_actions = COUNT(audit_actions);
static const struct table actions_table = TABLE(audit_actions);

const struct row audit_late[] = {
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

const size_t n_audit_late = COUNT(audit_late);

const struct audit_copy audit_related[] = {
	{ F_RELATED_USER, F_USER_NAME }, { F_RELATED_USER, F_USER_ID }, { F_RELATED_USER, F_USER_EMAIL },
	{ F_RELATED_USER, F_FILE_OWNER }, { F_RELATED_USER, F_TARGET_NAME }, { F_RELATED_USER, F_TARGET_EMAIL }, { F_RELATED_USER, F_TARGET_ID },
	{ F_RELATED_HOSTS, F_HOST_NAME }, { F_RELATED_HOSTS, F_USER_DOMAIN }, { F_RELATED_HOSTS, F_TARGET_DOMAIN },
	{ F_RELATED_HOSTS, F_URL_DOMAIN }, { F_RELATED_HOSTS, F_SERVER_DOMAIN }, { F_RELATED_HOSTS, F_CLIENT_DOMAIN },
	{ F_RELATED_HASH, F_FILE_SHA1 }, { F_RELATED_HASH, F_FILE_SHA256 },
};
const size_t n_audit_related = COUNT(audit_related);
static const struct table related_table = TABLE(audit_related);

/* The same for those who list them. */
static const struct row_list lists[] = {
	{ "every record", audit_identity, COUNT(audit_identity) },
	{ "every record", audit_late, COUNT(audit_late) },
	{ "record type 1, ExchangeAdmin", exchange_admin, COUNT(exchange_admin) },
	{ "record type 2, ExchangeItem", exchange_item, COUNT(exchange_item) },
	{ "record type 50, ExchangeItemAggregated", exchange_aggregated, COUNT(exchange_aggregated) },
	{ "record type 8, AzureActiveDirectory", entra, COUNT(entra) },
	{ "record type 15, AzureActiveDirectoryStsLogon", sts_logon, COUNT(sts_logon) },
	{ "record types 6 and 14, SharePointFileOperation and SharePointSharingOperation", sharepoint_file, COUNT(sharepoint_file) },
	{ "record types 11 and 13, ComplianceDLPSharePoint and ComplianceDLPExchange", dlp, COUNT(dlp) },
	{ "record type 22, Yammer", yammer, COUNT(yammer) },
	{ "record type 25, MicrosoftTeams", teams, COUNT(teams) },
	{ "record type 40, SecurityComplianceAlerts", alerts, COUNT(alerts) },
};

static const struct table *const tables[] = {
	&actions_table, &related_table, &audit_client_table, &audit_details_table, &audit_categories_table, &audit_entities_table,
	&audit_data_table, &audit_data_entity_table, NULL,
};
/* clang-format on */

const struct family audit_family = {
	.feeds = "audit.", .dataset = "o365.audit", .module = "o365", .time = "CreationTime",
	.constants = audit_constants, .n_constants = COUNT(audit_constants), .members = audit_members,
	.n_members = COUNT(audit_members), .lists = lists, .n_lists = COUNT(lists), .tables = tables,
	.rest = F_AUDIT, .map = audit_map, .write = rest_write,
};
