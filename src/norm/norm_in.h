/*
 * norm_in - what the parts of norm share. For norm itself and its unit tests only.
 *
 * The way of a record:
 *
 *	plan	the tables, made ready once: names to numbers, fields sorted by path
 *	engine	notes which known members the record has, runs the rows; what they make waits in slots, one per field
 *	open	turns members into the shape they are passed on in: pairs into objects, JSON text into JSON, ...
 *	keep	decides what becomes of a value (one path, one kind)
 *	entries	members that will be written; their names are made fit and different
 *	write	the slots, sorted by path, as nested objects, and in their midst what is passed on
 */
#ifndef NORM_NORM_IN_H
#define NORM_NORM_IN_H

#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "norm/arena.h"
#include "norm/names.h"
#include "norm/norm.h"
#include "norm/pen.h"
#include "norm/table.h"

#define NONE16		UINT16_MAX
#define NORM_TOKENS	200000		/* more than that in a record and only its top-level scalars are mapped */
#define NORM_ALSO	8		/* further fields of a row */
#define NORM_FROM	4		/* alternatives of a row */
#define NORM_UP		6		/* objects around a field */
#define NORM_LEVELS	18		/* brackets around a value; what is deeper is written as JSON text */
#define NORM_DOCS	8		/* JSON texts that are opened in one record */

/* ---- values ---- */

enum val_kind { VAL_NONE, VAL_TEXT, VAL_JSON, VAL_NODE, VAL_GROUP };

enum val_form {
	FORM_ALL,	/* as it is */
	FORM_VALUES,	/* objects as JSON text */
	FORM_DIGITS,	/* objects as JSON text, numbers as text */
	FORM_TEXTS,	/* everything as text, a list element by element */
	FORM_JSON,	/* objects and lists as JSON text */
	FORM_OBJECTS,	/* only the objects */
	FORM_REST	/* only what is not an object, as text */
};

struct val {
	uint8_t		 kind;
	uint8_t		 form;		/* VAL_NODE: how it is written */
	uint8_t		 plain;		/* VAL_TEXT: needs no escape */
	uint32_t	 len;		/* VAL_TEXT, VAL_JSON */
	uint32_t	 node;		/* VAL_NODE; VAL_GROUP: its number */
	const char	*p;		/* VAL_TEXT: UTF-8; VAL_JSON: sound JSON */
	const struct json *j;		/* VAL_NODE */
};

struct text {
	const char	*p;
	size_t		 len;
	int		 plain;
};

/* ---- the plan ---- */

struct member {
	const char		*name;
	const struct norm_member *row;		/* NULL: only rows read it */
	struct names		 children;
	uint16_t		 parent;	/* NONE16: a member of the record itself */
	uint16_t		 keep;
	uint16_t		 inside;
	uint8_t			 special;	/* some member below it is moved, or kept otherwise than inside says */
	uint8_t			 moves;		/* a row may move it */
};

struct target {
	const char		*path;
	const char		*name;		/* its last part */
	char			*key;		/* "name": */
	uint16_t		 key_len;
	uint8_t			 list;
	uint8_t			 rest;		/* 1: it stands among what is passed on */
	uint8_t			 n_up;
	uint16_t		 up[NORM_UP];	/* objects around it, outermost first */
	uint16_t		 same;		/* the member of the record that has this name; only if rest */
};

struct step {
	const struct norm_row	*row;
	const struct norm_table	*table;
	uint16_t		 to;
	uint16_t		 also[NORM_ALSO];
	uint8_t			 n_from;
	struct {
		uint16_t	 member;	/* or */
		uint16_t	 target;
		const char	*tail;		/* after "[]." */
	}			 from[NORM_FROM];
	struct names		 words;
};

struct stage {
	const struct norm_table	*table;
	uint16_t		 when;		/* member, NONE16: always */
	struct names		 values;
	uint32_t		 first, n;	/* steps */
};

struct up {				/* an object around fields */
	const char	*path;
	size_t		 len;
	char		*key;		/* "event":{ */
	uint16_t	 key_len;
};

struct plan {
	const struct norm_schema *schema;
	struct member		*members;
	struct names		 top;
	struct target		*targets;	/* sorted by path */
	struct step		*steps;
	struct stage		*stages;
	struct up		*ups;
	uint16_t		 n_members, n_targets, n_steps, n_stages, n_ups;
	uint16_t		 rest;		/* target */
};

struct plan *plan_new(const struct norm_schema *);
void	 plan_free(struct plan *);
/* The field's number, NONE16: no row makes it. */
uint16_t plan_target(const struct plan *, const char *path);

/* ---- one record ---- */

struct value {				/* in a slot */
	struct val	 val;
	uint32_t	 next;		/* number, 0: none */
	uint32_t	 turn;		/* of the slot, when it was put */
	uint16_t	 target;
	uint16_t	 step;		/* the row that made it */
};

struct slot {
	uint32_t	 first, last;
	uint32_t	 count;
	uint32_t	 turn;		/* how often it was replaced */
};

