/*
 * script - answers and links word for word, as a test gave them, in place of what would have been said.
 *
 * For everything that is too odd, or needed too seldom, for a fault of its own.
 */
#ifndef SIM_SCRIPT_H
#define SIM_SCRIPT_H

#include "text.h"

struct sim;
struct request;

enum linked { IN_CONTENT, IN_NEXT, IN_GRAPH, NLINKED };	/* contentUri, NextPageUri, @odata.nextLink */

/* An answer for requests whose target holds a word. */
struct said {
	struct said	*next;
	char		*to;
	long		 times;			/* left; -1: no end */
	int		 slow;			/* bytes a second; 0: as fast as it goes */
	double		 after;			/* seconds */
	int		 end;			/* enum ending */
	struct text	 bytes;
};

/* Links, each used once. */
struct links {
	char		**all;
	size_t		  n, used;
};

struct script {
	struct said	*said;
	uint64_t	 answered, hostile;	/* hostile: requests for something with that word in it */
	struct links	 links[NLINKED];
};

int	 script_answers(struct sim *, struct request *);	/* 1: it did */
int	 script_link(struct sim *, const struct request *, enum linked, struct text *);	/* 1: added one */
void	 script_set_answer(struct sim *, struct request *);	/* POST /sim/answer */
void	 script_set_links(struct sim *, struct request *);	/* POST and GET /sim/links */

#endif
