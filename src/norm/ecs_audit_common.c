/*
 * ecs_audit_common - fields that every audit record gets.
 */
#include "norm/convert.h"
#include "norm/ecs_audit.h"

static const struct norm_word outcomes[] = {
	{ "succeeded",			{ "success" } },
	{ "success",			{ "success" } },
	{ "partiallysucceeded",		{ "success" } },
	{ "true",			{ "success" } },
	{ "failed",			{ "failure" } },
	{ "false",			{ "failure" } },
	{ "failure",			{ "failure" } },
	{ "error",			{ "failure" } },
	{ NULL,				{ NULL } },
};

static const struct norm_word failed_actions[] = {
	{ "UserLoginFailed",		{ "failure" } },
	{ NULL,				{ NULL } },
};

static const struct norm_word severities[] = {
	{ "informational",		{ "1" } },
	{ "low",			{ "2" } },
	{ "medium",			{ "3" } },
	{ "high",			{ "4" } },
	{ NULL,				{ NULL } },
};

static const struct norm_word systems[] = {
	{ "windows",			{ "windows" } },
	{ "linux",			{ "linux" } },
	{ "mac",			{ "macos" } },
	{ "unix",			{ "unix" } },
	{ "ios",			{ "ios" } },
	{ "android",			{ "android" } },
	{ NULL,				{ NULL } },
};

static const struct norm_row first[] = {
	/*  field			from				how			what it needs to know */
	ROW("@timestamp",		"CreationTime",			norm_timestamp,
		.flags = NORM_MUST, .also = "error.message"),
	SET("ecs.version",		NULL,				norm_fixed,		.hint = "8.11.0"),
	SET("data_stream.type",		NULL,				norm_fixed,		.hint = "logs"),
	SET("data_stream.dataset",	NULL,				norm_dataset_name),
	SET("data_stream.namespace",	NULL,				norm_namespace),
	SET("event.module",		NULL,				norm_module),
	SET("event.dataset",		NULL,				norm_dataset_name),
	SET("event.created",		NULL,				norm_stored),
	SET("event.ingested",		NULL,				norm_now),
	SET("event.kind",		NULL,				norm_fixed,		.hint = "event"),
	ROW("event.category",		NULL,				norm_fixed, .hint = "web", .flags = NORM_LIST),
	ROW("event.type",		NULL,				norm_fixed, .hint = "info", .flags = NORM_LIST),
	ROW("tags",			NULL,				norm_fixed,
		.hint = "forwarded", .flags = NORM_LIST),
	ADD("tags",			NULL,				norm_fixed,		.hint = "o365-cel"),
	SET("m365fwd.revision",		NULL,				norm_revision),
	ADD("error.message",		NULL,				norm_trouble),
	SET("event.original",		NULL,				norm_original),

	MOVE("event.id",		"Id",				norm_text),
	SET("event.code",		"RecordType",			norm_record_type),
	MOVE("event.provider",		"Workload",			norm_text),
	ELSE("event.provider",		"UserType",			norm_text),
	MOVE("event.action",		"Operation",			norm_text),
	SET("event.outcome",		NULL,				norm_fixed,		.hint = "success"),
	SET("event.outcome",		"ResultStatus",			norm_word_any_case,	.words = outcomes),
	SET("event.outcome",		"Operation",			norm_word, .words = failed_actions),
	SET("event.outcome",		"LogonError",			norm_if_text,		.hint = "failure"),
	SET("event.outcome",		"ErrorNumber",			norm_unless_zero,	.hint = "failure"),
	SET("event.outcome",		"LoginStatus",			norm_unless_zero,	.hint = "failure"),
	SET("event.severity",		"Severity",			norm_word,		.words = severities),

	MOVE("organization.id",		"OrganizationId",		norm_lower),
	SET("organization.name",	"=organization.id",		norm_organization),
	SET("host.id",			"=organization.id",		norm_text),
	SET("user.id",			"UserId",			norm_identity),

	MOVE("user_agent.original",	"UserAgent",			norm_text),
	MOVE("user_agent.original",	"ExtendedProperties.UserAgent",	norm_text),
	ELSE("user_agent.original",	"ExtendedProperties.additionalDetails.User-Agent", norm_text),

	SET("file.extension",		"FileExtension",		norm_text),
	SET("file.hash.sha1",		"Sha1",				norm_text),
	SET("file.hash.sha256",		"Sha256",			norm_text),
	SET("file.path",		"FilePath|TargetFilePath",	norm_text),
	SET("file.size",		"FileSizeBytes|FileSize",	norm_number),
	SET("process.name",		"Application",			norm_text),
	SET("application.name",		"ApplicationDisplayName",	norm_text),
	SET("url.domain",		"OriginatingDomain",		norm_text),
	SET("host.os.platform",		"Platform",			norm_text),
	SET("host.os.type",		"Platform",			norm_word_within,	.words = systems),
	SET("device.id",		"AppAccessContext.DeviceId|ExtendedProperties.additionalDetails.DeviceId", norm_text),
	SET("session.id",		"AppAccessContext.AADSessionId", norm_text),
	SET("token.id",			"AppAccessContext.UniqueTokenId", norm_text),

	MOVE("o365.audit.SenderEntity",	"Sender",			norm_object),
	MOVE("o365.audit.MessageObject", "Message",			norm_object),
	MOVE("o365.audit.NetworkMessageId", "NetworkMessageId",		norm_text),
	ELSE("o365.audit.NetworkMessageId", "Parameters._raw",		norm_identity_parameter),
};
const struct norm_table ecs_audit_first = NORM_TABLE("audit, every record", NULL, first);

