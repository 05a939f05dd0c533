/*
 * hec_world - an indexer that is played, and an output that delivers to it.
 */
#include "hec_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/backoff.h"
#include "base/xalloc.h"

#define OK "{\"text\":\"Success\",\"code\":0}"

static const char *const one[] = { "splunk", NULL };

/* ---- the indexer ---------------------------------------------------------------------------------------------------- */

struct script		 script[16];
size_t			 n_script, at_script;
struct indexer		 x;

void
says(int status, const char *body)
{
	script[n_script++] = (struct script){ .status = status, .body = body };
}

const char *
header(const struct fake_request *r, const char *name)
{
	static char	 value[512];
	const char	*at = strstr(r->headers, name);

	value[0] = '\0';
	if (at != NULL)
		snprintf(value, sizeof(value), "%.*s", (int)strcspn(at + strlen(name), "\n"), at + strlen(name));
	return value;
}

static size_t
channel_of(const struct fake_request *r)
{
	char		 guid[48];
	size_t		 i;

	assert_int_equal(strlen(header(r, "X-Splunk-Request-Channel: ")), 36);
	snprintf(guid, sizeof(guid), "%s", header(r, "X-Splunk-Request-Channel: "));
	if (x.indexers > 1)
		snprintf(guid + 36, sizeof(guid) - 36, "#%u", x.turn);
	for (i = 0; i < x.n_channels && strcmp(x.channels[i].guid, guid) != 0; i++)
		continue;
	assert_true(i < 64);
	if (i == x.n_channels) {
		memset(&x.channels[i], 0, sizeof(x.channels[i]));
		snprintf(x.channels[x.n_channels++].guid, sizeof(x.channels[0].guid), "%s", guid);
	}
	return i;
}

static void
poll_answer(const struct fake_request *r, struct fake_answer *a)
{
	size_t		 c = channel_of(r);
	const char	*at = strchr(buf_str(&r->body), '[');
	char		*end;
	int		 first = 1;

	x.polls++;
	snprintf(x.last_poll, sizeof(x.last_poll), "%s", buf_str(&r->body));
	if (x.poll_status != 200) {
		a->status = x.poll_status;
		buf_adds(&a->body, x.poll_body);
		return;
	}
	a->status = 200;
	buf_adds(&a->body, "{\"acks\":{");
	for (at++; *at >= '0' && *at <= '9'; at = *end == ',' ? end + 1 : end) {
		long	 id = strtol(at, &end, 10);
		int	 is = !x.holds_acks && x.channels[c].open[id];

		x.channels[c].open[id] &= !is;
		buf_addf(&a->body, "%s\"%ld\":%s", first ? "" : ",", id, is ? "true" : "false");
		first = 0;
	}
	buf_adds(&a->body, "}}");
}

static void
note_events(const struct fake_request *r)
{
	const char	*at = buf_str(&r->body);

	while ((at = strstr(at, "\"Id\": \"")) != NULL) {
		at += 7;
		x.got[strtoul(at, NULL, 16)]++;
	}
}

static int
indexer(const struct fake_request *r, struct fake_answer *a)
{
	size_t	 c, len = strlen(r->url);

	assert_non_null(strstr(r->headers, "Authorization: Splunk "));
	assert_non_null(strstr(r->headers, "Content-Type: application/json\n"));
	x.turn = x.indexers > 1 ? (unsigned)(rnd() % x.indexers) : 0;
	c = channel_of(r);
	a->set_cookie = x.set_cookie;
	if (len > 4 && strcmp(r->url + len - 4, "/ack") == 0) {
		poll_answer(r, a);
		return 1;
	}
	x.requests++;
	note_events(r);
	if (strcmp(header(r, "Authorization: Splunk "), x.token) != 0) {
		a->status = 403;
		buf_adds(&a->body, "{\"text\":\"Invalid token\",\"code\":4}");
		return 1;
	}
	if (at_script < n_script) {
		a->status = script[at_script].status;
		a->fail = script[at_script].fail;
		if (script[at_script].set_cookie != NULL)
			a->set_cookie = script[at_script].set_cookie;
		if (script[at_script].body != NULL) {
			buf_adds(&a->body, script[at_script++].body);
			return 1;
		}
		if (script[at_script++].fail != HTTP_OK)
			return 1;
	}
	a->status = 200;
	if (x.acks) {
		buf_addf(&a->body, "{\"text\":\"Success\",\"code\":0,\"ackId\":%lld}", (long long)x.channels[c].next);
		assert_true(x.channels[c].next < 512);
		x.channels[c].open[x.channels[c].next++] = 1;
	} else
		buf_adds(&a->body, OK);
	return 1;
}

