/*
 * sockets - connections to a server under test, one thread, no time: accept4 and net/loop by linking.
 *
 * Whoever connects gets one end of a pair of sockets, the server the other. Watches are called when their descriptor is readable,
 * timers when they are set to 0 (sock_turn) or when time is said to pass (sock_expire).
 */
#ifndef TESTS_FUZZ_SOCKETS_H
#define TESTS_FUZZ_SOCKETS_H

#include <stddef.h>

#include "base/buf.h"

int	 sock_connect(void);			/* through the watch that was set first; our end */
/* Sends it in pieces, with a turn after each; -1: the other end is closed. */
int	 sock_send(int fd, const char *, size_t, size_t piece);
void	 sock_turn(void);
void	 sock_expire(void);
/* Reads until the other end closes, turn by turn; 0, or -1: it stays open. */
int	 sock_read(int fd, struct buf *);
int	 sock_idle(void);			/* nothing but the first watch is left */

#endif
