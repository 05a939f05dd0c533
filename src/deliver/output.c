/*
 * output - one destination: wakes, stops and tells what its slots (slot.c) do.
 *
 * Waking is always by the wake timer, so nothing is driven from inside somebody else's call.
 */
#include "deliver/output.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "deliver/slot.h"

#define SECRETS_EVERY_MS 5000		/* while held: did the secret file change? */

static void	on_wake(void *), on_pause(void *), on_deadline(void *), on_parked(void *);

struct output *
output_new(const struct output_opts *opts)
{
	struct output	*o = xcalloc(1, sizeof(*o));
	unsigned	 i;

	o->opts = *opts;
	o->name = xstrdup(opts->name);
	pace_init(&o->pace, opts->concurrency);
	o->n_slots = o->pace.limit + opts->sink->parked_max;
	opts->sink->bell = on_parked;
	opts->sink->bell_arg = o;
	o->owed = 1;
	gate_init(&o->gate);
	timer_init(&o->wake, opts->loop, on_wake, o);
	timer_init(&o->pause, opts->loop, on_pause, o);
	timer_init(&o->deadline, opts->loop, on_deadline, o);
	o->slots = xcalloc(o->n_slots, sizeof(*o->slots));
	for (i = 0; i < o->n_slots; i++)
		slot_init(&o->slots[i], o);
	return o;
}

void
output_free(struct output *o)
{
	unsigned	 i;

	if (o == NULL)
		return;
	timer_clear(&o->wake);
	timer_clear(&o->pause);
	timer_clear(&o->deadline);
	for (i = 0; i < o->n_slots; i++)
		slot_end(&o->slots[i]);
	o->opts.sink->ops->free(o->opts.sink);
	sift_free(o->opts.sift);
	free(o->slots);
	free(o->name);
	free(o);
}

void
output_bell(struct output *o)
{
	o->owed = 1;
	output_wake(o);
}

void
output_hurry(struct output *o, int on)
{
	o->hurry = on;
	output_wake(o);
}

void
output_kick(struct output *o)
{
	if (o->opts.sink->ops->reload != NULL)
		o->opts.sink->ops->reload(o->opts.sink);
	gate_kick(&o->gate);
	output_wake(o);
}

void
output_stop(struct output *o, int64_t timeout_ms, void (*on_stopped)(void *), void *arg)
{
	o->stopping = 1;
	o->on_stopped = on_stopped;
	o->stop_arg = arg;
	timer_set_real(&o->deadline, timeout_ms);
	output_wake(o);
}

int
output_idle(const struct output *o)
{
	unsigned	 i;

	for (i = 0; i < o->n_slots; i++)
		if (slot_look(&o->slots[i]) != SLOT_IDLE)
			return 0;
	return !o->owed;
}

enum output_state
output_state(const struct output *o)
{
	enum output_state	 state = OUTPUT_IDLE;
	unsigned		 i;

	if (o->gate.state == GATE_HELD)
		return OUTPUT_HOLD;
	if (o->gate.state == GATE_BACKING_OFF)
		return OUTPUT_BACKING_OFF;
	for (i = 0; i < o->n_slots; i++) {
		if (slot_look(&o->slots[i]) == SLOT_SENDING)
			return OUTPUT_SENDING;
		if (slot_look(&o->slots[i]) == SLOT_WAITING)
			state = OUTPUT_WAITING;
	}
	return state;
}

int
output_number(const struct output *o)
{
	return o->opts.number;
}

const char *
output_why(const struct output *o)
{
	return o->gate.state == GATE_OPEN ? "" : o->gate.why;
}

int
output_permission(const struct output *o)
{
	return o->gate.state == GATE_HELD && o->gate.permission;
}

