/*
 * report - GET /sim/report: what was listed, what arrived, and what is wrong.
 */
#include <errno.h>

#include "filecheck.h"
#include "sim.h"
#include "when.h"

#define U(v) ((unsigned long long)(v))

static void
generated(const struct sim *s, struct text *t)
{
	uint64_t	 gone = 0, fetched = 0, served = 0, whole = 0;
	size_t		 i;

	for (i = 0; i < s->blobs.n; i++) {
		const struct blob	*b = s->blobs.all[i];

		gone += b->gone && b->listings == 0;
		fetched += b->fetches > 0;
		served += b->served > 0;
		whole += b->served > 0 ? b->records : 0;
	}
	text_addf(t, "\"generated\":{\"blobs\":%llu,\"records\":%llu,\"never_listable\":%llu},\n", U(s->blobs.n),
	    U(s->blobs.records), U(gone));
	text_addf(t, "\"fetched\":{\"blobs\":%llu,\"sound_blobs\":%llu,\"sound_records\":%llu,\"requests\":%llu,"
	    "\"sound_answers\":%llu,\"bytes\":%llu},\n", U(fetched), U(served), U(whole), U(s->blob_fetches), U(s->blobs_sound),
	    U(s->blob_bytes));
}

static void
listed(const struct sim *s, struct text *t)
{
	const struct oracle	*o = &s->oracle;
	uint64_t		 distinct = 0, idless = 0, dead = 0;
	size_t			 i;

	for (i = 0; i < o->keys.n; i++) {
		const struct debt	*e = &o->debts[i];

		if (e->listed == 0)
			continue;
		if (e->dead)
			dead += e->listed;
		else if (e->named)
			distinct++;
		else
			idless += e->listed;
	}
	text_addf(t, "\"listed\":{\"blobs\":%llu,\"records\":%llu,\"distinct_ids\":%llu,\"idless\":%llu,\"dead_expected\":%llu,"
	    "\"repeats_same\":%llu,\"repeats_changed\":%llu,\"obligations\":%llu,\"pages\":%llu,\"empty_pages\":%llu},\n",
	    U(o->blobs), U(o->records), U(distinct), U(idless), U(dead), U(o->repeats_same), U(o->repeats_changed),
	    U(distinct + idless), U(s->pages), U(s->empty_pages));
}

static void
requests(const struct sim *s, struct text *t)
{
	size_t	 i;

	LIT(t, "\"requests\":{");
	for (i = 0; i < s->ncounts; i++)
		text_addf(t, "%s\"%s\":{\"n\":%llu,\"ok\":%llu,\"4xx\":%llu,\"5xx\":%llu}", i ? "," : "", s->counts[i].kind,
		    U(s->counts[i].requests), U(s->counts[i].ok), U(s->counts[i].client_errors), U(s->counts[i].server_errors));
	LIT(t, "},\n");
}

void
report_balance(struct sim *s, struct text *t, enum place where)
{
	struct oracle	*o = &s->oracle;
	struct balance	 b;

	oracle_balance(o, &s->blobs, &s->faults, where, &b);
	text_addf(t, "\"due\":%llu,\"matched\":%llu,\"missing\":%llu,\"%s\":%llu,\"unexpected\":%llu,\"nameless\":%llu,"
	    "\"refused\":%llu,\"lost_expected\":%llu,\"dead_expected\":%llu,\"dead_delivered\":%llu,", U(b.due), U(b.matched),
	    U(b.missing), where == AT_BULK ? "created_twice" : "twice", U(b.twice), U(o->unexpected[where]),
	    U(o->nameless[where]), U(b.refused), U(b.lost_expected), U(b.dead_expected), U(b.dead_delivered));
	text_addf(t, "\"missing_ids\":[%s],\"twice_ids\":[%s],\"unexpected_ids\":[%s]", text_str(&b.missing_ids),
	    text_str(&b.twice_ids), text_str(&o->strangers[where]));
	if (where >= AT_HEC)
		text_addf(t, ",\"too_big\":%llu", U(b.too_big));
	balance_clear(&b);
}

static void
bulk(struct sim *s, struct text *t)
{
	const struct sink	*k = &s->sink;

	text_addf(t, "\"bulk\":{\"requests\":%llu,\"gzip_requests\":%llu,\"bad_requests\":%llu,\"bytes\":%llu,\"wire_bytes\":%llu,"
	    "\"items\":%llu,\"documents\":%llu,\"duplicates_409\":%llu,\"repeated_in_request\":%llu,\"refused_400\":%llu,"
	    "\"refused_other\":%llu,\"without_id\":%llu,\"generation\":%u,", U(k->requests), U(k->gzip_requests),
	    U(k->bad_requests), U(k->bytes), U(k->wire_bytes), U(k->items), U(k->created), U(k->duplicates_409),
	    U(k->repeated_in_request), U(k->refused_400), U(k->refused_other), U(k->without_id), k->generation);
	report_balance(s, t, AT_BULK);
	text_addf(t, ",\"kind_conflicts\":%u,\"kind_conflict_paths\":[%s],\"refused_400_samples\":[%s]}", k->kinds.conflicts,
	    text_str(&k->kinds.both), text_str(&k->reasons));
}

static void
files(struct sim *s, struct text *t, const char *folder)
{
	struct filecheck	 f;

	LIT(t, ",\n\"files\":{\"folder\":");
	text_json(t, folder, strlen(folder));
	if (filecheck_run(&f, &s->oracle, folder) == -1) {
		text_addf(t, ",\"error\":\"%s\"}", strerror(errno));
		return;
	}
	text_addf(t, ",\"files\":%llu,\"members\":%llu,\"bytes\":%llu,\"lines\":%llu,\"torn\":%llu,\"torn_where\":[%s],",
	    U(f.files), U(f.members), U(f.bytes), U(f.lines), U(f.torn), text_str(&f.torn_where));
	report_balance(s, t, AT_FILES);
	LIT(t, "}");
	text_clear(&f.torn_where);
}

void
report_write(struct sim *s, const char *folder, struct text *t)
{
	LIT(t, "{\"now\":\"");
	when_millis(t, when_now());
	LIT(t, "\",\n");
	generated(s, t);
	listed(s, t);
	requests(s, t);
	text_addf(t, "\"tokens_issued\":%llu,\"without_publisher\":%llu,\"wide_windows\":%llu,\"throttled\":%llu,\"token_leaks\":%llu,"
	    "\"trap_requests\":%llu,\n", U(s->tokens.issued), U(s->without_publisher), U(s->wide_windows), U(s->throttled), U(s->token_leaks),
	    U(s->trap_requests));
	bulk(s, t);
	LIT(t, ",\n");
	hec_report(s, t);
	if (folder != NULL)
		files(s, t, folder);
	LIT(t, ",\n");
	graph_report(s, folder != NULL, t);
	LIT(t, "}\n");
}