struct found {				/* a known member that the record has */
	struct val	 val;		/* as it is passed on and as rows see it */
	struct val	 raw;		/* what goes to <name>_raw */
	uint32_t	 node;		/* its value in the record */
	uint8_t		 set;
	uint8_t		 moved;
};

struct entry {				/* a member to be written */
	const char	*name;		/* UTF-8, fit */
	const char	*orig;		/* as the record has it, to tell a repeat from a clash */
	uint32_t	 len;
	uint32_t	 orig_len;
	struct val	 val;
	const struct member *member;	/* how what is below it is kept */
	uint32_t	 more;		/* entry with a further value of the same name, 0: none */
	uint32_t	 tail;		/* the last of them */
	uint32_t	 number;	/* 2: name_2 */
	uint32_t	 node;		/* name node, if name and value may be copied as they stand; else JSON_NONE */
	uint16_t	 id;		/* the member, if a row may still move it; else NONE16 */
	uint8_t		 flags;
};

#define ENTRY_PLAIN	0x01	/* the name needs no escape */
#define ENTRY_LAST	0x02	/* of repeats the last one counts, else all do */
#define ENTRY_LIST	0x04	/* a list, even of one value */
#define ENTRY_OUT	0x08	/* is not written by itself */

struct group {				/* the inside of an object: entries[first, first + n) */
	uint32_t	 first, n;
};

struct norm {
	struct plan		*plans[2];
	const struct plan	*plan;			/* of the record at hand */
	const struct norm_source *source;
	const struct record	*record;
	const char		*trouble;		/* what is wrong with the record as a whole */
	struct json		 j;
	struct json		 probe;			/* is this text JSON? */
	struct json		 docs[NORM_DOCS];	/* opened texts */
	unsigned		 n_docs;
	uint32_t		 tokens;		/* that opened texts may still have */
	int			 many;			/* containers have no nodes */

	struct found		*found;			/* by member */
	uint16_t		*touched;		/* members that are set */
	uint16_t		 n_touched;
	uint16_t		*tops;			/* member of each top-level name */
	uint32_t		 n_tops, tops_size;

	struct slot		*slots;			/* by target */
	struct value		*values;
	uint32_t		 n_values, values_size;
	uint32_t		*seen;			/* values of long lists by hash */
	uint32_t		 seen_mask, n_seen;
	uint64_t		 seed;

	struct entry		*entries;
	uint32_t		 n_entries, entries_size;
	struct group		*groups;
	uint32_t		 n_groups, groups_size;
	uint32_t		*names;			/* scratch of entry_names: entries by name */
	int			 unsure;		/* since it was last cleared: a name was mended or made up */
	uint32_t		 names_size;

	struct buf		 scratch;
	struct arena		 arena;
};

/* engine.c */
void	 engine_collect(struct norm *);
void	 engine_run(struct norm *);
/* A field gets a value as the step's flags say; 0: it had it already, or the value is empty. */
int	 norm_put(struct norm *, const struct step *, uint16_t target, const struct val *);
int	 norm_put_text(struct norm *, const struct step *, uint16_t target, const char *, size_t, int plain);
/* A scalar as text (a number in plain decimal); 0: no scalar, or empty. */
int	 norm_text_of(struct norm *, const struct val *, struct text *);
void	 norm_reset(struct norm *, const struct plan *);

/* open.c: the kinds that build something of their own. A group may only be built while no other one is. */
void	 open_member(struct norm *, uint16_t id);
void	 open_shape(struct norm *, const struct member *, struct val *, struct val *raw);

/* keep.c: what becomes of a value. v is a node at first; what it turns into is written under its name, raw under <name>_raw. */
void	 keep_shape(struct norm *, const struct member *, struct val *v, struct val *raw);
int	 keep_hollow(const struct json *, uint32_t node);	/* nothing in it but nulls and empty values */
unsigned keep_holds(const struct json *, uint32_t node);	/* of a list's elements, or of the value itself: */
#define HOLDS_OBJECT	1u
#define HOLDS_VALUE	2u
/* The member below m that is called like this, and its number (NAME_NONE: only m's word on what is inside). */
const struct member *keep_below(const struct norm *, const struct member *m, const char *, size_t, uint16_t *id);
const struct member *keep_below_node(struct norm *, const struct member *m, const struct json *, uint32_t name, uint16_t *id);
extern const struct member keep_kinds[KEEP_KINDS];		/* members of which only the kind is known */

/* entries.c: members that will be written. Returns 0 if there was nothing to write. */
int	 entry_add(struct norm *, const char *, size_t, const struct member *, const struct val *, unsigned flags);
int	 entry_add_node(struct norm *, const struct json *, uint32_t name, const struct member *, const struct val *);
int	 entry_add_raw(struct norm *, const struct json *, uint32_t name, const struct val *);
void	 entry_names(struct norm *, uint32_t first);		/* entries[first, ...) get names that all differ */

/* write.c */
void	 write_event(struct norm *, struct buf *);

#endif
