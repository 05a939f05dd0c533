/*
 * json_text - what is at a node as bytes: decoded text, and the span itself without white space.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_scan.h"
#include "base/xalloc.h"

/* ---- writing straight into a buf what is at most n bytes ---- */

/* Where to write: in the buf, or aside if its cap may be too near. */
static char *
begin(struct buf *to, size_t n)
{
	if (to->failed || (to->cap != 0 && to->cap - to->len <= n))
		return xmalloc(n + 1);
	buf_need(to, n + 1);
	return to->bytes + to->len;
}

static void
finish(struct buf *to, char *start, const char *end)
{
	size_t	 n = (size_t)(end - start);

	if (to->bytes == NULL || start != to->bytes + to->len) {
		buf_add(to, start, n);
		free(start);
		return;
	}
	to->len += n;
	to->bytes[to->len] = '\0';
}

/* ---- decoded text ---- */

static inline const char *
copy_plain(const char *p, const char *end, char **to)
{
	const char	*stop = scan_plain(p, end, NULL);

	memcpy(*to, p, (size_t)(stop - p));
	*to += stop - p;
	return stop;
}

static char *
decode(const char *p, const char *end, char *to)
{
	char	 c[4];

	while ((p = copy_plain(p, end, &to)) < end) {
		unsigned	 n = scan_decode(&p, c);

		memcpy(to, c, n);
		to += n;
	}
	return to;
}

void
json_text(const struct json *j, uint32_t node, struct buf *to)
{
	const struct json_node	*n = &j->nodes[node];
	const char		*p = j->bytes + n->start, *end = j->bytes + n->end;
	char			*start;

	if (n->kind != JSON_STRING)
		buf_add(to, p, (size_t)(end - p));
	else if ((n->flags & JSON_ESCAPED) == 0)
		buf_add(to, p + 1, (size_t)(end - p) - 2);
	else {
		start = begin(to, (size_t)(end - p));
		finish(to, start, decode(p + 1, end - 1, start));
	}
}

/* ---- spans without white space ---- */

/* A copy made of as few runs as possible: run is where the bytes begin that are still to be copied. */
struct copy {
	const char	*run;
	char		*to;
};

static inline void
copy_until(struct copy *c, const char *stop, const char *go_on)
{
	memcpy(c->to, c->run, (size_t)(stop - c->run));
	c->to += stop - c->run;
	c->run = go_on;
}

/* p is after a quote. Past the closing one, or the end; any bytes in. */
static inline const char *
past_any_string(const char *p, const char *end)
{
	while ((p = scan_plain(p, end, NULL)) < end) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\')
			p = end - p > 2 ? p + 2 : end;
		else
			p++;
		while (p < end && (unsigned char)*p >= 0x80)
			p++;
	}
	return end;
}

/* The same in a sound string, and what is lone in it is copied as U+FFFD. */
static const char *
past_repaired_string(const char *p, const char *end, struct copy *c)
{
	char	 out[4];

	while (*(p = scan_plain(p, end, NULL)) != '"') {
		const char	*at = p;

		if (scan_decode(&p, out) == 3 && at[0] == '\\' && at[1] == 'u' && (scan_hex4(at + 2) & 0xf800) == 0xd800) {
			copy_until(c, at, p);
			memcpy(c->to, "\\ufffd", 6);
			c->to += 6;
		}
	}
	return p + 1;
}

static char *
squeeze(const char *p, const char *end, char *to, int repair)
{
	struct copy	 c = { p, to };

	while (p < end) {
		const char	*at = p++;

		if (*at == '"')
			p = repair ? past_repaired_string(p, end, &c) : past_any_string(p, end);
		else if (scan_is_space(*at)) {
			while (p < end && scan_is_space(*p))
				p++;
			copy_until(&c, at, p);
		}
	}
	copy_until(&c, end, end);
	return c.to;
}

void
json_squeeze(const char *p, size_t len, struct buf *to)
{
	char	*start;

	if (len == 0)
		return;
	start = begin(to, len);
	finish(to, start, squeeze(p, p + len, start, 0));
}

void
json_span(const struct json *j, uint32_t node, struct buf *to, int repair)
{
	const struct json_node	*n = &j->nodes[node];
	const char		*p = j->bytes + n->start, *end = j->bytes + n->end;
	char			*start;

	repair = repair && (n->flags & (JSON_LONE | JSON_LONES)) != 0;
	if (!repair && (n->flags & JSON_SPACED) == 0) {
		buf_add(to, p, (size_t)(end - p));
		return;
	}
	start = begin(to, (size_t)(end - p));
	finish(to, start, squeeze(p, end, start, repair));
}
