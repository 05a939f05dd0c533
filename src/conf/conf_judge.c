/*
 * conf_judge - what only the whole file can tell: what excludes what, what needs what, what is there twice.
 *
 * Runs over whatever could be read, sound or not; a field that is missing was complained about already.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "conf/conf_in.h"

#define OUTPUTS_MAX	64
#define AUDIT_REACH_MS	((int64_t)7 * 24 * 3600 * 1000)

/* In the order of the option's choices. */
static const struct {
	const char	*name, *login, *management, *graph;
} clouds[] = {
	{ "global", "https://login.microsoftonline.com", "https://manage.office.com", "https://graph.microsoft.com" },
	{ "gcc", "https://login.microsoftonline.com", "https://manage-gcc.office.com", "https://graph.microsoft.com" },
	{ "gcc-high", "https://login.microsoftonline.us", "https://manage.office365.us", "https://graph.microsoft.us" },
	{ "dod", "https://login.microsoftonline.us", "https://manage.protection.apps.mil",
	  "https://dod-graph.microsoft.us" },
	{ "china", "https://login.partner.microsoftonline.cn", "https://manage.office365.cn",
	  "https://microsoftgraph.chinacloudapi.cn" },
	{ "custom", NULL, NULL, NULL },
};

static void
set(char **field, const char *value)
{
	free(*field);
	*field = value != NULL ? xstrdup(value) : NULL;
}

static unsigned
line_of(const struct node *n)
{
	return n->key_line != 0 ? n->key_line : n->line;
}

/* What two nodes say, though it may not be sound: a name in capitals is twice there too. */
static int
same_text(const struct node *a, const struct node *b, const char *key)
{
	a = tree_find(a, key);
	b = tree_find(b, key);
	if (a == NULL || b == NULL || a->text == NULL || b->text == NULL)	/* lists and groups have none */
		return 0;
	return *a->text != '\0' && strcasecmp(a->text, b->text) == 0;
}

static int
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcasecmp(a, b) == 0;
}

/* ---- tenants --------------------------------------------------------------------------------------------------------- */

static int
needs_graph(const struct conf_tenant *t)
{
	for (size_t i = 0; i < t->feeds.n; i++)
		if (!feed_match("audit.*", t->feeds.items[i]))
			return 1;
	return 0;
}

static void
judge_custom_cloud(const struct conf_tenant *t, const struct node *n, struct report *r)
{
	static const char *const	 needed[] = { "login", "management" };
	const struct node		*endpoints = tree_find(n, "endpoints");

	if (endpoints == NULL) {
		complain_missing(r, n, "endpoints", "is missing; cloud: custom needs endpoints with login and management");
		return;
	}
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (tree_find(endpoints, needed[i]) == NULL)
			complain_missing(r, endpoints, needed[i], "is missing; write its origin, such as "
			    "https://%s.example", needed[i]);
	if (needs_graph(t) && tree_find(endpoints, "graph") == NULL)
		complain_missing(r, endpoints, "graph", "is missing; feeds other than audit.* come from there: write its "
		    "origin, such as https://graph.example");
}

static void
judge_cloud(struct conf_tenant *t, const struct node *n, struct report *r)
{
	const struct node	*endpoints = tree_find(n, "endpoints");

	set(&t->cloud, clouds[t->cloud_row].name);
	if (clouds[t->cloud_row].login == NULL) {
		judge_custom_cloud(t, n, r);
		return;
	}
	if (endpoints != NULL)
		complain_key(r, endpoints, "is only for cloud: custom; take it out, or write cloud: custom");
	set(&t->login, clouds[t->cloud_row].login);
	set(&t->management, clouds[t->cloud_row].management);
	set(&t->graph, clouds[t->cloud_row].graph);
}

