/*
 * seen - remembered ids: was this record stored before, and with the same content?
 *
 * Keyed by event second, then 96 bits of the id: a record that comes twice has the same event time both times, so this is as
 * exact as the id alone, and inserts go to the same few pages (spec of state-design: 198 commits/s with 20 million ids
 * present, against 31 when keyed by day). Forgotten by arrival, a window (8 days) after the record came.
 */
#include <string.h>

#include "store/store_in.h"

#define ID_LEN		12
#define SLICE		10000		/* rows looked at in one call */
#define EVICT		2000		/* rows that go early at a time */
#define ROW_BYTES	32		/* on disk, for dedup.max */

int
seen_add(struct store *s, int64_t second, const uint8_t id[16], uint32_t digest, int64_t day, int *changed)
{
	sqlite3_stmt	*stmt = q(s, Q_SEEN_ADD);

	sqlite3_bind_int64(stmt, 1, second);
	sqlite3_bind_blob(stmt, 2, id, ID_LEN, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, day);
	sqlite3_bind_int64(stmt, 4, digest);
	if (step_done(stmt) == -1)
		return -1;
	if (sqlite3_changes(s->db) > 0) {
		s->t_seen++;
		return 1;
	}
	stmt = q(s, Q_SEEN_GET);
	sqlite3_bind_int64(stmt, 1, second);
	sqlite3_bind_blob(stmt, 2, id, ID_LEN, SQLITE_STATIC);
	*changed = sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_int64(stmt, 0) != (int64_t)digest;
	return sqlite3_reset(stmt) == SQLITE_OK ? 0 : -1;
}

static int
is_remembered(struct store *s, int64_t second, const void *id)
{
	sqlite3_stmt	*stmt = q(s, Q_SEEN_GET);
	int		 there;

	sqlite3_bind_int64(stmt, 1, second);
	sqlite3_bind_blob(stmt, 2, id, ID_LEN, SQLITE_STATIC);
	there = sqlite3_step(stmt) == SQLITE_ROW;
	return sqlite3_reset(stmt) == SQLITE_OK ? there : -1;
}

static int
row_begins(struct store *s, int64_t second, const uint8_t row[16], const uint8_t id[16], uint32_t digest, int64_t day)
{
	sqlite3_stmt	*stmt = q(s, Q_SEEN_ROW_ADD);

	sqlite3_bind_int64(stmt, 1, second);
	sqlite3_bind_blob(stmt, 2, row, ID_LEN, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, day);
	sqlite3_bind_int64(stmt, 4, digest);
	sqlite3_bind_blob(stmt, 5, id, ID_LEN, SQLITE_STATIC);
	if (step_done(stmt) == -1)
		return -1;
	s->t_seen++;
	return 1;
}

/*
 * A row of its own keeps the last version and its number; each version before it becomes an ordinary remembered id. So a row
 * that goes back to what it said, and two rows that share an id for ever, end after as many revisions as there are versions.
 */
