/*
 * busy - a small table of requests that were throttled and did not get through yet.
 */
#include "collect/busy.h"

#include <string.h>

#include "base/hash.h"

#define ALONE 2u		/* so often others got through between its refusals */

static uint64_t
hash(const char *who)
{
	return hash64(who, strlen(who), 0) | 1;
}

static struct busy_one *
find(struct busy *b, const char *who)
{
	uint64_t	 h = hash(who);

	for (size_t i = 0; i < BUSY_MAX; i++)
		if (b->ones[i].who == h)
			return &b->ones[i];
	return NULL;
}

void
busy_passed(struct busy *b, const char *who)
{
	struct busy_one	*one = who != NULL ? find(b, who) : NULL;

	b->passed++;
	if (one != NULL)
		one->who = 0;
}

int
busy_alone(struct busy *b, const char *who)
{
	struct busy_one	*one = find(b, who);

	if (one == NULL) {
		b->ones[b->next] = (struct busy_one){ hash(who), 0, b->passed };
		b->next = (b->next + 1) % BUSY_MAX;
		return 0;
	}
	if (b->passed == one->passed)
		return 0;
	one->passed = b->passed;
	return ++one->times >= ALONE;
}