static void
judge_auth(const struct node *n, struct report *r)
{
	static const char *const	 ways[] = { "client_secret", "certificate", "federated_token", "managed_identity" };
	const struct node		*auth = tree_find(n, "auth"), *first = NULL, *way;

	if (auth == NULL || (auth->kind == NODE_TEXT && auth->text == NULL))
		return;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if ((way = tree_find(auth, ways[i])) == NULL)
			continue;
		if (first != NULL)
			complain_key(r, way, "stands beside %s in line %u; one way is enough, keep one of the two",
			    first->key, line_of(first));
		else
			first = way;
	}
	if (first == NULL)
		complain_missing(r, auth, "client_secret", "is missing; write a reference to it, such as "
		    "file:/etc/m365fwd/secret");
	if (tree_find(auth, "client_id") == NULL && tree_find(auth, "managed_identity") == NULL)
		complain_missing(r, auth, "client_id", "is missing; write the app registration's \"Application "
		    "(client) ID\"");
	if (tree_find(auth, "certificate") != NULL && tree_find(auth, "key") == NULL)
		complain_missing(r, auth, "key", "is missing; a certificate needs its private key");
	if (tree_find(auth, "key") != NULL && tree_find(auth, "certificate") == NULL)
		complain_missing(r, auth, "certificate", "is missing; a private key is of no use without it");
}

static void
judge_start(const struct conf_tenant *t, const struct node *n, struct report *r)
{
	const struct node	*start = tree_find(n, "start");

	if (start == NULL || t->start_ms <= AUDIT_REACH_MS)
		return;
	for (size_t i = 0; i < t->feeds.n; i++)
		if (feed_find(t->feeds.items[i])->reach_ms < t->start_ms) {
			complain(r, start, "\"%s\" is more than Microsoft keeps for %s; write at most 7d",
			    start->text, t->feeds.items[i]);
			return;
		}
}

static void
judge_tenant(struct conf_tenant *t, const struct node *n, struct report *r)
{
	judge_cloud(t, n, r);
	judge_auth(n, r);
	judge_start(t, n, r);
	if (t->publisher == NULL)
		set(&t->publisher, t->id);
	t->proxy = t->proxy_text.bytes;
}

static void
judge_tenants(struct conf *c, const struct node *list, struct report *r)
{
	const struct node	*n = list->child, *other;
	size_t			 i = 0, j;

	for (; n != NULL; n = n->next, i++) {
		if (n->kind != NODE_MAP)
			continue;
		judge_tenant(&c->tenants[i], n, r);
		for (other = list->child, j = 0; other != n; other = other->next, j++)
			if (same_text(other, n, "name") || same(c->tenants[j].name, c->tenants[i].name)) {
				complain(r, tree_find(n, "name"), "is the name of the tenant in line %u too; give "
				    "each its own", other->line);
				break;
			}
		for (other = list->child, j = 0; other != n; other = other->next, j++)
			if (same(c->tenants[j].id, c->tenants[i].id)) {
				complain(r, tree_find(n, "id"), "is the id of the tenant in line %u too; put all its "
				    "feeds there", other->line);
				break;
			}
	}
}

/* ---- outputs --------------------------------------------------------------------------------------------------------- */

/* A row: whoever gives `key` must give `needs` too, and must not give `excludes`. NULL: no such thing. */
static const struct {
	const char	*key, *needs, *excludes;
} together[] = {
	{ "username",		"password",		NULL },
	{ "password",		"username",		NULL },
	{ "client_certificate",	"client_key",		NULL },
	{ "client_key",		"client_certificate",	NULL },
	{ "username",		NULL,			"api_key" },
	{ "bearer",		NULL,			"api_key" },
	{ "bearer",		NULL,			"username" },
	{ "namespace",		NULL,			"index" },
};

static void
judge_together(const struct node *n, struct report *r)
{
	const struct node	*key, *other;

	for (size_t i = 0; i < sizeof(together) / sizeof(together[0]); i++) {
		if ((key = tree_find(n, together[i].key)) == NULL)
			continue;
		if (together[i].needs != NULL && tree_find(n, together[i].needs) == NULL)
			complain_missing(r, n, together[i].needs, "is missing; %s goes with it", key->key);
		if (together[i].excludes != NULL && (other = tree_find(n, together[i].excludes)) != NULL)
			complain_key(r, key, "stands beside %s in line %u; keep one of the two", other->key,
			    line_of(other));
	}
}

