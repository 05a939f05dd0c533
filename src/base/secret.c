/*
 * secret - a value that is used and never shown.
 */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MAX	(16 * 1024)
#define READ_MAX	(SECRET_MAX + 1)	/* one more shows that there is more */

void
secret_clear(struct secret *s)
{
	if (s->bytes != NULL) {
		explicit_bzero(s->bytes, s->size);
		munmap(s->bytes, s->size);
	}
	s->bytes = NULL;
	s->len = s->size = 0;
}

/* Whole pages of their own: locked out of swap where the limit allows it, out of every core, zeroes in a child. */
static int
make(struct secret *s, size_t len, struct err *e)
{
	size_t	 page = (size_t)sysconf(_SC_PAGESIZE), size = (len + page) / page * page;
	char	*p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		err_errno(e, ERR_AGAIN, "no memory for a secret");
		return -1;
	}
	(void)mlock(p, size);
	(void)madvise(p, size, MADV_DONTDUMP);
	(void)madvise(p, size, MADV_WIPEONFORK);
	s->bytes = p;
	s->len = 0;
	s->size = size;
	return 0;
}

int
secret_set(struct secret *s, const char *bytes, size_t len, struct err *e)
{
	struct secret	 fresh = { NULL, 0, 0 };

	if (make(&fresh, len, e) == -1)
		return -1;
	memcpy(fresh.bytes, bytes, len);
	fresh.len = len;
	secret_clear(s);
	*s = fresh;
	return 0;
}

static int
proper_file(int fd, const char *path, int judge_mode, struct err *e)
{
	struct stat	 st;

	if (fstat(fd, &st) == -1) {
		err_errno(e, ERR_CONFIG, "%s", path);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(e, ERR_CONFIG, "%s: not a regular file", path);
		return -1;
	}
	if (!judge_mode)
		return 0;
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		err_set(e, ERR_CONFIG, "%s: belongs to user %u; it must be root's or the user's that runs m365fwd (chown root %s)",
		    path, (unsigned)st.st_uid, path);
		return -1;
	}
	if ((st.st_mode & 0037) != 0 || ((st.st_mode & 0040) != 0 && st.st_gid != getegid())) {
		err_set(e, ERR_CONFIG, "%s: others can get at it, mode %04o; it must be 0600, or 0640 with our group (chmod 0600 %s)",
		    path, (unsigned)st.st_mode & 07777, path);
		return -1;
	}
	return 0;
}

/* What was read becomes a secret of just its size: one line of text, its end trimmed. */
static int
take_line(struct secret *s, const char *bytes, size_t len, const char *what, struct err *e)
{
	while (len > 0 && memchr(" \t\r\n", bytes[len - 1], 4) != NULL)
		len--;
	if (len == 0) {
		err_set(e, ERR_CONFIG, "%s: empty", what);
		return -1;
	}
	if (len > SECRET_MAX) {
		err_set(e, ERR_CONFIG, "%s: over 16 KiB, that is no secret", what);
		return -1;
	}
	for (size_t i = 0; i < len; i++) {
		if (((unsigned char)bytes[i] < 0x20 && bytes[i] != '\t') || bytes[i] == 0x7f) {
			err_set(e, ERR_CONFIG, "%s: must be one line of text", what);
			return -1;
		}
	}
	return secret_set(s, bytes, len, e);
}

static int
read_line(struct secret *s, int fd, const char *what, struct err *e)
{
	struct secret	 all = { NULL, 0, 0 };
	ssize_t		 n;
	int		 rc = -1;

	if (make(&all, READ_MAX, e) == -1)
		return -1;
	while (all.len < READ_MAX && (n = read(fd, all.bytes + all.len, READ_MAX - all.len)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			err_errno(e, ERR_CONFIG, "%s", what);
			goto out;
		}
		all.len += (size_t)n;
	}
	if (all.len > SECRET_MAX)
		err_set(e, ERR_CONFIG, "%s: over 16 KiB, that is no secret", what);
	else
		rc = take_line(s, all.bytes, all.len, what, e);
out:
	secret_clear(&all);
	return rc;
}

static int
from_file(struct secret *s, const char *path, int judge_mode, struct err *e)
{
	int	 fd, rc = -1;

	if (*path == '\0') {
		err_set(e, ERR_CONFIG, "a secret's file has no name");
		return -1;
	}
	if ((fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) == -1) {
		if (errno == ELOOP)
			err_set(e, ERR_CONFIG, "%s: is a link; name the file itself", path);
		else
			err_errno(e, ERR_CONFIG, "%s", path);
		return -1;
	}
	if (proper_file(fd, path, judge_mode, e) == 0 && read_line(s, fd, path, e) == 0)
		rc = 0;
	close(fd);
	return rc;
}

/* systemd shows these as 0440 and keeps them to the unit's user by an ACL: their mode says nothing (systemd.exec(5)). */
static int
from_credential(struct secret *s, const char *name, struct err *e)
{
	const char	*dir = getenv("CREDENTIALS_DIRECTORY");
	char		 path[PATH_MAX];
	struct err	 why = { ERR_CONFIG, "there is no $CREDENTIALS_DIRECTORY" };

	if (*name == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		err_set(e, ERR_CONFIG, "credential:%s: a credential is given by its name alone, without a path", name);
		return -1;
	}
	if (dir != NULL && *dir == '/') {
		if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
			err_set(&why, ERR_CONFIG, "$CREDENTIALS_DIRECTORY is too long");
		else if (from_file(s, path, 0, &why) == 0)
			return 0;
	}
	err_set(e, why.kind, "credential:%s: %s; the unit's [Service] needs \"LoadCredential=%s:/path/to/file\" with the secret in "
	    "that file", name, why.text, name);
	return -1;
}

static int
from_environment(struct secret *s, const char *name, struct err *e)
{
	const char	*value = getenv(name);
	char		 what[100];

	snprintf(what, sizeof(what), "env:%s", name);
	if (value == NULL) {
		err_set(e, ERR_CONFIG, "%s: not set", what);
		return -1;
	}
	return take_line(s, value, strlen(value), what, e);
}

int
secret_load(struct secret *s, const char *ref, struct err *e)
{
	struct secret	 fresh = { NULL, 0, 0 };
	int		 rc;

	if (strncmp(ref, "file:", 5) == 0) {
		rc = from_file(&fresh, ref + 5, 1, e);
	} else if (strncmp(ref, "credential:", 11) == 0) {
		rc = from_credential(&fresh, ref + 11, e);
	} else if (strncmp(ref, "env:", 4) == 0) {
		rc = from_environment(&fresh, ref + 4, e);
	} else {
		err_set(e, ERR_CONFIG, "a secret is given as file:PATH, credential:NAME or env:NAME, never in the configuration itself");
		rc = -1;
	}
	if (rc == -1) {
		secret_clear(&fresh);
		return -1;
	}
	secret_clear(s);
	*s = fresh;
	return 0;
}

int
secret_changed(const struct secret *s, const char *ref)
{
	struct secret	 now = { NULL, 0, 0 };
	struct err	 e = { 0 };
	int		 changed;

	if (secret_load(&now, ref, &e) == -1)
		return 0;
	changed = s->bytes == NULL || s->len != now.len || memcmp(s->bytes, now.bytes, now.len) != 0;
	secret_clear(&now);
	return changed;
}
