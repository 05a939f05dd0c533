/*
 * tally - count, XOR and sum (mod 2^128) of record ids, per feed, event hour and what became of them.
 *
 * who is "stored", "delivered:<output>", "dead:<output>" or "dropped:<output>", and "dead:-" for elements that never were
 * records. Each is updated in the transaction that does the thing, so at any moment and for every output that wanted the
 * feed from the beginning: stored = delivered + dead + dropped + still spooled, by count, by XOR and by sum. "dead:-" stands
 * apart: what is counted there was never stored. "dropped" has its gap record (on_full drop_oldest, an output that left,
 * a batch that was damaged), or an output's own drop and keep left the record out.
 */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/store_in.h"

#include "base/wraps.h"

static uint64_t
get64(const uint8_t *p)
{
	uint64_t	 v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

static void
put64(uint8_t *p, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}

WRAPS static void
add128(uint64_t s[2], uint64_t high, uint64_t low)
{
	s[1] += low;
	s[0] += high + (s[1] < low);
}

static struct tally_row *
find(struct store *s, int feed, int64_t hour, const char *who)
{
	struct tally_row	*t;

	for (size_t i = s->n_tallies; i > 0; i--) {
		t = &s->tallies[i - 1];
		if (t->hour == hour && t->feed == feed && strcmp(t->who, who) == 0)
			return t;
	}
	if (s->n_tallies == s->tallies_size) {
		s->tallies_size = s->tallies_size == 0 ? 16 : 2 * s->tallies_size;
		s->tallies = xreallocarray(s->tallies, s->tallies_size, sizeof(*s->tallies));
	}
	t = &s->tallies[s->n_tallies++];
	memset(t, 0, sizeof(*t));
	t->feed = feed;
	t->hour = hour;
	snprintf(t->who, sizeof(t->who), "%s", who);
	return t;
}

static struct tally_row *
row_of(struct store *s, int feed, int64_t second, const char *how, const char *output)
{
	int64_t			 hour = second >= 0 ? second / 3600 : -((-second + 3599) / 3600);
	char			 who[80];

	snprintf(who, sizeof(who), output != NULL ? "%s:%s" : "%s", how, output);
	return find(s, feed, hour, who);
}

void
tally_add(struct store *s, int feed, int64_t second, const char *how, const char *output, const uint8_t id[16])
{
	struct tally_row	*t = row_of(s, feed, second, how, output);

	t->n++;
	t->x[0] ^= get64(id);
	t->x[1] ^= get64(id + 8);
	add128(t->s, get64(id), get64(id + 8));
}

/* A dead letter that is tried again is none any more. */
void
tally_take(struct store *s, int feed, int64_t second, const char *how, const char *output, const uint8_t id[16])
{
	struct tally_row	*t = row_of(s, feed, second, how, output);
	uint64_t		 low = ~get64(id + 8) + 1;

	t->n--;
	t->x[0] ^= get64(id);
	t->x[1] ^= get64(id + 8);
	add128(t->s, ~get64(id) + (low == 0), low);
}

static int
flush_one(struct store *s, struct tally_row *t)
{
	sqlite3_stmt	*stmt = q(s, Q_TALLY_GET);
	uint8_t		 x[16], sum[16];
	int64_t		 n = t->n;
	uint64_t	 xs[2] = { t->x[0], t->x[1] }, ss[2] = { t->s[0], t->s[1] };

	sqlite3_bind_int(stmt, 1, t->feed);
	sqlite3_bind_int64(stmt, 2, t->hour);
	bind_text(stmt, 3, t->who);
	if (sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_bytes(stmt, 1) == 16 && sqlite3_column_bytes(stmt, 2) == 16) {
		const uint8_t	*old = sqlite3_column_blob(stmt, 1);

		n += sqlite3_column_int64(stmt, 0);
		xs[0] ^= get64(old);
		xs[1] ^= get64(old + 8);
		old = sqlite3_column_blob(stmt, 2);
		add128(ss, get64(old), get64(old + 8));
	}
	if (sqlite3_reset(stmt) != SQLITE_OK)
		return -1;
	put64(x, xs[0]);
	put64(x + 8, xs[1]);
	put64(sum, ss[0]);
	put64(sum + 8, ss[1]);
	stmt = q(s, Q_TALLY_SET);
	sqlite3_bind_int(stmt, 1, t->feed);
	sqlite3_bind_int64(stmt, 2, t->hour);
	bind_text(stmt, 3, t->who);
	sqlite3_bind_int64(stmt, 4, n);
	sqlite3_bind_blob(stmt, 5, x, sizeof(x), SQLITE_STATIC);
	sqlite3_bind_blob(stmt, 6, sum, sizeof(sum), SQLITE_STATIC);
	return step_done(stmt);
}

int
tally_flush(struct store *s)
{
	for (size_t i = 0; i < s->n_tallies; i++)
		if (flush_one(s, &s->tallies[i]) == -1)
			return -1;
	return 0;
}
