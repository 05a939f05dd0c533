/*
 * buf - bytes that grow, and remember that they failed.
 *
 * Write ten times, ask once: past its cap a buf takes nothing more and buf_failed() says so.
 * Owns its bytes; buf_take gives them away. A zeroed struct is an empty buf without a cap. bytes[len] is
 * always '\0' once something was written (not counted in len).
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char	*bytes;
	size_t	 len;
	size_t	 size;		/* allocated */
	size_t	 cap;		/* at most this many bytes; 0: no cap */
	int	 failed;
};

void	 buf_init(struct buf *, size_t cap);
void	 buf_clear(struct buf *);			/* frees; the cap stays */
static inline void buf_reset(struct buf *);		/* len = 0, not failed, keeps the memory */
void	 buf_shrink(struct buf *, size_t keep);		/* buf_reset, and frees memory over keep bytes */
int	 buf_failed(const struct buf *);
void	 buf_grow(struct buf *, size_t more);		/* for buf_need */
static inline void buf_need(struct buf *, size_t more);	/* room for more bytes after len */
static inline void buf_add(struct buf *, const void *, size_t);
static inline void buf_addc(struct buf *, char);
static inline void buf_adds(struct buf *, const char *);
void	 buf_addf(struct buf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void	 buf_addv(struct buf *, const char *fmt, va_list) __attribute__((format(printf, 2, 0)));
void	 buf_addi(struct buf *, int64_t);		/* decimal */
void	 buf_drop(struct buf *, size_t n);		/* the first n bytes go */
void	 buf_cut(struct buf *, size_t len);		/* shorten to len */
char	*buf_take(struct buf *, size_t *len);		/* the caller frees; the buf is empty afterwards */
static inline const char *buf_str(const struct buf *);	/* "" when empty; valid until the next write */

/* An event is written in a hundred small pieces and mostly there is room for them: then no function is called for one. */

static inline void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = 0;
	if (b->bytes != NULL)
		b->bytes[0] = '\0';
}

static inline const char *
buf_str(const struct buf *b)
{
	return b->bytes != NULL ? b->bytes : "";
}

static inline int
buf_has(const struct buf *b, size_t more)
{
	return more < b->size - b->len && !b->failed;
}

static inline void
buf_need(struct buf *b, size_t more)
{
	if (!buf_has(b, more))
		buf_grow(b, more);
}

static inline void
buf_add(struct buf *b, const void *p, size_t len)
{
	buf_need(b, len);
	if (b->failed)
		return;
	if (len > 0)
		memcpy(b->bytes + b->len, p, len);
	b->len += len;
	b->bytes[b->len] = '\0';
}

static inline void
buf_addc(struct buf *b, char c)
{
	buf_need(b, 1);
	if (b->failed)
		return;
	b->bytes[b->len++] = c;
	b->bytes[b->len] = '\0';
}

static inline void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

#endif
