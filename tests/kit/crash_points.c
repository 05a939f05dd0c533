/*
 * crash_points - m365fwd-kill dies where it is told to: M365FWD_CRASH_AT=name[:nth], of base/crash_point.h.
 *
 * M365FWD_CRASH_AFTER_MS=N: after so long at the latest, wherever it is (a timer of the kernel's).
 * It says so on stderr and kills itself with SIGKILL: nothing is flushed, no handler runs. M365FWD_CRASH_AT=list prints the
 * names; M365FWD_CRASH_HOW=hang: the thread that comes there stays there for ever. The points inside of a system call are made by standing before libc's own: what SQLite and we write with pwrite is
 * written to its half, then comes the end.
 */
#define _GNU_SOURCE	1
#include "base/crash_point.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static const char *const names[] = {
#define X(id, name) [CRASH_##id] = name,
	CRASH_POINTS(X)
#undef X
};

static int			 wanted = -1;
static atomic_int		 left;
static _Thread_local int	 armed = -1;	/* the point that the next half of a pwrite is */

static void
list(void)
{
	for (int i = 0; i < CRASH_COUNT; i++)
		puts(names[i]);
	fflush(stdout);
	_exit(0);
}

static void
die_in(int ms)
{
	struct sigevent		 kill = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL };
	struct itimerspec	 when = { .it_value = { ms / 1000, ms % 1000 * 1000000L } };
	timer_t			 timer;

	if (timer_create(CLOCK_MONOTONIC, &kill, &timer) == 0 && timer_settime(timer, 0, &when, NULL) == 0)
		return;
	dprintf(STDERR_FILENO, "m365fwd-kill: no timer\n");
	_exit(64);
}

__attribute__((constructor)) static void
choose(void)
{
	const char	*at = getenv("M365FWD_CRASH_AT"), *after = getenv("M365FWD_CRASH_AFTER_MS");
	size_t		 len;

	if (after != NULL)
		die_in(atoi(after));
	if (at == NULL || *at == '\0')
		return;
	if (strcmp(at, "list") == 0)
		list();
	len = strcspn(at, ":");
	for (int i = 0; i < CRASH_COUNT; i++)
		if (strlen(names[i]) == len && memcmp(names[i], at, len) == 0)
			wanted = i;
	left = at[len] == ':' ? atoi(at + len + 1) : 1;
	if (wanted != -1 && left > 0)
		return;
	dprintf(STDERR_FILENO, "m365fwd-kill: M365FWD_CRASH_AT: no such point: %s\n", at);
	_exit(64);
}

static _Noreturn void
die(void)
{
	const char	*how = getenv("M365FWD_CRASH_HOW");
	int		 hang = how != NULL && strcmp(how, "hang") == 0;

	dprintf(STDERR_FILENO, "crash point %s\n", names[wanted]);
	for (;;)
		hang ? pause() : kill(getpid(), SIGKILL);
}

static int
is_the_one(enum crash_point at)
{
	return (int)at == wanted && atomic_fetch_sub(&left, 1) == 1;
}

void
crash_point(enum crash_point at)
{
	if (at == CRASH_CHECKPOINT_BEGUN)
		armed = CRASH_CHECKPOINT_HALF;
	else if (at == CRASH_SEGMENT_BEGUN)
		armed = CRASH_SEGMENT_HALF;
	else if (at == CRASH_CHECKPOINT_DONE || at == CRASH_SEGMENT_WRITTEN)
		armed = -1;
	if (is_the_one(at))
		die();
}

int
crash_control(void)
{
	return getenv("M365FWD_CRASH_CONTROL") != NULL;
}

/* ---- before libc ------------------------------------------------------------------------------------------------------ */

static ssize_t
write_or_die(const char *name, int fd, const void *bytes, size_t n, off_t at)
{
	ssize_t	 (*real)(int, const void *, size_t, off_t) = (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, name);
	ssize_t	 done;

	if ((armed != -1 && is_the_one((enum crash_point)armed)) || is_the_one(CRASH_SYS_TORN)) {
		(void)real(fd, bytes, n / 2, at);
		die();
	}
	done = real(fd, bytes, n, at);
	if (is_the_one(CRASH_SYS_WRITE))
		die();
	return done;
}

ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	return write_or_die("pwrite", fd, bytes, n, at);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	return write_or_die("pwrite64", fd, bytes, n, at);
}

static int
sync_or_die(const char *name, int fd)
{
	int	 (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);

	if (is_the_one(CRASH_SYS_SYNC))
		die();
	return real(fd);
}

int
fsync(int fd)
{
	return sync_or_die("fsync", fd);
}

int
fdatasync(int fd)
{
	return sync_or_die("fdatasync", fd);
}
