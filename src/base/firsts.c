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

struct parts {			/* of a key */
	const char	*text[3];
	size_t		 len[3];
};

/* No key is put together for a kind that is known. */
static uint64_t
hash_of(const struct parts *p)
{
	uint64_t	 h = 0;

	for (size_t i = 0; i < 3; i++)
		h = hash64(p->text[i], p->len[i], h + 1);
	return h | 1;
}

/* 1: it was not there, and is now. */
static int
learn(const struct parts *p)
{
	uint64_t	 h = hash_of(p), there;
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
	struct parts	 p = { { key }, { 0 } };

	p.len[0] = strcspn(key, "|");
	p.text[1] = key + p.len[0] + (key[p.len[0]] == '|');
	p.len[1] = strcspn(p.text[1], "|");
	p.text[2] = p.text[1] + p.len[1] + (p.text[1][p.len[1]] == '|');
	p.len[2] = strlen(p.text[2]);
	learn(&p);
}

/* A '|' in a type would end it when it is read again. */
static size_t
cut(const char *p, size_t len, size_t most, int no_bar)
{
	const char	*nul = memchr(p, '\0', len), *bar = no_bar ? memchr(p, '|', len) : NULL;

	if (nul != NULL)
		len = (size_t)(nul - p);
	if (bar != NULL && (size_t)(bar - p) < len)
		len = (size_t)(bar - p);
	return len < most ? len : most;
}

void
firsts_note(const char *family, const char *type, size_t type_len, const char *operation, size_t operation_len)
{
	struct parts	 p = { { family, type, operation },
			    { strlen(family), cut(type, type_len, 32, 1), cut(operation, operation_len, 128, 0) } };
	struct first	*f;

	if (!learn(&p))
		return;
	f = xcalloc(1, sizeof(*f));
	snprintf(f->key, sizeof(f->key), "%s|%.*s|%.*s", family, (int)p.len[1], type, (int)p.len[2], operation);
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
