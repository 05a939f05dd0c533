/*
 * write - the slots, sorted by path, as nested objects; in their midst what is passed on from the record.
 *
 * What turns out empty is taken back: a mark is set before a name, and if nothing came after it the pen goes back there.
 */
#include <string.h>

#include "norm/convert.h"
#include "norm/norm_in.h"

/* A stretch of the record that can be copied as it stands: whole members, side by side. */
struct run {
	const char	*start, *end;
};

static int	 write_entries(struct norm *, struct pen *, uint32_t first, uint32_t count, unsigned level);
static int	 write_node(struct norm *, struct pen *, const struct json *, uint32_t, enum val_form, const struct member *,
		    unsigned level);

/* ---- scalars and text ---- */

static void
write_string(struct norm *n, struct pen *w, const struct json *j, uint32_t node)
{
	const struct json_node	*at = &j->nodes[node];

	if ((at->flags & JSON_LONE) == 0) {
		pen_add(w, j->bytes + at->start, at->end - at->start);
		return;
	}
	buf_reset(&n->scratch);
	json_text(j, node, &n->scratch);
	pen_escape(w, buf_str(&n->scratch), n->scratch.len);
}

static int
write_scalar(struct norm *n, struct pen *w, const struct json *j, uint32_t node, enum val_form form)
{
	const struct json_node	*at = &j->nodes[node];
	const char		*p = j->bytes + at->start;
	size_t			 len = at->end - at->start;
	char			 digits[DIGITS_SIZE];

	if (json_is_empty(j, node))
		return 0;
	if (at->kind == JSON_STRING)
		write_string(n, w, j, node);
	else if (form == FORM_TEXTS || form == FORM_REST)
		pen_plain(w, p, len);
	else if (form == FORM_DIGITS && at->kind == JSON_NUMBER) {
		if (digits_expand(p, len, digits))
			pen_plain(w, digits, strlen(digits));
		else
			pen_plain(w, p, len);
	} else
		pen_add(w, p, len);
	return 1;
}

/* An object or a list as a string that holds its JSON. */
static int
write_json_text(struct norm *n, struct pen *w, const struct json *j, uint32_t node)
{
	if (keep_hollow(j, node))
		return 0;
	buf_reset(&n->scratch);
	json_span(j, node, &n->scratch, 1);
	pen_escape(w, buf_str(&n->scratch), n->scratch.len);
	return 1;
}

/* ---- what can be copied as it stands ---- */

static int
uniform(const struct json *j, uint32_t list)
{
	uint32_t	 first = json_first(j, list);
	int		 objects = j->nodes[first].kind == JSON_OBJECT;

	for (uint32_t k = first; k != JSON_NONE; k = json_next(j, list, k))
		if (j->nodes[k].kind == JSON_ARRAY || (j->nodes[k].kind == JSON_OBJECT) != objects)
			return 0;
	return 1;
}

/*
 * No name or string to mend, nothing empty, no list of mixed kinds, not too deep? With values, what is in its objects must
 * be scalars: then there are no brackets but its own and those of its elements.
 */
static int
clean(const struct json *j, uint32_t node, unsigned level, int values)
{
	const struct json_node	*nodes = j->nodes;
	uint32_t		 end = nodes[node].next, brackets = 0, most = NORM_LEVELS - level;

	if (level >= NORM_LEVELS || (nodes[node].flags & (JSON_NAMES | JSON_LONES | JSON_SPACED)) != 0)
		return 0;
	if (values)
		most = nodes[node].kind == JSON_ARRAY && nodes[node + 1].kind == JSON_OBJECT ? nodes[node].count + 1 : 1;
	for (uint32_t k = node; k < end; k++)
		switch (nodes[k].kind) {
		case JSON_STRING:
			if (nodes[k].end - nodes[k].start == 2 && (nodes[k].flags & JSON_NAME) == 0)
				return 0;
			break;
		case JSON_NULL:
			return 0;
		case JSON_OBJECT:
			if (nodes[k].count == 0 || ++brackets > most)
				return 0;
			break;
		case JSON_ARRAY:
			if (nodes[k].count == 0 || ++brackets > most || !uniform(j, k))
				return 0;
			break;
		}
	return 1;
}

