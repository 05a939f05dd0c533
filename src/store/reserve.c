/*
 * reserve - disk space that is taken beforehand, so that a full disk stops neither delivery nor what it has to write.
 *
 * Two things want space: the WAL, which is made as long as two records of the largest kind may need, and never shrinks; and
 * the file, which gets free pages: a ballast table grows in small steps and is dropped in the end, since pages of a dropped
 * table stay the file's. What a kill left of the ballast is gone on with. Enough is reserved when free pages and spooled records
 * together make `reserve`. If the disk gives no more, the ballast goes at once, so that what was got can be used.
 *
 * And whenever a commit makes the file longer, the blocks are asked for before it (grow_file), while a refusal costs nothing:
 * a checkpoint that could not lengthen the file would leave the WAL growing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/crash_point.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "store/store_in.h"

#define STEP	((int64_t)4 << 20)
#define CHUNK	(1 << 20)

/* Where a written block moves when it is written again, or where blocks are shared: nothing can be reserved there. */
static const struct {
	unsigned long	 magic;
	const char	*name;
} copying[] = {
	{ 0x9123683eUL, "btrfs" }, { 0x2fc12fc1UL, "ZFS" }, { 0xca451a4eUL, "bcachefs" },
};

static int
number(struct store *s, const char *sql, int64_t *v)
{
	sqlite3_stmt	*stmt;
	int		 rc = -1;

	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
		*v = sqlite3_column_int64(stmt, 0);
		rc = 0;
	}
	sqlite3_finalize(stmt);
	return rc;
}

static int
run(struct store *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

void
reserve_init(struct store *s)
{
	struct stat	 st;
	int		 chunk = CHUNK;

	sqlite3_file_control(s->db, NULL, SQLITE_FCNTL_CHUNK_SIZE, &chunk);
	s->file_pages = stat(s->path, &st) == 0 ? st.st_size / PAGE_SIZE : 0;
}

int
grow_file(struct store *s)
{
	int64_t	 pages, bytes;

	if (number(s, "PRAGMA page_count", &pages) == -1)
		return -1;
	if (pages <= s->file_pages)
		return 0;
	bytes = pages * PAGE_SIZE;		/* SQLite rounds up to whole chunks */
	if (sqlite3_file_control(s->db, NULL, SQLITE_FCNTL_SIZE_HINT, &bytes) != SQLITE_OK)
		return -1;
	s->file_pages = (bytes + CHUNK - 1) / CHUNK * CHUNK / PAGE_SIZE;
	return 0;
}

/* ---- the WAL ---------------------------------------------------------------------------------------------------------- */

static void
say_copying(const struct store *s)
{
	struct statfs	 fs;

	if (statfs(s->dir, &fs) == -1)
		return;
	for (size_t i = 0; i < sizeof(copying) / sizeof(copying[0]); i++)
		if ((unsigned long)fs.f_type == copying[i].magic)
			log_warn("reserve-void", "%s: is on %s, where no space can be reserved: a full disk may stop delivery, too", s->dir,
			    copying[i].name);
}

/* SQLite takes what follows its frames for old ones, and never cuts it. Its locks are on the other file. */
static int
lengthen_wal(struct store *s)
{
	char	*path = xasprintf("%s-wal", s->path);
	int64_t	 most = 2 * s->opts.record_max + 2 * STEP;
	int	 fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW), rc = -1;

	if (fd != -1)
		rc = posix_fallocate(fd, 0, (off_t)most) == 0 ? 0 : -1;
	if (fd != -1)
		close(fd);
	free(path);
	return rc;
}

/* ---- the file --------------------------------------------------------------------------------------------------------- */

static int
disk_has(const struct store *s, int64_t bytes)
{
	struct statvfs	 v;

	return statvfs(s->dir, &v) == 0 && (int64_t)v.f_bavail * (int64_t)v.f_frsize >= bytes;
}

int64_t
reserve_goal(const struct store *s)
{
	return s->opts.spool_max > 0 && s->opts.spool_max < s->opts.reserve ? s->opts.spool_max : s->opts.reserve;
}

/* Free pages, the ballast, and what the spool has taken of it. */
static int
held(struct store *s, int64_t *bytes, int64_t *ballast)
{
	int64_t	 there = 0, pages = 0;

	*ballast = 0;
	if (number(s, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'ballast'", &there) == -1 ||
	    (there && number(s, "SELECT COUNT(*) FROM ballast", ballast) == -1) || number(s, "PRAGMA freelist_count", &pages) == -1)
		return -1;
	*ballast *= STEP;
	*bytes = pages * PAGE_SIZE + *ballast + store_spool_bytes(s);
	s->has_ballast = there > 0;
	return 0;
}

int64_t
reserve_held(struct store *s)
{
	int64_t	 bytes = 0, ballast;

	(void)held(s, &bytes, &ballast);
	return bytes < reserve_goal(s) ? bytes : reserve_goal(s);
}

static int
drop_ballast(struct store *s)
{
	if (!s->has_ballast)
		return 0;
	s->has_ballast = 0;
	if (run(s, "DROP TABLE ballast") == -1)
		return -1;
	crash_point(CRASH_RESERVE_GIVEN);
	return 0;
}

static enum store_fail
reserve_run(struct store *s, struct job *j)
{
	int64_t	 bytes, ballast;

	if (!s->wal_long) {
		s->wal_long = 1;
		say_copying(s);
		if (lengthen_wal(s) == -1)
			s->wal_long = -1;
	}
	if (held(s, &bytes, &ballast) == -1)
		goto fail;
	j->result.n = bytes;
	if (bytes >= reserve_goal(s) && s->wal_long == 1) {
		if (drop_ballast(s) == -1)
			goto fail;
		return STORE_OK;
	}
	if (s->wal_long == -1 || s->reserve_refused || !disk_has(s, STEP + s->opts.record_max + 2 * STEP)) {
		s->reserve_refused = 0;
		s->wal_long = s->wal_long == -1 ? 0 : 1;
		if (drop_ballast(s) == -1)
			goto fail;
		j->result.batch = 1;		/* not now */
		return STORE_OK;
	}
	if (run(s, "CREATE TABLE IF NOT EXISTS ballast(id INTEGER PRIMARY KEY, body BLOB);"
	    "INSERT INTO ballast(body) VALUES(zeroblob(4194304))") == -1)
		goto fail;
	crash_point(CRASH_RESERVE_GROWN);
	s->has_ballast = 1;
	j->result.more = 1;
	return STORE_OK;
fail:
	s->reserve_refused = 1;			/* the next step gives back what was got */
	return db_fail(s, &j->result, "reserve");
}

void
store_reserve(struct store *s, store_cb *cb, void *arg)
{
	job_submit(s, job_new(s, JOB_WRITE, reserve_run, cb, arg));
}

/* Nothing to drain and no room for anything: there is nothing that this store could do. */
int
store_has_use(struct store *s, struct err *e)
{
	if (store_spool_bytes(s) > 0 || db_has_room(s, 0))
		return 1;
	err_set(e, ERR_IO, "%s: the disk is full and there is nothing to deliver: at least %lld MiB must be free", s->dir,
	    (long long)((s->opts.record_max + 2 * STEP) >> 20));
	return 0;
}
