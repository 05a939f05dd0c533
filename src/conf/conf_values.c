/*
 * conf_values - from a node to a field, by the kind that the table of options names.
 *
 * A default is read like a value of the file, so there is one meaning of "10m" and one of "audit.*". What is wrong is
 * said with what was expected; secrets are neither expanded nor shown.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "conf/conf_in.h"

#define ITEMS_MAX 64		/* of a list in the file */

/* ---- lists ----------------------------------------------------------------------------------------------------------- */

void
list_add(struct conf_list *l, char *item)
{
	l->items = xreallocarray(l->items, l->n + 2, sizeof(*l->items));
	l->items[l->n++] = item;
	l->items[l->n] = NULL;
}

void
list_clear(struct conf_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->items[i]);
	free(l->items);
	*l = (struct conf_list){ NULL, 0 };
}

static int
list_has(const struct conf_list *l, const char *item)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->items[i], item) == 0)
			return 1;
	return 0;
}

/* ---- one scalar ------------------------------------------------------------------------------------------------------ */

static int
complain_value(struct report *r, const struct node *n, int secret, const char *text, const char *why)
{
	char	 quoted[100];

	if (secret || *text == '\0')
		complain(r, n, "%s", why);
	else
		complain(r, n, "%s %s", shown(text, quoted), why);
	return -1;
}

/* Who reads a value has been asked for one of a kind that there is. */
static const struct kind *
kind_of(const struct conf_option *o)
{
	const struct kind	*k = kind_find(o->type);

	assert(k != NULL);
	return k;
}

static int
complain_shape(const struct conf_option *o, const struct node *n, const char *what, struct report *r)
{
	struct buf	 b = { 0 };

	if (strcmp(o->type, "choice") == 0)
		words_list(o->limits, &b);
	else
		buf_adds(&b, kind_of(o)->want);
	complain(r, n, "%s; write %s", what, buf_str(&b));
	buf_clear(&b);
	return -1;
}

/* The node's text with ${VAR} filled in; the caller frees. NULL: complained. */
static char *
scalar(const struct conf_option *o, const struct node *n, struct report *r)
{
	const struct kind	*k = kind_of(o);
	struct buf		 b = { 0 };
	char			 why[CONF_WHY];

	if (n->kind != NODE_TEXT) {
		complain_shape(o, n, n->kind == NODE_LIST ? "is a list" : "is a group of keys", r);
		return NULL;
	}
	if (n->text == NULL)
		return NULL;
	if (k->secret)
		buf_adds(&b, n->text);
	else if (text_expand(n->text, &b, why) == -1) {
		complain(r, n, "%s", why);
		buf_clear(&b);
		return NULL;
	}
	if (b.len == 0 || (!n->quoted && strcmp(n->text, "~") == 0)) {
		complain_shape(o, n, "has no value", r);
		buf_clear(&b);
		return NULL;
	}
	return buf_take(&b, NULL);
}

/* A string as its kind wants it; the caller frees. A value with an @ may hold a password and is not shown. */
static char *
checked(const struct conf_option *o, const struct node *n, struct report *r)
{
	const struct kind	*k = kind_of(o);
	char			 why[CONF_WHY], *as_written, *text = scalar(o, n, r);

	if (text == NULL || k->check == NULL)
		return text;
	as_written = xstrdup(text);
	if (k->check(text, why) == -1) {
		complain_value(r, n, k->secret || strchr(as_written, '@') != NULL, as_written, why);
		free(text);
		text = NULL;
	}
	free(as_written);
	return text;
}

static int
read_string(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	char	*text = checked(o, n, r);

	if (text == NULL)
		return -1;
	free(*(char **)field);
	*(char **)field = text;
	return 0;
}

static int
read_number(const struct conf_option *o, const struct node *n, number_fn *number, int64_t *to, struct report *r)
{
	char	*text = scalar(o, n, r), why[CONF_WHY];
	int64_t	 value;
	int	 rc = -1;

	if (text == NULL)
		return -1;
	if (number(text, &value, why) == -1 || value_within(o->limits, number, value, why) == -1) {
		complain_value(r, n, 0, text, why);
	} else {
		*to = value;
		rc = 0;
	}
	free(text);
	return rc;
}

