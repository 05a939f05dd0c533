/*
 * conf: what is sound becomes the struct it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "conf/conf.h"
#include "conf/conf_in.h"
#include "conf_kit.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

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

/* ---- words and differences -------------------------------------------------------------------------------------------- */

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
		cmocka_unit_test(a_wrong_letter_finds_the_word_that_was_meant),
	};

	return cmocka_run_group_tests_name("conf", tests, make_folder, remove_folder);
}
