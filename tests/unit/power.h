/*
 * power - a disk whose power can be cut: what was written and not flushed may be gone, torn, or have come in another order.
 *
 * It lies under the C library's file calls, which it takes over for the whole test program (SQLite's own calls come here,
 * too): the real unix VFS, the real archive code and the real store run above it, in one directory. What was
 * flushed (fsync, fdatasync) is kept apart from what was only written. A file that was made or removed is sure when its directory
 * was flushed, and not before. Every change is a moment at which the power may go: it is then done whole, in part or not at all,
 * and whatever comes after it fails with EIO, until power_back() has settled what the disk holds.
 *
 * What is modelled: each sector (512 or 4096 bytes) of an unflushed write reached the disk or did not, by itself, whatever the
 * order of the writes, and holds what it held at some moment between the last flush and the cut; the one that was being written may
 * hold a part, or rubbish, but only in the bytes that were being written (SQLite's "powersafe overwrite", which it assumes of disks);
 * sizes and directory entries came through up to some moment.
 */
#ifndef TESTS_POWER_H
#define TESTS_POWER_H

#include <stdint.h>

#define POWER_EXIT	99

void	 power_on(const char *dir);		/* what is in it now is safe; all that happens below it counts from now on */
void	 power_off(void);			/* nothing is watched any more */
void	 power_cut_after(long changes);		/* the n-th change from now on is the last; 0: none is */
void	 power_kills(uint64_t seed);		/* the cut settles what the disk holds, and ends the process with POWER_EXIT */
int	 power_is_out(void);
long	 power_changes(void);			/* since power_cut_after */
void	 power_flushes(int honest);		/* 0: the disk says yes to a flush, and does nothing */
/*
 * "write:5:3:state.db-wal": from the third on, each write to files whose names end so fails with this errno; also flush, read, open.
 * "flush:5:3:state.db:once": only that one, as the kernel reports a failed flush once.
 */
int	 power_fault(const char *what);		/* -1: it makes no sense */
void	 power_back(uint64_t seed);		/* all descriptors must be closed by now */

#endif
