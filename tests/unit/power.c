/*
 * power - a disk whose power can be cut.
 *
 * The real files hold what was written; for each of them a node remembers the content that is safe, and the changes since. A
 * flush makes them safe. power_back() picks a moment for every sector, size and directory entry, and writes the real files anew.
 */
#include "power_in.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "mixed.h"

struct power	 power;

static void	 settle_disk(uint64_t seed);

/* ---- small things ---------------------------------------------------------------------------------------------------- */

static size_t
upto(size_t n)				/* 0 .. n - 1 */
{
	return n == 0 ? 0 : (size_t)(mixed(power.rng++) % n);
}

int
power_dead(void)
{
	if (power.kills) {
		settle_disk(power.seed);
		_exit(POWER_EXIT);
	}
	errno = EIO;
	return -1;
}

enum now
power_moment(void)
{
	if (power.is_out)
		return IS_OUT;
	power.changes++;
	power.is_out = power.cut_at > 0 && power.changes >= power.cut_at;
	return power.is_out ? IS_LAST : GOES_ON;
}

struct node *
power_node_at(const char *path)
{
	for (size_t i = 0; i < power.n_nodes; i++)
		if (power.nodes[i]->there && strcmp(power.nodes[i]->path, path) == 0)
			return power.nodes[i];
	return NULL;
}

struct node *
power_node_of(int fd)
{
	return fd >= 0 && fd < FDS ? power.of_fd[fd] : NULL;
}

static void
forget_changes(struct node *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->changes[i].bytes);
	free(f->changes);
	f->changes = NULL;
	f->n = 0;
}

static void
node_free(struct node *f)
{
	forget_changes(f);
	free(f->path);
	free(f->kept);
	free(f);
}

struct node *
power_node_new(const char *path, int is_dir)
{
	struct node	*f = xcalloc(1, sizeof(*f));

	f->path = xstrdup(path);
	f->is_dir = is_dir;
	f->there = 1;
	power.nodes = xreallocarray(power.nodes, power.n_nodes + 1, sizeof(struct node *));
	return power.nodes[power.n_nodes++] = f;
}

/* ---- changes --------------------------------------------------------------------------------------------------------- */

void
power_name_changed(const char *path, struct node *f)
{
	power.entries = xreallocarray(power.entries, power.n_entries + 1, sizeof(*power.entries));
	power.entries[power.n_entries++] = (struct entry){ xstrdup(path), f };
}

void
power_note(struct node *f, size_t at, const void *bytes, size_t len, size_t size)
{
	struct change	*c;

	f->changes = xreallocarray(f->changes, f->n + 1, sizeof(*c));
	c = &f->changes[f->n++];
	*c = (struct change){ .at = at, .len = len, .size = size, .bytes = NULL };
	if (bytes != NULL) {
		c->bytes = xmalloc(len + 1);
		memcpy(c->bytes, bytes, len);
	}
	f->size = size;
}

static void
keep_room(struct node *f, size_t size)
{
	size_t	 room = f->room == 0 ? 65536 : f->room;

	while (room < size)
		room *= 2;
	if (room == f->room)
		return;
	f->kept = realloc(f->kept, room);
	assert(f->kept != NULL);
	memset(f->kept + f->room, 0, room - f->room);
	f->room = room;
}

static void
apply(struct node *f, const struct change *c, size_t from, size_t len)
{
	if (c->bytes != NULL)
		memcpy(f->kept + from, c->bytes + (from - c->at), len);
	else
		memset(f->kept + from, 0, len);
}

static void
room_for_all(struct node *f)
{
	keep_room(f, f->len);
	for (size_t i = 0; i < f->n; i++)
		keep_room(f, f->changes[i].at + f->changes[i].len > f->changes[i].size ? f->changes[i].at + f->changes[i].len :
		    f->changes[i].size);
}

void
power_flush_file(struct node *f)
{
	room_for_all(f);
	for (size_t i = 0; i < f->n; i++)
		apply(f, &f->changes[i], f->changes[i].at, f->changes[i].len);
	f->len = f->size;
	forget_changes(f);
}

static void
settle_name(const struct entry *e)
{
	for (size_t i = 0; i < power.n_nodes; i++)
		if (strcmp(power.nodes[i]->path, e->path) == 0)
			power.nodes[i]->safe = power.nodes[i] == e->node;
}

static int
lies_in(const char *path, const char *dir)
{
	size_t	 n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/' && strchr(path + n + 1, '/') == NULL;
}

