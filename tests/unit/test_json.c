/* The index over a record's bytes: what is accepted, what it says of it, and what is read through it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/json_scan.h"
#include "base/xalloc.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static struct json	 j;

static enum json_verdict
index_text(const char *text)
{
	return json_index(&j, text, strlen(text), 0, JSON_DEPTH);
}

/* The text on the heap, exactly so long, so that a sanitizer sees a look beyond its end. */
static enum json_verdict
index_exactly(const char *text, size_t len)
{
	char			*copy = xmalloc(len == 0 ? 1 : len);
	enum json_verdict	 verdict;

	memcpy(copy, text, len);
	verdict = json_index(&j, copy, len, 0, JSON_DEPTH);
	free(copy);
	return verdict;
}

static int
clear(void **state)
{
	(void)state;
	json_clear(&j);
	return 0;
}

/* n times the text */
static void
repeat(struct buf *to, const char *text, unsigned n)
{
	while (n-- > 0)
		buf_adds(to, text);
}

/* ---- what is JSON ---- */

static const char *const sound[] = {
	"{}", "[]", "\"\"", "\"a\"", "0", "-0", "true", "false", "null", " \t\r\n[ \t\r\n] \t\r\n",
	"{\"a\":1}", "{\"\":{\"\":[]}}", "{\"a\":1,\"a\":2}", "[1,\"b\",true,false,null,{},[]]",
	"[0,10,-1,0.5,-0.25,1e1,1E1,1e+1,1e-1,1.5e300,0e0,0.0e-0,123456789012345678901234567890]",
	"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uabCD\"", "\"\\ud83d\\ude00\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"",
	"\"\x7f\"", "\"\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\xef\xbf\xbf\"", "\"fifteen bytes..\"",
	"\"sixteen bytes...\"", "\"seventeen bytes..\"",
};

static void
json_as_the_rfc_has_it_is_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(sound); i++)
		if (index_exactly(sound[i], strlen(sound[i])) != JSON_OK)
			fail_msg("%s: %s at %u", sound[i], j.bad, j.bad_at);
}

static const struct {
	const char	*text;
	uint32_t	 bad_at;
} unsound[] = {
	{ "", 0 }, { " \n", 2 }, { "{", 1 }, { "[", 1 }, { "]", 0 }, { "}", 0 }, { "[1", 2 }, { "[1,", 3 }, { "{\"a\"", 4 },
	{ "{\"a\":", 5 }, { "{\"a\":1", 6 }, { "[1}", 2 }, { "{\"a\":1]", 6 }, { "[}", 1 }, { "{]", 1 },
	{ "[,1]", 1 }, { "[1,]", 3 }, { "[1,,2]", 3 }, { "{,}", 1 }, { "{\"a\":1,}", 7 }, { "[1 2]", 3 },
	{ "{\"a\" 1}", 5 }, { "{\"a\",1}", 4 }, { "{\"a\":}", 5 }, { "{\"a\"::1}", 5 }, { "{1:2}", 1 }, { "{a:1}", 1 }, { "{null:1}", 1 },
	{ "{} {}", 3 }, { "1 2", 2 }, { "\"a\"\"b\"", 3 }, { "{}x", 2 }, { "[]]", 2 }, { "null,", 4 },
	{ "01", 1 }, { "-01", 2 }, { "00", 1 }, { "+1", 0 }, { ".5", 0 }, { "-", 1 }, { "-a", 1 }, { "1.", 2 }, { "[1.]", 3 },
	{ "1.e5", 2 }, { "1e", 2 }, { "1e+", 3 }, { "[1e-]", 4 }, { "0x10", 1 }, { "1_000", 1 }, { "--1", 1 }, { "1e5.5", 3 },
	{ "NaN", 0 }, { "Infinity", 0 }, { "-Infinity", 1 }, { "nul", 3 }, { "nulL", 0 }, { "True", 0 }, { "truex", 4 },
	{ "tru", 3 }, { "fals", 4 }, { "trie", 0 }, { "undefined", 0 },
	{ "\"", 1 }, { "\"a", 2 }, { "\"\\", 2 }, { "\"\\\"", 3 }, { "\"\\u00", 5 }, { "\"\\u00\"", 6 }, { "\"\\u00g0\"", 1 },
	{ "\"\\x41\"", 1 }, { "\"\\'\"", 1 }, { "\"\\a\"", 1 }, { "\"\\U0041\"", 1 }, { "\"\\u+123\"", 1 }, { "\"\\ud800\\u12\"", 12 },
	{ "\"a\nb\"", 2 }, { "\"a\tb\"", 2 }, { "\"\x1f\"", 1 }, { "'a'", 0 },
	{ "[\f1]", 1 }, { "[\v1]", 1 }, { "[\xc2\xa0" "1]", 1 }, { "\xef\xbb\xbf{}", 0 }, { "[1]/**/", 3 }, { "//\n1", 0 },
	{ "\"\x80\"", 1 }, { "\"\xc0\x80\"", 1 }, { "\"\xc1\xbf\"", 1 }, { "\"\xc2\"", 1 }, { "\"\xe0\x9f\xbf\"", 1 },
	{ "\"\xed\xa0\x80\"", 1 }, { "\"\xf0\x8f\xbf\xbf\"", 1 }, { "\"\xf4\x90\x80\x80\"", 1 }, { "\"\xf5\x80\x80\x80\"", 1 },
	{ "\"\xff\"", 1 }, { "\"\xe2\x82", 1 }, { "{\"\xe9\":1}", 2 }, { "{\"a\\\":1}", 8 },
};

