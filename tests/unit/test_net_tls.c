/*
 * test_net_tls - whose certificate is taken, whose is not, and what is said then.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/xalloc.h"
#include "net_ask.h"
#include "net_certs.h"
#include "net_server.h"

/* ---- certificates ---------------------------------------------------------------------------------------------------------------- */

static struct made	 ca, box_ca, leaf, self_signed, box_leaf, other_name, expired;
static char		*box_chain;

static struct made *const all[] = { &ca, &box_ca, &leaf, &self_signed, &box_leaf, &other_name, &expired };

static int
make_all(void **state)
{
	static const char	 here[] = "DNS:localhost,IP:127.0.0.1,DNS:127.0.0.1.test";

	(void)state;
	make(&ca, "Example Root", NULL, NULL, "critical,CA:TRUE", -DAY, DAY);
	make(&box_ca, "Contoso Inspection CA", NULL, NULL, "CA:TRUE", -DAY, DAY);
	make(&leaf, "login.example", here, &ca, "CA:FALSE", -DAY, DAY);
	make(&self_signed, "splunk.example", here, NULL, "CA:FALSE", -DAY, DAY);
	make(&box_leaf, "login.example", here, &box_ca, "CA:FALSE", -DAY, DAY);
	make(&other_name, "elsewhere.example", "DNS:elsewhere.example", &ca, "CA:FALSE", -DAY, DAY);
	make(&expired, "login.example", here, &ca, "CA:FALSE", -2 * DAY, -DAY);
	box_chain = xasprintf("%s%s", box_leaf.cert_pem, box_ca.cert_pem);
	return 0;
}

static int
unmake_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		unmake(all[i]);
	free(box_chain);
	return 0;
}

/* ---- asking ------------------------------------------------------------------------------------------------------------------------- */

static struct server	*server;
static struct reply	 reply;
static char		 at[100];
static struct http_req	 req;

