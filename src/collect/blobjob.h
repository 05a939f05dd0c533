/*
 * blobjob - a blob's bytes on a worker: inflate, split, and records gathered into puts of at most 1 MiB.
 *
 * Pure: touches only its own struct. The fetch fills `in`, submits blobjob_run, and takes the puts afterwards. One run
 * ends when the input is used up or when about 1 MiB of records came out; `pending` says that there is more to come from
 * what it has.
 */
#ifndef COLLECT_BLOBJOB_H
#define COLLECT_BLOBJOB_H

#include "collect/envelope.h"
#include "collect/split.h"
#include "net/inflate.h"
#include "store/store.h"

#define BLOBJOB_PUT	((size_t)1 << 20)	/* records of one put, unless one is larger */
#define BLOBJOB_HEAD	1024

struct blobjob {
	struct buf	 in;			/* as received */
	size_t		 in_used;
	int		 over;			/* nothing will come behind `in` */
	struct inflate	*inflate;
	struct split	*split;
	struct put	*current;		/* being filled */
	struct put	**puts;			/* full ones, the caller takes them */
	size_t		 n_puts;
	int64_t		 plain;			/* bytes that came out of inflate */
	uint64_t	 bad, large;		/* dead letters by kind, of this run */
	char		 head[BLOBJOB_HEAD];	/* the first plain bytes, to see what it is if it is no array */
	size_t		 head_len;
	int		 pending;		/* inflate may have more to give */
	enum split_state state;
	const char	*trouble;		/* static; NULL: fine so far */
	struct envelope	*envelope;		/* a page: the rows stand inside an object; NULL: a blob */
	/* Called for each record, on the worker. 0: it is left out. NULL: all stay. */
	int		(*keep)(void *arg, const struct record *, const struct json *);
	void		*keep_arg;
	int		 cut;			/* its end was missing */
	int		 finished;		/* over, and state is final: SPLIT_END or SPLIT_BROKEN */

	int		 feed;
	const char	*content_id;		/* borrowed */
	const char	*origin;		/* "management"; static */
	int		 changes;		/* rows change: puts say what each record is a version of */
	int64_t		 created_ms;
};

struct blobjob *blobjob_new(const struct identity_names *, size_t record_max, enum inflate_coding, int feed,
	    int64_t created_ms);
/* The same for a page of Microsoft Graph; name is what its batches are called, borrowed. */
struct blobjob *blobjob_page(const struct identity_names *, size_t record_max, enum inflate_coding, int feed,
	    int64_t created_ms, const char *name);
void	 blobjob_free(struct blobjob *);
void	 blobjob_run(void *);
/* Bytes that its records take in memory: full puts and the one being filled. */
int64_t	 blobjob_held(const struct blobjob *);

#endif
