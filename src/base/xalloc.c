/*
 * xalloc - memory, or the process stops.
 */
#include "base/xalloc.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

/* One write, as far as that goes: stdio might want memory. */
_Noreturn void
no_memory(const char *what_for)
{
	const char	*const parts[] = { "m365fwd: out of memory (", what_for, "); stopping (nothing is lost)\n" };
	char		 text[200];
	size_t		 at = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		for (const char *p = parts[i]; *p != '\0' && at < sizeof(text); p++)
			text[at++] = *p;
	(void)!write(STDERR_FILENO, text, at);
	_exit(ERR_AGAIN);
}

void *
xmalloc(size_t size)
{
	void	*p = malloc(size > 0 ? size : 1);

	if (p == NULL)
		no_memory("own data");
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void	*p = calloc(n > 0 ? n : 1, size > 0 ? size : 1);

	if (p == NULL)
		no_memory("own data");
	return p;
}

void *
xrealloc(void *old, size_t size)
{
	void	*p = realloc(old, size > 0 ? size : 1);

	if (p == NULL)
		no_memory("own data");
	return p;
}

void *
xreallocarray(void *old, size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size)
		no_memory("own data");
	return xrealloc(old, n * size);
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *
xstrndup(const char *s, size_t len)
{
	char	*p;

	len = strnlen(s, len);
	p = xmalloc(len + 1);
	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list	 ap;
	char	*p;
	int	 n;

	va_start(ap, fmt);
	n = vasprintf(&p, fmt, ap);
	va_end(ap);
	if (n == -1)
		no_memory("own data");
	return p;
}

void
xtrim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
