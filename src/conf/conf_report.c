/*
 * conf_report - everything that is wrong with a file, in the file's order: "file:line:column: key.path: what; what to do".
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/control.h"
#include "base/xalloc.h"
#include "conf/conf_in.h"

#define COMPLAINTS_MAX 200		/* nobody mends more in one go */

static void
add_path(const struct node *n, struct buf *b)
{
	if (n == NULL || n->parent == NULL)
		return;
	add_path(n->parent, b);
	if (n->key == NULL)
		buf_addf(b, "[%zu]", n->place);
	else
		buf_addf(b, "%s%.100s", b->len > 0 ? "." : "", n->key);
}

static void keep(struct report *, unsigned, unsigned, struct buf *, const char *, va_list)
    __attribute__((format(printf, 5, 0)));

static void
keep(struct report *r, unsigned line, unsigned column, struct buf *path, const char *fmt, va_list ap)
{
	struct complaint	*c;

	if (r->n >= COMPLAINTS_MAX) {
		r->more++;
		buf_clear(path);
		return;
	}
	if (path->len > 0)
		buf_adds(path, ": ");
	buf_addv(path, fmt, ap);
	if (path->bytes != NULL)	/* whatever stands in the file must not move the cursor of a terminal */
		control_blank(path->bytes, '?');
	r->items = xreallocarray(r->items, r->n + 1, sizeof(*r->items));
	c = &r->items[r->n++];
	c->line = line;
	c->column = column;
	c->text = buf_take(path, NULL);
}

void
complain(struct report *r, const struct node *n, const char *fmt, ...)
{
	struct buf	 b = { 0 };
	va_list		 ap;

	add_path(n, &b);
	va_start(ap, fmt);
	keep(r, n->line, n->column, &b, fmt, ap);
	va_end(ap);
}

void
complain_key(struct report *r, const struct node *n, const char *fmt, ...)
{
	struct buf	 b = { 0 };
	int		 has_key = n->key_line != 0;
	va_list		 ap;

	add_path(n, &b);
	va_start(ap, fmt);
	keep(r, has_key ? n->key_line : n->line, has_key ? n->key_column : n->column, &b, fmt, ap);
	va_end(ap);
}

/* What is not there has no place: it points at its parent. */
void
complain_missing(struct report *r, const struct node *map, const char *key, const char *fmt, ...)
{
	struct buf	 b = { 0 };
	int		 has_key = map->key_line != 0;
	va_list		 ap;

	add_path(map, &b);
	buf_addf(&b, "%s%s", b.len > 0 ? "." : "", key);
	va_start(ap, fmt);
	keep(r, has_key ? map->key_line : map->line, has_key ? map->key_column : map->column, &b, fmt, ap);
	va_end(ap);
}

void
complain_at(struct report *r, const struct node *n, unsigned line, unsigned column, const char *fmt, ...)
{
	struct buf	 b = { 0 };
	va_list		 ap;

	add_path(n, &b);
	va_start(ap, fmt);
	keep(r, line, column, &b, fmt, ap);
	va_end(ap);
}

static int
by_place(const void *a, const void *b)
{
	const struct complaint	*x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return strcmp(x->text, y->text);
}

void
report_text(struct report *r, const char *file, struct buf *to)
{
	if (r->n > 1)
		qsort(r->items, r->n, sizeof(*r->items), by_place);
	for (size_t i = 0; i < r->n; i++)
		buf_addf(to, "%s:%u:%u: %s\n", file, r->items[i].line, r->items[i].column, r->items[i].text);
	if (r->more > 0)
		buf_addf(to, "%s: and %zu more\n", file, r->more);
}

void
report_clear(struct report *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->items[i].text);
	free(r->items);
	*r = (struct report){ 0 };
}

const char *
shown(const char *text, char to[100])
{
	size_t	 len = strlen(text), keep_len = len;

	if (len > 60)
		for (keep_len = 57; keep_len > 0 && ((unsigned char)text[keep_len] & 0xc0) == 0x80; keep_len--)
			continue;
	snprintf(to, 100, "\"%.*s%s\"", (int)keep_len, text, keep_len < len ? "..." : "");
	return to;
}
