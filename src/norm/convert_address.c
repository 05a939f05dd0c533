/*
 * convert_address - from the text of an address to client, source, server and related: IP, port, host name.
 */
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>

#include "norm/ecs.h"

int
ip_kind(const char *p, size_t len)
{
	unsigned char	 addr[16];
	char		 text[64];

	if (len == 0 || len >= sizeof(text))
		return 0;
	memcpy(text, p, len);
	text[len] = '\0';
	if (inet_pton(AF_INET, text, addr) == 1)
		return 4;
	return inet_pton(AF_INET6, text, addr) == 1 ? 6 : 0;
}

struct part { const char *p; size_t len; };

static int
is_port(const char *p, size_t len)
{
	long	 v = 0;

	if (len == 0 || len > 5)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (p[i] < '0' || p[i] > '9')
			return 0;
		v = v * 10 + (p[i] - '0');
	}
	return v <= 65535;
}

/* fe80::1%eth0: the zone means something on one host only. */
static size_t
without_zone(const char *p, size_t len)
{
	const char	*percent = memchr(p, '%', len);

	return percent != NULL ? (size_t)(percent - p) : len;
}

static int
take_ip(const char *p, size_t len, struct part *ip)
{
	len = without_zone(p, len);
	if (ip_kind(p, len) == 0)
		return 0;
	if (len > 7 && strncasecmp(p, "::ffff:", 7) == 0 && ip_kind(p + 7, len - 7) == 4) {
		p += 7;
		len -= 7;
	}
	*ip = (struct part){ p, len };
	return 1;
}

int
ip_plain(const char **p, size_t *len)
{
	struct part	 ip;

	if (!take_ip(*p, *len, &ip))
		return 0;
	*p = ip.p;
	*len = ip.len;
	return 1;
}

/* IP, [IP], IP:port, [IP]:port. */
static int
parse_ip(const char *p, size_t len, struct part *ip, struct part *port)
{
	const char	*close, *colon;

	*port = (struct part){ NULL, 0 };
	if (take_ip(p, len, ip))
		return 1;
	if (len > 2 && *p == '[' && (close = memchr(p, ']', len)) != NULL && take_ip(p + 1, (size_t)(close - p) - 1, ip)) {
		if (close + 1 == p + len)
			return 1;
		if (close[1] != ':')
			return 0;
		if (is_port(close + 2, (size_t)(p + len - close) - 2))
			*port = (struct part){ close + 2, (size_t)(p + len - close) - 2 };
		return 1;
	}
	if ((colon = memrchr(p, ':', len)) == NULL || !take_ip(p, (size_t)(colon - p), ip))
		return 0;
	if (is_port(colon + 1, (size_t)(p + len - colon) - 1))
		*port = (struct part){ colon + 1, (size_t)(p + len - colon) - 1 };
	return 1;
}

/* "host (addr)" or "[host (addr)]" */
static int
parse_host_addr(const char *p, size_t len, struct part *host, struct part *addr)
{
	const char	*open;

	if (len > 2 && *p == '[' && p[len - 1] == ']') {
		p++;
		len -= 2;
	}
	if (len < 4 || p[len - 1] != ')' || (open = memchr(p, '(', len)) == NULL || open == p)
		return 0;
	*addr = (struct part){ open + 1, (size_t)(p + len - open) - 2 };
	*host = (struct part){ p, (size_t)(open - p) };
	text_trim(&host->p, &host->len);
	text_trim(&addr->p, &addr->len);
	return host->len > 0 && addr->len > 0 && memchr(host->p, ' ', host->len) == NULL;
}

/* A JSON number has no zeroes in front. */
static void
set_port(struct norm *n, struct part *port)
{
	while (port->len > 1 && *port->p == '0') {
		port->p++;
		port->len--;
	}
	slot_set(n, F_CLIENT_PORT, port->p, port->len);
}

static void
set_ip(struct norm *n, const struct part *ip, struct part *port)
{
	slot_set(n, F_CLIENT_ADDRESS, ip->p, ip->len);
	slot_set(n, F_CLIENT_IP, ip->p, ip->len);
	slot_set(n, F_SOURCE_IP, ip->p, ip->len);
	slot_sets(n, F_NETWORK_TYPE, ip_kind(ip->p, ip->len) == 6 ? "ipv6" : "ipv4");
	slot_add(n, F_RELATED_IP, ip->p, ip->len);
	if (port->len == 0)
		return;
	set_port(n, port);
	slot_set(n, F_SOURCE_PORT, port->p, port->len);
}

