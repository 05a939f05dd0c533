/*
 * listing - subscriptions/content: windows of contentCreated, in pages.
 *
 * A page token says where to go on: the hour, a letter, the number of the last blob shown, and check digits over these
 * and the query, so that a token that was tampered with or taken from another window is AF20031. The letter is R; E after
 * an empty page, which real services show now and then; X in endless paging, where the number just counts.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sim.h"
#include "when.h"

#define JSON_TYPE "application/json; charset=utf-8"

struct window {
	int		 content;
	int64_t		 from, to;
	struct text	 start, end;		/* as asked, for NextPageUri */
	char		 letter;
	uint32_t	 after;			/* number of the last blob shown; 0: none yet */
};

static unsigned
check_digits(const struct sim *s, const struct window *w, char letter, uint32_t after)
{
	uint64_t	 h = rng_mix((uint64_t)s->opt.seed + 4242, (uint64_t)w->content);

	h = hash64(text_str(&w->start), w->start.len, h);
	h = hash64(text_str(&w->end), w->end.len, h);
	return (unsigned)(rng_mix(rng_mix(h, (uint64_t)letter), after) % 10000);
}

static int
read_token(const struct sim *s, struct window *w, const char *token)
{
	unsigned	 hour, check;
	int		 used = 0;

	if (sscanf(token, "%10u%c%8u%4u%n", &hour, &w->letter, &w->after, &check, &used) != 4 || token[used] != '\0' ||
	    used != 10 + 1 + 8 + 4 || (w->letter != 'X' && w->after > s->blobs.n))
		return -1;
	return check == check_digits(s, w, w->letter, w->after) ? 0 : -1;
}

/* 1: sound; 0: answered. */
static int
read_window(struct sim *s, struct request *r, struct window *w)
{
	struct text	 t = { NULL, 0, 0 };
	int64_t		 now = when_now();
	int		 have;

	if (!query_value(r, "contentType", &t)) {
		api_error(r, 400, "AF20001", "Missing parameter: contentType.");
		return 0;
	}
	w->content = content_find(t.bytes);
	text_clear(&t);
	if (w->content == -1) {
		api_error(r, 400, "AF20020", "The specified content type is not valid.");
		return 0;
	}
	have = query_value(r, "startTime", &w->start) + query_value(r, "endTime", &w->end);
	w->to = now;
	w->from = now - DAY_MS;
	if (have == 1) {
		api_error(r, 400, "AF20030", "Start time and end time must both be specified (or both omitted) and must be less "
		    "than or equal to 24 hours apart, with the start time no more than 7 days in the past.");
		return 0;
	}
	if (have == 2 && (when_parse(w->start.bytes, &w->from) == -1 || when_parse(w->end.bytes, &w->to) == -1)) {
		api_error(r, 400, "AF20002", "Invalid parameter type: startTime or endTime. Expected type: datetime.");
		return 0;
	}
	if (w->to - w->from > DAY_MS) {
		s->wide_windows++;
		if (strcmp(s->opt.wide_window, "partial") == 0 && w->from >= now - 7 * DAY_MS)
			w->from = w->to - DAY_MS;
	}
	if (w->from >= w->to || w->to - w->from > DAY_MS || w->from < now - 7 * DAY_MS) {
		api_error(r, 400, "AF20055", "Start time and end time must both be specified (or both omitted) and must be less "
		    "than or equal to 24 hours apart, with the start time prior to end time and start time no more than 7 days "
		    "in the past.");
		return 0;
	}
	w->letter = 'R';
	w->after = 0;
	if (query_value(r, "nextPage", &t)) {
		if (read_token(s, w, t.bytes) == -1) {
			api_error(r, 400, "AF20031", "Invalid nextPage Input: %s.", t.bytes);
			text_clear(&t);
			return 0;
		}
		text_clear(&t);
	}
	return 1;
}

static int
subscribed(struct sim *s, struct request *r, int content)
{
	const struct subscription	*u = &s->subs[content];

	if (u->was_disabled) {
		api_error(r, 400, "AF20023", "The subscription was disabled by a service admin.");
	} else if (!u->enabled) {
		api_error(r, 400, "AF20022", "No subscription found for the specified content type.");
	} else {
		return 1;
	}
	return 0;
}

static void
next_header(struct sim *s, struct request *r, const struct window *w, char letter, uint32_t after)
{
	static const char *const	 cases[] = { "NextPageUri", "nextpageuri", "NEXTPAGEURI" };
	struct text			 t = { NULL, 0, 0 };

	if (script_link(s, r, IN_NEXT, &t)) {
		text_addf(&r->extra, "%s: %s\r\n", cases[s->headers++ % 3], t.bytes);
		text_clear(&t);
		return;
	}
	if (fault_hit(&s->faults, F_FOREIGN_NEXT))
		foreign(s, &t);
	else
		origin(r, &t);
	text_addf(&t, "/api/v1/%s/activity/feed/subscriptions/content?contentType=%s", s->opt.tenant, content_name[w->content]);
	if (w->start.len > 0)
		text_addf(&t, "&startTime=%s&endTime=%s", w->start.bytes, w->end.bytes);
	if (fault_hit(&s->faults, F_CIRCULAR_NEXT)) {
		letter = w->letter;
		after = w->after;
	}
	text_addf(&t, "&nextPage=");
	when_digits(&t, w->to);
	t.len -= 7;
	text_addf(&t, "%c%08u%04u", letter, after, check_digits(s, w, letter, after));
	text_addf(&r->extra, "%s: %s\r\n", cases[s->headers++ % 3], t.bytes);
	text_clear(&t);
}

