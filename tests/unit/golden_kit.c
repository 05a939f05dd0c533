/*
 * golden_kit - the mapping cases of tests/golden, and records made from them.
 */
#include "golden_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/xalloc.h"

static const struct {
	const char	*ending;
	enum schema	 schema;
	int		 always;		/* every case has it */
	int		 compat, original;
} outputs[] = {
	{ "out",	SCHEMA_ECS,	1, 0, 0 },
	{ "compat",	SCHEMA_ECS,	0, 1, 0 },
	{ "original",	SCHEMA_ECS,	0, 0, 1 },
	{ "ecs-raw",	SCHEMA_ECS_RAW,	0, 0, 0 },
	{ "native",	SCHEMA_NATIVE,	0, 0, 0 },
};
#define NATIVE 4
#define OUTPUTS (sizeof(outputs) / sizeof(outputs[0]))

static char *
path_of(const char *name, const char *ending)
{
	const char	*srcdir = getenv("srcdir");

	return xasprintf("%s/tests/golden/%s%s%s", srcdir != NULL ? srcdir : ".", name, *name != '\0' ? "." : "", ending);
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
map(struct norm *n, size_t output, const struct golden *g, struct buf *out)
{
	struct norm_source	 source = { .tenant_guid = "11111111-2222-3333-4444-555555555555", .tenant_name = "contoso",
				    .feed = g->feed, .namespace = "default", .created_ms = 1795420800000,
				    .stored_ms = 1795420801000, .now_ms = 1795420802000,
				    .organization_name = "contoso.example", .compat = outputs[output].compat,
				    .original = outputs[output].original };
	struct record		 r = { .bytes = g->in, .len = g->len };

	norm_event(n, outputs[output].schema, &source, &r, out);
}

void
golden_map(struct norm *n, const struct golden *g, struct buf *out)
{
	buf_reset(out);
	map(n, 0, g, out);
}

int
golden_native(struct norm *n, const struct golden *g, struct buf *out)
{
	char	*path = path_of(g->name, "native.json");
	int	 there = access(path, R_OK) == 0;

	buf_reset(out);
	if (there)
		map(n, NATIVE, g, out);
	free(path);
	return there;
}

void
golden_takeable(const struct buf *out, const char *from)
{
	struct json	 j = { 0 };

	if (json_index(&j, buf_str(out), out->len, 0, JSON_DEPTH) != JSON_OK)
		fail_msg("%s: %s at %u: %s", from, j.bad, j.bad_at, buf_str(out));
	if (j.nodes[0].flags & (JSON_NAMES | JSON_LONES))
		fail_msg("%s: a name that an index refuses: %s", from, buf_str(out));
	json_clear(&j);
}

static void
each_line(const char *name, golden_fn *fn, struct norm *n)
{
	char		*path = path_of(name, "in.json"), *at = strchr(name, '@'), feed[64] = "audit.general";
	struct buf	 in = { 0 };
	const char	*end;

	if (at != NULL)
		snprintf(feed, sizeof(feed), "%.*s", (int)(at - name), name);
	assert_int_equal(read_file(path, &in), 0);
	for (const char *p = buf_str(&in); *p != '\0'; p = end + (*end == '\n')) {
		end = p + strcspn(p, "\n");
		fn(n, &(struct golden){ .name = name, .feed = feed, .in = p, .len = (size_t)(end - p) });
	}
	buf_clear(&in);
	free(path);
}

static size_t
each_case(void (*fn)(const char *name, void *), void *arg)
{
	char		*dir = path_of("", ""), *stop, name[256];
	DIR		*d = opendir(dir);
	struct dirent	*e;
	size_t		 n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		snprintf(name, sizeof(name), "%s", e->d_name);
		if ((stop = strstr(name, ".in.json")) == NULL)
			continue;
		*stop = '\0';
		fn(name, arg);
		n++;
	}
	closedir(d);
	free(dir);
	return n;
}

struct walk { golden_fn *fn; struct norm *n; };

static void
lines_of(const char *name, void *arg)
{
	struct walk	*w = arg;

	each_line(name, w->fn, w->n);
}

void
golden_each(golden_fn *fn)
{
	struct walk	 w = { fn, norm_new() };

	assert_true(each_case(lines_of, &w) > 0);
	norm_free(w.n);
}

/* ---- what was shown ------------------------------------------------------------------------------------------------------ */

#define SHOWN_SIZE 16384

static const void	*shown[SHOWN_SIZE];		/* open addressing */

