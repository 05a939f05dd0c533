/*
 * rfc3339: times as Microsoft writes them, strictly, both ways, and the dates of HTTP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/rfc3339.h"

static int64_t
ms_of(const char *s)
{
	int64_t	 ms;

	if (rfc3339_parse(s, strlen(s), &ms, NULL) == -1)
		fail_msg("not taken for a time: %s", s);
	return ms;
}

static void
the_forms_that_microsoft_writes_are_read(void **state)
{
	(void)state;
	assert_true(ms_of("1970-01-01T00:00:00Z") == 0);
	assert_true(ms_of("2026-11-23T08:01:02Z") == 1795420862000);
	assert_true(ms_of("2026-11-23T08:01:02") == 1795420862000);
	assert_true(ms_of("2026-11-23 08:01:02") == 1795420862000);
	assert_true(ms_of("2026-11-23T08:01:02.1Z") == 1795420862100);
	assert_true(ms_of("2026-11-23T08:01:02.123Z") == 1795420862123);
	assert_true(ms_of("2026-11-23T08:01:02.1239999Z") == 1795420862123);
	assert_true(ms_of("2026-11-23T08:01:02.00000000000000000000000000000000000001") == 1795420862000);
	assert_true(ms_of("2026-11-23T08:01:02+00:00") == 1795420862000);
	assert_true(ms_of("2026-11-23T09:31:02+01:30") == 1795420862000);
	assert_true(ms_of("2026-11-22T22:01:02.5-10:00") == 1795420862500);
	assert_true(ms_of("0001-01-01T00:00:00Z") == -62135596800000);
	assert_true(ms_of("9999-12-31T23:59:59.999Z") == 253402300799999);
	assert_true(ms_of("2000-02-29T00:00:00Z") == 951782400000);
	assert_true(ms_of("2016-12-31T23:59:60Z") == ms_of("2017-01-01T00:00:00Z"));
}

static void
whether_a_zone_was_written_is_told(void **state)
{
	static const struct { const char *s; int zone; } rows[] = { { "2026-11-23T08:01:02", 0 }, { "2026-11-23T08:01:02.5", 0 },
	    { "2026-11-23T08:01:02Z", 1 }, { "2026-11-23T08:01:02.5Z", 1 }, { "2026-11-23T08:01:02+01:00", 1 } };
	int64_t	 ms;
	int	 zone;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(rfc3339_parse(rows[i].s, strlen(rows[i].s), &ms, &zone), 0);
		assert_int_equal(zone, rows[i].zone);
	}
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const	 bad[] = { "", "2", "2026", "2026-11-23", "2026-11-23T", "2026-11-23T08", "2026-11-23T08:01",
	    "2026-11-23T08:01:", "2026-11-23T08:01:0", "2026-11-23T08:01:02.", "2026-11-23T08:01:02.Z", "2026-11-23T08:01:02ZZ",
	    "2026-11-23T08:01:02Z ", " 2026-11-23T08:01:02Z", "2026-11-23T08:01:02z", "2026-11-23t08:01:02Z",
	    "2026-11-23  08:01:02Z", "2026-13-23T08:01:02Z", "2026-00-23T08:01:02Z", "2026-11-00T08:01:02Z",
	    "2026-11-31T08:01:02Z", "2026-02-29T08:01:02Z", "1900-02-29T08:01:02Z", "0000-01-01T00:00:00Z",
	    "2026-11-23T24:00:00Z", "2026-11-23T08:60:02Z", "2026-11-23T08:01:61Z", "2026-11-23T08:01:02+0100",
	    "2026-11-23T08:01:02+24:00", "2026-11-23T08:01:02+01:60", "2026-11-23T08:01:02+01", "2026-11-23T08:01:02+01:",
	    "2026-11-23T08:01:02+", "+026-11-23T08:01:02Z", "-026-11-23T08:01:02Z", "2026/11/23T08:01:02Z", "2026-11-23T08.01.02Z",
	    "2026-11-23T08:01:02,5Z", "2026-11-23T08:01:02.5 Z", "2026-1-23T08:01:02Z", "12026-11-23T08:01:02Z",
	    "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z", "20261123T080102Z",
	    "2026-11-23T08:01:02\xc2\xa0", "yesterday" };
	int64_t	 ms;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (rfc3339_parse(bad[i], strlen(bad[i]), &ms, NULL) != -1)
			fail_msg("taken for a time: \"%s\"", bad[i]);
}

static void
every_cut_is_read_within_its_length(void **state)
{
	static const char	 text[] = "2026-11-23T08:01:02.123+01:00";
	char			*cut;
	int64_t			 ms;

	(void)state;
	for (size_t len = 0; len <= strlen(text); len++) {
		cut = malloc(len > 0 ? len : 1);
		memcpy(cut, text, len);
		assert_int_equal(rfc3339_parse(cut, len, &ms, NULL),
		    len == 19 || (len >= 21 && len <= 23) || len == strlen(text) ? 0 : -1);
		free(cut);
	}
	assert_int_equal(rfc3339_parse("2026-11-23T08:01:02\0", 20, &ms, NULL), -1);
}

static void
every_day_of_ten_thousand_years_agrees_with_the_libc(void **state)
{
	char		 mine[RFC3339_SIZE], libc[64];
	struct tm	 tm;
	time_t		 t;
	int64_t		 day, ms;

	(void)state;
	for (day = -719162; day < 2932897; day += 1 + (day > -700000 && (day < 0 || day > 40000)) * 6) {
		t = (time_t)(day * 86400 + (day * 7919 % 86400 + 86400) % 86400);
		gmtime_r(&t, &tm);
		snprintf(libc, sizeof(libc), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		    tm.tm_hour, tm.tm_min, tm.tm_sec);
		if (strcmp(rfc3339_text((int64_t)t * 1000, 0, mine), libc) != 0)
			fail_msg("%s is not %s", mine, libc);
		assert_int_equal(rfc3339_parse(libc, 20, &ms, NULL), 0);
		assert_true(ms == (int64_t)t * 1000);
	}
}

static void
text_has_the_digits_asked_for(void **state)
{
	char	 b[RFC3339_SIZE];

	(void)state;
	assert_string_equal(rfc3339_text(1795420862123, 0, b), "2026-11-23T08:01:02Z");
	assert_string_equal(rfc3339_text(1795420862123, 3, b), "2026-11-23T08:01:02.123Z");
	assert_string_equal(rfc3339_text(1795420862007, 3, b), "2026-11-23T08:01:02.007Z");
	assert_string_equal(rfc3339_api(1795420862999, b), "2026-11-23T08:01:02");
	assert_string_equal(rfc3339_day(1795420862999, b), "2026-11-23");
	assert_string_equal(rfc3339_text(-1, 3, b), "1969-12-31T23:59:59.999Z");
	assert_string_equal(rfc3339_day(-1, b), "1969-12-31");
}

static void
what_four_digits_cannot_say_becomes_the_nearest_time_they_can(void **state)
{
	char	 b[RFC3339_SIZE];

	(void)state;
	assert_string_equal(rfc3339_text(INT64_MAX, 3, b), "9999-12-31T23:59:59.999Z");
	assert_string_equal(rfc3339_text(INT64_MIN, 3, b), "0001-01-01T00:00:00.000Z");
	assert_string_equal(rfc3339_api(INT64_MAX, b), "9999-12-31T23:59:59");
	assert_string_equal(rfc3339_day(INT64_MIN, b), "0001-01-01");
}

static void
dates_of_http_are_read(void **state)
{
	(void)state;
	assert_true(http_date_parse("Mon, 23 Nov 2026 08:01:02 GMT") == 1795420862000);
	assert_true(http_date_parse("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
	assert_true(http_date_parse("Tue, 29 Feb 2028 23:59:59 GMT") == 1835481599000);
}

static void
other_dates_of_http_are_refused(void **state)
{
	static const char *const	 bad[] = { "", "Mon", "Mon, 23 Nov 2026 08:01:02 UTC", "Mon, 23 Nov 2026 08:01:02 GMT ",
	    "Mon, 23 nov 2026 08:01:02 GMT", "Mon, 23-Nov-2026 08:01:02 GMT", "Monday, 23-Nov-26 08:01:02 GMT",
	    "Mon Nov 23 08:01:02 2026", "Xxx, 23 Nov 2026 08:01:02 GMT", "Mon, 31 Nov 2026 08:01:02 GMT",
	    "Mon, 00 Nov 2026 08:01:02 GMT", "Mon, 23 Nov 2026 24:01:02 GMT", "Mon, 23 Nov 2026 08:61:02 GMT",
	    "Mon, 23 Xxx 2026 08:01:02 GMT", "Mon, 23 ovD 2026 08:01:02 GMT", "Mon, 3 Nov 2026 08:01:02 GMT" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (http_date_parse(bad[i]) != -1)
			fail_msg("taken for a date: \"%s\"", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(the_forms_that_microsoft_writes_are_read),
		cmocka_unit_test(whether_a_zone_was_written_is_told),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(every_cut_is_read_within_its_length),
		cmocka_unit_test(every_day_of_ten_thousand_years_agrees_with_the_libc),
		cmocka_unit_test(text_has_the_digits_asked_for),
		cmocka_unit_test(what_four_digits_cannot_say_becomes_the_nearest_time_they_can),
		cmocka_unit_test(dates_of_http_are_read),
		cmocka_unit_test(other_dates_of_http_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
