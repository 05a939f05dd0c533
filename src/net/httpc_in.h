/*
 * httpc_in - what the files of httpc share. Only httpc*.c and httpc's own test include it.
 */
#ifndef NET_HTTPC_IN_H
#define NET_HTTPC_IN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <curl/curl.h>

#include "net/httpc.h"

struct httpc_tuning {		/* the same for all requests; tests make them short */
	long		 connect_ms;	/* name, connection and TLS together */
	long		 tick_ms;	/* how often the speed is looked at */
	unsigned	 slow_ticks;	/* so many slow ticks in a row end a transfer */
	int64_t		 slow_bytes;	/* fewer bytes than this make a tick slow */
	size_t		 header_max;	/* of one answer, in all */
};

TAILQ_HEAD(http_list, http);

struct httpc {
	struct loop		*loop;
	char			*user_agent;
	CURLM			*multi;
	struct event		*curl_timer;	/* libcurl's own */
	struct event		*kick;		/* something waits for a turn outside libcurl */
	struct event		*tick;		/* the speed of transfers */
	struct http_list	 list;		/* all requests, in the order of their start */
	unsigned		 in_flight;	/* those libcurl has */
	int			 in_curl;	/* we are inside a call of libcurl, so callbacks may run */
	uint64_t		 serial;
	struct httpc_tuning	 tuning;
};

struct http {
	TAILQ_ENTRY(http)	 link;
	struct httpc		*c;
	uint64_t		 serial;
	CURL			*easy;
	struct curl_slist	*headers;	/* holds the token: wiped */
	struct curl_slist	*hide;		/* more that is secret: wiped */
	struct curl_slist	*resolve;
	char			 error[CURL_ERROR_SIZE];
	struct http_answer	 answer;
	struct buf		 collected;
	char			*next_page, *content_type, *location;
	struct buf		 set_cookie;
	char			*host;		/* for texts; with the port */

	/* what was asked */
	const char		*body;		/* the caller's */
	size_t			 body_len, body_at;
	size_t			 max_body;
	int64_t			 timeout_ms;
	int			 deny_local, has_proxy, has_ca;
	enum http_flow		(*on_body)(void *, const struct http_answer *, const char *, size_t);
	void			(*on_done)(void *, struct http_answer *);
	void			*arg;

	/* where it stands */
	int			 added;		/* libcurl has it */
	int			 ended;		/* the answer is complete, on_done is due */
	int			 cancelled;	/* nobody listens any more; freed outside libcurl */
	int			 finished;	/* on_done is running */
	int			 paused, was_paused, wants_resume;
	int			 connected;	/* the request left, or is about to */
	unsigned		 slow;		/* slow ticks in a row */
	int64_t			 moved;		/* bytes both ways, as of the last tick */

	/* the answer as it comes */
	size_t			 header_bytes;
	int			 head_over;	/* the empty line was there */
	int			 next_page_rank;
	char			 retry_after[64];
	int64_t			 content_length;	/* -1: none seen */

	/* what a failure is told with */
	char			 denied[64];	/* an address we did not connect to */
	char			 issuer[160];	/* of the certificate that was refused */
	long			 verify_error;	/* X509_V_ERR_..., 0: none */
};

/* httpc.c */
void	 http_fails(struct http *, enum http_fail, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* httpc_opts.c: every option of the request; -1: it cannot be asked, and answer says why. */
int	 http_set_options(struct http *, const struct http_req *);
void	 http_free_options(struct http *);

/* httpc_answer.c: libcurl's callbacks. */
size_t	 http_header_came(char *, size_t, size_t, void *);
size_t	 http_body_came(char *, size_t, size_t, void *);

/* httpc_hide.c: blanks what is secret in the request out of its answer. */
void	 http_hide(struct http *);

/* httpc_fail.c: fills answer.fail and answer.why from libcurl's result, unless one is there already. */
void	 http_judge(struct http *, CURLcode);

/* httpc_tls.c: notes the issuer of a certificate that is not trusted. */
CURLcode http_watch_verify(CURL *, void *ssl_ctx, void *http);

#endif
