/*
 * names - the resolver of m365fwd-fast, if M365FWD_TEST_NAMES names a file: what it says is the answer for every name that ends in .test.
 *
 * The file holds an address, or "none" (there is no such name), or "wait" (nobody answers). 192.0.2.N, which is nobody's by RFC 5737,
 * is 127.0.0.N when it is connected to: a host that is not this one, on loopback.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

typedef int	 lookup_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);
typedef int	 connect_fn(int, const struct sockaddr *, socklen_t);

static void
read_answer(const char *path, char *answer, size_t size)
{
	FILE	*f = fopen(path, "re");

	answer[0] = '\0';
	if (f == NULL)
		return;
	if (fgets(answer, (int)size, f) != NULL)
		answer[strcspn(answer, "\n")] = '\0';
	fclose(f);
}

int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	const char	*path = getenv("M365FWD_TEST_NAMES");
	struct addrinfo	 numeric = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
	struct timespec	 long_time = { .tv_sec = 30 };
	size_t		 len = name != NULL ? strlen(name) : 0;
	lookup_fn	*real;
	char		 answer[64];

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (path == NULL || len < 5 || strcmp(name + len - 5, ".test") != 0)
		return real(name, service, hints, found);
	read_answer(path, answer, sizeof(answer));
	if (strcmp(answer, "wait") == 0)
		nanosleep(&long_time, NULL);
	return real(answer, service, &numeric, found);
}

int
connect(int fd, const struct sockaddr *to, socklen_t len)
{
	struct sockaddr_in	 a;
	connect_fn		*real;

	*(void **)&real = dlsym(RTLD_NEXT, "connect");
	if (to->sa_family != AF_INET || len != sizeof(a))
		return real(fd, to, len);
	memcpy(&a, to, sizeof(a));
	if (getenv("M365FWD_TEST_NAMES") != NULL && ntohl(a.sin_addr.s_addr) >> 8 == 0xc00002)
		a.sin_addr.s_addr = htonl(0x7f000000 | (ntohl(a.sin_addr.s_addr) & 0xff));
	return real(fd, (const struct sockaddr *)&a, len);
}
