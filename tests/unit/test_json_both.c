/*
 * JSON both ways: what is written can be read, what is read means the same written otherwise, and cJSON agrees.
 *
 * The model is a random cJSON tree, rendered to text with its members shuffled and white space thrown in, or not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/xalloc.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define ROUNDS	3000

static struct json	 j, k;
static struct buf	 a, b;

static int
clear(void **state)
{
	(void)state;
	json_clear(&j);
	json_clear(&k);
	buf_clear(&a);
	buf_clear(&b);
	return 0;
}

static uint64_t	 seed;

static unsigned
draw(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % n;
}

static int
index_buf(struct json *to, const struct buf *text)
{
	return json_index(to, buf_str(text), text->len, 0, JSON_DEPTH) == JSON_OK;
}

/* ---- random trees ---- */

static const char *const	 words[] = {
	"a", "Name", "Value", "a.b", "", " ", "two words", "line\nend", "quote\"d", "back\\slash", "\x01\x1f", "caf\xc3\xa9",
	"\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x98\x80", "a text that is longer than sixteen bytes", "{\"in\":[\"text\"]}",
};

static cJSON *
random_leaf(void)
{
	switch (draw(6)) {
	case 0:		return cJSON_CreateNull();
	case 1:		return cJSON_CreateBool((cJSON_bool)draw(2));
	case 2:		return cJSON_CreateNumber((int)draw(2000) - 1000);
	default:	return cJSON_CreateString(words[draw(LENGTH(words))]);
	}
}

static cJSON *
random_tree(unsigned depth)
{
	char	 name[64];
	cJSON	*tree;
	unsigned n = draw(7);

	if (depth == 0 || draw(5) == 0)
		return random_leaf();
	if (draw(2) == 0) {
		for (tree = cJSON_CreateArray(); n > 0; n--)
			cJSON_AddItemToArray(tree, random_tree(depth - 1));
		return tree;
	}
	for (tree = cJSON_CreateObject(); n > 0; n--) {
		snprintf(name, sizeof(name), "%s%u", words[draw(LENGTH(words))], n);
		cJSON_AddItemToObject(tree, name, random_tree(depth - 1));
	}
	return tree;
}

/* ---- rendering ---- */

enum { SHUFFLED = 1, SPACED = 2, EMPTIES = 4 };

static void
space(struct buf *to, int how)
{
	static const char *const	 spaces[] = { "", " ", "\n\t", "\r\n", "    " };

	if (how & SPACED)
		buf_adds(to, spaces[draw(LENGTH(spaces))]);
}

static void	 render(const cJSON *, struct buf *, int how);

static void
render_list(const cJSON *tree, struct buf *to, int how)
{
	static const char *const	 empties[] = { "null", "\"\"", "{}", "[]", "[null,{\"\":[]}]" };
	int	 n = cJSON_GetArraySize(tree), first = 1;
	int	*order = xcalloc((size_t)n + 1, sizeof(*order));

	for (int i = 0; i < n; i++) {
		int	 at = (how & SHUFFLED) && cJSON_IsObject(tree) ? (int)draw((unsigned)i + 1) : i;

		order[i] = order[at];
		order[at] = i;
	}
	for (int i = 0; i < n || ((how & EMPTIES) && draw(2) == 0); i++) {
		buf_adds(to, first ? "" : ",");
		first = 0;
		space(to, how);
		if (cJSON_IsObject(tree)) {
			if (i < n)
				json_escape(to, cJSON_GetArrayItem(tree, order[i])->string,
				    strlen(cJSON_GetArrayItem(tree, order[i])->string));
			else
				buf_addf(to, "\"more %d\"", i);
			space(to, how);
			buf_addc(to, ':');
			space(to, how);
		}
		if (i < n)
			render(cJSON_GetArrayItem(tree, order[i]), to, how);
		else
			buf_adds(to, empties[draw(LENGTH(empties))]);
		space(to, how);
	}
	free(order);
}

