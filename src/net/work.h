/*
 * work - pure jobs on a few helper threads: bytes in, bytes out.
 *
 * run() is called on a worker and touches nothing but its argument; done() is called afterwards on the loop thread.
 * Jobs start in the order given. work_free waits for what runs and calls no done() any more. Workers block all signals.
 */
#ifndef NET_WORK_H
#define NET_WORK_H

#include "net/loop.h"

struct work;

struct work *work_new(struct loop *, unsigned threads);
void	 work_free(struct work *);
void	 work_submit(struct work *, void (*run)(void *), void (*done)(void *), void *arg);
unsigned work_pending(const struct work *);
/* Blocks until everything submitted so far has run and its done() was called. */
void	 work_drain(struct work *);

#endif
