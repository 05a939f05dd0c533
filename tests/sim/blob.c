/*
 * blob - the tenant's content: which blobs there are, and what is in them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blob.h"
#include "element.h"
#include "when.h"

#define SALT_REPEAT 0x72657065u
#define SALT_SIZE   0x73697a65u
#define SALT_TIME   0x74696d65u

static const unsigned share[NCONTENT] = { 42, 23, 17, 13, 5 };	/* of 100 records */

enum content
blobs_draw_content(struct rng *r)
{
	uint32_t	 n = rng_below(r, 100);
	int		 c;

	for (c = 0; c < NCONTENT - 1 && n >= share[c]; c++)
		n -= share[c];
	return (enum content)c;
}

static int
later(const struct blob *a, const struct blob *b)
{
	return a->created != b->created ? a->created > b->created : a->number > b->number;
}

static void
append(struct blob ***list, size_t *n, struct blob *b)
{
	if (*n % 256 == 0)
		*list = sim_grow(*list, *n + 256, sizeof(**list));
	(*list)[(*n)++] = b;
}

/* Gives the blob its number and its place in the listing. */
static void
enter(struct blobs *s, struct blob *b)
{
	struct blob	**list;
	size_t		  at;

	append(&s->all, &s->n, b);
	b->number = (uint32_t)s->n;
	b->born = b->created;
	if (b->created < s->hold_until[b->content])
		b->created = s->hold_until[b->content];
	b->expires = b->created + s->opt->expiry_days * DAY_MS;
	append(&s->listing[b->content], &s->nlisting[b->content], b);
	list = s->listing[b->content];
	for (at = s->nlisting[b->content] - 1; at > 0 && later(list[at - 1], b); at--)
		list[at] = list[at - 1];
	list[at] = b;
	if (b->kind == BLOB_SLOTS)
		append(&s->slots[b->content], &s->nslots[b->content], b);
	s->records += b->records;
}

static struct blob *
blob_new(enum blob_kind kind, enum content content, uint32_t records, int64_t created)
{
	struct blob	*b = sim_alloc(1, sizeof(*b));

	b->kind = kind;
	b->content = content;
	b->records = records;
	b->created = created;
	return b;
}

struct blob *
blobs_live(struct blobs *s, enum content content, uint32_t records)
{
	struct blob	*b = blob_new(BLOB_SLOTS, content, records, when_now());

	b->slot = s->next_slot[content];
	s->next_slot[content] += records;
	enter(s, b);
	return b;
}

/* --- the history there is at the start --- */

struct heap {
	struct blob	**blobs;
	size_t		  n;
};

static void
heap_add(struct heap *h, struct blob *b)
{
	append(&h->blobs, &h->n, b);
}

/* The i-th of n times within the days asked for; ascending in i. */
static int64_t
spread(const struct opt *o, size_t i, size_t n, uint64_t salt, int64_t now)
{
	int64_t	 newest = now - 2 * MINUTE_MS, oldest = now - (int64_t)(o->days * (double)DAY_MS);
	int64_t	 margin = 20 * MINUTE_MS;
	double	 at = ((double)i + (double)(rng_mix(salt, i) >> 11) / 9007199254740992.0) / (double)n;

	if (newest - oldest < 4 * margin)
		margin = (newest - oldest) / 8;
	oldest += margin;
	if (newest <= oldest)
		return newest - (int64_t)(n - i);
	if (o->contentcreated_spread[0] == 'r')
		at = 1 - (1 - at) * (1 - at);
	else if (o->contentcreated_spread[0] == 'b')
		at = (double)(int)(at * 6) / 6 + at / 600;
	return oldest + (int64_t)(at * (double)(newest - oldest));
}

