/*
 * control - /sim/...: what a test says to the simulator, and what it asks.
 */
#include <stdlib.h>

#include "sim.h"
#include "when.h"

#define JSON_TYPE "application/json"

static void
reply(struct request *r, int status, struct text *t)
{
	answer(r, status, JSON_TYPE, t->bytes, t->len);
	text_clear(t);
}

static void
say(struct request *r, int status, const char *name, const char *what)
{
	struct text	 t = { NULL, 0, 0 };

	text_addf(&t, "{\"%s\":", name);
	text_json(&t, what, strlen(what));
	LIT(&t, "}\n");
	reply(r, status, &t);
}

static void
ready(struct sim *s, struct request *r)
{
	struct text	 t = { NULL, 0, 0 };

	text_addf(&t, "{\"ready\":true,\"port\":%d,\"tls_port\":%d,\"trap_port\":%d,\"blobs\":%zu,\"now\":\"", s->port,
	    s->tls_port, s->trap_port, s->blobs.n);
	when_millis(&t, when_now());
	LIT(&t, "\",\"clock\":\"");
	when_share(&t);
	LIT(&t, "\"}\n");
	reply(r, 200, &t);
}

static void
report(struct sim *s, struct request *r)
{
	struct text	 folder = { NULL, 0, 0 }, t = { NULL, 0, 0 };
	int		 have = query_value(r, "files", &folder);

	report_write(s, have ? folder.bytes : NULL, &t);
	text_clear(&folder);
	reply(r, 200, &t);
}

static void
faults(struct sim *s, struct request *r)
{
	struct text	 t = { NULL, 0, 0 };

	fault_json(&s->faults, &t);
	reply(r, 200, &t);
}

static void
set_fault(struct sim *s, struct request *r)
{
	struct text	 spec = { NULL, 0, 0 }, why = { NULL, 0, 0 };
	int		 rc = -1;

	if (query_value(r, "set", &spec))
		rc = fault_set(&s->faults, spec.bytes, &why);
	else if (query_value(r, "clear", &spec))
		rc = fault_clear(&s->faults, spec.bytes, &why);
	else
		LIT(&why, "set= or clear= is missing");
	if (rc == -1)
		say(r, 400, "error", text_str(&why));
	else
		say(r, 200, "ok", text_str(&spec));
	text_clear(&spec);
	text_clear(&why);
}

static void
recent(struct sim *s, struct request *r)
{
	struct text	 t = { NULL, 0, 0 };
	size_t		 i, n = s->nlog < NLOG ? s->nlog : NLOG;

	LIT(&t, "[");
	for (i = 0; i < n; i++) {
		const struct line	*l = &s->log[(s->nlog - n + i) % NLOG];

		text_adds(&t, i ? ",\n{\"at\":\"" : "\n{\"at\":\"");
		when_millis(&t, l->at);
		text_addf(&t, "\",\"kind\":\"%s\",\"status\":%d,\"request\":", l->kind, l->status);
		text_json(&t, l->what, strlen(l->what));
		LIT(&t, "}");
	}
	LIT(&t, "\n]\n");
	reply(r, 200, &t);
}

static void
reset_sink(struct sim *s, struct request *r)
{
	struct sink	*k = &s->sink;
	FILE		*dump = k->dump;

	keytab_clear(&k->docs);
	keytab_clear(&k->ids);
	keytab_clear(&k->kinds.paths);
	free(k->kinds.seen);
	text_clear(&k->kinds.both);
	text_clear(&k->reasons);
	memset(k, 0, sizeof(*k));
	k->dump = dump;
	oracle_forget(&s->oracle, AT_BULK);
	hec_reset(s);
	say(r, 200, "ok", "the sinks are empty");
}

/* The test killed the sender: what came in its last N requests may come again. */
static void
sender_died(struct sim *s, struct request *r)
{
	struct text	 t = { NULL, 0, 0 };
	long		 last = 1;

	if (query_value(r, "last", &t))
		last = strtol(t.bytes, NULL, 10);
	text_clear(&t);
	http_new_age(&s->server);
	hec_died(s, (unsigned)last);
	say(r, 200, "ok", "its last requests may come again");
}

