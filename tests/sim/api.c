/*
 * api - the Management API's doors: who may come in, subscriptions, and how it says no.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "sim.h"
#include "when.h"

#define ZERO_GUID "00000000-0000-0000-0000-000000000000"
#define JSON_TYPE "application/json; charset=utf-8"

void
api_error(struct request *r, int status, const char *code, const char *fmt, ...)
{
	struct text	 t = { NULL, 0, 0 };
	char		 words[1024];
	va_list		 ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	text_addf(&t, "{\"error\":{\"code\":\"%s\",\"message\":", code);
	text_json(&t, words, strlen(words));
	LIT(&t, "}}");
	answer(r, status, JSON_TYPE, t.bytes, t.len);
	text_clear(&t);
}

void
api_error_odd(struct request *r, int status, const char *code, const char *message)
{
	struct text	 t = { NULL, 0, 0 };

	text_addf(&t, "{'error':{'code':'%s','message':'%s'}}", code, message);
	answer(r, status, JSON_TYPE, t.bytes, t.len);
	text_clear(&t);
}

void
html_page(struct request *r, int status, const char *what)
{
	struct text	 t = { NULL, 0, 0 };

	text_addf(&t, "<!DOCTYPE html>\n<html><head><title>%s</title></head><body><h2>%s</h2><p>[{\"a proxy\":1}]</p></body></html>\n",
	    what, what);
	answer(r, status, "text/html; charset=utf-8", t.bytes, t.len);
	text_clear(&t);
}

void
origin(const struct request *r, struct text *t)
{
	const char	*host = header(r, "Host");

	text_addf(t, "%s://%s", r->tls ? "https" : "http", host != NULL ? host : "127.0.0.1");
}

void
foreign(const struct sim *s, struct text *t)
{
	if (s->trap_port > 0)
		text_addf(t, "http://127.0.0.1:%d", s->trap_port);
	else
		text_adds(t, "https://manage.attacker.example");
}

void
redirect_away(const struct sim *s, struct request *r)
{
	struct text	 t = { NULL, 0, 0 };

	foreign(s, &t);
	text_addf(&r->extra, "Location: %s%s\r\n", t.bytes, r->target);
	text_clear(&t);
	answer_text(r, 302, NULL, "");
}

/* --- the throttle: a bucket of requests per PublisherIdentifier --- */

static int
throttled(struct sim *s, const char *publisher)
{
	double			 per_minute = (double)s->opt.throttle;
	int64_t			 now = when_passed();
	struct publisher	*p = NULL;
	size_t			 i;

	if (s->opt.throttle <= 0)
		return 0;
	for (i = 0; i < s->npublishers; i++)
		if (strcasecmp(s->publishers[i].id, publisher) == 0)
			p = &s->publishers[i];
	if (p == NULL) {
		p = &s->publishers[s->npublishers < NPUBLISHERS ? s->npublishers++ : NPUBLISHERS - 1];
		snprintf(p->id, sizeof(p->id), "%s", publisher);
		p->tokens = per_minute;
		p->filled = now;
	}
	p->tokens += (double)(now - p->filled) * per_minute / 60000.0;
	p->filled = now;
	if (p->tokens > per_minute)
		p->tokens = per_minute;
	if (p->tokens < 1)
		return 1;
	p->tokens -= 1;
	return 0;
}

static void
too_many(struct sim *s, struct request *r, const char *method, const char *publisher)
{
	char	 words[160];

	s->throttled++;
	snprintf(words, sizeof(words), "Too many requests. Method=%s, PublisherId=%s", method, publisher);
	api_error_odd(r, 403, "AF429", words);
}

/* --- what every call goes through; 1: answered --- */

static int
general_fault(struct sim *s, struct request *r)
{
	if (fault_hit(&s->faults, F_SLOW))
		r->slow = (int)fault_arg(&s->faults, F_SLOW);
	if (fault_hit(&s->faults, F_REDIRECT)) {
		redirect_away(s, r);
	} else if (fault_hit(&s->faults, F_API_401)) {
		LIT(&r->extra, "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n");
		answer_text(r, 401, NULL, "");
	} else if (fault_hit(&s->faults, F_THROTTLE_429)) {
		text_addf(&r->extra, "Retry-After: %d\r\n", (int)fault_arg(&s->faults, F_THROTTLE_429));
		answer_text(r, 429, JSON_TYPE, "");
		s->throttled++;
	} else if (fault_hit(&s->faults, F_THROTTLE_429_BARE)) {
		answer_text(r, 429, JSON_TYPE, "{\"error\":{\"code\":\"429\",\"message\":\"Too many requests\"}}");
		s->throttled++;
	} else {
		return 0;
	}
	return 1;
}

