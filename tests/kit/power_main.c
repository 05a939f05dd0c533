/*
 * power_main - the forwarder on a disk whose power is cut (tests/unit/power.h).
 *
 * M365FWD_POWER=CHANGES:SEED:DIRECTORY. With the n-th change below the directory the process ends (99), and the directory holds what a
 * disk would after a power cut. CHANGES 0: it never comes. M365FWD_POWER_LIES: flushes do nothing. M365FWD_FAULT: as power_fault().
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/power.h"

static void	begin(void) __attribute__((constructor));

static void
begin(void)
{
	const char	*what = getenv("M365FWD_POWER");
	const char	*fault = getenv("M365FWD_FAULT");
	char		 dir[400];
	long		 changes;
	uint64_t	 seed;

	if (what == NULL || sscanf(what, "%ld:%" SCNu64 ":%399s", &changes, &seed, dir) != 3)
		return;
	power_on(dir);
	power_kills(seed);
	power_cut_after(changes);
	if (getenv("M365FWD_POWER_LIES") != NULL)
		power_flushes(0);
	if (fault != NULL && power_fault(fault) == -1)
		abort();
}
