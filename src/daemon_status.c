/*
 * daemon_status - the status as one JSON object: for m365fwd status, the admin port and its metrics.
 */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "daemon_in.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0.0.0"
#endif

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

/* {"daemon":{...},"sources":[...],"outputs":[...],"counters":{...},"store":{...}} and a line break */
void
daemon_status(struct daemon *d, const struct store_result *r, struct buf *to)
{
	struct json_out	 o;

	json_out_init(&o, to);
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
	buf_addc(to, '\n');
}