static void
list_blobs(struct sim *s, struct request *r)
{
	struct text	 t = { NULL, 0, 0 };
	size_t		 i;

	LIT(&t, "[");
	for (i = 0; i < s->blobs.n; i++) {
		const struct blob	*b = s->blobs.all[i];

		text_addf(&t, "%s\n{\"number\":%u,\"contentType\":\"%s\",\"contentId\":\"", i ? "," : "", b->number,
		    content_name[b->content]);
		blob_id(b, &t);
		LIT(&t, "\",\"contentCreated\":\"");
		when_millis(&t, b->created);
		text_addf(&t, "\",\"records\":%u,\"listed\":%s,\"fetches\":%u,\"served\":%u}", b->records,
		    b->listings ? "true" : "false", b->fetches, b->served);
	}
	LIT(&t, "\n]\n");
	reply(r, 200, &t);
}

/* One live blob now: content=Audit.Exchange&records=N. */
static void
add_blob(struct sim *s, struct request *r)
{
	struct text	 t = { NULL, 0, 0 };
	int		 content = EXCHANGE;
	long		 n = s->opt.blob_size;
	struct blob	*b;

	if (query_value(r, "content", &t))
		content = content_find(t.bytes);
	if (query_value(r, "records", &t))
		n = strtol(t.bytes, NULL, 10);
	text_clear(&t);
	if (content == -1 || n < 0 || n > 10000000) {
		say(r, 400, "error", "content or records is not right");
		return;
	}
	b = blobs_live(&s->blobs, (enum content)content, (uint32_t)n);
	text_addf(&t, "{\"number\":%u,\"contentId\":\"", b->number);
	blob_id(b, &t);
	LIT(&t, "\"}\n");
	reply(r, 200, &t);
}

static void
set_rate(struct sim *s, struct request *r)
{
	struct text	 t = { NULL, 0, 0 };

	if (query_value(r, "rate", &t)) {
		s->opt.rate = strtod(t.bytes, NULL);
		s->live_from = s->live_last = when_now();
		s->live_owed = 0;
	}
	text_clear(&t);
	text_addf(&t, "{\"rate\":%g}\n", s->opt.rate);
	reply(r, 200, &t);
}

/* Roles of Graph in the tokens issued from now on; or start the usage figures anew. */
static void
set_graph(struct sim *s, struct request *r)
{
	struct text	 t = { NULL, 0, 0 };

	if (query_value(r, "roles", &t)) {
		struct list	*all = &s->graph.all_roles;	/* tokens point at the old ones */

		all->items = sim_grow(all->items, all->n + 1, sizeof(*all->items));
		s->graph.roles = all->items[all->n++] = sim_copy(t.bytes, t.len);
	}
	text_clear(&t);
	if (query_value(r, "usage", &t))
		graph_usage_reset(&s->graph);
	text_clear(&t);
	text_addf(&t, "{\"roles\":\"%s\"}\n", s->graph.roles);
	reply(r, 200, &t);
}

static const struct {
	const char	*method;
	const char	*path;
	void		(*serve)(struct sim *, struct request *);
} doors[] = {
	{ "GET", "/sim/ready", ready },
	{ "GET", "/sim/report", report },
	{ "GET", "/sim/faults", faults },
	{ "POST", "/sim/fault", set_fault },
	{ "GET", "/sim/log", recent },
	{ "GET", "/sim/blobs", list_blobs },
	{ "POST", "/sim/blob", add_blob },
	{ "POST", "/sim/answer", script_set_answer },
	{ "POST", "/sim/links", script_set_links },
	{ "GET", "/sim/links", script_set_links },
	{ "POST", "/sim/rate", set_rate },
	{ "POST", "/sim/graph", set_graph },
	{ "POST", "/sim/reset-sink", reset_sink },
	{ "POST", "/sim/sender-died", sender_died },
};

void
control_serve(struct sim *s, struct request *r)
{
	size_t	 i;

	r->kind = "sim";
	for (i = 0; i < sizeof(doors) / sizeof(doors[0]); i++) {
		if (strcmp(doors[i].path, r->path) == 0 && strcmp(doors[i].method, r->method) == 0) {
			doors[i].serve(s, r);
			return;
		}
	}
	say(r, 404, "error", "no such call; see doc/simulator.md");
}
