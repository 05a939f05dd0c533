/*
 * graph_answer - what an answer of Microsoft Graph means: by its status first, then by error.code, never by its words.
 *
 * Source: spec/api-graph.md section 1. A 403 that is no JSON comes from something in front of Graph and proves nothing.
 */
#ifndef COLLECT_GRAPH_ANSWER_H
#define COLLECT_GRAPH_ANSWER_H

#include <stddef.h>

enum graph_class {
	GRAPH_FINE,		/* 200 */
	GRAPH_TOKEN,		/* 401 */
	GRAPH_LICENCE,		/* 403: the tenant lacks it */
	GRAPH_PERMISSION,	/* 403: the app lacks it */
	GRAPH_FORBIDDEN,	/* 403 with any other code: one of the two */
	GRAPH_ABSENT,		/* 404: not in this cloud */
	GRAPH_BAD_REQUEST,	/* 400: our query, or older than what is kept; behind a nextLink: its token */
	GRAPH_BAD_LINK,		/* 410, or a code that names the token */
	GRAPH_THROTTLED,	/* 429, 509 */
	GRAPH_TOO_MUCH,		/* 504: a smaller window may do */
	GRAPH_AGAIN,		/* 5xx, 408, a 403 or another answer that is no JSON */
	GRAPH_STRANGE		/* any other status */
};

struct graph_answer {
	enum graph_class class;
	char		 code[80];	/* error.code, or the status as text */
	char		 message[240];	/* Microsoft's words, one line; may be empty */
	char		 request_id[64];	/* for Microsoft's support; may be empty */
};

void	 graph_judge(int status, const char *body, size_t len, struct graph_answer *);

#endif
