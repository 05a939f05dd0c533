/*
 * httpc - requests in flight: libcurl's multi handle on the event loop.
 *
 *	http_start -> list -> (kick) libcurl -> judged -> on_done -> gone
 *
 * libcurl must not be called from inside its own callbacks, and those who use us must not be called from inside
 * http_start or http_resume. So whatever is asked of us from anywhere only leaves a flag and the kick; the kick runs
 * on a turn of its own, outside libcurl, and does what the flags say.
 *
 * The speed of transfers is looked at here and not by libcurl, which on resuming counts the time that we paused as slow.
 * A tick is slow when too little moved in it, both ways together; ticks in which we paused, and those in which a request
 * with a time-out of its own waits for the first byte of its answer, do not count.
 */
#include "net/httpc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <event2/event.h>

#include "base/bom.h"
#include "base/xalloc.h"
#include "net/httpc_in.h"
#include "net/inflate.h"

#define CONNECTIONS_MAX 64L	/* kept alive when idle */

static const struct httpc_tuning usual = { .connect_ms = 10000, .tick_ms = 1000, .slow_ticks = 30, .slow_bytes = 1000,
    .header_max = (size_t)256 * 1024 };

struct watched {		/* a descriptor libcurl waits for */
	struct httpc	*c;
	struct event	*ev;
};

static void
set_event(struct event *ev, long ms)
{
	struct timeval	 tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	if (event_add(ev, &tv) == -1)
		no_memory("a timer");
}

static void
kick(struct httpc *c)
{
	set_event(c->kick, 0);
}

static void
must(CURLMcode rc)
{
	if (rc == CURLM_OUT_OF_MEMORY)
		no_memory("libcurl");
	if (rc != CURLM_OK)
		abort();	/* our own mistake: no request would ever end */
}

/* ---- the end of a request ------------------------------------------------------------------------------------------------ */

static void
take_from_curl(struct http *h)
{
	if (!h->added)
		return;
	h->added = 0;
	h->c->in_curl++;
	must(curl_multi_remove_handle(h->c->multi, h->easy));
	h->c->in_curl--;
	if (--h->c->in_flight == 0)
		event_del(h->c->tick);
}

static void
release(struct http *h)
{
	take_from_curl(h);
	TAILQ_REMOVE(&h->c->list, h, link);
	curl_easy_cleanup(h->easy);
	http_free_options(h);
	buf_clear(&h->collected);
	free(h->next_page);
	free(h->content_type);
	free(h->location);
	if (h->set_cookie.bytes != NULL)	/* a session is as good as a secret */
		explicit_bzero(h->set_cookie.bytes, h->set_cookie.size);
	buf_clear(&h->set_cookie);
	free(h);
}

/* Whoever reads a collected body reads it plain, an error's too; one that is corrupt, or too large when unpacked, stays as it came. */
static void
unpack(struct http *h)
{
	struct buf	 plain = { 0 };

	if (!h->answer.gzip || h->answer.unknown_coding || h->collected.len == 0)
		return;
	if (inflate_all(INFLATE_GZIP, h->collected.bytes, h->collected.len, h->max_body, &plain) == -1) {
		buf_clear(&plain);
		return;
	}
	explicit_bzero(h->collected.bytes, h->collected.size);		/* it may hold a token */
	buf_clear(&h->collected);
	h->collected = plain;
	h->answer.gzip = 0;
}

static void
drop_mark(struct http *h)
{
	if (!h->answer.gzip && !h->answer.unknown_coding)
		buf_drop(&h->collected, bom_len(buf_str(&h->collected), h->collected.len));
}

static void
finish(struct http *h)
{
	take_from_curl(h);
	h->finished = 1;
	unpack(h);
	drop_mark(h);
	http_hide(h);
	h->on_done(h->arg, &h->answer);
	release(h);
}

