/*
 * httpc_env - what the environment says about proxies, and what it must not say about TLS.
 *
 * Read once, before there are threads, and then taken out of the environment: libcurl and OpenSSL look there too, and
 * would obey whoever started the process rather than the configuration.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/xalloc.h"
#include "net/addr.h"
#include "net/httpc.h"
#include "net/url.h"

static const char *const ignored[] = {
	"SSLKEYLOGFILE", "SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF", "OPENSSL_CONF_INCLUDE", "OPENSSL_MODULES",
	"OPENSSL_ENGINES", "CURL_CA_BUNDLE", "CURL_SSL_BACKEND", "CURL_HOME", "QLOGDIR",
	"https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
};

static char	*https_proxy, *no_proxy;

static char *
either(const char *lower, const char *upper)
{
	const char	*s = getenv(lower);

	if (s == NULL || s[0] == '\0')
		s = getenv(upper);
	return s != NULL && s[0] != '\0' ? xstrdup(s) : NULL;
}

void
httpc_global(void)
{
	free(https_proxy);
	free(no_proxy);
	https_proxy = either("https_proxy", "HTTPS_PROXY");
	no_proxy = either("no_proxy", "NO_PROXY");
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		unsetenv(ignored[i]);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		no_memory("libcurl");
}

/* "example.com" and ".example.com" mean the domain and what is under it; "host:port" one port; "192.0.2.0/24" a block. */
static int
entry_matches(char *entry, const struct url_origin *o)
{
	size_t	 host_len = strlen(o->host), n;
	char	*colon;

	if (strcmp(entry, "*") == 0 || addr_in_block(o->host, entry))
		return 1;
	if ((colon = strchr(entry, ':')) != NULL && strchr(colon + 1, ':') == NULL) {
		if (strtoul(colon + 1, NULL, 10) != o->port)
			return 0;
		*colon = '\0';
	}
	while (*entry == '.')
		entry++;
	n = strlen(entry);
	if (n == 0 || n > host_len || strcasecmp(o->host + host_len - n, entry) != 0)
		return 0;
	return n == host_len || (o->host[host_len - n - 1] == '.' && strpbrk(o->host, "abcdefghijklmnopqrstuvwxyz") != NULL);
}

static int
listed(const char *list, const struct url_origin *o)
{
	char	 entry[256];
	size_t	 n;

	for (const char *p = list; *p != '\0'; p += n) {
		p += strspn(p, ", \t");
		n = strcspn(p, ", \t");
		if (n == 0 || n >= sizeof(entry))
			continue;
		memcpy(entry, p, n);
		entry[n] = '\0';
		if (entry_matches(entry, o))
			return 1;
	}
	return 0;
}

const char *
httpc_env_proxy(const char *url)
{
	struct url_origin	 o;
	struct err		 e;

	if (https_proxy == NULL || url_of_request(url, &o, &e) == -1)
		return NULL;
	if (url_is_loopback(&o) || addr_text_is_local(o.host))
		return NULL;
	return no_proxy != NULL && listed(no_proxy, &o) ? NULL : https_proxy;
}

char *
httpc_proxy_shown(const char *proxy, char *to, size_t size)
{
	const char	*scheme_end = strstr(proxy, "://"), *at;
	int		 scheme_len = scheme_end != NULL ? (int)(scheme_end - proxy) + 3 : 0;

	at = strrchr(proxy + scheme_len, '@');
	snprintf(to, size, "%.*s%s", scheme_len, proxy, at != NULL ? at + 1 : proxy + scheme_len);
	return to;
}
