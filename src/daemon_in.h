/*
 * daemon_in - what the parts of the daemon share: the stages, joined. Internal to daemon*.c.
 */
#ifndef DAEMON_IN_H
#define DAEMON_IN_H

#include "admin/ctl.h"
#include "admin/http.h"
#include "collect/collect.h"
#include "conf/conf.h"
#include "daemon.h"
#include "deliver/output.h"
#include "net/httpc.h"
#include "net/loop.h"
#include "net/work.h"
#include "store/store.h"

struct daemon_feed {
	int			 number;	/* store_feed's */
	const struct conf_tenant *tenant;
	const char		*name;
};

/* What a feed is called. Records under way point to it, so it stays when a reload calls the feed something else. */
struct daemon_names {
	struct daemon_names	*next;		/* the newest of a number comes first */
	int			 number;
	struct feed_names	 names;
	char			*text[5];	/* what names points to */
};

struct daemon_notify {
	struct timer	 timer;
	int64_t		 every_ms;
	int		 store_lives, worker_lives;	/* answered since the last WATCHDOG=1 */
};

struct daemon_drops {			/* on_full: drop_oldest, while it is under way */
	int		 on;
	size_t		 output;	/* whose turn it is */
	int64_t		 after;		/* the last batch of it that was looked at */
	int64_t		 dropped;	/* records, of all outputs, since the spool was full */
};

struct daemon {
	struct conf		*conf;
	const struct daemon_opts *opts;
	struct loop		*loop;
	struct httpc		*httpc;
	struct work		*work;
	struct store		*store;
	struct collect		 collect;
	struct daemon_feed	*feeds;
	size_t			 n_feeds;
	struct daemon_names	*names;
	struct source		**sources;
	size_t			 n_sources;
	struct output		**outputs;	/* as many as the configuration has, in its order */
	size_t			 n_outputs;
	struct reload		*reload;	/* one is under way */
	struct asker		*reload_askers;	/* wait for the next one */
	struct ctl		*ctl;
	struct admin		*admin;		/* NULL: off */
	struct daemon_notify	 notify;

	struct watch		 store_watch, sigterm, sigint, sighup;
	struct timer		 room_timer;		/* paused: is there room again? */
	struct timer		 reserve_timer;		/* the next step of taking disk space beforehand */
	int			 reserve_short;		/* said: the disk has not enough for it */
	struct timer		 once_timer;
	struct timer		 broken_timer;
	int			 full;			/* the store refused records, and took none since */
	int64_t			 firsts_since_ms;	/* when kinds of records began to be remembered; 0: not yet */
	struct daemon_drops	 drops;
	int			 filling;		/* the spool was said to be 80 % full */
	int64_t			 started_ms;		/* wall clock */
	int64_t			 deadline_ms;		/* monotonic, of once */
	int64_t			 blobs_left;		/* once: listed and not stored, as of the last look */
	int			 asked_left;		/* once: store_left is under way */
	size_t			 stopping;		/* outputs that have not stopped yet */
	int			 stop_begun;
	int			 broken;
	int			 exit_code;
};

/* daemon_wire.c */
int	 wire_open(struct daemon *, struct err *);	/* store, feeds, sinks, outputs, sources; nothing runs yet */
void	 wire_close(struct daemon *);
/* Feeds, outputs and sources become what d->conf says, while the store stands. What is in d->outputs already (NULL: nothing yet) and
 * sources of a tenant that has one are kept. -1: some may be missing; the caller goes back to what was. */
int	 wire_apply(struct daemon *, struct err *);
void	 wire_start(struct daemon *);			/* the store runs: outputs look, sources that are new begin */

/* daemon_firsts.c */
int	 firsts_open(struct daemon *, struct err *);		/* before the store runs: what was seen before */
void	 firsts_tell(struct daemon *);			/* what came since */

/* daemon_reload.c */
void	 reload_begin(void *d);				/* SIGHUP */
/* The same, for somebody who waits for the outcome: error is NULL, or why the running configuration stayed. */
void	 reload_ask(struct daemon *, void (*answer)(void *arg, const char *error), void *arg);
int	 reload_stops(const struct daemon *, size_t output);	/* this output was told to stop by a reload under way */
size_t	 reload_waiting(const struct daemon *);		/* how many of them have not stopped yet */
void	 reload_end(struct daemon *);			/* forget it */

/* daemon_notify.c */
void	 daemon_notify_ready(struct daemon *);
void	 daemon_notify_reload(int begins);
void	 daemon_notify_stopping(const struct daemon *);

/* daemon_full.c */
void	 full_begin(struct daemon *);			/* the store refused a put */
void	 full_progress(struct daemon *, int stored);	/* records left; stored: or came in */
void	 full_reserve(void *d);				/* reserve_timer */
void	 full_look(void *d);				/* room_timer: is there room again? */

/* daemon_status.c */
void	 daemon_status(struct daemon *, const struct store_result *of_store_status, struct buf *to);

/* daemon_admin.c */
int	 daemon_admin_open(struct daemon *, struct err *);	/* what the configuration says; nothing with run --once */
int	 daemon_admin_reload(struct daemon *, const struct conf *was, struct err *);	/* while the store stands */

/* daemon_ctl.c */
void	 ctl_request(void *arg, const char *request, struct ctl_call *);

/* daemon.c */
void	 daemon_stop(struct daemon *, int exit_code);
void	 daemon_stop_at_once(struct daemon *, int exit_code);	/* deliveries under way are not waited for */
void	 daemon_output_stopped(void *d);

#endif
