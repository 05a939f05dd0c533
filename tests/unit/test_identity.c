/* What makes a row itself, and what makes it another version: the content hash sees what was said, not how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "collect/identity.h"

#define TENANT "11111111-2222-3333-4444-555555555555"

static const struct {
	const char	*text, *canon;
} canons[] = {
	{ "{}", "" },
	{ "null", "" },
	{ "{\"b\":1,\"a\":\"x\"}", "{\"a\":\"x\",\"b\":1}" },
	{ " { \"a\" : 1.50e1 , \"b\" : -0 } ", "{\"a\":1.50e1,\"b\":-0}" },
	{ "{\"a\":null,\"b\":\"\",\"c\":[],\"d\":{},\"e\":{\"f\":[null,{\"g\":\"\"}]}}", "" },
	{ "{\"a\":[3,1,2],\"z\":false}", "{\"a\":[3,1,2],\"z\":false}" },
	{ "{\"a\":[null,1,\"\",2]}", "{\"a\":[1,2]}" },
	{ "{\"\\u0061\":\"\\u0062\\/\"}", "{\"a\":\"b/\"}" },
	{ "{\"ab\":1,\"a\":2,\"B\":3}", "{\"B\":3,\"a\":2,\"ab\":1}" },
	{ "{\"a\":2,\"a\":1}", "{\"a\":2,\"a\":1}" },
	{ "{\"\":{\"x\":[[1]]}}", "{\"\":{\"x\":[[1]]}}" },
};

static void
one_text_for_what_a_value_says(void **state)
{
	struct json	 j = { 0 };
	struct buf	 to = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(canons) / sizeof(canons[0]); i++) {
		assert_int_equal(json_index(&j, canons[i].text, strlen(canons[i].text), 0, JSON_DEPTH), JSON_OK);
		buf_reset(&to);
		json_canon(&j, 0, &to);
		assert_string_equal(buf_str(&to), canons[i].canon);
	}
	buf_clear(&to);
	json_clear(&j);
}

/* The row's id and the version's, of a text that stands on a page. */
static void
ids_of(struct identity *i, const char *text, uint8_t row[16], struct record *r)
{
	const char	*why = "";

	*r = (struct record){ .bytes = text, .len = strlen(text) };
	assert_int_equal(identity_record(i, r, &why), 0);
	memcpy(row, identity_row(i), 16);
}

static struct identity *
of_pages(int changes)
{
	struct identity_names	 names = { TENANT, "signin.interactive", NULL, "id", "createdDateTime", changes };

	return identity_new(&names);
}

static void
a_version_is_id_and_content(void **state)
{
	static const char	*const first = "{\"id\":\"AB-1\",\"createdDateTime\":\"2026-11-23T08:04:11.1234567Z\",\"n\":1,\"x\":null}";
	static const char	*const same = "{ \"n\": 1, \"id\": \"AB-1\", \"createdDateTime\": \"2026-11-23T08:04:11.1234567Z\" }";
	static const char	*const other = "{\"id\":\"ab-1\",\"createdDateTime\":\"2026-11-23T08:04:11.1234567Z\",\"n\":2}";
	struct identity		*i = of_pages(1), *still = of_pages(0);
	struct record		 a, b, c, d;
	uint8_t			 ra[16], rb[16], rc[16], rd[16], content[32], whole[32];
	struct buf		 text = { 0 };

	(void)state;
	ids_of(i, first, ra, &a);
	ids_of(i, same, rb, &b);
	ids_of(i, other, rc, &c);
	ids_of(still, other, rd, &d);
	assert_int_equal(a.second, 1795421051);
	assert_memory_equal(a.id, b.id, 16);
	assert_memory_equal(ra, rb, 16);
	assert_memory_not_equal(a.id, c.id, 16);
	assert_memory_equal(ra, rc, 16);			/* ids are compared in lower case */
	assert_memory_equal(ra, d.id, 16);			/* what never changes has the row's own id */

	/* As design.md section 5 defines it. */
	buf_adds(&text, "{\"createdDateTime\":\"2026-11-23T08:04:11.1234567Z\",\"id\":\"AB-1\",\"n\":1}");
	sha256(text.bytes, text.len, content);
	buf_reset(&text);
	buf_add(&text, "m365fwd1\0" TENANT "\0signin.interactive\0ab-1\0", 9 + 37 + 19 + 5);
	buf_add(&text, content, sizeof(content));
	sha256(text.bytes, text.len, whole);
	assert_memory_equal(a.id, whole, 16);
	buf_clear(&text);
	identity_free(i);
	identity_free(still);
}

