/*
 * judge_hec - what an answer of Splunk's HTTP Event Collector means for each record of a parcel.
 *
 * Two tables: HEC's own codes, and the HTTP status for answers that hold none. What is not provably the record's own fault
 * never buries it. Our own words are told, never the destination's: it might quote a record.
 */
#include "deliver/judge_hec.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/xalloc.h"

#define RESUMES_MAX	32	/* then halves instead of believing the number */
#define REFUSED_MAX	10	/* then it is no longer the records */
#define STRANGE_MAX	5	/* then smaller, in case it is a record after all */

/* what a row adds to its verdict */
#define THROTTLED	0x01
#define FRESH		0x02
#define TOO_LARGE	0x04
#define PERMISSION	0x08
#define RESUME		0x10	/* one event is at fault, and named */
#define ONE_BEFORE	0x20	/* the number names the event behind the one at fault */
#define IF_WORKED	0x40	/* V_AGAIN if this URL took events before */
#define STRANGE		0x80	/* see STRANGE_MAX */

struct row {
	int		 from, to;	/* codes, or statuses */
	enum verdict	 verdict;
	int		 flags;
	const char	*text;
};

static const struct row codes[] = {
	{ 0, 0,		V_DELIVERED,	0,			"success" },
	{ 1, 1,		V_HOLD,		PERMISSION,		"the token is disabled; enable it in Splunk" },
	{ 2, 2,		V_HOLD,		PERMISSION,		"no token arrived; does something in between take the Authorization header away?" },
	{ 3, 3,		V_HOLD,		PERMISSION,		"the Authorization header is not understood" },
	{ 4, 4,		V_HOLD,		PERMISSION,		"the token is not known there; put the right one into the token's file" },
	{ 5, 5,		V_SPLIT,	0,			"no data arrived" },
	{ 6, 6,		V_POISON,	RESUME,			"invalid data format" },
	{ 7, 7,		V_HOLD,		ONE_BEFORE,		"the token may not write to this index, or there is none; allow it in Splunk, or change index" },
	{ 8, 8,		V_AGAIN,	THROTTLED | FRESH,	"internal error of the server" },
	{ 9, 9,		V_AGAIN,	THROTTLED | FRESH,	"the server is busy" },
	{ 10, 10,	V_HOLD,		0,			"the channel is missing; does something in between take headers away?" },
	{ 11, 11,	V_HOLD,		0,			"the channel is not understood" },
	{ 12, 12,	V_POISON,	RESUME,			"event field is required" },
	{ 13, 13,	V_POISON,	RESUME,			"event field cannot be blank" },
	{ 14, 14,	V_HOLD,		0,			"acknowledgements are disabled" },
	{ 15, 15,	V_POISON,	RESUME,			"error in handling indexed fields" },
	{ 16, 16,	V_HOLD,		PERMISSION,		"the token in the query is not allowed" },
	{ 18, 20,	V_AGAIN,	THROTTLED | FRESH,	"the collector is unhealthy, its queues or acknowledgements are full" },
	{ 21, 21,	V_HOLD,		PERMISSION,		"the token is not known there; put the right one into the token's file" },
	{ 22, 22,	V_HOLD,		PERMISSION,		"the token is disabled; enable it in Splunk" },
	{ 23, 23,	V_AGAIN,	FRESH,			"the server is shutting down" },
	{ 24, 25,	V_DELIVERED,	THROTTLED,		"accepted, but its queues are filling up" },
	{ 26, 27,	V_AGAIN,	THROTTLED | FRESH,	"its queues or acknowledgements are full" },
	{ 28, 28,	V_HOLD,		0,			"the channel is missing; a balancer in front needs sticky sessions" },
};

