/*
 * hash - digests and encodings.
 */
#include "base/hash.h"
#include "base/wraps.h"

#include <endian.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#include "base/xalloc.h"

struct sha256 {
	EVP_MD_CTX	*ctx;
};

/* Fetched once: looking the algorithm up costs more than a short digest. */
static const EVP_MD *
algorithm(void)
{
	static const EVP_MD	*md;
	const EVP_MD		*known = __atomic_load_n(&md, __ATOMIC_ACQUIRE);

	if (known == NULL) {
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
		known = EVP_MD_fetch(NULL, "SHA256", NULL);
#else
		known = EVP_sha256();
#endif
		if (known == NULL)
			no_memory("SHA-256");
		__atomic_store_n(&md, known, __ATOMIC_RELEASE);	/* two threads may both fetch: one small object too many */
	}
	return known;
}

struct sha256 *
sha256_new(void)
{
	struct sha256	*s = xcalloc(1, sizeof(*s));

	if ((s->ctx = EVP_MD_CTX_new()) == NULL)
		no_memory("SHA-256");
	return s;
}

void
sha256_start(struct sha256 *s)
{
	if (EVP_DigestInit_ex(s->ctx, algorithm(), NULL) != 1)
		no_memory("SHA-256");
}

void
sha256_add(struct sha256 *s, const void *p, size_t len)
{
	if (EVP_DigestUpdate(s->ctx, p, len) != 1)
		no_memory("SHA-256");
}

void
sha256_end(struct sha256 *s, uint8_t out[32])
{
	if (EVP_DigestFinal_ex(s->ctx, out, NULL) != 1)
		no_memory("SHA-256");
}

void
sha256_free(struct sha256 *s)
{
	if (s == NULL)
		return;
	EVP_MD_CTX_free(s->ctx);
	free(s);
}

void
sha256(const void *p, size_t len, uint8_t out[32])
{
	struct sha256	*s = sha256_new();

	sha256_start(s);
	sha256_add(s, p, len);
	sha256_end(s, out);
	sha256_free(s);
}

/* ---- CRC32C ---------------------------------------------------------------------------------------------------- */

#define POLYNOMIAL 0x82f63b78u

static uint32_t	table[8][256];

/* Before main, so that no thread ever finds it half made. */
__attribute__((constructor)) static void
make_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t	 c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ POLYNOMIAL : c >> 1;
		table[0][i] = c;
	}
	for (int t = 1; t < 8; t++)
		for (int i = 0; i < 256; i++)
			table[t][i] = table[t - 1][i] >> 8 ^ table[0][table[t - 1][i] & 0xff];
}

uint32_t
crc32c_portable(uint32_t crc, const void *bytes, size_t len)
{
	const uint8_t	*p = bytes;

	crc = ~crc;
	for (; len >= 8; len -= 8, p += 8) {
		uint32_t	 lo = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);

		crc = table[7][lo & 0xff] ^ table[6][lo >> 8 & 0xff] ^ table[5][lo >> 16 & 0xff] ^ table[4][lo >> 24] ^
		    table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
	}
	for (; len > 0; len--, p++)
		crc = crc >> 8 ^ table[0][(crc ^ *p) & 0xff];
	return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
crc32c_sse42(uint32_t crc, const void *bytes, size_t len)
{
	const uint8_t	*p = bytes;
	uint64_t	 c = ~crc, word;

	for (; len >= 8; len -= 8, p += 8) {
		memcpy(&word, p, 8);
		c = _mm_crc32_u64(c, word);
	}
	for (; len > 0; len--, p++)
		c = _mm_crc32_u8((uint32_t)c, *p);
	return ~(uint32_t)c;
}
#endif

uint32_t
crc32c(uint32_t crc, const void *bytes, size_t len)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("sse4.2"))
		return crc32c_sse42(crc, bytes, len);
#endif
	return crc32c_portable(crc, bytes, len);
}

/* ---- a fast 64-bit hash: eight bytes at a time, each multiplied into the state and folded --------------------------- */

#define K1 0x9e3779b97f4a7c15u
#define K2 0xd6e8feb86659fd93u

WRAPS static uint64_t
fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	__extension__ typedef unsigned __int128 wide;
	wide		 m = (wide)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
#else
	uint64_t	 ah = a >> 32, al = (uint32_t)a, bh = b >> 32, bl = (uint32_t)b;
	uint64_t	 mid = ah * bl, low = al * bl, carry = (low >> 32) + (uint32_t)mid + al * bh;

	return a * b ^ (ah * bh + (mid >> 32) + (carry >> 32));
#endif
}

/* The last 1 to 7 bytes, the first of them lowest. Most of what is hashed is short: a call of memcpy for it would cost the most. */
static inline uint64_t
tail_word(const uint8_t *p, size_t len)
{
	uint32_t	 head, tail;

	if (len < 4)
		return p[0] | (uint64_t)p[len / 2] << 8 * (len / 2) | (uint64_t)p[len - 1] << 8 * (len - 1);
	memcpy(&head, p, 4);
	memcpy(&tail, p + len - 4, 4);
	return le32toh(head) | (uint64_t)le32toh(tail) << 8 * (len - 4);
}

WRAPS uint64_t
hash64(const void *bytes, size_t len, uint64_t seed)
{
	const uint8_t	*p = bytes;
	uint64_t	 h = seed ^ K1 ^ len * K2, word;

	for (; len >= 8; len -= 8, p += 8) {
		memcpy(&word, p, 8);
		h = fold(h ^ le64toh(word), K2) + K1;
	}
	if (len > 0)
		h = fold(h ^ tail_word(p, len), K2) + K1;
	return fold(h ^ h >> 32, K1);
}

/* ---- encodings ------------------------------------------------------------------------------------------------------ */

static void
encode64(struct buf *b, const uint8_t *p, size_t len, const char *alphabet, int pad)
{
	size_t	 tail = len % 3, n = len / 3 * 4 + (tail == 0 ? 0 : pad ? 4 : tail + 1);
	char	*to;

	buf_need(b, n);
	if (b->failed)
		return;
	to = b->bytes + b->len;
	for (; len >= 3; p += 3, len -= 3) {
		*to++ = alphabet[p[0] >> 2];
		*to++ = alphabet[(p[0] & 3) << 4 | p[1] >> 4];
		*to++ = alphabet[(p[1] & 15) << 2 | p[2] >> 6];
		*to++ = alphabet[p[2] & 63];
	}
	if (tail > 0) {
		*to++ = alphabet[p[0] >> 2];
		*to++ = alphabet[(p[0] & 3) << 4 | (tail == 2 ? p[1] >> 4 : 0)];
		if (tail == 2)
			*to++ = alphabet[(p[1] & 15) << 2];
		for (; pad && tail < 3; tail++)
			*to++ = '=';
	}
	*to = '\0';
	b->len += n;
}

void
base64url(struct buf *b, const void *p, size_t len)
{
	encode64(b, p, len, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 0);
}

void
base64(struct buf *b, const void *p, size_t len)
{
	encode64(b, p, len, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 1);
}

void
hex(struct buf *b, const void *bytes, size_t len)
{
	static const char	 digits[] = "0123456789abcdef";
	const uint8_t		*p = bytes;
	char			*to;

	buf_need(b, 2 * len);
	if (b->failed)
		return;
	for (to = b->bytes + b->len; len > 0; len--, p++) {
		*to++ = digits[*p >> 4];
		*to++ = digits[*p & 15];
	}
	*to = '\0';
	b->len = (size_t)(to - b->bytes);
}
