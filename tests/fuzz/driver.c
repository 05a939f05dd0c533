/*
 * driver - runs a fuzz target without libFuzzer: every corpus file, then seeded mutations of them.
 *
 *	fuzz_x FILE-OR-DIRECTORY... [--runs N] [--seed S] [--dict FILE] [--max-len BYTES]
 *
 * Each file (of a directory: its regular files, by name, none in directories below it) goes through
 * LLVMFuzzerTestOneInput once as it is. Then --runs N (0 unless given) inputs are made from them: bits flipped, bytes
 * changed, parts removed, repeated, moved, spliced in from another file, cut short, and tokens put in from --dict, a
 * file in libFuzzer's format ("name" is optional):
 *
 *	name="bytes, \xNN, \\ and \""
 *
 * The same files, seed and dictionary make the same inputs, on every machine. When a run ends badly (a signal, a
 * sanitizer, over 20 seconds), its input is written to crash-SEED-RUN in the working directory, run 0 being the corpus,
 * and can be given back as FILE. Exit: 0, all went well; 2, wrong use or an unreadable file; else the bad end itself.
 *
 * A target is one file fuzz_<what>.c with that one entry (and LLVMFuzzerInitialize if it needs one). Link it with this
 * file for make check, or with clang -fsanitize=fuzzer instead of this file for a longer hunt.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX	(1024 * 1024)
#define SECONDS_MAX	20
#define CHANGES_MAX	6	/* to one input */

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);
int	LLVMFuzzerInitialize(int *, char ***) __attribute__((weak));
void	__sanitizer_set_death_callback(void (*)(void)) __attribute__((weak));

struct bytes {
	uint8_t	*p;
	size_t	 len;
};
struct list {
	struct bytes	*at;
	size_t		 n;
};

static struct list	 corpus, tokens;
static uint64_t		 seed = 1, state;
static size_t		 max_len;

/* What runs now, for the last words. */
static struct {
	const uint8_t	*p;
	size_t		 len;
	unsigned long	 run;
} now;

/* ---- last words ---- */

static void
keep_input(void)
{
	char	 path[64];
	int	 fd;

	if (now.p == NULL)
		return;
	snprintf(path, sizeof(path), "crash-%llu-%lu", (unsigned long long)seed, now.run);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) == -1)
		return;
	if (write(fd, now.p, now.len) == (ssize_t)now.len)
		dprintf(STDERR_FILENO, "the input is in %s\n", path);
	close(fd);
	now.p = NULL;
}

static void
on_signal(int sig)
{
	keep_input();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void
listen_for_the_end(void)
{
	static const int	 with_sanitizer[] = { SIGALRM, SIGABRT, 0 };
	static const int	 without[] = { SIGALRM, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, 0 };
	const int		*sig = without;

	if (__sanitizer_set_death_callback != NULL) {
		__sanitizer_set_death_callback(keep_input);
		sig = with_sanitizer;
	}
	for (; *sig != 0; sig++)
		signal(*sig, on_signal);
}

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(2);
}

/* ---- files ---- */

static void *
more(void *p, size_t n, size_t size)
{
	if ((p = reallocarray(p, n, size)) == NULL)
		die("memory", strerror(errno));
	return p;
}

static void
keep(struct list *l, const void *p, size_t len)
{
	l->at = more(l->at, l->n + 1, sizeof(*l->at));
	l->at[l->n].p = more(NULL, len + 1, 1);
	l->at[l->n].len = len;
	memcpy(l->at[l->n++].p, p, len);
}

static void
keep_file(const char *path)
{
	static uint8_t	 text[FILE_MAX];
	FILE		*f = fopen(path, "re");
	size_t		 len;

	if (f == NULL)
		die(path, strerror(errno));
	len = fread(text, 1, sizeof(text), f);
	if (ferror(f))
		die(path, strerror(errno));
	fclose(f);
	keep(&corpus, text, len);
}

