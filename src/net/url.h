/*
 * url - what may be asked with a token, decided before the token is attached.
 *
 * A host is scheme, name and port together. Parsing is curl_url's; nothing here is a regular expression.
 */
#ifndef NET_URL_H
#define NET_URL_H

#include <stddef.h>

#include "base/err.h"

#define URL_MAX 8192

struct url_origin {
	char	 scheme[8];
	char	 host[256];	/* lower case; IPv6 without brackets */
	unsigned port;		/* always set */
};

/* An origin of the configuration: scheme://host[:port][/path]; http only to literal 127.0.0.0/8, ::1 and localhost. No
 * user info, query or fragment. path (may be NULL) gets what follows the origin, without a trailing slash ("" if none). */
int	 url_origin(const char *url, struct url_origin *, char *path, size_t path_size, struct err *);
/* What any request's URL must be: printable ASCII, no fragment, no user info, plainly spelled; http only as above. */
int	 url_of_request(const char *url, struct url_origin *, struct err *);
int	 url_is_loopback(const struct url_origin *);

/*
 * May this absolute URL, which a server gave us, be asked with a token for that origin? Same scheme, host and port; no
 * user info; the decoded path starts with one of the prefixes (NULL-ended; each ends with '/', compared without regard
 * to case of a GUID in it) and holds no "..", ".", "//", "\", "%2e", "%2f", "%5c" or control byte in any spelling; no
 * fragment; at most URL_MAX bytes, all printable ASCII. Characters illegal in a request line but harmless (a space in
 * the query) are encoded into out (URL_MAX bytes); everything else is kept byte for byte. -1: refused, err says why.
 */
int	 url_check(const char *url, const struct url_origin *, const char *const *prefixes, char out[URL_MAX], struct err *);
/* Adds name=value to the query unless the name is there already (any case); out has URL_MAX bytes. */
int	 url_add_query(const char *url, const char *name, const char *value, char out[URL_MAX]);

#endif
