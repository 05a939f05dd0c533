/*
 * convert - from a member's value to a field's: text, numbers, times, lists.
 */
#include <stdlib.h>
#include <string.h>

#include "base/rfc3339.h"
#include "norm/ecs.h"

#define EXPONENT_MAX 400

static void
expand(struct norm *n)
{
	struct buf	 digits = { 0 };

	if (number_text(n->text.bytes, n->text.len, &digits) == 0) {
		buf_reset(&n->text);
		buf_add(&n->text, digits.bytes, digits.len);
	}
	buf_clear(&digits);
}

/* The scalar's text in n->text; "" for objects, lists and null. */
const char *
row_text(struct norm *n, uint32_t node)
{
	buf_reset(&n->text);
	if (node != JSON_NONE && n->json.nodes[node].kind != JSON_OBJECT && n->json.nodes[node].kind != JSON_ARRAY &&
	    n->json.nodes[node].kind != JSON_NULL)
		json_text(&n->json, node, &n->text);
	if (n->text.len > 0 && n->json.nodes[node].kind == JSON_NUMBER && strpbrk(buf_str(&n->text), "eE") != NULL)
		expand(n);
	return buf_str(&n->text);
}

void
row_put(struct norm *n, const struct row *r, const char *p, size_t len)
{
	if (r->flags & R_ADD)
		slot_add(n, r->to, p, len);
	else
		slot_set(n, r->to, p, len);
}

void
copy_text(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node);

	row_put(n, r, p, n->text.len);
}

void
copy_fixed(struct norm *n, const struct row *r, uint32_t node)
{
	(void)node;
	row_put(n, r, r->hint, strlen(r->hint));
}

void
copy_lower(struct norm *n, const struct row *r, uint32_t node)
{
	row_text(n, node);
	for (size_t i = 0; i < n->text.len; i++)
		if (n->text.bytes[i] >= 'A' && n->text.bytes[i] <= 'Z')
			n->text.bytes[i] = (char)(n->text.bytes[i] + ('a' - 'A'));
	row_put(n, r, buf_str(&n->text), n->text.len);
}

/* A value, or every scalar of a list. */
void
copy_list(struct norm *n, const struct row *r, uint32_t node)
{
	if (n->json.nodes[node].kind != JSON_ARRAY) {
		copy_text(n, r, node);
		return;
	}
	for (uint32_t k = json_first(&n->json, node); k != JSON_NONE; k = json_next(&n->json, node, k)) {
		row_text(n, k);
		slot_add(n, r->to, buf_str(&n->text), n->text.len);
	}
}

static void
copy_member(struct norm *n, const struct row *r, uint32_t object)
{
	uint32_t	 v = n->json.nodes[object].kind == JSON_OBJECT ? json_get(&n->json, object, r->hint) : JSON_NONE;

	row_text(n, v);
	slot_add(n, r->to, buf_str(&n->text), n->text.len);
}

/* The member of that name (hint) of an object, or of each in a list. */
void
copy_each(struct norm *n, const struct row *r, uint32_t node)
{
	const struct json	*j = &n->json;

	if (j->nodes[node].kind != JSON_ARRAY)
		copy_member(n, r, node);
	else
		for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k))
			copy_member(n, r, k);
}

/* Objects with an AlertLinkHref, or texts; the member leaves only if all of it finds a place. */
void
copy_links(struct norm *n, const struct row *r, uint32_t node)
{
	const struct json	*j = &n->json;
	uint32_t		 v;
	int			 rest = 0;

	if (j->nodes[node].kind != JSON_ARRAY) {
		row_text(n, j->nodes[node].kind == JSON_OBJECT ? json_get(j, node, "AlertLinkHref") : node);
		slot_add(n, r->to, buf_str(&n->text), n->text.len);
		rest = n->text.len == 0;
	} else
		for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
			v = j->nodes[k].kind == JSON_OBJECT ? json_get(j, k, "AlertLinkHref") : k;
			row_text(n, v);
			slot_add(n, r->to, buf_str(&n->text), n->text.len);
			rest |= n->text.len == 0 && !(v == JSON_NONE || json_is_empty(j, v));
		}
	if (!rest)
		ecs_moved(n, r->from);
}

/* A date field refuses what is no time with the whole document. */
void
copy_time(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node);
	char		 text[RFC3339_SIZE];
	int64_t		 ms;

	if (when_parse(p, n->text.len, &ms) == 0)
		slot_sets(n, r->to, rfc3339_text(ms, 3, text));
}

void
text_trim(const char **p, size_t *len)
{
	while (*len > 0 && (**p == ' ' || **p == '\t')) {
		(*p)++;
		(*len)--;
	}
	while (*len > 0 && ((*p)[*len - 1] == ' ' || (*p)[*len - 1] == '\t'))
		(*len)--;
}

