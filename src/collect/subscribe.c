/*
 * subscribe - keeps a tenant's content types subscribed, and never stops one.
 *
 * The list is asked at start, every 15 minutes, and when a listing says that there is no subscription; what is absent or
 * disabled is started, at most every 15 minutes a feed, across restarts too (spec/api-management.md 4.1 to 4.3). Content
 * that became available while a subscription was off can never be fetched: a gap record says from when to when.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "collect/mgmt.h"

#define REPLY_MAX	(1024 * 1024)
#define AGAIN_MS	((int64_t)30 * 1000)	/* a listing's complaint is not followed up more often */

static void	 start_next(struct mgmt *);

static void
rest(struct mgmt *m, int64_t ms)
{
	timer_set(&m->sub_timer, ms);
}

static void
set_subscribed(struct feed *f, enum subscribed now)
{
	int	 opens = now == SUB_YES && f->subscribed != SUB_YES;

	f->subscribed = now;
	if (opens)
		listing_now(f);
}

/* Whatever is not known is taken for granted: the listing itself will say AF20022 if it is not so. */
static void
assume(struct mgmt *m)
{
	for (size_t i = 0; i < m->n_feeds; i++)
		if (m->feeds[i].subscribed == SUB_UNKNOWN)
			set_subscribed(&m->feeds[i], SUB_YES);
}

/* [{"contentType":"Audit.Exchange","status":"enabled","webhook":null}, ...]; an entry without status is not judged here. */
static int
read_list(struct mgmt *m, const struct http_answer *a)
{
	cJSON		*tree = json_tree(buf_str(a->body), a->body->len, REPLY_MAX);
	const cJSON	*item;

	if (!cJSON_IsArray(tree)) {
		cJSON_Delete(tree);
		return -1;
	}
	for (size_t i = 0; i < m->n_feeds; i++) {
		struct feed	*f = &m->feeds[i];
		enum subscribed	 now = SUB_NO;

		cJSON_ArrayForEach(item, tree) {
			const char	*type = json_tree_str(item, "contentType"), *status = json_tree_str(item, "status");

			if (type == NULL || strcasecmp(type, f->content_type) != 0)
				continue;
			now = status == NULL || strcasecmp(status, "enabled") == 0 ? SUB_YES : SUB_DISABLED;
		}
		set_subscribed(f, now);
	}
	cJSON_Delete(tree);
	return 0;
}

static void
list_answered(void *arg, struct http_answer *a)
{
	struct mgmt	*m = arg;
	struct af	 af;
	char		 why[400];

	m->sub_http = NULL;
	mgmt_heard(m, "subscriptions", a, m->sub_serial, NULL, &af);
	if (af.class == AF_FINE && read_list(m, a) == 0) {
		backoff_reset(&m->sub_backoff);
		m->sub_ms = clock_mono_ms();
		m->sub_why[0] = '\0';
		start_next(m);
		return;
	}
	mgmt_describe(a, &af, why, sizeof(why));
	if (af.class == AF_FINE)
		snprintf(why, sizeof(why), "the list of subscriptions is no JSON array");
	if (af.class != AF_THROTTLED && af.class != AF_TOKEN && strcmp(why, m->sub_why) != 0) {	/* once per reason */
		snprintf(m->sub_why, sizeof(m->sub_why), "%s", why);
		log_warn("subscriptions-unknown", "%s: cannot list the subscriptions: %s", m->source.name, why);
	}
	if (af.class == AF_PERMISSION || af.class == AF_CONFIG) {
		for (size_t i = 0; i < m->n_feeds; i++)
			mgmt_state(&m->feeds[i], SOURCE_DENIED, "feed-denied", why);
	} else if (af.class != AF_TOKEN && af.class != AF_THROTTLED) {
		assume(m);
	}
	rest(m, af.class == AF_PERMISSION || af.class == AF_CONFIG || af.class == AF_OURS ||
	    (af.class == AF_STRANGE && af.code[0] == 'A') ? MGMT_SLOW_MS : backoff_next(&m->sub_backoff, a->retry_after_ms));
}

/* The subscription was off between the last complete listing and now. */
static void
note_gap(struct feed *f, int64_t now_ms)
{
	if (f->marks.listed_ms == 0)
		return;
	mgmt_gap(f, f->marks.listed_ms, now_ms, f->subscribed == SUB_DISABLED ? "subscription-disabled" : "subscription-missing",
	    "content that became available while the subscription was off cannot be fetched");
}

