/*
 * kill_loop - a child puts and delivers, is killed at random moments, and what it was told is held against the store.
 *
 * Half of the children die at a random time, half at the most dangerous one: as soon as their n-th answer is heard. (A
 * killed process keeps what it wrote, flushed or not, so the time between an answer that came too early and its commit is
 * short, and random kills alone would miss it.)
 *
 * The child writes a line into a pipe before it says a record is done (it may be) and after every answer (it is). The
 * parent reads the pipe to its end, opens the store, and compares. A record is a number; a child goes on with the first
 * number that was not acknowledged, as a fetcher reads a blob again, so in the end each must be stored exactly once.
 */
#include "kill_loop.h"

#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "store_kit.h"

#define RECORDS_MAX	800000
#define PER_PUT_MAX	40

enum { PUT_ANSWERED = 1, DONE_ASKED = 2, DONE_ANSWERED = 4 };

struct line {
	char		 what;		/* a flag of those above */
	int8_t		 output;
	int32_t		 first, n;
};

/* ---- the child ------------------------------------------------------------------------------------------------------- */

static void
tell(int fd, char what, int output, int64_t first, int64_t n)
{
	struct line	 l = { what, (int8_t)output, (int32_t)first, (int32_t)n };

	if (write(fd, &l, sizeof(l)) != (ssize_t)sizeof(l))
		_exit(1);
}

struct said { int fd; int output; int64_t first, n; };

static void
put_answered(void *arg, struct store_result *r)
{
	struct said	*s = arg;

	if (r->fail == STORE_OK)
		tell(s->fd, PUT_ANSWERED, 0, s->first, s->n);
	free(s);
}

static void
done_answered(void *arg, struct store_result *r)
{
	struct said	*s = arg;

	if (r->fail == STORE_OK)
		tell(s->fd, DONE_ANSWERED, s->output, s->first, s->n);
	free(s);
}

static struct said *
said(int fd, int output, int64_t first, int64_t n)
{
	struct said	*s = xmalloc(sizeof(*s));

	*s = (struct said){ fd, output, first, n };
	return s;
}

static int64_t
number_of(const struct record *r)
{
	return atoll(r->bytes + sizeof("{\"Id\":\"record-") - 1);
}

/* Part of the oldest batch, so that bitmaps are killed too; some of it as dead letters. */
static void
deliver_some(struct kit *k, int fd, int which)
{
	struct kit_batches	 b = kit_peek(k, k->out[which], NULL, 0, 1);
	struct record		 r;

	for (size_t i = 0; i < b.n; i++) {
		struct done	*d = done_new(k->out[which]);
		struct peeked	*p = &b.b[i];
		size_t		 at = 0;
		int64_t		 first = -1, n = 0;
		uint32_t	 until = 1 + (uint32_t)rand() % p->n;

		for (uint32_t pos = 0; record_next(p->body.bytes, p->body.len, &at, &r) == 1; pos++) {
			if (pos >= until && rand() % 2 == 0)
				break;
			done_add(d, p->batch, pos, rand() % 16 == 0 ? DONE_DEAD : DONE_DELIVERED, r.id, r.second, "a test", NULL);
			first = first == -1 ? number_of(&r) : first;
			n = number_of(&r) - first + 1;		/* a batch's numbers are neighbours */
		}
		tell(fd, DONE_ASKED, which, first, n);
		store_done(k->s, d, done_answered, said(fd, which, first, n));
	}
	kit_batches_free(&b);
}

static void
child(struct kit *k, int fd, int64_t next)
{
	kit_start(k);
	tell(fd, 0, 0, 0, 0);			/* it is open: the clock of its death starts */
	for (;;) {
		for (int i = 0; i < 1 + rand() % 4; i++) {
			int		 n = 1 + rand() % PER_PUT_MAX, back = rand() % 3 == 0 && next > 20 ? rand() % 20 : 0;
			struct put	*p = kit_put_of(k, "blob", next - back, n + back);

			if (next + n >= RECORDS_MAX)
				_exit(0);
			store_put(k->s, p, put_answered, said(fd, 0, next, n));
			next += n;
		}
		for (int which = 0; which < KIT_OUTPUTS; which++)
			deliver_some(k, fd, which);
		store_turn(k->s);
	}
}

/* ---- the parent ------------------------------------------------------------------------------------------------------ */

struct fate { uint8_t flags[KIT_OUTPUTS]; uint8_t owed[KIT_OUTPUTS]; };

