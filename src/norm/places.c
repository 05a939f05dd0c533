/*
 * places - where fields stand in the nested objects of an event.
 *
 * Of "event.kind" the text "event":{"kind": is kept. A step is the way into an object, the last one the way to the value:
 * it knows the object that it starts from, by number, and where the rest of the text begins there. Two places share as many
 * objects as their steps have numbers in common.
 */
#include "norm/places.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct place {
	struct step	*steps;		/* depth + 1 */
	size_t		 depth;		/* objects around the value */
	size_t		 end;		/* of its text */
};

struct step {
	size_t		 object;	/* below the top: the first place in it */
	size_t		 at;		/* in the text */
};

static size_t
dots(const char *p)
{
	size_t	 n = 0;

	for (; *p != '\0'; p++)
		n += *p == '.';
	return n;
}

/* How many objects do two paths share? */
static size_t
shared(const char *a, const char *b)
{
	size_t	 n = 0;

	for (size_t i = 0; a[i] != '\0' && a[i] == b[i]; i++)
		n += a[i] == '.';
	return n;
}

static void
cut(struct places *s, struct place *p, const char *path)
{
	size_t	 len;

	for (struct step *to = p->steps; to <= p->steps + p->depth; to++, path += len + 1) {
		len = strcspn(path, ".");
		to->at = s->text.len;
		buf_addc(&s->text, '"');
		buf_add(&s->text, path, len);
		buf_adds(&s->text, path[len] == '.' ? "\":{" : "\":");
	}
	p->end = s->text.len;
}

void
places_init(struct places *s, const char *const *paths, size_t n)
{
	size_t		 n_steps = 0, same;
	struct step	*next;

	for (size_t i = 0; i < n; i++)
		n_steps += dots(paths[i]) + 1;
	*s = (struct places){ .all = xcalloc(n + 1, sizeof(*s->all)), .steps = xcalloc(n_steps + 1, sizeof(*s->steps)) };
	next = s->steps;
	for (size_t i = 0; i < n; i++) {
		struct place	*p = &s->all[i];

		p->steps = next;
		p->depth = dots(paths[i]);
		next += p->depth + 1;
		cut(s, p, paths[i]);
		same = i > 0 ? shared(paths[i - 1], paths[i]) : 0;
		for (size_t d = 1; d <= p->depth; d++)
			p->steps[d].object = d <= same ? p[-1].steps[d].object : i;
	}
}

void
places_clear(struct places *s)
{
	free(s->all);
	free(s->steps);
	buf_clear(&s->text);
}

void
places_walk(const struct places *s, size_t before, size_t now, struct buf *out)
{
	const struct place	*p = &s->all[now], *b;
	size_t			 same = 0;

	if (before != PLACE_NONE) {
		b = &s->all[before];
		while (same < p->depth && same < b->depth && p->steps[same + 1].object == b->steps[same + 1].object)
			same++;
		for (size_t d = b->depth; d > same; d--)
			buf_addc(out, '}');
		buf_addc(out, ',');
	}
	buf_add(out, s->text.bytes + p->steps[same].at, p->end - p->steps[same].at);
}

void
places_end(const struct places *s, size_t before, struct buf *out)
{
	for (size_t d = before != PLACE_NONE ? s->all[before].depth : 0; d > 0; d--)
		buf_addc(out, '}');
}
