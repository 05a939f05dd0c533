/*
 * m365fwd dead list | show N | retry N|all | drop N|all | export - what could not be delivered, why, and what becomes of it.
 *
 * There may be hundreds of thousands: all but show are asked for in pieces, so that neither the daemon nor this command holds
 * more than one. Only the aligned table of dead list needs all of its lines at once.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd/cmd.h"

static int64_t
number_of(const struct buf *answer, const char *name)
{
	struct json	 j = { 0 };
	int64_t		 n = 0;
	uint32_t	 node;

	if (json_index(&j, buf_str(answer), strcspn(buf_str(answer), "\n"), 0, JSON_DEPTH) == JSON_OK &&
	    (node = json_get(&j, 0, name)) != JSON_NONE)
		n = j.nodes[node].kind == JSON_TRUE ? 1 : strtoll(buf_str(answer) + j.nodes[node].start, NULL, 10);
	json_clear(&j);
	return n;
}

/* The number of the last letter in a piece. */
static int64_t
last_id(const struct buf *piece)
{
	const char	*line = buf_str(piece), *next;

	while ((next = strchr(line, '\n')) != NULL && next[1] != '\0')
		line = next + 1;
	return strncmp(line, "{\"id\":", 6) == 0 ? strtoll(line + 6, NULL, 10) : INT64_MAX;
}

/* All pieces of what `word` gives, into `all` or onto stdout. */
static int
read_pieces(const struct cmd_args *args, const char *word, struct buf *all, struct err *e)
{
	struct buf	 piece = { 0 };
	char		 request[160];
	int64_t		 after = 0;
	int		 rc;

	do {
		buf_reset(&piece);
		snprintf(request, sizeof(request), "%s %" PRId64 " %s", word, after, args->output != NULL ? args->output : "*");
		if ((rc = cmd_ask(args->config, request, &piece, NULL, e)) == -1 || piece.len == 0)
			break;
		after = last_id(&piece);
		if (all != NULL)
			buf_add(all, piece.bytes, piece.len);
		else
			cmd_print_json(piece.bytes, piece.len);
	} while (after != INT64_MAX);
	buf_clear(&piece);
	return rc;
}

static int
list(const struct cmd_args *args)
{
	static const char *const names[] = { "id", "tenant", "feed", "output", "record_id", "reason", "at", NULL };
	struct buf		 all = { 0 };
	struct err		 e = { 0 };

	if (read_pieces(args, "dead", args->json ? NULL : &all, &e) == -1) {
		buf_clear(&all);
		return cmd_fail(&e);
	}
	if (!args->json && all.len == 0)
		puts("no dead letters");
	else if (!args->json)
		cmd_table(&all, names);
	buf_clear(&all);
	return 0;
}

static int
export(const struct cmd_args *args)
{
	struct err	 e = { 0 };

	return read_pieces(args, "dead-export", NULL, &e) == 0 ? 0 : cmd_fail(&e);
}

/* "17": 17; "all": 0 where all is a word; -1: neither, and it was said. */
static int64_t
which(const struct cmd_args *args, int all)
{
	char		*end;
	long long	 n = strtoll(args->number, &end, 10);

	if (all && strcmp(args->number, "all") == 0)
		return 0;
	if (*args->number != '\0' && *end == '\0' && n > 0)
		return n;
	fprintf(stderr, "m365fwd: dead %s takes the number that dead list prints%s, not \"%s\"\n", args->what,
	    all ? ", or all" : "", args->number);
	return -1;
}

static int
no_such(int64_t n)
{
	fprintf(stderr, "m365fwd: there is no dead letter %" PRId64 "\n", n);
	return ERR_USAGE;
}

/* On a terminal the record's control bytes are shown, not sent; into a pipe it goes as Microsoft sent it. */
static void
print_field(const struct json *j, const char *name, struct buf *text)
{
	uint32_t	 node = json_get(j, 0, name);

	buf_reset(text);
	if (node == JSON_NONE || j->nodes[node].kind == JSON_NULL)
		return;
	json_text(j, node, text);
	printf("%-10s ", name);
	cmd_print_safe(stdout, buf_str(text));
	putchar('\n');
}

