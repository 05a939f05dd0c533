/*
 * text - bytes that grow; what the simulator builds answers and records in.
 */
#include <stdio.h>
#include <stdlib.h>

#include "text.h"

void *
sim_alloc(size_t n, size_t size)
{
	void	*p = calloc(n ? n : 1, size);

	if (p == NULL)
		abort();
	return p;
}

void *
sim_grow(void *old, size_t n, size_t size)
{
	void	*p = reallocarray(old, n, size);

	if (p == NULL)
		abort();
	return p;
}

char *
sim_copy(const char *s, size_t len)
{
	char	*p = sim_alloc(len + 1, 1);

	memcpy(p, s, len);
	return p;
}

void
text_clear(struct text *t)
{
	free(t->bytes);
	*t = (struct text){ NULL, 0, 0 };
}

void
text_reset(struct text *t)
{
	t->len = 0;
	if (t->bytes != NULL)
		t->bytes[0] = '\0';
}

char *
text_need(struct text *t, size_t more)
{
	size_t	 want = t->len + more + 1;

	if (want > t->size) {
		size_t	 size = t->size ? t->size : 256;

		while (size < want)
			size *= 2;
		t->bytes = sim_grow(t->bytes, size, 1);
		t->size = size;
	}
	return t->bytes + t->len;
}

void
text_add(struct text *t, const void *bytes, size_t len)
{
	char	*to = text_need(t, len);

	if (len > 0)
		memcpy(to, bytes, len);
	t->len += len;
	t->bytes[t->len] = '\0';
}

void
text_adds(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void
text_addc(struct text *t, char c)
{
	text_add(t, &c, 1);
}

void
text_addu(struct text *t, uint64_t v)
{
	char	 digits[24];
	size_t	 at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	text_add(t, digits + at, sizeof(digits) - at);
}

void
text_addi(struct text *t, int64_t v)
{
	if (v < 0)
		text_addc(t, '-');
	text_addu(t, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void
text_addf(struct text *t, const char *fmt, ...)
{
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	text_need(t, (size_t)n);
	va_start(ap, fmt);
	vsnprintf(t->bytes + t->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	t->len += (size_t)n;
}

void
text_json(struct text *t, const char *s, size_t len)
{
	size_t	 i, from = 0;

	text_addc(t, '"');
	for (i = 0; i < len; i++) {
		unsigned char	 c = (unsigned char)s[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		text_add(t, s + from, i - from);
		from = i + 1;
		if (c == '"' || c == '\\') {
			text_addc(t, '\\');
			text_addc(t, (char)c);
		} else {
			text_addf(t, "\\u%04x", c);
		}
	}
	text_add(t, s + from, len - from);
	text_addc(t, '"');
}

void
text_base64url(struct text *t, const void *bytes, size_t len)
{
	static const char	 abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const unsigned char	*p = bytes;
	size_t			 i, k;

	for (i = 0; i < len; i += 3) {
		size_t		 n = len - i < 3 ? len - i : 3;
		uint32_t	 v = (uint32_t)p[i] << 16;

		if (n > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (n > 2)
			v |= p[i + 2];
		for (k = 0; k <= n; k++)
			text_addc(t, abc[(v >> (18 - 6 * k)) & 63]);
	}
}

void
text_drop(struct text *t, size_t n)
{
	if (n == 0)
		return;
	memmove(t->bytes, t->bytes + n, t->len - n);
	t->len -= n;
	t->bytes[t->len] = '\0';
}

const char *
text_str(const struct text *t)
{
	return t->bytes != NULL ? t->bytes : "";
}
