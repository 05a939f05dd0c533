/*
 * table - what a mapping is written in: one row per field of the event, one row per member that is not passed on as it is.
 *
 * A schema for a source is a list of tables. They run in order, row by row; a later row replaces what an earlier one set.
 * Code, `map --explain` and the field reference read the same rows.
 *
 *	to	the field of the event: "event.id". A field below the schema's rest ("o365.audit.SenderEntity") is written
 *		among the members that are passed on.
 *	from	where the value comes from: "Item.Subject" steps through the record, "=user.id" is a field of the event.
 *		Several, the first that is not empty counts: "FilePath|TargetFilePath". "Members[].UPN" looks into every
 *		element of a list. NULL: the row needs nothing from the record.
 *	how	the converter (convert.h)
 *	hint	what the converter wants to know; what that is, convert.h says
 *	words	a list of words to look the value up in, for norm_word
 *	also	further fields that the converter makes, in the order it wants them
 */
#ifndef NORM_TABLE_H
#define NORM_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "norm/norm.h"

struct step;			/* a row, ready to run */
struct val;

/* 1: it made something of the value; 0: it did not, and the row counts as not there. */
#define NORM_HOW(name) int name(struct norm *, const struct step *, const struct val *)

#define NORM_MOVE	0x01	/* the member does not stay among what is passed on */
#define NORM_APPEND	0x02	/* joins what is there, unless it is there already */
#define NORM_UNSET	0x04	/* only if the field is not set yet */
#define NORM_LIST	0x08	/* the field is a list, even of one value */
#define NORM_EACH	0x10	/* of a list, every element */
#define NORM_MUST	0x20	/* runs without a value too */

struct norm_word {
	const char	*word;
	const char	*then[3];	/* norm_word's hint says which column; several values are separated by '|' */
};

struct norm_row {
	const char		*to;
	const char		*from;
	NORM_HOW(		(*how));
	const char		*hint;
	unsigned		 flags;
	const struct norm_word	*words;		/* up to a NULL word */
	const char		*also;		/* the further fields it makes: "client.ip client.port" */
};

/* A row as it is written: SET replaces, MOVE also takes the member out, ADD appends, ELSE is for a field still unset. */
#define ROW(to_, from_, how_, ...)	{ .to = to_, .from = from_, .how = how_, __VA_ARGS__ }
#define SET(to_, from_, ...)		ROW(to_, from_, __VA_ARGS__)
#define MOVE(to_, from_, ...)		ROW(to_, from_, __VA_ARGS__, .flags = NORM_MOVE)
#define ADD(to_, from_, ...)		ROW(to_, from_, __VA_ARGS__, .flags = NORM_APPEND)
#define ELSE(to_, from_, ...)		ROW(to_, from_, __VA_ARGS__, .flags = NORM_UNSET)

struct norm_table {
	const char		*name;		/* for people: "exchange mailbox" */
	const char		*when;		/* "RecordType=6|14": the member and the values it must have; NULL: always */
	const struct norm_row	*rows;
	size_t			 n;
};

/*
 * How a member is passed on. "One path, one kind": at a path there is always an object (or a list of them) or always a
 * value (or a list of them). What is of the other kind goes to a sister named <name>_raw, as text.
 */
enum norm_keep {
	KEEP_ANY,	/* nothing is known: as it is; a list of both kinds is parted */
	KEEP_VALUE,	/* a value; an object becomes its JSON text */
	KEEP_TEXT,	/* the same, and a list becomes its JSON text as well */
	KEEP_DIGITS,	/* a value, numbers as text */
	KEEP_BOOL,	/* true or false, also when written as words */
	KEEP_LONG,	/* a whole number, also when written as text */
	KEEP_TIME,	/* a time, as ISO 8601 in UTC */
	KEEP_DATE,	/* a time, as Microsoft wrote it if that is ISO 8601 */
	KEEP_IP,	/* an address, else nothing */
	KEEP_WORD,	/* a value that the words translate */
	KEEP_OBJECT,	/* an object or a list of objects; a hint names the member that a lone value becomes */
	KEEP_PAIRS,	/* a list of {Name, Value} becomes an object */
	KEEP_CHANGES,	/* a list of {Name, OldValue, NewValue} becomes an object of {OldValue, NewValue} */
	KEEP_JSON,	/* an object, also when written as text */
	KEEP_JSONS,	/* an object or a list of objects, also when written as text or when its elements are */
	KEEP_FLAT,	/* as KEEP_JSON, and stands below <name>.flattened; the members that have a row are copied beside it */
	KEEP_PLUCK,	/* a list of objects becomes the list of the member that the hint names */
	KEEP_NOT,	/* not passed on */
	KEEP_KINDS
};

struct norm_member {
	const char		*path;		/* "Actor.Type": also of every object in a list */
	enum norm_keep		 keep;
	enum norm_keep		 inside;	/* KEEP_ANY, or how members below it are kept that have no row */
	const char		*hint;
	const struct norm_word	*words;
};

struct norm_schema {
	enum schema			 schema;
	const char			*feeds;		/* the feeds begin with this: "audit." */
	const char			*module;
	const char			*dataset;
	const char			*rest;		/* below this stands what no row moved */
	const struct norm_member	*members;
	const size_t			*n_members;
	const struct norm_table *const	*tables;
	size_t				 n_tables;
};

#define NORM_COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NORM_TABLE(name, when, rows) { name, when, rows, NORM_COUNT(rows) }

extern const struct norm_schema ecs_audit;

/* The name of a RecordType, NULL if it has none (record_types.c). */
const char *record_type_name(uint32_t number);

#endif
