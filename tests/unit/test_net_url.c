/*
 * test_net_url - where a token may go, and where not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/addr.h"
#include "net/url.h"

#define HOST	"https://manage.office.com"
#define TENANT	"11111111-2222-3333-4444-555555555555"
#define FEED	"/api/v1.0/" TENANT "/activity/feed/"

static const char *const prefixes[] = { FEED, "/api/v1/" TENANT "/activity/feed/", NULL };

static struct url_origin
origin(const char *url)
{
	struct url_origin	 o;
	struct err		 e = { 0 };

	if (url_origin(url, &o, NULL, 0, &e) == -1)
		fail_msg("%s: %s", url, e.text);
	return o;
}

/* ---- what a server gave us --------------------------------------------------------------------------------------------- */

static const struct {
	const char	*given, *asked;		/* NULL: as given */
} good[] = {
	{ HOST FEED "audit/20261123$20261123$audit_exchange$Audit_Exchange$na0030", NULL },
	{ HOST "/api/v1/" TENANT "/activity/feed/subscriptions/content?contentType=Audit.Exchange&nextPage=2026R01", NULL },
	{ HOST FEED "subscriptions/content?startTime=2026-11-23T08:00:00&endTime=2026-11-23T09:00:00", NULL },
	{ HOST FEED, NULL },
	{ "https://MANAGE.Office.com" FEED "audit/1", NULL },
	{ "HTTPS://manage.office.com" FEED "audit/1", NULL },
	{ HOST ":443" FEED "audit/1", NULL },
	{ HOST "/api/v1.0/11111111-2222-3333-4444-555555555555/activity/feed/audit/1", NULL },
	{ HOST FEED "audit/a%24b%20c", NULL },
	{ HOST FEED "audit/a(b)c;d,e@f:g!h*i'j~k_l-m.n+o=p&q", NULL },
	{ HOST FEED "audit/x?a=%2e%2e%2f%5c%00%0d%0a", NULL },		/* a query means nothing as a path */
	{ HOST FEED "audit/x?a=b\\c|d\"e<f>g{h}i^j`k", NULL },
	{ HOST FEED "audit/x?nextPage=a b c", HOST FEED "audit/x?nextPage=a%20b%20c" },
	{ HOST FEED "audit/a b", HOST FEED "audit/a%20b" },
	{ HOST FEED "audit/x?", NULL },
	{ HOST FEED "audit/x?a=b?c=d/../e", NULL },
	{ HOST FEED "audit/", NULL },
	{ HOST "/%61pi/v1.0/" TENANT "/activity/feed/audit/x", NULL },
};

static void
what_microsoft_sends_is_asked_byte_for_byte(void **state)
{
	struct url_origin	 o = origin(HOST);
	char			 out[URL_MAX];
	struct err		 e;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (url_check(good[i].given, &o, prefixes, out, &e) == -1)
			fail_msg("%s: %s", good[i].given, e.text);
		assert_string_equal(out, good[i].asked != NULL ? good[i].asked : good[i].given);
	}
}

static void
a_guid_may_be_written_in_capitals(void **state)
{
	static const char *const hex[] = { "/api/v1.0/abcdefab-cdef-abcd-efab-cdefabcdefab/activity/feed/", NULL };
	struct url_origin	 o = origin(HOST);
	char			 out[URL_MAX];
	struct err		 e;

	(void)state;
	assert_int_equal(url_check(HOST "/api/v1.0/ABCDEFAB-CDEF-ABCD-EFAB-CDEFABCDEFAB/activity/feed/audit/1", &o, hex, out,
	    &e), 0);
	assert_int_equal(url_check(HOST "/API/v1.0/abcdefab-cdef-abcd-efab-cdefabcdefab/activity/feed/audit/1", &o, hex, out,
	    &e), -1);
	assert_int_equal(url_check(HOST "/api/v1.0/abcdefab-cdef-abcd-efab-cdefabcdefab/Activity/feed/audit/1", &o, hex, out,
	    &e), -1);
}

