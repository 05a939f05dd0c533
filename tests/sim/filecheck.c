/*
 * filecheck - reads every *.ndjson.gz under a folder and tells the oracle what is there.
 */
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "filecheck.h"
#include "scan.h"

static void
torn(struct filecheck *f, const char *path, const char *why)
{
	struct text	 t = { NULL, 0, 0 };

	if (f->torn++ >= 20)
		return;
	text_addf(&t, "%s: %s", path, why);
	text_adds(&f->torn_where, f->torn > 1 ? "," : "");
	text_json(&f->torn_where, t.bytes, t.len);
	text_clear(&t);
}

static void
one_line(struct filecheck *f, struct oracle *o, const char *path, const char *line, size_t len)
{
	struct scan	 s = { .max_depth = 0 };
	struct piece	 id;

	f->lines++;
	if (!scan_json(line, len, &s) || s.top != '{') {
		torn(f, path, s.why != NULL ? s.why : "line is not an object");
		return;
	}
	id = scan_best_id(&s);
	oracle_came(o, AT_FILES, id.at, id.len, line, len);
}

/* Takes whole lines off the front. */
static void
take_lines(struct filecheck *f, struct oracle *o, const char *path, struct text *t, size_t *searched)
{
	size_t	 from = 0;
	char	*nl;

	while ((nl = memchr(t->bytes + *searched, '\n', t->len - *searched)) != NULL) {
		size_t	 end = (size_t)(nl - t->bytes);

		one_line(f, o, path, t->bytes + from, end - from);
		from = *searched = end + 1;
	}
	text_drop(t, from);
	*searched = t->len;
}

static void
one_file(struct filecheck *f, struct oracle *o, const char *path)
{
	static unsigned char	 in[1 << 18];
	struct text		 t = { NULL, 0, 0 };
	z_stream		 z;
	size_t			 searched = 0;
	ssize_t			 n = 0;
	int			 fd, rc = Z_STREAM_END, broken = 0;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1) {
		torn(f, path, "cannot be read");
		return;
	}
	memset(&z, 0, sizeof(z));
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		abort();
	f->files++;
	while (!broken && (n = read(fd, in, sizeof(in))) > 0) {
		f->bytes += (uint64_t)n;
		z.next_in = in;
		z.avail_in = (uInt)n;
		while (!broken && z.avail_in > 0) {
			z.next_out = (Bytef *)text_need(&t, 1 << 18);
			z.avail_out = 1 << 18;
			rc = inflate(&z, Z_NO_FLUSH);
			t.len += (1u << 18) - z.avail_out;
			if (t.len > 0)
				take_lines(f, o, path, &t, &searched);
			if (rc == Z_STREAM_END) {
				f->members++;
				inflateReset(&z);
			} else if (rc != Z_OK && !(rc == Z_BUF_ERROR && z.avail_in == 0)) {
				broken = 1;
			}
		}
	}
	if (broken || n < 0 || rc != Z_STREAM_END)
		torn(f, path, "gzip member is broken or cut");
	if (t.len > 0)
		torn(f, path, "last line has no end");
	inflateEnd(&z);
	text_clear(&t);
	close(fd);
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

int
filecheck_run(struct filecheck *f, struct oracle *o, const char *folder)
{
	char	*copy = sim_copy(folder, strlen(folder)), *roots[] = { copy, NULL };
	FTS	*walk;
	FTSENT	*e;

	memset(f, 0, sizeof(*f));
	oracle_forget(o, AT_FILES);
	if (access(folder, R_OK | X_OK) == -1 || (walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name)) == NULL) {
		free(copy);
		return -1;
	}
	while ((e = fts_read(walk)) != NULL) {
		size_t	 n = e->fts_namelen;

		if (e->fts_info == FTS_F && n > 10 && strcmp(e->fts_name + n - 10, ".ndjson.gz") == 0)
			one_file(f, o, e->fts_path);
	}
	fts_close(walk);
	free(copy);
	return 0;
}
