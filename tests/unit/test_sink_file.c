/*
 * sink_file: every record is in the files exactly once, whatever dies when.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/counters.h"
#include "base/xalloc.h"
#include "deliver/archive.h"
#include "deliver_world.h"
#include "disk_full.h"
#include "net/inflate.h"

#define DAY_DIR "contoso/audit.exchange/2026-11-24"

static const char *const	 outputs[] = { "archive", NULL };
static char			 root[100];
static int64_t			 segment_max;
static struct output		*o;

static void
open_sink(void)
{
	struct sink_file_opts	 opts = { .name = "archive", .store = world_store, .path = root, .schema = SCHEMA_RAW,
		    .n_feeds = 2, .feed_names = world_names, .segment_max = segment_max };
	struct err		 e = { ERR_NONE, "" };
	struct sink		*sink;
	int			 feeds[2] = { world_exchange, world_entra };

	opts.feeds = feeds;
	sink = sink_file_open(&opts, &e);
	assert_non_null(sink);
	world_start();
	o = world_output(0, "archive", sink, 1000000, 0, 1);
}

static void
start(void)
{
	world_open(outputs);
	open_sink();
	fake_turn();
}

static void
stop(void)
{
	world_stop(o, 1000);
	world_close();
}

static void
bell(void)
{
	output_bell(o);
	fake_turn();
}

static char *
path_of(const char *name)
{
	static char	 path[300];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

static int64_t
size_of(const char *name)
{
	struct stat	 st;

	return stat(path_of(name), &st) == -1 ? -1 : st.st_size;
}

/* The lines of one file; the members must be whole. */
static size_t
read_file(const char *name, struct buf *to)
{
	struct buf	 raw = { 0 };
	char		 piece[65536];
	size_t		 n, lines = 0, i;
	FILE		*f = fopen(path_of(name), "r");

	buf_reset(to);
	if (f == NULL)
		return 0;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&raw, piece, n);
	fclose(f);
	if (raw.len > 0)
		assert_int_equal(inflate_all(INFLATE_GZIP, raw.bytes, raw.len, 1 << 28, to), 0);
	for (i = 0; i < to->len; i++)
		lines += to->bytes[i] == '\n' ? 1 : 0;
	buf_clear(&raw);
	return lines;
}

/* How often each record's Id is in the files of a day. */
static void
count_ids(const char *dir, unsigned *times, unsigned max)
{
	struct dirent	*entry;
	struct buf	 b = { 0 };
	char		 name[400];
	const char	*at;
	DIR		*d = opendir(path_of(dir));
	unsigned long	 n;

	if (d == NULL)
		return;
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%.200s", dir, entry->d_name);
		read_file(name, &b);
		for (at = buf_str(&b); (at = strstr(at, "{\"Id\":\"")) != NULL; at += 7) {
			n = strtoul(at + 7, NULL, 16);
			assert_true(n < max);
			times[n]++;
		}
	}
	closedir(d);
	buf_clear(&b);
}

static void
all_exactly_once(unsigned n)
{
	unsigned	*times = xcalloc(n, sizeof(*times)), i;

	count_ids("contoso/audit.exchange/2026-11-23", times, n);
	count_ids("contoso/audit.exchange/2026-11-24", times, n);
	count_ids("contoso/audit.exchange/2026-11-25", times, n);
	count_ids("contoso/audit.entra/2026-11-24", times, n);
	for (i = 0; i < n; i++)
		if (times[i] != 1)
			fail_msg("record %u is there %u times", i, times[i]);
	free(times);
	assert_int_equal(world_left(), 0);
	world_tallies_agree("archive");
}

/* What a worker has written stays (its second job: the first encodes), and nobody hears of it. */
static void
die_between_write_and_commit(void)
{
	fake_work_stuck = 2;
	output_bell(o);
	fake_turn();
}

static void
bury_the_dead(void)
{
	world_stop(o, 0);		/* cancels the parcel */
	world_close();
}

/* ---- how it lies there -------------------------------------------------------------------------------------------- */