/* A row: this schema is nothing for outputs of that type. */
static const struct {
	enum conf_output_type type;
	enum conf_schema schema;
	const char	*text;
} unfit[] = {
	{ CONF_BULK,	CONF_RAW,	"\"raw\" is for outputs of type file; write ecs" },
	{ CONF_BULK,	CONF_NATIVE,	"\"native\" is for outputs of type hec; write ecs" },
	{ CONF_FILE,	CONF_NATIVE,	"\"native\" is for outputs of type hec; write raw or ecs" },
	{ CONF_HEC,	CONF_RAW,	"\"raw\" is for outputs of type file; write native" },
	{ CONF_HEC,	CONF_ECS,	"\"ecs\" is for outputs of type bulk or file; write native" },
	{ CONF_HEC,	CONF_ECS_RAW,	"\"ecs-raw\" is for outputs of type bulk or file; write native" },
};

static void
judge_schema(const struct conf_output *o, const struct node *n, struct report *r)
{
	const struct node	*schema = tree_find(n, "schema");

	for (size_t i = 0; schema != NULL && i < sizeof(unfit) / sizeof(unfit[0]); i++)
		if (o->type == unfit[i].type && o->schema == unfit[i].schema)
			complain(r, schema, "%s", unfit[i].text);
}

/* Elastic's ingest pipeline for o365audit knows audit records only. */
static void
judge_ecs_raw(const struct conf *c, const struct conf_output *o, const struct node *n, struct report *r)
{
	if (o->schema != CONF_ECS_RAW)
		return;
	for (size_t i = 0; i < c->n_tenants; i++)
		for (size_t j = 0; j < c->tenants[i].feeds.n; j++)
			if (conf_wants(o, c->tenants[i].feeds.items[j]) && strncmp(c->tenants[i].feeds.items[j], "audit.", 6) != 0) {
				complain(r, tree_find(n, "schema"), "is for audit feeds, and this output takes %s too; add feeds: [audit.*]",
				    c->tenants[i].feeds.items[j]);
				return;
			}
}

static void
judge_compat(const struct conf_output *o, const struct node *n, struct report *r)
{
	static const char *const	 keys[] = { "compat", "preserve_original_event" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (tree_find(n, keys[i]) != NULL && o->schema != CONF_ECS)
			complain_key(r, tree_find(n, keys[i]), "goes with schema ecs only; take it out");
}

static void
judge_add(const struct conf_output *o, const struct node *n, struct report *r)
{
	const struct node	*add = tree_find(n, "add");

	if (add != NULL && o->schema != CONF_ECS && o->type != CONF_HEC)
		complain_key(r, add, "goes with schema ecs or type hec only; the others are Microsoft's record as it is");
}

/* Lines go to .../raw, numbers of events to .../ack: neither takes events. */
static void
judge_collector(const struct conf_output *o, const struct node *n, struct report *r)
{
	static const char *const	 ends[] = { "/raw", "/raw/1.0", "/ack", "/health", "/health/1.0" };
	size_t				 len, end;

	for (size_t i = 0; o->type == CONF_HEC && i < o->urls.n; i++)
		for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++) {
			len = strlen(o->urls.items[i]);
			end = strlen(ends[k]);
			if (len > end && strcmp(o->urls.items[i] + len - end, ends[k]) == 0)
				complain(r, tree_find(n, "url"), "ends in %s, which takes no events; leave the path out, "
				    "or end it in /services/collector/event", ends[k]);
		}
}

/* Feeds that are wrong were complained about; then nothing more can be said about patterns. */
static void
judge_patterns(const struct conf *c, const struct node *n, struct report *r)
{
	const struct node	*list = tree_find(n, "feeds");
	size_t			 i, j, feeds = 0, matched;

	if (list == NULL || list->kind != NODE_LIST)
		return;
	for (n = list->child; n != NULL; n = n->next) {
		if (n->kind != NODE_TEXT || n->text == NULL || !feed_known(n->text))
			continue;
		for (i = 0, matched = 0; i < c->n_tenants; i++)
			for (j = 0; j < c->tenants[i].feeds.n; j++, feeds++)
				matched += (size_t)feed_match(n->text, c->tenants[i].feeds.items[j]);
		if (feeds > 0 && matched == 0)
			complain(r, n, "\"%s\" matches no feed of any tenant; take it out, or add the feed to a "
			    "tenant", n->text);
	}
}

