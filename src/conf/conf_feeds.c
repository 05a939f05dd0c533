/*
 * conf_feeds - which feeds there are, and patterns of their names.
 */
#include <string.h>
#include <strings.h>

#include "conf/conf_in.h"

#define DAY ((int64_t)24 * 3600 * 1000)

static const struct feed feeds[] = {
	/* name				Microsoft's word		reach */
	{ "audit.exchange",		"Audit.Exchange",		7 * DAY },
	{ "audit.sharepoint",		"Audit.SharePoint",		7 * DAY },
	{ "audit.entra",		"Audit.AzureActiveDirectory",	7 * DAY },
	{ "audit.general",		"Audit.General",		7 * DAY },
	{ "audit.dlp",			"DLP.All",			7 * DAY },
	{ "signin.interactive",		"interactiveUser",		30 * DAY },
	{ "signin.noninteractive",	"nonInteractiveUser",		30 * DAY },
	{ "signin.serviceprincipal",	"servicePrincipal",		30 * DAY },
	{ "signin.managedidentity",	"managedIdentity",		30 * DAY },
	{ "directory.audit",		"directoryAudits",		30 * DAY },
	{ "directory.provisioning",	"provisioning",			30 * DAY },
	{ "risk.user",			"riskDetections",		30 * DAY },
	{ "risk.serviceprincipal",	"servicePrincipalRiskDetections", 30 * DAY },
	{ "alerts",			"alerts_v2",			30 * DAY },
	{ "incidents",			"securityIncidents",		30 * DAY },
};
#define FEEDS (sizeof(feeds) / sizeof(feeds[0]))

const struct feed *
feed_find(const char *name)
{
	for (size_t i = 0; i < FEEDS; i++)
		if (strcmp(feeds[i].name, name) == 0)
			return &feeds[i];
	return NULL;
}

int
conf_is_feed(const char *name)
{
	return feed_find(name) != NULL;
}

const char *
feed_near(const char *name)
{
	const char	*names[FEEDS];

	for (size_t i = 0; i < FEEDS; i++) {
		if (strcasecmp(name, feeds[i].api) == 0 || strcasecmp(name, feeds[i].name) == 0)
			return feeds[i].name;
		names[i] = feeds[i].name;
	}
	return near(name, names, FEEDS);
}

/* '*' stands for any letters, dots too. */
int
feed_match(const char *pattern, const char *name)
{
	const char	*star = NULL, *from = NULL;

	while (*name != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			from = name;
		} else if (*pattern == *name) {
			pattern++;
			name++;
		} else if (star != NULL) {
			pattern = star;
			name = ++from;
		} else
			return 0;
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

int
feed_known(const char *pattern)
{
	for (size_t i = 0; i < FEEDS; i++)
		if (feed_match(pattern, feeds[i].name))
			return 1;
	return 0;
}

int
conf_wants(const struct conf_output *o, const char *feed)
{
	for (size_t i = 0; i < o->feeds.n; i++)
		if (feed_match(o->feeds.items[i], feed))
			return 1;
	return o->feeds.n == 0;
}
