/*
 * db - the SQLite file: open and close, statements, transactions, checkpoints.
 *
 * One connection, EXCLUSIVE, so that a second instance cannot get in and SQLite needs no shared memory; WAL with
 * synchronous=FULL, so that a commit that returned survives a power cut. The WAL is checkpointed by us, often enough that
 * it stays a few MiB, and survives a clean close. Errors: SQLITE_FULL means "no room" (STORE_FULL), everything else that
 * is not ours means that the file cannot be trusted (STORE_BROKEN): a marker file makes the next open run quick_check.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/crash_point.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "store/store_in.h"

#define WAL_PAGES_MAX	512			/* 8 MiB, then a checkpoint */
#define ROOM_BESIDE	((int64_t)8 << 20)

static const char *const texts[] = {
#define X(id, text) [id] = text,
	STORE_SQL(X)
#undef X
};

sqlite3_stmt *
q(struct store *s, enum sql id)
{
	if (s->stmts[id] == NULL &&
	    sqlite3_prepare_v3(s->db, texts[id], -1, SQLITE_PREPARE_PERSISTENT, &s->stmts[id], NULL) != SQLITE_OK) {
		log_debug("sql", "%s: %s", sqlite3_errmsg(s->db), texts[id]);
		return NULL;			/* a NULL statement is misuse, an error, wherever it is stepped */
	}
	sqlite3_reset(s->stmts[id]);
	sqlite3_clear_bindings(s->stmts[id]);
	return s->stmts[id];
}

int
step_done(sqlite3_stmt *stmt)
{
	int	 rc = sqlite3_step(stmt);

	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? 0 : -1;
}

void
bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
	if (text == NULL)
		sqlite3_bind_null(stmt, at);
	else
		sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
}

const char *
col_text(sqlite3_stmt *stmt, int at)
{
	const unsigned char	*text = sqlite3_column_text(stmt, at);

	return text != NULL ? (const char *)text : "";
}

enum store_fail
db_fail(struct store *s, struct store_result *r, const char *what)
{
	int	 code = sqlite3_errcode(s->db), number = db_errno(s), no_blocks = s->no_blocks;

	db_need_memory(s);
	s->no_blocks = 0;
	if (code == SQLITE_FULL || no_blocks) {
		r->fail = STORE_FULL;
		err_set(&r->err, ERR_IO, "%s: the disk is full", s->path);
		return r->fail;
	}
	r->fail = STORE_BROKEN;
	if (s->is_gone)
		err_set(&r->err, ERR_IO, "%s: was removed or replaced while it was in use; put it back before the next start, or a store is "
		    "begun anew and what this one held is lost", s->path);
	else if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)		/* SQLite has no complaint: we have */
		err_set(&r->err, ERR_IO, "%s: %s: damaged, a row is not as it was written; restore the file, or move it away to begin "
		    "anew", s->path, what);
	else
		err_set(&r->err, ERR_IO, "%s: %s: %s (%d%s%s); %s", s->path, what, sqlite3_errmsg(s->db),
		    sqlite3_extended_errcode(s->db), number != 0 ? ", " : "", number != 0 ? strerror(number) : "", db_advice(number));
	if (!s->broken) {
		s->broken = 1;
		s->broken_err = r->err;
		mark_doubtful(s);
	}
	return r->fail;
}

int
db_begin(struct store *s)
{
	s->t_spool = s->t_dead = s->t_seen = s->t_batches = 0;
	s->no_blocks = 0;
	s->n_tallies = 0;
	s->changes = sqlite3_total_changes(s->db);
	/* Whoever removes it under us leaves us writing into a file that nobody can open again. */
	if (sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &s->is_gone) == SQLITE_OK && s->is_gone)
		return -1;
	return step_done(q(s, Q_BEGIN));
}

void
db_rollback(struct store *s)
{
	/* SQLITE_FULL and its kin may have rolled back already. */
	if (!sqlite3_get_autocommit(s->db))
		(void)step_done(q(s, Q_ROLLBACK));
}

static int
write_state(struct store *s)
{
	sqlite3_stmt	*stmt;

	if (s->t_batches == 0 && s->t_seen == 0)
		return 0;
	stmt = q(s, Q_STATE_SET);
	sqlite3_bind_int64(stmt, 1, s->next_batch + s->t_batches);
	sqlite3_bind_int64(stmt, 2, s->seen_n + s->t_seen);
	return step_done(stmt);
}

