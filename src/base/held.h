/*
 * held - which record each worker is at, so that one that kills the process twice in a row can be told.
 *
 * A small file in the state directory, mapped: a worker writes there which record it takes up, and when the process dies of
 * SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGABRT raised by that worker, the handler notes it. The next held_open reads it: the
 * same record for the same output twice in a row is poison there from then on. SIGKILL, a power cut and signals that somebody sent never count. Another
 * version of the program starts anew, since it may be mended.
 *
 * Fails:  without the file (no room for its 4 KiB, say) everything works, but nothing is remembered.
 * Belongs: held_at and held_none to any thread, the rest to the loop thread.
 */
#ifndef BASE_HELD_H
#define BASE_HELD_H

#include "base/err.h"
#include "base/record.h"

int	 held_open(const char *dir, const char *version, struct err *);
void	 held_close(void);
void	 held_for(int output);			/* what the calling thread takes up from now on is for this one */
void	 held_at(const struct record *);	/* it works on it ... */
void	 held_none(void);			/* ... and is through with it */
/* NULL: no; or the signal's name: it has killed the process twice in a row. */
const char *held_poison(const struct record *, int output);

#endif
