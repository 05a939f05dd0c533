/*
 * sink_hec_send - one parcel's way to the collector.
 *
 *	send -> [slow] -> [probe: does the token acknowledge?] -> POST events -> judged
 *	                                                              |
 *	                                                              +-> parked until acknowledged or lost -> judged
 */
#include "deliver/sink_hec_in.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/xalloc.h"

#define SLOW_FIRST_MS	1000
#define SLOW_MAX_MS	30000
#define UNASKED_MAX	10000		/* numbers of acknowledgements left on a channel */

static void	 step(struct hec_letter *);
static int	 is_empty(const struct parcel *);
static void	 on_answer(void *, struct http_answer *);
static int	 judge(struct hec_letter *, struct http_answer *, struct hec_said *);
static void	 learn(struct hec_letter *, int status, const struct hec_said *);
static void	 learn_pace(struct sink_hec *, const struct parcel *, const struct hec_said *);
static void	 count_refused(struct sink_hec *, const struct parcel *, const struct hec_said *, int status);
static int	 is_gzip(const struct parcel *);

void
hec_send(struct sink *sink, struct parcel *p, void (*judged)(void *, struct parcel *), void *arg)
{
	struct sink_hec		*h = (struct sink_hec *)sink;
	struct hec_letter	*l = xcalloc(1, sizeof(*l));

	*l = (struct hec_letter){ .next = h->letters, .hec = h, .p = p, .judged = judged, .arg = arg, .ack_id = -1 };
	h->letters = l;
	step(l);
}

void
hec_cancel(struct sink *sink, struct parcel *p)
{
	struct hec_letter	*l = ((struct sink_hec *)sink)->letters;

	while (l != NULL && l->p != p)
		l = l->next;
	assert(l != NULL);
	hec_letter_free(l);
}

void
hec_reload(struct sink *sink)
{
	struct sink_hec	*h = (struct sink_hec *)sink;
	struct err	 e = { 0 };

	urls_kick(&h->urls);
	h->past = (struct hec_past){ 0 };
	h->told_off = 0;
	for (size_t i = 0; i < h->urls.n; i++)
		h->ways[i].acks_proven = 0;
	atomic_store(&h->plain, 0);
	if (secret_load(&h->token, h->opts.token, &e) == -1)
		log_error("output-secret", "%s: the old token stays: %s", h->opts.name, e.text);
}

int
hec_changed(struct sink *sink)
{
	const struct sink_hec	*h = (struct sink_hec *)sink;

	return secret_changed(&h->token, h->opts.token) == 1;
}

int
hec_token_again(struct sink_hec *h, int status)
{
	struct err	 e = { 0 };

	return (status == 401 || status == 403) && hec_changed(&h->sink) && secret_load(&h->token, h->opts.token, &e) == 0;
}

void
hec_letter_free(struct hec_letter *l)
{
	struct hec_letter	**at;

	if (l->http != NULL) {
		http_cancel(l->http);
		l->channel->busy = 0;
		hec_unsure(l->channel);
	}
	for (at = &l->hec->letters; *at != l; at = &(*at)->next)
		continue;
	*at = l->next;
	free(l);
}

void
hec_deliver(struct hec_letter *l)
{
	void		(*judged)(void *, struct parcel *) = l->judged;
	void		*arg = l->arg;
	struct parcel	*p = l->p;

	hec_letter_free(l);
	judged(arg, p);
}

/* ---- before the request ------------------------------------------------------------------------------------------- */

static void
step(struct hec_letter *l)
{
	struct sink_hec	*h = l->hec;

	if (is_empty(l->p)) {
		snprintf(l->p->code, sizeof(l->p->code), "none");
		l->state = LETTER_DONE;
		hec_soon(h);
	} else if (clock_mono_ms() < h->slow_until_ms) {
		l->state = LETTER_SLOW;
		hec_soon(h);
	} else
		hec_post(l);
}

/* All its records were too large. */
static int
is_empty(const struct parcel *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->items[i].verdict == V_NONE)
			return 0;
	return 1;
}

void
hec_soon(struct sink_hec *h)
{
	timer_set(&h->timer, 0);
}

void
hec_go(struct sink_hec *h)
{
	int64_t			 now = clock_mono_ms(), next = hec_acks_turn(h, now);
	struct hec_letter	*l;

	for (l = h->letters; l != NULL; l = l->next) {
		if (l->state == LETTER_SLOW && now >= h->slow_until_ms)
			hec_post(l);
		else if (l->state == LETTER_SLOW && h->slow_until_ms < next)
			next = h->slow_until_ms;
	}
	if (next != INT64_MAX)
		timer_set(&h->timer, next > now ? next - now : 0);
	for (l = h->letters; l != NULL;) {	/* last, and from the beginning each time: judged() may bring new ones */
		if (l->state != LETTER_DONE) {
			l = l->next;
			continue;
		}
		hec_deliver(l);
		l = h->letters;
	}
}

/* ---- the request -------------------------------------------------------------------------------------------------- */

