/*
 * mgmt - what listing, fetching and subscribing of one tenant share. Internal to the Management API source.
 *
 * Three state machines: one subscriber a tenant, one lister a feed, up to `concurrency` fetches a tenant. They meet only
 * here: the token, the request budget, and whether a feed is subscribed.
 */
#ifndef COLLECT_MGMT_H
#define COLLECT_MGMT_H

#include "base/backoff.h"
#include "collect/activity.h"
#include "collect/af.h"
#include "collect/budget.h"
#include "collect/busy.h"
#include "collect/idset.h"
#include "collect/token.h"
#include "net/url.h"

#define MGMT_SLOW_MS	((int64_t)15 * 60 * 1000)	/* for what a person must mend; also between two starts */

struct pass {				/* leave to make one request */
	const char	*bearer;
	unsigned	 serial;	/* of the token */
};

struct refusal {			/* a request that got 401, until it gets something else */
	const char	*who;		/* the blob or the feed that it asks for */
	unsigned	 serial;	/* of the token it went with; 0: it got none */
	uint64_t	 taken;		/* how often the API had taken that one then */
};

enum subscribed { SUB_UNKNOWN, SUB_YES, SUB_NO, SUB_DISABLED };

struct mgmt;

struct lister_step;

struct feed {
	struct mgmt	*m;
	char		*name;			/* "audit.exchange" */
	const char	*content_type;		/* "Audit.Exchange" */
	char		*label;			/* "contoso/audit.exchange" */
	int		 number;

	/* the subscription */
	enum subscribed	 subscribed;
	int64_t		 started_ms;		/* last start request, wall clock, survives restarts; 0: never */

	/* listing */
	const struct lister_step *at;
	struct window_marks marks;
	struct window	 window;
	int64_t		 done_to_ms, floor_ms;	/* of this round */
	int		 listed_out;		/* this round's ordinary windows are done */
	int64_t		 refused_from_ms;	/* as the round began: created of the oldest blob that waits for a uri; 0: none */
	int64_t		 wide_ms;		/* monotonic: when the long overlap was last used; 0: never */
	char		 next_page[URL_MAX];	/* "" : the window's first page */
	struct idset	 pages, contents;	/* of this window */
	unsigned	 n_pages, idle_pages, restarts;
	struct http	*http;
	unsigned	 serial;		/* of the token it went with */
	struct refusal	 refusal;
	struct blob_row	*rows;
	size_t		 n_rows;
	uint64_t	 window_rows;
	struct backoff	 backoff;
	struct timer	 timer;
	int64_t		 last_ok_ms;		/* wall clock: when the last round was complete */
	int		 looks_clear;		/* no second look is due */
	enum source_state state;
	char		 why[300];

	/* fetching */
	struct blob_row	*due;			/* from the ledger, not begun yet */
	size_t		 n_due, at_due;
	int		 asking;		/* store_next is under way */
	int		 dry;			/* nothing more is due as far as we know */
	int64_t		 recheck_ms;		/* monotonic: look again then */
	int		 said_changed;		/* repeats with other content: said once, then counted */
};

struct fetch;

struct mgmt {
	struct source	 source;
	struct collect	*c;
	char		*tenant, *guid, *management, *publisher, *proxy, *ca_file;
	struct url_origin origin;
	char		*prefix[3];		/* what a path given by the server must begin with */
	int		 deny_loopback;
	int64_t		 start_ms, interval_ms;
	struct window_rules rules;
	unsigned	 concurrency;
	struct token	*token;
	int64_t		 blamed_ms;		/* monotonic: when a 401 last ended one; 0: never */
	struct budget	 budget;
	struct backoff	 throttle;
	struct busy	 busy;			/* who is throttled by itself */
	struct feed	*feeds;
	size_t		 n_feeds;

	/* subscriptions */
	struct http	*sub_http;
	struct timer	 sub_timer;
	int64_t		 sub_ms;		/* monotonic: last list; 0: never */
	struct feed	*sub_starting;
	unsigned	 sub_serial;
	struct backoff	 sub_backoff;
	char		 sub_why[400];	/* why the list could not be had, as it was last said; "": it could */

	/* fetches */
	struct fetch	*fetches;
	unsigned	 n_fetches;
	size_t		 turn;			/* which feed is next */
	struct timer	 fetch_timer;
	struct timer	 expire_timer;
	struct owed_list *owed;			/* gap records on their way into the store */
};

/* activity.c: requests */
/* May a request go out now? 0: yes; > 0: ask again after that many ms; -1: the token's bell will come. */
int64_t	 mgmt_may_ask(struct mgmt *, struct pass *);
/* Fills in what is the same for all requests; url gets PublisherIdentifier if it lacks it. headers: room for 4. */
void	 mgmt_request(struct mgmt *, struct http_req *, const char *method, char url[URL_MAX], const struct pass *,
	    const char *headers[5]);
/* Counts an answer, hears its Date, judges it, and does what concerns the whole tenant: token and throttle. With a refusal,
 * a 401 that concerns this request alone is none of the token's: AF_AGAIN if others get through, AF_UNHEARD while nobody
 * has tried. Nor is a throttle answer the tenant's then: AF_AGAIN (busy.h). */
void	 mgmt_heard(struct mgmt *, const char *kind, const struct http_answer *, unsigned serial, struct refusal *,
	    struct af *);
/* "HTTP 500 AF50000: Internal error" or the transport's trouble. */
void	 mgmt_describe(const struct http_answer *, const struct af *, char *why, size_t);
struct feed *mgmt_feed(struct mgmt *, const char *content_type);
void	 mgmt_state(struct feed *, enum source_state, const char *id, const char *why);	/* logs a change once */
/* A gap record that belongs to no other transaction: counted, said, and tried again until the disk takes it. */
void	 mgmt_gap(struct feed *, int64_t from_ms, int64_t to_ms, const char *reason, const char *detail);
void	 mgmt_broken(struct mgmt *, const struct store_result *);

/* subscribe.c */
void	 subscribe_start(struct mgmt *);
void	 subscribe_drive(struct mgmt *);		/* the token or the timer rang */
void	 subscribe_again(struct mgmt *);		/* a listing said AF20022 or AF20023 */
void	 subscribe_stop(struct mgmt *);

/* listing.c */
int	 listing_init(struct feed *, struct err *);
void	 listing_drive(struct feed *);
void	 listing_now(struct feed *);			/* begin a round if one is not under way */
void	 listing_stop(struct feed *);
void	 listing_clear(struct feed *);

/* page.c: the body of a listing. rows and their strings are the feed's afterwards; -1: no listing. */
int	 page_read(struct feed *, const char *body, size_t len, char *why, size_t);

/* due.c: which blob is next */
struct feed *due_feed(struct mgmt *);			/* one with a due row in f->due[f->at_due], feeds in turn; NULL: none now */
void	 due_news(struct feed *);			/* new rows are in the ledger */
void	 due_in(struct feed *, int64_t ms);		/* a row becomes due then */

/* fetch.c */
int	 fetch_in_flight(const struct mgmt *, const struct blob_row *);
void	 fetch_more(struct mgmt *);			/* start what may be started */
void	 fetch_room(struct mgmt *);
void	 fetch_drive_all(struct mgmt *);		/* the token's bell */
void	 fetch_stop(struct mgmt *);
void	 fetch_free(struct mgmt *);			/* after the workers and the store have stopped */

#endif
