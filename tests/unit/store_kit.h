/*
 * store_kit - a real store in a directory of its own, for tests: asked and answered in one call.
 *
 * Defines base/clock: the real clocks plus what kit_pass() let pass. Records are numbers: record k has an id made of
 * k, the event second KIT_SECOND + k / 10, and a text that says k.
 */
#ifndef TESTS_STORE_KIT_H
#define TESTS_STORE_KIT_H

#include <stdint.h>

#include "store/store.h"

#define KIT_SECOND	1763971200	/* a multiple of 3600 */
#define KIT_DAY		((int64_t)86400000)
#define KIT_OUTPUTS	2

struct kit {
	char			 dir[80];
	struct store_opts	 opts;
	struct store		*s;
	int			 feed, other;		/* audit.exchange, audit.general */
	int			 out[KIT_OUTPUTS];	/* elastic, archive: both want audit.exchange, none audit.general ... */
	uint64_t		 other_mask;		/* ... unless this says so */
};

/* A kit of the file, with set_up() and tear_down() that make and remove it around each test. */
#define KIT_AROUND_EACH(k)			\
	static struct kit	 k;		\
						\
	static int				\
	set_up(void **state)			\
	{					\
		(void)state;			\
		kit_new(&k);			\
		return 0;			\
	}					\
						\
	static int				\
	tear_down(void **state)			\
	{					\
		(void)state;			\
		kit_free(&k);			\
		return 0;			\
	}

void	 kit_new(struct kit *);		/* makes the directory, opens and starts */
void	 kit_free(struct kit *);	/* closes, removes the directory */
void	 kit_stop(struct kit *);
void	 kit_start(struct kit *);
void	 kit_pass(int64_t ms);
void	 kit_freeze(int64_t ms);	/* both clocks stand at this time, but for kit_pass */
int64_t	 kit_now(void);
void	 kit_id(int64_t k, uint8_t id[16]);

void	 kit_add(struct put *, int64_t k, uint32_t digest, size_t pad);
struct put *kit_put_of(const struct kit *, const char *blob, int64_t first, int n);
void	 kit_add_dead(struct put *, int64_t k, const char *bytes);
/* The answer, without what must be freed. */
struct store_result kit_put(struct kit *, struct put *);
struct store_result kit_put_new(struct kit *, const char *blob, int64_t first, int n);

struct kit_batches { struct peeked *b; size_t n; int more; enum store_fail fail; struct err err; };
struct kit_batches kit_peek(struct kit *, int output, const int64_t *skip, size_t n_skip, size_t max);
void	 kit_batches_free(struct kit_batches *);
struct store_result kit_done(struct kit *, struct done *);
struct store_result kit_done_some(struct kit *, int output, const struct peeked *, uint32_t from, uint32_t to, enum done_how);
void	 kit_deliver_all(struct kit *, int output);
int64_t	 kit_owed(struct kit *, int output);		/* records */

struct store_result kit_expire(struct kit *);
struct store_left kit_left(struct kit *);
char	*kit_gaps(struct kit *);			/* the caller frees */
char	*kit_dead(struct kit *, int64_t show);		/* 0: the list */
char	*kit_status(struct kit *);
int64_t	 kit_tally(struct kit *, const char *who);	/* n over all feeds and hours */
/* stored = delivered + dead + dropped + owed, per feed and hour, by count, XOR and sum; NULL or what differs (static). */
const char *kit_unbalanced(struct kit *, int output);

void	 kit_sql(const struct kit *, const char *sql);	/* while it is stopped */
int64_t	 kit_sql_int(const struct kit *, const char *sql);

#endif
