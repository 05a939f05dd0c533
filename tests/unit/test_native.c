/*
 * norm/native: Microsoft's bytes with one space after ':' and ',', and what Splunk keeps beside them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "norm/native.h"

static const struct norm_source audit = { .tenant_guid = "11111111-2222-3333-4444-555555555555", .tenant_name = "contoso",
	    .feed = "audit.exchange", .namespace = "default", .created_ms = 1795507262123, .stored_ms = 1, .now_ms = 2 };

static void
only_the_space_between_tokens_changes(void **state)
{
	static const struct {
		const char	*in, *out;
	} rows[] = {
		{ "{}", "{}" },
		{ "{\"a\":1,\"b\":[1,2,{\"c\":null}]}", "{\"a\": 1, \"b\": [1, 2, {\"c\": null}]}" },
		{ "{ \"a\" :\t1 ,\r\n \"b\" : [ ] }", "{\"a\": 1, \"b\": []}" },
		{ "{\"a\": 1, \"b\": [1, 2]}", "{\"a\": 1, \"b\": [1, 2]}" },
		{ "{\"a,b\":\"c:d, e : f\"}", "{\"a,b\": \"c:d, e : f\"}" },
		{ "{\"a\":\"\\\"\",\"b\":\"\\\\\",\"c\":\"\\\\\\\",:\"}", "{\"a\": \"\\\"\", \"b\": \"\\\\\", \"c\": \"\\\\\\\",:\"}" },
		{ "{\"z\":1,\"a\":2,\"z\":3}", "{\"z\": 1, \"a\": 2, \"z\": 3}" },
		{ "{\"n\":1.500e+10,\"m\":-0,\"u\":\"\\u00e9\\ud800 \xe2\x80\x93 \"}",
		  "{\"n\": 1.500e+10, \"m\": -0, \"u\": \"\\u00e9\\ud800 \xe2\x80\x93 \"}" },
		{ "[[],{},\"\",true]", "[[], {}, \"\", true]" },
	};
	struct buf	 once = { 0 }, twice = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&once);
		buf_reset(&twice);
		native_spaced(rows[i].in, strlen(rows[i].in), &once);
		assert_string_equal(buf_str(&once), rows[i].out);
		native_spaced(once.bytes, once.len, &twice);
		assert_string_equal(buf_str(&twice), rows[i].out);
	}
	buf_clear(&once);
	buf_clear(&twice);
}

static void
a_record_of_any_size_and_depth_goes_through(void **state)
{
	struct record	 r = { 0 };
	struct norm	*n = norm_new();
	struct buf	 in = { 0 }, out = { 0 }, back = { 0 };

	(void)state;
	buf_adds(&in, "{\"Id\":\"x\",\"many\":[0");
	for (int i = 0; i < 300000; i++)
		buf_adds(&in, ",1");
	buf_adds(&in, "],\"deep\":");
	for (int i = 0; i < 120; i++)
		buf_adds(&in, "{\"d\":[");
	for (int i = 0; i < 120; i++)
		buf_adds(&in, "]}");
	buf_adds(&in, "}");
	r.bytes = in.bytes;
	r.len = in.len;
	norm_event(n, SCHEMA_NATIVE, &audit, &r, &out);
	assert_int_equal(out.len, in.len + 300000 + 2 + 123);	/* commas, and colons */
	json_squeeze(out.bytes, out.len, &back);
	assert_int_equal(back.len, in.len);
	assert_memory_equal(back.bytes, in.bytes, in.len);
	norm_free(n);
	buf_clear(&in);
	buf_clear(&out);
	buf_clear(&back);
}

static void
over_its_cap_a_buf_knows_that_it_failed(void **state)
{
	struct buf	 out;

	(void)state;
	buf_init(&out, 10);
	native_spaced("{\"a\":1234}", 10, &out);
	assert_true(buf_failed(&out));
	buf_clear(&out);
	buf_init(&out, 11);
	native_spaced("{\"a\":1234}", 10, &out);
	assert_false(buf_failed(&out));
	assert_string_equal(buf_str(&out), "{\"a\": 1234}");
	buf_clear(&out);
}

static void
a_member_is_found_at_the_top_and_nowhere_else(void **state)
{
	static const struct {
		const char	*in, *value;
	} rows[] = {
		{ "{\"T\":\"1\"}", "1" },
		{ "{\"a\":{\"T\":\"0\"},\"b\":[\"T\",{\"T\":\"0\"}],\"c\":\"T\", \"T\" : \"1\"}", "1" },
		{ "{\"T\":[\"0\"],\"x\":1}", NULL },
		{ "{\"T\":{\"a\":\"0\"},\"T2\":\"0\"}", NULL },
		{ "{\"T\":7,\"x\":\"0\"}", NULL },
		{ "{\"T\":null}", NULL },
		{ "{\"a\":\"T\",\"b\":\"0\"}", NULL },
		{ "{\"T\":\"a\\\"b\"}", "a\\\"b" },
		{ "[\"T\",\"0\"]", NULL },
		{ "{}", NULL },
	};
	size_t	 n;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char	*v = native_member(rows[i].in, strlen(rows[i].in), "T", &n);

		if (rows[i].value == NULL) {
			assert_null(v);
			continue;
		}
		assert_non_null(v);
		assert_int_equal(n, strlen(rows[i].value));
		assert_memory_equal(v, rows[i].value, n);
	}
}

