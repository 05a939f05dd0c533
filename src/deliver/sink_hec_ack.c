/*
 * sink_hec_ack - parcels that were taken and wait until the indexer has them.
 *
 * The indexer forgets a number once it said "true" to it, so the "true" is in the parcel's verdicts from then on and the
 * output commits them before the parcel's bytes go. A number that stays false, or that nobody can be asked for any more,
 * means sending again: twice rather than never.
 *
 * Numbers must never be mixed up, for a "true" that belongs to another request would lose this one:
 *	- they are asked for over their own channel with its own cookies;
 *	- a channel takes no more after a request without an answer, and when a number does not count up: another indexer, or a
 *	  restarted one, counts on it now. It begins at 0, so the open numbers of the first one are not met by its numbers,
 *	- if only a channel takes nothing new while its own 0 is open.
 * The last makes balancers without sticky sessions work too: every poll has its chance to meet the right indexer.
 */
#include "deliver/sink_hec_in.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "base/xalloc.h"

#define POLL_FIRST_MS	1000
#define POLL_MAX_MS	10000
#define TROUBLE_MAX_MS	30000
#define IDLE_MS		(5 * 60 * 1000)		/* indexers forget a channel after ten minutes */
#define GRACE_MS	30000			/* numbers behind a cookie that was replaced */

static void	 retire(struct hec_channel *, int64_t for_ms);
static void	 lost(struct hec_letter *, enum verdict, const char *why);
static int	 is_open(const struct hec_letter *, const struct hec_channel *);
static struct hec_letter *find(const struct hec_channel *, int64_t ack_id);
static void	 poll_channel(struct hec_channel *);
static void	 on_polled(void *, struct http_answer *), on_probed(void *, struct http_answer *);
static int64_t	 look_at_parked(struct sink_hec *, int64_t now_ms);
static int64_t	 look_at_channels(struct sink_hec *, int64_t now_ms);

/* ---- channels ----------------------------------------------------------------------------------------------------- */

struct hec_channel *
hec_channel_for(struct sink_hec *h, size_t way)
{
	int64_t			 now = clock_mono_ms();
	struct hec_channel	*c;

	for (c = h->channels; c != NULL; c = c->next)
		if (c->way == way && !c->busy && !c->retired && now - c->used_ms < IDLE_MS && find(c, 0) == NULL)
			return c;
	c = hec_channel_new(h, way, &h->ways[way].cookies, now);
	c->until_ms = INT64_MAX;
	c->next = h->channels;
	h->channels = c;
	return c;
}

/* 1: what answered is perhaps another indexer, jar holds the cookies as they are now. */
static int
cookies_came(struct hec_channel *c, const char *set_cookie, struct buf *jar)
{
	struct hec_way	*w = &c->hec->ways[c->way];
	int		 changed;

	buf_add(jar, buf_str(&c->cookies), c->cookies.len);
	changed = hec_cookies(jar, set_cookie);
	if (set_cookie != NULL) {
		buf_reset(&w->cookies);
		buf_add(&w->cookies, buf_str(jar), jar->len);
	}
	if (changed) {
		retire(c, GRACE_MS);
		return 1;
	}
	buf_reset(&c->cookies);
	buf_add(&c->cookies, buf_str(jar), jar->len);
	return 0;
}

void
hec_learn_cookies(struct hec_letter *l, const char *set_cookie)
{
	struct hec_channel	*old = l->channel, *c;
	struct buf		 jar = { 0 };

	if (cookies_came(old, set_cookie, &jar)) {
		c = hec_channel_new(l->hec, old->way, &jar, clock_mono_ms());
		memcpy(c->guid, old->guid, sizeof(c->guid));
		c->last_id = old->last_id;
		c->retired = 1;
		c->until_ms = INT64_MAX;
		c->next = l->hec->channels;
		l->hec->channels = c;
		l->channel = c;
	}
	if (jar.bytes != NULL)
		explicit_bzero(jar.bytes, jar.size);
	buf_clear(&jar);
}

