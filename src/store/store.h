/*
 * store - everything that must survive: records, what was fetched, what was delivered, what is missing.
 *
 * One SQLite file, <dir>/state.db, used by one thread (the store thread) over one connection (EXCLUSIVE, WAL,
 * synchronous=FULL). The loop thread hands it jobs and gets their answers from store_turn() when store_fd() is
 * readable. Jobs run in the order given. Neighbouring puts (or dones) that are queued share a transaction, up to 4 MiB;
 * put and done never do; a group that fails is repeated job by job (design.md section 6).
 *
 * Answers: every job's callback comes once, on the thread that calls store_turn(). A job that could not be done has
 * r->fail set: STORE_FULL (spool or dead letters at their cap: nothing was changed, try later) or STORE_BROKEN (I/O
 * error, corruption: the daemon must stop, close and exit 74; the next open runs quick_check).
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/record.h"

#define STORE_OUTPUTS 64
#define STORE_REVISIONS 20		/* of a row that changes; what comes after is counted */

struct store;

struct store_opts {
	const char	*dir;		/* state directory: owner us, mode 0700, not NFS (judged at open; made if absent and create) */
	int		 create;	/* 0: readers (status, gaps, dead) never create a store */
	int64_t		 spool_max;	/* bytes of records; 0: no cap */
	int64_t		 dead_max;
	int64_t		 seen_max;	/* bytes of remembered ids (24 + digest each is assumed) */
	int64_t		 seen_window_ms;
	int64_t		 record_max;	/* limits.record */
	int64_t		 reserve;	/* disk space to be taken beforehand; spool_max if that is less */
	int		 lock_wait_ms;	/* how long a second instance waits for the lock: 5000 */
	/* Called once the lock is ours and before the file is checked, which may take its time; -1: give up. May be NULL. */
	int		(*locked)(void *arg, struct err *);
	void		*arg;
};

/* Takes the lock, checks application_id and schema (a newer one: ERR_CONFIG), runs quick_check if the last close was
 * not clean after an I/O error, upgrades an older schema in one transaction. ERR_AGAIN: another instance holds it. */
struct store *store_open(const struct store_opts *, struct err *);
void	 store_close(struct store *);		/* runs what is queued, then a clean close that keeps the WAL */

/* Before store_start, or after store_halt, synchronously: names become numbers that stay the same for ever. */
int	 store_feed(struct store *, const char *tenant_guid, const char *tenant_name, const char *feed, struct err *);	/* > 0 */
/* What a feed's number stands for, also when it left the configuration; 0: no such feed. The strings live as long as the store. */
int	 store_feed_names(const struct store *, int feed, const char **tenant_guid, const char **tenant_name, const char **name);
/* bit 0..63; a new output starts with what is spooled after it, or with the oldest in the spool. */
int	 store_output(struct store *, const char *name, int start_at_oldest, struct err *);
/* Call once, after all store_output: outputs that are not in the configuration any more are noted (gone_at). */
int	 store_outputs_end(struct store *, struct err *);
void	 store_output_drops(struct store *, int output, int drops);	/* beside store_output: its on_full is drop_oldest */
void	 store_feed_mask(struct store *, int feed, uint64_t outputs);	/* who wants it */
int	 store_mark(struct store *, int feed, const char *kind, char value[64], struct err *);	/* 1: there, 0: none, -1; synchronous */
int	 store_meta(struct store *, const char *key, char *value, size_t size, struct err *);	/* 1, 0, -1; synchronous */

int	 store_start(struct store *, struct err *);	/* the store thread begins */
/* What is queued is done and answered, then the thread ends; jobs that come now wait for the next store_start. Until then the
 * synchronous calls may be used again: all outputs, store_outputs_end, and the mask of every feed. */
void	 store_halt(struct store *);
void	 store_limits(struct store *, const struct store_opts *);	/* while it stands: all but dir, create and the lock */
int	 store_fd(struct store *);
void	 store_turn(struct store *);			/* gives the answers that are there */
int	 store_wait(struct store *);			/* blocks until all queued jobs are answered (tests, readers) */
unsigned store_pending(const struct store *);
int64_t	 store_spool_bytes(const struct store *);	/* bytes of records spooled now; any thread */