static void
plan_generated(struct blobs *s, struct heap *h, int64_t now)
{
	const struct opt	*o = s->opt;
	uint64_t		 seed = (uint64_t)o->seed;
	int			 c;

	for (c = 0; c < NCONTENT; c++) {
		int64_t		 left = o->records * share[c] / 100;
		size_t		 first = h->n, i;
		struct rng	 r = { rng_mix(rng_mix(seed, SALT_SIZE), (uint64_t)c) };

		if (c == EXCHANGE)
			for (i = 0, left = o->records; i < NCONTENT; i++)
				left -= i == EXCHANGE ? 0 : o->records * share[i] / 100;
		while (left > 0) {
			int64_t		 size = 1 + rng_below(&r, (uint32_t)(2 * o->blob_size - 1));
			struct blob	*b;

			size = size < left ? size : left;
			b = blob_new(BLOB_SLOTS, (enum content)c, (uint32_t)size, 0);
			b->slot = s->next_slot[c];
			s->next_slot[c] += (uint64_t)size;
			left -= size;
			heap_add(h, b);
		}
		for (i = first; i < h->n; i++)
			h->blobs[i]->created = spread(o, i - first, h->n - first,
			    rng_mix(rng_mix(seed, SALT_TIME), (uint64_t)c), now);
		s->history[c] = s->next_slot[c];
	}
}

static int
map_file(const char *path, const char **bytes, size_t *len)
{
	struct stat	 st;
	int		 fd = open(path, O_RDONLY | O_CLOEXEC);
	void		*p;

	*bytes = "";
	*len = 0;
	if (fd == -1 || fstat(fd, &st) == -1) {
		perror(path);
		if (fd != -1)
			close(fd);
		return -1;
	}
	if (st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p == MAP_FAILED) {
			perror(path);
			close(fd);
			return -1;
		}
		*bytes = p;
		*len = (size_t)st.st_size;
	}
	close(fd);
	return 0;
}

struct lines {
	struct element	*items;
	size_t		 n, room;
};

static void
lines_add(struct lines *l, const struct element *e)
{
	if (l->n == l->room) {
		l->room = l->room ? l->room * 2 : 256;
		l->items = sim_grow(l->items, l->room, sizeof(*l->items));
	}
	l->items[l->n++] = *e;
}

static void
plan_lines(struct blobs *s, struct heap *h, enum content c, const struct lines *l, int64_t now)
{
	size_t	 first = h->n, from = 0, to, i;

	/* A line whose brackets do not balance spoils its blob: it gets one of its own. */
	while (from < l->n) {
		struct blob	*b;

		to = from + 1;
		while (l->items[from].balanced && to < l->n && l->items[to].balanced &&
		    to - from < (size_t)s->opt->blob_size)
			to++;
		b = blob_new(BLOB_ELEMENTS, c, (uint32_t)(to - from), 0);
		b->elements = l->items + from;
		heap_add(h, b);
		from = to;
	}
	for (i = first; i < h->n; i++)
		h->blobs[i]->created = spread(s->opt, i - first, h->n - first,
		    rng_mix((uint64_t)s->opt->seed, (uint64_t)c + 500), now);
}

static int
plan_events(struct blobs *s, struct heap *h, int64_t now)
{
	static struct lines	 of[NCONTENT];
	size_t			 f, len, used;
	const char		*at;
	int			 c;

	for (f = 0; f < s->opt->events.n; f++) {
		if (map_file(s->opt->events.items[f], &at, &len) == -1)
			return -1;
		for (; len > 0; at += used, len -= used) {
			const char	*nl = memchr(at, '\n', len);
			struct element	 e;

			used = nl != NULL ? (size_t)(nl - at) + 1 : len;
			e.at = at;
			e.len = nl != NULL ? used - 1 : used;
			if (e.len > 0 && e.at[e.len - 1] == '\r')
				e.len--;
			if (e.len == 0)
				continue;
			element_judge(&e, (size_t)s->opt->record_limit);
			lines_add(&of[element_content(&e)], &e);
		}
	}
	for (c = 0; c < NCONTENT; c++)
		plan_lines(s, h, (enum content)c, &of[c], now);
	return 0;
}

static int
by_created(const void *a, const void *b)
{
	const struct blob	*x = *(struct blob *const *)a, *y = *(struct blob *const *)b;

	return x->created < y->created ? -1 : x->created > y->created ? 1 : (int)x->content - (int)y->content;
}