static const struct norm_row client[] = {
	MOVE("client.address",		"ClientIPAddress|ClientIP|ActorIpAddress", norm_client,
		.also = "client.domain client.ip client.port source.ip source.port"),
	SET("network.type",		"=client.ip",			norm_ip_version),
};
const struct norm_table ecs_audit_client = NORM_TABLE("audit, the client's address", NULL, client);

static const struct norm_row people[] = {
	ELSE("user.id",			"UserKey",			norm_identity),
	ROW("user.id",			"Actor",			norm_actor, .flags = NORM_UNSET | NORM_EACH),
	SET("user.email",		"=user.id",			norm_email_parts,
		.also = "user.name user.domain"),
	SET("user.target.email",	"=user.target.id",		norm_email_parts,
		.also = "user.target.name user.target.domain"),
	SET("source.user.email",	"=source.user.id",		norm_email_parts,
		.also = "source.user.name source.user.domain"),
	SET("destination.user.email",	"=destination.user.id",		norm_email_parts,
		.also = "destination.user.name destination.user.domain"),
};
const struct norm_table ecs_audit_people = NORM_TABLE("audit, people", NULL, people);

static const struct norm_row late[] = {
	ELSE("host.name",		"DeviceName|=organization.name|=user.domain", norm_text),
	ROW("email.to.address",		"Parameters.ForwardTo",		norm_split, .flags = NORM_APPEND | NORM_LIST),
	ADD("email.to.address",		"Parameters.ForwardAsAttachmentTo", norm_split),
	ADD("email.to.address",		"Parameters.RedirectTo",	norm_split),
	ROW("email.to.address",		"Recipients",			norm_text, .flags = NORM_APPEND | NORM_EACH),
	ADD("email.to.address",		"=destination.user.email",	norm_text),
	ROW("email.from.address",	"Parameters.From",		norm_text, .flags = NORM_APPEND | NORM_LIST),
	ADD("email.message_id",		"InternetMessageId",		norm_text),
	ADD("email.message_id",		"Item.InternetMessageId",	norm_text),
	ADD("email.local_id",		"=o365.audit.NetworkMessageId",	norm_text),
	ADD("email.sender.address",	"P1Sender",			norm_text),
	ADD("email.sender.address",	"=source.user.email",		norm_text),
	ADD("email.subject",		"Subject",			norm_text),
	ADD("email.subject",		"Item.Subject",			norm_text),
	ROW("email.attachments",	"Item.Attachments",		norm_attachments,
		.flags = NORM_APPEND | NORM_LIST),
};
const struct norm_table ecs_audit_late = NORM_TABLE("audit, host and mail", NULL, late);

static const struct norm_row related[] = {
	ROW("related.ip",		"=client.ip",			norm_text, .flags = NORM_APPEND | NORM_LIST),
	ADD("related.ip",		"ClientIPAddress|ClientIP|ActorIpAddress", norm_ips),
	ROW("related.ip",		"SenderIp",			norm_ips, .flags = NORM_APPEND | NORM_EACH),
	ROW("related.ip",		"SenderIP",			norm_ips, .flags = NORM_APPEND | NORM_EACH),
	ROW("related.user",		"=user.name",			norm_identity,
		.flags = NORM_APPEND | NORM_LIST),
	ADD("related.user",		"=user.id",			norm_identity),
	ADD("related.user",		"=user.email",			norm_identity),
	ADD("related.user",		"=user.target.name",		norm_identity),
	ADD("related.user",		"=user.target.id",		norm_identity),
	ADD("related.user",		"=user.target.email",		norm_identity),
	ADD("related.user",		"=file.owner",			norm_identity),
	ADD("related.user",		"Parameters.User",		norm_identity),
	ROW("related.hosts",		"=host.name",			norm_text, .flags = NORM_APPEND | NORM_LIST),
	ADD("related.hosts",		"=user.domain",			norm_text),
	ADD("related.hosts",		"=user.target.domain",		norm_text),
	ADD("related.hosts",		"=source.domain",		norm_text),
	ADD("related.hosts",		"=destination.domain",		norm_text),
	ADD("related.hosts",		"=url.domain",			norm_text),
	ADD("related.hosts",		"=server.domain",		norm_text),
	ADD("related.hosts",		"=client.domain",		norm_text),
	ROW("related.hash",		"=file.hash.md5",		norm_text, .flags = NORM_APPEND | NORM_LIST),
	ADD("related.hash",		"=file.hash.sha1",		norm_text),
	ADD("related.hash",		"=file.hash.sha256",		norm_text),
	ADD("related.hash",		"=file.hash.sha512",		norm_text),
	SET("event.kind",		"=error.message",		norm_fixed, .hint = "pipeline_error"),
};
const struct norm_table ecs_audit_related = NORM_TABLE("audit, what belongs together", NULL, related);
