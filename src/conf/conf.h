/*
 * conf - the configuration file as a struct.
 *
 * YAML through libyaml's events, one table of options (conf_options). All errors of a file are found in one run, each as
 * "file:line:column: key.path: what is wrong; what to do". Whoever gets a struct conf may rely on everything that
 * design.md section 10 refuses being refused. Stages never include this: the wiring hands each a small options struct.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"

#define CONF_LOOKS 8

/* In the order of the option table's choices. */
enum conf_output_type { CONF_BULK, CONF_FILE, CONF_HEC };
enum conf_schema { CONF_RAW, CONF_ECS, CONF_NATIVE, CONF_CIM, CONF_ECS_RAW };	/* as the words of outputs[].schema */
enum conf_ack { CONF_ACK_AUTO, CONF_ACK_ON, CONF_ACK_OFF };
enum conf_on_full { CONF_BLOCK, CONF_DROP_OLDEST };

struct conf_list {			/* of strings; NULL-ended, never NULL when n > 0 */
	char		**items;
	size_t		  n;
};

struct conf_tenant {
	char		*name, *id;		/* id in lower case */
	char		*cloud;
	char		*login, *management, *graph;	/* origins, from the cloud's table or from endpoints */
	char		*client_id;
	char		*client_secret;		/* reference: "file:...", "credential:...", "env:..." */
	struct conf_list feeds;
	int64_t		 start_ms;
	char		*publisher;		/* default: id */
	char		*organization;		/* the tenant's domain for organization.name; NULL */
	char		*proxy;			/* NULL: none configured */
	char		*ca_file;		/* NULL: the system's store */
	int		 cloud_row;		/* of the table of clouds */
	struct secret	 proxy_text;		/* proxy points into it: a proxy's URL may hold a password */
};

struct conf_match {			/* a field is one of the patterns */
	char		*field;			/* "feed", "operation", "user", or a member's path */
	struct conf_list patterns;
};

struct conf_condition {			/* all of them hold */
	struct conf_match *all;
	size_t		  n;
};

struct conf_conditions {		/* one of them is met */
	struct conf_condition *items;
	size_t		  n;
};

struct conf_output {
	char		*name;
	enum conf_output_type type;
	enum conf_schema schema;
	struct conf_list urls;			/* bulk, hec */
	char		*api_key, *username, *password, *bearer;	/* references, but username; NULL */
	char		*token;			/* hec: a reference */
	enum conf_ack	 ack;
	int64_t		 ack_timeout_ms;
	char		*source, *sourcetype, *host;	/* hec: instead of a feed's own; NULL */
	char		*ca_file, *pinned_spki, *client_certificate, *client_key, *proxy;
	struct conf_list headers;		/* "Name: value" */
	char		*ns;			/* key "namespace"; "default" */
	char		*index, *pipeline;	/* NULL: none */
	int		 compat;		/* 1: ecs as Elastic's own mapping */
	int		 original;		/* event.original */
	char		*path;			/* file */
	int		 gzip;			/* compress */
	unsigned	 concurrency;
	int64_t		 timeout_ms;
	int64_t		 batch_bytes, batch_linger_ms;
	struct conf_list feeds;			/* patterns; none: all */
	struct conf_conditions drop, keep;
	struct conf_list add;			/* field, value, field, value, ... */
	struct conf_list redact;		/* names of members */
	int		 start_at_oldest;
	enum conf_on_full on_full;
	struct secret	 proxy_text;		/* proxy points into it */
};

struct conf {
	char		*path;
	char		*state_dir;
	char		*admin_listen;		/* NULL: off */
	struct conf_tenant *tenants;
	size_t		 n_tenants;
	struct conf_output *outputs;
	size_t		 n_outputs;
	int64_t		 spool_max, spool_reserve;
	int64_t		 dead_max;
	int64_t		 poll_interval_ms, poll_settle_ms, poll_overlap_ms, poll_long_overlap_ms;
	int64_t		 poll_looks_ms[CONF_LOOKS];
	unsigned	 n_poll_looks;
	unsigned	 poll_concurrency, poll_requests_per_minute;
	int64_t		 dedup_window_ms, dedup_max;
	int64_t		 record_max;
	unsigned	 fetches;
	int		 log_level;		/* enum log_level of base/log.h */
	int		 log_format;		/* enum log_format */
	int64_t		 stop_timeout_ms;
	int64_t		 graph_interval_ms, graph_idle_interval_ms, graph_overlap_ms, graph_long_overlap_ms;
	int64_t		 graph_looks_ms[CONF_LOOKS];
	unsigned	 n_graph_looks;
	enum conf_on_full spool_on_full;
};

/* NULL: *errors has one line for each thing that is wrong, and *e says how many (ERR_CONFIG; a missing file too). */
struct conf *conf_load(const char *path, struct buf *errors, struct err *e);
/*
 * For commands that only look at the state: what is outside tenants and outputs, with the default for whatever is not
 * sound there. No secret is read, no ${VAR} is needed beyond those in state_dir, and a file that is being edited does not
 * hide the state. NULL: no YAML, or state_dir cannot be told.
 */
struct conf *conf_glance(const char *path, struct err *e);
void	 conf_free(struct conf *);
/* Does the output's list of patterns ("audit.*") take this feed? */
int	 conf_wants(const struct conf_output *, const char *feed);

/* Would a restart make a difference to it? What every tenant or output shares (poll, graph, limits) is not looked at. */
int	 conf_same_tenant(const struct conf_tenant *, const struct conf_tenant *);
int	 conf_same_output(const struct conf_output *, const struct conf_output *);
/* The same for the options whose path begins with this, such as "poll.". */
int	 conf_same(const struct conf *, const struct conf *, const char *prefix);
int	 conf_is_feed(const char *name);		/* known, whether this version collects it or not */

struct conf_option {			/* a row of the option table: reader, manual, sample, schema */
	const char	*path;		/* "tenants[].auth.client_id" */
	const char	*type;		/* "duration", "size", "text", "secret", ...; "group" and "items" hold others */
	const char	*standard;	/* the default as text, "1s file=10s" by the output's type; NULL: none */
	const char	*help;
	const char	*limits;	/* "1s..1h", or the choices "raw|ecs|cim~" (~: not in this version); NULL */
	const char	*applies;	/* to outputs of these types, "bulk|hec"; NULL: to all */
	unsigned	 flags;
	size_t		 offset;	/* in struct conf, conf_tenant or conf_output */
};

#define CONF_MUST	1u		/* required, where it applies */
#define CONF_LATER	2u		/* known, but this version does not have it and says so */

const struct conf_option *conf_options(size_t *n);
void	 conf_schema(struct buf *);		/* JSON Schema for editors */

#endif
