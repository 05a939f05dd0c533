/*
 * store: where it refuses to live, whose file it leaves alone, and what survives a close.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "store_kit.h"

static struct kit	 k;

/* The file system that the state directory seems to be on; 0: the one that it is, -1: nobody knows. */
static long		 filesystem;

int
statfs(const char *path, struct statfs *fs)
{
	int	 rc = filesystem == -1 ? (errno = EIO, -1) : (int)syscall(SYS_statfs, path, fs);

	if (rc == 0 && filesystem != 0)
		fs->f_type = filesystem;
	return rc;
}

static int
set_up(void **state)
{
	(void)state;
	kit_new(&k);
	kit_put_new(&k, "blob-1", 0, 10);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	kit_free(&k);
	return 0;
}

static char *
path_of(const char *name)
{
	static char	 path[128];

	snprintf(path, sizeof(path), "%s/%s", k.dir, name);
	return path;
}

/* It does not open; says why. */
static void
refused(enum err_kind kind, const char *word)
{
	struct err	 e = { 0 };
	struct store	*s = store_open(&k.opts, &e);

	if (s != NULL) {
		store_close(s);
		fail_msg("opened, though it should say \"%s\"", word);
	}
	if (e.kind != kind || strstr(e.text, word) == NULL)
		fail_msg("kind %d, \"%s\"; wanted kind %d, \"%s\"", e.kind, e.text, kind, word);
}

static void
a_second_instance_is_refused(void **state)
{
	(void)state;
	refused(ERR_AGAIN, "another m365fwd");
	kit_stop(&k);
	kit_start(&k);			/* and the first one's leaving lets it in */
	assert_int_equal(kit_owed(&k, k.out[0]), 10);
}

/* A daemon that starts while somebody asks for the status: each has its turn, and none waits for one that waits for it. */
static void
those_that_open_it_at_once_take_turns(void **state)
{
	enum { PROCESSES = 6, TIMES = 60 };
	struct err	 e = { 0 };
	pid_t		 pids[PROCESSES];
	int		 status;

	(void)state;
	kit_stop(&k);
	k.opts.lock_wait_ms = 20000;
	for (int i = 0; i < PROCESSES; i++) {
		if ((pids[i] = fork()) != 0)
			continue;
		for (int n = 0; n < TIMES; n++) {
			struct store	*s = store_open(&k.opts, &e);

			if (s == NULL)
				_exit(1);
			store_close(s);
		}
		_exit(0);
	}
	for (int i = 0; i < PROCESSES; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	k.opts.lock_wait_ms = 200;
	kit_start(&k);
	assert_int_equal(kit_owed(&k, k.out[0]), 10);
}

/* As it is in life: locks of one process do not stop that process. */
static void
a_second_process_is_refused(void **state)
{
	struct err	 e = { 0 };
	int		 status;
	pid_t		 pid;

	(void)state;
	kit_stop(&k);
	if ((pid = fork()) == 0) {
		struct store	*s = store_open(&k.opts, &e);

		if (s == NULL)
			_exit(1);
		pause();
	}
	for (int i = 0; i < 100; i++) {		/* until the child has it */
		struct store	*s = store_open(&k.opts, &e);

		if (s == NULL)
			break;
		store_close(s);
		usleep(10000);
	}
	assert_int_equal(e.kind, ERR_AGAIN);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	kit_start(&k);
	assert_int_equal(kit_owed(&k, k.out[0]), 10);
}

/* Numbers that are counted on from: nothing can be added to these. */
static void
a_counter_that_no_store_comes_to_is_damage(void **state)
{
	(void)state;
	kit_stop(&k);
	kit_sql(&k, "UPDATE state SET next_batch = 9223372036854775807");
	refused(ERR_IO, "next_batch=9223372036854775807");
	kit_sql(&k, "UPDATE state SET next_batch = 2, seen_n = -9223372036854775807");
	refused(ERR_IO, "move the file away");
}

static void
a_newer_schema_is_refused(void **state)
{
	(void)state;
	kit_stop(&k);
	kit_sql(&k, "PRAGMA user_version = 99");
	refused(ERR_CONFIG, "newer");
	assert_int_equal(kit_sql_int(&k, "SELECT count(*) FROM batch"), 1);
}

static void
a_directory_that_others_can_enter_is_refused(void **state)
{
	(void)state;
	kit_stop(&k);
	chmod(k.dir, 0750);
	refused(ERR_CONFIG, "chmod");
	chmod(k.dir, 0701);
	refused(ERR_CONFIG, "chmod");
	chmod(k.dir, 0700);
	kit_start(&k);
}

static void
a_directory_of_somebody_else_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	kit_stop(&k);
	assert_int_equal(chown(k.dir, 12345, (gid_t)-1), 0);
	refused(ERR_CONFIG, "belongs to");
	k.opts.create = 0;			/* but root may look into a store whose daemon is stopped */
	kit_start(&k);
	assert_int_equal(kit_owed(&k, k.out[0]), 10);
}

