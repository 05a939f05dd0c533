/*
 * release - batches that are let go although an output owes them: it left the configuration a day ago, or the spool is full and
 * it said drop_oldest. Counted as dropped, and said in a gap record that names the output.
 */
#include <stdlib.h>

#include "base/crash_point.h"
#include "base/xalloc.h"
#include "store/store_in.h"

#define SLICE		32			/* batches of an output that left, at a time */
#define PIECE_BYTES	((int64_t)4 << 20)	/* of a full spool, in one transaction */
#define LOOK		4096			/* batches looked at for it */

/* ---- an output that left ----------------------------------------------------------------------------------------------- */

static int
release_one(struct store *s, const struct output_row *out, int64_t batch)
{
	struct given_up	 g;
	struct gap	 gap = { .output = out->name, .reason = "output-removed",
	    .detail = "the output left the configuration a day ago; what it had not taken was released" };

	if (batch_give_up(s, out, batch, NULL, &g) == -1)
		return -1;
	gap.feed = g.feed;
	gap.from_ms = g.from_ms;
	gap.to_ms = g.to_ms;
	return gap_write(s, &gap);
}

/* Batches of an output behind `after`, oldest first; how many, or -1. */
static int
owed_by(struct store *s, const struct output_row *out, int64_t after, int64_t *batches, int most)
{
	sqlite3_stmt	*stmt = q(s, Q_OWE_OLDEST);
	int		 n;

	sqlite3_bind_int(stmt, 1, out->id);
	sqlite3_bind_int64(stmt, 2, after);
	sqlite3_bind_int(stmt, 3, most);
	for (n = 0; n < most && sqlite3_step(stmt) == SQLITE_ROW; n++)
		batches[n] = sqlite3_column_int64(stmt, 1);
	return sqlite3_reset(stmt) == SQLITE_OK ? n : -1;
}

int
output_release_gone(struct store *s, int64_t now_ms)
{
	int64_t	 batches[SLICE];
	int	 n;

	for (size_t i = 0; i < s->n_outputs; i++) {
		const struct output_row	*out = &s->outputs[i];

		if (out->gone_ms == 0 || now_ms - out->gone_ms < DAY_MS)
			continue;
		if ((n = owed_by(s, out, 0, batches, SLICE)) == -1)
			return -1;
		for (int k = 0; k < n; k++)
			if (release_one(s, out, batches[k]) == -1)
				return -1;
	}
	return 0;
}

/* ---- a full spool ------------------------------------------------------------------------------------------------------ */

struct loss { int feed; int64_t n, from_ms, to_ms; };
struct losses { struct loss *of; size_t n; };

static void
lose(struct losses *all, const struct given_up *g)
{
	struct loss	*l = NULL;

	for (size_t i = 0; i < all->n; i++)
		if (all->of[i].feed == g->feed)
			l = &all->of[i];
	if (l == NULL) {
		all->of = xreallocarray(all->of, all->n + 1, sizeof(*all->of));
		l = &all->of[all->n++];
		*l = (struct loss){ .feed = g->feed, .from_ms = g->from_ms, .to_ms = g->to_ms };
	}
	l->n += g->n;
	l->from_ms = g->from_ms < l->from_ms ? g->from_ms : l->from_ms;
	l->to_ms = g->to_ms > l->to_ms ? g->to_ms : l->to_ms;
}

static int
write_losses(struct store *s, const struct losses *all, const char *output)
{
	int	 rc = 0;

	for (size_t i = 0; i < all->n && rc == 0; i++) {
		const struct loss	*l = &all->of[i];
		char			*detail = xasprintf("the spool was full (on_full: drop_oldest): records=%lld", (long long)l->n);

		rc = gap_write(s, &(struct gap){ .feed = l->feed, .output = output, .from_ms = l->from_ms, .to_ms = l->to_ms,
		    .reason = "spool-full", .detail = detail });
		free(detail);
	}
	return rc;
}

/* Nobody is helped if a batch stays for an output that does not drop: 1, 0, -1. */
static int
all_drop(struct store *s, int64_t batch)
{
	sqlite3_stmt	*stmt = q(s, Q_BATCH_GET);
	int		 feed = 0, owes;

	sqlite3_bind_int64(stmt, 1, batch);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		feed = sqlite3_column_int(stmt, 0);
	if (sqlite3_reset(stmt) != SQLITE_OK)
		return -1;
	for (size_t i = 0; i < s->n_outputs; i++) {
		if (s->outputs[i].drops)
			continue;
		stmt = q(s, Q_OWE_GET);
		sqlite3_bind_int(stmt, 1, s->outputs[i].id);
		sqlite3_bind_int(stmt, 2, feed);
		sqlite3_bind_int64(stmt, 3, batch);
		owes = sqlite3_step(stmt) == SQLITE_ROW;
		if (sqlite3_reset(stmt) != SQLITE_OK)
			return -1;
		if (owes)
			return 0;
	}
	return 1;
}

static enum store_fail
drop_run(struct store *s, struct job *j)
{
	const struct output_row	*out = output_of(s, j->output);
	int64_t			*batches = xcalloc(LOOK, sizeof(*batches)), bytes = 0;
	struct losses		 all = { NULL, 0 };
	struct given_up		 g;
	int			 n = owed_by(s, out, j->number, batches, LOOK), rc = n == -1 ? -1 : 0, may;

	j->result.more = n == LOOK;
	j->result.batch = j->number;
	for (int i = 0; i < n && rc == 0; i++) {
		if (bytes >= j->time_ms || bytes >= PIECE_BYTES) {
			j->result.more = 1;
			break;
		}
		j->result.batch = batches[i];
		if ((may = all_drop(s, batches[i])) == -1 || (may && batch_give_up(s, out, batches[i], NULL, &g) == -1)) {
			rc = -1;
		} else if (may) {
			lose(&all, &g);
			j->result.n += g.n;
			bytes += g.bytes;
		}
	}
	if (rc == 0 && all.n > 0)
		crash_point(CRASH_DROP_WRITTEN);
	if (rc == 0)
		rc = write_losses(s, &all, out->name);
	free(all.of);
	free(batches);
	return rc == 0 ? STORE_OK : db_fail(s, &j->result, "drop");
}

void
store_drop_oldest(struct store *s, int output, int64_t after, int64_t bytes, store_cb *cb, void *arg)
{
	struct job	*j = job_new(s, JOB_WRITE, drop_run, cb, arg);

	j->output = output;
	j->number = after;
	j->time_ms = bytes;
	job_submit(s, j);
}