static int
copies_as_is(const struct json *j, uint32_t node, const struct member *m, unsigned level)
{
	if (j->nodes[node].kind >= JSON_STRING)
		return (j->nodes[node].flags & JSON_LONE) == 0;
	if (m->special || (m->inside != KEEP_ANY && m->inside != KEEP_VALUE))
		return 0;
	return clean(j, node, level, m->inside == KEEP_VALUE || m->keep == KEEP_VALUE);
}

/* ---- objects and lists ---- */

static int
write_object(struct norm *n, struct pen *w, const struct json *j, uint32_t node, const struct member *m, unsigned level)
{
	uint32_t	 first = n->n_entries;
	int		 wrote, unsure = n->unsure;

	n->unsure = (j->nodes[node].flags & JSON_REPEATS) != 0;
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
		struct val		 v = { .kind = VAL_NODE, .j = j, .node = k + 1 }, raw;
		const struct member	*below;
		uint16_t		 id;

		below = keep_below_node(n, m, j, k, &id);
		if (id != NAME_NONE && n->found[id].set && n->found[id].moved)
			continue;
		keep_shape(n, below, &v, &raw);
		entry_add_node(n, j, k, below, &v);
		if (raw.kind != VAL_NONE)
			entry_add_raw(n, j, k, &raw);
	}
	if (n->unsure)
		entry_names(n, first);
	n->unsure = unsure;
	pen_open(w, '{');
	wrote = write_entries(n, w, first, n->n_entries - first, level + 1);
	pen_close(w, '}');
	n->n_entries = first;
	return wrote;
}

/* Is the element written in this form at all? */
static int
takes_part(const struct json *j, uint32_t node, enum val_form form)
{
	if (form == FORM_OBJECTS)
		return (keep_holds(j, node) & HOLDS_OBJECT) != 0;
	if (form == FORM_REST)
		return (keep_holds(j, node) & HOLDS_VALUE) != 0;
	return 1;
}

static int
write_list(struct norm *n, struct pen *w, const struct json *j, uint32_t node, enum val_form form, const struct member *m,
    unsigned level)
{
	int	 wrote = 0;

	pen_open(w, '[');
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
		struct pen_mark	 mark = pen_here(w);

		if (keep_hollow(j, k) || !takes_part(j, k, form))
			continue;
		pen_item(w);
		if (write_node(n, w, j, k, form, m, level + 1))
			wrote = 1;
		else
			pen_back(w, &mark);
	}
	pen_close(w, ']');
	return wrote;
}

static int
write_node(struct norm *n, struct pen *w, const struct json *j, uint32_t node, enum val_form form, const struct member *m,
    unsigned level)
{
	unsigned	 kind = j->nodes[node].kind;

	if (kind >= JSON_STRING)
		return write_scalar(n, w, j, node, form);
	if (level >= NORM_LEVELS || form == FORM_JSON)
		return write_json_text(n, w, j, node);
	if (kind == JSON_OBJECT && (form == FORM_VALUES || form == FORM_DIGITS || form == FORM_TEXTS))
		return write_json_text(n, w, j, node);
	if (form == FORM_ALL && copies_as_is(j, node, m, level)) {
		pen_add(w, j->bytes + j->nodes[node].start, j->nodes[node].end - j->nodes[node].start);
		w->comma = 1;
		return 1;
	}
	if (kind == JSON_OBJECT)
		return write_object(n, w, j, node, m, level);
	return write_list(n, w, j, node, form, m, level);
}

/* ---- values ---- */

static int
write_val(struct norm *n, struct pen *w, const struct val *v, const struct member *m, unsigned level)
{
	int	 wrote;

	switch ((enum val_kind)v->kind) {
	case VAL_NONE:
		return 0;
	case VAL_TEXT:
		if (v->plain)
			pen_plain(w, v->p, v->len);
		else
			pen_escape(w, v->p, v->len);
		return 1;
	case VAL_JSON:
		pen_add(w, v->p, v->len);
		return 1;
	case VAL_NODE:
		return write_node(n, w, v->j, v->node, (enum val_form)v->form, m, level);
	case VAL_GROUP:
		pen_open(w, '{');
		wrote = write_entries(n, w, n->groups[v->node].first, n->groups[v->node].n, level + 1);
		pen_close(w, '}');
		return wrote;
	}
	return 0;
}

