/* The pure parts of the Graph source: who may ask when, which window is next, what an answer and a page mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "collect/graph_answer.h"
#include "collect/graph_budget.h"
#include "collect/graph_in.h"

#define MINUTE	((int64_t)60000)
#define T0	1795478400000		/* 2026-11-24T00:00:00Z */

/* ---- the budget -------------------------------------------------------------------------------------------------------------- */

struct served {
	int64_t		 arrived[20000];	/* at the service */
	unsigned	 n, of[3], again, open;
	struct { unsigned slot; int64_t lands, answers; int feed, again; } flight[8];
};

/* Feeds 0, 1, 2 of the ring want what wants[] says, all the time, one request in flight each; an answer takes latency_ms. */
static void
serve(const enum graph_want wants[3], int64_t way_ms, int64_t latency_ms, int64_t ms, struct served *s)
{
	struct graph_budget	 b;
	unsigned		 slot;
	int			 busy[3] = { 0, 0, 0 }, k;

	memset(s, 0, sizeof(*s));
	graph_budget_init(&b, 5, 10500, 1000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(graph_budget_join(&b), i);
	for (int64_t now = 1; now <= ms; now++) {
		for (unsigned i = 0; i < s->open; i++) {
			if (s->flight[i].lands == now)
				s->arrived[s->n++] = now;
			if (s->flight[i].answers > now)
				continue;
			graph_budget_landed(&b, s->flight[i].slot, now);
			busy[s->flight[i].feed] = 0;
			s->flight[i--] = s->flight[--s->open];
		}
		for (int i = 0; i < 3; i++) {
			b.wants[i] = busy[i] ? WANT_NOTHING : wants[i];
			b.fresh[i] = wants[i] == WANT_FRESH;
		}
		while ((k = graph_budget_next(&b, now, &slot)) != -1) {
			s->of[k]++;
			s->again += wants[k] == WANT_AGAIN;
			busy[k] = 1;
			s->flight[s->open].slot = slot;
			s->flight[s->open].feed = k;
			s->flight[s->open].lands = now + way_ms;
			s->flight[s->open++].answers = now + latency_ms;
		}
	}
}

static unsigned
most_in(const struct served *s, int64_t ms)
{
	unsigned	 most = 0;

	for (unsigned i = 0, from = 0; i < s->n; i++) {
		while (s->arrived[i] - s->arrived[from] >= ms)
			from++;
		if (i - from + 1 > most)
			most = i - from + 1;
	}
	return most;
}

static const struct {
	int64_t	 way_ms, latency_ms;
} ways[] = { { 1, 2 }, { 20, 300 }, { 400, 900 }, { 900, 1500 }, { 999, 5000 }, { 30, 9000 } };

static void
never_more_than_five_in_any_ten_and_a_half_seconds_and_nine_tenths_are_used(void **state)
{
	static const enum graph_want	 wants[3] = { WANT_FRESH, WANT_FRESH, WANT_FRESH };
	static struct served		 s;

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		serve(wants, ways[i].way_ms, ways[i].latency_ms, 600000, &s);
		assert_true(most_in(&s, 10500) <= 5);
		if (ways[i].latency_ms < 3 * 2300)		/* three chains cannot use more when answers take longer */
			assert_true(s.n >= 600000 * 5 / 10500 * 9 / 10);
	}
}

static void
a_flood_starves_nobody(void **state)
{
	static const enum graph_want	 wants[3] = { WANT_FRESH, WANT_FRESH, WANT_FRESH };
	static struct served		 s;

	(void)state;
	serve(wants, 10, 200, 600000, &s);
	for (int i = 1; i < 3; i++)
		assert_true(s.of[i] + 1 >= s.of[0] && s.of[i] <= s.of[0] + 1);
}

