/*
 * conf_in - what the parts of conf share. For src/conf/conf*.c only.
 *
 * The file becomes a small tree of nodes that know where they stand (conf_tree), the table of options (conf_options) says
 * which keys there are, conf_values turns a node into a field, conf.c walks the tree by the table, and conf_judge looks at
 * what only the whole can tell. Whatever is wrong goes into one report and the reading goes on.
 */
#ifndef CONF_CONF_IN_H
#define CONF_CONF_IN_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"

#define CONF_FILE_MAX	(1u << 20)
#define CONF_DEPTH	16u
#define CONF_WHY	1200		/* of a value's complaint */

/* ---- the tree -------------------------------------------------------------------------------------------------------- */

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind	 kind;
	unsigned	 line, column;		/* from 1 */
	unsigned	 key_line, key_column;	/* of the key, 0 if it has none */
	char		*key;			/* in a map */
	size_t		 place;			/* in a list, from 0 */
	char		*text;			/* of NODE_TEXT */
	int		 quoted;
	struct node	*parent, *child, *last, *next;
};

struct report;

/* NULL: it is not YAML, and the report says so. Repeated keys and what else YAML has and we do not are reported. */
struct node *tree_read(const char *bytes, size_t len, struct report *);
void	 tree_free(struct node *);
/* The node at "auth.client_id" below a map; NULL. The map may be NULL. */
const struct node *tree_find(const struct node *map, const char *path);
size_t	 tree_count(const struct node *);		/* of children */

/* ---- the report ------------------------------------------------------------------------------------------------------ */

struct complaint {
	unsigned	 line, column;
	char		*text;			/* "key.path: what is wrong; what to do" */
};

struct report {
	struct complaint *items;
	size_t		 n, more;		/* more: were not kept */
};

/* At a value; at a key (unknown, unwanted); at a map that lacks something; at a place without a node. */
void	 complain(struct report *, const struct node *, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void	 complain_key(struct report *, const struct node *, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void	 complain_missing(struct report *, const struct node *map, const char *key, const char *fmt, ...)
	    __attribute__((format(printf, 4, 5)));
void	 complain_at(struct report *, const struct node *whose, unsigned line, unsigned column, const char *fmt, ...)
	    __attribute__((format(printf, 5, 6)));	/* whose: for the path, may be NULL */
void	 report_text(struct report *, const char *file, struct buf *);	/* in the file's order, one a line */
void	 report_clear(struct report *);
/* A value as it may be shown: short, on one line, in quotes. */
const char *shown(const char *text, char to[100]);

/* ---- options and values ---------------------------------------------------------------------------------------------- */

/* The row of a path; NULL. The row after `at` (NULL: the first) whose path is prefix and one more name; NULL: no more. */
const struct conf_option *option_find(const char *path);
const struct conf_option *option_next(const char *prefix, const struct conf_option *at);
const char *option_name(const struct conf_option *);		/* the last name of its path */
int	 option_applies(const struct conf_option *, const char *type);	/* NULL type: not known, so it does */
/* The default for an output of that type; 0: there is none. */
int	 option_standard(const struct conf_option *, const char *type, char *to, size_t size);

/* "a|b|c~": how many words; which one it is (-1: none); is it one for later? */
int	 words_find(const char *words, const char *word, size_t len, int *later);
/* Appends "a, b or c", without those for later. */
void	 words_list(const char *words, struct buf *);

/*
 * Kinds are what the table's column type names. A value of a kind is read from a node into a field; for the default the
 * node is made up. Sentences say what was expected, with an example.
 */
struct kind {
	const char	*name;
	const char	*want;			/* "a duration with its unit, such as 10m" */
	int		 (*read)(const struct conf_option *, const struct node *, void *field, struct report *);
	int		 (*check)(char *text, char why[CONF_WHY]);	/* of one string; may tidy it up in place */
	void		 (*clear)(void *field);		/* frees what read made; NULL: nothing */
	int		 secret;		/* never expanded, never shown */
	int		 (*same)(const void *field, const void *other);
};

const struct kind *kind_find(const char *name);
int	 value_read(const struct conf_option *, const struct node *, void *field, struct report *);
int	 value_standard(const struct conf_option *, const char *text, void *field);

/* conf_number: -1 and why, without the text itself. */
typedef int number_fn(const char *, int64_t *, char *why);
int	 value_duration(const char *, int64_t *ms, char why[CONF_WHY]);
int	 value_size(const char *, int64_t *bytes, char why[CONF_WHY]);
int	 value_count(const char *, int64_t *, char why[CONF_WHY]);
int	 value_within(const char *limits, number_fn *, int64_t value, char why[CONF_WHY]);	/* "1s..1h" or NULL */

void	 list_add(struct conf_list *, char *item);		/* takes it */
void	 list_clear(struct conf_list *);

/* conf_text: is one string what it has to be? 0, or -1 and why (without the string itself, with what to do). */
int	 text_expand(const char *, struct buf *, char why[CONF_WHY]);	/* ${VAR}; "$${" stands for "${" */
int	 text_plain(char *, char why[CONF_WHY]);
int	 text_word(char *, char why[CONF_WHY]);
int	 text_name(char *, char why[CONF_WHY]);
int	 text_guid(char *, char why[CONF_WHY]);		/* becomes lower case */
int	 text_domain(char *, char why[CONF_WHY]);
int	 text_user(char *, char why[CONF_WHY]);
int	 text_path(char *, char why[CONF_WHY]);		/* absolute; double and last slashes go */
int	 text_index(char *, char why[CONF_WHY]);
int	 text_namespace(char *, char why[CONF_WHY]);
int	 text_pins(char *, char why[CONF_WHY]);
int	 text_header(const char *name, const char *value, char why[CONF_WHY]);

/* conf_url */
int	 text_url(char *, char why[CONF_WHY]);		/* origin and path; last slashes go */
int	 text_origin(char *, char why[CONF_WHY]);		/* no path */
int	 text_proxy(char *, char why[CONF_WHY]);		/* as it stands in the file: no user, no password */
int	 text_proxy_secret(char *, char why[CONF_WHY]);	/* as it stands in a secret */
int	 text_listen(char *, char why[CONF_WHY]);

/* conf_feeds */
struct feed {
	const char	*name;
	const char	*api;			/* Microsoft's word for it, which people may write instead */
	int64_t		 reach_ms;		/* how far back its API reaches */
};

const struct feed *feed_find(const char *name);
const char *feed_near(const char *name);		/* what was meant, or NULL */
int	 feed_match(const char *pattern, const char *name);
int	 feed_known(const char *pattern);		/* does any feed there is match? */

/* conf_rules */
int	 rules_read_conditions(const struct conf_option *, const struct node *, void *field, struct report *);
void	 rules_clear_conditions(void *field);
int	 rules_same_conditions(const void *, const void *);
int	 rules_read_constants(const struct conf_option *, const struct node *, void *field, struct report *);
int	 rules_read_members(const struct conf_option *, const struct node *, void *field, struct report *);
void	 rules_judge(const struct conf *, const struct conf_output *, const struct node *, struct report *);

/* conf_near: the one of n names that is spelled most like this one; NULL: none is near. */
const char *near(const char *word, const char *const *names, size_t n);

/* conf_files: may we use these files? */
int	 file_check_pem(const char *path, int key, char why[CONF_WHY]);
int	 secret_check(const char *ref, char why[CONF_WHY]);

/* conf_judge */
void	 judge(struct conf *, const struct node *root, struct report *);

#endif