static int
unwelcome(struct sim *s, struct request *r, const char *tenant, size_t tenant_len)
{
	const struct token	*k = token_find(&s->tokens, header(r, "Authorization"));

	if (k == NULL || k->expires <= when_now()) {
		text_addf(&r->extra, "WWW-Authenticate: Bearer authorization_uri=\"https://login.windows.net/common/oauth2/authorize\""
		    "%s\r\n", k != NULL ? ", error=\"invalid_token\", error_description=\"The access token expired\"" : "");
		answer_text(r, 401, NULL, "");
	} else if (!guid_valid(tenant, tenant_len)) {
		api_error(r, 400, "AF20013", "The tenant ID passed in the URL (%.*s) is not a valid GUID.", (int)tenant_len, tenant);
	} else if (!k->right_tid || tenant_len != strlen(s->opt.tenant) ||
	    strncasecmp(tenant, s->opt.tenant, tenant_len) != 0) {
		api_error(r, 400, "AF20010", "The tenant ID passed in the URL (%.*s) does not match the tenant ID passed in the "
		    "access token.", (int)tenant_len, tenant);
	} else if (!k->roles) {
		api_error(r, 401, "AF10001", "The permission set () sent in the request did not include the expected permission "
		    "ActivityFeed.Read.");
	} else {
		return 0;
	}
	return 1;
}

/* --- subscriptions --- */

static int
content_asked(struct request *r, int *content)
{
	struct text	 t = { NULL, 0, 0 };

	*content = -1;
	if (!query_value(r, "contentType", &t)) {
		api_error(r, 400, "AF20001", "Missing parameter: contentType.");
	} else if ((*content = content_find(text_str(&t))) == -1) {
		api_error(r, 400, "AF20020", "The specified content type is not valid.");
	}
	text_clear(&t);
	return *content != -1;
}

static void
subscription_text(struct text *t, int content, const char *status)
{
	text_addf(t, "{\"contentType\":\"%s\"", content_name[content]);
	if (status != NULL)
		text_addf(t, ",\"status\":\"%s\"", status);
	LIT(t, ",\"webhook\":null}");
}

/* What appeared while nobody subscribed can never be fetched. */
static void
lose_interval(struct sim *s, int content, int64_t from, int64_t to)
{
	size_t	 i;

	for (i = 0; i < s->blobs.nlisting[content]; i++) {
		struct blob	*b = s->blobs.listing[content][i];

		if (b->created >= from && b->created < to)
			b->gone = 1;
	}
}

static void
start(struct sim *s, struct request *r)
{
	struct text	 t = { NULL, 0, 0 };
	int		 c;

	r->kind = "start";
	if (!content_asked(r, &c))
		return;
	if (s->subs[c].enabled && !s->subs[c].was_disabled) {
		api_error(r, 400, "AF20024", "The subscription is already enabled. No property change.");
		return;
	}
	if (s->subs[c].stopped == 0)
		blobs_begin(&s->blobs, (enum content)c, when_now());
	else
		lose_interval(s, c, s->subs[c].stopped, when_now());
	s->subs[c] = (struct subscription){ 1, 0, 0 };
	subscription_text(&t, c, "enabled");
	answer(r, 200, JSON_TYPE, t.bytes, t.len);
	text_clear(&t);
}

static void
stop(struct sim *s, struct request *r)
{
	int	 c;

	r->kind = "stop";
	if (!content_asked(r, &c))
		return;
	if (!s->subs[c].enabled) {
		api_error(r, 400, "AF20022", "No subscription found for the specified content type.");
		return;
	}
	s->subs[c].enabled = 0;
	s->subs[c].stopped = when_now();
	answer_text(r, 200, NULL, "");
}