static void
retire(struct hec_channel *c, int64_t for_ms)
{
	int64_t	 until = clock_mono_ms() + for_ms;

	c->retired = 1;
	if (until < c->until_ms)
		c->until_ms = until;
	hec_soon(c->hec);
}

void
hec_unsure(struct hec_channel *c)
{
	c->retired = 1;
}

/* ---- parking ------------------------------------------------------------------------------------------------------ */

void
hec_park(struct hec_letter *l, int64_t ack_id)
{
	struct sink_hec		*h = l->hec;
	struct hec_channel	*c = l->channel;
	int64_t			 now = clock_mono_ms();
	struct hec_letter	*same = find(c, ack_id);

	l->state = LETTER_PARKED;
	l->ack_id = ack_id;
	l->parked_ms = now;
	if (ack_id <= c->last_id)
		c->retired = 1;
	if (same != NULL) {
		lost(same, V_AGAIN, "the number of its acknowledgement was given a second time");
		lost(l, V_AGAIN, "the number of its acknowledgement was given a second time");
		return;
	}
	if (ack_id > c->last_id)
		c->last_id = ack_id;
	c->pause_ms = POLL_FIRST_MS;
	if (c->poll_ms <= now || c->poll_ms > now + POLL_FIRST_MS)
		c->poll_ms = now + POLL_FIRST_MS;
	l->p->parked = 1;
	crash_point(CRASH_HEC_PARKED);
	hec_soon(h);
	if (h->sink.bell != NULL)
		h->sink.bell(h->sink.bell_arg);
}

/* What was taken goes again (or is held). */
static void
lost(struct hec_letter *l, enum verdict v, const char *why)
{
	struct parcel	*p = l->p;
	size_t		 n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->items[i].verdict == V_DELIVERED) {
			p->items[i].verdict = v;
			n++;
		}
	count(C_DELIVERED, n, l->hec->opts.name, "unsure", NULL);
	snprintf(p->why, sizeof(p->why), "%s", why);
	p->retry_after_ms = -1;
	l->state = LETTER_DONE;
	hec_soon(l->hec);
}

static int
is_open(const struct hec_letter *l, const struct hec_channel *c)
{
	return l->state == LETTER_PARKED && l->channel == c;
}

/* The open number on a channel of this GUID; NULL. */
static struct hec_letter *
find(const struct hec_channel *c, int64_t ack_id)
{
	struct hec_letter	*l;

	for (l = c->hec->letters; l != NULL; l = l->next)
		if (l->state == LETTER_PARKED && l->ack_id == ack_id && strcmp(l->channel->guid, c->guid) == 0)
			return l;
	return NULL;
}

/* ---- what is due -------------------------------------------------------------------------------------------------- */

int64_t
hec_acks_turn(struct sink_hec *h, int64_t now)
{
	int64_t	 parked = look_at_parked(h, now), channels = look_at_channels(h, now);

	return parked < channels ? parked : channels;
}

static int64_t
look_at_parked(struct sink_hec *h, int64_t now)
{
	struct hec_letter	*l;
	int64_t			 until, last, next = INT64_MAX;
	char			 why[200];

	/* Only a question that went out late enough tells that there is none: whoever was stopped for hours asks first. */
	for (l = h->letters; l != NULL; l = l->next) {
		if (l->state != LETTER_PARKED)
			continue;
		until = l->parked_ms + h->opts.ack_timeout_ms;
		last = until + h->opts.ack_timeout_ms;	/* if nobody could be asked until then */
		if (l->channel->unheard_ms >= last || l->channel->heard_ms >= until) {
			snprintf(why, sizeof(why), "taken, but not acknowledged within %lld s", (long long)(now - l->parked_ms) / 1000);
			l->channel->retired = 1;
			lost(l, V_AGAIN, why);
			l->p->fresh = 1;
			hec_learn_way(l);
		} else if (now >= l->channel->until_ms)
			lost(l, V_AGAIN, "taken, but the balancer in front leads to another indexer now");
		else if (l->channel->until_ms < next)
			next = l->channel->until_ms;
	}
	return next;
}