static void
what_is_no_directory_is_refused(void **state)
{
	static const struct { const char *name, *word; int create; } rows[] = {
		{ "nowhere", "nowhere: No such file or directory", 0 },
		{ "nowhere/state", "cannot make", 1 },
		{ "link", "a link is not followed", 1 },
		{ "file", "is not a directory", 1 },
		{ "file/state", "Not a directory", 1 },
	};

	(void)state;
	kit_stop(&k);
	assert_int_equal(symlink(".", path_of("link")), 0);
	close(open(path_of("file"), O_WRONLY | O_CREAT, 0600));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		k.opts.dir = path_of(rows[i].name);
		k.opts.create = rows[i].create;
		refused(ERR_CONFIG, rows[i].word);
	}
	assert_int_equal(access(path_of("nowhere"), F_OK), -1);
}

static void
a_directory_over_the_network_is_refused(void **state)
{
	(void)state;
	kit_stop(&k);
	filesystem = 0x6969;
	refused(ERR_CONFIG, "is on NFS; a network filesystem cannot keep the promises of a store");
	filesystem = 0xfe534d42;
	refused(ERR_CONFIG, "is on SMB2");
	filesystem = -1;
	refused(ERR_IO, "state_dir: ");
	filesystem = 0;
	kit_start(&k);
	assert_int_equal(kit_owed(&k, k.out[0]), 10);
}

/* Wherever on its way it is that none is left: it says which limit, and the file is as it was. */
static void
without_descriptors_it_does_not_open_and_says_so(void **state)
{
	struct rlimit	 few, all;
	struct store	*s = NULL;
	unsigned	 refusals = 0;
	int		 least;

	(void)state;
	kit_stop(&k);
	close(least = dup(0));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
	few = all;
	for (few.rlim_cur = (rlim_t)least + 2; s == NULL && few.rlim_cur < 64; few.rlim_cur++) {	/* its queues have theirs */
		struct err	 e = { 0 };

		setrlimit(RLIMIT_NOFILE, &few);
		s = store_open(&k.opts, &e);
		setrlimit(RLIMIT_NOFILE, &all);
		if (s != NULL)
			break;
		if (strstr(e.text, k.dir) == NULL || strstr(e.text, "open files") == NULL)
			fail_msg("%d descriptors: kind %d, \"%s\"", (int)few.rlim_cur, e.kind, e.text);
		refusals++;
	}
	assert_non_null(s);
	assert_true(refusals > 0);
	store_close(s);
	kit_start(&k);
	assert_int_equal(kit_owed(&k, k.out[0]), 10);
}

static void
a_reader_makes_no_store(void **state)
{
	(void)state;
	kit_stop(&k);
	unlink(path_of("state.db"));
	unlink(path_of("state.db-wal"));
	k.opts.create = 0;
	refused(ERR_CONFIG, "no store");
	assert_int_equal(access(path_of("state.db"), F_OK), -1);
}

