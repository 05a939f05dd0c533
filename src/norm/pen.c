/*
 * pen - JSON text written straight into a buf.
 */
#include "norm/pen.h"

static char	 nowhere[1];

static void
take(struct pen *w, size_t room)
{
	buf_need(w->to, room);
	if (w->to->failed) {
		w->p = w->end = nowhere;
		return;
	}
	w->p = w->to->bytes + w->to->len;
	w->end = w->to->bytes + w->to->size - 1;
}

void
pen_start(struct pen *w, struct buf *to, size_t room)
{
	w->to = to;
	w->comma = 0;
	take(w, room);
}

void
pen_stop(struct pen *w)
{
	if (w->to->failed)
		return;
	w->to->len = pen_at(w);
	w->to->bytes[w->to->len] = '\0';
}

int
pen_more(struct pen *w, size_t n)
{
	if (w->to->failed)
		return 0;
	pen_stop(w);
	take(w, n);
	return !w->to->failed;
}

void
pen_back(struct pen *w, const struct pen_mark *to)
{
	if (w->to->failed)
		return;
	w->p = w->to->bytes + to->at;
	w->comma = to->comma;
}

void
pen_escape(struct pen *w, const char *s, size_t n)
{
	if (w->to->failed)
		return;
	pen_stop(w);
	json_escape(w->to, s, n);
	take(w, 0);
}