/* An origin as the configuration has it, and which links of the table may stand in its answers. */
static const struct {
	const char	*letters, *scheme, *other, *host, *port, *feed;
} asked_at[] = {
	{ "cn", "https", "http", "manage.office.com", ":443", FEED },
	{ "cn", "http", "https", "127.0.0.1", ":18080", FEED },
	{ "g", "https", "http", "graph.microsoft.com", ":443", "/beta/auditLogs/" },
	{ "g", "http", "https", "localhost", ":18080", "/beta/auditLogs/" },
};

static size_t
put(char *to, size_t n, size_t size, const char *text)
{
	size_t	 len = strlen(text);

	assert_true(n + len < size);
	memcpy(to + n, text, len + 1);
	return n + len;
}

/* {NAME} and backslashes, as the table's head says. A byte that is NUL would end the text: there is none. */
static void
spell(const char *line, size_t at, char *to, size_t size)
{
	const struct {
		const char	*name, *text;
	} names[] = {
		{ "{SCHEME}", asked_at[at].scheme }, { "{OTHER}", asked_at[at].other }, { "{HOST}", asked_at[at].host },
		{ "{PORT}", asked_at[at].port }, { "{FEED}", asked_at[at].feed }, { "{TENANT}", TENANT },
		{ "{TRAP}", "evil.example:8443" }, { NULL, NULL }
	};
	char	 one[2] = "", origin_text[100];
	size_t	 n = 0, i;

	snprintf(origin_text, sizeof(origin_text), "%s://%s%s", asked_at[at].scheme, asked_at[at].host, asked_at[at].port);
	for (to[0] = '\0'; *line != '\0'; line++) {
		if (strncmp(line, "{ORIGIN}", 8) == 0) {
			n = put(to, n, size, origin_text);
			line += 7;
			continue;
		}
		for (i = 0; names[i].name != NULL && strncmp(line, names[i].name, strlen(names[i].name)) != 0; i++)
			continue;
		if (names[i].name != NULL) {
			n = put(to, n, size, names[i].text);
			line += strlen(names[i].name) - 1;
			continue;
		}
		one[0] = *line;
		if (*line == '\\') {
			line++;
			one[0] = *line == 'r' ? '\r' : *line == 'n' ? '\n' : *line == 't' ? '\t' : *line;
			if (*line == 'x') {
				one[0] = (char)strtol((char[]){ line[1], line[2], '\0' }, NULL, 16);
				line += 2;
			}
		}
		n = put(to, n, size, one);
	}
}

static int
refuse_line(const char *letters, const char *line, const char *what, size_t at)
{
	const char *const	*feeds = strcmp(asked_at[at].feed, FEED) == 0 ? prefixes : (const char *const[]){ asked_at[at].feed, NULL };
	char			 origin_text[100], url[1000], out[URL_MAX];
	struct url_origin	 o;
	struct err		 e = { 0 };

	if (strpbrk(letters, asked_at[at].letters) == NULL)
		return 0;
	snprintf(origin_text, sizeof(origin_text), "%s://%s%s", asked_at[at].scheme, asked_at[at].host, asked_at[at].port);
	o = origin(origin_text);
	spell(line, at, url, sizeof(url));
	if (url_check(url, &o, feeds, out, &e) == 0)
		fail_msg("passed, though %s: %s", what, url);
	assert_true(e.text[0] != '\0');
	assert_null(strpbrk(e.text, "\r\n\x1b"));
	return 1;
}

/* tests/hostile-urls.txt, which story 610 puts before the whole program. */
static void
nothing_hostile_gets_the_token(void **state)
{
	const char	*dir = getenv("srcdir");
	char		 path[1000], line[1000], *at = NULL, *letters, *url, *what;
	int		 judged[sizeof(asked_at) / sizeof(asked_at[0])] = { 0 };
	FILE		*f;

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/hostile-urls.txt", dir != NULL ? dir : ".");
	if ((f = fopen(path, "r")) == NULL)
		fail_msg("%s cannot be read", path);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		line[strcspn(line, "\n")] = '\0';
		at = line;
		letters = strsep(&at, "\t");
		url = strsep(&at, "\t");
		what = strsep(&at, "\t");
		assert_non_null(what);
		for (size_t i = 0; i < sizeof(asked_at) / sizeof(asked_at[0]); i++)
			judged[i] += refuse_line(letters, url, what, i);
	}
	fclose(f);
	for (size_t i = 0; i < sizeof(asked_at) / sizeof(asked_at[0]); i++)
		assert_true(judged[i] >= 60);
}

