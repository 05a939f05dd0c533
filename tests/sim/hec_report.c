/*
 * hec_report - the collector's tokens at the start, and what the oracle says about each in the end.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim.h"
#include "when.h"

#define U(v)	((unsigned long long)(v))
#define WAITING 8		/* for acknowledgements, see doc/splunk.md */

static const char *const default_tokens[] = {
	"plain=22222222-3333-4444-5555-666666666666",
	"acks=77777777-3333-4444-5555-666666666666,ack",
};

/* NAME=TOKEN[,ack][,index=a+b] */
static int
read_token(struct hec_token *k, const char *spec)
{
	char	*copy = sim_copy(spec, strlen(spec)), *at = copy, *word;

	memset(k, 0, sizeof(*k));
	word = strsep(&at, ",");
	k->name = word;
	if ((word = strchr(word, '=')) == NULL || word[1] == '\0')
		return -1;
	*word = '\0';
	k->value = word + 1;
	while ((word = strsep(&at, ",")) != NULL) {
		if (strcmp(word, "ack") == 0)
			k->ack = 1;
		else if (strncmp(word, "index=", 6) == 0)
			k->indexes = word + 6;
		else
			return -1;
	}
	return 0;
}

int
hec_init(struct sim *s)
{
	struct hec		*h = &s->sink_hec;
	const char *const	*list = s->opt.hec_token.n > 0 ? s->opt.hec_token.items : default_tokens;
	size_t			 i, n = s->opt.hec_token.n > 0 ? s->opt.hec_token.n : 2;

	for (i = 0; i < n; i++) {
		if (i == HEC_OUTPUTS || read_token(&h->tokens[h->ntokens++], list[i]) == -1) {
			fprintf(stderr, "m365sim: --hec-token %s: NAME=TOKEN[,ack][,index=NAME+NAME], at most %d\n", list[i],
			    HEC_OUTPUTS);
			return -1;
		}
	}
	if (s->opt.hec_dump != NULL && (h->dump = fopen(s->opt.hec_dump, "a")) == NULL) {
		perror(s->opt.hec_dump);
		return -1;
	}
	if (s->opt.hec_trace != NULL && (h->trace = fopen(s->opt.hec_trace, "a")) == NULL) {
		perror(s->opt.hec_trace);
		return -1;
	}
	return 0;
}

void
hec_note(const struct hec *h, const char *fmt, ...)
{
	va_list	 ap;

	if (h->trace == NULL)
		return;
	fprintf(h->trace, "%lld ", (long long)when_real());
	va_start(ap, fmt);
	vfprintf(h->trace, fmt, ap);
	va_end(ap);
	fputc('\n', h->trace);
	fflush(h->trace);
}

void
hec_reset(struct sim *s)
{
	struct hec	*h = &s->sink_hec;
	struct hec	 fresh = { .ntokens = h->ntokens, .cookie_epoch = h->cookie_epoch + 1, .dump = h->dump,
	    .trace = h->trace };
	size_t		 i;

	for (i = 0; i < (size_t)h->ntokens; i++) {
		struct hec_token	*k = &h->tokens[i];
		size_t			 n;

		fresh.tokens[i] = (struct hec_token){ .name = k->name, .value = k->value, .ack = k->ack, .indexes = k->indexes };
		for (n = 0; n < k->index_names.n; n++)
			text_clear(&k->index_text[n]);
		keytab_clear(&k->index_names);
		free(k->index_text);
		free(k->index_events);
		free(k->copies);
		free(k->others);
		oracle_forget(&s->oracle, (enum place)(AT_HEC + i));
	}
	for (i = 0; i < h->nchannels; i++)
		free(h->channels[i].ids);
	free(h->channels);
	free(h->posts);
	text_clear(&h->samples);
	*h = fresh;
}

/* The newest of those that were told true lose that word again, or all the requests of a token without acknowledgements. */
static void
forget_newest(struct hec *h, int token, unsigned n)
{
	const struct hec_token	*k = &h->tokens[token];
	size_t			 i;
	unsigned		 seen = 0;

	for (i = h->nposts; i > 0 && seen < n; i--) {
		struct hec_post	*p = &h->posts[i - 1];

		if (p->token != token)
			continue;
		if (!k->ack)
			seen++;
		if (!k->ack || (p->told != 0 && p->told + n > k->told))
			p->lost = 1;
	}
}

