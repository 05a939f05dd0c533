/*
 * deliver_world - a real store in a directory of its own, records to deliver, and a small cluster that takes them.
 */
#include "deliver_world.h"

#include <assert.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/counters.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/xalloc.h"

char		 world_dir[64];
struct store	*world_store;
int		 world_exchange, world_entra;
int64_t		 world_dead_max;
unsigned	 world_bells;
struct err	 world_broken;
struct sift	*world_sift;

static unsigned	 n_records, n_blobs;
static char	 ids[WORLD_RECORDS][23];

static const struct feed_names names[] = {
	{ "11111111-2222-3333-4444-555555555555", "contoso", "contoso.example", "audit.exchange", "https://manage.example" },
	{ "11111111-2222-3333-4444-555555555555", "contoso", "contoso.example", "audit.entra", NULL },
};

struct whole {			/* an answer for whole requests */
	unsigned	 times;
	int		 status;
	enum http_fail	 fail;
	char		*body;
};
static struct whole	 wholes[64];
static size_t		 n_wholes;

struct refusal {
	unsigned	 record, times;
	int		 status;
	const char	*type, *reason;
};
static struct refusal	 refusals[64];
static size_t		 n_refusals;

static uint8_t		 is_there[WORLD_RECORDS], is_old[WORLD_RECORDS];
static unsigned		 got[WORLD_RECORDS];
static size_t		 most_bytes;
int64_t			 cluster_retry_after_ms;
int			 cluster_is_open;
unsigned		 cluster_refreshes, cluster_searches, cluster_search_failed_shards;
int			 cluster_search_status, cluster_refresh_status;
char			 cluster_search_url[512];

static int	 cluster_search(const char *, const char *, struct fake_answer *);

/* ---- the directory ------------------------------------------------------------------------------------------------ */

int
world_set_up(void **state)
{
	(void)state;
	snprintf(world_dir, sizeof(world_dir), "/tmp/m365fwd-deliver-XXXXXX");
	if (mkdtemp(world_dir) == NULL)
		return -1;
	log_open(LOG_ERROR, LOG_TEXT);
	fake_wall_ms = 1795478400000;		/* 2026-11-24T00:00:00Z */
	n_records = n_blobs = 0;
	world_dead_max = 0;
	world_bells = 0;
	world_sift = NULL;
	world_broken = (struct err){ ERR_NONE, "" };
	memset(is_there, 0, sizeof(is_there));
	memset(is_old, 0, sizeof(is_old));
	memset(got, 0, sizeof(got));
	n_refusals = 0;
	most_bytes = 0;
	cluster_retry_after_ms = -1;
	cluster_is_open = 1;
	counters_clear();
	fake_server = cluster;
	fake_aside = cluster_search;
	fake_banner = fake_templates = NULL;
	fake_templates_asked = 0;
	fake_banners = 0;
	fake_banner_fails = HTTP_OK;
	cluster_refreshes = cluster_searches = 0;
	cluster_search_status = cluster_refresh_status = 200;
	cluster_search_failed_shards = 0;
	cluster_search_url[0] = '\0';
	return 0;
}