static int
read_duration(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	return read_number(o, n, value_duration, field, r);
}

static int
read_size(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	return read_number(o, n, value_size, field, r);
}

static int
read_count(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	int64_t	 value;

	if (read_number(o, n, value_count, &value, r) == -1)
		return -1;
	*(unsigned *)field = (unsigned)value;
	return 0;
}

/* ---- choices --------------------------------------------------------------------------------------------------------- */

static const char *
near_word(const char *words, const char *word)
{
	static char	 copy[200];
	const char	*names[32];
	size_t		 n = 0;

	snprintf(copy, sizeof(copy), "%s", words);
	for (char *p = copy; *p != '\0' && n < 32;) {
		size_t	 len = strcspn(p, "|");
		char	*end = p + len;
		int	 more = *end == '|';

		if (len > 0 && end[-1] != '~')
			names[n++] = p;
		*end = '\0';
		p = end + more;
	}
	return near(word, names, n);
}

static void
complain_choice(const struct conf_option *o, const struct node *n, const char *text, int later, struct report *r)
{
	struct buf	 b = { 0 };
	const char	*meant = near_word(o->limits, text);
	char		 quoted[100];

	words_list(o->limits, &b);
	if (later)
		complain(r, n, "%s comes with a later version; this one has %s", shown(text, quoted), buf_str(&b));
	else if (meant != NULL)
		complain(r, n, "%s is not a choice; did you mean %s? There is %s", shown(text, quoted), meant, buf_str(&b));
	else
		complain(r, n, "%s is not a choice; write %s", shown(text, quoted), buf_str(&b));
	buf_clear(&b);
}

static int
read_choice(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	char	*text = scalar(o, n, r);
	int	 at, later;

	if (text == NULL)
		return -1;
	at = words_find(o->limits, text, strlen(text), &later);
	if (at == -1 || later)
		complain_choice(o, n, text, later, r);
	else
		*(int *)field = at;
	free(text);
	return at == -1 || later ? -1 : 0;
}

static int
read_flag(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	char	*text = scalar(o, n, r);
	int	 yes, no;

	if (text == NULL)
		return -1;
	yes = strcmp(text, "true") == 0;
	no = strcmp(text, "false") == 0;
	if (yes || no)
		*(int *)field = yes;
	else
		complain_value(r, n, 0, text, "is not true or false; write one of them");
	free(text);
	return yes || no ? 0 : -1;
}

/* ---- lists and headers ----------------------------------------------------------------------------------------------- */

typedef int item_fn(const struct conf_option *, const struct node *, void *field, struct report *);

/* Every item of a list; a default stands as text with commas. Whatever is wrong is said for each. */
static int
read_items(const struct conf_option *o, const struct node *n, void *field, item_fn *item, struct report *r)
{
	int	 rc = 0;

	if (n->kind != NODE_LIST)
		return n->kind == NODE_MAP || n->text != NULL ? complain_shape(o, n, "is not a list", r) : -1;
	if (tree_count(n) > ITEMS_MAX) {
		complain(r, n, "has over %d items; shorten it", ITEMS_MAX);
		return -1;
	}
	for (n = n->child; n != NULL; n = n->next)
		if (item(o, n, field, r) == -1)
			rc = -1;
	return rc;
}

static int
add_string(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	char	*text = checked(o, n, r);

	if (text == NULL)
		return -1;
	if (list_has(field, text)) {
		complain_value(r, n, 0, text, "is listed twice; take one out");
		free(text);
		return -1;
	}
	list_add(field, text);
	return 0;
}

static int
read_some(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	if (read_items(o, n, field, add_string, r) == -1)
		return -1;
	return n->child != NULL ? 0 : complain_shape(o, n, "is empty", r);
}

