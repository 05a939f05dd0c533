/*
 * ask - questions in words, as they come over the control socket or from a command that opens the store itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_in.h"

struct words {
	long long	 n[2];
	char		 output[80];		/* "*": of all outputs */
};

static const char *
output_of_words(const struct words *w)
{
	return strcmp(w->output, "*") == 0 ? NULL : w->output;
}

static void
ask_status(struct store *s, const struct words *w, store_cb *cb, void *arg)
{
	(void)w;
	store_status(s, cb, arg);
}

static void
ask_gaps(struct store *s, const struct words *w, store_cb *cb, void *arg)
{
	(void)w;
	store_gaps(s, cb, arg);
}

static void
ask_tallies(struct store *s, const struct words *w, store_cb *cb, void *arg)
{
	(void)w;
	store_tallies(s, cb, arg);
}

static void
ask_dead(struct store *s, const struct words *w, store_cb *cb, void *arg)
{
	store_dead(s, w->n[0], output_of_words(w), cb, arg);
}

static void
ask_show(struct store *s, const struct words *w, store_cb *cb, void *arg)
{
	store_dead_show(s, w->n[0], cb, arg);
}

static void
ask_export(struct store *s, const struct words *w, store_cb *cb, void *arg)
{
	store_dead_export(s, w->n[0], output_of_words(w), cb, arg);
}

static void
ask_retry(struct store *s, const struct words *w, store_cb *cb, void *arg)
{
	store_dead_retry(s, w->n[0], w->n[1], output_of_words(w), cb, arg);
}

static void
ask_drop(struct store *s, const struct words *w, store_cb *cb, void *arg)
{
	store_dead_drop(s, w->n[0], w->n[1], output_of_words(w), cb, arg);
}

static const struct {
	const char	*word;
	int		 numbers, output;	/* that follow it */
	void		(*ask)(struct store *, const struct words *, store_cb *, void *);
} questions[] = {
	{ "status",		0, 0,	ask_status },
	{ "gaps",		0, 0,	ask_gaps },
	{ "tallies",		0, 0,	ask_tallies },
	{ "dead",		1, 1,	ask_dead },
	{ "dead-show",		1, 0,	ask_show },
	{ "dead-export",	1, 1,	ask_export },
	{ "dead-retry",		2, 1,	ask_retry },
	{ "dead-drop",		2, 1,	ask_drop },
};

/* What follows the word is exactly what the question takes. */
static int
read_words(const char *text, int numbers, int output, struct words *w)
{
	char	*end;
	size_t	 len;

	memset(w, 0, sizeof(*w));
	for (int i = 0; i < numbers; i++, text = end) {
		if (*text != ' ')
			return -1;
		w->n[i] = strtoll(text + 1, &end, 10);
		if (end == text + 1 || w->n[i] < 0)
			return -1;
	}
	if (!output)
		return *text == '\0' ? 0 : -1;
	len = strlen(text);
	if (len < 2 || len > sizeof(w->output) || text[0] != ' ' || strchr(text + 1, ' ') != NULL)
		return -1;
	memcpy(w->output, text + 1, len);
	return 0;
}

int
store_ask(struct store *s, const char *request, store_cb *cb, void *arg)
{
	size_t		 len = strcspn(request, " ");
	struct words	 w;

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		if (strlen(questions[i].word) != len || strncmp(questions[i].word, request, len) != 0)
			continue;
		if (read_words(request + len, questions[i].numbers, questions[i].output, &w) == -1)
			return 0;
		questions[i].ask(s, &w, cb, arg);
		return 1;
	}
	return 0;
}
