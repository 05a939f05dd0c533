/*
 * owed - gap records that belong to no other transaction: counted, said, and tried again until the disk takes them.
 *
 * The store takes jobs in the order given, so a gap that is owed is durable before a mark that is moved after it.
 */
#ifndef COLLECT_OWED_H
#define COLLECT_OWED_H

#include "collect/collect.h"

struct owed_list;

struct owed_list *owed_new(struct collect *);
void	 owed_free(struct owed_list *);		/* after the store has answered everything */
/* Copies. label, tenant and name are for the log and the counter. */
void	 owed_gap(struct owed_list *, const char *label, const char *tenant, const char *name, const struct gap *);
unsigned owed_left(const struct owed_list *);	/* not in the store yet */
void	 owed_retry(struct owed_list *);	/* now and then, and when there is room */

#endif
