/*
 * graph_world - a small Graph: rows, filters, pages, and what can go wrong with them.
 */
#include "graph_world.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rfc3339.h"
#include "base/xalloc.h"

#define ROWS	20000
#define SAYS	16

struct row {
	const struct graph_kind_of_feed *kind;
	int64_t		 ms, appears_ms;
	char		*more;
};

struct graph_opts	 gw_opts;
const char		*gw_feeds[12];
unsigned		 gw_page, gw_ends_early, gw_empty_pages, gw_cut_every, gw_504_every;
int64_t			 gw_history_ms, gw_broken_s, gw_widest_ms, gw_lead_ms;
int			 gw_ignores_filter, gw_newest_first;
const char		*gw_link;

static struct graph_feed numbered[12];
static const int64_t	 looks[] = { 24 * GRAPH_HOUR, 72 * GRAPH_HOUR };
static struct row	*rows;
static unsigned		 n_rows, n_served;
static const struct graph_kind_of_feed *now_in;
static struct {
	const char		*what;
	unsigned		 times;
	struct fake_reply	 reply;
} says[SAYS];

static struct source *
make(struct err *e)
{
	gw_opts.feeds = numbered;
	for (gw_opts.n_feeds = 0; gw_feeds[gw_opts.n_feeds] != NULL; gw_opts.n_feeds++) {
		numbered[gw_opts.n_feeds].name = gw_feeds[gw_opts.n_feeds];
		numbered[gw_opts.n_feeds].number = store_feed(world_store, WORLD_GUID, "contoso", gw_feeds[gw_opts.n_feeds], e);
		store_feed_mask(world_store, numbered[gw_opts.n_feeds].number, 1);
	}
	return graph_new(&world, &gw_opts, e);
}

static int	 serve(const struct fake_ask *, struct fake_reply *);

int
gw_set_up(void **state)
{
	int	 rc = world_set_up(state);

	world_make = make;
	fake_server = serve;
	gw_opts = (struct graph_opts){ .tenant = "contoso", .tenant_guid = WORLD_GUID, .login = "https://login.example",
	    .graph = "https://graph.example", .client_id = "app", .secret_ref = world_opts.secret_ref, .deny_loopback = 1,
	    .start_ms = 4 * HOUR, .interval_ms = MINUTE, .idle_interval_ms = 5 * MINUTE, .overlap_ms = 5 * MINUTE,
	    .long_overlap_ms = 120 * MINUTE, .look_ms = looks, .n_looks = 2 };
	memset(gw_feeds, 0, sizeof(gw_feeds));
	gw_feeds[0] = "signin.interactive";
	gw_in(gw_feeds[0]);
	rows = xcalloc(ROWS, sizeof(*rows));
	n_rows = n_served = gw_page = gw_ends_early = gw_empty_pages = gw_cut_every = gw_504_every = 0;
	gw_history_ms = gw_broken_s = gw_widest_ms = gw_lead_ms = 0;
	gw_ignores_filter = gw_newest_first = 0;
	gw_link = NULL;
	gw_says_no_more();
	return rc;
}

int
gw_tear_down(void **state)
{
	int	 rc = world_tear_down(state);

	for (unsigned i = 0; i < n_rows; i++)
		free(rows[i].more);
	free(rows);
	return rc;
}

struct gfeed *
gw_feed(unsigned i)
{
	return &((struct graph *)world_source)->feeds[i];
}

/* ---- rows ------------------------------------------------------------------------------------------------------------------------ */

void
gw_in(const char *feed)
{
	now_in = graph_kind_find(feed);
}

unsigned
gw_row(int64_t ms, const char *more)
{
	assert(n_rows < ROWS && (n_rows == 0 || now_in != NULL));
	rows[n_rows] = (struct row){ now_in, ms, 0, xstrdup(more) };
	return n_rows++;
}

void
gw_appears(unsigned row, int64_t ms)
{
	rows[row].appears_ms = ms;
}

void
gw_changes(unsigned row, const char *more)
{
	free(rows[row].more);
	rows[row].more = xstrdup(more);
}

