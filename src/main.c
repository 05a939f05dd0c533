/*
 * main - the command line: which command, with what.
 */
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "cmd/cmd.h"
#include "cmd/libmem.h"
#include "cmd/usage.h"

#define DEFAULT_CONFIG "/etc/m365fwd/m365fwd.yaml"

static const struct {
	const char	*name;
	int		 (*run)(const struct cmd_args *);
} commands[] = {
	{ "run",	cmd_run },
	{ "check",	cmd_check },
	{ "reload",	cmd_reload },
	{ "status",	cmd_status },
	{ "gaps",	cmd_gaps },
	{ "dead",	cmd_dead },
	{ "map",	cmd_map },
	{ "fields",	cmd_fields },		/* for the build: prints the field reference */
	{ "setup",	cmd_setup },
	{ "templates",	cmd_templates },	/* for the build: what setup installs */
	{ "schema",	cmd_schema },		/* for the build: prints the JSON Schema of the configuration */
};

/* Descriptors 0 to 2 are open from here on, no core is written, and what we make is ours alone. */
static void
harden(void)
{
	struct rlimit	 none = { 0, 0 };
	int		 fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	umask(077);
	/*
	 * Memory is a promise: threads share one arena, and large buffers go back to the system at once when they are
	 * freed. Those up to 256 KiB stay (to map and unmap them costs a page fault every 4 KiB each time); what the heap
	 * has free goes back when the store rests.
	 */
	mallopt(M_MMAP_THRESHOLD, 256 * 1024);
	mallopt(M_TRIM_THRESHOLD, 512 * 1024);
	mallopt(M_ARENA_MAX, 1);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

/* What was to be read on stdout is gone (a full disk, a closed pipe): nobody may take the rest for all of it. */
static int
finish(int rc)
{
	if ((fflush(stdout) == EOF || ferror(stdout)) && rc == 0) {
		fputs("m365fwd: not all of the output could be written\n", stderr);
		return ERR_IO;
	}
	return rc;
}

int
main(int argc, char **argv)
{
	struct cmd_args	 args = { .config = DEFAULT_CONFIG, .timeout_ms = (int64_t)10 * 60 * 1000, .what = "list" };
	const char	*name;
	int		 rc;

	harden();
	libmem_init();
	if ((rc = usage_parse(argc, argv, &args, &name)) != USAGE_GO)
		return finish(rc);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, name) == 0)
			return finish(commands[i].run(&args));
	return usage_unknown(name);
}
