/*
 * token - the token endpoint: POST /{tenant}/oauth2/v2.0/token with a client secret.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "sim.h"
#include "when.h"

/* What Entra would say, and with which status. */
struct refusal {
	int		 status;
	const char	*error;
	int		 code;
	const char	*words;
};

static const struct refusal
    NO_TENANT = { 400, "invalid_request", 90002, "Tenant '%s' not found. Check to make sure you have the correct tenant ID." },
    NO_APP = { 400, "unauthorized_client", 700016, "Application with identifier '%s' was not found in the directory." },
    BAD_SECRET = { 401, "invalid_client", 7000215, "Invalid client secret provided for app '%s'." },
    OLD_SECRET = { 401, "invalid_client", 7000222, "The provided client secret keys for app '%s' are expired." },
    NO_SECRET = { 401, "invalid_client", 7000218, "The request body must contain 'client_assertion' or 'client_secret'.%.0s" },
    BAD_SCOPE = { 400, "invalid_scope", 70011, "The provided value for the input parameter 'scope' is not valid: %s." },
    BAD_GRANT = { 400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type '%s'." },
    NO_PART = { 400, "invalid_request", 900144, "The request body must contain the following parameter: '%s'." };

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
refuse(struct sim *s, struct request *r, const struct refusal *why, const char *what)
{
	struct text	 t = { NULL, 0, 0 };
	char		 words[512], stamp[32], id[2][GUID_LEN + 1];
	struct civil	 c = when_civil(when_now());

	snprintf(words, sizeof(words), why->words, what);
	snprintf(stamp, sizeof(stamp), "%04d-%02d-%02d %02d:%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute, c.second);
	guid_write(id[0], rng_next(&s->rng), rng_next(&s->rng));
	guid_write(id[1], rng_next(&s->rng), rng_next(&s->rng));
	text_addf(&t, "{\"error\":\"%s\",\"error_description\":", why->error);
	text_addf(&r->extra, "x-ms-request-id: %s\r\n", id[0]);
	{
		struct text	 d = { NULL, 0, 0 };

		text_addf(&d, "AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s", why->code, words, id[0], id[1], stamp);
		text_json(&t, d.bytes, d.len);
		text_clear(&d);
	}
	text_addf(&t, ",\"error_codes\":[%d],\"timestamp\":\"%s\",\"trace_id\":\"%s\",\"correlation_id\":\"%s\","
	    "\"error_uri\":\"https://login.microsoftonline.com/error?code=%d\"}", why->code, stamp, id[0], id[1], why->code);
	answer(r, why->status, "application/json; charset=utf-8", t.bytes, t.len);
	text_clear(&t);
}
#pragma GCC diagnostic pop

const struct token *
token_find(const struct tokens *all, const char *authorization)
{
	size_t	 i;

	if (authorization == NULL || strncasecmp(authorization, "Bearer ", 7) != 0)
		return NULL;
	for (i = 0; i < NTOKENS; i++)
		if (all->ring[i].text != NULL && strcmp(all->ring[i].text, authorization + 7) == 0)
			return &all->ring[i];
	return NULL;
}

void
token_drop_all(struct tokens *all)
{
	size_t	 i;

	for (i = 0; i < NTOKENS; i++) {
		free(all->ring[i].text);
		all->ring[i].text = NULL;
	}
}

static void
put_roles(struct text *t, const char *roles)
{
	size_t	 n;

	LIT(t, ",\"roles\":[\"ActivityFeed.Read\",\"ActivityFeed.ReadDlp\"");
	for (; *roles != '\0'; roles += n + (roles[n] == ',')) {
		n = strcspn(roles, ",");
		text_addf(t, ",\"%.*s\"", (int)n, roles);
	}
	LIT(t, "]");
}

static const struct token *
issue(struct sim *s, const char *scope)
{
	static const char head[] = "{\"typ\":\"JWT\",\"alg\":\"none-of-yours\"}";
	struct token	*t = &s->tokens.ring[s->tokens.next++ % NTOKENS];
	struct text	 jwt = { NULL, 0, 0 }, payload = { NULL, 0, 0 };
	int64_t		 now = when_now() / 1000;
	char		 jti[GUID_LEN + 1];
	uint64_t	 sig[4] = { rng_next(&s->rng), rng_next(&s->rng), rng_next(&s->rng), rng_next(&s->rng) };

	free(t->text);
	t->roles = !fault_hit(&s->faults, F_NO_ROLES);
	t->right_tid = !fault_hit(&s->faults, F_WRONG_TID);
	t->expires = (now + s->opt.token_lifetime) * 1000;
	t->graph_roles = s->graph.roles;
	snprintf(t->audience, sizeof(t->audience), "%.*s", (int)(strlen(scope) - strlen("/.default")), scope);
	guid_write(jti, rng_next(&s->rng), rng_next(&s->rng));
	text_addf(&payload, "{\"aud\":\"%s\",\"iss\":\"https://sts.windows.net/%s/\",\"iat\":%lld,\"nbf\":%lld,\"exp\":%lld,"
	    "\"appid\":\"%s\",\"tid\":\"%s\",\"ver\":\"1.0\",\"jti\":\"%s\"", t->audience, s->opt.tenant, (long long)now, (long long)now, (long long)(t->expires / 1000), s->opt.client_id,
	    t->right_tid ? s->opt.tenant : "99999999-8888-4777-8666-555555555555", jti);
	if (t->roles)
		put_roles(&payload, t->graph_roles);
	text_addc(&payload, '}');
	text_base64url(&jwt, head, strlen(head));
	text_addc(&jwt, '.');
	text_base64url(&jwt, payload.bytes, payload.len);
	text_addc(&jwt, '.');
	text_base64url(&jwt, sig, sizeof(sig));
	text_clear(&payload);
	t->text = jwt.bytes;
	s->tokens.issued++;
	return t;
}

static int
base64_value(char c)
{
	static const char	 abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char		*at = c != '\0' ? strchr(abc, c) : NULL;

	return at != NULL ? (int)(at - abc) : -1;
}

/* Authorization: Basic; both halves are form-encoded. */
static void
read_basic(const char *v, struct text *id, struct text *secret)
{
	struct text	 plain = { NULL, 0, 0 };
	unsigned	 bits = 0, have = 0;
	const char	*colon;

	for (v += 6; base64_value(*v) >= 0; v++) {
		bits = bits << 6 | (unsigned)base64_value(*v);
		if ((have += 6) >= 8)
			text_addc(&plain, (char)(bits >> (have -= 8)));
	}
	if (plain.len > 0 && (colon = memchr(plain.bytes, ':', plain.len)) != NULL) {
		url_decode(plain.bytes, (size_t)(colon - plain.bytes), 1, id);
		url_decode(colon + 1, (size_t)(plain.bytes + plain.len - colon - 1), 1, secret);
	}
	text_clear(&plain);
}

static int
scope_good(const struct sim *s, const char *scope)
{
	size_t	 n = strlen(scope), tail = strlen("/.default");

	if (s->opt.scope != NULL)
		return strcmp(scope, s->opt.scope) == 0 && n > tail;
	return n > tail && strcmp(scope + n - tail, "/.default") == 0 && strchr(scope, ' ') == NULL;
}

static void
judge(struct sim *s, struct request *r, const char *tenant)
{
	struct text		 grant = { 0 }, scope = { 0 }, id = { 0 }, secret = { 0 }, t = { 0 };
	const char		*basic = header(r, "Authorization"), *form = text_str(&r->body);
	const struct token	*k;

	form_value(form, r->body.len, "grant_type", &grant);
	form_value(form, r->body.len, "scope", &scope);
	form_value(form, r->body.len, "client_id", &id);
	form_value(form, r->body.len, "client_secret", &secret);
	if (basic != NULL && strncasecmp(basic, "Basic ", 6) == 0) {
		text_reset(&id);
		text_reset(&secret);
		read_basic(basic, &id, &secret);
	}
	if (strcasecmp(tenant, s->opt.tenant) != 0 && strcasecmp(tenant, s->opt.domain) != 0)
		refuse(s, r, &NO_TENANT, tenant);
	else if (grant.len == 0)
		refuse(s, r, &NO_PART, "grant_type");
	else if (strcmp(grant.bytes, "client_credentials") != 0)
		refuse(s, r, &BAD_GRANT, grant.bytes);
	else if (id.len == 0)
		refuse(s, r, &NO_PART, "client_id");
	else if (scope.len == 0)
		refuse(s, r, &NO_PART, "scope");
	else if (!scope_good(s, scope.bytes))
		refuse(s, r, &BAD_SCOPE, scope.bytes);
	else if (strcasecmp(id.bytes, s->opt.client_id) != 0)
		refuse(s, r, &NO_APP, id.bytes);
	else if (secret.len == 0)
		refuse(s, r, &NO_SECRET, "");
	else if (strcmp(secret.bytes, s->opt.client_secret) != 0 || fault_hit(&s->faults, F_TOKEN_401_SECRET))
		refuse(s, r, &BAD_SECRET, id.bytes);
	else if (fault_hit(&s->faults, F_TOKEN_EXPIRED_SECRET))
		refuse(s, r, &OLD_SECRET, id.bytes);
	else {
		k = issue(s, scope.bytes);
		LIT(&r->extra, "Cache-Control: no-store\r\n");
		text_addf(&t, "{\"token_type\":\"Bearer\",\"expires_in\":%lld,\"ext_expires_in\":%lld,\"access_token\":\"%s\"}",
		    (long long)s->opt.token_lifetime, (long long)s->opt.token_lifetime, k->text);
		answer(r, 200, "application/json; charset=utf-8", t.bytes, t.len);
	}
	text_clear(&grant);
	text_clear(&scope);
	text_clear(&id);
	text_clear(&secret);
	text_clear(&t);
}

void
token_serve(struct sim *s, struct request *r)
{
	const char	*slash = strchr(r->path + 1, '/');
	char		*tenant;

	r->kind = "token";
	if (fault_on(&s->faults, F_TOKEN_SLOW) && r->rounds == 0 && fault_hit(&s->faults, F_TOKEN_SLOW)) {
		answer_later(r, fault_arg(&s->faults, F_TOKEN_SLOW));
		return;
	}
	if (fault_hit(&s->faults, F_TOKEN_500)) {
		answer_text(r, 500, "application/json", "{\"error\":\"temporarily_unavailable\",\"error_description\":"
		    "\"AADSTS90033: A transient error has occurred. Please try again.\",\"error_codes\":[90033]}");
		return;
	}
	if (fault_hit(&s->faults, F_TOKEN_503_HTML)) {
		html_page(r, 503, "Our services aren't available right now");
		return;
	}
	if (fault_hit(&s->faults, F_TOKEN_429)) {
		text_addf(&r->extra, "Retry-After: %d\r\n", (int)fault_arg(&s->faults, F_TOKEN_429));
		answer_text(r, 429, "application/json", "{\"error\":\"temporarily_unavailable\",\"error_description\":"
		    "\"AADSTS90055: The server is terminating a request due to excessive load.\",\"error_codes\":[90055]}");
		return;
	}
	if (strcmp(r->method, "POST") != 0) {
		answer_text(r, 405, "text/plain", "");
		return;
	}
	tenant = sim_copy(r->path + 1, (size_t)(slash - r->path - 1));
	judge(s, r, tenant);
	free(tenant);
}
