/*
 * begin - the first start of a subscription: content appears after a delay of up to 12 hours, and may reach back to before
 * the start.
 *
 * What is back-filled shows the time it became available as contentCreated; its records keep their times. What is older
 * can never be listed. A start after a stop is another matter (api.c): its interval is lost.
 */
#include "blob.h"
#include "when.h"

#define HOURS(h) ((int64_t)((h) * (double)HOUR_MS))

void
blobs_begin(struct blobs *s, enum content content, int64_t now)
{
	int64_t	 delay = HOURS(s->opt->first_delay), oldest = now - HOURS(s->opt->back_fill), shown = 0;
	size_t	 i;

	if (s->opt->back_fill < 0)
		oldest = INT64_MIN;
	s->hold_until[content] = now + delay;
	for (i = 0; i < s->nlisting[content]; i++) {
		struct blob	*b = s->listing[content][i];

		if (b->created < oldest) {
			b->gone = 1;
		} else if (delay > 0 && b->created < now + delay) {
			/* They are in order and stay so. */
			b->created = now + delay + shown++;
			b->expires = b->created + s->opt->expiry_days * DAY_MS;
		}
	}
}
