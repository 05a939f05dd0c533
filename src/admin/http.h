/*
 * http - the admin port: a read-only HTTP/1.1 server for metrics, health and status, bounded in everything.
 *
 * GET and HEAD only, one request a connection, a head of at most 8 KiB, 16 connections, 10 s each; what is over that is closed.
 * libevent's evhttp of this version cannot bound its connections, which is why it is not used. On a loopback address the
 * Host header must name loopback too, so that no web page can reach it by a name of its own (DNS rebinding).
 */
#ifndef ADMIN_HTTP_H
#define ADMIN_HTTP_H

#include <stddef.h>

#include "base/err.h"
#include "net/loop.h"

struct admin;
struct admin_call;		/* one request that waits for its answer */

/* The handler answers now or later, by exactly one admin_answer. path: decoded by nobody, without the query. */
typedef void admin_handler(void *arg, const char *path, struct admin_call *);

/* listen: "127.0.0.1:9365" or "[::1]:9365". A port that is taken is an error (ERR_IO). */
struct admin *admin_open(struct loop *, const char *listen, admin_handler *, void *arg, struct err *);
void	 admin_close(struct admin *);		/* open calls are dropped */
int	 admin_is_local(const struct admin *);	/* bound to loopback: more may be shown */
void	 admin_answer(struct admin_call *, int status, const char *type, const char *text, size_t len);

#endif
