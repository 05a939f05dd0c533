/*
 * metrics - Prometheus' text format (version 0.0.4) from the status object.
 */
#include "admin/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/counters.h"
#include "base/json.h"
#include "base/rfc3339.h"

#define PREFIX "m365fwd_"

enum how {
	PLAIN,			/* a number as it stands; a flag is 0 or 1 */
	TIME,			/* Unix seconds; null is left out */
	AHEAD,			/* a time, as seconds from now */
	IS_OK,			/* 1 if it says "ok" */
	STATE			/* 1, with the word as a further label */
};

/* A gauge: where its objects are ("" : the one object itself), which members are labels, and which is the value. */
static const struct gauge {
	const char	*name, *help, *array, *labels, *value;
	enum how	 how;
} gauges[] = {
	{ "source_up", "The feed works", "sources", "tenant,feed", "state", IS_OK },
	{ "source_cursor_timestamp_seconds", "Everything created before was listed", "sources", "tenant,feed", "listed_to", TIME },
	{ "source_last_success_timestamp_seconds", "The last complete listing or poll", "sources", "tenant,feed", "last_success", TIME },
	{ "ledger_listed", "Content blobs listed and not stored yet", "store.feeds", "tenant,feed", "listed", PLAIN },
	{ "ledger_refused", "Content blobs that wait for a sound address", "store.feeds", "tenant,feed", "refused", PLAIN },
	{ "ledger_lost", "Content blobs that expired unread and are still in the ledger", "store.feeds", "tenant,feed", "lost", PLAIN },
	{ "source_expiry_headroom_seconds", "Until the first listed blob that is not stored expires", "store.feeds", "tenant,feed",
	    "earliest_expiry", AHEAD },
	{ "dest_state", "1 with the state of the output", "outputs", "name", "state", STATE },
	{ "dest_inflight_events", "Records on their way", "outputs", "name", "in_flight", PLAIN },
	{ "dest_last_success_timestamp_seconds", "The last request that was accepted", "outputs", "name", "last_success", TIME },
	{ "dest_owed_events", "Records in the spool that the output wants, at most", "store.owed", "output", "records_at_most", PLAIN },
	{ "dest_oldest_owed_timestamp_seconds", "When the oldest of them was stored", "store.owed", "output", "oldest", TIME },
	{ "spool_bytes", "Bytes of records in the spool", "", "", "store.spool.bytes", PLAIN },
	{ "spool_events", "Records in the spool", "", "", "store.spool.records", PLAIN },
	{ "spool_capacity_bytes", "spool.max", "", "", "store.spool.max", PLAIN },
	{ "spool_oldest_timestamp_seconds", "When the oldest record in the spool was stored", "", "", "store.spool.oldest", TIME },
	{ "dedup_ids", "Remembered ids", "", "", "store.spool.remembered_ids", PLAIN },
	{ "gaps", "Gap records", "", "", "store.gaps", PLAIN },
	{ "polling_paused", "1 while the spool is full", "", "", "daemon.paused", PLAIN },
	{ "start_timestamp_seconds", "When the process started", "", "", "daemon.started", TIME },
	{ "clock_skew_milliseconds", "Microsoft's clock less ours", "", "", "daemon.clock_skew_ms", PLAIN },
};

struct writer {
	const struct json *j;
	struct buf	*to;
	int64_t		 now_ms;
	int		 last;		/* counters: whose HELP was written */
};

static void
head(struct buf *to, const char *name, const char *help, const char *type)
{
	buf_addf(to, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, help, name, type);
}

static void
label(struct buf *to, const char *name, size_t len, const char *value, int first)
{
	buf_adds(to, first ? "{" : ",");
	buf_add(to, name, len);
	buf_adds(to, "=\"");
	for (; *value != '\0'; value++) {
		if (*value == '\\' || *value == '"')
			buf_addc(to, '\\');
		if (*value == '\n')
			buf_adds(to, "\\n");
		else
			buf_addc(to, *value);
	}
	buf_addc(to, '"');
}

