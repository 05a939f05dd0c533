/*
 * libmem - the libraries' memory: where they get none, the process stops as it does for its own (base/xalloc.h).
 *
 * What they do otherwise was found by tests/oom.sh: libcrypto 3.0 leaves a half-made list of algorithms behind and crashes at the next
 * use of it, on a worker, where a crash is blamed on the record at hand and twice in a row buries it; sqlite3_open gives no handle.
 */
#include "cmd/libmem.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <sqlite3.h>

#include "base/xalloc.h"

static sqlite3_mem_methods	 sqlite_own;

static void *
need(void *got, const char *whose)
{
	if (got == NULL)
		no_memory(whose);
	return got;
}

static void *
crypto_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return need(malloc(size), "OpenSSL");
}

static void
crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/* CRYPTO_realloc(3): of size 0 it frees. */
static void *
crypto_realloc(void *p, size_t size, const char *file, int line)
{
	if (size == 0) {
		crypto_free(p, file, line);
		return NULL;
	}
	return need(realloc(p, size), "OpenSSL");
}

static void *
sqlite_malloc(int size)
{
	return need(sqlite_own.xMalloc(size), "SQLite");
}

static void *
sqlite_realloc(void *p, int size)
{
	return need(sqlite_own.xRealloc(p, size), "SQLite");
}

/* Both refuse once they have begun, so this comes first; a refusal leaves them as they were. */
void
libmem_init(void)
{
	sqlite3_mem_methods	 ours;

	(void)CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_own) != SQLITE_OK)
		return;
	ours = sqlite_own;
	ours.xMalloc = sqlite_malloc;
	ours.xRealloc = sqlite_realloc;
	(void)sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
}
