/*
 * log - what happened, on stderr, one write a line.
 */
#include "base/log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rfc3339.h"

#define TEXT_MAX	2000
#define LINE_MAX	(6 * TEXT_MAX + 300)	/* every byte may become \u00xx */

static enum log_level	 wanted = LOG_INFO;
static enum log_format	 format = LOG_TEXT;
static int		 journal;
static unsigned long	 dropped;

static const struct {
	const char	*name;
	int		 priority;		/* of syslog, for journald */
} levels[] = {
	[LOG_ERROR] = { "error", 3 }, [LOG_WARN] = { "warn", 4 }, [LOG_INFO] = { "info", 6 }, [LOG_DEBUG] = { "debug", 7 },
};

/* systemd says which socket is the journal's: ours may have been redirected since. */
static int
stderr_is_journal(void)
{
	const char		*s = getenv("JOURNAL_STREAM");
	unsigned long long	 dev, ino;
	struct stat		 st;

	return s != NULL && sscanf(s, "%llu:%llu", &dev, &ino) == 2 && fstat(STDERR_FILENO, &st) == 0 &&
	    st.st_dev == (dev_t)dev && st.st_ino == (ino_t)ino;
}

void
log_open(enum log_level level, enum log_format f)
{
	wanted = level;
	format = f;
	journal = stderr_is_journal();
}

int
log_wants(enum log_level level)
{
	return level <= wanted;
}

unsigned long
log_dropped(void)
{
	return __atomic_load_n(&dropped, __ATOMIC_RELAXED);
}

/* How many bytes of sound UTF-8 start at p; 0: none. */
static size_t
utf8(const unsigned char *p, size_t left)
{
	static const struct { unsigned char mask, is; size_t n; unsigned char low; } forms[] = {
		{ 0xe0, 0xc0, 2, 0 }, { 0xf0, 0xe0, 3, 0 }, { 0xf8, 0xf0, 4, 0 } };

	for (size_t i = 0; i < 3; i++) {
		if ((p[0] & forms[i].mask) != forms[i].is || left < forms[i].n || p[0] < 0xc2 || p[0] > 0xf4)
			continue;
		for (size_t k = 1; k < forms[i].n; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
		    (p[0] == 0xf4 && p[1] > 0x8f))
			return 0;
		return forms[i].n;
	}
	return 0;
}

static size_t
escape(char *to, const char *text, int json)
{
	const unsigned char	*p = (const unsigned char *)text;
	size_t			 left = strlen(text), n = 0, len;

	while (left > 0) {
		if (*p >= 0x20 && *p < 0x7f) {
			if (json && (*p == '"' || *p == '\\'))
				to[n++] = '\\';
			to[n++] = (char)*p;
			len = 1;
		} else if ((len = utf8(p, left)) > 0) {
			memcpy(to + n, p, len);
			n += len;
		} else {
			n += (size_t)sprintf(to + n, json ? "\\\\x%02x" : "\\x%02x", *p);
			len = 1;
		}
		p += len;
		left -= len;
	}
	to[n] = '\0';
	return n;
}

static void
put(const char *line, size_t len)
{
	struct pollfd	 p = { .fd = STDERR_FILENO, .events = POLLOUT };

	/* A pipe that is full must not stop the loop; poll says whether a line of up to PIPE_BUF goes in at once. */
	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT) || write(STDERR_FILENO, line, len) != (ssize_t)len)
		__atomic_add_fetch(&dropped, 1, __ATOMIC_RELAXED);
}

static void
say(enum log_level level, const char *id, const char *fmt, va_list ap)
{
	char	 text[TEXT_MAX], line[LINE_MAX], time[RFC3339_SIZE];
	size_t	 n = 0;

	if (level > wanted)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	rfc3339_text(clock_wall_ms(), 3, time);
	switch (format) {
	case LOG_JSON:
		n = (size_t)sprintf(line, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\",\"message\":\"", time,
		    levels[level].name, id);
		n += escape(line + n, text, 1);
		n += (size_t)sprintf(line + n, "\"}\n");
		break;
	case LOG_LOGFMT:
		n = (size_t)sprintf(line, "time=%s level=%s event=%s message=\"", time, levels[level].name, id);
		n += escape(line + n, text, 1);
		n += (size_t)sprintf(line + n, "\"\n");
		break;
	case LOG_TEXT:
		if (journal)
			n = (size_t)sprintf(line, "<%d>%s: ", levels[level].priority, id);
		else
			n = (size_t)sprintf(line, "%s %-5s %s: ", time, levels[level].name, id);
		n += escape(line + n, text, 0);
		line[n++] = '\n';
		break;
	}
	put(line, n);
}

#define SAY(level) \
	do { \
		va_list	 ap; \
		va_start(ap, fmt); \
		say(level, id, fmt, ap); \
		va_end(ap); \
	} while (0)

void
log_error(const char *id, const char *fmt, ...)
{
	SAY(LOG_ERROR);
}

void
log_warn(const char *id, const char *fmt, ...)
{
	SAY(LOG_WARN);
}

void
log_info(const char *id, const char *fmt, ...)
{
	SAY(LOG_INFO);
}

void
log_debug(const char *id, const char *fmt, ...)
{
	SAY(LOG_DEBUG);
}
