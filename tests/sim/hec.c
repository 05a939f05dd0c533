/*
 * hec - the simulated HTTP Event Collector: who may come in, whole requests that go wrong, and the answers.
 *
 *	token -> faults -> channel -> body as plain bytes -> indexed (hec_index) -> id (hec_ack) -> answer, or none
 */
#include <stdlib.h>
#include <strings.h>

#include "gz.h"
#include "sim.h"
#include "when.h"

#define JSON_TYPE "application/json; charset=UTF-8"

static const struct { int status; const char *text; } codes[HEC_NCODES] = {
	[0] = { 200, "Success" },
	[1] = { 403, "Token disabled" },
	[2] = { 401, "Token is required" },
	[3] = { 401, "Invalid authorization" },
	[4] = { 403, "Invalid token" },
	[5] = { 400, "No data" },
	[6] = { 400, "Invalid data format" },
	[7] = { 400, "Incorrect index" },
	[8] = { 500, "Internal server error" },
	[9] = { 503, "Server is busy" },
	[10] = { 400, "Data channel is missing" },
	[11] = { 400, "Invalid data channel" },
	[12] = { 400, "Event field is required" },
	[13] = { 400, "Event field cannot be blank" },
	[14] = { 400, "ACK is disabled" },
	[15] = { 400, "Error in handling indexed fields" },
	[16] = { 400, "Query string authorization is not enabled" },
	[17] = { 200, "HEC is healthy" },
	[18] = { 503, "HEC is unhealthy, queues are full" },
	[19] = { 503, "HEC is unhealthy, ack service unavailable" },
	[20] = { 503, "HEC is unhealthy, queues are full, ack service unavailable" },
	[21] = { 400, "Invalid token" },
	[22] = { 400, "Token disabled" },
	[23] = { 503, "Server is shutting down" },
	[24] = { 200, "HEC queue is approaching its capacity limit" },
	[25] = { 200, "HEC ACK channel is approaching its capacity limit" },
	[26] = { 429, "HEC queue is at capacity" },
	[27] = { 429, "HEC ACK channel is at capacity" },
	[28] = { 400, "Data channel is missing. If you have multiple indexers, sticky session load balancers must be provisioned" },
};

static int
known_code(int code)
{
	return code >= 0 && code < HEC_NCODES;
}

static void
code_text(int code, int number, int64_t ack_id, struct text *t)
{
	text_addf(t, "{\"text\":\"%s\",\"code\":%d", known_code(code) ? codes[code].text : "Unknown", code);
	if (number >= 0)
		text_addf(t, ",\"invalid-event-number\":%d", number);
	if (ack_id >= 0)
		text_addf(t, ",\"ackId\":%lld", (long long)ack_id);
	LIT(t, "}");
}

void
hec_answer(struct sim *s, struct request *r, int code, int number, int64_t ack_id)
{
	struct text	 t = { NULL, 0, 0 };

	if (known_code(code))
		s->sink_hec.codes[code]++;
	code_text(code, number, ack_id, &t);
	answer(r, known_code(code) ? codes[code].status : 400, JSON_TYPE, t.bytes, t.len);
	text_clear(&t);
}

static void
not_found(struct request *r, int status)
{
	answer_text(r, status, JSON_TYPE, "{\"text\":\"The requested URL was not found on this server.\",\"code\":404}");
}

/* --- tokens --- */

static int
token_named(const struct hec *h, const char *value, size_t len)
{
	int	 i;

	for (i = 0; i < h->ntokens; i++)
		if (strlen(h->tokens[i].value) == len && strncasecmp(h->tokens[i].value, value, len) == 0)
			return i;
	return -1;
}

/* The token's number, or less than 0: -1 - code. */
static int
who(struct sim *s, struct request *r)
{
	const struct hec	*h = &s->sink_hec;
	const char		*v = header(r, "Authorization");
	struct text		 t = { NULL, 0, 0 };
	int			 found, asked;

	if (v == NULL) {
		asked = query_value(r, "token", &t);
		text_clear(&t);
		return asked ? -1 - 16 : -1 - 2;
	}
	if (strncasecmp(v, "Splunk ", 7) != 0)
		return -1 - 3;
	found = token_named(h, v + 7, strlen(v + 7));
	return found >= 0 ? found : -1 - 4;
}

/* --- whole requests that go wrong; 1: answered --- */