/* "a@x.example; b@x.example" */
void
copy_split(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node), *end = p + n->text.len, *stop, *part;
	size_t		 len;

	for (; p < end; p = stop + 1) {
		if ((stop = memchr(p, ';', (size_t)(end - p))) == NULL)
			stop = end;
		part = p;
		len = (size_t)(stop - p);
		text_trim(&part, &len);
		slot_add(n, r->to, part, len);
	}
}

/* Digits only: a long field refuses everything else with the whole document. */
void
copy_number(struct norm *n, const struct row *r, uint32_t node)
{
	struct buf	 digits = { 0 };
	const char	*p = row_text(n, node);

	if (number_text(p, n->text.len, &digits) == 0)
		p = buf_str(&digits);
	if (*p != '\0' && strlen(p) <= 18 && strspn(p, "0123456789") == strlen(p)) {
		while (*p == '0' && p[1] != '\0')
			p++;
		row_put(n, r, p, strlen(p));
	}
	buf_clear(&digits);
}

/* The number that AIP records give for a platform, as a word; anything else as it is. */
const char *
platform_name(const char *p, size_t len)
{
	static const char *const words[] = { "Unknown", "Windows", "MacOS", "iOS", "Android", "Web Browser" };

	return len == 1 && *p >= '0' && *p <= '5' ? words[*p - '0'] : p;
}

void
copy_platform(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node);

	p = platform_name(p, n->text.len);
	row_put(n, r, p, strlen(p));
}

void
copy_severity(struct norm *n, const struct row *r, uint32_t node)
{
	static const char *const words[] = { "informational", "low", "medium", "high" };
	const char		*p = row_text(n, node);
	char			 digit[2] = "1";

	for (int i = 0; i < 4; i++, digit[0]++)
		if ((n->source->compat ? strcmp : strcasecmp)(p, words[i]) == 0)
			slot_sets(n, r->to, digit);
}

void
copy_os_type(struct norm *n, const struct row *r, uint32_t node)
{
	static const char *const words[][2] = { { "windows", "windows" }, { "linux", "linux" }, { "mac", "macos" },
	    { "unix", "unix" }, { "ios", "ios" }, { "android", "android" } };
	const char		*p = row_text(n, node);

	p = platform_name(p, n->text.len);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasestr(p, words[i][0]) != NULL) {
			slot_sets(n, r->to, words[i][1]);
			return;
		}
	}
}

/* Anything that is not a known failure counts as success, as Elastic's rules expect. */
void
copy_outcome(struct norm *n, const struct row *r, uint32_t node)
{
	static const char *const failures[] = { "failed", "false", "failure", "error" };	/* the last two are ours */
	const char		*p = row_text(n, node);
	size_t			 count = sizeof(failures) / sizeof(failures[0]) - (n->source->compat ? 2 : 0);

	for (size_t i = 0; i < count; i++)
		if (strcasecmp(p, failures[i]) == 0)
			slot_sets(n, r->to, "failure");
}

/* "report.docx (1234b); notes.txt (5b)": name, size from the last " (", extension behind the last dot. */
static void
one_attachment(struct norm *n, enum field to, const char *p, size_t len)
{
	struct buf	 item = { 0 };
	struct json_out	 o;
	size_t		 open, dot, digits;

	if (len < 5 || p[len - 1] != ')' || p[len - 2] != 'b')
		return;
	for (open = len - 2; open > 1 && !(p[open] == '(' && p[open - 1] == ' '); open--)
		continue;
	digits = open + 1;
	if (open <= 1 || digits >= len - 2 || len - 2 - digits > 18)
		return;
	for (size_t i = digits; i < len - 2; i++)
		if (p[i] < '0' || p[i] > '9')
			return;
	for (dot = open - 1; dot > 0 && p[dot - 1] != '.'; dot--)
		continue;
	if (dot == 0)
		return;
	json_out_init(&o, &item);
	json_out_open(&o, '{');
	json_out_name(&o, "file", 4);
	json_out_open(&o, '{');
	json_out_name(&o, "name", 4);
	json_out_string(&o, p, open - 1);
	json_out_name(&o, "extension", 9);
	json_out_string(&o, p + dot, open - 1 - dot);
	json_out_name(&o, "size", 4);
	while (digits < len - 3 && p[digits] == '0')
		digits++;
	json_out_raw(&o, p + digits, len - 2 - digits);
	json_out_close(&o, '}');
	json_out_close(&o, '}');
	slot_add(n, to, buf_str(&item), item.len);
	buf_clear(&item);
}

