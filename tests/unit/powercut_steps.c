/*
 * powercut_steps - every kind of transaction that the store has, made of numbers.
 */
#include "powercut_steps.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "store/store_in.h"

#define HOUR	((int64_t)3600000)

uint64_t
step_chance(uint64_t *rng, uint64_t n)
{
	*rng = *rng * 6364136223846793005u + 1442695040888963407u;
	return (*rng >> 33) % n;
}

/* Jobs that shall share a transaction wait for each other behind a gate. */
static enum store_fail
wait_at_gate(struct store *s, struct job *j)
{
	(void)s;
	while (sem_wait(j->arg) == -1)
		continue;
	return STORE_OK;
}

static void
gate_passed(void *arg, struct store_result *r)
{
	(void)arg;
	(void)r;
}

static void
gate_shut(struct kit *k, sem_t *gate)
{
	sem_init(gate, 0, 0);
	job_submit(k->s, job_new(k->s, JOB_READ, wait_at_gate, gate_passed, gate));
}

static void
answered(void *arg, struct store_result *r)
{
	struct step	*st = arg;

	st->done += r->fail == STORE_OK;
}

static struct put *
make_put(struct kit *k, struct step *st)
{
	char		 blob[32];
	int		 n = 1 + (int)step_chance(&st->rng, 40), back = step_chance(&st->rng, 3) == 0 ? (int)step_chance(&st->rng, 20) : 0;
	struct put	*p;

	back = st->record > 20 ? back : 0;
	snprintf(blob, sizeof(blob), "blob-%lld", (long long)step_chance(&st->rng, (uint64_t)st->blob + 1));
	p = kit_put_of(k, blob, st->record - back, 0);
	for (int i = 0; i < n + back; i++)
		kit_add(p, st->record - back + i, 7, (size_t)step_chance(&st->rng, 600));
	st->record += n;
	if (step_chance(&st->rng, 16) == 0)
		kit_add(p, st->record++, 7, (3 << 19) + (size_t)step_chance(&st->rng, 1000));	/* written in place, not bound */
	if (step_chance(&st->rng, 6) == 0)
		kit_add_dead(p, st->record++, step_chance(&st->rng, 2) ? "{broken" : NULL);
	p->end = step_chance(&st->rng, 4) == 0 ? PUT_MORE : PUT_STORED;
	if (step_chance(&st->rng, 4) == 0) {
		p->mark_kind = "delta";
		p->mark = st->record % 2 ? "odd" : "even";
	}
	return p;
}

void
step_put_some(struct kit *k, struct step *st)
{
	sem_t	 gate;
	int	 n = 1 + (int)step_chance(&st->rng, 4);

	gate_shut(k, &gate);
	for (int i = 0; i < n; i++)
		store_put(k->s, make_put(k, st), answered, st);
	sem_post(&gate);
	st->asked += n;
	store_wait(k->s);
	sem_destroy(&gate);
}

void
step_list_page(struct kit *k, struct step *st)
{
	struct blob_row	 rows[6];
	char		 ids[6][32], mark[64], uri[] = "https://x.example/b";
	size_t		 n = 1 + step_chance(&st->rng, 5);
	struct gap	 gap = { .feed = k->feed, .output = "", .from_ms = st->blob, .to_ms = st->blob + 1, .reason = "window-too-old",
	    .detail = "a test" };

	for (size_t i = 0; i < n; i++) {
		int64_t	 number = st->blob++ - (step_chance(&st->rng, 5) == 0 ? 2 : 0);

		snprintf(ids[i], sizeof(ids[i]), "blob-%lld", (long long)number);
		rows[i] = (struct blob_row){ .content_id = ids[i], .uri = uri, .created_ms = number * 1000,
		    .expires_ms = kit_now() + (int64_t)step_chance(&st->rng, 8 * 24) * HOUR,
		    .state = step_chance(&st->rng, 9) == 0 ? BLOB_REFUSED : BLOB_LISTED };
	}
	snprintf(mark, sizeof(mark), "listed-%lld", (long long)st->blob);
	store_page(k->s, k->feed, rows, n, "listed", mark, step_chance(&st->rng, 6) == 0 ? &gap : NULL, answered, st);
	st->asked++;
	store_wait(k->s);
}

void
step_blob_failed(struct kit *k, struct step *st)
{
	static const enum blob_state states[] = { BLOB_LISTED, BLOB_LOST, BLOB_REFUSED };
	enum blob_state	 state = states[step_chance(&st->rng, 3)];
	char		 id[32];
	struct gap	 gap = { .feed = k->feed, .output = "", .from_ms = 5, .to_ms = 6, .reason = "blob-unreadable", .detail = id };

	snprintf(id, sizeof(id), "blob-%lld", (long long)step_chance(&st->rng, (uint64_t)st->blob + 1));
	store_blob_failed(k->s, k->feed, id, state == BLOB_LOST, kit_now() + 1000, state, state == BLOB_LOST ? &gap : NULL,
	    answered, st);
	st->asked++;
	store_wait(k->s);
}

