/*
 * sift - what an output leaves out of the stream.
 */
#include "norm/sift.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define NODES_MAX	200000
#define TEXTS_DEEP	2		/* JSON in a text, and in a text of that */

struct match {
	char	 *field;
	char	**patterns;		/* NULL-ended */
};

struct condition {
	struct match	*all;
	size_t		 n;
};

struct conditions {
	struct condition *items;
	size_t		  n;
};

struct sift {
	struct conditions drop, keep;
	struct redacted {
		char	*name;
		size_t	 len;
		size_t	 rare;		/* which of its letters is the rarest: that one is looked for */
	}		 *redacted;
	size_t		  n_redacted;
};

/* "user" and "operation" are what people say; this is where they stand, in audit records and in Graph's rows. */
static const struct {
	const char	*field;
	const char	*const members[9];
} words[] = {
	{ "operation",	{ "Operation", "activityDisplayName", "provisioningAction", "activity", "title", NULL } },
	{ "user",	{ "UserId", "userPrincipalName", "initiatedBy.user.userPrincipalName", "initiatedBy.app.displayName",
	    "servicePrincipalName", "initiatedBy.id", NULL } },
};

struct sift *
sift_new(void)
{
	return xcalloc(1, sizeof(struct sift));
}

static void
conditions_clear(struct conditions *c)
{
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; k < c->items[i].n; k++) {
			for (char **p = c->items[i].all[k].patterns; *p != NULL; p++)
				free(*p);
			free(c->items[i].all[k].patterns);
			free(c->items[i].all[k].field);
		}
		free(c->items[i].all);
	}
	free(c->items);
}

void
sift_free(struct sift *s)
{
	if (s == NULL)
		return;
	conditions_clear(&s->drop);
	conditions_clear(&s->keep);
	for (size_t i = 0; i < s->n_redacted; i++)
		free(s->redacted[i].name);
	free(s->redacted);
	free(s);
}

static void
add_condition(struct conditions *to, const struct sift_match *m, size_t n)
{
	struct condition	*c;
	size_t			 count;

	to->items = xreallocarray(to->items, to->n + 1, sizeof(*to->items));
	c = &to->items[to->n++];
	c->all = xcalloc(n, sizeof(*c->all));
	c->n = n;
	for (size_t i = 0; i < n; i++) {
		for (count = 0; m[i].patterns[count] != NULL; count++)
			continue;
		c->all[i].field = xstrdup(m[i].field);
		c->all[i].patterns = xcalloc(count + 1, sizeof(char *));
		for (size_t k = 0; k < count; k++)
			c->all[i].patterns[k] = xstrdup(m[i].patterns[k]);
	}
}

void
sift_drop(struct sift *s, const struct sift_match *m, size_t n)
{
	add_condition(&s->drop, m, n);
}

void
sift_keep(struct sift *s, const struct sift_match *m, size_t n)
{
	add_condition(&s->keep, m, n);
}

void
sift_redact(struct sift *s, const char *member)
{
	static const char	 common[] = "e0a2-1tionsr4d38c567b9lfmuphgy_IkwvTxSAUOERCPMLNFBzHqjGWDJVKQXYZ";	/* in audit records, by rank */
	struct redacted		*r;

	s->redacted = xreallocarray(s->redacted, s->n_redacted + 1, sizeof(*s->redacted));
	r = &s->redacted[s->n_redacted++];
	*r = (struct redacted){ xstrdup(member), strlen(member), 0 };
	for (size_t i = 0, rank = 0; i < r->len; i++) {
		const char	*at = strchr(common, member[i]);
		size_t		 here = at != NULL ? (size_t)(at - common) : sizeof(common);

		if (here >= rank) {
			rank = here;
			r->rare = i;
		}
	}
}

int
sift_is_empty(const struct sift *s)
{
	return s->drop.n + s->keep.n + s->n_redacted == 0;
}

void
sift_scratch_clear(struct sift_scratch *x)
{
	json_clear(&x->json);
	buf_clear(&x->text);
}

/* ---- whole records ---------------------------------------------------------------------------------------------------- */

