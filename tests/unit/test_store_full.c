/*
 * store: a spool that is full, and a disk that is; what is given up for it, and what is not.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "store_kit.h"

static struct kit	 k;
static int		 mounted;

static void	 unmount(void);

static int
set_up(void **state)
{
	(void)state;
	log_open(LOG_ERROR, LOG_TEXT);
	kit_new(&k);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	if (mounted)			/* the story failed */
		unmount();
	kit_free(&k);
	return 0;
}

static void
assert_balanced(void)
{
	for (int i = 0; i < KIT_OUTPUTS; i++)
		if (kit_unbalanced(&k, k.out[i]) != NULL)
			fail_msg("%s", kit_unbalanced(&k, k.out[i]));
}

static void
keep(void *arg, struct store_result *r)
{
	*(struct store_result *)arg = *r;
}

static struct store_result
drop(int output, int64_t after, int64_t bytes)
{
	struct store_result	 r;

	store_drop_oldest(k.s, output, after, bytes, keep, &r);
	store_wait(k.s);
	assert_int_equal(r.fail, STORE_OK);
	return r;
}

/* ---- drop_oldest ------------------------------------------------------------------------------------------------------ */

/* Ten batches of ten records of some KB each. */
static int64_t
ten_batches(void)
{
	for (int i = 0; i < 10; i++) {
		char		 name[16];
		struct put	*p = put_new();

		snprintf(name, sizeof(name), "blob%d", i);
		p->feed = k.feed;
		p->content_id = strdup(name);
		p->origin = "management";
		for (int r = 0; r < 10; r++)
			kit_add(p, i * 10 + r, 1, 1000);
		assert_int_equal(kit_put(&k, p).n, 10);
	}
	return store_spool_bytes(k.s);
}

static void
the_gap_of_a_record_without_a_time_is_that_of_its_blob(void **state)
{
	char	*gaps;

	(void)state;
	store_output_drops(k.s, k.out[0], 1);
	kit_put_new(&k, "a", -(int64_t)KIT_SECOND * 10, 1);		/* its second is 0 */
	kit_deliver_all(&k, k.out[1]);
	assert_int_equal(drop(k.out[0], 0, INT64_MAX).n, 1);
	gaps = kit_gaps(&k);
	assert_non_null(strstr(gaps, "\"from\":\"2025-11-24T08:00:00.000Z\",\"to\":\"2025-11-24T08:00:00.000Z\",\"reason\":\"spool-full\""));
	free(gaps);
	assert_balanced();
}

static void
the_oldest_go_and_a_gap_record_names_the_output(void **state)
{
	struct store_result	 r;
	int64_t			 all = ten_batches();
	char			*gaps;

	(void)state;
	store_output_drops(k.s, k.out[0], 1);
	kit_deliver_all(&k, k.out[1]);
	r = drop(k.out[0], 0, all / 100 * 25);
	assert_int_equal(r.n, 30);
	assert_int_equal(r.more, 1);
	assert_in_range(store_spool_bytes(k.s), all / 100 * 69, all / 100 * 71);
	assert_int_equal(kit_owed(&k, k.out[0]), 70);
	assert_int_equal(kit_tally(&k, "dropped:elastic"), 30);
	gaps = kit_gaps(&k);
	/* Records 0 to 29 are of the seconds KIT_SECOND to KIT_SECOND + 2. */
	assert_non_null(strstr(gaps, "\"feed\":\"audit.exchange\",\"output\":\"elastic\",\"from\":\"2025-11-24T08:00:00.000Z\","
	    "\"to\":\"2025-11-24T08:00:02.000Z\",\"reason\":\"spool-full\",\"detail\":\"the spool was full (on_full: drop_oldest): records=30\""));
	free(gaps);
	assert_balanced();
	r = drop(k.out[0], r.batch, INT64_MAX);
	assert_int_equal(r.n, 70);
	assert_int_equal(r.more, 0);
	assert_int_equal(store_spool_bytes(k.s), 0);
	assert_balanced();
}

