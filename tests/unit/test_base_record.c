/*
 * record: what is put into a batch comes out of it, and a hostile body is refused within its bounds.
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
#include "base/record.h"
#include "base/xalloc.h"

static struct record
example(const char *bytes, size_t len)
{
	struct record	 r = { .ordinal = 0x01020304, .revision = 2, .digest = 0xdeadbeef, .second = 1795421262, .bytes = bytes,
			    .len = len };

	for (int i = 0; i < 16; i++)
		r.id[i] = (uint8_t)(i * 17);
	return r;
}

static void
records_come_out_as_they_went_in(void **state)
{
	struct record	 a = example("{\"Id\":\"x\"}", 10), b = example("", 0), r;
	struct buf	 body = { 0 };
	size_t		 at = 0;

	(void)state;
	b.second = -5;
	b.ordinal = UINT32_MAX;
	record_add(&body, &a);
	record_add(&body, &b);
	assert_int_equal(body.len, 2 * RECORD_HEAD + 10);
	assert_int_equal(record_next(body.bytes, body.len, &at, &r), 1);
	assert_int_equal(r.ordinal, a.ordinal);
	assert_int_equal(r.revision, 2);
	assert_int_equal(r.digest, 0xdeadbeef);
	assert_true(r.second == 1795421262);
	assert_memory_equal(r.id, a.id, 16);
	assert_int_equal(r.len, 10);
	assert_memory_equal(r.bytes, a.bytes, 10);
	assert_int_equal(record_next(body.bytes, body.len, &at, &r), 1);
	assert_int_equal(r.len, 0);
	assert_true(r.second == -5);
	assert_int_equal(r.ordinal, UINT32_MAX);
	assert_int_equal(record_next(body.bytes, body.len, &at, &r), 0);
	assert_int_equal(at, body.len);
	buf_clear(&body);
}

static void
the_header_has_the_documented_layout(void **state)
{
	static const uint8_t	 head[24] = { 2, 0, 0, 0, 4, 3, 2, 1, 2, 0, 0, 0, 0xef, 0xbe, 0xad, 0xde,
				    0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01 };
	struct record		 a = example("{}", 2);
	struct buf		 body = { 0 };

	(void)state;
	a.second = 0x0102030405060708;
	record_add(&body, &a);
	assert_memory_equal(body.bytes, head, sizeof(head));
	assert_memory_equal(body.bytes + 24, a.id, 16);
	assert_memory_equal(body.bytes + 40, "{}", 2);
	buf_clear(&body);
}

static void
an_empty_body_has_no_record(void **state)
{
	struct record	 r;
	size_t		 at = 0;

	(void)state;
	assert_int_equal(record_next(NULL, 0, &at, &r), 0);
}

static void
every_cut_of_a_body_is_noticed(void **state)
{
	struct record	 a = example("0123456789", 10), r;
	struct buf	 body = { 0 };
	char		*cut;
	size_t		 at;

	(void)state;
	record_add(&body, &a);
	for (size_t len = 1; len < body.len; len++) {
		cut = xmalloc(len);		/* of just that size, for the address sanitizer */
		memcpy(cut, body.bytes, len);
		at = 0;
		assert_int_equal(record_next(cut, len, &at, &r), -1);
		assert_int_equal(at, 0);
		free(cut);
	}
	buf_clear(&body);
}

static void
a_length_or_position_that_lies_is_refused(void **state)
{
	struct record	 a = example("0123456789", 10), r;
	struct buf	 body = { 0 };
	size_t		 at = 0;

	(void)state;
	record_add(&body, &a);
	memset(body.bytes, 0xff, 4);
	assert_int_equal(record_next(body.bytes, body.len, &at, &r), -1);
	at = body.len + 1;
	assert_int_equal(record_next(body.bytes, body.len, &at, &r), -1);
	at = SIZE_MAX;
	assert_int_equal(record_next(body.bytes, body.len, &at, &r), -1);
	buf_clear(&body);
}

static void
any_bytes_are_walked_within_their_bounds(void **state)
{
	struct record	 r;
	size_t		 at, len;
	uint8_t		*body;
	uint64_t	 sum = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		len = rnd() % 300;
		body = xmalloc(len);
		for (size_t i = 0; i < len; i++)
			body[i] = rnd() % 4 == 0 ? (uint8_t)rnd() : 0;
		at = 0;
		while (record_next((const char *)body, len, &at, &r) == 1)
			for (size_t i = 0; i < r.len; i++)
				sum += (uint8_t)r.bytes[i];
		assert_true(at <= len);
		free(body);
	}
	assert_true(sum > 0);
}

static void
a_record_that_does_not_fit_leaves_the_body_whole(void **state)
{
	struct record	 a = example("0123456789", 10), r;
	struct buf	 body;
	size_t		 at = 0;

	(void)state;
	buf_init(&body, RECORD_HEAD + 10 + RECORD_HEAD + 5);
	record_add(&body, &a);
	record_add(&body, &a);
	assert_true(buf_failed(&body));
	assert_int_equal(record_next(body.bytes, body.len, &at, &r), 1);
	assert_int_equal(record_next(body.bytes, body.len, &at, &r), 0);
	buf_clear(&body);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(records_come_out_as_they_went_in),
		cmocka_unit_test(the_header_has_the_documented_layout),
		cmocka_unit_test(an_empty_body_has_no_record),
		cmocka_unit_test(every_cut_of_a_body_is_noticed),
		cmocka_unit_test(a_length_or_position_that_lies_is_refused),
		cmocka_unit_test(any_bytes_are_walked_within_their_bounds),
		cmocka_unit_test(a_record_that_does_not_fit_leaves_the_body_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
