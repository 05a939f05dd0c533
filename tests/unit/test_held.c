/* Which record a worker is at: only what kills the process twice in a row, by itself, is poison. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/held.h"
#include "base/log.h"
#include "base/queue.h"

static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static char	 dir[64];

/* Built with AddressSanitizer, the handlers are to be ours all the same. */
const char	*__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0";
}

static struct record
record(uint8_t n)
{
	struct record	 r = { .digest = n };

	r.id[0] = n;
	return r;
}

enum end { NOT = 0, FAULT, ABORT, RAISED, SENT, KILLED, EXIT };

static void
end_by(enum end how, int number)
{

	switch (how) {
	case NOT:
		break;
	case FAULT:
		*(volatile char *)mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) = 1;
		break;
	case ABORT:
		abort();
	case RAISED:
		raise(number);
		break;
	case SENT:
		kill(getpid(), number);
		pause();
		break;
	case KILLED:
		kill(getpid(), SIGKILL);
		break;
	case EXIT:
		held_close();
		break;
	}
	_exit(0);
}

struct run {
	uint8_t		 record;	/* 0: none */
	enum end	 how;
	int		 number, output;
};

static void
worker(void *arg)
{
	const struct run	*run = arg;
	struct record		 other = record(200), r = record(run->record);

	held_for(run->output);
	held_at(&other);
	held_none();
	if (run->record != 0)
		held_at(&r);
	end_by(run->how, run->number);
}

/* A process that takes up a record on a worker and ends so. */
static void
run_child(struct run run)
{
	struct rlimit	 none = { 0, 0 };
	struct err	 e = { 0 };
	int		 status;
	pid_t		 pid = fork();

	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
		for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
			signal(faults[i], SIG_DFL);		/* cmocka's handlers are not meant */
		if (held_open(dir, "1.0", &e) == -1)
			_exit(99);
		thread_start("worker", worker, &run);
		for (;;)
			pause();
	}
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (run.how != EXIT)
		assert_true(WIFSIGNALED(status));
	if (run.how == FAULT)
		assert_int_equal(WTERMSIG(status), SIGSEGV);
	if (run.how == ABORT)
		assert_int_equal(WTERMSIG(status), SIGABRT);
}

static const char *
poison(uint8_t n, const char *version)
{
	struct record	 r = record(n);
	struct err	 e = { 0 };
	const char	*found;

	assert_int_equal(held_open(dir, version, &e), 0);
	found = held_poison(&r, 0);
	held_close();
	return found;
}

