/*
 * conf: the table of options, and what is made of it: sample, examples, schema, manual.
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
#include "base/xalloc.h"
#include "conf/conf.h"
#include "conf/conf_in.h"
#include "conf_kit.h"

static char *
source_file(const char *name)
{
	const char	*top = getenv("srcdir");
	char		*path = xasprintf("%s/%s", top != NULL ? top : ".", name), *text = xcalloc(1, 1 << 20);
	FILE		*f = fopen(path, "r");

	if (f == NULL)
		fail_msg("%s cannot be read (run from the top of the tree, or set srcdir)", path);
	else {
		assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
		fclose(f);
	}
	free(path);
	return text;
}

static int
is_group(const struct conf_option *o)
{
	return strcmp(o->type, "group") == 0 || strcmp(o->type, "items") == 0;
}

static void
every_row_has_a_kind_and_a_default_of_that_kind(void **state)
{
	static const char *const	 types[] = { "bulk", "file", "hec", NULL };	/* NULL: not known */
	size_t				 n;
	const struct conf_option	*rows = conf_options(&n);

	(void)state;
	assert_true(n > 80);
	for (size_t i = 0; i < n; i++) {
		char		 text[200];
		int64_t		 room[CONF_LOOKS + 1] = { 0 };
		const struct kind *k = kind_find(rows[i].type);

		assert_ptr_equal(option_find(rows[i].path), &rows[i]);		/* no path twice */
		assert_true(strlen(rows[i].help) > 10 && rows[i].help[strlen(rows[i].help) - 1] == '.');
		if (is_group(&rows[i]))
			continue;
		if (k == NULL)
			fail_msg("%s: no kind %s", rows[i].path, rows[i].type);
		for (size_t t = 0; t < 4 && (rows[i].flags & CONF_LATER) == 0; t++) {
			if (!option_standard(&rows[i], types[t], text, sizeof(text)))
				continue;
			if (value_standard(&rows[i], text, room) == -1)
				fail_msg("%s: its default %s is refused", rows[i].path, text);
			if (k->clear != NULL)
				k->clear(room);
			memset(room, 0, sizeof(room));
		}
	}
}

/*
 * The keys of a YAML text that is written as the sample is, with those behind '#' and no blank; the paths of its first
 * mentions, one a line, with "=value" behind when the line is behind a '#'.
 */
static void
keys_of(const char *text, struct buf *paths)
{
	struct {
		size_t	 indent;
		char	 name[64];
	} open[CONF_DEPTH];
	size_t	 depth = 0;

	for (const char *p = text; *p != '\0'; p = next_line(p)) {
		size_t		 indent = strspn(p, " "), len;
		const char	*q = p + indent;
		int		 off = *q == '#', item;
		struct buf	 path = { 0 };

		if (*q == '\0' || *q == '\n' || (off && (q[1] == ' ' || q[1] == '\n')))
			continue;
		q += off;
		item = strncmp(q, "- ", 2) == 0;
		q += item ? 2 : 0;
		indent += item ? 2 : 0;
		if ((len = strcspn(q, ":\n")), q[len] != ':')
			continue;		/* a list that goes on */
		while (depth > 0 && open[depth - 1].indent >= indent)
			depth--;
		assert_true(depth < CONF_DEPTH && len < 60);
		open[depth].indent = indent;
		snprintf(open[depth].name, sizeof(open[depth].name), "%.*s", (int)len, q);
		depth++;
		for (size_t i = 0; i < depth; i++)
			buf_addf(&path, "%s%s%s", i == 0 ? "" : ".", open[i].name,
			    i + 1 < depth && i == 0 && (strcmp(open[0].name, "tenants") == 0 || strcmp(open[0].name, "outputs") == 0) ? "[]" : "");
		buf_addf(&path, "\t");
		if (paths->len == 0 || strstr(buf_str(paths), buf_str(&path)) == NULL ||
		    (strstr(buf_str(paths), buf_str(&path)) != buf_str(paths) && strstr(buf_str(paths), buf_str(&path))[-1] != '\n')) {
			q += len + 1;
			q += strspn(q, " ");
			buf_adds(paths, buf_str(&path));
			if (off)
				buf_add(paths, q, strcspn(q, "\n"));
			buf_addc(paths, '\n');
		}
		buf_clear(&path);
	}
}

static void
the_sample_mentions_every_key_in_the_order_of_the_table_with_its_default(void **state)
{
	char				*sample = source_file("conf/m365fwd.yaml");
	struct buf			 paths = { 0 };
	size_t				 n;
	const struct conf_option	*rows = conf_options(&n);
	const char			*p;

	(void)state;
	keys_of(sample, &paths);
	p = buf_str(&paths);
	for (size_t i = 0; i < n; i++, p = next_line(p)) {
		size_t	 len = strcspn(p, "\t");
		char	*value = len < strlen(p) ? xstrndup(p + len + 1, strcspn(p + len + 1, "\n")) : xstrdup("");
		char	 standard[200], listed[210];

		if (strlen(rows[i].path) != len || strncmp(rows[i].path, p, len) != 0)
			fail_msg("the sample has %.*s where the table has %s", (int)len, p, rows[i].path);
		if (*value != '\0' && option_standard(&rows[i], "bulk", standard, sizeof(standard))) {
			snprintf(listed, sizeof(listed), "[%s]", standard);
			assert_string_equal(value, strcmp(rows[i].type, "durations") == 0 || strcmp(rows[i].type, "members") == 0 ? listed : standard);
		}
		free(value);
	}
	assert_string_equal(p, "");
	buf_clear(&paths);
	free(sample);
}

