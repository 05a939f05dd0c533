/*
 * convert - the converters that rows name, and what they are made of.
 *
 * A converter gets a value that is not empty (unless its row says NORM_MUST or has no source) and puts what it makes of
 * it into the row's fields. A value of a kind it cannot use is left alone: it returns 0 and the member stays where it is.
 */
#ifndef NORM_CONVERT_H
#define NORM_CONVERT_H

#include <stddef.h>
#include <stdint.h>

#include "norm/table.h"

/* Values as they are. */
NORM_HOW(norm_fixed);		/* the hint, whatever the value */
NORM_HOW(norm_text);		/* a scalar as text */
NORM_HOW(norm_lower);		/* the same in lower case */
NORM_HOW(norm_identity);	/* the same, unless it is a placeholder ("Not Available") */
NORM_HOW(norm_number);		/* a whole number, also when it was text */
NORM_HOW(norm_object);		/* an object or a list of objects, as it is passed on */
NORM_HOW(norm_word);		/* looked up in the words as it is; the hint is the column, "0" */
NORM_HOW(norm_word_any_case);	/* the same whatever its case (the words are lower case) */
NORM_HOW(norm_if_text);		/* the hint, if the value is a scalar that is not empty */
NORM_HOW(norm_word_within);	/* the first of the words that is somewhere in it, whatever its case */
NORM_HOW(norm_unless_zero);	/* the hint, unless the value is 0 as number or text */

/* What is the same for all records of a batch, or about the record as a whole. */
NORM_HOW(norm_module);
NORM_HOW(norm_dataset_name);
NORM_HOW(norm_namespace);
NORM_HOW(norm_stored);
NORM_HOW(norm_now);
NORM_HOW(norm_revision);	/* of rows that change, from 2 on */
NORM_HOW(norm_organization);	/* the tenant's name, if the value is the tenant's id */
NORM_HOW(norm_trouble);		/* what is wrong with the record as a whole */
NORM_HOW(norm_original);	/* the record's bytes, if it is no JSON object */

/* Times. */
NORM_HOW(norm_timestamp);	/* the value; without a readable one the batch's created, and also[0] says so */

/* Addresses. */
NORM_HOW(norm_client);		/* every form; also is its domain, ip, port, and ip and port once more as the source's */
NORM_HOW(norm_server);		/* "host (address)"; also is domain only, for the address may be a build number */
NORM_HOW(norm_ips);		/* every address of a list that is one */
NORM_HOW(norm_ip_version);	/* ipv4 or ipv6 */

/* People. */
NORM_HOW(norm_email_parts);	/* one "@": the text; also is name, domain */
NORM_HOW(norm_actor);		/* of an Actor of type 0 the ID; only the first */

/* Mail. */
NORM_HOW(norm_split);		/* cut at ';', trimmed */
NORM_HOW(norm_attachments);	/* "a.txt (123b); b.doc (4b)" */
NORM_HOW(norm_identity_parameter);	/* -Identity "X" gives X */

/* Exchange and the like. */
NORM_HOW(norm_record_type);	/* the number's name */

/* ---- pure parts, for the converters and their tests ---- */

/* The converter's name and what it does, for people; NULL: not one of ours. */
const char *norm_how_name(NORM_HOW((*how)));

#define DIGITS_SIZE	80

/* A JSON number in plain decimal, exactly; 0: it would be too long, or is no number. */
int	 digits_expand(const char *, size_t, char out[DIGITS_SIZE]);
/* A whole number of at most 18 digits, as JSON writes it? */
int	 digits_whole(const char *, size_t);
int	 digits_zero(const char *, size_t);

/* What rfc3339_parse takes, and M/d/yyyy h:mm[:ss] AM; no zone is UTC. -1: not a time. */
int	 time_parse(const char *, size_t, int64_t *ms);

struct address {
	const char	*address;	/* what stood for the address; NULL: it is only a domain */
	size_t		 address_len;
	const char	*domain;
	size_t		 domain_len;
	char		 ip[48];	/* if the address is one, without zone */
	size_t		 ip_len;
	int		 port;		/* -1: none */
	int		 whole;		/* 1: the fields tell all that the text did */
	const char	*rest;		/* after the comma, of a list */
	size_t		 rest_len;
};

/* 0: it says nothing ("", "null", "<null>"). */
int	 address_parse(const char *, size_t, struct address *);
/* host (address), [host (address)]: 1 and the two parts. */
int	 address_of_host(const char *, size_t, struct address *);

struct attachment {
	const char	*name;
	size_t		 name_len;
	const char	*extension;	/* after the last dot */
	size_t		 extension_len;
	const char	*size;		/* digits */
	size_t		 size_len;
};

/* The next one of the list at *p, which moves on; 0: no more. What is of another form is skipped. */
int	 attachment_next(const char **p, const char *end, struct attachment *);

/* "Not Available", "Unknown" */
int	 is_placeholder(const char *, size_t);
void	 trim(const char **, size_t *);

#endif