static int
set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/m365fwd-held-XXXXXX");
	log_open(LOG_ERROR, LOG_TEXT);
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
drop(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

static int
tear_down(void **state)
{
	(void)state;
	return nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static const struct {
	const char	*name;
	struct run	 runs[5];
	uint8_t		 asked;
	const char	*verdict;
} stories[] = {
	{ "once is not twice", { { 7, FAULT, 0, 0 } }, 7, NULL },
	{ "twice", { { 7, FAULT, 0, 0 }, { 7, FAULT, 0, 0 } }, 7, "SIGSEGV" },
	{ "three times", { { 7, FAULT, 0, 0 }, { 7, FAULT, 0, 0 }, { 7, FAULT, 0, 0 } }, 7, "SIGSEGV" },
	{ "abort", { { 7, ABORT, 0, 0 }, { 7, ABORT, 0, 0 } }, 7, "SIGABRT" },
	{ "of two kinds", { { 7, FAULT, 0, 0 }, { 7, ABORT, 0, 0 } }, 7, "SIGABRT" },
	{ "another one is not meant", { { 7, FAULT, 0, 0 }, { 7, FAULT, 0, 0 } }, 8, NULL },
	{ "nor the one before it", { { 7, FAULT, 0, 0 }, { 7, FAULT, 0, 0 } }, 200, NULL },
	{ "for another output", { { 7, FAULT, 0, 1 }, { 7, FAULT, 0, 1 } }, 7, NULL },
	{ "for two outputs, once each", { { 7, FAULT, 0, 1 }, { 7, FAULT, 0, 0 } }, 7, NULL },
	{ "not in a row", { { 7, FAULT, 0, 0 }, { 8, FAULT, 0, 0 }, { 7, FAULT, 0, 0 } }, 7, NULL },
	{ "nor with a crash of nobody's between", { { 7, FAULT, 0, 0 }, { 0, FAULT, 0, 0 }, { 7, FAULT, 0, 0 } }, 7, NULL },
	{ "SIGKILL never counts", { { 7, KILLED, 0, 0 }, { 7, KILLED, 0, 0 }, { 7, KILLED, 0, 0 } }, 7, NULL },
	{ "nor does it forgive", { { 7, FAULT, 0, 0 }, { 7, KILLED, 0, 0 }, { 7, FAULT, 0, 0 } }, 7, "SIGSEGV" },
	{ "sent by somebody", { { 7, SENT, SIGSEGV, 0 }, { 7, SENT, SIGSEGV, 0 }, { 7, SENT, SIGBUS, 0 } }, 7, NULL },
	{ "SIGTERM", { { 7, SENT, SIGTERM, 0 }, { 7, SENT, SIGTERM, 0 } }, 7, NULL },
	{ "it stays", { { 7, FAULT, 0, 0 }, { 7, FAULT, 0, 0 }, { 8, FAULT, 0, 0 }, { 0, EXIT, 0, 0 } }, 7, "SIGSEGV" },
	{ "two of them", { { 7, FAULT, 0, 0 }, { 7, FAULT, 0, 0 }, { 8, FAULT, 0, 0 }, { 8, FAULT, 0, 0 } }, 8, "SIGSEGV" },
};

static void
only_twice_in_a_row_and_by_itself(void **state)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		const char	*found;

		if (i > 0)
			assert_int_equal(set_up(state), 0);
		for (size_t k = 0; k < 5 && stories[i].runs[k].how != NOT; k++)
			run_child(stories[i].runs[k]);
		found = poison(stories[i].asked, "1.0");
		if ((found == NULL) != (stories[i].verdict == NULL) || (found != NULL && strcmp(found, stories[i].verdict) != 0))
			fail_msg("%s: %s", stories[i].name, found != NULL ? found : "no poison");
		if (i + 1 < sizeof(stories) / sizeof(stories[0]))
			assert_int_equal(tear_down(state), 0);
	}
}

static void
another_version_starts_anew(void **state)
{
	(void)state;
	run_child((struct run){ 7, FAULT, 0, 0 });
	run_child((struct run){ 7, FAULT, 0, 0 });
	assert_non_null(poison(7, "1.0"));
	assert_null(poison(7, "1.1"));
	assert_null(poison(7, "1.0"));
}

static void
a_file_that_is_none_of_ours_or_cut_is_made_anew(void **state)
{
	char	 path[100];
	FILE	*f;

	(void)state;
	snprintf(path, sizeof(path), "%s/held", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("something", f);
	fclose(f);
	assert_null(poison(7, "1.0"));
	run_child((struct run){ 7, FAULT, 0, 0 });
	run_child((struct run){ 7, FAULT, 0, 0 });
	assert_non_null(poison(7, "1.0"));
}

static void
without_the_file_nothing_is_remembered_and_all_else_works(void **state)
{
	struct record	 r = record(7);
	struct err	 e = { 0 };
	char		 path[100];

	(void)state;
	snprintf(path, sizeof(path), "%s/held", dir);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(held_open(dir, "1.0", &e), -1);	/* a link is not followed */
	assert_non_null(strstr(e.text, path));
	held_at(&r);
	held_none();
	assert_null(held_poison(&r, 0));
	held_close();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(only_twice_in_a_row_and_by_itself, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_version_starts_anew, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_is_none_of_ours_or_cut_is_made_anew, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_the_file_nothing_is_remembered_and_all_else_works, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
