/*
 * token - one access token, fetched and renewed in time.
 *
 *	IDLE -> ASKING -> IDLE (good: timer to the renewal; bad: timer to the next try)
 */
#include "collect/token.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/control.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/xalloc.h"

#define SLOW_MS		((int64_t)15 * 60 * 1000)
#define WATCH_MS	((int64_t)30 * 1000)		/* how often a refused secret's file is looked at */
#define YOUNG_MS	((int64_t)60 * 1000)
#define REPLY_MAX	(256 * 1024)
#define LIFE_MAX_S	((int64_t)7 * 24 * 3600)

struct token {
	struct collect	*c;
	char		*tenant, *url, *client_id, *secret_ref, *scope, *proxy, *ca_file;
	int		 deny_loopback;
	void		(*bell)(void *);
	void		*arg;

	struct secret	 secret;
	struct secret	 header;	/* "Authorization: Bearer ..." */
	int64_t		 born_ms, expires_ms;	/* monotonic */
	enum token_state state;
	char		 why[300];

	struct http	*http;
	struct buf	 form;
	struct timer	 timer;		/* the next request */
	struct timer	 watch;		/* looks at the secret's file while refused */
	struct backoff	 backoff;
	struct backoff	 rejected;	/* for new tokens that the API refuses all the same */
	unsigned	 serial;	/* counts the tokens we had */
	uint64_t	 taken;		/* how often the API took this one */
	int		 stopped;
};

/* Codes that pass by themselves (spec/api-auth.md section 7); the rest needs a person. */
static const int transient[] = { 90055, 90024, 90033, 90006, 90090, 90012, 50196, 700024, 70021 };

static void	 ask(void *);

static void
url_encode(struct buf *to, const char *s)
{
	for (; *s != '\0'; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~", *s) != NULL)
			buf_addc(to, *s);
		else
			buf_addf(to, "%%%02X", (unsigned char)*s);
	}
}

static void
wipe(struct buf *b)
{
	if (b->bytes != NULL)
		explicit_bzero(b->bytes, b->size);
	buf_clear(b);
}

static void
settle(struct token *t, enum token_state state, const char *why)
{
	if (t->state != state || strcmp(t->why, why) != 0) {
		if (state == TOKEN_GOOD)
			log_info("token-good", "%s: token for scope=%s", t->tenant, t->scope);
		else if (state == TOKEN_REFUSED)
			log_error("token-refused", "%s: no token for scope=%s: %s", t->tenant, t->scope, why);
		else if (state == TOKEN_TROUBLE)
			log_warn("token-trouble", "%s: no token for scope=%s yet: %s", t->tenant, t->scope, why);
	}
	t->state = state;
	snprintf(t->why, sizeof(t->why), "%s", why);
}

static int
usable(const struct token *t)
{
	return t->header.bytes != NULL && clock_mono_ms() < t->expires_ms;
}

/* The request failed: the old token serves while it lives. */
static void
failed(struct token *t, int refused, int64_t retry_after_ms, const char *why)
{
	int64_t	 pause = refused ? SLOW_MS : backoff_next(&t->backoff, retry_after_ms);

	if (!usable(t))
		settle(t, refused ? TOKEN_REFUSED : TOKEN_TROUBLE, why);
	timer_set(&t->timer, pause);
	if (refused)
		timer_set(&t->watch, WATCH_MS);
}

static int
is_transient(const cJSON *tree)
{
	const cJSON	*code;

	cJSON_ArrayForEach(code, cJSON_GetObjectItemCaseSensitive(tree, "error_codes"))
		for (size_t i = 0; i < sizeof(transient) / sizeof(transient[0]); i++)
			if (cJSON_IsNumber(code) && code->valueint == transient[i])
				return 1;
	return 0;
}

/* "AADSTS7000215: Invalid client secret provided. ..." up to the trace ids; no more of the reply is ever shown. */
static void
describe(const cJSON *tree, int status, char *why, size_t size)
{
	const char	*error = json_tree_str(tree, "error"), *text = json_tree_str(tree, "error_description");
	const char	*stop = text != NULL ? strstr(text, "Trace ID") : NULL;
	int		 len = text == NULL ? 0 : stop != NULL ? (int)(stop - text) : (int)strlen(text);

	if (len > 200)
		len = 200;
	snprintf(why, size, "HTTP %d %s%s%.*s", status, error != NULL ? error : "", text != NULL ? ": " : "", len,
	    text != NULL ? text : "");
	control_blank(why, ' ');
}

