/*
 * graph - one tenant's Graph feeds: their token, their budgets, their states.
 */
#include "collect/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "collect/feed_status.h"
#include "collect/graph_in.h"
#include "collect/owed.h"

#define OWED_MS		((int64_t)60 * 1000)
#define WAY_MS		((int64_t)1000)		/* a request is taken to reach Graph within it */
#define SKEW_MS		((int64_t)120 * 1000)	/* a clock that is further off is said */

/* What Microsoft allows (spec/api-graph.md section 1), a little inside of it. Identity protection is shared by all apps. */
static const struct {
	const char	*name;
	unsigned	 most;
	int64_t		 per_ms;
} services[GRAPH_SERVICES] = {
	[GRAPH_REPORTING] = { "reporting", 5, 10500 },
	[GRAPH_IDENTITY] = { "identity-protection", 1, 1000 },
	[GRAPH_SECURITY] = { "security", 25, 10500 },
};

const char *
graph_service_name(enum graph_service s)
{
	return services[s].name;
}

void
graph_state(struct gfeed *f, enum source_state state, const char *id, const char *why)
{
	int	 changed = f->state != state || strcmp(f->why, why) != 0;

	f->state = state;
	snprintf(f->why, sizeof(f->why), "%s", why);
	if (!changed)
		return;
	if (state == SOURCE_OK)
		log_info(id, "%s: reading works", f->label);
	else
		log_warn(id, "%s: %s", f->label, why);
}

void
graph_gap(struct gfeed *f, int64_t from_ms, int64_t to_ms, const char *reason, const char *detail)
{
	struct gap	 gap = { .feed = f->number, .from_ms = from_ms, .to_ms = to_ms, .reason = reason, .detail = detail };

	owed_gap(f->g->owed, f->label, f->g->tenant, f->kind->name, &gap);
}

/* ---- budgets -------------------------------------------------------------------------------------------------------------------- */

static struct gfeed *
at_place(struct graph *g, enum graph_service service, unsigned place)
{
	for (size_t i = 0; i < g->n_feeds; i++)
		if (g->feeds[i].kind->service == service && g->feeds[i].place == place)
			return &g->feeds[i];
	return NULL;
}

void
graph_turns(struct graph *g, enum graph_service service)
{
	struct graph_budget	*b = &g->budgets[service];
	int64_t			 wait;
	unsigned		 slot;
	int			 place;

	while (!g->source.stopped && (place = graph_budget_next(b, clock_mono_ms(), &slot)) != -1)
		poll_send(at_place(g, service, (unsigned)place), slot);
	if ((wait = graph_budget_wait(b, clock_mono_ms())) > 0)
		timer_set(&g->timers[service], wait);
}

void
graph_want(struct gfeed *f, enum graph_want what)
{
	f->g->budgets[f->kind->service].wants[f->place] = what;
	graph_turns(f->g, f->kind->service);
}

void
graph_unwant(struct gfeed *f)
{
	f->g->budgets[f->kind->service].wants[f->place] = WANT_NOTHING;
}

static void
slot_free(struct graph *g, enum graph_service service)
{
	if (!g->source.stopped)
		graph_turns(g, service);
}

static void
reporting_free(void *arg)
{
	slot_free(arg, GRAPH_REPORTING);
}

static void
identity_free_slot(void *arg)
{
	slot_free(arg, GRAPH_IDENTITY);
}

static void
security_free(void *arg)
{
	slot_free(arg, GRAPH_SECURITY);
}

static void (*const slot_timers[GRAPH_SERVICES])(void *) = { reporting_free, identity_free_slot, security_free };

/* ---- what the daemon asks for ------------------------------------------------------------------------------------------------ */

static void
drive_all(struct graph *g)
{
	for (size_t i = 0; i < g->n_feeds; i++)
		poll_drive(&g->feeds[i]);
}

static void
token_bell(void *arg)
{
	struct graph	*g = arg;

	if (!g->source.stopped)
		drive_all(g);
}

/* Windows end by the earlier of the two clocks. */
static const char *
skew_text(char *text, size_t size)
{
	int64_t	 skew = clock_skew_ms();

	snprintf(text, size, "this host's clock is %lld s %s Microsoft's%s: set it", (long long)((skew < 0 ? -skew : skew) / 1000),
	    skew < 0 ? "behind" : "ahead of", skew < 0 ? ", and rows come as much later" : "");
	return text;
}