static void
anything_else_is_refused_where_it_goes_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(unsound); i++) {
		if (index_exactly(unsound[i].text, strlen(unsound[i].text)) != JSON_BAD)
			fail_msg("%s was accepted", unsound[i].text);
		if (j.bad_at != unsound[i].bad_at || j.bad == NULL || j.n != 0)
			fail_msg("%s: %s at %u", unsound[i].text, j.bad, j.bad_at);
	}
	assert_int_equal(json_index(&j, "\"a\0b\"", 5, 0, JSON_DEPTH), JSON_BAD);
	assert_int_equal(json_index(&j, "1\0", 2, 0, JSON_DEPTH), JSON_BAD);
	assert_int_equal(json_index(&j, NULL, 0, 0, JSON_DEPTH), JSON_BAD);
}

static void
a_record_cut_short_anywhere_is_refused_at_its_end(void **state)
{
	static const char	 record[] = "{\"Id\":\"a\\u00e9\\ud83d\\ude00\",\"n\":[-1.5e+3,{\"x\":null}, true],\"f\":false}";

	(void)state;
	assert_int_equal(index_exactly(record, sizeof(record) - 1), JSON_OK);
	for (size_t len = 0; len < sizeof(record) - 1; len++) {
		assert_int_equal(index_exactly(record, len), JSON_BAD);
		if (j.bad_at != len)
			fail_msg("cut at %zu: %s at %u", len, j.bad, j.bad_at);
	}
}

static void
nesting_ends_at_128(void **state)
{
	struct buf	 text = { 0 };

	(void)state;
	repeat(&text, "[", JSON_DEPTH);
	repeat(&text, "]", JSON_DEPTH);
	assert_int_equal(index_text(buf_str(&text)), JSON_OK);
	assert_int_equal(j.n, JSON_DEPTH);
	json_digest(&j, 0);
	buf_reset(&text);
	repeat(&text, "{\"a\":[", JSON_DEPTH / 2);
	buf_adds(&text, "{}");
	assert_int_equal(index_text(buf_str(&text)), JSON_BAD);
	assert_int_equal(j.bad_at, text.len - 2);
	buf_reset(&text);
	repeat(&text, "[", 1000000);
	assert_int_equal(index_text(buf_str(&text)), JSON_BAD);
	assert_int_equal(j.bad_at, JSON_DEPTH);
	buf_clear(&text);
}

/* ---- UTF-8 ---- */

/* By arithmetic on the code point: the table in the code is built otherwise. */
static unsigned
utf8_length(const unsigned char *p, size_t len)
{
	unsigned	 want = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf8 ? 4 : 0;
	static const uint32_t	 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t	 c = want > 1 ? p[0] & (0x7fU >> want) : p[0];

	if (want == 0 || want > len)
		return 0;
	for (unsigned k = 1; k < want; k++) {
		if ((p[k] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[k] & 0x3f);
	}
	return c < least[want] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : want;
}

static void
utf8_is_whole_characters_and_nothing_else(void **state)
{
	static const unsigned char	 tails[] = { 0x22, 0x7f, 0x80, 0xbf, 0xc0 };

	(void)state;
	for (unsigned a = 0x80; a < 0x100; a++)
		for (unsigned b = 0; b < 0x100; b++)
			for (size_t k = 0; k < LENGTH(tails) * LENGTH(tails); k++) {
				unsigned char	 s[4] = { (unsigned char)a, (unsigned char)b, tails[k / LENGTH(tails)],
					tails[k % LENGTH(tails)] };

				for (size_t len = 1; len <= 4; len++)
					if (scan_utf8((char *)s, (char *)s + len) != utf8_length(s, len))
						fail_msg("%02x %02x %02x %02x, %zu of them", a, b, s[2], s[3], len);
			}
}

static void
every_character_may_stand_in_a_string(void **state)
{
	char		 escaped[32];
	struct buf	 text = { 0 };

	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c += c < 0x3000 ? 1 : 0xfb) {
		const char	*p;
		size_t		 len;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		if (c < 0x10000)
			snprintf(escaped, sizeof(escaped), "\"\\u%04x\"", c);
		else
			snprintf(escaped, sizeof(escaped), "\"\\u%04X\\u%04x\"", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 0x3ff));
		assert_int_equal(index_text(escaped), JSON_OK);
		assert_int_equal(j.nodes[0].flags, JSON_ESCAPED);
		buf_reset(&text);
		json_text(&j, 0, &text);
		assert_int_equal(utf8_length((unsigned char *)text.bytes, text.len), text.len);
		p = text.bytes;
		assert_int_equal(scan_code_point(&p), c);
		assert_ptr_equal(p, text.bytes + text.len);
		if (c < 0x20 || c == '"' || c == '\\')
			continue;
		len = (size_t)snprintf(escaped, sizeof(escaped), "\"%s\"", text.bytes);
		assert_int_equal(index_exactly(escaped, len), JSON_OK);
	}
	buf_clear(&text);
}

