/*
 * store_kit - a real store in a directory of its own, for tests.
 */
#include "store_kit.h"

#include "balance.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "mixed.h"

/* ---- time ---------------------------------------------------------------------------------------------------------- */

static _Atomic int64_t	 passed, frozen;	/* the store thread asks too */

static int64_t
read_clock(clockid_t which)
{
	struct timespec	 t;

	if (frozen != 0)
		return frozen + passed;
	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + passed;
}

int64_t	clock_mono_ms(void)	{ return read_clock(CLOCK_MONOTONIC); }
int64_t	clock_wall_ms(void)	{ return read_clock(CLOCK_REALTIME); }
int64_t	clock_judge_ms(void)	{ return clock_wall_ms(); }
int64_t	clock_min_ms(void)	{ return clock_wall_ms(); }
int64_t	clock_skew_ms(void)	{ return 0; }
int64_t	clock_real_us(int64_t ms)	{ return ms * 1000; }
int64_t	clock_cpu_us(void)	{ return 0; }
void	clock_heard(int64_t ms)	{ (void)ms; }
void	kit_pass(int64_t ms)	{ passed += ms; }
void	kit_freeze(int64_t ms)	{ frozen = ms; passed = 0; }
int64_t	kit_now(void)		{ return clock_wall_ms(); }

/* ---- the store ------------------------------------------------------------------------------------------------------- */

static void
need(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "store_kit: %s\n", what);
	abort();
}

void
kit_start(struct kit *k)
{
	static const char *const names[KIT_OUTPUTS] = { "elastic", "archive" };
	struct err	 e = { 0 };
	uint64_t	 mask = 0;

	k->opts.dir = k->dir;
	need((k->s = store_open(&k->opts, &e)) != NULL, e.text);
	k->feed = store_feed(k->s, "11111111-2222-3333-4444-555555555555", "contoso", "audit.exchange", &e);
	k->other = store_feed(k->s, "11111111-2222-3333-4444-555555555555", "contoso", "audit.general", &e);
	need(k->feed > 0 && k->other > 0, e.text);
	for (int i = 0; i < KIT_OUTPUTS; i++) {
		need((k->out[i] = store_output(k->s, names[i], 0, &e)) >= 0, e.text);
		mask |= (uint64_t)1 << k->out[i];
	}
	need(store_outputs_end(k->s, &e) == 0, e.text);
	store_feed_mask(k->s, k->feed, mask);
	store_feed_mask(k->s, k->other, k->other_mask);
	need(store_start(k->s, &e) == 0, e.text);
}

void
kit_new(struct kit *k)
{
	memset(k, 0, sizeof(*k));
	snprintf(k->dir, sizeof(k->dir), "/tmp/m365fwd-store.XXXXXX");
	need(mkdtemp(k->dir) != NULL, "mkdtemp");
	k->opts = (struct store_opts){ .create = 1, .record_max = 1 << 20, .seen_window_ms = 8 * KIT_DAY, .lock_wait_ms = 200 };
	log_open(LOG_ERROR, LOG_TEXT);
	kit_start(k);
}

void
kit_stop(struct kit *k)
{
	if (k->s == NULL)
		return;
	store_wait(k->s);
	store_close(k->s);
	k->s = NULL;
}

void
kit_free(struct kit *k)
{
	char	*command = xasprintf("rm -rf %s", k->dir);

	kit_stop(k);
	need(system(command) == 0, command);
	free(command);
}

/* ---- putting --------------------------------------------------------------------------------------------------------- */

void
kit_id(int64_t k, uint8_t id[16])
{
	uint64_t	 half[2] = { mixed((uint64_t)k), mixed((uint64_t)k ^ 0xabcdefu) };

	memcpy(id, half, sizeof(half));
}

void
kit_add(struct put *p, int64_t k, uint32_t digest, size_t pad)
{
	struct record	 r = { .ordinal = p->n, .digest = digest, .second = KIT_SECOND + k / 10 };
	char		*text = xasprintf("{\"Id\":\"record-%lld\",\"pad\":\"%*s\"}", (long long)k, (int)pad, "");

	kit_id(k, r.id);
	r.bytes = text;
	r.len = strlen(text);
	record_add(&p->body, &r);
	p->n++;
	free(text);
}

