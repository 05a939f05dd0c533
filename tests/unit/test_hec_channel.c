/*
 * deliver/hec_channel: a balancer's cookies, and channels' names.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/backoff.h"
#include "deliver/hec_channel.h"

static void
a_jar_holds_what_came_last(void **state)
{
	static const struct {
		const char	*came;		/* NULL: no such header */
		int		 changed;
		const char	*jar;		/* after it, in turn */
	} rows[] = {
		{ NULL, 0, "" },
		{ "a=1; Path=/; HttpOnly", 0, "a=1" },
		{ "a=1", 0, "a=1" },
		{ "b=2\nc=3; Secure", 0, "a=1; b=2; c=3" },
		{ "b=22; Max-Age=600", 1, "a=1; c=3; b=22" },
		{ "a=", 1, "c=3; b=22; a=" },
		{ "c=x=y==", 1, "b=22; a=; c=x=y==" },
		{ "AWSALB=old", 0, "b=22; a=; c=x=y==; AWSALB=old" },
		{ "AWSALB=new; Expires=Mon, 07 Dec 2026 15:00:00 GMT\nAWSALBCORS=new", 0, "b=22; a=; c=x=y==; AWSALB=new; AWSALBCORS=new" },
		{ "b=0; max-age=0", 1, "a=; c=x=y==; AWSALB=new; AWSALBCORS=new" },
		{ "AWSALBCORS=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", 0, "a=; c=x=y==; AWSALB=new" },
		{ "a=; Max-Age=0\nc=; Max-Age=0\nAWSALB=; Max-Age=0", 1, "" },
		/* what would not be sound in a request */
		{ "novalue", 0, "" },
		{ "=x", 0, "" },
		{ "; a=1", 0, "" },
		{ "a=1 2", 0, "" },
		{ "a=1,2", 0, "" },
		{ "a=1\tb", 0, "" },
		{ "a=\xc3\xa9", 0, "" },
		{ "\n\n", 0, "" },
		{ "d=1   ; x", 0, "d=1" },
		{ "dd=2", 0, "d=1; dd=2" },
		{ "d=3", 1, "dd=2; d=3" },
	};
	struct buf	 jar = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int	 changed = hec_cookies(&jar, rows[i].came);

		if (changed != rows[i].changed || strcmp(buf_str(&jar), rows[i].jar) != 0)
			fail_msg("row %zu: changed=%d jar=%s", i, changed, buf_str(&jar));
	}
	buf_clear(&jar);
}

/* Whatever a balancer says, the jar stays small and is a header that can be sent. */
static void
no_header_makes_a_jar_that_is_none(void **state)
{
	static const char	 alphabet[] = "ab=; ,\n\r\t\"ALBWS019-gMmaxe\x7f\xc3";
	struct buf		 jar = { 0 };
	char			 text[64];

	(void)state;
	for (int round = 0; round < 200000; round++) {
		size_t	 n = rnd() % sizeof(text);

		for (size_t i = 0; i < n; i++)
			text[i] = alphabet[rnd() % (sizeof(alphabet) - 1)];
		text[n < sizeof(text) ? n : sizeof(text) - 1] = '\0';
		hec_cookies(&jar, text);
		assert_true(jar.len <= 4200);
		for (size_t i = 0; i < jar.len; i++)
			if (jar.bytes[i] < ' ' || jar.bytes[i] >= 0x7f)
				fail_msg("0x%02x in the jar after %s", (unsigned char)jar.bytes[i], text);
	}
	buf_clear(&jar);
}

static void
a_channel_is_a_guid_of_its_own(void **state)
{
	char	 a[37], b[37];

	(void)state;
	for (int round = 0; round < 1000; round++) {
		hec_guid(a);
		hec_guid(b);
		assert_int_equal(strlen(a), 36);
		for (int i = 0; i < 36; i++)
			assert_true(i == 8 || i == 13 || i == 18 || i == 23 ? a[i] == '-' : isxdigit((unsigned char)a[i]));
		assert_int_equal(a[14], '4');
		assert_non_null(strchr("89ab", a[19]));
		assert_string_not_equal(a, b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_jar_holds_what_came_last),
		cmocka_unit_test(no_header_makes_a_jar_that_is_none),
		cmocka_unit_test(a_channel_is_a_guid_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
