/*
 * judge - what a destination's answer means for each record of a parcel.
 *
 * Two tables, first match wins: one for the status of the whole answer, one for the items inside a 2xx. What cannot be
 * the record's fault must never bury it: an item that is refused because of the cluster (a block, a missing, locked or gone index,
 * pipeline or right, no shard left) holds the output; only what is left of the 4xx is poison. Only a conflict of versions says
 * that the record is there: a 409 of another kind has taken nothing.
 */
#include "deliver/judge.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/xalloc.h"

/* what a row adds to its verdict */
#define THROTTLED	0x01
#define FRESH		0x02
#define TOO_LARGE	0x04
#define PERMISSION	0x08
#define ITEMS		0x10	/* look into the body */
#define SUSPECT		0x20	/* if it stays like this while others pass, it is the record after all */

struct status_row {
	int		 from, to;
	enum verdict	 verdict;
	int		 flags;
	const char	*text;
};
static const struct status_row statuses[] = {
	{ 200, 299, V_AGAIN,	ITEMS,			"" },
	{ 300, 399, V_AGAIN,	0,			"a redirect, which is not followed: is the URL right?" },
	{ 400, 400, V_SPLIT,	0,			"the request was refused as malformed" },
	{ 401, 401, V_HOLD,	PERMISSION,		"the credentials were refused" },
	{ 403, 403, V_HOLD,	PERMISSION,		"a right is missing" },
	{ 404, 404, V_HOLD,	0,			"there is no such index or endpoint" },
	{ 408, 408, V_AGAIN,	THROTTLED | FRESH,	"the destination gave up waiting" },
	{ 413, 413, V_SPLIT,	TOO_LARGE,		"the request is too large" },
	{ 415, 415, V_HOLD,	0,			"the encoding of the request is not understood" },
	{ 429, 429, V_AGAIN,	THROTTLED | FRESH,	"the destination is busy" },
	{ 500, 599, V_AGAIN,	THROTTLED | FRESH,	"the destination has trouble" },
	{ INT_MIN, INT_MAX, V_AGAIN, 0,			"not an answer of a Bulk API" },
};

struct item_row {
	int		 from, to;
	const char	*type;		/* NULL: any */
	const char	*says;		/* NULL: any; else the reason holds this text */
	enum verdict	 verdict;
	int		 flags;
};
static const struct item_row items[] = {
	{ 200, 299, NULL,				NULL,				V_DELIVERED,	0 },
	{ 409, 409, "version_conflict_engine_exception", NULL,				V_DUPLICATE,	0 },
	{ 409, 409, "document_already_exists_exception", NULL,				V_DUPLICATE,	0 },
	{ 409, 409, "",					NULL,				V_DUPLICATE,	0 },
	{ 409, 409, NULL,				NULL,				V_AGAIN,	SUSPECT },
	{ 400, 599, "cluster_block_exception",		NULL,				V_HOLD,		0 },
	{ 400, 599, "security_exception",		NULL,				V_HOLD,		PERMISSION },
	{ 401, 401, NULL,				NULL,				V_HOLD,		PERMISSION },
	{ 403, 403, NULL,				NULL,				V_HOLD,		PERMISSION },
	{ 404, 404, NULL,				NULL,				V_HOLD,		0 },
	{ 400, 599, "index_not_found_exception",	NULL,				V_HOLD,		0 },
	{ 400, 599, "index_closed_exception",		NULL,				V_HOLD,		0 },
	{ 400, 599, "invalid_index_name_exception",	NULL,				V_HOLD,		0 },
	{ 400, 400, "validation_exception",		NULL,				V_HOLD,		0 },
	{ 400, 400, "illegal_argument_exception",	"pipeline with id [",		V_HOLD,		0 },
	{ 400, 400, "illegal_argument_exception",	"no write index is defined",	V_HOLD,		0 },
	{ 400, 400, "illegal_argument_exception",	"shards open",			V_HOLD,		0 },
	{ 400, 400, "illegal_argument_exception",	"unrecognized parameter",	V_HOLD,		0 },
	{ 400, 400, "illegal_argument_exception",	"op_type of create",		V_HOLD,		0 },
	{ 400, 499, "circuit_breaking_exception",	NULL,				V_AGAIN,	THROTTLED },
	{ 400, 499, "es_rejected_execution_exception",	NULL,				V_AGAIN,	THROTTLED },
	{ 400, 499, "rejected_execution_exception",	NULL,				V_AGAIN,	THROTTLED },
	{ 408, 408, NULL,				NULL,				V_AGAIN,	THROTTLED },
	{ 429, 429, NULL,				NULL,				V_AGAIN,	THROTTLED },
	{ 402, 402, NULL,				NULL,				V_HOLD,		0 },	/* of a service: not paid, a quota */
	{ 405, 405, NULL,				NULL,				V_HOLD,		0 },	/* nothing may be written here */
	{ 410, 410, NULL,				NULL,				V_HOLD,		0 },	/* gone */
	{ 423, 423, NULL,				NULL,				V_HOLD,		0 },	/* locked, for now */
	{ 424, 424, NULL,				NULL,				V_HOLD,		0 },	/* what the write needs failed */
	{ 400, 499, NULL,				NULL,				V_POISON,	0 },
	{ 500, 500, NULL,				NULL,				V_AGAIN,	SUSPECT },
	{ INT_MIN, INT_MAX, NULL,			NULL,				V_AGAIN,	0 },
};

