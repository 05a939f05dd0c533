/*
 * kinds - does an object stand under this name below o365.audit, or a value?
 *
 * An index fixes the kind of a path with its first document, and later documents of the other kind are refused whole. So
 * the kind of a path is told by its last name alone, and never by what a record happens to hold: the names that
 * Microsoft documents (or that were seen) are listed; of the others those that end like an object's name are objects, the
 * rest are values. An object under a value's name is written as <name>_object, a value under an object's as <name>_raw.
 */
#include <string.h>

#include "norm/rest.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
static const struct kind {
	const char	*name;
	uint16_t	 top, below;		/* as a member of the record itself; anywhere below */
} kinds[] = {
#define O KIND_OBJECT
#define V KIND_VALUE
	/* objects and lists of objects, wherever they stand */
	{ "AppAccessContext", O, O }, { "CopilotEventData", O, O }, { "EndpointMetaData", O, O }, { "ExceptionInfo", O, O },
	{ "ExchangeMetaData", O, O }, { "SharePointMetaData", O, O }, { "ParticipantInfo", O, O }, { "RescanResult", O, O },
	{ "Folder", O, O }, { "DestFolder", O, O }, { "Folders", O, O }, { "FolderItems", O, O }, { "MessageItems", O, O },
	{ "Item", O, O }, { "ParentFolder", O, O }, { "ParentMessage", O, O }, { "MbxLoginLocalQueueADLookupInfo", O, O },
	{ "AffectedItems", O, O }, { "recipientList", O, O }, { "HostedContents", O, O }, { "Messages", O, O },
	{ "PolicyDetails", O, O }, { "Rules", O, O }, { "ConditionsMatched", O, O }, { "SensitiveInformation", O, O },
	{ "SensitiveInformationDetections", O, O }, { "DetectedValues", O, O }, { "DocumentProperties", O, O },
	{ "OtherConditions", O, O }, { "SensitiveInformationDetailedClassificationAttributes", O, O },
	{ "AttachmentData", O, O }, { "AuthDetails", O, O }, { "AdditionalData", O, O }, { "SystemOverrides", O, O },
	{ "SensitivityLabelEventData", O, O }, { "ProtectionEventData", O, O }, { "SensitiveInfoTypeData", O, O },
	{ "Contexts", O, O }, { "AccessedResources", O, O }, { "ModelTransparencyDetails", O, O }, { "AISystemPlugin", O, O },
	{ "GeoCoordinates", O, O }, { "Attendees", O, O }, { "ExtraProperties", O, O }, { "Settings", O, O },
	{ "DataSources", O, O }, { "Datasets", O, O }, { "Dataflows", O, O }, { "ActivityLogData", O, O }, { "RawEvent", O, O }, { "CloudAppEvent", O, O },
	{ "PropertyCollection", O, O }, { "OrgAppPermission", O, O }, { "MembershipInformation", O, O }, { "EvidenceFile", O, O },
	{ "PaginatedReportDataSources", O, O }, { "AggregatedWorkspaceInformation", O, O }, { "PinReportToTabInformation", O, O },
	{ "DataflowAccessTokenRequestParameters", O, O }, { "UpdateFeaturedTables", O, O }, { "ArtifactsShared", O, O }, { "Common", O, O },
	{ "ExtendedLinks", V, O }, { "ResourceIdentifiers", V, O }, { "CountByDeliveryStatus", V, O }, { "CountByThreatType", V, O },
	{ "CountByProtectionStatus", V, O }, { "CountByDeliveryLocation", V, O }, { "ThreatAnalysisSummary", V, O },
	{ "Metadata", V, O }, { "flattened", V, O }, { "EntityList", O, O }, { "Entities", O, O }, { "Schedules", O, O }, { "SharingInformation", O, O },
	{ "FolderAccessRequests", O, O }, { "GatewayClusters", O, O }, { "Datasources", O, O }, { "Clusters", O, O },
	{ "ExtendedProperties", O, O }, { "DeviceProperties", O, O }, { "Actor", O, V }, { "Target", O, V },
	{ "SenderEntity", O, O }, { "MessageObject", O, O }, { "ExchangeAggregatedMessages", O, O },
	{ "ExchangeAggregatedFolders", O, O },
	/* an object on top, a value below, or the other way round */
	{ "Location", O, V }, { "Members", O, V }, { "Connectors", V, V }, { "Files", V, O }, { "Urls", V, O },
	{ "ThreatsAndDetectionTech", V, V }, { "ClusterQuery", V, V },
	/* values whose names end like an object's */
	{ "EventData", V, V },  { "MachineDomainInfo", V, V }, { "JsonPropertiesBag", V, V }, { "ReportMetadata", V, V },
	{ "GenericInfo", V, V }, { "AlertData", V, V }, { "UserContext", V, V }, { "NonPiiProperties", V, V },
#undef O
#undef V
};

/* How Microsoft calls what has members of its own. */
static const char *const endings[] = { "MetaData", "Metadata", "Data", "Info", "Properties", "Context", "_object" };
/* clang-format on */

void
kinds_init(struct names *t)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		names_add(t, kinds[i].name, (uint16_t)i);
}

const char *
kinds_name(size_t i)
{
	return i < COUNT(kinds) ? kinds[i].name : NULL;
}

int
kind_of(const struct names *t, int top, const char *p, size_t len)
{
	uint16_t	 id;

	if (len > 2 && p[len - 1] <= '9')
		len = names_stem(p, len);
	if ((id = names_find(t, p, len)) != NAME_NONE)
		return top ? kinds[id].top : kinds[id].below;
	if (len < 5 || strchr("aost", p[len - 1]) == NULL)
		return KIND_VALUE;
	for (size_t i = 0; i < COUNT(endings); i++) {
		size_t	 n = strlen(endings[i]);

		if (len > n && memcmp(p + len - n, endings[i], n) == 0)
			return KIND_OBJECT;
	}
	return KIND_VALUE;
}

static void
list(struct buf *b, const char *what, int top, int below)
{
	buf_addf(b, "\n%s:", what);
	for (size_t i = 0; i < COUNT(kinds); i++)
		if ((top != -1 && kinds[i].top == top && kinds[i].below != top) || (below != -1 && kinds[i].below == below && kinds[i].top != below) ||
		    (top != -1 && below != -1 && kinds[i].top == top && kinds[i].below == below))
			buf_addf(b, " `%s`", kinds[i].name);
	buf_adds(b, "\n");
}

void
kinds_list(struct buf *b)
{
	buf_adds(b, "\nThe kind of a path is told by its last name, whatever a record holds. Names of values are all that are not here.\n");
	list(b, "Objects, or lists of them", KIND_OBJECT, KIND_OBJECT);
	list(b, "Objects as members of the record itself, values below", KIND_OBJECT, -1);
	list(b, "Values as members of the record itself, objects below", -1, KIND_OBJECT);
	buf_adds(b, "\nObjects too are unknown names that end in");
	for (size_t i = 0; i < COUNT(endings); i++)
		buf_addf(b, "%s `%s`", i > 0 ? "," : "", endings[i]);
	list(b, "; but values are", KIND_VALUE, KIND_VALUE);
}
