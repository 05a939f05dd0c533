/*
 * token - one access token of one tenant for one resource, fetched and renewed in time (spec/api-auth.md).
 *
 * token_bearer() gives the Authorization header line while there is a usable token and otherwise asks for one; the bell
 * rings whenever that changes, and when an attempt failed. Renewed at expires_in less 5 minutes (or half of it), with
 * jitter; the old one serves until it expires. What an administrator must mend is tried again every 15 minutes, when the
 * secret's file changes, and on token_kick. Secrets and tokens live in struct secret; requests go to the login origin only.
 */
#ifndef COLLECT_TOKEN_H
#define COLLECT_TOKEN_H

#include "base/err.h"
#include "collect/collect.h"

struct token;

enum token_state {
	TOKEN_NONE,		/* none yet, a request is under way or waits its turn */
	TOKEN_GOOD,
	TOKEN_TROUBLE,		/* the endpoint cannot be reached or is busy */
	TOKEN_REFUSED		/* credentials or configuration: a person must mend it */
};

struct token_opts {
	const char	*tenant;		/* label, for logs and counters */
	const char	*login;			/* origin: "https://login.microsoftonline.com" */
	const char	*tenant_guid;
	const char	*client_id;
	const char	*secret_ref;		/* base/secret.h */
	const char	*scope;			/* "https://manage.office.com/.default" */
	const char	*proxy, *ca_file;
	int		 deny_loopback;
};

struct token *token_new(struct collect *, const struct token_opts *, void (*bell)(void *), void *arg);	/* copies */
void	 token_stop(struct token *);			/* asks nothing any more; no bell comes after it */
void	 token_free(struct token *);
const char *token_bearer(struct token *, unsigned *serial);	/* "Authorization: Bearer ..."; NULL: wait for the bell */
/* The API answered 401 to the token of that serial: a new one is asked for, at once if this one had served before, else with growing
 * pauses. The bell rings when there is one. */
void	 token_rejected(struct token *, unsigned serial);
void	 token_accepted(struct token *, unsigned serial);	/* the API took it */
int	 token_is(const struct token *, unsigned serial);	/* is that the one we have? */
uint64_t token_taken(const struct token *);		/* how often the API took the present one */
/* The API took it and found a role missing. Roles are in a token from its birth: one that is older than a minute is
 * dropped, so that the next try sees whether consent has come; a young one stays, since another would say the same. */
void	 token_lacks_role(struct token *, unsigned serial);
void	 token_kick(struct token *);
enum token_state token_state(const struct token *, char *why, size_t);

#endif
