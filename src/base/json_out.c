/*
 * json_out - the writer: names and values in, commas and escapes by itself.
 */
#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "base/json_scan.h"

#define ESCAPED_MAX	6	/* \u001f; also longer than any character */

enum { NOTHING, SOMETHING, NAMED };	/* json_out.some */

/* ---- escapes ---- */

/* What stands for a byte that cannot stand in a string itself. Its length. */
static unsigned
escape(unsigned char c, char to[ESCAPED_MAX])
{
	static const char	 hex[] = "0123456789abcdef";
	char			 letter = '\0';

	switch (c) {
	case '"':	letter = '"';	break;
	case '\\':	letter = '\\';	break;
	case '\b':	letter = 'b';	break;
	case '\f':	letter = 'f';	break;
	case '\n':	letter = 'n';	break;
	case '\r':	letter = 'r';	break;
	case '\t':	letter = 't';	break;
	}
	to[0] = '\\';
	if (letter != '\0') {
		to[1] = letter;
		return 2;
	}
	memcpy(to + 1, "u00", 3);
	to[4] = hex[c >> 4];
	to[5] = hex[c & 15];
	return 6;
}

/* The same for what stands at p and is not plain; p moves on. */
static unsigned
escape_at(const char **p, const char *end, char to[ESCAPED_MAX])
{
	unsigned	 n;

	if ((unsigned char)**p < 0x80)
		return escape((unsigned char)*(*p)++, to);
	if ((n = scan_utf8(*p, end)) != 0) {
		memcpy(to, *p, n);
		*p += n;
		return n;
	}
	*p += scan_utf8_broken(*p, end);
	memcpy(to, SCAN_REPLACEMENT, 3);
	return 3;
}

/* Text full of quotes, as JSON in JSON is, goes through a small window, so that the buf is asked seldom. */
static void
add_escaped(struct buf *to, const char *p, const char *end)
{
	char	 window[1024];
	size_t	 n = 0;

	while (p < end) {
		const char	*stop = scan_plain(p, end, NULL);
		size_t		 run = (size_t)(stop - p);

		if (run + n + ESCAPED_MAX > sizeof(window)) {
			buf_add(to, window, n);
			n = 0;
		}
		if (run + ESCAPED_MAX > sizeof(window))
			buf_add(to, p, run);
		else {
			memcpy(window + n, p, run);
			n += run;
		}
		if ((p = stop) < end)
			n += escape_at(&p, end, window + n);
	}
	buf_add(to, window, n);
}

/* Most text is plain: then it is copied at once, quotes and all. */
void
json_escape(struct buf *to, const char *s, size_t len)
{
	const char	*end = s + len, *stop = scan_plain(s, end, NULL);
	char		*at;

	buf_need(to, len + 2);
	if (stop == end && buf_has(to, len + 2)) {
		at = to->bytes + to->len;
		at[0] = '"';
		if (len > 0)
			memcpy(at + 1, s, len);
		memcpy(at + 1 + len, "\"", 2);
		to->len += len + 2;
		return;
	}
	buf_addc(to, '"');
	add_escaped(to, s, end);
	buf_addc(to, '"');
}

/* ---- commas and brackets ---- */

void
json_out_init(struct json_out *o, struct buf *to)
{
	o->to = to;
	o->depth = 0;
	o->some[0] = NOTHING;
}

/* A comma if something stands before what comes now; afterwards something does. */
static void
separate(struct json_out *o, uint8_t now)
{
	if (o->some[o->depth] == SOMETHING)
		buf_addc(o->to, ',');
	o->some[o->depth] = now;
}

void
json_out_open(struct json_out *o, char bracket)
{
	assert((bracket == '{' || bracket == '[') && o->depth + 1 < sizeof(o->some));
	separate(o, SOMETHING);
	buf_addc(o->to, bracket);
	o->some[++o->depth] = NOTHING;
}

void
json_out_close(struct json_out *o, char bracket)
{
	assert((bracket == '}' || bracket == ']') && o->depth > 0 && o->some[o->depth] != NAMED);
	o->depth--;
	buf_addc(o->to, bracket);
}

void
json_out_name(struct json_out *o, const char *name, size_t len)
{
	assert(o->some[o->depth] != NAMED);
	separate(o, NAMED);
	json_escape(o->to, name, len);
	buf_addc(o->to, ':');
}

void
json_out_string(struct json_out *o, const char *s, size_t len)
{
	separate(o, SOMETHING);
	json_escape(o->to, s, len);
}

void
json_out_raw(struct json_out *o, const char *text, size_t len)
{
	separate(o, SOMETHING);
	buf_add(o->to, text, len);
}

void
json_out_int(struct json_out *o, int64_t value)
{
	separate(o, SOMETHING);
	buf_addi(o->to, value);
}

void
json_out_bool(struct json_out *o, int value)
{
	if (value)
		json_out_raw(o, "true", 4);
	else
		json_out_raw(o, "false", 5);
}

void
json_out_null(struct json_out *o)
{
	json_out_raw(o, "null", 4);
}