/*
 * One step of taking disk space beforehand, of 4 MiB: call it again, after a pause, while r->more. r->n: bytes that free pages and
 * spool have; r->batch: 1 when the disk has no more to give now (what was got is usable).
 */
struct store_result;
void	 store_reserve(struct store *, void (*cb)(void *arg, struct store_result *), void *arg);
int	 store_has_use(struct store *, struct err *);	/* before store_start; 0: nothing to deliver and no room */

enum store_fail { STORE_OK, STORE_FULL, STORE_BROKEN };
enum store_full { FULL_NOT, FULL_SPOOL, FULL_DEAD, FULL_DISK };
enum store_full store_full_why(const struct store *);	/* why the last put that was refused was; any thread */

/* ---- the ledger ------------------------------------------------------------------------------------------------ */

enum blob_state { BLOB_LISTED = 1, BLOB_STORED = 2, BLOB_LOST = 3, BLOB_REFUSED = 4 };

struct blob_row {
	char		*content_id;
	char		*uri;
	int64_t		 created_ms, expires_ms;
	enum blob_state	 state;			/* BLOB_LISTED, or BLOB_REFUSED when the uri was refused */
	unsigned	 attempts;
	unsigned	 broken;		/* complete answers that could not be read */
	int64_t		 next_ms;		/* not before */
	int64_t		 records, bytes;
	int		 feed;			/* filled in by store_next */
};
void	 blob_row_clear(struct blob_row *);

struct store_left { int64_t deliveries, blobs, blobs_refused; };

struct store_result {
	enum store_fail	 fail;
	struct err	 err;			/* why, when fail */
	int64_t		 n;			/* page: blobs new; expire: blobs lost; put: records stored */
	int64_t		 duplicates;		/* put: seen before */
	int64_t		 changed;		/* put: seen before with another digest, and left out */
	int64_t		 revised;		/* put: of the stored records, revision 2 and more of a row */
	int64_t		 over;			/* put: left out: a row that changed over STORE_REVISIONS times */
	int64_t		 evicted;		/* put: remembered ids forgotten early */
	int64_t		 batch;			/* put: the batch's number; 0: nothing new in it */
	int64_t		 spool_bytes;		/* put, done: bytes spooled now */
	struct blob_row	*blobs;			/* next: rows, cleared after the callback */
	size_t		 n_blobs;
	struct peeked	*peeked;		/* peek: batches, the callback may take their bodies (buf_take) */
	size_t		 n_peeked;
	int		 more;			/* peek: there is more than was given */
	struct store_left left;
	struct buf	 text;			/* gaps, dead list/show: JSON objects, one a line; status: one object */
};
typedef void store_cb(void *arg, struct store_result *);

/* One page of a listing: rows not known yet are entered; a REFUSED row whose uri is sound now becomes LISTED again. With
 * mark_kind, the mark moves in the same transaction (the window's last page), and a gap (or NULL) is written in it. All is copied. */
struct gap;
void	 store_page(struct store *, int feed, const struct blob_row *, size_t n, const char *mark_kind, const char *mark,
	    const struct gap *, store_cb *, void *arg);
/* Lazily (an empty listing): goes with the next commit, after 60 s at the latest. */
void	 store_mark_move(struct store *, int feed, const char *kind, const char *value, int lazy);
/* Before store_start: every key of meta that begins with "first|", without that. */
int	 store_firsts(struct store *, void (*each)(void *arg, const char *key), void *arg, struct err *);
void	 store_meta_set(struct store *, const char *key, const char *value);
/* LISTED rows that are due, half of them those that expire first and half the newest created, without repeats. */
void	 store_next(struct store *, int feed, int64_t now_ms, unsigned max, store_cb *, void *arg);
/* Answers in r->n when the oldest blob was created whose row waits for a listing to bring it a uri (REFUSED); 0: there is none. */
void	 store_refused(struct store *, int feed, store_cb *, void *arg);
/* An attempt failed: attempts + 1, broken + was_broken, next try, and the state (LISTED, LOST with its gap added by the caller
 * in the same call, REFUSED). gap may be NULL. */
void	 store_blob_failed(struct store *, int feed, const char *content_id, int was_broken, int64_t next_ms,
	    enum blob_state, const struct gap *, store_cb *, void *arg);
