/*
 * graph_budget - slots that are busy for a while, and a ring of those who want them.
 */
#include "collect/graph_budget.h"

#include <assert.h>
#include <string.h>

void
graph_budget_init(struct graph_budget *b, unsigned most, int64_t per_ms, int64_t way_ms)
{
	assert(most > 0 && most <= GRAPH_SLOTS);
	memset(b, 0, sizeof(*b));
	b->most = most;
	b->per_ms = per_ms;
	b->way_ms = way_ms;
}

unsigned
graph_budget_join(struct graph_budget *b)
{
	assert(b->n < GRAPH_RING);
	return b->n++;
}

void
graph_budget_used_up(struct graph_budget *b, int64_t now_ms)
{
	for (unsigned i = 0; i < b->most; i++)
		b->slots[i] = (struct graph_slot){ .sent_ms = now_ms, .landed_ms = now_ms, .used = 1 };
}

void
graph_budget_gate(struct graph_budget *b, int64_t until_ms)
{
	if (until_ms > b->gate_ms)
		b->gate_ms = until_ms;
}

static int64_t
free_at(const struct graph_budget *b, const struct graph_slot *s)
{
	int64_t	 latest = s->sent_ms + b->way_ms;

	if (!s->used)
		return INT64_MIN;
	return (s->landed_ms != 0 && s->landed_ms < latest ? s->landed_ms : latest) + b->per_ms;
}

static unsigned
first_free(const struct graph_budget *b, int64_t *at)
{
	unsigned	 best = 0;

	for (unsigned i = 1; i < b->most; i++)
		if (free_at(b, &b->slots[i]) < free_at(b, &b->slots[best]))
			best = i;
	*at = free_at(b, &b->slots[best]);
	return best;
}

static int
wanted(const struct graph_budget *b, enum graph_want what)
{
	for (unsigned i = 0; i < b->n; i++)
		if (b->wants[i] == what)
			return 1;
	return 0;
}

static int
has_fresh_work(const struct graph_budget *b)
{
	for (unsigned i = 0; i < b->n; i++)
		if (b->fresh[i])
			return 1;
	return 0;
}

int64_t
graph_budget_wait(const struct graph_budget *b, int64_t now_ms)
{
	int64_t	 at;
	int	 fresh = wanted(b, WANT_FRESH);

	if (!fresh && !wanted(b, WANT_AGAIN))
		return -1;
	first_free(b, &at);
	if (at < b->gate_ms)
		at = b->gate_ms;
	if (!fresh && has_fresh_work(b) && at < b->again_ms)
		at = b->again_ms;
	return at > now_ms ? at - now_ms : 0;
}

/* Each request for re-reading takes three requests' time. */
static void
pay(struct graph_budget *b, int64_t now_ms)
{
	int64_t	 cost = 3 * b->per_ms / b->most;

	if (b->again_ms < now_ms - cost)		/* what was not used is worth one request */
		b->again_ms = now_ms - cost;
	b->again_ms += cost;
}

int
graph_budget_next(struct graph_budget *b, int64_t now_ms, unsigned *slot)
{
	int	 barred = has_fresh_work(b) && now_ms < b->again_ms;
	int64_t	 at;

	if (graph_budget_wait(b, now_ms) != 0)
		return -1;
	for (unsigned i = 0; i < b->n; i++) {
		unsigned	 k = (b->turn + i) % b->n;

		if (b->wants[k] == WANT_NOTHING || (b->wants[k] == WANT_AGAIN && barred))
			continue;
		*slot = first_free(b, &at);
		b->slots[*slot] = (struct graph_slot){ .sent_ms = now_ms, .used = 1 };
		if (b->wants[k] == WANT_AGAIN)
			pay(b, now_ms);
		b->wants[k] = WANT_NOTHING;
		b->turn = (k + 1) % b->n;
		return (int)k;
	}
	return -1;
}

void
graph_budget_landed(struct graph_budget *b, unsigned slot, int64_t now_ms)
{
	if (b->slots[slot].landed_ms == 0)
		b->slots[slot].landed_ms = now_ms;
}
