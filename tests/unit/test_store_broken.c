/*
 * store: disks that are full, and disks that fail. A layer over SQLite's file access fails on demand.
 */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "store_kit.h"

/* ---- the layer ------------------------------------------------------------------------------------------------------- */

static _Atomic int	 full, no_blocks, bad_wal_flush, bad_file_flush;	/* what fails now */
static _Atomic int	 file_writes;				/* into state.db itself */

struct layer_file {
	sqlite3_file	 base;
	int		 is_wal;
	sqlite3_file	*real;		/* lies behind this struct */
};

static sqlite3_file *
real_of(sqlite3_file *f)
{
	return ((struct layer_file *)f)->real;
}

static int
layer_close(sqlite3_file *f)
{
	return real_of(f)->pMethods->xClose(real_of(f));
}

static int
layer_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	return real_of(f)->pMethods->xRead(real_of(f), to, n, at);
}

static int
layer_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	if (full)
		return SQLITE_FULL;
	if (!((struct layer_file *)f)->is_wal)
		file_writes++;
	return real_of(f)->pMethods->xWrite(real_of(f), from, n, at);
}

static int
layer_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	return real_of(f)->pMethods->xTruncate(real_of(f), n);
}

static int
layer_sync(sqlite3_file *f, int flags)
{
	if (((struct layer_file *)f)->is_wal ? bad_wal_flush : bad_file_flush)
		return SQLITE_IOERR_FSYNC;
	return real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int
layer_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), n);
}

static int
layer_lock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int
layer_unlock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int
layer_reserved(sqlite3_file *f, int *is)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), is);
}

static int
layer_control(sqlite3_file *f, int what, void *arg)
{
	if (what == SQLITE_FCNTL_SIZE_HINT && no_blocks)
		return SQLITE_FULL;
	return real_of(f)->pMethods->xFileControl(real_of(f), what, arg);
}

static int
layer_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int
layer_traits(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

/* Version 1: no shared memory, which an exclusive connection does not need. */
static const sqlite3_io_methods	 methods = { .iVersion = 1, .xClose = layer_close, .xRead = layer_read, .xWrite = layer_write,
    .xTruncate = layer_truncate, .xSync = layer_sync, .xFileSize = layer_size, .xLock = layer_lock, .xUnlock = layer_unlock,
    .xCheckReservedLock = layer_reserved, .xFileControl = layer_control, .xSectorSize = layer_sector,
    .xDeviceCharacteristics = layer_traits };

static sqlite3_vfs	*real_vfs, layer;

static int
layer_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct layer_file	*lf = (struct layer_file *)f;
	int			 rc;

	(void)vfs;
	lf->base.pMethods = NULL;
	lf->real = (sqlite3_file *)(lf + 1);
	lf->is_wal = (flags & SQLITE_OPEN_WAL) != 0;
	if ((rc = real_vfs->xOpen(real_vfs, name, lf->real, flags, out)) == SQLITE_OK)
		lf->base.pMethods = &methods;
	return rc;
}

static void
put_layer_in(void)
{
	real_vfs = sqlite3_vfs_find(NULL);
	layer = *real_vfs;
	layer.zName = "faulty";
	layer.szOsFile = (int)sizeof(struct layer_file) + real_vfs->szOsFile;
	layer.xOpen = layer_open;
	sqlite3_vfs_register(&layer, 1);
}

/* ---- stories --------------------------------------------------------------------------------------------------------- */

static struct kit	 k;

static int
set_up(void **state)
{
	(void)state;
	kit_new(&k);
	log_open(LOG_ERROR, LOG_TEXT);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	full = no_blocks = bad_wal_flush = bad_file_flush = 0;
	kit_free(&k);
	return 0;
}

static void
assert_balanced(void)
{
	assert_null(kit_unbalanced(&k, k.out[0]));
	assert_null(kit_unbalanced(&k, k.out[1]));
}

static int
is_marked(void)
{
	char	 path[128];

	snprintf(path, sizeof(path), "%s/state.check", k.dir);
	return access(path, F_OK) == 0;
}

static void
a_full_disk_hands_a_put_back_and_changes_nothing(void **state)
{
	struct put		*p = kit_put_of(&k, "b", 100, 10);
	struct store_result	 r;

	(void)state;
	kit_put_new(&k, "a", 0, 10);
	full = 1;
	r = kit_put(&k, p);
	assert_int_equal(r.fail, STORE_FULL);
	assert_non_null(strstr(r.err.text, "full"));
	full = 0;
	assert_int_equal(kit_owed(&k, k.out[0]), 10);
	r = kit_put(&k, p);			/* the same, by the same pointer */
	assert_int_equal(r.n, 10);
	assert_int_equal(r.duplicates, 0);
	assert_balanced();
	assert_false(is_marked());		/* a full disk is no reason to doubt the file */
}

/* The WAL has room, the file has none: what a checkpoint could not copy back must not be confirmed. */
static void
a_file_that_cannot_grow_refuses_what_would_not_fit(void **state)
{
	struct put	*p = put_new();

	(void)state;
	p->feed = k.feed;
	p->content_id = strdup("large");
	p->origin = "management";
	kit_add(p, 0, 1, 3000000);
	no_blocks = 1;
	assert_int_equal(kit_put(&k, p).fail, STORE_FULL);
	assert_int_equal(store_spool_bytes(k.s), 0);
	no_blocks = 0;
	assert_int_equal(kit_put(&k, p).n, 1);
	assert_balanced();
}

