/*
 * daemon - the wiring; the only file that sees every stage.
 *
 * Reads the configuration, opens the store, joins sources to outputs through it, and runs the loop until SIGTERM (or,
 * with once, until everything is delivered). Bells go up through it, back-pressure comes down through it.
 */
#ifndef DAEMON_H
#define DAEMON_H

#include <stdint.h>

#include "base/err.h"

struct conf;

struct daemon_opts {
	const char	*config;		/* path, read again on SIGHUP */
	int		 once;
	int64_t		 timeout_ms;		/* of once */
};

/* The exit code. conf is taken. */
int	 daemon_run(struct conf *, const struct daemon_opts *);

#endif
