/*
 * conf: every mistake is found in one run, where it stands and with a way out; what is sound becomes the struct it says.
 *
 * Bad files are the base file below with one line changed. "@/" stands for a folder with secrets of all sorts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "conf/conf.h"
#include "conf/conf_in.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

static char	 folder[] = "/tmp/m365fwd-conf-XXXXXX";

static const char *const	 base[] = {
	"state_dir: /var/lib/m365fwd",					/* 1 */
	"tenants:",							/* 2 */
	"  - name: contoso",						/* 3 */
	"    id: 11111111-2222-3333-4444-555555555555",			/* 4 */
	"    auth:",							/* 5 */
	"      client_id: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",		/* 6 */
	"      client_secret: file:@/secret",				/* 7 */
	"    feeds: [audit.exchange, audit.entra]",			/* 8 */
	"outputs:",							/* 9 */
	"  - name: files",						/* 10 */
	"    type: file",						/* 11 */
	"    path: /srv/archive",					/* 12 */
	"  - name: elastic",						/* 13 */
	"    type: bulk",						/* 14 */
	"    url: https://elastic.example:9200",			/* 15 */
	"spool: {max: 1GiB}",						/* 16 */
};
#define LINES (sizeof(base) / sizeof(base[0]))

/* ---- files ----------------------------------------------------------------------------------------------------------- */

