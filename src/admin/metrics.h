/*
 * metrics - what the status says, as Prometheus' text format and as a page for people.
 *
 * Both read the one JSON object that `m365fwd status --json` prints, so that the three cannot differ; counters come from
 * base/counters with their labels. Names: m365fwd_<what>_<unit>, _total for counters, times as Unix seconds.
 */
#ifndef ADMIN_METRICS_H
#define ADMIN_METRICS_H

#include <stdint.h>

#include "base/buf.h"

void	 metrics_text(const char *status, size_t len, int64_t now_ms, struct buf *to);
void	 metrics_page(const char *status, size_t len, struct buf *to);		/* HTML, everything escaped */

#endif
