/*
 * daemon_wire - joins the stages: the configuration's tenants become feeds and sources, its outputs sinks and outputs.
 */
#include <stdlib.h>
#include <string.h>

#include "base/counters.h"
#include "base/held.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "collect/activity.h"
#include "collect/graph.h"
#include "daemon_in.h"
#include "deliver/sink_bulk.h"
#include "deliver/sink_file.h"
#include "deliver/sink_hec.h"
#include "net/url.h"
#include "norm/sift.h"

#define WORKERS		2
#define HELD_MAX	((int64_t)4 << 20)	/* fetched and not stored yet; what workers make of it comes on top */

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0.0.0"
#endif

static const struct feed_names *
feed_names(void *arg, int number)
{
	static const struct feed_names	 unknown = { "", "unknown", NULL, "unknown", NULL };
	const struct daemon		*d = arg;

	for (const struct daemon_names *n = d->names; n != NULL; n = n->next)
		if (n->number == number)
			return &n->names;
	return &unknown;
}

static char *
copy_of(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

static int
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* From now on the feed is called this; what is under way keeps the name it has. */
static void
name_feed(struct daemon *d, int number, const struct feed_names *to)
{
	const struct feed_names	*was = feed_names(d, number);
	struct daemon_names	*n;

	if (same_text(was->tenant_guid, to->tenant_guid) && same_text(was->tenant_name, to->tenant_name) &&
	    same_text(was->organization_name, to->organization_name) && same_text(was->feed, to->feed) &&
	    same_text(was->management, to->management))
		return;
	n = xcalloc(1, sizeof(*n));
	n->number = number;
	n->names = (struct feed_names){ n->text[0] = copy_of(to->tenant_guid), n->text[1] = copy_of(to->tenant_name),
	    n->text[2] = copy_of(to->organization_name), n->text[3] = copy_of(to->feed), n->text[4] = copy_of(to->management) };
	n->next = d->names;
	d->names = n;
}

/* Feeds that left the configuration may still have records in the spool: they keep their names. Numbers count from 1. */
static void
name_known_feeds(struct daemon *d)
{
	const char	*guid, *tenant, *feed;

	for (int number = 1; store_feed_names(d->store, number, &guid, &tenant, &feed); number++)
		name_feed(d, number, &(struct feed_names){ guid, tenant, NULL, feed, NULL });
}

static void
names_free(struct daemon *d)
{
	struct daemon_names	*n;

	while ((n = d->names) != NULL) {
		d->names = n->next;
		for (size_t i = 0; i < sizeof(n->text) / sizeof(n->text[0]); i++)
			free(n->text[i]);
		free(n);
	}
}

static struct store_opts
store_options(const struct conf *c)
{
	return (struct store_opts){ .dir = c->state_dir, .create = 1, .spool_max = c->spool_max, .dead_max = c->dead_max,
	    .seen_max = c->dedup_max, .seen_window_ms = c->dedup_window_ms, .record_max = c->record_max,
	    .reserve = c->spool_reserve, .lock_wait_ms = 5000 };
}

static int
open_feed(struct daemon *d, const struct conf_tenant *t, const char *name, struct err *e)
{
	struct daemon_feed	*f;
	int			 number = store_feed(d->store, t->id, t->name, name, e);

	if (number == -1)
		return -1;
	name_feed(d, number, &(struct feed_names){ t->id, t->name, t->organization, name, t->management });
	d->feeds = xreallocarray(d->feeds, d->n_feeds + 1, sizeof(*d->feeds));
	f = &d->feeds[d->n_feeds++];
	*f = (struct daemon_feed){ .number = number, .tenant = t, .name = name };
	return 0;
}

/* Every feed of every tenant gets its number. */
static int
open_feeds(struct daemon *d, struct err *e)
{
	d->n_feeds = 0;
	for (size_t t = 0; t < d->conf->n_tenants; t++) {
		const struct conf_tenant	*tenant = &d->conf->tenants[t];

		for (size_t i = 0; i < tenant->feeds.n; i++)
			if (open_feed(d, tenant, tenant->feeds.items[i], e) == -1)
				return -1;
	}
	return 0;
}

/* Records left the spool: whoever was paused need not wait for the timer. */
static void
on_progress(void *arg)
{
	full_progress(arg, 0);
}

static void
on_broken(void *arg, const struct err *e)
{
	struct daemon	*d = arg;

	if (d->broken)
		return;
	d->broken = 1;
	log_error("store-broken", "%s; stopping, so that the next start can check the store", e->text);
	timer_set(&d->broken_timer, 0);
}

static const char *
proxy_for(const char *configured, const char *url)
{
	return configured != NULL ? configured : httpc_env_proxy(url);
}

static enum schema
schema_of(const struct conf_output *o)
{
	return o->schema == CONF_RAW ? SCHEMA_RAW : o->schema == CONF_ECS_RAW ? SCHEMA_ECS_RAW : SCHEMA_ECS;
}

static void
add_conditions(struct sift *s, void (*add)(struct sift *, const struct sift_match *, size_t), const struct conf_conditions *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct sift_match	*m = xcalloc(c->items[i].n, sizeof(*m));

		for (size_t k = 0; k < c->items[i].n; k++)
			m[k] = (struct sift_match){ c->items[i].all[k].field, (const char *const *)c->items[i].all[k].patterns.items };
		add(s, m, c->items[i].n);
		free(m);
	}
}

