/*
 * blob - the tenant's content: which blobs there are, and what is in them.
 *
 * A blob is a row of a few numbers; its records are planned and written when somebody asks. Numbers count from 1, in
 * the order of contentCreated for what is there at the start. Events files are mapped, not copied.
 */
#ifndef SIM_BLOB_H
#define SIM_BLOB_H

#include "opt.h"
#include "record.h"

enum blob_kind {
	BLOB_SLOTS,		/* generated records */
	BLOB_BIG,		/* many generated records, no repeats */
	BLOB_ELEMENTS,		/* lines of an events file, or bad elements */
	BLOB_SPACES,		/* a bomb of white space */
	BLOB_NEST,		/* one element, nested very deep */
};

struct element {
	const char	*at;
	size_t		 len;
	struct key	 key;
	uint8_t		 named;		/* has a usable Id */
	uint8_t		 marked;	/* has none but carries a marker */
	uint8_t		 sound;		/* an object the forwarder must deliver */
	uint8_t		 balanced;
};

struct blob {
	uint32_t	 number;
	enum blob_kind	 kind;
	enum content	 content;
	int64_t		 created, expires;	/* as listings show them */
	int64_t		 born;			/* what the times of its records count from */
	uint64_t	 slot;			/* of the first record */
	uint32_t	 records;
	const struct element *elements;
	size_t		 filler;		/* bytes of white space, depth, or of the two giants' filler */
	/* what became of it */
	uint32_t	 listings, fetches, served;	/* served: complete and sound */
	int		 gone;			/* appeared while its subscription was stopped */
	int		 told_lost;		/* a fetch was told that it is expired, missing or broken */
};

struct blobs {
	const struct opt *opt;
	struct tenant	 tenant;
	struct blob	**all;			/* by number - 1 */
	size_t		 n, room;
	struct blob	**listing[NCONTENT];	/* by created, then number */
	size_t		 nlisting[NCONTENT];
	struct blob	**slots[NCONTENT];	/* generated, by slot */
	size_t		 nslots[NCONTENT];
	uint64_t	 next_slot[NCONTENT];
	uint64_t	 history[NCONTENT];	/* slots there at the start */
	int64_t		 hold_until[NCONTENT];	/* nothing appears before; see begin.c */
	uint64_t	 records;
};

/* What a blob owes: one per element. */
struct duty {
	struct key	 key;
	int		 named, marked, dead;
	uint32_t	 digest;		/* tells a repeat from a change */
};

int	 blobs_init(struct blobs *, const struct opt *);	/* -1: said why on stderr */
void	 blobs_begin(struct blobs *, enum content, int64_t now);	/* its first subscription starts */
struct blob *blobs_live(struct blobs *, enum content, uint32_t records);
void	 blobs_bomb(struct blobs *, double mib, int64_t created);
void	 blobs_bad_elements(struct blobs *, int rounds, int64_t created);
enum content blobs_draw_content(struct rng *);

void	 blob_id(const struct blob *, struct text *);
/* 0: found; -1: no content id at all; -2: one, but not ours. */
int	 blob_find(const struct blobs *, const char *id, struct blob **);
void	 blob_plan(const struct blobs *, const struct blob *, uint32_t ordinal, struct plan *);
void	 blob_duty(const struct blobs *, const struct blob *, uint32_t ordinal, struct duty *);
void	 blob_name(const struct blobs *, const struct blob *, uint32_t ordinal, struct text *);	/* Id or marker */

#endif