static void
a_done_that_met_a_full_disk_can_be_said_again(void **state)
{
	struct kit_batches	 b;

	(void)state;
	kit_put_new(&k, "a", 0, 10);
	b = kit_peek(&k, k.out[0], NULL, 0, 1 << 20);
	full = 1;
	assert_int_equal(kit_done_some(&k, k.out[0], &b.b[0], 0, 10, DONE_DELIVERED).fail, STORE_FULL);
	full = 0;
	assert_int_equal(kit_owed(&k, k.out[0]), 10);
	assert_int_equal(kit_done_some(&k, k.out[0], &b.b[0], 0, 10, DONE_DELIVERED).fail, STORE_OK);
	kit_batches_free(&b);
	assert_int_equal(kit_tally(&k, "delivered:elastic"), 10);
	assert_balanced();
}

static void
after_a_failed_flush_nothing_more_is_done(void **state)
{
	struct kit_batches	 b;
	int64_t			 stored;

	(void)state;
	kit_put_new(&k, "a", 0, 10);
	bad_wal_flush = 1;
	assert_int_equal(kit_put_new(&k, "b", 100, 10).fail, STORE_BROKEN);
	bad_wal_flush = 0;			/* and nobody tries it again */
	assert_int_equal(kit_put_new(&k, "c", 200, 10).fail, STORE_BROKEN);
	b = kit_peek(&k, k.out[0], NULL, 0, 1);
	assert_int_equal(b.fail, STORE_BROKEN);
	kit_batches_free(&b);
	assert_int_equal(kit_expire(&k).fail, STORE_BROKEN);
	assert_true(is_marked());
	kit_stop(&k);
	kit_start(&k);				/* checked, and sound */
	assert_false(is_marked());
	stored = kit_tally(&k, "stored");
	assert_true(stored == 10 || stored == 20);	/* what was not answered may be there, whole */
	assert_balanced();
	assert_int_equal(kit_put_new(&k, "b", 100, 10).n, stored == 10 ? 10 : 0);
	assert_balanced();
}

/* The kernel calls the second flush a success though the pages of the first are lost. */
struct answer { enum store_fail fail; size_t blobs, text; };

static void
keep(void *arg, struct store_result *r)
{
	struct answer	*a = arg;

	a->fail = r->fail;
	a->blobs = r->n_blobs;
	a->text = r->text.len;
}

/* A mark that stood where the ledger does not reach, or a gap that was never written, would be a silent loss. */
static void
a_page_its_mark_and_its_gap_are_written_together_or_not_at_all(void **state)
{
	struct blob_row	 row = { .content_id = (char []){ "late" }, .uri = (char []){ "https://x.example/l" }, .created_ms = 1,
	    .expires_ms = kit_now() + KIT_DAY, .state = BLOB_LISTED };
	struct gap	 gap = { .feed = k.feed, .output = "", .from_ms = 1, .to_ms = 2, .reason = "window-too-old", .detail = "x" };
	struct answer	 page, due, gaps;
	char		 mark[64];

	(void)state;
	for (full = 1; full >= 0; full--) {
		store_page(k.s, k.feed, &row, 1, "listed", "2026-11-23T08:00:00.000Z", &gap, keep, &page);
		store_next(k.s, k.feed, kit_now(), 10, keep, &due);
		store_gaps(k.s, keep, &gaps);
		store_wait(k.s);
		assert_int_equal(page.fail, full ? STORE_FULL : STORE_OK);
		assert_int_equal(due.blobs, full ? 0 : 1);
		assert_int_equal(gaps.text > 0, !full);
		assert_int_equal(store_mark(k.s, k.feed, "listed", mark, &(struct err){ 0 }), !full);	/* the store thread is idle now */
	}
	full = 0;
}

static void
a_failed_flush_while_the_wal_is_copied_back_is_not_tried_again(void **state)
{
	struct store_result	 r = { .fail = STORE_OK };
	int			 writes;

	(void)state;
	bad_file_flush = 1;
	for (int i = 0; i < 40 && r.fail == STORE_OK; i++) {
		struct put	*p = kit_put_of(&k, "a", i, 0);

		kit_add(p, i, 7, 1 << 20);
		r = kit_put(&k, p);
	}
	assert_int_equal(r.fail, STORE_BROKEN);
	assert_true(is_marked());
	bad_file_flush = 0;
	writes = file_writes;
	kit_stop(&k);
	assert_int_equal(file_writes, writes);		/* not at the close either */
	kit_start(&k);
	assert_balanced();
	assert_true(kit_tally(&k, "stored") > 0);
}

/* Ignored, the WAL would be taken for copied at the next try, which the kernel calls a success. */
static void
a_flush_that_fails_at_the_open_or_the_close_is_said_and_not_tried_again(void **state)
{
	struct err	 e = { 0 };

	(void)state;
	kit_put_new(&k, "a", 0, 10);
	bad_file_flush = 1;
	kit_stop(&k);
	assert_true(is_marked());
	assert_null(store_open(&k.opts, &e));
	assert_int_equal(e.kind, ERR_IO);
	assert_non_null(strstr(e.text, "state.db: cannot be read or written"));
	bad_file_flush = 0;
	kit_start(&k);
	assert_false(is_marked());
	assert_int_equal(kit_owed(&k, k.out[0]), 10);
	assert_balanced();
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest	 stories[] = {
		STORY(a_full_disk_hands_a_put_back_and_changes_nothing),
		STORY(a_file_that_cannot_grow_refuses_what_would_not_fit),
		STORY(a_done_that_met_a_full_disk_can_be_said_again),
		STORY(a_page_its_mark_and_its_gap_are_written_together_or_not_at_all),
		STORY(after_a_failed_flush_nothing_more_is_done),
		STORY(a_flush_that_fails_at_the_open_or_the_close_is_said_and_not_tried_again),
		STORY(a_failed_flush_while_the_wal_is_copied_back_is_not_tried_again),
	};

	put_layer_in();
	return cmocka_run_group_tests_name("store: faults", stories, NULL, NULL);
}