static int
show(const struct cmd_args *args)
{
	static const char *const names[] = { "id", "tenant", "feed", "output", "record_id", "reason", "at", "reply", "record" };
	struct buf		 answer = { 0 }, text = { 0 };
	struct json		 j = { 0 };
	struct err		 e = { 0 };
	char			 request[64];
	int64_t			 n = which(args, 0);

	if (n == -1)
		return ERR_USAGE;
	snprintf(request, sizeof(request), "dead-show %" PRId64, n);
	if (cmd_ask(args->config, request, &answer, NULL, &e) == -1)
		return cmd_fail(&e);
	if (answer.len == 0)
		return no_such(n);
	if (args->json) {
		cmd_print_json(buf_str(&answer), answer.len);
	} else if (json_index(&j, buf_str(&answer), strcspn(buf_str(&answer), "\n"), 0, JSON_DEPTH) == JSON_OK) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			print_field(&j, names[i], &text);
	}
	json_clear(&j);
	buf_clear(&text);
	buf_clear(&answer);
	return 0;
}

struct outcome { int64_t done, never_records, output_gone; };

static int
treat(const struct cmd_args *args, const char *word, int64_t n, struct outcome *o, struct err *e)
{
	struct buf	 answer = { 0 };
	char		 request[160];
	int64_t		 after = n > 0 ? n - 1 : 0, until = n > 0 ? n : INT64_MAX;
	int		 rc, more;

	do {
		buf_reset(&answer);
		snprintf(request, sizeof(request), "%s %" PRId64 " %" PRId64 " %s", word, after, until,
		    args->output != NULL ? args->output : "*");
		if ((rc = cmd_ask(args->config, request, &answer, NULL, e)) == -1)
			break;
		o->done += number_of(&answer, "done");
		o->never_records += number_of(&answer, "never_records");
		o->output_gone += number_of(&answer, "output_gone");
		after = number_of(&answer, "last");
		until = number_of(&answer, "until");
		more = (int)number_of(&answer, "more");
	} while (more);
	buf_clear(&answer);
	return rc;
}

static int
change(const struct cmd_args *args, const char *word, const char *what_was_done)
{
	struct outcome	 o = { 0 };
	struct err	 e = { 0 };
	int64_t		 n = which(args, 1);
	int		 rc;

	if (n == -1)
		return ERR_USAGE;
	rc = treat(args, word, n, &o, &e);
	if (o.done > 0 || n == 0)
		printf("%" PRId64 " dead letter%s %s\n", o.done, o.done == 1 ? "" : "s", what_was_done);
	if (rc == -1)
		return cmd_fail(&e);
	if (o.never_records > 0)
		fprintf(stderr, "m365fwd: %" PRId64 " never were records that an output could take (too large, or no JSON): they can be "
		    "shown, exported and dropped, not tried again\n", o.never_records);
	if (o.output_gone > 0)
		fprintf(stderr, "m365fwd: %" PRId64 " are of an output that left the configuration\n", o.output_gone);
	if (n > 0 && o.done + o.never_records + o.output_gone == 0)
		return no_such(n);
	return n > 0 && o.done == 0 ? ERR_USAGE : 0;
}

static int
retry(const struct cmd_args *args)
{
	return change(args, "dead-retry", "in the spool again");
}

static int
drop(const struct cmd_args *args)
{
	return change(args, "dead-drop", "dropped; m365fwd gaps says so");
}

int
cmd_dead(const struct cmd_args *args)
{
	static const struct {
		const char	*word;
		int		(*run)(const struct cmd_args *);
	} words[] = { { "list", list }, { "show", show }, { "retry", retry }, { "drop", drop }, { "export", export } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, args->what) == 0)
			return words[i].run(args);
	return ERR_USAGE;
}
