/*
 * collect_world - a real store in a directory of its own, and one tenant's Management API as a source.
 */
#include "collect_world.h"
#include "disk_full.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"

char			 world_dir[64];
struct store		*world_store;
struct collect		 world;
struct source		*world_source;
struct mgmt		*world_mgmt;
struct source		*(*world_make)(struct err *);
int64_t			 world_start_ms;
struct activity_opts	 world_opts;
struct store_opts	 world_store_opts;
int			 world_exchange, world_general;
unsigned		 world_full, world_broken, world_records;

static char			 secret_ref[128], state_dir[128];
static struct activity_feed	 feeds[2];

static void
on_records(void *arg)
{
	(void)arg;
	world_records++;
}

static void
on_full(void *arg)
{
	(void)arg;
	world_full++;
	world.paused = 1;
}

static void
on_broken(void *arg, const struct err *e)
{
	(void)arg;
	fprintf(stderr, "broken: %s\n", e->text);
	world_broken++;
}

static void
write_secret(void)
{
	char	 path[100];
	FILE	*f;

	snprintf(path, sizeof(path), "%s/secret", world_dir);
	snprintf(secret_ref, sizeof(secret_ref), "file:%s", path);
	f = fopen(path, "w");
	assert(f != NULL);
	fprintf(f, "s3cret/+&\n");
	assert(fclose(f) == 0 && chmod(path, 0600) == 0);
}

