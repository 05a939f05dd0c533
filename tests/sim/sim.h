/*
 * sim - all there is: the tenant, its content, what is wrong today, the sink, the oracle and what was counted.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "blob.h"
#include "bulk.h"
#include "fault.h"
#include "hec.h"
#include "graph.h"
#include "http.h"
#include "oracle.h"
#include "script.h"
#include "token.h"

struct subscription {
	int		 enabled;
	int		 was_disabled;		/* by an admin: AF20023 until it is started again */
	int64_t		 stopped;		/* ms; 0: never was */
};

#define NKINDS 40
#define NLOG   4096
#define NPUBLISHERS 16

struct count {
	const char	*kind;
	uint64_t	 requests, ok, client_errors, server_errors;
};

struct line {
	int64_t		 at;
	int		 status;
	const char	*kind;
	char		*what;			/* method and target */
};

struct publisher {
	char		 id[GUID_LEN + 1];
	double		 tokens;
	int64_t		 filled;		/* ms */
};

struct sim {
	struct opt	 opt;
	struct event_base *base;
	struct server	 server, trap;
	int		 port, tls_port, trap_port;
	struct faults	 faults;
	struct script	 script;
	struct blobs	 blobs;
	struct tokens	 tokens;
	struct subscription subs[NCONTENT];
	struct sink	 sink;
	struct hec	 sink_hec;
	struct graph	 graph;
	struct oracle	 oracle;
	struct rng	 rng;
	/* counted */
	struct count	 counts[NKINDS];
	size_t		 ncounts;
	struct publisher publishers[NPUBLISHERS];
	size_t		 npublishers;
	uint64_t	 without_publisher, wide_windows, throttled, token_leaks, trap_requests, pages, empty_pages, headers;
	uint64_t	 blob_fetches, blobs_sound, blob_bytes;
	struct line	 log[NLOG];
	size_t		 nlog;
	/* live */
	struct event	*live_timer;
	double		 live_owed;
	int64_t		 live_from, live_last;
};

/* Roles; each answers the request. */
void	 token_serve(struct sim *, struct request *);
void	 api_serve(struct sim *, struct request *);		/* /api/v1.0/{tenant}/activity/feed/... */
void	 bulk_serve(struct sim *, struct request *);
void	 control_serve(struct sim *, struct request *);		/* /sim/... */
void	 report_balance(struct sim *, struct text *, enum place);	/* members, without the brackets around them */
void	 report_write(struct sim *, const char *files, struct text *);

/* Parts of the Management API. */
void	 listing_serve(struct sim *, struct request *);
void	 fetch_serve(struct sim *, struct request *, const char *content_id);
void	 api_error(struct request *, int status, const char *code, const char *fmt, ...)
	    __attribute__((format(printf, 4, 5)));
void	 api_error_odd(struct request *, int status, const char *code, const char *message);	/* single-quoted */
void	 origin(const struct request *, struct text *);		/* http://host:port as the client knows us */
void	 foreign(const struct sim *, struct text *);		/* an origin that is not ours */
void	 redirect_away(const struct sim *, struct request *);	/* 302, the same path at a foreign origin */
void	 html_page(struct request *, int status, const char *what);

#endif
