/*
 * fuzz_secret - any bytes as a secret's file: what is taken is one line that may go into a header or a form, with its end
 * trimmed, and loading the same file again is no change.
 *
 * Input: the file.
 */
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "kit.h"

static char	 ref[64] = "file:/tmp/m365fwd-fuzz-XXXXXX";
static int	 fd = -1;

static void
gone(void)
{
	unlink(ref + strlen("file:"));
}

static void
write_file(const uint8_t *p, size_t len)
{
	if (fd == -1) {
		MUST((fd = mkstemp(ref + strlen("file:"))) != -1);
		atexit(gone);
	}
	MUST(ftruncate(fd, 0) == 0 && pwrite(fd, p, len, 0) == (ssize_t)len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct secret	 s = { 0 };
	struct err	 e = { 0 };

	write_file(p, len);
	if (secret_load(&s, ref, &e) == -1) {
		MUST(s.bytes == NULL && e.kind == ERR_CONFIG && strstr(e.text, ref + strlen("file:")) != NULL);
		return 0;
	}
	MUST(s.len > 0 && s.len <= 16384 && s.len <= len && s.bytes[s.len] == '\0' && strlen(s.bytes) == s.len);
	MUST(memcmp(s.bytes, p, s.len) == 0 && strpbrk(s.bytes, "\r\n\x7f") == NULL);
	MUST(strchr(" \t", s.bytes[s.len - 1]) == NULL);
	MUST(secret_changed(&s, ref) == 0);
	secret_clear(&s);
	return 0;
}
