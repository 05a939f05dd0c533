/*
 * What stands in o365.audit as in the record, byte for byte, and what may not: white space between tokens (an event is one line),
 * what is nested deeper than we look, and what a flattened field refuses with the whole record (OpenSearch 2.19: leaves over 32,766
 * bytes; Elasticsearch 8.19: a NUL in a name).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "norm/norm.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
assert_written_of(const char *feed, const char *record, const char *piece)
{
	struct norm_source	 source = { .tenant_guid = "11111111-2222-3333-4444-555555555555", .tenant_name = "contoso",
				    .namespace = "default", .feed = feed };
	struct norm		*n = norm_new();
	struct buf		 out = { 0 };

	norm_event(n, SCHEMA_ECS, &source, &(struct record){ .bytes = record, .len = strlen(record) }, &out);
	if (strstr(buf_str(&out), piece) == NULL || strchr(buf_str(&out), '\n') != NULL)
		fail_msg("%s became %s and should have %s", record, buf_str(&out), piece);
	buf_clear(&out);
	norm_free(n);
}

static void
assert_written(const char *record, const char *piece)
{
	assert_written_of("audit.general", record, piece);
}

static void
bytes_stay_and_white_space_goes(void **state)
{
	static const char *const rows[][2] = {
		{ "{\"XData\":{\"b\":[1.50,true],\"a\":\"\\u00e9\"}}", "\"XData\":{\"b\":[1.50,true],\"a\":\"\\u00e9\"}" },
		{ "{\"XData\":{\n\"b\": [1,\r\n2],\"a\":\" \\n\"}}", "\"XData\":{\"b\":[1,2],\"a\":\" \\n\"}" },
		{ "{\"XData\":{\"b\":[\"x\"\n],\"a\":[]}}", "\"XData\":{\"b\":[\"x\"]}" },
		{ "{\"XData\":{\"b\\u0000c\":1}}", "\"XData\":{\"b_c\":1}" },
		{ "{\"Parameters\":[{\"Name\":\"b\\u0000c\",\"Value\":\"v\"}]}", "\"Parameters\":{\"b_c\":\"v\"}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_written(rows[i][0], rows[i][1]);
}

/* Objects with one member, and lists: the index has nothing to say of what is inside, and must not be asked. */
static void
what_is_too_deep_is_text(void **state)
{
	static const struct { const char *name, *open, *close, *want; } rows[] = {
		{ "{\"XData\":", "{\"XData\":", "}", "\"{\\\"XData\\\":" }, { "{\"Lists\":", "[", "]", "[[[\"[[[" },
	};
	struct buf	 record = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_reset(&record);
		buf_adds(&record, rows[i].name);
		for (int depth = 0; depth < 80; depth++)
			buf_adds(&record, rows[i].open);
		buf_addc(&record, '1');
		for (int depth = 0; depth < 80; depth++)
			buf_adds(&record, rows[i].close);
		buf_addc(&record, '}');
		assert_written(buf_str(&record), rows[i].want);
	}
	buf_clear(&record);
}

/* With a leaf or a name of this length in the place of '#'. */
static void
what_no_flattened_field_takes_is_text(void **state)
{
	static const struct { const char *feed, *record, *fits, *does_not; } rows[] = {
		{ "audit.general", "{\"Members\":[{\"UPN\":\"#\"}]}", "\"Members\":[{\"UPN\":", "\"Members_raw\":\"[{" },
		{ "audit.general", "{\"Members\":[{\"UPN\":\"a\",\"N\":[#]}]}",
		    "\"Members\":[{\"UPN\":\"a\",\"N\":[1", "\"Members_raw\":\"[{" },
		{ "audit.general", "{\"PolicyDetails\":{\"a\":\"#\"}}", "\"PolicyDetails\":{", "\"PolicyDetails_raw\":\"{" },
		{ "audit.general", "{\"Actions\":[\"{\\\"a\\\":\\\"#\\\"}\"]}", "\"Actions\":[{\"a\":", "\"Actions_raw\":\"[" },
		{ "audit.general", "{\"Data\":\"{\\\"wl\\\":\\\"w\\\",\\\"a\\\":\\\"#\\\"}\"}",
		    "\"Data\":{\"flattened\":{", "\"Data\":{\"flattened_raw\":\"{" },
		{ "signin.interactive", "{\"authenticationProcessingDetails\":[{\"key\":\"k\",\"value\":\"#\"}]}",
		    "\"authentication_processing_details\":{", "\"authentication_processing_details_raw\":\"[" },
		{ "signin.interactive", "{\"networkLocationDetails\":[{\"#\":\"v\",\"n\":\"#\"}]}",
		    "\"network_location_details\":[{", "\"network_location_details_raw\":\"[" },
		{ "alerts", "{\"customDetails\":{\"a\":\"#\"}}", "\"custom_details\":{", "\"custom_details_raw\":\"{" },
		/* no flattened field: a keyword passes over what is long */
		{ "audit.general", "{\"XData\":{\"a\":\"#\"}}", "\"XData\":{", "\"XData\":{" },
		{ "audit.general", "{\"OperationProperties\":[{\"Name\":\"#\"}]}", "\"OperationProperties\":[{", "\"OperationProperties\":[{" },
	};
	struct buf	 record = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows) * 2; i++) {
		buf_reset(&record);
		for (const char *p = rows[i / 2].record; *p != '\0'; p++)
			if (*p != '#')
				buf_addc(&record, *p);
			else
				for (int k = 0; k < (i % 2 ? 33000 : 300); k++)
					buf_addc(&record, '1');
		assert_written_of(rows[i / 2].feed, buf_str(&record), i % 2 ? rows[i / 2].does_not : rows[i / 2].fits);
	}
	buf_clear(&record);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_stay_and_white_space_goes),
		cmocka_unit_test(what_is_too_deep_is_text),
		cmocka_unit_test(what_no_flattened_field_takes_is_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
