/*
 * url - which URLs may be asked, and with what origin's token.
 *
 * curl_url parses, as it will again for the request, so there is one reading of a URL and not two. What comes from a
 * server is held to more than a parser asks: its authority must be spelled like the configured one (so no user info, no
 * other spelling of an address, no empty port), and its path must mean the same before and after every decoding that
 * somebody on the way might do. Hence no dot segments, no encoded dot, slash, backslash or percent sign, nothing but
 * printable ASCII once decoded.
 */
#include "net/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/xalloc.h"

#define GUID_LEN 36

static int
refuse(struct err *e, const char *why)
{
	err_set(e, ERR_CONFIG, "%s", why);
	return -1;
}

static int
is_hex(char c)
{
	return isxdigit((unsigned char)c) != 0;
}

static int
hex(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

static void
lower(char *s)
{
	for (; *s != '\0'; s++)
		*s = (char)tolower((unsigned char)*s);
}

/* ---- scheme, host and port --------------------------------------------------------------------------------------------- */

/* Only bytes that stand in a request line as they are. */
static int
check_bytes(const char *url, struct err *e)
{
	size_t	 n = strlen(url);

	if (n >= URL_MAX)
		return refuse(e, "it is too long for a URL");
	for (size_t i = 0; i < n; i++) {
		if (url[i] <= ' ' || url[i] > '~')
			return refuse(e, "it holds a byte that is not printable ASCII (write host names as xn--...)");
		if (url[i] == '#')
			return refuse(e, "it holds a fragment (#)");
	}
	return 0;
}

/* No memory must not be taken for a bad URL: that would be refused. */
static int
must_read(CURLUcode rc)
{
	if (rc == CURLUE_OUT_OF_MEMORY)
		no_memory("libcurl");
	return rc == CURLUE_OK;
}

static int
get(CURLU *u, CURLUPart part, unsigned flags, char *to, size_t size)
{
	char	*got = NULL;
	int	 rc = -1;

	if (must_read(curl_url_get(u, part, &got, flags)) && strlen(got) < size) {
		memcpy(to, got, strlen(got) + 1);
		rc = 0;
	}
	curl_free(got);
	return rc;
}

/* IPv6 as inet_ntop writes it, without brackets. */
static int
plain_v6(char *host, size_t size)
{
	struct in6_addr	 a;
	size_t		 n = strlen(host);

	if (n < 3 || host[n - 1] != ']')
		return -1;
	memmove(host, host + 1, n - 2);
	host[n - 2] = '\0';
	if (inet_pton(AF_INET6, host, &a) != 1)
		return -1;
	return inet_ntop(AF_INET6, &a, host, (socklen_t)size) != NULL ? 0 : -1;
}

/* Is what stands between "://" and the path just host, host:port, [v6] or [v6]:port, as the parser understood it? */
static int
spelled_plainly(const char *url, const struct url_origin *o)
{
	const char	*auth = strstr(url, "://"), *end;
	char		 port[16];
	size_t		 len, host_len = strlen(o->host);

	if (auth == NULL || (size_t)(auth - url) != strlen(o->scheme))
		return 0;
	auth += 3;
	len = strcspn(auth, "/?");
	if (auth[0] == '[') {
		if ((end = memchr(auth, ']', len)) == NULL || memchr(auth, '%', len) != NULL)
			return 0;
		host_len = (size_t)(end - auth) + 1;
	} else if (len < host_len || strncasecmp(auth, o->host, host_len) != 0)
		return 0;
	snprintf(port, sizeof(port), ":%u", o->port);
	return len == host_len || (len - host_len == strlen(port) && strncmp(auth + host_len, port, strlen(port)) == 0);
}

/* Origin and path (URL_MAX bytes) of a URL whose bytes were checked. */
static int
read_url(const char *url, struct url_origin *o, char *path, struct err *e)
{
	char	 port[16];
	CURLU	*u = curl_url();
	int	 rc = -1;

	memset(o, 0, sizeof(*o));
	if (u == NULL)
		no_memory("libcurl");
	if (!must_read(curl_url_set(u, CURLUPART_URL, url, CURLU_PATH_AS_IS | CURLU_DISALLOW_USER)) ||
	    get(u, CURLUPART_SCHEME, 0, o->scheme, sizeof(o->scheme)) == -1 ||
	    get(u, CURLUPART_HOST, 0, o->host, sizeof(o->host)) == -1 || o->host[0] == '\0' ||
	    get(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof(port)) == -1 ||
	    get(u, CURLUPART_PATH, 0, path, URL_MAX) == -1) {
		refuse(e, "it is not https://host[:port][/path], without user and password");
		goto out;
	}
	lower(o->scheme);
	lower(o->host);
	o->port = (unsigned)strtoul(port, NULL, 10);
	if ((o->host[0] == '[' && plain_v6(o->host, sizeof(o->host)) == -1) || o->port == 0 || !spelled_plainly(url, o)) {
		refuse(e, "scheme, host or port are spelled oddly");
		goto out;
	}
	if (strcmp(o->scheme, "https") != 0 && strcmp(o->scheme, "http") != 0) {
		err_set(e, ERR_CONFIG, "%s is not spoken, only https", o->scheme);
		goto out;
	}
	if (strcmp(o->scheme, "http") == 0 && !url_is_loopback(o)) {
		refuse(e, "http is only for this host itself (127.0.0.0/8, ::1, localhost); use https");
		goto out;
	}
	rc = 0;
out:
	curl_url_cleanup(u);
	return rc;
}

int
url_is_loopback(const struct url_origin *o)
{
	struct in_addr	 v4;

	if (inet_pton(AF_INET, o->host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return strcmp(o->host, "::1") == 0 || strcmp(o->host, "localhost") == 0;
}

int
url_of_request(const char *url, struct url_origin *o, struct err *e)
{
	char	 path[URL_MAX];

	return check_bytes(url, e) == -1 ? -1 : read_url(url, o, path, e);
}

/* ---- the path ---------------------------------------------------------------------------------------------------------- */

/* Decodes once, in place; what is left must mean the same to whoever decodes again. */
static int
decode_path(char *path, struct err *e)
{
	char	*to = path, c;

	for (const char *p = path; *p != '\0'; p++) {
		c = *p;
		if (c == '%') {
			if (!is_hex(p[1]) || !is_hex(p[2]))
				return refuse(e, "its path holds a % that encodes nothing");
			c = (char)(hex(p[1]) << 4 | hex(p[2]));
			if (c == '.' || c == '/' || c == '%')
				return refuse(e, "its path holds an encoded dot, slash or percent sign");
			p += 2;
		}
		if (c < ' ' || c > '~')
			return refuse(e, "its path holds a control byte or one outside ASCII");
		if (c == '\\')
			return refuse(e, "its path holds a backslash");
		*to++ = c;
	}
	*to = '\0';
	return 0;
}

static int
check_segments(const char *path, struct err *e)
{
	if (path[0] != '/')
		return refuse(e, "its path does not begin with a slash");
	for (const char *p = path; *p != '\0'; p++) {
		size_t	 n;

		if (*p != '/')
			continue;
		n = strcspn(p + 1, "/");
		if (n == 0 && p[1] != '\0')
			return refuse(e, "its path holds an empty segment (//)");
		if (n == 1 && p[1] == '.')
			return refuse(e, "its path holds a dot segment");
	}
	if (strstr(path, "..") != NULL)
		return refuse(e, "its path holds \"..\"");
	return 0;
}

static int
is_guid_segment(const char *s)
{
	for (int i = 0; i < GUID_LEN; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? s[i] != '-' : !is_hex(s[i]))
			return 0;
	return s[GUID_LEN] == '/';
}

static int
begins_with(const char *path, const char *prefix)
{
	size_t	 i = 0;

	while (prefix[i] != '\0') {
		if (i > 0 && prefix[i - 1] == '/' && is_guid_segment(prefix + i)) {
			if (strncasecmp(path + i, prefix + i, GUID_LEN) != 0)
				return 0;
			i += GUID_LEN;
		} else if (path[i] == prefix[i])
			i++;
		else
			return 0;
	}
	return 1;
}

/* ---- the two questions -------------------------------------------------------------------------------------------------- */

int
url_origin(const char *url, struct url_origin *o, char *path, size_t path_size, struct err *e)
{
	char	 written[URL_MAX], decoded[URL_MAX];
	size_t	 n;

	if (check_bytes(url, e) == -1)
		return -1;
	if (strchr(url, '?') != NULL)
		return refuse(e, "a query (?) has no place here");
	if (read_url(url, o, written, e) == -1)
		return -1;
	memcpy(decoded, written, strlen(written) + 1);
	if (decode_path(decoded, e) == -1 || check_segments(decoded, e) == -1)
		return -1;
	for (n = strlen(written); n > 0 && written[n - 1] == '/'; n--)
		continue;
	if (path == NULL)
		return n == 0 ? 0 : refuse(e, "a path has no place here");
	if (n >= path_size)
		return refuse(e, "its path is too long");
	memcpy(path, written, n);
	path[n] = '\0';
	return 0;
}

/* A space would end the URL in the request line. In an authority it stays wrong when encoded. */
static int
encode_spaces(const char *url, char out[URL_MAX])
{
	size_t	 n = 0;

	for (; *url != '\0'; url++) {
		if (n + 3 >= URL_MAX)
			return -1;
		if (*url == ' ') {
			memcpy(out + n, "%20", 3);
			n += 3;
		} else
			out[n++] = *url;
	}
	out[n] = '\0';
	return 0;
}

int
url_check(const char *url, const struct url_origin *origin, const char *const *prefixes, char out[URL_MAX],
    struct err *e)
{
	struct url_origin	 o;
	char			 path[URL_MAX];

	if (encode_spaces(url, out) == -1)
		return refuse(e, "it is too long for a URL");
	if (check_bytes(out, e) == -1 || read_url(out, &o, path, e) == -1)
		return -1;
	if (strcmp(o.scheme, origin->scheme) != 0 || strcmp(o.host, origin->host) != 0 || o.port != origin->port) {
		err_set(e, ERR_CONFIG, "it leads to %s://%s:%u, not to %s://%s:%u", o.scheme, o.host, o.port, origin->scheme,
		    origin->host, origin->port);
		return -1;
	}
	if (decode_path(path, e) == -1 || check_segments(path, e) == -1)
		return -1;
	for (; *prefixes != NULL; prefixes++)
		if (begins_with(path, *prefixes))
			return 0;
	return refuse(e, "its path is not one that this tenant's token may be sent to");
}

/* ---- one more parameter ------------------------------------------------------------------------------------------------- */

static int
has_parameter(const char *query, const char *name)
{
	size_t	 len = strlen(name), n;

	for (const char *p = query; *p != '\0'; p += n + (p[n] == '&')) {
		n = strcspn(p, "&");
		if (n >= len && strncasecmp(p, name, len) == 0 && (n == len || p[len] == '='))
			return 1;
	}
	return 0;
}

static size_t
encode_value(const char *value, char *to, size_t size)
{
	static const char	 digits[] = "0123456789ABCDEF";
	size_t			 n = 0;

	for (; *value != '\0' && n + 3 < size; value++) {
		if (isalnum((unsigned char)*value) || strchr("-._~", *value) != NULL)
			to[n++] = *value;
		else {
			to[n++] = '%';
			to[n++] = digits[(unsigned char)*value >> 4];
			to[n++] = digits[*value & 15];
		}
	}
	to[n] = '\0';
	return *value == '\0' ? n : size;
}

int
url_add_query(const char *url, const char *name, const char *value, char out[URL_MAX])
{
	const char	*query = strchr(url, '?'), *between = "?";
	char		 encoded[URL_MAX];
	int		 n;

	if (query != NULL && has_parameter(query + 1, name))
		n = snprintf(out, URL_MAX, "%s", url);
	else {
		if (query != NULL)
			between = query[1] == '\0' || url[strlen(url) - 1] == '&' ? "" : "&";
		if (encode_value(value, encoded, sizeof(encoded)) >= sizeof(encoded))
			return -1;
		n = snprintf(out, URL_MAX, "%s%s%s=%s", url, between, name, encoded);
	}
	return n < 0 || n >= URL_MAX ? -1 : 0;
}
