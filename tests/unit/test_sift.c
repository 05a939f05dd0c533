/*
 * sift: which records an output leaves out, and which members.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "golden_kit.h"
#include "norm/sift.h"

static struct sift_scratch scratch;

static struct record
record(const char *text)
{
	return (struct record){ .bytes = text, .len = strlen(text) };
}

static enum sift_verdict
judge(const struct sift *s, const char *feed, const char *text)
{
	struct record	 r = record(text);

	return sift_judge(s, &scratch, feed, &r);
}

static struct sift *
dropping(const char *field, const char *pattern)
{
	struct sift		*s = sift_new();
	const char *const	 patterns[] = { pattern, NULL };

	sift_drop(s, &(struct sift_match){ field, patterns }, 1);
	return s;
}

static void
a_match_finds_its_value_wherever_the_record_has_it(void **state)
{
	static const struct { const char *field, *pattern, *record; int meets; } rows[] = {
		{ "feed", "audit.*", "{}", 1 },
		{ "feed", "signin.*", "{}", 0 },
		{ "operation", "fileaccessed", "{\"Operation\":\"FileAccessed\"}", 1 },
		{ "operation", "File*", "{\"Operation\":\"FolderMoved\"}", 0 },
		{ "operation", "*ed", "{\"activityDisplayName\":\"User added\"}", 1 },
		{ "user", "a*c", "{\"UserId\":\"abbc\"}", 1 },
		{ "user", "a*c", "{\"UserId\":\"abbcd\"}", 0 },
		{ "user", "svc", "{\"initiatedBy\":{\"app\":{\"displayName\":\"svc\"}}}", 1 },
		{ "user", "*", "{\"UserId\":null}", 0 },
		{ "RecordType", "50", "{\"RecordType\":50}", 1 },
		{ "ExternalAccess", "true", "{\"ExternalAccess\":true}", 1 },
		{ "Item.ParentFolder.Path", "\\Inbox", "{\"Item\":{\"ParentFolder\":{\"Path\":\"\\\\Inbox\"}}}", 1 },
		{ "Item.Path", "x", "{\"Item\":\"x\"}", 0 },
		{ "Actor.ID", "b", "{\"Actor\":[{\"ID\":\"a\"},{\"ID\":\"b\"}]}", 1 },
		{ "Parameters.ForwardTo", "*@x.example", "{\"Parameters\":[{\"Name\":\"ForwardTo\",\"Value\":\"a@x.example\"}]}", 1 },
		{ "Parameters.ForwardTo", "*@x.example", "{\"Parameters\":[{\"Name\":\"From\",\"Value\":\"a@x.example\"}]}", 0 },
		{ "Recipients", "b", "{\"Recipients\":[\"a\",\"b\"]}", 1 },
		{ "Recipients", "c", "{\"Recipients\":[\"a\",\"b\"]}", 0 },
		{ "ObjectId", "caf\xc3\xa9*", "{\"ObjectId\":\"caf\\u00e9 au lait\"}", 1 },
		{ "operation", "x", "[1]", 0 },
		{ "operation", "x", "no JSON", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sift	*s = dropping(rows[i].field, rows[i].pattern);

		if (judge(s, "audit.general", rows[i].record) != (rows[i].meets ? SIFT_DROP : SIFT_TAKE))
			fail_msg("row %zu: %s %s %s", i, rows[i].field, rows[i].pattern, rows[i].record);
		sift_free(s);
	}
}

static void
all_of_a_condition_and_one_of_several(void **state)
{
	static const char *const	 sends[] = { "Send", "SendAs", NULL }, *const ines[] = { "ines", NULL }, *const boss[] = { "boss", NULL };
	const struct sift_match		 both[] = { { "operation", sends }, { "user", ines } };
	struct sift			*s = sift_new();

	(void)state;
	sift_drop(s, both, 2);
	sift_keep(s, &(struct sift_match){ "operation", sends }, 1);
	sift_keep(s, &(struct sift_match){ "user", boss }, 1);
	assert_false(sift_is_empty(s));
	assert_int_equal(judge(s, "f", "{\"Operation\":\"SendAs\",\"UserId\":\"ines\"}"), SIFT_DROP);
	assert_int_equal(judge(s, "f", "{\"Operation\":\"SendAs\",\"UserId\":\"otto\"}"), SIFT_TAKE);
	assert_int_equal(judge(s, "f", "{\"Operation\":\"Move\",\"UserId\":\"boss\"}"), SIFT_TAKE);
	assert_int_equal(judge(s, "f", "{\"Operation\":\"Move\",\"UserId\":\"ines\"}"), SIFT_NOT_KEPT);
	sift_free(s);
}

static void
members_are_taken_out_wherever_they_stand(void **state)
{
	static const struct { const char *in, *out; unsigned n; } rows[] = {
		{ "{\"a\":1}", "", 0 },
		{ "{\"Card\":1}", "{}", 1 },
		{ "{\"Card\":[{\"x\":\"}\"}],\"b\":2}", "{\"b\":2}", 1 },
		{ "{\"a\":1,\"Card\":\"4,\\\"]\",\"b\":[{\"Card\":null},{\"c\":1.50,\"Card\":{}}]}", "{\"a\":1,\"b\":[{},{\"c\":1.50}]}", 3 },
		{ "{\"a\": \"Card\", \"Card\" : 12 , \"b\": true}", "{\"a\": \"Card\"   ,\"b\": true}", 1 },
		{ "{\"C\\u0061rd\":1,\"z\":0}", "{\"z\":0}", 1 },
		{ "{\"Data\":\"{\\\"n\\\":[1,{\\\"Card\\\":\\\"4111\\\"}]}\"}", "{\"Data\":\"{\\\"n\\\":[1,{}]}\"}", 1 },
		{ "{\"Data\":\"{\\\"in\\\":\\\"{\\\\\\\"Card\\\\\\\":4111}\\\"}\"}", "{\"Data\":\"{\\\"in\\\":\\\"{}\\\"}\"}", 1 },
		{ "{\"Data\":\"\\\"Card\\\": no JSON\"}", "", 0 },
		{ "{\"Cards\":1,\"card\":2}", "", 0 },
	};
	struct sift	*s = sift_new();
	struct buf	 out = { 0 };

	(void)state;
	sift_redact(s, "Card");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct record	 r = record(rows[i].in);
		struct json	 j = { 0 };
		unsigned	 n = sift_members(s, &scratch, &r, &out);

		if (n != rows[i].n || (n > 0 && json_index(&j, out.bytes, out.len, 0, JSON_DEPTH) != JSON_OK))
			fail_msg("row %zu: %s: %u: %s", i, rows[i].in, n, buf_str(&out));
		if (n > 0 && strcmp(buf_str(&out), rows[i].out) != 0 && strchr(rows[i].in, ' ') == NULL)
			fail_msg("row %zu: %s", i, buf_str(&out));
		assert_null(n > 0 ? strstr(buf_str(&out), "4111") : NULL);
		json_clear(&j);
	}
	buf_clear(&out);
	sift_free(s);
}

static int
has_name(const struct json *j, const char *name)
{
	for (uint32_t i = 0; i < j->n; i++)
		if ((j->nodes[i].flags & JSON_NAME) != 0 && json_name_is(j, i, name))
			return 1;
	return 0;
}

/* Whatever a record looks like: it stays sound JSON, and neither name is in it any more. */
static void
cut_mutants(struct norm *n, const struct golden *g)
{
	static const char *const names[] = { "Name", "UserId" };
	struct sift	*s = sift_new();
	struct buf	 changed = { 0 }, next = { 0 }, out = { 0 }, swap;
	struct json	 j = { 0 };

	(void)n;
	sift_redact(s, names[0]);
	sift_redact(s, names[1]);
	buf_add(&changed, g->in, g->len);
	for (int round = 0; round < 20; round++) {
		struct record	 r = { .bytes = buf_str(&changed), .len = changed.len };

		if (sift_members(s, &scratch, &r, &out) > 0) {
			if (json_index(&j, buf_str(&out), out.len, 0, JSON_DEPTH) != JSON_OK)
				fail_msg("%s at %u: %s\nmade from %s", j.bad, j.bad_at, buf_str(&out), buf_str(&changed));
		} else {
			assert_int_equal(json_index(&j, buf_str(&changed), changed.len, 0, JSON_DEPTH), JSON_OK);
		}
		for (int k = 0; k < 2; k++)
			if (has_name(&j, names[k]))
				fail_msg("%s is still there: %s", names[k], buf_str(&out));
		golden_mutate(buf_str(&changed), changed.len, &j, &next);
		swap = changed;
		changed = next;
		next = swap;
	}
	json_clear(&j);
	buf_clear(&changed);
	buf_clear(&next);
	buf_clear(&out);
	sift_free(s);
}

static void
what_is_redacted_is_gone_from_odd_records_too(void **state)
{
	(void)state;
	golden_each(cut_mutants);
}

static int
done(void **state)
{
	(void)state;
	sift_scratch_clear(&scratch);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_match_finds_its_value_wherever_the_record_has_it),
		cmocka_unit_test(all_of_a_condition_and_one_of_several),
		cmocka_unit_test(members_are_taken_out_wherever_they_stand),
		cmocka_unit_test(what_is_redacted_is_gone_from_odd_records_too),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
