/*
 * defender_shape - the members of alerts, incidents and evidence, as m365_defender.alert and .incident have them.
 *
 * Source of every row: spec/ecs-risk-alerts.md sections 5 to 7. Evidence stays a list of objects in Microsoft's order. More than 30
 * types of evidence exist and new ones come: what has no row goes on in snake case, and objects among it as <name>_object, since one name
 * is text in one type of evidence and an object in the next.
 */
#include "norm/defender.h"

/* clang-format off */

static const struct part file[] = {
	{ "@odata.type",	"odata_type",	K_WORD,	NULL, NULL },
	{ "fileName",		"name",		K_WORD,	NULL, NULL },
	{ "filePath",		"path",		K_WORD,	NULL, NULL },
	{ "fileSize",		"size",		K_LONG,	NULL, NULL },
	{ "filePublisher",	"publisher",	K_WORD,	NULL, NULL },
	{ "issuer",		NULL,		K_WORD,	NULL, NULL },
	{ "signer",		NULL,		K_WORD,	NULL, NULL },
	{ "sha1",		NULL,		K_WORD,	NULL, NULL },
	{ "sha256",		NULL,		K_WORD,	NULL, NULL },
	{ "*DateTime",		"_datetime",	K_DATE,	NULL, NULL },
};
static const struct shape file_shape = SHAPE(file, 0, &evidence_shape);

static const struct part sender[] = {
	{ "@odata.type",	"odata_type",	K_WORD,	NULL, NULL },
	{ "displayName",	NULL,		K_WORD,	NULL, NULL },
	{ "domainName",		NULL,		K_WORD,	NULL, NULL },
	{ "emailAddress",	NULL,		K_WORD,	NULL, NULL },
};
static const struct shape sender_shape = SHAPE(sender, 0, &evidence_shape);

static const struct part account[] = {
	{ "@odata.type",	"odata_type",	K_WORD,	NULL, NULL },
	{ "accountName",	NULL,		K_WORD,	NULL, NULL },
	{ "domainName",		NULL,		K_WORD,	NULL, NULL },
	{ "azureAdUserId",	NULL,		K_WORD,	NULL, NULL },
	{ "userPrincipalName",	NULL,		K_WORD,	NULL, NULL },
	{ "userSid",		NULL,		K_WORD,	NULL, NULL },
	{ "displayName",	NULL,		K_WORD,	NULL, NULL },
	{ "resourceAccessEvents", NULL,		K_OBJECT, NULL, NULL },
	{ "*DateTime",		"_datetime",	K_DATE,	NULL, NULL },
};
static const struct shape account_shape = SHAPE(account, 0, &evidence_shape);

static const struct part machine[] = {
	{ "@odata.type",	"odata_type",	K_WORD,	NULL, NULL },
	{ "vmId",		NULL,		K_WORD,	NULL, NULL },
	{ "cloudProvider",	NULL,		K_WORD,	NULL, NULL },
	{ "resourceId",		NULL,		K_WORD,	NULL, NULL },
	{ "subscriptionId",	NULL,		K_WORD,	NULL, NULL },
};
static const struct shape machine_shape = SHAPE(machine, 0, &evidence_shape);

