/*
 * deliver_world - a real store in a directory of its own, records to deliver, and a small cluster that takes them.
 */
#ifndef DELIVER_WORLD_H
#define DELIVER_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "deliver/output.h"
#include "deliver/sink_bulk.h"
#include "deliver/sink_file.h"
#include "fake_deliver.h"
#include "store/store.h"

#define WORLD_RECORDS 6000

extern char	 world_dir[64];		/* the test's own directory; the store is in <dir>/state */
extern struct store *world_store;
extern int	 world_exchange, world_entra;	/* feed numbers */
extern int64_t	 world_dead_max;		/* 0: no cap */
extern unsigned	 world_bells;			/* on_progress came */
extern struct err world_broken;			/* on_broken came */
extern struct sift *world_sift;			/* of the next world_output, which takes it; NULL: none */

/* cmocka fixtures: an empty directory, and all of it gone again. */
int	 world_set_up(void **);
int	 world_tear_down(void **);

/* Opens the store with outputs of these names (NULL-ended), which are numbered in that order. */
void	 world_open(const char *const *names);
void	 world_start(void);		/* the store thread begins */
void	 world_close(void);

/* A batch of n records of about that many bytes; they are numbered through from 0 over all puts of a test. */
void	 world_put(int feed, unsigned n, size_t bytes);
void	 world_put_text(int feed, const char *record);
const char *world_id(unsigned record);		/* its _id: 22 characters */
unsigned world_record(const char *id);		/* the other way round; UINT_MAX: none of ours */

int64_t	 world_left(void);			/* deliveries not done */
size_t	 world_dead(struct buf *);		/* dead letters, one JSON object a line */
size_t	 world_gaps(struct buf *);
void	 world_tallies_agree(const char *output);	/* stored = delivered + dead + dropped */

struct output *world_output(int number, const char *name, struct sink *, size_t batch_bytes, int64_t linger_ms,
	    unsigned concurrency);
void	 world_stop(struct output *, int64_t timeout_ms);	/* and free */
struct sink *world_bulk(const struct sink_bulk_opts *changes);	/* name, urls: set if NULL */
const struct feed_names *world_names(void *, int feed);

/* ---- the cluster: fake_server = cluster. Takes every document once (201, later 409). */
int	 cluster(const struct fake_request *, struct fake_answer *);
void	 cluster_says(unsigned times, int status, const char *body);	/* the next requests are answered with this */
void	 cluster_fails(unsigned times, enum http_fail);
/* This record's item is answered so, the next times (UINT_MAX: always). */
void	 cluster_refuses(unsigned record, unsigned times, int status, const char *type, const char *reason);
void	 cluster_takes_at_most(size_t bytes);	/* larger requests: 413 */
unsigned cluster_has(void);			/* documents, those there twice counted twice */
unsigned cluster_got(unsigned record);		/* how often a request held it */
/* Asked for _ids (fake_aside = cluster_search): how often, over which URL, and what it answers. */
extern unsigned cluster_refreshes, cluster_searches;	/* a search before the first refresh sees nothing */
extern char	 cluster_search_url[512];
extern int	 cluster_search_status, cluster_refresh_status;	/* 200; 0: a time-out; 1: a reset; -1: nobody is there */
extern unsigned cluster_search_failed_shards;
void	 cluster_rolls_over(void);		/* documents stay, their _ids are free again */
extern int64_t cluster_retry_after_ms;
extern int cluster_is_open;			/* 0: requests stay open */

#endif
