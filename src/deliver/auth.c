/*
 * auth - the Authorization header for Elasticsearch and OpenSearch.
 */
#include "deliver/auth.h"

#include <assert.h>
#include <string.h>

#include "base/hash.h"

/* Room is made first, so that growing leaves no copy of the secret behind. */
void
auth_header(struct buf *to, enum auth_kind kind, const char *user, const struct secret *secret)
{
	struct buf	 pair = { 0 };

	assert(secret->bytes != NULL);
	buf_need(to, (secret->len + (user != NULL ? strlen(user) : 0)) * 2 + 64);
	switch (kind) {
	case AUTH_API_KEY:
		buf_adds(to, "Authorization: ApiKey ");
		if (memchr(secret->bytes, ':', secret->len) != NULL)
			base64(to, secret->bytes, secret->len);
		else
			buf_add(to, secret->bytes, secret->len);
		break;
	case AUTH_BEARER:
		buf_adds(to, "Authorization: Bearer ");
		buf_add(to, secret->bytes, secret->len);
		break;
	case AUTH_BASIC:
		assert(user != NULL);
		buf_need(&pair, strlen(user) + secret->len + 2);
		buf_addf(&pair, "%s:", user);
		buf_add(&pair, secret->bytes, secret->len);
		buf_adds(to, "Authorization: Basic ");
		base64(to, pair.bytes, pair.len);
		explicit_bzero(pair.bytes, pair.size);
		buf_clear(&pair);
		break;
	}
}
