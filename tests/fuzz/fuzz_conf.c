/*
 * fuzz_conf - any bytes as the configuration file: either it is taken, and then what design section 10 promises of a struct conf
 * holds, or every line of what is wrong names the file and fits on a terminal.
 *
 * Input: the file. Secrets are env:FUZZ_SECRET; files that it names are looked for below a directory that does not exist.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf/conf.h"
#include "kit.h"

static char	 path[64];
static int	 fd = -1;

static void
write_file(const uint8_t *p, size_t len)
{
	if (fd == -1) {
		setenv("FUZZ_SECRET", "geheim", 1);
		setenv("NAME", "value", 1);
		unsetenv("HOME");
		MUST((fd = memfd_create("conf", MFD_CLOEXEC)) != -1);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	MUST(ftruncate(fd, 0) == 0 && pwrite(fd, p, len, 0) == (ssize_t)len);
}

/* Names become paths and labels. */
static void
check_name(const char *name)
{
	size_t	 len = strlen(name);

	MUST(len >= 1 && len <= 63 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len);
	MUST(strchr("._-", *name) == NULL);
}

static int
is_https_or_local(const char *url)
{
	return strncmp(url, "https://", 8) == 0 || strncmp(url, "http://127.", 11) == 0 ||
	    strncmp(url, "http://[::1]", 12) == 0 || strncmp(url, "http://localhost", 16) == 0;
}

static void
check_tenant(const struct conf_tenant *t)
{
	check_name(t->name);
	MUST(strlen(t->id) == 36 && strspn(t->id, "0123456789abcdef-") == 36);
	MUST(is_https_or_local(t->login) && is_https_or_local(t->management) && is_https_or_local(t->graph));
	MUST(t->client_id[0] != '\0' && t->client_secret != NULL && t->start_ms >= 0 && t->feeds.n > 0);
	for (size_t i = 0; i < t->feeds.n; i++)
		MUST(conf_is_feed(t->feeds.items[i]));
}

static void
check_output(const struct conf *c, size_t at)
{
	const struct conf_output	*o = &c->outputs[at];

	check_name(o->name);
	for (size_t i = 0; i < at; i++)
		MUST(strcmp(o->name, c->outputs[i].name) != 0);
	for (size_t i = 0; i < o->urls.n; i++)
		MUST(!fuzz_has_controls(o->urls.items[i], strlen(o->urls.items[i])));
	for (size_t i = 0; i < o->headers.n; i++) {
		MUST(!fuzz_has_controls(o->headers.items[i], strlen(o->headers.items[i])));
		MUST(strchr(o->headers.items[i], ':') != NULL);
	}
	MUST(o->type == CONF_FILE ? o->path != NULL && o->path[0] == '/' : o->urls.n > 0);
	MUST(o->type != CONF_HEC || o->token != NULL);
	MUST(o->concurrency >= 1 && o->timeout_ms > 0 && o->batch_bytes > 0 && o->add.n % 2 == 0);
	MUST(o->ns[0] != '\0' && strpbrk(o->ns, "\\/*?\"<>|,#:- ") == NULL && !fuzz_has_controls(o->ns, strlen(o->ns)));
}

static void
check_conf(const struct conf *c)
{
	MUST(c->state_dir != NULL && c->state_dir[0] == '/' && c->n_tenants > 0 && c->n_outputs > 0);
	MUST(c->spool_max > 0 && c->dead_max > 0 && c->record_max > 0 && c->fetches > 0 && c->poll_interval_ms > 0);
	for (size_t i = 0; i < c->n_tenants; i++) {
		check_tenant(&c->tenants[i]);
		MUST(conf_same_tenant(&c->tenants[i], &c->tenants[i]));
	}
	for (size_t i = 0; i < c->n_outputs; i++) {
		check_output(c, i);
		MUST(conf_same_output(&c->outputs[i], &c->outputs[i]));
	}
	MUST(conf_same(c, c, "poll."));
}

/* Each line begins with the file's name; beside the line breaks there is nothing that a terminal obeys. */
static void
check_errors(const struct buf *errors, const struct err *e)
{
	const char	*stop;

	MUST(e->kind == ERR_CONFIG && e->text[0] != '\0' && errors->len > 0 && errors->bytes[errors->len - 1] == '\n');
	for (const char *p = errors->bytes; *p != '\0'; p = stop + 1) {
		MUST((stop = strchr(p, '\n')) != NULL && strncmp(p, path, strlen(path)) == 0);
		MUST(!fuzz_moves_terminal(p, (size_t)(stop - p)));
	}
	MUST(strlen(errors->bytes) == errors->len && !fuzz_has_controls(e->text, strlen(e->text)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct buf	 errors = { 0 };
	struct err	 e = { 0 }, glance = { 0 };
	struct conf	*c;

	write_file(p, len);
	if ((c = conf_load(path, &errors, &e)) != NULL)
		check_conf(c);
	else
		check_errors(&errors, &e);
	conf_free(c);
	buf_clear(&errors);
	if ((c = conf_glance(path, &glance)) != NULL)
		MUST(c->state_dir != NULL && c->spool_max > 0);
	else
		MUST(glance.text[0] != '\0');
	conf_free(c);
	return 0;
}