static int
lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* '*' stands for any letters, none too; ASCII letters of either case are the same. */
static int
is_like(const char *pattern, const char *text)
{
	const char	*star = NULL, *from = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			from = text;
		} else if (lower((unsigned char)*pattern) == lower((unsigned char)*text)) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star;
			text = ++from;
		} else {
			return 0;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static int
is_one_of(char *const *patterns, const char *text)
{
	for (; *patterns != NULL; patterns++)
		if (is_like(*patterns, text))
			return 1;
	return 0;
}

static int value_meets(struct sift_scratch *, uint32_t node, const char *rest, char *const *patterns);

/* Of a list any element, and of its objects the rest of the path; {Name, Value} pairs are members too. */
static int
list_meets(struct sift_scratch *x, uint32_t list, const char *rest, char *const *patterns)
{
	const struct json	*j = &x->json;
	uint32_t		 name, value;

	for (uint32_t k = json_first(j, list); k != JSON_NONE; k = json_next(j, list, k)) {
		if (value_meets(x, k, rest, patterns))
			return 1;
		if (rest != NULL && j->nodes[k].kind == JSON_OBJECT && (name = json_get(j, k, "Name")) != JSON_NONE &&
		    (value = json_get(j, k, "Value")) != JSON_NONE && j->nodes[name].kind == JSON_STRING &&
		    json_name_is(j, name, rest) && value_meets(x, value, NULL, patterns))
			return 1;
	}
	return 0;
}

static int
value_meets(struct sift_scratch *x, uint32_t node, const char *rest, char *const *patterns)
{
	const struct json	*j = &x->json;
	char			 name[128];
	size_t			 len;
	uint32_t		 v;

	if (j->nodes[node].kind == JSON_ARRAY)
		return list_meets(x, node, rest, patterns);
	if (j->nodes[node].kind == JSON_OBJECT) {
		if (rest == NULL || (len = strcspn(rest, ".")) >= sizeof(name))
			return 0;
		memcpy(name, rest, len);
		name[len] = '\0';
		return (v = json_get(j, node, name)) != JSON_NONE &&
		    value_meets(x, v, rest[len] == '.' ? rest + len + 1 : NULL, patterns);
	}
	if (rest != NULL || j->nodes[node].kind == JSON_NULL)
		return 0;
	buf_reset(&x->text);
	json_text(j, node, &x->text);
	return is_one_of(patterns, buf_str(&x->text));
}

static int
meets(struct sift_scratch *x, const char *feed, const struct match *m)
{
	if (strcmp(m->field, "feed") == 0)
		return is_one_of(m->patterns, feed);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(m->field, words[i].field) != 0)
			continue;
		for (const char *const *member = words[i].members; *member != NULL; member++)
			if (value_meets(x, 0, *member, m->patterns))
				return 1;
		return 0;
	}
	return value_meets(x, 0, m->field, m->patterns);
}

static int
meets_one(struct sift_scratch *x, const char *feed, const struct conditions *any)
{
	for (size_t i = 0; i < any->n; i++) {
		size_t	 k = 0;

		while (k < any->items[i].n && meets(x, feed, &any->items[i].all[k]))
			k++;
		if (k == any->items[i].n)
			return 1;
	}
	return 0;
}

/* A record that is too large to be looked into has its top-level values. */
enum sift_verdict
sift_judge(const struct sift *s, struct sift_scratch *x, const char *feed, const struct record *r)
{
	if (s->drop.n + s->keep.n == 0 || json_index(&x->json, r->bytes, r->len, NODES_MAX, JSON_DEPTH) == JSON_BAD ||
	    x->json.nodes[0].kind != JSON_OBJECT)
		return SIFT_TAKE;
	if (meets_one(x, feed, &s->drop))
		return SIFT_DROP;
	return s->keep.n == 0 || meets_one(x, feed, &s->keep) ? SIFT_TAKE : SIFT_NOT_KEPT;
}

/* ---- members: the bytes are gone through once, so no record is too large ------------------------------------------------- */

struct cut {
	const struct sift	*s;
	struct buf		*out;
	unsigned		 deep, n;	/* how many texts we are in; members taken out */
	int			 comma;		/* one waits for what it separates */
	char			 last;		/* written */
};

static unsigned	cut(const struct sift *, const char *, size_t, unsigned deep, struct buf *out);

/* memmem asks of every byte whether the name begins there; a rare letter of it is found faster. */
static int
holds_name(const struct redacted *r, const char *p, const char *end)
{
	const char	*at = p;

	while ((at = memchr(at, r->name[r->rare], (size_t)(end - at))) != NULL) {
		const char	*from = at - r->rare;

		if ((size_t)(at - p) >= r->rare && (size_t)(end - from) >= r->len && memcmp(from, r->name, r->len) == 0)
			return 1;
		at++;
	}
	return 0;
}

/* \u0041: a name may be spelt with these. */
static int
holds_codes(const char *p, const char *end)
{
	while ((p = memchr(p, '\\', (size_t)(end - p))) != NULL && p + 1 < end) {
		if (p[1] == 'u')
			return 1;
		p += 2;
	}
	return 0;
}

