/*
 * conf_rules - what an output leaves out and adds: the kinds "conditions", "constants" and "members" of the option table, and
 * conditions that contradict each other.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/members.h"
#include "base/xalloc.h"
#include "conf/conf_in.h"

#define CONDITIONS_MAX	64
#define MATCHES_MAX	16
#define NAME_MAX_BYTES	120

static const char *const words[] = { "feed", "operation", "user" };
#define WORDS (sizeof(words) / sizeof(words[0]))

static int
is_word(const char *key)
{
	for (size_t i = 0; i < WORDS; i++)
		if (strcmp(words[i], key) == 0)
			return 1;
	return 0;
}

/* The member that was meant, or one of our words; NULL. Audit records spell their members with a capital, ours have none. */
static const char *
near_member(const char *key)
{
	size_t			 n;
	const char *const	*known = members_known(&n);
	const char		*member = near(key, known, n), *word = near(key, words, WORDS);

	return word == NULL || (member != NULL && *key >= 'A' && *key <= 'Z') ? member : word;
}

/*
 * "UserId", "AppAccessContext.ClientAppId", "+NewMember". The first name of a path must be one that is known, unless a +
 * stands before it: else a slip of the pen would be a condition that is never met.
 */
static const char *
member_path(const char *key, char why[CONF_WHY])
{
	const char	*path = *key == '+' ? key + 1 : key, *meant;
	size_t		 len = strcspn(path, ".");

	if (len == 0 || len != strcspn(path, ". \t") || strlen(path) > NAME_MAX_BYTES || path[strlen(path) - 1] == '.' ||
	    strstr(path, "..") != NULL) {
		snprintf(why, CONF_WHY, "is not a member's name; write it as Microsoft does, such as ClientIP or "
		    "AppAccessContext.ClientAppId");
		return NULL;
	}
	if (path != key || member_is_known(path, len))
		return path;
	meant = near_member(path);
	if (meant != NULL)
		snprintf(why, CONF_WHY, "is no member that Microsoft's records are known to have; did you mean %s? Write +%.60s if "
		    "it is a new one", meant, path);
	else
		snprintf(why, CONF_WHY, "is no member that Microsoft's records are known to have; write feed, operation, user, or "
		    "+%.60s if it is a new one", path);
	return NULL;
}

/* ---- conditions ---------------------------------------------------------------------------------------------------------- */

static int
add_pattern(const char *field, const struct node *n, struct conf_list *to, struct report *r)
{
	struct buf	 b = { 0 };
	char		 why[CONF_WHY] = "has no value; write what it must be, * for any letters";
	int		 good = 0;

	if (n->kind != NODE_TEXT)
		snprintf(why, sizeof(why), "is not a value; write one, or a list of them");
	else if (n->text != NULL && *n->text != '\0')
		good = text_expand(n->text, &b, why) == 0 && b.len > 0;
	if (good && strcmp(field, "feed") == 0 && !feed_known(buf_str(&b))) {
		const char	*meant = feed_near(buf_str(&b));

		good = 0;
		snprintf(why, sizeof(why), "is not a feed%s%s%s", meant != NULL ? "; did you mean " : "", meant != NULL ? meant : "",
		    meant != NULL ? "?" : "");
	}
	if (good)
		list_add(to, buf_take(&b, NULL));
	else
		complain(r, n, "%s", why);
	buf_clear(&b);
	return good ? 0 : -1;
}

static int
read_match(const struct node *n, struct conf_match *m, struct report *r)
{
	char		 why[CONF_WHY];
	const char	*field = is_word(n->key) ? n->key : member_path(n->key, why);
	int		 rc = 0;

	if (field == NULL) {
		complain_key(r, n, "%s", why);
		return -1;
	}
	m->field = xstrdup(field);
	if (n->kind != NODE_LIST)
		return add_pattern(field, n, &m->patterns, r);
	if (n->child == NULL) {
		complain(r, n, "is empty; write what it must be, * for any letters");
		return -1;
	}
	for (const struct node *item = n->child; item != NULL; item = item->next)
		if (add_pattern(field, item, &m->patterns, r) == -1)
			rc = -1;
	return rc;
}

static void
condition_clear(struct conf_condition *c)
{
	for (size_t k = 0; k < c->n; k++) {
		free(c->all[k].field);
		list_clear(&c->all[k].patterns);
	}
	free(c->all);
}

