/*
 * counters - named numbers: a hash table over (counter, labels) that doubles when it is full.
 *
 * Labels may hold what a server said (a code), so their number and length are capped: past the cap a counter goes on
 * under the label "other", and no count is lost.
 */
#include "base/counters.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"

#define SLOTS_MIN	256
#define VALUES_MAX	200000		/* 1,000 tenants with 15 feeds and a dozen counters */
#define LABEL_MAX	128

struct value {
	struct value	*next;
	enum counter	 id;
	char		*label[3];
	uint64_t	 hash;
	uint64_t	 n;
};

static const struct counter_info infos[] = {
#define X(id, name, labels, help) [id] = { name, labels, help },
	COUNTERS(X)
#undef X
};

static struct value	**slots;		/* n_slots lists; a power of two */
static size_t		 n_slots, n_values;
static uint64_t		 sums[C_COUNT];

static uint64_t
hash_of(enum counter id, const char *const label[3])
{
	uint64_t	 h = (uint64_t)id;

	for (int i = 0; i < 3; i++)
		h = hash64(label[i], strlen(label[i]), h);
	return h;
}

static struct value *
find(enum counter id, const char *const label[3], uint64_t h)
{
	struct value	*v;

	for (v = n_slots > 0 ? slots[h & (n_slots - 1)] : NULL; v != NULL; v = v->next)
		if (v->hash == h && v->id == id && strcmp(v->label[0], label[0]) == 0 && strcmp(v->label[1], label[1]) == 0 &&
		    strcmp(v->label[2], label[2]) == 0)
			break;
	return v;
}

static void
enter(struct value **table, size_t n, struct value *v)
{
	struct value	**slot = &table[v->hash & (n - 1)];

	v->next = *slot;
	*slot = v;
}

static void
grow(void)
{
	size_t		  n = n_slots > 0 ? n_slots * 2 : SLOTS_MIN;
	struct value	**fresh = xcalloc(n, sizeof(struct value *));

	for (size_t i = 0; i < n_slots; i++) {
		for (struct value *v = slots[i], *next; v != NULL; v = next) {
			next = v->next;
			enter(fresh, n, v);
		}
	}
	free(slots);
	slots = fresh;
	n_slots = n;
}

static struct value *
new_value(enum counter id, const char *const label[3], uint64_t h)
{
	struct value	*v = xcalloc(1, sizeof(*v));

	v->id = id;
	v->hash = h;
	for (int i = 0; i < 3; i++)
		v->label[i] = xstrdup(label[i]);
	if (n_values >= n_slots)
		grow();
	enter(slots, n_slots, v);
	n_values++;
	return v;
}

static const char *
label_of(const char *s)
{
	if (s == NULL)
		return "";
	return strnlen(s, LABEL_MAX + 1) <= LABEL_MAX ? s : "other";
}

void
count(enum counter id, uint64_t n, const char *l1, const char *l2, const char *l3)
{
	static const char *const	 other[3] = { "other", "other", "other" };
	const char *const		 given[3] = { label_of(l1), label_of(l2), label_of(l3) }, *const *label = given;
	uint64_t			 h = hash_of(id, label);
	struct value			*v = find(id, label, h);

	if (v == NULL && n_values >= VALUES_MAX) {
		label = other;
		h = hash_of(id, label);
		v = find(id, label, h);
	}
	if (v == NULL)
		v = new_value(id, label, h);
	v->n += n;
	sums[id] += n;
}

uint64_t
counter_get(enum counter id, const char *l1, const char *l2, const char *l3)
{
	const char *const	 label[3] = { label_of(l1), label_of(l2), label_of(l3) };
	const struct value	*v = find(id, label, hash_of(id, label));

	return v != NULL ? v->n : 0;
}

uint64_t
counter_sum(enum counter id)
{
	return sums[id];
}

const struct counter_info *
counter_info(enum counter id)
{
	return &infos[id];
}

static int
by_order(const void *a, const void *b)
{
	const struct value	*x = *(struct value *const *)a, *y = *(struct value *const *)b;
	int			 d = (int)x->id - (int)y->id;

	for (int i = 0; i < 3 && d == 0; i++)
		d = strcmp(x->label[i], y->label[i]);
	return d;
}

void
counters_each(void (*fn)(void *, enum counter, const char *, const char *, const char *, uint64_t), void *arg)
{
	struct value	**all = xcalloc(n_values, sizeof(struct value *));
	size_t		  n = 0;

	for (size_t i = 0; i < n_slots; i++)
		for (struct value *v = slots[i]; v != NULL; v = v->next)
			all[n++] = v;
	if (n > 0)
		qsort(all, n, sizeof(struct value *), by_order);
	for (size_t i = 0; i < n; i++)
		fn(arg, all[i]->id, all[i]->label[0], all[i]->label[1], all[i]->label[2], all[i]->n);
	free(all);
}

void
counters_clear(void)
{
	for (size_t i = 0; i < n_slots; i++) {
		for (struct value *v = slots[i], *next; v != NULL; v = next) {
			next = v->next;
			for (int k = 0; k < 3; k++)
				free(v->label[k]);
			free(v);
		}
	}
	free(slots);
	slots = NULL;
	n_slots = n_values = 0;
	memset(sums, 0, sizeof(sums));
}