static const struct row statuses[] = {
	{ 200, 299,	V_AGAIN,	FRESH,			"answered something else than a HEC does" },
	{ 300, 399,	V_HOLD,		0,			"a redirect, which is not followed" },
	{ 400, 400,	V_AGAIN,	STRANGE,		"refused, but not as a HEC does" },
	{ 401, 401,	V_HOLD,		PERMISSION,		"the token was refused" },
	{ 403, 403,	V_HOLD,		PERMISSION,		"the token was refused" },
	{ 404, 405,	V_HOLD,		IF_WORKED,		"no HTTP Event Collector there; is the URL right, and HEC enabled?" },
	{ 407, 407,	V_HOLD,		PERMISSION,		"the proxy wants credentials" },
	{ 408, 408,	V_AGAIN,	THROTTLED | FRESH,	"the destination gave up waiting" },
	{ 413, 413,	V_SPLIT,	TOO_LARGE,		"the request is too large" },
	{ 415, 415,	V_HOLD,		0,			"the encoding of the request is not understood" },
	{ 429, 429,	V_AGAIN,	THROTTLED | FRESH,	"the destination is busy" },
	{ 500, 599,	V_AGAIN,	THROTTLED | FRESH,	"the destination has trouble" },
	{ -1, -1,	V_AGAIN,	FRESH,			"not an answer of a HEC" },
};

/* Labels of the dead-letter counter. */
static const struct {
	int		 code;
	const char	*word;
} words[] = {
	{ 5, "no-data" }, { 6, "invalid-data-format" }, { 12, "event-required" }, { 13, "event-blank" }, { 15, "indexed-fields" },
};

struct reply {			/* a HEC's body */
	int64_t		 code, number, ack_id;	/* -1: none */
};

static int	 read_reply(const struct judge_answer *, struct reply *);
static int64_t	 member(const struct json *, const char *);
static const struct row *find(const struct row *, size_t, int);
static const struct row *row_of(const struct judge_answer *, const struct reply *, int is_hec, int *by_code);
static size_t	 in_body(const struct parcel *);
static void	 from(struct parcel *, size_t first, enum verdict);
static void	 blame(const struct judge_answer *, const struct row *, const struct hec_past *, struct parcel *, size_t at, int named);
static void	 tell(const struct judge_answer *, const char *location, const struct row *, int code, char why[300]);

void
judge_hec(const struct judge_answer *a, const char *location, const struct hec_past *past, struct parcel *p,
    struct hec_said *said)
{
	struct reply		 r = { -1, -1, -1 };
	const struct row	*row;
	size_t			 sent = in_body(p);
	enum verdict		 v;
	int			 by_code, named;

	said->is_hec = read_reply(a, &r) == 0;
	row = row_of(a, &r, said->is_hec, &by_code);
	*said = (struct hec_said){ .code = by_code ? (int)r.code : -1, .ack_id = r.ack_id, .is_hec = said->is_hec };
	v = row->verdict;
	if ((row->flags & IF_WORKED) != 0 && past->worked) {
		v = V_AGAIN;
		p->throttled = p->fresh = 1;
	}
	p->throttled |= (row->flags & THROTTLED) != 0;
	p->fresh |= (row->flags & FRESH) != 0;
	p->permission = (row->flags & PERMISSION) != 0;
	p->retry_after_ms = a->retry_after_ms;
	snprintf(p->code, sizeof(p->code), by_code && r.code > 0 ? "%d/%d" : "%d", a->status, (int)r.code);
	tell(a, location, row, said->code, p->why);
	if ((row->flags & IF_WORKED) != 0 && past->worked)
		snprintf(p->why, sizeof(p->why), "HTTP %d: the collector is gone for the moment; it took events before", a->status);

	named = said->is_hec && r.number >= 0 && (uint64_t)r.number < sent;
	if (v == V_DELIVERED)
		said->accepted = sent;
	else if ((row->flags & ONE_BEFORE) != 0)
		said->accepted = said->is_hec && r.number > 0 && (uint64_t)r.number <= sent ? (size_t)r.number - 1 : 0;
	else
		said->accepted = named ? (size_t)r.number : 0;
	if (said->accepted == 0)
		said->ack_id = -1;

	/* From the end to the beginning: each call takes over what is behind its first. */
	if ((row->flags & RESUME) != 0 || v == V_SPLIT)
		blame(a, row, past, p, said->accepted, named && (row->flags & RESUME) != 0);
	else if ((row->flags & STRANGE) != 0 && sent > 1 && past->strange >= STRANGE_MAX)
		from(p, said->accepted, V_SPLIT);
	else {
		from(p, said->accepted, v);
		if ((row->flags & STRANGE) != 0 && sent == 1)
			for (size_t i = 0; i < p->n; i++)
				p->items[i].suspect = p->items[i].verdict == V_AGAIN ? SUSPECT_ALONE : 0;
	}
	for (size_t i = 0, n = 0; n < said->accepted; i++)
		if (p->items[i].verdict == V_NONE) {
			p->items[i].verdict = V_DELIVERED;
			n++;
		}
}