static const char *
path_of(const char *name)
{
	static char	 path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void
write_file(const char *name, const char *bytes, size_t len, mode_t mode)
{
	int	 fd;

	unlink(path_of(name));
	fd = open(path_of(name), O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd != -1);
	assert_int_equal(write(fd, bytes, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
write_text(const char *name, const char *text, mode_t mode)
{
	write_file(name, text, strlen(text), mode);
}

#define PEM "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

static int
make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	write_text("secret", "s3cr3t-value\n", 0600);
	write_text("loose", "s3cr3t-value\n", 0644);
	write_text("empty", "\n", 0600);
	write_text("proxy", "http://user:s3cr3t-value@proxy.example:3128\n", 0600);
	write_text("ca.pem", PEM, 0644);
	write_text("key.pem", PEM, 0600);
	write_text("loose.pem", PEM, 0644);
	write_text("notes.txt", "no certificate\n", 0644);
	write_text("api-key", "id:key\n", 0600);
	write_text("${X}", "s3cr3t-value\n", 0600);
	if (symlink("secret", path_of("link")) == -1 || symlink("key.pem", path_of("key-link")) == -1)
		return -1;
	setenv("CONF_TEST_ID", "11111111-2222-3333-4444-555555555555", 1);
	setenv("CONF_TEST_HOST", "elastic.example", 1);
	setenv("CONF_TEST_EMPTY", "", 1);
	setenv("CONF_TEST_LINES", "a\nb", 1);
	setenv("CONF_TEST_SECRET", "from-the-environment", 1);
	unsetenv("CONF_TEST_UNSET");
	unsetenv("CREDENTIALS_DIRECTORY");
	return 0;
}

static int
remove_folder(void **state)
{
	char	*command = xasprintf("rm -rf %s", folder);
	int	 rc = system(command);

	(void)state;
	free(command);
	return rc;
}

/* "@/" becomes the folder. */
static void
add_here(struct buf *b, const char *text)
{
	const char	*at;

	while ((at = strstr(text, "@/")) != NULL) {
		buf_add(b, text, (size_t)(at - text));
		buf_adds(b, folder);
		text = at + 1;
	}
	buf_adds(b, text);
}

/* The base file with line `instead` replaced (or, if text begins with '+', followed) by text; 0: text is all. */
static char *
make_text(unsigned instead, const char *text)
{
	struct buf	 b = { 0 };

	if (instead == 0)
		add_here(&b, text);
	for (size_t i = 1; i <= LINES && instead != 0; i++) {
		if (i != instead || *text == '+') {
			add_here(&b, base[i - 1]);
			buf_addc(&b, '\n');
		}
		if (i == instead && *text != '\0') {
			add_here(&b, *text == '+' ? text + 1 : text);
			buf_addc(&b, '\n');
		}
	}
	buf_addc(&b, '\0');		/* there are bytes to take, though the text is empty */
	return buf_take(&b, NULL);
}

static struct conf *
load(unsigned instead, const char *text, struct buf *errors, struct err *e)
{
	char	*whole = make_text(instead, text);

	write_text("m365fwd.yaml", whole, 0644);
	free(whole);
	return conf_load(path_of("m365fwd.yaml"), errors, e);
}

/* What must be sound. */
static struct conf *
load_sound(unsigned instead, const char *text)
{
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };
	struct conf	*c = load(instead, text, &errors, &e);

	if (c == NULL)
		fail_msg("refused: %s%s", buf_str(&errors), e.text);
	assert_int_equal(errors.len, 0);
	buf_clear(&errors);
	return c;
}

/* ---- what is refused ------------------------------------------------------------------------------------------------- */

#define BULK 15			/* its last line */
#define HEC "+  - {name: s, type: hec, url: 'https://s.example:8088', token: 'file:@/secret'"
#define FILES 12
#define TENANT 8

static const struct {
	unsigned	 line;		/* of the base file, replaced; 0: the text is the whole file */
	const char	*text;		/* '+' at the start: goes behind the line */
	const char	*at;		/* "line:column: path" */
	const char	*words;		/* both parts of the sentence, separated by | */
} bad[] = {
	/* the file as such */
	{ 0, "", "1:1: tenants", "is missing|a list of tenants" },
	{ 0, "", "1:1: outputs", "is missing|a list of outputs" },
	{ 0, "# nothing\n---\n", "1:1: tenants", "is missing|list" },
	{ 0, "- a\n- b\n", "1:1: ", "no configuration|tenants:" },
	{ 0, "just words\n", "1:1: ", "no configuration|tenants:" },
	{ 0, "a: [1, 2\nb: 3\n", "2:2: ", "not YAML|brackets" },
	{ 0, "a: 'b\n", "2:1: ", "not YAML|quotes" },
	{ 0, "a:\n\tb: 1\n", "2:1: ", "a tab|blanks" },
	{ 0, "a: b: c\n", "1:5: ", "not YAML|indentation" },
	{ 0, "tenants:\n  - name: x\n id: y\n", "3:2: ", "not YAML|indentation" },
	{ 0, "log: {level: \xff\xfe}\n", "1:14: ", "not UTF-8|save" },
	{ 0, "log: {level: \xc3\x28}\n", "1:15: ", "not UTF-8|save" },
	{ 0, "\"\\x9b31m\": 1\n", "1:1: ??31m", "is not a key" },
	{ 0, "spool:\n  max: \x01\n", "2:8: ", "control byte|take it out" },
	{ 0, "a: [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]\n", "1:19: ", "deeper than 16|no option" },
	{ 0, "? [a, b]\n: c\n", "1:3: ", "one word|NAME: VALUE" },
	{ 16, "spool: {max: \"1GiB\\0\"}", "16:14: spool.max", "zero byte|take it out" },
	{ 16, "--- \nspool: {}", "16:1: ", "second document|one configuration" },
	{ 16, "...\n---\nspool: {}", "17:1: ", "second document|one configuration" },
	{ 1, "state_dir: &dir /var/lib/m365fwd", "1:12: state_dir", "anchors (&dir)|write the value out" },
	{ 12, "    path: *dir", "12:11: outputs[0].path", "aliases (*dir)|write the value out" },
	{ 1, "state_dir: !!str /var/lib/m365fwd", "1:12: state_dir", "tags|leave it out" },
	{ 8, "    feeds: !list [audit.exchange]", "8:12: tenants[0].feeds", "tags|leave it out" },
	{ 16, "spool: {max: 1GiB}\nspool: {max: 2GiB}", "17:1: spool", "given twice, first in line 16|keep one" },
	{ 1, "state_dir: /srv/state\nstate_dir: relative", "2:1: state_dir", "given twice, first in line 1|keep one" },
	{ 3, "  - name: contoso\n    name: contoso", "4:5: tenants[0].name", "given twice, first in line 3|keep one" },

	/* keys */
	{ 16, "spol: {max: 1GiB}", "16:1: spol", "not a key|did you mean spool?" },
	{ 16, "spool: {maximum: 1GiB}", "16:9: spool.maximum", "not a key|take it out" },
	{ 16, "interval: 60s", "16:1: interval", "not a key here|poll.interval" },
	{ 16, "poll: {intervall: 60s}", "16:8: poll.intervall", "not a key|did you mean interval?" },
	{ 16, "poll: {requests-per-minute: 60}", "16:8: poll.requests-per-minute", "not a key|did you mean requests_per_minute?" },
	{ 16, "poll.interval: 60s", "16:1: poll.interval", "not a key|not with dots" },
	{ 6, "      clientid: x\n      client_id: x", "6:7: tenants[0].auth.clientid", "not a key|did you mean client_id?" },
	{ TENANT, "+    feed: [audit.entra]", "9:5: tenants[0].feed", "not a key|did you mean feeds?" },
	{ TENANT, "+    tenant_id: x", "9:5: tenants[0].tenant_id", "not a key|did you mean id?" },
	{ BULK, "+    hosts: [a]", "16:5: outputs[1].hosts", "not a key|did you mean url?" },
	{ BULK, "+    insecure: true", "16:5: outputs[1].insecure", "always verified|ca_file" },
	{ BULK, "+    ssl_verify: false", "16:5: outputs[1].ssl_verify", "always verified|pinned_spki" },
	{ BULK, "+    tls_skip_verify: true", "16:5: outputs[1].tls_skip_verify", "always verified|pinned_spki" },
	{ TENANT, "+    verify_certs: false", "9:5: tenants[0].verify_certs", "always verified|ca_file" },
	{ BULK, "+    path: /srv/b", "16:5: outputs[1].path", "not for outputs of type bulk|only for file" },
	{ FILES, "+    url: https://a.example", "13:5: outputs[0].url", "not for outputs of type file|only for bulk" },
	{ BULK, "+    ack: auto", "16:5: outputs[1].ack", "not for outputs of type bulk|hec" },

	/* missing and empty */
	{ 3, "  - publisher: 11111111-2222-3333-4444-555555555555", "3:5: tenants[0].name", "is missing|such as contoso" },
	{ 4, "", "3:5: tenants[0].id", "is missing|GUID" },
	{ 6, "", "5:5: tenants[0].auth.client_id", "is missing|Application (client) ID" },
	{ 7, "", "5:5: tenants[0].auth.client_secret", "is missing|file:" },
	{ 8, "", "3:5: tenants[0].feeds", "is missing|audit.exchange" },
	{ 8, "    feeds: []", "8:12: tenants[0].feeds", "is empty|audit.exchange" },
	{ 11, "", "10:5: outputs[0].type", "is missing|bulk, file or hec" },
	{ 12, "", "10:5: outputs[0].path", "is missing|absolute path" },
	{ 15, "", "13:5: outputs[1].url", "is missing|https://" },
	{ 15, "    url:", "15:9: outputs[1].url", "has no value|https://" },
	{ 15, "    url: ~", "15:10: outputs[1].url", "has no value|https://" },
	{ 15, "    url: ''", "15:10: outputs[1].url", "has no value|https://" },
	{ 15, "    url: []", "15:10: outputs[1].url", "is empty|https://" },
	{ 0, "tenants: []\noutputs: []\n", "1:10: tenants", "is empty|- name: NAME" },
	{ 0, "tenants: x\noutputs: {}\n", "2:10: outputs", "not a list|- name: NAME" },
	{ 16, "outputs2: x", "16:1: outputs2", "not a key|did you mean outputs?" },

	/* types and units */
	{ 16, "spool: 1GiB", "16:8: spool", "not a group of keys|under it" },
	{ 16, "spool: [max]", "16:8: spool", "not a group of keys|under it" },
	{ 16, "spool: {max: [1GiB]}", "16:14: spool.max", "is a list|64MiB" },
	{ 16, "spool: {max: {of: 1GiB}}", "16:14: spool.max", "is a group of keys|64MiB" },
	{ 16, "spool: {max: 1000000}", "16:14: spool.max", "no unit|1000000MiB" },
	{ 16, "spool: {max: 1G}", "16:14: spool.max", "unit that is not known|GiB" },
	{ 16, "spool: {max: 1gib}", "16:14: spool.max", "unit that is not known|GiB" },
	{ 16, "spool: {max: lots}", "16:14: spool.max", "not a number with its unit|64MiB" },
	{ 16, "spool: {max: -1GiB}", "16:14: spool.max", "not a number with its unit|64MiB" },
	{ 16, "spool: {max: 999999999999999TiB}", "16:14: spool.max", "too large|64MiB" },
	{ 16, "spool: {max: 1KiB}", "16:14: spool.max", "too little|at least 1MiB" },
	{ 16, "limits: {record: 1GiB}", "16:18: limits.record", "too much|at most 64MiB" },
	{ 16, "limits: {fetches: 0}", "16:19: limits.fetches", "too little|at least 1" },
	{ 16, "limits: {fetches: 1.5}", "16:19: limits.fetches", "not a whole number|8" },
	{ 16, "limits: {fetches: 08}", "16:19: limits.fetches", "not a whole number|8" },
	{ 16, "poll: {concurrency: eight}", "16:21: poll.concurrency", "not a whole number|8" },
	{ 16, "poll: {interval: 60}", "16:18: poll.interval", "no unit|60s" },
	{ 16, "poll: {interval: 1min}", "16:18: poll.interval", "unit that is not known|ms, s, m, h or d" },
	{ 16, "poll: {interval: 1h30m}", "16:18: poll.interval", "unit that is not known|10m" },
	{ 16, "poll: {interval: 2h}", "16:18: poll.interval", "too much|at most 1h" },
	{ 16, "poll: {second_looks: 1h}", "16:22: poll.second_looks", "not a list|[1h, 24h]" },
	{ 16, "poll: {second_looks: [1h, 24]}", "16:27: poll.second_looks[1]", "no unit|24s" },
	{ 16, "poll: {second_looks: [1h, 1h]}", "16:27: poll.second_looks[1]", "listed twice|take one out" },
	{ 16, "poll: {second_looks: [168h]}", "16:23: poll.second_looks[0]", "too much|167h" },
	{ 16, "graph: {second_looks: [1h,2h,3h,4h,5h,6h,7h,8h,9h]}", "16:48: graph.second_looks[8]", "one too many|8" },
	{ 16, "log: {level: verbose}", "16:14: log.level", "not a choice|error, warn, info or debug" },
	{ 16, "log: {level: inof}", "16:14: log.level", "not a choice|did you mean info?" },
	{ 16, "log: {format: [json]}", "16:15: log.format", "is a list|text, logfmt or json" },
	{ 16, "stop_timeout: soon", "16:15: stop_timeout", "not a number with its unit|10m" },
	{ 1, "state_dir: var/lib/m365fwd", "1:12: state_dir", "not an absolute path|begin it with /" },
	{ 1, "state_dir: /", "1:12: state_dir", "root directory|of its own" },
	{ 1, "state_dir: /var/../lib", "1:12: state_dir", ". or ..|write the path out" },
	{ 1, "state_dir: file:/var/lib/x", "1:12: state_dir", "is a path|take out the file:" },
	{ 16, "admin: {listen: 9365}", "16:17: admin.listen", "not an address|127.0.0.1:9365" },
	{ 16, "admin: {listen: 'metrics.example:9365'}", "16:17: admin.listen", "not an address and port|off" },
	{ 16, "admin: {listen: '127.0.0.1:70000'}", "16:17: admin.listen", "not an address and port|9365" },

	/* tenants */
	{ 3, "  - name: Contoso", "3:11: tenants[0].name", "capital letter|lower case" },
	{ 3, "  - name: con/toso", "3:11: tenants[0].name", "names do not have|lower case" },
	{ 3, "  - name: .contoso", "3:11: tenants[0].name", "must begin|digit" },
	{ 3, "  - name: a123456789012345678901234567890123456789012345678901234567890123", "3:11: tenants[0].name", "too long|63" },
	{ 4, "    id: contoso.example", "4:9: tenants[0].id", "domain, not a GUID|Directory (tenant) ID" },
	{ 4, "    id: 11111111-2222-3333-4444-55555555555", "4:9: tenants[0].id", "not a GUID|Entra" },
	{ 4, "    id: 11111111-2222-3333-4444-5555555555555", "4:9: tenants[0].id", "not a GUID|Entra" },
	{ 4, "    id: g1111111-2222-3333-4444-555555555555", "4:9: tenants[0].id", "not a GUID|Entra" },
	{ TENANT, "+    publisher: me", "9:16: tenants[0].publisher", "not a GUID|Entra" },
	{ TENANT, "+    organization: contoso", "9:19: tenants[0].organization", "not a domain|contoso.example" },
	{ TENANT, "+    cloud: gcchigh", "9:12: tenants[0].cloud", "not a choice|did you mean gcc-high?" },
	{ TENANT, "+    cloud: custom", "3:5: tenants[0].endpoints", "is missing|login and management" },
	{ TENANT, "+    cloud: custom\n    endpoints: {login: https://login.example}", "10:5: tenants[0].endpoints.management",
	  "is missing|https://management.example" },
	{ TENANT, "+    endpoints: {login: https://login.example, management: https://m.example}", "9:5: tenants[0].endpoints",
	  "only for cloud: custom|take it out" },
	{ TENANT, "+    cloud: custom\n    endpoints: {login: https://login.example/x, management: https://m.example}",
	  "10:24: tenants[0].endpoints.login", "has a path|https://host.example:port" },
	{ TENANT, "+    cloud: custom\n    endpoints: {login: http://login.example, management: https://m.example}",
	  "10:24: tenants[0].endpoints.login", "in the clear|use https" },
	{ 8, "    feeds: audit.exchange", "8:12: tenants[0].feeds", "not a list|[audit.exchange" },
	{ 8, "    feeds: [audit.exchnage]", "8:13: tenants[0].feeds[0]", "not a feed|did you mean audit.exchange?" },
	{ 8, "    feeds: [Audit.AzureActiveDirectory]", "8:13: tenants[0].feeds[0]", "not a feed|did you mean audit.entra?" },
	{ 8, "    feeds: [audit.dlp, DLP.All]", "8:24: tenants[0].feeds[1]", "not a feed|did you mean audit.dlp?" },
	{ 8, "    feeds: [everything-there-is]", "8:13: tenants[0].feeds[0]", "not a feed|there are audit.*" },
	{ 8, "    feeds: [audit.*]", "8:13: tenants[0].feeds[0]", "is a pattern|name each feed" },
	{ 8, "    feeds: [audit.entra, audit.entra]", "8:26: tenants[0].feeds[1]", "listed twice|take one out" },
	{ TENANT, "+    start: 8d", "9:12: tenants[0].start", "more than Microsoft keeps for audit.exchange|at most 7d" },
	{ TENANT, "+    start: 169h", "9:12: tenants[0].start", "more than Microsoft keeps|at most 7d" },
	{ 8, "    feeds: [directory.audit, audit.dlp]\n    start: 8d", "9:12: tenants[0].start", "keeps for audit.dlp|at most 7d" },
	{ 8, "    feeds: [directory.audit]\n    cloud: custom\n    endpoints: {login: https://l.example, management: https://m.example}",
	  "10:5: tenants[0].endpoints.graph", "is missing|https://graph.example" },
	{ TENANT, "+    start: 31d", "9:12: tenants[0].start", "too much|at most 30d" },
	{ TENANT, "+  - name: contoso\n    id: 21111111-2222-3333-4444-555555555555\n    feeds: [audit.dlp]\n"
	  "    auth: {client_id: x, client_secret: 'file:@/secret'}", "9:11: tenants[1].name", "tenant in line 3 too|its own" },
	{ TENANT, "+  - name: fabrikam\n    id: 11111111-2222-3333-4444-555555555555\n    feeds: [audit.dlp]\n"
	  "    auth: {client_id: x, client_secret: 'file:@/secret'}", "10:9: tenants[1].id", "tenant in line 3 too|feeds there" },
	{ TENANT, "+  - contoso", "9:5: tenants[1]", "not a group of keys|- name: NAME" },

	/* secrets and files */
	{ 7, "      client_secret: s3cr3t-value", "7:22: tenants[0].auth.client_secret", "do not stand in the configuration|file:/path" },
	{ 7, "      client_secret: [file:@/secret]", "7:22: tenants[0].auth.client_secret", "is a list|file:/etc" },
	{ 7, "      client_secret: file:secret", "7:22: tenants[0].auth.client_secret", "must be absolute|file:/etc" },
	{ 7, "      client_secret: file:@/nothing", "7:22: tenants[0].auth.client_secret", "No such file|mode 0600" },
	{ 7, "      client_secret: file:@/loose", "7:22: tenants[0].auth.client_secret", "mode 0644|chmod 0600" },
	{ 7, "      client_secret: file:@/link", "7:22: tenants[0].auth.client_secret", "link|name the file itself" },
	{ 7, "      client_secret: file:@/empty", "7:22: tenants[0].auth.client_secret", "empty|" },
	{ 7, "      client_secret: file:/tmp", "7:22: tenants[0].auth.client_secret", "not a regular file|" },
	{ 7, "      client_secret: env:CONF_TEST_UNSET", "7:22: tenants[0].auth.client_secret", "not set|file:/path" },
	{ 7, "      client_secret: credential:entra", "7:22: tenants[0].auth.client_secret", "CREDENTIALS_DIRECTORY|LoadCredential=entra" },
	{ 7, "      client_secret: ${CONF_TEST_SECRET}", "7:22: tenants[0].auth.client_secret", "do not stand in|credential:NAME" },
	{ 7, "      client_secret: file:${CONF_TEST_ID}", "7:22: tenants[0].auth.client_secret", "must be absolute|" },
	{ 7, "      certificate: file:@/secret\n      key: file:@/secret", "7:7: tenants[0].auth.certificate", "later version|take it out" },
	{ 7, "      federated_token: file:@/secret", "7:7: tenants[0].auth.federated_token", "later version|take it out" },
	{ 7, "      managed_identity: true", "7:7: tenants[0].auth.managed_identity", "later version|take it out" },
	{ 7, "+      certificate: file:@/secret", "8:7: tenants[0].auth.certificate", "stands beside client_secret in line 7|keep one" },
	{ BULK, "+    api_key: s3cr3t-value", "16:14: outputs[1].api_key", "do not stand in|env:NAME" },
	{ BULK, "+    ca_file: /nowhere/ca.pem", "16:14: outputs[1].ca_file", "cannot be read|correct the path" },
	{ BULK, "+    ca_file: @/notes.txt", "16:14: outputs[1].ca_file", "no PEM block|openssl" },
	{ BULK, "+    ca_file: /tmp", "16:14: outputs[1].ca_file", "not a regular file|PEM" },
	{ BULK, "+    ca_file: ca.pem", "16:14: outputs[1].ca_file", "not an absolute path|begin it with /" },
	{ TENANT, "+    ca_file: @/nothing.pem", "9:14: tenants[0].ca_file", "cannot be read|correct the path" },
	{ BULK, "+    client_certificate: @/ca.pem", "13:5: outputs[1].client_key", "is missing|client_certificate goes with it" },
	{ BULK, "+    client_key: @/key.pem", "13:5: outputs[1].client_certificate", "is missing|client_key goes with it" },
	{ BULK, "+    client_certificate: @/ca.pem\n    client_key: @/loose.pem", "17:17: outputs[1].client_key", "within reach of others|0600" },
	{ BULK, "+    client_certificate: @/ca.pem\n    client_key: @/key-link", "17:17: outputs[1].client_key", "it is a link|name the file" },
	{ TENANT, "+    proxy: http://user:s3cr3t-value@proxy.example:3128", "9:12: tenants[0].proxy", "user and password|secret file" },
	{ TENANT, "+    proxy: proxy.example:3128", "9:12: tenants[0].proxy", "not a URL|" },
	{ TENANT, "+    proxy: http://proxy.example", "9:12: tenants[0].proxy", "no port|3128" },
	{ TENANT, "+    proxy: socks5://proxy.example:1080", "9:12: tenants[0].proxy", "not spoken|" },
	{ TENANT, "+    proxy: file:@/secret", "9:12: tenants[0].proxy", "what the secret holds is not a URL|" },
	{ TENANT, "+    proxy: file:@/loose", "9:12: tenants[0].proxy", "mode 0644|chmod 0600" },

	/* ${VAR} */
	{ 4, "    id: ${CONF_TEST_UNSET}", "4:9: tenants[0].id", "${CONF_TEST_UNSET} is not set|write the value here" },
	{ 4, "    id: ${CONF_TEST_EMPTY}", "4:9: tenants[0].id", "has no value|GUID" },
	{ 4, "    id: ${CONF_TEST_ID", "4:9: tenants[0].id", "no } after it|$${" },
	{ 4, "    id: ${CONF TEST}", "4:9: tenants[0].id", "no variable's name|$${" },
	{ 12, "    path: /srv/${CONF_TEST_LINES}", "12:11: outputs[0].path", "line break|take it out" },

	/* URLs */
	{ 15, "    url: http://elastic.example:9200", "15:10: outputs[1].url", "in the clear|use https" },
	{ 15, "    url: http://127.0.0.1.example", "15:10: outputs[1].url", "in the clear|use https" },
	{ 15, "    url: http://localhost.example", "15:10: outputs[1].url", "in the clear|use https" },
	{ 15, "    url: http://128.0.0.1", "15:10: outputs[1].url", "in the clear|use https" },
	{ 15, "    url: http://127.1:9200", "15:10: outputs[1].url", "neither a host name nor an address|" },
	{ 15, "    url: http://0x7f000001", "15:10: outputs[1].url", "neither a host name nor an address|" },
	{ 15, "    url: 'http://[::2]:9200'", "15:10: outputs[1].url", "in the clear|use https" },
	{ 15, "    url: elastic.example:9200", "15:10: outputs[1].url", "not a URL|https://" },
	{ 15, "    url: ftp://elastic.example", "15:10: outputs[1].url", "not spoken|https" },
	{ 15, "    url: https://user:s3cr3t-value@elastic.example", "15:10: outputs[1].url", "user and password|use the keys" },
	{ 15, "    url: https://elastic.example?x=1", "15:10: outputs[1].url", "query|take it out" },
	{ 15, "    url: 'https://elastic.example/#x'", "15:10: outputs[1].url", "fragment|take it out" },
	{ 15, "    url: https://elastic.example:0", "15:10: outputs[1].url", "no port|65535" },
	{ 15, "    url: 'https://elastic.example:'", "15:10: outputs[1].url", "no port|65535" },
	{ 15, "    url: https://elastic.example:09200", "15:10: outputs[1].url", "no port|65535" },
	{ 15, "    url: https://", "15:10: outputs[1].url", "no host|https://" },
	{ 15, "    url: https://-x.example", "15:10: outputs[1].url", "odd part|" },
	{ 15, "    url: https://exa mple", "15:10: outputs[1].url", "a blank|take it out" },
	{ 15, "    url: https://elastic.example/a/../b", "15:10: outputs[1].url", "..|write the path out" },
	{ 15, "    url: https://elastic.example/%2e", "15:10: outputs[1].url", "%|plainly" },
	{ 15, "    url: [https://a.example, http://b.example]", "15:30: outputs[1].url[1]", "in the clear|use https" },
	{ 15, "    url: [https://a.example, https://a.example/]", "15:30: outputs[1].url[1]", "listed twice|take one out" },
	{ 15, "    url: 'https://[2001:db8::g]'", "15:10: outputs[1].url", "no IPv6 address|" },

	/* outputs */
	{ 13, "  - name: files", "13:11: outputs[1].name", "output in line 10 too|its own" },
		{ 11, "    type: elasticsearch", "11:11: outputs[0].type", "not a choice|bulk, file or hec" },
	{ 11, "    type: files", "11:11: outputs[0].type", "not a choice|did you mean file?" },
	{ FILES, "+    schema: cim", "13:13: outputs[0].schema", "later version|raw, ecs, native or ecs-raw" },
	{ FILES, "+    schema: ocsf", "13:13: outputs[0].schema", "later version|raw, ecs, native or ecs-raw" },
	{ BULK, "+    schema: raw", "16:13: outputs[1].schema", "for outputs of type file|write ecs" },
	{ BULK, "+    compat: elastik", "16:13: outputs[1].compat", "not a choice|did you mean elastic?" },
	{ BULK, "+    schema: ecs-raw\n    compat: elastic", "17:5: outputs[1].compat", "schema ecs only" },
	{ FILES, "+    compat: ours", "13:5: outputs[0].compat", "schema ecs only" },
	{ FILES, "+    preserve_original_event: true", "13:5: outputs[0].preserve_original_event", "schema ecs only" },
	{ BULK, "+    schema: native", "16:13: outputs[1].schema", "for outputs of type hec|write ecs" },
	{ FILES, "+    schema: native", "13:13: outputs[0].schema", "for outputs of type hec|raw or ecs" },
	{ BULK, "+  - {name: s, type: hec, url: 'https://s.example:8088'}", "16:5: outputs[2].token", "is missing|file:" },
	{ BULK, "+  - {name: s, type: hec, token: 'file:@/secret'}", "16:5: outputs[2].url", "is missing|https://" },
	{ BULK, HEC ", schema: raw}", "16:112: outputs[2].schema", "for outputs of type file|write native" },
	{ BULK, HEC ", schema: ecs}", "16:112: outputs[2].schema", "for outputs of type bulk or file|write native" },
	{ BULK, HEC ", ack: maybe}", "16:109: outputs[2].ack", "not a choice|auto, on or off" },
	{ BULK, HEC ", ack_timeout: 20ms}", "16:117: outputs[2].ack_timeout", "too little|at least 1s" },
	{ BULK, HEC ", api_key: 'file:@/secret'}", "16:104: outputs[2].api_key", "not for outputs of type hec|only for bulk" },
	{ BULK, HEC ", source: \"a\\nb\"}", "16:112: outputs[2].source", "control byte|take it out" },
	{ BULK, "+  - {name: s, type: hec, token: 'file:@/secret', url: 'https://s.example/services/collector/raw'}",
	    "16:78: outputs[2].url", "takes no events|/services/collector/event" },
	{ FILES, "+    on_full: drop", "13:14: outputs[0].on_full", "not a choice|block or drop_oldest" },
	{ FILES, "+    drop: FileAccessed", "13:11: outputs[0].drop", "not a list of conditions|- {operation: FileAccessed}" },
	{ FILES, "+    drop: [FileAccessed]", "13:12: outputs[0].drop[0]", "not a condition" },
	{ FILES, "+    drop: [{}]", "13:12: outputs[0].drop[0]", "not a condition" },
	{ FILES, "+    drop: [{operatoin: Send}]", "13:13: outputs[0].drop[0].operatoin", "did you mean operation?" },
	{ FILES, "+    drop: [{operatoin: Send}]\n    keep: [{user: x}]", "13:13: outputs[0].drop[0].operatoin", "did you mean operation?" },
	{ FILES, "+    drop: [{user: x}]\n    keep: [{operatoin: Send}]", "14:13: outputs[0].keep[0].operatoin", "did you mean operation?" },
	{ FILES, "+    keep: [{UserID: x}]", "13:13: outputs[0].keep[0].UserID", "did you mean UserId?|+UserID" },
	{ FILES, "+    keep: [{Zzzzzzzzz.a: x}]", "13:13: outputs[0].keep[0]", "no member|feed, operation, user" },
	{ FILES, "+    keep: [{ClientIP..a: x}]", "13:13: outputs[0].keep[0]", "not a member's name" },
	{ FILES, "+    drop: [{user: ''}]", "13:19: outputs[0].drop[0].user", "has no value" },
	{ FILES, "+    drop: [{user: []}]", "13:19: outputs[0].drop[0].user", "is empty" },
	{ FILES, "+    drop: [{user: [a, {b: c}]}]", "13:23: outputs[0].drop[0].user[1]", "not a value" },
	{ FILES, "+    drop: [{feed: audit.exchnge}]", "13:19: outputs[0].drop[0].feed", "not a feed|did you mean audit.exchange?" },
	{ FILES, "+    drop: [{operation: '*'}]\n    keep: [{operation: Send, user: a@x.example}]", "14:12: outputs[0].keep[0]",
	    "keeps nothing|drop in line 13" },
	{ FILES, "+    drop: [{user: x}, {operation: Send}]\n    keep: [{operation: Set-Mailbox}, {operation: send}]", "14:38: outputs[0].keep[1]",
	    "keeps nothing" },
	{ FILES, "+    add: {labels.site: x}", "13:5: outputs[0].add", "schema ecs or type hec only" },
	{ BULK, "+    add: {event.site: x}", "16:11: outputs[1].add", "the mapping fills|labels.site" },
	{ BULK, "+    add: {labels: x, labels.a: y}", "16:22: outputs[1].add", "a value and a group" },
	{ BULK, "+    add: {'labels. a': y}", "16:11: outputs[1].add", "not a field's name" },
	{ BULK, "+    add: {labels.a: [y]}", "16:21: outputs[1].add", "has no value" },
	{ BULK, "+    add: x", "16:10: outputs[1].add", "not a group of fields" },
	{ BULK, "+    redact: DetectedValues", "16:13: outputs[1].redact", "not a list|[DetectedValues]" },
	{ BULK, "+    redact: [DetectedValue]", "16:14: outputs[1].redact", "did you mean DetectedValues?" },
	{ BULK, "+    redact: [Item.Subject]", "16:14: outputs[1].redact", "last name alone" },
	{ FILES, "+    start_at: begin", "13:15: outputs[0].start_at", "not a choice|now or oldest" },
	{ FILES, "+    feeds: [audit.dlp]", "13:13: outputs[0].feeds[0]", "matches no feed of any tenant|add the feed" },
	{ FILES, "+    feeds: [signin.*]", "13:13: outputs[0].feeds[0]", "matches no feed of any tenant|take it out" },
	{ FILES, "+    feeds: [audit.exch]", "13:13: outputs[0].feeds[0]", "not a feed|did you mean" },
	{ FILES, "+    feeds: []", "13:12: outputs[0].feeds", "is empty|[audit.*]" },
	{ FILES, "+    feeds: all", "13:12: outputs[0].feeds", "not a list|[audit.*]" },
	{ FILES, "+  - {name: more, type: file, path: /srv/archive}", "13:36: outputs[1].path", "output in line 10|its own" },
	{ FILES, "+  - {name: more, type: file, path: //srv//archive/}", "13:36: outputs[1].path", "same directory|its own" },
	{ FILES, "+  - {name: more, type: file, path: /srv/archive/more}", "13:36: outputs[1].path", "inside|its own" },
	{ FILES, "+  - {name: more, type: file, path: /srv}", "13:36: outputs[1].path", "around|its own" },
	{ 12, "    path: /var/lib/m365fwd/", "12:11: outputs[0].path", "state_dir itself|of its own" },
	{ BULK, "+    username: m365", "13:5: outputs[1].password", "is missing|username goes with it" },
	{ BULK, "+    password: file:@/secret", "13:5: outputs[1].username", "is missing|password goes with it" },
	{ BULK, "+    username: file:@/secret\n    password: file:@/secret", "16:15: outputs[1].username", "colon|as it is" },
	{ BULK, "+    api_key: file:@/api-key\n    bearer: file:@/secret", "17:5: outputs[1].bearer", "beside api_key in line 16|keep one" },
	{ BULK, "+    api_key: file:@/api-key\n    username: u\n    password: file:@/secret", "17:5: outputs[1].username",
	  "beside api_key in line 16|keep one" },
	{ BULK, "+    index: a\n    namespace: b", "17:5: outputs[1].namespace", "beside index in line 16|keep one" },
	{ BULK, "+    index: M365", "16:12: outputs[1].index", "capital letter|lower case" },
	{ BULK, "+    index: _m365", "16:12: outputs[1].index", "begins with|letter" },
	{ BULK, "+    index: m365 audit", "16:12: outputs[1].index", "refuses|lower case" },
	{ BULK, "+    namespace: a-b", "16:16: outputs[1].namespace", "separates|_" },
	{ BULK, "+    pinned_spki: sha256//short=", "16:18: outputs[1].pinned_spki", "not sha256//|openssl" },
	{ BULK, "+    compress: zstd", "16:15: outputs[1].compress", "not a choice|none or gzip" },
	{ BULK, "+    concurrency: 17", "16:18: outputs[1].concurrency", "too much|at most 16" },
	{ BULK, "+    batch: {bytes: 5}", "16:20: outputs[1].batch.bytes", "no unit|5MiB" },
	{ BULK, "+    batch: {linger: 1d}", "16:21: outputs[1].batch.linger", "too much|at most 10m" },
	{ BULK, "+    headers: [a]", "16:14: outputs[1].headers", "not a group of keys|NAME: VALUE" },
	{ BULK, "+    headers: {Authorization: ApiKey s3cr3t-value}", "16:15: outputs[1].headers.Authorization", "not taken|api_key" },
	{ BULK, "+    headers: {HOST: x}", "16:15: outputs[1].headers.HOST", "m365fwd itself|leave it out" },
	{ BULK, "+    headers: {content-type: x}", "16:15: outputs[1].headers.content-type", "m365fwd itself|leave it out" },
	{ BULK, "+    headers: {Transfer-Encoding: x}", "16:15: outputs[1].headers.Transfer-Encoding", "m365fwd itself|leave it out" },
	{ BULK, "+    headers: {X-A: \"a\\r\\nX-B: b\"}", "16:15: outputs[1].headers.X-A", "line break|take it out" },
	{ BULK, "+    headers: {'X A': a}", "16:15: outputs[1].headers.X A", "no header's name|letters" },
	{ BULK, "+    headers: {X-A: a, x-a: b}", "16:23: outputs[1].headers.x-a", "given twice|keep one" },
	{ BULK, "+    headers: {X-A: ' '}", "16:15: outputs[1].headers.X-A", "no value|leave the header out" },
};

static const char *
next_line(const char *p)
{
	const char	*end = strchr(p, '\n');

	return end != NULL ? end + 1 : p + strlen(p);
}

/* Is there a line "FILE:at: ...words...words..."? */
static int
says(const char *errors, const char *at, const char *words)
{
	char	 begin[300], half[200];
	size_t	 n = strcspn(words, "|");
	int	 found = 0;

	snprintf(begin, sizeof(begin), "%s:%s", path_of("m365fwd.yaml"), at);
	snprintf(half, sizeof(half), "%.*s", (int)n, words);
	for (const char *p = errors; *p != '\0' && !found; p = next_line(p)) {
		char	*line = xstrndup(p, strcspn(p, "\n"));

		found = strncmp(line, begin, strlen(begin)) == 0 && strstr(line, half) != NULL &&
		    strstr(line, words + n + (words[n] == '|')) != NULL;
		free(line);
	}
	return found;
}

static size_t
count_lines(const char *s)
{
	size_t	 n = 0;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return n;
}

static void
every_mistake_is_said_where_it_stands_and_with_a_way_out(void **state)
{
	size_t	 wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf	 errors = { 0 };
		struct err	 e = { 0 };
		struct conf	*c = load(bad[i].line, bad[i].text, &errors, &e);

		if (c != NULL || e.kind != ERR_CONFIG || !says(buf_str(&errors), bad[i].at, bad[i].words) ||
		    strstr(buf_str(&errors), "s3cr3t") != NULL || strstr(e.text, "error") == NULL) {
			print_error("row %zu (%s): wanted %s: %s\ngot:\n%s%s\n", i, bad[i].text, bad[i].at, bad[i].words,
			    buf_str(&errors), e.text);
			wrong++;
		}
		conf_free(c);
		buf_clear(&errors);
	}
	assert_true(sizeof(bad) / sizeof(bad[0]) >= 80);
	assert_int_equal(wrong, 0);
}

static void
one_mistake_makes_one_line(void **state)
{
	size_t	 wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf	 errors = { 0 };
		struct err	 e = { 0 };

		/* in these one mistake is two: something lacks, or is not had, as well */
		if (bad[i].line == 0 || strstr(bad[i].text, "certificate: file:") != NULL || strstr(bad[i].text, "_token:") != NULL ||
		    strstr(bad[i].text, "managed_identity") != NULL)
			continue;
		conf_free(load(bad[i].line, bad[i].text, &errors, &e));
		if (count_lines(buf_str(&errors)) != 1) {
			print_error("row %zu (%s): more than one line:\n%s", i, bad[i].text, buf_str(&errors));
			wrong++;
		}
		buf_clear(&errors);
	}
	assert_int_equal(wrong, 0);
}

