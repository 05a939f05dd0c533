/*
 * span - a JSON text by its bytes.
 */
#include "span.h"

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Behind the string that begins here. */
static const char *
skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	return p < end ? p + 1 : end;
}

static const char *
skip_space(const char *p, const char *end)
{
	while (p < end && is_space(*p))
		p++;
	return p;
}

size_t
span_end(const char *s, size_t len)
{
	const char	*p = s, *end = s + len;
	size_t		 depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = skip_string(p, end);
			continue;
		}
		if (*p == '{' || *p == '[')
			depth++;
		else if ((*p == '}' || *p == ']') && --depth == 0)
			return (size_t)(p + 1 - s);
		p++;
	}
	return 0;
}

static const char *
skip_value(const char *p, const char *end)
{
	if (*p == '"')
		return skip_string(p, end);
	if (*p == '{' || *p == '[') {
		size_t	 n = span_end(p, (size_t)(end - p));

		return n > 0 ? p + n : end;
	}
	while (p < end && !is_space(*p) && *p != ',' && *p != '}' && *p != ']')
		p++;
	return p;
}

int
span_member(const char **at, const char *end, struct member *m)
{
	const char	*p = *at;

	while (p < end && *p != '"')
		p++;
	if (p == end)
		return 0;
	m->name.at = p + 1;
	p = skip_string(p, end);
	m->name.len = (size_t)(p - 1 - m->name.at);
	while (p < end && (is_space(*p) || *p == ':'))
		p++;
	if (p == end)
		return 0;
	m->value.at = p;
	p = skip_value(p, end);
	m->value.len = (size_t)(p - m->value.at);
	*at = p;
	return 1;
}

int
span_named(const struct member *m, const char *name)
{
	return m->name.len == strlen(name) && memcmp(m->name.at, name, m->name.len) == 0;
}

struct piece
span_trim(const char *s, size_t len)
{
	const char	*p = skip_space(s, s + len);

	len -= (size_t)(p - s);
	while (len > 0 && is_space(p[len - 1]))
		len--;
	return (struct piece){ p, len };
}

static void
respace(const struct piece *v, int spaced, struct text *t)
{
	const char	*p = v->at, *end = p + v->len, *from;

	text_need(t, v->len + v->len / 8 + 16);
	while (p < end) {
		from = p;
		if (is_space(*p)) {
			p++;
			continue;
		}
		if (*p == '"')
			p = skip_string(p, end);
		else
			for (; p < end && *p != '"' && !is_space(*p) && *p != ',' && *p != ':'; p++)
				continue;
		if (p > from) {
			text_add(t, from, (size_t)(p - from));
			continue;
		}
		text_addc(t, *p++);
		if (spaced)
			text_addc(t, ' ');
	}
}

void
span_compact(const struct piece *v, struct text *t)
{
	respace(v, 0, t);
}

void
span_spaced(const struct piece *v, struct text *t)
{
	respace(v, 1, t);
}
