/* From a blob's bytes to records: every element arrives once, a broken one costs one, whatever the pieces are. */
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
#include "collect/idscan.h"
#include "collect/split.h"

struct seen {
	struct buf	 text;		/* "R<ordinal>:<bytes>\n" or "B<ordinal>:<record id>:<reason>\n" */
	size_t		 records, bad;
	uint8_t		 ids[64][16];
	int64_t		 seconds[64];
};

static void
take_record(void *arg, const struct record *r)
{
	struct seen	*s = arg;

	buf_addf(&s->text, "R%u:", r->ordinal);
	buf_add(&s->text, r->bytes, r->len);
	buf_addc(&s->text, '\n');
	if (s->records < 64) {
		memcpy(s->ids[s->records], r->id, 16);
		s->seconds[s->records] = r->second;
	}
	s->records++;
}

static void
take_bad(void *arg, const struct split_bad *b)
{
	struct seen	*s = arg;

	buf_addf(&s->text, "B%u:%s:%.*s\n", b->ordinal, b->record_id, (int)strcspn(b->reason, ":"), b->reason);
	s->bad++;
}

static enum split_state
run(struct seen *s, const char *text, size_t len, size_t piece, size_t record_max, const char *content_id)
{
	struct identity_names	 names = { "11111111-2222-3333-4444-555555555555", "audit", content_id, "Id", "CreationTime", 0 };
	struct split_to		 to = { take_record, take_bad, s };
	struct split		*split = split_new(&names, record_max, &to);
	enum split_state	 state;

	memset(s, 0, sizeof(*s));
	for (size_t at = 0; at < len; at += piece)
		split_feed(split, text + at, len - at < piece ? len - at : piece);
	state = split_finish(split);
	split_free(split);
	return state;
}

static const struct {
	const char		*text;
	enum split_state	 state;
	const char		*seen;
} blobs[] = {
	{ "[]",				SPLIT_END,	"" },
	{ " [ \r\n ] \t",		SPLIT_END,	"" },
	{ "\xef\xbb\xbf[{\"a\":1}]",	SPLIT_END,	"R0:{\"a\":1}\n" },
	{ "[{\"a\":1},{\"b\":[1,{\"c\":\"]}\"}]}]", SPLIT_END, "R0:{\"a\":1}\nR1:{\"b\":[1,{\"c\":\"]}\"}]}\n" },
	{ "[{\"a\":\"\\\"}\\\\\"} , {}]", SPLIT_END,	"R0:{\"a\":\"\\\"}\\\\\"}\nR1:{}\n" },
	{ "[{\"a\":1}{\"b\":2}]",	SPLIT_END,	"R0:{\"a\":1}\nR1:{\"b\":2}\n" },
	{ "[{\"a\":1},]",		SPLIT_END,	"R0:{\"a\":1}\n" },
	/* one bad element is one dead letter */
	{ "[{\"Id\":\"x\",\"a\":NaN},{\"b\":2}]", SPLIT_END, "B0:x:not-json\nR1:{\"b\":2}\n" },
	{ "[1,\"two\",null,[3],{\"b\":2}]", SPLIT_END,
	    "B0:-:not-object\nB1:-:not-object\nB2:-:not-object\nB3:-:not-object\nR4:{\"b\":2}\n" },
	{ "[{\"a\":\"\xff\"},{}]",	SPLIT_END,	"B0:-:not-json\nR1:{}\n" },
	{ "[{\"a\" 1},{}]",		SPLIT_END,	"B0:-:not-json\nR1:{}\n" },
	{ "[\"a\\\"]\",{}]",		SPLIT_END,	"B0:-:not-object\nR1:{}\n" },
	/* what makes the blob unreadable */
	{ "",				SPLIT_BROKEN,	"" },
	{ "[",				SPLIT_BROKEN,	"" },
	{ "[{\"a\":1},{\"b\":",		SPLIT_BROKEN,	"R0:{\"a\":1}\n" },
	{ "[{\"a\":1}",			SPLIT_BROKEN,	"R0:{\"a\":1}\n" },
	{ "[{\"a\":1}] x",		SPLIT_BROKEN,	"R0:{\"a\":1}\n" },
	{ "[{\"a\":1}][]",		SPLIT_BROKEN,	"R0:{\"a\":1}\n" },
	{ "[{\"a\":[1}]",		SPLIT_BROKEN,	"" },
	{ "{\"error\":{}}",		SPLIT_BROKEN,	"" },
	{ "<html>[{}]</html>",		SPLIT_BROKEN,	"" },
	{ "null",			SPLIT_BROKEN,	"" },
};

static void
every_blob_ends_as_it_should_in_pieces_of_any_size(void **state)
{
	struct seen	 s;

	(void)state;
	for (size_t i = 0; i < sizeof(blobs) / sizeof(blobs[0]); i++) {
		for (size_t piece = 1; piece < 40; piece++) {
			enum split_state	 end = run(&s, blobs[i].text, strlen(blobs[i].text), piece, 1 << 20, "c");

			if (end != blobs[i].state || strcmp(buf_str(&s.text), blobs[i].seen) != 0)
				fail_msg("%s in pieces of %zu: state %d, seen %s", blobs[i].text, piece, end, buf_str(&s.text));
			buf_clear(&s.text);
		}
	}
}

static void
deep_nesting_is_one_dead_letter(void **state)
{
	struct seen	 s;
	struct buf	 b = { 0 };

	(void)state;
	buf_adds(&b, "[{\"Id\":\"deep\",\"a\":");
	for (int i = 0; i < 10000; i++)
		buf_addc(&b, '[');
	for (int i = 0; i < 10000; i++)
		buf_addc(&b, ']');
	buf_adds(&b, "},{\"b\":2}]");
	assert_int_equal(run(&s, b.bytes, b.len, 4096, 1 << 20, "c"), SPLIT_END);
	assert_string_equal(buf_str(&s.text), "B0:deep:not-json\nR1:{\"b\":2}\n");
	buf_clear(&s.text);
	buf_clear(&b);
}

