/*
 * cluster - one question after the other to an output's cluster.
 */
#include "cmd/cluster.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "deliver/auth.h"
#include "net/httpc.h"
#include "net/loop.h"

#define TIMEOUT_MS	30000
#define REPLY_MAX	((size_t)8 << 20)
#define REASON_MAX	300

struct cluster {
	const struct conf_output *o;
	struct loop	*loop;
	struct httpc	*httpc;
	struct secret	 secret;
	int		 has_secret;
	const char	*url;
	struct es	 es;
	struct http_answer answer;	/* of the last question, without its pointers */
	struct buf	 reply;
};

static void
answered(void *arg, struct http_answer *a)
{
	struct cluster	*c = arg;

	c->answer = *a;
	buf_reset(&c->reply);
	buf_add(&c->reply, buf_str(a->body), a->body->len);
	loop_stop(c->loop);
}

int
cluster_ask(struct cluster *c, const char *method, const char *path, const struct buf *body, struct buf *reply, struct err *e)
{
	const struct conf_output *o = c->o;
	struct buf		 auth = { 0 };
	char			*url = xasprintf("%s%s", c->url, path);
	const char		**headers = xcalloc(o->headers.n + 5, sizeof(*headers));
	size_t			 n = 0;

	headers[n++] = "Accept: application/json";
	if (body != NULL)
		headers[n++] = "Content-Type: application/json";
	if (c->es.kind == ES_SERVERLESS)
		headers[n++] = "Elastic-Api-Version: 2023-10-31";
	if (c->has_secret) {
		auth_header(&auth, o->api_key != NULL ? AUTH_API_KEY : o->bearer != NULL ? AUTH_BEARER : AUTH_BASIC, o->username, &c->secret);
		headers[n++] = buf_str(&auth);
	}
	for (size_t i = 0; i < o->headers.n; i++)
		headers[n++] = o->headers.items[i];
	http_start(c->httpc, &(struct http_req){ .method = method, .url = url, .headers = headers,
	    .hide = (const char *const []){ c->secret.bytes, NULL }, .body = body != NULL ? body->bytes : NULL,
	    .body_len = body != NULL ? body->len : 0, .proxy = o->proxy != NULL ? o->proxy : httpc_env_proxy(url), .ca_file = o->ca_file,
	    .pinned_spki = o->pinned_spki, .client_cert = o->client_certificate, .client_key = o->client_key, .timeout_ms = TIMEOUT_MS,
	    .max_body = REPLY_MAX, .on_done = answered, .arg = c });
	loop_run(c->loop);
	if (auth.bytes != NULL)
		explicit_bzero(auth.bytes, auth.size);
	buf_clear(&auth);
	free(headers);
	free(url);
	if (c->answer.fail != HTTP_OK) {
		err_set(e, ERR_UNAVAILABLE, "%s: %s: %s", c->url, http_fail_name(c->answer.fail), c->answer.why);
		return -1;
	}
	buf_reset(reply);
	buf_add(reply, buf_str(&c->reply), c->reply.len);
	return c->answer.status;
}

void
cluster_reason(const struct buf *reply, struct buf *to)
{
	struct json	 j = { 0 };
	uint32_t	 type, why;

	if (reply->len > 0 && json_index(&j, reply->bytes, reply->len, 0, JSON_DEPTH) == JSON_OK &&
	    (type = json_path(&j, 0, "error.type")) != JSON_NONE) {
		json_text(&j, type, to);
		if ((why = json_path(&j, 0, "error.reason")) != JSON_NONE) {
			buf_adds(to, ": ");
			json_text(&j, why, to);
		}
	} else {
		buf_add(to, buf_str(reply), reply->len);
	}
	json_clear(&j);
	if (to->len > REASON_MAX)
		buf_cut(to, REASON_MAX);
	for (size_t i = 0; i < to->len; i++)
		if ((unsigned char)to->bytes[i] < ' ')
			to->bytes[i] = ' ';
}

/* The answer to GET /: 0, or -1 when this URL is of no use. */
static int
greet(struct cluster *c, struct err *e)
{
	struct buf	 reply = { 0 }, why = { 0 };
	int		 status = cluster_ask(c, "GET", "/", NULL, &reply, e);

	if (status == 401 || status == 403) {
		cluster_reason(&reply, &why);
		err_set(e, ERR_PERMISSION, "%s: HTTP %d: %s; correct the credentials of this output", c->url, status, buf_str(&why));
		status = -1;
	} else if (status != -1) {
		es_read(&(struct judge_answer){ .status = status, .body = buf_str(&reply), .len = reply.len }, &c->es);
		if (c->es.kind == ES_UNKNOWN) {
			err_set(e, ERR_UNAVAILABLE, "%s: HTTP %d, and the answer is neither Elasticsearch's nor OpenSearch's", c->url, status);
			status = -1;
		}
	}
	buf_clear(&reply);
	buf_clear(&why);
	return status == -1 ? -1 : 0;
}

struct cluster *
cluster_open(const struct conf_output *o, struct err *e)
{
	struct cluster	*c = xcalloc(1, sizeof(*c));
	const char	*ref = o->api_key != NULL ? o->api_key : o->bearer != NULL ? o->bearer : o->password;

	c->o = o;
	httpc_global();
	c->loop = loop_new();
	c->httpc = httpc_new(c->loop, "m365fwd-setup");
	if (ref != NULL && secret_load(&c->secret, ref, e) == -1) {
		cluster_close(c);
		return NULL;
	}
	c->has_secret = ref != NULL;
	for (size_t i = 0; i < o->urls.n; i++) {
		c->url = o->urls.items[i];
		if (greet(c, e) == 0)
			return c;
	}
	cluster_close(c);
	return NULL;
}

void
cluster_close(struct cluster *c)
{
	httpc_free(c->httpc);
	loop_free(c->loop);
	secret_clear(&c->secret);
	buf_clear(&c->reply);
	free(c);
}

const struct es *
cluster_is(const struct cluster *c)
{
	return &c->es;
}
