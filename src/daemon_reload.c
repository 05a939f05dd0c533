/*
 * daemon_reload - SIGHUP: the running daemon becomes what the file says now, or stays what it is.
 *
 *	read the file -> outputs that change or leave finish what they have under way -> the store halts between two jobs ->
 *	what changed is taken down and made anew, by wire_apply -> the store goes on
 *
 * Outputs and tenants that are the same are not touched, but for a kick: secrets are read again, back-off and holds are
 * forgotten. If the new ones cannot be made, the old ones are made again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/counters.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon_in.h"

struct reload {
	struct daemon	*d;
	struct conf	*fresh;
	int		*keep;		/* per output of the running configuration */
	struct asker	*askers;	/* m365fwd reload waits for its end */
	size_t		 waiting;	/* outputs that finish what they have */
	int		 again;		/* SIGHUP came meanwhile */
};

struct asker {
	struct asker	*next;
	void		(*answer)(void *arg, const char *error);
	void		*arg;
};

static void
answer_all(struct asker **list, const char *error)
{
	struct asker	*a;

	while ((a = *list) != NULL) {
		*list = a->next;
		a->answer(a->arg, error);
		free(a);
	}
}

static void
refuse(struct daemon *d, const char *why, struct asker **askers)
{
	count(C_RELOADS, 1, "refused", NULL, NULL);
	log_error("reload-refused", "%s: the running configuration stays: %s", d->opts->config, why);
	answer_all(askers, why);
}

/* ---- what stays ----------------------------------------------------------------------------------------------------- */

static const struct conf_output *
output_named(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->n_outputs; i++)
		if (strcmp(c->outputs[i].name, name) == 0)
			return &c->outputs[i];
	return NULL;
}

static const struct conf_tenant *
tenant_named(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->n_tenants; i++)
		if (strcmp(c->tenants[i].name, name) == 0)
			return &c->tenants[i];
	return NULL;
}

static int
has_feed(const struct conf *c, const char *guid, const char *feed)
{
	for (size_t t = 0; t < c->n_tenants; t++)
		for (size_t i = 0; i < c->tenants[t].feeds.n; i++)
			if (strcmp(c->tenants[t].id, guid) == 0 && strcmp(c->tenants[t].feeds.items[i], feed) == 0)
				return 1;
	return 0;
}

/* Does b have every feed of a that the output wants? */
static int
feeds_within(const struct conf *a, const struct conf *b, const struct conf_output *o)
{
	for (size_t t = 0; t < a->n_tenants; t++)
		for (size_t i = 0; i < a->tenants[t].feeds.n; i++)
			if (conf_wants(o, a->tenants[t].feeds.items[i]) && !has_feed(b, a->tenants[t].id, a->tenants[t].feeds.items[i]))
				return 0;
	return 1;
}

/* A file output opens the segments of its feeds when it is made. */
static int
keeps_output(const struct conf *was, const struct conf_output *o, const struct conf *fresh)
{
	const struct conf_output	*to = output_named(fresh, o->name);

	return to != NULL && conf_same_output(o, to) && conf_same(was, fresh, "spool.on_full") &&
	    (o->type != CONF_FILE || (feeds_within(was, fresh, o) && feeds_within(fresh, was, to)));
}

static int
keeps_source(const struct conf *was, const char *tenant, const struct conf *fresh)
{
	const struct conf_tenant	*from = tenant_named(was, tenant), *to = tenant_named(fresh, tenant);

	return from != NULL && to != NULL && conf_same_tenant(from, to) && conf_same(was, fresh, "poll.") &&
	    conf_same(was, fresh, "graph.");
}

/* ---- the switch ----------------------------------------------------------------------------------------------------- */

static void
drop_source(struct source *s)
{
	s->ops->stop(s);
	s->ops->free(s);
}

/* The sources and outputs that `to` keeps move into new lists; the others go. keep: per output; NULL: none that is younger than `old`. */
static void
take_down(struct daemon *d, const struct conf *from, const struct conf *to, const int *keep)
{
	struct output	**outputs = xcalloc(to->n_outputs + 1, sizeof(*outputs));
	size_t		 left = 0;

	for (size_t i = 0; i < from->n_outputs; i++) {
		if (!keep[i]) {
			output_free(d->outputs[i]);
			continue;
		}
		for (size_t k = 0; k < to->n_outputs; k++)
			if (strcmp(to->outputs[k].name, from->outputs[i].name) == 0)
				outputs[k] = d->outputs[i];
	}
	free(d->outputs);
	d->outputs = outputs;
	d->n_outputs = to->n_outputs;
	for (size_t i = 0; i < d->n_sources; i++) {
		if (keeps_source(from, d->sources[i]->tenant, to))
			d->sources[left++] = d->sources[i];
		else
			drop_source(d->sources[i]);
	}
	d->n_sources = left;
}

/* What the failed attempt has made goes, what was kept stays, and the old ones are made again. */
static int
go_back(struct daemon *d, struct conf *old, const int *kept, struct err *e)
{
	struct conf	*failed = d->conf;
	int		*keep = xcalloc(failed->n_outputs + 1, sizeof(*keep));
	int		 rc;

	for (size_t i = 0; i < old->n_outputs; i++)
		for (size_t k = 0; kept[i] && k < failed->n_outputs; k++)
			if (strcmp(failed->outputs[k].name, old->outputs[i].name) == 0)
				keep[k] = 1;
	take_down(d, failed, old, keep);
	d->conf = old;
	rc = wire_apply(d, e) == 0 && daemon_admin_reload(d, failed, e) == 0 ? 0 : -1;
	free(keep);
	conf_free(failed);
	return rc;
}

