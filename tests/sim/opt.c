/*
 * opt - what the command line asks for; one table of options.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "opt.h"
#include "text.h"

enum how { INT, REAL, TEXT, SIZE, LIST, FLAG, HEAD };

struct row {
	const char	*name;
	const char	*arg;
	enum how	 how;
	size_t		 at;
	const char	*help;
};

#define AT(member) offsetof(struct opt, member)

/* clang-format off */
static const struct row rows[] = {
	{ "Listeners (always on 127.0.0.1)", NULL, HEAD, 0, NULL },
	{ "port", "N", INT, AT(port), "plain HTTP; 0 = any free one, printed (default 0)" },
	{ "port-file", "FILE", TEXT, AT(port_file), "write the chosen port into FILE" },
	{ "tls-port", "N", INT, AT(tls_port), "the same over TLS; 0 = any free one, printed (default: none)" },
	{ "tls-cert", "FILE", TEXT, AT(tls_cert), "PEM certificate chain for --tls-port" },
	{ "tls-key", "FILE", TEXT, AT(tls_key), "PEM key for --tls-port" },
	{ "trap-port", "N", INT, AT(trap_port), "a foreign host: counts requests with an Authorization header as token_leaks" },

	{ "Tenant and token endpoint", NULL, HEAD, 0, NULL },
	{ "tenant", "GUID", TEXT, AT(tenant), "tenant id (default 11111111-2222-3333-4444-555555555555)" },
	{ "domain", "NAME", TEXT, AT(domain), "verified domain, good for the token endpoint too (default contoso.example)" },
	{ "client-id", "GUID", TEXT, AT(client_id), "application id (default aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee)" },
	{ "client-secret", "TEXT", TEXT, AT(client_secret), "its secret (default sim-secret~1)" },
	{ "scope", "TEXT", TEXT, AT(scope), "the only scope accepted (default: any single one that ends in /.default)" },
	{ "token-lifetime", "S", INT, AT(token_lifetime), "seconds a token lives (default 3599)" },

	{ "Records and blobs", NULL, HEAD, 0, NULL },
	{ "seed", "N", INT, AT(seed), "the same seed makes the same records (default 1)" },
	{ "days", "D", REAL, AT(days), "contentCreated is spread over the last D days, fractions allowed (default 1)" },
	{ "records", "N", INT, AT(records), "records in all, over the five content types (default 2000)" },
	{ "blob-size", "N", INT, AT(blob_size), "typical number of records of a blob (default 50)" },
	{ "odd", "PERCENT", REAL, AT(odd), "records of an odd shape (default 2)" },
	{ "dups", "PERCENT", REAL, AT(dups), "records that repeat an earlier one (default 2)" },
	{ "contentcreated-spread", "HOW", TEXT, AT(contentcreated_spread), "even | recent | burst: how blobs lie in those days (default even)" },
	{ "rate", "R", REAL, AT(rate), "afterwards go on making R records a second in live blobs (default 0)" },
	{ "live-seconds", "S", REAL, AT(live_seconds), "stop that after S seconds (default: never)" },
	{ "big-blob", "MIB", LIST, AT(big_blob), "one more blob of about MIB MiB, streamed; repeatable" },
	{ "big-record", "MIB", INT, AT(big_record), "two records of MIB MiB in the last big blob, Id early and Id last" },
	{ "record-limit", "SIZE", SIZE, AT(record_limit), "records over this are expected as dead letters (default 16MiB)" },
	{ "events", "FILE", LIST, AT(events), "NDJSON of raw records, served byte for byte in file order; repeatable" },
	{ "events-only", NULL, FLAG, AT(events_only), "generate nothing beside --events and --big-blob" },

	{ "Management API", NULL, HEAD, 0, NULL },
	{ "page-size", "N", INT, AT(page_size), "blobs of a listing page (default 100)" },
	{ "expiry-days", "D", INT, AT(expiry_days), "contentExpiration after contentCreated (default 7)" },
	{ "throttle", "N", INT, AT(throttle), "requests a minute and PublisherIdentifier before AF429; 0 = off (default 2000)" },
	{ "wide-window", "HOW", TEXT, AT(wide_window), "over 24 h: refuse with AF20055 | partial: 200 with the newest 24 h of it (default refuse)" },
	{ "first-delay", "HOURS", REAL, AT(first_delay), "content appears so long after the first start of a subscription (default 0)" },
	{ "back-fill", "HOURS", REAL, AT(back_fill), "a first start brings content of so many hours before it (default: all)" },
	{ "blob-gzip", "HOW", TEXT, AT(blob_gzip), "on: gzip level 1 for clients that accept it | off (default on)" },
	{ "subscribed", NULL, FLAG, AT(subscribed), "all five subscriptions are enabled from the start" },

	{ "Microsoft Graph", NULL, HEAD, 0, NULL },
	{ "graph-rows", "N", INT, AT(graph_rows), "rows in all, over the ten feeds and --days + --graph-ahead (default 0)" },
	{ "graph-ahead", "D", REAL, AT(graph_ahead), "rows go on appearing for D days of the tenant's time (default 0)" },
	{ "graph-late", "PERCENT", REAL, AT(graph_late), "rows that appear 10 min to --graph-late-hours late (default 5)" },
	{ "graph-late-hours", "H", REAL, AT(graph_late_hours), "(default 6)" },
	{ "graph-change", "PERCENT", REAL, AT(graph_change), "rows that change after they appeared, once or twice (default 3)" },
	{ "graph-change-hours", "H", REAL, AT(graph_change_hours), "within so many hours (default 40)" },
	{ "graph-twins", "PERCENT", REAL, AT(graph_twins), "rows that come again under another id (default 1)" },
	{ "graph-odd", "PERCENT", REAL, AT(graph_odd), "rows of an odd shape (default 2)" },
	{ "graph-events", "FEED=FILE", LIST, AT(graph_events), "NDJSON of rows, served byte for byte; repeatable" },
	{ "graph-page", "N", INT, AT(graph_page), "no page has more rows (default: what each endpoint allows)" },
	{ "graph-history-days", "D", REAL, AT(graph_history_days), "older rows are gone, older filters are 400 (default 30)" },
	{ "graph-throttle", "HOW", TEXT, AT(graph_throttle), "on: 5 in 10 s reporting, 1/s identity, 150/min security | off (default on)" },
	{ "graph-roles", "LIST", TEXT, AT(graph_roles), "Graph's roles in tokens, with commas (default: all that are needed)" },

	{ "Bulk", NULL, HEAD, 0, NULL },
	{ "bulk-api-key", "ID:KEY", TEXT, AT(bulk_api_key), "ask for this ApiKey (default: none asked)" },
	{ "bulk-user", "NAME", TEXT, AT(bulk_user), "ask for this user (Basic)" },
	{ "bulk-password", "TEXT", TEXT, AT(bulk_password), "and this password" },
	{ "bulk-max-bytes", "SIZE", SIZE, AT(bulk_max_bytes), "decompressed body size that gets 413 (default 100MiB)" },
	{ "bulk-dump", "FILE", TEXT, AT(bulk_dump), "append what was created: an action line and a source line each" },
	{ "bulk-kinds", "HOW", TEXT, AT(bulk_kinds), "off | report: one path, one kind over all documents (default off)" },

	{ "HEC", NULL, HEAD, 0, NULL },
	{ "hec-token", "NAME=TOKEN[,ack][,index=A+B]", LIST, AT(hec_token), "a token, with acknowledgements, good for these indexes; repeatable (default: plain=..., acks=...,ack)" },
	{ "hec-ack-timeout", "S", INT, AT(hec_ack_timeout), "the forwarder's: it may give up who could not be asked for twice as long" },
	{ "hec-ack-ms", "N", INT, AT(hec_ack_ms), "an id becomes true after N milliseconds (default 300)" },
	{ "hec-max-bytes", "SIZE", SIZE, AT(hec_max_bytes), "decompressed body size that gets 413 (default 838860800)" },
	{ "hec-dump", "FILE", TEXT, AT(hec_dump), "append what was indexed: token and envelope, a line each" },
	{ "hec-trace", "FILE", TEXT, AT(hec_trace), "append when each request was taken, acknowledged, and came twice" },

	{ "Faults, clock, help", NULL, HEAD, 0, NULL },
	{ "fault", "NAME[:ARG[:TIMES]]", LIST, AT(fault), "set a fault; repeatable; see --help-faults" },
	{ "now", "TIME", TEXT, AT(now), "the clock starts at YYYY-MM-DDTHH:MM:SS (default: real time)" },
	{ "clock-rate", "R", REAL, AT(clock_rate), "the clock runs R times as fast (default 1)" },
	{ "selftest", NULL, FLAG, AT(selftest), "check the scanner and the generator against each other, and exit" },
	{ "help", NULL, FLAG, AT(help), "this text" },
	{ "help-faults", NULL, FLAG, AT(help_faults), "the table of faults" },
};
/* clang-format on */

