/*
 * notify - systemd's datagram protocol. Source: sd_notify(3) and sd_watchdog_enabled(3) of systemd 252.
 */
#include "admin/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int			 fd = -1;
static struct sockaddr_un	 to;
static socklen_t		 to_len;
static int64_t			 watchdog_ms;

/* WATCHDOG_USEC is meant for the process that WATCHDOG_PID names. */
static int64_t
read_watchdog(void)
{
	const char	*usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	char		*end;
	long long	 n;

	if (usec == NULL || (pid != NULL && strtoll(pid, NULL, 10) != (long long)getpid()))
		return 0;
	errno = 0;
	n = strtoll(usec, &end, 10);
	return errno == 0 && *end == '\0' && n > 0 ? (n + 999) / 1000 : 0;
}

void
notify_open(void)
{
	const char	*path = getenv("NOTIFY_SOCKET");
	size_t		 len = path != NULL ? strlen(path) : 0;

	if (len > 1 && len < sizeof(to.sun_path) && (*path == '/' || *path == '@')) {
		to.sun_family = AF_UNIX;
		memcpy(to.sun_path, path, len);
		if (*path == '@')
			to.sun_path[0] = '\0';		/* the abstract namespace */
		to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
		fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		watchdog_ms = fd != -1 ? read_watchdog() : 0;
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void
notify_close(void)
{
	if (fd != -1)
		close(fd);
	fd = -1;
	watchdog_ms = 0;
}

void
notify_send(const char *fmt, ...)
{
	char	 text[512];
	va_list	 ap;
	int	 n;

	if (fd == -1)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > 0)
		(void)sendto(fd, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1, MSG_NOSIGNAL,
		    (const struct sockaddr *)&to, to_len);
}

int64_t
notify_watchdog_ms(void)
{
	return watchdog_ms;
}