static void
render(const cJSON *tree, struct buf *to, int how)
{
	if (cJSON_IsString(tree))
		json_escape(to, tree->valuestring, strlen(tree->valuestring));
	else if (cJSON_IsNumber(tree))
		buf_addi(to, tree->valueint);
	else if (cJSON_IsNull(tree) || cJSON_IsBool(tree))
		buf_adds(to, cJSON_IsNull(tree) ? "null" : cJSON_IsTrue(tree) ? "true" : "false");
	else {
		buf_addc(to, cJSON_IsObject(tree) ? '{' : '[');
		space(to, how);
		render_list(tree, to, how);
		buf_addc(to, cJSON_IsObject(tree) ? '}' : ']');
	}
}

/* ---- the index says what the tree says ---- */

static int
same_text(const struct json *of, uint32_t node, const char *want)
{
	struct buf	 text = { 0 };
	int		 same;

	json_text(of, node, &text);
	same = text.len == strlen(want) && memcmp(buf_str(&text), want, text.len) == 0;
	buf_clear(&text);
	return same;
}

static int
same_number(const struct json *of, uint32_t node, double want)
{
	struct buf	 text = { 0 };
	double		 have;

	json_text(of, node, &text);
	have = strtod(buf_str(&text), NULL);
	buf_clear(&text);
	return have == want || (have > DBL_MAX && want > DBL_MAX) || (have < -DBL_MAX && want < -DBL_MAX);
}

static int	 same(const struct json *, uint32_t, const cJSON *);

static int
same_list(const struct json *of, uint32_t node, const cJSON *tree)
{
	uint32_t	 child = json_first(of, node);

	if (of->nodes[node].count != (uint32_t)cJSON_GetArraySize(tree))
		return 0;
	for (const cJSON *item = tree->child; item != NULL; item = item->next, child = json_next(of, node, child)) {
		if (child == JSON_NONE)
			return 0;
		if (cJSON_IsObject(tree) && (!same_text(of, child, item->string) || !json_name_is(of, child, item->string)))
			return 0;
		if (!same(of, cJSON_IsObject(tree) ? child + 1 : child, item))
			return 0;
	}
	return child == JSON_NONE;
}

static int
same(const struct json *of, uint32_t node, const cJSON *tree)
{
	switch ((enum json_kind)of->nodes[node].kind) {
	case JSON_OBJECT:	return cJSON_IsObject(tree) && same_list(of, node, tree);
	case JSON_ARRAY:	return cJSON_IsArray(tree) && same_list(of, node, tree);
	case JSON_STRING:	return cJSON_IsString(tree) && same_text(of, node, tree->valuestring);
	case JSON_NUMBER:	return cJSON_IsNumber(tree) && same_number(of, node, tree->valuedouble);
	case JSON_TRUE:		return cJSON_IsTrue(tree);
	case JSON_FALSE:	return cJSON_IsFalse(tree);
	case JSON_NULL:		return cJSON_IsNull(tree);
	}
	return 0;
}

static void
the_index_says_what_the_tree_says(void **state)
{
	(void)state;
	for (seed = 1; seed < ROUNDS; seed++) {
		uint64_t	 start = seed;
		cJSON		*tree = random_tree(5);

		buf_reset(&a);
		render(tree, &a, draw(2) == 0 ? SPACED : 0);
		if (!index_buf(&j, &a) || !same(&j, 0, tree))
			fail_msg("seed %u: %s", (unsigned)start, buf_str(&a));
		cJSON_Delete(tree);
		seed = start;
	}
}

static void
a_span_indexes_to_the_same(void **state)
{
	(void)state;
	for (seed = 1; seed < ROUNDS; seed++) {
		uint64_t	 start = seed;
		cJSON		*tree = random_tree(5);

		buf_reset(&a);
		render(tree, &a, SPACED);
		assert_true(index_buf(&j, &a));
		for (uint32_t node = 0; node < j.n; node++) {
			buf_reset(&b);
			json_span(&j, node, &b, (int)draw(2));
			assert_true(index_buf(&k, &b));
			assert_int_equal(k.n, j.nodes[node].next - node);
			assert_int_equal(k.nodes[0].flags, j.nodes[node].flags & ~(JSON_SPACED | JSON_NAME | JSON_DOTTED));
			if ((j.nodes[node].flags & JSON_NAME) == 0)
				assert_int_equal(json_digest(&k, 0), json_digest(&j, node));
		}
		cJSON_Delete(tree);
		seed = start;
	}
}