void
power_flush_dir(const struct node *dir)
{
	size_t	 left = 0;

	for (size_t i = 0; i < power.n_entries; i++) {
		if (!lies_in(power.entries[i].path, dir->path)) {
			power.entries[left++] = power.entries[i];
			continue;
		}
		settle_name(&power.entries[i]);
		free(power.entries[i].path);
	}
	power.n_entries = left;
}

/* ---- what the disk holds when the power is back ---------------------------------------------------------------------- */

/*
 * NONE and ALL: nothing, or everything since the last flush. ANY: each for itself, nothing, everything or up to some moment.
 * IN_ORDER: all of it up to one moment.
 */
enum came { NONE, ALL, ANY, IN_ORDER, CAME_KINDS };

static size_t
came_upto(enum came how, size_t n, size_t one, uint64_t salt)
{
	uint64_t	 h = mixed(salt);

	switch (how) {
	case NONE:	return 0;
	case ALL:	return n;
	case IN_ORDER:	return one;
	default:	return h % 4 == 0 ? 0 : h % 4 == 1 ? n : (size_t)(h / 4 % (n + 1));
	}
}

/* A part of what was being written: its beginning, or rubbish in its place. */
static void
tear(struct node *f, const struct change *c, size_t from, size_t len)
{
	if (upto(8) != 0)
		return;
	if (upto(4) != 0)
		apply(f, c, from, upto(len));
	else if (c->bytes != NULL)
		for (size_t i = 0; i < len; i++)
			f->kept[from + i] = (unsigned char)upto(256);
}

static void
survive(struct node *f)
{
	enum came	 how = (enum came)upto(CAME_KINDS);
	size_t		 one = upto(f->n + 1), sizes = came_upto(how, f->n, one, power.rng), size = f->len;
	uint64_t	 salt = mixed(power.rng++);

	room_for_all(f);
	for (size_t i = 0; i < f->n; i++) {
		const struct change	*c = &f->changes[i];

		for (size_t at = c->at, end = c->at + c->len, next; at < end; at = next) {
			size_t	 sector = at / power.sector, until = came_upto(how, f->n, one, salt ^ sector);

			next = (sector + 1) * power.sector < end ? (sector + 1) * power.sector : end;
			if (i < until)
				apply(f, c, at, next - at);
			else if (i == until)
				tear(f, c, at, next - at);
		}
		if (i < sizes)
			size = c->size;
	}
	f->len = size;
	memset(f->kept + f->len, 0, f->room - f->len);
}

static void
put_range(int fd, const struct node *f, size_t at, size_t len)
{
	if (at >= f->len)
		return;
	if (len > f->len - at)
		len = f->len - at;
	if (syscall(SYS_pwrite64, fd, f->kept + at, len, at) != (long)len)
		abort();
}

static int
is_zero(const unsigned char *b, size_t n)
{
	return n == 0 || (b[0] == 0 && memcmp(b, b + 1, n - 1) == 0);
}

static void
put_file(struct node *f)
{
	const size_t	 piece = 65536;
	int		 fd = (int)syscall(SYS_openat, AT_FDCWD, f->path, O_RDWR | O_CREAT, 0600);

	if (fd == -1 || (f->anew && syscall(SYS_ftruncate, fd, 0) == -1) || syscall(SYS_ftruncate, fd, f->len) == -1)
		abort();
	for (size_t i = 0; !f->anew && i < f->n; i++)
		put_range(fd, f, f->changes[i].at, f->changes[i].len);
	for (size_t at = 0; f->anew && at < f->len; at += piece)
		if (!is_zero(f->kept + at, f->len - at < piece ? f->len - at : piece))
			put_range(fd, f, at, piece);
	syscall(SYS_close, fd);
	f->size = f->len;
	f->anew = 0;
	forget_changes(f);
}

static void
settle_names(void)
{
	enum came	 how = (enum came)upto(CAME_KINDS);
	size_t		 one = upto(power.n_entries + 1);
	uint64_t	 salt = mixed(power.rng++);

	for (size_t i = 0; i < power.n_entries; i++) {
		size_t		 before = 0, all = 0;
		uint64_t	 name = salt;

		for (const char *c = power.entries[i].path; *c != '\0'; c++)
			name = mixed(name ^ (unsigned char)*c);
		for (size_t k = 0; k < power.n_entries; k++) {
			size_t	 same = strcmp(power.entries[k].path, power.entries[i].path) == 0;

			before += k < i ? same : 0;
			all += same;
		}
		if (how == IN_ORDER ? i < one : before < came_upto(how, all, 0, name))
			settle_name(&power.entries[i]);
	}
	for (size_t i = 0; i < power.n_entries; i++)
		free(power.entries[i].path);
	power.n_entries = 0;
}