/* ---- entries ---- */

static void
run_write(struct pen *w, struct run *run)
{
	if (run->start == NULL)
		return;
	pen_item(w);
	pen_add(w, run->start, (size_t)(run->end - run->start));
	run->start = NULL;
}

/* Takes the entry up into the run if name and value can be copied as they stand. */
static int
run_take(struct pen *w, struct run *run, const struct entry *e, unsigned level)
{
	const struct json	*j = e->val.j;
	const char		*start, *end;

	if (e->node == JSON_NONE || (e->flags & ENTRY_LIST) != 0 || !copies_as_is(j, e->val.node, e->member, level))
		return 0;
	start = j->bytes + j->nodes[e->node].start;
	end = j->bytes + j->nodes[e->val.node].end;
	if (j->nodes[e->val.node].start != j->nodes[e->node].end + 1)
		return 0;		/* white space around the colon */
	if (run->start == NULL || start != run->end + 1 || *run->end != ',') {
		run_write(w, run);
		run->start = start;
	}
	run->end = end;
	return 1;
}

static void
write_name(struct pen *w, const struct entry *e)
{
	pen_item(w);
	if ((e->flags & ENTRY_PLAIN) != 0)
		pen_plain(w, e->name, e->len);
	else
		pen_escape(w, e->name, e->len);
	pen_addc(w, ':');
}

/* All values of a name. */
static int
write_chain(struct norm *n, struct pen *w, uint32_t at, unsigned level)
{
	int	 wrote = 0;

	pen_open(w, '[');
	for (; at != 0; at = n->entries[at].more) {
		struct val	 v = n->entries[at].val;
		struct pen_mark	 mark = pen_here(w);

		pen_item(w);
		if (write_val(n, w, &v, n->entries[at].member, level + 1))
			wrote = 1;
		else
			pen_back(w, &mark);
	}
	pen_close(w, ']');
	return wrote;
}

static int
write_entries(struct norm *n, struct pen *w, uint32_t first, uint32_t count, unsigned level)
{
	struct run	 run = { NULL, NULL };
	int		 wrote = 0;

	for (uint32_t i = first; i < first + count; i++) {
		struct entry	 e = n->entries[i];	/* a copy: entries may move */
		struct pen_mark	 mark;

		if ((e.flags & ENTRY_OUT) != 0 || (e.id != NONE16 && n->found[e.id].moved))
			continue;
		if (run_take(w, &run, &e, level)) {
			wrote = 1;
			continue;
		}
		run_write(w, &run);
		mark = pen_here(w);
		write_name(w, &e);
		if (e.more != 0 || (e.flags & ENTRY_LIST) != 0 ? write_chain(n, w, i, level) :
		    write_val(n, w, &e.val, e.member, level))
			wrote = 1;
		else
			pen_back(w, &mark);
	}
	run_write(w, &run);
	return wrote;
}

/* ---- what is passed on ---- */

/* Fields that stand among the members come first: of two with one name the first keeps it. */
static void
gather_fields(struct norm *n)
{
	const struct plan	*p = n->plan;

	for (uint16_t i = p->rest; i + 1u < p->n_targets && p->targets[i + 1].rest; i++) {
		const struct target	*t = &p->targets[i + 1];
		const struct found	*f = &n->found[t->same];

		for (uint32_t k = n->slots[i + 1].first; k != 0; k = n->values[k].next)
			entry_add(n, t->name, strlen(t->name), &p->members[t->same], &n->values[k].val,
			    ENTRY_PLAIN | (t->list ? ENTRY_LIST : 0));
		if (n->slots[i + 1].count > 1 || (n->slots[i + 1].count == 1 && f->set && !f->moved))
			n->unsure = 1;
	}
}

