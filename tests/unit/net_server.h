/*
 * net_server - a small server that sends exactly the bytes a test wants, over TCP or TLS, on a port of loopback.
 *
 * Each connection has a thread of its own. For each request (head, and body by Content-Length) the test's function is
 * called there; what it returns decides about the connection.
 */
#ifndef NET_SERVER_H
#define NET_SERVER_H

#include <stddef.h>

struct server;
struct talk;			/* one connection */

enum after { KEEP, CLOSE, RESET /* RST instead of FIN */ };

typedef enum after serve_fn(struct talk *, const char *request, size_t len, void *arg);

struct server_tls {
	const char	*cert_pem, *key_pem;	/* the chain, the leaf first */
};

struct server *server_start(serve_fn *, void *arg, const struct server_tls *);
void	 server_stop(struct server *);		/* closes all connections, joins all threads */
unsigned server_port(const struct server *);
unsigned server_connections(struct server *);	/* accepted so far */
unsigned server_requests(struct server *);
void	 server_last_request(struct server *, char *to, size_t);	/* the last request, cut to fit */

void	 talk_say(struct talk *, const char *);
void	 talk_send(struct talk *, const void *, size_t);
void	 talk_fmt(struct talk *, const char *, ...) __attribute__((format(printf, 2, 3)));
int	 talk_gone(struct talk *, int ms);	/* waits so long for the other side to close */
void	 talk_sleep(int ms);

#endif
