/*
 * bench_backlog - fills a store with a backlog, as a long outage of the destination would: bench_backlog STATE-DIR GIB.
 *
 * Batches of 1 MiB of audit records for the output "elastic" of tenant contoso, put over the store's own face, so that
 * m365fwd run finds what it would have made itself. bench.sh then looks at what draining it costs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "store/store.h"

#define TENANT	"11111111-2222-3333-4444-555555555555"
#define BATCH	((size_t)1 << 20)
#define QUEUED	8		/* puts under way: what the daemon would hold too */

static struct store	*store;
static int64_t		 n_records;

static void
on_put(void *arg, struct store_result *r)
{
	(void)arg;
	if (r->fail == STORE_OK)
		return;
	fprintf(stderr, "bench_backlog: %s\n", r->err.text);
	exit(1);
}

static void
add_record(struct put *p, struct buf *text)
{
	struct record	 r = { .ordinal = p->n, .digest = 1, .second = clock_wall_ms() / 1000 - 86400 + n_records / 100 };
	uint64_t	 id[2] = { hash64(&n_records, sizeof(n_records), 1), hash64(&n_records, sizeof(n_records), 2) };

	memcpy(r.id, id, sizeof(r.id));
	buf_reset(text);
	buf_addf(text, "{\"CreationTime\":\"2026-11-24T10:00:00\",\"Id\":\"%08llx-0000-4000-8000-%012llx\",\"Operation\":\"MailItemsAccessed\","
	    "\"OrganizationId\":\"" TENANT "\",\"RecordType\":50,\"ResultStatus\":\"Succeeded\",\"UserType\":0,\"Version\":1,"
	    "\"Workload\":\"Exchange\",\"UserId\":\"user%llu@contoso.example\",\"ClientIPAddress\":\"192.0.2.%llu\",\"Folders\":[",
	    (unsigned long long)(id[0] >> 32), (unsigned long long)(id[1] >> 16), (unsigned long long)(id[0] % 5000),
	    (unsigned long long)(id[1] % 250));
	for (unsigned i = 0; i < 6; i++)
		buf_addf(text, "%s{\"Path\":\"\\\\Inbox\\\\%016llx\",\"FolderItems\":[{\"InternetMessageId\":\"<%016llx%016llx@contoso.example>\","
		    "\"SizeInBytes\":%u}]}", i > 0 ? "," : "", (unsigned long long)(id[0] * (i + 3)),
		    (unsigned long long)(id[1] * (i + 5)), (unsigned long long)(id[0] ^ i), (unsigned)(id[1] >> (i + 40)));
	buf_adds(text, "]}");
	r.bytes = text->bytes;
	r.len = text->len;
	record_add(&p->body, &r);
	p->n++;
	n_records++;
}

static void
put_batch(int feed, struct buf *text)
{
	struct put	*p = put_new();

	p->feed = feed;
	p->content_id = xasprintf("bench-%lld", (long long)n_records);
	p->created_ms = clock_wall_ms() - 86400000;
	p->origin = "management";
	p->end = PUT_MORE;
	while (p->body.len + 4096 < BATCH)
		add_record(p, text);
	store_put(store, p, on_put, NULL);
	while (store_pending(store) >= QUEUED)
		store_wait(store);
}

int
main(int argc, char **argv)
{
	static const char *const	 feeds[] = { "audit.exchange", "audit.sharepoint", "audit.entra", "audit.general", "audit.dlp" };
	struct store_opts		 o = { .create = 1, .dead_max = 1 << 28, .seen_max = (int64_t)1 << 40,
	    .seen_window_ms = 8 * 86400000LL, .record_max = 16 << 20, .lock_wait_ms = 1000 };
	struct err			 e = { 0 };
	struct buf			 text = { 0 };
	int				 numbers[5], output;
	int64_t				 bytes;

	if (argc != 3)
		return 64;
	log_open(LOG_ERROR, LOG_TEXT);
	o.dir = argv[1];
	bytes = (int64_t)(atof(argv[2]) * (1 << 30));
	if ((store = store_open(&o, &e)) == NULL) {
		fprintf(stderr, "bench_backlog: %s\n", e.text);
		return 1;
	}
	for (int i = 0; i < 5; i++)
		numbers[i] = store_feed(store, TENANT, "contoso", feeds[i], &e);
	output = store_output(store, "elastic", 0, &e);
	store_outputs_end(store, &e);
	for (int i = 0; i < 5; i++)
		store_feed_mask(store, numbers[i], (uint64_t)1 << output);
	store_start(store, &e);
	for (int i = 0; store_spool_bytes(store) < bytes; i++)
		put_batch(numbers[i % 5], &text);
	store_wait(store);
	printf("%.2f GiB in the spool, %lld records\n", (double)store_spool_bytes(store) / (1 << 30), (long long)n_records);
	store_close(store);
	buf_clear(&text);
	return 0;
}