static void
what_another_output_waits_for_stays(void **state)
{
	struct kit_batches	 b;
	struct store_result	 r;

	(void)state;
	ten_batches();
	store_output_drops(k.s, k.out[0], 1);
	r = drop(k.out[0], 0, INT64_MAX);		/* archive blocks, and owes them all */
	assert_int_equal(r.n, 0);
	assert_int_equal(r.more, 0);
	assert_int_equal(kit_owed(&k, k.out[0]), 100);
	b = kit_peek(&k, k.out[1], NULL, 0, 1);
	for (int i = 0; i < 3; i++)			/* it gets on: three batches */
		kit_done_some(&k, k.out[1], &b.b[0], 0, 10, DONE_DELIVERED), kit_batches_free(&b), b = kit_peek(&k, k.out[1], NULL, 0, 1);
	kit_batches_free(&b);
	r = drop(k.out[0], 0, INT64_MAX);
	assert_int_equal(r.n, 30);
	assert_int_equal(kit_owed(&k, k.out[0]), 70);
	store_output_drops(k.s, k.out[1], 1);		/* both may drop: each is spared its own */
	r = drop(k.out[0], 0, INT64_MAX);
	assert_int_equal(r.n, 70);
	assert_true(store_spool_bytes(k.s) > 0);
	r = drop(k.out[1], 0, INT64_MAX);
	assert_int_equal(r.n, 70);
	assert_int_equal(store_spool_bytes(k.s), 0);
	assert_balanced();
}

static void
what_is_done_already_is_not_dropped(void **state)
{
	struct kit_batches	 b;

	(void)state;
	ten_batches();
	store_output_drops(k.s, k.out[0], 1);
	kit_deliver_all(&k, k.out[1]);
	b = kit_peek(&k, k.out[0], NULL, 0, 1);
	kit_done_some(&k, k.out[0], &b.b[0], 0, 4, DONE_DELIVERED);
	assert_int_equal(drop(k.out[0], 0, 1).n, 6);
	/* What was on its way meanwhile and arrives after all is not counted twice. */
	kit_done_some(&k, k.out[0], &b.b[0], 4, 10, DONE_DELIVERED);
	kit_batches_free(&b);
	assert_int_equal(kit_tally(&k, "delivered:elastic"), 4);
	assert_int_equal(kit_tally(&k, "dropped:elastic"), 6);
	assert_balanced();
}

static void
why_it_was_full_is_known(void **state)
{
	struct put	*p = kit_put_of(&k, "more", 900, 1);

	(void)state;
	assert_int_equal(store_full_why(k.s), FULL_NOT);
	kit_stop(&k);
	k.opts.spool_max = 1000;
	kit_start(&k);
	assert_int_equal(kit_put_new(&k, "a", 0, 30).fail, STORE_OK);
	assert_int_equal(kit_put(&k, p).fail, STORE_FULL);
	assert_int_equal(store_full_why(k.s), FULL_SPOOL);
	put_free(p);
}

/* ---- a full disk ------------------------------------------------------------------------------------------------------ */

#define MIB	((int64_t)1 << 20)
#define RESERVE	(24 * MIB)
#define MARGIN	(k.opts.record_max + 8 * MIB)		/* what puts must leave */

static int64_t	 taken, steps;

static void
count_step(void *arg, struct store_result *r)
{
	*(struct store_result *)arg = *r;
	taken = r->n;
	steps++;
}

static struct store_result
reserve(void)
{
	struct store_result	 r;

	steps = 0;
	do {
		store_reserve(k.s, count_step, &r);
		store_wait(k.s);
	} while (r.fail == STORE_OK && r.more);
	return r;
}

/* A small filesystem of its own over the store's directory; 0: we may not. */
static int
mount_small(const char *kind)
{
	char	 command[600];

	kit_stop(&k);
	if (strcmp(kind, "tmpfs") == 0)
		snprintf(command, sizeof(command), "mount -t tmpfs -o size=88m,mode=0700 none %s 2>/dev/null", k.dir);
	else
		snprintf(command, sizeof(command), "truncate -s 96M %s.img && /sbin/mkfs.ext4 -q -m 0 %s.img 2>/dev/null && "
		    "mount -o loop %s.img %s 2>/dev/null && chmod 0700 %s", k.dir, k.dir, k.dir, k.dir, k.dir);
	mounted = system(command) == 0;
	return mounted;
}

