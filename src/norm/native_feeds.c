/*
 * native_feeds - which sourcetype, source and time each feed has in Splunk, and in which envelope its records go.
 */
#include "norm/native.h"

#include <string.h>

const struct native_row native_rows[] = {
	/* feeds		sourcetype			source		its text	time		wrap */
	{ "audit.",		"o365:management:activity",	NATIVE_URI,	"",	"CreationTime",		NULL },
	{ "signin.",		"azure:monitor:aad",		NATIVE_TEXT,	"Azure AD", "createdDateTime",	native_wrap },
	{ "directory.audit",	"azure:monitor:aad",		NATIVE_TEXT,	"Azure AD", "activityDateTime",	native_wrap },
	{ "directory.provisioning", "azure:monitor:aad",	NATIVE_TEXT,	"Azure AD", "activityDateTime",	native_wrap },
	{ "risk.",		"azure:monitor:aad",		NATIVE_TEXT,	"Azure AD", "lastUpdatedDateTime", native_wrap },
	{ "alerts",		"ms365:defender:incident:alerts", NATIVE_TENANT, "microsoft_365_defender_endpoint_incidents:",
	  "lastUpdateDateTime", NULL },
	{ "incidents",		"ms365:defender:incident",	NATIVE_TENANT,	"microsoft_365_defender_endpoint_incidents:",
	  "lastUpdateDateTime", native_without_alerts },
	{ "",			"m365fwd",			NATIVE_TEXT,	"m365fwd", "createdDateTime",	NULL },
};

const struct native_row *
native_row(const char *feed)
{
	const struct native_row	*row = native_rows;

	while (strncmp(feed, row->feeds, strlen(row->feeds)) != 0)
		row++;
	return row;
}
