/*
 * archive: what an append answered for is in the files after a power cut, whenever it comes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "deliver/archive.h"
#include "power.h"

#define FILES	3
#define ROUNDS	12

static char	 dir[64], root[80];
static int64_t	 counts[FILES];		/* bytes that were answered for */

static int
set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/m365fwd-power.XXXXXX");
	snprintf(root, sizeof(root), "%s/archive", mkdtemp(dir));
	memset(counts, 0, sizeof(counts));
	power_on(dir);
	return 0;
}

static int
tear_down(void **state)
{
	char	*command = xasprintf("rm -rf %s", dir);
	int	 rc;

	(void)state;
	power_off();
	rc = system(command);
	free(command);
	return rc;
}

static struct archive_file
file(int n)
{
	struct archive_file	 f = { .root = root, .tenant = "contoso", .feed = "audit.exchange", .day = "2026-11-24", .seq = 1 };

	if (n == 1)
		snprintf(f.feed, sizeof(f.feed), "audit.entra");
	if (n == 2)
		snprintf(f.day, sizeof(f.day), "2026-11-25");
	return f;
}

static char
byte_at(int n, int64_t at)
{
	return (char)('a' + (at * 7 + n) % 26);
}

/* As the sink does it: bytes behind what counts are cut, by a restart (archive_cut) or the next append. */
static void
write_on(void)
{
	char	 why[ARCHIVE_WHY], bytes[6000];
	int64_t	 found;

	for (int round = 0; round < ROUNDS && !power_is_out(); round++) {
		int			 n = round % FILES;
		struct archive_file	 f = file(n);
		size_t			 len = (size_t)(round * 977 + 1) % sizeof(bytes);

		if (round % 5 == 4)
			(void)archive_cut(&f, counts[n], &found, why);
		for (size_t i = 0; i < len; i++)
			bytes[i] = byte_at(n, counts[n] + (int64_t)i);
		if (archive_append(&f, counts[n], bytes, len, &found, why) == ARCHIVE_OK)
			counts[n] += round % 4 == 3 ? 0 : (int64_t)len;	/* sometimes the transaction that would record it fails */
	}
}

/* How many files do not hold what was answered for. */
static int
broken_files(void)
{
	char	 path[300];
	int	 broken = 0;

	for (int n = 0; n < FILES; n++) {
		struct archive_file	 f = file(n);
		FILE			*in;
		int64_t			 at = 0;

		snprintf(path, sizeof(path), "%s/%s/%s/%s/%06u.ndjson.gz", f.root, f.tenant, f.feed, f.day, f.seq);
		if ((in = fopen(path, "r")) != NULL) {
			while (at < counts[n] && fgetc(in) == byte_at(n, at))
				at++;
			fclose(in);
		}
		broken += at < counts[n];
	}
	return broken;
}

/* Cuts at every change, twice with other damage; goes on once after each. */
static int
cut_everywhere(int honest, int *cuts)
{
	int	 broken = 0;

	for (long at = 1, was_out = 1; was_out; at++)
		for (uint64_t seed = 0; seed < 4; seed++, ++*cuts) {
			set_up(NULL);
			power_flushes(honest);
			power_cut_after(at);
			write_on();
			was_out = power_is_out();
			if (was_out)
				power_back(seed * 1000 + (uint64_t)at);
			broken += broken_files();
			power_cut_after(0);
			if (honest) {
				write_on();
				broken += broken_files();
			}
			tear_down(NULL);
		}
	return broken;
}

static void
what_was_answered_for_is_in_the_files_after_any_cut(void **state)
{
	int	 cuts = 0;

	(void)state;
	assert_int_equal(cut_everywhere(1, &cuts), 0);
	print_message("%d cuts\n", cuts);
	assert_true(cuts > 100);
}

static void
without_flushes_it_is_not(void **state)
{
	int	 cuts = 0;

	(void)state;
	assert_true(cut_everywhere(0, &cuts) > 10);
}

int
main(void)
{
	const struct CMUnitTest	 stories[] = {
		cmocka_unit_test(what_was_answered_for_is_in_the_files_after_any_cut),
		cmocka_unit_test(without_flushes_it_is_not),
	};

	return cmocka_run_group_tests_name("archive: power cuts", stories, NULL, NULL);
}
