/*
 * httpc_opts - one request as libcurl options, each of them set every time.
 *
 * A fresh handle per request: nothing of an earlier one can linger. Trust is one of
 *
 *	ca_file		only what this file holds, instead of the system's store
 *	pinned_spki	only this public key; the name and the issuer of the certificate then do not matter
 *	both		both must agree
 *	neither		the system's store
 *
 * http is spoken only to this host itself, and "localhost" is pinned to loopback here: no name server is asked for it.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <netdb.h>

#include "base/xalloc.h"
#include "net/addr.h"
#include "net/httpc_in.h"
#include "net/url.h"

#define BUFFER_SIZE	(32L * 1024)	/* received at once; the same again for what is sent, while it is */
#define DNS_CACHE_S	60L
#define CA_CACHE_S	60L		/* a CA that was added to the system's store counts after this time */
#define IDLE_MAX_S	60L		/* an older idle connection is not used again: middle boxes forget it silently */

/* Records the first option that libcurl does not take: one that is not set must not be missed. */
#define SET(h, option, value) set((h), #option, curl_easy_setopt((h)->easy, option, value))

static void
set(struct http *h, const char *option, CURLcode rc)
{
	if (rc == CURLE_OUT_OF_MEMORY)
		no_memory("libcurl");
	if (rc != CURLE_OK)
		http_fails(h, HTTP_OTHER, "%s: libcurl does not take %s: %s", h->host, option, curl_easy_strerror(rc));
}