static int
request_fault(struct sim *s, struct request *r)
{
	struct faults	*f = &s->faults;
	int		 code = (int)fault_arg(f, F_HEC_CODE), status = (int)fault_arg(f, F_HEC_STATUS);

	if (fault_hit(f, F_HEC_RESET_BEFORE)) {
		answer_raw(r, 0, NULL, 0, RESET);
	} else if (fault_hit(f, F_HEC_STATUS)) {
		html_page(r, status, status_words(status));
	} else if (fault_hit(f, F_HEC_HTML_200)) {
		html_page(r, 200, "Sign in to the guest network");
	} else if (fault_hit(f, F_HEC_303)) {
		LIT(&r->extra, "Location: /en-US/account/login?return_to=%2Fen-US%2F\r\n");
		html_page(r, 303, "303 See Other");
	} else if (fault_hit(f, F_HEC_302)) {
		redirect_away(s, r);
	} else if (fault_hit(f, F_HEC_404)) {
		not_found(r, 404);
	} else if (fault_hit(f, F_HEC_429)) {
		text_addf(&r->extra, "Retry-After: %d\r\n", (int)fault_arg(f, F_HEC_429));
		hec_answer(s, r, 26, -1, -1);
	} else if (fault_hit(f, F_HEC_BAD_NUMBER)) {
		hec_answer(s, r, 9, (int)fault_arg(f, F_HEC_BAD_NUMBER), -1);
	} else if (code != 0 && code != 24 && code != 25 && fault_hit(f, F_HEC_CODE)) {
		hec_answer(s, r, code, -1, -1);
	} else {
		return 0;
	}
	return 1;
}

/* The channel of the header or the query; 1: answered, since the token needs one. */
static int
channel_of(struct sim *s, struct request *r, const struct hec_token *k, struct text *channel)
{
	const char	*v = header(r, "X-Splunk-Request-Channel");

	if (v != NULL)
		text_adds(channel, v);
	else
		query_value(r, "channel", channel);
	if (channel->len == 0)
		s->sink_hec.without_channel++;
	if (!k->ack)
		return 0;
	if (fault_on(&s->faults, F_HEC_COOKIE_REQUIRED) && header(r, "Cookie") == NULL && strcmp(r->kind, "hec-ack") == 0) {
		fault_hit(&s->faults, F_HEC_COOKIE_REQUIRED);
		hec_answer(s, r, 28, -1, -1);
		return 1;
	}
	if (channel->len > 0 && guid_valid(channel->bytes, channel->len))
		return 0;
	hec_answer(s, r, channel->len == 0 ? 10 : 11, -1, -1);
	return 1;
}

/* The body as plain bytes in *plain (which may be the request's own); 1: answered instead. */
static int
unpack(struct sim *s, struct request *r, struct text *inflated, struct text **plain)
{
	struct hec	*h = &s->sink_hec;
	const char	*encoding = header(r, "Content-Encoding"), *type = header(r, "Content-Type");
	size_t		 max = (size_t)s->opt.hec_max_bytes;

	*plain = &r->body;
	h->wire_bytes += r->body.len;
	h->form_requests += type != NULL && strstr(type, "form") != NULL;
	if (fault_on(&s->faults, F_HEC_413))
		max = (size_t)fault_arg(&s->faults, F_HEC_413);
	if (encoding != NULL && strcasecmp(encoding, "gzip") == 0) {
		if (fault_hit(&s->faults, F_HEC_415)) {
			html_page(r, 415, "Unsupported Media Type");
			return 1;
		}
		h->gzip_requests++;
		switch (gz_inflate(r->body.bytes, r->body.len, max, inflated)) {
		case -1:
			h->bad_requests++;
			hec_answer(s, r, 6, 0, -1);
			return 1;
		case -2:
			fault_hit(&s->faults, F_HEC_413);
			html_page(r, 413, "Content-Length is too large");
			return 1;
		}
		*plain = inflated;
	} else if (encoding != NULL && strcasecmp(encoding, "identity") != 0) {
		html_page(r, 415, "Unsupported Media Type");
		return 1;
	}
	if ((*plain)->len > max) {
		fault_hit(&s->faults, F_HEC_413);
		html_page(r, 413, "Content-Length is too large");
		return 1;
	}
	h->bytes += (*plain)->len;
	return 0;
}

/* --- events --- */

