/* The token: asked for, renewed in time, dropped when it is refused, and never sent astray. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/counters.h"
#include "collect_world.h"

static void
write_file(const char *name, const char *text, mode_t mode)
{
	char	 path[100];
	FILE	*f;

	snprintf(path, sizeof(path), "%s/%s", world_dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
the_request_is_a_form_with_everything_encoded_and_goes_to_the_login_host(void **state)
{
	(void)state;
	world_run();
	assert_int_equal(asked(TOKEN), 1);
	assert_string_equal(last_ask(TOKEN)->url, "https://login.example/" WORLD_GUID "/oauth2/v2.0/token");
	assert_string_equal(last_ask(TOKEN)->body, "grant_type=client_credentials&client_id=app%20id&"
	    "scope=https%3A%2F%2Fmanage.example%2F.default&client_secret=s3cret%2F%2B%26");
	assert_null(strstr(last_ask(TOKEN)->headers, "Authorization"));
	assert_string_equal(last_ask(TOKEN)->method, "POST");
	assert_int_equal(last_ask(TOKEN)->deny_loopback, 1);
}

static void
a_token_is_renewed_five_minutes_before_its_end_and_serves_until_then(void **state)
{
	(void)state;
	world_run();
	fake_pass(53 * MINUTE);
	assert_int_equal(asked(TOKEN), 1);
	tenant_silent = 1 << TOKEN;
	fake_pass(4 * MINUTE);
	assert_int_equal(asked(TOKEN), 2);
	fake_pass(2 * MINUTE);			/* the old one still serves */
	assert_non_null(strstr(last_ask(LIST)->headers, "Bearer token-1\n"));
	assert_in_range(fake_mono_ms - last_ask(LIST)->at_ms, 0, 70000);
	tenant_silent = 0;
	fake_pass(2 * MINUTE);
	assert_non_null(strstr(last_ask(LIST)->headers, "Bearer token-2\n"));
	assert_int_equal(asked(TOKEN), 2);
}

static void
a_short_lived_token_is_renewed_at_half_its_life(void **state)
{
	(void)state;
	tenant_token_s = 120;
	world_run();
	fake_pass(40000);
	assert_int_equal(asked(TOKEN), 1);
	fake_pass(25000);
	assert_int_equal(asked(TOKEN), 2);
}

static void
a_life_that_no_number_holds_is_a_long_one(void **state)
{
	(void)state;
	tenant_token_s = INT64_MAX;
	world_run();
	fake_pass(2 * 60 * MINUTE);
	assert_int_equal(asked(TOKEN), 1);
	assert_non_null(strstr(world_status(), "\"state\":\"ok\""));
}

static void
an_expired_token_is_not_sent(void **state)
{
	unsigned	 n;

	(void)state;
	world_run();
	tenant_says(TOKEN, UINT_MAX, 503, "busy");
	fake_pass(61 * MINUTE);
	n = asked(LIST);
	fake_pass(10 * MINUTE);
	assert_int_equal(asked(LIST), n);
	assert_non_null(strstr(world_status(), "\"state\":\"trouble\",\"why\":\"HTTP 503"));
	tenant_says_no_more(TOKEN);
	fake_pass(3 * MINUTE);
	assert_true(asked(LIST) > n);
	assert_non_null(strstr(world_status(), "\"state\":\"ok\""));
}

/* One answer of the token endpoint: does it need a person, and what is said? */
static const struct {
	int		 status;
	const char	*body;
	enum http_fail	 fail;
	int		 refused;
	const char	*why;
} replies[] = {
	{ 401, "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret provided. Trace ID: 1\","
	    "\"error_codes\":[7000215]}", HTTP_OK, 1, "HTTP 401 invalid_client: AADSTS7000215: Invalid client secret provided. " },
	{ 400, "{\"error\":\"unauthorized_client\",\"error_description\":\"AADSTS700016: no such app\",\"error_codes\":[700016]}", HTTP_OK, 1, "AADSTS700016" },
	{ 400, "{\"error\":\"invalid_request\",\"error_description\":\"AADSTS90002: no such tenant\",\"error_codes\":[90002]}", HTTP_OK, 1, "AADSTS90002" },
	{ 400, "{\"error\":\"invalid_request\",\"error_codes\":[90033]}", HTTP_OK, 0, "HTTP 400" },
	{ 503, "{\"error\":\"temporarily_unavailable\"}", HTTP_OK, 0, "HTTP 503" },
	{ 400, "{\"error\":\"temporarily_unavailable\"}", HTTP_OK, 0, "temporarily_unavailable" },
	{ 429, "", HTTP_OK, 0, "HTTP 429" },
	{ 500, "<html>", HTTP_OK, 0, "HTTP 500" },
	{ 404, "<html>a proxy's page</html>", HTTP_OK, 0, "HTTP 404" },
	{ 302, "", HTTP_OK, 0, "HTTP 302" },
	{ 200, "<html>log in to the hotel</html>", HTTP_OK, 0, "proxy" },
	{ 200, "{\"access_token\":\"\",\"expires_in\":3600}", HTTP_OK, 0, "without a token" },
	{ 200, "{\"access_token\":\"a\\r\\nX: y\",\"expires_in\":3600}", HTTP_OK, 0, "without a token" },
	{ 200, "{\"access_token\":\"abc\",\"expires_in\":0}", HTTP_OK, 0, "without a token" },
	{ 200, "{\"access_token\":\"abc\"}", HTTP_OK, 0, "without a token" },
	{ 0, "", HTTP_DNS, 0, "dns" },
	{ 0, "", HTTP_TLS, 0, "tls" },
};

