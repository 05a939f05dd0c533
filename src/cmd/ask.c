/*
 * ask - the daemon over its control socket, or the store itself when no daemon runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/ctl.h"
#include "base/clock.h"
#include "cmd/cmd.h"
#include "conf/conf.h"
#include "store/store.h"

#define PATIENCE_MS 10000
#define NAP_US 100000

struct offline {
	struct buf	*answer;
	struct err	*err;
	int		 failed;
	int		 wrap;		/* status: below "store" */
};

int
cmd_fail(const struct err *e)
{
	fputs("m365fwd: ", stderr);
	cmd_print_safe(stderr, e->text);
	fputc('\n', stderr);
	return err_exit(e);
}

static void
answered(void *arg, struct store_result *r)
{
	struct offline	*o = arg;

	if (r->fail != STORE_OK) {
		*o->err = r->err;
		o->failed = 1;
		return;
	}
	if (o->wrap)			/* as the daemon answers, less what only it knows */
		buf_addf(o->answer, "{\"store\":%.*s}\n", (int)strcspn(buf_str(&r->text), "\n"), buf_str(&r->text));
	else
		buf_add(o->answer, buf_str(&r->text), r->text.len);
}

static int
ask_store(const struct conf *c, const char *request, struct buf *answer, struct err *e)
{
	struct store_opts	 opts = { .dir = c->state_dir, .create = 0, .spool_max = c->spool_max, .dead_max = c->dead_max,
	    .seen_max = c->dedup_max, .seen_window_ms = c->dedup_window_ms, .record_max = c->record_max, .lock_wait_ms = 5000 };
	struct offline		 o = { answer, e, 0, strcmp(request, "status") == 0 };
	struct store		*s = store_open(&opts, e);

	if (s == NULL)
		return -1;
	if (store_start(s, e) == -1) {
		o.failed = 1;
	} else {
		if (!store_ask(s, request, answered, &o)) {
			err_set(e, ERR_USAGE, "unknown request");
			o.failed = 1;
		}
		store_wait(s);
	}
	store_close(s);
	return o.failed ? -1 : 0;
}

static int
ask_once(const struct conf *c, const char *request, struct buf *answer, int *from_daemon, struct err *e)
{
	int	 rc;

	buf_reset(answer);
	memset(e, 0, sizeof(*e));
	rc = ctl_ask(c->state_dir, request, PATIENCE_MS, answer, e);
	if (from_daemon != NULL)
		*from_daemon = rc == 1;
	if (rc != 0)
		return rc;
	memset(e, 0, sizeof(*e));
	return ask_store(c, request, answer, e);
}

/*
 * Just started, the daemon has the store and does not answer yet; about to end, it has the store and answers no more. Both pass in a
 * moment, and nobody wants to type a "dead retry" twice for it.
 */
int
cmd_ask(const char *config, const char *request, struct buf *answer, int *from_daemon, struct err *e)
{
	struct conf	*c = conf_glance(config, e);
	int64_t		 until = clock_mono_ms() + PATIENCE_MS;
	int		 rc;

	if (c == NULL)
		return -1;
	while ((rc = ask_once(c, request, answer, from_daemon, e)) == -1 && e->kind == ERR_AGAIN && clock_mono_ms() < until)
		usleep(NAP_US);
	conf_free(c);
	return rc == -1 ? -1 : 0;
}
