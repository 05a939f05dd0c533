/*
 * log: lines for people and machines; nothing in them reaches a terminal raw, and a stderr that is full stops nobody.
 *
 * stderr is replaced by a pipe or a socket while a story runs; the time is a fake.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/queue.h"

#define NOW "2026-11-23T08:01:02.345Z"

int64_t
clock_wall_ms(void)	/* instead of base/clock */
{
	return 1795420862345;
}

static int	 real = -1, ours = -1;		/* the true stderr; the end we read from */
static char	 heard[200000];

static void
listen_on(int read_end, int write_end)
{
	real = dup(STDERR_FILENO);
	dup2(write_end, STDERR_FILENO);
	close(write_end);
	ours = read_end;
	unsetenv("JOURNAL_STREAM");
	log_open(LOG_DEBUG, LOG_TEXT);
}

static void
listen_on_pipe(void)
{
	int	 ends[2];

	assert_int_equal(pipe(ends), 0);
	listen_on(ends[0], ends[1]);
}

static void
listen_on_socket(void)
{
	int	 ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	listen_on(ends[0], ends[1]);
}

static const char *
hear(void)
{
	size_t	 len = 0;
	ssize_t	 n;

	fcntl(ours, F_SETFL, O_NONBLOCK);
	while (len < sizeof(heard) - 1 && (n = read(ours, heard + len, sizeof(heard) - 1 - len)) > 0)
		len += (size_t)n;
	heard[len] = '\0';
	return heard;
}

static void
restore(void)
{
	dup2(real, STDERR_FILENO);
	close(real);
	if (ours != -1)
		close(ours);
	real = ours = -1;
}

static int
teardown(void **state)
{
	(void)state;
	if (real != -1)
		restore();
	return 0;
}

static void
a_line_has_time_level_id_and_text(void **state)
{
	(void)state;
	listen_on_pipe();
	log_error("spool-full", "spool bytes=%d", 5);
	log_warn("a", "w");
	log_info("b", "i");
	log_debug("c", "d");
	assert_string_equal(hear(), NOW " error spool-full: spool bytes=5\n" NOW " warn  a: w\n" NOW " info  b: i\n"
	    NOW " debug c: d\n");
}

static void
a_level_that_is_not_wanted_is_not_written(void **state)
{
	(void)state;
	listen_on_pipe();
	log_open(LOG_WARN, LOG_TEXT);
	log_info("b", "i");
	log_debug("c", "d");
	log_warn("a", "w");
	assert_string_equal(hear(), NOW " warn  a: w\n");
	assert_true(log_wants(LOG_ERROR) && log_wants(LOG_WARN));
	assert_false(log_wants(LOG_INFO) || log_wants(LOG_DEBUG));
}

static void
json_and_logfmt_are_what_machines_read(void **state)
{
	(void)state;
	listen_on_pipe();
	log_open(LOG_INFO, LOG_JSON);
	log_warn("token-refused", "contoso says \"no\" C:\\x");
	log_open(LOG_INFO, LOG_LOGFMT);
	log_warn("token-refused", "contoso says \"no\" C:\\x");
	assert_string_equal(hear(),
	    "{\"time\":\"" NOW "\",\"level\":\"warn\",\"event\":\"token-refused\",\"message\":\"contoso says \\\"no\\\" C:\\\\x\"}\n"
	    "time=" NOW " level=warn event=token-refused message=\"contoso says \\\"no\\\" C:\\\\x\"\n");
}

static void
what_could_move_a_cursor_or_end_a_line_is_escaped(void **state)
{
	(void)state;
	listen_on_pipe();
	log_info("x", "a\nb\rc\td\x1b[2Je\x7f" "f\xc2\x9bg");
	log_open(LOG_INFO, LOG_JSON);
	log_info("x", "a\nb\x1b\x7f");
	assert_string_equal(hear(), NOW " info  x: a\\x0ab\\x0dc\\x09d\\x1b[2Je\\x7ff\\xc2\\x9bg\n"
	    "{\"time\":\"" NOW "\",\"level\":\"info\",\"event\":\"x\",\"message\":\"a\\\\x0ab\\\\x1b\\\\x7f\"}\n");
}

