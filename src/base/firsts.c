/*
 * firsts - kinds of records that are seen for the first time.
 */
#include "base/firsts.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"

#define SLOTS (FIRSTS_MAX * 4)

static _Atomic uint64_t		 slots[SLOTS];
static _Atomic unsigned		 known;
static _Atomic(struct first *)	 fresh;

/* 1: it was not there, and is now. */
static int
learn(const char *key, size_t len)
{
	uint64_t	 h = hash64(key, len, 0) | 1, there;
	size_t		 at = (size_t)(h >> 20) % SLOTS;

	for (;; at = (at + 1) % SLOTS) {
		there = atomic_load_explicit(&slots[at], memory_order_relaxed);
		if (there == h)
			return 0;
		if (there != 0)
			continue;
		if (atomic_load(&known) >= FIRSTS_MAX)
			return 0;
		if (atomic_compare_exchange_strong(&slots[at], &there, h)) {
			atomic_fetch_add(&known, 1);
			return 1;
		}
		if (there == h)
			return 0;		/* somebody else was faster with the same one */
		at = (at + SLOTS - 1) % SLOTS;	/* with another one: look here again */
	}
}

void
firsts_learn(const char *key)
{
	learn(key, strlen(key));
}

void
firsts_note(const char *family, const char *type, size_t type_len, const char *operation, size_t operation_len)
{
	char		 key[FIRSTS_KEY];
	struct first	*f;
	int		 len = snprintf(key, sizeof(key), "%s|%.*s|%.*s", family, (int)(type_len < 32 ? type_len : 32), type,
			    (int)(operation_len < 128 ? operation_len : 128), operation);

	if (len <= 0 || !learn(key, strlen(key)))
		return;
	f = xcalloc(1, sizeof(*f));
	memcpy(f->key, key, sizeof(f->key));
	f->key[sizeof(f->key) - 1] = '\0';
	f->next = atomic_load(&fresh);
	while (!atomic_compare_exchange_weak(&fresh, &f->next, f))
		continue;
}

struct first *
firsts_take(void)
{
	return atomic_load_explicit(&fresh, memory_order_relaxed) == NULL ? NULL : atomic_exchange(&fresh, NULL);
}

int
firsts_full(void)
{
	return atomic_load(&known) >= FIRSTS_MAX;
}

void
firsts_forget(void)
{
	struct first	*f = firsts_take(), *next;

	for (; f != NULL; f = next) {
		next = f->next;
		free(f);
	}
	for (size_t i = 0; i < SLOTS; i++)
		atomic_store(&slots[i], 0);
	atomic_store(&known, 0);
}