/* What the output leaves out; NULL: nothing. */
static struct sift *
sift_of(const struct conf_output *o)
{
	struct sift	*s = sift_new();

	add_conditions(s, sift_drop, &o->drop);
	add_conditions(s, sift_keep, &o->keep);
	for (size_t i = 0; i < o->redact.n; i++)
		sift_redact(s, o->redact.items[i]);
	if (!sift_is_empty(s))
		return s;
	sift_free(s);
	return NULL;
}

static struct sink *
new_bulk(struct daemon *d, const struct conf_output *o, struct err *e)
{
	char			*add = norm_constants((const char *const *)o->add.items, o->add.n);
	struct sink		*sink;
	struct sink_bulk_opts	 s = { .name = o->name, .http = d->httpc, .urls = (const char *const *)o->urls.items,
	    .api_key = o->api_key, .username = o->username, .password = o->password, .bearer = o->bearer,
	    .schema = schema_of(o), .compat = o->compat, .original = o->original,
	    .add = add, .ns = o->ns, .index = o->index,
	    .pipeline = o->pipeline, .gzip = o->gzip, .timeout_ms = o->timeout_ms,
	    .headers = (const char *const *)o->headers.items, .proxy = o->proxy, .ca_file = o->ca_file,
	    .pinned_spki = o->pinned_spki, .client_cert = o->client_certificate, .client_key = o->client_key };

	sink = sink_bulk_new(&s, e);
	free(add);
	return sink;
}

static struct sink *
new_hec(struct daemon *d, const struct conf_output *o, struct err *e)
{
	char				*add = norm_constants_flat((const char *const *)o->add.items, o->add.n);
	struct sink			*sink;
	static const enum hec_ack	 acks[] = { [CONF_ACK_AUTO] = HEC_ACK_AUTO, [CONF_ACK_ON] = HEC_ACK_ON,
		    [CONF_ACK_OFF] = HEC_ACK_OFF };
	struct sink_hec_opts		 s = { .name = o->name, .http = d->httpc, .loop = d->loop,
		    .urls = (const char *const *)o->urls.items, .token = o->token, .index = o->index, .source = o->source,
		    .sourcetype = o->sourcetype, .host = o->host, .add = add, .ack = acks[o->ack], .ack_timeout_ms = o->ack_timeout_ms,
		    .gzip = o->gzip, .timeout_ms = o->timeout_ms, .headers = (const char *const *)o->headers.items, .proxy = o->proxy,
		    .ca_file = o->ca_file, .pinned_spki = o->pinned_spki, .client_cert = o->client_certificate,
		    .client_key = o->client_key };

	sink = sink_hec_new(&s, e);
	free(add);
	return sink;
}

