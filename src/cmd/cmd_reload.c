/*
 * m365fwd reload - the running daemon reads its configuration again: what SIGHUP does, and how it went.
 */
#include <stdio.h>

#include "admin/ctl.h"
#include "cmd/cmd.h"
#include "conf/conf.h"

#define PATIENCE_MS (11 * 60 * 1000)	/* an output that changes has stop_timeout, 10 minutes at most */

int
cmd_reload(const struct cmd_args *args)
{
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };
	struct conf	*c = conf_glance(args->config, &e);
	int		 rc;

	if (c == NULL)
		return cmd_fail(&e);
	rc = ctl_ask(c->state_dir, "reload", PATIENCE_MS, &errors, &e);
	if (rc == 0)
		err_set(&e, ERR_UNAVAILABLE, "%s: m365fwd is not running", c->state_dir);
	else if (rc == -1 && e.kind == ERR_UNAVAILABLE)
		e.kind = ERR_CONFIG;		/* it runs, and says why it goes on as before */
	else if (rc == 1)
		printf("%s: in force\n", args->config);
	conf_free(c);
	buf_clear(&errors);
	return rc == 1 ? 0 : cmd_fail(&e);
}