int
db_commit(struct store *s)
{
	int	 wrote;

	if (tally_flush(s) == -1)
		return -1;
	/* Who writes nothing takes no marks along: on a full disk it would fail with them. */
	wrote = s->lazy_now || sqlite3_total_changes(s->db) != s->changes;
	if ((wrote && mark_flush(s) == -1) || write_state(s) == -1)
		return -1;
	s->no_blocks = grow_file(s) == -1;
	if (s->no_blocks || step_done(q(s, Q_COMMIT)) == -1)
		return -1;
	s->next_batch += s->t_batches;
	s->seen_n += s->t_seen;
	s->dead_bytes += s->t_dead;
	__atomic_add_fetch(&s->spool_bytes, s->t_spool, __ATOMIC_RELAXED);
	if (!wrote)
		return 0;
	free(s->lazy);
	s->lazy = NULL;
	s->n_lazy = 0;
	return 0;
}

static int
wal_grew(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct store	*s = arg;

	(void)db;
	(void)name;
	s->wal_pages = pages;
	return SQLITE_OK;
}

static int
copy_wal(struct store *s)
{
	int	 rc;

	crash_point(CRASH_CHECKPOINT_BEGUN);
	rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	crash_point(CRASH_CHECKPOINT_DONE);
	return rc;
}

/* Nobody else reads, so a passive checkpoint copies everything and the next commit starts the WAL anew. A flush that failed here
 * must not be tried again: the kernel would call the second one a success. */
void
db_checkpoint(struct store *s)
{
	struct store_result	 r = { .fail = STORE_OK };

	if (s->wal_pages < WAL_PAGES_MAX || s->broken)
		return;
	if (copy_wal(s) == SQLITE_OK)
		s->wal_pages = 0;
	else if (db_fail(s, &r, "checkpoint") == STORE_BROKEN)
		log_error("store-broken", "%s", r.err.text);
}

/* Puts eat free pages first; what follows a put (a dead letter, a release) must still find room. */
int
db_has_room(struct store *s, int64_t bytes)
{
	struct statvfs	 v;
	sqlite3_stmt	*stmt;
	int64_t		 room = -bytes;

	if (statvfs(s->dir, &v) == 0)
		room += (int64_t)v.f_bavail * (int64_t)v.f_frsize;
	if (room >= s->opts.record_max + ROOM_BESIDE)
		return 1;
	if (sqlite3_prepare_v2(s->db, "PRAGMA freelist_count", -1, &stmt, NULL) == SQLITE_OK) {
		if (sqlite3_step(stmt) == SQLITE_ROW)
			room += sqlite3_column_int64(stmt, 0) * PAGE_SIZE;
		sqlite3_finalize(stmt);
	}
	return room >= s->opts.record_max + ROOM_BESIDE;
}

/* ---- opening ------------------------------------------------------------------------------------------------------- */

static int
cannot_open(struct store *s, struct err *e)
{
	db_trouble(s, e);
	return -1;
}

/* At the open and at the close. Want of room may pass; what failed otherwise is not tried again (db_checkpoint). */
static int
copy_all(struct store *s, struct err *e)
{
	return copy_wal(s) == SQLITE_OK || db_no_room(s) ? 0 : cannot_open(s, e);
}

static int
run(struct store *s, const char *sql, struct err *e)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : cannot_open(s, e);
}

static int
read_value(struct store *s, const char *sql, int64_t *v, struct err *e)
{
	sqlite3_stmt	*stmt;
	int		 rc = -1;

	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
		*v = sqlite3_column_int64(stmt, 0);
		rc = 0;
	} else
		cannot_open(s, e);
	sqlite3_finalize(stmt);
	return rc;
}