struct put *
kit_put_of(const struct kit *k, const char *blob, int64_t first, int n)
{
	struct put	*p = put_new();

	p->feed = k->feed;
	p->content_id = xstrdup(blob);
	p->created_ms = (int64_t)KIT_SECOND * 1000;
	p->origin = "management";
	for (int i = 0; i < n; i++)
		kit_add(p, first + i, 7, 0);
	p->end = PUT_STORED;
	p->blob_records = n;
	p->blob_bytes = (int64_t)p->body.len;
	return p;
}

void
kit_add_dead(struct put *p, int64_t k, const char *bytes)
{
	struct put_dead	*d;

	p->dead = xreallocarray(p->dead, p->n_dead + 1, sizeof(*p->dead));
	d = &p->dead[p->n_dead++];
	*d = (struct put_dead){ .second = KIT_SECOND + k / 10, .ordinal = (uint32_t)k, .record_id = xstrdup("-"),
	    .reason = xstrdup("not-json: a test"), .bytes = bytes != NULL ? xstrdup(bytes) : NULL,
	    .len = bytes != NULL ? strlen(bytes) : 0 };
	kit_id(k, d->id);
}

static void
keep_answer(void *arg, struct store_result *r)
{
	struct store_result	*kept = arg;

	*kept = *r;
	kept->blobs = NULL;
	kept->peeked = NULL;
	memset(&kept->text, 0, sizeof(kept->text));
}

struct store_result
kit_put(struct kit *k, struct put *p)
{
	struct store_result	 r = { .fail = STORE_BROKEN };

	store_put(k->s, p, keep_answer, &r);
	store_wait(k->s);
	return r;
}

struct store_result
kit_put_new(struct kit *k, const char *blob, int64_t first, int n)
{
	return kit_put(k, kit_put_of(k, blob, first, n));
}

/* ---- delivering ------------------------------------------------------------------------------------------------------ */

static void
keep_batches(void *arg, struct store_result *r)
{
	struct kit_batches	*b = arg;

	b->fail = r->fail;
	b->err = r->err;
	b->more = r->more;
	b->n = r->n_peeked;
	b->b = xcalloc(b->n + 1, sizeof(*b->b));
	for (size_t i = 0; i < b->n; i++) {
		b->b[i] = r->peeked[i];
		memset(&r->peeked[i], 0, sizeof(r->peeked[i]));
	}
}

struct kit_batches
kit_peek(struct kit *k, int output, const int64_t *skip, size_t n_skip, size_t max)
{
	struct kit_batches	 b = { .fail = STORE_BROKEN };

	store_peek(k->s, output, skip, n_skip, max, keep_batches, &b);
	store_wait(k->s);
	return b;
}

void
kit_batches_free(struct kit_batches *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->b[i].content_id);
		free(b->b[i].done);
		buf_clear(&b->b[i].body);
	}
	free(b->b);
	memset(b, 0, sizeof(*b));
}

struct store_result
kit_done(struct kit *k, struct done *d)
{
	struct store_result	 r = { .fail = STORE_BROKEN };

	store_done(k->s, d, keep_answer, &r);
	store_wait(k->s);
	return r;
}

static int
is_done(const struct peeked *p, uint32_t pos)
{
	return p->done != NULL && (p->done[pos / 8] >> pos % 8 & 1);
}

struct store_result
kit_done_some(struct kit *k, int output, const struct peeked *p, uint32_t from, uint32_t to, enum done_how how)
{
	struct done	*d = done_new(output);
	struct record	 r;
	size_t		 at = 0;

	for (uint32_t pos = 0; pos < to && record_next(p->body.bytes, p->body.len, &at, &r) == 1; pos++)
		if (pos >= from)
			done_add(d, p->batch, pos, how, r.id, r.second, how == DONE_DEAD ? "refused: a test" : NULL,
			    how == DONE_DEAD ? "no thanks" : NULL);
	return kit_done(k, d);
}

void
kit_deliver_all(struct kit *k, int output)
{
	struct kit_batches	 b;

	do {
		b = kit_peek(k, output, NULL, 0, 1 << 20);
		need(b.fail == STORE_OK, "peek");
		for (size_t i = 0; i < b.n; i++)
			need(kit_done_some(k, output, &b.b[i], 0, b.b[i].n, DONE_DELIVERED).fail == STORE_OK, "done");
		if (b.n == 0) {
			kit_batches_free(&b);
			return;
		}
		kit_batches_free(&b);
	} while (1);
}

