/*
 * Mapping cases (golden_kit.h): what Microsoft sends and what leaves, byte for byte. BLESS=1 in the environment writes the
 * second from the first: read what it wrote before you commit it. And records made from them by changing places: whatever
 * comes, an index takes it, and at one path there is one kind.
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
#include "golden_kit.h"

#define ROUNDS 120		/* a record */

static void
every_golden_case_comes_out_as_it_is_written(void **state)
{
	(void)state;
	golden_compare_all();
}

/* Changed at random places: what is still a record must still be mapped to something that an index takes. */
static void
change(struct norm *n, const struct golden *g)
{
	static uint64_t	 seed = 7;
	struct buf	 changed = { 0 }, out = { 0 };
	struct golden	 c = *g;
	struct json	 j = { 0 };

	for (int round = 0; round < ROUNDS; round++) {
		buf_reset(&changed);
		buf_add(&changed, g->in, g->len);
		for (int k = 0; k < 3; k++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			changed.bytes[(seed >> 33) % changed.len] = "\"{}[]:,0.e aN\\_@I"[(seed >> 20) % 17];
		}
		if (json_index(&j, changed.bytes, changed.len, 0, JSON_DEPTH) != JSON_OK || j.nodes[0].kind != JSON_OBJECT)
			continue;
		c.in = buf_str(&changed);
		c.len = changed.len;
		golden_map(n, &c, &out);
		golden_takeable(&out, c.in);
	}
	json_clear(&j);
	buf_clear(&changed);
	buf_clear(&out);
}

static void
changed_records_are_mapped_to_what_an_index_takes(void **state)
{
	(void)state;
	golden_each(change);
}

/* ---- one path, one kind ------------------------------------------------------------------------------------------------- */

#define PATHS_SIZE 65536

static struct { char *path; int object; } paths[PATHS_SIZE];	/* all outputs of all records; open addressing */

