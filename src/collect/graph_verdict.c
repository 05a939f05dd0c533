/*
 * graph_verdict - what a sound page means for its window: is there more, is it done, was it too wide, does it lead nowhere?
 *
 * Nothing here trusts the service: a filter may be ignored, pages may go in circles or end early, links may lead elsewhere.
 */
#include <stdio.h>
#include <string.h>

#include "base/counters.h"
#include "base/log.h"
#include "collect/graph_in.h"

#define PAGES_MAX	40u		/* of a window that can still be made narrower */
#define PAGES_END	2000u		/* of any */
#define PAGES_WELL	10u		/* what a window that was too wide is cut to */
#define PAGES_AT_ONCE	20u		/* by its first page a window seems to have more: cut at once */
#define IDLE_MAX	50u		/* empty pages in a row that say that there is more */
#define OUTSIDE_MAX	2u		/* pages in a row without a row that was asked for */
#define RESTARTS_MAX	3u

static enum page_verdict
trouble(struct gfeed *f, const char *why)
{
	snprintf(f->verdict_why, sizeof(f->verdict_why), "%s", why);
	return PAGE_TROUBLE;
}

static enum page_verdict
restart(struct gfeed *f, const char *why)
{
	if (++f->restarts > RESTARTS_MAX) {
		graph_window_too_much(&f->work, &f->window);	/* what is on one page goes in no circle */
		return trouble(f, why);
	}
	log_info("window-restarts", "%s: %s; the window starts over", f->label, why);
	return PAGE_RESTART;
}

/* How many ms of the window a page covers. */
static int64_t
progress(const struct gfeed *f)
{
	const struct gpage	*p = &f->page;
	int64_t			 seconds = f->kind->ordered ? p->max_s - p->from_s : p->max_s - p->min_s;

	return seconds > 0 ? seconds * 1000 : 1000;
}

/* Would the rest take too many pages? The next windows are made as wide as a few pages then. */
static int
too_wide(struct gfeed *f)
{
	int64_t	 width = f->window.to_ms - f->window.from_ms, fits;

	if (width <= GRAPH_SECOND || f->page.rows == 0 || f->page.inside < f->page.rows)
		return 0;
	if (f->n_pages == 1) {
		fits = progress(f) * PAGES_WELL;
		if (fits >= width / (PAGES_AT_ONCE / PAGES_WELL))
			return 0;
		f->work.span_ms = fits - fits % GRAPH_SECOND;
		return 1;
	}
	if (f->n_pages < PAGES_MAX)
		return 0;
	graph_window_halve(&f->work, &f->window);
	return 1;
}

/* Do the page's rows say that the filter is ignored? 1: then *v is the verdict. */
static int
filter_ignored(struct gfeed *f, enum page_verdict *v)
{
	struct gpage	*p = &f->page;

	if (p->rows == 0)
		return 0;
	if (p->inside > 0) {
		f->outside_pages = 0;
		return 0;
	}
	if (++f->outside_pages < OUTSIDE_MAX && p->link != NULL)
		return 0;
	if (p->foreign == p->rows) {
		*v = trouble(f, "the service ignores the filter: it sends sign-ins of another type than the one that was asked for");
		return 1;
	}
	if (p->link == NULL)
		return 0;
	/* Newest first and all of it older, or oldest first and all newer: what is in the window was passed. */
	if (p->first_s > p->last_s ? p->max_s < p->from_s : p->min_s > p->to_s) {
		if (!f->said_filter)
			log_warn("filter-ignored", "%s: the service ignores the time filter; pages are read until they leave the window",
			    f->label);
		f->said_filter = 1;
		*v = PAGE_DONE;
		return 1;
	}
	*v = trouble(f, "the service ignores the time filter: page after page holds nothing of the time that was asked for");
	return 1;
}

/*
 * No link: is that the end? A page that is full, or a silence after many pages that was not there between them, is asked
 * about once more, from the last row on. A chain that ends early costs nothing then.
 */
static int
ends_early(struct gfeed *f)
{
	const struct gpage	*p = &f->page;
	int64_t			 width = f->window.to_ms - f->window.from_ms, silence = f->window.to_ms - p->last_s * 1000;
	int64_t			 between;

	if (!f->kind->ordered || p->rows == 0 || f->window_rows == 0 || p->last_s * 1000 <= f->window.from_ms ||
	    p->last_s * 1000 >= f->window.to_ms || p->last_s <= f->tail_s)
		return 0;
	if (p->rows >= f->kind->top)
		return 1;
	if (f->n_pages < 2 || f->tail_s != 0)
		return 0;
	between = (p->last_s * 1000 - f->window.from_ms) / (int64_t)f->window_rows;
	return silence > 10 * between && silence > width / 20;
}

static enum page_verdict
follow(struct gfeed *f)
{
	struct err	 e = { 0 };
	const char	*const prefixes[] = { f->kind->prefix, NULL };
	char		 url[URL_MAX], why[400];

	if (url_check(f->page.link, &f->g->origin, prefixes, url, &e) == -1) {
		count(C_REFUSED_URL, 1, "next-link", NULL, NULL);
		log_error("url-refused", "%s: a nextLink is refused and no token was sent there: %s", f->label, e.text);
		snprintf(why, sizeof(why), "nextLink refused: %.250s", e.text);
		return trouble(f, why);
	}
	if (!idset_add(&f->links, url))
		return restart(f, "the pages go in a circle");
	if (f->n_pages > PAGES_END || f->idle_pages > IDLE_MAX)
		return trouble(f, "the pages have no end");
	memcpy(f->next_link, url, sizeof(f->next_link));
	return PAGE_NEXT;
}

static enum page_verdict
verdict(struct gfeed *f)
{
	struct gpage	*p = &f->page;
	struct graph_window tail;
	enum page_verdict v;
	char		 sum[32];

	if (filter_ignored(f, &v))
		return v;
	snprintf(sum, sizeof(sum), "rows:%llx", (unsigned long long)p->sum);
	if (p->rows > p->foreign && p->link != NULL && !idset_add(&f->links, sum))
		return restart(f, "the same rows come again on another page");
	if (p->link != NULL)
		return too_wide(f) ? PAGE_REPLAN : follow(f);
	if (!ends_early(f))
		return PAGE_DONE;
	f->tail_s = p->last_s;
	tail = f->window;
	tail.from_ms = p->last_s * 1000;
	graph_first_url(f, &tail, f->next_link);
	return PAGE_NEXT;
}

void
verdict_page(struct gfeed *f)
{
	f->n_pages += f->page.rows > 0;
	f->idle_pages = f->page.rows == 0 ? f->idle_pages + 1 : 0;
	f->window_rows += f->page.inside;
	f->next_link[0] = '\0';
	f->verdict_why[0] = '\0';
	f->refusals = 0;
	f->verdict = verdict(f);
}