/* Gaps that a full disk refused, and a clock that is off. */
static void
now_and_then(void *arg)
{
	struct graph	*g = arg;
	int64_t		 skew = clock_skew_ms();
	int		 off = skew > SKEW_MS || skew < -SKEW_MS;
	char		 text[160];

	owed_retry(g->owed);
	if (off && !g->said_skew)
		log_warn("clock-off", "%s: %s", g->source.name, skew_text(text, sizeof(text)));
	g->said_skew = off;
	timer_set(&g->owed_timer, OWED_MS);
}

static void
start(struct source *s)
{
	struct graph	*g = (struct graph *)s;

	timer_set(&g->owed_timer, OWED_MS / 10);
	drive_all(g);
}

static void
stop(struct source *s)
{
	struct graph	*g = (struct graph *)s;

	s->stopped = 1;
	token_stop(g->token);
	timer_stop(&g->owed_timer);
	for (int i = 0; i < GRAPH_SERVICES; i++)
		timer_stop(&g->timers[i]);
	for (size_t i = 0; i < g->n_feeds; i++)
		poll_stop(&g->feeds[i]);
}

static void
room(struct source *s)
{
	struct graph	*g = (struct graph *)s;

	owed_retry(g->owed);
	drive_all(g);
}

static void
kick(struct source *s)
{
	struct graph	*g = (struct graph *)s;

	token_kick(g->token);
	for (size_t i = 0; i < g->n_feeds; i++)
		poll_now(&g->feeds[i]);
}

static int
caught_up(const struct source *s, int64_t since_ms)
{
	const struct graph	*g = (const struct graph *)s;

	for (size_t i = 0; i < g->n_feeds; i++)
		if (g->feeds[i].marks.listed_ms < since_ms || !g->feeds[i].clear)
			return 0;
	return owed_left(g->owed) == 0;
}

static enum source_state
state(const struct source *s, char *why, size_t size)
{
	const struct graph	*g = (const struct graph *)s;
	enum source_state	 worst = SOURCE_OK;
	char			 text[300];

	*why = '\0';
	switch (token_state(g->token, text, sizeof(text))) {
	case TOKEN_REFUSED:
		snprintf(why, size, "%s: no token: %s", s->name, text);
		return SOURCE_DENIED;
	case TOKEN_TROUBLE:
		snprintf(why, size, "%s: no token yet: %s", s->name, text);
		return SOURCE_TROUBLE;
	default:
		break;
	}
	for (size_t i = 0; i < g->n_feeds; i++) {
		if (g->feeds[i].state > worst) {
			worst = g->feeds[i].state;
			snprintf(why, size, "%s: %s", g->feeds[i].label, g->feeds[i].why);
		}
	}
	return worst;
}

static void
status(const struct source *s, struct json_out *o)
{
	const struct graph	*g = (const struct graph *)s;
	char			 clock[160] = "";

	if (g->said_skew)
		skew_text(clock, sizeof(clock));
	for (size_t i = 0; i < g->n_feeds; i++) {
		const struct gfeed	*f = &g->feeds[i];
		struct feed_status	 is = { .tenant = g->tenant, .feed = f->kind->name, .token = g->token, .state = f->state,
		    .why = f->why[0] != '\0' ? f->why : clock, .paused = g->c->paused, .listed_ms = f->marks.listed_ms,
		    .last_ok_ms = f->last_ok_ms };

		feed_status(&is, o);
	}
}

static void
release(struct source *s)
{
	struct graph	*g = (struct graph *)s;

	stop(s);
	for (size_t i = 0; i < g->n_feeds; i++) {
		poll_clear(&g->feeds[i]);
		free(g->feeds[i].label);
	}
	free(g->feeds);
	owed_free(g->owed);
	token_free(g->token);
	timer_clear(&g->owed_timer);
	for (int i = 0; i < GRAPH_SERVICES; i++)
		timer_clear(&g->timers[i]);
	free(g->tenant);
	free(g->guid);
	free(g->origin_text);
	free(g->proxy);
	free(g->ca_file);
	free((char *)(uintptr_t)g->source.name);
	free(g);
}

