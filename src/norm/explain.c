/*
 * explain - what `map --explain` prints: each field of the event, its value, the rule that made it and where it came from.
 */
#include "norm/ecs.h"

#define FIELD_WIDTH 36
#define VALUE_MAX 72

/* Values are for people here: cut where they are long, between characters. */
static void
shortened(struct buf *out, const char *p, size_t len)
{
	if (len <= VALUE_MAX) {
		buf_add(out, p, len);
		return;
	}
	for (len = VALUE_MAX; len > 0 && ((unsigned char)p[len] & 0xc0) == 0x80; len--)
		continue;
	buf_add(out, p, len);
	buf_adds(out, "...");
}

void
explain_field(struct norm *n, const char *path, const char *value, size_t len, const struct slot *s)
{
	buf_addf(n->explain, "%-*s ", FIELD_WIDTH, path);
	shortened(n->explain, value, len);
	buf_addf(n->explain, "  <- %s%s%s\n", s->from != NULL ? s->from : "", s->from != NULL ? ", " : "",
	    s->why != NULL ? s->why : "its rule");
}

/* A member that no row moved, as it was just written: "Name":value. name: its node, JSON_NONE: made here. */
void
explain_member(struct norm *n, const char *written, size_t len, uint32_t name, const char *how)
{
	struct buf	 b = { 0 };
	const char	*end, *p = written + (*written == ',');

	len -= (size_t)(p - written);
	for (end = p + 1; end < p + len && *end != '"'; end++)
		end += *end == '\\';
	buf_addf(&b, "%s.%.*s", ecs_path(n->family->rest), (int)(end - p - 1), p + 1);
	buf_addf(n->explain, "%-*s ", FIELD_WIDTH, buf_str(&b));
	if (end + 2 < p + len)
		shortened(n->explain, end + 2, len - (size_t)(end + 2 - p));
	buf_reset(&b);
	if (name != JSON_NONE)
		json_text(&n->json, name, &b);
	buf_addf(n->explain, "  <- %s, %s\n", name != JSON_NONE ? buf_str(&b) : "made here", how);
	buf_clear(&b);
}
