/*
 * deliver/judge_hec: one verdict per record, code by code.
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
#include "deliver/judge_hec.h"

#define N 6

static struct parcel_item	 items[N];
static struct parcel		 parcel;
static struct hec_said		 said;

static void
clear(void)
{
	for (size_t i = 0; i < N; i++) {
		free(items[i].reason);
		free(items[i].reply);
	}
	memset(items, 0, sizeof(items));
}

/* What became of a parcel of n records, as letters: Delivered, Again, Unread, Split, Poison, Hold. Beforehand are poison: poisoned. */
static const char *
verdicts(int status, const char *body, size_t n, const char *poisoned, const struct hec_past *past)
{
	static const char	 letters[] = { [V_NONE] = '-', [V_DELIVERED] = 'D', [V_AGAIN] = 'A', [V_UNREAD] = 'U', [V_SPLIT] = 'S',
		    [V_POISON] = 'P', [V_HOLD] = 'H' };
	static const struct hec_past none;
	static char		 text[N + 1];

	clear();
	parcel = (struct parcel){ .items = items, .n = n, .retry_after_ms = -1 };
	for (size_t i = 0; i < n; i++)
		if (poisoned != NULL && strchr(poisoned, '0' + (int)i) != NULL)
			items[i].verdict = V_POISON;
	judge_hec(&(struct judge_answer){ .status = status, .content_type = NULL, .body = body, .len = strlen(body),
	    .retry_after_ms = 7000 }, "https://s.example:8000/en-US/login?token=geheim", past != NULL ? past : &none, &parcel, &said);
	for (size_t i = 0; i < n; i++)
		text[i] = letters[items[i].verdict];
	text[n] = '\0';
	return text;
}

#define BODY(code) "{\"text\":\"x\",\"code\":" #code "}"
#define BODY_AT(code, n) "{\"text\":\"x\",\"code\":" #code ",\"invalid-event-number\":" #n "}"

