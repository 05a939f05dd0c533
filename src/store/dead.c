/*
 * dead - dead letters: written when they are buried, tried again, dropped.
 *
 * A dead letter keeps what a batch of its own needs (the record's head, its blob's names and times), so that a retry is an
 * ordinary batch that one output owes. What never was a record has no head. Dropping is a loss that somebody wanted: it
 * has its gap record all the same.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash_point.h"
#include "base/xalloc.h"
#include "store/store_in.h"

#define PIECE_BYTES	((int64_t)4 << 20)	/* of one job */
#define PIECE_ROWS	500
#define ROW_BYTES	200			/* what a row is counted as, beside body and reply */
#define GAPS_MAX	64

int
dead_write(struct store *s, const struct dead_new *d)
{
	sqlite3_stmt	*stmt = q(s, Q_DEAD_ADD);
	uint8_t		 head[RECORD_HEAD];

	sqlite3_bind_int64(stmt, 1, d->batch);
	sqlite3_bind_int64(stmt, 2, d->ordinal);
	sqlite3_bind_int(stmt, 3, d->feed);
	bind_text(stmt, 4, d->output);
	bind_text(stmt, 5, d->record_id);
	bind_text(stmt, 6, d->reason);
	bind_text(stmt, 7, d->reply);
	if (d->body != NULL)
		sqlite3_bind_blob64(stmt, 8, d->body, d->len, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 9, clock_wall_ms());
	if (d->record != NULL) {
		record_head(d->record, head);
		sqlite3_bind_blob(stmt, 10, head, sizeof(head), SQLITE_STATIC);
		bind_text(stmt, 11, d->content_id);
		sqlite3_bind_int64(stmt, 12, d->created_ms);
		sqlite3_bind_int64(stmt, 13, d->stored_ms);
		bind_text(stmt, 14, d->origin);
	}
	s->t_dead += (d->body != NULL ? (int64_t)d->len : 0) + (d->reply != NULL ? (int64_t)strlen(d->reply) : 0) + ROW_BYTES;
	if (step_done(stmt) == -1)
		return -1;
	crash_point(CRASH_DEAD_WRITTEN);
	return 0;
}

/* ---- which ones ------------------------------------------------------------------------------------------------------- */

struct letters { int64_t id[PIECE_ROWS]; int n; };

static int
choose(struct store *s, struct job *j, struct letters *l)
{
	sqlite3_stmt	*stmt;
	int64_t		 bytes = 0;

	l->n = 0;
	if (j->time_ms == INT64_MAX) {		/* what dies meanwhile, perhaps once more, is not meant */
		stmt = q(s, Q_DEAD_LAST);
		if (sqlite3_step(stmt) == SQLITE_ROW)
			j->time_ms = sqlite3_column_int64(stmt, 0);
		if (sqlite3_reset(stmt) != SQLITE_OK)
			return -1;
	}
	stmt = q(s, Q_DEAD_IDS);
	sqlite3_bind_int64(stmt, 1, j->number);
	sqlite3_bind_int64(stmt, 2, j->time_ms);
	bind_text(stmt, 3, j->text[0]);
	sqlite3_bind_int(stmt, 4, PIECE_ROWS + 1);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		if (l->n == PIECE_ROWS || (l->n > 0 && bytes + sqlite3_column_int64(stmt, 1) > PIECE_BYTES)) {
			j->result.more = 1;
			break;
		}
		bytes += sqlite3_column_int64(stmt, 1);
		l->id[l->n++] = sqlite3_column_int64(stmt, 0);
	}
	j->result.batch = l->n > 0 ? l->id[l->n - 1] : j->number;
	return sqlite3_reset(stmt) == SQLITE_OK ? 0 : -1;
}

struct letter {				/* one of them, read */
	int		 feed;
	char		*output, *content_id, *origin;
	int64_t		 created_ms, stored_ms, buried_ms, bytes;
	struct buf	 body;			/* head and record, as in a batch; empty: it never was one */
};

