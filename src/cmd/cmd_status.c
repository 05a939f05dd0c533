/*
 * m365fwd status - feeds, ledger, spool, outputs: what is going on, in one screen.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cmd/cmd.h"

/* Every element of the array at `path`, each made one line of its own. */
static void
lines_of(const struct json *j, const char *path, struct buf *to)
{
	uint32_t	 array = json_path(j, 0, path);

	if (array == JSON_NONE || j->nodes[array].kind != JSON_ARRAY)
		return;
	for (uint32_t k = json_first(j, array); k != JSON_NONE; k = json_next(j, array, k)) {
		json_span(j, k, to, 0);
		buf_addc(to, '\n');
	}
}

static void
table(const struct json *j, const char *path, const char *const *names)
{
	struct buf	 lines = { 0 };

	lines_of(j, path, &lines);
	if (lines.len > 0) {
		cmd_table(&lines, names);
		putchar('\n');
	}
	buf_clear(&lines);
}

static void
fact(const struct json *j, const char *label, const char *path)
{
	struct buf	 text = { 0 };
	uint32_t	 node = json_path(j, 0, path);

	if (node != JSON_NONE && j->nodes[node].kind != JSON_NULL) {
		json_text(j, node, &text);
		printf("%-16s ", label);
		cmd_print_safe(stdout, buf_str(&text));
		putchar('\n');
	}
	buf_clear(&text);
}

/* {"archive":3}: one fact a member. */
static void
facts_of(const struct json *j, const char *label, const char *path)
{
	struct buf	 text = { 0 };
	uint32_t	 object = json_path(j, 0, path);

	if (object == JSON_NONE || j->nodes[object].kind != JSON_OBJECT)
		return;
	for (uint32_t k = json_first(j, object); k != JSON_NONE; k = json_next(j, object, k)) {
		buf_reset(&text);
		json_text(j, k, &text);
		buf_adds(&text, "  ");
		json_text(j, k + 1, &text);
		printf("%-16s ", label);
		cmd_print_safe(stdout, buf_str(&text));
		putchar('\n');
	}
	buf_clear(&text);
}

static void
print_store(const struct json *j)
{
	static const char *const ledger[] = { "tenant", "feed", "listed", "stored", "lost", "refused", "records", "earliest_expiry",
	    NULL };
	static const char *const owed[] = { "output", "batches", "records_at_most", "oldest", NULL };
	static const struct { const char *label, *path; } facts[] = { { "spool bytes", "store.spool.bytes" }, { "spool max", "store.spool.max" },
	    { "spool reserved", "store.spool.reserved" }, { "dead letter bytes", "store.spool.dead_bytes" },
	    { "spool records", "store.spool.records" }, { "spool oldest", "store.spool.oldest" }, { "remembered ids", "store.spool.remembered_ids" },
	    { "gaps", "store.gaps" }, { "kinds of records", "store.first_seen.kinds" } };
	static const char *const kinds[] = { "family", "type", "operation", "at", NULL };

	puts("LEDGER");
	table(j, "store.feeds", ledger);
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		fact(j, facts[i].label, facts[i].path);
	facts_of(j, "dead letters", "store.dead");
	putchar('\n');
	table(j, "store.owed", owed);
	puts("SEEN FIRST, THE LATEST");
	table(j, "store.first_seen.latest", kinds);
}

int
cmd_status(const struct cmd_args *args)
{
	static const char *const sources[] = { "tenant", "feed", "state", "listed_to", "last_success", "why", NULL };
	static const char *const outputs[] = { "name", "type", "state", "in_flight", "unacknowledged", "delivered", "duplicates", "dead", "dropped",
	    "last_success", "why", NULL };
	struct buf		 answer = { 0 };
	struct json		 j = { 0 };
	struct err		 e = { 0 };
	int			 running = 0;

	if (cmd_ask(args->config, "status", &answer, &running, &e) == -1)
		return cmd_fail(&e);
	if (args->json) {
		cmd_print_json(buf_str(&answer), answer.len);
	} else if (json_index(&j, buf_str(&answer), strcspn(buf_str(&answer), "\n"), 0, JSON_DEPTH) == JSON_OK) {
		if (running) {
			fact(&j, "running since", "daemon.started");
			fact(&j, "polling paused", "daemon.paused");
			putchar('\n');
			table(&j, "sources", sources);
			table(&j, "outputs", outputs);
		} else {
			puts("m365fwd is not running; this is what its store holds\n");
		}
		print_store(&j);
	}
	json_clear(&j);
	buf_clear(&answer);
	return 0;
}
