/*
 * judge: what a Bulk answer means, record by record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "deliver/judge.h"

#define MANY 4

const char *
http_fail_name(enum http_fail fail)	/* instead of net/httpc */
{
	return fail == HTTP_TIMEOUT ? "timeout" : "other";
}

static struct parcel_item	items[MANY];
static struct parcel		parcel;

static void
start(size_t n)
{
	size_t	 i;

	for (i = 0; i < MANY; i++) {
		free(items[i].reason);
		free(items[i].reply);
	}
	memset(items, 0, sizeof(items));
	parcel = (struct parcel){ .items = items, .n = n };
}

static void
answer(size_t n, int status, const char *body)
{
	start(n);
	judge_bulk(&(struct judge_answer){ .status = status, .body = body, .len = strlen(body), .retry_after_ms = -1 },
	    &parcel);
}

static void
answer_item(int status, const char *type, const char *reason)
{
	char	*body = xasprintf("{\"errors\":true,\"items\":[{\"create\":{\"status\":%d,\"error\":{\"type\":\"%s\","
		    "\"reason\":\"%s\"}}}]}", status, type, reason);

	answer(1, 200, body);
	free(body);
}

static void
all(enum verdict v)
{
	size_t	 i;

	for (i = 0; i < parcel.n; i++)
		assert_int_equal(items[i].verdict, v);
}

/* ---- the whole answer --------------------------------------------------------------------------------------------- */

static void
a_status_that_is_no_success_is_one_verdict_for_all(void **state)
{
	static const struct {
		int		 status;
		enum verdict	 verdict;
		int		 throttled, fresh, too_large, permission;
	} rows[] = {
		{ 301, V_AGAIN, 0, 0, 0, 0 },	{ 302, V_AGAIN, 0, 0, 0, 0 },
		{ 400, V_SPLIT, 0, 0, 0, 0 },	{ 401, V_HOLD, 0, 0, 0, 1 },
		{ 403, V_HOLD, 0, 0, 0, 1 },	{ 404, V_HOLD, 0, 0, 0, 0 },
		{ 405, V_AGAIN, 0, 0, 0, 0 },	{ 408, V_AGAIN, 1, 1, 0, 0 },
		{ 413, V_SPLIT, 0, 0, 1, 0 },	{ 415, V_HOLD, 0, 0, 0, 0 },
		{ 429, V_AGAIN, 1, 1, 0, 0 },	{ 500, V_AGAIN, 1, 1, 0, 0 },
		{ 502, V_AGAIN, 1, 1, 0, 0 },	{ 503, V_AGAIN, 1, 1, 0, 0 },
		{ 504, V_AGAIN, 1, 1, 0, 0 },	{ 100, V_AGAIN, 0, 0, 0, 0 },
		{ 0, V_AGAIN, 0, 0, 0, 0 },	{ 7777, V_AGAIN, 0, 0, 0, 0 },
		{ -1, V_AGAIN, 0, 0, 0, 0 },
	};
	char	 code[16];
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		answer(2, rows[i].status, "");
		all(rows[i].verdict);
		assert_int_equal(parcel.throttled, rows[i].throttled);
		assert_int_equal(parcel.fresh, rows[i].fresh);
		assert_int_equal(parcel.too_large, rows[i].too_large);
		assert_int_equal(parcel.permission, rows[i].permission);
		assert_true(strlen(parcel.why) > 0);
		snprintf(code, sizeof(code), "%d", rows[i].status);
		assert_string_equal(parcel.code, code);
	}
}

static void
what_is_refused_alone_is_poison_with_the_reply(void **state)
{
	(void)state;
	answer(1, 413, "");
	all(V_POISON);
	assert_string_equal(items[0].word, "too-large");
	assert_string_equal(items[0].reason, "too-large: HTTP 413");
	answer(1, 400, "{\"error\":{\"type\":\"action_request_validation_exception\",\"reason\":\"id is too long\"}}");
	all(V_POISON);
	assert_string_equal(items[0].reason,
	    "request-refused: HTTP 400: action_request_validation_exception: id is too long");
	assert_non_null(strstr(items[0].reply, "id is too long"));
}