void
hec_post(struct hec_letter *l)
{
	struct sink_hec	*h = l->hec;
	int		 fresh;

	l->way = urls_pick(&h->urls, &fresh);
	l->channel = hec_channel_for(h, l->way);
	l->channel->busy = 1;
	l->channel->used_ms = clock_mono_ms();
	if (h->opts.ack == HEC_ACK_ON && !h->ways[l->way].acks_proven) {
		l->state = LETTER_PROBING;
		hec_probe(l);
		return;
	}
	l->state = LETTER_SENDING;
	l->http = hec_request(h, l->channel, h->ways[l->way].events, l->p->body.bytes, l->p->body.len, is_gzip(l->p), fresh,
	    on_answer, l);
}

struct http *
hec_request(struct sink_hec *h, const struct hec_channel *c, const char *url, const char *body, size_t len, int gzip, int fresh,
    void (*on_done)(void *, struct http_answer *), void *arg)
{
	const char	**headers = xreallocarray(NULL, h->n_headers + 6, sizeof(*headers));
	char		 channel[80];
	struct buf	 token = { 0 }, cookies = { 0 };
	struct http	*http;
	size_t		 n = 0;

	buf_need(&token, h->token.len + 64);	/* room first, so that growing leaves no copy behind */
	buf_adds(&token, "Authorization: Splunk ");
	buf_add(&token, h->token.bytes, h->token.len);
	headers[n++] = buf_str(&token);
	headers[n++] = "Content-Type: application/json";
	snprintf(channel, sizeof(channel), "X-Splunk-Request-Channel: %s", c->guid);
	headers[n++] = channel;
	if (gzip)
		headers[n++] = "Content-Encoding: gzip";
	if (c->cookies.len > 0) {
		buf_need(&cookies, c->cookies.len + 16);
		buf_addf(&cookies, "Cookie: %s", buf_str(&c->cookies));
		headers[n++] = buf_str(&cookies);
	}
	if (h->n_headers > 0)
		memcpy(headers + n, h->headers, h->n_headers * sizeof(*headers));
	headers[n + h->n_headers] = NULL;
	http = http_start(h->opts.http, &(struct http_req){ .method = "POST", .url = url, .headers = headers, .body = body,
	    .body_len = len, .proxy = h->opts.proxy != NULL ? h->opts.proxy : httpc_env_proxy(url), .ca_file = h->opts.ca_file,
	    .pinned_spki = h->opts.pinned_spki, .client_cert = h->opts.client_cert, .client_key = h->opts.client_key,
	    .fresh = fresh, .timeout_ms = h->opts.timeout_ms, .max_body = HEC_REPLY_MAX, .on_done = on_done, .arg = arg });
	explicit_bzero(token.bytes, token.size);
	buf_clear(&token);
	if (cookies.bytes != NULL)
		explicit_bzero(cookies.bytes, cookies.size);
	buf_clear(&cookies);
	free(headers);
	return http;
}

static int
is_gzip(const struct parcel *p)
{
	return p->body.len > 2 && memcmp(p->body.bytes, "\x1f\x8b", 2) == 0;
}

/* ---- the answer --------------------------------------------------------------------------------------------------- */

static void
on_answer(void *arg, struct http_answer *a)
{
	struct hec_letter	*l = arg;
	struct sink_hec		*h = l->hec;
	struct hec_way		*way = &h->ways[l->way];
	struct hec_said		 said = { -1, -1, 0, 0 };
	int			 known;

	l->http = NULL;
	l->channel->busy = 0;
	if (a->fail == HTTP_OK)
		hec_learn_cookies(l, a->set_cookie);
	if (hec_once_more(l, a))
		return;
	known = judge(l, a, &said);
	learn(l, a->fail == HTTP_OK ? a->status : 0, &said);
	if (!known)
		hec_unsure(l->channel);
	if (said.ack_id >= 0 && h->opts.ack != HEC_ACK_OFF) {
		hec_park(l, said.ack_id);
		return;
	}
	if (said.ack_id >= UNASKED_MAX)		/* ack: off, and the indexer keeps what nobody asks for */
		l->channel->retired = 1;
	if (said.accepted > 0 && h->opts.ack == HEC_ACK_ON) {
		way->acks_proven = 0;
		judge_hec_all(l->p, V_HOLD, "taken, but without an acknowledgement, and ack is on: enable it for the token in Splunk, "
		    "or write ack: auto");
		count(C_DELIVERED, said.accepted, h->opts.name, "unsure", NULL);
	}
	hec_deliver(l);
}

