/*
 * fuzz_token - any bytes as the reply of the token endpoint: the Authorization line that may come of it is one line of printable
 * bytes, it lives for seven days at most, and what is told of a refusal fits on a terminal.
 *
 * Input: "STATUS", a line break, and the body. The clock, the timers and the network are tests/unit's.
 */
#include <string.h>

#include "base/counters.h"
#include "collect/token.h"
#include "kit.h"
#include "../unit/fake_http.h"

#define LINE		"Authorization: Bearer "
#define WEEK_MS		((int64_t)7 * 86400 * 1000)

static struct fake_reply	 reply;

static int
answer(const struct fake_ask *a, struct fake_reply *r)
{
	(void)a;
	*r = reply;
	return 1;
}

static void
bell(void *arg)
{
	(void)arg;
}

static void
check_bearer(const char *line)
{
	MUST(strncmp(line, LINE, strlen(LINE)) == 0 && line[strlen(LINE)] != '\0');
	for (const char *p = line + strlen(LINE); *p != '\0'; p++)
		MUST((unsigned char)*p > 0x20 && (unsigned char)*p < 0x7f);
}

static void
check(struct token *t)
{
	const char	*line;
	unsigned	 serial;
	char		 why[400];

	line = token_bearer(t, &serial);		/* asks */
	MUST(line == NULL);
	fake_http_serve();
	if (token_state(t, why, sizeof(why)) == TOKEN_GOOD) {
		MUST(reply.status == 200 && (line = token_bearer(t, &serial)) != NULL);
		check_bearer(line);
		fake_mono_ms += WEEK_MS;
		MUST(token_bearer(t, &serial) == NULL);
	} else {
		MUST(why[0] != '\0' && !fuzz_has_controls(why, strlen(why)));
		MUST(token_bearer(t, &serial) == NULL && fake_in_flight() == 0);	/* not again at once */
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct token_opts	 opts = { .tenant = "contoso", .tenant_guid = "11111111-2222-3333-4444-555555555555",
	    .login = "https://login.example", .client_id = "app", .secret_ref = "env:FUZZ_SECRET",
	    .scope = "https://x/.default" };
	struct fuzz_in		 in = fuzz_in(p, len);
	char			 line[80], *at = fuzz_line(&in, line, sizeof(line));
	struct collect		 c = { 0 };
	struct token		*t;

	setenv("FUZZ_SECRET", "geheim", 1);
	fake_mono_ms = 1000000;
	fake_wall_ms = (int64_t)1795420800 * 1000;
	fake_open(NULL);
	fake_server = answer;
	reply = (struct fake_reply){ .status = (int)fuzz_number(&at, 999), .len = (size_t)(in.end - in.p),
	    .retry_after_ms = -1, .date_ms = -1 };
	reply.body = reply.len > 0 ? in.p : NULL;
	t = token_new(&c, &opts, bell, NULL);
	check(t);
	token_free(t);
	fake_close();
	counters_clear();
	return 0;
}
