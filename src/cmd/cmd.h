/*
 * cmd - one function per command: arguments in, exit code (sysexits) out.
 *
 * Messages go to stderr, data to stdout (design.md section 10). Commands that look at the state ask the running daemon over its
 * control socket, or open the store themselves when none runs; they never create one.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

struct conf;

struct cmd_args {
	const char	*config;		/* -c */
	int		 json;			/* --json */
	int		 once;			/* --once */
	int64_t		 timeout_ms;		/* --timeout */
	const char	*what;			/* "list", "show", ... of dead */
	const char	*number;		/* of dead show, retry, drop: a number, or "all" */
	const char	*feed, *schema, *tenant;	/* of map */
	int		 explain, compat;	/* of map */
	const char	*output;		/* of setup; --output: dead letters of this one only */
	int		 dry_run, force;	/* of setup */
};

int	 cmd_run(const struct cmd_args *);
int	 cmd_check(const struct cmd_args *);
int	 cmd_reload(const struct cmd_args *);
int	 cmd_status(const struct cmd_args *);
int	 cmd_gaps(const struct cmd_args *);
int	 cmd_dead(const struct cmd_args *);
int	 cmd_fields(const struct cmd_args *);
int	 cmd_map(const struct cmd_args *);
int	 cmd_schema(const struct cmd_args *);
int	 cmd_setup(const struct cmd_args *);
int	 cmd_templates(const struct cmd_args *);

/* ask.c */
/* The answer to one of store_ask()'s requests: from the daemon, or from the store when none runs. 0, or -1. */
int	 cmd_ask(const char *config, const char *request, struct buf *answer, int *from_daemon, struct err *);
int	 cmd_fail(const struct err *);			/* says it on stderr; the exit code */
/* Text for a terminal: what it would obey as \xNN. */
void	 cmd_print_safe(FILE *, const char *);
/* JSON onto stdout, lines of it or with a text before it: what a terminal would obey as \u00NN, which means the same. */
void	 cmd_print_json(const char *, size_t);

/* table.c: aligned columns with a header from JSON objects, one a line. names: NULL-ended. */
void	 cmd_table(const struct buf *objects, const char *const *names);

#endif
