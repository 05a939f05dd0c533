/*
 * fuzz_graph - any bytes as a page of Microsoft Graph, or as its error: the same rows and the same rest however the pieces fall,
 * every element of a page that is JSON is a record or a dead letter, and an error is told in one line.
 *
 * Input: "STATUS PIECE", a line break, and the body.
 */
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "collect/envelope.h"
#include "collect/graph_answer.h"
#include "kit.h"

#define RECORD_MAX	300

struct page {
	struct envelope	*e;
	enum split_state state;
	uint64_t	 n, hash;
};

static void
take_record(void *arg, const struct record *r)
{
	struct page	*p = arg;

	MUST(r->len <= RECORD_MAX && r->bytes[0] == '{' && r->bytes[r->len - 1] == '}');
	p->n++;
	p->hash = hash64(r->bytes, r->len, p->hash + r->ordinal);
}

static void
take_bad(void *arg, const struct split_bad *b)
{
	struct page	*p = arg;

	MUST(b->reason != NULL && b->record_id != NULL && (b->bytes != NULL || strncmp(b->reason, "too-large", 9) == 0));
	p->n++;
	p->hash = hash64(b->id, sizeof(b->id), p->hash + b->ordinal);
}

static void
page_open(struct page *page, const char *p, size_t len, size_t piece)
{
	struct identity_names	 names = { "11111111-2222-3333-4444-555555555555", "signin.interactive", NULL, "id",
	    "createdDateTime", 1 };
	struct split_to		 to = { take_record, take_bad, page };
	struct split		*split = split_new(&names, RECORD_MAX, &to);

	*page = (struct page){ .e = envelope_new(), .hash = 1 };
	for (size_t at = 0; at < len; at += piece)
		envelope_feed(page->e, split, p + at, len - at < piece ? len - at : piece);
	page->state = envelope_finish(page->e);
	MUST(page->state == SPLIT_END || (page->state == SPLIT_BROKEN && envelope_trouble(page->e) != NULL));
	split_free(split);
}

static int
same_member(const struct json *a, const struct json *b, const char *name)
{
	uint32_t	 x = json_get(a, 0, name), y = json_get(b, 0, name);

	if (x == JSON_NONE || y == JSON_NONE)
		return x == y;
	return a->nodes[x].end - a->nodes[x].start == b->nodes[y].end - b->nodes[y].start &&
	    memcmp(a->bytes + a->nodes[x].start, b->bytes + b->nodes[y].start, a->nodes[x].end - a->nodes[x].start) == 0;
}

/* What another reader makes of a body that is JSON and has no name twice. */
static void
check_json(const struct page *page, const struct json *j)
{
	const struct buf	*rest = envelope_rest(page->e);
	uint32_t		 rows = j->nodes[0].kind == JSON_OBJECT ? json_get(j, 0, "value") : JSON_NONE;
	struct json		 r = { 0 };

	if (rows == JSON_NONE || j->nodes[rows].kind != JSON_ARRAY) {
		MUST(page->state == SPLIT_BROKEN && page->n == 0);
		return;
	}
	if (j->nodes[rows - 1].end - j->nodes[rows - 1].start != strlen("\"value\""))
		return;				/* the name is there by escapes: no page of Graph's */
	MUST(page->state == SPLIT_END && page->n == j->nodes[rows].count);
	MUST(json_index(&r, buf_str(rest), rest->len, 0, JSON_DEPTH) == JSON_OK && r.nodes[0].count == j->nodes[0].count);
	MUST(same_member(j, &r, "@odata.nextLink") && same_member(j, &r, "error"));
	MUST(r.nodes[json_get(&r, 0, "value")].kind == JSON_NULL);
	json_clear(&r);
}

static void
check_error(int status, const char *p, size_t len)
{
	struct graph_answer	 a;

	graph_judge(status, p, len, &a);
	MUST(a.code[0] != '\0' && a.class >= GRAPH_FINE && a.class <= GRAPH_STRANGE);
	MUST(!fuzz_has_controls(a.code, strlen(a.code)) && !fuzz_has_controls(a.message, strlen(a.message)));
	MUST(!fuzz_has_controls(a.request_id, strlen(a.request_id)));
	MUST(a.class != GRAPH_FINE || status == 200);
	MUST((a.class != GRAPH_LICENCE && a.class != GRAPH_PERMISSION && a.class != GRAPH_FORBIDDEN) || status == 403);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_in	 in = fuzz_in(data, len);
	char		 line[80], *at = fuzz_line(&in, line, sizeof(line));
	int		 status = (int)fuzz_number(&at, 999);
	size_t		 piece = 1 + fuzz_number(&at, 64), left = (size_t)(in.end - in.p);
	struct page	 whole, pieces;
	struct json	 j = { 0 };

	page_open(&whole, in.p, left, left);
	page_open(&pieces, in.p, left, piece);
	MUST(whole.state == pieces.state && whole.n == pieces.n && whole.hash == pieces.hash);
	MUST(strcmp(envelope_trouble(whole.e), envelope_trouble(pieces.e)) == 0);
	MUST(strcmp(buf_str(envelope_rest(whole.e)), buf_str(envelope_rest(pieces.e))) == 0);
	if (left < ENVELOPE_MAX && json_index(&j, in.p, left, 0, JSON_DEPTH) == JSON_OK &&
	    (j.nodes[0].flags & JSON_REPEATS) == 0)
		check_json(&whole, &j);
	json_clear(&j);
	check_error(status, in.p, left);
	envelope_free(whole.e);
	envelope_free(pieces.e);
	return 0;
}
