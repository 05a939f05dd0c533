/*
 * err - a failure on its way to whoever handles it.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define EXIT_BUG 70		/* EX_SOFTWARE */

void
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list	 ap;

	e->kind = kind;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
}

void
err_errno(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	int	 saved = errno;
	size_t	 len;
	va_list	 ap;

	e->kind = kind;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	len = strlen(e->text);
	snprintf(e->text + len, sizeof(e->text) - len, ": %s", strerrordesc_np(saved));
	errno = saved;
}

void
err_wrap(struct err *e, const char *fmt, ...)
{
	char	 old[sizeof(e->text)];
	size_t	 len;
	va_list	 ap;

	memcpy(old, e->text, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	len = strlen(e->text);
	snprintf(e->text + len, sizeof(e->text) - len, "%s", old);
}

int
err_exit(const struct err *e)
{
	return e->kind != ERR_NONE ? (int)e->kind : EXIT_BUG;
}
