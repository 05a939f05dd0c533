/*
 * fuzz_store - the store's file changed by anybody: bytes of the database or of its -wal, a cut, or rows that SQLite takes and we
 * would never write. The store opens or says what is wrong with which file; every job is answered once, what it tells is lines of
 * JSON, and what it hands out for delivery is a batch that reads to its end.
 *
 * Input: lines of "db OFFSET HEX", "wal OFFSET HEX" (negative offsets: from the end), "cut-db LENGTH", "cut-wal LENGTH",
 * "sql STATEMENT", done in that order to a small store that was closed with something in it.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/store_kit.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "kit.h"

#define LINES_MAX	12

static struct image {		/* of a file as the store left it */
	const char	*name;
	char		*path, *bytes;
	size_t		 len;
} images[] = { { .name = "state.db" }, { .name = "state.db-wal" } };

static struct kit	 kit;
static unsigned		 asked, answered;

/* ---- the store as it was left ---- */

static void
read_image(struct image *i)
{
	struct stat	 st;
	int		 fd;

	i->path = xasprintf("%s/%s", kit.dir, i->name);
	MUST((fd = open(i->path, O_RDONLY)) != -1 && fstat(fd, &st) == 0);
	i->len = (size_t)st.st_size;
	i->bytes = xmalloc(i->len + 1);
	MUST(read(fd, i->bytes, i->len) == (ssize_t)i->len);
	close(fd);
}

static void
gone(void)
{
	kit_free(&kit);
}

/* Records that were delivered, that are owed, and that are dead; blobs in every state; a gap and a segment. */
static void
begin(void)
{
	struct blob_row		 rows[2] = {
		{ .content_id = (char[]){ "l" }, .uri = (char[]){ "https://x/" }, .state = BLOB_LISTED },
		{ .content_id = (char[]){ "r" }, .uri = (char[]){ "" }, .state = BLOB_REFUSED } };
	struct segment		 segment = { .day = "2026-11-23", .seq = 1, .length = 10 };
	struct gap		 gap = { .output = "", .from_ms = 1, .to_ms = 2, .reason = "window-too-old", .detail = "x" };
	struct kit_batches	 b;
	struct done		*d;
	struct put		*p;

	if (kit.dir[0] != '\0')
		return;
	kit_new(&kit);
	atexit(gone);
	rows[0].created_ms = rows[1].created_ms = kit_now();
	rows[0].expires_ms = rows[1].expires_ms = kit_now() + KIT_DAY;
	gap.feed = segment.feed = kit.feed;
	store_page(kit.s, kit.feed, rows, 2, "listed", "2026-11-23T08:00:00.000Z", &gap, NULL, NULL);
	p = kit_put_of(&kit, "b1", 0, 3);
	kit_add_dead(p, 90, "no JSON");
	kit_put(&kit, p);
	kit_put_new(&kit, "b2", 10, 3);
	b = kit_peek(&kit, kit.out[0], NULL, 0, 1 << 20);
	kit_done_some(&kit, kit.out[0], &b.b[0], 0, 1, DONE_DEAD);
	kit_done_some(&kit, kit.out[0], &b.b[0], 1, 2, DONE_DELIVERED);
	d = done_new(kit.out[1]);
	d->segments = xmalloc(sizeof(segment));
	d->segments[0] = segment;
	d->n_segments = 1;
	kit_done(&kit, d);
	kit_batches_free(&b);
	kit_stop(&kit);
	for (size_t i = 0; i < 2; i++)
		read_image(&images[i]);
}

/* ---- what was done to it ---- */

static void
write_image(const struct image *i)
{
	int	 fd = open(i->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	MUST(fd != -1 && write(fd, i->bytes, i->len) == (ssize_t)i->len);
	close(fd);
}

static void
change_bytes(const struct image *i, char *text)
{
	long	 at = strtol(fuzz_word(&text), NULL, 10);
	char	*hex = fuzz_word(&text), byte[3] = "";
	int	 fd = open(i->path, O_WRONLY);

	MUST(fd != -1);
	at = at < 0 ? at % (long)i->len + (long)i->len : at % (long)(i->len + 1);
	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2, at++) {
		memcpy(byte, hex, 2);
		byte[0] = (char)strtol(byte, NULL, 16);
		MUST(pwrite(fd, byte, 1, at) == 1);
	}
	close(fd);
}

/* A statement that takes too long is cut short: this is about what stands in the file. */
static int
enough(void *arg)
{
	return ++*(unsigned *)arg > 1000;
}

static int
may_do(void *arg, int what, const char *a, const char *b, const char *c, const char *d)
{
	(void)arg;
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return what == SQLITE_ATTACH || what == SQLITE_DETACH || what == SQLITE_FUNCTION ? SQLITE_DENY : SQLITE_OK;
}

static void
change_rows(const char *sql)
{
	unsigned	 steps = 0;
	sqlite3		*db;

	if (sqlite3_open(images[0].path, &db) == SQLITE_OK) {
		sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1 << 20);
		sqlite3_set_authorizer(db, may_do, NULL);
		sqlite3_progress_handler(db, 1000, enough, &steps);
		sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		sqlite3_exec(db, sql, NULL, NULL, NULL);
	}
	sqlite3_close(db);
}

