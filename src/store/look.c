/*
 * look - what people ask: gaps, dead letters, status, tallies, as JSON objects, one a line.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "store/store_in.h"

#define PIECE_BYTES ((size_t)1 << 20)		/* of one answer with dead letters; the last one may go over it */

static void
name(struct json_out *o, const char *key)
{
	json_out_name(o, key, strlen(key));
}

static void
put_text(struct json_out *o, const char *key, const char *value)
{
	name(o, key);
	json_out_string(o, value, strlen(value));
}

static void
put_int(struct json_out *o, const char *key, int64_t n)
{
	name(o, key);
	json_out_int(o, n);
}

static void
put_time(struct json_out *o, const char *key, int64_t ms)
{
	char	 text[RFC3339_SIZE];

	put_text(o, key, rfc3339_text(ms, 3, text));
}

static enum store_fail
finish(struct store *s, struct job *j, sqlite3_stmt *stmt, const char *what)
{
	return sqlite3_reset(stmt) == SQLITE_OK ? STORE_OK : db_fail(s, &j->result, what);
}

static enum store_fail
gaps_run(struct store *s, struct job *j)
{
	sqlite3_stmt	*stmt = q(s, Q_GAP_ALL);
	struct json_out	 o;

	while (sqlite3_step(stmt) == SQLITE_ROW) {
		json_out_init(&o, &j->result.text);
		json_out_open(&o, '{');
		put_text(&o, "tenant", col_text(stmt, 0));
		put_text(&o, "feed", col_text(stmt, 1));
		put_text(&o, "output", col_text(stmt, 2));
		put_time(&o, "from", sqlite3_column_int64(stmt, 3));
		put_time(&o, "to", sqlite3_column_int64(stmt, 4));
		put_text(&o, "reason", col_text(stmt, 5));
		put_text(&o, "detail", col_text(stmt, 6));
		json_out_close(&o, '}');
		buf_addc(&j->result.text, '\n');
	}
	return finish(s, j, stmt, "gaps");
}

/* The record is a string of what Microsoft sent, so that even what is no JSON can be shown. */
static void
put_dead(struct json_out *o, sqlite3_stmt *stmt, int whole)
{
	json_out_open(o, '{');
	put_int(o, "id", sqlite3_column_int64(stmt, 0));
	put_text(o, "tenant", col_text(stmt, 1));
	put_text(o, "feed", col_text(stmt, 2));
	put_text(o, "output", col_text(stmt, 3));
	put_text(o, "record_id", col_text(stmt, 4));
	put_text(o, "reason", col_text(stmt, 5));
	put_time(o, "at", sqlite3_column_int64(stmt, 6));
	if (whole) {
		put_text(o, "reply", col_text(stmt, 7));
		name(o, "record");
		if (sqlite3_column_type(stmt, 8) == SQLITE_NULL)
			json_out_null(o);
		else
			json_out_string(o, sqlite3_column_blob(stmt, 8), (size_t)sqlite3_column_bytes(stmt, 8));
	}
	json_out_close(o, '}');
}

static enum store_fail
show_run(struct store *s, struct job *j)
{
	sqlite3_stmt	*stmt = q(s, Q_DEAD_ONE);
	struct json_out	 o;

	sqlite3_bind_int64(stmt, 1, j->number);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		json_out_init(&o, &j->result.text);
		put_dead(&o, stmt, 1);
		buf_addc(&j->result.text, '\n');
	}
	return finish(s, j, stmt, "dead letters");
}

/* flag: with their records. */
static enum store_fail
several_run(struct store *s, struct job *j)
{
	sqlite3_stmt	*stmt = q(s, j->flag ? Q_DEAD_NEXT : Q_DEAD_ALL);
	struct json_out	 o;

	sqlite3_bind_int64(stmt, 1, j->number);
	bind_text(stmt, 2, j->text[0]);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		if (j->result.text.len > PIECE_BYTES) {
			j->result.more = 1;
			break;
		}
		json_out_init(&o, &j->result.text);
		put_dead(&o, stmt, j->flag);
		buf_addc(&j->result.text, '\n');
	}
	return finish(s, j, stmt, "dead letters");
}

