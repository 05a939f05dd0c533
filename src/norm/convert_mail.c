/*
 * convert_mail - people's addresses, recipients, attachments.
 */
#include <string.h>

#include "norm/convert.h"
#include "norm/norm_in.h"

/* ---- people ---- */

enum { NAME, DOMAIN };		/* also of norm_email_parts */

int
norm_email_parts(struct norm *n, const struct step *s, const struct val *v)
{
	struct text	 t;
	const char	*at;

	if (!norm_text_of(n, v, &t) || (at = memchr(t.p, '@', t.len)) == NULL || memrchr(t.p, '@', t.len) != at)
		return 0;
	norm_put_text(n, s, s->also[NAME], t.p, (size_t)(at - t.p), t.plain);
	norm_put_text(n, s, s->also[DOMAIN], at + 1, t.len - (size_t)(at + 1 - t.p), t.plain);
	return norm_put_text(n, s, s->to, t.p, t.len, t.plain);
}

/* Type 0 is the object id: it stays when names change. */
int
norm_actor(struct norm *n, const struct step *s, const struct val *v)
{
	struct val	 type = { .kind = VAL_NODE, .j = v->j }, id = type;
	struct text	 t;

	if (v->kind != VAL_NODE)
		return 0;
	type.node = json_get(v->j, v->node, "Type");
	id.node = json_get(v->j, v->node, "ID");
	return type.node != JSON_NONE && id.node != JSON_NONE && norm_text_of(n, &type, &t) && digits_zero(t.p, t.len) &&
	    n->slots[s->to].count == 0 && norm_identity(n, s, &id);
}

/* ---- lists in one text ---- */

int
norm_split(struct norm *n, const struct step *s, const struct val *v)
{
	struct text	 t;
	const char	*p, *end;
	int		 made = 0;

	if (!norm_text_of(n, v, &t))
		return 0;
	for (p = t.p, end = t.p + t.len; p < end;) {
		const char	*stop = memchr(p, ';', (size_t)(end - p)), *one = p;
		size_t		 len = (size_t)((stop != NULL ? stop : end) - p);

		p += len + 1;
		trim(&one, &len);
		made |= norm_put_text(n, s, s->to, one, len, t.plain);
	}
	return made;
}

static int
attachment_parse(const char *p, size_t len, struct attachment *a)
{
	const char	*end = p + len, *open = NULL;

	trim(&p, &len);
	end = p + len;
	if (len == 0 || end[-1] != ')')
		return 0;
	for (const char *at = p; (at = memmem(at, (size_t)(end - at), " (", 2)) != NULL; at++)
		open = at;
	if (open == NULL || end - open < 5 || end[-2] != 'b')
		return 0;
	a->size = open + 2;
	a->size_len = (size_t)(end - 2 - a->size);
	for (size_t i = 0; i < a->size_len; i++)
		if (a->size[i] < '0' || a->size[i] > '9')
			return 0;
	a->name = p;
	a->name_len = (size_t)(open - p);
	trim(&a->name, &a->name_len);
	if ((a->extension = memrchr(a->name, '.', a->name_len)) == NULL)
		return 0;
	a->extension++;
	a->extension_len = a->name_len - (size_t)(a->extension - a->name);
	while (a->size_len > 1 && *a->size == '0') {
		a->size++;
		a->size_len--;
	}
	return 1;
}

int
attachment_next(const char **p, const char *end, struct attachment *a)
{
	while (*p < end) {
		const char	*one = *p, *stop = memchr(one, ';', (size_t)(end - one));
		size_t		 len = (size_t)((stop != NULL ? stop : end) - one);

		*p = one + len + (stop != NULL);
		if (attachment_parse(one, len, a))
			return 1;
	}
	return 0;
}

int
norm_attachments(struct norm *n, const struct step *s, const struct val *v)
{
	struct attachment	 a;
	struct buf		*b = &n->scratch;
	struct text		 t;
	struct val		 file = { .kind = VAL_JSON };
	const char		*p;
	int			 made = 0;

	if (!norm_text_of(n, v, &t))
		return 0;
	for (p = t.p; attachment_next(&p, t.p + t.len, &a); made = 1) {
		buf_reset(b);
		buf_adds(b, "{\"file\":{\"name\":");
		json_escape(b, a.name, a.name_len);
		if (a.extension_len > 0) {
			buf_adds(b, ",\"extension\":");
			json_escape(b, a.extension, a.extension_len);
		}
		if (digits_whole(a.size, a.size_len)) {
			buf_adds(b, ",\"size\":");
			buf_add(b, a.size, a.size_len);
		}
		buf_adds(b, "}}");
		file.len = (uint32_t)b->len;
		file.p = arena_copy(&n->arena, buf_str(b), b->len);
		norm_put(n, s, s->to, &file);
	}
	return made;
}

/* -Identity "X", also without the "-" and the quotes. */
int
norm_identity_parameter(struct norm *n, const struct step *s, const struct val *v)
{
	struct text	 t;
	const char	*stop;

	if (!norm_text_of(n, v, &t))
		return 0;
	trim(&t.p, &t.len);
	if (t.len > 0 && t.p[0] == '-') {
		t.p++;
		t.len--;
	}
	if (t.len < 10 || memcmp(t.p, "Identity", 8) != 0 || (t.p[8] != ' ' && t.p[8] != '\t'))
		return 0;
	t.p += 9;
	t.len -= 9;
	trim(&t.p, &t.len);
	if (t.len > 0 && t.p[0] == '"') {
		t.p++;
		t.len--;
		stop = memchr(t.p, '"', t.len);
	} else
		stop = memchr(t.p, ' ', t.len);
	if (stop != NULL)
		t.len = (size_t)(stop - t.p);
	return norm_put_text(n, s, s->to, t.p, t.len, t.plain);
}
