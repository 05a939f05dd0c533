/*
 * tracks - a small table of open segments by feed and day.
 */
#include "deliver/tracks.h"

#include <stdlib.h>
#include <string.h>

#include "base/crash_point.h"
#include "base/xalloc.h"

#define DAY_MS (24 * 60 * 60 * 1000LL)

static struct track **
bucket(struct tracks *ts, int feed, const char *day)
{
	return &ts->buckets[((unsigned)feed * 31 + (unsigned)(day[8] - '0') * 10 + (unsigned)(day[9] - '0')) % TRACK_BUCKETS];
}

void
tracks_clear(struct tracks *ts)
{
	struct track	*t;

	for (size_t i = 0; i < TRACK_BUCKETS; i++)
		while ((t = ts->buckets[i]) != NULL) {
			ts->buckets[i] = t->next;
			free(t);
		}
	free(ts->rows);
	ts->rows = NULL;
	ts->n_rows = 0;
}

struct track *
tracks_find(const struct tracks *ts, int feed, const char *day)
{
	struct track	*t;

	for (t = *bucket((struct tracks *)(uintptr_t)ts, feed, day); t != NULL; t = t->next)
		if (t->feed == feed && strcmp(t->day, day) == 0)
			return t;
	return NULL;
}

struct track *
tracks_add(struct tracks *ts, int feed, const char *day, uint32_t seq)
{
	struct track	*t = xcalloc(1, sizeof(*t)), **at = bucket(ts, feed, day);

	t->feed = feed;
	memcpy(t->day, day, sizeof(t->day) - 1);
	t->seq = seq;
	t->next = *at;
	*at = t;
	return t;
}

struct segment
track_row(const struct track *t, int sealed)
{
	struct segment	 s = { .feed = t->feed, .seq = t->seq, .length = t->length, .opened_ms = t->opened_ms, .sealed = sealed };

	memcpy(s.day, t->day, sizeof(s.day));
	return s;
}

static void
end_segment(struct tracks *ts, struct track *t)
{
	ts->rows = xreallocarray(ts->rows, ts->n_rows + 1, sizeof(*ts->rows));
	ts->rows[ts->n_rows++] = track_row(t, 1);
	t->open = 0;
	t->seq++;
}

/* The segment never changes again. One that nothing was recorded of is simply used later, under the same number. */
static void
seal(struct tracks *ts, struct track *t)
{
	t->open = 0;
	if (t->length == 0)
		return;
	end_segment(ts, t);
	crash_point(CRASH_SEGMENT_SEALED);
}

void
tracks_seal_short(struct tracks *ts, struct track *t, int64_t found)
{
	t->length = found;
	end_segment(ts, t);
}

struct track *
tracks_resume(struct tracks *ts, const struct segment *s)
{
	struct track	*t = tracks_find(ts, s->feed, s->day);

	if (t != NULL && t->open)
		seal(ts, t);
	if (t == NULL)
		t = tracks_add(ts, s->feed, s->day, s->seq);
	t->seq = s->seq;
	t->open = 1;
	t->length = s->length;
	t->opened_ms = s->opened_ms;
	return t;
}

/* The store was asked and has no segment of that day, and none was made and forgotten since. */
static int
is_known_empty(const struct tracks *ts, const char *day)
{
	return strcmp(day, ts->asked_from) >= 0 && strcmp(day, ts->asked_to) <= 0 && strcmp(day, ts->forgotten) > 0;
}

/* Full, an hour old (also by a clock that jumped), or opened before midnight. */
static int
is_due(const struct tracks *ts, const struct track *t, int64_t now_ms)
{
	return t->length >= ts->segment_max || now_ms - t->opened_ms >= SEGMENT_AGE_MS || t->opened_ms - now_ms >= SEGMENT_AGE_MS ||
	    now_ms / DAY_MS != t->opened_ms / DAY_MS;
}

/*
 * Of a day that the store was not asked about the number follows the highest file, which a worker looks for (SEQ_UNKNOWN): it is a day
 * that began since, an old one, or the host's clock was years off when the store was asked. What is there is never written over.
 */
struct track *
tracks_place(struct tracks *ts, int feed, const char *day, size_t len, int64_t now_ms)
{
	struct track	*t = tracks_find(ts, feed, day);

	if (t == NULL)
		t = tracks_add(ts, feed, day, is_known_empty(ts, day) ? 1 : SEQ_UNKNOWN);
	if (t->open && (is_due(ts, t, now_ms) || (t->length > 0 && t->length + (int64_t)len > ts->segment_max)))
		seal(ts, t);
	if (!t->open) {
		t->open = 1;
		t->length = 0;
		t->opened_ms = now_ms;
	}
	return t;
}

void
tracks_look_over(struct tracks *ts, int64_t now_ms)
{
	struct track	**at, *t;
	char		 oldest[RFC3339_SIZE];

	rfc3339_day(now_ms - TRACK_DAYS * DAY_MS, oldest);
	for (size_t i = 0; i < TRACK_BUCKETS; i++)
		for (at = &ts->buckets[i]; (t = *at) != NULL;) {
			if (t->open && is_due(ts, t, now_ms))
				seal(ts, t);
			if (t->open || strcmp(t->day, oldest) > 0) {
				at = &t->next;
				continue;
			}
			if (strcmp(t->day, ts->forgotten) > 0)
				memcpy(ts->forgotten, t->day, sizeof(t->day));
			*at = t->next;
			free(t);
		}
}

struct segment *
tracks_take_rows(struct tracks *ts, size_t more, size_t *n)
{
	struct segment	*rows = ts->rows;

	*n = ts->n_rows;
	if (more > 0)
		rows = xreallocarray(rows, *n + more, sizeof(*rows));
	ts->rows = NULL;
	ts->n_rows = 0;
	return rows;
}
