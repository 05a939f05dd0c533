/*
 * daemon_firsts - record types and operations that were never seen before: remembered in the store, counted, said.
 *
 * They are forwarded like all others; what is new about them is that no mapping, dashboard or rule may know them yet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/firsts.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "daemon_in.h"
#include "norm/norm.h"

#define SETTLING_MS ((int64_t)24 * 3600 * 1000)	/* in a new state directory everything is new: a day long nothing is said */

static void
known(void *arg, const char *key)
{
	(void)arg;
	firsts_learn(key);
}

int
firsts_open(struct daemon *d, struct err *e)
{
	char	 since[RFC3339_SIZE];
	int	 found;

	if (store_firsts(d->store, known, NULL, e) == -1)
		return -1;
	if ((found = store_meta(d->store, "firsts-since", since, sizeof(since), e)) == -1)
		return -1;
	if (!found || rfc3339_parse(since, strlen(since), &d->firsts_since_ms, NULL) == -1)
		d->firsts_since_ms = 0;
	return 0;
}

/* "audit|999|Op": is 999 a type that this version has no name for? */
static int
is_unknown_type(const char *key)
{
	const char	*type = key + 6;

	return strncmp(key, "audit|", 6) == 0 && *type >= '0' && *type <= '9' && norm_type_name(atoi(type)) == NULL;
}

static void
begin(struct daemon *d)
{
	char	 text[RFC3339_SIZE];

	d->firsts_since_ms = clock_wall_ms();
	store_meta_set(d->store, "firsts-since", rfc3339_text(d->firsts_since_ms, 0, text));
}

void
firsts_tell(struct daemon *d)
{
	struct first	*f = firsts_take(), *next;
	char		 text[RFC3339_SIZE], key[FIRSTS_KEY + 8];
	unsigned	 n = 0, types = 0;

	if (f == NULL)
		return;
	if (d->firsts_since_ms == 0)
		begin(d);
	for (; f != NULL; f = next) {
		next = f->next;
		types += (unsigned)is_unknown_type(f->key);
		count(C_FIRSTS, 1, is_unknown_type(f->key) ? "unknown" : "known", NULL, NULL);
		snprintf(key, sizeof(key), "first|%s", f->key);
		store_meta_set(d->store, key, rfc3339_text(clock_wall_ms(), 0, text));
		free(f);
		n++;
	}
	if (types > 0)
		log_info("record-type-unknown", "record types without a name in this version, seen for the first time: n=%u; they are "
		    "forwarded whole, m365fwd status shows them", types);
	else if (clock_wall_ms() - d->firsts_since_ms > SETTLING_MS)
		log_info("record-kind-new", "record types or operations seen for the first time: n=%u; they are forwarded whole, m365fwd "
		    "status shows them", n);
	if (firsts_full())
		log_warn("record-kinds-full", "over %d record types and operations: new ones are no longer noticed", FIRSTS_MAX);
}