static void
all_mistakes_of_a_file_come_in_one_run_and_in_its_order(void **state)
{
	static const char *const	 wanted[] = { "1:12: state_dir", "3:1: pol:", "6:11: tenants[0].name", "7:9: tenants[0].id",
	    "8:5: tenants[0].auth.client_id", "8:5: tenants[0].auth.client_secret", "9:13: tenants[0].feeds[0]", "11:5: outputs[0].url",
	    "13:5: outputs[0].insecure" };
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };
	const char	*p;

	(void)state;
	assert_null(load(0, "state_dir: here\n# a line\npol: {}\n\ntenants:\n  - name: Contoso\n    id: 7\n    auth: {}\n"
	    "    feeds: [exchange]\noutputs:\n  - name: a\n    type: bulk\n    insecure: yes\n", &errors, &e));
	p = buf_str(&errors);
	assert_int_equal(count_lines(p), sizeof(wanted) / sizeof(wanted[0]));
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++, p = next_line(p)) {
		const char	*file = path_of("m365fwd.yaml");

		assert_int_equal(strncmp(p, file, strlen(file)), 0);
		if (strncmp(p + strlen(file) + 1, wanted[i], strlen(wanted[i])) != 0)
			fail_msg("line %zu is %.100s, not %s", i, p, wanted[i]);
	}
	assert_non_null(strstr(e.text, "9 errors"));
	buf_clear(&errors);
}

