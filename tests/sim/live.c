/*
 * live - blobs that appear while the simulator runs, --rate records a second.
 *
 * Records are owed as time passes; what is owed becomes blobs of the usual size, and what is left over after two
 * seconds a smaller one.
 */
#include "live.h"
#include "when.h"

#define TICK_MS	   200			/* of the machine's time */
#define PATIENCE_MS 2000
#define WHOLE	   (1 - 1e-6)		/* a record, whatever the sums of the ticks have lost */

static int64_t	 oldest;		/* since when something is owed; when_passed() */

static void
tick(evutil_socket_t fd, short what, void *arg)
{
	struct sim	*s = arg;
	int64_t		 now = when_now();
	double		 size = (double)s->opt.blob_size;

	(void)fd;
	(void)what;
	if (s->opt.live_seconds > 0 && now > s->live_from + (int64_t)(s->opt.live_seconds * 1000))
		now = s->live_from + (int64_t)(s->opt.live_seconds * 1000);	/* a late tick owes no less */
	if (now > s->live_last)
		s->live_owed += s->opt.rate * (double)(now - s->live_last) / 1000;
	s->live_last = now;
	if (s->live_owed < WHOLE)
		oldest = when_passed();
	while (s->live_owed >= size || (s->live_owed >= WHOLE && when_passed() - oldest >= PATIENCE_MS)) {
		uint32_t	 n = (uint32_t)(1 - WHOLE + (s->live_owed < size ? s->live_owed : size));

		blobs_live(&s->blobs, blobs_draw_content(&s->rng), n);
		s->live_owed -= n;
		oldest = when_passed();
	}
}

void
live_start(struct sim *s)
{
	struct timeval	 tv = { 0, TICK_MS * 1000 };

	s->live_from = s->live_last = when_now();
	s->live_timer = event_new(s->base, -1, EV_PERSIST, tick, s);
	event_add(s->live_timer, &tv);
}
