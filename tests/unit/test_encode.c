/*
 * encode: Bulk bodies, lines in gzip members.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "encode/bulk.h"
#include "encode/gzip.h"
#include "encode/hec.h"
#include "encode/ndjson.h"
#include "net/inflate.h"

static const uint8_t	id_a[16] = { 0 };
static const uint8_t	id_b[16] = { 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8, 0xf7, 0xf6, 0xf5, 0xf4, 0xf3, 0xf2,
	    0xf1, 0xf0 };

static void
unpack(const struct buf *from, struct buf *to)
{
	buf_reset(to);
	assert_int_equal(inflate_all(INFLATE_GZIP, from->bytes, from->len, 1 << 28, to), 0);
}

/* The members of a file: offsets and MTIMEs, found by their heads (no extra field, no name: ten bytes). */
static size_t
members(const struct buf *b, uint32_t *mtime, size_t *start, size_t max)
{
	static const char	 head[] = "\x1f\x8b\x08\x00";
	const uint8_t		*u;
	size_t			 i, n = 0;

	for (i = 0; i + 10 <= b->len; i++) {
		if (memcmp(b->bytes + i, head, 4) != 0)
			continue;
		assert_true(n < max);
		u = (const uint8_t *)b->bytes + i + 4;
		mtime[n] = (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
		start[n++] = i;
	}
	return n;
}

static void
a_member_is_whole_whatever_the_pieces(void **state)
{
	struct gzip	*g = gzip_new(1);
	struct buf	 out = { 0 }, back = { 0 };
	char		*noise = xmalloc(3000000);
	static const size_t sizes[] = { 1, 100001, 20000, 20000, 12768, 32768, 1 };
	size_t		 i, n, k = 0;
	unsigned	 x = 1;

	(void)state;
	for (i = 0; i < 3000000; i++)
		noise[i] = (char)((x = x * 1103515245 + 12345) >> 24);
	gzip_start(g, &out, 1700000000);
	for (i = 0; i < 3000000; i += n) {
		n = sizes[k++ % (sizeof(sizes) / sizeof(sizes[0]))];
		if (i + n > 3000000)
			n = 3000000 - i;
		gzip_add(g, noise + i, n);
	}
	gzip_add(g, "", 0);
	assert_int_equal(gzip_raw(g), 3000000);
	gzip_end(g);
	unpack(&out, &back);
	assert_int_equal(back.len, 3000000);
	assert_memory_equal(back.bytes, noise, 3000000);
	free(noise);
	buf_clear(&out);
	buf_clear(&back);
	gzip_free(g);
}

static void
the_same_bytes_give_the_same_member_again(void **state)
{
	struct gzip	*g = gzip_new(1);
	struct buf	 out = { 0 };
	size_t		 half;

	(void)state;
	gzip_start(g, &out, 5);
	gzip_add(g, "one\ntwo\n", 8);
	gzip_end(g);
	half = out.len;
	gzip_start(g, &out, 5);
	gzip_add(g, "one\n", 4);
	gzip_add(g, "two\n", 4);
	gzip_end(g);
	assert_int_equal(out.len, 2 * half);
	assert_memory_equal(out.bytes, out.bytes + half, half);
	buf_clear(&out);
	gzip_free(g);
}

static void
a_member_over_the_caller_s_cap_is_noticed(void **state)
{
	struct gzip	*g = gzip_new(1);
	struct buf	 out;

	(void)state;
	buf_init(&out, 100);
	gzip_start(g, &out, 0);
	gzip_add(g, "some text that is not much at all", 33);
	gzip_end(g);
	assert_true(buf_failed(&out));
	assert_true(out.len <= 100);
	buf_clear(&out);
	gzip_free(g);
}

static void
a_bulk_body_is_two_lines_a_record(void **state)
{
	static const char	 want[] =
	    "{\"create\":{\"_index\":\"logs-o365.audit-default\",\"_id\":\"AAAAAAAAAAAAAAAAAAAAAA\"}}\n{\"a\":1}\n"
	    "{\"create\":{\"_index\":\"od\\\"d\",\"_id\":\"__79_Pv6-fj39vX08_Lx8A\"}}\n{\"b\":2}\n";
	struct bulk	 b;
	struct buf	 out = { 0 }, back = { 0 };
	int		 compress;

	(void)state;
	bulk_init(&b);
	for (compress = 0; compress < 2; compress++) {
		buf_reset(&out);
		bulk_start(&b, &out, compress);
		assert_int_equal(bulk_add(&b, "logs-o365.audit-default", id_a, "{\"a\":1}", 7, 0), 1);
		assert_int_equal(bulk_add(&b, "od\"d", id_b, "{\"b\":2}", 7, 0), 1);
		bulk_end(&b);
		assert_int_equal(b.raw, strlen(want));
		if (compress)
			unpack(&out, &back);
		assert_string_equal(buf_str(compress ? &back : &out), want);
	}
	bulk_clear(&b);
	buf_clear(&out);
	buf_clear(&back);
}

static void
a_bulk_body_keeps_to_its_size_but_takes_one_record_always(void **state)
{
	struct bulk	 b;
	struct buf	 out = { 0 };
	char		 event[200];
	size_t		 n;

	(void)state;
	memset(event, 'e', sizeof(event));
	bulk_init(&b);
	bulk_start(&b, &out, 0);
	for (n = 0; bulk_add(&b, "i", id_a, event, sizeof(event), 1000); n++)
		assert_true(n < 100);
	bulk_end(&b);
	assert_true(n > 1 && out.len <= 1000 && out.len == b.raw);
	buf_reset(&out);
	bulk_start(&b, &out, 0);
	assert_int_equal(bulk_add(&b, "i", id_a, event, sizeof(event), 10), 1);
	assert_int_equal(bulk_add(&b, "i", id_b, "{}", 2, 10), 0);
	bulk_end(&b);
	bulk_clear(&b);
	buf_clear(&out);
}

static void
lines_lie_in_members_of_at_most_256_kib(void **state)
{
	struct ndjson	 n;
	struct buf	 out = { 0 }, back = { 0 }, one = { 0 };
	uint32_t	 mtime[64];
	size_t		 start[64], count, i;
	char		 line[1000];

	(void)state;
	memset(line, 'l', sizeof(line));
	ndjson_init(&n);
	for (i = 0; i < 1000; i++)
		ndjson_add(&n, &out, line, sizeof(line), 1000 * (int64_t)(i + 1) + 999);
	ndjson_flush(&n, &out);
	ndjson_flush(&n, &out);
	unpack(&out, &back);
	assert_int_equal(back.len, 1000 * 1001);
	count = members(&out, mtime, start, 64);
	assert_int_equal(count, (1001 * 1000) / (261 * 1001) + 1);	/* 261 lines fit into 262144 bytes */
	for (i = 0; i < count; i++) {
		buf_reset(&one);
		buf_add(&one, out.bytes + start[i], (i + 1 < count ? start[i + 1] : out.len) - start[i]);
		unpack(&one, &back);
		assert_true(back.len <= NDJSON_MEMBER);
		assert_int_equal(back.bytes[back.len - 1], '\n');
		assert_int_equal(mtime[i], i + 1 < count ? (i + 1) * 261 : 1000);	/* the newest of its records */
	}
	ndjson_clear(&n);
	buf_clear(&out);
	buf_clear(&back);
	buf_clear(&one);
}

static void
a_longer_line_is_a_member_of_its_own(void **state)
{
	struct ndjson	 n;
	struct buf	 out = { 0 }, back = { 0 };
	uint32_t	 mtime[64];
	size_t		 start[64];
	char		*line = xmalloc(NDJSON_MEMBER);

	(void)state;
	memset(line, 'l', NDJSON_MEMBER);
	ndjson_init(&n);
	ndjson_add(&n, &out, "a", 1, 9000);
	ndjson_add(&n, &out, line, NDJSON_MEMBER, 2000);
	ndjson_add(&n, &out, "b", 1, 3000);
	ndjson_add(&n, &out, line, NDJSON_MEMBER - 1, 4000);	/* just fits, with its line break */
	ndjson_add(&n, &out, "c", 1, 1000);
	ndjson_flush(&n, &out);
	assert_int_equal(members(&out, mtime, start, 64), 5);
	assert_int_equal(mtime[0], 9);
	assert_int_equal(mtime[1], 2);
	assert_int_equal(mtime[2], 3);
	assert_int_equal(mtime[3], 4);
	assert_int_equal(mtime[4], 1);
	unpack(&out, &back);
	assert_int_equal(back.len, 2 + NDJSON_MEMBER + 1 + 2 + NDJSON_MEMBER + 2);
	free(line);
	ndjson_clear(&n);
	buf_clear(&out);
	buf_clear(&back);
}

static void
a_hec_body_has_the_seven_keys_and_no_other(void **state)
{
	struct hec	 h;
	struct buf	 plain = { 0 }, packed = { 0 }, back = { 0 };
	struct hec_meta	 all = { .time = "1795420862.1234567", .host = "h\"1", .source = "https://m/$1", .sourcetype = "a:b",
		    .index = "main", .revision = 2 }, few = { .time = "1", .revision = 1 },
			 more = { .time = "1", .revision = 3, .fields = "\"labels.site\":\"berlin\"" }, only = { .time = "1",
			    .fields = "\"a\":\"b\"" };
	static const char	 wanted[] = "{\"time\":1795420862.1234567,\"host\":\"h\\\"1\",\"source\":\"https://m/$1\",\"sourcetype\":\"a:b\","
	    "\"index\":\"main\",\"event\":{\"a\": 1},\"fields\":{\"m365fwd_revision\":\"2\"}}\n{\"time\":1,\"event\":{}}\n";

	(void)state;
	hec_init(&h);
	hec_start(&h, &plain, 0);
	assert_int_equal(hec_add(&h, &all, "{\"a\": 1}", 8, 10), 1);		/* the first always fits */
	assert_int_equal(hec_add(&h, &few, "{}", 2, strlen(wanted) - 1), 0);
	assert_int_equal(hec_add(&h, &few, "{}", 2, strlen(wanted)), 1);
	hec_end(&h);
	assert_string_equal(buf_str(&plain), wanted);
	assert_int_equal(h.raw, strlen(wanted));
	buf_reset(&plain);
	hec_start(&h, &plain, 0);
	assert_int_equal(hec_add(&h, &more, "{}", 2, 0), 1);
	assert_int_equal(hec_add(&h, &only, "{}", 2, 0), 1);
	hec_end(&h);
	assert_string_equal(buf_str(&plain), "{\"time\":1,\"event\":{},\"fields\":{\"m365fwd_revision\":\"3\",\"labels.site\":\"berlin\"}}\n"
	    "{\"time\":1,\"event\":{},\"fields\":{\"a\":\"b\"}}\n");
	for (int again = 0; again < 2; again++) {
		buf_reset(&packed);
		hec_start(&h, &packed, 1);
		assert_int_equal(hec_add(&h, &all, "{\"a\": 1}", 8, 0), 1);
		assert_int_equal(hec_add(&h, &few, "{}", 2, 0), 1);
		hec_end(&h);
		unpack(&packed, &back);
		assert_string_equal(buf_str(&back), wanted);
	}
	hec_clear(&h);
	buf_clear(&plain);
	buf_clear(&packed);
	buf_clear(&back);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_member_is_whole_whatever_the_pieces),
		cmocka_unit_test(the_same_bytes_give_the_same_member_again),
		cmocka_unit_test(a_member_over_the_caller_s_cap_is_noticed),
		cmocka_unit_test(a_bulk_body_is_two_lines_a_record),
		cmocka_unit_test(a_bulk_body_keeps_to_its_size_but_takes_one_record_always),
		cmocka_unit_test(lines_lie_in_members_of_at_most_256_kib),
		cmocka_unit_test(a_longer_line_is_a_member_of_its_own),
		cmocka_unit_test(a_hec_body_has_the_seven_keys_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