static void
a_refusal_of_the_configuration_holds_and_splits_nothing(void **state)
{
	(void)state;
	answer(2, 400, "{\"error\":{\"type\":\"illegal_argument_exception\",\"reason\":"
	    "\"request [/_bulk] contains unrecognized parameter: [x]\"},\"status\":400}");
	all(V_HOLD);
	assert_non_null(strstr(parcel.why, "unrecognized parameter"));
	answer(1, 400, "{\"error\":{\"type\":\"security_exception\",\"reason\":\"no\"}}");
	all(V_HOLD);
	assert_int_equal(parcel.permission, 1);
}

static void
html_is_named_as_what_it_is(void **state)
{
	(void)state;
	answer(2, 200, "<html>Kibana</html>");
	all(V_AGAIN);
	assert_string_equal(parcel.why, "HTTP 200, answered HTML: a proxy, a login page or Kibana stands there");
	answer(2, 502, "<html>bad gateway</html>");
	assert_string_equal(parcel.why, "HTTP 502, answered HTML: a proxy, a login page or Kibana stands there");
	start(2);
	judge_bulk(&(struct judge_answer){ .status = 200, .content_type = "text/html; charset=utf-8", .body = "hi",
	    .len = 2, .retry_after_ms = -1 }, &parcel);
	assert_string_equal(parcel.why, "HTTP 200, answered HTML: a proxy, a login page or Kibana stands there");
	answer(2, 302, "");
	assert_non_null(strstr(parcel.why, "redirect"));
	answer(2, 400, "<html>The plain HTTP request was sent to HTTPS port</html>");	/* smaller, and in the end that is no record's fault */
	all(V_SPLIT);
	assert_int_equal(parcel.fresh, 1);
	answer(1, 400, "<html>The plain HTTP request was sent to HTTPS port</html>");
	all(V_AGAIN);
	assert_string_equal(parcel.why, "HTTP 400, answered HTML: a proxy, a login page or Kibana stands there");
	assert_int_equal(items[0].suspect, SUSPECT_ALONE);
	answer(1, 413, "<html>too large</html>");
	all(V_POISON);
}

static void
no_answer_means_again_and_a_reply_that_is_too_big_means_smaller(void **state)
{
	int	 fail;

	(void)state;
	for (fail = HTTP_DNS; fail <= HTTP_OTHER; fail++) {
		start(3);
		judge_fail((enum http_fail)fail, "it broke", &parcel);
		all(fail == HTTP_TOO_BIG ? V_SPLIT : V_AGAIN);
		assert_string_equal(parcel.why, "it broke");
		assert_int_equal(parcel.fresh, 1);
		assert_int_equal(parcel.retry_after_ms, -1);
	}
	start(1);
	judge_fail(HTTP_TOO_BIG, "", &parcel);
	all(V_AGAIN);
}

static void
retry_after_is_handed_on(void **state)
{
	(void)state;
	start(1);
	judge_bulk(&(struct judge_answer){ .status = 503, .body = "", .retry_after_ms = 7000 }, &parcel);
	assert_int_equal(parcel.retry_after_ms, 7000);
}

/* ---- items -------------------------------------------------------------------------------------------------------- */

static void
every_item_has_its_own_verdict(void **state)
{
	(void)state;
	answer(4, 200, "{\"took\":3, \"errors\" : true, \"items\" : [ {\"create\":{\"_id\":\"a\",\"status\":201}},"
	    "{\"create\":{\"status\":409,\"error\":{\"type\":\"version_conflict_engine_exception\",\"reason\":\"is there\"}}},"
	    "{\"create\":{\"status\":429,\"error\":{\"type\":\"es_rejected_execution_exception\",\"reason\":\"queue\"}}},"
	    "{\"create\":{\"status\":400,\"error\":{\"type\":\"document_parsing_exception\",\"reason\":\"no date\"}}}]}");
	assert_int_equal(items[0].verdict, V_DELIVERED);
	assert_int_equal(items[1].verdict, V_DUPLICATE);
	assert_int_equal(items[2].verdict, V_AGAIN);
	assert_int_equal(items[3].verdict, V_POISON);
	assert_string_equal(items[3].reason, "document_parsing_exception: no date");
	assert_string_equal(items[3].word, "document_parsing_exception");
	assert_string_equal(items[3].reply,
	    "{\"create\":{\"status\":400,\"error\":{\"type\":\"document_parsing_exception\",\"reason\":\"no date\"}}}");
	assert_int_equal(parcel.throttled, 1);
	assert_int_equal(parcel.fresh, 0);
	assert_string_equal(parcel.why, "item 429: es_rejected_execution_exception");
}