/* 1: the outcome is known. */
static int
judge(struct hec_letter *l, struct http_answer *a, struct hec_said *said)
{
	struct sink_hec		*h = l->hec;
	struct judge_answer	 answer;
	struct hec_past		 past = h->past;
	int			 known = 0;

	past.worked = h->ways[l->way].worked;
	if (a->fail == HTTP_TOO_BIG && a->status >= 300) {	/* a long page for people: the status tells */
		judge_hec(&(struct judge_answer){ .status = a->status, .body = "<", .len = 1, .retry_after_ms = a->retry_after_ms },
		    a->location, &past, l->p, said);
		known = a->status < 500;
	} else if (a->fail != HTTP_OK) {
		judge_hec_fail(a->fail, a->why, l->p);
		known = a->fail == HTTP_DNS || a->fail == HTTP_CONNECT || a->fail == HTTP_TLS || a->fail == HTTP_PROXY;
	} else if (judge_read(a, &answer) == -1)
		judge_hec_fail(HTTP_OTHER, "answered in an encoding that cannot be read", l->p);
	else {
		judge_hec(&answer, a->location, &past, l->p, said);
		known = said->is_hec && a->status != 500;
		known |= a->status >= 300 && a->status < 500;
		count_refused(h, l->p, said, a->status);
	}
	if (!known)
		count(C_DELIVERED, l->p->n, h->opts.name, "unsure", NULL);
	return known;
}

/* A balancer wants to see its cookie. Many send one with every answer, one that took a part of the events too. */
static int
wants_cookie(const struct http_answer *a)
{
	struct judge_answer	 answer;

	return a->set_cookie != NULL && a->status == 400 && judge_read(a, &answer) == 0 && !judge_hec_took_some(&answer);
}

/* With a newer token, or with the cookie. */
int
hec_once_more(struct hec_letter *l, struct http_answer *a)
{
	if (a->fail != HTTP_OK)
		return 0;
	if (!l->reloaded && hec_token_again(l->hec, a->status))
		l->reloaded = 1;
	else if (!l->cookied && wants_cookie(a))
		l->cookied = 1;
	else
		return 0;
	hec_post(l);
	return 1;
}

/* With another URL to try, what holds the output, or makes no sense, only leaves this one alone for a while. */
void
hec_learn_way(struct hec_letter *l)
{
	struct parcel	*p = l->p;
	int		 refused = 0;

	for (size_t i = 0; i < p->n; i++)
		refused |= p->items[i].verdict == V_HOLD || p->items[i].verdict == V_AGAIN;
	if (!p->fresh && (!refused || l->hec->urls.n == 1)) {
		urls_passed(&l->hec->urls, l->way);
		return;
	}
	p->at_once = urls_failed(&l->hec->urls, l->way, p->retry_after_ms, p->why);
	for (size_t i = 0; i < p->n && p->at_once; i++)
		if (p->items[i].verdict == V_HOLD)
			p->items[i].verdict = V_AGAIN;
}

/* What this answer means for later requests. */
static void
learn(struct hec_letter *l, int status, const struct hec_said *said)
{
	struct sink_hec	*h = l->hec;
	struct parcel	*p = l->p;

	if (said->accepted > 0)
		h->ways[l->way].worked = 1;
	hec_learn_way(l);
	if (status == 415 && is_gzip(p)) {
		log_warn("output-plain", "%s: the destination takes no gzip, going on with plain bodies", h->opts.name);
		atomic_store(&h->plain, 1);
		judge_hec_all(p, V_AGAIN, "the destination takes no gzip");
		p->at_once = 1;
	}
	learn_pace(h, p, said);
}

/* Accepted, but its queues are filling up: the next request waits, longer each time. */
static void
learn_pace(struct sink_hec *h, const struct parcel *p, const struct hec_said *said)
{
	if (said->code == 24 || said->code == 25) {
		if (h->slow_ms == 0)
			log_info("output-slow", "%s: a pause between requests: %s", h->opts.name, p->why);
		h->slow_ms = h->slow_ms == 0 ? SLOW_FIRST_MS : h->slow_ms * 2 < SLOW_MAX_MS ? h->slow_ms * 2 : SLOW_MAX_MS;
		h->slow_until_ms = clock_mono_ms() + h->slow_ms;
	} else if (said->code == 0 && h->slow_ms > 0) {
		h->slow_ms = h->slow_ms / 2 >= SLOW_FIRST_MS ? h->slow_ms / 2 : 0;
		h->slow_until_ms = clock_mono_ms() + h->slow_ms;
		if (h->slow_ms == 0)
			log_info("output-slow", "%s: no pauses between requests any more", h->opts.name);
	}
}

/* Does it refuse records, or everything? */
static void
count_refused(struct sink_hec *h, const struct parcel *p, const struct hec_said *said, int status)
{
	struct hec_past	*past = &h->past;
	int		 whole = said->accepted > 0, named = 0;

	for (size_t i = 0; i < p->n; i++) {
		whole &= p->items[i].verdict == V_DELIVERED || p->items[i].verdict == V_POISON;
		named |= p->items[i].verdict == V_POISON && p->items[i].reply != NULL;
	}
	past->refused = said->accepted > 0 ? 0 : past->refused + (unsigned)named;
	past->resumes = whole && !named ? 0 : past->resumes + (unsigned)named;
	past->strange = status == 400 && !said->is_hec ? past->strange + 1 : 0;
}