/* The value's text; 0: there is none. */
static int
value_of(const struct writer *w, const struct gauge *g, uint32_t node, struct buf *text)
{
	const struct json	*j = w->j;
	int64_t			 ms;

	if (node == JSON_NONE || j->nodes[node].kind == JSON_NULL)
		return 0;
	json_text(j, node, text);
	switch (g->how) {
	case PLAIN:
		if (j->nodes[node].kind == JSON_TRUE || j->nodes[node].kind == JSON_FALSE) {
			buf_reset(text);
			buf_addc(text, j->nodes[node].kind == JSON_TRUE ? '1' : '0');
		}
		return 1;
	case TIME:
	case AHEAD:
		if (rfc3339_parse(buf_str(text), text->len, &ms, NULL) == -1)
			return 0;
		buf_reset(text);
		if (g->how == AHEAD)
			ms -= w->now_ms;
		buf_addf(text, "%lld.%03lld", (long long)(ms / 1000), (long long)llabs(ms % 1000));
		return 1;
	case IS_OK:
		ms = strcmp(buf_str(text), "ok") == 0;
		buf_reset(text);
		buf_addi(text, ms);
		return 1;
	case STATE:
		return 1;
	}
	return 0;
}

static void
put_one(struct writer *w, const struct gauge *g, uint32_t object)
{
	struct buf	 text = { 0 }, value = { 0 };
	const char	*p = g->labels;
	int		 first = 1;
	size_t		 n;

	if (!value_of(w, g, json_path(w->j, object, g->value), &value))
		goto out;
	buf_addf(w->to, PREFIX "%s", g->name);
	for (; *p != '\0'; p += n + (p[n] == ','), first = 0) {
		char	 name[32];
		uint32_t node;

		n = strcspn(p, ",");
		snprintf(name, sizeof(name), "%.*s", (int)n, p);
		buf_reset(&text);
		if ((node = json_get(w->j, object, name)) != JSON_NONE)
			json_text(w->j, node, &text);
		if (strcmp(name, "name") == 0)		/* an output's */
			label(w->to, "output", 6, buf_str(&text), first);
		else
			label(w->to, name, n, buf_str(&text), first);
	}
	if (g->how == STATE) {
		label(w->to, "state", 5, buf_str(&value), first);
		first = 0;
	}
	buf_addf(w->to, "%s %s\n", first ? "" : "}", g->how == STATE ? "1" : buf_str(&value));
out:
	buf_clear(&text);
	buf_clear(&value);
}

static void
put_gauge(struct writer *w, const struct gauge *g)
{
	uint32_t	 array = *g->array == '\0' ? JSON_NONE : json_path(w->j, 0, g->array);

	head(w->to, g->name, g->help, "gauge");
	if (*g->array == '\0')
		put_one(w, g, 0);
	else if (array != JSON_NONE && w->j->nodes[array].kind == JSON_ARRAY)
		for (uint32_t k = json_first(w->j, array); k != JSON_NONE; k = json_next(w->j, array, k))
			put_one(w, g, k);
}

static void
put_counter(void *arg, enum counter c, const char *l1, const char *l2, const char *l3, uint64_t n)
{
	const struct counter_info	*info = counter_info(c);
	const char			*values[] = { l1, l2, l3 }, *p = info->labels;
	struct writer			*w = arg;
	int				 first = 1;

	if (w->last != (int)c)
		head(w->to, info->name, info->help, "counter");
	w->last = (int)c;
	buf_addf(w->to, PREFIX "%s", info->name);
	for (size_t i = 0, len; i < 3 && *p != '\0'; i++, p += len + (p[len] == ','), first = 0) {
		len = strcspn(p, ",");
		label(w->to, p, len, values[i], first);
	}
	buf_addf(w->to, "%s %llu\n", first ? "" : "}", (unsigned long long)n);
}

/* What node_exporter cannot tell of us. Source: proc(5). */
static void
put_process(struct buf *to)
{
	FILE	*f = fopen("/proc/self/statm", "re");
	long	 size, resident;

	if (f == NULL)
		return;
	if (fscanf(f, "%ld %ld", &size, &resident) == 2)
		buf_addf(to, "# HELP process_resident_memory_bytes Resident memory\n# TYPE process_resident_memory_bytes gauge\n"
		    "process_resident_memory_bytes %ld\n", resident * sysconf(_SC_PAGESIZE));
	fclose(f);
}

