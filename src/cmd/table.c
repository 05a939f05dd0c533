/*
 * table - JSON objects, one a line, as aligned columns with a header.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/control.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cmd/cmd.h"

#define COLUMNS_MAX	16
#define WIDTH_MAX	60	/* what is longer sticks out of its column but does not widen it */

/* Characters, not bytes: continuation bytes of UTF-8 take no room. */
static size_t
width(const char *s)
{
	size_t	 n = 0;

	for (; *s != '\0'; s++)
		if (((unsigned char)*s & 0xc0) != 0x80)
			n++;
	return n;
}

void
cmd_print_safe(FILE *to, const char *text)
{
	size_t	 n;

	for (; *text != '\0'; text++) {
		if ((n = control_at(text)) == 0) {
			putc(*text, to);
			continue;
		}
		text += n - 1;		/* the last byte of U+0080 is 0x80 */
		fprintf(to, "\\x%02x", (unsigned char)*text);
	}
}

void
cmd_print_json(const char *text, size_t len)
{
	const char	*end = text + len;
	size_t		 n;

	for (; text < end; text++) {
		if (*text == '\n' || (n = control_at(text)) == 0) {
			putc(*text, stdout);
			continue;
		}
		text += n - 1;
		printf("\\u%04x", (unsigned char)*text);
	}
}

static void
cell_of(struct json *j, const char *name, struct buf *cell)
{
	uint32_t	 node = json_get(j, 0, name);

	buf_reset(cell);
	if (node != JSON_NONE && j->nodes[node].kind != JSON_NULL)
		json_text(j, node, cell);
	if (cell->len == 0)
		buf_adds(cell, "-");
}

static void
each_line(const struct buf *objects, const char *const *names, size_t *widths, int print)
{
	struct json	 j = { 0 };
	struct buf	 cell = { 0 };
	const char	*p = buf_str(objects), *end = p + objects->len, *stop;

	for (; p < end; p = stop + 1) {
		if ((stop = memchr(p, '\n', (size_t)(end - p))) == NULL)
			stop = end;
		if (json_index(&j, p, (size_t)(stop - p), 0, JSON_DEPTH) != JSON_OK)
			continue;
		for (size_t i = 0; names[i] != NULL; i++) {
			size_t	 w;

			cell_of(&j, names[i], &cell);
			w = width(buf_str(&cell));
			if (print) {
				cmd_print_safe(stdout, buf_str(&cell));
				printf("%*s", names[i + 1] == NULL ? 0 : (int)(w < widths[i] ? widths[i] - w : 0) + 2, "");
			} else if (w > widths[i]) {
				widths[i] = w < WIDTH_MAX ? w : WIDTH_MAX;
			}
		}
		if (print)
			putchar('\n');
	}
	buf_clear(&cell);
	json_clear(&j);
}

void
cmd_table(const struct buf *objects, const char *const *names)
{
	size_t	 widths[COLUMNS_MAX] = { 0 };

	for (size_t i = 0; names[i] != NULL; i++)
		widths[i] = strlen(names[i]);
	each_line(objects, names, widths, 0);
	for (size_t i = 0; names[i] != NULL; i++) {
		for (const char *c = names[i]; *c != '\0'; c++)
			putchar(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
		printf("%*s", names[i + 1] == NULL ? 0 : (int)(widths[i] - strlen(names[i])) + 2, "");
	}
	putchar('\n');
	each_line(objects, names, widths, 1);
}