static int
drop(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

int
world_tear_down(void **state)
{
	(void)state;
	while (n_wholes > 0)
		free(wholes[--n_wholes].body);
	if (world_store != NULL)
		store_close(world_store);
	world_store = NULL;
	fake_close();
	return nftw(world_dir, drop, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- the store ---------------------------------------------------------------------------------------------------- */

void
world_open(const char *const *outputs)
{
	struct err		 e = { ERR_NONE, "" };
	char			 dir[128];
	struct store_opts	 opts = { .dir = dir, .create = 1, .record_max = 16 << 20, .seen_window_ms = 8 * 86400000LL,
		    .seen_max = 1 << 30, .dead_max = world_dead_max, .lock_wait_ms = 100 };
	uint64_t		 mask = 0;
	int			 i;

	snprintf(dir, sizeof(dir), "%s/state", world_dir);
	if ((world_store = store_open(&opts, &e)) == NULL) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
	world_exchange = store_feed(world_store, names[0].tenant_guid, names[0].tenant_name, names[0].feed, &e);
	world_entra = store_feed(world_store, names[1].tenant_guid, names[1].tenant_name, names[1].feed, &e);
	for (i = 0; outputs[i] != NULL; i++) {
		assert(store_output(world_store, outputs[i], 0, &e) == i);
		mask |= 1u << i;
	}
	assert(store_outputs_end(world_store, &e) == 0);
	store_feed_mask(world_store, world_exchange, mask);
	store_feed_mask(world_store, world_entra, mask);
}

void
world_start(void)
{
	struct err	 e = { ERR_NONE, "" };

	assert(store_start(world_store, &e) == 0);
	fake_open(world_store);
}

void
world_close(void)
{
	fake_turn();
	assert(fake_is_clean());
	store_close(world_store);
	world_store = NULL;
	fake_close();
	fake_server = cluster;
}

/* ---- records ------------------------------------------------------------------------------------------------------ */

static void
id_of(unsigned n, uint8_t id[16])
{
	uint64_t	 a = hash64(&n, sizeof(n), 1), b = hash64(&n, sizeof(n), 2);
	struct buf	 text = { 0 };

	memcpy(id, &a, 8);
	memcpy(id + 8, &b, 8);
	base64url(&text, id, 16);
	memcpy(ids[n], text.bytes, 23);
	buf_clear(&text);
}

static void
put_done(void *arg, struct store_result *r)
{
	(void)arg;
	if (r->fail != STORE_OK)
		fprintf(stderr, "put: %s\n", r->err.text);
	assert(r->fail == STORE_OK);
}

static struct put *
put_begin(int feed)
{
	struct put	*p = put_new();

	p->feed = feed;
	p->content_id = xasprintf("blob-%u", n_blobs++);
	p->created_ms = fake_wall_ms - 60000;
	p->origin = "management";
	p->end = PUT_MORE;
	return p;
}

static void
put_add(struct put *p, const char *bytes, size_t len)
{
	struct record	 r = { .ordinal = p->n, .digest = 1, .second = fake_wall_ms / 1000 - 600, .bytes = bytes,
		    .len = len };

	assert(n_records < WORLD_RECORDS);
	id_of(n_records++, r.id);
	record_add(&p->body, &r);
	p->n++;
}

void
world_put(int feed, unsigned n, size_t bytes)
{
	struct put	*p = put_begin(feed);
	struct buf	 b = { 0 };
	uint64_t	 noise = 88172645463325252ULL + n_records;

	while (n-- > 0) {
		buf_reset(&b);
		buf_addf(&b, "{\"Id\":\"%08x-0000-4000-8000-000000000000\", \"CreationTime\":\"2026-11-23T23:50:00\","
		    "\"RecordType\":2,\"Operation\":\"New-Thing\",\"Workload\":\"Exchange\",\"Noise\":\"", n_records);
		while (b.len < bytes) {		/* does not compress well */
			noise ^= noise << 13;
			noise ^= noise >> 7;
			noise ^= noise << 17;
			buf_addc(&b, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[noise % 64]);
		}
		buf_adds(&b, "\"}");
		put_add(p, b.bytes, b.len);
	}
	buf_clear(&b);
	store_put(world_store, p, put_done, NULL);
	store_wait(world_store);
}

void
world_put_text(int feed, const char *record)
{
	struct put	*p = put_begin(feed);

	put_add(p, record, strlen(record));
	store_put(world_store, p, put_done, NULL);
	store_wait(world_store);
}

const char *
world_id(unsigned record)
{
	return ids[record];
}

unsigned
world_record(const char *id)
{
	unsigned	 i;

	for (i = 0; i < n_records; i++)
		if (strcmp(ids[i], id) == 0)
			return i;
	return UINT_MAX;
}

const struct feed_names *
world_names(void *arg, int feed)
{
	(void)arg;
	return feed == world_exchange ? &names[0] : &names[1];
}

/* ---- looking ------------------------------------------------------------------------------------------------------ */

static void
got_left(void *arg, struct store_result *r)
{
	*(int64_t *)arg = r->left.deliveries;
}

int64_t
world_left(void)
{
	int64_t	 n = -1;

	store_left(world_store, got_left, &n);
	store_wait(world_store);
	return n;
}

static void
got_text(void *arg, struct store_result *r)
{
	struct buf	*to = arg;

	assert(r->fail == STORE_OK);
	buf_add(to, buf_str(&r->text), r->text.len);
}

static size_t
lines(const struct buf *b)
{
	size_t	 i, n = 0;

	for (i = 0; i < b->len; i++)
		n += b->bytes[i] == '\n' ? 1 : 0;
	return n;
}

size_t
world_dead(struct buf *to)
{
	buf_reset(to);
	store_dead(world_store, 0, NULL, got_text, to);
	store_wait(world_store);
	return lines(to);
}

size_t
world_gaps(struct buf *to)
{
	buf_reset(to);
	store_gaps(world_store, got_text, to);
	store_wait(world_store);
	return lines(to);
}

/* n of a tally line, summed over feeds and hours. */
static int64_t
tally(const char *text, const char *who)
{
	char		 want[128];
	const char	*line, *end, *n;
	int64_t		 sum = 0;

	snprintf(want, sizeof(want), "\"who\":\"%s\"", who);
	for (line = text; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		n = strstr(line, "\"n\":");
		if (strstr(line, want) != NULL && strstr(line, want) < end && n != NULL)
			sum += strtoll(n + 4, NULL, 10);
	}
	return sum;
}

void
world_tallies_agree(const char *output)
{
	struct buf	 b = { 0 };
	char		 delivered[64], dead[64], dropped[64];

	store_tallies(world_store, got_text, &b);
	store_wait(world_store);
	snprintf(delivered, sizeof(delivered), "delivered:%s", output);
	snprintf(dead, sizeof(dead), "dead:%s", output);
	snprintf(dropped, sizeof(dropped), "dropped:%s", output);
	if (tally(buf_str(&b), "stored") != tally(buf_str(&b), delivered) + tally(buf_str(&b), dead) + tally(buf_str(&b), dropped) ||
	    tally(buf_str(&b), "stored") != n_records) {
		fprintf(stderr, "%s", buf_str(&b));
		abort();
	}
	buf_clear(&b);
}

/* ---- outputs ------------------------------------------------------------------------------------------------------ */

static void
progress(void *arg)
{
	(void)arg;
	world_bells++;
}

static void
broken(void *arg, const struct err *e)
{
	(void)arg;
	world_broken = *e;
}

struct output *
world_output(int number, const char *name, struct sink *sink, size_t batch_bytes, int64_t linger_ms, unsigned concurrency)
{
	return output_new(&(struct output_opts){ .name = name, .number = number, .store = world_store, .sink = sink,
	    .batch_bytes = batch_bytes, .linger_ms = linger_ms, .concurrency = concurrency, .feed_names = world_names,
	    .sift = world_sift, .on_progress = progress, .on_broken = broken });
}

static void
stopped(void *arg)
{
	*(int *)arg = 1;
}

void
world_stop(struct output *o, int64_t timeout_ms)
{
	int	 done = 0;

	output_stop(o, timeout_ms, stopped, &done);
	fake_pass(timeout_ms + 1);
	assert(done);
	fake_work_end();
	output_free(o);
}

struct sink *
world_bulk(const struct sink_bulk_opts *changes)
{
	static const char *const	 urls[] = { "https://es.example:9200", NULL };
	struct sink_bulk_opts		 opts = { 0 };
	struct err			 e = { ERR_NONE, "" };
	struct sink			*sink;

	if (changes != NULL)
		opts = *changes;
	opts.name = "elastic";
	if (opts.urls == NULL)
		opts.urls = urls;
	opts.schema = opts.schema == SCHEMA_RAW ? SCHEMA_ECS : opts.schema;	/* raw is 0: not set */
	opts.gzip = 1;
	opts.timeout_ms = 60000;
	if ((sink = sink_bulk_new(&opts, &e)) == NULL)
		fprintf(stderr, "%s\n", e.text);
	assert(sink != NULL);
	return sink;
}

/* ---- the cluster -------------------------------------------------------------------------------------------------- */

void
cluster_says(unsigned times, int status, const char *body)
{
	wholes[n_wholes++] = (struct whole){ times, status, HTTP_OK, xstrdup(body) };
}

void
cluster_fails(unsigned times, enum http_fail fail)
{
	wholes[n_wholes++] = (struct whole){ times, 0, fail, xstrdup("") };
}

void
cluster_refuses(unsigned record, unsigned times, int status, const char *type, const char *reason)
{
	refusals[n_refusals++] = (struct refusal){ record, times, status, type, reason };
}

void
cluster_takes_at_most(size_t bytes)
{
	most_bytes = bytes;
}

unsigned
cluster_has(void)
{
	unsigned	 i, n = 0;

	for (i = 0; i < n_records; i++)
		n += is_there[i] + is_old[i];
	return n;
}

unsigned
cluster_got(unsigned record)
{
	return got[record];
}

static void
answer_item(struct buf *to, unsigned record)
{
	struct refusal	*r;

	for (r = refusals; r < refusals + n_refusals; r++) {
		if (r->record != record || r->times == 0)
			continue;
		r->times -= r->times == UINT_MAX ? 0 : 1;
		buf_addf(to, "{\"create\":{\"status\":%d,\"error\":{\"type\":\"%s\",\"reason\":\"%s\"}}}", r->status, r->type,
		    r->reason);
		return;
	}
	if (is_there[record]) {
		buf_adds(to, "{\"create\":{\"status\":409,\"error\":{\"type\":\"version_conflict_engine_exception\","
		    "\"reason\":\"document already exists\"}}}");
		return;
	}
	is_there[record] = 1;
	buf_adds(to, "{\"create\":{\"status\":201}}");
}

int
cluster(const struct fake_request *r, struct fake_answer *a)
{
	unsigned	 i, record;

	if (!cluster_is_open)
		return 0;
	a->retry_after_ms = cluster_retry_after_ms;
	for (i = 0; i < r->n; i++) {
		record = world_record(r->ids[i]);
		assert(record != UINT_MAX);
		got[record]++;
	}
	for (i = 0; i < n_wholes; i++) {
		if (wholes[i].times == 0)
			continue;
		wholes[i].times--;
		a->status = wholes[i].status;
		a->fail = wholes[i].fail;
		buf_adds(&a->body, wholes[i].body);
		return 1;
	}
	if (most_bytes > 0 && r->body.len > most_bytes) {
		a->status = 413;
		return 1;
	}
	a->status = 200;
	buf_adds(&a->body, "{\"errors\":true,\"items\":[");
	for (i = 0; i < r->n; i++) {
		if (i > 0)
			buf_addc(&a->body, ',');
		answer_item(&a->body, world_record(r->ids[i]));
	}
	buf_adds(&a->body, "]}");
	return 1;
}

/* A rollover: what was there is still found, but its _id is free again. */
void
cluster_rolls_over(void)
{
	unsigned	 i;

	for (i = 0; i < n_records; i++) {
		is_old[i] |= is_there[i];
		is_there[i] = 0;
	}
}

static int
cluster_search(const char *url, const char *body, struct fake_answer *a)
{
	unsigned	 i, n = 0;

	if (cluster_search_status == -1) {
		cluster_searches++;
		a->fail = HTTP_CONNECT;
		return 1;
	}
	if (strstr(url, "/_refresh?") != NULL) {
		cluster_refreshes++;
		a->status = cluster_refresh_status;
		buf_adds(&a->body, "{\"_shards\":{\"failed\":0}}");
		return 1;
	}
	cluster_searches++;
	snprintf(cluster_search_url, sizeof(cluster_search_url), "%s", url);
	a->status = cluster_search_status;
	if (a->status == 0 || a->status == 1) {
		a->fail = a->status == 0 ? HTTP_TIMEOUT : HTTP_RESET;
		return 1;
	}
	buf_addf(&a->body, "{\"timed_out\":false,\"_shards\":{\"failed\":%u}", cluster_search_failed_shards);
	for (i = 0; i < n_records; i++)
		if ((is_there[i] || is_old[i]) && cluster_refreshes > 0 && strstr(body, ids[i]) != NULL)
			buf_addf(&a->body, "%s{\"_id\":\"%s\"}", n++ == 0 ? ",\"hits\":{\"hits\":[" : ",", ids[i]);
	buf_adds(&a->body, n > 0 ? "]}}" : "}");
	return 1;
}
