/*
 * graph_plan - when which row is there: times, lateness, changes, ties, twins.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"
#include "graph_in.h"
#include "when.h"

/* clang-format off */
const struct gkind gkinds[NGFEEDS] = {
	{ "signin.interactive", "auditLogs/signIns", "interactiveUser", "microsoft.graph.signIn", "createdDateTime", NULL,
	    "AuditLog.Read.All", LIMIT_REPORTING, 1000, 1000, 200, 1, 0 },
	{ "signin.noninteractive", "auditLogs/signIns", "nonInteractiveUser", "microsoft.graph.signIn", "createdDateTime", NULL,
	    "AuditLog.Read.All", LIMIT_REPORTING, 1000, 1000, 400, 1, 1 },
	{ "signin.serviceprincipal", "auditLogs/signIns", "servicePrincipal", "microsoft.graph.signIn", "createdDateTime", NULL,
	    "AuditLog.Read.All", LIMIT_REPORTING, 1000, 1000, 200, 1, 1 },
	{ "signin.managedidentity", "auditLogs/signIns", "managedIdentity", "microsoft.graph.signIn", "createdDateTime", NULL,
	    "AuditLog.Read.All", LIMIT_REPORTING, 1000, 1000, 60, 1, 1 },
	{ "directory.audit", "auditLogs/directoryAudits", NULL, "microsoft.graph.directoryAudit", "activityDateTime", NULL,
	    "AuditLog.Read.All", LIMIT_REPORTING, 1000, 1000, 90, 0, 0 },
	{ "directory.provisioning", "auditLogs/provisioning", NULL, "microsoft.graph.provisioningObjectSummary",
	    "activityDateTime", NULL, "AuditLog.Read.All", LIMIT_REPORTING, 1000, 1000, 20, 0, 0 },
	{ "risk.user", "identityProtection/riskDetections", NULL, "microsoft.graph.riskDetection", "detectedDateTime",
	    "lastUpdatedDateTime", "IdentityRiskEvent.Read.All", LIMIT_IDENTITY, 20, 500, 10, 1, 0 },
	{ "risk.serviceprincipal", "identityProtection/servicePrincipalRiskDetections", NULL,
	    "microsoft.graph.servicePrincipalRiskDetection", "detectedDateTime", "lastUpdatedDateTime",
	    "IdentityRiskyServicePrincipal.Read.All", LIMIT_IDENTITY, 20, 500, 5, 1, 0 },
	{ "alerts", "security/alerts_v2", NULL, "microsoft.graph.security.alert", "createdDateTime", "lastUpdateDateTime",
	    "SecurityAlert.Read.All", LIMIT_SECURITY, 100, 1000, 10, 1, 0 },
	{ "incidents", "security/incidents", NULL, "microsoft.graph.security.incident", "createdDateTime", "lastUpdateDateTime",
	    "SecurityIncident.Read.All", LIMIT_SECURITY, 50, 50, 5, 1, 0 },
};
/* clang-format on */

int
gfeed_find(const char *name)
{
	int	 i;

	for (i = 0; i < NGFEEDS; i++)
		if (strcmp(gkinds[i].name, name) == 0)
			return i;
	return -1;
}

int
graph_revision(const struct grow *r, int64_t now)
{
	int	 i, at = -1;

	for (i = 0; i < NREVISIONS && r->visible[i] != 0 && r->visible[i] <= now; i++)
		at = i;
	return at;
}

/* An update is seen up to 50 s after the time it bears. */
int64_t
graph_updated(const struct grow *r, int revision)
{
	if (revision == 0)
		return r->created;
	return r->visible[revision] * TICKS_MS - (int64_t)(rng_mix(r->slot, (uint64_t)revision) % (50u * 1000 * TICKS_MS));
}

struct grow *
graph_add(struct grows *g, enum gfeed f)
{
	struct grow	*row;

	if (g->n == g->room) {
		g->room = g->room ? g->room * 2 : 1024;
		g->all = sim_grow(g->all, g->room, sizeof(*g->all));
	}
	row = &g->all[g->n];
	memset(row, 0, sizeof(*row));
	row->slot = (uint32_t)g->n++;
	row->feed = (uint8_t)f;
	return row;
}

static int64_t
up_to(struct rng *r, double hours)
{
	return (int64_t)(hours * 3600000.0 * ((double)rng_below(r, 1000000) / 1e6));
}

