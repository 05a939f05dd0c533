/*
 * native_feeds - which sourcetype, source and time each feed has in Splunk, and in which envelope its records go.
 */
#include "norm/native.h"

#include <string.h>

const struct native_row native_rows[] = {
	/* feeds		sourcetype			source		its text	time		wrap */
	{ "audit.",		"o365:management:activity",	NATIVE_URI,	"",	"CreationTime",		NULL },
	{ "signin.",		"azure:aad:signin",		NATIVE_TENANT,	"ms_aad_signins:tenant_id:",
	  "createdDateTime", NULL },
	{ "directory.",		"azure:aad:audit",		NATIVE_TENANT,	"ms_aad_audits:tenant_id:",
	  "activityDateTime", NULL },
	{ "risk.",		"azure:aad:risk:detection",	NATIVE_TENANT,	"ms_aad_risk_detection:tenant_id:",
	  "detectedDateTime", NULL },
	{ "alerts",		"ms365:defender:incident:alerts", NATIVE_TENANT, "microsoft_365_defender_endpoint_incidents:",
	  "createdDateTime", NULL },
	{ "incidents",		"ms365:defender:incident",	NATIVE_TENANT,	"microsoft_365_defender_endpoint_incidents:",
	  "createdDateTime", NULL },
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
