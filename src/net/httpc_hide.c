/*
 * httpc_hide - a secret that a server says back goes no further.
 *
 * Gateways like to help: their pages of errors quote the request, with its Authorization. Who reads an answer takes texts from it into
 * logs, states and dead letters. So what was secret in the request is blanked out of the answer before anybody reads it, as it is or
 * as JSON, URLs and HTML write it. A body that goes to on_body is left alone: records are not ours to change.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/httpc_in.h"

#define HIDE_MIN	6		/* a shorter secret is in too many words */
#define TOKEN_MIN	16		/* one shorter than this may be a word of any reply: "status", "elastic" */

static int
digits(const char *p, const char *end, int n, int base, unsigned *value)
{
	static const char	 all[] = "0123456789abcdef";
	const char		*at;

	for (*value = 0; n > 0; n--, p++) {
		if (p == end || *p == '\0' || (at = memchr(all, *p | ((*p & 0x40) >> 1), (size_t)base)) == NULL)
			return -1;
		*value = *value * (unsigned)base + (unsigned)(at - all);
	}
	return 0;
}

/* The byte c written in some way at p: how long that is; 0: it is not there. */
static size_t
written(const char *p, const char *end, char c)
{
	static const struct { const char *start; int digits, base; const char *close; } ways[] = {
		{ "%", 2, 16, "" }, { "\\u00", 2, 16, "" }, { "\\x", 2, 16, "" }, { "&#x", 2, 16, ";" }, { "&#", 2, 10, ";" } };
	static const struct { char c; const char *name; } names[] = {
		{ '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&apos;" }, { ' ', "+" } };
	size_t		 left = (size_t)(end - p), start, close;
	unsigned	 value;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		start = strlen(ways[i].start) + (size_t)ways[i].digits;
		close = strlen(ways[i].close);
		if (left >= start + close && strncasecmp(p, ways[i].start, strlen(ways[i].start)) == 0 &&
		    digits(p + strlen(ways[i].start), end, ways[i].digits, ways[i].base, &value) == 0 &&
		    memcmp(p + start, ways[i].close, close) == 0 && value == (unsigned char)c)
			return start + close;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].c == c && left >= strlen(names[i].name) && strncasecmp(p, names[i].name, strlen(names[i].name)) == 0)
			return strlen(names[i].name);
	if (left >= 2 && p[0] == '\\' && p[1] == c)
		return 2;
	return left > 0 && *p == c ? 1 : 0;
}

static void
blank(char *text, size_t len, const char *secret, size_t n)
{
	char	*end = text + len, *p, *q;
	size_t	 i, step;

	for (p = text; n >= HIDE_MIN && p < end; p++) {
		if (*p != *secret && strchr("%\\&+", *p) == NULL)
			continue;
		for (q = p, i = 0; i < n && (step = written(q, end, secret[i])) > 0; i++)
			q += step;
		if (i == n)
			memset(p, '*', (size_t)(q - p));
	}
}

static void
blank_answer(struct http *h, const char *secret)
{
	size_t	 n = strlen(secret);

	/* What went well is read for what became of records: a password must not take the names of its members away. */
	if (h->collected.bytes != NULL && (n >= TOKEN_MIN || h->answer.status / 100 != 2))
		blank(h->collected.bytes, h->collected.len, secret, n);
	if (h->location != NULL)
		blank(h->location, strlen(h->location), secret, n);
	if (h->content_type != NULL)
		blank(h->content_type, strlen(h->content_type), secret, n);
	blank(h->answer.why, strlen(h->answer.why), secret, n);
}

void
http_hide(struct http *h)
{
	static const char	 name[] = "Authorization:";
	const char		*word;

	for (struct curl_slist *s = h->headers; s != NULL; s = s->next)
		if (strncasecmp(s->data, name, sizeof(name) - 1) == 0 && (word = strrchr(s->data, ' ')) != NULL)
			blank_answer(h, word + 1);
	for (struct curl_slist *s = h->hide; s != NULL; s = s->next)
		blank_answer(h, s->data);
}