static void
a_store_whose_file_is_gone_is_not_begun_anew_beside_its_wal(void **state)
{
	struct stat	 st;

	(void)state;
	kit_stop(&k);
	unlink(path_of("state.db"));
	refused(ERR_CONFIG, "-wal");
	close(open(path_of("state.db"), O_WRONLY | O_CREAT, 0600));	/* SQLite would do the same with an empty one */
	refused(ERR_CONFIG, "-wal");
	assert_int_equal(stat(path_of("state.db-wal"), &st), 0);
	assert_true(st.st_size > 0);
}

static void
a_link_in_its_place_is_refused(void **state)
{
	char	 elsewhere[200];

	(void)state;
	kit_stop(&k);
	snprintf(elsewhere, sizeof(elsewhere), "%s.moved", path_of("state.db"));
	rename(path_of("state.db"), elsewhere);
	assert_int_equal(symlink(elsewhere, path_of("state.db")), 0);
	refused(ERR_CONFIG, "is a link");
}

static void
a_file_that_is_taken_away_meanwhile_is_noticed(void **state)
{
	struct store_result	 r;

	(void)state;
	assert_int_equal(kit_put_new(&k, "a", 0, 10).fail, STORE_OK);
	unlink(path_of("state.db"));
	r = kit_put_new(&k, "b", 10, 10);
	assert_int_equal(r.fail, STORE_BROKEN);
	assert_non_null(strstr(r.err.text, "removed or replaced"));
}

static void
a_limit_of_file_sizes_that_is_too_low_is_said_at_once(void **state)
{
	struct rlimit	 low = { 1 << 20, RLIM_INFINITY }, before;

	(void)state;
	kit_stop(&k);
	getrlimit(RLIMIT_FSIZE, &before);
	setrlimit(RLIMIT_FSIZE, &low);
	refused(ERR_IO, "LimitFSIZE");
	setrlimit(RLIMIT_FSIZE, &before);
}

