/*
 * test_net_inflate - a gzip body is whole, or it is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "net/inflate.h"

static void
gzip_add(struct buf *to, const char *plain, size_t len, int level)
{
	z_stream	 z = { 0 };
	unsigned char	 out[4096];

	assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)plain;
	z.avail_in = (uInt)len;
	do {
		z.next_out = out;
		z.avail_out = sizeof(out);
		deflate(&z, Z_FINISH);
		buf_add(to, out, sizeof(out) - z.avail_out);
	} while (z.avail_out == 0);
	deflateEnd(&z);
}

/* Records of a few hundred bytes, no two alike. */
static void
make_plain(struct buf *to, size_t len)
{
	for (unsigned i = 0; to->len < len; i++)
		buf_addf(to, "{\"Id\":\"%08x\",\"n\":%u},", i * 2654435761u, i);
	buf_cut(to, len);
}

/* Pieces of in_step bytes in, room for out_step bytes out, as whoever uses it would. 0: whole. */
static int
feed(enum inflate_coding coding, const struct buf *in, size_t in_step, size_t out_step, struct buf *out, const char **trouble)
{
	struct inflate	*i = inflate_new(coding);
	char		*room = xmalloc(out_step);
	size_t		 n, used, piece;
	int		 rc = 0;

	for (size_t at = 0; at < in->len && rc == 0; at += piece) {
		piece = in->len - at < in_step ? in->len - at : in_step;
		used = 0;
		do {
			rc = inflate_more(i, in->bytes + at, piece, &used, room, out_step, &n);
			assert_true(n <= out_step && used <= piece);
			buf_add(out, room, n);
		} while (rc == 0 && (used < piece || n == out_step));
	}
	if (rc == 0)
		rc = inflate_whole(i) ? 0 : -1;
	if (trouble != NULL)
		*trouble = inflate_trouble(i);
	inflate_free(i);
	free(room);
	return rc;
}

static void
comes_out_equal(const struct buf *in, const struct buf *plain)
{
	static const size_t	 steps[] = { 1, 7, 4096, 1 << 20 };
	struct buf		 out = { 0 };

	for (size_t i = 0; i < 4; i++)
		for (size_t o = 0; o < 4; o++) {
			buf_reset(&out);
			assert_int_equal(feed(INFLATE_GZIP, in, steps[i], steps[o], &out, NULL), 0);
			assert_int_equal(out.len, plain->len);
			assert_memory_equal(buf_str(&out), buf_str(plain), plain->len);
		}
	buf_reset(&out);
	assert_int_equal(inflate_all(INFLATE_GZIP, in->bytes, in->len, plain->len, &out), 0);
	assert_int_equal(out.len, plain->len);
	buf_clear(&out);
}

static void
is_refused(const struct buf *in, const char *part_of_trouble)
{
	static const size_t	 steps[] = { 1, 64, 1 << 20 };
	struct buf		 out = { 0 };
	const char		*trouble;

	for (size_t i = 0; i < 3; i++) {
		buf_reset(&out);
		assert_int_equal(feed(INFLATE_GZIP, in, steps[i], steps[i], &out, &trouble), -1);
		if (strstr(trouble, part_of_trouble) == NULL)
			fail_msg("told \"%s\" instead of \"%s\"", trouble, part_of_trouble);
	}
	buf_reset(&out);
	buf_adds(&out, "before");
	assert_int_equal(inflate_all(INFLATE_GZIP, buf_str(in), in->len, SIZE_MAX, &out), -1);
	assert_string_equal(buf_str(&out), "before");
	buf_clear(&out);
}

static void
a_sound_body_comes_out_in_pieces_of_any_size(void **state)
{
	struct buf	 plain = { 0 }, in = { 0 };

	(void)state;
	make_plain(&plain, 100000);
	gzip_add(&in, plain.bytes, plain.len, 6);
	comes_out_equal(&in, &plain);
	buf_clear(&plain);
	buf_clear(&in);
}

static void
several_members_are_one_body(void **state)
{
	struct buf	 plain = { 0 }, in = { 0 };

	(void)state;
	make_plain(&plain, 30000);
	gzip_add(&in, plain.bytes, 10000, 1);
	gzip_add(&in, "", 0, 1);
	gzip_add(&in, plain.bytes + 10000, 20000, 9);
	comes_out_equal(&in, &plain);
	buf_clear(&plain);
	buf_clear(&in);
}

