/*
 * oracle - what was listed must arrive, and nothing else.
 *
 * Every record of a listed blob is an obligation, known by its key: the digest of its lower-cased Id, of its marker, or
 * (events without either) of its bytes. A named record is due once however often it was listed; the others are due as
 * often as they were listed. A document is a created (_index, _id). What must become a dead letter is no obligation, nor
 * is what stands only in blobs that cannot be read.
 */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include "blob.h"
#include "fault.h"
#include "keytab.h"
#include "scan.h"

#define HEC_OUTPUTS   4
#define HEC_MAX_EVENT 5000000
enum place { AT_BULK, AT_FILES, AT_HEC, NPLACES = AT_HEC + HEC_OUTPUTS };	/* AT_HEC + number of the token */

struct graph;

struct debt {
	uint32_t	 listed;
	uint32_t	 lost;			/* listings in unreadable blobs; filled for a report */
	uint32_t	 digest;
	uint32_t	 blob, ordinal;		/* where it was first listed */
	uint32_t	 came[NPLACES];
	uint32_t	 refused[NPLACES];	/* answered as poison */
	uint32_t	 repeats;		/* first of its other listings in oracle.repeats; 0: none, counts from 1 */
	uint8_t		 named, marked, dead;
};

/* Another listing of a debt: a repeat may have changed, and either may be what arrives. */
struct repeat {
	uint32_t	 blob, ordinal, next;
};

struct oracle {
	struct keytab	 keys;
	struct debt	*debts;			/* by the key's number */
	size_t		 room;
	struct repeat	*repeats;
	size_t		 nrepeats, repeats_room;
	uint64_t	 blobs, records, repeats_same, repeats_changed;
	uint64_t	 unexpected[NPLACES], nameless[NPLACES], docs[NPLACES];
	struct text	 strangers[NPLACES];	/* samples of unexpected ids, a JSON list without its brackets */
	size_t		 nstrangers[NPLACES];
	struct graph	*graph;			/* keeps the books of Graph's rows */
};

struct balance {
	uint64_t	 due, matched, missing, twice, refused, too_big, lost_expected, dead_expected, dead_delivered, nameless_due;
	struct text	 missing_ids;		/* JSON list, no brackets */
	struct text	 twice_ids;
};

void	 oracle_listed(struct oracle *, const struct blobs *, struct blob *);	/* a listing showed it */
/* Something arrived. id may be NULL; bytes are the whole document or record. 0: a stranger, 1: due, 2: once more than is due. */
int	 oracle_came(struct oracle *, enum place, const char *id, size_t id_len, const char *bytes, size_t len);
uint32_t oracle_number(struct oracle *, const char *id, size_t id_len, const char *bytes, size_t len);	/* KEYTAB_NONE: a stranger */
/* How the bytes differ from what was served under this number: OTHER is more than white space between tokens. */
enum likeness { SAME, SPACING, OTHER };
enum likeness oracle_compare(struct oracle *, const struct blobs *, uint32_t number, const struct piece *);
void	 oracle_refused(struct oracle *, enum place, const char *id, size_t id_len, const char *bytes, size_t len);
void	 oracle_forget(struct oracle *, enum place);	/* as if nothing had come there yet */
/* The balance's texts are the caller's: balance_clear. */
void	 oracle_balance(struct oracle *, const struct blobs *, const struct faults *, enum place, struct balance *);
void	 balance_clear(struct balance *);

#endif