static void
lines_are_the_records_with_only_the_line_breaks_between_tokens_gone(void **state)
{
	struct buf	 b = { 0 };

	(void)state;
	start();
	world_put_text(world_exchange, "{ \"Id\" : \"00000000\",\n  \"n\" : 1.000000000000000000001 , \"s\":\"a  b\\n\\u00e4\" ,"
	    "\"Id\":\"twice\", \"e\":[ ] }");
	bell();
	assert_int_equal(read_file(DAY_DIR "/000001.ndjson.gz", &b), 1);
	assert_string_equal(buf_str(&b),
	    "{ \"Id\" : \"00000000\",  \"n\" : 1.000000000000000000001 , \"s\":\"a  b\\n\\u00e4\" ,\"Id\":\"twice\", \"e\":[ ] }\n");
	buf_clear(&b);
	stop();
}

static void
nobody_else_can_read_them_whatever_the_umask(void **state)
{
	static const char *const names[] = { "", "contoso", "contoso/audit.exchange", DAY_DIR, "contoso/audit.entra",
		    "contoso/audit.entra/2026-11-24", DAY_DIR "/000001.ndjson.gz",
		    "contoso/audit.entra/2026-11-24/000001.ndjson.gz" };
	struct stat		 st;
	mode_t			 old;
	size_t			 i;

	(void)state;
	start();
	old = umask(0777);
	world_put(world_exchange, 1, 100);
	bell();
	umask(0);
	world_put(world_entra, 1, 100);
	bell();
	umask(old);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(stat(path_of(names[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, S_ISDIR(st.st_mode) ? 0700 : 0600);
	}
	all_exactly_once(2);
	stop();
}

static void
a_parcel_of_several_feeds_goes_to_several_files(void **state)
{
	struct buf	 b = { 0 };

	(void)state;
	start();
	world_put(world_exchange, 3, 200);
	world_put(world_entra, 2, 200);
	world_put(world_exchange, 4, 200);
	bell();
	assert_int_equal(read_file(DAY_DIR "/000001.ndjson.gz", &b), 7);
	assert_int_equal(read_file("contoso/audit.entra/2026-11-24/000001.ndjson.gz", &b), 2);
	assert_int_equal(counter_get(C_DEST_REQUESTS, "archive", "written", NULL), 1);
	all_exactly_once(9);
	buf_clear(&b);
	stop();
}

static void
the_day_is_when_a_record_was_first_seen(void **state)
{
	(void)state;
	start();
	world_put(world_exchange, 3, 200);
	fake_wall_ms += 86400000;		/* the archive was away over midnight */
	world_put(world_exchange, 2, 200);
	bell();
	assert_true(size_of(DAY_DIR "/000001.ndjson.gz") > 0);
	assert_true(size_of("contoso/audit.exchange/2026-11-25/000001.ndjson.gz") > 0);
	all_exactly_once(5);
	stop();
}

/* The day's tracks are forgotten when they seem old, and at a start the store is asked about the days around the clock's. */
static void
a_clock_that_is_years_off_writes_over_nothing(void **state)
{
	static const int64_t	 off[] = { 400, -3650 };
	int64_t			 right;
	unsigned		 n = 0;

	(void)state;
	start();
	for (size_t i = 0; i < 2; i++) {
		world_put(world_exchange, 3, 200);
		bell();
		right = fake_wall_ms;
		fake_wall_ms += off[i] * 86400000;
		fake_pass(60000);
		fake_wall_ms = right;
		world_put(world_exchange, 2, 200);
		bell();
		all_exactly_once(n += 5);
		fake_wall_ms += off[i] * 86400000;
		stop();
		start();
		fake_wall_ms = right;
		world_put(world_exchange, 2, 200);
		bell();
		all_exactly_once(n += 2);
	}
	stop();
}

#define FAR_DAY "contoso/audit.exchange/2027-12-29"

/* A sealed segment of a day that the next start does not ask the store about; its size. */
static int64_t
a_segment_of_a_day_far_off(void)
{
	static const int64_t	 later = 400 * (int64_t)86400000;
	int64_t			 size;

	start();
	fake_wall_ms += later;
	world_put(world_exchange, 2, 200);
	bell();
	fake_pass(3600 * 1000 + 31000);
	size = size_of(FAR_DAY "/000001.ndjson.gz");
	assert_true(size > 0);
	fake_wall_ms -= later;
	stop();
	start();
	fake_wall_ms += later;
	return size;
}

/* Of a day that the store was not asked about only the folder tells what is there: unread, nothing may be written. */
static void
a_folder_that_cannot_be_read_holds_and_is_written_over_by_nothing(void **state)
{
	static const char	*const day = FAR_DAY;
	char			 there[300];
	int64_t			 size = a_segment_of_a_day_far_off();

	(void)state;
	snprintf(there, sizeof(there), "%s/there", world_dir);
	assert_int_equal(rename(path_of(day), there), 0);
	assert_int_equal(symlink(there, path_of(day)), 0);	/* stands for EMFILE, EIO and all others */
	world_put(world_entra, 1, 200);
	world_put(world_exchange, 1, 200);
	bell();
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_non_null(strstr(output_why(o), day));
	assert_int_equal(world_left(), 2);
	assert_int_equal(unlink(path_of(day)), 0);
	assert_int_equal(rename(there, path_of(day)), 0);
	fake_pass(30000);
	assert_int_equal(output_state(o), OUTPUT_IDLE);
	assert_int_equal(world_left(), 0);
	assert_int_equal(size_of(FAR_DAY "/000001.ndjson.gz"), size);
	assert_true(size_of(FAR_DAY "/000002.ndjson.gz") > 0);
	assert_true(size_of("contoso/audit.entra/2027-12-29/000001.ndjson.gz") > 0);
	world_tallies_agree("archive");
	stop();
}

static int	 bad_listing;

/* The library's own, for whoever links this; it fails as a disk does. */
struct dirent *
readdir(DIR *dir)
{
	static struct dirent	*(*real)(DIR *);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "readdir");
	if (!bad_listing)
		return real(dir);
	errno = EIO;
	return NULL;
}

static void
a_folder_whose_listing_breaks_off_is_not_taken_for_empty(void **state)
{
	int64_t	 size = a_segment_of_a_day_far_off();

	(void)state;
	bad_listing = 1;
	world_put(world_exchange, 1, 200);
	bell();
	bad_listing = 0;
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_non_null(strstr(output_why(o), "cannot list the directory of"));
	fake_pass(30000);
	assert_int_equal(world_left(), 0);
	assert_int_equal(size_of(FAR_DAY "/000001.ndjson.gz"), size);
	assert_true(size_of(FAR_DAY "/000002.ndjson.gz") > 0);
	stop();
}

static void
names_hold_nothing_but_harmless_characters(void **state)
{
	char	 to[ARCHIVE_NAME];
	char	 longer[300];

	(void)state;
	archive_name(to, "contoso-1.Example_x");
	assert_string_equal(to, "contoso-1.Example_x");
	archive_name(to, "../a b/\xc3\xa4\n");
	assert_string_equal(to, "_._a_b____");
	archive_name(to, "");
	assert_string_equal(to, "_");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	archive_name(to, longer);
	assert_int_equal(strlen(to), ARCHIVE_NAME - 1);
}

/* ---- segments ----------------------------------------------------------------------------------------------------- */

static void
a_segment_is_closed_when_full_after_an_hour_and_at_midnight(void **state)
{
	int64_t	 first;

	(void)state;
	segment_max = 20000;
	start();
	world_put(world_exchange, 10, 1500);
	bell();
	first = size_of(DAY_DIR "/000001.ndjson.gz");
	assert_true(first > 0 && first <= 20000);
	world_put(world_exchange, 10, 1500);		/* does not fit any more */
	bell();
	assert_int_equal(size_of(DAY_DIR "/000001.ndjson.gz"), first);
	assert_true(size_of(DAY_DIR "/000002.ndjson.gz") > 0);
	world_put(world_exchange, 1, 200);
	bell();
	assert_int_equal(size_of(DAY_DIR "/000003.ndjson.gz"), -1);
	fake_pass(59 * 60 * 1000);
	world_put(world_exchange, 1, 200);
	bell();
	assert_int_equal(size_of(DAY_DIR "/000003.ndjson.gz"), -1);
	fake_pass(60 * 1000);
	world_put(world_exchange, 1, 200);
	bell();
	assert_true(size_of(DAY_DIR "/000003.ndjson.gz") > 0);
	fake_pass(23 * 3600 * 1000 - 10 * 60 * 1000);	/* ten to midnight */
	world_put(world_exchange, 1, 200);
	bell();
	assert_true(size_of(DAY_DIR "/000004.ndjson.gz") > 0);
	assert_int_equal(size_of(DAY_DIR "/000005.ndjson.gz"), -1);
	world_put(world_exchange, 1, 200);
	fake_pass(11 * 60 * 1000);
	bell();						/* of yesterday, after midnight */
	assert_true(size_of(DAY_DIR "/000005.ndjson.gz") > 0);
	world_put(world_exchange, 1, 200);
	bell();
	assert_true(size_of("contoso/audit.exchange/2026-11-25/000001.ndjson.gz") > 0);
	all_exactly_once(26);
	stop();
}

static void
a_quiet_segment_is_closed_too_and_never_changes_again(void **state)
{
	struct segment	*open;
	struct err	 e;
	size_t		 n;
	int64_t		 size;

	(void)state;
	start();
	world_put(world_exchange, 1, 200);
	bell();
	fake_pass(3600 * 1000 + 31000);
	size = size_of(DAY_DIR "/000001.ndjson.gz");
	stop();
	world_open(outputs);
	assert_int_equal(store_segments(world_store, 0, &open, &n, &e), 0);
	assert_int_equal(n, 0);
	free(open);
	open_sink();
	world_put(world_exchange, 1, 200);
	bell();
	assert_int_equal(size_of(DAY_DIR "/000001.ndjson.gz"), size);
	assert_true(size_of(DAY_DIR "/000002.ndjson.gz") > 0);
	all_exactly_once(2);
	stop();
}

static void
nothing_is_closed_under_a_parcel_that_is_being_written(void **state)
{
	struct buf	 b = { 0 };

	(void)state;
	start();
	world_put(world_exchange, 1, 200);
	bell();
	fake_pass(3600 * 1000 - 20000);
	world_put(world_exchange, 1, 200);
	fake_work_stuck = 2;			/* a slow disk: two minutes */
	bell();
	fake_pass(120000);
	fake_work_stuck = 0;
	fake_turn();
	world_put(world_exchange, 1, 200);
	bell();
	fake_pass(60000);
	stop();
	start();
	assert_int_equal(world_gaps(&b), 0);
	assert_int_equal(read_file(DAY_DIR "/000001.ndjson.gz", &b), 2);
	all_exactly_once(3);
	buf_clear(&b);
	stop();
}

static void
a_restart_continues_the_open_segment(void **state)
{
	struct buf	 b = { 0 };

	(void)state;
	start();
	world_put(world_exchange, 3, 200);
	bell();
	stop();
	start();
	world_put(world_exchange, 3, 200);
	bell();
	assert_int_equal(read_file(DAY_DIR "/000001.ndjson.gz", &b), 6);
	all_exactly_once(6);
	buf_clear(&b);
	stop();
}

/* ---- dying -------------------------------------------------------------------------------------------------------- */

/* As a reload does it: the process, its store and its other outputs live on. */
static void
a_file_output_that_is_made_again_continues_the_open_segment(void **state)
{
	struct buf	 b = { 0 };

	(void)state;
	start();
	world_put(world_exchange, 3, 300);
	bell();
	world_stop(o, 1000);
	world_put(world_exchange, 2, 300);
	store_halt(world_store);
	open_sink();
	bell();
	assert_int_equal(read_file(DAY_DIR "/000001.ndjson.gz", &b), 5);
	assert_int_equal(size_of(DAY_DIR "/000002.ndjson.gz"), -1);
	assert_int_equal(world_left(), 0);
	world_tallies_agree("archive");
	buf_clear(&b);
	stop();
}

static void
a_first_write_that_was_not_committed_is_written_once(void **state)
{
	struct buf	 b = { 0 };

	(void)state;
	start();
	world_put(world_exchange, 5, 1000);
	die_between_write_and_commit();
	assert_true(size_of(DAY_DIR "/000001.ndjson.gz") > 0);
	bury_the_dead();
	start();
	assert_int_equal(world_left(), 1);
	world_put(world_exchange, 1, 100);		/* the next run's parcel is another one */
	bell();
	assert_int_equal(read_file(DAY_DIR "/000001.ndjson.gz", &b), 6);
	assert_int_equal(size_of(DAY_DIR "/000002.ndjson.gz"), -1);
	all_exactly_once(6);
	buf_clear(&b);
	stop();
}

static void
a_later_write_that_was_not_committed_is_cut_at_start(void **state)
{
	int64_t	 size;

	(void)state;
	start();
	world_put(world_exchange, 5, 1000);
	bell();
	size = size_of(DAY_DIR "/000001.ndjson.gz");
	world_put(world_exchange, 5, 1000);
	die_between_write_and_commit();
	assert_true(size_of(DAY_DIR "/000001.ndjson.gz") > size);
	bury_the_dead();
	start();
	assert_int_equal(size_of(DAY_DIR "/000001.ndjson.gz"), size);
	bell();
	all_exactly_once(10);
	stop();
}

static void
a_torn_tail_is_cut_and_a_file_of_nobody_is_used_again(void **state)
{
	FILE	*f;

	(void)state;
	start();
	world_put(world_exchange, 5, 1000);
	bell();
	stop();
	f = fopen(path_of(DAY_DIR "/000001.ndjson.gz"), "a");
	fwrite("\x1f\x8b\x08half a member", 1, 16, f);
	fclose(f);
	start();
	world_put(world_exchange, 5, 1000);
	fake_pass(3600 * 1000);				/* so that a new segment begins */
	f = fopen(path_of(DAY_DIR "/000002.ndjson.gz"), "w");
	fprintf(f, "%30000s", "of nobody");
	fclose(f);
	bell();
	all_exactly_once(10);
	stop();
}

static void
a_file_shorter_than_recorded_is_sealed_with_a_gap(void **state)
{
	struct buf	 b = { 0 };
	int64_t		 size;

	(void)state;
	start();
	world_put(world_exchange, 5, 1000);
	bell();
	stop();
	size = size_of(DAY_DIR "/000001.ndjson.gz");
	assert_int_equal(truncate(path_of(DAY_DIR "/000001.ndjson.gz"), size - 1), 0);
	start();
	assert_int_equal(world_gaps(&b), 1);
	assert_non_null(strstr(buf_str(&b), "archive-file-short"));
	assert_non_null(strstr(buf_str(&b), DAY_DIR "/000001.ndjson.gz"));
	world_put(world_exchange, 5, 1000);
	bell();
	assert_int_equal(size_of(DAY_DIR "/000001.ndjson.gz"), size - 1);
	assert_int_equal(read_file(DAY_DIR "/000002.ndjson.gz", &b), 5);
	assert_int_equal(unlink(path_of(DAY_DIR "/000002.ndjson.gz")), 0);	/* and while we run */
	world_put(world_exchange, 2, 1000);
	bell();
	fake_pass(2000);
	assert_int_equal(size_of(DAY_DIR "/000002.ndjson.gz"), -1);
	assert_int_equal(read_file(DAY_DIR "/000003.ndjson.gz", &b), 2);
	assert_int_equal(world_gaps(&b), 2);
	size = size_of(DAY_DIR "/000003.ndjson.gz");
	assert_int_equal(truncate(path_of(DAY_DIR "/000003.ndjson.gz"), size - 1), 0);
	world_put(world_exchange, 1, 1000);
	bell();
	fake_pass(2000);
	assert_int_equal(size_of(DAY_DIR "/000003.ndjson.gz"), size - 1);
	assert_int_equal(read_file(DAY_DIR "/000004.ndjson.gz", &b), 1);
	assert_int_equal(world_gaps(&b), 3);
	assert_int_equal(counter_sum(C_GAPS), 3);
	assert_int_equal(world_left(), 0);
	stop();
	start();					/* said once */
	assert_int_equal(world_gaps(&b), 3);
	buf_clear(&b);
	stop();
}

static void
a_gap_that_a_full_disk_did_not_take_is_recorded_when_there_is_room(void **state)
{
	struct buf	 b = { 0 };

	(void)state;
	start();
	world_put(world_exchange, 5, 1000);
	bell();
	stop();
	assert_int_equal(unlink(path_of(DAY_DIR "/000001.ndjson.gz")), 0);
	world_open(outputs);
	open_sink();
	disk_full(1);
	fake_turn();
	assert_int_equal(world_gaps(&b), 0);
	fake_pass(30000);
	disk_full(0);
	assert_int_equal(world_gaps(&b), 0);
	fake_pass(30000);
	assert_int_equal(world_gaps(&b), 1);
	assert_int_equal(counter_sum(C_GAPS), 1);
	buf_clear(&b);
	stop();
}

static void
has_stopped(void *arg)
{
	*(int *)arg = 1;
}

static void
a_stop_does_not_wait_for_a_disk_that_hangs(void **state)
{
	int	 stopped = 0;

	(void)state;
	start();
	world_put(world_exchange, 5, 1000);
	die_between_write_and_commit();
	output_stop(o, 5000, has_stopped, &stopped);
	fake_pass(4999);
	assert_false(stopped);
	fake_pass(1);
	assert_true(stopped);
	fake_work_stuck = 0;
	fake_turn();			/* it comes back after all */
	assert_int_equal(world_left(), 1);
	output_free(o);
	world_close();
	start();
	bell();
	all_exactly_once(5);
	stop();
}

/* ---- a disk that does not want to --------------------------------------------------------------------------------- */

static void
a_full_disk_holds_and_leaves_no_torn_line(void **state)
{
	struct rlimit	 all, small;
	int64_t		 size;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &all), 0);
	start();
	world_put(world_exchange, 5, 1000);
	bell();
	size = size_of(DAY_DIR "/000001.ndjson.gz");
	small = all;
	small.rlim_cur = (rlim_t)size + 1000;
	world_put(world_exchange, 50, 1000);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);	/* EFBIG stands for ENOSPC */
	bell();
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_non_null(strstr(output_why(o), DAY_DIR "/000001.ndjson.gz: File too large"));
	assert_int_equal(size_of(DAY_DIR "/000001.ndjson.gz"), size);
	assert_int_equal(world_left(), 1);
	assert_int_equal(counter_get(C_DEST_REQUESTS, "archive", "failed", NULL), 1);
	fake_pass(30000);
	assert_int_equal(output_state(o), OUTPUT_IDLE);
	all_exactly_once(55);
	stop();
}

