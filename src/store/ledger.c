/*
 * ledger - one row per content blob: listed, stored, lost or refused.
 *
 * Listing enters rows, the blob's last batch settles them (put.c), failures push them into the future, expiry turns what
 * is left into gap records.
 */
#include <stdlib.h>
#include <string.h>

#include "base/crash_point.h"
#include "base/xalloc.h"
#include "store/store_in.h"

#define PAUSE_MAX_MS	((int64_t)2 * 3600 * 1000)	/* no pause is longer: a next_at beyond it is a clock that went back */
#define FORGET_MS	(8 * DAY_MS)

void
blob_row_clear(struct blob_row *r)
{
	free(r->content_id);
	free(r->uri);
	memset(r, 0, sizeof(*r));
}

/* The gap that belongs to a job: written in its transaction, or not at all. */
static void
take_gap(struct job *j, const struct gap *g)
{
	j->gap = *g;
	j->has_gap = 1;
	j->gap.output = j->text[1] = xstrdup(g->output);
	j->gap.reason = j->text[2] = xstrdup(g->reason);
	j->gap.detail = j->text[3] = xstrdup(g->detail);
}

/* ---- a page of a listing --------------------------------------------------------------------------------------------- */

static int
enter(struct store *s, struct job *j, const struct blob_row *row)
{
	sqlite3_stmt	*stmt = q(s, Q_BLOB_ADD);

	sqlite3_bind_int(stmt, 1, j->feed);
	bind_text(stmt, 2, row->content_id);
	bind_text(stmt, 3, row->uri);
	sqlite3_bind_int64(stmt, 4, row->created_ms);
	sqlite3_bind_int64(stmt, 5, row->expires_ms);
	sqlite3_bind_int(stmt, 6, (int)row->state);
	if (step_done(stmt) == -1)
		return -1;
	if (sqlite3_changes(s->db) > 0) {
		j->result.n++;
		return 0;
	}
	if (row->state != BLOB_LISTED)
		return 0;
	stmt = q(s, Q_BLOB_RENEW);
	sqlite3_bind_int(stmt, 1, j->feed);
	bind_text(stmt, 2, row->content_id);
	bind_text(stmt, 3, row->uri);
	if (step_done(stmt) == -1)
		return -1;
	j->result.n += sqlite3_changes(s->db);
	return 0;
}

static enum store_fail
page_run(struct store *s, struct job *j)
{
	for (size_t i = 0; i < j->n; i++)
		if (enter(s, j, &j->rows[i]) == -1)
			return db_fail(s, &j->result, "page");
	crash_point(CRASH_LEDGER_WRITTEN);
	if ((j->has_gap && gap_write(s, &j->gap) == -1) || (j->text[0] != NULL && mark_write(s, j->feed, j->text[0], j->text[4]) == -1))
		return db_fail(s, &j->result, "mark");
	return STORE_OK;
}

static void
rows_clear(struct job *j)
{
	for (size_t i = 0; i < j->n; i++)
		blob_row_clear(&j->rows[i]);
	free(j->rows);
}

void
store_page(struct store *s, int feed, const struct blob_row *rows, size_t n, const char *mark_kind, const char *mark,
    const struct gap *gap, store_cb *cb, void *arg)
{
	struct job	*j = job_new(s, JOB_WRITE, page_run, cb, arg);

	j->feed = feed;
	j->n = n;
	j->rows = xcalloc(n + 1, sizeof(*j->rows));
	for (size_t i = 0; i < n; i++) {
		j->rows[i] = rows[i];
		j->rows[i].content_id = xstrdup(rows[i].content_id);
		j->rows[i].uri = xstrdup(rows[i].uri != NULL ? rows[i].uri : "");
	}
	j->clear = rows_clear;
	if (mark_kind != NULL) {
		j->text[0] = xstrdup(mark_kind);
		j->text[4] = xstrdup(mark);
	}
	if (gap != NULL)
		take_gap(j, gap);
	job_submit(s, j);
}

/* ---- what is due ------------------------------------------------------------------------------------------------------- */

static int
known(const struct store_result *r, const char *content_id)
{
	for (size_t i = 0; i < r->n_blobs; i++)
		if (strcmp(r->blobs[i].content_id, content_id) == 0)
			return 1;
	return 0;
}

