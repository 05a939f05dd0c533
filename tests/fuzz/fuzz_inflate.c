/*
 * fuzz_inflate - any bytes as a gzip body, fed in pieces of any size: never a crash, never more than there is room for, the same
 * plain bytes and the same verdict however the pieces fall.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "net/inflate.h"

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define PLAIN_MAX (1 << 20)		/* a bomb is cut off here, as a caller would */

/* 1: whole, 0: not, -1: corrupt; *h is the hash of what came out. */
static int
run(const char *in, size_t len, size_t piece, size_t room, uint64_t *h)
{
	struct inflate	*i = inflate_new(INFLATE_GZIP);
	char		 out[4096];
	size_t		 total = 0, n, used;
	int		 rc = 0;

	*h = 1;
	for (size_t at = 0; at < len && rc == 0 && total < PLAIN_MAX; at += piece) {
		size_t	 have = len - at < piece ? len - at : piece;

		used = 0;
		do {
			n = 0;
			if ((rc = inflate_more(i, in + at, have, &used, out, room, &n)) == -1)
				break;
			if (n > room || used > have)
				abort();
			for (size_t k = 0; k < n; k++)
				*h = hash64(out + k, 1, *h);
			total += n;
		} while ((used < have || n == room) && total < PLAIN_MAX);
	}
	if (rc == 0)
		rc = total < PLAIN_MAX ? inflate_whole(i) : 2;
	inflate_free(i);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	uint64_t	 a, b;
	int		 whole, pieces;

	if (len == 0)
		return 0;
	whole = run((const char *)p, len, len, 4096, &a);
	pieces = run((const char *)p, len, 1 + p[len - 1] % 13, 1 + p[0] % 64, &b);
	if (whole == 2 || pieces == 2)
		return 0;			/* where a bomb is cut off may differ */
	if ((whole == 1) != (pieces == 1) || (whole == 1 && a != b))
		abort();
	return 0;
}
