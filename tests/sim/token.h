/*
 * token - what the token endpoint has issued.
 *
 * A token looks like a JWT and can be read like one; that it is good is known from this table, not from its signature.
 */
#ifndef SIM_TOKEN_H
#define SIM_TOKEN_H

#include <stdint.h>

#include "text.h"

#define NTOKENS 1024

struct token {
	char		*text;
	int64_t		 expires;	/* ms of the simulated clock */
	int		 roles, right_tid;
	char		 audience[128];	/* the scope without /.default */
	const char	*graph_roles;	/* of Graph, with commas */
};

struct tokens {
	struct token	 ring[NTOKENS];
	size_t		 next;
	uint64_t	 issued;
};

const struct token *token_find(const struct tokens *, const char *authorization);	/* NULL: none of ours, or dropped */
void	 token_drop_all(struct tokens *);

#endif
