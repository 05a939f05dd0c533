/*
 * m365fwd check - is the configuration sound? Everything that is wrong, in one run.
 */
#include <stdio.h>

#include "cmd/cmd.h"
#include "conf/conf.h"

int
cmd_check(const struct cmd_args *args)
{
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };
	struct conf	*c = conf_load(args->config, &errors, &e);
	int		 rc = 0;

	fwrite(buf_str(&errors), 1, errors.len, stderr);
	if (c == NULL)
		rc = cmd_fail(&e);
	else
		printf("%s: sound: %zu tenant%s, %zu output%s\n", args->config, c->n_tenants, c->n_tenants == 1 ? "" : "s",
		    c->n_outputs, c->n_outputs == 1 ? "" : "s");
	conf_free(c);
	buf_clear(&errors);
	return rc;
}

/* For the build: conf/m365fwd.schema.json is this. */
int
cmd_schema(const struct cmd_args *args)
{
	struct buf	 b = { 0 };

	(void)args;
	conf_schema(&b);
	fwrite(buf_str(&b), 1, b.len, stdout);
	buf_clear(&b);
	return 0;
}
