/*
 * hash: digests and encodings agree with the published examples and with themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/backoff.h"
#include "base/hash.h"
#include "base/xalloc.h"

static const char *
hexed(const void *p, size_t len)
{
	static struct buf	 b;

	if (p == NULL) {
		buf_clear(&b);
		return NULL;
	}
	buf_reset(&b);
	hex(&b, p, len);
	return buf_str(&b);
}

static void
sha256_agrees_with_the_standards_examples(void **state)
{
	uint8_t	 out[32];

	(void)state;
	sha256("", 0, out);
	assert_string_equal(hexed(out, 32), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha256("abc", 3, out);
	assert_string_equal(hexed(out, 32), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
a_digest_in_pieces_and_used_again_is_the_same(void **state)
{
	struct sha256	*s = sha256_new();
	uint8_t		 whole[32], pieces[32];

	(void)state;
	sha256("tenant\0audit\0id", 15, whole);
	for (int round = 0; round < 3; round++) {
		sha256_start(s);
		sha256_add(s, "tenant", 7);
		sha256_add(s, "", 0);
		sha256_add(s, "audit\0id", 8);
		sha256_end(s, pieces);
		assert_memory_equal(whole, pieces, 32);
	}
	sha256_start(s);
	sha256_add(s, "thrown away", 11);	/* an unfinished one does not leak into the next */
	sha256_start(s);
	sha256_end(s, pieces);
	assert_string_equal(hexed(pieces, 4), "e3b0c442");
	sha256_free(s);
	sha256_free(NULL);
}

static void
crc32c_agrees_with_the_published_examples(void **state)
{
	uint8_t	 bytes[32];

	(void)state;
	assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aa);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(crc32c(0, bytes, 32), 0x62a8ab43);
	assert_int_equal(crc32c(0, "", 0), 0);
}

static void
crc32c_with_and_without_the_processors_help_is_the_same(void **state)
{
	uint8_t	 bytes[600];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)rnd();
	for (size_t from = 0; from < 9; from++)
		for (size_t len = 0; from + len <= sizeof(bytes); len += len < 70 ? 1 : 37)
			assert_int_equal(crc32c(77, bytes + from, len), crc32c_portable(77, bytes + from, len));
	assert_int_equal(crc32c_portable(0, "123456789", 9), 0xe3069283);
}

static void
crc32c_goes_on_where_it_stopped(void **state)
{
	static const char	 text[] = "a batch of records, read piece by piece";

	(void)state;
	for (size_t cut = 0; cut < sizeof(text); cut++)
		assert_int_equal(crc32c(crc32c(0, text, cut), text + cut, sizeof(text) - cut), crc32c(0, text, sizeof(text)));
}

static void
hash64_sees_every_bit_of_bytes_length_and_seed(void **state)
{
	uint8_t		 bytes[64] = { 0 };
	uint64_t	 h, other;

	(void)state;
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		h = hash64(bytes, len, 1);
		assert_true(h != hash64(bytes, len, 2));
		if (len > 0)
			assert_true(h != hash64(bytes, len - 1, 1));
		for (size_t bit = 0; bit < 8 * len; bit++) {
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			other = hash64(bytes, len, 1) ^ h;
			bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_in_range(__builtin_popcountll(other), 10, 54);
		}
	}
}

static void
hash64_spreads_numbered_names_evenly(void **state)
{
	static unsigned	 low[1024], high[1024];
	char		 name[32];
	uint64_t	 h;
	int		 n;

	(void)state;
	for (int i = 0; i < 102400; i++) {
		n = snprintf(name, sizeof(name), "tenant%d", i);
		h = hash64(name, (size_t)n, 0);
		low[h % 1024]++;
		high[h >> 54]++;
	}
	for (int i = 0; i < 1024; i++) {
		assert_in_range(low[i], 50, 160);
		assert_in_range(high[i], 50, 160);
	}
}

static void
hash64_never_changes_because_digests_are_stored(void **state)
{
	uint8_t		 bytes[64];
	uint64_t	 all = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 37 + 11);
	for (size_t len = 0; len < sizeof(bytes); len++)
		all = all * 31 + hash64(bytes, len, len);
	assert_true(all == 0xa5c998cdbfb9d8bc);
	assert_true(hash64("", 0, 0) == 0xcade18feb8dd3b7c);
	assert_true(hash64("m365fwd", 7, 0) == 0x93539969172d6773);
	assert_true(hash64("a name over eight bytes", 23, 42) == 0x183bb58429c6e1aa);
}

static void
encodings_agree_with_the_rfc(void **state)
{
	static const struct { const char *in, *out, *url; } rows[] = { { "", "", "" }, { "f", "Zg==", "Zg" },
	    { "fo", "Zm8=", "Zm8" }, { "foo", "Zm9v", "Zm9v" }, { "foob", "Zm9vYg==", "Zm9vYg" },
	    { "fooba", "Zm9vYmE=", "Zm9vYmE" }, { "foobar", "Zm9vYmFy", "Zm9vYmFy" }, { "\xfb\xff\xbf", "+/+/", "-_-_" } };
	struct buf	 b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		base64(&b, rows[i].in, strlen(rows[i].in));
		assert_string_equal(buf_str(&b), rows[i].out);
		buf_reset(&b);
		base64url(&b, rows[i].in, strlen(rows[i].in));
		assert_string_equal(buf_str(&b), rows[i].url);
	}
	buf_clear(&b);
}

static void
an_encoding_that_just_fits_goes_in_and_a_longer_one_leaves_nothing(void **state)
{
	struct buf	 b;

	(void)state;
	buf_init(&b, 22);
	base64url(&b, "0123456789abcdef", 16);
	assert_false(buf_failed(&b));
	assert_int_equal(b.len, 22);
	buf_reset(&b);
	base64(&b, "0123456789abcdef", 16);
	assert_true(buf_failed(&b));
	assert_int_equal(b.len, 0);
	buf_reset(&b);
	hex(&b, "0123456789ab", 12);
	assert_true(buf_failed(&b));
	buf_reset(&b);
	hex(&b, "\x00\x9f\xff", 3);
	assert_string_equal(buf_str(&b), "009fff");
	buf_clear(&b);
	hexed(NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(sha256_agrees_with_the_standards_examples),
		cmocka_unit_test(a_digest_in_pieces_and_used_again_is_the_same),
		cmocka_unit_test(crc32c_agrees_with_the_published_examples),
		cmocka_unit_test(crc32c_with_and_without_the_processors_help_is_the_same),
		cmocka_unit_test(crc32c_goes_on_where_it_stopped),
		cmocka_unit_test(hash64_sees_every_bit_of_bytes_length_and_seed),
		cmocka_unit_test(hash64_spreads_numbered_names_evenly),
		cmocka_unit_test(hash64_never_changes_because_digests_are_stored),
		cmocka_unit_test(encodings_agree_with_the_rfc),
		cmocka_unit_test(an_encoding_that_just_fits_goes_in_and_a_longer_one_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