int64_t
kit_owed(struct kit *k, int output)
{
	struct kit_batches	 b = kit_peek(k, output, NULL, 0, SIZE_MAX >> 1);
	int64_t			 n = 0;

	for (size_t i = 0; i < b.n; i++)
		for (uint32_t pos = 0; pos < b.b[i].n; pos++)
			n += !is_done(&b.b[i], pos);
	kit_batches_free(&b);
	return n;
}

/* ---- looking --------------------------------------------------------------------------------------------------------- */

struct store_result
kit_expire(struct kit *k)
{
	struct store_result	 r = { .fail = STORE_BROKEN };

	store_expire(k->s, k->feed, kit_now(), keep_answer, &r);
	store_wait(k->s);
	return r;
}

static void
keep_left(void *arg, struct store_result *r)
{
	if (r->fail == STORE_OK)
		*(struct store_left *)arg = r->left;
}

struct store_left
kit_left(struct kit *k)
{
	struct store_left	 left = { -1, -1, -1 };

	store_left(k->s, keep_left, &left);
	store_wait(k->s);
	return left;
}

static void
keep_text(void *arg, struct store_result *r)
{
	*(char **)arg = xstrdup(buf_str(&r->text));
}

char *
kit_gaps(struct kit *k)
{
	char	*text = NULL;

	store_gaps(k->s, keep_text, &text);
	store_wait(k->s);
	return text;
}

char *
kit_dead(struct kit *k, int64_t show)
{
	char	*text = NULL;

	if (show > 0)
		store_dead_show(k->s, show, keep_text, &text);
	else
		store_dead(k->s, 0, NULL, keep_text, &text);
	store_wait(k->s);
	return text;
}

char *
kit_status(struct kit *k)
{
	char	*text = NULL;

	store_status(k->s, keep_text, &text);
	store_wait(k->s);
	return text;
}

/* ---- do the tallies agree? ------------------------------------------------------------------------------------------- */

static void
each_tally(struct kit *k, void (*fn)(void *, cJSON *), void *arg)
{
	char	*text = NULL, *line, *rest;
	cJSON	*t;

	store_tallies(k->s, keep_text, &text);
	store_wait(k->s);
	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		need((t = json_tree(line, strlen(line), 1 << 16)) != NULL, line);
		fn(arg, t);
		cJSON_Delete(t);
	}
	free(text);
}

struct sum_up { const char *who; int64_t n; };

static void
sum_up(void *arg, cJSON *t)
{
	struct sum_up	*u = arg;

	if (strcmp(json_tree_str(t, "who"), u->who) == 0)
		u->n += (int64_t)cJSON_GetObjectItem(t, "n")->valuedouble;
}

int64_t
kit_tally(struct kit *k, const char *who)
{
	struct sum_up	 u = { who, 0 };

	each_tally(k, sum_up, &u);
	return u.n;
}

const char *
kit_unbalanced(struct kit *k, int output)
{
	struct balance		 b = { .output = output == k->out[0] ? "elastic" : "archive" };
	struct kit_batches	 batches = kit_peek(k, output, NULL, 0, SIZE_MAX >> 1);	/* first: it may set damaged batches aside */
	const char		*guid, *tenant, *feed, *off;
	char			*text = NULL;

	for (size_t i = 0; i < batches.n; i++) {
		store_feed_names(k->s, batches.b[i].feed, &guid, &tenant, &feed);
		balance_owed(&b, tenant, feed, &batches.b[i]);
	}
	kit_batches_free(&batches);
	store_tallies(k->s, keep_text, &text);
	store_wait(k->s);
	need(balance_tallies(&b, text) == 0, "tallies");
	off = balance_off(&b);
	free(text);
	balance_clear(&b);
	return off;
}

/* ---- behind its back ------------------------------------------------------------------------------------------------- */

static sqlite3 *
open_file(const struct kit *k)
{
	char	*path = xasprintf("%s/state.db", k->dir);
	sqlite3	*db = NULL;

	need(k->s == NULL && sqlite3_open(path, &db) == SQLITE_OK, path);
	free(path);
	return db;
}

void
kit_sql(const struct kit *k, const char *sql)
{
	sqlite3	*db = open_file(k);

	need(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sqlite3_errmsg(db));
	sqlite3_close(db);
}

int64_t
kit_sql_int(const struct kit *k, const char *sql)
{
	sqlite3		*db = open_file(k);
	sqlite3_stmt	*s;
	int64_t		 n;

	need(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW, sqlite3_errmsg(db));
	n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}
