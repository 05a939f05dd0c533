/*
 * selftest - m365sim --selftest: do generator, scanner, gzip and oracle agree with each other?
 *
 * Its big things are static: what is reachable is no leak to a sanitizer.
 */
#include <stdio.h>

#include "blob.h"
#include "element.h"
#include "graph.h"
#include "gz.h"
#include "oracle.h"
#include "scan.h"
#include "selftest.h"
#include "source.h"
#include "when.h"

static int	 failures;

static void
check(const char *what, int good)
{
	printf("%s %s\n", good ? "ok  " : "FAIL", what);
	failures += !good;
}

static void
scanner(void)
{
	static const char *const	 sound[] = { "{}", "[]", "0", "-0", "1e5", "1.5E-7", "\"\\ud800\"", " [1, {\"a\":null}] ",
		"\"\xf0\x9f\x94\x90\"", "{\"a\":{\"a\":1}}" };
	static const char *const	 unsound[] = { "", "{", "[1,]", "{\"a\":1,}", "01", "+1", "1.", ".5", "NaN", "'a'", "\"\t\"",
		"\"\xff\"", "\"\xed\xa0\x80\"", "\"\\x\"", "[1 2]", "{1:2}", "nul", "[]]", "\"\\u12g4\"", "\"\xc0\x80\"" };
	static const char *const	 unusable[] = { "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"\":1}", "{\" \":1}",
		"{\".a\":1}", "{\"a.\":1}", "{\"x\":[{\"b\":1,\"b\":1}]}" };
	static const char		 doc[] = "{\"event\":{\"x\":[{\"id\":\"no\"}],\"id\":\"yes\"},\"@timestamp\":\"t\","
					    "\"Id\":\"a\",\"Id\":\"b\"}";
	struct scan			 s = { 0 };
	size_t				 i;
	int				 good = 1;

	for (i = 0; i < sizeof(sound) / sizeof(sound[0]); i++)
		good &= scan_json(sound[i], strlen(sound[i]), &s);
	for (i = 0; i < sizeof(unsound) / sizeof(unsound[0]); i++)
		good &= !scan_json(unsound[i], strlen(unsound[i]), &s);
	check("scan: knows sound JSON from unsound", good);
	s.names = 1;
	for (i = 0, good = 1; i < sizeof(unusable) / sizeof(unusable[0]); i++)
		good &= !scan_json(unusable[i], strlen(unusable[i]), &s);
	check("scan: repeated, empty and dot-edged names", good);
	good = !scan_json(doc, strlen(doc), &s);
	s.names = 0;
	good = good && scan_json(doc, strlen(doc), &s) && s.event_id.len == 3 && s.has_timestamp && s.id.len == 1 &&
	    s.id.at[0] == 'b';
	check("scan: finds ids and the time", good);
}

static void
records(const struct blobs *b, const struct faults *f)
{
	static struct text	 one = { NULL, 0, 0 }, again = { NULL, 0, 0 };
	static struct oracle o = { 0 };
	struct balance	 bal;
	uint64_t	 bytes = 0, n = 0;
	int		 same = 1, sound = 1, agree = 1;
	size_t		 i;
	uint32_t	 k;

	for (i = 0; i < b->n; i++) {
		oracle_listed(&o, b, b->all[i]);
		for (k = 0; k < b->all[i]->records; k++, n++) {
			struct element	 e;
			struct duty	 d;
			struct plan	 p;

			blob_plan(b, b->all[i], k, &p);
			blob_duty(b, b->all[i], k, &d);
			text_reset(&one);
			text_reset(&again);
			record_write(&one, &p, &b->tenant);
			record_write(&again, &p, &b->tenant);
			bytes += one.len;
			same &= one.len == again.len && memcmp(one.bytes, again.bytes, one.len) == 0;
			e.at = one.bytes;
			e.len = one.len;
			element_judge(&e, 16 << 20);
			sound &= e.sound;
			agree &= e.named == d.named && e.marked == d.marked && e.key.hi == d.key.hi && e.key.lo == d.key.lo;
			oracle_came(&o, AT_FILES, e.named ? p.id : NULL, GUID_LEN, one.bytes, one.len);
		}
	}
	check("records: the same bytes twice", same);
	check("records: sound JSON", sound);
	check("records: their ids are the planned ones", agree);
	oracle_balance(&o, b, f, AT_FILES, &bal);
	check("oracle: all came, none missing", bal.missing == 0 && bal.matched == bal.due && o.unexpected[AT_FILES] == 0);
	check("oracle: repeats delivered again are seen", bal.twice == o.repeats_same + o.repeats_changed);
	printf("     %llu records, %llu bytes each, %llu repeats, %llu changed\n", (unsigned long long)n,
	    (unsigned long long)(n ? bytes / n : 0), (unsigned long long)o.repeats_same, (unsigned long long)o.repeats_changed);
	balance_clear(&bal);
	oracle_forget(&o, AT_FILES);
	oracle_balance(&o, b, f, AT_FILES, &bal);
	check("oracle: none came, all missing", bal.missing == bal.due && bal.matched == 0 && bal.due > 0);
	balance_clear(&bal);
}