static int
take_due(struct store *s, struct job *j, enum sql which, int64_t max)
{
	struct store_result	*r = &j->result;
	sqlite3_stmt		*stmt = q(s, which);

	sqlite3_bind_int(stmt, 1, j->feed);
	sqlite3_bind_int64(stmt, 2, j->time_ms);
	sqlite3_bind_int64(stmt, 3, j->time_ms + PAUSE_MAX_MS);
	sqlite3_bind_int64(stmt, 4, max);
	r->blobs = xreallocarray(r->blobs, r->n_blobs + (size_t)max + 1, sizeof(*r->blobs));
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		struct blob_row	*row = &r->blobs[r->n_blobs];

		if (known(r, col_text(stmt, 0)))
			continue;
		*row = (struct blob_row){ .content_id = xstrdup(col_text(stmt, 0)), .uri = xstrdup(col_text(stmt, 1)),
		    .created_ms = sqlite3_column_int64(stmt, 2), .expires_ms = sqlite3_column_int64(stmt, 3), .state = BLOB_LISTED,
		    .attempts = (unsigned)sqlite3_column_int(stmt, 5), .broken = (unsigned)sqlite3_column_int(stmt, 6),
		    .next_ms = sqlite3_column_int64(stmt, 7), .feed = j->feed };
		r->n_blobs++;
	}
	return sqlite3_reset(stmt) == SQLITE_OK ? 0 : -1;
}

/* Those that expire first and the newest, so that catching up never starves what is fresh. */
static enum store_fail
next_run(struct store *s, struct job *j)
{
	if (take_due(s, j, Q_BLOB_OLDEST, (j->number + 1) / 2) == -1 || take_due(s, j, Q_BLOB_NEWEST, j->number / 2) == -1)
		return db_fail(s, &j->result, "next");
	return STORE_OK;
}

void
store_next(struct store *s, int feed, int64_t now_ms, unsigned max, store_cb *cb, void *arg)
{
	struct job	*j = job_new(s, JOB_READ, next_run, cb, arg);

	j->feed = feed;
	j->time_ms = now_ms;
	j->number = max;
	job_submit(s, j);
}

static enum store_fail
refused_run(struct store *s, struct job *j)
{
	sqlite3_stmt	*stmt = q(s, Q_BLOB_REFUSED);

	sqlite3_bind_int(stmt, 1, j->feed);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		j->result.n = sqlite3_column_int64(stmt, 0);
	return sqlite3_reset(stmt) == SQLITE_OK ? STORE_OK : db_fail(s, &j->result, "refused");
}

void
store_refused(struct store *s, int feed, store_cb *cb, void *arg)
{
	struct job	*j = job_new(s, JOB_READ, refused_run, cb, arg);

	j->feed = feed;
	job_submit(s, j);
}

/* ---- failures and expiry ------------------------------------------------------------------------------------------------ */

static enum store_fail
failed_run(struct store *s, struct job *j)
{
	sqlite3_stmt	*stmt = q(s, Q_BLOB_FAILED);

	sqlite3_bind_int(stmt, 1, j->feed);
	bind_text(stmt, 2, j->text[0]);
	sqlite3_bind_int(stmt, 3, j->flag);
	sqlite3_bind_int64(stmt, 4, j->time_ms);
	sqlite3_bind_int64(stmt, 5, j->number);
	if (step_done(stmt) == -1 || (j->has_gap && gap_write(s, &j->gap) == -1))
		return db_fail(s, &j->result, "blob");
	return STORE_OK;
}

void
store_blob_failed(struct store *s, int feed, const char *content_id, int was_broken, int64_t next_ms, enum blob_state state,
    const struct gap *gap, store_cb *cb, void *arg)
{
	struct job	*j = job_new(s, JOB_WRITE, failed_run, cb, arg);

	j->feed = feed;
	j->text[0] = xstrdup(content_id);
	j->flag = was_broken;
	j->time_ms = next_ms;
	j->number = state;
	if (gap != NULL)
		take_gap(j, gap);
	job_submit(s, j);
}

