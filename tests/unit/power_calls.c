/*
 * power_calls - the C library's file calls, for the whole test program: what happens below power's directory is noted.
 */
#include "power_in.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The model and the real file move together, whatever other threads do. */
static pthread_mutex_t	 lock = PTHREAD_MUTEX_INITIALIZER;

static int
lock_it(void)
{
	return pthread_mutex_lock(&lock);
}

static void
unlock_it(const int *unused)
{
	(void)unused;
	pthread_mutex_unlock(&lock);
}

#define ALONE	__attribute__((cleanup(unlock_it), unused)) const int alone = lock_it()

static int
watched(int dirfd, const char *name, char path[512])
{
	const struct node	*dir = power_node_of(dirfd);
	char			*slash;

	if (power.dir == NULL)
		return 0;
	if (name[0] == '/')
		snprintf(path, 512, "%s", name);
	else if (dir != NULL && strcmp(name, "..") == 0) {
		snprintf(path, 512, "%s", dir->path);
		if ((slash = strrchr(path, '/')) != NULL)
			*slash = '\0';
	} else if (dir != NULL)
		snprintf(path, 512, "%s/%s", dir->path, name);
	else
		return 0;
	return strncmp(path, power.dir, strlen(power.dir)) == 0;
}

static int
opened(int fd, struct node *f)
{
	assert(fd < FDS);
	if (fd >= 0)
		power.of_fd[fd] = f;
	return fd;
}

static int
open_any(int dirfd, const char *name, int flags, mode_t mode)
{
	char		 path[512];
	struct node	*f = NULL;
	enum now	 now = GOES_ON;

	if (!watched(dirfd, name, path))
		return (int)syscall(SYS_openat, dirfd, name, flags, mode);
	ALONE;
	if (power_fails("open", path))
		return -1;
	if ((f = power_node_at(path)) == NULL && (flags & O_CREAT)) {
		if ((now = power_moment()) == IS_OUT)
			return power_dead();
		f = power_node_new(path, 0);
		power_name_changed(path, f);
	} else if (f != NULL && (flags & O_TRUNC) && f->size > 0) {
		if ((now = power_moment()) == IS_OUT)
			return power_dead();
		power_note(f, 0, NULL, f->size, 0);
	}
	return now == IS_LAST ? power_dead() : opened((int)syscall(SYS_openat, dirfd, name, flags, mode), f);
}

static mode_t
mode_of(int flags, va_list args)
{
	return (flags & (O_CREAT | O_TMPFILE)) ? (mode_t)va_arg(args, int) : 0;
}

#define OPEN(name, first, dirfd, last)				\
int								\
name(first const char *path, int flags, ...)			\
{								\
	va_list	 args;						\
	mode_t	 mode;						\
								\
	va_start(args, flags);					\
	mode = mode_of(flags, args);				\
	va_end(args);						\
	return open_any(dirfd, path, flags | (last), mode);	\
}

#define NOTHING
#define A_DIR	int dirfd,
OPEN(open, NOTHING, AT_FDCWD, 0)
OPEN(open64, NOTHING, AT_FDCWD, O_LARGEFILE)
OPEN(openat, A_DIR, dirfd, 0)
OPEN(openat64, A_DIR, dirfd, O_LARGEFILE)

/* What the compiler makes of them when the flags are not known. */
int	__open_2(const char *, int);
int	__open64_2(const char *, int);
int	__openat_2(int, const char *, int);
int	__openat64_2(int, const char *, int);

int
__open_2(const char *path, int flags)
{
	return open_any(AT_FDCWD, path, flags, 0);
}

int
__open64_2(const char *path, int flags)
{
	return open_any(AT_FDCWD, path, flags | O_LARGEFILE, 0);
}

int
__openat_2(int dirfd, const char *path, int flags)
{
	return open_any(dirfd, path, flags, 0);
}

int
__openat64_2(int dirfd, const char *path, int flags)
{
	return open_any(dirfd, path, flags | O_LARGEFILE, 0);
}

