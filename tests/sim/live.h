/*
 * live - blobs that appear while the simulator runs, --rate records a second.
 */
#ifndef SIM_LIVE_H
#define SIM_LIVE_H

#include "sim.h"

void	 live_start(struct sim *);

#endif
