/*
 * usage - the command line's grammar: one table of commands, one of options; --help prints them.
 */
#ifndef CMD_USAGE_H
#define CMD_USAGE_H

#include "cmd/cmd.h"

#define USAGE_GO (-1)

/* USAGE_GO: *name and *args are filled in; else the exit code: help or version was printed, or the line is wrong. */
int	 usage_parse(int argc, char **argv, struct cmd_args *args, const char **name);
int	 usage_unknown(const char *name);

#endif