static void
both_ways_of_looking_see_the_same(void **state)
{
	char	 text[70];

	(void)state;
	for (unsigned byte = 0; byte < 0x100; byte++)
		for (size_t at = 0; at < 40; at++) {
			int		 dot[3] = { 0, 0, 0 };
			const char	*end = text + sizeof(text), *stop;

			memset(text, 'x', sizeof(text));
			text[39] = '"';
			text[at] = (char)byte;
			if (at + 1 < 39)
				text[at + 1] = '.';	/* counts only if the byte before it is plain */
			stop = scan_plain_bytewise(text, end, &dot[0]);
			assert_ptr_equal(scan_plain_portable(text, end, &dot[1]), stop);
			assert_ptr_equal(scan_plain(text, end, &dot[2]), stop);
			assert_ptr_equal(scan_plain(text, end, NULL), stop);
			assert_int_equal(dot[1], dot[0]);
			assert_int_equal(dot[2], dot[0]);
			for (size_t len = 0; len < 40; len++) {
				stop = scan_plain_bytewise(text, text + len, NULL);
				assert_ptr_equal(scan_plain_portable(text, text + len, NULL), stop);
				assert_ptr_equal(scan_plain(text, text + len, NULL), stop);
			}
		}
}

/* ---- nodes ---- */

static void
nodes_lie_in_order_and_know_where_they_end(void **state)
{
	static const char	 text[] = " {\"a\":[1,{\"b\":\"x\"}],\"c\":{},\"d\":-2} ";
	static const struct json_node	 want[] = {
		{ 1, 34, 12, 3, JSON_OBJECT, 0 },
		{ 2, 5, 2, 0, JSON_STRING, JSON_NAME }, { 6, 19, 7, 2, JSON_ARRAY, 0 },
		{ 7, 8, 4, 0, JSON_NUMBER, 0 }, { 9, 18, 7, 1, JSON_OBJECT, 0 },
		{ 10, 13, 6, 0, JSON_STRING, JSON_NAME }, { 14, 17, 7, 0, JSON_STRING, 0 },
		{ 20, 23, 8, 0, JSON_STRING, JSON_NAME }, { 24, 26, 9, 0, JSON_OBJECT, 0 },
		{ 27, 30, 10, 0, JSON_STRING, JSON_NAME }, { 31, 33, 11, 0, JSON_NUMBER, 0 },
	};

	(void)state;
	assert_int_equal(index_text(text), JSON_OK);
	assert_int_equal(j.n, LENGTH(want));
	for (uint32_t k = 0; k < j.n; k++) {
		assert_int_equal(j.nodes[k].start, want[k].start);
		assert_int_equal(j.nodes[k].end, want[k].end);
		assert_int_equal(j.nodes[k].count, want[k].count);
		assert_int_equal(j.nodes[k].kind, want[k].kind);
		assert_int_equal(j.nodes[k].flags, want[k].flags);
		if (k > 0)
			assert_int_equal(j.nodes[k].next, want[k].next);
	}
	assert_int_equal(j.nodes[0].next, j.n);
}

static void
children_are_walked_in_order(void **state)
{
	static const char *const	 names[] = { "a", "b", "c" };
	size_t				 seen = 0;

	(void)state;
	assert_int_equal(index_text("{\"a\":[[1],2],\"b\":{\"x\":{\"y\":0}},\"c\":3}"), JSON_OK);
	for (uint32_t k = json_first(&j, 0); k != JSON_NONE; k = json_next(&j, 0, k))
		assert_true(json_name_is(&j, k, names[seen++]));
	assert_int_equal(seen, 3);
	assert_int_equal(index_text("[[1,2],[],{\"a\":1},4]"), JSON_OK);
	seen = 0;
	for (uint32_t k = json_first(&j, 0); k != JSON_NONE; k = json_next(&j, 0, k))
		seen++;
	assert_int_equal(seen, 4);
	assert_int_equal(index_text("[[]]"), JSON_OK);
	assert_int_equal(json_first(&j, 1), JSON_NONE);
	assert_int_equal(json_first(&j, 0), 1);
	assert_int_equal(json_next(&j, 0, 1), JSON_NONE);
}

