/*
 * archive - the files of a file output on disk.
 */
#include "deliver/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crash_point.h"
#include "base/err.h"

#define DIRS	4		/* root, tenant, feed, day */

static int	open_dirs(const struct archive_file *, int make, int fds[DIRS], char *why);
static int	has_root(const struct archive_file *);
static void	close_dirs(int fds[DIRS]);
static int	open_root(const char *, int make);
static int	open_dir(int parent, const char *, int make);
static int	open_file(int dir, const char *, int make);
static int	write_at(int fd, const char *, size_t, int64_t at);
static int	sync_dirs(const int fds[DIRS]);
static void	file_name(const struct archive_file *, char to[32]);
static enum archive_end failed(const struct archive_file *, const char *what, char *why);
static unsigned long seq_of(const char *);

void
archive_name(char to[ARCHIVE_NAME], const char *from)
{
	static const char	 fine[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t			 i;

	for (i = 0; i < ARCHIVE_NAME - 1 && from[i] != '\0'; i++)
		to[i] = strchr(fine, from[i]) != NULL ? from[i] : '_';
	to[i] = '\0';
	if (i == 0)
		memcpy(to, "_", 2);
	if (to[0] == '.')
		to[0] = '_';
}

enum archive_end
archive_cut(const struct archive_file *f, int64_t length, int64_t *found, char why[ARCHIVE_WHY])
{
	enum archive_end	 end = ARCHIVE_FAILED;
	struct stat		 st;
	char			 name[32];
	int			 dirs[DIRS], fd = -1;

	*found = 0;
	if (open_dirs(f, 0, dirs, why) == -1)
		return dirs[0] != -1 && errno == ENOENT ? ARCHIVE_SHORT : ARCHIVE_FAILED;
	file_name(f, name);
	if ((fd = open_file(dirs[DIRS - 1], name, 0)) == -1 || fstat(fd, &st) == -1) {
		end = errno == ENOENT ? ARCHIVE_SHORT : failed(f, "open", why);
		goto out;
	}
	*found = st.st_size;
	if (st.st_size < length)
		end = ARCHIVE_SHORT;
	else if (st.st_size > length && (ftruncate(fd, length) == -1 || fsync(fd) == -1))
		end = failed(f, "cut", why);
	else
		end = ARCHIVE_OK;
out:
	if (fd != -1)
		close(fd);
	close_dirs(dirs);
	return end;
}

enum archive_end
archive_append(const struct archive_file *f, int64_t at, const char *bytes, size_t len, int64_t *found,
    char why[ARCHIVE_WHY])
{
	enum archive_end	 end = ARCHIVE_FAILED;
	struct stat		 st;
	char			 name[32];
	int			 dirs[DIRS], fd = -1;

	*found = 0;
	if (open_dirs(f, at == 0, dirs, why) == -1)
		return at > 0 && dirs[0] != -1 && errno == ENOENT ? ARCHIVE_SHORT : ARCHIVE_FAILED;
	file_name(f, name);
	if ((fd = open_file(dirs[DIRS - 1], name, at == 0)) == -1 || fstat(fd, &st) == -1) {
		end = at > 0 && errno == ENOENT ? ARCHIVE_SHORT : failed(f, "open", why);
		goto out;
	}
	*found = st.st_size;
	if (st.st_size < at) {
		end = ARCHIVE_SHORT;
		goto out;
	}
	if ((st.st_size > at && ftruncate(fd, at) == -1) || write_at(fd, bytes, len, at) == -1 || fsync(fd) == -1 ||
	    (at == 0 && sync_dirs(dirs) == -1)) {
		end = failed(f, "write", why);
		if (ftruncate(fd, at) == -1)
			goto out;	/* the next call cuts */
	} else {
		crash_point(CRASH_SEGMENT_SYNCED);
		end = ARCHIVE_OK;
	}
out:
	if (fd != -1)
		close(fd);
	close_dirs(dirs);
	return end;
}

enum archive_end
archive_highest(const struct archive_file *f, int make, uint32_t *highest, char why[ARCHIVE_WHY])
{
	enum archive_end	 end = ARCHIVE_OK;
	struct dirent		*entry;
	unsigned long		 seq;
	DIR			*dir;
	int			 dirs[DIRS];

	*highest = 0;
	if (open_dirs(f, make, dirs, why) == -1)
		return !make && errno == ENOENT && has_root(f) ? ARCHIVE_OK : ARCHIVE_FAILED;
	if ((dir = fdopendir(dirs[DIRS - 1])) == NULL) {
		end = failed(f, "list the directory of", why);
		goto out;
	}
	dirs[DIRS - 1] = -1;		/* the stream's now */
	while (errno = 0, (entry = readdir(dir)) != NULL)
		if ((seq = seq_of(entry->d_name)) > *highest)
			*highest = (uint32_t)seq;
	if (errno != 0)
		end = failed(f, "list the directory of", why);
	closedir(dir);
out:
	close_dirs(dirs);
	return end;
}

/* ---- directories -------------------------------------------------------------------------------------------------- */

/* All four, or none and errno; then fds[0] tells whether the root itself could be opened (it is closed, but not -1). */
static int
open_dirs(const struct archive_file *f, int make, int fds[DIRS], char *why)
{
	const char	*const names[DIRS] = { f->root, f->tenant, f->feed, f->day };
	int		 i, saved;

	for (i = 0; i < DIRS; i++)
		fds[i] = -1;
	for (i = 0; i < DIRS; i++) {
		fds[i] = i == 0 ? open_root(names[0], make) : open_dir(fds[i - 1], names[i], make);
		if (fds[i] == -1) {
			saved = errno;
			failed(f, "open the directory of", why);
			close_dirs(fds);
			errno = saved;
			return -1;
		}
	}
	return 0;
}

static void
close_dirs(int fds[DIRS])
{
	int	 i;

	for (i = 0; i < DIRS; i++)
		if (fds[i] != -1)
			close(fds[i]);
}

/* Where not even a root can be made a mount may be away, and with it what stands there. */
static int
has_root(const struct archive_file *f)
{
	int	 fd = open_root(f->root, 1);

	if (fd != -1)
		close(fd);
	return fd != -1;
}

static int
open_root(const char *path, int make)
{
	int	 fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd != -1 || errno != ENOENT || !make)
		return fd;
	if (mkdir(path, 0700) == -1 || chmod(path, 0700) == -1)
		return -1;
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int
open_dir(int parent, const char *name, int make)
{
	int	 fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd != -1 || errno != ENOENT || !make)
		return fd;
	if (mkdirat(parent, name, 0700) == -1 || fchmodat(parent, name, 0700, 0) == -1)
		return -1;
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* From the file's folder up to the root's parent: none of the names on the way may be lost. */
static int
sync_dirs(const int fds[DIRS])
{
	int	 i, parent, rc;

	for (i = DIRS - 1; i >= 0; i--)
		if (fsync(fds[i]) == -1)
			return -1;
	if ((parent = openat(fds[0], "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return errno == EACCES ? 0 : -1;	/* not ours to read: then not we made the root */
	rc = fsync(parent);
	close(parent);
	return rc;
}

/* ---- files -------------------------------------------------------------------------------------------------------- */

static int
open_file(int dir, const char *name, int make)
{
	int	 fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);

	if (fd != -1 || errno != ENOENT || !make)
		return fd;
	if ((fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) == -1)
		return -1;
	if (fchmod(fd, 0600) == -1) {
		close(fd);
		return -1;
	}
	crash_point(CRASH_SEGMENT_MADE);
	return fd;
}

static int
write_at(int fd, const char *bytes, size_t len, int64_t at)
{
	ssize_t	 n;

	crash_point(CRASH_SEGMENT_BEGUN);
	while (len > 0) {
		if ((n = pwrite(fd, bytes, len, at)) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		bytes += n;
		len -= (size_t)n;
		at += n;
	}
	crash_point(CRASH_SEGMENT_WRITTEN);
	return 0;
}

static void
file_name(const struct archive_file *f, char to[32])
{
	snprintf(to, 32, "%06u.ndjson.gz", f->seq);
}

/* 0: not one of ours. */
static unsigned long
seq_of(const char *name)
{
	size_t	 digits = strspn(name, "0123456789");

	return digits >= 6 && digits < 10 && strcmp(name + digits, ".ndjson.gz") == 0 ? strtoul(name, NULL, 10) : 0;
}

static enum archive_end
failed(const struct archive_file *f, const char *what, char *why)
{
	int	 saved = errno;
	char	 name[32], reason[ERR_REASON];

	file_name(f, name);
	snprintf(why, ARCHIVE_WHY, "cannot %s %.100s/%.40s/%.30s/%s/%s: %s", what, f->root, f->tenant, f->feed, f->day,
	    name, err_reason(saved, reason));
	return ARCHIVE_FAILED;
}