static int
letter_read(struct store *s, int64_t id, struct letter *l)
{
	sqlite3_stmt	*stmt = q(s, Q_DEAD_WHOLE);
	int		 found = 0;

	memset(l, 0, sizeof(*l));
	sqlite3_bind_int64(stmt, 1, id);
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		found = 1;
		l->feed = sqlite3_column_int(stmt, 0);
		l->output = xstrdup(col_text(stmt, 1));
		l->content_id = xstrdup(col_text(stmt, 4));
		l->created_ms = sqlite3_column_int64(stmt, 5);
		l->stored_ms = sqlite3_column_int64(stmt, 6);
		l->origin = xstrdup(col_text(stmt, 7));
		l->buried_ms = sqlite3_column_int64(stmt, 9);
		l->bytes = sqlite3_column_bytes(stmt, 3) + sqlite3_column_int64(stmt, 8) + ROW_BYTES;
		if (sqlite3_column_bytes(stmt, 2) == RECORD_HEAD) {
			buf_add(&l->body, sqlite3_column_blob(stmt, 2), RECORD_HEAD);
			buf_add(&l->body, sqlite3_column_blob(stmt, 3), (size_t)sqlite3_column_bytes(stmt, 3));
		}
	}
	return sqlite3_reset(stmt) == SQLITE_OK && found ? 0 : -1;
}

static void
letter_clear(struct letter *l)
{
	free(l->output);
	free(l->content_id);
	free(l->origin);
	buf_clear(&l->body);
}

/* {"done":3,"never_records":0,"output_gone":0,"last":17,"until":40,"more":true} */
static void
say(struct store_result *r, int64_t until)
{
	struct json_out	 o;
	const struct { const char *name; int64_t n; } rows[] = { { "done", r->n }, { "never_records", r->duplicates },
		    { "output_gone", r->changed }, { "last", r->batch }, { "until", until } };

	json_out_init(&o, &r->text);
	json_out_open(&o, '{');
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_out_name(&o, rows[i].name, strlen(rows[i].name));
		json_out_int(&o, rows[i].n);
	}
	json_out_name(&o, "more", 4);
	json_out_bool(&o, r->more);
	json_out_close(&o, '}');
	buf_addc(&r->text, '\n');
}

static int
letter_drop(struct store *s, int64_t id, const struct letter *l)
{
	sqlite3_stmt	*stmt = q(s, Q_DEAD_DROP);

	sqlite3_bind_int64(stmt, 1, id);
	s->t_dead -= l->bytes;
	return step_done(stmt);
}

/* ---- retry ------------------------------------------------------------------------------------------------------------ */

static const struct output_row *
output_here(const struct store *s, const char *name)
{
	for (size_t i = 0; i < s->n_outputs; i++)
		if (strcmp(s->outputs[i].name, name) == 0 && s->outputs[i].gone_ms == 0)
			return &s->outputs[i];
	return NULL;
}

/* One letter becomes a batch that its output owes. */
static int
retry(struct store *s, struct job *j, int64_t id, const struct letter *l)
{
	const struct output_row	*out = output_here(s, l->output);
	struct record		 r;
	size_t			 at = 0;
	int64_t			 batch;

	if (l->body.len == 0 || record_next(l->body.bytes, l->body.len, &at, &r) != 1 || at != l->body.len) {
		j->result.duplicates++;
		return 0;
	}
	if (out == NULL) {
		j->result.changed++;
		return 0;
	}
	if (batch_write(s, &(struct batch_new){ .feed = l->feed, .content_id = l->content_id, .origin = l->origin,
	    .created_ms = l->created_ms, .stored_ms = l->stored_ms, .min_t = r.second, .max_t = r.second, .n = 1,
	    .bytes = l->body.bytes, .len = l->body.len }, (uint64_t)1 << out->id, &batch) == -1)
		return -1;
	tally_take(s, l->feed, r.second, "dead", l->output, r.id);
	j->result.n++;
	return letter_drop(s, id, l);
}

static enum store_fail
retry_run(struct store *s, struct job *j)
{
	struct letters	 chosen;
	struct letter	 l;
	int		 rc = choose(s, j, &chosen);

	if (rc == 0 && chosen.n > 0 && s->opts.spool_max > 0 && store_spool_bytes(s) >= s->opts.spool_max) {
		err_set(&j->result.err, ERR_AGAIN, "the spool is full (spool.max): they stay dead letters, try again later");
		return j->result.fail = STORE_FULL;
	}
	if (rc == 0 && chosen.n > 0 && !db_has_room(s, PIECE_BYTES)) {
		err_set(&j->result.err, ERR_IO, "%s: the disk is full: they stay dead letters", s->dir);
		return j->result.fail = STORE_FULL;
	}
	for (int i = 0; i < chosen.n && rc == 0; i++) {
		if ((rc = letter_read(s, chosen.id[i], &l)) == 0)
			rc = retry(s, j, chosen.id[i], &l);
		letter_clear(&l);
	}
	say(&j->result, j->time_ms);
	return rc == 0 ? STORE_OK : db_fail(s, &j->result, "retry");
}

