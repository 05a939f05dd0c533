/*
 * done - transaction 2: what an output has done with records; and the release of batches that nobody owes any more.
 *
 * An address is (batch, position). `done` of a delivery row is NULL until it is partly done, then a bitmap; the row goes
 * when every bit is set, and the batch with its last row. A position that is done already is not counted again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash_point.h"
#include "base/xalloc.h"
#include "store/store_in.h"

struct done *
done_new(int output)
{
	struct done	*d = xcalloc(1, sizeof(*d));

	d->output = output;
	return d;
}

void
done_add(struct done *d, int64_t batch, uint32_t pos, enum done_how how, const uint8_t id[16], int64_t second,
    const char *reason, const char *reply)
{
	struct done_record	*r;

	if (d->n == 0 || (d->n & (d->n - 1)) == 0)
		d->records = xreallocarray(d->records, d->n == 0 ? 1 : 2 * d->n, sizeof(*d->records));
	r = &d->records[d->n++];
	r->batch = batch;
	r->pos = pos;
	r->how = how;
	memcpy(r->id, id, sizeof(r->id));
	r->second = second;
	r->reason = reason != NULL ? xstrdup(reason) : NULL;
	r->reply = reply != NULL ? xstrdup(reply) : NULL;
}

void
done_free(struct done *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->n; i++) {
		free(d->records[i].reason);
		free(d->records[i].reply);
	}
	free(d->records);
	free(d->segments);
	free(d);
}

/* ---- one batch of an output ------------------------------------------------------------------------------------------ */

struct owed {
	int64_t		 batch, bytes, created_ms;
	int		 feed;
	uint32_t	 n, left;
	uint8_t		*bits;
	struct buf	 body;		/* read when a dead letter needs it */
};

static uint32_t
clear_bits(const uint8_t *bits, uint32_t n)
{
	uint32_t	 left = 0;

	for (uint32_t i = 0; i < n; i++)
		left += !(bits[i / 8] >> i % 8 & 1);
	return left;
}

/* 1: the output owes it; 0: it does not (any more); -1. */
static int
owed_read(struct store *s, int output, int64_t batch, struct owed *o)
{
	sqlite3_stmt	*stmt = q(s, Q_BATCH_GET);
	size_t		 size;
	int		 rc = 0;

	memset(o, 0, sizeof(*o));
	sqlite3_bind_int64(stmt, 1, batch);
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		o->batch = batch;
		o->feed = sqlite3_column_int(stmt, 0);
		o->created_ms = sqlite3_column_int64(stmt, 2);
		o->n = batch_count(sqlite3_column_int64(stmt, 4));
		o->bytes = sqlite3_column_int64(stmt, 6);
		rc = 1;
	}
	if (sqlite3_reset(stmt) != SQLITE_OK)
		return -1;
	if (rc == 0)
		return 0;
	stmt = q(s, Q_OWE_GET);
	sqlite3_bind_int(stmt, 1, output);
	sqlite3_bind_int(stmt, 2, o->feed);
	sqlite3_bind_int64(stmt, 3, batch);
	rc = 0;
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		size = (o->n + 7) / 8;
		o->bits = xcalloc(size, 1);
		if (size > 0 && (size_t)sqlite3_column_bytes(stmt, 0) == size)
			memcpy(o->bits, sqlite3_column_blob(stmt, 0), size);
		o->left = clear_bits(o->bits, o->n);
		rc = 1;
	}
	return sqlite3_reset(stmt) == SQLITE_OK ? rc : -1;
}

static void
owed_clear(struct owed *o)
{
	free(o->bits);
	buf_clear(&o->body);
	memset(o, 0, sizeof(*o));
}

static int
drop_row(struct store *s, int output, int feed, int64_t batch)
{
	sqlite3_stmt	*stmt = q(s, Q_OWE_DROP);

	sqlite3_bind_int(stmt, 1, output);
	sqlite3_bind_int(stmt, 2, feed);
	sqlite3_bind_int64(stmt, 3, batch);
	return step_done(stmt);
}

