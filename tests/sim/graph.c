/*
 * graph - the doors of Microsoft Graph: limits, tokens, permissions, licences, what is asked, and how it says no.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "graph_in.h"
#include "sim.h"
#include "when.h"

#define JSON_TYPE "application/json; odata.metadata=minimal; odata.streaming=true; IEEE754Compatible=false; charset=utf-8"

/* Returns 1, for "answered". */
static int
refuse(struct sim *s, struct request *r, int status, const char *code, const char *message)
{
	const char	*client = header(r, "client-request-id");
	struct text	 t = { NULL, 0, 0 };
	char		 id[GUID_LEN + 1];

	guid_write(id, rng_next(&s->rng), rng_next(&s->rng));
	text_addf(&r->extra, "request-id: %s\r\n", id);
	text_addf(&t, "{\"error\":{\"code\":\"%s\",\"message\":", code);
	text_json(&t, message, strlen(message));
	LIT(&t, ",\"innerError\":{\"date\":\"");
	when_zoneless(&t, when_now());
	text_addf(&t, "\",\"request-id\":\"%s\",\"client-request-id\":", id);
	text_json(&t, client != NULL ? client : id, client != NULL ? strlen(client) : GUID_LEN);
	LIT(&t, "}}}");
	answer(r, status, JSON_TYPE, t.bytes, t.len);
	text_clear(&t);
	return 1;
}

/* --- who may come in --- */

static int
throttled(struct sim *s, struct request *r, enum glimit limit)
{
	static const char *const	 words = "This request is throttled. Please try again after the value specified in the "
					    "Retry-After header. CorrelationId: 0";
	int				 wait;

	if (graph_admit(s, limit, &wait))
		return 0;
	if (limit != LIMIT_IDENTITY)
		text_addf(&r->extra, "Retry-After: %d\r\n", wait);
	return refuse(s, r, 429, limit == LIMIT_REPORTING ? "UnknownError" : "TooManyRequests", words);
}

static int
struck(struct sim *s, struct request *r)
{
	struct faults	*f = &s->faults;

	if (fault_hit(f, F_GRAPH_429)) {
		text_addf(&r->extra, "Retry-After: %d\r\n", (int)fault_arg(f, F_GRAPH_429));
		return refuse(s, r, 429, "TooManyRequests", "Too many requests");
	}
	if (fault_hit(f, F_GRAPH_429_BARE))
		return refuse(s, r, 429, "TooManyRequests", "Too many requests");
	if (fault_hit(f, F_GRAPH_401))
		return refuse(s, r, 401, "InvalidAuthenticationToken", "Continuous access evaluation resulted in challenge.");
	if (fault_hit(f, F_GRAPH_500))
		return refuse(s, r, 500, "generalException", "General exception while processing");
	if (fault_hit(f, F_GRAPH_504))
		return refuse(s, r, 504, "UnknownError", "Gateway timeout");
	if (fault_hit(f, F_GRAPH_503_HTML))
		html_page(r, 503, "Service Unavailable");
	else if (fault_hit(f, F_GRAPH_HTML_403))
		html_page(r, 403, "403 Forbidden");
	else if (fault_hit(f, F_GRAPH_HTML_200))
		html_page(r, 200, "Sign in to the guest network");
	else
		return 0;
	return 1;
}

static int
has_role(const char *roles, const char *role)
{
	const char	*at = strstr(roles, role);
	size_t		 n = strlen(role);

	return at != NULL && (at == roles || at[-1] == ',') && (at[n] == ',' || at[n] == '\0');
}

/* A token is good for Graph if it was issued for where Graph is reached. */
static int
right_audience(struct request *r, const struct token *k)
{
	struct text	 here = { NULL, 0, 0 };
	int		 ok;

	origin(r, &here);
	ok = strcasecmp(k->audience, here.bytes) == 0 || strcmp(k->audience, "https://graph.microsoft.com") == 0;
	text_clear(&here);
	return ok;
}