void
step_expire(struct kit *k, struct step *st)
{
	store_expire(k->s, k->feed, kit_now(), answered, st);
	st->asked++;
	store_wait(k->s);
}

void
step_lazy_mark(struct kit *k, struct step *st)
{
	store_mark_move(k->s, k->feed, step_chance(&st->rng, 2) ? "lazy" : "lazier", st->record % 2 ? "a" : "b", 1);
	store_wait(k->s);
}

void
step_write_meta(struct kit *k, struct step *st)
{
	char	 value[32];

	snprintf(value, sizeof(value), "%lld", (long long)st->record);
	store_meta_set(k->s, step_chance(&st->rng, 2) ? "first|something" : "subscription", value);
	store_wait(k->s);
}

void
step_move_mark(struct kit *k, struct step *st)
{
	char	 value[32];

	snprintf(value, sizeof(value), "%lld", (long long)st->record);
	store_mark_move(k->s, k->feed, "look", value, 0);
	store_wait(k->s);
}

void
step_write_gap(struct kit *k, struct step *st)
{
	struct gap	 gap = { .feed = k->other, .output = step_chance(&st->rng, 2) ? "" : "elastic", .from_ms = st->record,
	    .to_ms = st->record + 1, .reason = "a-test", .detail = "nothing" };

	store_gap(k->s, &gap, answered, st);
	st->asked++;
	store_wait(k->s);
}

void
step_peek(struct kit *k, struct step *st)
{
	struct kit_batches	 b = kit_peek(k, k->out[step_chance(&st->rng, KIT_OUTPUTS)], NULL, 0, 1);

	kit_batches_free(&b);
}

void
step_say_sent(struct kit *k, struct step *st)
{
	struct kit_batches	 b = kit_peek(k, k->out[0], NULL, 0, 20000);
	int64_t			 batches[8];
	size_t			 n = 0;

	for (; n < b.n && n < 8; n++)
		batches[n] = b.b[n].batch;
	if (n > 0) {
		store_sent(k->s, k->out[0], batches, n, answered, st);
		st->asked++;
		store_wait(k->s);
	}
	kit_batches_free(&b);
}

static void
add_done(struct done *d, const struct peeked *p, struct step *st)
{
	struct record	 r;
	size_t		 at = 0;
	int		 whole = step_chance(&st->rng, 3) > 0;

	for (uint32_t pos = 0; record_next(buf_str(&p->body), p->body.len, &at, &r) == 1; pos++) {
		uint64_t	 how = step_chance(&st->rng, 40);

		if (whole || step_chance(&st->rng, 2))
			done_add(d, p->batch, pos, how == 0 ? DONE_DEAD : how == 1 ? DONE_DROPPED : DONE_DELIVERED, r.id, r.second,
			    how == 0 ? "refused: a test" : NULL, how == 0 ? "no thanks" : NULL);
	}
}

void
step_deliver_some(struct kit *k, struct step *st)
{
	int			 out = k->out[step_chance(&st->rng, KIT_OUTPUTS)];
	struct kit_batches	 b = kit_peek(k, out, NULL, 0, 1 + step_chance(&st->rng, 60000));
	sem_t			 gate;

	gate_shut(k, &gate);
	for (size_t i = 0; i < b.n; i++) {
		struct done	*d = done_new(out);

		add_done(d, &b.b[i], st);
		d->segments = xcalloc(1, sizeof(*d->segments));
		d->n_segments = 1;
		d->segments[0] = (struct segment){ .feed = k->feed, .day = "2025-11-24", .seq = (uint32_t)step_chance(&st->rng, 9),
		    .length = st->record, .opened_ms = 1, .sealed = step_chance(&st->rng, 5) == 0 };
		store_done(k->s, d, answered, st);
		st->asked++;
	}
	sem_post(&gate);
	store_wait(k->s);
	sem_destroy(&gate);
	kit_batches_free(&b);
}

void
step_drop_oldest(struct kit *k, struct step *st)
{
	store_drop_oldest(k->s, k->out[step_chance(&st->rng, 2)], 0, 1 + (int64_t)step_chance(&st->rng, 20000), answered, st);
	st->asked++;
	store_wait(k->s);
}

void
step_dead_again(struct kit *k, struct step *st)
{
	store_dead_retry(k->s, 0, INT64_MAX, NULL, answered, st);
	st->asked++;
	store_wait(k->s);
}

void
step_dead_away(struct kit *k, struct step *st)
{
	store_dead_drop(k->s, 0, INT64_MAX, NULL, answered, st);
	st->asked++;
	store_wait(k->s);
}

void
step_reserve(struct kit *k, struct step *st)
{
	store_reserve(k->s, answered, st);
	st->asked++;
	store_wait(k->s);
}

