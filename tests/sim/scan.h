/*
 * scan - one pass over a JSON text: is it RFC 8259 in valid UTF-8, and what is its id?
 *
 * The simulator's own judge, written apart from the program's parser. It builds no tree and allocates nothing per text.
 * Pieces point into the text scanned. Not re-entrant (one scratch table).
 */
#ifndef SIM_SCAN_H
#define SIM_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "keytab.h"
#include "text.h"

struct piece {
	const char	*at;		/* NULL: not there */
	size_t		 len;
};

/* One path, one kind: which paths were an object and which a value, over all texts scanned with it. */
struct kinds {
	struct keytab	 paths;
	uint8_t		*seen;		/* by number: 1 value, 2 object, 3 both */
	size_t		 room;
	struct text	 both;		/* names of the paths that were both, a JSON list without its brackets */
	unsigned	 conflicts;
};

struct scan {
	/* asked */
	int		 max_depth;	/* 0: 1000 */
	int		 names;		/* 1: refuse repeated, empty, blank and dot-edged names */
	struct kinds	*kinds;		/* may be NULL */
	/* answered */
	const char	*why;		/* NULL: sound */
	char		 top;		/* first byte of the value */
	struct piece	 id;		/* "Id" at the top (the last one): a record as Microsoft writes it */
	struct piece	 event_id;	/* event.id, nested or dotted */
	struct piece	 inner_id;	/* o365audit.Id or metadata.uid */
	int		 has_timestamp;
};

int	 scan_json(const char *, size_t, struct scan *);	/* 1: sound */
int	 scan_balanced(const char *, size_t);	/* do its brackets balance, strings skipped? */
struct piece scan_best_id(const struct scan *);	/* event.id, else inner, else Id */

#endif
