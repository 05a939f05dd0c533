/*
 * secret: a value that is used and never shown; only a file that is ours alone is taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/secret.h"
#include "base/xalloc.h"

#define STRANGER 64999		/* a user and group that are not ours */

static char	 folder[] = "/tmp/m365fwd-secret-XXXXXX";

static const char *
path_of(const char *name)
{
	static char	 path[100];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static const char *
ref_of(const char *name)
{
	static char	 ref[120];

	snprintf(ref, sizeof(ref), "file:%s", path_of(name));
	return ref;
}

static void
write_file(const char *name, const void *bytes, size_t len, mode_t mode)
{
	int	 fd;

	unlink(path_of(name));
	fd = open(path_of(name), O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd != -1);
	assert_int_equal(write(fd, bytes, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
remove_folder(void **state)
{
	static const char *const	 names[] = { "s", "link", "pipe", "cred", "empty", "other" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(path_of(names[i]));
	rmdir(path_of("folder"));
	return rmdir(folder);
}

static void
assert_taken(const char *ref, const char *value)
{
	struct secret	 s = { 0 };
	struct err	 e = { 0 };

	if (secret_load(&s, ref, &e) == -1)
		fail_msg("%s: %s", ref, e.text);
	assert_string_equal(s.bytes, value);
	assert_int_equal(s.len, strlen(value));
	secret_clear(&s);
	assert_null(s.bytes);
}

static void
assert_refused(const char *ref, const char *because)
{
	struct secret	 s = { 0 };
	struct err	 e = { 0 };

	assert_int_equal(secret_set(&s, "the old one", 11, &e), 0);
	if (secret_load(&s, ref, &e) != -1)
		fail_msg("taken: %s", ref);
	assert_int_equal(err_exit(&e), 78);
	if (strstr(e.text, because) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", e.text, because);
	assert_string_equal(s.bytes, "the old one");
	secret_clear(&s);
}

static const char	*watched;		/* must be wiped when it is unmapped */
static int		 wiped;

int
munmap(void *p, size_t size)	/* instead of libc's */
{
	if (watched != NULL && p == (const void *)watched) {
		wiped = 1;
		for (size_t i = 0; i < size; i++)
			wiped = wiped && watched[i] == '\0';
		watched = NULL;
	}
	return (int)syscall(SYS_munmap, p, size);
}

static void
a_file_of_ours_alone_is_taken(void **state)
{
	(void)state;
	write_file("s", "hunter2", 7, 0600);
	assert_taken(ref_of("s"), "hunter2");
	write_file("s", "hunter2", 7, 0400);
	assert_taken(ref_of("s"), "hunter2");
	write_file("s", "hunter2", 7, 0640);
	assert_int_equal(chown(path_of("s"), (uid_t)-1, getegid()), 0);
	assert_taken(ref_of("s"), "hunter2");
	write_file("s", "hunter2", 7, 0440);
	assert_taken(ref_of("s"), "hunter2");
}

static void
a_file_that_others_can_get_at_is_refused_with_the_command_that_mends_it(void **state)
{
	static const mode_t	 modes[] = { 0644, 0604, 0620, 0660, 0610, 0602, 0601, 0666, 0777, 0444, 0650 };

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		write_file("s", "hunter2", 7, modes[i]);
		assert_refused(ref_of("s"), "chmod 0600 /tmp/");
	}
}

static void
a_group_that_is_not_ours_or_another_owner_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	write_file("s", "hunter2", 7, 0640);
	assert_int_equal(chown(path_of("s"), 0, STRANGER), 0);
	assert_refused(ref_of("s"), "chmod 0600");
	write_file("s", "hunter2", 7, 0600);
	assert_int_equal(chown(path_of("s"), STRANGER, 0), 0);
	assert_refused(ref_of("s"), "belongs to user 64999");
}

static void
what_is_no_regular_file_is_refused_and_not_waited_for(void **state)
{
	(void)state;
	write_file("s", "hunter2", 7, 0600);
	unlink(path_of("link"));
	assert_int_equal(symlink("s", path_of("link")), 0);
	assert_refused(ref_of("link"), "link");
	mkdir(path_of("folder"), 0700);
	assert_refused(ref_of("folder"), "not a regular file");
	mkfifo(path_of("pipe"), 0600);
	alarm(20);
	assert_refused(ref_of("pipe"), "not a regular file");
	alarm(0);
	assert_refused("file:/dev/zero", "not a regular file");
	assert_refused(ref_of("nothing-here"), "No such file");
	assert_refused("file:", "no name");
}

static void
it_is_one_line_with_its_end_trimmed(void **state)
{
	(void)state;
	write_file("s", "  hun ter\t2 \t\r\n\n", 16, 0600);
	assert_taken(ref_of("s"), "  hun ter\t2");
	write_file("s", "p\xc3\xa4ss\n", 6, 0600);
	assert_taken(ref_of("s"), "p\xc3\xa4ss");
	write_file("s", "one\ntwo\n", 8, 0600);
	assert_refused(ref_of("s"), "one line");
	write_file("s", "one\0", 4, 0600);
	assert_refused(ref_of("s"), "one line");
	write_file("s", "one\x1b", 4, 0600);
	assert_refused(ref_of("s"), "one line");
	write_file("s", "", 0, 0600);
	assert_refused(ref_of("s"), "empty");
	write_file("s", " \r\n", 3, 0600);
	assert_refused(ref_of("s"), "empty");
}

static void
sixteen_kib_are_taken_and_a_byte_more_is_refused(void **state)
{
	char	*big = xcalloc(1, 16 * 1024 + 2);

	(void)state;
	memset(big, 'k', 16 * 1024 + 1);
	write_file("s", big, 16 * 1024 + 1, 0600);
	assert_refused(ref_of("s"), "over 16 KiB");
	big[16 * 1024] = '\0';
	write_file("s", big, 16 * 1024, 0600);
	assert_taken(ref_of("s"), big);
	free(big);
}

static void
a_credential_is_taken_whatever_its_mode_but_only_from_its_directory(void **state)
{
	(void)state;
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	write_file("cred", "hunter2\n", 8, 0440);
	if (geteuid() == 0)
		assert_int_equal(chown(path_of("cred"), 0, STRANGER), 0);
	assert_taken("credential:cred", "hunter2");
	if (geteuid() == 0)
		assert_refused(ref_of("cred"), "chmod 0600");	/* the same file is not private as file: */
	assert_refused("credential:../cred", "name alone");
	assert_refused("credential:/etc/passwd", "name alone");
	assert_refused("credential:", "name alone");
	assert_refused("credential:..", "name alone");
	unlink(path_of("link"));
	assert_int_equal(symlink("cred", path_of("link")), 0);
	assert_refused("credential:link", "link");
	mkdir(path_of("folder"), 0700);
	assert_refused("credential:folder", "not a regular file");
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void
a_credential_that_is_missing_or_empty_names_the_line_the_unit_needs(void **state)
{
	static const char	 line[] = "LoadCredential=azure:/path/to/file";

	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_refused("credential:azure", line);
	setenv("CREDENTIALS_DIRECTORY", "", 1);
	assert_refused("credential:azure", line);
	setenv("CREDENTIALS_DIRECTORY", "relative", 1);
	assert_refused("credential:azure", line);
	setenv("CREDENTIALS_DIRECTORY", "/nonexistent/m365fwd", 1);
	assert_refused("credential:azure", line);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	assert_refused("credential:azure", line);
	write_file("empty", "", 0, 0440);
	assert_refused("credential:empty", "LoadCredential=empty:");
	assert_refused("credential:empty", "credential:empty: ");
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void
the_environment_follows_the_same_rules(void **state)
{
	char	*big = xcalloc(1, 16 * 1024 + 2);

	(void)state;
	setenv("M365FWD_TEST_SECRET", "hunter2\n", 1);
	assert_taken("env:M365FWD_TEST_SECRET", "hunter2");
	setenv("M365FWD_TEST_SECRET", "a\nb", 1);
	assert_refused("env:M365FWD_TEST_SECRET", "one line");
	setenv("M365FWD_TEST_SECRET", "", 1);
	assert_refused("env:M365FWD_TEST_SECRET", "empty");
	memset(big, 'k', 16 * 1024 + 1);
	setenv("M365FWD_TEST_SECRET", big, 1);
	assert_refused("env:M365FWD_TEST_SECRET", "over 16 KiB");
	unsetenv("M365FWD_TEST_SECRET");
	assert_refused("env:M365FWD_TEST_SECRET", "not set");
	free(big);
}

static void
a_secret_written_into_the_configuration_is_refused_and_not_repeated(void **state)
{
	struct secret	 s = { 0 };
	struct err	 e = { 0 };

	(void)state;
	assert_int_equal(secret_load(&s, "hunter2", &e), -1);
	assert_null(strstr(e.text, "hunter2"));
	assert_null(s.bytes);
}

static void
no_refusal_ever_quotes_the_bytes(void **state)
{
	struct secret	 s = { 0 };
	struct err	 e = { 0 };

	(void)state;
	write_file("s", "hunter2\nhunter3", 15, 0600);
	assert_int_equal(secret_load(&s, ref_of("s"), &e), -1);
	assert_null(strstr(e.text, "hunter"));
}

static void
a_change_is_noticed_and_a_file_that_cannot_be_read_is_none(void **state)
{
	struct secret	 s = { 0 };
	struct err	 e = { 0 };

	(void)state;
	write_file("s", "hunter2", 7, 0600);
	assert_int_equal(secret_changed(&s, ref_of("s")), 1);
	assert_int_equal(secret_load(&s, ref_of("s"), &e), 0);
	assert_int_equal(secret_changed(&s, ref_of("s")), 0);
	write_file("s", "hunter2\n\n", 9, 0600);
	assert_int_equal(secret_changed(&s, ref_of("s")), 0);
	write_file("s", "hunter3", 7, 0600);
	assert_int_equal(secret_changed(&s, ref_of("s")), 1);
	write_file("s", "hunter22", 8, 0600);
	assert_int_equal(secret_changed(&s, ref_of("s")), 1);
	write_file("s", "hunter3", 7, 0644);
	assert_int_equal(secret_changed(&s, ref_of("s")), 0);
	unlink(path_of("s"));
	assert_int_equal(secret_changed(&s, ref_of("s")), 0);
	secret_clear(&s);
}

static void
a_secret_may_be_set_from_itself(void **state)
{
	struct secret	 s = { 0 };
	struct err	 e = { 0 };

	(void)state;
	assert_int_equal(secret_set(&s, "Bearer abc", 10, &e), 0);
	assert_int_equal(secret_set(&s, s.bytes + 7, 3, &e), 0);
	assert_string_equal(s.bytes, "abc");
	assert_int_equal(secret_set(&s, "", 0, &e), 0);
	assert_int_equal(s.len, 0);
	assert_string_equal(s.bytes, "");
	secret_clear(&s);
	secret_clear(&s);
}

static void
the_bytes_are_wiped_before_their_memory_goes(void **state)
{
	struct secret	 s = { 0 };
	struct err	 e = { 0 };

	(void)state;
	for (int round = 0; round < 2; round++) {
		assert_int_equal(secret_set(&s, "hunter2", 7, &e), 0);
		watched = s.bytes;
		wiped = 0;
		if (round == 0)
			secret_clear(&s);
		else
			assert_int_equal(secret_set(&s, "hunter3", 7, &e), 0);
		assert_null(watched);
		assert_int_equal(wiped, 1);
	}
	secret_clear(&s);
}

/* The flags of the mapping that holds p, as the kernel tells them; 0: there is none. */
static int
mapping_flags(const void *p, char *flags, size_t size)
{
	char		 line[400];
	unsigned long	 from = 0, to = 0, a, b;
	FILE		*f = fopen("/proc/self/smaps", "r");
	int		 found = 0;

	if (f == NULL)
		return 0;
	while (!found && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx ", &a, &b) == 2) {
			from = a;
			to = b;
		} else if (strncmp(line, "VmFlags:", 8) == 0 && (uintptr_t)p >= from && (uintptr_t)p < to) {
			snprintf(flags, size, "%s", line);
			found = 1;
		}
	}
	fclose(f);
	return found;
}

static void
the_bytes_are_in_no_core_and_no_child(void **state)
{
	struct secret	 s = { 0 };
	struct err	 e = { 0 };
	char		 flags[400];
	pid_t		 pid;
	int		 status;

	(void)state;
	assert_int_equal(secret_set(&s, "hunter2", 7, &e), 0);
	assert_int_equal(mapping_flags(s.bytes, flags, sizeof(flags)), 1);
	assert_non_null(strstr(flags, " dd "));		/* do not dump */
	assert_int_equal((uintptr_t)s.bytes % (uintptr_t)sysconf(_SC_PAGESIZE), 0);
	if ((pid = fork()) == 0)
		_exit(s.bytes[0] == '\0' ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_string_equal(s.bytes, "hunter2");
	secret_clear(&s);
}

static void
memory_that_cannot_be_locked_is_tolerated(void **state)
{
	struct rlimit	 none = { 0, 0 };
	struct secret	 s = { 0 };
	struct err	 e = { 0 };
	pid_t		 pid;
	int		 status;

	(void)state;
	if ((pid = fork()) == 0) {
		setrlimit(RLIMIT_MEMLOCK, &none);
		if (geteuid() == 0 && setuid(STRANGER) == -1)
			_exit(2);
		_exit(secret_set(&s, "hunter2", 7, &e) == 0 && strcmp(s.bytes, "hunter2") == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_file_of_ours_alone_is_taken),
		cmocka_unit_test(a_file_that_others_can_get_at_is_refused_with_the_command_that_mends_it),
		cmocka_unit_test(a_group_that_is_not_ours_or_another_owner_is_refused),
		cmocka_unit_test(what_is_no_regular_file_is_refused_and_not_waited_for),
		cmocka_unit_test(it_is_one_line_with_its_end_trimmed),
		cmocka_unit_test(sixteen_kib_are_taken_and_a_byte_more_is_refused),
		cmocka_unit_test(a_credential_is_taken_whatever_its_mode_but_only_from_its_directory),
		cmocka_unit_test(a_credential_that_is_missing_or_empty_names_the_line_the_unit_needs),
		cmocka_unit_test(the_environment_follows_the_same_rules),
		cmocka_unit_test(a_secret_written_into_the_configuration_is_refused_and_not_repeated),
		cmocka_unit_test(no_refusal_ever_quotes_the_bytes),
		cmocka_unit_test(a_change_is_noticed_and_a_file_that_cannot_be_read_is_none),
		cmocka_unit_test(a_secret_may_be_set_from_itself),
		cmocka_unit_test(the_bytes_are_wiped_before_their_memory_goes),
		cmocka_unit_test(the_bytes_are_in_no_core_and_no_child),
		cmocka_unit_test(memory_that_cannot_be_locked_is_tolerated),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
