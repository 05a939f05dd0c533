/*
 * usage - the command line's grammar, and --help.
 */
#include "cmd/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0.0.0-unreleased"
#endif

enum { O_CONFIG = 1, O_JSON = 2, O_ONCE = 4, O_TIMEOUT = 8, O_FEED = 16, O_SCHEMA = 32, O_TENANT = 64, O_EXPLAIN = 128,
	O_COMPAT = 256, O_DRY_RUN = 512, O_FORCE = 1024, O_OUTPUT = 2048 };

static const struct {
	const char	*name;
	const char	*arguments;
	unsigned	 options;
	const char	*help;
} commands[] = {
	{ "run",	"",		O_CONFIG | O_ONCE | O_TIMEOUT,	"forward, in the foreground, until SIGTERM" },
	{ "check",	"",		O_CONFIG,			"check the configuration and say everything that is wrong with it" },
	{ "reload",	"",		O_CONFIG,			"the running daemon reads its configuration again, and how that went" },
	{ "status",	"",		O_CONFIG | O_JSON,		"feeds, ledger, spool, outputs" },
	{ "gaps",	"",		O_CONFIG | O_JSON,		"what is missing, from when to when, and why" },
	{ "dead",	"list",		O_CONFIG | O_JSON | O_OUTPUT,	"what could not be delivered" },
	{ "dead",	"show N",	O_CONFIG | O_JSON,		"one of them: the record, the reason and the reply" },
	{ "dead",	"retry N|all",	O_CONFIG | O_OUTPUT,		"spools them again for the output that refused them" },
	{ "dead",	"drop N|all",	O_CONFIG | O_OUTPUT,		"deletes them; a gap record stays" },
	{ "dead",	"export",	O_CONFIG | O_OUTPUT,		"all of them, one JSON object a line, each with its record" },
	{ "setup",	"OUTPUT",	O_CONFIG | O_DRY_RUN | O_FORCE,
	    "install templates, lifecycle policy and pipeline in an output's cluster" },
	{ "map",	"",		O_FEED | O_SCHEMA | O_TENANT | O_EXPLAIN | O_COMPAT,
	    "records on stdin, one a line, become events on stdout" },
	{ "fields",	"",		O_FEED,				NULL },		/* for the build */
};

static const struct {
	unsigned	 bit;
	const char	*name, *alias, *value, *help;
} options[] = {
	{ O_CONFIG,	"-c",		"--config",	"FILE",	"the configuration (default /etc/m365fwd/m365fwd.yaml)" },
	{ O_JSON,	"--json",	NULL,		NULL,	"one JSON object (status) or one a line (gaps, dead)" },
	{ O_OUTPUT,	"--output",	NULL,		"NAME",	"dead: those of this output only" },
	{ O_ONCE,	"--once",	NULL,		NULL,	"run: catch up with now, deliver everything, exit" },
	{ O_TIMEOUT,	"--timeout",	NULL,		"TIME",	"run --once: give up after this long, keep everything (default 10m)" },
	{ O_FEED,	"--feed",	NULL,		"FEED",	"map: the feed of the records, such as audit.exchange" },
	{ O_SCHEMA,	"--schema",	NULL,		"NAME",	"map: the schema of the events, such as ecs" },
	{ O_TENANT,	"--tenant",	NULL,		"GUID",	"map: the tenant's id (default all zeroes)" },
	{ O_COMPAT,	"--compat",	NULL,		"WHO",	"map: ours or elastic, as an output's compat" },
	{ O_DRY_RUN,	"--dry-run",	NULL,		NULL,	"setup: print what would be installed" },
	{ O_FORCE,	"--force",	NULL,		NULL,	"setup: replace also what was changed by hand, or is Elastic's own" },
	{ O_EXPLAIN,	"--explain",	NULL,		NULL,	"map: for each field, the rule that made it and its source" },
};

static void
help(FILE *to)
{
	char	 name[64];

	fputs("m365fwd " PACKAGE_VERSION " - forwards Microsoft 365 audit content and sign-ins to Splunk, Elasticsearch and files, completely\n\n"
	    "usage: m365fwd COMMAND [OPTION ...]\n\ncommands:\n", to);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].help == NULL)
			continue;
		snprintf(name, sizeof(name), "%s %s", commands[i].name, commands[i].arguments);
		fprintf(to, "  %-18s %s\n", name, commands[i].help);
	}
	fputs("\noptions:\n", to);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		snprintf(name, sizeof(name), "%s%s%s", options[i].name, options[i].value != NULL ? " " : "",
		    options[i].value != NULL ? options[i].value : "");
		fprintf(to, "  %-18s %s\n", name, options[i].help);
	}
	fputs("  --help             this text\n"
	    "  --version          the version\n"
	    "\nexit codes: 0 ok, 64 usage, 69 endpoint unavailable, 74 I/O error, 75 try again,\n"
	    "77 permission missing, 78 configuration\n"
	    "\nThe configuration is documented in m365fwd.yaml(5); /etc/m365fwd/m365fwd.yaml is a commented sample.\n", to);
}

static int
wrong(const char *before, const char *what, const char *after)
{
	fprintf(stderr, "m365fwd: %s%s%s; see m365fwd --help\n", before, what, after);
	return ERR_USAGE;
}

