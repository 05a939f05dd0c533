/*
 * crash - the forwarder as it would be with a fault in its mapping: some records kill the worker that takes them up.
 *
 * Linked with --wrap=norm_event. A record that holds "m365fwd-dies-of:segv" (or abrt) does that, in the schema that maps.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/held.h"
#include "norm/norm.h"

void	 __real_norm_event(struct norm *, enum schema, const struct norm_source *, const struct record *, struct buf *);
void	 __wrap_norm_event(struct norm *, enum schema, const struct norm_source *, const struct record *, struct buf *);

/* Built with AddressSanitizer, the handlers are to be ours all the same. */
const char	*__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0";
}

static void
die(const char *of)
{
	if (strncmp(of, "segv", 4) == 0)
		*(volatile char *)mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) = 1;
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
