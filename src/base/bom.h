/*
 * bom - the byte order mark that some programs put before text in UTF-8. It is no part of the text, and RFC 8259 lets a reader
 * pass over it.
 *
 * Of what comes from outside it is skipped once: of an answer by httpc, of a blob or page that streams by where that is split.
 */
#ifndef BASE_BOM_H
#define BASE_BOM_H

#include <stddef.h>
#include <string.h>

#define BOM "\xef\xbb\xbf"

/* How much of a whole text the mark takes: 3 or 0. */
static inline size_t
bom_len(const char *text, size_t len)
{
	return len >= 3 && memcmp(text, BOM, 3) == 0 ? 3 : 0;
}

/* Of a text that comes byte by byte: is c the next byte of the mark? *seen begins at 0. */
static inline int
bom_goes_on(unsigned *seen, char c)
{
	if (*seen >= 3 || c != BOM[*seen])
		return 0;
	(*seen)++;
	return 1;
}

#endif
