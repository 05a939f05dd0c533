/*
 * clock_heard - the servers' time, by their Date headers, and what follows from it.
 *
 * Apart from clock.c, so that a test may bring clocks of its own and keep this.
 */
#include "base/clock.h"

#define JUMP_MS ((int64_t)10 * 60 * 1000)

static struct {
	int		 heard;
	int64_t		 less_ms;	/* servers' time less the monotonic clock */
	int		 doubted;	/* the last Date was far off what we believed */
	int64_t		 doubt_ms;
} server;

static int
far(int64_t a, int64_t b)
{
	return a - b > JUMP_MS || b - a > JUMP_MS;
}

/* One odd Date among many is a broken proxy; two in a row are the truth. */
void
clock_heard(int64_t server_ms)
{
	int64_t	 less = server_ms - clock_mono_ms();

	if (server_ms <= 0)
		return;			/* a Date that could not be read */
	if (server.heard && far(less, server.less_ms) && !(server.doubted && !far(less, server.doubt_ms))) {
		server.doubted = 1;
		server.doubt_ms = less;
		return;
	}
	server.heard = 1;
	server.doubted = 0;
	server.less_ms = less;
}

int64_t
clock_judge_ms(void)
{
	return server.heard ? server.less_ms + clock_mono_ms() : 0;
}

int64_t
clock_expiry_ms(void)
{
	return server.heard ? clock_min_ms() : 0;
}

int64_t
clock_skew_ms(void)
{
	return server.heard ? clock_wall_ms() - clock_judge_ms() : 0;
}

int64_t
clock_min_ms(void)
{
	int64_t	 wall = clock_wall_ms(), judge = clock_judge_ms();

	return server.heard && judge < wall ? judge : wall;
}