/* At most LIFE_MAX_S, whatever it says; 0: none, or in the past. */
static int64_t
seconds_of(const cJSON *tree, const char *name)
{
	const cJSON	*v = cJSON_GetObjectItemCaseSensitive(tree, name);
	double		 n = 0;

	if (cJSON_IsNumber(v))
		n = v->valuedouble;
	else if (cJSON_IsString(v))
		n = (double)strtoll(v->valuestring, NULL, 10);	/* version 1 and managed identities send text */
	return n >= (double)LIFE_MAX_S ? LIFE_MAX_S : n > 0 ? (int64_t)n : 0;
}

static int
printable(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s <= 0x20 || (unsigned char)*s >= 0x7f)
			return 0;
	return 1;
}

static int
accept_token(struct token *t, const cJSON *tree)
{
	const char	*access = json_tree_str(tree, "access_token");
	int64_t		 life_ms = seconds_of(tree, "expires_in") * 1000, early;
	struct buf	 line = { 0 };
	struct err	 e = { 0 };
	int		 rc;

	if (access == NULL || *access == '\0' || !printable(access) || life_ms <= 0)
		return -1;
	buf_adds(&line, "Authorization: Bearer ");
	buf_adds(&line, access);
	rc = secret_set(&t->header, line.bytes, line.len, &e);
	wipe(&line);
	if (rc == -1)
		return -1;
	t->taken = 0;
	t->serial++;
	t->born_ms = clock_mono_ms();
	t->expires_ms = t->born_ms + life_ms;
	early = life_ms / 2 < 300000 ? life_ms / 2 : 300000;
	timer_set(&t->timer, life_ms - early - (int64_t)(rnd() % (uint64_t)(early / 4 + 1)));
	timer_stop(&t->watch);
	backoff_reset(&t->backoff);
	settle(t, TOKEN_GOOD, "");
	return 0;
}

static void
wipe_tree(cJSON *tree)
{
	cJSON	*access = cJSON_GetObjectItemCaseSensitive(tree, "access_token");

	if (cJSON_IsString(access))
		explicit_bzero(access->valuestring, strlen(access->valuestring));
	cJSON_Delete(tree);
}

static void
answered(void *arg, struct http_answer *a)
{
	struct token	*t = arg;
	cJSON		*tree;
	char		 code[16], why[400];

	t->http = NULL;
	wipe(&t->form);
	if (a->date_ms >= 0)
		clock_heard(a->date_ms);
	snprintf(code, sizeof(code), "%d", a->status);
	count(C_REQUESTS, 1, t->tenant, "token", a->fail != HTTP_OK ? http_fail_name(a->fail) : code);
	if (a->fail != HTTP_OK) {
		snprintf(why, sizeof(why), "%s: %s", http_fail_name(a->fail), a->why);
		failed(t, 0, -1, why);
		t->bell(t->arg);
		return;
	}
	tree = json_tree(buf_str(a->body), a->body->len, REPLY_MAX);
	if (a->status == 200 && tree != NULL && accept_token(t, tree) == 0) {
		/* good */
	} else if (a->status == 200) {
		failed(t, 0, -1, "the token endpoint answered 200 without a token: is there a proxy in between?");
	} else {
		int	 later = a->status == 429 || a->status >= 500 || tree == NULL || is_transient(tree);

		describe(tree, a->status, why, sizeof(why));
		if (json_tree_str(tree, "error") != NULL && strcmp(json_tree_str(tree, "error"), "temporarily_unavailable") == 0)
			later = 1;
		failed(t, !later, a->retry_after_ms, why);
	}
	if (a->body->bytes != NULL)
		explicit_bzero(a->body->bytes, a->body->size);
	wipe_tree(tree);
	t->bell(t->arg);
}

static void
ask(void *arg)
{
	static const char *const headers[] = { "Content-Type: application/x-www-form-urlencoded", "Accept: application/json",
	    NULL };
	struct token	*t = arg;
	const char	*hide[] = { NULL, NULL };
	struct http_req	 req = { .method = "POST", .url = t->url, .headers = headers, .hide = hide, .proxy = t->proxy, .ca_file = t->ca_file,
	    .deny_loopback = t->deny_loopback, .timeout_ms = 60000, .max_body = REPLY_MAX, .on_done = answered, .arg = t };
	struct err	 e = { 0 };

	if (t->http != NULL || t->stopped)
		return;
	timer_stop(&t->timer);
	if (secret_load(&t->secret, t->secret_ref, &e) == -1) {
		failed(t, 1, -1, e.text);
		t->bell(t->arg);
		return;
	}
	buf_adds(&t->form, "grant_type=client_credentials&client_id=");
	url_encode(&t->form, t->client_id);
	buf_adds(&t->form, "&scope=");
	url_encode(&t->form, t->scope);
	buf_adds(&t->form, "&client_secret=");
	buf_need(&t->form, 3 * strlen(t->secret.bytes));	/* at once: growing would leave pieces of it in what is freed */
	url_encode(&t->form, t->secret.bytes);
	hide[0] = t->secret.bytes;
	req.body = t->form.bytes;
	req.body_len = t->form.len;
	t->http = http_start(t->c->httpc, &req);
}

