/*
 * sink_bulk_ask - what a cluster is asked beside Bulk: what it is, whether it has our templates, and which _ids it has.
 *
 * The first is asked once an hour by one letter while the others wait; without an answer everything goes on without the
 * parameters that only some clusters know. The last is asked for records whose earlier request had no answer (a crash, a
 * time-out some while ago): after a rollover their _ids would be taken again. A search sees only what was refreshed since
 * it came, and the last second's records are the very ones it is asked for.
 */
#include "deliver/sink_bulk_in.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "deliver/judge.h"

#define REPLY_MAX	(64u << 10)
#define ASK_TIMEOUT_MS	10000
#define ES_KEEPS_MS	(60 * 60 * 1000)
#define ES_AGAIN_MS	(60 * 1000)		/* it could not be asked */
#define ES_FAILED_MAX	3			/* so often in a row, then as rarely as if it had told */
#define UNSURE_MS	(60 * 1000)		/* a retry sooner than this meets the same write index */
#define IDS_FAILED_MAX	5

#define REFRESH_QUERY "ignore_unavailable=true&allow_no_indices=true&filter_path=_shards.failed,error.type"
#define IDS_QUERY "ignore_unavailable=true&allow_no_indices=true&filter_path=hits.hits._id,timed_out,_shards.failed,error.type"

static void	 on_what(void *, struct http_answer *), read_what(struct sink_bulk *, struct http_answer *);
static void	 ask_templates(struct letter *), on_templates(void *, struct http_answer *);
static int	 ask_again(struct sink_bulk *, const struct http_answer *);
static void	 on_refreshed(void *, struct http_answer *);
static void	 ask_ids(struct letter *), on_ids(void *, struct http_answer *);
static void	 add_indices(const struct letter *, struct buf *url);
static void	 no_answer(struct letter *, const struct http_answer *);
static void	 now_sure(struct parcel *);

/* ---- what are you? ------------------------------------------------------------------------------------------------ */

void
bulk_ask_what(struct letter *l)
{
	struct buf	 url = { 0 };

	l->b->es_asker = l;
	l->way = urls_pick(&l->b->urls, &l->fresh);
	buf_adds(&url, l->b->urls.ways[l->way].url);
	buf_addc(&url, '/');
	bulk_request(l, &url, NULL, 0, ASK_TIMEOUT_MS, REPLY_MAX, on_what);
	buf_clear(&url);
}

/*
 * Who cannot be reached for this will not be reached for the records: said at once, and the next try does not ask. So what
 * stands in front may refuse the question for ever and gets the records all the same.
 */
static void
on_what(void *arg, struct http_answer *a)
{
	struct letter		*l = arg;
	struct sink_bulk	*b = l->b;
	int			 told = a->fail == HTTP_OK && a->status != 429 && a->status < 500;

	l->http = NULL;
	b->es_asker = NULL;
	b->es_failed = told ? 0 : b->es_failed + 1;
	b->es_until_ms = clock_mono_ms() + (told || b->es_failed > ES_FAILED_MAX ? ES_KEEPS_MS : ES_AGAIN_MS);
	if (told)
		read_what(b, a);
	if (a->fail != HTTP_OK) {
		judge_fail(a->fail, a->why, l->p);
		bulk_learn_ways(l);
		bulk_deliver(l);
	}
	if (told && b->es.kind != ES_UNKNOWN && b->opts.schema == SCHEMA_ECS && b->opts.index == NULL && !b->told_templates)
		ask_templates(l);
	else
		bulk_go_on(b);
}

static void
read_what(struct sink_bulk *b, struct http_answer *a)
{
	struct judge_answer	 answer;
	struct es		 es = { 0 };

	if (judge_read(a, &answer) == 0) {
		es_read(&answer, &es);
		if (es.kind != ES_UNKNOWN && strcmp(es.shown, b->es.shown) != 0)
			log_info("output-cluster", "%s: the cluster is %s", b->opts.name, es.shown);
		b->es = es;
	}
}

/* Once: without the templates every field has the type that its first record gives it. Who may not look is not told. */
static void
ask_templates(struct letter *l)
{
	struct buf	 url = { 0 };

	l->b->told_templates = 1;
	l->b->es_asker = l;
	buf_adds(&url, l->b->urls.ways[l->way].url);
	buf_adds(&url, ES_TEMPLATES_PATH);
	bulk_request(l, &url, NULL, 0, ASK_TIMEOUT_MS, REPLY_MAX, on_templates);
	buf_clear(&url);
}

static void
on_templates(void *arg, struct http_answer *a)
{
	struct letter		*l = arg;
	struct sink_bulk	*b = l->b;
	struct judge_answer	 answer;
	enum es_templates	 found = TEMPLATES_UNKNOWN;

	l->http = NULL;
	b->es_asker = NULL;
	if (a->fail == HTTP_OK && judge_read(a, &answer) == 0)
		found = es_read_templates(&answer);
	if (found == TEMPLATES_MISSING || found == TEMPLATES_OLD)
		log_warn("output-templates", "%s: the cluster's index templates of m365fwd are %s; m365fwd setup %s installs them",
		    b->opts.name, found == TEMPLATES_OLD ? "older than this program" : "missing", b->opts.name);
	bulk_go_on(b);
}

/* ---- which of these do you have? ----------------------------------------------------------------------------------- */

