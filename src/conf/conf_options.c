/*
 * conf_options - the table of options: every key there is, in the order in which the sample and the manual tell them.
 */
#include <stdio.h>
#include <string.h>

#include "conf/conf_in.h"

#define C(field) offsetof(struct conf, field)
#define T(field) offsetof(struct conf_tenant, field)
#define O(field) offsetof(struct conf_output, field)
#define MUST CONF_MUST
#define LATER CONF_LATER
#define NONE NULL

/* Lists of times are an array and, right behind it, how many there are. */
_Static_assert(C(n_poll_looks) == C(poll_looks_ms) + CONF_LOOKS * sizeof(int64_t), "n_poll_looks is behind");
_Static_assert(C(n_graph_looks) == C(graph_looks_ms) + CONF_LOOKS * sizeof(int64_t), "n_graph_looks is behind");

static const struct conf_option options[] = {
	{ "state_dir", "path", "/var/lib/m365fwd",
	  "Directory of the store: what is fetched and not yet delivered, and what was seen. Mode 0700, ours, not on NFS.",
	  NONE, NONE, 0, C(state_dir) },

	{ "admin", "group", NONE, "The port for monitoring.", NONE, NONE, 0, 0 },
	{ "admin.listen", "address", "127.0.0.1:9365",
	  "Address and port of metrics, health and status page, or off. It tells and changes nothing; beyond loopback there are metrics "
	  "and health only.",
	  NONE, NONE, 0, C(admin_listen) },

	{ "tenants", "items", NONE, "The Microsoft 365 tenants to collect from, one or more.", NONE, NONE, MUST, 0 },
	{ "tenants[].name", "name", NONE, "Label of the tenant in logs, metrics and paths.", NONE, NONE, MUST, T(name) },
	{ "tenants[].id", "guid", NONE, "The tenant's GUID, \"Directory (tenant) ID\" in the Entra admin center.",
	  NONE, NONE, MUST, T(id) },
	{ "tenants[].cloud", "choice", "global", "Which of Microsoft's clouds the tenant lives in.",
	  "global|gcc|gcc-high|dod|china|custom", NONE, 0, T(cloud_row) },
	{ "tenants[].endpoints", "group", NONE, "The cloud's addresses; only with cloud: custom.", NONE, NONE, 0, 0 },
	{ "tenants[].endpoints.login", "origin", NONE, "Origin of the token endpoint.", NONE, NONE, 0, T(login) },
	{ "tenants[].endpoints.management", "origin", NONE, "Origin of the Office 365 Management Activity API.",
	  NONE, NONE, 0, T(management) },
	{ "tenants[].endpoints.graph", "origin", NONE, "Origin of Microsoft Graph.", NONE, NONE, 0, T(graph) },
	{ "tenants[].auth", "group", NONE, "How we prove who we are: exactly one way.", NONE, NONE, MUST, 0 },
	{ "tenants[].auth.client_id", "text", NONE, "The app registration's \"Application (client) ID\".",
	  NONE, NONE, 0, T(client_id) },
	{ "tenants[].auth.client_secret", "secret", NONE, "The app's client secret, by reference.",
	  NONE, NONE, 0, T(client_secret) },
	{ "tenants[].auth.certificate", "secret", NONE, "The app's certificate, by reference; with key.",
	  NONE, NONE, LATER, 0 },
	{ "tenants[].auth.key", "secret", NONE, "The certificate's private key, by reference.", NONE, NONE, LATER, 0 },
	{ "tenants[].auth.federated_token", "secret", NONE, "Token of a workload identity federation, by reference.",
	  NONE, NONE, LATER, 0 },
	{ "tenants[].auth.managed_identity", "flag", NONE, "Use the Azure machine's managed identity.",
	  NONE, NONE, LATER, 0 },
	{ "tenants[].feeds", "feeds", NONE,
	  "Which feeds to collect; see FEEDS in m365fwd.yaml(5).",
	  NONE, NONE, MUST, T(feeds) },
	{ "tenants[].start", "duration", "24h",
	  "How far back a first run reaches: at most 7d with an audit feed, 30d otherwise.", "0s..30d", NONE, 0,
	  T(start_ms) },
	{ "tenants[].publisher", "guid", NONE, "PublisherIdentifier of every Management API call. Default: the "
	  "tenant's id.",
	  NONE, NONE, 0, T(publisher) },
	{ "tenants[].organization", "domain", NONE, "The tenant's domain, for organization.name of schema ecs.",
	  NONE, NONE, 0, T(organization) },
	{ "tenants[].proxy", "proxy", NONE,
	  "HTTP proxy towards Microsoft, off, or a reference to a secret that holds its URL with user and password. "
	  "Default: https_proxy and no_proxy of the environment.", NONE, NONE, 0, T(proxy_text) },
	{ "tenants[].ca_file", "pem", NONE, "Certificate authorities to trust for Microsoft's hosts. Default: the "
	  "system's.",
	  NONE, NONE, 0, T(ca_file) },

	{ "outputs", "items", NONE, "Where records go, one to 64. Each gets what it wants, at its own pace.",
	  NONE, NONE, MUST, 0 },
	{ "outputs[].name", "name", NONE, "Label of the output. Its progress belongs to this name.", NONE, NONE,
	  MUST, O(name) },
	{ "outputs[].type", "choice", NONE, "bulk is Elasticsearch or OpenSearch, file an archive of files, hec Splunk's "
	  "HTTP Event Collector.",
	  "bulk|file|hec", NONE, MUST, O(type) },
	{ "outputs[].url", "urls", NONE, "Origin and optional path of the destination, or a list of them: the "
	  "next is used when one fails. For hec, /services/collector/event is put behind an origin without a path.",
	  NONE, "bulk|hec", MUST, O(urls) },
	{ "outputs[].path", "path", NONE, "Directory of the files: <path>/<tenant>/<feed>/<day>/<number>.ndjson.gz.",
	  NONE, "file", MUST, O(path) },
	{ "outputs[].schema", "choice", "ecs file=raw hec=native", "raw is Microsoft's own bytes, ecs the Elastic "
	  "Common Schema, native what Splunk's add-ons for Microsoft expect, "
	  "ecs-raw the record below o365audit, for Elastic's own ingest pipeline.",
	  "raw|ecs|native|cim~|ecs-raw|ocsf~", NONE, 0, O(schema) },
	{ "outputs[].compat", "choice", "ours", "Where schema ecs tells more than Elastic's own mapping: as ours, or as elastic.",
	  "ours|elastic", "bulk|file", 0, O(compat) },
	{ "outputs[].preserve_original_event", "flag", "false", "Schema ecs: event.original holds the record as Microsoft sent it, too.",
	  NONE, "bulk|file", 0, O(original) },
	{ "outputs[].api_key", "secret", NONE, "API key, id:key or encoded, by reference.", NONE, "bulk", 0, O(api_key) },
	{ "outputs[].username", "user", NONE, "User name, as it is; goes with password.", NONE, "bulk", 0, O(username) },
	{ "outputs[].password", "secret", NONE, "Its password, by reference.", NONE, "bulk", 0, O(password) },
	{ "outputs[].bearer", "secret", NONE, "Bearer token, by reference.", NONE, "bulk", 0, O(bearer) },
	{ "outputs[].token", "secret", NONE, "HEC token, by reference.", NONE, "hec", MUST, O(token) },
	{ "outputs[].ca_file", "pem", NONE, "Certificate authorities to trust for this destination. Default: the system's.",
	  NONE, "bulk|hec", 0, O(ca_file) },
	{ "outputs[].pinned_spki", "pins", NONE,
	  "The destination's public key must be one of these, whoever signed it: sha256//BASE64, several separated by ;.",
	  NONE, "bulk|hec", 0, O(pinned_spki) },
	{ "outputs[].client_certificate", "pem", NONE, "Our certificate for mutual TLS; goes with client_key.",
	  NONE, "bulk|hec", 0, O(client_certificate) },
	{ "outputs[].client_key", "key", NONE, "Its private key, a file with mode 0600.", NONE, "bulk|hec", 0,
	  O(client_key) },
	{ "outputs[].proxy", "proxy", NONE, "HTTP proxy towards this destination; as for tenants.",
	  NONE, "bulk|hec", 0, O(proxy_text) },
	{ "outputs[].headers", "headers", NONE, "More request headers, NAME: VALUE. They are not secret.",
	  NONE, "bulk|hec", 0, O(headers) },
	{ "outputs[].namespace", "namespace", "default", "Last part of the data stream's name, logs-<dataset>-<namespace>.",
	  NONE, "bulk|file", 0, O(ns) },
	{ "outputs[].index", "index", NONE, "Write to this index or data stream instead; for hec, the index instead of the "
	  "token's own.",
	  NONE, "bulk|hec", 0, O(index) },
	{ "outputs[].pipeline", "text", NONE,
	  "Ingest pipeline to run, such as m365fwd-enrich, which m365fwd setup installs: it fills source.geo, source.as and "
	  "user_agent.*. Default: none, not even an index's own, because ecs is mapped already.",
	  NONE, "bulk", 0, O(pipeline) },
	{ "outputs[].ack", "choice", "auto",
	  "Wait until the indexer acknowledges: auto when the token does it, on always (and hold while it does not), "
	  "off never.",
	  "auto|on|off", "hec", 0, O(ack) },
	{ "outputs[].ack_timeout", "duration", "5m", "How long to wait for an acknowledgement before sending again.",
	  "1s..1h", "hec", 0, O(ack_timeout_ms) },
	{ "outputs[].source", "line", NONE, "Splunk's source. Default: the blob's contentUri for audit records.", NONE, "hec",
	  0, O(source) },
	{ "outputs[].sourcetype", "text", NONE, "Splunk's sourcetype. Default: the one Splunk's add-on gives the feed.", NONE,
	  "hec", 0, O(sourcetype) },
	{ "outputs[].host", "text", NONE, "Splunk's host. Default: this machine's name.", NONE, "hec", 0, O(host) },
	{ "outputs[].feeds", "patterns", NONE, "Only feeds that match one of these, such as audit.*. Default: all.",
	  NONE, NONE, 0, O(feeds) },
	{ "outputs[].drop", "conditions", NONE,
	  "Records that this output does not get: those that meet one of these conditions. A condition names feed, operation, user or a "
	  "member of Microsoft's record, and what it must be, * for any letters; all that it names must hold.",
	  NONE, NONE, 0, O(drop) },
	{ "outputs[].keep", "conditions", NONE, "Only records that meet one of these conditions, and none of drop. Default: all.",
	  NONE, NONE, 0, O(keep) },
	{ "outputs[].add", "constants", NONE, "Fields that every event gets, FIELD: VALUE, such as labels.site: berlin: in schema ecs fields of the event, for hec indexed fields.",
	  NONE, NONE, 0, O(add) },
	{ "outputs[].redact", "members", "DetectedValues",
	  "Members that are taken out of every record, wherever they stand, also in JSON that is a text. DetectedValues is what data loss "
	  "prevention found, such as card numbers. Schema raw keeps all unless this is given.",
	  NONE, NONE, 0, O(redact) },
	{ "outputs[].start_at", "choice", "now", "Where a new output starts: with what comes, or with the oldest "
	  "spooled record.",
	  "now|oldest", NONE, 0, O(start_at_oldest) },
	{ "outputs[].on_full", "choice", NONE, "Overrides spool.on_full for this output.", "block|drop_oldest",
	  NONE, 0, O(on_full) },
	{ "outputs[].batch", "group", NONE, "What goes into one request.", NONE, NONE, 0, 0 },
	{ "outputs[].batch.bytes", "size", "5MB hec=1MB", "At most this much, before compression; a larger record "
	  "goes alone.",
	  "4KiB..64MiB", NONE, 0, O(batch_bytes) },
	{ "outputs[].batch.linger", "duration", "1s file=10s", "How long a record may wait for company.", "0s..10m",
	  NONE, 0,
	  O(batch_linger_ms) },
	{ "outputs[].compress", "choice", "gzip", "Compress request bodies.", "none|gzip", "bulk|hec", 0, O(gzip) },
	{ "outputs[].concurrency", "count", "2 hec=1", "How many requests may be under way.", "1..16", "bulk|hec", 0,
	  O(concurrency) },
	{ "outputs[].timeout", "duration", "60s", "How long a request may take.", "1s..1h", "bulk|hec", 0, O(timeout_ms) },

	{ "spool", "group", NONE, "What is fetched and not yet delivered.", NONE, NONE, 0, 0 },
	{ "spool.max", "size", "2GiB", "At most this much; then polling pauses and Microsoft keeps the rest for 7 days.",
	  "1MiB..16TiB", NONE, 0, C(spool_max) },
	{ "spool.reserve", "size", "256MiB", "Disk space that is taken beforehand, so that a full disk does not stop "
	  "delivery.",
	  "0MiB..1TiB", NONE, 0, C(spool_reserve) },
	{ "spool.on_full", "choice", "block", "When the spool is full: block pauses polling, drop_oldest gives up the oldest "
	  "records, with gap records that name the output.",
	  "block|drop_oldest", NONE, 0, C(spool_on_full) },
	{ "dead_letters", "group", NONE, "Records that a destination will never take.", NONE, NONE, 0, 0 },
	{ "dead_letters.max", "size", "256MiB", "At most this much is kept; then the output holds.", "64KiB..1TiB", NONE, 0,
	  C(dead_max) },

	{ "poll", "group", NONE, "The Management Activity API, per tenant.", NONE, NONE, 0, 0 },
	{ "poll.interval", "duration", "60s", "How often each feed is listed.", "100ms..1h", NONE, 0, C(poll_interval_ms) },
	{ "poll.settle", "duration", "60s", "How fresh a listing's end may not be: content still arrives there.",
	  "0s..1h", NONE, 0,
	  C(poll_settle_ms) },
	{ "poll.overlap", "duration", "10m", "How far each listing reaches back behind the last one.", "0s..24h", NONE, 0,
	  C(poll_overlap_ms) },
	{ "poll.long_overlap", "duration", "2h", "The same at start and every 15 minutes.", "0s..7d", NONE, 0,
	  C(poll_long_overlap_ms) },
	{ "poll.second_looks", "durations", "1h, 24h, 48h, 166h", "How long afterwards everything is listed once more.",
	  "1m..167h", NONE, 0, C(poll_looks_ms) },
	{ "poll.concurrency", "count", "8", "How many blobs of a tenant are fetched side by side.", "1..64", NONE, 0,
	  C(poll_concurrency) },
	{ "poll.requests_per_minute", "count", "2000", "At most this many requests; Microsoft allows a tenant 2000.",
	  "1..60000", NONE, 0, C(poll_requests_per_minute) },

	{ "graph", "group", NONE, "Microsoft Graph: sign-ins, directory audits, provisioning, risk, alerts and incidents.",
	  NONE, NONE, 0, 0 },
	{ "graph.interval", "duration", "60s", "How often a feed is polled while rows come.", "100ms..1h", NONE, 0,
	  C(graph_interval_ms) },
	{ "graph.idle_interval", "duration", "5m", "How often when it is quiet.", "100ms..24h", NONE, 0,
	  C(graph_idle_interval_ms) },
	{ "graph.overlap", "duration", "5m", "How far each poll reaches back behind the last one.", "0s..24h", NONE, 0,
	  C(graph_overlap_ms) },
	{ "graph.long_overlap", "duration", "2h", "The same at start and every 15 minutes.", "0s..7d", NONE, 0,
	  C(graph_long_overlap_ms) },
	{ "graph.second_looks", "durations", "24h, 72h", "How long afterwards rows are read once more.", "1m..30d", NONE, 0,
	  C(graph_looks_ms) },

	{ "dedup", "group", NONE, "Remembered ids: what came before is not sent twice.", NONE, NONE, 0, 0 },
	{ "dedup.window", "duration", "8d", "How long an id is remembered; Microsoft lists content for 7 days.",
	  "1h..90d", NONE, 0,
	  C(dedup_window_ms) },
	{ "dedup.max", "size", "4GiB", "At most this much on disk; then the oldest are forgotten early, and counted.",
	  "1MiB..1TiB", NONE, 0, C(dedup_max) },

	{ "limits", "group", NONE, "What one record, and all transfers together, may take.", NONE, NONE, 0, 0 },
	{ "limits.record", "size", "16MiB", "A larger record becomes a dead letter.", "4KiB..64MiB", NONE, 0,
	  C(record_max) },
	{ "limits.fetches", "count", "16", "How many blobs are fetched side by side, by all tenants together.",
	  "1..256", NONE, 0,
	  C(fetches) },

	{ "log", "group", NONE, "Messages, on standard error.", NONE, NONE, 0, 0 },
	{ "log.level", "choice", "info", "How much is said.", "error|warn|info|debug", NONE, 0, C(log_level) },
	{ "log.format", "choice", "text", "For people, or for machines.", "text|logfmt|json", NONE, 0, C(log_format) },

	{ "stop_timeout", "duration", "20s", "How long deliveries may go on after SIGTERM.", "0s..10m", NONE, 0,
	  C(stop_timeout_ms) },
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

const struct conf_option *
conf_options(size_t *n)
{
	*n = OPTIONS;
	return options;
}

const struct conf_option *
option_find(const char *path)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (strcmp(options[i].path, path) == 0)
			return &options[i];
	return NULL;
}

