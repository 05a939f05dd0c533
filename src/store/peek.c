/*
 * peek - what an output still owes.
 *
 * Feeds share by deficit round robin: each gives about a quantum of bytes in its turn, and one that gave more (a batch is
 * given whole) sits out. Within a feed the oldest batch comes first; while there is a backlog a quarter of the bytes comes
 * from the other end, so that what happens now does not wait for what happened days ago.
 *
 * Every body's checksum is verified when it is read. One that fails is set aside: its delivery rows and the row itself
 * go, a gap record says so, what can still be read of its ids is forgotten, and its blob is fetched again. In the tallies
 * it is "dropped" for the outputs that still owed it: read again, its records are stored once more, and balance again.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/xalloc.h"
#include "store/store_in.h"

#define QUANTUM		((int64_t)64 << 10)
#define RECORDS_MAX	((4 << 20) / RECORD_HEAD)
#define BACKLOG_MS	60000		/* the oldest waits longer than this: there is a backlog */

struct between {			/* what this look did not come to yet: batches after one and before the other */
	int64_t		 after, before;
	int		 dry;		/* there is nothing */
};

/* One put is at most 1 MiB of records, or one that is larger. */
uint32_t
batch_count(int64_t n)
{
	return n >= 0 && n <= RECORDS_MAX ? (uint32_t)n : 0;
}

/* As long as it is, whatever the column bytes says: the checksum decides. */
int
batch_body(struct store *s, int64_t batch, struct buf *body)
{
	sqlite3_blob	*blob;
	int		 rc = -1, len;

	buf_reset(body);
	if (sqlite3_blob_open(s->db, "main", "batch", "body", batch, 0, &blob) == SQLITE_OK) {
		len = sqlite3_blob_bytes(blob);
		buf_need(body, (size_t)len);
		if (sqlite3_blob_read(blob, body->bytes, len, 0) == SQLITE_OK) {
			body->len = (size_t)len;
			body->bytes[len] = '\0';
			rc = 0;
		}
	}
	sqlite3_blob_close(blob);
	return rc;
}

static int
skipped(const struct job *j, int64_t batch)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->batches[i] == batch)
			return 1;
	return 0;
}

/* The next batch of a feed that this output owes, from one end of what is between; 1, 0: none, -1. */
static int
next_owed(struct store *s, struct job *j, int feed, struct between *left, int from_fresh, struct peeked *p)
{
	sqlite3_stmt	*stmt;
	int		 size;

	for (;;) {
		stmt = q(s, from_fresh ? Q_OWE_LAST : Q_OWE_NEXT);
		sqlite3_bind_int(stmt, 1, j->output);
		sqlite3_bind_int(stmt, 2, feed);
		sqlite3_bind_int64(stmt, 3, left->after);
		sqlite3_bind_int64(stmt, 4, left->before);
		if (sqlite3_step(stmt) != SQLITE_ROW)
			return sqlite3_reset(stmt) == SQLITE_OK ? 0 : -1;
		memset(p, 0, sizeof(*p));
		p->batch = sqlite3_column_int64(stmt, 0);
		*(from_fresh ? &left->before : &left->after) = p->batch;
		if (skipped(j, p->batch))
			continue;
		p->feed = feed;
		p->sent = sqlite3_column_int(stmt, 1);
		if ((size = sqlite3_column_bytes(stmt, 2)) > 0) {
			p->done = xmalloc((size_t)size);
			p->done_len = (size_t)size;
			memcpy(p->done, sqlite3_column_blob(stmt, 2), (size_t)size);
		}
		p->stored_ms = sqlite3_column_int64(stmt, 3);
		sqlite3_reset(stmt);
		return 1;
	}
}

/* When the oldest batch of the feed waits too long, some come from the fresh end; else the oldest is at hand already. */
static int
choose(struct store *s, struct job *j, struct share *share, int feed, struct between *left, struct peeked *p)
{
	struct between	 before = *left;
	struct peeked	 fresh = { 0 };
	int		 rc = next_owed(s, j, feed, left, 0, p);

	if (rc != 1)
		return rc;
	if (clock_wall_ms() - p->stored_ms < BACKLOG_MS) {
		share->old = share->fresh = 0;
		return 1;
	}
	if (share->fresh * 3 >= share->old || (rc = next_owed(s, j, feed, left, 1, &fresh)) != 1)
		return rc == -1 ? -1 : 1;
	left->after = before.after;		/* the oldest stays for its turn */
	free(p->done);
	*p = fresh;
	p->is_fresh = 1;
	return 1;
}