/* Seven digits of a second, as Microsoft writes them. */
static void
write_row(struct buf *b, unsigned i)
{
	char	 time[RFC3339_SIZE];

	rfc3339_text(rows[i].ms, 3, time);
	buf_addf(b, "{\"id\":\"row-%u\",\"%s\":\"%.23s0007Z\"", i, rows[i].kind->time, time);
	if (strcmp(rows[i].kind->time, "lastUpdateDateTime") == 0)
		buf_adds(b, ",\"createdDateTime\":\"2026-11-20T00:00:00Z\"");
	if (rows[i].kind->event_type != NULL && strstr(rows[i].more, "signInEventTypes") == NULL)
		buf_addf(b, ",\"signInEventTypes\":[\"%s\"]", rows[i].kind->event_type);
	buf_addf(b, "%s%s", rows[i].more, rows[i].ms / 1000 == gw_broken_s ? "" : "}");
}

/* ---- answers ----------------------------------------------------------------------------------------------------------------------- */

static int64_t
bound(const char *url, const char *op)
{
	char		 find[16], time[40];
	const char	*at;
	int64_t		 ms;

	snprintf(find, sizeof(find), "%%20%s%%20", op);
	if ((at = strstr(url, find)) == NULL)
		return -1;
	at += strlen(find);
	snprintf(time, sizeof(time), "%.*s", (int)strcspn(at, "%&"), at);
	assert(rfc3339_parse(time, strlen(time), &ms, NULL) == 0);
	return ms;
}

static int64_t
from_of(const char *url)
{
	return bound(url, "ge") != -1 ? bound(url, "ge") : bound(url, "gt") + 1;
}

static int64_t
to_of(const char *url)
{
	return bound(url, "le") != -1 ? bound(url, "le") : bound(url, "lt") - 1;
}

static int
is_asked(const char *url, const struct row *r)
{
	const char	*path = strstr(url, "example") + strlen("example");

	if (strncmp(path, r->kind->path, strlen(r->kind->path)) != 0 || path[strlen(r->kind->path)] != '?')
		return 0;
	if (r->kind->event_type != NULL) {
		char	 type[80];

		snprintf(type, sizeof(type), "%%27%s%%27", r->kind->event_type);
		if (strstr(url, type) == NULL)
			return 0;
	}
	return r->appears_ms <= fake_wall_ms && (gw_ignores_filter || (r->ms >= from_of(url) && r->ms <= to_of(url)));
}

static int
by_time(const void *a, const void *b)
{
	const unsigned	*x = a, *y = b;
	int		 order = rows[*x].ms != rows[*y].ms ? (rows[*x].ms < rows[*y].ms ? -1 : 1) : *x < *y ? -1 : 1;

	return gw_newest_first ? -order : order;
}

static void
page_of(const char *url, struct fake_reply *r)
{
	unsigned	*found = xcalloc(n_rows + 1, sizeof(*found)), n = 0, top, at = 0, page = 0, empty = 0;
	const char	*skip = strstr(url, "&$skiptoken=");
	struct buf	 b = { 0 };

	if (skip != NULL)
		assert(sscanf(skip, "&$skiptoken=%u.%u.%u", &at, &page, &empty) == 3);
	assert(sscanf(strstr(url, "&$top="), "&$top=%u", &top) == 1);
	if (gw_page != 0 && gw_page < top)
		top = gw_page;
	for (unsigned i = 0; i < n_rows; i++)
		if (is_asked(url, &rows[i]))
			found[n++] = i;
	qsort(found, n, sizeof(*found), by_time);
	buf_adds(&b, "{\"@odata.context\":\"x\",\"value\":[");
	if (empty >= gw_empty_pages) {
		for (unsigned i = at; i < n && i < at + top; i++) {
			buf_addf(&b, "%s", i > at ? "," : "");
			write_row(&b, found[i]);
		}
		at += top;
		page++;
		empty = 0;
	} else {
		empty++;
	}
	buf_adds(&b, "]");
	if (at < n && (gw_ends_early == 0 || page != gw_ends_early)) {
		int	 len = skip != NULL ? (int)(skip - url) : (int)strlen(url);

		if (gw_link != NULL)
			buf_addf(&b, ",\"@odata.nextLink\":\"%s\"", gw_link);
		else
			buf_addf(&b, ",\"@odata.nextLink\":\"%.*s&$skiptoken=%u.%u.%u\"", len, url, at, page, empty);
	} else if (page == gw_ends_early && at < n) {
		gw_ends_early = 0;
	}
	buf_adds(&b, "}");
	r->status = 200;
	r->body = tenant_keeps(b.bytes);
	free(found);
}

