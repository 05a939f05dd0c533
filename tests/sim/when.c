/*
 * when - the simulated tenant's clock, and Microsoft's ways to write a time.
 */
#include <ctype.h>
#include <stdio.h>
#include <time.h>

#include "when.h"

static int64_t	 start_real, start_sim;
static double	 speed = 1.0;

static int64_t
machine_us(clockid_t which)
{
	struct timespec	 ts;

	clock_gettime(which, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t
read_clock(clockid_t which)
{
	return machine_us(which) / 1000;
}

int64_t
when_real(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void
when_start(int64_t now_ms, double rate)
{
	start_real = when_real();
	speed = rate;
	start_sim = now_ms;
	if (start_sim == 0 && (speed < 0.999999 || speed > 1.000001))
		start_sim = read_clock(CLOCK_REALTIME);
}

int64_t
when_passed(void)
{
	return (int64_t)((double)(machine_us(CLOCK_MONOTONIC) - start_real * 1000) * speed / 1000);
}

int64_t
when_now(void)
{
	/* Without --now the real clock is followed, jumps and all, as long as the rate is 1. */
	if (start_sim == 0)
		return read_clock(CLOCK_REALTIME);
	return start_sim + when_passed();
}

void
when_share(struct text *t)
{
	if (start_sim == 0)
		text_addf(t, "%lld:1:%lld", (long long)when_now(), (long long)when_real());
	else
		text_addf(t, "%lld:%.6f:%lld", (long long)start_sim, speed, (long long)start_real);
}

double
when_seconds(double seconds)
{
	return seconds / speed;
}

struct civil
when_civil(int64_t ms)
{
	struct civil	 c;
	int64_t		 secs = ms / 1000, days, z, era;
	int		 rest, yoe, doe, doy, mp;

	c.ms = (int)(ms % 1000);
	days = secs / 86400;
	rest = (int)(secs % 86400);
	c.hour = rest / 3600;
	c.minute = rest / 60 % 60;
	c.second = rest % 60;
	z = days + 719468;
	era = z / 146097;
	doe = (int)(z - era * 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	c.day = doy - (153 * mp + 2) / 5 + 1;
	c.month = mp < 10 ? mp + 3 : mp - 9;
	c.year = (int)(yoe + era * 400) + (c.month <= 2);
	return c;
}

static void
digits(struct text *t, int value, int width)
{
	char	 out[8];
	int	 i;

	for (i = width - 1; i >= 0; i--) {
		out[i] = (char)('0' + value % 10);
		value /= 10;
	}
	text_add(t, out, (size_t)width);
}

static void
fields(struct text *t, const struct civil *c, const char *seps)
{
	int	 values[6] = { c->year, c->month, c->day, c->hour, c->minute, c->second };
	int	 i;

	for (i = 0; i < 6; i++) {
		digits(t, values[i], i == 0 ? 4 : 2);
		if (seps != NULL && i < 5)
			text_addc(t, seps[i]);
	}
}

void
when_zoneless(struct text *t, int64_t ms)
{
	struct civil	 c = when_civil(ms);

	fields(t, &c, "--T::");
}

void
when_millis(struct text *t, int64_t ms)
{
	struct civil	 c = when_civil(ms);

	fields(t, &c, "--T::");
	text_addc(t, '.');
	digits(t, c.ms, 3);
	text_addc(t, 'Z');
}

void
when_digits(struct text *t, int64_t ms)
{
	struct civil	 c = when_civil(ms);

	fields(t, &c, NULL);
	digits(t, c.ms, 3);
}

void
when_http(struct text *t, int64_t ms)
{
	static const char	*day[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char	*month[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
				    "Nov", "Dec" };
	struct civil		 c = when_civil(ms);

	text_addf(t, "%s, %02d %s %d %02d:%02d:%02d GMT", day[ms / DAY_MS % 7], c.day, month[c.month - 1], c.year,
	    c.hour, c.minute, c.second);
}

static int
number(const char **at, int width, int *value)
{
	*value = 0;
	for (; width > 0; width--, (*at)++) {
		if (!isdigit((unsigned char)**at))
			return -1;
		*value = *value * 10 + (**at - '0');
	}
	return 0;
}

int
when_parse(const char *s, int64_t *ms)
{
	static const char	 seps[] = "--T::";
	int			 v[6] = { 0, 0, 0, 0, 0, 0 }, i;
	struct tm		 tm = { 0 };

	for (i = 0; i < 6; i++) {
		if (number(&s, i == 0 ? 4 : 2, &v[i]) == -1)
			return -1;
		if (*s == '\0')
			break;
		if (i == 5 || *s != seps[i])
			return -1;
		s++;
	}
	if ((i != 2 && i != 4 && i != 5) || v[0] < 1970 || v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > 31 ||
	    v[3] > 23 || v[4] > 59 || v[5] > 59)
		return -1;
	tm.tm_year = v[0] - 1900;
	tm.tm_mon = v[1] - 1;
	tm.tm_mday = v[2];
	tm.tm_hour = v[3];
	tm.tm_min = v[4];
	tm.tm_sec = v[5];
	*ms = (int64_t)timegm(&tm) * 1000;
	return 0;
}
