/*
 * secret - a value that is used and never shown.
 *
 * Owns:   secret_load fills the caller's struct; secret_clear wipes and frees it.
 * Fails:  a link, a directory, a file of another owner or one that others can read is refused (ERR_CONFIG, the text
 *         names the file and the command that mends it); the old value stays.
 * Keeps:  the bytes are in locked memory that no core holds, in no log and in no child.
 *
 * References (design.md section 10): "file:PATH", "credential:NAME" (under $CREDENTIALS_DIRECTORY, without the mode
 * rule), "env:NAME" (tests and containers). One line, its end trimmed, at most 16 KiB; empty is refused.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

#include "base/err.h"

struct secret {
	char	*bytes;		/* locked memory, NUL-terminated */
	size_t	 len;
	size_t	 size;		/* mapped */
};

int	 secret_load(struct secret *, const char *ref, struct err *);
int	 secret_set(struct secret *, const char *bytes, size_t, struct err *);	/* copies, e.g. a token from a reply */
int	 secret_changed(const struct secret *, const char *ref);		/* 1: loading it now would give other bytes */
void	 secret_clear(struct secret *);

#endif
