/*
 * addr - addresses that lead to this host or its cloud's metadata service, and blocks of addresses.
 */
#ifndef NET_ADDR_H
#define NET_ADDR_H

#include <sys/socket.h>

/* Loopback, link-local, unspecified and metadata addresses, also mapped or translated into IPv6. */
int	 addr_is_local(const struct sockaddr *);
int	 addr_text_is_local(const char *host);		/* a literal without brackets; 0 for a name */
/* Is the literal host in the block ("192.0.2.0/24", or one address)? 0 also when either is no address. */
int	 addr_in_block(const char *host, const char *block);

#endif