static struct sink *
new_file(struct daemon *d, const struct conf_output *o, int number, const int *feeds, size_t n, struct err *e)
{
	char			*add = norm_constants((const char *const *)o->add.items, o->add.n);
	struct sink		*sink;
	struct sink_file_opts	 s = { .name = o->name, .number = number, .store = d->store, .loop = d->loop, .work = d->work,
	    .path = o->path, .schema = schema_of(o), .compat = o->compat, .original = o->original,
	    .add = add, .ns = o->ns, .feeds = feeds,
	    .n_feeds = n, .feed_names = feed_names, .arg = d };

	sink = sink_file_open(&s, e);
	free(add);
	return sink;
}

static struct output *
open_output(struct daemon *d, const struct conf_output *o, int number, struct err *e)
{
	struct output_opts	 opts = { .name = o->name, .number = number, .store = d->store, .work = d->work, .loop = d->loop,
	    .batch_bytes = (size_t)o->batch_bytes, .linger_ms = o->batch_linger_ms, .concurrency = o->type == CONF_FILE ? 1 : o->concurrency,
	    .feed_names = feed_names, .on_progress = on_progress, .on_broken = on_broken, .arg = d };
	int			*wanted = xcalloc(d->n_feeds + 1, sizeof(*wanted));
	size_t			 n = 0;

	for (size_t i = 0; i < d->n_feeds; i++)
		if (conf_wants(o, d->feeds[i].name))
			wanted[n++] = d->feeds[i].number;
	switch (o->type) {
	case CONF_BULK:
		opts.sink = new_bulk(d, o, e);
		break;
	case CONF_FILE:
		opts.sink = new_file(d, o, number, wanted, n, e);
		break;
	case CONF_HEC:
		opts.sink = new_hec(d, o, e);
		break;
	}
	free(wanted);
	if (opts.sink == NULL) {
		err_wrap(e, "outputs.%s: ", o->name);
		return NULL;
	}
	opts.sift = sift_of(o);
	return output_new(&opts);
}

/* Outputs get their bits first: a batch's destination mask never changes. */
static int
open_outputs(struct daemon *d, struct err *e)
{
	int	*numbers = xcalloc(d->conf->n_outputs + 1, sizeof(*numbers));
	int	 rc = -1;

	for (size_t i = 0; i < d->conf->n_outputs; i++) {
		const struct conf_output	*o = &d->conf->outputs[i];

		if ((numbers[i] = store_output(d->store, o->name, o->start_at_oldest, e)) == -1)
			goto out;
	}
	if (store_outputs_end(d->store, e) == -1)
		goto out;
	for (size_t i = 0; i < d->conf->n_outputs; i++)
		store_output_drops(d->store, numbers[i], d->conf->outputs[i].on_full == CONF_DROP_OLDEST);
	for (size_t f = 0; f < d->n_feeds; f++) {
		uint64_t	 mask = 0;

		for (size_t i = 0; i < d->conf->n_outputs; i++)
			if (conf_wants(&d->conf->outputs[i], d->feeds[f].name))
				mask |= (uint64_t)1 << numbers[i];
		if (mask == 0)
			log_warn("feed-unwanted", "%s/%s: no output takes this feed; its records are counted and dropped",
			    d->feeds[f].tenant->name, d->feeds[f].name);
		store_feed_mask(d->store, d->feeds[f].number, mask);
	}
	for (size_t i = 0; i < d->conf->n_outputs; i++)
		if (d->outputs[i] == NULL && (d->outputs[i] = open_output(d, &d->conf->outputs[i], numbers[i], e)) == NULL)
			goto out;
	rc = 0;
out:
	free(numbers);
	return rc;
}

/* An API on loopback is a laboratory; one elsewhere that resolves to loopback is an attack or a mistake. */
static int
deny_loopback(const char *proxy, const char *origin)
{
	struct url_origin	 o;
	struct err		 e = { 0 };

	return (proxy == NULL || proxy[0] == '\0') && (url_origin(origin, &o, NULL, 0, &e) == -1 || !url_is_loopback(&o));
}