static int
unwelcome(struct sim *s, struct request *r, const struct gkind *k)
{
	const struct token	*t = token_find(&s->tokens, header(r, "Authorization"));
	char			 words[200];

	if (t == NULL || t->expires <= when_now())
		return refuse(s, r, 401, "InvalidAuthenticationToken", t == NULL ? "Access token is empty or unknown." :
		    "Lifetime validation failed, the token is expired.");
	if (!right_audience(r, t))
		return refuse(s, r, 401, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience.");
	if (!t->right_tid)
		return refuse(s, r, 403, "Authorization_IdentityNotFound", "The identity of the calling application could not be "
		    "established.");
	if (!t->roles || !has_role(t->graph_roles, k->role)) {
		if (k->limit == LIMIT_REPORTING)
			snprintf(words, sizeof(words), "The principal does not have required Microsoft Graph permission(s): %s to call "
			    "this API.", k->role);
		else
			snprintf(words, sizeof(words), "Missing application roles. API required roles: %s.", k->role);
		return refuse(s, r, 403, k->limit == LIMIT_REPORTING ? "Authentication_MSGraphPermissionMissing" :
		    k->limit == LIMIT_IDENTITY ? "Authorization_RequestDenied" : "Forbidden", words);
	}
	if (fault_on(&s->faults, F_GRAPH_NO_P1) && k->limit == LIMIT_REPORTING && strstr(k->path, "directoryAudits") == NULL) {
		fault_hit(&s->faults, F_GRAPH_NO_P1);
		return refuse(s, r, 403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
		    "Neither tenant is B2C or tenant doesn't have premium license");
	}
	if (fault_on(&s->faults, F_GRAPH_NO_P2) && k->limit == LIMIT_IDENTITY) {
		fault_hit(&s->faults, F_GRAPH_NO_P2);
		return refuse(s, r, 403, "Forbidden", "Your tenant is not licensed for this feature.");
	}
	return 0;
}

/* --- what is asked --- */

static unsigned
check_digits(const struct sim *s, const char *filter, const struct gquery *q)
{
	uint64_t	 h = hash64(filter, strlen(filter), (uint64_t)s->opt.seed + 77);

	h = rng_mix(rng_mix(h, (uint64_t)q->after), q->after_row);
	return (unsigned)(rng_mix(rng_mix(h, q->offset), (uint64_t)q->frontier) & 0xffffff);
}

static void
skiptoken_write(const struct sim *s, const char *filter, const struct gquery *q, struct text *t)
{
	text_addf(t, "%016llx%08x%08x%016llx%012llx%06x", (unsigned long long)q->after, q->after_row, q->offset,
	    (unsigned long long)q->frontier, (unsigned long long)when_now(), check_digits(s, filter, q));
}

static int
skiptoken_read(struct sim *s, const char *filter, const char *token, struct gquery *q)
{
	unsigned long long	 after, frontier, made;
	unsigned		 check;

	if (sscanf(token, "%16llx%8x%8x%16llx%12llx%6x", &after, &q->after_row, &q->offset, &frontier, &made, &check) != 6)
		return -1;
	q->after = (int64_t)after;
	q->frontier = (int64_t)frontier;
	q->continued = 1;
	if (check != check_digits(s, filter, q))
		return -1;
	if (fault_on(&s->faults, F_GRAPH_TOKEN_AGE) &&
	    (double)(when_now() - (int64_t)made) > fault_arg(&s->faults, F_GRAPH_TOKEN_AGE) * 1000 && fault_hit(&s->faults, F_GRAPH_TOKEN_AGE))
		return -1;
	return fault_hit(&s->faults, F_GRAPH_TOKEN_BAD) ? -1 : 0;
}

static int
read_top(struct sim *s, struct request *r, struct gquery *q)
{
	const struct gkind	*k = &gkinds[q->feed];
	unsigned		 most = k->page_max;
	struct text		 t = { NULL, 0, 0 };
	char			 words[120];
	long			 n;

	if (s->opt.graph_page > 0 && s->opt.graph_page < (int64_t)most)
		most = (unsigned)s->opt.graph_page;
	q->top = k->page < most ? k->page : most;
	if (!query_value(r, "$top", &t))
		return 0;
	n = strtol(t.bytes, NULL, 10);
	text_clear(&t);
	if (n < 1 || (k->limit != LIMIT_REPORTING && n > (long)k->page_max)) {
		snprintf(words, sizeof(words), "Invalid page size specified: '%ld'. Must be between 1 and %u inclusive.", n, k->page_max);
		return refuse(s, r, 400, "BadRequest", words);
	}
	q->top = n < (long)most ? (unsigned)n : most;
	if (q->top > 1 && fault_hit(&s->faults, F_GRAPH_SMALL))
		q->top = 1 + rng_below(&s->rng, q->top);
	return 0;
}

static int
read_order(struct sim *s, struct request *r, struct gquery *q)
{
	const struct gkind	*k = &gkinds[q->feed];
	struct text		 t = { NULL, 0, 0 };
	size_t			 n;
	int			 bad;

	q->descending = 1;
	if (!query_value(r, "$orderby", &t))
		return 0;
	n = strcspn(t.bytes, " ");
	bad = (strlen(k->created) != n || strncmp(k->created, t.bytes, n) != 0) &&
	    (k->updated == NULL || strlen(k->updated) != n || strncmp(k->updated, t.bytes, n) != 0);
	/* Provisioning takes an order and does not keep it. */
	if (!bad && q->feed != G_PROVISIONING)
		q->descending = strcmp(t.bytes + n, " desc") == 0;
	if (!bad && k->updated != NULL && strncmp(k->updated, t.bytes, n) == 0)
		q->by_updated = 1;
	text_clear(&t);
	return bad ? refuse(s, r, 400, "BadRequest", "Invalid orderby clause") : 0;
}

/* 1: answered. */
static int
read_query(struct sim *s, struct request *r, struct gquery *q, struct text *filter)
{
	struct text	 t = { NULL, 0, 0 };
	int64_t		 now = when_now(), oldest = now - (int64_t)(s->opt.graph_history_days * (double)DAY_MS);
	char		 why[256];
	const char	*bad;

	q->from = INT64_MIN;
	q->to = now * TICKS_MS;
	if (query_value(r, "$skip", &t)) {
		text_clear(&t);
		return refuse(s, r, 400, "BadRequest", "Query option 'Skip' is not allowed. To allow it, set the 'AllowedQueryOptions' "
		    "property on EnableQueryAttribute or QueryValidationSettings.");
	}
	if (query_value(r, "$filter", filter) && (bad = graph_filter(q, filter->bytes, why)) != NULL)
		return refuse(s, r, 400, "BadRequest", bad);
	/* The minimum-date check, in the words of a syntax error. */
	if (q->has_from && q->from / TICKS_MS < oldest - MINUTE_MS)
		return refuse(s, r, 400, "BadRequest", "Invalid filter clause");
	if (q->has_from && fault_hit(&s->faults, F_GRAPH_400))
		return refuse(s, r, 400, "BadRequest", "Invalid filter clause");
	if (read_top(s, r, q) || read_order(s, r, q))
		return 1;
	q->frontier = s->graph.feed[q->feed].frontier;
	if (query_value(r, "$skiptoken", &t) && skiptoken_read(s, text_str(filter), t.bytes, q) == -1) {
		text_clear(&t);
		return refuse(s, r, 400, "BadRequest", "Invalid skip token.");
	}
	text_clear(&t);
	if (!q->continued && fault_on(&s->faults, F_GRAPH_504_WIDE) && q->has_from &&
	    (double)(q->to - q->from) > fault_arg(&s->faults, F_GRAPH_504_WIDE) * 60e3 * TICKS_MS && fault_hit(&s->faults, F_GRAPH_504_WIDE))
		return refuse(s, r, 504, "UnknownError", "The upstream server did not answer in time");
	if (fault_hit(&s->faults, F_GRAPH_IGNORE)) {
		q->from = INT64_MIN;
		q->to = now * TICKS_MS;
	}
	return 0;
}

/* --- the answer --- */

/* The link is the request again with another token; how it is written is the service's own affair. */
static void
next_link(struct sim *s, struct request *r, const char *path, const char *filter, const struct gquery *q, struct text *t)
{
	const char	*at = r->query, *end;
	struct text	 link = { NULL, 0, 0 };

	LIT(t, ",\"@odata.nextLink\":");
	if (script_link(s, r, IN_GRAPH, &link)) {
		text_json(t, text_str(&link), link.len);
		text_clear(&link);
		return;
	}
	LIT(t, "\"");
	if (fault_hit(&s->faults, F_GRAPH_FOREIGN))
		foreign(s, t);
	else
		origin(r, t);
	text_addf(t, "/%s/%s?", q->beta ? "beta" : "v1.0", path);
	while (*at != '\0') {
		end = at + strcspn(at, "&");
		if (strncasecmp(at, "$skiptoken=", 11) != 0 && strncasecmp(at, "%24skiptoken=", 13) != 0) {
			text_add(t, at, (size_t)(end - at));
			text_addc(t, '&');
		}
		at = *end == '&' ? end + 1 : end;
	}
	LIT(t, "$skiptoken=");
	skiptoken_write(s, filter, q, t);
	text_addc(t, '"');
}

static void
send_page(struct request *r, const struct text *t, int cut, int reset)
{
	struct text	 raw = { NULL, 0, 0 };

	if (!cut) {
		answer(r, 200, JSON_TYPE, t->bytes, t->len);
		return;
	}
	answer_head(r, &raw, 200, JSON_TYPE);
	if (reset)
		text_addf(&raw, "Content-Length: %zu\r\n", t->len);
	LIT(&raw, "\r\n");
	text_add(&raw, t->bytes, t->len / 2);
	answer_raw(r, 200, raw.bytes, raw.len, reset ? RESET : CLOSE);
	text_clear(&raw);
}

static void
page(struct sim *s, struct request *r, const char *path, const struct gquery *q, const char *filter)
{
	const char	*prefer = header(r, "Prefer");
	struct text	 t = { NULL, 0, 0 }, value = { NULL, 0, 0 };
	struct gquery	 next;
	int		 enums = prefer != NULL && strstr(prefer, "include-unknown-enum-members") != NULL;
	int		 reset = fault_hit(&s->faults, F_GRAPH_RESET), cut = reset || fault_hit(&s->faults, F_GRAPH_TRUNCATE);
	int		 malformed = fault_hit(&s->faults, F_GRAPH_MALFORMED), more;

	if (fault_hit(&s->faults, F_GRAPH_EMPTY)) {
		next = *q;
		if (!next.continued)
			next.after = q->descending ? INT64_MAX : INT64_MIN;
		next.continued = more = 1;
	} else {
		more = graph_page(s, q, enums, cut || malformed, &value, &next);
	}
	if (more && fault_hit(&s->faults, F_GRAPH_EARLY)) {
		s->graph.feed[q->feed].ended_early++;
		more = 0;
	}
	if (more && fault_hit(&s->faults, F_GRAPH_CIRCULAR) && q->continued)
		next = *q;
	LIT(&t, "{\"@odata.context\":\"");
	origin(r, &t);
	text_addf(&t, "/%s/$metadata#%s\"", q->beta ? "beta" : "v1.0", path);
	if (more && (s->graph.shown_pages++ & 1))
		next_link(s, r, path, filter, &next, &t);		/* before or behind the rows */
	else
		more = more ? 2 : 0;
	LIT(&t, ",\"value\":[");
	text_add(&t, text_str(&value), value.len);
	if (malformed)
		t.len -= value.len > 2 ? 2 : 0;
	LIT(&t, "]");
	if (more == 2)
		next_link(s, r, path, filter, &next, &t);
	LIT(&t, "}");
	send_page(r, &t, cut, reset);
	text_clear(&t);
	text_clear(&value);
}

static const char *
last_part(const char *path)
{
	return strrchr(path, '/') + 1;
}

void
graph_serve(struct sim *s, struct request *r, const char *path, int beta)
{
	struct gquery	 q = { .beta = beta };
	struct text	 filter = { NULL, 0, 0 };
	int		 f;

	for (f = 0; f < NGFEEDS && strcasecmp(gkinds[f].path, path) != 0; f++)
		continue;
	r->kind = f < NGFEEDS ? last_part(gkinds[f].path) : "graph";
	if (f == NGFEEDS || strcmp(r->method, "GET") != 0) {
		refuse(s, r, f == NGFEEDS ? 400 : 405, "BadRequest", "Resource not found for the segment.");
		return;
	}
	q.feed = (enum gfeed)f;
	if (throttled(s, r, gkinds[f].limit) || struck(s, r) || unwelcome(s, r, &gkinds[f]) || read_query(s, r, &q, &filter)) {
		text_clear(&filter);
		return;
	}
	s->graph.feed[q.feed].requests++;
	if (s->graph.feed[q.feed].asked == 0)
		s->graph.feed[q.feed].asked = when_now();
	if (q.both)
		s->graph.feed[G_NONINTERACTIVE].asked = s->graph.feed[G_INTERACTIVE].asked = when_now();
	page(s, r, gkinds[f].path, &q, text_str(&filter));
	text_clear(&filter);
}
