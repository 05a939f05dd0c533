/*
 * Mapping cases: tests/golden/NAME.in.json is what Microsoft sends, NAME.out.json what leaves in schema ecs, byte for byte. A NAME of the
 * form FEED@WORDS says which feed brought it; without one it is audit.general. BLESS=1 in the environment writes the second file from the
 * first: read what it wrote before you commit it.
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

#define ROUNDS 200		/* a case */

static char	 feed[64];		/* of the case at hand: "FEED@NAME", else audit.general */

static struct norm_source source = { .tenant_guid = "11111111-2222-3333-4444-555555555555", .tenant_name = "contoso",
    .feed = feed, .namespace = "default", .created_ms = 1795420800000, .stored_ms = 1795420801000,
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
		snprintf(feed, sizeof(feed), "%.*s", strchr(name, '@') != NULL ? (int)strcspn(name, "@") : 63,
		    strchr(name, '@') != NULL ? name : "audit.general");
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

/* ---- tokens that change places --------------------------------------------------------------------------------------------------- */

static uint64_t	 dice = 20260521;

static size_t
below(size_t n)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return n > 0 ? (size_t)((dice >> 33) % n) : 0;
}

/* One token of the record gives its place to another, is said twice, or to something odd. */
static void
mutate(const struct buf *in, struct json *j, struct buf *out)
{
	static const char *const odd[] = { "null", "\"\"", "{}", "[]", "7", "-0.5e-3", "true", "\"a b.c\"", "[{\"Name\":\"\"}]",
	    "{\"Name\":\"a.b\",\"Value\":{\"x\":[1]}}", "\"{\\\"a\\\":1,\\\"a\\\":{\\\".\\\":2}}\"", "[[{}],[\"x\"],null,3]",
	    "{\"Type\":5,\"T\\u0079pe\":6,\"\":7,\" \":8}", "\"\\ud800\"", "\"203.0.113.9:0080, 2001:db8::1%3\"" };
	uint32_t	 at, with;

	assert_int_equal(json_index(j, in->bytes, in->len, 0, JSON_DEPTH), JSON_OK);
	at = (uint32_t)(1 + below(j->n - 1));
	buf_reset(out);
	buf_add(out, in->bytes, j->nodes[at].start);
	with = (uint32_t)(1 + below(j->n - 1));
	if (j->nodes[at].flags & JSON_NAME) {
		while (j->nodes[with].kind != JSON_STRING)
			with = (uint32_t)(1 + below(j->n - 1));
		if (below(4) == 0)
			buf_adds(out, below(2) ? "\"User\\u0049d\"" : "\"Actor.raw\"");
		else
			buf_add(out, in->bytes + j->nodes[with].start, j->nodes[with].end - j->nodes[with].start);
	} else if (below(2)) {
		buf_adds(out, odd[below(sizeof(odd) / sizeof(odd[0]))]);
	} else {
		buf_add(out, in->bytes + j->nodes[with].start, j->nodes[with].end - j->nodes[with].start);
	}
	buf_add(out, in->bytes + j->nodes[at].end, in->len - j->nodes[at].end);
}

static void
swap_tokens(struct norm *n, const char *dir, const char *name)
{
	struct buf	 in = { 0 }, changed = { 0 }, next = { 0 }, out = { 0 }, swap;
	struct json	 j = { 0 };
	char		*path = xasprintf("%s/%s.in.json", dir, name);

	assert_int_equal(read_file(path, &in), 0);
	for (int round = 0; round < ROUNDS; round++) {
		buf_reset(&changed);
		buf_add(&changed, in.bytes, in.len);
		for (size_t times = 1 + below(6); times > 0; times--) {
			mutate(&changed, &j, &next);
			swap = changed;
			changed = next;
			next = swap;
		}
		map(n, &changed, &out);
		assert_takeable(&out, buf_str(&changed));
	}
	json_clear(&j);
	free(path);
	buf_clear(&in);
	buf_clear(&changed);
	buf_clear(&next);
	buf_clear(&out);
}

/* Sound JSON all of it, so that every rule for names, kinds and repeats is met again and again. */
static void
records_with_tokens_in_the_wrong_place_are_mapped_to_what_an_index_takes(void **state)
{
	(void)state;
	each_case(swap_tokens);
}

static void
map_twice(struct norm *n, const char *dir, const char *name)
{
	struct buf	 in = { 0 }, used = { 0 }, fresh = { 0 };
	struct norm	*other = norm_new();
	char		*path = xasprintf("%s/%s.in.json", dir, name);

	assert_int_equal(read_file(path, &in), 0);
	map(n, &in, &used);
	map(other, &in, &fresh);
	assert_string_equal(buf_str(&used), buf_str(&fresh));
	norm_free(other);
	free(path);
	buf_clear(&in);
	buf_clear(&used);
	buf_clear(&fresh);
}

static void
what_was_mapped_before_leaves_no_trace(void **state)
{
	(void)state;
	each_case(map_twice);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_golden_case_comes_out_as_it_is_written),
		cmocka_unit_test(changed_records_are_mapped_to_what_an_index_takes),
		cmocka_unit_test(records_with_tokens_in_the_wrong_place_are_mapped_to_what_an_index_takes),
		cmocka_unit_test(what_was_mapped_before_leaves_no_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
