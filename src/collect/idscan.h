/*
 * idscan - looks for a string member at the top level of an object that is too large, or too broken, to be indexed.
 *
 * Takes the object's bytes as they come, in any pieces, keeps nothing but the value (the last one, at most
 * IDSCAN_MAX bytes, escapes as they stand). Tolerates anything.
 */
#ifndef COLLECT_IDSCAN_H
#define COLLECT_IDSCAN_H

#include <stddef.h>

#define IDSCAN_MAX 128

struct idscan {
	const char	*name;
	size_t		 name_len;
	size_t		 depth;
	int		 in_string, escaped;
	int		 at_value;		/* depth 1: behind the colon */
	int		 name_fits;		/* the name read so far is a prefix of the wanted one */
	int		 wanted;		/* the last name was the wanted one */
	size_t		 name_at;
	char		 value[IDSCAN_MAX + 1];
	size_t		 value_len;
	char		 found[IDSCAN_MAX + 1];	/* "" if none */
};

void	 idscan_init(struct idscan *, const char *name);
void	 idscan_feed(struct idscan *, const char *, size_t);

#endif
