/*
 * put - transaction 1: a batch, its remembered ids, the ledger or the mark, the tallies.
 *
 * Records that are remembered already are left out; what is new becomes one batch row with a delivery row for every
 * output that wants the feed. Elements that cannot be records become dead letters with output "-". Records of a feed that
 * no output wants are neither stored nor remembered: an output that comes later may still get them.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash_point.h"
#include "base/hash.h"
#include "base/xalloc.h"
#include "store/store_in.h"

#define INLINE_MAX ((size_t)1 << 20)	/* larger bodies are written in place, not bound */

struct put *
put_new(void)
{
	return xcalloc(1, sizeof(struct put));
}

void
put_free(struct put *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n_dead; i++) {
		free(p->dead[i].record_id);
		free(p->dead[i].reason);
		free(p->dead[i].bytes);
	}
	free(p->dead);
	free(p->content_id);
	buf_clear(&p->body);
	buf_clear(&p->rows);
	free(p);
}

struct fresh {				/* what of a put is new */
	struct buf	 body;
	const char	*bytes;		/* the put's own body when nothing of it is known */
	size_t		 len;
	uint32_t	 n;
	int64_t		 min_t, max_t;
};

/* Is the n-th record of the put new? Its revision is written into the body, behind `head`. */
static int
is_new(struct store *s, struct job *j, struct record *r, uint32_t n, size_t head, int64_t day)
{
	struct put	*p = j->put;
	int		 changed = 0, isnew;
	uint32_t	 revision;

	if (p->rows.len == 0) {
		if ((isnew = seen_add(s, r->second, r->id, r->digest, day, &changed)) == 0)
			j->result.changed += changed;
		return isnew;
	}
	isnew = seen_version(s, r->second, (const uint8_t *)p->rows.bytes + (size_t)n * 16, r->id, r->digest, day, &revision);
	if (isnew == 2) {
		j->result.over++;
		return 0;
	}
	if (isnew == 1) {
		r->revision = revision;
		record_set_revision(p->body.bytes + head, revision);
		j->result.revised += revision > 1;
	}
	return isnew;
}

/* Which records are new? The body is copied only when some are not. */
static int
leave_out(struct store *s, struct job *j, int64_t day, struct fresh *f)
{
	struct put	*p = j->put;
	struct record	 r;
	size_t		 at = 0, before = 0;
	uint32_t	 n = 0;
	int		 isnew, copied = 0;

	memset(f, 0, sizeof(*f));
	j->result.duplicates = j->result.changed = j->result.revised = j->result.over = 0;	/* a group may be repeated */
	for (; record_next(buf_str(&p->body), p->body.len, &at, &r) == 1; before = at, n++) {
		if ((isnew = is_new(s, j, &r, n, before, day)) == -1)
			return -1;
		if (isnew) {
			tally_add(s, p->feed, r.second, "stored", NULL, r.id);
			if (f->n == 0 || r.second < f->min_t)
				f->min_t = r.second;
			if (f->n == 0 || r.second > f->max_t)
				f->max_t = r.second;
			f->n++;
			if (copied)
				record_add(&f->body, &r);
		} else {
			j->result.duplicates++;
			if (!copied)
				buf_add(&f->body, buf_str(&p->body), before);
			copied = 1;
		}
	}
	f->bytes = copied ? buf_str(&f->body) : buf_str(&p->body);
	f->len = copied ? f->body.len : p->body.len;
	return 0;
}

static int
write_large(struct store *s, int64_t batch, const struct batch_new *f)
{
	sqlite3_blob	*blob;
	int		 rc = -1;

	if (sqlite3_blob_open(s->db, "main", "batch", "body", batch, 1, &blob) == SQLITE_OK)
		rc = sqlite3_blob_write(blob, f->bytes, (int)f->len, 0) == SQLITE_OK ? 0 : -1;
	if (sqlite3_blob_close(blob) != SQLITE_OK)
		rc = -1;
	return rc;
}

int
batch_write(struct store *s, const struct batch_new *f, uint64_t mask, int64_t *number)
{
	int64_t		 batch = s->next_batch + s->t_batches;
	sqlite3_stmt	*stmt = q(s, Q_BATCH_ADD);

	sqlite3_bind_int64(stmt, 1, batch);
	sqlite3_bind_int(stmt, 2, f->feed);
	bind_text(stmt, 3, f->content_id);
	sqlite3_bind_int64(stmt, 4, f->created_ms);
	sqlite3_bind_int64(stmt, 5, f->stored_ms);
	bind_text(stmt, 6, f->origin);
	sqlite3_bind_int64(stmt, 7, f->n);
	sqlite3_bind_int64(stmt, 8, f->min_t);
	sqlite3_bind_int64(stmt, 9, f->max_t);
	sqlite3_bind_int64(stmt, 10, (int64_t)mask);
	sqlite3_bind_int64(stmt, 11, crc32c(0, f->bytes, f->len));
	sqlite3_bind_int64(stmt, 12, (int64_t)f->len);
	if (f->len <= INLINE_MAX)
		sqlite3_bind_blob64(stmt, 13, f->bytes, f->len, SQLITE_STATIC);
	else
		sqlite3_bind_zeroblob64(stmt, 13, f->len);
	if (step_done(stmt) == -1 || (f->len > INLINE_MAX && write_large(s, batch, f) == -1))
		return -1;
	for (int bit = 0; bit < STORE_OUTPUTS; bit++) {
		if (!(mask >> bit & 1))
			continue;
		stmt = q(s, Q_OWE_ADD);
		sqlite3_bind_int(stmt, 1, bit);
		sqlite3_bind_int(stmt, 2, f->feed);
		sqlite3_bind_int64(stmt, 3, batch);
		if (step_done(stmt) == -1)
			return -1;
	}
	s->t_batches++;
	s->t_spool += (int64_t)f->len;
	*number = batch;
	return 0;
}