/* Labels of the dead-letter counter: what comes from outside must not make new ones. */
static const char *const poison_words[] = {
	"document_parsing_exception", "mapper_parsing_exception", "illegal_argument_exception",
	"strict_dynamic_mapping_exception", "parsing_exception", "parse_exception", "x_content_parse_exception",
	"mapper_exception", "action_request_validation_exception", "script_exception",
};

struct refusal {		/* the "error" object of an item or of a whole answer */
	struct buf	 type;
	struct buf	 reason;
};

static int		 read_items(const struct judge_answer *, struct parcel *);
static int		 judge_item(const struct json *, uint32_t, struct parcel *, struct parcel_item *);
static void		 judge_refused(const struct judge_answer *, const struct status_row *, struct parcel *);
static void		 apply(struct parcel *, int flags);
static void		 bury(struct parcel_item *, const char *prefix, const struct refusal *, const char *, size_t);
static void		 refusal_read(const struct json *, uint32_t, struct refusal *);
static void		 refusal_clear(struct refusal *);
static const struct status_row *status_row(int);
static const struct item_row *item_row(int, const struct refusal *);
static int		 number(const struct json *, uint32_t);

int
judge_read(const struct http_answer *a, struct judge_answer *to)
{
	if (a->gzip || a->unknown_coding)
		return -1;
	*to = (struct judge_answer){ .status = a->status, .content_type = a->content_type, .body = buf_str(a->body), .len = a->body->len,
	    .retry_after_ms = a->retry_after_ms };
	return 0;
}

void
judge_bulk(const struct judge_answer *a, struct parcel *p)
{
	const struct status_row	*row = status_row(a->status);

	assert(p->n > 0);
	snprintf(p->code, sizeof(p->code), "%d", a->status);
	p->retry_after_ms = a->retry_after_ms;
	p->why[0] = '\0';
	apply(p, row->flags);
	if ((row->flags & ITEMS) == 0) {
		judge_refused(a, row, p);
		return;
	}
	if (read_items(a, p) == 0)
		return;
	if (judge_html(a))
		judge_all(p, V_AGAIN, "HTTP 200, answered HTML: a proxy, a login page or Kibana stands there");
	else
		judge_all(p, V_AGAIN, p->why[0] != '\0' ? p->why : "answered something else than one item per record");
	p->fresh = 1;
}

void
judge_fail(enum http_fail fail, const char *why, struct parcel *p)
{
	snprintf(p->code, sizeof(p->code), "%s", http_fail_name(fail));
	p->retry_after_ms = -1;
	p->fresh = 1;
	p->throttled = fail == HTTP_TIMEOUT;
	judge_all(p, fail == HTTP_TOO_BIG && p->n > 1 ? V_SPLIT : V_AGAIN, why);
}

void
judge_all(struct parcel *p, enum verdict v, const char *why)
{
	size_t	 i;

	for (i = 0; i < p->n; i++)
		p->items[i].verdict = v;
	if (why != p->why)
		snprintf(p->why, sizeof(p->why), "%s", why);
}

