/*
 * fault - what can go wrong, as one table; which of it is on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fault.h"
#include "rng.h"

enum kind { FLAG, PERCENT, NUMBER, BLOB };

static const struct {
	const char	*name;
	enum kind	 kind;
	double		 dflt;
	const char	*help;
} rows[NFAULTS] = {
#define FAULT(sym, name, kind, dflt, help) [F_##sym] = { name, kind, dflt, help },
#include "faults.def"
#undef FAULT
};

static const char *const kind_names[] = { "-", "percent", "number", "blob" };

static int
find(const char *name, size_t len)
{
	int	 i;

	for (i = 0; i < NFAULTS; i++)
		if (strlen(rows[i].name) == len && strncmp(rows[i].name, name, len) == 0)
			return i;
	return -1;
}

int
fault_set(struct faults *f, const char *spec, struct text *why)
{
	const char		*colon = strchr(spec, ':');
	struct fault_state	*s;
	char			*end = NULL;
	double			 arg;
	int64_t			 times = -1;
	int			 at = find(spec, colon != NULL ? (size_t)(colon - spec) : strlen(spec));

	if (at == -1) {
		text_addf(why, "no such fault: %s", spec);
		return -1;
	}
	arg = rows[at].dflt;
	if (colon != NULL && colon[1] != ':' && colon[1] != '\0') {
		arg = strtod(colon + 1, &end);
		if (end == colon + 1 || (*end != ':' && *end != '\0') || arg < 0) {
			text_addf(why, "not a number: %s", spec);
			return -1;
		}
		colon = *end == ':' ? end : NULL;
	} else if (colon != NULL) {
		colon = colon[1] == ':' ? colon + 1 : NULL;
	}
	if (colon != NULL)
		times = strtoll(colon + 1, NULL, 10);
	s = &f->of[at];
	if (rows[at].kind == BLOB) {
		if (arg < 1) {
			text_addf(why, "%s needs a blob's number", rows[at].name);
			return -1;
		}
		s->blobs = sim_grow(s->blobs, s->nblobs + 1, sizeof(*s->blobs));
		s->blobs[s->nblobs++] = (uint32_t)arg;
	}
	s->on = 1;
	s->arg = arg;
	s->times = times;
	if (f->began != NULL && f->began(f->began_arg, (enum fault)at, arg)) {
		s->on = 0;
		s->hits++;
	}
	return 0;
}

int
fault_clear(struct faults *f, const char *name, struct text *why)
{
	int	 i, all = strcmp(name, "all") == 0, at = all ? 0 : find(name, strcspn(name, ":"));

	if (at == -1) {
		text_addf(why, "no such fault: %s", name);
		return -1;
	}
	for (i = 0; i < NFAULTS; i++) {
		if (all || i == at) {
			f->of[i].on = 0;
			f->of[i].nblobs = 0;
		}
	}
	return 0;
}

int
fault_on(const struct faults *f, enum fault which)
{
	return f->of[which].on;
}

static int
strike(struct fault_state *s)
{
	s->hits++;
	if (s->times > 0 && --s->times == 0)
		s->on = 0;
	return 1;
}

int
fault_hit(struct faults *f, enum fault which)
{
	struct fault_state	*s = &f->of[which];

	if (!s->on)
		return 0;
	s->draws++;
	if (rows[which].kind == PERCENT &&
	    !percent_of(rng_mix(rng_mix(f->seed, (uint64_t)which + 1), s->draws), s->arg))
		return 0;
	return strike(s);
}

int
fault_hit_for(struct faults *f, enum fault which, uint64_t hash)
{
	struct fault_state	*s = &f->of[which];

	if (!s->on || !percent_of(rng_mix(rng_mix(f->seed, (uint64_t)which + 1), hash), s->arg))
		return 0;
	return strike(s);
}

int
fault_blob_on(const struct faults *f, enum fault which, uint32_t number)
{
	const struct fault_state	*s = &f->of[which];
	size_t				 i;

	for (i = 0; s->on && i < s->nblobs; i++)
		if (s->blobs[i] == number)
			return 1;
	return 0;
}

int
fault_blob(struct faults *f, enum fault which, uint32_t number)
{
	return fault_blob_on(f, which, number) && strike(&f->of[which]);
}

double
fault_arg(const struct faults *f, enum fault which)
{
	return f->of[which].arg;
}

void
fault_json(const struct faults *f, struct text *t)
{
	size_t	 k;
	int	 i;

	text_adds(t, "[");
	for (i = 0; i < NFAULTS; i++) {
		const struct fault_state	*s = &f->of[i];

		text_addf(t, "%s\n {\"name\":\"%s\",\"on\":%s,\"kind\":\"%s\",\"default\":%g,\"hits\":%llu", i ? "," : "",
		    rows[i].name, s->on ? "true" : "false", kind_names[rows[i].kind], rows[i].dflt,
		    (unsigned long long)s->hits);
		if (s->on && rows[i].kind == BLOB) {
			text_adds(t, ",\"blobs\":[");
			for (k = 0; k < s->nblobs; k++)
				text_addf(t, "%s%u", k ? "," : "", s->blobs[k]);
			text_adds(t, "]");
		} else if (s->on) {
			text_addf(t, ",\"arg\":%g,\"times_left\":%lld", s->arg, (long long)s->times);
		}
		text_adds(t, ",\"help\":");
		text_json(t, rows[i].help, strlen(rows[i].help));
		text_adds(t, "}");
	}
	text_adds(t, "\n]\n");
}

void
fault_help(struct text *t)
{
	int	 i;

	text_addf(t, "%-26s %-8s %-8s %s\n", "fault", "ARG", "default", "what happens");
	for (i = 0; i < NFAULTS; i++) {
		char	 dflt[24] = "-";

		if (rows[i].kind == PERCENT || rows[i].kind == NUMBER)
			snprintf(dflt, sizeof(dflt), "%g", rows[i].dflt);
		text_addf(t, "%-26s %-8s %-8s %s\n", rows[i].name, kind_names[rows[i].kind], dflt, rows[i].help);
	}
}
