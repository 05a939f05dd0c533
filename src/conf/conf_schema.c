/*
 * conf_schema - the table of options as JSON Schema, so that editors complete and check while one types.
 *
 * Says what the table says: keys, kinds, choices, defaults, what is required. What only the whole file can tell stays
 * with m365fwd check. A value with ${VAR} in it passes everywhere but in secrets.
 */
#include <string.h>

#include "conf/conf_in.h"

#define VARIABLE "\\\\$\\\\{"		/* as it stands in a JSON string */
#define GUID "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"

/* Kinds that are one string: what the string looks like. NULL: any. */
static const struct {
	const char	*kind, *pattern;
} patterns[] = {
	{ "text",	NULL },
	{ "line",	NULL },
	{ "name",	"^[a-z0-9][a-z0-9._-]{0,62}$" },
	{ "guid",	"^" GUID "$" },
	{ "domain",	NULL },
	{ "user",	"^[^:]+$" },
	{ "path",	"^/" },
	{ "pem",	"^/" },
	{ "key",	"^/" },
	{ "secret",	"^(file:/|credential:|env:)" },
	{ "origin",	"^https?://[^/]+/?$" },
	{ "urls",	"^https?://" },
	{ "proxy",	"^(https?://|off$|file:/|credential:|env:)" },
	{ "address",	"^(off|.+:[0-9]{1,5})$" },
	{ "pins",	"^sha256//" },
	{ "index",	NULL },
	{ "namespace",	"^[^-]+$" },
	{ "duration",	"^[0-9]+(ms|s|m|h|d)$" },
	{ "durations",	"^[0-9]+(ms|s|m|h|d)$" },
	{ "size",	"^[0-9]+([KMGT]iB|[KMGT]B)$" },
	{ "feeds",	"^[a-z]+([.][a-z]+)?$" },
	{ "patterns",	"^[a-z.*]+$" },
	{ "headers",	NULL },
	{ "members",	"^[+]?[A-Za-z_][A-Za-z0-9_]*$" },
};

static const char *
pattern_of(const char *kind)
{
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (strcmp(patterns[i].kind, kind) == 0)
			return patterns[i].pattern;
	return NULL;
}

static void
add_quoted(struct buf *b, const char *s)
{
	buf_addc(b, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_addc(b, '\\');
		buf_addc(b, *s);
	}
	buf_addc(b, '"');
}

static void
new_line(struct buf *b, unsigned depth)
{
	buf_addc(b, '\n');
	for (; depth > 0; depth--)
		buf_addc(b, '\t');
}

/* ---- one value ------------------------------------------------------------------------------------------------------- */

static void
add_string(const char *kind, struct buf *b)
{
	const char	*pattern = pattern_of(kind);

	buf_adds(b, "\"type\": \"string\", \"minLength\": 1");
	if (pattern == NULL)
		return;
	buf_adds(b, ", \"pattern\": \"");
	if (strcmp(kind, "secret") != 0)
		buf_adds(b, VARIABLE "|");
	buf_addf(b, "%s\"", pattern);
}

static void
add_array(const char *kind, unsigned least, struct buf *b)
{
	buf_addf(b, "\"type\": \"array\", \"minItems\": %u, \"uniqueItems\": true, \"items\": { ", least);
	add_string(kind, b);
	buf_adds(b, " }");
}

static void
add_choice(const char *words, struct buf *b)
{
	size_t	 n, i = 0;

	buf_adds(b, "\"anyOf\": [{ \"enum\": [");
	for (const char *p = words; *p != '\0'; p += n + (p[n] == '|')) {
		n = strcspn(p, "|");
		if (p[n - 1] != '~')
			buf_addf(b, "%s\"%.*s\"", i++ == 0 ? "" : ", ", (int)n, p);
	}
	buf_adds(b, "] }, { \"type\": \"string\", \"pattern\": \"" VARIABLE "\" }]");
}

static void
add_count(const char *limits, struct buf *b)
{
	int	 dots = (int)strcspn(limits, ".");

	buf_addf(b, "\"anyOf\": [{ \"type\": \"integer\", \"minimum\": %.*s, \"maximum\": %s }, ", dots, limits,
	    limits + dots + 2);
	buf_adds(b, "{ \"type\": \"string\", \"pattern\": \"" VARIABLE "\" }]");
}