static const struct part evidence[] = {
	{ "@odata.type",	"odata_type",		K_WORD,	NULL, NULL },
	{ "roles",		NULL,			K_WORD,	NULL, NULL },
	{ "detailedRoles",	NULL,			K_WORD,	NULL, NULL },
	{ "tags",		NULL,			K_WORD,	NULL, NULL },
	{ "verdict",		NULL,			K_WORD,	NULL, NULL },
	{ "remediationStatus",	NULL,			K_WORD,	NULL, NULL },
	{ "remediationStatusDetails", NULL,		K_WORD,	NULL, NULL },
	{ "detectionStatus",	NULL,			K_WORD,	NULL, NULL },
	{ "rbacGroupId",	"rbac_group.id",	K_WORD,	NULL, NULL },
	{ "rbacGroupName",	"rbac_group.name",	K_WORD,	NULL, NULL },
	{ "fileDetails",	NULL,			K_OBJECT, &file_shape, NULL },
	{ "imageFile",		NULL,			K_OBJECT, &file_shape, NULL },
	{ "processId",		"process.id",		K_LONG,	NULL, NULL },
	{ "processCommandLine",	"process.command_line",	K_WORD,	NULL, NULL },
	{ "processCreationDateTime", "process.creation_datetime", K_DATE, NULL, NULL },
	{ "parentProcessId",	"parent_process.id",	K_LONG,	NULL, NULL },
	{ "parentProcessCreationDateTime", "parent_process.creation_datetime", K_DATE, NULL, NULL },
	{ "parentProcessImageFile", "parent_process.image_file", K_OBJECT, &file_shape, NULL },
	{ "p1Sender",		"p1_sender",		K_OBJECT, &sender_shape, NULL },
	{ "p2Sender",		"p2_sender",		K_OBJECT, &sender_shape, NULL },
	{ "userAccount",	NULL,			K_OBJECT, &account_shape, NULL },
	{ "loggedOnUsers",	NULL,			K_OBJECT, &account_shape, NULL },
	{ "vmMetadata",		NULL,			K_OBJECT, &machine_shape, NULL },
	{ "antiSpamDirection",	"antispam_direction",	K_WORD,	NULL, NULL },
	{ "senderIp",		NULL,			K_IP,	NULL, NULL },
	{ "ipAddress",		NULL,			K_IP,	NULL, NULL },
	{ "saasAppId",		NULL,			K_WORD,	NULL, NULL },
	{ "appId",		NULL,			K_WORD,	NULL, NULL },
	{ "instanceId",		NULL,			K_WORD,	NULL, NULL },
	{ "osBuild",		NULL,			K_WORD,	NULL, NULL },
	{ "osPlatform",		NULL,			K_WORD,	NULL, NULL },
	{ "version",		NULL,			K_WORD,	NULL, NULL },
	{ "ipInterfaces",	NULL,			K_WORD,	NULL, NULL },
	{ "attachmentsCount",	NULL,			K_LONG,	NULL, NULL },
	{ "urlCount",		NULL,			K_LONG,	NULL, NULL },
	{ "emailCount",		NULL,			K_LONG,	NULL, NULL },
	{ "*DateTime",		"_datetime",		K_DATE,	NULL, NULL },
	/* objects in every type of evidence that has them */
	{ "location",		NULL,			K_OBJECT, NULL, NULL },
	{ "stream",		NULL,			K_OBJECT, NULL, NULL },
	{ "nics",		NULL,			K_OBJECT, NULL, NULL },
	{ "ioTHub",		"io_thub",		K_OBJECT, NULL, NULL },
	{ "pod",		NULL,			K_OBJECT, NULL, NULL },
	{ "image",		NULL,			K_OBJECT, NULL, NULL },
	{ "digestImage",	NULL,			K_OBJECT, NULL, NULL },
	{ "cluster",		NULL,			K_OBJECT, NULL, NULL },
	{ "namespace",		NULL,			K_OBJECT, NULL, NULL },
	{ "controller",		NULL,			K_OBJECT, NULL, NULL },
	{ "containers",		NULL,			K_OBJECT, NULL, NULL },
	{ "labels",		NULL,			K_OBJECT, NULL, NULL },
	{ "selector",		NULL,			K_OBJECT, NULL, NULL },
	{ "servicePorts",	NULL,			K_OBJECT, NULL, NULL },
	{ "cloudResource",	NULL,			K_OBJECT, NULL, NULL },
	{ "blobContainer",	NULL,			K_OBJECT, NULL, NULL },
	{ "storageResource",	NULL,			K_OBJECT, NULL, NULL },
	{ "fileHashes",		NULL,			K_OBJECT, NULL, NULL },
	{ "trustedDomains",	NULL,			K_OBJECT, NULL, NULL },
	{ "dnsServerIp",	NULL,			K_OBJECT, NULL, NULL },
	{ "hostIpAddress",	NULL,			K_OBJECT, NULL, NULL },
	{ "ipAddresses",	NULL,			K_OBJECT, NULL, NULL },
	{ "sourceAddress",	NULL,			K_OBJECT, NULL, NULL },
	{ "destinationAddress",	NULL,			K_OBJECT, NULL, NULL },
	{ "account",		NULL,			K_OBJECT, NULL, NULL },
	{ "host",		NULL,			K_OBJECT, NULL, NULL },
	{ "files",		NULL,			K_OBJECT, &file_shape, NULL },
};
const struct shape evidence_shape = SHAPE(evidence, 0, &evidence_shape);

/* Keys as received. */
static const struct part comment[] = {
	{ "@odata.type",	"odata_type",		K_WORD,	NULL, NULL },
	{ "comment",		NULL,			K_WORD,	NULL, NULL },
	{ "createdBy",		NULL,			K_WORD,	NULL, NULL },
	{ "createdByDisplayName", NULL,			K_WORD,	NULL, NULL },
	{ "createdDateTime",	NULL,			K_DATE,	NULL, NULL },
	{ "createdTime",	NULL,			K_DATE,	NULL, NULL },
};
const struct shape comment_shape = SHAPE(comment, S_KEEP, NULL);

