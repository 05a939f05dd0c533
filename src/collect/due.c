/*
 * due - which blob is next: rows of the ledger that are due, a few at a time, feeds in turn.
 *
 * The store is asked when a feed has used up what it knew, and not again before something new can be there: new rows
 * (due_news), a pause that ends (due_in), or RECHECK_MS for what an earlier run left behind.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "collect/mgmt.h"

#define RECHECK_MS	((int64_t)15 * 1000)
#define DUE_MAX		32u

static void
due_known(void *arg, struct store_result *r)
{
	struct feed	*f = arg;

	f->asking = 0;
	if (r->fail == STORE_BROKEN) {
		mgmt_broken(f->m, r);
		return;
	}
	if (f->m->source.stopped)
		return;
	for (size_t i = f->at_due; i < f->n_due; i++)
		blob_row_clear(&f->due[i]);
	f->due = xreallocarray(f->due, r->n_blobs + 1, sizeof(*f->due));
	f->n_due = f->at_due = 0;
	for (size_t i = 0; i < r->n_blobs; i++) {
		if (fetch_in_flight(f->m, &r->blobs[i]))
			continue;
		f->due[f->n_due++] = r->blobs[i];
		memset(&r->blobs[i], 0, sizeof(r->blobs[i]));
	}
	f->dry = f->n_due == 0;
	if (f->dry)
		f->recheck_ms = clock_mono_ms() + RECHECK_MS;
	fetch_more(f->m);
}

static void
look(struct feed *f)
{
	int64_t	 now = clock_mono_ms();

	if (f->asking || f->at_due < f->n_due || (f->dry && now < f->recheck_ms))
		return;
	f->asking = 1;
	store_next(f->m->c->store, f->number, clock_wall_ms(), DUE_MAX + f->m->n_fetches, due_known, f);
}

struct feed *
due_feed(struct mgmt *m)
{
	for (size_t i = 0; i < m->n_feeds; i++) {
		struct feed	*f = &m->feeds[(m->turn + i) % m->n_feeds];

		look(f);
		if (f->at_due < f->n_due) {
			m->turn = (m->turn + i + 1) % m->n_feeds;
			return f;
		}
	}
	return NULL;
}

void
due_in(struct feed *f, int64_t ms)
{
	if (f->recheck_ms > clock_mono_ms() + ms)
		f->recheck_ms = clock_mono_ms() + ms;
}

void
due_news(struct feed *f)
{
	f->dry = 0;
	fetch_more(f->m);
}