static void
re_reading_gets_a_third_at_most_while_there_is_fresh_work_and_all_of_it_otherwise(void **state)
{
	static const enum graph_want	 one[3] = { WANT_FRESH, WANT_AGAIN, WANT_AGAIN }, none[3] = { WANT_AGAIN, WANT_AGAIN, WANT_NOTHING };
	static struct served		 s;
	unsigned			 all = 600000 * 5 / 10500;

	(void)state;
	serve(one, 10, 200, 600000, &s);
	assert_true(s.again <= all / 3 + 1);
	assert_true(s.again >= all / 3 * 8 / 10);
	assert_true(s.n >= all * 9 / 10);
	serve(none, 10, 200, 600000, &s);
	assert_true(s.again >= all * 9 / 10);
	/* One slow chain of fresh work leaves slots; re-reading does not take them. */
	serve(one, 10, 8000, 600000, &s);
	assert_true(s.again <= all / 3 + 1);
}

static void
a_throttle_answer_stops_all_and_a_slot_counts_from_when_the_answer_began(void **state)
{
	struct graph_budget	 b;
	unsigned		 slot;

	(void)state;
	graph_budget_init(&b, 1, 1000, 1000);
	graph_budget_join(&b);
	assert_int_equal(graph_budget_wait(&b, 5000), -1);
	b.wants[0] = WANT_FRESH;
	assert_int_equal(graph_budget_wait(&b, 5000), 0);
	assert_int_equal(graph_budget_next(&b, 5000, &slot), 0);
	b.wants[0] = WANT_FRESH;
	assert_int_equal(graph_budget_wait(&b, 5000), 2000);	/* not heard of yet */
	graph_budget_landed(&b, slot, 5300);
	graph_budget_landed(&b, slot, 5900);
	assert_int_equal(graph_budget_wait(&b, 5300), 1000);
	graph_budget_gate(&b, 20000);
	graph_budget_gate(&b, 10000);
	assert_int_equal(graph_budget_wait(&b, 6300), 13700);
	assert_int_equal(graph_budget_next(&b, 19999, &slot), -1);
	assert_int_equal(graph_budget_next(&b, 20000, &slot), 0);
}

/* ---- windows ------------------------------------------------------------------------------------------------------------------- */

static const struct graph_rules rules = { .overlap_ms = 5 * MINUTE, .long_overlap_ms = 120 * MINUTE, .settle_ms = 5000,
    .look_ms = { 24 * GRAPH_HOUR, 72 * GRAPH_HOUR }, .n_looks = 2, .page_rows = 1000 };

/* Everything of a round, as "fresh 5m..0s again 1h..5m ", times before `now`. */
static const char *
told(const struct graph_marks *m, const struct graph_work *w, int64_t now)
{
	static char		 text[300];
	static const char	*const names[] = { [GRAPH_FRESH] = "fresh", [GRAPH_OVERLAP] = "again", [GRAPH_LOOK] = "look" };
	struct graph_window	 x;

	if (!graph_next_fresh(&rules, m, w, &x) && !graph_next_again(w, &x) && !graph_next_look(&rules, m, w, &x))
		return "nothing";
	snprintf(text, sizeof(text), "%s %lld..%lld", names[x.kind], (long long)(now - x.from_ms) / 1000, (long long)(now - x.to_ms) / 1000);
	return text;
}

static void
done(struct graph_marks *m, struct graph_work *w)
{
	struct graph_window	 x;

	if (!graph_next_fresh(&rules, m, w, &x) && !graph_next_again(w, &x))
		assert_int_equal(graph_next_look(&rules, m, w, &x), 1);
	graph_window_done(&rules, m, w, &x);
}

static void
a_quiet_feed_needs_one_window_a_poll(void **state)
{
	struct graph_marks	 m = { .first_ms = T0 - 10 * GRAPH_HOUR };
	struct graph_work	 w = { .span_ms = GRAPH_DAY, .most_ms = GRAPH_DAY };

	(void)state;
	graph_round(&rules, &m, &w, T0 + 5000, 1);
	assert_string_equal(told(&m, &w, T0), "fresh 36000..0");
	done(&m, &w);
	assert_string_equal(told(&m, &w, T0), "nothing");
	assert_int_equal(m.listed_ms, T0);
	assert_int_equal(m.look_ms[0], T0 - 10 * GRAPH_HOUR);		/* no look begins before the feed does */
	graph_round(&rules, &m, &w, T0 + 5000 + MINUTE, 0);
	assert_string_equal(told(&m, &w, T0), "fresh 300..-60");	/* with its overlap */
	done(&m, &w);
	graph_round(&rules, &m, &w, T0 + 5000 + 2 * MINUTE, 1);
	assert_string_equal(told(&m, &w, T0), "fresh 7140..-120");
	done(&m, &w);
	assert_string_equal(told(&m, &w, T0), "nothing");
	assert_int_equal(m.listed_ms, T0 + 2 * MINUTE);
}