/* What libcurl says has ended. on_done may start, resume and cancel others. */
static void
reap(struct httpc *c)
{
	CURLMsg		*m;
	struct http	*h;
	int		 left;

	while ((m = curl_multi_info_read(c->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &h);
		if (h->cancelled) {
			release(h);
			continue;
		}
		http_judge(h, m->data.result);
		finish(h);
	}
}

static void
act(struct httpc *c, curl_socket_t fd, int what)
{
	int	 running;

	c->in_curl++;
	must(curl_multi_socket_action(c->multi, fd, what, &running));
	c->in_curl--;
	reap(c);
}

/* ---- libcurl's descriptors and timer -------------------------------------------------------------------------------------- */

static void
fd_ready(evutil_socket_t fd, short what, void *arg)
{
	int	 mask = 0;

	if (what & EV_READ)
		mask |= CURL_CSELECT_IN;
	if (what & EV_WRITE)
		mask |= CURL_CSELECT_OUT;
	act(((struct watched *)arg)->c, fd, mask);
}

static void
curl_timer_rang(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int
want_fd(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct httpc	*c = arg;
	struct watched	*w = known;
	short		 events = EV_PERSIST;

	(void)easy;
	if (w != NULL)
		event_free(w->ev);
	if (what == CURL_POLL_REMOVE) {
		free(w);
		return 0;
	}
	if (w == NULL) {
		w = xcalloc(1, sizeof(*w));
		w->c = c;
		must(curl_multi_assign(c->multi, fd, w));
	}
	if (what & CURL_POLL_IN)
		events |= EV_READ;
	if (what & CURL_POLL_OUT)
		events |= EV_WRITE;
	if ((w->ev = event_new(loop_base(c->loop), fd, events, fd_ready, w)) == NULL || event_add(w->ev, NULL) == -1)
		no_memory("a socket");
	return 0;
}

static int
want_timer(CURLM *multi, long ms, void *arg)
{
	struct httpc	*c = arg;

	(void)multi;
	if (ms < 0)
		event_del(c->curl_timer);
	else
		set_event(c->curl_timer, ms);
	return 0;
}

/* ---- the kick -------------------------------------------------------------------------------------------------------------- */

static void
begin(struct http *h)
{
	struct httpc	*c = h->c;

	h->added = 1;
	c->in_curl++;
	must(curl_multi_add_handle(c->multi, h->easy));
	c->in_curl--;
	if (c->in_flight++ == 0)
		set_event(c->tick, c->tuning.tick_ms);
}

/* The bytes that were refused come again now; the answer of on_body may be anything. */
static void
resume(struct http *h)
{
	CURLcode	 rc;

	h->wants_resume = 0;
	if (!h->paused || h->ended)
		return;
	h->paused = 0;
	h->c->in_curl++;
	rc = curl_easy_pause(h->easy, CURLPAUSE_CONT);
	h->c->in_curl--;
	if (rc != CURLE_OK && !h->cancelled) {
		http_judge(h, rc);
		h->ended = 1;
	}
}

static struct http *
next_ended(struct httpc *c)
{
	struct http	*h;

	TAILQ_FOREACH(h, &c->list, link)
		if (h->ended && !h->finished)
			return h;
	return NULL;
}

static void
kicked(evutil_socket_t fd, short what, void *arg)
{
	struct httpc	*c = arg;
	struct http	*h, *next;

	(void)fd;
	(void)what;
	for (h = TAILQ_FIRST(&c->list); h != NULL; h = next) {
		next = TAILQ_NEXT(h, link);
		if (h->cancelled)
			release(h);
		else if (!h->added && !h->ended)
			begin(h);
		else if (h->wants_resume)
			resume(h);
	}
	while ((h = next_ended(c)) != NULL)	/* anew each time: on_done may change the list */
		finish(h);
}

/* ---- the speed -------------------------------------------------------------------------------------------------------------- */

static int64_t
moved(const struct http *h)
{
	curl_off_t	 up = 0, down = 0;

	curl_easy_getinfo(h->easy, CURLINFO_SIZE_UPLOAD_T, &up);
	curl_easy_getinfo(h->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
	return (int64_t)up + (int64_t)down + (int64_t)h->header_bytes;
}

static void
look_at_speed(struct http *h)
{
	int64_t	 now = moved(h);
	int	 counts = h->connected && !h->paused && !h->was_paused;

	if (h->timeout_ms > 0 && h->header_bytes == 0 && h->body_at == h->body_len && now >= (int64_t)h->body_len)
		counts = 0;
	if (counts)
		h->slow = now - h->moved < h->c->tuning.slow_bytes ? h->slow + 1 : 0;
	h->moved = now;
	h->was_paused = h->paused;
	if (h->slow < h->c->tuning.slow_ticks)
		return;
	http_fails(h, HTTP_TIMEOUT, "%s: under %lld bytes a second for %ld s", h->host,
	    (long long)(h->c->tuning.slow_bytes * 1000 / h->c->tuning.tick_ms),
	    (long)h->c->tuning.slow_ticks * h->c->tuning.tick_ms / 1000);
	h->ended = 1;
	kick(h->c);
}

static void
ticked(evutil_socket_t fd, short what, void *arg)
{
	struct httpc	*c = arg;
	struct http	*h;

	(void)fd;
	(void)what;
	set_event(c->tick, c->tuning.tick_ms);
	TAILQ_FOREACH(h, &c->list, link)
		if (h->added && !h->ended && !h->cancelled)
			look_at_speed(h);
}

/* ---- what others call ---------------------------------------------------------------------------------------------------- */

struct httpc *
httpc_new(struct loop *l, const char *user_agent)
{
	struct httpc		*c = xcalloc(1, sizeof(*c));
	struct event_base	*base = loop_base(l);

	c->loop = l;
	c->user_agent = xstrdup(user_agent);
	c->tuning = usual;
	TAILQ_INIT(&c->list);
	c->curl_timer = event_new(base, -1, 0, curl_timer_rang, c);
	c->kick = event_new(base, -1, 0, kicked, c);
	c->tick = event_new(base, -1, 0, ticked, c);
	c->multi = curl_multi_init();
	if (c->curl_timer == NULL || c->kick == NULL || c->tick == NULL || c->multi == NULL)
		no_memory("libcurl");
	must(curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, want_fd));
	must(curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c));
	must(curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, want_timer));
	must(curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c));
	must(curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_MAX));
	/*
	 * One request at a time on a connection, of HTTP/2 too. With multiplexing libcurl (7.88; its issue 4885) takes a busy
	 * connection of HTTP/1.1, a blob's, for one that can multiplex once the same host has spoken HTTP/2, and answers go to
	 * the wrong requests: a listing that gets another's answer is content lost without a word.
	 */
	must(curl_multi_setopt(c->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING));
	return c;
}

