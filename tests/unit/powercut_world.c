/*
 * powercut_world - a store whose power is cut, and its twin, whose never is.
 */
#include "powercut_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "power.h"
#include "powercut_steps.h"
#include "store/store_in.h"

#define RECORD_MAX	((int64_t)2 << 20)
#define HOUR		((int64_t)3600000)

/* ---- jobs of our own on the store thread ----------------------------------------------------------------------------- */

struct own {
	const char	*copy_to;
	uint64_t	 digest;
	int		 sound;
};

static void
mix_in(uint64_t *d, const void *bytes, size_t n)
{
	const unsigned char	*b = bytes;

	for (size_t i = 0; i < n; i++)
		*d = (*d ^ b[i]) * 0x100000001b3u;
}

static void
mix_row(uint64_t *d, sqlite3_stmt *row)
{
	for (int i = 0; i < sqlite3_column_count(row); i++) {
		int		 type = sqlite3_column_type(row, i), n;
		const void	*bytes = sqlite3_column_blob(row, i);

		n = sqlite3_column_bytes(row, i);
		mix_in(d, &type, sizeof(type));
		mix_in(d, &n, sizeof(n));
		if (n > 0)
			mix_in(d, bytes, (size_t)n);
	}
}

/* Every row of every table but the ballast, which stands for free pages. */
static int
digest(sqlite3 *db, uint64_t *d)
{
	sqlite3_stmt	*tables, *rows;
	int		 rc = SQLITE_DONE;

	*d = 0xcbf29ce484222325u;
	if (sqlite3_prepare_v2(db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'ballast' ORDER BY name", -1,
	    &tables, NULL) != SQLITE_OK)
		return 0;
	while (rc == SQLITE_DONE && sqlite3_step(tables) == SQLITE_ROW) {
		const char	*name = (const char *)sqlite3_column_text(tables, 0);
		char		*sql = xasprintf("SELECT * FROM %s", name);

		mix_in(d, name, strlen(name));
		if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) == SQLITE_OK)
			while ((rc = sqlite3_step(rows)) == SQLITE_ROW)
				mix_row(d, rows);
		else
			rc = SQLITE_ERROR;
		sqlite3_finalize(rows);
		free(sql);
	}
	return sqlite3_finalize(tables) == SQLITE_OK && rc == SQLITE_DONE;
}

static int
is_sound(sqlite3 *db)
{
	sqlite3_stmt	*check;
	int		 ok = 0;

	if (sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &check, NULL) == SQLITE_OK && sqlite3_step(check) == SQLITE_ROW)
		ok = strcmp((const char *)sqlite3_column_text(check, 0), "ok") == 0;
	sqlite3_finalize(check);
	return ok;
}

static void
copy(sqlite3 *from, const char *path)
{
	sqlite3		*to;
	sqlite3_backup	*b;

	if (sqlite3_open(path, &to) != SQLITE_OK || (b = sqlite3_backup_init(to, "main", from, "main")) == NULL ||
	    sqlite3_backup_step(b, -1) != SQLITE_DONE || sqlite3_backup_finish(b) != SQLITE_OK)
		abort();
	sqlite3_close(to);
}

static enum store_fail
look(struct store *s, struct job *j)
{
	struct own	*o = j->arg;

	if (o->copy_to != NULL)
		copy(s->db, o->copy_to);
	o->sound = digest(s->db, &o->digest);
	return STORE_OK;
}

static enum store_fail
check(struct store *s, struct job *j)
{
	((struct own *)j->arg)->sound = is_sound(s->db);
	return STORE_OK;
}

static void
answered_own(void *arg, struct store_result *r)
{
	(void)arg;
	(void)r;
}

static void
on_thread(struct kit *k, enum store_fail (*run)(struct store *, struct job *), struct own *o)
{
	job_submit(k->s, job_new(k->s, JOB_READ, run, answered_own, o));
	store_wait(k->s);
}

static uint64_t
rows_of(struct kit *k)
{
	struct own	 o = { .sound = 0 };

	on_thread(k, look, &o);
	return o.sound ? o.digest : 0;
}

