/*
 * conf_url - URLs of the configuration: scheme, host, port and perhaps a path, plainly spelled.
 *
 * Stricter than any parser that will read them later, so that all of them read the same: no user, no query, no
 * fragment, no percent sign, hosts that are a name or an address and nothing in between.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/conf_in.h"

#define URL_LEN_MAX	2000
#define HOST_MAX	256

struct parts {
	char		 scheme[8];
	char		 host[HOST_MAX];	/* IPv6 without brackets */
	int		 v6;
	unsigned	 port;			/* 0: not given */
	const char	*path;			/* "" or "/..." */
	int		 user;			/* there was a user and password before the host */
};

static int
no(char why[CONF_WHY], const char *what)
{
	snprintf(why, CONF_WHY, "%s", what);
	return -1;
}

/* ---- host and port --------------------------------------------------------------------------------------------------- */

/* A last part of digits only is an address, and then all of it must be: 127.1 and 0x7f000001 are read in many ways. */
static int
check_name(const char *host, char why[CONF_WHY])
{
	struct in_addr	 v4;
	const char	*last = strrchr(host, '.');
	size_t		 n;

	last = last != NULL ? last + 1 : host;
	if (inet_pton(AF_INET, host, &v4) == 1)
		return 0;
	if (*last == '\0' || isdigit((unsigned char)*last))
		return no(why, "has neither a host name nor an address; write host.example, 192.0.2.1 or [2001:db8::1]");
	for (const char *p = host; *p != '\0'; p += n + (p[n] == '.')) {
		n = strcspn(p, ".");
		if (n == 0 || n > 63 || p[0] == '-' || p[n - 1] == '-')
			return no(why, "has a host name with an empty or odd part; write host.example");
		for (size_t i = 0; i < n; i++)
			if (!isalnum((unsigned char)p[i]) && strchr("-_", p[i]) == NULL)
				return no(why, "has a character that host names do not have (write other scripts as "
				    "xn--...)");
	}
	return 0;
}

static int
take_host(const char **at, struct parts *u, char why[CONF_WHY])
{
	const char	*p = *at, *end;
	struct in6_addr	 v6;
	size_t		 n;

	u->v6 = *p == '[';
	if (u->v6) {
		if ((end = strchr(++p, ']')) == NULL)
			return no(why, "has a [ without a ]; write [2001:db8::1]");
		n = (size_t)(end - p);
		*at = end + 1;
	} else {
		n = strcspn(p, ":/");
		*at = p + n;
	}
	if (n == 0 || n >= sizeof(u->host))
		return no(why, "has no host; write https://host.example:port");
	memcpy(u->host, p, n);
	u->host[n] = '\0';
	if (!u->v6)
		return check_name(u->host, why);
	return inet_pton(AF_INET6, u->host, &v6) == 1 ? 0 : no(why, "has no IPv6 address in its brackets; write "
	    "[2001:db8::1]");
}

static int
take_port(const char **at, unsigned *port, char why[CONF_WHY])
{
	size_t	 n;

	*port = 0;
	if (**at != ':')
		return 0;
	n = strspn(*at + 1, "0123456789");
	if (n > 0 && n < 6 && (*at)[1] != '0')
		*port = (unsigned)strtoul(*at + 1, NULL, 10);
	if (*port == 0 || *port > 65535)
		return no(why, "has no port after its colon; write a number from 1 to 65535");
	*at += 1 + n;
	return 0;
}

/* ---- the rest -------------------------------------------------------------------------------------------------------- */

