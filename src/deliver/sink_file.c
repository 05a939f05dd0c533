/*
 * sink_file - an archive of files.
 *
 * A parcel is encoded into ranges, one per track (tracks.h); send gives each range its place, a worker writes and syncs them, and only
 * if all of them went well do the tracks move and the rows of the segments go with the parcel into the done-transaction. What
 * a failed or forgotten parcel left behind the recorded length is cut before the next write.
 */
#include "deliver/sink_file.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "deliver/archive.h"
#include "deliver/judge.h"
#include "deliver/place.h"
#include "deliver/tracks.h"
#include "encode/ndjson.h"

#define LOOK_EVERY_MS	30000
#define DAY_MS		(24 * 60 * 60 * 1000LL)
#define LINE_KEEP	(1u << 20)

struct range {			/* a part of a parcel's body */
	int		 feed;
	char		 day[11];
	size_t		 from, len;
	struct track	*track;		/* send: where it goes */
};

struct ranges {			/* a parcel's extra */
	struct sink_file *f;
	struct range	*r;
	size_t		 n;
};

struct piece {
	struct archive_file file;
	int64_t		 at;
	size_t		 from, len;
};

struct job {			/* one parcel on its way to the disk; owns all that the worker touches */
	struct sink_file *f;
	struct parcel	*p;		/* NULL: cancelled, nobody listens */
	void		(*judged)(void *, struct parcel *);
	void		*arg;
	struct buf	 body;
	struct piece	*pieces;
	size_t		 n;
	enum archive_end end;
	size_t		 at;		/* the piece that end is about */
	int64_t		 found;
	char		 why[ARCHIVE_WHY];
};

struct gap_note {		/* a gap that is recorded when the store runs and has room */
	struct gap_note	*next;
	struct sink_file *f;
	int		 feed;
	int		 asked;
	int64_t		 from_ms, to_ms;
	char		 detail[400];
};

struct sink_file {
	struct sink	 sink;
	struct sink_file_opts opts;
	char		*name, *path, *ns, *add;
	struct tracks	 tracks;
	struct gap_note	*gaps;
	struct job	*job;
	int		 busy;			/* a parcel was sent and is not settled yet */
	struct timer	 timer;
};

struct file_scratch {
	struct norm	*norm;
	struct ndjson	 ndjson;
	struct buf	 line;
};

static void	 file_encode(const struct sink *, void *, struct parcel *);
static void	*file_scratch_new(const struct sink *);
static void	 file_scratch_free(void *);
static void	 file_send(struct sink *, struct parcel *, void (*)(void *, struct parcel *), void *);
static void	 file_cancel(struct sink *, struct parcel *);
static void	 file_parcel_clear(struct parcel *);
static void	 file_free(struct sink *);

static const struct sink_ops file_ops = {
	.type = "file", .encode = file_encode, .scratch_new = file_scratch_new, .scratch_free = file_scratch_free,
	.send = file_send, .cancel = file_cancel, .parcel_clear = file_parcel_clear, .free = file_free,
};

static int	 settle(struct sink_file *, struct err *);
static void	 resume(struct sink_file *, const struct segment *);
static int	 learn_numbers(struct sink_file *, struct err *);
static void	 file_of(const struct sink_file *, const struct track *, struct archive_file *);
static void	 cut_short(struct sink_file *, struct track *, int64_t found);
static void	 encode_range(const struct sink_file *, struct file_scratch *, struct parcel *, struct ranges *, size_t,
		    uint8_t *);
static void	 run_job(void *), job_done(void *);
static void	 landed(struct sink_file *, struct parcel *);
static void	 job_free(struct job *);
static void	 on_look(void *);
static void	 on_recorded(void *, struct store_result *);

/* ---- opening ------------------------------------------------------------------------------------------------------ */

