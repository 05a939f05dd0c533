/*
 * blobjob - a blob's bytes on a worker: inflate, split, gather.
 */
#include "collect/blobjob.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define SLICE (64 * 1024)

static struct put *
current(struct blobjob *j)
{
	if (j->current == NULL) {
		j->current = put_new();
		j->current->feed = j->feed;
		j->current->content_id = xstrdup(j->content_id);
		j->current->created_ms = j->created_ms;
		j->current->origin = j->origin;
	}
	return j->current;
}

static void
full(struct blobjob *j)
{
	if (j->current == NULL)
		return;
	j->puts = xreallocarray(j->puts, j->n_puts + 1, sizeof(*j->puts));
	j->puts[j->n_puts++] = j->current;
	j->current = NULL;
}

static void
take_record(void *arg, const struct record *r)
{
	struct blobjob	*j = arg;

	if (j->keep != NULL && !j->keep(j->keep_arg, r, split_json(j->split)))
		return;
	if (j->current != NULL && j->current->body.len > 0 && j->current->body.len + RECORD_HEAD + r->len > BLOBJOB_PUT)
		full(j);
	record_add(&current(j)->body, r);
	if (j->changes)
		buf_add(&current(j)->rows, split_row(j->split), 16);
	current(j)->n++;
	if (j->current->body.len > BLOBJOB_PUT)		/* a large record does not wait for the end of the next one */
		full(j);
}

static void
take_bad(void *arg, const struct split_bad *bad)
{
	struct blobjob	*j = arg;
	struct put	*p = current(j);
	struct put_dead	*d;

	p->dead = xreallocarray(p->dead, p->n_dead + 1, sizeof(*p->dead));
	d = &p->dead[p->n_dead++];
	memset(d, 0, sizeof(*d));
	memcpy(d->id, bad->id, sizeof(d->id));
	d->ordinal = bad->ordinal;
	d->record_id = xstrdup(bad->record_id);
	d->reason = xstrdup(bad->reason);
	if (bad->bytes != NULL) {
		d->bytes = xmalloc(bad->len + 1);
		memcpy(d->bytes, bad->bytes, bad->len);
		d->bytes[bad->len] = '\0';
		d->len = bad->len;
		j->bad++;
	} else {
		j->large++;
	}
	if (bad->len + p->body.len > BLOBJOB_PUT || p->n_dead >= 256)
		full(j);
}

struct blobjob *
blobjob_new(const struct identity_names *names, size_t record_max, enum inflate_coding coding, int feed,
    int64_t created_ms)
{
	struct blobjob	*j = xcalloc(1, sizeof(*j));
	struct split_to	 to = { take_record, take_bad, j };

	j->inflate = inflate_new(coding);
	j->split = split_new(names, record_max, &to);
	j->feed = feed;
	j->content_id = names->content_id;
	j->origin = "management";
	j->changes = names->changes;
	j->created_ms = created_ms;
	return j;
}

struct blobjob *
blobjob_page(const struct identity_names *names, size_t record_max, enum inflate_coding coding, int feed, int64_t created_ms,
    const char *name)
{
	struct blobjob	*j = blobjob_new(names, record_max, coding, feed, created_ms);

	j->envelope = envelope_new();
	j->content_id = name;
	j->origin = "graph";
	return j;
}

void
blobjob_free(struct blobjob *j)
{
	if (j == NULL)
		return;
	for (size_t i = 0; i < j->n_puts; i++)
		put_free(j->puts[i]);
	free(j->puts);
	if (j->current != NULL)
		put_free(j->current);
	buf_clear(&j->in);
	inflate_free(j->inflate);
	envelope_free(j->envelope);
	split_free(j->split);
	free(j);
}

static void
keep_head(struct blobjob *j, const char *p, size_t len)
{
	if (len > sizeof(j->head) - j->head_len)
		len = sizeof(j->head) - j->head_len;
	memcpy(j->head + j->head_len, p, len);
	j->head_len += len;
}

/* One slice out of inflate into the splitter; 0: nothing more comes from what is there. */
static int
slice(struct blobjob *j)
{
	char	 out[SLICE];
	size_t	 n = 0;

	if (inflate_more(j->inflate, j->in.bytes, j->in.len, &j->in_used, out, sizeof(out), &n) == -1) {
		j->state = SPLIT_BROKEN;
		j->trouble = inflate_trouble(j->inflate);
		return 0;
	}
	j->plain += (int64_t)n;
	if (j->head_len < sizeof(j->head))
		keep_head(j, out, n);
	if (j->envelope != NULL)
		j->state = envelope_feed(j->envelope, j->split, out, n);
	else
		j->state = split_feed(j->split, out, n);
	if (j->state == SPLIT_BROKEN)
		j->trouble = j->envelope != NULL ? envelope_trouble(j->envelope) : split_trouble(j->split);
	j->pending = n == sizeof(out);
	return j->state != SPLIT_BROKEN && (j->in_used < j->in.len || j->pending);
}

static void
finish(struct blobjob *j)
{
	j->finished = 1;
	if (j->state == SPLIT_BROKEN)
		return;
	j->cut = !inflate_whole(j->inflate) || j->state == SPLIT_MORE;
	if (!inflate_whole(j->inflate)) {
		j->state = SPLIT_BROKEN;
		j->trouble = inflate_trouble(j->inflate);
		return;
	}
	j->state = j->envelope != NULL ? envelope_finish(j->envelope) : split_finish(j->split);
	if (j->state == SPLIT_BROKEN)
		j->trouble = j->envelope != NULL ? envelope_trouble(j->envelope) : split_trouble(j->split);
}

void
blobjob_run(void *arg)
{
	struct blobjob	*j = arg;
	int		 more = j->in_used < j->in.len || j->pending;

	j->bad = j->large = 0;
	while (more && j->n_puts == 0)
		more = slice(j);
	if (j->in_used == j->in.len || j->state == SPLIT_BROKEN) {
		buf_reset(&j->in);
		j->in_used = 0;
	}
	if (!more && (j->over || j->state == SPLIT_BROKEN)) {
		full(j);
		finish(j);
	}
}

int64_t
blobjob_held(const struct blobjob *j)
{
	int64_t	 n = j->current != NULL ? (int64_t)j->current->body.size : 0;

	for (size_t i = 0; i < j->n_puts; i++)
		n += (int64_t)j->puts[i]->body.size;
	return n;
}