int
batch_release(struct store *s, int64_t batch, int64_t bytes)
{
	sqlite3_stmt	*stmt;
	int		 feed = 0, owes = 0;

	stmt = q(s, Q_BATCH_GET);
	sqlite3_bind_int64(stmt, 1, batch);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		feed = sqlite3_column_int(stmt, 0);
	if (sqlite3_reset(stmt) != SQLITE_OK)
		return -1;
	for (size_t i = 0; i < s->n_outputs && !owes; i++) {
		stmt = q(s, Q_OWE_GET);
		sqlite3_bind_int(stmt, 1, s->outputs[i].id);
		sqlite3_bind_int(stmt, 2, feed);
		sqlite3_bind_int64(stmt, 3, batch);
		owes = sqlite3_step(stmt) == SQLITE_ROW;
		if (sqlite3_reset(stmt) != SQLITE_OK)
			return -1;
	}
	if (owes)
		return 0;
	stmt = q(s, Q_BATCH_DROP);
	sqlite3_bind_int64(stmt, 1, batch);
	if (step_done(stmt) == -1)
		return -1;
	if (sqlite3_changes(s->db) > 0)
		s->t_spool -= bytes;
	crash_point(CRASH_RELEASE_WRITTEN);
	return 0;
}

/* What came of this batch so far: a shorter debt, or none. */
static int
owed_write(struct store *s, int output, struct owed *o)
{
	sqlite3_stmt	*stmt;

	if (o->batch == 0)
		return 0;
	if (o->left == 0)
		return drop_row(s, output, o->feed, o->batch) == 0 && batch_release(s, o->batch, o->bytes) == 0 ? 0 : -1;
	stmt = q(s, Q_OWE_PART);
	sqlite3_bind_int(stmt, 1, output);
	sqlite3_bind_int(stmt, 2, o->feed);
	sqlite3_bind_int64(stmt, 3, o->batch);
	sqlite3_bind_blob(stmt, 4, o->bits, (int)((o->n + 7) / 8), SQLITE_STATIC);
	return step_done(stmt);
}

static int
find_record(struct store *s, struct owed *o, uint32_t pos, struct record *r)
{
	size_t	 at = 0;

	if (o->body.len == 0 && batch_body(s, o->batch, &o->body) == -1)
		return -1;
	for (uint32_t i = 0; i <= pos; i++)
		if (record_next(buf_str(&o->body), o->body.len, &at, r) != 1)
			return -1;
	return 0;
}

/* The Id as the record spells it, for people; "-" if it has none. */
static void
read_id(const struct record *r, struct buf *id)
{
	struct json	 j = { 0 };
	uint32_t	 node;

	if (json_index(&j, r->bytes, r->len, 200000, 1) != JSON_BAD && (node = json_get(&j, 0, "Id")) != JSON_NONE &&
	    (j.nodes[node].kind == JSON_STRING || j.nodes[node].kind == JSON_NUMBER))
		json_text(&j, node, id);
	if (id->len == 0)
		buf_adds(id, "-");
	json_clear(&j);
}

static int
bury(struct store *s, struct owed *o, const char *output, const struct done_record *d)
{
	struct record	 r = { 0 };
	struct buf	 id = { 0 };
	struct dead_new	 n = { .batch = o->batch, .feed = o->feed, .output = output, .reply = d->reply,
	    .reason = d->reason != NULL ? d->reason : "refused", .record = &r };
	sqlite3_stmt	*stmt;
	char		*content_id, *origin;
	int		 rc;

	if (find_record(s, o, d->pos, &r) == -1)
		return -1;
	read_id(&r, &id);
	stmt = q(s, Q_BATCH_GET);
	sqlite3_bind_int64(stmt, 1, o->batch);
	if (sqlite3_step(stmt) != SQLITE_ROW) {
		buf_clear(&id);
		return -1;
	}
	n.content_id = content_id = xstrdup(col_text(stmt, 1));
	n.created_ms = sqlite3_column_int64(stmt, 2);
	n.stored_ms = sqlite3_column_int64(stmt, 3);
	n.origin = origin = xstrdup(col_text(stmt, 7));
	sqlite3_reset(stmt);
	n.ordinal = r.ordinal;
	n.record_id = buf_str(&id);
	n.body = r.bytes;
	n.len = r.len;
	rc = dead_write(s, &n);
	free(content_id);
	free(origin);
	buf_clear(&id);
	return rc;
}

