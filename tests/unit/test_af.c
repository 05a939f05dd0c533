/* What an answer of the Management API means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "collect/af.h"

static const struct {
	int		 status;
	const char	*body;
	enum af_class	 class;
	const char	*code;
} answers[] = {
	{ 200, "[]",								AF_FINE,	"200" },
	{ 400, "{\"error\":{\"code\":\"AF20024\",\"message\":\"The subscription is already enabled. No property change.\"}}", AF_FINE, "AF20024" },
	{ 400, "{\"error\":{\"code\":\"AF20022\",\"message\":\"x\"}}",		AF_NOT_SUBSCRIBED, "AF20022" },
	{ 404, "{\"error\":{\"code\":\"AF20022\",\"message\":\"x\"}}",		AF_NOT_SUBSCRIBED, "AF20022" },
	{ 400, "{\"error\":{\"code\":\"AF20023\",\"message\":\"x\"}}",		AF_DISABLED,	"AF20023" },
	{ 403, "{'error':{'code':'AF429','message':'Too many requests. Method=GetBlob, PublisherId=0'}}", AF_THROTTLED, "AF429" },
	{ 403, "{\"error\":{\"code\":\"AF10001\",\"message\":\"lacks\"}}",	AF_PERMISSION,	"AF10001" },
	{ 401, "{\"error\":{\"code\":\"AF10001\",\"message\":\"lacks\"}}",	AF_PERMISSION,	"AF10001" },
	{ 401, "",								AF_TOKEN,	"401" },
	{ 401, "{\"error\":{\"code\":\"AF20401\",\"message\":\"a code that nobody knows\"}}", AF_TOKEN, "AF20401" },
	{ 403, "<html>Access denied</html>",					AF_STRANGE,	"403" },
	{ 429, "",								AF_THROTTLED,	"429" },
	{ 500, "{'error':{'code':'AF50000','message':'An internal error'}}",	AF_AGAIN,	"AF50000" },
	{ 500, "AF59999 something new",						AF_AGAIN,	"AF59999" },
	{ 503, "<html>Service unavailable</html>",				AF_AGAIN,	"503" },
	{ 408, "",								AF_AGAIN,	"408" },
	{ 400, "{\"error\":{\"code\":\"AF20030\",\"message\":\"x\"}}",		AF_TOO_OLD,	"AF20030" },
	{ 400, "{\"error\":{\"code\":\"AF20055\",\"message\":\"x\"}}",		AF_TOO_OLD,	"AF20055" },
	{ 400, "{\"error\":{\"code\":\"AF20031\",\"message\":\"x\"}}",		AF_BAD_PAGE,	"AF20031" },
	{ 404, "{\"error\":{\"code\":\"AF20050\",\"message\":\"x\"}}",		AF_NO_CONTENT,	"AF20050" },
	{ 410, "{\"error\":{\"code\":\"AF20051\",\"message\":\"x\"}}",		AF_EXPIRED,	"AF20051" },
	{ 400, "{\"error\":{\"code\":\"AF20010\",\"message\":\"x\"}}",		AF_CONFIG,	"AF20010" },
	{ 400, "{\"error\":{\"code\":\"AF77777\",\"message\":\"x\"}}",		AF_STRANGE,	"AF77777" },
	{ 200, "{\"error\":{\"code\":\"AF20051\",\"message\":\"x\"}}",		AF_EXPIRED,	"AF20051" },
	/* A list is no error, whatever its ids look like: a tenant in capitals whose GUID begins so. */
	{ 200, "[{\"contentUri\":\"https://manage.office.com/api/v1.0/AF123456-2222-3333-4444-555555555555/activity\"}]", AF_FINE, "200" },
	{ 200, "\xef\xbb\xbf\r\n [{\"contentId\":\"1$AF0030$2\"}]",		AF_FINE,	"200" },
	{ 200, "\x1f\x8b\b compressed -AF429- by chance",			AF_FINE,	"200" },
	{ 0, "[{'code':'AF429'}]",						AF_THROTTLED,	"AF429" },
	{ 302, "",								AF_STRANGE,	"302" },
	{ 500, "see KAF123456 and AF12 for more",				AF_AGAIN,	"500" },
};

static void
the_code_decides_and_not_the_status(void **state)
{
	struct af	 af;

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		af_judge(answers[i].status, answers[i].body, strlen(answers[i].body), &af);
		if (af.class != answers[i].class || strcmp(af.code, answers[i].code) != 0)
			fail_msg("%d %s: class %s code %s", answers[i].status, answers[i].body, af_class_name(af.class), af.code);
	}
}

static void
the_message_is_one_line(void **state)
{
	struct af	 af;
	const char	*body = "{\"error\":{\"code\":\"AF20012\",\"message\":\"first\\nsecond\\u001b[31m\"}}";

	(void)state;
	af_judge(400, body, strlen(body), &af);
	assert_string_equal(af.message, "first second [31m");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_code_decides_and_not_the_status),
		cmocka_unit_test(the_message_is_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
