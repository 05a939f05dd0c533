/*
 * sift - what an output leaves out of the stream: whole records by conditions, members by name.
 *
 * Conditions look at Microsoft's record, before any mapping, so they mean the same for every schema. A record is dropped if it
 * meets one condition of drop, or if there are conditions of keep and it meets none. A condition is met when all its matches
 * are; a match when the value (of a list: one of them) is one of its patterns: '*' stands for any letters, case is ignored.
 * Members that are redacted are taken out at any depth, also of JSON in texts.
 *
 * A struct sift does not change after it was made: any thread may use it, each with a scratch of its own.
 */
#ifndef NORM_SIFT_H
#define NORM_SIFT_H

#include "base/buf.h"
#include "base/json.h"
#include "base/record.h"

struct sift;

struct sift_match {
	const char	*field;		/* "feed", "operation", "user", or a member's path, "AppAccessContext.ClientAppId" */
	const char	*const *patterns;	/* NULL-ended */
};

struct sift_scratch {		/* zeroed at first */
	struct json	 json;
	struct buf	 text;
};

struct sift *sift_new(void);
void	 sift_free(struct sift *);			/* NULL: nothing */
void	 sift_drop(struct sift *, const struct sift_match *, size_t n);	/* one condition; copies */
void	 sift_keep(struct sift *, const struct sift_match *, size_t n);
void	 sift_redact(struct sift *, const char *member);
int	 sift_is_empty(const struct sift *);
void	 sift_scratch_clear(struct sift_scratch *);

enum sift_verdict { SIFT_TAKE, SIFT_DROP, SIFT_NOT_KEPT };
enum sift_verdict sift_judge(const struct sift *, struct sift_scratch *, const char *feed, const struct record *);
/* How many members were taken out; if any were, *out has the record without them. */
unsigned sift_members(const struct sift *, struct sift_scratch *, const struct record *, struct buf *out);

#endif
