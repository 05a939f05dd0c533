/*
 * convert_address - the many ways in which Microsoft writes the address of a client or a server.
 *
 *	192.0.2.1		[192.0.2.1]		192.0.2.1:7972		[192.0.2.1]:7972
 *	2001:db8::1		[2001:db8::1]		[2001:db8::1]:7972	fe80::1%eth0
 *	::ffff:192.0.2.1	[::ffff:192.0.2.1]	[::ffff:192.0.2.1]:7972	ffff:192.0.2.1
 *	host			host:7972		[host]:7972		host (192.0.2.1)	[host (192.0.2.1)]
 *	a, b, c
 */
#include <arpa/inet.h>
#include <string.h>

#include "norm/convert.h"
#include "norm/norm_in.h"

static int
is_ip(const char *p, size_t len)
{
	char			 text[INET6_ADDRSTRLEN];
	struct in6_addr		 bytes;

	if (len < 2 || len >= sizeof(text))
		return 0;
	memcpy(text, p, len);
	text[len] = '\0';
	return memchr(p, ':', len) != NULL ? inet_pton(AF_INET6, text, &bytes) == 1 : inet_pton(AF_INET, text, &bytes) == 1;
}

static int
is_ipv4(const char *p, size_t len)
{
	return memchr(p, ':', len) == NULL && is_ip(p, len);
}

/* The address of which p is, whole, another spelling: 1 and the address goes into a. A zone stays in the address only. */
static int
ip_alone(const char *p, size_t len, struct address *a)
{
	const char	*zone = memchr(p, '%', len);
	size_t		 ip_len = zone != NULL ? (size_t)(zone - p) : len;

	if (!is_ip(p, ip_len) || (zone != NULL && (memchr(p, ':', ip_len) == NULL || ip_len + 1 == len)))
		return 0;
	a->address = p;
	a->address_len = len;
	memcpy(a->ip, p, ip_len);
	a->ip[ip_len] = '\0';
	a->ip_len = ip_len;
	return 1;
}

/* An IPv4 address dressed as an IPv6 one: how many bytes to leave out. */
static size_t
mapped_prefix(const char *p, size_t len)
{
	static const char *const	 prefixes[] = { "::ffff:", "ffff:" };

	for (size_t i = 0; i < NORM_COUNT(prefixes); i++) {
		size_t	 n = strlen(prefixes[i]), dots;

		if (len <= n || strncasecmp(p, prefixes[i], n) != 0)
			continue;
		dots = strspn(p + n, "0123456789.");
		if (dots > len - n)
			dots = len - n;
		if (is_ipv4(p + n, dots))
			return n;
	}
	return 0;
}

/* ":7972"; a number that is no port is none, and then the fields do not tell all. */
static int
port_at(const char *p, size_t len, struct address *a)
{
	int	 port = 0;

	if (len < 2 || p[0] != ':')
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (p[i] < '0' || p[i] > '9')
			return 0;
		if (port <= 65535)
			port = port * 10 + (p[i] - '0');
	}
	a->port = port <= 65535 ? port : -1;
	a->whole = port <= 65535;
	return 1;
}

static int
bracketed(const char *p, size_t len, struct address *a)
{
	const char	*close = memchr(p, ']', len);
	size_t		 inner, after;

	if (p[0] != '[' || close == NULL)
		return 0;
	inner = (size_t)(close - p) - 1;
	after = len - inner - 2;
	if (after > 0 && !port_at(close + 1, after, a))
		return 0;
	p++;
	after = mapped_prefix(p, inner);
	if (ip_alone(p + after, inner - after, a))
		return 1;
	a->port = -1;
	a->whole = 1;
	return 0;
}

static int
with_port(const char *p, size_t len, struct address *a)
{
	const char	*colon = memrchr(p, ':', len);
	size_t		 ip_len = colon != NULL ? (size_t)(colon - p) : 0;

	if (ip_len == 0 || !is_ipv4(p, ip_len) || !port_at(colon, len - ip_len, a))
		return 0;
	return ip_alone(p, ip_len, a);
}

/* An address with or without port; the form of the first match counts. */
static int
ip_and_port(const char *p, size_t len, struct address *a)
{
	size_t	 skip;

	if (bracketed(p, len, a))
		return 1;
	skip = mapped_prefix(p, len);
	return ip_alone(p + skip, len - skip, a) || with_port(p + skip, len - skip, a);
}

static int
says_nothing(const char *p, size_t len)
{
	static const char *const	 words[] = { "null", "<null>" };

	for (size_t i = 0; i < NORM_COUNT(words); i++)
		if (len == strlen(words[i]) && strncasecmp(p, words[i], len) == 0)
			return 1;
	return len == 0;
}

static int
has_space(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] == ' ' || (p[i] >= '\t' && p[i] <= '\r'))
			return 1;
	return 0;
}

/* A name, with a port or without. */
static void
name_and_port(const char *p, size_t len, struct address *a)
{
	const char	*colon = memrchr(p, ':', len), *close = memchr(p, ']', len);
	size_t		 host = colon != NULL ? (size_t)(colon - p) : len;

	a->domain = p;
	a->domain_len = len;
	if (p[0] == '[' && close != NULL && close > p + 1) {
		if (close + 1 == p + len || (colon == close + 1 && port_at(colon, len - host, a))) {
			a->domain = p + 1;
			a->domain_len = (size_t)(close - p) - 1;
		}
	} else if (colon != NULL && host > 0 && memchr(p, ':', host) == NULL && port_at(colon, len - host, a) && a->port >= 0)
		a->domain_len = host;
	a->whole = 1;
	if (a->port < 0 && a->domain_len != len && a->domain + a->domain_len + 1 != p + len)
		a->whole = 0;
}