static void
a_path_that_is_not_there_holds_until_it_is(void **state)
{
	char	 parent[100];

	(void)state;
	snprintf(parent, sizeof(parent), "%s/mnt", world_dir);
	snprintf(root, sizeof(root), "%s/mnt/archive", world_dir);
	start();
	world_put(world_exchange, 5, 1000);
	bell();
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_non_null(strstr(output_why(o), "No such file or directory"));
	assert_int_equal(mkdir(parent, 0700), 0);
	output_kick(o);
	fake_turn();
	assert_int_equal(output_state(o), OUTPUT_IDLE);
	all_exactly_once(5);
	stop();
}

static void
an_archive_that_is_away_at_start_is_no_gap(void **state)
{
	struct buf	 b = { 0 };
	char		 away[120];

	(void)state;
	start();
	world_put(world_exchange, 5, 1000);
	bell();
	stop();
	snprintf(away, sizeof(away), "%s.away", root);
	assert_int_equal(rename(root, away), 0);
	start();
	assert_int_equal(world_gaps(&b), 0);
	world_put(world_exchange, 5, 1000);
	bell();
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_int_equal(rename(away, root), 0);
	fake_pass(30000);
	all_exactly_once(10);
	assert_int_equal(world_gaps(&b), 0);
	buf_clear(&b);
	stop();
}

