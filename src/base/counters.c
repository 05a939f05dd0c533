/*
 * counters - named numbers: a small hash table over (counter, labels).
 */
#include "base/counters.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"

#define SLOTS 1024

struct value {
	struct value	*next;
	enum counter	 id;
	char		*label[3];
	uint64_t	 n;
};

static const struct counter_info infos[] = {
#define X(id, name, labels, help) [id] = { name, labels, help },
	COUNTERS(X)
#undef X
};

static struct value	*slots[SLOTS];

static struct value **
find(enum counter id, const char *const label[3])
{
	uint64_t	  h = (uint64_t)id;
	struct value	**at;

	for (int i = 0; i < 3; i++)
		h = hash64(label[i], strlen(label[i]), h);
	for (at = &slots[h % SLOTS]; *at != NULL; at = &(*at)->next)
		if ((*at)->id == id && strcmp((*at)->label[0], label[0]) == 0 && strcmp((*at)->label[1], label[1]) == 0 &&
		    strcmp((*at)->label[2], label[2]) == 0)
			break;
	return at;
}

#define LABELS(l1, l2, l3) \
	(const char *const[3]){ l1 != NULL ? l1 : "", l2 != NULL ? l2 : "", l3 != NULL ? l3 : "" }

void
count(enum counter id, uint64_t n, const char *l1, const char *l2, const char *l3)
{
	const char *const	*label = LABELS(l1, l2, l3);
	struct value		**at = find(id, label), *v;

	if (*at == NULL) {
		v = xcalloc(1, sizeof(*v));
		v->id = id;
		for (int i = 0; i < 3; i++)
			v->label[i] = xstrdup(label[i]);
		*at = v;
	}
	(*at)->n += n;
}

uint64_t
counter_get(enum counter id, const char *l1, const char *l2, const char *l3)
{
	struct value	*v = *find(id, LABELS(l1, l2, l3));

	return v != NULL ? v->n : 0;
}

uint64_t
counter_sum(enum counter id)
{
	uint64_t	 n = 0;

	for (int i = 0; i < SLOTS; i++)
		for (struct value *v = slots[i]; v != NULL; v = v->next)
			if (v->id == id)
				n += v->n;
	return n;
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
	struct value	**all = NULL;
	size_t		 n = 0;

	for (int i = 0; i < SLOTS; i++) {
		for (struct value *v = slots[i]; v != NULL; v = v->next) {
			all = xreallocarray(all, n + 1, sizeof(struct value *));
			all[n++] = v;
		}
	}
	if (n > 0)
		qsort(all, n, sizeof(struct value *), by_order);
	for (size_t i = 0; i < n; i++)
		fn(arg, all[i]->id, all[i]->label[0], all[i]->label[1], all[i]->label[2], all[i]->n);
	free(all);
}

void
counters_clear(void)
{
	for (int i = 0; i < SLOTS; i++) {
		for (struct value *v = slots[i], *next; v != NULL; v = next) {
			next = v->next;
			for (int k = 0; k < 3; k++)
				free(v->label[k]);
			free(v);
		}
		slots[i] = NULL;
	}
}
