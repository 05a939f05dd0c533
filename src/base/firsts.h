/*
 * firsts - kinds of records (record type and operation) that are seen for the first time.
 *
 * A table of hashes that any thread may ask and fill without a lock, and a stack of what was new, which the loop takes. Bounded:
 * after FIRSTS_MAX kinds nothing more is noticed, and firsts_full says so. Hashes may meet: then one of two kinds goes unnoticed.
 */
#ifndef BASE_FIRSTS_H
#define BASE_FIRSTS_H

#include <stddef.h>

#define FIRSTS_MAX 4096
#define FIRSTS_KEY 200			/* bytes of a key, its NUL included; longer names are cut */

struct first {
	struct first	*next;
	char		 key[FIRSTS_KEY];	/* "audit|50|MailItemsAccessed" */
};

/* Is it new? Then it is known from now on, and waits to be taken. */
void	 firsts_note(const char *family, const char *type, size_t type_len, const char *operation, size_t operation_len);
void	 firsts_learn(const char *key);		/* known from before */
struct first *firsts_take(void);		/* all that is new, in no order; the caller frees each */
int	 firsts_full(void);
void	 firsts_forget(void);			/* for tests: nothing is known; no other thread runs */

#endif
