/*
 * members - the names of members that Microsoft's records are known to have.
 */
#include "base/members.h"

#include <string.h>

/* clang-format off */
static const char *const known[] = {
	"AADGroupId", "AADSessionId", "AISystemPlugin", "APIId", "AccessedResources", "ActionSource", "ActionSourceDetail",
	"ActionType", "Actions", "ActivityLogData", "Actor", "ActorContextId", "ActorIP", "ActorInfoString", "ActorIpAddress",
	"ActorUserId", "ActorYammerUserId", "AddOnGuid", "AddOnName", "AddOnType", "AdditionalActionsAndResults",
	"AdditionalData", "AdditionalInfo", "AffectedItems", "AgentId", "AggregateDurationInSeconds", "AlertData",
	"AlertEntityId", "AlertId", "AlertLinks", "AlertType", "AppAccessContext", "AppHost", "AppId", "AppIdentity",
	"AppName", "Application", "ApplicationDisplayName", "ApplicationId", "AttachmentData", "AttachmentId",
	"AttachmentSizeInBytes", "Attendees", "Audit", "AuthDetails", "AuthType", "AuthenticationType",
	"AzureActiveDirectoryEventType", "BCC", "BrowserType", "CC", "CaseId", "CaseName", "Category", "ChannelGuid",
	"ChannelName", "ChannelType", "ChatName", "ChatThreadId", "Client", "ClientAppId", "ClientAppName",
	"ClientApplication", "ClientIP", "ClientIPAddress", "ClientInfoString", "ClientMachineName", "ClientProcessName",
	"ClientRegion", "ClientRequestId", "ClientVersion", "CloudInstanceName", "ClusterQuery", "Clusters", "CmdletVersion",
	"Comments", "CommunicationSubType", "CommunicationType", "ComplianceLabel", "ConditionsMatched", "Confidence",
	"Connectors", "ContactEmail1EmailAddress", "ContainerId", "Contexts", "CopilotEventData", "CopilotLogVersion",
	"CorrelationId", "Count", "CountByDeliveryLocation", "CountByDeliveryStatus", "CountByProtectionStatus",
	"CountByThreatType", "CreationTime", "CrossMailboxOperations", "CustomEvent", "CustomUniqueId", "Data", "DataSources",
	"Dataflows", "DatasetId", "DatasetName", "Datasets", "Datasources", "DeliveryAction", "Description", "DestFolder",
	"DestMailboxId", "DestMailboxOwnerSid", "DestMailboxOwnerUPN", "DestinationFileExtension", "DestinationFileName",
	"DestinationLabel", "DestinationRelativeUrl", "DetectedDateTime", "DetectedValues", "DetectionMethod",
	"DetectionTimingType", "DetectionType", "DeviceName", "DeviceProperties", "Directionality", "DisplayName",
	"DocumentLastModifier", "DocumentProperties", "DocumentSharer", "EffectiveOrganization", "ElevationApprover",
	"ElevationRequestId", "ElevationRole", "ElevationTime", "EndTime", "EndTimeUtc", "EndpointMetaData", "EnforcementMode",
	"Entities", "EntitlementId", "EntityList", "EntityType", "EnvironmentName", "ErrorCode", "ErrorNumber", "Event",
	"EventData", "EventDeepLink", "EventId", "EventSource", "EventType", "EventValue", "ExceptionInfo",
	"ExchangeAggregatedFolders", "ExchangeAggregatedMessages", "ExchangeMetaData", "ExportName", "ExtendedLinks",
	"ExtendedProperties", "ExternalAccess", "ExternalUserTenantId", "ExtraProperties", "FalsePositive", "FileExtension",
	"FileId", "FileName", "FileOwner", "FilePath", "FilePathUrl", "FileSize", "FileSizeBytes", "FileType", "Files",
	"FilteringDate", "FlowDetailsUrl", "Folder", "FolderAccessRequests", "FolderItems", "Folders", "FormId", "FormName",
	"From", "GatewayClusters", "GenericInfo", "GeoCoordinates", "GroupName", "HostAppId", "HostedContents", "ID", "Id",
	"ImmutableId", "InterSystemsId", "InternalLogonType", "InternetMessageId", "IntraSystemId", "IntraSystemsId",
	"InvestigationId", "InvestigationName", "InvestigationType", "Invitee", "IsCompliant", "IsCompliantAndManaged",
	"IsDocLib", "IsHiddenList", "IsManagedDevice", "IsRecord", "IsSuccess", "IsThrottled", "IsViewableByExternalUsers",
	"IsWorkflow", "IssuedAtTime", "Item", "ItemIds", "ItemNames", "ItemType", "JobId", "JsonPropertiesBag",
	"Justification", "LabelEventType", "LabelId", "LastModifiedBy", "LastModifiedDate", "LastModifiedTime",
	"LastUpdateTimeUtc", "LastUpdatedDateTime", "ListBaseTemplateType", "ListBaseType", "ListId", "ListItemUniqueId",
	"ListName", "ListTitle", "ListUrl", "Location", "LoginStatus", "LogonError", "LogonType", "LogonUserDisplayName",
	"LogonUserSid", "MachineDomainInfo", "MachineId", "MailAccessType", "MailboxGuid", "MailboxOwnerMasterAccountSid",
	"MailboxOwnerSid", "MailboxOwnerUPN", "MbxLoginLocalQueueADLookupInfo", "Members", "Message", "MessageID", "MessageId",
	"MessageIds", "MessageItems", "MessageObject", "MessageSizeInBytes", "MessageTime", "MessageURLs", "Messages",
	"Metadata", "ModelTransparencyDetails", "ModifiedObjectResolvedName", "ModifiedProperties", "Name", "NetworkMessageId",
	"NewValue", "NonPiiProperties", "Object1Id", "Object1Name", "Object1Type", "ObjectId", "ObjectName", "OldValue",
	"Operation", "OperationCount", "OperationProperties", "OrganizationId", "OrganizationName", "OriginatingDomain",
	"OriginatingServer", "OtherConditions", "OverriddenActions", "P1Sender", "P2Sender", "PackageId", "Parameters",
	"ParentFolder", "ParentMessage", "ParentMessageId", "ParticipantInfo", "ParticipatingDomains", "Path", "Permission",
	"Platform", "Policy", "PolicyAction", "PolicyDetails", "PolicyId", "PolicyName", "ProtectionEventData", "Query",
	"QueryFiles", "QueryId", "QueryText", "RateLimit", "RawEvent", "Reason", "RecipientCount", "Recipients",
	"RecordNumber", "RecordType", "ReleaseTo", "ReportId", "ReportMetadata", "ReportName", "RequestId", "RequestSource",
	"RequestType", "RescanResult", "ResourceId", "ResourceIdentifiers", "ResourceTenantId", "ResourceURL", "ResultCount",
	"ResultStatus", "ResultsTruncated", "RiskDetail", "RiskEventType", "RiskId", "RiskLevel", "RiskState", "Role", "Rule",
	"RuleActions", "RuleId", "RuleMode", "RuleName", "Rules", "RunningTime", "SaveToSentItems", "Schedules", "Scope",
	"SearchQueryText", "SendAsUserMailboxGuid", "SendAsUserSmtp", "SendOnBehalfOfUserMailboxGuid",
	"SendOnBehalfOfUserSmtp", "Sender", "SenderEntity", "SenderIP", "SenderIp", "SensitiveInfoDetectionIsIncluded",
	"SensitiveInfoTypeData", "SensitiveInformation", "SensitiveInformationDetailedClassificationAttributes",
	"SensitiveInformationDetections", "SensitiveType", "Sensitivity", "SensitivityLabel", "SensitivityLabelEventData",
	"SensitivityLabelId", "SensitivityLabelOwnerEmail", "Sent", "SessionId", "Settings", "Severity", "Sha1", "Sha256",
	"SharePointMetaData", "SharingInformation", "SharingType", "Site", "SiteCollectionGuid", "SiteCollectionUrl",
	"SiteUrl", "SizeInBytes", "Source", "SourceFileExtension", "SourceFileName", "SourceId", "SourceLabel", "SourceName",
	"SourceRelativeUrl", "SourceWorkload", "StartTime", "StartTimeUtc", "State", "Status", "Subject", "SubmissionId",
	"SubscriptionId", "SupportTicketId", "SystemOverrides", "TabType", "Target", "TargetContextId", "TargetDomain",
	"TargetFilePath", "TargetUserId", "TargetUserOrGroupName", "TargetUserOrGroupType", "TargetYammerUserId", "TeamGuid",
	"TeamName", "TenantId", "ThreatAnalysisSummary", "ThreatsAndDetectionTech", "TimeOfClick", "Timestamp", "To",
	"TokenIssuerType", "TokenObjectId", "TokenTenantId", "TokenType", "Type", "UPN", "URL", "URLClickAction", "UniqueID",
	"UniqueId", "UniqueSharingId", "UniqueTokenId", "UniqueTokenIdentifier", "Urls", "UserAgent", "UserCancelled",
	"UserContext", "UserDisplayName", "UserDomain", "UserId", "UserIp", "UserKey", "UserServicePlan", "UserSharedWith",
	"UserType", "Value", "Verdict", "Version", "WebId", "Workload", "WorkspaceId", "WorkspaceName", "YammerNetworkId",
	"activity", "activityDateTime", "activityDisplayName", "additionalDetails", "additionalInfo", "agent", "alerts",
	"appDisplayName", "appId", "appliedConditionalAccessPolicies", "appliedEventListeners", "assignedTo",
	"authenticationAppDeviceDetails", "authenticationContextClassReferences", "authenticationDetails",
	"authenticationMethodsUsed", "authenticationProcessingDetails", "authenticationProtocol", "authenticationRequirement",
	"authenticationRequirementPolicies", "autonomousSystemNumber", "azureResourceId", "category", "changeId", "city",
	"classification", "clientAppUsed", "clientCredentialType", "comments", "conditionalAccessStatus", "correlationId",
	"countryOrRegion", "createdDateTime", "crossTenantAccessType", "customTags", "cycleId", "description",
	"detectedDateTime", "detectionSource", "detectionTimingType", "determination", "deviceDetail", "deviceId",
	"displayName", "durationInMilliseconds", "errorCode", "evidence", "failureReason", "federatedCredentialId",
	"flaggedForReview", "geoCoordinates", "globalSecureAccessIpAddress", "homeTenantId", "homeTenantName", "id",
	"identityProvider", "incidentId", "incidentWebUrl", "incomingTokenType", "initiatedBy", "ipAddress",
	"ipAddressFromResourceProvider", "isInteractive", "isTenantRestricted", "isThroughGlobalSecureAccess", "jobId",
	"keyIds", "lastActivityDateTime", "lastModifiedBy", "lastUpdateDateTime", "lastUpdatedDateTime", "location",
	"loggedByService", "managedServiceIdentity", "mfaDetail", "mitreTechniques", "modifiedProperties",
	"networkLocationDetails", "operatingSystem", "operationType", "originalRequestId", "originalTransferMethod",
	"privateLinkDetails", "processingTimeInMilliseconds", "productName", "providerAlertId", "provisioningAction",
	"provisioningStatusInfo", "provisioningSteps", "recipientCount", "recipientList", "recommendedActions",
	"redirectIncidentId", "requestId", "resolvedDateTime", "resourceDisplayName", "resourceId", "resourceOwnerTenantId",
	"resourceServicePrincipalId", "resourceTenantId", "result", "resultReason", "riskDetail", "riskEventType",
	"riskEventTypes", "riskEventTypes_v2", "riskLevel", "riskLevelAggregated", "riskLevelDuringSignIn", "riskState",
	"riskType", "servicePrincipal", "servicePrincipalCredentialKeyId", "servicePrincipalCredentialThumbprint",
	"servicePrincipalDisplayName", "servicePrincipalId", "servicePrincipalName", "serviceSource", "sessionId",
	"sessionLifetimePolicies", "severity", "signInEventTypes", "signInIdentifier", "signInIdentifierType",
	"signInTokenProtectionStatus", "source", "sourceAppClientId", "sourceIdentity", "sourceSystem", "status", "statusInfo",
	"tags", "targetIdentity", "targetResources", "targetSystem", "tenantId", "threatDisplayName", "threatFamilyName",
	"title", "tokenIssuerName", "tokenIssuerType", "tokenProtectionStatusDetails", "uniqueTokenIdentifier", "user",
	"userAgent", "userDisplayName", "userId", "userPrincipalName", "userType",
};
/* clang-format on */
#define KNOWN (sizeof(known) / sizeof(known[0]))

const char *const *
members_known(size_t *n)
{
	*n = KNOWN;
	return known;
}

int
member_is_known(const char *name, size_t len)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (strlen(known[i]) == len && memcmp(known[i], name, len) == 0)
			return 1;
	return 0;
}