static int
may_hold(const struct sift *s, const char *p, size_t len)
{
	for (size_t i = 0; i < s->n_redacted; i++)
		if (holds_name(&s->redacted[i], p, p + len))
			return 1;
	return holds_codes(p, p + len);
}

static const char *
string_end(const char *p)
{
	for (p++; *p != '"'; p++)
		p += *p == '\\';
	return p + 1;
}

static const char *
skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p;
}

/* Past the value at p. */
static const char *
skip_value(const char *p, const char *end)
{
	unsigned	 depth = 0;

	for (p = skip_space(p, end); p < end;) {
		if (*p == '"')
			p = string_end(p);
		else if (depth == 0 && strchr(",]}", *p) != NULL)
			break;
		else {
			depth += *p == '{' || *p == '[';
			depth -= *p == '}' || *p == ']';
			p++;
		}
		if (depth == 0 && (p[-1] == '"' || p[-1] == '}' || p[-1] == ']'))
			break;
	}
	return p;
}

static int
decode(const char *p, const char *end, struct buf *to)
{
	struct json	 j = { 0 };
	int		 good = json_index(&j, p, (size_t)(end - p), 0, 1) == JSON_OK;

	if (good)
		json_text(&j, 0, to);
	json_clear(&j);
	return good;
}

static int
is_redacted(const struct sift *s, const char *p, const char *end)
{
	struct buf	 name = { 0 };
	int		 yes = 0;

	if (memchr(p, '\\', (size_t)(end - p)) == NULL)
		buf_add(&name, p + 1, (size_t)(end - p) - 2);
	else
		decode(p, end, &name);
	for (size_t i = 0; i < s->n_redacted && !yes; i++)
		yes = name.len == s->redacted[i].len && memcmp(buf_str(&name), s->redacted[i].name, name.len) == 0;
	buf_clear(&name);
	return yes;
}

static void
put(struct cut *c, const char *p, size_t len)
{
	if (c->comma && c->last != '{' && c->last != '[')
		buf_addc(c->out, ',');
	c->comma = 0;
	buf_add(c->out, p, len);
	c->last = p[len - 1];
}

/* JSON in a text is cut as well, and written as a text again. */
static int
put_text(struct cut *c, const char *p, const char *end)
{
	struct buf	 text = { 0 }, shorter = { 0 }, quoted = { 0 };
	struct json	 j = { 0 };
	unsigned	 n = 0;

	if (c->deep < TEXTS_DEEP && memchr(p, '\\', (size_t)(end - p)) != NULL && may_hold(c->s, p, (size_t)(end - p)) &&
	    decode(p, end, &text) && text.len > 0 && json_index(&j, text.bytes, text.len, 1, 1) != JSON_BAD)
		n = cut(c->s, buf_str(&text), text.len, c->deep + 1, &shorter);
	if (n > 0) {
		json_escape(&quoted, buf_str(&shorter), shorter.len);
		put(c, quoted.bytes, quoted.len);
		c->n += n;
	}
	json_clear(&j);
	buf_clear(&text);
	buf_clear(&shorter);
	buf_clear(&quoted);
	return n > 0;
}

/* Sound JSON in; the same without the members, and how many they were. */
static unsigned
cut(const struct sift *s, const char *p, size_t len, unsigned deep, struct buf *out)
{
	struct cut	 c = { s, out, deep, 0, 0, '\0' };
	const char	*end = p + len, *stop, *colon;

	for (; p < end; p = stop) {
		stop = p + 1;
		if (*p == '"') {
			stop = string_end(p);
			colon = skip_space(stop, end);
			if (colon < end && *colon == ':' && is_redacted(s, p, stop)) {
				stop = skip_value(colon + 1, end);
				c.n++;
			} else if ((colon < end && *colon == ':') || !put_text(&c, p, stop)) {
				put(&c, p, (size_t)(stop - p));
			}
		} else if (*p == ',') {
			c.comma = 1;
		} else if (*p == '}' || *p == ']') {
			c.comma = 0;
			put(&c, p, 1);
		} else if (strchr(" \t\r\n", *p) != NULL) {
			buf_addc(out, *p);
		} else {
			put(&c, p, 1);
		}
	}
	return c.n;
}

unsigned
sift_members(const struct sift *s, struct sift_scratch *x, const struct record *r, struct buf *out)
{
	buf_reset(out);
	if (s->n_redacted == 0 || !may_hold(s, r->bytes, r->len) || json_index(&x->json, r->bytes, r->len, 1, 1) == JSON_BAD)
		return 0;
	return cut(s, r->bytes, r->len, 0, out);
}