static void
write_file(const char *name, const char *text)
{
	FILE	*f = fopen(path_of(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
what_is_no_database_is_refused_and_left_as_it_is(void **state)
{
	struct stat	 before, after;

	(void)state;
	kit_stop(&k);
	unlink(path_of("state.db-wal"));
	write_file("state.db", "this is somebody's text file, long enough to look like a page or so; "
	    "it is here by mistake and nobody wants to lose it, so nobody should write into it.\n");
	stat(path_of("state.db"), &before);
	refused(ERR_IO, "state.db");
	stat(path_of("state.db"), &after);
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

/* The journal mode is written into a database's header: asking for it is a change. */
static void
the_database_of_another_program_is_refused_and_left_as_it_is(void **state)
{
	char	 before[4096], after[4096];
	int	 fd;
	ssize_t	 n;

	(void)state;
	kit_stop(&k);
	unlink(path_of("state.db"));
	unlink(path_of("state.db-wal"));
	kit_sql(&k, "PRAGMA journal_mode=DELETE; CREATE TABLE theirs(x); INSERT INTO theirs VALUES(1)");
	fd = open(path_of("state.db"), O_RDONLY);
	n = read(fd, before, sizeof(before));
	close(fd);
	refused(ERR_CONFIG, "another program");
	fd = open(path_of("state.db"), O_RDONLY);
	assert_int_equal(read(fd, after, sizeof(after)), n);
	close(fd);
	assert_memory_equal(before, after, (size_t)n);
	assert_int_equal(access(path_of("state.db-wal"), F_OK), -1);
}

static void
the_wal_survives_a_clean_close(void **state)
{
	struct stat	 st;

	(void)state;
	kit_stop(&k);
	assert_int_equal(stat(path_of("state.db-wal"), &st), 0);
	assert_true(st.st_size > 0);
	kit_start(&k);
	assert_int_equal(kit_owed(&k, k.out[0]), 10);
}

static void
the_wal_stays_bounded(void **state)
{
	struct stat	 st;

	(void)state;
	for (int i = 1; i <= 60; i++) {
		struct put	*p = kit_put_of(&k, "blob", i * 10, 0);

		kit_add(p, i * 10, 7, 1 << 20);
		kit_put(&k, p);
	}
	assert_int_equal(stat(path_of("state.db-wal"), &st), 0);
	assert_true(st.st_size < 32 << 20);
}

static void
after_an_io_error_the_file_is_checked_once(void **state)
{
	(void)state;
	kit_stop(&k);
	write_file("state.check", "");
	kit_start(&k);
	assert_int_equal(access(path_of("state.check"), F_OK), -1);
	assert_int_equal(kit_owed(&k, k.out[0]), 10);
}

static void
a_damaged_file_is_found_when_it_is_checked(void **state)
{
	char	 noise[16384];
	int	 fd;

	(void)state;
	for (int i = 1; i < 30; i++)
		kit_put_new(&k, "blob", i * 100, 100);
	kit_stop(&k);
	kit_sql(&k, "PRAGMA wal_checkpoint(TRUNCATE)");		/* all pages are in the file now */
	memset(noise, 0xa5, sizeof(noise));
	fd = open(path_of("state.db"), O_WRONLY);
	for (int page = 3; page < 20; page++)
		assert_int_equal(pwrite(fd, noise, sizeof(noise), page * 16384), sizeof(noise));
	close(fd);
	write_file("state.check", "");
	refused(ERR_IO, "move");
	assert_int_equal(access(path_of("state.check"), F_OK), 0);	/* it stays doubtful */
}

/* A feed or output that is not found would be entered anew, under another number and without its marks and debts. */
static void
names_that_cannot_be_read_are_refused(void **state)
{
	static const char *const sql[] = { "SELECT rootpage FROM sqlite_master WHERE name = 'feed'",
		    "SELECT rootpage FROM sqlite_master WHERE name = 'output'" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int	 fd;

		kit_stop(&k);
		fd = open(path_of("state.db"), O_RDWR);
		assert_int_equal(pwrite(fd, "no page", 7, (kit_sql_int(&k, sql[i]) - 1) * 16384), 7);
		close(fd);
		refused(ERR_IO, "this is no sound store");
		tear_down(state);
		set_up(state);
	}
}

static void
descriptors_0_to_2_are_never_the_stores(void **state)
{
	int	 status;
	pid_t	 pid;

	(void)state;
	kit_stop(&k);
	if ((pid = fork()) == 0) {
		char	 target[256], link[32];
		ssize_t	 n;

		close(0);
		close(1);
		close(2);
		kit_start(&k);
		for (int fd = 0; fd <= 2; fd++) {
			snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
			n = readlink(link, target, sizeof(target) - 1);
			if (n <= 0)
				_exit(1);
			target[n] = '\0';
			if (strstr(target, "state.db") != NULL)
				_exit(1);
		}
		_exit(0);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 stories[] = {
		STORY(a_second_instance_is_refused),
		STORY(those_that_open_it_at_once_take_turns),
		STORY(a_second_process_is_refused),
		STORY(a_counter_that_no_store_comes_to_is_damage),
		STORY(a_newer_schema_is_refused),
		STORY(a_directory_that_others_can_enter_is_refused),
		STORY(a_directory_of_somebody_else_is_refused),
		STORY(what_is_no_directory_is_refused),
		STORY(a_directory_over_the_network_is_refused),
		STORY(without_descriptors_it_does_not_open_and_says_so),
		STORY(a_reader_makes_no_store),
		STORY(a_store_whose_file_is_gone_is_not_begun_anew_beside_its_wal),
		STORY(what_is_no_database_is_refused_and_left_as_it_is),
		STORY(the_database_of_another_program_is_refused_and_left_as_it_is),
		STORY(a_link_in_its_place_is_refused),
		STORY(a_file_that_is_taken_away_meanwhile_is_noticed),
		STORY(a_limit_of_file_sizes_that_is_too_low_is_said_at_once),
		STORY(the_wal_survives_a_clean_close),
		STORY(the_wal_stays_bounded),
		STORY(after_an_io_error_the_file_is_checked_once),
		STORY(a_damaged_file_is_found_when_it_is_checked),
		STORY(names_that_cannot_be_read_are_refused),
		STORY(descriptors_0_to_2_are_never_the_stores),
	};

	return cmocka_run_group_tests_name("store: opening", stories, NULL, NULL);
}