static void
note(const struct line *l, struct fate *fates, int64_t *next)
{
	for (int64_t i = l->first; i < l->first + l->n; i++)
		for (int o = 0; o < KIT_OUTPUTS; o++)
			if (l->what == PUT_ANSWERED || o == l->output)
				fates[i].flags[o] |= (uint8_t)l->what;
	if (l->what == PUT_ANSWERED && l->first + l->n > *next)
		*next = l->first + l->n;
}

/* Until so many answers were heard, or the end. */
static void
listen_to(int fd, struct fate *fates, int64_t *next, int answers)
{
	struct line	 l;

	while (answers > 0 && read(fd, &l, sizeof(l)) == (ssize_t)sizeof(l)) {
		note(&l, fates, next);
		answers -= l.what == PUT_ANSWERED || l.what == DONE_ANSWERED;
	}
}

static void
read_owed(struct kit *k, struct fate *fates)
{
	for (int o = 0; o < KIT_OUTPUTS; o++) {
		struct kit_batches	 b = kit_peek(k, k->out[o], NULL, 0, SIZE_MAX >> 1);
		struct record		 r;

		for (size_t i = 0; i < b.n; i++) {
			size_t	 at = 0;

			for (uint32_t pos = 0; record_next(b.b[i].body.bytes, b.b[i].body.len, &at, &r) == 1; pos++)
				if (b.b[i].done == NULL || !(b.b[i].done[pos / 8] >> pos % 8 & 1))
					fates[number_of(&r)].owed[o]++;
		}
		kit_batches_free(&b);
	}
}

static void
judge(struct kit *k, struct fate *fates, int64_t next, struct kill_report *report)
{
	for (int64_t i = 0; i < RECORDS_MAX; i++)
		memset(fates[i].owed, 0, sizeof(fates[i].owed));
	read_owed(k, fates);
	for (int64_t i = 0; i < RECORDS_MAX; i++)
		for (int o = 0; o < KIT_OUTPUTS; o++) {
			int	 flags = fates[i].flags[o], owed = fates[i].owed[o];

			report->lost += (flags & PUT_ANSWERED) && !owed && !(flags & (DONE_ASKED | DONE_ANSWERED));
			report->undone += (flags & DONE_ANSWERED) && owed;
			report->doubled += owed > 1;
		}
	report->acknowledged = next;
	for (int o = 0; o < KIT_OUTPUTS; o++) {
		const char	*what = kit_unbalanced(k, k->out[o]);

		if (what != NULL)
			fprintf(stderr, "kill_loop: %s\n", what);
		report->unbalanced += what != NULL;
	}
}

static void
live_and_die(struct kit *k, struct fate *fates, int64_t *next)
{
	int		 fds[2];
	pid_t		 pid;
	struct line	 opened;
	struct timespec	 life = { 0, (1 + rand() % 80) * 1000000L + rand() % 1000000 };

	if (pipe(fds) == -1 || (pid = fork()) == -1)
		abort();
	if (pid == 0) {
		close(fds[0]);
		child(k, fds[1], *next);
	}
	close(fds[1]);
	if (read(fds[0], &opened, sizeof(opened)) != (ssize_t)sizeof(opened))
		abort();
	if (rand() % 2 == 0)
		nanosleep(&life, NULL);
	else
		listen_to(fds[0], fates, next, 1 + rand() % 60);
	kill(pid, SIGKILL);
	listen_to(fds[0], fates, next, INT_MAX);
	waitpid(pid, NULL, 0);
	close(fds[0]);
}

struct kill_report
kill_loop(int kills, unsigned seed)
{
	struct kill_report	 report = { 0 };
	struct fate		*fates = xcalloc(RECORDS_MAX + PER_PUT_MAX, sizeof(*fates));
	struct kit		 k;
	int64_t			 next = 0, stored;

	srand(seed);
	kit_new(&k);
	kit_stop(&k);
	for (report.kills = 0; report.kills < kills && next < RECORDS_MAX - 20000; report.kills++) {
		live_and_die(&k, fates, &next);
		kit_start(&k);
		judge(&k, fates, next, &report);
		kit_stop(&k);
	}
	kit_start(&k);
	kit_put_new(&k, "blob", next, 1);		/* whatever lay between is complete now, or is not */
	for (int64_t at = next + 1; kit_put_new(&k, "blob", at, 1).n == 0; at++)
		next = at;				/* stored by the last child, but not answered */
	stored = kit_tally(&k, "stored");
	report.doubled += stored > next + 2 ? (long)(stored - next - 2) : 0;
	report.lost += stored < next + 2 ? (long)(next + 2 - stored) : 0;
	kit_free(&k);
	free(fates);
	return report;
}