static uint32_t
new_post(struct hec *h, const struct request *r, int token)
{
	if (h->nposts == h->posts_room) {
		h->posts_room = h->posts_room ? h->posts_room * 2 : 256;
		h->posts = sim_grow(h->posts, h->posts_room, sizeof(*h->posts));
	}
	h->posts[h->nposts++] = (struct hec_post){ .token = (uint8_t)token, .lost = (uint8_t)is_late(r) };
	h->tokens[token].posts++;
	return (uint32_t)h->nposts;
}

/* Splunk gives an id for what it took, the part before a refused object too. */
static int64_t
acknowledge(struct sim *s, struct request *r, int token, uint32_t post, const char *channel, int dropped)
{
	struct hec	*h = &s->sink_hec;
	int		 never;

	if (!h->tokens[token].ack || fault_hit(&s->faults, F_HEC_ACK_MISSING))
		return -1;
	never = fault_hit(&s->faults, F_HEC_ACK_NEVER);
	if (never || dropped)
		h->posts[post - 1].lost = 1;
	return hec_give_id(s, hec_channel(h, token, hec_indexer(s, r), channel), post, never || dropped);
}

static void
cut_answer(struct sim *s, struct request *r, const struct text *t)
{
	struct faults	*f = &s->faults;
	struct text	 giant = { NULL, 0, 0 };
	size_t		 pad;

	if (fault_hit(f, F_HEC_EMPTY_REPLY)) {
		answer(r, 200, JSON_TYPE, "", 0);
	} else if (fault_hit(f, F_HEC_CUT_REPLY)) {
		answer(r, 200, JSON_TYPE, t->bytes, t->len / 2);
	} else {
		fault_hit(f, F_HEC_GIANT_REPLY);
		pad = (size_t)(fault_arg(f, F_HEC_GIANT_REPLY) * 1048576.0);
		LIT(&giant, "{\"padding\":\"");
		memset(text_need(&giant, pad), 'p', pad);
		giant.len += pad;
		LIT(&giant, "\",");
		text_add(&giant, t->bytes + 1, t->len - 1);
		answer(r, 200, JSON_TYPE, giant.bytes, giant.len);
		text_clear(&giant);
	}
}

/* It was taken; does its sender hear of it? */
static void
answer_taken(struct sim *s, struct request *r, uint32_t post, int code, int64_t ack_id)
{
	struct faults	*f = &s->faults;
	struct text	 t = { NULL, 0, 0 };
	int		 lost = 1;

	code_text(code, -1, ack_id, &t);
	if (fault_hit(f, F_HEC_RESET_AFTER)) {
		answer_raw(r, 0, NULL, 0, RESET);
	} else if (fault_hit(f, F_HEC_500_STORED)) {
		hec_answer(s, r, 8, -1, -1);
	} else if (fault_on(f, F_HEC_EMPTY_REPLY) || fault_on(f, F_HEC_CUT_REPLY) || fault_on(f, F_HEC_GIANT_REPLY)) {
		cut_answer(s, r, &t);
	} else if (fault_hit(f, F_HEC_HANG)) {
		text_reset(&r->body);
		text_add(&r->body, t.bytes, t.len);
		s->sink_hec.codes[code]++;
		answer_later(r, fault_arg(f, F_HEC_HANG));
	} else {
		lost = 0;
		if (fault_hit(f, F_HEC_SLOW_REPLY))
			r->slow = (int)fault_arg(f, F_HEC_SLOW_REPLY);
		hec_answer(s, r, code, -1, ack_id);
	}
	if (lost)
		s->sink_hec.posts[post - 1].lost = 1;
	text_clear(&t);
}

static void
take(struct sim *s, struct request *r, int token, const char *channel, const struct text *body)
{
	struct hec		*h = &s->sink_hec;
	struct faults		*f = &s->faults;
	struct hec_outcome	 o = { 0, -1, 0 };
	int			 dropped = h->tokens[token].ack && fault_hit(f, F_HEC_ACK_DROP), code = 0;
	int64_t			 id = -1;
	uint32_t		 post;

	if (fault_on(f, F_HEC_NO_NUMBER)) {
		hec_index(s, &h->tokens[token], 0, body, 0, &o);
		if (o.code != 0) {
			fault_hit(f, F_HEC_NO_NUMBER);
			hec_answer(s, r, o.code, -1, -1);
			return;
		}
	}
	post = new_post(h, r, token);
	hec_note(h, "request request=%u token=%s", post, h->tokens[token].name);
	hec_index(s, &h->tokens[token], post, body, !dropped, &o);
	if (o.taken > 0)
		id = acknowledge(s, r, token, post, channel, dropped);
	if (o.code != 0) {
		hec_note(h, "answer request=%u code=%d", post, o.code);
		hec_answer(s, r, o.code, o.number, id);
		return;
	}
	if (fault_on(f, F_HEC_CODE) && (fault_arg(f, F_HEC_CODE) == 24 || fault_arg(f, F_HEC_CODE) == 25)) {
		fault_hit(f, F_HEC_CODE);
		code = (int)fault_arg(f, F_HEC_CODE);
	}
	answer_taken(s, r, post, code, id);
}

