/*
 * power_in - what the two halves of power share: the calls it takes over (power_calls.c), and what the disk holds (power.c).
 */
#ifndef TESTS_POWER_IN_H
#define TESTS_POWER_IN_H

#include <stddef.h>
#include <stdint.h>

#include "power.h"

#define FDS	1024

struct change {				/* bytes NULL: the file got another size */
	size_t		 at, len;	/* where; of a new size: what was cut off, or nothing */
	size_t		 size;		/* of the file after it */
	unsigned char	*bytes;
};

struct node {
	char		*path;
	int		 is_dir, there;		/* there: for the program that runs */
	int		 safe;			/* its entry would be found after a cut */
	int		 anew;			/* its real file was removed */
	unsigned char	*kept;			/* what is safe of it, zeros behind */
	size_t		 len, room, size;	/* len: of kept; size: of the real file */
	struct change	*changes;
	size_t		 n;
};

struct entry {				/* a name that came or went, not flushed yet */
	char		*path;
	struct node	*node;		/* NULL: it went */
};

struct power {
	char		*dir;
	struct node	**nodes;
	struct entry	*entries;
	size_t		 n_nodes, n_entries;
	struct node	*of_fd[FDS];
	long		 changes, cut_at;
	int		 is_out, lies, kills;
	uint64_t	 seed;		/* of the cut that kills */
	uint64_t	 rng;
	size_t		 sector;
	struct {
		char	 call[8], suffix[64], times[8];
		int	 err;
		long	 from, seen;
	}		 fault;
};
extern struct power	 power;

enum now { GOES_ON, IS_LAST, IS_OUT };

enum now power_moment(void);				/* a change is about to be made */
int	 power_fails(const char *call, const char *path);	/* 1 and errno: it shall */
int	 power_dead(void);				/* -1 and EIO, after the last change was noted */
struct node *power_node_at(const char *path);
struct node *power_node_of(int fd);
struct node *power_node_new(const char *path, int is_dir);
void	 power_name_changed(const char *path, struct node *);
void	 power_note(struct node *, size_t at, const void *bytes, size_t len, size_t size);
void	 power_flush_file(struct node *);
void	 power_flush_dir(const struct node *);

#endif
