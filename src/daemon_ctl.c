/*
 * daemon_ctl - answers on the control socket: what the store knows, joined with what only the running daemon knows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "daemon_in.h"

struct asked {
	struct daemon	*d;
	struct ctl_call	*call;
};

static void
store_answered(void *arg, struct store_result *r)
{
	struct asked	*a = arg;

	if (r->fail != STORE_OK)
		ctl_answer(a->call, r->err.text, "", 0);
	else
		ctl_answer(a->call, NULL, buf_str(&r->text), r->text.len);
	free(a);
}

/* Records are in the spool again: whoever owes them should look. */
static void
retried(void *arg, struct store_result *r)
{
	struct daemon	*d = ((struct asked *)arg)->d;

	if (r->n > 0)
		for (size_t i = 0; i < d->n_outputs; i++)
			output_bell(d->outputs[i]);
	store_answered(arg, r);
}

/* Dead letters have room again: an output that held for it need not wait until it would look. */
static void
dead_dropped(void *arg, struct store_result *r)
{
	struct daemon	*d = ((struct asked *)arg)->d;

	if (r->n > 0)
		for (size_t i = 0; i < d->n_outputs; i++)
			output_kick(d->outputs[i]);
	store_answered(arg, r);
}

static void
status_answered(void *arg, struct store_result *r)
{
	struct asked	*a = arg;
	struct buf	 b = { 0 };

	if (r->fail != STORE_OK) {
		store_answered(arg, r);
		return;
	}
	daemon_status(a->d, r, &b);
	ctl_answer(a->call, NULL, b.bytes, b.len);
	buf_clear(&b);
	free(a);
}

/* The text has a line for each mistake; the protocol has one for the error. */
static void
reloaded(void *arg, const char *error)
{
	struct asked	*a = arg;
	char		*line = error != NULL ? xstrdup(error) : NULL;
	size_t		 len = line != NULL ? strlen(line) : 0;

	while (len > 0 && line[len - 1] == '\n')
		line[--len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (line[i] == '\n')
			line[i] = '|';
	ctl_answer(a->call, line, "", 0);
	free(line);
	free(a);
}

static store_cb *
answer_of(const char *request)
{
	if (strcmp(request, "status") == 0)
		return status_answered;
	if (strncmp(request, "dead-retry ", 11) == 0)
		return retried;
	return strncmp(request, "dead-drop ", 10) == 0 ? dead_dropped : store_answered;
}

void
ctl_request(void *arg, const char *request, struct ctl_call *call)
{
	struct asked	*a = xcalloc(1, sizeof(*a));

	a->d = arg;
	a->call = call;
	if (strcmp(request, "reload") == 0) {
		reload_ask(a->d, reloaded, a);
	} else if (!store_ask(a->d->store, request, answer_of(request), a)) {
		ctl_answer(call, "unknown request", "", 0);
		free(a);
	}
}