/* ---- where files go -------------------------------------------------------------------------------------------------- */

/* Links followed as far as the path exists; the caller frees. */
static char *
real(const char *path)
{
	char	*copy = xstrdup(path), *found, *slash, *whole;

	while ((found = realpath(copy, NULL)) == NULL && (slash = strrchr(copy, '/')) != NULL && slash != copy)
		*slash = '\0';
	if (found == NULL)
		whole = xstrdup(path);
	else
		whole = xasprintf("%s%s", strcmp(found, "/") == 0 ? "" : found, path + strlen(copy));
	free(found);
	free(copy);
	return whole;
}

/* Is it the same directory, or inside? */
static int
is_within(const char *path, const char *dir)
{
	char	*a = real(path), *b = real(dir);
	size_t	 n = strlen(b);
	int	 yes = strncmp(a, b, n) == 0 && (a[n] == '\0' || a[n] == '/');

	free(a);
	free(b);
	return yes;
}

static void
judge_path(const struct conf *c, size_t i, const struct node *list, const struct node *n, struct report *r)
{
	const char		*path = c->outputs[i].path, *other_path;
	const struct node	*at = tree_find(n, "path"), *other = list->child;

	if (path == NULL || at == NULL)
		return;
	if (c->state_dir != NULL && is_within(c->state_dir, path) && is_within(path, c->state_dir))
		complain(r, at, "is state_dir itself; name a directory of its own");
	for (size_t j = 0; j < i; j++, other = other->next) {
		other_path = c->outputs[j].path;
		if (other_path == NULL || (!is_within(path, other_path) && !is_within(other_path, path)))
			continue;
		complain(r, at, "is the same directory as, inside or around that of the output in line %u; give each "
		    "its own", other->line);
		return;
	}
}

static void
judge_outputs(struct conf *c, const struct node *list, struct report *r)
{
	const struct node	*n = list->child, *other;
	size_t			 i = 0, j;

	for (; n != NULL; n = n->next, i++) {
		struct conf_output	*o = &c->outputs[i];

		if (i == OUTPUTS_MAX)
			complain(r, n, "is one output too many; at most %d", OUTPUTS_MAX);
		if (n->kind != NODE_MAP)
			continue;
		o->proxy = o->proxy_text.bytes;
		if (tree_find(n, "on_full") == NULL)
			o->on_full = c->spool_on_full;
		judge_together(n, r);
		judge_schema(o, n, r);
		judge_ecs_raw(c, o, n, r);
		judge_compat(o, n, r);
		judge_add(o, n, r);
		rules_judge(c, o, n, r);
		if (o->schema == CONF_RAW && tree_find(n, "redact") == NULL)
			list_clear(&o->redact);
		judge_collector(o, n, r);
		judge_patterns(c, n, r);
		judge_path(c, i, list, n, r);
		for (other = list->child, j = 0; other != n; other = other->next, j++)
			if (same_text(other, n, "name") || same(c->outputs[j].name, o->name)) {
				complain(r, tree_find(n, "name"), "is the name of the output in line %u too; give "
				    "each its own", other->line);
				break;
			}
	}
}

void
judge(struct conf *c, const struct node *root, struct report *r)
{
	const struct node	*tenants = tree_find(root, "tenants"), *outputs = tree_find(root, "outputs");

	if (c->admin_listen != NULL && strcmp(c->admin_listen, "off") == 0)
		set(&c->admin_listen, NULL);
	if (tenants != NULL && tenants->kind == NODE_LIST)
		judge_tenants(c, tenants, r);
	if (outputs != NULL && outputs->kind == NODE_LIST)
		judge_outputs(c, outputs, r);
}