const struct conf_option *
option_next(const char *prefix, const struct conf_option *at)
{
	size_t	 len = strlen(prefix);

	for (at = at != NULL ? at + 1 : options; at < options + OPTIONS; at++)
		if (strncmp(at->path, prefix, len) == 0 && strpbrk(at->path + len, ".[") == NULL)
			return at;
	return NULL;
}

const char *
option_name(const struct conf_option *o)
{
	const char	*dot = strrchr(o->path, '.');

	return dot != NULL ? dot + 1 : o->path;
}

int
option_applies(const struct conf_option *o, const char *type)
{
	int	 later;

	return o->applies == NULL || type == NULL || words_find(o->applies, type, strlen(type), &later) != -1;
}

/* "1s file=10s": the first is for all types that are not named. Lists have a comma before their blanks. */
int
option_standard(const struct conf_option *o, const char *type, char *to, size_t size)
{
	const char	*s = o->standard, *found = s;
	size_t		 len;

	if (s == NULL)
		return 0;
	len = strchr(s, '=') != NULL ? strcspn(s, " ") : strlen(s);
	for (const char *p = strchr(s, '=') != NULL ? s + len : ""; *p == ' ' && type != NULL; p += strcspn(p, " ")) {
		p++;
		if (strncmp(p, type, strlen(type)) == 0 && p[strlen(type)] == '=') {
			found = p + strlen(type) + 1;
			len = strcspn(found, " ");
		}
	}
	snprintf(to, size, "%.*s", (int)len, found);
	return 1;
}

/* ---- choices --------------------------------------------------------------------------------------------------------- */

int
words_find(const char *words, const char *word, size_t len, int *later)
{
	size_t	 n;

	*later = 0;
	for (int i = 0; *words != '\0'; i++, words += n + (words[n] == '|')) {
		n = strcspn(words, "|");
		*later = n > 0 && words[n - 1] == '~';
		if (n - (size_t)*later == len && strncmp(words, word, len) == 0)
			return i;
	}
	*later = 0;
	return -1;
}

void
words_list(const char *words, struct buf *b)
{
	size_t	 n, last = 0, i = 0;

	for (const char *p = words; *p != '\0'; p += n + (p[n] == '|')) {
		n = strcspn(p, "|");
		last += p[n - 1] != '~';
	}
	for (const char *p = words; *p != '\0'; p += n + (p[n] == '|')) {
		n = strcspn(p, "|");
		if (p[n - 1] == '~')
			continue;
		buf_addf(b, "%s%.*s", i == 0 ? "" : i + 1 < last ? ", " : " or ", (int)n, p);
		i++;
	}
}