struct sink *
sink_file_open(const struct sink_file_opts *opts, struct err *e)
{
	struct sink_file	*f = xcalloc(1, sizeof(*f));
	struct segment		*open = NULL;
	size_t			 i, n = 0;

	f->opts = *opts;
	f->opts.name = f->name = xstrdup(opts->name);
	f->opts.path = f->path = xstrdup(opts->path);
	f->opts.ns = f->ns = xstrdup(opts->ns != NULL ? opts->ns : "default");
	f->opts.add = f->add = opts->add != NULL ? xstrdup(opts->add) : NULL;
	f->tracks.segment_max = opts->segment_max > 0 ? opts->segment_max : SEGMENT_MAX;
	f->sink = (struct sink){ .ops = &file_ops, .name = f->name };
	timer_init(&f->timer, opts->loop, on_look, f);
	if (settle(f, e) == -1 || store_segments(opts->store, opts->number, &open, &n, e) == -1) {
		file_free(&f->sink);
		return NULL;
	}
	for (i = 0; i < n; i++)
		resume(f, &open[i]);
	free(open);
	if (learn_numbers(f, e) == -1) {
		file_free(&f->sink);
		return NULL;
	}
	timer_set(&f->timer, 0);
	return &f->sink;
}

static int
settle(struct sink_file *f, struct err *e)
{
	int64_t			 from_ms = clock_wall_ms() - (TRACK_DAYS - 1) * DAY_MS;
	struct archive_file	 dir;
	char			 day[RFC3339_SIZE];
	int			 i, feed, rc;

	for (i = 0; i < (int)f->opts.n_feeds; i++) {
		feed = f->opts.feeds[i];
		file_of(f, &(struct track){ .feed = feed }, &dir);
		if ((rc = place_settle(f->opts.store, f->opts.number, feed, &dir, from_ms, TRACK_DAYS + 1, e)) == -1)
			return -1;
		for (int d = 0; rc == 1 && d <= TRACK_DAYS; d++) {
			rfc3339_day(from_ms + d * DAY_MS, day);
			tracks_add(&f->tracks, feed, day, SEQ_UNKNOWN);
		}
	}
	return 0;
}

/* A segment that was open when we died or stopped: what is behind its length was never recorded. */
static void
resume(struct sink_file *f, const struct segment *s)
{
	struct track		*t = tracks_resume(&f->tracks, s);
	struct archive_file	 file;
	char			 why[ARCHIVE_WHY];
	int64_t			 found;

	file_of(f, t, &file);
	switch (archive_cut(&file, t->length, &found, why)) {
	case ARCHIVE_OK:
		crash_point(CRASH_SEGMENT_CUT);
		break;
	case ARCHIVE_SHORT:
		cut_short(f, t, found);
		break;
	case ARCHIVE_FAILED:
		log_warn("archive-unreachable", "%s: cut before its next write: %s", f->name, why);
		break;
	}
}

/* The store can only be asked before it runs; records of other days than these are looked for on disk (tracks_place). */
static int
learn_numbers(struct sink_file *f, struct err *e)
{
	int64_t		 now_ms = clock_wall_ms();
	char		 day[RFC3339_SIZE];
	uint32_t	 seq;
	size_t		 i;
	int		 back;

	rfc3339_day(now_ms - (TRACK_DAYS - 1) * DAY_MS, f->tracks.asked_from);
	rfc3339_day(now_ms + DAY_MS, f->tracks.asked_to);
	for (i = 0; i < f->opts.n_feeds; i++)
		for (back = -1; back < TRACK_DAYS; back++) {
			rfc3339_day(now_ms - back * DAY_MS, day);
			if (tracks_find(&f->tracks, f->opts.feeds[i], day) != NULL)
				continue;
			if (store_segment_next(f->opts.store, f->opts.number, f->opts.feeds[i], day, &seq, e) == -1)
				return -1;
			if (seq > 1)
				tracks_add(&f->tracks, f->opts.feeds[i], day, seq);
		}
	return 0;
}

