/*
 * crash - the forwarder as it would be with a fault in its mapping: some records kill the worker that takes them up.
 *
 * Linked with --wrap=norm_event. A record that holds "m365fwd-dies-of:segv" (fpe, abrt) does that, in the schema that maps.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/held.h"
#include "norm/norm.h"

void	 __real_norm_event(struct norm *, enum schema, const struct norm_source *, const struct record *, struct buf *);
void	 __wrap_norm_event(struct norm *, enum schema, const struct norm_source *, const struct record *, struct buf *);

static void
die(const char *of)
{
	volatile int	 zero = 0, *volatile nowhere = NULL;

	if (strncmp(of, "segv", 4) == 0)
		*nowhere = 1;
	else if (strncmp(of, "fpe", 3) == 0)
		*nowhere = 1 / zero;
	else
		abort();
}

void
__wrap_norm_event(struct norm *n, enum schema schema, const struct norm_source *source, const struct record *r, struct buf *out)
{
	static const char	 mark[] = "m365fwd-dies-of:";
	const char		*at = memmem(r->bytes, r->len, mark, sizeof(mark) - 1);

	if (at != NULL && schema == SCHEMA_ECS) {
		held_at(r);
		die(at + sizeof(mark) - 1);
	}
	__real_norm_event(n, schema, source, r, out);
}
