/*
 * test_net_h2 - one host, spoken to over HTTP/2 and over HTTP/1.1 at once: each request gets its own answer.
 *
 * The other side is nghttpx, a program of others (Debian: nghttp2-proxy), before a server that answers with what was asked for.
 * Without nghttpx all of it is skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "net_ask.h"
#include "net_certs.h"
#include "net_server.h"

static struct made	 ca, leaf;
static struct server	*behind;
static pid_t		 peer;
static unsigned		 port;
static atomic_int	 may_answer;		/* the blob, too */
static char		 key_file[] = "/tmp/test_net_h2.XXXXXX";

/* The target is the answer; that of the blob waits. */
static enum after
echo(struct talk *t, const char *request, size_t len, void *arg)
{
	char	 target[100] = "";

	(void)len;
	(void)arg;
	(void)sscanf(request, "%*s %99s", target);
	for (int i = 0; strcmp(target, "/blob") == 0 && !may_answer && i < 1000; i++)
		talk_sleep(10);
	talk_fmt(t, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(target), target);
	return KEEP;
}

/* A socket at a port of loopback: a free one, or connected to this. -1: nobody listens. */
static int
at_port(unsigned at)
{
	struct sockaddr_in	 a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)at) };
	int			 fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	if (at == 0)
		assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	else if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static unsigned
free_port(void)
{
	struct sockaddr_in	 a = { 0 };
	socklen_t		 len = sizeof(a);
	int			 fd = at_port(0);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static void
become_peer(void)
{
	char	*front = xasprintf("--frontend=127.0.0.1,%u", port), *back = xasprintf("--backend=127.0.0.1,%u", server_port(behind));
	char	*path = xasprintf("%s:/usr/sbin", getenv("PATH"));

	setenv("PATH", path, 1);
	execlp("nghttpx", "nghttpx", "--conf=/dev/null", "--log-level=ERROR", "--workers=1", "--no-ocsp", front, back, key_file, leaf.file,
	    (char *)NULL);
	_exit(127);
}

static int
set_up(void **state)
{
	int	 fd;

	(void)state;
	make(&ca, "Example Root", NULL, NULL, "critical,CA:TRUE", -DAY, DAY);
	make(&leaf, "login.example", "IP:127.0.0.1", &ca, "CA:FALSE", -DAY, DAY);
	assert_true((fd = mkstemp(key_file)) >= 0);
	assert_int_equal(write(fd, leaf.key_pem, strlen(leaf.key_pem)), strlen(leaf.key_pem));
	close(fd);
	behind = server_start(echo, NULL, NULL);
	port = free_port();
	if ((peer = fork()) == 0)
		become_peer();
	for (int i = 0; i < 500 && (fd = at_port(port)) == -1; i++) {
		if (waitpid(peer, NULL, WNOHANG) == peer) {	/* it is not there */
			peer = 0;
			return 0;
		}
		talk_sleep(20);
	}
	assert_true(fd >= 0);
	close(fd);
	return ask_open(state);
}

static int
tear_down(void **state)
{
	if (peer > 0) {
		ask_close(state);
		kill(peer, SIGTERM);
		waitpid(peer, NULL, 0);
	}
	server_stop(behind);
	unlink(key_file);
	unmake(&leaf);
	unmake(&ca);
	return 0;
}

struct question {
	struct http_req	 req;
	struct reply	 reply;
	char		 url[100];
	const char	*target;
};

static void
begin(struct question *q, const char *target, int http1)
{
	memset(q, 0, sizeof(*q));
	q->target = target;
	snprintf(q->url, sizeof(q->url), "https://127.0.0.1:%u%s", port, target);
	q->req = (struct http_req){ .url = q->url, .ca_file = ca.file, .http1 = http1 };
	ask_start(&q->req, &q->reply);
}

static void
ends(struct question *q)
{
	ask_until(&q->reply.done, 1);
	if (q->reply.fail != HTTP_OK)
		fail_msg("%s: %s: %s", q->target, http_fail_name(q->reply.fail), q->reply.why);
	assert_int_equal(q->reply.status, 200);
	assert_string_equal(buf_str(&q->reply.body), q->target);
	reply_clear(&q->reply);
}

/*
 * A blob streams over HTTP/1.1 while listings come over HTTP/2. The blob's connection is the oldest; where libcurl may multiplex, the
 * second of the others goes into it, behind the blob, and gets what is the blob's.
 */
static void
a_blob_under_way_takes_no_other_request_on_its_connection(void **state)
{
	struct question	 blob, first, second, third;

	(void)state;
	if (peer == 0)
		skip();
	begin(&blob, "/blob", 1);
	for (int i = 0; server_requests(behind) == 0 && i < 1000; i++)
		ask_run(10);
	begin(&first, "/first", 0);
	ends(&first);
	begin(&second, "/second", 0);
	begin(&third, "/third", 0);
	ask_run(300);
	may_answer = 1;
	ends(&second);
	ends(&third);
	ends(&blob);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_setup_teardown(a_blob_under_way_takes_no_other_request_on_its_connection, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("net: HTTP/2 and HTTP/1.1 at once", tests, NULL, NULL);
}
