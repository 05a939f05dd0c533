/*
 * hec - the body of a request to Splunk's HTTP Event Collector, built while it is compressed.
 *
 * One object an event, a line break between: {"time":1795507262.123,"host":..,"source":..,"sourcetype":..,"index":..,
 * "event":{...},"fields":{"m365fwd_revision":"2"}}. These seven keys and no other: at an unknown one Splunk answers 200
 * and forgets that object and all behind it. What is NULL (and a revision below 2) is left out.
 */
#ifndef ENCODE_HEC_H
#define ENCODE_HEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "encode/gzip.h"

#define HEC_EVENT_MAX 5000000		/* bytes of one event; more is a dead letter, Splunk would disregard it */

struct hec_meta {
	const char	*time;		/* a number in decimal, as it goes */
	const char	*host, *source, *sourcetype, *index;
	unsigned	 revision;
	const char	*fields;	/* more of "fields": members of a flat JSON object, without its brackets */
};

struct hec {			/* reusable */
	struct gzip	*gzip;
	struct buf	*to;
	struct buf	 head, tail;
	size_t		 raw;		/* bytes before compression since hec_start */
	int		 compress;
};

void	 hec_init(struct hec *);
void	 hec_clear(struct hec *);
void	 hec_start(struct hec *, struct buf *to, int compress);	/* appends to to */
/* Adds the event (one JSON object) unless the body would get larger than max bytes (0: no limit; the first always fits).
 * 1: added. */
int	 hec_add(struct hec *, const struct hec_meta *, const char *event, size_t len, size_t max);
void	 hec_end(struct hec *);

#endif
