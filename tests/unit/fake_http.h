/*
 * fake_http - net/httpc without a network, for the tests of collect/: what is asked is kept, and a function answers it.
 *
 * Stands beside fake_loop. An answer's body goes to on_body in pieces if the request has one, and is paused and stopped
 * as the real one is; nothing is followed, decoded or retried here.
 */
#ifndef FAKE_HTTP_H
#define FAKE_HTTP_H

#include "fake_loop.h"
#include "net/httpc.h"

struct fake_ask {		/* as it left */
	char		 method[8];
	char		 url[1024];
	char		 headers[1024];		/* each followed by '\n' */
	char		 body[1024];
	int		 http1, deny_loopback, has_body;
	size_t		 max_body;
	int64_t		 timeout_ms, at_ms;	/* monotonic */
};
extern struct fake_ask *fake_asks;	/* all so far */
extern size_t	 fake_n_asks;

struct fake_reply {
	enum http_fail	 fail;			/* behind the body, if there is one: HTTP_CUT, HTTP_RESET */
	int		 status;
	const char	*body;			/* NULL: none */
	size_t		 len;			/* 0: strlen(body) */
	size_t		 piece;			/* on_body gets that much at once; 0: 64 KiB */
	size_t		 hangs_at;		/* nothing comes behind that many bytes; 0: all comes */
	const char	*next_page;		/* NextPageUri */
	int64_t		 retry_after_ms, date_ms;	/* -1: none, as set before the server is asked */
	int		 gzip, unknown_coding;
};
/* 0: the request stays open and is offered again later; 1: the reply is filled in. What it points to stays until fake_close. */
extern int	 (*fake_server)(const struct fake_ask *, struct fake_reply *);
extern unsigned	 fake_cancelled, fake_paused;	/* http_cancel came; on_body said HTTP_PAUSE */

#endif