/* ---- opening --------------------------------------------------------------------------------------------------------- */

static int
name_all(struct world *w, struct kit *k, struct err *e)
{
	static const char *const names[KIT_OUTPUTS] = { "elastic", "archive" };
	uint64_t	 mask = 0;

	k->feed = store_feed(k->s, "11111111-2222-3333-4444-555555555555", "contoso", "audit.exchange", e);
	k->other = store_feed(k->s, "11111111-2222-3333-4444-555555555555", "contoso", "audit.general", e);
	if (k->feed <= 0 || k->other <= 0)
		return -1;
	for (int i = 0; i < KIT_OUTPUTS - w->without_archive; i++) {
		if ((k->out[i] = store_output(k->s, names[i], i == 0, e)) == -1)
			return -1;
		mask |= (uint64_t)1 << k->out[i];
	}
	store_output_drops(k->s, k->out[0], 1);
	store_output_drops(k->s, k->out[1], 1);
	if (store_outputs_end(k->s, e) == -1)
		return -1;
	store_feed_mask(k->s, k->feed, mask);
	store_feed_mask(k->s, k->other, mask);
	return 0;
}

static int
open_kit(struct world *w, struct kit *k, struct err *e)
{
	memset(e, 0, sizeof(*e));
	k->opts.dir = k->dir;
	if ((k->s = store_open(&k->opts, e)) == NULL)
		return -1;
	if (name_all(w, k, e) == 0 && store_start(k->s, e) == 0)
		return 0;
	store_close(k->s);
	k->s = NULL;
	return -1;
}

int
world_open_real(struct world *w)
{
	(void)open_kit(w, &w->real, &w->why);
	return !power_is_out();
}

static void
open_twin(struct world *w)
{
	struct err	 e;

	if (open_kit(w, &w->twin, &e) == -1) {
		fprintf(stderr, "powercut: the twin: %s\n", e.text);
		abort();
	}
}

static void
empty(const struct kit *k)
{
	static const char *const files[] = { "state.db", "state.db-wal", "state.db-journal", "state.check" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char	*path = xasprintf("%s/%s", k->dir, files[i]);

		(void)unlink(path);
		free(path);
	}
}

/* The twin goes on from what the disk held: what was under way, or what waited in memory, may be there or not. */
static void
twin_follows(struct world *w)
{
	char		*path = xasprintf("%s/state.db", w->twin.dir);
	struct own	 o = { .copy_to = path };

	store_close(w->twin.s);
	empty(&w->twin);
	on_thread(&w->real, look, &o);
	open_twin(w);
	free(path);
}

/* As a reload does it. What fails then is seen when the store is opened again. */
static void
halt_and_name(struct world *w, struct kit *k)
{
	struct err	 e = { 0 };

	store_halt(k->s);
	if (name_all(w, k, &e) == -1 || store_start(k->s, &e) == -1) {
		store_close(k->s);
		k->s = NULL;
		if (!power_is_out())
			fprintf(stderr, "powercut: %s\n", e.text);
	}
}

static void
close_and_open(struct world *w, struct kit *k)
{
	struct err	 e;

	store_close(k->s);
	k->s = NULL;
	if (open_kit(w, k, &e) == -1 && !power_is_out())
		fprintf(stderr, "powercut: %s\n", e.text);
}

struct act {
	unsigned	 weight;
	void		(*run)(struct kit *, struct step *);
	void		(*turn)(struct world *, struct kit *);	/* opens or names anew; whatever came of it is seen afterwards */
	int64_t		 pass_ms;
};

