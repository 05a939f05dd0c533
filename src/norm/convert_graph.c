/*
 * convert_graph - converters for the rows of Graph's families: sign-ins, directory, risk, alerts.
 */
#include <string.h>

#include "norm/shape.h"

/* Of a hint each word is a row of its own. */
static void
put_word(struct norm *n, const struct row *r, const char *found, size_t len)
{
	if (found == NULL)
		return;
	n->by = found;
	row_put(n, r, found, len);
	n->by = r;
}

/* What the hint has behind the word; nothing if the word is not there. */
void
copy_choice(struct norm *n, const struct row *r, uint32_t node)
{
	size_t		 len = 0;
	const char	*p = row_text(n, node), *found = n->text.len > 0 ? hint_find(r->hint, p, n->text.len, &len) : NULL;

	put_word(n, r, found, len);
}

void
copy_by_feed(struct norm *n, const struct row *r, uint32_t node)
{
	size_t		 len;
	const char	*feed = n->source->feed, *found = hint_find(r->hint, feed, strlen(feed), &len);

	(void)node;
	put_word(n, r, found, len);
}

/* "success" -> "Success" */
void
copy_title(struct norm *n, const struct row *r, uint32_t node)
{
	row_text(n, node);
	if (n->text.len > 0 && *n->text.bytes >= 'a' && *n->text.bytes <= 'z')
		*n->text.bytes = (char)(*n->text.bytes - ('a' - 'A'));
	row_put(n, r, buf_str(&n->text), n->text.len);
}

/* The hint with the tenant's GUID for its '%'. */
void
copy_tenant(struct norm *n, const struct row *r, uint32_t node)
{
	size_t	 before = strcspn(r->hint, "%");

	(void)node;
	buf_reset(&n->text);
	buf_add(&n->text, r->hint, before);
	buf_adds(&n->text, n->source->tenant_guid);
	buf_adds(&n->text, r->hint + before + (r->hint[before] == '%'));
	row_put(n, r, buf_str(&n->text), n->text.len);
}

/* Ids, one or a list of them; the zero GUID names nothing. */
void
copy_id(struct norm *n, const struct row *r, uint32_t node)
{
	const struct json	*j = &n->json;
	const char		*p;

	if (j->nodes[node].kind == JSON_ARRAY) {
		for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k))
			if (j->nodes[k].kind != JSON_ARRAY)
				copy_id(n, r, k);
		return;
	}
	p = row_text(n, node);
	if (!is_zero_guid(p, n->text.len))
		row_put(n, r, p, n->text.len);
}

/* user.name, and user.email when it looks like one. */
void
copy_upn(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node);

	row_put(n, r, p, n->text.len);
	if (memchr(p, '@', n->text.len) != NULL && *p != '@')
		slot_set(n, F_USER_EMAIL, p, n->text.len);
}

/*
 * Where it came from: source.ip and what follows from it. Microsoft hides parts of some addresses and writes words in others: those are
 * source.address only. r->to F_SOURCE_ADDRESS: the text stands there in any case.
 */
void
copy_origin(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node), *ip = p;
	size_t		 len = n->text.len;
	int		 good;

	if (strcasecmp(p, "null") == 0 || strcasecmp(p, "<null>") == 0)
		return;
	good = ip_plain(&ip, &len);
	if (!good || r->to == F_SOURCE_ADDRESS)
		slot_set(n, F_SOURCE_ADDRESS, p, n->text.len);
	if (!good)
		return;
	slot_set(n, F_SOURCE_IP, ip, len);
	slot_set(n, F_CLIENT_IP, ip, len);
	slot_add(n, F_RELATED_IP, ip, len);
}

void
copy_ip(struct norm *n, const struct row *r, uint32_t node)
{
	const char	*p = row_text(n, node);
	size_t		 len = n->text.len;

	if (ip_plain(&p, &len))
		row_put(n, r, p, len);
}

/* "Update application – Certificates and secrets management ": rules have a hyphen, and no blank behind. */
void
copy_plain_dash(struct norm *n, const struct row *r, uint32_t node)
{
	static const char	 dash[] = "\xe2\x80\x93";
	const char		*p = row_text(n, node), *end = p + n->text.len, *at;
	struct buf		 plain = { 0 };
	size_t			 len;

	while (p < end && *p == ' ')
		p++;
	for (; (at = strstr(p, dash)) != NULL; p = at + 3) {
		buf_add(&plain, p, (size_t)(at - p));
		buf_addc(&plain, '-');
	}
	buf_add(&plain, p, (size_t)(end - p));
	for (len = plain.len; len > 0 && plain.bytes[len - 1] == ' '; len--)
		continue;
	row_put(n, r, buf_str(&plain), len);
	buf_clear(&plain);
}

/* Milliseconds into nanoseconds. */
void
copy_nanos(struct norm *n, const struct row *r, uint32_t node)
{
	const struct value	*v;

	copy_number(n, r, node);
	if ((v = slot_get(n, r->to)) == NULL || (v->len == 1 && *v->p == '0'))
		return;
	buf_reset(&n->text);
	buf_add(&n->text, v->p, v->len);
	buf_adds(&n->text, "000000");
	if (n->text.len <= 18)
		slot_set(n, r->to, buf_str(&n->text), n->text.len);
	else
		slot_clear(n, r->to);
}

void
ecs_gather(struct norm *n, const struct pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		n->by = &pairs[i];
		for (const struct value *v = slot_get(n, pairs[i].from); v != NULL; v = v->next)
			if (pairs[i].to != F_RELATED_USER || !is_placeholder(v->p, v->len))
				slot_add(n, pairs[i].to, v->p, v->len);
	}
	n->by = NULL;
}