static int
add_source(struct daemon *d, struct source *s)
{
	if (s == NULL)
		return -1;
	d->sources = xreallocarray(d->sources, d->n_sources + 1, sizeof(struct source *));
	d->sources[d->n_sources++] = s;
	return 0;
}

static int
open_activity(struct daemon *d, const struct conf_tenant *t, struct err *e)
{
	const struct conf	*c = d->conf;
	struct activity_feed	*feeds = xcalloc(t->feeds.n + 1, sizeof(*feeds));
	const char		*proxy = proxy_for(t->proxy, t->management);
	struct activity_opts	 o = { .tenant = t->name, .tenant_guid = t->id, .login = t->login, .management = t->management,
	    .client_id = t->client_id, .secret_ref = t->client_secret, .publisher = t->publisher, .proxy = proxy,
	    .ca_file = t->ca_file, .deny_loopback = deny_loopback(proxy, t->management), .feeds = feeds, .start_ms = t->start_ms,
	    .interval_ms = c->poll_interval_ms, .concurrency = c->poll_concurrency,
	    .requests_per_minute = c->poll_requests_per_minute };
	int			 rc = 0;

	o.rules.overlap_ms = c->poll_overlap_ms;
	o.rules.long_overlap_ms = c->poll_long_overlap_ms;
	o.rules.settle_ms = c->poll_settle_ms;
	o.rules.n_looks = c->n_poll_looks;
	memcpy(o.rules.look_ms, c->poll_looks_ms, sizeof(o.rules.look_ms));
	for (size_t i = 0; i < d->n_feeds; i++)
		if (d->feeds[i].tenant == t && activity_content_type(d->feeds[i].name) != NULL)
			feeds[o.n_feeds++] = (struct activity_feed){ d->feeds[i].name, d->feeds[i].number };
	if (o.n_feeds > 0)
		rc = add_source(d, activity_new(&d->collect, &o, e));
	free(feeds);
	return rc;
}

static int
open_graph(struct daemon *d, const struct conf_tenant *t, struct err *e)
{
	const struct conf	*c = d->conf;
	struct graph_feed	*feeds = xcalloc(t->feeds.n + 1, sizeof(*feeds));
	const char		*proxy = t->graph != NULL ? proxy_for(t->proxy, t->graph) : NULL;
	struct graph_opts	 o = { .tenant = t->name, .tenant_guid = t->id, .login = t->login, .graph = t->graph,
	    .client_id = t->client_id, .secret_ref = t->client_secret, .proxy = proxy, .ca_file = t->ca_file, .feeds = feeds,
	    .start_ms = t->start_ms, .interval_ms = c->graph_interval_ms, .idle_interval_ms = c->graph_idle_interval_ms,
	    .overlap_ms = c->graph_overlap_ms, .long_overlap_ms = c->graph_long_overlap_ms, .look_ms = c->graph_looks_ms,
	    .n_looks = c->n_graph_looks };
	int			 rc = 0;

	for (size_t i = 0; i < d->n_feeds; i++)
		if (d->feeds[i].tenant == t && graph_has(d->feeds[i].name))
			feeds[o.n_feeds++] = (struct graph_feed){ d->feeds[i].name, d->feeds[i].number };
	if (o.n_feeds > 0) {
		o.deny_loopback = deny_loopback(proxy, t->graph);
		rc = add_source(d, graph_new(&d->collect, &o, e));
	}
	free(feeds);
	return rc;
}

static int
has_source(const struct daemon *d, const struct conf_tenant *t)
{
	for (size_t i = 0; i < d->n_sources; i++)
		if (strcmp(d->sources[i]->tenant, t->name) == 0)
			return 1;
	return 0;
}

static void
on_records(void *arg)
{
	struct daemon	*d = arg;

	full_progress(d, 1);
	firsts_tell(d);
	for (size_t i = 0; i < d->n_outputs; i++)
		output_bell(d->outputs[i]);
}