/* ---- digests ---- */

static uint32_t
digest(const char *text)
{
	if (json_index(&j, text, strlen(text), 0, JSON_DEPTH) != JSON_OK)
		fail_msg("%s: %s", text, j.bad);
	return json_digest(&j, 0);
}

static void
order_space_and_empties_do_not_change_a_digest(void **state)
{
	(void)state;
	for (seed = 1; seed < ROUNDS; seed++) {
		uint64_t	 start = seed;
		cJSON		*tree = random_tree(5);
		uint32_t	 plain, other;

		buf_reset(&a);
		buf_reset(&b);
		render(tree, &a, 0);
		render(tree, &b, SHUFFLED | SPACED | EMPTIES);
		plain = digest(buf_str(&a));
		other = digest(buf_str(&b));
		if (plain != other || plain == 0)
			fail_msg("%s\n%s", buf_str(&a), buf_str(&b));
		cJSON_Delete(tree);
		seed = start;
	}
}

static void
everything_else_changes_a_digest(void **state)
{
	static const char *const	 texts[] = {
		"{}", "1", "\"1\"", "-1", "1.0", "10", "true", "false", "\"true\"", "[1]", "[[1]]", "[1,1]", "[1,2]", "[2,1]", "[12]",
		"[\"1\"]", "[[1],2]", "[[1,2]]", "[[2,1]]", "[[1],[2]]", "{\"a\":1}", "{\"a\":2}", "{\"b\":1}", "{\"a\":\"1\"}", "{\"a\":[1]}",
		"{\"a\":{\"a\":1}}", "{\"a\":{\"b\":1}}", "{\"b\":{\"a\":1}}", "{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1}", "{\"a\":1,\"a\":1}",
		"{\"a\":1,\"a\":2}", "[{\"a\":1}]", "[{\"a\":1},{\"b\":2}]", "[{\"b\":2},{\"a\":1}]", "[{\"a\":1,\"b\":2}]", "{\"a\":[1,2]}",
		"{\"a\":[2,1]}", "{\"a\":[[1],[2]]}", "{\"a\":\" 1\"}", "{\"a\":\"1 \"}", "{\"a\":0}", "{\"a\":false}", "{\"a \":1}", "{\"1\":\"a\"}",
		"\"\\u0061\"", "\"a\"", "\"A\"", "{\"ab\":1}", "{\"a\":{\"b\":1},\"c\":2}", "{\"a\":{\"b\":1,\"c\":2}}", "{\"a\":{\"c\":2},\"b\":1}",
		"{\"a\":{\"x\":1},\"b\":{\"y\":1}}", "{\"a\":{\"y\":1},\"b\":{\"x\":1}}",
	};
	uint32_t			 seen[LENGTH(texts)];

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		seen[i] = digest(texts[i]);
		for (size_t n = 0; n < i; n++)
			if (seen[n] == seen[i])
				fail_msg("%s and %s", texts[n], texts[i]);
	}
}

static void
one_changed_byte_changes_a_digest(void **state)
{
	static const char	 record[] =
	    "{\"Id\":\"r-1\",\"Items\":[{\"Name\":\"x\",\"Value\":\"long enough for two words of it\"},{\"Name\":\"y\",\"Size\":12345}],\"Ok\":7}";
	uint32_t		 before = digest(record);
	unsigned		 changed = 0;

	(void)state;
	for (size_t at = 0; at < sizeof(record) - 1; at++) {
		char	 other[sizeof(record)];

		memcpy(other, record, sizeof(record));
		other[at] = other[at] == '6' ? '8' : '6';
		if (json_index(&j, other, sizeof(record) - 1, 0, JSON_DEPTH) != JSON_OK)
			continue;
		changed++;
		if (json_digest(&j, 0) == before)
			fail_msg("%s", other);
	}
	assert_in_range(changed, 60, 80);
}

