/*
 * fuzz_bulk - any bytes as the answer of a Bulk API, and to the questions beside it: every record gets a verdict that the answer
 * can bear, and no record is taken for delivered that the answer does not name so.
 *
 * Input: "STATUS RECORDS CONTENT-TYPE", a line break, and the body.
 */
#include <string.h>

#include "base/json.h"
#include "deliver/es.h"
#include "kit.h"

#define RECORDS_MAX	8

static struct parcel_item	 items[RECORDS_MAX];
static struct parcel		 parcel;

static void
parcel_begin(size_t n, int64_t unsure_ms)
{
	for (size_t i = 0; i < RECORDS_MAX; i++) {
		free(items[i].reason);
		free(items[i].reply);
	}
	memset(items, 0, sizeof(items));
	for (size_t i = 0; i < n; i++) {
		memset(items[i].record.id, (int)i + 1, sizeof(items[i].record.id));
		items[i].unsure_ms = unsure_ms;
	}
	parcel = (struct parcel){ .items = items, .n = n, .retry_after_ms = -1 };
}

/* The status of one item of the reply, read again; -1: there is none. Only for bodies that are JSON. */
static int
status_said(const struct json *j, size_t at)
{
	uint32_t	 list = json_get(j, 0, "items"), k, action, status;

	if (list == JSON_NONE || j->nodes[list].kind != JSON_ARRAY || j->nodes[list].count != parcel.n)
		return -1;
	for (k = json_first(j, list); at > 0; at--)
		k = json_next(j, list, k);
	if (j->nodes[k].kind != JSON_OBJECT || (action = json_first(j, k)) == JSON_NONE ||
	    j->nodes[++action].kind != JSON_OBJECT || (status = json_get(j, action, "status")) == JSON_NONE ||
	    j->nodes[status].kind != JSON_NUMBER)
		return -1;
	return atoi(j->bytes + j->nodes[status].start);
}

/* One of the items is not understood: then nothing is known of any. */
static int
is_sound(const struct json *j)
{
	for (size_t i = 0; i < parcel.n; i++)
		if (status_said(j, i) < 100)
			return 0;
	return 1;
}

static void
check_item(const struct judge_answer *a, const struct json *j, size_t i)
{
	const struct parcel_item	*item = &items[i];
	int				 whole = a->status >= 200 && a->status <= 299, said = -1;

	if (whole && j->n > 0 && j->nodes[0].kind == JSON_OBJECT)
		said = status_said(j, i);
	MUST(item->verdict != V_NONE && item->verdict != V_UNREAD && item->verdict != V_DROPPED);
	if (item->verdict == V_DELIVERED)
		MUST(said >= 200 && said <= 299);
	if (item->verdict == V_DUPLICATE)
		MUST(said == 409);
	if (item->verdict == V_POISON) {
		MUST((said >= 400 && said <= 499) || (parcel.n == 1 && (a->status == 400 || a->status == 413)));
		MUST(item->reason != NULL && item->reason[0] != '\0' && item->reply != NULL && item->word != NULL);
		MUST(strlen(item->reason) <= JUDGE_REASON_MAX && strlen(item->reply) <= JUDGE_REPLY_MAX);
		MUST(!fuzz_has_controls(item->word, strlen(item->word)));
	} else {
		MUST(item->reason == NULL && item->reply == NULL);
	}
	if (item->verdict == V_SPLIT)
		MUST(parcel.n > 1 && !whole);
	if (item->suspect) {
		MUST(item->verdict == V_AGAIN);
		MUST(((said == 500 || said == 409) && is_sound(j)) || (parcel.n == 1 && a->status == 400));
	}
}

static void
check_bulk(const struct judge_answer *a, size_t n)
{
	struct json	 j = { 0 };
	size_t		 delivered = 0;

	parcel_begin(n, 0);
	judge_bulk(a, &parcel);
	if (json_index(&j, a->body, a->len, 0, JSON_DEPTH) != JSON_OK)
		j.n = 0;
	for (size_t i = 0; i < n; i++) {
		check_item(a, &j, i);
		delivered += items[i].verdict == V_DELIVERED;
	}
	MUST(parcel.redirected <= delivered);
	MUST(!parcel.too_large || a->status == 413);
	MUST(strlen(parcel.why) < sizeof(parcel.why) && strlen(parcel.code) < sizeof(parcel.code));
	json_clear(&j);
}

/* Only what the cluster was asked for, and named, is taken for a duplicate; who is not sure stays unsure. */
static void
check_ids(const struct judge_answer *a, size_t n)
{
	size_t		 found, duplicates = 0;
	enum es_known	 known;

	parcel_begin(n, 5000);
	known = es_read_ids(a, &parcel, &found);
	for (size_t i = 0; i < n; i++) {
		MUST(items[i].verdict == V_NONE || items[i].verdict == V_DUPLICATE);
		duplicates += items[i].verdict == V_DUPLICATE;
		MUST((items[i].unsure_ms == 0) == (known == ES_KNOWN));
	}
	MUST(found == duplicates && (found == 0 || a->status == 200));
	MUST(known != ES_KNOWN || a->status == 200 || a->status == 404);
}

static void
check_what(const struct judge_answer *a)
{
	struct es	 es;

	es_read(a, &es);
	MUST(!fuzz_has_controls(es.shown, strlen(es.shown)));
	MUST((es.kind != ES_UNKNOWN) == (es.shown[0] != '\0') && (es.kind != ES_UNKNOWN || !es.hides_source));
	MUST(es.major <= 999 && es.minor <= 999);
	es_read_templates(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct fuzz_in		 in = fuzz_in(p, len);
	char			 line[80], *at = fuzz_line(&in, line, sizeof(line));
	struct judge_answer	 a = { .retry_after_ms = -1 };
	size_t			 n;

	a.status = (int)fuzz_number(&at, 999);
	n = 1 + fuzz_number(&at, UINT32_MAX) % RECORDS_MAX;
	a.content_type = fuzz_word(&at);
	a.body = in.p;
	a.len = (size_t)(in.end - in.p);
	check_bulk(&a, n);
	check_ids(&a, n);
	check_what(&a);
	parcel_begin(0, 0);
	return 0;
}
