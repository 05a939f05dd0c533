/*
 * daemon_ctl - answers on the control socket: what the store knows, joined with what only the running daemon knows.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "base/xalloc.h"
#include "daemon_in.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0.0.0"
#endif

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

static void
name(struct json_out *o, const char *text)
{
	json_out_name(o, text, strlen(text));
}

static void
text(struct json_out *o, const char *key, const char *value)
{
	name(o, key);
	json_out_string(o, value, strlen(value));
}

static void
put_counter(void *arg, enum counter c, const char *l1, const char *l2, const char *l3, uint64_t n)
{
	struct json_out	*o = arg;
	struct buf	 key = { 0 };

	buf_adds(&key, counter_info(c)->name);
	if (*l1 != '\0' || *l2 != '\0' || *l3 != '\0')
		buf_addf(&key, "{%s%s%s%s%s}", l1, *l2 != '\0' ? "," : "", l2, *l3 != '\0' ? "," : "", l3);
	name(o, buf_str(&key));
	json_out_int(o, (int64_t)n);
	buf_clear(&key);
}

static void
put_running(struct daemon *d, struct json_out *o)
{
	char	 when[RFC3339_SIZE];

	json_out_open(o, '{');
	text(o, "version", PACKAGE_VERSION);
	name(o, "pid");
	json_out_int(o, getpid());
	text(o, "started", rfc3339_text(d->started_ms, 0, when));
	name(o, "paused");
	json_out_bool(o, d->collect.paused);
	name(o, "clock_skew_ms");
	json_out_int(o, clock_skew_ms());
	name(o, "log_lines_dropped");
	json_out_int(o, (int64_t)log_dropped());
	json_out_close(o, '}');
}

/* {"daemon":{...},"sources":[...],"outputs":[...],"counters":{...},"store":{...}} */
static void
status_answered(void *arg, struct store_result *r)
{
	struct asked	*a = arg;
	struct daemon	*d = a->d;
	struct buf	 b = { 0 };
	struct json_out	 o;

	if (r->fail != STORE_OK) {
		store_answered(arg, r);
		return;
	}
	json_out_init(&o, &b);
	json_out_open(&o, '{');
	name(&o, "daemon");
	put_running(d, &o);
	name(&o, "sources");
	json_out_open(&o, '[');
	for (size_t i = 0; i < d->n_sources; i++)
		d->sources[i]->ops->status(d->sources[i], &o);
	json_out_close(&o, ']');
	name(&o, "outputs");
	json_out_open(&o, '[');
	for (size_t i = 0; i < d->n_outputs; i++)
		output_status(d->outputs[i], &o);
	json_out_close(&o, ']');
	name(&o, "counters");
	json_out_open(&o, '{');
	counters_each(put_counter, &o);
	json_out_close(&o, '}');
	name(&o, "store");
	json_out_raw(&o, buf_str(&r->text), strcspn(buf_str(&r->text), "\n"));
	json_out_close(&o, '}');
	buf_addc(&b, '\n');
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

void
ctl_request(void *arg, const char *request, struct ctl_call *call)
{
	struct asked	*a = xcalloc(1, sizeof(*a));

	a->d = arg;
	a->call = call;
	if (strcmp(request, "reload") == 0) {
		reload_ask(a->d, reloaded, a);
	} else if (!store_ask(a->d->store, request, strcmp(request, "status") == 0 ? status_answered :
	    strncmp(request, "dead-retry ", 11) == 0 ? retried : store_answered, a)) {
		ctl_answer(call, "unknown request", "", 0);
		free(a);
	}
}
