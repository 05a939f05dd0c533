/*
 * What detection rules, dashboards and searches ask for is there: tests/golden/rules.tsv has rules, each with a record of a
 * golden case that it would match and what it compares; tests/golden/rule-fields.tsv every field that Elastic's rules and
 * dashboards and Splunk's searches name, with its JSON type, and each of them is asked for by a rule here. What is asked for in
 * schema ecs has a field of that type in the index template of its data set.
 *
 *	rules.tsv		rule <tab> CASE:LINE <tab> out, native, ... <tab> condition <tab> condition ...
 *	condition		path=JSON (of a list: one of its values, or A.1.B: that of the second), path (something is
 *				there), !path (nothing is)
 *	rule-fields.tsv		out, native, ... <tab> path <tab> string, number, boolean or object
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "norm/types.h"

#define FIELDS_MAX 1024

static struct field { char *kind, *path, *type; int asked; } fields[FIELDS_MAX];
static size_t	 n_fields, wrong, n_compat, n_marked;

static char *
file_text(const char *folder, const char *name)
{
	const char	*srcdir = getenv("srcdir");
	char		*path = xasprintf("%s/%s/%s", srcdir != NULL ? srcdir : ".", folder, name), piece[4096];
	FILE		*f = fopen(path, "r");
	struct buf	 b = { 0 };
	size_t		 n;

	if (f == NULL)
		fail_msg("%s: cannot be read", path);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&b, piece, n);
	fclose(f);
	free(path);
	return buf_take(&b, NULL);
}

/* The next of the words between tabs; NULL: no more. */
static char *
word(char **line)
{
	char	*w = strsep(line, "\t");

	return w != NULL && *w != '\0' ? w : NULL;
}

/* ---- values at a path ---------------------------------------------------------------------------------------------------- */

struct look {
	const struct json	*j;
	const char		*want;		/* JSON text, NULL: anything */
	const char		*type;		/* of what was found */
	int			 found;
};

static const char *
type_of(const struct json *j, uint32_t node)
{
	static const char *const types[] = { "object", "list", "string", "number", "boolean", "boolean", "null" };

	return types[j->nodes[node].kind];
}

static void
look_at(struct look *l, uint32_t node, const char *path)
{
	const struct json_node	*t = &l->j->nodes[node];
	size_t			 len = strcspn(path, ".");
	char			 name[128];

	if (t->kind == JSON_ARRAY) {
		int	 all = len == 0 || strspn(path, "0123456789") != len, place = all ? 0 : atoi(path);

		for (uint32_t k = json_first(l->j, node); k != JSON_NONE; k = json_next(l->j, node, k), place--)
			if (all || place == 0)
				look_at(l, k, all ? path : path + len + (path[len] == '.'));
	} else if (*path == '\0') {
		if (l->want != NULL && (strlen(l->want) != t->end - t->start ||
		    memcmp(l->want, l->j->bytes + t->start, t->end - t->start) != 0))
			return;
		l->found = 1;
		l->type = type_of(l->j, node);
	} else if (t->kind == JSON_OBJECT) {
		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		if ((node = json_get(l->j, node, name)) != JSON_NONE)
			look_at(l, node, path + len + (path[len] == '.'));
	}
}

static void
asked(const char *kind, const char *path, const char *type)
{
	for (struct field *f = fields; f < fields + n_fields; f++)
		if (strcmp(f->kind, kind) == 0 && strcmp(f->path, path) == 0 && strcmp(f->type, type) == 0)
			f->asked = 1;
}

/* ---- types in the index ---------------------------------------------------------------------------------------------------- */

struct typed { const char *path, *type; };

/* The field itself, or the flattened one that it is in. */
static void
look_up(void *arg, const char *path, const char *type)
{
	struct typed	*t = arg;
	size_t		 len = strlen(path);

	if (strcmp(path, t->path) == 0 || (strcmp(type, "flat") == 0 && strncmp(path, t->path, len) == 0 && t->path[len] == '.'))
		t->type = type;
}

/* A number as keyword is no number to a rule, and text as long is refused. */
static int
takes(const char *index, const char *json)
{
	static const char *const pairs[][2] = { { "string", " keyword date ip text flat " }, { "number", " long float flat " },
	    { "boolean", " boolean keyword " }, { "object", " flat open closed " } };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (strcmp(pairs[i][0], json) == 0)
			return strstr(pairs[i][1], index) != NULL;
	return 0;
}

