/*
 * archive - the files of a file output on disk: <root>/<tenant>/<feed>/<day>/<seq, 6 digits>.ndjson.gz
 *
 * Blocking; called on workers and before the loop runs. Directories are made 0700 and files 0600 whatever the umask;
 * below the root no link is followed. The root's own parent must exist: a mistyped path makes no tree.
 */
#ifndef DELIVER_ARCHIVE_H
#define DELIVER_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#define ARCHIVE_NAME 128
#define ARCHIVE_WHY 400

struct archive_file {
	const char	*root;
	char		 tenant[ARCHIVE_NAME];
	char		 feed[ARCHIVE_NAME];
	char		 day[11];
	uint32_t	 seq;
};

enum archive_end {
	ARCHIVE_OK,
	ARCHIVE_SHORT,		/* the file has fewer bytes than it should: *found; nothing was changed */
	ARCHIVE_FAILED		/* why says which path and which error */
};

/* Only A-Z a-z 0-9 . _ - stay (object stores), everything else becomes '_'; never a hidden name. */
void	 archive_name(char to[ARCHIVE_NAME], const char *from);
/* Cuts the file back to length and syncs it. */
enum archive_end archive_cut(const struct archive_file *, int64_t length, int64_t *found, char why[ARCHIVE_WHY]);
/* The file holds at bytes that count: what is behind them goes, the new bytes are written there and synced, and when
 * at is 0 the directories too. After a failure the file is cut back as well as it can be; the next call does it anyway. */
enum archive_end archive_append(const struct archive_file *, int64_t at, const char *, size_t, int64_t *found,
	    char why[ARCHIVE_WHY]);
/* The highest seq in the day's directory, 0: none. make: as archive_append would, so that every error is a failure; else only the root
 * is made, and no directory below it is 0. */
enum archive_end archive_highest(const struct archive_file *, int make, uint32_t *, char why[ARCHIVE_WHY]);

#endif
