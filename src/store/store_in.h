/*
 * store_in - what the parts of the store share. Internal to src/store.
 *
 * Everything below `db` belongs to the store thread once store_start was called; before and after, to the caller.
 */
#ifndef STORE_IN_H
#define STORE_IN_H

#include <sqlite3.h>

#include "base/json.h"
#include "base/queue.h"
#include "store/sql.h"
#include "store/store.h"

#define STORE_SCHEMA		2		/* user_version */
#define STORE_APPLICATION	0x4d333635	/* "M365" */
#define GROUP_MAX		((int64_t)4 << 20)
#define PAGE_SIZE		16384
#define DAY_MS			((int64_t)86400000)

struct feed_row {
	int		 id;
	char		*tenant, *tenant_name, *name;
	uint64_t	 mask;
};

struct share {				/* of one feed in what an output is given */
	int64_t		 credit;	/* bytes it may still give; below 0: it gave more than was its turn */
	int64_t		 old, fresh;	/* bytes given from either end while there was a backlog */
};

struct output_row {
	int		 id;		/* the bit */
	char		*name;
	int		 present;	/* was named since the last store_outputs_end() */
	int		 old_wanted;	/* new, and start_at is oldest; on the disk: since is 0 until it owes what is spooled */
	int		 drops;		/* on_full is drop_oldest */
	int64_t		 gone_ms;	/* 0: not gone */
	struct share	*shares;	/* peek: of each feed, as feeds[] */
	size_t		 n_shares, turn;	/* turn: whose turn it is */
};

struct tally_row {			/* of this transaction, written before its commit */
	int		 feed;
	int64_t		 hour;
	char		 who[80];
	int64_t		 n;
	uint64_t	 x[2], s[2];	/* 128 bits, high half first */
};

struct lazy_mark {
	int		 feed;
	char		 kind[64], value[64];
};

struct batch_new {			/* a batch row to be written; strings and bytes borrowed */
	int		 feed;
	const char	*content_id, *origin;
	int64_t		 created_ms, stored_ms, min_t, max_t;
	uint32_t	 n;
	const char	*bytes;
	size_t		 len;
};

struct given_up {			/* what an output was spared of a batch: counted as dropped */
	int		 feed;
	int64_t		 n, bytes, from_ms, to_ms;
};

struct dead_new {			/* a dead letter to be written; all borrowed */
	int64_t		 batch;
	int		 feed;
	uint32_t	 ordinal;
	const char	*output, *record_id, *reason, *reply;
	const char	*body;			/* NULL: too large to be kept */
	size_t		 len;
	const struct record *record;		/* to be tried again as it was; NULL: it never was one */
	const char	*content_id, *origin;
	int64_t		 created_ms, stored_ms;
};

struct seen_place {
	int64_t		 t;
	uint8_t		 id[12];
};

struct job;

struct store {
	struct store_opts	 opts;
	char			*dir, *path, *check_path;
	int			 turn_fd;	/* the directory, locked; -1: not */

	/* the loop thread's side */
	struct queue		*in, *out;
	struct thread		*thread;
	int			 named;		/* outputs were, since the thread stood */
	int			 said_broken;
	int			 old_failed;	/* one that starts with the oldest could not be owed it */
	unsigned		 pending;
	int			 closing;	/* atomic: no waiting any more */
	int64_t			 spool_bytes;	/* atomic: written by the store thread, read by any */
	int			 full_why;	/* the same: enum store_full */

	/* the store thread's side */
	sqlite3			*db;
	sqlite3_stmt		*stmts[Q_COUNT];
	int			 broken;
	int			 is_gone;		/* somebody took the file away */
	int			 no_blocks;		/* grow_file() refused: the disk is full, whatever SQLite calls it */
	struct err		 broken_err;
	int			 wal_pages;
	int			 halted;	/* the thread ends */
	struct feed_row		*feeds;
	size_t			 n_feeds;
	struct output_row	 outputs[STORE_OUTPUTS];
	size_t			 n_outputs;
	int64_t			 next_batch, seen_n;	/* as of the last commit */
	int64_t			 dead_bytes;
	int64_t			 file_pages;		/* whose blocks are there for sure */
	int			 has_ballast, reserve_refused;
	int			 wal_long;		/* 1: as long as it must be; -1: the disk refused; 0: not tried */
	struct lazy_mark	*lazy;
	size_t			 n_lazy;
	int			 lazy_now;		/* this transaction is theirs */
	int64_t			 lazy_ms;		/* monotonic: when the first one came */
	int64_t			 busy_ms;		/* monotonic: when a job last changed anything */
	int			 rested;		/* memory was given back since */
	struct seen_place	 sweep;			/* how far seen_forget has come ... */
	int64_t			 swept_day;		/* ... and the day it is through with */

	/* the transaction under way: applied at commit, forgotten at rollback */
	int64_t			 t_spool, t_dead, t_seen, t_batches;
	int			 changes;		/* rows changed before it */
	struct tally_row	*tallies;
	size_t			 n_tallies, tallies_size;
};

enum job_class { JOB_READ, JOB_WRITE, JOB_PUT, JOB_DONE };	/* neighbours of PUT, and of DONE, share a transaction */