static void
has_a_field(const char *rule, const struct json *j, const char *path, const char *json)
{
	uint32_t	 node = json_path(j, 0, "data_stream.dataset");
	struct typed	 t = { .path = path };
	struct buf	 dataset = { 0 };

	assert_true(node != JSON_NONE);
	json_text(j, node, &dataset);
	types_each(buf_str(&dataset), look_up, &t);
	if (t.type == NULL || !takes(t.type, json)) {
		print_error("%s: %s is %s in the template of %s, and %s in the event\n", rule, path, t.type != NULL ? t.type : "nothing",
		    buf_str(&dataset), json);
		wrong++;
	}
	buf_clear(&dataset);
}

static void
condition(const char *rule, const char *kind, const struct json *j, char *c)
{
	struct look	 l = { .j = j };
	char		*equals = strchr(c, '=');
	int		 none = *c == '!';

	if (equals != NULL) {
		*equals = '\0';
		l.want = equals + 1;
	}
	look_at(&l, 0, c + none);
	if (l.found == none) {
		print_error("%s: %s%s%s\nin %.*s\n", rule, c, l.want != NULL ? " is not " : none ? " is there" : " is not there",
		    l.want != NULL ? l.want : "", (int)j->len, j->bytes);
		wrong++;
	} else if (!none) {
		asked(kind, c, l.type);
		if (strcmp(kind, "out") == 0)
			has_a_field(rule, j, c, l.type);
	}
}

/* ---- the two lists --------------------------------------------------------------------------------------------------------- */

static void
one_rule(char *line)
{
	char		*rule = word(&line), *where = word(&line), *kind = word(&line), *name, *text, *at = NULL, *c;
	struct json	 j = { 0 };
	unsigned	 number;

	if (kind == NULL || (at = strchr(where, ':')) == NULL)
		fail_msg("rules.tsv: %s: three words are missing", rule);
	*at = '\0';
	number = (unsigned)atoi(at + 1);
	name = xasprintf("%s.%s.json", where, kind);
	at = text = file_text("tests/golden", name);
	n_compat += strcmp(kind, "compat") == 0;
	while (--number > 0 && at != NULL)
		at = strchr(at, '\n') != NULL ? strchr(at, '\n') + 1 : NULL;
	if (at == NULL || json_index(&j, at, strcspn(at, "\n"), 0, JSON_DEPTH) != JSON_OK)
		fail_msg("%s: no such record in %s", rule, name);
	while ((c = word(&line)) != NULL)
		condition(rule, kind, &j, c);
	json_clear(&j);
	free(text);
	free(name);
}

static void
each_line(const char *folder, const char *name, void (*fn)(char *))
{
	char	*text = file_text(folder, name), *rest = text, *line;

	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0' && *line != '#')
			fn(line);
	free(text);
}

static void
one_field(char *line)
{
	char	*kind = word(&line), *path = word(&line), *type = word(&line);

	assert_non_null(type);
	assert_true(n_fields < FIELDS_MAX);
	fields[n_fields++] = (struct field){ xstrdup(kind), xstrdup(path), xstrdup(type), 0 };
}

static void
every_rule_finds_its_record_and_every_field_is_asked_for(void **state)
{
	(void)state;
	each_line("tests/golden", "rule-fields.tsv", one_field);
	each_line("tests/golden", "rules.tsv", one_rule);
	for (struct field *f = fields; f < fields + n_fields; f++) {
		if (!f->asked) {
			print_error("no rule asks for %s as %s in %s\n", f->path, f->type, f->kind);
			wrong++;
		}
		free(f->kind);
		free(f->path);
		free(f->type);
	}
	if (wrong > 0)
		fail_msg("%zu things are wrong", wrong);
}

/* "| what * | here |" */
static void
count_marked(char *line)
{
	n_marked += *line == '|' && strstr(line, " * |") != NULL;
}

/* doc/ecs.md says which differences from Elastic's own an output can take back: so many are shown, each by a rule. */
static void
every_difference_that_compat_takes_back_is_shown(void **state)
{
	(void)state;
	each_line("doc", "ecs.md", count_marked);
	assert_true(n_marked > 0);
	assert_int_equal(n_marked, n_compat);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_finds_its_record_and_every_field_is_asked_for),
		cmocka_unit_test(every_difference_that_compat_takes_back_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
