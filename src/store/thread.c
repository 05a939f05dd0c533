/*
 * thread - jobs from the loop thread to the store thread and back; group commit.
 *
 * The thread takes, in order, what is queued and waits for nothing. Neighbouring puts, or neighbouring dones, share a
 * transaction up to 4 MiB; when one of a group fails the group is rolled back and repeated job by job, so that one bad job
 * costs no other.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "store/store_in.h"

#define GROUP_JOBS	64
#define LAZY_MS		60000
#define REST_MS		2000		/* real time */

struct job *
job_new(struct store *s, enum job_class class, enum store_fail (*run)(struct store *, struct job *), store_cb *cb, void *arg)
{
	struct job	*j = xcalloc(1, sizeof(*j));

	(void)s;
	j->class = class;
	j->run = run;
	j->cb = cb;
	j->arg = arg;
	return j;
}

void
job_submit(struct store *s, struct job *j)
{
	s->pending++;
	queue_push(s->in, j);
}

static void
job_free(struct job *j)
{
	if (j->clear != NULL)
		j->clear(j);
	for (int i = 0; i < JOB_TEXTS; i++)
		free(j->text[i]);
	for (size_t i = 0; i < j->result.n_blobs; i++)
		blob_row_clear(&j->result.blobs[i]);
	free(j->result.blobs);
	for (size_t i = 0; i < j->result.n_peeked; i++) {
		free(j->result.peeked[i].content_id);
		free(j->result.peeked[i].done);
		buf_clear(&j->result.peeked[i].body);
	}
	free(j->result.peeked);
	buf_clear(&j->result.text);
	free(j->batches);
	free(j);
}

static void
answer(struct store *s, struct job *j)
{
	j->result.spool_bytes = store_spool_bytes(s);
	queue_push(s->out, j);
}

static int
commit(struct store *s, enum job_class class)
{
	int	 rc;

	crash_point(class == JOB_PUT ? CRASH_RECORDS_UNCOMMITTED : class == JOB_DONE ? CRASH_DONE_UNCOMMITTED : CRASH_WRITE_UNCOMMITTED);
	if ((rc = db_commit(s)) == 0)
		crash_point(class == JOB_PUT ? CRASH_RECORDS_COMMITTED : class == JOB_DONE ? CRASH_DONE_COMMITTED :
		    CRASH_WRITE_COMMITTED);
	return rc;
}

/* One job in a transaction of its own. */
static void
run_alone(struct store *s, struct job *j)
{
	memset(&j->result.err, 0, sizeof(j->result.err));
	j->result.fail = STORE_OK;
	j->result.n = j->result.duplicates = j->result.changed = j->result.batch = 0;
	if (s->broken) {
		j->result.fail = STORE_BROKEN;
		j->result.err = s->broken_err;
	} else if (db_begin(s) == -1) {
		db_fail(s, &j->result, "begin");
		db_rollback(s);
	} else if (j->run(s, j) != STORE_OK) {
		db_rollback(s);
#ifdef STORE_ANSWERS_BEFORE_COMMIT		/* the kill test's control: it must notice this */
	} else if (answer(s, j), 1) {
		db_commit(s);
		return;
#endif
	} else if (commit(s, j->class) == -1) {
		db_fail(s, &j->result, "commit");
		db_rollback(s);
	}
	answer(s, j);
}

static void
run_group(struct store *s, struct job **jobs, size_t n)
{
	size_t	 i = 0;
	int	 sound = !s->broken && n > 1 && db_begin(s) == 0;

	while (sound && i < n) {
		sound = jobs[i]->run(s, jobs[i]) == STORE_OK;
		i++;
	}
#ifdef STORE_ANSWERS_BEFORE_COMMIT
	if (sound) {
		for (i = 0; i < n; i++)
			answer(s, jobs[i]);
		db_commit(s);
		return;
	}
#endif
	if (sound && commit(s, jobs[0]->class) == 0) {
		for (i = 0; i < n; i++)
			answer(s, jobs[i]);
		return;
	}
	if (n > 1)
		db_rollback(s);
	for (i = 0; i < n; i++)
		run_alone(s, jobs[i]);
}

static void
run_read(struct store *s, struct job *j)
{
	if (s->broken) {
		j->result.fail = STORE_BROKEN;
		j->result.err = s->broken_err;
	} else {
		j->run(s, j);
	}
	answer(s, j);
}