static void
entry(struct sim *s, struct request *r, struct blob *b, struct text *t)
{
	struct text	 id = { NULL, 0, 0 }, uri = { NULL, 0, 0 };

	blob_id(b, &id);
	text_addf(t, "{\"contentType\":\"%s\",\"contentId\":\"%s\",\"contentUri\":", content_name[b->content], id.bytes);
	if (!script_link(s, r, IN_CONTENT, &uri)) {
		if (fault_hit(&s->faults, F_FOREIGN_URI))
			foreign(s, &uri);
		else
			origin(r, &uri);
		text_addf(&uri, "/api/v1.0/%s/activity/feed/audit/%s", s->opt.tenant, id.bytes);
	}
	text_json(t, text_str(&uri), uri.len);
	text_clear(&uri);
	LIT(t, ",\"contentCreated\":\"");
	when_millis(t, b->created);
	LIT(t, "\",\"contentExpiration\":\"");
	when_millis(t, b->expires);
	LIT(t, "\"}");
	text_clear(&id);
	oracle_listed(&s->oracle, &s->blobs, b);
}

/* The first blob at or after the time, or behind the one that was shown last. */
static size_t
first_of(const struct sim *s, const struct window *w)
{
	struct blob *const	*list = s->blobs.listing[w->content];
	const struct blob	*last = w->after > 0 ? s->blobs.all[w->after - 1] : NULL;
	size_t			 lo = 0, hi = s->blobs.nlisting[w->content];

	while (lo < hi) {
		size_t			 mid = (lo + hi) / 2;
		const struct blob	*b = list[mid];
		int			 before;

		if (last != NULL)
			before = b->created < last->created || (b->created == last->created && b->number <= last->number);
		else
			before = b->created < w->from;
		if (before)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void
page(struct sim *s, struct request *r, const struct window *w, struct text *t)
{
	struct blob	**list = s->blobs.listing[w->content];
	size_t		  n = s->blobs.nlisting[w->content], i;
	int64_t		  shown = 0, now = when_now();
	uint32_t	  last = w->after;

	s->pages++;
	text_addc(t, '[');
	if (w->letter == 'X') {
		if (fault_hit(&s->faults, F_ENDLESS_PAGES))
			next_header(s, r, w, 'X', w->after + 1);
		text_addc(t, ']');
		return;
	}
	for (i = first_of(s, w); i < n && list[i]->created < w->to && list[i]->created <= now; i++) {
		if (list[i]->gone)
			continue;
		if (shown == s->opt.page_size)
			break;
		/* Now and then a page is empty though more is to come. */
		if (shown == 0 && w->after > 0 && w->letter == 'R' && rng_mix(w->after, (uint64_t)w->from) % 5 == 0) {
			s->empty_pages++;
			next_header(s, r, w, 'E', w->after);
			text_addc(t, ']');
			return;
		}
		if (shown++ > 0)
			text_addc(t, ',');
		entry(s, r, list[i], t);
		last = list[i]->number;
	}
	text_addc(t, ']');
	if (i < n && list[i]->created < w->to && list[i]->created <= now)
		next_header(s, r, w, 'R', last);
	else if (fault_hit(&s->faults, F_ENDLESS_PAGES))
		next_header(s, r, w, 'X', 1);
}

static void
spoiled(struct sim *s, struct request *r, const struct text *t)
{
	struct text	 raw = { NULL, 0, 0 };
	int		 reset = fault_hit(&s->faults, F_LIST_RESET);

	if (!reset && !fault_hit(&s->faults, F_LIST_TRUNCATE)) {
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

void
listing_serve(struct sim *s, struct request *r)
{
	struct window	 w = { 0 };
	struct text	 t = { NULL, 0, 0 };

	r->kind = "content";
	if (fault_hit(&s->faults, F_LIST_500))
		api_error_odd(r, 500, "AF50000", "An internal error occurred. Retry the request.");
	else if (fault_hit(&s->faults, F_LIST_503_HTML))
		html_page(r, 503, "Service Unavailable");
	else if (fault_hit(&s->faults, F_LIST_HTML_200))
		html_page(r, 200, "Sign in to the guest network");
	else if (fault_hit(&s->faults, F_LIST_AF20055))
		api_error(r, 400, "AF20055", "Start time and end time must both be specified.");
	else if (read_window(s, r, &w) && subscribed(s, r, w.content)) {
		page(s, r, &w, &t);
		spoiled(s, r, &t);
	}
	text_clear(&w.start);
	text_clear(&w.end);
	text_clear(&t);
}