/* ---- the world ------------------------------------------------------------------------------------------------------ */

static char	 token_file[128];

void
write_token(const char *token)
{
	FILE	*f;

	snprintf(token_file, sizeof(token_file), "%s/token", world_dir);
	assert_non_null(f = fopen(token_file, "w"));
	fprintf(f, "%s\n", token);
	fclose(f);
	chmod(token_file, 0600);
}

struct sink *
hec_sink(const struct sink_hec_opts *changes)
{
	static const char *const	 urls[] = { "https://s.example:8088", NULL };
	struct sink_hec_opts		 opts = *changes;
	struct err			 e = { ERR_NONE, "" };
	char				 ref[160];
	struct sink			*s;

	write_token("geheim");
	snprintf(x.token, sizeof(x.token), "geheim");
	snprintf(ref, sizeof(ref), "file:%s", token_file);
	opts.name = "splunk";
	opts.token = ref;
	opts.urls = opts.urls != NULL ? opts.urls : urls;
	opts.host = "collector.example";
	opts.ack_timeout_ms = 300000;
	opts.timeout_ms = 60000;
	opts.gzip = 1;
	fake_server = indexer;
	if ((s = sink_hec_new(&opts, &e)) == NULL)
		fail_msg("%s", e.text);
	return s;
}

struct output *
start_with(const struct sink_hec_opts *opts, size_t batch_bytes)
{
	memset(&x, 0, sizeof(x));
	x.poll_status = 200;
	n_script = at_script = 0;
	world_open(one);
	world_start();
	return world_output(0, "splunk", hec_sink(opts), batch_bytes, 0, 1);
}

struct output *
start(void)
{
	return start_with(&(struct sink_hec_opts){ .index = NULL }, MB);
}

void
bell(struct output *o)
{
	output_bell(o);
	fake_turn();
}

void
end(struct output *o)
{
	assert_int_equal(world_left(), 0);
	assert_true(output_idle(o));
	world_tallies_agree("splunk");
	world_stop(o, 1000);
	world_close();
}

void
each_once(unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++)
		if (x.got[i] != 1)
			fail_msg("record %u was sent %u times", i, x.got[i]);
}

int
status_says(const struct output *o, const char *text)
{
	struct buf	 b = { 0 };
	struct json_out	 j;
	int		 yes;

	json_out_init(&j, &b);
	output_status(o, &j);
	yes = strstr(buf_str(&b), text) != NULL;
	buf_clear(&b);
	return yes;
}

struct output *
start_acks(size_t batch_bytes)
{
	struct output	*o = start_with(&(struct sink_hec_opts){ .ack = HEC_ACK_AUTO }, batch_bytes);

	x.acks = 1;
	return o;
}

/* Is there a poll with this cookie for these numbers? */
int
was_asked(const char *cookie, const char *ids)
{
	for (size_t i = 0; i < fake_n_requests; i++)
		if (strcmp(buf_str(&fake_requests[i].body), ids) == 0 && strcmp(header(&fake_requests[i], "Cookie: "), cookie) == 0)
			return 1;
	return 0;
}
