/*
 * fuzz_headers - any bytes as the head of an answer: what is kept of it is bounded and one line each, times are within what
 * callers can count with, and what is put into the cookie jar may go back out as a header.
 *
 * Input: status line and headers as they come, each up to its line feed; what follows an empty line is trailers.
 */
#include <string.h>

#include "base/xalloc.h"
#include "deliver/hec_channel.h"
#include "kit.h"
#include "net/httpc_in.h"
#include "net/url.h"

#define HEAD_MAX	2048
#define JAR_MOST	4096
#define TEN_YEARS_MS	((int64_t)10 * 365 * 86400 * 1000)

static struct httpc	 client = { .tuning = { .header_max = HEAD_MAX } };
static char		 host[] = "h.example:443";

/* As libcurl gives it: line by line, until it is told to stop. */
static void
feed(struct http *h, const char *p, const char *end)
{
	const char	*stop;
	size_t		 len;
	char		*line;

	for (; p < end; p = stop) {
		stop = memchr(p, '\n', (size_t)(end - p));
		stop = stop != NULL ? stop + 1 : end;
		len = (size_t)(stop - p);
		line = xmalloc(len);		/* to the byte: a sanitizer sees who looks beyond it */
		memcpy(line, p, len);
		if (http_header_came(line, 1, len, h) != len) {
			free(line);
			MUST(h->answer.fail != HTTP_OK);
			break;
		}
		free(line);
	}
}

static void
check_text(const char *text, size_t max)
{
	if (text == NULL)
		return;
	MUST(strlen(text) <= max && strpbrk(text, "\n") == NULL);
}

static void
check_answer(const struct http_answer *a)
{
	MUST(a->retry_after_ms >= -1 && a->retry_after_ms <= TEN_YEARS_MS);
	MUST(a->date_ms >= -((int64_t)63000000 * 1000000) && a->date_ms < (int64_t)253402300800 * 1000);
	MUST(a->fail == HTTP_OK || a->fail == HTTP_TOO_BIG || a->fail == HTTP_OTHER);
	check_text(a->next_page, URL_MAX);
	check_text(a->content_type, 200);
	check_text(a->location, URL_MAX);
	MUST(a->set_cookie == NULL || strlen(a->set_cookie) <= HEAD_MAX);
}

/* name=value; name=value: no name twice, nothing in it that a header may not have. */
static void
check_jar(const struct buf *jar)
{
	char	*text = xstrndup(buf_str(jar), jar->len), *rest = NULL, *names[JAR_MOST / 4], *at;
	size_t	 n = 0;

	MUST(jar->len <= JAR_MOST && strlen(text) == jar->len && !fuzz_has_controls(text, jar->len));
	for (char *pair = strtok_r(text, ";", &rest); pair != NULL; pair = strtok_r(NULL, ";", &rest)) {
		MUST(n == 0 || *pair++ == ' ');
		MUST((at = strchr(pair, '=')) != NULL && at > pair && strpbrk(pair, " ,") == NULL);
		*at = '\0';
		for (size_t i = 0; i < n; i++)
			MUST(strcmp(names[i], pair) != 0);
		names[n++] = pair;
	}
	free(text);
}

static void
check_cookies(const char *set_cookie)
{
	struct buf	 jar = { 0 }, before = { 0 };

	buf_adds(&jar, "JSESSIONID=1; AWSALB=2");
	hec_cookies(&jar, set_cookie);
	check_jar(&jar);
	buf_add(&before, buf_str(&jar), jar.len);
	hec_cookies(&jar, set_cookie);
	check_jar(&jar);
	MUST(set_cookie == NULL || strchr(set_cookie, '\n') != NULL || before.len == jar.len);	/* one cookie is in or out */
	buf_clear(&jar);
	buf_clear(&before);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct http	 h = { .c = &client, .host = host, .content_length = -1,
	    .answer = { .retry_after_ms = -1, .date_ms = -1 } };

	feed(&h, (const char *)p, (const char *)p + len);
	check_answer(&h.answer);
	check_cookies(h.answer.set_cookie);
	free(h.next_page);
	free(h.content_type);
	free(h.location);
	buf_clear(&h.set_cookie);
	return 0;
}