static int
check_path(const char *path, char why[CONF_WHY])
{
	size_t	 n;

	for (const char *p = path; *p != '\0'; p += n) {
		p++;
		n = strcspn(p, "/");
		if ((n == 0 && *p == '/') || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return no(why, "has an empty part, . or .. in its path; write the path out");
	}
	if (strpbrk(path, "%\\") != NULL)
		return no(why, "has a % or \\ in its path; write the path plainly");
	return 0;
}

static int
check_bytes(const char *s, char why[CONF_WHY])
{
	if (strlen(s) > URL_LEN_MAX)
		return no(why, "is too long for a URL; at most 2000 bytes");
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			return no(why, "has a blank or a byte outside ASCII; take it out (write other scripts as xn--...)");
	return 0;
}

static int
take_scheme(const char **at, struct parts *u, char why[CONF_WHY])
{
	size_t	 n = strcspn(*at, ":/");

	if (strncmp(*at + n, "://", 3) != 0)
		return no(why, "is not a URL; write https://host.example:port");
	if (n >= sizeof(u->scheme) || n == 0)
		return no(why, "has a scheme that is not spoken; only https is");
	for (size_t i = 0; i < n; i++)
		u->scheme[i] = (char)tolower((unsigned char)(*at)[i]);
	u->scheme[n] = '\0';
	*at += n + 3;
	return strcmp(u->scheme, "https") == 0 || strcmp(u->scheme, "http") == 0 ? 0 :
	    no(why, "has a scheme that is not spoken; only https is");
}

static int
split(const char *s, struct parts *u, char why[CONF_WHY])
{
	const char	*p = s, *at;

	memset(u, 0, sizeof(*u));
	if (check_bytes(s, why) == -1 || take_scheme(&p, u, why) == -1)
		return -1;
	if (strpbrk(s, "?#") != NULL)
		return no(why, "has a query (?) or fragment (#); take it out");
	at = memchr(p, '@', strcspn(p, "/"));
	if (at != NULL) {
		u->user = 1;
		p = at + 1;
	}
	if (take_host(&p, u, why) == -1 || take_port(&p, &u->port, why) == -1)
		return -1;
	if (*p != '\0' && *p != '/')
		return no(why, "has something between host and path; write https://host.example:port");
	u->path = p;
	return check_path(p, why);
}

static int
is_loopback(const struct parts *u)
{
	struct in_addr	 v4;
	struct in6_addr	 v6;

	if (u->v6)
		return inet_pton(AF_INET6, u->host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
	if (inet_pton(AF_INET, u->host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return strcasecmp(u->host, "localhost") == 0;
}

static void
cut_last_slashes(char *s)
{
	for (size_t n = strlen(s); n > 0 && s[n - 1] == '/'; n--)
		s[n - 1] = '\0';
}

int
text_url(char *s, char why[CONF_WHY])
{
	struct parts	 u;

	if (split(s, &u, why) == -1)
		return -1;
	if (u.user)
		return no(why, "has a user and password in it; take them out and use the keys for them, which are "
		    "kept secret");
	if (strcmp(u.scheme, "http") == 0 && !is_loopback(&u))
		return no(why, "would send in the clear; use https (http is only for 127.0.0.0/8, [::1] and localhost)");
	cut_last_slashes(s);
	return 0;
}

int
text_origin(char *s, char why[CONF_WHY])
{
	struct parts	 u;

	if (text_url(s, why) == -1)
		return -1;
	return split(s, &u, why) == 0 && *u.path == '\0' ? 0 : no(why, "has a path; write only https://host.example:port");
}

/* ---- proxies and listeners ------------------------------------------------------------------------------------------- */

int
text_proxy_secret(char *s, char why[CONF_WHY])
{
	struct parts	 u;

	if (strcmp(s, "off") == 0) {
		*s = '\0';
		return 0;
	}
	if (split(s, &u, why) == -1)
		return -1;
	cut_last_slashes(s);
	if (u.path[strspn(u.path, "/")] != '\0')
		return no(why, "has a path; write http://proxy.example:3128");
	return u.port != 0 ? 0 : no(why, "has no port; write http://proxy.example:3128");
}

int
text_proxy(char *s, char why[CONF_WHY])
{
	if (strchr(s, '@') != NULL)
		return no(why, "has a user and password in it; put the whole URL into a secret file and write "
		    "file:/path here");
	return text_proxy_secret(s, why);
}

int
text_listen(char *s, char why[CONF_WHY])
{
	struct parts	 u;
	struct in_addr	 v4;
	const char	*p = s;

	if (strcmp(s, "off") == 0)
		return 0;
	memset(&u, 0, sizeof(u));
	if (check_bytes(s, why) == -1)
		return -1;
	if (take_host(&p, &u, why) == -1 || take_port(&p, &u.port, why) == -1 || *p != '\0' || u.port == 0 ||
	    (!u.v6 && inet_pton(AF_INET, u.host, &v4) != 1 && strcmp(u.host, "localhost") != 0))
		return no(why, "is not an address and port; write 127.0.0.1:9365, [::1]:9365, or off");
	return 0;
}