void
metrics_text(const char *status, size_t len, int64_t now_ms, struct buf *to)
{
	struct json	 j = { 0 };
	struct writer	 w = { .j = &j, .to = to, .now_ms = now_ms, .last = -1 };
	struct buf	 version = { 0 };
	uint32_t	 node;

	if (json_index(&j, status, len, 0, JSON_DEPTH) == JSON_OK) {
		if ((node = json_path(&j, 0, "daemon.version")) != JSON_NONE)
			json_text(&j, node, &version);
		head(to, "build_info", "1, with the version", "gauge");
		buf_addf(to, PREFIX "build_info{version=\"%s\"} 1\n", buf_str(&version));
		for (size_t i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++)
			put_gauge(&w, &gauges[i]);
	}
	counters_each(put_counter, &w);
	put_process(to);
	json_clear(&j);
	buf_clear(&version);
}

/* ---- the page ------------------------------------------------------------------------------------------------------------ */

static const struct {
	const char	*title, *array, *columns;
} tables[] = {
	{ "Feeds", "sources", "tenant,feed,state,listed_to,last_success,why" },
	{ "Outputs", "outputs", "name,type,state,in_flight,delivered,duplicates,dead,last_success,why" },
	{ "Ledger", "store.feeds", "tenant,feed,listed,stored,lost,refused,records,earliest_expiry" },
	{ "Owed", "store.owed", "output,batches,records_at_most,oldest" },
};

static void
put_escaped(struct buf *to, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '<':
			buf_adds(to, "&lt;");
			break;
		case '&':
			buf_adds(to, "&amp;");
			break;
		case '"':
			buf_adds(to, "&quot;");
			break;
		default:
			buf_addc(to, *text);
		}
	}
}

static void
put_cell(const struct json *j, uint32_t node, struct buf *to)
{
	struct buf	 text = { 0 };

	buf_adds(to, "<td>");
	if (node != JSON_NONE && j->nodes[node].kind != JSON_NULL)
		json_text(j, node, &text);
	put_escaped(to, buf_str(&text));
	buf_clear(&text);
}

static void
put_table(const struct json *j, const char *title, const char *array, const char *columns, struct buf *to)
{
	uint32_t	 list = json_path(j, 0, array);
	char		 names[200], *name, *rest;

	buf_addf(to, "<h2>%s</h2><table><tr>", title);
	snprintf(names, sizeof(names), "%s", columns);
	for (name = strtok_r(names, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest))
		buf_addf(to, "<th>%s", name);
	for (uint32_t k = list != JSON_NONE ? json_first(j, list) : JSON_NONE; k != JSON_NONE; k = json_next(j, list, k)) {
		buf_adds(to, "\n<tr>");
		snprintf(names, sizeof(names), "%s", columns);
		for (name = strtok_r(names, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest))
			put_cell(j, json_get(j, k, name), to);
	}
	buf_adds(to, "</table>\n");
}

void
metrics_page(const char *status, size_t len, struct buf *to)
{
	static const char *const facts[] = { "daemon.version", "daemon.started", "daemon.paused", "store.spool.bytes", "store.spool.max",
		"store.spool.records", "store.spool.oldest", "store.gaps" };
	struct json	 j = { 0 };

	buf_adds(to, "<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=15><title>m365fwd</title>"
	    "<style>body{font:14px sans-serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:3px 8px;"
	    "text-align:left}</style><h1>m365fwd</h1>\n<table>");
	if (json_index(&j, status, len, 0, JSON_DEPTH) == JSON_OK) {
		for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
			buf_addf(to, "<tr><th>%s", strchr(facts[i], '.') + 1);
			put_cell(&j, json_path(&j, 0, facts[i]), to);
		}
		buf_adds(to, "</table>\n");
		for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
			put_table(&j, tables[i].title, tables[i].array, tables[i].columns, to);
	}
	buf_adds(to, "<p>m365fwd gaps, m365fwd dead list: what is missing, and what could not be delivered.</html>\n");
	json_clear(&j);
}