static size_t
place_of(const void *row)
{
	size_t	 h = (uintptr_t)row * UINT64_C(0x9e3779b97f4a7c15) % SHOWN_SIZE;

	while (shown[h] != NULL && shown[h] != row)
		h = (h + 1) % SHOWN_SIZE;
	return h;
}

void
golden_show(const void *row)
{
	if (row != NULL)
		shown[place_of(row)] = row;
}

int
golden_shown(const void *row)
{
	return shown[place_of(row)] != NULL;
}

void
golden_forget(void)
{
	memset(shown, 0, sizeof(shown));
}

/* ---- comparing --------------------------------------------------------------------------------------------------------- */

static size_t		 comparing;		/* which of outputs[] */
static struct buf	 made;

static void
make_line(struct norm *n, const struct golden *g)
{
	struct buf	 event = { 0 };

	map(n, comparing, g, &event);
	if (outputs[comparing].schema == SCHEMA_ECS)
		golden_takeable(&event, g->name);
	buf_add(&made, event.bytes, event.len);
	buf_addc(&made, '\n');
	buf_clear(&event);
}

static void
compare(const char *name, void *arg)
{
	struct buf	 want = { 0 };
	char		*path = path_of(name, outputs[comparing].ending);
	char		*full = xasprintf("%s.json", path);
	FILE		*f;
	int		 there = read_file(full, &want) == 0;

	if (there || outputs[comparing].always) {
		buf_reset(&made);
		each_line(name, make_line, arg);
		if (getenv("BLESS") != NULL) {
			f = fopen(full, "w");
			assert_non_null(f);
			fwrite(made.bytes, 1, made.len, f);
			fclose(f);
			assert_int_equal(read_file(full, &want), 0);
		} else {
			assert_true(there);
		}
		if (want.len != made.len || memcmp(want.bytes, made.bytes, made.len) != 0)
			fail_msg("%s:\n got %swant %s", full, buf_str(&made), buf_str(&want));
	}
	buf_clear(&want);
	free(full);
	free(path);
}

void
golden_compare_all(void)
{
	struct norm	*n = norm_new();

	for (comparing = 0; comparing < OUTPUTS; comparing++)
		each_case(compare, n);
	buf_clear(&made);
	norm_free(n);
}

/* ---- changing ----------------------------------------------------------------------------------------------------------- */

static uint64_t	 dice = 20260521;

static size_t
below(size_t n)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return n > 0 ? (size_t)((dice >> 33) % n) : 0;
}

void
golden_mutate(const char *in, size_t len, struct json *j, struct buf *out)
{
	static const char *const odd[] = { "null", "\"\"", "{}", "[]", "7", "42", "-0.5e-3", "true", "\"a b.c\"", "[{\"Name\":\"\"}]",
	    "{\"Name\":\"a.b\",\"Value\":{\"x\":[1]}}", "\"{\\\"a\\\":1,\\\"a\\\":{\\\".\\\":2}}\"", "[[{}],[\"x\"],null,3]",
	    "{\"Type\":5,\"T\\u0079pe\":6,\"\":7,\" \":8}", "\"\\ud800\"", "\"203.0.113.9:0080, 2001:db8::1%3\"",
	    "{\"Name\":\"_raw\",\"NewValue\":\"n\"}", "[\"bare\",{\"Name\":\"_names\",\"OldValue\":[1]}]" };
	uint32_t	 at, with;

	assert_int_equal(json_index(j, in, len, 0, JSON_DEPTH), JSON_OK);
	at = (uint32_t)(1 + below(j->n - 1));
	buf_reset(out);
	buf_add(out, in, j->nodes[at].start);
	with = (uint32_t)(1 + below(j->n - 1));
	if (j->nodes[at].flags & JSON_NAME) {
		while (j->nodes[with].kind != JSON_STRING)
			with = (uint32_t)(1 + below(j->n - 1));
		if (below(4) == 0)
			buf_adds(out, below(2) ? "\"User\\u0049d\"" : "\"Actor.raw\"");
		else
			buf_add(out, in + j->nodes[with].start, j->nodes[with].end - j->nodes[with].start);
	} else if (below(2)) {
		buf_adds(out, odd[below(sizeof(odd) / sizeof(odd[0]))]);
	} else {
		buf_add(out, in + j->nodes[with].start, j->nodes[with].end - j->nodes[with].start);
	}
	buf_add(out, in + j->nodes[at].end, len - j->nodes[at].end);
}
