/*
 * sink_file - an archive of files: <path>/<tenant>/<feed>/<UTC day first seen>/<seq, 6 digits>.ndjson.gz
 *
 * A parcel becomes whole gzip members at the end of open segments: written, fsynced, and only then recorded by the
 * done-transaction that also marks the records delivered. Bytes behind the recorded length do not count and are cut
 * before anything is written again, so every record is in the files exactly once whatever dies when. One parcel at a
 * time. Write errors hold the output; they lose nothing.
 */
#ifndef DELIVER_SINK_FILE_H
#define DELIVER_SINK_FILE_H

#include "base/err.h"
#include "deliver/sink.h"
#include "net/loop.h"
#include "net/work.h"
#include "norm/norm.h"

#define SEGMENT_MAX	(64 << 20)

struct sink_file_opts {			/* strings are copied */
	const char	*name;
	int		 number;		/* store_output's */
	struct store	*store;
	struct loop	*loop;
	struct work	*work;
	const char	*path;
	enum schema	 schema;		/* raw, ecs or ecs-raw */
	int		 compat, original;	/* norm_source's */
	const char	*add;			/* norm_source's, NULL: none; copied */
	const char	*ns;			/* data_stream.namespace of schema ecs; NULL: "default" */
	const int	*feeds;			/* every feed number whose records may come */
	size_t		 n_feeds;
	const struct feed_names *(*feed_names)(void *arg, int feed);
	void		*arg;
	int64_t		 segment_max;		/* bytes; 0: SEGMENT_MAX */
};

/*
 * Before store_start: cuts open segments back to what the store recorded. A file that cannot be reached now is cut
 * before its next write; one that is shorter than recorded is sealed and its gap recorded when the loop runs.
 * Fails only if the store cannot be read.
 */
struct sink *sink_file_open(const struct sink_file_opts *, struct err *);

#endif