void
bulk_ask_ids(struct letter *l)
{
	struct buf	 url = { 0 };

	l->way = urls_pick(&l->b->urls, &l->fresh);
	buf_adds(&url, l->b->urls.ways[l->way].url);
	add_indices(l, &url);
	buf_adds(&url, "/_refresh?" REFRESH_QUERY);
	bulk_request(l, &url, "", 0, l->b->opts.timeout_ms, REPLY_MAX, on_refreshed);
	buf_clear(&url);
}

/* A cluster that is there and cannot say is not asked for ever; one that is not there takes no records either. */
static int
ask_again(struct sink_bulk *b, const struct http_answer *a)
{
	return bulk_never_arrived(a->fail) || ++b->ids_failed <= IDS_FAILED_MAX;
}

/* Without the right to refresh the search is still worth its while: it sees all but the last seconds. */
static void
on_refreshed(void *arg, struct http_answer *a)
{
	struct letter	*l = arg;
	int		 trouble = a->fail != HTTP_OK || a->status == 408 || a->status == 429 || a->status >= 500;

	l->http = NULL;
	if (trouble && ask_again(l->b, a)) {
		no_answer(l, a);
		bulk_deliver(l);
	} else
		ask_ids(l);
}

static void
ask_ids(struct letter *l)
{
	struct sink_bulk	*b = l->b;
	struct buf		 url = { 0 };

	l->way = urls_pick(&b->urls, &l->fresh);
	buf_adds(&url, b->urls.ways[l->way].url);
	add_indices(l, &url);
	buf_adds(&url, "/_search?" IDS_QUERY);
	buf_reset(&l->ask);
	es_ask_ids(l->p, &l->ask);
	bulk_request(l, &url, l->ask.bytes, l->ask.len, b->opts.timeout_ms, bulk_reply_max(l->p->n), on_ids);
	buf_clear(&url);
}

/* Each name once; there are as many as there are data sets. */
static void
add_indices(const struct letter *l, struct buf *url)
{
	const struct feed_names	*last = NULL;
	struct buf		 names = { 0 };
	char			 index[256], listed[260];
	size_t			 i;

	buf_addc(&names, ',');
	for (i = 0; i < l->p->n; i++) {
		if (l->p->items[i].unsure_ms == 0 || l->p->items[i].feed == last)
			continue;
		last = l->p->items[i].feed;
		bulk_index_name(l->b, last, index);
		snprintf(listed, sizeof(listed), ",%s,", index);
		if (strstr(buf_str(&names), listed) != NULL)
			continue;
		buf_adds(&names, listed + 1);
		buf_addc(url, names.len == strlen(listed) ? '/' : ',');
		es_escape(url, index);
	}
	buf_clear(&names);
}

static void
on_ids(void *arg, struct http_answer *a)
{
	struct letter		*l = arg;
	struct sink_bulk	*b = l->b;
	struct parcel		*p = l->p;
	struct judge_answer	 answer;
	enum es_known		 known = ES_TROUBLE;
	size_t			 found = 0;

	l->http = NULL;
	if (a->fail == HTTP_OK && judge_read(a, &answer) == 0)
		known = es_read_ids(&answer, p, &found);
	if (known == ES_TROUBLE && ask_again(b, a)) {
		no_answer(l, a);
		bulk_deliver(l);
		return;
	}
	if (known != ES_KNOWN && !b->told_silent) {
		b->told_silent = 1;
		log_warn("output-unsure", "%s: the cluster does not tell which records arrived before (HTTP %d%s): they are sent "
		    "again, and only after a rollover between would they be there twice", b->opts.name, a->status,
		    a->status == 401 || a->status == 403 ? "; it takes the right to read the index" : "");
	}
	b->ids_failed = 0;
	now_sure(p);
	if (found == 0) {
		bulk_step(l);
		return;
	}
	log_info("output-found", "%s: arrived before, not sent again: records=%zu of=%zu", b->opts.name, found, p->n);
	snprintf(p->code, sizeof(p->code), "ask-ids");
	bulk_deliver(l);		/* those that are not there have no verdict yet, and go at once */
}

/* What was found is there whatever the rest of the answer would have been. */
static void
no_answer(struct letter *l, const struct http_answer *a)
{
	struct parcel	*p = l->p;
	size_t		 i;

	for (i = 0; i < p->n; i++)
		if (p->items[i].verdict == V_NONE)
			p->items[i].verdict = V_AGAIN;
	if (a->fail == HTTP_OK)
		snprintf(p->why, sizeof(p->why), "asked which records arrived before: HTTP %d, or not all of its shards answered",
		    a->status);
	else
		snprintf(p->why, sizeof(p->why), "asked which records arrived before: %.240s", a->why);
	snprintf(p->code, sizeof(p->code), "ask-ids");
	p->retry_after_ms = a->fail == HTTP_OK ? a->retry_after_ms : -1;
	p->fresh = 1;
	bulk_learn_ways(l);
}

int
bulk_unsure(const struct parcel *p)
{
	int64_t	 now = clock_mono_ms(), ms;
	size_t	 i;

	for (i = 0; i < p->n; i++) {
		ms = p->items[i].unsure_ms;
		if (ms == UNSURE_BEFORE || (ms != 0 && now - ms > UNSURE_MS))
			return 1;
	}
	return 0;
}

static void
now_sure(struct parcel *p)
{
	size_t	 i;

	for (i = 0; i < p->n; i++)
		p->items[i].unsure_ms = 0;
}