int
judge_hec_took_some(const struct judge_answer *a)
{
	struct reply	 r = { -1, -1, -1 };

	return read_reply(a, &r) == 0 && (r.number > 0 || r.ack_id >= 0);
}

void
judge_hec_fail(enum http_fail fail, const char *why, struct parcel *p)
{
	snprintf(p->code, sizeof(p->code), "%s", http_fail_name(fail));
	p->retry_after_ms = -1;
	p->fresh = 1;
	judge_hec_all(p, V_AGAIN, why);
}

void
judge_hec_all(struct parcel *p, enum verdict v, const char *why)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->items[i].verdict != V_POISON)
			p->items[i].verdict = v;
	if (why != p->why)
		snprintf(p->why, sizeof(p->why), "%s", why);
}

/* ---- one event is at fault ---------------------------------------------------------------------------------------- */

static void
bury(const struct judge_answer *a, const struct row *row, struct parcel *p, struct parcel_item *item)
{
	item->verdict = V_POISON;
	item->reason = (row->flags & TOO_LARGE) != 0 ? xasprintf("too-large: HTTP 413 to this record alone") :
	    xasprintf("HEC code %d: %s", row->from, row->text);
	item->reply = xstrndup(a->body, judge_cut(a->body, a->len, JUDGE_REPLY_MAX));
	item->word = (row->flags & TOO_LARGE) != 0 ? "too-large" : "other";
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && (row->flags & TOO_LARGE) == 0; i++)
		if (words[i].code == row->from)
			item->word = words[i].word;
	snprintf(p->why, sizeof(p->why), "%s", item->reason);
}

/*
 * The record at place `at` of the body is refused: by its number, or because it was alone. Not known which: halves. Nor
 * is the number believed any more when there were too many of them; and when nothing but refusals comes, it is hardly the
 * records.
 */
static void
blame(const struct judge_answer *a, const struct row *row, const struct hec_past *past, struct parcel *p, size_t at, int named)
{
	size_t	 left = in_body(p) - at, n = 0, i;

	p->too_large = (row->flags & TOO_LARGE) != 0;
	if (left > 1 && (!named || past->resumes >= RESUMES_MAX)) {
		from(p, at, V_SPLIT);
		return;
	}
	if (at == 0 && past->refused >= REFUSED_MAX) {
		from(p, 0, V_HOLD);
		snprintf(p->why, sizeof(p->why), "HTTP %d to one record after another (%s): does something in between change "
		    "what we send?", a->status, row->text);
		return;
	}
	for (i = 0; i < p->n; i++) {
		if (p->items[i].verdict != V_NONE || n++ != at)
			continue;
		from(p, at + 1, V_UNREAD);
		bury(a, row, p, &p->items[i]);
		return;
	}
}

/* The records of the body from this one on. */
static void
from(struct parcel *p, size_t first, enum verdict v)
{
	size_t	 n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->items[i].verdict == V_NONE && n++ >= first)
			p->items[i].verdict = v;
}

