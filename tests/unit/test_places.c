/*
 * places: paths become nested objects, each object once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "norm/ecs.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
constants_become_nested_objects_in_the_order_of_their_paths(void **state)
{
	static const struct { const char *pairs[8]; size_t n; const char *want; } cases[] = {
		{ { "labels.site", "berlin" }, 2, "\"labels\":{\"site\":\"berlin\"}" },
		{ { "z", "1", "labels.site", "a\"b", "labels.by.team", "x" }, 6,
		    "\"labels\":{\"by\":{\"team\":\"x\"},\"site\":\"a\\\"b\"},\"z\":\"1\"" },
		{ { "a.b.c", "1", "a.bb.c", "2", "a.b.d", "3", "b.b.c", "4" }, 8,
		    "\"a\":{\"b\":{\"c\":\"1\",\"d\":\"3\"},\"bb\":{\"c\":\"2\"}},\"b\":{\"b\":{\"c\":\"4\"}}" },
		{ { "a.b.c.d.e.f.g.h.i.j", "deep" }, 2,
		    "\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":{\"i\":{\"j\":\"deep\"}}}}}}}}}" },
	};

	(void)state;
	assert_null(norm_constants(NULL, 0));
	for (size_t i = 0; i < COUNT(cases); i++) {
		char	*text = norm_constants(cases[i].pairs, cases[i].n);

		assert_string_equal(text, cases[i].want);
		free(text);
	}
}

/* Whichever fields an event has: an object that ended is not begun again. */
static void
fields_of_one_object_stand_together(void **state)
{
	char	 ended[F_COUNT][128];
	size_t	 n = 0, len;

	(void)state;
	for (size_t f = 0; f + 1 < F_COUNT; f++) {
		const char	*path = ecs_path((enum field)f), *next = ecs_path((enum field)(f + 1)), *dot = path;

		for (size_t i = 0; i < n; i++)
			if (strncmp(path, ended[i], strlen(ended[i])) == 0)
				fail_msg("%s: %s had ended before it", path, ended[i]);
		while ((dot = strchr(dot, '.')) != NULL) {
			len = (size_t)(++dot - path);
			if (strncmp(path, next, len) == 0)
				continue;
			assert_in_range(n, 0, COUNT(ended) - 1);
			snprintf(ended[n++], sizeof(ended[0]), "%.*s", (int)len, path);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constants_become_nested_objects_in_the_order_of_their_paths),
		cmocka_unit_test(fields_of_one_object_stand_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
