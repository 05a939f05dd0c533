/*
 * activity - one tenant's Management API: the wiring of its subscriber, listers and fetches, and the requests they make.
 */
#include "collect/activity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "collect/feed_status.h"
#include "collect/mgmt.h"
#include "collect/owed.h"

#define EXPIRE_MS	((int64_t)60 * 1000)
#define BLAME_MS	((int64_t)60 * 1000)	/* so seldom does a first 401 end a token that others get through with */

static const struct {
	const char	*feed, *content_type;
} types[] = {
	{ "audit.exchange",	"Audit.Exchange" },
	{ "audit.sharepoint",	"Audit.SharePoint" },
	{ "audit.entra",	"Audit.AzureActiveDirectory" },
	{ "audit.general",	"Audit.General" },
	{ "audit.dlp",		"DLP.All" },
};

const char *
activity_content_type(const char *feed)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].feed, feed) == 0)
			return types[i].content_type;
	return NULL;
}

int64_t
mgmt_may_ask(struct mgmt *m, struct pass *pass)
{
	if ((pass->bearer = token_bearer(m->token, &pass->serial)) == NULL)
		return -1;
	return budget_take(&m->budget, clock_mono_ms());
}

void
mgmt_request(struct mgmt *m, struct http_req *req, const char *method, char url[URL_MAX], const struct pass *pass,
    const char *headers[5])
{
	char	 with[URL_MAX];

	if (url_add_query(url, "PublisherIdentifier", m->publisher, with) == 0)
		memcpy(url, with, URL_MAX);
	headers[0] = pass->bearer;
	headers[1] = "Accept: application/json";
	headers[2] = "Accept-Encoding: gzip";
	headers[3] = strcmp(method, "POST") == 0 ? "Content-Type: application/json; charset=utf-8" : NULL;
	headers[4] = NULL;
	memset(req, 0, sizeof(*req));
	req->method = method;
	req->url = url;
	req->headers = headers;
	req->proxy = m->proxy;
	req->ca_file = m->ca_file;
	req->deny_loopback = m->deny_loopback;
}

/* A throttle answer stops the whole tenant: the quota is the tenant's. */
static void
throttled(struct mgmt *m, const struct http_answer *a)
{
	int64_t	 pause = backoff_next(&m->throttle, a->retry_after_ms);

	log_warn("throttled", "%s: Microsoft throttles the tenant, pausing ms=%lld", m->source.name, (long long)pause);
	budget_gate(&m->budget, clock_mono_ms() + pause);
}

/*
 * A 401: is it the token, or this one request? One blob that is refused for ever must not keep the tenant without a token. The
 * first refusal is blamed on the token; if the next token is refused too, others have to tell: if it was taken meanwhile, it is good.
 */
static enum af_class
blame(struct mgmt *m, unsigned serial, struct refusal *was)
{
	struct refusal	 before = *was;
	int64_t		 now = clock_mono_ms();

	*was = (struct refusal){ was->who, serial, token_taken(m->token) };
	if (!token_is(m->token, serial))
		return AF_TOKEN;		/* it is gone already */
	if (before.serial == 0 && token_taken(m->token) > 0 && m->blamed_ms != 0 && now - m->blamed_ms < BLAME_MS)
		return AF_AGAIN;
	if (before.serial != 0 && before.serial != serial)
		return token_taken(m->token) > 0 ? AF_AGAIN : AF_UNHEARD;
	if (before.serial == serial && token_taken(m->token) > before.taken)
		return AF_AGAIN;
	m->blamed_ms = now;
	return AF_TOKEN;
}

void
mgmt_heard(struct mgmt *m, const char *kind, const struct http_answer *a, unsigned serial, struct refusal *refusal, struct af *af)
{
	if (a->date_ms >= 0)
		clock_heard(a->date_ms);
	if (a->fail != HTTP_OK) {
		memset(af, 0, sizeof(*af));
		af->class = AF_AGAIN;
		snprintf(af->code, sizeof(af->code), "%s", http_fail_name(a->fail));
	} else {
		af_judge(a->status, buf_str(a->body), a->body->len, af);
	}
	count(C_REQUESTS, 1, m->tenant, kind, af->code);
	if (af->class == AF_THROTTLED) {
		count(C_THROTTLED, 1, m->tenant, NULL, NULL);
		if (refusal != NULL && busy_alone(&m->busy, refusal->who))
			af->class = AF_AGAIN;
		else
			throttled(m, a);
		return;
	}
	if (af->class == AF_TOKEN && refusal != NULL)
		af->class = blame(m, serial, refusal);
	else if (refusal != NULL)
		refusal->serial = 0;
	if (af->class == AF_TOKEN)
		token_rejected(m->token, serial);
	else if (af->class == AF_PERMISSION)
		token_lacks_role(m->token, serial);
	else if (a->fail == HTTP_OK && a->status < 500 && a->status != 401)
		token_accepted(m->token, serial);
	if (af->class == AF_FINE) {
		backoff_reset(&m->throttle);
		busy_passed(&m->busy, refusal != NULL ? refusal->who : NULL);
	}
}