static void
utf8_stays_and_what_is_none_is_escaped(void **state)
{
	(void)state;
	listen_on_pipe();
	log_info("x", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \xc2\xa0");
	log_info("x", "\xff \xc3 \xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xe2\x82");
	assert_string_equal(hear(), NOW " info  x: \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \xc2\xa0\n" NOW
	    " info  x: \\xff \\xc3 \\xc0\\xaf \\xed\\xa0\\x80 \\xf4\\x90\\x80\\x80 \\xe2\\x82\n");
}

static void
a_line_is_never_longer_than_a_pipe_takes_at_once(void **state)
{
	static const enum log_format	 formats[] = { LOG_TEXT, LOG_LOGFMT, LOG_JSON };
	char				 text[10000];
	size_t				 len;

	(void)state;
	listen_on_pipe();
	for (int fill = 0; fill < 3; fill++) {
		memset(text, "x\x01\""[fill], sizeof(text));
		text[sizeof(text) - 1] = '\0';
		for (size_t i = 0; i < 3; i++) {
			log_open(LOG_INFO, formats[i]);
			log_info("long", "%s", text);
			len = strlen(hear());
			assert_in_range(len, 1000, PIPE_BUF);
			assert_int_equal(strchr(heard, '\n') - heard, len - 1);
			assert_non_null(strstr(heard, "..."));
			if (formats[i] == LOG_JSON)
				assert_string_equal(heard + len - 6, "...\"}\n");
		}
	}
}

static void
errno_is_left_alone(void **state)
{
	(void)state;
	listen_on_pipe();
	errno = ENOSPC;
	log_info("x", "y");
	assert_int_equal(errno, ENOSPC);
}

/* Fills the pipe to its last byte without the log's help. */
static void
stuff(void)
{
	static char	 filler[4096];
	int		 flags = fcntl(STDERR_FILENO, F_GETFL);

	memset(filler, '.', sizeof(filler));
	fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
	while (write(STDERR_FILENO, filler, sizeof(filler)) > 0)
		continue;
	while (write(STDERR_FILENO, filler, 1) > 0)
		continue;
	fcntl(STDERR_FILENO, F_SETFL, flags);
}

static void
dropped_and_not_waited_for(void)
{
	unsigned long	 before = log_dropped();
	int		 flags = fcntl(STDERR_FILENO, F_GETFL);

	stuff();
	alarm(20);
	for (int i = 0; i < 10; i++)
		log_error("x", "nobody reads this");
	alarm(0);
	assert_int_equal(log_dropped() - before, 10);
	assert_int_equal(fcntl(STDERR_FILENO, F_GETFL), flags);
	hear();
	log_error("x", "read again");
	assert_string_equal(hear(), NOW " error x: read again\n");
	assert_int_equal(log_dropped() - before, 10);
}

static void
a_pipe_that_is_full_drops_lines_and_counts_them(void **state)
{
	(void)state;
	listen_on_pipe();
	dropped_and_not_waited_for();
}

static void
a_socket_that_is_full_drops_lines_and_counts_them(void **state)
{
	(void)state;
	listen_on_socket();
	dropped_and_not_waited_for();
}

static void
a_stderr_made_nonblocking_by_others_does_no_harm(void **state)
{
	(void)state;
	listen_on_pipe();
	fcntl(STDERR_FILENO, F_SETFL, fcntl(STDERR_FILENO, F_GETFL) | O_NONBLOCK);
	dropped_and_not_waited_for();
}

static void
a_reader_that_went_away_or_a_closed_stderr_kills_nobody(void **state)
{
	unsigned long	 before = log_dropped();

	(void)state;
	listen_on_pipe();
	close(ours);
	ours = -1;
	log_info("x", "y");		/* SIGPIPE would end the test */
	restore();
	listen_on_socket();
	close(ours);
	ours = -1;
	log_info("x", "y");
	close(STDERR_FILENO);
	log_open(LOG_INFO, LOG_TEXT);
	log_info("x", "y");
	assert_int_equal(log_dropped() - before, 3);
}

static void
under_systemd_a_line_starts_with_its_priority(void **state)
{
	struct stat	 st;
	char		 where[64];

	(void)state;
	listen_on_socket();
	fstat(STDERR_FILENO, &st);
	snprintf(where, sizeof(where), "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", where, 1);
	log_open(LOG_DEBUG, LOG_TEXT);
	log_error("a", "e");
	log_warn("a", "w");
	log_info("a", "i");
	log_debug("a", "d");
	assert_string_equal(hear(), "<3>a: e\n<4>a: w\n<6>a: i\n<7>a: d\n");
	log_open(LOG_DEBUG, LOG_JSON);
	log_error("a", "e");
	assert_int_equal(hear()[0], '{');
	snprintf(where, sizeof(where), "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino + 1);
	setenv("JOURNAL_STREAM", where, 1);	/* stderr was redirected since */
	log_open(LOG_DEBUG, LOG_TEXT);
	log_error("a", "e");
	assert_string_equal(hear(), NOW " error a: e\n");
	setenv("JOURNAL_STREAM", "nonsense", 1);
	log_open(LOG_DEBUG, LOG_TEXT);
	log_error("a", "e");
	assert_string_equal(hear(), NOW " error a: e\n");
	unsetenv("JOURNAL_STREAM");
}

#define THREADS	4
#define LINES	2000

static void
chatter(void *arg)
{
	char	 text[600];

	memset(text, *(const char *)arg, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < LINES; i++)
		log_info("chatter", "%s", text);
}

static int	 whole, broken;

/* Reads slowly enough that the pipe is full again and again. */
static void
reader(void *arg)
{
	FILE	*f = fdopen(ours, "r");
	char	 line[5000];
	size_t	 len;

	(void)arg;
	while (fgets(line, sizeof(line), f) != NULL) {
		len = strlen(line);
		if (len == sizeof(NOW) + 6 + 9 + 599 + 1 && line[len - 1] == '\n' && line[len - 2] == line[len - 600])
			whole++;
		else
			broken++;
	}
	fclose(f);
}

static void
lines_of_many_threads_are_whole_or_counted_as_dropped(void **state)
{
	static const char	 letters[THREADS] = "abcd";
	unsigned long		 before = log_dropped();
	struct thread		*t[THREADS], *r;

	(void)state;
	listen_on_pipe();
	whole = broken = 0;
	r = thread_start("reader", reader, NULL);
	alarm(60);
	for (int i = 0; i < THREADS; i++)
		t[i] = thread_start("chatter", chatter, (void *)(uintptr_t)&letters[i]);
	for (int i = 0; i < THREADS; i++)
		thread_join(t[i]);
	alarm(0);
	dup2(real, STDERR_FILENO);	/* the last writer's end closes, the reader ends */
	thread_join(r);
	ours = -1;
	restore();
	assert_int_equal(broken, 0);
	assert_int_equal((unsigned long)whole + (log_dropped() - before), THREADS * LINES);
	assert_true(whole > 100);
}

static void
chatter_long(void *arg)
{
	char	 text[1900];

	(void)arg;
	memset(text, '\n', sizeof(text));	/* escaped it fills a line */
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 40; i++)
		log_info("chatter", "%s", text);
}

static void
threads_that_fill_a_pipe_together_never_wait_for_its_reader(void **state)
{
	struct thread	*t[THREADS];

	(void)state;
	listen_on_pipe();
	alarm(60);		/* a thread that waits does so for ever */
	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < THREADS; i++)
			t[i] = thread_start("chatter", chatter_long, NULL);
		for (int i = 0; i < THREADS; i++)
			thread_join(t[i]);
		hear();
	}
	alarm(0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_teardown(a_line_has_time_level_id_and_text, teardown),
		cmocka_unit_test_teardown(a_level_that_is_not_wanted_is_not_written, teardown),
		cmocka_unit_test_teardown(json_and_logfmt_are_what_machines_read, teardown),
		cmocka_unit_test_teardown(what_could_move_a_cursor_or_end_a_line_is_escaped, teardown),
		cmocka_unit_test_teardown(utf8_stays_and_what_is_none_is_escaped, teardown),
		cmocka_unit_test_teardown(a_line_is_never_longer_than_a_pipe_takes_at_once, teardown),
		cmocka_unit_test_teardown(errno_is_left_alone, teardown),
		cmocka_unit_test_teardown(a_pipe_that_is_full_drops_lines_and_counts_them, teardown),
		cmocka_unit_test_teardown(a_socket_that_is_full_drops_lines_and_counts_them, teardown),
		cmocka_unit_test_teardown(a_stderr_made_nonblocking_by_others_does_no_harm, teardown),
		cmocka_unit_test_teardown(a_reader_that_went_away_or_a_closed_stderr_kills_nobody, teardown),
		cmocka_unit_test_teardown(under_systemd_a_line_starts_with_its_priority, teardown),
		cmocka_unit_test_teardown(threads_that_fill_a_pipe_together_never_wait_for_its_reader, teardown),
		cmocka_unit_test_teardown(lines_of_many_threads_are_whole_or_counted_as_dropped, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
