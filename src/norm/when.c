/*
 * when - times as Microsoft writes them: ISO 8601, and "11/23/2026 8:04:11 AM +00:00" as older services do. Without a zone: UTC.
 */
#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"
#include "norm/ecs.h"

/* M/d/yyyy H:mm:ss, with or without AM/PM and zone, into ISO 8601; 0: it is something else. */
static int
american(const char *p, char *out, size_t size)
{
	unsigned	 month, day, year, hour, minute, second;
	int		 used = 0, pm;

	if (sscanf(p, "%2u/%2u/%4u %2u:%2u:%2u%n", &month, &day, &year, &hour, &minute, &second, &used) != 6)
		return 0;
	p += used;
	if (strncasecmp(p, " AM", 3) == 0 || strncasecmp(p, " PM", 3) == 0) {
		if (hour < 1 || hour > 12)
			return 0;
		pm = p[1] == 'P' || p[1] == 'p';
		hour = hour % 12 + (pm ? 12 : 0);
		p += 3;
	}
	p += *p == ' ' && p[1] != '\0';
	return snprintf(out, size, "%04u-%02u-%02uT%02u:%02u:%02u%s", year, month, day, hour, minute, second, p) < (int)size;
}

/* 2026-11-23T8:04:11 */
static int
one_digit_hour(const char *p, char *out, size_t size)
{
	if (strlen(p) < 13 || (p[10] != 'T' && p[10] != ' ') || p[12] != ':')
		return 0;
	return snprintf(out, size, "%.11s0%s", p, p + 11) < (int)size;
}

/* 2026-11-23T08:04 with or without a zone, 2026-11-23: Elasticsearch's ISO 8601 has them too. */
static int
without_seconds(const char *p, char *out, size_t size)
{
	if (strlen(p) == 10)
		return snprintf(out, size, "%sT00:00:00", p) < (int)size;
	if (strlen(p) < 16 || p[13] != ':' || (p[16] != '\0' && strchr("Z+-", p[16]) == NULL))
		return 0;
	return snprintf(out, size, "%.16s:00%s", p, p + 16) < (int)size;
}

/* 2026-11-23T08:04:11+0100, and T and Z in small letters, which RFC 3339 has too. */
static int
other_zone(const char *p, char *out, size_t size)
{
	size_t	 len = strlen(p), minutes = len > 23 && strchr("+-", p[len - 5]) != NULL ? 2 : 0;

	if (len < 19 || snprintf(out, size, "%.*s%s%s", (int)(len - minutes), p, minutes > 0 ? ":" : "", p + len - minutes) >= (int)size)
		return 0;
	if (out[10] == 't')
		out[10] = 'T';
	if (out[len - 1] == 'z')
		out[len - 1] = 'Z';
	return 1;
}

int
when_parse(const char *p, size_t len, int64_t *ms)
{
	char	 text[64], iso[80];

	if (len == 0 || len >= sizeof(text))
		return -1;
	if (rfc3339_parse(p, len, ms, NULL) == 0)
		return 0;
	memcpy(text, p, len);
	text[len] = '\0';
	if (strlen(text) != len || (!american(text, iso, sizeof(iso)) && !one_digit_hour(text, iso, sizeof(iso)) &&
	    !without_seconds(text, iso, sizeof(iso)) && !other_zone(text, iso, sizeof(iso))))
		return -1;
	return rfc3339_parse(iso, strlen(iso), ms, NULL);
}
