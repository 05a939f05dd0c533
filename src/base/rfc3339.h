/*
 * rfc3339 - times as text and as milliseconds since 1970, UTC.
 *
 * rfc3339_parse takes what Microsoft writes: with or without zone (none: UTC), 'T' or one blank, any number of
 * fraction digits, "Z" or an offset; years 0001 to 9999, real days only; seconds up to 60. Nothing may follow.
 */
#ifndef BASE_RFC3339_H
#define BASE_RFC3339_H

#include <stddef.h>
#include <stdint.h>

#define RFC3339_SIZE 32

int	 rfc3339_parse(const char *, size_t len, int64_t *ms, int *has_zone);	/* -1: not a time; has_zone may be NULL */
/* Digits 0 or 3 of a second; "2026-11-23T08:01:02.123Z". Returns buf. */
char	*rfc3339_text(int64_t ms, int digits, char buf[RFC3339_SIZE]);
char	*rfc3339_api(int64_t ms, char buf[RFC3339_SIZE]);	/* whole seconds, no zone: "2026-11-23T08:01:02" */
char	*rfc3339_day(int64_t ms, char buf[RFC3339_SIZE]);	/* "2026-11-23" */
int64_t	 http_date_parse(const char *);				/* IMF-fixdate; -1: not one */

#endif
