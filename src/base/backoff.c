/*
 * backoff - how long to wait before trying again.
 */
#include "base/backoff.h"
#include "base/wraps.h"

#include <limits.h>
#include <sys/random.h>
#include <time.h>

#define RETRY_AFTER_MIN	((int64_t)1000)
#define RETRY_AFTER_MAX	((int64_t)3600 * 1000)

WRAPS uint64_t
rnd(void)
{
	static _Thread_local uint64_t	 state;
	uint64_t			 z;

	if (state == 0 && getrandom(&state, sizeof(state), GRND_NONBLOCK) != sizeof(state))
		state = (uint64_t)time(NULL);
	z = state += 0x9e3779b97f4a7c15u;		/* splitmix64 */
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

void
backoff_init(struct backoff *b, int64_t first_ms, int64_t max_ms)
{
	b->first_ms = first_ms;
	b->max_ms = max_ms;
	b->tries = 0;
}

void
backoff_reset(struct backoff *b)
{
	b->tries = 0;
}

int64_t
backoff_step(int64_t first_ms, int64_t max_ms, unsigned n)
{
	if (first_ms < 1)
		first_ms = 1;
	for (; n > 0 && first_ms < max_ms; n--)
		first_ms = first_ms > max_ms / 2 ? max_ms : first_ms * 2;
	return first_ms < max_ms || max_ms < 1 ? first_ms : max_ms;
}

int64_t
backoff_next(struct backoff *b, int64_t retry_after_ms)
{
	int64_t	 top = backoff_step(b->first_ms, b->max_ms, b->tries), pause;

	if (b->tries < UINT_MAX)
		b->tries++;
	pause = 1 + (int64_t)(rnd() % (uint64_t)top);
	if (retry_after_ms < 0)
		return pause;
	if (retry_after_ms < RETRY_AFTER_MIN)
		retry_after_ms = RETRY_AFTER_MIN;
	if (retry_after_ms > RETRY_AFTER_MAX)
		retry_after_ms = RETRY_AFTER_MAX;
	return retry_after_ms + pause / 4;
}