/* Is there a way to it? A directory whose entry is lost takes all that lies in it along. */
static int
can_be_found(const struct node *f)
{
	for (size_t i = 0; i < power.n_nodes; i++) {
		const struct node	*d = power.nodes[i];
		size_t			 n = strlen(d->path);

		if (d->is_dir && !d->safe && strncmp(f->path, d->path, n) == 0 && f->path[n] == '/')
			return 0;		/* directories never go, so there is no other of that name */
	}
	return f->safe;
}

static void
settle_disk(uint64_t seed)
{
	size_t	 left = 0;

	power.rng = mixed(seed);
	power.sector = upto(2) ? 512 : 4096;
	settle_names();
	for (size_t i = 0; i < power.n_nodes; i++)
		power.nodes[i]->there = can_be_found(power.nodes[i]);
	for (size_t i = power.n_nodes; i-- > 0;)		/* what lies in a directory goes before it */
		if (!power.nodes[i]->there && power_node_at(power.nodes[i]->path) == NULL)
			(void)syscall(SYS_unlinkat, AT_FDCWD, power.nodes[i]->path, power.nodes[i]->is_dir ? AT_REMOVEDIR : 0);
	for (size_t i = 0; i < power.n_nodes; i++) {
		struct node	*f = power.nodes[i];

		if (!f->there) {
			node_free(f);
			continue;
		}
		if (f->is_dir)
			(void)syscall(SYS_mkdirat, AT_FDCWD, f->path, 0700);
		else {
			survive(f);
			put_file(f);
		}
		power.nodes[left++] = f;
	}
	power.n_nodes = left;
}

void
power_back(uint64_t seed)
{
	for (int fd = 0; fd < FDS; fd++)
		assert(power.of_fd[fd] == NULL);
	settle_disk(seed);
	power.is_out = 0;
	power.cut_at = 0;
}

/* ---- on and off ------------------------------------------------------------------------------------------------------ */

static int
is_there_already(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	struct node	*f;
	FILE		*file;

	(void)at;
	if (flag != FTW_D && (flag != FTW_F || !S_ISREG(st->st_mode)))
		return 0;
	f = power_node_new(path, flag == FTW_D);
	f->safe = 1;
	if (f->is_dir)
		return 0;
	f->len = f->size = (size_t)st->st_size;
	keep_room(f, f->len);
	if ((file = fopen(path, "r")) == NULL || fread(f->kept, 1, f->len, file) != f->len)
		abort();
	fclose(file);
	return 0;
}

void
power_on(const char *dir)
{
	power_off();
	if (nftw(dir, is_there_already, 16, FTW_PHYS) == -1)
		abort();
	power.dir = xstrdup(dir);
}

void
power_kills(uint64_t seed)
{
	power.kills = 1;
	power.seed = seed;
}

void
power_off(void)
{
	for (size_t i = 0; i < power.n_nodes; i++)
		node_free(power.nodes[i]);
	for (size_t i = 0; i < power.n_entries; i++)
		free(power.entries[i].path);
	free(power.nodes);
	free(power.entries);
	free(power.dir);
	memset(&power, 0, sizeof(power));
}

void
power_cut_after(long changes)
{
	power.changes = 0;
	power.cut_at = changes;
}

int
power_is_out(void)
{
	return power.is_out;
}

long
power_changes(void)
{
	return power.changes;
}

int
power_fault(const char *what)
{
	return sscanf(what, "%7[a-z]:%d:%ld:%63[^:]:%7s", power.fault.call, &power.fault.err, &power.fault.from, power.fault.suffix,
	    power.fault.times) >= 4 ? 0 : -1;
}

int
power_fails(const char *call, const char *path)
{
	size_t	 n = strlen(path), end = strlen(power.fault.suffix);

	if (strcmp(call, power.fault.call) != 0 || n < end || strcmp(path + n - end, power.fault.suffix) != 0)
		return 0;
	power.fault.seen++;
	if (power.fault.seen < power.fault.from || (power.fault.times[0] != '\0' && power.fault.seen > power.fault.from))
		return 0;
	errno = power.fault.err;
	return 1;
}

void
power_flushes(int honest)
{
	power.lies = !honest;
}
