/*
 * bench_seen - what remembering ids costs: commits of 256 KiB and 500 new ids each, with many millions present.
 *
 * bench_seen [IDS [COMMITS [DIR]]]: fills the store's own table (records of a year's order: 94 % within five minutes of each
 * other), then puts batches through store_put, each in a commit of its own, and releases them again.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "store/store.h"

#define PER_COMMIT	500
#define RECORD_BYTES	(256 * 1024 / PER_COMMIT - RECORD_HEAD)

static uint64_t	 seed = 88172645463325252u;
static int64_t	 answered, failed, last_batch;

static uint64_t
next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

static long
kib_of(const char *what)
{
	char	 line[128];
	long	 kib = 0;
	FILE	*f = fopen("/proc/self/status", "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, what, strlen(what)) == 0)
			kib = atol(line + strlen(what) + 1);
	if (f != NULL)
		fclose(f);
	return kib;
}

static double
mb_written(void)
{
	char	 line[128];
	long	 n = 0;
	FILE	*f = fopen("/proc/self/io", "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "wchar: %ld", &n) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return (double)n / 1e6;
}

/* The event second of the i-th id: most are fresh, some late. */
static int64_t
second_of(int64_t i)
{
	int64_t		 arrival = 1780000000 + i / 30;
	uint64_t	 dice = next() % 1000;

	return arrival - (int64_t)(next() % (dice < 940 ? 300 : dice < 990 ? 86400 : 432000));
}

/* Past the store's own interface, since 20 million puts would take an hour: the same table, the same rows. */
static void
fill(const char *dir, int64_t ids)
{
	char		*path = xasprintf("%s/state.db", dir);
	sqlite3		*db;
	sqlite3_stmt	*stmt;

	sqlite3_open(path, &db);
	sqlite3_exec(db, "PRAGMA synchronous=OFF; PRAGMA journal_mode=WAL; PRAGMA cache_size=-400000; BEGIN", NULL, NULL, NULL);
	sqlite3_prepare_v2(db, "INSERT OR IGNORE INTO seen(t, id, day, digest) VALUES(?1, ?2, ?3, ?4)", -1, &stmt, NULL);
	for (int64_t i = 0; i < ids; i++) {
		uint64_t	 id[2] = { next(), next() };

		sqlite3_bind_int64(stmt, 1, second_of(i));
		sqlite3_bind_blob(stmt, 2, id, 12, SQLITE_STATIC);
		sqlite3_bind_int64(stmt, 3, 20600);
		sqlite3_bind_int64(stmt, 4, (int64_t)(next() >> 32));
		sqlite3_step(stmt);
		sqlite3_reset(stmt);
		if (i % 1000000 == 999999)
			sqlite3_exec(db, "COMMIT; BEGIN", NULL, NULL, NULL);
	}
	sqlite3_exec(db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	free(path);
}

static void
stored(void *arg, struct store_result *r)
{
	(void)arg;
	answered++;
	failed += r->fail != STORE_OK || r->n != PER_COMMIT;
	last_batch = r->batch;
}

static struct put *
make_put(int feed, int64_t base)
{
	static char	 bytes[RECORD_BYTES];
	struct put	*p = put_new();

	p->feed = feed;
	p->content_id = xstrdup("bench");
	p->origin = "management";
	memset(bytes, 'x', sizeof(bytes));
	for (int i = 0; i < PER_COMMIT; i++) {
		struct record	 r = { .ordinal = (uint32_t)i, .second = second_of(base + i), .bytes = bytes, .len = sizeof(bytes) };
		uint64_t	 id[2] = { next(), next() };

		memcpy(r.id, id, sizeof(r.id));
		record_add(&p->body, &r);
		p->n++;
	}
	return p;
}

static struct store *
open_store(const char *dir, int *feed, int *output)
{
	struct store_opts	 o = { .dir = dir, .create = 1, .record_max = 16 << 20, .seen_window_ms = (int64_t)8 * 86400000,
	    .lock_wait_ms = 5000 };
	struct err		 e = { 0 };
	struct store		*s = store_open(&o, &e);

	if (s == NULL) {
		fprintf(stderr, "bench_seen: %s\n", e.text);
		exit(1);
	}
	*feed = store_feed(s, "11111111-2222-3333-4444-555555555555", "bench", "audit.exchange", &e);
	*output = store_output(s, "bench", 0, &e);
	store_outputs_end(s, &e);
	store_feed_mask(s, *feed, (uint64_t)1 << *output);
	return s;
}

static void
release(struct store *s, int output, int64_t batch)
{
	static const uint8_t	 id[16];
	struct done		*d = done_new(output);

	for (uint32_t i = 0; i < PER_COMMIT; i++)
		done_add(d, batch, i, DONE_DELIVERED, id, 1780000000, NULL, NULL);
	store_done(s, d, NULL, NULL);
}

/* In a child, so that what filling takes is not counted as ours. */
static void
prepare(const char *dir, int64_t ids)
{
	int64_t	 t0 = clock_mono_ms();
	pid_t	 pid;
	int	 feed, output;

	if ((pid = fork()) == 0) {
		store_close(open_store(dir, &feed, &output));
		fill(dir, ids);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	fprintf(stderr, "bench_seen: made %lld ids in %lld s\n", (long long)ids, (long long)(clock_mono_ms() - t0) / 1000);
}

int
main(int argc, char **argv)
{
	int64_t		 ids = argc > 1 ? atoll(argv[1]) : 20000000, commits = argc > 2 ? atoll(argv[2]) : 300, t0, ms;
	char		 tmp[] = "/tmp/m365fwd-bench.XXXXXX";
	const char	*dir = argc > 3 ? argv[3] : mkdtemp(tmp);
	struct store	*s;
	struct err	 e = { 0 };
	int		 feed, output;
	double		 mb;
	long		 kib = kib_of("VmRSS:");

	prepare(dir, ids);
	s = open_store(dir, &feed, &output);
	store_start(s, &e);
	mb = mb_written();
	t0 = clock_mono_ms();
	for (int64_t i = 0; i < commits; i++) {
		store_put(s, make_put(feed, ids + i * PER_COMMIT), stored, NULL);
		store_wait(s);			/* so that each is a commit of its own */
		release(s, output, last_batch);
	}
	store_wait(s);
	ms = clock_mono_ms() - t0;
	printf("remembered ids: %.0f commits/s of 256 KiB and %d new ids with %lld present; %.1f MiB of memory for the store; "
	    "%.2f MB written a commit\n", (double)commits * 1000 / (double)(ms > 0 ? ms : 1), PER_COMMIT, (long long)ids,
	    (double)(kib_of("VmHWM:") - kib) / 1024, (mb_written() - mb) / (double)commits);
	store_close(s);
	if (argc <= 3) {
		char	*command = xasprintf("rm -rf %s", dir);

		if (system(command) != 0)
			fprintf(stderr, "bench_seen: %s is left\n", dir);
		free(command);
	}
	return failed > 0;
}
