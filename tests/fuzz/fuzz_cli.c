/*
 * fuzz_cli - any bytes as what commands print: lines of the daemon's answer as a table, and a text such as a destination's words
 * in an error. Whatever it is, a terminal gets nothing that it obeys but line breaks, and a line per line.
 *
 * Input: the bytes.
 */
#include <string.h>

#include "base/json.h"
#include "cmd/cmd.h"
#include "kit.h"

/* What f(arg) prints on either of the two; the caller frees. */
static char *
printed(void (*f)(void *), void *arg, size_t *len)
{
	FILE	*was_out = stdout, *was_err = stderr, *to;
	char	*text = NULL;

	MUST((to = open_memstream(&text, len)) != NULL);
	stdout = stderr = to;
	f(arg);
	stdout = was_out;
	stderr = was_err;
	fclose(to);
	return text;
}

static void
table(void *arg)
{
	static const char *const names[] = { "name", "why", "a", NULL };

	cmd_table(arg, names);
}

static void
fail(void *arg)
{
	cmd_fail(arg);
}

/* Returns how many lines there are. */
static size_t
check_lines(const char *text, size_t len)
{
	size_t		 n = 0;
	const char	*stop;

	for (const char *p = text; p < text + len; p = stop + 1, n++) {
		MUST((stop = memchr(p, '\n', (size_t)(text + len - p))) != NULL);
		MUST(!fuzz_moves_terminal(p, (size_t)(stop - p)));
	}
	return n;
}

static size_t
sound_lines(const struct buf *b)
{
	struct json	 j = { 0 };
	const char	*p = buf_str(b), *end = p + b->len, *stop;
	size_t		 n = 0;

	for (; p < end; p = stop + 1) {
		if ((stop = memchr(p, '\n', (size_t)(end - p))) == NULL)
			stop = end;
		n += json_index(&j, p, (size_t)(stop - p), 0, JSON_DEPTH) == JSON_OK;
	}
	json_clear(&j);
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_in	 in = fuzz_in(data, len);
	struct buf	 objects = { 0 };
	struct err	 e = { .kind = ERR_UNAVAILABLE };
	char		*text, *copy = fuzz_text(&in);

	buf_add(&objects, data, len);
	text = printed(table, &objects, &len);
	MUST(check_lines(text, len) == 1 + sound_lines(&objects));
	free(text);
	snprintf(e.text, sizeof(e.text), "%s", copy);
	text = printed(fail, &e, &len);
	MUST(check_lines(text, len) == 1);
	free(text);
	free(copy);
	buf_clear(&objects);
	return 0;
}