static void
on_full(void *arg)
{
	full_begin(arg);
}

int
wire_apply(struct daemon *d, struct err *e)
{
	struct store_opts	 limits = store_options(d->conf);

	store_limits(d->store, &limits);
	d->collect.fetches_max = d->conf->fetches;
	d->collect.record_max = (size_t)d->conf->record_max;
	if (open_feeds(d, e) == -1 || open_outputs(d, e) == -1)
		return -1;
	for (size_t i = 0; i < d->conf->n_tenants; i++)
		if (!has_source(d, &d->conf->tenants[i]) &&
		    (open_activity(d, &d->conf->tenants[i], e) == -1 || open_graph(d, &d->conf->tenants[i], e) == -1))
			return -1;
	return 0;
}

void
wire_start(struct daemon *d)
{
	for (size_t i = 0; i < d->n_outputs; i++)
		output_bell(d->outputs[i]);
	for (size_t i = 0; i < d->n_sources; i++) {
		if (d->sources[i]->started)
			continue;
		d->sources[i]->started = 1;
		d->sources[i]->ops->start(d->sources[i]);
	}
}

/* Who kills the process twice is buried; without the file for it everything else works. */
static void
watch_workers(struct daemon *d)
{
	struct err	 e = { 0 };

	if (held_open(d->conf->state_dir, PACKAGE_VERSION, &e) == -1)
		log_warn("held-unknown", "%s: a record that kills the process cannot be told from the others", e.text);
}

static int
listen_to_commands(void *arg, struct err *e)
{
	struct daemon	*d = arg;

	return (d->ctl = ctl_open(d->loop, d->conf->state_dir, ctl_request, d, e)) != NULL ? 0 : -1;
}

int
wire_open(struct daemon *d, struct err *e)
{
	struct store_opts	 o = store_options(d->conf);

	o.locked = listen_to_commands;
	o.arg = d;
	timer_init(&d->room_timer, d->loop, full_look, d);
	timer_init(&d->reserve_timer, d->loop, full_reserve, d);
	if ((d->store = store_open(&o, e)) == NULL)
		return -1;
	if (!store_has_use(d->store, e))
		return -1;
	watch_workers(d);
	if (firsts_open(d, e) == -1)
		return -1;
	d->httpc = httpc_new(d->loop, "m365fwd/" PACKAGE_VERSION);
	d->work = work_new(d->loop, WORKERS);
	d->collect = (struct collect){ .loop = d->loop, .httpc = d->httpc, .work = d->work, .store = d->store,
	    .held_max = HELD_MAX, .on_records = on_records, .on_full = on_full, .on_broken = on_broken, .arg = d };
	if (d->opts->once)
		d->collect.once_ms = d->started_ms;
	name_known_feeds(d);
	d->n_outputs = d->conf->n_outputs;
	d->outputs = xcalloc(d->n_outputs + 1, sizeof(struct output *));
	return wire_apply(d, e);
}

/* Workers first, then the store: nobody may hand them anything any more, and nothing they hold is freed before. */
void
wire_close(struct daemon *d)
{
	d->stop_begun = 1;
	for (size_t i = 0; i < d->n_sources; i++)
		d->sources[i]->ops->stop(d->sources[i]);
	if (d->work != NULL)
		work_free(d->work);
	held_close();
	if (d->store != NULL)
		store_close(d->store);
	reload_end(d);		/* whoever asked for it still listens */
	ctl_close(d->ctl);
	admin_close(d->admin);
	for (size_t i = 0; i < d->n_sources; i++)
		d->sources[i]->ops->free(d->sources[i]);
	for (size_t i = 0; i < d->n_outputs; i++)
		output_free(d->outputs[i]);
	if (d->httpc != NULL)
		httpc_free(d->httpc);
	timer_clear(&d->room_timer);
	timer_clear(&d->reserve_timer);
	free(d->sources);
	free(d->outputs);
	free(d->feeds);
	names_free(d);
}
