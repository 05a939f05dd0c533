/*
 * hec_world - an indexer that is played, and an output that delivers to it; beside deliver_world.
 */
#ifndef HEC_WORLD_H
#define HEC_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "deliver/sink_hec.h"
#include "deliver_world.h"

#define MB (1000 * 1000)

struct script {			/* how the next requests for events are answered, in turn; then with success */
	int		 status;
	const char	*body;
	enum http_fail	 fail;
	const char	*set_cookie;
};
extern struct script	 script[16];
extern size_t		 n_script, at_script;

struct indexer {
	int		 acks;			/* the token acknowledges */
	int		 holds_acks;		/* ids stay false */
	int		 poll_status;		/* not 200: polls are answered so, with poll_body */
	const char	*poll_body;
	unsigned	 got[WORLD_RECORDS];	/* how often each record was in a request */
	unsigned	 polls, requests;
	char		 token[64];		/* what is asked for */
	struct {
		char		 guid[48];
		int64_t		 next;		/* id */
		uint8_t		 open[512];	/* by id: given, and not told yet */
	} channels[64];
	size_t		 n_channels;
	char		 last_poll[256];
	const char	*set_cookie;
	unsigned	 indexers, turn;	/* several behind a balancer that sends each request anywhere */
};

extern struct indexer	 x;

void	 says(int status, const char *body);		/* one more answer */
const char *header(const struct fake_request *, const char *name);	/* "Cookie: "; good until the next call */
int	 was_asked(const char *cookie, const char *ids);	/* is there a poll with this cookie for these numbers? */

void	 write_token(const char *);			/* into the file that the output reads */
struct sink *hec_sink(const struct sink_hec_opts *);	/* name, token, urls, host and times are set */
struct output *start_with(const struct sink_hec_opts *, size_t batch_bytes);
struct output *start(void);
struct output *start_acks(size_t batch_bytes);		/* the token acknowledges */
void	 bell(struct output *);
void	 end(struct output *);				/* nothing is left, the tallies agree */
void	 each_once(unsigned from, unsigned n);
int	 status_says(const struct output *, const char *);

#endif
