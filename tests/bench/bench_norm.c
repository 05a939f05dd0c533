/*
 * bench_norm - what mapping costs beside compressing: normalise + encode + gzip against zlib level 1 alone on the same bytes.
 *
 * bench_norm FILE [ROUNDS]: FILE holds raw records, one a line (bench.sh lets the simulator make it). Everything is CPU time of one
 * run; the parts take turns and of each the fastest round counts, so that a noisy machine disturbs all alike. Ratio first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "encode/gzip.h"
#include "norm/norm.h"

#define PARCEL ((size_t)1 << 20)

static struct buf	 corpus;
static struct record	*records;
static size_t		 n_records;

static void
read_corpus(const char *path)
{
	char	 piece[65536];
	size_t	 n;
	FILE	*f = fopen(path, "r");

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&corpus, piece, n);
	fclose(f);
	for (char *p = corpus.bytes, *end = p + corpus.len, *stop; p < end; p = stop + 1) {
		if ((stop = memchr(p, '\n', (size_t)(end - p))) == NULL)
			stop = end;
		if ((n_records & (n_records - 1)) == 0)
			records = xreallocarray(records, n_records == 0 ? 1 : 2 * n_records, sizeof(*records));
		memset(&records[n_records], 0, sizeof(*records));
		records[n_records].bytes = p;
		records[n_records++].len = (size_t)(stop - p);
	}
}

static const struct norm_source source = { .tenant_guid = "11111111-2222-3333-4444-555555555555", .tenant_name = "bench",
    .feed = "audit.general", .namespace = "default", .created_ms = 1795420800000, .stored_ms = 1795420801000,
    .now_ms = 1795420802000 };

static int64_t
index_only(void)
{
	struct json	 j = { 0 };
	int64_t		 t0 = clock_cpu_us();

	for (size_t i = 0; i < n_records; i++)
		json_index(&j, records[i].bytes, records[i].len, 200000, JSON_DEPTH);
	json_clear(&j);
	return clock_cpu_us() - t0;
}

/* The mapped lines of all records; plain is kept for the other side of the comparison. */
static int64_t
map_only(struct norm *n, struct buf *plain)
{
	int64_t	 t0 = clock_cpu_us();

	buf_reset(plain);
	for (size_t i = 0; i < n_records; i++) {
		buf_adds(plain, "{\"create\":{\"_index\":\"logs-o365.audit-default\",\"_id\":\"AAAAAAAAAAAAAAAAAAAAAA\"}}\n");
		norm_event(n, SCHEMA_ECS, &source, &records[i], plain);
		buf_addc(plain, '\n');
	}
	return clock_cpu_us() - t0;
}

static int64_t
all_of_it(struct norm *n, struct gzip *gz)
{
	struct buf	 doc = { 0 }, out = { 0 };
	int64_t		 t0 = clock_cpu_us();

	gzip_start(gz, &out, 0);
	for (size_t i = 0; i < n_records; i++) {
		buf_reset(&doc);
		buf_adds(&doc, "{\"create\":{\"_index\":\"logs-o365.audit-default\",\"_id\":\"AAAAAAAAAAAAAAAAAAAAAA\"}}\n");
		norm_event(n, SCHEMA_ECS, &source, &records[i], &doc);
		buf_addc(&doc, '\n');
		gzip_add(gz, doc.bytes, doc.len);
		if (gzip_raw(gz) >= PARCEL) {
			gzip_end(gz);
			buf_reset(&out);
			gzip_start(gz, &out, 0);
		}
	}
	gzip_end(gz);
	buf_clear(&doc);
	buf_clear(&out);
	return clock_cpu_us() - t0;
}

static int64_t
zlib_alone(const struct buf *plain)
{
	unsigned char	*out = xmalloc(2 * PARCEL);
	z_stream	 z = { 0 };
	int64_t		 t0;

	deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	t0 = clock_cpu_us();
	for (size_t at = 0; at < plain->len; at += PARCEL) {
		deflateReset(&z);
		z.next_in = (unsigned char *)(uintptr_t)(plain->bytes + at);
		z.avail_in = (unsigned)(plain->len - at < PARCEL ? plain->len - at : PARCEL);
		z.next_out = out;
		z.avail_out = 2 * PARCEL;
		deflate(&z, Z_FINISH);
	}
	t0 = clock_cpu_us() - t0;
	deflateEnd(&z);
	free(out);
	return t0;
}

static void
least(int64_t *best, int64_t us)
{
	if (*best == 0 || us < *best)
		*best = us;
}

int
main(int argc, char **argv)
{
	struct norm	*n = norm_new();
	struct gzip	*gz = gzip_new(1);
	struct buf	 plain = { 0 };
	struct rusage	 r;
	int64_t		 index = 0, map = 0, all = 0, zlib = 0;
	int		 rounds = argc > 2 ? atoi(argv[2]) : 3;
	double		 count;

	if (argc < 2) {
		fputs("usage: bench_norm FILE [ROUNDS]\n", stderr);
		return 64;
	}
	read_corpus(argv[1]);
	count = (double)n_records;
	all_of_it(n, gz);			/* warm */
	map_only(n, &plain);
	for (int i = 0; i < rounds; i++) {
		least(&all, all_of_it(n, gz));
		least(&zlib, zlib_alone(&plain));
		least(&index, index_only());
		least(&map, map_only(n, &plain));
	}
	getrusage(RUSAGE_SELF, &r);
	printf("normalise+encode+gzip / zlib level 1 alone: %.2f (one run, CPU time, %zu records of %.0f bytes, %.0f mapped)\n",
	    (double)all / (double)zlib, n_records, (double)corpus.len / count, (double)plain.len / count);
	printf("per event: all %.1f us = index %.1f + map %.1f + gzip %.1f; zlib alone %.1f us\n", (double)all / count,
	    (double)index / count, (double)(map - index) / count, (double)(all - map) / count, (double)zlib / count);
	printf("%.0f events/s a core; peak memory %.1f MiB (the corpus and its output are in it)\n", count * 1e6 / (double)all,
	    (double)r.ru_maxrss / 1024);
	norm_free(n);
	gzip_free(gz);
	buf_clear(&plain);
	buf_clear(&corpus);
	free(records);
	return 0;
}
