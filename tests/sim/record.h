/*
 * record - generated audit records: what a record is (cheap), and its bytes (on demand, the same each time).
 *
 * A record is named by content type and slot, 0, 1, 2, ... Nothing is kept of it: seed, type and slot say all. A slot
 * may repeat an earlier one, byte for byte or with a change. A record without a usable Id carries a marker, a GUID
 * that begins with MARKER, in a member no mapping knows (SimMarker); identical twins share it.
 */
#ifndef SIM_RECORD_H
#define SIM_RECORD_H

#include <stdint.h>

#include "rng.h"
#include "text.h"

enum content { EXCHANGE, SHAREPOINT, ENTRA, GENERAL, DLP, NCONTENT };

extern const char *const content_name[NCONTENT];	/* Audit.Exchange, ... */
extern const char *const content_blob[NCONTENT];	/* audit_exchange$Audit_Exchange, ... */
int	 content_find(const char *);			/* -1: no such type */

enum family { EXADMIN, EXITEM, MAILACCESS, ENTRADIR, STSLOGON, SPFILE, SPSHARE, TEAMS, DLPMAIL, NFAMILIES };

#define MARKER "51e1d1e5-"

struct plan {
	uint64_t	 seed;		/* of its bytes */
	int64_t		 time;		/* of the event, ms */
	enum content	 content;
	enum family	 family;
	int		 odd;		/* row of the table of odd shapes; -1: none */
	unsigned	 change;	/* 0: the original's bytes */
	int		 has_id;
	char		 id[GUID_LEN + 1];
	char		 marker[GUID_LEN + 1];
	size_t		 filler;	/* bytes of one giant member */
	int		 id_last;	/* Id at the end of the record */
};

struct tenant {
	const char	*id;
	const char	*domain;
};

void	 plan_new(struct plan *, uint64_t seed, enum content, uint64_t slot, int64_t created, double odd);
void	 plan_giant(struct plan *, size_t filler, int id_last);
struct key plan_key(const struct plan *);

/* The whole record; for a giant the two parts around its filler. */
void	 record_write(struct text *, const struct plan *, const struct tenant *);
void	 record_head(struct text *, const struct plan *, const struct tenant *);
void	 record_tail(struct text *, const struct plan *);

/* family.c: the members a family adds */
struct cast;
void	 family_write(struct text *, const struct plan *, const struct cast *, struct rng *);

/* Who and what a record is about; drawn once per record. */
struct cast {
	const struct tenant	*tenant;
	const char		*user;		/* alice */
	const char		*upn;		/* alice@contoso.example */
	char			 user_guid[GUID_LEN + 1];
	char			 puid[20];
	char			 ip[64];
	char			 guid[6][GUID_LEN + 1];
	const char		*agent;
	const char		*app;		/* id of a client application */
};

void	 cast_draw(struct cast *, const struct tenant *, struct rng *, char *upn, size_t size);	/* upn is the caller's room */

/* What the families write with: "name":value, each with a comma behind it. */
void	 put_text(struct text *, const char *name, const char *value);	/* value needs no escaping */
void	 put_int(struct text *, const char *name, int64_t value);
void	 put_raw(struct text *, const char *name, const char *json);
void	 put_pair(struct text *, const char *name, const char *value);	/* {"Name":..,"Value":..}, */
void	 put_opaque(struct text *, struct rng *, size_t len);		/* base64-like letters */
void	 shut(struct text *, const char *with);				/* the last comma becomes this */

#endif
