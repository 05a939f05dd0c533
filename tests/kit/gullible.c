/*
 * gullible - the forwarder without its judge of links: whatever a server gives, it asks, with the token.
 *
 * Linked with --wrap=url_check, in the simulator's time as m365fwd-fast. The story of hostile links must fail with it.
 */
#include <stdio.h>

#include "net/url.h"

int	 __wrap_url_check(const char *url, const struct url_origin *, const char *const *prefixes, char out[URL_MAX], struct err *);

int
__wrap_url_check(const char *url, const struct url_origin *origin, const char *const *prefixes, char out[URL_MAX], struct err *e)
{
	(void)origin;
	(void)prefixes;
	(void)e;
	snprintf(out, URL_MAX, "%s", url);
	return 0;
}
