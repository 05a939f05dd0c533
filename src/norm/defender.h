/*
 * defender - what alerts and incidents of Microsoft Defender share. Internal to norm/.
 */
#ifndef NORM_DEFENDER_H
#define NORM_DEFENDER_H

#include "norm/shape.h"

/* defender_shape.c */
extern const struct shape evidence_shape, comment_shape, alert_shape, incident_shape;

/* defender_evidence.c: rows by type of evidence, from: relative to the evidence */
extern const struct row_list evidence_lists[];
extern const size_t n_evidence_lists;
extern const struct table evidence_abouts_table;
/* Fills the slots from every evidence of an alert (0: the record itself is the alert). */
void	 evidence_rows(struct norm *, uint32_t alert);

struct categories {			/* which rows of the table of evidence types and determinations were met */
	uint32_t	 met;
};

void	 categories_of(struct norm *, uint32_t alert, struct categories *);	/* of its evidence and its determination */
void	 categories_put(struct norm *, const struct categories *);		/* event.category and event.type, sorted */

row_fn	 copy_date, copy_assigned, copy_assigned_parts, copy_technique, copy_host_ip, copy_hash;

#endif
