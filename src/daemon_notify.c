/*
 * daemon_notify - what the service manager hears: ready, one line of status, and that we still make progress.
 *
 * WATCHDOG=1 is no heartbeat of the loop alone: before each one the store and a worker must have answered.
 */
#include "admin/notify.h"
#include "daemon_in.h"

#define STATUS_MS 15000

static void
store_lives(void *arg, struct store_result *r)
{
	struct daemon	*d = arg;

	d->notify.store_lives = r->fail == STORE_OK;
}

static void
nothing(void *arg)
{
	(void)arg;
}

static void
worker_lives(void *arg)
{
	struct daemon	*d = arg;

	d->notify.worker_lives = 1;
}

static void
put_status(struct daemon *d)
{
	int64_t	 max = d->conf->spool_max;
	size_t	 denied = 0, held = 0;
	char	 why[300];

	for (size_t i = 0; i < d->n_sources; i++)
		denied += d->sources[i]->ops->state(d->sources[i], why, sizeof(why)) == SOURCE_DENIED;
	for (size_t i = 0; i < d->n_outputs; i++)
		held += output_state(d->outputs[i]) == OUTPUT_HOLD;
	notify_send("STATUS=feeds %zu, outputs %zu, spool %lld%%%s%s%s", d->n_feeds, d->n_outputs,
	    (long long)(max > 0 ? store_spool_bytes(d->store) * 100 / max : 0), d->collect.paused ? ", polling paused" : "",
	    denied > 0 ? ", a source is denied" : "", held > 0 ? ", an output is held" : "");
}

static void
tick(void *arg)
{
	struct daemon		*d = arg;
	struct daemon_notify	*n = &d->notify;

	if (d->stop_begun)
		return;
	put_status(d);
	if (n->store_lives && n->worker_lives) {
		if (notify_watchdog_ms() > 0)
			notify_send("WATCHDOG=1");
		n->store_lives = n->worker_lives = 0;
		store_ping(d->store, store_lives, d);
		work_submit(d->work, nothing, worker_lives, d);
	}
	timer_set_real(&n->timer, n->every_ms);
}

void
daemon_notify_ready(struct daemon *d)
{
	int64_t	 watchdog = notify_watchdog_ms();

	d->notify.every_ms = watchdog > 0 && watchdog / 3 < STATUS_MS ? watchdog / 3 : STATUS_MS;
	d->notify.store_lives = d->notify.worker_lives = 1;
	timer_init(&d->notify.timer, d->loop, tick, d);
	notify_send("READY=1");
	tick(d);
}

void
daemon_notify_reload(int begins)
{
	if (begins)
		notify_send("RELOADING=1");
	else
		notify_send("READY=1");
}

/* The manager must not lose its patience before we lose ours. */
void
daemon_notify_stopping(const struct daemon *d)
{
	notify_send("STOPPING=1\nSTATUS=delivering what is under way\nEXTEND_TIMEOUT_USEC=%lld",
	    ((long long)d->conf->stop_timeout_ms + 10000) * 1000);
}
