/*
 * conf - walks the file's tree by the table of options and fills the struct.
 *
 * Every group gets its defaults first and then what the file says, so a value that is wrong leaves a sound field behind
 * and the reading goes on to the next mistake.
 */
#include "conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "conf/conf_in.h"

#define PATH_SIZE 200		/* of an option's path, with the file's key at its end */

struct reading {
	struct conf	*conf;
	struct report	*report;
	const char	*type;		/* of the output that is read; NULL: none, or not one that this version has */
	int		 glance;	/* leave out tenants and outputs */
};

static void	 read_group(struct reading *, const struct node *, const char *prefix, void *base);

/* ---- keys that are not there ----------------------------------------------------------------------------------------- */

/* Keys of other programs, and what ours is called. */
static const struct {
	const char	*key, *hint;
} elsewhere[] = {
	{ "hosts",		"url" },
	{ "endpoint",		"url" },
	{ "address",		"url" },
	{ "uri",		"url" },
	{ "servers",		"url" },
	{ "tenant_id",		"id" },
	{ "directory_id",	"id" },
	{ "application_id",	"auth.client_id" },
	{ "secret",		"client_secret" },
	{ "content_types",	"feeds" },
	{ "user",		"username" },
	{ "ssl",		"ca_file or pinned_spki" },
	{ "tls",		"ca_file or pinned_spki" },
	{ "cacert",		"ca_file" },
	{ "apikey",		"api_key" },
	{ "data_dir",		"state_dir" },
};

static int
is_about_verifying(const char *key)
{
	static const char *const	 words[] = { "insecure", "verif", "skip_tls", "tls_skip", "no_check" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(key, words[i]) != NULL)
			return 1;
	return 0;
}

/* Is there a key of this name in another group? */
static const struct conf_option *
elsewhere_named(const char *key)
{
	size_t				 n;
	const struct conf_option	*rows = conf_options(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(option_name(&rows[i]), key) == 0)
			return &rows[i];
	return NULL;
}

static const char *
other_word(const struct reading *r, const char *prefix, const char *key)
{
	char	 path[PATH_SIZE];

	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
		const struct conf_option	*o;

		if (strcasecmp(elsewhere[i].key, key) != 0)
			continue;
		snprintf(path, sizeof(path), "%s%.*s", prefix, (int)strcspn(elsewhere[i].hint, " "), elsewhere[i].hint);
		if ((o = option_find(path)) != NULL && option_applies(o, r->type))
			return elsewhere[i].hint;
	}
	return NULL;
}

static const char *
near_key(const struct reading *r, const char *prefix, const char *key)
{
	const char	*names[64];
	size_t		 n = 0;

	for (const struct conf_option *o = option_next(prefix, NULL); o != NULL && n < 64; o = option_next(prefix, o))
		if (option_applies(o, r->type))
			names[n++] = option_name(o);
	return near(key, names, n);
}

static void
complain_unknown(const struct reading *r, const struct node *n, const char *prefix)
{
	const struct conf_option	*other;
	const char			*meant;

	if (is_about_verifying(n->key))
		complain_key(r->report, n, "is not a key, certificates are always verified; for a private authority "
		    "give ca_file, for a self-signed certificate pinned_spki");
	else if (strpbrk(n->key, ".[") != NULL)
		complain_key(r->report, n, "is not a key; write groups one inside the other, indented, not with dots");
	else if ((meant = other_word(r, prefix, n->key)) != NULL || (meant = near_key(r, prefix, n->key)) != NULL)
		complain_key(r->report, n, "is not a key; did you mean %s?", meant);
	else if ((other = elsewhere_named(n->key)) != NULL)
		complain_key(r->report, n, "is not a key here; there is %s", other->path);
	else
		complain_key(r->report, n, "is not a key; take it out (m365fwd.yaml(5) lists all keys)");
}

/* ---- one key --------------------------------------------------------------------------------------------------------- */

static void *
items_of_tenants(struct reading *r, size_t n, size_t *size)
{
	r->conf->tenants = xcalloc(n, sizeof(*r->conf->tenants));
	r->conf->n_tenants = n;
	*size = sizeof(*r->conf->tenants);
	return r->conf->tenants;
}

static void *
items_of_outputs(struct reading *r, size_t n, size_t *size)
{
	r->conf->outputs = xcalloc(n, sizeof(*r->conf->outputs));
	r->conf->n_outputs = n;
	*size = sizeof(*r->conf->outputs);
	return r->conf->outputs;
}

/* The type decides what else an output may say, wherever in it the type stands. */
static const char *
type_of(const struct node *item)
{
	const struct node	*type = tree_find(item, "type");
	int			 later;

	if (type == NULL || type->kind != NODE_TEXT || type->text == NULL)
		return NULL;
	if (words_find(option_find("outputs[].type")->limits, type->text, strlen(type->text), &later) == -1 || later)
		return NULL;
	return type->text;
}

