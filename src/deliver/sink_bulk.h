/*
 * sink_bulk - Elasticsearch and OpenSearch over the Bulk API.
 *
 * Every record is a "create" under its own deterministic _id, so whatever is sent again is not there twice. One verdict
 * per item of the reply (deliver/judge). Several URLs are used in turn, the next after a failure.
 */
#ifndef DELIVER_SINK_BULK_H
#define DELIVER_SINK_BULK_H

#include "base/err.h"
#include "deliver/sink.h"
#include "net/httpc.h"
#include "norm/norm.h"

struct sink_bulk_opts {			/* everything is copied */
	const char	*name;
	struct httpc	*http;
	const char	*const *urls;		/* NULL-ended; origin and optional path prefix, without a slash at the end */
	/* one of these, as secret references ("file:..."), or none */
	const char	*api_key;		/* id:key, or encoded already */
	const char	*username;		/* plain; goes with password */
	const char	*password;
	const char	*bearer;
	enum schema	 schema;		/* SCHEMA_ECS, or SCHEMA_ECS_RAW for Elastic's own ingest pipeline */
	int		 compat, original;	/* norm_source's */
	const char	*add;			/* norm_source's, NULL: none; copied */
	const char	*ns;			/* namespace of the data stream: "default" */
	const char	*index;			/* NULL: data stream logs-<dataset>-<namespace> */
	const char	*pipeline;		/* NULL: none of the cluster's (pipeline=_none) with schema ecs */
	int		 gzip;			/* compress: gzip (1) or none (0) */
	int64_t		 timeout_ms;
	const char	*const *headers;	/* more headers, "Name: value", NULL-ended; NULL: none */
	const char	*proxy;			/* NULL: as the environment says for the URL; "": none */
	const char	*ca_file, *pinned_spki, *client_cert, *client_key;
};

/* Loads the secret; NULL and err when it cannot. */
struct sink *sink_bulk_new(const struct sink_bulk_opts *, struct err *);

#endif
