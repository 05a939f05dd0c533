/*
 * page - the body of a listing: which blobs it names, and whether we may fetch them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "collect/mgmt.h"

#define PAGE_MAX	((size_t)32 << 20)
#define CONTENT_ID_MAX	1024

static int64_t
time_of(const cJSON *item, const char *name, int64_t otherwise)
{
	const char	*text = json_tree_str(item, name);
	int64_t		 ms;

	if (text == NULL || rfc3339_parse(text, strlen(text), &ms, NULL) == -1)
		return otherwise;
	return ms;
}

/* A contentUri of a foreign host is never asked; its row waits for a listing that names a sound one. */
static void
judge_uri(struct feed *f, struct blob_row *row, const char *uri)
{
	char		 sound[URL_MAX];
	struct err	 e = { 0 };

	if (uri != NULL && url_check(uri, &f->m->origin, (const char *const *)f->m->prefix, sound, &e) == 0) {
		row->state = BLOB_LISTED;
		row->uri = xstrdup(sound);
		return;
	}
	count(C_REFUSED_URL, 1, "content-uri", NULL, NULL);
	log_error("url-refused", "%s: a contentUri is refused and no token was sent there: %s", f->label,
	    uri != NULL ? e.text : "there is none");
	row->state = BLOB_REFUSED;
	row->uri = xstrdup("");
}

int
page_read(struct feed *f, const char *body, size_t len, char *why, size_t size)
{
	cJSON		*tree = json_tree(body, len, PAGE_MAX);
	const cJSON	*item;

	if (!cJSON_IsArray(tree)) {
		snprintf(why, size, "the listing is no JSON array%s", tree == NULL ? " (no JSON at all: is there a proxy in between?)" : "");
		cJSON_Delete(tree);
		return -1;
	}
	f->rows = xcalloc((size_t)cJSON_GetArraySize(tree) + 1, sizeof(*f->rows));
	cJSON_ArrayForEach(item, tree) {
		const char	*id = json_tree_str(item, "contentId");
		struct blob_row	*row = &f->rows[f->n_rows];

		if (id == NULL || *id == '\0' || strlen(id) > CONTENT_ID_MAX) {
			/* The same times whenever it is listed again, so that it is one gap. */
			mgmt_gap(f, time_of(item, "contentCreated", f->window.from_ms), time_of(item, "contentCreated",
			    f->window.to_ms), "listing-entry-unreadable", "an entry of a listing has no contentId");
			continue;
		}
		row->content_id = xstrdup(id);
		row->created_ms = time_of(item, "contentCreated", f->window.from_ms);
		row->expires_ms = time_of(item, "contentExpiration", row->created_ms + 7 * WINDOW_DAY);
		row->feed = f->number;
		judge_uri(f, row, json_tree_str(item, "contentUri"));
		f->n_rows++;
	}
	cJSON_Delete(tree);
	return 0;
}
