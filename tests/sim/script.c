/*
 * script - answers and links word for word, as a test gave them, in place of what would have been said.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sim.h"

#define JSON_TYPE "application/json"

static const char *const linked_names[NLINKED] = { "content", "next", "graph" };

static void
reply(struct request *r, int status, const char *json)
{
	answer_text(r, status, JSON_TYPE, json);
}

static double
number(const struct request *r, const char *name, double otherwise)
{
	struct text	 t = { NULL, 0, 0 };
	double		 n = query_value(r, name, &t) ? strtod(t.bytes, NULL) : otherwise;

	text_clear(&t);
	return n;
}

/* --- answers --- */

static void
forget_answers(struct script *x)
{
	struct said	*a;

	while ((a = x->said) != NULL) {
		x->said = a->next;
		free(a->to);
		text_clear(&a->bytes);
		free(a);
	}
}

/* The body is the answer, from the status line on: ?to=WORD&times=N&end=keep|close|reset|hold&slow=BYTES&after=SECONDS. */
void
script_set_answer(struct sim *s, struct request *r)
{
	static const char *const ends[] = { "keep", "close", "reset", "hold" };
	struct said		*a, **at = &s->script.said;
	struct text		 to = { NULL, 0, 0 }, end = { NULL, 0, 0 };

	if (query_value(r, "clear", &to)) {
		text_clear(&to);
		forget_answers(&s->script);
		reply(r, 200, "{\"ok\":\"clear\"}\n");
		return;
	}
	if (!query_value(r, "to", &to)) {
		reply(r, 400, "{\"error\":\"to= is missing\"}\n");
		return;
	}
	a = sim_alloc(1, sizeof(*a));
	a->to = to.bytes;
	a->times = (long)number(r, "times", 1);
	a->slow = (int)number(r, "slow", 0);
	a->after = number(r, "after", 0);
	a->end = CLOSE;
	if (query_value(r, "end", &end))
		for (int i = 0; i < 4; i++)
			if (strcmp(ends[i], end.bytes) == 0)
				a->end = i;
	text_clear(&end);
	text_add(&a->bytes, r->body.bytes, r->body.len);
	while (*at != NULL)
		at = &(*at)->next;
	*at = a;
	reply(r, 200, "{\"ok\":\"answer\"}\n");
}

int
script_answers(struct sim *s, struct request *r)
{
	struct said	*a;
	const char	*status;

	for (a = s->script.said; a != NULL; a = a->next)
		if (a->times != 0 && strstr(r->target, a->to) != NULL)
			break;
	if (a == NULL)
		return 0;
	r->kind = "scripted";
	if (a->after > 0 && r->rounds == 0) {
		answer_later(r, a->after);
		return 1;
	}
	if (a->times > 0)
		a->times--;
	s->script.answered++;
	r->slow = a->slow;
	status = a->bytes.len > 9 ? a->bytes.bytes + 9 : "0";
	answer_raw(r, (int)strtol(status, NULL, 10), a->bytes.bytes, a->bytes.len, (enum ending)a->end);
	return 1;
}

/* --- links --- */

static int
hex(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* {NAME} becomes what it is here, \r \n \t \\ and \xNN a byte. */
static void
spell(const struct sim *s, const struct request *r, enum linked where, const char *line, struct text *t)
{
	struct text	 here = { NULL, 0, 0 };
	const char	*host, *port;
	size_t		 n;

	origin(r, &here);
	host = strstr(here.bytes, "://") + 3;
	port = strchr(host, ':');
	for (; *line != '\0'; line++) {
		if (*line == '\\' && line[1] != '\0') {
			line++;
			if (*line == 'x' && line[1] != '\0' && line[2] != '\0') {
				text_addc(t, (char)(hex(line[1]) << 4 | hex(line[2])));
				line += 2;
			} else
				text_addc(t, *line == 'r' ? '\r' : *line == 'n' ? '\n' : *line == 't' ? '\t' : *line);
			continue;
		}
		n = *line == '{' ? strcspn(line, "}") : 0;
#define IS(name) (n == sizeof(name) - 2 && strncmp(line, name, n) == 0)
		if (IS("{ORIGIN}"))
			text_adds(t, here.bytes);
		else if (IS("{SCHEME}"))
			text_adds(t, r->tls ? "https" : "http");
		else if (IS("{OTHER}"))
			text_adds(t, r->tls ? "http" : "https");
		else if (IS("{HOST}"))
			text_add(t, host, port != NULL ? (size_t)(port - host) : strlen(host));
		else if (IS("{PORT}"))
			text_adds(t, port != NULL ? port : r->tls ? ":443" : ":80");
		else if (IS("{FEED}") && where == IN_GRAPH)
			text_addf(t, "%.*s", (int)(strrchr(r->path, '/') - r->path) + 1, r->path);
		else if (IS("{FEED}"))
			text_addf(t, "/api/v1.0/%s/activity/feed/", s->opt.tenant);
		else if (IS("{TENANT}"))
			text_adds(t, s->opt.tenant);
		else {
			text_addc(t, *line);
			continue;
		}
#undef IS
		line += n;
	}
	text_clear(&here);
}

static void
forget_links(struct links *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->all[i]);
	free(l->all);
	*l = (struct links){ NULL, 0, 0 };
}

static void
tell_links(struct sim *s, struct request *r)
{
	struct text	 t = { NULL, 0, 0 };

	LIT(&t, "{");
	for (int i = 0; i < NLINKED; i++)
		text_addf(&t, "\"%s\":{\"all\":%zu,\"used\":%zu},", linked_names[i], s->script.links[i].n, s->script.links[i].used);
	text_addf(&t, "\"hostile_asked\":%llu,\"answered\":%llu}\n", (unsigned long long)s->script.hostile,
	    (unsigned long long)s->script.answered);
	answer(r, 200, JSON_TYPE, t.bytes, t.len);
	text_clear(&t);
}

/* POST ?in=content|next|graph: the body has a link on each line. GET: how many were used. */
void
script_set_links(struct sim *s, struct request *r)
{
	struct text	 in = { NULL, 0, 0 };
	struct links	*l = NULL;
	char		*line, *rest = r->body.bytes;

	if (strcmp(r->method, "POST") == 0 && query_value(r, "in", &in))
		for (int i = 0; i < NLINKED; i++)
			if (strcmp(linked_names[i], in.bytes) == 0)
				l = &s->script.links[i];
	text_clear(&in);
	if (l != NULL) {
		forget_links(l);
		while (r->body.len > 0 && (line = strsep(&rest, "\n")) != NULL) {
			if (rest == NULL && *line == '\0')
				break;
			l->all = sim_grow(l->all, l->n + 1, sizeof(*l->all));
			l->all[l->n++] = sim_copy(line, strlen(line));
		}
	}
	tell_links(s, r);
}

int
script_link(struct sim *s, const struct request *r, enum linked where, struct text *t)
{
	struct links	*l = &s->script.links[where];

	if (l->used == l->n)
		return 0;
	spell(s, r, where, l->all[l->used++], t);
	return 1;
}
