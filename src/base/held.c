/*
 * held - which record each worker is at; one mapped page.
 *
 * The handler only writes to that page: the kernel keeps it when the process dies. A fault is then met again with the default
 * action, so that the core and the exit status are those of the fault.
 */
#include "base/held.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"

#define MAGIC		"m365hel1"
#define SUSPECTS	32
#define TWICE		2u
#define STACK		16384

struct suspect {
	uint8_t		 id[16];
	uint32_t	 digest;
	int32_t		 output;
	uint32_t	 times;			/* in a row; 0: the place is free */
	int32_t		 signal;
};

struct page {
	char		 magic[8];
	char		 version[32];
	struct suspect	 suspects[SUSPECTS];	/* the newest first */
	struct suspect	 culprit;		/* of the run that died; times 0: it held none */
	int32_t		 signal;		/* it died of this; 0: of none that counts */
};

static const struct {
	int		 number;
	const char	*name;
} faults[] = {
	{ SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" }, { SIGFPE, "SIGFPE" }, { SIGILL, "SIGILL" }, { SIGABRT, "SIGABRT" },
};

static struct page	*page;
static size_t		 n_poison;		/* in it; the usual answer is quick */
static _Thread_local const struct record *at;
static _Thread_local int output_of;
static _Thread_local _Alignas(16) char stack[STACK];		/* a fault may mean that the thread's own is used up */
static _Thread_local int has_stack;

static const char *
name_of(int number)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (faults[i].number == number)
			return faults[i].name;
	return "a signal";
}

static void
died(int number, siginfo_t *info, void *context)
{
	int	 sent = info->si_code <= 0 && number != SIGABRT;	/* abort() sends, too */

	(void)context;
	if (page != NULL && !sent) {
		page->culprit.times = 0;
		if (at != NULL) {
			memcpy(page->culprit.id, at->id, sizeof(page->culprit.id));
			page->culprit.digest = at->digest;
			page->culprit.output = output_of;
			page->culprit.times = 1;
		}
		page->signal = number;
	}
	if (info->si_code <= 0)		/* it does not happen again by itself; SA_RESETHAND: this time it kills */
		raise(number);
}

static void
watch(void)
{
	struct sigaction	 sa = { .sa_sigaction = died, .sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND }, old;

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)		/* a sanitizer's own handler stays */
		if (sigaction(faults[i].number, NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			sigaction(faults[i].number, &sa, NULL);
}

static void
unwatch(void)
{
	struct sigaction	 sa = { .sa_handler = SIG_DFL }, old;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (sigaction(faults[i].number, NULL, &old) == 0 && (old.sa_flags & SA_SIGINFO) && old.sa_sigaction == died)
			sigaction(faults[i].number, &sa, NULL);
}

static int
same(const struct suspect *s, const uint8_t id[16], uint32_t digest, int output)
{
	return s->times > 0 && s->output == output && s->digest == digest && memcmp(s->id, id, sizeof(s->id)) == 0;
}

/* The run before died: what does that say about which record? Only one that did it twice in a row is kept for good. */
static void
learn(void)
{
	struct suspect	 now = page->culprit, kept[SUSPECTS] = { 0 };
	size_t		 n = 0;

	if (page->signal == 0)
		return;
	now.signal = page->signal;
	for (size_t i = 0; i < SUSPECTS; i++) {
		if (now.times > 0 && same(&page->suspects[i], now.id, now.digest, now.output))
			now.times += page->suspects[i].times;
	}
	if (now.times > 0)
		kept[n++] = now;
	for (size_t i = 0; i < SUSPECTS && n < SUSPECTS; i++)
		if (page->suspects[i].times >= TWICE && !same(&page->suspects[i], now.id, now.digest, now.output))
			kept[n++] = page->suspects[i];
	memcpy(page->suspects, kept, sizeof(kept));
	page->signal = 0;
	page->culprit.times = 0;
	if (now.times >= TWICE)
		log_error("record-poison", "the process died of %s twice in a row while it worked on the same record; it becomes a dead "
		    "letter, see m365fwd dead list; please report it", name_of(now.signal));
	else
		log_warn("record-suspect", "the last run died of %s%s", name_of(now.signal),
		    now.times > 0 ? " while it worked on a record; if that happens again with the same one, it becomes a dead letter" : "");
}

/* Written in full, so that no store into the mapping ever finds the disk full. */
static int
fill(int fd, const char *path, struct err *e)
{
	struct page	 empty = { .magic = MAGIC };
	ssize_t		 n = pwrite(fd, &empty, sizeof(empty), 0);

	if (n == (ssize_t)sizeof(empty) && ftruncate(fd, (off_t)sizeof(empty)) == 0)
		return 0;
	if (n != -1)
		errno = ENOSPC;
	err_errno(e, ERR_IO, "%s", path);
	return -1;
}

int
held_open(const char *dir, const char *version, struct err *e)
{
	char		*path = xasprintf("%s/held", dir);
	struct stat	 st;
	void		*map = MAP_FAILED;
	int		 fd;

	held_close();
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1 || fstat(fd, &st) == -1) {
		err_errno(e, ERR_IO, "%s", path);
		goto out;
	}
	if (st.st_size != (off_t)sizeof(struct page) && fill(fd, path, e) == -1)
		goto out;
	if ((map = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) == MAP_FAILED) {
		err_errno(e, ERR_IO, "%s", path);
		goto out;
	}
	page = map;
	if (memcmp(page->magic, MAGIC, sizeof(page->magic)) != 0 || strncmp(page->version, version, sizeof(page->version) - 1) != 0) {
		memset(page, 0, sizeof(*page));
		memcpy(page->magic, MAGIC, sizeof(page->magic));
		snprintf(page->version, sizeof(page->version), "%s", version);
	}
	learn();
	n_poison = 0;
	for (size_t i = 0; i < SUSPECTS; i++)
		n_poison += page->suspects[i].times >= TWICE;
	watch();
out:
	if (fd != -1)
		close(fd);
	free(path);
	return map != MAP_FAILED ? 0 : -1;
}

void
held_close(void)
{
	if (page == NULL)
		return;
	unwatch();
	munmap(page, sizeof(*page));
	page = NULL;
}

void
held_for(int output)
{
	output_of = output;
}

void
held_at(const struct record *r)
{
	stack_t	 s = { .ss_sp = stack, .ss_size = sizeof(stack) }, old;

	if (!has_stack && sigaltstack(NULL, &old) == 0 && (old.ss_flags & SS_DISABLE))		/* else a sanitizer's stays */
		sigaltstack(&s, NULL);
	has_stack = 1;
	at = r;
}

void
held_none(void)
{
	at = NULL;
}

const char *
held_poison(const struct record *r, int output)
{
	if (page == NULL || n_poison == 0)
		return NULL;
	for (size_t i = 0; i < SUSPECTS; i++)
		if (page->suspects[i].times >= TWICE && same(&page->suspects[i], r->id, r->digest, output))
			return name_of(page->suspects[i].signal);
	return NULL;
}