static void
names_are_compared_across_case(void **state)
{
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };

	(void)state;
	assert_null(load(13, "  - name: FILES", &errors, &e));
	assert_true(says(buf_str(&errors), "13:11: outputs[1].name", "output in line 10 too|its own"));
	buf_clear(&errors);
}

static void
a_file_that_is_not_there_or_no_configuration_is_said_so(void **state)
{
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };
	char		*big = xmalloc((1u << 20) + 2);

	(void)state;
	assert_null(conf_load(path_of("nothing.yaml"), &errors, &e));
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_non_null(strstr(e.text, "no such file"));
	assert_non_null(strstr(e.text, "-c FILE"));
	assert_null(conf_load(folder, &errors, &e));
	assert_non_null(strstr(e.text, "is a directory"));
	memset(big, '#', (1u << 20) + 1);
	write_file("big.yaml", big, (1u << 20) + 1, 0644);
	assert_null(conf_load(path_of("big.yaml"), &errors, &e));
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_non_null(strstr(e.text, "over 1 MiB"));
	free(big);
	buf_clear(&errors);
}

/* A thousand keys that are none, and a hundred thousand values: an end, and soon. */
static void
a_flood_of_mistakes_has_an_end(void **state)
{
	struct buf	 text = { 0 }, errors = { 0 };
	struct err	 e = { 0 };

	(void)state;
	for (int i = 0; i < 250; i++)
		buf_addf(&text, "key%d: 1\n", i);
	write_file("flood.yaml", text.bytes, text.len, 0644);
	assert_null(conf_load(path_of("flood.yaml"), &errors, &e));
	assert_non_null(strstr(e.text, "252 errors"));
	assert_non_null(strstr(buf_str(&errors), "and 52 more"));
	buf_reset(&errors);
	for (int i = 0; i < 10000; i++)
		buf_addf(&text, "key%d: 1\n", i + 1000);
	write_file("flood.yaml", text.bytes, text.len, 0644);
	assert_null(conf_load(path_of("flood.yaml"), &errors, &e));
	assert_non_null(strstr(buf_str(&errors), "over 256 keys"));
	buf_reset(&errors);
	buf_reset(&text);
	buf_adds(&text, "a: [");
	for (int i = 0; i < 200000; i++)
		buf_adds(&text, "1, ");
	write_file("flood.yaml", text.bytes, text.len, 0644);
	assert_null(conf_load(path_of("flood.yaml"), &errors, &e));
	assert_non_null(strstr(buf_str(&errors), "over 100000 values"));
	buf_clear(&errors);
	buf_clear(&text);
}

