/*
 * m365fwd map - records in Microsoft's shape on stdin, one a line; the event of a schema on stdout, one a line. No state,
 * no network: what an output would send, without the framing of Bulk or HEC.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bom.h"
#include "base/clock.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "conf/conf.h"
#include "norm/norm.h"
#include "norm/sift.h"

#define ERR_DATA 65		/* sysexits: the input is not what it should be */
#define NO_TENANT "00000000-0000-0000-0000-000000000000"

struct mapping {
	const struct cmd_args	*args;
	enum schema		 schema;
	struct norm		*norm;
	struct norm_source	 source;
	struct json		 json;
	struct sift		*sift;		/* what outputs redact by default; NULL with schema raw */
	struct sift_scratch	 scratch;
	struct buf		 event, redacted;
	unsigned long		 line;
	int			 rc;
};

static int
usage(const char *before, const char *what, const char *after)
{
	fprintf(stderr, "m365fwd: map: %s%s%s\n", before, what, after);
	return ERR_USAGE;
}

static int
is_guid(const char *s)
{
	for (size_t i = 0; i < 36; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? s[i] != '-' :
		    s[i] == '\0' || strchr("0123456789abcdefABCDEF", s[i]) == NULL)
			return 0;
	return s[36] == '\0';
}

static int
judge(struct mapping *m)
{
	const struct cmd_args	*a = m->args;

	if (a->feed == NULL || a->schema == NULL)
		return usage("needs --feed and --schema, such as --feed audit.exchange --schema ecs", "", "");
	if (!conf_is_feed(a->feed))
		return usage("no feed is called \"", a->feed, "\"; m365fwd.yaml(5) has the list");
	if (norm_schema(a->schema, &m->schema) == -1)
		return usage("no schema is called \"", a->schema, "\"; m365fwd.yaml(5) has the list");
	if (!norm_maps(m->schema, a->feed))
		return usage("feed ", a->feed, " has no mapping to this schema");
	if (a->tenant != NULL && !is_guid(a->tenant))
		return usage("--tenant takes a GUID, not \"", a->tenant, "\"");
	return 0;
}

static void
bad_line(struct mapping *m, const char *what)
{
	fprintf(stderr, "m365fwd: map: line %lu: %s; the line is left out\n", m->line, what);
	m->rc = ERR_DATA;
}

static void
one(struct mapping *m, const char *p, size_t len)
{
	struct record	 r = { .bytes = p, .len = len };

	if (json_index(&m->json, p, len, 1, 1) == JSON_BAD) {
		bad_line(m, m->json.bad);
		return;
	}
	if (m->json.nodes[0].kind != JSON_OBJECT) {
		bad_line(m, "a record is a JSON object");
		return;
	}
	if (m->sift != NULL && sift_members(m->sift, &m->scratch, &r, &m->redacted) > 0) {
		r.bytes = m->redacted.bytes;
		r.len = m->redacted.len;
	}
	buf_reset(&m->event);
	if (m->args->explain)
		norm_explain(m->norm, m->schema, &m->source, &r, &m->event);
	else
		norm_event(m->norm, m->schema, &m->source, &r, &m->event);
	buf_addc(&m->event, '\n');
	if (m->args->explain)
		cmd_print_json(m->event.bytes, m->event.len);
	else
		fwrite(m->event.bytes, 1, m->event.len, stdout);	/* the bytes that would be sent */
}

static int
each_line(struct mapping *m)
{
	char	*line = NULL;
	size_t	 size = 0, mark;
	ssize_t	 got;

	while ((got = getline(&line, &size, stdin)) > 0) {
		mark = m->line++ == 0 ? bom_len(line, (size_t)got) : 0;
		while (got > (ssize_t)mark && strchr(" \t\r\n", line[got - 1]) != NULL)
			got--;
		if (got > (ssize_t)mark)
			one(m, line + mark, (size_t)got - mark);
	}
	free(line);
	if (m->rc == ERR_DATA)
		fputs("m365fwd: map: a record must stand on one line; jq -c . makes it so, of a list jq -c '.[]'\n", stderr);
	if (fflush(stdout) == EOF || ferror(stdout) || ferror(stdin)) {
		fputs("m365fwd: map: reading or writing failed\n", stderr);
		return ERR_IO;
	}
	return m->rc;
}

/* For the build: doc/fields/ is this. */
int
cmd_fields(const struct cmd_args *args)
{
	struct buf	 b = { 0 };

	if (args->feed == NULL || !conf_is_feed(args->feed))
		return usage("fields needs --feed, such as --feed audit.exchange", "", "");
	norm_fields(args->feed, &b);
	fwrite(b.bytes, 1, b.len, stdout);
	buf_clear(&b);
	return 0;
}

int
cmd_map(const struct cmd_args *args)
{
	struct mapping	 m = { .args = args };
	int		 rc = judge(&m);

	if (rc != 0)
		return rc;
	m.norm = norm_new();
	m.source = (struct norm_source){ .tenant_guid = args->tenant != NULL ? args->tenant : NO_TENANT,
	    .tenant_name = "map", .feed = args->feed, .namespace = "default" };
	m.source.compat = args->compat;
	m.source.created_ms = m.source.stored_ms = m.source.now_ms = clock_wall_ms();
	if (m.schema != SCHEMA_RAW) {
		m.sift = sift_new();
		sift_redact(m.sift, "DetectedValues");
	}
	rc = each_line(&m);
	sift_free(m.sift);
	sift_scratch_clear(&m.scratch);
	buf_clear(&m.redacted);
	norm_free(m.norm);
	json_clear(&m.json);
	buf_clear(&m.event);
	return rc;
}
