/*
 * graph_events - rows of a file, served byte for byte: --graph-events FEED=FILE, one row a line.
 *
 * A row is listed by its own time if that lies within what the service keeps, otherwise by one in the last day: samples are years
 * old. They are there from the start and do not change.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph_in.h"
#include "when.h"

/* The value of a member at the top, without its quotes; simple texts only. */
static int
find_text(const char *line, size_t len, const char *name, const char **value, size_t *value_len)
{
	struct text	 quoted = { NULL, 0, 0 };
	const char	*end = line + len, *at, *shut_at;

	text_json(&quoted, name, strlen(name));
	at = memmem(line, len, quoted.bytes, quoted.len);
	if (at != NULL)
		at += quoted.len;
	text_clear(&quoted);
	while (at != NULL && at < end && (*at == ' ' || *at == ':'))
		at++;
	if (at == NULL || at >= end || *at != '"' || (shut_at = memchr(at + 1, '"', (size_t)(end - at - 1))) == NULL)
		return 0;
	*value = at + 1;
	*value_len = (size_t)(shut_at - at - 1);
	return 1;
}

static int64_t
time_of(const struct graph *g, enum gfeed f, const char *line, size_t len, uint32_t slot)
{
	const char	*v;
	size_t		 n;
	int64_t		 ticks = 0, keeps = (int64_t)(g->opt->graph_history_days * (double)DAY_MS) * TICKS_MS;
	int64_t		 now = g->start * TICKS_MS;

	if (find_text(line, len, gkinds[f].created, &v, &n) && graph_time(&v, &ticks) == 0 && ticks <= now && ticks > now - keeps)
		return ticks;
	return now - (int64_t)(rng_mix(slot, 5) % (20u * 3600)) * 1000 * TICKS_MS - HOUR_MS * TICKS_MS;
}

static void
name_row(struct graph *g, enum gfeed f, struct grow *row, const char *id, size_t len)
{
	int		 fresh;
	uint32_t	 at = keytab_add(&g->names, key_folded('g', id, len), &fresh);

	if (at >= g->named_room) {
		g->named_room = g->named_room ? g->named_room * 2 : 256;
		g->named = sim_grow(g->named, g->named_room, sizeof(*g->named));
	}
	if (!fresh && g->named[at].feed == f)
		row->same = g->named[at].slot + 1;
	g->named[at] = (struct gname){ f, row->slot };
}

static void
one_line(struct graph *g, enum gfeed f, const char *line, size_t len)
{
	struct grow	*row;
	const char	*id;
	size_t		 id_len;

	if (len == 0)
		return;
	row = graph_add(&g->feed[f], f);
	row->created = time_of(g, f, line, len, row->slot);
	row->visible[0] = row->created / TICKS_MS + 1;
	row->bytes = line;
	row->len = len;
	if (find_text(line, len, "id", &id, &id_len))
		name_row(g, f, row, id, id_len);
}

static int
one_file(struct graph *g, enum gfeed f, const char *path)
{
	struct text	 t = { NULL, 0, 0 };		/* stays: the rows point into it */
	FILE		*in = fopen(path, "r");
	size_t		 n;
	char		*at, *nl;

	if (in == NULL) {
		perror(path);
		return -1;
	}
	do {
		n = fread(text_need(&t, 1 << 16), 1, 1 << 16, in);
		t.len += n;
	} while (n > 0);
	fclose(in);
	text_addc(&t, '\n');
	for (at = t.bytes; (nl = memchr(at, '\n', (size_t)(t.bytes + t.len - at))) != NULL; at = nl + 1)
		one_line(g, f, at, (size_t)(nl - at) - (nl > at && nl[-1] == '\r'));
	return 0;
}

int
graph_events(struct graph *g)
{
	size_t	 i;

	for (i = 0; i < g->opt->graph_events.n; i++) {
		const char	*spec = g->opt->graph_events.items[i], *eq = strchr(spec, '=');
		char		 name[64];
		int		 f = -1;

		if (eq != NULL && (size_t)(eq - spec) < sizeof(name)) {
			snprintf(name, sizeof(name), "%.*s", (int)(eq - spec), spec);
			f = gfeed_find(name);
		}
		if (f == -1) {
			fprintf(stderr, "m365sim: --graph-events: %s is not FEED=FILE\n", spec);
			return -1;
		}
		if (one_file(g, (enum gfeed)f, eq + 1) == -1)
			return -1;
	}
	return 0;
}
