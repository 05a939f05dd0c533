/*
 * owed - gap records on their way into the store.
 */
#include "collect/owed.h"

#include <stdlib.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/xalloc.h"

struct owed {
	struct owed	*next;
	struct owed_list *list;
	struct gap	 gap;
	char		*reason, *detail;
	int		 asked;
};

struct owed_list {
	struct collect	*c;
	struct owed	*first;
	unsigned	 n;
};

struct owed_list *
owed_new(struct collect *c)
{
	struct owed_list	*l = xcalloc(1, sizeof(*l));

	l->c = c;
	return l;
}

static void
gone(struct owed *o)
{
	struct owed	**at = &o->list->first;

	while (*at != o)
		at = &(*at)->next;
	*at = o->next;
	o->list->n--;
	free(o->reason);
	free(o->detail);
	free(o);
}

void
owed_free(struct owed_list *l)
{
	if (l == NULL)
		return;
	while (l->first != NULL)
		gone(l->first);
	free(l);
}

static void
stored(void *arg, struct store_result *r)
{
	struct owed	*o = arg;
	struct collect	*c = o->list->c;

	o->asked = 0;
	if (r->fail == STORE_BROKEN)
		c->on_broken(c->arg, &r->err);
	else if (r->fail == STORE_FULL)
		c->on_full(c->arg);
	else
		gone(o);
}

void
owed_retry(struct owed_list *l)
{
	for (struct owed *o = l->first; o != NULL; o = o->next) {
		if (o->asked)
			continue;
		o->asked = 1;
		store_gap(l->c->store, &o->gap, stored, o);
	}
}

void
owed_gap(struct owed_list *l, const char *label, const char *tenant, const char *name, const struct gap *gap)
{
	struct owed	*o = xcalloc(1, sizeof(*o)), **at = &l->first;

	o->list = l;
	o->gap = *gap;
	o->gap.output = "";
	o->gap.reason = o->reason = xstrdup(gap->reason);
	o->gap.detail = o->detail = xstrdup(gap->detail);
	while (*at != NULL)
		at = &(*at)->next;
	*at = o;
	l->n++;
	count(C_GAPS, 1, tenant, name, gap->reason);
	log_error(gap->reason, "%s: %s; see m365fwd gaps", label, gap->detail);
	owed_retry(l);
}

unsigned
owed_left(const struct owed_list *l)
{
	return l->n;
}
