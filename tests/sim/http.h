/*
 * http - a small HTTP/1.1 server that can also misbehave, byte for byte.
 *
 * One loop, one request at a time per connection, bodies whole. An answer is a list of bytes (answer), a stream that
 * is asked for more only when the client has read (answer_stream), or raw bytes with an ending of choice (answer_raw).
 * serve() must answer, or later() must be called to be asked again; the request lives until it was answered.
 */
#ifndef SIM_HTTP_H
#define SIM_HTTP_H

#include <event2/event.h>
#include <stdint.h>

#include "text.h"

#define MAX_HEADERS 64

enum ending { KEEP, CLOSE, RESET, HOLD };		/* HOLD: says nothing more and stays */

struct conn;

struct request {
	struct conn	*conn;
	const char	*method;
	const char	*target;		/* as it came */
	const char	*path;			/* before the question mark, as it came */
	const char	*query;			/* behind it, "" if there is none */
	const char	*name[MAX_HEADERS], *value[MAX_HEADERS];
	int		 nheaders;
	struct text	 body;
	struct text	 extra;			/* headers to add to the answer, each with CRLF */
	int		 rounds;		/* how often later() asked again */
	int		 tls;
	int		 slow;			/* bytes a second; 0: as fast as it goes */
	const char	*kind;			/* for the log and the counts; a literal */
};

struct server {
	struct event_base *base;
	void		(*serve)(struct request *, void *arg);
	void		(*done)(struct request *, int status, void *arg);	/* an answer went; for the log */
	void		*arg;
	size_t		 max_body;
	struct door	*doors;			/* where it listens */
	uint32_t	 age;			/* connections that were there at http_new_age are of an older one */
};

/* fill adds to out: 1 more to come, 0 the end, -1 break off here (the connection is reset). */
struct stream {
	int		(*fill)(void *, struct text *out);
	void		(*free)(void *);
	void		*arg;
};

int	 http_listen(struct server *, int port, void *ssl_ctx);	/* the port; -1 and errno */
/* Whoever is connected by now, or waits to be let in, belongs to the past from here on: is_late() of his requests is true. */
void	 http_new_age(struct server *);
int	 is_late(const struct request *);
const char *header(const struct request *, const char *name);	/* NULL: not there */
int	 query_value(const struct request *, const char *name, struct text *decoded);	/* 1: there */
void	 url_decode(const char *, size_t, int plus, struct text *);
int	 form_value(const char *form, size_t len, const char *name, struct text *decoded);

void	 answer(struct request *, int status, const char *type, const void *body, size_t len);
void	 answer_text(struct request *, int status, const char *type, const char *body);
void	 answer_raw(struct request *, int status, const void *bytes, size_t len, enum ending);	/* head included */
void	 answer_stream(struct request *, int status, const char *type, const struct stream *);	/* chunked */
void	 answer_later(struct request *, double seconds);	/* serve() is called again, rounds one higher */
void	 answer_head(struct request *, struct text *, int status, const char *type);	/* without length and blank line */
const char *status_words(int);

void	*tls_context(const char *cert, const char *key);	/* NULL: said why on stderr */

#endif
