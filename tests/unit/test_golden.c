/*
 * Mapping cases: tests/golden/NAME.in.json is what Microsoft sends, NAME.out.json what leaves in schema ecs, byte for byte. BLESS=1 in the
 * environment writes the second from the first: read what it wrote before you commit it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/xalloc.h"
#include "norm/norm.h"

static const struct norm_source source = { .tenant_guid = "11111111-2222-3333-4444-555555555555", .tenant_name = "contoso",
    .feed = "audit.general", .namespace = "default", .created_ms = 1795420800000, .stored_ms = 1795420801000,
    .now_ms = 1795420802000 };

static char *
folder(void)
{
	const char	*srcdir = getenv("srcdir");

	return xasprintf("%s/tests/golden", srcdir != NULL ? srcdir : ".");
}

static int
read_file(const char *path, struct buf *b)
{
	char	 piece[4096];
	size_t	 n;
	FILE	*f = fopen(path, "r");

	buf_reset(b);
	if (f == NULL)
		return -1;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(b, piece, n);
	fclose(f);
	return 0;
}

static void
map(struct norm *n, const struct buf *in, struct buf *out)
{
	struct record	 r = { .bytes = buf_str(in), .len = in->len };

	buf_reset(out);
	norm_event(n, SCHEMA_ECS, &source, &r, out);
}

/* What any index would take: sound JSON, no name twice, none that is blank or has a dot, no lone surrogate. */
static void
assert_takeable(const struct buf *out, const char *name)
{
	struct json	 j = { 0 };

	if (json_index(&j, buf_str(out), out->len, 0, JSON_DEPTH) != JSON_OK)
		fail_msg("%s: %s at %u: %s", name, j.bad, j.bad_at, buf_str(out));
	if (j.nodes[0].flags & (JSON_NAMES | JSON_LONES))
		fail_msg("%s: a name that an index refuses: %s", name, buf_str(out));
	json_clear(&j);
}

static void
one_case(struct norm *n, const char *dir, const char *name)
{
	struct buf	 in = { 0 }, out = { 0 }, want = { 0 };
	char		*in_path = xasprintf("%s/%s.in.json", dir, name), *out_path = xasprintf("%s/%s.out.json", dir, name);
	FILE		*f;

	assert_int_equal(read_file(in_path, &in), 0);
	map(n, &in, &out);
	assert_takeable(&out, name);
	buf_addc(&out, '\n');
	if (getenv("BLESS") != NULL) {
		f = fopen(out_path, "w");
		assert_non_null(f);
		fwrite(out.bytes, 1, out.len, f);
		fclose(f);
	}
	assert_int_equal(read_file(out_path, &want), 0);
	if (want.len != out.len || memcmp(want.bytes, out.bytes, out.len) != 0)
		fail_msg("%s:\n got %swant %s", name, buf_str(&out), buf_str(&want));
	free(in_path);
	free(out_path);
	buf_clear(&in);
	buf_clear(&out);
	buf_clear(&want);
}

static void
each_case(void (*fn)(struct norm *, const char *dir, const char *name))
{
	char		*dir = folder(), *stop, name[256];
	DIR		*d = opendir(dir);
	struct dirent	*e;
	struct norm	*n = norm_new();
	int		 cases = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		snprintf(name, sizeof(name), "%s", e->d_name);
		if ((stop = strstr(name, ".in.json")) == NULL)
			continue;
		*stop = '\0';
		fn(n, dir, name);
		cases++;
	}
	assert_true(cases > 0);
	closedir(d);
	free(dir);
	norm_free(n);
}

static void
every_golden_case_comes_out_as_it_is_written(void **state)
{
	(void)state;
	each_case(one_case);
}

/* Changed at random places: what is still a record must still be mapped to something that an index takes. */
static void
change(struct norm *n, const char *dir, const char *name)
{
	static uint64_t	 seed = 7;
	struct buf	 in = { 0 }, changed = { 0 }, out = { 0 };
	struct json	 j = { 0 };
	char		*path = xasprintf("%s/%s.in.json", dir, name);

	assert_int_equal(read_file(path, &in), 0);
	for (int round = 0; round < 400; round++) {
		buf_reset(&changed);
		buf_add(&changed, in.bytes, in.len);
		for (int k = 0; k < 3; k++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			changed.bytes[(seed >> 33) % changed.len] = "\"{}[]:,0.e aN\\_@I"[(seed >> 20) % 17];
		}
		if (json_index(&j, changed.bytes, changed.len, 0, JSON_DEPTH) != JSON_OK || j.nodes[0].kind != JSON_OBJECT)
			continue;
		map(n, &changed, &out);
		assert_takeable(&out, buf_str(&changed));
	}
	json_clear(&j);
	free(path);
	buf_clear(&in);
	buf_clear(&changed);
	buf_clear(&out);
}

static void
changed_records_are_mapped_to_what_an_index_takes(void **state)
{
	(void)state;
	each_case(change);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_golden_case_comes_out_as_it_is_written),
		cmocka_unit_test(changed_records_are_mapped_to_what_an_index_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