static const struct {
	int		 status;
	const char	*body;
	const char	*wanted;	/* of four records */
	const char	*flags;		/* Throttled, Fresh, Permission, tooLarge */
	const char	*why;		/* a part of it */
} rows[] = {
	/* every code there is, as Splunk sends it */
	{ 200, BODY(0), "DDDD", "", "" },
	{ 403, BODY(1), "HHHH", "P", "token is disabled" },
	{ 401, BODY(2), "HHHH", "P", "no token arrived" },
	{ 401, BODY(3), "HHHH", "P", "Authorization header is not understood" },
	{ 403, BODY(4), "HHHH", "P", "token is not known" },
	{ 400, BODY(5), "SSSS", "", "no data" },
	{ 400, BODY_AT(6, 1), "DPUU", "", "invalid data format" },
	{ 400, BODY_AT(6, 0), "PUUU", "", "invalid data format" },
	{ 400, BODY_AT(6, 3), "DDDP", "", "invalid data format" },
	{ 400, BODY(6), "SSSS", "", "invalid data format" },
	{ 400, BODY_AT(6, 4), "SSSS", "", "" },			/* there is no fifth */
	{ 400, BODY_AT(6, 99), "SSSS", "", "" },
	{ 400, BODY_AT(6, -1), "SSSS", "", "" },
	{ 400, BODY_AT(6, 1.5), "SSSS", "", "" },
	{ 400, BODY_AT(6, "1"), "SSSS", "", "" },
	{ 400, BODY_AT(7, 3), "DDHH", "", "index" },		/* the number names the one behind */
	{ 400, BODY_AT(7, 1), "HHHH", "", "index" },
	{ 400, BODY_AT(7, 4), "DDDH", "", "index" },
	{ 400, BODY_AT(7, 0), "HHHH", "", "index" },
	{ 400, BODY_AT(7, 5), "HHHH", "", "index" },
	{ 400, BODY(7), "HHHH", "", "index" },
	{ 500, BODY(8), "AAAA", "TF", "internal error" },
	{ 503, BODY(9), "AAAA", "TF", "busy" },
	{ 503, BODY_AT(9, 0), "AAAA", "TF", "busy" },
	{ 503, BODY_AT(9, 3), "DDDA", "TF", "busy" },
	{ 503, BODY_AT(9, 4), "AAAA", "TF", "busy" },
	{ 400, BODY(10), "HHHH", "", "channel is missing" },
	{ 400, BODY(11), "HHHH", "", "channel is not understood" },
	{ 400, BODY_AT(12, 2), "DDPU", "", "required" },
	{ 400, BODY_AT(13, 2), "DDPU", "", "blank" },
	{ 400, BODY(14), "HHHH", "", "disabled" },
	{ 400, BODY_AT(15, 0), "PUUU", "", "indexed fields" },
	{ 400, BODY(16), "HHHH", "P", "query" },
	{ 200, BODY(17), "AAAA", "F", "something else" },
	{ 503, BODY(18), "AAAA", "TF", "unhealthy" },
	{ 503, BODY(19), "AAAA", "TF", "unhealthy" },
	{ 503, BODY(20), "AAAA", "TF", "unhealthy" },
	{ 400, BODY(21), "HHHH", "P", "token is not known" },
	{ 400, BODY(22), "HHHH", "P", "token is disabled" },
	{ 503, BODY(23), "AAAA", "F", "shutting down" },
	{ 200, BODY(24), "DDDD", "T", "accepted" },
	{ 200, BODY(25), "DDDD", "T", "accepted" },
	{ 429, BODY(26), "AAAA", "TF", "full" },
	{ 429, BODY(27), "AAAA", "TF", "full" },
	{ 400, BODY(28), "HHHH", "", "sticky sessions" },
	/* codes of later versions: the status tells, the number still counts */
	{ 503, BODY(29), "AAAA", "TF", "HTTP 503" },
	{ 503, BODY_AT(29, 2), "DDAA", "TF", "HTTP 503" },
	{ 403, BODY(31), "HHHH", "P", "HTTP 403" },
	{ 200, BODY(77), "AAAA", "F", "something else" },
	/* an error that says success */
	{ 503, BODY(0), "AAAA", "TF", "HTTP 503" },
	{ 400, BODY(24), "AAAA", "", "not as a HEC" },
	/* success that is none */
	{ 200, "", "AAAA", "F", "something else" },
	{ 200, "OK", "AAAA", "F", "something else" },
	{ 200, "{\"text\":\"Success\",\"code\":", "AAAA", "F", "something else" },
	{ 200, "{\"text\":\"Success\",\"code\":0} x", "AAAA", "F", "something else" },
	{ 200, "{\"text\":\"Success\"}", "AAAA", "F", "something else" },
	{ 200, "[{\"code\":0}]", "AAAA", "F", "something else" },
	{ 204, "", "AAAA", "F", "HTTP 204" },
	{ 200, "<!DOCTYPE html><title>Sign in</title>", "AAAA", "F", "HTML" },
	/* who stands in front */
	{ 303, "", "HHHH", "", "HTTP 303 to https://s.example:8000/en-US/login, which is not followed: is this Splunk Web" },
	{ 302, "<html>", "HHHH", "", "HTTP 302 to https://s.example:8000/en-US/login" },
	{ 400, "Client sent an HTTP request to an HTTPS server.", "AAAA", "", "not as a HEC" },
	{ 401, "Unauthorized", "HHHH", "P", "HTTP 401: the token was refused" },
	{ 403, "<html>Forbidden</html>", "HHHH", "P", "HTTP 403, answered HTML" },
	{ 404, "{\"text\":\"The requested URL was not found on this server.\",\"code\":404}", "HHHH", "", "HEC enabled" },
	{ 404, "<?xml version=\"1.0\"?><response/>", "HHHH", "", "management port (8089)" },
	{ 405, "", "HHHH", "", "HTTP 405" },
	{ 407, "", "HHHH", "P", "proxy" },
	{ 408, "", "AAAA", "TF", "HTTP 408" },
	{ 413, "", "SSSS", "L", "too large" },
	{ 413, "<html>", "SSSS", "L", "HTML" },
	{ 415, "<html>", "HHHH", "", "HTTP 415" },
	{ 429, "", "AAAA", "TF", "busy" },
	{ 502, "<html>Bad Gateway</html>", "AAAA", "TF", "HTTP 502, answered HTML" },
	{ 504, "", "AAAA", "TF", "trouble" },
	{ 599, "x", "AAAA", "TF", "HTTP 599" },
	{ 600, "", "AAAA", "F", "HTTP 600" },
	{ 418, "", "AAAA", "F", "HTTP 418" },
	{ 0, "", "AAAA", "F", "HTTP 0" },
};

