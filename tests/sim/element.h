/*
 * element - one element of a blob that was not generated from a plan: what it is, and elements that are bad.
 */
#ifndef SIM_ELEMENT_H
#define SIM_ELEMENT_H

#include "blob.h"

void	 element_judge(struct element *, size_t record_limit);	/* fills all but at and len */
enum content element_content(const struct element *);		/* by RecordType and Workload */
void	 element_name(const struct element *, struct text *);	/* adds its Id or marker, if any */

int	 bad_element_count(void);
void	 bad_element(struct text *, int which);

/* The marker's key within a record or document; 0: there is none. */
int	 marker_find(const char *, size_t, struct key *);
struct key element_key(const char *, size_t);	/* of one without name or marker: its bytes without white space */
int	 id_usable(const char *, size_t);			/* not absent, not empty, not the zero GUID */

#endif
