/*
 * span - a JSON text by its bytes: where a value ends, the members of an object, and the white space between tokens.
 *
 * For texts that scan_json called sound, except span_end, which is asked before. Nothing is copied or converted.
 */
#ifndef SIM_SPAN_H
#define SIM_SPAN_H

#include "scan.h"
#include "text.h"

/* Length of the object or list that begins here, strings skipped; 0: it does not end. */
size_t	 span_end(const char *, size_t);

struct member {
	struct piece	 name;		/* without its quotes, escapes as they are */
	struct piece	 value;		/* with its quotes or brackets */
};

/* The next member of an object. *at starts behind its opening bracket and moves on; 0: there is none. */
int	 span_member(const char **at, const char *end, struct member *);
int	 span_named(const struct member *, const char *name);
struct piece span_trim(const char *, size_t);		/* without white space around it */

void	 span_compact(const struct piece *, struct text *);	/* no white space between tokens */
void	 span_spaced(const struct piece *, struct text *);	/* exactly one space after each ':' and ',' */

#endif