static enum after
say_ok(struct talk *t, const char *request, size_t len, void *arg)
{
	(void)request;
	(void)len;
	(void)arg;
	talk_say(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	return KEEP;
}

static void
hang_up(void)
{
	if (server != NULL)
		server_stop(server);
	server = NULL;
}

static int
teardown(void **state)
{
	ask_close(state);
	hang_up();
	reply_clear(&reply);
	return 0;
}

/* A server with that certificate and a request to it; the test adds whom it trusts. */
static void
serve_as(const struct made *m, const char *chain, serve_fn *fn)
{
	struct server_tls	 tls = { .cert_pem = chain != NULL ? chain : m->cert_pem, .key_pem = m->key_pem };

	hang_up();
	server = server_start(fn, NULL, &tls);
	snprintf(at, sizeof(at), "https://127.0.0.1:%u/x", server_port(server));
	memset(&req, 0, sizeof(req));
	req.url = at;
}

static void
is_refused(const char *part_of_why, const char *more, const char *still_more)
{
	unsigned	 before = server_requests(server);

	req.arg = NULL;
	ask(&req, &reply);
	if (reply.fail != HTTP_TLS || strstr(reply.why, part_of_why) == NULL || strstr(reply.why, more) == NULL ||
	    strstr(reply.why, still_more) == NULL || strstr(reply.why, "127.0.0.1:") == NULL)
		fail_msg("%s, not with \"%s\", \"%s\" and \"%s\": \"%s\"", http_fail_name(reply.fail), part_of_why, more, still_more,
		    reply.why);
	assert_int_equal(reply.status, 0);
	assert_int_equal(server_requests(server), before);	/* nothing was sent there, so no token either */
}

static void
is_accepted(void)
{
	req.arg = NULL;
	ask(&req, &reply);
	if (reply.fail != HTTP_OK)
		fail_msg("%s: %s", http_fail_name(reply.fail), reply.why);
	assert_string_equal(buf_str(&reply.body), "ok");
}

/* ---- the system's store ------------------------------------------------------------------------------------------------------------- */

static void
a_box_that_opens_the_connection_is_named(void **state)
{
	(void)state;
	serve_as(&box_leaf, box_chain, say_ok);
	is_refused("issued by", "CN=Contoso Inspection CA", "system's store or name it with ca_file");
	serve_as(&box_leaf, NULL, say_ok);	/* without its CA in the chain */
	is_refused("issued by", "CN=Contoso Inspection CA", "system's store or name it with ca_file");
}

/* Its words are the other side's, too: a secret among them is blanked as in any answer. */
static void
a_secret_in_what_it_calls_itself_is_not_repeated(void **state)
{
	(void)state;
	serve_as(&box_leaf, box_chain, say_ok);
	req.hide = (const char *const []){ "Inspection", NULL };
	is_refused("issued by", "CN=Contoso ********** CA", "");
}

static void
a_self_signed_certificate_is_refused_with_host_and_issuer(void **state)
{
	(void)state;
	serve_as(&self_signed, NULL, say_ok);
	is_refused("self-signed", "CN=splunk.example", "ca_file");
}

/* ---- ca_file --------------------------------------------------------------------------------------------------------------------------- */

static void
a_ca_file_is_trusted_also_one_without_critical_constraints(void **state)
{
	(void)state;
	serve_as(&leaf, NULL, say_ok);
	req.ca_file = ca.file;
	is_accepted();
	serve_as(&box_leaf, box_chain, say_ok);
	req.ca_file = box_ca.file;
	is_accepted();
	serve_as(&self_signed, NULL, say_ok);
	req.ca_file = self_signed.file;
	is_accepted();
}

static void
a_ca_file_counts_for_its_own_requests_only(void **state)
{
	(void)state;
	serve_as(&leaf, NULL, say_ok);
	req.ca_file = ca.file;
	is_accepted();
	assert_int_equal(server_connections(server), 1);
	req.ca_file = NULL;		/* not on the open connection, nor with the cached CA */
	is_refused("issued by", "CN=Example Root", "system's store");
	req.ca_file = box_ca.file;
	is_refused("issued by", "CN=Example Root", "ca_file does not hold it");
	req.ca_file = ca.file;
	is_accepted();
}

static void
another_ca_in_between_is_refused_and_then_all_is_well_again(void **state)
{
	(void)state;
	serve_as(&leaf, NULL, say_ok);
	req.ca_file = ca.file;
	is_accepted();
	serve_as(&box_leaf, box_chain, say_ok);
	req.ca_file = ca.file;
	is_refused("issued by", "CN=Contoso Inspection CA", "ca_file does not hold it");
	serve_as(&leaf, NULL, say_ok);
	req.ca_file = ca.file;
	is_accepted();
}

static void
a_ca_file_that_is_not_there_or_holds_nothing_is_told(void **state)
{
	(void)state;
	serve_as(&leaf, NULL, say_ok);
	req.ca_file = "/nonexistent/ca.pem";
	is_refused("/nonexistent/ca.pem", "", "");
	req.ca_file = "/dev/null";
	is_refused("/dev/null", "", "");
}

static void
the_name_and_the_time_are_looked_at(void **state)
{
	(void)state;
	serve_as(&other_name, NULL, say_ok);
	req.ca_file = ca.file;
	is_refused("127.0.0.1", "issued by", "CN=Example Root");
	serve_as(&expired, NULL, say_ok);
	req.ca_file = ca.file;
	is_refused("expired", "issued by", "CN=Example Root");
	assert_null(strstr(reply.why, "ca_file"));	/* which would not help */
}

/* ---- pinned keys ----------------------------------------------------------------------------------------------------------------------- */

static void
a_pinned_key_alone_is_trust(void **state)
{
	char	 both[200];

	(void)state;
	serve_as(&self_signed, NULL, say_ok);
	req.pinned_spki = self_signed.pin;
	is_accepted();
	req.pinned_spki = leaf.pin;
	is_refused("public key", "", "");
	snprintf(both, sizeof(both), "%s;%s", leaf.pin, self_signed.pin);	/* while keys are rolled over */
	req.pinned_spki = both;
	is_accepted();
	serve_as(&other_name, NULL, say_ok);		/* names do not matter then */
	req.pinned_spki = other_name.pin;
	is_accepted();
	req.pinned_spki = NULL;				/* but this is nobody else's trust */
	is_refused("issued by", "CN=Example Root", "");
}

static void
a_pinned_key_beside_a_ca_file_must_agree_with_it(void **state)
{
	(void)state;
	serve_as(&leaf, NULL, say_ok);
	req.ca_file = ca.file;
	req.pinned_spki = leaf.pin;
	is_accepted();
	req.pinned_spki = self_signed.pin;
	req.fresh = 1;
	is_refused("public key", "", "");
	req.ca_file = box_ca.file;
	req.pinned_spki = leaf.pin;
	is_refused("issued by", "CN=Example Root", "");
	serve_as(&other_name, NULL, say_ok);
	req.ca_file = ca.file;
	req.pinned_spki = other_name.pin;
	is_refused("127.0.0.1", "", "");
}

/* ---- the stream ------------------------------------------------------------------------------------------------------------------------ */

static enum after
say_half(struct talk *t, const char *request, size_t len, void *arg)
{
	(void)len;
	(void)arg;
	talk_say(t, strstr(request, "/length") != NULL ? "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,2]" :
	    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[1,2]");
	talk_sleep(20);
	return RESET;		/* the TLS stream has no end */
}

static void
a_tls_stream_without_its_end_is_no_answer(void **state)
{
	(void)state;
	serve_as(&leaf, NULL, say_half);
	req.ca_file = ca.file;
	ask(&req, &reply);
	assert_int_equal(reply.fail, HTTP_RESET);
	snprintf(at, sizeof(at), "https://127.0.0.1:%u/length", server_port(server));
	req.arg = NULL;
	ask(&req, &reply);
	/* Whether the status line still got through is the kernel's to say: a reset may throw away what was received. */
	assert_true(reply.fail == HTTP_RESET || reply.fail == HTTP_CUT);
}

#define LARGE 20000000

static enum after
say_large(struct talk *t, const char *request, size_t len, void *arg)
{
	unsigned char	*a = xmalloc(LARGE);

	(void)request;
	(void)len;
	(void)arg;
	for (size_t i = 0; i < LARGE; i++)
		a[i] = (unsigned char)(i * 7 / 3);
	talk_fmt(t, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", LARGE);
	talk_send(t, a, LARGE);
	free(a);
	return KEEP;
}

static size_t	 got;
static unsigned	 calls;
static struct timer resume_timer;

static void
resume(void *arg)
{
	(void)arg;
	if (!reply.done)
		http_resume(reply.http);
}

static enum http_flow
take(void *arg, const struct http_answer *a, const char *bytes, size_t len)
{
	(void)arg;
	(void)a;
	if (++calls % 50 == 0) {
		timer_set(&resume_timer, 1);
		return HTTP_PAUSE;
	}
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)bytes[i] != (unsigned char)((got + i) * 7 / 3))
			return HTTP_STOP;
	got += len;
	return HTTP_GO;
}

static void
a_paused_tls_transfer_goes_on_with_what_openssl_holds(void **state)
{
	(void)state;
	timer_init(&resume_timer, ask_loop, resume, NULL);
	serve_as(&leaf, NULL, say_large);
	req.ca_file = ca.file;
	req.http1 = 1;
	req.on_body = take;
	got = calls = 0;
	ask(&req, &reply);
	timer_clear(&resume_timer);
	assert_int_equal(reply.fail, HTTP_OK);
	assert_int_equal(got, LARGE);
}

static void
a_connection_is_used_again(void **state)
{
	(void)state;
	serve_as(&leaf, NULL, say_ok);
	req.ca_file = ca.file;
	for (int i = 0; i < 5; i++)
		is_accepted();
	assert_int_equal(server_connections(server), 1);
}

static void
the_environment_does_not_say_whom_to_trust_nor_where_keys_go(void **state)
{
	char		 log[] = "/tmp/test_net_tls.keys.XXXXXX";
	int		 fd = mkstemp(log);
	struct stat	 st;

	ask_close(state);
	setenv("SSLKEYLOGFILE", log, 1);
	setenv("SSL_CERT_FILE", ca.file, 1);
	setenv("SSL_CERT_DIR", "/tmp", 1);
	setenv("CURL_CA_BUNDLE", ca.file, 1);
	setenv("https_proxy", "http://192.0.2.1:3128", 1);
	ask_open(state);
	serve_as(&leaf, NULL, say_ok);
	is_refused("issued by", "CN=Example Root", "system's store");
	req.ca_file = ca.file;
	is_accepted();
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 0);
	close(fd);
	unlink(log);
	assert_null(getenv("SSLKEYLOGFILE"));
	assert_null(getenv("https_proxy"));
	assert_string_equal(httpc_env_proxy("https://manage.office.com/x"), "http://192.0.2.1:3128");
}

#define STORY(f) cmocka_unit_test_setup_teardown(f, ask_open, teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		STORY(a_box_that_opens_the_connection_is_named),
		STORY(a_secret_in_what_it_calls_itself_is_not_repeated),
		STORY(a_self_signed_certificate_is_refused_with_host_and_issuer),
		STORY(a_ca_file_is_trusted_also_one_without_critical_constraints),
		STORY(a_ca_file_counts_for_its_own_requests_only),
		STORY(another_ca_in_between_is_refused_and_then_all_is_well_again),
		STORY(a_ca_file_that_is_not_there_or_holds_nothing_is_told),
		STORY(the_name_and_the_time_are_looked_at),
		STORY(a_pinned_key_alone_is_trust),
		STORY(a_pinned_key_beside_a_ca_file_must_agree_with_it),
		STORY(a_tls_stream_without_its_end_is_no_answer),
		STORY(a_paused_tls_transfer_goes_on_with_what_openssl_holds),
		STORY(a_connection_is_used_again),
		STORY(the_environment_does_not_say_whom_to_trust_nor_where_keys_go),
	};

	return cmocka_run_group_tests(tests, make_all, unmake_all);
}