static void
write_lazy(struct store *s)
{
	if (s->n_lazy == 0 || s->broken)
		return;
	crash_point(CRASH_MARKS_LAZY);
	s->lazy_now = 1;
	if (db_begin(s) == -1 || db_commit(s) == -1)
		db_rollback(s);
	s->lazy_now = 0;
}

/*
 * No record came or went for a while, though feeds with no news ask for what they know: the page cache, and what the process
 * freed of its heap, go back to the system, once.
 */
static void
rest(struct store *s, struct pollfd *p)
{
	int64_t	 left = REST_MS - clock_real_us(clock_mono_ms() - s->busy_ms) / 1000;

	if (s->rested || queue_len(s->in) > 0 || __atomic_load_n(&s->closing, __ATOMIC_ACQUIRE) ||
	    (left > 0 && poll(p, 1, (int)left) != 0))
		return;
	if (s->db != NULL)
		sqlite3_db_release_memory(s->db);
	xtrim();
	s->rested = 1;
}

/* The next job; a lazy mark waits for company for a minute at most. */
static struct job *
next_job(struct store *s)
{
	struct pollfd	 p = { .fd = queue_fd(s->in), .events = POLLIN };
	int64_t		 left;

	rest(s, &p);
	while (s->n_lazy > 0 && !__atomic_load_n(&s->closing, __ATOMIC_ACQUIRE)) {
		left = s->lazy_ms + LAZY_MS - clock_mono_ms();
		if (left <= 0) {
			write_lazy(s);
			if (s->n_lazy > 0)
				s->lazy_ms = clock_mono_ms();
		} else if (queue_len(s->in) > 0 || poll(&p, 1, (int)((clock_real_us(left) + 999) / 1000)) != 0) {
			break;
		}
	}
	return queue_wait(s->in);
}

static void
store_thread(void *arg)
{
	struct store	*s = arg;
	struct job	*jobs[GROUP_JOBS], *j = next_job(s);

	while (j != NULL && !s->halted) {
		enum job_class	 class = j->class;
		int64_t		 cost = j->cost;
		size_t		 n = 0;

		jobs[n++] = j;
		j = NULL;
		while ((class == JOB_PUT || class == JOB_DONE) && n < GROUP_JOBS && cost < GROUP_MAX && (j = queue_pop(s->in)) != NULL) {
			if (j->class != class)
				break;
			cost += j->cost;
			jobs[n++] = j;
			j = NULL;
		}
		if (class == JOB_READ)
			run_read(s, jobs[0]);
		else
			run_group(s, jobs, n);
		db_checkpoint(s);
		if (class != JOB_READ) {
			s->busy_ms = clock_mono_ms();
			s->rested = 0;
		}
		if (j == NULL && !s->halted)
			j = next_job(s);
	}
	write_lazy(s);
}

/* From here on only the thread reads the names: what was said while it stood is over. */
int
store_start(struct store *s, struct err *e)
{
	if (names_end(s, e) == -1)
		return -1;
	s->halted = s->rested = 0;
	s->busy_ms = clock_mono_ms();
	s->thread = thread_start("store", store_thread, s);
	return 0;
}

static enum store_fail
halt_run(struct store *s, struct job *j)
{
	(void)j;
	s->halted = 1;
	return STORE_OK;
}

void
store_halt(struct store *s)
{
	__atomic_store_n(&s->closing, 1, __ATOMIC_RELEASE);		/* a lazy mark waits no longer */
	job_submit(s, job_new(s, JOB_READ, halt_run, NULL, NULL));
	thread_join(s->thread);
	s->thread = NULL;
	__atomic_store_n(&s->closing, 0, __ATOMIC_RELEASE);
	store_turn(s);
}

void
store_limits(struct store *s, const struct store_opts *o)
{
	struct store_opts	 kept = s->opts;

	s->opts = *o;
	s->opts.dir = s->dir;
	s->opts.create = kept.create;
	s->opts.lock_wait_ms = kept.lock_wait_ms;
}

int
store_fd(struct store *s)
{
	return queue_fd(s->out);
}

static void
give(struct store *s, struct job *j)
{
	s->pending--;
	if (j->cb != NULL)
		j->cb(j->arg, &j->result);
	else if (j->result.fail != STORE_OK && !s->said_broken) {
		s->said_broken = j->result.fail == STORE_BROKEN;	/* once: all that follow fail with it */
		log_error("store-write", "%s", j->result.err.text);
	}
	job_free(j);
}

