/*
 * opt - what the command line asks for; one table of options.
 */
#ifndef SIM_OPT_H
#define SIM_OPT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct list {
	const char	**items;
	size_t		  n;
};

struct opt {
	/* listeners */
	int64_t		 port, tls_port, trap_port;	/* -1: none */
	const char	*tls_cert, *tls_key, *port_file;
	/* tenant and token endpoint */
	const char	*tenant, *domain, *client_id, *client_secret, *scope;
	int64_t		 token_lifetime;
	/* what is generated */
	int64_t		 seed, records, blob_size, big_record, record_limit;
	double		 days, odd, dups, rate, live_seconds;
	struct list	 big_blob, events;
	int		 events_only;
	const char	*contentcreated_spread;
	/* Management API */
	int64_t		 page_size, expiry_days, throttle;
	double		 first_delay, back_fill;	/* hours; back_fill -1: all */
	const char	*wide_window;
	int		 subscribed;
	const char	*blob_gzip;
	/* Graph */
	int64_t		 graph_rows, graph_page;
	double		 graph_ahead, graph_late, graph_late_hours, graph_change, graph_change_hours, graph_twins, graph_odd;
	double		 graph_history_days;
	struct list	 graph_events;
	const char	*graph_throttle, *graph_roles;
	/* Bulk */
	const char	*bulk_api_key, *bulk_user, *bulk_password, *bulk_dump, *bulk_kinds;
	int64_t		 bulk_max_bytes;
	/* HEC */
	struct list	 hec_token;
	const char	*hec_dump, *hec_trace;
	int64_t		 hec_ack_ms, hec_ack_timeout, hec_max_bytes;
	/* the rest */
	struct list	 fault;
	const char	*now;
	double		 clock_rate;
	int		 selftest, help, help_faults;
};

void	 opt_defaults(struct opt *);
int	 opt_read(struct opt *, int argc, char **argv);	/* -1: said why on stderr */
void	 opt_help(FILE *);
int	 opt_size(const char *, int64_t *bytes);	/* 10, 4KiB, 16MiB, 1MB, 1GiB */

#endif