static void
every_code_and_status_has_its_verdict(void **state)
{
	char	 flags[8];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char	*got = verdicts(rows[i].status, rows[i].body, 4, NULL, NULL);

		snprintf(flags, sizeof(flags), "%s%s%s%s", parcel.throttled ? "T" : "", parcel.fresh ? "F" : "",
		    parcel.permission ? "P" : "", parcel.too_large ? "L" : "");
		if (strcmp(got, rows[i].wanted) != 0 || strcmp(flags, rows[i].flags) != 0 || strstr(parcel.why, rows[i].why) == NULL)
			fail_msg("row %zu, %d %s: %s %s \"%s\", not %s %s \"%s\"", i, rows[i].status, rows[i].body, got, flags, parcel.why,
			    rows[i].wanted, rows[i].flags, rows[i].why);
		assert_null(strstr(parcel.why, "geheim"));
		assert_null(strchr(parcel.why, '\n'));
		assert_int_equal(parcel.retry_after_ms, 7000);
	}
	clear();
}

static void
a_record_alone_is_what_was_refused(void **state)
{
	(void)state;
	assert_string_equal(verdicts(400, BODY(6), 1, NULL, NULL), "P");
	assert_string_equal(items[0].word, "invalid-data-format");
	assert_string_equal(items[0].reason, "HEC code 6: invalid data format");
	assert_string_equal(items[0].reply, BODY(6));
	assert_string_equal(verdicts(400, BODY(5), 1, NULL, NULL), "P");
	assert_string_equal(verdicts(413, "", 1, NULL, NULL), "P");
	assert_string_equal(items[0].word, "too-large");
	assert_string_equal(verdicts(400, BODY_AT(7, 1), 1, NULL, NULL), "H");
	assert_string_equal(verdicts(503, BODY(9), 1, NULL, NULL), "A");
	assert_int_equal(items[0].suspect, 0);
	assert_string_equal(verdicts(400, "odd", 1, NULL, NULL), "A");
	assert_int_equal(items[0].suspect, SUSPECT_ALONE);
	clear();
}

static void
what_was_never_in_the_body_is_not_counted(void **state)
{
	(void)state;
	assert_string_equal(verdicts(400, BODY_AT(6, 1), 6, "02", NULL), "PDPPUU");
	assert_null(items[0].reason);
	assert_non_null(items[3].reason);
	assert_string_equal(verdicts(503, BODY_AT(9, 2), 6, "0135", NULL), "PPAPAP");
	assert_string_equal(verdicts(503, BODY_AT(9, 1), 6, "0135", NULL), "PPDPAP");
	assert_string_equal(verdicts(400, BODY(6), 2, "0", NULL), "PP");
	assert_string_equal(verdicts(200, BODY(0), 3, "1", NULL), "DPD");
	assert_int_equal(said.accepted, 2);
	judge_hec_fail(HTTP_RESET, "reset", &parcel);
	assert_int_equal(items[1].verdict, V_POISON);
	assert_int_equal(items[0].verdict, V_AGAIN);
	clear();
}

static void
an_acknowledgement_is_promised_for_what_was_accepted_only(void **state)
{
	(void)state;
	verdicts(200, "{\"text\":\"Success\",\"code\":0,\"ackId\":12}", 4, NULL, NULL);
	assert_int_equal(said.ack_id, 12);
	assert_int_equal(said.accepted, 4);
	verdicts(200, "{\"text\":\"Success\",\"code\":25,\"ackId\":0}", 4, NULL, NULL);
	assert_int_equal(said.ack_id, 0);
	verdicts(400, "{\"text\":\"x\",\"code\":6,\"invalid-event-number\":1,\"ackId\":3}", 4, NULL, NULL);
	assert_int_equal(said.ack_id, 3);
	assert_int_equal(said.accepted, 1);
	verdicts(400, "{\"text\":\"x\",\"code\":6,\"invalid-event-number\":0,\"ackId\":3}", 4, NULL, NULL);
	assert_int_equal(said.ack_id, -1);
	verdicts(200, "{\"text\":\"Success\",\"code\":0,\"ackID\":12}", 4, NULL, NULL);
	assert_int_equal(said.ack_id, -1);
	verdicts(200, BODY(0), 4, NULL, NULL);
	assert_int_equal(said.ack_id, -1);
	clear();
}