static void
unmount(void)
{
	char	 command[200];

	kit_stop(&k);
	mounted = 0;
	snprintf(command, sizeof(command), "umount %s; rm -f %s.img", k.dir, k.dir);
	assert_int_equal(system(command), 0);
}

/* Somebody else's file takes all that is left, to the last byte. */
static void
fill_disk(void)
{
	static char	 junk[65536];
	char		 path[100];
	struct statvfs	 v;
	ssize_t		 n = 0;
	int		 fd;

	snprintf(path, sizeof(path), "%s/junk", k.dir);
	fd = open(path, O_CREAT | O_WRONLY | O_APPEND, 0600);
	assert_true(fd >= 0);
	memset(junk, 'j', sizeof(junk));
	for (size_t size = sizeof(junk); size > 0; size /= 2)
		while ((n = write(fd, junk, size)) > 0)
			;
	fsync(fd);
	close(fd);
	assert_int_equal(statvfs(k.dir, &v), 0);
	assert_true(v.f_bavail == 0);
}

static enum store_fail
put_about(int64_t number, size_t bytes)
{
	struct put		*p = put_new();
	struct store_result	 r;

	p->feed = k.feed;
	p->content_id = strdup("blob");
	p->origin = "management";
	for (int i = 0; i < 8; i++)
		kit_add(p, number * 8 + i, 1, bytes / 8);
	r = kit_put(&k, p);
	if (r.fail == STORE_FULL)
		put_free(p);
	return r.fail;
}

