/*
 * httpc - HTTP requests over the loop. libcurl is behind this header.
 *
 * Every curl option is set on every request: peers verified, TLS 1.2 or newer, no redirects, no netrc, no cookies, no
 * signals, no content decoding (net/inflate does that), proxy always explicit. A request copies what struct http_req
 * points to, except the body, which the caller keeps until on_done. All callbacks come on the loop thread, never from
 * inside http_start. on_done comes exactly once, also after http_abort_in_body, and not after http_cancel; the request
 * is gone when on_done returns.
 */
#ifndef NET_HTTPC_H
#define NET_HTTPC_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/loop.h"

struct httpc;		/* the multi handle, its connections, resolver and TLS caches */
struct http;		/* one request in flight */

enum http_fail {		/* how a request without a whole answer ended; HTTP_OK: there is one */
	HTTP_OK, HTTP_DNS, HTTP_CONNECT, HTTP_TLS, HTTP_TIMEOUT, HTTP_RESET, HTTP_CUT, HTTP_TOO_BIG, HTTP_PROXY,
	HTTP_STOPPED /* on_body said HTTP_STOP */, HTTP_OTHER
};

struct http_answer {
	enum http_fail	 fail;
	char		 why[300];		/* for fail: curl's text; for TLS with host and issuer found */
	int		 status;		/* 0: no status line came */
	int64_t		 retry_after_ms;	/* seconds or HTTP-date; -1: none */
	int64_t		 date_ms;		/* Date header; -1: none */
	int		 gzip;			/* Content-Encoding: gzip; of a collected body: it cannot be unpacked */
	int		 unknown_coding;	/* Content-Encoding is something else than gzip or identity */
	const char	*next_page;		/* NextPageUri or NextPageUrl header, as sent; NULL */
	const char	*content_type;		/* NULL if none */
	const char	*location;		/* of a redirect, which is not followed; NULL if none */
	const char	*set_cookie;		/* Set-Cookie headers as sent, one a line; NULL if none */
	struct buf	*body;			/* collected body, unpacked (then gzip is 0), without a byte order mark; empty if on_body took it */
};

enum http_flow { HTTP_GO, HTTP_PAUSE, HTTP_STOP };

struct http_req {
	const char	*method;		/* "GET", "POST", "PUT" */
	const char	*url;
	const char	*const *headers;	/* "Name: value", NULL-ended; "Authorization: ..." among them */
	const char	*const *hide;		/* NULL or NULL-ended: secrets of the request, beside the last word of its Authorization, */
						/* that the answer may not say back: they are blanked out of it (httpc_hide.c) */
	const char	*body;			/* POST, PUT: sent with Content-Length, also when empty */
	size_t		 body_len;
	const char	*proxy;			/* NULL or "": none */
	const char	*ca_file;		/* NULL: the system's store */
	const char	*pinned_spki;		/* "sha256//..." or NULL */
	const char	*client_cert, *client_key;
	int		 http1;			/* HTTP/1.1 only (blobs: a paused HTTP/2 stream buffers inside libcurl) */
	int		 fresh;			/* a new connection */
	int		 deny_loopback;		/* refuse to connect to loopback, link-local and metadata addresses */
	int64_t		 timeout_ms;		/* whole request; 0: none, only the low-speed limit (1 KB/s over 30 s, not while paused) */
	size_t		 max_body;		/* most bytes collected into answer.body; over it HTTP_TOO_BIG */

	/* Optional. With on_body set, the body of a 200 goes there as it comes (other statuses are collected as usual):
	 * HTTP_PAUSE refuses the bytes, they come again after http_resume. The answer so far: status and headers. */
	enum http_flow	(*on_body)(void *arg, const struct http_answer *, const char *, size_t);
	void		(*on_done)(void *arg, struct http_answer *);
	void		*arg;
};

struct httpc *httpc_new(struct loop *, const char *user_agent);
void	 httpc_free(struct httpc *);			/* cancels what is in flight */
struct http *http_start(struct httpc *, const struct http_req *);
void	 http_resume(struct http *);
void	 http_cancel(struct http *);
const char *http_fail_name(enum http_fail);		/* "dns", "connect", ... for counters and logs */
/* Called once at start, before threads: clears SSLKEYLOGFILE, SSL_CERT_*, OPENSSL_CONF, CURL_CA_BUNDLE; inits libcurl. */
void	 httpc_global(void);
/* The proxy for this URL from https_proxy/no_proxy of the environment as it was at start; NULL: none. Loopback: never. */
const char *httpc_env_proxy(const char *url);
char	*httpc_proxy_shown(const char *proxy, char *to, size_t);	/* for logs: without user and password; returns to */

#endif
