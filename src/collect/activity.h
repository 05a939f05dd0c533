/*
 * activity - one tenant's Office 365 Management Activity API as a source: subscriptions, listing, blobs.
 *
 * Listing and fetching are two things (design.md section 5): listing enters blobs in the ledger and moves the mark;
 * fetching works off the ledger. What is unreadable waits with growing pauses and delays nothing else.
 */
#ifndef COLLECT_ACTIVITY_H
#define COLLECT_ACTIVITY_H

#include "collect/collect.h"
#include "collect/window.h"

struct activity_feed {
	const char	*name;			/* "audit.exchange" */
	int		 number;		/* store_feed() */
};

struct activity_opts {
	const char	*tenant;		/* label */
	const char	*tenant_guid;		/* lower case */
	const char	*login, *management;	/* origins */
	const char	*client_id, *secret_ref;
	const char	*publisher;		/* PublisherIdentifier */
	const char	*proxy, *ca_file;
	int		 deny_loopback;
	const struct activity_feed *feeds;
	size_t		 n_feeds;
	int64_t		 start_ms;		/* how far back a first run reaches */
	int64_t		 interval_ms;
	struct window_rules rules;
	unsigned	 concurrency, requests_per_minute;
};

/* Reads the marks from the store: before store_start. Copies the options. */
struct source *activity_new(struct collect *, const struct activity_opts *, struct err *);
/* "Audit.Exchange" of "audit.exchange"; NULL: no feed of this API. */
const char *activity_content_type(const char *feed);

#endif
