/*
 * odd - shapes that real records have and that break collectors; one table.
 *
 * A row says which common members it writes itself (or leaves out) and what it adds at the record's end.
 */
#ifndef SIM_ODD_H
#define SIM_ODD_H

#include "record.h"

int	 odd_count(void);			/* rows that may be drawn */
int	 odd_biggest(void);			/* the row of the one record of 1 MB */
int	 odd_has_no_id(int odd);
int	 odd_writes_id(int odd);
int	 odd_writes_time(int odd);
int	 odd_writes_type(int odd);
void	 odd_write_first(struct text *, const struct plan *);
void	 odd_write_last(struct text *, const struct plan *);

#endif