static size_t
in_body(const struct parcel *p)
{
	size_t	 n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->items[i].verdict == V_NONE ? 1 : 0;
	return n;
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static const struct row *
row_of(const struct judge_answer *a, const struct reply *r, int is_hec, int *by_code)
{
	const struct row	*row = NULL;

	if (is_hec && r->code >= 0 && r->code <= 99)
		row = find(codes, sizeof(codes) / sizeof(codes[0]), (int)r->code);
	/* An error that says success is believed in neither. */
	if (row != NULL && row->verdict == V_DELIVERED && (a->status < 200 || a->status > 299))
		row = NULL;
	*by_code = row != NULL;
	if (row == NULL)
		row = find(statuses, sizeof(statuses) / sizeof(statuses[0]), a->status);
	return row != NULL ? row : &statuses[sizeof(statuses) / sizeof(statuses[0]) - 1];
}

static const struct row *
find(const struct row *rows, size_t n, int number)
{
	for (size_t i = 0; i < n; i++)
		if (number >= rows[i].from && number <= rows[i].to)
			return &rows[i];
	return NULL;
}

/* An object with a code is a HEC's; 0, or -1. */
static int
read_reply(const struct judge_answer *a, struct reply *r)
{
	struct json	 j = { 0 };
	int		 rc = -1;

	if (json_index(&j, a->body, a->len, 256, JSON_DEPTH) == JSON_OK && j.nodes[0].kind == JSON_OBJECT) {
		r->code = member(&j, "code");
		r->number = member(&j, "invalid-event-number");
		r->ack_id = member(&j, "ackId");
		rc = r->code >= 0 ? 0 : -1;
	}
	json_clear(&j);
	return rc;
}

/* A whole number that is not negative; -1 for anything else. */
static int64_t
member(const struct json *j, const char *name)
{
	uint32_t	 node = json_get(j, 0, name);
	int64_t		 n = 0;

	if (node == JSON_NONE || j->nodes[node].kind != JSON_NUMBER || j->nodes[node].end - j->nodes[node].start > 18)
		return -1;
	for (uint32_t i = j->nodes[node].start; i < j->nodes[node].end; i++) {
		if (!isdigit((unsigned char)j->bytes[i]))
			return -1;
		n = n * 10 + (j->bytes[i] - '0');
	}
	return n;
}

/* Where a redirect leads, without its query: there may be anything in it. */
static void
place(const char *location, char to[128])
{
	size_t	 n = 0;

	for (; location[n] != '\0' && location[n] != '?' && location[n] != '#' && n < 127; n++)
		to[n] = location[n] > ' ' && location[n] < 0x7f ? location[n] : '?';
	to[n] = '\0';
}

static void
tell(const struct judge_answer *a, const char *location, const struct row *row, int code, char why[300])
{
	char	 to[128];

	if (code >= 0)
		snprintf(why, 300, "HTTP %d, code %d: %s", a->status, code, row->text);
	else if (a->status >= 300 && a->status <= 399 && location != NULL) {
		place(location, to);
		snprintf(why, 300, "HTTP %d to %s, which is not followed: is this Splunk Web (8000) or a login page? HEC listens on "
		    "8088", a->status, to);
	} else if (a->len >= 5 && strncasecmp(a->body, "<?xml", 5) == 0)
		snprintf(why, 300, "HTTP %d, answered XML: is this splunkd's management port (8089)? HEC listens on 8088", a->status);
	else if (judge_html(a))
		snprintf(why, 300, "HTTP %d, answered HTML: a proxy, a login page or Splunk Web stands there, not a HEC", a->status);
	else
		snprintf(why, 300, "HTTP %d: %s", a->status, row->text);
}

/* ---- acknowledgements --------------------------------------------------------------------------------------------- */

static int
read_acks(const struct judge_answer *a, const int64_t *ids, size_t n, uint8_t *done)
{
	struct json	 j = { 0 };
	uint32_t	 acks = JSON_NONE, node;
	char		 name[24];
	int		 rc = -1;

	if (json_index(&j, a->body, a->len, 65536, JSON_DEPTH) == JSON_OK && j.nodes[0].kind == JSON_OBJECT)
		acks = json_get(&j, 0, "acks");
	if (acks != JSON_NONE && j.nodes[acks].kind == JSON_OBJECT) {
		for (size_t i = 0; i < n; i++) {
			snprintf(name, sizeof(name), "%lld", (long long)ids[i]);
			node = json_get(&j, acks, name);
			done[i] = node != JSON_NONE && j.nodes[node].kind == JSON_TRUE;
		}
		rc = 0;
	}
	json_clear(&j);
	return rc;
}

enum hec_acks
judge_hec_acks(const struct judge_answer *a, const int64_t *ids, size_t n, uint8_t *done, char why[300])
{
	struct reply		 r = { -1, -1, -1 };
	const struct row	*row;
	int			 is_hec, by_code;

	memset(done, 0, n);
	if (a->status >= 200 && a->status <= 299 && read_acks(a, ids, n, done) == 0)
		return HEC_ACKS_READ;
	is_hec = read_reply(a, &r) == 0;
	if (is_hec && r.code == 14)
		return HEC_ACKS_OFF;
	row = row_of(a, &r, is_hec, &by_code);
	tell(a, NULL, row, by_code ? (int)r.code : -1, why);
	return HEC_ACKS_AGAIN;
}