static void
a_404_of_a_url_that_worked_passes_by_itself(void **state)
{
	const struct hec_past	 past = { .worked = 1 };

	(void)state;
	assert_string_equal(verdicts(404, "{\"text\":\"The requested URL was not found on this server.\",\"code\":404}", 2, NULL, &past), "AA");
	assert_true(parcel.fresh && parcel.throttled);
	assert_non_null(strstr(parcel.why, "took events before"));
	assert_string_equal(verdicts(403, BODY(4), 2, NULL, &past), "HH");
	clear();
}

static void
a_destination_that_refuses_everything_is_not_believed(void **state)
{
	const struct hec_past	 often = { .refused = 10 }, many = { .resumes = 32 }, odd = { .strange = 5 };

	(void)state;
	assert_string_equal(verdicts(400, BODY_AT(6, 0), 3, NULL, &often), "HHH");
	assert_non_null(strstr(parcel.why, "one record after another"));
	assert_string_equal(verdicts(400, BODY(6), 1, NULL, &often), "H");
	assert_string_equal(verdicts(413, "", 1, NULL, &often), "H");
	assert_string_equal(verdicts(400, BODY_AT(6, 1), 3, NULL, &often), "DPU");	/* one was accepted */
	assert_string_equal(verdicts(400, BODY_AT(6, 1), 4, NULL, &many), "DSSS");
	assert_string_equal(verdicts(400, BODY_AT(6, 1), 2, NULL, &many), "DP");
	assert_string_equal(verdicts(400, "odd", 2, NULL, &odd), "SS");
	assert_string_equal(verdicts(400, "odd", 1, NULL, &odd), "A");
	clear();
}

static void
acknowledgements_are_read_strictly(void **state)
{
	static const struct {
		int		 status;
		const char	*body;
		enum hec_acks	 wanted;
		uint8_t		 done[3];	/* of ids 0, 7, 12 */
	} answers[] = {
		{ 200, "{\"acks\":{\"0\":true,\"7\":false,\"12\":true}}", HEC_ACKS_READ, { 1, 0, 1 } },
		{ 200, "{\"acks\":{\"7\":true}}", HEC_ACKS_READ, { 0, 1, 0 } },
		{ 200, "{\"acks\":{\"7\":\"true\",\"0\":1,\"12\":null,\"99\":true}}", HEC_ACKS_READ, { 0, 0, 0 } },
		{ 200, "{\"acks\":{}}", HEC_ACKS_READ, { 0, 0, 0 } },
		{ 200, "{\"acks\":[true]}", HEC_ACKS_AGAIN, { 0, 0, 0 } },
		{ 200, "{\"acks\":{\"0\":true}", HEC_ACKS_AGAIN, { 0, 0, 0 } },
		{ 200, "", HEC_ACKS_AGAIN, { 0, 0, 0 } },
		{ 400, "{\"acks\":{\"0\":true}}", HEC_ACKS_AGAIN, { 0, 0, 0 } },
		{ 400, BODY(14), HEC_ACKS_OFF, { 0, 0, 0 } },
		{ 400, BODY(10), HEC_ACKS_AGAIN, { 0, 0, 0 } },
		{ 403, BODY(4), HEC_ACKS_AGAIN, { 0, 0, 0 } },
		{ 503, BODY(9), HEC_ACKS_AGAIN, { 0, 0, 0 } },
		{ 404, "<html>", HEC_ACKS_AGAIN, { 0, 0, 0 } },
	};
	static const int64_t	 ids[] = { 0, 7, 12 };
	uint8_t			 done[3];
	char			 why[300] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		const struct judge_answer	 a = { .status = answers[i].status, .body = answers[i].body,
			    .len = strlen(answers[i].body), .retry_after_ms = -1 };

		memset(done, 1, sizeof(done));
		assert_int_equal(judge_hec_acks(&a, ids, 3, done, why), answers[i].wanted);
		assert_memory_equal(done, answers[i].done, 3);
		if (answers[i].wanted == HEC_ACKS_AGAIN)
			assert_true(why[0] != '\0');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_and_status_has_its_verdict),
		cmocka_unit_test(a_record_alone_is_what_was_refused),
		cmocka_unit_test(what_was_never_in_the_body_is_not_counted),
		cmocka_unit_test(an_acknowledgement_is_promised_for_what_was_accepted_only),
		cmocka_unit_test(a_404_of_a_url_that_worked_passes_by_itself),
		cmocka_unit_test(a_destination_that_refuses_everything_is_not_believed),
		cmocka_unit_test(acknowledgements_are_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