static int
read_urls(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	return n->kind == NODE_TEXT ? add_string(o, n, field, r) : read_some(o, n, field, r);
}

struct looks {				/* as struct conf has them */
	int64_t		 ms[CONF_LOOKS];
	unsigned	 n;
};

static int
add_duration(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	struct looks	*l = field;
	int64_t		 ms;

	if (read_duration(o, n, &ms, r) == -1)
		return -1;
	for (unsigned i = 0; i < l->n; i++)
		if (l->ms[i] == ms)
			return complain_value(r, n, 0, n->text, "is listed twice; take one out");
	if (l->n == CONF_LOOKS)
		return complain_value(r, n, 0, n->text, "is one too many; at most 8");
	l->ms[l->n++] = ms;
	return 0;
}

static int
read_durations(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	((struct looks *)field)->n = 0;
	return read_items(o, n, field, add_duration, r);
}

static int
same_header(const char *line, const char *name)
{
	size_t	 len = strlen(name);

	return strncasecmp(line, name, len) == 0 && line[len] == ':';
}

static int
add_header(const struct conf_option *o, const struct node *n, struct conf_list *l, struct report *r)
{
	char	 why[CONF_WHY], *value = scalar(o, n, r);

	if (value == NULL)
		return -1;
	for (size_t i = 0; i < l->n; i++)
		if (same_header(l->items[i], n->key)) {
			complain_key(r, n, "is given twice; names of headers have no case, keep one");
			free(value);
			return -1;
		}
	if (text_header(n->key, value, why) == -1) {
		complain_key(r, n, "%s", why);
		free(value);
		return -1;
	}
	list_add(l, xasprintf("%s: %s", n->key, value));
	free(value);
	return 0;
}

static int
read_headers(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	int	 rc = 0;

	if (n->kind != NODE_MAP)
		return n->kind == NODE_LIST || n->text != NULL ? complain_shape(o, n, "is not a group of keys", r) : -1;
	if (tree_count(n) > ITEMS_MAX) {
		complain(r, n, "has over %d headers; shorten it", ITEMS_MAX);
		return -1;
	}
	for (n = n->child; n != NULL; n = n->next)
		if (add_header(o, n, field, r) == -1)
			rc = -1;
	return rc;
}

/* ---- secrets and files ----------------------------------------------------------------------------------------------- */

static int
text_reference(char *s, char why[CONF_WHY])
{
	const char	*refusal = NULL;

	if (strncmp(s, "file:", 5) == 0)
		refusal = s[5] != '/' ? "the path of a secret must be absolute; write file:/etc/m365fwd/NAME" : NULL;
	else if (strncmp(s, "credential:", 11) != 0 && strncmp(s, "env:", 4) != 0)
		refusal = "secrets do not stand in the configuration; write file:/path, credential:NAME (systemd) or "
		    "env:NAME";
	if (refusal == NULL)
		return 0;
	snprintf(why, CONF_WHY, "%s", refusal);
	return -1;
}

static int
is_reference(const char *s)
{
	return strncmp(s, "file:", 5) == 0 || strncmp(s, "credential:", 11) == 0 || strncmp(s, "env:", 4) == 0;
}

static int
proxy_from_secret(const struct conf_option *o, const struct node *n, struct secret *to, struct report *r)
{
	struct secret	 s = { 0 };
	struct err	 e = { 0 };
	char		 why[CONF_WHY];
	int		 rc = -1;

	(void)o;
	if (text_reference(n->text, why) == -1)
		complain(r, n, "%s", why);
	else if (secret_load(&s, n->text, &e) == -1)
		complain(r, n, "%s", e.text);
	else if (text_proxy_secret(s.bytes, why) == -1)
		complain(r, n, "what the secret holds %s", why);
	else
		rc = secret_set(to, s.bytes, strlen(s.bytes), &e);
	secret_clear(&s);
	return rc;
}

