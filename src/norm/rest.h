/*
 * rest - how values and names of o365.audit are written. Internal to norm/: rest.c has the rules for all members,
 * rest_members.c those of single ones.
 *
 * Functions that return int tell whether anything was written: what is empty leaves no trace, its name neither.
 */
#ifndef NORM_REST_H
#define NORM_REST_H

#include "norm/ecs.h"

struct part;
struct shape;

struct entry {			/* a member on its way out */
	const char	*name;
	size_t		 len;
	const char	*given;		/* as the record spells it */
	size_t		 given_len;
	uint32_t	 node;
	uint32_t	 at;		/* order in the record */
	uint32_t	 first;		/* of the first entry of its given name */
	uint8_t		 text;		/* whatever it is, as text */
	/* shape.c: */
	uint8_t		 raw;		/* of another kind than its row says */
	uint8_t		 group;		/* an object that several members of `node` make */
	const struct part *part;	/* its row, NULL */
	const char	*made;		/* JSON text that is written for it, NULL */
	size_t		 made_len;
};

struct out {
	struct norm		*n;
	const struct json	*j;
	struct buf		*to;
	int			 typed;		/* numbers called Type become text */
	int			 flat;		/* members are values: an object in one is text */
	int			 one_query_time;	/* QueryTime with AM or PM is left out */
	const struct shape	*shape;		/* shape.c: of the object at hand */
	const char		*time;		/* the member of this name is a time; NULL: none is */
	uint32_t		 misfit;	/* rest_plain.c: the last node that cannot stand as it does */
};

/* Writes the values of e[0] and the n - 1 behind it, all of one given name, under a name. */
typedef int values_fn(struct out *, const struct entry *e, size_t n, const char *name, size_t len);

void	 rest_separate(struct buf *);			/* a comma where one is due */
void	 rest_name(struct out *, const char *, size_t);
void	 rest_string(struct out *, uint32_t node);	/* a string as it is, or a name */
void	 rest_text(struct out *, uint32_t node);	/* whatever it is, as a JSON string */
int	 rest_value(struct out *, uint32_t node);
int	 rest_member(struct out *, const char *name, uint32_t node);
int	 rest_raw(struct out *, const char *name, uint32_t node);	/* as <name>_raw, text */
int	 rest_time(struct out *, uint32_t node);	/* ISO 8601, UTC; 0, and nothing is written: it is no time */
int	 rest_flat(struct out *, const char *name, size_t len, uint32_t node);
int	 rest_has_object(const struct json *, uint32_t node);
int	 rest_is_objects(const struct json *, uint32_t node);	/* an object or a list of them */
int	 rest_nothing(const struct json *, uint32_t node);	/* empty at every depth */
int	 rest_unseen(const struct out *, uint32_t node);		/* it has no nodes, the record is too large */
int	 rest_fits(struct out *, int top, const char *name, size_t len, uint32_t node);
void	 rest_judge(struct out *, int top, struct entry *);	/* gives what does not fit its other name */
const char *rest_own_name(struct out *, const char *name, const char *suffix);

void	 rest_fix_name(struct out *, struct entry *, const char *, size_t, int blanks);
void	 rest_name_of(struct out *, uint32_t node, struct entry *, int blanks);
int	 rest_same(const struct entry *, const struct entry *);	/* the same given name? */
int	 rest_entries(struct out *, struct entry *, size_t n, values_fn *);	/* sorts them */
values_fn rest_values;

/* rest_plain.c */
int	 rest_is_plain(struct out *, uint32_t node);	/* all of it may be written as the record has it */

/* rest_long.c: may this JSON text stand in a flattened field? */
int	 rest_flat_takes(const char *, size_t len);

/* rest_pairs.c */
int	 rest_pairs(struct out *, const char *name, uint32_t node, const char *without);	/* without a name that a row moved */
int	 rest_changes(struct out *, const char *name, uint32_t node);

/* audit_data.c: Data */
int	 rest_data(struct out *, const char *name, uint32_t node);

/* kinds.c: what stands under a name, told by the name alone */
enum { KIND_VALUE, KIND_OBJECT };
void	 kinds_init(struct names *);	/* name -> its number */
const char *kinds_name(size_t);			/* the n-th of the list, NULL */
int	 kind_of(const struct names *, int top, const char *, size_t);

#endif
