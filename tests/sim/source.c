/*
 * source - a blob's bytes, piece by piece.
 */
#include "source.h"

enum { OPENING, RECORDS, GIANT, SPACES, DEEP, SHALLOW, CLOSING, OVER };

void
source_open(struct source *s, const struct blobs *blobs, const struct blob *b, int broken)
{
	memset(s, 0, sizeof(*s));
	s->blobs = blobs;
	s->blob = b;
	if (broken)
		s->break_at = b->records < 40 ? b->records : 40;
}

static void
separator(struct source *s, struct text *t)
{
	if (s->next > 0)
		text_adds(t, s->blob->number % 4 == 3 ? ",\r\n" : ",");
}

static void
one_record(struct source *s, struct text *t)
{
	const struct blob	*b = s->blob;
	size_t			 start;
	struct plan		 p;

	separator(s, t);
	start = t->len;
	if (b->kind == BLOB_ELEMENTS) {
		text_add(t, b->elements[s->next].at, b->elements[s->next].len);
	} else {
		blob_plan(s->blobs, b, s->next, &p);
		if (p.filler > 0) {
			record_head(t, &p, &s->blobs->tenant);
			s->giant = p;
			s->filler = p.filler;
			s->step = GIANT;
			return;
		}
		record_write(t, &p, &s->blobs->tenant);
	}
	s->next++;
	if (s->break_at == s->next) {
		t->len = start + (t->len - start) / 2;
		s->step = OVER;
	}
}

static void
fill(struct source *s, struct text *t, char with, size_t most)
{
	size_t	 n = s->filler < most ? s->filler : most;

	memset(text_need(t, n), with, n);
	t->len += n;
	s->filler -= n;
}

static void
one_piece(struct source *s, struct text *t)
{
	const struct blob	*b = s->blob;

	switch (s->step) {
	case OPENING:
		LIT(t, "[");
		s->filler = b->filler;
		s->step = b->kind == BLOB_SPACES ? SPACES : b->kind == BLOB_NEST ? DEEP : RECORDS;
		if (s->step == DEEP)
			LIT(t, "{\"Id\":\"nest-1\",\"Deep\":");
		break;
	case RECORDS:
		if (s->next == b->records)
			s->step = CLOSING;
		else
			one_record(s, t);
		break;
	case GIANT:
		fill(s, t, 'x', 1 << 18);
		if (s->filler == 0) {
			record_tail(t, &s->giant);
			s->next++;
			s->step = RECORDS;
		}
		break;
	case SPACES:
		fill(s, t, ' ', 1 << 18);
		if (s->filler == 0)
			s->step = CLOSING;
		break;
	case DEEP:
		fill(s, t, '[', 1 << 18);
		if (s->filler == 0) {
			s->filler = b->filler;
			s->step = SHALLOW;
		}
		break;
	case SHALLOW:
		fill(s, t, ']', 1 << 18);
		if (s->filler == 0) {
			LIT(t, "}");
			s->step = CLOSING;
		}
		break;
	case CLOSING:
		LIT(t, "]");
		s->step = OVER;
		break;
	}
}

int
source_read(struct source *s, struct text *t, size_t about)
{
	size_t	 until = t->len + about;

	while (s->step != OVER && t->len < until)
		one_piece(s, t);
	return s->step != OVER;
}

void
source_record(const struct blobs *blobs, const struct blob *b, uint32_t ordinal, struct text *t)
{
	struct plan	 p;

	if (b->kind == BLOB_ELEMENTS) {
		text_add(t, b->elements[ordinal].at, b->elements[ordinal].len);
	} else if (b->kind == BLOB_SLOTS || b->kind == BLOB_BIG) {
		blob_plan(blobs, b, ordinal, &p);
		if (p.filler == 0) {
			record_write(t, &p, &blobs->tenant);
			return;
		}
		record_head(t, &p, &blobs->tenant);
		memset(text_need(t, p.filler), 'x', p.filler);
		t->len += p.filler;
		record_tail(t, &p);
	}
}
