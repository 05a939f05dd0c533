/*
 * daemon - from start to stop: the loop, the signals, and the end of run --once.
 */
#include "daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/notify.h"
#include "base/clock.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon_in.h"

#define ONCE_TICK_MS 100

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0.0.0"
#endif

static void
store_has_answers(void *arg)
{
	struct daemon	*d = arg;

	store_turn(d->store);
}

/* ---- stopping ---------------------------------------------------------------------------------------------------- */

void
daemon_output_stopped(void *arg)
{
	struct daemon	*d = arg;

	if (--d->stopping > 0)
		return;
	crash_point(CRASH_STOP_DELIVERED);
	loop_stop(d->loop);
}

static void
begin_stop(struct daemon *d, int exit_code)
{
	d->stop_begun = 1;
	d->exit_code = exit_code;
	timer_stop(&d->once_timer);
	timer_stop(&d->room_timer);
	timer_stop(&d->reserve_timer);
	daemon_notify_stopping(d);
	for (size_t i = 0; i < d->n_sources; i++)
		d->sources[i]->ops->stop(d->sources[i]);
	crash_point(CRASH_STOP_BEGUN);
}

void
daemon_stop_at_once(struct daemon *d, int exit_code)
{
	if (!d->stop_begun)
		begin_stop(d, exit_code);
	loop_stop(d->loop);
}

/* Fetches and token requests are aborted at once; only deliveries may use the stop time-out. */
void
daemon_stop(struct daemon *d, int exit_code)
{
	if (d->stop_begun)
		return;
	begin_stop(d, exit_code);
	if (d->broken || d->n_outputs == 0) {
		loop_stop(d->loop);
		return;
	}
	d->stopping = reload_waiting(d);
	for (size_t i = 0; i < d->n_outputs; i++)
		d->stopping += !reload_stops(d, i);
	for (size_t i = 0; i < d->n_outputs; i++)
		if (!reload_stops(d, i))
			output_stop(d->outputs[i], d->conf->stop_timeout_ms, daemon_output_stopped, d);
}

/* In one line: what is still owed, and why. The worst reason decides the exit code. */
static int
say_blocked(struct daemon *d)
{
	int	 permission = 0, other = 0;
	char	 why[400];

	for (size_t i = 0; i < d->n_sources; i++) {
		const struct source	*s = d->sources[i];

		switch (s->ops->state(s, why, sizeof(why))) {
		case SOURCE_DENIED:
			permission = 1;
			log_warn("once-blocked", "%s", why);
			break;
		case SOURCE_TROUBLE:
			other = 1;
			log_warn("once-blocked", "%s", why);
			break;
		case SOURCE_OK:
			if (!s->ops->caught_up(s, d->started_ms)) {
				other = 1;
				log_warn("once-blocked", "%s: has not caught up yet", s->name);
			}
			break;
		}
	}
	if (d->blobs_left > 0) {
		other = 1;
		log_warn("once-blocked", "content blobs=%lld cannot be read yet; m365fwd status shows which feeds", (long long)d->blobs_left);
	}
	for (size_t i = 0; i < d->n_outputs; i++) {
		if (output_idle(d->outputs[i]))
			continue;
		if (output_permission(d->outputs[i]))
			permission = 1;
		else
			other = 1;
		log_warn("once-blocked", "output %s: still owes records: %s", d->conf->outputs[i].name,
		    *output_why(d->outputs[i]) != '\0' ? output_why(d->outputs[i]) : "delivery is going on");
	}
	return permission && !other ? ERR_PERMISSION : ERR_AGAIN;
}

static void
on_term(void *arg)
{
	struct daemon	*d = arg;

	if (d->stop_begun) {		/* twice: now */
		loop_stop(d->loop);
		return;
	}
	log_info("stopping", "SIGTERM: stopping");
	daemon_stop(d, d->opts->once ? say_blocked(d) : 0);
}

static void
on_broken_timer(void *arg)
{
	daemon_stop(arg, ERR_IO);
}

/* ---- run --once ---------------------------------------------------------------------------------------------------- */

