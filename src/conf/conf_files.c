/*
 * conf_files - can the files that the configuration names be used, and are the secret ones secret?
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf_in.h"

#define LOOK_MAX (64u << 10)

static int
is_private(const struct stat *st)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return 0;
	return (st->st_mode & 0037) == 0 && ((st->st_mode & 0040) == 0 || st->st_gid == getegid());
}

static int
has_pem(int fd)
{
	static char	 begin[LOOK_MAX + 1];
	ssize_t		 n = read(fd, begin, LOOK_MAX);
	int		 found = n > 0 && memmem(begin, (size_t)n, "-----BEGIN ", 11) != NULL;

	explicit_bzero(begin, sizeof(begin));
	return found;
}

int
file_check_pem(const char *path, int key, char why[CONF_WHY])
{
	struct stat	 st;
	int		 fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (key ? O_NOFOLLOW : 0)), rc = -1;

	if (fd == -1) {
		snprintf(why, CONF_WHY, "cannot be read: %s; %s", key && errno == ELOOP ? "it is a link" : strerror(errno),
		    errno == ENOENT ? "correct the path, or put the file there" : errno == ELOOP ? "name the file itself" :
		    "the user that runs m365fwd must be able to read it");
		return -1;
	}
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		snprintf(why, CONF_WHY, "is not a regular file; name a PEM file");
	else if (key && !is_private(&st))
		snprintf(why, CONF_WHY, "is within reach of others (mode %04o); chmod 0600 it, owner root or the user "
		    "that runs m365fwd",
		    (unsigned)st.st_mode & 07777);
	else if (!has_pem(fd))
		snprintf(why, CONF_WHY, "holds no PEM block (-----BEGIN ...); convert it with openssl");
	else
		rc = 0;
	close(fd);
	return rc;
}

/* The same look that the start takes, so that check and run agree. */
int
secret_check(const char *ref, char why[CONF_WHY])
{
	struct secret	 s = { 0 };
	struct err	 e = { 0 };
	const char	*remedy = "";

	if (secret_load(&s, ref, &e) == 0) {
		secret_clear(&s);
		return 0;
	}
	if (strncmp(ref, "file:", 5) == 0 && strstr(e.text, strerror(ENOENT)) != NULL)
		remedy = "; put the secret there, mode 0600, or correct the path";
	else if (strncmp(ref, "env:", 4) == 0)
		remedy = "; set it to the secret, or better give file:/path";
	snprintf(why, CONF_WHY, "%s%s", e.text, remedy);
	return -1;
}