static enum store_fail
tallies_run(struct store *s, struct job *j)
{
	sqlite3_stmt	*stmt = q(s, Q_TALLY_ALL);
	struct buf	 digits = { 0 };
	struct json_out	 o;

	while (sqlite3_step(stmt) == SQLITE_ROW) {
		json_out_init(&o, &j->result.text);
		json_out_open(&o, '{');
		put_text(&o, "tenant", col_text(stmt, 0));
		put_text(&o, "feed", col_text(stmt, 1));
		put_time(&o, "hour", in_ms(sqlite3_column_int64(stmt, 2), 3600000));
		put_text(&o, "who", col_text(stmt, 3));
		put_int(&o, "n", sqlite3_column_int64(stmt, 4));
		for (int i = 5; i <= 6; i++) {
			buf_reset(&digits);
			hex(&digits, sqlite3_column_blob(stmt, i), (size_t)sqlite3_column_bytes(stmt, i));
			put_text(&o, i == 5 ? "xor" : "sum", buf_str(&digits));
		}
		json_out_close(&o, '}');
		buf_addc(&j->result.text, '\n');
	}
	buf_clear(&digits);
	return finish(s, j, stmt, "tallies");
}

/* ---- status ------------------------------------------------------------------------------------------------------------ */

static int
put_spool(struct store *s, struct json_out *o)
{
	sqlite3_stmt	*stmt = q(s, Q_BATCH_TOTAL);

	name(o, "spool");
	json_out_open(o, '{');
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		put_int(o, "batches", sqlite3_column_int64(stmt, 0));
		put_int(o, "bytes", sqlite3_column_int64(stmt, 1));
		put_int(o, "records", sqlite3_column_int64(stmt, 2));
		if (sqlite3_column_type(stmt, 3) != SQLITE_NULL)
			put_time(o, "oldest", sqlite3_column_int64(stmt, 3));
	}
	put_int(o, "max", s->opts.spool_max);
	put_int(o, "reserve", reserve_goal(s));
	put_int(o, "reserved", reserve_held(s));
	put_int(o, "remembered_ids", s->seen_n);
	put_int(o, "dead_bytes", s->dead_bytes);
	json_out_close(o, '}');
	return sqlite3_reset(stmt);
}

/* "first|audit|50|MailItemsAccessed" */
static void
put_first(struct json_out *o, const char *key, const char *at)
{
	static const char *const names[] = { "family", "type", "operation" };

	json_out_open(o, '{');
	key += 6;
	for (size_t i = 0; i < 3; i++) {
		size_t	 len = i < 2 ? strcspn(key, "|") : strlen(key);

		name(o, names[i]);
		json_out_string(o, key, len);
		key += len + (key[len] == '|');
	}
	put_text(o, "at", at);
	json_out_close(o, '}');
}

/* One number of the whole store: "none" is only said of what could be read. */
static int
put_number(struct store *s, struct json_out *o, const char *key, enum sql which)
{
	sqlite3_stmt	*stmt = q(s, which);

	if (sqlite3_step(stmt) == SQLITE_ROW)
		put_int(o, key, sqlite3_column_int64(stmt, 0));
	return sqlite3_reset(stmt);
}

/* Kinds of records: how many there are, and which came last. */
static int
put_firsts(struct store *s, struct json_out *o)
{
	sqlite3_stmt	*stmt;
	int		 rc;

	name(o, "first_seen");
	json_out_open(o, '{');
	if ((rc = put_number(s, o, "kinds", Q_FIRST_COUNT)) != SQLITE_OK)
		return rc;
	stmt = q(s, Q_FIRST_LAST);
	name(o, "latest");
	json_out_open(o, '[');
	while (sqlite3_step(stmt) == SQLITE_ROW)
		put_first(o, col_text(stmt, 0), col_text(stmt, 1));
	json_out_close(o, ']');
	json_out_close(o, '}');
	return sqlite3_reset(stmt);
}

struct ledger_sum { int64_t n[5], records, bytes, expires; };

static int
read_ledger(struct store *s, struct ledger_sum *sums)
{
	sqlite3_stmt	*stmt = q(s, Q_LEDGER_SUM);

	while (sqlite3_step(stmt) == SQLITE_ROW) {
		int	 feed = sqlite3_column_int(stmt, 0), state = sqlite3_column_int(stmt, 1);

		for (size_t i = 0; i < s->n_feeds; i++) {
			if (s->feeds[i].id != feed || state < 1 || state > 4)
				continue;
			sums[i].n[state] = sqlite3_column_int64(stmt, 2);
			sums[i].records += sqlite3_column_int64(stmt, 3);
			sums[i].bytes += sqlite3_column_int64(stmt, 4);
			if (state == BLOB_LISTED)
				sums[i].expires = sqlite3_column_int64(stmt, 5);
		}
	}
	return sqlite3_reset(stmt);
}

static int
put_marks(struct store *s, struct json_out *o, int feed)
{
	sqlite3_stmt	*stmt = q(s, Q_MARK_ALL);

	sqlite3_bind_int(stmt, 1, feed);
	name(o, "marks");
	json_out_open(o, '{');
	while (sqlite3_step(stmt) == SQLITE_ROW)
		put_text(o, col_text(stmt, 0), col_text(stmt, 1));
	json_out_close(o, '}');
	return sqlite3_reset(stmt);
}