static void
plan_big(struct blobs *s, double mib, size_t filler, int64_t created)
{
	struct blob	*b = blob_new(BLOB_BIG, (enum content)(s->n % 3), 100, created);
	struct text	 t = { NULL, 0, 0 };
	struct plan	 p;
	uint32_t	 i;

	b->number = (uint32_t)s->n + 1;
	for (i = 0; i < 400; i++) {
		blob_plan(s, b, i, &p);
		record_write(&t, &p, &s->tenant);
	}
	if (mib > 0)
		b->records = 1 + (uint32_t)(mib * 1048576.0 / ((double)t.len / 400 + 1));
	if (filler > 0 && b->records < 4)
		b->records = 4;
	b->filler = filler;
	text_clear(&t);
	enter(s, b);
}

int
blobs_init(struct blobs *s, const struct opt *o)
{
	struct heap	 h = { NULL, 0 };
	int64_t		 now = when_now();
	size_t		 i, big = o->big_blob.n;

	memset(s, 0, sizeof(*s));
	s->opt = o;
	s->tenant = (struct tenant){ o->tenant, o->domain };
	if (!o->events_only)
		plan_generated(s, &h, now);
	if (plan_events(s, &h, now) == -1)
		return -1;
	if (h.n > 0)
		qsort(h.blobs, h.n, sizeof(*h.blobs), by_created);
	for (i = 0; i < h.n; i++)
		enter(s, h.blobs[i]);
	free(h.blobs);
	for (i = 0; i < big; i++)
		plan_big(s, strtod(o->big_blob.items[i], NULL),
		    i + 1 == big ? (size_t)o->big_record << 20 : 0, now - 5 * MINUTE_MS + (int64_t)i * SECOND_MS);
	if (big == 0 && o->big_record > 0)
		plan_big(s, 0, (size_t)o->big_record << 20, now - 5 * MINUTE_MS);
	return 0;
}

/* --- blobs that faults add --- */

void
blobs_bomb(struct blobs *s, double mib, int64_t created)
{
	struct blob	*b = blob_new(BLOB_SPACES, GENERAL, 0, created);

	b->filler = (size_t)(mib * 1048576.0);
	enter(s, b);
	b = blob_new(BLOB_NEST, GENERAL, 1, created + 1);
	b->filler = 4u << 20;
	enter(s, b);
}

static void
add_copy(struct blobs *s, struct lines *l, const struct text *t)
{
	struct element	 e = { .at = sim_copy(t->bytes, t->len), .len = t->len };

	element_judge(&e, (size_t)s->opt->record_limit);
	lines_add(l, &e);
}

void
blobs_bad_elements(struct blobs *s, int rounds, int64_t created)
{
	struct lines	 l = { NULL, 0, 0 };
	struct text	 t = { NULL, 0, 0 };
	struct blob	*b = blob_new(BLOB_ELEMENTS, GENERAL, 0, created);
	struct plan	 p;
	int		 i, k;

	for (i = 0; i < rounds; i++) {
		for (k = 0; k < bad_element_count(); k++) {
			plan_new(&p, rng_mix((uint64_t)s->opt->seed, s->n + 1000), GENERAL, (uint64_t)(i * 100 + k), created,
			    0);
			text_reset(&t);
			record_write(&t, &p, &s->tenant);
			add_copy(s, &l, &t);
			text_reset(&t);
			bad_element(&t, k);
			add_copy(s, &l, &t);
		}
	}
	text_clear(&t);
	b->elements = l.items;
	b->records = (uint32_t)l.n;
	enter(s, b);
}

/* --- what is in a blob --- */

static const struct blob *
blob_of_slot(const struct blobs *s, enum content c, uint64_t slot)
{
	size_t	 lo = 0, hi = s->nslots[c];

	while (hi - lo > 1) {
		size_t	 mid = (lo + hi) / 2;

		if (s->slots[c][mid]->slot <= slot)
			lo = mid;
		else
			hi = mid;
	}
	return s->slots[c][lo];
}