/* A list: the first is the client, all are related. */
static void
address_list(struct norm *n, const char *p, size_t len)
{
	const char	*end = p + len, *stop, *one;
	struct part	 ip, port;
	size_t		 l;
	int		 first = 1;

	for (; p < end; p = stop + 1) {
		if ((stop = memchr(p, ',', (size_t)(end - p))) == NULL)
			stop = end;
		one = p;
		l = (size_t)(stop - p);
		text_trim(&one, &l);
		if (!parse_ip(one, l, &ip, &port))
			continue;
		if (first)
			set_ip(n, &ip, &port);
		else
			slot_add(n, F_RELATED_IP, ip.p, ip.len);
		first = 0;
	}
}

/* "203.0.113.7:70000" */
static int
odd_port(const char *p, size_t len)
{
	struct part	 ip, port;

	return parse_ip(p, len, &ip, &port) && port.len == 0 && memrchr(p, ':', len) >= (const void *)(ip.p + ip.len);
}

void
copy_address(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node);
	size_t		 len = n->text.len;
	struct part	 ip, port, host;
	char		*copy;

	text_trim(&p, &len);
	if (len == 0)
		return;
	if (memchr(p, ',', len) == NULL && memchr(p, '%', len) == NULL && !odd_port(p, len))
		ecs_moved(n, r->from);		/* all of it finds a place; else the text stays */
	copy = arena_copy(&n->arena, p, len);		/* n->text is used again below */
	p = copy;
	if (parse_ip(p, len, &ip, &port)) {
		set_ip(n, &ip, &port);
	} else if (memchr(p, ',', len) != NULL) {
		slot_set(n, F_CLIENT_ADDRESS, p, len);
		address_list(n, p, len);
	} else if (memchr(p, ' ', len) == NULL) {
		const char	*colon = memrchr(p, ':', len);

		if (!n->source->compat && colon != NULL && memchr(p, ':', len) == colon && is_port(colon + 1, (size_t)(p + len - colon) - 1)) {
			port = (struct part){ colon + 1, (size_t)(p + len - colon) - 1 };
			host = (struct part){ p, (size_t)(colon - p) };
			if (host.len > 2 && *p == '[' && p[host.len - 1] == ']')
				host = (struct part){ p + 1, host.len - 2 };
			slot_set(n, F_CLIENT_DOMAIN, host.p, host.len);
			set_port(n, &port);
		} else {
			slot_set(n, F_CLIENT_DOMAIN, p, len);
		}
	} else if (parse_host_addr(p, len, &host, &ip)) {
		slot_set(n, F_CLIENT_DOMAIN, host.p, host.len);
		if (parse_ip(ip.p, ip.len, &ip, &port))
			set_ip(n, &ip, &port);
		else
			slot_set(n, F_CLIENT_ADDRESS, ip.p, ip.len);
	} else {
		slot_set(n, F_CLIENT_ADDRESS, p, len);
	}
}

/* An index refuses a document whose ip field holds something else. */
void
copy_ips(struct norm *n, const struct row *r, uint32_t node)
{
	struct part	 ip, port;
	uint32_t	 k = n->json.nodes[node].kind == JSON_ARRAY ? json_first(&n->json, node) : node;

	for (; k != JSON_NONE; k = k == node ? JSON_NONE : json_next(&n->json, node, k)) {
		row_text(n, k);
		if (parse_ip(buf_str(&n->text), n->text.len, &ip, &port))
			slot_add(n, r->to, ip.p, ip.len);
	}
}

/* "XX0PR01MB0001 (15.20.4200.000)\r\n": the number is Exchange's build, no address, though Elastic takes it for one. */
void
copy_server(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node);
	size_t		 len = n->text.len;
	struct part	 host, addr;

	(void)r;
	while (len > 0 && strchr(" \r\n", p[len - 1]) != NULL)
		len--;
	if (parse_host_addr(p, len, &host, &addr)) {
		slot_set(n, F_SERVER_DOMAIN, host.p, host.len);
		slot_set(n, F_SERVER_ADDRESS, addr.p, addr.len);
		if (n->source->compat && ip_kind(addr.p, addr.len) != 0) {
			slot_set(n, F_SERVER_IP, addr.p, addr.len);
			slot_set(n, F_DESTINATION_IP, addr.p, addr.len);
			slot_add(n, F_RELATED_IP, addr.p, addr.len);
		}
	} else {
		slot_set(n, F_SERVER_ADDRESS, p, len);
	}
}