void
httpc_free(struct httpc *c)
{
	struct http	*h;

	if (c == NULL)
		return;
	assert(c->in_curl == 0);
	while ((h = TAILQ_FIRST(&c->list)) != NULL)
		release(h);
	must(curl_multi_cleanup(c->multi));
	event_free(c->curl_timer);
	event_free(c->kick);
	event_free(c->tick);
	free(c->user_agent);
	free(c);
}

struct http *
http_start(struct httpc *c, const struct http_req *req)
{
	struct http	*h = xcalloc(1, sizeof(*h));

	h->c = c;
	h->serial = ++c->serial;
	if ((h->easy = curl_easy_init()) == NULL)
		no_memory("libcurl");
	h->answer.retry_after_ms = h->answer.date_ms = h->content_length = -1;
	h->answer.body = &h->collected;
	h->on_done = req->on_done;
	h->arg = req->arg;
	h->ended = http_set_options(h, req) == -1;
	TAILQ_INSERT_TAIL(&c->list, h, link);
	kick(c);
	return h;
}

void
http_resume(struct http *h)
{
	h->wants_resume = 1;
	kick(h->c);
}

void
http_cancel(struct http *h)
{
	if (h->finished)
		return;		/* from inside its own on_done: it is going anyway */
	h->cancelled = 1;
	if (h->c->in_curl > 0)
		kick(h->c);
	else
		release(h);
}