#define NROWS (sizeof(rows) / sizeof(rows[0]))

void
opt_defaults(struct opt *o)
{
	memset(o, 0, sizeof(*o));
	o->tls_port = o->trap_port = -1;
	o->tenant = "11111111-2222-3333-4444-555555555555";
	o->domain = "contoso.example";
	o->client_id = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
	o->client_secret = "sim-secret~1";
	o->token_lifetime = 3599;
	o->seed = 1;
	o->days = 1;
	o->records = 2000;
	o->blob_size = 50;
	o->odd = o->dups = 2;
	o->contentcreated_spread = "even";
	o->record_limit = 16 << 20;
	o->page_size = 100;
	o->expiry_days = 7;
	o->throttle = 2000;
	o->back_fill = -1;
	o->wide_window = "refuse";
	o->blob_gzip = "on";
	o->graph_late = 5;
	o->graph_late_hours = 6;
	o->graph_change = 3;
	o->graph_change_hours = 40;
	o->graph_twins = 1;
	o->graph_odd = 2;
	o->graph_history_days = 30;
	o->graph_throttle = "on";
	o->graph_roles = "AuditLog.Read.All,IdentityRiskEvent.Read.All,IdentityRiskyServicePrincipal.Read.All,"
	    "SecurityAlert.Read.All,SecurityIncident.Read.All,Policy.Read.All";
	o->bulk_max_bytes = 100 << 20;
	o->bulk_kinds = "off";
	o->hec_ack_ms = 300;
	o->hec_max_bytes = 838860800;
	o->clock_rate = 1;
}

