/*
 * m365fwd run - the daemon, in the foreground.
 */
#include <stdio.h>

#include "cmd/cmd.h"
#include "conf/conf.h"
#include "daemon.h"

int
cmd_run(const struct cmd_args *args)
{
	struct daemon_opts	 opts = { .config = args->config, .once = args->once, .timeout_ms = args->timeout_ms };
	struct buf		 errors = { 0 };
	struct err		 e = { 0 };
	struct conf		*c = conf_load(args->config, &errors, &e);

	fwrite(buf_str(&errors), 1, errors.len, stderr);
	buf_clear(&errors);
	return c != NULL ? daemon_run(c, &opts) : cmd_fail(&e);
}
