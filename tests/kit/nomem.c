/*
 * nomem - a library to preload: the Nth allocation after main() began fails; see tests/oom.sh.
 *
 * M365FWD_NOMEM=once:N  that one gets NULL and ENOMEM
 *              =from:N  that one and every later one
 *              =count   none; at the end the number of allocations is written to $M365FWD_NOMEM_COUNT
 * All threads count together, the libraries' allocations too (strdup and its kin come here from within libc). What happens before
 * main() is the dynamic linker's and is not counted.
 */
#define _GNU_SOURCE	1
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void	*__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);

typedef int	 main_fn(int, char **, char **);

static atomic_long	 seen;
static long		 from, to;	/* of the failing ones; 0: none fail */
static atomic_int	 counting;
static main_fn		*real_main;

static int
fails(void)
{
	long	 n;

	if (!atomic_load_explicit(&counting, memory_order_relaxed))
		return 0;
	n = atomic_fetch_add(&seen, 1) + 1;
	if (n < from || n > to)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

void *
reallocarray(void *old, size_t n, size_t size)
{
	size_t	 bytes;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, bytes);
}

void *
memalign(size_t to_what, size_t size)
{
	return fails() ? NULL : __libc_memalign(to_what, size);
}

void *
aligned_alloc(size_t to_what, size_t size)
{
	return memalign(to_what, size);
}

int
posix_memalign(void **at, size_t to_what, size_t size)
{
	void	*p = memalign(to_what, size);

	if (p == NULL)
		return ENOMEM;
	*at = p;
	return 0;
}

/* ---- when ---------------------------------------------------------------------------------------------------------- */

static void
tell(void)
{
	const char	*path = getenv("M365FWD_NOMEM_COUNT");
	char		 text[32];
	int		 fd, len;

	counting = 0;
	if (path == NULL || (fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) == -1)
		return;
	len = snprintf(text, sizeof(text), "%ld\n", seen);
	(void)!write(fd, text, (size_t)len);
	close(fd);
}

static int
counted_main(int argc, char **argv, char **envp)
{
	const char	*how = getenv("M365FWD_NOMEM");
	int		 rc;

	if (how != NULL && strncmp(how, "once:", 5) == 0)
		from = to = atol(how + 5);
	else if (how != NULL && strncmp(how, "from:", 5) == 0) {
		from = atol(how + 5);
		to = INT32_MAX;
	}
	counting = how != NULL;
	rc = real_main(argc, argv, envp);
	tell();
	return rc;
}

int	 __libc_start_main(main_fn *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

int
__libc_start_main(main_fn *run, int argc, char **argv, void (*init)(void), void (*fini)(void), void (*rtld_fini)(void), void *end)
{
	int	 (*real)(main_fn *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

	*(void **)&real = dlsym(RTLD_NEXT, "__libc_start_main");
	real_main = run;
	return real(counted_main, argc, argv, init, fini, rtld_fini, end);
}
