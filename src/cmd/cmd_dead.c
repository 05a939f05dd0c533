/*
 * m365fwd dead list | show N - what could not be delivered, and why.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd/cmd.h"

static int
list(const struct cmd_args *args)
{
	static const char *const names[] = { "id", "tenant", "feed", "output", "record_id", "reason", "at", NULL };
	struct buf		 answer = { 0 };
	struct err		 e = { 0 };

	if (cmd_ask(args->config, "dead", &answer, NULL, &e) == -1)
		return cmd_fail(&e);
	if (args->json)
		fwrite(buf_str(&answer), 1, answer.len, stdout);
	else if (answer.len == 0)
		puts("no dead letters");
	else
		cmd_table(&answer, names);
	buf_clear(&answer);
	return 0;
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
	cmd_print_safe(buf_str(text));
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
	char			*end;
	long long		 n = strtoll(args->number, &end, 10);

	if (*end != '\0' || n <= 0) {
		fprintf(stderr, "m365fwd: dead show takes the number that dead list prints, not \"%s\"\n", args->number);
		return ERR_USAGE;
	}
	snprintf(request, sizeof(request), "dead-show %lld", n);
	if (cmd_ask(args->config, request, &answer, NULL, &e) == -1)
		return cmd_fail(&e);
	if (answer.len == 0) {
		fprintf(stderr, "m365fwd: there is no dead letter %lld\n", n);
		return ERR_USAGE;
	}
	if (args->json) {
		fwrite(buf_str(&answer), 1, answer.len, stdout);
	} else if (json_index(&j, buf_str(&answer), strcspn(buf_str(&answer), "\n"), 0, JSON_DEPTH) == JSON_OK) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			print_field(&j, names[i], &text);
	}
	json_clear(&j);
	buf_clear(&text);
	buf_clear(&answer);
	return 0;
}

int
cmd_dead(const struct cmd_args *args)
{
	return strcmp(args->what, "show") == 0 ? show(args) : list(args);
}