static void
assert_sound(void)
{
	char	 path[100];

	kit_stop(&k);
	snprintf(path, sizeof(path), "%s/junk", k.dir);
	unlink(path);				/* whoever opens it beside us needs a file for shared memory */
	assert_int_equal(kit_sql_int(&k, "SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
	assert_int_equal(kit_sql_int(&k, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'ballast'"), 0);
	kit_start(&k);
}

static void
with_no_byte_free(const char *kind)
{
	struct kit_batches	 b;
	int64_t			 n = 0;

	if (!mount_small(kind)) {
		print_message("         no %s can be mounted here: not root, or no mkfs.ext4\n", kind);
		skip();
	}
	k.opts.reserve = RESERVE;
	k.opts.spool_max = 1024 * MIB;
	kit_start(&k);
	assert_int_equal(reserve().batch, 0);
	assert_true(taken >= RESERVE && steps >= 6);
	fill_disk();

	/* Puts eat free pages, and stop while there is enough left for everything that follows. */
	while (put_about(n, 1000000) == STORE_OK)
		n++;
	assert_in_range(n, (RESERVE - MARGIN) / MIB - 2, RESERVE / MIB);
	assert_int_equal(store_full_why(k.s), FULL_DISK);

	/* Partly delivered, partly dead, and all of it out: nothing is refused. */
	b = kit_peek(&k, k.out[0], NULL, 0, 1);
	assert_int_equal(kit_done_some(&k, k.out[0], &b.b[0], 0, 3, DONE_DELIVERED).fail, STORE_OK);
	assert_int_equal(kit_done_some(&k, k.out[0], &b.b[0], 3, 6, DONE_DEAD).fail, STORE_OK);
	kit_batches_free(&b);
	kit_stop(&k);			/* a stop and a start do not change that */
	kit_start(&k);
	kit_deliver_all(&k, k.out[0]);
	kit_deliver_all(&k, k.out[1]);
	assert_int_equal(store_spool_bytes(k.s), 0);

	/* And so it goes on: 400 MB through a full disk. */
	for (int i = 0; i < 400; i++) {
		assert_int_equal(put_about(n++, 1000000), STORE_OK);
		if (i % 8 != 7)
			continue;
		kit_deliver_all(&k, k.out[0]);
		kit_deliver_all(&k, k.out[1]);
	}
	assert_balanced();
	assert_sound();
	unmount();
}

static void
with_no_byte_free_on_tmpfs_all_that_is_spooled_leaves(void **state)
{
	(void)state;
	with_no_byte_free("tmpfs");
}

static void
with_no_byte_free_on_ext4_all_that_is_spooled_leaves(void **state)
{
	(void)state;
	with_no_byte_free("ext4");
}

static void
a_kill_in_the_middle_of_reserving_is_gone_on_from(void **state)
{
	struct store_result	 r;
	int64_t			 before;

	(void)state;
	k.opts.reserve = RESERVE;
	kit_stop(&k);
	kit_start(&k);
	for (int i = 0; i < 3; i++) {
		store_reserve(k.s, count_step, &r);
		store_wait(k.s);
		assert_int_equal(r.more, 1);
	}
	before = taken;
	kit_stop(&k);
	kit_start(&k);
	assert_int_equal(reserve().batch, 0);
	assert_true(before >= 8 * MIB && taken >= RESERVE);
	assert_true(steps <= RESERVE / (4 * MIB) - 1);		/* what was there was not taken again */
	assert_sound();
	reserve();
	assert_int_equal(steps, 1);				/* it is there, also after a restart */
	k.opts.spool_max = 8 * MIB;				/* no more than the spool may hold */
	k.opts.reserve = 1024 * MIB;
	kit_stop(&k);
	kit_start(&k);
	reserve();
	assert_int_equal(steps, 1);
}

static void
a_disk_that_is_too_small_gives_what_it_has(void **state)
{
	struct store_result	 r;
	int64_t			 n = 0;

	(void)state;
	if (!mount_small("tmpfs"))
		skip();
	k.opts.reserve = 1024 * MIB;
	k.opts.spool_max = 1024 * MIB;
	kit_start(&k);
	r = reserve();
	assert_int_equal(r.fail, STORE_OK);
	assert_int_equal(r.batch, 1);				/* not now */
	assert_in_range(taken, 40 * MIB, 80 * MIB);
	r = reserve();						/* asked again it does not write it all once more */
	assert_int_equal(r.batch, 1);
	assert_int_equal(steps, 1);
	fill_disk();
	while (put_about(n, 1000000) == STORE_OK)
		n++;
	assert_true(n >= 25);
	kit_deliver_all(&k, k.out[0]);
	kit_deliver_all(&k, k.out[1]);
	assert_sound();
	unmount();
}

static void
a_start_on_a_full_disk_is_of_use_only_if_there_is_something_to_deliver(void **state)
{
	struct err	 e = { 0 };

	(void)state;
	if (!mount_small("tmpfs"))
		skip();
	kit_start(&k);
	assert_int_equal(put_about(1, 1000000), STORE_OK);
	fill_disk();
	kit_stop(&k);
	kit_start(&k);
	assert_int_equal(store_has_use(k.s, &e), 1);
	kit_deliver_all(&k, k.out[0]);
	kit_deliver_all(&k, k.out[1]);
	assert_int_equal(store_has_use(k.s, &e), 0);
	assert_int_equal(e.kind, ERR_IO);
	assert_non_null(strstr(e.text, "9 MiB must be free"));
	unmount();
}

int
main(void)
{
#define STORY(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest	 stories[] = {
		STORY(the_gap_of_a_record_without_a_time_is_that_of_its_blob),
		STORY(the_oldest_go_and_a_gap_record_names_the_output),
		STORY(what_another_output_waits_for_stays),
		STORY(what_is_done_already_is_not_dropped),
		STORY(why_it_was_full_is_known),
		STORY(with_no_byte_free_on_tmpfs_all_that_is_spooled_leaves),
		STORY(with_no_byte_free_on_ext4_all_that_is_spooled_leaves),
		STORY(a_kill_in_the_middle_of_reserving_is_gone_on_from),
		STORY(a_disk_that_is_too_small_gives_what_it_has),
		STORY(a_start_on_a_full_disk_is_of_use_only_if_there_is_something_to_deliver),
	};

	return cmocka_run_group_tests_name("full", stories, NULL, NULL);
}
