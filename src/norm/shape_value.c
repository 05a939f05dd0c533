/*
 * shape_value - scalars, and lists of them, as the text that an index takes at a path of their kind.
 */
#include "norm/shape.h"

#include <string.h>

#include "base/rfc3339.h"

const char *
hint_find(const char *hint, const char *p, size_t len, size_t *found_len)
{
	for (; *hint != '\0'; hint += strspn(hint, " ")) {
		size_t	 word = strcspn(hint, "=");

		*found_len = strcspn(hint + word + 1, " ");
		if ((word == len && strncasecmp(hint, p, len) == 0) || (word == 1 && *hint == '*'))
			return hint + word + 1;
		hint += word + 1 + *found_len;
	}
	return NULL;
}

/* A whole number that fits into 64 bits. */
static int
put_long(const char *p, size_t len, struct buf *out)
{
	struct buf	 digits = { 0 };
	const char	*d;
	size_t		 n;
	int		 minus = 0;

	if (number_text(p, len, &digits) == -1)
		goto no;
	d = buf_str(&digits);
	minus = *d == '-';
	d += minus;
	n = strlen(d);
	if (n == 0 || strspn(d, "0123456789") != n)
		goto no;
	for (; *d == '0' && n > 1; d++, n--)
		continue;
	if (n > 19 || (n == 19 && strcmp(d, "9223372036854775807") > 0))
		goto no;
	if (minus && *d != '0')
		buf_addc(out, '-');
	buf_add(out, d, n);
	buf_clear(&digits);
	return 1;
no:
	buf_clear(&digits);
	return -1;
}

/* As it is written; none that a float in the index cannot hold. */
static int
put_float(const char *p, size_t len, struct buf *out)
{
	struct json	 j = { 0 };
	struct buf	 digits = { 0 };
	int		 good;

	good = len < 64 && json_index(&j, p, len, 2, 1) == JSON_OK && j.nodes[0].kind == JSON_NUMBER &&
	    number_text(p, len, &digits) == 0 && strcspn(buf_str(&digits), ".") < 38;
	if (good)
		buf_add(out, buf_str(&digits), digits.len);
	json_clear(&j);
	buf_clear(&digits);
	return good ? 1 : -1;
}

static int
put_bool(const char *p, size_t len, struct buf *out)
{
	if ((len != 4 || strncasecmp(p, "true", 4) != 0) && (len != 5 || strncasecmp(p, "false", 5) != 0))
		return -1;
	buf_adds(out, len == 4 ? "true" : "false");
	return 1;
}

/* What Elasticsearch's strict_date_optional_time takes as it is: no blank, no leap second, nanoseconds, a zone with a colon. */
static int
is_strict(const char *p, size_t len)
{
	const char	*dot = memchr(p, '.', len);

	return len == 10 || (len >= 19 && p[10] == 'T' && p[17] != '6' && p[len - 1] != 'z' &&
	    (len < 24 || strchr("+-", p[len - 5]) == NULL) && (dot == NULL || strspn(dot + 1, "0123456789") <= 9));
}

static int
put_date(enum kind kind, const char *p, size_t len, struct buf *out)
{
	char	 text[RFC3339_SIZE];
	int64_t	 ms;

	if (when_parse(p, len, &ms) == -1)
		return -1;
	if (kind == K_STAMP && is_strict(p, len)) {
		json_escape(out, p, len);
		return 1;
	}
	rfc3339_text(ms, 3, text);
	json_escape(out, text, strlen(text));
	return 1;
}

static int
put_ip(const char *p, size_t len, struct buf *out)
{
	if (!ip_plain(&p, &len))
		return -1;
	json_escape(out, p, len);
	return 1;
}

static int
put_title(const char *p, size_t len, struct buf *out)
{
	size_t	 mark = out->len;

	json_escape(out, p, len);
	if (out->bytes[mark + 1] >= 'a' && out->bytes[mark + 1] <= 'z')
		out->bytes[mark + 1] = (char)(out->bytes[mark + 1] - ('a' - 'A'));
	return 1;
}

static int
put_lower(struct buf *text, struct buf *out)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->bytes[i] >= 'A' && text->bytes[i] <= 'Z')
			text->bytes[i] = (char)(text->bytes[i] + ('a' - 'A'));
	json_escape(out, buf_str(text), text->len);
	return 1;
}

static int
put_code(const char *hint, const char *p, size_t len, struct buf *out)
{
	size_t		 n;
	const char	*code = hint_find(hint, p, len, &n);

	if (code == NULL)
		return put_long(p, len, out);
	buf_add(out, code, n);
	return 1;
}

static int
is_number_kind(enum kind kind)
{
	return kind == K_LONG || kind == K_FLOAT || kind == K_CODE;
}

/* One that is neither empty nor a list. */
static int
put_scalar(struct out *o, const struct part *part, uint32_t node, struct buf *out)
{
	const struct json_node	*t = &o->j->nodes[node];
	struct buf		*text = &o->n->text;

	if (t->kind == JSON_OBJECT)
		return -1;
	buf_reset(text);
	json_text(o->j, node, text);
	if (t->kind == JSON_TRUE || t->kind == JSON_FALSE) {
		if (is_number_kind(part->kind))
			return -1;
	} else if (t->kind == JSON_NUMBER && part->kind == K_BOOL) {
		return -1;
	}
	switch (part->kind) {
	case K_LONG:
		return put_long(buf_str(text), text->len, out);
	case K_FLOAT:
		return put_float(buf_str(text), text->len, out);
	case K_BOOL:
		return put_bool(buf_str(text), text->len, out);
	case K_DATE:
	case K_STAMP:
		return t->kind == JSON_STRING ? put_date(part->kind, buf_str(text), text->len, out) : -1;
	case K_IP:
		return put_ip(buf_str(text), text->len, out);
	case K_TITLE:
		return put_title(buf_str(text), text->len, out);
	case K_LOWER:
		return put_lower(text, out);
	case K_CODE:
		return put_code(part->hint, buf_str(text), text->len, out);
	case K_GUID:
		if (is_zero_guid(buf_str(text), text->len))
			return 0;
		break;
	default:
		break;
	}
	if (t->kind == JSON_NUMBER) {
		struct out	 o2 = { .n = o->n, .j = o->j, .to = out };

		rest_text(&o2, node);
	} else {
		json_escape(out, buf_str(text), text->len);
	}
	return 1;
}

int
shape_scalar(struct out *o, const struct part *part, uint32_t node, struct buf *out)
{
	const struct json	*j = o->j;
	size_t			 mark;
	int			 rc, some = 0;

	if (j->nodes[node].kind != JSON_ARRAY)
		return put_scalar(o, part, node, out);
	buf_addc(out, '[');
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
		if (json_is_empty(j, k))
			continue;
		mark = out->len;
		rest_separate(out);
		if ((rc = shape_scalar(o, part, k, out)) == -1)
			return -1;
		if (rc == 0)
			buf_cut(out, mark);
		some += rc;
	}
	buf_addc(out, ']');
	return some > 0;
}
