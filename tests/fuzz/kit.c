/*
 * kit - what the fuzz targets share.
 */
#include "kit.h"

#include <string.h>

#include "base/xalloc.h"

struct fuzz_in
fuzz_in(const uint8_t *p, size_t len)
{
	return (struct fuzz_in){ (const char *)p, (const char *)p + len };
}

char *
fuzz_line(struct fuzz_in *in, char *to, size_t size)
{
	size_t		 left = (size_t)(in->end - in->p), len;
	const char	*end = left > 0 ? memchr(in->p, '\n', left) : NULL;

	len = end != NULL ? (size_t)(end - in->p) : left;
	snprintf(to, size, "%.*s", (int)(len < size ? len : size - 1), len > 0 ? in->p : "");
	in->p += len + (end != NULL ? 1 : 0);
	return to;
}

char *
fuzz_word(char **text)
{
	char	*word = *text + strspn(*text, " ");

	*text = word + strcspn(word, " ");
	if (**text != '\0')
		*(*text)++ = '\0';
	return word;
}

unsigned
fuzz_number(char **text, unsigned max)
{
	unsigned long	 n = strtoul(fuzz_word(text), NULL, 10);

	return n <= max ? (unsigned)n : max;
}

char *
fuzz_text(const struct fuzz_in *in)
{
	return in->end > in->p ? xstrndup(in->p, (size_t)(in->end - in->p)) : xstrdup("");
}

int
fuzz_has_controls(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			return 1;
	return 0;
}

int
fuzz_moves_terminal(const char *p, size_t len)
{
	for (size_t i = 1; i < len; i++)
		if ((unsigned char)p[i - 1] == 0xc2 && (unsigned char)p[i] >= 0x80 && (unsigned char)p[i] < 0xa0)
			return 1;
	return fuzz_has_controls(p, len);
}