static const struct act	 acts[] = {
	{ 30, step_put_some,		NULL,		100 },
	{ 25, step_deliver_some,	NULL,		100 },
	{ 10, step_list_page,	NULL,		1000 },
	{ 5, step_blob_failed,	NULL,		0 },
	{ 6, step_expire,		NULL,		6 * HOUR },
	{ 4, step_lazy_mark,		NULL,		0 },
	{ 2, step_write_meta,	NULL,		0 },
	{ 2, step_move_mark,		NULL,		0 },
	{ 2, step_write_gap,		NULL,		0 },
	{ 4, step_say_sent,		NULL,		0 },
	{ 1, step_peek,		NULL,		0 },
	{ 3, step_drop_oldest,	NULL,		0 },
	{ 2, step_dead_again,	NULL,		0 },
	{ 2, step_dead_away,		NULL,		0 },
	{ 2, step_reserve,		NULL,		0 },
	{ 2, NULL,		halt_and_name,	0 },
	{ 2, NULL,		close_and_open,	0 },
};
enum { PUT, DONE, PAGE, FAILED, EXPIRE, LAZY, META, MARK, GAP, SENT, PEEK, DROP, AGAIN, AWAY, RESERVE, HALT, CLOSE, ACTS };

static const char	 script[] = {
	PAGE, PUT, PUT, SENT, DONE, LAZY, DONE, FAILED, GAP, META, PUT, LAZY, HALT, DONE, EXPIRE, PUT, CLOSE, PAGE, DROP, MARK,
	PUT, DONE, DONE, AGAIN, DONE, AWAY, PUT, EXPIRE, LAZY, CLOSE, DONE,
	/* the long one: the WAL is made longer, and 4 MiB of ballast come and go */
	RESERVE, PUT, RESERVE, DONE, RESERVE,
};

static unsigned	 cut_kinds[ACTS];

int
world_script_length(int long_too)
{
	return (int)sizeof(script) - (long_too ? 0 : 5);
}

static int
by_chance(struct world *w)
{
	uint64_t	 at = 0, all = 0;

	for (size_t i = 0; i < ACTS; i++)
		all += acts[i].weight;
	all = step_chance(&w->rng, all);
	for (size_t i = 0; i < ACTS; i++)
		if ((at += acts[i].weight) > all)
			return (int)i;
	abort();
}

/* ---- what was under way when the power went -------------------------------------------------------------------------- */

static struct {
	uint64_t	 before, after;		/* what the twin held */
	int		 whole;			/* it was answered: only `after` will do */
} under_way;

static void
remember(struct world *w, uint64_t rows)
{
	if (!w->keeps_history)
		return;
	w->history = xreallocarray(w->history, w->n_history + 1, sizeof(*w->history));
	w->history[w->n_history++] = rows;
}

/* Returns 0 when the power went. */
static int
do_step(struct world *w, const struct act *a, struct step *st)
{
	struct step	 same = *st;
	int		 out;

	if (a->turn != NULL)
		a->turn(w, &w->real);
	else
		a->run(&w->real, st);
	if ((out = power_is_out() || w->real.s == NULL)) {
		under_way.before = rows_of(&w->twin);
		under_way.whole = a->turn == NULL && st->asked > 0 && st->done == st->asked;
		cut_kinds[a - acts]++;
	}
	if (a->turn != NULL)
		a->turn(w, &w->twin);
	else
		a->run(&w->twin, &same);
	if (out || w->keeps_history)
		remember(w, under_way.after = rows_of(&w->twin));
	w->next_record = same.record;
	w->next_blob = same.blob;
	return !out;
}

int
world_step(struct world *w, int at)
{
	int		 n = at >= 0 ? script[at] : by_chance(w);
	struct step	 st = { .rng = step_chance(&w->rng, UINT64_MAX >> 33) + w->steps, .record = w->next_record, .blob = w->next_blob };

	w->steps++;
	w->kind = n;
	/* One transaction a step: what waits in memory is written before all is named anew, and before its minute is over. */
	if ((n == HALT || n == EXPIRE) && !do_step(w, &acts[MARK], &st))
		return 0;
	kit_pass(acts[n].pass_ms);
	if (n == HALT) {
		w->without_archive = !w->without_archive;
		w->archive_was_away = 1;
	}
	return do_step(w, &acts[n], &st);
}

/* ---- judging --------------------------------------------------------------------------------------------------------- */

static enum fate
say(struct world *w, enum fate fate, const char *what)
{
	if (w->why.text[0] == '\0')
		snprintf(w->why.text, sizeof(w->why.text), "%s", what);
	return fate;
}