static void
change(char *line)
{
	char	*text = line, *what = fuzz_word(&text);

	if (strcmp(what, "db") == 0)
		change_bytes(&images[0], text);
	else if (strcmp(what, "wal") == 0)
		change_bytes(&images[1], text);
	else if (strcmp(what, "cut-db") == 0)
		MUST(truncate(images[0].path, (long)fuzz_number(&text, 1 << 20)) == 0);
	else if (strcmp(what, "cut-wal") == 0)
		MUST(truncate(images[1].path, (long)fuzz_number(&text, 1 << 20)) == 0);
	else if (strcmp(what, "sql") == 0)
		change_rows(text);
}

static void
lay_out(struct fuzz_in in)
{
	char	 line[300], *path;

	path = xasprintf("%s/check", kit.dir);		/* what a failed store asks of the next open */
	unlink(path);
	free(path);
	for (size_t i = 0; i < 2; i++)
		write_image(&images[i]);
	for (int n = 0; n < LINES_MAX && in.p < in.end; n++)
		change(fuzz_line(&in, line, sizeof(line)));
}

/* ---- what the store makes of it ---- */

static void
check_lines(const struct buf *text)
{
	struct json	 j = { 0 };
	const char	*stop;

	for (const char *p = buf_str(text); *p != '\0'; p = stop + 1) {
		MUST((stop = strchr(p, '\n')) != NULL);
		MUST(json_index(&j, p, (size_t)(stop - p), 0, JSON_DEPTH) == JSON_OK && j.nodes[0].kind == JSON_OBJECT);
	}
	json_clear(&j);
}

/* load.c relies on it: a body reads to its end, and has as many records as it says. */
static void
check_batch(const struct peeked *b)
{
	struct record	 r;
	size_t		 at = 0;
	uint32_t	 n = 0;
	int		 rc;

	while ((rc = record_next(b->body.bytes, b->body.len, &at, &r)) == 1)
		n++;
	MUST(rc == 0 && n == b->n && b->content_id != NULL);
	for (uint32_t i = 0; b->done != NULL && i < (n + 7) / 8; i++)
		(void)*(volatile uint8_t *)&b->done[i];
}

static void
told(void *arg, struct store_result *r)
{
	(void)arg;
	answered++;
	if (r->fail == STORE_BROKEN)
		MUST(strstr(r->err.text, kit.dir) != NULL && strstr(r->err.text, "not an error") == NULL);
	if (r->fail != STORE_OK)
		return;
	check_lines(&r->text);
	for (size_t i = 0; i < r->n_peeked; i++)
		check_batch(&r->peeked[i]);
	for (size_t i = 0; i < r->n_blobs; i++)
		MUST(r->blobs[i].content_id != NULL && r->blobs[i].uri != NULL);
}

static void
ask_all(struct store *s, int feed, int output)
{
	static const char *const	 questions[] = { "status", "gaps", "tallies", "dead 0 *", "dead-show 1", "dead-export 0 *",
		    "dead-retry 0 9223372036854775807 *", "dead-drop 0 9223372036854775807 *" };
	struct put			*p = kit_put_of(&kit, "b9", 50, 2);

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++, asked++)
		MUST(store_ask(s, questions[i], told, NULL));
	store_next(s, feed, kit_now(), 8, told, NULL);
	store_refused(s, feed, told, NULL);
	store_peek(s, output, NULL, 0, 1 << 20, told, NULL);
	store_expire(s, feed, kit_now() + 9 * KIT_DAY, told, NULL);
	p->feed = feed;
	store_put(s, p, told, NULL);
	store_drop_oldest(s, output, 0, 1, told, NULL);
	store_ping(s, told, NULL);
	asked += 7;
	store_wait(s);
	MUST(asked == answered);
}

/* -1: it did not open, and said why. */
static int
use(void)
{
	struct err	 e = { 0 };
	struct store	*s = store_open(&kit.opts, &e);
	struct segment	*segments = NULL;
	char		 value[64];
	size_t		 n;
	int		 feed, output, rc = -1;

	if (s == NULL) {
		MUST((e.kind == ERR_IO || e.kind == ERR_CONFIG) && strstr(e.text, kit.dir) != NULL);
		return -1;
	}
	if ((feed = store_feed(s, "11111111-2222-3333-4444-555555555555", "contoso", "audit.exchange", &e)) > 0 &&
	    (output = store_output(s, "elastic", 0, &e)) >= 0 && store_segments(s, output, &segments, &n, &e) == 0 &&
	    store_outputs_end(s, &e) == 0) {
		store_mark(s, feed, "listed", value, &(struct err){ 0 });
		store_feed_mask(s, feed, (uint64_t)1 << output);
		if (store_start(s, &e) == 0) {
			ask_all(s, feed, output);
			rc = 0;
		}
	}
	MUST(rc == 0 || strstr(e.text, kit.dir) != NULL);
	free(segments);
	store_close(s);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	begin();
	lay_out(fuzz_in(p, len));
	asked = answered = 0;
	use();
	use();				/* and once more, as a restart would: perhaps with quick_check now */
	return 0;
}
