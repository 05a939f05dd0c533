/*
 * conf_kit - a configuration that is sound, with a line changed, and a folder with secrets of all sorts, for tests of conf/.
 *
 * "@/" in a text stands for the folder.
 */
#ifndef TESTS_CONF_KIT_H
#define TESTS_CONF_KIT_H

#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"

#define LINES	16u
#define TENANT	8		/* last lines of the tenant, */
#define FILES	12		/* of the file output */
#define BULK	15		/* and of the one to a cluster */

extern char			 folder[];
extern const char *const	 base[LINES];		/* sound; line 1 is base[0] */

int	 make_folder(void **state), remove_folder(void **state);	/* around all tests of a program */
const char *path_of(const char *name);			/* in the folder; good until the next call */
void	 write_file(const char *name, const char *bytes, size_t len, mode_t mode);
void	 write_text(const char *name, const char *text, mode_t mode);
/* base with line `instead` replaced (or, if text begins with '+', followed) by text; 0: text is all. The caller frees it. */
char	*make_text(unsigned instead, const char *text);
struct conf *load(unsigned instead, const char *text, struct buf *errors, struct err *e);
struct conf *load_sound(unsigned instead, const char *text);		/* what must be sound */
const char *next_line(const char *text);			/* behind the next line break, or the end */

#endif
