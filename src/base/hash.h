/*
 * hash - digests and encodings. libcrypto is behind this header and nowhere else in base.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct sha256;					/* reusable; not shared between threads */

struct sha256 *sha256_new(void);
void	 sha256_start(struct sha256 *);
void	 sha256_add(struct sha256 *, const void *, size_t);
void	 sha256_end(struct sha256 *, uint8_t out[32]);
void	 sha256_free(struct sha256 *);
void	 sha256(const void *, size_t, uint8_t out[32]);

uint32_t crc32c(uint32_t crc, const void *, size_t);	/* start with 0; Castagnoli */
uint32_t crc32c_portable(uint32_t crc, const void *, size_t);	/* the same without the processor's help */
uint64_t hash64(const void *, size_t, uint64_t seed);	/* fast, for tables and digests; not for adversaries */

void	 base64url(struct buf *, const void *, size_t);	/* RFC 4648 section 5, no padding */
void	 base64(struct buf *, const void *, size_t);	/* RFC 4648 section 4, padded */
void	 hex(struct buf *, const void *, size_t);	/* lower case */

#endif