static void
list_subscriptions(struct sim *s, struct request *r)
{
	struct text	 t = { NULL, 0, 0 };
	int		 c, n = 0;

	r->kind = "subscriptions";
	text_addc(&t, '[');
	for (c = 0; c < NCONTENT; c++) {
		const struct subscription	*u = &s->subs[c];
		const char			*status = "enabled";

		if (!u->enabled && u->stopped == 0 && !u->was_disabled)
			continue;
		if (!u->enabled || u->was_disabled)
			status = "disabled";
		else if (fault_hit(&s->faults, F_LIST_NO_STATUS))
			status = NULL;
		if (n++ > 0)
			text_addc(&t, ',');
		subscription_text(&t, c, status);
	}
	text_addc(&t, ']');
	answer(r, 200, JSON_TYPE, t.bytes, t.len);
	text_clear(&t);
}

/* --- the doors --- */

static const struct {
	const char	*method;
	const char	*path;		/* behind activity/feed/ */
	const char	*name;		/* as Microsoft's throttle calls it */
	const char	*kind;
	void		(*serve)(struct sim *, struct request *);
} doors[] = {
	{ "POST", "subscriptions/start",	"StartSubscription",	"start",	start },
	{ "POST", "subscriptions/stop",		"StopSubscription",	"stop",		stop },
	{ "GET", "subscriptions/list",		"ListSubscriptions",	"subscriptions", list_subscriptions },
	{ "GET", "subscriptions/content",	"ListContent",		"content",	listing_serve },
};

static void
enter(struct sim *s, struct request *r, const char *tenant, size_t tenant_len, const char *rest)
{
	struct text	 publisher = { NULL, 0, 0 }, id = { NULL, 0, 0 };
	const char	*who, *name = "Unknown";
	size_t		 i, n = sizeof(doors) / sizeof(doors[0]), at = n;
	int		 blob = strncmp(rest, "audit/", 6) == 0;

	for (i = 0; i < n; i++)
		if (strcasecmp(doors[i].path, rest) == 0)
			at = i;
	if (at < n || blob) {
		r->kind = blob ? "blob" : doors[at].kind;
		name = blob ? "GetBlob" : doors[at].name;
	}
	if (!query_value(r, "PublisherIdentifier", &publisher) || !guid_valid(publisher.bytes, publisher.len))
		s->without_publisher++;
	who = guid_valid(text_str(&publisher), publisher.len) ? publisher.bytes : ZERO_GUID;
	if (general_fault(s, r) || unwelcome(s, r, tenant, tenant_len)) {
		text_clear(&publisher);
		return;
	}
	if (throttled(s, who)) {
		too_many(s, r, name, who);
	} else if (strcmp(r->kind, "content") == 0 && fault_hit(&s->faults, F_LIST_THROTTLE)) {
		too_many(s, r, name, who);
	} else if (blob) {
		url_decode(rest + 6, strlen(rest + 6), 0, &id);
		fetch_serve(s, r, text_str(&id));
	} else if (at == n) {
		answer_text(r, 404, NULL, "");
	} else if (strcmp(r->method, doors[at].method) != 0) {
		answer_text(r, 405, NULL, "");
	} else if (strcmp(r->method, "POST") == 0 && header(r, "Content-Length") == NULL &&
	    header(r, "Transfer-Encoding") == NULL) {
		html_page(r, 411, "Length Required");
	} else {
		doors[at].serve(s, r);
	}
	text_clear(&publisher);
	text_clear(&id);
}

void
api_serve(struct sim *s, struct request *r)
{
	static const char	 feed[] = "/activity/feed/";
	const char		*tenant = strchr(r->path + 5, '/'), *end;

	r->kind = "api";
	if (tenant == NULL || (end = strchr(tenant + 1, '/')) == NULL || strncmp(end, feed, sizeof(feed) - 1) != 0 ||
	    (strncmp(r->path, "/api/v1.0/", 10) != 0 && strncmp(r->path, "/api/v1/", 8) != 0)) {
		answer_text(r, 404, NULL, "");
		return;
	}
	enter(s, r, tenant + 1, (size_t)(end - tenant - 1), end + sizeof(feed) - 1);
}