static void
what_stands_in_the_file_does_not_move_the_cursor(void **state)
{
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };

	(void)state;
	assert_null(load(16, "\"\\e[2Jspool\": 1\nlog: {level: \"\\e]0;x\\a\"}", &errors, &e));
	assert_int_equal(count_lines(buf_str(&errors)), 2);
	for (size_t i = 0; i < errors.len; i++)
		assert_true(errors.bytes[i] == '\n' || ((unsigned char)errors.bytes[i] >= 0x20 && errors.bytes[i] != 0x7f));
	buf_clear(&errors);
}

static void
at_most_64_outputs_are_taken(void **state)
{
	struct buf	 more = { 0 }, errors = { 0 };
	struct err	 e = { 0 };
	struct conf	*c;

	(void)state;
	buf_addc(&more, '+');
	for (int i = 2; i < 64; i++)
		buf_addf(&more, "%s  - {name: f%d, type: file, path: /srv/f%d}", i == 2 ? "" : "\n", i, i);
	c = load_sound(15, buf_str(&more));
	assert_int_equal(c->n_outputs, 64);
	conf_free(c);
	buf_adds(&more, "\n  - {name: f64, type: file, path: /srv/f64}");
	assert_null(load(15, buf_str(&more), &errors, &e));
	assert_true(says(buf_str(&errors), "78:5: outputs[64]", "one output too many|at most 64"));
	buf_clear(&errors);
	buf_clear(&more);
}

static void
output_paths_are_compared_with_links_followed(void **state)
{
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };
	char		*to = xstrdup(path_of("there")), *link_path = xstrdup(path_of("here"));

	(void)state;
	assert_int_equal(mkdir(to, 0700), 0);
	assert_int_equal(symlink(to, link_path), 0);
	assert_null(load(FILES, "    path: @/there/a\n  - {name: more, type: file, path: '@/here/a'}", &errors, &e));
	assert_true(says(buf_str(&errors), "13:36: outputs[1].path", "same directory|its own"));
	buf_clear(&errors);
	free(to);
	free(link_path);
}

/* ---- what is taken --------------------------------------------------------------------------------------------------- */

static void
an_output_for_splunk_is_taken_with_all_its_keys(void **state)
{
	struct conf		*c = load_sound(BULK, "    url: https://b.example\n"
	    "  - {name: s, type: hec, url: ['https://s1.example:8088/', 'https://s2.example/services/collector'], token: 'file:@/secret'}\n"
	    "  - {name: t, type: hec, url: 'https://s.example', token: 'file:@/secret', schema: native, index: m365_audit, ack: on,\n"
	    "     ack_timeout: 2m, source: 'over here', sourcetype: 'a:b', host: h.example, batch: {bytes: 2MB}, compress: none, concurrency: 3}\n");
	const struct conf_output *s = &c->outputs[2], *t = &c->outputs[3];

	(void)state;
	assert_int_equal(s->type, CONF_HEC);
	assert_int_equal(s->schema, CONF_NATIVE);
	assert_string_equal(s->urls.items[0], "https://s1.example:8088");
	assert_string_equal(s->urls.items[1], "https://s2.example/services/collector");
	assert_non_null(strstr(s->token, "/secret"));
	assert_int_equal(s->ack, CONF_ACK_AUTO);
	assert_int_equal(s->ack_timeout_ms, 300000);
	assert_int_equal(s->batch_bytes, 1000000);
	assert_int_equal(s->concurrency, 1);
	assert_int_equal(s->gzip, 1);
	assert_null(s->index);
	assert_null(s->source);
	assert_null(s->sourcetype);
	assert_null(s->host);
	assert_int_equal(t->ack, CONF_ACK_ON);
	assert_int_equal(t->ack_timeout_ms, 120000);
	assert_string_equal(t->index, "m365_audit");
	assert_string_equal(t->source, "over here");
	assert_string_equal(t->sourcetype, "a:b");
	assert_string_equal(t->host, "h.example");
	assert_int_equal(t->gzip, 0);
	assert_int_equal(t->concurrency, 3);
	conf_free(c);
}

static void
conditions_constants_and_members_are_read_as_they_stand(void **state)
{
	struct conf		*c = load_sound(0, "tenants:\n  - name: contoso\n    id: ABCDEF00-2222-3333-4444-555555555555\n"
	    "    auth: {client_id: app, client_secret: 'file:@/secret'}\n    feeds: [audit.dlp]\n"
	    "outputs:\n  - name: b\n    type: bulk\n    url: 'https://e.example:9200/'\n"
	    "    drop:\n      - {operation: [A, B*], user: u}\n      - {+NewThing.x: '1'}\n    keep: [{feed: 'audit.*'}]\n"
	    "    add: {labels.site: berlin, customer: 7}\n    redact: [DetectedValues, '+Fresh']\n"
	    "  - {name: f, type: file, path: /srv/a}\n  - {name: g, type: file, path: /srv/g, schema: ecs, redact: []}\n"
	    "  - {name: h, type: file, path: /srv/h, schema: ecs}\n");
	const struct conf_output *b = &c->outputs[0];

	(void)state;
	assert_int_equal(b->drop.n, 2);
	assert_int_equal(b->drop.items[0].n, 2);
	assert_string_equal(b->drop.items[0].all[0].field, "operation");
	assert_int_equal(b->drop.items[0].all[0].patterns.n, 2);
	assert_string_equal(b->drop.items[0].all[0].patterns.items[1], "B*");
	assert_string_equal(b->drop.items[0].all[1].patterns.items[0], "u");
	assert_string_equal(b->drop.items[1].all[0].field, "NewThing.x");
	assert_string_equal(b->keep.items[0].all[0].field, "feed");
	assert_int_equal(b->add.n, 4);
	assert_string_equal(b->add.items[0], "labels.site");
	assert_string_equal(b->add.items[3], "7");
	assert_int_equal(b->redact.n, 2);
	assert_string_equal(b->redact.items[1], "Fresh");
	assert_int_equal(c->outputs[1].redact.n, 0);		/* raw keeps all */
	assert_int_equal(c->outputs[2].redact.n, 0);
	assert_int_equal(c->outputs[3].redact.n, 1);
	assert_string_equal(c->outputs[3].redact.items[0], "DetectedValues");
	conf_free(c);
}

