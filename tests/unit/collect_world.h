/*
 * collect_world - a real store in a directory of its own, one tenant's Management API as a source, and a small tenant
 * (fake_server = tenant) that answers it.
 *
 * The tenant holds blobs, lists those that a window asks for in pages of tenant_page, and gives tokens. tenant_says()
 * makes the next requests of a kind be answered otherwise.
 */
#ifndef COLLECT_WORLD_H
#define COLLECT_WORLD_H

#include "collect/activity.h"
#include "collect/mgmt.h"
#include "fake_http.h"

#define MINUTE		((int64_t)60000)
#define WORLD_GUID	"11111111-2222-3333-4444-555555555555"
#define WORLD_PUBLISHER	"99999999-2222-3333-4444-555555555555"
#define WORLD_API	"https://manage.example/api/v1.0/" WORLD_GUID "/activity/feed/"

extern char	 world_dir[64];
extern struct store *world_store;
extern struct collect world;		/* what the wiring shares with the source */
extern struct source *world_source;
extern struct mgmt *world_mgmt;		/* the same, seen from inside */
extern int64_t	 world_start_ms;	/* when the fixture began, wall clock */
extern struct source *(*world_make)(struct err *);	/* another source than this tenant's audit feeds; NULL: that */
extern struct activity_opts world_opts;	/* defaults of the fixture; change before world_open */
extern struct store_opts world_store_opts;
extern int	 world_exchange, world_general;	/* feed numbers; general only with world_opts.n_feeds = 2 */
extern unsigned	 world_full, world_broken, world_records;	/* the bells that rang */

int	 world_set_up(void **);
int	 world_tear_down(void **);
void	 world_open(void);		/* store and source; nothing is asked yet */
void	 world_run(void);		/* opens, starts, and lets happen what is due now */
void	 world_close(void);		/* as the daemon stops */
void	 world_again(void);		/* stop and start: a restart */
void	 world_room(void);		/* the spool takes records again */
void	 world_disk_full(int);		/* 1: every write of SQLite's says ENOSPC */
void	 world_deliver(void);		/* the output takes all that is spooled */

struct feed *world_feed(void);		/* audit.exchange */
char	*world_gaps(void);		/* NDJSON; freed with the fixture */
char	*world_dead(void);
char	*world_status(void);		/* the source's, one object per feed */
struct store_left world_left(void);
int64_t	 world_mark(const char *kind);	/* as it is on the disk; restarts the world. 0: none */
int64_t	 world_stored(void);		/* records that became durable in this test */

enum kind { TOKEN, SUBS, START, LIST, BLOB, KINDS };

void	 tenant_begin(void);		/* of the fixture */
void	 tenant_end(void);
int	 tenant(const struct fake_ask *, struct fake_reply *);
extern size_t	 tenant_page;		/* blobs a page; 0: all on one */
extern const char *tenant_next_form;	/* of the NextPageUri: printf of the window's query and the next blob's number */
extern const char *tenant_subs;		/* what subscriptions/list says */
extern int64_t	 tenant_token_s;	/* expires_in */
extern int64_t	 tenant_lead_ms;	/* its clock, before the wall clock here */
extern int	 tenant_silent;		/* kinds (1 << k) that stay open */

/* A blob whose body is kept by the caller. "%u" of blobs: 0, 1, ... */
unsigned tenant_blob(int64_t created_ms, const char *body, size_t len);
void	 tenant_blob_uri(unsigned blob, const char *uri);	/* NULL: the sound one again */
void	 tenant_blob_expires(unsigned blob, int64_t ms);
const char *tenant_records(unsigned n);		/* an array of n records with new Ids; lives as long as the fixture */
const char *tenant_keeps(char *);		/* frees it with the fixture */
struct tenant_answer {
	unsigned	 times;			/* UINT_MAX: always */
	struct fake_reply reply;
};
void	 tenant_says(enum kind, unsigned times, int status, const char *body);
void	 tenant_replies(enum kind, unsigned times, struct fake_reply);
void	 tenant_says_no_more(enum kind);
unsigned asked(enum kind);			/* requests of that kind so far */
const struct fake_ask *last_ask(enum kind);
int64_t	 window_from(const struct fake_ask *);	/* of a listing */
int64_t	 window_to(const struct fake_ask *);

#endif
