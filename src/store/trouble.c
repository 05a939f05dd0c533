/*
 * trouble - what SQLite's errors mean to those who run the program: one sentence that names the file, the error of the system
 * where there is one, and what to do.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "store/store_in.h"

const char *
db_advice(int number)
{
	const char	*advice = err_advice(number);

	if (advice != NULL)
		return advice;
	switch (number) {
	case ENOENT:		/* of the second try, to read */
		return "a file beside it cannot be made; make room (bytes, or inodes: df -i)";
	case EACCES:
	case EPERM:
		return "chown it to the user that runs m365fwd";
	default:
		return "look after the disk (dmesg)";
	}
}

/* Nothing is wrong with the file when SQLite had no memory: that is no reason to doubt it. */
void
db_need_memory(const struct store *s)
{
	int	 code = sqlite3_extended_errcode(s->db);

	if (code == SQLITE_NOMEM || code == SQLITE_IOERR_NOMEM)
		no_memory("SQLite");
}

/* The next open must look at the file before it trusts it; the directory, too, lest a power cut takes the note away. */
void
mark_doubtful(const struct store *s)
{
	int	 fd = open(s->check_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd != -1) {
		fsync(fd);
		close(fd);
	}
	if (s->turn_fd != -1)
		fsync(s->turn_fd);
}

/* SQLite keeps the system's error of a commit or a checkpoint beside the file that it came from. */
int
db_errno(struct store *s)
{
	sqlite3_file	*wal = NULL;
	int		 number = sqlite3_system_errno(s->db);

	if (number == 0 && sqlite3_file_control(s->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal) == SQLITE_OK && wal != NULL &&
	    wal->pMethods != NULL)
		(void)wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &number);
	if (number == 0)
		(void)sqlite3_file_control(s->db, "main", SQLITE_FCNTL_LAST_ERRNO, &number);
	return number;
}

static int
is_no_room(int number)
{
	return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

int
db_no_room(struct store *s)
{
	return sqlite3_errcode(s->db) == SQLITE_FULL || is_no_room(db_errno(s));
}

void
db_trouble(struct store *s, struct err *e)
{
	int		 number = db_errno(s);
	const char	*what = sqlite3_errmsg(s->db);

	db_need_memory(s);
	switch (sqlite3_errcode(s->db) & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		err_set(e, ERR_AGAIN, "%s: another m365fwd uses this state directory", s->path);
		break;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		err_set(e, ERR_IO, "%s: this is no sound store (%s); move the file away to begin anew (what it holds is then lost, and "
		    "Microsoft's last 7 days are listed again)", s->path, what);
		break;
	case SQLITE_FULL:
		err_set(e, ERR_IO, "%s: the disk is full; %s", s->path, db_advice(ENOSPC));
		break;
	case SQLITE_READONLY:
		err_set(e, ERR_IO, "%s: cannot be written: %s", s->path, db_advice(EROFS));
		break;
	case SQLITE_IOERR:
		if (!is_no_room(number)) {
			s->broken = 1;
			mark_doubtful(s);
		}
		err_set(e, ERR_IO, "%s: cannot be read or written: %s; %s", s->path, number != 0 ? strerror(number) : what, db_advice(number));
		break;
	case SQLITE_CANTOPEN:
		err_set(e, number == EACCES || number == EPERM || number == 0 ? ERR_CONFIG : ERR_IO, "%s: cannot be opened: %s; %s", s->path,
		    number != 0 ? strerror(number) : what, db_advice(number));
		break;
	default:
		err_set(e, ERR_IO, "%s: %s", s->path, what);
		break;
	}
}