/* A repeat stands for an earlier slot, seldom of another content type; that may be a repeat again. */
static unsigned
original(const struct blobs *s, enum content *c, uint64_t *slot)
{
	unsigned	 change = 0;
	uint64_t	 seed = rng_mix((uint64_t)s->opt->seed, SALT_REPEAT);

	for (;;) {
		struct rng	 r = { rng_mix(rng_mix(seed, (uint64_t)*c), *slot) };
		uint64_t	 back, was = *slot;

		if (*slot == 0 || !rng_percent(&r, s->opt->dups))
			return change;
		back = rng_below(&r, 4) == 0 ? 5000 : 40;
		*slot -= 1 + rng_below(&r, (uint32_t)(*slot < back ? *slot : back));
		if (rng_below(&r, 10) == 0)
			change = 1 + rng_below(&r, 1000);
		if (*c != EXCHANGE && *slot < s->history[EXCHANGE] && was < s->history[*c] && rng_below(&r, 20) == 0)
			*c = EXCHANGE;
	}
}

void
blob_plan(const struct blobs *s, const struct blob *b, uint32_t ordinal, struct plan *p)
{
	uint64_t	 seed = (uint64_t)s->opt->seed, slot = b->slot + ordinal;
	enum content	 c = b->content;
	unsigned	 change;

	if (b->kind == BLOB_BIG) {
		plan_new(p, seed, c, ((uint64_t)b->number << 40) + ordinal, b->born, 0);
		if (b->filler > 0 && (ordinal == b->records / 3 || ordinal == b->records / 3 * 2))
			plan_giant(p, b->filler, ordinal != b->records / 3);
		return;
	}
	change = original(s, &c, &slot);
	plan_new(p, seed, c, slot, blob_of_slot(s, c, slot)->born, s->opt->odd);
	p->change = change;
}

void
blob_duty(const struct blobs *s, const struct blob *b, uint32_t ordinal, struct duty *d)
{
	struct plan	 p;

	memset(d, 0, sizeof(*d));
	if (b->kind == BLOB_ELEMENTS) {
		const struct element	*e = &b->elements[ordinal];

		d->key = e->key;
		d->named = e->named;
		d->marked = e->marked;
		d->dead = !e->sound;
		d->digest = (uint32_t)hash64(e->at, e->len, 5);
	} else if (b->kind == BLOB_SLOTS || b->kind == BLOB_BIG) {
		blob_plan(s, b, ordinal, &p);
		d->key = plan_key(&p);
		d->named = p.has_id;
		d->marked = !p.has_id;
		d->dead = p.filler > 0 && p.filler + 2000 > (size_t)s->opt->record_limit;
		d->digest = p.change;
	} else {
		d->key = key_bytes('n', &b->number, sizeof(b->number));
		d->dead = 1;
	}
}

void
blob_name(const struct blobs *s, const struct blob *b, uint32_t ordinal, struct text *t)
{
	struct plan	 p;

	if (b->kind == BLOB_SLOTS || b->kind == BLOB_BIG) {
		blob_plan(s, b, ordinal, &p);
		text_adds(t, p.has_id ? p.id : p.marker);
	} else {
		text_addf(t, "blob %u element %u", b->number, ordinal);
		if (b->kind == BLOB_ELEMENTS)
			element_name(&b->elements[ordinal], t);
	}
}

/* --- content ids: begin, end with the blob's number in its last digits, content type, and where it lies --- */

void
blob_id(const struct blob *b, struct text *t)
{
	when_digits(t, b->created - 603123);
	text_addf(t, "%06u$", (unsigned)(rng_mix(b->number, 9) % 1000000));
	when_digits(t, b->created);
	text_addf(t, "%06u$%s$na0030$na0030", b->number, content_blob[b->content]);
}

int
blob_find(const struct blobs *s, const char *id, struct blob **b)
{
	const char	*second = strchr(id, '$');
	struct text	 t = { NULL, 0, 0 };
	unsigned long	 number;
	int		 dollars = 0, same;
	const char	*c;

	for (c = id; *c != '\0'; c++)
		dollars += *c == '$';
	if (dollars != 5 || second == NULL || second - id != 23 || strspn(id, "0123456789") != 23 ||
	    strspn(second + 1, "0123456789") < 23)
		return -1;
	number = strtoul(second + 1 + 17, NULL, 10);
	if (number == 0 || number > s->n)
		return -2;
	*b = s->all[number - 1];
	blob_id(*b, &t);
	same = strcmp(t.bytes, id) == 0;
	text_clear(&t);
	return same ? 0 : -2;
}