static int
put_feeds(struct store *s, struct json_out *o)
{
	static const char *const states[] = { NULL, "listed", "stored", "lost", "refused" };
	struct ledger_sum	*sums = calloc(s->n_feeds + 1, sizeof(*sums));
	int			 rc = sums == NULL ? SQLITE_NOMEM : read_ledger(s, sums);

	name(o, "feeds");
	json_out_open(o, '[');
	for (size_t i = 0; rc == SQLITE_OK && i < s->n_feeds; i++) {
		json_out_open(o, '{');
		put_text(o, "tenant", s->feeds[i].tenant_name);
		put_text(o, "feed", s->feeds[i].name);
		for (int k = 1; k <= 4; k++)
			put_int(o, states[k], sums[i].n[k]);
		put_int(o, "records", sums[i].records);
		put_int(o, "bytes", sums[i].bytes);
		if (sums[i].expires != 0)
			put_time(o, "earliest_expiry", sums[i].expires);
		rc = put_marks(s, o, s->feeds[i].id);
		json_out_close(o, '}');
	}
	json_out_close(o, ']');
	free(sums);
	return rc;
}

static int
put_counts(struct store *s, struct json_out *o, const char *key, enum sql which)
{
	sqlite3_stmt	*stmt = q(s, which);

	name(o, key);
	json_out_open(o, '{');
	while (sqlite3_step(stmt) == SQLITE_ROW)
		put_int(o, col_text(stmt, 0), sqlite3_column_int64(stmt, 1));
	json_out_close(o, '}');
	return sqlite3_reset(stmt);
}

static int
put_owed(struct store *s, struct json_out *o)
{
	sqlite3_stmt	*stmt = q(s, Q_OWE_COUNT);

	name(o, "owed");
	json_out_open(o, '[');
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		json_out_open(o, '{');
		put_text(o, "output", output_of(s, sqlite3_column_int(stmt, 0))->name);
		put_int(o, "batches", sqlite3_column_int64(stmt, 1));
		put_int(o, "records_at_most", sqlite3_column_int64(stmt, 2));
		put_time(o, "oldest", sqlite3_column_int64(stmt, 3));
		json_out_close(o, '}');
	}
	json_out_close(o, ']');
	return sqlite3_reset(stmt);
}

static enum store_fail
status_run(struct store *s, struct job *j)
{
	struct json_out	 o;

	json_out_init(&o, &j->result.text);
	json_out_open(&o, '{');
	if (put_number(s, &o, "gaps", Q_GAP_COUNT) != SQLITE_OK || put_spool(s, &o) != SQLITE_OK || put_feeds(s, &o) != SQLITE_OK ||
	    put_owed(s, &o) != SQLITE_OK || put_counts(s, &o, "dead", Q_DEAD_COUNT) != SQLITE_OK ||
	    put_counts(s, &o, "tallies", Q_TALLY_SUM) != SQLITE_OK ||
	    put_firsts(s, &o) != SQLITE_OK)
		return db_fail(s, &j->result, "status");
	json_out_close(&o, '}');
	buf_addc(&j->result.text, '\n');
	return STORE_OK;
}

static void
look(struct store *s, enum store_fail (*run)(struct store *, struct job *), int64_t number, store_cb *cb, void *arg)
{
	struct job	*j = job_new(s, JOB_READ, run, cb, arg);

	j->number = number;
	job_submit(s, j);
}

void
store_gaps(struct store *s, store_cb *cb, void *arg)
{
	look(s, gaps_run, 0, cb, arg);
}

static void
several(struct store *s, int whole, int64_t after, const char *output, store_cb *cb, void *arg)
{
	struct job	*j = job_new(s, JOB_READ, several_run, cb, arg);

	j->flag = whole;
	j->number = after;
	j->text[0] = output != NULL ? xstrdup(output) : NULL;
	job_submit(s, j);
}

void
store_dead(struct store *s, int64_t after, const char *output, store_cb *cb, void *arg)
{
	several(s, 0, after, output, cb, arg);
}

void
store_dead_export(struct store *s, int64_t after, const char *output, store_cb *cb, void *arg)
{
	several(s, 1, after, output, cb, arg);
}

void
store_dead_show(struct store *s, int64_t id, store_cb *cb, void *arg)
{
	look(s, show_run, id, cb, arg);
}

void
store_status(struct store *s, store_cb *cb, void *arg)
{
	look(s, status_run, 0, cb, arg);
}

void
store_tallies(struct store *s, store_cb *cb, void *arg)
{
	look(s, tallies_run, 0, cb, arg);
}