void
copy_attachments(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node), *end = p + n->text.len, *stop, *part;
	size_t		 len;

	for (; p < end; p = stop + 1) {
		if ((stop = memchr(p, ';', (size_t)(end - p))) == NULL)
			stop = end;
		part = p;
		len = (size_t)(stop - p);
		text_trim(&part, &len);
		one_attachment(n, r->to, part, len);
	}
}

/* ---- numbers ---------------------------------------------------------------------------------------------------------------- */

/* "1.5e3" -> "1500", "12e-1" -> "1.2"; what has no exponent stays digit for digit. -1: no number, or absurdly long. */
int
number_text(const char *p, size_t len, struct buf *out)
{
	struct buf	 digits = { 0 };
	const char	*end = p + len, *e = NULL;
	long		 point = -1, exponent = 0;
	int		 rc = -1;

	if (len == 0 || len > 1000)
		return -1;
	for (const char *c = p; c < end; c++)
		if (*c == 'e' || *c == 'E')
			e = c;
	if (e == NULL) {
		buf_add(out, p, len);
		return 0;
	}
	exponent = strtol(e + 1, NULL, 10);
	if (exponent > EXPONENT_MAX || exponent < -EXPONENT_MAX)
		return -1;
	if (*p == '-')
		buf_addc(out, *p++);
	for (; p < e; p++) {
		if (*p == '.')
			point = (long)digits.len;
		else if (*p >= '0' && *p <= '9')
			buf_addc(&digits, *p);
		else
			goto out;
	}
	if (point == -1)
		point = (long)digits.len;
	point += exponent;
	while (point > (long)digits.len)
		buf_addc(&digits, '0');
	if (point <= 0) {
		buf_adds(out, "0");
		if (digits.len > 0)
			buf_addc(out, '.');
		for (long i = point; i < 0; i++)
			buf_addc(out, '0');
		buf_add(out, buf_str(&digits), digits.len);
	} else {
		size_t	 whole = (size_t)point, skip = 0;

		while (skip + 1 < whole && digits.bytes[skip] == '0')
			skip++;
		buf_add(out, digits.bytes + skip, whole - skip);
		if (digits.len > whole) {
			buf_addc(out, '.');
			buf_add(out, digits.bytes + whole, digits.len - whole);
		}
	}
	/* A fraction of zeroes, and zeroes at a fraction's end, say nothing. */
	if (memchr(out->bytes, '.', out->len) != NULL) {
		while (out->bytes[out->len - 1] == '0')
			buf_cut(out, out->len - 1);
		if (out->bytes[out->len - 1] == '.')
			buf_cut(out, out->len - 1);
	}
	rc = 0;
out:
	buf_clear(&digits);
	return rc;
}

/* ---- people ------------------------------------------------------------------------------------------------------------------- */

int
is_placeholder(const char *p, size_t len)
{
	static const char *const words[] = { "not available", "unknown" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == len && strncasecmp(words[i], p, len) == 0)
			return 1;
	return len == 0;
}

int
is_zero_guid(const char *p, size_t len)
{
	static const char	 zero[] = "00000000-0000-0000-0000-000000000000";

	return len == sizeof(zero) - 1 && memcmp(p, zero, len) == 0;
}

void
copy_person(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node);

	if (!is_placeholder(p, n->text.len))
		row_put(n, r, p, n->text.len);
}

/* UserId, but never a word where a name should stand: then UserKey, then the Actor of type 0. */
void
copy_user(struct norm *n, const struct row *r, uint32_t node)
{
	const struct json	*j = &n->json;
	uint32_t		 k, actors;

	row_text(n, node);
	if (n->source->compat) {
		slot_set(n, r->to, buf_str(&n->text), n->text.len);
		return;
	}
	if (is_placeholder(buf_str(&n->text), n->text.len)) {
		row_text(n, ecs_find(n, "UserKey"));
		if (is_placeholder(buf_str(&n->text), n->text.len) && (actors = ecs_find(n, "Actor")) != JSON_NONE &&
		    j->nodes[actors].kind == JSON_ARRAY) {
			buf_reset(&n->text);
			for (uint32_t a = json_first(j, actors); a != JSON_NONE; a = json_next(j, actors, a)) {
				if (j->nodes[a].kind != JSON_OBJECT || (k = json_get(j, a, "Type")) == JSON_NONE ||
				    strcmp(row_text(n, k), "0") != 0)
					continue;
				if ((k = json_get(j, a, "ID")) != JSON_NONE)
					row_text(n, k);
				break;
			}
		}
	}
	if (!is_placeholder(buf_str(&n->text), n->text.len))
		slot_set(n, r->to, buf_str(&n->text), n->text.len);
}