static void
every_answer_of_the_token_endpoint_has_one_outcome(void **state)
{
	char			 why[300];
	enum source_state	 is;

	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		if (i > 0)
			assert_int_equal(world_set_up(state), 0);
		tenant_replies(TOKEN, 1, (struct fake_reply){ .status = replies[i].status, .body = replies[i].body,
		    .fail = replies[i].fail });
		world_run();
		is = world_source->ops->state(world_source, why, sizeof(why));
		if (is != (replies[i].refused ? SOURCE_DENIED : SOURCE_TROUBLE) || strstr(why, replies[i].why) == NULL ||
		    strstr(why, "Trace") != NULL)
			fail_msg("%s: state %d, %s", replies[i].body, is, why);
		assert_int_equal(fake_n_asks, 1);
		fake_pass(1500);
		assert_int_equal(asked(TOKEN), replies[i].refused ? 1 : 2);
		fake_pass(MGMT_SLOW_MS);
		assert_int_equal(asked(TOKEN), 2);
		assert_int_equal(world_feed()->state, SOURCE_OK);
		assert_true(asked(LIST) > 0);
		if (i + 1 < sizeof(replies) / sizeof(replies[0]))
			assert_int_equal(world_tear_down(state), 0);
	}
}

static void
retry_after_is_heard(void **state)
{
	(void)state;
	tenant_replies(TOKEN, 1, (struct fake_reply){ .status = 429, .body = "", .retry_after_ms = 100000 });
	world_run();
	fake_pass(99000);
	assert_int_equal(asked(TOKEN), 1);
	fake_pass(3000);
	assert_int_equal(asked(TOKEN), 2);
}

static void
version_one_sends_seconds_as_text(void **state)
{
	(void)state;
	tenant_says(TOKEN, 1, 200, "{\"access_token\":\"one\",\"expires_in\":\"3599\"}");
	world_run();
	assert_non_null(strstr(last_ask(LIST)->headers, "Bearer one\n"));
}

static void
a_401_gets_one_new_token_and_then_growing_pauses(void **state)
{
	(void)state;
	world_run();
	fake_pass(5 * MINUTE);
	tenant_says(LIST, UINT_MAX, 401, "");
	tenant_says(SUBS, UINT_MAX, 401, "");
	fake_pass(66000);
	assert_in_range(asked(TOKEN), 2, 12);		/* at once, and then not in a circle */
	fake_pass(60 * MINUTE);
	assert_in_range(asked(TOKEN), 4, 40);
	assert_int_equal(world_source->ops->state(world_source, (char[300]){ 0 }, 300), SOURCE_TROUBLE);
	tenant_says_no_more(LIST);
	tenant_says_no_more(SUBS);
	fake_pass(16 * MINUTE);
	assert_int_equal(world_feed()->state, SOURCE_OK);
}

static void
two_refusals_of_one_token_ask_for_one_new_one(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		tenant_blob(world_start_ms - 60 * MINUTE, tenant_records(1), 0);
	tenant_says(BLOB, 4, 401, "");
	world_run();
	fake_turn();
	assert_int_equal(asked(TOKEN), 2);
	assert_int_equal(world_stored(), 4);
	assert_int_equal(counter_sum(C_BLOBS_FAILED), 0);
}

static void
a_missing_role_gets_a_new_token_when_the_old_one_is_a_minute_old(void **state)
{
	(void)state;
	tenant_says(LIST, 1, 403, "{\"error\":{\"code\":\"AF10001\",\"message\":\"x\"}}");
	world_run();
	fake_pass(MINUTE);
	assert_int_equal(asked(TOKEN), 1);		/* a young one: another would say the same */
	tenant_says(LIST, 1, 403, "{\"error\":{\"code\":\"AF10001\",\"message\":\"x\"}}");
	fake_pass(15 * MINUTE);				/* the slow retry: the token is old now, consent may have come */
	assert_int_equal(asked(TOKEN), 2);
	fake_pass(16 * MINUTE);
	assert_int_equal(world_feed()->state, SOURCE_OK);
	assert_non_null(strstr(last_ask(LIST)->headers, "Bearer token-2\n"));
}