static int
is_regular(const char *path)
{
	struct stat	 st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static void
keep_directory(const char *path)
{
	struct dirent	**names;
	int		  n = scandir(path, &names, NULL, alphasort);
	char		  file[4096];

	if (n == -1)
		die(path, strerror(errno));
	for (int i = 0; i < n; i++) {
		snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		if (is_regular(file))
			keep_file(file);
		free(names[i]);
	}
	free(names);
}

static int
hex_digit(char c)
{
	const char	*digits = "0123456789abcdef0123456789ABCDEF", *at = strchr(digits, c);

	return c == '\0' || at == NULL ? -1 : (int)((at - digits) % 16);
}

/* One line of a dictionary; comments and empty lines are none. */
static int
keep_token(char *line)
{
	char	*p = strchr(line, '"'), *to = line;

	if (line[0] == '#' || line[strspn(line, " \t\r\n")] == '\0')
		return 0;
	if (p == NULL)
		return -1;
	for (p++; *p != '"'; p++) {
		if (*p == '\0')
			return -1;
		if (*p != '\\')
			*to++ = *p;
		else if (p[1] == '\\' || p[1] == '"')
			*to++ = *++p;
		else if (p[1] == 'x' && hex_digit(p[2]) != -1 && hex_digit(p[3]) != -1) {
			*to++ = (char)(hex_digit(p[2]) * 16 + hex_digit(p[3]));
			p += 3;
		} else
			return -1;
	}
	keep(&tokens, line, (size_t)(to - line));
	return 0;
}

static void
keep_dictionary(const char *path)
{
	FILE	*f = fopen(path, "re");
	char	*line = NULL;
	size_t	 size = 0;

	if (f == NULL)
		die(path, strerror(errno));
	while (getline(&line, &size, f) != -1)
		if (keep_token(line) == -1)
			die(path, line);
	free(line);
	fclose(f);
}

/* ---- mutations: each changes b, which has room for max_len bytes ---- */

/* splitmix64; below n. At most once in an expression: compilers differ in what they evaluate first. */
static size_t
draw(size_t n)
{
	uint64_t	 z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return n == 0 ? 0 : (size_t)(z % n);
}

/* Mostly short, sometimes all there is. */
static size_t
draw_length(size_t most)
{
	return draw(4) == 0 ? draw(most + 1) : draw((most < 16 ? most : 16) + 1);
}

static void
put_in(struct bytes *b, size_t at, const uint8_t *p, size_t len)
{
	if (len > max_len - b->len)
		len = max_len - b->len;
	memmove(b->p + at + len, b->p + at, b->len - at);
	memcpy(b->p + at, p, len);
	b->len += len;
}

static void
take_out(struct bytes *b, size_t at, size_t len)
{
	memmove(b->p + at, b->p + at + len, b->len - at - len);
	b->len -= len;
}

static void
flip_bit(struct bytes *b)
{
	size_t	 at = draw(b->len), bit = draw(8);

	if (b->len > 0)
		b->p[at] ^= (uint8_t)(1 << bit);
}

static void
set_byte(struct bytes *b)
{
	static const uint8_t	 telling[] = { 0x00, 0x01, 0x0a, 0x1f, 0x20, 0x22, 0x2e, 0x5c, 0x7f, 0x80, 0xbf, 0xc0, 0xed, 0xff };
	size_t			 at = draw(b->len);

	if (b->len > 0)
		b->p[at] = draw(2) == 0 ? (uint8_t)draw(256) : telling[draw(sizeof(telling))];
}

static void
remove_part(struct bytes *b)
{
	size_t	 at = draw(b->len + 1);

	take_out(b, at, draw_length(b->len - at));
}

static void
cut_short(struct bytes *b)
{
	b->len = draw(b->len + 1);
}

static void
repeat_part(struct bytes *b)
{
	size_t	 from = draw(b->len + 1), len = draw_length(b->len - from), at = draw(b->len + 1);
	uint8_t	*part = more(NULL, len + 1, 1);

	memcpy(part, b->p + from, len);
	put_in(b, at, part, len);
	free(part);
}

static void
move_part(struct bytes *b)
{
	size_t	 from = draw(b->len + 1), len = draw_length(b->len - from);
	uint8_t	*part = more(NULL, len + 1, 1);

	memcpy(part, b->p + from, len);
	take_out(b, from, len);
	put_in(b, draw(b->len + 1), part, len);
	free(part);
}

static void
splice_in(struct bytes *b)
{
	const struct bytes	*other = &corpus.at[draw(corpus.n)];
	size_t			 from = draw(other->len + 1), len = draw_length(other->len - from);

	put_in(b, draw(b->len + 1), other->p + from, len);
}

static void
put_token(struct bytes *b)
{
	const struct bytes	*token;
	size_t			 at = draw(b->len + 1);

	if (tokens.n == 0)
		return;
	token = &tokens.at[draw(tokens.n)];
	if (draw(2) == 0)
		take_out(b, at, token->len < b->len - at ? token->len : b->len - at);
	put_in(b, at, token->p, token->len);
}

static void (*const changes[])(struct bytes *) = {
	flip_bit, set_byte, remove_part, cut_short, repeat_part, move_part, splice_in, put_token, put_token
};

/* ---- running ---- */

/* The target gets exactly len bytes of heap, so that a sanitizer sees a look beyond them. */
static void
run(const uint8_t *p, size_t len, unsigned long number)
{
	uint8_t	*exact = more(NULL, len == 0 ? 1 : len, 1);

	memcpy(exact, p, len);
	now.p = exact;
	now.len = len;
	now.run = number;
	alarm(SECONDS_MAX);
	LLVMFuzzerTestOneInput(exact, len);
	now.p = NULL;
	free(exact);
}

static void
run_mutations(unsigned long runs)
{
	struct bytes	 b = { more(NULL, max_len, 1), 0 };

	for (unsigned long k = 1; k <= runs; k++) {
		const struct bytes	*from = &corpus.at[draw(corpus.n)];

		b.len = 0;
		put_in(&b, 0, from->p, from->len);
		for (size_t n = 1 + draw(CHANGES_MAX); n > 0; n--)
			changes[draw(sizeof(changes) / sizeof(changes[0]))](&b);
		run(b.p, b.len, k);
	}
	free(b.p);
}

static unsigned long long
number(const char *option, const char *text)
{
	char			*end;
	unsigned long long	 n;

	if (text == NULL || *text < '0' || *text > '9')
		die(option, "a number is wanted");
	n = strtoull(text, &end, 10);
	if (*end != '\0')
		die(option, "a number is wanted");
	return n;
}

static void
free_list(struct list *l)
{
	for (size_t k = 0; k < l->n; k++)
		free(l->at[k].p);
	free(l->at);
}

int
main(int argc, char **argv)
{
	unsigned long	 runs = 0;
	size_t		 longest = 4096;

	if (LLVMFuzzerInitialize != NULL)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--runs") == 0)
			runs = (unsigned long)number("--runs", argv[++i]);
		else if (strcmp(argv[i], "--seed") == 0)
			seed = number("--seed", argv[++i]);
		else if (strcmp(argv[i], "--max-len") == 0)
			max_len = (size_t)number("--max-len", argv[++i]);
		else if (strcmp(argv[i], "--dict") == 0 && i + 1 < argc)
			keep_dictionary(argv[++i]);
		else if (argv[i][0] == '-')
			die(argv[i], "no such option, or nothing after it");
		else if (is_regular(argv[i]))
			keep_file(argv[i]);
		else
			keep_directory(argv[i]);
	}
	if (corpus.n == 0)
		die(argv[0], "no corpus: FILE-OR-DIRECTORY... [--runs N] [--seed S] [--dict FILE] [--max-len BYTES]");
	listen_for_the_end();
	for (size_t k = 0; k < corpus.n; k++) {
		run(corpus.at[k].p, corpus.at[k].len, 0);
		if (corpus.at[k].len > longest)
			longest = corpus.at[k].len;
	}
	if (max_len == 0)
		max_len = longest * 2;
	state = seed;
	run_mutations(runs);
	printf("%s: %zu files, %lu mutations, seed %llu: ok\n", argv[0], corpus.n, runs, (unsigned long long)seed);
	free_list(&corpus);
	free_list(&tokens);
	return 0;
}
