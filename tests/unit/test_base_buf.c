/*
 * buf, err, xalloc: bytes that grow and remember that they failed; failures that travel; memory that never is NULL.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/xalloc.h"

static void
a_zeroed_struct_is_an_empty_buf(void **state)
{
	struct buf	 b = { 0 };
	char		*taken;
	size_t		 len = 7;

	(void)state;
	assert_string_equal(buf_str(&b), "");
	buf_cut(&b, 0);
	buf_drop(&b, 3);
	buf_reset(&b);
	buf_add(&b, NULL, 0);
	assert_int_equal(b.len, 0);
	assert_false(buf_failed(&b));
	buf_clear(&b);
	taken = buf_take(&b, &len);
	assert_string_equal(taken, "");
	assert_int_equal(len, 0);
	free(taken);
}

static void
what_is_written_stands_there_in_order_and_ends_with_a_nul(void **state)
{
	struct buf	 b;

	(void)state;
	buf_init(&b, 0);
	buf_adds(&b, "one");
	buf_addc(&b, ' ');
	buf_addf(&b, "%s-%d", "two", 3);
	buf_addc(&b, ' ');
	buf_addi(&b, INT64_MIN);
	buf_addc(&b, ' ');
	buf_addi(&b, 0);
	buf_addc(&b, ' ');
	buf_addi(&b, INT64_MAX);
	buf_add(&b, "\0x", 2);
	assert_memory_equal(b.bytes, "one two-3 -9223372036854775808 0 9223372036854775807\0x", b.len + 1);
	buf_clear(&b);
}

static void
a_long_format_makes_its_room(void **state)
{
	struct buf	 b;

	(void)state;
	buf_init(&b, 0);
	buf_addf(&b, "%0200d", 7);
	buf_addf(&b, "%01000d", 8);
	assert_int_equal(b.len, 1200);
	assert_int_equal(strlen(buf_str(&b)), 1200);
	assert_int_equal(b.bytes[199], '7');
	assert_int_equal(b.bytes[1199], '8');
	buf_clear(&b);
}

static void
room_doubles_so_that_growing_stays_cheap(void **state)
{
	struct buf	 b;
	size_t		 last = 0;
	int		 grown = 0;

	(void)state;
	buf_init(&b, 0);
	for (int i = 0; i < 1000000; i++) {
		buf_addc(&b, 'x');
		grown += b.size != last;
		last = b.size;
	}
	assert_int_equal(b.len, 1000000);
	assert_true(grown < 20);
	buf_clear(&b);
}

static void
exactly_the_cap_goes_in_and_not_one_byte_more(void **state)
{
	struct buf	 b;

	(void)state;
	buf_init(&b, 10);
	buf_adds(&b, "123456789");
	buf_addc(&b, '0');
	assert_false(buf_failed(&b));
	assert_true(b.size <= 11);
	buf_addc(&b, 'x');
	assert_true(buf_failed(&b));
	assert_string_equal(buf_str(&b), "1234567890");
	buf_clear(&b);
	assert_int_equal(b.cap, 10);
	assert_false(buf_failed(&b));
}

static void
after_a_failure_nothing_more_is_taken_until_reset(void **state)
{
	struct buf	 b;

	(void)state;
	buf_init(&b, 8);
	buf_adds(&b, "abc");
	buf_adds(&b, "too long for it");
	buf_adds(&b, "d");
	buf_addc(&b, 'd');
	buf_addf(&b, "%d", 1);
	buf_addi(&b, 1);
	assert_string_equal(buf_str(&b), "abc");
	assert_true(buf_failed(&b));
	buf_reset(&b);
	assert_false(buf_failed(&b));
	buf_adds(&b, "d");
	assert_string_equal(buf_str(&b), "d");
	buf_clear(&b);
}

static void
a_format_over_the_cap_leaves_no_half_of_it(void **state)
{
	struct buf	 b;

	(void)state;
	buf_init(&b, 8);
	buf_adds(&b, "abc");
	buf_addf(&b, "%s", "123456");
	assert_true(buf_failed(&b));
	assert_string_equal(buf_str(&b), "abc");
	buf_clear(&b);
}

static void
a_size_near_the_end_of_numbers_fails_and_does_not_wrap(void **state)
{
	struct buf	 b;

	(void)state;
	buf_init(&b, 0);
	buf_adds(&b, "abc");
	buf_need(&b, SIZE_MAX - 2);
	assert_true(buf_failed(&b));
	buf_clear(&b);
}

static void
needed_room_may_be_written_directly_and_reads_as_empty_before(void **state)
{
	struct buf	 b;

	(void)state;
	buf_init(&b, 0);
	buf_need(&b, 100);
	assert_string_equal(buf_str(&b), "");
	assert_true(b.size >= 101);
	memset(b.bytes, 'y', 100);
	b.len = 100;
	buf_addc(&b, 'z');
	assert_int_equal(b.len, 101);
	assert_int_equal(b.bytes[100], 'z');
	buf_clear(&b);
}

static void
bytes_go_from_the_front_and_from_the_end(void **state)
{
	struct buf	 b;

	(void)state;
	buf_init(&b, 0);
	buf_adds(&b, "0123456789");
	buf_drop(&b, 3);
	assert_string_equal(buf_str(&b), "3456789");
	buf_cut(&b, 4);
	assert_string_equal(buf_str(&b), "3456");
	buf_cut(&b, 99);
	assert_string_equal(buf_str(&b), "3456");
	buf_drop(&b, 99);
	assert_string_equal(buf_str(&b), "");
	buf_clear(&b);
}

static void
taking_gives_the_bytes_away_and_leaves_an_empty_buf(void **state)
{
	struct buf	 b;
	char		*p;
	size_t		 len;

	(void)state;
	buf_init(&b, 100);
	buf_adds(&b, "mine");
	p = buf_take(&b, &len);
	assert_string_equal(p, "mine");
	assert_int_equal(len, 4);
	assert_null(b.bytes);
	assert_int_equal(b.cap, 100);
	buf_adds(&b, "other");
	assert_string_equal(p, "mine");
	assert_string_equal(buf_str(&b), "other");
	free(p);
	buf_clear(&b);
}

static void
shrinking_frees_only_what_is_over_the_limit(void **state)
{
	struct buf	 b;
	char		*before;

	(void)state;
	buf_init(&b, 0);
	buf_adds(&b, "small");
	before = b.bytes;
	buf_shrink(&b, 1000);
	assert_ptr_equal(b.bytes, before);
	assert_int_equal(b.len, 0);
	buf_addf(&b, "%05000d", 1);
	buf_shrink(&b, 1000);
	assert_true(b.size <= 1000);
	assert_string_equal(buf_str(&b), "");
	buf_clear(&b);
}

static void
a_failure_says_where_and_why_and_keeps_errno(void **state)
{
	struct err	 e = { 0 };

	(void)state;
	errno = ENOENT;
	err_errno(&e, ERR_CONFIG, "%s", "/etc/m365fwd/secret");
	assert_int_equal(errno, ENOENT);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_string_equal(e.text, "/etc/m365fwd/secret: No such file or directory");
	assert_int_equal(err_exit(&e), 78);
}

static void
a_failure_may_quote_the_one_before(void **state)
{
	struct err	 e = { 0 };

	(void)state;
	err_set(&e, ERR_IO, "disk full");
	err_wrap(&e, "spool %d: ", 3);
	assert_string_equal(e.text, "spool 3: disk full");
	assert_int_equal(e.kind, ERR_IO);
	err_set(&e, ERR_AGAIN, "later (%s)", e.text);
	assert_string_equal(e.text, "later (spool 3: disk full)");
	assert_int_equal(err_exit(&e), 75);
}

static void
a_failure_is_one_line_and_keeps_its_reason_however_long_the_path(void **state)
{
	struct err	 e = { 0 };
	char		 path[3000];

	(void)state;
	err_set(&e, ERR_CONFIG, "a\nb\rc\x1b[2J");
	assert_string_equal(e.text, "a b c [2J");
	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	errno = EACCES;
	err_errno(&e, ERR_CONFIG, "%s", path);
	assert_non_null(strstr(e.text, ": Permission denied"));
	err_wrap(&e, "%s", path);
	assert_true(strlen(e.text) < sizeof(e.text));
}

static void
without_a_kind_the_exit_code_says_it_is_a_bug(void **state)
{
	struct err	 e = { 0 };

	(void)state;
	assert_int_equal(err_exit(&e), 70);
}

static void
a_span_is_copied_without_reading_past_its_end(void **state)
{
	char	*p, span[4] = { 'a', 'b', 'c', 'd' };

	(void)state;
	p = xstrndup(span, sizeof(span));
	assert_string_equal(p, "abcd");
	free(p);
	p = xstrndup("ab", 1000);
	assert_string_equal(p, "ab");
	free(p);
	p = xasprintf("%s/%d", "x", 5);
	assert_string_equal(p, "x/5");
	free(p);
	free(xmalloc(0));
	free(xcalloc(0, 0));
}

static void
sizes_that_overflow_stop_the_process_with_75(void **state)
{
	pid_t	 pid;
	int	 status;

	(void)state;
	if ((pid = fork()) == 0) {
		close(STDERR_FILENO);
		(void)xreallocarray(NULL, SIZE_MAX / 4 + 2, 4);	/* 4 once it has wrapped */
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 75);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_zeroed_struct_is_an_empty_buf),
		cmocka_unit_test(what_is_written_stands_there_in_order_and_ends_with_a_nul),
		cmocka_unit_test(a_long_format_makes_its_room),
		cmocka_unit_test(room_doubles_so_that_growing_stays_cheap),
		cmocka_unit_test(exactly_the_cap_goes_in_and_not_one_byte_more),
		cmocka_unit_test(after_a_failure_nothing_more_is_taken_until_reset),
		cmocka_unit_test(a_format_over_the_cap_leaves_no_half_of_it),
		cmocka_unit_test(a_size_near_the_end_of_numbers_fails_and_does_not_wrap),
		cmocka_unit_test(needed_room_may_be_written_directly_and_reads_as_empty_before),
		cmocka_unit_test(bytes_go_from_the_front_and_from_the_end),
		cmocka_unit_test(taking_gives_the_bytes_away_and_leaves_an_empty_buf),
		cmocka_unit_test(shrinking_frees_only_what_is_over_the_limit),
		cmocka_unit_test(a_failure_says_where_and_why_and_keeps_errno),
		cmocka_unit_test(a_failure_may_quote_the_one_before),
		cmocka_unit_test(a_failure_is_one_line_and_keeps_its_reason_however_long_the_path),
		cmocka_unit_test(without_a_kind_the_exit_code_says_it_is_a_bug),
		cmocka_unit_test(a_span_is_copied_without_reading_past_its_end),
		cmocka_unit_test(sizes_that_overflow_stop_the_process_with_75),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
