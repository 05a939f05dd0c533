/*
 * shape - objects of Microsoft's written by a table: one row a member, with its new name and the kind it has in an index.
 *
 * Families other than audit write what no row moved (azure.signinlogs.properties, m365_defender.alert, ...) by a shape. Rules of
 * spec/ecs-audit.md section 2 hold in every object: null and empty values leave no trace, no name comes twice, none is blank or has
 * a '.', and at one path there is always the same kind of value: what is of another kind goes to <name>_raw as text. Members without
 * a row go on under the shape's rule for names; an object that no row announced is <name>_object. Members come out sorted by name,
 * lists in Microsoft's order.
 */
#ifndef NORM_SHAPE_H
#define NORM_SHAPE_H

#include "norm/rest.h"

enum kind {
	K_WORD,			/* text; numbers and booleans become text; lists of these */
	K_ANY,			/* as it is, objects below it by the shape's rule for names */
	K_LONG,			/* a whole number, also when it is text */
	K_FLOAT,
	K_BOOL,
	K_DATE,			/* ISO 8601 in UTC, cut to milliseconds */
	K_STAMP,		/* as received, if an index takes it as a date; else as K_DATE */
	K_IP,
	K_GUID,			/* as K_WORD, but the zero GUID names nothing */
	K_TITLE,		/* "member" -> "Member" */
	K_LOWER,
	K_CODE,			/* a word becomes its number: hint "import=0 scoping=1" */
	K_OBJECT,		/* an object or a list of them, by `inside` */
	K_PAIRS,		/* a list of {key, value} becomes an object */
	K_NUMBERED,		/* a list becomes an object: "0", "1", ... */
	K_AUDIENCES,		/* text, a list of text or of objects: always a list of {application_id} */
	K_JSON,			/* text that holds an object or a list of objects is opened */
	K_URL,			/* its parts, as Elasticsearch's uri_parts has them */
	K_GONE			/* not written: said elsewhere, or nothing */
};

struct part {
	const char		*from;		/* Microsoft's name; "*DateTime": every name that ends so */
	const char		*to;		/* ours; NULL: by the shape's rule. "process.id": id in an object that several members make */
	enum kind		 kind;
	const struct shape	*inside;	/* of the object or objects below; NULL: the shape's `deep` */
	const char		*hint;
};

struct shape {
	const struct part	*parts;
	size_t			 n;
	unsigned		 flags;
	const struct shape	*deep;		/* of objects below members without a shape of their own; NULL: no rows, flags as here */
};

#define S_KEEP		1	/* names without a row stay as received; else snake case */
#define S_FREE		2	/* a flattened field, or text that was opened: any kind may stand at a path */

extern const struct shape shape_free, shape_free_keep;	/* no rows */

#define SHAPE(parts, ...) { parts, sizeof(parts) / sizeof((parts)[0]), __VA_ARGS__ }

/* A family's write: the record by the family's shape without what rows moved, with what shape_add added. */
int	 shape_write(struct norm *);
/* One more member beside the record's own, unless it has a value of that name itself. */
void	 shape_add(struct norm *, const char *name, const char *, size_t);
/* "riskEventTypes_v2" -> "risk_event_types_v2"; in the arena. */
const char *shape_snake(struct norm *, const char *, size_t len, size_t *snake_len);

extern const struct family signin_family, directory_family, provisioning_family, risk_family, alerts_family, incidents_family;

/* Objects by a shape, also as direct elements of a list; everything else as it is. 0: nothing in it. */
int	 shape_put(struct out *, const struct shape *, uint32_t node);
/* Values of the given name of e[0]: one, or where a name without a row comes more than once the list of them. */
values_fn shape_entry;

/* shape_kinds.c */
int	 shape_pairs(struct out *, uint32_t node);
int	 shape_numbered(struct out *, const struct shape *, uint32_t node);
int	 shape_audiences(struct out *, const struct shape *, uint32_t node);
int	 shape_json(struct out *, uint32_t node);
const char *shape_word(const struct part *);		/* what its kind does, for people; NULL: a member without a row */
/* shape_value.c: the scalar or list of scalars as JSON text of that kind; 1, 0: nothing in it, -1: of another kind */
int	 shape_scalar(struct out *, const struct part *, uint32_t node, struct buf *);
/* Words and numbers of a hint, "low=21 medium=47 *=0": what stands behind a word, in any case; NULL: not there. */
const char *hint_find(const char *hint, const char *, size_t len, size_t *found_len);
/* url_parts.c: an object with at least the original */
void	 url_parts(const char *, size_t len, struct buf *);

#endif