static void
remember(const char *path, int object, const char *from, const struct buf *out)
{
	uint32_t	 h = 2166136261u;

	for (const char *p = path; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	for (h %= PATHS_SIZE; paths[h].path != NULL; h = (h + 1) % PATHS_SIZE) {
		if (strcmp(paths[h].path, path) != 0)
			continue;
		if (paths[h].object != object)
			fail_msg("%s is %s here and was not before:\n%s\nmade from %s", path, object ? "an object" : "a value",
			    buf_str(out), from);
		return;
	}
	paths[h].path = xstrdup(path);
	paths[h].object = object;
}

/* Fields of type flattened: whatever is in them is one field to the index, but an object it must be. */
static int
is_flattened(const char *path)
{
#define SIGNIN		".azure.signinlogs.properties."
#define RISK		".azure.identityprotection.properties."
#define PROVISIONING	".azure.provisioning.properties."
	static const char *const flattened[] = {
		SIGNIN "applied_conditional_access_policies", SIGNIN "authentication_details",
		SIGNIN "authentication_processing_details", SIGNIN "authentication_requirement_policies",
		SIGNIN "network_location_details", RISK "location", RISK "additional_info",
		PROVISIONING "modified_properties", PROVISIONING "source_identity.details", PROVISIONING "target_identity.details",
		PROVISIONING "provisioning_steps.details",
		".m365_defender.alert.additional_data", ".m365_defender.alert.custom_details",
		".m365_defender.incident.alert.additional_data", ".m365_defender.incident.alert.custom_details",
	};

	for (size_t i = 0; i < sizeof(flattened) / sizeof(flattened[0]); i++)
		if (strcmp(path, flattened[i]) == 0)
			return 1;
	return 0;
}

static void
walk(const struct json *j, uint32_t node, const struct buf *path, const char *from, const struct buf *out)
{
	struct buf	 inner = { 0 };

	if (j->nodes[node].kind != JSON_ARRAY && path->len > 0)
		remember(path->bytes, j->nodes[node].kind == JSON_OBJECT, from, out);
	for (uint32_t k = json_first(j, node); k != JSON_NONE; k = json_next(j, node, k)) {
		if (j->nodes[node].kind == JSON_OBJECT && path->len > 0 && is_flattened(path->bytes))
			break;
		buf_reset(&inner);
		buf_add(&inner, path->bytes, path->len);
		if (j->nodes[node].kind == JSON_OBJECT) {
			buf_addc(&inner, '.');
			json_text(j, k, &inner);
		}
		buf_str(&inner);
		walk(j, k + (j->nodes[node].kind == JSON_OBJECT), &inner, from, out);
	}
	buf_clear(&inner);
}

static void
swap_tokens(struct norm *n, const struct golden *g)
{
	struct buf	 changed = { 0 }, next = { 0 }, out = { 0 }, none = { 0 }, swap;
	struct golden	 c = *g;
	struct json	 j = { 0 };

	for (int round = 0; round < ROUNDS; round++) {
		buf_reset(&changed);
		buf_add(&changed, g->in, g->len);
		for (int times = round % 7; times > 0; times--) {
			golden_mutate(buf_str(&changed), changed.len, &j, &next);
			swap = changed;
			changed = next;
			next = swap;
		}
		c.in = buf_str(&changed);
		c.len = changed.len;
		golden_map(n, &c, &out);
		golden_takeable(&out, c.in);
		assert_int_equal(json_index(&j, buf_str(&out), out.len, 0, JSON_DEPTH), JSON_OK);
		walk(&j, 0, &none, c.in, &out);
	}
	json_clear(&j);
	buf_clear(&changed);
	buf_clear(&next);
	buf_clear(&out);
}

/* Sound JSON all of it, so that every rule for names, kinds and repeats is met again and again. */
static void
records_with_tokens_in_the_wrong_place_keep_one_kind_at_each_path(void **state)
{
	(void)state;
	golden_each(swap_tokens);
	for (size_t i = 0; i < PATHS_SIZE; i++) {
		free(paths[i].path);
		paths[i].path = NULL;
	}
}

/* Schema native is no index's, but JSON it must be: in its envelope, with members left out and moved. */
static void
swap_native(struct norm *n, const struct golden *g)
{
	struct norm_source	 source = { .tenant_guid = "t", .tenant_name = "t", .feed = g->feed, .namespace = "default" };
	struct buf		 changed = { 0 }, out = { 0 };
	struct json		 j = { 0 };

	for (int round = 0; round < ROUNDS; round++) {
		golden_mutate(g->in, g->len, &j, &changed);
		buf_reset(&out);
		norm_event(n, SCHEMA_NATIVE, &source, &(struct record){ .bytes = changed.bytes, .len = changed.len }, &out);
		if (json_index(&j, buf_str(&out), out.len, 0, JSON_DEPTH) != JSON_OK || j.nodes[0].kind != JSON_OBJECT)
			fail_msg("%s:\n%s\n%s", g->name, buf_str(&changed), buf_str(&out));
	}
	json_clear(&j);
	buf_clear(&changed);
	buf_clear(&out);
}

static void
native_records_with_tokens_in_the_wrong_place_are_sound(void **state)
{
	(void)state;
	golden_each(swap_native);
}

static void
map_twice(struct norm *n, const struct golden *g)
{
	struct buf	 used = { 0 }, fresh = { 0 };
	struct norm	*other = norm_new();

	golden_map(n, g, &used);
	golden_map(other, g, &fresh);
	assert_string_equal(buf_str(&used), buf_str(&fresh));
	norm_free(other);
	buf_clear(&used);
	buf_clear(&fresh);
}

static void
what_was_mapped_before_leaves_no_trace(void **state)
{
	(void)state;
	golden_each(map_twice);
}

/* 250,000 tokens under names of every kind: what stands at the top as a value is mapped, the rest is not even copied as text. */
static void
a_record_with_too_many_tokens_ships_its_top_level_values(void **state)
{
	static const char *const names[] = { "Parameters", "Actor", "PolicyDetails", "ModifiedProperties", "Platform", "Severity", "AlertLinks",
	    "Sender", "Item", "Data", "UserId", "RecordType", "OperationCount", "EndTimeUtc", "unknown", "unknownData", "odd.name" };
	struct norm	*n = norm_new();
	struct buf	 in = { 0 }, out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (int object = 0; object < 2; object++) {
			buf_reset(&in);
			buf_addf(&in, "{\"Operation\":\"Send\",\"ClientIP\":\"203.0.113.4\",\"%s\":%s[", names[i], object ? "{\"x\":" : "");
			for (int k = 0; k < 250000; k++)
				buf_adds(&in, "7,");
			buf_addf(&in, "7]%s}", object ? "}" : "");
			golden_map(n, &(struct golden){ .feed = "audit.general", .in = in.bytes, .len = in.len }, &out);
			golden_takeable(&out, names[i]);
			if (out.len > 1500 || strstr(buf_str(&out), "\"action\":\"Send\"") == NULL ||
			    strstr(buf_str(&out), "200000 JSON tokens") == NULL || strstr(buf_str(&out), "203.0.113.4") == NULL)
				fail_msg("%s: %zu bytes: %.600s", names[i], out.len, buf_str(&out));
		}
	buf_clear(&in);
	buf_clear(&out);
	norm_free(n);
}

/* Dashboards and rules ask for these names; the list is written down apart from the table that makes them. */
static void
every_record_type_has_the_name_that_rules_ask_for(void **state)
{
	const char	*srcdir = getenv("srcdir");
	char		*path = xasprintf("%s/tests/golden/record-types.tsv", srcdir != NULL ? srcdir : "."), line[128], in[64], want[128];
	FILE		*f = fopen(path, "r");
	struct norm	*n = norm_new();
	struct buf	 out = { 0 };
	size_t		 types = 0;

	(void)state;
	assert_non_null(f);
	for (; fgets(line, sizeof(line), f) != NULL; types++) {
		line[strcspn(line, "\n")] = '\0';
		snprintf(in, sizeof(in), "{\"RecordType\":%d}", atoi(line));
		snprintf(want, sizeof(want), "\"code\":\"%s\"", strchr(line, '\t') + 1);
		golden_map(n, &(struct golden){ .feed = "audit.general", .in = in, .len = strlen(in) }, &out);
		if (strstr(buf_str(&out), want) == NULL)
			fail_msg("%s: %s", line, buf_str(&out));
	}
	assert_true(types >= 258);
	golden_map(n, &(struct golden){ .feed = "audit.general", .in = "{\"RecordType\":77777}", .len = 20 }, &out);
	assert_null(strstr(buf_str(&out), "\"code\""));
	fclose(f);
	free(path);
	buf_clear(&out);
	norm_free(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_golden_case_comes_out_as_it_is_written),
		cmocka_unit_test(changed_records_are_mapped_to_what_an_index_takes),
		cmocka_unit_test(records_with_tokens_in_the_wrong_place_keep_one_kind_at_each_path),
		cmocka_unit_test(native_records_with_tokens_in_the_wrong_place_are_sound),
		cmocka_unit_test(what_was_mapped_before_leaves_no_trace),
		cmocka_unit_test(a_record_with_too_many_tokens_ships_its_top_level_values),
		cmocka_unit_test(every_record_type_has_the_name_that_rules_ask_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