static void
a_digest_without_nodes_still_ignores_order_and_space(void **state)
{
	static const char *const	 same_ones[] = {
		"{\"a\":[1,{\"b\":2}],\"c\":{\"d\":\"e f\"},\"g\":1}", "{\"g\":1,\"c\":{\"d\":\"e f\"},\"a\":[1,{\"b\":2}]}",
		"{ \"g\" : 1, \"c\" :{\"d\": \"e f\" }, \"a\":[1,\n{\"b\":2} ], \"h\":null, \"i\":[ ]}",
	};
	static const char *const	 others[] = {
		"{\"a\":[1,{\"b\":2}],\"c\":{\"d\":\"ef\"},\"g\":1}", "{\"a\":[1,{\"b\":3}],\"c\":{\"d\":\"e f\"},\"g\":1}",
		"{\"a\":{\"d\":\"e f\"},\"c\":[1,{\"b\":2}],\"g\":1}",
	};
	uint32_t			 first = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(same_ones); i++) {
		assert_int_equal(json_index(&j, same_ones[i], strlen(same_ones[i]), 4, JSON_DEPTH), JSON_MANY);
		if (i == 0)
			first = json_digest(&j, 0);
		assert_int_equal(json_digest(&j, 0), first);
		assert_int_equal(json_index(&j, same_ones[i], strlen(same_ones[i]), 0, 1), JSON_OK);
		assert_int_equal(json_digest(&j, 0), first);
	}
	for (size_t i = 0; i < LENGTH(others); i++) {
		assert_int_equal(json_index(&j, others[i], strlen(others[i]), 4, JSON_DEPTH), JSON_MANY);
		assert_int_not_equal(json_digest(&j, 0), first);
	}
}

/* They are remembered on disk: another number would deliver everything again. */
static void
digests_stay_what_they_were(void **state)
{
	(void)state;
	assert_int_equal(digest("{}"), 1);
	assert_int_equal(digest("{\"Id\":\"r-1\",\"n\":[1,2,{\"x\":null}],\"t\":true}"), 0x937233c4);
}

/* ---- the writer ---- */

static void
the_writer_sets_commas(void **state)
{
	struct json_out	 o;

	(void)state;
	buf_reset(&a);
	json_out_init(&o, &a);
	json_out_open(&o, '{');
	json_out_name(&o, "list", 4);
	json_out_open(&o, '[');
	json_out_int(&o, INT64_MIN);
	json_out_int(&o, INT64_MAX);
	json_out_open(&o, '{');
	json_out_close(&o, '}');
	json_out_open(&o, '[');
	json_out_close(&o, ']');
	json_out_string(&o, "s", 1);
	json_out_bool(&o, 1);
	json_out_bool(&o, 0);
	json_out_null(&o);
	json_out_raw(&o, "1e5", 3);
	json_out_close(&o, ']');
	json_out_name(&o, "q\"", 2);
	json_out_open(&o, '{');
	json_out_name(&o, "", 0);
	json_out_null(&o);
	json_out_name(&o, "b", 1);
	json_out_raw(&o, "[1,2]", 5);
	json_out_close(&o, '}');
	json_out_name(&o, "c", 1);
	json_out_string(&o, "", 0);
	json_out_close(&o, '}');
	assert_string_equal(buf_str(&a), "{\"list\":[-9223372036854775808,9223372036854775807,{},[],\"s\",true,false,null,1e5],"
	    "\"q\\\"\":{\"\":null,\"b\":[1,2]},\"c\":\"\"}");
	assert_true(index_buf(&j, &a));
}

static const struct {
	const char	*in, *out;
} escaped[] = {
	{ "", "" }, { "plain", "plain" }, { "\"\\/", "\\\"\\\\/" }, { "\b\f\n\r\t", "\\b\\f\\n\\r\\t" },
	{ "\x01\x0b\x1f\x7f", "\\u0001\\u000b\\u001f\x7f" }, { "caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80" },
	/* one U+FFFD for what could have begun a character, one for each byte that could not */
	{ "\xff", "\xef\xbf\xbd" }, { "a\xe2\x82z", "a\xef\xbf\xbdz" }, { "\xe2\x82", "\xef\xbf\xbd" },
	{ "\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd" }, { "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, { "\xf0\x9f\x98\"", "\xef\xbf\xbd\\\"" },
	{ "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, { "\xc3\xc3\xa9", "\xef\xbf\xbd\xc3\xa9" },
};

static void
text_is_escaped_and_made_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(escaped); i++) {
		buf_reset(&a);
		json_escape(&a, escaped[i].in, strlen(escaped[i].in));
		buf_reset(&b);
		buf_addf(&b, "\"%s\"", escaped[i].out);
		assert_string_equal(buf_str(&a), buf_str(&b));
	}
	buf_reset(&a);
	json_escape(&a, "a\0b", 3);
	assert_string_equal(buf_str(&a), "\"a\\u0000b\"");
}

