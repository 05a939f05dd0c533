/*
 * rfc3339 - times as text and as milliseconds since 1970, UTC. No libc calendar: it runs once or twice a record.
 */
#include "base/rfc3339.h"

#include <string.h>

#define DAY_MS		((int64_t)86400000)
#define YEAR_1		(-719162 * DAY_MS)	/* 0001-01-01T00:00:00Z */
#define YEAR_10000	(2932897 * DAY_MS)

/* Days since 1970 of a proleptic Gregorian date, and back: the well-known arithmetic on eras of 400 years. */
static int64_t
days_of(int64_t y, int m, int d)
{
	int64_t	 era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
date_of(int64_t days, int64_t *y, int *m, int *d)
{
	int64_t	 era, doe, yoe, doy, mp;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = yoe + era * 400 + (*m <= 2);
}

static int
month_days(int y, int m)
{
	static const int	 days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		return 29;
	return days[m - 1];
}

/* n digits at *p; -1: not digits. */
static int
number(const char **p, const char *end, int n)
{
	int	 v = 0;

	if (end - *p < n)
		return -1;
	for (int i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		v = v * 10 + (**p - '0');
	}
	return v;
}

static int
mark(const char **p, const char *end, char a, char b)
{
	if (*p >= end || (**p != a && **p != b))
		return -1;
	(*p)++;
	return 0;
}

/* ".1234567": the digits behind the third are read over. */
static int
fraction(const char **p, const char *end)
{
	int	 ms = 0, scale = 100, n = 0;

	if (*p >= end || **p != '.')
		return 0;
	for ((*p)++; *p < end && **p >= '0' && **p <= '9'; (*p)++, n++) {
		ms += (**p - '0') * scale;
		scale /= 10;
	}
	return n > 0 ? ms : -1;
}

static int
offset(const char **p, const char *end, int64_t *ms, int *has_zone)
{
	int	 sign, h, m;

	*ms = 0;
	*has_zone = *p < end;
	if (*p == end)
		return 0;
	if (**p == 'Z') {
		(*p)++;
		return 0;
	}
	if (**p != '+' && **p != '-')
		return -1;
	sign = **p == '-' ? -1 : 1;
	(*p)++;
	if ((h = number(p, end, 2)) == -1 || h > 23 || mark(p, end, ':', ':') == -1 || (m = number(p, end, 2)) == -1 || m > 59)
		return -1;
	*ms = sign * ((int64_t)h * 3600000 + (int64_t)m * 60000);
	return 0;
}

int
rfc3339_parse(const char *s, size_t len, int64_t *ms, int *has_zone)
{
	const char	*p = s, *end = s + len;
	int		 y, mo, d, h, mi, sec, frac, zone;
	int64_t		 off;

	if ((y = number(&p, end, 4)) < 1 || mark(&p, end, '-', '-') == -1 || (mo = number(&p, end, 2)) < 1 || mo > 12 ||
	    mark(&p, end, '-', '-') == -1 || (d = number(&p, end, 2)) < 1 || d > month_days(y, mo) ||
	    mark(&p, end, 'T', ' ') == -1 || (h = number(&p, end, 2)) == -1 || h > 23 || mark(&p, end, ':', ':') == -1 ||
	    (mi = number(&p, end, 2)) == -1 || mi > 59 || mark(&p, end, ':', ':') == -1 ||
	    (sec = number(&p, end, 2)) == -1 || sec > 60 || (frac = fraction(&p, end)) == -1 ||
	    offset(&p, end, &off, &zone) == -1 || p != end)
		return -1;
	off = days_of(y, mo, d) * DAY_MS + (int64_t)h * 3600000 + (int64_t)mi * 60000 + (int64_t)sec * 1000 + frac - off;
	if (off < YEAR_1 || off >= YEAR_10000)
		return -1;
	*ms = off;
	if (has_zone != NULL)
		*has_zone = zone;
	return 0;
}

/* What four digits cannot say becomes the first or the last moment they can. */
static void
split_ms(int64_t ms, int64_t *days, int64_t *rest)
{
	if (ms < YEAR_1)
		ms = YEAR_1;
	if (ms >= YEAR_10000)
		ms = YEAR_10000 - 1;
	*days = ms / DAY_MS;
	*rest = ms % DAY_MS;
	if (*rest < 0) {
		*rest += DAY_MS;
		(*days)--;
	}
}

static char *
two(char *p, int v)
{
	*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

static char *
put_day(char *p, int64_t days)
{
	int64_t	 y;
	int	 m, d;

	date_of(days, &y, &m, &d);
	p = two(p, (int)(y / 100));
	p = two(p, (int)(y % 100));
	*p++ = '-';
	p = two(p, m);
	*p++ = '-';
	return two(p, d);
}

static char *
put_second(char *p, int64_t rest)
{
	*p++ = 'T';
	p = two(p, (int)(rest / 3600000));
	*p++ = ':';
	p = two(p, (int)(rest / 60000 % 60));
	*p++ = ':';
	return two(p, (int)(rest / 1000 % 60));
}

char *
rfc3339_text(int64_t ms, int digits, char buf[RFC3339_SIZE])
{
	int64_t	 days, rest;
	char	*p;

	split_ms(ms, &days, &rest);
	p = put_second(put_day(buf, days), rest);
	if (digits > 0) {
		*p++ = '.';
		*p++ = (char)('0' + rest % 1000 / 100);
		p = two(p, (int)(rest % 100));
	}
	*p++ = 'Z';
	*p = '\0';
	return buf;
}

char *
rfc3339_api(int64_t ms, char buf[RFC3339_SIZE])
{
	int64_t	 days, rest;

	split_ms(ms, &days, &rest);
	*put_second(put_day(buf, days), rest) = '\0';
	return buf;
}

char *
rfc3339_day(int64_t ms, char buf[RFC3339_SIZE])
{
	int64_t	 days, rest;

	split_ms(ms, &days, &rest);
	*put_day(buf, days) = '\0';
	return buf;
}

/* Which of the three-letter names stands at s; -1: none. */
static int
name_in(const char *names, const char *s)
{
	for (int i = 0; names[3 * i] != '\0'; i++)
		if (memcmp(names + 3 * i, s, 3) == 0)
			return i;
	return -1;
}

/* "Mon, 23 Nov 2026 08:01:02 GMT" */
int64_t
http_date_parse(const char *s)
{
	static const char	 days[] = "MonTueWedThuFriSatSun";
	static const char	 months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char		*p = s, *end = s + strlen(s);
	int			 d, y, h, mi, sec, mo;

	if (end - s != 29 || name_in(days, s) == -1 || s[3] != ',' || s[4] != ' ')
		return -1;
	p += 5;
	if ((d = number(&p, end, 2)) < 1 || mark(&p, end, ' ', ' ') == -1)
		return -1;
	mo = name_in(months, p);
	p += 3;
	if (mo == -1 || mark(&p, end, ' ', ' ') == -1 || (y = number(&p, end, 4)) < 1 || mark(&p, end, ' ', ' ') == -1 ||
	    (h = number(&p, end, 2)) == -1 || h > 23 || mark(&p, end, ':', ':') == -1 || (mi = number(&p, end, 2)) == -1 ||
	    mi > 59 || mark(&p, end, ':', ':') == -1 || (sec = number(&p, end, 2)) == -1 || sec > 60 ||
	    strcmp(p, " GMT") != 0 || d > month_days(y, mo + 1))
		return -1;
	return days_of(y, mo + 1, d) * DAY_MS + (int64_t)h * 3600000 + (int64_t)mi * 60000 + (int64_t)sec * 1000;
}