static void
rows_without_an_id_meet_themselves_on_another_page_and_never_each_other(void **state)
{
	static const char	*const text = "{\"id\":\"\",\"createdDateTime\":\"2026-11-23T08:04:11Z\"}";
	struct identity		*page = of_pages(1), *again = of_pages(1);
	struct record		 a, b, c;
	uint8_t			 ra[16], rb[16], rc[16];

	(void)state;
	ids_of(page, text, ra, &a);
	ids_of(page, text, rb, &b);
	ids_of(again, text, rc, &c);
	assert_memory_not_equal(a.id, b.id, 16);
	assert_memory_not_equal(ra, rb, 16);
	assert_memory_equal(a.id, c.id, 16);
	assert_memory_equal(ra, rc, 16);
	identity_free(page);
	identity_free(again);
}

/* A record that has an Id is itself wherever it stands; one that has none is its place in the blob, and what it says. */
static const struct {
	const char	*text;
	int		 has_id;
	int64_t		 second;
} records[] = {
	{ "{\"Id\":\"a\",\"CreationTime\":\"2026-11-23T08:04:11\"}", 1, 1795421051 },
	{ "{\"Id\":17,\"CreationTime\":\"1969-12-31T23:59:58.5Z\"}", 1, -2 },
	{ "{\"Id\":\" \\t \",\"CreationTime\":\"no time\"}", 0, 0 },
	{ "{\"Id\":\"00000000-0000-0000-0000-000000000000\",\"CreationTime\":17}", 0, 0 },
	{ "{\"Id\":{\"a\":1}}", 0, 0 },
	{ "{\"Id\":null}", 0, 0 },
	{ "{}", 0, 0 },
};

static void
what_has_no_id_is_its_place_and_content(void **state)
{
	struct identity	*i = identity_new(&(struct identity_names){ TENANT, "audit", "blob", "Id", "CreationTime", 0 });
	struct record	 a, b;
	uint8_t		 row[16];
	const char	*why = "";

	(void)state;
	for (size_t k = 0; k < sizeof(records) / sizeof(records[0]); k++) {
		ids_of(i, records[k].text, row, &a);
		b = a;
		b.ordinal = 1;
		assert_int_equal(identity_record(i, &b, &why), 0);
		if ((memcmp(a.id, b.id, 16) == 0) != records[k].has_id || a.second != records[k].second)
			fail_msg("%s: second %lld", records[k].text, (long long)a.second);
	}
	identity_free(i);
}

static void
what_is_no_object_is_refused_with_why(void **state)
{
	static const char *const texts[] = { "17", "[]", "\"x\"", "null" };
	struct identity		*i = of_pages(0);
	const char		*why;

	(void)state;
	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
		struct record	 r = { .bytes = texts[k], .len = strlen(texts[k]) };

		why = "";
		assert_int_equal(identity_record(i, &r, &why), -1);
		assert_string_equal(why, "not an object");
	}
	identity_free(i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_text_for_what_a_value_says),
		cmocka_unit_test(a_version_is_id_and_content),
		cmocka_unit_test(rows_without_an_id_meet_themselves_on_another_page_and_never_each_other),
		cmocka_unit_test(what_has_no_id_is_its_place_and_content),
		cmocka_unit_test(what_is_no_object_is_refused_with_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
