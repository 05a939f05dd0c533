/*
 * graph_feeds - the feeds of Microsoft Graph: where each is read, by which time, and what it needs (spec/api-graph.md).
 */
#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"
#include "collect/graph_in.h"

#define SIGN_INS	GRAPH_REPORTING, "/beta/auditLogs/signIns", "/beta/auditLogs/", "createdDateTime", "ge", "le"
#define SIGN_IN_NEEDS	"AuditLog.Read.All", "Entra ID P1 or P2"
#define RISK_TIME	"/v1.0/identityProtection/", "detectedDateTime", "ge", "le"
#define UPDATED		"/v1.0/security/", "lastUpdateDateTime", "ge", "le"
#define M		((int64_t)60 * 1000)
#define H		GRAPH_HOUR

static const struct graph_kind_of_feed kinds[] = {
	/* the type's name; rows a page, ordered, changes; overlaps at least; permission, licence */
	{ "signin.interactive", SIGN_INS, "interactiveUser", 1000, 1, 1, 0, 0, SIGN_IN_NEEDS },
	{ "signin.noninteractive", SIGN_INS, "nonInteractiveUser", 1000, 1, 1, 0, 0, SIGN_IN_NEEDS },
	{ "signin.serviceprincipal", SIGN_INS, "servicePrincipal", 1000, 1, 1, 0, 0, SIGN_IN_NEEDS },
	{ "signin.managedidentity", SIGN_INS, "managedIdentity", 1000, 1, 1, 0, 0, SIGN_IN_NEEDS },
	{ "directory.audit", GRAPH_REPORTING, "/v1.0/auditLogs/directoryAudits", "/v1.0/auditLogs/", "activityDateTime", "ge", "le",
	  NULL, 1000, 1, 0, 0, 0, "AuditLog.Read.All", NULL },
	{ "directory.provisioning", GRAPH_REPORTING, "/v1.0/auditLogs/provisioning", "/v1.0/auditLogs/", "activityDateTime", "gt", "lt",
	  NULL, 1000, 0, 0, 0, 0, "AuditLog.Read.All", "Entra ID P1 or P2" },
	/* Offline detections are dated up to two days back. */
	{ "risk.user", GRAPH_IDENTITY, "/v1.0/identityProtection/riskDetections", RISK_TIME,
	  NULL, 500, 0, 1, 0, 48 * H, "IdentityRiskEvent.Read.All", "Entra ID P2" },
	{ "risk.serviceprincipal", GRAPH_IDENTITY, "/v1.0/identityProtection/servicePrincipalRiskDetections", RISK_TIME,
	  NULL, 500, 0, 1, 0, 48 * H, "IdentityRiskyServicePrincipal.Read.All", "Workload Identities Premium" },
	/* A row that is updated moves to the end while its page is read. */
	{ "alerts", GRAPH_SECURITY, "/v1.0/security/alerts_v2", UPDATED,
	  NULL, 100, 1, 1, 60 * M, 0, "SecurityAlert.Read.All", "Microsoft Defender XDR" },
	{ "incidents", GRAPH_SECURITY, "/v1.0/security/incidents", UPDATED,
	  NULL, 50, 1, 1, 60 * M, 0, "SecurityIncident.Read.All", "Microsoft Defender XDR" },
};

const struct graph_kind_of_feed *
graph_kind_find(const char *feed)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, feed) == 0)
			return &kinds[i];
	return NULL;
}

int
graph_has(const char *feed)
{
	return graph_kind_find(feed) != NULL;
}

/* Is there a feed for sign-ins of this type? */
int
graph_type_known(const char *type, size_t len)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].event_type != NULL && strlen(kinds[i].event_type) == len && memcmp(kinds[i].event_type, type, len) == 0)
			return 1;
	return 0;
}

/* "2026-11-23T08:15:09Z" */
static void
second_text(int64_t ms, char to[RFC3339_SIZE])
{
	rfc3339_text(ms, 0, to);
}

/* Just before a whole second: "2026-11-23T08:15:08.9999999Z" */
static void
before_text(int64_t ms, char to[RFC3339_SIZE])
{
	rfc3339_text(ms - GRAPH_SECOND, 0, to);
	snprintf(to + strlen(to) - 1, sizeof(".9999999Z"), ".9999999Z");
}

/*
 * Bounds are whole seconds and inclusive, so that the border between two windows is in both. A window of one second, or one
 * beside an unreadable second, ends just before the next, because it stands for what is in it alone. Where bounds are exclusive
 * a window is asked for from a second earlier.
 */
void
graph_first_url(const struct gfeed *f, const struct graph_window *w, char url[URL_MAX])
{
	const struct graph_kind_of_feed	*k = f->kind;
	int				 exclusive = strcmp(k->ge, "gt") == 0, n;
	char				 a[RFC3339_SIZE], b[RFC3339_SIZE];

	if (exclusive && w->apart)
		before_text(w->from_ms, a);
	else
		second_text(w->from_ms - (exclusive ? GRAPH_SECOND : 0), a);
	if (!exclusive && (w->apart || w->to_ms - w->from_ms == GRAPH_SECOND))
		before_text(w->to_ms, b);
	else
		second_text(w->to_ms, b);
	n = snprintf(url, URL_MAX, "%s%s?$filter=%s%%20%s%%20%s%%20and%%20%s%%20%s%%20%s", f->g->origin_text, k->path, k->time,
	    k->ge, a, k->time, k->le, b);
	if (k->event_type != NULL)
		n += snprintf(url + n, URL_MAX - (size_t)n, "%%20and%%20signInEventTypes/any(t:%%20t%%20eq%%20%%27%s%%27)", k->event_type);
	if (k->ordered)
		n += snprintf(url + n, URL_MAX - (size_t)n, "&$orderby=%s%%20asc", k->time);
	snprintf(url + n, URL_MAX - (size_t)n, "&$top=%u", k->top);
}