/*
 * A sender that was killed knows only what it has made durable. It takes a new request only when there is room: under way are
 * at most `last` of them, with acknowledgements WAITING more. So in doubt is what was not told true, and of the rest so much
 * as makes up that number, from the newest on: they are recorded in the order in which they were told.
 */
void
hec_died(struct sim *s, unsigned last)
{
	struct hec	*h = &s->sink_hec;
	unsigned	 left[HEC_OUTPUTS];
	size_t		 i;
	int		 k;

	hec_note(h, "sender-died");
	for (k = 0; k < h->ntokens; k++)
		left[k] = last + (h->tokens[k].ack ? WAITING : 0);
	for (i = 0; i < h->nposts; i++) {
		struct hec_post	*p = &h->posts[i];

		if (!h->tokens[p->token].ack || p->told != 0 || p->lost)
			continue;
		p->lost = 1;
		left[p->token] -= left[p->token] > 0;
	}
	for (k = 0; k < h->ntokens; k++)
		forget_newest(h, k, left[k]);
}

static void
indexes(const struct hec_token *k, struct text *t)
{
	size_t	 i;

	LIT(t, "\"indexes\":{");
	for (i = 0; i < k->index_names.n; i++)
		text_addf(t, "%s%s:%llu", i ? "," : "", k->index_text[i].bytes, U(k->index_events[i]));
	LIT(t, "},");
}

static void
one_token(struct sim *s, int at, struct text *t)
{
	const struct hec_token	*k = &s->sink_hec.tokens[at];

	text_addf(t, "\"%s\":{\"ack\":%s,\"requests\":%llu,\"events\":%llu,", k->name, k->ack ? "true" : "false", U(k->posts),
	    U(k->events));
	indexes(k, t);
	text_addf(t, "\"twice_in_lost_answers\":%llu,\"twice_otherwise\":%llu,\"twice_changed\":%llu,\"spacing\":%llu,"
	    "\"differ\":%llu,\"poisoned\":%llu,", U(k->twice_lost), U(k->twice_other), U(k->twice_changed), U(k->spacing),
	    U(k->differ), U(k->poisoned));
	report_balance(s, t, (enum place)(AT_HEC + at));
	LIT(t, "}");
}

void
hec_report(struct sim *s, struct text *t)
{
	struct hec	*h = &s->sink_hec;
	int		 i, n = 0;

	text_addf(t, "\"hec\":{\"requests\":%llu,\"gzip_requests\":%llu,\"bad_requests\":%llu,\"bytes\":%llu,\"wire_bytes\":%llu,",
	    U(h->requests), U(h->gzip_requests), U(h->bad_requests), U(h->bytes), U(h->wire_bytes));
	text_addf(t, "\"without_channel\":%llu,\"unknown_keys\":%llu,\"metric_events\":%llu,\"without_time\":%llu,"
	    "\"form_requests\":%llu,\"raw_requests\":%llu,\"health\":%llu,", U(h->without_channel), U(h->unknown_keys),
	    U(h->metric_events), U(h->without_time), U(h->form_requests), U(h->raw_requests), U(h->health));
	text_addf(t, "\"acks\":{\"given\":%llu,\"polls\":%llu,\"asked\":%llu,\"told_true\":%llu,\"told_false\":%llu,"
	    "\"channels\":%zu},", U(h->ids_given), U(h->polls), U(h->ids_asked), U(h->ids_true), U(h->ids_false), h->nchannels);
	LIT(t, "\"codes\":{");
	for (i = 0; i < HEC_NCODES; i++)
		if (h->codes[i] > 0)
			text_addf(t, "%s\"%d\":%llu", n++ ? "," : "", i, U(h->codes[i]));
	LIT(t, "},\n\"tokens\":{");
	for (i = 0; i < h->ntokens; i++) {
		LIT(t, "\n");
		one_token(s, i, t);
		LIT(t, ",");
	}
	if (t->bytes[t->len - 1] == ',')
		t->len--;
	text_addf(t, "},\"samples\":[%s]}", text_str(&h->samples));
}
