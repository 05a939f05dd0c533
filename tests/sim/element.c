/*
 * element - one element of a blob that was not generated from a plan: what it is, and elements that are bad.
 */
#include <stdlib.h>

#include "element.h"
#include "scan.h"
#include "span.h"

#define DEEPEST_RECORD 128	/* what the forwarder accepts (design.md section 5) */

int
id_usable(const char *id, size_t len)
{
	return id != NULL && len > 0 &&
	    !(len == GUID_LEN && memcmp(id, "00000000-0000-0000-0000-000000000000", GUID_LEN) == 0);
}

int
marker_find(const char *s, size_t len, struct key *k)
{
	const char	*m = memmem(s, len, "\"" MARKER, sizeof(MARKER));

	if (m == NULL || (size_t)(s + len - m) < GUID_LEN + 1)
		return 0;
	*k = key_bytes('m', m + 1, GUID_LEN);
	return 1;
}

struct key
element_key(const char *s, size_t len)
{
	struct text	 t = { NULL, 0, 0 };
	struct piece	 all = { s, len };
	struct key	 k;

	span_compact(&all, &t);
	k = key_bytes('b', text_str(&t), t.len);
	text_clear(&t);
	return k;
}

void
element_judge(struct element *e, size_t limit)
{
	struct scan	 s = { .max_depth = DEEPEST_RECORD };
	int		 ok = scan_json(e->at, e->len, &s);

	e->balanced = (uint8_t)(ok || scan_balanced(e->at, e->len));
	e->sound = (uint8_t)(ok && s.top == '{' && e->len <= limit);
	e->named = (uint8_t)id_usable(s.id.at, s.id.len);
	e->marked = 0;
	if (e->named)
		e->key = key_folded('i', s.id.at, s.id.len);
	else if (marker_find(e->at, e->len, &e->key))
		e->marked = 1;
	else
		e->key = element_key(e->at, e->len);
}

void
element_name(const struct element *e, struct text *t)
{
	struct scan	 s = { .max_depth = DEEPEST_RECORD };

	if (scan_json(e->at, e->len, &s) && s.id.at != NULL) {
		text_addc(t, ' ');
		text_add(t, s.id.at, s.id.len);
	}
}

static int
has(const struct element *e, const char *what)
{
	return memmem(e->at, e->len, what, strlen(what)) != NULL;
}

static int
member(const struct element *e, const char *name, const char *value)
{
	const char	*p = e->at, *end = e->at + e->len;
	size_t		 n = strlen(name), v = strlen(value);

	while ((p = memmem(p, (size_t)(end - p), name, n)) != NULL) {
		p += n;
		while (p < end && (*p == ' ' || *p == ':'))
			p++;
		if ((size_t)(end - p) >= v && memcmp(p, value, v) == 0)
			return 1;
	}
	return 0;
}

static long
record_type(const struct element *e)
{
	const char	*p = memmem(e->at, e->len, "\"RecordType\"", 12);

	if (p == NULL)
		return -1;
	for (p += 12; p < e->at + e->len && (*p == ' ' || *p == ':'); p++)
		continue;
	return p < e->at + e->len && *p >= '0' && *p <= '9' && p + 1 < e->at + e->len ? strtol(p, NULL, 10) : -1;
}

enum content
element_content(const struct element *e)
{
	switch (record_type(e)) {
	case 11: case 13: case 33: case 63: case 99: case 100: case 107:
		return DLP;
	case 8: case 9: case 15: case 294:
		return ENTRA;
	case 1: case 2: case 3: case 50:
		return EXCHANGE;
	case 4: case 6: case 7: case 14: case 36: case 37: case 55: case 56:
		return SHAREPOINT;
	default:
		break;
	}
	if (has(e, "\"DlpAgent\""))
		return DLP;
	if (member(e, "\"Workload\"", "\"Exchange\""))
		return EXCHANGE;
	if (member(e, "\"Workload\"", "\"SharePoint\"") || member(e, "\"Workload\"", "\"OneDrive\""))
		return SHAREPOINT;
	if (member(e, "\"Workload\"", "\"AzureActiveDirectory\""))
		return ENTRA;
	return GENERAL;
}

/* Brackets balance in all of them: the rest of the blob must arrive. */
static const char *const bad[] = {
	"{\"Id\":\"bad-1\",\"Operation\":}",
	"{\"Id\":\"bad-2\" \"Operation\":\"no comma\"}",
	"{\"Id\":\"bad-3\",\"Value\":NaN}",
	"{\"Id\":\"bad-4\",\"Value\":\"latin \xe9\xff 1\"}",
	"{\"Id\":\"bad-5\",\"Value\":\"\xed\xa0\x80 raw surrogate\"}",
	"{\"Id\":\"bad-6\",\"Value\":01}",
	"{\"Id\":\"bad-7\",\"Value\":\"\\x41\"}",
	"{'Id':'bad-8'}",
	"{\"Id\":\"bad-9\",}",
	"{\"Id\":\"bad-10\",\"Value\":\"tab\there\"}",
	"12345",
	"\"a string, with } and ] in it\"",
	"null",
	"true",
	"[]",
	"[{\"Id\":\"bad-16\"}]",
	NULL,					/* 10,000 deep */
};

int
bad_element_count(void)
{
	return (int)(sizeof(bad) / sizeof(bad[0]));
}

void
bad_element(struct text *t, int which)
{
	int	 i;

	if (bad[which] != NULL) {
		text_adds(t, bad[which]);
		return;
	}
	LIT(t, "{\"Id\":\"bad-17\",\"Deep\":");
	for (i = 0; i < 10000; i++)
		text_adds(t, i % 2 ? "{\"d\":" : "[");
	LIT(t, "0");
	for (i = 9999; i >= 0; i--)
		text_adds(t, i % 2 ? "}" : "]");
	LIT(t, "}");
}