static int
lose(struct store *s, int feed, const struct blob_row *row)
{
	char		*detail = xasprintf("blob %s: %s until it expired, attempts=%u", row->content_id,
	    row->state == BLOB_REFUSED ? "its contentUri was refused" : "could not be read", row->attempts);
	struct gap	 gap = { .feed = feed, .output = "", .from_ms = row->created_ms, .to_ms = row->created_ms,
	    .reason = row->state == BLOB_REFUSED ? "url-refused" : "blob-expired", .detail = detail };
	sqlite3_stmt	*stmt = q(s, Q_BLOB_LOST);
	int		 rc;

	sqlite3_bind_int(stmt, 1, feed);
	bind_text(stmt, 2, row->content_id);
	rc = step_done(stmt) == 0 && gap_write(s, &gap) == 0 ? 0 : -1;
	free(detail);
	return rc;
}

static int
expire(struct store *s, struct job *j)
{
	struct blob_row	 rows[256];
	size_t		 n = 0;
	int		 rc;
	sqlite3_stmt	*stmt = q(s, Q_BLOB_EXPIRED);

	sqlite3_bind_int(stmt, 1, j->feed);
	sqlite3_bind_int64(stmt, 2, j->time_ms);
	while (n < 256 && sqlite3_step(stmt) == SQLITE_ROW)
		rows[n++] = (struct blob_row){ .content_id = xstrdup(col_text(stmt, 0)), .created_ms = sqlite3_column_int64(stmt, 1),
		    .state = (enum blob_state)sqlite3_column_int(stmt, 2), .attempts = (unsigned)sqlite3_column_int(stmt, 3) };
	rc = sqlite3_reset(stmt) == SQLITE_OK ? 0 : -1;
	for (size_t i = 0; i < n; i++) {
		if (rc == 0 && (rc = lose(s, j->feed, &rows[i])) == 0)
			j->result.n++;
		blob_row_clear(&rows[i]);
	}
	return rc;
}

static enum store_fail
expire_run(struct store *s, struct job *j)
{
	sqlite3_stmt	*stmt;

	if (expire(s, j) == -1)
		return db_fail(s, &j->result, "expire");
	stmt = q(s, Q_BLOB_FORGET);
	sqlite3_bind_int(stmt, 1, j->feed);
	sqlite3_bind_int64(stmt, 2, j->time_ms - FORGET_MS);
	if (step_done(stmt) == -1 || seen_forget(s, j->time_ms) == -1 || output_release_gone(s, j->time_ms) == -1)
		return db_fail(s, &j->result, "forget");
	return STORE_OK;
}

void
store_expire(struct store *s, int feed, int64_t now_ms, store_cb *cb, void *arg)
{
	struct job	*j = job_new(s, JOB_WRITE, expire_run, cb, arg);

	j->feed = feed;
	j->time_ms = now_ms;
	job_submit(s, j);
}

/* ---- gaps ------------------------------------------------------------------------------------------------------------------ */

static enum store_fail
gap_run(struct store *s, struct job *j)
{
	return gap_write(s, &j->gap) == 0 ? STORE_OK : db_fail(s, &j->result, "gap");
}

void
store_gap(struct store *s, const struct gap *g, store_cb *cb, void *arg)
{
	struct job	*j = job_new(s, JOB_WRITE, gap_run, cb, arg);

	take_gap(j, g);
	job_submit(s, j);
}

static enum store_fail
left_run(struct store *s, struct job *j)
{
	sqlite3_stmt	*stmt = q(s, Q_OWE_LEFT);

	if (sqlite3_step(stmt) == SQLITE_ROW)
		j->result.left.deliveries = sqlite3_column_int64(stmt, 0);
	if (sqlite3_reset(stmt) != SQLITE_OK)
		return db_fail(s, &j->result, "left");
	stmt = q(s, Q_BLOB_LEFT);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		if (sqlite3_column_int(stmt, 0) == BLOB_LISTED)
			j->result.left.blobs = sqlite3_column_int64(stmt, 1);
		else
			j->result.left.blobs_refused = sqlite3_column_int64(stmt, 1);
	}
	return sqlite3_reset(stmt) == SQLITE_OK ? STORE_OK : db_fail(s, &j->result, "left");
}

void
store_left(struct store *s, store_cb *cb, void *arg)
{
	job_submit(s, job_new(s, JOB_READ, left_run, cb, arg));
}