int
opt_size(const char *s, int64_t *bytes)
{
	static const struct { const char *name; int64_t times; } units[] = {
		{ "", 1 }, { "KB", 1000 }, { "MB", 1000000 }, { "GB", 1000000000 },
		{ "KiB", 1 << 10 }, { "MiB", 1 << 20 }, { "GiB", 1 << 30 },
	};
	char	*end;
	size_t	 i;

	errno = 0;
	*bytes = strtoll(s, &end, 10);
	if (errno != 0 || end == s || *bytes < 0)
		return -1;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].name) == 0) {
			*bytes *= units[i].times;
			return 0;
		}
	}
	return -1;
}

static int
store(struct opt *o, const struct row *r, const char *value)
{
	char	*base = (char *)o + r->at, *end = NULL;

	errno = 0;
	switch (r->how) {
	case INT:
		*(int64_t *)(void *)base = strtoll(value, &end, 10);
		return errno == 0 && end != value && *end == '\0' ? 0 : -1;
	case REAL:
		*(double *)(void *)base = strtod(value, &end);
		return errno == 0 && end != value && *end == '\0' && *(double *)(void *)base >= 0 ? 0 : -1;
	case SIZE:
		return opt_size(value, (int64_t *)(void *)base);
	case TEXT:
		*(const char **)(void *)base = value;
		return 0;
	case LIST: {
		struct list	*l = (struct list *)(void *)base;

		l->items = sim_grow(l->items, l->n + 1, sizeof(*l->items));
		l->items[l->n++] = value;
		return 0;
	}
	case FLAG:
		*(int *)(void *)base = 1;
		return 0;
	case HEAD:
		break;
	}
	return -1;
}

