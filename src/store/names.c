/*
 * names - feeds and outputs become numbers that stay the same for ever; marks, meta, segments. The small tables.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crash_point.h"
#include "base/xalloc.h"
#include "store/store_in.h"

static void
describe(struct store *s, struct err *e)
{
	db_trouble(s, e);
}

const struct feed_row *
feed_of(const struct store *s, int feed)
{
	static char			 empty[1];
	static const struct feed_row	 none = { 0, empty, empty, empty, 0 };

	for (size_t i = 0; i < s->n_feeds; i++)
		if (s->feeds[i].id == feed)
			return &s->feeds[i];
	return &none;
}

const struct output_row *
output_of(const struct store *s, int output)
{
	static char			 unknown[] = "unknown";
	static const struct output_row	 none = { .name = unknown };

	for (size_t i = 0; i < s->n_outputs; i++)
		if (s->outputs[i].id == output)
			return &s->outputs[i];
	return &none;
}

static struct feed_row *
feed_named(struct store *s, const char *tenant, const char *name)
{
	for (size_t i = 0; i < s->n_feeds; i++)
		if (strcmp(s->feeds[i].tenant, tenant) == 0 && strcmp(s->feeds[i].name, name) == 0)
			return &s->feeds[i];
	return NULL;
}

/* A tenant is its GUID; its label may change. */
static int
rename_feed(struct store *s, struct feed_row *f, const char *tenant_name)
{
	sqlite3_stmt	*stmt;

	if (strcmp(f->tenant_name, tenant_name) == 0)
		return 0;
	stmt = q(s, Q_FEED_NAME);
	sqlite3_bind_int(stmt, 1, f->id);
	bind_text(stmt, 2, tenant_name);
	free(f->tenant_name);
	f->tenant_name = xstrdup(tenant_name);
	return step_done(stmt);
}

int
store_feed(struct store *s, const char *tenant, const char *tenant_name, const char *name, struct err *e)
{
	struct feed_row	*f = feed_named(s, tenant, name);
	sqlite3_stmt	*stmt;

	if (f != NULL) {
		if (rename_feed(s, f, tenant_name) == 0)
			return f->id;
		describe(s, e);
		return -1;
	}
	stmt = q(s, Q_FEED_ADD);
	bind_text(stmt, 1, tenant);
	bind_text(stmt, 2, tenant_name);
	bind_text(stmt, 3, name);
	if (step_done(stmt) == -1) {
		describe(s, e);
		return -1;
	}
	s->feeds = xreallocarray(s->feeds, s->n_feeds + 1, sizeof(*s->feeds));
	s->feeds[s->n_feeds] = (struct feed_row){ (int)sqlite3_last_insert_rowid(s->db), xstrdup(tenant), xstrdup(tenant_name),
	    xstrdup(name), 0 };
	return s->feeds[s->n_feeds++].id;
}

int
store_feed_names(const struct store *s, int feed, const char **tenant_guid, const char **tenant_name, const char **name)
{
	const struct feed_row	*f = feed_of(s, feed);

	*tenant_guid = f->tenant;
	*tenant_name = f->tenant_name;
	*name = f->name;
	return f->id != 0;
}

static int
free_bit(const struct store *s)
{
	for (int bit = 0; bit < STORE_OUTPUTS; bit++) {
		int	 used = 0;

		for (size_t i = 0; i < s->n_outputs; i++)
			used |= s->outputs[i].id == bit;
		if (!used)
			return bit;
	}
	return -1;
}

