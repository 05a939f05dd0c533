/*
 * buf - bytes that grow, and remember that they failed.
 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void
buf_init(struct buf *b, size_t cap)
{
	memset(b, 0, sizeof(*b));
	b->cap = cap;
}

void
buf_clear(struct buf *b)
{
	size_t	 cap = b->cap;

	free(b->bytes);
	buf_init(b, cap);
}

void
buf_shrink(struct buf *b, size_t keep)
{
	if (b->size > keep)
		buf_clear(b);
	else
		buf_reset(b);
}

int
buf_failed(const struct buf *b)
{
	return b->failed;
}

void
buf_grow(struct buf *b, size_t more)
{
	size_t	 need, size;

	if (b->failed)
		return;
	if (more > SIZE_MAX / 2 - b->len || (b->cap != 0 && b->len + more > b->cap)) {
		b->failed = 1;
		return;
	}
	need = b->len + more + 1;
	if (need <= b->size)
		return;
	size = b->size == 0 ? 64 : b->size * 2;
	if (size < need)
		size = need;
	if (b->cap != 0 && size > b->cap + 1)
		size = b->cap + 1;
	b->bytes = xrealloc(b->bytes, size);
	b->size = size;
	b->bytes[b->len] = '\0';
}

void
buf_addv(struct buf *b, const char *fmt, va_list ap)
{
	va_list	 again;
	size_t	 room;
	int	 n;

	buf_need(b, 0);
	if (b->failed)
		return;
	va_copy(again, ap);
	room = b->size - b->len;
	n = vsnprintf(b->bytes + b->len, room, fmt, ap);
	if (n >= 0 && (size_t)n >= room) {
		b->bytes[b->len] = '\0';
		buf_need(b, (size_t)n);
		if (!b->failed)
			vsnprintf(b->bytes + b->len, (size_t)n + 1, fmt, again);
	}
	if (n >= 0 && !b->failed)
		b->len += (size_t)n;
	va_end(again);
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	buf_addv(b, fmt, ap);
	va_end(ap);
}

void
buf_addi(struct buf *b, int64_t n)
{
	char		 digits[24], *p = digits + sizeof(digits);
	uint64_t	 u = n < 0 ? (uint64_t)-(n + 1) + 1 : (uint64_t)n;

	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u > 0);
	if (n < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(digits + sizeof(digits) - p));
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n > b->len)
		n = b->len;
	if (n == 0)
		return;
	memmove(b->bytes, b->bytes + n, b->len - n);
	b->len -= n;
	b->bytes[b->len] = '\0';
}

void
buf_cut(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->bytes[len] = '\0';
}

char *
buf_take(struct buf *b, size_t *len)
{
	char	*p = b->bytes != NULL ? b->bytes : xstrdup("");

	if (len != NULL)
		*len = b->len;
	b->bytes = NULL;
	b->len = b->size = 0;
	b->failed = 0;
	return p;
}
