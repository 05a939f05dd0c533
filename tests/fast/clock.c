/*
 * clock - in place of src/base/clock.c in m365fwd-fast: the clocks of a simulated tenant, where a week passes in minutes.
 *
 * M365FWD_TEST_CLOCK is "EPOCH_MS:RATE:MONO_MS", as /sim/ready of m365sim says it: when the machine's monotonic clock stood at
 * MONO_MS, it was EPOCH_MS, and since then time has run RATE times as fast. Both clocks run so; CPU time is real.
 * M365FWD_TEST_SKEW names a file with the milliseconds by which this host's wall clock is wrong. It may be rewritten in place
 * (never shortened) while the program runs: the clock jumps.
 */
#include "base/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define SKEW_BYTES 64

static struct {
	int64_t		 epoch_ms, mono_ms;
	double		 rate;
	const char	*skew;		/* NULL: the wall clock is right */
} fast;
static pthread_once_t	 once = PTHREAD_ONCE_INIT;

static int64_t
machine_us(clockid_t which)
{
	struct timespec	 t;

	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static _Noreturn void
unusable(const char *what)
{
	fprintf(stderr, "m365fwd-fast: %s\n", what);
	exit(64);
}

/* The mapping is longer than the file and ends in zeros, so that what is in it is a string. */
static const char *
map_skew(const char *path)
{
	int	 fd = open(path, O_RDONLY | O_CLOEXEC);
	void	*at;

	if (fd == -1 || (at = mmap(NULL, SKEW_BYTES, PROT_READ, MAP_SHARED, fd, 0)) == MAP_FAILED)
		unusable("M365FWD_TEST_SKEW: cannot be read");
	close(fd);
	return at;
}

static void
set_up(void)
{
	const char	*clock = getenv("M365FWD_TEST_CLOCK"), *skew = getenv("M365FWD_TEST_SKEW");
	long long	 epoch_ms, mono_ms;

	if (clock == NULL || sscanf(clock, "%lld:%lf:%lld", &epoch_ms, &fast.rate, &mono_ms) != 3 || fast.rate < 0.001)
		unusable("M365FWD_TEST_CLOCK must be EPOCH_MS:RATE:MONO_MS, see doc/simulator.md");
	fast.epoch_ms = epoch_ms;
	fast.mono_ms = mono_ms;
	if (skew != NULL)
		fast.skew = map_skew(skew);
}

static int64_t
passed_ms(void)
{
	pthread_once(&once, set_up);
	return (int64_t)((double)(machine_us(CLOCK_MONOTONIC) - fast.mono_ms * 1000) * fast.rate / 1000);
}

int64_t
clock_mono_ms(void)
{
	int64_t	 passed = passed_ms();

	return fast.mono_ms + passed;
}

int64_t
clock_wall_ms(void)
{
	int64_t	 passed = passed_ms();

	return fast.epoch_ms + passed + (fast.skew != NULL ? strtoll(fast.skew, NULL, 10) : 0);
}

int64_t
clock_real_us(int64_t ms)
{
	pthread_once(&once, set_up);
	return (int64_t)((double)ms * 1000 / fast.rate) + (fast.rate > 1);	/* a little late, never early */
}

int64_t
clock_cpu_us(void)
{
	return machine_us(CLOCK_PROCESS_CPUTIME_ID);
}
