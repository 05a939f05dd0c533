/*
 * text - bytes that grow; what the simulator builds answers and records in.
 *
 * Owns its bytes; a zeroed struct is an empty text. Without memory the process stops. bytes[len] is '\0' once
 * something was written.
 */
#ifndef SIM_TEXT_H
#define SIM_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	char	*bytes;
	size_t	 len;
	size_t	 size;
};

void	 text_clear(struct text *);
void	 text_reset(struct text *);			/* empty, keeps the memory */
char	*text_need(struct text *, size_t more);		/* room for more; where the next byte goes */
void	 text_add(struct text *, const void *, size_t);
void	 text_adds(struct text *, const char *);
void	 text_addc(struct text *, char);
void	 text_addu(struct text *, uint64_t);
void	 text_addi(struct text *, int64_t);
void	 text_addf(struct text *, const char *, ...) __attribute__((format(printf, 2, 3)));
void	 text_json(struct text *, const char *, size_t);	/* as a JSON string with its quotes */
void	 text_base64url(struct text *, const void *, size_t);	/* no padding */
void	 text_drop(struct text *, size_t);			/* the first n bytes go */
const char *text_str(const struct text *);

void	*sim_alloc(size_t n, size_t size);		/* zeroed, never NULL */
void	*sim_grow(void *, size_t n, size_t size);
char	*sim_copy(const char *, size_t);		/* NUL-terminated */

#define LIT(t, s) text_add((t), (s), sizeof(s) - 1)

#endif
