/*
 * control - what a terminal obeys instead of showing it: bytes below the space, DEL, and U+0080 to U+009F in UTF-8.
 *
 * Texts from outside go into logs, states and tables. There none of these may be.
 */
#ifndef BASE_CONTROL_H
#define BASE_CONTROL_H

#include <stddef.h>
#include <string.h>

/* How many bytes of a control character begin at p, in a text that ends with NUL; 0: it is none. */
static inline size_t
control_at(const char *p)
{
	unsigned char	 c = (unsigned char)p[0], next = c == 0xc2 ? (unsigned char)p[1] : 0;

	return c < 0x20 || c == 0x7f ? 1 : next >= 0x80 && next < 0xa0 ? 2 : 0;
}

/* In place, byte for byte: the text becomes one line. */
static inline void
control_blank(char *s, char with)
{
	for (size_t n; *s != '\0'; s += n > 0 ? n : 1) {
		n = control_at(s);
		memset(s, with, n);
	}
}

#endif
