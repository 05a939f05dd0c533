/*
 * fake_deliver - HTTP for the tests of deliver/, beside fake_loop. The store is the real one.
 */
#ifndef FAKE_DELIVER_H
#define FAKE_DELIVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "fake_loop.h"
#include "net/httpc.h"

struct fake_request {		/* as it left */
	char		 url[512];
	char		 headers[2048];	/* each followed by '\n' */
	struct buf	 body;		/* unpacked */
	int		 was_gzip, fresh;
	size_t		 max_body;
	int64_t		 at_ms;		/* monotonic */
	unsigned	 n;		/* documents */
	char		 ids[2048][23];
	struct http	*http;
};

extern struct fake_request *fake_requests;	/* all so far */
extern size_t	 fake_n_requests;

/* Who answers: returns 0 to leave the request open (fake_answer later), 1 when status (or fail) and body are filled in. */
struct fake_answer {
	enum http_fail	 fail;
	int		 status;
	struct buf	 body;
	int64_t		 retry_after_ms;
	const char	*content_type, *set_cookie, *location;
	int		 gzip;
};
extern int	 (*fake_server)(const struct fake_request *, struct fake_answer *);

/*
 * A cluster's questions beside the requests, which are not among fake_requests; NULL: there are none. GET <url>/ is answered
 * with fake_banner (NULL: 404), _search by fake_aside.
 */
extern int	 (*fake_aside)(const char *url, const char *body, struct fake_answer *);
extern const char *fake_banner;
extern const char *fake_templates;	/* the answer to a look for index templates; NULL: 403 */
extern unsigned	 fake_templates_asked;
extern enum http_fail fake_banner_fails;	/* HTTP_OK */
extern unsigned	 fake_banners;	/* how often it was asked */

#endif
