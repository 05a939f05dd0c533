/*
 * auth - the Authorization header for Elasticsearch and OpenSearch.
 */
#ifndef DELIVER_AUTH_H
#define DELIVER_AUTH_H

#include "base/buf.h"
#include "base/secret.h"

enum auth_kind { AUTH_API_KEY, AUTH_BEARER, AUTH_BASIC };

/* Appends "Authorization: ...". An API key may be "id:key" or encoded already; user: of AUTH_BASIC. The caller wipes to. */
void	 auth_header(struct buf *to, enum auth_kind, const char *user, const struct secret *);

#endif