static void
file_free(struct sink *sink)
{
	struct sink_file	*f = (struct sink_file *)sink;
	struct gap_note		*g;

	timer_clear(&f->timer);
	if (f->job != NULL)		/* the workers have ended and told nobody */
		job_free(f->job);
	tracks_clear(&f->tracks);
	while ((g = f->gaps) != NULL) {
		f->gaps = g->next;
		free(g);
	}
	free(f->name);
	free(f->path);
	free(f->ns);
	free(f->add);
	free(f);
}

/* ---- files of tracks ---------------------------------------------------------------------------------------------- */

static void
file_of(const struct sink_file *f, const struct track *t, struct archive_file *to)
{
	const struct feed_names	*names = f->opts.feed_names(f->opts.arg, t->feed);

	to->root = f->path;
	archive_name(to->tenant, names->tenant_name);
	archive_name(to->feed, names->feed);
	if (names->tenant_guid[0] == '\0')	/* a feed that nobody knows any more: no two may share a file */
		snprintf(to->feed, sizeof(to->feed), "feed-%d", t->feed);
	snprintf(to->day, sizeof(to->day), "%s", t->day);
	to->seq = t->seq;
}

/* Somebody else cut or took the file: what is gone is said, and a new segment begins. */
static void
cut_short(struct sink_file *f, struct track *t, int64_t found)
{
	struct gap_note		*g = xcalloc(1, sizeof(*g));
	struct archive_file	 file;

	file_of(f, t, &file);
	g->f = f;
	g->feed = t->feed;
	g->from_ms = t->opened_ms;
	snprintf(g->detail, sizeof(g->detail), "%.100s/%.60s/%.60s/%s/%06u.ndjson.gz has %lld bytes, %lld were written",
	    f->path, file.tenant, file.feed, file.day, file.seq, (long long)found, (long long)t->length);
	log_error("archive-short", "%s: %s", f->name, g->detail);
	g->next = f->gaps;
	f->gaps = g;
	tracks_seal_short(&f->tracks, t, found);
}

/* ---- encoding, on a worker ---------------------------------------------------------------------------------------- */

static void *
file_scratch_new(const struct sink *sink)
{
	struct file_scratch	*s = xcalloc(1, sizeof(*s));

	(void)sink;
	s->norm = norm_new();
	ndjson_init(&s->ndjson);
	return s;
}

static void
file_scratch_free(void *scratch)
{
	struct file_scratch	*s = scratch;

	norm_free(s->norm);
	ndjson_clear(&s->ndjson);
	buf_clear(&s->line);
	free(s);
}

/* Takes records up to max_bytes as Microsoft sent them, and brings those of one feed and day together. */
static void
file_encode(const struct sink *sink, void *scratch, struct parcel *p)
{
	const struct sink_file	*f = (const struct sink_file *)sink;
	struct file_scratch	*s = scratch;
	struct ranges		*to = xcalloc(1, sizeof(*to));
	uint8_t			*taken;
	size_t			 i, n;

	p->raw_bytes = p->items[0].record.len + 1;
	for (n = 1; n < p->n && p->raw_bytes + p->items[n].record.len + 1 <= p->max_bytes; n++)
		p->raw_bytes += p->items[n].record.len + 1;
	p->n = n;
	to->f = (struct sink_file *)(uintptr_t)sink;
	taken = xcalloc(n, 1);
	for (i = 0; i < n; i++)
		if (!taken[i])
			encode_range(f, s, p, to, i, taken);
	free(taken);
	buf_shrink(&s->line, LINE_KEEP);
	p->extra = to;
}

