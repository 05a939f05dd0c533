/*
 * log - what happened, on stderr: one line, one write.
 *
 * A line is at most PIPE_BUF long: so much goes into a pipe whole or not at all, and poll() says beforehand whether it
 * does. A socket (the journal's) is asked with MSG_DONTWAIT. Neither touches the flags of stderr, which others share. Lines
 * are written one at a time, or two threads could be promised the same room.
 */
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/control.h"
#include "base/rfc3339.h"

#define TEXT_SIZE	2000
#define LINE_SIZE	PIPE_BUF
#define TAIL		8		/* kept free for "..." and what closes a line */

static int		 wanted = LOG_INFO;
static int		 format = LOG_TEXT;
static int		 journal, is_socket;
static unsigned long	 dropped;

static const struct {
	const char	*name;
	int		 priority;		/* of syslog, for journald */
} levels[] = {
	[LOG_ERROR] = { "error", 3 }, [LOG_WARN] = { "warn", 4 }, [LOG_INFO] = { "info", 6 }, [LOG_DEBUG] = { "debug", 7 },
};

/* systemd says which socket is the journal's: ours may have been redirected since. */
static int
is_journal(const struct stat *st)
{
	const char		*s = getenv("JOURNAL_STREAM");
	unsigned long long	 dev, ino;

	return s != NULL && sscanf(s, "%llu:%llu", &dev, &ino) == 2 && st->st_dev == (dev_t)dev && st->st_ino == (ino_t)ino;
}

void
log_open(enum log_level level, enum log_format f)
{
	struct stat	 st;
	int		 known = fstat(STDERR_FILENO, &st) == 0;

	__atomic_store_n(&journal, known && is_journal(&st), __ATOMIC_RELAXED);
	__atomic_store_n(&is_socket, known && S_ISSOCK(st.st_mode), __ATOMIC_RELAXED);
	__atomic_store_n(&format, (int)f, __ATOMIC_RELAXED);
	__atomic_store_n(&wanted, (int)level, __ATOMIC_RELAXED);
}

int
log_wants(enum log_level level)
{
	return (int)level <= __atomic_load_n(&wanted, __ATOMIC_RELAXED);
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

/* A line under construction; what does not fit any more is left out, and "..." says so. */
struct line {
	char	 bytes[1 + LINE_SIZE];	/* [0]: a line feed, to end what an earlier write has torn */
	size_t	 len;
};

static int
add(struct line *l, const char *bytes, size_t len)
{
	if (l->len + len > LINE_SIZE - TAIL)
		return -1;
	memcpy(l->bytes + l->len, bytes, len);
	l->len += len;
	return 0;
}

static void
add_all(struct line *l, const char *s)
{
	add(l, s, strlen(s));
}

static void
add_escaped(struct line *l, const char *text, int quoted)
{
	const unsigned char	*p = (const unsigned char *)text;
	size_t			 left = strlen(text), len;
	char			 byte[8];
	int			 full = 0;

	for (; left > 0 && !full; p += len, left -= len) {
		len = *p < 0x80 ? 1 : utf8(p, left);
		if (len == 0 || control_at((const char *)p) > 0) {
			len = 1;
			snprintf(byte, sizeof(byte), quoted ? "\\\\x%02x" : "\\x%02x", *p);
			full = add(l, byte, strlen(byte));
		} else if (quoted && (*p == '"' || *p == '\\')) {
			snprintf(byte, sizeof(byte), "\\%c", *p);
			full = add(l, byte, 2);
		} else
			full = add(l, (const char *)p, len);
	}
	if (full) {
		memcpy(l->bytes + l->len, "...", 3);
		l->len += 3;
	}
}

/* The fixed closing of a line fits always: TAIL is kept for it. */
static void
end(struct line *l, const char *closing)
{
	size_t	 len = strlen(closing);

	memcpy(l->bytes + l->len, closing, len);
	l->len += len;
}

static ssize_t
try_write(const char *bytes, size_t len)
{
	struct pollfd	 p = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (__atomic_load_n(&is_socket, __ATOMIC_RELAXED))
		return send(STDERR_FILENO, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (poll(&p, 1, 0) != 1 || p.revents != POLLOUT)	/* POLLERR: nobody reads, and SIGPIPE would follow */
		return -1;
	return write(STDERR_FILENO, bytes, len);
}

static void
put(struct line *l)
{
	static char	 busy;
	static int	 torn;
	size_t		 from = 1, len;
	ssize_t		 n;

	while (__atomic_test_and_set(&busy, __ATOMIC_ACQUIRE))
		sched_yield();
	l->bytes[0] = '\n';
	if (torn)
		from = 0;
	len = l->len - from;
	n = try_write(l->bytes + from, len);
	if (n > 0)
		torn = (size_t)n < len;
	if (n != (ssize_t)len)
		__atomic_add_fetch(&dropped, 1, __ATOMIC_RELAXED);
	__atomic_clear(&busy, __ATOMIC_RELEASE);
}

__attribute__((format(printf, 3, 0))) static void
say(enum log_level level, const char *id, const char *fmt, va_list ap)
{
	int		 saved = errno;
	char		 text[TEXT_SIZE], start[200], time[RFC3339_SIZE];
	struct line	 l;

	if (!log_wants(level))
		return;
	l.len = 1;
	if (vsnprintf(text, sizeof(text), fmt, ap) >= (int)sizeof(text))
		memcpy(text + sizeof(text) - 4, "...", 4);
	rfc3339_text(clock_wall_ms(), 3, time);
	switch (__atomic_load_n(&format, __ATOMIC_RELAXED)) {
	case LOG_JSON:
		snprintf(start, sizeof(start), "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\",\"message\":\"", time,
		    levels[level].name, id);
		add_all(&l, start);
		add_escaped(&l, text, 1);
		end(&l, "\"}\n");
		break;
	case LOG_LOGFMT:
		snprintf(start, sizeof(start), "time=%s level=%s event=%s message=\"", time, levels[level].name, id);
		add_all(&l, start);
		add_escaped(&l, text, 1);
		end(&l, "\"\n");
		break;
	default:
		if (__atomic_load_n(&journal, __ATOMIC_RELAXED))
			snprintf(start, sizeof(start), "<%d>%s: ", levels[level].priority, id);
		else
			snprintf(start, sizeof(start), "%s %-5s %s: ", time, levels[level].name, id);
		add_all(&l, start);
		add_escaped(&l, text, 0);
		end(&l, "\n");
		break;
	}
	put(&l);
	errno = saved;
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
