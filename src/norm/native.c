/*
 * native - Microsoft's record as Splunk's own add-ons for Microsoft expect it.
 */
#include "norm/native.h"

#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"

#define FRACTION_MAX 20

static int
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* One past the quote that ends the string whose first quote is at p. */
static const char *
string_end(const char *p, const char *end)
{
	const char	*quote, *back;

	for (p++; p < end; p = quote + 1) {
		if ((quote = memchr(p, '"', (size_t)(end - p))) == NULL)
			return end;
		for (back = quote; back > p && back[-1] == '\\'; back--)
			continue;
		if ((quote - back) % 2 == 0)
			return quote + 1;
	}
	return end;
}

static inline void
put(struct buf *to, const char *p, size_t n)
{
	if (to->failed || to->cap != 0 || to->size < to->len + n + 2) {
		buf_add(to, p, n);
		return;
	}
	memcpy(to->bytes + to->len, p, n);
	to->len += n;
}

void
native_spaced(const char *p, size_t len, struct buf *to)
{
	const char	*end = p + len, *run = p;

	if (to->cap == 0)
		buf_need(to, len + len / 8);
	while (p < end) {
		if (*p == '"')
			p = string_end(p, end);
		else if (*p == ',' || *p == ':') {
			put(to, run, (size_t)(p + 1 - run));
			put(to, " ", 1);
			for (p++; p < end && is_space(*p); p++)
				continue;
			run = p;
		} else if (is_space(*p)) {
			put(to, run, (size_t)(p - run));
			while (p < end && is_space(*p))
				p++;
			run = p;
		} else
			p++;
	}
	put(to, run, (size_t)(p - run));
	buf_add(to, "", 0);
}

const char *
native_member(const char *p, size_t len, const char *name, size_t *n)
{
	const char	*end = p + len, *start;
	size_t		 name_len = strlen(name);
	unsigned	 depth = 0;
	int		 is_name = 0, found = 0;

	for (; p < end; p++) {
		switch (*p) {
		case '{':
		case '[':
			is_name = ++depth == 1;
			break;
		case '}':
		case ']':
			depth--;
			break;
		case ',':
			is_name = depth == 1;
			break;
		case ':':
			is_name = 0;
			continue;		/* found stays */
		case '"':
			start = p + 1;
			p = string_end(p, end) - 1;
			*n = (size_t)(p - start);
			if (found)
				return start;
			found = is_name && *n == name_len && memcmp(start, name, name_len) == 0;
			continue;
		default:
			if (is_space(*p))
				continue;
		}
		found = 0;
	}
	return NULL;
}

int
native_epoch(const char *text, size_t len, char to[NORM_EPOCH_SIZE])
{
	const char	*dot;
	size_t		 digits = 0, n;
	int64_t		 ms;

	if (len == 0 || len >= 64 || rfc3339_parse(text, len, &ms, NULL) == -1 || ms < 0)
		return -1;
	if ((dot = memchr(text, '.', len)) != NULL)
		while (digits < FRACTION_MAX && dot + 1 + digits < text + len && dot[1 + digits] >= '0' && dot[1 + digits] <= '9')
			digits++;
	while (digits > 0 && dot[digits] == '0')
		digits--;
	n = (size_t)snprintf(to, NORM_EPOCH_SIZE, "%lld", (long long)(ms / 1000));
	if (digits > 0)
		snprintf(to + n, NORM_EPOCH_SIZE - n, ".%.*s", (int)digits, dot + 1);
	return 0;
}

void
native_event(struct norm *n, const struct norm_source *source, const struct record *r, struct buf *to)
{
	const struct native_row	*row = native_row(source->feed);

	if (row->wrap != NULL)
		row->wrap(n, source, r, to);
	else
		native_spaced(r->bytes, r->len, to);
}

/* A record without a readable time has the one its content was made available at, as in the other schemas. */
static void
when(const char *name, const struct norm_source *source, const struct record *r, char to[NORM_EPOCH_SIZE])
{
	const char	*text;
	size_t		 n;

	if ((text = native_member(r->bytes, r->len, name, &n)) != NULL && native_epoch(text, n, to) == 0)
		return;
	if (r->second > 0)
		snprintf(to, NORM_EPOCH_SIZE, "%lld", (long long)r->second);
	else
		snprintf(to, NORM_EPOCH_SIZE, "%lld.%03d", (long long)(source->created_ms / 1000),
		    (int)(source->created_ms % 1000));
}

void
norm_envelope(const struct norm_source *source, const struct record *r, const char *uri, struct norm_envelope *e)
{
	const struct native_row	*row = native_row(source->feed);

	e->sourcetype = row->sourcetype;
	when(row->time, source, r, e->time);
	switch (row->from) {
	case NATIVE_URI:
		e->source = uri;
		break;
	case NATIVE_TEXT:
		e->source = row->source;
		break;
	case NATIVE_TENANT:
		snprintf(e->text, sizeof(e->text), "%s%s", row->source, source->tenant_guid);
		e->source = e->text;
		break;
	}
}
