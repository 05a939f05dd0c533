/*
 * pace - how many requests of an output may be under way.
 */
#include "deliver/pace.h"

#define WELL_EACH 4	/* requests of each that may go, until there is one more */

void
pace_init(struct pace *p, unsigned limit)
{
	*p = (struct pace){ .limit = limit > 0 ? limit : 1 };
	p->now = p->limit;
}

/* What was sent before the last halving says nothing new. */
int
pace_slower(struct pace *p, int64_t sent_ms, int64_t now_ms)
{
	p->well = 0;
	if (p->now == 1 || (p->slowed_ms != 0 && sent_ms <= p->slowed_ms))
		return 0;
	p->now /= 2;
	p->slowed_ms = now_ms;
	return 1;
}

int
pace_faster(struct pace *p)
{
	if (p->now == p->limit || ++p->well < p->now * WELL_EACH)
		return 0;
	p->well = 0;
	p->now++;
	return 1;
}
