/*
 * hec_ack - acknowledgements: ids count from 0 in each channel of each indexer, become true a while after the events were
 * indexed, and are forgotten once that was said. What is not known is false, never an error.
 *
 * With hec-indexers several indexers stand behind a load balancer that knows its clients by a cookie; an id asked for at
 * another indexer is false for ever.
 */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <strings.h>

#include "sim.h"
#include "when.h"

#define COOKIE	  "AWSALB"
#define JSON_TYPE "application/json; charset=UTF-8"

/* The indexer that the balancer's cookie names; -1: none or one of another epoch. */
static int
by_cookie(const struct sim *s, const struct request *r, int indexers)
{
	const char	*v = header(r, "Cookie"), *p = v != NULL ? strstr(v, COOKIE "=") : NULL;
	char		*end;
	long		 epoch, indexer;

	if (p == NULL)
		return -1;
	epoch = strtol(p + sizeof(COOKIE), &end, 10);
	if (*end != '-' || epoch != (long)s->sink_hec.cookie_epoch)
		return -1;
	indexer = strtol(end + 1, NULL, 10);
	return indexer >= 0 && indexer < indexers ? (int)indexer : -1;
}

int
hec_indexer(struct sim *s, struct request *r)
{
	int	 n = (int)fault_arg(&s->faults, F_HEC_INDEXERS), at;

	if (!fault_on(&s->faults, F_HEC_INDEXERS) || n < 1)
		return 0;
	if ((at = by_cookie(s, r, n)) == -1) {
		at = (int)rng_below(&s->rng, (uint32_t)n);
		text_addf(&r->extra, "Set-Cookie: " COOKIE "=%u-%d; Path=/\r\n", s->sink_hec.cookie_epoch, at);
		fault_hit(&s->faults, F_HEC_INDEXERS);
	}
	return at;
}

struct hec_channel *
hec_channel(struct hec *h, int token, int indexer, const char *guid)
{
	struct hec_channel	*c;
	size_t			 i;

	for (i = 0; i < h->nchannels; i++) {
		c = &h->channels[i];
		if (c->token == token && c->indexer == indexer && strcasecmp(c->guid, guid) == 0)
			return c;
	}
	h->channels = sim_grow(h->channels, h->nchannels + 1, sizeof(*h->channels));
	c = &h->channels[h->nchannels++];
	*c = (struct hec_channel){ .token = token, .indexer = indexer };
	snprintf(c->guid, sizeof(c->guid), "%s", guid);
	return c;
}

int64_t
hec_give_id(struct sim *s, struct hec_channel *c, uint32_t post, int never)
{
	int64_t	 after = s->opt.hec_ack_ms;

	if (fault_hit(&s->faults, F_HEC_ACK_SLOW))
		after = (int64_t)(fault_arg(&s->faults, F_HEC_ACK_SLOW) * 1000);
	if (c->n == c->room) {
		c->room = c->room ? c->room * 2 : 64;
		c->ids = sim_grow(c->ids, c->room, sizeof(*c->ids));
	}
	c->ids[c->n] = (struct hec_id){ post, never ? INT64_MAX : when_real() + after, when_now(), 0 };
	s->sink_hec.ids_given++;
	hec_note(&s->sink_hec, "id request=%u id=%zu channel=%s", post, c->n, c->guid);
	return (int64_t)c->n++;
}

/* Posts whose id is still open have lost their answer. */
void
hec_forget_ids(struct sim *s, int restart)
{
	struct hec	*h = &s->sink_hec;
	size_t		 i, k;

	for (i = 0; i < h->nchannels; i++) {
		struct hec_channel	*c = &h->channels[i];

		for (k = 0; k < c->n; k++) {
			if (!c->ids[k].gone && c->ids[k].post > 0)
				h->posts[c->ids[k].post - 1].lost = 1;
			c->ids[k].gone = 1;
		}
		if (restart)
			c->n = 0;
	}
}

static int
take_true(struct sim *s, struct request *r, struct hec_channel *c, double wanted)
{
	struct hec	*h = &s->sink_hec;
	struct hec_post	*p;
	struct hec_id	*id;

	if (wanted < 0 || wanted >= (double)c->n)
		return 0;
	id = &c->ids[(size_t)wanted];
	if (id->gone || id->ready > when_real())
		return 0;
	id->gone = 1;
	if (id->post > 0) {
		p = &h->posts[id->post - 1];
		p->told = ++h->tokens[c->token].told;
		p->poll = h->tokens[c->token].polls;
		p->lost |= (uint8_t)is_late(r);
	}
	hec_note(h, "true request=%u id=%.0f channel=%s poll=%u", id->post, wanted, c->guid, h->tokens[c->token].polls);
	return 1;
}

