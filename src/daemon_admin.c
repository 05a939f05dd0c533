/*
 * daemon_admin - what the admin port answers. Nothing there changes anything, and no record's contents are shown.
 */
#include <stdlib.h>
#include <string.h>

#include "admin/metrics.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "daemon_in.h"

#define TEXT "text/plain; charset=utf-8"

enum what { METRICS, STATUS, PAGE };

struct asked {
	struct daemon		*d;
	struct admin_call	*call;
	enum what		 what;
};

static void
answer(struct admin_call *call, int status, const char *text)
{
	admin_answer(call, status, TEXT, text, strlen(text));
}

static void
status_answered(void *arg, struct store_result *r)
{
	static const char *const types[] = { "text/plain; version=0.0.4; charset=utf-8", "application/json", "text/html; charset=utf-8" };
	struct asked	*a = arg;
	struct buf	 status = { 0 }, text = { 0 };

	if (r->fail != STORE_OK) {
		answer(a->call, 503, "the store does not answer\n");
		free(a);
		return;
	}
	daemon_status(a->d, r, &status);
	switch (a->what) {
	case METRICS:
		metrics_text(status.bytes, status.len, clock_wall_ms(), &text);
		break;
	case PAGE:
		metrics_page(status.bytes, status.len, &text);
		break;
	case STATUS:
		buf_add(&text, status.bytes, status.len);
		break;
	}
	admin_answer(a->call, 200, types[a->what], buf_str(&text), text.len);
	buf_clear(&status);
	buf_clear(&text);
	free(a);
}

static void
ask(struct daemon *d, struct admin_call *call, enum what what)
{
	struct asked	*a = xcalloc(1, sizeof(*a));

	a->d = d;
	a->call = call;
	a->what = what;
	store_status(d->store, status_answered, a);
}

/* Ready: the store takes records, or their sources say why they do not come. Alive: this loop turns. */
static void
request(void *arg, const char *path, struct admin_call *call)
{
	struct daemon	*d = arg;
	int		 local = admin_is_local(d->admin);

	if (strcmp(path, "/livez") == 0)
		answer(call, 200, "alive\n");
	else if (strcmp(path, "/readyz") == 0)
		answer(call, d->stop_begun || d->broken ? 503 : 200, d->stop_begun || d->broken ? "stopping\n" : "ready\n");
	else if (d->stop_begun || d->broken)
		answer(call, 503, "stopping\n");
	else if (strcmp(path, "/metrics") == 0)
		ask(d, call, METRICS);
	else if (local && strcmp(path, "/status") == 0)
		ask(d, call, STATUS);
	else if (local && strcmp(path, "/") == 0)
		ask(d, call, PAGE);
	else
		answer(call, 404, local ? "there are /, /status, /metrics, /livez and /readyz\n" : "there are /metrics, /livez and /readyz\n");
}

int
daemon_admin_open(struct daemon *d, struct err *e)
{
	if (d->opts->once || d->conf->admin_listen == NULL)
		return 0;
	d->admin = admin_open(d->loop, d->conf->admin_listen, request, d, e);
	return d->admin != NULL ? 0 : -1;
}

/* Nobody waits for the store: it has answered before it stood still. */
int
daemon_admin_reload(struct daemon *d, const struct conf *was, struct err *e)
{
	if (conf_same(was, d->conf, "admin."))
		return 0;
	admin_close(d->admin);
	d->admin = NULL;
	return daemon_admin_open(d, e);
}