static void
add_value(const struct conf_option *o, struct buf *b)
{
	const char	*kind = o->type;

	if (strcmp(kind, "choice") == 0)
		add_choice(o->limits, b);
	else if (strcmp(kind, "count") == 0)
		add_count(o->limits, b);
	else if (strcmp(kind, "flag") == 0)
		buf_adds(b, "\"type\": \"boolean\"");
	else if (strcmp(kind, "headers") == 0)
		buf_adds(b, "\"type\": \"object\", \"additionalProperties\": { \"type\": \"string\", \"minLength\": 1 }");
	else if (strcmp(kind, "constants") == 0)
		buf_adds(b, "\"type\": \"object\", \"minProperties\": 1, \"additionalProperties\": { \"type\": [\"string\", \"number\", \"boolean\"] }");
	else if (strcmp(kind, "conditions") == 0)
		buf_adds(b, "\"type\": \"array\", \"minItems\": 1, \"items\": { \"type\": \"object\", \"minProperties\": 1 }");
	else if (strcmp(kind, "members") == 0)
		add_array(kind, 0, b);
	else if (strcmp(kind, "feeds") == 0 || strcmp(kind, "patterns") == 0 || strcmp(kind, "durations") == 0)
		add_array(kind, strcmp(kind, "durations") != 0, b);
	else if (strcmp(kind, "urls") == 0) {
		buf_adds(b, "\"anyOf\": [{ ");
		add_string(kind, b);
		buf_adds(b, " }, { ");
		add_array(kind, 1, b);
		buf_adds(b, " }]");
	} else
		add_string(kind, b);
}

/* ---- groups ---------------------------------------------------------------------------------------------------------- */

static void	 add_group(const char *prefix, unsigned depth, struct buf *);

static void
add_description(const struct conf_option *o, struct buf *b)
{
	struct buf	 text = { 0 };

	buf_adds(&text, o->help);
	if (o->standard != NULL)
		buf_addf(&text, " Default: %s.", o->standard);
	if (o->applies != NULL)
		buf_addf(&text, " Only for %s.", o->applies);
	if ((o->flags & CONF_LATER) != 0)
		buf_adds(&text, " Comes with a later version.");
	buf_adds(b, "\"description\": ");
	add_quoted(b, buf_str(&text));
	buf_clear(&text);
}

static void
add_inner(const struct conf_option *o, unsigned depth, struct buf *b)
{
	struct buf	 prefix = { 0 };
	int		 items = strcmp(o->type, "items") == 0;

	buf_addf(&prefix, "%s%s.", o->path, items ? "[]" : "");
	if (items)
		buf_adds(b, "\"type\": \"array\", \"minItems\": 1, \"items\": { ");
	add_group(buf_str(&prefix), depth, b);
	if (items)
		buf_adds(b, " }");
	buf_clear(&prefix);
}

static void
add_option(const struct conf_option *o, unsigned depth, struct buf *b)
{
	add_quoted(b, option_name(o));
	buf_adds(b, ": { ");
	add_description(o, b);
	buf_adds(b, ", ");
	if (strcmp(o->type, "group") == 0 || strcmp(o->type, "items") == 0)
		add_inner(o, depth, b);
	else
		add_value(o, b);
	buf_adds(b, " }");
}

static void
add_group(const char *prefix, unsigned depth, struct buf *b)
{
	const struct conf_option	*o;
	unsigned			 i = 0;

	buf_adds(b, "\"type\": \"object\", \"additionalProperties\": false,");
	new_line(b, depth);
	buf_adds(b, "\"required\": [");
	for (o = option_next(prefix, NULL); o != NULL; o = option_next(prefix, o)) {
		if ((o->flags & CONF_MUST) == 0 || o->applies != NULL)
			continue;
		buf_adds(b, i++ == 0 ? "" : ", ");
		add_quoted(b, option_name(o));
	}
	buf_adds(b, "],");
	new_line(b, depth);
	buf_adds(b, "\"properties\": {");
	i = 0;
	for (o = option_next(prefix, NULL); o != NULL; o = option_next(prefix, o)) {
		buf_adds(b, i++ == 0 ? "" : ",");
		new_line(b, depth + 1);
		add_option(o, depth + 1, b);
	}
	new_line(b, depth);
	buf_addc(b, '}');
}

void
conf_schema(struct buf *b)
{
	buf_adds(b, "{\n\t\"$schema\": \"http://json-schema.org/draft-07/schema#\",\n\t\"title\": \"m365fwd.yaml\",\n\t");
	add_group("", 1, b);
	buf_adds(b, "\n}\n");
}
