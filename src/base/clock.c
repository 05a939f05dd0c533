/*
 * clock - the only source of time.
 */
#include "base/clock.h"

#include <time.h>

#define JUMP_MS ((int64_t)10 * 60 * 1000)

static struct {
	int		 heard;
	int64_t		 less_ms;	/* servers' time less the monotonic clock */
	int		 doubted;	/* the last Date was far off what we believed */
	int64_t		 doubt_ms;
} server;

static int64_t
read_clock(clockid_t which)
{
	struct timespec	 t;

	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
clock_mono_ms(void)
{
	return read_clock(CLOCK_BOOTTIME);	/* goes on while the host sleeps */
}

int64_t
clock_wall_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
clock_cpu_us(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

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