/* An answer that is no 2xx: one verdict for all. A malformed or too large request with one record in it is the record. */
static void
judge_refused(const struct judge_answer *a, const struct status_row *row, struct parcel *p)
{
	struct json		 j = { 0 };
	struct refusal		 r = { 0 };
	const struct item_row	*cause;
	enum verdict		 v = row->verdict;
	uint32_t		 error = JSON_NONE;
	int			 tell_reason;	/* only a hold's is sure to quote no record */

	if (json_index(&j, a->body, a->len, 4096, JSON_DEPTH) == JSON_OK && j.nodes[0].kind == JSON_OBJECT)
		error = json_get(&j, 0, "error");
	if (error != JSON_NONE)
		refusal_read(&j, error, &r);
	if (v == V_SPLIT && r.type.len > 0 && (cause = item_row(400, &r))->verdict == V_HOLD) {
		v = V_HOLD;
		apply(p, cause->flags);
	}
	if (v == V_SPLIT && (row->flags & TOO_LARGE) == 0 && judge_html(a)) {
		p->fresh = 1;		/* no cluster said so; a firewall may dislike one record */
		if (p->n == 1)
			v = V_AGAIN;
		p->items[0].suspect = p->n == 1 ? SUSPECT_ALONE : 0;
	} else if (v == V_SPLIT && p->n == 1)
		v = V_POISON;
	judge_all(p, v, "");
	tell_reason = v == V_HOLD && r.reason.len > 0;
	snprintf(p->why, sizeof(p->why), "HTTP %d: %s%s%.80s%s%.120s", a->status, row->text, r.type.len > 0 ? ": " : "",
	    buf_str(&r.type), tell_reason ? ": " : "", tell_reason ? buf_str(&r.reason) : "");
	if ((v == V_AGAIN || (v == V_SPLIT && p->fresh)) && judge_html(a))
		snprintf(p->why, sizeof(p->why), "HTTP %d, answered HTML: a proxy, a login page or Kibana stands there", a->status);
	if (v == V_POISON) {
		bury(&p->items[0], row->flags & TOO_LARGE ? "too-large: HTTP 413" : "request-refused: HTTP 400", &r,
		    a->body, a->len);
		p->items[0].word = row->flags & TOO_LARGE ? "too-large" : "request-refused";
	}
	refusal_clear(&r);
	json_clear(&j);
}

/* 0: every record has its verdict; -1: the reply is not what was asked for, and why may say in which way. */
static int
read_items(const struct judge_answer *a, struct parcel *p)
{
	struct json	 j = { 0 };
	uint32_t	 list, item;
	size_t		 i = 0;
	int		 rc = -1;

	if (json_index(&j, a->body, a->len, (uint32_t)(p->n * 64 + 4096), JSON_DEPTH) != JSON_OK) {
		snprintf(p->why, sizeof(p->why), "HTTP %d, and the answer is cut or no JSON", a->status);
		goto out;
	}
	if (j.nodes[0].kind != JSON_OBJECT || (list = json_get(&j, 0, "items")) == JSON_NONE ||
	    j.nodes[list].kind != JSON_ARRAY)
		goto out;
	if (j.nodes[list].count != p->n) {
		snprintf(p->why, sizeof(p->why), "HTTP %d with %u items for %zu records", a->status,
		    j.nodes[list].count, p->n);
		goto out;
	}
	for (item = json_first(&j, list); item != JSON_NONE; item = json_next(&j, list, item))
		if (judge_item(&j, item, p, &p->items[i++]) == -1)
			goto out;
	rc = 0;
out:
	if (rc == -1) {		/* nothing is known of any */
		p->redirected = 0;
		p->permission = 0;
		for (i = 0; i < p->n; i++) {
			free(p->items[i].reason);
			free(p->items[i].reply);
			p->items[i].reason = p->items[i].reply = NULL;
			p->items[i].word = NULL;
			p->items[i].suspect = 0;
		}
	}
	json_clear(&j);
	return rc;
}

/* {"create":{"status":201}} or {"create":{"status":400,"error":{"type":"...","reason":"..."}}} */
static int
judge_item(const struct json *j, uint32_t item, struct parcel *p, struct parcel_item *to)
{
	struct refusal		 r = { 0 };
	const struct item_row	*row;
	uint32_t		 action, what;
	int			 status, tell_reason;

	if (j->nodes[item].kind != JSON_OBJECT || (action = json_first(j, item)) == JSON_NONE)
		return -1;
	action++;
	if (j->nodes[action].kind != JSON_OBJECT || (status = number(j, json_get(j, action, "status"))) < 100)
		return -1;
	if ((what = json_get(j, action, "error")) != JSON_NONE)
		refusal_read(j, what, &r);
	row = item_row(status, &r);
	tell_reason = row->verdict == V_HOLD && r.reason.len > 0;
	to->verdict = row->verdict;
	to->suspect = (row->flags & SUSPECT) != 0;
	apply(p, row->flags);
	if (row->verdict == V_DELIVERED && (what = json_get(j, action, "failure_store")) != JSON_NONE &&
	    json_name_is(j, what, "used"))
		p->redirected++;
	if (row->verdict == V_POISON)
		bury(to, NULL, &r, j->bytes + j->nodes[item].start, j->nodes[item].end - j->nodes[item].start);
	if (row->verdict == V_HOLD || (row->verdict == V_AGAIN && p->why[0] == '\0'))
		snprintf(p->why, sizeof(p->why), "item %d: %.80s%s%.160s", status,
		    r.type.len > 0 ? buf_str(&r.type) : "no type given", tell_reason ? ": " : "",
		    tell_reason ? buf_str(&r.reason) : "");
	refusal_clear(&r);
	return 0;
}