static const struct source_ops ops = {
	.start = start, .stop = stop, .room = room, .kick = kick, .caught_up = caught_up, .state = state, .status = status,
	.free = release,
};

static struct token *
new_token(struct graph *g, const struct graph_opts *o)
{
	char			*scope = xasprintf("%s/.default", o->graph);
	struct token_opts	 t = { .tenant = o->tenant, .login = o->login, .tenant_guid = o->tenant_guid,
	    .client_id = o->client_id, .secret_ref = o->secret_ref, .scope = scope, .proxy = o->proxy, .ca_file = o->ca_file,
	    .deny_loopback = o->deny_loopback };
	struct token		*token = token_new(g->c, &t, token_bell, g);

	free(scope);
	return token;
}

static int64_t
longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int
new_feed(struct graph *g, const struct graph_feed *one, const struct graph_opts *o, struct err *e)
{
	struct gfeed	*f = &g->feeds[g->n_feeds++];

	f->g = g;
	f->kind = graph_kind_find(one->name);
	f->label = xasprintf("%s/%s", o->tenant, one->name);
	f->number = one->number;
	f->place = graph_budget_join(&g->budgets[f->kind->service]);
	f->rules.overlap_ms = longer(o->overlap_ms, f->kind->overlap_ms);
	f->rules.long_overlap_ms = longer(longer(o->long_overlap_ms, f->kind->long_overlap_ms), f->rules.overlap_ms);
	f->rules.n_looks = o->n_looks < GRAPH_LOOKS ? o->n_looks : GRAPH_LOOKS;
	memcpy(f->rules.look_ms, o->look_ms, f->rules.n_looks * sizeof(*f->rules.look_ms));
	return poll_init(f, e);
}

/* A second of the machine's: where time passes faster, requests do not. */
static int64_t
way_ms(void)
{
	int64_t	 real_us = clock_real_us(WAY_MS);

	return real_us > 0 ? WAY_MS * WAY_MS * 1000 / real_us : WAY_MS;
}

struct source *
graph_new(struct collect *c, const struct graph_opts *o, struct err *e)
{
	struct graph	*g = xcalloc(1, sizeof(*g));

	g->source.ops = &ops;
	g->source.name = xasprintf("%s/graph", o->tenant);
	g->c = c;
	g->source.tenant = g->tenant = xstrdup(o->tenant);
	g->guid = xstrdup(o->tenant_guid);
	g->origin_text = xstrdup(o->graph);
	g->proxy = o->proxy != NULL ? xstrdup(o->proxy) : NULL;
	g->ca_file = o->ca_file != NULL ? xstrdup(o->ca_file) : NULL;
	g->deny_loopback = o->deny_loopback;
	g->start_ms = o->start_ms;
	g->interval_ms = o->interval_ms;
	g->idle_interval_ms = o->idle_interval_ms;
	g->owed = owed_new(c);
	timer_init(&g->owed_timer, c->loop, now_and_then, g);
	for (int i = 0; i < GRAPH_SERVICES; i++) {
		graph_budget_init(&g->budgets[i], services[i].most, services[i].per_ms, way_ms());
		backoff_init(&g->throttles[i], 10000, 600000);
		timer_init(&g->timers[i], c->loop, slot_timers[i], g);
	}
	g->token = new_token(g, o);
	g->feeds = xcalloc(o->n_feeds + 1, sizeof(*g->feeds));
	if (url_origin(o->graph, &g->origin, NULL, 0, e) == -1)
		goto fail;
	for (size_t i = 0; i < o->n_feeds; i++)
		if (new_feed(g, &o->feeds[i], o, e) == -1)
			goto fail;
	/* What the process before this one asked a moment ago counts: Graph does not know that it was restarted. */
	for (size_t i = 0; i < g->n_feeds; i++)
		if (g->feeds[i].marks.first_ms != 0 && g->feeds[i].kind->service != GRAPH_SECURITY)
			graph_budget_used_up(&g->budgets[g->feeds[i].kind->service], clock_mono_ms());
	return &g->source;
fail:
	release(&g->source);
	return NULL;
}