int
store_output(struct store *s, const char *name, int start_at_oldest, struct err *e)
{
	sqlite3_stmt	*stmt;
	int		 bit;

	for (size_t i = 0; i < s->n_outputs; i++) {
		if (strcmp(s->outputs[i].name, name) != 0)
			continue;
		s->outputs[i].present = 1;
		s->outputs[i].old_wanted &= start_at_oldest;
		s->outputs[i].gone_ms = 0;
		stmt = q(s, Q_OUTPUT_BACK);
		sqlite3_bind_int(stmt, 1, s->outputs[i].id);
		if (step_done(stmt) == 0)
			return s->outputs[i].id;
		describe(s, e);
		return -1;
	}
	if ((bit = free_bit(s)) == -1) {
		err_set(e, ERR_CONFIG, "outputs.%s: the store knows 64 outputs already, among them some that left the configuration", name);
		return -1;
	}
	stmt = q(s, Q_OUTPUT_ADD);
	sqlite3_bind_int(stmt, 1, bit);
	bind_text(stmt, 2, name);
	sqlite3_bind_int64(stmt, 3, start_at_oldest ? 0 : clock_wall_ms());
	if (step_done(stmt) == -1) {
		describe(s, e);
		return -1;
	}
	s->outputs[s->n_outputs++] = (struct output_row){ .id = bit, .name = xstrdup(name), .present = 1,
	    .old_wanted = start_at_oldest };
	return bit;
}

int
store_outputs_end(struct store *s, struct err *e)
{
	int64_t		 now = clock_wall_ms();
	sqlite3_stmt	*stmt;

	s->named = 1;
	for (size_t i = 0; i < s->n_outputs; i++) {
		if (s->outputs[i].present) {
			s->outputs[i].present = 0;	/* a reload that fails names them once more */
			continue;
		}
		stmt = q(s, Q_OUTPUT_GONE);
		sqlite3_bind_int(stmt, 1, s->outputs[i].id);
		sqlite3_bind_int64(stmt, 2, now);
		if (step_done(stmt) == -1) {
			describe(s, e);
			return -1;
		}
		if (s->outputs[i].gone_ms == 0)
			s->outputs[i].gone_ms = now;
	}
	return 0;
}

void
store_output_drops(struct store *s, int output, int drops)
{
	for (size_t i = 0; i < s->n_outputs; i++)
		if (s->outputs[i].id == output)
			s->outputs[i].drops = drops;
}

/* Before store_start. An output that is new and starts with the oldest gets a debt for what is spooled already. */
void
store_feed_mask(struct store *s, int feed, uint64_t outputs)
{
	sqlite3_stmt	*stmt;

	for (size_t i = 0; i < s->n_feeds; i++)
		if (s->feeds[i].id == feed)
			s->feeds[i].mask = outputs;
	for (size_t i = 0; i < s->n_outputs; i++) {
		if (!s->outputs[i].old_wanted || !(outputs >> s->outputs[i].id & 1))
			continue;
		stmt = q(s, Q_OWE_OLD);
		sqlite3_bind_int(stmt, 1, s->outputs[i].id);
		sqlite3_bind_int(stmt, 2, feed);
		s->old_failed |= step_done(stmt);
	}
}

/* A kill before this, and the next start gives the new output its debt once more. */
int
names_end(struct store *s, struct err *e)
{
	sqlite3_stmt	*stmt;

	if (!s->named)
		return 0;		/* somebody who only reads */
	s->named = 0;
	stmt = q(s, Q_OUTPUT_SINCE);
	sqlite3_bind_int64(stmt, 1, clock_wall_ms());
	if (s->old_failed || step_done(stmt) == -1) {
		describe(s, e);
		s->old_failed = 0;
		return -1;
	}
	for (size_t i = 0; i < s->n_outputs; i++)
		s->outputs[i].old_wanted = 0;
	return 0;
}

/* ---- marks and meta ------------------------------------------------------------------------------------------------------ */

/* One that cannot be read is not one that is not there: its source would begin anew, and later than it was. */
int
store_mark(struct store *s, int feed, const char *kind, char value[64], struct err *e)
{
	sqlite3_stmt	*stmt = q(s, Q_MARK_GET);
	int		 found;

	sqlite3_bind_int(stmt, 1, feed);
	bind_text(stmt, 2, kind);
	if ((found = sqlite3_step(stmt) == SQLITE_ROW))
		snprintf(value, 64, "%s", col_text(stmt, 0));
	if (sqlite3_reset(stmt) == SQLITE_OK)
		return found;
	describe(s, e);
	return -1;
}