/* Runs of every length around the escapes, over the edges of whatever window the writer uses. */
static void
what_is_escaped_reads_back(void **state)
{
	struct buf	 text = { 0 };

	(void)state;
	for (unsigned round = 0; round < 400; round++) {
		seed = round;
		buf_reset(&text);
		for (unsigned n = draw(40); n > 0; n--) {
			for (unsigned run = draw(4) == 0 ? draw(1100) : draw(20); run > 0; run--)
				buf_addc(&text, (char)('a' + draw(26)));
			buf_adds(&text, words[draw(LENGTH(words))]);
			if (draw(3) == 0)
				buf_addc(&text, (char)draw(0x20));
		}
		buf_reset(&a);
		json_escape(&a, buf_str(&text), text.len);
		assert_true(index_buf(&j, &a));
		assert_int_equal(j.n, 1);
		buf_reset(&b);
		json_text(&j, 0, &b);
		assert_int_equal(b.len, text.len);
		assert_memory_equal(buf_str(&b), buf_str(&text), text.len);
	}
	buf_clear(&text);
}

static void
a_full_buf_takes_nothing_more_and_says_so(void **state)
{
	struct buf	 small;
	struct json_out	 o;

	(void)state;
	buf_init(&small, 10);
	json_out_init(&o, &small);
	json_out_open(&o, '[');
	json_out_string(&o, "\n\n\n\n\n\n", 6);
	json_out_int(&o, 12);
	json_out_close(&o, ']');
	assert_true(buf_failed(&small));
	assert_true(small.len <= 10);
	buf_clear(&small);
}

/* ---- cJSON ---- */

static void
compare_with_cjson(const char *name, const char *text, size_t len)
{
	int		 ours = json_index(&j, text, len, 0, JSON_DEPTH) == JSON_OK;
	const char	*end;
	cJSON		*tree = cJSON_ParseWithLengthOpts(text, len, &end, 0);

	/* cJSON refuses lone surrogates, and ends a string at a NUL; that it takes more than the RFC is its own affair */
	if (ours && (j.nodes[0].flags & (JSON_LONE | JSON_LONES)) == 0 && memmem(text, len, "\\u0000", 6) == NULL) {
		if (tree == NULL)
			fail_msg("%s: cJSON refuses it", name);
		if (!same(&j, 0, tree))
			fail_msg("%s: cJSON reads it otherwise", name);
	}
	cJSON_Delete(tree);
	tree = json_tree(text, len, len);
	if (tree != NULL && (!ours || !same(&j, 0, tree)))
		fail_msg("%s: json_tree reads it otherwise", name);
	cJSON_Delete(tree);
}

static int
read_file(const char *directory, const char *name)
{
	char	 path[4096], part[4096];
	FILE	*f;
	size_t	 n;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (name[0] == '.' || (f = fopen(path, "re")) == NULL)
		return 0;
	buf_reset(&a);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(&a, part, n);
	fclose(f);
	return 1;
}

static void
cjson_reads_the_corpus_as_we_do(void **state)
{
	const char	*srcdir = getenv("srcdir");
	char		 directory[2048];
	struct dirent	*file;
	DIR		*d;
	int		 n = 0;

	(void)state;
	snprintf(directory, sizeof(directory), "%s/tests/fuzz/corpus/json", srcdir == NULL ? "." : srcdir);
	if ((d = opendir(directory)) == NULL)
		fail_msg("%s: set srcdir", directory);
	while ((file = readdir(d)) != NULL)
		if (read_file(directory, file->d_name)) {
			compare_with_cjson(file->d_name, buf_str(&a), a.len);
			n++;
		}
	closedir(d);
	assert_true(n >= 50);
}