int
close(int fd)
{
	if (fd >= 0 && fd < FDS)
		power.of_fd[fd] = NULL;
	return (int)syscall(SYS_close, fd);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	struct node	*f = power_node_of(fd);
	enum now	 now = GOES_ON;
	ALONE;

	if (f != NULL && power_fails("write", f->path))
		return -1;
	if (f != NULL && (now = power_moment()) != IS_OUT)
		power_note(f, (size_t)at, bytes, n, (size_t)at + n > f->size ? (size_t)at + n : f->size);
	return now != GOES_ON ? power_dead() : (ssize_t)syscall(SYS_pwrite64, fd, bytes, n, at);
}

ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	return pwrite64(fd, bytes, n, at);
}

ssize_t
pread64(int fd, void *to, size_t n, off64_t at)
{
	const struct node	*f = power_node_of(fd);

	return f != NULL && power_fails("read", f->path) ? -1 : (ssize_t)syscall(SYS_pread64, fd, to, n, at);
}

ssize_t
pread(int fd, void *to, size_t n, off_t at)
{
	return pread64(fd, to, n, at);
}

ssize_t
write(int fd, const void *bytes, size_t n)
{
	assert(power_node_of(fd) == NULL);		/* nobody does: not modelled */
	return (ssize_t)syscall(SYS_write, fd, bytes, n);
}

int
ftruncate64(int fd, off64_t size)
{
	struct node	*f = power_node_of(fd);
	enum now	 now = GOES_ON;
	ALONE;

	if (f != NULL && (now = power_moment()) != IS_OUT)
		power_note(f, (size_t)size, NULL, f->size > (size_t)size ? f->size - (size_t)size : 0, (size_t)size);
	return now != GOES_ON ? power_dead() : (int)syscall(SYS_ftruncate, fd, size);
}

int
ftruncate(int fd, off_t size)
{
	return ftruncate64(fd, size);
}

int
posix_fallocate64(int fd, off64_t at, off64_t len)
{
	struct node	*f = power_node_of(fd);
	enum now	 now = GOES_ON;

	if (f != NULL && (size_t)(at + len) > f->size && (now = power_moment()) != IS_OUT)
		power_note(f, (size_t)(at + len), NULL, 0, (size_t)(at + len));
	if (now != GOES_ON) {
		(void)power_dead();
		return EIO;
	}
	return syscall(SYS_fallocate, fd, 0, at, len) == 0 ? 0 : errno;
}

int
posix_fallocate(int fd, off_t at, off_t len)
{
	return posix_fallocate64(fd, at, len);
}

static int
flush(int fd, long how)
{
	struct node	*f = power_node_of(fd);
	enum now	 now = GOES_ON;

	if (f == NULL)
		return (int)syscall(how, fd);
	ALONE;
	if (power_fails("flush", f->path))
		return -1;
	if ((now = power_moment()) == GOES_ON && !power.lies) {
		if (f->is_dir)
			power_flush_dir(f);
		else
			power_flush_file(f);
	}
	return now == GOES_ON ? 0 : power_dead();
}

int
fsync(int fd)
{
	return flush(fd, SYS_fsync);
}

int
fdatasync(int fd)
{
	return flush(fd, SYS_fdatasync);
}

int
unlink(const char *name)
{
	char		 path[512];
	struct node	*f;
	enum now	 now = GOES_ON;
	ALONE;

	if (watched(AT_FDCWD, name, path) && (f = power_node_at(path)) != NULL && (now = power_moment()) != IS_OUT) {
		f->there = 0;
		f->anew = 1;
		power_name_changed(path, NULL);
	}
	return now != GOES_ON ? power_dead() : (int)syscall(SYS_unlinkat, AT_FDCWD, name, 0);
}

int
mkdirat(int dirfd, const char *name, mode_t mode)
{
	char		 path[512];
	enum now	 now = GOES_ON;
	ALONE;

	if (watched(dirfd, name, path) && power_node_at(path) == NULL && (now = power_moment()) != IS_OUT)
		power_name_changed(path, power_node_new(path, 1));
	return now != GOES_ON ? power_dead() : (int)syscall(SYS_mkdirat, dirfd, name, mode);
}

int
mkdir(const char *name, mode_t mode)
{
	return mkdirat(AT_FDCWD, name, mode);
}