/* The alert as a feed of its own, and below an incident: there its address has another name. */
#define ALERT(web_url) \
	{ "id",			NULL,			K_WORD,	NULL, NULL }, \
	{ "@odata.type",	"odata_type",		K_WORD,	NULL, NULL }, \
	{ "title",		NULL,			K_WORD,	NULL, NULL }, \
	{ "description",	NULL,			K_WORD,	NULL, NULL }, \
	{ "detectorId",		NULL,			K_WORD,	NULL, NULL }, \
	{ "serviceSource",	NULL,			K_WORD,	NULL, NULL }, \
	{ "severity",		NULL,			K_LOWER, NULL, NULL }, \
	{ "alertWebUrl",	web_url,		K_URL,	NULL, NULL }, \
	{ "incidentWebUrl",	NULL,			K_URL,	NULL, NULL }, \
	{ "tenantId",		NULL,			K_WORD,	NULL, NULL }, \
	{ "assignedTo",		NULL,			K_WORD,	NULL, NULL }, \
	{ "category",		NULL,			K_WORD,	NULL, NULL }, \
	{ "categories",		NULL,			K_WORD,	NULL, NULL }, \
	{ "mitreTechniques",	NULL,			K_WORD,	NULL, NULL }, \
	{ "threatFamilyName",	NULL,			K_WORD,	NULL, NULL }, \
	{ "threatDisplayName",	NULL,			K_WORD,	NULL, NULL }, \
	{ "actorDisplayName",	NULL,			K_WORD,	NULL, NULL }, \
	{ "status",		NULL,			K_WORD,	NULL, NULL }, \
	{ "classification",	NULL,			K_WORD,	NULL, NULL }, \
	{ "determination",	NULL,			K_WORD,	NULL, NULL }, \
	{ "incidentId",		NULL,			K_WORD,	NULL, NULL }, \
	{ "providerAlertId",	NULL,			K_WORD,	NULL, NULL }, \
	{ "detectionSource",	NULL,			K_WORD,	NULL, NULL }, \
	{ "recommendedActions",	NULL,			K_WORD,	NULL, NULL }, \
	{ "productName",	NULL,			K_WORD,	NULL, NULL }, \
	{ "investigationState",	NULL,			K_WORD,	NULL, NULL }, \
	{ "alertPolicyId",	NULL,			K_WORD,	NULL, NULL }, \
	{ "systemTags",		NULL,			K_WORD,	NULL, NULL }, \
	{ "customTags",		NULL,			K_WORD,	NULL, NULL }, \
	{ "createdDateTime",	"created_datetime",	K_DATE,	NULL, NULL }, \
	{ "lastUpdateDateTime",	"last_update_datetime",	K_DATE,	NULL, NULL }, \
	{ "firstActivityDateTime", "first_activity_datetime", K_DATE, NULL, NULL }, \
	{ "lastActivityDateTime", "last_activity_datetime", K_DATE, NULL, NULL }, \
	{ "resolvedDateTime",	"resolved_datetime",	K_DATE,	NULL, NULL }, \
	{ "comments",		NULL,			K_OBJECT, &comment_shape, NULL }, \
	{ "additionalData",	NULL,			K_OBJECT, &shape_free_keep, NULL }, \
	{ "customDetails",	NULL,			K_OBJECT, &shape_free_keep, NULL }, \
	{ "evidence",		NULL,			K_OBJECT, &evidence_shape, NULL }, \
	{ "*DateTime",		"_datetime",		K_DATE,	NULL, NULL },

static const struct part alert[] = { ALERT("web_url") };
const struct shape alert_shape = SHAPE(alert, 0, NULL);

static const struct part alert_below[] = { ALERT("alert_web_url") };
static const struct shape alert_below_shape = SHAPE(alert_below, 0, NULL);

static const struct part incident[] = {
	{ "id",			NULL,			K_WORD,	NULL, NULL },
	{ "@odata.type",	"odata_type",		K_WORD,	NULL, NULL },
	{ "displayName",	NULL,			K_WORD,	NULL, NULL },
	{ "description",	NULL,			K_WORD,	NULL, NULL },
	{ "summary",		NULL,			K_WORD,	NULL, NULL },
	{ "severity",		NULL,			K_LOWER, NULL, NULL },
	{ "incidentWebUrl",	"web_url",		K_URL,	NULL, NULL },
	{ "tenantId",		NULL,			K_WORD,	NULL, NULL },
	{ "assignedTo",		NULL,			K_WORD,	NULL, NULL },
	{ "status",		NULL,			K_WORD,	NULL, NULL },
	{ "classification",	NULL,			K_WORD,	NULL, NULL },
	{ "determination",	NULL,			K_WORD,	NULL, NULL },
	{ "redirectIncidentId",	NULL,			K_WORD,	NULL, NULL },
	{ "tags",		NULL,			K_WORD,	NULL, NULL },
	{ "customTags",		"tags",			K_WORD,	NULL, NULL },
	{ "systemTags",		NULL,			K_WORD,	NULL, NULL },
	{ "priorityScore",	NULL,			K_LONG,	NULL, NULL },
	{ "lastModifiedBy",	NULL,			K_WORD,	NULL, NULL },
	{ "resolvingComment",	NULL,			K_WORD,	NULL, NULL },
	{ "createdDateTime",	"created_datetime",	K_DATE,	NULL, NULL },
	{ "lastUpdateDateTime",	"last_update_datetime",	K_DATE,	NULL, NULL },
	{ "comments",		NULL,			K_OBJECT, &comment_shape, NULL },
	{ "alerts",		"alert",		K_OBJECT, &alert_below_shape, NULL },
	{ "*DateTime",		"_datetime",		K_DATE,	NULL, NULL },
};
const struct shape incident_shape = SHAPE(incident, 0, NULL);
/* clang-format on */