static void
members_are_found_by_name_and_the_last_one_counts(void **state)
{
	uint32_t	 node;

	(void)state;
	assert_int_equal(index_text("{\"a\":1,\"ab\":{\"c\":{\"d\":\"deep\"}},\"a\":2,\"\\u0061b\\ud83d\\ude00\":3,\"x.y\":4}"), JSON_OK);
	node = json_get(&j, 0, "a");
	assert_int_equal(j.bytes[j.nodes[node].start], '2');
	node = json_get(&j, 0, "ab\xf0\x9f\x98\x80");
	assert_int_equal(j.bytes[j.nodes[node].start], '3');
	assert_true(json_name_is(&j, node - 1, "ab\xf0\x9f\x98\x80"));
	assert_false(json_name_is(&j, node - 1, "ab"));
	assert_false(json_name_is(&j, node - 1, "ab\xf0\x9f\x98\x80!"));
	assert_int_equal(json_get(&j, 0, "b"), JSON_NONE);
	assert_int_equal(json_get(&j, 0, ""), JSON_NONE);
	node = json_path(&j, 0, "ab.c.d");
	assert_int_equal(j.bytes[j.nodes[node].start + 1], 'd');
	assert_int_equal(json_path(&j, 0, "ab.c.e"), JSON_NONE);
	assert_int_equal(json_path(&j, 0, "a.c"), JSON_NONE);
	assert_int_equal(json_path(&j, 0, "ab."), JSON_NONE);
	assert_int_equal(json_path(&j, 0, "x.y"), JSON_NONE);
	assert_int_equal(json_get(&j, json_get(&j, 0, "a"), "a"), JSON_NONE);
}

