/*
 * daemon_full - back-pressure: what happens when the store takes no more.
 *
 *	80 %: said once.  full: polling pauses, Microsoft keeps its content for seven days.  under 90 %: polling goes on.
 *
 * Outputs with on_full: drop_oldest are spared their oldest batches instead, one output after the other and a few MiB at a time,
 * until the spool is down to 85 %; what an output with on_full: block owes as well stays, and then everything waits for that one.
 *
 * And the reserve: disk space is taken beforehand in small steps, beside everything else (store/reserve.c).
 */
#include "base/counters.h"
#include "base/log.h"
#include "daemon_in.h"

#define ROOM_CHECK_MS	1000
#define DISK_BYTES	((int64_t)32 << 20)	/* what is dropped at a time when it is the disk that is full */

#define STEP_MS		1000			/* between two steps of the reserve: some MB/s of writing at most */
#define SHORT_MS	60000			/* the disk had no more for it */
#define AGAIN_MS	600000			/* it was complete; remembered ids may have grown into it */

static void	 drop_more(struct daemon *);

/* Said once on the way up, and again only after it was under 70 %. */
static void
watch_filling(struct daemon *d)
{
	int64_t	 used = store_spool_bytes(d->store), max = d->conf->spool_max;

	if (!d->filling && used >= max / 10 * 8) {
		d->filling = 1;
		log_warn("spool-filling", "the spool holds bytes=%lld, 80 %% of spool.max; when it is full, polling pauses (on_full: block) or "
		    "the oldest records are dropped (drop_oldest): m365fwd status shows what the outputs wait for", (long long)used);
	} else if (d->filling && used < max / 10 * 7) {
		d->filling = 0;
		log_info("spool-drained", "the spool is under 70 %% of spool.max again");
	}
}

void
full_progress(struct daemon *d, int stored)
{
	watch_filling(d);
	if (d->full && stored) {
		d->full = 0;
		log_info("spool-room", "the spool takes records again, polling goes on");
	}
	if (d->collect.paused && !d->stop_begun)
		timer_set(&d->room_timer, 0);
}

void
full_look(void *arg)
{
	struct daemon	*d = arg;

	if (d->stop_begun)
		return;
	if (store_spool_bytes(d->store) >= d->conf->spool_max / 10 * 9) {
		timer_set(&d->room_timer, ROOM_CHECK_MS);
		drop_more(d);
		return;
	}
	d->collect.paused = 0;
	for (size_t i = 0; i < d->n_sources; i++)
		d->sources[i]->ops->room(d->sources[i]);
}

void
full_begin(struct daemon *d)
{
	d->collect.paused = 1;
	if (!d->full) {
		d->full = 1;
		d->drops.dropped = 0;
		count(C_SPOOL_FULL, 1, NULL, NULL, NULL);
		log_warn("spool-full", "the spool takes no more records (spool.max, dead_letters.max or the disk); polling pauses, "
		    "delivery goes on");
	}
	timer_set(&d->room_timer, ROOM_CHECK_MS);
	drop_more(d);
}

/* ---- drop_oldest ------------------------------------------------------------------------------------------------------ */

/* How much is still too much; 0: no more needs to go. */
static int64_t
too_much(const struct daemon *d)
{
	int64_t	 over = store_spool_bytes(d->store) - d->conf->spool_max / 100 * 85;

	if (store_full_why(d->store) == FULL_SPOOL)
		return over > 0 ? over : 0;
	return store_full_why(d->store) == FULL_DISK && store_spool_bytes(d->store) > 0 ? DISK_BYTES : 0;
}

static void
dropped(void *arg, struct store_result *r)
{
	struct daemon		*d = arg;
	struct daemon_drops	*drops = &d->drops;

	drops->on = 0;
	if (r->fail == STORE_BROKEN) {
		d->collect.on_broken(d->collect.arg, &r->err);
		return;
	}
	if (d->stop_begun || drops->output >= d->n_outputs)
		return;
	if (r->n > 0) {
		if (drops->dropped == 0)
			log_error("spool-dropped", "%s: on_full is drop_oldest, its oldest records are given up: n=%lld; see m365fwd gaps",
			    d->conf->outputs[drops->output].name, (long long)r->n);
		drops->dropped += r->n;
		count(C_DELIVERED, (uint64_t)r->n, d->conf->outputs[drops->output].name, "dropped", NULL);
	}
	drops->after = r->batch;
	if (r->fail == STORE_FULL || !r->more) {
		drops->output++;
		drops->after = 0;
	}
	if (drops->output < d->n_outputs)
		drop_more(d);
	else
		drops->output = 0;
	timer_set(&d->room_timer, r->n > 0 ? 0 : ROOM_CHECK_MS);
}

static void
drop_more(struct daemon *d)
{
	struct daemon_drops	*drops = &d->drops;
	int64_t			 bytes = too_much(d);

	if (drops->on || bytes == 0)
		return;
	while (drops->output < d->n_outputs && d->conf->outputs[drops->output].on_full != CONF_DROP_OLDEST) {
		drops->output++;
		drops->after = 0;
	}
	if (drops->output >= d->n_outputs) {
		drops->output = 0;
		return;
	}
	drops->on = 1;
	store_drop_oldest(d->store, output_number(d->outputs[drops->output]), drops->after, bytes, dropped, d);
}

/* ---- the reserve ------------------------------------------------------------------------------------------------------ */

static void
reserved(void *arg, struct store_result *r)
{
	struct daemon	*d = arg;
	int		 is_short = r->fail == STORE_FULL || r->batch != 0;

	if (r->fail == STORE_BROKEN) {
		d->collect.on_broken(d->collect.arg, &r->err);
		return;
	}
	if (d->stop_begun)
		return;
	if (is_short && !d->reserve_short)
		log_warn("reserve-short", "the disk has no room for all of spool.reserve, bytes=%lld are there; on a full disk polling may "
		    "pause, deliveries go on", (long long)r->n);
	if (!is_short && !r->more && d->reserve_short)
		log_info("reserve-complete", "spool.reserve is there");
	if (is_short || !r->more)
		d->reserve_short = is_short;
	timer_set(&d->reserve_timer, r->more || r->fail == STORE_FULL ? STEP_MS : is_short ? SHORT_MS : AGAIN_MS);
}

void
full_reserve(void *arg)
{
	struct daemon	*d = arg;

	if (!d->stop_begun)
		store_reserve(d->store, reserved, d);
}
