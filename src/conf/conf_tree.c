/*
 * conf_tree - YAML as a tree of nodes that know where they stand, through libyaml's events.
 *
 * What YAML has and a configuration does not need is refused here: anchors and aliases (a few lines of them unfold to
 * gigabytes), tags, several documents, keys that are no words, deep nesting.
 */
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/bom.h"
#include "base/xalloc.h"
#include "conf/conf_in.h"

#define NODES_MAX	100000u
#define KEYS_MAX	256u		/* of one map: repeated ones are looked for one by one */

struct reading {
	yaml_parser_t	 parser;
	const char	*bytes;
	size_t		 len;
	struct report	*report;
	struct node	*root, *open;		/* open: the list or map that events go into */
	unsigned	 depth, nodes;
	unsigned	 documents;
	int		 have_key;		/* the open map got a key and waits for its value */
	char		*key;
	unsigned	 key_line, key_column;
	int		 stop;
};

/* ---- nodes ----------------------------------------------------------------------------------------------------------- */

void
tree_free(struct node *n)
{
	struct node	*next;

	for (; n != NULL; n = next) {
		next = n->next;
		tree_free(n->child);
		free(n->key);
		free(n->text);
		free(n);
	}
}

size_t
tree_count(const struct node *n)
{
	size_t	 count = 0;

	for (n = n->child; n != NULL; n = n->next)
		count++;
	return count;
}

const struct node *
tree_find(const struct node *map, const char *path)
{
	const struct node	*n;
	size_t			 len = strcspn(path, ".");

	if (map == NULL || map->kind != NODE_MAP)
		return NULL;
	for (n = map->child; n != NULL; n = n->next)
		if (strncmp(n->key, path, len) == 0 && n->key[len] == '\0')
			return path[len] == '\0' ? n : tree_find(n, path + len + 1);
	return NULL;
}

static unsigned
line_of(const yaml_mark_t *m)
{
	return (unsigned)m->line + 1;
}

static unsigned
column_of(const yaml_mark_t *m)
{
	return (unsigned)m->column + 1;
}

static struct node *
node_new(struct reading *r, enum node_kind kind, const yaml_mark_t *m)
{
	struct node	*n = xcalloc(1, sizeof(*n));

	n->kind = kind;
	n->line = line_of(m);
	n->column = column_of(m);
	if (++r->nodes > NODES_MAX && !r->stop) {
		complain_at(r->report, NULL, n->line, n->column, "this is no configuration: over %u values; look for "
		    "what went wrong above",
		    NODES_MAX);
		r->stop = 1;
	}
	return n;
}

/* Puts it into the open list or map, under the key that waits there. */
static void
node_add(struct reading *r, struct node *n)
{
	struct node	*to = r->open;

	if (to == NULL) {
		r->root = n;
		return;
	}
	n->parent = to;
	if (to->kind == NODE_MAP) {
		n->key = r->key;
		n->key_line = r->key_line;
		n->key_column = r->key_column;
		r->key = NULL;
		r->have_key = 0;
	} else
		n->place = to->last != NULL ? to->last->place + 1 : 0;
	if (to->last != NULL)
		to->last->next = n;
	else
		to->child = n;
	to->last = n;
}

/* ---- what is refused ------------------------------------------------------------------------------------------------- */

static void
refuse_anchor_and_tag(struct reading *r, const struct node *n, const yaml_char_t *anchor, const yaml_char_t *tag,
    const yaml_mark_t *m)
{
	if (anchor != NULL)
		complain_at(r->report, n, line_of(m), column_of(m), "anchors (&%.40s) are not taken; write the value "
		    "out where it is used",
		    (const char *)anchor);
	if (tag != NULL)
		complain_at(r->report, n, line_of(m), column_of(m), "tags (%.40s) are not taken; leave it out, the "
		    "key decides the type",
		    (const char *)tag);
}

static int
is_key_place(const struct reading *r)
{
	return r->open != NULL && r->open->kind == NODE_MAP && !r->have_key;
}

