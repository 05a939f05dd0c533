/*
 * balance - do the tallies agree? stored = delivered + dead + dropped + owed, per feed and hour, by count, XOR and sum.
 */
#include "balance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"

struct balance_cell {
	char			 key[256];	/* tenant, feed, hour */
	int64_t			 n;
	unsigned __int128	 x, s;
};

static struct balance_cell *
cell_of(struct balance *b, const char *tenant, const char *feed, const char *hour)
{
	char	 key[256];

	snprintf(key, sizeof(key), "%s %s %s", tenant, feed, hour);
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->cells[i].key, key) == 0)
			return &b->cells[i];
	b->cells = xreallocarray(b->cells, b->n + 1, sizeof(*b->cells));
	memset(&b->cells[b->n], 0, sizeof(*b->cells));
	memcpy(b->cells[b->n].key, key, sizeof(key));
	return &b->cells[b->n++];
}

static unsigned __int128
hex128(const char *text)
{
	unsigned __int128	 v = 0;

	for (; *text != '\0'; text++)
		v = v << 4 | (unsigned)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
	return v;
}

static unsigned __int128
id128(const uint8_t id[16])
{
	unsigned __int128	 v = 0;

	for (int i = 0; i < 16; i++)
		v = v << 8 | id[i];
	return v;
}

static void
weigh(struct balance *b, const cJSON *t)
{
	const char		*who = json_tree_str(t, "who"), *of = strchr(who, ':');
	struct balance_cell	*c;
	unsigned __int128	 sum = hex128(json_tree_str(t, "sum"));
	int64_t			 n = (int64_t)cJSON_GetObjectItem(t, "n")->valuedouble;

	if (strcmp(who, "stored") != 0 && (of == NULL || strcmp(of + 1, b->output) != 0))
		return;
	c = cell_of(b, json_tree_str(t, "tenant"), json_tree_str(t, "feed"), json_tree_str(t, "hour"));
	c->n += of == NULL ? n : -n;
	c->s += of == NULL ? sum : -sum;
	c->x ^= hex128(json_tree_str(t, "xor"));
}

int
balance_tallies(struct balance *b, char *text)
{
	char	*line, *rest;
	cJSON	*t;

	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		if ((t = json_tree(line, strlen(line), 1 << 16)) == NULL)
			return -1;
		weigh(b, t);
		cJSON_Delete(t);
	}
	return 0;
}

void
balance_owed(struct balance *b, const char *tenant, const char *feed, const struct peeked *p)
{
	struct record	 r;
	size_t		 at = 0;

	for (uint32_t pos = 0; record_next(p->body.bytes, p->body.len, &at, &r) == 1; pos++) {
		char			 hour[RFC3339_SIZE];
		struct balance_cell	*c;

		if (p->done != NULL && (p->done[pos / 8] >> pos % 8 & 1))
			continue;
		c = cell_of(b, tenant, feed, rfc3339_text((r.second / 3600 - (r.second % 3600 < 0)) * 3600000, 3, hour));
		c->n--;
		c->s -= id128(r.id);
		c->x ^= id128(r.id);
	}
}

const char *
balance_off(const struct balance *b)
{
	static char	 what[400];

	for (size_t i = 0; i < b->n; i++) {
		const struct balance_cell	*c = &b->cells[i];

		if (c->n == 0 && c->x == 0 && c->s == 0)
			continue;
		snprintf(what, sizeof(what), "%s %s: n=%lld xor%s sum%s", b->output, c->key, (long long)c->n,
		    c->x == 0 ? "=0" : "!=0", c->s == 0 ? "=0" : "!=0");
		return what;
	}
	return NULL;
}

size_t
balance_hours(const struct balance *b)
{
	return b->n;
}

void
balance_clear(struct balance *b)
{
	free(b->cells);
	b->cells = NULL;
	b->n = 0;
}
