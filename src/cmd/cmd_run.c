/*
 * m365fwd run - the daemon, in the foreground.
 */
#include <signal.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "conf/conf.h"
#include "daemon.h"

/* A SIGTERM or SIGHUP of the first moments waits until the loop has its handlers; the daemon lets them in. */
static void
hold_signals(void)
{
	sigset_t	 set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int
cmd_run(const struct cmd_args *args)
{
	struct daemon_opts	 opts = { .config = args->config, .once = args->once, .timeout_ms = args->timeout_ms };
	struct buf		 errors = { 0 };
	struct err		 e = { 0 };
	struct conf		*c;

	hold_signals();
	c = conf_load(args->config, &errors, &e);
	fwrite(buf_str(&errors), 1, errors.len, stderr);
	buf_clear(&errors);
	return c != NULL ? daemon_run(c, &opts) : cmd_fail(&e);
}