static void
encode_range(const struct sink_file *f, struct file_scratch *s, struct parcel *p, struct ranges *to, size_t first,
    uint8_t *taken)
{
	const struct parcel_item	*item;
	char				 day[RFC3339_SIZE], other[RFC3339_SIZE];
	struct range			*r;
	size_t				 i;

	to->r = xreallocarray(to->r, to->n + 1, sizeof(*to->r));
	r = &to->r[to->n++];
	*r = (struct range){ .feed = p->items[first].batch->feed, .from = p->body.len };
	snprintf(r->day, sizeof(r->day), "%.10s", rfc3339_day(p->items[first].batch->stored_ms, day));
	for (i = first; i < p->n; i++) {
		item = &p->items[i];
		if (taken[i] || item->batch->feed != r->feed ||
		    strcmp(rfc3339_day(item->batch->stored_ms, other), r->day) != 0)
			continue;
		taken[i] = 1;
		buf_reset(&s->line);
		norm_event(s->norm, f->opts.schema, &(struct norm_source){ .tenant_guid = item->feed->tenant_guid,
		    .tenant_name = item->feed->tenant_name, .organization_name = item->feed->organization_name,
		    .feed = item->feed->feed, .namespace = f->ns, .created_ms = item->batch->created_ms,
		    .stored_ms = item->batch->stored_ms, .now_ms = p->now_ms, .compat = f->opts.compat,
		    .original = f->opts.original, .add = f->opts.add }, &item->record, &s->line);
		ndjson_add(&s->ndjson, &p->body, s->line.bytes, s->line.len, item->batch->stored_ms);
	}
	ndjson_flush(&s->ndjson, &p->body);
	r->len = p->body.len - r->from;
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

static void
file_send(struct sink *sink, struct parcel *p, void (*judged)(void *, struct parcel *), void *arg)
{
	struct sink_file	*f = (struct sink_file *)sink;
	struct ranges		*ranges = p->extra;
	struct job		*j = xcalloc(1, sizeof(*j));
	struct range		*r;

	assert(f->job == NULL && !f->busy);
	*j = (struct job){ .f = f, .p = p, .judged = judged, .arg = arg, .n = ranges->n };
	j->body.bytes = buf_take(&p->body, &j->body.len);
	j->pieces = xcalloc(j->n, sizeof(*j->pieces));
	for (r = ranges->r; r < ranges->r + ranges->n; r++) {
		r->track = tracks_place(&f->tracks, r->feed, r->day, r->len, p->now_ms);
		file_of(f, r->track, &j->pieces[r - ranges->r].file);
		j->pieces[r - ranges->r].at = r->track->length;
		j->pieces[r - ranges->r].from = r->from;
		j->pieces[r - ranges->r].len = r->len;
	}
	f->job = j;
	f->busy = 1;
	work_submit(f->opts.work, run_job, job_done, j);
}

/* The number of a file that follows those that are there. Without it nothing may be written. */
static enum archive_end
find_number(struct piece *piece, char *why)
{
	uint32_t		 highest;
	enum archive_end	 end = archive_highest(&piece->file, 1, &highest, why);

	if (end == ARCHIVE_OK)
		piece->file.seq = highest + 1;
	return end;
}

static void
run_job(void *arg)
{
	struct job	*j = arg;
	struct piece	*piece;

	for (; j->at < j->n; j->at++) {
		piece = &j->pieces[j->at];
		if (piece->file.seq == SEQ_UNKNOWN && (j->end = find_number(piece, j->why)) != ARCHIVE_OK)
			return;
		j->end = archive_append(&piece->file, piece->at, j->body.bytes + piece->from, piece->len, &j->found,
		    j->why);
		if (j->end != ARCHIVE_OK)
			return;
	}
}

static void
job_done(void *arg)
{
	struct job		*j = arg;
	struct sink_file	*f = j->f;
	struct parcel		*p = j->p;
	void			(*judged)(void *, struct parcel *) = j->judged;

	f->job = NULL;
	if (p == NULL) {
		job_free(j);
		return;
	}
	for (size_t i = 0; i < j->n; i++)
		((struct ranges *)p->extra)->r[i].track->seq = j->pieces[i].file.seq;
	p->body = j->body;		/* for the counter of bytes */
	j->body = (struct buf){ 0 };
	switch (j->end) {
	case ARCHIVE_OK:
		crash_point(CRASH_SEGMENT_LANDED);
		landed(f, p);
		break;
	case ARCHIVE_SHORT:
		cut_short(f, ((struct ranges *)p->extra)->r[j->at].track, j->found);
		judge_all(p, V_AGAIN, "a file is shorter than it was left");
		snprintf(p->code, sizeof(p->code), "short");
		timer_set(&f->timer, 0);
		break;
	case ARCHIVE_FAILED:
		judge_all(p, V_HOLD, j->why);
		snprintf(p->code, sizeof(p->code), "failed");
		break;
	}
	arg = j->arg;
	job_free(j);
	judged(arg, p);
}

/* All of it is on the disk: the tracks move, and their rows go with the records. */
static void
landed(struct sink_file *f, struct parcel *p)
{
	struct ranges	*ranges = p->extra;
	struct track	*t;
	size_t		 i;

	p->segments = tracks_take_rows(&f->tracks, ranges->n, &p->n_segments);
	for (i = 0; i < ranges->n; i++) {
		t = ranges->r[i].track;
		t->length += (int64_t)ranges->r[i].len;
		p->segments[p->n_segments++] = track_row(t, 0);
	}
	judge_all(p, V_DELIVERED, "");
	snprintf(p->code, sizeof(p->code), "written");
}

/* A worker cannot be called back: it ends when the disk lets it, touches only its own, and nobody listens. */
static void
file_cancel(struct sink *sink, struct parcel *p)
{
	struct sink_file	*f = (struct sink_file *)sink;

	assert(f->job != NULL && f->job->p == p);
	f->job->p = NULL;
}

static void
file_parcel_clear(struct parcel *p)
{
	struct ranges	*ranges = p->extra;

	if (ranges == NULL)
		return;
	ranges->f->busy = 0;
	free(ranges->r);
	free(ranges);
	p->extra = NULL;
}

static void
job_free(struct job *j)
{
	buf_clear(&j->body);
	free(j->pieces);
	free(j);
}

/* ---- by the clock ------------------------------------------------------------------------------------------------- */

/* On a full disk it stays, and is told at the next look. */
static void
gap_recorded(void *arg, struct store_result *r)
{
	struct gap_note		*g = arg, **at = &g->f->gaps;

	g->asked = 0;
	if (r->fail != STORE_OK) {
		log_warn("archive-unrecorded", "a gap of the archive is not recorded yet: %s", r->err.text);
		return;
	}
	while (*at != g)
		at = &(*at)->next;
	*at = g->next;
	free(g);
}

static void
record_gaps(struct sink_file *f, int64_t now_ms)
{
	struct gap_note	*g;

	for (g = f->gaps; g != NULL; g = g->next) {
		const struct feed_names *names = f->opts.feed_names(f->opts.arg, g->feed);

		if (g->asked)
			continue;
		if (g->to_ms == 0) {
			g->to_ms = now_ms;
			count(C_GAPS, 1, names->tenant_name, names->feed, "archive-file-short");
		}
		g->asked = 1;
		store_gap(f->opts.store, &(struct gap){ .feed = g->feed, .output = f->name, .from_ms = g->from_ms,
		    .to_ms = g->to_ms, .reason = "archive-file-short", .detail = g->detail }, gap_recorded, g);
	}
}

/*
 * Records gaps, seals what is due although nothing comes, and gives the rows to the store. Not while a parcel is under
 * way: its bytes must not be recorded before its records are.
 */
static void
on_look(void *arg)
{
	struct sink_file	*f = arg;
	struct done		*d;
	int64_t			 now_ms = clock_wall_ms();

	timer_set(&f->timer, LOOK_EVERY_MS);
	record_gaps(f, now_ms);
	if (f->busy)
		return;
	tracks_look_over(&f->tracks, now_ms);
	if (f->tracks.n_rows == 0)
		return;
	d = done_new(f->opts.number);
	d->segments = tracks_take_rows(&f->tracks, 0, &d->n_segments);
	store_done(f->opts.store, d, on_recorded, NULL);
}

/* A store that is broken says so to everybody; the daemon hears it from the outputs. */
static void
on_recorded(void *unused, struct store_result *r)
{
	(void)unused;
	if (r->fail != STORE_OK)
		log_warn("archive-unrecorded", "the end of a segment was not recorded: %s", r->err.text);
}