static void
statuses(struct sim *s, struct request *r, struct hec_channel *c, const cJSON *acks, struct text *t)
{
	struct hec	*h = &s->sink_hec;
	const cJSON	*a;
	int		 n = 0;

	LIT(t, "{\"acks\":{");
	cJSON_ArrayForEach(a, acks) {
		int	 yes;

		if (!cJSON_IsNumber(a))
			continue;
		yes = take_true(s, r, c, a->valuedouble);
		h->ids_asked++;
		h->ids_true += (uint64_t)yes;
		h->ids_false += (uint64_t)!yes;
		text_addf(t, "%s\"%.0f\":%s", n++ ? "," : "", a->valuedouble, yes ? "true" : "false");
	}
	if (fault_hit(&s->faults, F_HEC_ACK_STRANGERS))
		text_addf(t, "%s\"%zu\":true,\"999999\":true,\"-1\":true,\"x\":true", n ? "," : "", c->n + 1);
	LIT(t, "}}");
}

/* The poll's answer is lost though its ids are forgotten: those requests have lost theirs. */
static void
lose_poll(struct hec *h, int token)
{
	size_t	 i;

	for (i = 0; i < h->nposts; i++)
		if (h->posts[i].token == token && h->posts[i].poll == h->tokens[token].polls)
			h->posts[i].lost = 1;
}

/* A sender may give up, and send again, what it still could not ask for after twice its time-out. */
void
hec_ack_unheard(struct sim *s, struct request *r, int token, const char *channel)
{
	struct hec	*h = &s->sink_hec;
	cJSON		*o = cJSON_ParseWithLength(text_str(&r->body), r->body.len);
	const cJSON	*a;
	int64_t		 old = when_now() - 2000 * s->opt.hec_ack_timeout;
	size_t		 i, k;

	for (i = 0; i < h->nchannels && s->opt.hec_ack_timeout > 0; i++) {
		struct hec_channel	*c = &h->channels[i];

		if (c->token != token || strcasecmp(c->guid, channel) != 0)
			continue;
		cJSON_ArrayForEach(a, cJSON_GetObjectItemCaseSensitive(o, "acks"))
			for (k = 0; k < c->n; k++)
				if (a->valuedouble == (double)k && !c->ids[k].gone && c->ids[k].given <= old && c->ids[k].post > 0) {
					h->posts[c->ids[k].post - 1].lost = 1;
					hec_note(h, "given-up request=%u", c->ids[k].post);
				}
	}
	cJSON_Delete(o);
}

void
hec_ack_serve(struct sim *s, struct request *r, int token, const char *channel)
{
	struct faults	*f = &s->faults;
	struct hec	*h = &s->sink_hec;
	cJSON		*o;
	const cJSON	*acks;
	struct text	 t = { NULL, 0, 0 };

	if (fault_on(f, F_HEC_ACK_RESET) || fault_on(f, F_HEC_ACK_HTML) || fault_on(f, F_HEC_ACK_CODE))
		hec_ack_unheard(s, r, token, channel);
	if (fault_hit(f, F_HEC_ACK_RESET)) {
		answer_raw(r, 0, NULL, 0, RESET);
		return;
	}
	if (fault_hit(f, F_HEC_ACK_HTML)) {
		html_page(r, 200, "Sign in to the guest network");
		return;
	}
	if (fault_hit(f, F_HEC_ACK_CODE) || !h->tokens[token].ack) {
		hec_answer(s, r, h->tokens[token].ack ? (int)fault_arg(f, F_HEC_ACK_CODE) : 14, -1, -1);
		return;
	}
	o = cJSON_ParseWithLength(text_str(&r->body), r->body.len);
	acks = cJSON_GetObjectItemCaseSensitive(o, "acks");
	if (!cJSON_IsArray(acks)) {
		h->bad_requests++;
		hec_answer(s, r, 6, -1, -1);
	} else {
		h->polls++;
		h->tokens[token].polls++;
		statuses(s, r, hec_channel(h, token, hec_indexer(s, r), channel), acks, &t);
		if (fault_hit(f, F_HEC_ACK_CUT)) {
			lose_poll(h, token);
			answer(r, 200, JSON_TYPE, t.bytes, t.len / 2);
		} else {
			answer(r, 200, JSON_TYPE, t.bytes, t.len);
		}
	}
	cJSON_Delete(o);
	text_clear(&t);
}