void
store_turn(struct store *s)
{
	struct job	*j;

	while ((j = queue_pop(s->out)) != NULL)
		give(s, j);
}

int
store_wait(struct store *s)
{
	struct pollfd	 p = { .fd = queue_fd(s->out), .events = POLLIN };

	while (s->pending > 0) {
		poll(&p, 1, 1000);
		store_turn(s);
	}
	return 0;
}

unsigned
store_pending(const struct store *s)
{
	return s->pending;
}

int64_t
store_spool_bytes(const struct store *s)
{
	return __atomic_load_n(&s->spool_bytes, __ATOMIC_RELAXED);
}

static enum store_fail
nothing(struct store *s, struct job *j)
{
	(void)s;
	(void)j;
	return STORE_OK;
}

void
store_ping(struct store *s, store_cb *cb, void *arg)
{
	job_submit(s, job_new(s, JOB_READ, nothing, cb, arg));
}

enum store_full
store_full_why(const struct store *s)
{
	return (enum store_full)__atomic_load_n(&s->full_why, __ATOMIC_RELAXED);
}

/* ---- open and close -------------------------------------------------------------------------------------------------- */

static int
read_names(struct store *s, struct err *e)
{
	sqlite3_stmt	*stmt = q(s, Q_FEED_ALL);

	while (sqlite3_step(stmt) == SQLITE_ROW) {
		struct feed_row	*f;

		s->feeds = xreallocarray(s->feeds, s->n_feeds + 1, sizeof(*s->feeds));
		f = &s->feeds[s->n_feeds++];
		*f = (struct feed_row){ sqlite3_column_int(stmt, 0), xstrdup(col_text(stmt, 1)), xstrdup(col_text(stmt, 2)),
		    xstrdup(col_text(stmt, 3)), 0 };
	}
	if (sqlite3_reset(stmt) != SQLITE_OK)
		goto fail;
	stmt = q(s, Q_OUTPUT_ALL);
	while (s->n_outputs < STORE_OUTPUTS && sqlite3_step(stmt) == SQLITE_ROW)
		s->outputs[s->n_outputs++] = (struct output_row){ .id = sqlite3_column_int(stmt, 0),
		    .name = xstrdup(col_text(stmt, 1)), .gone_ms = sqlite3_column_int64(stmt, 2),
		    .old_wanted = sqlite3_column_int64(stmt, 3) == 0 };
	if (sqlite3_reset(stmt) == SQLITE_OK)
		return 0;
fail:
	db_trouble(s, e);
	return -1;
}

struct store *
store_open(const struct store_opts *o, struct err *e)
{
	struct store	*s;

	if (dir_judge(o->dir, o->create, e) == -1)
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->opts = *o;
	s->opts.dir = s->dir = xstrdup(o->dir);
	s->turn_fd = -1;
	s->path = xasprintf("%s/state.db", o->dir);
	s->check_path = xasprintf("%s/state.check", o->dir);
	s->in = queue_new();
	s->out = queue_new();
	s->sweep.t = INT64_MIN;
	s->swept_day = -1;
	if (db_open(s, e) == -1 || read_names(s, e) == -1) {
		store_close(s);
		return NULL;
	}
	return s;
}

void
store_close(struct store *s)
{
	struct job	*j;

	if (s == NULL)
		return;
	__atomic_store_n(&s->closing, 1, __ATOMIC_RELEASE);
	if (s->thread != NULL)		/* it may be waiting for company for a lazy mark */
		job_submit(s, job_new(s, JOB_READ, nothing, NULL, NULL));
	queue_close(s->in);
	thread_join(s->thread);
	while ((j = queue_pop(s->in)) != NULL)		/* never started */
		job_free(j);
	while ((j = queue_pop(s->out)) != NULL)		/* whoever asked is gone */
		job_free(j);
	db_close(s);
	for (size_t i = 0; i < s->n_feeds; i++) {
		free(s->feeds[i].tenant);
		free(s->feeds[i].tenant_name);
		free(s->feeds[i].name);
	}
	for (size_t i = 0; i < s->n_outputs; i++) {
		free(s->outputs[i].name);
		free(s->outputs[i].shares);
	}
	free(s->feeds);
	free(s->lazy);
	free(s->tallies);
	queue_free(s->in);
	queue_free(s->out);
	free(s->dir);
	free(s->path);
	free(s->check_path);
	free(s);
}