int
usage_unknown(const char *name)
{
	return wrong("unknown command \"", name, "\"");
}

/* "90s", "10m", "2h"; -1: not a duration. */
static int64_t
duration(const char *text)
{
	static const struct { const char *unit; int64_t ms; } units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
	    { "h", 3600000 }, { "d", 86400000 } };
	char		*end;
	long		 n = strtol(text, &end, 10);

	if (end == text || n < 0 || n > 1000000)
		return -1;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(end, units[i].unit) == 0)
			return n * units[i].ms;
	return -1;
}

static unsigned
options_of(const char *name)
{
	unsigned	 bits = 0;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, name) == 0)
			bits |= commands[i].options;
	return bits;
}

static int
take(struct cmd_args *args, unsigned bit, const char *value)
{
	switch (bit) {
	case O_CONFIG:
		args->config = value;
		break;
	case O_JSON:
		args->json = 1;
		break;
	case O_ONCE:
		args->once = 1;
		break;
	case O_OUTPUT:
		if (*value == '\0' || strlen(value) > 63 || strpbrk(value, " *") != NULL)
			return wrong("--output takes the name of an output, not \"", value, "\"");
		args->output = value;
		break;
	case O_FEED:
		args->feed = value;
		break;
	case O_SCHEMA:
		args->schema = value;
		break;
	case O_TENANT:
		args->tenant = value;
		break;
	case O_DRY_RUN:
		args->dry_run = 1;
		break;
	case O_FORCE:
		args->force = 1;
		break;
	case O_EXPLAIN:
		args->explain = 1;
		break;
	case O_COMPAT:
		if (strcmp(value, "ours") != 0 && strcmp(value, "elastic") != 0)
			return wrong("--compat takes ours or elastic, not \"", value, "\"");
		args->compat = strcmp(value, "elastic") == 0;
		break;
	case O_TIMEOUT:
		if ((args->timeout_ms = duration(value)) <= 0)
			return wrong("--timeout takes a time with its unit, such as 90s or 10m, not \"", value, "\"");
		break;
	}
	return USAGE_GO;
}

/* One option at argv[*i]; USAGE_GO, or the exit code. */
static int
option(int argc, char **argv, int *i, unsigned allowed, struct cmd_args *args)
{
	const char	*arg = argv[*i], *value = strchr(arg, '=');
	size_t		 len = value != NULL && strncmp(arg, "--", 2) == 0 ? (size_t)(value - arg) : strlen(arg);

	for (size_t k = 0; k < sizeof(options) / sizeof(options[0]); k++) {
		const char	*alias = options[k].alias;

		if (!(strlen(options[k].name) == len && strncmp(options[k].name, arg, len) == 0) &&
		    !(alias != NULL && strlen(alias) == len && strncmp(alias, arg, len) == 0))
			continue;
		if (!(options[k].bit & allowed))
			return wrong("this command does not take ", options[k].name, "");
		if (options[k].value == NULL && arg[len] == '=')
			return wrong("", options[k].name, " takes no value");
		if (options[k].value == NULL)
			return take(args, options[k].bit, NULL);
		if (arg[len] == '=')
			return take(args, options[k].bit, arg + len + 1);
		if (*i + 1 >= argc)
			return wrong("", options[k].name, " needs a value");
		return take(args, options[k].bit, argv[++*i]);
	}
	return wrong("unknown option \"", arg, "\"");
}

static int
dead_words(struct cmd_args *args, char **words, int n)
{
	args->what = n > 0 ? words[0] : "list";
	if (strcmp(args->what, "list") == 0 && n <= 1)
		return USAGE_GO;
	if (strcmp(args->what, "export") == 0 && n == 1)
		return USAGE_GO;
	if (n == 2 && (strcmp(args->what, "show") == 0 || strcmp(args->what, "retry") == 0 || strcmp(args->what, "drop") == 0)) {
		args->number = words[1];
		return USAGE_GO;
	}
	return wrong("", "usage: m365fwd dead list | show N | retry N|all | drop N|all | export", "");
}

int
usage_parse(int argc, char **argv, struct cmd_args *args, const char **name)
{
	char	*words[4];
	int	 n = 0, rc;

	*name = NULL;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			help(stdout);
			return 0;
		}
		if (strcmp(argv[i], "--version") == 0 || strcmp(argv[i], "-V") == 0) {
			puts("m365fwd " PACKAGE_VERSION);
			return 0;
		}
		if (argv[i][0] == '-') {
			if ((rc = option(argc, argv, &i, *name != NULL ? options_of(*name) : O_CONFIG, args)) != USAGE_GO)
				return rc;
		} else if (*name == NULL) {
			*name = argv[i];
		} else if (n < 4) {
			words[n++] = argv[i];
		}
	}
	if (*name == NULL) {
		help(stderr);
		return ERR_USAGE;
	}
	if (strcmp(*name, "dead") == 0)
		return dead_words(args, words, n);
	if (strcmp(*name, "setup") == 0 || strcmp(*name, "templates") == 0) {
		if (n == 0)
			return wrong("", *name, " needs the name of an output");
		args->output = words[0];
		return n == 1 ? USAGE_GO : wrong("unexpected \"", words[1], "\"");
	}
	if (n > 0)
		return wrong("unexpected \"", words[0], "\"");
	return USAGE_GO;
}
