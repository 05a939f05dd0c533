/*
 * cluster - one question after the other to an output's Elasticsearch or OpenSearch, for commands: each call waits for its answer.
 */
#ifndef CMD_CLUSTER_H
#define CMD_CLUSTER_H

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"
#include "deliver/es.h"

struct cluster;

/* Asks GET / of the output's first URL that answers. NULL: no URL did, or it wants other credentials; err says so. */
struct cluster *cluster_open(const struct conf_output *, struct err *);
void	 cluster_close(struct cluster *);
const struct es *cluster_is(const struct cluster *);
/* The HTTP status, and the reply's text; -1: no answer. body NULL: GET or HEAD without one. */
int	 cluster_ask(struct cluster *, const char *method, const char *path, const struct buf *body, struct buf *reply, struct err *);
/* What it says of a refusal: "type: reason", else the beginning of the reply, on one line. */
void	 cluster_reason(const struct buf *reply, struct buf *to);

#endif
