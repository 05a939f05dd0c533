/*
 * load - what one slot has taken from the store.
 */
#include "deliver/load.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static void	add_item(struct load *, struct parcel_item *);
static int	is_final(enum verdict);
static void	item_clear(struct parcel_item *);
static int	bit(const uint8_t *, uint32_t);

void
load_add(struct load *l, struct peeked *from, feed_names_fn *names, void *arg)
{
	struct parcel_item	 item = { 0 };
	struct peeked		*b = xcalloc(1, sizeof(*b));
	size_t			 at = 0;
	uint32_t		 pos = 0;

	*b = *from;
	from->content_id = NULL;	/* it is b's now */
	b->done = NULL;
	b->body.bytes = buf_take(&from->body, &b->body.len);
	l->batches = xreallocarray(l->batches, l->n_batches + 1, sizeof(*l->batches));
	l->batches[l->n_batches++] = b;
	if (l->n_batches == 1 || b->stored_ms < l->oldest_ms)
		l->oldest_ms = b->stored_ms;
	l->bytes += b->body.len;
	item.batch = b;
	item.feed = names(arg, b->feed);
	item.unsure_ms = b->sent ? UNSURE_BEFORE : 0;
	while (record_next(b->body.bytes, b->body.len, &at, &item.record) == 1) {
		item.pos = pos++;
		if (bit(from->done, item.pos))
			continue;
		l->large |= item.record.len > LOAD_LARGE;
		add_item(l, &item);
	}
	assert(pos == b->n && at == b->body.len);	/* its checksum was right when the store gave it */
}

void
load_settle(struct load *l, size_t n)
{
	size_t	 i, kept = 0;

	assert(n <= l->n);
	for (i = 0; i < n; i++) {
		item_clear(&l->items[i]);
		if (is_final(l->items[i].verdict)) {
			l->some_passed |= l->items[i].verdict == V_DELIVERED || l->items[i].verdict == V_DUPLICATE;
			free(l->items[i].changed);
			continue;
		}
		l->items[i].verdict = V_NONE;
		l->items[kept++] = l->items[i];
	}
	memmove(l->items + kept, l->items + n, (l->n - n) * sizeof(*l->items));
	l->n -= n - kept;
}

void
load_clear(struct load *l)
{
	size_t	 i;

	for (i = 0; i < l->n; i++) {
		item_clear(&l->items[i]);
		free(l->items[i].changed);
	}
	for (i = 0; i < l->n_batches; i++) {
		buf_clear(&l->batches[i]->body);
		free(l->batches[i]->content_id);
		free(l->batches[i]);
	}
	free(l->batches);
	free(l->items);
	*l = (struct load){ 0 };
}

static void
add_item(struct load *l, struct parcel_item *item)
{
	if (l->n == l->size) {
		l->size = l->size == 0 ? 64 : l->size * 2;
		l->items = xreallocarray(l->items, l->size, sizeof(*l->items));
	}
	l->items[l->n++] = *item;
}

static int
is_final(enum verdict v)
{
	return v == V_DELIVERED || v == V_DUPLICATE || v == V_POISON || v == V_DROPPED;
}

static void
item_clear(struct parcel_item *item)
{
	free(item->reason);
	free(item->reply);
	item->reason = item->reply = NULL;
	item->word = NULL;
	item->suspect = 0;
}

static int
bit(const uint8_t *bits, uint32_t n)
{
	return bits != NULL && (bits[n / 8] >> (n % 8) & 1) != 0;
}

/* ---- sifting -------------------------------------------------------------------------------------------------------- */

/* What is redacted is gone from the record for good: every attempt sends the same bytes. */
static void
redact(struct parcel_item *item, const struct sift *sift, struct sift_scratch *scratch, struct buf *to)
{
	size_t	 len;

	if ((item->redacted = sift_members(sift, scratch, &item->record, to)) == 0)
		return;
	item->changed = buf_take(to, &len);
	item->record.bytes = item->changed;
	item->record.len = len;
}

size_t
load_sift(struct load *l, const struct sift *sift)
{
	static const char *const words[] = { [SIFT_DROP] = "drop", [SIFT_NOT_KEPT] = "keep" };
	struct parcel_item	*sorted = xcalloc(l->n + 1, sizeof(*sorted));
	struct sift_scratch	 scratch = { 0 };
	struct buf		 to = { 0 };
	enum sift_verdict	 verdict;
	size_t			 i, n = 0, kept = 0;

	for (i = 0; i < l->n; i++) {
		verdict = sift_judge(sift, &scratch, l->items[i].feed->feed, &l->items[i].record);
		if (verdict == SIFT_TAKE) {
			redact(&l->items[i], sift, &scratch, &to);
			continue;
		}
		l->items[i].verdict = V_DROPPED;
		l->items[i].word = words[verdict];
		sorted[n++] = l->items[i];
	}
	for (i = 0; i < l->n && n > 0; i++)
		if (l->items[i].verdict != V_DROPPED)
			sorted[n + kept++] = l->items[i];
	if (n > 0)
		memcpy(l->items, sorted, l->n * sizeof(*sorted));
	free(sorted);
	buf_clear(&to);
	sift_scratch_clear(&scratch);
	return n;
}
