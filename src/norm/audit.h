/*
 * audit - tables and rules of the audit family (Management Activity API). Internal to norm/.
 */
#ifndef NORM_AUDIT_H
#define NORM_AUDIT_H

#include "norm/ecs.h"

struct audit_type {		/* a record type with rows of its own */
	int			 record_type;
	const struct row	*rows;
	size_t			 n;
};

struct audit_action {		/* what an action says; record_type 0: whatever the type */
	int			 record_type;
	const char		*action, *becomes;
	const char		*category, *types;	/* several are separated by blanks; NULL: none */
	const struct row	*row;			/* one more for this action, or NULL */
};

struct audit_copy { enum field to, from; };

/* audit_tables.c */
extern const struct row audit_identity[], audit_late[];
extern const size_t n_audit_identity, n_audit_late;
extern const struct audit_type audit_types[];
extern const size_t n_audit_types;
extern const struct audit_action audit_actions[];
extern const size_t n_audit_actions;
extern const struct audit_copy audit_related[];
extern const size_t n_audit_related;

/* audit.c */
extern const struct table audit_client_table, audit_details_table;
void	 audit_map(struct norm *);
/* audit_security.c: alerts and DLP */
extern const struct table audit_categories_table, audit_entities_table;
void	 audit_alert(struct norm *);
void	 audit_dlp(struct norm *);
void	 audit_dlp_message(struct norm *);	/* after the fields it tells of are filled */
/* audit_data.c: Data, JSON in a text */
enum data_kind { D_VALUE, D_DATE, D_IP };
const char *audit_data_key(size_t, enum data_kind *);	/* the n-th of the keys that are kept apart, NULL */
extern const struct table audit_data_table, audit_data_entity_table;
void	 audit_data(struct norm *);

#endif
