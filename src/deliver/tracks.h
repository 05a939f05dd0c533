/*
 * tracks - which segment of an archive each feed's day is in. No file and no store is touched here: sink_file does, by what this says.
 *
 * A track is one (feed, UTC day): which segment is open, how many bytes of it count, which number comes next. Segments that are full, an
 * hour old, or from before midnight are sealed: when the next bytes come, or by tracks_look_over. Their rows wait here for the next
 * transaction.
 */
#ifndef DELIVER_TRACKS_H
#define DELIVER_TRACKS_H

#include "base/rfc3339.h"
#include "store/store.h"

#define SEGMENT_AGE_MS	(60 * 60 * 1000)
#define TRACK_DAYS	32		/* a closed track of an older day is forgotten */
#define TRACK_BUCKETS	512
#define SEQ_UNKNOWN	0		/* looked for on the disk before the first byte of that day is written */

struct track {
	struct track	*next;
	int		 feed;
	char		 day[11];
	uint32_t	 seq;		/* of the open segment, or the next one's */
	int		 open;
	int64_t		 length;	/* bytes that count */
	int64_t		 opened_ms;
};

struct tracks {				/* zeroed, but for segment_max */
	int64_t		 segment_max;	/* bytes */
	struct track	*buckets[TRACK_BUCKETS];
	struct segment	*rows;		/* sealed, not yet in a transaction */
	size_t		 n_rows;
	char		 asked_from[RFC3339_SIZE], asked_to[RFC3339_SIZE];	/* the days whose numbers are known: those of the store */
	char		 forgotten[RFC3339_SIZE];	/* the latest day of which a track was forgotten; "": none */
};

void	 tracks_clear(struct tracks *);
struct track *tracks_find(const struct tracks *, int feed, const char *day);			/* NULL: none */
struct track *tracks_add(struct tracks *, int feed, const char *day, uint32_t seq);		/* closed */
/* A segment that was open when we stopped. Of two of one day only the later goes on. */
struct track *tracks_resume(struct tracks *, const struct segment *);
/* Where len bytes go: the open segment, a new one if it is due or has no room. */
struct track *tracks_place(struct tracks *, int feed, const char *day, size_t len, int64_t now_ms);
/* Its file has only so many bytes: it is sealed with these, and a new segment begins. */
void	 tracks_seal_short(struct tracks *, struct track *, int64_t found);
void	 tracks_look_over(struct tracks *, int64_t now_ms);	/* seals what is due; no track_place may wait for its bytes */
struct segment track_row(const struct track *, int sealed);	/* as it is now */
/* The sealed ones' rows, with room for so many more behind them; *n of them are filled. The caller's. NULL: none, and no room asked for. */
struct segment *tracks_take_rows(struct tracks *, size_t more, size_t *n);

#endif