static void
no_link_below_the_root_is_followed(void **state)
{
	char	 elsewhere[100];

	(void)state;
	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", world_dir);
	assert_int_equal(mkdir(elsewhere, 0700), 0);
	assert_int_equal(mkdir(root, 0700), 0);
	assert_int_equal(symlink(elsewhere, path_of("contoso")), 0);
	start();
	world_put(world_exchange, 5, 1000);
	bell();
	assert_int_equal(output_state(o), OUTPUT_HOLD);
	assert_int_equal(rmdir(elsewhere), 0);		/* nothing was made in it */
	assert_int_equal(unlink(path_of("contoso")), 0);
	fake_pass(30000);
	all_exactly_once(5);
	stop();
}

#define FIRST	DAY_DIR "/000001.ndjson.gz"
#define SECOND	DAY_DIR "/000002.ndjson.gz"
#define THIRD	DAY_DIR "/000003.ndjson.gz"

static void
write_and_stop(unsigned n)
{
	start();
	world_put(world_exchange, n, 200);
	bell();
	stop();
}

/* To the archive an output of another name, or a tenant of another id, is the same. */
static void
take_a_new_store(const char *number)
{
	char	 state_dir[140], old[140];

	snprintf(state_dir, sizeof(state_dir), "%s/state", world_dir);
	snprintf(old, sizeof(old), "%s/state.%s", world_dir, number);
	assert_int_equal(rename(state_dir, old), 0);
}