static int
collected(const struct daemon *d)
{
	for (size_t i = 0; i < d->n_sources; i++)
		if (!d->sources[i]->ops->caught_up(d->sources[i], d->started_ms))
			return 0;
	return 1;
}

static void
left_known(void *arg, struct store_result *r)
{
	const struct store_left	*left = &r->left;
	struct daemon		*d = arg;

	d->asked_left = 0;
	if (r->fail != STORE_OK) {
		d->collect.on_broken(d->collect.arg, &r->err);
		return;
	}
	d->blobs_left = left->blobs + left->blobs_refused;
	if (d->stop_begun || d->blobs_left > 0)
		return;
	for (size_t i = 0; i < d->n_outputs; i++)
		output_hurry(d->outputs[i], 1);
	if (left->deliveries > 0)
		return;
	log_info("once-done", "caught up, everything is delivered");
	daemon_stop(d, 0);
}

static void
once_tick(void *arg)
{
	struct daemon	*d = arg;

	if (d->stop_begun)
		return;
	if (clock_mono_ms() >= d->deadline_ms) {
		log_warn("once-timeout", "run --once: not done within its time; everything is kept for the next run");
		daemon_stop(d, say_blocked(d));
		return;
	}
	if (!d->asked_left && collected(d)) {
		d->asked_left = 1;
		store_left(d->store, left_known, d);
	}
	timer_set(&d->once_timer, ONCE_TICK_MS);
}

/* cmd_run() held them back, or whoever started us; the handlers are there now. Threads come later and inherit this. */
static void
let_signals_in(void)
{
	sigset_t	 set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* ---- start --------------------------------------------------------------------------------------------------------- */

static int
start(struct daemon *d, struct err *e)
{
	if (wire_open(d, e) == -1)
		return -1;
	if (store_start(d->store, e) == -1)
		return -1;
	watch_init(&d->store_watch, d->loop, store_fd(d->store), store_has_answers, d);
	ctl_ready(d->ctl);
	if (daemon_admin_open(d, e) == -1)
		return -1;
	wire_start(d);
	timer_set(&d->reserve_timer, 1000);
	if (d->opts->once) {
		d->deadline_ms = clock_mono_ms() + d->opts->timeout_ms;
		timer_set(&d->once_timer, ONCE_TICK_MS);
	}
	log_info("started", "m365fwd %s: tenants=%zu feeds=%zu outputs=%zu state_dir=%s", PACKAGE_VERSION, d->conf->n_tenants,
	    d->n_feeds, d->n_outputs, d->conf->state_dir);
	crash_point(CRASH_STARTED);
	daemon_notify_ready(d);
	return 0;
}

int
daemon_run(struct conf *conf, const struct daemon_opts *opts)
{
	struct daemon	*d = xcalloc(1, sizeof(*d));
	struct err	 e = { 0 };
	int		 rc;

	d->conf = conf;
	d->opts = opts;
	d->started_ms = clock_wall_ms();
	log_open((enum log_level)conf->log_level, (enum log_format)conf->log_format);
	httpc_global();
	notify_open();
	d->loop = loop_new();
	watch_signal(&d->sigterm, d->loop, SIGTERM, on_term, d);
	watch_signal(&d->sigint, d->loop, SIGINT, on_term, d);
	watch_signal(&d->sighup, d->loop, SIGHUP, reload_begin, d);
	let_signals_in();
	timer_init(&d->once_timer, d->loop, once_tick, d);
	timer_init(&d->broken_timer, d->loop, on_broken_timer, d);
	if (start(d, &e) == 0) {
		loop_run(d->loop);
		rc = d->exit_code;
	} else {
		log_error("start-failed", "%s", e.text);
		rc = err_exit(&e);
	}
	watch_clear(&d->store_watch);
	wire_close(d);
	watch_clear(&d->sigterm);
	watch_clear(&d->sigint);
	watch_clear(&d->sighup);
	timer_clear(&d->once_timer);
	timer_clear(&d->broken_timer);
	timer_clear(&d->notify.timer);
	notify_close();
	loop_free(d->loop);
	if (rc == 0)
		log_info("stopped", "stopped");
	conf_free(d->conf);
	free(d);
	return rc;
}
