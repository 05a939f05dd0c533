/*
 * inflate - gunzips a body piece by piece and tells whether it was all there, on zlib.
 *
 *	BEFORE a member -> INSIDE (zlib: header, data, checksum, length) -> BETWEEN members -> INSIDE ...
 *
 * zlib checks header, checksum and length of one member; what it does not know is that another one may follow. Between
 * members only the two magic bytes of a next one are allowed: anything else behind the end is corrupt.
 */
#include "net/inflate.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "base/buf.h"
#include "base/xalloc.h"

#define GZIP_ONLY	(16 + MAX_WBITS)	/* zlib: a gzip header is required */
#define PIECE		((size_t)16 * 1024)

enum state { BEFORE, INSIDE, BETWEEN, BROKEN };

struct inflate {
	enum inflate_coding	 coding;
	enum state		 state;
	const char		*trouble;
	z_stream		 z;
};

struct inflate *
inflate_new(enum inflate_coding coding)
{
	struct inflate	*i = xcalloc(1, sizeof(*i));

	i->coding = coding;
	i->trouble = "the body is empty";
	if (coding == INFLATE_GZIP && inflateInit2(&i->z, GZIP_ONLY) != Z_OK)
		no_memory("zlib");
	return i;
}

void
inflate_free(struct inflate *i)
{
	if (i == NULL)
		return;
	if (i->coding == INFLATE_GZIP)
		inflateEnd(&i->z);
	free(i);
}

static int
broken(struct inflate *i, const char *trouble)
{
	i->state = BROKEN;
	i->trouble = trouble;
	return -1;
}

static int
pass_through(const char *in, size_t in_len, size_t *in_used, char *out, size_t out_size, size_t *out_len)
{
	size_t	 n = in_len - *in_used;

	if (n > out_size)
		n = out_size;
	if (n > 0)
		memcpy(out, in + *in_used, n);
	*in_used += n;
	*out_len = n;
	return 0;
}

static uInt
zlib_len(size_t n)
{
	return n > UINT_MAX ? UINT_MAX : (uInt)n;
}

/* One step of zlib; moves *in_used and *out_len. */
static int
step(struct inflate *i, const char *in, size_t in_len, size_t *in_used, char *out, size_t out_size, size_t *out_len)
{
	const Bytef	*from = (const Bytef *)in + *in_used;
	Bytef		*to = (Bytef *)out + *out_len;
	int		 rc;

	i->z.next_in = from;
	i->z.avail_in = zlib_len(in_len - *in_used);
	i->z.next_out = to;
	i->z.avail_out = zlib_len(out_size - *out_len);
	rc = inflate(&i->z, Z_NO_FLUSH);
	*in_used += (size_t)(i->z.next_in - from);
	*out_len += (size_t)(i->z.next_out - to);
	return rc;
}

static void
next_member(struct inflate *i)
{
	if (i->state == BETWEEN && inflateReset(&i->z) != Z_OK)
		abort();
	i->state = INSIDE;
	i->trouble = "the gzip body ends too early";
}

int
inflate_more(struct inflate *i, const char *in, size_t in_len, size_t *in_used, char *out, size_t out_size,
    size_t *out_len)
{
	*out_len = 0;
	if (in == NULL)
		in = "";
	if (i->coding == INFLATE_IDENTITY)
		return pass_through(in, in_len, in_used, out, out_size, out_len);
	if (i->state == BROKEN)
		return -1;
	for (;;) {
		if (i->state != INSIDE) {
			if (*in_used == in_len)
				return 0;
			if ((unsigned char)in[*in_used] != 0x1f)
				return broken(i, i->state == BEFORE ? "the body is not gzip" : "bytes follow the end of the gzip body");
			next_member(i);
		}
		switch (step(i, in, in_len, in_used, out, out_size, out_len)) {
		case Z_STREAM_END:
			i->state = BETWEEN;
			i->trouble = "";
			continue;
		case Z_OK:
		case Z_BUF_ERROR:	/* all in, or no more room: it goes as far as it can in one step */
			return 0;
		case Z_NEED_DICT:
		case Z_DATA_ERROR:
			return broken(i, "the gzip body is corrupt");
		case Z_MEM_ERROR:
			no_memory("zlib");
		default:
			abort();	/* our own mistake */
		}
	}
}

int
inflate_whole(const struct inflate *i)
{
	return i->coding == INFLATE_IDENTITY || i->state == BETWEEN;
}

const char *
inflate_trouble(const struct inflate *i)
{
	return i->coding == INFLATE_IDENTITY ? "" : i->trouble;
}

int
inflate_all(enum inflate_coding coding, const char *in, size_t in_len, size_t max, struct buf *out)
{
	struct inflate	*i = inflate_new(coding);
	size_t		 begin = out->len, used = 0, n;
	char		 piece[PIECE];
	int		 rc = -1;

	do {
		if (inflate_more(i, in, in_len, &used, piece, sizeof(piece), &n) == -1 || n > max - (out->len - begin))
			goto out;
		buf_add(out, piece, n);
		if (buf_failed(out))
			goto out;
	} while (used < in_len || n == sizeof(piece));
	rc = inflate_whole(i) ? 0 : -1;
out:
	if (rc == -1)
		buf_cut(out, begin);
	inflate_free(i);
	return rc;
}
