/*
 * sink_hec - Splunk over its HTTP Event Collector.
 *
 * Splunk knows no ids: what is sent twice is there twice, so nothing is sent again that was taken (deliver/judge_hec), and
 * what must be sent again is the same, byte for byte. Where the token acknowledges, a parcel is parked after its request and
 * delivered when the indexer has it: an answer 200 alone means that it is queued. Several URLs fail over (deliver/urls).
 */
#ifndef DELIVER_SINK_HEC_H
#define DELIVER_SINK_HEC_H

#include "base/err.h"
#include "deliver/sink.h"
#include "net/httpc.h"
#include "net/loop.h"

enum hec_ack { HEC_ACK_AUTO, HEC_ACK_ON, HEC_ACK_OFF };

struct sink_hec_opts {			/* everything is copied */
	const char	*name;
	struct httpc	*http;
	struct loop	*loop;
	const char	*const *urls;		/* NULL-ended; /services/collector/event is put behind an origin without a path */
	const char	*token;			/* secret reference */
	const char	*index;			/* NULL: the token's own */
	const char	*source, *sourcetype;	/* NULL: the feed's */
	const char	*host;			/* NULL: this machine's name */
	const char	*add;			/* more indexed fields: members of a flat JSON object; NULL: none */
	enum hec_ack	 ack;
	int64_t		 ack_timeout_ms;
	int		 gzip;			/* compress: gzip (1) or none (0) */
	int64_t		 timeout_ms;
	const char	*const *headers;	/* more headers, "Name: value", NULL-ended; NULL: none */
	const char	*proxy;			/* NULL: as the environment says for the URL; "": none */
	const char	*ca_file, *pinned_spki, *client_cert, *client_key;
};

/* Loads the token; NULL and err when it cannot. */
struct sink *sink_hec_new(const struct sink_hec_opts *, struct err *);

#endif