int
world_set_up(void **state)
{
	(void)state;
	snprintf(world_dir, sizeof(world_dir), "/tmp/m365fwd-collect-XXXXXX");
	if (mkdtemp(world_dir) == NULL)
		return -1;
	snprintf(state_dir, sizeof(state_dir), "%s/state", world_dir);
	log_open(LOG_ERROR, LOG_TEXT);
	world_start_ms = 1795478400000;
	fake_wall_ms = world_start_ms;		/* 2026-11-24T00:00:00Z */
	world_full = world_broken = world_records = 0;
	world_store_opts = (struct store_opts){ .dir = state_dir, .create = 1, .record_max = 1 << 20,
	    .seen_window_ms = 8 * WINDOW_DAY, .seen_max = 1 << 30, .lock_wait_ms = 100 };
	feeds[0].name = "audit.exchange";
	feeds[1].name = "audit.general";
	write_secret();
	world_opts = (struct activity_opts){ .tenant = "contoso", .tenant_guid = WORLD_GUID, .login = "https://login.example",
	    .management = "https://manage.example", .client_id = "app id", .secret_ref = secret_ref,
	    .publisher = WORLD_PUBLISHER, .deny_loopback = 1, .feeds = feeds, .n_feeds = 1, .start_ms = 4 * WINDOW_HOUR,
	    .interval_ms = MINUTE, .concurrency = 4, .requests_per_minute = 2000,
	    .rules = { .overlap_ms = 10 * MINUTE, .long_overlap_ms = 120 * MINUTE, .settle_ms = MINUTE } };
	world_make = NULL;
	counters_clear();
	tenant_begin();
	fake_server = tenant;
	world = (struct collect){ .held_max = 4 << 20, .fetches_max = 16, .record_max = 1 << 20, .on_records = on_records,
	    .on_full = on_full, .on_broken = on_broken };
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
	if (world_source != NULL)
		world_close();
	world_disk_full(0);
	fake_close();
	tenant_end();
	return nftw(world_dir, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static void
must(int ok, const struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", e->text);
	abort();
}

void
world_open(void)
{
	struct err	 e = { ERR_NONE, "" };

	must((world_store = store_open(&world_store_opts, &e)) != NULL, &e);
	world_exchange = feeds[0].number = store_feed(world_store, WORLD_GUID, "contoso", feeds[0].name, &e);
	world_general = feeds[1].number = store_feed(world_store, WORLD_GUID, "contoso", feeds[1].name, &e);
	must(store_output(world_store, "elastic", 0, &e) == 0 && store_outputs_end(world_store, &e) == 0, &e);
	store_feed_mask(world_store, world_exchange, 1);
	store_feed_mask(world_store, world_general, 1);
	world.store = world_store;
	world.paused = 0;
	world_source = world_make != NULL ? world_make(&e) : activity_new(&world, &world_opts, &e);
	must(world_source != NULL, &e);
	world_mgmt = (struct mgmt *)world_source;
	must(store_start(world_store, &e) == 0, &e);
	fake_open(world_store);
}

void
world_run(void)
{
	world_open();
	world_source->ops->start(world_source);
	fake_turn();
}

/* In the daemon's order: nobody is told anything any more, and nothing a worker or the store holds is freed before. */
void
world_close(void)
{
	world_source->ops->stop(world_source);
	assert(fake_in_flight() == 0);
	fake_work_end();
	store_close(world_store);
	fake_open(NULL);
	world_source->ops->free(world_source);
	world_source = NULL;
	world_mgmt = NULL;
	assert(fake_is_clean());
	assert(world.held == 0 && world.fetches == 0);
}

void
world_again(void)
{
	world_close();
	world_run();
}

void
world_room(void)
{
	world.paused = 0;
	world_source->ops->room(world_source);
	fake_turn();
}

void
world_disk_full(int full)
{
	disk_full(full);
}

static void
take_batches(void *arg, struct store_result *r)
{
	struct done	*d = arg;
	struct record	 rec;

	for (size_t i = 0; i < r->n_peeked; i++) {
		size_t		 at = 0;
		uint32_t	 pos = 0;

		while (record_next(buf_str(&r->peeked[i].body), r->peeked[i].body.len, &at, &rec) == 1)
			done_add(d, r->peeked[i].batch, pos++, DONE_DELIVERED, rec.id, rec.second, NULL, NULL);
	}
}

void
world_deliver(void)
{
	struct done	*d = done_new(0);

	store_peek(world_store, 0, NULL, 0, SIZE_MAX / 2, take_batches, d);
	store_wait(world_store);
	store_done(world_store, d, NULL, NULL);
	store_wait(world_store);
}

struct feed *
world_feed(void)
{
	return &world_mgmt->feeds[0];
}

static void
take_text(void *arg, struct store_result *r)
{
	*(char **)arg = xstrdup(buf_str(&r->text));
}

static char *
text_of(void (*ask)(struct store *, store_cb *, void *))
{
	char	*text = NULL;

	ask(world_store, take_text, &text);
	store_wait(world_store);
	tenant_keeps(text);
	return text;
}

char *
world_gaps(void)
{
	return text_of(store_gaps);
}

char *
world_dead(void)
{
	char	*text = NULL;

	store_dead(world_store, 0, NULL, take_text, &text);
	store_wait(world_store);
	tenant_keeps(text);
	return text;
}

char *
world_status(void)
{
	struct buf	 b = { 0 };
	struct json_out	 o;

	json_out_init(&o, &b);
	json_out_open(&o, '[');
	world_source->ops->status(world_source, &o);
	json_out_close(&o, ']');
	tenant_keeps(b.bytes);
	return b.bytes;
}

static void
take_left(void *arg, struct store_result *r)
{
	*(struct store_left *)arg = r->left;
}

struct store_left
world_left(void)
{
	struct store_left	 l;

	store_left(world_store, take_left, &l);
	store_wait(world_store);
	return l;
}

int64_t
world_mark(const char *kind)
{
	struct err	 e = { ERR_NONE, "" };
	char		 value[64];
	int64_t		 ms = 0;

	world_close();
	must((world_store = store_open(&world_store_opts, &e)) != NULL, &e);
	if (store_mark(world_store, world_exchange, kind, value, &e) == 1)
		must(rfc3339_parse(value, strlen(value), &ms, NULL) == 0, &e);
	store_close(world_store);
	world_run();
	return ms;
}

int64_t
world_stored(void)
{
	return (int64_t)counter_sum(C_STORED);
}
