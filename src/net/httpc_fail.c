/*
 * httpc_fail - libcurl's many results as the few words that callers act on, and a sentence for the operator.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509_vfy.h>

#include "net/httpc_in.h"

static const char *const names[] = {
	[HTTP_OK] = "ok", [HTTP_DNS] = "dns", [HTTP_CONNECT] = "connect", [HTTP_TLS] = "tls", [HTTP_TIMEOUT] = "timeout",
	[HTTP_RESET] = "reset", [HTTP_CUT] = "cut", [HTTP_TOO_BIG] = "too-big", [HTTP_PROXY] = "proxy",
	[HTTP_STOPPED] = "stopped", [HTTP_OTHER] = "other",
};

static const struct {
	CURLcode	 code;
	enum http_fail	 fail;
} results[] = {
	{ CURLE_OK,				HTTP_OK },
	{ CURLE_COULDNT_RESOLVE_HOST,		HTTP_DNS },
	{ CURLE_COULDNT_RESOLVE_PROXY,		HTTP_PROXY },
	{ CURLE_PROXY,				HTTP_PROXY },
	{ CURLE_COULDNT_CONNECT,		HTTP_CONNECT },
	{ CURLE_OPERATION_TIMEDOUT,		HTTP_TIMEOUT },
	{ CURLE_PARTIAL_FILE,			HTTP_CUT },
	{ CURLE_GOT_NOTHING,			HTTP_RESET },
	{ CURLE_SEND_ERROR,			HTTP_RESET },
	{ CURLE_RECV_ERROR,			HTTP_RESET },
	{ CURLE_HTTP2,				HTTP_RESET },
	{ CURLE_HTTP2_STREAM,			HTTP_RESET },
	{ CURLE_OUT_OF_MEMORY,			HTTP_TOO_BIG },	/* how 7.88 says that one header line is over 100 KB */
#if LIBCURL_VERSION_NUM >= 0x080600
	{ CURLE_TOO_LARGE,			HTTP_TOO_BIG },
#endif
	{ CURLE_SSL_CONNECT_ERROR,		HTTP_TLS },
	{ CURLE_PEER_FAILED_VERIFICATION,	HTTP_TLS },
	{ CURLE_SSL_ENGINE_NOTFOUND,		HTTP_TLS },
	{ CURLE_SSL_ENGINE_SETFAILED,		HTTP_TLS },
	{ CURLE_SSL_ENGINE_INITFAILED,		HTTP_TLS },
	{ CURLE_SSL_CERTPROBLEM,		HTTP_TLS },
	{ CURLE_SSL_CIPHER,			HTTP_TLS },
	{ CURLE_SSL_CACERT_BADFILE,		HTTP_TLS },
	{ CURLE_SSL_CRL_BADFILE,		HTTP_TLS },
	{ CURLE_SSL_ISSUER_ERROR,		HTTP_TLS },
	{ CURLE_SSL_PINNEDPUBKEYNOTMATCH,	HTTP_TLS },
	{ CURLE_SSL_INVALIDCERTSTATUS,		HTTP_TLS },
	{ CURLE_SSL_CLIENTCERT,			HTTP_TLS },
	{ CURLE_USE_SSL_FAILED,			HTTP_TLS },
};

const char *
http_fail_name(enum http_fail fail)
{
	return names[fail];
}

void
http_fails(struct http *h, enum http_fail fail, const char *fmt, ...)
{
	va_list	 ap;

	if (h->answer.fail != HTTP_OK)
		return;		/* the first reason is the reason */
	h->answer.fail = fail;
	va_start(ap, fmt);
	vsnprintf(h->answer.why, sizeof(h->answer.why), fmt, ap);
	va_end(ap);
}

/* A time-out before the request left is not the same as one after: nothing can have happened at the other side. */
static enum http_fail
timed_out(const struct http *h)
{
	curl_off_t	 name_us = 0;

	if (h->connected)
		return HTTP_TIMEOUT;
	curl_easy_getinfo(h->easy, CURLINFO_NAMELOOKUP_TIME_T, &name_us);
	if (name_us == 0)
		return h->has_proxy ? HTTP_PROXY : HTTP_DNS;
	return h->has_proxy ? HTTP_PROXY : HTTP_CONNECT;
}

static enum http_fail
fail_of(const struct http *h, CURLcode code)
{
	enum http_fail	 fail = HTTP_OTHER;
	long		 proxy_status = 0;

	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		if (results[i].code == code)
			fail = results[i].fail;
	if (h->has_proxy && !h->connected) {
		curl_easy_getinfo(h->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
		if (fail == HTTP_CONNECT || (proxy_status != 0 && proxy_status / 100 != 2))
			return HTTP_PROXY;
	}
	return fail == HTTP_TIMEOUT ? timed_out(h) : fail;
}

static int
lacks_issuer(long verify_error)
{
	switch (verify_error) {
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return 1;
	default:
		return 0;
	}
}

static void
tell_tls(struct http *h, const char *text)
{
	const char	*help = "";

	if (lacks_issuer(h->verify_error))
		help = h->has_ca ? "; ca_file does not hold it" :
		    "; if it is yours, add it to the system's store or name it with ca_file";
	http_fails(h, HTTP_TLS, "%s: %.110s%s%.*s%s", h->host, text, h->issuer[0] != '\0' ? "; certificate issued by " : "",
	    90, h->issuer, help);
}

/*
 * libcurl tells how long it took: "after 131 ms", "after 10004 milliseconds". Who logs a reason only when it is another one needs the
 * same words each time, so that whole seconds are left of it, and nothing of less.
 */
static void
steady(char *text)
{
	char	*at = strstr(text, " after "), *unit, took[32] = "";
	long	 ms;

	if (at == NULL)
		return;
	ms = strtol(at + strlen(" after "), &unit, 10);
	if (strncmp(unit, " ms", 3) != 0 && strncmp(unit, " milliseconds", 13) != 0)
		return;
	if ((ms = (ms + 500) / 1000) > 0)
		snprintf(took, sizeof(took), " after %ld s", ms);
	unit += strcspn(unit + 1, " :,") + 1;
	memmove(at + strlen(took), unit, strlen(unit) + 1);
	memcpy(at, took, strlen(took));
}

void
http_judge(struct http *h, CURLcode code)
{
	enum http_fail	 fail = fail_of(h, code);
	const char	*text = h->error[0] != '\0' ? h->error : curl_easy_strerror(code);

	if (fail == HTTP_OK)
		return;
	steady(h->error);
	if (code == CURLE_OUT_OF_MEMORY)
		http_fails(h, fail, "%s: a header line of the answer is too long", h->host);
	else if (fail == HTTP_TLS)
		tell_tls(h, text);
	else if (h->denied[0] != '\0' && !h->connected)
		http_fails(h, fail, "%s: refused, because it leads to %s", h->host, h->denied);
	else
		http_fails(h, fail, "%s: %s%s", h->host, fail == HTTP_PROXY ? "the proxy is in the way: " : "", text);
}