/* ---- drop ------------------------------------------------------------------------------------------------------------- */

struct loss { int feed; char *output; int64_t n, from_ms, to_ms; };
struct losses { struct loss of[GAPS_MAX]; int n; };

static struct loss *
loss_of(struct losses *all, int feed, const char *output)
{
	for (int i = 0; i < all->n; i++)
		if (all->of[i].feed == feed && strcmp(all->of[i].output, output) == 0)
			return &all->of[i];
	if (all->n == GAPS_MAX)
		return NULL;
	all->of[all->n] = (struct loss){ .feed = feed, .output = xstrdup(output) };
	return &all->of[all->n++];
}

/* 1: counted; 0: so many feeds and outputs at once that it must wait for the next piece. */
static int
lose(struct losses *all, const struct letter *l)
{
	struct loss	*loss = loss_of(all, l->feed, l->output);
	struct record	 r = { 0 };
	size_t		 at = 0;
	int64_t		 ms;

	if (loss == NULL)
		return 0;
	(void)record_next(buf_str(&l->body), l->body.len, &at, &r);
	/* A record without a readable time is as old as its blob; what never was a record is only known to have been buried. */
	ms = r.second != 0 ? in_ms(r.second, 1000) : l->created_ms != 0 ? l->created_ms : l->buried_ms;
	loss->from_ms = loss->n == 0 || ms < loss->from_ms ? ms : loss->from_ms;
	loss->to_ms = loss->n == 0 || ms > loss->to_ms ? ms : loss->to_ms;
	loss->n++;
	return 1;
}

static int
write_losses(struct store *s, struct losses *all, int64_t first, int64_t last)
{
	int	 rc = 0;

	for (int i = 0; i < all->n; i++) {
		struct loss	*l = &all->of[i];
		char		*detail = xasprintf("dead letters dropped by command: records=%lld, numbers %lld to %lld", (long long)l->n,
		    (long long)first, (long long)last);

		if (rc == 0)
			rc = gap_write(s, &(struct gap){ .feed = l->feed, .output = strcmp(l->output, "-") == 0 ? "" : l->output,
			    .from_ms = l->from_ms, .to_ms = l->to_ms, .reason = "dead-letters-dropped", .detail = detail });
		free(detail);
		free(l->output);
	}
	return rc;
}

static enum store_fail
drop_run(struct store *s, struct job *j)
{
	struct letters	 chosen;
	struct losses	 all = { .n = 0 };
	struct letter	 l;
	int		 rc = choose(s, j, &chosen), took = 1;

	for (int i = 0; i < chosen.n && rc == 0 && took; i++) {
		if ((rc = letter_read(s, chosen.id[i], &l)) == 0) {
			if ((took = lose(&all, &l))) {
				rc = letter_drop(s, chosen.id[i], &l);
				j->result.n++;
				j->result.batch = chosen.id[i];
			} else
				j->result.more = 1;
		}
		letter_clear(&l);
	}
	if (write_losses(s, &all, chosen.n > 0 ? chosen.id[0] : 0, j->result.batch) == -1)
		rc = -1;
	say(&j->result, j->time_ms);
	return rc == 0 ? STORE_OK : db_fail(s, &j->result, "drop");
}

static void
some(struct store *s, enum store_fail (*run)(struct store *, struct job *), int64_t after, int64_t last, const char *output,
    store_cb *cb, void *arg)
{
	struct job	*j = job_new(s, JOB_WRITE, run, cb, arg);

	j->number = after;
	j->time_ms = last;
	j->text[0] = output != NULL ? xstrdup(output) : NULL;
	job_submit(s, j);
}

void
store_dead_retry(struct store *s, int64_t after, int64_t last, const char *output, store_cb *cb, void *arg)
{
	some(s, retry_run, after, last, output, cb, arg);
}

void
store_dead_drop(struct store *s, int64_t after, int64_t last, const char *output, store_cb *cb, void *arg)
{
	some(s, drop_run, after, last, output, cb, arg);
}