static void
a_busy_feed_reads_what_is_fresh_first_and_its_overlap_afterwards(void **state)
{
	struct graph_marks	 m = { .first_ms = T0 - GRAPH_DAY, .listed_ms = T0 };
	struct graph_work	 w = { .span_ms = 10 * MINUTE, .most_ms = GRAPH_DAY, .rows_per_ms = 0.01 };	/* ten rows a second */

	(void)state;
	graph_round(&rules, &m, &w, T0 + 5000 + 15 * MINUTE, 0);
	assert_string_equal(told(&m, &w, T0), "fresh 0..-600");
	done(&m, &w);
	assert_string_equal(told(&m, &w, T0), "fresh -600..-900");
	done(&m, &w);
	assert_string_equal(told(&m, &w, T0), "again 300..0");
	/* The next poll comes while it is still to be read: nothing is left out. */
	graph_round(&rules, &m, &w, T0 + 5000 + 16 * MINUTE, 0);
	assert_string_equal(told(&m, &w, T0), "fresh -900..-960");
	done(&m, &w);
	assert_string_equal(told(&m, &w, T0), "again 300..-300");
	done(&m, &w);
	assert_string_equal(told(&m, &w, T0), "again -300..-900");
	done(&m, &w);
	assert_string_equal(told(&m, &w, T0), "nothing");
}

static void
overlap_that_never_has_its_turn_is_left_to_the_looks_and_said(void **state)
{
	struct graph_marks	 m = { .first_ms = T0 - GRAPH_DAY, .listed_ms = T0 };
	struct graph_work	 w = { .span_ms = MINUTE, .most_ms = MINUTE, .rows_per_ms = 1 };
	int			 slipped = 0;

	(void)state;
	for (int i = 1; i <= 300; i++) {
		slipped += graph_round(&rules, &m, &w, T0 + 5000 + i * MINUTE, 0);
		done(&m, &w);
		assert_true(w.again_from_ms >= m.listed_ms - 4 * GRAPH_HOUR - MINUTE);
	}
	assert_true(slipped > 0 && slipped < 100);
}

static void
looks_trail_by_the_hour(void **state)
{
	struct graph_marks	 m = { .first_ms = T0 - 100 * GRAPH_HOUR };
	struct graph_work	 w = { .span_ms = GRAPH_DAY, .most_ms = GRAPH_DAY };
	unsigned		 looks = 0;
	int64_t			 at = T0 + 5000;

	(void)state;
	graph_round(&rules, &m, &w, at, 1);
	while (strncmp(told(&m, &w, T0), "fresh", 5) == 0)
		done(&m, &w);
	assert_int_equal(m.look_ms[0], T0 - 24 * GRAPH_HOUR);
	assert_int_equal(m.look_ms[1], T0 - 72 * GRAPH_HOUR);
	assert_string_equal(told(&m, &w, T0), "nothing");
	for (int i = 0; i < 6 * 60; i++) {
		graph_round(&rules, &m, &w, at += MINUTE, 0);
		for (; strcmp(told(&m, &w, T0), "nothing") != 0; done(&m, &w))
			looks += strncmp(told(&m, &w, T0), "look", 4) == 0;
	}
	assert_int_equal(looks, 12);
	assert_int_equal(m.look_ms[0], T0 - 18 * GRAPH_HOUR);
	assert_int_equal(m.look_ms[1], T0 - 66 * GRAPH_HOUR);
}

