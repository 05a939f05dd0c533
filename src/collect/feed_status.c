/*
 * feed_status - one feed in `m365fwd status`.
 */
#include "collect/feed_status.h"

#include <string.h>

#include "base/rfc3339.h"

static void
put_time(struct json_out *o, const char *name, int64_t ms)
{
	char	 text[RFC3339_SIZE];

	json_out_name(o, name, strlen(name));
	if (ms == 0) {
		json_out_null(o);
		return;
	}
	rfc3339_text(ms, 0, text);
	json_out_string(o, text, strlen(text));
}

static void
put_text(struct json_out *o, const char *name, const char *text)
{
	json_out_name(o, name, strlen(name));
	json_out_string(o, text, strlen(text));
}

void
feed_status(const struct feed_status *f, struct json_out *o)
{
	static const char *const words[] = { [SOURCE_OK] = "ok", [SOURCE_TROUBLE] = "trouble", [SOURCE_DENIED] = "denied" };
	char			 why[300];
	enum token_state	 token = token_state(f->token, why, sizeof(why));
	int			 no_token = token == TOKEN_REFUSED || token == TOKEN_TROUBLE;

	json_out_open(o, '{');
	put_text(o, "tenant", f->tenant);
	put_text(o, "feed", f->feed);
	put_text(o, "state", no_token ? words[token == TOKEN_REFUSED ? SOURCE_DENIED : SOURCE_TROUBLE] :
	    f->last_ok_ms == 0 && f->state == SOURCE_OK ? "starting" : f->paused ? "paused" : words[f->state]);
	put_text(o, "why", no_token ? why : f->why);
	put_time(o, "listed_to", f->listed_ms);
	put_time(o, "last_success", f->last_ok_ms);
	json_out_close(o, '}');
}
