/*
 * write - the slots as one JSON object, in the order of their paths.
 */
#include "norm/ecs.h"

static const struct {
	const char	*path;
	unsigned	 flags;
} fields[] = {
#define X(id, path, flags) [id] = { path, flags },
	ECS_FIELDS(X)
#undef X
};

const char *
ecs_path(enum field f)
{
	return fields[f].path;
}

void
ecs_places(struct places *p)
{
	const char	*paths[F_COUNT];

	for (size_t f = 0; f < F_COUNT; f++)
		paths[f] = fields[f].path;
	places_init(p, paths, F_COUNT);
}

static void
write_value(struct buf *out, const struct value *v, unsigned flags)
{
	if (flags & (E_NUMBER | E_JSON))
		buf_add(out, v->p, v->len);
	else
		json_escape(out, v->p, v->len);
}

static void
write_slot(struct norm *n, size_t f)
{
	const struct slot	*s = &n->slots[f];
	unsigned		 flags = fields[f].flags;
	int			 list = (flags & E_LIST) != 0 || s->first->next != NULL;

	if (list)
		buf_addc(n->out, '[');
	for (const struct value *v = s->first; v != NULL; v = v->next) {
		write_value(n->out, v, flags);
		if (v->next != NULL)
			buf_addc(n->out, ',');
	}
	if (list)
		buf_addc(n->out, ']');
}

/* Members that no row moved. */
static int
write_rest(struct norm *n)
{
	buf_addc(n->out, '{');
	if (!n->family->write(n))
		return 0;
	buf_addc(n->out, '}');
	return 1;
}

void
ecs_write(struct norm *n)
{
	size_t	 before = PLACE_NONE, mark;

	slot_mark(n, n->family->rest);
	buf_addc(n->out, '{');
	for (size_t f = slot_next(n, 0); f < F_COUNT; f = slot_next(n, f + 1)) {
		mark = n->out->len;
		places_walk(&n->places, before, f, n->out);
		if (f == n->family->rest) {
			if (!write_rest(n)) {
				buf_cut(n->out, mark);
				continue;
			}
		} else {
			mark = n->out->len;
			write_slot(n, f);
			if (n->explain != NULL)
				explain_field(n, fields[f].path, n->out->bytes + mark, n->out->len - mark, &n->slots[f]);
		}
		before = f;
	}
	places_end(&n->places, before, n->out);
	if (n->source->add != NULL) {
		buf_addc(n->out, ',');
		buf_adds(n->out, n->source->add);
	}
	buf_addc(n->out, '}');
}