static void
an_item_is_judged_by_status_and_type(void **state)
{
	static const struct {
		int		 status;
		const char	*type, *reason;
		enum verdict	 verdict;
	} rows[] = {
		{ 409, "version_conflict_engine_exception", "x", V_DUPLICATE },
		{ 409, "document_already_exists_exception", "x", V_DUPLICATE },	/* before there was the other one */
		{ 409, "", "", V_DUPLICATE },
		{ 409, "index_primary_shard_not_allocated_exception", "x", V_AGAIN },	/* nothing was taken */
		{ 409, "resource_already_exists_exception", "x", V_AGAIN },
		{ 429, "es_rejected_execution_exception", "x", V_AGAIN },
		{ 429, "", "", V_AGAIN },
		{ 429, "something_new", "x", V_AGAIN },
		{ 429, "circuit_breaking_exception", "x", V_AGAIN },
		{ 429, "cluster_block_exception", "disk usage exceeded flood-stage watermark", V_HOLD },
		{ 403, "cluster_block_exception", "read-only", V_HOLD },
		{ 403, "security_exception", "unauthorized", V_HOLD },
		{ 401, "anything", "x", V_HOLD },
		{ 404, "index_not_found_exception", "no such index [logs-x]", V_HOLD },
		{ 402, "", "", V_HOLD },
		{ 405, "status_exception", "writes are not allowed here", V_HOLD },
		{ 405, "", "", V_HOLD },
		{ 410, "status_exception", "this index is gone", V_HOLD },
		{ 423, "status_exception", "locked", V_HOLD },
		{ 424, "", "", V_HOLD },
		{ 423, "circuit_breaking_exception", "x", V_AGAIN },
		{ 400, "index_closed_exception", "closed", V_HOLD },
		{ 400, "invalid_index_name_exception", "must be lowercase", V_HOLD },
		{ 400, "validation_exception", "this action would add [2] shards", V_HOLD },
		{ 400, "illegal_argument_exception", "pipeline with id [x] does not exist", V_HOLD },
		{ 400, "illegal_argument_exception", "no write index is defined for alias [logs]", V_HOLD },
		{ 400, "illegal_argument_exception", "Limit of total fields [1000] has been exceeded", V_POISON },
		{ 400, "mapper_parsing_exception", "failed to parse", V_POISON },
		{ 400, "document_parsing_exception", "failed to parse", V_POISON },
		{ 400, "something_new", "x", V_POISON },
		{ 400, "es_rejected_execution_exception", "x", V_AGAIN },
		{ 422, "x", "x", V_POISON },
		{ 408, "x", "x", V_AGAIN },
		{ 500, "exception", "x", V_AGAIN },
		{ 502, "x", "x", V_AGAIN },
		{ 503, "unavailable_shards_exception", "x", V_AGAIN },
		{ 504, "x", "x", V_AGAIN },
		{ 302, "x", "x", V_AGAIN },
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		answer_item(rows[i].status, rows[i].type, rows[i].reason);
		if (items[0].verdict != rows[i].verdict)
			print_error("%d %s\n", rows[i].status, rows[i].type);
		all(rows[i].verdict);
		assert_int_equal(items[0].suspect, rows[i].status == 500 || (rows[i].status == 409 && rows[i].verdict == V_AGAIN));
		assert_int_equal(items[0].reason != NULL, rows[i].verdict == V_POISON);
	}
}

static void
the_failure_store_counts_as_delivered(void **state)
{
	(void)state;
	answer(3, 200, "{\"errors\":false,\"items\":[{\"create\":{\"status\":201,\"failure_store\":\"used\"}},"
	    "{\"create\":{\"status\":201,\"failure_store\":\"not_enabled\"}},{\"create\":{\"status\":201}}]}");
	all(V_DELIVERED);
	assert_int_equal(parcel.redirected, 1);
}

