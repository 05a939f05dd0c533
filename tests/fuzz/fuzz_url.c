/*
 * fuzz_url - any text as a NextPageUri: what is let through must name our host and nothing else, read by a second, simpler reader.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "net/url.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char *const prefixes[] = { "/api/v1.0/11111111-2222-3333-4444-555555555555/activity/feed/",
    "/api/v1/11111111-2222-3333-4444-555555555555/activity/feed/", NULL };

/* "https://manage.example" with or without ":443", then the path: nothing that could mean another host. */
static int
is_ours(const char *url)
{
	static const char	 begin[] = "https://manage.example";
	const char		*up, *query;

	if (strncasecmp(url, begin, sizeof(begin) - 1) != 0)
		return 0;
	url += sizeof(begin) - 1;
	if (strncmp(url, ":443", 4) == 0)
		url += 4;
	up = strstr(url, "/../");
	query = strchr(url, '?');
	return *url == '/' && strchr(url, '#') == NULL && strpbrk(url, " \t\r\n") == NULL &&
	    (up == NULL || (query != NULL && query < up)) &&		/* in a query it leads nowhere */
	    (query != NULL ? memchr(url, '\\', (size_t)(query - url)) : strchr(url, '\\')) == NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct url_origin	 origin;
	struct err		 e = { 0 };
	char			 out[URL_MAX], more[URL_MAX], *url = xstrndup((const char *)p, len);

	if (url_origin("https://manage.example", &origin, NULL, 0, &e) == -1)
		abort();
	if (strlen(url) == len && url_check(url, &origin, prefixes, out, &e) == 0) {
		if (!is_ours(out))
			abort();
		if (url_add_query(out, "PublisherIdentifier", "x", more) == 0 && !is_ours(more))
			abort();
	}
	free(url);
	return 0;
}
