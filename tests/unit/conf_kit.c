/*
 * conf_kit - a configuration that is sound, with a line changed, and a folder with secrets of all sorts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "conf_kit.h"

char	 folder[] = "/tmp/m365fwd-conf-XXXXXX";

const char *const	 base[LINES] = {
	"state_dir: /var/lib/m365fwd",					/* 1 */
	"tenants:",							/* 2 */
	"  - name: contoso",						/* 3 */
	"    id: 11111111-2222-3333-4444-555555555555",			/* 4 */
	"    auth:",							/* 5 */
	"      client_id: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",		/* 6 */
	"      client_secret: file:@/secret",				/* 7 */
	"    feeds: [audit.exchange, audit.entra]",			/* 8 */
	"outputs:",							/* 9 */
	"  - name: files",						/* 10 */
	"    type: file",						/* 11 */
	"    path: /srv/archive",					/* 12 */
	"  - name: elastic",						/* 13 */
	"    type: bulk",						/* 14 */
	"    url: https://elastic.example:9200",			/* 15 */
	"spool: {max: 1GiB}",						/* 16 */
};

const char *
path_of(const char *name)
{
	static char	 path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

void
write_file(const char *name, const char *bytes, size_t len, mode_t mode)
{
	int	 fd;

	unlink(path_of(name));
	fd = open(path_of(name), O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd != -1);
	assert_int_equal(write(fd, bytes, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

void
write_text(const char *name, const char *text, mode_t mode)
{
	write_file(name, text, strlen(text), mode);
}

#define PEM "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

int
make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	write_text("secret", "s3cr3t-value\n", 0600);
	write_text("loose", "s3cr3t-value\n", 0644);
	write_text("empty", "\n", 0600);
	write_text("proxy", "http://user:s3cr3t-value@proxy.example:3128\n", 0600);
	write_text("ca.pem", PEM, 0644);
	write_text("key.pem", PEM, 0600);
	write_text("loose.pem", PEM, 0644);
	write_text("notes.txt", "no certificate\n", 0644);
	write_text("api-key", "id:key\n", 0600);
	write_text("${X}", "s3cr3t-value\n", 0600);
	if (symlink("secret", path_of("link")) == -1 || symlink("key.pem", path_of("key-link")) == -1)
		return -1;
	setenv("CONF_TEST_ID", "11111111-2222-3333-4444-555555555555", 1);
	setenv("CONF_TEST_HOST", "elastic.example", 1);
	setenv("CONF_TEST_EMPTY", "", 1);
	setenv("CONF_TEST_LINES", "a\nb", 1);
	setenv("CONF_TEST_SECRET", "from-the-environment", 1);
	unsetenv("CONF_TEST_UNSET");
	unsetenv("CREDENTIALS_DIRECTORY");
	return 0;
}

int
remove_folder(void **state)
{
	char	*command = xasprintf("rm -rf %s", folder);
	int	 rc = system(command);

	(void)state;
	free(command);
	return rc;
}

/* "@/" becomes the folder. */
static void
add_here(struct buf *b, const char *text)
{
	const char	*at;

	while ((at = strstr(text, "@/")) != NULL) {
		buf_add(b, text, (size_t)(at - text));
		buf_adds(b, folder);
		text = at + 1;
	}
	buf_adds(b, text);
}

/* The base file with line `instead` replaced (or, if text begins with '+', followed) by text; 0: text is all. */
char *
make_text(unsigned instead, const char *text)
{
	struct buf	 b = { 0 };

	if (instead == 0)
		add_here(&b, text);
	for (size_t i = 1; i <= LINES && instead != 0; i++) {
		if (i != instead || *text == '+') {
			add_here(&b, base[i - 1]);
			buf_addc(&b, '\n');
		}
		if (i == instead && *text != '\0') {
			add_here(&b, *text == '+' ? text + 1 : text);
			buf_addc(&b, '\n');
		}
	}
	buf_addc(&b, '\0');		/* there are bytes to take, though the text is empty */
	return buf_take(&b, NULL);
}

struct conf *
load(unsigned instead, const char *text, struct buf *errors, struct err *e)
{
	char	*whole = make_text(instead, text);

	write_text("m365fwd.yaml", whole, 0644);
	free(whole);
	return conf_load(path_of("m365fwd.yaml"), errors, e);
}

/* What must be sound. */
struct conf *
load_sound(unsigned instead, const char *text)
{
	struct buf	 errors = { 0 };
	struct err	 e = { 0 };
	struct conf	*c = load(instead, text, &errors, &e);

	if (c == NULL)
		fail_msg("refused: %s%s", buf_str(&errors), e.text);
	assert_int_equal(errors.len, 0);
	buf_clear(&errors);
	return c;
}

const char *
next_line(const char *p)
{
	const char	*end = strchr(p, '\n');

	return end != NULL ? end + 1 : p + strlen(p);
}
