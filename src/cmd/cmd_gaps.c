/*
 * m365fwd gaps - what is missing, from when to when, and why.
 */
#include <stdio.h>

#include "cmd/cmd.h"

int
cmd_gaps(const struct cmd_args *args)
{
	static const char *const names[] = { "tenant", "feed", "output", "from", "to", "reason", "detail", NULL };
	struct buf		 answer = { 0 };
	struct err		 e = { 0 };

	if (cmd_ask(args->config, "gaps", &answer, NULL, &e) == -1)
		return cmd_fail(&e);
	if (args->json)
		cmd_print_json(buf_str(&answer), answer.len);
	else if (answer.len == 0)
		puts("no gaps");
	else
		cmd_table(&answer, names);
	buf_clear(&answer);
	return 0;
}