static void
whole_blobs(const struct blobs *b)
{
	static struct text	 whole = { NULL, 0, 0 }, pieces = { NULL, 0, 0 }, packed = { NULL, 0, 0 }, back = { NULL, 0, 0 };
	struct scan	 sc = { 0 };
	struct source	 s;
	struct gz	 g;
	size_t		 i;
	int		 same = 1, sound = 1, gz = 1;

	for (i = 0; i < b->n && i < 200; i++) {
		text_reset(&whole);
		text_reset(&pieces);
		text_reset(&packed);
		text_reset(&back);
		source_open(&s, b, b->all[i], 0);
		source_read(&s, &whole, SIZE_MAX / 2);
		source_open(&s, b, b->all[i], 0);
		while (source_read(&s, &pieces, 1000))
			continue;
		same &= whole.len == pieces.len && memcmp(whole.bytes, pieces.bytes, whole.len) == 0;
		sound &= scan_json(whole.bytes, whole.len, &sc) && sc.top == '[';
		gz_open(&g, 1);
		gz_add(&g, whole.bytes, whole.len, 1, &packed);
		gz_close(&g);
		gz &= gz_inflate(packed.bytes, packed.len, 1u << 30, &back) == 0 && back.len == whole.len;
		gz &= gz_inflate(packed.bytes, packed.len - 1, 1u << 30, &back) == -1;
	}
	check("blobs: whole or in pieces, the same bytes", same);
	check("blobs: a sound list", sound);
	check("gzip: there and back, a cut is seen", gz);
}

static void
bad_elements(void)
{
	static struct text	 t = { NULL, 0, 0 };
	int		 i, good = 1;

	for (i = 0; i < bad_element_count(); i++) {
		struct element	 e;

		text_reset(&t);
		bad_element(&t, i);
		e.at = t.bytes;
		e.len = t.len;
		element_judge(&e, 16 << 20);
		if (e.sound || !e.balanced)
			printf("     bad element %d: sound %d balanced %d\n", i, e.sound, e.balanced);
		good &= !e.sound && e.balanced;
	}
	check("bad elements: unsound, brackets balanced", good);
}

/* Every revision of every generated row: JSON without repeated names, the same each time, its own marker, another hash. */
static void
graph_rows(const struct opt *o)
{
	static struct graph	 g;
	static struct text	 one = { NULL, 0, 0 }, two = { NULL, 0, 0 };
	struct opt		 mine = *o;
	struct scan		 sc = { .names = 1 };
	int			 f, rev, sound = 1, same = 1, known = 1, changed = 1;
	size_t			 i;
	uint64_t		 last = 0;

	mine.graph_rows = 4000;
	mine.graph_odd = mine.graph_change = 30;
	if (graph_init(&g, &mine) == -1) {
		check("Graph: rows are planned", 0);
		return;
	}
	for (f = 0; f < NGFEEDS; f++) {
		for (i = 0; i < g.feed[f].n; i++) {
			const struct grow	*row = &g.feed[f].all[i];

			for (rev = 0; rev < NREVISIONS && row->visible[rev] != 0; rev++) {
				text_reset(&one);
				text_reset(&two);
				graph_row(&g, (enum gfeed)f, row, rev, 1, &one);
				graph_row(&g, (enum gfeed)f, row, rev, 1, &two);
				same &= one.len == two.len && memcmp(one.bytes, two.bytes, one.len) == 0;
				sound &= scan_json(one.bytes, one.len, &sc) && sc.top == '{';
				changed &= rev == 0 || hash64(one.bytes, one.len, 1) != last;
				last = hash64(one.bytes, one.len, 1);
				known &= graph_came(&g, AT_BULK, NULL, 0, one.bytes, one.len) == 1;
				graph_reshuffle(&two, 0, rng_mix(i, (uint64_t)f));
				sound &= scan_json(two.bytes, two.len, &sc) && sc.top == '{';
				known &= graph_came(&g, AT_BULK, NULL, 0, two.bytes, two.len) == 2;
			}
		}
	}
	check("Graph: rows are sound JSON, reshuffled too", sound);
	check("Graph: the same bytes each time", same);
	check("Graph: a change is one", changed);
	check("Graph: the oracle knows each revision by its marker", known);
	check("Graph: and no other", graph_came(&g, AT_BULK, NULL, 0, "{\"x\":\"51e1d1e6-0000-4000-8000-000000000000\"}", 44) == 0);
}

int
selftest(const struct opt *o)
{
	static struct blobs b;
	static struct faults f;

	scanner();
	if (blobs_init(&b, o) == -1)
		return 1;
	records(&b, &f);
	whole_blobs(&b);
	bad_elements();
	graph_rows(o);
	return failures > 0;
}
