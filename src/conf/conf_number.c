/*
 * conf_number - whole numbers, and numbers with a unit: 10m, 64MiB. A number without its unit is a guess, and refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_in.h"

struct unit {
	const char	*name;
	int64_t		 value;
};

static const struct unit times[] = {
	{ "ms", 1 }, { "s", 1000 }, { "m", 60 * 1000 }, { "h", 3600 * 1000 }, { "d", 24 * 3600 * 1000 }, { NULL, 0 },
};

static const struct unit sizes[] = {
	{ "KiB", 1 << 10 }, { "MiB", 1 << 20 }, { "GiB", 1 << 30 }, { "TiB", (int64_t)1 << 40 },
	{ "KB", 1000 }, { "MB", 1000000 }, { "GB", 1000000000 }, { "TB", 1000000000000 }, { NULL, 0 },
};

static int
number_with_unit(const char *s, const struct unit *units, const char *example, int64_t *to, char why[CONF_WHY])
{
	size_t	 digits = strspn(s, "0123456789");

	if (digits == 0 || digits > 15) {
		snprintf(why, CONF_WHY, "is not a number with its unit; write for example %s", example);
		return -1;
	}
	if (s[digits] == '\0') {
		snprintf(why, CONF_WHY, "has no unit; write for example %s%s", s, units == times ? "s" : "MiB");
		return -1;
	}
	for (const struct unit *u = units; u->name != NULL; u++) {
		if (strcmp(s + digits, u->name) != 0)
			continue;
		if (__builtin_mul_overflow((int64_t)strtoll(s, NULL, 10), u->value, to)) {
			snprintf(why, CONF_WHY, "is too large; write for example %s", example);
			return -1;
		}
		return 0;
	}
	snprintf(why, CONF_WHY, "has a unit that is not known; write %s, for example %s",
	    units == times ? "ms, s, m, h or d" : "KiB, MiB, GiB, TiB, KB, MB, GB or TB", example);
	return -1;
}

int
value_duration(const char *s, int64_t *ms, char why[CONF_WHY])
{
	return number_with_unit(s, times, "10m", ms, why);
}

int
value_size(const char *s, int64_t *bytes, char why[CONF_WHY])
{
	return number_with_unit(s, sizes, "64MiB", bytes, why);
}

int
value_count(const char *s, int64_t *to, char why[CONF_WHY])
{
	size_t	 digits = strspn(s, "0123456789");

	if (digits == 0 || digits > 9 || s[digits] != '\0' || (s[0] == '0' && digits > 1)) {
		snprintf(why, CONF_WHY, "is not a whole number; write for example 8");
		return -1;
	}
	*to = strtoll(s, NULL, 10);
	return 0;
}

/* "1s..1h" */
int
value_within(const char *limits, number_fn *number, int64_t value, char why[CONF_WHY])
{
	char		 low[32];
	const char	*dots;
	int64_t		 lo = 0, hi = 0;

	if (limits == NULL)
		return 0;
	dots = strstr(limits, "..");
	snprintf(low, sizeof(low), "%.*s", (int)(dots - limits), limits);
	(void)number(low, &lo, why);
	(void)number(dots + 2, &hi, why);
	if (value < lo)
		snprintf(why, CONF_WHY, "is too little; at least %s", low);
	else if (value > hi)
		snprintf(why, CONF_WHY, "is too much; at most %s", dots + 2);
	else
		return 0;
	return -1;
}
