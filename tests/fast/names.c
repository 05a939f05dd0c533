/*
 * names - the resolver of m365fwd-fast, if M365FWD_TEST_NAMES names a file.
 *
 * A line of it is a name and its answer, or an answer alone, which is that of every name that ends in .test; "*" is every name. An answer
 * is addresses with commas between, or "none" (there is no such name), or "wait" (nobody answers). 192.0.2.N, which is nobody's by RFC 5737, is 127.0.0.N
 * when it is connected to: a host that is not this one, on loopback. There port 443 is the one that M365FWD_TEST_HTTPS says, if it does.
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

/* The first line that is about this name; "": none is. */
static void
read_answer(const char *path, const char *name, char answer[64])
{
	FILE	*f = fopen(path, "re");
	size_t	 len = strlen(name);
	char	 line[256], key[128], value[64];
	int	 n;

	answer[0] = '\0';
	if (f == NULL)
		return;
	while (answer[0] == '\0' && fgets(line, sizeof(line), f) != NULL) {
		n = sscanf(line, "%127s %63s", key, value);
		if (n == 2 && (strcmp(key, name) == 0 || strcmp(key, "*") == 0))
			snprintf(answer, 64, "%s", value);
		else if (n == 1 && len >= 5 && strcmp(name + len - 5, ".test") == 0)
			snprintf(answer, 64, "%.63s", key);
	}
	fclose(f);
}

/* Each in its turn; glibc's freeaddrinfo frees a list of several answers as it does one of its own. */
static int
all_of(lookup_fn *real, char *answer, const char *service, struct addrinfo **found)
{
	struct addrinfo	 numeric = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
	char		*rest = NULL;
	int		 rc = EAI_NONAME;

	for (char *one = strtok_r(answer, ",", &rest); one != NULL; one = strtok_r(NULL, ",", &rest)) {
		if ((rc = real(one, service, &numeric, found)) != 0)
			return rc;
		while (*found != NULL)
			found = &(*found)->ai_next;
	}
	return rc;
}

int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	const char	*path = getenv("M365FWD_TEST_NAMES");
	struct timespec	 long_time = { .tv_sec = 30 };
	lookup_fn	*real;
	char		 answer[64] = "";

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (path != NULL && name != NULL)
		read_answer(path, name, answer);
	if (answer[0] == '\0')
		return real(name, service, hints, found);
	if (strcmp(answer, "wait") == 0)
		nanosleep(&long_time, NULL);
	return all_of(real, answer, service, found);
}

int
connect(int fd, const struct sockaddr *to, socklen_t len)
{
	const char		*https = getenv("M365FWD_TEST_HTTPS");
	struct sockaddr_in	 a;
	connect_fn		*real;

	*(void **)&real = dlsym(RTLD_NEXT, "connect");
	if (to->sa_family != AF_INET || len != sizeof(a))
		return real(fd, to, len);
	memcpy(&a, to, sizeof(a));
	if (getenv("M365FWD_TEST_NAMES") != NULL && ntohl(a.sin_addr.s_addr) >> 8 == 0xc00002) {
		a.sin_addr.s_addr = htonl(0x7f000000 | (ntohl(a.sin_addr.s_addr) & 0xff));
		if (https != NULL && ntohs(a.sin_port) == 443)
			a.sin_port = htons((uint16_t)strtoul(https, NULL, 10));
	}
	return real(fd, (const struct sockaddr *)&a, len);
}