/* LISTED and REFUSED rows with expires <= now become LOST, each with a gap record; rows 8 days past expiry are forgotten. */
void	 store_expire(struct store *, int feed, int64_t now_ms, store_cb *, void *arg);

/* ---- gaps ------------------------------------------------------------------------------------------------------- */

struct gap {
	int		 feed;
	const char	*output;		/* "" or the output's name */
	int64_t		 from_ms, to_ms;
	const char	*reason;		/* stable word: window-too-old, blob-expired, blob-unreadable, url-refused, ... */
	const char	*detail;
};
void	 store_gap(struct store *, const struct gap *, store_cb *, void *arg);	/* copies; the same gap twice is one */

/* ---- put -------------------------------------------------------------------------------------------------------- */

enum put_end { PUT_MORE, PUT_STORED };	/* PUT_STORED: the blob's last batch: the row becomes STORED, its uri is cleared */

struct put_dead {		/* an element that cannot be a record, or is too large: dead letter with output "-" */
	uint8_t		 id[16];		/* remembered like a record's, so that a re-read makes no second one */
	int64_t		 second;		/* event second, 0 */
	uint32_t	 ordinal;
	char		*record_id;		/* the Id found, or "-" */
	char		*reason;		/* stable word and text: "not-json: ...", "too-large: 104857600 bytes" */
	char		*bytes;			/* as sent; NULL if too large */
	size_t		 len;
};

struct put {
	int		 feed;
	char		*content_id;		/* blob, or a page's name */
	int64_t		 created_ms;		/* contentCreated */
	const char	*origin;		/* "management"; static */
	struct buf	 body;			/* records (base/record.h), before duplicates are taken out */
	uint32_t	 n;
	struct buf	 rows;			/* feeds whose rows change: n times 16 bytes, the id of each record's row, which says
						 * what it is a version of; put gives the revision. Empty: records never change */
	struct put_dead	*dead;
	size_t		 n_dead;
	enum put_end	 end;
	int64_t		 blob_records, blob_bytes;	/* of the whole blob, with PUT_STORED */
	const char	*mark_kind;		/* for sources without a ledger; NULL */
	const char	*mark;
};
struct put *put_new(void);
void	 put_free(struct put *);
/* Takes the put. Records already remembered are left out; what is new becomes one batch (of at most 1 MiB of records, or
 * one larger record), with a delivery row for every output that wants the feed. STORE_FULL leaves everything undone: the
 * put comes back in r for another try (store_put again with the same pointer: it is not freed then). */
void	 store_put(struct store *, struct put *, store_cb *, void *arg);

/* ---- deliver ---------------------------------------------------------------------------------------------------- */

struct peeked {
	int64_t		 batch;
	int		 feed;
	int64_t		 created_ms, stored_ms;
	char		*content_id;
	uint32_t	 n;			/* records in it */
	struct buf	 body;
	uint8_t		*done;			/* bitmap of n bits, or NULL: none done */
	size_t		 done_len;		/* its bytes */
	int		 sent;			/* a request with it may be out there: it died before the answer was known */
	int		 is_fresh;		/* it was taken from the new end of a backlog */
};

/* Batches that output still owes, without those in skip, until their bodies make max_bytes (at least one). Feeds have equal
 * shares of the bytes; within a feed oldest first, but a quarter newest first while the oldest waits over a minute. A batch whose checksum fails is set aside with a gap record and its blob listed again. */
void	 store_peek(struct store *, int output, const int64_t *skip, size_t n_skip, size_t max_bytes, store_cb *, void *arg);
void	 store_sent(struct store *, int output, const int64_t *batches, size_t n, store_cb *, void *arg);

enum done_how { DONE_DELIVERED, DONE_DEAD, DONE_DROPPED };

struct done_record {
	int64_t		 batch;
	uint32_t	 pos;
	enum done_how	 how;
	uint8_t		 id[16];		/* for the tallies */
	int64_t		 second;
	char		*reason;		/* DONE_DEAD: "document_parsing_exception: ..." */
	char		*reply;			/* DONE_DEAD: the destination's words, at most 4 KiB; NULL */
};

struct segment {
	int		 feed;
	char		 day[11];		/* "2026-11-23" */
	uint32_t	 seq;
	int64_t		 length;		/* bytes that are durable and count */
	int64_t		 opened_ms;
	int		 sealed;
};