int
store_meta(struct store *s, const char *key, char *value, size_t size, struct err *e)
{
	sqlite3_stmt	*stmt = q(s, Q_META_GET);
	int		 found;

	bind_text(stmt, 1, key);
	if ((found = sqlite3_step(stmt) == SQLITE_ROW))
		snprintf(value, size, "%s", col_text(stmt, 0));
	if (sqlite3_reset(stmt) == SQLITE_OK)
		return found;
	describe(s, e);
	return -1;
}

int
store_firsts(struct store *s, void (*each)(void *, const char *), void *arg, struct err *e)
{
	sqlite3_stmt	*stmt = q(s, Q_FIRST_ALL);

	while (sqlite3_step(stmt) == SQLITE_ROW)
		each(arg, col_text(stmt, 0) + 6);
	if (sqlite3_reset(stmt) == SQLITE_OK)
		return 0;
	describe(s, e);
	return -1;
}

int
mark_write(struct store *s, int feed, const char *kind, const char *value)
{
	sqlite3_stmt	*stmt = q(s, Q_MARK_SET);

	sqlite3_bind_int(stmt, 1, feed);
	bind_text(stmt, 2, kind);
	bind_text(stmt, 3, value);
	sqlite3_bind_int64(stmt, 4, clock_wall_ms());
	/* A lazy mark of the same name is older than this one. */
	for (size_t i = 0; i < s->n_lazy; i++)
		if (s->lazy[i].feed == feed && strcmp(s->lazy[i].kind, kind) == 0)
			s->lazy[i].feed = 0;
	return step_done(stmt);
}

int
mark_flush(struct store *s)
{
	sqlite3_stmt	*stmt;

	for (size_t i = 0; i < s->n_lazy; i++) {
		if (s->lazy[i].feed == 0)
			continue;
		stmt = q(s, Q_MARK_SET);
		sqlite3_bind_int(stmt, 1, s->lazy[i].feed);
		bind_text(stmt, 2, s->lazy[i].kind);
		bind_text(stmt, 3, s->lazy[i].value);
		sqlite3_bind_int64(stmt, 4, clock_wall_ms());
		if (step_done(stmt) == -1)
			return -1;
	}
	return 0;
}

static enum store_fail
mark_run(struct store *s, struct job *j)
{
	return mark_write(s, j->feed, j->text[0], j->text[1]) == 0 ? STORE_OK : db_fail(s, &j->result, "mark");
}

static enum store_fail
lazy_run(struct store *s, struct job *j)
{
	struct lazy_mark	*l = NULL;

	for (size_t i = 0; i < s->n_lazy; i++)
		if (s->lazy[i].feed == j->feed && strcmp(s->lazy[i].kind, j->text[0]) == 0)
			l = &s->lazy[i];
	if (l == NULL) {
		if (s->n_lazy == 0)
			s->lazy_ms = clock_mono_ms();
		s->lazy = xreallocarray(s->lazy, s->n_lazy + 1, sizeof(*s->lazy));
		l = &s->lazy[s->n_lazy++];
	}
	l->feed = j->feed;
	snprintf(l->kind, sizeof(l->kind), "%s", j->text[0]);
	snprintf(l->value, sizeof(l->value), "%s", j->text[1]);
	return STORE_OK;
}

void
store_mark_move(struct store *s, int feed, const char *kind, const char *value, int lazy)
{
	struct job	*j = job_new(s, lazy ? JOB_READ : JOB_WRITE, lazy ? lazy_run : mark_run, NULL, NULL);

	j->feed = feed;
	j->text[0] = xstrdup(kind);
	j->text[1] = xstrdup(value);
	job_submit(s, j);
}

static int
set_meta(struct store *s, const char *key, const char *value)
{
	sqlite3_stmt	*stmt = q(s, Q_META_SET);

	bind_text(stmt, 1, key);
	bind_text(stmt, 2, value);
	return step_done(stmt);
}

static enum store_fail
meta_run(struct store *s, struct job *j)
{
	return set_meta(s, j->text[0], j->text[1]) == 0 ? STORE_OK : db_fail(s, &j->result, "meta");
}