/* The Id may stand before or behind what makes the record too large. */
static void
a_record_over_the_limit_is_named_and_the_rest_goes_on(void **state)
{
	static const char *const	 forms[] = { "[{\"Id\":\"big\",\"x\":\"%s\"},{\"b\":2}]",
	    "[{\"x\":\"%s\",\"y\":{\"Id\":\"no\"},\"Id\":\"big\"},{\"b\":2}]" };
	struct seen			 s;

	(void)state;
	for (size_t f = 0; f < 2; f++) {
		for (size_t piece = 7; piece < 5000; piece += 321) {
			char		*filler = xmalloc(20001), *text = xmalloc(21000);
			const char	*percent = strstr(forms[f], "%s");

			memset(filler, 'y', 20000);
			filler[20000] = '\0';
			memcpy(text, forms[f], (size_t)(percent - forms[f]));
			strcpy(text + (percent - forms[f]), filler);
			strcat(text, percent + 2);
			assert_int_equal(run(&s, text, strlen(text), piece, 1000, "c"), SPLIT_END);
			assert_string_equal(buf_str(&s.text), "B0:big:too-large\nR1:{\"b\":2}\n");
			buf_clear(&s.text);
			free(filler);
			free(text);
		}
	}
}

static void
one_id_whatever_its_case_and_the_content(void **state)
{
	const char	*text = "[{\"Id\":\"AB-c\",\"CreationTime\":\"2026-11-23T08:01:02\"},{\"x\":1,\"Id\":\"ab-C\"}]";
	struct seen	 s;

	(void)state;
	run(&s, text, strlen(text), 1000, 1000, "c");
	assert_memory_equal(s.ids[0], s.ids[1], 16);
	assert_int_equal(s.seconds[0], 1795420862);
	assert_int_equal(s.seconds[1], 0);
	buf_clear(&s.text);
}

/* S01 of the shared cases, with values of our own. */
static void
records_without_an_id_are_never_one_and_a_reread_meets_itself(void **state)
{
	const char	*text = "[{\"v\":1},{\"v\":1},{\"v\": 1},{\"Id\":\"\",\"v\":1},{\"Id\":null,\"v\":1},"
	    "{\"Id\":\"00000000-0000-0000-0000-000000000000\",\"v\":1},{\"Id\":\"00000000-0000-0000-0000-000000000000\",\"v\":2}]";
	struct seen	 a, b, other;

	(void)state;
	run(&a, text, strlen(text), 1000, 1000, "blob-1");
	run(&b, text, strlen(text), 3, 1000, "blob-1");
	run(&other, text, strlen(text), 1000, 1000, "blob-2");
	assert_int_equal(a.records, 7);
	for (size_t i = 0; i < 7; i++) {
		assert_memory_equal(a.ids[i], b.ids[i], 16);
		assert_memory_not_equal(a.ids[i], other.ids[i], 16);
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(a.ids[i], a.ids[k], 16);
	}
	buf_clear(&a.text);
	buf_clear(&b.text);
	buf_clear(&other.text);
}

static void
the_known_id_is_what_the_design_says(void **state)
{
	/* SHA-256("m365fwd1\0" "11111111-2222-3333-4444-555555555555\0" "audit\0" "abc"), first 16 bytes, computed by sha256sum */
	static const uint8_t	 expected[16] = { 0xc8, 0x2d, 0xd6, 0xc5, 0xa4, 0x30, 0xfd, 0x10, 0xc2, 0xa2, 0xb3, 0xd4, 0xf1, 0xc0, 0x5c, 0xc4 };
	const char		*text = "[{\"Id\":\"ABC\"}]";
	struct seen		 s;

	(void)state;
	run(&s, text, strlen(text), 1000, 1000, "c");
	assert_memory_equal(s.ids[0], expected, 16);
	buf_clear(&s.text);
}

static void
an_id_is_found_at_the_top_level_only_and_the_last_one_counts(void **state)
{
	static const struct { const char *text, *id; } cases[] = {
		{ "{\"Id\":\"a\"}",				"a" },
		{ "{\"x\":{\"Id\":\"no\"},\"Id\" : \"b\"}",	"b" },
		{ "{\"x\":[\"Id\",\"no\"]}",			"" },
		{ "{\"x\":\"Id\",\"y\":\"no\"}",		"" },
		{ "{\"Id\":\"a\",\"Id\":\"b\"}",		"b" },
		{ "{\"IdX\":\"no\",\"I\":\"no\"}",		"" },
		{ "{\"Id\":12}",				"" },
		{ "{\"x\":\"\\\",\\\"Id\\\":\\\"no\"}",		"" },
	};
	struct idscan	 s;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		idscan_init(&s, "Id");
		for (const char *p = cases[i].text; *p != '\0'; p++)
			idscan_feed(&s, p, 1);
		assert_string_equal(s.found, cases[i].id);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_blob_ends_as_it_should_in_pieces_of_any_size),
		cmocka_unit_test(deep_nesting_is_one_dead_letter),
		cmocka_unit_test(a_record_over_the_limit_is_named_and_the_rest_goes_on),
		cmocka_unit_test(one_id_whatever_its_case_and_the_content),
		cmocka_unit_test(records_without_an_id_are_never_one_and_a_reread_meets_itself),
		cmocka_unit_test(the_known_id_is_what_the_design_says),
		cmocka_unit_test(an_id_is_found_at_the_top_level_only_and_the_last_one_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
