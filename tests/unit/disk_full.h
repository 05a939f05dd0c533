/*
 * disk_full - every write of SQLite's says ENOSPC, as long as a test wants it.
 */
#ifndef TESTS_DISK_FULL_H
#define TESTS_DISK_FULL_H

#include <sys/types.h>

#include <errno.h>
#include <sqlite3.h>

static ssize_t
disk_no_space(int fd, const void *bytes, size_t n, off_t at)
{
	(void)fd;
	(void)bytes;
	(void)n;
	(void)at;
	errno = ENOSPC;
	return -1;
}

static void
disk_full(int full)
{
	sqlite3_vfs		*vfs = sqlite3_vfs_find(NULL);
	sqlite3_syscall_ptr	 to = full ? (sqlite3_syscall_ptr)disk_no_space : NULL;

	/* Which of the two it uses was decided when it was built; the other one is unknown to it. */
	(void)vfs->xSetSystemCall(vfs, "pwrite64", to);
	(void)vfs->xSetSystemCall(vfs, "pwrite", to);
}

#endif
