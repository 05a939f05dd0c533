/*
 * selftest - m365sim --selftest: do generator, scanner, gzip and oracle agree with each other?
 */
#ifndef SIM_SELFTEST_H
#define SIM_SELFTEST_H

#include "opt.h"

int	 selftest(const struct opt *);		/* the exit code */

#endif
