/*
 * net_server - a small server that sends exactly the bytes a test wants.
 */
#include "net_server.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#define TALKS_MAX	256
#define REQUEST_MAX	(8 * 1024 * 1024)

struct talk {
	struct server	*s;
	pthread_t	 thread;
	int		 fd;
	SSL		*ssl;
};

struct server {
	serve_fn	*serve;
	void		*arg;
	SSL_CTX		*ctx;
	int		 fd;
	unsigned	 port;
	pthread_t	 thread;
	pthread_mutex_t	 lock;
	int		 stopping;
	unsigned	 connections, requests;
	char		 last[64 * 1024];
	struct talk	 talks[TALKS_MAX];
};

static void
need(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	ERR_print_errors_fp(stderr);
	abort();
}

/* ---- one connection ----------------------------------------------------------------------------------------------------- */

static ssize_t
get(struct talk *t, char *to, size_t size)
{
	return t->ssl != NULL ? SSL_read(t->ssl, to, (int)size) : recv(t->fd, to, size, 0);
}

void
talk_send(struct talk *t, const void *bytes, size_t len)
{
	const char	*p = bytes;
	ssize_t		 n;

	while (len > 0) {
		n = t->ssl != NULL ? SSL_write(t->ssl, p, len > 16384 ? 16384 : (int)len) : send(t->fd, p, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;		/* the client went away: the test sees that at its end */
		p += n;
		len -= (size_t)n;
	}
}

void
talk_say(struct talk *t, const char *text)
{
	talk_send(t, text, strlen(text));
}

void
talk_fmt(struct talk *t, const char *fmt, ...)
{
	char	 text[4096];
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	talk_say(t, text);
}

int
talk_gone(struct talk *t, int ms)
{
	struct pollfd	 p = { .fd = t->fd, .events = POLLIN };
	char		 c;

	return poll(&p, 1, ms) == 1 && recv(t->fd, &c, 1, MSG_PEEK) <= 0;
}

void
talk_sleep(int ms)
{
	struct timespec	 t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

static size_t
wanted(const char *request)
{
	const char	*end = strstr(request, "\r\n\r\n"), *length = strstr(request, "Content-Length: ");
	size_t		 n;

	if (end == NULL)
		return 0;
	n = (size_t)(end - request) + 4;
	return length != NULL && length < end ? n + strtoul(length + 16, NULL, 10) : n;
}

/* One whole request in *to; 0: none came. */
static size_t
read_request(struct talk *t, char *to)
{
	size_t	 len = 0, want = 0;
	ssize_t	 n;

	for (;;) {
		to[len] = '\0';
		if (want == 0)
			want = wanted(to);
		if (want != 0 && len >= want)
			return len;
		if ((n = get(t, to + len, REQUEST_MAX - 1 - len)) <= 0)
			return 0;
		len += (size_t)n;
	}
}

static void
note(struct server *s, const char *request, size_t len)
{
	pthread_mutex_lock(&s->lock);
	s->requests++;
	snprintf(s->last, sizeof(s->last), "%.*s", (int)(len < sizeof(s->last) ? len : sizeof(s->last) - 1), request);
	pthread_mutex_unlock(&s->lock);
}

static void *
talk_run(void *arg)
{
	struct talk	*t = arg;
	struct server	*s = t->s;
	struct linger	 now = { .l_onoff = 1 };
	char		*request = malloc(REQUEST_MAX);
	enum after	 after = KEEP;
	size_t		 len;

	if (t->ssl == NULL || SSL_accept(t->ssl) == 1) {
		while (after == KEEP && (len = read_request(t, request)) > 0) {
			note(s, request, len);
			after = s->serve(t, request, len, s->arg);
		}
		if (t->ssl != NULL && after != RESET)
			SSL_shutdown(t->ssl);
	}
	if (after == RESET)
		setsockopt(t->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	else
		shutdown(t->fd, SHUT_RDWR);
	SSL_free(t->ssl);
	ERR_clear_error();
	pthread_mutex_lock(&s->lock);
	close(t->fd);
	t->fd = -1;
	pthread_mutex_unlock(&s->lock);
	free(request);
	return NULL;
}

/* ---- the server ---------------------------------------------------------------------------------------------------------- */

static void *
accept_all(void *arg)
{
	struct server	*s = arg;
	struct talk	*t;
	int		 fd;

	while ((fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC)) != -1) {
		pthread_mutex_lock(&s->lock);
		if (s->stopping || s->connections == TALKS_MAX) {
			close(fd);
			pthread_mutex_unlock(&s->lock);
			continue;
		}
		t = &s->talks[s->connections++];
		t->s = s;
		t->fd = fd;
		if (s->ctx != NULL) {
			t->ssl = SSL_new(s->ctx);
			SSL_set_fd(t->ssl, fd);
		}
		need(pthread_create(&t->thread, NULL, talk_run, t) == 0, "pthread_create");
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

static SSL_CTX *
make_ctx(const struct server_tls *tls)
{
	SSL_CTX		*ctx = SSL_CTX_new(TLS_server_method());
	BIO		*cert = BIO_new_mem_buf(tls->cert_pem, -1), *key = BIO_new_mem_buf(tls->key_pem, -1);
	X509		*x = PEM_read_bio_X509(cert, NULL, NULL, NULL);
	EVP_PKEY	*k = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);

	need(x != NULL && k != NULL && SSL_CTX_use_certificate(ctx, x) == 1 && SSL_CTX_use_PrivateKey(ctx, k) == 1, "TLS");
	X509_free(x);
	EVP_PKEY_free(k);
	while ((x = PEM_read_bio_X509(cert, NULL, NULL, NULL)) != NULL)
		SSL_CTX_add_extra_chain_cert(ctx, x);
	ERR_clear_error();
	BIO_free(cert);
	BIO_free(key);
	return ctx;
}

struct server *
server_start(serve_fn *serve, void *arg, const struct server_tls *tls)
{
	struct server		*s = calloc(1, sizeof(*s));
	struct sockaddr_in	 a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t		 len = sizeof(a);

	s->serve = serve;
	s->arg = arg;
	s->ctx = tls != NULL ? make_ctx(tls) : NULL;
	pthread_mutex_init(&s->lock, NULL);
	need((s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) != -1, "socket");
	need(bind(s->fd, (struct sockaddr *)&a, len) == 0 && listen(s->fd, 64) == 0, "listen");
	need(getsockname(s->fd, (struct sockaddr *)&a, &len) == 0, "getsockname");
	s->port = ntohs(a.sin_port);
	need(pthread_create(&s->thread, NULL, accept_all, s) == 0, "pthread_create");
	return s;
}

void
server_stop(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = 1;
	shutdown(s->fd, SHUT_RDWR);
	for (unsigned i = 0; i < s->connections; i++)
		if (s->talks[i].fd != -1)
			shutdown(s->talks[i].fd, SHUT_RDWR);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	for (unsigned i = 0; i < s->connections; i++)
		pthread_join(s->talks[i].thread, NULL);
	close(s->fd);
	SSL_CTX_free(s->ctx);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

unsigned
server_port(const struct server *s)
{
	return s->port;
}

unsigned
server_connections(struct server *s)
{
	unsigned	 n;

	pthread_mutex_lock(&s->lock);
	n = s->connections;
	pthread_mutex_unlock(&s->lock);
	return n;
}

unsigned
server_requests(struct server *s)
{
	unsigned	 n;

	pthread_mutex_lock(&s->lock);
	n = s->requests;
	pthread_mutex_unlock(&s->lock);
	return n;
}

void
server_last_request(struct server *s, char *to, size_t size)
{
	pthread_mutex_lock(&s->lock);
	snprintf(to, size, "%s", s->last);
	pthread_mutex_unlock(&s->lock);
}