static int
read_proxy(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	struct err	 e = { 0 };
	char		*text;
	int		 rc;

	if (n->kind == NODE_TEXT && n->text != NULL && is_reference(n->text))
		return proxy_from_secret(o, n, field, r);
	if ((text = checked(o, n, r)) == NULL)
		return -1;
	rc = secret_set(field, text, strlen(text), &e);
	if (rc == -1)
		complain(r, n, "%s", e.text);
	free(text);
	return rc;
}

static int
text_pem(char *s, char why[CONF_WHY])
{
	return text_path(s, why) == 0 ? file_check_pem(s, 0, why) : -1;
}

static int
text_key(char *s, char why[CONF_WHY])
{
	return text_path(s, why) == 0 ? file_check_pem(s, 1, why) : -1;
}

static int
text_secret(char *s, char why[CONF_WHY])
{
	return text_reference(s, why) == 0 ? secret_check(s, why) : -1;
}

/* ---- feeds ----------------------------------------------------------------------------------------------------------- */

static int
unknown_feed(const char *s, char why[CONF_WHY])
{
	const char	*meant = feed_near(s);

	if (meant != NULL)
		snprintf(why, CONF_WHY, "is not a feed; did you mean %s?", meant);
	else
		snprintf(why, CONF_WHY, "is not a feed; there are audit.*, signin.*, directory.*, risk.*, alerts and "
		    "incidents, see m365fwd.yaml(5)");
	return -1;
}

static int
text_feed(char *s, char why[CONF_WHY])
{
	const struct feed	*f = feed_find(s);

	if (strchr(s, '*') != NULL) {
		snprintf(why, CONF_WHY, "is a pattern, which only outputs take; name each feed, so that permission "
		    "and licence are meant");
		return -1;
	}
	return f != NULL ? 0 : unknown_feed(s, why);
}

static int
text_pattern(char *s, char why[CONF_WHY])
{
	return feed_known(s) ? 0 : unknown_feed(s, why);
}

/* ---- kinds ----------------------------------------------------------------------------------------------------------- */

static void
clear_string(void *field)
{
	free(*(char **)field);
}

static void
clear_list(void *field)
{
	list_clear(field);
}

static void
clear_secret(void *field)
{
	secret_clear(field);
}

static int
same_string(const void *a, const void *b)
{
	const char	*x = *(char *const *)a, *y = *(char *const *)b;

	return x == y || (x != NULL && y != NULL && strcmp(x, y) == 0);
}

static int
same_list(const void *a, const void *b)
{
	const struct conf_list	*x = a, *y = b;

	if (x->n != y->n)
		return 0;
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(x->items[i], y->items[i]) != 0)
			return 0;
	return 1;
}

static int
same_secret(const void *a, const void *b)
{
	const struct secret	*x = a, *y = b;

	return x->len == y->len && (x->len == 0 || memcmp(x->bytes, y->bytes, x->len) == 0);
}

static int
same_number(const void *a, const void *b)
{
	return *(const int64_t *)a == *(const int64_t *)b;
}

static int
same_int(const void *a, const void *b)
{
	return *(const int *)a == *(const int *)b;
}

/* The array, and right behind it how many there are. */
static int
same_durations(const void *a, const void *b)
{
	const int64_t	*x = a, *y = b;
	unsigned	 n = *(const unsigned *)(x + CONF_LOOKS);

	return n == *(const unsigned *)(y + CONF_LOOKS) && memcmp(x, y, n * sizeof(*x)) == 0;
}

