/*
 * test_notify - what a service manager hears, over real datagram sockets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin/notify.h"

static int	 manager = -1;
static char	 path[64], heard[1024];

/* Binds to path; a leading @ is the abstract namespace. */
static void
listen_at(const char *name)
{
	struct sockaddr_un	 at = { .sun_family = AF_UNIX };

	snprintf(path, sizeof(path), "%s-%ld", name, (long)getpid());
	memcpy(at.sun_path, path, strlen(path));
	if (*path == '@')
		at.sun_path[0] = '\0';
	else
		unlink(path);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(manager, (struct sockaddr *)&at,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path))), 0);
	setenv("NOTIFY_SOCKET", path, 1);
}

static const char *
hear(void)
{
	ssize_t	 n = recv(manager, heard, sizeof(heard) - 1, 0);

	heard[n > 0 ? n : 0] = '\0';
	return heard;
}

static int
end(void **state)
{
	(void)state;
	notify_close();
	if (manager != -1)
		close(manager);
	manager = -1;
	if (*path == '/')
		unlink(path);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return 0;
}

static void
what_is_sent_arrives(void **state)
{
	static const char *const names[] = { "/tmp/m365fwd-notify", "@m365fwd-notify" };

	for (size_t i = 0; i < 2; i++) {
		listen_at(names[i]);
		notify_open();
		assert_null(getenv("NOTIFY_SOCKET"));
		notify_send("READY=1");
		notify_send("STATUS=feeds %d, spool %d%%", 3, 7);
		assert_string_equal(hear(), "READY=1");
		assert_string_equal(hear(), "STATUS=feeds 3, spool 7%");
		assert_string_equal(hear(), "");
		end(state);
	}
}

static void
without_a_manager_nothing_happens(void **state)
{
	static const char *const sockets[] = { "", "relative", "/no/such/socket", "/" };

	(void)state;
	notify_open();
	notify_send("READY=1");
	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		setenv("NOTIFY_SOCKET", sockets[i], 1);
		notify_open();
		notify_send("READY=1");
		notify_close();
	}
	notify_send("READY=1");
}

static void
the_watchdog_is_for_the_process_it_names(void **state)
{
	static const struct {
		const char	*usec, *pid;
		int64_t		 ms;
	} rows[] = {
		{ "60000000", NULL, 60000 }, { "60000000", "self", 60000 }, { "60000000", "1", 0 }, { "1500", NULL, 2 },
		{ "0", NULL, 0 }, { "-5", NULL, 0 }, { "abc", NULL, 0 }, { NULL, NULL, 0 }, { "99999999999999999999", NULL, 0 },
	};
	char	 self[32];

	snprintf(self, sizeof(self), "%ld", (long)getpid());
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		listen_at("/tmp/m365fwd-notify");
		if (rows[i].usec != NULL)
			setenv("WATCHDOG_USEC", rows[i].usec, 1);
		if (rows[i].pid != NULL)
			setenv("WATCHDOG_PID", strcmp(rows[i].pid, "self") == 0 ? self : rows[i].pid, 1);
		notify_open();
		assert_int_equal(notify_watchdog_ms(), rows[i].ms);
		assert_null(getenv("WATCHDOG_USEC"));
		end(state);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_teardown(what_is_sent_arrives, end),
		cmocka_unit_test_teardown(without_a_manager_nothing_happens, end),
		cmocka_unit_test_teardown(the_watchdog_is_for_the_process_it_names, end),
	};

	return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