static void
apply(struct parcel *p, int flags)
{
	p->throttled |= (flags & THROTTLED) != 0;
	p->fresh |= (flags & FRESH) != 0;
	p->too_large |= (flags & TOO_LARGE) != 0;
	p->permission |= (flags & PERMISSION) != 0;
}

static void
bury(struct parcel_item *to, const char *prefix, const struct refusal *r, const char *reply, size_t len)
{
	struct buf	 b = { 0 };
	size_t		 i;

	buf_adds(&b, prefix != NULL ? prefix : "");
	if (r->type.len > 0) {
		buf_adds(&b, prefix != NULL ? ": " : "");
		buf_add(&b, r->type.bytes, r->type.len);
	} else if (prefix == NULL)
		buf_adds(&b, "refused");
	if (r->reason.len > 0) {
		buf_adds(&b, ": ");
		buf_add(&b, r->reason.bytes, r->reason.len);
	}
	to->reason = xstrndup(buf_str(&b), judge_cut(buf_str(&b), b.len, JUDGE_REASON_MAX));
	to->reply = xstrndup(reply, judge_cut(reply, len, JUDGE_REPLY_MAX));
	to->word = "other";
	for (i = 0; i < sizeof(poison_words) / sizeof(poison_words[0]); i++)
		if (strcmp(buf_str(&r->type), poison_words[i]) == 0)
			to->word = poison_words[i];
	buf_clear(&b);
}

/* "error" is an object, or (old proxies, some products) a text. */
static void
refusal_read(const struct json *j, uint32_t error, struct refusal *r)
{
	uint32_t	 what;

	if (j->nodes[error].kind == JSON_STRING) {
		json_text(j, error, &r->reason);
		return;
	}
	if (j->nodes[error].kind != JSON_OBJECT)
		return;
	if ((what = json_get(j, error, "type")) != JSON_NONE && j->nodes[what].kind == JSON_STRING)
		json_text(j, what, &r->type);
	if ((what = json_get(j, error, "reason")) != JSON_NONE && j->nodes[what].kind == JSON_STRING)
		json_text(j, what, &r->reason);
}

static void
refusal_clear(struct refusal *r)
{
	buf_clear(&r->type);
	buf_clear(&r->reason);
}

static const struct status_row *
status_row(int status)
{
	const struct status_row	*row = statuses;

	while (status < row->from || status > row->to)
		row++;
	return row;
}

static const struct item_row *
item_row(int status, const struct refusal *r)
{
	const struct item_row	*row;

	for (row = items;; row++) {
		if (status < row->from || status > row->to)
			continue;
		if (row->type != NULL && strcmp(row->type, buf_str(&r->type)) != 0)
			continue;
		if (row->says != NULL && strstr(buf_str(&r->reason), row->says) == NULL)
			continue;
		return row;
	}
}

/* A status: three digits; -1 for anything else. */
static int
number(const struct json *j, uint32_t node)
{
	const char	*at;

	if (node == JSON_NONE || j->nodes[node].kind != JSON_NUMBER || j->nodes[node].end - j->nodes[node].start != 3)
		return -1;
	at = j->bytes + j->nodes[node].start;
	if (at[0] < '1' || at[0] > '9' || at[1] < '0' || at[1] > '9' || at[2] < '0' || at[2] > '9')
		return -1;
	return (at[0] - '0') * 100 + (at[1] - '0') * 10 + (at[2] - '0');
}

int
judge_html(const struct judge_answer *a)
{
	if (a->content_type != NULL && strncasecmp(a->content_type, "text/html", 9) == 0)
		return 1;
	return a->len > 0 && a->body[0] == '<';
}

size_t
judge_cut(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}