static void
a_new_secret_is_seen_within_half_a_minute(void **state)
{
	(void)state;
	tenant_says(TOKEN, UINT_MAX, 401, "{\"error\":\"invalid_client\",\"error_codes\":[7000222]}");
	world_run();
	fake_pass(5 * MINUTE);
	assert_int_equal(asked(TOKEN), 1);
	write_file("secret", "other\n", 0600);
	tenant_says_no_more(TOKEN);
	fake_pass(31000);
	assert_int_equal(asked(TOKEN), 2);
	assert_non_null(strstr(last_ask(TOKEN)->body, "client_secret=other"));
	assert_int_equal(world_feed()->state, SOURCE_OK);
}

static void
a_secret_that_others_can_read_is_refused_and_a_kick_looks_again(void **state)
{
	char	 why[300];

	(void)state;
	write_file("secret", "s\n", 0644);
	world_run();
	assert_int_equal(fake_n_asks, 0);
	assert_int_equal(world_source->ops->state(world_source, why, sizeof(why)), SOURCE_DENIED);
	assert_non_null(strstr(why, "others"));
	write_file("secret", "s\n", 0600);
	world_source->ops->kick(world_source);
	fake_turn();
	assert_int_equal(asked(TOKEN), 1);
	assert_true(asked(LIST) > 0);
}

#define SLASHES	"////////////////"
#define HUNDREDS SLASHES SLASHES SLASHES SLASHES SLASHES SLASHES SLASHES SLASHES SLASHES SLASHES SLASHES SLASHES SLASHES
#define ENCODED	"%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F"

/* Also in what was freed. A sanitizer's heap lies elsewhere. */
static int
heap_has(const char *word)
{
	static char	 all[32 << 20];		/* not in the heap itself */
	FILE		*maps = fopen("/proc/self/maps", "r");
	int		 mem = open("/proc/self/mem", O_RDONLY), has = 0;
	unsigned long	 from, to;
	char		 line[400];

	assert_non_null(maps);
	assert_true(mem >= 0);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (strstr(line, "[heap]") == NULL || sscanf(line, "%lx-%lx", &from, &to) != 2)
			continue;
		assert_true(to - from <= sizeof(all));
		assert_int_equal(pread(mem, all, to - from, (off_t)from), to - from);
		has |= memmem(all, to - from, word, strlen(word)) != NULL;
	}
	fclose(maps);
	close(mem);
	return has;
}

static void
what_was_sent_for_a_token_stays_in_no_memory(void **state)
{
	(void)state;
	tenant_silent = 1 << TOKEN;
	write_file("secret", HUNDREDS HUNDREDS "\n", 0600);
	world_run();
	assert_int_equal(fake_n_asks, 1);
	assert_non_null(strstr(fake_asks[0].body, "client_secret=" ENCODED ENCODED ENCODED ENCODED));
	explicit_bzero(fake_asks[0].body, sizeof(fake_asks[0].body));	/* the only other copy is of the fake */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
	assert_true(heap_has(ENCODED));
#endif
	tenant_silent = 0;
	fake_turn();
	assert_int_equal(world_feed()->state, SOURCE_OK);
	assert_false(heap_has(ENCODED));
}

static void
a_stop_in_the_middle_aborts_it(void **state)
{
	(void)state;
	tenant_silent = 1 << TOKEN;
	world_run();
	assert_int_equal(fake_in_flight(), 1);
	world_source->ops->stop(world_source);
	assert_int_equal(fake_in_flight(), 0);
	world_close();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
#define STORY(f) cmocka_unit_test_setup_teardown(f, world_set_up, world_tear_down)
		STORY(the_request_is_a_form_with_everything_encoded_and_goes_to_the_login_host),
		STORY(a_token_is_renewed_five_minutes_before_its_end_and_serves_until_then),
		STORY(a_short_lived_token_is_renewed_at_half_its_life),
		STORY(a_life_that_no_number_holds_is_a_long_one),
		STORY(an_expired_token_is_not_sent),
		STORY(every_answer_of_the_token_endpoint_has_one_outcome),
		STORY(retry_after_is_heard),
		STORY(version_one_sends_seconds_as_text),
		STORY(a_401_gets_one_new_token_and_then_growing_pauses),
		STORY(two_refusals_of_one_token_ask_for_one_new_one),
		STORY(a_missing_role_gets_a_new_token_when_the_old_one_is_a_minute_old),
		STORY(a_new_secret_is_seen_within_half_a_minute),
		STORY(a_secret_that_others_can_read_is_refused_and_a_kick_looks_again),
		STORY(what_was_sent_for_a_token_stays_in_no_memory),
		STORY(a_stop_in_the_middle_aborts_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