static void
gather_members(struct norm *n)
{
	const struct json	*j = &n->j;
	uint32_t		 i = 0;

	for (uint32_t k = 1; k < j->nodes[0].next; k = j->nodes[k + 1].next) {
		uint16_t	 id = n->tops[i++];

		if (id != NAME_NONE) {
			const struct found	*f = &n->found[id];

			if (f->node != k + 1)
				continue;
			if (!f->moved)
				entry_add_node(n, j, k, &n->plan->members[id], &f->val);
			if (f->raw.kind != VAL_NONE)
				entry_add_raw(n, j, k, &f->raw);
		} else {
			struct val	 v = { .kind = VAL_NODE, .j = j, .node = k + 1 }, raw;

			keep_shape(n, &keep_kinds[KEEP_ANY], &v, &raw);
			entry_add_node(n, j, k, &keep_kinds[KEEP_ANY], &v);
			if (raw.kind != VAL_NONE)
				entry_add_raw(n, j, k, &raw);
		}
	}
}

/* The members of the record that no row moved: how many there are, from *first on. */
static uint32_t
gather(struct norm *n, uint32_t *first)
{
	*first = n->n_entries;
	n->unsure = n->n_tops > 0 && (n->j.nodes[0].flags & JSON_REPEATS) != 0;
	gather_fields(n);
	if (n->n_tops > 0)
		gather_members(n);
	if (n->unsure)
		entry_names(n, *first);
	return n->n_entries - *first;
}

/* ---- the event ---- */

/* The objects that are open, outermost first. */
struct around {
	const uint16_t	*up;
	unsigned	 n;
};

static void
step_over(const struct plan *p, struct pen *w, struct around *in, const struct target *t)
{
	unsigned	 common = 0;

	while (common < in->n && common < t->n_up && in->up[common] == t->up[common])
		common++;
	for (unsigned i = in->n; i > common; i--)
		pen_close(w, '}');
	for (unsigned i = common; i < t->n_up; i++) {
		pen_item(w);
		pen_add(w, p->ups[t->up[i]].key, p->ups[t->up[i]].key_len);
		w->comma = 0;
	}
	in->up = t->up;
	in->n = t->n_up;
}

static void
write_slot(struct norm *n, struct pen *w, const struct target *t, const struct slot *s)
{
	int	 list = t->list || s->count > 1;

	pen_item(w);
	pen_add(w, t->key, t->key_len);
	if (list)
		pen_open(w, '[');
	for (uint32_t i = s->first; i != 0; i = n->values[i].next) {
		struct val	 v = n->values[i].val;

		if (list)
			pen_item(w);
		write_val(n, w, &v, &keep_kinds[KEEP_ANY], t->n_up + 1u);
	}
	if (list)
		pen_close(w, ']');
	w->comma = 1;
}

static void
write_rest(struct norm *n, struct pen *w, struct around *in, const struct target *t)
{
	struct around	 before = *in;
	struct pen_mark	 mark = pen_here(w);
	uint32_t	 first, count = gather(n, &first);

	if (count == 0)
		return;
	step_over(n->plan, w, in, t);
	pen_item(w);
	pen_add(w, t->key, t->key_len);
	pen_open(w, '{');
	if (write_entries(n, w, first, count, t->n_up + 2u))
		pen_close(w, '}');
	else {
		pen_back(w, &mark);
		*in = before;
	}
}

void
write_event(struct norm *n, struct buf *out)
{
	static const struct target	 outside = { .n_up = 0 };
	const struct plan		*p = n->plan;
	struct around			 in = { NULL, 0 };
	struct pen			 w;

	pen_start(&w, out, n->record->len + n->record->len / 4 + 2048);
	pen_open(&w, '{');
	for (uint16_t i = 0; i < p->n_targets; i++) {
		const struct target	*t = &p->targets[i];

		if (i == p->rest)
			write_rest(n, &w, &in, t);
		else if (!t->rest && n->slots[i].count > 0) {
			step_over(p, &w, &in, t);
			write_slot(n, &w, t, &n->slots[i]);
		}
	}
	step_over(p, &w, &in, &outside);
	pen_close(&w, '}');
	pen_stop(&w);
}
