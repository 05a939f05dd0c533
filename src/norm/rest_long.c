/*
 * rest_long - what a flattened field takes.
 *
 * Each leaf of it is one term, path and value together, and Lucene refuses a document with a term over 32,766 bytes.
 * Elasticsearch can be told to pass over long values (ignore_above), OpenSearch's flat_object cannot. Escapes are counted
 * as they are written: what passes here is never longer in the index.
 */
#include <string.h>

#include "norm/rest.h"

#define TERM_MAX	32000	/* with what stands before it in the path */
#define LEAF_MAX	30000
#define NAME_MAX_LEN	500

/* One past the string's closing quote, or the number's last byte. */
static const char *
past_token(const char *p, const char *end)
{
	if (*p++ != '"') {
		while (p < end && strchr("{}[],:\" \t\r\n", *p) == NULL)
			p++;
		return p;
	}
	while (p < end && *p != '"')
		p += *p == '\\' ? 2 : 1;
	return p < end ? p + 1 : end;
}

int
rest_flat_takes(const char *p, size_t len)
{
	const char	*end = p + len, *token;

	if (len <= TERM_MAX)
		return 1;
	while (p < end) {
		if (strchr("{}[],: \t\r\n", *p) != NULL) {
			p++;
			continue;
		}
		token = p;
		p = past_token(p, end);
		while (p < end && strchr(" \t\r\n", *p) != NULL)
			p++;
		if (p - token > (p < end && *p == ':' ? NAME_MAX_LEN : LEAF_MAX))
			return 0;
	}
	return 1;
}