static void
cjson_reads_changed_records_as_we_do(void **state)
{
	static const char	 bytes[] = "{}[]:,\"\\0123.eE-+ntfu \n\x80\xc3\x01";

	(void)state;
	for (seed = 1; seed < ROUNDS; seed++) {
		uint64_t	 start = seed;
		cJSON		*tree = random_tree(4);

		buf_reset(&a);
		render(tree, &a, draw(2) == 0 ? SPACED : 0);
		for (unsigned n = draw(3); n > 0 && a.len > 0; n--)
			a.bytes[draw((unsigned)a.len)] = bytes[draw(sizeof(bytes) - 1)];
		compare_with_cjson(buf_str(&a), buf_str(&a), a.len);
		cJSON_Delete(tree);
		seed = start;
	}
}

static void
a_tree_is_small_shallow_and_sound(void **state)
{
	static const char	 reply[] = "{\"access_token\":\"t\\u00e9\",\"expires_in\":3599,\"none\":null}";
	cJSON			*tree = json_tree(reply, sizeof(reply) - 1, sizeof(reply) - 1);

	(void)state;
	assert_non_null(tree);
	assert_string_equal(json_tree_str(tree, "access_token"), "t\xc3\xa9");
	assert_null(json_tree_str(tree, "expires_in"));
	assert_null(json_tree_str(tree, "none"));
	assert_null(json_tree_str(tree, "Access_Token"));
	assert_null(json_tree_str(cJSON_GetObjectItemCaseSensitive(tree, "access_token"), "x"));
	assert_null(json_tree_str(NULL, "x"));
	cJSON_Delete(tree);
	assert_null(json_tree(reply, sizeof(reply) - 1, sizeof(reply) - 2));
	assert_null(json_tree(reply, sizeof(reply) - 2, 1000));
	assert_null(json_tree("{}x", 3, 1000));
	assert_null(json_tree("", 0, 1000));
	assert_null(json_tree("{'a':1}", 7, 1000));
	assert_null(json_tree("[\"a\\u0000b\"]", 12, 1000));
	tree = json_tree("[\"a\\\\u0000b\"]", 13, 1000);
	assert_non_null(tree);
	cJSON_Delete(tree);
	tree = json_tree("[\"a\\u0001b\"]", 12, 1000);
	assert_non_null(tree);
	cJSON_Delete(tree);
}

static void
a_tree_has_64_levels(void **state)
{
	cJSON	*tree;
	char	 text[130];

	(void)state;
	memset(text, '[', 64);
	memset(text + 64, ']', 64);
	tree = json_tree(text, 128, 1000);
	assert_non_null(tree);
	cJSON_Delete(tree);
	memset(text, '[', 65);
	memset(text + 65, ']', 65);
	assert_null(json_tree(text, 130, 1000));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(the_index_says_what_the_tree_says),
		cmocka_unit_test(a_span_indexes_to_the_same),
		cmocka_unit_test(order_space_and_empties_do_not_change_a_digest),
		cmocka_unit_test(everything_else_changes_a_digest),
		cmocka_unit_test(one_changed_byte_changes_a_digest),
		cmocka_unit_test(a_digest_without_nodes_still_ignores_order_and_space),
		cmocka_unit_test(digests_stay_what_they_were),
		cmocka_unit_test(the_writer_sets_commas),
		cmocka_unit_test(text_is_escaped_and_made_whole),
		cmocka_unit_test(what_is_escaped_reads_back),
		cmocka_unit_test(a_full_buf_takes_nothing_more_and_says_so),
		cmocka_unit_test(cjson_reads_the_corpus_as_we_do),
		cmocka_unit_test(cjson_reads_changed_records_as_we_do),
		cmocka_unit_test(a_tree_is_small_shallow_and_sound),
		cmocka_unit_test(a_tree_has_64_levels),
	};

	return cmocka_run_group_tests(tests, NULL, clear);
}