static void
start_answered(void *arg, struct http_answer *a)
{
	struct mgmt	*m = arg;
	struct feed	*f = m->sub_starting;
	struct af	 af;
	char		 why[400];

	m->sub_http = NULL;
	m->sub_starting = NULL;
	mgmt_heard(m, "start", a, m->sub_serial, NULL, &af);
	if (af.class == AF_FINE) {
		log_info("subscription-started", "%s: %s", f->label,
		    strcmp(af.code, "AF20024") == 0 ? "was enabled already" : "started");
		if (strcmp(af.code, "AF20024") != 0)
			note_gap(f, clock_min_ms());
		set_subscribed(f, SUB_YES);
	} else if (af.class == AF_THROTTLED || af.class == AF_TOKEN) {
		f->started_ms = 0;		/* it was not looked at: no need to wait 15 minutes */
	} else {
		mgmt_describe(a, &af, why, sizeof(why));
		mgmt_state(f, af.class == AF_PERMISSION || af.class == AF_CONFIG ? SOURCE_DENIED : SOURCE_TROUBLE,
		    "subscription-refused", why);
		if (af.class == AF_AGAIN)
			set_subscribed(f, SUB_YES);	/* perhaps it is: the listing will say AF20022 if not */
	}
	start_next(m);
}

static int
may_start(const struct feed *f, int64_t *wait_ms)
{
	int64_t	 age = clock_wall_ms() - f->started_ms;

	if (f->subscribed != SUB_NO && f->subscribed != SUB_DISABLED)
		return 0;
	if (f->started_ms != 0 && age >= 0 && age < MGMT_SLOW_MS) {
		if (MGMT_SLOW_MS - age < *wait_ms)
			*wait_ms = MGMT_SLOW_MS - age;
		return 0;
	}
	return 1;
}

static void
start_feed(struct mgmt *m, struct feed *f, const struct pass *pass)
{
	char		 url[URL_MAX], key[64], value[RFC3339_SIZE];
	const char	*headers[5];
	struct http_req	 req;

	snprintf(url, sizeof(url), "%s%ssubscriptions/start?contentType=%s", m->management, m->prefix[0], f->content_type);
	mgmt_request(m, &req, "POST", url, pass, headers);
	req.timeout_ms = 60000;
	req.max_body = REPLY_MAX;
	req.body = "";
	req.on_done = start_answered;
	req.arg = m;
	f->started_ms = clock_wall_ms();
	snprintf(key, sizeof(key), "subscription-start:%d", f->number);
	store_meta_set(m->c->store, key, rfc3339_text(f->started_ms, 3, value));
	m->sub_starting = f;
	m->sub_serial = pass->serial;
	m->sub_http = http_start(m->c->httpc, &req);
}

static void
start_next(struct mgmt *m)
{
	struct pass	 pass;
	int64_t		 wait = MGMT_SLOW_MS, later;

	for (size_t i = 0; i < m->n_feeds; i++) {
		if (!may_start(&m->feeds[i], &wait))
			continue;
		if ((later = mgmt_may_ask(m, &pass)) != 0) {
			rest(m, later > 0 ? later : 60000);
			return;
		}
		start_feed(m, &m->feeds[i], &pass);
		return;
	}
	rest(m, wait);
}

void
subscribe_drive(struct mgmt *m)
{
	const char	*headers[5];
	char		 url[URL_MAX];
	struct http_req	 req;
	struct pass	 pass;
	int64_t		 wait;

	if (m->sub_http != NULL || m->source.stopped)
		return;
	if (m->sub_ms != 0 && clock_mono_ms() - m->sub_ms < AGAIN_MS) {
		start_next(m);
		return;
	}
	if (m->sub_ms != 0 && timer_pending(&m->sub_timer))
		return;
	if ((wait = mgmt_may_ask(m, &pass)) != 0) {
		if (wait > 0)
			rest(m, wait);
		return;
	}
	timer_stop(&m->sub_timer);
	snprintf(url, sizeof(url), "%s%ssubscriptions/list", m->management, m->prefix[0]);
	mgmt_request(m, &req, "GET", url, &pass, headers);
	req.timeout_ms = 60000;
	req.max_body = REPLY_MAX;
	req.on_done = list_answered;
	req.arg = m;
	m->sub_serial = pass.serial;
	m->sub_http = http_start(m->c->httpc, &req);
}

void
subscribe_start(struct mgmt *m)
{
	subscribe_drive(m);
}

void
subscribe_again(struct mgmt *m)
{
	if (m->sub_http != NULL)
		return;
	timer_stop(&m->sub_timer);
	if (m->sub_ms == 0 || clock_mono_ms() - m->sub_ms >= AGAIN_MS)
		subscribe_drive(m);
	else
		rest(m, AGAIN_MS);
}

void
subscribe_stop(struct mgmt *m)
{
	timer_stop(&m->sub_timer);
	if (m->sub_http != NULL)
		http_cancel(m->sub_http);
	m->sub_http = NULL;
}