int
seen_version(struct store *s, int64_t second, const uint8_t row[16], const uint8_t id[16], uint32_t digest, int64_t day,
    uint32_t *revision)
{
	sqlite3_stmt	*stmt = q(s, Q_SEEN_ROW);
	uint8_t		 last[16] = { 0 };
	int64_t		 n;
	int		 known, changed;

	*revision = 1;
	sqlite3_bind_int64(stmt, 1, second);
	sqlite3_bind_blob(stmt, 2, row, ID_LEN, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return sqlite3_reset(stmt) == SQLITE_OK ? row_begins(s, second, row, id, digest, day) : -1;
	if (sqlite3_column_bytes(stmt, 0) != ID_LEN)		/* remembered before its feed was known to change */
		memcpy(last, row, ID_LEN);
	else
		memcpy(last, sqlite3_column_blob(stmt, 0), ID_LEN);
	n = sqlite3_column_int64(stmt, 1);
	if (sqlite3_reset(stmt) != SQLITE_OK)
		return -1;
	if (memcmp(last, id, ID_LEN) == 0)
		return 0;
	if ((known = is_remembered(s, second, id)) != 0)
		return known == 1 ? 0 : -1;
	if (n >= STORE_REVISIONS)		/* remembered all the same, so that it is counted once */
		return seen_add(s, second, id, digest, day, &changed) == -1 ? -1 : 2;
	if (seen_add(s, second, last, digest, day, &changed) == -1)
		return -1;
	stmt = q(s, Q_SEEN_ROW_SET);
	sqlite3_bind_int64(stmt, 1, second);
	sqlite3_bind_blob(stmt, 2, row, ID_LEN, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, day);
	sqlite3_bind_int64(stmt, 4, digest);
	sqlite3_bind_blob(stmt, 5, id, ID_LEN, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 6, n < 1 ? 2 : n + 1);
	*revision = (uint32_t)(n < 1 ? 2 : n + 1);
	return step_done(stmt) == 0 ? 1 : -1;
}

/* Where the slice behind the sweep's place ends: 1; 0: it reaches the edge; -1. */
static int
slice_end(struct store *s, int64_t edge_s, struct seen_place *end)
{
	sqlite3_stmt	*stmt = q(s, Q_SEEN_SLICE);
	int		 there;

	sqlite3_bind_int64(stmt, 1, s->sweep.t);
	sqlite3_bind_blob(stmt, 2, s->sweep.id, ID_LEN, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, edge_s);
	sqlite3_bind_int(stmt, 4, SLICE - 1);
	*end = (struct seen_place){ .t = edge_s };
	if ((there = sqlite3_step(stmt) == SQLITE_ROW)) {
		end->t = sqlite3_column_int64(stmt, 0);
		memcpy(end->id, sqlite3_column_blob(stmt, 1), ID_LEN);
	}
	return sqlite3_reset(stmt) == SQLITE_OK ? there : -1;
}

/*
 * One slice of the day's walk through all whose event is older than the window; those that also arrived before it go. Once
 * a day is enough, since arrival is kept as a day, and necessary: after a first run that reaches back a week the
 * edge is millions of ids wide that may not go yet. The place lives in memory only: a restart or a rollback walks again.
 */
int
seen_forget(struct store *s, int64_t now_ms)
{
	int64_t			 edge = now_ms - s->opts.seen_window_ms;
	struct seen_place	 end;
	sqlite3_stmt		*stmt;
	int			 more;

	if (s->swept_day == edge / DAY_MS)
		return 0;
	if ((more = slice_end(s, edge / 1000, &end)) == -1)
		return -1;
	stmt = q(s, Q_SEEN_FORGET);
	sqlite3_bind_int64(stmt, 1, s->sweep.t);
	sqlite3_bind_blob(stmt, 2, s->sweep.id, ID_LEN, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, end.t);
	sqlite3_bind_blob(stmt, 4, end.id, ID_LEN, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, edge / DAY_MS);
	if (step_done(stmt) == -1)
		return -1;
	s->t_seen -= sqlite3_changes(s->db);
	if (!more) {
		s->swept_day = edge / DAY_MS;
		end = (struct seen_place){ .t = INT64_MIN };
	}
	s->sweep = end;
	return 0;
}

/* Over dedup.max the oldest go early; how many, or -1. */
int64_t
seen_evict(struct store *s)
{
	sqlite3_stmt	*stmt;
	int64_t		 n;

	if (s->opts.seen_max <= 0 || (s->seen_n + s->t_seen) * ROW_BYTES <= s->opts.seen_max)
		return 0;
	stmt = q(s, Q_SEEN_EVICT);
	sqlite3_bind_int(stmt, 1, EVICT);
	if (step_done(stmt) == -1)
		return -1;
	n = sqlite3_changes(s->db);
	s->t_seen -= n;
	return n;
}