static void
a_time_keeps_all_of_its_digits(void **state)
{
	static const struct {
		const char	*text, *epoch;		/* NULL: not a time for Splunk */
	} rows[] = {
		{ "2026-11-23T08:01:02", "1795420862" },
		{ "2026-11-23T08:01:02Z", "1795420862" },
		{ "2026-11-23T08:01:02.1234567Z", "1795420862.1234567" },
		{ "2026-11-23T08:01:02.9999999Z", "1795420862.9999999" },
		{ "2026-11-23T08:01:02.5000000Z", "1795420862.5" },
		{ "2026-11-23T08:01:02.000Z", "1795420862" },
		{ "2026-11-23T08:01:02.0000001Z", "1795420862.0000001" },
		{ "2026-11-23T08:01:02.123456789012345678901234Z", "1795420862.1234567890123456789" },
		{ "2026-11-23T10:01:02.25+02:00", "1795420862.25" },
		{ "0001-01-01T00:00:00Z", NULL },
		{ "yesterday", NULL },
		{ "", NULL },
	};
	char	 to[NORM_EPOCH_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int	 rc = native_epoch(rows[i].text, strlen(rows[i].text), to);

		assert_int_equal(rc, rows[i].epoch == NULL ? -1 : 0);
		if (rc == 0)
			assert_string_equal(to, rows[i].epoch);
	}
}

static void
the_envelope_is_the_add_ons(void **state)
{
	static const struct {
		const char	*feed, *record, *time, *source;
		int64_t		 second;
	} rows[] = {
		{ "audit.exchange", "{\"CreationTime\":\"2026-11-23T08:01:02\",\"Id\":\"x\"}", "1795420862", "uri", 1795420862 },
		{ "audit.dlp", "{\"Data\":{\"CreationTime\":\"2020-01-01T00:00:00\"}, \"CreationTime\":\"2026-11-23T08:01:02.25\"}",
		  "1795420862.25", "uri", 1795420862 },
		{ "audit.dlp", "{\"CreationTime\":\"2026-11-23T08:01:02\\u002e5\"}", "1795420862", "uri", 1795420862 },
		{ "audit.dlp", "{\"CreationTime\":\"soon\"}", "1795507262.123", "uri", 0 },
		{ "audit.dlp", "{\"CreationTime\":[1]}", "1795507262.123", "uri", 0 },
		{ "signin.interactive", "{\"createdDateTime\":\"2026-11-23T08:01:02.1234567Z\"}", "1795420862.1234567",
		  "Azure AD", 1795420862 },
		{ "directory.audit", "{\"activityDateTime\":\"2026-11-23T08:01:02.7Z\"}", "1795420862.7", "Azure AD", 1795420862 },
		{ "directory.provisioning", "{\"activityDateTime\":\"2026-11-23T08:01:02Z\"}", "1795420862", "Azure AD", 0 },
		{ "risk.user", "{\"lastUpdatedDateTime\":\"2026-11-24T08:01:02.5Z\",\"detectedDateTime\":\"2026-11-23T08:01:02Z\"}",
		  "1795507262.5", "Azure AD", 1795420862 },
		{ "risk.serviceprincipal", "{\"lastUpdatedDateTime\":null,\"detectedDateTime\":\"2026-11-23T08:01:02Z\"}",
		  "1795420862", "Azure AD", 1795420862 },
		{ "alerts", "{\"createdDateTime\":\"2026-11-20T08:01:02.1Z\",\"lastUpdateDateTime\":\"2026-11-23T08:01:02.1Z\"}",
		  "1795420862.1", "microsoft_365_defender_endpoint_incidents:11111111-2222-3333-4444-555555555555", 1795420862 },
		{ "incidents", "{\"lastUpdateDateTime\":\"2026-11-23T08:01:02.1Z\"}",
		  "1795420862.1", "microsoft_365_defender_endpoint_incidents:11111111-2222-3333-4444-555555555555", 1795420862 },
	};
	struct norm_envelope	 e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct norm_source	 s = audit;
		struct record		 r = { .second = rows[i].second, .bytes = rows[i].record, .len = strlen(rows[i].record) };

		s.feed = rows[i].feed;
		norm_envelope(&s, &r, "uri", &e);
		assert_string_equal(e.time, rows[i].time);
		assert_string_equal(e.source, rows[i].source);
		assert_string_equal(e.sourcetype, strncmp(s.feed, "audit.", 6) == 0 ? "o365:management:activity" :
		    strcmp(s.feed, "alerts") == 0 ? "ms365:defender:incident:alerts" :
		    strcmp(s.feed, "incidents") == 0 ? "ms365:defender:incident" : "azure:monitor:aad");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_space_between_tokens_changes),
		cmocka_unit_test(a_record_of_any_size_and_depth_goes_through),
		cmocka_unit_test(over_its_cap_a_buf_knows_that_it_failed),
		cmocka_unit_test(a_member_is_found_at_the_top_and_nowhere_else),
		cmocka_unit_test(a_time_keeps_all_of_its_digits),
		cmocka_unit_test(the_envelope_is_the_add_ons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