static void
check_repeated(struct reading *r, const char *key, const yaml_mark_t *m)
{
	size_t	 keys = 0;

	for (const struct node *n = r->open->child; n != NULL; n = n->next, keys++) {
		if (strcmp(n->key, key) != 0)
			continue;
		complain_at(r->report, n, line_of(m), column_of(m), "is given twice, first in line %u; keep one of "
		    "the two", n->key_line);
		return;
	}
	if (keys >= KEYS_MAX) {
		complain_at(r->report, NULL, line_of(m), column_of(m), "this is no configuration: over %u keys in one "
		    "place", KEYS_MAX);
		r->stop = 1;
	}
}

static void
take_key(struct reading *r, const yaml_event_t *ev)
{
	const char	*text = (const char *)ev->data.scalar.value;

	if (*text == '\0')
		complain_at(r->report, NULL, line_of(&ev->start_mark), column_of(&ev->start_mark), "a key without a "
		    "name; write NAME: VALUE");
	else
		check_repeated(r, text, &ev->start_mark);
	free(r->key);
	r->key = xstrdup(text);
	r->key_line = line_of(&ev->start_mark);
	r->key_column = column_of(&ev->start_mark);
	r->have_key = 1;
}

static void
take_scalar(struct reading *r, const yaml_event_t *ev)
{
	const char	*text = (const char *)ev->data.scalar.value;
	struct node	*n;

	if (is_key_place(r)) {
		refuse_anchor_and_tag(r, NULL, ev->data.scalar.anchor, ev->data.scalar.tag, &ev->start_mark);
		take_key(r, ev);
		return;
	}
	n = node_new(r, NODE_TEXT, &ev->start_mark);
	n->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	node_add(r, n);
	refuse_anchor_and_tag(r, n, ev->data.scalar.anchor, ev->data.scalar.tag, &ev->start_mark);
	if (strlen(text) == ev->data.scalar.length)
		n->text = xstrdup(text);
	else
		complain(r->report, n, "holds a zero byte; take it out");
}

/* The node stays without text: complained about already. */
static void
take_alias(struct reading *r, const yaml_event_t *ev)
{
	const yaml_mark_t	*m = &ev->start_mark;
	struct node		*n = NULL;

	if (is_key_place(r))
		r->stop = 1;
	else
		node_add(r, n = node_new(r, NODE_TEXT, m));
	complain_at(r->report, n, line_of(m), column_of(m), "aliases (*%.40s) are not taken; write the value out here",
	    (const char *)ev->data.alias.anchor);
}

static void
open_node(struct reading *r, enum node_kind kind, const yaml_char_t *anchor, const yaml_char_t *tag, const yaml_mark_t *m)
{
	struct node	*n;

	if (is_key_place(r)) {
		complain_at(r->report, NULL, line_of(m), column_of(m), "a key must be one word; write NAME: VALUE");
		r->stop = 1;
		return;
	}
	if (++r->depth > CONF_DEPTH) {
		complain_at(r->report, NULL, line_of(m), column_of(m), "nested deeper than %u; no option is that "
		    "deep", CONF_DEPTH);
		r->stop = 1;
		return;
	}
	n = node_new(r, kind, m);
	node_add(r, n);
	refuse_anchor_and_tag(r, n, anchor, tag, m);
	r->open = n;
}

static void
close_node(struct reading *r)
{
	r->depth--;
	r->open = r->open->parent;
	r->have_key = 0;
}

static void
open_document(struct reading *r, const yaml_mark_t *m)
{
	if (++r->documents == 1)
		return;
	complain_at(r->report, NULL, line_of(m), column_of(m), "a second document begins here; one file is one "
	    "configuration, so take out the --- and what follows it, or the ... before");
	r->stop = 1;
}

static void
take_event(struct reading *r, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT:
		open_document(r, &ev->start_mark);
		break;
	case YAML_ALIAS_EVENT:
		take_alias(r, ev);
		break;
	case YAML_SCALAR_EVENT:
		take_scalar(r, ev);
		break;
	case YAML_SEQUENCE_START_EVENT:
		open_node(r, NODE_LIST, ev->data.sequence_start.anchor, ev->data.sequence_start.tag, &ev->start_mark);
		break;
	case YAML_MAPPING_START_EVENT:
		open_node(r, NODE_MAP, ev->data.mapping_start.anchor, ev->data.mapping_start.tag, &ev->start_mark);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_node(r);
		break;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
}