static void
an_empty_gzip_member_is_whole_and_no_bytes_at_all_are_not(void **state)
{
	struct buf	 plain = { 0 }, in = { 0 };

	(void)state;
	is_refused(&in, "empty");
	gzip_add(&in, "", 0, 6);
	comes_out_equal(&in, &plain);
	buf_clear(&in);
}

static void
a_body_cut_anywhere_is_not_whole(void **state)
{
	struct buf	 plain = { 0 }, in = { 0 }, cut = { 0 }, out = { 0 };

	(void)state;
	make_plain(&plain, 2000);
	gzip_add(&in, plain.bytes, plain.len, 6);
	for (size_t len = 1; len < in.len; len++) {
		buf_reset(&cut);
		buf_add(&cut, in.bytes, len);
		buf_reset(&out);
		assert_int_equal(feed(INFLATE_GZIP, &cut, 1 << 20, 4096, &out, NULL), -1);
		assert_memory_equal(buf_str(&out), plain.bytes, out.len);
	}
	is_refused(&cut, "too early");
	gzip_add(&in, plain.bytes, plain.len, 6);
	buf_cut(&in, in.len - 1);	/* the second member's last byte */
	is_refused(&in, "too early");
	buf_clear(&plain);
	buf_clear(&in);
	buf_clear(&cut);
	buf_clear(&out);
}

static void
a_wrong_checksum_or_length_is_corrupt(void **state)
{
	struct buf	 plain = { 0 }, in = { 0 };

	(void)state;
	make_plain(&plain, 2000);
	gzip_add(&in, plain.bytes, plain.len, 6);
	for (size_t i = 1; i <= 8; i++) {
		in.bytes[in.len - i] ^= 0x10;
		is_refused(&in, "corrupt");
		in.bytes[in.len - i] ^= 0x10;
	}
	comes_out_equal(&in, &plain);
	buf_clear(&plain);
	buf_clear(&in);
}

static void
anything_behind_the_end_is_refused(void **state)
{
	static const struct {
		const char	*bytes;
		size_t		 len;
		const char	*trouble;
	} tails[] = {
		{ "x", 1, "follow" }, { "\0", 1, "follow" }, { "\0\0\0\0\0\0\0\0", 8, "follow" }, { "\n", 1, "follow" },
		{ "[]", 2, "follow" }, { "\x1f", 1, "too early" }, { "\x1f\x8b", 2, "too early" }, { "\x1f[]", 3, "corrupt" },
	};
	struct buf	 plain = { 0 }, in = { 0 };
	size_t		 len;

	(void)state;
	make_plain(&plain, 2000);
	gzip_add(&in, plain.bytes, plain.len, 6);
	len = in.len;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		buf_cut(&in, len);
		buf_add(&in, tails[i].bytes, tails[i].len);
		is_refused(&in, tails[i].trouble);
	}
	buf_clear(&plain);
	buf_clear(&in);
}

static void
what_is_no_gzip_is_refused(void **state)
{
	static const char *const not[] = { "[{\"Id\":\"1\"}]", "<html>", "x", "\x1f\x8c\x08\x01\x01\x01\x01\x01\x01\x01",
	    "\x78\x9c\x03\x01", "\x1f\x8b\x07\x01\x01\x01\x01\x01\x01\x01" };
	struct buf	 in = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(not) / sizeof(not[0]); i++) {
		buf_reset(&in);
		buf_adds(&in, not[i]);
		is_refused(&in, i < 3 || i == 4 ? "not gzip" : "corrupt");
	}
	buf_clear(&in);
}

static void
trouble_stays(void **state)
{
	struct inflate	*i = inflate_new(INFLATE_GZIP);
	struct buf	 in = { 0 };
	char		 out[64];
	size_t		 used = 0, n;

	(void)state;
	assert_int_equal(inflate_more(i, "garbage", 7, &used, out, sizeof(out), &n), -1);
	gzip_add(&in, "sound", 5, 6);
	used = 0;
	assert_int_equal(inflate_more(i, in.bytes, in.len, &used, out, sizeof(out), &n), -1);
	assert_int_equal(n, 0);
	assert_false(inflate_whole(i));
	inflate_free(i);
	buf_clear(&in);
}

