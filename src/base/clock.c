/*
 * clock - the only source of time: the machine's clocks.
 */
#include "base/clock.h"

#include <time.h>

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

int64_t
clock_real_us(int64_t ms)
{
	return ms * 1000;
}
