/*
 * kit - what the fuzz targets share: the one way to say what must hold, and how an input is cut into parts.
 *
 * Seeds are written by hand, so an input is text where it can be: a first line with a few numbers and words, and behind it
 * the bytes as they would come. What a line lacks is 0 or "".
 */
#ifndef TESTS_FUZZ_KIT_H
#define TESTS_FUZZ_KIT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MUST(what) do {									\
	if (!(what)) {									\
		fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__, #what);	\
		abort();								\
	}										\
} while (0)

int	 LLVMFuzzerTestOneInput(const uint8_t *, size_t);
int	 LLVMFuzzerInitialize(int *, char ***);

struct fuzz_in {		/* what is left of the input */
	const char	*p, *end;
};

struct fuzz_in fuzz_in(const uint8_t *, size_t);
/* The next line, without its end, as a text of at most size - 1 bytes; a NUL in it ends the text. Returns to. */
char	*fuzz_line(struct fuzz_in *, char *to, size_t size);
/* The next word of a text, moved past it; "" at the end. */
char	*fuzz_word(char **text);
/* The next word as a number from 0 to max, or 0. */
unsigned fuzz_number(char **text, unsigned max);
/* The rest, as a text for whoever wants a NUL behind it: the caller frees. A NUL in it ends the text. */
char	*fuzz_text(const struct fuzz_in *);

/* Has it bytes that must not get into a header or into one line of text? */
int	 fuzz_has_controls(const char *, size_t);
/* Or what a terminal obeys: those, and U+0080 to U+009F. */
int	 fuzz_moves_terminal(const char *, size_t);

#endif