static void
identity_passes_as_it_is_and_is_always_whole(void **state)
{
	struct buf	 plain = { 0 }, out = { 0 };
	struct inflate	*i = inflate_new(INFLATE_IDENTITY);

	(void)state;
	assert_true(inflate_whole(i));
	inflate_free(i);
	make_plain(&plain, 5000);
	assert_int_equal(feed(INFLATE_IDENTITY, &plain, 7, 3, &out, NULL), 0);
	assert_memory_equal(out.bytes, plain.bytes, plain.len);
	assert_int_equal(out.len, plain.len);
	buf_reset(&out);
	assert_int_equal(inflate_all(INFLATE_IDENTITY, plain.bytes, plain.len, plain.len, &out), 0);
	assert_int_equal(out.len, plain.len);
	buf_reset(&out);
	assert_int_equal(inflate_all(INFLATE_IDENTITY, plain.bytes, plain.len, plain.len - 1, &out), -1);
	assert_int_equal(inflate_all(INFLATE_IDENTITY, NULL, 0, 10, &out), 0);
	buf_clear(&plain);
	buf_clear(&out);
}

/* 64 MiB of blanks in a few members. */
static void
a_bomb_costs_time_and_no_memory(void **state)
{
	char		*blanks = xmalloc(1 << 20), *out = xmalloc(64 * 1024);
	struct buf	 in = { 0 }, small = { 0 };
	struct inflate	*i = inflate_new(INFLATE_GZIP);
	struct rusage	 before, after;
	size_t		 used = 0, n, total = 0;

	(void)state;
	memset(blanks, ' ', 1 << 20);
	for (int m = 0; m < 64; m++)
		gzip_add(&in, blanks, 1 << 20, 9);
	getrusage(RUSAGE_SELF, &before);
	do {
		assert_int_equal(inflate_more(i, in.bytes, in.len, &used, out, 64 * 1024, &n), 0);
		total += n;
	} while (used < in.len || n == 64 * 1024);
	getrusage(RUSAGE_SELF, &after);
	assert_true(inflate_whole(i));
	assert_int_equal(total, 64 << 20);
	assert_true(after.ru_maxrss - before.ru_maxrss < 1024);
	assert_int_equal(inflate_all(INFLATE_GZIP, in.bytes, in.len, 100000, &small), -1);
	assert_true(small.size < 200000);
	inflate_free(i);
	buf_clear(&in);
	buf_clear(&small);
	free(blanks);
	free(out);
}

static void
a_whole_small_body_respects_max_and_cap(void **state)
{
	struct buf	 plain = { 0 }, in = { 0 }, out;

	(void)state;
	make_plain(&plain, 50000);
	gzip_add(&in, plain.bytes, plain.len, 6);
	buf_init(&out, 50000);
	assert_int_equal(inflate_all(INFLATE_GZIP, in.bytes, in.len, 50000, &out), 0);
	buf_clear(&out);
	assert_int_equal(inflate_all(INFLATE_GZIP, in.bytes, in.len, 49999, &out), -1);
	buf_clear(&out);
	buf_init(&out, 49999);
	assert_int_equal(inflate_all(INFLATE_GZIP, in.bytes, in.len, 50000, &out), -1);
	buf_clear(&out);
	buf_clear(&plain);
	buf_clear(&in);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_sound_body_comes_out_in_pieces_of_any_size),
		cmocka_unit_test(several_members_are_one_body),
		cmocka_unit_test(an_empty_gzip_member_is_whole_and_no_bytes_at_all_are_not),
		cmocka_unit_test(a_body_cut_anywhere_is_not_whole),
		cmocka_unit_test(a_wrong_checksum_or_length_is_corrupt),
		cmocka_unit_test(anything_behind_the_end_is_refused),
		cmocka_unit_test(what_is_no_gzip_is_refused),
		cmocka_unit_test(trouble_stays),
		cmocka_unit_test(identity_passes_as_it_is_and_is_always_whole),
		cmocka_unit_test(a_bomb_costs_time_and_no_memory),
		cmocka_unit_test(a_whole_small_body_respects_max_and_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