static void
kick(struct daemon *d)
{
	for (size_t i = 0; i < d->n_sources; i++)
		if (d->sources[i]->started)
			d->sources[i]->ops->kick(d->sources[i]);
	for (size_t i = 0; i < d->n_outputs; i++)
		output_kick(d->outputs[i]);
}

static void
reload_free(struct reload *r)
{
	conf_free(r->fresh);
	free(r->keep);
	free(r);
}

/* Nobody has anything under way that does not stay: stopped sources are answered by the workers and the store first. */
static void
stand_still(struct daemon *d, const struct conf *fresh)
{
	for (size_t i = 0; i < d->n_sources; i++)
		if (!keeps_source(d->conf, d->sources[i]->tenant, fresh))
			d->sources[i]->ops->stop(d->sources[i]);
	work_drain(d->work);
	store_halt(d->store);
}

static void
switch_over(struct daemon *d, struct reload *r)
{
	struct conf	*old = d->conf;
	struct err	 e = { 0 };

	stand_still(d, r->fresh);
	if (d->broken)
		return;		/* the daemon stops */
	crash_point(CRASH_RELOAD_HALTED);
	take_down(d, old, r->fresh, r->keep);
	d->conf = r->fresh;
	r->fresh = NULL;
	if (wire_apply(d, &e) == 0 && daemon_admin_reload(d, old, &e) == 0) {
		conf_free(old);
		log_open((enum log_level)d->conf->log_level, (enum log_format)d->conf->log_format);
		count(C_RELOADS, 1, "done", NULL, NULL);
		log_info("reloaded", "the configuration was read again: tenants=%zu feeds=%zu outputs=%zu", d->conf->n_tenants,
		    d->n_feeds, d->n_outputs);
	} else {
		refuse(d, e.text, &r->askers);
		if (go_back(d, old, r->keep, &e) == -1) {
			log_error("reload-failed", "what ran before cannot be made again either: %s; stopping", e.text);
			daemon_stop_at_once(d, err_exit(&e));
			return;
		}
	}
	crash_point(CRASH_RELOAD_MADE);
	if (store_start(d->store, &e) == -1) {
		log_error("reload-failed", "%s; stopping", e.text);
		daemon_stop_at_once(d, err_exit(&e));
		return;
	}
	kick(d);
	wire_start(d);
}

static void
finish(struct reload *r)
{
	struct daemon	*d = r->d;
	int		 again = r->again;

	d->reload = NULL;
	switch_over(d, r);
	answer_all(&r->askers, d->stop_begun || d->broken ? "the daemon stops" : NULL);
	reload_free(r);
	daemon_notify_reload(0);
	if (again && !d->stop_begun)
		reload_begin(d);
}

static void
output_stopped(void *arg)
{
	struct reload	*r = arg;

	r->waiting--;
	if (r->d->stop_begun)
		daemon_output_stopped(r->d);
	else if (r->waiting == 0)
		finish(r);
}

void
reload_ask(struct daemon *d, void (*answer)(void *arg, const char *error), void *arg)
{
	struct asker	*a = xmalloc(sizeof(*a));

	*a = (struct asker){ d->reload_askers, answer, arg };
	d->reload_askers = a;
	reload_begin(d);
}

/* ---- SIGHUP and SIGTERM ---------------------------------------------------------------------------------------------- */

void
reload_begin(void *arg)
{
	struct daemon	*d = arg;
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };
	struct reload	*r = d->reload;
	struct conf	*fresh;

	if (d->stop_begun) {
		answer_all(&d->reload_askers, "the daemon stops");
		return;
	}
	if (r != NULL) {
		r->again = 1;
		return;
	}
	daemon_notify_reload(1);
	fresh = conf_load(d->opts->config, &errors, &e);
	if (fresh == NULL)
		refuse(d, errors.len > 0 ? buf_str(&errors) : e.text, &d->reload_askers);
	else if (strcmp(fresh->state_dir, d->conf->state_dir) != 0)
		refuse(d, "state_dir changes with a restart only", &d->reload_askers);
	buf_clear(&errors);
	if (fresh == NULL || strcmp(fresh->state_dir, d->conf->state_dir) != 0) {
		conf_free(fresh);
		daemon_notify_reload(0);
		return;
	}
	r = d->reload = xcalloc(1, sizeof(*r));
	r->d = d;
	r->fresh = fresh;
	r->askers = d->reload_askers;
	d->reload_askers = NULL;
	r->keep = xcalloc(d->conf->n_outputs + 1, sizeof(*r->keep));
	for (size_t i = 0; i < d->conf->n_outputs; i++) {
		r->keep[i] = keeps_output(d->conf, &d->conf->outputs[i], fresh);
		r->waiting += !r->keep[i];
	}
	if (r->waiting == 0) {
		finish(r);
		return;
	}
	for (size_t i = 0; i < d->conf->n_outputs; i++)
		if (!r->keep[i])
			output_stop(d->outputs[i], d->conf->stop_timeout_ms, output_stopped, r);
}

int
reload_stops(const struct daemon *d, size_t output)
{
	return d->reload != NULL && !d->reload->keep[output];
}

size_t
reload_waiting(const struct daemon *d)
{
	return d->reload != NULL ? d->reload->waiting : 0;
}

void
reload_end(struct daemon *d)
{
	answer_all(&d->reload_askers, "the daemon stops");
	if (d->reload == NULL)
		return;
	answer_all(&d->reload->askers, "the daemon stops");
	reload_free(d->reload);
	d->reload = NULL;
}
