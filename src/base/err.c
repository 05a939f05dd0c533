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

/* What is short and can be raised or freed: the same advice whatever file it met. */
static const struct {
	int		 number;
	const char	*what;
} advices[] = {
	{ ENOSPC,	"make room (bytes, or inodes: df -i)" },
	{ EDQUOT,	"make room, or raise the quota" },
	{ EFBIG,	"raise the limit of file sizes (LimitFSIZE=, ulimit -f)" },
	{ EROFS,	"mount the file system writable, or name another directory" },
	{ EMFILE,	"raise the limit of open files (LimitNOFILE=, ulimit -n)" },
	{ ENFILE,	"raise the system's limit of open files (fs.file-max)" },
};

const char *
err_advice(int number)
{
	size_t	 i;

	for (i = 0; i < sizeof(advices) / sizeof(*advices); i++)
		if (advices[i].number == number)
			return advices[i].what;
	return NULL;
}

const char *
err_reason(int number, char to[ERR_REASON])
{
	const char	*advice = err_advice(number);
	char		 reason[ERR_REASON / 2];

	snprintf(to, ERR_REASON, "%s%s%s", strerror_r(number, reason, sizeof(reason)), advice != NULL ? "; " : "",
	    advice != NULL ? advice : "");
	return to;
}

static int
passes(int number)
{
	return number == ENOMEM || number == EMFILE || number == ENFILE;
}

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
	char	 text[TEXT_SIZE - ERR_REASON], reason[ERR_REASON];	/* there is room for the reason, however long a path before it */
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* It passes; as a configuration that is wrong it would keep the service manager from trying again. */
	err_set(e, passes(saved) ? ERR_AGAIN : kind, "%s: %s", text, err_reason(saved, reason));
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
