/*
 * sink_bulk_in - what sink_bulk.c (options, encoding) and sink_bulk_send.c (requests and answers) share.
 */
#ifndef DELIVER_SINK_BULK_IN_H
#define DELIVER_SINK_BULK_IN_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "deliver/es.h"
#include "deliver/sink_bulk.h"
#include "deliver/urls.h"

#define BULK_KEPT_MAX	16

struct letter;

struct sink_bulk {
	struct sink	 sink;
	struct sink_bulk_opts opts;
	char		*kept[BULK_KEPT_MAX];	/* the strings of opts */
	size_t		 n_kept;
	struct urls	 urls;
	char		**headers;		/* the configured ones */
	size_t		 n_headers;
	struct secret	 secret;
	const char	*secret_ref;		/* NULL: no credentials */
	atomic_int	 plain;			/* the destination does not take gzip; workers read it */
	struct letter	*letters;
	/* what it is, as far as it told */
	struct es	 es;
	int64_t		 es_until_ms;		/* monotonic: then it is asked again */
	unsigned	 es_failed;		/* times in a row that it was not to be had */
	struct letter	*es_asker;		/* who is asking right now; the others wait */
	int		 no_extras;		/* it said it knows a parameter, and refused it */
	/* what was said once */
	int		 told_redirected, told_silent, told_templates;
	unsigned	 alone;			/* single records refused as malformed with nothing accepted between */
	unsigned	 ids_failed;		/* questions for _ids without an answer, in a row */
};

/* sink_bulk_send.c */
void	 bulk_send(struct sink *, struct parcel *, void (*)(void *, struct parcel *), void *);
void	 bulk_cancel(struct sink *, struct parcel *);
void	 bulk_reload(struct sink *);
int	 bulk_changed(struct sink *);

/* sink_bulk.c: the index or data stream of a feed's records. */
void	 bulk_index_name(const struct sink_bulk *, const struct feed_names *, char to[256]);

#endif
