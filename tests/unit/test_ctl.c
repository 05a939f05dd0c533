/* The control socket: who may ask, what is answered while the store opens, and afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/ctl.h"
#include "base/log.h"
#include "base/queue.h"

static char		 dir[64];
static struct loop	*loop;

static void
handler(void *arg, const char *request, struct ctl_call *call)
{
	(void)arg;
	if (strcmp(request, "stop") == 0)
		loop_stop(loop);
	ctl_answer(call, strcmp(request, "bad") == 0 ? "no such thing" : NULL, request, strlen(request));
}

static int
set_up(void **state)
{
	(void)state;
	log_open(LOG_ERROR, LOG_TEXT);
	snprintf(dir, sizeof(dir), "/tmp/m365fwd-ctl-XXXXXX");
	loop = loop_new();
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	loop_free(loop);
	return rmdir(dir);
}

static struct ctl *
open_it(void)
{
	struct err	 e = { 0 };
	struct ctl	*c = ctl_open(loop, dir, handler, NULL, &e);

	assert_non_null(c);
	return c;
}

static int
ask(const char *request, char *text, struct err *e)
{
	struct buf	 b = { 0 };
	int		 rc = ctl_ask(dir, request, 10000, &b, e);

	snprintf(text, 200, "%s", buf_str(&b));
	buf_clear(&b);
	return rc;
}

static void
until_it_is_ready_somebody_says_starting(void **state)
{
	struct ctl	*c = open_it();
	struct err	 e = { 0 };
	char		 text[200], path[100];
	struct stat	 st;

	(void)state;
	for (int i = 0; i < 50; i++) {		/* more than may wait in line */
		assert_int_equal(ask("status", text, &e), -1);
		assert_int_equal(e.kind, ERR_AGAIN);
		assert_non_null(strstr(e.text, "starting"));
	}
	snprintf(path, sizeof(path), "%s/ctl.sock", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	ctl_close(c);				/* opening failed: nobody is left */
	assert_int_equal(ask("status", text, &e), 0);
}

struct asker {
	int		 rc[3];
	char		 text[3][200];
	struct err	 e[3];
};

static void
ask_three(void *arg)
{
	static const char *const requests[] = { "status", "bad", "stop" };
	struct asker		*a = arg;

	for (int i = 0; i < 3; i++)
		a->rc[i] = ask(requests[i], a->text[i], &a->e[i]);
}

static void
once_it_is_ready_the_handler_is_asked(void **state)
{
	struct ctl	*c = open_it();
	struct asker	 a = { .rc = { 9, 9, 9 } };
	struct thread	*t;

	(void)state;
	ctl_ready(c);
	t = thread_start("asker", ask_three, &a);
	loop_run(loop);
	ctl_close(c);
	thread_join(t);
	assert_int_equal(a.rc[0], 1);
	assert_string_equal(a.text[0], "status");
	assert_int_equal(a.rc[1], -1);
	assert_int_equal(a.e[1].kind, ERR_UNAVAILABLE);
	assert_string_equal(a.e[1].text, "no such thing");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(until_it_is_ready_somebody_says_starting, set_up, tear_down),
		cmocka_unit_test_setup_teardown(once_it_is_ready_the_handler_is_asked, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
