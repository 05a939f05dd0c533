/*
 * sink_bulk_in - what the files of sink_bulk share: sink_bulk.c (options, encoding), sink_bulk_send.c (requests and
 * answers), sink_bulk_ask.c (questions beside Bulk).
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

struct letter {				/* one parcel on its way */
	struct letter	*next;
	struct sink_bulk *b;
	struct parcel	*p;
	struct http	*http;		/* NULL: waits for what another letter is asking */
	void		(*judged)(void *, struct parcel *);
	void		*arg;
	size_t		 way;
	struct buf	 ask;		/* the body of a question */
	int		 fresh;
	int		 reloaded;	/* the secret was read again because of this one */
	int		 extras;	/* sent with parameters that not every cluster knows */
};

/* sink_bulk_send.c */
void	 bulk_send(struct sink *, struct parcel *, void (*)(void *, struct parcel *), void *);
void	 bulk_cancel(struct sink *, struct parcel *);
void	 bulk_reload(struct sink *);
int	 bulk_changed(struct sink *);

void	 bulk_step(struct letter *);			/* the next thing to do for it */
void	 bulk_go_on(struct sink_bulk *);		/* those that waited for what one was asking */
void	 bulk_deliver(struct letter *);			/* it has its judgement; it is gone */
void	 bulk_learn_ways(struct letter *);
/* A body of NULL: GET. The parcel's own body goes out as Bulk lines, a question as JSON. */
void	 bulk_request(struct letter *, const struct buf *url, const char *body, size_t len, int64_t timeout_ms, size_t max_body,
	    void (*)(void *, struct http_answer *));
size_t	 bulk_reply_max(size_t records);
int	 bulk_never_arrived(enum http_fail);

/* sink_bulk_ask.c */
void	 bulk_ask_what(struct letter *);
void	 bulk_ask_ids(struct letter *);			/* of its unsure records, after a refresh */
int	 bulk_unsure(const struct parcel *);

/* sink_bulk.c: the index or data stream of a feed's records. */
void	 bulk_index_name(const struct sink_bulk *, const struct feed_names *, char to[256]);

#endif