static void
read_items(struct reading *r, const struct conf_option *o, const struct node *list)
{
	char		 prefix[PATH_SIZE];
	int		 tenants = strcmp(o->path, "tenants") == 0, empty;
	char		*base;
	size_t		 size;

	if (list->kind == NODE_TEXT && list->text == NULL)
		return;
	if (list->kind != NODE_LIST || list->child == NULL) {
		empty = list->kind == NODE_LIST || (list->kind == NODE_TEXT && *list->text == '\0');
		complain(r->report, list, "is %s; write a list of %s, each beginning with - name: NAME",
		    empty ? "empty" : "not a list", o->path);
		return;
	}
	snprintf(prefix, sizeof(prefix), "%s[].", o->path);
	base = tenants ? items_of_tenants(r, tree_count(list), &size) : items_of_outputs(r, tree_count(list), &size);
	for (const struct node *n = list->child; n != NULL; n = n->next, base += size) {
		if (n->kind != NODE_MAP) {
			if (n->kind != NODE_TEXT || n->text != NULL)
				complain(r->report, n, "is not a group of keys; write - name: NAME and the other keys "
				    "under it");
			continue;
		}
		r->type = tenants ? NULL : type_of(n);
		read_group(r, n, prefix, base);
		r->type = NULL;
	}
}

static void
read_inner_group(struct reading *r, const struct conf_option *o, const struct node *n, void *base)
{
	char	 prefix[PATH_SIZE];

	snprintf(prefix, sizeof(prefix), "%s.", o->path);
	if (n->kind == NODE_MAP)
		read_group(r, n, prefix, base);
	else if (n->kind == NODE_LIST || (n->text != NULL && (*n->text != '\0' || n->quoted)))
		complain(r->report, n, "is not a group of keys; write them under it, indented");
}

static void
read_key(struct reading *r, const struct node *n, const char *prefix, void *base)
{
	char				 path[PATH_SIZE];
	const struct conf_option	*o = NULL;

	if (*n->key == '\0')
		return;			/* complained about already */
	if (strpbrk(n->key, ".[") == NULL && snprintf(path, sizeof(path), "%s%s", prefix, n->key) < (int)sizeof(path))
		o = option_find(path);
	if (o == NULL)
		complain_unknown(r, n, prefix);
	else if (!option_applies(o, r->type))
		complain_key(r->report, n, "is not for outputs of type %s, only for %s; take it out", r->type, o->applies);
	else if (strcmp(o->type, "items") == 0) {
		if (!r->glance)
			read_items(r, o, n);
	} else if (strcmp(o->type, "group") == 0)
		read_inner_group(r, o, n, base);
	else if ((o->flags & CONF_LATER) != 0)
		complain_key(r->report, n, "comes with a later version; this one does not have it, take it out");
	else
		(void)value_read(o, n, (char *)base + o->offset, r->report);
}

/* ---- groups ---------------------------------------------------------------------------------------------------------- */

/* All below the prefix, inner groups too; a later read of the file's values replaces what it finds. */
static void
set_defaults(struct reading *r, const char *prefix, void *base)
{
	char				 inner[PATH_SIZE], text[PATH_SIZE];
	const struct conf_option	*o;

	for (o = option_next(prefix, NULL); o != NULL; o = option_next(prefix, o)) {
		if (strcmp(o->type, "group") == 0) {
			snprintf(inner, sizeof(inner), "%s.", o->path);
			set_defaults(r, inner, base);
		} else if ((o->flags & CONF_LATER) == 0 && option_standard(o, r->type, text, sizeof(text)))
			(void)value_standard(o, text, (char *)base + o->offset);
	}
}

static int
is_missing(const struct reading *r, const struct conf_option *o, const struct node *map)
{
	if ((o->flags & CONF_MUST) == 0 || tree_find(map, option_name(o)) != NULL)
		return 0;
	return o->applies == NULL || (r->type != NULL && option_applies(o, r->type));
}

static void
complain_about_missing(const struct reading *r, const struct conf_option *o, const struct node *map)
{
	struct buf	 b = { 0 };
	const char	*sort = o->type;

	if (strcmp(sort, "choice") == 0)
		words_list(o->limits, &b);
	else if (strcmp(sort, "items") == 0)
		buf_addf(&b, "a list of %s, each beginning with - name: NAME", o->path);
	else if (strcmp(sort, "group") == 0)
		buf_addf(&b, "%s: and its keys under it, indented", option_name(o));
	else
		buf_adds(&b, kind_find(sort)->want);
	complain_missing(r->report, map, option_name(o), "is missing; write %s", buf_str(&b));
	buf_clear(&b);
}

static int
is_repeated(const struct node *map, const struct node *n)
{
	for (const struct node *m = map->child; m != n; m = m->next)
		if (strcmp(m->key, n->key) == 0)
			return 1;
	return 0;
}

