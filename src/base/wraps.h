/*
 * wraps - marks a function whose unsigned sums are meant to wrap around: hashes, mixing, sums modulo 2^64.
 *
 * Everywhere else a sum that wraps is a mistake, and clang's -fsanitize=integer ends the program there (tests/sanitize.sh). A count
 * that goes down to its end and one below it (n-- > 0) is written in another way instead.
 */
#ifndef BASE_WRAPS_H
#define BASE_WRAPS_H

#ifdef __clang__
#define WRAPS __attribute__((no_sanitize("unsigned-integer-overflow")))
#else
#define WRAPS
#endif

#endif
