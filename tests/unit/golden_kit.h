/*
 * golden_kit - the mapping cases of tests/golden, and records made from them by changing places.
 *
 * NAME.in.json holds records of Microsoft's, one a line; NAME.out.json the events of schema ecs, line by line. The part of
 * NAME before "@" is the feed ("signin.interactive@success"); without it the feed is audit.general. Where they exist,
 * NAME.compat.json (ecs as Elastic's own) and NAME.ecs-raw.json are the same records in those schemas; to begin one, bless an
 * empty file.
 */
#ifndef GOLDEN_KIT_H
#define GOLDEN_KIT_H

#include "norm/norm.h"

struct golden {			/* one record of a case */
	const char	*name;		/* of the case */
	const char	*feed;
	const char	*in;		/* the line */
	size_t		 len;
};

typedef void golden_fn(struct norm *, const struct golden *);

void	 golden_each(golden_fn *);
/* In schema ecs; *out is emptied first. */
void	 golden_map(struct norm *, const struct golden *, struct buf *out);
/* In schema native; 0: the case has no NAME.native.json, so nobody compares. */
int	 golden_native(struct norm *, const struct golden *, struct buf *out);
/* Fails the test unless any index would take it: sound JSON, no name twice, none that is blank or has a dot. */
void	 golden_takeable(const struct buf *out, const char *from);
/* One token of the record gives its place to another, is said twice, or to something odd. Sound JSON stays sound. */
void	 golden_mutate(const char *in, size_t len, struct json *scratch, struct buf *out);
/* What the cases have shown, by address: rows of tables, mostly. */
void	 golden_show(const void *);	/* NULL: nothing */
int	 golden_shown(const void *);
void	 golden_forget(void);
/* Compares every file of every case, or with BLESS=1 writes them. */
void	 golden_compare_all(void);

#endif