int
address_of_host(const char *p, size_t len, struct address *a)
{
	const char	*open;
	size_t		 domain, inner;

	if (len > 1 && p[0] == '[' && p[len - 1] == ']') {
		p++;
		len -= 2;
	}
	if ((open = memmem(p, len, " (", 2)) == NULL || open == p || p[len - 1] != ')')
		return 0;
	domain = (size_t)(open - p);
	inner = len - domain - 3;
	if (inner == 0 || has_space(p, domain) || has_space(open + 2, inner))
		return 0;
	a->domain = p;
	a->domain_len = domain;
	a->address = open + 2;
	a->address_len = inner;
	return 1;
}

static void
start(struct address *a)
{
	memset(a, 0, sizeof(*a));
	a->port = -1;
	a->whole = 1;
}

int
address_parse(const char *p, size_t len, struct address *a)
{
	struct address	 inner;
	const char	*comma;

	start(a);
	trim(&p, &len);
	if ((comma = memchr(p, ',', len)) != NULL) {
		a->rest = comma + 1;
		a->rest_len = len - (size_t)(comma + 1 - p);
		len = (size_t)(comma - p);
		trim(&p, &len);
	}
	if (says_nothing(p, len))
		return 0;
	if (ip_and_port(p, len, a))
		;
	else if (!has_space(p, len))
		name_and_port(p, len, a);
	else if (address_of_host(p, len, a)) {
		start(&inner);
		if (ip_alone(a->address, a->address_len, &inner)) {
			memcpy(a->ip, inner.ip, inner.ip_len + 1);
			a->ip_len = inner.ip_len;
		}
	} else {
		a->address = p;
		a->address_len = len;
	}
	if (comma != NULL)
		a->whole = 0;
	return 1;
}

/* ---- converters ---- */

enum { DOMAIN, IP, PORT, SOURCE_IP, SOURCE_PORT };	/* also of norm_client */

static void
put_port(struct norm *n, const struct step *s, int port, int of_ip)
{
	struct val	 v = { .kind = VAL_JSON };
	char		 digits[8];
	size_t		 at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + port % 10);
		port /= 10;
	} while (port > 0);
	v.len = (uint32_t)(sizeof(digits) - at);
	v.p = arena_copy(&n->arena, digits + at, v.len);
	norm_put(n, s, s->also[PORT], &v);
	if (of_ip)
		norm_put(n, s, s->also[SOURCE_PORT], &v);
}

static void
put_ip(struct norm *n, const struct step *s, const struct address *a)
{
	const char	*ip = arena_copy(&n->arena, a->ip, a->ip_len);

	norm_put_text(n, s, s->also[IP], ip, a->ip_len, 1);
	norm_put_text(n, s, s->also[SOURCE_IP], ip, a->ip_len, 1);
}

/* Text only: a number or a list where an address should stand is left alone. */
static int
is_string(const struct val *v)
{
	return v->kind == VAL_TEXT || (v->kind == VAL_NODE && v->j->nodes[v->node].kind == JSON_STRING);
}

/* 0 too if the fields do not tell all that the text did: then it stays among what is passed on, where the row moves it. */
int
norm_client(struct norm *n, const struct step *s, const struct val *v)
{
	struct address	 a;
	struct text	 t;

	if (!is_string(v) || n->slots[s->to].count > 0 || n->slots[s->also[DOMAIN]].count > 0 || !norm_text_of(n, v, &t))
		return 0;
	if (!address_parse(t.p, t.len, &a))
		return 0;
	if (a.address != NULL)
		norm_put_text(n, s, s->to, a.address, a.address_len, t.plain);
	if (a.domain != NULL)
		norm_put_text(n, s, s->also[DOMAIN], a.domain, a.domain_len, t.plain);
	if (a.ip_len > 0)
		put_ip(n, s, &a);
	if (a.port >= 0)
		put_port(n, s, a.port, a.ip_len > 0);
	return a.whole;
}

int
norm_server(struct norm *n, const struct step *s, const struct val *v)
{
	struct address	 a;
	struct text	 t;
	char		*clean;
	size_t		 len = 0;

	if (!is_string(v) || !norm_text_of(n, v, &t))
		return 0;
	clean = arena_take(&n->arena, t.len + 1);
	for (size_t i = 0; i < t.len; i++)
		if (t.p[i] != '\r' && t.p[i] != '\n')
			clean[len++] = t.p[i];
	t.p = clean;
	trim(&t.p, &len);
	start(&a);
	if (!address_of_host(t.p, len, &a))
		return norm_put_text(n, s, s->to, t.p, len, 0);
	norm_put_text(n, s, s->also[DOMAIN], a.domain, a.domain_len, 0);
	return norm_put_text(n, s, s->to, a.address, a.address_len, 0);
}

int
norm_ips(struct norm *n, const struct step *s, const struct val *v)
{
	struct address	 a;
	struct text	 t;
	int		 made = 0;

	if (!is_string(v) || !norm_text_of(n, v, &t))
		return 0;
	do {
		made |= address_parse(t.p, t.len, &a);
		if (a.ip_len > 0)
			norm_put_text(n, s, s->to, arena_copy(&n->arena, a.ip, a.ip_len), a.ip_len, 1);
		t.p = a.rest;
		t.len = a.rest_len;
	} while (t.p != NULL);
	return made;
}

int
norm_ip_version(struct norm *n, const struct step *s, const struct val *v)
{
	struct text	 t;

	return norm_text_of(n, v, &t) && norm_put_text(n, s, s->to, memchr(t.p, ':', t.len) != NULL ? "ipv6" : "ipv4", 4, 1);
}