/* The checksum is the body's alone. */
static int
is_whole(const struct peeked *p, uint32_t crc)
{
	struct record	 r;
	size_t		 at = 0;
	uint32_t	 n = 0;
	int		 rc;

	if (crc32c(0, p->body.bytes, p->body.len) != crc)
		return 0;
	while ((rc = record_next(p->body.bytes, p->body.len, &at, &r)) == 1)
		n++;
	return rc == 0 && n == p->n;
}

/* Of a record that it does not speak of, nobody knows that it is done. */
static void
fit_done(struct peeked *p)
{
	size_t	 len = ((size_t)p->n + 7) / 8;

	if (p->done == NULL || p->done_len >= len)
		return;
	p->done = xrealloc(p->done, len);
	memset(p->done + p->done_len, 0, len - p->done_len);
	p->done_len = len;
}

/* 1: whole; 0: it is not what was stored; -1. */
static int
read_batch(struct store *s, struct peeked *p, int64_t *bytes)
{
	sqlite3_stmt	*stmt = q(s, Q_BATCH_GET);
	uint32_t	 crc = 0;
	int		 found = 0;

	sqlite3_bind_int64(stmt, 1, p->batch);
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		found = 1;
		p->content_id = xstrdup(col_text(stmt, 1));
		p->created_ms = sqlite3_column_int64(stmt, 2);
		p->stored_ms = sqlite3_column_int64(stmt, 3);
		p->n = batch_count(sqlite3_column_int64(stmt, 4));
		crc = (uint32_t)sqlite3_column_int64(stmt, 5);
		*bytes = sqlite3_column_int64(stmt, 6);
	}
	if (sqlite3_reset(stmt) != SQLITE_OK || !found)
		return -1;
	if (batch_body(s, p->batch, &p->body) == -1)
		return -1;
	if (!is_whole(p, crc))
		return 0;
	fit_done(p);
	return 1;
}

static int
forget_ids(struct store *s, const struct peeked *p)
{
	struct record	 r;
	size_t		 at = 0;
	sqlite3_stmt	*stmt;

	while (record_next(buf_str(&p->body), p->body.len, &at, &r) == 1) {
		stmt = q(s, Q_SEEN_DROP);
		sqlite3_bind_int64(stmt, 1, r.second);
		sqlite3_bind_blob(stmt, 2, r.id, 12, SQLITE_STATIC);
		if (step_done(stmt) == -1)
			return -1;
		s->t_seen -= sqlite3_changes(s->db);
	}
	return 0;
}

/* The uri went when the blob was stored: as "refused" it waits for the next listing to bring a new one. */
static int
set_aside(struct store *s, const struct peeked *p, int64_t bytes)
{
	char		*detail = xasprintf("batch %lld of blob %s: its checksum does not match what the disk gave back; the blob is "
	    "fetched again when it is listed", (long long)p->batch, p->content_id);
	struct gap	 gap = { .feed = p->feed, .output = "", .from_ms = p->created_ms, .to_ms = p->created_ms,
	    .reason = "batch-damaged", .detail = detail };
	struct given_up	 g;
	sqlite3_stmt	*stmt;
	int		 rc = -1;

	for (size_t i = 0; i < s->n_outputs; i++)
		if (batch_give_up(s, &s->outputs[i], p->batch, &p->body, &g) == -1)
			goto out;
	stmt = q(s, Q_BLOB_AGAIN);
	sqlite3_bind_int(stmt, 1, p->feed);
	bind_text(stmt, 2, p->content_id);
	if (step_done(stmt) == -1 || forget_ids(s, p) == -1 || gap_write(s, &gap) == -1)
		goto out;
	rc = batch_release(s, p->batch, bytes);
out:
	free(detail);
	return rc;
}

static void
drop_peeked(struct peeked *p)
{
	free(p->content_id);
	free(p->done);
	buf_clear(&p->body);
}

static struct output_row *
mutable_output(struct store *s, int output)
{
	for (size_t i = 0; i < s->n_outputs; i++)
		if (s->outputs[i].id == output)
			return &s->outputs[i];
	return NULL;
}

/* Whose turn it is: feeds that gave too much sit out and gain. */
static size_t
next_turn(const struct store *s, struct output_row *out)
{
	for (;;) {
		size_t	 i = out->turn % s->n_feeds;

		if (out->shares[i].credit > 0)
			return i;
		out->shares[i].credit += QUANTUM;
		out->turn = i + 1;
	}
}

