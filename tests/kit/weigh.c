/*
 * weigh - whether a store's tallies agree, for the stories: weigh STATE_DIR OUTPUT...
 *
 * stored = delivered + dead + dropped + owed for every output, feed and hour, by count, XOR and sum of the ids. The store
 * must be nobody else's. Exit 0: they agree; 1: they do not, or cannot be read.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../unit/balance.h"
#include "base/log.h"
#include "base/xalloc.h"

struct weighing {
	struct store	*s;
	struct balance	 b;
	int		 failed;
};

static void
take_owed(void *arg, struct store_result *r)
{
	struct weighing	*w = arg;
	const char	*guid, *tenant, *feed;

	w->failed |= r->fail != STORE_OK;
	for (size_t i = 0; i < r->n_peeked; i++) {
		store_feed_names(w->s, r->peeked[i].feed, &guid, &tenant, &feed);
		balance_owed(&w->b, tenant, feed, &r->peeked[i]);
	}
}

static void
take_tallies(void *arg, struct store_result *r)
{
	struct weighing	*w = arg;
	char		*text = xstrdup(buf_str(&r->text));

	w->failed |= r->fail != STORE_OK || balance_tallies(&w->b, text) == -1;
	free(text);
}

static int
weigh(struct store *s, const char *output, int number)
{
	struct weighing	 w = { .s = s, .b = { .output = output } };
	const char	*off;

	store_peek(s, number, NULL, 0, SIZE_MAX >> 1, take_owed, &w);
	store_tallies(s, take_tallies, &w);
	store_wait(s);
	if ((off = balance_off(&w.b)) != NULL)
		printf("the tallies do not agree: %s\n", off);
	else if (w.failed)
		printf("the tallies of %s cannot be read\n", output);
	else
		printf("%s: %zu feeds and hours agree\n", output, balance_hours(&w.b));
	balance_clear(&w.b);
	return off == NULL && !w.failed ? 0 : -1;
}

int
main(int argc, char **argv)
{
	struct store_opts	 o = { .record_max = 16 << 20, .lock_wait_ms = 5000 };
	struct store		*s;
	struct err		 e = { ERR_NONE, "" };
	int			 numbers[STORE_OUTPUTS], rc = 0;

	log_open(LOG_WARN, LOG_TEXT);
	if (argc < 3 || argc > STORE_OUTPUTS + 2) {
		fprintf(stderr, "usage: weigh STATE_DIR OUTPUT...\n");
		return 64;
	}
	o.dir = argv[1];
	if ((s = store_open(&o, &e)) == NULL)
		goto fail;
	for (int i = 2; i < argc; i++)
		if ((numbers[i - 2] = store_output(s, argv[i], 0, &e)) == -1)
			goto fail;
	if (store_start(s, &e) == -1)
		goto fail;
	for (int i = 2; i < argc; i++)
		if (weigh(s, argv[i], numbers[i - 2]) == -1)
			rc = 1;
	store_close(s);
	return rc;
fail:
	printf("%s\n", e.text);
	store_close(s);
	return 1;
}
