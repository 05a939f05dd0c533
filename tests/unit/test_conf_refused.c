/*
 * conf: every mistake is found in one run, where it stands and with a way out.
 *
 * Bad files are the sound one with a line changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "conf/conf.h"
#include "conf_kit.h"

#define HEC "+  - {name: s, type: hec, url: 'https://s.example:8088', token: 'file:@/secret'"

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
	{ FILES, "+    keep: [{user: x}, {feed: [incidents, 'sign*']}]", "13:23: outputs[0].keep[1]", "keeps nothing|add the feed to a tenant" },
	{ FILES, "+    feeds: [audit.entra]\n    keep: [{feed: audit.exchange, user: x}]", "14:12: outputs[0].keep[0]", "keeps nothing|output's feeds" },
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

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(every_mistake_is_said_where_it_stands_and_with_a_way_out),
		cmocka_unit_test(one_mistake_makes_one_line),
		cmocka_unit_test(all_mistakes_of_a_file_come_in_one_run_and_in_its_order),
		cmocka_unit_test(names_are_compared_across_case),
		cmocka_unit_test(a_file_that_is_not_there_or_no_configuration_is_said_so),
		cmocka_unit_test(a_flood_of_mistakes_has_an_end),
		cmocka_unit_test(what_stands_in_the_file_does_not_move_the_cursor),
		cmocka_unit_test(at_most_64_outputs_are_taken),
		cmocka_unit_test(output_paths_are_compared_with_links_followed),
	};

	return cmocka_run_group_tests_name("conf-refused", tests, make_folder, remove_folder);
}