static int
one_record(struct store *s, struct owed *o, const char *output, const struct done_record *d)
{
	static const char *const how[] = { [DONE_DELIVERED] = "delivered", [DONE_DEAD] = "dead", [DONE_DROPPED] = "dropped" };

	if (o->batch == 0 || d->pos >= o->n || o->bits[d->pos / 8] >> d->pos % 8 & 1)
		return 0;
	if (d->how == DONE_DEAD && bury(s, o, output, d) == -1)
		return -1;
	o->bits[d->pos / 8] |= (uint8_t)(1u << d->pos % 8);
	o->left--;
	tally_add(s, o->feed, d->second, how[d->how], output, d->id);
	return 0;
}

static int
write_segments(struct store *s, const struct done *d)
{
	for (size_t i = 0; i < d->n_segments; i++)
		if (segment_write(s, d->output, &d->segments[i]) == -1)
			return -1;
	return 0;
}

static int
has_dead(const struct done *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->records[i].how == DONE_DEAD)
			return 1;
	return 0;
}

static enum store_fail
done_run(struct store *s, struct job *j)
{
	const struct done	*d = j->done;
	const char		*output = output_of(s, d->output)->name;
	struct owed		 o = { 0 };
	int64_t			 at = -1;
	int			 rc = -1;

	if (has_dead(d) && s->opts.dead_max > 0 && s->dead_bytes + s->t_dead >= s->opts.dead_max) {
		err_set(&j->result.err, ERR_AGAIN, "there is no room for more dead letters (dead_letters.max)");
		return j->result.fail = STORE_FULL;
	}
	for (size_t i = 0; i < d->n; i++) {
		if (d->records[i].batch != at) {
			if (owed_write(s, d->output, &o) == -1)
				goto out;
			owed_clear(&o);
			at = d->records[i].batch;
			switch (owed_read(s, d->output, at, &o)) {
			case -1:
				goto out;
			case 0:
				owed_clear(&o);
				break;
			}
		}
		if (one_record(s, &o, output, &d->records[i]) == -1)
			goto out;
	}
	if (owed_write(s, d->output, &o) == -1 || write_segments(s, d) == -1)
		goto out;
	rc = 0;
out:
	owed_clear(&o);
	return rc == 0 ? STORE_OK : db_fail(s, &j->result, "done");
}

static void
done_clear(struct job *j)
{
	done_free(j->done);
}

void
store_done(struct store *s, struct done *d, store_cb *cb, void *arg)
{
	struct job	*j = job_new(s, JOB_DONE, done_run, cb, arg);

	j->done = d;
	j->clear = done_clear;
	j->cost = (int64_t)(d->n * sizeof(*d->records)) + 4096;
	job_submit(s, j);
}

/* ---- debts that are given up ------------------------------------------------------------------------------------------------- */

/* What is left of a debt is counted as dropped; *from_ms and *to_ms are widened to its event times (created, where one has none). */
static int64_t
count_dropped(struct store *s, const struct owed *o, const char *output, const struct buf *body, int64_t *from_ms, int64_t *to_ms)
{
	struct record	 r;
	size_t		 at = 0;
	int64_t		 n = 0, ms;

	for (uint32_t pos = 0; record_next(buf_str(body), body->len, &at, &r) == 1; pos++) {
		if (pos < o->n && (o->bits[pos / 8] >> pos % 8 & 1) != 0)
			continue;
		tally_add(s, o->feed, r.second, "dropped", output, r.id);
		ms = r.second != 0 ? in_ms(r.second, 1000) : o->created_ms;
		*from_ms = *from_ms == 0 || ms < *from_ms ? ms : *from_ms;
		*to_ms = ms > *to_ms ? ms : *to_ms;
		n++;
	}
	return n;
}

/* The caller says why, in a gap record. body NULL: it is read here. */
int
batch_give_up(struct store *s, const struct output_row *out, int64_t batch, const struct buf *body, struct given_up *g)
{
	struct owed	 o;
	int		 rc = owed_read(s, out->id, batch, &o);

	*g = (struct given_up){ .feed = o.feed, .bytes = o.bytes };
	if (rc == 1 && body == NULL && batch_body(s, batch, &o.body) == -1)
		rc = -1;
	if (rc == 1) {
		g->n = count_dropped(s, &o, out->name, body != NULL ? body : &o.body, &g->from_ms, &g->to_ms);
		o.left = 0;
		rc = owed_write(s, out->id, &o);
	}
	owed_clear(&o);
	return rc;
}