static enum fate
judge(struct world *w)
{
	struct own	 o = { .sound = 0 };
	uint64_t	 rows;
	int64_t		 stored;
	char		 mark[64];

	if (w->real.s == NULL)
		return w->why.text[0] == '\0' ? say(w, DAMAGED, "refused without a word") : REFUSED;
	on_thread(&w->real, check, &o);
	if (!o.sound)
		return say(w, DAMAGED, "integrity_check");
	rows = rows_of(&w->real);
	for (int i = 0; i < KIT_OUTPUTS - w->archive_was_away; i++) {		/* who was away is not owed what came meanwhile */
		const char	*off = kit_unbalanced(&w->real, w->real.out[i]);

		if (off != NULL)
			return say(w, DAMAGED, off);
	}
	if (rows == under_way.after || (rows == under_way.before && !under_way.whole)) {
		stored = kit_tally(&w->real, "stored");
		if (stored < w->acknowledged)
			return say(w, LOST, "fewer records than were acknowledged");
		w->acknowledged = stored;
		return SURVIVED;
	}
	for (size_t i = 0; i < w->n_history; i++)
		if (rows == w->history[i])
			return say(w, LOST, "what was acknowledged is missing");
	if (kit_tally(&w->real, "stored") == 0 && store_mark(w->real.s, w->real.feed, "listed", mark, &(struct err){ 0 }) != 1)
		return say(w, LOST, "all of it");
	return rows == under_way.before ? say(w, LOST, "what was acknowledged is missing") : say(w, DIFFERS, "other rows than ever");
}

enum fate
world_after_cut(struct world *w, uint64_t seed, long cut_again, int *cuts)
{
	enum fate	 fate;

	memset(&w->why, 0, sizeof(w->why));
	do {
		if (w->real.s != NULL)
			store_close(w->real.s);
		w->real.s = NULL;
		power_back(seed++);
		++*cuts;
		if (cut_again > 0)
			power_cut_after(cut_again);
		cut_again = 0;
	} while (!world_open_real(w));
	power_cut_after(0);
	if ((fate = judge(w)) == SURVIVED) {
		twin_follows(w);
		remember(w, rows_of(&w->twin));
	}
	return fate;
}

unsigned
world_kinds_cut(unsigned *of)
{
	unsigned	 kinds = 0;

	*of = ACTS - 2;			/* a lazy mark stays in memory, and a peek writes nothing: there is nothing to cut */
	for (size_t i = 0; i < ACTS; i++)
		kinds += cut_kinds[i] > 0;
	return kinds;
}

/* ---- one world ------------------------------------------------------------------------------------------------------- */

static void
make_kit(struct world *w, struct kit *k, const char *name)
{
	*k = (struct kit){ .opts = { .create = 1, .record_max = RECORD_MAX, .seen_window_ms = 8 * KIT_DAY, .seen_max = 3000 * 32,
	    .spool_max = 64 << 20, .dead_max = 1 << 20, .reserve = 6 << 20, .lock_wait_ms = 200 } };
	snprintf(k->dir, sizeof(k->dir), "%s/%s", w->dir, name);
	if (mkdir(k->dir, 0700) == -1)
		abort();
}

void
world_new(struct world *w, uint64_t seed)
{
	const char	*tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	memset(w, 0, sizeof(*w));
	w->rng = seed;
	snprintf(w->dir, sizeof(w->dir), "%s/m365fwd-power.XXXXXX", tmp);
	if (mkdtemp(w->dir) == NULL)
		abort();
	make_kit(w, &w->real, "real");
	make_kit(w, &w->twin, "twin");
	kit_freeze((int64_t)KIT_SECOND * 1000 + KIT_DAY);
	power_on(w->real.dir);
	open_twin(w);
	under_way.before = under_way.after = rows_of(&w->twin);
	under_way.whole = 0;
}

void
world_free(struct world *w)
{
	store_close(w->real.s);
	store_close(w->twin.s);
	power_off();
	empty(&w->real);
	empty(&w->twin);
	if (rmdir(w->real.dir) == -1 || rmdir(w->twin.dir) == -1 || rmdir(w->dir) == -1)
		abort();
	free(w->history);
}