/* ---- callbacks ------------------------------------------------------------------------------------------------------------ */

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct http	*h = arg;

	(void)purpose;
	if (h->deny_local && addr_is_local(&to->addr)) {
		if (getnameinfo(&to->addr, (socklen_t)to->addrlen, h->denied, sizeof(h->denied), NULL, 0, NI_NUMERICHOST) != 0)
			snprintf(h->denied, sizeof(h->denied), "a local address");
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static int
about_to_ask(void *arg, char *to, char *from, int to_port, int from_port)
{
	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	((struct http *)arg)->connected = 1;
	return CURL_PREREQFUNC_OK;
}

static size_t
give_body(char *to, size_t size, size_t n, void *arg)
{
	struct http	*h = arg;
	size_t		 len = size * n;

	if (h->cancelled)
		return CURL_READFUNC_ABORT;	/* the caller may have freed the bytes */
	if (len > h->body_len - h->body_at)
		len = h->body_len - h->body_at;
	if (len > 0)
		memcpy(to, h->body + h->body_at, len);
	h->body_at += len;
	return len;
}

/* libcurl repeats a request whose kept-alive connection turned out to be dead before any answer. */
static int
rewind_body(void *arg, curl_off_t to, int whence)
{
	struct http	*h = arg;

	if (h->cancelled || whence != SEEK_SET || to < 0 || (size_t)to > h->body_len)
		return CURL_SEEKFUNC_FAIL;
	h->body_at = (size_t)to;
	return CURL_SEEKFUNC_OK;
}

/* ---- groups of options -------------------------------------------------------------------------------------------------- */

static void
set_callbacks(struct http *h)
{
	SET(h, CURLOPT_PRIVATE, h);
	SET(h, CURLOPT_ERRORBUFFER, h->error);
	SET(h, CURLOPT_HEADERFUNCTION, http_header_came);
	SET(h, CURLOPT_HEADERDATA, h);
	SET(h, CURLOPT_WRITEFUNCTION, http_body_came);
	SET(h, CURLOPT_WRITEDATA, h);
	SET(h, CURLOPT_READFUNCTION, give_body);
	SET(h, CURLOPT_READDATA, h);
	SET(h, CURLOPT_SEEKFUNCTION, rewind_body);
	SET(h, CURLOPT_SEEKDATA, h);
	SET(h, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	SET(h, CURLOPT_OPENSOCKETDATA, h);
	SET(h, CURLOPT_PREREQFUNCTION, about_to_ask);
	SET(h, CURLOPT_PREREQDATA, h);
}

/* What libcurl would do by itself, or because of a file somewhere. */
static void
set_habits(struct http *h)
{
	SET(h, CURLOPT_NOSIGNAL, 1L);
	SET(h, CURLOPT_QUICK_EXIT, 1L);		/* else ending waits for a resolver thread that hangs */
	SET(h, CURLOPT_VERBOSE, 0L);
	SET(h, CURLOPT_NOPROGRESS, 1L);
	SET(h, CURLOPT_FAILONERROR, 0L);
	SET(h, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(h, CURLOPT_COOKIEFILE, NULL);
	SET(h, CURLOPT_COOKIEJAR, NULL);
	SET(h, CURLOPT_HSTS_CTRL, 0L);
	SET(h, CURLOPT_UNRESTRICTED_AUTH, 0L);
	SET(h, CURLOPT_AUTOREFERER, 0L);
	SET(h, CURLOPT_FOLLOWLOCATION, 0L);
	SET(h, CURLOPT_MAXREDIRS, 0L);
	SET(h, CURLOPT_HTTP09_ALLOWED, 0L);
	SET(h, CURLOPT_ACCEPT_ENCODING, NULL);
	SET(h, CURLOPT_HTTP_CONTENT_DECODING, 0L);	/* it calls a cut gzip body a success: net/inflate does it */
	SET(h, CURLOPT_HTTP_TRANSFER_DECODING, 1L);
	SET(h, CURLOPT_TRANSFER_ENCODING, 0L);
	SET(h, CURLOPT_IGNORE_CONTENT_LENGTH, 0L);
	SET(h, CURLOPT_BUFFERSIZE, BUFFER_SIZE);
	SET(h, CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_SIZE);
	SET(h, CURLOPT_USERAGENT, h->c->user_agent);
}

static void
set_where(struct http *h, const struct http_req *req, const struct url_origin *o)
{
	char	 pinned[400];

	SET(h, CURLOPT_URL, req->url);
	SET(h, CURLOPT_PATH_AS_IS, 1L);
	SET(h, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(h, CURLOPT_PROTOCOLS_STR, strcmp(o->scheme, "http") == 0 ? "http,https" : "https");
	SET(h, CURLOPT_REDIR_PROTOCOLS_STR, "https");
	if (strcmp(o->host, "localhost") == 0) {
		snprintf(pinned, sizeof(pinned), "%s:%u:127.0.0.1,[::1]", o->host, o->port);
		h->resolve = curl_slist_append(NULL, pinned);
	}
	SET(h, CURLOPT_RESOLVE, h->resolve);
	SET(h, CURLOPT_DOH_URL, NULL);
	SET(h, CURLOPT_DNS_CACHE_TIMEOUT, DNS_CACHE_S);
	SET(h, CURLOPT_PRE_PROXY, "");
	SET(h, CURLOPT_PROXY, h->has_proxy ? req->proxy : "");
	SET(h, CURLOPT_NOPROXY, "");
	SET(h, CURLOPT_HTTPPROXYTUNNEL, h->has_proxy ? 1L : 0L);
	SET(h, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(h, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);	/* no token to a proxy */
}

static void
set_connection(struct http *h, const struct http_req *req)
{
	SET(h, CURLOPT_HTTP_VERSION, req->http1 ? (long)CURL_HTTP_VERSION_1_1 : (long)CURL_HTTP_VERSION_2TLS);
	SET(h, CURLOPT_FRESH_CONNECT, req->fresh ? 1L : 0L);
	SET(h, CURLOPT_FORBID_REUSE, 0L);
	SET(h, CURLOPT_MAXAGE_CONN, IDLE_MAX_S);
	SET(h, CURLOPT_TCP_NODELAY, 1L);
	SET(h, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(h, CURLOPT_CONNECTTIMEOUT_MS, h->c->tuning.connect_ms);
	SET(h, CURLOPT_TIMEOUT_MS, req->timeout_ms > 0 ? (long)req->timeout_ms : 0L);
	SET(h, CURLOPT_LOW_SPEED_LIMIT, 0L);	/* httpc.c looks itself: libcurl counts what a pause made slow */
	SET(h, CURLOPT_LOW_SPEED_TIME, 0L);
}

static void
set_trust(struct http *h, const struct http_req *req)
{
	const curl_version_info_data	*built = curl_version_info(CURLVERSION_NOW);
	const char			*file = req->ca_file != NULL ? req->ca_file : built->cainfo;
	long				 by_pin = req->pinned_spki != NULL && req->ca_file == NULL;

	SET(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(h, CURLOPT_SSL_VERIFYPEER, by_pin ? 0L : 1L);
	SET(h, CURLOPT_SSL_VERIFYHOST, by_pin ? 0L : 2L);
	SET(h, CURLOPT_SSL_VERIFYSTATUS, 0L);
	SET(h, CURLOPT_SSL_OPTIONS, 0L);
	SET(h, CURLOPT_SSL_ENABLE_ALPN, 1L);
	SET(h, CURLOPT_CAINFO, file);
	SET(h, CURLOPT_CAPATH, file == NULL ? built->capath : NULL);	/* beside ca_file it would let the system's in */
	SET(h, CURLOPT_CA_CACHE_TIMEOUT, CA_CACHE_S);
	SET(h, CURLOPT_PINNEDPUBLICKEY, req->pinned_spki);
	SET(h, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(h, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
	SET(h, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
	SET(h, CURLOPT_PROXY_CAINFO, file);
	SET(h, CURLOPT_PROXY_CAPATH, file == NULL ? built->capath : NULL);
	SET(h, CURLOPT_SSLCERT, req->client_cert);
	SET(h, CURLOPT_SSLKEY, req->client_key);
	SET(h, CURLOPT_SSL_CTX_FUNCTION, http_watch_verify);
	SET(h, CURLOPT_SSL_CTX_DATA, h);
}

/* ---- method, headers, body ---------------------------------------------------------------------------------------------- */

static void
add_text(struct curl_slist **list, const char *text)
{
	struct curl_slist	*longer = curl_slist_append(*list, text);

	if (longer == NULL)
		no_memory("libcurl");
	*list = longer;
}

static void
add_header(struct http *h, const char *header)
{
	add_text(&h->headers, header);
}

static int
is_sound_header(const char *header)
{
	const char	*colon = strchr(header, ':');

	if (colon == NULL || colon == header || strcspn(header, " \t;") < (size_t)(colon - header))
		return 0;
	for (const char *p = header; *p != '\0'; p++)
		if ((*p > 0 && *p < ' ' && *p != '\t') || *p == 0x7f)
			return 0;
	return 1;
}

static void
set_headers(struct http *h, const char *const *headers)
{
	add_header(h, "Expect:");		/* none: a round trip, and some servers never answer it */
	add_header(h, "Content-Type:");		/* none but the caller's, which follows */
	for (; headers != NULL && *headers != NULL; headers++) {
		if (!is_sound_header(*headers))
			http_fails(h, HTTP_OTHER, "%s: a header of the request is malformed", h->host);
		else
			add_header(h, *headers);
	}
	SET(h, CURLOPT_HTTPHEADER, h->headers);
}

static void
set_method(struct http *h, const struct http_req *req)
{
	int	 put = strcmp(req->method, "PUT") == 0;

	assert(put || strcmp(req->method, "GET") == 0 || strcmp(req->method, "POST") == 0);
	SET(h, CURLOPT_CUSTOMREQUEST, put ? "PUT" : NULL);
	if (strcmp(req->method, "GET") == 0) {
		SET(h, CURLOPT_HTTPGET, 1L);
		return;
	}
	h->body = req->body;
	h->body_len = req->body != NULL ? req->body_len : 0;
	SET(h, CURLOPT_POST, 1L);
	SET(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)h->body_len);
}

/* ---- all of it ------------------------------------------------------------------------------------------------------------ */

int
http_set_options(struct http *h, const struct http_req *req)
{
	struct url_origin	 o;
	struct err		 e;

	if (url_of_request(req->url, &o, &e) == -1) {
		h->host = xstrdup("?");
		http_fails(h, HTTP_OTHER, "the URL is refused: %.200s", e.text);
		return -1;
	}
	h->host = xasprintf(strchr(o.host, ':') != NULL ? "[%s]:%u" : "%s:%u", o.host, o.port);
	/* A proxy would look for loopback and metadata addresses at its own side. */
	h->has_proxy = req->proxy != NULL && req->proxy[0] != '\0' && !url_is_loopback(&o) && !addr_text_is_local(o.host);
	h->has_ca = req->ca_file != NULL;
	h->deny_local = req->deny_loopback && !h->has_proxy;	/* through a proxy only its address is seen here */
	h->max_body = req->max_body;
	h->timeout_ms = req->timeout_ms;
	h->on_body = req->on_body;
	set_callbacks(h);
	set_habits(h);
	set_where(h, req, &o);
	set_connection(h, req);
	set_trust(h, req);
	set_headers(h, req->headers);
	set_method(h, req);
	for (size_t i = 0; req->hide != NULL && req->hide[i] != NULL; i++)
		add_text(&h->hide, req->hide[i]);
	return h->answer.fail == HTTP_OK ? 0 : -1;
}

static void
wipe(struct curl_slist *list)
{
	for (struct curl_slist *s = list; s != NULL; s = s->next)
		explicit_bzero(s->data, strlen(s->data));
	curl_slist_free_all(list);
}

void
http_free_options(struct http *h)
{
	wipe(h->headers);
	wipe(h->hide);
	curl_slist_free_all(h->resolve);
	free(h->host);
}