static const struct kind kinds[] = {
	{ "text", "some text",
	  read_string, text_word, clear_string, 0, same_string },
	{ "line", "some text on one line",
	  read_string, text_plain, clear_string, 0, same_string },
	{ "name", "a name such as contoso",
	  read_string, text_name, clear_string, 0, same_string },
	{ "guid", "a GUID such as 11111111-2222-3333-4444-555555555555",
	  read_string, text_guid, clear_string, 0, same_string },
	{ "domain", "a domain such as contoso.example",
	  read_string, text_domain, clear_string, 0, same_string },
	{ "user", "a user name",
	  read_string, text_user, clear_string, 0, same_string },
	{ "path", "an absolute path such as /var/lib/m365fwd",
	  read_string, text_path, clear_string, 0, same_string },
	{ "pem", "the path of a PEM file such as /etc/m365fwd/ca.pem",
	  read_string, text_pem, clear_string, 0, same_string },
	{ "key", "the path of a PEM file such as /etc/m365fwd/key.pem",
	  read_string, text_key, clear_string, 0, same_string },
	{ "secret", "a reference such as file:/etc/m365fwd/secret",
	  read_string, text_secret, clear_string, 1, same_string },
	{ "origin", "an origin such as https://login.example",
	  read_string, text_origin, clear_string, 0, same_string },
	{ "urls", "a URL such as https://elastic.example:9200, or a list of them",
	  read_urls, text_url, clear_list, 0, same_list },
	{ "proxy", "a URL such as http://proxy.example:3128",
	  read_proxy, text_proxy, clear_secret, 0, same_secret },
	{ "address", "an address such as 127.0.0.1:9365, or off",
	  read_string, text_listen, clear_string, 0, same_string },
	{ "pins", "a pin such as sha256//BASE64=",
	  read_string, text_pins, clear_string, 0, same_string },
	{ "index", "an index such as m365-audit",
	  read_string, text_index, clear_string, 0, same_string },
	{ "namespace", "a namespace such as default",
	  read_string, text_namespace, clear_string, 0, same_string },
	{ "duration", "a time with its unit, such as 10m",
	  read_duration, NULL, NULL, 0, same_number },
	{ "durations", "a list of times such as [1h, 24h]",
	  read_durations, NULL, NULL, 0, same_durations },
	{ "size", "a size with its unit, such as 64MiB",
	  read_size, NULL, NULL, 0, same_number },
	{ "count", "a whole number such as 8",
	  read_count, NULL, NULL, 0, same_int },
	{ "choice", "one of its words",
	  read_choice, NULL, NULL, 0, same_int },
	{ "flag", "true or false",
	  read_flag, NULL, NULL, 0, same_int },
	{ "feeds", "a list such as [audit.exchange, audit.entra]",
	  read_some, text_feed, clear_list, 0, same_list },
	{ "patterns", "a list such as [audit.*]",
	  read_some, text_pattern, clear_list, 0, same_list },
	{ "headers", "NAME: VALUE",
	  read_headers, NULL, clear_list, 0, same_list },
	{ "conditions", "a list of conditions such as - {operation: FileAccessed}",
	  rules_read_conditions, NULL, rules_clear_conditions, 0, rules_same_conditions },
	{ "constants", "FIELD: VALUE",
	  rules_read_constants, NULL, clear_list, 0, same_list },
	{ "members", "a list such as [DetectedValues]",
	  rules_read_members, NULL, clear_list, 0, same_list },
};

const struct kind *
kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

int
value_read(const struct conf_option *o, const struct node *n, void *field, struct report *r)
{
	return kind_of(o)->read(o, n, field, r);
}

/* A list's default becomes a list of nodes. */
int
value_standard(const struct conf_option *o, const char *text, void *field)
{
	struct report	 r = { 0 };
	struct node	 list = { .kind = NODE_LIST }, items[CONF_LOOKS], one = { .kind = NODE_TEXT };
	char		 copy[100], *p = copy;
	int		 rc;

	snprintf(copy, sizeof(copy), "%s", text);
	if (strcmp(o->type, "durations") != 0) {
		one.text = copy;
		rc = value_read(o, &one, field, &r);
	} else {
		for (size_t i = 0; i < CONF_LOOKS && p != NULL; i++) {
			items[i] = (struct node){ .kind = NODE_TEXT, .text = strsep(&p, ",") };
			if (p != NULL)
				p += strspn(p, " ");
			if (i > 0)
				items[i - 1].next = &items[i];
			list.child = items;
		}
		rc = value_read(o, &list, field, &r);
	}
	report_clear(&r);
	return rc;
}