void
output_status(const struct output *o, struct json_out *j)
{
	static const char *const words[] = { "idle", "waiting", "sending", "backing-off", "hold" };
	const struct {
		const char	*name;
		uint64_t	 n;
	} numbers[] = {
		{ "delivered", o->delivered }, { "duplicates", o->duplicates }, { "redirected", o->redirected },
		{ "dead", o->dead }, { "dropped", o->dropped }, { "redacted", o->redacted },
	};
	char		 when[RFC3339_SIZE];
	const char	*text;
	int64_t		 in_flight = 0, parked = 0;
	size_t		 i;

	for (i = 0; i < o->n_slots; i++)
		*(o->slots[i].parcel.parked ? &parked : &in_flight) += slot_look(&o->slots[i]) == SLOT_SENDING ?
		    (int64_t)o->slots[i].load.n : 0;
	json_out_open(j, '{');
	json_out_name(j, "name", 4);
	json_out_string(j, o->name, strlen(o->name));
	json_out_name(j, "type", 4);
	json_out_string(j, o->opts.sink->ops->type, strlen(o->opts.sink->ops->type));
	json_out_name(j, "state", 5);
	text = words[output_state(o)];
	json_out_string(j, text, strlen(text));
	json_out_name(j, "why", 3);
	json_out_string(j, output_why(o), strlen(output_why(o)));
	json_out_name(j, "since", 5);
	text = rfc3339_text(o->gate.since_ms, 0, when);
	json_out_string(j, text, strlen(text));
	json_out_name(j, "in_flight", 9);
	json_out_int(j, in_flight);
	json_out_name(j, "unacknowledged", 14);
	json_out_int(j, parked);
	json_out_name(j, "concurrency", 11);
	json_out_int(j, o->pace.now);
	json_out_name(j, "last_success", 12);
	text = rfc3339_text(o->last_success_ms, 0, when);
	if (o->last_success_ms == 0)
		json_out_null(j);
	else
		json_out_string(j, text, strlen(text));
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		json_out_name(j, numbers[i].name, strlen(numbers[i].name));
		json_out_int(j, (int64_t)numbers[i].n);
	}
	json_out_close(j, '}');
}

/* ---- moving ------------------------------------------------------------------------------------------------------- */

void
output_wake(struct output *o)
{
	timer_set(&o->wake, 0);
}

static void
on_parked(void *arg)
{
	output_wake(arg);
}

/* Everybody who can move does. The two big callbacks come last and from here only: they may free the output. */
static void
on_wake(void *arg)
{
	struct output	*o = arg;
	unsigned	 i, n = 0;

	for (i = 0; i < o->n_slots; i++) {
		slot_drive(&o->slots[i]);
		n += slot_look(&o->slots[i]) == SLOT_STOPPED ? 1 : 0;
	}
	if (o->broken.kind != ERR_NONE && !o->broken_told) {
		o->broken_told = 1;
		o->opts.on_broken(o->opts.arg, &o->broken);
		return;
	}
	if (o->stopping && n == o->n_slots && !o->stopped_told) {
		o->stopped_told = 1;
		timer_stop(&o->deadline);
		o->on_stopped(o->stop_arg);
	}
}

/* The pause is over, or it is time to see whether a held output got new secrets. */
static void
on_pause(void *arg)
{
	struct output	*o = arg;
	struct sink	*sink = o->opts.sink;

	if (o->gate.state == GATE_HELD && sink->ops->changed != NULL && sink->ops->changed(sink)) {
		log_info("output-secret", "%s: the secret changed, looking again", o->name);
		output_kick(o);
	}
	on_wake(o);
}

/* The time is up: what the network still holds is called back. Workers and the store finish by themselves. */
static void
on_deadline(void *arg)
{
	struct output	*o = arg;
	unsigned	 i;

	for (i = 0; i < o->n_slots; i++)
		slot_recall(&o->slots[i]);
	output_wake(o);
}

void
output_pause(struct output *o)
{
	int64_t	 ms = gate_pause_ms(&o->gate), at_ms;

	if (ms == 0) {
		timer_stop(&o->pause);
		return;
	}
	if (o->gate.state == GATE_HELD && o->opts.sink->ops->changed != NULL && ms > SECRETS_EVERY_MS)
		ms = SECRETS_EVERY_MS;
	at_ms = clock_mono_ms() + ms;
	if (timer_pending(&o->pause) && o->pause_at_ms <= at_ms)
		return;
	o->pause_at_ms = at_ms;
	timer_set(&o->pause, ms);
}

