/*
 * pen - JSON text written straight into a buf, a few bytes at a time, without asking the buf each time.
 *
 * Between pen_start and pen_stop the buf is the pen's. pen_item puts a comma if something stands before. A mark
 * remembers a place to go back to. When the buf failed, nothing is written any more and the buf says so.
 */
#ifndef NORM_PEN_H
#define NORM_PEN_H

#include <string.h>

#include "base/buf.h"
#include "base/json.h"

struct pen {
	struct buf	*to;
	char		*p;
	char		*end;
	int		 comma;
};

struct pen_mark {
	size_t		 at;
	int		 comma;
};

void	 pen_start(struct pen *, struct buf *, size_t room);
void	 pen_stop(struct pen *);
int	 pen_more(struct pen *, size_t);
void	 pen_back(struct pen *, const struct pen_mark *);
void	 pen_escape(struct pen *, const char *, size_t);	/* a string that may need escapes, with quotes */

static inline void
pen_add(struct pen *w, const char *s, size_t n)
{
	if (__builtin_expect((size_t)(w->end - w->p) < n, 0) && !pen_more(w, n))
		return;
	memcpy(w->p, s, n);
	w->p += n;
}

static inline void
pen_addc(struct pen *w, char c)
{
	if (__builtin_expect(w->p == w->end, 0) && !pen_more(w, 1))
		return;
	*w->p++ = c;
}

static inline size_t
pen_at(const struct pen *w)
{
	return (size_t)(w->p - w->to->bytes);
}

static inline struct pen_mark
pen_here(const struct pen *w)
{
	return (struct pen_mark){ pen_at(w), w->comma };
}

static inline void
pen_item(struct pen *w)
{
	if (w->comma)
		pen_addc(w, ',');
	w->comma = 1;
}

static inline void
pen_open(struct pen *w, char bracket)
{
	pen_addc(w, bracket);
	w->comma = 0;
}

static inline void
pen_close(struct pen *w, char bracket)
{
	pen_addc(w, bracket);
	w->comma = 1;
}

/* Text that is known to need no escape, with quotes. */
static inline void
pen_plain(struct pen *w, const char *s, size_t n)
{
	if (__builtin_expect((size_t)(w->end - w->p) < n + 2, 0) && !pen_more(w, n + 2))
		return;
	*w->p++ = '"';
	memcpy(w->p, s, n);
	w->p[n] = '"';
	w->p += n + 1;
}

#endif