static void
a_url_longer_than_the_limit_is_refused_whole(void **state)
{
	struct url_origin	 o = origin(HOST);
	char			 url[3 * URL_MAX], out[URL_MAX];
	struct err		 e;
	size_t			 n;

	(void)state;
	for (size_t len = URL_MAX - 8; len < URL_MAX + 8; len++) {
		n = (size_t)snprintf(url, sizeof(url), "%s", HOST FEED "audit/");
		memset(url + n, 'a', len - n);
		url[len] = '\0';
		assert_int_equal(url_check(url, &o, prefixes, out, &e), len + 3 < URL_MAX + 1 ? 0 : -1);
	}
	n = (size_t)snprintf(url, sizeof(url), "%s", HOST FEED "audit/x?y=");
	memset(url + n, ' ', URL_MAX / 2);	/* three times as long once encoded */
	url[n + URL_MAX / 2] = '\0';
	assert_int_equal(url_check(url, &o, prefixes, out, &e), -1);
	n = (size_t)snprintf(url, sizeof(url), "%s", HOST "/?");
	memset(url + n, 'a', URL_MAX);
	url[URL_MAX - 1] = '\0';
	assert_int_equal(url_of_request(url, &o, &e), 0);
	url[URL_MAX - 1] = 'a';
	url[URL_MAX] = '\0';
	assert_int_equal(url_of_request(url, &o, &e), -1);
}

static void
a_simulator_on_loopback_is_an_origin_like_any_other(void **state)
{
	struct url_origin	 o = origin("http://127.0.0.1:18080"), v6 = origin("http://[::1]:18080");
	char			 out[URL_MAX];
	struct err		 e;

	(void)state;
	assert_int_equal(url_check("http://127.0.0.1:18080" FEED "audit/1", &o, prefixes, out, &e), 0);
	assert_int_equal(url_check("http://[0:0:0:0:0:0:0:1]:18080" FEED "audit/1", &v6, prefixes, out, &e), 0);
	assert_int_equal(url_check("http://127.0.0.1:18081" FEED "audit/1", &o, prefixes, out, &e), -1);
	assert_int_equal(url_check("http://127.0.0.2:18080" FEED "audit/1", &o, prefixes, out, &e), -1);
	assert_int_equal(url_check("http://127.1:18080" FEED "audit/1", &o, prefixes, out, &e), -1);
	assert_int_equal(url_check("http://0x7f.0.0.1:18080" FEED "audit/1", &o, prefixes, out, &e), -1);
	assert_int_equal(url_check("http://localhost:18080" FEED "audit/1", &o, prefixes, out, &e), -1);
	assert_int_equal(url_check("https://127.0.0.1:18080" FEED "audit/1", &o, prefixes, out, &e), -1);
	assert_int_equal(url_check("http://127.0.0.1" FEED "audit/1", &o, prefixes, out, &e), -1);
}

/* ---- origins of the configuration ---------------------------------------------------------------------------------------- */