struct done {
	int		 output;
	struct done_record *records;
	size_t		 n;
	struct segment	*segments;		/* file outputs: as they are after this done */
	size_t		 n_segments;
};
struct done *done_new(int output);
void	 done_add(struct done *, int64_t batch, uint32_t pos, enum done_how, const uint8_t id[16], int64_t second,
	    const char *reason, const char *reply);
void	 done_free(struct done *);
void	 store_done(struct store *, struct done *, store_cb *, void *arg);	/* takes it */
/*
 * on_full: drop_oldest. Of what this output owes, the oldest batches numbered > after that no output without store_output_drops
 * owes as well are given up, until they make so many bytes (at most some MiB a call): counted as dropped, with a gap record a feed.
 * r->n: records; r->batch: the last batch looked at; r->more: go on behind it.
 */
void	 store_drop_oldest(struct store *, int output, int64_t after, int64_t bytes, store_cb *, void *arg);
/* Synchronous, before store_start: the segments of an output that are not sealed. The caller frees *out. */
int	 store_segments(struct store *, int output, struct segment **out, size_t *n, struct err *);
/*
 * Likewise: the files of this output and feed stand in another place now. What was open is sealed; of each day in highest, which
 * has its highest number there, the next is one more. key, a meta, is set to value last: NULL if it is to be done again at the next start.
 */
int	 store_segments_move(struct store *, int output, int feed, const struct segment *highest, size_t n, const char *key,
	    const char *value, struct err *);
/* Likewise: 1 + the highest seq of the day. */
int	 store_segment_next(struct store *, int output, int feed, const char *day, uint32_t *next, struct err *);

/* ---- looking ---------------------------------------------------------------------------------------------------- */

/* JSON. gaps: {"tenant","feed","output","from","to","reason","detail"}; dead: {"id","tenant","feed","output","record_id","reason","at"};
 * show adds {"reply","record"}: the record as Microsoft sent it, as a string; status: spool, ledger per feed, outputs, tallies, dead, gaps. */
void	 store_gaps(struct store *, store_cb *, void *arg);
/* Behind `after`, of one output (NULL: of all), until their text makes about 1 MiB; r->more: there is more. export: with their records. */
void	 store_dead(struct store *, int64_t after, const char *output, store_cb *, void *arg);
void	 store_dead_export(struct store *, int64_t after, const char *output, store_cb *, void *arg);
void	 store_dead_show(struct store *, int64_t id, store_cb *, void *arg);
/*
 * Dead letters of numbers > after and <= last (INT64_MAX: the highest there is now), a few MiB at a time. retry: those that were records
 * are spooled again for their output; drop: they are gone, with a gap record per feed and output. r->n: how many;
 * r->duplicates: never were records, r->changed: their output left the configuration (retry leaves both where they are);
 * r->batch: the last number looked at; r->more: go on behind it. All of it also as one JSON object in r->text. STORE_FULL: no room in the spool, nothing was done.
 */
void	 store_dead_retry(struct store *, int64_t after, int64_t last, const char *output, store_cb *, void *arg);
void	 store_dead_drop(struct store *, int64_t after, int64_t last, const char *output, store_cb *, void *arg);
void	 store_status(struct store *, store_cb *, void *arg);
/* {"feed","tenant","hour","who","n","xor","sum"} a line: the tallies, for tests and verify. */
void	 store_tallies(struct store *, store_cb *, void *arg);
/*
 * The same questions in words: "status", "gaps", "tallies", "dead AFTER OUTPUT", "dead-show N", "dead-export AFTER OUTPUT", "dead-retry AFTER
 * LAST OUTPUT", "dead-drop AFTER LAST OUTPUT"; OUTPUT may be "*". The answer is r->text. 1: asked; 0: it is none of them.
 */
int	 store_ask(struct store *, const char *request, store_cb *, void *arg);
/* How much is left to do, for run --once: rows in delivery, LISTED blobs (due or not). */
/* Answers when the store thread comes to it: it lives, or r->fail says why not. */
void	 store_ping(struct store *, store_cb *, void *arg);
void	 store_left(struct store *, store_cb *, void *arg);	/* what is not settled yet: r->left */

#endif
