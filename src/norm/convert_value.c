/*
 * convert_value - converters that take a value as it is, or look it up.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "norm/convert.h"
#include "norm/norm_in.h"

int
norm_fixed(struct norm *n, const struct step *s, const struct val *v)
{
	(void)v;
	return norm_put_text(n, s, s->to, s->row->hint, strlen(s->row->hint), 1);
}

int
norm_text(struct norm *n, const struct step *s, const struct val *v)
{
	struct text	 t;

	return norm_text_of(n, v, &t) && norm_put_text(n, s, s->to, t.p, t.len, t.plain);
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static const char *
lower_copy(struct norm *n, const struct text *t)
{
	char	*to = arena_take(&n->arena, t->len + 1);

	for (size_t i = 0; i < t->len; i++)
		to[i] = lower(t->p[i]);
	to[t->len] = '\0';
	return to;
}

int
norm_lower(struct norm *n, const struct step *s, const struct val *v)
{
	struct text	 t;

	return norm_text_of(n, v, &t) && norm_put_text(n, s, s->to, lower_copy(n, &t), t.len, t.plain);
}

/* Words that stand where nobody is known, in Entra records above all. */
int
is_placeholder(const char *p, size_t len)
{
	static const char *const	 words[] = { "not available", "unknown" };

	trim(&p, &len);
	for (size_t i = 0; i < NORM_COUNT(words); i++)
		if (strlen(words[i]) == len && strncasecmp(p, words[i], len) == 0)
			return 1;
	return len == 0;
}

int
norm_identity(struct norm *n, const struct step *s, const struct val *v)
{
	struct text	 t;

	return norm_text_of(n, v, &t) && !is_placeholder(t.p, t.len) && norm_put_text(n, s, s->to, t.p, t.len, t.plain);
}

int
norm_object(struct norm *n, const struct step *s, const struct val *v)
{
	if (v->kind != VAL_GROUP && v->kind != VAL_NODE)
		return 0;
	if (v->kind == VAL_NODE && v->form != FORM_OBJECTS && keep_holds(v->j, v->node) != HOLDS_OBJECT)
		return 0;
	return norm_put(n, s, s->to, v);
}

/* ---- numbers ---- */

/* [-]digits[.digits][e[+-]digits], taken apart. */
struct number {
	int		 minus;
	const char	*whole, *part;
	size_t		 whole_len, part_len;
	long		 exponent;
	int		 has_exponent;
};

static size_t
digits_at(const char *p, const char *end)
{
	const char	*start = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return (size_t)(p - start);
}

static int
number_parse(const char *p, size_t len, struct number *x)
{
	const char	*end = p + len;
	int		 minus = 0;
	size_t		 n;

	memset(x, 0, sizeof(*x));
	if (p < end && *p == '-') {
		x->minus = 1;
		p++;
	}
	x->whole = p;
	if ((x->whole_len = digits_at(p, end)) == 0)
		return 0;
	p += x->whole_len;
	if (p < end && *p == '.') {
		x->part = ++p;
		if ((x->part_len = digits_at(p, end)) == 0)
			return 0;
		p += x->part_len;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		x->has_exponent = 1;
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			minus = *p++ == '-';
		if ((n = digits_at(p, end)) == 0)
			return 0;
		for (; n > 0; n--, p++)
			if (x->exponent < 100000)
				x->exponent = x->exponent * 10 + (*p - '0');
		if (minus)
			x->exponent = -x->exponent;
	}
	return p == end;
}

/* The i-th digit of whole and part together; 0 outside of them. */
static char
digit(const struct number *x, long i)
{
	if (i < 0 || (size_t)i >= x->whole_len + x->part_len)
		return '0';
	return (size_t)i < x->whole_len ? x->whole[i] : x->part[(size_t)i - x->whole_len];
}

static int
all_zero(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != '0')
			return 0;
	return 1;
}

int
digits_expand(const char *p, size_t len, char out[DIGITS_SIZE])
{
	struct number	 x;
	long		 first = 0, point, last;
	size_t		 to = 0;

	if (!number_parse(p, len, &x) || x.whole_len + x.part_len > DIGITS_SIZE)
		return 0;
	if (!x.has_exponent && (x.part_len == 0 || !all_zero(x.part, x.part_len))) {
		if (len >= DIGITS_SIZE)
			return 0;
		memcpy(out, p, len);
		out[len] = '\0';
		return 1;
	}
	point = (long)x.whole_len + x.exponent;		/* digits before the point */
	last = (long)(x.whole_len + x.part_len);
	while (first < last && digit(&x, first) == '0')
		first++;
	while (last > first && digit(&x, last - 1) == '0')
		last--;
	if (first == last) {
		memcpy(out, "0", 2);
		return 1;
	}
	if (point - first > DIGITS_SIZE - 8 || last - point > DIGITS_SIZE - 8 ||
	    (point > first ? point - first : 1) + (last > point ? last - point : 0) > DIGITS_SIZE - 8)
		return 0;
	if (x.minus)
		out[to++] = '-';
	if (point <= first)
		out[to++] = '0';
	for (long i = first; i < point; i++)
		out[to++] = digit(&x, i);
	if (last > point) {
		out[to++] = '.';
		for (long i = point; i < last; i++)
			out[to++] = digit(&x, i);
	}
	out[to] = '\0';
	return 1;
}

