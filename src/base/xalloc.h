/*
 * xalloc - memory, or the process stops.
 *
 * Fails:  never returns NULL. Without memory the process says so and ends with exit 75; spool and marks make
 *         that safe (style.md, "three kinds of trouble"). Sizes that come from outside are capped by the caller.
 *         Where a library had none, no_memory() says for what. It is no abort(): a crash would be blamed on the records at hand.
 */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>

void	*xmalloc(size_t);
void	*xcalloc(size_t n, size_t size);
void	*xrealloc(void *, size_t);
void	*xreallocarray(void *, size_t n, size_t size);
char	*xstrdup(const char *);
char	*xstrndup(const char *, size_t);
char	*xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void no_memory(const char *what_for);
void	 xtrim(void);		/* what is free goes back to the system; any thread */

#endif
