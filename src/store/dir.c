/*
 * dir - is this a place where a store may live?
 *
 * Judged at open, and only the directory itself: ours, closed to others, and on a filesystem whose locks and fsync mean
 * something (SQLite's write-ahead log does not work over a network).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "store/store_in.h"

static const struct {
	unsigned long	 magic;
	const char	*name;
} networks[] = {
	{ 0x6969,	"NFS" },
	{ 0xff534d42,	"CIFS" },
	{ 0xfe534d42,	"SMB2" },
	{ 0x517b,	"SMB" },
	{ 0x00c36400,	"Ceph" },
	{ 0x01021997,	"9P" },
	{ 0x5346414f,	"AFS" },
	{ 0x7461636f,	"OCFS2" },
	{ 0x0bd00bd0,	"Lustre" },
};

int
dir_judge(const char *dir, int create, struct err *e)
{
	struct stat	 st;
	struct statfs	 fs;

	if (lstat(dir, &st) == -1 && errno == ENOENT && create && mkdir(dir, 0700) == -1) {
		err_errno(e, ERR_CONFIG, "state_dir: cannot make %s", dir);
		return -1;
	}
	if (lstat(dir, &st) == -1) {
		err_errno(e, errno == EACCES ? ERR_PERMISSION : ERR_CONFIG, "state_dir: %s", dir);
		return -1;
	}
	if (!S_ISDIR(st.st_mode)) {
		err_set(e, ERR_CONFIG, "state_dir: %s is not a directory (a link is not followed)", dir);
		return -1;
	}
	if (st.st_uid != geteuid() && (create || geteuid() != 0)) {		/* root may look, but not run here */
		err_set(e, ERR_CONFIG, "state_dir: %s belongs to user %u, not to the user that runs m365fwd (chown it)", dir,
		    (unsigned)st.st_uid);
		return -1;
	}
	if ((st.st_mode & 0077) != 0) {
		err_set(e, ERR_CONFIG, "state_dir: others can enter %s, mode %04o; audit records lie in it (chmod 0700 %s)", dir,
		    (unsigned)st.st_mode & 07777, dir);
		return -1;
	}
	if (statfs(dir, &fs) == -1) {
		err_errno(e, ERR_IO, "state_dir: %s", dir);
		return -1;
	}
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		if ((unsigned long)fs.f_type != networks[i].magic)
			continue;
		err_set(e, ERR_CONFIG, "state_dir: %s is on %s; a network filesystem cannot keep the promises of a store, use a "
		    "local disk", dir, networks[i].name);
		return -1;
	}
	return 0;
}