void
mgmt_describe(const struct http_answer *a, const struct af *af, char *why, size_t size)
{
	if (a->fail != HTTP_OK)
		snprintf(why, size, "%s: %s", http_fail_name(a->fail), a->why);
	else if (af->message[0] != '\0')
		snprintf(why, size, "HTTP %d %s: %s", a->status, af->code, af->message);
	else if (af->code[0] == 'A')
		snprintf(why, size, "HTTP %d %s", a->status, af->code);
	else
		snprintf(why, size, "HTTP %d", a->status);
}

struct feed *
mgmt_feed(struct mgmt *m, const char *content_type)
{
	for (size_t i = 0; i < m->n_feeds; i++)
		if (strcasecmp(m->feeds[i].content_type, content_type) == 0)
			return &m->feeds[i];
	return NULL;
}

void
mgmt_state(struct feed *f, enum source_state state, const char *id, const char *why)
{
	int	 changed = f->state != state || strcmp(f->why, why) != 0;

	f->state = state;
	snprintf(f->why, sizeof(f->why), "%s", why);
	if (!changed)
		return;
	if (state == SOURCE_OK)
		log_info(id, "%s: listing works", f->label);
	else
		log_warn(id, "%s: %s", f->label, why);
}

void
mgmt_broken(struct mgmt *m, const struct store_result *r)
{
	m->c->on_broken(m->c->arg, &r->err);
}

void
mgmt_gap(struct feed *f, int64_t from_ms, int64_t to_ms, const char *reason, const char *detail)
{
	struct gap	 gap = { .feed = f->number, .from_ms = from_ms, .to_ms = to_ms, .reason = reason, .detail = detail };

	owed_gap(f->m->owed, f->label, f->m->tenant, f->name, &gap);
}

static void
token_bell(void *arg)
{
	struct mgmt	*m = arg;

	if (m->source.stopped)
		return;
	subscribe_drive(m);
	for (size_t i = 0; i < m->n_feeds; i++)
		listing_drive(&m->feeds[i]);
	fetch_drive_all(m);
	fetch_more(m);
}

static void
expired(void *arg, struct store_result *r)
{
	struct feed	*f = arg;

	if (r->fail == STORE_BROKEN) {
		mgmt_broken(f->m, r);
		return;
	}
	if (r->n > 0) {
		count(C_BLOBS_LOST, (uint64_t)r->n, f->m->tenant, f->name, NULL);
		count(C_GAPS, (uint64_t)r->n, f->m->tenant, f->name, "blob-expired");
		log_error("blob-expired", "%s: content expired at Microsoft before it could be read, blobs=%lld; see m365fwd gaps",
		    f->label, (long long)r->n);
	}
}

static void
expire(void *arg)
{
	struct mgmt	*m = arg;
	int64_t		 now = clock_expiry_ms();

	owed_retry(m->owed);
	for (size_t i = 0; now != 0 && i < m->n_feeds; i++)
		store_expire(m->c->store, m->feeds[i].number, now, expired, &m->feeds[i]);
	timer_set(&m->expire_timer, EXPIRE_MS);
}

static void
start(struct source *s)
{
	struct mgmt	*m = (struct mgmt *)s;

	subscribe_start(m);
	timer_set(&m->expire_timer, EXPIRE_MS);
	fetch_more(m);
}

static void
stop(struct source *s)
{
	struct mgmt	*m = (struct mgmt *)s;

	m->source.stopped = 1;
	timer_stop(&m->expire_timer);
	token_stop(m->token);
	subscribe_stop(m);
	for (size_t i = 0; i < m->n_feeds; i++)
		listing_stop(&m->feeds[i]);
	fetch_stop(m);
}

static void
room(struct source *s)
{
	struct mgmt	*m = (struct mgmt *)s;

	owed_retry(m->owed);
	fetch_room(m);
	for (size_t i = 0; i < m->n_feeds; i++)
		listing_drive(&m->feeds[i]);
}

static void
kick(struct source *s)
{
	struct mgmt	*m = (struct mgmt *)s;

	token_kick(m->token);
	subscribe_again(m);
	fetch_room(m);
	for (size_t i = 0; i < m->n_feeds; i++)
		listing_now(&m->feeds[i]);
}

static int
caught_up(const struct source *s, int64_t since_ms)
{
	const struct mgmt	*m = (const struct mgmt *)s;

	for (size_t i = 0; i < m->n_feeds; i++)
		if (m->feeds[i].marks.listed_ms < since_ms || !m->feeds[i].looks_clear)
			return 0;
	return owed_left(m->owed) == 0;
}