static void
windows_halve_and_grow(void **state)
{
	struct graph_work	 w = { .span_ms = GRAPH_DAY, .most_ms = GRAPH_DAY };
	struct graph_window	 x = { .from_ms = T0, .to_ms = T0 + 60 * MINUTE };

	(void)state;
	graph_window_halve(&w, &x);
	assert_int_equal(w.span_ms, 30 * MINUTE);
	for (int i = 0; i < 20; i++) {
		x.to_ms = x.from_ms + w.span_ms;
		graph_window_halve(&w, &x);
	}
	assert_int_equal(w.span_ms, GRAPH_SECOND);
	x.to_ms = x.from_ms + w.span_ms;
	graph_window_was(&w, &x, 10, 100);
	assert_int_equal(w.span_ms, GRAPH_SECOND);
	for (int i = 0; i < 20; i++)
		graph_window_was(&w, &x, 1, 100);
	assert_int_equal(w.span_ms, GRAPH_DAY);
	x.to_ms = x.from_ms + GRAPH_DAY;
	graph_window_was(&w, &x, 21, 21000);
	assert_int_equal(w.span_ms, GRAPH_DAY / 2);
	graph_window_too_much(&w, &x);
	graph_window_was(&w, &x, 1, 1);
	assert_int_equal(w.span_ms, GRAPH_DAY / 4);
	x.to_ms = x.from_ms + GRAPH_DAY / 4;
	for (int i = 0; i < 8; i++)		/* what was too much once may be tried again after a while */
		graph_window_was(&w, &x, 1, 1);
	assert_int_equal(w.span_ms, GRAPH_DAY / 2);
}

/* ---- answers ------------------------------------------------------------------------------------------------------------------- */

static const struct {
	int		 status;
	const char	*body;
	enum graph_class class;
	const char	*code;
} answers[] = {
	{ 200, "{}", GRAPH_FINE, "200" },
	{ 400, "{\"error\":{\"code\":\"BadRequest\",\"message\":\"Invalid filter clause\"}}", GRAPH_BAD_REQUEST, "BadRequest" },
	{ 400, "{\"error\":{\"code\":\"InvalidSkipToken\",\"message\":\"x\"}}", GRAPH_BAD_LINK, "InvalidSkipToken" },
	{ 401, "", GRAPH_TOKEN, "401" },
	{ 403, "{\"error\":{\"code\":\"Authentication_RequestFromNonPremiumTenantOrB2CTenant\",\"message\":\"x\"}}", GRAPH_LICENCE,
	  "Authentication_RequestFromNonPremiumTenantOrB2CTenant" },
	{ 403, "{\"error\":{\"code\":\"Authentication_MSGraphPermissionMissing\",\"message\":\"x\"}}", GRAPH_PERMISSION,
	  "Authentication_MSGraphPermissionMissing" },
	{ 403, "{\"error\":{\"code\":\"Authorization_RequestDenied\"}}", GRAPH_PERMISSION, "Authorization_RequestDenied" },
	{ 403, "{\"error\":{\"code\":\"Forbidden\"}}", GRAPH_FORBIDDEN, "Forbidden" },
	{ 403, "{\"error\":{\"code\":\"Something_New\"}}", GRAPH_FORBIDDEN, "Something_New" },
	{ 403, "<html>gateway</html>", GRAPH_AGAIN, "403" },
	{ 404, "{\"error\":{\"code\":\"UnknownError\"}}", GRAPH_ABSENT, "UnknownError" },
	{ 410, "", GRAPH_BAD_LINK, "410" },
	{ 429, "", GRAPH_THROTTLED, "429" },
	{ 509, "", GRAPH_THROTTLED, "509" },
	{ 503, "{\"error\":{\"code\":\"TooManyRequests\"}}", GRAPH_THROTTLED, "TooManyRequests" },
	{ 500, "{\"error\":{\"code\":\"UnknownError\",\"message\":\"\"}}", GRAPH_AGAIN, "UnknownError" },
	{ 502, "<html>", GRAPH_AGAIN, "502" },
	{ 504, "{\"error\":{\"code\":\"UnknownError\",\"message\":\"timeout\"}}", GRAPH_TOO_MUCH, "UnknownError" },
	{ 302, "", GRAPH_STRANGE, "302" },
	{ 418, "{\"error\":[]}", GRAPH_STRANGE, "418" },
};