static void
read_group(struct reading *r, const struct node *map, const char *prefix, void *base)
{
	const struct conf_option	*o;

	if (strchr(prefix, '.') == NULL || prefix[strlen(prefix) - 2] == ']')	/* the whole, a tenant, an output */
		set_defaults(r, prefix, base);
	for (const struct node *n = map->child; n != NULL; n = n->next)
		if (!is_repeated(map, n))
			read_key(r, n, prefix, base);
	for (o = option_next(prefix, NULL); o != NULL && !r->glance; o = option_next(prefix, o))
		if (is_missing(r, o, map))
			complain_about_missing(r, o, map);
}

/* ---- files ----------------------------------------------------------------------------------------------------------- */

static int
read_all(int fd, const char *path, struct buf *b, struct err *e)
{
	ssize_t	 n;

	for (;;) {
		buf_need(b, 65536);
		if ((n = read(fd, b->bytes + b->len, 65536)) == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			err_errno(e, ERR_CONFIG, "%s", path);
			return -1;
		}
		if (n == 0)
			return 0;
		b->len += (size_t)n;
		if (b->len > CONF_FILE_MAX) {
			err_set(e, ERR_CONFIG, "%s: over 1 MiB, that is no configuration; correct -c FILE", path);
			return -1;
		}
	}
}

static int
read_file(const char *path, struct buf *b, struct err *e)
{
	struct stat	 st;
	int		 fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), rc = -1;

	if (fd == -1) {
		err_errno(e, ERR_CONFIG, "%s", path);
		if (errno == ENOENT)
			err_set(e, ERR_CONFIG, "%s: there is no such file; name the configuration with -c FILE, or "
			    "begin with the commented sample conf/m365fwd.yaml", path);
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		err_set(e, ERR_CONFIG, "%s: is a directory; name the file in it", path);
	else
		rc = read_all(fd, path, b, e);
	close(fd);
	return rc;
}

static struct conf *
read_conf(const char *path, int glance, struct report *report, struct err *e)
{
	struct buf	 file = { 0 };
	struct reading	 r = { .report = report, .glance = glance };
	struct node	*root = NULL;

	if (read_file(path, &file, e) == 0) {
		r.conf = xcalloc(1, sizeof(*r.conf));
		r.conf->path = xstrdup(path);
		if ((root = tree_read(file.bytes, file.len, report)) != NULL) {
			read_group(&r, root, "", r.conf);
			if (!glance)
				judge(r.conf, root, report);
		}
		tree_free(root);
	}
	buf_clear(&file);
	return r.conf;
}

struct conf *
conf_load(const char *path, struct buf *errors, struct err *e)
{
	struct report	 report = { 0 };
	struct conf	*c = read_conf(path, 0, &report, e);
	size_t		 n = report.n + report.more;

	if (n > 0) {
		report_text(&report, path, errors);
		report_clear(&report);
		conf_free(c);
		err_set(e, ERR_CONFIG, "%s: %zu error%s", path, n, n == 1 ? "" : "s");
		return NULL;
	}
	return c;
}

static int
is_about(const struct complaint *c, const char *key)
{
	return strncmp(c->text, key, strlen(key)) == 0 && c->text[strlen(key)] == ':';
}

struct conf *
conf_glance(const char *path, struct err *e)
{
	struct report	 report = { 0 };
	struct conf	*c = read_conf(path, 1, &report, e);
	int		 fatal = c != NULL && c->state_dir == NULL;

	for (size_t i = 0; i < report.n && c != NULL; i++)
		if (fatal || is_about(&report.items[i], "state_dir")) {
			err_set(e, ERR_CONFIG, "%s:%u:%u: %s", path, report.items[i].line, report.items[i].column,
			    report.items[i].text);
			conf_free(c);
			c = NULL;
		}
	report_clear(&report);
	return c;
}

/* ---- freeing --------------------------------------------------------------------------------------------------------- */

/* Strings, lists and secrets, as the table's kinds fill them. */
static void
free_fields(const char *prefix, void *base)
{
	size_t				 n;
	const struct conf_option	*rows = conf_options(&n);

	for (size_t i = 0; i < n; i++) {
		const struct conf_option	*o = &rows[i];
		const struct kind		*k = kind_find(o->type);
		void				*field = (char *)base + o->offset;

		if (strncmp(o->path, prefix, strlen(prefix)) != 0 || (*prefix == '\0' && strchr(o->path, '[') != NULL))
			continue;	/* not of this struct */
		if (k != NULL && k->clear != NULL && (o->flags & CONF_LATER) == 0)
			k->clear(field);
	}
}

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n_tenants; i++) {
		free_fields("tenants[].", &c->tenants[i]);
		free(c->tenants[i].cloud);
	}
	for (size_t i = 0; i < c->n_outputs; i++)
		free_fields("outputs[].", &c->outputs[i]);
	free_fields("", c);
	free(c->tenants);
	free(c->outputs);
	free(c->path);
	free(c);
}