/* Where a text names /etc/m365fwd/ and credential:, it gets ours. */
static char *
with_our_files(const char *text)
{
	struct buf	 b = { 0 };
	const char	*p = text;

	while (*p != '\0') {
		static const char	 etc[] = "/etc/m365fwd/";

		if (strncmp(p, etc, strlen(etc)) == 0) {
			size_t	 n = strcspn(p + strlen(etc), " \n,)");
			int	 pem = n > 4 && strncmp(p + strlen(etc) + n - 4, ".pem", 4) == 0;

			buf_addf(&b, "%s/%s", folder, pem ? "ca.pem" : "secret");
			p += strlen(etc) + n;
		} else if (strncmp(p, "credential:", 11) == 0) {
			buf_addf(&b, "file:%s/secret", folder);
			p += strcspn(p, " \n");
		} else
			buf_addc(&b, *p++);
	}
	return buf_take(&b, NULL);
}

static void
sample_and_examples_are_sound(void **state)
{
	static const char *const	 names[] = { "conf/m365fwd.yaml", "conf/examples/quickstart.yaml", "conf/examples/elastic.yaml",
	    "conf/examples/two-outputs.yaml", "conf/examples/gcc-high.yaml", "conf/examples/splunk.yaml" };

	(void)state;
	setenv("M365FWD_TENANT_ID", "11111111-2222-3333-4444-555555555555", 1);
	setenv("M365FWD_CLIENT_ID", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char		*text = source_file(names[i]), *ours = with_our_files(text);
		struct buf	 errors = { 0 };
		struct err	 e = { 0 };
		struct conf	*c;

		write_text("sample.yaml", ours, 0644);
		if ((c = conf_load(path_of("sample.yaml"), &errors, &e)) == NULL)
			fail_msg("%s: %s%s", names[i], buf_str(&errors), e.text);
		conf_free(c);
		buf_clear(&errors);
		free(text);
		free(ours);
	}
}

/* With every # before an option taken away: only what excludes each other or comes later is refused. */
static void
options_of_the_sample_stand_where_they_belong(void **state)
{
	char		*text = source_file("conf/m365fwd.yaml"), *ours = with_our_files(text), *to = ours;
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };

	(void)state;
	for (const char *p = ours; *p != '\0'; p++)
		if (*p != '#' || p[1] == ' ' || p[1] == '\n' || (p != ours && p[-1] != ' ' && p[-1] != '\n'))
			*to++ = *p;
	*to = '\0';
	write_text("m365fwd.yaml", ours, 0644);
	assert_null(conf_load(path_of("m365fwd.yaml"), &errors, &e));
	assert_null(strstr(buf_str(&errors), "not YAML"));
	assert_null(strstr(buf_str(&errors), "not a key"));
	assert_null(strstr(buf_str(&errors), "given twice"));
	buf_clear(&errors);
	free(text);
	free(ours);
}

static void
the_schema_in_the_tree_is_the_one_that_the_table_makes(void **state)
{
	char		*text = source_file("conf/m365fwd.schema.json");
	struct buf	 made = { 0 };

	(void)state;
	conf_schema(&made);
	if (strcmp(text, buf_str(&made)) != 0)
		fail_msg("conf/m365fwd.schema.json is old; write it anew: m365fwd schema > conf/m365fwd.schema.json");
	buf_clear(&made);
	free(text);
}

static void
the_manual_tells_every_option_in_order_and_its_default(void **state)
{
	char				*text = source_file("doc/m365fwd.yaml.5");
	const char			*p = text;
	size_t				 n;
	const struct conf_option	*rows = conf_options(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char		*item = xasprintf("\n.It Ic %s", rows[i].path), standard[200], *said;
		const char	*at = strstr(p, item), *end;

		if (at == NULL || strchr(" \n", at[strlen(item)]) == NULL)
			fail_msg("m365fwd.yaml.5 lacks %s, or has it elsewhere", rows[i].path);
		p = at + 1;
		end = strstr(p, "\n.It");
		if (option_standard(&rows[i], NULL, standard, sizeof(standard))) {
			said = xasprintf("The default is %s", standard);
			if (strstr(p, said) == NULL || (end != NULL && strstr(p, said) > end))
				fail_msg("m365fwd.yaml.5: the default of %s is not %s", rows[i].path, standard);
			free(said);
		}
		free(item);
	}
	free(text);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(every_row_has_a_kind_and_a_default_of_that_kind),
		cmocka_unit_test(the_sample_mentions_every_key_in_the_order_of_the_table_with_its_default),
		cmocka_unit_test(sample_and_examples_are_sound),
		cmocka_unit_test(options_of_the_sample_stand_where_they_belong),
		cmocka_unit_test(the_schema_in_the_tree_is_the_one_that_the_table_makes),
		cmocka_unit_test(the_manual_tells_every_option_in_order_and_its_default),
	};

	return cmocka_run_group_tests_name("conf-table", tests, make_folder, remove_folder);
}