static void
an_answer_is_judged_by_status_and_code(void **state)
{
	struct graph_answer	 a;

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		graph_judge(answers[i].status, answers[i].body, strlen(answers[i].body), &a);
		if (a.class != answers[i].class || strcmp(a.code, answers[i].code) != 0)
			fail_msg("%d %s: class %d code %s", answers[i].status, answers[i].body, (int)a.class, a.code);
	}
	graph_judge(500, "{\"error\":{\"code\":\"X\",\"message\":\"a\\nb\",\"innerError\":{\"request-id\":\"r-1\"}}}", 77, &a);
	assert_string_equal(a.message, "");			/* cut: no JSON */
	graph_judge(500, "{\"error\":{\"code\":\"X\",\"message\":\"a\\nb\",\"innerError\":{\"request-id\":\"r-1\"}}}",
	    strlen("{\"error\":{\"code\":\"X\",\"message\":\"a\\nb\",\"innerError\":{\"request-id\":\"r-1\"}}}"), &a);
	assert_string_equal(a.message, "a b");
	assert_string_equal(a.request_id, "r-1");
}

/* ---- pages --------------------------------------------------------------------------------------------------------------------- */

static void
take_row(void *arg, const struct record *r)
{
	buf_add(arg, r->bytes, r->len);
	buf_addc(arg, ';');
}

static void
take_no_row(void *arg, const struct split_bad *bad)
{
	buf_addf(arg, "bad:%s;", bad->record_id);
}

static const struct {
	const char		*body, *rows, *rest;
	enum split_state	 state;
} pages[] = {
	{ "{\"value\":[]}", "", "{\"value\":null}", SPLIT_END },
	{ "{\"@odata.context\":\"c\",\"value\":[{\"id\":\"1\"},{\"id\":\"2\"}],\"@odata.nextLink\":\"n\"}", "{\"id\":\"1\"};{\"id\":\"2\"};",
	  "{\"@odata.context\":\"c\",\"value\":null,\"@odata.nextLink\":\"n\"}", SPLIT_END },
	{ " {\n\"@odata.nextLink\" : \"n]}\" , \"value\" : [ {\"id\":\"]}\"} ] }\n", "{\"id\":\"]}\"};",
	  "{\n\"@odata.nextLink\" : \"n]}\" , \"value\" : null }", SPLIT_END },
	{ "{\"a\":{\"value\":[1]},\"b\":[\"value\",[2]],\"value\":[{\"id\":\"3\"}]}", "{\"id\":\"3\"};",
	  "{\"a\":{\"value\":[1]},\"b\":[\"value\",[2]],\"value\":null}", SPLIT_END },
	{ "{\"x\":\"a\\\"value\\\":[\",\"value\":[{\"id\":\"4\"}]}", "{\"id\":\"4\"};", "{\"x\":\"a\\\"value\\\":[\",\"value\":null}", SPLIT_END },
	{ "{\"value\":[{\"id\":\"5\"},6]}", "{\"id\":\"5\"};bad:-;", "{\"value\":null}", SPLIT_END },
	{ "{\"value\":{\"id\":\"7\"}}", "", NULL, SPLIT_BROKEN },
	{ "{\"error\":{\"code\":\"X\"}}", "", "{\"error\":{\"code\":\"X\"}}", SPLIT_BROKEN },
	{ "{\"value\":[{\"id\":\"8\"}", "{\"id\":\"8\"};", NULL, SPLIT_BROKEN },
	{ "{\"value\":[{\"id\":\"9\",{}]}", "", NULL, SPLIT_BROKEN },
	{ "[{\"id\":\"10\"}]", "", NULL, SPLIT_BROKEN },
	{ "<html></html>", "", NULL, SPLIT_BROKEN },
	{ "", "", NULL, SPLIT_BROKEN },
	{ "{\"value\":[]} x", "", NULL, SPLIT_BROKEN },
	{ "{\"value\":[{\"id\":\"11\"}],\"value\":[{\"id\":\"12\"}]}", "{\"id\":\"11\"};", NULL, SPLIT_BROKEN },
};

