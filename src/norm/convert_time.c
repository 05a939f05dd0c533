/*
 * convert_time - times, and the fields that say when the program had the record in hand.
 */
#include <string.h>

#include "base/rfc3339.h"
#include "norm/convert.h"
#include "norm/norm_in.h"

/* Up to two digits; -1: none. */
static int
short_number(const char **p, const char *end)
{
	const char	*start = *p;
	int		 v = 0;

	while (*p < end && *p - start < 2 && **p >= '0' && **p <= '9')
		v = v * 10 + (*(*p)++ - '0');
	return *p > start ? v : -1;
}

static int
past(const char **p, const char *end, char c)
{
	if (*p >= end || **p != c)
		return 0;
	(*p)++;
	return 1;
}

/* "11/3/2026 4:05:06 PM" as "2026-11-03 16:05:06". */
static int
american(const char *p, size_t len, char iso[20])
{
	const char	*end = p + len, *year;
	int		 month, day, hour, minute, second = 0, afternoon;

	if ((month = short_number(&p, end)) == -1 || !past(&p, end, '/') || (day = short_number(&p, end)) == -1 ||
	    !past(&p, end, '/') || end - p < 5)
		return 0;
	year = p;
	for (int i = 0; i < 4; i++)
		if (year[i] < '0' || year[i] > '9')
			return 0;
	p += 4;
	if (!past(&p, end, ' ') || (hour = short_number(&p, end)) == -1 || !past(&p, end, ':') ||
	    (minute = short_number(&p, end)) == -1 || (past(&p, end, ':') && (second = short_number(&p, end)) == -1))
		return 0;
	if (p != end) {
		if (end - p != 3 || *p != ' ' || (p[2] | 0x20) != 'm' || ((p[1] | 0x20) != 'a' && (p[1] | 0x20) != 'p') ||
		    hour < 1 || hour > 12)
			return 0;
		afternoon = (p[1] | 0x20) == 'p';
		hour = hour % 12 + (afternoon ? 12 : 0);
	}
	memcpy(iso, year, 4);
	iso[4] = iso[7] = '-';
	iso[10] = ' ';
	iso[13] = iso[16] = ':';
	iso[19] = '\0';
	for (int i = 0; i < 5; i++) {
		int		 v = (const int[]){ month, day, hour, minute, second }[i];
		char		*to = iso + (const int[]){ 5, 8, 11, 14, 17 }[i];

		to[0] = (char)('0' + v / 10);
		to[1] = (char)('0' + v % 10);
	}
	return 1;
}

int
time_parse(const char *p, size_t len, int64_t *ms)
{
	char	 iso[20];

	if (rfc3339_parse(p, len, ms, NULL) == 0)
		return 0;
	return american(p, len, iso) ? rfc3339_parse(iso, 19, ms, NULL) : -1;
}

static int
put_time(struct norm *n, const struct step *s, int64_t ms)
{
	char	 iso[RFC3339_SIZE];
	size_t	 len = strlen(rfc3339_text(ms, 3, iso));

	return norm_put_text(n, s, s->to, arena_copy(&n->arena, iso, len), len, 1);
}

int
norm_timestamp(struct norm *n, const struct step *s, const struct val *v)
{
	static const char	 without[] = "no readable time in the record: @timestamp is when Microsoft made the blob available";
	struct text		 t;
	int64_t			 ms;

	if (v->kind != VAL_NONE)
		return norm_text_of(n, v, &t) && time_parse(t.p, t.len, &ms) == 0 && put_time(n, s, ms);
	norm_put_text(n, s, s->also[0], without, sizeof(without) - 1, 1);
	return put_time(n, s, n->source->created_ms);
}

int
norm_stored(struct norm *n, const struct step *s, const struct val *v)
{
	(void)v;
	return put_time(n, s, n->source->stored_ms);
}

int
norm_now(struct norm *n, const struct step *s, const struct val *v)
{
	(void)v;
	return put_time(n, s, n->source->now_ms);
}