static int
write_batch(struct store *s, struct job *j, const struct fresh *f, uint64_t mask, int64_t now_ms)
{
	const struct put	*p = j->put;

	return batch_write(s, &(struct batch_new){ .feed = p->feed, .content_id = p->content_id, .origin = p->origin,
	    .created_ms = p->created_ms, .stored_ms = now_ms, .min_t = f->min_t, .max_t = f->max_t, .n = f->n, .bytes = f->bytes,
	    .len = f->len }, mask, &j->result.batch);
}

static int
write_dead(struct store *s, struct put *p, int64_t day)
{
	for (size_t i = 0; i < p->n_dead; i++) {
		struct put_dead	*d = &p->dead[i];
		int		 changed = 0, isnew = seen_add(s, d->second, d->id, 0, day, &changed);

		if (isnew == -1)
			return -1;
		if (!isnew)
			continue;
		tally_add(s, p->feed, d->second, "dead", "-", d->id);
		if (dead_write(s, &(struct dead_new){ .feed = p->feed, .ordinal = d->ordinal, .output = "-", .record_id = d->record_id,
		    .reason = d->reason, .body = d->bytes, .len = d->len }) == -1)
			return -1;
	}
	return 0;
}

static int
write_ledger(struct store *s, struct put *p)
{
	sqlite3_stmt	*stmt;

	if (p->mark_kind != NULL && mark_write(s, p->feed, p->mark_kind, p->mark) == -1)
		return -1;
	if (p->end != PUT_STORED)
		return 0;
	stmt = q(s, Q_BLOB_STORED);
	sqlite3_bind_int(stmt, 1, p->feed);
	bind_text(stmt, 2, p->content_id);
	sqlite3_bind_int64(stmt, 3, p->blob_records);
	sqlite3_bind_int64(stmt, 4, p->blob_bytes);
	return step_done(stmt);
}

/* May anything come in? What is refused here was not touched, and is tried again by whoever brought it. */
static enum store_fail
admit(struct store *s, struct job *j)
{
	struct put		*p = j->put;
	struct store_result	*r = &j->result;

	enum store_full		 why = FULL_NOT;

	if (p->body.len > 0 && s->opts.spool_max > 0 && store_spool_bytes(s) + s->t_spool >= s->opts.spool_max) {
		why = FULL_SPOOL;
		err_set(&r->err, ERR_AGAIN, "the spool is full (spool.max)");
	} else if (p->n_dead > 0 && s->opts.dead_max > 0 && s->dead_bytes + s->t_dead >= s->opts.dead_max) {
		why = FULL_DEAD;
		err_set(&r->err, ERR_AGAIN, "there is no room for more dead letters (dead_letters.max)");
	} else if (!db_has_room(s, (int64_t)p->body.len)) {
		why = FULL_DISK;
		err_set(&r->err, ERR_IO, "%s: the disk is full: a put needs limits.record + 8 MiB", s->dir);
	}
	r->fail = why == FULL_NOT ? STORE_OK : STORE_FULL;
	if (why != FULL_NOT)
		__atomic_store_n(&s->full_why, (int)why, __ATOMIC_RELAXED);
	return r->fail;
}

static enum store_fail
put_run(struct store *s, struct job *j)
{
	struct put		*p = j->put;
	const struct feed_row	*feed = feed_of(s, p->feed);
	int64_t			 now = clock_wall_ms(), evicted;
	struct fresh		 f = { .n = 0 };
	int			 rc = -1;

	if (admit(s, j) != STORE_OK)
		return j->result.fail;
	if (feed->mask != 0 && leave_out(s, j, now / DAY_MS, &f) == -1)
		goto out;
	j->result.n = f.n;
	if (f.n > 0 && write_batch(s, j, &f, feed->mask, now) == -1)
		goto out;
	crash_point(CRASH_RECORDS_WRITTEN);
	if (write_dead(s, p, now / DAY_MS) == -1 || write_ledger(s, p) == -1 || (evicted = seen_evict(s)) == -1)
		goto out;
	j->result.evicted = evicted;
	rc = 0;
out:
	buf_clear(&f.body);
	return rc == 0 ? STORE_OK : db_fail(s, &j->result, "put");
}

/* A refused put goes back to whoever brought it. */
static void
put_clear(struct job *j)
{
	if (j->result.fail != STORE_FULL)
		put_free(j->put);
}

void
store_put(struct store *s, struct put *p, store_cb *cb, void *arg)
{
	struct job	*j = job_new(s, JOB_PUT, put_run, cb, arg);

	j->put = p;
	j->clear = put_clear;
	assert(p->rows.len == 0 || p->rows.len == (size_t)p->n * 16);
	j->cost = (int64_t)p->body.len + 4096;
	job_submit(s, j);
}
