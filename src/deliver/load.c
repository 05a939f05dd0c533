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
			l->some_passed |= l->items[i].verdict != V_POISON;
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

	for (i = 0; i < l->n; i++)
		item_clear(&l->items[i]);
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
	return v == V_DELIVERED || v == V_DUPLICATE || v == V_POISON;
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