static const struct row *
find(const char *name, size_t len)
{
	size_t	 i;

	for (i = 0; i < NROWS; i++)
		if (rows[i].how != HEAD && strlen(rows[i].name) == len && strncmp(rows[i].name, name, len) == 0)
			return &rows[i];
	return NULL;
}

static int
one_of(const char *what, const char *value, const char *a, const char *b, const char *c)
{
	if (strcmp(value, a) == 0 || strcmp(value, b) == 0 || (c != NULL && strcmp(value, c) == 0))
		return 0;
	fprintf(stderr, "m365sim: --%s: %s is not known\n", what, value);
	return -1;
}

static int
agree(const struct opt *o)
{
	if (o->tls_port >= 0 && (o->tls_cert == NULL || o->tls_key == NULL)) {
		fprintf(stderr, "m365sim: --tls-port needs --tls-cert and --tls-key\n");
		return -1;
	}
	if ((o->bulk_user == NULL) != (o->bulk_password == NULL)) {
		fprintf(stderr, "m365sim: --bulk-user and --bulk-password go together\n");
		return -1;
	}
	if (o->records < 0 || o->blob_size < 1 || o->page_size < 1 || o->expiry_days < 1 || o->clock_rate <= 0 ||
	    o->token_lifetime < 0 || o->big_record < 0) {
		fprintf(stderr, "m365sim: a number is out of range\n");
		return -1;
	}
	if (one_of("contentcreated-spread", o->contentcreated_spread, "even", "recent", "burst") == -1 ||
	    one_of("wide-window", o->wide_window, "refuse", "partial", NULL) == -1 ||
	    one_of("graph-throttle", o->graph_throttle, "on", "off", NULL) == -1 ||
	    one_of("blob-gzip", o->blob_gzip, "on", "off", NULL) == -1 ||
	    one_of("bulk-kinds", o->bulk_kinds, "off", "report", NULL) == -1)
		return -1;
	return 0;
}

int
opt_read(struct opt *o, int argc, char **argv)
{
	int	 i;

	for (i = 1; i < argc; i++) {
		const char		*arg = argv[i], *eq, *value = NULL;
		const struct row	*r;

		if (strcmp(arg, "-h") == 0)
			arg = "--help";
		if (strncmp(arg, "--", 2) != 0) {
			fprintf(stderr, "m365sim: %s: options begin with --\n", arg);
			return -1;
		}
		arg += 2;
		eq = strchr(arg, '=');
		r = find(arg, eq != NULL ? (size_t)(eq - arg) : strlen(arg));
		if (r == NULL) {
			fprintf(stderr, "m365sim: --%s: no such option; see --help\n", arg);
			return -1;
		}
		if (r->how != FLAG) {
			value = eq != NULL ? eq + 1 : i + 1 < argc ? argv[++i] : NULL;
			if (value == NULL) {
				fprintf(stderr, "m365sim: --%s needs %s\n", r->name, r->arg);
				return -1;
			}
		}
		if (store(o, r, value) == -1) {
			fprintf(stderr, "m365sim: --%s: %s is not a %s\n", r->name, value, r->arg);
			return -1;
		}
	}
	return agree(o);
}

void
opt_help(FILE *to)
{
	char	 left[64];
	size_t	 i;

	fprintf(to, "usage: m365sim [options]\n\n"
		    "A simulated Microsoft 365 tenant, a simulated Elasticsearch, and an oracle that compares them.\n"
		    "GET /sim/report tells what is missing. See doc/simulator.md.\n");
	for (i = 0; i < NROWS; i++) {
		if (rows[i].how == HEAD) {
			fprintf(to, "\n%s:\n", rows[i].name);
			continue;
		}
		snprintf(left, sizeof(left), "--%s %s", rows[i].name, rows[i].arg != NULL ? rows[i].arg : "");
		fprintf(to, "  %-32s %s\n", left, rows[i].help);
	}
}