static void
make_shares(const struct store *s, struct output_row *out)
{
	if (out->n_shares == s->n_feeds)
		return;
	out->shares = xreallocarray(out->shares, s->n_feeds, sizeof(*out->shares));
	memset(out->shares + out->n_shares, 0, (s->n_feeds - out->n_shares) * sizeof(*out->shares));
	out->n_shares = s->n_feeds;
}

static void
give(struct store_result *r, struct share *share, const struct peeked *p)
{
	int64_t	 bytes = (int64_t)p->body.len;

	share->credit -= bytes;
	*(p->is_fresh ? &share->fresh : &share->old) += bytes;
	r->peeked = xreallocarray(r->peeked, r->n_peeked + 1, sizeof(*r->peeked));
	r->peeked[r->n_peeked++] = *p;
}

static enum store_fail
peek_run(struct store *s, struct job *j)
{
	struct store_result	*r = &j->result;
	struct output_row	*out = mutable_output(s, j->output);
	struct between		*left = xcalloc(s->n_feeds + 1, sizeof(*left));
	int64_t			 total = 0, bytes = 0;
	size_t			 dry = 0, i;
	struct peeked		 p;
	int			 rc = 0;

	assert(out != NULL);	/* the store thread knows every output that is asked for */
	make_shares(s, out);
	for (i = 0; i < s->n_feeds; i++)
		left[i] = (struct between){ 0, INT64_MAX, 0 };
	while (dry < s->n_feeds) {
		i = next_turn(s, out);
		rc = left[i].dry ? 0 : choose(s, j, &out->shares[i], s->feeds[i].id, &left[i], &p);
		if (rc == -1)
			break;
		if (rc == 0) {
			out->shares[i] = (struct share){ 0, 0, 0 };
			out->turn = i + 1;
			dry += left[i].dry ? 0 : 1;
			left[i].dry = 1;
			continue;
		}
		if (r->n_peeked > 0 && total >= j->number) {
			r->more = 1;
			drop_peeked(&p);
			break;
		}
		if ((rc = read_batch(s, &p, &bytes)) == 0 && set_aside(s, &p, bytes) == -1)
			rc = -1;
		if (rc != 1) {
			drop_peeked(&p);
			if (rc == -1)
				break;
			continue;
		}
		total += (int64_t)p.body.len;
		give(r, &out->shares[i], &p);
	}
	free(left);
	return rc != -1 ? STORE_OK : db_fail(s, r, "peek");
}

/* A write job, since a damaged batch is set aside on the way; without one its commit writes nothing. */
void
store_peek(struct store *s, int output, const int64_t *skip, size_t n_skip, size_t max_bytes, store_cb *cb, void *arg)
{
	struct job	*j = job_new(s, JOB_WRITE, peek_run, cb, arg);

	j->output = output;
	j->number = (int64_t)max_bytes;
	j->n = n_skip;
	j->batches = xcalloc(n_skip + 1, sizeof(*j->batches));
	if (n_skip > 0)
		memcpy(j->batches, skip, n_skip * sizeof(*skip));
	job_submit(s, j);
}

static enum store_fail
sent_run(struct store *s, struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		sqlite3_stmt	*stmt = q(s, Q_BATCH_GET);
		int		 feed = 0;

		sqlite3_bind_int64(stmt, 1, j->batches[i]);
		if (sqlite3_step(stmt) == SQLITE_ROW)
			feed = sqlite3_column_int(stmt, 0);
		if (sqlite3_reset(stmt) != SQLITE_OK)
			return db_fail(s, &j->result, "sent");
		stmt = q(s, Q_OWE_SENT);
		sqlite3_bind_int(stmt, 1, j->output);
		sqlite3_bind_int(stmt, 2, feed);
		sqlite3_bind_int64(stmt, 3, j->batches[i]);
		if (step_done(stmt) == -1)
			return db_fail(s, &j->result, "sent");
	}
	return STORE_OK;
}

void
store_sent(struct store *s, int output, const int64_t *batches, size_t n, store_cb *cb, void *arg)
{
	struct job	*j = job_new(s, JOB_DONE, sent_run, cb, arg);

	j->output = output;
	j->n = n;
	j->batches = xcalloc(n + 1, sizeof(*j->batches));
	if (n > 0)
		memcpy(j->batches, batches, n * sizeof(*batches));
	j->cost = 4096;
	job_submit(s, j);
}