/* Everything but the time it is about; that is set. */
static void
plan_row(const struct graph *g, enum gfeed f, struct grow *row, struct rng *r)
{
	const struct opt	*o = g->opt;
	int64_t			 at = row->created / TICKS_MS + 1;

	row->late = (uint8_t)rng_percent(r, o->graph_late);
	row->visible[0] = at + (row->late ? 10 * MINUTE_MS + up_to(r, o->graph_late_hours) : 20000 + rng_below(r, 100000));
	if (gkinds[f].changes && rng_percent(r, o->graph_change)) {
		row->visible[1] = row->visible[0] + 2 * MINUTE_MS + up_to(r, o->graph_change_hours);
		if (rng_below(r, 5) == 0)
			row->visible[2] = row->visible[1] + MINUTE_MS + up_to(r, o->graph_change_hours / 4);
	}
	if (rng_percent(r, o->graph_odd))
		row->odd = (uint8_t)(1 + rng_below(r, NGODD - 1));
}

/* The same sign-in again under another id, a little later or in the same instant: risk found later, a batch re-sent. */
static void
add_twin(struct graph *g, enum gfeed f, const struct grow *first, struct rng *r)
{
	struct grow	 twin = *first, *row;

	twin.twin_of = first->slot + 1;
	if (rng_below(r, 2) == 0)
		twin.created += rng_below(r, 20000000);
	twin.visible[0] += rng_below(r, 600000);
	twin.visible[1] = twin.visible[2] = 0;
	row = graph_add(&g->feed[f], f);
	twin.slot = row->slot;
	*row = twin;
}

static void
plan_feed(struct graph *g, enum gfeed f)
{
	const struct opt	*o = g->opt;
	struct grows		*rows = &g->feed[f];
	struct rng		 r = { rng_mix((uint64_t)o->seed, 7000u + (uint64_t)f) };
	/* Without rows to come, all but the late ones are there at the start. */
	double			 span = (o->days + o->graph_ahead) * (double)DAY_MS - (o->graph_ahead > 0 ? 0 : 10.0 * MINUTE_MS);
	size_t			 i, n = (size_t)((double)o->graph_rows * gkinds[f].share / 1000.0 + 0.5);
	int64_t			 from = g->start - (int64_t)(o->days * (double)DAY_MS), last = 0;

	for (i = 0; i < n && span >= 1; i++) {
		struct grow	*row = graph_add(rows, f);

		row->created = (from + (int64_t)(span * ((double)rng_below(&r, 1u << 30) / (double)(1u << 30)))) * TICKS_MS +
		    rng_below(&r, TICKS_MS);
		if (last != 0 && rng_below(&r, 20) == 0)
			row->created = last;			/* a tie, to the last digit */
		last = row->created;
		plan_row(g, f, row, &r);
		if (rng_percent(&r, o->graph_twins)) {
			struct grow	 first = *row;		/* adding may move it */

			add_twin(g, f, &first, &r);
		}
	}
}

static int
by_created(const void *a, const void *b)
{
	const struct grow	*x = a, *y = b;

	if (x->created != y->created)
		return x->created < y->created ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static const struct grow	*sorting;

static int
by_appearance(const void *a, const void *b)
{
	uint32_t	 x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (sorting[x].visible[0] != sorting[y].visible[0])
		return sorting[x].visible[0] < sorting[y].visible[0] ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void
sort_feed(struct grows *g)
{
	size_t	 i;

	if (g->n == 0)
		return;
	qsort(g->all, g->n, sizeof(*g->all), by_created);
	g->appear = sim_alloc(g->n, sizeof(*g->appear));
	g->by_slot = sim_alloc(g->n, sizeof(*g->by_slot));
	for (i = 0; i < g->n; i++) {
		g->by_slot[g->all[i].slot] = (uint32_t)i;
		g->appear[i] = (uint32_t)i;
	}
	sorting = g->all;
	qsort(g->appear, g->n, sizeof(*g->appear), by_appearance);
}

int
graph_init(struct graph *g, const struct opt *o)
{
	int	 f;

	g->opt = o;
	g->tenant = (struct tenant){ o->tenant, o->domain };
	g->start = when_now();
	g->roles = o->graph_roles;
	for (f = 0; f < NGFEEDS; f++)
		if (!o->events_only)
			plan_feed(g, (enum gfeed)f);
	if (graph_events(g) == -1)
		return -1;
	for (f = 0; f < NGFEEDS; f++)
		sort_feed(&g->feed[f]);
	g->usage.since = when_passed();
	return 0;
}
