/*
 * graph_filter - $filter as these endpoints know it: comparisons with a time, event types, and nothing between them but "and".
 *
 *	filter	= term *( " and " term )
 *	term	= name " " ( "ge" / "le" / "gt" / "lt" / "eq" ) " " time
 *		/ "signInEventTypes/any(t: t eq 'servicePrincipal')", several or-ed within the brackets
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph_in.h"
#include "when.h"

#define BAD "Invalid filter clause"

int
graph_time(const char **at, int64_t *ticks)
{
	char		 whole[20];
	const char	*p = *at;
	int64_t		 ms, part = 0, unit = 1000 * TICKS_MS;

	if (strlen(p) < 20)
		return -1;
	memcpy(whole, p, 19);
	whole[19] = '\0';
	if (when_parse(whole, &ms) == -1)
		return -1;
	p += 19;
	if (*p == '.') {
		if (!isdigit((unsigned char)p[1]))
			return -1;
		for (p++; isdigit((unsigned char)*p); p++)
			if ((unit /= 10) > 0)
				part += (*p - '0') * unit;
	}
	if (*p != 'Z')
		return -1;
	*at = p + 1;
	*ticks = ms * TICKS_MS + part;
	return 0;
}

static const char *
spaces(const char *p)
{
	while (*p == ' ')
		p++;
	return p;
}

static int
word(const char **at, const char *what)
{
	size_t	 n = strlen(what);

	if (strncmp(*at, what, n) != 0)
		return 0;
	*at = spaces(*at + n);
	return 1;
}

/* t: t eq 'a' or t eq 'b') */
static const char *
event_types(struct gquery *q, const char **at, unsigned *types)
{
	char	 lambda[16], name[32];
	int	 used, i;

	if (sscanf(*at, "%15[a-z]:%n", lambda, &used) != 1)
		return BAD;
	*at = spaces(*at + used);
	do {
		if (!word(at, lambda) || !word(at, "eq") || sscanf(*at, "'%31[A-Za-z]'%n", name, &used) != 1)
			return BAD;
		*at = spaces(*at + used);
		for (i = G_INTERACTIVE; i <= G_MANAGED && strcmp(gkinds[i].event_type, name) != 0; i++)
			continue;
		if (i > G_MANAGED)
			return BAD;
		*types |= 1u << i;
		q->feed = (enum gfeed)i;
	} while (word(at, "or"));
	return word(at, ")") ? NULL : BAD;
}

static const char *
bound(struct gquery *q, const char **at, int inclusive_ok, int exclusive_ok)
{
	char	 op[3];
	int64_t	 t;

	if (sscanf(*at, "%2[a-z]", op) != 1 || (*at)[2] != ' ')
		return BAD;
	*at = spaces(*at + 2);
	if (graph_time(at, &t) == -1)
		return BAD;			/* a quoted time, too */
	*at = spaces(*at);
	if (strcmp(op, "ge") == 0 && inclusive_ok) {
		q->from = t;
		q->has_from = 1;
	} else if (strcmp(op, "gt") == 0 && exclusive_ok) {
		q->from = t + 1;
		q->has_from = 1;
	} else if (strcmp(op, "le") == 0 && inclusive_ok) {
		q->to = t;
	} else if (strcmp(op, "lt") == 0) {
		q->to = t - 1;
	} else if (strcmp(op, "eq") == 0 && inclusive_ok) {
		q->from = q->to = t;
		q->has_from = 1;
	} else {
		return BAD;
	}
	return NULL;
}

static const char *
term(struct gquery *q, const char **at, char why[256], unsigned *types)
{
	const struct gkind	*k = &gkinds[q->feed];
	char			 name[64];
	int			 used, provisioning = q->feed == G_PROVISIONING;

	if (sscanf(*at, "%63[A-Za-z0-9_]%n", name, &used) != 1)
		return BAD;
	*at = spaces(*at + used);
	if (strcmp(name, "signInEventTypes") == 0 && k->event_type != NULL && q->beta)
		return word(at, "/any(") ? event_types(q, at, types) : BAD;
	if (strcmp(name, k->created) == 0 || (k->updated != NULL && strcmp(name, k->updated) == 0)) {
		q->by_updated = strcmp(name, k->created) != 0;
		/* Provisioning compares only with gt and lt, sign-ins and their like refuse gt. */
		return bound(q, at, !provisioning, provisioning || k->limit != LIMIT_REPORTING);
	}
	snprintf(why, 256, "Could not find a property named '%s' on type '%s'.", name, k->type);
	return why;
}

const char *
graph_filter(struct gquery *q, const char *filter, char why[256])
{
	const unsigned	 users = 1u << G_INTERACTIVE | 1u << G_NONINTERACTIVE;
	const char	*at = spaces(filter), *bad;
	unsigned	 types = 0;

	do {
		if ((bad = term(q, &at, why, &types)) != NULL)
			return bad;
	} while (word(&at, "and"));
	if (*at != '\0')
		return BAD;
	q->both = types == users;
	if ((types & (types - 1)) != 0 && !q->both)
		return "Invalid filter clause: signInEventTypes of users cannot be combined with others.";
	return NULL;
}
