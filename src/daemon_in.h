/*
 * daemon_in - what the parts of the daemon share: the stages, joined. Internal to daemon*.c.
 */
#ifndef DAEMON_IN_H
#define DAEMON_IN_H

#include "admin/ctl.h"
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
	struct feed_names	 names;
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
	struct daemon_feed	*gone;		/* every feed the store knows, for those that left the configuration */
	size_t			 n_gone;
	struct source		**sources;
	size_t			 n_sources;
	struct output		**outputs;
	size_t			 n_outputs;
	struct ctl		*ctl;

	struct watch		 store_watch, sigterm, sigint, sighup;
	struct timer		 room_timer;		/* paused: is there room again? */
	struct timer		 once_timer;
	struct timer		 broken_timer;
	int			 full;			/* the store refused records, and took none since */
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

/* daemon_ctl.c */
void	 ctl_request(void *arg, const char *request, struct ctl_call *);

/* daemon.c */
void	 daemon_stop(struct daemon *, int exit_code);

#endif