static void
files_that_the_store_knows_nothing_of_are_written_over_by_nothing(void **state)
{
	int64_t		 size;
	struct buf	 b = { 0 };

	(void)state;
	write_and_stop(5);
	size = size_of(FIRST);
	take_a_new_store("1");
	write_and_stop(3);
	assert_int_equal(size_of(FIRST), size);
	assert_int_equal(read_file(SECOND, &b), 3);
	buf_clear(&b);
}

/* While it starts nobody can see them: the mount is away, or a link stands in the path. */
static void
nor_are_those_that_come_into_sight_later(void **state)
{
	char		 hidden[300], away[100];
	int64_t		 size;
	struct buf	 b = { 0 };

	(void)state;
	snprintf(away, sizeof(away), "%s/away", world_dir);
	snprintf(hidden, sizeof(hidden), "%s/mnt", world_dir);
	snprintf(root, sizeof(root), "%s/mnt/archive", world_dir);
	assert_int_equal(mkdir(hidden, 0700), 0);
	write_and_stop(5);
	size = size_of(FIRST);
	for (int linked = 0; linked < 2; linked++) {
		take_a_new_store(linked ? "2" : "1");
		if (linked)
			snprintf(hidden, sizeof(hidden), "%s", path_of("contoso"));
		assert_int_equal(rename(hidden, away), 0);
		assert_int_equal(linked ? symlink(away, hidden) : 0, 0);
		start();
		world_put(world_exchange, 3, 200);
		bell();
		assert_int_equal(output_state(o), OUTPUT_HOLD);
		assert_int_equal(linked ? unlink(hidden) : 0, 0);
		assert_int_equal(rename(away, hidden), 0);
		fake_pass(30000);
		stop();
		assert_int_equal(size_of(FIRST), size);
		assert_int_equal(read_file(linked ? THIRD : SECOND, &b), 3);
	}
	buf_clear(&b);
}