static int
quick_check(struct store *s, struct err *e)
{
	sqlite3_stmt	*stmt;
	char		 found[200] = "cannot be read";

	if (access(s->check_path, F_OK) == -1)
		return 0;
	log_warn("store-check", "%s: the last run met an I/O error, checking the file", s->path);
	if (sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		snprintf(found, sizeof(found), "%s", col_text(stmt, 0));
	else
		db_need_memory(s);
	sqlite3_finalize(stmt);
	if (strcmp(found, "ok") != 0) {
		err_set(e, ERR_IO, "%s: damaged (%s); move the file away to begin anew, or restore it", s->path, found);
		return -1;
	}
	unlink(s->check_path);
	return 0;
}

/* Whose is it? Asked before anything is set: the journal mode alone would change the file. An empty one will be ours. */
static int
judge_file(struct store *s, int *empty, int64_t *version, struct err *e)
{
	int64_t	 application, tables;

	if (read_value(s, "PRAGMA application_id", &application, e) == -1 || read_value(s, "PRAGMA user_version", version, e) == -1 ||
	    read_value(s, "SELECT COUNT(*) FROM sqlite_master", &tables, e) == -1)
		return -1;
	if ((*empty = tables == 0 && application == 0)) {
		if (!s->opts.create)
			err_set(e, ERR_CONFIG, "%s: there is no store yet; m365fwd has not run here", s->path);
		return s->opts.create ? 0 : -1;
	}
	if (application != STORE_APPLICATION) {
		err_set(e, ERR_CONFIG, "%s: a database of another program; name another state_dir", s->path);
		return -1;
	}
	if (*version > STORE_SCHEMA) {
		err_set(e, ERR_CONFIG, "%s: written by a newer m365fwd (schema %lld, this one knows %d); install that version again",
		    s->path, (long long)*version, STORE_SCHEMA);
		return -1;
	}
	return 0;
}

/* What no store comes to in a thousand years; from here on numbers are added to it. */
#define COUNT_MAX	(INT64_MAX / 2)

static int
read_totals(struct store *s, struct err *e)
{
	sqlite3_stmt	*stmt = q(s, Q_STATE_GET);

	if (sqlite3_step(stmt) != SQLITE_ROW)
		goto fail;
	s->next_batch = sqlite3_column_int64(stmt, 0);
	s->seen_n = sqlite3_column_int64(stmt, 1);
	sqlite3_reset(stmt);
	if (s->next_batch < 1 || s->next_batch > COUNT_MAX || s->seen_n < -COUNT_MAX || s->seen_n > COUNT_MAX) {
		err_set(e, ERR_IO, "%s: damaged (next_batch=%lld, seen_n=%lld); move the file away to begin anew, or restore it", s->path,
		    (long long)s->next_batch, (long long)s->seen_n);
		return -1;
	}
	stmt = q(s, Q_BATCH_TOTAL);
	if (sqlite3_step(stmt) != SQLITE_ROW)
		goto fail;
	s->spool_bytes = sqlite3_column_int64(stmt, 1);
	sqlite3_reset(stmt);
	stmt = q(s, Q_DEAD_TOTAL);
	if (sqlite3_step(stmt) != SQLITE_ROW)
		goto fail;
	s->dead_bytes = sqlite3_column_int64(stmt, 1);
	sqlite3_reset(stmt);
	return 0;
fail:
	return cannot_open(s, e);
}

/* SQLite must never get descriptor 0, 1 or 2: somebody's printf would write into the store. */
static void
keep_low_fds(void)
{
	int	 fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

/* SQLite would throw the WAL away and begin an empty store beside it, without a word; behind a link it would lie elsewhere. */
static int
file_is_gone(struct store *s, struct err *e)
{
	struct stat	 st;
	char		*wal = xasprintf("%s-wal", s->path);
	int		 empty = stat(s->path, &st) == -1 ? errno == ENOENT : st.st_size == 0;
	int		 gone = empty && stat(wal, &st) == 0 && st.st_size > 0;

	if (lstat(s->path, &st) == 0 && !S_ISREG(st.st_mode)) {
		gone = 1;
		err_set(e, ERR_CONFIG, "%s: is a link, or no file at all; put the file itself there: its -wal must lie beside it", s->path);
	} else if (gone)
		err_set(e, ERR_CONFIG, "%s: gone or empty, but its -wal file is there; put it back, or move the -wal file away to begin anew",
		    s->path);
	free(wal);
	return gone;
}

/* A reader upgrades as well: what it asks for is in the new columns. */
static int
make_or_upgrade(struct store *s, int empty, int64_t version, struct err *e)
{
	if (!empty && version == STORE_SCHEMA)
		return 0;
	if (run(s, "BEGIN IMMEDIATE", e) == -1)
		return -1;
	if ((empty ? schema_make(s, e) : schema_upgrade(s, (int)version, e)) == -1)
		return -1;
	return run(s, "COMMIT", e);
}

/*
 * Who opens the file waits for its turn outside of SQLite: two that both begin to read it, on the way to their exclusive lock, would wait
 * for each other until both gave up. The lock is on the directory, so a full disk cannot refuse it; a file system without
 * such locks is left to SQLite's own.
 */
static int
take_turn(struct store *s, struct err *e)
{
	enum { LOOK_MS = 20 };

	if ((s->turn_fd = open(s->opts.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return 0;
	for (int waited = 0; flock(s->turn_fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK; waited += LOOK_MS) {
		if (waited >= s->opts.lock_wait_ms) {
			err_set(e, ERR_AGAIN, "%s: another m365fwd uses this state directory", s->path);
			return -1;
		}
		poll(NULL, 0, LOOK_MS);
	}
	return 0;
}

/* A limit below the WAL's own length would stop us at some commit, start after start: it is said at once. */
static int
may_grow(struct store *s, struct err *e)
{
	struct rlimit	 most;
	int64_t		 least = 2 * s->opts.record_max + ROOM_BESIDE;

	if (!s->opts.create || getrlimit(RLIMIT_FSIZE, &most) == -1 || most.rlim_cur == RLIM_INFINITY || most.rlim_cur >= (rlim_t)least)
		return 1;
	err_set(e, ERR_IO, "%s: files may not grow over %lld bytes here, at least %lld are needed; %s", s->path, (long long)most.rlim_cur,
	    (long long)least, db_advice(EFBIG));
	return 0;
}

/* SQLite would try again to read only, and keep the error of that. With the turn ours, nobody in this process has a lock on it. */
static int
make_file(struct store *s, struct err *e)
{
	int	 fd;

	if (!s->opts.create)
		return 0;
	if ((fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) == -1) {
		err_set(e, errno == EACCES || errno == EPERM ? ERR_CONFIG : ERR_IO, "%s: cannot be written: %s; %s", s->path, strerror(errno),
		    db_advice(errno));
		return -1;
	}
	close(fd);
	return 0;
}

int
db_open(struct store *s, struct err *e)
{
	int64_t	 version = 0;
	int	 on = 1, off = -1, empty = 0, flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (s->opts.create ? SQLITE_OPEN_CREATE : 0);

	keep_low_fds();
	if (!s->opts.create && access(s->path, F_OK) == -1) {
		err_set(e, errno == EACCES ? ERR_PERMISSION : ERR_CONFIG, "%s: there is no store yet; m365fwd has not run here", s->path);
		return -1;
	}
	if (!may_grow(s, e) || take_turn(s, e) == -1 || file_is_gone(s, e) || make_file(s, e) == -1)
		return -1;
	if (sqlite3_open_v2(s->path, &s->db, flags, NULL) != SQLITE_OK)
		return cannot_open(s, e);
	sqlite3_extended_result_codes(s->db, 0);
	sqlite3_busy_timeout(s->db, s->opts.lock_wait_ms);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &off);	/* it may not be ours */
	if (run(s, "PRAGMA locking_mode=EXCLUSIVE", e) == -1 || judge_file(s, &empty, &version, e) == -1)
		return -1;
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, &off);
	if (run(s, "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	    "PRAGMA secure_delete=OFF; PRAGMA cache_size=-3072; PRAGMA mmap_size=0;"
	    "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; BEGIN IMMEDIATE; COMMIT", e) == -1)
		return -1;
	sqlite3_file_control(s->db, NULL, SQLITE_FCNTL_PERSIST_WAL, &on);
	sqlite3_wal_hook(s->db, wal_grew, s);		/* in place of SQLite's own, which would copy at a commit */
	reserve_init(s);
	crash_point(CRASH_OPEN_LOCKED);
	if (s->opts.locked != NULL && s->opts.locked(s->opts.arg, e) == -1)
		return -1;
	if (quick_check(s, e) == -1 || make_or_upgrade(s, empty, version, e) == -1 || read_totals(s, e) == -1)
		return -1;
	/* What the WAL holds goes into the file now, so that it begins anew: on a full disk it could not be appended to. */
	if (copy_all(s, e) == -1)
		return -1;
	crash_point(CRASH_OPEN_DONE);
	return 0;
}

static void
end_turn(struct store *s)
{
	if (s->turn_fd != -1)
		close(s->turn_fd);
	s->turn_fd = -1;
}

void
db_close(struct store *s)
{
	struct err	 e;
	int		 off = -1;

	if (s->db == NULL) {
		end_turn(s);
		return;
	}
	crash_point(CRASH_CLOSE_BEGUN);
	if (!s->broken && copy_all(s, &e) == -1)
		log_error("store-close", "%s", e.text);
	if (s->broken)		/* else SQLite would try once more what failed */
		sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &off);
	for (size_t i = 0; i < Q_COUNT; i++)
		sqlite3_finalize(s->stmts[i]);
	sqlite3_close(s->db);
	s->db = NULL;
	end_turn(s);
}
