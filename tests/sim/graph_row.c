/*
 * graph_row - a row's bytes, the same each time for the same revision.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph_in.h"
#include "when.h"

void
put_ticks(struct text *t, const char *name, int64_t ticks)
{
	put_raw(t, name, "");
	t->len--;
	text_addc(t, '"');
	when_zoneless(t, ticks / TICKS_MS);
	text_addf(t, ".%07lldZ\",", (long long)(ticks % (1000LL * TICKS_MS)));
}

void
put_enum(struct text *t, const char *name, const struct gcast *c, const char *value)
{
	if (c->row->odd == ODD_ENUM)
		value = c->shown_enums ? "memberOfNextYear" : "unknownFutureValue";
	put_text(t, name, value);
}

/* --- who is who --- */

static void
guid_of(char out[GUID_LEN + 1], uint64_t seed, enum gfeed f, uint32_t slot)
{
	uint64_t	 h = rng_mix(rng_mix(seed, 90u + (uint64_t)f), slot);

	guid_write(out, h, rng_mix(h, 2));
}

static void
row_id(const struct graph *g, enum gfeed f, const struct grow *row, char *out, size_t size)
{
	uint64_t	 seed = (uint64_t)g->opt->seed, h = rng_mix(seed + f, row->slot);
	char		 guid[GUID_LEN + 1];

	guid_of(guid, seed, row->odd == ODD_SHARED_ID && f == G_NONINTERACTIVE ? G_INTERACTIVE : f, row->slot);
	switch (f) {
	case G_ALERTS:
		snprintf(out, size, "da%llu_-%u", (unsigned long long)(h >> 5), row->slot);
		break;
	case G_INCIDENTS:
		snprintf(out, size, "%u", 2972395u + row->slot);
		break;
	case G_RISK:
	case G_RISK_SERVICE:
		snprintf(out, size, "%016llx%016llx%016llx%016llx", (unsigned long long)h, (unsigned long long)rng_mix(h, 1),
		    (unsigned long long)rng_mix(h, 2), (unsigned long long)rng_mix(h, 3));
		break;
	case G_DIRECTORY:
		if (row->slot % 3 == 0 || row->odd == ODD_ID)
			snprintf(out, size, "%s_%s_6X649_%u", row->odd == ODD_ID ? "Device Registration Service" : "Directory",
			    guid, row->slot);
		else
			snprintf(out, size, "%s", guid);
		break;
	default:
		snprintf(out, size, row->odd == ODD_ID ? "%.23s/twelve+1 %u" : "%s", guid, row->slot);
		break;
	}
}

/*
 * The marker names feed, row and revision, so that the oracle needs no table. It stands in a member no mapping knows, as the audit
 * records' marker does:	51e1d1e6-FFRR-4SSS-8SSS-CCCCCCCCCCCC	feed, revision, slot, check digits
 */
void
graph_marker(const struct graph *g, enum gfeed f, const struct grow *row, int revision, char out[GUID_LEN + 1])
{
	uint64_t	 check = rng_mix(rng_mix((uint64_t)g->opt->seed + 17, row->slot), (uint64_t)f * NREVISIONS + (uint64_t)revision);

	snprintf(out, GUID_LEN + 1, "51e1d1e6-%02x%02x-4%03x-8%03x-%012llx", (unsigned)f & 0xff, (unsigned)revision & 0xff,
	    row->slot >> 12 & 0xfff, row->slot & 0xfff, (unsigned long long)(check >> 16));
}

static void (*const families[NGFEEDS])(struct text *, const struct gcast *) = {
	[G_INTERACTIVE] = signin_write, [G_NONINTERACTIVE] = signin_write, [G_SERVICE] = signin_write, [G_MANAGED] = signin_write,
	[G_DIRECTORY] = directory_write, [G_PROVISIONING] = provisioning_write, [G_RISK] = risk_write,
	[G_RISK_SERVICE] = risk_write, [G_ALERTS] = alert_write, [G_INCIDENTS] = incident_write,
};

void
graph_row(const struct graph *g, enum gfeed f, const struct grow *row, int revision, int shown_enums, struct text *t)
{
	struct rng	 r = { rng_mix(rng_mix((uint64_t)g->opt->seed, 300u + (uint64_t)f), row->twin_of ? row->twin_of - 1 : row->slot) };
	struct cast	 cast;
	struct gcast	 c = { &cast, row, f, revision, shown_enums, &r, "" };
	char		 upn[128], marker[GUID_LEN + 1], *colon;

	if (row->bytes != NULL) {
		text_add(t, row->bytes, row->len);
		return;
	}
	cast_draw(&cast, &g->tenant, &r, upn, sizeof(upn));
	if (cast.ip[0] != '[' && (colon = strchr(cast.ip, ':')) != NULL && strchr(colon + 1, ':') == NULL)
		*colon = '\0';				/* Graph gives no ports */
	row_id(g, f, row, c.id, sizeof(c.id));
	graph_marker(g, f, row, revision, marker);
	text_addc(t, '{');
	families[f](t, &c);
	put_text(t, "simRevision", marker);
	if (row->odd == ODD_LONG) {
		put_raw(t, "simLong", "\"");
		t->len--;
		put_opaque(t, &r, 20000 + rng_below(&r, 60000));
		LIT(t, "\",");
	}
	shut(t, "}");
}

/* --- the same, written another way --- */

/* Past one value and the comma behind it, if there is one. */
static const char *
past_member(const char *at, const char *end)
{
	int	 depth = 0, inside = 0;

	for (; at < end; at++) {
		if (inside) {
			if (*at == '\\')
				at++;
			else if (*at == '"')
				inside = 0;
		} else if (*at == '"') {
			inside = 1;
		} else if (*at == '{' || *at == '[') {
			depth++;
		} else if (*at == '}' || *at == ']') {
			depth--;
		} else if (*at == ',' && depth == 0) {
			break;
		}
	}
	return at;
}

static int
is_null(const char *at, const char *end)
{
	return end - at > 5 && memcmp(end - 5, ":null", 5) == 0;
}

void
graph_reshuffle(struct text *t, size_t from, uint64_t how)
{
	const char	*at = t->bytes + from + 1, *end = t->bytes + t->len - 1, *next;
	struct text	 head = { NULL, 0, 0 }, tail = { NULL, 0, 0 };
	size_t		 turn = how % 12, n = 0;

	for (; at < end; at = next + 1, n++) {
		struct text	*to = n < turn ? &tail : &head;

		next = past_member(at, end);
		if (is_null(at, next))
			continue;
		text_add(to, at, (size_t)(next - at));
		text_addc(to, ',');
	}
	t->len = from + 1;
	text_add(t, text_str(&head), head.len);
	text_add(t, text_str(&tail), tail.len);
	shut(t, "}");
	text_clear(&head);
	text_clear(&tail);
}
