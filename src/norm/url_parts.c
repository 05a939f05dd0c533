/*
 * url_parts - an address as the object that Elasticsearch's uri_parts makes of it: original, scheme, domain, port, path, extension,
 * query, fragment, username, password.
 */
#include "norm/shape.h"

#include <string.h>

struct span { const char *p; size_t len; };

static void
put(struct json_out *o, const char *name, struct span s)
{
	if (s.len == 0)
		return;
	json_out_name(o, name, strlen(name));
	json_out_string(o, s.p, s.len);
}

/* Cuts off and gives what stands behind the first such byte. */
static struct span
cut_behind(struct span *s, char c)
{
	const char	*at = s->len > 0 ? memchr(s->p, c, s->len) : NULL;
	struct span	 behind = { NULL, 0 };

	if (at == NULL)
		return behind;
	behind = (struct span){ at + 1, (size_t)(s->p + s->len - at) - 1 };
	s->len = (size_t)(at - s->p);
	return behind;
}

static struct span
extension(struct span path)
{
	for (size_t i = path.len; i > 0 && path.p[i - 1] != '/'; i--)
		if (path.p[i - 1] == '.')
			return (struct span){ path.p + i, path.len - i };
	return (struct span){ NULL, 0 };
}

static int
is_scheme(struct span s)
{
	if (s.len == 0 || s.len > 32)
		return 0;
	for (size_t i = 0; i < s.len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.", s.p[i]) == NULL)
			return 0;
	return 1;
}

void
url_parts(const char *p, size_t len, struct buf *out)
{
	struct span	 rest = { p, len }, host, user, password, port, path, query, fragment, scheme = { p, 0 };
	const char	*mark = len > 0 ? memmem(p, len, "://", 3) : NULL, *at;
	struct json_out	 o;

	json_out_init(&o, out);
	json_out_open(&o, '{');
	put(&o, "original", rest);
	if (mark != NULL)
		scheme.len = (size_t)(mark - p);
	if (!is_scheme(scheme) || memchr(p, ' ', len) != NULL)
		goto out;
	rest = (struct span){ mark + 3, (size_t)(p + len - mark) - 3 };
	fragment = cut_behind(&rest, '#');
	query = cut_behind(&rest, '?');
	host = rest;
	path = cut_behind(&host, '/');
	if (path.p != NULL)
		path = (struct span){ path.p - 1, path.len + 1 };
	user = (struct span){ NULL, 0 };
	if (host.len > 0 && (at = memrchr(host.p, '@', host.len)) != NULL) {
		user = (struct span){ host.p, (size_t)(at - host.p) };
		host = (struct span){ at + 1, host.len - user.len - 1 };
	}
	password = cut_behind(&user, ':');
	port = (struct span){ NULL, 0 };
	if (host.len == 0 || *host.p != '[')
		port = cut_behind(&host, ':');
	else if ((at = memchr(host.p, ']', host.len)) != NULL && at + 1 < host.p + host.len && at[1] == ':') {
		port = (struct span){ at + 2, (size_t)(host.p + host.len - at) - 2 };
		host.len = (size_t)(at - host.p) + 1;
	}
	put(&o, "scheme", scheme);
	put(&o, "domain", host);
	if (port.len > 0 && port.len <= 5 && *port.p != '0' && strspn(port.p, "0123456789") >= port.len) {
		json_out_name(&o, "port", 4);
		json_out_raw(&o, port.p, port.len);
	}
	put(&o, "path", path);
	put(&o, "extension", extension(path));
	put(&o, "query", query);
	put(&o, "fragment", fragment);
	put(&o, "username", user);
	put(&o, "password", password);
out:
	json_out_close(&o, '}');
}