int
digits_whole(const char *p, size_t len)
{
	size_t	 minus = len > 0 && p[0] == '-';

	if (len - minus == 0 || len - minus > 18 || digits_at(p + minus, p + len) != len - minus)
		return 0;
	return p[minus] != '0' || len - minus == 1;
}

int
digits_zero(const char *p, size_t len)
{
	struct number	 x;

	return number_parse(p, len, &x) && all_zero(x.whole, x.whole_len) && all_zero(x.part, x.part_len);
}

int
norm_number(struct norm *n, const struct step *s, const struct val *v)
{
	struct text	 t;
	struct val	 number;

	if (!norm_text_of(n, v, &t) || !digits_whole(t.p, t.len))
		return 0;
	number = (struct val){ .kind = VAL_JSON, .len = (uint32_t)t.len, .p = t.p };
	return norm_put(n, s, s->to, &number);
}

int
norm_unless_zero(struct norm *n, const struct step *s, const struct val *v)
{
	struct text	 t;

	return norm_text_of(n, v, &t) && !digits_zero(t.p, t.len) && norm_fixed(n, s, v);
}

int
norm_if_text(struct norm *n, const struct step *s, const struct val *v)
{
	struct text	 t;

	return norm_text_of(n, v, &t) && norm_fixed(n, s, v);
}

/* ---- words ---- */

/* What a word stands for: "user|creation" is two values. */
static int
put_words(struct norm *n, const struct step *s, const struct norm_word *w)
{
	const char	*p = w->then[s->row->hint == NULL ? 0 : s->row->hint[0] - '0'];
	int		 made = 0;

	while (p != NULL && *p != '\0') {
		size_t		 len = strcspn(p, "|");
		struct val	 v = { .kind = VAL_TEXT, .plain = 1, .len = (uint32_t)len, .p = p };

		if (*p >= '0' && *p <= '9' && digits_whole(p, len))
			v.kind = VAL_JSON;
		made |= norm_put(n, s, s->to, &v);
		p += len + (p[len] == '|');
	}
	return made;
}

int
norm_word(struct norm *n, const struct step *s, const struct val *v)
{
	struct text	 t;
	uint16_t	 at;

	if (!norm_text_of(n, v, &t) || (at = names_find(&s->words, t.p, t.len)) == NAME_NONE)
		return 0;
	return put_words(n, s, &s->row->words[at]);
}

int
norm_word_any_case(struct norm *n, const struct step *s, const struct val *v)
{
	struct text	 t;
	char		 low[64];
	uint16_t	 at;

	if (!norm_text_of(n, v, &t) || t.len > sizeof(low))
		return 0;
	for (size_t i = 0; i < t.len; i++)
		low[i] = lower(t.p[i]);
	if ((at = names_find(&s->words, low, t.len)) == NAME_NONE)
		return 0;
	return put_words(n, s, &s->row->words[at]);
}

int
norm_word_within(struct norm *n, const struct step *s, const struct val *v)
{
	struct text	 t;
	const char	*low;

	if (!norm_text_of(n, v, &t))
		return 0;
	low = lower_copy(n, &t);
	for (const struct norm_word *w = s->row->words; w->word != NULL; w++)
		if (memmem(low, t.len, w->word, strlen(w->word)) != NULL)
			return put_words(n, s, w);
	return 0;
}

int
norm_record_type(struct norm *n, const struct step *s, const struct val *v)
{
	struct text	 t;
	const char	*name;
	uint32_t	 number = 0;

	if (!norm_text_of(n, v, &t) || t.len > 6 || !digits_whole(t.p, t.len) || t.p[0] == '-')
		return 0;
	for (size_t i = 0; i < t.len; i++)
		number = number * 10 + (uint32_t)(t.p[i] - '0');
	if ((name = record_type_name(number)) == NULL)
		return 0;
	return norm_put_text(n, s, s->to, name, strlen(name), 1);
}

void
trim(const char **p, size_t *len)
{
	while (*len > 0 && isspace((unsigned char)(*p)[0])) {
		(*p)++;
		(*len)--;
	}
	while (*len > 0 && isspace((unsigned char)(*p)[*len - 1]))
		(*len)--;
}