/* One with something wrong in it is not there: whoever looks at the conditions finds whole ones. */
static int
read_condition(const struct node *n, struct conf_conditions *to, struct report *r)
{
	struct conf_condition	*c;
	size_t			 count;
	int			 rc = 0;

	if (n->kind != NODE_MAP || (count = tree_count(n)) == 0) {
		complain(r, n, "is not a condition; write what a record must have, such as {operation: FileAccessed}");
		return -1;
	}
	if (count > MATCHES_MAX) {
		complain(r, n, "asks for over %d things at once; shorten it", MATCHES_MAX);
		return -1;
	}
	to->items = xreallocarray(to->items, to->n + 1, sizeof(*to->items));
	c = &to->items[to->n++];
	*c = (struct conf_condition){ xcalloc(count, sizeof(*c->all)), 0 };
	for (n = n->child; n != NULL; n = n->next)
		if (read_match(n, &c->all[c->n++], r) == -1)
			rc = -1;
	if (rc == -1)
		condition_clear(&to->items[--to->n]);
	return rc;
}

int
rules_read_conditions(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	struct conf_conditions	*to = field;
	int			 rc = 0;

	(void)o;
	if (n->kind != NODE_LIST || n->child == NULL) {
		complain(r, n, "is not a list of conditions; write - {operation: FileAccessed}");
		return -1;
	}
	if (tree_count(n) > CONDITIONS_MAX) {
		complain(r, n, "has over %d conditions; shorten it", CONDITIONS_MAX);
		return -1;
	}
	for (n = n->child; n != NULL; n = n->next)
		if (read_condition(n, to, r) == -1)
			rc = -1;
	return rc;
}

void
rules_clear_conditions(void *field)
{
	struct conf_conditions	*c = field;

	for (size_t i = 0; i < c->n; i++)
		condition_clear(&c->items[i]);
	free(c->items);
	*c = (struct conf_conditions){ NULL, 0 };
}

static int
same_patterns(const struct conf_list *a, const struct conf_list *b)
{
	if (a->n != b->n)
		return 0;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return 0;
	return 1;
}

int
rules_same_conditions(const void *x, const void *y)
{
	const struct conf_conditions	*a = x, *b = y;

	if (a->n != b->n)
		return 0;
	for (size_t i = 0; i < a->n; i++) {
		if (a->items[i].n != b->items[i].n)
			return 0;
		for (size_t k = 0; k < a->items[i].n; k++)
			if (strcmp(a->items[i].all[k].field, b->items[i].all[k].field) != 0 ||
			    !same_patterns(&a->items[i].all[k].patterns, &b->items[i].all[k].patterns))
				return 0;
	}
	return 1;
}

/* Is every value that meets b one that meets a? (a's '*' is understood, b's is a letter.) */
static int
covers(const struct conf_match *a, const struct conf_match *b)
{
	for (size_t i = 0; i < b->patterns.n; i++) {
		size_t	 k = 0;

		while (k < a->patterns.n && strcasecmp(a->patterns.items[k], b->patterns.items[i]) != 0 &&
		    !feed_match(a->patterns.items[k], b->patterns.items[i]))
			k++;
		if (k == a->patterns.n)
			return 0;
	}
	return 1;
}

/* Does whatever meets b meet a as well? */
static int
takes_all(const struct conf_condition *a, const struct conf_condition *b)
{
	for (size_t i = 0; i < a->n; i++) {
		size_t	 k = 0;

		while (k < b->n && (strcmp(a->all[i].field, b->all[k].field) != 0 || !covers(&a->all[i], &b->all[k])))
			k++;
		if (k == b->n)
			return 0;
	}
	return 1;
}

static const struct node *
item_at(const struct node *list, size_t i)
{
	const struct node	*n = list->child;

	for (; n != NULL && i > 0; i--)
		n = n->next;
	assert(n != NULL);
	return n;
}

/* Does the output get a feed that meets it? feeds: how many it gets at all. */
static int
some_feed_meets(const struct conf *c, const struct conf_output *o, const struct conf_condition *cond, size_t *feeds)
{
	const struct conf_match	*m = cond->all;
	int			 some = 0;

	*feeds = 0;
	while (m < cond->all + cond->n && strcmp(m->field, "feed") != 0)
		m++;
	for (size_t i = 0; i < c->n_tenants; i++)
		for (size_t j = 0; j < c->tenants[i].feeds.n; j++) {
			if (!conf_wants(o, c->tenants[i].feeds.items[j]))
				continue;
			(*feeds)++;
			some |= m == cond->all + cond->n;
			for (size_t k = 0; !some && k < m->patterns.n; k++)
				some = feed_match(m->patterns.items[k], c->tenants[i].feeds.items[j]);
		}
	return some;
}

/* What is kept of feeds that never come here keeps nothing. */
static void
judge_feeds(const struct conf *c, const struct conf_output *o, const struct node *keep, struct report *r)
{
	size_t	 feeds;

	for (size_t k = 0; k < o->keep.n; k++)
		if (!some_feed_meets(c, o, &o->keep.items[k], &feeds) && feeds > 0)
			complain(r, item_at(keep, k), "keeps nothing: no feed of this output is called so; take it out, or add the feed to a "
			    "tenant and to the output's feeds");
}