static void
event(struct sim *s, struct request *r)
{
	struct text	 channel = { NULL, 0, 0 }, inflated = { NULL, 0, 0 }, *plain;
	int		 token;

	r->kind = "hec";
	if (r->rounds > 0) {			/* the reply was kept for later */
		answer(r, 200, JSON_TYPE, r->body.bytes, r->body.len);
		return;
	}
	s->sink_hec.requests++;
	token = who(s, r);
	if (token < 0)
		hec_answer(s, r, -1 - token, -1, -1);
	else if (!request_fault(s, r) && !channel_of(s, r, &s->sink_hec.tokens[token], &channel) &&
	    !unpack(s, r, &inflated, &plain))
		take(s, r, token, text_str(&channel), plain);
	text_clear(&channel);
	text_clear(&inflated);
}

static void
ack(struct sim *s, struct request *r)
{
	struct text	 channel = { NULL, 0, 0 };
	int		 token = who(s, r);

	r->kind = "hec-ack";
	if (token < 0)
		hec_answer(s, r, -1 - token, -1, -1);
	else if (!channel_of(s, r, &s->sink_hec.tokens[token], &channel))
		hec_ack_serve(s, r, token, text_str(&channel));
	text_clear(&channel);
}

static void
unheard(struct sim *s, struct request *r)
{
	const char	*channel = header(r, "X-Splunk-Request-Channel");
	int		 token = who(s, r);

	if (token >= 0 && channel != NULL)
		hec_ack_unheard(s, r, token, channel);
}

/* Answers without a token, too: healthy says nothing about one. */
static void
health(struct sim *s, struct request *r)
{
	r->kind = "hec-health";
	s->sink_hec.health++;
	if (fault_hit(&s->faults, F_HEC_HEALTH))
		hec_answer(s, r, (int)fault_arg(&s->faults, F_HEC_HEALTH), -1, -1);
	else if (header(r, "Authorization") != NULL && who(s, r) < 0)
		hec_answer(s, r, 21, -1, -1);
	else
		hec_answer(s, r, 17, -1, -1);
}

static void
raw(struct sim *s, struct request *r)
{
	r->kind = "hec";
	s->sink_hec.raw_requests++;
	hec_answer(s, r, 6, -1, -1);
}

/* --- the doors --- */

static const struct {
	const char	*path;			/* behind /services/collector */
	const char	*method;
	void		(*serve)(struct sim *, struct request *);
} doors[] = {
	{ "", "POST", event }, { "/event", "POST", event }, { "/event/1.0", "POST", event },
	{ "/ack", "POST", ack }, { "/ack/1.0", "POST", ack },
	{ "/health", "GET", health }, { "/health/1.0", "GET", health },
	{ "/raw", "POST", raw }, { "/raw/1.0", "POST", raw },
};

void
hec_serve(struct sim *s, struct request *r)
{
	static const char	 root[] = "/services/collector";
	const char		*path = strncmp(r->path, root, sizeof(root) - 1) == 0 ? r->path + sizeof(root) - 1 : NULL;
	size_t			 i, n = sizeof(doors) / sizeof(doors[0]);

	r->kind = "hec";
	for (i = 0; path != NULL && i < n && strcmp(doors[i].path, path) != 0; i++)
		continue;
	if (fault_hit(&s->faults, F_HEC_DOWN)) {
		if (i < n && doors[i].serve == ack)
			unheard(s, r);
		answer_raw(r, 0, NULL, 0, RESET);
	} else if (path == NULL || i == n) {
		not_found(r, 404);
	} else if (strcmp(r->method, "OPTIONS") == 0) {
		LIT(&r->extra, "Allow: POST,OPTIONS\r\n");
		answer_text(r, 200, NULL, "");
	} else if (strcmp(r->method, doors[i].method) != 0) {
		not_found(r, 405);
	} else {
		doors[i].serve(s, r);
	}
}