/* ---- what is no YAML ------------------------------------------------------------------------------------------------- */

/* The reader knows only the byte; columns count characters. */
static void
place_of_byte(const struct reading *r, size_t at, unsigned *line, unsigned *column)
{
	*line = *column = 1;
	for (size_t i = 0; i < at && i < r->len; i++) {
		if (r->bytes[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)r->bytes[i] & 0xc0) != 0x80)
			++*column;
	}
}

static int
is_tab_at(const struct reading *r, const yaml_mark_t *m)
{
	return m->index < r->len && r->bytes[m->index] == '\t';
}

static void
complain_no_yaml(struct reading *r)
{
	const yaml_parser_t	*p = &r->parser;
	unsigned		 line, column;

	if (p->error == YAML_MEMORY_ERROR)
		no_memory("libyaml");
	if (p->error == YAML_READER_ERROR) {
		place_of_byte(r, p->problem_offset, &line, &column);
		if (strstr(p->problem, "control") != NULL)
			complain_at(r->report, NULL, line, column, "a control byte; take it out");
		else
			complain_at(r->report, NULL, line, column, "not UTF-8 (%s); save the file as UTF-8", p->problem);
		return;
	}
	line = line_of(&p->problem_mark);
	column = column_of(&p->problem_mark);
	if (is_tab_at(r, &p->problem_mark))
		complain_at(r->report, NULL, line, column, "not YAML: a tab; indent with blanks");
	else if (p->context != NULL && p->context_mark.line != p->problem_mark.line)
		complain_at(r->report, NULL, line, column, "not YAML: %s, %s that begins in line %u; look at the "
		    "indentation, quotes and brackets",
		    p->problem, p->context, line_of(&p->context_mark));
	else
		complain_at(r->report, NULL, line, column, "not YAML: %s; look at the indentation, quotes and "
		    "brackets of this line and the one before",
		    p->problem != NULL ? p->problem : "unreadable");
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static int
read_events(struct reading *r)
{
	yaml_event_t	 ev;
	int		 end = 0;

	while (!end && !r->stop) {
		if (!yaml_parser_parse(&r->parser, &ev)) {
			complain_no_yaml(r);
			return -1;
		}
		end = ev.type == YAML_STREAM_END_EVENT;
		take_event(r, &ev);
		yaml_event_delete(&ev);
	}
	return r->stop ? -1 : 0;
}

static int
is_nothing(const struct node *n)
{
	return n == NULL || (n->kind == NODE_TEXT && n->text != NULL && *n->text == '\0' && !n->quoted);
}

/* An empty file is a configuration that lacks everything, and is told so. */
static struct node *
proper_root(struct node *root, struct report *report)
{
	if (is_nothing(root)) {
		tree_free(root);
		root = xcalloc(1, sizeof(*root));
		root->kind = NODE_MAP;
	} else if (root->kind != NODE_MAP) {
		complain_at(report, NULL, root->line, root->column, "this is no configuration; it begins with keys "
		    "such as tenants: and outputs:");
		tree_free(root);
		return NULL;
	}
	root->line = root->column = 1;
	return root;
}

/* Some editors begin a file with a byte order mark. */
struct node *
tree_read(const char *bytes, size_t len, struct report *report)
{
	size_t		 mark = bom_len(bytes, len);
	struct reading	 r = { .bytes = bytes + mark, .len = len - mark, .report = report };
	int		 rc;

	if (!yaml_parser_initialize(&r.parser))
		no_memory("libyaml");
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)r.bytes, r.len);
	rc = read_events(&r);
	yaml_parser_delete(&r.parser);
	free(r.key);
	if (rc == -1) {
		tree_free(r.root);
		return NULL;
	}
	return proper_root(r.root, report);
}