static int64_t
look_at_channels(struct sink_hec *h, int64_t now)
{
	struct hec_channel	**at = &h->channels, *c;
	struct hec_letter	*l;
	int64_t			 next = INT64_MAX;
	int			 open, used;

	while ((c = *at) != NULL) {
		open = used = 0;
		for (l = h->letters; l != NULL; l = l->next) {
			open |= is_open(l, c);
			used |= l->channel == c;
		}
		if (!used && c->poll == NULL && (c->retired || now - c->used_ms >= IDLE_MS)) {
			*at = c->next;
			hec_channel_free(c);
			continue;
		}
		if (open && c->poll == NULL && now >= c->poll_ms)
			poll_channel(c);
		else if (open && c->poll == NULL && c->poll_ms < next)
			next = c->poll_ms;
		at = &c->next;
	}
	return next;
}

/* ---- asking ------------------------------------------------------------------------------------------------------- */

static struct http *
ask(struct hec_channel *c, void (*on_done)(void *, struct http_answer *), void *arg)
{
	struct buf	 body = { 0 };

	/* The request borrows its body: it lives as long as the channel. */
	buf_adds(&body, "{\"acks\":[");
	for (size_t i = 0; i < c->n_ids; i++)
		buf_addf(&body, "%s%lld", i > 0 ? "," : "", (long long)c->ids[i]);
	buf_adds(&body, "]}");
	buf_clear(&c->question);
	c->question = body;
	c->used_ms = c->asked_ms = clock_mono_ms();
	return hec_request(c->hec, c, c->hec->ways[c->way].acks, c->question.bytes, c->question.len, 0, 0, on_done, arg);
}

static void
poll_channel(struct hec_channel *c)
{
	struct hec_letter	*l;

	c->n_ids = 0;
	for (l = c->hec->letters; l != NULL; l = l->next) {
		if (!is_open(l, c))
			continue;
		c->ids = xreallocarray(c->ids, c->n_ids + 1, sizeof(*c->ids));
		c->ids[c->n_ids++] = l->ack_id;
	}
	c->poll = ask(c, on_polled, c);
}

/* The letters that were asked for: what is true is done; off: none will ever be. */
static int
settle(struct hec_channel *c, const uint8_t *done, int off)
{
	struct sink_hec		*h = c->hec;
	struct hec_letter	*l;
	size_t			 i;
	int			 some = 0;

	for (l = h->letters; l != NULL; l = l->next) {
		if (!is_open(l, c))
			continue;
		for (i = 0; i < c->n_ids && c->ids[i] != l->ack_id; i++)
			continue;
		if (i == c->n_ids || (!off && !done[i]))
			continue;
		some = 1;
		if (off && h->opts.ack == HEC_ACK_ON)
			lost(l, V_HOLD, "taken, but the token acknowledges no more (code 14), and ack is on: enable it in Splunk, or "
			    "write ack: auto");
		l->state = LETTER_DONE;
	}
	hec_soon(h);
	return some;
}

static void
polled_well(struct hec_channel *c, const uint8_t *done)
{
	struct sink_hec	*h = c->hec;

	if (h->told_polls)
		log_info("output-acks", "%s: acknowledgements can be asked for again", h->opts.name);
	h->told_polls = 0;
	for (size_t i = 0; i < c->n_ids; i++)
		if (done[i])
			crash_point(CRASH_HEC_ACKED);
	c->heard_ms = c->asked_ms;
	if (settle(c, done, 0)) {
		urls_passed(&h->urls, c->way);
		c->pause_ms = POLL_FIRST_MS;
	} else
		c->pause_ms = c->pause_ms * 3 / 2 < POLL_MAX_MS ? c->pause_ms * 3 / 2 : POLL_MAX_MS;
}

static void
polled_badly(struct hec_channel *c, const char *why)
{
	struct sink_hec	*h = c->hec;

	if (!h->told_polls)
		log_warn("output-acks", "%s: acknowledgements cannot be asked for, what was taken waits: %s", h->opts.name, why);
	h->told_polls = 1;
	c->unheard_ms = c->asked_ms;
	c->pause_ms = c->pause_ms * 2 < TROUBLE_MAX_MS ? c->pause_ms * 2 : TROUBLE_MAX_MS;
}

