/*
 * filecheck - reads every *.ndjson.gz under a folder and tells the oracle what is there.
 *
 * Nothing is tolerated: a cut member, a line without its end and a line that is no JSON object count as torn.
 */
#ifndef SIM_FILECHECK_H
#define SIM_FILECHECK_H

#include "oracle.h"

struct filecheck {
	uint64_t	 files, members, bytes, lines, torn;
	struct text	 torn_where;		/* JSON list without its brackets */
};

int	 filecheck_run(struct filecheck *, struct oracle *, const char *folder);	/* -1: errno */

#endif