static void
empty_is_null_or_nothing_inside(void **state)
{
	static const struct {
		const char	*text;
		int		 empty;
	} rows[] = {
		{ "null", 1 }, { "\"\"", 1 }, { "{}", 1 }, { "[]", 1 }, { "[ ]", 1 }, { "{\n}", 1 },
		{ "0", 0 }, { "false", 0 }, { "\" \"", 0 }, { "[null]", 0 }, { "{\"\":null}", 0 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		assert_int_equal(index_text(rows[i].text), JSON_OK);
		if (json_is_empty(&j, 0) != rows[i].empty)
			fail_msg("%s", rows[i].text);
	}
	/* also when its inside was not kept */
	assert_int_equal(json_index(&j, "[[1]]", 5, 0, 1), JSON_OK);
	assert_false(json_is_empty(&j, 1));
}

/* ---- flags ---- */

static void
flags_say_what_is_inside(void **state)
{
	static const struct {
		const char	*text;
		unsigned	 flags;		/* of the whole */
	} rows[] = {
		{ "{\"a\":1,\"b\":2}", 0 },
		{ "{\"a\":1,\"a\":2}", JSON_REPEATS | JSON_NAMES },
		{ "{\"name\":1,\"n\\u0061me\":2}", JSON_REPEATS | JSON_NAMES },
		{ "{\"n\\u0061me\":1,\"\\u006eame\":2}", JSON_REPEATS | JSON_NAMES },
		{ "{\"\\n\":1,\"\\u000A\":2}", JSON_REPEATS | JSON_NAMES },
		{ "{\"\xc3\xa9x\":1,\"\\u00e9x\":2}", JSON_REPEATS | JSON_NAMES },
		{ "{\"\\ud800x\":1,\"\\ud801x\":2}", JSON_REPEATS | JSON_NAMES | JSON_LONES },	/* both become U+FFFD */
		{ "{\"\\u0001x\":1,\"\\u0002x\":2}", 0 },
		{ "{\"longer than eight\":1,\"longer th\\u0061n eight\":2}", JSON_REPEATS | JSON_NAMES },
		{ "{\"12345678\":1,\"1234567\\u0038\":2}", JSON_REPEATS | JSON_NAMES },
		{ "{\"1234567\":1,\"123456\\u0037\":2}", JSON_REPEATS | JSON_NAMES },
		{ "{\"1234567\":1,\"123456\\u0038\":2}", 0 },
		{ "[{\"x\":{\"a\":1,\"a\":2}}]", JSON_NAMES },
		{ "[{\"a\":1},{\"a\":1}]", 0 },
		{ "{\"a\":{\"a\":{\"a\":1}}}", 0 },
		{ "{\"a.b\":1}", JSON_NAMES }, { "{\"a\":\"b.c\"}", 0 }, { "{\".\":1}", JSON_NAMES }, { "{\"\":1}", JSON_NAMES },
		{ "{\"a name of many bytes.and a dot\":1}", JSON_NAMES }, { "{\"a name of many bytes\":\".\"}", 0 },
		{ "{\" \":1}", JSON_NAMES }, { "{\"  \\t\\u00a0\\u3000\":1}", JSON_NAMES }, { "{\" a\":1}", 0 }, { "{\"a b\":1}", 0 },
		{ "{\"\xe3\x80\x80\":1}", JSON_NAMES }, { "{\"\xe3\x80\x81\":1}", 0 }, { "{\"\xe3\x80\x80.\":1}", JSON_NAMES },
		{ "{\"\\u002e\":1}", JSON_NAMES }, { "{\"a\\u002Eb\":1}", JSON_NAMES }, { "{\"a\\\\u002Eb\":1}", 0 },
		{ "{\"\\u0020\":1}", JSON_NAMES }, { "{\"\x7f\":1}", 0 },
		{ "{\"\\u0000\":1}", JSON_NAMES }, { "{\"a\\u0000b\":1}", JSON_NAMES }, { "{\"a\":\"\\u0000\"}", 0 },
		{ "[[{\"a.b\":1}],2]", JSON_NAMES },
		{ "[\"\\ud800\"]", JSON_LONES }, { "{\"a\":[\"\\udfff\"]}", JSON_LONES }, { "{\"\\ud800\":1}", JSON_LONES },
		{ "[\"\\ud83d\\ude00\"]", 0 }, { "[\"\\ud83d\\ud83d\\ude00\"]", JSON_LONES }, { "[\"\\ud83d\\u0041\"]", JSON_LONES },
		{ "[\"\\ud83dx\"]", JSON_LONES }, { "[\"\\ude00\\ud83d\"]", JSON_LONES }, { "[\"\\ufffd\"]", 0 },
		{ "[ ]", JSON_SPACED }, { "[[1, 2]]", JSON_SPACED }, { "{\"a\" :1}", JSON_SPACED }, { "{\"a\":\n1}", JSON_SPACED },
		{ "{\"a\":1\t}", JSON_SPACED }, { "{\r\"a\":1}", JSON_SPACED }, { "{\"a\":1, \"b\":2}", JSON_SPACED },
		{ "{\"a b\":\"c d\"}", 0 }, { " [] ", 0 },
		{ "\"\\n\"", JSON_ESCAPED }, { "\"\\ud800\"", JSON_ESCAPED | JSON_LONE }, { "\"x\"", 0 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		assert_int_equal(index_text(rows[i].text), JSON_OK);
		if (j.nodes[0].flags != rows[i].flags)
			fail_msg("%s: flags %02x", rows[i].text, j.nodes[0].flags);
	}
}

static void
flags_stay_with_the_branch_they_belong_to(void **state)
{
	(void)state;
	assert_int_equal(index_text("{\"a\":{\"x.y\":1},\"b\":{\"c\":[ 1]},\"d\":[\"\\ud800\"],\"e\":{\"f\":1,\"f\":2},\"g\":[1]}"), JSON_OK);
	assert_int_equal(j.nodes[json_get(&j, 0, "a")].flags, JSON_NAMES);
	assert_int_equal(j.nodes[json_path(&j, 0, "a") + 1].flags, JSON_NAME | JSON_DOTTED);
	assert_int_equal(j.nodes[json_get(&j, 0, "b")].flags, JSON_SPACED);
	assert_int_equal(j.nodes[json_path(&j, 0, "b.c")].flags, JSON_SPACED);
	assert_int_equal(j.nodes[json_get(&j, 0, "d")].flags, JSON_LONES);
	assert_int_equal(j.nodes[json_get(&j, 0, "e")].flags, JSON_REPEATS | JSON_NAMES);
	assert_int_equal(j.nodes[json_get(&j, 0, "g")].flags, 0);
	assert_int_equal(j.nodes[0].flags, JSON_NAMES | JSON_LONES | JSON_SPACED);
}

/* An object with n names, each head, number and tail, and perhaps one last member. */
static void
object_of(struct buf *to, unsigned n, const char *head, const char *tail, const char *last)
{
	buf_reset(to);
	buf_addc(to, '{');
	for (unsigned k = 0; k < n; k++)
		buf_addf(to, "%s\"%s%05u%s\":%u", k == 0 ? "" : ",", head, k, tail, k);
	if (last != NULL)
		buf_addf(to, ",\"%s\":0", last);
	buf_addc(to, '}');
}

static void
one_repeat_is_found_in_any_crowd(void **state)
{
	static const unsigned	 crowds[] = { 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100, 1000, 100000 };
	struct buf		 text = { 0 };
	char			 name[32];

	(void)state;
	for (size_t i = 0; i < LENGTH(crowds); i++) {
		object_of(&text, crowds[i], "member", "", "another");
		assert_int_equal(index_text(buf_str(&text)), JSON_OK);
		assert_int_equal(j.nodes[0].flags, 0);
		for (unsigned at = 0; at < crowds[i]; at += 1 + crowds[i] / 3) {
			snprintf(name, sizeof(name), "m\\u0065mber%05u", at);
			object_of(&text, crowds[i], "member", "", name);
			assert_int_equal(index_text(buf_str(&text)), JSON_OK);
			assert_int_equal(j.nodes[0].flags, JSON_REPEATS | JSON_NAMES);
		}
	}
	buf_clear(&text);
}

/* Names that begin, end and measure the same fall into one slot of the set; it gives up and sorts. */
static void
names_made_to_meet_in_the_hash_are_told_apart(void **state)
{
	struct buf	 text = { 0 };

	(void)state;
	object_of(&text, 20000, "the same", "for all!", "the sam\\u006500000for all?");
	assert_int_equal(index_text(buf_str(&text)), JSON_OK);
	assert_int_equal(j.nodes[0].flags, 0);
	object_of(&text, 20000, "the same", "for all!", "the sam\\u006512345for all!");
	assert_int_equal(index_text(buf_str(&text)), JSON_OK);
	assert_int_equal(j.nodes[0].flags, JSON_REPEATS | JSON_NAMES);
	object_of(&text, 20000, "the same", "for all!", "the same19999for all!");
	assert_int_equal(index_text(buf_str(&text)), JSON_OK);
	assert_int_equal(j.nodes[0].flags, JSON_REPEATS | JSON_NAMES);
	object_of(&text, 20000, "the s\\u0061me", "for all!", NULL);
	assert_int_equal(index_text(buf_str(&text)), JSON_OK);
	assert_int_equal(j.nodes[0].flags, 0);
	buf_clear(&text);
}

static void
blank_is_what_java_finds_blank(void **state)
{
	(void)state;
	assert_true(json_blank("", 0));
	assert_true(json_blank(" \t\n\x0b\x0c\r\x1c\x1f", 8));
	assert_true(json_blank("\xc2\x85\xc2\xa0\xe1\x9a\x80\xe2\x80\x80\xe2\x80\x8a\xe2\x80\xa8\xe2\x80\xaf\xe2\x81\x9f\xe3\x80\x80", 25));
	assert_false(json_blank("a", 1));
	assert_false(json_blank(" a", 2));
	assert_false(json_blank("\0", 1));
	assert_false(json_blank("\xe2\x80\x8b", 3));	/* zero width space: Java says no */
	assert_false(json_blank("\xc2", 1));
}

/* ---- too many nodes, or only some wanted ---- */

static const char	 crowded[] =
    "{\"a\":[1,2,3,{\"x\":1,\"x\":2}],\"b\":\"text\",\"c.d\":{\"e\":[\"\\ud800\"]},\"b\":[ ],\"f\":{\"g\":0}}";

static void
check_top_of_crowded(uint32_t max_nodes)
{
	static const char *const	 spans[] = { "[1,2,3,{\"x\":1,\"x\":2}]", "\"text\"", "{\"e\":[\"\\ud800\"]}", "[ ]", "{\"g\":0}" };
	static const unsigned		 flags[] = { JSON_NAMES, 0, JSON_LONES, JSON_SPACED, 0 };
	static const unsigned		 counts[] = { 4, 0, 1, 0, 1 };
	uint32_t			 k = json_first(&j, 0);

	assert_int_equal(j.n, 11);
	assert_int_equal(j.nodes[0].count, 5);
	assert_int_equal(j.nodes[0].end, sizeof(crowded) - 1);
	assert_int_equal(j.nodes[0].flags, JSON_REPEATS | JSON_NAMES | JSON_LONES | JSON_SPACED);
	for (size_t i = 0; i < LENGTH(spans); i++, k = json_next(&j, 0, k)) {
		const struct json_node	*n = &j.nodes[k + 1];

		assert_int_equal(k, 1 + 2 * i);
		if (n->end - n->start != strlen(spans[i]) || memcmp(j.bytes + n->start, spans[i], strlen(spans[i])) != 0)
			fail_msg("max_nodes %u, member %zu: %u to %u", max_nodes, i, n->start, n->end);
		assert_int_equal(n->flags, flags[i]);
		assert_int_equal(n->count, counts[i]);
		assert_int_equal(json_first(&j, k + 1), JSON_NONE);
		assert_int_equal((j.nodes[k].flags & JSON_DOTTED) != 0, i == 2);
	}
	assert_int_equal(k, JSON_NONE);
}

static void
too_many_nodes_leave_the_top_level(void **state)
{
	(void)state;
	assert_int_equal(index_text(crowded), JSON_OK);
	assert_int_equal(j.n, 24);
	assert_int_equal(json_index(&j, crowded, sizeof(crowded) - 1, 24, JSON_DEPTH), JSON_OK);
	assert_int_equal(j.n, 24);
	for (uint32_t max = 1; max < 24; max++) {
		assert_int_equal(json_index(&j, crowded, sizeof(crowded) - 1, max, JSON_DEPTH), JSON_MANY);
		check_top_of_crowded(max);
	}
	assert_int_equal(json_index(&j, crowded, sizeof(crowded) - 1, 0, 1), JSON_OK);
	check_top_of_crowded(0);
	assert_int_equal(json_index(&j, crowded, sizeof(crowded) - 1, 0, 0), JSON_OK);
	assert_int_equal(j.n, 1);
	assert_int_equal(json_first(&j, 0), JSON_NONE);
	assert_int_equal(json_index(&j, crowded, sizeof(crowded) - 1, 0, 2), JSON_OK);
	assert_int_equal(j.n, 11 + 4 + 2 + 2);
}

static void
too_many_nodes_do_not_end_the_validation(void **state)
{
	static const char	 bad[] = "{\"a\":[1,2,3,4,5,6],\"b\":[1,{\"c\":01}]}";

	(void)state;
	assert_int_equal(json_index(&j, bad, sizeof(bad) - 1, 3, JSON_DEPTH), JSON_BAD);
	assert_int_equal(j.bad_at, 32);
	assert_int_equal(json_index(&j, bad, sizeof(bad) - 1, 0, 1), JSON_BAD);
}

static void
names_that_were_not_compared_are_not_trusted(void **state)
{
	static const char	 text[] = "{\"a\":[{\"x\":1,\"y\":2}],\"b\":[{\"x\":1}],\"c\":[[1]]}";

	(void)state;
	assert_int_equal(json_index(&j, text, sizeof(text) - 1, 0, 1), JSON_OK);
	assert_int_equal(j.nodes[json_get(&j, 0, "a")].flags, JSON_NAMES);
	assert_int_equal(j.nodes[json_get(&j, 0, "b")].flags, 0);
	assert_int_equal(j.nodes[json_get(&j, 0, "c")].flags, 0);
}

static void
one_monster_does_not_keep_its_memory(void **state)
{
	struct buf	 text = { 0 };

	(void)state;
	buf_adds(&text, "[1");
	repeat(&text, ",1", 1000000);
	buf_addc(&text, ']');
	assert_int_equal(index_text(buf_str(&text)), JSON_OK);
	assert_true(j.size >= 1000000 && j.size <= text.len / 2 + 3);
	assert_int_equal(index_text("{}"), JSON_OK);
	assert_true(j.size < 1000);
	buf_clear(&text);
}

/* ---- text ---- */

static void
check_text(const char *json, const char *want)
{
	struct buf	 text = { 0 };

	assert_int_equal(index_text(json), JSON_OK);
	buf_adds(&text, ">");
	json_text(&j, 0, &text);
	assert_string_equal(text.bytes + 1, want);
	buf_clear(&text);
}

static void
text_is_decoded(void **state)
{
	(void)state;
	check_text("\"plain\"", "plain");
	check_text("\"\"", "");
	check_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
	check_text("\"a\\u00e9\\u20AC\\ud83d\\uDE00z\"", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
	check_text("\"\\ud800\\udbff\\udc00\\udfff\"", SCAN_REPLACEMENT "\xf4\x8f\xb0\x80" SCAN_REPLACEMENT);
	check_text("\"\\ud800\"", SCAN_REPLACEMENT);
	check_text("\"\\uffff\\ud800\\udc00\\udbff\\udfff\"", "\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
	check_text("\"\\ud83dxude00\\u0041xude00\\ud83d\\\\ude00\"", SCAN_REPLACEMENT "xude00Axude00" SCAN_REPLACEMENT "\\ude00");
	check_text("\"\\ud800\\n\"", SCAN_REPLACEMENT "\n");
	check_text("\"\xe6\x97\xa5\\u672c\"", "\xe6\x97\xa5\xe6\x9c\xac");
	check_text("\"a long run of plain bytes\\nand another one of them\\\\\"", "a long run of plain bytes\nand another one of them\\");
	check_text("-12.50e+1", "-12.50e+1");
	check_text("true", "true");
	check_text("null", "null");
	check_text("[1, 2]", "[1, 2]");
}

static void
text_with_a_nul_is_whole(void **state)
{
	struct buf	 text = { 0 };

	(void)state;
	assert_int_equal(index_text("\"a\\u0000b\""), JSON_OK);
	json_text(&j, 0, &text);
	assert_int_equal(text.len, 3);
	assert_memory_equal(text.bytes, "a\0b", 3);
	buf_clear(&text);
}

static void
plain_text_is_not_copied(void **state)
{
	const char	*p;
	size_t		 len;

	(void)state;
	assert_int_equal(index_text("[\"abc\",\"a\\nc\",12,\"\",\"\xc3\xa9\"]"), JSON_OK);
	p = json_plain(&j, 1, &len);
	assert_ptr_equal(p, j.bytes + 2);
	assert_int_equal(len, 3);
	assert_null(json_plain(&j, 2, &len));
	assert_null(json_plain(&j, 3, &len));
	assert_non_null(json_plain(&j, 4, &len));
	assert_int_equal(len, 0);
	assert_non_null(json_plain(&j, 5, &len));
	assert_int_equal(len, 2);
}

/* A cap counts what is written and not what it was decoded from. */
static void
a_cap_is_kept_to_the_byte(void **state)
{
	struct buf	 b;

	(void)state;
	assert_int_equal(index_text("[ \"\\u0041\\u0042\", 1 ]"), JSON_OK);
	buf_init(&b, 2);
	json_text(&j, 1, &b);
	assert_false(buf_failed(&b));
	assert_string_equal(buf_str(&b), "AB");
	json_text(&j, 1, &b);
	assert_true(buf_failed(&b));
	buf_clear(&b);
	buf_init(&b, strlen("[\"\\u0041\\u0042\",1]"));
	json_span(&j, 0, &b, 0);
	assert_false(buf_failed(&b));
	assert_string_equal(buf_str(&b), "[\"\\u0041\\u0042\",1]");
	buf_clear(&b);
	b.cap--;
	json_span(&j, 0, &b, 0);
	assert_true(buf_failed(&b));
	buf_clear(&b);
}

/* ---- spans ---- */

static void
check_span(const char *json, int repair, const char *want)
{
	struct buf	 span = { 0 };

	assert_int_equal(index_text(json), JSON_OK);
	json_span(&j, 0, &span, repair);
	assert_string_equal(buf_str(&span), want);
	buf_clear(&span);
}

static void
a_span_is_copied_as_it_stands_without_white_space(void **state)
{
	(void)state;
	check_span(" {\"a\":1.50,\"b\":\"c d\"} ", 0, "{\"a\":1.50,\"b\":\"c d\"}");
	check_span("{ \"a\" :\t[ 1 ,\r\n2.0E+5 ] , \"b c\" : \" d \\\" e \" }", 0, "{\"a\":[1,2.0E+5],\"b c\":\" d \\\" e \"}");
	check_span("[ \"\\\\\" , \"\\\\\\\" ]\" ]", 0, "[\"\\\\\",\"\\\\\\\" ]\"]");
	check_span("[ \"\xe6\x97\xa5 \xe6\x9c\xac\" ]", 0, "[\"\xe6\x97\xa5 \xe6\x9c\xac\"]");
	check_span(" 12 ", 0, "12");
	check_span("[\"\\ud800\"]", 0, "[\"\\ud800\"]");
	check_span("[ \"\\ud800\" ]", 0, "[\"\\ud800\"]");
}

static void
a_repaired_span_has_no_lone_surrogate(void **state)
{
	(void)state;
	check_span("[\"\\ud800\"]", 1, "[\"\\ufffd\"]");
	check_span("{\"\\uDC00x\":\"a\\ud83d\\ude00\\ud83d\"}", 1, "{\"\\ufffdx\":\"a\\ud83d\\ude00\\ufffd\"}");
	check_span("[ \"\\ud83d\\ud83d\\ude00 \", \"\\u0041\\uFFFD\xef\xbf\xbd\\n\" ]", 1,
	    "[\"\\ufffd\\ud83d\\ude00 \",\"\\u0041\\uFFFD\xef\xbf\xbd\\n\"]");
	check_span("\"\\ud800\"", 1, "\"\\ufffd\"");
	check_span("[\"\\ud83d\\ude00\"]", 1, "[\"\\ud83d\\ude00\"]");
	check_span("[ 1 ]", 1, "[1]");
}

static void
only_the_span_of_the_node_is_copied(void **state)
{
	struct buf	 span = { 0 };

	(void)state;
	assert_int_equal(index_text("{\"a\":[1,2], \"b\":[3, 4],\"c\":\"\\ud800\"}"), JSON_OK);
	json_span(&j, json_get(&j, 0, "a"), &span, 1);
	json_span(&j, json_get(&j, 0, "b"), &span, 1);
	json_span(&j, json_get(&j, 0, "c"), &span, 1);
	json_span(&j, json_get(&j, 0, "c"), &span, 0);
	assert_string_equal(buf_str(&span), "[1,2][3,4]\"\\ufffd\"\"\\ud800\"");
	buf_clear(&span);
}

static void
any_bytes_are_squeezed(void **state)
{
	static const struct {
		const char	*in, *out;
	} rows[] = {
		{ "", "" }, { "x", "x" }, { " ", "" }, { " \t\r\n", "" }, { " { \"a b\" : [ 1 , 2 ] } ", "{\"a b\":[1,2]}" }, { "{\"a\":1}", "{\"a\":1}" },
		{ "\"open end \\", "\"open end \\" }, { "a \"b c", "a\"b c" }, { " \"\\\" \" x", "\"\\\" \"x" },
		{ "\xff \"\xff \xfe\" \x01", "\xff\"\xff \xfe\"\x01" }, { "\"\\\\\" \"", "\"\\\\\"\"" }, { "\"a\nb\" \n", "\"a\nb\"" },
	};
	struct buf	 out = { 0 };

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		buf_reset(&out);
		json_squeeze(rows[i].in, strlen(rows[i].in), &out);
		assert_string_equal(buf_str(&out), rows[i].out);
	}
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(json_as_the_rfc_has_it_is_accepted),
		cmocka_unit_test(anything_else_is_refused_where_it_goes_wrong),
		cmocka_unit_test(a_record_cut_short_anywhere_is_refused_at_its_end),
		cmocka_unit_test(nesting_ends_at_128),
		cmocka_unit_test(utf8_is_whole_characters_and_nothing_else),
		cmocka_unit_test(every_character_may_stand_in_a_string),
		cmocka_unit_test(both_ways_of_looking_see_the_same),
		cmocka_unit_test(nodes_lie_in_order_and_know_where_they_end),
		cmocka_unit_test(children_are_walked_in_order),
		cmocka_unit_test(members_are_found_by_name_and_the_last_one_counts),
		cmocka_unit_test(empty_is_null_or_nothing_inside),
		cmocka_unit_test(flags_say_what_is_inside),
		cmocka_unit_test(flags_stay_with_the_branch_they_belong_to),
		cmocka_unit_test(one_repeat_is_found_in_any_crowd),
		cmocka_unit_test(names_made_to_meet_in_the_hash_are_told_apart),
		cmocka_unit_test(blank_is_what_java_finds_blank),
		cmocka_unit_test(too_many_nodes_leave_the_top_level),
		cmocka_unit_test(too_many_nodes_do_not_end_the_validation),
		cmocka_unit_test(names_that_were_not_compared_are_not_trusted),
		cmocka_unit_test(one_monster_does_not_keep_its_memory),
		cmocka_unit_test(text_is_decoded),
		cmocka_unit_test(text_with_a_nul_is_whole),
		cmocka_unit_test(plain_text_is_not_copied),
		cmocka_unit_test(a_cap_is_kept_to_the_byte),
		cmocka_unit_test(a_span_is_copied_as_it_stands_without_white_space),
		cmocka_unit_test(a_repaired_span_has_no_lone_surrogate),
		cmocka_unit_test(only_the_span_of_the_node_is_copied),
		cmocka_unit_test(any_bytes_are_squeezed),
	};

	return cmocka_run_group_tests(tests, NULL, clear);
}