static int
said(const struct fake_ask *a, struct fake_reply *r)
{
	for (size_t i = 0; i < SAYS; i++) {
		if (says[i].times == 0 || strstr(a->url, says[i].what) == NULL)
			continue;
		if (says[i].times != UINT_MAX)
			says[i].times--;
		*r = says[i].reply;
		return 1;
	}
	return 0;
}

static int
serve(const struct fake_ask *a, struct fake_reply *r)
{
	if (strstr(a->url, "/oauth2/") != NULL)
		return tenant(a, r);
	r->date_ms = fake_wall_ms + gw_lead_ms;
	if (said(a, r))
		return 1;
	n_served++;
	if (gw_history_ms != 0 && from_of(a->url) < fake_wall_ms - gw_history_ms) {
		r->status = 400;
		r->body = "{\"error\":{\"code\":\"BadRequest\",\"message\":\"Invalid filter clause\"}}";
	} else if ((gw_widest_ms != 0 && to_of(a->url) - from_of(a->url) > gw_widest_ms) ||
	    (gw_504_every != 0 && n_served % gw_504_every == 0)) {
		r->status = 504;
		r->body = "{\"error\":{\"code\":\"UnknownError\",\"message\":\"timeout\"}}";
	} else {
		page_of(a->url, r);
		if (gw_cut_every != 0 && n_served % gw_cut_every == 0)
			r->len = strlen(r->body) / 2;
	}
	return 1;
}

void
gw_replies(const char *what, unsigned times, struct fake_reply reply)
{
	size_t	 i = 0;

	while (i < SAYS && says[i].times != 0)
		i++;
	assert(i < SAYS);
	if (reply.retry_after_ms == 0)
		reply.retry_after_ms = -1;
	reply.date_ms = -1;
	says[i].what = what;
	says[i].times = times;
	says[i].reply = reply;
}

void
gw_says(const char *what, unsigned times, int status, const char *body)
{
	gw_replies(what, times, (struct fake_reply){ .status = status, .body = body });
}

void
gw_says_no_more(void)
{
	memset(says, 0, sizeof(says));
}

/* ---- what was asked ---------------------------------------------------------------------------------------------------------------- */

const struct fake_ask *
gw_ask(const char *what, unsigned n)
{
	for (size_t i = 0; i < fake_n_asks; i++)
		if (strstr(fake_asks[i].url, what) != NULL && n-- == 0)
			return &fake_asks[i];
	return NULL;
}

unsigned
gw_asked(const char *what)
{
	unsigned	 n = 0;

	for (size_t i = 0; i < fake_n_asks; i++)
		n += strstr(fake_asks[i].url, what) != NULL;
	return n;
}

unsigned
gw_most_in(const char *what, int64_t ms)
{
	unsigned	 most = 0, n = gw_asked(what);

	for (unsigned i = 0; i < n; i++) {
		unsigned	 k = i;

		while (k < n && gw_ask(what, k)->at_ms - gw_ask(what, i)->at_ms < ms)
			k++;
		if (k - i > most)
			most = k - i;
	}
	return most;
}

void
gw_until_asked(const char *what, unsigned n, int64_t most_ms)
{
	for (int64_t ms = 0; gw_asked(what) < n && ms < most_ms; ms += 100)
		fake_pass(100);
}

int64_t
gw_mark(unsigned feed, const char *kind)
{
	struct err	 e = { ERR_NONE, "" };
	char		 value[64];
	int64_t		 ms = 0;
	int		 number = numbered[feed].number;

	world_close();
	world_store = store_open(&world_store_opts, &e);
	assert(world_store != NULL);
	if (store_mark(world_store, number, kind, value, &e) == 1)
		assert(rfc3339_parse(value, strlen(value), &ms, NULL) == 0);
	store_close(world_store);
	world_run();
	return ms;
}
