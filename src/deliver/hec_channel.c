/*
 * hec_channel - what an indexer knows us by: a channel and the cookies of the balancer in front of it.
 */
#include "deliver/hec_channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/backoff.h"
#include "base/xalloc.h"

#define JAR_MAX 4096

static int	 take(struct buf *jar, const char *cookie, size_t len);
static size_t	 find(const struct buf *jar, const char *name, size_t len, size_t *end);
static int	 is_renewed(const char *name);
static int	 is_over(const char *attributes, size_t len);

struct hec_channel *
hec_channel_new(struct sink_hec *hec, size_t way, const struct buf *cookies, int64_t now_ms)
{
	struct hec_channel	*c = xcalloc(1, sizeof(*c));

	c->hec = hec;
	c->way = way;
	hec_guid(c->guid);
	buf_add(&c->cookies, buf_str(cookies), cookies->len);
	c->last_id = -1;
	c->used_ms = now_ms;
	return c;
}

void
hec_channel_free(struct hec_channel *c)
{
	if (c->cookies.bytes != NULL)
		explicit_bzero(c->cookies.bytes, c->cookies.size);
	buf_clear(&c->cookies);
	buf_clear(&c->question);
	free(c->ids);
	free(c);
}

void
hec_guid(char to[37])
{
	uint64_t	 a = rnd(), b = rnd();

	snprintf(to, 37, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32), (unsigned)(a >> 16) & 0xffff, (unsigned)a & 0xfff,
	    ((unsigned)(b >> 48) & 0x3fff) | 0x8000, (unsigned long long)b & 0xffffffffffffull);
}

int
hec_cookies(struct buf *jar, const char *set_cookie)
{
	size_t	 len;
	int	 changed = 0;

	for (const char *p = set_cookie; p != NULL && *p != '\0'; p += len + (p[len] == '\n')) {
		len = strcspn(p, "\n");
		changed |= take(jar, p, len);
	}
	return changed;
}

/* One header: "name=value; Path=/; Max-Age=600". One that would not be sound in a request is left alone. */
static int
take(struct buf *jar, const char *cookie, size_t len)
{
	size_t	 pair = 0, name, at, end;
	int	 known, over, same;

	while (pair < len && cookie[pair] != ';')
		pair++;
	over = is_over(cookie + pair, len - pair);
	while (pair > 0 && cookie[pair - 1] == ' ')
		pair--;
	for (name = 0; name < pair && cookie[name] != '='; name++)
		continue;
	if (name == 0 || name == pair)
		return 0;
	for (size_t i = 0; i < pair; i++)
		if (cookie[i] <= ' ' || cookie[i] >= 0x7f || cookie[i] == ',')
			return 0;
	at = find(jar, cookie, name + 1, &end);
	known = at < jar->len;
	same = known && end - at == pair && memcmp(jar->bytes + at, cookie, pair) == 0;
	if (same && !over)
		return 0;
	if (known) {
		char	*rest = xstrdup(jar->bytes + end + (jar->len > end ? 2 : 0));	/* behind "; " */

		buf_cut(jar, at);
		buf_adds(jar, rest);
		free(rest);
		if (jar->len >= 2 && strcmp(jar->bytes + jar->len - 2, "; ") == 0)
			buf_cut(jar, jar->len - 2);
	}
	if (!over && jar->len + pair + 2 <= JAR_MAX) {
		if (jar->len > 0)
			buf_adds(jar, "; ");
		buf_add(jar, cookie, pair);
	}
	return known && !is_renewed(cookie);
}

/* Where the cookie whose "name=" this is stands; jar->len: nowhere. */
static size_t
find(const struct buf *jar, const char *name, size_t len, size_t *end)
{
	const char	*s = buf_str(jar);
	size_t		 n;

	for (size_t at = 0; at < jar->len; at += n + 2) {
		n = strcspn(s + at, ";");
		if (n >= len && memcmp(s + at, name, len) == 0) {
			*end = at + n;
			return at;
		}
	}
	*end = jar->len;
	return jar->len;
}

/* Amazon's application balancer writes its stickiness anew with each answer. */
static int
is_renewed(const char *name)
{
	return strncmp(name, "AWSALB", 6) == 0;
}

static int
is_over(const char *attributes, size_t len)
{
	char	 text[256];

	snprintf(text, sizeof(text), "%.*s", (int)(len < 255 ? len : 255), attributes);
	return strcasestr(text, "max-age=0") != NULL || strcasestr(text, "01 Jan 1970") != NULL ||
	    strcasestr(text, "01-Jan-1970") != NULL;
}
