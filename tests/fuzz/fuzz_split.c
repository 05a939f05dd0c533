/*
 * fuzz_split - any bytes, cut anywhere: never a crash, and the same elements however the pieces fall.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "collect/split.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
take_record(void *arg, const struct record *r)
{
	uint64_t	*h = arg;

	*h = hash64(r->bytes, r->len, *h + r->ordinal);
	*h = hash64(r->id, sizeof(r->id), *h);
}

static void
take_bad(void *arg, const struct split_bad *b)
{
	uint64_t	*h = arg;

	*h = hash64(b->id, sizeof(b->id), *h + b->ordinal);
	*h = hash64(b->record_id, strlen(b->record_id), *h);
}

static enum split_state
run(const char *p, size_t len, size_t piece, uint64_t *h)
{
	struct identity_names	 names = { "11111111-2222-3333-4444-555555555555", "audit", "c", "Id", "CreationTime", 0 };
	struct split_to		 to = { take_record, take_bad, h };
	struct split		*s = split_new(&names, 300, &to);
	enum split_state	 state;

	for (size_t at = 0; at < len; at += piece)
		split_feed(s, p + at, len - at < piece ? len - at : piece);
	state = split_finish(s);
	split_free(s);
	return state;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	uint64_t	 whole = 1, pieces = 1;

	if (len == 0)
		return 0;
	if (run((const char *)p, len, len, &whole) != run((const char *)p, len, 1 + p[0] % 17, &pieces) || whole != pieces)
		abort();
	return 0;
}