static void
a_reply_that_does_not_speak_of_every_record_says_nothing(void **state)
{
	static const char *const replies[] = {
		"",
		"   ",
		"{",
		"null",
		"[]",
		"\"items\"",
		"{\"errors\":false}",
		"{\"errors\":false,\"items\":{}}",
		"{\"errors\":false,\"items\":[]}",
		"{\"errors\":false,\"items\":[{\"create\":{\"status\":201}}]}",				/* one of two */
		"{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}},{\"create\":{\"status\":201}}]}",
		"{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}}]",		/* cut */
		"{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":201}}]} x",
		"{\"items\":[{\"create\":{\"status\":201}},{\"create\":{}}]}",
		"{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":\"201\"}}]}",
		"{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":2.1}}]}",
		"{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":-20}}]}",
		"{\"items\":[{\"create\":{\"status\":201}},{\"create\":{\"status\":12345}}]}",
		"{\"items\":[{\"create\":{\"status\":201}},{\"create\":201}]}",
		"{\"items\":[{\"create\":{\"status\":201}},{}]}",
		"{\"items\":[{\"create\":{\"status\":201}},null]}",
		"{\"items\":[{\"create\":{\"status\":400,\"error\":{\"type\":\"document_parsing_exception\"}}},null]}",
		"{\"items\":[{\"create\":{\"status\":500}},null]}",
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		answer(2, 200, replies[i]);
		all(V_AGAIN);
		assert_true(strlen(parcel.why) > 0);
		assert_null(items[0].reason);
		assert_int_equal(items[0].suspect, 0);
		assert_int_equal(parcel.redirected, 0);
		assert_int_equal(parcel.fresh, 1);
	}
}

static void
what_comes_from_outside_is_cut_and_makes_no_new_label(void **state)
{
	char	 reason[9001], *body;

	(void)state;
	memset(reason, 'x', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	memcpy(reason + 998, "\xc3\xa4\xc3\xa4\xc3\xa4", 6);
	body = xasprintf("{\"items\":[{\"create\":{\"status\":400,\"error\":{\"type\":\"t\",\"reason\":\"%s\"}}}]}", reason);
	answer(1, 200, body);
	free(body);
	all(V_POISON);
	assert_true(strlen(items[0].reason) <= JUDGE_REASON_MAX);
	assert_int_not_equal((unsigned char)items[0].reason[strlen(items[0].reason) - 1], 0xc3);
	assert_int_equal(strlen(items[0].reply), JUDGE_REPLY_MAX);
	assert_string_equal(items[0].word, "other");
}

static void
only_the_reason_of_a_hold_is_told(void **state)
{
	(void)state;
	answer_item(404, "index_not_found_exception", "no such index [logs-o365.audit-default]");
	assert_string_equal(parcel.why, "item 404: index_not_found_exception: no such index [logs-o365.audit-default]");
	answer_item(500, "exception", "could not store {secret thing}");
	assert_null(strstr(parcel.why, "secret"));
	answer(2, 400, "{\"error\":{\"type\":\"parse_exception\",\"reason\":\"at {secret thing}\"}}");
	assert_null(strstr(parcel.why, "secret"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_status_that_is_no_success_is_one_verdict_for_all),
		cmocka_unit_test(what_is_refused_alone_is_poison_with_the_reply),
		cmocka_unit_test(a_refusal_of_the_configuration_holds_and_splits_nothing),
		cmocka_unit_test(html_is_named_as_what_it_is),
		cmocka_unit_test(no_answer_means_again_and_a_reply_that_is_too_big_means_smaller),
		cmocka_unit_test(retry_after_is_handed_on),
		cmocka_unit_test(every_item_has_its_own_verdict),
		cmocka_unit_test(an_item_is_judged_by_status_and_type),
		cmocka_unit_test(the_failure_store_counts_as_delivered),
		cmocka_unit_test(a_reply_that_does_not_speak_of_every_record_says_nothing),
		cmocka_unit_test(what_comes_from_outside_is_cut_and_makes_no_new_label),
		cmocka_unit_test(only_the_reason_of_a_hold_is_told),
	};
	int	 rc = cmocka_run_group_tests(tests, NULL, NULL);

	start(0);
	return rc;
}