void
store_meta_set(struct store *s, const char *key, const char *value)
{
	struct job	*j = job_new(s, JOB_WRITE, meta_run, NULL, NULL);

	j->text[0] = xstrdup(key);
	j->text[1] = xstrdup(value);
	job_submit(s, j);
}

/* ---- gaps ------------------------------------------------------------------------------------------------- */

int
gap_write(struct store *s, const struct gap *g)
{
	sqlite3_stmt	*stmt = q(s, Q_GAP_ADD);

	sqlite3_bind_int(stmt, 1, g->feed);
	bind_text(stmt, 2, g->output);
	sqlite3_bind_int64(stmt, 3, g->from_ms);
	sqlite3_bind_int64(stmt, 4, g->to_ms);
	bind_text(stmt, 5, g->reason);
	bind_text(stmt, 6, g->detail);
	sqlite3_bind_int64(stmt, 7, clock_wall_ms());
	if (step_done(stmt) == -1)
		return -1;
	crash_point(CRASH_GAP_WRITTEN);
	return 0;
}

/* ---- segments of file outputs ------------------------------------------------------------------------------------------------ */

int
segment_write(struct store *s, int output, const struct segment *g)
{
	sqlite3_stmt	*stmt = q(s, Q_SEGMENT_SET);

	sqlite3_bind_int(stmt, 1, output);
	sqlite3_bind_int(stmt, 2, g->feed);
	bind_text(stmt, 3, g->day);
	sqlite3_bind_int64(stmt, 4, g->seq);
	sqlite3_bind_int64(stmt, 5, g->length);
	sqlite3_bind_int64(stmt, 6, g->opened_ms);
	sqlite3_bind_int(stmt, 7, g->sealed);
	return step_done(stmt);
}

int
store_segment_next(struct store *s, int output, int feed, const char *day, uint32_t *next, struct err *e)
{
	sqlite3_stmt	*stmt = q(s, Q_SEGMENT_LAST);

	*next = 1;
	sqlite3_bind_int(stmt, 1, output);
	sqlite3_bind_int(stmt, 2, feed);
	bind_text(stmt, 3, day);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		*next = (uint32_t)sqlite3_column_int64(stmt, 0) + 1;
	if (sqlite3_reset(stmt) == SQLITE_OK)
		return 0;
	describe(s, e);
	return -1;
}

/* Not one transaction: until the last step it is the same to do all of it again. */
int
store_segments_move(struct store *s, int output, int feed, const struct segment *highest, size_t n, const char *key,
    const char *value, struct err *e)
{
	sqlite3_stmt	*stmt = q(s, Q_SEGMENT_SEAL);
	int		 rc;

	sqlite3_bind_int(stmt, 1, output);
	sqlite3_bind_int(stmt, 2, feed);
	rc = step_done(stmt);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = segment_write(s, output, &highest[i]);
	if (rc == 0 && value != NULL) {
		stmt = q(s, Q_META_TAKE);	/* who stood there before is to look again, too, if it comes back */
		bind_text(stmt, 1, value);
		bind_text(stmt, 2, key);
		if ((rc = step_done(stmt)) == 0)
			rc = set_meta(s, key, value);
	}
	if (rc == -1)
		describe(s, e);
	return rc;
}

int
store_segments(struct store *s, int output, struct segment **out, size_t *n, struct err *e)
{
	sqlite3_stmt	*stmt = q(s, Q_SEGMENT_OPEN);

	*out = NULL;
	*n = 0;
	sqlite3_bind_int(stmt, 1, output);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		struct segment	*g;

		*out = xreallocarray(*out, *n + 1, sizeof(**out));
		g = &(*out)[(*n)++];
		memset(g, 0, sizeof(*g));
		g->feed = sqlite3_column_int(stmt, 0);
		snprintf(g->day, sizeof(g->day), "%s", col_text(stmt, 1));
		g->seq = (uint32_t)sqlite3_column_int64(stmt, 2);
		g->length = sqlite3_column_int64(stmt, 3);
		g->opened_ms = sqlite3_column_int64(stmt, 4);
	}
	if (sqlite3_reset(stmt) == SQLITE_OK)
		return 0;
	describe(s, e);
	free(*out);
	*out = NULL;
	return -1;
}
