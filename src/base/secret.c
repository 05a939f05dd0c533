/*
 * secret - a value that is used and never shown.
 */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MAX	(16 * 1024)

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

/* Whole pages of their own: locked out of swap where the limit allows it, and out of every core. */
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
private_file(int fd, const char *path, struct err *e)
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
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		err_set(e, ERR_CONFIG, "%s: belongs to user %u; it must be root's or the user's that runs m365fwd (chown root %s)",
		    path, (unsigned)st.st_uid, path);
		return -1;
	}
	if ((st.st_mode & 0037) != 0 || ((st.st_mode & 0040) != 0 && st.st_gid != getegid())) {
		err_set(e, ERR_CONFIG, "%s: others can read it, mode %04o; it must be 0600, or 0640 with our group (chmod 0600 %s)",
		    path, (unsigned)st.st_mode & 07777, path);
		return -1;
	}
	return 0;
}

/* One line, its end trimmed. */
static int
read_line(struct secret *s, int fd, const char *what, struct err *e)
{
	ssize_t	 n;

	if (make(s, SECRET_MAX + 1, e) == -1)
		return -1;
	while (s->len <= SECRET_MAX && (n = read(fd, s->bytes + s->len, SECRET_MAX + 1 - s->len)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			err_errno(e, ERR_CONFIG, "%s", what);
			return -1;
		}
		s->len += (size_t)n;
	}
	if (s->len > SECRET_MAX) {
		err_set(e, ERR_CONFIG, "%s: over 16 KiB, that is no secret", what);
		return -1;
	}
	while (s->len > 0 && strchr(" \t\r\n", s->bytes[s->len - 1]) != NULL)
		s->bytes[--s->len] = '\0';
	if (s->len == 0) {
		err_set(e, ERR_CONFIG, "%s: empty", what);
		return -1;
	}
	for (size_t i = 0; i < s->len; i++) {
		if ((unsigned char)s->bytes[i] < 0x20 || s->bytes[i] == 0x7f) {
			err_set(e, ERR_CONFIG, "%s: must be one line of text", what);
			return -1;
		}
	}
	return 0;
}

static int
from_file(struct secret *s, const char *path, int judge_mode, struct err *e)
{
	int	 fd, rc = -1;

	if ((fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)) == -1) {
		if (errno == ELOOP)
			err_set(e, ERR_CONFIG, "%s: is a link; name the file itself", path);
		else
			err_errno(e, ERR_CONFIG, "%s", path);
		return -1;
	}
	if ((!judge_mode || private_file(fd, path, e) == 0) && read_line(s, fd, path, e) == 0)
		rc = 0;
	close(fd);
	return rc;
}

/* systemd keeps these readable for the unit alone by an ACL; their mode shows 0440 (spec of systemd.exec(5)). */
static int
from_credential(struct secret *s, const char *name, struct err *e)
{
	const char	*dir = getenv("CREDENTIALS_DIRECTORY");
	char		 path[4096];
	int		 rc;

	if (*name == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		err_set(e, ERR_CONFIG, "credential:%s: a credential's name has no slash", name);
		return -1;
	}
	if (dir == NULL || *dir == '\0') {
		err_set(e, ERR_CONFIG, "credential:%s: there is no $CREDENTIALS_DIRECTORY; add \"LoadCredential=%s:/path/to/file\" to "
		    "the unit's [Service]", name, name);
		return -1;
	}
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((rc = from_file(s, path, 0, e)) == -1)
		err_wrap(e, "credential:%s (\"LoadCredential=%s:/path/to/file\" in the unit): ", name, name);
	return rc;
}

static int
from_environment(struct secret *s, const char *name, struct err *e)
{
	const char	*value = getenv(name);

	if (value == NULL || *value == '\0') {
		err_set(e, ERR_CONFIG, "env:%s: not set, or empty", name);
		return -1;
	}
	if (strlen(value) > SECRET_MAX) {
		err_set(e, ERR_CONFIG, "env:%s: over 16 KiB, that is no secret", name);
		return -1;
	}
	return secret_set(s, value, strlen(value), e);
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
