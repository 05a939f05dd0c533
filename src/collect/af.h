/*
 * af - what an answer of the Management API means, by its AF code and only then by its HTTP status.
 *
 * Statuses are not documented for any code but AF429, which comes as 403 with a body that is no JSON; a 403 must never be
 * taken for a permission error first. Source: spec/api-management.md section 7 (Microsoft's table and what is seen
 * on the wire).
 */
#ifndef COLLECT_AF_H
#define COLLECT_AF_H

#include <stddef.h>

enum af_class {
	AF_FINE,		/* 200, or AF20024 "already enabled" */
	AF_TOKEN,		/* 401 without a code: a new token, once */
	AF_PERMISSION,		/* AF10001: consent is missing; may come later */
	AF_CONFIG,		/* tenant, licence, content type: a person must mend it; slow retry */
	AF_OURS,		/* a parameter of ours is refused: our bug; slow retry */
	AF_NOT_SUBSCRIBED,	/* AF20022 */
	AF_DISABLED,		/* AF20023 */
	AF_TOO_OLD,		/* AF20030, AF20055: the window */
	AF_BAD_PAGE,		/* AF20031: the window from its first page */
	AF_NO_CONTENT,		/* AF20050: perhaps not yet there */
	AF_EXPIRED,		/* AF20051: gone for ever */
	AF_THROTTLED,		/* AF429, 429 */
	AF_UNHEARD,		/* 401 to one request with a new token too, and nobody else has tried it yet (activity.c) */
	AF_AGAIN,		/* 5xx, AF50000 and its kin, 408 */
	AF_STRANGE		/* an unknown code or status below 500: slow retry, said aloud */
};

struct af {
	enum af_class	 class;
	char		 code[16];	/* "AF20022", or the status as text */
	char		 message[240];	/* Microsoft's words, one line, may be empty */
};

void	 af_judge(int status, const char *body, size_t len, struct af *);
const char *af_class_name(enum af_class);

#endif