static const struct {
	const char	*url, *scheme, *host;
	unsigned	 port;
	const char	*path;
} origins[] = {
	{ "https://splunk.example:8088", "https", "splunk.example", 8088, "" },
	{ "https://Elastic.Example", "https", "elastic.example", 443, "" },
	{ "https://elastic.example/", "https", "elastic.example", 443, "" },
	{ "https://elastic.example:9200/es/cluster-1/", "https", "elastic.example", 9200, "/es/cluster-1" },
	{ "https://splunk.example/services/collector/event", "https", "splunk.example", 443, "/services/collector/event" },
	{ "https://192.0.2.10:9200", "https", "192.0.2.10", 9200, "" },
	{ "https://[2001:DB8::1]:9200", "https", "2001:db8::1", 9200, "" },
	{ "http://127.0.0.1:9200", "http", "127.0.0.1", 9200, "" },
	{ "http://127.255.0.9", "http", "127.255.0.9", 80, "" },
	{ "http://[::1]:8088/x", "http", "::1", 8088, "/x" },
	{ "http://localhost:8088", "http", "localhost", 8088, "" },
	{ "http://LOCALHOST", "http", "localhost", 80, "" },
};

static const char *const no_origins[] = {
	"http://splunk.example:8088", "http://192.0.2.1", "http://127.1", "http://0x7f000001", "http://2130706433",
	"http://0177.0.0.1", "http://[::ffff:127.0.0.1]", "http://[::2]", "http://localhost.example", "http://localhost.",
	"http://127.0.0.1.example", "http://126.0.0.1", "http://128.0.0.1", "http://0.0.0.0",
	"https://user@splunk.example", "https://user:pw@splunk.example", "https://splunk.example?x=y",
	"https://splunk.example/?", "https://splunk.example#x", "https://splunk.example/a/../b", "https://splunk.example//a",
	"https://splunk.example:0", "https://splunk.example:99999", "https://splunk.example:", "https://splunk.example:x",
	"ftp://splunk.example", "splunk.example", "https:splunk.example", "https://", "", "https:// splunk.example",
	"https://splunk.example/a b", "https://spl\xc3\xbcnk.example", "https://[::1", "https://::1", "https://[fe80::1%25eth0]",
	"https://[fe80::1%eth0]", "https://spl unk.example", "https://a,b", "\nhttps://splunk.example",
};

static void
an_origin_is_scheme_host_port_and_path(void **state)
{
	struct url_origin	 o;
	char			 path[64];
	struct err		 e;

	(void)state;
	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
		if (url_origin(origins[i].url, &o, path, sizeof(path), &e) == -1)
			fail_msg("%s: %s", origins[i].url, e.text);
		assert_string_equal(o.scheme, origins[i].scheme);
		assert_string_equal(o.host, origins[i].host);
		assert_int_equal(o.port, origins[i].port);
		assert_string_equal(path, origins[i].path);
		assert_int_equal(url_origin(origins[i].url, &o, NULL, 0, &e), origins[i].path[0] == '\0' ? 0 : -1);
	}
}

static void
what_is_no_origin_is_refused_with_a_reason(void **state)
{
	struct url_origin	 o;
	char			 path[64];
	struct err		 e;

	(void)state;
	for (size_t i = 0; i < sizeof(no_origins) / sizeof(no_origins[0]); i++) {
		memset(&e, 0, sizeof(e));
		if (url_origin(no_origins[i], &o, path, sizeof(path), &e) == 0)
			fail_msg("passed: %s", no_origins[i]);
		assert_int_equal(e.kind, ERR_CONFIG);
		assert_true(e.text[0] != '\0');
	}
	assert_int_equal(url_origin("https://splunk.example/0123456789", &o, path, 11, &e), -1);
	assert_int_equal(url_origin("https://splunk.example/0123456789", &o, path, 12, &e), 0);
}

/* ---- one more parameter ------------------------------------------------------------------------------------------------- */

static const struct {
	const char	*url, *with;
} added[] = {
	{ "https://h.example/a", "https://h.example/a?Name=v%201" },
	{ "https://h.example/a?", "https://h.example/a?Name=v%201" },
	{ "https://h.example/a?b=c", "https://h.example/a?b=c&Name=v%201" },
	{ "https://h.example/a?b=c&", "https://h.example/a?b=c&Name=v%201" },
	{ "https://h.example/a?b=Name", "https://h.example/a?b=Name&Name=v%201" },
	{ "https://h.example/a?Names=x", "https://h.example/a?Names=x&Name=v%201" },
	{ "https://h.example/Name=/a", "https://h.example/Name=/a?Name=v%201" },
	{ "https://h.example/a?Name=x", "https://h.example/a?Name=x" },
	{ "https://h.example/a?b&nAmE=&c", "https://h.example/a?b&nAmE=&c" },
	{ "https://h.example/a?NAME", "https://h.example/a?NAME" },
};