#define JOB_TEXTS 5

struct job {
	enum job_class		 class;
	enum store_fail		(*run)(struct store *, struct job *);	/* fills result; r.err when it fails */
	void			(*clear)(struct job *);			/* frees what it holds; may be NULL */
	store_cb		*cb;
	void			*arg;
	int64_t			 cost;		/* bytes, for grouping */
	struct store_result	 result;

	int			 feed, output, flag;
	int64_t			 number, time_ms;
	char			*text[JOB_TEXTS];
	struct put		*put;
	struct done		*done;
	struct blob_row		*rows;
	size_t			 n;
	int64_t			*batches;
	struct gap		 gap;		/* strings in text[] */
	int			 has_gap;
};

/* db.c */
int	 db_open(struct store *, struct err *);
void	 db_close(struct store *);
sqlite3_stmt *q(struct store *, enum sql);		/* reset and unbound; NULL: broken */
enum store_fail db_fail(struct store *, struct store_result *, const char *what);	/* judges the last error */
int	 db_begin(struct store *);
int	 db_commit(struct store *);			/* with tallies, lazy marks and totals; -1: rolled back */
void	 db_rollback(struct store *);
void	 db_checkpoint(struct store *);
int	 step_done(sqlite3_stmt *);			/* 0: SQLITE_DONE; -1 */
void	 bind_text(sqlite3_stmt *, int, const char *);	/* NULL: NULL; static lifetime until the step */
const char *col_text(sqlite3_stmt *, int);		/* "" for NULL */
int	 db_has_room(struct store *, int64_t bytes);	/* when so much came in, is there still free pages and disk for what follows? */

/* trouble.c */
void	 db_trouble(struct store *, struct err *);	/* what SQLite's last error means, and what to do */
const char *db_advice(int number);		/* what to do about an error of the system */
int	 db_errno(struct store *);			/* the system's, of the last error; 0: none */
int	 db_no_room(struct store *);			/* did that fail for want of room, and for nothing worse? */
void	 db_need_memory(const struct store *);		/* ends the process if SQLite had none */
void	 mark_doubtful(const struct store *);		/* the next open runs quick_check */

/* reserve.c */
void	 reserve_init(struct store *);
int64_t	 reserve_goal(const struct store *);
int64_t	 reserve_held(struct store *);			/* of it */
int	 grow_file(struct store *);			/* before a commit: blocks for new pages; -1: the disk is full */

/* schema.c */
int	 schema_make(struct store *, struct err *);
int	 schema_upgrade(struct store *, int from, struct err *);

/* dir.c */
int	 dir_judge(const char *dir, int create, struct err *);

/* thread.c */
struct job *job_new(struct store *, enum job_class, enum store_fail (*)(struct store *, struct job *), store_cb *, void *arg);
void	 job_submit(struct store *, struct job *);

/* the parts */
void	 tally_add(struct store *, int feed, int64_t second, const char *how, const char *output, const uint8_t id[16]);
void	 tally_take(struct store *, int feed, int64_t second, const char *how, const char *output, const uint8_t id[16]);
int	 tally_flush(struct store *);
int	 mark_write(struct store *, int feed, const char *kind, const char *value);
int	 mark_flush(struct store *);			/* the lazy ones, in the open transaction */
int	 gap_write(struct store *, const struct gap *);
int	 segment_write(struct store *, int output, const struct segment *);
int	 names_end(struct store *, struct err *);	/* what was said while the thread stood is over */
int	 seen_add(struct store *, int64_t second, const uint8_t id[16], uint32_t digest, int64_t day, int *changed);	/* 1 new, 0 known, -1 */
/* A version of a row. 1: new, and its revision; 0: known; 2: new, and too many came before; -1. */
int	 seen_version(struct store *, int64_t second, const uint8_t row[16], const uint8_t id[16], uint32_t digest, int64_t day,
	    uint32_t *revision);
int	 seen_forget(struct store *, int64_t now_ms);
int64_t	 seen_evict(struct store *);
int	 dead_write(struct store *, const struct dead_new *);
int	 batch_write(struct store *, const struct batch_new *, uint64_t mask, int64_t *batch);	/* with its debts */
int	 batch_body(struct store *, int64_t batch, struct buf *);	/* -1: cannot be read */
uint32_t batch_count(int64_t n);		/* the column n, or 0: so many records no batch has */
int	 batch_release(struct store *, int64_t batch, int64_t bytes);		/* if no output owes it any more */
int	 batch_give_up(struct store *, const struct output_row *, int64_t batch, const struct buf *body, struct given_up *);
int	 output_release_gone(struct store *, int64_t now_ms);
const struct feed_row *feed_of(const struct store *, int feed);
const struct output_row *output_of(const struct store *, int output);

/* A time of the file in ms; what a damaged row says may be beyond all times, and is then the last or the first. */
static inline int64_t
in_ms(int64_t n, int64_t unit_ms)
{
	int64_t	 most = INT64_MAX / unit_ms;

	return (n > most ? most : n < -most ? -most : n) * unit_ms;
}

#endif