static enum source_state
state(const struct source *s, char *why, size_t size)
{
	const struct mgmt	*m = (const struct mgmt *)s;
	enum source_state	 worst = SOURCE_OK;
	char			 text[300];

	*why = '\0';
	switch (token_state(m->token, text, sizeof(text))) {
	case TOKEN_REFUSED:
		snprintf(why, size, "%s: no token: %s", s->name, text);
		return SOURCE_DENIED;
	case TOKEN_TROUBLE:
		snprintf(why, size, "%s: no token yet: %s", s->name, text);
		return SOURCE_TROUBLE;
	default:
		break;
	}
	for (size_t i = 0; i < m->n_feeds; i++) {
		if (m->feeds[i].state > worst) {
			worst = m->feeds[i].state;
			snprintf(why, size, "%s: %s", m->feeds[i].label, m->feeds[i].why);
		}
	}
	return worst;
}

static void
status(const struct source *s, struct json_out *o)
{
	const struct mgmt	*m = (const struct mgmt *)s;

	for (size_t i = 0; i < m->n_feeds; i++) {
		const struct feed	*f = &m->feeds[i];
		struct feed_status	 is = { .tenant = m->tenant, .feed = f->name, .token = m->token, .state = f->state,
		    .why = f->why, .paused = m->c->paused, .listed_ms = f->marks.listed_ms, .last_ok_ms = f->last_ok_ms };

		feed_status(&is, o);
	}
}

static void
release(struct source *s)
{
	struct mgmt	*m = (struct mgmt *)s;

	stop(s);
	fetch_free(m);
	owed_free(m->owed);
	for (size_t i = 0; i < m->n_feeds; i++) {
		listing_clear(&m->feeds[i]);
		free(m->feeds[i].name);
		free(m->feeds[i].label);
	}
	free(m->feeds);
	token_free(m->token);
	timer_clear(&m->sub_timer);
	timer_clear(&m->fetch_timer);
	timer_clear(&m->expire_timer);
	for (int i = 0; i < 2; i++)
		free(m->prefix[i]);
	free(m->tenant);
	free(m->guid);
	free(m->management);
	free(m->publisher);
	free(m->proxy);
	free(m->ca_file);
	free((char *)(uintptr_t)m->source.name);
	free(m);
}

static const struct source_ops ops = {
	.start = start, .stop = stop, .room = room, .kick = kick, .caught_up = caught_up, .state = state, .status = status,
	.free = release,
};

static void
subscribe_timer(void *arg)
{
	subscribe_drive(arg);
}

static void
fetch_timer(void *arg)
{
	fetch_more(arg);
}

static struct token *
new_token(struct mgmt *m, const struct activity_opts *o)
{
	char			*scope = xasprintf("%s/.default", o->management);
	struct token_opts	 t = { .tenant = o->tenant, .login = o->login, .tenant_guid = o->tenant_guid,
	    .client_id = o->client_id, .secret_ref = o->secret_ref, .scope = scope, .proxy = o->proxy, .ca_file = o->ca_file,
	    .deny_loopback = o->deny_loopback };
	struct token		*token = token_new(m->c, &t, token_bell, m);

	free(scope);
	return token;
}

struct source *
activity_new(struct collect *c, const struct activity_opts *o, struct err *e)
{
	struct mgmt	*m = xcalloc(1, sizeof(*m));

	m->source.ops = &ops;
	m->source.name = xasprintf("%s/management", o->tenant);
	m->c = c;
	m->source.tenant = m->tenant = xstrdup(o->tenant);
	m->guid = xstrdup(o->tenant_guid);
	m->management = xstrdup(o->management);
	m->publisher = xstrdup(o->publisher);
	m->proxy = o->proxy != NULL ? xstrdup(o->proxy) : NULL;
	m->ca_file = o->ca_file != NULL ? xstrdup(o->ca_file) : NULL;
	m->deny_loopback = o->deny_loopback;
	m->start_ms = o->start_ms;
	m->interval_ms = o->interval_ms;
	m->rules = o->rules;
	m->concurrency = o->concurrency;
	m->prefix[0] = xasprintf("/api/v1.0/%s/activity/feed/", o->tenant_guid);
	m->prefix[1] = xasprintf("/api/v1/%s/activity/feed/", o->tenant_guid);
	timer_init(&m->sub_timer, c->loop, subscribe_timer, m);
	timer_init(&m->fetch_timer, c->loop, fetch_timer, m);
	timer_init(&m->expire_timer, c->loop, expire, m);
	backoff_init(&m->throttle, 30000, 600000);
	backoff_init(&m->sub_backoff, 2000, 300000);
	budget_init(&m->budget, o->requests_per_minute, clock_mono_ms());
	m->token = new_token(m, o);
	m->owed = owed_new(c);
	m->feeds = xcalloc(o->n_feeds + 1, sizeof(*m->feeds));
	if (url_origin(o->management, &m->origin, NULL, 0, e) == -1)
		goto fail;
	for (size_t i = 0; i < o->n_feeds; i++) {
		struct feed	*f = &m->feeds[m->n_feeds++];

		f->m = m;
		f->name = xstrdup(o->feeds[i].name);
		f->content_type = activity_content_type(f->name);
		f->label = xasprintf("%s/%s", o->tenant, f->name);
		f->number = o->feeds[i].number;
		f->refusal.who = f->label;
		if (listing_init(f, e) == -1)
			goto fail;
	}
	return &m->source;
fail:
	release(&m->source);
	return NULL;
}
