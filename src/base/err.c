/*
 * err - a failure on its way to whoever handles it.
 *
 * The text is made beside the struct and then copied, so that it may quote the old one; it is always one line.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/control.h"

#define EXIT_BUG	70		/* EX_SOFTWARE */
#define TEXT_SIZE	sizeof(((struct err *)NULL)->text)
#define REASON_ROOM	100		/* of the text is kept for errno's, however long the path before it */

void
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	char	 text[TEXT_SIZE];
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	control_blank(text, ' ');
	e->kind = kind;
	memcpy(e->text, text, sizeof(text));
}

void
err_errno(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	int	 saved = errno;
	char	 text[TEXT_SIZE - REASON_ROOM], reason[REASON_ROOM];
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* It passes; as a configuration that is wrong it would keep the service manager from trying again. */
	err_set(e, saved == ENOMEM ? ERR_AGAIN : kind, "%s: %s", text, strerror_r(saved, reason, sizeof(reason)));
	errno = saved;
}

void
err_wrap(struct err *e, const char *fmt, ...)
{
	char	 prefix[TEXT_SIZE];
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(prefix, sizeof(prefix), fmt, ap);
	va_end(ap);
	err_set(e, e->kind, "%s%s", prefix, e->text);
}

int
err_exit(const struct err *e)
{
	return e->kind != ERR_NONE ? (int)e->kind : EXIT_BUG;
}