static void
look_at_secret(void *arg)
{
	struct token	*t = arg;

	if (t->state != TOKEN_REFUSED)
		return;
	if (secret_changed(&t->secret, t->secret_ref))
		ask(t);
	else
		timer_set(&t->watch, WATCH_MS);
}

struct token *
token_new(struct collect *c, const struct token_opts *o, void (*bell)(void *), void *arg)
{
	struct token	*t = xcalloc(1, sizeof(*t));

	t->c = c;
	t->tenant = xstrdup(o->tenant);
	t->url = xasprintf("%s/%s/oauth2/v2.0/token", o->login, o->tenant_guid);
	t->client_id = xstrdup(o->client_id);
	t->secret_ref = xstrdup(o->secret_ref);
	t->scope = xstrdup(o->scope);
	t->proxy = o->proxy != NULL ? xstrdup(o->proxy) : NULL;
	t->ca_file = o->ca_file != NULL ? xstrdup(o->ca_file) : NULL;
	t->deny_loopback = o->deny_loopback;
	t->bell = bell;
	t->arg = arg;
	timer_init(&t->timer, c->loop, ask, t);
	timer_init(&t->watch, c->loop, look_at_secret, t);
	backoff_init(&t->backoff, 1000, 120000);
	backoff_init(&t->rejected, 10000, SLOW_MS);
	return t;
}

void
token_stop(struct token *t)
{
	if (t == NULL)
		return;
	t->stopped = 1;
	if (t->http != NULL)
		http_cancel(t->http);
	t->http = NULL;
	timer_stop(&t->timer);
	timer_stop(&t->watch);
}

void
token_free(struct token *t)
{
	if (t == NULL)
		return;
	token_stop(t);
	timer_clear(&t->timer);
	timer_clear(&t->watch);
	secret_clear(&t->secret);
	secret_clear(&t->header);
	wipe(&t->form);
	free(t->tenant);
	free(t->url);
	free(t->client_id);
	free(t->secret_ref);
	free(t->scope);
	free(t->proxy);
	free(t->ca_file);
	free(t);
}

const char *
token_bearer(struct token *t, unsigned *serial)
{
	*serial = t->serial;
	if (usable(t))
		return t->header.bytes;
	if (t->http == NULL && !timer_pending(&t->timer))
		ask(t);
	return NULL;
}

void
token_accepted(struct token *t, unsigned serial)
{
	if (serial != t->serial)
		return;			/* said of an earlier one */
	t->taken++;
	backoff_reset(&t->rejected);
}

int
token_is(const struct token *t, unsigned serial)
{
	return t->header.bytes != NULL && serial == t->serial;
}

uint64_t
token_taken(const struct token *t)
{
	return t->taken;
}

void
token_lacks_role(struct token *t, unsigned serial)
{
	if (!token_is(t, serial) || clock_mono_ms() - t->born_ms < YOUNG_MS)
		return;
	secret_clear(&t->header);
	t->state = TOKEN_NONE;
	timer_stop(&t->timer);
	ask(t);
}

void
token_rejected(struct token *t, unsigned serial)
{
	int64_t	 pause;

	if (!token_is(t, serial))
		return;				/* another answer has dropped it already */
	secret_clear(&t->header);
	timer_stop(&t->timer);
	if (t->taken > 0) {
		log_info("token-dropped", "%s: the API refused the token, asking for a new one", t->tenant);
		t->state = TOKEN_NONE;
		ask(t);
		return;
	}
	pause = backoff_next(&t->rejected, -1);
	settle(t, TOKEN_TROUBLE, "the API refuses a token that is new");
	timer_set(&t->timer, pause);
}

void
token_kick(struct token *t)
{
	backoff_reset(&t->backoff);
	if (!usable(t) || secret_changed(&t->secret, t->secret_ref))
		ask(t);
}

enum token_state
token_state(const struct token *t, char *why, size_t size)
{
	if (usable(t)) {
		snprintf(why, size, "%s", "");
		return TOKEN_GOOD;
	}
	snprintf(why, size, "%s", t->why);
	return t->state == TOKEN_GOOD ? TOKEN_NONE : t->state;
}