static void
a_parameter_is_added_once(void **state)
{
	char	 out[URL_MAX], url[URL_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++) {
		assert_int_equal(url_add_query(added[i].url, "Name", "v 1", out), 0);
		assert_string_equal(out, added[i].with);
	}
	memset(url, 'a', sizeof(url) - 4);
	url[sizeof(url) - 4] = '\0';
	assert_int_equal(url_add_query(url, "Name", "v", out), -1);
	memset(url, ' ', sizeof(url) - 1);
	url[sizeof(url) - 1] = '\0';
	assert_int_equal(url_add_query("https://h.example/", "n", url, out), -1);
}

/* ---- addresses ----------------------------------------------------------------------------------------------------------- */

static void
local_addresses_are_known_in_every_form(void **state)
{
	static const char *const local[] = { "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "169.254.169.254",
	    "169.254.0.1", "100.100.100.200", "168.63.129.16", "::", "::1", "fe80::1", "febf::1", "fd00:ec2::254",
	    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "::127.0.0.1",
	    "2002:7f00:1::", "2002:a9fe:a9fe::1" };
	static const char *const remote[] = { "192.0.2.1", "10.0.0.1", "128.0.0.1", "126.255.255.255", "169.253.1.1",
	    "168.63.129.17", "2001:db8::1", "fec0::1", "fd00:ec2::253", "::ffff:192.0.2.1", "64:ff9b::c000:201",
	    "2002:c000:201::", "localhost", "manage.office.com", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		if (!addr_text_is_local(local[i]))
			fail_msg("%s is not seen as local", local[i]);
	for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
		if (addr_text_is_local(remote[i]))
			fail_msg("%s is seen as local", remote[i]);
}

static void
an_address_is_in_a_block_or_not(void **state)
{
	(void)state;
	assert_true(addr_in_block("192.0.2.200", "192.0.2.0/24"));
	assert_true(addr_in_block("192.0.2.200", "192.0.2.192/26"));
	assert_false(addr_in_block("192.0.2.191", "192.0.2.192/26"));
	assert_true(addr_in_block("192.0.2.1", "192.0.2.1"));
	assert_false(addr_in_block("192.0.2.2", "192.0.2.1"));
	assert_true(addr_in_block("192.0.2.2", "0.0.0.0/0"));
	assert_true(addr_in_block("2001:db8::7", "2001:db8::/32"));
	assert_false(addr_in_block("2001:db9::7", "2001:db8::/32"));
	assert_false(addr_in_block("192.0.2.2", "::/0"));
	assert_false(addr_in_block("192.0.2.2", "192.0.2.0/33"));
	assert_false(addr_in_block("192.0.2.2", "192.0.2.0/"));
	assert_false(addr_in_block("192.0.2.2", "192.0.2.0/-1"));
	assert_false(addr_in_block("192.0.2.2", "192.0.2.0/24x"));
	assert_false(addr_in_block("name.example", "0.0.0.0/0"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(what_microsoft_sends_is_asked_byte_for_byte),
		cmocka_unit_test(a_guid_may_be_written_in_capitals),
		cmocka_unit_test(nothing_hostile_gets_the_token),
		cmocka_unit_test(a_url_longer_than_the_limit_is_refused_whole),
		cmocka_unit_test(a_simulator_on_loopback_is_an_origin_like_any_other),
		cmocka_unit_test(an_origin_is_scheme_host_port_and_path),
		cmocka_unit_test(what_is_no_origin_is_refused_with_a_reason),
		cmocka_unit_test(a_parameter_is_added_once),
		cmocka_unit_test(local_addresses_are_known_in_every_form),
		cmocka_unit_test(an_address_is_in_a_block_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