static void
what_is_not_set_has_the_default_of_the_contract(void **state)
{
	struct conf		*c = load_sound(0, "tenants:\n  - name: contoso\n    id: ABCDEF00-2222-3333-4444-555555555555\n"
	    "    auth: {client_id: app, client_secret: 'file:@/secret'}\n    feeds: [audit.dlp]\n"
	    "outputs:\n  - {name: f, type: file, path: /srv/a}\n  - {name: b, type: bulk, url: 'https://e.example:9200/'}\n");
	const struct conf_tenant *t = &c->tenants[0];
	const struct conf_output *f = &c->outputs[0], *b = &c->outputs[1];
	static const int64_t	 looks[] = { 1, 24, 48, 166 };

	(void)state;
	assert_string_equal(c->state_dir, "/var/lib/m365fwd");
	assert_string_equal(c->admin_listen, "127.0.0.1:9365");
	assert_int_equal(c->n_tenants, 1);
	assert_string_equal(t->id, "abcdef00-2222-3333-4444-555555555555");
	assert_string_equal(t->cloud, "global");
	assert_string_equal(t->login, "https://login.microsoftonline.com");
	assert_string_equal(t->management, "https://manage.office.com");
	assert_string_equal(t->graph, "https://graph.microsoft.com");
	assert_string_equal(t->publisher, t->id);
	assert_int_equal(t->start_ms, DAY_MS);
	assert_int_equal(t->feeds.n, 1);
	assert_string_equal(t->feeds.items[0], "audit.dlp");
	assert_null(t->feeds.items[1]);
	assert_null(t->organization);
	assert_null(t->proxy);
	assert_null(t->ca_file);
	assert_int_equal(c->n_outputs, 2);
	assert_int_equal(f->type, CONF_FILE);
	assert_int_equal(f->schema, CONF_RAW);
	assert_int_equal(f->batch_linger_ms, 10000);
	assert_string_equal(f->path, "/srv/a");
	assert_int_equal(f->feeds.n, 0);
	assert_int_equal(b->type, CONF_BULK);
	assert_int_equal(b->schema, CONF_ECS);
	assert_string_equal(b->urls.items[0], "https://e.example:9200");
	assert_null(b->urls.items[1]);
	assert_string_equal(b->ns, "default");
	assert_null(b->index);
	assert_null(b->pipeline);
	assert_null(b->api_key);
	assert_null(b->proxy);
	assert_int_equal(b->gzip, 1);
	assert_int_equal(b->concurrency, 2);
	assert_int_equal(b->timeout_ms, 60000);
	assert_int_equal(b->batch_bytes, 5000000);
	assert_int_equal(b->batch_linger_ms, 1000);
	assert_int_equal(b->start_at_oldest, 0);
	assert_int_equal(b->on_full, CONF_BLOCK);
	assert_int_equal(c->spool_max, (int64_t)2 << 30);
	assert_int_equal(c->spool_reserve, 256 << 20);
	assert_int_equal(c->spool_on_full, CONF_BLOCK);
	assert_int_equal(c->dead_max, 256 << 20);
	assert_int_equal(c->poll_interval_ms, 60000);
	assert_int_equal(c->poll_settle_ms, 60000);
	assert_int_equal(c->poll_overlap_ms, 600000);
	assert_int_equal(c->poll_long_overlap_ms, 7200000);
	assert_int_equal(c->n_poll_looks, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(c->poll_looks_ms[i], looks[i] * 3600 * 1000);
	assert_int_equal(c->poll_concurrency, 8);
	assert_int_equal(c->poll_requests_per_minute, 2000);
	assert_int_equal(c->graph_interval_ms, 60000);
	assert_int_equal(c->graph_idle_interval_ms, 300000);
	assert_int_equal(c->graph_overlap_ms, 300000);
	assert_int_equal(c->graph_long_overlap_ms, 7200000);
	assert_int_equal(c->n_graph_looks, 2);
	assert_int_equal(c->graph_looks_ms[1], 3 * DAY_MS);
	assert_int_equal(c->dedup_window_ms, 8 * DAY_MS);
	assert_int_equal(c->dedup_max, (int64_t)4 << 30);
	assert_int_equal(c->record_max, 16 << 20);
	assert_int_equal(c->fetches, 16);
	assert_int_equal(c->log_level, LOG_INFO);
	assert_int_equal(c->log_format, LOG_TEXT);
	assert_int_equal(c->stop_timeout_ms, 20000);
	conf_free(c);
}

static void
what_is_set_arrives(void **state)
{
	struct conf		*c = load_sound(0, "state_dir: //srv/state//\nadmin: {listen: off}\ntenants:\n  - name: a.b_c-9\n"
	    "    id: 11111111-2222-3333-4444-555555555555\n    cloud: custom\n    endpoints:\n      login: http://127.0.0.1:81/\n"
	    "      management: 'http://[::1]:82'\n      graph: http://localhost:83\n"
	    "    auth: {client_id: app, client_secret: 'env:CONF_TEST_SECRET'}\n    feeds: [audit.entra, audit.dlp]\n    start: 7d\n"
	    "    publisher: 99999999-2222-3333-4444-555555555555\n    organization: contoso.example\n    ca_file: @/ca.pem\n"
	    "    proxy: file:@/proxy\n"
	    "outputs:\n  - name: b\n    batch: {bytes: 64KiB, linger: 500ms}\n    url: [https://a.example, 'https://b.example:1/x/y/']\n"
	    "    type: bulk\n    username: m365\n    password: file:@/secret\n    ca_file: @/ca.pem\n"
	    "    pinned_spki: sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=;sha256//BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB=\n"
	    "    client_certificate: @/ca.pem\n    client_key: @/key.pem\n    proxy: off\n    headers: {X-A: 'b c', X-D: 7}\n"
	    "    index: m365\n    pipeline: mine\n    feeds: ['audit.*']\n    start_at: oldest\n    on_full: block\n    compress: none\n"
	    "    concurrency: 4\n    timeout: 5s\nspool: {max: 2MiB, reserve: 0MiB}\npoll: {second_looks: [], requests_per_minute: 7}\n"
	    "log: {level: debug, format: json}\nstop_timeout: 0s\n");
	const struct conf_tenant *t = &c->tenants[0];
	const struct conf_output *b = &c->outputs[0];

	(void)state;
	assert_string_equal(c->state_dir, "/srv/state");
	assert_null(c->admin_listen);
	assert_string_equal(t->cloud, "custom");
	assert_string_equal(t->login, "http://127.0.0.1:81");
	assert_string_equal(t->management, "http://[::1]:82");
	assert_string_equal(t->graph, "http://localhost:83");
	assert_string_equal(t->client_secret, "env:CONF_TEST_SECRET");
	assert_string_equal(t->publisher, "99999999-2222-3333-4444-555555555555");
	assert_string_equal(t->organization, "contoso.example");
	assert_string_equal(t->proxy, "http://user:s3cr3t-value@proxy.example:3128");
	assert_int_equal(t->start_ms, 7 * DAY_MS);
	assert_int_equal(b->urls.n, 2);
	assert_string_equal(b->urls.items[1], "https://b.example:1/x/y");
	assert_string_equal(b->username, "m365");
	assert_string_equal(b->proxy, "");
	assert_int_equal(b->headers.n, 2);
	assert_string_equal(b->headers.items[0], "X-A: b c");
	assert_string_equal(b->headers.items[1], "X-D: 7");
	assert_null(b->headers.items[2]);
	assert_string_equal(b->index, "m365");
	assert_string_equal(b->pipeline, "mine");
	assert_int_equal(b->batch_bytes, 65536);
	assert_int_equal(b->batch_linger_ms, 500);
	assert_int_equal(b->start_at_oldest, 1);
	assert_int_equal(b->gzip, 0);
	assert_int_equal(b->concurrency, 4);
	assert_int_equal(b->timeout_ms, 5000);
	assert_int_equal(c->spool_max, 2 << 20);
	assert_int_equal(c->spool_reserve, 0);
	assert_int_equal(c->n_poll_looks, 0);
	assert_int_equal(c->poll_requests_per_minute, 7);
	assert_int_equal(c->log_level, LOG_DEBUG);
	assert_int_equal(c->log_format, LOG_JSON);
	assert_int_equal(c->stop_timeout_ms, 0);
	conf_free(c);
}

static void
a_cloud_brings_its_addresses(void **state)
{
	static const struct {
		const char	*cloud, *login, *management, *graph;
	} rows[] = {
		{ "gcc", "https://login.microsoftonline.com", "https://manage-gcc.office.com", "https://graph.microsoft.com" },
		{ "gcc-high", "https://login.microsoftonline.us", "https://manage.office365.us", "https://graph.microsoft.us" },
		{ "dod", "https://login.microsoftonline.us", "https://manage.protection.apps.mil", "https://dod-graph.microsoft.us" },
		{ "china", "https://login.partner.microsoftonline.cn", "https://manage.office365.cn",
		  "https://microsoftgraph.chinacloudapi.cn" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char		*line = xasprintf("+    cloud: %s", rows[i].cloud);
		struct conf	*c = load_sound(TENANT, line);

		assert_string_equal(c->tenants[0].cloud, rows[i].cloud);
		assert_string_equal(c->tenants[0].login, rows[i].login);
		assert_string_equal(c->tenants[0].management, rows[i].management);
		assert_string_equal(c->tenants[0].graph, rows[i].graph);
		conf_free(c);
		free(line);
	}
}

static void
variables_are_filled_in_but_not_in_secrets(void **state)
{
	struct conf	*c = load_sound(0, "tenants:\n  - name: contoso\n    id: ${CONF_TEST_ID}\n"
	    "    auth: {client_id: 'a$b$', client_secret: 'file:@/${X}'}\n    feeds: [audit.dlp]\n"
	    "outputs:\n  - {name: b, type: bulk, url: 'https://${CONF_TEST_HOST}:9200', headers: {X-A: '$${b} $$ ${CONF_TEST_HOST}'}}\n");

	(void)state;
	assert_string_equal(c->tenants[0].id, "11111111-2222-3333-4444-555555555555");
	assert_string_equal(c->tenants[0].client_id, "a$b$");
	assert_non_null(strstr(c->tenants[0].client_secret, "/${X}"));
	assert_string_equal(c->outputs[0].urls.items[0], "https://elastic.example:9200");
	assert_string_equal(c->outputs[0].headers.items[0], "X-A: ${b} $$ elastic.example");
	conf_free(c);
}

static void
what_is_spelled_otherwise_is_the_same(void **state)
{
	static const char *const	 lines[] = { "spool: {max: '1GiB'}", "spool:\n  max: 1GiB", "spool:", "admin: {}",
	    "log: {level: \"warn\"}", "limits: {fetches: \"7\"}" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		conf_free(load_sound(16, lines[i]));
	conf_free(load_sound(1, "---\nstate_dir: /var/lib/m365fwd"));
	conf_free(load_sound(1, "%YAML 1.1\n---\nstate_dir: /var/lib/m365fwd"));
	conf_free(load_sound(1, "\xef\xbb\xbfstate_dir: /var/lib/m365fwd"));
	conf_free(load_sound(15, "    url: http://127.9.9.9:9200"));
	conf_free(load_sound(15, "    url: http://LOCALHOST"));
	conf_free(load_sound(15, "    url: 'https://[2001:db8::1]:9200/a'"));
	conf_free(load_sound(15, "    url: https://192.0.2.7"));
	conf_free(load_sound(12, "    path: /srv/archive2\n  - {name: g, type: file, path: /srv/archive}"));
}

static void
a_pattern_takes_the_feeds_that_match(void **state)
{
	struct conf		*c = load_sound(FILES, "+    feeds: ['audit.ex*', audit.entra, '*.entra', '*']");
	struct conf_output	*o = &c->outputs[0];

	(void)state;
	assert_true(conf_wants(&c->outputs[1], "audit.dlp"));		/* no patterns: all */
	assert_true(conf_wants(o, "audit.dlp"));
	o->feeds.n = 3;
	assert_true(conf_wants(o, "audit.exchange"));
	assert_true(conf_wants(o, "audit.entra"));
	assert_false(conf_wants(o, "audit.general"));
	o->feeds.n = 4;
	assert_true(feed_match("a*.*e", "audit.exchange"));
	assert_true(feed_match("*a*", "alerts"));
	assert_false(feed_match("audit.", "audit.dlp"));
	assert_false(feed_match("", "alerts"));
	assert_false(feed_match("audit.*x", "audit.exchange"));
	assert_true(feed_match("alerts**", "alerts"));
	conf_free(c);
}

/* ---- commands that only look ----------------------------------------------------------------------------------------- */

static struct conf *
glance(const char *text, struct err *e)
{
	write_text("glance.yaml", text, 0644);
	return conf_glance(path_of("glance.yaml"), e);
}

static void
a_glance_needs_no_secret_and_minds_no_mistake_elsewhere(void **state)
{
	struct err	 e = { 0 };
	struct conf	*c = glance("state_dir: /srv/x\nfoo: 1\nspool: {max: nonsense}\ndead_letters: {max: 1MiB}\n"
	    "tenants:\n  - {name: NO, id: '${CONF_TEST_UNSET}', auth: {client_secret: credential:x}}\n", &e);

	(void)state;
	assert_non_null(c);
	assert_string_equal(c->state_dir, "/srv/x");
	assert_int_equal(c->spool_max, (int64_t)2 << 30);
	assert_int_equal(c->dead_max, 1 << 20);
	assert_int_equal(c->n_tenants, 0);
	conf_free(c);
	c = glance("outputs: []\n", &e);
	assert_string_equal(c->state_dir, "/var/lib/m365fwd");
	conf_free(c);
}

static void
a_glance_fails_only_without_a_state_directory(void **state)
{
	struct err	 e = { 0 };

	(void)state;
	assert_null(glance("state_dir: ${CONF_TEST_UNSET}\n", &e));
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_non_null(strstr(e.text, "1:12: state_dir: ${CONF_TEST_UNSET} is not set"));
	memset(&e, 0, sizeof(e));
	assert_null(glance("state_dir: [\n", &e));
	assert_non_null(strstr(e.text, "not YAML"));
	memset(&e, 0, sizeof(e));
	assert_null(conf_glance(path_of("nothing.yaml"), &e));
	assert_non_null(strstr(e.text, "no such file"));
}

/* ---- the table and what is made of it -------------------------------------------------------------------------------- */

static char *
source_file(const char *name)
{
	const char	*top = getenv("srcdir");
	char		*path = xasprintf("%s/%s", top != NULL ? top : ".", name), *text = xcalloc(1, 1 << 20);
	FILE		*f = fopen(path, "r");

	if (f == NULL)
		fail_msg("%s cannot be read (run from the top of the tree, or set srcdir)", path);
	else {
		assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
		fclose(f);
	}
	free(path);
	return text;
}

static int
is_group(const struct conf_option *o)
{
	return strcmp(o->type, "group") == 0 || strcmp(o->type, "items") == 0;
}

static void
every_row_has_a_kind_and_a_default_of_that_kind(void **state)
{
	static const char *const	 types[] = { "bulk", "file", "hec", NULL };	/* NULL: not known */
	size_t				 n;
	const struct conf_option	*rows = conf_options(&n);

	(void)state;
	assert_true(n > 80);
	for (size_t i = 0; i < n; i++) {
		char		 text[200];
		int64_t		 room[CONF_LOOKS + 1] = { 0 };
		const struct kind *k = kind_find(rows[i].type);

		assert_ptr_equal(option_find(rows[i].path), &rows[i]);		/* no path twice */
		assert_true(strlen(rows[i].help) > 10 && rows[i].help[strlen(rows[i].help) - 1] == '.');
		if (is_group(&rows[i]))
			continue;
		if (k == NULL)
			fail_msg("%s: no kind %s", rows[i].path, rows[i].type);
		for (size_t t = 0; t < 4 && (rows[i].flags & CONF_LATER) == 0; t++) {
			if (!option_standard(&rows[i], types[t], text, sizeof(text)))
				continue;
			if (value_standard(&rows[i], text, room) == -1)
				fail_msg("%s: its default %s is refused", rows[i].path, text);
			if (k->clear != NULL)
				k->clear(room);
			memset(room, 0, sizeof(room));
		}
	}
}

/*
 * The keys of a YAML text that is written as the sample is, with those behind '#' and no blank; the paths of its first
 * mentions, one a line, with "=value" behind when the line is behind a '#'.
 */
static void
keys_of(const char *text, struct buf *paths)
{
	struct {
		size_t	 indent;
		char	 name[64];
	} open[CONF_DEPTH];
	size_t	 depth = 0;

	for (const char *p = text; *p != '\0'; p = next_line(p)) {
		size_t		 indent = strspn(p, " "), len;
		const char	*q = p + indent;
		int		 off = *q == '#', item;
		struct buf	 path = { 0 };

		if (*q == '\0' || *q == '\n' || (off && (q[1] == ' ' || q[1] == '\n')))
			continue;
		q += off;
		item = strncmp(q, "- ", 2) == 0;
		q += item ? 2 : 0;
		indent += item ? 2 : 0;
		if ((len = strcspn(q, ":\n")), q[len] != ':')
			continue;		/* a list that goes on */
		while (depth > 0 && open[depth - 1].indent >= indent)
			depth--;
		assert_true(depth < CONF_DEPTH && len < 60);
		open[depth].indent = indent;
		snprintf(open[depth].name, sizeof(open[depth].name), "%.*s", (int)len, q);
		depth++;
		for (size_t i = 0; i < depth; i++)
			buf_addf(&path, "%s%s%s", i == 0 ? "" : ".", open[i].name,
			    i + 1 < depth && i == 0 && (strcmp(open[0].name, "tenants") == 0 || strcmp(open[0].name, "outputs") == 0) ? "[]" : "");
		buf_addf(&path, "\t");
		if (paths->len == 0 || strstr(buf_str(paths), buf_str(&path)) == NULL ||
		    (strstr(buf_str(paths), buf_str(&path)) != buf_str(paths) && strstr(buf_str(paths), buf_str(&path))[-1] != '\n')) {
			q += len + 1;
			q += strspn(q, " ");
			buf_adds(paths, buf_str(&path));
			if (off)
				buf_add(paths, q, strcspn(q, "\n"));
			buf_addc(paths, '\n');
		}
		buf_clear(&path);
	}
}

static void
the_sample_mentions_every_key_in_the_order_of_the_table_with_its_default(void **state)
{
	char				*sample = source_file("conf/m365fwd.yaml");
	struct buf			 paths = { 0 };
	size_t				 n;
	const struct conf_option	*rows = conf_options(&n);
	const char			*p;

	(void)state;
	keys_of(sample, &paths);
	p = buf_str(&paths);
	for (size_t i = 0; i < n; i++, p = next_line(p)) {
		size_t	 len = strcspn(p, "\t");
		char	*value = len < strlen(p) ? xstrndup(p + len + 1, strcspn(p + len + 1, "\n")) : xstrdup("");
		char	 standard[200], listed[210];

		if (strlen(rows[i].path) != len || strncmp(rows[i].path, p, len) != 0)
			fail_msg("the sample has %.*s where the table has %s", (int)len, p, rows[i].path);
		if (*value != '\0' && option_standard(&rows[i], "bulk", standard, sizeof(standard))) {
			snprintf(listed, sizeof(listed), "[%s]", standard);
			assert_string_equal(value, strcmp(rows[i].type, "durations") == 0 || strcmp(rows[i].type, "members") == 0 ? listed : standard);
		}
		free(value);
	}
	assert_string_equal(p, "");
	buf_clear(&paths);
	free(sample);
}

/* Where a text names /etc/m365fwd/ and credential:, it gets ours. */
static char *
with_our_files(const char *text)
{
	struct buf	 b = { 0 };
	const char	*p = text;

	while (*p != '\0') {
		static const char	 etc[] = "/etc/m365fwd/";

		if (strncmp(p, etc, strlen(etc)) == 0) {
			size_t	 n = strcspn(p + strlen(etc), " \n,)");
			int	 pem = n > 4 && strncmp(p + strlen(etc) + n - 4, ".pem", 4) == 0;

			buf_addf(&b, "%s/%s", folder, pem ? "ca.pem" : "secret");
			p += strlen(etc) + n;
		} else if (strncmp(p, "credential:", 11) == 0) {
			buf_addf(&b, "file:%s/secret", folder);
			p += strcspn(p, " \n");
		} else
			buf_addc(&b, *p++);
	}
	return buf_take(&b, NULL);
}

static void
sample_and_examples_are_sound(void **state)
{
	static const char *const	 names[] = { "conf/m365fwd.yaml", "conf/examples/quickstart.yaml", "conf/examples/elastic.yaml",
	    "conf/examples/two-outputs.yaml", "conf/examples/gcc-high.yaml", "conf/examples/splunk.yaml" };

	(void)state;
	setenv("M365FWD_TENANT_ID", "11111111-2222-3333-4444-555555555555", 1);
	setenv("M365FWD_CLIENT_ID", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char		*text = source_file(names[i]), *ours = with_our_files(text);
		struct buf	 errors = { 0 };
		struct err	 e = { 0 };
		struct conf	*c;

		write_text("sample.yaml", ours, 0644);
		if ((c = conf_load(path_of("sample.yaml"), &errors, &e)) == NULL)
			fail_msg("%s: %s%s", names[i], buf_str(&errors), e.text);
		conf_free(c);
		buf_clear(&errors);
		free(text);
		free(ours);
	}
}

/* With every # before an option taken away: only what excludes each other or comes later is refused. */
static void
options_of_the_sample_stand_where_they_belong(void **state)
{
	char		*text = source_file("conf/m365fwd.yaml"), *ours = with_our_files(text), *to = ours;
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };

	(void)state;
	for (const char *p = ours; *p != '\0'; p++)
		if (*p != '#' || p[1] == ' ' || p[1] == '\n' || (p != ours && p[-1] != ' ' && p[-1] != '\n'))
			*to++ = *p;
	*to = '\0';
	write_text("m365fwd.yaml", ours, 0644);
	assert_null(conf_load(path_of("m365fwd.yaml"), &errors, &e));
	assert_null(strstr(buf_str(&errors), "not YAML"));
	assert_null(strstr(buf_str(&errors), "not a key"));
	assert_null(strstr(buf_str(&errors), "given twice"));
	buf_clear(&errors);
	free(text);
	free(ours);
}

static void
the_schema_in_the_tree_is_the_one_that_the_table_makes(void **state)
{
	char		*text = source_file("conf/m365fwd.schema.json");
	struct buf	 made = { 0 };

	(void)state;
	conf_schema(&made);
	if (strcmp(text, buf_str(&made)) != 0)
		fail_msg("conf/m365fwd.schema.json is old; write it anew: m365fwd schema > conf/m365fwd.schema.json");
	buf_clear(&made);
	free(text);
}

static void
the_manual_tells_every_option_in_order_and_its_default(void **state)
{
	char				*text = source_file("doc/m365fwd.yaml.5");
	const char			*p = text;
	size_t				 n;
	const struct conf_option	*rows = conf_options(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char		*item = xasprintf("\n.It Ic %s", rows[i].path), standard[200], *said;
		const char	*at = strstr(p, item), *end;

		if (at == NULL || strchr(" \n", at[strlen(item)]) == NULL)
			fail_msg("m365fwd.yaml.5 lacks %s, or has it elsewhere", rows[i].path);
		p = at + 1;
		end = strstr(p, "\n.It");
		if (option_standard(&rows[i], NULL, standard, sizeof(standard))) {
			said = xasprintf("The default is %s", standard);
			if (strstr(p, said) == NULL || (end != NULL && strstr(p, said) > end))
				fail_msg("m365fwd.yaml.5: the default of %s is not %s", rows[i].path, standard);
			free(said);
		}
		free(item);
	}
	free(text);
}

static void
a_wrong_letter_finds_the_word_that_was_meant(void **state)
{
	static const char *const	 names[] = { "interval", "settle", "overlap", "long_overlap", "max", "id", "url" };
	static const struct {
		const char	*word, *meant;
	} rows[] = {
		{ "intervall", "interval" }, { "intreval", "interval" }, { "INTERVAL", "interval" }, { "long-overlap", "long_overlap" },
		{ "overlaps", "overlap" }, { "maxx", "max" }, { "urls", "url" }, { "xyz", NULL }, { "foo", NULL }, { "q", NULL },
		{ "", NULL }, { "something-quite-different", NULL },
		{ "a-word-that-is-longer-than-any-key-could-ever-be-in-here", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char	*got = near(rows[i].word, names, sizeof(names) / sizeof(names[0]));

		if ((got == NULL) != (rows[i].meant == NULL) || (got != NULL && strcmp(got, rows[i].meant) != 0))
			fail_msg("%s: %s", rows[i].word, got != NULL ? got : "nothing");
	}
}

/* A reload keeps what is the same. */
static void
a_difference_is_found_where_it_is(void **state)
{
	static const struct {
		unsigned	 line;
		const char	*text;
		int		 tenant, file, bulk, spool;	/* the same? */
	} rows[] = {
		{ 16, "spool: {max: 1GiB}", 1, 1, 1, 1 },
		{ 16, "spool: {max: 1024MiB}", 1, 1, 1, 1 },
		{ 16, "spool: {max: 2GiB}", 1, 1, 1, 0 },
		{ 3, "  - name: fabrikam", 0, 1, 1, 1 },
		{ 8, "    feeds: [audit.exchange, audit.entra, audit.dlp]", 0, 1, 1, 1 },
		{ 8, "+    start: 3d", 0, 1, 1, 1 },
		{ 8, "+    proxy: http://proxy.example:3128", 0, 1, 1, 1 },
		{ 12, "    path: /srv/other", 1, 0, 1, 1 },
		{ 12, "+    batch: {linger: 11s}", 1, 0, 1, 1 },
		{ 15, "    url: [https://elastic.example:9200, https://elastic.example:9201]", 1, 1, 0, 1 },
		{ 15, "+    headers: {X-A: b}", 1, 1, 0, 1 },
		{ 15, "+    compress: none", 1, 1, 0, 1 },
	};
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };
	struct conf	*a = load(1, base[0], &errors, &e);

	(void)state;
	assert_non_null(a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf	*b = load(rows[i].line, rows[i].text, &errors, &e);

		if (b == NULL)
			fail_msg("row %zu: %s", i, buf_str(&errors));
		if (conf_same_tenant(&a->tenants[0], &b->tenants[0]) != rows[i].tenant ||
		    conf_same_output(&a->outputs[0], &b->outputs[0]) != rows[i].file ||
		    conf_same_output(&a->outputs[1], &b->outputs[1]) != rows[i].bulk ||
		    conf_same(a, b, "spool.") != rows[i].spool || !conf_same(a, b, "poll."))
			fail_msg("row %zu (%s): a difference was missed, or found in the wrong place", i, rows[i].text);
		conf_free(b);
	}
	conf_free(a);
	buf_clear(&errors);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(a_difference_is_found_where_it_is),
		cmocka_unit_test(every_mistake_is_said_where_it_stands_and_with_a_way_out),
		cmocka_unit_test(one_mistake_makes_one_line),
		cmocka_unit_test(all_mistakes_of_a_file_come_in_one_run_and_in_its_order),
		cmocka_unit_test(names_are_compared_across_case),
		cmocka_unit_test(a_file_that_is_not_there_or_no_configuration_is_said_so),
		cmocka_unit_test(a_flood_of_mistakes_has_an_end),
		cmocka_unit_test(what_stands_in_the_file_does_not_move_the_cursor),
		cmocka_unit_test(at_most_64_outputs_are_taken),
		cmocka_unit_test(output_paths_are_compared_with_links_followed),
		cmocka_unit_test(an_output_for_splunk_is_taken_with_all_its_keys),
		cmocka_unit_test(conditions_constants_and_members_are_read_as_they_stand),
		cmocka_unit_test(what_is_not_set_has_the_default_of_the_contract),
		cmocka_unit_test(what_is_set_arrives),
		cmocka_unit_test(a_cloud_brings_its_addresses),
		cmocka_unit_test(variables_are_filled_in_but_not_in_secrets),
		cmocka_unit_test(what_is_spelled_otherwise_is_the_same),
		cmocka_unit_test(a_pattern_takes_the_feeds_that_match),
		cmocka_unit_test(a_glance_needs_no_secret_and_minds_no_mistake_elsewhere),
		cmocka_unit_test(a_glance_fails_only_without_a_state_directory),
		cmocka_unit_test(every_row_has_a_kind_and_a_default_of_that_kind),
		cmocka_unit_test(the_sample_mentions_every_key_in_the_order_of_the_table_with_its_default),
		cmocka_unit_test(sample_and_examples_are_sound),
		cmocka_unit_test(options_of_the_sample_stand_where_they_belong),
		cmocka_unit_test(the_schema_in_the_tree_is_the_one_that_the_table_makes),
		cmocka_unit_test(the_manual_tells_every_option_in_order_and_its_default),
		cmocka_unit_test(a_wrong_letter_finds_the_word_that_was_meant),
	};

	return cmocka_run_group_tests_name("conf", tests, make_folder, remove_folder);
}
