/*
 * addr - addresses that lead to this host or its cloud's metadata service, and blocks of addresses.
 */
#include "net/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct addr {
	size_t		 len;		/* 4 or 16 */
	unsigned char	 bytes[16];
};

static const char *const local_blocks[] = {
	"0.0.0.0/8",		/* "this host": connects to loopback */
	"127.0.0.0/8",
	"169.254.0.0/16",	/* link-local, with most clouds' metadata services */
	"100.100.100.200",	/* Alibaba's metadata service */
	"168.63.129.16",	/* Azure's host agent */
	"::/128",
	"::1/128",
	"fe80::/10",
	"fd00:ec2::254",	/* Amazon's metadata service */
};

static const struct {		/* IPv6 blocks that carry an IPv4 address, and where in the 16 bytes */
	const char	*block;
	size_t		 at;
} carriers[] = {
	{ "::ffff:0:0/96", 12 },	/* mapped */
	{ "64:ff9b::/96", 12 },		/* NAT64 */
	{ "::/96", 12 },		/* compatible, long given up */
	{ "2002::/16", 2 },		/* 6to4 */
};

static int
read_addr(const char *text, struct addr *a)
{
	a->len = 4;
	if (inet_pton(AF_INET, text, a->bytes) == 1)
		return 0;
	a->len = 16;
	return inet_pton(AF_INET6, text, a->bytes) == 1 ? 0 : -1;
}

static int
in_block(const struct addr *a, const char *block)
{
	const char	*slash = strchr(block, '/');
	char		 text[64], *end;
	struct addr	 b;
	size_t		 n = slash != NULL ? (size_t)(slash - block) : strlen(block);
	unsigned long	 bits;

	if (n >= sizeof(text))
		return 0;
	memcpy(text, block, n);
	text[n] = '\0';
	if (read_addr(text, &b) == -1 || b.len != a->len)
		return 0;
	bits = b.len * 8;
	if (slash != NULL) {
		bits = strtoul(slash + 1, &end, 10);
		if (slash[1] < '0' || slash[1] > '9' || *end != '\0' || bits > b.len * 8)
			return 0;
	}
	if (memcmp(a->bytes, b.bytes, bits / 8) != 0)
		return 0;
	return bits % 8 == 0 || (a->bytes[bits / 8] ^ b.bytes[bits / 8]) >> (8 - bits % 8) == 0;
}

static int
is_local(const struct addr *a)
{
	struct addr	 carried = { .len = 4 };

	for (size_t i = 0; i < sizeof(local_blocks) / sizeof(local_blocks[0]); i++)
		if (in_block(a, local_blocks[i]))
			return 1;
	if (a->len == 4)
		return 0;
	for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++) {
		if (!in_block(a, carriers[i].block))
			continue;
		memcpy(carried.bytes, a->bytes + carriers[i].at, 4);
		if (is_local(&carried))
			return 1;
	}
	return 0;
}

int
addr_is_local(const struct sockaddr *sa)
{
	struct addr	 a;

	switch (sa->sa_family) {
	case AF_INET:
		a.len = 4;
		memcpy(a.bytes, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
		return is_local(&a);
	case AF_INET6:
		a.len = 16;
		memcpy(a.bytes, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
		return is_local(&a);
	default:
		return 1;	/* no address of the internet */
	}
}

int
addr_text_is_local(const char *host)
{
	struct addr	 a;

	return read_addr(host, &a) == 0 && is_local(&a);
}

int
addr_in_block(const char *host, const char *block)
{
	struct addr	 a;

	return read_addr(host, &a) == 0 && in_block(&a, block);
}
