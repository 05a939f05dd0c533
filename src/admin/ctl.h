/*
 * ctl - the control socket: <state_dir>/ctl.sock, for status, gaps and dead letters.
 *
 * One request a connection: a line of at most 256 bytes ("status", "gaps", "dead", "dead-show 12", "reload"); the answer is "ok" or
 * "error TEXT" on a line and then the text, until the connection closes. Mode 0600; the peer must be root or the user we run
 * as, whatever the mode says. At most 16 connections, 10 s each until the request is there.
 *
 * From ctl_open on somebody listens: until ctl_ready a thread answers "starting", since the loop does not run yet and opening
 * a store may take its time.
 */
#ifndef ADMIN_CTL_H
#define ADMIN_CTL_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/loop.h"

struct ctl;
struct ctl_call;		/* one request that waits for its answer */

/* The handler answers now or later, by exactly one ctl_answer. */
typedef void ctl_handler(void *arg, const char *request, struct ctl_call *);

struct ctl *ctl_open(struct loop *, const char *state_dir, ctl_handler *, void *arg, struct err *);
void	 ctl_ready(struct ctl *);			/* the loop is about to run: from now on the handler is asked */
void	 ctl_close(struct ctl *);			/* open calls are dropped; the socket's file goes */
void	 ctl_answer(struct ctl_call *, const char *error, const char *text, size_t len);	/* error NULL: ok */

/* The other end, blocking. 1: answered (text, or err when it was an error); 0: nobody listens; -1: somebody does and err says
 * what went wrong (ERR_AGAIN: it is starting). */
int	 ctl_ask(const char *state_dir, const char *request, int patience_ms, struct buf *text, struct err *);

#endif
