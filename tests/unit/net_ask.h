/*
 * net_ask - asks with the real httpc on a real loop and keeps the answer, for the tests of net/.
 *
 * Names under .test are answered here and by no name server: a name is the address it leads to ("127.0.0.1.test",
 * "__1.test" for ::1), but "none.test" does not exist and "slow.test" takes three seconds.
 */
#ifndef NET_ASK_H
#define NET_ASK_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/httpc.h"
#include "net/httpc_in.h"
#include "net/loop.h"
#include "net/url.h"

struct reply {			/* an answer that outlives its request */
	unsigned	 done;
	struct http	*http;
	enum http_fail	 fail;
	char		 why[300];
	int		 status;
	int64_t		 retry_after_ms, date_ms;
	int		 gzip, unknown_coding;
	char		 next_page[2 * URL_MAX];
	char		 content_type[256], location[256], set_cookie[512];
	struct buf	 body;
};

extern struct loop *ask_loop;
extern struct httpc *ask_httpc;
extern atomic_uint ask_lookups;		/* of names, by anyone */

int	 ask_open(void **state);
int	 ask_close(void **state);
void	 ask_run(int64_t ms);				/* lets time pass */
void	 ask_until(const unsigned *done, unsigned n);	/* ... until *done == n; over ten seconds fails the test */

/* on_done and arg of the request are set: the answer goes to reply. */
void	 ask_start(struct http_req *, struct reply *);
void	 ask(struct http_req *, struct reply *);
void	 ask_url(struct reply *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void	 reply_clear(struct reply *);
int64_t	 ask_now_ms(void);

#endif