/* Another path: what was open stays as it is where it is, without a gap; a first write there that was not committed is written once. */
static void
an_archive_that_moves_goes_on_in_its_new_place(void **state)
{
	char		 home[100];
	int64_t		 size;
	struct buf	 b = { 0 };

	(void)state;
	write_and_stop(5);
	size = size_of(FIRST);
	memcpy(home, root, sizeof(home));
	snprintf(root, sizeof(root), "%s/moved", world_dir);
	start();
	world_put(world_exchange, 4, 200);
	die_between_write_and_commit();
	bury_the_dead();
	start();
	bell();
	assert_int_equal(output_state(o), OUTPUT_IDLE);
	assert_int_equal(read_file(SECOND, &b), 4);
	assert_int_equal(size_of(THIRD), -1);
	assert_int_equal(world_gaps(&b), 0);
	stop();
	memcpy(root, home, sizeof(root));
	assert_int_equal(size_of(FIRST), size);
	buf_clear(&b);
}

static int
set_up(void **state)
{
	if (world_set_up(state) == -1)
		return -1;
	segment_max = 0;
	snprintf(root, sizeof(root), "%s/archive", world_dir);
	return 0;
}

#define story(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		story(lines_are_the_records_with_only_the_line_breaks_between_tokens_gone),
		story(nobody_else_can_read_them_whatever_the_umask),
		story(a_parcel_of_several_feeds_goes_to_several_files),
		story(the_day_is_when_a_record_was_first_seen),
		story(a_clock_that_is_years_off_writes_over_nothing),
		story(a_folder_that_cannot_be_read_holds_and_is_written_over_by_nothing),
		story(a_folder_whose_listing_breaks_off_is_not_taken_for_empty),
		story(names_hold_nothing_but_harmless_characters),
		story(a_segment_is_closed_when_full_after_an_hour_and_at_midnight),
		story(a_quiet_segment_is_closed_too_and_never_changes_again),
		story(nothing_is_closed_under_a_parcel_that_is_being_written),
		story(a_restart_continues_the_open_segment),
		story(a_file_output_that_is_made_again_continues_the_open_segment),
		story(a_first_write_that_was_not_committed_is_written_once),
		story(a_later_write_that_was_not_committed_is_cut_at_start),
		story(a_torn_tail_is_cut_and_a_file_of_nobody_is_used_again),
		story(a_file_shorter_than_recorded_is_sealed_with_a_gap),
		story(a_gap_that_a_full_disk_did_not_take_is_recorded_when_there_is_room),
		story(a_stop_does_not_wait_for_a_disk_that_hangs),
		story(a_full_disk_holds_and_leaves_no_torn_line),
		story(a_path_that_is_not_there_holds_until_it_is),
		story(an_archive_that_is_away_at_start_is_no_gap),
		story(no_link_below_the_root_is_followed),
		story(files_that_the_store_knows_nothing_of_are_written_over_by_nothing),
		story(nor_are_those_that_come_into_sight_later),
		story(an_archive_that_moves_goes_on_in_its_new_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