/* Neither does what is kept and all of it dropped again. */
void
rules_judge(const struct conf *c, const struct conf_output *o, const struct node *n, struct report *r)
{
	const struct node	*drop = tree_find(n, "drop"), *keep = tree_find(n, "keep");

	if (keep != NULL && tree_count(keep) == o->keep.n)
		judge_feeds(c, o, keep, r);
	if (drop == NULL || keep == NULL || tree_count(drop) != o->drop.n || tree_count(keep) != o->keep.n)
		return;			/* something in them was wrong, and said */
	for (size_t k = 0; k < o->keep.n; k++)
		for (size_t d = 0; d < o->drop.n; d++)
			if (takes_all(&o->drop.items[d], &o->keep.items[k])) {
				complain(r, item_at(keep, k), "keeps nothing: the condition of drop in line %u takes all of it; take one of "
				    "the two out", item_at(drop, d)->line);
				break;
			}
}

/* ---- constants ----------------------------------------------------------------------------------------------------------- */

/* What an event has of its own; a constant there would be a second value. */
static const char *const filled[] = { "@timestamp", "application", "azure", "client", "cloud", "data_stream", "destination", "device",
	"ecs", "email", "error", "event", "file", "geo", "group", "host", "log", "m365_defender", "m365fwd", "message", "network", "o365",
	"organization", "process", "registry", "related", "rule", "server", "service", "session", "source", "tags", "threat", "token", "url",
	"user", "user_agent" };

static int
is_field(const char *name)
{
	return *name != '\0' && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == strlen(name) &&
	    *name != '.' && name[strlen(name) - 1] != '.' && strstr(name, "..") == NULL && strlen(name) <= NAME_MAX_BYTES;
}

static int
judge_constant(const struct node *n, struct report *r)
{
	size_t	 len = strcspn(n->key, "."), other;

	if (!is_field(n->key)) {
		complain_key(r, n, "is not a field's name; write letters, digits and _, with dots between, such as labels.site");
		return -1;
	}
	for (size_t i = 0; i < sizeof(filled) / sizeof(filled[0]); i++)
		if (strlen(filled[i]) == len && strncmp(filled[i], n->key, len) == 0) {
			complain_key(r, n, "is a field that the mapping fills; put it below labels, such as labels.%.60s", n->key + len +
			    (n->key[len] == '.'));
			return -1;
		}
	for (const struct node *m = n->parent->child; m != n; m = m->next) {
		len = strlen(m->key);
		other = strlen(n->key);
		if ((strncmp(m->key, n->key, len) == 0 && n->key[len] == '.') ||
		    (strncmp(m->key, n->key, other) == 0 && m->key[other] == '.')) {
			complain_key(r, n, "would be a value and a group of fields at once, see line %u; rename one of the two", m->key_line);
			return -1;
		}
	}
	return 0;
}

/* Kept as name, value, name, value. */
int
rules_read_constants(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	int	 rc = 0;

	(void)o;
	if (n->kind != NODE_MAP || n->child == NULL) {
		complain(r, n, "is not a group of fields; write labels.site: berlin under it");
		return -1;
	}
	for (n = n->child; n != NULL; n = n->next) {
		struct buf	 b = { 0 };
		char		 why[CONF_WHY] = "has no value; write a text";

		if (judge_constant(n, r) == -1) {
			rc = -1;
		} else if (n->kind != NODE_TEXT || n->text == NULL || text_expand(n->text, &b, why) == -1 || b.len == 0) {
			complain(r, n, "%s", why);
			rc = -1;
		} else {
			list_add(field, xstrdup(n->key));
			list_add(field, buf_take(&b, NULL));
		}
		buf_clear(&b);
	}
	return rc;
}

/* ---- members ------------------------------------------------------------------------------------------------------------- */

static int
add_member(const struct node *n, struct conf_list *to, struct report *r)
{
	char		 why[CONF_WHY] = "is not a member's name; write it as Microsoft does, such as DetectedValues";
	const char	*name = n->kind == NODE_TEXT && n->text != NULL && *n->text != '\0' ? member_path(n->text, why) : NULL;

	if (name != NULL && strchr(name, '.') != NULL) {
		snprintf(why, sizeof(why), "is a path; write its last name alone, it is taken out wherever it stands");
		name = NULL;
	}
	if (name == NULL) {
		complain(r, n, "%s", why);
		return -1;
	}
	list_add(to, xstrdup(name));
	return 0;
}

/* A list, which may be empty; a default is one name. */
int
rules_read_members(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	int	 rc = 0;

	(void)o;
	list_clear(field);
	if (n->kind == NODE_TEXT && n->line == 0)
		return add_member(n, field, r);
	if (n->kind != NODE_LIST) {
		complain(r, n, "is not a list; write the names of members, such as [DetectedValues], or [] for none");
		return -1;
	}
	for (n = n->child; n != NULL; n = n->next)
		if (add_member(n, field, r) == -1)
			rc = -1;
	return rc;
}