static void
on_polled(void *arg, struct http_answer *a)
{
	struct hec_channel	*c = arg;
	struct sink_hec		*h = c->hec;
	struct judge_answer	 answer;
	struct buf		 jar = { 0 };
	uint8_t			*done = xcalloc(c->n_ids + 1, 1);
	char			 why[300] = "answered in an encoding that cannot be read";
	enum hec_acks		 acks = HEC_ACKS_AGAIN;

	c->poll = NULL;
	if (a->fail != HTTP_OK)
		snprintf(why, sizeof(why), "%s", a->why);
	else if (judge_read(a, &answer) == 0)
		acks = judge_hec_acks(&answer, c->ids, c->n_ids, done, why);
	if (a->fail == HTTP_OK)
		cookies_came(c, a->set_cookie, &jar);
	switch (acks) {
	case HEC_ACKS_READ:
		polled_well(c, done);
		break;
	case HEC_ACKS_OFF:
		if (!h->told_off && h->opts.ack != HEC_ACK_ON)
			log_warn("output-acks", "%s: the token acknowledges no more (code 14): what is taken counts as delivered",
			    h->opts.name);
		h->told_off = 1;
		settle(c, done, 1);
		break;
	case HEC_ACKS_AGAIN:
		if (a->fail == HTTP_OK && hec_token_again(h, a->status))
			c->pause_ms = 0;
		polled_badly(c, why);
		break;
	}
	c->poll_ms = clock_mono_ms() + c->pause_ms;
	if (c->pause_ms == 0)
		c->pause_ms = POLL_FIRST_MS;
	hec_soon(h);
	free(done);
	if (jar.bytes != NULL)
		explicit_bzero(jar.bytes, jar.size);
	buf_clear(&jar);
}

/* ---- ack: on: does the token acknowledge at all? Asked before anything is taken without it. ----------------------- */

void
hec_probe(struct hec_letter *l)
{
	struct hec_channel	*c = l->channel;

	c->ids = xreallocarray(c->ids, 1, sizeof(*c->ids));
	c->ids[0] = 0;
	c->n_ids = 1;
	l->http = ask(c, on_probed, l);
}

static void
on_probed(void *arg, struct http_answer *a)
{
	static const struct hec_past	 nothing_taken = { 0, UINT_MAX, 0, 0 };
	struct hec_letter		*l = arg;
	struct sink_hec			*h = l->hec;
	struct judge_answer		 answer;
	struct hec_said			 said;
	uint8_t				 done;
	char				 why[300];
	enum hec_acks			 acks = HEC_ACKS_AGAIN;

	l->http = NULL;
	l->channel->busy = 0;
	if (a->fail == HTTP_OK)
		hec_learn_cookies(l, a->set_cookie);
	if (hec_once_more(l, a))
		return;
	if (a->fail != HTTP_OK)
		judge_hec_fail(a->fail, a->why, l->p);
	else if (judge_read(a, &answer) == -1)
		judge_hec_fail(HTTP_OTHER, "answered in an encoding that cannot be read", l->p);
	else if ((acks = judge_hec_acks(&answer, &(int64_t){ 0 }, 1, &done, why)) == HEC_ACKS_OFF)
		judge_hec_all(l->p, V_HOLD, "the token does not acknowledge (code 14), and ack is on: enable it in Splunk, or write "
		    "ack: auto");
	else if (acks == HEC_ACKS_AGAIN) {
		judge_hec(&answer, a->location, &nothing_taken, l->p, &said);
		if (said.accepted > 0)
			judge_hec_all(l->p, V_AGAIN, "asked for acknowledgements, it answered something else");
	}
	if (acks == HEC_ACKS_READ) {
		h->ways[l->way].acks_proven = 1;
		hec_post(l);
		return;
	}
	hec_learn_way(l);
	hec_deliver(l);
}