static void
a_page_is_its_rows_and_what_stands_around_them(void **state)
{
	struct identity_names	 names = { "t", "f", NULL, "id", "createdDateTime", 0 };
	struct buf		 rows = { 0 };
	struct split_to		 to = { take_row, take_no_row, &rows };

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		size_t	 len = strlen(pages[i].body);

		for (size_t piece = 1; piece <= len + 1; piece++) {
			struct envelope	*e = envelope_new();
			struct split	*s = split_new(&names, 1 << 20, &to);

			buf_reset(&rows);
			for (size_t at = 0; at < len; at += piece)
				envelope_feed(e, s, pages[i].body + at, len - at < piece ? len - at : piece);
			assert_int_equal(envelope_finish(e), pages[i].state);
			assert_string_equal(buf_str(&rows), pages[i].rows);
			if (pages[i].rest != NULL)
				assert_string_equal(buf_str(envelope_rest(e)), pages[i].rest);
			envelope_free(e);
			split_free(s);
		}
	}
	buf_clear(&rows);
}

static void
a_query_has_inclusive_bounds_and_one_second_stands_alone(void **state)
{
	struct graph		 g = { .origin_text = (char *)(uintptr_t)"https://graph.example" };
	struct gfeed		 f = { .g = &g, .kind = graph_kind_find("signin.serviceprincipal") };
	struct graph_window	 w = { .from_ms = T0, .to_ms = T0 + 15 * MINUTE };
	char			 url[URL_MAX];

	(void)state;
	graph_first_url(&f, &w, url);
	assert_string_equal(url, "https://graph.example/beta/auditLogs/signIns?$filter=createdDateTime%20ge%202026-11-24T00:00:00Z%20and%20"
	    "createdDateTime%20le%202026-11-24T00:15:00Z%20and%20signInEventTypes/any(t:%20t%20eq%20%27servicePrincipal%27)"
	    "&$orderby=createdDateTime%20asc&$top=1000");
	w.to_ms = T0 + GRAPH_SECOND;
	graph_first_url(&f, &w, url);
	assert_non_null(strstr(url, "ge%202026-11-24T00:00:00Z%20and%20createdDateTime%20le%202026-11-24T00:00:00.9999999Z"));
	f.kind = graph_kind_find("directory.provisioning");
	graph_first_url(&f, &w, url);
	assert_string_equal(url, "https://graph.example/v1.0/auditLogs/provisioning?$filter=activityDateTime%20gt%202026-11-23T23:59:59Z%20and%20"
	    "activityDateTime%20lt%202026-11-24T00:00:01Z&$top=1000");
	f.kind = graph_kind_find("incidents");
	graph_first_url(&f, &w, url);
	assert_non_null(strstr(url, "/v1.0/security/incidents?$filter=lastUpdateDateTime%20ge"));
	assert_non_null(strstr(url, "&$top=50"));
	assert_null(strstr(url, "expand"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_more_than_five_in_any_ten_and_a_half_seconds_and_nine_tenths_are_used),
		cmocka_unit_test(a_flood_starves_nobody),
		cmocka_unit_test(re_reading_gets_a_third_at_most_while_there_is_fresh_work_and_all_of_it_otherwise),
		cmocka_unit_test(a_throttle_answer_stops_all_and_a_slot_counts_from_when_the_answer_began),
		cmocka_unit_test(a_quiet_feed_needs_one_window_a_poll),
		cmocka_unit_test(a_busy_feed_reads_what_is_fresh_first_and_its_overlap_afterwards),
		cmocka_unit_test(overlap_that_never_has_its_turn_is_left_to_the_looks_and_said),
		cmocka_unit_test(looks_trail_by_the_hour),
		cmocka_unit_test(windows_halve_and_grow),
		cmocka_unit_test(an_answer_is_judged_by_status_and_code),
		cmocka_unit_test(a_page_is_its_rows_and_what_stands_around_them),
		cmocka_unit_test(a_query_has_inclusive_bounds_and_one_second_stands_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
