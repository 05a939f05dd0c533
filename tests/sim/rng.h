/*
 * rng - numbers that look random and are the same again for the same seed; 64- and 128-bit digests.
 *
 * Not for adversaries. A key names a record: the digest of its lower-cased Id, of its marker or of its bytes.
 */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t	 state;
};

struct key {
	uint64_t	 hi, lo;
};

uint64_t rng_mix(uint64_t a, uint64_t b);
uint64_t rng_next(struct rng *);
uint32_t rng_below(struct rng *, uint32_t n);		/* 0 .. n-1 */
int	 rng_percent(struct rng *, double percent);
int	 percent_of(uint64_t hash, double percent);	/* the same answer for the same hash */

#define GUID_LEN 36
void	 guid_write(char out[GUID_LEN + 1], uint64_t hi, uint64_t lo);	/* a version 4 shape */
int	 guid_valid(const char *, size_t);

uint64_t hash64(const void *, size_t, uint64_t seed);
struct key key_bytes(char kind, const void *, size_t);
struct key key_folded(char kind, const char *, size_t);	/* ASCII letters lower-cased */

#endif
